package event

import (
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// accent is the meeting's colour, or the group's.
func (m *Meeting) accent(g *Group) string {
	if m.Accent != "" {
		return m.Accent
	}
	return g.Accent
}

// accentStyle is the style sheet that gives a page its accent: an asset of its own, as no page may hold a style.
func accentStyle(site *web.Site, colour string) []string {
	css := web.AccentCSS(colour)
	if css == "" {
		return nil
	}
	return []string{site.Assets.Add("accent-"+hexOf(colour)+".css", []byte(css))}
}

func hexOf(colour string) string { return strings.ToLower(strings.TrimPrefix(colour, "#")) }

// accentClass is the class that gives one element of a page the accent of its meeting, or empty.
func accentClass(colour string) string {
	if web.AccentCSS(colour) == "" {
		return ""
	}
	return "a-" + hexOf(colour)
}

// accentClasses is the style sheet with the class of every accent in use.
func accentClasses(w *web.Site, c *site) []string {
	colours := []string{c.group.Accent}
	for _, m := range c.meetings {
		colours = append(colours, m.Accent)
	}
	var rules []string
	for _, a := range colours {
		if css := web.AccentCSS(a); css != "" {
			rules = append(rules, strings.Replace(css, ":root", "."+accentClass(a), 1))
		}
	}
	if len(rules) == 0 {
		return nil
	}
	slices.Sort(rules)
	return []string{w.Assets.Add("accents.css", []byte(strings.Join(slices.Compact(rules), "")))}
}
