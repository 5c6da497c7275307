package app

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program"
)

type retimeCmd struct {
	Meeting  string            `arg:"" help:"Slug of the meeting."`
	Day      string            `help:"The day whose sessions move, as 2026-02-12." placeholder:"DATE"`
	Room     []string          `help:"Only sessions of this room, by its key or name; may be repeated." placeholder:"ROOM"`
	From     string            `help:"Only sessions that start then or later, as 13:00." placeholder:"TIME"`
	Only     []string          `help:"Only this session, by its code, reference or source id; may be repeated." placeholder:"SESSION"`
	Except   []string          `help:"Not this session; may be repeated." placeholder:"SESSION"`
	By       string            `help:"How much later they are, as 20m or 1h30m; earlier is --by=-20m." placeholder:"TIME"`
	To       string            `help:"The room they move to." placeholder:"ROOM"`
	Swap     []string          `help:"Two rooms that change places on that day, as r1,r2." placeholder:"ROOM,ROOM"`
	End      map[string]string `help:"New end of a session, as 60046=18:00; may be repeated." placeholder:"SESSION=TIME"`
	Name     string            `help:"Name of the release, such as 'Day 2 starts later'."`
	Released string            `help:"When the release counts as made, as 2026-02-11T22:31+09:00; default now." placeholder:"TIME"`
	DryRun   bool              `help:"Say what would change, and change nothing."`
}

// Run moves sessions of a meeting and releases the result: all of it, or nothing.
func (c retimeCmd) Run(s *session) error {
	s.Context = authz.System(s.Context, "retime")
	plan, err := c.plan()
	if err != nil {
		return err
	}
	o := program.Retiming{Source: "tsudoi retime", Name: c.Name, DryRun: c.DryRun}
	if c.Released != "" {
		at, err := parseMoment("--released", c.Released)
		if err != nil {
			return err
		}
		o.At = at
	}
	a, err := Open(s, s.settings, s.version, s.log)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	preview, report, err := a.Programmes.Retime(authz.System(s, "retime"), c.Meeting, plan, o)
	if fault.KindOf(err) == fault.NotFound {
		return fmt.Errorf("there is no meeting %q; name it by its slug, as in the addresses of its pages", c.Meeting)
	}
	if err != nil {
		return err
	}
	printRetiming(s.out, preview, report, c.DryRun)
	return nil
}

// plan reads the flags.
func (c retimeCmd) plan() (program.Plan, error) {
	p := program.Plan{
		Day: event.Date(c.Day), Rooms: c.Room, From: c.From, Only: c.Only, Except: c.Except, To: c.To, Ends: c.End,
	}
	var err error
	if c.By != "" {
		if p.By, err = parseShift(c.By); err != nil {
			return p, err
		}
	}
	switch len(c.Swap) {
	case 0:
	case 2:
		p.Swap = [2]string(c.Swap)
	default:
		return p, fmt.Errorf("--swap takes two rooms, as r1,r2")
	}
	return p, nil
}

// parseShift reads 20m, 1h30m, -20m, or minutes alone.
func parseShift(v string) (time.Duration, error) {
	if n, err := strconv.Atoi(v); err == nil && n > -100_000 && n < 100_000 {
		return time.Duration(n) * time.Minute, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil {
		return 0, fmt.Errorf("--by %q is not a length of time; write it as 20m or 1h30m, and earlier as -20m", v)
	}
	return d, nil
}

// printRetiming prints a line for each session that moves (~) or stays (?), and for each warning (!), and ends with the counts.
func printRetiming(out io.Writer, p *program.Preview, r program.Report, dry bool) {
	for _, m := range p.Moves {
		_, _ = fmt.Fprintf(out, "~ %s %s: %s\n", m.Before.Label, m.Before.Title, moveLine(m))
	}
	for _, s := range p.Stays {
		why := map[program.StayReason]string{
			program.StaysCancelled: "stays: it is cancelled", program.StaysUntimed: "keeps its place: it has no time",
			program.StaysAllRooms: "stays in all rooms",
		}[s.Why]
		_, _ = fmt.Fprintf(out, "? %s %s %s\n", s.Label, s.Title, why)
	}
	for _, w := range p.Warnings {
		_, _ = fmt.Fprintln(out, "!", warningLine(w))
	}
	would := "dry run: "
	if !dry {
		would = ""
		_, _ = fmt.Fprintf(out, "%s: release %d\n", r.Slug, r.Release)
	}
	_, _ = fmt.Fprintf(out, "%smoved %d, speakers %d, warnings %d\n", would, len(p.Moves), p.Speakers, len(p.Warnings))
}

// moveLine says from when and where a session moves, and to.
func moveLine(m program.Move) string {
	b, a := m.Before, m.After
	var parts []string
	if b.Timed() && (!b.Start.Equal(a.Start) || !b.End.Equal(a.End)) {
		to := timesOf(a)
		if event.DateOf(a.Start) != event.DateOf(b.Start) {
			to = a.Start.Format("2006-01-02 ") + to
		}
		parts = append(parts, b.Start.Format("2006-01-02 ")+timesOf(b)+" → "+to)
	}
	if b.Room != a.Room {
		parts = append(parts, brief(b.Where.String())+" → "+brief(a.Where.String()))
	}
	return strings.Join(parts, "; ")
}

func timesOf(s program.Placed) string { return s.Start.Format("15:04") + "–" + s.End.Format("15:04") }

// warningLine is a warning as one sentence.
func warningLine(w program.Warning) string {
	a, b := w.Session, w.Other
	by := strings.TrimSuffix(w.By.String(), "0s")
	switch w.Kind {
	case program.WarnOverlap:
		return fmt.Sprintf("%s (%s) and %s (%s) overlap by %s in %s", a.Label, timesOf(a), b.Label, timesOf(b), by, a.Where)
	case program.WarnSpeaker:
		return fmt.Sprintf("%s is in %s (%s) and %s (%s) at once, for %s", w.Speaker, a.Label, timesOf(a), b.Label, timesOf(b), by)
	case program.WarnBreak:
		return fmt.Sprintf("%s (%s) takes %s of %s %s (%s)", a.Label, timesOf(a), by, b.Label, b.Title, timesOf(b))
	case program.WarnChangeover:
		if w.By == 0 {
			return fmt.Sprintf("%s ends at %s, when %s starts in %s: no changeover", a.Label, a.End.Format("15:04"), b.Label, a.Where)
		}
		return fmt.Sprintf("%s ends at %s and %s starts at %s in %s: a changeover of %s", a.Label, a.End.Format("15:04"), b.Label, b.Start.Format("15:04"), a.Where, by)
	case program.WarnSlot:
		return fmt.Sprintf("%s (%s) is outside of its slot %s (%s)", a.Label, timesOf(a), b.Label, timesOf(b))
	case program.WarnMidnight:
		return fmt.Sprintf("%s (%s) runs past midnight", a.Label, timesOf(a))
	}
	return fmt.Sprintf("%s (%s) is now listed under %s", a.Label, timesOf(a), a.Date)
}
