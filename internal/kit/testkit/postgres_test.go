package testkit_test

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// query runs one statement that answers with one text.
func query(t *testing.T, url, statement string) string {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close(context.Background()) }()
	var answer string
	if err := connection.QueryRow(t.Context(), statement).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestPostgresURL_everyCallIsAnEmptyUTF8Database(t *testing.T) {
	first, second := testkit.PostgresURL(t), testkit.PostgresURL(t)
	if first == second {
		t.Fatalf("both calls answered %s", first)
	}
	if got := query(t, first, "SELECT current_setting('server_encoding') || ' ' || current_setting('TimeZone')"); got != "UTF8 UTC" {
		t.Errorf("encoding and zone: got %q", got)
	}
	query(t, first, "WITH made AS (SELECT 1) SELECT 'x' FROM made")
	if got := query(t, first, "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'"); got != "0" {
		t.Errorf("a new database has %s tables", got)
	}
}

func TestPostgresURL_databaseIsGoneAfterTheTest(t *testing.T) {
	survivor := testkit.PostgresURL(t)
	var name string
	t.Run("a test that leaves its connection open", func(t *testing.T) {
		url := testkit.PostgresURL(t)
		name = query(t, url, "SELECT current_database()::text")
		if _, err := pgx.Connect(context.Background(), url); err != nil {
			t.Fatal(err)
		}
	})
	if got := query(t, survivor, "SELECT count(*)::text FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
		t.Errorf("database %s is still there", name)
	}
}

func TestPostgresURL_testsShareOneServer(t *testing.T) {
	const tests = 8
	var mutex sync.Mutex
	started := map[string]int{}
	t.Run("together", func(t *testing.T) {
		for range tests {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				at := query(t, testkit.PostgresURL(t), "SELECT pg_postmaster_start_time()::text")
				mutex.Lock()
				defer mutex.Unlock()
				started[at]++
			})
		}
	})
	if len(started) != 1 {
		t.Errorf("%d tests met servers started at %v, want one", tests, started)
	}
}
