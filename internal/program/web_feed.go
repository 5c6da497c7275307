package program

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// atomFeed is a feed (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    i18n.Lang   `xml:"xml:lang,attr"`
	Base    string      `xml:"xml:base,attr,omitempty"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Link    atomLink    `xml:"link"`
	Summary string      `xml:"summary"`
	Content *atomMarkup `xml:"content"`
}

type atomMarkup struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

const (
	atomType = "application/atom+xml; charset=utf-8"
	maxFeed  = 50 // entries
)

// changesInWords is the part of the page of changes that tells those of one release.
var changesInWords = template.Must(template.ParseFS(Files, "pages/changes.html", "pages/changelist.html")).Lookup("s-changes")

// tag is the permanent name of a feed or entry (RFC 4151). The year belongs to the scheme and never changes.
func (h *Web) tag(path string, l i18n.Lang) string {
	host := "localhost"
	if u, err := url.Parse(h.site.PublicURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return "tag:" + host + ",2026:" + path + "/" + string(l)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// changesFeed serves the releases of a meeting with what they changed, in words.
func (h *Web) changesFeed(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	l := askedLang(r, p.Meeting)
	a := web.Answer{Key: "feed " + p.Meeting.Slug + " " + string(l), Version: h.version(p), Type: atomType, CORS: true}
	return h.cache.Serve(w, r, a, func(out io.Writer) error {
		ctx := context.WithoutCancel(r.Context())
		list, err := h.programmes.releasesBetween(ctx, p.Meeting, max(1, p.Releases-maxFeed+1), p.Releases)
		if err != nil {
			return err
		}
		f, err := h.feedOf(p, l, list)
		if err != nil {
			return err
		}
		return writeFeed(out, f)
	})
}

func (h *Web) feedOf(p *Programme, l i18n.Lang, list []Release) (*atomFeed, error) {
	def, at := p.Meeting.DefaultLang(), "/meetings/"+p.Meeting.Slug
	frame := &web.Frame{Site: h.site, Lang: l, Default: def, Path: at + "/changes"}
	q := &request{Programme: p, Frame: frame, today: h.programmes.Today(p.Meeting)}
	f := &atomFeed{
		Lang: l, Base: h.site.PublicURL + "/", ID: h.tag("meetings/"+p.Meeting.Slug+"/changes", l), Updated: stamp(updated(p)),
		Title: frame.T("program.feed.title", "meeting", p.Meeting.Name()), Author: p.Meeting.Title.In(l),
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: h.site.PublicURL + at + "/changes.atom?lang=" + string(l)},
			{Rel: "alternate", Type: "text/html", Href: frame.Canonical()},
		},
	}
	for i, v := range q.releases(list) {
		e, err := h.feedEntry(q, list[i], v)
		if err != nil {
			return nil, err
		}
		f.Entries = append(f.Entries, e)
	}
	return f, nil
}

func (h *Web) feedEntry(q *request, rel Release, v releaseView) (atomEntry, error) {
	what, err := sentence(rel.Number, rel.Changes)
	if err != nil {
		return atomEntry{}, err
	}
	e := atomEntry{
		ID:    h.tag("meetings/"+q.Meeting.Slug+"/releases/"+strconv.Itoa(rel.Number), q.Frame.Lang),
		Title: v.Title, Updated: stamp(rel.At), Summary: what.In(q.Frame.Lang),
		Link: atomLink{Rel: "alternate", Type: "text/html", Href: h.site.PublicURL + q.Frame.URL(releaseURL(q.Meeting.Slug, rel.Number))},
	}
	if rel.Name != "" {
		e.Title += " " + rel.Name
	}
	if len(rel.Changes) == 0 {
		return e, nil
	}
	var b bytes.Buffer
	if err := changesInWords.Execute(&b, v.Changes); err != nil {
		return e, fmt.Errorf("write the changes of release %d: %w", rel.Number, err)
	}
	e.Content = &atomMarkup{"html", strings.TrimSpace(b.String())}
	return e, nil
}

func writeFeed(out io.Writer, f *atomFeed) error {
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	return xml.NewEncoder(out).Encode(f)
}

// newsFeed serves what is new over all meetings.
func (h *Web) newsFeed(w http.ResponseWriter, r *http.Request) error {
	version, err := h.programmes.siteVersion(r.Context())
	if err != nil {
		return err
	}
	g, err := h.events.Group(r.Context())
	if err != nil {
		return err
	}
	def := h.site.Default
	if len(g.Languages) > 0 {
		def = g.Languages[0]
	}
	l, ok := i18n.ParseLang(r.URL.Query().Get("lang"))
	if !ok {
		l = def
	}
	a := web.Answer{Key: "feed " + string(l), Version: strconv.FormatInt(version, 10), Type: atomType, CORS: true}
	return h.cache.Serve(w, r, a, func(out io.Writer) error {
		ctx := context.WithoutCancel(r.Context())
		list, err := h.programmes.WhatIsNew(ctx, maxFeed)
		if err != nil {
			return err
		}
		meetings, err := h.events.Meetings(ctx)
		if err != nil {
			return err
		}
		return writeFeed(out, h.newsOf(g, meetings, l, def, list))
	})
}

func (h *Web) newsOf(g *event.Group, meetings []*event.Summary, l, def i18n.Lang, list []event.News) *atomFeed {
	defaults := map[string]i18n.Lang{}
	for _, m := range meetings {
		defaults[m.Slug] = m.DefaultLang()
	}
	frame := &web.Frame{Site: h.site, Lang: l, Default: def, Path: "/"}
	f := &atomFeed{
		Lang: l, ID: h.tag("changes", l), Title: frame.T("program.feed.all", "group", g.Name), Author: g.Name.In(l), Updated: stamp(time.Unix(0, 0).UTC()),
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: h.site.PublicURL + "/changes.atom?lang=" + string(l)},
			{Rel: "alternate", Type: "text/html", Href: frame.Canonical()},
		},
	}
	for i, n := range list {
		if i == 0 {
			f.Updated = stamp(n.When)
		}
		f.Entries = append(f.Entries, atomEntry{
			ID: h.tag(newsID(n), l), Title: n.Meeting.In(l) + ": " + n.What.In(l), Updated: stamp(n.When), Summary: n.What.In(l),
			Link: atomLink{Rel: "alternate", Type: "text/html", Href: h.site.PublicURL + web.Address(l, cmp.Or(defaults[n.Slug], def), n.Path)},
		})
	}
	return f
}

// newsID names a piece of news by where it is read about, which is permanent.
func newsID(n event.News) string {
	return strings.ReplaceAll(strings.TrimPrefix(n.Path, "/"), "#", "/")
}
