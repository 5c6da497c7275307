package interchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// decodeYAML reads a Tsudoi meeting file: one or more YAML documents, each a meeting or what a group says about itself.
func decodeYAML(data []byte, o Options, n *notes) ([]*Document, error) {
	if len(data) > MaxYAML {
		return nil, unusable(n.file, "it has %d MB, and a meeting file has %d MB at most; write each meeting into a file of its own", len(data)>>20,
			MaxYAML>>20)
	}
	nodes, err := parseYAML(dropControls(data, n), n.file)
	if err != nil {
		return nil, err
	}
	if o.Meeting != "" && meetingsIn(nodes) > 1 {
		n.add("", "it holds several meetings", "their own slugs are taken, not "+o.Meeting)
		o.Meeting = ""
	}
	var docs []*Document
	sessions := 0
	for i, node := range nodes {
		d, err := documentFrom(node, i == 0, o, n)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		if sessions += len(d.Sessions); sessions > o.sessions() {
			return nil, unusable(n.file, "it has more than %d sessions; write each meeting into a file of its own", o.sessions())
		}
		docs = append(docs, d)
	}
	if len(docs) == 0 {
		return nil, unusable(n.file, "it holds no meeting, group or series; begin it with \"tsudoi: 1\" and \"meeting:\"")
	}
	return docs, nil
}

// meetingsIn counts the documents with a meeting.
func meetingsIn(nodes []*yaml.Node) int {
	count := 0
	for _, n := range nodes {
		if len(n.Content) > 0 && child(n.Content[0], "meeting") != nil {
			count++
		}
	}
	return count
}

// dropControls takes out characters at which a YAML parser stops.
func dropControls(data []byte, n *notes) []byte {
	bad := func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }
	if !bytes.ContainsFunc(data, bad) {
		return data
	}
	n.add("", "it has control characters", "taken out")
	return bytes.Map(func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}, data)
}

// parseYAML reads the trees of a file. The library reports some mistakes of syntax by panicking: those are errors of the file too.
func parseYAML(data []byte, file string) (nodes []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			nodes, err = nil, unusable(file, "it is not YAML; check its brackets and indentation")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return nodes, nil
		case err != nil:
			return nil, unusable(file, "it is not YAML (%s); correct it and import again", syntaxError(err))
		case len(nodes) >= 1000:
			return nil, unusable(file, "it has more than 1000 documents; write them into several files")
		}
		nodes = append(nodes, &n)
	}
}

func syntaxError(err error) string {
	return regexp.MustCompile(`\s+`).ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), " ")
}

// documentFrom reads one YAML document; nil where there is nothing in it.
func documentFrom(root *yaml.Node, first bool, o Options, n *notes) (*Document, error) {
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return nil, nil
	}
	budget := maxNodes
	node, err := expand(root.Content[0], 0, &budget)
	if err != nil {
		return nil, unusable(n.file, "%s", err)
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.MappingNode {
		return nil, unusable(n.file, "line %d is not the beginning of a meeting file; begin with \"tsudoi: 1\"", node.Line)
	}
	if first && !hasKey(node, "tsudoi") && !hasKey(node, "meeting") && !hasKey(node, "group") {
		return nil, unusable(n.file, "it is no programme in a format that is known; a meeting file begins with \"tsudoi: 1\"")
	}
	f := fitter{n: n, lang: defaultLang(node)}
	written := entries(child(node, "sessions"))
	f.fit(node, reflect.TypeFor[fileShape](), "the file")
	var shape fileShape
	if err := node.Decode(&shape); err != nil {
		return nil, unusable(n.file, "it cannot be read (%s); correct it and import again", syntaxError(err))
	}
	if shape.Tsudoi > fileVersion {
		return nil, unusable(n.file, "it is of version %d, and this program reads version %d; update the program", shape.Tsudoi, fileVersion)
	}
	if first && shape.Tsudoi != fileVersion {
		n.add("line 1", "the key tsudoi with the version is missing", "read as version 1")
	}
	d := shape.document(node, f.lang, o, n)
	d.Refused += max(0, written-len(shape.Sessions))
	return d, nil
}

// entries counts what a list holds, as far as it is one.
func entries(n *yaml.Node) int {
	if n == nil || n.Kind != yaml.SequenceNode {
		return 0
	}
	return len(n.Content)
}

// defaultLang is the language of texts that do not name theirs: the first of the meeting's languages, else of the group's, else
// Japanese. It has to be known before the texts are read.
func defaultLang(node *yaml.Node) i18n.Lang {
	for _, owner := range []string{"meeting", "group"} {
		if langs := child(child(node, owner), "languages"); langs != nil {
			if langs.Kind == yaml.ScalarNode {
				langs = &yaml.Node{Content: []*yaml.Node{langs}}
			}
			for _, c := range langs.Content {
				if l, ok := i18n.ParseLang(c.Value); ok {
					return l
				}
			}
		}
	}
	return i18n.JA
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (f *fileShape) document(node *yaml.Node, lang i18n.Lang, o Options, n *notes) *Document {
	d := &Document{Group: f.Group, Series: f.Series, Meeting: f.Meeting, Kinds: f.Kinds, Topics: f.Topics, Speakers: f.Speakers,
		Policy: Policy(f.Policy), Has: everything(lang)}
	if d.Meeting == nil && len(f.Sessions) > 0 {
		n.add(fmt.Sprintf("line %d", node.Line), "it has sessions but no meeting", "a meeting is made for them")
		d.Meeting = &event.Meeting{Slug: slugOf(strings.TrimSuffix(n.file, ".yaml"))}
	}
	if d.Meeting != nil && d.Meeting.Timezone == "" {
		d.Meeting.Timezone = zoneOfGroup(d, o)
	}
	var places []string
	if list := child(node, "sessions"); list != nil {
		for _, s := range list.Content {
			places = append(places, fmt.Sprintf("line %d", s.Line))
		}
	}
	r := clockReader{loc: d.Location(), n: n, meeting: d.Meeting}
	for i, s := range f.Sessions {
		where := ""
		if i < len(places) {
			where = places[i]
		}
		d.Sessions = append(d.Sessions, s.session(r, where))
	}
	tidy(d, o, n, places)
	return d
}

// zoneOfGroup is the zone of a meeting that names none: its group's, or that of the options; empty where they say nothing.
func zoneOfGroup(d *Document, o Options) string {
	if d.Group != nil && d.Group.Timezone != "" {
		return d.Group.Timezone
	}
	return o.Timezone
}

func (s *sessionShape) session(r clockReader, where string) Session {
	out := Session{GUID: s.GUID, Ref: s.Ref, Number: s.Number, Code: s.Code, Source: s.Source, Kind: s.Kind, Status: s.Status, Title: s.Title,
		Subtitle: s.Subtitle,
		Abstract: s.Abstract, Topics: s.Topics, Language: s.Language, Level: s.Level, Room: s.Room, Slot: s.Slot, Origin: s.Origin,
		Speakers: appearances(s.Speakers), Links: s.Links, Policy: Policy(s.Policy)}
	if out.Room == "*" {
		out.Room, out.AllRooms = "", true
	}
	out.Date = r.date(s.Date, where)
	out.Start, out.End = r.span(s.Start, s.End, out.Date, where)
	if out.Date == "" && out.Timed() {
		out.Date = dayOf(r.meeting, out.Start)
	}
	out.Parts = partsFrom(s.Parts, r, out.Date, where)
	return out
}

func partsFrom(in []partShape, r clockReader, date event.Date, where string) []Part {
	var out []Part
	for _, p := range in {
		part := Part{Code: p.Code, Title: p.Title, Abstract: p.Abstract, Speakers: appearances(p.Speakers), Parts: partsFrom(p.Parts, r, date, where),
			Links: p.Links, Policy: Policy(p.Policy)}
		part.Start, part.End = r.span(p.Start, p.End, date, where)
		out = append(out, part)
	}
	return out
}

func appearances(in []appearanceShape) []Appearance {
	var out []Appearance
	for _, a := range in {
		out = append(out, Appearance{Speaker: a.Speaker, Role: a.Role, Affiliation: a.Affiliation, Policy: Policy(a.Policy)})
	}
	return out
}

// clockReader reads times of day of a meeting.
type clockReader struct {
	loc     *time.Location
	n       *notes
	meeting *event.Meeting
}

// date reads a date, and takes the only day of a meeting of one day where a session names none.
func (r clockReader) date(d event.Date, where string) event.Date {
	if d == "" || d.Valid() {
		return d
	}
	if p, ok := parseDate(string(d)); ok {
		return p
	}
	r.n.add(where, "date "+quote(string(d))+" is not a date (YYYY-MM-DD)", "left out")
	return ""
}

// span reads the start and end of something on a date. An end that lies before the start but before the day boundary is meant to
// be after midnight.
func (r clockReader) span(start, end string, date event.Date, where string) (time.Time, time.Time) {
	if m := r.meeting; date == "" && m != nil && m.Start == m.End && m.Start.Valid() {
		date = m.Start
	}
	from := r.moment(start, date, where, "start")
	to := r.moment(end, date, where, "end")
	if min, ok := parseClock(end); ok && !from.IsZero() && !to.IsZero() && to.Before(from) && min <= boundaryMinutes(r.meeting) {
		r.n.add(where, "the end "+end+" is before the start "+start, fmt.Sprintf("read as %02d:%02d, after midnight", min/60+24, min%60))
		to = at(shiftDate(date, 1), min, r.loc)
	}
	return from, to
}

func (r clockReader) moment(s string, date event.Date, where, what string) time.Time {
	if strings.TrimSpace(s) == "" {
		return time.Time{}
	}
	if min, ok := parseClock(s); ok {
		if date == "" {
			r.n.add(where, what+" "+quote(s)+" has no date", "left out")
			return time.Time{}
		}
		return at(date, min, r.loc)
	}
	t, ok := parseMoment(fold(s), r.loc)
	if !ok {
		r.n.add(where, what+" "+quote(s)+" is not a time (HH:MM)", "left out")
	}
	return t
}
