package testkit

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// axeScript is axe-core; axe/README.md says which and from where.
//
//go:embed axe/axe.min.js
var axeScript string

// Violation is one rule of accessibility that a page breaks.
type Violation struct {
	// Rule is axe's name of the rule, such as color-contrast.
	Rule string `json:"rule"`
	// Impact is minor, moderate, serious or critical.
	Impact string `json:"impact"`
	// Help says in a sentence what is asked for.
	Help string `json:"help"`
	// Places are the elements concerned, each with what is wrong there.
	Places []string `json:"places"`
}

// String is the rule, what it asks for, and the places, a line each.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n    %s", v.Rule, v.Impact, v.Help, strings.Join(v.Places, "\n    "))
}

// axeRun asks for the success criteria of WCAG 2.2 levels A and AA; axe tags a
// rule with the version that brought its criterion.
const axeRun = `axe.run(document, {
	runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']},
	resultTypes: ['violations'],
}).then(result => result.violations.map(v => ({
	rule: v.id, impact: v.impact || '', help: v.help,
	places: v.nodes.map(n => n.target.join(' ') + ': ' + (n.failureSummary || '').replace(/\s+/g, ' ')),
})))`

// Axe checks the open page against WCAG 2.2 AA with axe-core and returns what
// it breaks. Only the state on screen is seen: check again with a menu open,
// in the dark, at another width.
func (tab *Tab) Axe() []Violation {
	tab.t.Helper()
	if !Eval[bool](tab, "typeof axe === 'object'") {
		Ask(tab, chromedp.Evaluate[chromedp.Void](axeScript))
	}
	return Eval[[]Violation](tab, axeRun)
}

// CheckAxe fails the test with every violation that Axe finds.
func (tab *Tab) CheckAxe() {
	tab.t.Helper()
	for _, violation := range tab.Axe() {
		tab.t.Errorf("accessibility: %s", violation)
	}
}
