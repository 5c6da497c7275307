// Package db is the one handle on the database: SQLite inside the program, or PostgreSQL. Statements are written once, with $1, $2
// placeholders, in SQL that both engines read alike. Times are stored as BIGINT microseconds UTC (see Micros).
//
// Reads go through DB itself or Read; every change goes through Write.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// Engine names a database engine.
type Engine string

// The engines there are.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Reader is what a store needs to read: DB and Tx both are one.
type Reader interface {
	Query(ctx context.Context, q string, args ...any) (*sql.Rows, error)
	Row(ctx context.Context, q string, args ...any) *sql.Row
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	url    string
	r, w   *sql.DB // on PostgreSQL the same pool
	stmts  sync.Map
	group  *group // SQLite only
	crowd  *crowd // PostgreSQL only
	shared shared
}

// Open opens the database at a URL: a path of an SQLite file, which is created where it is missing, or postgres://...
func Open(ctx context.Context, at string) (*DB, error) {
	if strings.HasPrefix(at, "postgres://") || strings.HasPrefix(at, "postgresql://") {
		return openPostgres(ctx, at)
	}
	return openSQLite(ctx, at)
}

func openPostgres(ctx context.Context, at string) (*DB, error) {
	cfg, err := pgx.ParseConfig(at)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(4 * max(4, runtime.NumCPU()))
	pool.SetMaxIdleConns(8)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(unreached(&cfg.Config, err), pool.Close())
	}
	d := &DB{engine: Postgres, url: at, r: pool, w: pool}
	d.crowd = newCrowd(d)
	return d, nil
}

// sqliteDSN escapes the path and puts busy_timeout first, so that the other pragmas wait for a lock instead of failing.
func sqliteDSN(path string, extra ...string) string {
	v := append([]string{
		"_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)",
	}, extra...)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(v, "&")
}

// openSQLite opens the file, which only its owner may read; SQLite gives its companions the same mode.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	w, err := sql.Open("sqlite", sqliteDSN(path))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	w.SetConnMaxLifetime(0)
	if err := w.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.Close())
	}
	r, err := sql.Open("sqlite", sqliteDSN(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), w.Close())
	}
	n := max(4, 2*runtime.NumCPU())
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	d := &DB{engine: SQLite, url: path, r: r, w: w}
	if d.group, err = startGroup(ctx, w, d); err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	return d, nil
}

// Close ends every connection. Writes that are waiting get an error.
func (d *DB) Close() error {
	if d.group != nil {
		d.group.stop()
	}
	if d.crowd != nil {
		d.crowd.stop()
	}
	d.stmts.Range(func(_, s any) bool {
		_ = s.(*sql.Stmt).Close()
		return true
	})
	if d.r == d.w {
		return d.w.Close()
	}
	return errors.Join(d.r.Close(), d.w.Close())
}

// Engine says which engine this is.
func (d *DB) Engine() Engine { return d.engine }

// URL is the path or URL the database was opened with, without a password.
func (d *DB) URL() string {
	if d.engine == SQLite {
		return d.url
	}
	if u, err := url.Parse(d.url); err == nil {
		return u.Redacted()
	}
	return "postgres://"
}

// Ping asks the database for a sign of life.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.Row(ctx, "SELECT 1").Scan(&one)
}

// Query reads rows outside of a transaction.
func (d *DB) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	count(ctx)
	if d.engine == Postgres {
		return d.r.QueryContext(ctx, q, args...)
	}
	s, err := d.prepared(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// Row reads one row outside of a transaction.
func (d *DB) Row(ctx context.Context, q string, args ...any) *sql.Row {
	count(ctx)
	if d.engine == SQLite {
		if s, err := d.prepared(ctx, q); err == nil {
			return s.QueryRowContext(ctx, args...)
		}
	}
	return d.r.QueryRowContext(ctx, rebind(d.engine, q), args...)
}

// prepared keeps one statement per text: preparing costs SQLite more than a point read does.
func (d *DB) prepared(ctx context.Context, q string) (*sql.Stmt, error) {
	if s, ok := d.stmts.Load(q); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := d.r.PrepareContext(ctx, rebind(d.engine, q))
	if err != nil {
		return nil, err
	}
	if old, loaded := d.stmts.LoadOrStore(q, s); loaded {
		_ = s.Close()
		return old.(*sql.Stmt), nil
	}
	return s, nil
}

// Read runs fn on one consistent state of the database: what others change meanwhile is not seen.
func (d *DB) Read(ctx context.Context, fn func(Reader) error) error {
	o := &sql.TxOptions{ReadOnly: d.engine == Postgres}
	if d.engine == Postgres {
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.r.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return fn(&Tx{db: d, q: tx})
}

// Micros is t as it is stored. The zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the reverse of Micros, in loc.
func Time(us int64, loc *time.Location) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).In(loc)
}

// rebind writes $N as ?N for SQLite, outside of quotes and comments: some drivers bind $N by order of appearance.
func rebind(e Engine, q string) string {
	if e != SQLite || strings.IndexByte(q, '$') < 0 {
		return q
	}
	b := []byte(q)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\'' || c == '"':
			if j := strings.IndexByte(q[i+1:], c); j >= 0 {
				i += j + 1
			}
		case c == '-' && i+1 < len(b) && b[i+1] == '-':
			j := strings.IndexByte(q[i:], '\n')
			if j < 0 {
				return string(b)
			}
			i += j
		case c == '$' && i+1 < len(b) && b[i+1] >= '0' && b[i+1] <= '9':
			b[i] = '?'
		}
	}
	return string(b)
}
