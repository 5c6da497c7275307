//go:build unix

package blob

import (
	"os"
	"syscall"
)

// give makes the owner of the folder that of a file which root wrote: a command given beside a service that runs as somebody else would
// leave a file that the service cannot read. SQLite does so with its files.
func (s *Store) give(f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := s.root.Stat(".")
	if err != nil {
		return err
	}
	if folder, ok := info.Sys().(*syscall.Stat_t); ok {
		return f.Chown(int(folder.Uid), int(folder.Gid))
	}
	return nil
}
