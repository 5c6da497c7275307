package person

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Keeper is a feature that keeps something about people. wire.go names them all.
type Keeper interface {
	// Export puts all that the feature keeps about somebody into an archive for them.
	Export(ctx context.Context, r db.Reader, id ID, a *Archive) error
	// Erase takes it away, in the transaction in which the person leaves.
	Erase(ctx context.Context, tx *db.Tx, id ID) error
	// Merge makes what is kept about one account be about another one, which is the same person.
	Merge(ctx context.Context, tx *db.Tx, from, to ID) error
}

// Stayer is a keeper whom somebody can be too important to for leaving: the last owner of the group.
type Stayer interface {
	// MayLeave is nil, or the fault that says what has to be done first.
	MayLeave(ctx context.Context, r db.Reader, id ID) error
}

// Archive is "everything about me" while it is written: a ZIP with JSON for programs, and a page for people. It is a stream, so what was
// written is gone from memory.
type Archive struct {
	lang  i18n.Lang
	say   func(key string, args ...any) string
	z     *zip.Writer
	at    time.Time
	index bytes.Buffer // the body of the page
}

func newArchive(w io.Writer, l i18n.Lang, say func(key string, args ...any) string, at time.Time) *Archive {
	return &Archive{lang: l, say: say, z: zip.NewWriter(w), at: at}
}

func (a *Archive) create(name string) (io.Writer, error) {
	w, err := a.z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at})
	if err != nil {
		return nil, fmt.Errorf("write %s into the archive: %w", name, err)
	}
	return w, nil
}

// Add writes a value as JSON under a name, and into the page under a title, which is a key of words. A value of nothing is left out.
func (a *Archive) Add(name, title string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s into the archive: %w", name, err)
	}
	if s := string(b); s == "null" || s == "[]" || s == "{}" {
		return nil
	}
	w, err := a.create(name + ".json")
	if err != nil {
		return err
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write %s into the archive: %w", name, err)
	}
	fmt.Fprintf(&a.index, "<h2>%s</h2>\n<p><a href=\"%s.json\">%[2]s.json</a></p>\n", html.EscapeString(a.say(title)), html.EscapeString(name))
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return a.show(d)
}

// File writes a file under a name.
func (a *Archive) File(name string, r io.Reader) error {
	w, err := a.create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return fmt.Errorf("write %s into the archive: %w", name, err)
	}
	fmt.Fprintf(&a.index, "<p><a href=\"%s\">%[1]s</a></p>\n", html.EscapeString(name))
	return nil
}

// show writes a JSON value as lists, in the order in which it stands.
func (a *Archive) show(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		a.index.WriteString(strings.ReplaceAll(html.EscapeString(fmt.Sprint(t)), "\n", "<br>"))
		return nil
	}
	open, end := "<dl>", "</dl>\n"
	if delim == '[' {
		open, end = "<ul>", "</ul>\n"
	}
	a.index.WriteString(open)
	for d.More() {
		before, after := "<li>", "</li>\n"
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			before, after = "<dt>"+html.EscapeString(fmt.Sprint(name))+"</dt><dd>", "</dd>\n"
		}
		a.index.WriteString(before)
		if err := a.show(d); err != nil {
			return err
		}
		a.index.WriteString(after)
	}
	a.index.WriteString(end)
	_, err = d.Token()
	return err
}

// Close writes the page and ends the archive.
func (a *Archive) Close() error {
	w, err := a.create("index.html")
	if err != nil {
		return err
	}
	title := html.EscapeString(a.say("person.export"))
	_, err = fmt.Fprintf(w, "<!doctype html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"+
		"<title>%s</title>\n<h1>%[2]s</h1>\n<p>%s</p>\n%s</html>\n", a.lang, title, html.EscapeString(i18n.Moment(a.lang, a.at)), a.index.String())
	if err != nil {
		return fmt.Errorf("write the page of the archive: %w", err)
	}
	return a.z.Close()
}
