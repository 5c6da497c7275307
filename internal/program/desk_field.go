package program

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// FieldEdit is a field of a session as somebody wants it. Every field is text; see Fields.
type FieldEdit struct {
	Field string
	Base  string // what they saw when they began
	Value string
}

// field is something of a session that the desk edits, as text.
type field struct {
	name   string
	get    func(*interchange.Document, *interchange.Session) string
	set    func(*interchange.Document, *interchange.Session, string) error
	limit  int  // runes
	lines  bool // may hold more than one line
	prose  bool // in one language: translators may write it
	hidden bool // set by other acts; named only to say who changed it
}

const (
	maxTitle    = 300
	maxAbstract = 20_000
	maxLines    = 40_000
)

// fields lists what can be edited, in the order of the page.
func fields() []field {
	list := []field{
		{name: "code", get: func(_ *interchange.Document, s *interchange.Session) string { return s.Code }, set: setCode, limit: 32},
		{name: "kind", get: func(_ *interchange.Document, s *interchange.Session) string { return s.Kind }, set: setKind, limit: 64},
		{name: "status", get: func(_ *interchange.Document, s *interchange.Session) string { return string(s.Status) }, set: setStatus, limit: 16},
		{name: "language", get: func(_ *interchange.Document, s *interchange.Session) string { return s.Language }, set: setLanguage, limit: 16},
		{name: "level", get: func(_ *interchange.Document, s *interchange.Session) string { return s.Level }, set: setLevel, limit: 16},
		{name: "topics", get: func(_ *interchange.Document, s *interchange.Session) string { return strings.Join(s.Topics, " ") }, set: setTopics, limit: 2000},
		{name: "speakers", get: func(_ *interchange.Document, s *interchange.Session) string { return castText(s.Speakers) }, set: setCast, limit: maxLines, lines: true},
		{name: "slot", get: slotRef, set: setSlot, limit: 64},
		{name: "links", get: func(_ *interchange.Document, s *interchange.Session) string { return linkLines(s.Links) }, set: setLinks, limit: maxLines, lines: true},
		{name: "parts", get: partLines, set: setParts, limit: maxLines, lines: true},
		{name: "place", get: placeText, hidden: true},
	}
	for _, t := range texts {
		for _, l := range i18n.Langs {
			list = append(list, textField(t.name, l, t.of))
		}
	}
	return append(list, policyFields()...)
}

func textField(name string, l i18n.Lang, of func(*interchange.Session) *i18n.Text) field {
	f := field{name: name + "." + string(l), limit: maxTitle, prose: true}
	if name == "abstract" {
		f.limit, f.lines = maxAbstract, true
	}
	f.get = func(_ *interchange.Document, s *interchange.Session) string { return of(s).Exact(l) }
	f.set = func(_ *interchange.Document, s *interchange.Session, v string) error {
		*of(s) = of(s).With(l, v)
		return nil
	}
	return f
}

// policyMatter is one matter of a publication policy.
type policyMatter struct {
	name string
	of   func(*interchange.Policy) *interchange.Permission
}

// policyMatters are the matters of a publication policy in the order people read them.
var policyMatters = []policyMatter{
	{"stream", func(p *interchange.Policy) *interchange.Permission { return &p.Stream }},
	{"record", func(p *interchange.Policy) *interchange.Permission { return &p.Record }},
	{"publish", func(p *interchange.Policy) *interchange.Permission { return &p.Publish }},
	{"slides", func(p *interchange.Policy) *interchange.Permission { return &p.Slides }},
	{"photo", func(p *interchange.Policy) *interchange.Permission { return &p.Photo }},
	{"sns", func(p *interchange.Policy) *interchange.Permission { return &p.SNS }},
}

func policyFields() []field {
	var list []field
	for _, m := range policyMatters {
		list = append(list, field{
			name: "policy." + m.name, limit: 8,
			get: func(_ *interchange.Document, s *interchange.Session) string { return string(*m.of(&s.Policy)) },
			set: func(_ *interchange.Document, s *interchange.Session, v string) error {
				if v != string(interchange.Inherit) && v != string(interchange.Allowed) && v != string(interchange.Refused) {
					return fault.New(fault.Invalid, "program.desk.error.choice")
				}
				*m.of(&s.Policy) = interchange.Permission(v)
				return nil
			},
		})
	}
	return append(list, field{
		name: "policy.publish_until", limit: 10,
		get: func(_ *interchange.Document, s *interchange.Session) string { return string(s.Policy.PublishUntil) },
		set: func(_ *interchange.Document, s *interchange.Session, v string) error {
			if v != "" && !event.Date(v).Valid() {
				return fault.New(fault.Invalid, "program.desk.error.date").With("value", v)
			}
			s.Policy.PublishUntil = event.Date(v)
			return nil
		},
	})
}

// fieldNamed finds a field that can be edited, or nil.
func fieldNamed(list []field, name string) *field {
	i := slices.IndexFunc(list, func(f field) bool { return f.name == name && !f.hidden })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// FieldText is a field of a session as text, as it stands in forms.
func FieldText(d *interchange.Document, s *interchange.Session, name string) string {
	for _, f := range fields() {
		if f.name == name {
			return f.get(d, s)
		}
	}
	return ""
}

// tidyValue makes what was typed what is stored: lines end as on Unix, nothing hangs over at the ends.
func (f *field) tidyValue(v string) (string, error) {
	v = strings.ReplaceAll(strings.ReplaceAll(v, "\r\n", "\n"), "\r", "\n")
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\t' && (r != '\n' || !f.lines) }
	if !f.lines {
		v = strings.Join(strings.FieldsFunc(v, func(r rune) bool { return r == '\n' }), " ")
	}
	v = strings.TrimSpace(v)
	switch {
	case strings.ContainsFunc(v, bad):
		return "", fault.New(fault.Invalid, "program.desk.error.control").On(f.name)
	case utf8.RuneCountInString(v) > f.limit:
		return "", fault.New(fault.Invalid, "program.desk.error.too_long").With("n", f.limit).On(f.name)
	}
	return v, nil
}

var codePattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$`)

func setCode(d *interchange.Document, s *interchange.Session, v string) error {
	if v != "" && !codePattern.MatchString(v) {
		return fault.New(fault.Invalid, "program.desk.error.code").With("value", v)
	}
	for i := range d.Sessions {
		if o := &d.Sessions[i]; v != "" && o.GUID != s.GUID && (strings.EqualFold(o.Code, v) || strings.EqualFold(o.Ref, v)) {
			return fault.New(fault.Invalid, "program.desk.error.code_taken").With("value", v).With("name", o.Title)
		}
	}
	s.Code = v
	return nil
}

func setKind(d *interchange.Document, s *interchange.Session, v string) error {
	if !slices.ContainsFunc(d.Kinds, func(k interchange.Kind) bool { return k.Key == v }) {
		return fault.New(fault.Invalid, "program.desk.error.choice")
	}
	s.Kind = v
	return nil
}

func setStatus(_ *interchange.Document, s *interchange.Session, v string) error {
	if v != string(interchange.Confirmed) && v != string(interchange.Cancelled) {
		return fault.New(fault.Invalid, "program.desk.error.choice")
	}
	s.Status = interchange.Status(v)
	return nil
}

func setLanguage(_ *interchange.Document, s *interchange.Session, v string) error {
	var list []string
	for _, l := range i18n.Langs {
		if slices.Contains(strings.Fields(v), string(l)) {
			list = append(list, string(l))
		}
	}
	if len(list) != len(strings.Fields(v)) {
		return fault.New(fault.Invalid, "program.desk.error.choice")
	}
	s.Language = strings.Join(list, " ")
	return nil
}

// levels are the levels of a session.
var levels = []string{"beginner", "intermediate", "advanced"}

func setLevel(_ *interchange.Document, s *interchange.Session, v string) error {
	if v != "" && !slices.Contains(levels, v) {
		return fault.New(fault.Invalid, "program.desk.error.choice")
	}
	s.Level = v
	return nil
}

func setTopics(d *interchange.Document, s *interchange.Session, v string) error {
	var list []string
	for _, key := range strings.Fields(v) {
		if !slices.ContainsFunc(d.Topics, func(t interchange.Topic) bool { return t.Key == key }) {
			return fault.New(fault.Invalid, "program.desk.error.choice")
		}
		if !slices.Contains(list, key) {
			list = append(list, key)
		}
	}
	s.Topics = list
	return nil
}

// castText writes who is on stage, a line each: the speaker's key, and, where they are not plain, the role and the affiliation there in
// Japanese and English, with bars between.
func castText(as []interchange.Appearance) string {
	lines := make([]string, len(as))
	for i, a := range as {
		parts := []string{a.Speaker, a.Role, a.Affiliation.JA, a.Affiliation.EN}
		lines[i] = strings.TrimRight(strings.Join(parts, " | "), " |")
	}
	return strings.Join(lines, "\n")
}

// roles are what somebody may be on a stage.
var roles = []string{interchange.RoleSpeaker, interchange.RoleModerator, interchange.RolePanelist, "host"}

// setCast reads what castText writes. What a speaker refuses at the session stays with them.
func setCast(d *interchange.Document, s *interchange.Session, v string) error {
	var list []interchange.Appearance
	for line := range strings.Lines(v) {
		parts := strings.SplitN(strings.TrimSpace(line), "|", 4)
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		if parts[0] == "" {
			continue
		}
		parts = append(parts, "", "", "")
		a := interchange.Appearance{Speaker: parts[0], Role: parts[1], Affiliation: i18n.T(parts[2], parts[3])}
		switch {
		case !slices.ContainsFunc(d.Speakers, func(p interchange.Speaker) bool { return p.Key == a.Speaker }):
			return fault.New(fault.Invalid, "program.desk.error.speaker").With("value", a.Speaker)
		case a.Role != "" && !slices.Contains(roles, a.Role):
			return fault.New(fault.Invalid, "program.desk.error.role").With("value", a.Role)
		case slices.ContainsFunc(list, func(o interchange.Appearance) bool { return o.Speaker == a.Speaker }):
			return fault.New(fault.Invalid, "program.desk.error.speaker_twice").With("value", a.Speaker)
		}
		for _, was := range s.Speakers {
			if was.Speaker == a.Speaker {
				a.Policy = was.Policy
			}
		}
		list = append(list, a)
	}
	s.Speakers = list
	return nil
}

func slotRef(d *interchange.Document, s *interchange.Session) string {
	for i := range d.Sessions {
		if s.Slot != "" && d.Sessions[i].GUID == s.Slot {
			return d.Sessions[i].Ref
		}
	}
	return s.Slot
}

func setSlot(d *interchange.Document, s *interchange.Session, v string) error {
	if v == "" {
		s.Slot = ""
		return nil
	}
	i := indexOf(d, v)
	switch {
	case i < 0:
		return fault.New(fault.Invalid, "program.retime.error.session").With("name", v)
	case d.Sessions[i].GUID == s.GUID || d.Sessions[i].Slot != "":
		return fault.New(fault.Invalid, "program.desk.error.slot")
	case slices.ContainsFunc(d.Sessions, func(o interchange.Session) bool { return o.Slot == s.GUID }):
		return fault.New(fault.Invalid, "program.desk.error.slot")
	}
	s.Slot = d.Sessions[i].GUID
	return nil
}

// linkLines writes links, a line each: kind, address, title in Japanese and English, last day, with bars between.
func linkLines(links []interchange.Link) string {
	lines := make([]string, len(links))
	for i, l := range links {
		parts := []string{string(cmp.Or(l.Kind, interchange.LinkWeb)), l.URL, l.Title.JA, l.Title.EN, string(l.Until)}
		lines[i] = strings.TrimRight(strings.Join(parts, " | "), " |")
	}
	return strings.Join(lines, "\n")
}

// linkKinds are the kinds of links that the desk knows.
var linkKinds = []interchange.LinkKind{
	interchange.LinkWeb, interchange.LinkSlides, interchange.LinkStream, interchange.LinkVideo, interchange.LinkPhoto, interchange.LinkSNS, interchange.LinkOther,
}

func setLinks(_ *interchange.Document, s *interchange.Session, v string) error {
	var list []interchange.Link
	for line := range strings.Lines(v) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := append(strings.SplitN(strings.TrimSpace(line), "|", 5), "", "", "", "")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		l := interchange.Link{Kind: interchange.LinkKind(parts[0]), URL: parts[1], Title: i18n.T(parts[2], parts[3]), Until: event.Date(parts[4])}
		u, err := url.Parse(l.URL)
		switch {
		case !slices.Contains(linkKinds, l.Kind):
			return fault.New(fault.Invalid, "program.desk.error.link_kind").With("value", parts[0])
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			return fault.New(fault.Invalid, "program.desk.error.link").With("value", parts[1])
		case l.Until != "" && !l.Until.Valid():
			return fault.New(fault.Invalid, "program.desk.error.date").With("value", parts[4])
		}
		if l.Kind == interchange.LinkWeb {
			l.Kind = keptKind(s.Links, l)
		}
		list = append(list, l)
	}
	s.Links = list
	return nil
}

// keptKind leaves a link of no kind as it was: it is one to the web.
func keptKind(old []interchange.Link, l interchange.Link) interchange.LinkKind {
	for _, o := range old {
		if o.URL == l.URL && o.Kind == "" {
			return ""
		}
	}
	return l.Kind
}

func partLines(d *interchange.Document, s *interchange.Session) string {
	return interchange.PartsText(s.Parts, s.Date, d.Meeting.Location())
}

func setParts(d *interchange.Document, s *interchange.Session, v string) error {
	parts, err := interchange.ParseParts(v, s.Date, d.Meeting.Location())
	if err != nil {
		return fault.New(fault.Invalid, "program.desk.error.parts").With("why", err.Error())
	}
	used := map[string]bool{}
	markUsed(used, nil, parts)
	for _, p := range d.Speakers {
		delete(used, p.Key)
	}
	for key := range used {
		return fault.New(fault.Invalid, "program.desk.error.speaker").With("value", key)
	}
	s.Parts = parts
	return nil
}

// placeText is where and when a session is, for the record of who moved it.
func placeText(_ *interchange.Document, s *interchange.Session) string {
	return fmt.Sprintf("%s %s %s %t", s.Date, span(s.Start, s.End), s.Room, s.AllRooms)
}
