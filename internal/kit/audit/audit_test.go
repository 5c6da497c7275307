package audit_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
)

var folders = []fs.FS{audit.Migrations}

func each(t *testing.T, fn func(t *testing.T, d *db.DB)) { dbtest.Each(t, folders, fn) }

// as is a context in which somebody acts.
func as(ctx context.Context, ref string) context.Context {
	return authz.With(ctx, &authz.Actor{ID: 1, Ref: ref, From: "203.0.113.7"})
}

func record(ctx context.Context, t testing.TB, d *db.DB, list ...audit.Entry) {
	t.Helper()
	for _, e := range list {
		if err := d.Write(ctx, func(tx *db.Tx) error { return audit.Record(ctx, tx, e) }); err != nil {
			t.Fatal(err)
		}
	}
}

func seal(t testing.TB, d *db.DB) int {
	t.Helper()
	n, err := audit.NewSealer(d, audit.Options{Batch: 3}).Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func verify(t testing.TB, d *db.DB, known ...audit.Head) audit.Verdict {
	t.Helper()
	v, err := audit.Verify(t.Context(), d, known...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func exec(t testing.TB, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func edited(n int) audit.Entry {
	return audit.Entry{
		Scope: "janog57", Object: fmt.Sprintf("session:S%d", n), Action: "program.session.edited",
		Before: map[string]string{"title": "経路", "room": "r1", "same": "x"}, After: map[string]string{"title": fmt.Sprintf("経路 %d", n), "same": "x"},
	}
}

func TestRecordKeepsWhatDiffers(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := as(t.Context(), "ALICE")
		before := time.Now()
		record(ctx, t, d, edited(1), audit.Entry{Action: "nothing", Before: map[string]string{"a": "b"}, After: map[string]string{"a": "b"}},
			audit.Entry{Action: "person.signed_in", Object: "person:ALICE"})
		list, next, err := audit.List(ctx, d, audit.Filter{Everywhere: true}, audit.Page{})
		if err != nil || len(list) != 2 || next != "" {
			t.Fatalf("%+v, %q, %v", list, next, err)
		}
		in, e := list[0], list[1]
		if in.Action != "person.signed_in" || in.About != "ALICE" || len(in.Values) > 0 || in.Address != "203.0.113.7" {
			t.Errorf("without values: %+v", in)
		}
		want := []audit.Value{{Name: "room", Before: "r1"}, {Name: "title", Before: "経路", After: "経路 1"}}
		if !slices.Equal(e.Values, want) || e.Actor != "ALICE" || e.Scope != "janog57" || e.Object != "session:S1" || e.At.Before(before.Add(-time.Second)) || e.Seal != 0 {
			t.Errorf("%+v", e)
		}
		if n := seal(t, d); n != 2 {
			t.Errorf("sealed %d", n)
		}
		if v := verify(t, d); !v.Whole() || v.Head.Seal != 2 || v.Open != 0 || v.Erased != 0 {
			t.Errorf("%+v", v)
		}
	})
}

// TestRecordIsUndoneWithTheChange: an entry of a transaction that failed is not there.
func TestRecordIsUndoneWithTheChange(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		failed := errors.New("failed")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := audit.Record(t.Context(), tx, edited(1)); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if n := seal(t, d); n != 0 {
			t.Errorf("sealed %d", n)
		}
	})
}

func TestHostileValues(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		long := strings.Repeat("長", 40_000) // 120 kB
		after := map[string]string{"nul": "a\x00b", "bad": "\xff\xfe", "@address": "slipped in", "long": long, "html": "<script>&\u2028", strings.Repeat("n", 900): "x", "": "empty"}
		for i := range 40 {
			after[fmt.Sprintf("z%02d", i)] = strings.Repeat("z", 60_000)
		}
		record(as(t.Context(), "BOB\x00"), t, d, audit.Entry{Action: "a", Object: strings.Repeat("o", 5000), After: after})
		seal(t, d)
		if v := verify(t, d); !v.Whole() {
			t.Fatalf("%+v", v.Break)
		}
		list, _, err := audit.List(t.Context(), d, audit.Filter{}, audit.Page{})
		if err != nil || len(list) != 1 || len(list[0].Values) != len(after) || list[0].Address != "203.0.113.7" {
			t.Fatalf("%v, %d entries", err, len(list))
		}
		size := 0
		for _, v := range list[0].Values {
			size += len(v.After)
			if v.Name == "long" && (len(v.After) > 64<<10 || !strings.HasSuffix(v.After, " […]") || !strings.HasPrefix(long, strings.TrimSuffix(v.After, " […]"))) {
				t.Errorf("a long text: %d bytes", len(v.After))
			}
		}
		if size > 1<<20+1000 {
			t.Errorf("the entry holds %d bytes", size)
		}
	})
}

// tampering is every way to change what is stored; each must be found, at the right entry.
var tampering = map[string]struct {
	sql    string
	seal   int64
	reason audit.Reason
}{
	"when":               {`UPDATE audit_entry SET at = at + 1 WHERE seal = 3`, 3, audit.Altered},
	"who":                {`UPDATE audit_entry SET actor = 'MALLORY' WHERE seal = 3`, 3, audit.Altered},
	"what":               {`UPDATE audit_entry SET action = 'program.session.read' WHERE seal = 3`, 3, audit.Altered},
	"scope":              {`UPDATE audit_entry SET scope = 'iw2025' WHERE seal = 3`, 3, audit.Altered},
	"object":             {`UPDATE audit_entry SET object = 'session:X' WHERE seal = 3`, 3, audit.Altered},
	"about":              {`UPDATE audit_entry SET about = 'X' WHERE seal = 3`, 3, audit.Altered},
	"secret":             {`UPDATE audit_entry SET secret = NOT secret WHERE seal = 3`, 3, audit.Altered},
	"marks":              {`UPDATE audit_entry SET marks = '{}' WHERE seal = 3`, 3, audit.Altered},
	"digest":             {`UPDATE audit_entry SET digest = 'x' WHERE seal = 3`, 3, audit.Altered},
	"both":               {`UPDATE audit_entry SET digest = (SELECT digest FROM audit_entry WHERE seal = 2), at = (SELECT at FROM audit_entry WHERE seal = 2), object = 'session:S2' WHERE seal = 3`, 3, audit.Altered},
	"chain":              {`UPDATE audit_entry SET chain = 'x' WHERE seal = 3`, 3, audit.Moved},
	"id":                 {`UPDATE audit_entry SET id = 900 WHERE seal = 4`, 4, audit.Moved},
	"after":              {`UPDATE audit_value SET content = replace(content, '経路 3', '経路 9') WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"before":             {`UPDATE audit_value SET content = replace(content, 'r1', 'r2') WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"salt":               {`UPDATE audit_value SET content = replace(content, '"salt":"', '"salt":"A') WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"value slipped in":   {`UPDATE audit_value SET content = '[{"name":"x","salt":"s","after":"y"}]' WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"no JSON":            {`UPDATE audit_value SET content = 'x' WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"from where":         {`UPDATE audit_value SET address = replace(address, '203.0.113.7', '192.0.2.1') WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"values of another":  {`UPDATE audit_value SET content = (SELECT v.content FROM audit_value v WHERE v.content LIKE '%経路 2%') WHERE content LIKE '%経路 3%'`, 3, audit.Values},
	"deleted":            {`DELETE FROM audit_entry WHERE seal = 4`, 4, audit.Missing},
	"unsealed":           {`UPDATE audit_entry SET seal = NULL, chain = NULL WHERE seal = 3`, 3, audit.Missing},
	"deleted and closed": {`UPDATE audit_entry SET seal = seal + 100 WHERE seal > 4`, 5, audit.Missing},
	"first deleted":      {`UPDATE audit_entry SET seal = NULL WHERE seal = 1`, 1, audit.Missing},
	"end cut off":        {`DELETE FROM audit_entry WHERE seal = 7`, 7, audit.End},
	"head":               {`UPDATE audit_head SET seal = 6`, 8, audit.End},
	"head's hash":        {`UPDATE audit_head SET hash = 'x'`, 8, audit.End},
	"head deleted":       {`DELETE FROM audit_head`, 8, audit.End},
	"open altered":       {`UPDATE audit_entry SET actor = 'MALLORY' WHERE seal IS NULL`, 0, audit.Altered},
}

func TestTamperingIsFound(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := as(t.Context(), "ALICE")
		record(ctx, t, d, edited(1), edited(2), edited(3), audit.Entry{Action: "program.released", Scope: "janog57"}, edited(5), edited(6), audit.Entry{Action: "program.released", Scope: "janog57"})
		exec(t, d, `DELETE FROM audit_value WHERE content = ''`) // of the entries without values only the address: it is erased here so that they can be deleted
		seal(t, d)
		record(ctx, t, d, edited(8))
		if v := verify(t, d); !v.Whole() || v.Head.Seal != 7 || v.Open != 1 {
			t.Fatalf("before: %+v", v)
		}
		undo := errors.New("undo")
		for name, c := range tampering {
			err := d.Write(ctx, func(tx *db.Tx) error {
				if d.Engine() == db.Postgres && (name == "deleted" || name == "id") {
					_, _ = tx.Exec(ctx, `SET session_replication_role = replica`)
				}
				if n, err := tx.Exec(ctx, c.sql); err != nil || n == 0 {
					return fmt.Errorf("tamper: %d rows, %w", n, err)
				}
				v, err := audit.VerifyIn(ctx, tx)
				if err != nil {
					return err
				}
				if v.Break == nil || v.Break.Seal != c.seal || v.Break.Reason != c.reason {
					t.Errorf("%s: found %+v, want %d %s", name, v.Break, c.seal, c.reason)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if v := verify(t, d); !v.Whole() {
			t.Errorf("after: %+v", v.Break)
		}
	})
}

// TestSwappedEntriesAreFound: two entries whose places are exchanged, and one that is deleted with the rest moved up.
func TestSwappedEntriesAreFound(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		record(t.Context(), t, d, audit.Entry{Action: "one"}, audit.Entry{Action: "two"}, audit.Entry{Action: "three"}, audit.Entry{Action: "four"})
		seal(t, d)
		head := verify(t, d).Head
		exec(t, d, `UPDATE audit_entry SET seal = -2 WHERE seal = 2`)
		exec(t, d, `UPDATE audit_entry SET seal = 2 WHERE seal = 3`)
		exec(t, d, `UPDATE audit_entry SET seal = 3 WHERE seal = -2`)
		if v := verify(t, d); v.Break == nil || v.Break.Seal != 2 || v.Break.Reason != audit.Moved {
			t.Errorf("swapped: %+v", v.Break)
		}
		exec(t, d, `DELETE FROM audit_entry WHERE action = 'two'`)
		exec(t, d, `UPDATE audit_entry SET seal = 3 WHERE seal = 4`)
		if v := verify(t, d); v.Break == nil || v.Break.Seal != 2 || v.Break.Reason != audit.Moved {
			t.Errorf("moved up: %+v", v.Break)
		}
		// Somebody who may write everything makes a new chain: only a head kept elsewhere shows it.
		exec(t, d, `UPDATE audit_entry SET seal = NULL, chain = NULL`)
		exec(t, d, `UPDATE audit_head SET seal = 0, hash = ''`)
		record(t.Context(), t, d, audit.Entry{Action: "made up"})
		seal(t, d)
		if v := verify(t, d); !v.Whole() {
			t.Errorf("a chain made anew: %+v", v.Break)
		}
		if v := verify(t, d, head); v.Break == nil || v.Break.Reason != audit.Replaced || v.Break.Seal != head.Seal {
			t.Errorf("with a head kept elsewhere: %+v", v.Break)
		}
		if v := verify(t, d, audit.Head{Seal: 99, Hash: "x"}); v.Break == nil || v.Break.Reason != audit.Missing {
			t.Errorf("with a head beyond the end: %+v", v.Break)
		}
	})
}

func TestErasingIsNotTampering(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		alice, bob := as(t.Context(), "ALICE"), as(t.Context(), "BOB")
		name := audit.Entry{Action: "person.edited", Object: "person:ALICE", Before: map[string]string{"name": "Alice A."}, After: map[string]string{"name": "Alice B."}}
		record(bob, t, d, name)
		record(alice, t, d, edited(1), name)
		record(bob, t, d, edited(1), edited(2))
		seal(t, d)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			n, err := audit.EraseActor(t.Context(), tx, "ALICE")
			if n != (audit.Erased{Addresses: 2, Values: 2}) {
				t.Errorf("erased %+v", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			n, err := audit.EraseValues(t.Context(), tx, "janog57", "session:S1", "title")
			if n.Values != 2 {
				t.Errorf("erased %+v", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := audit.List(t.Context(), d, audit.Filter{Everywhere: true}, audit.Page{})
		if err != nil || len(list) != 5 {
			t.Fatal(len(list), err)
		}
		for _, e := range list {
			if (e.Address == "") != (e.Actor == "ALICE") {
				t.Errorf("address of %+v", e)
			}
			for _, v := range e.Values {
				gone := e.About == "ALICE" || e.Object == "session:S1" && v.Name == "title"
				if v.Erased != gone || gone && v.Before+v.After != "" {
					t.Errorf("%s %s: %+v", e.Action, e.Object, v)
				}
			}
		}
		if v := verify(t, d); !v.Whole() || v.Erased != 4 {
			t.Errorf("%+v", v)
		}
		rows, err := d.Query(t.Context(), `SELECT address || content FROM audit_value`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil || strings.Contains(s, "Alice") {
				t.Errorf("%q is still there: %v", s, err)
			}
		}
	})
}

func TestForgetAddresses(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		old := edited(1)
		old.At = time.Now().AddDate(-1, 0, 0)
		record(as(t.Context(), "ALICE"), t, d, old, edited(2))
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			n, err := audit.ForgetAddresses(t.Context(), tx, time.Now().AddDate(0, -6, 0))
			if n != 1 {
				t.Errorf("forgot %d", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		seal(t, d)
		if v := verify(t, d); !v.Whole() || v.Erased != 1 {
			t.Errorf("%+v", v)
		}
	})
}

// TestSecretEntries: they hold nothing, and neither id, time nor place in the chain tells their order.
func TestSecretEntries(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		const n = 60
		var made []string
		for i := range n {
			who := fmt.Sprintf("VOTER%02d", i)
			made = append(made, who)
			record(as(t.Context(), who), t, d, audit.Entry{Action: "selection.voted", Scope: "janog57", Object: "contest:C", Secret: true, After: map[string]string{"choice": "timetable 7"}})
			if i == n/2 {
				seal(t, d)
			}
		}
		if got := seal(t, d); got != 0 {
			t.Errorf("sealed %d on the day itself", got)
		}
		if v := verify(t, d); !v.Whole() || v.Open != n || v.Waiting(time.Now()) != 0 {
			t.Errorf("%+v", v)
		}
		s := audit.NewSealer(d, audit.Options{Now: func() time.Time { return time.Now().Add(24 * time.Hour) }})
		if got, err := s.Seal(t.Context()); got != n || err != nil {
			t.Errorf("sealed %d a day later, %v", got, err)
		}
		list, _, err := audit.List(t.Context(), d, audit.Filter{Scope: "janog57"}, audit.Page{Limit: 100})
		if err != nil || len(list) != n {
			t.Fatal(len(list), err)
		}
		var shown []string
		slices.SortFunc(list, func(a, b audit.Stored) int { return int(a.Seal - b.Seal) })
		for _, e := range list {
			shown = append(shown, e.Actor)
			if len(e.Values) > 0 || e.Address != "" || e.At != e.At.Truncate(24*time.Hour) {
				t.Errorf("%+v tells too much", e)
			}
		}
		inOrder := 0
		for i := 1; i < n; i++ {
			if shown[i] > shown[i-1] {
				inOrder++
			}
		}
		if inOrder > n*3/4 || inOrder < n/4 {
			t.Errorf("of %d voters %d follow each other as they voted", n, inOrder)
		}
		if v := verify(t, d); !v.Whole() {
			t.Errorf("%+v", v.Break)
		}
		if strings.Contains(fmt.Sprint(made, list), "timetable 7") {
			t.Error("the choice is kept")
		}
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		at := time.Date(2026, 2, 12, 3, 0, 0, 0, time.UTC)
		var list []audit.Entry
		for i := range 25 {
			e := edited(i % 5)
			e.At = at.Add(time.Duration(i/10) * time.Minute) // many at the same time
			list = append(list, e)
		}
		record(as(t.Context(), "ALICE"), t, d, list...)
		record(as(t.Context(), "BOB"), t, d, audit.Entry{Action: "programx.done", Scope: "janog57", At: at}, audit.Entry{Action: "group.edited", About: "CAROL", At: at})
		count := func(f audit.Filter, limit int) int {
			t.Helper()
			seen := map[int64]bool{}
			p := audit.Page{Limit: limit}
			last := int64(1) << 62
			for {
				list, next, err := audit.List(t.Context(), d, f, p)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range list {
					if seen[e.ID] || e.At.UnixMicro() > last {
						t.Errorf("%d is out of place", e.ID)
					}
					seen[e.ID], last = true, e.At.UnixMicro()
				}
				if next == "" {
					return len(seen)
				}
				p.After = next
			}
		}
		for _, c := range []struct {
			f    audit.Filter
			want int
		}{
			{audit.Filter{Everywhere: true}, 27},
			{audit.Filter{}, 1},
			{audit.Filter{Scope: "janog57"}, 26},
			{audit.Filter{Scope: "janog57", Object: "session:S1"}, 5},
			{audit.Filter{Everywhere: true, Actor: "BOB"}, 2},
			{audit.Filter{Everywhere: true, About: "CAROL"}, 1},
			{audit.Filter{Everywhere: true, Action: "program"}, 25},
			{audit.Filter{Everywhere: true, Action: "program.session"}, 25},
			{audit.Filter{Everywhere: true, Action: "program.session.edited"}, 25},
			{audit.Filter{Everywhere: true, Action: "program.sess"}, 0},
			{audit.Filter{Scope: "janog57", Since: at.Add(time.Minute)}, 15},
			{audit.Filter{Scope: "janog57", Until: at.Add(time.Minute)}, 11},
		} {
			for _, limit := range []int{1, 4, 100} {
				if got := count(c.f, limit); got != c.want {
					t.Errorf("%+v by %d: %d, want %d", c.f, limit, got, c.want)
				}
			}
		}
		for _, cursor := range []string{"x", "1", "9999999999999999999999.1", "1.2.3", "-1.-1"} {
			if _, _, err := audit.List(t.Context(), d, audit.Filter{}, audit.Page{After: cursor}); err != nil {
				t.Errorf("cursor %q: %v", cursor, err)
			}
		}
	})
}

// TestManySealersMakeOneChain: writers commit while several sealers run; the chain is one, and nobody is left out.
func TestManySealersMakeOneChain(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		const writers, per = 8, 40
		done := make(chan struct{})
		var sealing, writing sync.WaitGroup
		for range 3 {
			sealing.Go(func() {
				s := audit.NewSealer(d, audit.Options{Batch: 7})
				for {
					if _, err := s.Seal(t.Context()); err != nil {
						t.Error(err)
						return
					}
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		for w := range writers {
			writing.Go(func() {
				ctx := as(t.Context(), fmt.Sprintf("W%d", w))
				for i := range per {
					err := d.Write(ctx, func(tx *db.Tx) error { return audit.Record(ctx, tx, edited(i)) })
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		close(done)
		sealing.Wait()
		seal(t, d)
		if v := verify(t, d); !v.Whole() || v.Head.Seal != writers*per || v.Open != 0 {
			t.Errorf("%+v %+v", v, v.Break)
		}
	})
}

// TestLateCommitterIsSealed: on PostgreSQL an entry may be committed after others with higher ids were sealed.
func TestLateCommitterIsSealed(t *testing.T) {
	d := dbtest.Postgres(t, folders...)
	inside, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- d.Write(t.Context(), func(tx *db.Tx) error {
			if err := audit.Record(t.Context(), tx, audit.Entry{Action: "late"}); err != nil {
				return err
			}
			close(inside)
			<-goOn
			return nil
		})
	}()
	<-inside
	record(t.Context(), t, d, audit.Entry{Action: "early"})
	if n := seal(t, d); n != 1 {
		t.Errorf("sealed %d, want the early one", n)
	}
	close(goOn)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := seal(t, d); n != 1 {
		t.Errorf("sealed %d, want the late one", n)
	}
	list, _, err := audit.List(t.Context(), d, audit.Filter{}, audit.Page{})
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for _, e := range list {
		if (e.Action == "late") != (e.Seal == 2) {
			t.Errorf("%+v", e)
		}
	}
	if v := verify(t, d); !v.Whole() {
		t.Errorf("%+v", v.Break)
	}
}

func TestSealerRunsAndStops(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := audit.NewSealer(d, audit.Options{Every: 10 * time.Millisecond})
		s.Start(t.Context())
		record(t.Context(), t, d, edited(1))
		until := time.Now().Add(20 * time.Second)
		for verify(t, d).Head.Seal == 0 && time.Now().Before(until) {
			time.Sleep(5 * time.Millisecond)
		}
		s.Stop()
		if v := verify(t, d); v.Head.Seal != 1 {
			t.Errorf("%+v", v)
		}
		record(t.Context(), t, d, edited(2))
		if v := verify(t, d); v.Open != 1 {
			t.Errorf("after the stop: %+v", v)
		}
	})
}

func TestExports(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		e := edited(1)
		e.After["title"] = `=HYPERLINK("http://evil.example")`
		record(as(t.Context(), "ALICE"), t, d, e)
		for i := range 250 {
			record(as(t.Context(), "ALICE"), t, d, audit.Entry{Action: "program.released", Scope: "janog57", Object: fmt.Sprint("release:", i)})
		}
		o := audit.Export{Filter: audit.Filter{Scope: "janog57"}, Name: func(string) string { return "Alice" }}
		var b strings.Builder
		if err := audit.WriteCSV(t.Context(), d, &b, o); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
		if err != nil || len(lines) != 1+250+2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		if last := lines[len(lines)-1]; last[9] != `'=HYPERLINK("http://evil.example")` || last[2] != "Alice" || last[3] != "" {
			t.Errorf("%q", last)
		}
		b.Reset()
		o.Addresses = true
		if err := audit.WriteJSONL(t.Context(), d, &b, o); err != nil {
			t.Fatal(err)
		}
		all := strings.Split(strings.TrimSpace(b.String()), "\n")
		var first map[string]any
		if err := json.Unmarshal([]byte(all[len(all)-1]), &first); err != nil || len(all) != 251 || first["address"] != "203.0.113.7" || first["name"] != "Alice" {
			t.Errorf("%d lines, %v, %v", len(all), first, err)
		}
	})
}
