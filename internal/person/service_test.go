package person

import (
	"context"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// desk is a service with a clock and an outbox that a test looks into.
type desk struct {
	*Service
	t    *testing.T
	now  time.Time
	mu   sync.Mutex
	sent []mail.Letter
}

// Send keeps a letter once its transaction is durable.
func (d *desk) Send(_ context.Context, tx *db.Tx, l mail.Letter) error {
	tx.OnCommit(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sent = append(d.sent, l)
	})
	return nil
}

var folders = []fs.FS{db.Migrations, limit.Migrations, audit.Migrations, Migrations}

func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	dbtest.Quick(t, folders, func(t *testing.T, database *db.DB) {
		d := &desk{t: t, now: time.Date(2026, 2, 11, 22, 22, 0, 0, time.UTC)}
		pictures, err := blob.OpenStore(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = pictures.Close() })
		d.Service = New(database, Options{
			Now: func() time.Time { return d.now }, Outbox: d, Base: "https://example.org", Portraits: pictures,
			Kinds: []Kind{{Key: "person.code", Necessary: true}, {Key: "test.news"}, {Key: "test.other"}},
		})
		fn(t, d)
	})
}

var (
	codeIn = regexp.MustCompile(`\b\d{4} \d{4}\b`)
	linkIn = regexp.MustCompile(`/sign-in/link/([0-9a-f]{64})`)
)

// ask asks for a code and reads it from the letter.
func (d *desk) ask(address string) (ref, code, link string) {
	d.t.Helper()
	ref, err := d.SendCode(d.t.Context(), Ask{Address: address, Lang: i18n.JA, Base: "https://example.org"})
	if err != nil {
		d.t.Fatal(err)
	}
	l := d.sent[len(d.sent)-1]
	return ref, codeIn.FindString(l.Body.JA), linkIn.FindStringSubmatch(l.Body.JA)[1]
}

func (d *desk) enter(p Proof) (*Entry, error) { return d.Enter(d.t.Context(), p) }

func TestSignInByCode(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ref, code, _ := d.ask(" Taro@Example.ORG ")
		for i, wrong := range []string{"", "0000 0000", code[:8], code + "1"} {
			if _, err := d.enter(Proof{Ref: ref, Code: wrong}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("wrong code %d: %v", i, err)
			}
		}
		e, err := d.enter(Proof{Ref: ref, Code: fullWidth(code)}) // the fifth try, typed by a Japanese keyboard
		if err != nil || !e.New || e.Token == "" {
			t.Fatalf("%+v %v", e, err)
		}
		who, err := d.actorOf(t.Context(), e.Token, "192.0.2.1")
		if err != nil || who.ID != int64(e.Account) || who.From != "192.0.2.1" {
			t.Fatalf("the cookie is of %+v, %v", who, err)
		}
		if _, err := d.enter(Proof{Ref: ref, Code: code}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a second use: %v", err)
		}
		ref, code, _ = d.ask("taro@ｅｘａｍｐｌｅ.org")
		again, err := d.enter(Proof{Ref: ref, Code: code})
		if err != nil || again.New || again.Account != e.Account || again.Token == e.Token {
			t.Errorf("the same person again: %+v %v", again, err)
		}
	})
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return '　'
	}, s)
}

func TestSixthTryIsRefusedEvenIfRight(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ref, code, link := d.ask("a@example.org")
		for range codeTries {
			if _, err := d.enter(Proof{Ref: ref, Code: "1"}); err == nil {
				t.Fatal("a wrong code was taken")
			}
		}
		if _, err := d.enter(Proof{Ref: ref, Code: code}); err == nil {
			t.Error("the right code after five wrong ones was taken")
		}
		if _, err := d.enter(Proof{Link: link}); err != nil {
			t.Errorf("the link of 256 bits is not guessed, and stays good: %v", err)
		}
	})
}

func TestLinkAndCodeAreOneUse(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ref, code, link := d.ask("a@example.org")
		if _, _, err := d.Pending(t.Context(), "", link); err != nil {
			t.Fatal("opening the link does nothing:", err)
		}
		if _, err := d.enter(Proof{Link: link}); err != nil {
			t.Fatal(err)
		}
		for what, p := range map[string]Proof{"link": {Link: link}, "code": {Ref: ref, Code: code}, "forged link": {Link: strings.Repeat("0", 64)}, "nothing": {}} {
			if _, err := d.enter(p); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestCodesEnd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ref, code, link := d.ask("a@example.org")
		d.now = d.now.Add(codeLife)
		for _, p := range []Proof{{Ref: ref, Code: code}, {Link: link}} {
			if _, err := d.enter(p); fault.KindOf(err) != fault.Invalid {
				t.Errorf("after its time: %v", err)
			}
		}
		if _, _, err := d.Pending(t.Context(), ref, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("pending after its time: %v", err)
		}
	})
}

func TestOneCodeManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ref, code, link := d.ask("a@example.org")
		var wg sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for i := range 20 {
			wg.Go(func() {
				p := Proof{Ref: ref, Code: code}
				if i%2 == 0 {
					p = Proof{Link: link}
				}
				if _, err := d.enter(p); err == nil {
					mu.Lock()
					in++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if in != 1 {
			t.Errorf("%d sessions from one code", in)
		}
	})
}

// TestTwoCodesOfANewAddress: two browsers that prove the same new address at once get one account.
func TestTwoCodesOfANewAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, _, one := d.ask("new@example.org")
		_, _, two := d.ask("new@example.org")
		var wg sync.WaitGroup
		for _, link := range []string{one, two} {
			wg.Go(func() {
				if _, err := d.enter(Proof{Link: link}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int
		if err := d.db.Row(t.Context(), `SELECT count(*) FROM person_account`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d accounts, %v", n, err)
		}
	})
}

func TestCodesAreLimited(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		here := authz.With(t.Context(), &authz.Actor{From: "192.0.2.1"})
		there := authz.With(t.Context(), &authz.Actor{From: "198.51.100.1"})
		send := func(ctx context.Context, to string) fault.Kind {
			_, err := d.SendCode(ctx, Ask{Address: to, Base: "https://example.org"})
			if err == nil {
				return -1
			}
			return fault.KindOf(err)
		}
		for range codesPerAddress.Burst {
			if k := send(here, "victim@example.org"); k != -1 {
				t.Fatal(k)
			}
		}
		if k := send(here, "Victim@example.org"); k != fault.TooMany {
			t.Errorf("the sixth code for an address: %v", k)
		}
		if k := send(there, "victim@example.org"); k != -1 {
			t.Errorf("the owner of the address, elsewhere, is held up by an attacker: %v", k)
		}
		if k := send(here, "other@example.org"); k != -1 {
			t.Errorf("another person at the same network address: %v", k)
		}
		for i := range 300 { // a venue
			if k := send(here, "p"+strings.Repeat("x", i%50)+"@e"+strings.Repeat("y", i/50)+".example.org"); k != -1 {
				t.Fatalf("person %d of a venue: %v", i, k)
			}
		}
	})
}

// TestNobodyLearnsWhoHasAnAccount: what is answered and stored is the same for an address with an account and one without.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, _, link := d.ask("member@example.org")
		if _, err := d.enter(Proof{Link: link}); err != nil {
			t.Fatal(err)
		}
		count := func(address string) int64 {
			ctx, n := db.Counted(t.Context())
			if _, err := d.SendCode(ctx, Ask{Address: address, Base: "https://example.org"}); err != nil {
				t.Fatal(err)
			}
			return n.Load()
		}
		if a, b := count("member@example.org"), count("stranger@example.org"); a != b {
			t.Errorf("%d statements for a member, %d for a stranger", a, b)
		}
		a, b := d.sent[len(d.sent)-2], d.sent[len(d.sent)-1]
		if len(a.Body.EN) != len(b.Body.EN) {
			t.Error("the letters differ")
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		in := func() (string, *authz.Actor) {
			_, _, link := d.ask("a@example.org")
			e, err := d.enter(Proof{Link: link, Agent: "Mozilla/5.0 (Android 14) Firefox/130"})
			if err != nil {
				t.Fatal(err)
			}
			return e.Token, d.is(e.Token)
		}
		one, who := in()
		two, other := in()
		if err := d.SignOut(authz.With(t.Context(), who), other.Session); err != nil || d.is(two).SignedIn() || !d.is(one).SignedIn() {
			t.Error("ending another session", err)
		}
		two, _ = in()
		_, _, link := d.ask("b@example.org")
		e, err := d.enter(Proof{Link: link})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.SignOut(authz.With(t.Context(), who), d.is(e.Token).Session); err != nil || !d.is(e.Token).SignedIn() {
			t.Error("somebody else's session was ended", err)
		}
		if err := d.SignOut(authz.With(t.Context(), who), -1); err != nil || d.is(two).SignedIn() || !d.is(one).SignedIn() {
			t.Error("signing out everywhere else", err)
		}
		list, err := d.Sessions(t.Context(), ID(who.ID))
		if err != nil || len(list) != 1 || list[0].Agent != "Firefox, Android" {
			t.Errorf("%+v %v", list, err)
		}
		d.now = d.now.Add(sessionIdle - time.Minute)
		if !d.is(one).SignedIn() {
			t.Error("a session ended before its time")
		}
		d.now = d.now.Add(sessionIdle - time.Minute) // it was used since
		if !d.is(one).SignedIn() {
			t.Error("a session that is used ended")
		}
		d.now = d.now.Add(sessionIdle + time.Minute)
		if d.is(one).SignedIn() {
			t.Error("an idle session goes on")
		}
		if err := d.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, _ = d.Sessions(t.Context(), ID(who.ID)); len(list) != 0 {
			t.Errorf("swept, and still there: %+v", list)
		}
	})
}

func (d *desk) is(token string) *authz.Actor {
	d.t.Helper()
	who, err := d.actorOf(d.t.Context(), token, "")
	if err != nil {
		d.t.Fatal(err)
	}
	return who
}

func TestStepUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, _, link := d.ask("a@example.org")
		e, err := d.enter(Proof{Link: link})
		if err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Hour)
		who := d.is(e.Token)
		ctx := authz.With(t.Context(), who)
		if _, err := d.SendCode(ctx, Ask{Address: "a@example.org", Base: "https://example.org", Purpose: toStepUp, Account: ID(who.ID)}); err != nil {
			t.Fatal(err)
		}
		link = linkIn.FindStringSubmatch(d.sent[len(d.sent)-1].Body.EN)[1]
		if _, err := d.Enter(t.Context(), Proof{Link: link}); err == nil {
			t.Error("a code to step up signed somebody in")
		}
		up, err := d.Enter(ctx, Proof{Link: link})
		if err != nil || d.is(e.Token).SignedIn() || !d.is(up.Token).SteppedUp.Equal(d.now) {
			t.Errorf("stepping up gives the session a new secret: %+v %v", up, err)
		}
	})
}

func TestAddressesAsPeopleTypeThem(t *testing.T) {
	for in, want := range map[string]string{
		"taro@example.org": "taro@example.org", " Taro+janog@EXAMPLE.org ": "taro+janog@example.org", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｏｒｇ": "taro@example.org",
		"太郎@example.org": "太郎@example.org", "taro@例え.テスト": "taro@xn--r8jz45g.xn--zckzah", "o'brien@example.org": "o'brien@example.org",
		"": "", "taro": "", "taro@": "", "@example.org": "", "a b@example.org": "", "taro@localhost": "", "Taro <taro@example.org>": "",
		"taro@example.org, b@example.org": "", "taro@example.org\nBcc: x@example.org": "", "taro@exa mple.org": "", strings.Repeat("a", 65) + "@example.org": "",
		"a@" + strings.Repeat("a.", 130) + "org": "", "taro@[192.0.2.1]": "", "taro@-x-.org": "",
	} {
		if _, folded, err := ParseAddress(in); folded != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, want %q", in, folded, err, want)
		}
	}
}

func TestNames(t *testing.T) {
	a := &Account{Name: i18n.T("  髙橋\u3000𠮷子\u202e ", "ＴＡＫＡＨＡＳＨＩ Yoshiko"), Kana: "ﾀｶﾊｼ　よしこ"}
	if err := a.CheckNames(); err != nil || a.Name.JA != "髙橋 𠮷子" || a.Name.EN != "TAKAHASHI Yoshiko" || a.Kana != "タカハシ ヨシコ" {
		t.Errorf("%+v %v", a, err)
	}
	for what, bad := range map[string]*Account{
		"no name": {}, "long": {Name: i18n.T(strings.Repeat("寿", 201), "")}, "reading": {Name: i18n.T("林", ""), Kana: "hayashi"}, "blank": {Name: i18n.T(" \u200e ", "")},
	} {
		if fault.KindOf(bad.CheckNames()) != fault.Invalid {
			t.Errorf("%s was taken", what)
		}
	}
	if err := (&Account{Name: i18n.T("林", "")}).CheckNames(); err != nil {
		t.Error("a name of one character:", err)
	}
	if err := (&Account{Name: i18n.T(strings.Repeat("寿", 200), "")}).CheckNames(); err != nil {
		t.Error("a name of 200:", err)
	}
}

// TestNobodyLocksTheVenueOut: a venue is one address. Whoever sends nonsense from there, or goes on with a code or a link of their own that is
// no good any more, takes nothing from those who have one, and learns nothing by it.
func TestNobodyLocksTheVenueOut(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		venue := d.as(&authz.Actor{From: "192.0.2.1"})
		over, _, old := d.ask("over@example.org")
		d.now = d.now.Add(time.Hour)
		tried, right, _ := d.ask("tried@example.org")
		for range codeTries {
			if _, err := d.Enter(venue, Proof{Ref: tried, Code: "00000000"}); fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
		}
		used, _, link := d.ask("used@example.org")
		if _, err := d.Enter(venue, Proof{Link: link}); err != nil {
			t.Fatal(err)
		}
		ref, code, _ := d.ask("taro@example.org")
		counted := func() (sum string) {
			if err := d.db.Row(t.Context(), `SELECT CAST(SUM(drained_at) AS TEXT) FROM limit_bucket`).Scan(&sum); err != nil {
				t.Fatal(err)
			}
			return sum
		}
		before := counted()
		for what, p := range map[string]Proof{
			"no code": {Ref: "NOTHING", Code: "12345678"}, "no link": {Link: "nothing"}, "tried too often": {Ref: tried, Code: right},
			"over": {Ref: over, Code: "12345678"}, "a link that is over": {Link: old}, "used": {Ref: used, Code: "12345678"}, "a used link": {Link: link},
		} {
			_, err := d.Enter(venue, p)
			if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Key != "person.error.code_over" || f.Field != "code" {
				t.Errorf("%s: %v", what, err)
			}
			if counted() != before {
				t.Errorf("%s was counted for the whole venue", what)
			}
		}
		for range triesPerNetwork.Burst + 1 {
			if _, err := d.Enter(venue, Proof{Ref: tried, Code: right}); fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
		}
		if e, err := d.Enter(venue, Proof{Ref: ref, Code: code}); err != nil || e.Token == "" {
			t.Errorf("somebody with a code: %+v %v", e, err)
		}
		if counted() == before {
			t.Error("a try that could be right is not counted")
		}
	})
}
