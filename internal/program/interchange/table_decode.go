package interchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/sheet"
)

// Limits on tables.
const (
	maxColumns    = 200
	maxHeaderRows = 20 // a heading row is looked for this far down
)

// looksLikeTable reports whether the first line of a text is a heading row.
func looksLikeTable(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if len(line) > 10_000 {
		return false
	}
	cells, err := csvReader(line, delimiter(line)).Read()
	if err != nil {
		return false
	}
	_, ok := headings(cells)
	return ok
}

// delimiter is what separates the cells: the candidate that the first lines have most of.
func delimiter(data []byte) rune {
	head := data[:min(len(data), 4000)]
	best, most := ',', 0
	for _, c := range []rune{',', '\t', ';'} {
		if n := bytes.Count(head, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func csvReader(data []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = comma, -1, true, comma != '\t'
	return r
}

// decodeTable reads CSV or TSV with a heading row.
func decodeTable(data []byte, o Options, n *notes) ([]*Document, error) {
	in := csvReader(data, delimiter(data))
	return readTable(guessLang(data), o, n, func() ([]string, int, error) {
		cells, err := in.Read()
		line := 0
		if err == nil && len(cells) > 0 {
			line, _ = in.FieldPos(0)
		}
		return cells, line, err
	})
}

// tableReader turns rows into sessions.
type tableReader struct {
	*builder
	at map[string]int // column by key
}

// readTable reads rows until next returns io.EOF. The heading row says which columns there are; what stands above it is ignored.
func readTable(lang i18n.Lang, o Options, n *notes, next func() (cells []string, row int, err error)) ([]*Document, error) {
	if o.Lang == "" {
		o.Lang = lang
	}
	var t *tableReader
	for rows := 0; ; rows++ {
		cells, row, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unusable(n.file, "row %d cannot be read (%s); save the table again", row, err)
		}
		if t != nil {
			t.row(cells, row)
			if t.err != nil {
				return nil, t.err
			}
			continue
		}
		if at, ok := headings(cells); ok {
			t = &tableReader{builder: newBuilder(nil, o, n, tableFields(at)), at: at}
			t.unknownHeadings(cells, row)
		} else if rows > maxHeaderRows {
			break
		}
	}
	if t == nil {
		return nil, unusable(n.file, "it has no heading row with a title column (題名 or Title); write the names of the columns into the first row")
	}
	return t.finish()
}

// headings finds the columns of a heading row: one for the title, and another.
func headings(cells []string) (map[string]int, bool) {
	at := map[string]int{}
	for i, c := range cells {
		if i >= maxColumns {
			break
		}
		if key := columnKey(c); key != "" {
			if _, again := at[key]; !again {
				at[key] = i
			}
		}
	}
	_, ja := at["title_ja"]
	_, en := at["title_en"]
	_, any := at["title"]
	return at, (ja || en || any) && len(at) > 1
}

func tableFields(at map[string]int) Fields {
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := at[k]; ok {
				return true
			}
		}
		return false
	}
	return Fields{Topics: has("topics"), Kinds: has("kind"), Speakers: has("speakers"), Subtitle: has("subtitle", "subtitle_ja", "subtitle_en"),
		Abstract: has("abstract", "abstract_ja", "abstract_en"), Level: has("level"), Language: has("language"), Status: has("status"), Untimed: true,
		Codes: has("code"), Policy: has("policy"), Bilingual: has("title_ja") && has("title_en")}
}

func (t *tableReader) unknownHeadings(cells []string, row int) {
	for i, c := range cells {
		if c = strings.TrimSpace(c); c != "" && columnKey(c) == "" && i < maxColumns {
			t.n.add(fmt.Sprintf("row %d", row), "unknown column "+quote(c), "ignored")
		}
	}
}

// row reads one session; a row without a title is empty.
func (t *tableReader) row(cells []string, row int) {
	place := fmt.Sprintf("row %d", row)
	get := func(key string) string {
		if i, ok := t.at[key]; ok && i < len(cells) {
			return strings.TrimSpace(sheet.Original(cells[i]))
		}
		return ""
	}
	both := func(key string) i18n.Text {
		return bilingual(t.text(get(key)), i18n.T(get(key+"_ja"), get(key+"_en")))
	}
	s := Session{GUID: get("guid"), Code: fold(get("code")), Source: get("source"), Title: both("title"), Subtitle: both("subtitle"),
		Abstract: both("abstract"),
		Language: get("language"), Level: levelOf(get("level"))}
	if s.Title.IsZero() {
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			t.n.add(place, "it has no title", "left out")
			t.d.Refused++
		}
		return
	}
	s.Kind = t.kind(get("kind"))
	s.Room, s.AllRooms = t.room(get("room"))
	for _, name := range split(get("topics")) {
		s.Topics = append(s.Topics, t.topic(name))
	}
	t.speakers(&s, get("speakers"), get("affiliation"))
	t.status(&s, get("status"), place)
	if p := strings.ToLower(get("policy")); strings.Contains(p, "off") || strings.Contains(p, "オフレコ") || strings.Contains(p, "非公開") {
		s.Policy = OffRecord
	}
	for _, kind := range []LinkKind{LinkWeb, LinkSlides, LinkVideo} {
		if u := get(linkColumn(kind)); u != "" {
			s.Links = append(s.Links, Link{Kind: kind, URL: u})
		}
	}
	t.times(&s, get, place)
	t.add(s, place)
}

// linkColumn is the key of the column for a kind of link.
func linkColumn(k LinkKind) string {
	if k == LinkWeb {
		return "url"
	}
	return string(k)
}

// bilingual takes from b what a lacks.
func bilingual(a, b i18n.Text) i18n.Text {
	for _, l := range i18n.Langs {
		if b.Exact(l) != "" {
			a = a.With(l, b.Exact(l))
		}
	}
	return a
}

func levelOf(s string) string {
	switch strings.ToLower(s) {
	case "初級", "初心者", "入門":
		return "beginner"
	case "中級":
		return "intermediate"
	case "上級":
		return "advanced"
	}
	return s
}

// split takes a cell with several names apart: at semicolons and line ends where there are any, since names may hold commas, else at
// Japanese commas, else at commas.
func split(s string) []string {
	separators := ",，"
	for _, strong := range []string{";；\n", "、"} {
		if strings.ContainsAny(s, strong) {
			separators = strong
			break
		}
	}
	var out []string
	for p := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// speakers reads "佐藤 花子（株式会社例）、山田 太郎"; a column of affiliations serves the speakers that name none, in their order.
func (t *tableReader) speakers(s *Session, names, affiliations string) {
	list := split(names)
	companies := split(affiliations)
	for i, name := range list {
		company := ""
		name = strings.NewReplacer("（", "(", "）", ")").Replace(name)
		if open := strings.Index(name, "("); open > 0 && strings.HasSuffix(name, ")") {
			name, company = strings.TrimSpace(name[:open]), strings.TrimSpace(name[open+1:len(name)-1])
		} else if len(companies) == len(list) {
			company = companies[i]
		} else if len(companies) == 1 {
			company = companies[0]
		}
		if key, ok := t.speaker("", Speaker{Name: t.text(name), Affiliation: t.text(company)}); ok {
			appear(s, key)
		}
	}
}

func (t *tableReader) status(s *Session, word, place string) {
	switch strings.ToLower(word) {
	case "", "confirmed", "確定", "開催":
	case "cancelled", "canceled", "中止", "取消", "キャンセル":
		s.Status = Cancelled
	default:
		t.n.add(place, "unknown status "+quote(word), "read as confirmed")
	}
}

// times reads the date and the start and end, from cells of their own or from one like "10:20〜11:20".
func (t *tableReader) times(s *Session, get func(string) string, place string) {
	if v := get("date"); v != "" {
		d, ok := serialDate(v)
		if !ok {
			d, ok = parseDate(v)
		}
		if !ok {
			t.n.add(place, "date "+quote(v)+" is not a date", "left out")
		}
		s.Date = d
	}
	start, end := serialTime(get("start")), serialTime(get("end"))
	if v := fold(get("time")); v != "" && start == "" {
		start, end, _ = strings.Cut(strings.NewReplacer("~", "-", " ", "").Replace(v), "-")
	}
	c := clockReader{loc: t.loc, n: t.n, meeting: t.d.Meeting}
	s.Start, s.End = c.span(start, end, s.Date, place)
	if v := fold(get("duration")); v != "" && s.Timed() && s.End.IsZero() {
		if n, ok := digits(strings.TrimRight(v, "分min ")); ok && n < 100_000 {
			s.End = s.Start.Add(time.Duration(n) * time.Minute)
		} else if d, ok := minutesOf(v); ok {
			s.End = s.Start.Add(d)
		} else {
			t.n.add(place, "duration "+quote(v)+" is not a number of minutes", "kept with no length")
		}
	}
	if s.Date == "" && s.Timed() {
		s.Date = dayOf(t.d.Meeting, s.Start)
	}
}

// serialDate reads a date as spreadsheets keep it: days since the last day but one of 1899.
func serialDate(s string) (event.Date, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 20_000 || f > 80_000 {
		return "", false
	}
	return event.DateOf(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(f))), true
}

// serialTime turns a time of day as spreadsheets keep it, a fraction of a day, into hours and minutes; anything else stays.
func serialTime(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || strings.Contains(s, ":") || (f >= 2 && f < 20_000) || f > 80_000 || math.IsNaN(f) {
		return s
	}
	if f >= 20_000 { // a date and a time in one cell
		f -= math.Floor(f)
	}
	minutes := int(math.Round(f * 24 * 60))
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}
