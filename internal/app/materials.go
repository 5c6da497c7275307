package app

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/material"
	"github.com/tsudoi/tsudoi/internal/program"
)

// sessionsForMaterial tells the materials what the programme knows of a session.
type sessionsForMaterial struct{ programmes *program.Service }

// Session finds a session as it is published, or as the draft has it.
func (a sessionsForMaterial) Session(ctx context.Context, slug, name string) (*material.Session, error) {
	p, err := a.programmes.Programme(ctx, slug)
	if err != nil {
		return nil, err
	}
	if it := p.Session(name); it != nil {
		return materialSession(p, it), nil
	}
	p, err = a.programmes.Planned(ctx, slug)
	if err != nil {
		return nil, err
	}
	it := p.Session(name)
	if it == nil {
		return nil, fault.Missing()
	}
	s := materialSession(p, it)
	s.Published = false
	return s, nil
}

func materialSession(p *program.Programme, it *program.Item) *material.Session {
	s := &material.Session{
		Meeting: p.Meeting, Ref: it.Ref, Name: it.Name, Title: it.Title, Published: true, Start: it.Start, End: p.Ends(it), MayShow: p.MayShowSlides(it),
	}
	for _, who := range it.Everyone() {
		s.Speakers = append(s.Speakers, who.Key)
	}
	return s
}

// publicMaterials tells the pages of sessions which files there are.
type publicMaterials struct{ materials *material.Service }

// Public lists the files of a session that everybody may have now.
func (a publicMaterials) Public(ctx context.Context, p *program.Programme, it *program.Item) ([]program.Material, error) {
	files, err := a.materials.Public(ctx, materialSession(p, it))
	if err != nil {
		return nil, err
	}
	out := make([]program.Material, len(files))
	for i, f := range files {
		v := f.Newest()
		out[i] = program.Material{
			Label: f.Label, Kind: string(f.Kind), Name: v.Name, Format: string(v.Format), Size: v.Size, Pages: v.Pages, URL: f.URL(v), At: v.At,
		}
	}
	return out, nil
}
