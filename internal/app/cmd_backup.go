package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/backup"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

// secrets are what encrypts and opens a backup. They are read from files, never from the command line, which others can see.
type secrets struct {
	PassphraseFile string   `help:"File whose first line is the passphrase that encrypts and opens the backup." placeholder:"FILE"`
	Recipient      []string `help:"age public key (age1...) that can open the backup." placeholder:"KEY"`
	IdentityFile   string   `help:"File of age secret keys, to open the backup." placeholder:"FILE"`
}

func (x secrets) options(s *session) (backup.Options, error) {
	o := backup.Options{Program: s.version, Skip: []string{search.Index}, Migrations: migrations(), Recipients: x.Recipient}
	if x.PassphraseFile != "" {
		b, err := os.ReadFile(filepath.Clean(x.PassphraseFile))
		if err != nil {
			return o, fmt.Errorf("read the passphrase: %w", err)
		}
		o.Passphrase, _, _ = strings.Cut(string(b), "\n")
		o.Passphrase = strings.TrimSuffix(o.Passphrase, "\r")
	}
	if x.IdentityFile != "" {
		b, err := os.ReadFile(filepath.Clean(x.IdentityFile))
		if err != nil {
			return o, fmt.Errorf("read the key: %w", err)
		}
		o.Identity = string(b)
	}
	return o, nil
}

type backupCmd struct {
	File  string `arg:"" help:"File to write."`
	Force bool   `help:"Replace the file where it exists."`
	secrets
}

// Run writes a backup of the database and the files, while the program runs or not.
func (c backupCmd) Run(s *session) error {
	o, err := c.options(s)
	if err != nil {
		return err
	}
	d, err := openExisting(s, s)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if empty, err := d.Empty(s); err != nil {
		return err
	} else if empty {
		return fmt.Errorf("the database %s has no tables of Tsudoi: there is nothing to back up", d.URL())
	}
	var sum backup.Summary
	err = backup.WriteFile(c.File, c.Force, func(w io.Writer) error {
		var err error
		sum, err = backup.Write(s, d, filesFS(s), w, o)
		return err
	})
	if err != nil {
		return err
	}
	say := ""
	if !sum.Encrypted {
		say = "\nIt is not encrypted: keep it where only you can read it, or use --passphrase-file or --recipient."
	}
	_, err = fmt.Fprintf(s.out, "%s: %d tables, %d rows, %d files, %d bytes%s\n", c.File, sum.Tables, sum.Rows, sum.Files, sum.Bytes, say)
	return err
}

// openExisting opens the database without changing it, and refuses one that is not there.
func openExisting(ctx context.Context, s *session) (*db.DB, error) {
	if s.settings.Database == "" {
		if _, err := os.Stat(s.settings.DatabaseURL()); err != nil {
			return nil, fmt.Errorf("there is no database at %s; name the data folder with --data, or the database with --database", s.settings.DatabaseURL())
		}
	}
	return db.Open(ctx, s.settings.DatabaseURL())
}

// filesFS is the folder of pictures, or nil where there is none yet.
func filesFS(s *session) fs.FS {
	if _, err := os.Stat(s.settings.FilesDir()); err != nil {
		return nil
	}
	return os.DirFS(s.settings.FilesDir())
}

type restoreCmd struct {
	File   string `arg:"" help:"Backup to read." type:"existingfile"`
	Verify bool   `help:"Restore into a temporary database, compare it row by row with the backup, and change nothing else."`
	secrets
}

// Run restores a backup into an empty database, or verifies one.
func (c restoreCmd) Run(s *session) error {
	o, err := c.options(s)
	if err != nil {
		return err
	}
	open := func() (io.ReadCloser, error) { return os.Open(filepath.Clean(c.File)) }
	if c.Verify {
		return c.verify(s, open, o)
	}
	if err := os.MkdirAll(s.settings.Data, 0o750); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	d, err := db.Open(s, s.settings.DatabaseURL())
	if err != nil {
		return err
	}
	o.Rebuild = search.Rebuild
	f, err := open()
	if err != nil {
		return errors.Join(fmt.Errorf("read the backup: %w", err), d.Close())
	}
	sum, err := backup.Restore(s, f, d, s.settings.FilesDir(), o)
	if err := errors.Join(err, f.Close(), d.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "restored %d tables, %d rows, %d files, as they were on %s\n", sum.Tables, sum.Rows, sum.Files, sum.Made.Format(time.RFC3339))
	return err
}

func (c restoreCmd) verify(s *session, open func() (io.ReadCloser, error), o backup.Options) error {
	sum, found, err := backup.Rehearse(s, open, o)
	if err != nil {
		return err
	}
	for _, n := range found.Notes {
		_, _ = fmt.Fprintln(s.out, n)
	}
	if !found.Equal() {
		return fmt.Errorf("the restored database differs from the backup in %d rows and %d files", found.Rows.Missing+found.Rows.Extra+found.Rows.Changed,
			found.Files.Missing+found.Files.Extra+found.Files.Changed)
	}
	_, err = fmt.Fprintf(s.out, "verified: %d rows in %d tables and %d files restore to what was backed up on %s\n", found.Rows.Same, sum.Tables, found.Files.Same, sum.Made.Format(time.RFC3339))
	return err
}

// migrate brings the database to this program's schema. One that has data is backed up first.
func (a *App) migrate(ctx context.Context) error {
	pending, fresh, err := a.DB.Pending(ctx, migrations()...)
	if err != nil || len(pending) == 0 {
		return err
	}
	if !fresh {
		if err := a.backupBefore(ctx, pending); err != nil {
			return fmt.Errorf("back up before the upgrade (nothing was changed): %w", err)
		}
	}
	return a.DB.Migrate(ctx, migrations()...)
}

func (a *App) backupBefore(ctx context.Context, pending []string) error {
	dir := a.Settings.BackupDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	last, _, _ := strings.Cut(pending[len(pending)-1], "_")
	name := filepath.Join(dir, backup.Name(last, a.Now()))
	err := backup.WriteFile(name, false, func(w io.Writer) error {
		_, err := backup.Write(ctx, a.DB, nil, w, backup.Options{Program: a.Version, Skip: []string{search.Index}})
		return err
	})
	if err != nil {
		return err
	}
	a.Log.Info("backed up before an upgrade", "component", "app", "file", name, "migrations", len(pending))
	_, err = backup.Keep(dir, a.Settings.Backup.Keep)
	return err
}
