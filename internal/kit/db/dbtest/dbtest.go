// Package dbtest opens databases for tests: each test on each engine, fresh and migrated. The tables are made once for each set of folders,
// and copied: making them is most of what a small test would take.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// Each runs a test on SQLite and on PostgreSQL, each time with a fresh database that has the tables of the given folders.
func Each(t *testing.T, folders []fs.FS, fn func(t *testing.T, d *db.DB)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t, folders...)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t, folders...)) })
}

// Quick is Each, but in short mode, which is how the race detector runs, on PostgreSQL alone: SQLite is in Go and many times slower under it.
// What is particular to SQLite's writer is tested under the race detector by package db.
func Quick(t *testing.T, folders []fs.FS, fn func(t *testing.T, d *db.DB)) {
	if !testing.Short() {
		Each(t, folders, fn)
		return
	}
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t, folders...)) })
}

// models holds the files of SQLite databases that were made, by what is in their folders.
var models sync.Map

// model is the file of a database with its tables.
type model struct {
	once sync.Once
	data []byte
	err  error
}

// SQLite opens a fresh SQLite file.
func SQLite(t testing.TB, folders ...fs.FS) *db.DB {
	t.Helper()
	at := filepath.Join(t.TempDir(), "test.db")
	if len(folders) > 0 {
		found, _ := models.LoadOrStore(nameOf(t, folders), &model{})
		m := found.(*model)
		m.once.Do(func() {
			own := filepath.Join(t.TempDir(), "model.db")
			if m.err = migrated(t.Context(), own, folders); m.err == nil {
				m.data, m.err = os.ReadFile(own)
			}
		})
		if m.err == nil {
			m.err = os.WriteFile(at, m.data, 0o600)
		}
		if m.err != nil {
			t.Fatal(m.err)
		}
	}
	return open(t, at, folders)
}

// Postgres opens a fresh PostgreSQL database.
func Postgres(t testing.TB, folders ...fs.FS) *db.DB {
	t.Helper()
	if len(folders) == 0 {
		return open(t, testkit.PostgresURL(t), folders)
	}
	at := testkit.PostgresLike(t, nameOf(t, folders), func(url string) error { return migrated(t.Context(), url, folders) })
	return open(t, at, folders)
}

// nameOf is the same for the same migrations.
func nameOf(t testing.TB, folders []fs.FS) string {
	t.Helper()
	h := sha256.New()
	for _, f := range folders {
		names, err := fs.Glob(f, "migrations/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(f, name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = h.Write([]byte(name + "\x00" + string(data) + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// migrated makes the tables in a database, and lets go of it.
func migrated(ctx context.Context, at string, folders []fs.FS) error {
	d, err := db.Open(ctx, at)
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx, folders...), d.Close())
}

func open(t testing.TB, at string, folders []fs.FS) *db.DB {
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
	if err := d.Migrate(t.Context(), folders...); err != nil {
		t.Fatal(err)
	}
	return d
}
