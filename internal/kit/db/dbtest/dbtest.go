// Package dbtest opens databases for tests: each test on each engine, fresh and migrated.
package dbtest

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// Each runs a test on SQLite and on PostgreSQL, each time with a fresh database that has the tables of the given folders.
func Each(t *testing.T, folders []fs.FS, fn func(t *testing.T, d *db.DB)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t, folders...)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t, folders...)) })
}

// SQLite opens a fresh SQLite file.
func SQLite(t testing.TB, folders ...fs.FS) *db.DB {
	return open(t, filepath.Join(t.TempDir(), "test.db"), folders)
}

// Postgres opens a fresh PostgreSQL database.
func Postgres(t testing.TB, folders ...fs.FS) *db.DB {
	return open(t, testkit.PostgresURL(t), folders)
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
