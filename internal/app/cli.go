package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// cli is the command line. Each command is a struct with a Run method, in cmd_*.go.
type cli struct {
	config.Settings

	Serve   serveCmd   `cmd:"" help:"Serve the site."`
	Demo    demoCmd    `cmd:"" help:"Serve the site with the example meetings loaded."`
	Owner   ownerCmd   `cmd:"" help:"Print the one-time link that makes the first owner."`
	Import  importCmd  `cmd:"" help:"Read meetings from files: Tsudoi meeting file, schedule.xml, schedule.json, iCalendar, CSV, XLSX, JANOG57's API."`
	Retime  retimeCmd  `cmd:"" help:"Move sessions by minutes or to another room, with a preview, and publish the result."`
	Notices noticesCmd `cmd:"" help:"Read notices for the screens of a meeting from a file."`
	Export  exportCmd  `cmd:"" help:"Write a meeting to a file."`
	Backup  backupCmd  `cmd:"" help:"Write everything to one file, while the program runs or not."`
	Restore restoreCmd `cmd:"" help:"Fill an empty database from a backup, or verify a backup."`
	Audit   auditCmd   `cmd:"" help:"Verify the audit log, or write it to a file."`
	Doctor  doctorCmd  `cmd:"" help:"Look for what is wrong, and say what to do."`
	Config  configCmd  `cmd:"" help:"Print every setting: its meaning, its value, and where that came from."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine, and print what was got beside its budget."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// session is what a command works with.
type session struct {
	context.Context
	settings *config.Settings
	source   *config.Source
	version  string
	out, err io.Writer
	log      *slog.Logger
}

// Main runs the program and returns its exit status: 0, 1 after a failure, 2 after a mistake on the command line.
func Main(version string, args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return run(ctx, version, args, out, errOut)
}

func run(ctx context.Context, version string, args []string, out, errOut io.Writer) int {
	var c cli
	src := &settingsReader{Source: config.NewSource()}
	exited := -1
	parser, err := kong.New(&c, kong.Name("tsudoi"), kong.Description("Tsudoi (集い): programmes, meetings and their community."),
		kong.Writers(out, errOut), kong.Resolvers(src), kong.UsageOnError(), kong.Exit(func(code int) { exited = code }))
	if err != nil {
		_, _ = fmt.Fprintln(errOut, err)
		return 1
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		_, _ = fmt.Fprintln(errOut, "tsudoi:", mistake(err, src.err))
		return 2
	}
	s := &session{Context: ctx, settings: &c.Settings, source: src.Source, version: version, out: out, err: errOut}
	if err := c.Validate(src.Source); err != nil && k.Command() != "doctor" { // doctor says so among the rest
		_, _ = fmt.Fprintln(errOut, "tsudoi:", err)
		return 2
	}
	s.log = newLog(&c.Settings, errOut)
	slog.SetDefault(s.log) // for what is given none
	for _, stray := range config.Strays(config.Environ()) {
		s.log.Warn(stray, "component", "config")
	}
	if err := k.Run(s); err != nil {
		_, _ = fmt.Fprintln(errOut, "tsudoi:", sentence(err))
		return 1
	}
	return 0
}

// settingsReader reads settings for kong, and keeps what was wrong with them: kong puts the name of the flag that it happened to look for
// before it.
type settingsReader struct {
	*config.Source
	err error
}

// Resolve finds the value of a flag that was not given.
func (r *settingsReader) Resolve(c *kong.Context, p *kong.Path, f *kong.Flag) (any, error) {
	v, err := r.Source.Resolve(c, p, f)
	if err != nil {
		r.err = err
	}
	return v, err
}

// mistake is what a person at a terminal reads of a command line that cannot be used; settings is what was wrong with the settings.
func mistake(err, settings error) string {
	if settings != nil {
		return settings.Error()
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		if errors.Is(err, fs.ErrNotExist) {
			return "there is no file " + p.Path
		}
		return fmt.Sprintf("the file %s cannot be read: %v", p.Path, p.Err)
	}
	s := err.Error()
	if name, rest, ok := strings.Cut(s, ">: "); ok && strings.HasPrefix(name, "<") { // the placeholder of an argument
		return rest
	}
	return s
}

// sentence is what a person at a terminal reads of an error.
func sentence(err error) string {
	if u, ok := errors.AsType[*interchange.Unusable](err); ok {
		return u.Error()
	}
	if f, ok := fault.As(err); ok {
		if words, e := newWords(); e == nil {
			var args []any
			for k, v := range f.Args {
				args = append(args, k, v)
			}
			s := words.Say(i18n.EN, f.Key, args...)
			if f.Field != "" {
				s = f.Field + ": " + s
			}
			return s
		}
	}
	return err.Error()
}

func newLog(c *config.Settings, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level)) // validated before
	o := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *session) error {
	_, err := fmt.Fprintln(s.out, "tsudoi", s.version)
	return err
}

type configCmd struct {
	Sample bool   `help:"Print a sample of tsudoi.toml instead."`
	Lang   string `help:"Language of the explanations: en or ja." default:"en" enum:"en,ja"`
}

// Run prints the settings.
func (c configCmd) Run(s *session) error {
	if c.Sample {
		return config.Sample(s.out, i18n.Lang(c.Lang))
	}
	return s.source.Explain(s.out, s.settings, i18n.Lang(c.Lang))
}
