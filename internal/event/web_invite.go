package event

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/qr"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	invitePage     = web.NewPage[inviteData](Mast, web.From(Files, "pages/people_invite.html", "pages/offer.html"))
	linkPage       = web.NewPage[linkData](Mast, web.From(Files, "pages/people_link.html"))
	invitationPage = web.NewPage[invitationData](Mast, web.From(Files, "pages/invitation.html"))
)

// inviteData is the page to invite by a link.
type inviteData struct {
	*room
	Offers  []offer
	What    string
	Address string
	Uses    string
	Days    string
	Until   string
	Note    string
	Mail    bool
	Mails   bool // letters can be sent
	Problem *web.Problem
}

// Choices are the days that an invitation may be open.
func (inviteData) Choices() []string { return []string{"3", "7", "14", "30", "90"} }

// enterToGive is enter for pages on which roles are given, or last longer. Roles in the group reach everything, so whoever gives one has shown a moment ago who
// they are: an unattended browser makes nobody an owner.
func (p *pages) enterToGive(r *http.Request, title string) (*room, error) {
	o, err := p.enter(r, title, "people")
	if err != nil || o.slug != "" {
		return o, err
	}
	next := o.base
	if r.Method == http.MethodGet {
		next = o.f.URL(r.URL.RequestURI())
	}
	return o, web.RequireFresh(r, p.o.Now(), o.f, next)
}

func (p *pages) inviteForm(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enterToGive(r, "event.invite.title")
	if err != nil {
		return err
	}
	return p.showInvite(w, r, http.StatusOK, inviteData{room: o, What: r.URL.Query().Get("what"), Uses: "1", Days: "14", Mail: true})
}

func (p *pages) showInvite(w http.ResponseWriter, r *http.Request, status int, d inviteData) (err error) {
	if d.Offers, _, err = p.offers(r, d.room); err != nil {
		return err
	}
	if len(d.Offers) == 0 {
		return fault.New(fault.Forbidden, "event.error.may_not")
	}
	d.Mails = p.o.Outbox != nil
	return web.ShowStatus(w, status, invitePage, d.f, d)
}

func (p *pages) invite(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enterToGive(r, "event.invite.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := inviteData{
		room: o, What: form.Get("what"), Address: form.Get("address"), Uses: form.Get("uses"), Days: form.Get("days"),
		Until: strings.TrimSpace(form.Get("until")), Note: form.Get("note"), Mail: form.Has("mail"),
	}
	token, err := p.inviteBy(r, d)
	if err != nil {
		if d.Problem, err = o.f.ProblemOf(err); err != nil {
			return err
		}
		return p.showInvite(w, r, http.StatusUnprocessableEntity, d)
	}
	return web.Done(o.base + "/invitations/" + token)
}

func (p *pages) inviteBy(r *http.Request, d inviteData) (token string, err error) {
	teams, err := p.Teams(r.Context(), p.db, d.slug)
	if err != nil {
		return "", err
	}
	v := Invitation{Slug: d.slug, Object: d.object, EndsOn: Date(d.Until), Note: d.Note, Address: d.Address, Mail: d.Mail}
	if v.Role, v.Team, err = chosen(d.What, teams); err != nil {
		return "", err
	}
	v.Uses, _ = strconv.Atoi(narrow(d.Uses)) // what is no number is refused as 0
	days, _ := strconv.Atoi(narrow(d.Days))
	v.Expires = p.o.Now().Add(time.Duration(min(days, 1000)) * 24 * time.Hour)
	err = p.db.Write(r.Context(), func(tx *db.Tx) (err error) { token, _, err = p.Invite(r.Context(), tx, v); return err })
	return token, err
}

// narrow writes full-width digits as ASCII: people type them.
func narrow(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c >= '０' && c <= '９' {
			return c - '０' + '0'
		}
		return c
	}, s))
}

// linkData is the page that shows the link of an invitation.
type linkData struct {
	*room
	Invitation
	What  i18n.Text
	Link  string
	Code  *qr.Code // nil where the link is too long for one
	Until string
}

// invitationMade shows a link that was just made. Its token stands nowhere but in this address.
func (p *pages) invitationMade(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.invite.made", "people")
	if err != nil {
		return err
	}
	v, err := p.Invited(r.Context(), p.db, r.PathValue("token"))
	if err != nil {
		return err
	}
	if v.Slug != o.slug || v.Object != o.object {
		return fault.Missing()
	}
	teams, err := p.Teams(r.Context(), p.db, o.slug)
	if err != nil {
		return err
	}
	d := linkData{room: o, Invitation: v, What: offered(v.Role, v.Team, teams), Until: o.f.Moment(v.Expires)}
	d.Link = o.f.Abs("/invitations/" + r.PathValue("token"))
	if code, err := qr.New(d.Link); err == nil {
		d.Code = &code
	}
	return web.Show(w, linkPage, o.f, d)
}

func (p *pages) revoke(_ http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.people.title", "people")
	if err != nil {
		return err
	}
	o.from(r)
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return p.Revoke(r.Context(), tx, o.slug, r.PathValue("ref")) }); err != nil {
		return err
	}
	return o.done("revoked")
}

// invitationData is what whoever was invited sees.
type invitationData struct {
	Invitation
	Meeting *Stored // nil: the group
	Group   i18n.Text
	What    i18n.Text
	For     []i18n.Text
	Giver   string
	Last    string // day of the role
	Until   string // the invitation is open
	Action  string
	SignIn  string
	Me      string    // where to see who one is signed in as
	Session i18n.Text // its title, of a role at a session
	Problem *web.Problem
}

// invitation shows who invites to what. Looking at it changes nothing: mail scanners follow links.
func (p *pages) invitation(w http.ResponseWriter, r *http.Request) error {
	f, d, err := p.openInvitation(r)
	if err != nil {
		return err
	}
	return web.Show(w, invitationPage, f, *d)
}

func (p *pages) openInvitation(r *http.Request) (*web.Frame, *invitationData, error) {
	token := r.PathValue("token")
	v, err := p.Invited(r.Context(), p.db, token)
	if err != nil {
		return nil, nil, err
	}
	d := &invitationData{Invitation: v}
	if v.Slug != "" {
		if d.Meeting, err = p.any(r.Context(), v.Slug); err != nil {
			return nil, nil, err
		}
	}
	f, err := p.Frame(r, p.frame, d.Meeting, "invitation")
	if err != nil {
		return nil, nil, err
	}
	f.Title, f.NoIndex = f.T("event.invitation.title"), true
	g, err := p.Group(r.Context())
	if err != nil {
		return nil, nil, err
	}
	teams, err := p.Teams(r.Context(), p.db, v.Slug)
	if err != nil {
		return nil, nil, err
	}
	roles, err := rolesOf(r.Context(), p.db, v.meeting, v.Role, v.Team)
	if err != nil {
		return nil, nil, err
	}
	who, err := p.whoIs(r, nil, []Invitation{v})
	if err != nil {
		return nil, nil, err
	}
	for _, role := range roles {
		d.For = append(d.For, role.For)
	}
	d.Group, d.What, d.Giver, d.Until = g.Name, offered(v.Role, v.Team, teams), who.giver(f, v.By), f.Moment(v.Expires)
	if v.Object != "" && p.o.Sessions != nil && d.Meeting.Phase != Draft {
		if _, d.Session, err = p.o.Sessions.NamedSession(r.Context(), v.Slug, v.Object); err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, nil, err
		}
	}
	if v.EndsOn != "" {
		d.Last = f.Day(v.EndsOn.Time(time.UTC))
	}
	d.Action = f.URL("/invitations/" + token)
	d.SignIn = f.URL(web.SignInPath) + "?next=" + d.Action
	return f, d, nil
}

func (p *pages) accept(w http.ResponseWriter, r *http.Request) error {
	f, d, err := p.openInvitation(r)
	if err != nil {
		return err
	}
	err = p.db.Write(r.Context(), func(tx *db.Tx) error { _, err := p.Accept(r.Context(), tx, r.PathValue("token")); return err })
	if err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusConflict, invitationPage, f, *d)
	}
	to := "/admin/people"
	if d.Slug != "" {
		to = "/meetings/" + d.Slug + "/people"
	}
	may, err := p.Grants(r.Context(), f.Who.ID)
	if err != nil {
		return err
	}
	switch {
	case d.Role == RoleSpeaker:
		to = "/me/talks"
	case d.Object != "" && may.May(MayEditSession, d.Slug, d.Object):
		to = "/meetings/" + d.Slug + "/sessions/" + d.Object + "/people"
	case !may.May(MayReadCommittee, d.Slug, ""):
		to = "/me"
	}
	return web.Done(f.URL(to) + "?done=accepted")
}
