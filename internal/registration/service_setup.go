package registration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Effect is something that a change of the setup brings about beyond what was typed.
type Effect struct {
	Key  string         // registration.effect.KEY is the sentence
	Name i18n.Text      // what it is about
	Args map[string]any // of the sentence
	Loss bool           // something is lost for good
}

// Plan is a setup that somebody wants to save, with what that brings about.
type Plan struct {
	Next    *Setup
	Live    bool // people have seen the setup, or entries were made under it
	Entries int  // that are not cancelled
	Effects []Effect
	erase   []string // questions whose answers go with them
}

// use is how much of a meeting's setup is in use.
type use struct {
	quotas  map[string]Quota
	entries int
	kinds   map[string]int            // active entries
	waiting map[string]int            // by the key of the quota
	answers map[string]int            // entries by question
	chosen  map[string]map[string]int // by question and answer
}

// Plan says what saving a setup would bring about. Prices that were in force stay in force for whoever took them.
func (s *Service) Plan(ctx context.Context, slug string, next *Setup) (*Plan, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	if err := next.Check(&m.Meeting); err != nil {
		return nil, err
	}
	var before *Setup
	var u *use
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		if before, _, err = loadSetup(ctx, r, m.ID); err != nil {
			return err
		}
		u, err = usage(ctx, r, m.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := &Plan{Next: next, Live: before.Open || u.entries > 0, Entries: u.entries}
	if u.entries > 0 {
		next.keepPast(before, s.o.Now())
	}
	p.Effects, p.erase = effects(before, next, m, u, s.o.Now())
	return p, nil
}

// SavePlan saves a setup that was planned, if the setup is still the one of a version.
func (s *Service) SavePlan(ctx context.Context, slug string, p *Plan, version int64) error {
	return s.saveSetup(ctx, slug, p.Next, version, p.erase)
}

// keepPast lets the prices that were asked until now stay as they were: an entry owes what was asked when it was made, and that is looked up.
func (s *Setup) keepPast(before *Setup, now time.Time) {
	for i := range s.Kinds {
		if old := before.Kind(s.Kinds[i].Key); old != nil {
			s.Kinds[i].Prices = pastAnd(old.Priced, s.Kinds[i].Priced, now)
		}
	}
	for i := range s.Options {
		if old := before.Option(s.Options[i].Key); old != nil {
			s.Options[i].Prices = pastAnd(old.Priced, s.Options[i].Priced, now)
		}
	}
}

// pastAnd are the prices of old until now, and those of next from now on.
func pastAnd(old, next Priced, now time.Time) []Price {
	if old.Free() && next.Free() {
		return next.Prices
	}
	var out []Price
	for _, p := range old.Prices {
		if !p.Until.IsZero() && !p.Until.After(now) {
			out = append(out, p)
		}
	}
	if was := old.At(now.Add(-time.Microsecond)); was != next.At(now) {
		if n := len(out); n == 0 || out[n-1].Until.Before(now) {
			out = append(out, Price{Until: now, Yen: was})
		}
	}
	future := 0
	for _, p := range next.Prices {
		if p.Until.IsZero() || p.Until.After(now) {
			out, future = append(out, p), future+1
		}
	}
	if future == 0 { // the last price goes on
		if n := len(out); n == 0 || !out[n-1].Until.IsZero() {
			out = append(out, Price{Yen: next.At(now)})
		}
	}
	return out
}

// effects says what a change brings about, and of which questions the answers are erased.
func effects(before, next *Setup, m *Meeting, u *use, now time.Time) (out []Effect, erase []string) {
	out = placeEffects(before, next, m, u)
	out = append(out, kindEffects(before, next, u, now)...)
	out = append(out, optionEffects(before, next, u, now)...)
	more, erase := questionEffects(before, next, m, u, now)
	out = append(out, more...)
	out = append(out, timeEffects(before, next, m, now)...)
	if u.entries > 0 {
		for _, c := range next.Consents {
			if c.Required && find(before.Consents, func(x *Consent) bool { return x.Key == c.Key }) == nil {
				out = append(out, Effect{Key: "consent", Name: c.Text, Args: map[string]any{"n": u.entries}})
			}
		}
		if !slices.Equal(before.Refunds, next.Refunds) {
			out = append(out, Effect{Key: "refunds"})
		}
	}
	return out, erase
}

// placeEffects are those of capacities.
func placeEffects(before, next *Setup, m *Meeting, u *use) []Effect {
	var out []Effect
	was, now := before.quotas(m.Days()), next.quotas(m.Days())
	for _, key := range sortedKeys(now) {
		old, known := was[key]
		capacity := now[key]
		if !known || old == capacity {
			continue
		}
		name, taken, waiting := next.quotaName(m, key), u.quotas[key].Taken, u.waiting[key]
		args := map[string]any{"taken": taken, "capacity": capacity, "n": 0}
		switch {
		case capacity != unlimited && capacity < taken:
			args["n"] = taken - capacity
			out = append(out, Effect{Key: "below", Name: name, Args: args})
		case capacity != unlimited && (old == unlimited || capacity < old):
			args["n"] = capacity - taken
			out = append(out, Effect{Key: "fewer", Name: name, Args: args})
		case waiting > 0:
			args["n"], args["waiting"] = waiting, waiting
			if capacity != unlimited {
				args["n"] = min(waiting, capacity-taken)
			}
			out = append(out, Effect{Key: "offers", Name: name, Args: args})
		}
	}
	return out
}

// quotaName is what a quota is of, in words.
func (s *Setup) quotaName(m *Meeting, key string) i18n.Text {
	what, rest, _ := cutKey(key)
	switch what {
	case "kind":
		if k := s.Kind(rest); k != nil {
			return k.Name
		}
	case "day":
		t := event.Date(rest).Time(m.Location())
		return i18n.T(i18n.ShortDay(i18n.JA, t), i18n.ShortDay(i18n.EN, t))
	case "slot":
		for i := range s.Options {
			o := &s.Options[i]
			for _, x := range o.Slots {
				if slotQuota(o.Key, x.Key) == key {
					return o.NameOf(x.Key)
				}
			}
		}
	}
	return i18n.T(key, key)
}

func kindEffects(before, next *Setup, u *use, now time.Time) []Effect {
	var out []Effect
	for i := range before.Kinds {
		old := &before.Kinds[i]
		n := u.kinds[old.Key]
		args := map[string]any{"n": n}
		k := next.Kind(old.Key)
		switch {
		case k == nil && n > 0:
			out = append(out, Effect{Key: "kind_used", Name: old.Name, Args: args})
		case k == nil:
		case !old.Closed && k.Closed:
			out = append(out, Effect{Key: "kind_closed", Name: k.Name, Args: args})
		case !slices.Equal(old.Modes, k.Modes) && n > 0:
			out = append(out, Effect{Key: "kind_modes", Name: k.Name, Args: args})
		}
		if k != nil && n > 0 {
			out = append(out, priceEffects(k.Name, old.Priced, k.Priced, n, now)...)
		}
	}
	return out
}

// priceEffects says that who took something keeps its price.
func priceEffects(name i18n.Text, old, next Priced, n int, now time.Time) []Effect {
	var out []Effect
	if old.At(now.Add(-time.Microsecond)) != next.At(now) {
		out = append(out, Effect{Key: "price", Name: name, Args: map[string]any{
			"n": n, "before": yenIn(i18n.JA, old.At(now.Add(-time.Microsecond))), "after": yenIn(i18n.JA, next.At(now)),
		}})
	}
	if !old.Free() && (old.Rate != next.Rate || old.Seller != next.Seller) {
		out = append(out, Effect{Key: "seller", Name: name, Args: map[string]any{"n": n}})
	}
	return out
}

func optionEffects(before, next *Setup, u *use, now time.Time) []Effect {
	var out []Effect
	for i := range before.Options {
		old := &before.Options[i]
		o := next.Option(old.Key)
		n := 0
		for _, x := range old.Slots {
			taken := u.quotas[slotQuota(old.Key, x.Key)].Taken
			n += taken
			if taken > 0 && (o == nil || o.Slot(x.Key) == nil) {
				out = append(out, Effect{Key: "slot_used", Name: old.NameOf(x.Key), Args: map[string]any{"n": taken}})
			}
		}
		if o == nil || n == 0 {
			continue
		}
		out = append(out, priceEffects(o.Name, old.Priced, o.Priced, n, now)...)
		if !slices.Equal(old.Kinds, o.Kinds) || old.Day != o.Day || !sameIf(old.If, o.If) {
			out = append(out, Effect{Key: "option_for", Name: o.Name, Args: map[string]any{"n": n}})
		}
	}
	return out
}

func sameIf(a, b *If) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Question == b.Question && slices.Equal(a.Values, b.Values)
}

func questionEffects(before, next *Setup, m *Meeting, u *use, now time.Time) (out []Effect, erase []string) {
	for i := range before.Questions {
		old := &before.Questions[i]
		n := u.answers[old.Key]
		q := next.Question(old.Key)
		args := map[string]any{"n": n}
		switch {
		case q == nil && n > 0 && (old.Class != Plain || old.KeepDays > 0):
			out, erase = append(out, Effect{Key: "question_erased", Name: old.Label, Args: args, Loss: true}), append(erase, old.Key)
		case q == nil && n > 0:
			out = append(out, Effect{Key: "question_kept", Name: old.Label, Args: args})
		case q == nil:
		case q.Type != old.Type && n > 0:
			out = append(out, Effect{Key: "question_type", Name: q.Label, Args: args})
		}
		if q == nil {
			continue
		}
		for _, c := range old.Choices {
			if k := u.chosen[old.Key][c.Key]; k > 0 && find(q.Choices, func(x *Choice) bool { return x.Key == c.Key }) == nil {
				out = append(out, Effect{Key: "choice_gone", Name: c.Name, Args: map[string]any{"n": k}})
			}
		}
		if q.Required && !old.Required && u.entries > n {
			out = append(out, Effect{Key: "question_required", Name: q.Label, Args: map[string]any{"n": u.entries - n}})
		}
		if last := m.last(); q.KeepDays > 0 && n > 0 && !last.IsZero() && now.After(last.AddDate(0, 0, q.KeepDays)) {
			out = append(out, Effect{Key: "question_erased", Name: q.Label, Args: args, Loss: true})
		}
	}
	for i := range next.Questions {
		if q := &next.Questions[i]; before.Question(q.Key) == nil && u.entries > 0 {
			out = append(out, Effect{Key: "question_new", Name: q.Label, Args: map[string]any{"n": u.entries}})
		}
	}
	return out, erase
}

// timeEffects says which phase it is after the change, and which deadlines are over by it.
func timeEffects(before, next *Setup, m *Meeting, now time.Time) []Effect {
	var out []Effect
	last := m.last()
	if was, is := before.At(now, last), next.At(now, last); was != is {
		out = append(out, Effect{Key: "phase_" + string(is)})
	}
	a, b := before.Deadlines(last), next.Deadlines(last)
	for _, x := range []struct {
		key      string
		was, now time.Time
	}{{"change_over", a.Change, b.Change}, {"cancel_over", a.Cancel, b.Cancel}, {"handover_over", a.Handover, b.Handover}} {
		if passed(x.now, now) && !passed(x.was, now) {
			out = append(out, Effect{Key: x.key})
		}
	}
	return out
}

// CopySetup gives a new meeting the setup of an earlier one: not open yet, with every time moved by as many days as the meeting.
func (s *Service) CopySetup(ctx context.Context, tx *db.Tx, from, to *event.Stored) error {
	old, version, err := loadSetup(ctx, tx, from.ID)
	if err != nil || version == 0 {
		return err
	}
	next := old.moved(&from.Meeting, &to.Meeting)
	ok, err := storeSetup(ctx, tx, to.ID, next, 0, s.o.Now())
	if err != nil || !ok {
		return err
	}
	m := &Meeting{Stored: to, Setup: next}
	if err := s.syncQuotas(ctx, tx, m, next); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{
		Action: "registration.setup", Scope: to.Slug, Object: "registration:" + to.Slug, After: next.words(), At: s.o.Now(),
	}); err != nil {
		return fmt.Errorf("record that a setup was copied: %w", err)
	}
	return db.Bump(ctx, tx, Scope(to.Slug), event.MeetingScope(to.Slug))
}

// SetupAsLast is the setup of an earlier meeting as it would be of this one. Nothing is stored.
func (s *Service) SetupAsLast(ctx context.Context, slug, from string) (*Setup, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	last, err := s.may(ctx, from, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	return last.moved(&last.Meeting, &m.Meeting), nil
}

// Turning is something that one press does to a setup.
type Turning string

// What one press does.
const (
	PublishSetup Turning = "publish" // people see it, and register from when it opens
	HideSetup    Turning = "hide"
	OpenNow      Turning = "open"  // and publish
	CloseNow     Turning = "close" // those who registered keep their places
	CopySetup    Turning = "copy"  // that of an earlier meeting, where there is none yet
)

// Turnings lists all of them.
var Turnings = []Turning{PublishSetup, HideSetup, OpenNow, CloseNow, CopySetup}

// TurnSetup does what one press does. Nothing without a kind is open to people. from is the slug of the meeting that CopySetup copies from.
func (s *Service) TurnSetup(ctx context.Context, slug string, what Turning, from string) error {
	next, version, err := s.Setup(ctx, slug)
	if err != nil {
		return err
	}
	now := s.o.Now().Truncate(time.Minute)
	switch what {
	case PublishSetup:
		next.Open = true
	case HideSetup:
		next.Open = false
	case OpenNow:
		next.Open, next.Opens = true, now
		if passed(next.Closes, now) {
			next.Closes = time.Time{}
		}
	case CloseNow:
		next.Closes = now
		if !next.Opens.Before(now) {
			next.Opens = time.Time{}
		}
	case CopySetup:
		if version != 0 && len(next.Kinds) > 0 {
			return fault.New(fault.Conflict, "registration.error.setup_there")
		}
		if next, err = s.SetupAsLast(ctx, slug, from); err != nil {
			return err
		}
	default:
		return invalid("registration.error.no_act")
	}
	if next.Open && len(next.Kinds) == 0 {
		return invalid("registration.error.no_kinds")
	}
	return s.SaveSetup(ctx, slug, next, version)
}

// Sellers are those who sell something at a meeting, for those who set prices.
func (s *Service) Sellers(ctx context.Context, slug string) ([]Seller, error) {
	if _, err := s.may(ctx, slug, event.MayEditForm); err != nil || s.o.Sellers == nil {
		return nil, err
	}
	return s.o.Sellers.Sellers(ctx, s.db, slug)
}

// Earlier lists the meetings whose setup could be taken over: those where who asks may change it too, the newest first.
func (s *Service) Earlier(ctx context.Context, slug string) ([]*event.Summary, error) {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	with, err := setUp(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var out []*event.Summary
	for _, m := range all {
		if m.Slug != slug && with[m.ID] && event.May(ctx, m.Slug, event.MayEditForm) {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *event.Summary) int { return strings.Compare(string(b.Start), string(a.Start)) })
	return out, nil
}

// moved is a copy of a setup for another meeting. Clocks show the same in the other meeting's zone.
func (s *Setup) moved(from, to *event.Meeting) *Setup {
	days := 0
	if a, b := from.Start.Time(time.UTC), to.Start.Time(time.UTC); !a.IsZero() && !b.IsZero() {
		days = int(b.Sub(a).Hours() / 24)
	}
	at := func(t time.Time) time.Time {
		if t.IsZero() || days == 0 && from.Start != to.Start {
			return time.Time{}
		}
		t = t.In(from.Location())
		return time.Date(t.Year(), t.Month(), t.Day()+days, t.Hour(), t.Minute(), t.Second(), 0, to.Location())
	}
	day := func(d event.Date) event.Date {
		t := d.Time(time.UTC)
		if t.IsZero() {
			return ""
		}
		moved := event.Date(t.AddDate(0, 0, days).Format(time.DateOnly))
		if !slices.Contains(to.Days(), moved) {
			return ""
		}
		return moved
	}
	out := *s
	out.Open, out.LastMeeting = false, from.Slug
	for _, t := range []*time.Time{&out.Opens, &out.Closes, &out.ChangeUntil, &out.CancelUntil, &out.HandoverUntil, &out.ListOpens, &out.ListCloses} {
		*t = at(*t)
	}
	out.Refunds = slices.Clone(s.Refunds)
	for i := range out.Refunds {
		out.Refunds[i].Until = at(out.Refunds[i].Until)
	}
	out.Kinds = slices.Clone(s.Kinds)
	for i := range out.Kinds {
		out.Kinds[i].Closed, out.Kinds[i].Prices = false, movedPrices(out.Kinds[i].Prices, at)
	}
	out.Bounds = nil
	for _, b := range s.Bounds {
		if d := day(b.Date); d != "" {
			out.Bounds = append(out.Bounds, DayPlan{d, b.Capacity})
		}
	}
	out.Options = slices.Clone(s.Options)
	for i := range out.Options {
		out.Options[i].move(from.Slug, at, day)
	}
	return &out
}

// move brings an option to another meeting. The session it was a place in is not there.
func (o *Option) move(slug string, at func(time.Time) time.Time, day func(event.Date) event.Date) {
	o.Session, o.LostAt = "", slug
	for _, t := range []*time.Time{&o.Opens, &o.Closes, &o.CancelUntil, &o.DrawAt, &o.ReleaseAt} {
		*t = at(*t)
	}
	o.Day, o.Prices, o.Slots = day(o.Day), movedPrices(o.Prices, at), slices.Clone(o.Slots)
	for i := range o.Slots {
		o.Slots[i].Starts, o.Slots[i].Ends = at(o.Slots[i].Starts), at(o.Slots[i].Ends)
	}
	if o.Rule == Lottery && (o.Closes.IsZero() || o.DrawAt.IsZero()) { // without days there is nothing to draw at
		o.Rule = FirstCome
	}
}

// movedPrices moves periods. Two that would end at no known time are one.
func movedPrices(list []Price, at func(time.Time) time.Time) []Price {
	var out []Price
	for _, p := range list {
		p.Until = at(p.Until)
		if n := len(out); n > 0 && out[n-1].Until.IsZero() {
			out[n-1] = p
			continue
		}
		out = append(out, p)
	}
	return out
}
