package registration

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/person"
)

// groupsByNetwork bounds how many groups are begun without signing in, since each writes a letter.
var groupsByNetwork = limit.Rate{Burst: 30, Per: time.Hour}

const groupPurpose = "registration.group"

// GroupPage is a group with all that its owner sees.
type GroupPage struct {
	*Group
	m         *Meeting
	Members   []*Entry // also those who were removed
	Standings map[string]Standing
	Asked     map[EntryID]invite
	Deadlines
	Fee int
}

// Event is the meeting.
func (g *GroupPage) Event() *event.Stored { return g.m.Stored }

// Active counts those who are not cancelled.
func (g *GroupPage) Active() int {
	n := 0
	for _, e := range g.Members {
		if e.Active() {
			n++
		}
	}
	return n
}

// member finds somebody of the group by the ref of their entry; nobody else's entry can be found by it.
func (g *GroupPage) member(ref string) (*Entry, error) {
	for _, e := range g.Members {
		if e.Ref == ref {
			return e, nil
		}
	}
	return nil, fault.Missing()
}

// MakeGroup begins a group, or finds the one that somebody began already. Who is not signed in goes on by the letter; they learn nothing else.
func (s *Service) MakeGroup(ctx context.Context, slug string, d Details) (*Group, error) {
	m, err := s.meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	if err := m.takesGroups(s.o.Now()); err != nil {
		return nil, err
	}
	who, now := authz.Who(ctx), s.o.Now()
	g := &Group{Ref: person.NewRef(), Meeting: m.ID, Person: who.ID, Until: m.confirmUntil(now), MadeAt: now, Version: 1, LinkNo: 1}
	if who.SignedIn() {
		if d.Address, err = s.mainAddress(ctx, who.ID); err != nil {
			return nil, err
		}
		g.Proved = now
	}
	if err := d.check(true); err != nil {
		return nil, err
	}
	g.Details = d
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		where, arg := `g.meeting_id = $1 AND g.person_id = $2`, any(who.ID)
		if !who.SignedIn() {
			where, arg = `g.meeting_id = $1 AND g.folded = $2`, g.Folded
			ok, err := groupsByNetwork.Allow(ctx, tx, "registration.group", limit.Network(who.From), now)
			if err != nil {
				return err
			}
			if !ok {
				return fault.New(fault.TooMany, "registration.error.letters")
			}
		}
		was, err := oneGroup(ctx, tx, m.Location(), where, m.ID, arg)
		if err != nil {
			return err
		}
		if was != nil {
			g = was
		} else if err := s.beginGroup(ctx, tx, m, g); err != nil {
			return err
		}
		if who.SignedIn() {
			return nil
		}
		if ok, err := letterRate.Allow(ctx, tx, "registration.group.letter", g.Folded, now); err != nil || !ok {
			return err // the letters that were sent lead there
		}
		return s.o.Jobs.Enqueue(ctx, tx, GroupLetter{m.Slug, g.Ref, "owner", now.Unix(), "", ""})
	})
	return g, err
}

func (s *Service) beginGroup(ctx context.Context, tx *db.Tx, m *Meeting, g *Group) error {
	if err := insertGroup(ctx, tx, g); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "registration.group_made", Scope: m.Slug, Object: "group:" + g.Ref, After: g.words(), At: s.o.Now()})
}

// takesGroups says why nobody can register colleagues now, or nil.
func (m *Meeting) takesGroups(now time.Time) error {
	switch p := m.phase(now); {
	case p == Hidden, m.Groups == 0:
		return fault.Missing()
	case p == Soon:
		return fault.New(fault.Conflict, "registration.error.soon")
	case p == Over:
		return fault.New(fault.Conflict, "registration.error.over")
	}
	return nil
}

// confirmUntil is until when colleagues confirm who are asked now, where nobody said.
func (m *Meeting) confirmUntil(now time.Time) time.Time {
	t := now.Add(confirmWithin)
	if last := m.Deadlines(m.last()).Change; !last.IsZero() && last.Before(t) && last.After(now) {
		return last
	}
	return t
}

// GroupToken is the secret address of the page of a group.
func (s *Service) GroupToken(ctx context.Context, g *Group) (string, error) {
	secret, err := s.key(ctx)
	return sign.Token(secret, groupPurpose, g.Ref, g.LinkNo), err
}

// GroupByToken is the group that a secret address leads to.
func (s *Service) GroupByToken(ctx context.Context, token string) (*GroupPage, error) {
	g, m, err := byToken(ctx, s, groupPurpose, token, func(ref string) (*Group, error) { return oneGroup(ctx, s.db, time.UTC, `g.ref = $1`, ref) },
		func(g *Group) (event.MeetingID, int) { return g.Meeting, g.LinkNo })
	if err != nil {
		return nil, err
	}
	return s.groupPage(ctx, m, g)
}

func (s *Service) groupPage(ctx context.Context, m *Meeting, g *Group) (*GroupPage, error) {
	p := &GroupPage{Group: g, m: m, Deadlines: m.Deadlines(m.last()), Fee: m.Fee(s.o.Now())}
	g.Until, g.MadeAt = inZone(g.Until, m.Location()), inZone(g.MadeAt, m.Location())
	err := s.db.Read(ctx, func(r db.Reader) (err error) {
		if p.Members, err = entries(ctx, r, m.Location(), `e.group_ref = $1 AND e.group_ref <> ''`, g.Ref); err != nil {
			return err
		}
		if p.Asked, err = invites(ctx, r, `e.group_ref = $1`, g.Ref); err != nil || s.o.Billing == nil || len(p.Members) == 0 {
			return err
		}
		refs := make([]string, len(p.Members))
		for i, e := range p.Members {
			refs[i] = e.Ref
		}
		p.Standings, err = s.paid(ctx, r, m, refs)
		return err
	})
	return p, err
}

// MyGroups are the groups at a meeting of who is signed in, also those that they began under a verified address of theirs.
func (s *Service) MyGroups(ctx context.Context, m *Meeting) ([]*Group, error) {
	who := authz.Who(ctx)
	if !who.SignedIn() || m.Groups == 0 {
		return nil, nil
	}
	addresses, err := s.o.People.Addresses(ctx, person.ID(who.ID))
	if err != nil {
		return nil, err
	}
	args := []any{m.ID, who.ID}
	for _, a := range addresses {
		if !a.VerifiedAt.IsZero() {
			args = append(args, a.Folded)
		}
	}
	where := `g.meeting_id = $1 AND (g.person_id = $2`
	if n := len(args) - 2; n > 0 {
		where += ` OR g.person_id = 0 AND g.folded IN (` + list(3, n) + `)`
	}
	return groups(ctx, s.db, m.Location(), where+`)`, args...)
}

// ChangeGroup changes who pays, as documents name them, and until when colleagues have to confirm.
func (s *Service) ChangeGroup(ctx context.Context, p *GroupPage, d Details, until time.Time) error {
	d.Address = p.Address
	if err := d.check(true); err != nil {
		return err
	}
	now := s.o.Now()
	if !until.Equal(p.Until) && (until.Before(now.Add(time.Hour)) || !p.Change.IsZero() && until.After(p.Change)) {
		return invalid("registration.error.confirm_until").On("until")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		next := *p.Group
		next.Name, next.Organisation, next.Department, next.Until = d.Name, d.Organisation, d.Department, until
		if err := s.proveGroup(ctx, tx, &next); err != nil {
			return err
		}
		if !until.Equal(p.Until) {
			if err := extend(ctx, tx, p.Ref, until); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{
			Action: "registration.group_changed", Scope: p.m.Slug, Object: "group:" + p.Ref, Before: p.words(), After: next.words(), At: now,
		}); err != nil {
			return err
		}
		for _, e := range p.Members {
			if err := s.owe(ctx, tx, p.m, e, "registration.group_changed"); err != nil {
				return err
			}
		}
		return nil
	})
}

// proveGroup stores a group, with that its owner came by the letter: nothing but the letter leads to where they are.
func (s *Service) proveGroup(ctx context.Context, tx *db.Tx, next *Group) error {
	if next.Proved.IsZero() {
		next.Proved = s.o.Now()
	}
	ok, err := updateGroup(ctx, tx, next)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "registration.error.changed")
	}
	return err
}

// payer is who pays for an entry: the owner of its group, or its person. What somebody goes on paying who had the place before is beside that.
func (s *Service) payer(ctx context.Context, r db.Reader, e *Entry) (Details, int64, error) {
	if e.Group == "" {
		return e.Details, e.Person, nil
	}
	g, err := oneGroup(ctx, r, time.UTC, `g.ref = $1`, e.Group)
	if err != nil || g == nil {
		return e.Details, e.Person, err
	}
	return g.Details, g.Person, nil
}

// standingOf reads what the person of an entry has to pay, and whether others pay for it: the owner of its group, or who had the place before.
// What these pay is not theirs to see.
func (s *Service) standingOf(ctx context.Context, r db.Reader, m *Meeting, o *Own) error {
	all, err := s.paid(ctx, r, m, []string{o.Ref})
	if err != nil {
		return err
	}
	o.Paid = all[o.Ref]
	d, owner, err := s.payer(ctx, r, o.Entry)
	if err != nil {
		return err
	}
	if o.Group != "" && (owner == 0 || owner != o.Person) && (d.Folded == "" || d.Folded != o.Folded) {
		o.Other, o.Paid = true, Standing{}
		return nil
	}
	if o.Group != "" || o.LinkNo == 1 {
		return nil
	}
	own, err := s.o.Billing.Standings(ctx, r, m.Slug, []string{o.Ref})
	o.Other = o.Paid.Owed > own[o.Ref].Owed
	o.Paid = own[o.Ref]
	return err
}

// The acts by which an entry gets another person.
const (
	actSwapped    = "registration.swapped"
	actHandedOver = "registration.handed_over"
)

// byOthers are the acts that never are of an entry's own person.
var byOthers = []string{"registration.invited", actSwapped, actHandedOver}

// sinceTurn are the changes since an entry is its person's; of how they came to it, only that they did.
func sinceTurn(list []audit.Stored) []audit.Stored {
	for i := range list {
		if list[i].Action == actSwapped || list[i].Action == actHandedOver {
			list[i].Values = nil
			return list[:i+1]
		}
	}
	return list
}

// keptGroup is a group as its owner gets to see it in "everything about me".
type keptGroup struct {
	Ref    string    `json:"ref"`
	Payer  Details   `json:"payer"`
	MadeAt time.Time `json:"made_at"`
}

// keptHandover is a place that somebody handed over, as they get to see it.
type keptHandover struct {
	From   Details       `json:"from"`
	ToName string        `json:"to_name"`
	To     string        `json:"to"`
	State  HandoverState `json:"state"`
	MadeAt time.Time     `json:"made_at"`
}

// exportGroups writes the groups of somebody, and what they handed over.
func (s *Service) exportGroups(ctx context.Context, r db.Reader, id int64, a *person.Archive) error {
	owned, err := groups(ctx, r, time.UTC, `g.person_id = $1`, id)
	if err != nil {
		return err
	}
	given, err := handovers(ctx, r, time.UTC, `h.from_person = $1`, id)
	if err != nil || len(owned)+len(given) == 0 {
		return err
	}
	var out struct {
		Groups    []keptGroup    `json:"groups,omitempty"`
		Handovers []keptHandover `json:"handovers,omitempty"`
	}
	for _, g := range owned {
		out.Groups = append(out.Groups, keptGroup{g.Ref, g.Details, g.MadeAt})
	}
	for _, h := range given {
		out.Handovers = append(out.Handovers, keptHandover{h.From, h.ToName, h.To, h.State, h.MadeAt})
	}
	return a.Add("registration-groups", "registration.export_groups", out)
}

// eraseGroups forgets whose groups they were, and what the log keeps of somebody who had an entry once.
func (s *Service) eraseGroups(ctx context.Context, tx *db.Tx, id int64) error {
	former, err := formerOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, x := range former {
		for _, object := range []string{"entry:", "note:"} {
			if _, err := audit.EraseValues(ctx, tx, x[0], object+x[1]); err != nil {
				return err
			}
		}
	}
	mine, err := groupsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, x := range mine {
		if _, err := audit.EraseValues(ctx, tx, x[0], "group:"+x[1]); err != nil {
			return err
		}
	}
	return errors.Join(eraseHandovers(ctx, tx, id), eraseGroups(ctx, tx, id))
}

// Preview notes beside each row what is wrong with it.
func (s *Service) Preview(ctx context.Context, p *GroupPage, rows []MemberRow, code string) error {
	if len(rows) > maxMembers {
		return invalid("registration.error.rows").With("max", maxMembers)
	}
	if err := p.m.takesGroups(s.o.Now()); err != nil {
		return err
	}
	c, err := s.groupCode(ctx, p.m, code)
	if err != nil {
		return err
	}
	quotas, err := s.quotas(ctx, p.m)
	if err != nil {
		return err
	}
	in := map[string]bool{}
	for _, e := range p.Members {
		if e.Active() {
			in[foldedAddress(e.Address)] = true
		}
	}
	for i := range rows {
		rows[i].check(p.m.Setup, &p.m.Meeting, p.Lang)
	}
	p.m.fit(rows, c, in, maps.Clone(quotas), p.m.Groups-p.Active())
	return nil
}

// maxMembers bounds a list of colleagues.
const maxMembers = 300

// groupCode is the code that is typed for several colleagues; nil where none is.
func (s *Service) groupCode(ctx context.Context, m *Meeting, typed string) (*Code, error) {
	if strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	c, err := s.tryCode(ctx, m, typed)
	if err != nil {
		return nil, err
	}
	return c, c.Good(s.o.Now())
}

// EnterMembers enters the rows that are to be entered: all of them, or none. key is of the form, which makes them once. What is wrong with a
// row is noted beside it, and the error says that there is something.
func (s *Service) EnterMembers(ctx context.Context, p *GroupPage, rows []MemberRow, code, key string) (int, error) {
	if len(key) == 0 || len(key) > maxKey {
		return 0, invalid("registration.error.form_old")
	}
	key = "group " + p.Ref + " " + key
	if e, err := s.sentBefore(ctx, p.m, key); e != nil || err != nil {
		return 0, err
	}
	var chosen []MemberRow
	for _, r := range rows {
		if r.Take {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) == 0 {
		return 0, invalid("registration.error.no_rows")
	}
	if err := s.Preview(ctx, p, chosen, code); err != nil {
		return 0, err
	}
	for i, j := 0, 0; i < len(rows); i++ {
		if rows[i].Take {
			rows[i], j = chosen[j], j+1
		}
	}
	for i := range chosen {
		if !chosen[i].Fits() {
			return 0, fault.New(fault.Conflict, "registration.error.rows_wrong")
		}
	}
	err := s.enterRows(ctx, p, chosen, code, key)
	for range 2 { // somebody registered in the same moment
		if !db.IsUnique(err) {
			break
		}
		if e, err := s.sentBefore(ctx, p.m, key); e != nil || err != nil {
			return 0, err
		}
		err = s.enterRows(ctx, p, chosen, code, key)
	}
	if full, ok := asNoPlace(err); ok {
		return 0, s.whichFull(ctx, p.m, full.keys)
	}
	return len(chosen), err
}

// enterRows stores colleagues who have still to confirm. The places come last, counted together.
func (s *Service) enterRows(ctx context.Context, p *GroupPage, rows []MemberRow, code, key string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.o.Now()
		next := *p.Group
		if next.Until.Before(now.Add(time.Hour)) {
			next.Until = p.m.confirmUntil(now)
		}
		if err := s.proveGroup(ctx, tx, &next); err != nil { // two who enter at once go one after the other
			return err
		}
		ever, err := everIn(ctx, tx, p.Ref)
		if err != nil {
			return err
		}
		if ever+len(rows) > 3*p.m.Groups+10 {
			return fault.New(fault.TooMany, "registration.error.group_letters")
		}
		wanted := slotsWanted{}
		for i := range rows {
			e, err := s.enterMember(ctx, tx, p.m, &next, &rows[i], code)
			if err != nil {
				return err
			}
			if i == 0 {
				if err := remember(ctx, tx, keyOf(p.m, key), e); err != nil {
					return err
				}
			}
			for _, k := range e.quotas() {
				wanted[k]++
			}
		}
		return s.takeAll(ctx, tx, p.m, nil, wanted)
	})
}

func (s *Service) enterMember(ctx context.Context, tx *db.Tx, m *Meeting, g *Group, r *MemberRow, code string) (*Entry, error) {
	now := s.o.Now()
	e := &Entry{
		Ref: person.NewRef(), Meeting: m.ID, Kind: r.kind.Key, State: Invited, Details: r.details, Group: g.Ref, MadeAt: now, PricedAt: now, ChangedAt: now,
		OfferedUntil: g.Until, Version: 1, LinkNo: 1,
	}
	e.setDays(r.days)
	if strings.TrimSpace(code) != "" {
		c, err := codeTyped(ctx, tx, m, code)
		if err != nil {
			return nil, err
		}
		if c != nil && c.Good(now) == nil && c.Opens(m.Setup, r.kind) == nil {
			e.Code = c.Ref
		}
	}
	if r.kind.ByCode && e.Code == "" {
		return nil, invalid("registration.error.code_needed").On("code")
	}
	twin, err := s.seat(ctx, tx, m, e)
	if err != nil {
		return nil, err
	}
	if err := insertEntry(ctx, tx, e); err != nil {
		return nil, err
	}
	if err := s.record(ctx, tx, m, "registration.invited", nil, e); err != nil {
		return nil, err
	}
	return e, s.invite(ctx, tx, m, e, twin, "invited")
}

// seat looks whether the person of an entry is registered already. Then the entry keeps its place without being theirs: its owner sees no
// difference, and the person decides whether they join.
func (s *Service) seat(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry) (twin EntryID, err error) {
	was, err := takenAddress(ctx, tx, m.ID, e.Folded)
	if err != nil || was == nil || was.ID == e.ID {
		return 0, err
	}
	e.Folded = ""
	return was.ID, nil
}

// invite notes that somebody is asked to confirm, and lets them be written to.
func (s *Service) invite(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, twin EntryID, what string) error {
	now := s.o.Now()
	if err := storeInvite(ctx, tx, invite{e.ID, twin, now, 0}); err != nil {
		return err
	}
	return s.o.Jobs.Enqueue(ctx, tx, GroupLetter{m.Slug, e.Ref, what, now.Unix(), "", ""})
}
