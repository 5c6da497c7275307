package desk

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var policyPage = web.NewPage[policyView](event.Mast, web.From(Files, "pages/policy.html", "pages/parts.html"))

// policyView is the publication policy of the whole meeting, and what another would do.
type policyView struct {
	view
	Matters []input
	Until   input
	Shown   bool // an effect is shown
	Effects []effectView
	Sum     string
	Hidden  []input // of the form that saves: what was chosen
}

// effectView is what happens to one matter.
type effectView struct {
	*web.Frame
	Words  string // 配信：できる → できない
	Gone   []effectRow
	Silent []effectRow // sessions for which the matter changes and nothing that is there now does
	Stay   []effectRow
	Also   bool // Silent is not all
	Back   bool // what is listed appears; else it vanishes
}

// effectRow is a session with what happens to it.
type effectRow struct {
	Ref, Label, URL, Title string
	What                   string
}

// policy shows the policy, and, where values were chosen, what they would do.
func (h *Web) policy(w http.ResponseWriter, r *http.Request) error {
	return h.showPolicy(w, r, r.URL.Query(), nil, http.StatusOK)
}

func (h *Web) showPolicy(w http.ResponseWriter, r *http.Request, form url.Values, problem error, status int) error {
	edits, _ := editsOf(form)
	preview, err := h.desk.PreviewPolicy(r.Context(), r.PathValue("slug"), edits)
	if err != nil && problem == nil {
		problem, status = err, fault.KindOf(err).Status()
	}
	if preview == nil {
		return err
	}
	p, err := h.frame(r, preview.Draft, "policy")
	if err != nil {
		return err
	}
	if problem != nil {
		if err := p.problem(problem); err != nil {
			return err
		}
	}
	p.Scripts = append(p.Scripts, p.Asset("desk-form.js"))
	v := policyView{Sum: preview.Sum}
	c, _ := errors.AsType[*program.Conflicts](problem)
	for _, name := range program.PolicyMatters() {
		in := p.policyInput(name, form, c)
		for _, value := range []interchange.Permission{interchange.Allowed, interchange.Refused} {
			in.Options = append(in.Options, choice{Value: string(value), Label: p.T("desk.permission." + string(value)), On: string(value) == in.Value})
		}
		v.Matters = append(v.Matters, in)
	}
	v.Until = p.policyInput("publish_until", form, c)
	v.Hidden = append(append(v.Hidden, v.Matters...), v.Until)
	v.Shown = len(preview.Effects) > 0
	for i := range preview.Effects {
		v.Effects = append(v.Effects, p.effect(&preview.Effects[i], preview.To))
	}
	v.view = p.view
	return web.ShowStatus(w, status, policyPage, p.Frame, v)
}

// policyInput is a field of the policy, as stored or, where the reader chose another value than they had seen, as chosen, over what they had seen.
func (p *page) policyInput(name string, form url.Values, all *program.Conflicts) input {
	in := input{Name: name, Label: p.T("desk.field.policy." + name), Base: program.PolicyText(p.Doc.Policy, name), Can: p.May.Edit}
	in.Value = in.Base
	if seen := form.Get("base." + name); form.Has("f."+name) && !same(form.Get("f."+name), seen) {
		in.Value = form.Get("f." + name)
		if form.Has("base." + name) {
			in.Base = seen
		}
	}
	if p.Problem != nil && p.Problem.Field == name {
		in.Problem = p.Problem.Message
	}
	if all == nil {
		return in
	}
	for _, c := range all.Fields {
		if c.Field == name {
			in.Conflict, in.Base, in.Problem = p.conflict(&c, p.policyWord(name, c.Current)), c.Current, ""
		}
	}
	return in
}

// policyWord is a value of a field of the policy as people read it.
func (p *page) policyWord(name, value string) string {
	switch {
	case name != "publish_until":
		return p.T("desk.permission." + value)
	case value == "":
		return p.T("desk.policy.no_end")
	}
	return value
}

// effect puts what happens to one matter into words.
func (p *page) effect(e *program.PolicyEffect, to interchange.Policy) effectView {
	v := effectView{Frame: p.Frame, Back: !e.Refused}
	v.Words = p.T("desk.policy.becomes", "matter", p.T("desk.field.policy."+e.Matter),
		"was", p.policyWord(e.Matter, program.PolicyText(p.Doc.Policy, e.Matter)), "is", p.policyWord(e.Matter, program.PolicyText(to, e.Matter)))
	for _, c := range e.Change {
		row := p.effectRow(c.Session)
		if n := len(c.Links); n > 0 {
			row.What = p.T("desk.policy.links", "n", n)
		}
		if n := len(c.Files); n > 0 {
			files := p.T("desk.policy.files", "n", n)
			if row.What != "" {
				files = p.Join([]string{row.What, files})
			}
			row.What = files
		}
		if row.What == "" {
			v.Silent = append(v.Silent, row)
		} else {
			v.Gone = append(v.Gone, row)
		}
	}
	v.Also = len(v.Gone) > 0
	for _, s := range e.Stay {
		row := p.effectRow(s.Session)
		row.What = p.T("desk.policy.stays_" + string(s.Why))
		v.Stay = append(v.Stay, row)
	}
	return v
}

func (p *page) effectRow(s *interchange.Session) effectRow {
	return effectRow{Ref: s.Ref, Label: label(s), URL: p.Base + "/sessions/" + s.Ref, Title: p.In(s.Title)}
}

// savePolicy stores the policy as it was shown.
func (h *Web) savePolicy(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	edits, _ := editsOf(v)
	done, err := h.desk.SavePolicy(r.Context(), r.PathValue("slug"), edits, v.Get("sum"))
	if err == nil {
		if done.Act == "" {
			return h.back(r, "/policy", "unchanged", nil)
		}
		return h.back(r, "/policy", "saved", url.Values{"act": {done.Act}})
	}
	return h.showPolicy(w, r, v, err, fault.KindOf(err).Status())
}
