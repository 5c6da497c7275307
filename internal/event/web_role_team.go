package event

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// teamData is the page of a team that is made or changed.
type teamData struct {
	*room
	Team    Team
	New     bool
	Choices []teamRole
	Problem *web.Problem
}

type teamRole struct {
	*Role
	Chosen bool
}

// newTeam is the ref of a team to be made, in addresses.
const newTeam = "new"

func (p *pages) team(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.team.title", "people")
	if err != nil {
		return err
	}
	d := teamData{room: o, New: r.PathValue("ref") == newTeam}
	if !d.New {
		teams, err := p.Teams(r.Context(), p.db, o.slug)
		if err != nil {
			return err
		}
		t := find(teams, func(t *Team) bool { return t.Ref == r.PathValue("ref") })
		if t == nil {
			return fault.Missing()
		}
		d.Team = *t
	}
	return d.show(w, r, http.StatusOK)
}

func (d teamData) show(w http.ResponseWriter, r *http.Request, status int) error {
	for i := range Roles {
		if role := &Roles[i]; role.Scope == InMeeting && MayGive(r.Context(), d.slug, "", role) {
			d.Choices = append(d.Choices, teamRole{role, slices.Contains(d.Team.Roles, role.Key)})
		}
	}
	return web.ShowStatus(w, status, teamPage, d.f, d)
}

func (p *pages) saveTeam(w http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.team.title", "people")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := teamData{room: o, New: r.PathValue("ref") == newTeam}
	d.Team.Name = i18n.T(strings.TrimSpace(form.Get("name_ja")), strings.TrimSpace(form.Get("name_en")))
	for _, k := range form["roles"] {
		d.Team.Roles = append(d.Team.Roles, RoleKey(k))
	}
	if !d.New {
		d.Team.Ref = r.PathValue("ref")
	}
	err = p.db.Write(r.Context(), func(tx *db.Tx) error { _, err := p.SaveTeam(r.Context(), tx, o.slug, d.Team); return err })
	if err != nil {
		if d.Problem, err = o.f.ProblemOf(err); err != nil {
			return err
		}
		return d.show(w, r, http.StatusUnprocessableEntity)
	}
	return o.done("team")
}

func (p *pages) dropTeam(_ http.ResponseWriter, r *http.Request) error {
	o, err := p.enter(r, "event.team.title", "people")
	if err != nil {
		return err
	}
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error { return p.DropTeam(r.Context(), tx, o.slug, r.PathValue("ref")) }); err != nil {
		return err
	}
	return o.done("team_dropped")
}
