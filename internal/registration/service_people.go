package registration

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

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
func (s *Service) around(ctx context.Context, r db.Reader, m *Meeting, l *Listed, ids []EntryID) error {
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
	l.Paid, err = s.paid(ctx, r, m, refs)
	return err
}

// choice is the condition of a filter, with what only Go or another feature can say.
func (s *Service) choice(ctx context.Context, r db.Reader, m *Meeting, f Filter) (*condition, error) {
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
	standings, err := s.paid(ctx, r, m, refs)
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
func (s *Service) chosenEntries(ctx context.Context, r db.Reader, m *Meeting, f Filter) ([]*Entry, error) {
	c, err := s.choice(ctx, r, m, f)
	if err != nil {
		return nil, err
	}
	return entries(ctx, r, m.Location(), c.b.String(), c.args...)
}

// deskEntry finds an entry of a meeting, for those who hold a permission, also by a reference that it had once. Entries of other meetings are not
// there.
func (s *Service) deskEntry(ctx context.Context, slug, ref string, may authz.Permission) (*Meeting, *Entry, error) {
	m, err := s.may(ctx, slug, may)
	if err != nil {
		return nil, nil, err
	}
	find := func(ref string) (*Entry, error) {
		return oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.ref = $2`, m.ID, ref)
	}
	e, err := find(ref)
	if err == nil && e == nil {
		if ref, err = currentRef(ctx, s.db, m.ID, ref); err == nil && ref != "" {
			e, err = find(ref)
		}
	}
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
		f.History, err = s.histories(ctx, r, m, e, 200)
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
			if paid, err = s.paid(ctx, r, m, refs); err != nil {
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
