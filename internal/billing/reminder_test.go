package billing

import (
	"strings"
	"testing"
	"time"
)

func TestSteps(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	p := UsualPaying()
	p.RemindTimes, p.CancelAfter = 2, 21
	for _, c := range []struct {
		today string
		o     Order
		made  time.Duration
		want  string
	}{
		{"2027-01-27", Order{}, 99 * time.Hour, ""},
		{"2027-01-28", Order{}, 99 * time.Hour, "before"},
		{"2027-01-31", Order{}, 99 * time.Hour, "before"},
		{"2027-01-31", Order{}, time.Hour, ""},
		{"2027-02-01", Order{}, 99 * time.Hour, ""},
		{"2027-02-07", Order{}, time.Hour, "after1"},
		{"2027-02-13", Order{}, time.Hour, "after1"},
		{"2027-02-14", Order{}, time.Hour, "after2"},
		{"2027-02-21", Order{}, time.Hour, "overdue"},
		{"2027-03-31", Order{}, time.Hour, "overdue"},
		{"2027-02-21", Order{Received: 100}, time.Hour, "overdue"}, // whether it is held, all orders of the payer say
		{"2027-02-21", Order{Later: approved}, time.Hour, ""},
		{"2027-02-14", Order{Later: approved}, time.Hour, "after2"},
	} {
		if got := p.step(&c.o, day("2027-01-31"), day(c.today), c.made); got != c.want {
			t.Errorf("on %s for %+v: %q, not %q", c.today, c.o, got, c.want)
		}
	}
	none := Paying{}
	if got := none.step(&Order{}, day("2027-01-31"), day("2027-02-28"), time.Hour); got != "" {
		t.Errorf("nothing is wanted, and it is %q", got)
	}
}

func TestReminders(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		paying := UsualPaying()
		paying.CancelAfter = 14
		h.must(h.p.SavePaying(h.treasurer(), "sample", paying))
		h.owe(debt(1, ticket))
		h.owe(debt(2, ticket))
		h.owe(debt(3, ticket))
		h.pay(h.order(2).Ref, Bank, 16500, "x")
		at := func(month time.Month, day, hour int) {
			h.now = time.Date(2027, month, day, hour, 0, 0, 0, jst)
			h.must(h.p.Remind(t.Context()))
		}
		at(1, 20, 12)
		at(1, 28, 3) // it is night
		if len(h.letters) != 0 {
			t.Fatalf("%d letters too early", len(h.letters))
		}
		at(1, 28, 12)
		at(1, 28, 13)
		at(1, 30, 13)
		if len(h.letters) != 2 {
			t.Fatalf("%d letters before the due date", len(h.letters))
		}
		l := h.letters[0]
		for _, want := range []string{"2027年1月31日", "16,500円", "見本銀行 本店 普通 1234567", "https://example.org/orders/" + h.order(1).Ref + "-", h.order(1).Number, "2027年2月13日"} {
			if !strings.Contains(l.Body.JA, want) {
				t.Errorf("%q is not in the letter:\n%s", want, l.Body.JA)
			}
		}
		if !strings.Contains(l.Body.EN, "https://example.org/en/orders/") || !strings.Contains(l.Subject.EN, "due soon") || l.To.Address != "hanako@example.org" {
			t.Errorf("to %s: %s\n%s", l.To.Address, l.Subject.EN, l.Body.EN)
		}
		at(2, 7, 12)
		if len(h.letters) != 4 || !strings.Contains(h.letters[2].Subject.JA, "過ぎています") {
			t.Errorf("%d letters after the due date", len(h.letters))
		}
		h.pay(h.order(3).Ref, Cash, 500, "y") // somebody paid a part: nobody gives that up by itself
		at(2, 14, 12)
		at(2, 15, 12)
		if strings.Join(h.overdue, " ") != "entry:1" {
			t.Errorf("given up: %v", h.overdue)
		}
		if len(h.letters) != 5 || !strings.Contains(h.letters[4].Body.JA, "自動では取り消しません") || strings.Contains(h.letters[4].Body.JA, "までに入金を確認できないときは") {
			t.Errorf("%d letters; the last one:\n%s", len(h.letters), h.letters[len(h.letters)-1].Body.JA)
		}
		list, n, err := h.Orders(h.treasurer(), "sample", Filter{Part: PartHeld})
		h.must(err)
		if n != 1 || list[0].Ref != h.order(3).Ref || list[0].Received != 500 {
			t.Errorf("to be decided: %d, %+v", n, list)
		}
		figures, err := h.Overview(h.treasurer(), "sample")
		h.must(err)
		if figures[0].Undecided != 1 {
			t.Errorf("the overview counts %d to be decided", figures[0].Undecided)
		}
	})
}

// What was paid to one seller keeps the entry, though nothing came to the other: a person decides.
func TestPaidToOneSellerIsHeld(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		paying := UsualPaying()
		paying.CancelAfter = 14
		h.must(h.p.SavePaying(h.treasurer(), "sample", paying))
		h.owe(debt(1, ticket, tour))
		list := h.of("entry:1")
		h.pay(list[0].Ref, Bank, list[0].Total, "x")
		h.now = time.Date(2027, 2, 14, 12, 0, 0, 0, jst)
		h.must(h.p.Remind(t.Context()))
		if len(h.overdue) != 0 {
			t.Errorf("given up although it was paid in part: %v", h.overdue)
		}
		held, n, err := h.Orders(h.treasurer(), "sample", Filter{Part: PartHeld})
		h.must(err)
		if n != 1 || held[0].Ref != list[1].Ref {
			t.Errorf("to be decided: %d, %+v", n, held)
		}
	})
}

// Where nothing is given up by itself, no letter threatens with it.
func TestReminderWithoutGivingUp(t *testing.T) {
	eachCounter(t, func(t *testing.T, h *counter) {
		h.owe(debt(1, ticket))
		h.now = time.Date(2027, 1, 28, 12, 0, 0, 0, jst)
		h.must(h.p.Remind(t.Context()))
		if len(h.letters) != 1 {
			t.Fatalf("%d letters", len(h.letters))
		}
		if l := h.letters[0]; strings.Contains(l.Body.JA, "取り消されます") || strings.Contains(l.Body.EN, "cancelled") {
			t.Errorf("it says that something is given up:\n%s\n%s", l.Body.JA, l.Body.EN)
		}
	})
}
