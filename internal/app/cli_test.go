package app

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// TestMistakesAreOneSentence: what is wrong is said in one line, by the name of what is wrong, and nothing is printed beside it.
func TestMistakesAreOneSentence(t *testing.T) {
	wrong, folder := file(t, "bad.toml", "datbase_url = \"x\"\n"), t.TempDir()
	none := filepath.Join(folder, "none")
	for _, x := range []struct{ command, want string }{
		{"--config " + wrong + " version", "tsudoi: " + wrong + `:1: "datbase_url" is no setting`},
		{"--config " + none + " version", "tsudoi: read the settings: open " + none + ": no such file or directory"},
		{"restore " + none, "tsudoi: there is no file " + none},
		{"restore " + folder, `tsudoi: "` + folder + `" exists but is a directory`},
		{"--limits-stop never version", "tsudoi: --limits-stop: expected duration"},
		{"restore", `tsudoi: expected "<file>"`},
	} {
		var out, errOut bytes.Buffer
		status := run(t.Context(), "test", strings.Fields(x.command), &out, &errOut)
		if status != 2 || out.Len() > 0 || !strings.HasPrefix(errOut.String(), x.want) || strings.Count(errOut.String(), "\n") != 1 {
			t.Errorf("%s: status %d\n%s%s", x.command, status, out.String(), errOut.String())
		}
	}
}
