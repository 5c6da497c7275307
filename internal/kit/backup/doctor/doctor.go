// Package doctor looks over an installation and says what is wrong with it and what to do: the database, the disk, the clock, the
// address and its certificate, and the backups. It changes nothing.
package doctor

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// State says how a check ended.
type State string

// The states, from good to bad.
const (
	OK   State = "ok"
	Warn State = "warn" // works, but not for long or not for everybody
	Fail State = "fail"
)

// Check is one thing that was looked at.
type Check struct {
	Name  string    `json:"name"`
	State State     `json:"state"`
	What  i18n.Text `json:"what"` // what was found
	Do    i18n.Text `json:"do"`   // what to do about it; empty where nothing is to be done
}

// Input is what is looked over.
type Input struct {
	Settings   *config.Settings
	Mistakes   error  // of Settings.Validate
	DB         *db.DB // nil where it could not be opened
	OpenError  error  // why
	Migrations []fs.FS
	// Lost counts the files that the database names and the disk lacks; nil: not looked for. It is asked where the schema is the program's.
	Lost    func(context.Context, db.Reader) (int, error)
	Built   time.Time // when the program was built; zero: unknown
	Now     time.Time // zero: the time it is
	Environ []string  // os.Environ
}

// Report is every check, in a fixed order.
type Report struct {
	Checks []Check `json:"checks"`
}

// Run makes every check. A check that cannot be made because another one failed is left out.
func Run(ctx context.Context, in Input) Report {
	if in.Now.IsZero() {
		in.Now = time.Now()
	}
	r := &Report{}
	in.settings(r)
	in.folder(r)
	in.disk(r)
	in.clock(r)
	in.address(r)
	in.certificate(r)
	if in.reachable(ctx, r) {
		in.migrations(ctx, r)
		in.integrity(ctx, r)
		in.log(r)
		in.files(ctx, r)
		in.audit(ctx, r)
		in.jobs(ctx, r)
	}
	in.mail(ctx, r)
	in.backups(r)
	return *r
}

// Worst is the worst state of all checks.
func (r Report) Worst() State {
	worst := OK
	for _, c := range r.Checks {
		if c.State == Fail || c.State == Warn && worst == OK {
			worst = c.State
		}
	}
	return worst
}

var marks = map[State]string{OK: "✓", Warn: "!", Fail: "✗"}

// Write writes the report for people.
func (r Report) Write(w io.Writer, l i18n.Lang) error {
	b := bufio.NewWriter(w)
	for _, c := range r.Checks {
		fmt.Fprintf(b, "%s %-12s %s\n", marks[c.State], c.Name, c.What.In(l))
		if !c.Do.IsZero() {
			fmt.Fprintf(b, "  %-12s → %s\n", "", c.Do.In(l))
		}
	}
	return b.Flush()
}

// note adds a check. The texts are Japanese and English; both take the same arguments.
func (r *Report) note(name string, s State, what, do i18n.Text, args ...any) {
	fill := func(t string) string { return fmt.Sprintf(t, args...) }
	if len(args) > 0 {
		what = what.Map(fill)
	}
	r.Checks = append(r.Checks, Check{Name: name, State: s, What: what, Do: do})
}

// nothing is to be done.
var nothing = i18n.Text{}
