package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Digest is the name of a large file: the whole SHA-256 of its content, 64 hexadecimal digits.
type Digest string

// ParseDigest reads a digest and says whether it has the shape of one.
func ParseDigest(s string) (Digest, bool) {
	return Digest(s), len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// Short is the first sixteen digits, for addresses: enough to tell contents apart, and no name that another address would answer to.
func (d Digest) Short() string { return string(d[:min(len(d), 16)]) }

// ErrBusy says that another writes to an unfinished file.
var ErrBusy = errors.New("the unfinished file is being written to")

// Large is a folder of files too large for memory. They arrive in pieces, perhaps over days and several runs of the program, are looked
// at while nobody can read them yet, and are then kept under their digest. It is safe for many goroutines, and on Unix for several
// processes on one folder: whoever writes to an unfinished file holds a lock on it that ends with the process.
type Large struct {
	folder Store
	mu     sync.Mutex
	busy   map[string]bool
}

// part begins the name of an unfinished file. Names that begin with a dot are in no backup.
const part = ".part-"

// OpenLarge opens the folder dir and makes it if it is missing.
func OpenLarge(dir string) (*Large, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open the large files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the large files: %w", err)
	}
	return &Large{folder: Store{root: root}, busy: map[string]bool{}}, nil
}

// Close gives the folder back.
func (l *Large) Close() error { return l.folder.Close() }

// Begin makes an empty unfinished file and returns its name, which cannot be guessed.
func (l *Large) Begin() (id string, err error) {
	id = rand.Text()
	f, err := l.folder.root.OpenFile(part+id, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return "", fmt.Errorf("begin a file: %w", err)
	}
	if err := errors.Join(l.folder.give(f), f.Sync(), f.Close(), l.folder.syncFolder()); err != nil {
		return "", fmt.Errorf("begin a file: %w", err)
	}
	return id, nil
}

// isPart reports whether id has the shape of what Begin returns.
func isPart(id string) bool {
	return len(id) == 26 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// Size is how much of an unfinished file is there: what the next piece begins at.
func (l *Large) Size(id string) (int64, error) {
	if !isPart(id) {
		return 0, fault.Missing()
	}
	info, err := l.folder.root.Stat(part + id)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fault.Missing().Because(err)
	}
	if err != nil {
		return 0, fmt.Errorf("look at an unfinished file: %w", err)
	}
	return info.Size(), nil
}

// Part is an unfinished file that one caller may write to until Close.
type Part struct {
	l  *Large
	id string
	f  *os.File
}

// Part opens an unfinished file for writing. Where another has it open the error is ErrBusy.
func (l *Large) Part(id string) (*Part, error) {
	if !isPart(id) {
		return nil, fault.Missing()
	}
	l.mu.Lock()
	taken := l.busy[id]
	l.busy[id] = true
	l.mu.Unlock()
	if taken {
		return nil, ErrBusy
	}
	p, err := l.lock(id)
	if err != nil {
		l.free(id)
	}
	return p, err
}

// lock takes the lock that other processes see.
func (l *Large) lock(id string) (*Part, error) {
	f, err := l.folder.root.OpenFile(part+id, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Missing().Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open an unfinished file: %w", err)
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	mine, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if there, err := l.folder.root.Stat(part + id); err != nil || !os.SameFile(mine, there) {
		return nil, errors.Join(fault.Missing(), f.Close()) // removed between opening and locking
	}
	return &Part{l, id, f}, nil
}

func (l *Large) free(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, id)
}

// Close ends the writing; what was appended stays.
func (p *Part) Close() error {
	defer p.l.free(p.id)
	return p.f.Close()
}

// Size is how much is there.
func (p *Part) Size() (int64, error) {
	info, err := p.f.Stat()
	if err != nil {
		return 0, fmt.Errorf("look at an unfinished file: %w", err)
	}
	return info.Size(), nil
}

// Append adds what r gives, to its end or its first error, and returns how many bytes were added: they are on the disk, also where there is an
// error, which tells of r or of the disk.
func (p *Part) Append(r io.Reader) (int64, error) {
	at, err := p.f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("append to a file: %w", err)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{p.f}, r, make([]byte, 256<<10))
	if e := p.f.Sync(); e != nil {
		// What a failed sync left behind is unknown: back to what was known.
		return 0, errors.Join(fmt.Errorf("append to a file: %w", e), p.f.Truncate(at))
	}
	return n, err
}

// Cut takes away everything after the first size bytes.
func (p *Part) Cut(size int64) error {
	if err := errors.Join(p.f.Truncate(size), p.f.Sync()); err != nil {
		return fmt.Errorf("cut an unfinished file: %w", err)
	}
	return nil
}

// ReadAt reads what is there.
func (p *Part) ReadAt(b []byte, at int64) (int, error) { return p.f.ReadAt(b, at) }

// Keep gives the content its own name and returns it. The unfinished file stays until Remove: whoever is killed in between does the same
// again. Keeping what is kept already only makes it young, so that Sweep leaves it to whoever keeps it now.
func (p *Part) Keep(ctx context.Context) (Digest, error) {
	size, err := p.Size()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, &reading{ctx, io.NewSectionReader(p.f, 0, size)}); err != nil {
		return "", fmt.Errorf("keep a file: %w", err)
	}
	d := Digest(hex.EncodeToString(h.Sum(nil)))
	now := time.Now()
	root := p.l.folder.root
	err = root.Chtimes(part+p.id, now, now)
	if err == nil {
		err = root.Link(part+p.id, string(d))
	}
	if errors.Is(err, fs.ErrExist) {
		err = root.Chtimes(string(d), now, now)
	}
	if err == nil {
		err = p.l.folder.syncFolder()
	}
	if err != nil {
		return "", fmt.Errorf("keep the file %s: %w", d, err)
	}
	return d, nil
}

// reading is a reader that ends with a context.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r *reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

// Remove throws the unfinished file away; Close is still to be called.
func (p *Part) Remove() error {
	err := p.l.folder.root.Remove(part + p.id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove an unfinished file: %w", err)
	}
	return nil
}

// Open opens a kept file, which must be closed. A digest that is not kept, or is none, is the fault of a missing page.
func (l *Large) Open(d Digest) (File, error) {
	if _, ok := ParseDigest(string(d)); !ok {
		return nil, fault.Missing()
	}
	f, err := l.folder.root.Open(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Missing().Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the file %s: %w", d, err)
	}
	return f, nil
}

// Delete removes a kept file. One that is not there is no error.
func (l *Large) Delete(d Digest) error {
	if _, ok := ParseDigest(string(d)); !ok {
		return nil
	}
	if err := l.folder.root.Remove(string(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete the file %s: %w", d, err)
	}
	return nil
}

// Sizes lists every kept file with its size.
func (l *Large) Sizes() (map[Digest]int64, error) {
	out := map[Digest]int64{}
	err := l.each(func(name string, info fs.FileInfo) error {
		if d, ok := ParseDigest(name); ok {
			out[d] = info.Size()
		}
		return nil
	})
	return out, err
}

// Sweep removes what nobody will finish and what nobody needs: unfinished files for which wanted says no, and kept ones for which needed says
// no, each only when nothing happened to it since before. It returns how many went.
func (l *Large) Sweep(before time.Time, wanted func(id string) bool, needed func(Digest) bool) (gone int, err error) {
	err = l.each(func(name string, info fs.FileInfo) error {
		id, unfinished := strings.CutPrefix(name, part)
		d, kept := ParseDigest(name)
		switch {
		case !info.ModTime().Before(before):
			return nil
		case unfinished && isPart(id) && !wanted(id):
			p, err := l.Part(id)
			if err != nil {
				return nil //nolint:nilerr // busy, or gone already: the next sweep comes by
			}
			gone++
			return errors.Join(p.Remove(), p.Close())
		case kept && !needed(d):
			gone++
			return l.Delete(d)
		}
		return nil
	})
	return gone, err
}

// each goes through the plain files of the folder.
func (l *Large) each(f func(name string, info fs.FileInfo) error) error {
	entries, err := fs.ReadDir(l.folder.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("list the large files: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err == nil {
			err = f(e.Name(), info)
		}
		if err != nil {
			return fmt.Errorf("list the large files: %w", err)
		}
	}
	return nil
}
