package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
	"github.com/tsudoi/tsudoi/internal/signage"
)

type serveCmd struct{}

// Run serves the site until the process is told to stop.
func (serveCmd) Run(s *session) error {
	a, err := Open(s, s.settings, s.version, s.log)
	if err != nil {
		return err
	}
	first, err := a.People.FirstLink(s)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	ready := func(at string) {
		s.log.Info("serving", "component", "app", "at", at, "version", s.version)
		if first != "" {
			_, _ = fmt.Fprintf(s.err, "\n  Nobody owns this Tsudoi yet. Open this link to become its owner; it works once:\n  %s%s\n\n", at, first)
		}
	}
	return errors.Join(a.serve(s, ready), a.Close())
}

type ownerCmd struct{}

// Run prints a new one-time link for the first owner.
func (ownerCmd) Run(s *session) error {
	a, err := Open(s, s.settings, s.version, s.log)
	if err != nil {
		return err
	}
	first, err := a.People.FirstLink(s)
	switch {
	case err != nil:
	case first == "":
		_, err = fmt.Fprintln(s.out, "This Tsudoi has an owner, who can name others. There is no link.")
	default:
		_, err = fmt.Fprintf(s.out, "Open this link to become the owner; it works once:\n%s%s\n", s.settings.Base(""), first)
	}
	return errors.Join(err, a.Close())
}

type demoCmd struct{}

// Run serves the site with the examples. A second start finds the data of the first.
func (demoCmd) Run(s *session) error {
	a, err := open(s, s.settings, s.version, s.log, true)
	if err != nil {
		return err
	}
	if err := errors.Join(a.loadExamples(s), a.loadSampleEntries(s)); err != nil {
		return errors.Join(err, a.Close())
	}
	say := func(at string) {
		_, _ = fmt.Fprintf(s.out, "\n  Tsudoi demo: %s\n  The example meetings are loaded; to enter as a chair, a volunteer or anybody else, choose a role in the bar at the top.\n  Data: %s   Stop: Ctrl+C\n\n", at, s.settings.DatabaseURL())
	}
	return errors.Join(a.serve(s, say), a.Close())
}

// aroundFile is room in a request for what stands around a file: the fields of its form.
const aroundFile = 1 << 20

func (a *App) serve(ctx context.Context, ready func(at string)) error {
	s := a.Settings
	public, err := url.Parse(s.Base(""))
	if err != nil {
		return fmt.Errorf("read public_url: %w", err)
	}
	o := listen.Options{
		Address: s.Listen, Redirect: s.TLS.Redirect, Public: public, Trusted: s.TrustedProxies(), Header: s.Header,
		MaxConnections: s.Limits.Connections, MaxBody: int64(s.Limits.Body) + aroundFile, StopWithin: s.Limits.Stop, Log: a.Log,
		Ready: func(b listen.Bound) { ready(s.Base(b.Address)) },
		TLS: listen.TLS{
			Cert: s.TLS.Cert, Key: s.TLS.Key, Hosts: s.TLS.ACMEHosts, Email: s.TLS.ACMEEmail,
			Directory: s.TLS.ACMEDirectory, Cache: s.CertDir(),
		},
	}
	if s.Listen == "systemd" {
		if o.File = config.Socket(); o.File == nil {
			return errors.New("listen is systemd, but systemd opened no socket for this process; start it through its .socket unit")
		}
	}
	a.Live.Start(ctx)
	a.Sealer.Start(ctx)
	defer a.Sealer.Stop()
	if !a.Outbox.Sends() && !a.Demo {
		a.Log.WarnContext(ctx, "mail.smtp is empty: letters are kept and not sent", "component", "mail")
	}
	if err := a.Jobs.Start(ctx); err != nil {
		return err
	}
	return errors.Join(listen.Serve(ctx, o, a.Handler()), a.stopJobs(ctx))
}

// stopJobs lets what runs come to its end, within the time a stop may take.
func (a *App) stopJobs(ctx context.Context) error {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Settings.Limits.Stop)
	defer cancel()
	defer a.Outbox.Close()
	return a.Jobs.Stop(grace)
}

// onsite is when JANOG57's timetable was last edited at the venue, and imported when it was read from the API (see the file).
var (
	imported = time.Date(2026, 1, 26, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))
	onsite   = time.Date(2026, 2, 13, 10, 32, 0, 0, time.FixedZone("JST", 9*3600))
)

// loadExamples reads the example meetings, unless they are there.
func (a *App) loadExamples(ctx context.Context) error {
	if last, err := a.Programmes.Programme(ctx, "janog57"); err == nil && last.Release.Number > 1 {
		return a.loadSampleRegistration(ctx) // the last file was loaded: a start that was cut short begins again
	} else if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	for _, name := range append(examples.Files(), examples.JANOG57OnSite) {
		data, err := fs.ReadFile(examples.FS, name)
		if err != nil {
			return err
		}
		docs, _, err := interchange.Decode(name, data, interchange.Options{})
		if err != nil {
			return fmt.Errorf("read the example %s: %w", name, err)
		}
		o := program.Import{Source: name}
		switch name {
		case examples.JANOG57:
			o.At = imported
		case examples.JANOG57OnSite:
			o.At = onsite
		}
		if _, err := a.Programmes.Import(authz.System(ctx, "demo"), docs, o); err != nil {
			return fmt.Errorf("load the example %s: %w", name, err)
		}
	}
	_, err := a.loadNotices(authz.System(ctx, "examples"), examples.JANOG57Notices)
	return errors.Join(err, a.loadSampleTasks(ctx), a.loadSampleRegistration(ctx))
}

// loadNotices reads an example of notices for screens.
func (a *App) loadNotices(ctx context.Context, name string) (int, error) {
	data, err := fs.ReadFile(examples.FS, name)
	if err != nil {
		return 0, err
	}
	f, err := signage.ReadFile(data)
	if err != nil {
		return 0, fmt.Errorf("read the example %s: %w", name, err)
	}
	return a.Screens.Import(ctx, f)
}
