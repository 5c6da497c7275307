//go:build unix

package blob

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile keeps other processes from writing to a file as long as it is open here. The lock ends with the process, however that ends.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrBusy
	}
	if err != nil {
		return fmt.Errorf("lock an unfinished file: %w", err)
	}
	return nil
}
