package registration

import (
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// TestRoom: everybody has a turn of their own in the order in which they came, keeps it, and nobody gets in before or without one.
func TestRoom(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		s := setup()
		s.PerMinute, s.Kinds[0].Capacity = 60, 0
		h.save(s)
		const n = 90
		turns := make([]Turn, n)
		var wg sync.WaitGroup
		for i := range turns {
			wg.Go(func() {
				var err error
				if turns[i], err = h.Enter(h.as(0), slug, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		at := map[time.Time]bool{}
		for _, x := range turns {
			at[x.At] = true
			if want := int(x.At.Sub(h.now) / time.Second); x.Ahead != want {
				t.Errorf("%d are said to be before one who is let in after %d seconds", x.Ahead, want)
			}
		}
		for i := range n {
			if !at[h.now.Add(time.Duration(i)*time.Second)] {
				t.Fatalf("nobody is let in after %d seconds", i)
			}
		}
		last := turns[0]
		for _, x := range turns {
			if x.At.After(last.At) {
				last = x
			}
		}
		again, err := h.Enter(h.as(0), slug, last.Token)
		if err != nil || again.At.UnixMicro() != last.At.UnixMicro() || again.Token != last.Token {
			t.Error(again, err)
		}
		f := form(1)
		for _, token := range []string{"", last.Token, last.Token + "0", "0.0.0", signTurn("guess", slug, h.now, "x"), signTurn(h.secret, "other", h.now, "x")} {
			f.Turn = token
			if _, _, err := h.Register(h.as(0), slug, f); fault.KindOf(err) != fault.Conflict {
				t.Errorf("%q: %v", token, err)
			}
		}
		h.mu.Lock()
		h.now = h.now.Add(90 * time.Second)
		h.mu.Unlock()
		f.Turn = last.Token
		e := h.enter(0, f)
		if same, fresh, err := h.Register(h.as(0), slug, f); err != nil || fresh || same.Ref != e.Ref { // the form again, not another one
			t.Error(same, fresh, err)
		}
		other := form(3)
		other.Turn = last.Token
		if _, _, err := h.Register(h.as(0), slug, other); fault.KindOf(err) != fault.Conflict {
			t.Error("two enter with one turn:", err)
		}
		if next, err := h.Enter(h.as(0), slug, last.Token); err != nil || next.Token == last.Token {
			t.Error(next, err)
		}
		h.mu.Lock()
		h.now = h.now.Add(turnLife)
		h.mu.Unlock()
		f = form(2)
		f.Turn = last.Token
		if _, _, err := h.Register(h.as(0), slug, f); fault.KindOf(err) != fault.Conflict {
			t.Error("a turn holds for ever:", err)
		}
	})
}

// TestNetworks: one network without accounts is bounded far above what a company does at an opening; who signs in is not.
func TestNetworks(t *testing.T) {
	testkit.Long(t)
	each(t, func(t *testing.T, h *hall) {
		s := setup()
		s.Kinds[0].Capacity = 0
		h.save(s)
		many := 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for w := range 16 {
			wg.Go(func() {
				for i := w; i < fewGuests+guestRate.Burst+20; i += 16 {
					_, _, err := h.Register(h.as(0), slug, form(i))
					switch {
					case err == nil:
					case fault.KindOf(err) == fault.TooMany:
						mu.Lock()
						many++
						mu.Unlock()
					default:
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if many != 20 {
			t.Error(many)
		}
		h.enter(10, form(5000))
	})
}
