package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// event is one line of `go test -json`, see `go doc test2json`; the two build
// actions come from cmd/go itself (`go help buildjson`).
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

// key names a test, or with an empty test the package itself.
type key struct{ pkg, test string }

// result is a test that ended.
type result struct {
	key
	seconds float64
}

// report gathers the events of one run.
type report struct {
	out io.Writer
	// strict makes a skip that was not asked for a failure.
	strict bool
	// output holds what a test, a package or a build has written so far.
	output   map[key]string
	passed   int
	packages int
	times    []result
	failures []string
	// skips counts the reasons; unasked are the strict run's failures.
	skips   map[string]int
	unasked []string
}

func newReport(out io.Writer, strict bool) *report {
	return &report{out: out, strict: strict, output: map[key]string{}, skips: map[string]int{}}
}

// read takes in a stream of events. A line that is none, such as what a tool
// prints in between, is passed on.
func (r *report) read(stream io.Reader) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			r.println(lines.Text())
			continue
		}
		r.take(e)
	}
	return lines.Err()
}

func (r *report) take(e event) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		r.output[key{pkg: e.ImportPath}] += e.Output
	case "build-fail":
		r.println(strings.TrimRight(r.output[key{pkg: e.ImportPath}], "\n"))
	case "output":
		r.output[k] += e.Output
		if e.Test == "" && ownLine(e.Output) {
			r.println(strings.TrimRight(e.Output, "\n"))
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(k, e)
		} else {
			r.endTest(k, e)
		}
		delete(r.output, k)
	}
}

// ownLine says whether a line is go test's verdict on a package in which
// tests ran.
func ownLine(line string) bool {
	if strings.Contains(line, "[no tests to run]") {
		return false
	}
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t")
}

func (r *report) endTest(k key, e event) {
	if !strings.Contains(k.test, "/") {
		r.times = append(r.times, result{k, e.Elapsed})
	}
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failures = append(r.failures, short(k.pkg)+" "+k.test)
		r.println(strings.TrimRight(r.output[k], "\n"))
	case "skip":
		reason := skipReason(r.output[k])
		r.skips[reason]++
		if !strings.HasPrefix(reason, "left out: ") {
			r.unasked = append(r.unasked, short(k.pkg)+" "+k.test+": "+reason)
		}
	}
}

// endPackage prints all that a failed package wrote, and what its tests that
// never ended wrote, when no test of it is to blame: a panic, a time-out, a
// build, a TestMain.
func (r *report) endPackage(k key, e event) {
	if e.Action != "skip" {
		r.packages++
	}
	if e.Action != "fail" {
		return
	}
	blamed := slices.ContainsFunc(r.failures, func(f string) bool { return strings.HasPrefix(f, short(k.pkg)+" ") })
	if e.FailedBuild != "" {
		r.failures = append(r.failures, short(k.pkg)+" (build)")
		return
	}
	if !blamed {
		r.failures = append(r.failures, short(k.pkg)+" (the package itself)")
		r.println(strings.TrimRight(r.output[k], "\n"))
	}
	for unfinished, text := range r.output {
		if unfinished.pkg == k.pkg && unfinished.test != "" {
			r.failures = append(r.failures, short(k.pkg)+" "+unfinished.test+" (did not end)")
			r.println(strings.TrimRight(text, "\n"))
		}
	}
}

// skipReason is the line a skipped test wrote, without its place in the code.
func skipReason(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if _, reason, found := strings.Cut(line, ".go:"); found && !strings.HasPrefix(line, "=== ") {
			if _, reason, found = strings.Cut(reason, ": "); found {
				return reason
			}
		}
	}
	return "no reason given"
}

// failed says whether anything failed so far.
func (r *report) failed() bool { return len(r.failures) > 0 }

// close prints the summary and says whether the run is good.
func (r *report) close(slow int, took time.Duration) bool {
	slices.SortStableFunc(r.times, func(a, b result) int { return int((b.seconds - a.seconds) * 1000) })
	if slow = min(slow, len(r.times)); slow > 0 {
		r.println(fmt.Sprintf("\nSlowest %d of %d tests:", slow, len(r.times)))
		for _, t := range r.times[:slow] {
			r.println(fmt.Sprintf("%8.2fs  %s %s", t.seconds, short(t.pkg), t.test))
		}
	}
	skipped := 0
	r.section("Skipped:", len(r.skips))
	for _, reason := range sorted(r.skips) {
		skipped += r.skips[reason]
		r.println(fmt.Sprintf("%6d  %s", r.skips[reason], reason))
	}
	good := !r.failed()
	r.list("Failed:", r.failures)
	if r.strict && len(r.unasked) > 0 {
		r.list("Skipped although CI=true allows no skip:", r.unasked)
		good = false
	}
	if r.passed+len(r.failures) == 0 {
		r.println("\nNo test ran.")
		good = false
	}
	r.println(fmt.Sprintf("\n%d passed, %d failed, %d skipped, in %d packages, %s",
		r.passed, len(r.failures), skipped, r.packages, took.Round(100*time.Millisecond)))
	r.println(map[bool]string{true: "PASS", false: "FAIL"}[good])
	return good
}

func (r *report) list(title string, lines []string) {
	r.section(title, len(lines))
	for _, line := range lines {
		r.println("  " + line)
	}
}

func (r *report) section(title string, entries int) {
	if entries > 0 {
		r.println("\n" + title)
	}
}

func (r *report) println(line string) { _, _ = fmt.Fprintln(r.out, line) }

// short is a package's path within its module.
func short(pkg string) string {
	return strings.TrimPrefix(strings.TrimPrefix(pkg, "github.com/tsudoi/tsudoi"), "/")
}

func sorted(counts map[string]int) []string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
