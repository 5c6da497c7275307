package registration

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// group is the page of a group that person 1 begins, anew.
func (p *party) group(id int64) *GroupPage {
	p.t.Helper()
	g, err := p.MakeGroup(p.as(id), "sample", Details{Name: i18n.T("窓口"+fmt.Sprint(id), ""), Organisation: i18n.T("例示ネット", ""), Department: "総務部", Lang: i18n.JA})
	p.must(err)
	return p.groupAgain(g)
}

func (p *party) groupAgain(g *Group) *GroupPage {
	p.t.Helper()
	now, err := oneGroup(p.t.Context(), p.db, partyZone, `g.ref = $1`, g.Ref)
	p.must(err)
	page, err := p.GroupByToken(p.stranger(), must(p.GroupToken(p.t.Context(), now)))
	p.must(err)
	return page
}

func people(kind string, n ...int) []MemberRow {
	var out []MemberRow
	for _, i := range n {
		out = append(out, MemberRow{Name: fmt.Sprint("同僚", i), Address: fmt.Sprintf("c%d@example.com", i), Kind: kind, Take: true})
	}
	return out
}

func TestReadMembers(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		read := func(text string) []MemberRow {
			table, err := sheet.Paste(text)
			p.must(err)
			return readMembers(table)
		}
		check := func(r MemberRow) MemberRow {
			r.check(p.m.Setup, &p.m.Meeting, i18n.JA)
			return r
		}
		rows := read("メール\t氏名\tフリガナ\t会社名\t種別\t参加日\nA@example.com\t髙橋 𠮷\tﾀｶﾊｼ ﾖｼ\t例示\t一般\t12/9 現地、12/10 オンライン\n\n")
		if len(rows) != 1 {
			t.Fatalf("%+v", rows)
		}
		r := check(rows[0])
		if r.Problem != nil || r.details.Name.JA != "髙橋 𠮷" || r.details.Kana != "タカハシ ヨシ" || r.Kind != "general" || r.days["2026-12-09"] != Onsite || r.days["2026-12-10"] != Online || len(r.days) != 2 {
			t.Errorf("%+v %v", r, r.Problem)
		}
		if again := check(MemberRow{Name: "x", Address: "x@example.com", Days: daysAsTyped(r.days, i18n.JA)}); len(again.days) != 2 || again.days["2026-12-10"] != Online {
			t.Errorf("what is shown is not read again: %v", again.days)
		}
		// Without headings, in the order of the page or another.
		for _, text := range []string{"山田\tヤマダ\t例示\ty@example.com\n佐藤\t\t\ts@example.com", "y@example.com\t山田\nｓ@example.com\t佐藤"} {
			if rows := read(text); len(rows) != 2 || rows[0].Name != "山田" || rows[1].Name != "佐藤" || rows[0].Address != "y@example.com" {
				t.Errorf("%q: %+v", text, rows)
			}
		}
		long := strings.Repeat("長", 200)
		for name, ok := range map[string]bool{"一": true, "😀": true, long: true, long + "い": false, "": false, "=cmd()": true, "'=SUM(A1)": true} {
			if r := check(MemberRow{Name: name, Address: "a@example.com"}); (r.Problem == nil) != ok {
				t.Errorf("the name %q: %v", name, r.Problem)
			}
		}
		for days, key := range map[string]string{"": "", "全日": "", "オンライン": "", "9日": "", "１２／９": "", "2026-12-09 online": "", "12/24": "registration.error.day", "いつか": "registration.error.days_typed", "2025-12-09": "registration.error.day"} {
			got := ""
			if r := check(MemberRow{Name: "a", Address: "a@example.com", Days: days}); r.Problem != nil {
				got = r.Problem.Key
			}
			if got != key {
				t.Errorf("%q: %q, want %q", days, got, key)
			}
		}
		if r := check(MemberRow{Name: "a", Address: "a@example.com", Days: "オンライン"}); len(r.days) != 3 || r.days["2026-12-11"] != Online {
			t.Errorf("%v", r.days)
		}
		if r := check(MemberRow{Name: "a", Address: "a@example.com", Kind: "そんなもの"}); r.Problem == nil || r.Problem.Key != "registration.error.no_such_kind" {
			t.Errorf("%v", r.Problem)
		}
		// Shift_JIS with formulas, as Excel saves it.
		data, err := japanese.ShiftJIS.NewEncoder().String("氏名,メールアドレス,所属\r\n山田,y@example.com,=HYPERLINK(\"http://x\")\r\n")
		p.must(err)
		table, err := sheet.Read([]byte(data))
		p.must(err)
		if rows := readMembers(table); table.Encoding != sheet.ShiftJIS || len(rows) != 1 || rows[0].Name != "山田" || !strings.HasPrefix(rows[0].Organisation, "=") {
			t.Errorf("%s %+v", table.Encoding, rows)
		}
	})
}

func TestGroup_twoHundred(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		var rows []MemberRow
		for i := range 200 {
			rows = append(rows, people("general", i)...)
		}
		n, err := p.EnterMembers(p.as(1), g, rows, "", "k1")
		if err != nil || n != 200 || p.taken(kindQuota("general")) != 200 || p.taken(dayQuota("2026-12-10")) != 200 {
			t.Fatalf("%d %v, taken %d", n, err, p.taken(kindQuota("general")))
		}
		if _, err := p.EnterMembers(p.as(1), p.groupAgain(g.Group), rows, "", "k1"); err != nil { // the button was pressed twice
			t.Error(err)
		}
		g = p.groupAgain(g.Group)
		if g.Active() != 200 || p.taken(kindQuota("general")) != 200 {
			t.Errorf("%d members", g.Active())
		}
		one := people("general", 777)
		_, err = p.EnterMembers(p.as(1), g, one, "", "k2")
		p.is(err, "registration.error.rows_wrong")
		if one[0].Problem == nil || one[0].Problem.Key != "registration.error.group_full" {
			t.Errorf("%v", one[0].Problem)
		}
		p.run()
		if len(p.to("c199@example.com")) != 1 || len(p.to("c0@example.com")) != 1 {
			t.Errorf("%d letters", len(p.letters))
		}
	})
}

func TestGroup_preview(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		rows := append(people("student", 1, 2, 3, 4), people("general", 2, 5)...)
		rows = append(rows, MemberRow{Name: "x", Address: "no address", Take: true}, MemberRow{Name: "y", Address: "y@example.com", Kind: "sponsor", Take: true})
		p.must(p.Preview(p.as(1), g, rows, ""))
		want := []string{"", "", "", "registration.error.full", "registration.error.twice", "", "registration.error.address", "registration.error.code_needed"}
		for i, r := range rows {
			got := ""
			if r.Problem != nil {
				got = r.Problem.Key
			}
			if got != want[i] {
				t.Errorf("row %d: %q, want %q", i, got, want[i])
			}
		}
		_, err := p.EnterMembers(p.as(1), g, rows, "", "k1") // all or nothing
		p.is(err, "registration.error.rows_wrong")
		if p.taken(kindQuota("student")) != 0 || p.groupAgain(g.Group).Active() != 0 {
			t.Error("some were entered")
		}
		for _, i := range []int{3, 4, 6, 7} {
			rows[i].Take = false
		}
		if n, err := p.EnterMembers(p.as(1), g, rows, "", "k2"); err != nil || n != 4 {
			t.Errorf("%d %v", n, err)
		}
		rows = people("general", 5)
		p.must(p.Preview(p.as(1), p.groupAgain(g.Group), rows, ""))
		if rows[0].Problem == nil || rows[0].Problem.Key != "registration.error.in_group" {
			t.Errorf("%v", rows[0].Problem)
		}
		c := p.sponsor(2)
		rows = people("sponsor", 20, 21, 22)
		p.must(p.Preview(p.as(1), p.groupAgain(g.Group), rows, c.Words()))
		if rows[1].Problem != nil || rows[2].Problem == nil {
			t.Errorf("the code is good for two: %v %v", rows[1].Problem, rows[2].Problem)
		}
		rows[2].Take = false
		_, err = p.EnterMembers(p.as(1), p.groupAgain(g.Group), rows, c.Words(), "k3")
		p.must(err)
		if p.taken(codeQuota(c.Ref)) != 2 {
			t.Errorf("%d uses", p.taken(codeQuota(c.Ref)))
		}
	})
}

// The last three places of students, wanted by ten groups at once, each with two: one group gets two, and nobody half.
func TestGroup_race(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		var list []*GroupPage
		for i := range 10 {
			list = append(list, p.group(int64(100+i)))
		}
		var wg sync.WaitGroup
		for i, g := range list {
			wg.Go(func() {
				_, err := p.EnterMembers(p.as(int64(100+i)), g, people("student", 1000+2*i, 1001+2*i), "", "k")
				if err != nil && fault.KindOf(err) != fault.Conflict {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		n := 0
		for _, g := range list {
			m := p.groupAgain(g.Group).Active()
			if m != 0 && m != 2 {
				t.Errorf("a group has %d", m)
			}
			n += m
		}
		if n != 2 || p.taken(kindQuota("student")) != 2 {
			t.Errorf("%d are in, %d taken", n, p.taken(kindQuota("student")))
		}
	})
}

// invited enters one colleague and returns their page.
func (p *party) invited(g *GroupPage, n int) *Own {
	p.t.Helper()
	_, err := p.EnterMembers(p.as(1), g, people("general", n), "", fmt.Sprint("one", n))
	p.must(err)
	p.run()
	o, err := p.ByToken(p.stranger(), p.link(fmt.Sprintf("c%d@example.com", n), "/entries/"))
	p.must(err)
	return o
}

func confirmForm() Form {
	f := partyForm(0, "general")
	f.Name = i18n.T("本人", "")
	return f
}

func TestGroup_confirm(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		o := p.invited(g, 1)
		if o.State != Invited || sumOf(p.debts[o.Ref]) != 0 {
			t.Errorf("%s owes %d", o.State, sumOf(p.debts[o.Ref]))
		}
		f := confirmForm()
		f.Consents = nil
		p.is(p.Confirm(p.stranger(), o, f), "registration.error.consent")
		f = confirmForm()
		f.Answers = nil
		p.is(p.Confirm(p.stranger(), o, f), "registration.error.required")
		f = confirmForm()
		f.Choices = []Wish{{Option: "social", Slot: "a"}}
		f.Address, f.Kind = "else@example.com", "student"
		p.must(p.Confirm(p.stranger(), o, f))
		if err := p.Confirm(p.stranger(), o, f); err == nil {
			t.Error("twice")
		}
		p.run()
		o, err := p.ByToken(p.stranger(), p.link("c1@example.com", "/entries/"))
		p.must(err)
		if o.State != Confirmed || o.Name.JA != "本人" || o.Address != "c1@example.com" || o.Kind != "general" || o.ProvedAt.IsZero() || len(o.Choices) != 1 || len(o.Days) != 2 {
			t.Errorf("%+v", o.Entry)
		}
		d := p.debts[o.Ref]
		if sumOf(d) != 22_000 || d.Group != g.Ref || d.Owner != 1 || d.Payer.Department != "総務部" || d.Payer.Name.JA != "窓口1" {
			t.Errorf("%+v", d)
		}
		if o.Paid.Path != "" || o.Paid.Owed != 0 || !o.Other {
			t.Errorf("the colleague sees what the owner pays: %+v", o.Paid)
		}
		g = p.groupAgain(g.Group)
		p.must(p.ChangeGroup(p.as(1), g, Details{Name: i18n.T("経理", ""), Organisation: i18n.T("例示ホールディングス", ""), Department: "経理部"}, g.Until))
		if got := p.debts[o.Ref].Payer.Department; got != "経理部" {
			t.Errorf("the payer is %q", got)
		}
		g = p.groupAgain(g.Group)
		if g.Standings[o.Ref].Owed != 22_000 || g.Standings[o.Ref].Path != "/orders/"+g.Ref {
			t.Errorf("%+v", g.Standings)
		}
		p.must(p.Remove(p.as(1), g, o.Ref))
		if sumOf(p.debts[o.Ref]) != 11_000 || p.taken(kindQuota("general")) != 0 || p.taken("slot:social/a") != 0 { // half of the price is kept
			t.Errorf("after removal %d yen: %+v", sumOf(p.debts[o.Ref]), p.debts[o.Ref].Lines)
		}
	})
}

func TestGroup_lapse(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		o := p.invited(g, 1)
		at := func(d time.Duration, letters int, state State) {
			t.Helper()
			p.set(o.OfferedUntil.Add(d))
			for range 2 {
				p.must(p.SweepGroups(p.t.Context()))
			}
			p.run()
			g := p.groupAgain(g.Group)
			if got := len(p.to("c1@example.com")); got != letters || g.Members[0].State != state {
				t.Errorf("%s: %d letters, %s", d, got, g.Members[0].State)
			}
		}
		at(-96*time.Hour, 1, Invited)
		at(-71*time.Hour, 2, Invited)
		at(-60*time.Hour, 2, Invited)
		at(-23*time.Hour, 3, Invited)
		at(-2*time.Hour, 3, Invited)
		at(time.Minute, 4, Cancelled)
		if p.taken(kindQuota("general")) != 0 || sumOf(p.debts[o.Ref]) != 0 {
			t.Errorf("a place is taken, or %d yen owed", sumOf(p.debts[o.Ref]))
		}
		p.is(p.Confirm(p.stranger(), o, confirmForm()), "registration.error.invite_over")
	})
}

// Who is registered already: the owner of the group learns nothing, and the person decides.
func TestGroup_registeredAlready(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		f := partyForm(1, "general")
		f.Address = "c1@example.com"
		e, _, err := p.Register(p.stranger(), "sample", f)
		p.must(err)
		p.run() // its letter leaves before that of the group
		g := p.group(1)
		rows := people("general", 1, 2)
		p.must(p.Preview(p.as(1), g, rows, ""))
		if rows[0].Problem != nil || rows[1].Problem != nil {
			t.Errorf("it shows: %v", rows)
		}
		n, err := p.EnterMembers(p.as(1), g, rows, "", "k")
		if err != nil || n != 2 {
			t.Fatalf("%d %v", n, err)
		}
		p.run()
		g = p.groupAgain(g.Group)
		a, b := g.Members[0], g.Members[1]
		if a.State != b.State || a.State != Invited || a.Address != "c1@example.com" || a.Name.JA != "同僚1" || !a.OfferedUntil.Equal(b.OfferedUntil) {
			t.Errorf("they differ: %+v %+v", a, b)
		}
		rows = people("general", 1)
		p.must(p.Preview(p.as(1), g, rows, ""))
		if rows[0].Problem == nil || rows[0].Problem.Key != "registration.error.in_group" {
			t.Errorf("%v", rows[0].Problem)
		}
		o, err := p.ByToken(p.stranger(), p.link("c1@example.com", "/entries/"))
		p.must(err)
		if o.Ref != a.Ref {
			t.Fatal("the last letter is not about the group")
		}
		if err := p.Confirm(p.stranger(), o, confirmForm()); err == nil {
			t.Error("two entries of one address")
		}
		p.refuses = e.Ref
		if err := p.JoinGroup(p.stranger(), o); err == nil {
			t.Error("joined without owing")
		}
		p.refuses = ""
		if still := p.groupAgain(g.Group).Members[0]; still.State != Invited || p.taken(kindQuota("general")) != 3 {
			t.Errorf("what failed in the middle took the place away: %+v", still)
		}
		p.must(p.JoinGroup(p.stranger(), o))
		was, err := oneEntry(t.Context(), p.db, time.UTC, `e.ref = $1`, e.Ref)
		p.must(err)
		if was.Group != g.Ref || was.State != Confirmed || p.debts[e.Ref].Owner != 1 || p.debts[e.Ref].Group != g.Ref || p.taken(kindQuota("general")) != 2 {
			t.Errorf("%+v, %d places", was, p.taken(kindQuota("general")))
		}
	})
}

// What is left of a person after a swap: nothing that the next one sees.
func TestGroup_swap(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		o := p.invited(g, 1)
		old := p.link("c1@example.com", "/entries/")
		f := confirmForm()
		f.Answers = map[string][]string{"first": {"yes"}, "diet": {"秘密の食事"}}
		f.Choices = []Wish{{Option: "social", Slot: "a"}, {Option: "lunch", Slot: "a"}}
		p.must(p.Confirm(p.stranger(), o, f))
		p.run()
		owed := sumOf(p.debts[o.Ref])
		g = p.groupAgain(g.Group)
		stale := g
		p.must(p.Swap(p.as(1), g, o.Ref, Details{Name: i18n.T("次の人", ""), Address: "next@example.com"}))
		p.is(p.Swap(p.as(1), stale, o.Ref, Details{Name: i18n.T("別の人", ""), Address: "late@example.com"}), "registration.error.changed")
		p.run()
		_, err := p.ByToken(p.stranger(), old)
		p.is(err, "registration.error.handed_on")
		next, err := p.ByToken(p.stranger(), p.link("next@example.com", "/entries/"))
		p.must(err)
		if next.State != Invited || len(next.Answers) != 0 || next.Name.JA != "次の人" || next.Badge != "" || len(next.Choices) != 1 || next.Choices[0].Option != "social" {
			t.Errorf("%+v %+v", next.Entry, next.Choices)
		}
		if sumOf(p.debts[o.Ref]) != owed || p.taken(kindQuota("general")) != 1 { // nothing is paid back meanwhile
			t.Errorf("%d yen, before %d", sumOf(p.debts[o.Ref]), owed)
		}
		history, err := p.History(p.stranger(), next)
		p.must(err)
		if text := fmt.Sprintf("%+v", history); strings.Contains(text, "本人") || strings.Contains(text, "c1@example.com") || strings.Contains(text, "秘密") || len(history) == 0 {
			t.Errorf("the next person reads: %s", text)
		}
		f = confirmForm()
		f.Name = i18n.T("次の人", "")
		p.must(p.Confirm(p.stranger(), next, f))
		told := p.to("c1@example.com")
		if last := told[len(told)-1]; strings.Contains(last.Body.JA, "次の人") || strings.Contains(last.Body.JA, "next@example.com") || !strings.Contains(last.Subject.JA, "交代") {
			t.Errorf("%s\n%s", last.Subject.JA, last.Body.JA)
		}
	})
}

// Nobody does anything to a group or to people of another.
func TestGroup_others(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		mine, theirs := p.group(1), p.group(2)
		a, b := p.invited(mine, 1), p.invited(theirs, 2)
		mine, theirs = p.groupAgain(mine.Group), p.groupAgain(theirs.Group)
		for name, err := range map[string]error{
			"remove": p.Remove(p.as(1), mine, b.Ref), "swap": p.Swap(p.as(1), mine, b.Ref, Details{Name: i18n.T("x", ""), Address: "x@example.com"}), "remove nobody": p.Remove(p.as(1), mine, ""),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := p.Remind(p.as(1), mine, b.Ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("remind: %v", err)
		}
		token := must(p.GroupToken(t.Context(), mine.Group))
		entry := must(p.Token(t.Context(), a.Entry))
		for _, bad := range []string{strings.Replace(token, mine.Ref, theirs.Ref, 1), entry, "x", token + "0", strings.Replace(entry, a.Ref, mine.Ref, 1)} {
			if _, err := p.GroupByToken(p.stranger(), bad); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := p.ByToken(p.stranger(), token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a group's token opens an entry: %v", err)
		}
		if list, err := p.MyGroups(p.as(1), p.m); err != nil || len(list) != 1 || list[0].Ref != mine.Ref {
			t.Errorf("%v %v", list, err)
		}
		if list, err := p.MyGroups(p.stranger(), p.m); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
		for range 5 {
			_, err := p.Remind(p.as(1), mine, "")
			p.must(err)
		}
		_, err := p.Remind(p.as(1), mine, "")
		p.is(err, "registration.error.letters")
	})
}

func TestGroup_byMail(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		d := Details{Name: i18n.T("窓口", ""), Address: "desk@example.com", Lang: i18n.JA}
		g, err := p.MakeGroup(p.stranger(), "sample", d)
		p.must(err)
		again, err := p.MakeGroup(p.stranger(), "sample", d)
		if err != nil || again.Ref != g.Ref {
			t.Errorf("%v %v", again, err)
		}
		p.run()
		page, err := p.GroupByToken(p.stranger(), p.link("desk@example.com", "/groups/"))
		p.must(err)
		if !page.Proved.IsZero() {
			t.Error("a letter that was sent proves nothing")
		}
		_, err = p.EnterMembers(p.stranger(), page, people("general", 1), "", "k")
		p.must(err)
		if page = p.groupAgain(g); page.Proved.IsZero() || page.Active() != 1 {
			t.Errorf("%+v", page.Group)
		}
		if _, err := p.MakeGroup(p.stranger(), "nothing", d); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

// What is kept of the owner of a group, and of who was in it, goes with their accounts.
func TestGroup_keeps(t *testing.T) {
	eachParty(t, func(t *testing.T, p *party) {
		g := p.group(1)
		o := p.invited(g, 3)
		if _, err := p.change(p.as(3), p.m, o.Entry, "registration.adopted", "", func(_ *db.Tx, e *Entry) error { e.Person = 3; return nil }); err != nil {
			t.Fatal(err)
		}
		p.must(p.DeskNote(p.as(9), "sample", o.Ref, "窓口の覚え書き"))
		p.must(p.Swap(p.as(1), p.groupAgain(g.Group), o.Ref, Details{Name: i18n.T("次の人", ""), Address: "next@example.com"}))
		k := Keeps{p.Service}
		p.must(p.db.Write(t.Context(), func(tx *db.Tx) error { return k.Erase(t.Context(), tx, 3) }))
		history, _, err := audit.History(t.Context(), p.db, "sample", "entry:"+o.Ref, audit.Page{})
		p.must(err)
		if text := fmt.Sprintf("%+v", history); strings.Contains(text, "c3@example.com") {
			t.Errorf("the log still has them: %s", text)
		}
		notes, _, err := audit.History(t.Context(), p.db, "sample", "note:"+o.Ref, audit.Page{})
		if text := fmt.Sprintf("%+v", notes); err != nil || len(notes) == 0 || strings.Contains(text, "覚え書き") {
			t.Errorf("the log still has what was noted: %s %v", text, err)
		}
		p.must(p.db.Write(t.Context(), func(tx *db.Tx) error { return k.Merge(t.Context(), tx, 1, 2) }))
		if list, err := p.MyGroups(p.as(2), p.m); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
		p.must(p.db.Write(t.Context(), func(tx *db.Tx) error { return k.Erase(t.Context(), tx, 2) }))
		left, err := oneGroup(t.Context(), p.db, time.UTC, `g.ref = $1`, g.Ref)
		p.must(err)
		if left.Name.JA+left.Address+left.Department != "" || left.Person != 0 || left.LinkNo != 2 {
			t.Errorf("%+v", left)
		}
		log, _, err := audit.History(t.Context(), p.db, "sample", "group:"+g.Ref, audit.Page{})
		if text := fmt.Sprintf("%+v", log); err != nil || strings.Contains(text, "窓口") {
			t.Errorf("%s %v", text, err)
		}
	})
}

// TestGroupRowsByChoice: rows that were filled in by choices say which days are meant, also that there is none.
func TestGroupRowsByChoice(t *testing.T) {
	form := url.Values{"rows": {"3"}}
	set := func(n int, list ...string) {
		for i := 0; i < len(list); i += 2 {
			form.Set(fmt.Sprint("row.", n, ".", list[i]), list[i+1])
		}
	}
	set(0, "take", "yes", "name", "甲", "address", "a@example.com", "kind", "general", "by_day", "yes", "day.2026-12-09", "onsite", "day.2026-12-10", "", "day.2026-12-11", "online")
	set(1, "take", "yes", "name", "乙", "address", "b@example.com", "by_day", "yes", "day.2026-12-09", "")
	set(2, "take", "yes", "name", "丙", "address", "c@example.com", "by_day", "yes", "day.2026-12-10", "<b>")
	rows := readRows(form)
	if len(rows) != 3 {
		t.Fatalf("%+v", rows)
	}
	eachParty(t, func(t *testing.T, p *party) {
		for i := range rows {
			rows[i].check(p.m.Setup, &p.m.Meeting, i18n.EN)
		}
		if d := rows[0].days; len(d) != 2 || d["2026-12-09"] != Onsite || d["2026-12-11"] != Online {
			t.Errorf("%v %v", d, rows[0].Problem)
		}
		for _, r := range rows[1:] {
			if r.Problem == nil || r.Problem.Key != "registration.error.no_day" {
				t.Errorf("no day was chosen: %+v %v", r, r.Problem)
			}
		}
	})
}
