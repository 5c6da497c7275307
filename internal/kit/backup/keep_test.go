package backup

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWriteFileIsWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.tsudoi")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, e := io.WriteString(w, text)
			return errors.Join(e, err)
		}
	}
	broken := errors.New("broken")
	if err := WriteFile(path, false, write("half", broken)); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); len(left) != 0 || err != nil {
		t.Fatal(left, err)
	}
	if err := WriteFile(path, false, write("one", nil)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, false, write("two", nil)); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Fatal(err)
	}
	if err := WriteFile(path, false, func(io.Writer) error { t.Error("asked for content in vain"); return nil }); err == nil {
		t.Fatal("overwrote")
	}
	if err := WriteFile(path, true, write("half", broken)); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); string(b) != "one" || err != nil {
		t.Fatal(string(b), err)
	}
	if err := WriteFile(path, true, write("three", nil)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if b, _ := os.ReadFile(path); string(b) != "three" || err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(string(b), info.Mode(), err)
	}
	late := filepath.Join(dir, "late")
	err = WriteFile(late, false, func(io.Writer) error { return os.WriteFile(late, []byte("faster"), 0o600) })
	if b, _ := os.ReadFile(late); err == nil || string(b) != "faster" {
		t.Fatal(string(b), err)
	}
	if left, err := os.ReadDir(dir); len(left) != 2 || err != nil {
		t.Fatal(left, err)
	}
}

func TestKeepLeavesTheNewestAndTheOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "backups")
	if removed, err := Keep(dir, 3); removed != nil || err != nil {
		t.Fatal(removed, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 9*3600))
	names := []string{"mine.tsudoi", "backup-before-.tsudoi", "backup-before-v1-20269999T999999Z.tsudoi"}
	for i := range 5 {
		names = append(names, Name([]string{"v2.0.0", "v1-rc/1", "", "v10", "(devel)"}[i], at.AddDate(0, 0, i)))
	}
	for _, n := range names {
		if err := os.WriteFile(filepath.Join(dir, n), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := Keep(dir, 2)
	if err != nil || len(removed) != 3 {
		t.Fatal(removed, err)
	}
	list, err := List(dir)
	if err != nil || len(list) != 2 || !strings.HasSuffix(list[0].Path, "backup-before-_devel_-20260104T150000Z.tsudoi") || !list[0].At.Equal(at.AddDate(0, 0, 4)) || list[0].Size != 1 {
		t.Fatal(list, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 5 {
		t.Fatal(left, err)
	}
}

func TestRowsSurviveBeingWritten(t *testing.T) {
	kinds := []Kind{Integer, Float, Text, Bytes, Boolean}
	value := func(k Kind) *rapid.Generator[any] {
		return rapid.Custom(func(t *rapid.T) any {
			if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
				return nil
			}
			switch k {
			case Integer:
				return rapid.Int64().Draw(t, "integer")
			case Float:
				return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.Inf(1), math.NaN(), math.Copysign(0, -1), 5e-324})).Draw(t, "float")
			case Bytes:
				return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
			case Boolean:
				return rapid.Bool().Draw(t, "boolean")
			}
			return rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		var columns []Column
		var row []any
		for range rapid.IntRange(1, 6).Draw(t, "columns") {
			k := rapid.SampledFrom(kinds).Draw(t, "kind")
			columns = append(columns, Column{"c", k})
			row = append(row, value(k).Draw(t, "value"))
		}
		line := appendRow(nil, row)
		if bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("%q is not one line", line)
		}
		back, err := parseRow(line, columns)
		if err != nil || !slices.EqualFunc(row, back, func(a, b any) bool { return compareValues(a, b) == 0 }) {
			t.Fatal(row, back, err)
		}
		if again := appendRow(nil, back); !bytes.Equal(again, line) {
			t.Fatalf("%q became %q", line, again)
		}
	})
}
