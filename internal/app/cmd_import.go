package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

type importCmd struct {
	Files    []string `arg:"" name:"file" help:"Files to read; - is standard input."`
	Meeting  string   `help:"Slug of the meeting, for files that do not name one, or instead of what they say." placeholder:"SLUG"`
	DryRun   bool     `help:"Say what would change, and change nothing."`
	Prune    bool     `help:"Cancel the sessions that the file no longer has."`
	Onsite   bool     `help:"Of JANOG57's timetable, take the state edited at the venue."`
	Name     string   `help:"Name of the release, such as 'after the retiming'."`
	Released string   `help:"When the release counts as made, as 2026-02-11T22:31+09:00; default now." placeholder:"TIME"`
}

// Run reads files into the database: all of each file, or nothing of it.
func (c importCmd) Run(s *session) error {
	s.Context = authz.System(s.Context, "import")
	o := program.Import{Name: c.Name, Prune: c.Prune, DryRun: c.DryRun}
	if c.Released != "" {
		at, err := parseMoment("--released", c.Released)
		if err != nil {
			return err
		}
		o.At = at
	}
	open := Open
	if c.DryRun {
		open = openToLook
	}
	a, err := open(s, s.settings, s.version, s.log)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	for _, name := range c.Files {
		if err := a.importFile(authz.System(s, "import"), s.out, name, interchange.Options{Meeting: c.Meeting, Timezone: s.settings.TimeZone, Onsite: c.Onsite}, o); err != nil {
			return err
		}
	}
	return nil
}

func parseMoment(flag, v string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is not a time; write it as 2026-02-11T22:31+09:00", flag, v)
}

// importFile reads one file, prints what is wrong with it and what changes, and ends with the counts.
func (a *App) importFile(ctx context.Context, out io.Writer, name string, read interchange.Options, o program.Import) error {
	data, folder, err := readFile(name)
	if err != nil {
		return err
	}
	if m, err := a.Events.Meeting(ctx, read.Meeting); err == nil {
		read.Timezone = m.Timezone // of a file that names none
	}
	docs, problems, err := interchange.Decode(name, data, read)
	for _, p := range problems {
		_, _ = fmt.Fprintln(out, p)
	}
	if err != nil {
		return err
	}
	wrong, err := a.takePictures(ctx, docs, folder, o.DryRun)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		w.File = filepath.Base(name)
		_, _ = fmt.Fprintln(out, w)
	}
	o.Source = filepath.Base(name)
	reports, err := a.Programmes.Import(ctx, docs, o)
	if err != nil {
		return err
	}
	refused := 0
	for _, d := range docs {
		refused += d.Refused
	}
	printReports(out, reports, refused, o.DryRun)
	return nil
}

// readFile reads a file, or standard input, but never more than an importer takes; folder is where its pictures are looked for.
func readFile(name string) (data []byte, folder string, err error) {
	var in io.Reader = os.Stdin
	if name != "-" {
		f, err := os.Open(filepath.Clean(name))
		if err != nil {
			return nil, "", fmt.Errorf("read the file: %w", err)
		}
		defer func() { _ = f.Close() }()
		in, folder = f, filepath.Dir(name)
	}
	data, err = io.ReadAll(io.LimitReader(in, interchange.MaxFile+1))
	if err != nil {
		return nil, "", fmt.Errorf("read the file: %w", err)
	}
	return data, folder, nil
}

func printReports(out io.Writer, reports []program.Report, refused int, dry bool) {
	read, added, changed := 0, 0, 0
	for _, r := range reports {
		read, added, changed = read+r.Read, added+r.Added, changed+r.Changed
		for _, c := range r.Event {
			_, _ = fmt.Fprintln(out, eventSign(c), c)
		}
		if len(r.Changes) == r.Added && r.Added > 20 {
			_, _ = fmt.Fprintf(out, "+ %s: %d sessions\n", r.Slug, r.Added)
		} else {
			for _, c := range r.Changes {
				_, _ = fmt.Fprintln(out, changeLine(c))
			}
		}
		if r.Release > 0 && len(r.Changes)+len(r.Event) == 0 {
			_, _ = fmt.Fprintf(out, "~ %s: kinds, topics or speakers that no session shows otherwise\n", r.Slug)
		}
		for _, gone := range r.Absent {
			what := "is not in the file, and stays; --prune cancels it"
			if gone.Cancelled {
				what = "is not in the file, and is now cancelled"
			}
			_, _ = fmt.Fprintf(out, "? %s %s %s\n", gone.Label, gone.Title, what)
		}
		if r.Release > 0 && !dry {
			_, _ = fmt.Fprintf(out, "%s: release %d\n", r.Slug, r.Release)
		}
	}
	would := ""
	if dry {
		would = "dry run: "
	}
	_, _ = fmt.Fprintf(out, "%sread %d, added %d, changed %d, refused %d\n", would, read+refused, added, changed, refused)
}

// eventSign is the sign of a change of the meeting itself: + added, - removed, ~ edited.
func eventSign(c event.Change) string {
	switch {
	case c.Field == "" && c.Before == "":
		return "+"
	case c.Field == "":
		return "-"
	}
	return "~"
}

// changeLine is a change as one line: + added, ~ edited, - removed or cancelled.
func changeLine(c program.Change) string {
	sign := map[program.Op]string{program.Added: "+", program.Removed: "-", program.Cancelled: "-", program.Restored: "+", program.Edited: "~"}[c.Op]
	s := sign + " " + c.Label + " " + c.Title.String()
	if c.Op == program.Cancelled || c.Op == program.Restored {
		s += " (" + string(c.Op) + ")"
	}
	var parts []string
	for _, f := range c.Fields {
		parts = append(parts, fmt.Sprintf("%s: %s → %s", f.Field, brief(f.Before.String()), brief(f.After.String())))
	}
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, "; ")
	}
	return s
}

// brief shortens a text for one line.
func brief(s string) string {
	if s == "" {
		return "(none)"
	}
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return string(r)
}

type exportCmd struct {
	Meeting string `arg:"" help:"Slug of the meeting."`
	Out     string `short:"o" default:"-" help:"File to write; - is standard output." placeholder:"FILE"`
	Public  bool   `help:"Leave out what the publication policies forbid."`
}

// Run writes the Tsudoi meeting file of a meeting, which holds everything.
func (c exportCmd) Run(s *session) error {
	s.Context = authz.System(s.Context, "export")
	if d, err := openExisting(s, s); err != nil {
		return err
	} else if err := d.Close(); err != nil {
		return err
	}
	a, err := openToLook(s, s.settings, s.version, s.log)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	doc, err := a.Programmes.Draft(s, c.Meeting)
	if fault.KindOf(err) == fault.NotFound {
		return fmt.Errorf("there is no meeting %q; name it by its slug, as in the addresses of its pages", c.Meeting)
	}
	if err != nil {
		return err
	}
	encode := func(d *interchange.Document) ([]byte, error) { return interchange.EncodeYAML(d) }
	if c.Public {
		m, err := a.Events.Meeting(s, c.Meeting)
		if err != nil {
			return err
		}
		doc, encode = doc.Public(a.Programmes.Today(m)), interchange.EncodePublicYAML
	}
	b, err := encode(doc)
	if err != nil {
		return err
	}
	if c.Out == "-" {
		_, err = s.out.Write(b)
		return err
	}
	f, err := os.OpenFile(filepath.Clean(c.Out), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
