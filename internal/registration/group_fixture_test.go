package registration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

var partyTables = []fs.FS{db.Migrations, search.Migrations, audit.Migrations, limit.Migrations, job.Migrations, person.Migrations, event.Migrations, Migrations}

var partyZone = time.FixedZone("JST", 9*3600)

// party is a meeting that takes registrations, with people who sign in: 1 and 2 are anybody, 9 is the organiser.
type party struct {
	*Service
	t  *testing.T
	mu sync.Mutex

	at      atomic.Int64 // the time, in microseconds
	letters []mail.Letter
	queue   *job.Queue
	debts   map[string]Debt // by ref of the entry
	forgot  []string        // refs of entries whose names billing was to forget
	refuses string          // ref of an entry whose debts billing does not take
	m       *Meeting
}

// Account implements People.
func (p *party) Account(_ context.Context, id person.ID) (*person.Account, error) {
	return &person.Account{ID: id, Name: i18n.T(fmt.Sprint("人", id), fmt.Sprint("Person ", id)), Lang: i18n.JA}, nil
}

// Addresses implements People.
func (p *party) Addresses(_ context.Context, id person.ID) ([]person.Address, error) {
	a := fmt.Sprintf("p%d@example.org", id)
	return []person.Address{{Address: a, Folded: a, VerifiedAt: p.clock(), Main: true}}, nil
}

// Send implements Outbox.
func (p *party) Send(_ context.Context, tx *db.Tx, l mail.Letter) error {
	tx.OnCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !slices.ContainsFunc(p.letters, func(o mail.Letter) bool { return o.Key == l.Key }) {
			p.letters = append(p.letters, l)
		}
	})
	return nil
}

// Owe implements Billing.
func (p *party) Owe(_ context.Context, tx *db.Tx, _ string, d Debt) error {
	if d.Entry == p.refuses {
		return errors.New("billing is out of order")
	}
	tx.OnCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.debts[d.Entry] = d
	})
	return nil
}

// Forget implements Billing.
func (p *party) Forget(_ context.Context, tx *db.Tx, refs []string) error {
	tx.OnCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.forgot = append(p.forgot, refs...)
	})
	return nil
}

// Ordered implements Billing.
func (p *party) Ordered(context.Context, db.Reader, string, string) ([]string, error) {
	return nil, nil
}

// Standings implements Billing.
func (p *party) Standings(_ context.Context, _ db.Reader, _ string, refs []string) (map[string]Standing, error) {
	out := map[string]Standing{}
	for _, ref := range refs {
		p.mu.Lock()
		for _, l := range p.debts[ref].Lines {
			out[ref] = Standing{Owed: out[ref].Owed + l.Yen*int64(l.Quantity), State: "open", Path: "/orders/" + cmp.Or(p.debts[ref].Group, ref)}
		}
		p.mu.Unlock()
	}
	return out, nil
}

// partySetup is a meeting with a price, and a kind for sponsors.
func partySetup() *Setup {
	yen := func(n int64) Priced { return Priced{Prices: []Price{{Yen: n}}, Rate: 10, Seller: "group"} }
	return &Setup{
		Open: true, Groups: 200, Refunds: []Refund{{Until: time.Date(2026, 12, 8, 0, 0, 0, 0, partyZone), Fee: 50}, {Fee: 100}},
		HandoverUntil: time.Date(2026, 12, 8, 12, 0, 0, 0, partyZone),
		Kinds: []Kind{
			{Key: "general", Name: i18n.T("一般", "General"), Modes: Modes, Capacity: 300, Waiting: true, Priced: yen(16_500)},
			{Key: "student", Name: i18n.T("学生", "Student"), Modes: Modes, Capacity: 3},
			{Key: "sponsor", Name: i18n.T("協賛", "Sponsor"), Modes: Modes, ByCode: true, Concerned: true},
		},
		Options: []Option{
			{Key: "social", Kind: Social, Name: i18n.T("懇親会", "Social"), Rule: FirstCome, Companions: 1, Day: "2026-12-10", Priced: yen(5_500),
				Slots: []Slot{{Key: "a", Starts: time.Date(2026, 12, 10, 18, 30, 0, 0, partyZone), Ends: time.Date(2026, 12, 10, 20, 30, 0, 0, partyZone), Capacity: 80}}},
			{Key: "lunch", Kind: Lunch, Name: i18n.T("はじめてのランチ", "First lunch"), Rule: FirstCome, If: &If{Question: "first", Values: []string{"yes"}},
				Slots: []Slot{{Key: "a", Starts: time.Date(2026, 12, 9, 12, 0, 0, 0, partyZone), Ends: time.Date(2026, 12, 9, 13, 0, 0, 0, partyZone), Capacity: 10}}},
			{Key: "tea", Kind: Lunch, Name: i18n.T("お茶会", "Tea"), Rule: FirstCome, Declares: i18n.T("私は対象です。", "It is for me."),
				Slots: []Slot{{Key: "a", Starts: time.Date(2026, 12, 11, 12, 0, 0, 0, partyZone), Ends: time.Date(2026, 12, 11, 13, 0, 0, 0, partyZone), Capacity: 10}}},
		},
		Questions: []Question{{Key: "first", Type: YesNo, Label: i18n.T("初めてですか", "First time?"), Required: true}, {Key: "diet", Type: Line, Label: i18n.T("食事", "Diet"), Class: Sensitive}},
		Consents:  []Consent{{Key: "conduct", Text: i18n.T("行動規範を守ります。", "I follow the code of conduct."), Required: true}},
	}
}

// eachParty runs a test on both engines, at noon of 26 November 2026.
func eachParty(t *testing.T, fn func(t *testing.T, p *party)) {
	dbtest.Quick(t, partyTables, func(t *testing.T, d *db.DB) {
		p := &party{t: t, debts: map[string]Debt{}}
		p.set(time.Date(2026, 11, 26, 12, 0, 0, 0, partyZone))
		events := event.New(d, event.Options{Now: func() time.Time { return p.clock() }})
		ctx := authz.System(t.Context(), "test")
		p.must(d.Write(ctx, func(tx *db.Tx) error {
			for _, slug := range []string{"sample", "other"} {
				if _, _, err := events.Apply(ctx, tx, event.Input{Full: true, Meeting: &event.Meeting{
					Slug: slug, Title: i18n.T("見本会議", "Sample"), Start: "2026-12-09", End: "2026-12-11", Timezone: "Asia/Tokyo", Phase: event.Announced, Parts: []event.Part{{Key: "main", Title: i18n.T("本会議", "Main"), Days: []event.Date{"2026-12-09", "2026-12-10", "2026-12-11"}, Online: true, Onsite: true}},
				}}); err != nil {
					return err
				}
			}
			return nil
		}))
		p.queue = job.New(d, job.Options{})
		p.Service = New(d, events, Options{People: p, Outbox: p, Jobs: p.queue, Billing: p, Now: func() time.Time { return p.clock() }, Base: "https://example.org"})
		for _, slug := range []string{"sample", "other"} {
			p.must(p.SaveSetup(ctx, slug, partySetup(), 0))
		}
		var err error
		p.m, err = p.meeting(ctx, "sample")
		p.must(err)
		job.On(p.queue, "registration.letter", p.Write)
		job.On(p.queue, "registration.offer", p.Offer)
		job.On(p.queue, "registration.code_letter", p.WriteCode)
		job.On(p.queue, "registration.group_letter", p.WriteGroup)
		job.On(p.queue, "registration.handover_letter", p.WriteHandover)
		p.must(p.queue.Start(t.Context()))
		t.Cleanup(func() { _ = p.queue.Stop(context.WithoutCancel(t.Context())) })
		fn(t, p)
	})
}

func (p *party) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// is asserts a fault with a key.
func (p *party) is(err error, key string) {
	p.t.Helper()
	if e, ok := fault.As(err); !ok || e.Key != key {
		p.t.Fatalf("got %v, want %s", err, key)
	}
}

type partyMay []string

// May implements authz.Grants.
func (g partyMay) May(_ authz.Permission, scope, _ string) bool { return slices.Contains(g, scope) }

// as is who is signed in.
func (p *party) as(id int64) context.Context {
	a := &authz.Actor{ID: id, Ref: fmt.Sprint("REF", id), Name: i18n.T("人", "Person"), Grants: partyMay(nil), From: "192.0.2.1"}
	if id == 9 {
		a.Grants = partyMay{"sample", "other"}
	}
	return authz.With(p.t.Context(), a)
}

// stranger is nobody who is signed in.
func (p *party) stranger() context.Context {
	return authz.With(p.t.Context(), &authz.Actor{From: "198.51.100.7", Grants: partyMay(nil)})
}

// run waits until every job is done.
func (p *party) run() {
	p.t.Helper()
	for range 2000 {
		list, err := p.queue.Counts(p.t.Context())
		p.must(err)
		left := 0
		for _, c := range list {
			left += c.Waiting + c.Running
			if c.Dead > 0 {
				p.t.Fatalf("a job of %s was given up: %s", c.Listener, c.Reason)
			}
		}
		if left == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Fatal("jobs are never done")
}

// to lists the letters to an address, the last one last.
func (p *party) to(address string) []mail.Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []mail.Letter
	for _, l := range p.letters {
		if strings.EqualFold(l.To.Address, address) {
			out = append(out, l)
		}
	}
	return out
}

// clock is the time; jobs read it while a test sets it.
func (p *party) clock() time.Time { return time.UnixMicro(p.at.Load()).In(partyZone) }

func (p *party) set(t time.Time) { p.at.Store(t.UnixMicro()) }

// link is the token behind a path in the last letter to an address that has one.
func (p *party) link(address, path string) string {
	p.t.Helper()
	var list []mail.Letter
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { // letters leave later
		list = p.to(address)
		for _, l := range slices.Backward(list) {
			if _, rest, ok := strings.Cut(l.Body.JA, "https://example.org"+path); ok {
				end := strings.IndexAny(rest, "\n /?")
				return rest[:max(end, 0)]
			}
		}
	}
	p.t.Fatalf("no letter to %s leads to %s: %v", address, path, list)
	return ""
}

// partyForm is a form that is right.
func partyForm(n int, kind string) Form {
	return Form{
		Key: fmt.Sprint("form-", kind, n), Kind: kind, Details: Details{Name: i18n.T(fmt.Sprint("山田", n), ""), Address: fmt.Sprintf("%s%d@example.com", kind, n), Lang: i18n.JA},
		Days: map[event.Date]Mode{"2026-12-09": Onsite, "2026-12-10": Onsite}, Answers: map[string][]string{"first": {"yes"}}, Consents: []string{"conduct"},
	}
}

// taken is how much of a quota is taken.
func (p *party) taken(key string) int {
	p.t.Helper()
	all, err := p.quotas(p.t.Context(), p.m)
	p.must(err)
	return all[key].Taken
}

// sum is what a debt is about, in yen.
func sumOf(d Debt) (n int64) {
	for _, l := range d.Lines {
		n += l.Yen * int64(l.Quantity)
	}
	return n
}
