package briefing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

var folders = []fs.FS{db.Migrations, search.Migrations, audit.Migrations, person.Migrations, event.Migrations, Migrations}

var jst = time.FixedZone("JST", 9*3600)

// at is a time of the meeting's second day.
func at(hour, minute int) time.Time { return time.Date(2026, 2, 12, hour, minute, 0, 0, jst) }

// hall is the meeting with those who are told, at a time that the test sets.
type hall struct {
	*Service
	t       *testing.T
	now     time.Time
	m       *event.Stored
	changes map[[2]int][]Change
	current []Session
	stars   map[int64][]string
	nobody  int // anonymous stars of the first session
	letters []mail.Letter
	jobs    []Left
	due     []time.Time
	refuse  map[int64]bool // want no letters about stars
	failing error          // of the outbox
	fate    mail.State     // of every letter
	dies    int            // after so many letters; 0: it does not
	tried   int
}

// Changes implements Programme.
func (h *hall) Changes(_ context.Context, _ *event.Stored, from, to int) ([]Change, error) {
	return slices.Clone(h.changes[[2]int{from, to}]), nil
}

// Sessions implements Programme.
func (h *hall) Sessions(context.Context, *event.Stored) ([]Session, error) {
	return h.current, nil
}

// Starrers implements Programme.
func (h *hall) Starrers(_ context.Context, _ db.Reader, _ *event.Stored, guids []string) (map[int64][]string, error) {
	out := map[int64][]string{}
	for id, list := range h.stars {
		for _, g := range list {
			if slices.Contains(guids, g) {
				out[id] = append(out[id], g)
			}
		}
	}
	return out, nil
}

// Calendar implements Programme.
func (h *hall) Calendar(_ context.Context, _ *event.Stored) (Calendar, error) {
	return func(guids []string, l i18n.Lang) ([]byte, error) {
		return fmt.Appendf(nil, "calendar in %s of %s", l, strings.Join(guids, ",")), nil
	}, nil
}

// Anonymous implements Programme.
func (h *hall) Anonymous(context.Context, db.Reader, string) (map[string]int, error) {
	return map[string]int{"g1": h.nobody, "other": 100}, nil
}

// Recipients implements People.
func (h *hall) Recipients(_ context.Context, _ db.Reader, ids []person.ID, kind string) (map[person.ID]mail.Address, error) {
	out := map[person.ID]mail.Address{}
	for _, id := range ids {
		if kind != KindStar || !h.refuse[int64(id)] {
			out[id] = mail.Address{Name: fmt.Sprint("P", id), Address: fmt.Sprintf("p%d@example.org", id), Lang: i18n.JA}
		}
	}
	return out, nil
}

// Unsubscribes implements People.
func (h *hall) Unsubscribes(_ context.Context, _ *db.Tx, ids []person.ID, _ string) (map[person.ID]string, error) {
	out := map[person.ID]string{}
	for _, id := range ids {
		out[id] = fmt.Sprint("https://example.org/unsubscribe/", id)
	}
	return out, nil
}

// box is the outbox.
type box struct{ *hall }

// Send implements Outbox. Like the real one it sends nothing twice, and nothing of a transaction that is lost.
func (b box) Send(_ context.Context, tx *db.Tx, l mail.Letter) error {
	h := b.hall
	if h.tried++; h.dies > 0 && h.tried > h.dies {
		return errors.New("killed")
	}
	if h.failing != nil {
		return h.failing
	}
	tx.OnCommit(func() {
		if !slices.ContainsFunc(h.letters, func(o mail.Letter) bool { return o.Key == l.Key }) {
			h.letters = append(h.letters, l)
		}
	})
	return nil
}

// States implements Outbox.
func (b box) States(_ context.Context, _ db.Reader, keys []string) (map[string]mail.State, error) {
	out := map[string]mail.State{}
	for _, k := range keys {
		if slices.ContainsFunc(b.letters, func(l mail.Letter) bool { return l.Key == k }) {
			out[k] = b.fate
		}
	}
	return out, nil
}

// Enqueue implements Jobs.
func (h *hall) Enqueue(_ context.Context, tx *db.Tx, e job.Event, _ ...job.Option) error {
	tx.OnCommit(func() { h.jobs = append(h.jobs, e.(Left)); h.due = append(h.due, h.now.Add(TakeBack)) })
	return nil
}

// run does what is due.
func (h *hall) run() {
	h.t.Helper()
	for i, e := range h.jobs {
		if !h.due[i].After(h.now) {
			for range 2 { // at least once
				if err := h.Leave(h.t.Context(), e); err != nil {
					h.t.Fatal(err)
				}
			}
		}
	}
}

// may holds some permissions in one meeting.
type may struct {
	slug string
	all  []authz.Permission
}

// May implements authz.Grants.
func (g may) May(p authz.Permission, scope, _ string) bool {
	return scope == g.slug && slices.Contains(g.all, p)
}

func (h *hall) as(slug string, all ...authz.Permission) context.Context {
	return authz.With(h.t.Context(), &authz.Actor{ID: 10, Ref: "REF10", Name: i18n.T("幸田", "Koda"), Grants: may{slug, all}})
}

func (h *hall) chair() context.Context {
	return h.as("janog57", event.MaySendLetters, event.MayReadPeople)
}

// moved is a session of room r2 that moved by 20 minutes.
func moved(guid, ref string, hour int, speakers ...string) Change {
	c := Change{Op: Moved, Session: Session{GUID: guid, Ref: ref, Title: i18n.T("発表"+guid, "Talk "+guid), Path: "/meetings/janog57/sessions/" + ref}}
	c.Place = Place{Start: at(hour, 20), End: at(hour+1, 0), Day: "2026-02-12", Room: "r2", Where: i18n.T("第2会場", "Room 2")}
	was := c.Place
	was.Start, was.End = at(hour, 0), at(hour, 40)
	c.Was = &was
	for _, s := range speakers {
		c.Speakers = append(c.Speakers, Named{s, i18n.T(s+"さん", s)})
	}
	return c
}

// eachHall runs a test on both engines: at 22:22 of the evening before, room 2 moved by 20 minutes with release 2.
func eachHall(t *testing.T, fn func(t *testing.T, h *hall)) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		h := &hall{t: t, now: time.Date(2026, 2, 11, 22, 22, 0, 0, jst), refuse: map[int64]bool{}, stars: map[int64][]string{}}
		events := event.New(d, event.Options{Now: func() time.Time { return h.now }})
		ctx := authz.System(t.Context(), "test")
		err := d.Write(ctx, func(tx *db.Tx) error {
			for id := 10; id < 20; id++ {
				if _, err := tx.Exec(ctx, `INSERT INTO person_account (id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en,
					links, portrait, lang, photo, recording, made_at, left_at) VALUES ($1, $2, $3, $4, '', '', '', '', '', '', '', '[]', '', 'ja', '', '', 1, 0)`,
					id, fmt.Sprint("REF", id), fmt.Sprint("人", id), fmt.Sprint("Person ", id)); err != nil {
					return err
				}
			}
			for _, slug := range []string{"janog57", "janog58"} {
				if _, _, err := events.Apply(ctx, tx, event.Input{Full: true, Meeting: &event.Meeting{
					Slug: slug, Title: i18n.T(strings.ToUpper(slug), ""), Start: "2026-02-11", End: "2026-02-13", Timezone: "Asia/Tokyo", Phase: event.Running,
					Rooms: []event.Room{{Key: "r1", Name: i18n.T("第1会場", "Room 1")}, {Key: "r2", Name: i18n.T("第2会場", "Room 2")}},
				}}); err != nil {
					return err
				}
			}
			for _, g := range []event.Grant{
				{Slug: "janog57", Person: 10, Role: event.RoleChair}, {Slug: "janog57", Person: 12, Role: event.RoleSessionOwner, Object: "AAAAAA"}, {Slug: "janog57", Person: 11, Role: event.RoleSpeaker, Object: "sora"},
				{Slug: "janog57", Person: 13, Role: event.RoleNOC}, {Slug: "janog57", Person: 14, Role: event.RoleReception},
			} {
				if _, err := events.Give(ctx, tx, g); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.changes = map[[2]int][]Change{{1, 2}: {moved("g1", "AAAAAA", 10, "sora", "kai"), moved("g2", "BBBBBB", 11, "lost")}}
		for _, c := range h.changes[[2]int{1, 2}] {
			h.current = append(h.current, c.Session)
		}
		h.Service = New(d, events, Options{Programme: h, People: h, Outbox: box{h}, Jobs: h, Now: func() time.Time { return h.now }, Base: "https://example.org"})
		if h.m, err = events.Meeting(t.Context(), "janog57"); err != nil {
			t.Fatal(err)
		}
		h.must(h.SaveContact(h.chair(), "janog57", Contact{Speaker: "kai", Address: "Kai@Example.Org", Phone: "090-0000-0000", Lang: i18n.EN}))
		h.must(h.AddPost(h.chair(), "janog57", Post{Duty: Streaming, Room: "r2", Role: event.RoleNOC}, ""))
		h.must(h.AddPost(h.chair(), "janog57", Post{Duty: MC, Room: "r1"}, "REF14"))
		h.stars = map[int64][]string{15: {"g1"}, 16: {"g1", "g2", "elsewhere"}, 17: {"elsewhere"}, 12: {"g2"}, 18: {"g2"}}
		h.nobody = 7
		fn(t, h)
	})
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// offer is the briefing that waits.
func (h *hall) offer() *Item {
	h.t.Helper()
	list, err := h.List(h.chair(), "janog57")
	h.must(err)
	for _, l := range list {
		if l.State == Open {
			return l.Item
		}
	}
	h.t.Fatal("nothing waits")
	return nil
}

func (h *hall) reached(i *Item) *Reach {
	h.t.Helper()
	m, err := h.meeting(h.t.Context(), "janog57")
	h.must(err)
	r, err := h.reach(h.t.Context(), m, i)
	h.must(err)
	return r
}

func (h *hall) is(err error, kind fault.Kind, key string) {
	h.t.Helper()
	if e, ok := fault.As(err); !ok || e.Kind != kind || key != "" && e.Key != key {
		h.t.Errorf("got %v, want %s", err, key)
	}
}

// link is the token in the letter to an address.
func (h *hall) link(address string) string {
	h.t.Helper()
	for i := len(h.letters) - 1; i >= 0; i-- {
		if l := h.letters[i]; strings.EqualFold(l.To.Address, address) {
			_, rest, _ := strings.Cut(l.Body.JA, "https://example.org/briefings/")
			token, _, _ := strings.Cut(rest, "\n")
			return token
		}
	}
	h.t.Fatalf("no letter to %s", address)
	return ""
}

// sent sends what waits, and lets it leave.
func (h *hall) sent() *Item {
	h.t.Helper()
	i := h.offer()
	h.must(h.Send(h.chair(), "janog57", i.Ref, Seen{len(h.reached(i).List), i.To}))
	h.now = h.now.Add(TakeBack)
	h.run()
	return i
}

func TestOffer(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 0, 1)) // the first release tells nobody
		if list, err := h.List(h.chair(), "janog57"); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		for range 2 {
			h.must(h.Released(t.Context(), "janog57", 1, 2))
		}
		i := h.offer()
		r := h.reached(i)
		want := Counts{Speaker: 2, Owner: 1, Streaming: 1, Starred: 3}
		if fmt.Sprint(r.Counts) != fmt.Sprint(want) || r.Counts.All() != len(r.List) || r.Anonymous != 7 {
			t.Errorf("counts %v (%d letters), %d anonymous stars; want %v and 7", r.Counts, len(r.List), r.Anonymous, want)
		}
		if len(r.Lost) != 1 || r.Lost[0].Speaker != "lost" {
			t.Errorf("who cannot be reached: %v", r.Lost)
		}
		// The owner of a session who starred another is told of both in one letter.
		owner := r.List[slices.IndexFunc(r.List, func(x *Recipient) bool { return x.Person == 12 })]
		if !slices.Equal(owner.Sessions, []string{"g1", "g2"}) || owner.Group() != Owner || !owner.Asks {
			t.Errorf("the owner: %+v", owner)
		}
		h.refuse[18] = true
		if n := h.reached(i).Counts[Starred]; n != 2 {
			t.Errorf("%d starrers want a letter, want 2", n)
		}
		if n, path, err := h.OffersFor(h.chair(), "janog57", 2); err != nil || n != 1 || path != "/meetings/janog57/briefings/"+i.Ref {
			t.Errorf("for the desk: %d %s %v", n, path, err)
		}

		// A second release in the same minute makes the offer say more, not a second one; undoing both leaves nothing to tell.
		h.changes[[2]int{1, 3}] = append(slices.Clone(h.changes[[2]int{1, 2}]), moved("g3", "CCCCCC", 14, "sora"))
		h.must(h.Released(t.Context(), "janog57", 2, 3))
		if o := h.offer(); o.Ref != i.Ref || o.From != 1 || o.To != 3 {
			t.Errorf("after another release: %d to %d", o.From, o.To)
		}
		h.must(h.Released(t.Context(), "janog57", 3, 4))
		list, err := h.List(h.chair(), "janog57")
		if err != nil || len(list) != 1 || list[0].State != Dropped {
			t.Errorf("after it was undone: %v %v", list, err)
		}
		if len(h.letters) > 0 {
			t.Error("a release sent something by itself")
		}
		// What is over needs no letter.
		h.changes[[2]int{4, 5}] = []Change{moved("g9", "DDDDDD", 9, "sora")}
		h.now = at(18, 0)
		h.must(h.Released(t.Context(), "janog57", 4, 5))
		if list, err = h.List(h.chair(), "janog57"); err != nil || list[0].State != Dropped {
			t.Errorf("of what is over: %v %v", list, err)
		}
	})
}

func TestSendAndTakeBack(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		i := h.offer()
		h.is(h.Send(h.chair(), "janog57", i.Ref, Seen{6, 2}), fault.Conflict, "briefing.error.counts")
		h.is(h.Send(h.chair(), "janog57", i.Ref, Seen{7, 3}), fault.Conflict, "briefing.error.counts")
		h.is(h.Send(h.as("janog57", event.MayReadPeople), "janog57", i.Ref, Seen{7, 2}), fault.Forbidden, "")
		h.is(h.Send(h.as("janog58", event.MaySendLetters), "janog58", i.Ref, Seen{7, 2}), fault.NotFound, "")

		for range 2 { // pressed twice
			h.must(h.Send(h.chair(), "janog57", i.Ref, Seen{7, 2}))
		}
		h.is(h.Save(h.chair(), "janog57", i.Ref, Draft{Subject: i18n.T("あ", "a"), Text: i18n.T("い", "b")}), fault.Conflict, "briefing.error.not_open")
		h.now = h.now.Add(TakeBack - time.Second)
		h.run()
		if _, err := h.TakeBackNow(h.chair(), "janog57", i.Ref); err != nil || len(h.letters) > 0 {
			t.Fatalf("within five minutes: %v, %d letters", err, len(h.letters))
		}
		if o := h.offer(); o.Ref != i.Ref {
			t.Errorf("taken back, %s waits", o.Ref)
		}

		// Sent again, it leaves at its own time and not at that of the first try.
		h.must(h.Send(h.chair(), "janog57", i.Ref, Seen{7, 2}))
		h.now = h.now.Add(time.Minute)
		h.run()
		if len(h.letters) != 0 {
			t.Fatalf("%d letters left at the time of what was taken back", len(h.letters))
		}
		h.now = h.now.Add(TakeBack)
		h.failing = fmt.Errorf("no room")
		if err := h.Leave(t.Context(), h.jobs[len(h.jobs)-1]); err == nil {
			t.Error("it fails silently")
		}
		h.failing = nil
		h.run()
		if len(h.letters) != 7 {
			t.Errorf("%d letters left, want 7", len(h.letters))
		}
		_, err := h.TakeBackNow(h.chair(), "janog57", i.Ref)
		h.is(err, fault.Conflict, "briefing.error.left")
		for _, l := range h.letters {
			star := l.Kind == KindStar
			if star == strings.Contains(l.Body.JA, "/briefings/") || star != (l.Unsubscribe != "") {
				t.Errorf("%s to %s: a link to acknowledge, or none to unsubscribe", l.Kind, l.To.Address)
			}
			if l.To.Address == "p15@example.org" && (strings.Contains(l.Body.JA, "発表g2") || !strings.Contains(l.Body.JA, "発表g1")) {
				t.Errorf("a letter is about what was not starred:\n%s", l.Body.JA)
			}
		}
		// Who starred what is not kept once the letters left.
		if rest, err := recipients(t.Context(), h.db, jst, `t.asks = 0`); err != nil || len(rest) > 0 {
			t.Errorf("%d stars are kept, %v", len(rest), err)
		}
	})
}

// TestTakeBackMeetsANewerOffer: what was released meanwhile is told together with what was taken back.
func TestTakeBackMeetsANewerOffer(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		i := h.offer()
		h.must(h.Send(h.chair(), "janog57", i.Ref, Seen{7, 2}))
		h.changes[[2]int{2, 3}] = []Change{moved("g3", "CCCCCC", 14, "sora")}
		h.changes[[2]int{1, 3}] = append(slices.Clone(h.changes[[2]int{1, 2}]), h.changes[[2]int{2, 3}]...)
		h.must(h.Released(t.Context(), "janog57", 2, 3))
		next, err := h.TakeBackNow(h.chair(), "janog57", i.Ref)
		if o := h.offer(); err != nil || o.Ref != next || next == i.Ref || o.From != 1 || o.To != 3 {
			t.Errorf("%v: releases %d to %d wait", err, o.From, o.To)
		}
		h.now = h.now.Add(time.Hour)
		h.run()
		if len(h.letters) > 0 {
			t.Error("what was taken back left")
		}
	})
}

func TestAcknowledge(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		i := h.sent()
		nobody := t.Context()
		kai, sora := h.link("kai@example.org"), h.link("p11@example.org")
		waiting := func() []string {
			t.Helper()
			m, err := h.meeting(nobody, "janog57")
			h.must(err)
			b, err := h.board(nobody, m, i, true)
			h.must(err)
			var out []string
			for _, r := range b.list {
				if r.Waits() {
					out = append(out, r.Name.In(i18n.EN))
				}
			}
			return out
		}
		if got := waiting(); !slices.Equal(got, []string{"kai", "Person 11", "Person 12", "Person 13"}) {
			t.Errorf("waiting: %q", got)
		}
		// Opening a link acknowledges nothing.
		told, err := h.Told(nobody, kai)
		if err != nil || len(told.Lines) != 1 || len(waiting()) != 4 {
			t.Errorf("opened: %+v, %v", told, err)
		}
		for _, forged := range []string{"", "x", kai + "0", kai[:len(kai)-1], kai[:26], sora[:26] + kai[26:], strings.ToLower(kai[:26]) + kai[26:], strings.Repeat("0", 26) + kai[26:]} {
			h.is(h.Acknowledge(nobody, forged), fault.NotFound, "")
		}
		for range 2 { // replayed
			h.must(h.Acknowledge(nobody, kai))
		}
		h.must(h.Call(nobody, sora, "  090-1111-2222  "))
		if got := waiting(); !slices.Equal(got, []string{"Person 11", "Person 12", "Person 13"}) {
			t.Errorf("waiting: %q", got)
		}

		// On their own page, people acknowledge what is theirs, and nothing else.
		mine := authz.With(nobody, &authz.Actor{ID: 11, Ref: "REF11"})
		own, err := h.Own(mine)
		if err != nil || len(own) != 1 || !own[0].Call {
			t.Fatalf("own: %v, %v", own, err)
		}
		h.is(h.AcknowledgeOwn(authz.With(nobody, &authz.Actor{ID: 12}), own[0].Ref), fault.NotFound, "")
		h.is(h.AcknowledgeOwn(nobody, own[0].Ref), fault.NotFound, "")
		h.must(h.AcknowledgeOwn(mine, own[0].Ref))
		if n, err := h.Waiting(nobody, 11); err != nil || n != 0 {
			t.Errorf("%d wait, %v", n, err)
		}

		// By telephone: who noted it is kept; in another meeting it is not there; the note can be taken back, the tap of another cannot.
		list, err := recipients(nobody, h.db, jst, `t.item_id = $1 AND t.asks = 1 ORDER BY t.id`, i.ID)
		h.must(err)
		of := func(p int64) *Recipient {
			return list[slices.IndexFunc(list, func(r *Recipient) bool { return r.Person == p })]
		}
		other := h.as("janog58", event.MaySendLetters)
		h.is(h.Note(other, "janog58", i.Ref, of(12).Ref, false), fault.NotFound, "")
		h.is(h.Note(other, "janog57", i.Ref, of(12).Ref, false), fault.Forbidden, "")
		h.must(h.Note(h.chair(), "janog57", i.Ref, of(12).Ref, false))
		h.must(h.Note(h.chair(), "janog57", i.Ref, of(11).Ref, true))
		if got := waiting(); !slices.Equal(got, []string{"Person 13"}) {
			t.Errorf("waiting: %q", got)
		}
		h.must(h.Note(h.chair(), "janog57", i.Ref, of(12).Ref, true))
		if got := waiting(); len(got) != 2 {
			t.Errorf("waiting: %q", got)
		}

		// Reminders: not right after the letter, then once, and only to those who have not acknowledged.
		before := len(h.letters)
		if n, err := h.Remind(h.chair(), "janog57", i.Ref); err != nil || n != 0 {
			t.Errorf("reminded %d, %v", n, err)
		}
		h.now = h.now.Add(between)
		for want, n := range map[int]int{2: 2} {
			if got, err := h.Remind(h.chair(), "janog57", i.Ref); err != nil || got != want {
				t.Errorf("reminded %d, %v", got, err)
			}
			if got, err := h.Remind(h.chair(), "janog57", i.Ref); err != nil || got != 0 || len(h.letters) != before+n {
				t.Errorf("reminded again: %d, %v, %d letters", got, err, len(h.letters)-before)
			}
		}
		if l := h.letters[len(h.letters)-1]; !strings.HasPrefix(l.Subject.JA, "【再送】") {
			t.Errorf("a reminder: %q", l.Subject.JA)
		}
		h.auditWithoutNames()
	})
}

// auditWithoutNames looks for personal data in the log.
func (h *hall) auditWithoutNames() {
	h.t.Helper()
	n := 0
	err := db.Each(h.t.Context(), h.db, func(rows *sql.Rows) error {
		var content string
		n++
		err := rows.Scan(&content)
		if strings.Contains(content, "@") || strings.Contains(content, "090-") || strings.Contains(content, "さん") {
			h.t.Errorf("the log holds %q", content)
		}
		return err
	}, `SELECT content FROM audit_value`)
	if err != nil || n == 0 {
		h.t.Errorf("%d values in the log, %v", n, err)
	}
}

// TestSuperseded: a later change has to be acknowledged again; what it does not say stays as it was.
func TestSuperseded(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		first := h.sent()
		nobody := t.Context()
		kai, noc := h.link("kai@example.org"), h.link("p13@example.org")
		h.must(h.Acknowledge(nobody, kai))
		h.must(h.Acknowledge(nobody, noc))
		again := moved("g1", "AAAAAA", 13, "sora", "kai")
		h.changes[[2]int{2, 3}] = []Change{again}
		h.current[0] = again.Session
		h.must(h.Released(t.Context(), "janog57", 2, 3))
		told, err := h.Told(nobody, kai)
		if err != nil || len(told.Since) != 1 {
			t.Errorf("an old letter does not say that it changed again: %v", err)
		}
		second := h.sent()
		h.is(h.Acknowledge(nobody, kai), fault.Conflict, "briefing.error.superseded")
		list, err := h.List(h.chair(), "janog57")
		if err != nil || len(list) != 2 || list[0].Ref != second.Ref || list[1].Ref != first.Ref {
			t.Fatal(list, err)
		}
		// Kai and Sora of the first are asked anew; the NOC and the owner were told of g2 as well, which the second does not say.
		if list[0].Asked != 4 || list[0].Done != 0 || list[1].Asked != 2 || list[1].Done != 1 {
			t.Errorf("asked %d, done %d; of the first %d, %d", list[0].Asked, list[0].Done, list[1].Asked, list[1].Done)
		}
		h.must(h.Acknowledge(nobody, h.link("kai@example.org")))
		if list, err = h.List(h.chair(), "janog57"); err != nil || list[0].Done != 1 {
			t.Error(list[0].Done, err)
		}
	})
}

// TestManyStars: 3,000 people starred what moved; finding them takes as many statements as finding three.
func TestManyStars(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		i := h.offer()
		m, err := h.meeting(t.Context(), "janog57")
		h.must(err)
		count := func() int64 {
			ctx, n := db.Counted(t.Context())
			if _, err := h.reach(ctx, m, i); err != nil {
				t.Fatal(err)
			}
			return n.Load()
		}
		few := count()
		for id := range int64(3000) {
			h.stars[1000+id] = []string{"g1"}
		}
		if many := count(); many != few {
			t.Errorf("%d statements for 3,000 people, %d for three", many, few)
		}
		h.sent()
		if len(h.letters) != 3007 {
			t.Errorf("%d letters", len(h.letters))
		}
	})
}

// TestFreeBriefing is about no release: to a role, and to those of some sessions.
func TestFreeBriefing(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		ref, err := h.Make(h.chair(), "janog57")
		h.must(err)
		h.is(h.Save(h.chair(), "janog57", ref, Draft{Subject: i18n.T("件名", ""), Text: i18n.T("本文", "text")}), fault.Invalid, "briefing.error.both")
		h.must(h.Save(h.chair(), "janog57", ref, Draft{
			Subject: i18n.T("集合時刻", "When to meet"), Text: i18n.T("8時半です。", "At half past eight."),
			Audience: Audience{Duties: []Duty{Speaker, Member}, Roles: []event.RoleKey{event.RoleReception, "made-up"}, Sessions: []string{"g1"}},
		}))
		i := h.offer()
		if r := h.reached(i); fmt.Sprint(r.Counts) != fmt.Sprint(Counts{Speaker: 2, Member: 1}) {
			t.Errorf("%v", r.Counts)
		}
		h.sent()
		l := h.letters[slices.IndexFunc(h.letters, func(l mail.Letter) bool { return l.To.Address == "p14@example.org" })]
		if !strings.Contains(l.Body.JA, "検討中") || strings.Contains(l.Body.JA, "発表g1") {
			t.Errorf("to the reception:\n%s", l.Body.JA)
		}
	})
}

// TestForgotten: whoever leaves takes their name along; the numbers stay.
func TestForgotten(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		h.sent()
		h.must(h.Call(t.Context(), h.link("p11@example.org"), "my number is 1"))
		out, err := exported(t.Context(), h.db, 11)
		if err != nil || !strings.Contains(fmt.Sprint(out), "janog57") {
			t.Errorf("%v, %v", out, err)
		}
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error { return Keeps{h.Service}.Merge(t.Context(), tx, 13, 11) }))
		h.must(h.db.Write(t.Context(), func(tx *db.Tx) error { return Keeps{h.Service}.Erase(t.Context(), tx, 11) }))
		list, err := recipients(t.Context(), h.db, jst, `t.person_id = 0 AND t.contact_id = 0`)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		for _, r := range list {
			if r.Waits() || !r.Name.IsZero() || r.Person == 11 || r.Person == 13 || strings.Contains(r.CallNote, "number") {
				t.Errorf("%+v", r)
			}
		}
	})
}

// TestSweep: how to reach people is forgotten when the meeting is long over, and not before.
func TestSweep(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		h.sent()
		for _, want := range []int{1, 0} {
			h.must(h.Sweep(t.Context()))
			list, err := recipients(t.Context(), h.db, jst, `t.phone <> '' OR t.address <> ''`)
			typed, err2 := contacts(t.Context(), h.db, h.m.ID)
			if err != nil || err2 != nil || len(list) != want || len(typed) != want {
				t.Errorf("%d recipients and %d contacts are known, %v, %v; want %d", len(list), len(typed), err, err2, want)
			}
			h.now = h.now.AddDate(0, 3, 0)
		}
	})
}

// TestLetterDidNotArrive: the page says so, as the telephone is the way then.
func TestLetterDidNotArrive(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		h.fate = mail.Refused
		i := h.sent()
		m, err := h.meeting(t.Context(), "janog57")
		h.must(err)
		ctx, n := db.Counted(t.Context())
		b, err := h.board(ctx, m, i, true)
		if err != nil || len(b.letters) != 4 || b.letters[b.list[0].Ref] != mail.Refused {
			t.Errorf("%v, %v", b.letters, err)
		}
		if n.Load() > 8 {
			t.Errorf("%d statements", n.Load())
		}
		// Who may not see how to reach people does not.
		if b, err = h.board(t.Context(), m, i, false); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.list {
			if r.Address != "" || r.Phone != "" || r.CallNote != "" {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestContactsAndPosts(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		h.is(h.SaveContact(h.as("janog57", event.MaySendLetters), "janog57", Contact{Speaker: "kai", Address: "a@example.org"}), fault.Forbidden, "")
		h.is(h.SaveContact(h.chair(), "janog57", Contact{Speaker: "nobody", Address: "a@example.org"}), fault.NotFound, "")
		h.is(h.SaveContact(h.chair(), "janog57", Contact{Speaker: "kai", Address: "no address"}), fault.Invalid, "briefing.error.address")
		h.must(h.SaveContact(h.chair(), "janog57", Contact{Speaker: "kai"}))
		list, err := h.Contacts(h.chair(), "janog57")
		if err != nil || len(list) != 3 || !list[0].Account || list[1].Contact.Ref != "" {
			t.Errorf("%v, %v", list, err)
		}
		for _, p := range []Post{{Duty: Speaker, Role: event.RoleNOC}, {Duty: MC}, {Duty: MC, Role: event.RoleNOC, Team: "x"}, {Duty: MC, Role: event.RoleOwner}, {Duty: MC, Team: "x"}, {Duty: MC, Role: event.RoleNOC, Room: "r9"}, {Duty: MC, Role: event.RoleNOC, Day: "2026-03-01"}} {
			h.is(h.AddPost(h.chair(), "janog57", p, ""), fault.Invalid, "")
		}
		h.is(h.AddPost(h.chair(), "janog57", Post{Duty: MC}, "REF19"), fault.Invalid, "briefing.error.holder")
		all, _, err := h.Posts(h.chair(), "janog57")
		h.must(err)
		h.is(h.DropPost(h.as("janog58", event.MaySendLetters), "janog58", all[0].Ref), fault.NotFound, "")
		h.must(h.DropPost(h.chair(), "janog57", all[0].Ref))
	})
}
