package mail

import (
	"bytes"
	"context"
	"html/template"
	"mime"
	"net/http"
	netmail "net/mail"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// perPage is how many letters a page shows.
const perPage = 30

// line is a letter in a list.
type line struct {
	Kept
	Erased bool
}

// URL is where the demo shows the letter.
func (l line) URL() string { return "/dev/mail/" + l.Ref }

// Label is the key of the state's name in the catalogue of words.
func (l line) Label() string { return l.State.Label() }

// Label is the key of the state's name in the catalogue of words.
func (s State) Label() string { return "mail.state." + string(s) }

// devList is the demo's list of letters.
type devList struct {
	Letters []line
	Next    string // the last letter of this page, where there are more
	Sends   bool
	Zone    *time.Location
}

// devLetter is one letter in the demo.
type devLetter struct {
	Letter  line
	Erased  bool
	Example bool // the sender's address is one for examples
	Text    template.HTML
	HTML    template.HTML
	Heads   []header
	Files   []attached
}

type header struct{ Name, Value string }

type attached struct{ Name, Type, Text string }

// letters is the operator's page.
type letters struct {
	devList
	Done    string // what was done before: again, gone, tried
	To      string // the address of a letter to try it out that could not be sent
	Problem *web.Problem
	Trouble string
	States  []counted
	Oldest  time.Time
}

type counted struct {
	State
	Count float64
}

var (
	listPage    = web.NewPage[devList](web.From(Files, "pages/dev_list.html"))
	letterPage  = web.NewPage[devLetter](web.From(Files, "pages/dev_letter.html"))
	lettersPage = web.NewPage[letters](web.From(Files, "pages/letters.html"))
)

// trial is what the letter says that an operator sends to try it out.
type trial struct {
	Site, URL string
	At        time.Time
}

var trialLetter = NewTemplate[trial](Files, "mail/test", "mail.test")

// Letters are the letters of this package.
func Letters() []Checked { return []Checked{trialLetter} }

// Pages are the typed pages of this package.
func Pages() []web.Checked { return []web.Checked{listPage, letterPage, lettersPage} }

// Routes are the addresses where the operator looks after letters, and, in the demo, where those are read that would be sent. Times are shown in a
// zone.
func (b *Outbox) Routes(site *web.Site, operator web.Access, zone *time.Location) []web.Route {
	w := &pages{b, site, zone}
	routes := []web.Route{web.Private("/admin/letters", operator, w.letters), web.Action("/admin/letters", operator, w.change)}
	if site.Demo {
		routes = append(routes, web.Private("/dev/mail", web.Demo, w.devList), web.Private("/dev/mail/{ref}", web.Demo, w.devLetter))
	}
	return routes
}

// pages answers for the outbox.
type pages struct {
	*Outbox
	site *web.Site
	zone *time.Location
}

// frame starts a page that is for nobody else.
func (p *pages) frame(r *http.Request, title string) (*web.Frame, error) {
	f, err := p.site.Frame(r, "")
	if err != nil {
		return nil, err
	}
	f.Title, f.NoIndex, f.Styles = f.T(title), true, []string{f.Asset("operator.css")}
	return f, nil
}

// list turns one letter more than a page has into a page.
func (p *pages) list(all []*stored) devList {
	d := devList{Sends: p.Sends(), Zone: p.zone}
	for i, s := range all {
		if i == perPage {
			d.Next = d.Letters[i-1].Ref
			break
		}
		d.Letters = append(d.Letters, line{s.kept(), s.erased})
	}
	return d
}

func (p *pages) devList(w http.ResponseWriter, r *http.Request) error {
	f, err := p.frame(r, "mail.dev.title")
	if err != nil {
		return err
	}
	all, err := newest(r.Context(), p.db, r.URL.Query().Get("after"), perPage+1)
	if err != nil {
		return err
	}
	return web.Show(w, listPage, f, p.list(all))
}

func (p *pages) devLetter(w http.ResponseWriter, r *http.Request) error {
	f, err := p.frame(r, "mail.dev.title")
	if err != nil {
		return err
	}
	s, err := byRef(r.Context(), p.db, r.PathValue("ref"))
	if err != nil {
		return err
	}
	if s == nil {
		return fault.Missing()
	}
	d := devLetter{Letter: line{s.kept(), s.erased}, Erased: s.erased}
	if !s.erased {
		if err := p.unfold(s, &d); err != nil {
			return err
		}
	}
	return web.Show(w, letterPage, f, d)
}

// unfold shows a letter as it would arrive.
func (p *pages) unfold(s *stored, d *devLetter) error {
	from := p.o.From
	if from.Address == "" {
		from.Address, d.Example = "office@example.org", true
	}
	m, err := compose(s, from)
	if err != nil {
		return err
	}
	read, err := netmail.ReadMessage(bytes.NewReader(m.data))
	if err != nil {
		return err
	}
	for name, values := range read.Header {
		for _, v := range values {
			if plain, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
				v = plain
			}
			d.Heads = append(d.Heads, header{name, v})
		}
	}
	slices.SortFunc(d.Heads, func(a, b header) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	first := first(s.to.Lang)
	d.Text = template.HTML(linked(asText(s.content.Body, first))) //nolint:gosec // escaped by linked
	d.HTML = template.HTML(fragment(s.content.Body, first))       //nolint:gosec // escaped by linked
	for _, a := range s.content.Attachments {
		d.Files = append(d.Files, attached{a.Name, mediaType(a.Type), string(a.Data)})
	}
	return nil
}

func (p *pages) letters(w http.ResponseWriter, r *http.Request) error {
	f, err := p.frame(r, "mail.letters.title")
	if err != nil {
		return err
	}
	return p.show(w, r, f, http.StatusOK, func(d *letters) { d.Done = r.URL.Query().Get("done") })
}

// show answers with the operator's page.
func (p *pages) show(w http.ResponseWriter, r *http.Request, f *web.Frame, status int, add func(*letters)) error {
	s, err := p.Standing(r.Context())
	if err != nil {
		return err
	}
	all, err := unsent(r.Context(), p.db, r.URL.Query().Get("after"), perPage+1)
	if err != nil {
		return err
	}
	d := letters{devList: p.list(all), Oldest: s.Oldest}
	if s.Trouble != nil {
		d.Trouble = s.Trouble.Error()
	}
	for _, state := range states {
		d.States = append(d.States, counted{state, float64(s.Count[state])})
	}
	add(&d)
	return web.ShowStatus(w, status, lettersPage, f, d)
}

// change sends a letter again, or one to try it out.
func (p *pages) change(w http.ResponseWriter, r *http.Request) error {
	f, err := p.frame(r, "mail.letters.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	done := "again"
	if to := form.Get("to"); to != "" {
		done, err = "tried", p.try(r.Context(), f, to)
	} else if err = p.sendAgain(r.Context(), form.Get("letter")); fault.KindOf(err) == fault.NotFound && err != nil {
		done, err = "gone", nil
	}
	if problem, unknown := f.ProblemOf(err); err != nil && unknown == nil {
		return p.show(w, r, f, http.StatusUnprocessableEntity, func(d *letters) { d.To, d.Problem = form.Get("to"), problem })
	}
	if err != nil {
		return err
	}
	return web.Done(f.URL("/admin/letters") + "?done=" + done)
}

// try sends a letter to an address to see whether it arrives.
func (p *pages) try(ctx context.Context, f *web.Frame, to string) error {
	if err := CheckAddress(to); err != nil {
		return errAddress.On("to").Because(err)
	}
	l, err := trialLetter.Letter(Address{Address: to, Lang: f.Lang}, trial{f.In(f.Site.Name), f.Abs("/"), p.o.Now().In(p.zone)})
	if err != nil {
		return err
	}
	l.Urgent = true
	return p.db.Write(ctx, func(tx *db.Tx) error {
		if err := p.Send(ctx, tx, l); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "mail.try"})
	})
}

func (p *pages) sendAgain(ctx context.Context, ref string) error {
	return p.db.Write(ctx, func(tx *db.Tx) error {
		if err := p.SendAgain(ctx, tx, ref); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "mail.again", Object: "letter:" + ref})
	})
}
