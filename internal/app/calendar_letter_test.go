package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/briefing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/program"
)

// calendarEvents are the VEVENTs of a calendar by their UID, unfolded (RFC 5545, section 3.1).
func calendarEvents(ics string) map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split(strings.ReplaceAll(ics, "\r\n ", ""), "BEGIN:VEVENT\r\n")[1:] {
		body, _, _ := strings.Cut(part, "END:VEVENT")
		out[property(body, "UID")] = body
	}
	return out
}

// property is the value of a property of an event.
func property(body, name string) string {
	for line := range strings.SplitSeq(body, "\r\n") {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return v
		}
		if params, v, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(params, name+";") {
			return v
		}
	}
	return ""
}

// attachmentTo is the one file in the one letter to somebody.
func (w *site) attachmentTo(m *member) (file mail.Attachment) {
	w.t.Helper()
	var text string
	if err := w.DB.Row(w.t.Context(), `SELECT content FROM mail_letter WHERE address = $1`, strings.ToLower(m.ref)+"@example.org").Scan(&text); err != nil {
		w.t.Fatal(err)
	}
	var content struct {
		Attachments []mail.Attachment `json:"attachments"`
	}
	if err := json.Unmarshal([]byte(text), &content); err != nil || len(content.Attachments) != 1 {
		w.t.Fatal(content, err)
	}
	return content.Attachments[0]
}

// TestLettersMoveCalendars: whoever took sessions into their calendar from the site, and is told that they changed, gets the same entries again:
// moved, or cancelled.
func TestLettersMoveCalendars(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := start(t, e)
		now := noon.AddDate(0, 0, -3)
		w.Now = func() time.Time { return now }
		text := meetingOf("m", 6)
		w.load("m.yaml", text, program.Import{})
		p, err := w.Programmes.Programme(t.Context(), "m")
		if err != nil {
			t.Fatal(err)
		}
		fan, chair := w.member("ファン", nil), w.member("chair", []event.RoleKey{event.RoleChair}, "m")
		for _, code := range []string{"S0", "S1", "S2"} {
			if rec := fan.do(http.MethodPost, "/meetings/m/stars", form("on", p.Session(code).Ref+"@1")); rec.Code != http.StatusOK {
				t.Fatalf("star %s: %d", code, rec.Code)
			}
		}
		mine := "/meetings/m/schedule.ics?lang=ja&session=S0,S1,S2"
		had := calendarEvents(w.get(mine).text())
		if len(had) != 3 {
			t.Fatalf("%d entries in the calendar", len(had))
		}

		// S0 moves by an hour, S1 is called off, S2 is not in the file any more, and the others stay.
		lines := strings.SplitAfter(text, "\n")
		for i, l := range lines {
			switch {
			case strings.Contains(l, "{code: S0,"):
				lines[i] = strings.NewReplacer(`"08:00"`, `"09:00"`, `"08:20"`, `"09:20"`).Replace(l)
			case strings.Contains(l, "{code: S1,"):
				lines[i] = strings.Replace(l, "{code: S1,", "{code: S1, status: cancelled,", 1)
			case strings.Contains(l, "{code: S2,"):
				lines[i] = ""
			}
		}
		w.load("m.yaml", strings.Join(lines, ""), program.Import{Prune: true})
		ctx := w.systemContext()
		if err := w.Briefings.Released(ctx, "m", 1, 2); err != nil {
			t.Fatal(err)
		}
		list, err := w.Briefings.List(ctx, "m")
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		at := "/meetings/m/briefings/" + list[0].Ref
		page := chair.page(at)
		if got := page.Find("#letter pre").Text(); !strings.Contains(got, "カレンダーファイル") {
			t.Errorf("the preview says nothing of the file: %q", got)
		}
		if err := w.Briefings.Send(ctx, "m", list[0].Ref, briefing.Seen{Count: 1, To: 2}); err != nil {
			t.Fatal(err)
		}
		sent := now
		now = now.Add(briefing.TakeBack)
		if err := w.Briefings.Leave(ctx, briefing.Left{Slug: "m", Item: list[0].ID, Sent: db.Micros(sent)}); err != nil {
			t.Fatal(err)
		}
		file := w.attachmentTo(fan)
		if file.Type != "text/calendar; method=PUBLISH; charset=utf-8" || file.Name != "m.ics" || !strings.Contains(string(file.Data), "METHOD:PUBLISH\r\n") {
			t.Errorf("%s %s", file.Name, file.Type)
		}
		got, export := calendarEvents(string(file.Data)), calendarEvents(w.get(mine).text())
		if len(got) != 3 || len(export) != 3 {
			t.Fatalf("%d entries in the file, %d in the export", len(got), len(export))
		}
		var states []string
		for uid, body := range got {
			was, ok := had[uid]
			if !ok || property(was, "SEQUENCE") != "0" || property(body, "SEQUENCE") != "1" {
				t.Errorf("%s is not the entry that they had, one further:\n%s\n%s", uid, was, body)
			}
			if body != export[uid] {
				t.Errorf("the file and the export differ:\n%s\n%s", body, export[uid])
			}
			states = append(states, fmt.Sprint(property(body, "SUMMARY"), " ", property(body, "STATUS"), " ", property(was, "DTSTART"), " ", property(body, "DTSTART")))
		}
		slices.Sort(states)
		want := []string{
			"講演0 経路 CONFIRMED 20260211T080000 20260211T090000",
			"講演1 経路 CANCELLED 20260212T080000 20260212T080000",
			"講演2 経路 CANCELLED 20260213T080000 20260213T080000",
		}
		if !slices.Equal(states, want) {
			t.Errorf("got  %q\nwant %q", states, want)
		}
		w.noErrors()
	})
}
