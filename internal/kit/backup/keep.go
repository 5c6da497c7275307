package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// WriteFile makes a file of what fn writes, whole or not at all: the content goes into a file beside it, is brought to the disk, and
// then takes the name. A file of that name is refused unless force is set. Only the owner may read the file.
func WriteFile(path string, force bool, fn func(io.Writer) error) (err error) {
	taken := fmt.Errorf("%s is there already; choose another name, or force it", path)
	if _, err := os.Lstat(path); err == nil && !force {
		return taken
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where all went well
	if err := errors.Join(fn(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if force {
		err = os.Rename(f.Name(), path)
	} else if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return taken // somebody was faster
	} else if err != nil {
		err = os.Rename(f.Name(), path) // a file system without links
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir brings the new name to the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write %s: %w", dir, err)
	}
	_ = d.Sync() // not every file system can
	return d.Close()
}

const stampLayout = "20060102T150405Z"

var automatic = regexp.MustCompile(`^backup-before-.+-(\d{8}T\d{6}Z)\.tsudoi$`)

// Name is the name of the automatic backup before an upgrade to a version.
func Name(version string, at time.Time) string {
	version = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' || r == '-' || r == '+' {
			return r
		}
		return '_'
	}, version)
	if version == "" {
		version = "unknown"
	}
	return "backup-before-" + version + "-" + at.UTC().Format(stampLayout) + ".tsudoi"
}

// Automatic is a backup made before an upgrade.
type Automatic struct {
	Path string
	At   time.Time
	Size int64
}

// List lists the automatic backups of a folder, newest first. A folder that is missing has none.
func List(dir string) ([]Automatic, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the backups: %w", err)
	}
	var out []Automatic
	for _, e := range entries {
		m := automatic.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		at, err := time.Parse(stampLayout, m[1])
		if err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue
		}
		out = append(out, Automatic{filepath.Join(dir, e.Name()), at, info.Size()})
	}
	slices.SortFunc(out, func(a, b Automatic) int { return b.At.Compare(a.At) })
	return out, nil
}

// Keep removes all but the newest n automatic backups of a folder, and returns the paths of those removed. Other files stay.
func Keep(dir string, n int) ([]string, error) {
	all, err := List(dir)
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, a := range all[min(max(n, 1), len(all)):] {
		if err := os.Remove(a.Path); err != nil {
			return removed, fmt.Errorf("remove an old backup: %w", err)
		}
		removed = append(removed, a.Path)
	}
	return removed, nil
}
