package event

import (
	"embed"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Migrations holds the tables of this feature.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words, templates, letters and style sheet of this feature.
//
//go:embed lang/*.json pages/* mail/*.txt
var Files embed.FS

// Mast is the template "mast": the masthead and menu of a meeting, for every page whose frame came from Service.Frame. It needs nothing
// but the frame.
var Mast = web.From(Files, "pages/mast.html")

// Style is the style sheet of this feature, for the site's bundle.
var Style = web.From(Files, "pages/event.css", "pages/role.css")
