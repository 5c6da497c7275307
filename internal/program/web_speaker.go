package program

import (
	"cmp"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// speakersView is the list of everyone who speaks at a meeting.
type speakersView struct {
	Groups []speakerGroup
	N      int
	Index  bool // the groups have names, and an index is of use
}

// speakerGroup are the speakers under one sign of the index.
type speakerGroup struct {
	Name   string // あ, A, or a word
	ID     string
	People []personView
}

// personView is a speaker in a list.
type personView struct {
	*Person
	Href     string
	Sessions []personSession
}

type personSession struct {
	Title     i18n.Text
	Code      string
	Href      string
	Cancelled bool
}

// kanaRows are the rows of the kana table by their first sign, with the signs that stand in each once voicing marks are taken off.
var kanaRows = []struct{ name, signs string }{
	{"あ", "あいうえおぁぃぅぇぉ"}, {"か", "かきくけこゕゖ"}, {"さ", "さしすせそ"}, {"た", "たちつてとっ"}, {"な", "なにぬねの"},
	{"は", "はひふへほ"}, {"ま", "まみむめも"}, {"や", "やゆよゃゅょ"}, {"ら", "らりるれろ"}, {"わ", "わゐゑをんゎ"},
}

// hiragana turns katakana into hiragana, wide and narrow forms into one.
func hiragana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - ('ァ' - 'ぁ')
		}
		return r
	}, norm.NFKC.String(s))
}

// initial is the sign of the index under which a name stands in a language, and the place of that sign: kana rows or letters, then what
// the index of that language has no sign for.
func initial(l i18n.Lang, name string) (sign string, place int) {
	for _, r := range norm.NFD.String(hiragana(name)) {
		if l == i18n.JA {
			for i, row := range kanaRows {
				if strings.ContainsRune(row.signs, r) {
					return row.name, i
				}
			}
		}
		if r = unicode.ToUpper(r); r >= 'A' && r <= 'Z' {
			if l == i18n.JA {
				return "A–Z", len(kanaRows)
			}
			return string(r), int(r - 'A')
		}
		if unicode.IsLetter(r) {
			break
		}
	}
	return "", 1000
}

// sortName is what a speaker is sorted by: in Japanese the reading, elsewhere the name.
func sortName(l i18n.Lang, p *Person) string {
	if l == i18n.JA && p.Reading != "" {
		return hiragana(p.Reading)
	}
	return p.Name.In(l)
}

// fewPeople is how many speakers are found without an index.
const fewPeople = 12

// speakerGroups sorts the speakers and puts them under the signs of an index. Where the index would miss more than it holds (names in
// kanji without readings), there is one group without a name.
func speakerGroups(q *request) (groups []speakerGroup, index bool) {
	l := q.Frame.Lang
	type sorted struct {
		*Person
		key   []byte
		sign  string
		place int
	}
	tag := language.Japanese
	if l == i18n.EN {
		tag = language.English
	}
	c, buf := collate.New(tag), new(collate.Buffer)
	list := make([]sorted, 0, len(q.Speakers))
	found := 0
	for _, p := range q.Speakers {
		s := sorted{Person: p, key: c.KeyFromString(buf, sortName(l, p))}
		s.sign, s.place = initial(l, sortName(l, p))
		if s.sign != "" {
			found++
		}
		list = append(list, s)
	}
	signed := found*2 > len(list)
	index = signed && len(list) > fewPeople
	slices.SortStableFunc(list, func(a, b sorted) int {
		if signed && a.place != b.place {
			return a.place - b.place
		}
		return cmp.Or(slices.Compare(a.key, b.key), cmp.Compare(a.Key, b.Key))
	})
	for _, s := range list {
		name := s.sign
		if name == "" {
			name = q.Frame.T("program.speaker.others")
		}
		if n := len(groups); n == 0 || index && groups[n-1].Name != name {
			groups = append(groups, speakerGroup{Name: name, ID: groupID(len(groups))})
		}
		g := &groups[len(groups)-1]
		g.People = append(g.People, q.personView(s.Person))
	}
	return groups, index
}

func (q *request) personView(p *Person) personView {
	v := personView{Person: p, Href: speakerURL(q.Meeting, p)}
	for _, it := range p.Items {
		v.Sessions = append(v.Sessions, personSession{it.Title, it.Code, sessionURL(q.Meeting, it), it.Cancelled()})
	}
	return v
}

// speakers lists everyone who speaks at a meeting.
func (h *Web) speakers(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "speakers")
	if err != nil {
		return err
	}
	return h.serve(w, r, q, "", func(out io.Writer, f *web.Frame) error {
		f.Title = f.T("program.speaker.title", "meeting", q.Meeting.Name())
		f.Description = f.T("program.speaker.description", "meeting", q.Meeting.Name(), "n", len(q.Speakers))
		v := speakersView{N: len(q.Speakers)}
		v.Groups, v.Index = speakerGroups(q)
		return speakersPage.Render(out, f, v)
	})
}

// speakerView is the page of one speaker.
type speakerView struct {
	*web.Frame
	*Person
	Slug     string // of the meeting, for the stars
	Back     string
	Other    string // the name in the other language, where it has one
	Spelled  bool   // the page shows how the name is read
	Bio      template.HTML
	InLang   i18n.Lang // of the biography
	Links    []linkView
	Sessions []*row
}

// Portrait is the address of the speaker's picture, where one is stored here; pages show no pictures of other sites.
func (s *Person) Portrait() string {
	if _, ok := blob.ParseName(s.Photo); !ok {
		return ""
	}
	return "/media/" + s.Photo
}

// speaker shows one speaker.
func (h *Web) speaker(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "speakers")
	if err != nil {
		return err
	}
	p := q.Speaker(r.PathValue("key"))
	if p == nil {
		return fault.Missing()
	}
	return h.serve(w, r, q, "", func(out io.Writer, f *web.Frame) error {
		v := q.speaker(p)
		f.Title = f.T("program.speaker.one", "name", f.In(p.Name), "meeting", q.Meeting.Name())
		f.Description = strings.Trim(f.In(p.Affiliation)+" · "+markdown.Plain(f.In(p.Bio), 140), " ·")
		return speakerPage.Render(out, f, v)
	})
}

func (q *request) speaker(p *Person) speakerView {
	f := q.Frame
	v := speakerView{Frame: f, Slug: q.Meeting.Slug, Person: p, Back: "/meetings/" + q.Meeting.Slug + "/speakers", Spelled: f.Lang == i18n.JA && p.Reading != "", Bio: markdown.Render(f.In(p.Bio)), InLang: p.Bio.LangFor(f.Lang), Links: q.links(p.Links, q.Doc.Policy)}
	if other := p.Name.Exact(f.Lang.Other()); other != f.In(p.Name) {
		v.Other = other
	}
	for _, it := range p.Items {
		s := q.dated(it)
		s.Note = q.standing(it, p)
		if len(s.Who) == 1 {
			s.Who = nil // it is whose page this is
		}
		v.Sessions = append(v.Sessions, s)
	}
	return v
}

// standing says what somebody is in a session: the role, and the affiliation there where it is another than usual.
func (q *request) standing(it *Item, p *Person) string {
	var words []string
	add := func(s string) {
		if s != "" && !slices.Contains(words, s) {
			words = append(words, s)
		}
	}
	eachCast(it, func(c *Cast) {
		if c.Person != p {
			return
		}
		add(role(q.Frame, c.Role))
		if c.Affiliation != p.Affiliation {
			add(q.Frame.In(c.Affiliation))
		}
	})
	return q.Frame.Join(words)
}
