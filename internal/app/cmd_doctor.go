package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/backup/doctor"
	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/material"
)

type doctorCmd struct {
	JSON   bool   `name:"json" help:"Print the findings as JSON."`
	Lang   string `help:"Language of the findings: en or ja." default:"en" enum:"en,ja"`
	Health bool   `help:"Only ask the running program whether it can answer; for health checks of containers."`
}

// Run looks over the installation. It fails where something is broken.
func (c doctorCmd) Run(s *session) error {
	if c.Health {
		return health(s)
	}
	in := doctor.Input{
		Settings: s.settings, Mistakes: s.settings.Validate(s.source), Migrations: migrations(), Built: built(), Environ: config.Environ(),
		Lost: func(ctx context.Context, r db.Reader) (int, error) {
			return material.Lost(ctx, r, os.DirFS(s.settings.MaterialDir()))
		},
	}
	if d, err := openExisting(s, s); err != nil {
		in.OpenError = err
	} else {
		in.DB = d
		defer func() { _ = d.Close() }()
	}
	r := doctor.Run(s, in)
	if err := c.print(s, r); err != nil {
		return err
	}
	if r.Worst() == doctor.Fail {
		return errors.New("something is broken; see above")
	}
	return nil
}

func (c doctorCmd) print(s *session, r doctor.Report) error {
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.Write(s.out, i18n.Lang(c.Lang))
}

// health asks the program on this machine, where it listens for plain HTTP.
func health(s *session) error {
	_, port, err := net.SplitHostPort(s.settings.Listen)
	if mode := s.settings.TLS.Mode; err != nil || mode != "off" && mode != "proxy" {
		return errors.New("--health asks over plain HTTP on a port of this machine; ask /readyz by the site's own address instead")
	}
	r, err := httpclient.Request(s, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz")
	if err != nil {
		return err
	}
	client := httpclient.Loopback(1)
	client.Timeout = 5 * time.Second
	res, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("the program does not answer: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the program answers %s", res.Status)
	}
	return nil
}

// built is when the sources of this program were committed, if the build knows.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, v := range info.Settings {
		if v.Key == "vcs.time" {
			if t, err := time.Parse(time.RFC3339, v.Value); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
