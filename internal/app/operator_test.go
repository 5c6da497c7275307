package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// broken is an event whose listener fails as long as the test wants.
type broken struct {
	N int `json:"n"`
}

func (broken) JobName() string { return "test.broken" }

// withDeadJobs runs the program with n jobs that were given up.
func withDeadJobs(t *testing.T, e db.Engine, n int) *site {
	t.Helper()
	w := start(t, e)
	job.On(w.Jobs, "test.broken", func(_ context.Context, b broken) error {
		return job.GiveUp(fmt.Errorf("session %d is not there", b.N))
	})
	if err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
		for i := range n {
			if err := w.Jobs.Enqueue(t.Context(), tx, broken{i}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for end := time.Now().Add(20 * time.Second); w.deadJobs() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the jobs do not die")
		}
	}
	return w
}

func (w *site) deadJobs() int {
	w.t.Helper()
	n, err := job.CountDead(context.Background(), w.DB)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestOperatorLooksAfterDeadJobs: sees why, runs one again, discards one, runs the rest again; each act is in the audit log, and who may not
// does not.
func TestOperatorLooksAfterDeadJobs(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withDeadJobs(t, e, 25)
		owner, other := w.member("owner", []event.RoleKey{event.RoleOwner}), w.member("other", nil)
		first := owner.do(http.MethodGet, "/en/admin/jobs", "").Body.String()
		if strings.Count(first, "is not there") != 20 || !strings.Contains(first, "Run all 25 dead jobs again") {
			t.Error(first)
		}
		next := regexp.MustCompile(`/en(/admin/jobs\?after=[0-9a-z]+)`).FindStringSubmatch(first)
		if next == nil {
			t.Fatal("there is no second page")
		}
		if second := owner.do(http.MethodGet, next[1], "").Body.String(); strings.Count(second, "is not there") != 5 || strings.Contains(second, "?after=") {
			t.Error("the second page has not five")
		}
		refs := regexp.MustCompile(`name="job" value="([0-9a-z]+)"`).FindAllStringSubmatch(first, -1)
		if len(refs) != 20 {
			t.Fatal(refs)
		}
		if rec := other.do(http.MethodPost, "/admin/jobs", "do=discard&job="+refs[0][1]); rec.Code != http.StatusForbidden || w.deadJobs() != 25 {
			t.Error("somebody discarded a job:", rec.Code)
		}
		for form, want := range map[string]string{"do=discard&job=" + refs[0][1]: "discard", "do=retry&job=" + refs[1][1]: "retry"} {
			rec := owner.do(http.MethodPost, "/admin/jobs", form)
			if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/admin/jobs?done="+want {
				t.Errorf("%s: %d, %s", form, rec.Code, rec.Header())
			}
		}
		if rec := owner.do(http.MethodPost, "/admin/jobs", "do=discard&job="+refs[0][1]); rec.Header().Get("Location") != "/admin/jobs?done=gone" {
			t.Error("twice:", rec.Code, rec.Header())
		}
		owner.do(http.MethodPost, "/admin/jobs", "do=retry_all&listener=test.broken")
		owner.do(http.MethodPost, "/admin/jobs", "do=nonsense&job=x")
		var acts int
		if err := w.DB.Row(t.Context(), `SELECT count(*) FROM audit_entry WHERE action LIKE 'job.%'`).Scan(&acts); err != nil || acts != 3 {
			t.Error(acts, err)
		}
		if m := w.ask(http.MethodGet, "/metrics", loopback).Body.String(); !strings.Contains(m, `tsudoi_jobs{listener="test.broken",state="dead"}`) || !strings.Contains(m, `tsudoi_letters{state="queued"} 0`) || !strings.Contains(m, `tsudoi_job_runs_total{listener="test.broken",outcome="dead"}`) {
			t.Error("the metrics do not tell of jobs")
		}
	})
}

// news is a letter for these tests.
func news(to string) mail.Letter {
	return mail.Letter{
		Kind: "test.news", To: mail.Address{Name: "山田 花子", Address: to, Lang: i18n.JA},
		Subject:     i18n.T("C14 の開始時刻が変わりました", "C14 begins at another time"),
		Body:        i18n.T("山田さん\n\nC14 <script>alert(1)</script> は 14:00 からになりました。\n"+public+"/meetings/janog57\n\n実行委員会", "Dear Hanako,\n\nC14 begins at 14:00.\n"+public+"/en/meetings/janog57\n\nThe committee"),
		ReplyTo:     mail.Address{Name: "実行委員会", Address: "pc@example.org"},
		Attachments: []mail.Attachment{{Name: "c14.ics", Type: "text/calendar; method=PUBLISH", Data: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")}},
	}
}

func (w *site) post(letters ...mail.Letter) {
	w.t.Helper()
	if err := w.DB.Write(context.Background(), func(tx *db.Tx) error {
		for _, l := range letters {
			if err := w.Outbox.Send(context.Background(), tx, l); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// TestLettersAreReadInTheDemo, and nowhere else.
func TestLettersAreReadInTheDemo(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := startDemoSite(t, e)
		for i := range 35 {
			w.post(news(fmt.Sprintf("a%d@example.org", i)))
		}
		first := w.get("/dev/mail").text()
		if strings.Count(first, "C14 の開始時刻") != 30 || strings.Index(first, "a34@") > strings.Index(first, "a33@") {
			t.Error("the newest do not come first")
		}
		next := regexp.MustCompile(`/dev/mail\?after=[A-Z0-9]+`).FindString(first)
		if second := w.get(next).text(); strings.Count(second, "C14 の開始時刻") != 5 {
			t.Error("the second page has not five")
		}
		one := w.get("/en" + regexp.MustCompile(`/dev/mail/[A-Z0-9]+`).FindString(first)).text()
		for _, part := range []string{
			"C14 begins at another time", "a34@example.org", "&lt;script&gt;alert(1)", `<a href="` + public + `/meetings/janog57">`, "実行委員会", "c14.ics", "BEGIN:VCALENDAR", "Message-Id", "auto-generated", "Dear Hanako",
		} {
			if !strings.Contains(one, part) {
				t.Errorf("%s is not in %s", part, one)
			}
		}
		if strings.Contains(one, "<script>alert") {
			t.Error("a letter brings a script")
		}
		if w.get("/dev/mail/NOTHING").StatusCode != http.StatusNotFound {
			t.Error("a letter that is not there")
		}
		w.noErrors()
	})
	if got := start(t, db.SQLite).get("/dev/mail").StatusCode; got != http.StatusNotFound {
		t.Error("letters are read in an installation that serves:", got)
	}
}

// startDemoSite runs the program as a demo, without the examples.
func startDemoSite(t *testing.T, e db.Engine) *site {
	t.Helper()
	return startAs(t, settings(t, e), true)
}

// TestOperatorLooksAfterLetters: sees what the other server said, and sends a letter again.
func TestOperatorLooksAfterLetters(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		peer := mailtest.Start(t, mailtest.Options{Recipient: func(to string) error {
			if strings.HasPrefix(to, "full") {
				return &smtp.SMTPError{Code: 552, Message: "the mailbox is full"}
			}
			return nil
		}})
		s := settings(t, e)
		s.Mail.SMTP, s.Mail.TLS, s.Mail.From, s.Mail.Connections = peer.Address, "off", "office@example.org", 2
		w := startWith(t, s)
		w.Now = time.Now
		if err := w.Jobs.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := w.stopJobs(context.Background()); err != nil {
				t.Error(err)
			}
		})
		w.post(news("full@example.org"), news("fine@example.org"))
		owner := w.member("owner", []event.RoleKey{event.RoleOwner})
		var page string
		for end := time.Now().Add(20 * time.Second); !strings.Contains(page, "full@example.org"); time.Sleep(10 * time.Millisecond) {
			if page = owner.do(http.MethodGet, "/en/admin/letters", "").Body.String(); time.Now().After(end) {
				t.Fatal(page)
			}
		}
		if !strings.Contains(page, "the mailbox is full") || strings.Contains(page, "fine@example.org") || strings.Contains(page, "Dear Hanako") {
			t.Error("the page tells more than it must")
		}
		ref := regexp.MustCompile(`name="letter" value="([A-Z0-9]+)"`).FindStringSubmatch(page)
		if ref == nil {
			t.Fatal(page)
		}
		if rec := w.member("other", nil).do(http.MethodPost, "/admin/letters", "letter="+ref[1]); rec.Code != http.StatusForbidden {
			t.Error(rec.Code)
		}
		if rec := owner.do(http.MethodPost, "/admin/letters", url.Values{"letter": {ref[1]}}.Encode()); rec.Header().Get("Location") != "/admin/letters?done=again" {
			t.Error(rec.Code, rec.Header())
		}
		if rec := owner.do(http.MethodPost, "/en/admin/letters", "to=nobody"); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), `value="nobody"`) || !strings.Contains(rec.Body.String(), "cannot be used as a mail address") {
			t.Error(rec.Code, rec.Body)
		}
		if rec := owner.do(http.MethodPost, "/en/admin/letters", "to=try@example.org"); rec.Header().Get("Location") != "/en/admin/letters?done=tried" {
			t.Error(rec.Code, rec.Header())
		}
		if l := peer.Wait(t, 2)[1]; l.To != "try@example.org" || l.Subject != "A letter to try it out (Tsudoi)" || !strings.Contains(l.Text, "試しにお送りしたメール") {
			t.Errorf("%+v", l)
		}
		if rec := owner.do(http.MethodPost, "/admin/letters", "letter=NOTHING"); rec.Header().Get("Location") != "/admin/letters?done=gone" {
			t.Error(rec.Code, rec.Header())
		}
	})
}

// TestBrowserOperatorPages looks at the pages of the operator, and of the demo's letters, with what they hold on a bad day.
func TestBrowserOperatorPages(t *testing.T) {
	s := settings(t, db.SQLite)
	s.PublicURL = ""
	w := startAs(t, s, true)
	for i := range 3 {
		w.post(news(fmt.Sprintf("a%d@example.org", i)))
	}
	for _, q := range []string{
		`UPDATE mail_letter SET state = 'refused', attempts = 1, error = '550 5.1.1 <a1@example.org>: Recipient address rejected: User unknown in virtual mailbox table' WHERE address = 'a1@example.org'`,
		`INSERT INTO job_job (pool, listener, args, state, run_at, attempts, claim, lost, unique_key, period, error, created_at)
			VALUES ('shared', 'program.index', '{"meeting":"janog57","release":12}', 'dead', 1770865200000000, 20, 71, 0, '', 0, 'panic: runtime error: index out of range [3] with length 3' || char(10) || 'goroutine 1', 1770865200000000),
			('shared', 'program.index', '{}', 'dead', 1770865200000000, 20, 72, 0, '', 0, 'x', 1770865200000000),
			('shared', 'audit.head', '{}', 'ready', 1770865200000000, 4, 73, 0, '', 86400000000, 'the address to send to does not answer', 1770865200000000),
			('mail', 'mail.send', '{}', 'ready', 1770865200000000, 0, 74, 0, '', 0, '', 1770865200000000)`,
	} {
		if err := w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	tab := testkit.Browser(t)
	tab.Open(w.url + "/dev/mail")
	became := testkit.Eval[float64](tab, `(async () => (await fetch('/dev/become', {method: 'POST', body: new URLSearchParams({who: 'owner', next: '/admin/jobs'})})).status)()`)
	if became != http.StatusOK {
		t.Fatal("nobody became the owner:", became)
	}
	one := regexp.MustCompile(`/dev/mail/[A-Z0-9]+`).FindString(w.get("/dev/mail").text())
	for i, path := range []string{"/admin/jobs", "/admin/letters?done=gone", "/dev/mail", one} {
		for j, v := range looks() {
			if os.Getenv("TSUDOI_KEEP") == "" && j%4 != i {
				continue // with all four pages every way of looking is gone through
			}
			tab.Look(v)
			tab.Open(w.addressIn(path, v.Lang))
			for _, x := range tab.Problems() {
				t.Errorf("%s at %s: %s", path, v, x)
			}
			for _, x := range tab.Axe() {
				t.Errorf("%s at %s: accessibility: %s", path, v, x)
			}
			if over := testkit.Eval[string](tab, wider); over != "" {
				t.Errorf("%s at %s is too wide by %s", path, v, over)
			}
			if os.Getenv("TSUDOI_KEEP") == "" {
				continue
			}
			testkit.Keep(t, strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", one, "letter").Replace(path), "-")+"-"+v.String()+".png", tab.Screenshot())
		}
	}
}
