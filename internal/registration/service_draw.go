package registration

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/registration/draw"
)

// Drawing is the lottery of an option: a list of tickets for each slot, and one secret for all of them.
type Drawing struct {
	ID         int64
	Meeting    event.MeetingID
	Option     string
	secret     draw.Secret
	Commitment string
	Outside    string // the name of the outside value; empty: none
	Value      string
	Asked      int
	MadeAt     time.Time
	FrozenAt   time.Time // zero: one may still ask
	DrawAt     time.Time // once the list is frozen
	DrawnAt    time.Time // zero: not yet
	Lists      []*DrawList
}

// DrawList is the frozen list of a slot.
type DrawList struct {
	Slot     string
	Capacity int
	Hash     string
	Tickets  []draw.Ticket
	Order    []draw.Drawn // empty: not drawn yet

	choice map[string]int64 // by ticket
}

// Frozen reports that nobody can join any more.
func (d *Drawing) Frozen() bool { return d != nil && !d.FrozenAt.IsZero() }

// Drawn reports that the draw took place.
func (d *Drawing) Drawn() bool { return d != nil && !d.DrawnAt.IsZero() }

// undrawn reports whether places of an option are still to be drawn.
func (o *Option) undrawn(d *Drawing) bool { return o.Rule == Lottery && !d.Drawn() }

// everybody is the capacity of a lottery without a bound: as many as a list can have.
const everybody = 1_000_000

// drawOf is the name of what is drawn: a slot of an option.
func drawOf(slug, option, slot string) string { return slug + "/" + option + "/" + slot }

// ticketOf is the public name of a choice in its lottery.
func (m *Meeting) ticketOf(c *Chosen) string { return draw.ID(drawOf(m.Slug, c.Option, c.Slot), c.Ref) }

// rules are the published rules of the lottery of a slot.
func (d *Drawing) rules(slug, slot string, capacity int) (draw.Rules, error) {
	return draw.NewRules(drawOf(slug, d.Option, slot), capacity, d.secret, d.Outside)
}

// Record is the whole draw of a slot, as it is published.
func (d *Drawing) Record(slug string, l *DrawList) (draw.Record, error) {
	r, err := d.rules(slug, l.Slot, l.Capacity)
	return draw.Record{Rules: r, Value: d.Value, Secret: d.secret.Open(), ListHash: l.Hash, Tickets: l.Tickets, Order: l.Order}, err
}

// inLottery joins the lottery of an option, and reports false where there is none any more: its places are given as they are asked for.
func (s *Service) inLottery(ctx context.Context, tx *db.Tx, m *Meeting, o *Option) (bool, error) {
	if o.Rule != Lottery {
		return false, nil
	}
	for range 2 {
		ok, err := joinDraw(ctx, tx, m.ID, o.Key)
		if ok || err != nil {
			return ok, err
		}
		all, err := drawsOf(ctx, tx, m.Location(), m.ID)
		switch d := all[o.Key]; {
		case err != nil:
			return false, err
		case d.Drawn():
			return false, nil
		case d != nil:
			return false, fault.New(fault.Conflict, "registration.error.option_over").On("option." + o.Key)
		}
		if err := s.promise(ctx, tx, m, o.Key); err != nil {
			return false, err
		}
	}
	return false, errChanged()
}

// promise makes the secret of a lottery and publishes what it will be checked by.
func (s *Service) promise(ctx context.Context, tx *db.Tx, m *Meeting, option string) error {
	secret := draw.NewSecret()
	d := &Drawing{Meeting: m.ID, Option: option, secret: secret, Commitment: secret.Commitment(), MadeAt: s.o.Now()}
	fresh, err := insertDraw(ctx, tx, d)
	if err != nil || !fresh {
		return err
	}
	return s.drawNoted(ctx, tx, m.Slug, option, "registration.draw_promised", map[string]string{"commitment": d.Commitment})
}

func (s *Service) drawNoted(ctx context.Context, tx *db.Tx, slug, option, action string, after map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Scope: slug, Object: "registration:" + slug, After: prefixed("draw."+option+".", after), At: s.o.Now()})
}

func prefixed(prefix string, in map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range in {
		out[prefix+k] = v
	}
	return out
}

// syncDraws gives every lottery of a new setup its promise, and refuses what would change a list that is frozen, or take away what people
// asked for.
func (s *Service) syncDraws(ctx context.Context, tx *db.Tx, m *Meeting, before, next *Setup) error {
	have, err := drawsOf(ctx, tx, m.Location(), m.ID)
	if err != nil {
		return err
	}
	counts, err := slotCounts(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	for _, key := range sortedKeys(counts) {
		option, slot := cutSlot(strings.TrimPrefix(key, "slot:"))
		o := next.Option(option)
		n := counts[key][Asked].choices + counts[key][InLine].choices
		if gone := o == nil || o.Slot(slot) == nil; gone && n > 0 || !gone && o.Rule != Lottery && counts[key][Asked].choices > 0 {
			return fault.New(fault.Conflict, "registration.error.in_use").With("key", option+"/"+slot).With("n", n)
		}
	}
	for _, key := range sortedKeys(have) {
		d, o := have[key], next.Option(key)
		switch {
		case d.Drawn():
		case d.Frozen() && !sameLottery(before.Option(key), o):
			return fault.New(fault.Conflict, "registration.error.draw_frozen").With("key", key)
		case o == nil || o.Rule != Lottery:
			if err := dropDraw(ctx, tx, d.ID); err != nil {
				return err
			}
		}
	}
	for i := range next.Options {
		if o := &next.Options[i]; o.Rule == Lottery && have[o.Key] == nil {
			if err := s.promise(ctx, tx, m, o.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameLottery reports that nothing of an option changed that its draw follows from.
func sameLottery(a, b *Option) bool {
	if a == nil || b == nil || a.Rule != b.Rule || !a.Closes.Equal(b.Closes) || !a.DrawAt.Equal(b.DrawAt) || a.LostWeight != b.LostWeight || a.LostAt != b.LostAt {
		return false
	}
	return !slices.ContainsFunc(a.Slots, func(x Slot) bool { return b.Slot(x.Key) == nil })
}

// Draws does what is due of lotteries: lists are frozen when they close, and drawn at their time.
func (s *Service) Draws(ctx context.Context) error {
	ctx = authz.System(ctx, "registration.draws")
	now := s.o.Now()
	open, err := draws(ctx, s.db, time.UTC, `d.drawn_at = 0`)
	if err != nil {
		return err
	}
	for _, d := range open {
		m, err := s.meetingOf(ctx, d.Meeting)
		if err != nil {
			return err
		}
		o := m.Option(d.Option)
		if o == nil {
			continue
		}
		if !d.Frozen() {
			if o.Rule != Lottery || !passed(o.Closes, now) {
				continue
			}
			if err := s.freeze(ctx, m, o, d); err != nil {
				return err
			}
		}
		if d.Frozen() && !now.Before(d.DrawAt) && (d.Outside == "" || d.Value != "") {
			if err := s.drawNow(ctx, m, o, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeze closes the list of a lottery: who is in it, with what weight, is decided here and nowhere else.
func (s *Service) freeze(ctx context.Context, m *Meeting, o *Option, d *Drawing) error {
	weight, err := s.weights(ctx, o)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		d.FrozenAt, d.DrawAt = s.o.Now(), o.DrawAt
		first, err := freezeDraw(ctx, tx, d)
		if err != nil {
			return err
		}
		if !first { // by another process; the next run sees it
			d.FrozenAt = time.Time{}
			return nil
		}
		list, err := askers(ctx, tx, m.Location(), m.ID, o.Key)
		if err != nil {
			return err
		}
		quotas, err := quotasOf(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		said := map[string]string{}
		for i := range o.Slots {
			l, err := m.list(o.Slots[i].Key, list, quotas[slotQuota(o.Key, o.Slots[i].Key)], weight)
			if err != nil {
				return err
			}
			if err := insertList(ctx, tx, d.ID, l); err != nil {
				return err
			}
			said[l.Slot] = strconv.Itoa(len(l.Tickets)) + " " + l.Hash
		}
		for _, h := range list {
			if h.Of.State.Holds() {
				continue
			}
			if err := s.notDrawn(ctx, tx, o, h.Chosen, h.Place); err != nil { // they wait for a place at the meeting itself
				return err
			}
		}
		return s.drawNoted(ctx, tx, m.Slug, o.Key, "registration.draw_frozen", said)
	})
}

// list is the list of a slot of those who ask and have a place at the meeting.
func (m *Meeting) list(slot string, all []*Holder, q Quota, weight func(*Entry) int) (*DrawList, error) {
	l := &DrawList{Slot: slot, Capacity: everybody, choice: map[string]int64{}}
	if n, bound := q.Left(); bound {
		l.Capacity = n
	}
	var tickets []draw.Ticket
	for _, h := range all {
		if h.Slot != slot || !h.Of.State.Holds() {
			continue
		}
		t := draw.Ticket{ID: m.ticketOf(h.Chosen), Weight: weight(h.Of), Size: h.Heads()}
		tickets, l.choice[t.ID] = append(tickets, t), h.ID
	}
	var err error
	l.Tickets, err = draw.List(tickets)
	l.Hash = draw.ListHash(l.Tickets)
	return l, err
}

// weights says how many chances an entry has in the lottery of an option: more, if it is set so, for who lost last time. People are known
// by their account or by their address.
func (s *Service) weights(ctx context.Context, o *Option) (func(*Entry) int, error) {
	one := func(*Entry) int { return 1 }
	if o.LostWeight <= 1 || o.LostAt == "" {
		return one, nil
	}
	last, err := s.events.Meeting(ctx, o.LostAt)
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.NotFound: // nobody lost there
		return one, nil
	default:
		return nil, err
	}
	people, addresses, err := lostLast(ctx, s.db, last.ID, o.Key)
	return func(e *Entry) int {
		if people[e.Person] || addresses[e.Folded] {
			return min(o.LostWeight, draw.MaxWeight)
		}
		return 1
	}, err
}

// notDrawn brings a choice out of the lottery: into the waiting list, if there is one.
func (s *Service) notDrawn(ctx context.Context, tx *db.Tx, o *Option, c *Chosen, place int64) error {
	was := c.State
	if c.State, c.Place, c.ChangedAt = Lost, place, s.o.Now(); o.Waiting {
		c.State = InLine
	}
	_, err := updateChoice(ctx, tx, c, was)
	return err
}

// drawNow draws, once: whoever comes second finds it done. Everything happens in one transaction.
func (s *Service) drawNow(ctx context.Context, m *Meeting, o *Option, d *Drawing) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		first, err := beginDraw(ctx, tx, d, s.o.Now())
		if err != nil || !first {
			return err
		}
		lists, err := listsOf(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		asking, err := askers(ctx, tx, m.Location(), m.ID, o.Key)
		if err != nil {
			return err
		}
		by := map[int64]*Holder{}
		for _, h := range asking {
			by[h.ID] = h
		}
		said := map[string]string{}
		for _, l := range lists {
			won, err := s.drawList(ctx, tx, m, o, d, l, by)
			if err != nil {
				return err
			}
			said[l.Slot] = strconv.Itoa(won) + " / " + strconv.Itoa(len(l.Tickets))
		}
		if err := s.drawNoted(ctx, tx, m.Slug, o.Key, "registration.draw_done", said); err != nil {
			return err
		}
		return s.freed(ctx, tx, m.Slug) // places of who gave up since the list was frozen
	})
}

// drawList draws one slot and says how many tickets won.
func (s *Service) drawList(ctx context.Context, tx *db.Tx, m *Meeting, o *Option, d *Drawing, l *DrawList, by map[int64]*Holder) (int, error) {
	r, err := d.rules(m.Slug, l.Slot, l.Capacity)
	if err != nil {
		return 0, err
	}
	rec, err := draw.Draw(r, d.secret, d.Value, l.Tickets)
	if err != nil {
		return 0, err
	}
	for _, x := range rec.Order {
		if err := storeOrder(ctx, tx, d.ID, l.Slot, x); err != nil {
			return 0, err
		}
		if h := by[l.choice[x.Ticket]]; h != nil { // otherwise it was given up since
			if err := s.drawn(ctx, tx, m, o, h, x); err != nil {
				return 0, err
			}
		}
	}
	return len(rec.Winners()), nil
}

// drawn gives a choice what the draw gave its ticket.
func (s *Service) drawn(ctx context.Context, tx *db.Tx, m *Meeting, o *Option, h *Holder, x draw.Drawn) error {
	was := *h.Chosen
	c := h.Chosen
	what := "lost"
	if x.Won {
		c.State, c.Place, c.ChangedAt = Taken, int64(x.Place), s.o.Now()
		ok, err := updateChoice(ctx, tx, c, Asked)
		if err != nil || !ok {
			return err
		}
		if ok, err = take(ctx, tx, m.ID, []string{c.quota()}, c.Heads()); err != nil {
			return err
		}
		x.Won = ok // where the capacity was lowered since, the first in line are those who won
	} else {
		c.State = Asked
	}
	if x.Won {
		what = "won"
	} else if err := s.notDrawn(ctx, tx, o, c, int64(x.Place)); err != nil {
		return err
	}
	if c.State == InLine {
		what = "drawn_waiting"
	}
	if err := s.noted(ctx, tx, m, h.Of, "registration.choice_drawn", &was, c, ""); err != nil {
		return err
	}
	if err := s.tellChoice(ctx, tx, m, h.Of, c, what, ""); err != nil || !x.Won {
		return err
	}
	return s.owe(ctx, tx, m, h.Of, "registration.choice_drawn")
}

// Lottery is the lottery of an option, as everybody may see it.
func (s *Service) lottery(ctx context.Context, m *Meeting, o *Option) (*Drawing, error) {
	all, err := drawsOf(ctx, s.db, m.Location(), m.ID)
	if err != nil {
		return nil, err
	}
	d := all[o.Key]
	if d.Frozen() {
		d.Lists, err = listsOf(ctx, s.db, d.ID)
	}
	return d, err
}

// NameOutside says which value of elsewhere a draw will use, which nobody of the meeting decides; empty: none. It has to be said before the
// list closes.
func (s *Service) NameOutside(ctx context.Context, slug, option, name string) error {
	return s.outside(ctx, slug, option, name, "registration.draw_outside", "outside", storeOutside)
}

// GiveOutside records that value, once the list is frozen. The draw waits for it.
func (s *Service) GiveOutside(ctx context.Context, slug, option, value string) error {
	if strings.TrimSpace(value) == "" {
		return invalid("registration.error.required").On("value")
	}
	return s.outside(ctx, slug, option, value, "registration.draw_value", "outside_value", storeValue)
}

func (s *Service) outside(ctx context.Context, slug, option, text, action, field string, store func(context.Context, *db.Tx, int64, string) (bool, error)) error {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "\r\n\x00") || len([]rune(text)) > 200 {
		return invalid("registration.error.long").With("max", 200).On(field)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		all, err := drawsOf(ctx, tx, m.Location(), m.ID)
		if err != nil {
			return err
		}
		d := all[option]
		if d == nil {
			return fault.Missing()
		}
		ok, err := store(ctx, tx, d.ID, text)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.draw_late")
		}
		return s.drawNoted(ctx, tx, slug, option, action, map[string]string{field: text})
	})
}
