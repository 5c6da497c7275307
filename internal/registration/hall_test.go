package registration

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

var folders = []fs.FS{db.Migrations, search.Migrations, audit.Migrations, limit.Migrations, person.Migrations, event.Migrations, Migrations}

var jst = time.FixedZone("JST", 9*3600)

// hall is a meeting that takes registrations, at a time that the test sets. People 10 to 19 have accounts.
type hall struct {
	*Service
	t testing.TB

	mu      sync.Mutex
	now     time.Time
	letters []mail.Letter
	jobs    []job.Event
	debts   map[string]Debt // by entry
	paid    map[string]Standing
}

const slug = "sample"

// Account implements People.
func (h *hall) Account(_ context.Context, id person.ID) (*person.Account, error) {
	return &person.Account{ID: id, Ref: fmt.Sprint("REF", id), Name: i18n.T(fmt.Sprint("人", id), fmt.Sprint("Person ", id)), Kana: "ヒト", Lang: i18n.JA}, nil
}

// Addresses implements People.
func (h *hall) Addresses(_ context.Context, id person.ID) ([]person.Address, error) {
	a := fmt.Sprintf("p%d@example.org", id)
	return []person.Address{{Address: a, Folded: a, VerifiedAt: time.Unix(1, 0), Main: true}}, nil
}

// box is the outbox. Like the real one it sends nothing twice, and nothing of a transaction that is lost.
type box struct{ *hall }

// Send implements Outbox.
func (b box) Send(_ context.Context, tx *db.Tx, l mail.Letter) error {
	h := b.hall
	tx.OnCommit(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if !slices.ContainsFunc(h.letters, func(o mail.Letter) bool { return o.Key == l.Key }) {
			h.letters = append(h.letters, l)
		}
	})
	return nil
}

// Enqueue implements Jobs.
func (h *hall) Enqueue(_ context.Context, tx *db.Tx, e job.Event, _ ...job.Option) error {
	tx.OnCommit(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if !slices.Contains(h.jobs, e) {
			h.jobs = append(h.jobs, e)
		}
	})
	return nil
}

// bank is billing.
type bank struct{ *hall }

// Owe implements Billing.
func (b bank) Owe(_ context.Context, tx *db.Tx, _ string, d Debt) error {
	tx.OnCommit(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.debts[d.Entry] = d
	})
	return nil
}

// Forget implements Billing.
func (b bank) Forget(context.Context, *db.Tx, []string) error { return nil }

// Ordered implements Billing: the order of an entry has the first eight letters of its ref.
func (b bank) Ordered(_ context.Context, _ db.Reader, _, number string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ref := range b.debts {
		if ref[:8] == number {
			return []string{ref}, nil
		}
	}
	return nil, nil
}

// Standings implements Billing.
func (b bank) Standings(_ context.Context, _ db.Reader, _ string, refs []string) (map[string]Standing, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]Standing{}
	for _, ref := range refs {
		if s, ok := b.paid[ref]; ok {
			out[ref] = s
		}
	}
	return out, nil
}

// run does what is to be done later, until nothing is left; each twice, as it may be.
func (h *hall) run() {
	h.t.Helper()
	for {
		h.mu.Lock()
		todo := h.jobs
		h.jobs = nil
		h.mu.Unlock()
		if len(todo) == 0 {
			return
		}
		for _, e := range todo {
			for range 2 {
				if err := h.listen(e); err != nil {
					h.t.Fatal(err)
				}
			}
		}
	}
}

func (h *hall) listen(e job.Event) error {
	ctx := h.system()
	switch e := e.(type) {
	case Freed:
		return h.Offer(ctx, e)
	case EntryChanged:
		return h.Write(ctx, e)
	case ChoiceChanged:
		return h.WriteChoice(ctx, e)
	}
	return nil
}

func (h *hall) system() context.Context { return authz.System(h.t.Context(), "test") }

// as is a context in which somebody with an account acts; 0: nobody is signed in.
func (h *hall) as(id int64) context.Context {
	if id == 0 {
		return authz.With(h.t.Context(), &authz.Actor{From: "192.0.2.1"})
	}
	return authz.With(h.t.Context(), &authz.Actor{ID: id, Ref: fmt.Sprint("REF", id), Lang: i18n.JA, From: "192.0.2.1"})
}

// setup is the setup that tests begin with.
func setup() *Setup {
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, jst) }
	return &Setup{
		Open: true, Opens: at(1, 13), Closes: at(8, 18), ChangeUntil: at(9, 23), CancelUntil: at(10, 12), Groups: 20,
		Kinds: []Kind{
			{Key: "general", Name: i18n.T("一般", "General"), Modes: Modes, Capacity: 3, Waiting: true},
			{Key: "online", Name: i18n.T("オンライン", "Online"), Modes: []Mode{Online}, AllDays: true},
			{Key: "staff", Name: i18n.T("スタッフ", "Staff"), Modes: Modes, ByCode: true, Concerned: true},
		},
		Options: []Option{
			{Key: "social", Kind: Social, Name: i18n.T("懇親会", "Social"), Rule: FirstCome, Waiting: true, Companions: 1, Day: "2026-12-10",
				Priced: Priced{Prices: []Price{{Until: at(5, 0), Yen: 5500}, {Yen: 6600}}, Rate: 10, Seller: "group"},
				Slots:  []Slot{{Key: "a", Starts: at(10, 18), Ends: at(10, 20), Capacity: 2}}},
			{Key: "tour", Kind: Tour, Name: i18n.T("NOCツアー", "NOC tour"), Rule: FirstCome, Waiting: true,
				Slots: []Slot{{Key: "a", Starts: at(10, 14), Ends: at(10, 15), Capacity: 30}, {Key: "b", Starts: at(10, 17), Ends: at(10, 19), Capacity: 30}}},
		},
		Questions: []Question{
			{Key: "first", Type: YesNo, Label: i18n.T("初めてですか", "First time?"), Required: true},
			{Key: "why", Type: Line, Label: i18n.T("きっかけ", "Why?"), If: &If{"first", []string{"yes"}}, Required: true},
			{Key: "diet", Type: Many, Label: i18n.T("食事", "Diet"), Class: Sensitive, KeepDays: 30, Choices: []Choice{{"vegan", i18n.T("ビーガン", "Vegan")}, {"halal", i18n.T("ハラール", "Halal")}}},
		},
		Consents: []Consent{{Key: "conduct", Text: i18n.T("行動規範", "Code of conduct"), Required: true}},
	}
}

// form is a form that is all right.
func form(n int) Form {
	return Form{
		Key: fmt.Sprint("form", n), Kind: "general", Details: Details{Name: i18n.T(fmt.Sprint("参加者", n), ""), Address: fmt.Sprintf("a%d@example.org", n), Lang: i18n.JA},
		Days: map[event.Date]Mode{"2026-12-09": Onsite, "2026-12-10": Online}, Answers: map[string][]string{"first": {"no"}}, Consents: []string{"conduct"},
	}
}

// open makes the meeting on a database, with a setup.
func open(t testing.TB, d *db.DB, s *Setup) *hall {
	t.Helper()
	h := &hall{t: t, now: time.Date(2026, 12, 1, 13, 0, 0, 0, jst), debts: map[string]Debt{}, paid: map[string]Standing{}}
	clock := func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }
	events := event.New(d, event.Options{Now: clock})
	ctx := authz.System(t.Context(), "test")
	err := d.Write(ctx, func(tx *db.Tx) error {
		for id := 10; id < 20; id++ {
			if _, err := tx.Exec(ctx, `INSERT INTO person_account (id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en,
				links, portrait, lang, photo, recording, made_at, left_at) VALUES ($1, $2, $3, $4, '', '', '', '', '', '', '', '[]', '', 'ja', '', '', 1, 0)`,
				id, fmt.Sprint("REF", id), fmt.Sprint("人", id), fmt.Sprint("Person ", id)); err != nil {
				return err
			}
		}
		for _, name := range []string{slug, "other"} {
			if _, _, err := events.Apply(ctx, tx, event.Input{Full: true, Meeting: &event.Meeting{
				Slug: name, Title: i18n.T("見本"+name, "Sample "+name), Languages: []i18n.Lang{i18n.JA, i18n.EN}, Timezone: "Asia/Tokyo", Start: "2026-12-09", End: "2026-12-10",
				Phase: event.ProgrammePhase, Parts: []event.Part{{Key: "main", Title: i18n.T("本会議", "Conference"), Days: []event.Date{"2026-12-09", "2026-12-10"}, Online: true, Onsite: true}},
			}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Service = New(d, events, Options{People: h, Outbox: box{h}, Jobs: h, Billing: bank{h}, Now: clock, Base: "https://example.jp"})
	if s != nil {
		h.save(s)
	}
	return h
}

// save replaces the setup.
func (h *hall) save(s *Setup) {
	h.t.Helper()
	_, version, err := h.Setup(h.system(), slug)
	if err == nil {
		err = h.SaveSetup(h.system(), slug, s, version)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, h *hall)) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) { fn(t, open(t, d, setup())) })
}

// enter registers somebody, and must succeed.
func (h *hall) enter(id int64, f Form) *Entry {
	h.t.Helper()
	e, _, err := h.Register(h.as(id), slug, f)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

// again reads an entry anew.
func (h *hall) again(e *Entry) *Own {
	h.t.Helper()
	token, err := h.Token(h.system(), e)
	if err != nil {
		h.t.Fatal(err)
	}
	o, err := h.ByToken(h.system(), token)
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

// taken is how many places of a quota are taken.
func (h *hall) taken(key string) int {
	h.t.Helper()
	m, err := h.meeting(h.system(), slug)
	if err != nil {
		h.t.Fatal(err)
	}
	all, err := h.quotas(h.system(), m)
	if err != nil {
		h.t.Fatal(err)
	}
	return all[key].Taken
}

// at sets the clock.
func (h *hall) at(day, hour int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = time.Date(2026, 12, day, hour, 0, 0, 0, jst)
}

// subjects are the letters by whom they go to and what they are about, in the order in which they left.
func (h *hall) subjects() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, l := range h.letters {
		out = append(out, l.To.Address+": "+l.Subject.JA)
	}
	return out
}
