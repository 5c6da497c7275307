package billing

import (
	"embed"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words and letters of this package.
//
//go:embed lang/*.json mail/*.txt
var Files embed.FS
