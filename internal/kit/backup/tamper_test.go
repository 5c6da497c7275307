package backup

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
)

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
		if s, err := Verify(t.Context(), bytes.NewReader(archive), o); err != nil || !s.Encrypted || s.Rows < 400 {
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
		if len(name) == 0 || bytes.ContainsRune(name, 0) || bytes.HasSuffix(name, []byte("/")) || !utf8.Valid(name) || bytes.HasPrefix(content, []byte("-> ")) {
			return // a tar cannot hold such a name
		}
		_, err := Verify(t.Context(), bytes.NewReader(forge(t, "head.json", h, "tables/t/00001.jsonl", string(content), "files/"+string(name), "x")), Options{})
		if !known(err) {
			t.Fatal(err)
		}
	})
}
