package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// taker takes the pictures that a meeting file names beside itself into the store.
type taker struct {
	store *blob.Store
	dry   bool     // names them and keeps nothing
	root  *os.Root // nil where the file came from standard input
	done  map[string]string
	wrong []interchange.Problem
}

// takePictures replaces each picture that a document names by a path with the name under which it is stored. A picture that cannot be
// used is left out, and said. A dry run stores none.
func (a *App) takePictures(ctx context.Context, docs []*interchange.Document, folder string, dry bool) ([]interchange.Problem, error) {
	t := &taker{store: a.Blobs, dry: dry, done: map[string]string{}}
	if folder != "" {
		root, err := os.OpenRoot(folder)
		if err != nil {
			return nil, fmt.Errorf("open the folder of the file: %w", err)
		}
		defer func() { _ = root.Close() }()
		t.root = root
	}
	for _, d := range docs {
		if d.Group != nil {
			t.one(ctx, "group: logo", &d.Group.Logo)
		}
		if d.Meeting != nil {
			t.meeting(ctx, d.Meeting)
		}
		for i := range d.Speakers {
			t.one(ctx, "speaker "+d.Speakers[i].Key+": photo", &d.Speakers[i].Photo)
		}
	}
	return t.wrong, nil
}

func (t *taker) meeting(ctx context.Context, m *event.Meeting) {
	t.one(ctx, "meeting: logo", &m.Logo)
	t.one(ctx, "meeting: key_visual", &m.KeyVisual)
	for i := range m.Orgs {
		t.one(ctx, "organisation "+m.Orgs[i].Name.String()+": logo", &m.Orgs[i].Logo)
	}
	for i := range m.Pages {
		m.Pages[i].Body = t.inText(ctx, "page "+m.Pages[i].Slug, m.Pages[i].Body)
	}
	m.Summary = t.inText(ctx, "meeting: summary", m.Summary)
}

// picture finds the pictures of a Markdown text.
var picture = regexp.MustCompile(`(!\[[^\]]*\]\()([^)\s]+)`)

func (t *taker) inText(ctx context.Context, place string, text i18n.Text) i18n.Text {
	return text.Map(func(s string) string {
		return picture.ReplaceAllStringFunc(s, func(m string) string {
			parts := picture.FindStringSubmatch(m)
			name := parts[2]
			t.one(ctx, place, &name)
			if name != "" && !strings.Contains(name, "/") {
				name = "/media/" + name
			}
			return parts[1] + name
		})
	})
}

// one takes a picture, unless it is none, is stored already, or is elsewhere.
func (t *taker) one(ctx context.Context, place string, name *string) {
	was := *name
	if was == "" || strings.HasPrefix(was, "/media/") || strings.Contains(was, "://") {
		return
	}
	if n, ok := blob.ParseName(was); ok {
		if has, err := t.store.Has(n); err == nil && has {
			return
		}
	}
	if stored, ok := t.done[was]; ok {
		*name = stored
		return
	}
	stored, err := t.take(ctx, was)
	if err != nil {
		t.wrong = append(t.wrong, interchange.Problem{Place: place, What: "the picture " + was + " cannot be used: " + sentence(err), Done: "left out"})
	}
	t.done[was], *name = stored, stored
}

func (t *taker) take(ctx context.Context, name string) (string, error) {
	if t.root == nil {
		return "", fmt.Errorf("pictures are read only beside a file")
	}
	f, err := t.root.Open(path.Clean(name))
	if err != nil {
		return "", fmt.Errorf("it is not beside the file")
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, blob.MaxBytes+1))
	if err != nil {
		return "", err
	}
	p, err := blob.Reencode(data)
	if err != nil {
		return "", err
	}
	if t.dry {
		return string(blob.NameOf(p.Data)), nil
	}
	stored, err := t.store.Put(ctx, p.Data)
	return string(stored), err
}
