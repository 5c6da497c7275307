package speaking

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
)

var (
	suggestionsPage = web.NewPage[suggestionsView](event.Mast, web.From(Files, "pages/suggestions.html", "pages/suggestion.html"))
	speakersPage    = web.NewPage[speakersView](event.Mast, web.From(Files, "pages/speakers.html"))
)

// suggestionView is a suggestion with what it changes, side by side.
type suggestionView struct {
	*web.Frame
	Ref, Reason, Answer string
	State               program.SuggestionState
	ByName              i18n.Text
	Title               i18n.Text
	TalkBase            string // path of the session's page for its speakers
	When                string
	StateIn             string
	Fields              []changeView
	Mine                bool   // the reader made it and may take it back
	Action              string // path of the form
}

// changeView is a field as it is and as it is to be; what differs is marked.
type changeView struct {
	Label         string
	Lang          i18n.Lang
	Before, After template.HTML
}

// suggestion makes the view of a suggestion.
func (h *Web) suggestion(f *web.Frame, g *program.Suggestion, mine bool) suggestionView {
	v := suggestionView{
		Frame: f, Ref: g.Ref, Reason: g.Reason, Answer: g.Answer, State: g.State, ByName: g.ByName, Title: g.Title, When: f.Moment(g.At), StateIn: f.T("program.speaking.state." + string(g.State)),
		Mine: mine && g.State == program.SuggestionOpen,
	}
	for _, c := range g.Changes {
		name, lang, _ := strings.Cut(c.Field, ".")
		before, after := marked(c.Base, c.Value)
		v.Fields = append(v.Fields, changeView{
			f.T("program.speaking.field."+name) + " · " + f.T("program.speaking.lang."+lang), i18n.Lang(lang), before, after,
		})
	}
	return v
}

// marked marks the stretch in which two texts differ: what stands before and after it is the same.
func marked(before, after string) (b, a template.HTML) {
	n := 0
	for n < len(before) && n < len(after) && before[n] == after[n] {
		n++
	}
	for n > 0 && (n < len(before) && !utf8.RuneStart(before[n]) || n < len(after) && !utf8.RuneStart(after[n])) {
		n--
	}
	e := 0
	for e < len(before)-n && e < len(after)-n && before[len(before)-1-e] == after[len(after)-1-e] {
		e++
	}
	for e > 0 && !utf8.RuneStart(before[len(before)-e]) {
		e--
	}
	part := func(s, tag string) template.HTML {
		esc := template.HTMLEscapeString
		mid := s[n : len(s)-e]
		if mid != "" {
			mid = "<" + tag + ">" + esc(mid) + "</" + tag + ">"
		}
		return template.HTML(esc(s[:n]) + mid + esc(s[len(s)-e:])) //nolint:gosec // escaped
	}
	return part(before, "del"), part(after, "ins")
}

// suggestionsView are the suggestions that the reader may answer.
type suggestionsView struct {
	Open, Done []suggestionView
	Said       string
	Problem    *web.Problem
	At         string // the suggestion that the problem is about
	Word       string
}

func (h *Web) suggestions(w http.ResponseWriter, r *http.Request) error {
	return h.showSuggestions(w, r, http.StatusOK, nil, "")
}

func (h *Web) showSuggestions(w http.ResponseWriter, r *http.Request, status int, wrong error, word string) error {
	list, p, err := h.speaking.Suggestions(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	f, err := h.frame(r, p.Meeting, "program.speaking.suggestions")
	if err != nil {
		return err
	}
	v := suggestionsView{Said: said(f, r), At: r.PathValue("ref"), Word: word}
	if wrong != nil {
		if v.Problem, err = f.ProblemOf(wrong); err != nil {
			return err
		}
	}
	for _, g := range list {
		one := h.suggestion(f, g, false)
		one.TalkBase, one.Action = talkURL(p.Meeting.Slug, g.Name), "/meetings/"+p.Meeting.Slug+"/suggestions/"+g.Ref
		if g.State == program.SuggestionOpen {
			v.Open = append(v.Open, one)
		} else {
			v.Done = append(v.Done, one)
		}
	}
	return web.ShowStatus(w, status, suggestionsPage, f, v)
}

func (h *Web) answer(w http.ResponseWriter, r *http.Request) error {
	values, err := web.Form(r)
	if err != nil {
		return err
	}
	accept := values.Get("do") == "accept"
	_, err = h.speaking.Answer(r.Context(), r.PathValue("slug"), r.PathValue("ref"), accept, values.Get("answer"))
	if mend(err) {
		return h.showSuggestions(w, r, http.StatusConflict, err, values.Get("answer"))
	}
	if err != nil {
		return err
	}
	done := "declined"
	if accept {
		done = "accepted"
	}
	return h.back(r, "/meetings/"+r.PathValue("slug")+"/suggestions", done, "")
}

// speakersView are the speakers of a meeting and who of them has an account.
type speakersView struct {
	Slug     string
	People   []speakerView
	Linked   int
	Link     string // an invitation that was just made, shown once
	For      i18n.Text
	Sent     string // the address that it was sent to; empty: it was not sent
	Days     int
	Problem  *web.Problem
	Key      string // whom the problem is about
	Address  string
	Suggests int // open suggestions
}

// speakerView is a speaker with the accounts that are theirs.
type speakerView struct {
	Key      string
	Name     i18n.Text
	Of       i18n.Text
	Talks    []talkLine
	Accounts []string
	Invited  int
}

// invitedFor is how long a speaker's invitation is open.
const invitedFor = 30

func (h *Web) speakers(w http.ResponseWriter, r *http.Request) error {
	return h.showSpeakers(w, r, http.StatusOK, speakersView{})
}

func (h *Web) showSpeakers(w http.ResponseWriter, r *http.Request, status int, v speakersView) error {
	ctx, slug := r.Context(), r.PathValue("slug")
	list, p, err := h.speaking.Suggestions(ctx, slug)
	if err != nil {
		return err
	}
	f, err := h.frame(r, p.Meeting, "program.speaking.people")
	if err != nil {
		return err
	}
	v.Slug, v.Days = slug, invitedFor
	for _, g := range list {
		if g.State == program.SuggestionOpen {
			v.Suggests++
		}
	}
	held, err := h.events.Held(ctx, h.db, slug)
	if err != nil {
		return err
	}
	invitations, err := h.events.Invitations(ctx, h.db, slug)
	if err != nil {
		return err
	}
	names, err := h.holders(r, held)
	if err != nil {
		return err
	}
	for _, s := range p.Speakers {
		one := speakerView{Key: s.Key, Name: s.Name, Of: s.Affiliation}
		for _, it := range s.Items {
			one.Talks = append(one.Talks, talkLine{Title: it.Title, URL: talkURL(slug, it.Name)})
		}
		for _, g := range held {
			if g.Role == event.RoleSpeaker && g.Object == s.Key {
				one.Accounts = append(one.Accounts, f.In(names[g.Person]))
			}
		}
		for _, i := range invitations {
			if i.Role == event.RoleSpeaker && i.Object == s.Key {
				one.Invited++
			}
		}
		if len(one.Accounts) > 0 {
			v.Linked++
		}
		v.People = append(v.People, one)
	}
	return web.ShowStatus(w, status, speakersPage, f, v)
}

// holders names the accounts that hold the role of a speaker.
func (h *Web) holders(r *http.Request, held []event.Grant) (map[int64]i18n.Text, error) {
	var ids []int64
	for _, g := range held {
		if g.Role == event.RoleSpeaker && !slices.Contains(ids, g.Person) {
			ids = append(ids, g.Person)
		}
	}
	out := map[int64]i18n.Text{}
	if len(ids) == 0 {
		return out, nil
	}
	people, err := h.people.Accounts(r.Context(), h.db, accounts(ids), nil)
	for _, p := range people {
		out[int64(p.ID)] = p.Name
	}
	return out, err
}

// invite makes the link by which a speaker becomes one with their account. It is shown once: only who has it can use it.
func (h *Web) invite(w http.ResponseWriter, r *http.Request) error {
	values, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, slug, key := r.Context(), r.PathValue("slug"), values.Get("key")
	p, err := h.speaking.Planned(ctx, slug)
	if err != nil {
		return err
	}
	who := p.Speaker(key)
	if who == nil {
		return h.showSpeakers(w, r, http.StatusUnprocessableEntity, speakersView{Problem: &web.Problem{Field: "key", Message: h.site.Words.Say(i18n.JA, "program.speaking.error.nobody")}})
	}
	var link, to string
	base := h.site.PublicURL + web.Address(p.Meeting.DefaultLang(), h.site.Default, "/invitations/")
	err = h.db.Write(ctx, func(tx *db.Tx) error {
		token, made, err := h.events.Invite(ctx, tx, event.Invitation{
			Slug: slug, Role: event.RoleSpeaker, Object: key, Address: strings.TrimSpace(values.Get("address")), Uses: 1,
			Expires: h.speaking.Now().AddDate(0, 0, invitedFor),
		})
		if link, to = base+url.PathEscape(token), made.Address; err != nil || made.Address == "" {
			return err
		}
		return h.write(ctx, tx, p, who, made.Address, made.Ref, link)
	})
	f, frameErr := h.frame(r, p.Meeting, "program.speaking.people")
	if frameErr != nil {
		return errors.Join(err, frameErr)
	}
	if mend(err) {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showSpeakers(w, r, http.StatusUnprocessableEntity, speakersView{Problem: problem, Key: key, Address: values.Get("address")})
	}
	if err != nil {
		return err
	}
	return h.showSpeakers(w, r, http.StatusOK, speakersView{Link: link, For: who.Name, Key: key, Sent: to})
}
