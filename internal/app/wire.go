// Package app is the only package that knows every feature: it puts them together, says which addresses lead to them, and holds the
// commands of the program.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tsudoi/tsudoi/internal/archive"
	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/briefing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/handbook"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/chart"
	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/live"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/material"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/desk"
	"github.com/tsudoi/tsudoi/internal/program/speaking"
	"github.com/tsudoi/tsudoi/internal/registration"
	registrationdesk "github.com/tsudoi/tsudoi/internal/registration/desk"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// App is the program put together: each feature with what it was given.
type App struct {
	Settings *config.Settings
	Log      *slog.Logger
	Now      func() time.Time
	Version  string
	Demo     bool

	DB        *db.DB
	Blobs     *blob.Store
	Portraits *blob.Store // of people, apart: one goes with its person
	Large     *blob.Large
	scratch   string // a folder that goes when the program closes, or empty

	Jobs   *job.Queue    // what is done later; runs while the program serves
	Outbox *mail.Outbox  // letters; they leave while the queue runs
	Sealer *audit.Sealer // of the audit log; serve starts it
	Live   *live.Hub     // tells browsers what changed; serve starts it

	Site    *web.Site
	Cache   *web.Cache
	Metrics *web.Metrics

	People       *person.Service
	PeoplePages  *person.Web
	Events       *event.Service
	Programmes   *program.Service
	Desk         *program.Desk
	Speaking     *program.Speaking
	Materials    *material.Service
	Screens      *signage.Service
	Briefings    *briefing.Service
	Bills        *billing.Service
	Payments     *billing.Payments
	Registration *registration.Service
	Archive      *archive.Service
	Handbook     *handbook.Service
}

// migrations lists the folders with the tables of every package.
func migrations() []fs.FS {
	return []fs.FS{
		db.Migrations,
		audit.Migrations,
		search.Migrations,
		job.Migrations,
		mail.Migrations,
		limit.Migrations,
		person.Migrations,
		event.Migrations,
		program.Migrations,
		material.Migrations,
		signage.Migrations,
		briefing.Migrations,
		billing.Migrations,
		registration.Migrations,
	}
}

// newWords reads the words of every package.
func newWords() (*i18n.Words, error) {
	return i18n.NewWords(
		web.Files,
		live.Files,
		blob.Words,
		chart.Files,
		sheet.Words,
		job.Files,
		mail.Files,
		person.Files,
		event.Files,
		program.Files,
		desk.Files,
		speaking.Files,
		material.Files,
		signage.Files,
		briefing.Files,
		billing.Files,
		registration.Files,
		registrationdesk.Files,
		archive.Files,
		handbook.Files,
		Files,
	)
}

// newAssets makes the style sheet and the script of every page, and what single pages need.
func newAssets() (*web.Assets, error) {
	a := web.NewAssets()
	css := []web.Source{
		web.From(live.Files, "css/live.css"),
		event.Style,
		web.From(handbook.Files, "pages/handbook.css"),
		web.From(program.Files, "pages/timetable.css", "pages/session.css"),
		web.From(archive.Files, "pages/search.css"),
		web.From(person.Files, "pages/person.css"),
	}
	js := []web.Source{web.From(live.Files, "js/refresh.js", "js/live.js"), web.From(program.Files, "pages/stars.js", "pages/timetable.js")}
	return a, errors.Join(
		a.Shared(css, js),
		a.Bundle("chart.css", web.From(chart.Files, "css/chart.css")),
		a.Bundle("material.css", web.From(material.Files, "pages/material.css")),
		a.Bundle("material.js", web.From(material.Files, "pages/material.js")),
		a.Bundle("operator.css", web.From(job.Files, "pages/jobs.css"), web.From(mail.Files, "pages/letters.css")),
		desk.Assets(a),
		speaking.Assets(a),
		a.Bundle("a4.css", web.From(program.Files, "pages/a4.css")),
		a.Bundle("history.css", web.From(event.Files, "pages/history.css")),
		a.Bundle("a3.css", web.From(program.Files, "pages/a3.css")),
		signage.Bundles(a),
		person.Bundles(a),
		briefing.Assets(a),
		billing.Assets(a),
		billing.ArrivalAssets(a),
		registration.Assets(a),
		registrationdesk.Assets(a),
	)
}

// Open opens the database, brings it to this program's schema after a backup, and puts everything together.
func Open(ctx context.Context, s *config.Settings, version string, log *slog.Logger) (*App, error) {
	return open(ctx, s, version, log, false)
}

// open is Open; a demo lets anybody be anybody.
func open(ctx context.Context, s *config.Settings, version string, log *slog.Logger, demo bool) (*App, error) {
	a := &App{Settings: s, Log: log, Now: time.Now, Version: version, Metrics: web.NewMetrics(version), Demo: demo}
	if err := a.openStores(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.wire(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// openToLook is Open for commands that change nothing: it neither makes a database in the named place nor brings one up to date. Where
// there is none it looks at an empty one of its own.
func openToLook(ctx context.Context, s *config.Settings, version string, log *slog.Logger) (*App, error) {
	own := *s
	if _, err := os.Stat(s.DatabaseURL()); s.Database == "" && err != nil {
		dir, err := os.MkdirTemp("", "tsudoi-look-")
		if err != nil {
			return nil, err
		}
		own.Data = dir
		a, err := Open(ctx, &own, version, log)
		if err == nil {
			a.scratch = dir
		}
		return a, err
	}
	d, err := db.Open(ctx, s.DatabaseURL())
	if err != nil {
		return nil, err
	}
	pending, _, err := d.Pending(ctx, migrations()...)
	if err := errors.Join(err, d.Close()); err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		return nil, errors.New("the database is of an earlier version of Tsudoi; start `tsudoi serve` once to bring it up to date, and try again")
	}
	return Open(ctx, s, version, log)
}

func (a *App) openStores(ctx context.Context) (err error) {
	if err := os.MkdirAll(a.Settings.Data, 0o750); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if a.DB, err = db.Open(ctx, a.Settings.DatabaseURL()); err != nil {
		return err
	}
	if err := a.migrate(ctx); err != nil {
		return err
	}
	if a.Blobs, err = blob.OpenStore(a.Settings.FilesDir()); err != nil {
		return err
	}
	if a.Portraits, err = blob.OpenStore(filepath.Join(a.Settings.FilesDir(), "people")); err != nil {
		return err
	}
	a.Large, err = blob.OpenLarge(a.Settings.MaterialDir())
	return err
}

// wire gives each feature what it needs. It is the map of the program: read it from top to bottom.
func (a *App) wire(context.Context) error {
	words, err := newWords()
	if err != nil {
		return err
	}
	assets, err := newAssets()
	if err != nil {
		return err
	}
	a.Site = &web.Site{
		Words: words, Assets: assets, Default: i18n.JA, PublicURL: a.Settings.Base(""), Version: a.Version, Demo: a.Demo,
		Name: i18n.T("集い", "Tsudoi"), Nav: []web.Item{{Title: "layout.meetings", URL: "/meetings"}, {Title: "layout.handbook", URL: "/handbook"}},
	}
	if a.Demo {
		a.Site.Nav = append(a.Site.Nav, web.Item{Title: "mail.dev.nav", URL: "/dev/mail"})
	}
	a.Jobs = job.New(a.DB, job.Options{Now: a.now, Log: a.Log})
	a.Outbox = mail.New(a.DB, a.Jobs, a.mailOptions())
	a.Metrics.Registry.MustRegister(a.Jobs.Metrics(), a.Outbox.Metrics())
	open := a.Settings.Limits.Connections // streams leave room for pages, and one venue for others
	a.Live = live.New(a.DB, live.Options{Log: a.Log, Streams: open * 3 / 4, PerClient: open * 2 / 5})
	a.Metrics.Gauge("tsudoi_live_streams", "Open streams of live updates.", func() float64 { return float64(a.Live.Streams()) })
	a.Sealer = audit.NewSealer(a.DB, audit.Options{Log: a.Log})
	a.Jobs.Every("audit.addresses", 24*time.Hour, a.forgetAddresses)
	a.Cache = web.NewCache(int(a.Settings.Cache))
	a.Events = event.New(a.DB, event.Options{Pictures: a.Blobs, Now: a.now, Outbox: a.Outbox, Base: a.Settings.Base("")})
	a.Programmes = program.New(a.DB, a.Events, program.Options{Now: a.now, Live: a.Live, Released: a.released})
	a.Events.Use(a.Programmes)
	a.Events.UseCopier(copiers{a})
	a.Events.UseSessions(a.Programmes)
	if a.People, err = a.newPeople(); err != nil {
		return err
	}
	a.Events.UsePeople(a.People)
	a.Desk = program.NewDesk(a.Programmes, program.DeskOptions{People: a.People, Interest: a.Programmes, Absences: a.Programmes})
	a.Speaking = program.NewSpeaking(a.Desk)
	a.Jobs.Every("event.sweep", 24*time.Hour, a.Events.Sweep)
	a.Jobs.Every("person.sweep", time.Hour, a.People.Sweep)
	a.Materials = material.New(a.DB, a.Large, a.Events, material.Options{
		Programme: sessionsForMaterial{a.Programmes}, Max: int64(a.Settings.Limits.Body), Meeting: int64(a.Settings.Limits.Material), Now: a.now, Log: a.Log,
	})
	a.Materials.Schedule(a.Jobs)
	a.Programmes.UseMaterials(publicMaterials{a.Materials})
	a.Screens = signage.New(a.DB, a.Events, signage.Options{Timetable: publicTimetable{a.Programmes}, Pictures: a.Blobs, Publish: a.Live.Publish, Now: a.now})
	a.Briefings = a.newBriefings()
	a.Bills = billing.New(a.DB, a.Events, billing.Options{Outbox: a.Outbox, Jobs: a.Jobs, Now: a.now, Base: a.Settings.Base("")})
	a.Payments = a.newPayments()
	a.Registration = a.newRegistration()
	a.Events.UseEntrance(a.Registration.Shown)
	a.People.Use(
		event.Keeps{Service: a.Events},
		program.Keeps{},
		material.Keeps{Service: a.Materials},
		briefing.Keeps{Service: a.Briefings},
		billing.Keeps{Service: a.Bills},
		registration.Keeps{Service: a.Registration},
	)
	a.Archive = archive.New(a.DB)
	a.Handbook = handbook.New()
	a.Site.Become = a.become()
	a.PeoplePages = person.NewWeb(a.People, groupPages{a}, doors{a}, a.Settings.Base(""), a.personas())
	return nil
}

// released lets whoever wants to know of releases do so later.
func (a *App) released(ctx context.Context, tx *db.Tx, e program.ProgrammeReleased) error {
	return a.Jobs.Enqueue(ctx, tx, e)
}

// mailOptions are the outbox as the settings want it.
func (a *App) mailOptions() mail.Options {
	o := mail.FromSettings(a.Settings)
	o.Now, o.Log = a.now, a.Log
	return o
}

// now reads the clock, which a test may replace after Open.
func (a *App) now() time.Time { return a.Now() }

// Close ends what Open began.
func (a *App) Close() error {
	var errs []error
	if a.Live != nil {
		a.Live.Stop()
	}
	if a.Blobs != nil {
		errs = append(errs, a.Blobs.Close())
	}
	if a.Portraits != nil {
		errs = append(errs, a.Portraits.Close())
	}
	if a.Large != nil {
		errs = append(errs, a.Large.Close())
	}
	if a.DB != nil {
		errs = append(errs, a.DB.Close())
	}
	if a.scratch != "" {
		errs = append(errs, os.RemoveAll(a.scratch))
	}
	return errors.Join(errs...)
}
