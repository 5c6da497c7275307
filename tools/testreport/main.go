// Testreport runs `go test -json` and tells a person what it said.
//
//	testreport [-log FILE] [-slow N] -- go test -json ./...
//
// While the tests run it prints go test's own line for each package, and the
// whole output of each test that fails. At the end it prints the slowest
// tests, what was left out and why, the failures once more by name, the
// counts, and PASS or FAIL.
//
// It exits with 1 when a test, a package or a build failed, or no test ran at
// all. With CI=true a skipped test is a failure too, unless its message begins
// with "left out: ", as those of testkit do for what nobody asked for.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

func main() {
	log := flag.String("log", "", "also write the JSON stream to this `file`")
	slow := flag.Int("slow", 20, "how many of the slowest tests to print")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: testreport [-log FILE] [-slow N] -- go test -json ...")
		os.Exit(2)
	}
	r := newReport(os.Stdout, os.Getenv("CI") == "true")
	started := time.Now()
	err := run(r, *log, flag.Args())
	if err != nil {
		fmt.Println("testreport:", err)
	}
	if !r.close(*slow, time.Since(started)) || err != nil {
		os.Exit(1)
	}
}

// run runs the command and feeds the report with what it writes. A command
// that failed is an error only when the report knows of no failure itself.
func run(r *report, log string, command []string) error {
	test := exec.Command(command[0], command[1:]...)
	test.Stderr = os.Stderr
	stream, err := test.StdoutPipe()
	if err != nil {
		return err
	}
	var from io.Reader = stream
	if log != "" {
		file, err := os.Create(log)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		from = io.TeeReader(stream, file)
	}
	if err := test.Start(); err != nil {
		return err
	}
	readError := r.read(from)
	err = test.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && r.failed() {
		err = nil
	}
	return errors.Join(readError, err)
}
