package web

import "embed"

// Files are the style sheets and scripts that every page shares, and Lang this package's words.
//
//go:embed css/*.css js/*.js lang/*.json layout/icon.svg
var Files embed.FS

// Shared adds the icon, and the style sheet and script of every page with the parts that features bring.
func (a *Assets) Shared(css, js []Source) error {
	base := From(Files, "css/tokens.css", "css/base.css", "css/layout.css", "css/components.css")
	if err := a.Bundle("site.css", append([]Source{base}, css...)...); err != nil {
		return err
	}
	if err := a.Bundle("site.js", append([]Source{From(Files, "js/site.js")}, js...)...); err != nil {
		return err
	}
	return a.Bundle("icon.svg", From(Files, "layout/icon.svg"))
}
