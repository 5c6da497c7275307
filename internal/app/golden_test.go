package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsudoi/tsudoi/examples"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/backup"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// golden is what go test ./internal/app -run Golden -update writes the files of testdata with. The schemas follow the migrations; the
// databases of past landings are never written again.
var golden = flag.Bool("update", false, "write the golden files of testdata")

// TestGoldenSchema compares the schema of a new database with the one in testdata, so that a change of it is seen in review.
func TestGoldenSchema(t *testing.T) {
	for e, dump := range map[db.Engine]func(*testing.T, *db.DB) string{db.SQLite: dumpSQLite, db.Postgres: dumpPostgres} {
		t.Run(string(e), func(t *testing.T) {
			got := dump(t, start(t, e).DB)
			file := filepath.Join("testdata", "schema."+string(e)+".sql")
			if *golden {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("the schema changed; if it should have, run: go test ./internal/app -run Golden -update\n%s", diff)
			}
		})
	}
}

// dumpSQLite writes each table, view and index as it was made.
func dumpSQLite(t *testing.T, d *db.DB) string {
	t.Helper()
	return rowsOf(t, d, `SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name`)
}

// dumpPostgres writes columns, constraints, indexes and views, one a line.
func dumpPostgres(t *testing.T, d *db.DB) string {
	t.Helper()
	var b strings.Builder
	for _, q := range []string{
		`SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END ||
			COALESCE(' DEFAULT ' || column_default, '') || CASE is_identity WHEN 'YES' THEN ' IDENTITY' ELSE '' END
			FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
		`SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
			WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY conrelid::regclass::text, conname`,
		`SELECT indexdef || ';' FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`,
		`SELECT 'VIEW ' || viewname || ' AS' || definition FROM pg_views WHERE schemaname = 'public' ORDER BY viewname`,
	} {
		b.WriteString(rowsOf(t, d, q) + "\n")
	}
	return b.String()
}

func rowsOf(t *testing.T, d *db.DB, q string) string {
	t.Helper()
	rows, err := d.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var b strings.Builder
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		b.WriteString(s + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// landings are the states in which the program was given away. Each has a backup in testdata made by the program of that time, with
// JANOG57 before and after it was edited at the venue, and what its addresses were. A new landing adds a name.
var landings = []string{"landing-1", "landing-2", "landing-3", "landing-4"}

// TestGoldenLandings restores what the program of each landing wrote, on both engines: it is brought to today's schema, nothing is lost, and
// every address and every identity is what it was.
func TestGoldenLandings(t *testing.T) {
	for _, name := range landings {
		file := filepath.Join("testdata", name+".tsudoi")
		if _, err := os.Stat(file); *golden && name == landings[len(landings)-1] && err != nil {
			makeLanding(t, file)
		}
		onEach(t, func(t *testing.T, e db.Engine) {
			s := settings(t, e)
			restoreInto(t, s.DatabaseURL(), s.FilesDir(), file)
			w := startWith(t, s)
			got := w.identities("janog57")
			list := filepath.Join("testdata", name+".txt")
			if _, err := os.Stat(list); *golden && err != nil {
				if err := os.WriteFile(list, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s is not what it was:\n%s", name, diff)
			}
			w.hasPeople(name)
			w.hasEntries(name)
			for _, p := range []string{"/", "/meetings/janog57", "/meetings/janog57/timetable", "/meetings/janog57/changes", "/meetings/janog57/schedule.xml", "/search?q=BGP"} {
				if res := w.get(p); res.StatusCode != 200 {
					t.Errorf("%s: %d", p, res.StatusCode)
				}
			}
			// It goes on from there: what is imported now is compared with what was imported then.
			before, err := fs.ReadFile(examples.FS, examples.JANOG57)
			if err != nil {
				t.Fatal(err)
			}
			if r := w.load("janog57.yaml", string(before), program.Import{})[0]; r.Added > 0 || r.Release != 3 {
				t.Errorf("an import after the restore: %+v", r)
			}
			w.noErrors()
		})
	}
}

// identities lists what must never change about a meeting: the addresses and ids of its sessions, and its releases.
func (w *site) identities(slug string) string {
	w.t.Helper()
	ctx := context.Background()
	p, err := w.Programmes.Programme(ctx, slug)
	if err != nil {
		w.t.Fatal(err)
	}
	releases, err := w.Programmes.Releases(ctx, p.Meeting)
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, it := range p.Items {
		fmt.Fprintf(&b, "%s %s %d %s %s %s %s sequence %d\n", it.Name, it.GUID, it.Number, it.Source, it.Start.Format("2006-01-02T15:04-07:00"), it.End.Format("15:04"), it.Room, it.Sequence)
	}
	for _, s := range p.Speakers {
		fmt.Fprintf(&b, "speaker %s %s\n", s.Key, s.Name.JA)
	}
	for _, r := range releases {
		fmt.Fprintf(&b, "release %d %s %d changes\n", r.Number, r.At.UTC().Format("2006-01-02T15:04:05Z"), len(r.Changes))
	}
	return b.String()
}

// hasPeople looks for the people that a landing after the first holds: the chair of JANOG57, whose role still lets her in.
func (w *site) hasPeople(landing string) {
	w.t.Helper()
	if landing == "landing-1" {
		return
	}
	m := &member{w: w}
	if err := w.DB.Row(w.t.Context(), `SELECT id, ref FROM person_account WHERE name_ja = '林 花子' AND kana = 'ハヤシ ハナコ'`).Scan(&m.id, &m.ref); err != nil {
		w.t.Fatal(err)
	}
	m.enter()
	for path, status := range map[string]int{"/me": 200, "/meetings/janog57/desk": 200, "/meetings/janog57/history": 200, "/admin/history": 403} {
		if got := m.do(http.MethodGet, path, "").Code; got != status {
			w.t.Errorf("%s as the chair: %d, want %d", path, got, status)
		}
	}
	if r, err := audit.Verify(w.t.Context(), w.DB); err != nil || !r.Whole() {
		w.t.Errorf("the audit log: %+v %v", r, err)
	}
}

// hasEntries looks for what a landing after the second holds: somebody who is registered at the sample meeting and owes for the social.
func (w *site) hasEntries(landing string) {
	w.t.Helper()
	if landing < "landing-3" {
		return
	}
	ctx := authz.System(w.t.Context(), "test")
	var ref string
	if err := w.DB.Row(ctx, `SELECT ref FROM registration_entry WHERE name_ja = '登録 もとこ'`).Scan(&ref); err != nil {
		w.t.Fatal(err)
	}
	file, err := w.Registration.PersonFile(ctx, "sample", ref)
	if err != nil {
		w.t.Fatal(err)
	}
	if e := file.Own; e.State != registration.Confirmed || e.On("2026-12-10") != registration.Onsite || len(e.Choices) != 1 || e.Paid.Owed != 5500 || e.Answers["age"][0] != "40s" {
		w.t.Errorf("%+v %+v %+v", e.Entry, e.Choices, e.Paid)
	}
	var number string
	if err := w.DB.Row(ctx, `SELECT number FROM billing_order`).Scan(&number); err != nil {
		w.t.Fatal(err)
	}
	if found, err := w.Registration.People(ctx, "sample", registration.Filter{Query: strings.ToLower(number)}, "", 10); err != nil || len(found.Entries) != 1 || found.Entries[0].Ref != ref {
		w.t.Errorf("found by the order %s: %+v %v", number, found, err)
	}
	places, err := w.Registration.Places(ctx, "sample")
	if err != nil || places["slot:social/a"].Taken != 1 || places["kind:general"].Taken != 1 {
		w.t.Errorf("%+v %v", places, err)
	}
}

// enterSample registers somebody at the sample meeting.
func (w *site) enterSample() {
	w.t.Helper()
	text, err := fs.ReadFile(examples.FS, examples.Sample)
	if err != nil {
		w.t.Fatal(err)
	}
	w.load(examples.Sample, string(text), program.Import{At: noon})
	ctx := authz.System(w.t.Context(), "test")
	if err := w.loadSampleRegistration(ctx); err != nil {
		w.t.Fatal(err)
	}
	in := registration.Manual{Key: "landing", Kind: "general", Days: map[event.Date]registration.Mode{"2026-12-10": registration.Onsite}, Answers: map[string][]string{"age": {"40s"}}}
	in.Name, in.Address, in.Proved = i18n.T("登録 もとこ", "TOROKU Motoko"), "motoko@example.org", true
	e, err := w.Registration.EnterFor(ctx, "sample", in)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Registration.GivePlace(ctx, "sample", "social", "a", e.Ref, ""); err != nil {
		w.t.Fatal(err)
	}
}

// makeLanding writes the backup of this landing.
func makeLanding(t *testing.T, file string) {
	t.Helper()
	w := start(t, db.SQLite)
	for _, name := range []string{examples.Group, examples.JANOG57, examples.JANOG57OnSite} {
		text, err := fs.ReadFile(examples.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		w.load(name, string(text), program.Import{At: noon})
	}
	chair := w.member("林", []event.RoleKey{event.RoleChair}, "janog57")
	chair.do(http.MethodPost, "/me/profile", url.Values{"name_ja": {"林 花子"}, "kana": {"はやし はなこ"}, "name_en": {"HAYASHI Hanako"}, "lang": {"ja"}}.Encode())
	w.as("", http.MethodPost, "/sign-in", "address=letter%40example.org")
	w.enterSample()
	err := backup.WriteFile(file, false, func(out io.Writer) error {
		_, err := backup.Write(t.Context(), w.DB, nil, out, backup.Options{Program: "landing", Skip: []string{search.Index}, Migrations: migrations()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func restoreInto(t *testing.T, database, files, archive string) {
	t.Helper()
	d, err := db.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	o := backup.Options{Program: "test", Skip: []string{search.Index}, Migrations: migrations(), Rebuild: search.Rebuild}
	if _, err := backup.Restore(t.Context(), f, d, files, o); err != nil {
		t.Fatal(err)
	}
}

// TestBackupBeforeUpgrade: a database that lacks migrations is backed up before it gets them, and that backup restores.
func TestBackupBeforeUpgrade(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		s := settings(t, e)
		d, err := db.Open(t.Context(), s.DatabaseURL())
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context(), db.Migrations, search.Migrations, person.Migrations, event.Migrations); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		w := startWith(t, s)
		w.load("m.yaml", meetingOf("m", 3), program.Import{})
		made, err := os.ReadDir(s.BackupDir())
		if err != nil || len(made) != 1 {
			t.Fatalf("%d backups, %v", len(made), err)
		}
		other := settings(t, e)
		restoreInto(t, other.DatabaseURL(), other.FilesDir(), filepath.Join(s.BackupDir(), made[0].Name()))
		startWith(t, other).load("m.yaml", meetingOf("m", 3), program.Import{})
		// A second start finds nothing to do.
		startWith(t, s)
		if made, err := os.ReadDir(s.BackupDir()); err != nil || len(made) != 1 {
			t.Errorf("%d backups after a second start, %v", len(made), err)
		}
	})
}

// TestLaterDatabaseIsRefused: a database that a later program made is not touched.
func TestLaterDatabaseIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO db_migration (version_id, is_applied) VALUES (29991231000000, `+map[db.Engine]string{db.SQLite: "1", db.Postgres: "TRUE"}[e]+`)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := tsudoi(t, w, "import", file(t, "m.yaml", meetingOf("m", 1))).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "a later tsudoi made") || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%v: %s", err, out)
		}
	})
}
