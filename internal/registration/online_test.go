package registration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/person"
)

var updateDay = flag.Bool("update-day", false, "write the letters of the day in testdata anew")

// december is a time of the sample meeting.
func december(day, hour, minute int) time.Time {
	return time.Date(2026, 12, day, hour, minute, 0, 0, jst)
}

// listed is a programme.
type listed []Session

// Sessions implements Timetable.
func (l listed) Sessions(context.Context, *event.Stored) ([]Session, error) { return l, nil }

var twoDays = listed{
	{GUID: "g1", Title: i18n.T("開会", "Opening"), Day: "2026-12-09", Room: "hall", Start: december(9, 10, 0), End: december(9, 11, 0)},
	{GUID: "g2", Title: i18n.T("経路の話", "Routes"), Day: "2026-12-09", Room: "hall", Start: december(9, 11, 0), End: december(9, 12, 0)},
	{GUID: "g3", Title: i18n.T("閉会", "Closing"), Day: "2026-12-10", Room: "hall", Start: december(10, 16, 0), End: december(10, 17, 0)},
}

const secretURL = "https://zoom.example.jp/j/85112345678?pwd=hunter2"

// shows makes a stream, and must succeed.
func (h *hall) shows(x Stream) *Stream {
	h.t.Helper()
	if x.URL == "" {
		x.URL = secretURL
	}
	if err := h.SaveStream(h.system(), slug, &x); err != nil {
		h.t.Fatal(err)
	}
	out, err := h.Stream(h.system(), slug, x.Ref)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// watcher registers somebody online on all days, and shows that the address is theirs.
func (h *hall) watcher(n int, name i18n.Text) *Entry {
	h.t.Helper()
	f := form(n)
	f.Kind, f.Days, f.Name = "online", nil, name
	e := h.enter(0, f)
	if err := h.Prove(h.as(0), h.again(e)); err != nil {
		h.t.Fatal(err)
	}
	return h.again(e).Entry
}

// links are the links that somebody sees on their own page.
func (h *hall) links(e *Entry) []Watching {
	h.t.Helper()
	out, err := h.OwnOnline(h.system(), h.again(e))
	if err != nil {
		h.t.Fatal(err)
	}
	return out.Watch
}

// follow follows a link.
func (h *hall) follow(link string) *Joining {
	h.t.Helper()
	j, err := h.Join(h.as(0), strings.TrimPrefix(link, "/join/"))
	if err != nil {
		h.t.Fatal(err)
	}
	return j
}

// moment sets the clock.
func (h *hall) moment(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = t
}

func TestWatches(t *testing.T) {
	entry := func(change func(e *Entry)) *Entry {
		e := &Entry{State: Confirmed, Kind: "general", ProvedAt: december(1, 0, 0), Days: []Day{{"2026-12-09", Onsite}, {"2026-12-10", Online}}}
		if change != nil {
			change(e)
		}
		return e
	}
	taken := []*Chosen{{Option: "handson", State: Taken}, {Option: "tour", State: InLine}}
	for name, c := range map[string]struct {
		x    Audience
		e    *Entry
		paid Standing
		day  event.Date
		want Why
	}{
		"online that day":             {Audience{}, entry(nil), Standing{}, "2026-12-10", MayWatch},
		"on site that day":            {Audience{}, entry(nil), Standing{}, "2026-12-09", WhyOnsite},
		"on site too":                 {Audience{Onsite: true}, entry(nil), Standing{}, "2026-12-09", MayWatch},
		"not that day":                {Audience{Onsite: true}, entry(nil), Standing{}, "2026-12-11", WhyDay},
		"some day":                    {Audience{}, entry(nil), Standing{}, "", MayWatch},
		"no day online":               {Audience{}, entry(func(e *Entry) { e.Days = e.Days[:1] }), Standing{}, "", WhyOnsite},
		"cancelled":                   {Audience{}, entry(func(e *Entry) { e.State = Cancelled }), Standing{}, "", WhyState},
		"waits":                       {Audience{}, entry(func(e *Entry) { e.State = Waiting }), Standing{}, "", WhyState},
		"has an offer":                {Audience{}, entry(func(e *Entry) { e.State = Offered }), Standing{}, "", WhyState},
		"invited":                     {Audience{}, entry(func(e *Entry) { e.State = Invited }), Standing{}, "", WhyState},
		"unproven":                    {Audience{}, entry(func(e *Entry) { e.ProvedAt = time.Time{} }), Standing{}, "", WhyUnproven},
		"unproven, of an account":     {Audience{}, entry(func(e *Entry) { e.ProvedAt, e.Person = time.Time{}, 7 }), Standing{}, "", MayWatch},
		"of the kind":                 {Audience{Kinds: []string{"student", "general"}}, entry(nil), Standing{}, "", MayWatch},
		"of another kind":             {Audience{Kinds: []string{"student"}}, entry(nil), Standing{}, "", WhyKind},
		"holds the option":            {Audience{Options: []string{"handson"}}, entry(nil), Standing{}, "", MayWatch},
		"waits for the option":        {Audience{Options: []string{"tour"}}, entry(nil), Standing{}, "", WhyOption},
		"unpaid":                      {Audience{Paid: true}, entry(nil), Standing{State: "open", Owed: 100}, "", WhyUnpaid},
		"unpaid, and it matters not":  {Audience{}, entry(nil), Standing{State: "open", Owed: 100}, "", MayWatch},
		"paid":                        {Audience{Paid: true}, entry(nil), Standing{State: "paid", Owed: 100, Paid: 100}, "", MayWatch},
		"may pay later":               {Audience{Paid: true}, entry(nil), Standing{State: "approved", Owed: 100}, "", MayWatch},
		"owes nothing":                {Audience{Paid: true}, entry(nil), Standing{}, "", MayWatch},
		"on site too, of a kind only": {Audience{Onsite: true, Kinds: []string{"student"}}, entry(nil), Standing{}, "2026-12-09", WhyKind},
	} {
		if got := (&Stream{Audience: c.x}).Watches(c.e, taken, c.paid, c.day); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestJoin is the way of a link: before its time, at it, and after, and at once gone with the right to watch.
func TestJoin(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		x := h.shows(Stream{Session: "g1", Passcode: "4711"})
		e := h.watcher(1, i18n.T("青山 空", "Sora Aoyama"))
		links := h.links(e)
		if len(links) != 1 || links[0].Title.JA != "開会" || links[0].State != JoinSoon || !links[0].From.Equal(december(9, 9, 30)) || !links[0].Until.Equal(december(9, 11, 30)) {
			t.Fatalf("%+v", links)
		}
		link := links[0].Link
		if strings.Contains(link, e.Ref) || strings.Contains(fmt.Sprintf("%+v", links), "zoom.example") {
			t.Error("the link tells what it should not")
		}
		if j := h.follow(link); j.State != JoinSoon || j.Goes() != "" || !j.From.Equal(december(9, 9, 30)) {
			t.Errorf("%+v", j)
		}
		h.moment(december(9, 9, 29).Add(59 * time.Second))
		if j := h.follow(link); j.Goes() != "" {
			t.Error("open too early")
		}
		h.moment(december(9, 9, 30))
		j := h.follow(link)
		if j.Goes() != secretURL || j.State != JoinOpen {
			t.Errorf("%+v", j)
		}
		for _, from := range []string{"192.0.2.1", "192.0.2.1", "198.51.100.7", "2001:db8::1", "2001:db8::2"} {
			if err := h.CountJoin(authz.With(t.Context(), &authz.Actor{From: from}), j); err != nil {
				t.Fatal(err)
			}
		}
		joins, err := joinsWhere(t.Context(), h.db, jst, `j.stream_id = $1`, x.ID)
		if err != nil || len(joins) != 1 || joins[0].Times != 5 || joins[0].Networks != 3 || joins[0].Entry != e.ID {
			t.Errorf("%+v %v", joins, err)
		}
		h.moment(december(9, 11, 30))
		if j := h.follow(link); j.Goes() != "" || j.State != JoinOver || len(h.links(e)) != 0 {
			t.Errorf("%+v", j)
		}
		h.moment(december(9, 10, 0))
		// Somebody else changes where it is watched: the same link leads there.
		x.URL = "https://video.example.jp/live"
		if err := h.SaveStream(h.system(), slug, x); err != nil {
			t.Fatal(err)
		}
		if j := h.follow(link); j.Goes() != "https://video.example.jp/live" {
			t.Error(j.Goes())
		}
		if err := h.SaveStream(h.system(), slug, x); fault.KindOf(err) != fault.Conflict { // it was read before the change
			t.Error(err)
		}
		if err := h.Cancel(h.as(0), h.again(e), ""); err != nil {
			t.Fatal(err)
		}
		if j := h.follow(link); j.Goes() != "" || j.Why != WhyState || len(h.links(e)) != 0 {
			t.Errorf("%+v", j.Why)
		}
	})
}

// TestJoin_isLost: whoever changes to on site, or still owes, does not get in, and gets in again once that is over.
func TestJoin_isLost(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		h.shows(Stream{Day: "2026-12-10", Audience: Audience{Paid: true}})
		e := h.enter(10, form(1)) // online on the second day
		h.moment(december(10, 15, 45))
		link := h.links(e)[0].Link
		if h.follow(link).Goes() == "" {
			t.Fatal("they may watch")
		}
		h.mu.Lock()
		h.paid[e.Ref] = Standing{State: "open", Owed: 5500, Path: "/orders/x"}
		h.mu.Unlock()
		if j := h.follow(link); j.Why != WhyUnpaid || j.Goes() != "" || j.Paid.Path != "/orders/x" {
			t.Errorf("%+v", j.Why)
		}
		if l := h.links(e); len(l) != 1 || !l[0].Unpaid {
			t.Errorf("%+v", l)
		}
		h.mu.Lock()
		h.paid[e.Ref] = Standing{State: "paid", Owed: 5500, Paid: 5500}
		h.mu.Unlock()
		if h.follow(link).Goes() == "" {
			t.Error("it is paid")
		}
		h.moment(december(8, 9, 0))
		if err := h.ChangeDays(h.as(10), h.again(e), "general", map[event.Date]Mode{"2026-12-10": Onsite}, nil); err != nil {
			t.Fatal(err)
		}
		h.moment(december(10, 15, 45))
		if j := h.follow(link); j.Why != WhyOnsite || j.Goes() != "" {
			t.Errorf("%+v", j.Why)
		}
	})
}

// TestJoin_ofSeveralDays: a link for the whole meeting is good on the days on which one takes part online.
func TestJoin_ofSeveralDays(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.shows(Stream{})
		e := h.enter(10, form(1)) // on site on the first day, online on the second
		link := h.links(e)[0].Link
		for at, want := range map[time.Time]Why{
			december(9, 12, 0): WhyOnsite, december(10, 3, 59): WhyOnsite, december(10, 4, 0): MayWatch, december(10, 23, 0): MayWatch,
		} {
			h.moment(at)
			if j := h.follow(link); j.Why != want {
				t.Errorf("at %s: %q, want %q", at, j.Why, want)
			}
		}
	})
}

// TestJoin_forged: no text but the one that was made for an entry and a stream leads anywhere.
func TestJoin_forged(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		x, y := h.shows(Stream{Day: "2026-12-09"}), h.shows(Stream{Day: "2026-12-10"})
		a, b := h.watcher(1, i18n.T("一", "")), h.watcher(2, i18n.T("二", ""))
		secret, err := h.key(h.system())
		if err != nil {
			t.Fatal(err)
		}
		ax, bx, ay := signJoin(secret, a.ID, x.ID, a.LinkNo), signJoin(secret, b.ID, x.ID, b.LinkNo), signJoin(secret, a.ID, y.ID, a.LinkNo)
		entryToken, err := h.Token(h.system(), a)
		if err != nil {
			t.Fatal(err)
		}
		for name, forged := range map[string]string{
			"nothing": "", "short": ax[:40], "long": ax + "00", "no mark": ax[:32] + strings.Repeat("0", 32), "the mark of another person": ax[:32] + bx[32:],
			"the mark of another stream": ax[:32] + ay[32:], "another key": signJoin("guess", a.ID, x.ID, a.LinkNo), "a later link": signJoin(secret, a.ID, x.ID, a.LinkNo+1),
			"a link of an entry": entryToken, "nobody's": signJoin(secret, 999, x.ID, 1), "no stream": signJoin(secret, a.ID, 999, a.LinkNo), "no text": strings.Repeat("zz", 32),
		} {
			if _, err := h.Join(h.system(), forged); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A stream of another meeting, signed for an entry of this one, as only a mistake of the program could.
		other := Stream{URL: secretURL}
		s := setup()
		if err := h.SaveSetup(h.system(), "other", s, 0); err != nil {
			t.Fatal(err)
		}
		if err := h.SaveStream(h.system(), "other", &other); err != nil {
			t.Fatal(err)
		}
		all, err := streamsWhere(t.Context(), h.db, jst, `s.ref = $1`, other.Ref)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if _, err := h.Join(h.system(), signJoin(secret, a.ID, all[0].ID, a.LinkNo)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of another meeting: %v", err)
		}
		if err := h.DropStream(h.system(), slug, x.Ref); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Join(h.system(), ax); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of a stream that is gone: %v", err)
		}
	})
}

// TestAhead: what only looks at a link is not led to where it leads.
func TestAhead(t *testing.T) {
	for _, c := range []struct {
		method, header, value string
		want                  bool
	}{{"GET", "Accept", "text/html", false}, {"HEAD", "Accept", "*/*", true}, {"GET", "Sec-Purpose", "prefetch;prerender", true}, {"GET", "Purpose", "prefetch", true}, {"GET", "X-Moz", "prefetch", true}} {
		r := httptest.NewRequest(c.method, "/join/x", nil)
		r.Header.Set(c.header, c.value)
		if got := ahead(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestStream_isNowhere: where something is watched is neither in the audit log nor in what somebody is given about themselves.
func TestStream_isNowhere(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		x := h.shows(Stream{Day: "2026-12-09", Passcode: "open-sesame"})
		x.Passcode = "open-sesame-2"
		if err := h.SaveStream(h.system(), slug, x); err != nil {
			t.Fatal(err)
		}
		list, _, err := audit.History(t.Context(), h.db, slug, "stream:"+x.Ref, audit.Page{})
		if err != nil || len(list) != 2 {
			t.Fatal(len(list), err)
		}
		words := fmt.Sprintf("%+v", list)
		for _, secret := range []string{"hunter2", "85112345678", "open-sesame"} {
			if strings.Contains(words, secret) {
				t.Errorf("the log has %s", secret)
			}
		}
		if !strings.Contains(words, "zoom.example.jp") || len(list[0].Values) != 1 || list[0].Values[0].Name != "passcode" || list[0].Values[0].Before == list[0].Values[0].After {
			t.Errorf("a change does not show: %+v", list[0].Values)
		}
	})
}

func TestStream_refusals(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		for field, x := range map[string]Stream{
			"of": {Session: "gone", URL: secretURL}, "day": {Day: "2026-12-11", URL: secretURL}, "room": {Room: "cellar", URL: secretURL}, "kinds": {URL: secretURL, Audience: Audience{Kinds: []string{"vip"}}},
			"options": {URL: secretURL, Audience: Audience{Options: []string{"x"}}}, "until": {URL: secretURL, From: december(9, 10, 0), Until: december(9, 10, 0)},
		} {
			err := h.SaveStream(h.system(), slug, &x)
			if e, ok := fault.As(err); !ok || e.Kind != fault.Invalid || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, bad := range []string{"", "zoom.us/j/1", "javascript:alert(1)", "data:text/html,x", "https://", "https://user:pw@zoom.us/", "ftp://x.example/", "https://x.example/" + strings.Repeat("a", maxURL), "https://x .example/"} {
			err := h.SaveStream(h.system(), slug, &Stream{URL: bad})
			if e, ok := fault.As(err); !ok || e.Field != "url" {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := h.SaveStream(h.as(10), slug, &Stream{URL: secretURL}); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		if _, err := h.Registrants(h.as(10), slug, "x"); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		if _, err := h.TakeReport(h.as(10), slug, "x", ReportFile{}); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		if err := h.SaveOnline(h.as(10), slug, defaultOnline()); fault.KindOf(err) != fault.Forbidden {
			t.Error(err)
		}
		for field, o := range map[string]OnlineSetup{"letter_at": {LetterAt: "25:00", Minimum: 1}, "minimum": {LetterAt: "07:00"}} {
			err := h.SaveOnline(h.system(), slug, &o)
			if e, ok := fault.As(err); !ok || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// dayLetters lists who got the letter of a day.
func (h *hall) dayLetters() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, l := range h.letters {
		if l.Kind == KindDay {
			out = append(out, l.To.Address)
		}
	}
	return out
}

func (h *hall) sendLetters() {
	h.t.Helper()
	if err := h.DayLetters(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// TestDayLetters: everybody who takes part gets one, at its time; who comes later gets it at once; who cancelled, waits or is unproven never.
func TestDayLetters(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		h.shows(Stream{Day: "2026-12-09", Passcode: "4711"})
		online, gone := h.watcher(1, i18n.T("青山 空", "Sora Aoyama")), h.watcher(2, i18n.T("去る人", "Gone"))
		onsite := h.enter(10, form(3))
		unproven := form(4)
		unproven.Kind, unproven.Days = "online", nil
		later := h.enter(0, unproven)
		if err := h.Cancel(h.as(0), h.again(gone), ""); err != nil {
			t.Fatal(err)
		}
		h.moment(december(9, 6, 59))
		h.sendLetters()
		if got := h.dayLetters(); len(got) != 0 {
			t.Fatal("too early", got)
		}
		h.moment(december(9, 7, 0))
		for range 3 {
			h.sendLetters()
		}
		want := []string{online.Address, onsite.Address}
		if got := h.dayLetters(); !slices.Equal(got, want) {
			t.Fatal(got)
		}
		if err := h.Prove(h.as(0), h.again(later)); err != nil { // now the address is theirs
			t.Fatal(err)
		}
		h.moment(december(9, 15, 0))
		h.sendLetters()
		if got := h.dayLetters(); !slices.Equal(got, append(want, later.Address)) {
			t.Fatal(got)
		}
		// The clock jumps back to before, forward to the next day, and back again.
		for _, at := range []time.Time{december(9, 6, 0), december(9, 8, 0), december(10, 8, 0), december(9, 8, 0), december(10, 8, 0), december(10, 23, 59), december(11, 0, 0)} {
			h.moment(at)
			h.sendLetters()
		}
		got := h.dayLetters()
		slices.Sort(got)
		if len(got) != 6 || slices.Contains(got, gone.Address) || len(slices.Compact(slices.Clone(got))) != 3 {
			t.Errorf("%v", got)
		}
		_, counts, _, err := h.OnlineOf(h.system(), slug)
		if err != nil || counts["2026-12-09"] != (DayCount{3, 3}) || counts["2026-12-10"] != (DayCount{3, 3}) {
			t.Errorf("%v %v", counts, err)
		}
	})
}

// TestDayLetters_off: switched off, or with another time.
func TestDayLetters_off(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.watcher(1, i18n.T("青山 空", ""))
		h.moment(december(9, 8, 0))
		must := func(o OnlineSetup) {
			if err := h.SaveOnline(h.system(), slug, &o); err != nil {
				t.Fatal(err)
			}
		}
		must(OnlineSetup{LetterAt: "07:00", Minimum: 10})
		h.sendLetters()
		must(OnlineSetup{Letters: true, LetterAt: "09:30", Minimum: 10})
		h.sendLetters()
		if got := h.dayLetters(); len(got) != 0 {
			t.Error(got)
		}
		h.moment(december(9, 9, 30))
		h.sendLetters()
		if got := h.dayLetters(); len(got) != 1 {
			t.Error(got)
		}
	})
}

// dying is an outbox that fails after some letters, as a process that is killed does.
type dying struct {
	box
	left int
}

// Send implements Outbox.
func (d *dying) Send(ctx context.Context, tx *db.Tx, l mail.Letter) error {
	if d.left--; d.left < 0 {
		return errors.New("killed")
	}
	return d.box.Send(ctx, tx, l)
}

// TestDayLetters_inPortions: a process that dies in the middle goes on where it was, and writes nobody twice.
func TestDayLetters_inPortions(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const people = 2*lettersAtOnce + 20
		for n := range people {
			h.watcher(n, i18n.T(fmt.Sprint("人", n), ""))
		}
		h.moment(december(9, 7, 0))
		h.o.Outbox = &dying{box{h}, lettersAtOnce + 10}
		if err := h.DayLetters(t.Context()); err == nil {
			t.Fatal("it did not die")
		}
		if got := len(h.dayLetters()); got != lettersAtOnce {
			t.Fatalf("%d letters left before, want one portion", got)
		}
		h.o.Outbox = box{h}
		h.sendLetters()
		got := h.dayLetters()
		slices.Sort(got)
		if len(got) != people || len(slices.Compact(got)) != people {
			t.Errorf("%d letters", len(got))
		}
	})
}

// TestDayLetter compares letters of the day with those that somebody read.
func TestDayLetter(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		h.shows(Stream{Day: "2026-12-09", Passcode: "4711", Notes: i18n.T("マイクは切れています。", "You are muted.")})
		h.shows(Stream{Session: "g2", URL: "https://video.example.jp/live", Audience: Audience{Onsite: true}})
		online := h.watcher(1, i18n.T("青山 空", "Sora Aoyama"))
		f := form(2)
		f.Choices = []Wish{{Option: "tour", Slot: "a"}}
		onsite := h.enter(10, f)
		if err := h.SaveOnline(h.system(), slug, &OnlineSetup{Letters: true, LetterAt: "07:00", Minimum: 10, Words: i18n.T("雪の予報が出ています。", "Snow is expected.")}); err != nil {
			t.Fatal(err)
		}
		h.moment(december(9, 7, 0))
		h.sendLetters()
		h.moment(december(10, 7, 0))
		h.sendLetters()
		files := map[string]string{online.Address + "9": "online", onsite.Address + "9": "onsite", onsite.Address + "10": "option"}
		for _, l := range h.letters {
			if l.Kind != KindDay {
				continue
			}
			day := "9"
			if strings.HasSuffix(l.Key, "10") {
				day = "10"
			}
			name, ok := files[l.To.Address+day]
			if !ok {
				continue
			}
			delete(files, l.To.Address+day)
			h.compareLetter(name, l)
			png := slices.ContainsFunc(l.Attachments, func(a mail.Attachment) bool { return a.Type == "image/png" })
			if !strings.Contains(string(l.Attachments[0].Data), "BEGIN:VCALENDAR") || png != (name == "onsite") || !l.Until.Equal(december(9, 24, 0)) && day == "9" {
				t.Errorf("%s: %d attachments, until %s", name, len(l.Attachments), l.Until)
			}
		}
		if len(files) != 0 {
			t.Errorf("not written: %v", files)
		}
	})
}

// compareLetter compares a letter with a file, without what is new each time: refs, their words and the marks of links.
func (h *hall) compareLetter(name string, l mail.Letter) {
	h.t.Helper()
	text := fmt.Sprintf("%s\n\n%s\n\n====\n\n%s\n\n%s\n", l.Subject.JA, l.Body.JA, l.Subject.EN, l.Body.EN)
	var out []string
	for _, line := range strings.Split(text, "\n") {
		for _, at := range []string{"/join/", "/entries/", "読み上げ用：", "To read aloud: "} {
			if i := strings.Index(line, at); i >= 0 {
				line = line[:i+len(at)] + "…"
			}
		}
		out = append(out, line)
	}
	got := strings.Join(out, "\n")
	file := filepath.Join("testdata", "day_"+name+".txt")
	if *updateDay {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			h.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		h.t.Fatal(err)
	}
	if got != string(want) {
		h.t.Errorf("%s is another letter; read it and run the test with -update-day:\n%s", file, got)
	}
}

// report is an attendance report of the first day: name, address, from, until.
func report(rows ...[4]string) []byte {
	var b strings.Builder
	b.WriteString("Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%s,2026/12/09 %s,2026/12/09 %s,1,Yes\n", r[0], r[1], r[2], r[3])
	}
	return []byte(b.String())
}

// watched is what others may read: who was there, as "ref session minutes present".
func (h *hall) watched(entries ...*Entry) []string {
	h.t.Helper()
	var out []string
	rows, err := h.db.Query(h.t.Context(), `SELECT entry, day, session, minutes, present, first_at, last_at FROM registration_pub_watch ORDER BY entry, day, session`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var ref, day, session string
		var minutes, present int
		var first, last int64
		if err := rows.Scan(&ref, &day, &session, &minutes, &present, &first, &last); err != nil {
			h.t.Fatal(err)
		}
		for i, e := range entries {
			if e.Ref == ref {
				out = append(out, fmt.Sprintf("%d %s[%s] %d %d %s-%s", i, day[8:], session, minutes, present, db.Time(first, jst).Format("1504"), db.Time(last, jst).Format("1504")))
			}
		}
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// take takes in a report, and must succeed.
func (h *hall) take(x *Stream, f ReportFile) *TakenReport {
	h.t.Helper()
	out, err := h.TakeReport(h.system(), slug, x.Ref, f)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// TestReports: lines are matched by address and by name, joined up, taken in once, replaced by a corrected file, and decided by a person.
func TestReports(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		x := h.shows(Stream{Day: "2026-12-09"})
		sora, kana, twin1, twin2 := h.watcher(1, i18n.T("青山 空", "Sora Aoyama")), h.watcher(2, i18n.T("山田ハナコ", "")), h.watcher(3, i18n.T("佐藤 一郎", "")), h.watcher(4, i18n.T("佐藤一郎", ""))
		all := []*Entry{sora, kana, twin1, twin2}
		first := report(
			[4]string{"PC", "A1@Example.ORG", "09:50", "10:30"}, [4]string{"phone", "a1@example.org", "10:20", "10:40"}, // two devices
			[4]string{"Aoyama Sora (PC)", "", "11:30", "12:10"}, // again, under the name
			[4]string{"ﾔﾏﾀﾞ はなこ", "", "10:00", "10:05"}, [4]string{"山田 はなこ", "", "10:00", "10:05"},
			[4]string{"佐藤 一郎", "", "10:00", "11:00"}, [4]string{"host", "crew@example.jp", "09:00", "18:00"},
		)
		r := h.take(x, ReportFile{Name: `C:\reports\day1.csv`, Data: first})
		if r.Same || r.Lines != 7 || r.Unknown != 3 || r.Name != "day1.csv" {
			t.Fatalf("%+v", r.Report)
		}
		want := []string{"0 09[] 90 1 0950-1210", "0 09[g1] 40 1 1000-1040", "0 09[g2] 30 1 1130-1200", "1 09[] 5 0 1000-1005", "1 09[g1] 5 0 1000-1005"}
		if got := h.watched(all...); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		if r := h.take(x, ReportFile{Name: "again.csv", Data: first}); !r.Same || r.Name != "day1.csv" {
			t.Error("taken twice")
		}
		if got := h.watched(all...); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		a, err := h.AttendanceOf(h.system(), slug, x.Ref)
		if err != nil || len(a.Reports) != 1 || a.Present != 1 || len(a.Watched) != 2 {
			t.Fatalf("%+v %v", a, err)
		}
		if len(a.Unknown) != 3 || a.Unknown[0].Name != "host" || a.Unknown[1].Name != "佐藤 一郎" || len(a.Unknown[1].May) != 2 || a.Unknown[1].Minutes != 60 {
			t.Fatalf("%+v", a.Unknown)
		}
		for key, who := range map[string]string{a.Unknown[0].Key: "", a.Unknown[1].Key: strings.ToLower(twin2.Ref)} {
			if err := h.Match(h.system(), slug, key, who); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Match(h.system(), slug, a.Unknown[2].Key, "nobody@example.org"); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		want = append(want, "3 09[] 60 1 1000-1100", "3 09[g1] 60 1 1000-1100")
		if got := h.watched(all...); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		// A corrected file of the day takes the place of the first, and what was decided is still known.
		h.take(x, ReportFile{Name: "corrected.csv", Data: report([4]string{"PC", "a1@example.org", "10:00", "10:08"}, [4]string{"佐藤 一郎", "", "10:00", "10:20"}, [4]string{"host", "crew@example.jp", "09:00", "18:00"})})
		want = []string{"0 09[] 8 0 1000-1008", "0 09[g1] 8 0 1000-1008", "3 09[] 20 1 1000-1020", "3 09[g1] 20 1 1000-1020"}
		if got := h.watched(all...); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		// A further part adds to it, and what both have counts once.
		h.take(x, ReportFile{Name: "afternoon.csv", Add: true, Data: report([4]string{"PC", "a1@example.org", "10:05", "10:10"}, [4]string{"PC", "a1@example.org", "11:00", "11:30"})})
		if got := h.watched(sora); !slices.Equal(got, []string{"0 09[] 40 1 1000-1130", "0 09[g1] 10 1 1000-1010", "0 09[g2] 30 1 1100-1130"}) {
			t.Errorf("%q", got)
		}
		// The minutes that count are decided by the organiser, also afterwards.
		if err := h.SaveOnline(h.system(), slug, &OnlineSetup{LetterAt: "07:00", Minimum: 30}); err != nil {
			t.Fatal(err)
		}
		if got := h.watched(twin2); got[0] != "0 09[] 20 0 1000-1020" {
			t.Errorf("%q", got)
		}
		o, err := h.OwnOnline(h.system(), h.again(sora))
		if err != nil || len(o.Seen) != 1 || o.Seen[0].Minutes != 40 || !o.Seen[0].Present {
			t.Errorf("%+v %v", o.Seen, err)
		}
		// Who cancels counts nowhere.
		if err := h.Cancel(h.as(0), h.again(sora), ""); err != nil {
			t.Fatal(err)
		}
		if got := h.watched(sora); len(got) != 0 {
			t.Errorf("%q", got)
		}
		if err := h.DropStream(h.system(), slug, x.Ref); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		a, err = h.AttendanceOf(h.system(), slug, x.Ref)
		if err != nil || len(a.Reports) != 2 {
			t.Fatal(err)
		}
		for _, r := range a.Reports {
			if err := h.DropReport(h.system(), slug, x.Ref, r.Ref); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.watched(all...); len(got) != 0 {
			t.Errorf("%q", got)
		}
		if err := h.DropStream(h.system(), slug, x.Ref); err != nil {
			t.Error(err)
		}
	})
}

// TestReports_refused: a report of another day, without a day, in no zone, or long after.
func TestReports_refused(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		day, whole := h.shows(Stream{Day: "2026-12-10"}), h.shows(Stream{})
		once := []byte("Name (Original Name),User Email,Total Duration (Minutes),Guest\nKai,a1@example.org,65,Yes\n")
		e := h.watcher(1, i18n.T("海", ""))
		for name, c := range map[string]struct {
			x   *Stream
			f   ReportFile
			key string
		}{
			"other day": {day, ReportFile{Data: report([4]string{"Kai", "", "10:00", "11:00"})}, "registration.error.report_other_day"},
			"no day":    {whole, ReportFile{Data: once}, "registration.error.report_day"},
			"wrong day": {whole, ReportFile{Data: once, Day: "2026-12-24"}, "registration.error.day"},
			"zone":      {whole, ReportFile{Data: once, Zone: "Asia/Nowhere"}, "registration.error.zone"},
		} {
			if _, err := h.TakeReport(h.system(), slug, c.x.Ref, c.f); err == nil || !strings.Contains(err.Error(), c.key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// In the zone of the account, the same report is of the meeting's next morning.
		h.take(day, ReportFile{Data: report([4]string{"海", "", "20:00", "21:00"}), Zone: "America/New_York"})
		if got := h.watched(e); !slices.Equal(got, []string{"0 10[] 60 1 1000-1100"}) {
			t.Errorf("%q", got)
		}
		h.take(whole, ReportFile{Data: once, Day: "2026-12-09"})
		if got := h.watched(e); !slices.Equal(got, []string{"0 09[] 65 1 0000-0000", "0 10[] 60 1 1000-1100"}) {
			t.Errorf("%q", got)
		}
		h.moment(december(11, 0, 0).Add(keptOnline + time.Minute))
		if _, err := h.TakeReport(h.system(), slug, day.Ref, ReportFile{Data: report([4]string{"海", "", "20:00", "21:00"})}); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		before := h.watched(e)
		if err := h.SweepOnline(h.system()); err != nil {
			t.Fatal(err)
		}
		lines, err := seenWhere(t.Context(), h.db, jst, `p.stream_id = $1`, day.ID)
		if err != nil || len(lines) != 0 || !slices.Equal(h.watched(e), before) {
			t.Errorf("%v %v", lines, err)
		}
	})
}

// TestKeeps_online: somebody is given how long they watched, and it goes with them; that somebody was there stays as a number.
func TestKeeps_online(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.o.Timetable = twoDays
		x := h.shows(Stream{Day: "2026-12-10"})
		e := h.again(h.enter(10, form(1))).Entry
		h.moment(december(10, 16, 0))
		j := h.follow(h.links(e)[0].Link)
		if err := h.CountJoin(h.as(10), j); err != nil {
			t.Fatal(err)
		}
		data := strings.ReplaceAll(string(report([4]string{"参加者1", "p10@example.org", "16:00", "16:40"})), "12/09", "12/10")
		h.take(x, ReportFile{Data: []byte(data)})
		kept, err := exportedOnline(t.Context(), h.db, 10)
		if err != nil || len(kept[e.ID].Watched) != 2 || kept[e.ID].Watched[0].Minutes != 40 || len(kept[e.ID].Joined) != 1 || kept[e.ID].Joined[0].Times != 1 {
			t.Fatalf("%+v %v", kept, err)
		}
		if strings.Contains(fmt.Sprintf("%+v", kept), "zoom.example") {
			t.Error("the address is in it")
		}
		h.at(20, 0) // who leaves before it is over is cancelled
		if err := h.db.Write(t.Context(), func(tx *db.Tx) error { return Keeps{h.Service}.Erase(t.Context(), tx, person.ID(10)) }); err != nil {
			t.Fatal(err)
		}
		lines, err := seenWhere(t.Context(), h.db, jst, `p.stream_id = $1`, x.ID)
		if err != nil || len(lines) != 1 || lines[0].Name+lines[0].Address+lines[0].Key != "" {
			t.Errorf("%+v %v", lines, err)
		}
		joins, err := joinsWhere(t.Context(), h.db, jst, `j.stream_id = $1`, x.ID)
		if err != nil || len(joins) != 0 || len(h.watched(e)) != 2 {
			t.Errorf("%+v %q %v", joins, h.watched(e), err)
		}
	})
}

// TestRegistrants: Zoom is handed those who may watch, and nobody else.
func TestRegistrants(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		x := h.shows(Stream{Day: "2026-12-09"})
		h.watcher(1, i18n.T("青山 空", "Sora Aoyama"))
		h.enter(10, form(2)) // on site that day
		gone := h.watcher(3, i18n.T("去る人", ""))
		if err := h.Cancel(h.as(0), h.again(gone), ""); err != nil {
			t.Fatal(err)
		}
		out, err := h.Registrants(h.system(), slug, x.Ref)
		if got := strings.TrimPrefix(string(out), "\ufeff"); err != nil || got != "Email,First Name,Last Name\r\na1@example.org,空,青山\r\n" {
			t.Errorf("%q %v", got, err)
		}
	})
}
