package registration

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// Group are colleagues whom one person registers, and pays for.
type Group struct {
	ID      int64
	Ref     string
	Meeting event.MeetingID
	Person  int64 // row id of its owner's account; 0: none is known
	Details       // of its owner, who pays
	Until   time.Time
	MadeAt  time.Time
	Proved  time.Time // when its owner came by the letter, or was signed in; zero: not yet
	Version int
	LinkNo  int
}

// confirmWithin is how long colleagues have to confirm where nobody said.
const confirmWithin = 7 * 24 * time.Hour

// MemberRow is a colleague as a table names them, before they are entered.
type MemberRow struct {
	Name, Kana, Organisation, Address string
	Kind, Days                        string
	Take                              bool // it is to be entered
	Problem                           *fault.Error

	details Details
	kind    *Kind
	days    map[event.Date]Mode
}

// Fits reports that nothing is wrong with a row.
func (r *MemberRow) Fits() bool { return r.Problem == nil }

// memberColumns are the columns of a list of colleagues, with the headings that people give them.
var memberColumns = []sheet.Column{
	{Key: "name", Names: []string{"名前", "氏名", "お名前", "name", "full name"}},
	{Key: "kana", Names: []string{"ふりがな", "フリガナ", "カナ", "よみ", "読み", "kana", "reading"}},
	{Key: "org", Names: []string{"所属", "組織", "会社", "会社名", "組織名", "organisation", "organization", "company", "affiliation"}},
	{Key: "address", Names: []string{"メールアドレス", "メール", "mail", "e-mail", "email", "mail address", "address"}},
	{Key: "kind", Names: []string{"参加種別", "種別", "区分", "kind", "type", "category"}},
	{Key: "days", Names: []string{"参加日", "日程", "日", "days", "dates"}},
}

// readMembers takes the rows of a table. Where it has no headings, the column with the mail addresses is looked for, and the others are taken
// in their order.
func readMembers(t *sheet.Table) []MemberRow {
	head, rows := t.Find(memberColumns, "name", "address")
	if !head.Has("address") {
		head, rows = guessed(t), t.Rows
	}
	var out []MemberRow
	for _, r := range rows {
		get := func(key string) string { return sheet.Original(head.Get(r, key)) }
		m := MemberRow{Name: get("name"), Kana: get("kana"), Organisation: get("org"), Address: get("address"), Kind: get("kind"), Days: get("days"), Take: true}
		if m.Name+m.Address != "" {
			out = append(out, m)
		}
	}
	return out
}

// guessed says where the columns of a table without headings are.
func guessed(t *sheet.Table) sheet.Head {
	at := 3
	for _, r := range t.Rows {
		if i := slices.IndexFunc(r.Cells, func(c string) bool { return strings.ContainsAny(c, "@＠") }); i >= 0 {
			at = i
			break
		}
	}
	head, next := sheet.Head{"address": at}, 0
	for _, key := range []string{"name", "kana", "org", "kind", "days"} {
		if next == at {
			next++
		}
		head[key] = next
		next++
	}
	return head
}

// check cleans a row, and notes what is wrong with it.
func (r *MemberRow) check(s *Setup, m *event.Meeting, l i18n.Lang) {
	r.Problem = nil
	name := i18n.T(r.Name, "")
	if !strings.ContainsFunc(r.Name, func(c rune) bool { return c > 0x2FF }) {
		name = i18n.T("", r.Name)
	}
	r.details = Details{Name: name, Kana: r.Kana, Organisation: i18n.T(r.Organisation, ""), Address: r.Address, Lang: l}
	err := r.details.check(true)
	if err == nil {
		r.kind, err = s.kindNamed(r.Kind)
	}
	if err == nil {
		r.Kind = r.kind.Key
		r.days, err = r.kind.daysTyped(m, r.Days)
	}
	if f, ok := fault.As(err); ok {
		r.Problem = f
	}
}

// kindNamed finds a kind by its key or name, as people type it. Nothing is the first that anybody may be.
func (s *Setup) kindNamed(typed string) (*Kind, error) {
	want := folded(typed)
	for i := range s.Kinds {
		k := &s.Kinds[i]
		if want == "" && !k.ByCode && !k.Closed || want != "" && (folded(k.Key) == want || folded(k.Name.JA) == want || folded(k.Name.EN) == want) {
			return k, nil
		}
	}
	return nil, invalid("registration.error.no_such_kind").With("kind", typed).On("kind")
}

var dayTyped = regexp.MustCompile(`(?:(\d{4})[-/年])?(\d{1,2})[-/月](\d{1,2})日?\s*([^\d,;、]*)|(\d{1,2})日\s*([^\d,;、]*)`)

// modeTyped is how somebody takes part, in the words people use; empty: they did not say.
func modeTyped(s string) Mode {
	switch s = folded(s); {
	case strings.Contains(s, "おんらいん") || strings.Contains(s, "online") || strings.Contains(s, "配信"):
		return Online
	case strings.Contains(s, "現地") || strings.Contains(s, "会場") || strings.Contains(s, "onsite"):
		return Onsite
	}
	return ""
}

// daysTyped reads days as people type them: "12/9 現地, 12/10 オンライン", or nothing for all days.
func (k *Kind) daysTyped(m *event.Meeting, typed string) (map[event.Date]Mode, error) {
	s := norm.NFKC.String(typed)
	out := map[event.Date]Mode{}
	pick := func(d event.Date, mode Mode) {
		offers := k.Offers(m, d)
		if mode == "" && len(offers) > 0 {
			mode = offers[0]
		}
		if mode != "" {
			out[d] = mode
		}
	}
	found := dayTyped.FindAllStringSubmatch(s, -1)
	if len(found) == 0 {
		mode := modeTyped(s)
		if s == noDays {
			return k.days(m, nil)
		}
		if mode == "" && strings.TrimSpace(s) != "" && !slices.Contains([]string{"全日", "全日程", "すべて", "all", "everyday"}, folded(s)) {
			return nil, invalid("registration.error.days_typed").On("days")
		}
		for _, d := range m.Days() {
			if mode == "" || slices.Contains(k.Offers(m, d), mode) {
				pick(d, mode)
			}
		}
		return k.days(m, out)
	}
	for _, f := range found {
		month, day, words := f[2], cmp.Or(f[3], f[5]), f[4]+f[6]
		i := slices.IndexFunc(m.Days(), func(d event.Date) bool {
			return strings.HasSuffix(string(d), fmt.Sprintf("-%02s", day)) && (month == "" || string(d)[5:7] == fmt.Sprintf("%02s", month)) && (f[1] == "" || strings.HasPrefix(string(d), f[1]))
		})
		if i < 0 {
			return nil, invalid("registration.error.day").With("key", strings.TrimSpace(f[0])).On("days")
		}
		pick(m.Days()[i], modeTyped(words))
	}
	return k.days(m, out)
}

// noDays is how days are written of which none was chosen.
const noDays = "-"

// daysAsTyped writes days so that daysTyped reads them.
func daysAsTyped(days map[event.Date]Mode, l i18n.Lang) string {
	if len(days) == 0 {
		return noDays
	}
	var parts []string
	for _, d := range slices.Sorted(maps.Keys(days)) {
		parts = append(parts, strings.TrimLeft(string(d)[5:7], "0")+"/"+strings.TrimLeft(string(d)[8:], "0")+" "+modeWords[days[d]].In(l))
	}
	return strings.Join(parts, ", ")
}

// fit notes which rows are there twice, which colleagues are in the group already, and which have no place any more. left is how many the
// group may still have. That somebody is registered at the meeting already is not said: it is nobody's business.
func (s *Setup) fit(rows []MemberRow, code *Code, inGroup map[string]bool, quotas map[string]Quota, left int) {
	seen := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if r.Problem != nil {
			continue
		}
		bad := func(key, field string) { r.Problem = fault.New(fault.Conflict, key).On(field) }
		e := &Entry{Kind: r.kind.Key}
		if code != nil && code.Opens(s, r.kind) == nil {
			e.Code = code.Ref
		}
		e.setDays(r.days)
		keys := e.quotas()
		switch folded := r.details.Folded; {
		case seen[folded]:
			bad("registration.error.twice", "address")
		case inGroup[folded]:
			bad("registration.error.in_group", "address")
		case r.kind.Closed:
			bad("registration.error.kind_closed", "kind")
		case r.kind.ByCode && e.Code == "":
			bad("registration.error.code_needed", "kind")
		case slices.ContainsFunc(keys, func(k string) bool { return quotas[k].Full() }):
			bad("registration.error.full", "kind")
		case left <= 0:
			bad("registration.error.group_full", "")
		default:
			seen[folded] = true
			left--
			for _, k := range keys {
				q := quotas[k]
				q.Taken++
				quotas[k] = q
			}
		}
	}
}

// words is a group as the audit log tells it.
func (g *Group) words() map[string]string {
	out := map[string]string{
		"name": strings.Trim(g.Name.JA+" / "+g.Name.EN, " /"), "organisation": strings.Trim(g.Organisation.JA+" / "+g.Organisation.EN, " /"),
		"department": g.Department, "address": g.Address, "until": g.Until.UTC().Format(time.RFC3339),
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out
}

// payerFaults is everything that is wrong with whoever pays for a group. Where their address is known it was not typed.
func (d *Details) payerFaults(known bool) []*fault.Error {
	typed := *d
	if known {
		return except(typed.faults(false), "address")
	}
	return typed.faults(true)
}
