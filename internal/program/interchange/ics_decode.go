package interchange

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
)

// uidHost ends the UIDs of what the program exports; what stands before it is the guid.
const uidHost = "@tsudoi"

// icsLine is one content line of RFC 5545, section 3.1: a name, its parameters and a value.
type icsLine struct {
	number int
	name   string
	params map[string]string
	value  string
}

// icsLines unfolds a file (section 3.1: a line that begins with a space or tab continues the one before).
func icsLines(data []byte) []icsLine {
	var out []icsLine
	var current strings.Builder
	begin, number := 0, 0
	flush := func() {
		if current.Len() > 0 {
			if l, ok := parseICSLine(current.String()); ok {
				l.number = begin
				out = append(out, l)
			}
		}
		current.Reset()
	}
	for raw := range strings.Lines(string(data)) {
		number++
		raw = strings.TrimRight(raw, "\r\n")
		if raw != "" && (raw[0] == ' ' || raw[0] == '\t') && current.Len() > 0 {
			current.WriteString(raw[1:])
			continue
		}
		flush()
		begin = number
		current.WriteString(raw)
	}
	flush()
	return out
}

// parseICSLine reads NAME;PARAM=value;PARAM="value":VALUE.
func parseICSLine(s string) (icsLine, bool) {
	l := icsLine{params: map[string]string{}}
	quoted, from, colon := false, 0, -1
	var head []string
	for i := 0; i < len(s) && colon < 0; i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			head, from = append(head, s[from:i]), i+1
		case c == ':' && !quoted:
			head, colon = append(head, s[from:i]), i
		}
	}
	if colon < 0 || len(head) == 0 {
		return l, false
	}
	l.name, l.value = strings.ToUpper(strings.TrimSpace(head[0])), s[colon+1:]
	for _, p := range head[1:] {
		k, v, _ := strings.Cut(p, "=")
		l.params[strings.ToUpper(k)] = strings.Trim(v, `"`)
	}
	return l, true
}

// icsText undoes the escapes of section 3.3.11.
func icsText(s string) string {
	return strings.TrimSpace(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(s))
}

// decodeICS reads an iCalendar file: each VEVENT is a session. Repetition is not read.
func decodeICS(data []byte, o Options, n *notes) ([]*Document, error) {
	lines := icsLines(data)
	if len(lines) == 0 || lines[0].name != "BEGIN" || !strings.EqualFold(strings.TrimSpace(lines[0].value), "VCALENDAR") {
		return nil, unusable(n.file, "it does not begin with BEGIN:VCALENDAR; send an iCalendar file")
	}
	if last := lines[len(lines)-1]; last.name != "END" || !strings.EqualFold(strings.TrimSpace(last.value), "VCALENDAR") {
		return nil, unusable(n.file, "it ends in the middle (line %d); download it again", last.number)
	}
	r := &icsReader{builder: newBuilder(data, o, n, Fields{Heading: true, Abstract: true, Links: true, Topics: true, Status: true, Untimed: true}), offsets: map[string]int{}}
	r.head(lines)
	var event []icsLine
	var inside []string
	for _, l := range lines {
		switch {
		case l.name == "BEGIN":
			inside = append(inside, strings.ToUpper(strings.TrimSpace(l.value)))
			if len(inside) == 2 {
				event = nil
			}
		case l.name == "END":
			if len(inside) == 2 && inside[1] == "VEVENT" {
				r.event(event)
			}
			inside = inside[:max(0, len(inside)-1)]
		case len(inside) == 2 && inside[1] == "VEVENT":
			event = append(event, l)
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	if len(r.d.Sessions) == 0 {
		return nil, unusable(n.file, "it holds no events; send the calendar of the programme")
	}
	return r.finish()
}

type icsReader struct {
	*builder
	own     bool
	offsets map[string]int // seconds east of UTC of the file's own zones, by TZID
}

// head reads what stands outside the events: the calendar's name, zone and who wrote it.
func (r *icsReader) head(lines []icsLine) {
	name, zone, tzid := "", "", ""
	for _, l := range lines {
		switch l.name {
		case "NAME", "X-WR-CALNAME":
			if name == "" {
				name = icsText(l.value)
			}
		case "X-WR-TIMEZONE":
			zone = strings.TrimSpace(l.value)
		case "PRODID":
			r.own = strings.Contains(strings.ToLower(l.value), "//"+ownGenerator+"//")
		case "TZID":
			tzid = strings.TrimSpace(l.value)
			if zone == "" {
				zone = ianaName(tzid)
			}
		case "TZOFFSETTO":
			if seconds, ok := icsOffset(l.value); ok {
				r.offsets[tzid] = seconds
			}
		case "ATTENDEE":
			r.d.Has.Speakers = true
		}
	}
	if r.own { // what an export adds to a description, and what it holds back, is not taken for a change
		lang := r.d.Has.Lang
		r.d.Has = Fields{Heading: true, Status: true, Untimed: true, Lang: lang}
	}
	r.given = name
	r.d.Meeting.Title = r.text(name)
	if zone == "" && r.o.Timezone == "" {
		r.n.add("timezone", "the file names no time zone", "read as "+r.d.Meeting.Timezone)
	}
	r.zone(zone)
}

// ianaName finds the IANA name within the identifiers that calendars give to zones.
func ianaName(tzid string) string {
	if _, ok := zoneOf(tzid); ok {
		return tzid
	}
	parts := strings.Split(strings.Trim(tzid, "/"), "/")
	for i := range parts {
		if name := strings.Join(parts[i:], "/"); len(parts)-i <= 3 {
			if _, ok := zoneOf(name); ok {
				return name
			}
		}
	}
	switch tzid {
	case "Tokyo Standard Time":
		return "Asia/Tokyo"
	case "W. Europe Standard Time":
		return "Europe/Berlin"
	case "GMT Standard Time":
		return "Europe/London"
	}
	return ""
}

// icsOffset reads a UTC offset (section 3.3.14): +0900, -023000.
func icsOffset(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if len(s) != 5 && len(s) != 7 {
		return 0, false
	}
	n, ok := digits(s[1:5])
	if !ok || n%100 > 59 || n/100 > 14 {
		return 0, false
	}
	seconds := n/100*3600 + n%100*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, s[0] == '-' || s[0] == '+'
}

func (r *icsReader) event(lines []icsLine) {
	if len(lines) == 0 {
		return
	}
	place := fmt.Sprintf("line %d", lines[0].number)
	var s Session
	var end, length icsLine
	for _, l := range lines {
		switch l.name {
		case "DTSTART":
			s.Date, s.Start = r.moment(l, place)
		case "DTEND":
			end = l
		case "DURATION":
			length = l
		case "RRULE", "RDATE":
			r.n.add(place, "it repeats", "read once, at its first time")
		case "RECURRENCE-ID":
			r.n.add(place, "it is one repetition of another event", "left out")
			r.d.Refused++
			return
		default:
			r.property(&s, l)
		}
	}
	r.ends(&s, end, length, place)
	r.add(s, place)
}

func (r *icsReader) property(s *Session, l icsLine) {
	switch l.name {
	case "UID":
		id := strings.TrimSpace(l.value)
		if s.GUID = validGUID(strings.TrimSuffix(id, uidHost)); s.GUID == "" {
			s.Source = id
		}
	case "SUMMARY":
		s.Title = r.text(icsText(l.value))
	case "DESCRIPTION":
		s.Abstract = r.text(icsText(l.value))
	case "LOCATION":
		s.Room, s.AllRooms = r.room(icsText(l.value))
	case "URL":
		if !r.own {
			s.Links = append(s.Links, Link{Kind: LinkWeb, URL: strings.TrimSpace(l.value)})
		}
	case "STATUS":
		if strings.EqualFold(strings.TrimSpace(l.value), "CANCELLED") {
			s.Status = Cancelled
		}
	case "CATEGORIES":
		for c := range strings.SplitSeq(strings.ReplaceAll(l.value, `\,`, "，"), ",") {
			switch c = icsText(c); {
			case c == "":
			case !r.own:
				s.Topics = append(s.Topics, r.topic(c))
			case isLightning(c) && s.Kind == "": // its talks are not a clash
				s.Kind = r.kind(c)
			}
		}
	case "ATTENDEE":
		if name := l.params["CN"]; name != "" && !strings.Contains(name, "@") {
			if key, ok := r.speaker("", Speaker{Name: r.text(name)}); ok {
				appear(s, key)
			}
		}
	}
}

// moment reads a DATE or DATE-TIME (sections 3.3.4 and 3.3.5). A DATE gives the day alone.
func (r *icsReader) moment(l icsLine, place string) (event.Date, time.Time) {
	v := strings.TrimSpace(l.value)
	if d, err := time.Parse("20060102", v); err == nil && d.Year() > 1900 && d.Year() < 2200 {
		return event.DateOf(d), time.Time{}
	}
	loc := r.loc
	if strings.HasSuffix(v, "Z") {
		loc = time.UTC
	} else if tzid := l.params["TZID"]; tzid != "" {
		if own, ok := zoneOf(ianaName(tzid)); ok {
			loc = own
		} else if seconds, ok := r.offsets[tzid]; ok {
			loc = time.FixedZone(tzid, seconds)
		} else {
			r.n.once(place, "unknown time zone "+quote(tzid), "read as "+r.d.Meeting.Timezone)
		}
	}
	t, err := time.ParseInLocation("20060102T150405", strings.TrimSuffix(v, "Z"), loc)
	if err == nil {
		if t, ok := sane(t.In(r.loc)); ok {
			return dayOf(r.d.Meeting, t), t
		}
	}
	r.n.add(place, strings.ToLower(l.name)+" "+quote(v)+" is not a date and time", "left out")
	return "", time.Time{}
}

func (r *icsReader) ends(s *Session, end, length icsLine, place string) {
	switch {
	case !s.Timed():
		r.wholeDays(s.Date, end, length, place)
	case end.name != "":
		if _, t := r.moment(end, place); !t.IsZero() {
			s.End = t
		}
	case length.name != "":
		d, ok := icsDuration(length.value)
		if !ok {
			r.n.add(place, "duration "+quote(length.value)+" cannot be read", "kept with no length")
		}
		s.End = s.Start.Add(d)
	}
}

// wholeDays says that an event of whole days lasts several: it is kept on the first. The end of such an event is the day after its last
// (section 3.6.1).
func (r *icsReader) wholeDays(first event.Date, end, length icsLine, place string) {
	if first == "" {
		return
	}
	days := 1
	if d, ok := icsDuration(length.value); ok && length.name != "" {
		days = int(d / (24 * time.Hour))
	}
	if last, err := time.Parse("20060102", strings.TrimSpace(end.value)); err == nil {
		days = int(last.Sub(first.Time(time.UTC)) / (24 * time.Hour))
	}
	if days > 1 {
		r.n.add(place, fmt.Sprintf("it lasts %d days", days), "read as its first day")
	}
}

// icsDuration reads a DURATION (section 3.3.6): P1DT2H30M, PT45M, P2W.
func icsDuration(s string) (time.Duration, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	rest, ok := strings.CutPrefix(s, "P")
	var total time.Duration
	for ok && rest != "" {
		if rest[0] == 'T' {
			rest = rest[1:]
			continue
		}
		i := strings.IndexAny(rest, "WDHMS")
		if i < 1 || i > 5 {
			return 0, false
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || n < 0 {
			return 0, false
		}
		unit := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}[rest[i]]
		total, rest = total+time.Duration(n)*unit, rest[i+1:]
	}
	return total, ok && total < 400*24*time.Hour
}
