package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var (
	peoplePage  = web.NewPage[peopleView](event.Mast, web.From(Files, "pages/speakers.html", "pages/parts.html"))
	speakerPage = web.NewPage[speakerView](event.Mast, web.From(Files, "pages/speaker.html", "pages/parts.html"))
)

// peopleView lists the speakers.
type peopleView struct {
	view
	Rows  []personRow
	Total int
	Q     string
}

// personRow is a speaker in the list.
type personRow struct {
	URL         string
	Name        i18n.Text
	Reading     string
	Affiliation i18n.Text
	N           int  // sessions
	Twice       bool // another has the same name
	OneName     bool // known in one language only
}

// speakers lists the speakers of the draft.
func (h *Web) speakers(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "speakers")
	if err != nil {
		return err
	}
	v := peopleView{Total: len(p.Doc.Speakers), Q: strings.TrimSpace(r.URL.Query().Get("q"))}
	names, n := map[string]int{}, p.AppearanceCounts()
	for _, s := range p.Doc.Speakers {
		names[folded(s.Name)]++
	}
	for _, s := range p.Doc.Speakers {
		text := strings.ToLower(plain(strings.Join([]string{s.Key, s.Name.JA, s.Name.EN, s.Reading, s.Affiliation.JA, s.Affiliation.EN}, "\n")))
		if v.Q != "" && !strings.Contains(text, strings.ToLower(plain(v.Q))) {
			continue
		}
		v.Rows = append(v.Rows, personRow{
			URL: p.Base + "/speakers/" + s.Key, Name: s.Name, Reading: s.Reading, Affiliation: s.Affiliation, N: n[s.Key], Twice: names[folded(s.Name)] > 1,
			OneName: s.Name.JA == "" || s.Name.EN == "",
		})
	}
	slices.SortStableFunc(v.Rows, func(a, b personRow) int {
		return strings.Compare(a.Reading+a.Name.In(p.Lang), b.Reading+b.Name.In(p.Lang))
	})
	v.view = p.view
	return web.Show(w, peoplePage, p.Frame, v)
}

// folded is a name by which two entries of one person are found.
func folded(name i18n.Text) string {
	return strings.ToLower(strings.Join(strings.Fields(plain(name.In(i18n.JA))), ""))
}

// speakerView is the page on which a speaker is edited, or added.
type speakerView struct {
	view
	Key      string // empty: a new one
	Name     i18n.Text
	Fields   []input
	Sessions []row
	Others   []choice // to merge with
}

// speaker shows a speaker to be edited; the key "new" is for one to be added.
func (h *Web) oneSpeaker(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "speakers")
	if err != nil {
		return err
	}
	return h.showSpeaker(w, r, p, nil, nil, http.StatusOK)
}

// newSpeaker is the key of the page on which a speaker is added. No speaker made at the desk has it.
const newSpeaker = "new"

func (h *Web) showSpeaker(w http.ResponseWriter, r *http.Request, p *page, typed map[string]string, problem error, status int) error {
	v := speakerView{Key: r.PathValue("key")}
	s := p.Speaker(v.Key)
	if s == nil {
		if v.Key != newSpeaker {
			return fault.Missing()
		}
		s, v.Key = &interchange.Speaker{}, ""
	}
	v.Name = s.Name
	c, _ := errors.AsType[*program.Conflicts](problem)
	for _, name := range program.SpeakerFields() {
		in := input{Name: name, Label: p.T("desk.speaker.field." + name), Base: program.SpeakerText(s, name), Long: strings.HasPrefix(name, "bio"), Can: p.May.Edit}
		in.Value = in.Base
		if t, ok := typed[name]; ok {
			in.Value = t
		}
		if _, l, ok := strings.Cut(name, "."); ok {
			in.Lang = i18n.Lang(l)
		}
		if p.Problem != nil && p.Problem.Field == name {
			in.Problem = p.Problem.Message
		}
		if c != nil {
			for _, one := range c.Fields {
				if one.Field == name {
					in.Conflict, in.Base, in.Problem = p.conflict(&one, one.Current), one.Current, ""
				}
			}
		}
		v.Fields = append(v.Fields, in)
	}
	if v.Key != "" {
		for _, one := range p.Appearances(v.Key) {
			v.Sessions = append(v.Sessions, p.row(one, 0))
		}
		for _, o := range p.Doc.Speakers {
			if o.Key != v.Key {
				v.Others = append(v.Others, choice{Value: o.Key, Label: p.In(o.Name) + " " + short(p.In(o.Affiliation), 24), On: folded(o.Name) == folded(s.Name)})
			}
		}
		slices.SortStableFunc(v.Others, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	}
	v.view = p.view
	return web.ShowStatus(w, status, speakerPage, p.Frame, v)
}

// editSpeaker stores the form of a speaker.
func (h *Web) editSpeaker(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	edits, typed := editsOf(v)
	if key == newSpeaker {
		key = ""
	}
	made, done, err := h.desk.EditSpeaker(r.Context(), r.PathValue("slug"), key, edits)
	if err == nil {
		what := "saved"
		if key == "" {
			what = "speaker_added"
		}
		return h.back(r, "/speakers/"+made, what, url.Values{"act": {done.Act}})
	}
	p, again := h.open(r, "speakers")
	if again != nil {
		return again
	}
	status, problem := fault.KindOf(err).Status(), err
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showSpeaker(w, r, p, typed, problem, status)
}

// mergeSpeaker makes two entries of one person one.
func (h *Web) mergeSpeaker(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	done, err := h.desk.MergeSpeakers(r.Context(), r.PathValue("slug"), v.Get("with"), r.PathValue("key"))
	return h.spoken(w, r, done, err, "/speakers/"+r.PathValue("key"), "merged")
}

// removeSpeaker takes a speaker out who is in no session.
func (h *Web) removeSpeaker(w http.ResponseWriter, r *http.Request) error {
	done, err := h.desk.RemoveSpeaker(r.Context(), r.PathValue("slug"), r.PathValue("key"))
	return h.spoken(w, r, done, err, "/speakers", "speaker_removed")
}

// spoken leads on after something was done to a speaker, or says on the speaker's page why it was not.
func (h *Web) spoken(w http.ResponseWriter, r *http.Request, done *program.Done, err error, to, what string) error {
	if err == nil {
		return h.back(r, to, what, url.Values{"act": {done.Act}})
	}
	p, again := h.open(r, "speakers")
	if again != nil {
		return again
	}
	status := fault.KindOf(err).Status()
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showSpeaker(w, r, p, nil, nil, status)
}
