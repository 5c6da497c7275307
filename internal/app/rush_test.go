package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// rush is an opening at which many more come than there are places, while the program is killed.
type rush struct {
	*victim
	mu   sync.Mutex
	at   string        // where the program is now
	up   chan struct{} // closed once it is up
	done atomic.Int64  // clients that had their answer
}

// serve starts the program, and kills it once so many clients more had their answers; 0: it is not killed.
func (r *rush) serve(ctx context.Context, after int64) {
	c := r.run(ctx, "serve", "--listen", "127.0.0.1:0")
	c.Env = append(c.Env, "TSUDOI_TRUSTED_PROXIES=127.0.0.0/8", "TSUDOI_PUBLIC_URL=", "TSUDOI_LOG_LEVEL=info", "TSUDOI_LOG_FORMAT=text")
	out, err := c.StderrPipe()
	if err != nil {
		r.t.Error(err)
		return
	}
	if err := c.Start(); err != nil {
		r.t.Error(err)
		return
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := regexp.MustCompile(`at=(http://[^\s]+)`).FindStringSubmatch(lines.Text()); at != nil {
			r.mu.Lock()
			r.at = at[1]
			close(r.up)
			r.mu.Unlock()
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if after > 0 {
		for end := r.done.Load() + after; r.done.Load() < end && ctx.Err() == nil; {
			time.Sleep(5 * time.Millisecond)
		}
		r.mu.Lock()
		r.up = make(chan struct{})
		r.mu.Unlock()
		_ = c.Process.Kill()
	}
	_ = c.Wait()
}

// where waits until the program is up, and says where.
func (r *rush) where(ctx context.Context) string {
	for {
		r.mu.Lock()
		up, at := r.up, r.at
		r.mu.Unlock()
		select {
		case <-up:
			return at
		case <-ctx.Done():
			return ""
		}
	}
}

// send sends the form of one client until it has an answer, as a person does who presses the button again.
func (r *rush) send(ctx context.Context, client *http.Client, n int) (status int) {
	form := url.Values{"key": {fmt.Sprint("client", n)}, "kind": {"general"}, "name_ja": {fmt.Sprint("参加者", n)}, "address": {fmt.Sprintf("c%d@example.org", n)}, "day.2030-06-01": {"onsite"}, "do": {"register"}}
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.where(ctx)+"/meetings/rush/registration/new", strings.NewReader(form.Encode()))
		if err != nil {
			return 0
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255))
		res, err := client.Do(req)
		if err != nil {
			time.Sleep(time.Duration(5+rand.IntN(20)) * time.Millisecond)
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		r.done.Add(1)
		return res.StatusCode
	}
	return 0
}

// TestRushWhileKilled: 10,000 clients on 500 places; the program is killed twice in the middle, and whoever got no answer presses again. In the
// end exactly 500 have a place, and they are those who were told so.
func TestRushWhileKilled(t *testing.T) {
	testkit.Long(t)
	onEach(t, func(t *testing.T, e db.Engine) {
		const places, clients = 500, 10_000
		v := &victim{t: t, settings: settings(t, e)}
		file := filepath.Join(t.TempDir(), "m.yaml")
		text := "tsudoi: 1\nmeeting: {slug: rush, title: {en: Rush}, languages: [en], timezone: Asia/Tokyo, start: 2030-06-01, end: 2030-06-01, phase: announced}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		v.must("import", file)
		w := startWith(t, v.settings)
		ctx := authz.System(t.Context(), "test")
		err := w.Registration.SaveSetup(ctx, "rush", &registration.Setup{Open: true, Kinds: []registration.Kind{
			{Key: "general", Name: i18n.T("一般", "General"), Modes: []registration.Mode{registration.Onsite}, Capacity: places},
		}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		r := &rush{victim: v, up: make(chan struct{})}
		limit, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
		defer cancel()
		served := make(chan struct{})
		go func() {
			defer close(served)
			r.serve(limit, places/3)
			r.serve(limit, places/3)
			r.serve(limit, 0)
		}()
		begun := time.Now()
		told := make([]int, clients)
		next := make(chan int)
		client := &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 100},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for n := range next {
					told[n] = r.send(limit, client, n)
				}
			})
		}
		for n := range clients {
			next <- n
		}
		close(next)
		wg.Wait()
		took := time.Since(begun)
		cancel()
		<-served
		got := map[int]int{}
		for _, status := range told {
			got[status]++
		}
		if got[http.StatusSeeOther] != places || got[http.StatusConflict] != clients-places {
			t.Errorf("answers by status: %v", got)
		}
		q, err := w.Registration.Places(ctx, "rush")
		if err != nil || q["kind:general"].Taken != places || q["day:2030-06-01"].Taken != places {
			t.Errorf("%+v, %v", q, err)
		}
		var rows int
		if err := w.DB.Row(ctx, `SELECT COUNT(*) FROM registration_entry WHERE state = 'confirmed'`).Scan(&rows); err != nil || rows != places {
			t.Errorf("%d entries, %v", rows, err)
		}
		t.Log(clients, "clients in", took)
	})
}
