package interchange

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// EncodeCSV writes the sessions as a table for spreadsheets: UTF-8 with a byte order mark, without which Excel takes it for another
// encoding, CRLF line ends (RFC 4180), headings in Export.Lang. A cell that a spreadsheet would take for a formula begins with an
// apostrophe, which decoding takes away again. d is what Document.Public returned. See the table at Losses.
func EncodeCSV(d *Document, e Export) ([]byte, error) {
	v := newView(d, e)
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	var head []string
	for _, c := range columns() {
		if v.lang == i18n.JA {
			head = append(head, c.ja)
		} else {
			head = append(head, c.en)
		}
	}
	if err := w.Write(head); err != nil {
		return nil, fmt.Errorf("write a table: %w", err)
	}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		if !e.keeps(s) {
			continue
		}
		cells := v.cells(s)
		row := make([]string, 0, len(head))
		for _, c := range columns() {
			row = append(row, sheet.Harmless(cells[c.key]))
		}
		if err := w.Write(row); err != nil {
			return nil, fmt.Errorf("write a table: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("write a table: %w", err)
	}
	return b.Bytes(), nil
}

func (v *view) cells(s *Session) map[string]string {
	cells := map[string]string{
		"guid": s.GUID, "code": s.Code, "source": s.Source, "kind": v.kind(s), "status": string(s.Status),
		"title_ja": s.Title.JA, "title_en": s.Title.EN, "subtitle_ja": s.Subtitle.JA, "subtitle_en": s.Subtitle.EN,
		"abstract_ja": s.Abstract.JA, "abstract_en": s.Abstract.EN, "language": s.Language, "level": s.Level,
		"date": string(s.Date), "start": clock(s.Start, s.Date, v.loc), "end": clock(s.End, s.Date, v.loc),
		"topics": joined(v.topicsOf(s)), "speakers": v.speakerCell(s),
	}
	if name := v.roomName(s); name != roomUnknown {
		cells["room"] = name
	}
	for _, l := range s.Links {
		if key := linkColumn(l.Kind); cells[key] == "" {
			cells[key] = l.URL
		}
	}
	return cells
}

func (v *view) speakerCell(s *Session) string {
	var out []string
	for _, a := range s.Speakers {
		p := v.speakers[a.Speaker]
		if p == nil {
			continue
		}
		affiliation := a.Affiliation
		if affiliation.IsZero() {
			affiliation = p.Affiliation
		}
		name := p.Name.In(v.lang)
		if !affiliation.IsZero() {
			name += " (" + affiliation.In(v.lang) + ")"
		}
		out = append(out, name)
	}
	return joined(out)
}

// joined writes several names into a cell in the way that split takes them apart again.
func joined(names []string) string {
	s := strings.Join(names, "; ")
	if len(names) == 1 && strings.ContainsAny(s, ",，、") {
		s += ";"
	}
	return s
}
