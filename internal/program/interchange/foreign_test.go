package interchange

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// table is what a committee keeps in a spreadsheet.
const table = "番号,タイトル,開催日,開始時刻,終了時刻,会場,登壇者,メモ\n" +
	"C1,経路制御の話,2026年2月11日（水）,１０：２０,11:20,ホール,佐藤 花子（サンプル社）、鈴木 一郎,\n" +
	"C2,運用の話、その二,2026/2/11,13時,13時半,第２会議室,,あとで\n" +
	",休憩,2026-02-11,12:00,13:00,全室,,\n"

func checkTable(t *testing.T, d *Document) {
	t.Helper()
	if len(d.Sessions) != 3 {
		t.Fatalf("%d sessions, want 3", len(d.Sessions))
	}
	s := d.Sessions[0]
	if s.Code != "C1" || s.Title.JA != "経路制御の話" || s.Start.Format(time.RFC3339) != "2026-02-11T10:20:00+09:00" || s.End.Sub(s.Start) != time.Hour ||
		len(s.Speakers) != 2 {
		t.Errorf("the first: %+v", s)
	}
	if d.Speakers[0].Affiliation.JA != "サンプル社" || d.Speakers[1].Name.JA != "鈴木 一郎" {
		t.Errorf("speakers: %+v", d.Speakers)
	}
	if s := d.Sessions[1]; s.Start.Format("15:04") != "13:00" || s.End.Format("15:04") != "13:30" {
		t.Errorf("the second: %s to %s", s.Start, s.End)
	}
	if !d.Sessions[2].AllRooms {
		t.Error("the break is not in all rooms")
	}
	if !d.Has.Codes || d.Has.Topics || d.Has.Bilingual || d.Has.Lang != i18n.JA {
		t.Errorf("has: %+v", d.Has)
	}
}

func TestTableInEveryEncoding(t *testing.T) {
	for name, enc := range map[string]encoding.Encoding{"utf-8": encoding.Nop, "shift_jis": japanese.ShiftJIS, "euc-jp": japanese.EUCJP,
		"iso-2022-jp": japanese.ISO2022JP,
		"utf-16":      unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "bom": unicode.UTF8BOM} {
		t.Run(name, func(t *testing.T) {
			data, err := enc.NewEncoder().String(table)
			if err != nil {
				t.Fatal(err)
			}
			d, problems := decodeOne(t, "a.csv", data, Options{Meeting: "demo"})
			if want := []string{`a.csv: row 1: unknown column "メモ"; ignored`}; !cmp.Equal(problems, want) {
				t.Errorf("problems: %q", problems)
			}
			checkTable(t, d)
		})
	}
}

func TestTableSeparatedByTabs(t *testing.T) {
	d, _ := decodeOne(t, "a.txt", strings.ReplaceAll(table, ",", "\t"), Options{Meeting: "demo"})
	checkTable(t, d)
	d, _ = decodeOne(t, "a.csv", "プログラム案\n\n"+table, Options{Meeting: "demo"})
	checkTable(t, d)
	tsv, _ := decodeOne(t, "a.tsv", "Title\tDate\tTime\tRoom\nOpening\t2026-02-11\t10:00 - 10:30\tHall\n", Options{})
	if s := tsv.Sessions[0]; s.End.Sub(s.Start) != 30*time.Minute || tsv.Has.Lang != i18n.EN {
		t.Errorf("read as %+v", s)
	}
}

func TestWorkbook(t *testing.T) {
	f := excelize.NewFile()
	rows := [][]any{{"JANOG サンプル"}, {"コード", "題名", "日付", "開始", "終了", "部屋"}, {"C1", "経路制御の話", time.Date(2026, 2, 11, 0, 0, 0, 0, time.UTC),
		0.430555555555556, "11:20", "ホール"}, {}, {"C2", "次の話", "2026/2/12", "13:00", "", ""}}
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	d, problems := decodeOne(t, "a.xlsx", b.String(), Options{})
	if len(problems) > 0 || len(d.Sessions) != 2 {
		t.Fatalf("%d sessions, problems %q", len(d.Sessions), problems)
	}
	if s := d.Sessions[0]; s.Start.Format(time.RFC3339) != "2026-02-11T10:20:00+09:00" || s.End.Format("15:04") != "11:20" ||
		d.Meeting.Rooms[0].Name.JA != "ホール" {
		t.Errorf("read as %+v", s)
	}
}

const janogAPI = `{"rooms":[{"id":1,"name":"本会議場1"}],
"programs":[{"id":60031,"title":"デジタルツイン","date":"2026-02-12","start_time":"10:20:00","end_time":"11:20:00","room":1,"speakers":[7,0],"abstract":"概要","url":"https://example.jp/p/60031"},
 {"id":60046,"title":"閉会","date":"2026-02-13","start_time":"17:40","end_time":"17:40","room":"野外","speakers":[]}],
"speakers":[{"id":0,"name":"JANOG57"},{"id":7,"name":"サンプル 太郎","company":"サンプル社","avatar_url":"https://example.jp/7.png","program":60031,"ordering":2},{"id":8,"name":"サンプル 次郎","company":"","program":60031,"ordering":1}]}`

func TestJANOGAPI(t *testing.T) {
	d, problems := decodeOne(t, "api.json", janogAPI, Options{Meeting: "janog57"})
	if want := []string{`api.json: speakers: their pictures are on another site; left out`, `api.json: programs[1]: unknown room "野外"; added as a room`}; !cmp.Equal(problems, want) {
		t.Errorf("problems: %q", problems)
	}
	s := d.Sessions[0]
	if s.Source != "60031" || s.Code != "" || s.GUID != Derive("janog57", "session", "source/60031") || len(s.Speakers) != 2 ||
		d.Speakers[0].Affiliation.JA != "サンプル社" {
		t.Errorf("read as %+v, %+v", s, d.Speakers)
	}
	if z := d.Sessions[1]; !z.Start.Equal(z.End) || z.Start.Format("15:04") != "17:40" {
		t.Errorf("a session without length: %s to %s", z.Start, z.End)
	}
}

func TestJANOGTimetableOnsite(t *testing.T) {
	const file = `{"meeting":"JANOG57","dates":["2026-02-11","2026-02-13"],"timezone":"Asia/Tokyo","rooms":[{"id":1,"name":"一"},{"id":2,"name":"二"}],
	"sessions":[{"id":60031,"date":"2026-02-12","start":"10:20","end":"11:20","room":"一","title":"話","speakers_optional":["サンプル 太郎"],"onsite":{"start":"10:40","end":"11:40","room":"二"}}]}`
	before, _ := decodeOne(t, "t.json", file, Options{})
	after, _ := decodeOne(t, "t.json", file, Options{Onsite: true})
	if before.Sessions[0].Start.Format("15:04") != "10:20" || after.Sessions[0].Start.Format("15:04") != "10:40" ||
		before.Sessions[0].Room == after.Sessions[0].Room || before.Sessions[0].GUID != after.Sessions[0].GUID {
		t.Errorf("%+v\n%+v", before.Sessions[0], after.Sessions[0])
	}
	if before.Meeting.Slug != "janog57" || before.Meeting.Start != "2026-02-11" || before.Meeting.End != "2026-02-13" {
		t.Errorf("meeting: %+v", before.Meeting)
	}
}

const smallXML = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE schedule><schedule><conference><acronym>demo</acronym><title>Demo</title></conference>
<day date="2026-02-11" index="1"><room name="Hall">
<event id="1"><title>Opening&nbsp;words</title><start>09:00</start><duration>00:30</duration><links><link href="javascript:alert(1)">x</link><link href="/a">rel</link></links></event>
<event id="2"><title>Late</title><start>01:00</start><duration>soon</duration></event>
<event id="2" guid="not-a-guid"><title>Again</title><date>2026-02-11T10:00:00+01:00</date></event>
<event id="3"/>
</room></day></schedule>`

func TestXMLIsReadLeniently(t *testing.T) {
	d, problems := decodeOne(t, "s.xml", smallXML, Options{Timezone: "Europe/Berlin"})
	if len(d.Sessions) != 3 {
		t.Fatalf("%d sessions, want 3: %q", len(d.Sessions), problems)
	}
	for _, want := range []string{"is not http, https or mailto", `duration "soon"`, "number 2 is also that of", "its identity is that of", "it has no title; left out"} {
		if !strings.Contains(strings.Join(problems, "\n"), want) {
			t.Errorf("no problem about %q in\n%s", want, strings.Join(problems, "\n"))
		}
	}
	if s := d.Sessions[1]; s.Start.Format(time.RFC3339) != "2026-02-12T01:00:00+01:00" || s.Date != "2026-02-11" {
		t.Errorf("the small hours: %s on %s", s.Start, s.Date)
	}
}

func TestXMLInShiftJIS(t *testing.T) {
	text := strings.Replace(strings.Replace(smallXML, "UTF-8", "Shift_JIS", 1), "Late", "夜の部", 1)
	data, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := decodeOne(t, "s.xml", data, Options{})
	if got := d.Sessions[1].Title.String(); got != "夜の部" {
		t.Errorf("read as %q", got)
	}
}

func TestICSIsReadLeniently(t *testing.T) {
	const file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Demo\r\nBEGIN:VTIMEZONE\r\nTZID:Odd/Zone\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0530\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" +
		"BEGIN:VEVENT\r\nUID:1@demo\r\nSUMMARY:A long\\, folded\r\n  title\r\nDTSTART;TZID=Odd/Zone:20260211T090000\r\nDURATION:PT1H30M\r\nRRULE:FREQ=DAILY\r\nBEGIN:VALARM\r\nSUMMARY:alarm\r\nEND:VALARM\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:2@demo\r\nSUMMARY:All day\r\nDTSTART;VALUE=DATE:20260212\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:3@demo\r\nSUMMARY:Wrong\r\nDTSTART:yesterday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	d, problems := decodeOne(t, "c.ics", file, Options{Timezone: "UTC"})
	if want := []string{"c.ics: line 11: it repeats; read once, at its first time", `c.ics: line 28: dtstart "yesterday" is not a date and time; left out`}; !cmp.Equal(problems, want) {
		t.Errorf("problems: %q", problems)
	}
	if s := d.Sessions[0]; s.Title.EN != "A long, folded title" || s.Start.Format(time.RFC3339) != "2026-02-11T03:30:00Z" ||
		s.End.Sub(s.Start) != 90*time.Minute {
		t.Errorf("the first: %+v", s)
	}
	if s := d.Sessions[1]; s.Timed() || s.Date != "2026-02-12" || s.Status != Cancelled {
		t.Errorf("the second: %+v", s)
	}
}

// TestICSSeveralDays: an event of whole days has one programme day here, and whoever imports it is told when it had more.
func TestICSSeveralDays(t *testing.T) {
	for _, c := range []struct {
		lines string
		want  int
	}{
		{"DTSTART;VALUE=DATE:20260211\nDTEND;VALUE=DATE:20260214", 1}, {"DTSTART;VALUE=DATE:20260211\nDURATION:P3D", 1},
		{"DTSTART;VALUE=DATE:20260211\nDTEND;VALUE=DATE:20260212", 0}, {"DTSTART;VALUE=DATE:20260211\nDURATION:P1D", 0}, {"DTSTART;VALUE=DATE:20260211", 0},
	} {
		text := "BEGIN:VCALENDAR\nX-WR-TIMEZONE:Asia/Tokyo\nBEGIN:VEVENT\nUID:1\nSUMMARY:Expo\n" + c.lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
		d, problems := decodeOne(t, "a.ics", text, Options{})
		if d.Sessions[0].Date != "2026-02-11" || d.Sessions[0].Timed() || len(problems) != c.want {
			t.Errorf("%q: %+v, problems %q", c.lines, d.Sessions[0], problems)
		}
		for _, p := range problems {
			if p != "a.ics: line 4: it lasts 3 days; read as its first day" {
				t.Error(p)
			}
		}
	}
}

// TestTalksWithinTheirSlotDoNotClash: formats without slots hold lightning talks beside the session they are held in. What overlaps else
// is still said, also among the talks.
func TestTalksWithinTheirSlotDoNotClash(t *testing.T) {
	row := func(title, kind, from, to string) string {
		return title + "," + kind + ",2026-02-11," + from + "," + to + ",R\n"
	}
	head := "Title,Kind,Date,Start,End,Room\n"
	for name, c := range map[string]struct {
		rows []string
		want int
	}{
		"talks":             {[]string{row("A", "Regular", "15:00", "15:10"), row("LT", "Lightning talks", "15:00", "16:00"), row("B", "Regular", "15:50", "16:00")}, 0},
		"talks of the kind": {[]string{row("LT", "lightning", "15:00", "16:00"), row("A", "lightning", "15:00", "15:10"), row("B", "lightning", "15:10", "15:20")}, 0},
		"own kind":          {[]string{row("LT", "ライトニングトーク大会", "15:00", "16:00"), row("A", "Regular", "15:00", "15:10")}, 0},
		"talks at once":     {[]string{row("LT", "lightning", "15:00", "16:00"), row("A", "Regular", "15:00", "15:10"), row("B", "Regular", "15:05", "15:15")}, 1},
		"beyond the slot":   {[]string{row("LT", "lightning", "15:00", "16:00"), row("A", "Regular", "15:50", "16:10")}, 1},
		"two slots":         {[]string{row("LT", "lightning", "15:00", "16:00"), row("LT2", "lightning", "15:00", "16:00")}, 1},
		"within another":    {[]string{row("Panel", "Regular", "15:00", "16:00"), row("A", "Regular", "15:10", "15:20")}, 1},
	} {
		if _, problems := decodeOne(t, "a.csv", head+strings.Join(c.rows, ""), Options{Meeting: "a", Timezone: "Asia/Tokyo"}); len(problems) != c.want {
			t.Errorf("%s: %q", name, problems)
		}
	}
}

// TestOwnExportsHaveNoClashes: what the program writes, it reads without a word about it.
func TestOwnExportsHaveNoClashes(t *testing.T) {
	for name, encode := range map[string]func(*Document, Export) ([]byte, error){"a.xml": EncodeXML, "a.json": EncodeJSON, "a.ics": EncodeICS, "a.csv": EncodeCSV} {
		out, err := encode(public(rich()), exportOptions())
		if err != nil {
			t.Fatal(err)
		}
		_, problems := decodeOne(t, name, string(out), Options{Meeting: "iw5", Timezone: "Asia/Tokyo"})
		for _, p := range problems {
			if strings.Contains(p, "both are shown") {
				t.Error(p)
			}
		}
	}
}
