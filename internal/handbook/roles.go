package handbook

import (
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// rolesMark is where a page has the table of roles, which is made from the one in the program.
const rolesMark = "<!-- roles -->"

// rolesIn writes what every role is for, may do and why, as Markdown.
func rolesIn(l i18n.Lang) string {
	var b strings.Builder
	for _, s := range []struct {
		scope event.RoleScope
		title i18n.Text
	}{
		{event.InGroup, i18n.T("団体の役割", "Roles of the group")}, {event.InMeeting, i18n.T("ミーティングの役割", "Roles of a meeting")},
		{event.OnObject, i18n.T("セッションの役割", "Roles at a session")},
	} {
		b.WriteString("\n## " + s.title.In(l) + "\n")
		for i := range event.Roles {
			if r := &event.Roles[i]; r.Scope == s.scope {
				writeRole(&b, r, l)
			}
		}
		writeMatrix(&b, s.scope, l)
	}
	return b.String()
}

func writeRole(b *strings.Builder, r *event.Role, l i18n.Lang) {
	b.WriteString("\n### " + r.Name.In(l) + "\n\n" + r.For.In(l))
	if l == i18n.EN {
		b.WriteString(" ")
	}
	b.WriteString(r.Why.In(l) + "\n")
}

// writeMatrix writes which permissions the roles of a scope have, leaving out those that none has.
func writeMatrix(b *strings.Builder, scope event.RoleScope, l i18n.Lang) {
	b.WriteString("\n| " + i18n.T("できること", "May").In(l) + " |")
	var roles []*event.Role
	for i := range event.Roles {
		if r := &event.Roles[i]; r.Scope == scope {
			roles = append(roles, r)
			b.WriteString(" " + r.Name.In(l) + " |")
		}
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, a := range event.Allowances {
		line, any := "| "+a.Says.In(l)+" |", false
		for _, r := range roles {
			may := slices.Contains(r.May, a.Permission)
			any = any || may
			line += map[bool]string{true: " ✓ |", false: "  |"}[may]
		}
		if any {
			b.WriteString(line + "\n")
		}
	}
}
