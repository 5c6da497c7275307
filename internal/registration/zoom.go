package registration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Attendance is an attendance report of Zoom: of a meeting, with or without the lines about it at the head, of a meeting with everybody once,
// or of a webinar with its sections for hosts, panelists and attendees.
type Attendance struct {
	Lines   []AttendanceLine
	Skipped []int // lines that could not be read
}

// AttendanceLine is one time that somebody joined.
type AttendanceLine struct {
	Line    int      // in the file
	Names   []string // as the report has it; then as they called themselves, and what their account says, where it has both
	Address string   // as it is in the report, or empty
	Join    time.Time
	Leave   time.Time
	Minutes int // as the report says
}

// Key is who a line says it is: the address, or else the name. Lines with the same key are of the same person.
func (a *AttendanceLine) Key() string {
	if f := foldedAddress(a.Address); f != "" {
		return "mail:" + f
	}
	return "name:" + folded(a.Name())
}

// Name is the name as the report has it.
func (a *AttendanceLine) Name() string {
	if len(a.Names) == 0 {
		return ""
	}
	return a.Names[0]
}

// maxAttendance bounds the lines of a report, so that one transaction holds it.
const maxAttendance = 30_000

// attendanceColumns are the headings of the reports, in English and Japanese, of past and present versions.
var attendanceColumns = []sheet.Column{
	{Key: "attended", Names: []string{"Attended", "出席", "出席済み", "参加", "参加済み"}},
	{Key: "name", Names: []string{"Name (Original Name)", "Name (original name)", "User Name (Original Name)", "User Name", "Name", "Participant", "Display Name",
		"名前（元の名前）", "名前（オリジナルの名前）", "ユーザー名（元の名前）", "ユーザー名（オリジナルの名前）", "ユーザー名", "参加者名", "参加者", "表示名", "氏名", "名前"}},
	{Key: "first", Names: []string{"First Name", "名"}},
	{Key: "last", Names: []string{"Last Name", "姓", "名字"}},
	{Key: "mail", Names: []string{"User Email", "Email", "Email Address", "E-mail", "ユーザーのメール", "ユーザーのメールアドレス", "ユーザーのEメール", "メールアドレス", "メール", "Eメール", "Eメールアドレス"}},
	{Key: "join", Names: []string{"Join Time", "参加時刻", "参加時間", "参加日時", "入室時刻", "入室日時", "入室時間", "開始時刻"}},
	{Key: "leave", Names: []string{"Leave Time", "退出時刻", "退出時間", "退出日時", "退室時刻", "退室日時", "退室時間", "終了時刻"}},
	{Key: "minutes", Names: []string{"Duration (Minutes)", "Total Duration (Minutes)", "Time in Session (minutes)", "Duration", "期間（分）", "合計期間（分）", "所要時間（分）", "継続時間（分）", "合計継続時間（分）",
		"参加時間（分）", "セッション時間（分）", "セッション参加時間（分）", "合計時間（分）", "滞在時間（分）", "時間（分）"}},
	{Key: "lobby", Names: []string{"In Waiting Room", "待機室", "待機室内", "待合室"}},
}

// ReadAttendance takes a report apart. Its times have no zone: loc is the one in which its owner's account shows them. days are those of the
// meeting; they say which of two numbers is the month where a report does not.
func ReadAttendance(data []byte, loc *time.Location, days []event.Date) (*Attendance, error) {
	t, err := sheet.Read(data)
	if err != nil {
		return nil, err
	}
	var out Attendance
	var head sheet.Head
	var raw []rawLine
	known := headingsOfTime()
	for _, r := range t.Rows {
		if h := attendanceHead(r, known); h != nil {
			head = h
			continue
		}
		if head == nil {
			continue
		}
		if l, use := readLine(head, r); use {
			raw = append(raw, l)
		}
	}
	if head == nil {
		return nil, invalid("registration.error.no_report").On("file")
	}
	if len(raw) > maxAttendance {
		return nil, invalid("registration.error.report_size").With("max", maxAttendance).On("file")
	}
	monthFirst := monthsFirst(raw, days, loc)
	for _, l := range raw {
		if a, ok := l.line(monthFirst, loc); ok {
			out.Lines = append(out.Lines, a)
		} else {
			out.Skipped = append(out.Skipped, l.row)
		}
	}
	if len(out.Lines) == 0 {
		return nil, invalid("registration.error.report_empty").On("file")
	}
	return &out, nil
}

// attendanceHead says where the columns of a section are, where a row is its heading; nil where it is none. The rows about the meeting at the
// head of a report have headings of the same names, but no times of joining.
func attendanceHead(r sheet.Row, known map[string]bool) sheet.Head {
	if !slices.ContainsFunc(r.Cells, func(c string) bool { return known[sheet.FoldHeading(unremarked(c))] }) {
		return nil // most rows; the rest of this is slow
	}
	h, _ := (&sheet.Table{Rows: []sheet.Row{r}}).Find(attendanceColumns)
	name := h.Has("name") || h.Has("mail")
	about := slices.ContainsFunc(r.Cells, func(c string) bool {
		return slices.Contains([]string{"topic", "トピック", "meetingid", "ミーティングid", "webinarid", "ウェビナーid"}, sheet.FoldHeading(c))
	})
	if !about && name && (h.Has("join", "leave") || h.Has("join", "minutes") || h.Has("minutes")) {
		return h
	}
	return nil
}

// headingsOfTime are the headings that a section of a report has one of, without remarks in brackets.
func headingsOfTime() map[string]bool {
	out := map[string]bool{}
	for _, c := range attendanceColumns {
		if c.Key == "join" || c.Key == "minutes" {
			for _, n := range c.Names {
				out[sheet.FoldHeading(unremarked(n))] = true
			}
		}
	}
	return out
}

// unremarked is a heading without the remark in brackets behind it.
func unremarked(s string) string {
	if i := strings.IndexAny(s, "(（"); i > 0 {
		return s[:i]
	}
	return s
}

// rawLine is a line whose times were not read yet.
type rawLine struct {
	row                 int
	names               []string
	mail                string
	join, leave, length string
}

var noWords = []string{"no", "いいえ", "false", "欠席", "不参加", "-", "×"}
var yesWords = []string{"yes", "はい", "true"}

// readLine reads a row of a section, and whether it is of somebody who was there: not of one who only registered, nor of the time before
// they were let in.
func readLine(h sheet.Head, r sheet.Row) (rawLine, bool) {
	word := func(key string) string { return strings.ToLower(norm.NFKC.String(h.Get(r, key))) }
	l := rawLine{row: r.Line, mail: h.Get(r, "mail"), join: h.Get(r, "join"), leave: h.Get(r, "leave"), length: h.Get(r, "minutes")}
	if h.Has("attended") && slices.Contains(noWords, word("attended")) || slices.Contains(yesWords, word("lobby")) {
		return l, false
	}
	l.names = namesIn(h.Get(r, "name"))
	if full := strings.TrimSpace(h.Get(r, "first") + " " + h.Get(r, "last")); full != "" && !slices.Contains(l.names, full) {
		l.names = append(l.names, full)
	}
	if len(l.names) == 0 && l.mail == "" || l.join == "" && l.length == "" {
		return l, false // the title of the next section
	}
	if len(l.names) == 0 {
		l.names = []string{l.mail}
	}
	return l, true
}

var originalName = regexp.MustCompile(`^(.*\S)\s*[(（]([^()（）]+)[)）]\s*$`)

// namesIn are the names in "Taro (山田 太郎)": all of it, what somebody called themselves, and what their account says.
func namesIn(s string) []string {
	s = person.CleanLine(s)
	if s == "" {
		return nil
	}
	if r := []rune(s); len(r) > maxName {
		s = string(r[:maxName])
	}
	if m := originalName.FindStringSubmatch(s); m != nil {
		return []string{s, m[1], strings.TrimSpace(m[2])}
	}
	return []string{s}
}

// line reads the times of a line. It reports false where they make no sense.
func (l *rawLine) line(monthFirst bool, loc *time.Location) (AttendanceLine, bool) {
	a := AttendanceLine{Line: l.row, Names: l.names, Address: l.mail, Minutes: minutesIn(l.length)}
	if f := foldedAddress(a.Address); f == "" {
		a.Address = ""
	}
	if l.join == "" {
		return a, a.Minutes > 0
	}
	var ok bool
	if a.Join, ok = moment(l.join, monthFirst, loc); !ok {
		return a, false
	}
	length := time.Duration(a.Minutes) * time.Minute
	if a.Leave, ok = moment(l.leave, monthFirst, loc); !ok || a.Leave.Before(a.Join) {
		if length == 0 && !a.Leave.Before(a.Join) && l.leave != "" {
			return a, false
		}
		a.Leave = a.Join.Add(length) // still there when the report was made, or the clock was set back meanwhile
	}
	return a, a.Leave.Sub(a.Join) <= longestStay
}

// longestStay is how long nobody stays at once.
const longestStay = 36 * time.Hour

var wholeNumbers = regexp.MustCompile(`\d+`)

// minutesIn reads a duration: minutes, or hours and minutes as "1:05:00".
func minutesIn(s string) int {
	s = norm.NFKC.String(strings.TrimSpace(s))
	parts := wholeNumbers.FindAllString(s, 4)
	if len(parts) == 0 {
		return 0
	}
	first, err := strconv.Atoi(parts[0])
	if err != nil || first < 0 || first > 24*60*7 {
		return 0
	}
	if strings.Contains(s, ":") && len(parts) > 1 {
		m, _ := strconv.Atoi(parts[1])
		return first*60 + m
	}
	return first
}

var (
	yearFirst = regexp.MustCompile(`(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})`)
	yearLast  = regexp.MustCompile(`(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})`)
	inWords   = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})|\b(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+(\d{4})`)
	clock     = regexp.MustCompile(`(\d{1,2})\s*[:時]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2}))?`)
	half      = regexp.MustCompile(`(?i)(午前|午後|\ba\.?m\b|\bp\.?m\b|\d(am|pm)\b)`)
	offset    = regexp.MustCompile(`\d(Z|[+-]\d{2}:?\d{2})$`)
	months    = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// moment reads a date and a time of day as one of these reports has them.
func moment(s string, monthFirst bool, loc *time.Location) (time.Time, bool) {
	s = strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
	if s == "" || len(s) > 100 {
		return time.Time{}, false
	}
	if offset.MatchString(s) {
		if t, err := time.Parse(time.RFC3339, strings.Replace(s, " ", "T", 1)); err == nil {
			return t.In(loc), true
		}
	}
	y, m, d, rest, ok := dateIn(s, monthFirst)
	if !ok {
		return time.Time{}, false
	}
	c := clock.FindStringSubmatch(rest)
	if c == nil {
		return time.Time{}, false
	}
	hour, minute, second := digitsOf(c[1]), digitsOf(c[2]), digitsOf(c[3])
	switch h := strings.ToLower(half.FindString(rest)); {
	case h == "":
	case hour < 1 || hour > 12:
		if hour != 0 {
			return time.Time{}, false
		}
	case strings.Contains(h, "p") || h == "午後":
		hour = hour%12 + 12
	default:
		hour %= 12
	}
	if hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, hour, minute, second, 0, loc)
	return t, t.Year() == y && t.Month() == time.Month(m) && t.Day() == d
}

// dateIn finds the date in a text, and gives what else is in it.
func dateIn(s string, monthFirst bool) (y, m, d int, rest string, ok bool) {
	var at []int
	if at = yearFirst.FindStringSubmatchIndex(s); at != nil {
		y, m, d = digitsOf(s[at[2]:at[3]]), digitsOf(s[at[4]:at[5]]), digitsOf(s[at[6]:at[7]])
	} else if at = yearLast.FindStringSubmatchIndex(s); at != nil {
		m, d, y = digitsOf(s[at[2]:at[3]]), digitsOf(s[at[4]:at[5]]), digitsOf(s[at[6]:at[7]])
		if !monthFirst {
			m, d = d, m
		}
	} else if at = inWords.FindStringSubmatchIndex(s); at != nil {
		x := inWords.FindStringSubmatch(s)
		if x[1] != "" {
			m, d, y = slices.Index(months, strings.ToLower(x[1]))+1, digitsOf(x[2]), digitsOf(x[3])
		} else {
			m, d, y = slices.Index(months, strings.ToLower(x[5]))+1, digitsOf(x[4]), digitsOf(x[6])
		}
	}
	if at == nil || m < 1 || m > 12 || d < 1 || d > 31 || y < 2000 || y > 2200 {
		return 0, 0, 0, "", false
	}
	return y, m, d, s[:at[0]] + " " + strings.TrimPrefix(s[at[1]:], "日"), true
}

func digitsOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// monthsFirst says whether dates such as 2/10/2026 begin with the month: a number above twelve says it, or else the days of the meeting do.
func monthsFirst(raw []rawLine, days []event.Date, loc *time.Location) bool {
	var asMonth, asDay int
	for _, l := range raw {
		s := norm.NFKC.String(l.join)
		x := yearLast.FindStringSubmatch(s)
		if x == nil || yearFirst.MatchString(s) {
			continue
		}
		switch {
		case digitsOf(x[1]) > 12:
			return false
		case digitsOf(x[2]) > 12:
			return true
		}
		near := func(first bool) bool {
			t, ok := moment(s, first, loc)
			return ok && slices.ContainsFunc(days, func(d event.Date) bool {
				away := t.Sub(d.Time(loc))
				return away > -24*time.Hour && away < 48*time.Hour
			})
		}
		if near(true) {
			asMonth++
		}
		if near(false) {
			asDay++
		}
	}
	return asMonth >= asDay
}

// zoomRegistrants is the table that Zoom takes registrants from: mail address, given name, family name, in this order. A name that cannot be
// parted is all in the first of these, which is the one that Zoom asks for.
func zoomRegistrants(list []*Entry) sheet.Export {
	out := sheet.Export{Name: "registrants", Head: []string{"Email", "First Name", "Last Name"}}
	for _, e := range list {
		given, family := e.givenAndFamily()
		out.Rows = append(out.Rows, []string{e.Address, given, family})
	}
	return out
}

// givenAndFamily parts a name: in Japanese the family name stands first, in Latin letters last.
func (e *Entry) givenAndFamily() (given, family string) {
	name, ja := e.Name.In(e.Lang), e.Name.LangFor(e.Lang) == "ja"
	parts := strings.Fields(name)
	switch n := len(parts); {
	case n < 2:
		return name, ""
	case ja && !isLatin(name):
		return strings.Join(parts[1:], " "), parts[0]
	default:
		return strings.Join(parts[:n-1], " "), parts[n-1]
	}
}

// isLatin reports that a name is written in Latin letters only.
func isLatin(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x24F })
}
