package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

func newStore(t *testing.T) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

func put(t *testing.T, s *Store, data string) Name {
	t.Helper()
	n, err := s.Put(t.Context(), []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func content(t *testing.T, s *Store, n Name) string {
	t.Helper()
	f, err := s.Open(n)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStoreKeepsFilesUnderTheirContent(t *testing.T) {
	s, _ := newStore(t)
	n := put(t, s, "test")
	if n != "9f86d081884c7d659a2feaa0c55ad015.bin" { // SHA-256 of "test", FIPS 180-4
		t.Errorf("the name is %s", n)
	}
	if again := put(t, s, "test"); again != n {
		t.Errorf("the same content is %s and %s", n, again)
	}
	pdf := put(t, s, "%PDF-1.7\n")
	if !strings.HasSuffix(string(pdf), ".pdf") || pdf.Type() != "application/pdf" {
		t.Errorf("a PDF is named %s of type %s", pdf, pdf.Type())
	}
	if got := content(t, s, n); got != "test" {
		t.Errorf("read %q", got)
	}
	names, err := s.List()
	if want := []Name{n, pdf}; err != nil || !sameNames(names, want) {
		t.Errorf("listed %v (%v), want %v", names, err, want)
	}
	for name, want := range map[Name]bool{n: true, NameOf([]byte("other")): false, "../" + n: false} {
		if got, err := s.Has(name); err != nil || got != want {
			t.Errorf("Has(%s) = %v, %v", name, got, err)
		}
	}
}

func sameNames(got, want []Name) bool {
	slices.Sort(want)
	return slices.Equal(got, want)
}

func TestStoreKnowsNoOtherNames(t *testing.T) {
	s, dir := newStore(t)
	if err := os.WriteFile(filepath.Join(dir, "..", "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("a", 32)
	for _, n := range []string{"", ".", "../secret", "/etc/passwd", sum, sum + ".", sum + ".html", sum + ".png/..", strings.ToUpper(sum) + ".png", sum[1:] + ".png", sum + "a.png", sum + ".png\x00", ".tmp-x"} {
		if _, ok := ParseName(n); ok {
			t.Errorf("%q passes as a name", n)
		}
		if _, err := s.Open(Name(n)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("opening %q: %v, want a missing page", n, err)
		}
	}
	if _, err := s.Open(Name(sum + ".png")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("opening what is not kept: %v, want a missing page", err)
	}
	outside := filepath.Join(dir, sum+".png")
	if err := os.Symlink("../secret", outside); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Open(Name(sum + ".png")); err == nil {
		t.Errorf("a link led out of the folder: %v", f.Close())
	}
}

func TestStoreIgnoresUnfinishedFiles(t *testing.T) {
	s, dir := newStore(t)
	n := put(t, s, "whole")
	for name, age := range map[string]time.Duration{".tmp-fresh": 0, ".tmp-old": 48 * time.Hour, "README": 48 * time.Hour} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, strings.Repeat("b", 32)+".png"), 0o700); err != nil {
		t.Fatal(err)
	}
	if names, err := s.List(); err != nil || !slices.Equal(names, []Name{n}) {
		t.Errorf("listed %v (%v), want only %s", names, err, n)
	}
	again, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for name, want := range map[string]bool{".tmp-fresh": true, ".tmp-old": false, "README": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("after opening again %s is there: %v, want %v", name, err == nil, want)
		}
	}
}

func TestStoreLeavesNothingBehindWhenItCannotWrite(t *testing.T) {
	s, dir := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, []byte("late")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	data := []byte("in the way")
	if err := os.Mkdir(filepath.Join(dir, string(NameOf(data))), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), data); err == nil {
		t.Error("a file took the place of a folder")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".tmp-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestStoreTakesTheSameFileFromManyAtOnce(t *testing.T) {
	s, _ := newStore(t)
	data := bytes.Repeat([]byte("same"), 50_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if n, err := s.Put(t.Context(), data); err != nil || n != NameOf(data) {
				t.Errorf("put: %s, %v", n, err)
			}
		})
	}
	wg.Wait()
	if got := content(t, s, NameOf(data)); got != string(data) {
		t.Error("the file is not what was put")
	}
}

// writerFolder tells the test program to be the process that is killed.
const writerFolder = "BLOB_TEST_WRITER_FOLDER"

// TestKilledWriterLeavesWholeFiles kills a process that keeps files one after the other, and reads everything it left.
func TestKilledWriterLeavesWholeFiles(t *testing.T) {
	if dir := os.Getenv(writerFolder); dir != "" {
		writeForever(t, dir)
		return
	}
	s, dir := newStore(t)
	for round := range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriterLeavesWholeFiles$")
		cmd.Env = append(os.Environ(), writerFolder+"="+dir)
		told := new(bytes.Buffer)
		cmd.Stdout = told
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(150+37*round) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		for line := range strings.Lines(told.String()) {
			if n, whole := strings.CutSuffix(line, "\n"); whole {
				if there, err := s.Has(Name(n)); err != nil || !there {
					t.Errorf("%q was acknowledged and is not there (%v)", n, err)
				}
			}
		}
	}
	names, err := s.List()
	if err != nil || len(names) == 0 {
		t.Fatalf("the writer kept %d files (%v)", len(names), err)
	}
	for _, n := range names {
		if got := NameOf([]byte(content(t, s, n))); got != n {
			t.Errorf("%s holds the content of %s", n, got)
		}
	}
}

func writeForever(t *testing.T, dir string) {
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		n, err := s.Put(t.Context(), bytes.Repeat([]byte(time.Now().String()), 5_000+i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stdout.WriteString(string(n) + "\n"); err != nil {
			t.Fatal(err)
		}
	}
}
