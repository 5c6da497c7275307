package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// wholeLog seals the audit log and fails the test unless it is whole and tells of every import.
func (w *site) wholeLog(imports int) {
	w.t.Helper()
	if _, err := w.Sealer.Seal(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	v, err := audit.Verify(w.t.Context(), w.DB)
	if err != nil || !v.Whole() {
		w.t.Fatalf("the audit log: %+v, %v", v.Break, err)
	}
	told := 0
	err = audit.Each(w.t.Context(), w.DB, audit.Filter{Everywhere: true, Action: "program.imported"}, func(audit.Stored) error {
		told++
		return nil
	})
	if err != nil || told != imports {
		w.t.Errorf("the audit log tells of %d imports, want %d, %v", told, imports, err)
	}
}

// TestKilledWhileSealing kills the program while it seals the audit log, again and again: nothing that was committed is lost, and the chain
// is one.
func TestKilledWhileSealing(t *testing.T) {
	testkit.Long(t)
	onEach(t, func(t *testing.T, e db.Engine) {
		const entries = 20_000
		v := &victim{t: t, settings: settings(t, e)}
		w := startWith(t, v.settings)
		for at := 0; at < entries; at += 1000 {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
				for i := range 1000 {
					if err := audit.Record(t.Context(), tx, audit.Entry{Action: "tested", Object: fmt.Sprint("n:", at+i), After: map[string]string{"a": "b"}}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var sealed int64
		for range 40 {
			c := v.run(context.Background(), "serve", "--listen", "127.0.0.1:0")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(100+rand.IntN(700)) * time.Millisecond)
			_ = c.Process.Kill()
			_ = c.Wait()
			got, err := audit.Verify(t.Context(), w.DB)
			if err != nil || !got.Whole() || got.Head.Seal+got.Open < entries || got.Head.Seal < sealed {
				t.Fatalf("after a kill: %+v %+v, %v", got, got.Break, err)
			}
			if sealed = got.Head.Seal; got.Open == 0 {
				break
			}
		}
		t.Logf("%d of %d sealed by programs that were killed", sealed, entries)
		if _, err := w.Sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := audit.Verify(t.Context(), w.DB); err != nil || !got.Whole() || got.Open != 0 || got.Head.Seal < entries {
			t.Errorf("in the end: %+v, %v", got, err)
		}
	})
}
