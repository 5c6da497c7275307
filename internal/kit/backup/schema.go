package backup

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// engines says for which engines each migration of the folders is.
func engines(folders []fs.FS) (map[int64][]db.Engine, error) {
	out := map[int64][]db.Engine{}
	for _, f := range folders {
		files, err := fs.Glob(f, "migrations/*.sql")
		if err != nil {
			return nil, fmt.Errorf("list the migrations: %w", err)
		}
		for _, name := range files {
			v, ok := version(name)
			if !ok {
				return nil, fmt.Errorf("the migration %s has no number", name)
			}
			switch {
			case strings.HasSuffix(name, ".sqlite.sql"):
				out[v] = append(out[v], db.SQLite)
			case strings.HasSuffix(name, ".postgres.sql"):
				out[v] = append(out[v], db.Postgres)
			default:
				out[v] = []db.Engine{db.SQLite, db.Postgres}
			}
		}
	}
	return out, nil
}

func version(name string) (int64, bool) {
	digits, _, _ := strings.Cut(path.Base(name), "_")
	v, err := strconv.ParseInt(digits, 10, 64)
	return v, err == nil
}

// subset is a folder of migrations of which some are seen.
type subset struct {
	fs.FS
	seen func(version int64) bool
}

// Glob makes subset an fs.GlobFS, by which the migrations are listed.
func (s subset) Glob(pattern string) ([]string, error) {
	all, err := fs.Glob(s.FS, pattern)
	return slices.DeleteFunc(all, func(name string) bool {
		v, ok := version(name)
		return ok && !s.seen(v)
	}), err
}

// prepare brings a new database to the archive's schema and says that it was new; or checks that one that is there has it.
func (o Options) prepare(ctx context.Context, d *db.DB, h Head) (fresh bool, err error) {
	known, err := engines(o.Migrations)
	if err != nil {
		return false, err
	}
	if o.Migrations != nil {
		for _, v := range h.Schema {
			if _, ok := known[v]; !ok {
				return false, ErrLater
			}
		}
		if _, fresh, err = d.Pending(ctx, o.Migrations...); err != nil {
			return false, err
		}
	}
	if fresh {
		if err := o.migrateTo(ctx, d, h, known); err != nil {
			return false, err
		}
	}
	have, err := store{d, d.Engine()}.schema(ctx)
	if err != nil {
		return false, fmt.Errorf("the database has no tables yet: %w", err)
	}
	return fresh, sameSchema(h.Schema, have, known)
}

// migrateTo applies the migrations of the archive, and those of the same time that only this engine needs.
func (o Options) migrateTo(ctx context.Context, d *db.DB, h Head, known map[int64][]db.Engine) error {
	var last int64
	for _, v := range h.Schema {
		last = max(last, v)
	}
	var some []fs.FS
	for _, f := range o.Migrations {
		some = append(some, subset{f, func(v int64) bool {
			return slices.Contains(h.Schema, v) || v <= last && len(known[v]) == 1
		}})
	}
	return d.Migrate(ctx, some...)
}

// sameSchema compares the migrations of an archive with a database's, apart from those that are for one engine only.
func sameSchema(archive, have []int64, known map[int64][]db.Engine) error {
	common := func(all []int64) []int64 {
		return slices.DeleteFunc(slices.Clone(all), func(v int64) bool { return len(known[v]) == 1 })
	}
	archive, have = common(archive), common(have)
	for _, v := range archive {
		if !slices.Contains(have, v) {
			return ErrLater
		}
	}
	if len(have) > len(archive) {
		return ErrEarlier
	}
	return nil
}
