//go:build !unix

package blob

import "os"

// lockFile does nothing where files have no locks in the sense of Unix: one process uses the folder there.
func lockFile(*os.File) error { return nil }
