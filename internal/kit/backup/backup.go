// Package backup writes a database and the files beside it into one archive while the program runs, and reads it back: into the same
// engine or the other one.
//
// An archive is a tar packed by zstd, so that `zstd -dc FILE | tar -t` shows it without this program:
//
//	head.json                  who made it, when, of which schema; the tables and the kind of each column
//	tables/NAME/00001.jsonl    rows in the order of the primary key, one JSON array each, in pieces of about 1 MiB
//	files/...                  the folder of files
//	manifest.json              how many rows each table has, and the SHA-256 of each table's rows
//
// After the tar stands a skippable frame of zstd (RFC 8878 section 3.1.2) with the SHA-256 of every byte before it. The whole may be
// encrypted by age (https://age-encryption.org/v1). Rows carry integers, floating-point numbers, texts, bytes (base64), booleans and
// null. Tables that are made from others, such as a search index, are left out by Options.Skip and made again by Options.Rebuild.
package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// What may be wrong with an archive. Every error of a reader is one of these, or the database's.
var (
	ErrForeign  = errors.New("this is not a backup of Tsudoi")
	ErrCutOff   = errors.New("the backup is cut off: its end is missing")
	ErrDamaged  = errors.New("the backup is damaged: its content does not match its checksum")
	ErrLocked   = errors.New("the backup is encrypted: give the passphrase or the key that opens it")
	ErrWrongKey = errors.New("the passphrase or key does not open this backup")
	ErrLater    = errors.New("the backup was made by a later version of Tsudoi: use that version to restore it")
	ErrEarlier  = errors.New("the backup is of an earlier version of Tsudoi: restore it into a new, empty database")
	ErrNotEmpty = errors.New("the database is not empty: a backup is restored only into a new, empty one")
)

// Options says how to write and read. The zero value is a plain archive of every table.
type Options struct {
	Program string    // the program's version, written into the archive
	Now     time.Time // written into the archive; zero: the time it is
	Skip    []string  // tables that Rebuild makes again

	// Rebuild makes the tables of Skip again after a restore. It may be nil.
	Rebuild func(context.Context, *db.DB) error
	// Migrations lets Restore prepare a new database: it is brought to the archive's schema, filled, and then brought up to the
	// program's. Without it the database must be migrated already, to exactly the archive's schema.
	Migrations []fs.FS

	Passphrase string   // encrypts and opens; not together with Recipients
	Recipients []string // age public keys (age1...) that can open what is written
	Identity   string   // text of a file of age secret keys (AGE-SECRET-KEY-1...), to open

	work int  // log2 of the passphrase's work factor; 0: age's own
	stay bool // do not migrate beyond the archive's schema
}

// Head begins an archive.
type Head struct {
	Format  string    `json:"format"` // formatName
	Version int       `json:"version"`
	Program string    `json:"program"`
	Engine  db.Engine `json:"engine"`
	Made    time.Time `json:"made"`
	Schema  []int64   `json:"schema"` // versions of the applied migrations, ascending
	Tables  []Table   `json:"tables"` // in the order in which they follow
}

// The format that is written and read.
const (
	formatName    = "tsudoi-backup"
	formatVersion = 1
)

// Table describes a table of an archive.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Key     []string `json:"key"` // columns of the primary key, by which the rows are ordered; without any, by all columns
}

// Column is a column and what it holds.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// manifest ends an archive.
type manifest struct {
	Head   string  `json:"head"` // SHA-256 of head.json
	Tables []tally `json:"tables"`
	Files  tally   `json:"files"` // rows: number of files; SHA-256 over a line "SHA-256 size path" for each
}

// tally counts what was written.
type tally struct {
	Name string `json:"name,omitempty"`
	Rows int64  `json:"rows"`
	Sum  string `json:"sha256"`
}

// Summary is what an archive holds.
type Summary struct {
	Program   string    `json:"program"`
	Engine    db.Engine `json:"engine"`
	Made      time.Time `json:"made"`
	Schema    []int64   `json:"schema"`
	Encrypted bool      `json:"encrypted"`
	Tables    int       `json:"tables"`
	Rows      int64     `json:"rows"`
	Files     int64     `json:"files"`
	FileBytes int64     `json:"file_bytes"`
	Bytes     int64     `json:"bytes"` // of the archive
}

func (s *Summary) of(h Head) {
	s.Program, s.Engine, s.Made, s.Schema, s.Tables = h.Program, h.Engine, h.Made, h.Schema, len(h.Tables)
}

// Write writes an archive of d and of the folder files (which may be nil). Every table is read from one consistent state of the
// database while others go on writing; the files are read after that, so whatever a row names is there.
func Write(ctx context.Context, d *db.DB, files fs.FS, w io.Writer, o Options) (Summary, error) {
	p, err := newPacker(w, o)
	if err != nil {
		return Summary{}, err
	}
	err = d.Read(ctx, func(r db.Reader) error { return p.database(ctx, store{r, d.Engine()}) })
	if err == nil && files != nil {
		err = p.folder(ctx, files)
	}
	if err == nil {
		err = p.finish()
	}
	return p.summary, err
}
