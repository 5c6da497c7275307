package event

import (
	"strings"
	"unicode"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// figure is a declared figure with those that are portions of it.
type figure struct {
	Figure
	Width int // of its bar in percent of the figure it is a portion of; 0 where the two do not compare
	Parts []figure
	Cited []citation // of it and its parts
}

// citation is what a source says of a figure, in its own words.
type citation struct {
	Words  string    // with the quotation marks of their language; may be empty
	Lang   i18n.Lang // of the words
	Source i18n.Text // empty where the citation after it has the same
	N      int       // how many answered
}

// figures puts each portion under what it is a portion of. A portion of a portion, or of a figure that is not there, stands on its own.
func figures(list []Figure) []figure {
	var out []figure
	at := map[string]int{}
	for _, f := range list {
		if f.Of == "" {
			at[f.Key] = len(out)
			out = append(out, figure{Figure: f})
		}
	}
	for _, f := range list {
		if f.Of == "" {
			continue
		}
		i, ok := at[f.Of]
		if !ok {
			out = append(out, figure{Figure: f})
			continue
		}
		out[i].Parts = append(out[i].Parts, figure{Figure: f, Width: share(f, out[i].Figure)})
	}
	for i := range out {
		out[i].cite()
	}
	return out
}

// cite gathers what the sources of a figure and its portions say, each source named once after its words.
func (f *figure) cite() {
	all := []Figure{f.Figure}
	for _, p := range f.Parts {
		all = append(all, p.Figure)
	}
	for _, p := range all {
		c := citation{Source: p.Source, N: p.N, Lang: i18n.EN}
		if p.Wording != "" {
			c.Words = "“" + p.Wording + "”"
			if strings.ContainsFunc(p.Wording, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }) {
				c.Words, c.Lang = "「"+p.Wording+"」", i18n.JA
			}
		}
		if n := len(f.Cited); n > 0 && f.Cited[n-1].Source == c.Source && f.Cited[n-1].N == 0 {
			f.Cited[n-1].Source = i18n.Text{}
		}
		if c.Words != "" || !c.Source.IsZero() {
			f.Cited = append(f.Cited, c)
		}
	}
}

// share is how much of a whole a portion is, in percent, where both count the same.
func share(part, whole Figure) int {
	if part.Unit != whole.Unit || whole.Value <= 0 || part.Value < 0 || part.Value > whole.Value {
		return 0
	}
	return int(part.Value/whole.Value*100 + 0.5)
}

// roleGroup are the organisations of a role, by class.
type roleGroup struct {
	Role    OrgRole
	Classes []classGroup
}

// classGroup are the organisations of a class, in the order of the meeting; the class may be empty.
type classGroup struct {
	Class i18n.Text
	Orgs  []org
}

// org is an organisation with the address of its logo.
type org struct {
	Organisation
	Picture string
}

// organisations sorts them by role and class, and picks out the hosts.
func organisations(list []Organisation) (hosts []Organisation, roles []roleGroup) {
	for _, role := range OrgRoles {
		g := roleGroup{Role: role}
		for _, o := range list {
			if o.Role != role {
				continue
			}
			if role == Host {
				hosts = append(hosts, o)
			}
			i := classIn(&g, o.Class)
			g.Classes[i].Orgs = append(g.Classes[i].Orgs, org{o, mediaURL(o.Logo)})
		}
		if len(g.Classes) > 0 {
			roles = append(roles, g)
		}
	}
	return hosts, roles
}

func classIn(g *roleGroup, class i18n.Text) int {
	for i, c := range g.Classes {
		if c.Class == class {
			return i
		}
	}
	g.Classes = append(g.Classes, classGroup{Class: class})
	return len(g.Classes) - 1
}
