package backup

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// migrationTable is goose's own; its versions go into the head.
const migrationTable = "db_migration"

// store is all SQL of this package: it finds out which tables there are, and reads and fills them.
type store struct {
	db.Reader
	engine db.Engine
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// schema lists the applied migrations.
func (s store) schema(ctx context.Context) ([]int64, error) {
	return column[int64](ctx, s, `SELECT DISTINCT version_id FROM `+migrationTable+` WHERE version_id > 0 ORDER BY version_id`)
}

// column reads a result of one column.
func column[T any](ctx context.Context, r db.Reader, q string, args ...any) ([]T, error) {
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := []T{}
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// tables describes every table but those to skip, goose's, and the virtual tables of SQLite with what belongs to them.
func (s store) tables(ctx context.Context, skip []string) ([]Table, error) {
	q := `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND substr(name, 1, 7) <> 'sqlite_'`
	if s.engine == db.Postgres {
		q = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`
	}
	names, err := column[string](ctx, s, q)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	slices.Sort(names)
	out := []Table{}
	for _, n := range names {
		if n == migrationTable || slices.Contains(skip, n) {
			continue
		}
		t, err := s.table(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("describe the table %s: %w", n, err)
		}
		out = append(out, t)
	}
	return out, nil
}

func (s store) table(ctx context.Context, name string) (Table, error) {
	t := Table{Name: name, Key: []string{}}
	if !isName(name) {
		return t, errors.New("a name of letters, digits and _ is needed")
	}
	q := `SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid`
	if s.engine == db.Postgres {
		q = `SELECT c.column_name::text, c.data_type::text, COALESCE((
				SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
				WHERE i.indrelid = to_regclass(quote_ident($1::text)) AND i.indisprimary AND a.attname = c.column_name AND a.attnum = ANY(i.indkey)), 0)
			FROM information_schema.columns c
			WHERE c.table_schema = current_schema() AND c.table_name = $1::text AND c.is_generated = 'NEVER' ORDER BY c.ordinal_position`
	}
	rows, err := s.Query(ctx, q, name)
	if err != nil {
		return t, err
	}
	defer func() { _ = rows.Close() }()
	at := map[string]int{}
	for rows.Next() {
		var c Column
		var declared string
		var key int
		if err := rows.Scan(&c.Name, &declared, &key); err != nil {
			return t, err
		}
		var known bool
		if c.Kind, known = kindOf(declared, s.engine == db.Postgres); !known {
			return t, fmt.Errorf("the column %s is %s, which is not the same on both engines: use INTEGER, BIGINT, DOUBLE PRECISION, TEXT, BLOB or BOOLEAN", c.Name, declared)
		}
		t.Columns = append(t.Columns, c)
		if key > 0 {
			at[c.Name] = key
			t.Key = append(t.Key, c.Name)
		}
	}
	slices.SortFunc(t.Key, func(a, b string) int { return cmp.Compare(at[a], at[b]) })
	return t, rows.Err()
}

// isName says whether a name can be part of a path in the archive.
func isName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// each reads the rows of a table in their order.
func (s store) each(ctx context.Context, t Table, fn func(row []any) error) error {
	c, err := s.open(ctx, t)
	if err != nil {
		return err
	}
	defer c.close()
	for {
		row, err := c.next()
		if err != nil || row == nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// cursor goes through the rows of a table.
type cursor struct {
	table Table
	rows  *sql.Rows
	raw   []any
	into  []any
}

func (s store) open(ctx context.Context, t Table) (*cursor, error) {
	rows, err := s.Query(ctx, s.selection(t)) //nolint:rowserrcheck // the cursor checks it in next
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", t.Name, err)
	}
	c := &cursor{table: t, rows: rows, raw: make([]any, len(t.Columns)), into: make([]any, len(t.Columns))}
	for i := range c.raw {
		c.into[i] = &c.raw[i]
	}
	return c, nil
}

// selection orders the same way on both engines: texts by their bytes, null first. On SQLite the sign before each column takes its
// declared type away, by which the driver would guess at times and booleans.
func (s store) selection(t Table) string {
	kind := map[string]Kind{}
	var names, order []string
	for _, c := range t.Columns {
		kind[c.Name] = c.Kind
		n := quote(c.Name)
		if s.engine == db.SQLite {
			n = "+" + n
		}
		names = append(names, n)
	}
	key, nulls := t.Key, ""
	if len(key) == 0 {
		for _, c := range t.Columns {
			key = append(key, c.Name)
		}
		nulls = " NULLS FIRST"
	}
	for _, k := range key {
		o := quote(k)
		switch {
		case kind[k] == Text && s.engine == db.SQLite:
			o += " COLLATE BINARY"
		case kind[k] == Text:
			o += ` COLLATE "C"`
		}
		order = append(order, o+nulls)
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + quote(t.Name) + " ORDER BY " + strings.Join(order, ", ")
}

// next returns a row of its own, or nil at the end.
func (c *cursor) next() ([]any, error) {
	if !c.rows.Next() {
		if err := c.rows.Err(); err != nil {
			return nil, fmt.Errorf("read the table %s: %w", c.table.Name, err)
		}
		return nil, nil
	}
	if err := c.rows.Scan(c.into...); err != nil {
		return nil, fmt.Errorf("read the table %s: %w", c.table.Name, err)
	}
	row := make([]any, len(c.raw))
	for i, v := range c.raw {
		n, err := normal(c.table.Columns[i].Kind, v)
		if err != nil {
			return nil, fmt.Errorf("the column %s of the table %s %w", c.table.Columns[i].Name, c.table.Name, err)
		}
		row[i] = n
	}
	return row, nil
}

func (c *cursor) close() { _ = c.rows.Close() }

// occupied names the first table that has a row, or nothing.
func (s store) occupied(ctx context.Context, tables []Table) (string, error) {
	for _, t := range tables {
		var n int
		if err := s.Row(ctx, `SELECT count(*) FROM (SELECT 1 FROM `+quote(t.Name)+` LIMIT 1) AS x`).Scan(&n); err != nil {
			return "", fmt.Errorf("look into the table %s: %w", t.Name, err)
		}
		if n > 0 {
			return t.Name, nil
		}
	}
	return "", nil
}

// filler fills the tables of an empty database inside one transaction.
type filler struct {
	tx       *db.Tx
	deferred [][2]string // PostgreSQL: table and constraint made deferrable for the time being
}

// begin lets rows name others that come later, until end.
func (f *filler) begin(ctx context.Context) error {
	if f.tx.Engine() == db.SQLite {
		_, err := f.tx.Exec(ctx, "PRAGMA defer_foreign_keys = ON")
		return err
	}
	rows, err := f.tx.Query(ctx, `SELECT c.conrelid::regclass::text, quote_ident(c.conname) FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
		WHERE c.contype = 'f' AND n.nspname = current_schema() AND NOT c.condeferrable AND c.conparentid = 0`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var x [2]string
		if err := rows.Scan(&x[0], &x[1]); err != nil {
			return err
		}
		f.deferred = append(f.deferred, x)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, x := range f.deferred {
		if _, err := f.tx.Exec(ctx, "ALTER TABLE "+x[0]+" ALTER CONSTRAINT "+x[1]+" DEFERRABLE"); err != nil {
			return err
		}
	}
	_, err = f.tx.Exec(ctx, "SET CONSTRAINTS ALL DEFERRED")
	return err
}

// empty removes what the migrations put into the tables.
func (f *filler) empty(ctx context.Context, tables []Table) error {
	if len(tables) == 0 {
		return nil
	}
	if f.tx.Engine() == db.Postgres {
		var names []string
		for _, t := range tables {
			names = append(names, quote(t.Name))
		}
		_, err := f.tx.Exec(ctx, "TRUNCATE "+strings.Join(names, ", ")+" CASCADE")
		return err
	}
	left := tables
	for len(left) > 0 { // a row that another one restricts goes in a later round
		var held []Table
		var last error
		for _, t := range left {
			if _, err := f.tx.Exec(ctx, "DELETE FROM "+quote(t.Name)); err != nil {
				held, last = append(held, t), err
			}
		}
		if len(held) == len(left) {
			return last
		}
		left = held
	}
	return nil
}

// insert adds rows of one table with one statement.
func (f *filler) insert(ctx context.Context, t Table, rows [][]any) error {
	var q strings.Builder
	q.WriteString("INSERT INTO " + quote(t.Name) + " (")
	for i, c := range t.Columns {
		if i > 0 {
			q.WriteByte(',')
		}
		q.WriteString(quote(c.Name))
	}
	q.WriteString(") VALUES ")
	var args []any
	for i, row := range rows {
		if i > 0 {
			q.WriteByte(',')
		}
		for j := range row {
			fmt.Fprintf(&q, "%c$%d", "(,"[min(j, 1)], len(args)+j+1)
		}
		q.WriteByte(')')
		args = append(args, row...)
	}
	if _, err := f.tx.Exec(ctx, q.String(), args...); err != nil {
		return fmt.Errorf("fill the table %s: %w", t.Name, err)
	}
	return nil
}

// end checks that every row that is named is there, and lets new rows be numbered after those that came.
func (f *filler) end(ctx context.Context, tables []Table) error {
	if f.tx.Engine() == db.SQLite {
		var n int
		if err := f.tx.Row(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%d rows of the backup name rows that are not in it", n)
		}
		return nil
	}
	if _, err := f.tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return fmt.Errorf("rows of the backup name rows that are not in it: %w", err)
	}
	for _, x := range f.deferred {
		if _, err := f.tx.Exec(ctx, "ALTER TABLE "+x[0]+" ALTER CONSTRAINT "+x[1]+" NOT DEFERRABLE"); err != nil {
			return err
		}
	}
	for _, t := range tables {
		for _, c := range t.Columns {
			if c.Kind != Integer {
				continue
			}
			var sequence sql.NullString
			if err := f.tx.Row(ctx, "SELECT pg_get_serial_sequence(quote_ident($1::text), $2::text)", t.Name, c.Name).Scan(&sequence); err != nil {
				return err
			}
			if !sequence.Valid {
				continue
			}
			var next int64
			if err := f.tx.Row(ctx, "SELECT setval($1::text::regclass, (SELECT COALESCE(max("+quote(c.Name)+"), 0) + 1 FROM "+quote(t.Name)+"), false)", sequence.String).Scan(&next); err != nil {
				return err
			}
		}
	}
	return nil
}
