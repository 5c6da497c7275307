package program

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Calendar writes the iCalendar file of some sessions, by guid, in a language; nothing where none of them has a date.
type Calendar func(guids []string, l i18n.Lang) ([]byte, error)

// Calendar is for people who have sessions in their calendars: the entries are those of the exports, with the same UID and SEQUENCE, so that
// a calendar moves what it has. What was public once and is called off stays in the programme, as CANCELLED. base is the site's URL, version the
// program's.
func (s *Service) Calendar(ctx context.Context, m *event.Stored, base, version string) (Calendar, error) {
	p, err := s.of(ctx, m)
	if err != nil {
		return nil, err
	}
	return func(guids []string, l i18n.Lang) ([]byte, error) {
		keep, dated := map[string]bool{}, false
		for _, guid := range guids {
			it := p.Session(guid)
			if it == nil {
				continue
			}
			if it.Within != nil && !it.Timed() {
				it = it.Within // the talk is in the description of its slot
			}
			keep[it.GUID], dated = true, dated || it.Timed() || it.Date.Valid()
		}
		if !dated {
			return nil, nil
		}
		o := exportOf(p, base, version, l)
		o.Keep = func(s *interchange.Session) bool { return keep[s.GUID] }
		return interchange.EncodeICS(document(p), o)
	}, nil
}

// exportOf is what encoders are told beside the document of a programme.
func exportOf(p *Programme, base, version string, l i18n.Lang) interchange.Export {
	e := interchange.Export{
		BaseURL: base, Version: version, Lang: l, Updated: updated(p),
		Release: cmp.Or(p.Release.Name, strconv.Itoa(p.Release.Number)),
		Sequence: func(guid string) int {
			if it := p.Session(guid); it != nil {
				return it.Sequence
			}
			return 0
		},
		Modified: func(guid string) time.Time {
			if it := p.Session(guid); it != nil {
				return it.Changed
			}
			return time.Time{}
		},
	}
	if e.BaseURL != "" {
		e.SessionURL = func(s *interchange.Session) string {
			it := p.Session(s.GUID)
			if it == nil {
				return ""
			}
			return e.BaseURL + web.Address(l, p.Meeting.DefaultLang(), sessionURL(p.Meeting, it))
		}
	}
	return e
}

// updated is when the programme last changed; the beginning of time where it never did.
func updated(p *Programme) time.Time {
	if p.Release.At.IsZero() {
		return time.Unix(0, 0).In(p.Meeting.Location())
	}
	return p.Release.At
}

// document is the public programme with the meeting as it is now: a release keeps only what belongs to the programme.
func document(p *Programme) *interchange.Document {
	d := *p.Doc
	d.Meeting = &p.Meeting.Meeting
	return &d
}
