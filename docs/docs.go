// Package docs embeds the handbook, so that every installation serves the one that fits its version.
package docs

import "embed"

// Handbook holds the handbook's pages, one Markdown file per page and language: name.ja.md, name.en.md.
//
//go:embed handbook/*.md
var Handbook embed.FS
