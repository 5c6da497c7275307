package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// first is a schema with what makes a restore hard: rows that name later rows, tables that name each other, keys of texts and of
// two columns, a table without a key, words of SQL as names, a row made by the migration, and an index that is made from others.
const first = `-- +goose Up
CREATE TABLE kind (id INTEGER PRIMARY KEY, label TEXT NOT NULL);
INSERT INTO kind (id, label) VALUES (1, 'made by the migration');
CREATE TABLE "order" (
  id INTEGER PRIMARY KEY, parent_id BIGINT REFERENCES "order" (id), kind_id BIGINT NOT NULL REFERENCES kind (id) ON DELETE RESTRICT,
  title TEXT, body BLOB, ratio DOUBLE PRECISION, open BOOLEAN, best_id BIGINT
);
CREATE TABLE line (
  order_id BIGINT NOT NULL REFERENCES "order" (id), code TEXT NOT NULL, "group" TEXT, PRIMARY KEY (order_id, code)
);
CREATE TABLE word (word TEXT PRIMARY KEY, n BIGINT);
CREATE TABLE loose (a TEXT, b BIGINT);
`

const (
	indexSQLite   = "-- +goose Up\nCREATE VIRTUAL TABLE found USING fts5(word);\n"
	indexPostgres = "-- +goose Up\nCREATE TABLE found (id BIGINT, word tsvector);\n"
	second        = "-- +goose Up\nALTER TABLE word ADD COLUMN loud BIGINT NOT NULL DEFAULT 0;\nUPDATE word SET loud = n * 2;\n"
)

func folders(later bool) []fs.FS {
	f := fstest.MapFS{
		"migrations/20260101000000_first.sql":               {Data: []byte(first)},
		"migrations/20260102000000_index.sqlite.sql":        {Data: []byte(indexSQLite)},
		"migrations/20260102000001_other_name.postgres.sql": {Data: []byte(indexPostgres)},
	}
	if later {
		f["migrations/20260103000000_second.sql"] = &fstest.MapFile{Data: []byte(second)}
	}
	return []fs.FS{db.Migrations, f}
}

var options = Options{Program: "v1", Now: time.Date(2026, 2, 12, 1, 2, 3, 0, time.UTC), Skip: []string{"found"}, Migrations: folders(false)}

// fill puts in one row for each thing that could go wrong.
func fill(t testing.TB, d *db.DB) {
	t.Helper()
	ctx := t.Context()
	exec := func(tx *db.Tx, q string, args ...any) {
		if _, err := tx.Exec(ctx, q, args...); err != nil {
			t.Fatal(q, err)
		}
	}
	err := d.Write(ctx, func(tx *db.Tx) error {
		exec(tx, `INSERT INTO kind (id, label) VALUES (2, '会議室 <&> " \ 👩‍💻')`)
		exec(tx, `INSERT INTO "order" (id, kind_id, title, body, ratio, open) VALUES ($1, 2, $2, $3, $4, $5)`, int64(900), "", []byte{}, 0.1, true)
		exec(tx, `INSERT INTO "order" (id, parent_id, kind_id, title, body, ratio, open) VALUES ($1, 900, 1, $2, $3, $4, $5)`,
			int64(5), "line\nline\u2028end\x01", []byte{0, 1, 255}, math.MaxFloat64, false)
		exec(tx, `INSERT INTO "order" (id, kind_id, ratio) VALUES ($1, 1, $2)`, int64(math.MaxInt64-5), 3.0)
		exec(tx, `INSERT INTO "order" (id, kind_id, ratio) VALUES (6, 1, $1)`, math.Inf(-1))
		for _, code := range []string{"b", "B", "a", "é", "あ", "ア", "", "z z"} {
			exec(tx, `INSERT INTO line (order_id, code, "group") VALUES (5, $1, $2)`, code, "g"+code)
		}
		for i := range 400 { // about 1.4 MB: two pieces, two statements of many rows
			exec(tx, `INSERT INTO word (word, n) VALUES ($1, $2)`, fmt.Sprintf("w%d %s", i, strings.Repeat("経路", 3*i)), int64(i))
		}
		exec(tx, `INSERT INTO loose (a, b) VALUES (NULL, 1), ('x', NULL), ('x', 1), ('x', 1), (NULL, NULL)`)
		return db.Bump(ctx, tx, "a")
	})
	if err != nil {
		t.Fatal(err)
	}
}

func picture(t testing.TB) fs.FS {
	t.Helper()
	return fstest.MapFS{
		"deep/.part-X": {Data: []byte("still being written, and in no backup")},
		"a/b/c.png":    {Data: bytes.Repeat([]byte("png"), 100_000)}, "空 き.txt": {Data: nil}, "z": {Data: []byte("z")},
	}
}

// pack backs up a database and the pictures.
func pack(t testing.TB, d *db.DB, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(t.Context(), d, picture(t), &b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// none is a fresh database without any table.
func none(t testing.TB) *db.DB { return open(t, filepath.Join(t.TempDir(), "none.db")) }

func nonePostgres(t testing.TB) *db.DB { return open(t, testkit.PostgresURL(t)) }

func open(t testing.TB, at string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func same(t *testing.T, d *db.DB, files fs.FS, archive []byte, o Options) {
	t.Helper()
	found, err := Compare(t.Context(), d, files, bytes.NewReader(archive), o)
	if err != nil {
		t.Fatal(err)
	}
	if !found.Equal() || found.Rows.Same < 400 {
		t.Fatalf("%+v", found)
	}
}

// TestRoundTripAcrossEngines goes from each engine to the other and back to itself.
func TestRoundTripAcrossEngines(t *testing.T) {
	dbtest.Each(t, folders(false), func(t *testing.T, d *db.DB) {
		fill(t, d)
		archive := pack(t, d, options)
		same(t, d, picture(t), archive, options)
		for name, other := range map[string]func(testing.TB) *db.DB{"new sqlite": none, "new postgres": nonePostgres} {
			t.Run(name, func(t *testing.T) {
				to, files := other(t), filepath.Join(t.TempDir(), "deep", "files")
				sum, err := Restore(t.Context(), bytes.NewReader(archive), to, files, options)
				if err != nil {
					t.Fatal(err)
				}
				if sum.Rows < 400 || sum.Files != 3 || sum.Engine != d.Engine() || sum.Program != "v1" || sum.Bytes != int64(len(archive)) {
					t.Fatalf("%+v", sum)
				}
				same(t, to, os.DirFS(files), archive, options)
				again := pack(t, to, options)
				same(t, d, picture(t), again, options)
				newRows(t, to)
			})
		}
	})
}

// newRows checks that the database goes on numbering after what was restored, and still refuses rows that name nothing.
func newRows(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		id, err := tx.Insert(t.Context(), `INSERT INTO kind (label) VALUES ('new')`)
		if err == nil && id != 3 {
			t.Errorf("the next row got the number %d", id)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO line (order_id, code) VALUES (12345, 'x')`)
		if err == nil {
			t.Error("a row may name what is not there, before the end of the transaction")
		}
		return err
	})
	if !db.IsForeignKey(err) {
		t.Fatal(err)
	}
}

func TestRestoreIntoAMigratedDatabase(t *testing.T) {
	bare := []fs.FS{db.Migrations, fstest.MapFS{"migrations/20260101000000_t.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT);\n")}}}
	dbtest.Each(t, bare, func(t *testing.T, d *db.DB) {
		from := dbtest.SQLite(t, bare...)
		if err := from.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO t (s) VALUES ('a'), ('b')")
			return errors.Join(err, db.Bump(t.Context(), tx, "x", "y"))
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return db.Bump(t.Context(), tx, "x") }); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := Write(t.Context(), from, nil, &b, Options{}); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), bytes.NewReader(b.Bytes()), d, "", Options{}); err != nil {
			t.Fatal(err)
		}
		found, err := Compare(t.Context(), d, nil, bytes.NewReader(b.Bytes()), Options{})
		if err != nil || !found.Equal() || found.Rows.Same != 4 {
			t.Fatal(found, err)
		}
		if _, err := Restore(t.Context(), bytes.NewReader(b.Bytes()), d, "", Options{}); !errors.Is(err, ErrNotEmpty) {
			t.Fatal("a second restore:", err)
		}
	})
}

func TestEarlierBackupIsBroughtToThisVersion(t *testing.T) {
	from := dbtest.SQLite(t, folders(false)...)
	fill(t, from)
	archive := pack(t, from, options)
	later := options
	later.Migrations = folders(true)
	rebuilt := false
	later.Rebuild = func(context.Context, *db.DB) error { rebuilt = true; return nil }
	for name, other := range map[string]func(testing.TB) *db.DB{"sqlite": none, "postgres": nonePostgres} {
		t.Run(name, func(t *testing.T) {
			to := other(t)
			rebuilt = false
			if _, err := Restore(t.Context(), bytes.NewReader(archive), to, "", later); err != nil {
				t.Fatal(err)
			}
			var loud int64
			if err := to.Row(t.Context(), "SELECT sum(loud) FROM word").Scan(&loud); err != nil || loud != 399*400 || !rebuilt {
				t.Fatal("the later migration did not see the rows:", loud, err, rebuilt)
			}
		})
	}
	t.Run("an up-to-date database is too new", func(t *testing.T) {
		to := dbtest.SQLite(t, folders(true)...)
		if _, err := Restore(t.Context(), bytes.NewReader(archive), to, "", later); !errors.Is(err, ErrEarlier) {
			t.Fatal(err)
		}
	})
	t.Run("a later backup", func(t *testing.T) {
		newer := dbtest.SQLite(t, folders(true)...)
		if _, err := Restore(t.Context(), bytes.NewReader(pack(t, newer, later)), none(t), "", options); !errors.Is(err, ErrLater) {
			t.Fatal(err)
		}
	})
}

// TestBackupIsOneState moves one unit to and fro between two rows: their sum is the same in every state, so also in the backup.
func TestBackupIsOneState(t *testing.T) {
	dbtest.Each(t, folders(false), func(t *testing.T, d *db.DB) {
		fill(t, d)
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		var moves atomic.Int64
		for i := range 4 {
			done.Go(func() {
				for n := int64(0); ctx.Err() == nil; n++ {
					err := d.Write(ctx, func(tx *db.Tx) error {
						_, err := tx.Exec(ctx, `UPDATE "order" SET best_id = COALESCE(best_id, 0) + $1 WHERE id = 5`, n)
						if err != nil {
							return err
						}
						_, err = tx.Exec(ctx, `UPDATE word SET n = COALESCE(n, 0) - $1 WHERE word = 'w0 '`, n)
						return err
					})
					if err == nil {
						moves.Add(1)
					} else if ctx.Err() == nil {
						t.Error(i, err)
					}
				}
			})
		}
		for round := range 3 {
			before := moves.Load()
			for moves.Load() < before+5 {
				time.Sleep(time.Millisecond)
			}
			archive := pack(t, d, options)
			if moves.Load() == before {
				t.Error("nobody wrote meanwhile")
			}
			to := none(t)
			if _, err := Restore(t.Context(), bytes.NewReader(archive), to, "", options); err != nil {
				t.Fatal(err)
			}
			var a, b int64
			if err := to.Row(t.Context(), `SELECT (SELECT best_id FROM "order" WHERE id = 5), (SELECT n FROM word WHERE word = 'w0 ')`).Scan(&a, &b); err != nil || a+b != 0 || a == 0 {
				t.Errorf("round %d: %d and %d do not belong together %v", round, a, b, err)
			}
		}
		stop()
		done.Wait()
	})
}

func TestCompareFindsEveryDifference(t *testing.T) {
	dbtest.Each(t, folders(false), func(t *testing.T, d *db.DB) {
		fill(t, d)
		archive := pack(t, d, options)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for _, q := range []string{
				`UPDATE "order" SET title = 'changed' WHERE id = 900`, `DELETE FROM line WHERE code = 'あ'`,
				`INSERT INTO line (order_id, code) VALUES (5, 'ab'), (900, 'after the last')`, `INSERT INTO loose (a, b) VALUES ('x', 1)`,
			} {
				if _, err := tx.Exec(t.Context(), q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{"z": {Data: []byte("Z")}, "new": {}, "空 き.txt": {}}
		found, err := Compare(t.Context(), d, files, bytes.NewReader(archive), options)
		if err != nil {
			t.Fatal(err)
		}
		if found.Equal() || found.Rows.Changed != 1 || found.Rows.Missing != 1 || found.Rows.Extra != 3 || found.Files != (Count{Same: 1, Missing: 1, Extra: 1, Changed: 1}) {
			t.Fatalf("%+v", found)
		}
		notes := strings.Join(found.Notes, "\n")
		if !strings.Contains(notes, "order: row 900 differs in title") || strings.Contains(notes, "あ") {
			t.Fatal(notes)
		}
	})
}

func TestRestoreKeepsWhatIsThere(t *testing.T) {
	from := dbtest.SQLite(t, folders(false)...)
	fill(t, from)
	archive := pack(t, from, options)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), bytes.NewReader(archive), none(t), dir, options); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), bytes.NewReader(archive), from, "", options); !errors.Is(err, ErrNotEmpty) {
		t.Fatal(err)
	}
}

func TestTypesThatDifferBetweenEnginesAreRefused(t *testing.T) {
	bad := []fs.FS{db.Migrations, fstest.MapFS{"migrations/20260101000000_t.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (id INTEGER PRIMARY KEY, price NUMERIC);\n")}}}
	dbtest.Each(t, bad, func(t *testing.T, d *db.DB) {
		if _, err := Write(t.Context(), d, nil, io.Discard, Options{}); err == nil || !strings.Contains(strings.ToLower(err.Error()), "price is numeric") {
			t.Fatal(err)
		}
	})
}

func TestTextWhereANumberBelongsIsNotLost(t *testing.T) {
	d := dbtest.SQLite(t, folders(false)...)
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), "INSERT INTO word (word, n) VALUES ('x', 'many')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), d, nil, io.Discard, options); err == nil || !strings.Contains(err.Error(), "column n of the table word") {
		t.Fatal(err)
	}
}

func TestRehearsal(t *testing.T) {
	dbtest.Each(t, folders(false), func(t *testing.T, d *db.DB) {
		fill(t, d)
		archive := pack(t, d, options)
		o := options
		o.Migrations = folders(true)
		s, found, err := Rehearse(t.Context(), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive)), nil }, o)
		if err != nil || !found.Equal() || found.Rows.Same != s.Rows || found.Files.Same != 3 {
			t.Fatal(s, found, err)
		}
	})
}
