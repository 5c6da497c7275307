package registration

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Posted is what this feature asks of the one that sends letters, to say what became of them.
type Posted interface {
	// To lists the letters to an address.
	To(ctx context.Context, r db.Reader, address string) ([]mail.Kept, error)
	// States tells what became of letters, by their keys.
	States(ctx context.Context, r db.Reader, keys []string) (map[string]mail.State, error)
}

// Tally counts entries.
type Tally struct {
	All    int
	States map[State]int
	Kinds  map[string]int
}

// Listed is a page of the list of people.
type Listed struct {
	Entries []*Entry
	Choices map[EntryID][]*Chosen
	Paid    map[string]Standing // by ref
	Tally   Tally               // of everything that the filter chooses
	Next    string              // cursor of what follows; empty: nothing does
}

func writeCursor(key string, id EntryID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(int64(id), 36) + "." + key))
}

func readCursor(s string) (key string, id EntryID, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	head, key, cut := strings.Cut(string(b), ".")
	n, perr := strconv.ParseInt(head, 36, 64)
	return key, EntryID(n), s != "" && err == nil && perr == nil && cut
}

// People lists who registered, for those who may see it: a page of those a filter chooses, in a constant number of statements.
func (s *Service) People(ctx context.Context, slug string, f Filter, after string, limit int) (*Listed, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	l := &Listed{Choices: map[EntryID][]*Chosen{}}
	err = s.db.Read(ctx, func(r db.Reader) error {
		c, err := s.choice(ctx, r, m, f)
		if err != nil {
			return err
		}
		if l.Tally, err = tallyOf(ctx, r, c); err != nil {
			return err
		}
		ids, next, err := page(ctx, r, c, f.Sort, after, limit)
		if err != nil {
			return err
		}
		l.Next = next
		if l.Entries, err = inOrder(ctx, r, m.Location(), ids); err != nil || len(ids) == 0 {
			return err
		}
		return s.around(ctx, r, m, l, ids)
	})
	return l, err
}

// around adds to a page what its entries chose, and where their payments stand.
func (s *Service) around(ctx context.Context, r db.Reader, m *meeting, l *Listed, ids []EntryID) error {
	chosen, err := choicesOf(ctx, r, m.Location(), `c.state <> 'cancelled' AND c.entry_id IN (`+list(1, len(ids))+`)`, anys(ids)...)
	if err != nil {
		return err
	}
	for _, c := range chosen {
		l.Choices[c.Entry] = append(l.Choices[c.Entry], c)
	}
	if s.o.Billing == nil {
		return nil
	}
	refs := make([]string, len(l.Entries))
	for i, e := range l.Entries {
		refs[i] = e.Ref
	}
	l.Paid, err = s.o.Billing.Standings(ctx, r, m.Slug, refs)
	return err
}

// choice is the condition of a filter, with what only Go or another feature can say.
func (s *Service) choice(ctx context.Context, r db.Reader, m *meeting, f Filter) (*condition, error) {
	var said []EntryID
	if words, ok := spoken.Match(f.Query); ok {
		var err error
		if said, err = saidAs(ctx, r, m.ID, words); err != nil {
			return nil, err
		}
	}
	if number := orderNumber(f.Query); number != "" && s.o.Billing != nil {
		refs, err := s.o.Billing.Ordered(ctx, r, m.Slug, number)
		if err != nil {
			return nil, err
		}
		ids, err := idsNamed(ctx, r, m.ID, refs)
		if err != nil {
			return nil, err
		}
		said = append(said, ids...)
	}
	c := f.where(m.ID, m.Location(), said)
	if f.Paid == "" || s.o.Billing == nil {
		return c, nil
	}
	refs, err := refsWhere(ctx, r, c)
	if err != nil {
		return nil, err
	}
	standings, err := s.o.Billing.Standings(ctx, r, m.Slug, refs)
	if err != nil {
		return nil, err
	}
	refs = slices.DeleteFunc(refs, func(ref string) bool {
		x, owes := standings[ref]
		owes = owes && x.Owed > 0
		if f.Paid == "paid" {
			return !owes || x.Paid < x.Owed
		}
		return !owes || x.Paid >= x.Owed
	})
	if len(refs) == 0 {
		c.and("1 = 0")
		return c, nil
	}
	c.and("e.ref IN ("+questions(len(refs))+")", anys(refs)...)
	return c, nil
}

// chosenEntries are everybody a filter chooses, in the order of entering.
func (s *Service) chosenEntries(ctx context.Context, r db.Reader, m *meeting, f Filter) ([]*Entry, error) {
	c, err := s.choice(ctx, r, m, f)
	if err != nil {
		return nil, err
	}
	return entries(ctx, r, m.Location(), c.b.String(), c.args...)
}

// deskEntry finds an entry of a meeting, for those who hold a permission. Entries of other meetings are not there.
func (s *Service) deskEntry(ctx context.Context, slug, ref string, may authz.Permission) (*meeting, *Entry, error) {
	m, err := s.may(ctx, slug, may)
	if err != nil {
		return nil, nil, err
	}
	e, err := oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.ref = $2`, m.ID, ref)
	if err == nil && e == nil {
		err = fault.Missing()
	}
	return m, e, err
}

// File is everything about one entry that those may see who look after people.
type File struct {
	*Own
	Options []*OwnOption
	Note    string
	Merged  string // ref of the entry that it was merged into
	History []audit.Stored
	Letters []mail.Kept
}

// PersonFile is everything about an entry of a meeting.
func (s *Service) PersonFile(ctx context.Context, slug, ref string) (*File, error) {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	f := &File{}
	if f.Own, err = s.own(ctx, m, e); err != nil {
		return nil, err
	}
	f.Paid.Path = "" // it is the payer's own
	if f.Options, err = s.ownOptions(ctx, m, f.Own); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		if f.Note, err = noteOf(ctx, r, e.ID); err != nil {
			return err
		}
		if f.Merged, err = mergedInto(ctx, r, e.ID); err != nil {
			return err
		}
		f.History, _, err = audit.History(ctx, r, slug, "entry:"+ref, audit.Page{Limit: 200})
		if err != nil || s.o.Posted == nil || e.Address == "" {
			return err
		}
		all, err := s.o.Posted.To(ctx, r, e.Address)
		for _, l := range all {
			if slices.Contains([]string{KindEntry, KindNews, KindNotice}, l.Kind) && !l.Queued.Before(e.MadeAt) && (l.Subject.IsZero() || strings.Contains(l.Subject.JA+l.Subject.EN, m.Title.In(e.Lang))) {
				f.Letters = append(f.Letters, l)
			}
		}
		return err
	})
	return f, err
}

// actAs does something to an entry for its person: with a reason in its record, and with a letter where that is wished.
func (s *Service) actAs(ctx context.Context, m *meeting, e *Entry, action, letter string, why Reason, do func(tx *db.Tx, e *Entry) error) error {
	if err := why.check(); err != nil {
		return err
	}
	if !why.Tell {
		letter = ""
	}
	_, err := s.change(ctx, m, e, action, letter, func(tx *db.Tx, e *Entry) error {
		e.over, e.first = why.Over, true
		if err := do(tx, e); err != nil {
			return err
		}
		if why.Why == "" {
			return nil
		}
		return s.because(ctx, tx, m, e, why.Why)
	})
	return err
}

// because writes why the desk did something into the record of an entry.
func (s *Service) because(ctx context.Context, tx *db.Tx, m *meeting, e *Entry, why string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: "registration.reason", Scope: m.Slug, Object: "entry:" + e.Ref, After: map[string]string{"why": why}, At: s.o.Now()})
}

// DeskDays changes the kind and the days of somebody.
func (s *Service) DeskDays(ctx context.Context, slug, ref, kind string, days map[event.Date]Mode, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.deskDays(ctx, m, e, kind, days, why, nil)
}

// deskDays changes kind and days; also is done in the same transaction. days nil: they stay, as far as the kind offers them.
func (s *Service) deskDays(ctx context.Context, m *meeting, e *Entry, kind string, days map[event.Date]Mode, why Reason, also func(tx *db.Tx) error) error {
	k := m.Kind(kind)
	if k == nil {
		return invalid("registration.error.choose_kind").On("kind")
	}
	if days == nil {
		days = k.fitting(m, e.Days)
	}
	days, err := k.days(&m.Meeting, days)
	if err != nil {
		return err
	}
	return s.actAs(ctx, m, e, "registration.days", "changed", why, func(tx *db.Tx, e *Entry) error {
		if !e.Active() {
			return fault.New(fault.Conflict, "registration.error.is_cancelled")
		}
		if e.Kind != kind {
			e.Kind, e.PricedAt = kind, s.o.Now()
		}
		e.setDays(days)
		if err := s.keepCode(ctx, tx, m, e); err != nil {
			return err
		}
		if err := s.dropUnfit(ctx, tx, m, e); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
}

// fitting are the days somebody has, as far as a kind offers them; a way that it does not offer becomes one that it does.
func (k *Kind) fitting(m *meeting, days []Day) map[event.Date]Mode {
	out := map[event.Date]Mode{}
	for _, d := range days {
		offers := k.Offers(&m.Meeting, d.Date)
		switch {
		case slices.Contains(offers, d.Mode):
			out[d.Date] = d.Mode
		case len(offers) > 0:
			out[d.Date] = offers[0]
		}
	}
	return out
}

// DeskDetails changes who somebody is. With another address, earlier links in letters are not good any more; who changed it at the desk
// answers for the new one.
func (s *Service) DeskDetails(ctx context.Context, slug, ref string, d Details, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	if err := d.check(false); err != nil {
		return err
	}
	letter := ""
	if d.Folded != "" {
		letter = "changed"
	}
	return s.actAs(ctx, m, e, "registration.details", letter, why, func(_ *db.Tx, e *Entry) error {
		d.Lang = e.Lang
		if d.Folded != e.Folded {
			e.LinkNo++
			if e.ProvedAt = (time.Time{}); d.Folded != "" {
				e.ProvedAt = s.o.Now()
			}
		}
		e.Details = d
		return nil
	})
}

// DeskAnswers changes what somebody answered. What is required may be missing: the desk does not know everything.
func (s *Service) DeskAnswers(ctx context.Context, slug, ref string, given map[string][]string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	checked, err := m.lenient().answers(e.Kind, given)
	if err != nil {
		return err
	}
	return s.actAs(ctx, m, e, "registration.answers", "", why, func(tx *db.Tx, e *Entry) error {
		e.Answers = checked
		return s.dropUnfit(ctx, tx, m, e)
	})
}

// lenient is a setup in which nothing has to be answered.
func (s *Setup) lenient() *Setup {
	c := *s
	c.Questions = slices.Clone(s.Questions)
	for i := range c.Questions {
		c.Questions[i].Required = false
	}
	return &c
}

// DeskConfirm gives somebody who waits, or who is offered a place, the place.
func (s *Service) DeskConfirm(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.deskConfirm(ctx, m, e, why, nil)
}

func (s *Service) deskConfirm(ctx context.Context, m *meeting, e *Entry, why Reason, also func(tx *db.Tx) error) error {
	return s.actAs(ctx, m, e, "registration.accepted", "entered", why, func(tx *db.Tx, e *Entry) error {
		if e.State != Waiting && e.State != Offered && e.State != Invited {
			return fault.New(fault.Conflict, "registration.error.not_waiting")
		}
		if e.State != Invited {
			e.PricedAt = s.o.Now()
		}
		e.State, e.OfferedUntil = Confirmed, time.Time{}
		if e.ProvedAt.IsZero() && e.Folded != "" {
			e.ProvedAt = s.o.Now() // the desk answers for it; otherwise the next sweep would cancel it
		}
		if also == nil {
			return nil
		}
		return also(tx)
	})
}

// DeskCancel cancels the entry of somebody.
func (s *Service) DeskCancel(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.deskCancel(ctx, m, e, why, nil)
}

func (s *Service) deskCancel(ctx context.Context, m *meeting, e *Entry, why Reason, also func(tx *db.Tx) error) error {
	if err := why.check(); err != nil {
		return err
	}
	reason := person.CleanLine(why.Why)
	why.Why = "" // it is in the entry itself
	return s.actAs(ctx, m, e, "registration.cancelled", "cancelled", why, func(tx *db.Tx, e *Entry) error {
		if !e.Active() {
			return fault.New(fault.Conflict, "registration.error.is_cancelled")
		}
		e.State, e.CancelledAt, e.Why, e.OfferedUntil = Cancelled, s.o.Now(), reason, time.Time{}
		if err := s.dropUnfit(ctx, tx, m, e); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
}

// DeskRestore makes an entry that was cancelled be there again, where its places are; its options stay given up.
func (s *Service) DeskRestore(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	if k := m.Kind(e.Kind); k == nil {
		return fault.New(fault.Conflict, "registration.error.kind_closed").On("kind")
	}
	return s.actAs(ctx, m, e, "registration.restored", "entered", why, func(tx *db.Tx, e *Entry) error {
		if e.Active() {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		if err := dropFees(ctx, tx, e); err != nil {
			return err
		}
		e.State, e.CancelledAt, e.Why, e.Waived = Confirmed, time.Time{}, "", false
		if e.ProvedAt.IsZero() && e.Folded != "" {
			e.ProvedAt = s.o.Now() // the desk answers for it; otherwise it would be cancelled again
		}
		return unmerge(ctx, tx, e.ID)
	})
}

// DeskProve notes that an address is somebody's, on the word of the desk.
func (s *Service) DeskProve(ctx context.Context, slug, ref string, why Reason) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	return s.actAs(ctx, m, e, "registration.proved", "", why, func(_ *db.Tx, e *Entry) error {
		if e.ProvedAt.IsZero() {
			e.ProvedAt = s.o.Now()
		}
		return nil
	})
}

// DeskResend sends somebody the letter with everything once more.
func (s *Service) DeskResend(ctx context.Context, slug, ref string) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	if e.Address == "" || !e.Active() {
		return fault.New(fault.Conflict, "registration.error.no_letter")
	}
	return s.Resend(ctx, &Own{Entry: e, m: m})
}

// DeskNote replaces what the committee notes about somebody.
func (s *Service) DeskNote(ctx context.Context, slug, ref, body string) error {
	m, e, err := s.deskEntry(ctx, slug, ref, event.MayEditEntries)
	if err != nil {
		return err
	}
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	if len([]rune(body)) > MaxText {
		return invalid("registration.error.long").With("max", MaxText).On("note")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		was, err := noteOf(ctx, tx, e.ID)
		if err != nil || was == body {
			return err
		}
		if err := storeNote(ctx, tx, e.ID, body, s.o.Now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{ // under another name than the entry, whose record its person reads
			Action: "registration.noted", Scope: m.Slug, Object: "note:" + e.Ref, Before: map[string]string{"note": was}, After: map[string]string{"note": body}, At: s.o.Now(),
		})
	})
}

// Manual is somebody whom the desk enters.
type Manual struct {
	Key     string
	Kind    string
	Details // the address may be missing
	Days    map[event.Date]Mode
	Answers map[string][]string
	Proved  bool // the desk knows that the address is theirs
	Reason
}

// EnterFor makes an entry for somebody who is at the desk or on the telephone. A form that is sent twice makes one.
func (s *Service) EnterFor(ctx context.Context, slug string, in Manual) (*Entry, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	if len(in.Key) == 0 || len(in.Key) > maxKey {
		return nil, invalid("registration.error.form_old")
	}
	if e, err := s.sentBefore(ctx, m, in.Key); e != nil || err != nil {
		return e, err
	}
	k := m.Kind(in.Kind)
	if k == nil {
		return nil, invalid("registration.error.choose_kind").On("kind")
	}
	if err := in.Details.check(false); err != nil {
		return nil, err
	}
	f := Form{Key: in.Key, Kind: in.Kind, Details: in.Details}
	if f.Days, err = k.days(&m.Meeting, in.Days); err != nil {
		return nil, err
	}
	if f.Answers, err = m.lenient().answers(in.Kind, in.Answers); err != nil {
		return nil, err
	}
	if err := in.Reason.check(); err != nil {
		return nil, err
	}
	e := f.entry(m.ID, s.o.Now())
	e.over, e.first, e.silent, e.reason = in.Over, true, !in.Tell, in.Why
	if in.Proved && e.Folded != "" {
		e.ProvedAt = s.o.Now()
	}
	if err := s.enter(ctx, m, e, &f); err != nil {
		if before, lookErr := s.sentBefore(ctx, m, in.Key); before != nil || lookErr != nil {
			return before, lookErr
		}
		return nil, s.enterFault(ctx, m, err)
	}
	return e, nil
}

// enterFault says in words why an entry could not be made.
func (s *Service) enterFault(ctx context.Context, m *meeting, err error) error {
	if err == nil {
		return nil
	}
	if full, ok := errors.AsType[noPlace](err); ok {
		return s.whichFull(ctx, m, full.keys)
	}
	if db.IsUnique(err) {
		return known()
	}
	return err
}

// Duplicates are pairs of entries that may be one person's.
func (s *Service) Duplicates(ctx context.Context, slug string) ([]Pair, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	list, err := entries(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.state <> 'cancelled'`, m.ID)
	return pairsOf(list), err
}

// MergeEntries cancels one of two entries of one person. The other keeps its record, its options and what it owes; the one that goes owes
// nothing. What was paid for it is to be given back, which billing shows.
func (s *Service) MergeEntries(ctx context.Context, slug, keep, gone string, why Reason) error {
	m, kept, err := s.deskEntry(ctx, slug, keep, event.MayEditEntries)
	if err != nil {
		return err
	}
	_, other, err := s.deskEntry(ctx, slug, gone, event.MayEditEntries)
	if err != nil {
		return err
	}
	if err := mayMerge(kept, other); err != nil {
		return err
	}
	why.Tell, why.Over = false, false
	return s.deskCancel(ctx, m, other, why, func(tx *db.Tx) error {
		still, err := oneEntry(ctx, tx, m.Location(), `e.id = $1`, kept.ID)
		if err != nil {
			return err
		}
		if still == nil {
			return fault.Missing()
		}
		if err := mayMerge(still, other); err != nil {
			return err
		}
		if err := noteMerge(ctx, tx, other.ID, kept.ID, s.o.Now()); err != nil {
			return err
		}
		for _, x := range [][2]string{{kept.Ref, other.Ref}, {other.Ref, kept.Ref}} {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "registration.merged", Scope: m.Slug, Object: "entry:" + x[0], After: map[string]string{"with": x[1]}, At: s.o.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Attendee is somebody who takes part, as what is sent to all of them needs it.
type Attendee struct {
	Person  person.ID // 0: no account is known
	Address string
	Folded  string // as compared
}

// AttendeeList is who takes part in a meeting, while its list is open: those who are confirmed, with an address that is theirs. The view
// registration_pub_entry has the same rows at any time. It asks nobody for a permission: it is for features that send to all.
func (s *Service) AttendeeList(ctx context.Context, r db.Reader, slug string) (list []Attendee, open bool, err error) {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return nil, false, err
	}
	now := s.o.Now()
	if m.ListOpens.IsZero() || now.Before(m.ListOpens) || passed(m.ListCloses, now) {
		return nil, false, nil
	}
	list, err = attendees(ctx, r, m.ID)
	return list, true, err
}

// Readers is what this feature asks of the one that knows which letters people decline.
type Readers interface {
	// Recipients are those of some accounts who get letters of a kind, with where they read them.
	Recipients(ctx context.Context, r db.Reader, ids []person.ID, kind string) (map[person.ID]mail.Address, error)
	// Unsubscribes are the addresses at which they decline them.
	Unsubscribes(ctx context.Context, tx *db.Tx, ids []person.ID, kind string) (map[person.ID]string, error)
}

// MostListed is how many entries are listed at the most where they are not turned over page by page: on paper and in files.
const MostListed = 20_000

// Exported is an entry as it is written into a file.
type Exported struct {
	*Entry
	Choices []*Chosen
	Paid    Standing
	Note    string
}

// Export reads those whom a filter chooses, in the order of the list, and notes in the audit log who took which columns of them out.
func (s *Service) Export(ctx context.Context, slug string, f Filter, columns []string) ([]*Exported, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	var out []*Exported
	err = s.db.Read(ctx, func(r db.Reader) error {
		c, err := s.choice(ctx, r, m, f)
		if err != nil {
			return err
		}
		ids, _, err := page(ctx, r, c, f.Sort, "", MostListed)
		if err != nil {
			return err
		}
		where := c.b.String()
		all, err := entries(ctx, r, m.Location(), where, c.args...)
		if err != nil {
			return err
		}
		chosen, err := choicesOf(ctx, r, m.Location(), `c.state <> 'cancelled' AND c.entry_id IN (SELECT e.id FROM registration_entry e WHERE `+where+`)`, c.args...)
		if err != nil {
			return err
		}
		notes, err := notesWhere(ctx, r, where, c.args...)
		if err != nil {
			return err
		}
		paid := map[string]Standing{}
		if s.o.Billing != nil {
			refs := make([]string, len(all))
			for i, e := range all {
				refs[i] = e.Ref
			}
			if paid, err = s.o.Billing.Standings(ctx, r, slug, refs); err != nil {
				return err
			}
		}
		byID := map[EntryID]*Exported{}
		for _, e := range all {
			byID[e.ID] = &Exported{Entry: e, Note: notes[e.ID], Paid: paid[e.Ref]}
		}
		for _, x := range chosen {
			byID[x.Entry].Choices = append(byID[x.Entry].Choices, x)
		}
		for _, id := range ids {
			if e := byID[id]; e != nil {
				out = append(out, e)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, s.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.exported", Scope: slug, Object: "registration:" + slug, At: s.o.Now(),
			After: map[string]string{"filter": f.Values().Encode(), "count": strconv.Itoa(len(out)), "columns": strings.Join(columns, " ")},
		})
	})
}
