package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// goTest runs `go test -json` on a module with this one test file and returns
// what the report makes of it.
func goTest(t *testing.T, strict bool, source string) (text string, good bool) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":    "module github.com/tsudoi/tsudoi/sample\n\ngo 1.26\n",
		"a_test.go": "package sample\n\nimport (\"testing\"; \"time\"; \"os\")\n\nvar _, _, _ = time.Now, os.Exit, testing.Short\n" + source,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("go", "test", "-json", "-timeout=2s", "./...")
	command.Dir = folder
	stream, err := command.Output()
	if len(stream) == 0 {
		t.Fatal(err)
	}
	var out strings.Builder
	r := newReport(&out, strict)
	if err := r.read(strings.NewReader(string(stream))); err != nil {
		t.Fatal(err)
	}
	good = r.close(20, 90*time.Second)
	return out.String(), good
}

func TestReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source string
		strict bool
		good   bool
		want   []string
		not    []string
	}{
		"passing tests": {
			source: "func TestFast(t *testing.T) { t.Log(`chatter`) }\nfunc TestSlow(t *testing.T) { time.Sleep(20*time.Millisecond) }",
			good:   true,
			want:   []string{"ok  \tgithub.com/tsudoi/tsudoi/sample\t", "TestSlow", "2 passed, 0 failed, 0 skipped, in 1 packages, 1m30s\nPASS\n"},
			not:    []string{"chatter"},
		},
		"a failing subtest": {
			source: "func TestA(t *testing.T) { t.Run(`b`, func(t *testing.T) { t.Error(`why it failed`) }) }\nfunc TestC(t *testing.T) { t.Log(`chatter`) }",
			want:   []string{"why it failed", "Failed:\n", "  sample TestA/b\n", "FAIL\tgithub.com", "\nFAIL\n"},
			not:    []string{"chatter", "the package itself"},
		},
		"a file that does not compile": {
			source: "func TestA(t *testing.T) { undefinedName() }",
			want:   []string{"undefined: undefinedName", "sample (build)", "\nFAIL\n"},
		},
		"a panic": {
			source: "func TestA(t *testing.T) { panic(`dropped the tray`) }",
			want:   []string{"dropped the tray", "sample TestA", "\nFAIL\n"},
		},
		"a test that never ends": {
			source: "func TestA(t *testing.T) { time.Sleep(time.Hour) }",
			want:   []string{"panic: test timed out", "TestA", "\nFAIL\n"},
		},
		"a process that leaves": {
			source: "func TestMain(m *testing.M) { println(`no database`); os.Exit(3) }\nfunc TestA(t *testing.T) {}",
			want:   []string{"sample (the package itself)", "\nFAIL\n"},
		},
		"a skip at home": {
			source: "func TestA(t *testing.T) { t.Skip(`needs a moon`) }\nfunc TestB(t *testing.T) {}",
			good:   true,
			want:   []string{"Skipped:\n     1  needs a moon\n", "1 passed, 0 failed, 1 skipped"},
		},
		"a skip in CI": {
			source: "func TestA(t *testing.T) { t.Skip(`needs a moon`) }\nfunc TestB(t *testing.T) {}",
			strict: true,
			want:   []string{"  sample TestA: needs a moon\n", "\nFAIL\n"},
		},
		"a choice in CI": {
			source: "func TestA(t *testing.T) { t.Skip(`left out: a long test`) }\nfunc TestB(t *testing.T) {}",
			strict: true,
			good:   true,
			want:   []string{"     1  left out: a long test\n"},
		},
		"no test at all": {
			source: "",
			want:   []string{"No test ran.", "\nFAIL\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, good := goTest(t, c.strict, c.source)
			if good != c.good {
				t.Errorf("the verdict is %v, want %v", good, c.good)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("it lacks %q", want)
				}
			}
			for _, not := range c.not {
				if strings.Contains(text, not) {
					t.Errorf("it should not hold %q", not)
				}
			}
			if t.Failed() {
				t.Log("the report:\n" + text)
			}
		})
	}
}
