package registration

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/person"
)

const handoverPurpose = "registration.handover"

// HandoverPage is a handover with what its receiver sees before they accept: nothing of the giver but their name.
type HandoverPage struct {
	*Handover
	m       *Meeting
	entry   *Entry
	Choices []*Chosen
}

// Event is the meeting.
func (p *HandoverPage) Event() *event.Stored { return p.m.Stored }

// HandOver offers one's own place to a colleague, who gets a letter. Until they accept, it stays one's own.
func (s *Service) HandOver(ctx context.Context, o *Own, name, address string) error {
	if err := s.live(o, o.Handover); err != nil {
		return err
	}
	switch {
	case o.State != Confirmed:
		return fault.New(fault.Conflict, "registration.error.handover_state")
	case o.ProvedAt.IsZero():
		return fault.New(fault.Conflict, "registration.error.prove_first")
	}
	if err := line(&name, maxName, "to_name"); err != nil {
		return err
	}
	if name == "" {
		return invalid("registration.error.no_name").On("to_name")
	}
	to, folded, err := person.ParseAddress(address)
	if err != nil {
		return invalid("registration.error.address").On("to_address")
	}
	if folded == o.Folded {
		return invalid("registration.error.handover_self").On("to_address")
	}
	now := s.o.Now()
	h := &Handover{Ref: person.NewRef(), Meeting: o.m.ID, Entry: o.ID, Giver: o.Person, From: o.Details, ToName: name, To: to, Folded: folded, State: HandoverOpen, MadeAt: now,
		Until: handoverEnds(o.Handover, now)}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if ok, err := letterRate.Allow(ctx, tx, "registration.handover", folded, now); err != nil || !ok {
			return cmp.Or(err, error(fault.New(fault.TooMany, "registration.error.letters")))
		}
		if err := insertHandover(ctx, tx, h); err != nil {
			return err
		}
		return s.toldHandover(ctx, tx, o.m, h, o.Ref, "registration.handover_offered", "offered", "made")
	})
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "registration.error.handover_twice")
	}
	return err
}

// toldHandover records what happened to a handover, and lets people be written to.
func (s *Service) toldHandover(ctx context.Context, tx *db.Tx, m *Meeting, h *Handover, ref, action string, letters ...string) error {
	for _, what := range letters {
		if err := s.o.Jobs.Enqueue(ctx, tx, HandoverLetter{m.Slug, h.Ref, what}); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Scope: m.Slug, Object: "entry:" + ref, After: map[string]string{"to": strings.TrimSpace(h.ToName + " " + h.To)}, At: s.o.Now(),
	})
}

// OpenHandover is the handover of an entry that waits for its receiver, or nil.
func (s *Service) OpenHandover(ctx context.Context, o *Own) (*Handover, error) {
	return oneHandover(ctx, s.db, o.m.Location(), `h.entry_id = $1 AND h.state = 'open'`, o.ID)
}

// endHandover ends an open handover without anybody else getting the place.
func (s *Service) endHandover(ctx context.Context, m *Meeting, h *Handover, state HandoverState, letters ...string) error {
	e, err := oneEntry(ctx, s.db, m.Location(), `e.id = $1`, h.Entry)
	if err != nil || e == nil {
		return errors.Join(err, fault.Missing())
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := closeHandover(ctx, tx, h.ID, state)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.handover_over")
		}
		return s.toldHandover(ctx, tx, m, h, e.Ref, "registration.handover_"+string(state), letters...)
	})
}

// TakeBack keeps one's place after all, as long as nobody accepted it.
func (s *Service) TakeBack(ctx context.Context, o *Own) error {
	h, err := s.OpenHandover(ctx, o)
	if err != nil {
		return err
	}
	if h == nil {
		return fault.New(fault.Conflict, "registration.error.handover_over")
	}
	return s.endHandover(ctx, o.m, h, HandoverWithdrawn, "withdrawn")
}

// DeclineHandover says that one does not want the place.
func (s *Service) DeclineHandover(ctx context.Context, p *HandoverPage) error {
	return s.endHandover(ctx, p.m, p.Handover, HandoverDeclined, "declined")
}

// withdrawOpen ends the handovers of an entry that wait for their receivers: another person gets the place.
func (s *Service) withdrawOpen(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry) error {
	open, err := handovers(ctx, tx, m.Location(), `h.entry_id = $1 AND h.state = 'open'`, e.ID)
	if err != nil {
		return err
	}
	for _, h := range open {
		ok, err := closeHandover(ctx, tx, h.ID, HandoverWithdrawn)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := s.toldHandover(ctx, tx, m, h, e.Ref, "registration.handover_withdrawn", "withdrawn"); err != nil {
			return err
		}
	}
	return nil
}

// HandoverToken is the secret address of a handover, for the letter to its receiver.
func (s *Service) HandoverToken(ctx context.Context, h *Handover) (string, error) {
	secret, err := s.key(ctx)
	return sign.Token(secret, handoverPurpose, h.Ref, 1), err
}

// HandoverByToken is the handover that the letter to its receiver leads to. What became of one that is over is nobody's business any more.
func (s *Service) HandoverByToken(ctx context.Context, token string) (*HandoverPage, error) {
	h, m, err := byToken(ctx, s, handoverPurpose, token, func(ref string) (*Handover, error) { return oneHandover(ctx, s.db, time.UTC, `h.ref = $1`, ref) },
		func(h *Handover) (event.MeetingID, int) { return h.Meeting, 1 })
	if err != nil {
		return nil, err
	}
	h.Until = inZone(h.Until, m.Location())
	p := &HandoverPage{Handover: h, m: m}
	if h.State != HandoverOpen {
		return p, nil
	}
	if p.entry, err = oneEntry(ctx, s.db, m.Location(), `e.id = $1 AND e.state = 'confirmed'`, h.Entry); err != nil {
		return nil, err
	}
	if p.entry == nil || passed(h.Until, s.o.Now()) {
		h.State = HandoverLapsed
		return p, nil
	}
	p.Choices, err = choicesOf(ctx, s.db, m.Location(), `c.entry_id = $1 AND c.state NOT IN ('cancelled', 'lost')`, p.entry.ID)
	return p, err
}

// AcceptHandover takes the place: with one's own name, address, answers and consents. declared are the options that one says one may have;
// others that ask for it are given up, and so are those that one may not have. Who had the place keeps paying for what they took; what
// is added from then on is paid by who adds it.
func (s *Service) AcceptHandover(ctx context.Context, p *HandoverPage, f Form, declared []string) error {
	now := s.o.Now()
	if p.State != HandoverOpen || passed(p.Until, now) {
		return fault.New(fault.Conflict, "registration.error.handover_over")
	}
	f.Kind, f.Key, f.Address, f.Days = p.entry.Kind, "handover", p.To, map[event.Date]Mode{}
	for _, d := range p.entry.Days {
		f.Days[d.Date] = d.Mode
	}
	if err := f.check(p.m.Setup, &p.m.Meeting); err != nil {
		return err
	}
	mine, err := s.accountOf(ctx, p.Folded)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p.m, p.entry, actHandedOver, "entered", func(tx *db.Tx, e *Entry) error {
		if e.State != Confirmed || passed(p.Until, now) {
			return fault.New(fault.Conflict, "registration.error.handover_over")
		}
		ok, err := closeHandover(ctx, tx, p.ID, HandoverAccepted)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.handover_over")
		}
		if err := s.carry(ctx, tx, p.m, p.Handover, e); err != nil {
			return err
		}
		if err := storeFormer(ctx, tx, e, now); err != nil {
			return err
		}
		twin, err := s.pass(ctx, tx, p.m, e, f.Details, f.Answers)
		if err != nil {
			return err
		}
		if twin != 0 {
			return fault.New(fault.Conflict, "registration.error.handover_known")
		}
		e.Person, e.ProvedAt = mine, now
		if err := s.dropUndeclared(ctx, tx, p.m, e, declared); err != nil {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, tx, HandoverLetter{p.m.Slug, p.Ref, "accepted"})
	})
	return err
}

// accountOf is the account of who is signed in, if an address is theirs.
func (s *Service) accountOf(ctx context.Context, folded string) (int64, error) {
	who := authz.Who(ctx)
	if !who.SignedIn() {
		return 0, nil
	}
	list, err := s.o.People.Addresses(ctx, person.ID(who.ID))
	if slices.ContainsFunc(list, func(a person.Address) bool { return a.Folded == folded && !a.VerifiedAt.IsZero() }) {
		return who.ID, err
	}
	return 0, err
}

// dropUndeclared gives up the options that ask for a declaration which the person of an entry did not make.
func (s *Service) dropUndeclared(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, declared []string) error {
	list, err := choicesOf(ctx, tx, m.Location(), `c.entry_id = $1 AND c.state <> 'cancelled'`, e.ID)
	if err != nil {
		return err
	}
	for _, c := range list {
		if o := m.Option(c.Option); o == nil || o.Declares.IsZero() || slices.Contains(declared, o.Key) {
			continue
		}
		if err := s.giveUp(ctx, tx, m, e, c); err != nil {
			return err
		}
	}
	return nil
}

// sweepHandovers ends those that nobody accepted in time.
func (s *Service) sweepHandovers(ctx context.Context) error {
	late, err := handovers(ctx, s.db, time.UTC, `h.state = 'open' AND h.until < $1`, db.Micros(s.o.Now()))
	if err != nil {
		return err
	}
	for _, h := range late {
		m, err := s.meetingOf(ctx, h.Meeting)
		if err != nil {
			return err
		}
		if err := s.endHandover(authz.System(ctx, "registration.handovers"), m, h, HandoverLapsed, "lapsed"); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return nil
}
