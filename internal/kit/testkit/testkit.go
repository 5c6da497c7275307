// Package testkit gives tests what the Go toolchain alone does not: a
// PostgreSQL server, a real browser, data for conformance tests, programs of
// the operating system. It is imported by tests only and knows no other
// package of this module.
//
// Nothing here has to be set up or torn down by a test: PostgresURL answers
// with an empty database, Browser with an empty tab, and both are gone when
// the test ends. The processes behind them are shared by every test of the
// machine (see service.go) and end by themselves a few seconds after the last
// one, also when a test was killed.
package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a test may ask of Need by a name of its own. Any other name is a
// program looked for on the PATH, such as "xmllint" or "pdftoppm".
const (
	// Postgres is the server's own programs (initdb, postgres).
	Postgres = "postgres"
	// Chromium is a browser that speaks the DevTools protocol.
	Chromium = "chromium"
	// ConformanceData is the folder of schemas and samples named by TSUDOI_DATA.
	ConformanceData = "data"
)

// leftOut begins the message of every skip that was asked for. What reads the
// results (tools/testreport) takes any other skip for a failure when CI=true.
const leftOut = "left out: "

// Need skips the test when the machine lacks what it needs, and fails it
// instead when CI=true, so that a test that never ran is never called green.
//
// Two absences are choices and stay skips even then: conformance data that
// nobody named by TSUDOI_DATA, and a browser in short mode.
//
// It is the only place, with Long, where a test may be skipped.
func Need(t testing.TB, what string) {
	t.Helper()
	switch {
	case what == ConformanceData && os.Getenv("TSUDOI_DATA") == "":
		t.Skip(leftOut + "TSUDOI_DATA names no folder of conformance data")
	case what == Chromium && testing.Short():
		t.Skip(leftOut + "a browser test, in short mode")
	}
	problem := missing(what)
	if problem == "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s: %s", what, problem)
	}
	t.Skipf("needs %s: %s", what, problem)
}

// Long skips a test in short mode. `make test` runs everything in full once,
// and once more in short mode with the race detector, where code that spends
// its time inside SQLite is many times slower.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip(leftOut + "a long test, in short mode")
	}
}

// missing says why what is not there, or nothing when it is.
func missing(what string) string {
	switch what {
	case Postgres:
		if postgresProgram("initdb") == "" {
			return "no initdb below /usr/lib/postgresql nor on the PATH (Debian: postgresql)"
		}
	case Chromium:
		if chromiumProgram() == "" {
			return "no chromium on the PATH (Debian: chromium)"
		}
	case ConformanceData:
		folder := os.Getenv("TSUDOI_DATA")
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return "TSUDOI_DATA names " + folder + ", which is not a folder"
		}
	default:
		if _, err := exec.LookPath(what); err != nil {
			return "no such program on the PATH"
		}
	}
	return ""
}

// Data returns the path of a file or folder of the conformance data, such as
// Data(t, "schedules/debconf23.xml"). Without the data the test is skipped;
// with the data but without this file it fails.
func Data(t testing.TB, name string) string {
	t.Helper()
	Need(t, ConformanceData)
	path, err := filepath.Abs(filepath.Join(os.Getenv("TSUDOI_DATA"), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("conformance data: %v", err)
	}
	return path
}

// Keep writes what a test made (a picture, a PDF) below the folder named by
// TSUDOI_KEEP, under the test's name, for a person to look at. The path is
// absolute, as a test runs in the folder of its package. Without that setting
// Keep does nothing.
func Keep(t testing.TB, name string, content []byte) {
	t.Helper()
	folder := os.Getenv("TSUDOI_KEEP")
	if folder == "" {
		return
	}
	if !filepath.IsAbs(folder) {
		t.Fatalf("TSUDOI_KEEP is %s, which is not an absolute path", folder)
	}
	path := filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "_")+"_"+name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("kept %s", path)
}
