package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
)

var folders = []fs.FS{db.Migrations, job.Migrations, mail.Migrations}

// office is an outbox with its queue, and a clock that a test moves on.
type office struct {
	*mail.Outbox
	t     testing.TB
	db    *db.DB
	jobs  *job.Queue
	ahead atomic.Int64 // by how much the clock is ahead
	log   *journal
}

type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) has(s string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.buf.String(), s)
}

func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }

// wait moves the clock on.
func (o *office) wait(d time.Duration) { o.ahead.Add(int64(d)) }

// open makes an outbox for a server, and runs it.
func open(t testing.TB, d *db.DB, s mail.Server) *office {
	t.Helper()
	o := &office{t: t, db: d, log: &journal{}}
	log := slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.jobs = job.New(d, job.Options{Now: o.now, Log: log, Poll: 5 * time.Millisecond})
	if s.TLS == "" {
		s.TLS = mail.Off
	}
	o.Outbox = mail.New(d, o.jobs, mail.Options{Server: s, From: mail.Address{Name: "集い", Address: "office@example.org"}, Now: o.now, Log: log})
	if err := o.jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.stop)
	return o
}

func (o *office) stop() {
	if err := o.jobs.Stop(context.Background()); err != nil {
		o.t.Error(err)
	}
	o.Close()
}

// letter writes a letter to somebody.
func letter(to string) mail.Letter {
	return mail.Letter{
		Kind: "test.letter", To: mail.Address{Name: "花子", Address: to, Lang: i18n.JA},
		Subject: i18n.T("お知らせ", "News"), Body: i18n.T("こんにちは。", "Hello."),
	}
}

func (o *office) post(letters ...mail.Letter) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), func(tx *db.Tx) error {
		for _, l := range letters {
			if err := o.Send(o.t.Context(), tx, l); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		o.t.Fatal(err)
	}
}

// become waits until as many letters have a state.
func (o *office) become(state mail.State, n int) {
	o.t.Helper()
	var s mail.Standing
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if s, err = o.Standing(context.Background()); err == nil && s.Count[state] == n {
			return
		}
	}
	o.t.Fatalf("want %d %s: %+v %v", n, state, s, err)
}

// of is the only letter to an address.
func (o *office) of(address string) mail.Kept {
	o.t.Helper()
	list, err := o.To(context.Background(), o.db, address)
	if err != nil || len(list) != 1 {
		o.t.Fatal(address, list, err)
	}
	return list[0]
}

// eventually waits until something is so, and moves the clock on meanwhile.
func (o *office) eventually(what string, step time.Duration, so func() bool) {
	o.t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		o.wait(step)
		if time.Now().After(end) {
			o.t.Fatal("never: " + what)
		}
	}
}

func TestLettersArrive(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		peer := mailtest.Start(t, mailtest.Options{})
		o := open(t, d, mail.Server{Address: peer.Address})
		o.post(letter("a@example.org"), letter("b@example.org"))
		got := peer.Wait(t, 2)
		o.become(mail.Sent, 2)
		seen := map[string]bool{}
		for _, l := range got {
			seen[l.To] = true
			if l.From != "office@example.org" || l.Subject != "お知らせ" || !strings.Contains(l.Text, "こんにちは。") || !strings.Contains(l.Text, "Hello.") {
				t.Errorf("%+v", l)
			}
		}
		if k := o.of("a@example.org"); !seen["a@example.org"] || !seen["b@example.org"] || k.Attempts != 1 || k.Sent.IsZero() || k.Reason != "" || k.Subject.EN != "News" {
			t.Errorf("%v %+v", seen, k)
		}
		if n := jobs(t, d); n != 1 { // the periodic one
			t.Error(n, "jobs are left")
		}
	})
}

func jobs(t *testing.T, d *db.DB) int {
	t.Helper()
	var n int
	if err := d.Row(t.Context(), `SELECT count(*) FROM job_job`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLettersOfATransactionThatFailedAreNone(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		o := open(t, d, mail.Server{})
		mistake := errors.New("mistake")
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return errors.Join(o.Send(t.Context(), tx, letter("a@example.org")), mistake) }); !errors.Is(err, mistake) {
			t.Fatal(err)
		}
		if list, err := o.To(t.Context(), d, "a@example.org"); err != nil || len(list) != 0 {
			t.Fatal(list, err)
		}
	})
}

func TestSendRefusesHalfLetters(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		o := open(t, d, mail.Server{})
		for what, change := range map[string]func(*mail.Letter){
			"no kind":          func(l *mail.Letter) { l.Kind = "" },
			"one language":     func(l *mail.Letter) { l.Body.EN = " " },
			"no subject":       func(l *mail.Letter) { l.Subject.JA = "" },
			"no address":       func(l *mail.Letter) { l.To.Address = "花子" },
			"no reply address": func(l *mail.Letter) { l.ReplyTo.Address = "x" },
			"unsubscribe":      func(l *mail.Letter) { l.Unsubscribe = "https://x.example/\r\nBcc: a@example.org" },
		} {
			l := letter("a@example.org")
			change(&l)
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return o.Send(t.Context(), tx, l) }); err == nil {
				t.Error(what)
			}
		}
	})
}

func TestKeyIsUsedOnce(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		peer := mailtest.Start(t, mailtest.Options{})
		o := open(t, d, mail.Server{Address: peer.Address})
		l := letter("a@example.org")
		l.Key = "moved:C14:3"
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { o.post(l) })
		}
		wg.Wait()
		o.become(mail.Sent, 1)
		o.post(l) // also after it was sent
		time.Sleep(30 * time.Millisecond)
		if n := len(peer.Letters()); n != 1 {
			t.Error(n)
		}
	})
}

// TestWithoutAServerLettersWait until there is one.
func TestWithoutAServerLettersWait(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		o := open(t, d, mail.Server{})
		o.post(letter("a@example.org"))
		time.Sleep(50 * time.Millisecond)
		if k := o.of("a@example.org"); k.State != mail.Queued || k.Attempts != 0 || o.Sends() {
			t.Errorf("%+v", k)
		}
		o.stop()
		peer := mailtest.Start(t, mailtest.Options{})
		open(t, d, mail.Server{Address: peer.Address}).become(mail.Sent, 1)
	})
}

// TestServerThatIsDown: letters wait without being counted as tried, and leave when it is back; a stop meanwhile does not wait.
func TestServerThatIsDown(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		at := l.Addr().String()
		l.Close()
		o := open(t, d, mail.Server{Address: at})
		for i := range 20 {
			o.post(letter(fmt.Sprintf("a%d@example.org", i)))
		}
		o.eventually("the trouble is known", 0, func() bool { s, err := o.Standing(t.Context()); return err == nil && s.Trouble != nil })
		begun := time.Now()
		o.stop()
		if time.Since(begun) > 5*time.Second {
			t.Error("the stop waited for the server")
		}
		if !o.log.has("letters cannot be sent now") {
			t.Error("nobody was told")
		}
		o = open(t, d, mail.Server{Address: at})
		o.eventually("the trouble is known again", 0, func() bool { s, err := o.Standing(t.Context()); return err == nil && s.Trouble != nil })
		peer := mailtest.Start(t, mailtest.Options{Listen: at})
		o.become(mail.Sent, 20)
		if n := len(peer.Letters()); n != 20 {
			t.Error(n)
		}
		if k := o.of("a0@example.org"); k.Attempts != 1 {
			t.Errorf("%+v", k)
		}
	})
}

// TestAnswersOfTheServer: 4xx is tried again later, 5xx is kept with the server's words, at each step.
func TestAnswersOfTheServer(t *testing.T) {
	no := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "the words of the server"}
	}
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var greylist sync.Map
		peer := mailtest.Start(t, mailtest.Options{
			Recipient: func(to string) error {
				switch _, known := greylist.LoadOrStore(to, true); {
				case strings.HasPrefix(to, "unknown"):
					return no(550)
				case strings.HasPrefix(to, "foreign"):
					return &smtp.SMTPError{Code: 550, Message: "bo\xeete inconnue \x00 " + strings.Repeat("あ", 500)}
				case strings.HasPrefix(to, "grey") && !known:
					return no(450)
				}
				return nil
			},
			Data: func(_ int, l *mailtest.Letter) error {
				_, again := greylist.LoadOrStore("data "+l.To, true)
				switch {
				case strings.HasPrefix(l.To, "spam"):
					return no(554)
				case strings.HasPrefix(l.To, "busy") && !again:
					return no(451)
				}
				return nil
			},
		})
		o := open(t, d, mail.Server{Address: peer.Address})
		for _, who := range []string{"unknown", "grey", "spam", "busy", "fine", "foreign"} {
			o.post(letter(who + "@example.org"))
		}
		o.become(mail.Refused, 3)
		o.become(mail.Sent, 1)
		if k := o.of("foreign@example.org"); !strings.Contains(k.Reason, "inconnue") || !utf8.ValidString(k.Reason) || k.Attempts != 1 {
			t.Errorf("%+v", k)
		}
		for who, attempts := range map[string]int{"unknown": 1, "spam": 1, "grey": 1, "busy": 1} {
			o.eventually("the words are kept", 0, func() bool {
				k := o.of(who + "@example.org")
				return strings.Contains(k.Reason, "the words of the server") && k.Attempts == attempts
			})
		}
		o.wait(30 * time.Second)
		time.Sleep(50 * time.Millisecond)
		o.become(mail.Sent, 1) // not before a minute
		o.wait(time.Minute)
		o.become(mail.Sent, 3)
		if k := o.of("grey@example.org"); k.Attempts != 2 || k.Reason != "" {
			t.Errorf("%+v", k)
		}
		if n := len(peer.Letters()); n != 3 {
			t.Error(n)
		}
		// The server was mended: the letter may be tried again.
		again := func(ref string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return o.SendAgain(t.Context(), tx, ref) })
		}
		if err := errors.Join(again(o.of("unknown@example.org").Ref)); err != nil || again(o.of("fine@example.org").Ref) == nil {
			t.Error(err)
		}
		o.eventually("it is tried again", 0, func() bool { return o.of("unknown@example.org").Attempts == 2 })
	})
}

// TestServerThatDoesNotWantUs refuses the sender of every letter: that is no fault of the letters, and none is lost.
func TestServerThatDoesNotWantUs(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var mended atomic.Bool
		peer := mailtest.Start(t, mailtest.Options{Sender: func(string) error {
			if mended.Load() {
				return nil
			}
			return &smtp.SMTPError{Code: 550, Message: "sender rejected"}
		}})
		o := open(t, d, mail.Server{Address: peer.Address})
		for i := range 10 {
			o.post(letter(fmt.Sprintf("a%d@example.org", i)))
		}
		o.eventually("the trouble is known", 0, func() bool {
			s, err := o.Standing(t.Context())
			return err == nil && s.Trouble != nil && strings.Contains(s.Trouble.Error(), "sender rejected") && s.Count[mail.Queued] == 10
		})
		mended.Store(true)
		o.eventually("all are sent", time.Second, func() bool { return len(peer.Letters()) == 10 })
		o.become(mail.Sent, 10)
	})
}

// TestConnectionsThatBreak: a server that stalls or hangs up, before, during and after the letter, loses nothing. Only a letter whose answer
// was not heard may arrive twice, with the same Message-ID.
func TestConnectionsThatBreak(t *testing.T) {
	const letters = 28
	for what, o := range map[string]mailtest.Options{
		"hangs up at the greeting":  {Greet: everyOther(mailtest.ErrDrop)},
		"hangs up at the recipient": {Recipient: everySeventh(mailtest.ErrDrop)},
		"stalls at the recipient":   {Recipient: everySeventh(mailtest.ErrHang)},
		"hangs up after the letter": {Data: afterEverySeventh(mailtest.ErrDrop)},
		"stalls after the letter":   {Data: afterEverySeventh(mailtest.ErrHang)},
	} {
		t.Run(strings.ReplaceAll(what, " ", "_"), func(t *testing.T) {
			dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
				peer := mailtest.Start(t, o)
				f := open(t, d, mail.Server{Address: peer.Address, Patience: 100 * time.Millisecond, Connections: 4})
				for i := range letters {
					f.post(letter(fmt.Sprintf("a%d@example.org", i)))
				}
				f.eventually("all are sent", 20*time.Second, func() bool { s, err := f.Standing(t.Context()); return err == nil && s.Count[mail.Sent] == letters })
				ids := map[string]string{}
				for _, l := range peer.Letters() {
					if id := l.Header.Get("Message-ID"); ids[l.To] != "" && ids[l.To] != id {
						t.Errorf("%s has two ids", l.To)
					} else {
						ids[l.To] = id
					}
				}
				twice := len(peer.Letters()) - letters
				if uncertain := o.Data != nil; len(ids) != letters || !uncertain && twice != 0 || twice > letters/4 {
					t.Errorf("%d people, %d letters twice", len(ids), twice)
				} else if uncertain && !f.log.has("may arrive twice") {
					t.Error("it is not told that letters may arrive twice")
				}
				if _, most := peer.Sessions(); most > 4 && !strings.HasPrefix(what, "stalls") { // a server that stalls does not see us leave
					t.Errorf("%d connections at once", most)
				}
			})
		})
	}
}

func everyOther(err error) func(int) error {
	return func(n int) error {
		if n%2 == 1 {
			return err
		}
		return nil
	}
}

func everySeventh(err error) func(string) error {
	var n atomic.Int64
	return func(string) error {
		if n.Add(1)%7 == 0 {
			return err
		}
		return nil
	}
}

func afterEverySeventh(err error) func(int, *mailtest.Letter) error {
	var n atomic.Int64
	return func(int, *mailtest.Letter) error {
		if n.Add(1)%7 == 0 {
			return err
		}
		return nil
	}
}

// TestConnectionThatLayIdle was closed by the server: the next letter takes a new one, and nobody notices.
func TestConnectionThatLayIdle(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var conns sync.Map
		peer := mailtest.Start(t, mailtest.Options{})
		proxy := forward(t, peer.Address, &conns)
		o := open(t, d, mail.Server{Address: proxy})
		o.post(letter("a@example.org"))
		o.become(mail.Sent, 1)
		conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		o.post(letter("b@example.org"))
		o.become(mail.Sent, 2)
		if k := o.of("b@example.org"); k.Attempts != 1 || o.log.has("cannot be sent now") {
			t.Errorf("%+v", k)
		}
	})
}

// forward is a proxy whose connections a test can close.
func forward(t *testing.T, to string, conns *sync.Map) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			conns.Store(in, true)
			go func() { _, _ = copyAll(out, in); out.Close() }()
			go func() { _, _ = copyAll(in, out); in.Close() }()
		}
	}()
	return l.Addr().String()
}

func copyAll(to, from net.Conn) (int64, error) {
	b := make([]byte, 4096)
	var n int64
	for {
		k, err := from.Read(b)
		if k > 0 {
			if _, err := to.Write(b[:k]); err != nil {
				return n, err
			}
			n += int64(k)
		}
		if err != nil {
			return n, err
		}
	}
}

func TestLettersThatAreOfNoUseAnyMore(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		peer := mailtest.Start(t, mailtest.Options{Recipient: func(to string) error {
			if strings.HasPrefix(to, "busy") {
				return &smtp.SMTPError{Code: 451, Message: "later"}
			}
			return nil
		}})
		o := open(t, d, mail.Server{Address: peer.Address})
		code := letter("code@example.org")
		code.At, code.Until = o.now().Add(time.Hour), o.now().Add(30*time.Minute)
		tomorrow := letter("tomorrow@example.org")
		tomorrow.At = o.now().Add(24 * time.Hour)
		o.post(code, tomorrow, letter("busy@example.org"))
		o.eventually("busy was tried", 0, func() bool { return o.of("busy@example.org").Attempts == 1 })
		o.wait(2 * time.Hour)
		o.become(mail.Expired, 1)
		o.become(mail.Sent, 0)
		o.wait(23 * time.Hour)
		o.become(mail.Sent, 1)
		o.eventually("busy is given up", time.Hour, func() bool { return o.of("busy@example.org").State == mail.Failed })
		if k := o.of("busy@example.org"); k.Attempts < 10 || !strings.Contains(k.Reason, "later") {
			t.Errorf("%+v", k)
		}
	})
}

// TestUrgentLettersDoNotWait behind a server that takes its time with the others.
func TestUrgentLettersDoNotWait(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		free := make(chan struct{})
		peer := mailtest.Start(t, mailtest.Options{Data: func(_ int, l *mailtest.Letter) error {
			if !strings.HasPrefix(l.To, "code") {
				<-free
			}
			return nil
		}})
		o := open(t, d, mail.Server{Address: peer.Address, Connections: 3})
		for i := range 50 {
			o.post(letter(fmt.Sprintf("a%d@example.org", i)))
		}
		code := letter("code@example.org")
		code.Urgent, code.Secret = true, true
		o.post(code)
		o.become(mail.Sent, 1)
		if k := o.of("code@example.org"); k.State != mail.Sent || !k.Body.IsZero() || !k.Subject.IsZero() {
			t.Errorf("a secret letter is kept after it was sent: %+v", k)
		}
		close(free)
		o.become(mail.Sent, 51)
	})
}

func TestContentIsErased(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		peer := mailtest.Start(t, mailtest.Options{})
		o := open(t, d, mail.Server{Address: peer.Address})
		o.post(letter("a@example.org"))
		o.become(mail.Sent, 1)
		later := letter("later@example.org")
		later.At = o.now().Add(90 * 24 * time.Hour)
		o.post(later)
		o.wait(29 * 24 * time.Hour)
		time.Sleep(50 * time.Millisecond)
		if k := o.of("a@example.org"); k.Body.IsZero() {
			t.Error("erased too early")
		}
		o.wait(2 * 24 * time.Hour)
		o.eventually("the content is gone", 0, func() bool { return o.of("a@example.org").Body.IsZero() })
		if k := o.of("a@example.org"); k.State != mail.Sent || k.Kind != "test.letter" || k.Sent.IsZero() {
			t.Errorf("%+v", k)
		}
		if k := o.of("later@example.org"); k.Body.IsZero() {
			t.Error("a letter that waits lost its content")
		}
		// Somebody asks to be forgotten.
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(o.Forget(t.Context(), tx, "later@EXAMPLE.org"), o.Forget(t.Context(), tx, "a@example.org"))
		}); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"later@example.org", "a@example.org"} {
			if list, err := o.To(t.Context(), d, who); err != nil || len(list) != 0 {
				t.Error(list, err)
			}
		}
		o.wait(90 * 24 * time.Hour)
		o.become(mail.Expired, 1)
		time.Sleep(50 * time.Millisecond)
		if n := len(peer.Letters()); n != 1 {
			t.Error("a letter was sent to somebody who was forgotten")
		}
	})
}

// TestWaysToConnect tries every setting of TLS with a server that has it and one that has not.
func TestWaysToConnect(t *testing.T) {
	for what, c := range map[string]struct {
		server mailtest.Options
		client mail.Server
		fails  string // what the trouble says
	}{
		"starttls":                {mailtest.Options{TLS: true}, mail.Server{TLS: mail.StartTLS}, ""},
		"starttls not there":      {mailtest.Options{}, mail.Server{TLS: mail.StartTLS}, "does not offer STARTTLS"},
		"optional":                {mailtest.Options{TLS: true}, mail.Server{TLS: mail.Optional}, ""},
		"optional not there":      {mailtest.Options{}, mail.Server{TLS: mail.Optional}, ""},
		"implicit":                {mailtest.Options{Implicit: true}, mail.Server{TLS: mail.Implicit}, ""},
		"implicit not there":      {mailtest.Options{}, mail.Server{TLS: mail.Implicit}, "begin TLS"},
		"unknown certificate":     {mailtest.Options{TLS: true}, mail.Server{TLS: mail.StartTLS, Hello: "stranger"}, "certificate"},
		"signed in":               {mailtest.Options{TLS: true, User: "u", Password: "p"}, mail.Server{TLS: mail.StartTLS, User: "u", Password: "p"}, ""},
		"signed in by LOGIN":      {mailtest.Options{TLS: true, User: "u", Password: "p", Login: true}, mail.Server{TLS: mail.StartTLS, User: "u", Password: "p"}, ""},
		"wrong password":          {mailtest.Options{TLS: true, User: "u", Password: "p"}, mail.Server{TLS: mail.StartTLS, User: "u", Password: "geheim"}, "sign in as u"},
		"wrong password by LOGIN": {mailtest.Options{TLS: true, User: "u", Password: "p", Login: true}, mail.Server{TLS: mail.StartTLS, User: "u", Password: "geheim"}, "sign in as u"},
		"nobody signs in":         {mailtest.Options{User: "u", Password: "p"}, mail.Server{TLS: mail.Off}, "502"},
		"no sign-in there":        {mailtest.Options{}, mail.Server{TLS: mail.Off, User: "u", Password: "p"}, "does not let anybody sign in"},
		"greeting refused":        {mailtest.Options{Greet: func(int) error { return &smtp.SMTPError{Code: 554, Message: "go away"} }}, mail.Server{TLS: mail.Off}, "go away"},
	} {
		t.Run(strings.ReplaceAll(what, " ", "_"), func(t *testing.T) {
			peer := mailtest.Start(t, c.server)
			c.client.Address = peer.Address
			if c.client.Hello != "stranger" {
				c.client.Roots = peer.Roots
			}
			o := open(t, dbtest.SQLite(t, folders...), c.client)
			o.post(letter("a@example.org"))
			if c.fails == "" {
				o.become(mail.Sent, 1)
				return
			}
			o.eventually("the trouble is known", 0, func() bool {
				s, err := o.Standing(t.Context())
				return err == nil && s.Trouble != nil && strings.Contains(s.Trouble.Error(), c.fails)
			})
			if k := o.of("a@example.org"); k.State != mail.Queued || k.Attempts != 0 || o.log.has("geheim") {
				t.Errorf("%+v", k)
			}
		})
	}
}

// TestAddressesOfTheWorld: an international domain always, an international user where the server can.
func TestAddressesOfTheWorld(t *testing.T) {
	for _, utf8 := range []bool{false, true} {
		peer := mailtest.Start(t, mailtest.Options{UTF8: utf8})
		o := open(t, dbtest.SQLite(t, folders...), mail.Server{Address: peer.Address})
		o.post(letter("noc@日本語.jp"), letter("花子@日本語.jp"), letter("abc..d.@docomo.example"))
		if utf8 {
			o.become(mail.Sent, 3)
		} else {
			o.become(mail.Sent, 2)
			o.become(mail.Refused, 1)
			if k := o.of("花子@日本語.jp"); !strings.Contains(k.Reason, "SMTPUTF8") {
				t.Errorf("%+v", k)
			}
		}
		want := map[string]bool{"noc@xn--wgv71a119e.jp": true, "花子@xn--wgv71a119e.jp": utf8, "abc..d.@docomo.example": true}
		for _, l := range peer.Letters() {
			if !want[strings.ReplaceAll(l.To, `"`, "")] {
				t.Error(l.To)
			}
		}
	}
}

// TestLetterThatIsTooLarge for the server is refused without sending it.
func TestLetterThatIsTooLarge(t *testing.T) {
	peer := mailtest.Start(t, mailtest.Options{MaxSize: 10_000})
	o := open(t, dbtest.SQLite(t, folders...), mail.Server{Address: peer.Address})
	l := letter("a@example.org")
	l.Body = l.Body.With(i18n.EN, strings.Repeat("Hello. ", 5000))
	o.post(l)
	o.become(mail.Refused, 1)
	if k := o.of("a@example.org"); !strings.Contains(k.Reason, "10000") {
		t.Errorf("%+v", k)
	}
}

// TestRestOfALetterIsNoCommand: a line with one dot, and lines that look like SMTP, stay in the letter.
func TestRestOfALetterIsNoCommand(t *testing.T) {
	peer := mailtest.Start(t, mailtest.Options{})
	o := open(t, dbtest.SQLite(t, folders...), mail.Server{Address: peer.Address})
	l := letter("a@example.org")
	body := "Hello\n.\nRCPT TO:<b@example.org>\n..\n.x\n"
	l.Body = i18n.T(body, body)
	o.post(l)
	got := peer.Wait(t, 1)[0]
	if strings.Count(got.Text, "Hello\n.\nRCPT TO:<b@example.org>\n..\n.x\n") != 2 {
		t.Errorf("%q", got.Text)
	}
}
