package registration

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
)

// names are those whom a filter chooses, in the order of the list.
func (h *hall) names(f Filter) string {
	h.t.Helper()
	var out []string
	after := ""
	for {
		l, err := h.People(h.system(), slug, f, after, 2)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, e := range l.Entries {
			out = append(out, e.Name.JA)
		}
		if l.Next == "" {
			if l.Tally.All != len(out) {
				h.t.Errorf("%+v: %d are counted, %d listed", f, l.Tally.All, len(out))
			}
			return strings.Join(out, " ")
		}
		after = l.Next
	}
}

// TestPeopleFilters: who registered is found by everything that is known of them, page by page.
func TestPeopleFilters(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		yamada := form(1)
		yamada.Name, yamada.Kana, yamada.Organisation = i18n.T("山田 太郎", "Taro Yamada"), "ヤマダ タロウ", i18n.T("例示ネット", "Example Net")
		yamada.Address = "Taro+janog@example.org"
		yamada.Choices = []Wish{{Option: "tour", Slot: "b"}}
		suzuki := form(2)
		suzuki.Name, suzuki.Kana, suzuki.Days = i18n.T("鈴木", ""), "すずき", map[event.Date]Mode{"2026-12-10": Onsite}
		suzuki.Answers = map[string][]string{"first": {"yes"}, "why": {"友人"}}
		sato := form(3)
		sato.Name, sato.Kind, sato.Days = i18n.T("佐藤_100%", ""), "online", nil
		a, b := h.enter(0, yamada), h.enter(10, suzuki)
		h.at(2, 9)
		c := h.enter(0, sato)
		h.paid[a.Ref], h.paid[b.Ref] = Standing{Owed: 100, Paid: 100}, Standing{Owed: 100, Paid: 50}
		ja, en := spoken.Say(c.Ref)
		for _, x := range []struct {
			query string
			want  string
		}{
			{"", "佐藤_100% 鈴木 山田 太郎"}, {"sort=old", "山田 太郎 鈴木 佐藤_100%"},
			{"q=山田", "山田 太郎"}, {"q=山田太郎", "山田 太郎"}, {"q=太郎+山田", "山田 太郎"}, {"q=やまだ", "山田 太郎"}, {"q=ﾔﾏﾀﾞ", "山田 太郎"}, {"q=ＹＡＭＡＤＡ", "山田 太郎"},
			{"q=taro%2Bjanog@example", "山田 太郎"}, {"q=例示", "山田 太郎"}, {"q=" + a.Ref, "山田 太郎"}, {"q=" + strings.ToLower(a.Ref[:12]), "山田 太郎"},
			{"q=" + url.QueryEscape(ja), "佐藤_100%"}, {"q=" + url.QueryEscape(en), "佐藤_100%"}, {"q=100%25", "佐藤_100%"}, {"q=_", "佐藤_100%"}, {"q=・", ""}, {"q=nobody", ""},
			{"kind=online", "佐藤_100%"}, {"day=2026-12-09", "佐藤_100% 山田 太郎"}, {"day=2026-12-10&mode=onsite", "鈴木"}, {"mode=onsite", "鈴木 山田 太郎"},
			{"option=tour", "山田 太郎"}, {"option=tour/a", ""}, {"option=tour/b", "山田 太郎"}, {"answer=first:yes", "鈴木"}, {"paid=paid", "山田 太郎"}, {"paid=open", "鈴木"},
			{"unproven=1", "佐藤_100% 山田 太郎"}, {"since=2026-12-02", "佐藤_100%"}, {"state=cancelled", ""}, {"ref=" + b.Ref + "&ref=" + c.Ref, "佐藤_100% 鈴木"},
			{"sort=name", "佐藤_100% 鈴木 山田 太郎"}, {"sort=organisation&q=org", "鈴木 佐藤_100% 山田 太郎"}, {"sort=changed", "佐藤_100% 鈴木 山田 太郎"},
		} {
			q, err := url.ParseQuery(x.query)
			if err != nil {
				t.Fatal(err)
			}
			f := ReadFilter(q)
			got, want := h.names(f), x.want
			if strings.HasPrefix(x.query, "sort=name") || strings.HasPrefix(x.query, "sort=org") { // the order of letters is the engine's
				got, want = sameLetters(got), sameLetters(want)
			}
			if got != want {
				t.Errorf("%s: %q, want %q", x.query, got, want)
			}
			if again := ReadFilter(f.Values()); !reflect.DeepEqual(again, f) {
				t.Errorf("%s: %+v became %+v", x.query, f, again)
			}
		}
		if err := h.DeskCancel(h.system(), slug, b.Ref, Reason{}); err != nil {
			t.Fatal(err)
		}
		if got := h.names(Filter{}) + "|" + h.names(Filter{State: "cancelled"}) + "|" + h.names(Filter{State: "all"}); got != "佐藤_100% 山田 太郎|鈴木|佐藤_100% 鈴木 山田 太郎" {
			t.Error(got)
		}
	})
}

func sameLetters(s string) string {
	list := strings.Fields(s)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestPeopleAreOfTheirMeeting: neither names nor acts reach from one meeting into another, or anybody without the permission.
func TestPeopleAreOfTheirMeeting(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		e := h.enter(0, form(1))
		f := h.enter(0, form(2))
		ctx := h.system()
		for name, err := range map[string]error{
			"file":    second(h.PersonFile(ctx, "other", e.Ref)),
			"days":    h.DeskDays(ctx, "other", e.Ref, "general", nil, Reason{}),
			"details": h.DeskDetails(ctx, "other", e.Ref, e.Details, Reason{}),
			"answers": h.DeskAnswers(ctx, "other", e.Ref, nil, Reason{}),
			"confirm": h.DeskConfirm(ctx, "other", e.Ref, Reason{}),
			"cancel":  h.DeskCancel(ctx, "other", e.Ref, Reason{}),
			"restore": h.DeskRestore(ctx, "other", e.Ref, Reason{}),
			"prove":   h.DeskProve(ctx, "other", e.Ref, Reason{}),
			"resend":  h.DeskResend(ctx, "other", e.Ref),
			"note":    h.DeskNote(ctx, "other", e.Ref, "x"),
			"merge":   h.MergeEntries(ctx, "other", e.Ref, f.Ref, Reason{}),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s of another meeting: %v", name, err)
			}
		}
		if l, err := h.People(ctx, "other", Filter{Refs: []string{e.Ref}}, "", 10); err != nil || len(l.Entries) != 0 {
			t.Error(l, err)
		}
		who := h.as(10)
		for name, err := range map[string]error{
			"list":   second(h.People(who, slug, Filter{}, "", 10)),
			"file":   second(h.PersonFile(who, slug, e.Ref)),
			"export": second(h.Export(who, slug, Filter{}, nil)),
			"pairs":  second(h.Duplicates(who, slug)),
			"cancel": h.DeskCancel(who, slug, e.Ref, Reason{}),
			"note":   h.DeskNote(who, slug, e.Ref, "x"),
			"enter":  second(h.EnterFor(who, slug, Manual{Key: "k"})),
			"merge":  h.MergeEntries(who, slug, e.Ref, f.Ref, Reason{}),
		} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s without a role: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestDeskActs is what the desk does for somebody, with its reason and its letter.
func TestDeskActs(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		var list []*Entry
		for n := range 3 {
			list = append(list, h.enter(0, form(n)))
		}
		wait := form(3)
		wait.Wait = true
		waiting := h.enter(0, wait)
		h.run()
		h.letters = nil
		if err := h.DeskConfirm(ctx, slug, waiting.Ref, Reason{}); !Full(err) {
			t.Fatal(err)
		}
		if err := h.DeskConfirm(ctx, slug, waiting.Ref, Reason{Over: true}); fault.KindOf(err) != fault.Invalid {
			t.Fatal("nobody said why it goes over the capacity", err)
		}
		if err := h.DeskConfirm(ctx, slug, waiting.Ref, Reason{Over: true, Why: "招待", Tell: true}); err != nil || h.taken("kind:general") != 4 {
			t.Fatal(err, h.taken("kind:general"))
		}
		h.run()
		if got := h.subjects(); len(got) != 1 || !strings.HasPrefix(got[0], "a3@") {
			t.Error(got)
		}
		e := list[0]
		if err := h.DeskCancel(ctx, slug, e.Ref, Reason{Why: "電話で依頼"}); err != nil {
			t.Fatal(err)
		}
		if err := h.DeskRestore(ctx, slug, e.Ref, Reason{}); !Full(err) { // there are still three on three places
			t.Fatal(err)
		}
		if err := h.DeskCancel(ctx, slug, list[1].Ref, Reason{}); err != nil {
			t.Fatal(err)
		}
		if err := h.DeskRestore(ctx, slug, e.Ref, Reason{}); err != nil || h.taken("kind:general") != 3 || h.taken("day:2026-12-09") != 3 {
			t.Fatal(err, h.taken("kind:general"))
		}
		if err := h.DeskDays(ctx, slug, e.Ref, "staff", map[event.Date]Mode{"2026-12-10": Onsite}, Reason{Why: "運営に参加"}); err != nil || h.taken("kind:staff") != 1 {
			t.Fatal(err)
		}
		token, _ := h.Token(ctx, h.again(e).Entry)
		d := e.Details
		d.Address = "new@example.org"
		if err := h.DeskDetails(ctx, slug, e.Ref, d, Reason{Tell: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.ByToken(ctx, token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the link in a letter to the former address still works: %v", err)
		}
		h.letters = nil
		h.run()
		if got := h.subjects(); len(got) != 1 || !strings.HasPrefix(got[0], "new@") {
			t.Error(got)
		}
		if err := h.DeskNote(ctx, slug, e.Ref, "車椅子の席を確認"); err != nil {
			t.Fatal(err)
		}
		file, err := h.PersonFile(ctx, slug, e.Ref)
		if err != nil || file.Note != "車椅子の席を確認" || file.On("2026-12-10") != Onsite || file.ProvedAt.IsZero() {
			t.Fatalf("%+v, %v", file, err)
		}
		var said []string
		for _, x := range file.History {
			for _, v := range x.Values {
				if v.Name == "why" {
					said = append(said, v.After)
				}
				if strings.Contains(v.After, "車椅子") {
					t.Error("the note is in the record that its person reads")
				}
			}
		}
		if !slices.Contains(said, "電話で依頼") || !slices.Contains(said, "運営に参加") {
			t.Error(said)
		}
		if err := h.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		h.at(3, 13)
		if err := h.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if file, err = h.PersonFile(ctx, slug, e.Ref); err != nil || !file.Active() {
			t.Errorf("whom the desk vouched for was cancelled as unproven: %v", err)
		}
	})
}

// TestManualEntry: somebody without a mail address is entered, once, also after the deadline, over capacity with a reason only.
func TestManualEntry(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		for n := range 3 {
			h.enter(0, form(n))
		}
		h.at(9, 10) // registration is closed
		h.jobs = nil
		in := Manual{Key: "m1", Kind: "general", Details: Details{Name: i18n.T("窓口 花子", ""), Lang: i18n.JA}, Days: map[event.Date]Mode{"2026-12-09": Onsite}, Reason: Reason{Tell: true}}
		if _, err := h.EnterFor(ctx, slug, in); !Full(err) {
			t.Fatal(err)
		}
		in.Over = true
		if _, err := h.EnterFor(ctx, slug, in); fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		in.Why = "当日受付"
		e, err := h.EnterFor(ctx, slug, in)
		if err != nil || h.taken("kind:general") != 4 {
			t.Fatal(err)
		}
		again, err := h.EnterFor(ctx, slug, in)
		if err != nil || again.Ref != e.Ref || h.taken("kind:general") != 4 {
			t.Errorf("sent twice, it became %v beside %v: %v", again, e, err)
		}
		h.run()
		if len(h.letters) != 0 {
			t.Error(h.subjects())
		}
		in = Manual{Key: "m2", Kind: "online", Details: Details{Name: i18n.T("電話 次郎", ""), Address: "a1@example.org"}}
		if _, err := h.EnterFor(ctx, slug, in); !Known(err) {
			t.Errorf("somebody is entered twice: %v", err)
		}
		in.Address = "phone@example.org"
		if e, err = h.EnterFor(ctx, slug, in); err != nil {
			t.Fatal(err)
		}
		h.run()
		if len(h.letters) != 0 { // nobody asked for one
			t.Error(h.subjects())
		}
		file, err := h.PersonFile(ctx, slug, e.Ref)
		if err != nil || len(file.History) == 0 || len(file.Days) != 2 {
			t.Errorf("%+v, %v", file, err)
		}
	})
}

// TestDuplicates: pairs are found, and become one entry only where somebody says so.
func TestDuplicates(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		s := setup()
		s.Kinds[0].Priced = Priced{Prices: []Price{{Yen: 1000}}, Rate: 10, Seller: "group"}
		s.Refunds = []Refund{{Fee: 50}}
		h.save(s)
		a, b, c := form(1), form(2), form(3)
		a.Name, a.Organisation, a.Address = i18n.T("髙橋 健", ""), i18n.T("例示ネット", ""), "ken@example.org"
		b.Name, b.Organisation, b.Address = i18n.T("髙橋健", ""), i18n.T("例示 ネット", ""), "ken+2@example.org"
		c.Name = i18n.T("別人", "")
		b.Choices = []Wish{{Option: "tour", Slot: "a"}}
		x, y, z := h.enter(0, a), h.enter(0, b), h.enter(0, c)
		pairs, err := h.Duplicates(ctx, slug)
		if err != nil || len(pairs) != 1 || strings.Join(pairs[0].Why, " ") != "name address" {
			t.Fatalf("%+v, %v", pairs, err)
		}
		if err := h.MergeEntries(ctx, slug, x.Ref, x.Ref, Reason{}); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		if err := h.MergeEntries(ctx, slug, x.Ref, y.Ref, Reason{Why: "同じ人"}); err != nil {
			t.Fatal(err)
		}
		if err := h.MergeEntries(ctx, slug, z.Ref, y.Ref, Reason{}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an entry that is gone was merged again: %v", err)
		}
		gone, err := h.PersonFile(ctx, slug, y.Ref)
		if err != nil || gone.State != Cancelled || gone.Merged != x.Ref || h.taken("slot:tour/a") != 0 || h.taken("kind:general") != 2 {
			t.Fatalf("%+v, %v", gone, err)
		}
		if d := h.debts[y.Ref]; len(d.Lines) != 0 {
			t.Errorf("who was merged owes a fee: %+v", d)
		}
		if d := h.debts[x.Ref]; len(d.Lines) != 1 || d.Lines[0].Yen != 1000 {
			t.Errorf("%+v", d)
		}
		if err := h.DeskCancel(ctx, slug, z.Ref, Reason{}); err != nil || len(h.debts[z.Ref].Lines) != 1 {
			t.Errorf("who cancels owes the fee: %+v, %v", h.debts[z.Ref], err)
		}
		for _, ref := range []string{x.Ref, y.Ref} {
			f, err := h.PersonFile(ctx, slug, ref)
			if err != nil || !slices.ContainsFunc(f.History, func(s audit.Stored) bool { return s.Action == "registration.merged" }) {
				t.Error(ref, err)
			}
		}
	})
}

// TestExportIsRecorded: what is taken out is what is filtered, and the log says who took it.
func TestExportIsRecorded(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.enter(0, form(1))
		f := form(2)
		f.Kind, f.Days = "online", nil
		h.enter(0, f)
		list, err := h.Export(h.system(), slug, Filter{Kind: "online"}, []string{"ref", "name_ja"})
		if err != nil || len(list) != 1 || list[0].Kind != "online" {
			t.Fatal(list, err)
		}
		log, _, err := audit.List(h.system(), h.db, audit.Filter{Scope: slug, Action: "registration.exported"}, audit.Page{})
		if err != nil || len(log) != 1 {
			t.Fatal(log, err)
		}
		got := map[string]string{}
		for _, v := range log[0].Values {
			got[v.Name] = v.After
		}
		if got["count"] != "1" || got["filter"] != "kind=online" || got["columns"] != "ref name_ja" {
			t.Error(got)
		}
	})
}

// TestAttendeeList: who is confirmed and can be reached, while the list is open.
func TestAttendeeList(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		s := setup()
		s.ListOpens, s.ListCloses = time.Date(2026, 12, 5, 0, 0, 0, 0, jst), time.Date(2026, 12, 20, 0, 0, 0, 0, jst)
		h.save(s)
		proved, gone := h.enter(0, form(1)), h.enter(0, form(2))
		for _, e := range []*Entry{proved, gone} {
			if err := h.Prove(ctx, h.again(e)); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Cancel(ctx, h.again(gone), ""); err != nil {
			t.Fatal(err)
		}
		h.enter(0, form(3)) // unproven
		mine := form(4)
		mine.Kind, mine.Days = "online", nil
		h.enter(10, mine)
		list := func() string {
			all, open, err := h.AttendeeList(ctx, h.db, slug)
			if err != nil {
				t.Fatal(err)
			}
			out := fmt.Sprint(open)
			for _, a := range all {
				out += fmt.Sprint(" ", a.Folded, ":", a.Person)
			}
			return out
		}
		for day, want := range map[int]string{4: "false", 5: "true a1@example.org:0 p10@example.org:10", 20: "false"} {
			h.at(day, 0)
			if got := list(); got != want {
				t.Errorf("day %d: %s, want %s", day, got, want)
			}
		}
		h.save(setup())
		if got := list(); got != "false" {
			t.Error(got)
		}
	})
}

// TestNotesAreKept: what the committee notes is part of what is kept about a person.
func TestNotesAreKept(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := h.system()
		e := h.enter(10, form(1))
		if err := h.DeskNote(ctx, slug, e.Ref, "覚え書き"); err != nil {
			t.Fatal(err)
		}
		if err := h.db.Write(ctx, func(tx *db.Tx) error { return Keeps{h.Service}.Erase(ctx, tx, 10) }); err != nil {
			t.Fatal(err)
		}
		notes, err := notesWhere(ctx, h.db, `e.ref = $1`, e.Ref)
		if err != nil || len(notes) != 0 {
			t.Error(notes, err)
		}
		log, _, err := audit.History(ctx, h.db, slug, "note:"+e.Ref, audit.Page{})
		if err != nil || len(log) != 1 || !log[0].Values[0].Erased {
			t.Errorf("%+v, %v", log, err)
		}
	})
}

// TestPeopleStatements: a page of two people takes as many statements as one of many.
func TestPeopleStatements(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := setup()
		s.Kinds[0].Capacity = 0
		h := open(t, d, s)
		ask := func() int64 {
			ctx, n := db.Counted(h.system())
			if _, err := h.People(ctx, slug, Filter{Query: "参加", Paid: ""}, "", 50); err != nil {
				t.Fatal(err)
			}
			return n.Load()
		}
		for n := range 2 {
			h.enter(0, form(n))
		}
		ask()
		few := ask()
		for n := 2; n < 30; n++ {
			h.enter(0, form(n))
		}
		if many := ask(); many != few {
			t.Errorf("%d statements for two, %d for thirty", few, many)
		}
	})
}

// fillPeople makes a meeting of n people.
func fillPeople(b testing.TB, h *hall, n int) {
	b.Helper()
	ctx := h.system()
	m, err := h.meeting(ctx, slug)
	if err != nil {
		b.Fatal(err)
	}
	for from := 0; from < n; from += 500 {
		if err := h.db.Write(ctx, func(tx *db.Tx) error {
			for i := from; i < min(from+500, n); i++ {
				f := form(i)
				f.Name, f.Kana, f.Organisation = i18n.T(fmt.Sprint("山田", i, "郎"), fmt.Sprint("Yamada ", i)), "ヤマダ", i18n.T(fmt.Sprint("例示ネット", i%300), "")
				e := f.entry(m.ID, h.now)
				e.Folded = f.Address
				if err := insertEntry(ctx, tx, e); err != nil {
					return err
				}
				if err := insertChoice(ctx, tx, e, &Chosen{Ref: e.Ref[:25] + "X", Option: "tour", Slot: "a", State: Taken, AskedAt: h.now}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// analyse does what PostgreSQL does by itself within a minute, and not on the server of the tests: it counts what is in the tables, for its plans.
func analyse(b *testing.B, d *db.DB) {
	if d.Engine() != db.Postgres {
		return
	}
	if err := d.Write(b.Context(), func(tx *db.Tx) error { _, err := tx.Exec(b.Context(), `ANALYZE`); return err }); err != nil {
		b.Fatal(err)
	}
}

func benchmarkPeople(b *testing.B, ask func(context.Context, *hall) error) {
	for name, engine := range map[string]func(testing.TB, ...fs.FS) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := setup()
			s.Kinds[0].Capacity = 0
			h := open(b, engine(b, folders...), s)
			fillPeople(b, h, 5000)
			ctx := h.system()
			analyse(b, h.db)
			for b.Loop() {
				if err := ask(ctx, h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPeopleList5000 is the first page of 5,000 people: all of them, searched, and sorted by name.
func BenchmarkPeopleList5000(b *testing.B) {
	for _, x := range []struct {
		name string
		f    Filter
	}{{"all", Filter{}}, {"searched", Filter{Query: "山田 4999"}}, {"named", Filter{Sort: "name"}}, {"answered", Filter{Answer: "first:no", Option: "tour"}}, {"unpaid", Filter{Paid: "open"}}} {
		b.Run(x.name, func(b *testing.B) {
			benchmarkPeople(b, func(ctx context.Context, h *hall) error {
				_, err := h.People(ctx, slug, x.f, "", 50)
				return err
			})
		})
	}
}
