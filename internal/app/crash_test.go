package app

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// victim is an installation whose program is killed again and again.
type victim struct {
	t        *testing.T
	settings *config.Settings
	files    [2]string // two states of the same meeting
}

// run is a command of the program on the victim's data.
func (v *victim) run(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "tsudoi", args...)
	c.Env = append(os.Environ(), "TSUDOI_DATA_DIR="+v.settings.Data, "TSUDOI_DATABASE="+v.settings.Database)
	return c
}

// must runs a command that has to end well, and returns what it printed.
func (v *victim) must(args ...string) string {
	v.t.Helper()
	out, err := v.run(context.Background(), args...).CombinedOutput()
	if err != nil {
		v.t.Fatalf("tsudoi %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// kill starts an import and kills it after a while. It reports whether the import had ended by itself before.
func (v *victim) kill(file string, after time.Duration) (ended bool) {
	v.t.Helper()
	c := v.run(context.Background(), "import", file)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	time.Sleep(after)
	_ = c.Process.Kill() // SIGKILL: nothing of the program runs any more
	err := c.Wait()
	if err == nil {
		return true
	}
	if c.ProcessState.ExitCode() > 0 {
		v.t.Fatalf("the import failed instead of being killed: %v\n%s", err, out.String())
	}
	return strings.Contains(out.String(), "refused 0")
}

// state opens the database as the next start of the program does, and says which of the two files it holds: 0, 1, or -1 for none. Anything
// else fails the test. It also returns how many releases there are.
func (v *victim) state(sessions int) (which, releases int) {
	v.t.Helper()
	w := startWith(v.t, v.settings)
	defer func() { _ = w.DB.Close() }()
	m, err := w.Events.Meeting(v.t.Context(), "m")
	if err != nil {
		return -1, 0
	}
	draft, err := w.Programmes.Draft(v.t.Context(), "m")
	if err != nil {
		v.t.Fatal(err)
	}
	p, err := w.Programmes.Programme(v.t.Context(), "m")
	if err != nil {
		v.t.Fatal(err)
	}
	count := map[int]int{}
	for i := range draft.Sessions {
		s := &draft.Sessions[i]
		it := p.Session(s.GUID)
		if it == nil || it.Title != s.Title {
			v.t.Fatalf("session %s is %v in the draft and not so in the newest release", s.Code, s.Title)
		}
		switch {
		case strings.HasPrefix(s.Title.EN, "Talk "):
			count[0]++
		case strings.HasPrefix(s.Title.EN, "Changed "):
			count[1]++
		}
	}
	list, err := w.Programmes.Releases(v.t.Context(), m)
	if err != nil || len(list) != p.Release.Number {
		v.t.Fatalf("%d releases, the newest is %d, %v", len(list), p.Release.Number, err)
	}
	w.wholeLog(len(list))
	found := w.get("/en/search?q=" + []string{"Talk", "Changed"}[btoi(count[1] > 0)]).text()
	if !strings.Contains(found, "/en/meetings/m/sessions/S") {
		v.t.Errorf("the search does not know what the programme holds: %v", count)
	}
	switch {
	case count[0] == sessions && count[1] == 0:
		return 0, len(list)
	case count[1] == sessions && count[0] == 0:
		return 1, len(list)
	}
	v.t.Fatalf("half an import: of %d sessions %d are of the first state and %d of the second", sessions, count[0], count[1])
	return 0, 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestKilledDuringImport kills the program at random moments of an import of 1,000 sessions, from its start to its end. Each time the
// database is whole and holds all of the import or nothing of it, and the next import completes.
func TestKilledDuringImport(t *testing.T) {
	testkit.Long(t)
	t.Parallel()
	onEach(t, func(t *testing.T, e db.Engine) {
		const sessions = 1000
		v := &victim{t: t, settings: settings(t, e)}
		first := meetingOf("m", sessions)
		second := strings.ReplaceAll(first, "en: Talk ", "en: Changed ")
		for i, text := range []string{first, second} {
			v.files[i] = filepath.Join(t.TempDir(), "m.yaml")
			if err := os.WriteFile(v.files[i], []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		kills := 16
		if e == db.Postgres {
			kills = 4
		}
		// The first import is killed too: also the tables are made as a whole.
		v.kill(v.files[0], time.Duration(rand.IntN(300))*time.Millisecond)
		if which, _ := v.stateOrNothing(sessions); which == 1 {
			t.Fatal("the second state before it was imported")
		}
		begun := time.Now()
		v.must("import", v.files[0])
		v.must("import", v.files[1])
		took := time.Since(begun) / 2
		whole, seen := 1, map[string]int{}
		for i := range kills {
			next := 1 - whole
			// From the start of the program to after its end, a random moment within each step.
			ended := v.kill(v.files[next], (took*time.Duration(i)+rand.N(took))*5/4/time.Duration(kills))
			if out := v.must("doctor"); strings.Contains(out, "✗") {
				t.Errorf("after a kill:\n%s", out)
			}
			which, _ := v.state(sessions)
			switch {
			case ended && which != next:
				t.Errorf("the import of state %d said that it was done, and the database holds state %d", next, which)
			case which == next:
				seen["all"]++
			default:
				seen["nothing"]++
			}
			// The next import completes, and does exactly what is left to do.
			left := "read 1000, added 0, changed 1000, refused 0"
			if which == next {
				left = "read 1000, added 0, changed 0, refused 0"
			}
			if out := v.must("import", v.files[next]); !strings.Contains(out, left) {
				t.Errorf("the import after a kill said:\n%s", out[max(0, len(out)-500):])
			}
			whole = next
		}
		if which, releases := v.state(sessions); which != whole || releases != 2+kills {
			t.Errorf("in the end there is state %d in %d releases; %d imports changed something", which, releases, 2+kills)
		}
		t.Log(fmt.Sprint(kills), "kills within", took, "left", seen)
		if seen["nothing"] == 0 {
			t.Error("no kill came before the end: the test has shown nothing")
		}
	})
}

// stateOrNothing is state for a database that may not have its tables yet.
func (v *victim) stateOrNothing(sessions int) (int, int) {
	if v.settings.Database == "" {
		if _, err := os.Stat(v.settings.DatabaseURL()); err != nil {
			return -1, 0
		}
	}
	return v.state(sessions)
}
