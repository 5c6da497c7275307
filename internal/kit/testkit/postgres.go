package testkit

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Connections each test database may use in parallel with the others; the
// default of 100 is too few for several packages with pools of their own.
const maxConnections = 400

// PostgresURL returns the address of a new, empty PostgreSQL database, as
// postgres://user@/name?host=/folder. It is UTF-8 with the C collation and
// dropped, with any connection left, when the test ends.
//
// The server behind it does not wait for disks (fsync is off): a test of what
// survives a power cut needs a server of its own, one of what survives the
// death of our process does not.
func PostgresURL(t testing.TB) string {
	t.Helper()
	Need(t, Postgres)
	state := postgresService().join(t)

	name := "test_" + strings.ToLower(rand.Text()[:16])
	administer(t, state, "CREATE DATABASE "+name)
	t.Cleanup(func() { administer(t, state, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return databaseURL(state, name)
}

// PostgresLike is PostgresURL for a database that begins as a copy of another, which build makes the first time anybody asks for the name. It
// stays on the server, for this test and for others.
func PostgresLike(t testing.TB, name string, build func(url string) error) string {
	t.Helper()
	Need(t, Postgres)
	state := postgresService().join(t)
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	admin, err := pgx.Connect(ctx, databaseURL(state, "postgres"))
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer func() { _ = admin.Close(ctx) }()
	model := "like_" + name
	var there bool
	if err := admin.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", model).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if !there {
		own := "making_" + strings.ToLower(rand.Text()[:16])
		if _, err := admin.Exec(ctx, "CREATE DATABASE "+own); err != nil {
			t.Fatal(err)
		}
		if err := build(databaseURL(state, own)); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec(ctx, "ALTER DATABASE "+own+" RENAME TO "+model); err != nil { // somebody else was first
			_, _ = admin.Exec(ctx, "DROP DATABASE "+own)
		}
	}
	copied := "test_" + strings.ToLower(rand.Text()[:16])
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+copied+" TEMPLATE "+model); err != nil {
		t.Fatalf("copy %s: %v", model, err)
	}
	t.Cleanup(func() { administer(t, state, "DROP DATABASE IF EXISTS "+copied+" WITH (FORCE)") })
	return databaseURL(state, copied)
}

// administer runs one statement on the server, outside any test's database.
func administer(t testing.TB, state, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	connection, err := pgx.Connect(ctx, databaseURL(state, "postgres"))
	if err != nil {
		t.Errorf("connect to the test server: %v", err)
		return
	}
	defer func() { _ = connection.Close(ctx) }()
	if _, err := connection.Exec(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

// databaseURL addresses a database of the server in this state folder through
// its socket: no port to choose, nothing reachable from outside.
func databaseURL(state, name string) string {
	address := url.URL{Scheme: "postgres", User: url.User("tsudoi"), Path: "/" + name,
		RawQuery: url.Values{"host": {state}, "sslmode": {"disable"}}.Encode()}
	return address.String()
}

// postgresService describes the shared server. PostgreSQL refuses to run as
// root, so root's tests run it as Debian's postgres, or as nobody.
func postgresService() service {
	s := service{name: "postgres", root: sharedRoot(), idle: idleSeconds, running: postgresAnswers}
	if os.Getuid() == 0 {
		for _, name := range []string{"postgres", "nobody"} {
			if account, err := user.Lookup(name); err == nil {
				s.account = account
				break
			}
		}
	}
	s.prepare = s.preparePostgres
	return s
}

// preparePostgres makes a cluster and says how to run it.
func (s service) preparePostgres(state string) (*exec.Cmd, error) {
	cluster := filepath.Join(state, "cluster")
	initdb := s.as(exec.Command(postgresProgram("initdb"), "--pgdata="+cluster, "--username=tsudoi",
		"--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"))
	initdb.Dir = state
	if output, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, output)
	}
	arguments := []string{"-D", cluster, "-k", state}
	for _, setting := range []string{
		"listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
		"autovacuum=off", "log_checkpoints=off", "timezone=UTC", fmt.Sprintf("max_connections=%d", maxConnections),
	} {
		arguments = append(arguments, "-c", setting)
	}
	return exec.Command(postgresProgram("postgres"), arguments...), nil
}

// postgresAnswers says whether the server in this state folder takes connections.
func postgresAnswers(state string) bool {
	if _, err := os.Stat(filepath.Join(state, ".s.PGSQL.5432")); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, databaseURL(state, "postgres"))
	if err != nil {
		return false
	}
	return connection.Close(ctx) == nil
}

// postgresProgram finds a program of the server: the newest version that
// Debian put below /usr/lib/postgresql, where PATH does not reach, or the PATH.
func postgresProgram(name string) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		// A shorter path is a version with fewer digits, so an older one.
		return slices.MaxFunc(found, func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		})
	}
	path, _ := exec.LookPath(name)
	return path
}
