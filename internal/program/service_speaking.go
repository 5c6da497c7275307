package program

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Speaking is what speakers do themselves: their profile at a meeting, what they refuse, when they cannot be there, and what they would like to be
// otherwise. Who somebody is on a stage is a role: that of a speaker, on the key by which the programme knows them.
type Speaking struct {
	desk *Desk
	s    *Service
}

// NewSpeaking makes the use cases of speakers over those of the desk.
func NewSpeaking(d *Desk) *Speaking { return &Speaking{d, d.s} }

// Away says when the speakers of a meeting cannot be there: the desk asks.
func (s *Service) Away(ctx context.Context, r db.Reader, slug string) ([]Absence, error) {
	m, err := s.events.Load(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	return loadAbsences(ctx, r, m)
}

// Talk is a session as its speakers see it.
type Talk struct {
	Programme   *Programme // the public one
	Item        *Item      // as it is published; nil where it is not
	Draft       *Item      // as it is planned
	Planned     *Programme
	Mine        []*Person // who acts, on this stage; empty for those who act for a speaker
	All         []*Person // whom who acts may act for
	Absences    []Absence // of those
	Suggestions []*Suggestion
	Owners      []int64 // accounts of the committee's members who look after it

	raw *interchange.Document // the draft with what each speaker refuses
}

// Shown is the session as everybody sees it, or, where nobody does yet, as it is planned.
func (t *Talk) Shown() *Item {
	if t.Item != nil {
		return t.Item
	}
	return t.Draft
}

// Own is the policy of a speaker for what they do at the session, as the draft has it.
func (t *Talk) Own(key string) interchange.Policy {
	i := indexOf(t.raw, t.Draft.GUID)
	if i < 0 {
		return interchange.Policy{}
	}
	p := interchange.Policy{}
	eachAppearance(&t.raw.Sessions[i], func(a *interchange.Appearance) {
		if a.Speaker == key {
			p = p.Restrict(a.Policy)
		}
	})
	return p
}

// Others is the policy of the session without what a speaker refuses: what is refused here, they cannot allow.
func (t *Talk) Others(key string) interchange.Policy {
	i := indexOf(t.raw, t.Draft.GUID)
	if i < 0 {
		return interchange.Policy{}
	}
	doc := *t.raw
	doc.Sessions = slices.Clone(doc.Sessions)
	s := &doc.Sessions[i]
	s.Speakers, s.Parts = slices.Clone(s.Speakers), clonedParts(s.Parts)
	eachAppearance(s, func(a *interchange.Appearance) {
		if a.Speaker == key {
			a.Policy = interchange.Policy{}
		}
	})
	return doc.Public(t.Planned.Today).Sessions[i].Policy
}

// eachAppearance goes through the stages of a session and of its parts.
func eachAppearance(s *interchange.Session, do func(*interchange.Appearance)) {
	var walk func([]interchange.Appearance, []interchange.Part)
	walk = func(as []interchange.Appearance, parts []interchange.Part) {
		for i := range as {
			do(&as[i])
		}
		for i := range parts {
			walk(parts[i].Speakers, parts[i].Parts)
		}
	}
	walk(s.Speakers, s.Parts)
}

// clonedParts are parts whose stages may be changed.
func clonedParts(parts []interchange.Part) []interchange.Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Speakers, out[i].Parts = slices.Clone(out[i].Speakers), clonedParts(out[i].Parts)
	}
	return out
}

// Now is the time it is.
func (k *Speaking) Now() time.Time { return k.s.now() }

// Planned is the programme of a meeting as the draft has it, for who asked whether the reader may see it.
func (k *Speaking) Planned(ctx context.Context, slug string) (*Programme, error) {
	return k.s.Planned(ctx, slug)
}

// Name is the name of the session in addresses.
func (t *Talk) Name() string {
	if t.Item != nil {
		return t.Item.Name
	}
	return t.Draft.Name
}

// speakersFor lists the people on a stage for whom who acts may act: themselves, or, for those who may act for the session, all of them.
func speakersFor(ctx context.Context, slug string, it *Item) (mine, all []*Person) {
	who := authz.Who(ctx)
	session := who.May(event.MaySpeak, slug, it.Ref) || who.May(event.MayEditSession, slug, it.Ref)
	for _, p := range everyone(it) {
		own := who.May(event.MaySpeak, slug, p.Key) && !who.May(event.MaySpeak, slug, "")
		if own {
			mine = append(mine, p)
		}
		if own || session {
			all = append(all, p)
		}
	}
	return mine, all
}

// Talk finds a session of who acts. To others it is not there.
func (k *Speaking) Talk(ctx context.Context, slug, name string) (*Talk, error) {
	planned, raw, err := k.s.planned(ctx, slug)
	if err != nil {
		return nil, err
	}
	t := &Talk{Planned: planned, Draft: planned.Session(name), raw: raw}
	if t.Draft == nil {
		return nil, fault.Missing()
	}
	t.Mine, t.All = speakersFor(ctx, slug, t.Draft)
	if len(t.All) == 0 && !authz.Who(ctx).May(event.MayEditSession, slug, t.Draft.Ref) {
		return nil, fault.Missing()
	}
	if t.Programme, err = k.s.Programme(ctx, slug); err != nil {
		return nil, err
	}
	t.Item = t.Programme.Session(t.Draft.Ref)
	err = k.s.db.Read(ctx, func(r db.Reader) error {
		list, err := loadAbsences(ctx, r, planned.Meeting)
		if err != nil {
			return err
		}
		for _, a := range list {
			if slices.ContainsFunc(t.All, func(p *Person) bool { return p.Key == a.Speaker }) {
				t.Absences = append(t.Absences, a)
			}
		}
		if t.Suggestions, err = loadSuggestions(ctx, r, planned.Meeting, `g.session = $2`, t.Draft.GUID); err != nil {
			return err
		}
		t.Owners, err = k.s.events.HoldersOn(ctx, r, slug, t.Draft.Ref, event.RoleSessionOwner)
		return err
	})
	return t, err
}

// Talks are the sessions of who acts at all meetings: those they speak at, and those they act for. A meeting costs one statement where nothing
// changed.
func (k *Speaking) Talks(ctx context.Context) ([]*Talk, error) {
	who := authz.Who(ctx)
	held, err := k.s.events.HoldingsOf(ctx, k.s.db, who.ID, event.RoleSpeaker, event.RoleSessionEditor)
	if err != nil {
		return nil, err
	}
	bySlug := map[string][]string{}
	for _, h := range held {
		bySlug[h.Slug] = append(bySlug[h.Slug], h.Object)
	}
	var out []*Talk
	for slug, objects := range bySlug {
		planned, err := k.s.Planned(ctx, slug)
		if err != nil {
			return nil, err
		}
		public, err := k.s.Programme(ctx, slug)
		if err != nil {
			return nil, err
		}
		for _, it := range planned.Items {
			t := &Talk{Programme: public, Planned: planned, Draft: it, Item: public.Session(it.Ref)}
			t.Mine, t.All = speakersFor(ctx, slug, it)
			mine := slices.ContainsFunc(everyone(it), func(p *Person) bool { return slices.Contains(objects, p.Key) })
			if mine || slices.Contains(objects, it.Ref) {
				out = append(out, t)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *Talk) int {
		if a.Planned.Meeting.ID != b.Planned.Meeting.ID {
			return strings.Compare(string(b.Planned.Meeting.Start), string(a.Planned.Meeting.Start))
		}
		return a.Planned.order(a.Draft, b.Draft)
	})
	return out, nil
}

// maySpeakAs says whether who acts may act for a speaker: the speaker, who edits the programme, or who may act for a session they are at.
func maySpeakAs(ctx context.Context, slug, key string, d *interchange.Document) error {
	if !slices.ContainsFunc(d.Speakers, func(s interchange.Speaker) bool { return s.Key == key }) {
		return fault.Missing()
	}
	if event.May(ctx, slug, event.MayEditProgramme) || authz.Who(ctx).May(event.MaySpeak, slug, key) {
		return nil
	}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		if onStage(s, key) && (authz.Who(ctx).May(event.MaySpeak, slug, s.Ref) || authz.Who(ctx).May(event.MayEditSession, slug, s.Ref)) {
			return nil
		}
	}
	return fault.Missing()
}

// mayRefuse says whether who acts may say what a speaker refuses at a session: the speaker, who edits the programme, or who acts for this very
// session. What a speaker refuses elsewhere is not theirs.
func mayRefuse(ctx context.Context, slug, key string, s *interchange.Session) bool {
	who := authz.Who(ctx)
	return event.May(ctx, slug, event.MayEditProgramme) || who.May(event.MaySpeak, slug, key) || who.May(event.MaySpeak, slug, s.Ref) ||
		who.May(event.MayEditSession, slug, s.Ref)
}

// onStage reports whether a speaker is at a session or in a part of it.
func onStage(s *interchange.Session, key string) bool { return slices.Contains(keysOn(s), key) }

// keysOn lists the keys of those on the stages of a session.
func keysOn(s *interchange.Session) []string {
	var list []string
	eachAppearance(s, func(a *interchange.Appearance) { list = append(list, a.Speaker) })
	return list
}

// SaveProfile writes what a speaker says of themselves into the draft. It is public with the next release, like everything else in it.
func (k *Speaking) SaveProfile(ctx context.Context, slug, key string, p Profile) error {
	if err := p.tidy(); err != nil {
		return err
	}
	return k.changeSpeaker(ctx, slug, key, func(s *interchange.Speaker) {
		s.Affiliation, s.Bio, s.Links = p.Affiliation, p.Bio, orNil(p.Links)
	})
}

// SavePhoto writes the name of a speaker's picture into the draft; an empty one takes it away.
func (k *Speaking) SavePhoto(ctx context.Context, slug, key, name string) error {
	return k.changeSpeaker(ctx, slug, key, func(s *interchange.Speaker) { s.Photo = name })
}

// changeSpeaker changes a speaker of the draft, by whoever may act for them.
func (k *Speaking) changeSpeaker(ctx context.Context, slug, key string, change func(*interchange.Speaker)) error {
	_, err := k.desk.act(ctx, slug, ActSpeakers, func(a *acting) error {
		if err := maySpeakAs(ctx, slug, key, a.Doc); err != nil {
			return err
		}
		doc := a.change()
		i := slices.IndexFunc(doc.Speakers, func(s interchange.Speaker) bool { return s.Key == key })
		change(&doc.Speakers[i])
		return nil
	})
	return err
}

// Refuse writes what a speaker refuses for what they do at a session into the draft, where it narrows what the session allows.
func (k *Speaking) Refuse(ctx context.Context, slug, name, key string, r Refusals) error {
	_, err := k.desk.act(ctx, slug, ActEdit, func(a *acting) error {
		if err := maySpeakAs(ctx, slug, key, a.Doc); err != nil {
			return err
		}
		doc := a.change()
		i := indexOf(doc, name)
		if i < 0 || !onStage(&doc.Sessions[i], key) || !mayRefuse(ctx, slug, key, &doc.Sessions[i]) {
			return fault.Missing()
		}
		s := &doc.Sessions[i]
		s.Speakers, s.Parts = slices.Clone(s.Speakers), clonedParts(s.Parts)
		eachAppearance(s, func(a *interchange.Appearance) {
			if a.Speaker == key {
				r.onto(&a.Policy)
			}
		})
		return nil
	})
	return err
}

// SaveAbsences says when a speaker cannot be there.
func (k *Speaking) SaveAbsences(ctx context.Context, slug, key string, list []Absence) error {
	return k.s.db.Write(ctx, func(tx *db.Tx) error {
		m, err := k.s.events.Load(ctx, tx, slug)
		if err != nil {
			return err
		}
		draft, err := loadDraft(ctx, tx, m)
		if err != nil {
			return err
		}
		if err := maySpeakAs(ctx, slug, key, draft); err != nil {
			return err
		}
		next, err := tidyAbsences(slices.Clone(list), m)
		if err != nil {
			return err
		}
		all, err := loadAbsences(ctx, tx, m)
		if err != nil {
			return err
		}
		before := absencesInWords(slices.DeleteFunc(all, func(a Absence) bool { return a.Speaker != key }))
		if err := saveAbsences(ctx, tx, m.ID, key, next, authz.Who(ctx).ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Scope: slug, Object: "speaker:" + key, About: authz.Who(ctx).Ref, Action: "program.speaker.away", At: k.s.now(),
			Before: map[string]string{"away": before}, After: map[string]string{"away": absencesInWords(next)},
		})
	})
}

func absencesInWords(list []Absence) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.From.Format("2006-01-02 15:04") + " – " + a.To.Format("2006-01-02 15:04") + " " + a.Note + "\n")
	}
	return b.String()
}

// Suggest asks the committee to change texts of a session.
func (k *Speaking) Suggest(ctx context.Context, slug, name string, edits []FieldEdit, reason string) (*Suggestion, error) {
	if reason = strings.TrimSpace(reason); utf8.RuneCountInString(reason) > maxReason {
		return nil, fault.New(fault.Invalid, "program.desk.error.too_long").With("n", maxReason).On("reason")
	}
	g := &Suggestion{Slug: slug, Reason: reason, State: SuggestionOpen, By: authz.Who(ctx).ID}
	err := k.s.db.Write(ctx, func(tx *db.Tx) error {
		m, err := k.s.events.Load(ctx, tx, slug)
		if err != nil {
			return err
		}
		draft, err := loadDraft(ctx, tx, m)
		if err != nil {
			return err
		}
		i := indexOf(draft, name)
		if i < 0 || !k.onIt(ctx, slug, &draft.Sessions[i]) {
			return fault.Missing()
		}
		s := &draft.Sessions[i]
		if g.Changes, err = changesOf(draft, s, edits); err != nil {
			return err
		}
		g.Ref, g.Session, g.At = rand.Text(), s.GUID, k.s.now()
		open, err := loadSuggestions(ctx, tx, m, `g.session = $2 AND g.state = 'open'`, s.GUID)
		if err != nil {
			return err
		}
		if len(open) >= maxAbsences {
			return fault.New(fault.TooMany, "program.speaking.error.many")
		}
		if err := addSuggestion(ctx, tx, m.ID, g); err != nil {
			return err
		}
		return k.recordSuggestion(ctx, tx, slug, s.Ref, "program.suggestion.made", g)
	})
	return g, err
}

// onIt reports whether who acts speaks at a session or acts for it.
func (k *Speaking) onIt(ctx context.Context, slug string, s *interchange.Session) bool {
	who := authz.Who(ctx)
	may := func(p authz.Permission, object string) bool { return who.May(p, slug, object) }
	return may(event.MaySpeak, s.Ref) || may(event.MayEditSession, s.Ref) || slices.ContainsFunc(keysOn(s), func(key string) bool { return may(event.MaySpeak, key) })
}

// changesOf keeps of edits what differs from the draft, with what it was.
func changesOf(draft *interchange.Document, s *interchange.Session, edits []FieldEdit) ([]FieldEdit, error) {
	list := fields()
	var out []FieldEdit
	for _, e := range edits {
		f := fieldNamed(list, e.Field)
		if f == nil || !slices.Contains(suggested, e.Field) {
			return nil, fault.New(fault.Invalid, "program.desk.error.field").With("value", clip(e.Field))
		}
		value, err := f.tidyValue(e.Value)
		if err != nil {
			return nil, err
		}
		if now := f.get(draft, s); value != strings.TrimSpace(now) {
			out = append(out, FieldEdit{Field: e.Field, Base: now, Value: value})
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "program.speaking.error.same").On("title.ja")
	}
	return out, nil
}

// recordSuggestion writes down what became of a suggestion. What its maker wrote stands in the entry that they made, and goes with them.
func (k *Speaking) recordSuggestion(ctx context.Context, tx *db.Tx, slug, ref, action string, g *Suggestion) error {
	e := audit.Entry{Scope: slug, Object: "session:" + ref, Action: action, After: map[string]string{"suggestion": g.Ref, "answer": g.Answer}, At: k.s.now()}
	if g.State == SuggestionOpen {
		e.About, e.After["reason"] = authz.Who(ctx).Ref, g.Reason
		for _, c := range g.Changes {
			e.After[c.Field] = c.Value
		}
	}
	return audit.Record(ctx, tx, e)
}

// Suggestions are the suggestions of a meeting that wait for an answer and those answered last, newest first, for those who may answer them.
func (k *Speaking) Suggestions(ctx context.Context, slug string) (list []*Suggestion, p *Programme, err error) {
	if p, err = k.s.Planned(ctx, slug); err != nil {
		return nil, nil, err
	}
	all, err := loadSuggestions(ctx, k.s.db, p.Meeting, `g.state <> 'withdrawn'`)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range all {
		it := p.Session(g.Session)
		if it == nil || !mayAnswer(ctx, slug, it.Ref) {
			continue
		}
		g.Name, g.Title = it.Name, it.Title
		list = append(list, g)
	}
	slices.SortStableFunc(list, func(a, b *Suggestion) int { return stateOrder(a) - stateOrder(b) })
	return list[:min(len(list), maxReleases)], p, nil
}

func stateOrder(g *Suggestion) int {
	if g.State == SuggestionOpen {
		return 0
	}
	return 1
}

func mayAnswer(ctx context.Context, slug, ref string) bool {
	return event.May(ctx, slug, event.MayEditProgramme) || authz.Who(ctx).May(event.MayEditSession, slug, ref)
}

// Answer accepts a suggestion, which writes the draft as an edit at the desk does, or declines it. Where what it was made of has changed, accepting
// is refused with Conflicts, and it stays open.
func (k *Speaking) Answer(ctx context.Context, slug, ref string, accept bool, word string) (*Suggestion, error) {
	if word = strings.TrimSpace(word); utf8.RuneCountInString(word) > maxReason {
		return nil, fault.New(fault.Invalid, "program.desk.error.too_long").With("n", maxReason).On("answer")
	}
	var g *Suggestion
	var conflicts []FieldConflict
	_, err := k.desk.act(ctx, slug, ActEdit, func(a *acting) error {
		found, err := loadSuggestions(ctx, a.tx, a.Meeting, `g.ref = $2`, ref)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.Missing()
		}
		g = found[0]
		s := a.Session(g.Session)
		if s == nil || !mayAnswer(ctx, slug, s.Ref) {
			return fault.Missing()
		}
		g.State, g.Answer, g.AnsweredAt, g.AnsweredBy = SuggestionDeclined, word, k.s.now(), authz.Who(ctx).Ref
		action := "program.suggestion.declined"
		if accept {
			g.State, action = SuggestionAccepted, "program.suggestion.accepted"
			a.change()
			if s = a.Session(g.Session); s == nil {
				return fault.Missing()
			}
			if conflicts, err = k.desk.edit(ctx, a, s, g.Changes); err != nil {
				return err
			}
		}
		if open, err := answerSuggestion(ctx, a.tx, g); err != nil {
			return err
		} else if !open {
			return fault.New(fault.Conflict, "program.speaking.error.answered")
		}
		return k.recordSuggestion(ctx, a.tx, slug, s.Ref, action, g)
	})
	if err != nil && len(conflicts) > 0 {
		return g, &Conflicts{conflicts, fault.New(fault.Conflict, "program.speaking.error.changed")}
	}
	return g, err
}

// Withdraw takes a suggestion of one's own back.
func (k *Speaking) Withdraw(ctx context.Context, slug, ref string) error {
	return k.s.db.Write(ctx, func(tx *db.Tx) error {
		m, err := k.s.events.Load(ctx, tx, slug)
		if err != nil {
			return err
		}
		found, err := loadSuggestions(ctx, tx, m, `g.ref = $2 AND g.made_by = $3`, ref, authz.Who(ctx).ID)
		if err != nil {
			return err
		}
		if len(found) == 0 || authz.Who(ctx).ID == 0 {
			return fault.Missing()
		}
		g := found[0]
		g.State, g.AnsweredAt, g.AnsweredBy = SuggestionWithdrawn, k.s.now(), authz.Who(ctx).Ref
		if open, err := answerSuggestion(ctx, tx, g); err != nil {
			return err
		} else if !open {
			return fault.New(fault.Conflict, "program.speaking.error.answered")
		}
		session, err := refOfGUID(ctx, tx, m.ID, g.Session)
		if err != nil {
			return err
		}
		return k.recordSuggestion(ctx, tx, slug, session, "program.suggestion.withdrawn", &Suggestion{Ref: g.Ref})
	})
}
