package registration

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Form is what somebody sends to register. Prices are not in it: they follow from the setup.
type Form struct {
	Key      string // made with the page; sent twice, it makes one entry
	Kind     string
	Code     string // as typed
	Details         // of whom
	Days     map[event.Date]Mode
	Answers  map[string][]string
	Consents []string
	Choices  []Wish // options
	Turn     string // token of the waiting room, where there is one
	Wait     bool   // where there is no place, they want to be on the waiting list
}

// Wish is a slot of an option that somebody asks for.
type Wish struct {
	Option, Slot string
	Companions   int
	Declared     bool
	Wait         bool // where there is no place, they want to be on its waiting list
}

// Lengths of what people type, in characters. A name of 200 is one that real people have.
const (
	maxName   = 200
	MaxLine   = 300
	MaxText   = 4000
	maxKey    = 64
	maxDigits = 9
)

// line cleans what was typed in one line, and says where it is too long.
func line(s *string, most int, field string) error {
	*s = person.CleanLine(*s)
	if utf8.RuneCountInString(*s) > most {
		return invalid("registration.error.long").With("max", most).On(field)
	}
	return nil
}

// check cleans who somebody is. Where needAddress is false the address may be missing.
func (d *Details) check(needAddress bool) error {
	if wrong := d.faults(needAddress); len(wrong) > 0 {
		return wrong[0]
	}
	return nil
}

// faults is check that names everything that is wrong, in the order of the fields.
func (d *Details) faults(needAddress bool) []*fault.Error {
	var out []*fault.Error
	d.Name.EN, d.Kana = norm.NFKC.String(d.Name.EN), person.Reading(d.Kana)
	for _, x := range []struct {
		s     *string
		most  int
		field string
	}{
		{&d.Name.JA, maxName, "name_ja"}, {&d.Kana, maxName, "kana"}, {&d.Name.EN, maxName, "name_en"}, {&d.Organisation.JA, MaxLine, "org_ja"},
		{&d.Organisation.EN, MaxLine, "org_en"}, {&d.Department, MaxLine, "department"}, {&d.Badge, maxName, "badge"},
	} {
		if e, ok := fault.As(line(x.s, x.most, x.field)); ok {
			out = append(out, e)
		}
	}
	if d.Name.IsZero() {
		out = slices.Insert(out, 0, invalid("registration.error.no_name").On("name_ja"))
	}
	if !person.IsKana(d.Kana) {
		out = append(out, invalid("registration.error.kana").On("kana"))
	}
	if strings.TrimSpace(d.Address) == "" && !needAddress {
		d.Address, d.Folded = "", ""
		return out
	}
	address, folded, err := person.ParseAddress(d.Address)
	if err != nil {
		return append(out, invalid("registration.error.address").On("address"))
	}
	d.Address, d.Folded = address, folded
	return out
}

// check cleans a form and says what is wrong with it. now is when it was sent.
func (f *Form) check(s *Setup, m *event.Meeting) error {
	k := s.Kind(f.Kind)
	if k == nil {
		return invalid("registration.error.choose_kind").On("kind")
	}
	if len(f.Key) == 0 || len(f.Key) > maxKey {
		return fault.New(fault.Invalid, "registration.error.form_old")
	}
	if err := f.Details.check(true); err != nil {
		return err
	}
	days, err := k.days(m, f.Days)
	if err != nil {
		return err
	}
	answers, err := s.answers(f.Kind, f.Answers)
	if err != nil {
		return err
	}
	if f.Days, f.Answers = days, answers; len(s.unagreed(f.Consents)) > 0 {
		return invalid("registration.error.consent").On(s.unagreed(f.Consents)[0])
	}
	return nil
}

// unagreed are the fields of the consents that somebody has to give and did not.
func (s *Setup) unagreed(given []string) []string {
	var out []string
	for _, c := range s.Consents {
		if c.Required && !slices.Contains(given, c.Key) {
			out = append(out, "consent."+c.Key)
		}
	}
	return out
}

// faults is everything that is wrong with a form as it was typed, in the order of its fields. What the person needs is checked as check does;
// the form stays as it is. Before a kind is chosen, what everybody is asked is checked.
func (f *Form) faults(s *Setup, m *event.Meeting) []*fault.Error {
	var out []*fault.Error
	if k := s.Kind(f.Kind); k != nil {
		_, err := k.days(m, f.Days)
		if e, ok := fault.As(err); ok {
			out = append(out, e)
		}
	} else {
		out = append(out, invalid("registration.error.choose_kind").On("kind"))
		if len(f.Days) == 0 && len(m.Days()) > 0 {
			out = append(out, invalid("registration.error.no_day").On("days"))
		}
	}
	d := f.Details
	out = append(append(out, d.faults(true)...), s.answerFaults(f.Kind, f.Answers)...)
	for _, field := range s.unagreed(f.Consents) {
		out = append(out, invalid("registration.error.consent").On(field))
	}
	return out
}

// answerFaults is everything that is wrong with what those of a kind answered.
func (s *Setup) answerFaults(kind string, given map[string][]string) []*fault.Error {
	var out []*fault.Error
	good := map[string][]string{}
	for i := range s.Questions {
		q := &s.Questions[i]
		if !q.Asks(kind, good) {
			continue
		}
		values, err := q.check(given[q.Key])
		if e, ok := fault.As(err); ok {
			out = append(out, e)
		} else if len(values) > 0 {
			good[q.Key] = values
		}
	}
	return out
}

// Offers are the modes in which a kind may take part on a day: those of the part of the meeting that the day is in. A part that says neither
// is on site.
func (k *Kind) Offers(m *event.Meeting, d event.Date) []Mode {
	online, onsite := false, true
	if p := m.PartOf(d); p != nil && (p.Online || p.Onsite) {
		online, onsite = p.Online, p.Onsite
	}
	var out []Mode
	for _, mode := range k.Modes {
		if mode == Online && online || mode == Onsite && onsite {
			out = append(out, mode)
		}
	}
	return out
}

// days checks the days somebody chose. Of a kind for all days, it is all of them, on site where that can be.
func (k *Kind) days(m *event.Meeting, asked map[event.Date]Mode) (map[event.Date]Mode, error) {
	out := map[event.Date]Mode{}
	for _, d := range m.Days() {
		offers := k.Offers(m, d)
		mode := asked[d]
		switch {
		case len(offers) == 0:
		case mode != "" && slices.Contains(offers, mode):
			out[d] = mode
		case mode != "":
			return nil, invalid("registration.error.day_mode").With("day", string(d)).On("day." + string(d))
		case k.AllDays:
			out[d] = offers[0]
		}
	}
	if len(out) == 0 && len(m.Days()) > 0 {
		return nil, invalid("registration.error.no_day").On("days")
	}
	return out, nil
}

// answers checks what somebody answered. What they are not asked is left out.
func (s *Setup) answers(kind string, given map[string][]string) (map[string][]string, error) {
	out := map[string][]string{}
	for i := range s.Questions {
		q := &s.Questions[i]
		if !q.Asks(kind, out) {
			continue
		}
		values, err := q.check(given[q.Key])
		if err != nil {
			return nil, err
		}
		if len(values) > 0 {
			out[q.Key] = values
		}
	}
	return out, nil
}

// check cleans the answers to one question.
func (q *Question) check(given []string) ([]string, error) {
	at := "q." + q.Key
	var out []string
	for _, v := range given {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		v, err := q.value(v)
		if err != nil {
			return nil, err.On(at)
		}
		if v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	switch {
	case q.Required && len(out) == 0:
		return nil, invalid("registration.error.required").On(at)
	case len(out) > 1 && q.Type != Many:
		return nil, invalid("registration.error.one").On(at)
	}
	return out, nil
}

func (q *Question) value(v string) (string, *fault.Error) {
	switch q.Type {
	case One, Many:
		if find(q.Choices, func(c *Choice) bool { return c.Key == v }) == nil {
			return "", invalid("registration.error.no_choice")
		}
	case YesNo:
		if v != "yes" && v != "no" {
			return "", invalid("registration.error.no_choice")
		}
	case Counted:
		n, err := strconv.Atoi(norm.NFKC.String(v))
		if err != nil || n < 0 || len(v) > maxDigits*3 || n > 1_000_000 {
			return "", invalid("registration.error.number")
		}
		return strconv.Itoa(n), nil
	case Line:
		if err := line(&v, MaxLine, ""); err != nil {
			return "", invalid("registration.error.long").With("max", MaxLine)
		}
	case Lines:
		v = i18n.Compose(strings.ReplaceAll(v, "\r\n", "\n"))
		if utf8.RuneCountInString(v) > MaxText {
			return "", invalid("registration.error.long").With("max", MaxText)
		}
	}
	return v, nil
}

// entry makes of a form that was checked the entry it asks for.
func (f *Form) entry(m event.MeetingID, now time.Time) *Entry {
	e := &Entry{
		Ref: person.NewRef(), Meeting: m, Kind: f.Kind, State: Confirmed, Details: f.Details, Answers: f.Answers, MadeAt: now, PricedAt: now, ChangedAt: now,
		Version: 1, LinkNo: 1,
	}
	e.setDays(f.Days)
	if f.Wait {
		e.State = Waiting
	}
	return e
}

// setDays stores days in the order of the calendar.
func (e *Entry) setDays(days map[event.Date]Mode) {
	e.Days = nil
	for _, d := range slices.Sorted(maps.Keys(days)) {
		e.Days = append(e.Days, Day{d, days[d]})
	}
}
