package briefing

import (
	"context"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Left is the event of a briefing whose time to be taken back is over.
type Left struct {
	Slug string `json:"slug"`
	Item ItemID `json:"item"`
	Sent int64  `json:"sent"` // microseconds: when it was sent, so that one that was taken back and sent again leaves at its own time
}

// JobName names the event.
func (Left) JobName() string { return "briefing.left" }

// Seen is what somebody saw when they pressed "send".
type Seen struct {
	Count int // letters
	To    int // the newest release
}

// Send lets a briefing go in five minutes, to exactly those whom the sender was shown. Sending what is sent already does nothing.
func (s *Service) Send(ctx context.Context, slug, ref string, seen Seen) error {
	m, err := s.open(ctx, slug)
	if err != nil {
		return err
	}
	i, err := s.item(ctx, s.db, m, ref)
	if err != nil || i.State == Leaving || i.State == Sent {
		return err
	}
	if i.State != Open {
		return fault.New(fault.Conflict, "briefing.error.not_open")
	}
	reach, err := s.reach(ctx, m, i)
	switch {
	case err != nil:
		return err
	case len(reach.List) == 0:
		return fault.New(fault.Invalid, "briefing.error.nobody")
	case len(reach.List) != seen.Count || i.To != seen.To:
		return fault.New(fault.Conflict, "briefing.error.counts").With("n", len(reach.List))
	}
	for _, r := range reach.List {
		r.Ref = newRef()
	}
	now := s.o.Now()
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.leave(ctx, tx, slug, i, reach, now) })
}

// leave stores who a briefing goes to and starts the clock.
func (s *Service) leave(ctx context.Context, tx *db.Tx, slug string, i *Item, reach *Reach, now time.Time) error {
	ok, err := beginLeaving(ctx, tx, i, len(reach.List), now, by(ctx))
	if err != nil || !ok {
		return s.pressedTwice(ctx, tx, i, err)
	}
	if err := addRecipients(ctx, tx, i.ID, reach.List); err != nil {
		return err
	}
	if err := s.o.Jobs.Enqueue(ctx, tx, Left{slug, i.ID, db.Micros(now)}, job.At(now.Add(TakeBack))); err != nil {
		return err
	}
	values := map[string]string{"recipients": strconv.Itoa(len(reach.List)), "decided": strconv.FormatBool(i.Decided)}
	for d, n := range reach.Counts {
		values["to."+string(d)] = strconv.Itoa(n)
	}
	return s.said(ctx, tx, slug, i, "briefing.sent", values)
}

// pressedTwice tells somebody who sent what another sent a moment ago from somebody who saw an older state of it.
func (s *Service) pressedTwice(ctx context.Context, tx *db.Tx, i *Item, err error) error {
	if err != nil {
		return err
	}
	now, err := oneItem(ctx, tx, time.UTC, `i.id = $1`, i.ID)
	if err != nil || now != nil && (now.State == Leaving || now.State == Sent) {
		return err
	}
	return fault.New(fault.Conflict, "briefing.error.counts").With("n", i.Told)
}

// TakeBackNow keeps what was sent less than five minutes ago from leaving: all of it. It is open again, or, where a newer offer waits, becomes
// part of that one. It returns the briefing to go on with.
func (s *Service) TakeBackNow(ctx context.Context, slug, ref string) (string, error) {
	m, err := s.open(ctx, slug)
	if err != nil {
		return "", err
	}
	next := ref
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		next = ref
		i, err := s.item(ctx, tx, m, ref)
		if err != nil || i.State == Open {
			return err
		}
		newer, err := s.openOffer(ctx, tx, m)
		if err != nil {
			return err
		}
		to := Open
		if i.Kind == OfChange && newer != nil {
			to, next = Dropped, newer.Ref
			newer.From, newer.To = min(newer.From, i.From), max(newer.To, i.To)
			if _, err := saveItem(ctx, tx, newer); err != nil {
				return err
			}
		}
		ok, err := takenBack(ctx, tx, i.ID, to, s.o.Now())
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "briefing.error.left")
		}
		if err != nil {
			return err
		}
		if err := dropRecipients(ctx, tx, i.ID); err != nil {
			return err
		}
		return s.said(ctx, tx, slug, i, "briefing.taken_back", map[string]string{"recipients": strconv.Itoa(i.Told)})
	})
	return next, err
}

// letters is how many letters are put into the outbox in one transaction: others write in between.
const letters = 200

// Leave is the listener of Left: it puts the letters into the outbox. It may be run again at any point, and no letter is written twice.
func (s *Service) Leave(ctx context.Context, e Left) error {
	ctx = authz.System(ctx, "briefing")
	m, err := s.meeting(ctx, e.Slug)
	if err != nil {
		return err
	}
	var i *Item
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := hasLeft(ctx, tx, e.Item, db.Time(e.Sent, time.UTC), s.o.Now())
		if err != nil || !ok {
			i = nil
			return err
		}
		if i, err = oneItem(ctx, tx, m.Location(), `i.id = $1`, e.Item); err != nil || i == nil {
			return err
		}
		return s.sayAnew(ctx, tx, i)
	})
	if err != nil || i == nil {
		return err
	}
	what, err := s.matter(ctx, m, i)
	if err != nil {
		return err
	}
	for {
		list, err := recipients(ctx, s.db, m.Location(), `t.item_id = $1 AND t.state = 'waiting' ORDER BY t.id LIMIT $2`, i.ID, letters)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.post(ctx, tx, m, i, what, list) }); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.bump(ctx, tx, e.Slug) })
}

// sayAnew marks what earlier briefings said and this one says again, as far as the same people are asked: only the newest counts.
func (s *Service) sayAnew(ctx context.Context, tx *db.Tx, i *Item) error {
	old, err := older(ctx, tx, i.Meeting, i.ID)
	if err != nil || len(old) == 0 {
		return err
	}
	now, err := recipients(ctx, tx, time.UTC, `t.item_id = $1 AND t.asks = 1`, i.ID)
	if err != nil {
		return err
	}
	type who struct{ person, contact int64 }
	about := map[who][]string{}
	for _, r := range now {
		about[who{r.Person, r.Contact}] = r.Sessions
	}
	var ids []RecipientID
	for _, r := range old {
		if r.Item < i.ID && covers(r.Sessions, about[who{r.Person, r.Contact}]) {
			ids = append(ids, r.ID)
		}
	}
	return supersede(ctx, tx, ids, i.ID)
}

// post puts the letters of some recipients into the outbox.
func (s *Service) post(ctx context.Context, tx *db.Tx, m *meeting, i *Item, what *matter, list []*Recipient) error {
	secret, err := signingKey(ctx, tx, sign.NewSecret(), s.o.Now())
	if err != nil {
		return err
	}
	unsubscribe, err := s.lookUp(ctx, tx, list)
	if err != nil {
		return err
	}
	w := s.writer(m, i, what, secret)
	var done, skip, gone []RecipientID
	for _, r := range list {
		state := &done
		if r.Address == "" {
			state = &skip
		} else {
			l, err := w.letter(r, false)
			if err != nil {
				return err
			}
			l.Key, l.Unsubscribe = r.letterKey(0), unsubscribe[person.ID(r.Person)]
			if err := s.o.Outbox.Send(ctx, tx, l); err != nil {
				return err
			}
		}
		if !r.Asks {
			state = &gone
		}
		*state = append(*state, r.ID)
	}
	if err := concluded(ctx, tx, skip, nil, skipped); err != nil {
		return err
	}
	return concluded(ctx, tx, done, gone, queued)
}

// lookUp gives accounts the addresses they have now, and returns where those who are not on duty decline such letters.
func (s *Service) lookUp(ctx context.Context, tx *db.Tx, list []*Recipient) (map[person.ID]string, error) {
	var duty, star []int64
	for _, r := range list {
		switch {
		case r.Person == 0:
		case r.Asks:
			duty = append(duty, r.Person)
		default:
			star = append(star, r.Person)
		}
	}
	at, err := s.addresses(ctx, tx, duty, KindChange)
	if err != nil {
		return nil, err
	}
	others, err := s.addresses(ctx, tx, star, KindStar)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		a, ok := at[r.Person]
		if !r.Asks {
			a, ok = others[r.Person]
		}
		if r.Person != 0 && ok {
			r.Address, r.Lang = a.Address, a.Lang
			if r.Name.IsZero() {
				r.Name.JA, r.Name.EN = a.Name, a.Name
			}
		}
	}
	ids := make([]person.ID, len(star))
	for i, id := range star {
		ids[i] = person.ID(id)
	}
	return s.o.People.Unsubscribes(ctx, tx, ids, KindStar)
}

// letterKey names the letter to a recipient, or the reminder of a number.
func (r *Recipient) letterKey(reminder int) string {
	if reminder == 0 {
		return "briefing:" + r.Ref
	}
	return "briefing:" + r.Ref + ":" + strconv.Itoa(reminder)
}

// between is how long after a letter somebody is reminded at the earliest.
const between = 10 * time.Minute

// Remind writes again to those who have not acknowledged, and says to how many. Who was reminded a moment ago is left alone.
func (s *Service) Remind(ctx context.Context, slug, ref string) (int, error) {
	m, err := s.open(ctx, slug)
	if err != nil {
		return 0, err
	}
	i, err := s.item(ctx, s.db, m, ref)
	if err != nil {
		return 0, err
	}
	if i.State != Sent {
		return 0, fault.New(fault.Conflict, "briefing.error.not_sent")
	}
	what, err := s.matter(ctx, m, i)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = s.remind(ctx, tx, m, i, what)
		if err != nil || n == 0 {
			return err
		}
		return s.said(ctx, tx, slug, i, "briefing.reminded", map[string]string{"recipients": strconv.Itoa(n)})
	})
	return n, err
}

func (s *Service) remind(ctx context.Context, tx *db.Tx, m *meeting, i *Item, what *matter) (int, error) {
	list, err := recipients(ctx, tx, m.Location(), `t.item_id = $1 AND t.asks = 1 AND t.acknowledged_at = 0 AND t.superseded_by = 0 ORDER BY t.id`, i.ID)
	if err != nil {
		return 0, err
	}
	secret, err := signingKey(ctx, tx, sign.NewSecret(), s.o.Now())
	if err != nil {
		return 0, err
	}
	if _, err := s.lookUp(ctx, tx, list); err != nil {
		return 0, err
	}
	w, now, n := s.writer(m, i, what, secret), s.o.Now(), 0
	for _, r := range list {
		if r.Address == "" || now.Sub(i.LeftAt) < between {
			continue
		}
		ok, err := reminded(ctx, tx, r.ID, now, now.Add(-between))
		if err != nil {
			return n, err
		}
		if !ok {
			continue
		}
		l, err := w.letter(r, true)
		if err != nil {
			return n, err
		}
		l.Key = r.letterKey(r.Reminders + 1)
		if err := s.o.Outbox.Send(ctx, tx, l); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
