package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// newRegistration makes the feature of registration.
func (a *App) newRegistration() *registration.Service {
	s := a.registrationAt(a.now)
	s.Schedule(a.Jobs)
	job.On(a.Jobs, "registration.overdue", func(ctx context.Context, e billing.Overdue) error {
		ref, ok := strings.CutPrefix(e.Subject, "entry:")
		if !ok {
			return nil
		}
		return s.Unpaid(ctx, e.Slug, ref)
	})
	return s
}

// registrationAt is registration by some clock, without its schedule.
func (a *App) registrationAt(now func() time.Time) *registration.Service {
	return registration.New(a.DB, a.Events, registration.Options{
		People: a.People, Outbox: a.Outbox, Jobs: a.Jobs, Billing: billsFor{a.Bills}, Sellers: billsFor{a.Bills}, Posted: a.Outbox, Readers: a.People, Timetable: watchedTimetable{a.Programmes}, Now: now, Log: a.Log, Base: a.Settings.Base(""),
	})
}

// billsFor is billing as registration knows it.
type billsFor struct{ s *billing.Service }

// Owe implements registration.Billing.
func (b billsFor) Owe(ctx context.Context, tx *db.Tx, slug string, d registration.Debt) error {
	out := billing.Debt{
		Subject: "entry:" + d.Entry, Whose: d.Of, Due: d.Due, Why: d.Why,
		Payer: billing.Payer{
			Person: d.Owner, Name: d.Payer.Name.In(d.Payer.Lang), Organisation: d.Payer.Organisation.In(d.Payer.Lang), Department: d.Payer.Department,
			Address: d.Payer.Address, Lang: d.Payer.Lang, Kana: d.Payer.Kana,
		},
	}
	if d.Group != "" {
		out.Joint = "group:" + d.Group
	}
	for _, l := range d.Lines {
		out.Lines = append(out.Lines, billing.Line{Key: l.Key, Name: l.Name, Amount: l.Yen, Quantity: l.Quantity, Rate: l.Rate, Seller: l.Seller})
	}
	return b.s.Owe(ctx, tx, slug, out)
}

// Standings implements registration.Billing.
func (b billsFor) Standings(ctx context.Context, r db.Reader, slug string, refs []string) (map[string]registration.Standing, error) {
	subjects := make([]string, len(refs))
	for i, ref := range refs {
		subjects[i] = "entry:" + ref
	}
	all, err := b.s.Standings(ctx, r, slug, subjects)
	out := make(map[string]registration.Standing, len(all))
	for i, ref := range refs {
		if x, ok := all[subjects[i]]; ok {
			out[ref] = registration.Standing{Owed: x.Owed, Paid: x.Paid, Due: x.Due, State: x.State, Path: x.Path}
		}
	}
	return out, err
}

// Forget implements registration.Billing.
func (b billsFor) Forget(ctx context.Context, tx *db.Tx, refs []string) error {
	subjects := make([]string, len(refs))
	for i, ref := range refs {
		subjects[i] = "entry:" + ref
	}
	return b.s.Forget(ctx, tx, subjects)
}

// Sellers implements registration.Sellers.
func (b billsFor) Sellers(ctx context.Context, r db.Reader, slug string) ([]registration.Seller, error) {
	list, err := b.s.Sellers(ctx, r, slug)
	out := make([]registration.Seller, len(list))
	for i, x := range list {
		out[i] = registration.Seller{Key: x.Key, Name: x.Name}
	}
	return out, err
}

// copiers give a new meeting what it takes over from another. The feature of registration is made after the one that asks.
type copiers struct{ a *App }

// CopyFrame implements event.ProgrammeCopier.
func (c copiers) CopyFrame(ctx context.Context, tx *db.Tx, from, to *event.Stored) error {
	if err := c.a.Programmes.CopyFrame(ctx, tx, from, to); err != nil {
		return err
	}
	return c.a.Registration.CopySetup(ctx, tx, from, to)
}

// Ordered implements registration.Billing.
func (b billsFor) Ordered(ctx context.Context, r db.Reader, slug, number string) ([]string, error) {
	subjects, err := b.s.Ordered(ctx, r, slug, number)
	var refs []string
	for _, x := range subjects {
		if ref, ok := strings.CutPrefix(x, "entry:"); ok {
			refs = append(refs, ref)
		}
	}
	return refs, err
}

// registered says for briefings who is registered for sessions.
type registered struct{ a *App }

// Registered implements briefing.Registrants. The feature of registration is made after the one that asks.
func (x registered) Registered(ctx context.Context, r db.Reader, m *event.Stored, guids []string) (map[int64][]string, error) {
	list, err := x.a.Registration.Registered(ctx, r, m, guids)
	for id := range list {
		slices.Sort(list[id])
	}
	return list, err
}
