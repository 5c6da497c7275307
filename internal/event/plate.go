package event

import (
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// plate is the date of a meeting set large: the month above, the days, their names below. It is empty where no date is known.
type plate struct{ Top, Big, Bottom string }

func plateOf(l i18n.Lang, m *Meeting) plate {
	if m.Start == "" {
		return monthPlate(l, m.Month)
	}
	from, to := m.Start.Time(time.UTC), m.LastDay().Time(time.UTC)
	days := i18n.Weekday(l, from)
	switch n := to.Sub(from).Hours() / 24; {
	case n >= 7: // from one Friday to the next says nothing
		days = ""
	case n > 0:
		days += "–" + i18n.Weekday(l, to)
	}
	switch {
	case to.Equal(from):
		return plate{i18n.Month(l, from), fmt.Sprint(from.Day()), days}
	case from.Year() == to.Year() && from.Month() == to.Month():
		return plate{i18n.Month(l, from), fmt.Sprintf("%d–%d", from.Day(), to.Day()), days}
	}
	return plate{fmt.Sprint(from.Year()), fmt.Sprintf("%d/%d–%d/%d", from.Month(), from.Day(), to.Month(), to.Day()), days}
}

func monthPlate(l i18n.Lang, month string) plate {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return plate{}
	}
	return plate{Top: fmt.Sprint(t.Year()), Big: monthName(l, t)}
}
