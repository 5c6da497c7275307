package registration

import (
	"slices"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestForm_faultsNamesAll(t *testing.T) {
	s := &Setup{
		Kinds: []Kind{{Key: "general"}},
		Questions: []Question{{Key: "job", Type: Line, Required: true}, {Key: "more", Type: Line},
			{Key: "times", Type: Counted, Required: true}, {Key: "staff", Type: Line, Required: true, Kinds: []string{"staff"}}},
		Consents: []Consent{{Key: "rules", Required: true}, {Key: "photos"}},
	}
	fields := func(f *Form) (out []string) {
		for _, e := range f.faults(s, &event.Meeting{}) {
			out = append(out, e.Field)
		}
		return out
	}
	f := &Form{Kind: "general", Key: "k", Answers: map[string][]string{}}
	if got, want := fields(f), []string{"name_ja", "address", "q.job", "q.times", "consent.rules"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	f.Name, f.Address, f.Consents = i18n.T("山田 太郎", ""), "taro@example.com", []string{"rules"}
	f.Answers = map[string][]string{"job": {"operator"}, "times": {"twice"}}
	if got := fields(f); !slices.Equal(got, []string{"q.times"}) || len(f.Answers) != 2 {
		t.Error(got, f.Answers)
	}
	f.Answers["times"] = []string{"２"}
	if got := fields(f); got != nil || f.check(s, &event.Meeting{}) != nil {
		t.Error(got, f.check(s, &event.Meeting{}))
	}
}
