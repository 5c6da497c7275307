package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// stampTable counts versions of what is cached; it may have rows in a database that is otherwise empty.
const stampTable = "db_stamp"

// maxArgs bounds the placeholders of one statement; SQLite takes 32,766 and PostgreSQL 65,535.
const maxArgs = 10_000

// Restore fills a new database and the folder filesDir (which may be missing; an empty path leaves the files out) from an archive:
// all of it, or nothing. See Options.Migrations for the state the database must be in.
func Restore(ctx context.Context, r io.Reader, d *db.DB, filesDir string, o Options) (Summary, error) {
	u, err := unpack(r, o)
	if err != nil {
		return Summary{}, err
	}
	defer u.close()
	fresh, err := o.prepare(ctx, d, u.head)
	if err != nil {
		return Summary{}, err
	}
	s := store{d, d.Engine()}
	tables, err := s.tables(ctx, o.Skip)
	if err != nil {
		return Summary{}, err
	}
	if err := fit(u.head, tables, o.Skip); err != nil {
		return Summary{}, err
	}
	if !fresh {
		rest := slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return t.Name == stampTable })
		name, err := s.occupied(ctx, rest)
		if err != nil {
			return Summary{}, err
		}
		if name != "" {
			return Summary{}, fmt.Errorf("%w (%s has rows)", ErrNotEmpty, name)
		}
	}
	files, err := stageFiles(filesDir)
	if err != nil {
		return Summary{}, err
	}
	defer files.remove()
	var sum Summary
	begun := false
	err = d.Write(ctx, func(tx *db.Tx) error {
		if begun { // the archive cannot be read twice
			return errors.New("the database gave up in the middle of the restore; begin again")
		}
		begun = true
		l := &loader{filler: filler{tx: tx}, ctx: ctx, skip: o.Skip, files: files}
		sum, err = l.load(u, tables)
		return err
	})
	if err != nil {
		return Summary{}, errors.Join(err, files.undo())
	}
	return sum, o.finish(ctx, d)
}

// finish brings a restored database up to the program and makes the derived tables.
func (o Options) finish(ctx context.Context, d *db.DB) error {
	if o.Migrations != nil && !o.stay {
		if err := d.Migrate(ctx, o.Migrations...); err != nil {
			return fmt.Errorf("everything is restored, but could not be brought to this version: %w", err)
		}
	}
	if o.Rebuild != nil && !o.stay {
		if err := o.Rebuild(ctx, d); err != nil {
			return fmt.Errorf("everything is restored, but what is made from it could not be made again: %w", err)
		}
	}
	return nil
}

// fit checks that the database has the tables and columns of the archive.
func fit(h Head, have []Table, skip []string) error {
	byName := map[string]Table{}
	for _, t := range have {
		byName[t.Name] = t
	}
	for _, t := range h.Tables {
		if slices.Contains(skip, t.Name) {
			continue
		}
		mine, ok := byName[t.Name]
		if !ok {
			return fmt.Errorf("the backup holds a table %s, which the database does not have", t.Name)
		}
		for _, c := range t.Columns {
			if !slices.Contains(mine.Columns, c) {
				return fmt.Errorf("the backup holds a column %s of %s in the table %s, which the database does not have", c.Name, c.Kind, t.Name)
			}
		}
	}
	return nil
}

// loader writes what an archive holds into the database and the folder.
type loader struct {
	filler
	ctx   context.Context
	skip  []string
	files *staged
	table Table
	left  bool // the table is left out
	batch [][]any
}

func (l *loader) load(u *unpacker, tables []Table) (Summary, error) {
	if err := l.begin(l.ctx); err != nil {
		return Summary{}, fmt.Errorf("begin to fill the database: %w", err)
	}
	if err := l.empty(l.ctx, tables); err != nil {
		return Summary{}, fmt.Errorf("empty the tables: %w", err)
	}
	sum, err := u.walk(l.ctx, visitor{table: l.next, row: l.row, done: l.flush, file: l.files.write})
	if err != nil {
		return sum, err
	}
	if err := l.end(l.ctx, tables); err != nil {
		return sum, err
	}
	return sum, l.files.keep()
}

func (l *loader) next(t Table) error {
	if err := l.flush(); err != nil {
		return err
	}
	l.table, l.left = t, slices.Contains(l.skip, t.Name)
	return nil
}

func (l *loader) row(row []any) error {
	if l.left {
		return nil
	}
	l.batch = append(l.batch, row)
	if len(l.batch) >= min(200, max(1, maxArgs/len(row))) {
		return l.flush()
	}
	return nil
}

// flush inserts what has gathered. Rows are inserted a fixed number at a time, or one by one, so that there are two statements a
// table; the database keeps each.
func (l *loader) flush() error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	defer func() { l.batch = l.batch[:0] }()
	if len(l.batch) == 0 {
		return nil
	}
	if len(l.batch) >= min(200, max(1, maxArgs/len(l.batch[0]))) {
		return l.insert(l.ctx, l.table, l.batch)
	}
	for i := range l.batch {
		if err := l.insert(l.ctx, l.table, l.batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// staged is a folder that is filled beside the real one and takes its place at the end.
type staged struct {
	dir   string // the real one; empty: files are left out
	temp  string
	root  *os.Root
	any   bool
	moved bool
}

func stageFiles(dir string) (*staged, error) {
	s := &staged{dir: dir}
	if dir == "" {
		return s, nil
	}
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return nil, fmt.Errorf("the folder %s is not empty: a backup is restored only into an empty or a new one", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look into the folder of files: %w", err)
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".restoring-")
	if err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	s.temp = temp
	if s.root, err = os.OpenRoot(temp); err != nil {
		return nil, errors.Join(err, os.Remove(temp))
	}
	return s, nil
}

func (s *staged) write(path string, r io.Reader) error {
	if s.dir == "" {
		return nil
	}
	s.any = true
	name := filepath.FromSlash(path)
	if err := s.root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("restore the file %s: %w", path, err)
	}
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("restore the file %s: %w", path, err)
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("restore the file %s: %w", path, err)
	}
	return nil
}

// keep puts the folder in its place. It runs before the database commits: files without rows do no harm, rows without files would.
func (s *staged) keep() error {
	if !s.any {
		return nil
	}
	if err := os.Remove(s.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the files in place: %w", err)
	}
	if err := os.Rename(s.temp, s.dir); err != nil {
		return fmt.Errorf("put the files in place: %w", err)
	}
	s.moved = true
	return nil
}

// undo takes the folder away again where the database did not commit.
func (s *staged) undo() error {
	if s.moved {
		return os.RemoveAll(s.dir)
	}
	return nil
}

// remove ends the use of the folder beside.
func (s *staged) remove() {
	if s.root != nil {
		_ = s.root.Close()
	}
	if s.temp != "" && !s.moved {
		_ = os.RemoveAll(s.temp)
	}
}
