package briefing

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// letterData is what a letter says.
type letterData struct {
	Subject i18n.Text
	Name    i18n.Text
	Text    i18n.Text
	Changes []line
	Decided bool
	Change  bool   // it is about a change of the programme
	Link    string // where to acknowledge; empty: they are not asked to
	LinkEN  string
	Remind  bool
	Meeting i18n.Text
	Page    string // where the letter leads besides
	Starred bool
	File    bool // the calendar file is attached
}

// line is what happened to one session, in words.
type line struct {
	Title    i18n.Text
	Label    string
	Op       Op
	Was, Now i18n.Text // empty: not known
	URL      string
	URLEN    string
}

var letter = mail.NewTemplate[letterData](Files, "mail/briefing", KindChange)

// Letters are the letters of this feature, for the test that checks their templates.
func Letters() []mail.Checked { return []mail.Checked{letter} }

// ownWords are the words of this package, for texts that are on no page.
var ownWords = sync.OnceValues(func() (*i18n.Words, error) { return i18n.NewWords(Files) })

// say writes a sentence in both languages. Arguments that are texts are said in the language of the sentence.
func say(key string, args ...any) (i18n.Text, error) {
	w, err := ownWords()
	if err != nil {
		return i18n.Text{}, err
	}
	return i18n.T(w.Say(i18n.JA, key, args...), w.Say(i18n.EN, key, args...)), nil
}

// writer writes the letters of one briefing.
type writer struct {
	*Item
	m       *meeting
	base    string
	secret  string
	changes map[string]*Change // by guid
	order   []string           // guids in the order of the programme

	calendar Calendar
	files    map[string][]byte // that were written already, by language and guids: thousands may have starred the same
}

// file is the calendar file of what concerns a recipient; nothing where there is none.
func (w *writer) file(r *Recipient) ([]byte, error) {
	if w.calendar == nil {
		return nil, nil
	}
	var about []string
	for _, guid := range w.order {
		if slices.Contains(r.Sessions, guid) {
			about = append(about, guid)
		}
	}
	key := string(r.Lang) + " " + strings.Join(about, " ")
	b, known := w.files[key]
	if known || len(about) == 0 {
		return b, nil
	}
	b, err := w.calendar(about, r.Lang)
	w.files[key] = b
	return b, err
}

// lines says in words what concerns a recipient.
func (w *writer) lines(r *Recipient) []line {
	var out []line
	for _, guid := range w.order {
		c := w.changes[guid]
		if !slices.Contains(r.Sessions, guid) {
			continue
		}
		l := line{Title: c.Title, Label: c.Label, Op: c.Op}
		if !c.Cancelled && c.Path != "" {
			l.URL, l.URLEN = w.m.address(w.base, i18n.JA, c.Path), w.m.address(w.base, i18n.EN, c.Path)
		}
		if c.Was != nil && (c.Op == Moved || c.Op == Cancelled) {
			l.Was = c.Was.words()
		}
		if c.Op != Cancelled {
			l.Now = c.words()
		}
		if c.Was != nil && c.Op == Moved && c.Was.same(&c.Place) {
			l.Was = i18n.Text{}
		}
		out = append(out, l)
	}
	return out
}

// words says when and where something is, in both languages; nothing where neither is known.
func (p *Place) words() i18n.Text {
	in := func(l i18n.Lang) string {
		var parts []string
		switch {
		case !p.Start.IsZero():
			parts = append(parts, i18n.ShortDay(l, p.Start)+" "+p.Start.Format("15:04")+"–"+p.End.Format("15:04"))
		case p.Day != "":
			parts = append(parts, i18n.ShortDay(l, p.Day.Time(time.UTC)))
		}
		if where := p.Where.In(l); where != "" {
			parts = append(parts, where)
		}
		return strings.Join(parts, " ")
	}
	return i18n.T(in(i18n.JA), in(i18n.EN))
}

// letter writes what one recipient gets; nothing in it is about anybody else.
func (w *writer) letter(r *Recipient, reminder bool) (mail.Letter, error) {
	file, err := w.file(r)
	if err != nil {
		return mail.Letter{}, err
	}
	d := letterData{
		Subject: w.Subject, Name: r.Name, Text: w.Text, Changes: w.lines(r), Decided: w.Decided, Change: w.Kind == OfChange, Remind: reminder,
		Meeting: w.m.Title, Page: w.m.address(w.base, i18n.JA, "/meetings/"+w.m.Slug), Starred: r.Group() == Starred,
		File: file != nil,
	}
	if r.Asks && r.Ref != "" {
		path := "/briefings/" + sign.Token(w.secret, purpose, r.Ref, 1)
		d.Link, d.LinkEN = w.m.site(w.base, i18n.JA, path), w.m.site(w.base, i18n.EN, path)
	}
	l, err := letter.Letter(mail.Address{Name: r.Name.In(r.Lang), Address: r.Address, Lang: r.Lang}, d)
	if !r.Asks {
		l.Kind = KindStar
	}
	if file != nil {
		l.Attachments = []mail.Attachment{{Name: w.m.Slug + ".ics", Type: "text/calendar; method=PUBLISH; charset=utf-8", Data: file}}
	}
	return l, err
}

// preview is the letter of a recipient as it would be, with a link that leads nowhere.
func (w *writer) preview(r *Recipient) (mail.Letter, error) {
	c := *r
	if c.Ref == "" {
		c.Ref = strings.Repeat("0", 26)
	}
	own := *w
	own.secret = "preview"
	return own.letter(&c, false)
}
