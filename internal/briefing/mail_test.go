package briefing

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

var update = flag.Bool("update", false, "write the letters of testdata anew")

// TestLetters compares letters with those that somebody read: to a speaker, to somebody who starred, under consideration, and again.
func TestLetters(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		cancelled := moved("g2", "BBBBBB", 11, "sora")
		cancelled.Op, cancelled.Cancelled = Cancelled, true
		added := moved("g3", "CCCCCC", 14, "sora")
		added.Op, added.Was, added.Label = Added, nil, "C3"
		m, err := h.meeting(t.Context(), "janog57")
		h.must(err)
		changes := []Change{moved("g1", "AAAAAA", 10, "sora"), cancelled, added}
		all := []string{"g1", "g2", "g3"}
		for name, x := range map[string]struct {
			r       Recipient
			decided bool
			again   bool
			kind    Kind
		}{
			"speaker":    {Recipient{Name: i18n.T("青山 空", "Sora Aoyama"), Duties: []Duty{Speaker}, Sessions: all, Asks: true}, true, false, OfChange},
			"again":      {Recipient{Name: i18n.T("青山 空", "Sora Aoyama"), Duties: []Duty{Speaker}, Sessions: []string{"g1"}, Asks: true}, true, true, OfChange},
			"star":       {Recipient{Name: i18n.T("めい", "Mei"), Duties: []Duty{Starred}, Sessions: []string{"g1", "g2"}}, true, false, OfChange},
			"considered": {Recipient{Name: i18n.T("青山 空", "Sora Aoyama"), Duties: []Duty{Speaker}, Sessions: []string{"g1", "g2"}, Asks: true}, false, false, OfChange},
			"free":       {Recipient{Name: i18n.T("受付", "Reception"), Duties: []Duty{Member}, Asks: true}, true, false, Free},
		} {
			i := &Item{Kind: x.kind, Decided: x.decided}
			h.must(write(m, i))
			what, err := h.matter(t.Context(), m, i)
			h.must(err)
			if (what.calendar != nil) != (x.kind == OfChange && x.decided) {
				t.Errorf("%s: only what is settled moves entries of calendars", name)
			}
			what.changes = changes
			r := x.r
			r.Ref, r.Address, r.Lang = strings.Repeat("0", 26), "sora@example.org", i18n.JA
			l, err := h.writer(m, i, what, "a key of the test").letter(&r, x.again)
			h.must(err)
			if f := l.Attachments; (len(f) == 1) != (what.calendar != nil) || len(f) == 1 && string(f[0].Data) != "calendar in ja of "+strings.Join(r.Sessions, ",") {
				t.Errorf("%s: %s", name, f)
			}
			got := fmt.Sprintf("%s\n\n%s\n\n====\n\n%s\n\n%s\n", l.Subject.JA, l.Body.JA, l.Subject.EN, l.Body.EN)
			file := filepath.Join("testdata", "letter_"+name+".txt")
			if *update {
				h.must(os.WriteFile(file, []byte(got), 0o600))
			}
			want, err := os.ReadFile(file)
			h.must(err)
			if got != string(want) {
				t.Errorf("%s is another letter; read it and run the test with -update:\n%s", file, got)
			}
		}
	})
}

// TestLettersLeaveInPortions: a process that dies after some portions goes on where it was, and writes nobody twice.
func TestLettersLeaveInPortions(t *testing.T) {
	eachHall(t, func(t *testing.T, h *hall) {
		for id := range int64(500) {
			h.stars[1000+id] = []string{"g1"}
		}
		h.must(h.Released(t.Context(), "janog57", 1, 2))
		i := h.offer()
		h.must(h.Send(h.chair(), "janog57", i.Ref, Seen{507, 2}))
		h.now = h.now.Add(TakeBack)
		h.dies = 250
		if err := h.Leave(t.Context(), h.jobs[0]); err == nil {
			t.Error("it did not die")
		}
		if len(h.letters) != letters {
			t.Errorf("%d letters left before, want one portion", len(h.letters))
		}
		_, err := h.TakeBackNow(h.chair(), "janog57", i.Ref)
		if err == nil {
			t.Error("taken back while it was leaving")
		}
		h.dies = 0
		h.run()
		seen := map[string]bool{}
		for _, l := range h.letters {
			if seen[l.To.Address] {
				t.Errorf("%s has two letters", l.To.Address)
			}
			seen[l.To.Address] = true
		}
		if len(seen) != 507 {
			t.Errorf("%d letters", len(seen))
		}
	})
}
