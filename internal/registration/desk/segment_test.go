package desk

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/tsudoi/tsudoi/internal/registration"
)

// TestChosenBy: the form of the list chooses those that were ticked, or all that was filtered; nobody, where nothing was ticked.
func TestChosenBy(t *testing.T) {
	for q, want := range map[string]registration.Filter{
		"f.kind=online&all=1&ref=A": {Kind: "online"}, "f.kind=online&ref=A&ref=B": {State: "all", Refs: []string{"A", "B"}}, "f.kind=online": {State: "all", Refs: []string{"none"}},
	} {
		form, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		if got := chosenBy(form); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, want %+v", q, got, want)
		}
	}
}
