// Package blob keeps the files that people give us: pictures, slides, logos. A file is named after its content, never by a person,
// so that the same file twice is one file, a name never changes its meaning, and nothing a person typed reaches the file system.
// Pictures are drawn anew before they are kept (see Reencode); what else a file holds is not looked at here.
package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Words are the messages of this package's faults, in lang/.
//
//go:embed lang/*.json
var Words embed.FS

// Name is the name of a kept file: 32 hexadecimal digits, the first half of the SHA-256 of its content, and an extension that says
// its type, such as "9f86d081884c7d659a2feaa0c55ad015.png".
type Name string

// digits is the length of the first part of a name: 128 bits, too many for two files to meet by chance.
const digits = 32

// The types of file that have an extension of their own, as net/http recognises them; all others are "bin".
var extensions = [...]struct{ ext, typ string }{
	{"png", "image/png"}, {"jpg", "image/jpeg"}, {"gif", "image/gif"}, {"webp", "image/webp"}, {"pdf", "application/pdf"},
	{"bin", "application/octet-stream"},
}

// NameOf is the name that a content has.
func NameOf(data []byte) Name {
	sum := sha256.Sum256(data)
	typ, ext := http.DetectContentType(data), "bin"
	for _, e := range extensions {
		if e.typ == typ {
			ext = e.ext
		}
	}
	return Name(hex.EncodeToString(sum[:])[:digits] + "." + ext)
}

// ParseName reads a name from outside, such as a part of a URL, and says whether it has the shape of one.
func ParseName(s string) (Name, bool) {
	sum, ext, ok := strings.Cut(s, ".")
	if !ok || len(sum) != digits || strings.Trim(sum, "0123456789abcdef") != "" {
		return "", false
	}
	for _, e := range extensions {
		if e.ext == ext {
			return Name(s), true
		}
	}
	return "", false
}

// Type is the media type of the file.
func (n Name) Type() string {
	for _, e := range extensions {
		if strings.HasSuffix(string(n), "."+e.ext) {
			return e.typ
		}
	}
	return "application/octet-stream"
}

// Store is a folder of files. It is safe for many goroutines, and for several processes on one folder.
type Store struct{ root *os.Root }

// An unfinished file starts with unfinished; after abandoned it belongs to a process that is gone.
const (
	unfinished = ".tmp-"
	abandoned  = 24 * time.Hour
)

// OpenStore opens the folder dir, makes it if it is missing, and removes what a killed process left unfinished in it a day ago.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil { //nolint:gosec // the operator names the folder
		return nil, fmt.Errorf("open the files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the files: %w", err)
	}
	s := &Store{root: root}
	if err := s.sweep(time.Now().Add(-abandoned)); err != nil {
		return nil, errors.Join(fmt.Errorf("open the files: %w", err), root.Close())
	}
	return s, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }

// Put keeps data and returns its name. When it has returned without an error the file survives a power cut; before that it either is
// there whole or is not there at all. Keeping what is kept already changes nothing.
func (s *Store) Put(ctx context.Context, data []byte) (Name, error) {
	name := NameOf(data)
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("keep a file: %w", err)
	}
	there, err := s.Has(name)
	if err == nil && !there {
		err = s.write(name, data)
	}
	if err == nil {
		err = s.syncFolder() // also for a file that is there: whoever renamed it may not have come this far
	}
	if err != nil {
		return "", fmt.Errorf("keep the file %s: %w", name, err)
	}
	return name, nil
}

// write makes the file under another name, and gives it its own when every byte is on the disk.
func (s *Store) write(name Name, data []byte) (err error) {
	temp := unfinished + rand.Text()
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.root.Remove(temp))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = s.give(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return s.root.Rename(temp, string(name))
}

// syncFolder puts the names of the folder on the disk.
func (s *Store) syncFolder() error {
	d, err := s.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// File is a kept file that is open: it can be served with ranges, by http.ServeContent, and must be closed.
type File interface {
	io.ReadSeekCloser
	Stat() (fs.FileInfo, error)
}

// Open opens a file. A name that is not kept, or is none, is the fault of a missing page.
func (s *Store) Open(name Name) (File, error) {
	if _, ok := ParseName(string(name)); !ok {
		return nil, fault.Missing()
	}
	f, err := s.root.Open(string(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Missing().Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the file %s: %w", name, err)
	}
	return f, nil
}

// Has reports whether a file is kept.
func (s *Store) Has(name Name) (bool, error) {
	if _, ok := ParseName(string(name)); !ok {
		return false, nil
	}
	info, err := s.root.Stat(string(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the file %s: %w", name, err)
	}
	return info.Mode().IsRegular(), nil
}

// Remove takes a file away. One that is not kept is no error.
func (s *Store) Remove(name Name) error {
	if _, ok := ParseName(string(name)); !ok {
		return nil
	}
	if err := s.root.Remove(string(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the file %s: %w", name, err)
	}
	return nil
}

// List returns the names of all files in order. Whatever else lies in the folder is passed over.
func (s *Store) List() ([]Name, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	var names []Name
	for _, e := range entries {
		if n, ok := ParseName(e.Name()); ok && e.Type().IsRegular() {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names, nil
}

// sweep removes unfinished files last written before a time.
func (s *Store) sweep(before time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), unfinished) || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // its process finished it meanwhile
		}
		if err == nil && info.ModTime().Before(before) {
			err = s.root.Remove(e.Name())
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
