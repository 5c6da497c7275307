package event

import (
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
)

// offer is a role or a team that the reader may give, as a form offers it.
type offer struct {
	Value string
	Name  i18n.Text
	For   i18n.Text
}

// offers are the roles and teams that who acts may give.
func (p *pages) offers(r *http.Request, o *room) ([]offer, []Team, error) {
	var out []offer
	for i := range Roles {
		if role := &Roles[i]; role.Scope == o.scope() && role.Key != RoleSpeaker && MayGive(r.Context(), o.slug, o.object, role) {
			out = append(out, offer{string(role.Key), role.Name, role.For})
		}
	}
	if o.object != "" {
		return out, nil, nil
	}
	teams, err := p.Teams(r.Context(), p.db, o.slug)
	for _, t := range teams {
		may := true
		for _, k := range t.Roles {
			may = may && MayGive(r.Context(), o.slug, "", RoleOf(k))
		}
		if may {
			out = append(out, offer{Value: "team:" + t.Ref, Name: t.Name})
		}
	}
	return out, teams, err
}

// chosen reads a role or a team as a form says it.
func chosen(value string, teams []Team) (RoleKey, TeamID, error) {
	ref, ok := strings.CutPrefix(value, "team:")
	if !ok {
		return RoleKey(value), 0, nil
	}
	t := find(teams, func(t *Team) bool { return t.Ref == ref })
	if t == nil {
		return "", 0, invalid("role_unknown", "what").With("value", clip(value))
	}
	return "", t.ID, nil
}

// addData is the page to give a role by name.
type addData struct {
	*room
	Offers  []offer
	What    string
	Query   string
	Until   string
	Chosen  string // public id
	Found   []*person.Account
	Asked   bool
	Problem *web.Problem
}

// mostFound bounds what a search for people shows.
const mostFound = 20

func (p *pages) add(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enterToGive(r, "event.people.add")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	return p.showAdd(w, r, http.StatusOK, &addData{room: o, What: q.Get("what"), Query: strings.TrimSpace(q.Get("q")), Until: q.Get("until")})
}

// showAdd looks for people of a name, or with exactly a mail address, and offers to give one of them a role.
func (p *pages) showAdd(w http.ResponseWriter, r *http.Request, status int, d *addData) error {
	var err error
	if d.Offers, _, err = p.offers(r, d.room); err != nil {
		return err
	}
	if len(d.Offers) == 0 {
		return fault.New(fault.Forbidden, "event.error.may_not") // and learns nothing of who has an account
	}
	if d.Query != "" && p.o.People != nil {
		d.Asked = true
		if d.Found, err = p.o.People.Find(r.Context(), p.db, clip(d.Query), mostFound); err != nil {
			return err
		}
		if d.Chosen == "" && len(d.Found) == 1 {
			d.Chosen = d.Found[0].Ref
		}
	}
	return web.ShowStatus(w, status, addPage, d.f, *d)
}

// give gives a role to somebody who was found by name.
func (p *pages) give(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enterToGive(r, "event.people.add")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := &addData{room: o, What: form.Get("what"), Query: form.Get("q"), Until: form.Get("until"), Chosen: form.Get("person")}
	if err := p.giveTo(r, d); err != nil {
		if d.Problem, err = o.f.ProblemOf(err); err != nil {
			return err
		}
		return p.showAdd(w, r, http.StatusUnprocessableEntity, d)
	}
	return o.done("given")
}

func (p *pages) giveTo(r *http.Request, d *addData) error {
	_, teams, err := p.offers(r, d.room)
	if err != nil {
		return err
	}
	role, team, err := chosen(d.What, teams)
	if err != nil {
		return err
	}
	if d.Chosen == "" || p.o.People == nil {
		return invalid("person", "person")
	}
	list, err := p.o.People.Accounts(r.Context(), p.db, nil, []string{d.Chosen})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return invalid("person", "person")
	}
	return p.db.Write(r.Context(), func(tx *db.Tx) error {
		_, err := p.Give(r.Context(), tx, Grant{Slug: d.slug, Object: d.object, Person: int64(list[0].ID), Role: role, Team: team, EndsOn: Date(d.Until)})
		return err
	})
}

// endRole takes a role away. Who gave up their own goes where they may still be.
func (p *pages) endRole(_ http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.people.title", "people")
	if err != nil {
		return err
	}
	o.from(r)
	ref := r.PathValue("ref")
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return p.End(r.Context(), tx, o.slug, ref) }); err != nil {
		return err
	}
	still, err := p.Grants(r.Context(), o.f.Who.ID)
	if err != nil {
		return err
	}
	if !still.May(MayReadCommittee, o.slug, "") && (!strings.Contains(o.base, "/sessions/") || !still.May(MayEditSession, o.slug, authz.Any)) {
		return web.Done(o.f.URL("/me"))
	}
	return web.Done(o.base + "?done=ended&ended=" + ref)
}

func (p *pages) extendRole(_ http.ResponseWriter, r *http.Request) error {
	o, err := p.enterToGive(r, "event.people.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	o.from(r)
	last := Date(strings.TrimSpace(form.Get("until")))
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return p.Extend(r.Context(), tx, o.slug, r.PathValue("ref"), last) }); err != nil {
		return err
	}
	return o.done("extended")
}
