package web

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
)

//go:embed layout/*.html
var layout embed.FS

// View is what a page's template is executed with: the frame, and the page's own data.
type View[T any] struct {
	*Frame
	Data T
}

// Page is a template inside the layout that can only be executed with a T.
type Page[T any] struct{ t *template.Template }

// Check is a template with the zero value of its data, for the test that type-checks them all.
type Check struct {
	Name string
	Tmpl *template.Template
	Data any
}

// Checked is something that can be type-checked.
type Checked interface{ Check() Check }

// Source names template files of a folder.
type Source struct {
	FS    fs.FS
	Files []string
}

// From names template files of a folder.
func From(f fs.FS, files ...string) Source { return Source{f, files} }

// funcs are the functions of templates that are not the frame's.
var funcs = template.FuncMap{"inc": func(i int) int { return i + 1 }}

// NewPage parses the layout and the files of a page. A page defines "main", and may define "head" and "mast". It panics on a template
// that does not parse: that is a mistake of the program, found by the first test.
func NewPage[T any](sources ...Source) Page[T] {
	t := template.Must(template.New("layout.html").Funcs(funcs).ParseFS(layout, "layout/*.html"))
	for _, s := range sources {
		t = template.Must(t.ParseFS(s.FS, s.Files...))
	}
	return Page[T]{t.Lookup("layout.html")}
}

// Render writes the page.
func (p Page[T]) Render(w io.Writer, f *Frame, data T) error {
	if err := p.t.Execute(w, View[T]{f, data}); err != nil {
		return fmt.Errorf("render %s: %w", f.Path, err)
	}
	return nil
}

// Check returns the template for type-checking.
func (p Page[T]) Check() Check {
	var zero T
	return Check{fmt.Sprintf("%T", zero), p.t, View[T]{&Frame{Site: &Site{}}, zero}}
}
