package app

import "embed"

// Files are the words of this package.
//
//go:embed lang/*.json
var Files embed.FS
