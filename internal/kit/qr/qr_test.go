package qr

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

// TestNewDrawsEveryModule paints the path again and compares it with what the library made.
func TestNewDrawsEveryModule(t *testing.T) {
	const text = "https://meeting.example.org/signage/pair?code=ABC349"
	got, err := New(text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	black := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(got.Path, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			black[[2]int{x + i, y}] = true
		}
	}
	for y := range got.Size {
		for x := range got.Size {
			if is := want.Black(x-quiet, y-quiet); black[[2]int{x, y}] != is {
				t.Fatalf("the module at %d, %d is %v, want %v", x, y, !is, is)
			}
		}
	}
}

func TestNewRefusesWhatNobodyCanRead(t *testing.T) {
	if _, err := New(strings.Repeat("x", maxText+1)); err == nil {
		t.Error("a code of 513 bytes was drawn")
	}
}
