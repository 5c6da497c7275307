package registration

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
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

// People is what this feature asks of the one that knows who people are.
type People interface {
	Account(ctx context.Context, id person.ID) (*person.Account, error)
	Addresses(ctx context.Context, id person.ID) ([]person.Address, error)
}

// Outbox takes letters, which leave once the transaction is durable.
type Outbox interface {
	Send(ctx context.Context, tx *db.Tx, l mail.Letter) error
}

// Jobs takes what is to be done later.
type Jobs interface {
	Enqueue(ctx context.Context, tx *db.Tx, e job.Event, options ...job.Option) error
}

// Billing is what this feature asks of the one that knows who owes what.
type Billing interface {
	// Owe states everything that an entry owes from now on.
	Owe(ctx context.Context, tx *db.Tx, slug string, d Debt) error
	// Standings say what was paid of what entries owe, by ref.
	Standings(ctx context.Context, r db.Reader, slug string, refs []string) (map[string]Standing, error)
	// Forget takes the names of the people of entries from what they owe, by ref.
	Forget(ctx context.Context, tx *db.Tx, refs []string) error
	// Ordered are the entries on the order of a number, by ref.
	Ordered(ctx context.Context, r db.Reader, slug, number string) ([]string, error)
}

// Debt is what an entry owes.
type Debt struct {
	Entry string // ref
	Group string // ref of the group whose members are on one order, or empty
	Payer Details
	Of    string // the name of whose entry it is
	Owner int64  // row id of the payer's account; 0: none
	Lines []Owed
	Due   time.Time
	Why   string
}

// Owed is one thing that is owed.
type Owed struct {
	Key      string // stable: "kind:general", "option:social"
	Name     i18n.Text
	Yen      int64 // for one; below zero: a discount
	Quantity int
	Rate     int
	Seller   string

	full    int64 // of a fee: the price that it is a part of
	percent int   // of a fee: which part
}

// Standing is where the payment of an entry stands.
type Standing struct {
	Owed, Paid int64
	Due        time.Time
	State      string // none, open, approved, paid, over, refund
	Path       string // of the page of the payer
}

// Seller is who sells something at a meeting.
type Seller struct {
	Key  string
	Name i18n.Text
}

// Sellers is what this feature asks of the one that knows who sells.
type Sellers interface {
	Sellers(ctx context.Context, r db.Reader, slug string) ([]Seller, error)
}

// Options are what the feature is given.
type Options struct {
	People    People
	Outbox    Outbox
	Jobs      Jobs
	Billing   Billing          // nil: nothing can have a price
	Sellers   Sellers          // nil: nobody sells anything
	Timetable Timetable        // nil: streams are of days and rooms only
	Posted    Posted           // nil: nobody knows what became of letters
	Readers   Readers          // nil: nobody declines letters
	Now       func() time.Time // nil: the clock
	Log       *slog.Logger     // nil: none
	Base      string           // the site's URL
	Default   i18n.Lang        // the language of the site whose addresses have no prefix
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	events *event.Service
	o      Options

	mu          sync.Mutex
	setups      map[string]*Meeting // by slug; good while their versions are the current ones
	secret      string              // that signs links, once it was read
	guests      map[string]int      // how many came without an account, by network
	guestsSince time.Time
	full        map[string]time.Time // when something was found to be full, by meeting and quotas
}

// New makes the service; it does nothing yet.
func New(d *db.DB, events *event.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Default == "" {
		o.Default = i18n.JA
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d, events: events, o: o, setups: map[string]*Meeting{}, full: map[string]time.Time{}}
}

// Meeting is a meeting with the setup of its registration. It is shared and must not be changed.
type Meeting struct {
	*event.Stored
	*Setup
	version int64     // of the setup
	stamp   int64     // of the scope
	def     i18n.Lang // of the site
}

// Now is the time as the feature knows it.
func (s *Service) Now() time.Time { return s.o.Now() }

// PhaseOf is what the registration of a meeting is doing now.
func (s *Service) PhaseOf(m *Meeting) Phase { return m.phase(s.o.Now()) }

// Stamp is the version of the scope of the meeting's registration (see Scope) at which it was read.
func (m *Meeting) Stamp() int64 { return m.stamp }

// Local is a moment on the clocks of the meeting; none stays none.
func (m *Meeting) Local(t time.Time) time.Time { return inZone(t, m.Location()) }

// Scope is the name of the version stamp of the setup of a meeting, and of the topic that its pages follow.
func Scope(slug string) string { return "registration:" + slug }

// meeting finds a meeting with its setup.
func (s *Service) meeting(ctx context.Context, slug string) (*Meeting, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	stamp, err := db.Version(ctx, s.db, Scope(slug))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	known := s.setups[slug]
	s.mu.Unlock()
	if known != nil && known.stamp == stamp && known.Stored == m {
		return known, nil
	}
	g, err := s.events.Group(ctx)
	if err != nil {
		return nil, err
	}
	fresh := &Meeting{Stored: m, stamp: stamp, def: s.o.Default}
	if len(g.Languages) > 0 {
		fresh.def = g.Languages[0]
	}
	if fresh.Setup, fresh.version, err = loadSetup(ctx, s.db, m.ID); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setups[slug] = fresh
	return fresh, nil
}

// last is the end of the meeting's last day; zero where its days are not known.
func (m *Meeting) last() time.Time {
	t := m.LastDay().Time(m.Location())
	if t.IsZero() {
		return t
	}
	return t.AddDate(0, 0, 1)
}

// Phase is what the registration of the meeting is doing.
func (m *Meeting) phase(now time.Time) Phase { return m.At(now, m.last()) }

// address is the URL of a page of the meeting in a language.
func (m *Meeting) address(base string, l i18n.Lang, path string) string {
	return base + web.Address(l, m.DefaultLang(), path)
}

// site is the URL of a page of no meeting in a language.
func (m *Meeting) site(base string, l i18n.Lang, path string) string {
	return base + web.Address(l, m.def, path)
}

// may opens a meeting for those who hold a permission.
func (s *Service) may(ctx context.Context, slug string, p authz.Permission) (*Meeting, error) {
	if err := event.Require(ctx, slug, p); err != nil {
		return nil, err
	}
	return s.meeting(ctx, slug)
}

// Shown reports whether people see the registration of a meeting.
func (s *Service) Shown(ctx context.Context, m *event.Stored) (bool, error) {
	if m.Phase == event.Draft {
		return false, nil
	}
	known, err := s.meeting(ctx, m.Slug)
	return err == nil && known.phase(s.o.Now()) != Hidden, err
}

// Setup is what the organiser decided of a meeting's registration, with its version, for those who may change it.
func (s *Service) Setup(ctx context.Context, slug string) (*Setup, int64, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, 0, err
	}
	return loadSetup(ctx, s.db, m.ID) // a copy of the caller's own
}

// SaveSetup replaces the setup. It fails where somebody else did so since version, and where the setup contradicts itself. What has a quota
// keeps what is taken of it; a kind, day or slot in which somebody has a place cannot go.
func (s *Service) SaveSetup(ctx context.Context, slug string, next *Setup, version int64) error {
	return s.saveSetup(ctx, slug, next, version, nil)
}

// saveSetup replaces the setup, and erases the answers to some questions with it.
func (s *Service) saveSetup(ctx context.Context, slug string, next *Setup, version int64, erase []string) error {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return err
	}
	if err := next.Check(&m.Meeting); err != nil {
		return err
	}
	if s.o.Billing == nil && next.priced() {
		return invalid("registration.error.no_billing")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		before, _, err := loadSetup(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		ok, err := storeSetup(ctx, tx, m.ID, next, version, s.o.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.setup_changed")
		}
		if err := s.syncQuotas(ctx, tx, m, next); err != nil {
			return err
		}
		for _, q := range erase {
			if err := forgetAnswers(ctx, tx, m.ID, q); err != nil {
				return err
			}
		}
		if err := s.syncDraws(ctx, tx, m, before, next); err != nil {
			return err
		}
		if err := db.Bump(ctx, tx, Scope(slug), event.MeetingScope(slug)); err != nil { // its page leads here
			return err
		}
		if err := s.freed(ctx, tx, slug); err != nil { // more places may be there
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.setup", Scope: slug, Object: "registration:" + slug, Before: before.words(), After: next.words(), At: s.o.Now(),
		})
	})
}

// priced reports that something costs something.
func (s *Setup) priced() bool {
	for _, k := range s.Kinds {
		if !k.Free() {
			return true
		}
	}
	for _, o := range s.Options {
		if !o.Free() {
			return true
		}
	}
	return false
}

// syncQuotas gives every kind, day and slot its quota, and takes away those of what is gone.
func (s *Service) syncQuotas(ctx context.Context, tx *db.Tx, m *Meeting, next *Setup) error {
	want := next.quotas(m.Days())
	have, err := quotasOf(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	for _, key := range sortedKeys(want) {
		if q, ok := have[key]; ok && q.Capacity == want[key] {
			continue
		}
		if err := storeQuota(ctx, tx, m.ID, key, want[key]); err != nil {
			return err
		}
	}
	for _, key := range sortedKeys(have) {
		if _, ok := want[key]; ok || len(key) > 5 && key[:5] == "code:" {
			continue
		}
		gone, err := dropQuota(ctx, tx, m.ID, key)
		if err != nil {
			return err
		}
		if !gone {
			return fault.New(fault.Conflict, "registration.error.in_use").With("key", key).With("n", have[key].Taken)
		}
	}
	return nil
}

// quotas are those of a meeting, by key.
func (s *Service) quotas(ctx context.Context, m *Meeting) (map[string]Quota, error) {
	out, err := quotasOf(ctx, s.db, m.ID)
	if err != nil {
		return nil, err
	}
	for key, capacity := range m.quotas(m.Days()) {
		if _, ok := out[key]; !ok {
			out[key] = Quota{Key: key, Capacity: capacity}
		}
	}
	return out, nil
}

// Places says how many places there are and how many are taken, by the key of the quota, for those who may read figures.
func (s *Service) Places(ctx context.Context, slug string) (map[string]Quota, error) {
	m, err := s.may(ctx, slug, event.MayReadFigures)
	if err != nil {
		return nil, err
	}
	return s.quotas(ctx, m)
}

// Freed says that places became free, or that there are more.
type Freed struct {
	Slug string `json:"slug"`
}

// JobName implements job.Event.
func (Freed) JobName() string { return "registration.freed" }

// freed lets those who wait be looked at, soon.
func (s *Service) freed(ctx context.Context, tx *db.Tx, slug string) error {
	return s.o.Jobs.Enqueue(ctx, tx, Freed{slug}, job.Unique(slug))
}

// EntryChanged says that an entry was made, or that something of it changed that its person should read.
type EntryChanged struct {
	Slug string `json:"slug"`
	Ref  string `json:"ref"`
	What string `json:"what"` // entered, waiting, offered, changed, cancelled, again
	No   int    `json:"no"`   // the version of the entry
}

// JobName implements job.Event.
func (EntryChanged) JobName() string { return "registration.entry" }

// tell lets the person of an entry be written to.
func (s *Service) tell(ctx context.Context, tx *db.Tx, slug string, e *Entry, what string) error {
	if e.Address == "" || e.silent {
		return nil
	}
	return s.o.Jobs.Enqueue(ctx, tx, EntryChanged{slug, e.Ref, what, e.Version})
}

// record writes a change of an entry into the audit log.
func (s *Service) record(ctx context.Context, tx *db.Tx, m *Meeting, action string, before, after *Entry) error {
	e := audit.Entry{Action: action, Scope: m.Slug, Object: "entry:" + after.Ref, After: m.guarded(after.words()), At: s.o.Now()}
	if before != nil {
		e.Before = m.guarded(before.words())
	}
	if err := audit.Record(ctx, tx, e); err != nil {
		return fmt.Errorf("record a change of an entry: %w", err)
	}
	return nil
}
