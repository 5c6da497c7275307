package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

type benchCmd struct {
	Sessions int           `default:"1000" help:"Sessions of the invented meeting."`
	Rooms    int           `default:"30" help:"Its rooms."`
	Load     time.Duration `default:"3s" help:"How long each load lasts."`
	Postgres string        `help:"An empty PostgreSQL database to measure on, instead of SQLite. The one of the settings is never touched." placeholder:"URL"`
}

// bench measures one installation made for the purpose.
type bench struct {
	*session
	cmd    benchCmd
	app    *App
	client *http.Client
	base   string
	failed int
}

// Run measures an installation made for the purpose in a temporary folder, and prints what was got beside its budget. The budgets are
// those of two cores, with the client on the same cores. It fails where a budget is missed.
func (c benchCmd) Run(s *session) error {
	dir, err := os.MkdirTemp("", "tsudoi-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	own := *s.settings
	own.Data, own.Database, own.PublicURL = dir, c.Postgres, ""
	b := &bench{session: s, cmd: c, client: httpclient.Loopback(64)}
	if b.app, err = Open(s, &own, s.version, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		return err
	}
	defer func() { _ = b.app.Close() }()
	if have, err := b.app.Events.Meetings(s); err != nil || len(have) > 0 {
		return errors.Join(err, errors.New("that database has meetings: measure on an empty one"))
	}
	_, _ = fmt.Fprintf(s.out, "%s, %d cores, %s, %s; %d sessions in %d rooms\n", s.version, runtime.NumCPU(), runtime.Version(), b.app.DB.Engine(), c.Sessions, c.Rooms)
	_, _ = fmt.Fprintf(s.out, "%-52s %14s %14s\n", "", "got", "budget")
	if err := errors.Join(b.importing(s), b.serving(s), b.starting(s)); err != nil {
		return err
	}
	if b.failed > 0 {
		return fmt.Errorf("%d budgets were missed", b.failed)
	}
	return nil
}

// line prints a measurement. good says whether it keeps the budget.
func (b *bench) line(what, got, budget string, good bool) {
	mark := ""
	if !good {
		mark = "  MISSED"
		b.failed++
	}
	_, _ = fmt.Fprintf(b.out, "%-52s %14s %14s%s\n", what, got, budget, mark)
}

func (b *bench) duration(what string, got, budget time.Duration) {
	b.line(what, got.Round(10*time.Microsecond).String(), "< "+budget.String(), got < budget)
}

// importing measures reading a large schedule.xml, and reading it again.
func (b *bench) importing(ctx context.Context) error {
	if err := b.app.loadExamples(ctx); err != nil {
		return err
	}
	data, err := interchange.EncodeXML(invented(b.cmd.Sessions, b.cmd.Rooms, benchDay), interchange.Export{BaseURL: "http://localhost", Lang: i18n.EN})
	if err != nil {
		return fmt.Errorf("invent a schedule: %w", err)
	}
	for _, what := range []string{"import schedule.xml", "import it again, nothing changed"} {
		start := time.Now()
		docs, _, err := interchange.Decode("schedule.xml", data, interchange.Options{Meeting: "bench"})
		if err != nil {
			return err
		}
		if _, err := b.app.Programmes.Import(ctx, docs, program.Import{Source: "bench"}); err != nil {
			return err
		}
		b.duration(what, time.Since(start), 2*time.Second)
	}
	return nil
}

// serving measures pages over the network of this machine.
func (b *bench) serving(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: b.app.Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(l) }()
	defer func() { _ = srv.Close() }()
	b.base = "http://" + l.Addr().String()
	page := "/meetings/bench/timetable/" + string(benchDay)
	first, size, err := b.get(ctx, page)
	if err != nil {
		return err
	}
	b.duration(fmt.Sprintf("timetable, first render (%d kB on the wire)", size/1000), first, 100*time.Millisecond)
	if err := b.load(ctx, "timetable, cached", page); err != nil {
		return err
	}
	if err := b.load(ctx, "JANOG57, a day, cached", "/meetings/janog57/timetable/2026-02-12"); err != nil {
		return err
	}
	return errors.Join(b.weight(ctx), b.meeting(ctx))
}

func (b *bench) request(ctx context.Context, path, etag string) (*http.Response, error) {
	r, err := httpclient.Request(ctx, b.base+path)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "br")
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	return b.client.Do(r)
}

func (b *bench) get(ctx context.Context, path string) (took time.Duration, size int64, err error) {
	start := time.Now()
	res, err := b.request(ctx, path, "")
	if err != nil {
		return 0, 0, err
	}
	size, err = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", path, res.Status)
	}
	return time.Since(start), size, errors.Join(err, res.Body.Close())
}

// load asks for a page over 50 connections, half of the readers having it already.
func (b *bench) load(ctx context.Context, what, path string) error {
	const connections = 50
	res, err := b.request(ctx, path, "")
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", path, res.Status)
	}
	etag := res.Header.Get("ETag")
	var wg sync.WaitGroup
	var failed atomic.Int64
	took := make([][]time.Duration, connections)
	end := time.Now().Add(b.cmd.Load)
	for i := range connections {
		tag := ""
		if i%2 == 0 {
			tag = etag
		}
		wg.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				res, err := b.request(ctx, path, tag)
				if err != nil {
					failed.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	wg.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	if len(all) == 0 || failed.Load() > 0 {
		return fmt.Errorf("%s: %d requests failed", path, failed.Load())
	}
	rate := float64(len(all)) / b.cmd.Load.Seconds()
	b.line(what+", 50 connections", fmt.Sprintf("%.0f/s", rate), "> 10000/s", rate > 10_000)
	b.duration(what+", p99", all[len(all)*99/100], 20*time.Millisecond)
	return nil
}

// weight measures what a browser fetches at a first view: the page, its style sheets and scripts, compressed.
func (b *bench) weight(ctx context.Context) error {
	for _, path := range []string{"/", "/meetings/janog57/timetable/2026-02-12", "/meetings/sample/timetable/2026-12-10"} {
		res, err := b.request(ctx, path, "")
		if err != nil {
			return err
		}
		html, err := io.ReadAll(brotli.NewReader(res.Body))
		_ = res.Body.Close()
		if err != nil {
			return err
		}
		_, total, err := b.get(ctx, path)
		if err != nil {
			return err
		}
		for _, part := range parts(string(html)) {
			_, n, err := b.get(ctx, part)
			if err != nil {
				return err
			}
			total += n
		}
		b.line("first view of "+path, fmt.Sprintf("%.1f kB", float64(total)/1000), "< 60 kB", total < 60_000)
	}
	return nil
}

// starting measures a fresh process on an existing database with the examples.
func (b *bench) starting(ctx context.Context) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tsudoi-start-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, what := range []string{"process ready, first start of the demo", "process ready, with the examples"} {
		took, memory, err := startDemo(ctx, exe, dir)
		if err != nil {
			return err
		}
		budget := 500 * time.Millisecond
		if strings.Contains(what, "first") {
			budget = 5 * time.Second
		}
		b.duration(what, took, budget)
		if memory > 0 {
			b.line("its memory after 200 pages", fmt.Sprintf("%.1f MB", float64(memory)/1e6), "< 100 MB", memory < 100e6)
		}
	}
	return nil
}

// startDemo runs a demo until it is ready, reads pages of it, and returns the time to the first answer and the memory it holds (0 where the
// system does not say).
func startDemo(ctx context.Context, exe, dir string) (ready time.Duration, memory int64, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	at := l.Addr().String()
	_ = l.Close()
	cmd := exec.CommandContext(ctx, exe, "demo", "--listen", at, "--data", dir, "--log-level", "error") //nolint:gosec // ourselves
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	b := &bench{base: "http://" + at, client: httpclient.Loopback(4)}
	for {
		if _, _, err = b.get(ctx, "/readyz"); err == nil {
			break
		}
		if time.Since(begun) > 30*time.Second {
			return 0, 0, fmt.Errorf("the process does not get ready: %w", err)
		}
		time.Sleep(2 * time.Millisecond)
	}
	ready = time.Since(begun)
	for i := range 200 {
		if _, _, err := b.get(ctx, []string{"/", "/meetings/janog57/timetable", "/en/meetings/iw2023", "/meetings/sample/programme"}[i%4]); err != nil {
			return 0, 0, err
		}
	}
	return ready, resident(cmd.Process.Pid), nil
}

// resident reads the memory of a process where the system tells it (Linux: VmRSS, in kB).
func resident(pid int) int64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n * 1024
		}
	}
	return 0
}

const benchDay = event.Date("2026-06-10")

// invented makes a public programme of a day, full in every room.
func invented(sessions, rooms int, day event.Date) *interchange.Document {
	m := &event.Meeting{
		Slug: "bench", Title: i18n.T("計測のためのミーティング", "A meeting for measuring"), Timezone: "Asia/Tokyo", Start: day, End: day,
		Languages: []i18n.Lang{i18n.JA, i18n.EN},
	}
	for i := range rooms {
		m.Rooms = append(m.Rooms, event.Room{Key: fmt.Sprint("r", i+1), Name: i18n.T(fmt.Sprint("会場", i+1), fmt.Sprint("Room ", i+1))})
	}
	d := &interchange.Document{Meeting: m, Kinds: []interchange.Kind{{Key: "regular", Label: i18n.T("一般", "Regular"), Counts: true}}}
	for i := range 200 {
		d.Speakers = append(d.Speakers, interchange.Speaker{Key: fmt.Sprint("p", i), Name: i18n.T(fmt.Sprint("例示 ", i), fmt.Sprint("Speaker ", i))})
	}
	perRoom := max(1, (sessions+rooms-1)/rooms)
	length := max(5, 12*60/perRoom/5*5)
	start := day.Time(m.Location()).Add(8 * time.Hour)
	for i := range sessions {
		from := start.Add(time.Duration(i/rooms*length) * time.Minute)
		d.Sessions = append(d.Sessions, interchange.Session{
			GUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1), Ref: fmt.Sprintf("B%05d", i+1), Number: int64(i + 1), Kind: "regular",
			Title:    i18n.T(fmt.Sprint("経路制御の話 その", i+1), fmt.Sprint("On routing, part ", i+1)),
			Abstract: i18n.T("BGPの設定と運用について、計測のために繰り返される文です。", "A sentence on configuring and running BGP, repeated for measuring."),
			Date:     day, Start: from, End: from.Add(time.Duration(length) * time.Minute), Room: fmt.Sprint("r", i%rooms+1),
			Speakers: []interchange.Appearance{{Speaker: fmt.Sprint("p", i%200)}},
		})
	}
	return d
}

// parts lists the style sheets and scripts that a page names.
func parts(html string) []string {
	var out []string
	for _, m := range linked.FindAllStringSubmatch(html, -1) {
		out = append(out, strings.ReplaceAll(m[1], "&amp;", "&"))
	}
	return out
}

var linked = regexp.MustCompile(`(?:<link rel="stylesheet" href|<script type="module" src)="([^"]+)"`)
