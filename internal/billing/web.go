package billing

import (
	"embed"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words of this package.
//
//go:embed lang/*.json
var Files embed.FS
