package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sleeper is a service that only exists, to watch how it begins and ends. Its
// number is in state/pid once it runs.
func sleeper(root string) service {
	pid := func(state string) string { return filepath.Join(state, "pid") }
	return service{
		name: "sleeper", root: root, idle: 1,
		running: func(state string) bool { return processLives(readNumber(pid(state))) },
		prepare: func(state string) (*exec.Cmd, error) {
			return exec.Command("sh", "-c", `echo $$ >"$0.new" && mv "$0.new" "$0"; exec sleep 600`, pid(state)), nil
		},
	}
}

// readNumber reads a process number from a file, 0 when there is none.
func readNumber(path string) int {
	text, _ := os.ReadFile(path)
	number, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return number
}

// processLives tells a running process from one that ended, waited for or not.
func processLives(pid int) bool {
	if pid == 0 || syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(status), ") Z ")
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestService_isSharedAndEndsAfterItsLastUser(t *testing.T) {
	t.Parallel()
	Need(t, "setpriv")
	root := t.TempDir()
	var first, second int
	t.Run("first user", func(t *testing.T) {
		first = readNumber(filepath.Join(sleeper(root).join(t), "pid"))
	})
	t.Run("second user", func(t *testing.T) {
		second = readNumber(filepath.Join(sleeper(root).join(t), "pid"))
		time.Sleep(2500 * time.Millisecond) // longer than it may stay idle
		if !processLives(second) {
			t.Error("it ended while it was in use")
		}
	})
	if first != second {
		t.Errorf("two users met processes %d and %d, want one", first, second)
	}
	waitFor(t, "the service to end", func() bool { return !processLives(second) })
	waitFor(t, "its state to be removed", func() bool {
		_, err := os.Stat(filepath.Join(root, "sleeper", "state"))
		return os.IsNotExist(err)
	})
}

func TestService_startsAgainAfterItDied(t *testing.T) {
	t.Parallel()
	Need(t, "setpriv")
	root := t.TempDir()
	first := readNumber(filepath.Join(sleeper(root).join(t), "pid"))
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it to die", func() bool { return !processLives(first) })
	second := readNumber(filepath.Join(sleeper(root).join(t), "pid"))
	if second == first || !processLives(second) {
		t.Errorf("after process %d died, process %d runs", first, second)
	}
}

// The test runs its own binary once more, as a user of the service that is
// killed before it can clean up.
func TestService_endsWhenItsOnlyUserIsKilled(t *testing.T) {
	t.Parallel()
	Need(t, "setpriv")
	if root := os.Getenv("TESTKIT_SERVICE_ROOT"); root != "" {
		sleeper(root).join(t)
		time.Sleep(time.Minute)
		return
	}
	root := t.TempDir()
	user := exec.Command(os.Args[0], "-test.run=^TestService_endsWhenItsOnlyUserIsKilled$")
	user.Env = append(os.Environ(), "TESTKIT_SERVICE_ROOT="+root)
	if err := user.Start(); err != nil {
		t.Fatal(err)
	}
	pid := filepath.Join(root, "sleeper", "state", "pid")
	waitFor(t, "the service to run", func() bool { return processLives(readNumber(pid)) })
	service := readNumber(pid)
	if err := user.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = user.Wait()
	waitFor(t, "the service to end", func() bool { return !processLives(service) })
}

func TestService_endsWithItsKeeper(t *testing.T) {
	t.Parallel()
	Need(t, "setpriv")
	root := t.TempDir()
	service := readNumber(filepath.Join(sleeper(root).join(t), "pid"))
	status, err := os.ReadFile("/proc/" + strconv.Itoa(service) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	// proc(5): the parent is the second field after the name in parentheses.
	after := strings.Fields(string(status[strings.LastIndex(string(status), ")")+1:]))
	keeper, _ := strconv.Atoi(after[1])
	if err := syscall.Kill(keeper, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the service to end", func() bool { return !processLives(service) })
}

func TestService_failureSaysWhatTheServiceWrote(t *testing.T) {
	s := sleeper(t.TempDir())
	s.prepare = func(string) (*exec.Cmd, error) { return exec.Command("sh", "-c", "echo no bed; exit 3"), nil }
	folder, err := s.folder()
	if err != nil {
		t.Fatal(err)
	}
	err = s.launch(folder, filepath.Join(folder, "state"))
	if err == nil || !strings.Contains(err.Error(), "no bed") {
		t.Errorf("got error %v, want it to hold what the service wrote", err)
	}
}
