package event

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
)

var (
	peoplePage = web.NewPage[peopleData](Mast, web.From(Files, "pages/people.html"))
	addPage    = web.NewPage[addData](Mast, web.From(Files, "pages/people_add.html", "pages/offer.html"))
	teamPage   = web.NewPage[teamData](Mast, web.From(Files, "pages/people_team.html"))
)

// roleRoutes are the pages of who holds which role: of a meeting, and of the group.
func (p *pages) roleRoutes() []web.Route {
	var all []web.Route
	for _, at := range []struct {
		base       string
		read, give web.Access
	}{
		{"/meetings/{slug}/people", web.Needs(MayReadCommittee), web.Needs(MayGrant)},
		{"/admin/people", web.Needs(MayReadCommittee), web.Needs(MayGrant)},
		// On a session: whoever may edit it. Each handler asks for the session, and for what is given.
		{"/meetings/{slug}/sessions/{name}/people", web.NeedsAny(MayEditSession), web.NeedsAny(MayEditSession)},
	} {
		all = append(all,
			web.Private(at.base, at.read, p.people),
			web.Action(at.base, at.give, p.give),
			web.Private(at.base+"/add", at.give, p.add),
			web.Private(at.base+"/invite", at.give, p.inviteForm),
			web.Action(at.base+"/invite", at.give, p.invite),
			web.Private(at.base+"/invitations/{token}", at.give, p.invitationMade),
		)
	}
	for _, base := range []string{"/meetings/{slug}/people", "/admin/people"} { // those at sessions as well; the service asks who may
		all = append(all,
			web.Action(base+"/grants/{ref}/end", web.SignedIn, p.endRole),
			web.Action(base+"/grants/{ref}/until", web.SignedIn, p.extendRole),
			web.Action(base+"/invitations/{ref}/revoke", web.SignedIn, p.revoke),
		)
	}
	return append(all,
		web.Private("/meetings/{slug}/people/teams/{ref}", web.Needs(MayGrant), p.team),
		web.Action("/meetings/{slug}/people/teams/{ref}", web.Needs(MayGrant), p.saveTeam),
		web.Action("/meetings/{slug}/people/teams/{ref}/drop", web.Needs(MayGrant), p.dropTeam),
		web.Route{Pattern: "GET /invitations/{token}", Access: web.Public, Personal: true, Handler: p.invitation},
		web.Action("/invitations/{token}", web.SignedIn, p.accept),
	)
}

// room is where roles are given: a meeting, the group, or a session, and the page about it.
type room struct {
	f      *web.Frame
	m      *Stored // nil: the group
	slug   string
	object string    // the reference of a session, or empty
	title  i18n.Text // of the session
	base   string    // address of the page of its people, in the page's language
	acts   string    // address that grants and invitations are changed below
}

// scope is that of the roles that are given here.
func (o *room) scope() RoleScope {
	switch {
	case o.object != "":
		return OnObject
	case o.m != nil:
		return InMeeting
	}
	return InGroup
}

// enter finds where roles are given by the address, and begins its page.
func (p *pages) enter(r *http.Request, title, current string) (*room, error) {
	o := &room{slug: r.PathValue("slug"), base: "/admin/people"}
	if o.slug != "" {
		m, err := p.Meeting(r.Context(), o.slug)
		if err != nil {
			return nil, err
		}
		o.m, o.base = m, "/meetings/"+o.slug+"/people"
	}
	if name := r.PathValue("name"); name != "" {
		if err := p.atSession(r, o, name); err != nil {
			return nil, err
		}
	}
	f, err := p.Frame(r, p.frame, o.m, current)
	if err != nil {
		return nil, err
	}
	o.acts = f.URL("/admin/people")
	if o.m != nil {
		o.acts = f.URL("/meetings/" + o.slug + "/people")
	}
	f.Title, f.NoIndex = f.T(title), true
	if o.m != nil {
		f.Title += " · " + f.In(o.m.Name())
	}
	o.f, o.base = f, f.URL(o.base)
	return o, nil
}

// atSession finds the session that roles are given on, if who acts has to do with it.
func (p *pages) atSession(r *http.Request, o *room, name string) (err error) {
	if p.o.Sessions == nil {
		return fault.Missing()
	}
	if o.object, o.title, err = p.o.Sessions.NamedSession(r.Context(), o.slug, name); err != nil {
		return err
	}
	o.base = "/meetings/" + o.slug + "/sessions/" + o.object + "/people"
	return RequireOn(r.Context(), o.slug, o.object, MayEditSession)
}

// Session is the title of the session, or empty.
func (o *room) Session() i18n.Text { return o.title }

// Base is the address of the page of the people.
func (o *room) Base() string { return o.base }

// M is the meeting, or nil for the group.
func (o *room) M() *Stored { return o.m }

// done sends the reader back to the people, with what was done.
func (o *room) done(what string) error { return web.Done(o.base + "?done=" + what) }

// Acts is the address that grants and invitations are changed below.
func (o *room) Acts() string { return o.acts }

// from sends the reader on to the page that a form came from.
func (o *room) from(r *http.Request) {
	if form, err := web.Form(r); err == nil {
		o.base = web.Local(form.Get("next"), o.base)
	}
}

// peopleData is who holds which role.
type peopleData struct {
	*room
	Meeting  *Stored
	MayGrant bool
	Done     string
	Undo     *Holder
	Roles    []roleRow
	Teams    []teamRow
	Objects  []Holder
	Invited  []invitedRow
	Open     bool // roles can be given: the meeting is not archived
}

// roleRow is a ready role with those who hold it.
type roleRow struct {
	*Role
	Holders []Holder
	Teams   []i18n.Text // teams with members that have the role
	MayGive bool
	Add     string // address
}

// ToFill reports that nobody has the role.
func (r roleRow) ToFill() bool { return len(r.Holders) == 0 && len(r.Teams) == 0 }

// teamRow is a team with its members.
type teamRow struct {
	Team
	Names   []i18n.Text // of its roles
	Holders []Holder
	MayGive bool
	URL     string
	Add     string
}

// Holder is somebody who holds a role.
type Holder struct {
	Grant
	F       *web.Frame // for the template that is shared
	Person  *person.Account
	Until   string
	Giver   string
	Given   string
	Role    i18n.Text
	MayEnd  bool
	MayMove bool // change until when
	End     string
	Move    string
	Next    string // where to go on after that
	Value   string // the role as a form says it
}

type invitedRow struct {
	Invitation
	What   i18n.Text
	Giver  string
	Until  string // open until
	Revoke string
}

func (p *pages) people(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.people.title", "people")
	if err != nil {
		return err
	}
	d := peopleData{room: o, Meeting: o.m, Open: o.m == nil || o.m.Phase != Archived}
	may, _, err := p.offers(r, o)
	if err != nil {
		return err
	}
	d.MayGrant = len(may) > 0 && d.Open
	grants, err := p.active(r.Context(), p.db, o.slug)
	if err != nil {
		return err
	}
	if o.m != nil && o.m.Phase == Archived {
		grants = slices.DeleteFunc(grants, func(g Grant) bool { return RoleOf(g.Role) == nil || !RoleOf(g.Role).Remain })
	}
	if o.object != "" {
		grants = slices.DeleteFunc(grants, func(g Grant) bool { return g.Object != o.object })
	}
	var teams []Team
	if o.object == "" {
		if teams, err = p.Teams(r.Context(), p.db, o.slug); err != nil {
			return err
		}
	}
	var invited []Invitation
	if d.MayGrant {
		if invited, err = p.Invitations(r.Context(), p.db, o.slug); err != nil {
			return err
		}
		invited = slices.DeleteFunc(invited, func(v Invitation) bool { return o.object != "" && v.Object != o.object })
	}
	if ended := r.URL.Query().Get("ended"); ended != "" && d.MayGrant {
		if grants, err = p.withEnded(r, o.slug, ended, grants); err != nil {
			return err
		}
	}
	who, err := p.whoIs(r, grants, invited)
	if err != nil {
		return err
	}
	d.fill(r, who, grants, teams)
	d.invitations(who, teams, invited)
	if done := "event.people.done." + r.URL.Query().Get("done"); o.f.Site.Words.Has(done) {
		d.Done = o.f.T(done)
	}
	return web.Show(w, peoplePage, o.f, d)
}

// withEnded adds a grant that was ended just now, so that the page can offer to give it again.
func (p *pages) withEnded(r *http.Request, slug, ref string, grants []Grant) ([]Grant, error) {
	list, err := readGrants(r.Context(), p.db, endedSince, slug, ref, db.Micros(p.o.Now().Add(-time.Hour)))
	return append(grants, list...), err
}

// known are people by their row ids and by their public ids.
type known struct {
	byID  map[int64]*person.Account
	byRef map[string]*person.Account
}

// whoIs asks once for everybody on the page.
func (p *pages) whoIs(r *http.Request, grants []Grant, invited []Invitation) (known, error) {
	k := known{map[int64]*person.Account{}, map[string]*person.Account{}}
	if p.o.People == nil {
		return k, nil
	}
	var ids []person.ID
	var refs []string
	for _, g := range grants {
		ids, refs = append(ids, person.ID(g.Person)), append(refs, g.By)
	}
	for _, v := range invited {
		refs = append(refs, v.By)
	}
	slices.Sort(ids)
	slices.Sort(refs)
	list, err := p.o.People.Accounts(r.Context(), p.db, slices.Compact(ids), slices.Compact(refs))
	for _, one := range list {
		k.byID[int64(one.ID)], k.byRef[one.Ref] = one, one
	}
	return k, err
}

// giver is the name of who gave a role or invited; empty where it was the program itself, or somebody who has left.
func (k known) giver(f *web.Frame, ref string) string {
	if one, ok := k.byRef[ref]; ok {
		return f.In(one.Name)
	}
	return ""
}

// fill puts everybody where they belong.
func (d *peopleData) fill(r *http.Request, who known, grants []Grant, teams []Team) {
	scope, add := d.scope(), d.base+"/add?what="
	ctx := r.Context()
	for _, t := range teams {
		row := teamRow{Team: t, URL: d.base + "/teams/" + t.Ref, Add: add + "team:" + t.Ref, MayGive: d.MayGrant}
		for _, k := range t.Roles {
			row.Names = append(row.Names, RoleOf(k).Name)
			row.MayGive = row.MayGive && MayGive(ctx, d.slug, "", RoleOf(k))
		}
		for _, g := range grants {
			if g.Team == t.ID && g.Ended.IsZero() {
				row.Holders = append(row.Holders, d.holder(ctx, who, g, t.Name, row.MayGive))
			}
		}
		d.Teams = append(d.Teams, row)
	}
	for i := range Roles {
		role := &Roles[i]
		row := roleRow{Role: role, MayGive: d.MayGrant && MayGive(ctx, d.slug, d.object, role), Add: add + string(role.Key)}
		for _, g := range grants {
			switch {
			case g.Role != role.Key || g.Team != 0:
			case !g.Ended.IsZero():
				h := d.holder(ctx, who, g, role.Name, false)
				d.Undo = &h
			case role.Scope == OnObject && scope != OnObject && d.MayGrant:
				d.Objects = append(d.Objects, d.holder(ctx, who, g, role.Name, true))
			case role.Scope == scope:
				row.Holders = append(row.Holders, d.holder(ctx, who, g, role.Name, row.MayGive))
			}
		}
		for _, t := range d.Teams {
			if len(t.Holders) > 0 && slices.Contains(t.Roles, role.Key) {
				row.Teams = append(row.Teams, t.Name)
			}
		}
		if role.Scope == scope && role.Key != RoleSpeaker { // speakers are invited by their keys, where the programme knows them
			d.Roles = append(d.Roles, row)
		}
	}
}

// holder is somebody who holds a role, as the page shows them.
func (o *room) holder(ctx context.Context, who known, g Grant, role i18n.Text, mayGive bool) Holder {
	h := Holder{
		Grant: g, F: o.f, Person: who.byID[g.Person], Role: role, Giver: who.giver(o.f, g.By), Given: o.f.ShortDay(g.At.In(g.location())), MayMove: mayGive,
		MayEnd: mayGive || authz.Who(ctx).ID == g.Person, End: o.acts + "/grants/" + g.Ref + "/end", Move: o.acts + "/grants/" + g.Ref + "/until", Next: o.base, Value: string(g.Role),
	}
	if h.Person == nil {
		h.Person = &person.Account{Name: i18n.T("（退会した人）", "(has left)")}
	}
	if g.EndsOn != "" {
		h.Until = o.f.Day(g.EndsOn.Time(time.UTC))
	}
	return h
}

// Where is the page of what a role is held on: a speaker, or the people of a session.
func (h Holder) Where() string {
	if h.Grant.Role == RoleSpeaker {
		return "/meetings/" + h.Slug + "/speakers/" + h.Object
	}
	return "/meetings/" + h.Slug + "/sessions/" + h.Object + "/people"
}

// invitations puts the open invitations on the page.
func (d *peopleData) invitations(who known, teams []Team, invited []Invitation) {
	for _, v := range invited {
		d.Invited = append(d.Invited, invitedRow{
			Invitation: v, What: offered(v.Role, v.Team, teams), Giver: who.giver(d.f, v.By), Until: d.f.Moment(v.Expires),
			Revoke: d.acts + "/invitations/" + v.Ref + "/revoke",
		})
	}
}

// offered is the name of a role or of a team.
func offered(role RoleKey, team TeamID, teams []Team) i18n.Text {
	if t := find(teams, func(t *Team) bool { return t.ID == team }); t != nil {
		return t.Name
	}
	if r := RoleOf(role); r != nil {
		return r.Name
	}
	return i18n.Text{}
}
