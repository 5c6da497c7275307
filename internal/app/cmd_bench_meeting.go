package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// meeting measures a meeting of 300 sessions that is to come: its desk, its live updates, the opening of its registration.
func (b *bench) meeting(ctx context.Context) error {
	const slug = "busy"
	ctx = authz.System(ctx, "bench")
	day := event.DateOf(time.Now().AddDate(0, 1, 0))
	d := invented(300, 10, day)
	d.Meeting.Slug, d.Meeting.Phase = slug, event.ProgrammePhase
	if _, err := b.app.Programmes.Import(ctx, []*interchange.Document{d}, program.Import{Source: "bench"}); err != nil {
		return err
	}
	b.app.Live.Start(ctx)
	if err := b.desk(ctx, slug); err != nil {
		return err
	}
	if err := b.rush(ctx, slug, day); err != nil {
		return err
	}
	return b.people(ctx, slug)
}

// worst runs something n times and returns the longest time.
func worst(n int, do func(i int) error) (longest time.Duration, err error) {
	for i := range n {
		began := time.Now()
		if err := do(i); err != nil {
			return 0, err
		}
		longest = max(longest, time.Since(began))
	}
	return longest, nil
}

// desk measures edits, the preview of a retiming of everything, and when the last browser knows of it.
func (b *bench) desk(ctx context.Context, slug string) error {
	draft, err := b.app.Desk.Open(ctx, slug)
	if err != nil {
		return err
	}
	all := program.Plan{By: 10 * time.Minute}
	for i := range draft.Doc.Sessions {
		all.Only = append(all.Only, draft.Doc.Sessions[i].Ref)
	}
	title := draft.Doc.Sessions[17].Title.EN
	took, err := worst(20, func(i int) error {
		next := fmt.Sprint("Edited ", i)
		_, err := b.app.Desk.EditFields(ctx, slug, all.Only[17], []program.FieldEdit{{Field: "title.en", Base: title, Value: next}})
		title = next
		return err
	})
	if err != nil {
		return err
	}
	b.duration("desk of 300 sessions: an edit, slowest of 20", took, 100*time.Millisecond)
	if took, err = worst(5, func(int) error {
		_, err := b.app.Desk.PreviewRetime(ctx, slug, all)
		return err
	}); err != nil {
		return err
	}
	b.duration("preview of retiming all 300, slowest of 5", took, 200*time.Millisecond)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news := make(chan error, 5000)
	open := 0
	for _, n := range []int{500, 5000} {
		if err := b.listen(ctx, slug, n-open, news); err != nil {
			return err
		}
		open = n
		if draft, err = b.app.Desk.Open(ctx, slug); err != nil {
			return err
		}
		began := time.Now()
		if _, err := b.app.Desk.Retime(ctx, slug, all, program.ReleaseOrder{Base: draft.Newest.Number, Draft: draft.Version}); err != nil {
			return err
		}
		for range n {
			select {
			case err := <-news:
				if err != nil {
					return err
				}
			case <-time.After(30 * time.Second):
				return errors.New("not every browser hears of a retiming")
			}
		}
		b.duration(fmt.Sprintf("retimed, and the last of %d browsers knows", n), time.Since(began), time.Second)
		all.By = -all.By
	}
	return nil
}

// listen opens n more streams of a meeting, and returns when all are open. Each tells of every hint about the meeting until ctx ends.
func (b *bench) listen(ctx context.Context, slug string, n int, news chan<- error) error {
	client := *b.client
	client.Timeout = 0 // a stream has no end
	ready := make(chan error, n)
	at := make(chan struct{}, 100) // so many connect at once
	for range n {
		go func() {
			at <- struct{}{}
			req, err := httpclient.Request(ctx, b.base+"/meetings/"+slug+"/live")
			if err != nil {
				ready <- err
				return
			}
			res, err := client.Do(req)
			<-at
			if err == nil && res.StatusCode != http.StatusOK {
				err = fmt.Errorf("a stream answered %s; a process may have too few open files for the bench (ulimit -n)", res.Status)
			}
			if err != nil {
				ready <- err
				return
			}
			defer func() { _ = res.Body.Close() }()
			hint := `"topic":"meeting:` + slug + `"`
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				switch line := lines.Text(); {
				case line == "event: now":
					ready <- nil
				case strings.Contains(line, hint):
					news <- nil
				}
			}
			if ctx.Err() == nil {
				news <- errors.New("a stream of live updates ended")
			}
		}()
	}
	for range n {
		if err := <-ready; err != nil {
			return err
		}
	}
	return nil
}

// rush measures registrations of 500 clients that always wait for their answers: places of the kind and the day, a question, idempotency, audit
// log and letter, all on disk.
func (b *bench) rush(ctx context.Context, slug string, day event.Date) error {
	now := time.Now()
	setup := &registration.Setup{
		Open: true, Opens: now.Add(-time.Hour), Closes: now.AddDate(0, 0, 20), ChangeUntil: now.AddDate(0, 0, 20), CancelUntil: now.AddDate(0, 0, 20),
		Kinds:     []registration.Kind{{Key: "general", Name: i18n.T("一般", "General"), Modes: registration.Modes, Capacity: 1_000_000, Waiting: true}},
		Bounds:    []registration.DayPlan{{Date: day, Capacity: 1_000_000}},
		Questions: []registration.Question{{Key: "first", Type: registration.YesNo, Label: i18n.T("初めてですか", "Is it your first time?"), Required: true}},
	}
	if err := b.app.Registration.SaveSetup(ctx, slug, setup, 0); err != nil {
		return err
	}
	const clients = 500
	var wg sync.WaitGroup
	var n atomic.Int64
	failed := make([]error, clients)
	took := make([][]time.Duration, clients)
	began := time.Now()
	for c := range clients {
		wg.Go(func() {
			for time.Since(began) < b.cmd.Load {
				i := n.Add(1)
				ctx := authz.With(ctx, &authz.Actor{From: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)})
				start := time.Now()
				_, _, err := b.app.Registration.Register(ctx, slug, registration.Form{
					Key: fmt.Sprint("bench", i), Kind: "general",
					Details: registration.Details{Name: i18n.T(fmt.Sprint("例示 ", i), ""), Address: fmt.Sprintf("bench%d@example.org", i), Lang: i18n.JA},
					Days:    map[event.Date]registration.Mode{day: registration.Onsite}, Answers: map[string][]string{"first": {"no"}},
				})
				if err != nil {
					failed[c] = err
					return
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	wg.Wait()
	whole := time.Since(began)
	if err := errors.Join(failed...); err != nil {
		return err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	rate := float64(len(all)) / whole.Seconds()
	b.line(fmt.Sprintf("registrations, %d clients", clients), fmt.Sprintf("%.0f/s", rate), "> 1000/s", rate > 1000)
	b.duration("registrations, p99", all[len(all)*99/100], 200*time.Millisecond)
	return nil
}

// people measures the organiser's list of those who registered.
func (b *bench) people(ctx context.Context, slug string) error {
	for _, x := range []struct {
		what   string
		filter registration.Filter
	}{{"all", registration.Filter{}}, {"searched", registration.Filter{Query: "例示 499"}}, {"by an answer", registration.Filter{Answer: "first:no"}}} {
		var found *registration.Listed
		took, err := worst(5, func(int) (err error) {
			found, err = b.app.Registration.People(ctx, slug, x.filter, "", 100)
			return err
		})
		if err != nil {
			return err
		}
		b.duration(fmt.Sprintf("list of people, %s (%d), slowest of 5", x.what, found.Tally.All), took, 100*time.Millisecond)
	}
	return nil
}
