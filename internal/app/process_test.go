package app

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program"
)

// demoProcess starts the demo as a process of its own, and returns the address it prints, and what it goes on to print.
func demoProcess(t *testing.T, dir string) (at string, c *exec.Cmd, lines *bufio.Scanner) {
	t.Helper()
	c = exec.Command("tsudoi", "demo", "--listen", "127.0.0.1:0", "--data", dir)
	c.Env = append(os.Environ(), "TSUDOI_DATABASE=")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	slow := time.AfterFunc(30*time.Second, func() { _ = c.Process.Kill() })
	defer slow.Stop()
	lines = bufio.NewScanner(out)
	for at == "" && lines.Scan() {
		at = regexp.MustCompile(`http://[^\s]+`).FindString(lines.Text())
	}
	if at == "" {
		t.Fatal("the demo ended without saying where it is")
	}
	return at, c, lines
}

// runDemo starts the demo, and returns its address and a function that tells it to stop and waits.
func runDemo(t *testing.T, dir string) (at string, stop func()) {
	t.Helper()
	at, c, lines := demoProcess(t, dir)
	return at, func() {
		t.Helper()
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // to the end, so that Wait may close it
			continue
		}
		if err := c.Wait(); err != nil {
			t.Errorf("the demo was told to stop and ended with %v", err)
		}
	}
}

// TestDemo: one command gives a site with the examples. It stops when told, and a second start finds what the first one left, and what was
// imported meanwhile.
func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	client := &http.Client{Timeout: 30 * time.Second}
	for round := range 2 {
		at, stop := runDemo(t, dir)
		for path, want := range map[string]string{
			"/": "JANOG57", "/en/": "JANOG57", "/meetings/janog57/timetable/2026-02-12": "デジタルツイン", "/en/meetings/iw2023/programme": "Internet Week 2023", "/en/meetings/iw2025": "Internet Week 2025",
			"/readyz": "ready", "/meetings/janog57/changes": "デジタルツイン", "/meetings/sample": "サンプル", "/metrics": "tsudoi",
		} {
			status, body, err := fetch(client, at+path)
			if err != nil || status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("start %d: %s: %d, %v: no %q in %d bytes", round+1, path, status, err, want, len(body))
			}
		}
		if round == 1 {
			if status, _, err := fetch(client, at+"/meetings/later"); err != nil || status != http.StatusOK {
				t.Errorf("what was imported between the starts: %d, %v", status, err)
			}
		}
		stop()
		if round == 0 {
			s := settings(t, db.SQLite)
			s.Data = dir
			startWith(t, s).load("later.yaml", meetingOf("later", 2), program.Import{})
		}
	}
}
