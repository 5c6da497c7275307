package testkit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// outcome is a test that records how it was ended.
type outcome struct {
	testing.TB
	skipped, failed string
}

func (o *outcome) Helper() {}
func (o *outcome) Skip(values ...any) {
	o.skipped = fmt.Sprint(values...)
	runtime.Goexit()
}
func (o *outcome) Skipf(format string, values ...any) { o.Skip(fmt.Sprintf(format, values...)) }
func (o *outcome) Fatalf(format string, values ...any) {
	o.failed = fmt.Sprintf(format, values...)
	runtime.Goexit()
}

// try runs a function as a test would be, and says how it was ended.
func try(run func(t testing.TB)) *outcome {
	o := &outcome{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(o)
	}()
	<-done
	return o
}

func TestNeed_skipsWhatIsMissingAndFailsInCI(t *testing.T) {
	lacking := func(t testing.TB) { testkit.Need(t, "no-such-program") }
	t.Setenv("CI", "")
	if o := try(lacking); !strings.Contains(o.skipped, "no-such-program") || o.failed != "" {
		t.Errorf("outside CI: got %+v, want a skip", o)
	}
	t.Setenv("CI", "true")
	if o := try(lacking); !strings.Contains(o.failed, "no-such-program") || o.skipped != "" {
		t.Errorf("in CI: got %+v, want a failure", o)
	}
	if o := try(func(t testing.TB) { testkit.Need(t, "sh") }); o.failed+o.skipped != "" {
		t.Errorf("a shell is there: got %+v", o)
	}
}

func TestData_isOptionalButNotInParts(t *testing.T) {
	ask := func(t testing.TB) { testkit.Data(t, "a.xml") }
	t.Setenv("CI", "true")
	t.Setenv("TSUDOI_DATA", "")
	if o := try(ask); !strings.HasPrefix(o.skipped, "left out: ") {
		t.Errorf("without TSUDOI_DATA: got %+v, want a skip even in CI", o)
	}
	folder := t.TempDir()
	t.Setenv("TSUDOI_DATA", folder)
	if o := try(ask); !strings.Contains(o.failed, "a.xml") {
		t.Errorf("with a folder that lacks the file: got %+v, want a failure", o)
	}
	if err := os.WriteFile(filepath.Join(folder, "a.xml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Data(t, "a.xml"); got != filepath.Join(folder, "a.xml") {
		t.Errorf("got %s", got)
	}
	t.Setenv("TSUDOI_DATA", filepath.Join(folder, "gone"))
	if o := try(ask); !strings.Contains(o.failed, "not a folder") {
		t.Errorf("with a folder that is not there: got %+v, want a failure", o)
	}
}

func TestKeep_writesOnlyWhereAsked(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "kept")
	t.Setenv("TSUDOI_KEEP", "")
	testkit.Keep(t, "a.txt", []byte("a"))
	t.Setenv("TSUDOI_KEEP", folder)
	testkit.Keep(t, "b.txt", []byte("b"))
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != t.Name()+"_b.txt" {
		t.Errorf("kept %v", entries)
	}
}

func TestValidateXML_reportsEachBreach(t *testing.T) {
	schema := filepath.Join(t.TempDir(), "room.xsd")
	const definition = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="room" type="xs:integer"/></xs:schema>`
	if err := os.WriteFile(schema, []byte(definition), 0o600); err != nil {
		t.Fatal(err)
	}
	if report := testkit.ValidateXML(t, schema, []byte("<room>3</room>")); len(report) > 0 {
		t.Errorf("a valid document: %q", report)
	}
	report := strings.Join(testkit.ValidateXML(t, schema, []byte("<room>three</room>")), "\n")
	if !strings.Contains(report, "three") {
		t.Errorf("an invalid document: got %q", report)
	}
}
