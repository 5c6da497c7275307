package interchange

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// icsWriter writes content lines of RFC 5545: ended by CRLF, folded before 76 octets, never within a character (section 3.1).
type icsWriter struct{ b strings.Builder }

// line writes a property whose value is already in its form.
func (w *icsWriter) line(name, value string) {
	s := name + ":" + value
	room := 75
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		w.b.WriteString(s[:cut] + "\r\n ")
		s, room = s[cut:], 74
	}
	w.b.WriteString(s + "\r\n")
}

// text writes a property of type TEXT, if there is any (section 3.3.11).
func (w *icsWriter) text(name, value string) {
	if value != "" {
		w.line(name, icsEscape(value))
	}
}

func icsEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`, ",", `\,`, ";", `\;`).Replace(s)
}

// icsUTC writes a DATE-TIME in UTC (section 3.3.5, form 2).
func icsUTC(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// EncodeICS writes a calendar (RFC 5545, RFC 7986) that programs subscribe to. d is what Document.Public returned; Export.Keep chooses
// the sessions of a room, of a person, or one alone.
//
// A session keeps its UID for ever; Export.Sequence counts its moves. Cancelled sessions stay, as CANCELLED, so that calendars which
// had them show it. A session with a date alone fills its day without making anybody busy; one without a date is left out; talks without
// a time stand in the description of their slot. See the table at Losses.
func EncodeICS(d *Document, e Export) ([]byte, error) {
	v := newView(d, e)
	w := &icsWriter{}
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//"+e.generator()+"//"+ownGenerator+"//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	name := e.Name
	if name == "" && d.Meeting != nil {
		name = d.Meeting.Title.In(v.lang)
	}
	w.text("NAME", name)
	w.text("X-WR-CALNAME", name)
	w.line("X-WR-TIMEZONE", v.loc.String())
	w.line("REFRESH-INTERVAL;VALUE=DURATION", "PT15M")
	w.line("X-PUBLISHED-TTL", "PT15M")
	if u := e.meetingURL(d); u != "" {
		w.line("URL", u)
	}
	w.line("LAST-MODIFIED", icsUTC(e.Updated))
	var kept []*Session
	for i := range d.Sessions {
		if s := &d.Sessions[i]; e.keeps(s) && (s.Timed() || s.Date.Valid()) {
			kept = append(kept, s)
		}
	}
	w.timezone(v.loc, kept)
	for _, s := range kept {
		w.event(v, s)
	}
	w.line("END", "VCALENDAR")
	return []byte(w.b.String()), nil
}

func (w *icsWriter) event(v *view, s *Session) {
	w.line("BEGIN", "VEVENT")
	w.line("UID", s.GUID+uidHost)
	w.line("DTSTAMP", icsUTC(v.e.Updated))
	modified := v.e.Updated
	if v.e.Modified != nil {
		if t := v.e.Modified(s.GUID); !t.IsZero() {
			modified = t
		}
	}
	w.line("LAST-MODIFIED", icsUTC(modified))
	sequence := 0
	if v.e.Sequence != nil {
		sequence = v.e.Sequence(s.GUID)
	}
	w.line("SEQUENCE", strconv.Itoa(sequence))
	w.when(v, s)
	w.text("SUMMARY", strings.TrimSpace(s.Title.In(v.lang)))
	if s.Status == Cancelled {
		w.line("STATUS", "CANCELLED")
	} else {
		w.line("STATUS", "CONFIRMED")
	}
	if name := v.roomName(s); name != roomUnknown {
		w.text("LOCATION", name)
	}
	w.text("DESCRIPTION", v.description(s))
	var categories []string
	if k := v.kind(s); k != "" {
		categories = append(categories, icsEscape(k))
	}
	for _, t := range v.topicsOf(s) {
		categories = append(categories, icsEscape(t))
	}
	if len(categories) > 0 {
		w.line("CATEGORIES", strings.Join(categories, ","))
	}
	if u := v.e.sessionURL(v.d, s, v.refs[s.GUID]); u != "" {
		w.line("URL", u)
	}
	w.line("END", "VEVENT")
}

// when writes the time of a session. An event without DTEND ends as it starts, or with its day (section 3.6.1).
func (w *icsWriter) when(v *view, s *Session) {
	if !s.Timed() {
		w.line("DTSTART;VALUE=DATE", strings.ReplaceAll(string(s.Date), "-", ""))
		w.line("TRANSP", "TRANSPARENT")
		return
	}
	write := func(name string, t time.Time) {
		if v.loc.String() == "UTC" {
			w.line(name, icsUTC(t))
			return
		}
		w.line(name+";TZID="+v.loc.String(), t.In(v.loc).Format("20060102T150405"))
	}
	write("DTSTART", s.Start)
	if s.End.After(s.Start) {
		write("DTEND", s.End)
	}
	w.line("TRANSP", "OPAQUE")
}

// description is what a calendar shows of a session: the abstract, who speaks, and what is held in it.
func (v *view) description(s *Session) string {
	var parts []string
	for _, p := range []string{s.Abstract.In(v.lang), v.names(s.Speakers), v.outline(s)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "\n\n")
}

// timezone writes the VTIMEZONE of loc (section 3.6.5): one observance for each stretch between two changes of its clock, from a year
// before the first session to a year after the last, and one before them for all earlier times.
func (w *icsWriter) timezone(loc *time.Location, sessions []*Session) {
	if loc.String() == "UTC" {
		return
	}
	var first, last time.Time
	for _, s := range sessions {
		if t := s.Start; s.Timed() {
			if first.IsZero() || t.Before(first) {
				first = t
			}
			if t.After(last) {
				last = t
			}
		}
	}
	if first.IsZero() {
		return
	}
	w.line("BEGIN", "VTIMEZONE")
	w.line("TZID", loc.String())
	t := first.In(loc).AddDate(-1, 0, 0)
	_, before := t.Zone()
	w.observance(t, before, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC))
	for {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.After(last.AddDate(1, 0, 0)) {
			break
		}
		w.observance(end, before, end.In(time.FixedZone("", before)))
		t = end
		_, before = t.Zone()
	}
	w.line("END", "VTIMEZONE")
}

// observance writes the offset that holds from t on. from is the offset before it, onset the local time of the change by that offset.
func (w *icsWriter) observance(t time.Time, from int, onset time.Time) {
	kind := "STANDARD"
	if t.IsDST() {
		kind = "DAYLIGHT"
	}
	name, to := t.Zone()
	w.line("BEGIN", kind)
	w.line("DTSTART", onset.Format("20060102T150405"))
	w.line("TZOFFSETFROM", icsOffsetOf(from))
	w.line("TZOFFSETTO", icsOffsetOf(to))
	w.line("TZNAME", name)
	w.line("END", kind)
}

func icsOffsetOf(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	out := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		out += fmt.Sprintf("%02d", seconds%60)
	}
	return out
}
