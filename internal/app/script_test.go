package app

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestScripts runs the scenarios in testdata/script, each on both engines. A script finds the examples in $EXAMPLES, and three empty
// databases: the one that is set, and those that the commands "second" and "third" turn to.
func TestScripts(t *testing.T) {
	testkit.Long(t)
	t.Parallel()
	onEach(t, func(t *testing.T, e db.Engine) {
		testscript.Run(t, testscript.Params{
			Dir: "testdata/script", RequireExplicitExec: false, UpdateScripts: false,
			Setup: func(env *testscript.Env) error {
				examples, err := filepath.Abs("../../examples")
				if err != nil {
					return err
				}
				env.Setenv("EXAMPLES", examples)
				env.Setenv("ENGINE", string(e))
				return turnTo(env.Setenv, env.WorkDir, "data", postgresFor(t, e))
			},
			Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
				"second": func(ts *testscript.TestScript, _ bool, _ []string) { other(t, ts, e, "data2") },
				"third":  func(ts *testscript.TestScript, _ bool, _ []string) { other(t, ts, e, "data3") },
				"xlsx":   xlsx,
				"big":    big,
				"cut":    cut,
				"lines":  lines,
				"status": status,
				"png":    picturePNG,
			},
			Condition: func(cond string) (bool, error) { return cond == string(e), nil },
		})
	})
}

// postgresFor is a new PostgreSQL database, or nothing on SQLite.
func postgresFor(t *testing.T, e db.Engine) string {
	if e == db.Postgres {
		return testkit.PostgresURL(t)
	}
	return ""
}

// turnTo makes a data folder and a database those of the commands that follow.
func turnTo(set func(key, value string), work, folder, database string) error {
	set("TSUDOI_DATA_DIR", filepath.Join(work, folder))
	set("TSUDOI_DATABASE", database)
	return nil
}

// other turns to another installation; the same name is the same one.
func other(t *testing.T, ts *testscript.TestScript, e db.Engine, folder string) {
	key := "DATABASE_" + folder
	if ts.Getenv(key) == "" && e == db.Postgres {
		ts.Setenv(key, postgresFor(t, e))
	}
	ts.Check(turnTo(ts.Setenv, ts.Getenv("WORK"), folder, ts.Getenv(key)))
}

// xlsx makes a workbook of a CSV file: xlsx FROM TO.
func xlsx(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	f := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		ts.Check(err)
		ts.Check(f.SetSheetRow("Sheet1", cell, &row))
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[1])))
}

// big makes a file of so many megabytes of a line, after a head: big FILE MB HEAD LINE.
func big(ts *testscript.TestScript, _ bool, args []string) {
	mb, err := strconv.Atoi(args[1])
	ts.Check(err)
	unquote := strings.NewReplacer(`\n`, "\n").Replace
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = io.WriteString(f, unquote(args[2]))
	ts.Check(err)
	line := []byte(unquote(args[3]))
	block := bytes.Repeat(line, 1<<20/len(line))
	for range mb {
		_, err = f.Write(block)
		ts.Check(err)
	}
	ts.Check(f.Close())
}

// cut keeps the beginning of a file: cut FROM TO BYTES.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.ReadFile(args[0])[:n]), 0o600))
}

// lines checks how many lines of a file hold a text: lines FILE N TEXT.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	n := 0
	for _, l := range strings.Split(ts.ReadFile(args[0]), "\n") {
		if strings.Contains(l, args[2]) {
			n++
		}
	}
	if n != want {
		ts.Fatalf("%d lines of %s hold %q, want %d", n, args[0], args[2], want)
	}
}

// status runs a command that must end with a status: status N COMMAND...
func status(ts *testscript.TestScript, _ bool, args []string) {
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%v ended with %d, want %s", args[1:], got, args[0])
	}
}

// picturePNG draws a picture that differs from others by its name: png FILE.
func picturePNG(ts *testscript.TestScript, _ bool, args []string) {
	img := image.NewGray(image.Rect(0, 0, 8+len(args[0]), 8))
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(png.Encode(f, img))
	ts.Check(f.Close())
}
