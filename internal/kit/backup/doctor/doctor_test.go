package doctor

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
)

var migrations = []fs.FS{db.Migrations, audit.Migrations, job.Migrations, mail.Migrations}

// healthy is an installation that nothing is wrong with.
func healthy(t *testing.T, d *db.DB) Input {
	t.Helper()
	s := &config.Settings{Data: filepath.Join(t.TempDir(), "data"), Listen: "localhost:8080", TimeZone: "Asia/Tokyo"}
	s.TLS.Mode = "off"
	s.Mail = config.Mail{SMTP: mailtest.Start(t, mailtest.Options{}).Address, TLS: "off", From: "office@example.org"}
	if err := os.MkdirAll(s.BackupDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.BackupDir(), "x.tsudoi"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return Input{Settings: s, DB: d, Migrations: migrations, Built: time.Now().AddDate(0, -1, 0)}
}

func TestHealthyInstallation(t *testing.T) {
	dbtest.Each(t, migrations, func(t *testing.T, d *db.DB) {
		r := Run(t.Context(), healthy(t, d))
		if r.Worst() != OK || len(r.Checks) < 7 {
			t.Fatalf("%+v", r)
		}
		for _, l := range i18n.Langs {
			var b bytes.Buffer
			if err := r.Write(&b, l); err != nil || strings.Count(b.String(), "✓") != len(r.Checks) || strings.Contains(b.String(), "%!") {
				t.Error(b.String(), err)
			}
		}
		b, err := json.Marshal(r)
		if err != nil || !strings.Contains(string(b), `"state":"ok"`) {
			t.Fatal(string(b), err)
		}
	})
}

// harm changes a database as no healthy program does.
func harm(t *testing.T, in *Input, q string) {
	t.Helper()
	if err := in.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), q); return err }); err != nil {
		t.Fatal(err)
	}
}

func TestEachIllnessIsFound(t *testing.T) {
	for _, x := range []struct {
		what string
		name string
		want State
		harm func(t *testing.T, in *Input)
	}{
		{"a wrong setting", "settings", Fail, func(_ *testing.T, in *Input) { in.Mistakes = errors.New("listen: x") }},
		{"a misspelt variable", "settings", Warn, func(_ *testing.T, in *Input) { in.Environ = []string{"TSUDOI_LISTN=x"} }},
		{"no folder", "data", Fail, func(_ *testing.T, in *Input) { in.Settings.Data += "x" }},
		{"a file for a folder", "data", Fail, func(_ *testing.T, in *Input) {
			in.Settings.Data = filepath.Join(in.Settings.BackupDir(), "x.tsudoi")
		}},
		{"an open folder", "data", Warn, func(t *testing.T, in *Input) {
			if err := os.Chmod(in.Settings.Data, 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"a clock of the past", "clock", Fail, func(_ *testing.T, in *Input) { in.Now = in.Built.Add(-time.Hour) }},
		{"no such zone", "clock", Fail, func(_ *testing.T, in *Input) { in.Settings.TimeZone = "Asia/Edo" }},
		{"no public address", "address", Warn, func(_ *testing.T, in *Input) { in.Settings.Listen = ":8080" }},
		{"plain http", "address", Warn, func(_ *testing.T, in *Input) { in.Settings.PublicURL = "http://a.example" }},
		{"no certificate", "certificate", Fail, func(_ *testing.T, in *Input) { in.Settings.TLS.Mode = "files" }},
		{"an old certificate", "certificate", Fail, func(t *testing.T, in *Input) { certificate(t, in, -time.Hour) }},
		{"an ageing certificate", "certificate", Warn, func(t *testing.T, in *Input) { certificate(t, in, 24*time.Hour) }},
		{"a good certificate", "certificate", OK, func(t *testing.T, in *Input) { certificate(t, in, 2000*time.Hour) }},
		{"none by ACME yet", "certificate", Warn, func(_ *testing.T, in *Input) {
			in.Settings.TLS.Mode, in.Settings.TLS.ACMEHosts = "acme", []string{"a.example"}
		}},
		{"no database", "database", Fail, func(_ *testing.T, in *Input) { in.DB, in.OpenError = nil, errors.New("refused") }},
		{"waiting migrations", "schema", Warn, func(_ *testing.T, in *Input) {
			in.Migrations = append(in.Migrations, fstest.MapFS{"migrations/20270101000000_x.sql": {Data: []byte("-- +goose Up\nCREATE TABLE x (a BIGINT);")}})
		}},
		{"no backup", "backup", Warn, func(_ *testing.T, in *Input) { in.Settings.Backup.Dir = "/nowhere[" }},
		{"an old backup", "backup", Warn, func(_ *testing.T, in *Input) { in.Now = time.Now().AddDate(0, 1, 0) }},
		{"a lost row", "integrity", Fail, loseRow},
		{"no mail server", "mail", Warn, func(_ *testing.T, in *Input) { in.Settings.Mail.SMTP = "" }},
		{"a mail server that is down", "mail", Fail, func(_ *testing.T, in *Input) { in.Settings.Mail.SMTP = "127.0.0.1:1" }},
		{"a mail server without STARTTLS", "mail", Fail, func(_ *testing.T, in *Input) { in.Settings.Mail.TLS = "starttls" }},
		{"a letter that was refused", "mail", Warn, func(t *testing.T, in *Input) {
			harm(t, in, `INSERT INTO mail_letter (ref, key, kind, name, address, lang, content, secret, urgent, state, attempts, error, queued_at, first_at, tried_at, sent_at, until)
				VALUES ('r', '', 'x', '', 'a@example.org', 'ja', '', 0, 0, 'refused', 1, '550', 1, 1, 1, 0, 0)`)
		}},
		{"a dead job", "jobs", Warn, func(t *testing.T, in *Input) {
			harm(t, in, `INSERT INTO job_job (pool, listener, args, state, run_at, attempts, claim, lost, unique_key, period, error, created_at)
				VALUES ('shared', 'x', '{}', 'dead', 1, 20, 1, 0, '', 0, 'no', 1)`)
		}},
		{"a huge log", "wal", Warn, func(t *testing.T, in *Input) {
			err := in.DB.Write(t.Context(), func(tx *db.Tx) error { return db.Bump(t.Context(), tx, "x") })
			if err := errors.Join(err, os.Truncate(in.DB.URL()+"-wal", walWarn+1)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(x.what, func(t *testing.T) {
			in := healthy(t, dbtest.SQLite(t, migrations...))
			x.harm(t, &in)
			r := Run(t.Context(), in)
			for _, c := range r.Checks {
				if c.Name != x.name {
					continue
				}
				if c.State != x.want || (c.State != OK && c.Do.IsZero()) || strings.Contains(c.What.String()+c.Do.String(), "%!") {
					t.Fatalf("%+v", c)
				}
				if x.want == Fail && r.Worst() != Fail {
					t.Fatal(r.Worst())
				}
				return
			}
			t.Fatal("not looked at:", r)
		})
	}
}

// loseRow makes a row name one that is not there, as a damaged file does.
func loseRow(t *testing.T, in *Input) {
	err := in.DB.Write(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{
			"CREATE TABLE a (id INTEGER PRIMARY KEY)", "CREATE TABLE b (c BIGINT)", "INSERT INTO b VALUES (9)",
			"PRAGMA writable_schema = ON",
			"UPDATE sqlite_schema SET sql = 'CREATE TABLE b (c BIGINT REFERENCES a (id))' WHERE name = 'b'",
		} {
			if _, err := tx.Exec(t.Context(), q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := db.Open(t.Context(), in.DB.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	in.DB = again
}

// certificate writes a certificate that ends after a time from now.
func certificate(t *testing.T, in *Input, left time.Duration) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"a.example"}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(left)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(in.Settings.Data, "pem")
	b := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})...)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	in.Settings.TLS.Mode, in.Settings.TLS.Cert, in.Settings.TLS.Key = "files", path, path
}

// TestAuditLogIsChecked: what was altered is a failure, what waits for long a warning.
func TestAuditLogIsChecked(t *testing.T) {
	dbtest.Each(t, migrations, func(t *testing.T, d *db.DB) {
		in := healthy(t, d)
		record := func(at time.Time) {
			t.Helper()
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				return audit.Record(t.Context(), tx, audit.Entry{Action: "tested", At: at})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		is := func(want State) {
			t.Helper()
			for _, c := range Run(t.Context(), in).Checks {
				if c.Name == "audit" {
					if c.State != want || strings.Contains(c.What.JA+c.What.EN, "%!") {
						t.Errorf("%+v, want %s", c, want)
					}
					return
				}
			}
			t.Error("the audit log is not checked")
		}
		record(time.Now())
		is(OK)
		record(time.Now().Add(-2 * time.Hour))
		is(Warn)
		if _, err := audit.NewSealer(d, audit.Options{}).Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		is(OK)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE audit_entry SET actor = 'MALLORY'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		is(Fail)
	})
}
