package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

var (
	weekdayJA = [...]string{"日", "月", "火", "水", "木", "金", "土"}
	weekdayEN = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

// Weekday is the short name of a day of the week: 水, Wed.
func Weekday(l Lang, t time.Time) string {
	if l == JA {
		return weekdayJA[t.Weekday()]
	}
	return weekdayEN[t.Weekday()]
}

// Day writes a date with its year: 2026年2月11日（水）, Wed 11 February 2026.
func Day(l Lang, t time.Time) string {
	if l == JA {
		return fmt.Sprintf("%d年%s", t.Year(), ShortDay(l, t))
	}
	return fmt.Sprintf("%s %d %s %d", Weekday(l, t), t.Day(), t.Month(), t.Year())
}

// ShortDay writes a date without its year: 2月11日（水）, Wed 11 Feb.
func ShortDay(l Lang, t time.Time) string {
	if l == JA {
		return fmt.Sprintf("%d月%d日（%s）", t.Month(), t.Day(), Weekday(l, t))
	}
	return fmt.Sprintf("%s %d %s", Weekday(l, t), t.Day(), t.Month().String()[:3])
}

// Days writes a span of dates without repeating what is the same: 2026年2月11日（水）– 13日（金）, 11 – 13 February 2026.
func Days(l Lang, from, to time.Time) string {
	sameYear := from.Year() == to.Year()
	sameMonth := sameYear && from.Month() == to.Month()
	switch {
	case sameMonth && from.Day() == to.Day():
		return Day(l, from)
	case l == JA && sameMonth:
		return fmt.Sprintf("%s – %d日（%s）", Day(l, from), to.Day(), Weekday(l, to))
	case l == JA && sameYear:
		return Day(l, from) + " – " + ShortDay(l, to)
	case l == JA:
		return Day(l, from) + " – " + Day(l, to)
	case sameMonth:
		return fmt.Sprintf("%d – %d %s %d", from.Day(), to.Day(), to.Month(), to.Year())
	case sameYear:
		return fmt.Sprintf("%d %s – %d %s %d", from.Day(), from.Month(), to.Day(), to.Month(), to.Year())
	}
	return fmt.Sprintf("%d %s %d – %d %s %d", from.Day(), from.Month(), from.Year(), to.Day(), to.Month(), to.Year())
}

// Month writes a month: 2018年1月, January 2018.
func Month(l Lang, t time.Time) string {
	if l == JA {
		return fmt.Sprintf("%d年%d月", t.Year(), t.Month())
	}
	return fmt.Sprintf("%s %d", t.Month(), t.Year())
}

// Moment writes a date and time: 2026年2月11日（水）22:31, Wed 11 February 2026, 22:31.
func Moment(l Lang, t time.Time) string {
	if l == JA {
		return Day(l, t) + t.Format("15:04")
	}
	return Day(l, t) + ", " + t.Format("15:04")
}

// Zone names the zone of t for readers elsewhere: 日本時間（UTC+9）, JST (UTC+9).
func Zone(l Lang, t time.Time) string {
	name, off := t.Zone()
	s := "UTC" + offset(off)
	if strings.Trim(name, "+-0123456789") == "" || name == "UTC" {
		return s
	}
	if l == JA {
		if name == "JST" {
			name = "日本時間"
		}
		return name + "（" + s + "）"
	}
	return name + " (" + s + ")"
}

func offset(sec int) string {
	if sec == 0 {
		return ""
	}
	sign := "+"
	if sec < 0 {
		sign, sec = "−", -sec
	}
	if m := sec % 3600 / 60; m != 0 {
		return fmt.Sprintf("%s%d:%02d", sign, sec/3600, m)
	}
	return sign + strconv.Itoa(sec/3600)
}

// Bytes writes the size of a file: 340 kB, 12.5 MB.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	}
	return Number(float64((n+50_000)/100_000)/10) + " MB"
}

// Number writes a number with its thousands apart: 2,833. A fraction is written with as many digits as it has, at most two.
func Number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	whole, frac, _ := strings.Cut(s, ".")
	neg := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	if neg {
		whole = "-" + whole
	}
	return whole
}
