package mail_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
)

// TestMain lets the test binary be a process that sends letters until it is killed.
func TestMain(m *testing.M) {
	if at := os.Getenv("MAIL_TEST_DATABASE"); at != "" {
		if err := sendUntilKilled(at, os.Getenv("MAIL_TEST_SERVER")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func sendUntilKilled(at, server string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, at)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	jobs := job.New(d, job.Options{Poll: 5 * time.Millisecond, Lease: 200 * time.Millisecond, Log: log})
	mail.New(d, jobs, mail.Options{
		Server: mail.Server{Address: server, TLS: mail.Off, Connections: connections}, From: mail.Address{Address: "office@example.org"}, Log: log,
	})
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	select {}
}

const connections = 4

// TestKilledInTheMiddle kills the process again and again while it sends: every letter arrives, and at most one for each connection of
// each killed process arrives twice, with the same Message-ID.
func TestKilledInTheMiddle(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		const letters = 150
		peer := mailtest.Start(t, mailtest.Options{Data: func(int, *mailtest.Letter) error {
			time.Sleep(2 * time.Millisecond) // the letter is there, and the answer is on its way
			return nil
		}})
		clerk := job.New(d, job.Options{})
		writer := mail.New(d, clerk, mail.Options{})
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			for i := range letters {
				if err := writer.Send(t.Context(), tx, letter(fmt.Sprintf("a%d@example.org", i))); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		sent := func() int {
			s, err := writer.Standing(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s.Count[mail.Sent]
		}
		kills := 0
		for end := time.Now().Add(time.Minute); sent() < letters; kills++ {
			if time.Now().After(end) {
				t.Fatalf("only %d letters are sent", sent())
			}
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), "MAIL_TEST_DATABASE="+d.URL(), "MAIL_TEST_SERVER="+peer.Address)
			c.Stderr = t.Output()
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			before := len(peer.Letters())
			for begun := time.Now(); len(peer.Letters()) < before+5 && sent() < letters && time.Since(begun) < 10*time.Second; {
				time.Sleep(5 * time.Millisecond) // until it works
			}
			time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		ids, twice := map[string]string{}, 0
		for _, l := range peer.Letters() {
			id := l.Header.Get("Message-ID")
			if ids[l.To] != "" {
				twice++
			}
			if ids[l.To] != "" && ids[l.To] != id {
				t.Errorf("%s has two ids", l.To)
			}
			ids[l.To] = id
		}
		t.Logf("%d kills, %d letters twice", kills, twice)
		if len(ids) != letters || twice > kills*connections {
			t.Errorf("%d of %d arrived, %d twice after %d kills", len(ids), letters, twice, kills)
		}
	})
}
