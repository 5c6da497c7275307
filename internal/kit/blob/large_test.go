package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

func openLarge(t *testing.T) (*Large, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "large")
	l, err := OpenLarge(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, dir
}

func begin(t *testing.T, l *Large, content string) (string, *Part) {
	t.Helper()
	id, err := l.Begin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Part(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	if n, err := p.Append(strings.NewReader(content)); err != nil || n != int64(len(content)) {
		t.Fatalf("%d bytes, %v", n, err)
	}
	return id, p
}

func TestLargeArrivesInPieces(t *testing.T) {
	l, dir := openLarge(t)
	id, p := begin(t, l, "slides, ")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenLarge(dir) // another run of the program
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if n, err := again.Size(id); err != nil || n != 8 {
		t.Fatalf("%d bytes are there, %v", n, err)
	}
	if p, err = again.Part(id); err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(strings.NewReader("half"), &failing{})
	if n, err := p.Append(broken); n != 4 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a piece that breaks off: %d, %v", n, err)
	}
	if err := p.Cut(8); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Append(strings.NewReader("and the rest")); err != nil {
		t.Fatal(err)
	}
	d, err := p.Keep(t.Context())
	sum := sha256.Sum256([]byte("slides, and the rest"))
	if err != nil || string(d) != hex.EncodeToString(sum[:]) {
		t.Fatalf("%s, %v", d, err)
	}
	// Killed here, the next run finds the unfinished file and keeps it again.
	if d2, err := p.Keep(t.Context()); err != nil || d2 != d {
		t.Errorf("kept twice: %s, %v", d2, err)
	}
	if err := errors.Join(p.Remove(), p.Remove(), p.Close()); err != nil {
		t.Error(err)
	}
	f, err := again.Open(d)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got, err := io.ReadAll(f); err != nil || string(got) != "slides, and the rest" {
		t.Errorf("%q, %v", got, err)
	}
	if sizes, err := l.Sizes(); err != nil || len(sizes) != 1 || sizes[d] != 20 {
		t.Errorf("%v, %v", sizes, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestLargeHasOneWriter(t *testing.T) {
	l, dir := openLarge(t)
	id, p := begin(t, l, "x")
	if _, err := l.Part(id); !errors.Is(err, ErrBusy) {
		t.Errorf("a second writer: %v", err)
	}
	other, err := OpenLarge(dir) // as another process would
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if _, err := other.Part(id); !errors.Is(err, ErrBusy) {
		t.Errorf("a second writer elsewhere: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	q, err := other.Part(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(q.Remove(), q.Close()); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{id, "", "../secret", "." + id, strings.Repeat("A", 27), strings.ToLower(id)} {
		if _, err := l.Part(bad); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := l.Size(bad); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLargeOpensOnlyDigests(t *testing.T) {
	l, dir := openLarge(t)
	if err := os.WriteFile(filepath.Join(dir, "..", "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Digest{"", "../secret", Digest(strings.Repeat("0", 64)), Digest(strings.Repeat("A", 64)), Digest(strings.Repeat("0", 63) + "/")} {
		if _, err := l.Open(bad); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", bad, err)
		}
		if err := l.Delete(bad); err != nil {
			t.Error(err)
		}
	}
}

func TestLargeSweep(t *testing.T) {
	l, dir := openLarge(t)
	keep := func(content string) (string, Digest) {
		id, p := begin(t, l, content)
		d, err := p.Keep(t.Context())
		if err := errors.Join(err, p.Close()); err != nil {
			t.Fatal(err)
		}
		return id, d
	}
	wantedPart, needed := keep("needed")
	_, orphan := keep("orphan")
	_, open := begin(t, l, "being written")
	_ = open
	old := time.Now().Add(-48 * time.Hour)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Chtimes(filepath.Join(dir, e.Name()), old, old); err != nil {
			t.Fatal(err)
		}
	}
	_, young := keep("young orphan")
	n, err := l.Sweep(time.Now().Add(-24*time.Hour), func(id string) bool { return id == wantedPart }, func(d Digest) bool { return d == needed })
	if err != nil || n != 2 {
		t.Errorf("%d gone, %v; want the orphan and its unfinished file", n, err)
	}
	sizes, err := l.Sizes()
	if err != nil || len(sizes) != 2 || sizes[needed] == 0 || sizes[young] == 0 || sizes[orphan] != 0 {
		t.Errorf("%v, %v", sizes, err)
	}
	if _, err := l.Size(wantedPart); err != nil {
		t.Error(err)
	}
}

func TestLargeKeepEndsWithItsContext(t *testing.T) {
	l, _ := openLarge(t)
	_, p := begin(t, l, string(bytes.Repeat([]byte("x"), 1<<20)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Keep(ctx); err == nil {
		t.Error("kept after the end")
	}
}
