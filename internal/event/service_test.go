package event

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

var folders = []fs.FS{db.Migrations, search.Migrations, audit.Migrations, person.Migrations, Migrations}

func apply(t testing.TB, s *Service, in Input) []Change {
	t.Helper()
	changes, err := tryApply(t, s, in)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func tryApply(t testing.TB, s *Service, in Input) (changes []Change, err error) {
	t.Helper()
	err = s.db.Write(t.Context(), func(tx *db.Tx) (err error) {
		_, changes, err = s.Apply(t.Context(), tx, in)
		return err
	})
	return changes, err
}

// sample is a meeting with something in every list.
func sample() *Meeting {
	return &Meeting{
		Slug: "iw2025", Series: "internetweek", Title: i18n.T("Internet Week 2025", ""), Short: "IW2025", Theme: i18n.T("挑戦×経験×世代", "Challenge"),
		Summary: i18n.T("二部構成です。", "In two parts."), Languages: []i18n.Lang{i18n.JA, i18n.EN}, Timezone: "Asia/Tokyo", Start: "2025-11-18", End: "2025-11-27",
		Place: i18n.T("東京都墨田区", "Sumida, Tokyo"), Hashtag: "#iw2025", Phase: Archived, Accent: "#7a3e9d", URL: "https://example.org/2025/", DerivedFrom: "iw2024",
		Parts: []Part{
			{Key: "online", Title: i18n.T("オンラインWeek", "Online Week"), Days: []Date{"2025-11-18", "2025-11-19", "2025-11-20"}, Online: true},
			{Key: "conference", Title: i18n.T("カンファレンスWeek", "Conference Week"), Days: []Date{"2025-11-25", "2025-11-26", "2025-11-27"}, Onsite: true},
		},
		Venues: []Venue{{Key: "kfc", Name: i18n.T("KFCホール", "KFC Hall"), Address: i18n.T("東京都墨田区横網", ""), URL: "https://example.org/kfc"}},
		Rooms:  []Room{{Key: "r1", Name: i18n.T("ホール1", "Hall 1"), Venue: "kfc", Location: i18n.T("3階", "3F"), Capacity: 120}, {Key: "zoom", Name: i18n.T("配信", "Stream"), Online: true}},
		Orgs: []Organisation{
			{Role: Host, Name: i18n.T("主催の会社", "The host"), URL: "https://example.org/"},
			{Role: Sponsor, Class: i18n.T("ダイヤモンド", "Diamond"), Name: i18n.T("協賛の会社", "")},
			{Role: Sponsor, Class: i18n.T("ゴールド", "Gold"), Name: i18n.T("協賛の会社", "")},
		},
		Pages:   []Page{{Slug: "access", Title: i18n.T("アクセス", "Access"), Body: i18n.T("## 電車\n駅から5分です。", "Five minutes.")}, {Slug: "old", Title: i18n.T("古い", ""), Hidden: true}},
		Links:   []Link{{Title: i18n.T("資料", "Slides"), URL: "https://example.org/s"}, {URL: "https://example.org/s"}},
		Figures: []Figure{{Key: "attendance", Label: i18n.T("延べ人数", "Attendance"), Value: 3909, Unit: i18n.T("名", "people")}, {Key: "useful", Label: i18n.T("役に立った", "Useful"), Value: 96.7, Unit: i18n.T("%", "%"), Approx: true, Wording: "96.7%", N: 120, Of: "attendance"}},
	}
}

func TestApplyAndRead(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s, m := New(d, Options{}), sample()
		if c := apply(t, s, Input{Meeting: m, Full: true}); len(c) != 22 {
			t.Errorf("%d changes, want the series, the meeting and 20 elements: %v", len(c), c)
		}
		got := meeting(t, s, "iw2025")
		if diff := cmp.Diff(m.normalised(), got.Meeting); diff != "" {
			t.Errorf("read something else (-put +got):\n%s", diff)
		}
		if c := apply(t, s, Input{Meeting: m, Full: true}); len(c) != 0 {
			t.Errorf("the same again changed %v", c)
		}
		if again := meeting(t, s, "iw2025"); again != got {
			t.Error("an import without a difference raised the version")
		}
		if _, err := s.Meeting(t.Context(), "iw2026"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an unknown slug gives %v", err)
		}
		if n := writes(t, s, Input{Meeting: m, Full: true}); n > 12 {
			t.Errorf("%d statements for nothing to do", n)
		}
	})
}

func meeting(t testing.TB, s *Service, slug string) *Stored {
	t.Helper()
	m, err := s.Meeting(authz.System(t.Context(), "test"), slug)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func writes(t *testing.T, s *Service, in Input) int64 {
	ctx, n := db.Counted(t.Context())
	if err := s.db.Write(ctx, func(tx *db.Tx) error { _, _, err := s.Apply(ctx, tx, in); return err }); err != nil {
		t.Fatal(err)
	}
	return n.Load()
}

func TestExactDifference(t *testing.T) {
	s := New(dbtest.SQLite(t, folders...), Options{})
	apply(t, s, Input{Meeting: sample(), Full: true})
	before := meeting(t, s, "iw2025")
	id, _ := before.RoomID("r1")
	m := sample()
	m.Title.EN = "Internet Week"
	m.Rooms[0].Capacity = 90
	m.Rooms = append([]Room{{Key: "r0", Name: i18n.T("ホール0", "")}}, m.Rooms...)
	m.Pages = m.Pages[:1]
	slices.Reverse(m.Orgs)
	m.Parts[1].Days = m.Parts[1].Days[:2]
	want := []Change{
		{"meeting iw2025", "title.en", "", "Internet Week"},
		{"day conference 2025-11-27", "", "conference 2025-11-27", ""},
		{"room r0", "", "", "ホール0"},
		{"room r1", "capacity", "120", "90"},
		{"organisation 協賛の会社", "class.ja", "ダイヤモンド", "ゴールド"},
		{"organisation 協賛の会社", "class.en", "Diamond", "Gold"},
		{"organisation 協賛の会社", "class.ja", "ゴールド", "ダイヤモンド"},
		{"organisation 協賛の会社", "class.en", "Gold", "Diamond"},
		{"organisation *", "order", "", ""},
		{"page old", "", "古い", ""},
	}
	if diff := cmp.Diff(want, apply(t, s, Input{Meeting: m, Full: true})); diff != "" {
		t.Error(diff)
	}
	after := meeting(t, s, "iw2025")
	if diff := cmp.Diff(m.normalised(), after.Meeting); diff != "" {
		t.Error(diff)
	}
	if now, ok := after.RoomID("r1"); !ok || now != id {
		t.Errorf("room r1 was row %d and is %d", id, now)
	}
	if after.Version != before.Version+1 {
		t.Errorf("version %d after %d", after.Version, before.Version)
	}
}

// A foreign format knows title, dates, zone and rooms: the rest stays.
func TestForeignFormatKeepsTheRest(t *testing.T) {
	s := New(dbtest.SQLite(t, folders...), Options{})
	apply(t, s, Input{Meeting: sample(), Full: true})
	in := &Meeting{Slug: "iw2025", Title: i18n.T("", "IW 2025"), Start: "2025-11-19", End: "2025-11-26", Timezone: "Asia/Tokyo",
		Rooms: []Room{{Key: "r1", Name: i18n.T("", "Hall One"), Capacity: 5, Venue: "elsewhere"}, {Key: "r9", Name: i18n.T("", "Nine"), Venue: "elsewhere"}}}
	apply(t, s, Input{Meeting: in, Only: i18n.EN})
	want := sample().normalised()
	want.Title.EN = "IW 2025"
	want.Rooms[0].Name.EN = "Hall One"
	want.Rooms = append(want.Rooms, Room{Key: "r9", Name: i18n.T("", "Nine")})
	if diff := cmp.Diff(want, meeting(t, s, "iw2025").Meeting); diff != "" {
		t.Error(diff)
	}
	apply(t, s, Input{Meeting: in, Only: i18n.EN, RoomDetail: true})
	want.Rooms[0].Capacity = 5
	want.Rooms[0].Location.EN = ""
	if diff := cmp.Diff(want, meeting(t, s, "iw2025").Meeting); diff != "" {
		t.Error(diff)
	}
}

// A whole file in one language leaves the other as it is.
func TestOneLanguageKeepsTheOther(t *testing.T) {
	s := New(dbtest.SQLite(t, folders...), Options{})
	apply(t, s, Input{Meeting: sample(), Full: true})
	m := sample()
	for _, l := range append([]list{{rows: []row{{cols: m.columns()}}}}, m.lists()...) {
		for _, r := range l.rows {
			for _, c := range r.cols {
				if strings.HasSuffix(c.name, ".en") {
					*c.ptr.(*string) = ""
				}
			}
		}
	}
	m.Theme.JA = "新しいテーマ"
	got := apply(t, s, Input{Meeting: m, Full: true, Only: i18n.JA})
	if diff := cmp.Diff([]Change{{"meeting iw2025", "theme.ja", "挑戦×経験×世代", "新しいテーマ"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGroupAndSeries(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		if g, err := s.Group(t.Context()); err != nil || g.Name.EN != "Tsudoi" {
			t.Fatal(g, err)
		}
		m := sample()
		apply(t, s, Input{Meeting: m, Full: true})
		in := Input{
			Group: &Group{Name: i18n.T("団体", "Group"), Languages: []i18n.Lang{i18n.EN}},
			Series: []Series{{Key: "janog", Title: i18n.T("JANOG", ""), Order: 1},
				{Key: "internetweek", Title: i18n.T("Internet Week", ""), Order: 2}},
		}
		if c := apply(t, s, in); len(c) != 4 { // group, janog, and order and title of the series that had only been named
			t.Error(c)
		}
		if c := apply(t, s, in); len(c) != 0 {
			t.Error(c)
		}
		g, _ := s.Group(t.Context())
		series, err := s.Series(t.Context())
		if diff := cmp.Diff(in.Series, series); diff != "" || err != nil || g.Name.JA != "団体" {
			t.Error(diff, err, g)
		}
	})
}

func TestConcurrentApply(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				m := sample()
				m.Rooms[0].Capacity = i
				if _, err := tryApply(t, s, Input{Meeting: m, Full: true}); err != nil {
					t.Error(err)
				}
				if _, err := s.Meeting(t.Context(), "iw2025"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got := meeting(t, s, "iw2025")
		want := sample().normalised()
		want.Rooms[0].Capacity = got.Rooms[0].Capacity
		if diff := cmp.Diff(want, got.Meeting); diff != "" || got.Version != 8 {
			t.Errorf("version %d, want 8 different imports\n%s", got.Version, diff)
		}
	})
}

// The list of meetings takes as many statements for a thousand as for ten, and one when nothing changed.
func TestConstantQueries(t *testing.T) {
	counts := map[int]int64{}
	for _, n := range []int{10, 1000} {
		s := New(dbtest.SQLite(t, folders...), Options{})
		err := s.db.Write(t.Context(), func(tx *db.Tx) error {
			for i := range n {
				m := &Meeting{Slug: fmt.Sprintf("m%d", i), Title: i18n.T("会", ""), Orgs: []Organisation{{Role: Host, Name: i18n.T("社", "")}}}
				if _, _, err := s.Apply(t.Context(), tx, Input{Meeting: m, Full: true}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, q := db.Counted(t.Context())
		list, err := s.Meetings(ctx)
		if err != nil || len(list) != n || len(list[n-1].Hosts) != 1 {
			t.Fatal(len(list), err)
		}
		counts[n] = q.Swap(0)
		if _, err := s.Meetings(ctx); err != nil || q.Swap(0) != 1 {
			t.Error("the cached list takes more than one statement", err)
		}
		if _, err := s.Meeting(ctx, "m3"); err != nil {
			t.Error(err)
		}
		q.Store(0)
		if _, err := s.Meeting(ctx, "m3"); err != nil || q.Load() != 1 {
			t.Errorf("a cached meeting takes %d statements (%v)", q.Load(), err)
		}
	}
	if counts[10] != counts[1000] {
		t.Errorf("10 meetings take %d statements, 1,000 take %d", counts[10], counts[1000])
	}
}

// Whatever is valid is read as it was stored, then changed into whatever else is valid.
func TestRoundTrip(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		rapid.Check(t, func(rt *rapid.T) {
			for range 2 {
				m := drawMeeting(rt)
				if _, err := tryApply(t, s, Input{Meeting: m, Full: true}); err != nil {
					rt.Fatalf("refused: %v", err)
				}
				got, err := s.Meeting(t.Context(), m.Slug)
				if err != nil {
					rt.Fatal(err)
				}
				if diff := cmp.Diff(m.normalised(), got.Meeting); diff != "" {
					rt.Fatal(diff)
				}
				if c, err := tryApply(t, s, Input{Meeting: m, Full: true}); len(c) > 0 || err != nil {
					rt.Fatalf("the same again: %v %v", c, err)
				}
			}
		})
	})
}

func drawText(t *rapid.T, name string) i18n.Text {
	g := rapid.SampledFrom([]string{"", "集い", "Hall 1", "a'b\"c", "改\n行", "nul\x00", "\xff壊れた", "😀"})
	return i18n.T(g.Draw(t, name+".ja"), g.Draw(t, name+".en"))
}

func drawTitle(t *rapid.T, name string) i18n.Text {
	x := drawText(t, name)
	if strings.TrimSpace(x.String()) == "" {
		x.JA = "名"
	}
	return x
}

func drawKeys(t *rapid.T, name string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 0, 4, rapid.ID).Draw(t, name)
}

func drawMeeting(t *rapid.T) *Meeting {
	m := &Meeting{
		Slug: rapid.SampledFrom([]string{"one", "two"}).Draw(t, "slug"), Series: rapid.SampledFrom([]string{"", "s", "t"}).Draw(t, "series"),
		Title: drawTitle(t, "title"), Theme: drawText(t, "theme"), Summary: drawText(t, "summary"), Start: "2026-02-01", End: "2026-02-09",
		Languages: rapid.SampledFrom([][]i18n.Lang{nil, {i18n.EN}, {i18n.JA, i18n.EN}}).Draw(t, "languages"),
		Phase:     rapid.SampledFrom(append(Phases[1:], "")).Draw(t, "phase"), Accent: rapid.SampledFrom([]string{"", "#B5302a"}).Draw(t, "accent"),
	}
	for _, k := range drawKeys(t, "parts") {
		days := rapid.SliceOfDistinct(rapid.IntRange(1, 9), rapid.ID).Draw(t, "days")
		p := Part{Key: k, Title: drawTitle(t, "part"), Online: rapid.Bool().Draw(t, "online")}
		for _, d := range days {
			p.Days = append(p.Days, Date(fmt.Sprintf("2026-02-%02d", d)))
		}
		m.Parts = append(m.Parts, p)
	}
	venues := drawKeys(t, "venues")
	for _, k := range venues {
		m.Venues = append(m.Venues, Venue{Key: k, Name: drawTitle(t, "venue"), Address: drawText(t, "address")})
	}
	for _, k := range drawKeys(t, "rooms") {
		m.Rooms = append(m.Rooms, Room{Key: k, Name: drawTitle(t, "room"), Venue: rapid.SampledFrom(append(venues, "")).Draw(t, "venue of room"),
			Capacity: rapid.IntRange(0, 1000).Draw(t, "capacity"), Online: rapid.Bool().Draw(t, "online")})
	}
	for range rapid.IntRange(0, 4).Draw(t, "organisations") {
		m.Orgs = append(m.Orgs, Organisation{Role: rapid.SampledFrom(OrgRoles).Draw(t, "role"), Name: drawTitle(t, "organisation"), Class: drawText(t, "class")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "links") {
		m.Links = append(m.Links, Link{URL: rapid.SampledFrom([]string{"https://a.example/", "http://b.example/"}).Draw(t, "url"), Title: drawText(t, "link")})
	}
	for _, k := range drawKeys(t, "pages") {
		m.Pages = append(m.Pages, Page{Slug: k, Title: drawTitle(t, "page"), Body: drawText(t, "body"), Hidden: rapid.Bool().Draw(t, "hidden")})
	}
	for _, k := range drawKeys(t, "figures") {
		m.Figures = append(m.Figures, Figure{Key: k, Label: drawTitle(t, "figure"), Value: rapid.Float64Range(-1e9, 1e9).Draw(t, "value"),
			Approx: rapid.Bool().Draw(t, "approx"), N: rapid.IntRange(0, 9999).Draw(t, "n")})
	}
	return m
}
