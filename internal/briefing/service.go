package briefing

import (
	"context"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Calendar writes the iCalendar file of some sessions, by guid, in a language, so that whoever has them in their calendar has them moved; nothing
// where none of them has a date.
type Calendar func(guids []string, l i18n.Lang) ([]byte, error)

// Programme is what this feature asks of the one that knows sessions.
type Programme interface {
	// Changes are the sessions that moved, were cancelled, restored or added between two releases, in the order of the programme.
	Changes(ctx context.Context, m *event.Stored, from, to int) ([]Change, error)
	// Sessions are those of the newest release.
	Sessions(ctx context.Context, m *event.Stored) ([]Session, error)
	// Starrers are the people who starred some sessions while signed in, with the guids.
	Starrers(ctx context.Context, r db.Reader, m *event.Stored, guids []string) (map[int64][]string, error)
	// Calendar is of the newest release.
	Calendar(ctx context.Context, m *event.Stored) (Calendar, error)
	// Anonymous counts the stars of those who were not signed in, by guid.
	Anonymous(ctx context.Context, r db.Reader, slug string) (map[string]int, error)
}

// Registrants knows who registered for sessions.
type Registrants interface {
	Registered(ctx context.Context, r db.Reader, m *event.Stored, guids []string) (map[int64][]string, error)
}

// People is what this feature asks of the one that knows who people are.
type People interface {
	// Recipients says where letters of a kind go to; who wants none, or has no address, is not in it.
	Recipients(ctx context.Context, r db.Reader, ids []person.ID, kind string) (map[person.ID]mail.Address, error)
	// Unsubscribes are the addresses at which people decline letters of a kind without signing in.
	Unsubscribes(ctx context.Context, tx *db.Tx, ids []person.ID, kind string) (map[person.ID]string, error)
}

// Outbox takes letters, which leave once the transaction is durable.
type Outbox interface {
	Send(ctx context.Context, tx *db.Tx, l mail.Letter) error
	// States tells what became of letters, by their keys.
	States(ctx context.Context, r db.Reader, keys []string) (map[string]mail.State, error)
}

// Jobs takes what is to be done later.
type Jobs interface {
	Enqueue(ctx context.Context, tx *db.Tx, e job.Event, options ...job.Option) error
}

// Options are what the feature is given.
type Options struct {
	Programme   Programme
	People      People
	Registrants Registrants // nil: nobody registers
	Outbox      Outbox
	Jobs        Jobs
	Publish     func(topic string, version int64) // nil: nobody listens
	Now         func() time.Time                  // nil: the clock
	Base        string                            // the site's URL
	Default     i18n.Lang                         // the language of the site whose addresses have no prefix
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	events *event.Service
	o      Options
}

// New makes the service; it does nothing yet.
func New(d *db.DB, events *event.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Default == "" {
		o.Default = i18n.JA
	}
	return &Service{d, events, o}
}

// meeting is a meeting whose letters are being written.
type meeting struct {
	*event.Stored
	def i18n.Lang // of the site
}

// address is the URL of a page of the meeting in a language.
func (m *meeting) address(base string, l i18n.Lang, path string) string {
	return base + web.Address(l, m.DefaultLang(), path)
}

// site is the URL of a page of no meeting in a language.
func (m *meeting) site(base string, l i18n.Lang, path string) string {
	return base + web.Address(l, m.def, path)
}

// open finds a meeting, for those who may write to its people.
func (s *Service) open(ctx context.Context, slug string) (*meeting, error) {
	if err := event.Require(ctx, slug, event.MaySendLetters); err != nil {
		return nil, err
	}
	return s.meeting(ctx, slug)
}

func (s *Service) meeting(ctx context.Context, slug string) (*meeting, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	g, err := s.events.Group(ctx)
	if err != nil {
		return nil, err
	}
	def := s.o.Default
	if len(g.Languages) > 0 {
		def = g.Languages[0]
	}
	return &meeting{m, def}, nil
}

// item finds a briefing of a meeting by its public id. One of another meeting is not there.
func (s *Service) item(ctx context.Context, r db.Reader, m *meeting, ref string) (*Item, error) {
	i, err := oneItem(ctx, r, m.Location(), `i.ref = $1 AND i.meeting_id = $2`, ref, m.ID)
	if err == nil && i == nil {
		err = fault.Missing()
	}
	return i, err
}

// List are the briefings of a meeting, newest first.
func (s *Service) List(ctx context.Context, slug string) ([]Listed, error) {
	m, err := s.open(ctx, slug)
	if err != nil {
		return nil, err
	}
	return listItems(ctx, s.db, m.Stored)
}

// OffersFor says for the desk how many briefings wait to be sent that a release is part of, and where to read them.
func (s *Service) OffersFor(ctx context.Context, slug string, release int) (n int, path string, err error) {
	list, err := s.List(ctx, slug)
	if err != nil {
		return 0, "", err
	}
	path = "/meetings/" + slug + "/briefings"
	for _, i := range list {
		if i.State == Open && i.Kind == OfChange && i.From < release && release <= i.To {
			n, path = n+1, "/meetings/"+slug+"/briefings/"+i.Ref
		}
	}
	return n, path, nil
}

// Reach is who a briefing would go to, as of now.
type Reach struct {
	Changes   []Change
	List      []*Recipient // of the duties that were chosen
	Counts    Counts       // of these, each person once
	Every     Counts       // of all duties, each person once
	Lost      []*Lost
	Anonymous int // stars of people who were not signed in, on the sessions concerned
}

// reach finds out who is concerned by a briefing. The number of statements does not depend on how many that are.
func (s *Service) reach(ctx context.Context, m *meeting, i *Item) (*Reach, error) {
	out := &Reach{}
	var err error
	if out.Changes, err = s.changes(ctx, m, i); err != nil {
		return nil, err
	}
	guids := make([]string, len(out.Changes))
	for n := range out.Changes {
		guids[n] = out.Changes[n].GUID
	}
	err = s.db.Read(ctx, func(r db.Reader) error {
		k, err := s.known(ctx, r, m, guids)
		if err != nil {
			return err
		}
		all, lost := reach(out.Changes, &i.Audience, *k)
		out.Lost = lost
		if err := s.address(ctx, r, all, out, i.Duties); err != nil {
			return err
		}
		stars, err := s.o.Programme.Anonymous(ctx, r, m.Slug)
		for _, g := range guids {
			out.Anonymous += stars[g]
		}
		return err
	})
	return out, err
}

// address looks up where everybody is written to, and counts them.
func (s *Service) address(ctx context.Context, r db.Reader, all []*Recipient, out *Reach, want []Duty) error {
	var ids []int64
	for _, t := range all {
		if t.Person != 0 {
			ids = append(ids, t.Person)
		}
	}
	duty, err := s.addresses(ctx, r, ids, KindChange)
	if err != nil {
		return err
	}
	star, err := s.addresses(ctx, r, ids, KindStar)
	if err != nil {
		return err
	}
	var asked []int64
	for _, t := range all {
		if t.Asks && t.Person != 0 {
			asked = append(asked, t.Person)
		}
	}
	names, err := accountsOf(ctx, r, asked, nil)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Person != 0 {
			t.Name = names.names[t.Person]
		}
	}
	out.Every = countOf(addressed(chosen(all, duties), duty, star))
	out.List = addressed(chosen(all, want), duty, star)
	out.Counts = countOf(out.List)
	return nil
}

// addresses asks where letters of a kind go to, by row id.
func (s *Service) addresses(ctx context.Context, r db.Reader, ids []int64, kind string) (map[int64]mail.Address, error) {
	asked := make([]person.ID, len(ids))
	for i, id := range ids {
		asked[i] = person.ID(id)
	}
	list, err := s.o.People.Recipients(ctx, r, asked, kind)
	out := make(map[int64]mail.Address, len(list))
	for id, a := range list {
		out[int64(id)] = a
	}
	return out, err
}

// known reads what is known of the people of a meeting.
func (s *Service) known(ctx context.Context, r db.Reader, m *meeting, guids []string) (k *known, err error) {
	k = &known{}
	if k.grants, err = s.events.Held(ctx, r, m.Slug); err != nil {
		return nil, err
	}
	if k.teams, err = s.events.Teams(ctx, r, m.Slug); err != nil {
		return nil, err
	}
	if k.contacts, err = contacts(ctx, r, m.ID); err != nil {
		return nil, err
	}
	if k.posts, err = posts(ctx, r, m.ID); err != nil {
		return nil, err
	}
	if k.starred, err = s.o.Programme.Starrers(ctx, r, m.Stored, guids); err != nil {
		return nil, err
	}
	if s.o.Registrants != nil {
		k.registered, err = s.o.Registrants.Registered(ctx, r, m.Stored, guids)
	}
	return k, err
}

// changes are the sessions that a briefing is about: of a release, those that lie ahead.
func (s *Service) changes(ctx context.Context, m *meeting, i *Item) ([]Change, error) {
	if i.Kind == OfChange {
		list, err := s.o.Programme.Changes(ctx, m.Stored, i.From, i.To)
		at := s.o.Now()
		if !i.SentAt.IsZero() {
			at = i.SentAt // what it said then, also when all is over
		}
		return slices.DeleteFunc(list, func(c Change) bool { return c.over(at) }), err
	}
	if len(i.Sessions) == 0 {
		return nil, nil
	}
	list, err := s.o.Programme.Sessions(ctx, m.Stored)
	var out []Change
	for n := range list {
		if slices.Contains(i.Sessions, list[n].GUID) {
			out = append(out, Change{Session: list[n], Op: Mentioned})
		}
	}
	return out, err
}

// matter is what the letters of a briefing are written from, read before any of them is.
type matter struct {
	changes  []Change
	calendar Calendar // nil: nothing that is settled moved
}

// matter reads what the letters of a briefing are written from. What is only under consideration moves nothing in anybody's calendar.
func (s *Service) matter(ctx context.Context, m *meeting, i *Item) (*matter, error) {
	changes, err := s.changes(ctx, m, i)
	if err != nil {
		return nil, err
	}
	a := &matter{changes: changes}
	if i.Kind == OfChange && i.Decided {
		a.calendar, err = s.o.Programme.Calendar(ctx, m.Stored)
	}
	return a, err
}

// writer begins to write the letters of a briefing.
func (s *Service) writer(m *meeting, i *Item, a *matter, secret string) *writer {
	w := &writer{Item: i, m: m, base: s.o.Base, secret: secret, changes: make(map[string]*Change, len(a.changes)), calendar: a.calendar, files: map[string][]byte{}}
	changes := a.changes
	for n := range changes {
		w.changes[changes[n].GUID] = &changes[n]
		w.order = append(w.order, changes[n].GUID)
	}
	return w
}

// said notes that something was done to a briefing: those who look at its pages see it at once, and the log keeps it without any name of
// those who were told.
func (s *Service) said(ctx context.Context, tx *db.Tx, slug string, i *Item, action string, values map[string]string) error {
	if err := s.bump(ctx, tx, slug); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "briefing:" + i.Ref, Action: action, After: values, At: s.o.Now()})
}

// bump lets the pages of a meeting's briefings know that something changed.
func (s *Service) bump(ctx context.Context, tx *db.Tx, slug string) error {
	if err := db.Bump(ctx, tx, Scope(slug)); err != nil {
		return err
	}
	v, err := db.Version(ctx, tx, Scope(slug))
	if err == nil && s.o.Publish != nil {
		tx.OnCommit(func() { s.o.Publish(Scope(slug), v) })
	}
	return err
}

// Version is that of the briefings of a meeting.
func (s *Service) Version(ctx context.Context, slug string) (int64, error) {
	return db.Version(ctx, s.db, Scope(slug))
}

// by is the public id of who acts.
func by(ctx context.Context) string { return authz.Who(ctx).Ref }
