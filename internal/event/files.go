package event

import "embed"

// Migrations holds the tables of this feature.
//
//go:embed migrations/*.sql
var Migrations embed.FS
