package backup

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Count is how many things are the same in an archive and beside it, missing beside it, extra beside it, or changed.
type Count struct {
	Same    int64 `json:"same"`
	Missing int64 `json:"missing"`
	Extra   int64 `json:"extra"`
	Changed int64 `json:"changed"`
}

func (c Count) equal() bool { return c.Missing == 0 && c.Extra == 0 && c.Changed == 0 }

// Differences is what a comparison found. The notes name the first few differences by table and column, never by content.
type Differences struct {
	Rows  Count    `json:"rows"`
	Files Count    `json:"files"`
	Notes []string `json:"notes,omitempty"`
}

// Equal reports that nothing differs.
func (d Differences) Equal() bool { return d.Rows.equal() && d.Files.equal() && len(d.Notes) == 0 }

const maxNotes = 20

func (d *Differences) note(format string, args ...any) {
	if len(d.Notes) < maxNotes {
		d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
	}
}

// Compare compares an archive row by row with one state of a database, and file by file with a folder (nil: the files are not
// compared). It also verifies the archive. Where the engines differ, Options.Migrations says which migrations are for one only.
func Compare(ctx context.Context, d *db.DB, files fs.FS, r io.Reader, o Options) (Differences, error) {
	u, err := unpack(r, o)
	if err != nil {
		return Differences{}, err
	}
	defer u.close()
	c := &comparison{ctx: ctx, skip: o.Skip, files: files, seen: map[string]bool{}}
	err = d.Read(ctx, func(r db.Reader) error {
		c.store = store{r, d.Engine()}
		return c.run(u, o)
	})
	if err == nil && files != nil {
		err = c.extraFiles()
	}
	return c.found, err
}

// comparison goes through an archive and a database side by side.
type comparison struct {
	ctx   context.Context
	store store
	skip  []string
	have  map[string]Table
	files fs.FS
	seen  map[string]bool // files
	found Differences

	table  Table
	left   bool // the table is not compared
	cursor *cursor
	mine   []any // the database's row that was read last, nil at the end
	key    []int
}

func (c *comparison) run(u *unpacker, o Options) error {
	known, err := engines(o.Migrations)
	if err != nil {
		return err
	}
	schema, err := c.store.schema(c.ctx)
	if err != nil {
		return fmt.Errorf("read the schema's versions: %w", err)
	}
	if err := sameSchema(u.head.Schema, schema, known); err != nil {
		return err
	}
	tables, err := c.store.tables(c.ctx, c.skip)
	if err != nil {
		return err
	}
	c.have = map[string]Table{}
	for _, t := range tables {
		c.have[t.Name] = t
	}
	defer func() {
		if c.cursor != nil {
			c.cursor.close()
		}
	}()
	_, err = u.walk(c.ctx, visitor{table: c.next, row: c.row, done: c.finish, file: c.file})
	return err
}

// next ends the table before and opens the database's.
func (c *comparison) next(t Table) error {
	if err := c.end(); err != nil {
		return err
	}
	mine, ok := c.have[t.Name]
	delete(c.have, t.Name)
	c.table, c.left = t, slices.Contains(c.skip, t.Name)
	if c.left {
		return nil
	}
	if !ok {
		c.left = true
		c.found.note("the table %s is not in the database", t.Name)
		return nil
	}
	if !sameColumns(t, mine) {
		c.left = true
		c.found.note("the table %s has other columns or another primary key in the database", t.Name)
		return nil
	}
	c.key = nil
	for i, col := range t.Columns {
		if len(t.Key) == 0 || slices.Contains(t.Key, col.Name) {
			c.key = append(c.key, i)
		}
	}
	if len(t.Key) > 0 {
		slices.SortFunc(c.key, func(a, b int) int {
			return cmp.Compare(slices.Index(t.Key, t.Columns[a].Name), slices.Index(t.Key, t.Columns[b].Name))
		})
	}
	var err error
	if c.cursor, err = c.store.open(c.ctx, t); err != nil {
		return err
	}
	c.mine, err = c.cursor.next()
	return err
}

// sameColumns ignores the order of the columns, but not of the key.
func sameColumns(a, b Table) bool {
	if len(a.Columns) != len(b.Columns) || !slices.Equal(a.Key, b.Key) {
		return false
	}
	for _, c := range a.Columns {
		if !slices.Contains(b.Columns, c) {
			return false
		}
	}
	return true
}

func (c *comparison) row(row []any) error {
	if c.left {
		c.found.Rows.Missing++
		return nil
	}
	for c.mine != nil && c.order(c.mine, row) < 0 {
		c.extra()
		if err := c.forward(); err != nil {
			return err
		}
	}
	if c.mine == nil || c.order(c.mine, row) > 0 {
		c.found.Rows.Missing++
		c.found.note("%s: %s is missing in the database", c.table.Name, c.label(row))
		return nil
	}
	changed := ""
	for i := range row {
		if compareValues(row[i], c.mine[i]) != 0 {
			changed += " " + c.table.Columns[i].Name
		}
	}
	if changed == "" {
		c.found.Rows.Same++
	} else {
		c.found.Rows.Changed++
		c.found.note("%s: %s differs in%s", c.table.Name, c.label(row), changed)
	}
	return c.forward()
}

func (c *comparison) extra() {
	c.found.Rows.Extra++
	c.found.note("%s: %s is only in the database", c.table.Name, c.label(c.mine))
}

func (c *comparison) forward() (err error) {
	c.mine, err = c.cursor.next()
	return err
}

func (c *comparison) order(a, b []any) int {
	for _, i := range c.key {
		if n := compareValues(a[i], b[i]); n != 0 {
			return n
		}
	}
	return 0
}

// label names a row by its key where that is a number: texts may be somebody's.
func (c *comparison) label(row []any) string {
	if len(c.table.Key) == 1 {
		if n, ok := row[c.key[0]].(int64); ok {
			return fmt.Sprintf("row %d", n)
		}
	}
	return "a row"
}

// end counts what the database has beyond the archive's last row.
func (c *comparison) end() error {
	if c.cursor == nil {
		return nil
	}
	for c.mine != nil {
		c.extra()
		if err := c.forward(); err != nil {
			return err
		}
	}
	c.cursor.close()
	c.cursor = nil
	return nil
}

// finish looks at the tables that only the database has.
func (c *comparison) finish() error {
	if err := c.end(); err != nil {
		return err
	}
	for _, t := range c.have {
		c.found.note("the table %s is only in the database", t.Name)
		if err := c.store.each(c.ctx, t, func([]any) error { c.found.Rows.Extra++; return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) file(path string, r io.Reader) error {
	if c.files == nil {
		return nil
	}
	c.seen[path] = true
	theirs := sha256.New()
	if _, err := io.Copy(theirs, r); err != nil {
		return err
	}
	f, err := c.files.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		c.found.Files.Missing++
		c.found.note("the file %s is missing", path)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the file %s: %w", path, err)
	}
	mine := sha256.New()
	_, err = io.Copy(mine, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read the file %s: %w", path, err)
	}
	if sum(mine) == sum(theirs) {
		c.found.Files.Same++
		return nil
	}
	c.found.Files.Changed++
	c.found.note("the file %s differs", path)
	return nil
}

func (c *comparison) extraFiles() error {
	return fs.WalkDir(c.files, ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case path == "." && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll
		case err != nil:
			return fmt.Errorf("read the file %s: %w", path, err)
		case e.Type().IsRegular() && !c.seen[path] && !unfinished(path):
			c.found.Files.Extra++
			c.found.note("the file %s is not in the backup", path)
		}
		return nil
	})
}

// Rehearse restores an archive into an SQLite file in a temporary folder, compares that with the archive row by row, and throws it
// away: the proof that a backup is one. The archive is opened twice. Options.Migrations is needed.
func Rehearse(ctx context.Context, open func() (io.ReadCloser, error), o Options) (sum Summary, found Differences, err error) {
	if o.Migrations == nil {
		return sum, found, errors.New("rehearse a restore: the migrations are needed")
	}
	o.stay = true
	dir, err := os.MkdirTemp("", "tsudoi-rehearsal-")
	if err != nil {
		return sum, found, fmt.Errorf("rehearse a restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := db.Open(ctx, filepath.Join(dir, "tsudoi.db"))
	if err != nil {
		return sum, found, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	files := filepath.Join(dir, "files")
	if err := withArchive(open, func(r io.Reader) error {
		sum, err = Restore(ctx, r, d, files, o)
		return err
	}); err != nil {
		return sum, found, err
	}
	err = withArchive(open, func(r io.Reader) error {
		found, err = Compare(ctx, d, os.DirFS(files), r, o)
		return err
	})
	return sum, found, err
}

func withArchive(open func() (io.ReadCloser, error), fn func(io.Reader) error) error {
	f, err := open()
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	return errors.Join(fn(f), f.Close())
}
