package registration

import (
	"slices"
	"testing"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
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
	if got, want := fields(&Form{}), []string{"kind", "name_ja", "address", "q.job", "q.times", "consent.rules"}; !slices.Equal(got, want) {
		t.Errorf("before a kind is chosen: %q, want %q", got, want)
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

// TestMistaken: everything that is wrong is named once, in the order of the page, whatever the service met first.
func TestMistaken(t *testing.T) {
	words, err := i18n.NewWords(Files)
	if err != nil {
		t.Fatal(err)
	}
	f := &web.Frame{Site: &web.Site{Words: words}, Lang: i18n.EN}
	d := Details{Kana: "kanji", Address: "nobody"}
	wrong := func(err error, others []*fault.Error) (out []string) {
		x, err := mistaken(f, err, others)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range x.All() {
			if x.On(p.Field) != p.Message {
				t.Errorf("%q is not said beside its field", p.Field)
			}
			out = append(out, p.Field)
		}
		return out
	}
	copied := d
	if got, want := wrong(invalid("registration.error.address").On("address"), copied.faults(true)), []string{"name_ja", "kana", "address"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := wrong(errFull("kind"), d.payerFaults(true)), []string{"kind", "name_ja", "kana"}; !slices.Equal(got, want) || d.Kana != "kanji" {
		t.Errorf("%q, want %q", got, want)
	}
	if got := wrong(fault.New(fault.Conflict, "registration.error.deadline"), d.payerFaults(false)); !slices.Equal(got, []string{""}) {
		t.Errorf("after the deadline: %q", got)
	}
	if got, want := wrong(invalid("registration.error.no_name").On("to_name"), receiverFaults("", "nobody")), []string{"to_name", "to_address"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := mistaken(f, fault.Missing(), nil); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}
