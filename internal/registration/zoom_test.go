package registration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

var decemberDays = []event.Date{"2026-12-09", "2026-12-10"}

// told is an attendance report in a form that tests compare.
func told(a *Attendance) string {
	var b strings.Builder
	for _, l := range a.Lines {
		fmt.Fprintf(&b, "%s|%s|", strings.Join(l.Names, "/"), l.Address)
		if !l.Join.IsZero() {
			fmt.Fprintf(&b, "%s–%s|", l.Join.Format("01-02 15:04:05"), l.Leave.Format("01-02 15:04:05"))
		}
		fmt.Fprintln(&b, l.Minutes)
	}
	return b.String()
}

// TestReadAttendance reads the reports in the shapes in which they come.
func TestReadAttendance(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"meeting with its head": {
			"Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n851 1234 5678,Day 1,12/09/2026 09:50:00 AM,12/09/2026 06:05:00 PM,host@example.jp,495,2\n\n" +
				"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent\n" +
				"Sora (青山 空),Sora@Example.org,12/09/2026 09:58:01 AM,12/09/2026 12:01:31 PM,124,Yes,\n" +
				"Kai,,12/09/2026 12:00:00 PM,12/09/2026 12:30:00 AM,30,Yes,\n",
			"Sora (青山 空)/Sora/青山 空|Sora@Example.org|12-09 09:58:01–12-09 12:01:31|124\nKai||12-09 12:00:00–12-09 12:30:00|30\n",
		},
		"meeting without its head, newer words": {
			"Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,In waiting room\n" +
				"Kai,kai@example.org,2026-12-09 13:00:00,2026-12-09 13:05:00,5,Yes,OK,No\nKai,kai@example.org,2026-12-09 12:58:00,2026-12-09 13:00:00,2,Yes,,Yes\n",
			"Kai|kai@example.org|12-09 13:00:00–12-09 13:05:00|5\n",
		},
		"everybody once": {
			"Name (Original Name),User Email,Total Duration (Minutes),Guest\nKai,kai@example.org,65,Yes\n", "Kai|kai@example.org|65\n",
		},
		"Japanese": {
			"名前（元の名前）,ユーザーのメール,参加時刻,退出時刻,期間（分）,ゲスト\n山田　太郎,taro@example.jp,2026/12/09 9:59:30,2026/12/09 10:30:30,31,はい\nﾔﾏﾀﾞ ﾊﾅｺ,,2026年12月9日 午後1:00:00,2026年12月9日 午後 2時05分,65,はい\n",
			"山田 太郎|taro@example.jp|12-09 09:59:30–12-09 10:30:30|31\nﾔﾏﾀﾞ ﾊﾅｺ||12-09 13:00:00–12-09 14:05:00|65\n",
		},
		"webinar": {
			"Attendee Report\nReport Generated:,\"Dec 9, 2026 18:30\"\nTopic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered\nDay 1,851 1234 5678,\"Dec 9, 2026 09:50\",495,3\nHost Details\n" +
				"Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name\nYes,Crew,crew@example.jp,\"Dec 9, 2026 09:50:11\",\"Dec 9, 2026 18:05:00\",495,No,Japan\n" +
				"Attendee Details\nAttended,User Name (Original Name),First Name,Last Name,Email,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name\n" +
				"Yes,Sora,空,青山,sora@example.org,\"Dec 1, 2026 10:00:00\",approved,\"Dec 9, 2026 10:00:00\",\"Dec 9, 2026 11:00:00\",60,Yes,Japan\n" +
				"No,Away,,,away@example.org,\"Dec 1, 2026 10:00:00\",approved,--,--,--,--,\n" +
				"Other Attended\nUser Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name\n81*****678,\"Dec 9, 2026 10:00:00\",\"Dec 9, 2026 10:10:00\",10,Japan\n",
			"Crew|crew@example.jp|12-09 09:50:11–12-09 18:05:00|495\nSora/空 青山|sora@example.org|12-09 10:00:00–12-09 11:00:00|60\n81*****678||12-09 10:00:00–12-09 10:10:00|10\n",
		},
		"day first, by a number above twelve": {
			"Name,User Email,Join Time,Leave Time\nKai,k@example.org,31/12/2026 10:00,31/12/2026 10:10\nKai,k@example.org,09/12/2026 10:00,09/12/2026 10:10\n",
			"Kai|k@example.org|12-31 10:00:00–12-31 10:10:00|0\nKai|k@example.org|12-09 10:00:00–12-09 10:10:00|0\n",
		},
		"day first, by the days of the meeting": {
			"Name,User Email,Join Time,Leave Time\nKai,k@example.org,09/12/2026 10:00,09/12/2026 10:10\n", "Kai|k@example.org|12-09 10:00:00–12-09 10:10:00|0\n",
		},
		"with a zone": {
			"Name,User Email,Join Time,Leave Time\nKai,k@example.org,2026-12-09T01:00:00Z,2026-12-09T01:10:00Z\n", "Kai|k@example.org|12-09 10:00:00–12-09 10:10:00|0\n",
		},
		"tabs, formulas, one still there": {
			"Name\tUser Email\tJoin Time\tLeave Time\tDuration (Minutes)\n'=cmd()\tk@example.org\t2026/12/09 10:00\t\t12\n", "=cmd()|k@example.org|12-09 10:00:00–12-09 10:12:00|12\n",
		},
	} {
		for _, encoded := range []bool{false, true} {
			data := []byte(c.file)
			if encoded {
				s, err := japanese.ShiftJIS.NewEncoder().String(c.file)
				if err != nil {
					t.Fatal(name, err)
				}
				data = []byte(strings.ReplaceAll(s, "\n", "\r\n"))
			}
			a, err := ReadAttendance(data, jst, decemberDays)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := told(a); got != c.want {
				t.Errorf("%s:\n%swant\n%s", name, got, c.want)
			}
		}
	}
}

// TestReadAttendance_refuses: what is no report is said to be none, and a line that makes no sense is counted.
func TestReadAttendance_refuses(t *testing.T) {
	for file, key := range map[string]string{
		"":                                   "",
		"Name,Organisation\nKai,Example\n":   "registration.error.no_report",
		"Name,Join Time,Leave Time\n":        "registration.error.report_empty",
		"Name,Join Time,Leave Time\nKai,x,y": "registration.error.report_empty",
		"Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n851,Day,12/09/2026 09:50:00 AM,12/09/2026 06:05:00 PM,host@example.jp,495,2\n": "registration.error.no_report",
	} {
		_, err := ReadAttendance([]byte(file), jst, decemberDays)
		if e, ok := fault.As(err); !ok || key != "" && e.Key != key {
			t.Errorf("%q: %v", file, err)
		}
	}
	a, err := ReadAttendance([]byte("Name,Join Time,Leave Time\nKai,2026/12/09 10:00,2026/12/09 11:00\nKai,2026/13/40 10:00,\nKai,2026/12/09 25:00,\nKai,2026/12/09 10:00,2026/12/20 11:00\n"), jst, decemberDays)
	if err != nil || len(a.Lines) != 1 || fmt.Sprint(a.Skipped) != "[3 4 5]" {
		t.Errorf("%+v %v", a, err)
	}
}

// TestReadAttendance_winter: where the clock is set back while somebody is there, the report has them leave before they joined.
func TestReadAttendance_winter(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	a, err := ReadAttendance([]byte("Name,Join Time,Leave Time,Duration (Minutes)\nKai,2026/10/25 02:50,2026/10/25 02:10,20\n"), berlin, nil)
	if err != nil || len(a.Lines) != 1 || a.Lines[0].Leave.Sub(a.Lines[0].Join) != 20*time.Minute {
		t.Errorf("%+v %v", a, err)
	}
}

// FuzzReadAttendance: whatever a file holds, what is read of it makes sense.
func FuzzReadAttendance(f *testing.F) {
	f.Add([]byte("Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\nSora (青山 空),sora@example.org,12/09/2026 09:58:01 AM,12/09/2026 12:01:31 PM,124,Yes\n"))
	f.Add([]byte("名前（元の名前）,ユーザーのメール,参加時刻,退出時刻,期間（分）\n山田,taro@example.jp,2026年12月9日 午後1:00,2026/12/09 14:00,60\n"))
	f.Add([]byte("Attendee Details\nAttended,User Name,Email,Join Time,Leave Time,Time in Session (minutes)\nYes,Sora,sora@example.org,\"Dec 9, 2026 10:00:00\",\"Dec 9, 2026 11:00:00\",60\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ReadAttendance(data, jst, decemberDays)
		if err != nil {
			if _, ok := fault.As(err); !ok {
				t.Fatalf("not in words: %v", err)
			}
			return
		}
		if len(a.Lines) == 0 {
			t.Fatal("nothing was read, and nothing was wrong")
		}
		for _, l := range a.Lines {
			if len(l.Names) == 0 && l.Address == "" || l.Minutes < 0 || l.Leave.Before(l.Join) || l.Leave.Sub(l.Join) > longestStay {
				t.Fatalf("%+v", l)
			}
			if l.Join.IsZero() && l.Minutes == 0 {
				t.Fatalf("nobody was there: %+v", l)
			}
		}
	})
}

// TestUnion: two devices and joining again count once, whatever the order.
func TestUnion(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 12, 9, h, m, 0, 0, jst) }
	list := []span{{at(11, 0), at(11, 10)}, {at(10, 0), at(10, 30)}, {at(10, 20), at(10, 40)}, {at(10, 25), at(10, 26)}, {at(10, 40), at(10, 50)}}
	if got := union(list); fmt.Sprint(got) != fmt.Sprint([]span{{at(10, 0), at(10, 50)}, {at(11, 0), at(11, 10)}}) {
		t.Error(got)
	}
	if d, w := within(union(list), span{at(10, 45), at(11, 5)}); d != 10*time.Minute || w != (span{at(10, 45), at(11, 5)}) {
		t.Error(d, w)
	}
	if d, w := within(union(list), span{at(10, 50), at(11, 0)}); d != 0 || w != (span{}) {
		t.Error(d, w)
	}
}

// TestZoomRegistrants: names are parted as each language orders them, and nothing becomes a formula.
func TestZoomRegistrants(t *testing.T) {
	list := []*Entry{
		{Details: Details{Name: i18n.T("山田　太郎", "Taro Yamada"), Address: "taro@example.jp", Lang: i18n.JA}},
		{Details: Details{Name: i18n.T("山田 太郎", "Taro Yamada"), Address: "taro@example.jp", Lang: i18n.EN}},
		{Details: Details{Name: i18n.T("髙橋𠮷郎", ""), Address: "y@example.jp", Lang: i18n.JA}},
		{Details: Details{Name: i18n.T("Anne Marie Dupont", ""), Address: "a@example.fr", Lang: i18n.JA}},
		{Details: Details{Name: i18n.T("=1+1 x", ""), Address: "x@example.jp", Lang: i18n.JA}},
	}
	out, lost := zoomRegistrants(list).CSV("UTF-8")
	want := "Email,First Name,Last Name\r\ntaro@example.jp,太郎,山田\r\ntaro@example.jp,Taro,Yamada\r\ny@example.jp,髙橋𠮷郎,\r\na@example.fr,Anne Marie,Dupont\r\nx@example.jp,'=1+1,x\r\n"
	if got := strings.TrimPrefix(string(out), "\ufeff"); got != want || lost != 0 {
		t.Errorf("%q", got)
	}
}
