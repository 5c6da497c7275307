//go:build unix

package blob

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFilesOfRootBelongToTheFolder: what root keeps in a folder of the service's account, the service can read.
func TestFilesOfRootBelongToTheFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		return // only root can give a file away
	}
	dir := t.TempDir()
	const account, group = 65532, 65533
	if err := os.Chown(dir, account, group); err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	name, err := s.Put(t.Context(), []byte("a logo"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, string(name)))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Sys().(*syscall.Stat_t); got.Uid != account || got.Gid != group {
		t.Errorf("it belongs to %d:%d", got.Uid, got.Gid)
	}
}
