package registration

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/person"
)

// How many wrong codes are looked at. A right one never counts. Who is signed in is counted alone, so that neither strangers behind the same
// address of a venue or company, nor those who guess at a meeting from everywhere, take the codes of anybody away who signs in.
var (
	wrongByAccount = limit.Rate{Burst: 20, Per: time.Hour}
	wrongByNetwork = limit.Rate{Burst: 60, Per: time.Hour}
	wrongByMeeting = limit.Rate{Burst: 2000, Per: time.Hour}
)

// maxCodes is how many codes are made at once.
const maxCodes = 500

// errRight ends a transaction in which a code was tried that is right: nothing is counted.
var errRight = errors.New("the code is right")

// tryCode finds the code that somebody typed. Only wrong ones are counted; where there were too many, none is looked at.
func (s *Service) tryCode(ctx context.Context, m *Meeting, typed string) (*Code, error) {
	var c *Code
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.countTry(ctx, tx, m); err != nil {
			return err
		}
		var err error
		if c, err = codeTyped(ctx, tx, m, typed); err == nil && c != nil {
			return errRight
		}
		return err
	})
	switch {
	case errors.Is(err, errRight):
		return c, nil
	case err != nil:
		return nil, err
	}
	return nil, invalid("registration.error.no_code").On("code")
}

// countTry counts a code that somebody tries.
func (s *Service) countTry(ctx context.Context, tx *db.Tx, m *Meeting) error {
	who, now := authz.Who(ctx), s.o.Now()
	if who.SignedIn() {
		ok, err := wrongByAccount.Allow(ctx, tx, "registration.code.account", who.Ref, now)
		if err != nil || ok {
			return err
		}
		return fault.New(fault.TooMany, "registration.error.codes_account").On("code")
	}
	ok, err := wrongByNetwork.Allow(ctx, tx, "registration.code.network", limit.Network(who.From), now)
	if err == nil && ok {
		ok, err = wrongByMeeting.Allow(ctx, tx, "registration.code.meeting", m.Slug, now)
	}
	if err != nil || ok {
		return err
	}
	return fault.New(fault.TooMany, "registration.error.codes").On("code")
}

// codeTyped finds a code of a meeting by what was typed, or nil.
func codeTyped(ctx context.Context, r db.Reader, m *Meeting, typed string) (*Code, error) {
	word := codeWord(typed)
	if word == "" {
		return nil, nil
	}
	return oneCode(ctx, r, m.Location(), `c.meeting_id = $1 AND c.word = $2`, m.ID, word)
}

// checkCode says what is wrong with the code of a form. What is wrong with a right code is said honestly: only who was given it knows it.
func (s *Service) checkCode(ctx context.Context, m *Meeting, k *Kind, typed string) error {
	if strings.TrimSpace(typed) == "" {
		return nil
	}
	c, err := s.tryCode(ctx, m, typed)
	if err != nil {
		return err
	}
	if err := c.Good(s.o.Now()); err != nil {
		return err
	}
	if c.Spent() {
		return fault.New(fault.Conflict, "registration.error.code_used").On("code")
	}
	return c.Opens(m.Setup, k)
}

// useCode gives an entry the code that was typed for it. The place in its quota is taken with the other places.
func (s *Service) useCode(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, typed string) error {
	if strings.TrimSpace(typed) == "" {
		return nil
	}
	c, err := codeTyped(ctx, tx, m, typed)
	if err != nil {
		return err
	}
	if c == nil {
		return invalid("registration.error.no_code").On("code")
	}
	if err := c.Good(s.o.Now()); err != nil {
		return err
	}
	if err := c.Opens(m.Setup, m.Kind(e.Kind)); err != nil {
		return err
	}
	e.Code = c.Ref
	return nil
}

// keepCode takes the code of an entry away that is not for its kind any more.
func (s *Service) keepCode(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry) error {
	if e.Code == "" {
		return nil
	}
	c, err := oneCode(ctx, tx, m.Location(), `c.ref = $1`, e.Code)
	if err != nil {
		return err
	}
	if c != nil && c.Kind != "" && c.Kind != e.Kind {
		e.Code = ""
	}
	return nil
}

// lowered adds to what an entry owes the lines of its code.
func (s *Service) lowered(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, lines []Owed) ([]Owed, error) {
	if e.Code == "" || len(lines) == 0 {
		return lines, nil
	}
	c, err := oneCode(ctx, tx, m.Location(), `c.ref = $1`, e.Code)
	if err != nil || c == nil {
		return lines, err
	}
	return append(lines, c.discounts(lines)...), nil
}

// codeFor is the code that was typed into a form, to show what it does; nil where it does nothing.
func (s *Service) codeFor(ctx context.Context, m *Meeting, typed string) (*Code, error) {
	if codeWord(typed) == "" {
		return nil, nil
	}
	c, err := s.tryCode(ctx, m, typed)
	if _, ok := fault.As(err); ok {
		return nil, nil
	}
	return c, err
}

// Codes are the codes of a meeting, for those who may make them.
func (s *Service) Codes(ctx context.Context, slug string) ([]*Code, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	return codes(ctx, s.db, m.Location(), `c.meeting_id = $1`, m.ID)
}

// Code is one code of a meeting, for those who may change it.
func (s *Service) Code(ctx context.Context, slug, ref string) (*Code, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	c, err := oneCode(ctx, s.db, m.Location(), `c.meeting_id = $1 AND c.ref = $2`, m.ID, ref)
	if err == nil && c == nil {
		err = fault.Missing()
	}
	return c, err
}

// MakeCodes makes n codes alike, or of invitations one for each address, which gets it by letter.
func (s *Service) MakeCodes(ctx context.Context, slug string, like Code, n int, addresses []string) ([]*Code, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	if err := like.check(m.Setup); err != nil {
		return nil, err
	}
	if like.Sort == InvitationCode && len(addresses) > 0 {
		n = len(addresses)
	}
	if n < 1 || n > maxCodes {
		return nil, invalid("registration.error.codes_at_once").With("max", maxCodes).On("n")
	}
	list := make([]*Code, n)
	for i := range list {
		c := like
		c.Options = slices.Clone(like.Options)
		if like.Sort == InvitationCode && len(addresses) > 0 {
			if c.Address, _, err = person.ParseAddress(addresses[i]); err != nil {
				return nil, invalid("registration.error.address_of").With("address", addresses[i]).On("addresses")
			}
		}
		list[i] = &c
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.o.Now()
		for _, c := range list {
			c.Ref, c.Meeting, c.Word, c.MadeAt, c.Version, c.LinkNo = person.NewRef(), m.ID, newWord(), now, 1, 1
			if err := insertCode(ctx, tx, c); err != nil {
				return err
			}
			if err := s.recordCode(ctx, tx, m, "registration.code_made", nil, c); err != nil {
				return err
			}
			if c.Sort == InvitationCode && c.Address != "" {
				if err := s.o.Jobs.Enqueue(ctx, tx, CodeLetter{m.Slug, c.Ref, "invitation", c.Version}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return list, err
}

func (s *Service) recordCode(ctx context.Context, tx *db.Tx, m *Meeting, action string, before, after *Code) error {
	e := audit.Entry{Action: action, Scope: m.Slug, Object: "code:" + after.Ref, After: after.words(), At: s.o.Now()}
	if before != nil {
		if e.Before = before.words(); maps.Equal(e.Before, e.After) { // new letters, or a letter: that it was done is the entry
			e.Before, e.After = nil, nil
		}
	}
	return audit.Record(ctx, tx, e)
}

// changeCode changes a code in a transaction.
func (s *Service) changeCode(ctx context.Context, slug, ref, action string, do func(tx *db.Tx, m *Meeting, c *Code) error) error {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		was, err := oneCode(ctx, tx, m.Location(), `c.meeting_id = $1 AND c.ref = $2`, m.ID, ref)
		if err != nil {
			return err
		}
		if was == nil {
			return fault.Missing()
		}
		next := *was
		next.Options = slices.Clone(was.Options)
		if err := do(tx, m, &next); err != nil {
			return err
		}
		ok, err := updateCode(ctx, tx, &next, s.o.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		return s.recordCode(ctx, tx, m, action, was, &next)
	})
}

// SaveCode changes for whom a code is, how often it may be used, until when, and what it lowers. Those who used it owe what it says now. The
// number never goes below how often it is in use.
func (s *Service) SaveCode(ctx context.Context, slug, ref string, in Code) error {
	return s.changeCode(ctx, slug, ref, "registration.code_changed", func(tx *db.Tx, m *Meeting, c *Code) error {
		if in.Version != c.Version {
			return fault.New(fault.Conflict, "registration.error.changed")
		}
		money := in.Yen != c.Yen || in.Percent != c.Percent || in.OnKind != c.OnKind || !slices.Equal(in.Options, c.Options)
		c.Name, c.Ends, c.Yen, c.Percent, c.OnKind, c.Options, c.Address, c.Uses = in.Name, in.Ends, in.Yen, in.Percent, in.OnKind, in.Options, in.Address, in.Uses
		if in.Lang != "" {
			c.Lang = in.Lang
		}
		if err := c.check(m.Setup); err != nil {
			return err
		}
		ok, err := resizeCode(ctx, tx, m.ID, c.Ref, c.capacity())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "registration.error.code_in_use").With("n", c.Taken).On("uses")
		}
		if err := s.freed(ctx, tx, m.Slug); err != nil { // it may be used more often, and somebody may wait for that
			return err
		}
		if !money {
			return nil
		}
		return s.oweAnew(ctx, tx, m, c)
	})
}

// oweAnew states anew what those owe who used a code, once the code itself is stored.
func (s *Service) oweAnew(ctx context.Context, tx *db.Tx, m *Meeting, c *Code) error {
	if ok, err := updateCode(ctx, tx, c, s.o.Now()); err != nil || !ok {
		return errors.Join(err, fault.New(fault.Conflict, "registration.error.changed"))
	}
	c.Version++
	list, err := enteredWith(ctx, tx, m.Location(), c.Ref)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := s.owe(ctx, tx, m, e, "registration.code_changed"); err != nil {
			return err
		}
	}
	return nil
}

// SwitchCode switches a code off or on. Who used it keeps their place.
func (s *Service) SwitchCode(ctx context.Context, slug, ref string, off bool) error {
	action := map[bool]string{true: "registration.code_off", false: "registration.code_on"}[off]
	return s.changeCode(ctx, slug, ref, action, func(_ *db.Tx, _ *Meeting, c *Code) error {
		c.Off = off
		return nil
	})
}

// RenewCode gives a code a new word: the old one does not work any more. Who used it keeps their place.
func (s *Service) RenewCode(ctx context.Context, slug, ref string) error {
	return s.changeCode(ctx, slug, ref, "registration.code_renewed", func(_ *db.Tx, _ *Meeting, c *Code) error {
		c.Word = newWord()
		return nil
	})
}

// RenewCodePage gives the page of a code a new address: the old one leads nowhere any more.
func (s *Service) RenewCodePage(ctx context.Context, slug, ref string) error {
	return s.changeCode(ctx, slug, ref, "registration.code_page", func(_ *db.Tx, _ *Meeting, c *Code) error {
		c.LinkNo++
		return nil
	})
}

// SendCode sends a code to its contact: the code, and where they see who used it.
func (s *Service) SendCode(ctx context.Context, slug, ref string) error {
	return s.changeCode(ctx, slug, ref, "registration.code_sent", func(tx *db.Tx, m *Meeting, c *Code) error {
		if c.Address == "" {
			return invalid("registration.error.address").On("address")
		}
		what := "contact"
		if c.Sort == InvitationCode {
			what = "invitation"
		}
		return s.o.Jobs.Enqueue(ctx, tx, CodeLetter{m.Slug, c.Ref, what, c.Version + 1})
	})
}

// CodeFile is everything about one code that those may see who may change it.
type CodeFile struct {
	*Code
	Users   []CodeUser
	History []audit.Stored // newest first
	Link    string         // of the form with the code filled in
	Token   string         // of the page of its contact: a secret
}

// CodeFile is everything about a code of a meeting, with the link in a language.
func (s *Service) CodeFile(ctx context.Context, slug, ref string, l i18n.Lang) (*CodeFile, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	c, err := s.Code(ctx, slug, ref)
	if err != nil {
		return nil, err
	}
	out := &CodeFile{Code: c, Link: s.codeLink(m, c, l)}
	if out.Token, err = s.CodeToken(ctx, c); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		if out.Users, err = usersOf(ctx, r, c.Ref); err != nil {
			return err
		}
		out.History, _, err = audit.History(ctx, r, slug, "code:"+c.Ref, audit.Page{})
		return err
	})
	return out, err
}

// CodeUser is somebody who used a code, as its contact sees them.
type CodeUser struct {
	Ref   string // of the entry; the contact's page does not show it
	Name  i18n.Text
	State State
}

// CodePage is what the contact of a code sees.
type CodePage struct {
	*Code
	m     *Meeting
	Users []CodeUser
}

// Event is the meeting.
func (p *CodePage) Event() *event.Stored { return p.m.Stored }

const codePurpose = "registration.code"

// CodeToken is the secret address of the page of a code.
func (s *Service) CodeToken(ctx context.Context, c *Code) (string, error) {
	secret, err := s.key(ctx)
	return sign.Token(secret, codePurpose, c.Ref, c.LinkNo), err
}

// CodeByToken is the page of a code, for whoever has its address.
func (s *Service) CodeByToken(ctx context.Context, token string) (*CodePage, error) {
	c, m, err := byToken(ctx, s, codePurpose, token, func(ref string) (*Code, error) { return oneCode(ctx, s.db, time.UTC, `c.ref = $1`, ref) },
		func(c *Code) (event.MeetingID, int) { return c.Meeting, c.LinkNo })
	if err != nil {
		return nil, err
	}
	c.Ends, c.MadeAt = inZone(c.Ends, m.Location()), inZone(c.MadeAt, m.Location())
	users, err := usersOf(ctx, s.db, c.Ref)
	return &CodePage{c, m, users}, err
}

// codeLink is the address of the form with the code filled in.
func (s *Service) codeLink(m *Meeting, c *Code, l i18n.Lang) string {
	return m.address(s.o.Base, l, "/meetings/"+m.Slug+"/registration/new") + "?code=" + c.Words()
}

// CodesCSV is the table of the codes of a meeting, with the links to hand out.
func (s *Service) CodesCSV(ctx context.Context, slug string, heads []string) ([]byte, error) {
	m, err := s.may(ctx, slug, event.MayEditForm)
	if err != nil {
		return nil, err
	}
	all, err := s.Codes(ctx, slug)
	if err != nil {
		return nil, err
	}
	out := sheet.Export{Name: "codes", Head: heads, Numbers: []int{4, 5}}
	for _, c := range all {
		token, err := s.CodeToken(ctx, c)
		if err != nil {
			return nil, err
		}
		ends, off := "", ""
		if !c.Ends.IsZero() {
			ends = c.Ends.Format("2006-01-02 15:04")
		}
		if c.Off {
			off = "off"
		}
		out.Rows = append(out.Rows, []string{
			c.Words(), string(c.Sort), c.Name, c.Kind, digits(int64(c.Uses)), digits(int64(c.Taken)), ends, off, c.Address, s.codeLink(m, c, m.DefaultLang()),
			m.site(s.o.Base, m.def, "/codes/"+token),
		})
	}
	data, _ := out.CSV(sheet.UTF8)
	return data, nil
}
