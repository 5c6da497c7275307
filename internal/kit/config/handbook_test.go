package config

import (
	"os"
	"strings"
	"testing"
)

// TestHandbookKnowsEverySetting holds the tables of the operator's handbook to the struct: each setting, and no other.
func TestHandbookKnowsEverySetting(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		text, err := os.ReadFile("../../../docs/handbook/operator." + lang + ".md")
		if err != nil {
			t.Fatal(err)
		}
		_, table, _ := strings.Cut(string(text), "|---|---|---|\n")
		table, _, _ = strings.Cut(table, "\n\n")
		told := map[string]bool{}
		for _, line := range strings.Split(table, "\n") {
			cells := strings.Split(line, "|")
			for i, name := range strings.Split(cells[1], "`") {
				if i%2 == 1 {
					told[name] = true
				}
			}
		}
		for _, s := range all() {
			if s.key != "" && !told[s.key] {
				t.Errorf("%s: %s is missing", lang, s.key)
			}
			delete(told, s.key)
		}
		for name := range told {
			t.Errorf("%s: %s is no setting", lang, name)
		}
	}
}
