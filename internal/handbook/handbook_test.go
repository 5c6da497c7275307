package handbook

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// TestOperatorsCommandsNameTheirData: where the unit of systemd runs the service, a command without --data would work on another folder.
func TestOperatorsCommandsNameTheirData(t *testing.T) {
	touching := regexp.MustCompile(`(?m)^.*\btsudoi (backup|restore|import|export|retime|doctor)\b.*$`)
	blocks := regexp.MustCompile("(?s)```\n.*?```")
	for _, l := range i18n.Langs {
		seen := 0
		for _, block := range blocks.FindAllString(New().byName["operator"].Body.In(l), -1) {
			for _, line := range touching.FindAllString(block, -1) {
				seen++
				if !strings.Contains(line, "--data /var/lib/tsudoi") && !strings.Contains(line, "--verify") {
					t.Errorf("%s: %s", l, line)
				}
			}
		}
		if seen < 8 {
			t.Errorf("%s: only %d commands were found", l, seen)
		}
	}
}
