package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
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
		for i := range 3000 {
			exec(tx, `INSERT INTO word (word, n) VALUES ($1, $2)`, fmt.Sprintf("w%d %s", i, strings.Repeat("経路", i%200)), int64(i))
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
		"a/b/c.png": {Data: bytes.Repeat([]byte("png"), 100_000)}, "空 き.txt": {Data: nil}, "z": {Data: []byte("z")},
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
	if !found.Equal() || found.Rows.Same < 3000 {
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
				if sum.Rows < 3000 || sum.Files != 3 || sum.Engine != d.Engine() || sum.Program != "v1" || sum.Bytes != int64(len(archive)) {
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
			if err := to.Row(t.Context(), "SELECT sum(loud) FROM word").Scan(&loud); err != nil || loud != 2999*3000 || !rebuilt {
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

func TestEncryption(t *testing.T) {
	d := dbtest.SQLite(t, folders(false)...)
	fill(t, d)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	secret, forKey := options, options
	secret.Passphrase, secret.work = "ひらけごま", 2
	forKey.Recipients = []string{key.Recipient().String()}
	both := secret
	both.Recipients = forKey.Recipients
	if _, err := Write(t.Context(), d, nil, io.Discard, both); err == nil {
		t.Fatal("took a passphrase and a key")
	}
	wrong := options
	wrong.Passphrase = "x"
	for name, o := range map[string]Options{"passphrase": secret, "key": forKey} {
		archive := pack(t, d, o)
		if bytes.Contains(archive, zstdMagic) || bytes.Contains(archive, []byte("head.json")) {
			t.Error(name, "is not encrypted")
		}
		if _, err := Verify(t.Context(), bytes.NewReader(archive), options); !errors.Is(err, ErrLocked) {
			t.Error(name, err)
		}
		if _, err := Verify(t.Context(), bytes.NewReader(archive), wrong); !errors.Is(err, ErrWrongKey) {
			t.Error(name, err)
		}
		o.Identity = key.String()
		if s, err := Verify(t.Context(), bytes.NewReader(archive), o); err != nil || !s.Encrypted || s.Rows < 3000 {
			t.Error(name, s, err)
		}
		for i := range 60 {
			at := i * (len(archive) - 1) / 59
			bad := bytes.Clone(archive)
			bad[at] ^= 4
			if _, err := Verify(t.Context(), bytes.NewReader(bad), o); err == nil {
				t.Errorf("%s: a change of byte %d went unseen", name, at)
			}
			if _, err := Verify(t.Context(), bytes.NewReader(archive[:at]), o); err == nil {
				t.Errorf("%s: an end after %d bytes went unseen", name, at)
			}
		}
	}
}

// TestEveryChangedByteIsSeen changes each byte of a small archive, and cuts it after each.
func TestEveryChangedByteIsSeen(t *testing.T) {
	d := dbtest.SQLite(t, db.Migrations)
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return db.Bump(t.Context(), tx, "a", "b") }); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := Write(t.Context(), d, fstest.MapFS{"x": {Data: []byte("x")}}, &b, Options{}); err != nil {
		t.Fatal(err)
	}
	archive := b.Bytes()
	if _, err := Verify(t.Context(), bytes.NewReader(archive), Options{}); err != nil {
		t.Fatal(err)
	}
	for at := range archive {
		bad := bytes.Clone(archive)
		bad[at] ^= 1 << (at % 8)
		if _, err := Verify(t.Context(), bytes.NewReader(bad), Options{}); !known(err) {
			t.Errorf("byte %d changed: %v", at, err)
		}
		_, err := Verify(t.Context(), bytes.NewReader(archive[:at]), Options{})
		if !known(err) || (at > 100 && !errors.Is(err, ErrCutOff)) {
			t.Errorf("cut after %d: %v", at, err)
		}
	}
	if _, err := Verify(t.Context(), bytes.NewReader(append(bytes.Clone(archive), "more"...)), Options{}); !known(err) {
		t.Error("bytes after the end:", err)
	}
}

func known(err error) bool {
	return slices.ContainsFunc([]error{ErrForeign, ErrCutOff, ErrDamaged, ErrLocked, ErrWrongKey, ErrLater}, func(k error) bool { return errors.Is(err, k) })
}

// forge packs entries as an archive with a right seal.
func forge(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	s, err := newSealer(&b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(s)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for i := 0; i+1 < len(entries); i += 2 {
		h := &tar.Header{Name: entries[i], Typeflag: tar.TypeReg, Size: int64(len(entries[i+1])), Mode: 0o600}
		if target, ok := strings.CutPrefix(entries[i+1], "-> "); ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, entries[i+1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), z.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestForgedArchivesAreRefusedWhole(t *testing.T) {
	const head = `{"format":"tsudoi-backup","version":1,"schema":[20261122000000],"tables":[{"name":"db_stamp","columns":[{"name":"scope","kind":"text"},{"name":"version","kind":"integer"}],"key":["scope"]}]}`
	for name, x := range map[string]struct {
		archive []byte
		want    error
	}{
		"empty":                 {nil, ErrForeign},
		"a text":                {[]byte("hello, this is no backup at all"), ErrForeign},
		"another tar":           {forge(t, "a.txt", "x"), ErrForeign},
		"another format":        {forge(t, "head.json", `{"format":"x"}`), ErrForeign},
		"a later format":        {forge(t, "head.json", strings.Replace(head, `"version":1`, `"version":9`, 1)), ErrLater},
		"head that is no JSON":  {forge(t, "head.json", `{`), ErrDamaged},
		"no manifest":           {forge(t, "head.json", head, "tables/db_stamp/00001.jsonl", "[\"x\",1]\n"), ErrDamaged},
		"path upwards":          {forge(t, "head.json", head, "files/../../x", "x"), ErrDamaged},
		"absolute path":         {forge(t, "head.json", head, "/etc/x", "x"), ErrDamaged},
		"path with a backslash": {forge(t, "head.json", head, `files/..\x`, "x"), ErrDamaged},
		"a link":                {forge(t, "head.json", head, "files/x", "-> /etc/passwd"), ErrDamaged},
		"a table not in head":   {forge(t, "head.json", head, "tables/sqlite_schema/00001.jsonl", "[]\n"), ErrDamaged},
		"a piece out of place":  {forge(t, "head.json", head, "tables/db_stamp/00002.jsonl", "[\"x\",1]\n"), ErrDamaged},
		"a table after files":   {forge(t, "head.json", head, "files/x", "x", "tables/db_stamp/00001.jsonl", "[\"x\",1]\n"), ErrDamaged},
		"too few values":        {forge(t, "head.json", head, "tables/db_stamp/00001.jsonl", "[\"x\"]\n"), ErrDamaged},
		"a wrong value":         {forge(t, "head.json", head, "tables/db_stamp/00001.jsonl", "[\"x\",\"y\"]\n"), ErrDamaged},
		"an empty manifest":     {forge(t, "head.json", head, "tables/db_stamp/00001.jsonl", "[\"x\",1]\n", "files/a", "x", "manifest.json", "{}"), ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			d, dir := none(t), t.TempDir()
			files := filepath.Join(dir, "files")
			_, err := Restore(t.Context(), bytes.NewReader(x.archive), d, files, Options{Migrations: []fs.FS{db.Migrations}})
			if !errors.Is(err, x.want) {
				t.Fatalf("%v, want %v", err, x.want)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 0 {
				t.Error("left behind:", left, err)
			}
			var n int
			if err := d.Row(t.Context(), "SELECT count(*) FROM pragma_table_list WHERE name = 'db_stamp'").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n == 1 {
				if v, err := db.Version(t.Context(), d, "x"); v != 0 || err != nil {
					t.Error("a row came in", v, err)
				}
			}
		})
	}
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

func FuzzRestore(f *testing.F) {
	d := dbtest.SQLite(f, db.Migrations)
	var b bytes.Buffer
	if _, err := Write(f.Context(), d, nil, &b, Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(forge(f, "head.json", `{"format":"tsudoi-backup","version":1,"tables":[]}`, "files/x", "y", "manifest.json", "{}"))
	f.Add(forge(f, "head.json", `{"format":"tsudoi-backup","version":1,"tables":[{"name":"t","columns":[{"name":"c","kind":"float"}]}]}`, "tables/t/00001.jsonl", "[1]\n[null]\n"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		_, err := Verify(t.Context(), bytes.NewReader(archive), Options{})
		if err != nil && !known(err) {
			t.Fatal("not one of the sentences:", err)
		}
	})
}

// FuzzTar gives what is inside an archive, with a right seal, to the reader.
func FuzzTar(f *testing.F) {
	f.Add([]byte("head.json"), []byte("[1,2]\n"))
	f.Fuzz(func(t *testing.T, name, content []byte) {
		h := `{"format":"tsudoi-backup","version":1,"tables":[{"name":"t","columns":[{"name":"a","kind":"float"},{"name":"b","kind":"text"}]}]}`
		if bytes.ContainsRune(name, 0) || bytes.HasPrefix(content, []byte("-> ")) {
			return
		}
		_, err := Verify(t.Context(), bytes.NewReader(forge(t, "head.json", h, "tables/t/00001.jsonl", string(content), "files/"+string(name), "x")), Options{})
		if !known(err) {
			t.Fatal(err)
		}
	})
}
