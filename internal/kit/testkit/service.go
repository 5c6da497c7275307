package testkit

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A service is a program that all tests of one user on one machine share,
// across packages and test binaries, because starting it costs more than most
// tests do. It lives in a folder of its own:
//
//	users   each test holds a shared lock on it for as long as it uses the service
//	start   locked while one test looks whether the service runs, and starts it
//	log     what the service wrote
//	state/  the service's own files, new at every start
//
// A keeper (keeper.sh) stands between: it ends the service and removes state/
// once nobody has held a lock on users for a while. The kernel drops the
// lock of a test that was killed, so nothing stays behind whatever happens.
type service struct {
	name string
	// root holds the folders of all services. Sockets live in them, so it is
	// short, and not below TMPDIR, which may be closed to the account.
	root string
	// idle is how long, in seconds, nobody may use the service before it ends.
	idle int
	// account is who the service runs as; nil means as the test itself.
	account *user.User
	// running says whether the service in this state folder can be used now.
	running func(state string) bool
	// prepare makes the state folder ready and returns the command to run.
	// It runs as the test, before the folder is handed to the account.
	prepare func(state string) (*exec.Cmd, error)
}

const (
	// Long enough to span the gap between two packages of one `go test`.
	idleSeconds  = 5
	startTimeout = 60 * time.Second
)

// sharedRoot is where the services of this user's tests live.
func sharedRoot() string { return fmt.Sprintf("/tmp/tsudoi-testkit-%d", os.Getuid()) }

//go:embed keeper.sh
var keeperScript string

// join makes the service available until the test ends, starting it when it
// does not run, and returns its state folder.
func (s service) join(t testing.TB) string {
	t.Helper()
	folder, err := s.folder()
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	users, err := lockFile(filepath.Join(folder, "users"), syscall.LOCK_SH)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	t.Cleanup(func() { _ = users.Close() })

	start, err := lockFile(filepath.Join(folder, "start"), syscall.LOCK_EX)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	defer func() { _ = start.Close() }()

	state := filepath.Join(folder, "state")
	if s.running(state) {
		return state
	}
	if err := s.launch(folder, state); err != nil {
		t.Fatalf("start %s: %v", s.name, err)
	}
	return state
}

// folder makes the folder of the service, which belongs to the account that
// runs it.
func (s service) folder() (string, error) {
	folder := filepath.Join(s.root, s.name)
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return "", err
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !known || (int(owner.Uid) != os.Getuid() && !s.runsAs(owner.Uid)) {
		return "", fmt.Errorf("%s is not ours", folder)
	}
	return folder, s.give(folder)
}

// launch starts the service in a fresh state folder, under its keeper, and
// waits until it can be used.
func (s service) launch(folder, state string) error {
	if err := os.RemoveAll(state); err != nil {
		return err
	}
	if err := os.Mkdir(state, 0o700); err != nil {
		return err
	}
	if err := s.give(state); err != nil {
		return err
	}
	program, err := s.prepare(state)
	if err != nil {
		return err
	}
	arguments := append([]string{"-c", keeperScript, "keeper", folder, strconv.Itoa(s.idle)}, program.Args...)
	keeper := s.as(exec.Command("/bin/sh", arguments...))
	keeper.Dir = state
	keeper.Env = append(os.Environ(), program.Env...)
	// In a session of its own, so that an interrupt at the terminal reaches the
	// tests and not the service that other tests may still use.
	keeper.SysProcAttr.Setsid = true
	if err := keeper.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = keeper.Wait() // what matters is in the log
	}()
	return s.await(folder, state, ended)
}

// await returns when the service answers, has ended, or took too long.
func (s service) await(folder, state string, ended <-chan struct{}) error {
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		if s.running(state) {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("it ended: %s", tail(filepath.Join(folder, "log")))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("not ready after %s: %s", startTimeout, tail(filepath.Join(folder, "log")))
}

// as makes a command run under the service's account.
func (s service) as(command *exec.Cmd) *exec.Cmd {
	command.SysProcAttr = &syscall.SysProcAttr{}
	if s.account != nil {
		uid, gid := s.ids()
		command.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	}
	return command
}

// give hands a folder to the service's account.
func (s service) give(path string) error {
	if s.account == nil {
		return nil
	}
	uid, gid := s.ids()
	return os.Chown(path, int(uid), int(gid))
}

func (s service) runsAs(uid uint32) bool {
	if s.account == nil {
		return false
	}
	own, _ := s.ids()
	return own == uid
}

// ids are the account's numbers; os/user hands them out as decimal text.
func (s service) ids() (uid, gid uint32) {
	u, _ := strconv.ParseUint(s.account.Uid, 10, 32)
	g, _ := strconv.ParseUint(s.account.Gid, 10, 32)
	return uint32(u), uint32(g)
}

// lockFile opens a file, makes it when it is not there, and waits for a lock
// on it. Closing the file, or the death of the process, releases the lock.
func lockFile(path string, kind int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), kind)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	// The keeper, under another account, has to open it too, whatever the umask.
	_ = file.Chmod(0o666)
	return file, nil
}

// tail returns the last lines of a log, at most 2,000 bytes.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(0, len(text)-2000):]))
}
