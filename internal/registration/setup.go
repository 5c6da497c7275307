package registration

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Setup is all that the organiser of a meeting decided of its registration. It is kept as one document; how many places are taken is not in
// it. Lists are in the order in which pages show them.
type Setup struct {
	Open          bool       `json:"open"`                    // people may see it; entries are taken from Opens to Closes
	Intro         i18n.Text  `json:"intro,omitzero"`          // Markdown, above everything
	Contact       i18n.Text  `json:"contact,omitzero"`        // whom to ask
	Opens         time.Time  `json:"opens,omitzero"`          //
	Closes        time.Time  `json:"closes,omitzero"`         // zero: the end of the last day
	ChangeUntil   time.Time  `json:"change_until,omitzero"`   // days, names, answers; zero: as Closes
	CancelUntil   time.Time  `json:"cancel_until,omitzero"`   // zero: the end of the last day
	HandoverUntil time.Time  `json:"handover_until,omitzero"` // zero: as ChangeUntil
	Refunds       []Refund   `json:"refunds,omitempty"`       // in the order of Until
	ProveHours    int        `json:"prove_hours,omitempty"`   // after which an unproven entry is cancelled; 0: a day
	AcceptHours   int        `json:"accept_hours,omitempty"`  // how long an offered place is kept; 0: two days
	PayDays       int        `json:"pay_days,omitempty"`      // within how many days what is owed is to be paid; 0: two weeks
	Remaining     bool       `json:"remaining,omitempty"`     // the public page says how many places are left
	Concerned     bool       `json:"concerned,omitempty"`     // staff, hosts, speakers count as registrants (関係者を含む)
	ListOpens     time.Time  `json:"list_opens,omitzero"`     // from when the entries are the attendee list that mailing lists use
	ListCloses    time.Time  `json:"list_closes,omitzero"`    //
	Groups        int        `json:"groups,omitempty"`        // how many colleagues one may register at once; 0: none
	PerMinute     int        `json:"per_minute,omitempty"`    // how many are let in from the waiting room in a minute; 0: no waiting room
	LastMeeting   string     `json:"last_meeting,omitempty"`  // slug of the one that figures are compared with
	Kinds         []Kind     `json:"kinds,omitempty"`         //
	Bounds        []DayPlan  `json:"days,omitempty"`          // of the days with a bound
	Options       []Option   `json:"options,omitempty"`       //
	Questions     []Question `json:"questions,omitempty"`     //
	Consents      []Consent  `json:"consents,omitempty"`      //
}

// Kind is a kind of taking part.
type Kind struct {
	Key       string    `json:"key"`
	Name      i18n.Text `json:"name"`
	About     i18n.Text `json:"about,omitzero"`
	Modes     []Mode    `json:"modes"`               // how one may take part
	AllDays   bool      `json:"all_days,omitempty"`  // on all days; otherwise one chooses
	ByCode    bool      `json:"by_code,omitempty"`   // only with a code for it
	Concerned bool      `json:"concerned,omitempty"` // 関係者: staff, host, speaker
	Closed    bool      `json:"closed,omitempty"`    // takes no entries any more
	Capacity  int       `json:"capacity,omitempty"`  // 0: no bound
	Waiting   bool      `json:"waiting,omitempty"`   // has a waiting list when full
	Priced
}

// Priced is what something costs. Nothing: it is free.
type Priced struct {
	Prices []Price `json:"prices,omitempty"` // in the order of Until
	Rate   int     `json:"rate,omitempty"`   // of the tax, in percent
	Seller string  `json:"seller,omitempty"` // key of who sells it
}

// Price holds until a time.
type Price struct {
	Until time.Time `json:"until,omitzero"` // zero: from then on
	Yen   int64     `json:"yen"`
}

// At is the price at a time: the first that still holds, or the last there is.
func (p Priced) At(t time.Time) int64 {
	for _, x := range p.Prices {
		if x.Until.IsZero() || t.Before(x.Until) {
			return x.Yen
		}
	}
	if n := len(p.Prices); n > 0 {
		return p.Prices[n-1].Yen
	}
	return 0
}

// Free reports that it never costs anything.
func (p Priced) Free() bool {
	return !slices.ContainsFunc(p.Prices, func(x Price) bool { return x.Yen != 0 })
}

// Refund says how much of the price is kept when somebody cancels.
type Refund struct {
	Until time.Time `json:"until,omitzero"` // zero: from then on
	Fee   int       `json:"fee"`            // percent of the price
}

// DayPlan bounds how many take part on site on a day.
type DayPlan struct {
	Date     event.Date `json:"date"`
	Capacity int        `json:"capacity,omitempty"` // 0: no bound
}

// OptionKind is what sort of thing an option is.
type OptionKind string

// The kinds of options.
const (
	Social  OptionKind = "social"
	Lunch   OptionKind = "lunch"
	Tour    OptionKind = "tour"
	HandsOn OptionKind = "handson"
	BoF     OptionKind = "bof"
	Parking OptionKind = "parking"
	Other   OptionKind = "other"
)

// OptionKinds lists every kind of option.
var OptionKinds = []OptionKind{Social, Lunch, Tour, HandsOn, BoF, Parking, Other}

// Rule is how places are given out.
type Rule string

// The rules.
const (
	FirstCome Rule = "first"
	Lottery   Rule = "lottery"
)

// Option is something with places that one may choose besides.
type Option struct {
	Key         string     `json:"key"`
	Kind        OptionKind `json:"kind"`
	Name        i18n.Text  `json:"name"`
	About       i18n.Text  `json:"about,omitzero"`
	Session     string     `json:"session,omitempty"` // guid of the session it is a place in
	Rule        Rule       `json:"rule"`
	Opens       time.Time  `json:"opens,omitzero"`  // zero: with registration
	Closes      time.Time  `json:"closes,omitzero"` // zero: with the start of its slot
	CancelUntil time.Time  `json:"cancel_until,omitzero"`
	DrawAt      time.Time  `json:"draw_at,omitzero"`       // of a lottery
	ReleaseAt   time.Time  `json:"release_at,omitzero"`    // when places whose debt is unpaid, or that are offered, go to others; zero: never
	AcceptHours int        `json:"accept_hours,omitempty"` // how long an offered place is kept; 0: as the setup says
	Waiting     bool       `json:"waiting,omitempty"`      // has a waiting list when full
	Companions  int        `json:"companions,omitempty"`   // how many one may bring
	Several     bool       `json:"several,omitempty"`      // one may choose several of its slots
	Clashes     bool       `json:"clashes,omitempty"`      // it may overlap with what else one chose
	Kinds       []string   `json:"kinds,omitempty"`        // of entries that may choose it; none: every
	Day         event.Date `json:"day,omitempty"`          // only for who takes part on it on site
	If          *If        `json:"if,omitempty"`           // only for who answered so
	Declares    i18n.Text  `json:"declares,omitzero"`      // what one has to declare of oneself: women only
	Concerned   bool       `json:"concerned,omitempty"`    // not offered in the form to everybody: by the organiser only
	LostWeight  int        `json:"lost_weight,omitempty"`  // of a lottery: the weight of who lost last time; 0: 1
	LostAt      string     `json:"lost_at,omitempty"`      // slug of that meeting
	Slots       []Slot     `json:"slots"`
	Priced
}

// Slot is one time of an option; an option without several times has one.
type Slot struct {
	Key      string    `json:"key"`
	Name     i18n.Text `json:"name,omitzero"`
	Starts   time.Time `json:"starts,omitzero"`
	Ends     time.Time `json:"ends,omitzero"`
	Place    i18n.Text `json:"place,omitzero"`
	Capacity int       `json:"capacity,omitempty"` // 0: no bound
}

// If is a condition on an answer.
type If struct {
	Question string   `json:"question"`
	Values   []string `json:"values"` // any of them
}

// Met reports whether the answers fulfil the condition.
func (c *If) Met(answers map[string][]string) bool {
	return c == nil || slices.ContainsFunc(answers[c.Question], func(v string) bool { return slices.Contains(c.Values, v) })
}

// QuestionType is how a question is answered.
type QuestionType string

// The types of questions.
const (
	Line    QuestionType = "line"
	Lines   QuestionType = "lines"
	One     QuestionType = "one"     // of the choices
	Many    QuestionType = "many"    // of the choices
	YesNo   QuestionType = "yesno"   //
	Counted QuestionType = "counted" // a whole number
)

// QuestionTypes lists every type.
var QuestionTypes = []QuestionType{One, Many, YesNo, Line, Lines, Counted}

// Class is how close to the person an answer is.
type Class string

// The classes of answers.
const (
	Plain     Class = ""          // figures show it
	Personal  Class = "personal"  // says who somebody is; no figure shows it
	Sensitive Class = "sensitive" // 要配慮: health, diet by belief, gender; counts only, and not of few
)

// Question is one that the form asks.
type Question struct {
	Key      string       `json:"key"`
	Type     QuestionType `json:"type"`
	Label    i18n.Text    `json:"label"`
	Hint     i18n.Text    `json:"hint,omitzero"`
	Required bool         `json:"required,omitempty"`
	Choices  []Choice     `json:"choices,omitempty"`
	Kinds    []string     `json:"kinds,omitempty"` // of entries that are asked; none: every
	If       *If          `json:"if,omitempty"`    // asked only of who answered so
	Class    Class        `json:"class,omitempty"`
	KeepDays int          `json:"keep_days,omitempty"` // after the meeting, until answers are erased; 0: as long as the entry
}

// Choice is what one may answer.
type Choice struct {
	Key  string    `json:"key"`
	Name i18n.Text `json:"name"`
}

// Consent is what one agrees to.
type Consent struct {
	Key      string    `json:"key"`
	Text     i18n.Text `json:"text"` // Markdown
	Required bool      `json:"required,omitempty"`
}

// Kind finds a kind by its key, or nil.
func (s *Setup) Kind(key string) *Kind {
	return find(s.Kinds, func(k *Kind) bool { return k.Key == key })
}

// Option finds an option by its key, or nil.
func (s *Setup) Option(key string) *Option {
	return find(s.Options, func(o *Option) bool { return o.Key == key })
}

// Question finds a question by its key, or nil.
func (s *Setup) Question(key string) *Question {
	return find(s.Questions, func(q *Question) bool { return q.Key == key })
}

// Slot finds a slot by its key, or nil.
func (o *Option) Slot(key string) *Slot {
	return find(o.Slots, func(x *Slot) bool { return x.Key == key })
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// Asks reports whether somebody of a kind, who answered so, is asked a question.
func (q *Question) Asks(kind string, answers map[string][]string) bool {
	return (len(q.Kinds) == 0 || slices.Contains(q.Kinds, kind)) && q.If.Met(answers)
}

// quotas are all quotas of a setup with their capacities, by key. What has no bound is counted as well.
func (s *Setup) quotas(days []event.Date) map[string]int {
	bound := func(n int) int {
		if n == 0 {
			return unlimited
		}
		return n
	}
	out := map[string]int{}
	for _, d := range days {
		out[dayQuota(d)] = unlimited
	}
	for _, d := range s.Bounds {
		out[dayQuota(d.Date)] = bound(d.Capacity)
	}
	for _, k := range s.Kinds {
		out[kindQuota(k.Key)] = bound(k.Capacity)
	}
	for _, o := range s.Options {
		for _, x := range o.Slots {
			out[slotQuota(o.Key, x.Key)] = bound(x.Capacity)
		}
	}
	return out
}

// Phase is what registration is doing at a time.
type Phase string

// The phases of registration.
const (
	Hidden Phase = "hidden" // nobody sees it
	Soon   Phase = "soon"   // seen, not open yet
	Now    Phase = "now"    // takes entries
	Over   Phase = "over"   // takes none any more
)

// At is the phase at a time; last is the end of the meeting.
func (s *Setup) At(now, last time.Time) Phase {
	closes := s.Closes
	if closes.IsZero() {
		closes = last
	}
	switch {
	case !s.Open || len(s.Kinds) == 0:
		return Hidden
	case now.Before(s.Opens):
		return Soon
	case !closes.IsZero() && !now.Before(closes):
		return Over
	}
	return Now
}

// Deadlines are until when somebody may do what, by themselves. Zero: there is no end.
type Deadlines struct {
	Change, Cancel, Handover time.Time
}

// Deadlines are those of the setup; last is the end of the meeting.
func (s *Setup) Deadlines(last time.Time) Deadlines {
	first := func(list ...time.Time) time.Time {
		for _, t := range list {
			if !t.IsZero() {
				return t
			}
		}
		return time.Time{}
	}
	change := first(s.ChangeUntil, s.Closes, last)
	return Deadlines{Change: change, Cancel: first(s.CancelUntil, last), Handover: first(s.HandoverUntil, change)}
}

// passed reports that a deadline is over.
func passed(until, now time.Time) bool { return !until.IsZero() && !now.Before(until) }

// Fee is how much of the price is kept, in percent, of who cancels at a time.
func (s *Setup) Fee(now time.Time) int {
	for _, r := range s.Refunds {
		if r.Until.IsZero() || now.Before(r.Until) {
			return r.Fee
		}
	}
	if n := len(s.Refunds); n > 0 {
		return s.Refunds[n-1].Fee
	}
	return 0
}

var keyPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Bounds of a setup, so that a page of it can be read.
const (
	maxKinds     = 40
	maxOptions   = 80
	maxSlots     = 60
	maxQuestions = 80
	maxChoices   = 80
)

// defaultPayDays is within how many days one pays where nobody said.
const defaultPayDays = 14

// due is until when what was taken at a time is to be paid: the end of a day where the meeting is.
func (s *Setup) due(taken time.Time, loc *time.Location) time.Time {
	days := s.PayDays
	if days == 0 {
		days = defaultPayDays
	}
	y, month, d := taken.In(loc).Date()
	return time.Date(y, month, d+days+1, 0, 0, 0, 0, loc).Add(-time.Second)
}

// Check says what is wrong with a setup, in the first place where something is.
func (s *Setup) Check(m *event.Meeting) error {
	if !s.Opens.IsZero() && !s.Closes.IsZero() && !s.Opens.Before(s.Closes) {
		return invalid("registration.error.closes_before").On("closes")
	}
	if len(s.Kinds) > maxKinds || len(s.Options) > maxOptions || len(s.Questions) > maxQuestions {
		return invalid("registration.error.too_many_of")
	}
	for _, check := range []func(*event.Meeting) error{s.checkKinds, s.checkQuestions, s.checkOptions, s.checkRest} {
		if err := check(m); err != nil {
			return err
		}
	}
	return nil
}

func invalid(key string) *fault.Error { return fault.New(fault.Invalid, key) }

// named checks keys and names of a list: all are there, and no key twice.
func named(what string, keys []string, names []i18n.Text) error {
	for i, k := range keys {
		at := fmt.Sprintf("%s.%d", what, i)
		switch {
		case !keyPattern.MatchString(k):
			return invalid("registration.error.key").With("key", k).On(at)
		case slices.Index(keys, k) != i:
			return invalid("registration.error.key_twice").With("key", k).On(at)
		case strings.TrimSpace(names[i].JA+names[i].EN) == "":
			return invalid("registration.error.unnamed").With("key", k).On(at)
		}
	}
	return nil
}

func (s *Setup) checkKinds(*event.Meeting) error {
	var keys []string
	var names []i18n.Text
	for i := range s.Kinds {
		k := &s.Kinds[i]
		keys, names = append(keys, k.Key), append(names, k.Name)
		at := fmt.Sprintf("kinds.%d", i)
		if len(k.Modes) == 0 || slices.ContainsFunc(k.Modes, func(m Mode) bool { return !slices.Contains(Modes, m) }) {
			return invalid("registration.error.modes").With("key", k.Key).On(at)
		}
		if err := checkPriced(k.Priced, k.Capacity, k.Key, at); err != nil {
			return err
		}
	}
	return named("kinds", keys, names)
}

func checkPriced(p Priced, capacity int, key, at string) error {
	switch {
	case capacity < 0 || capacity > 1_000_000:
		return invalid("registration.error.capacity").With("key", key).On(at)
	case p.Rate != 0 && p.Rate != 8 && p.Rate != 10:
		return invalid("registration.error.rate").With("key", key).On(at)
	case !p.Free() && p.Seller == "":
		return invalid("registration.error.seller").With("key", key).On(at)
	}
	for i, x := range p.Prices {
		if x.Yen < 0 || x.Yen > 10_000_000 {
			return invalid("registration.error.price").With("key", key).On(at)
		}
		if i > 0 && (p.Prices[i-1].Until.IsZero() || !x.Until.IsZero() && !x.Until.After(p.Prices[i-1].Until)) {
			return invalid("registration.error.periods").With("key", key).On(at)
		}
	}
	return nil
}

func (s *Setup) checkQuestions(*event.Meeting) error {
	var keys []string
	var names []i18n.Text
	for i := range s.Questions {
		q := &s.Questions[i]
		at := fmt.Sprintf("questions.%d", i)
		if !slices.Contains(QuestionTypes, q.Type) {
			return invalid("registration.error.question_type").With("key", q.Key).On(at)
		}
		if choose := q.Type == One || q.Type == Many; choose && (len(q.Choices) == 0 || len(q.Choices) > maxChoices) {
			return invalid("registration.error.choices").With("key", q.Key).On(at)
		}
		var ck []string
		var cn []i18n.Text
		for _, c := range q.Choices {
			ck, cn = append(ck, c.Key), append(cn, c.Name)
		}
		if err := named(at, ck, cn); err != nil {
			return err
		}
		if q.If != nil && !slices.Contains(keys, q.If.Question) {
			return invalid("registration.error.if").With("key", q.Key).On(at)
		}
		if err := s.checkKindsOf(q.Kinds, q.Key, at); err != nil {
			return err
		}
		keys, names = append(keys, q.Key), append(names, q.Label)
	}
	return named("questions", keys, names)
}

// checkKindsOf checks that kinds that something is for exist.
func (s *Setup) checkKindsOf(kinds []string, key, at string) error {
	for _, k := range kinds {
		if s.Kind(k) == nil {
			return invalid("registration.error.no_kind").With("key", key).With("kind", k).On(at)
		}
	}
	return nil
}

func (s *Setup) checkOptions(m *event.Meeting) error {
	var keys []string
	var names []i18n.Text
	for i := range s.Options {
		o := &s.Options[i]
		at := fmt.Sprintf("options.%d", i)
		if err := s.checkOption(o, m, at); err != nil {
			return err
		}
		keys, names = append(keys, o.Key), append(names, o.Name)
	}
	return named("options", keys, names)
}

func (s *Setup) checkOption(o *Option, m *event.Meeting, at string) error {
	bad := func(key string) error { return invalid(key).With("key", o.Key).On(at) }
	switch {
	case !slices.Contains(OptionKinds, o.Kind):
		return bad("registration.error.option_kind")
	case o.Rule != FirstCome && o.Rule != Lottery:
		return bad("registration.error.rule")
	case o.Rule == Lottery && (o.Closes.IsZero() || o.DrawAt.IsZero() || o.DrawAt.Before(o.Closes)):
		return bad("registration.error.draw_time")
	case len(o.Slots) == 0 || len(o.Slots) > maxSlots:
		return bad("registration.error.slots")
	case o.Companions < 0 || o.Companions > 20:
		return bad("registration.error.companions")
	case o.Day != "" && !slices.Contains(m.Days(), o.Day):
		return bad("registration.error.day")
	case o.If != nil && s.Question(o.If.Question) == nil:
		return bad("registration.error.if")
	}
	var keys []string
	for j, x := range o.Slots {
		switch {
		case !keyPattern.MatchString(x.Key) || slices.Contains(keys, x.Key):
			return invalid("registration.error.key").With("key", x.Key).On(fmt.Sprintf("%s.%d", at, j))
		case !x.Ends.IsZero() && !x.Ends.After(x.Starts):
			return invalid("registration.error.slot_times").With("key", o.Key).On(fmt.Sprintf("%s.%d", at, j))
		}
		if err := checkPriced(o.Priced, x.Capacity, o.Key, at); err != nil {
			return err
		}
		keys = append(keys, x.Key)
	}
	return s.checkKindsOf(o.Kinds, o.Key, at)
}

func (s *Setup) checkRest(m *event.Meeting) error {
	var keys []string
	var names []i18n.Text
	for _, c := range s.Consents {
		keys, names = append(keys, c.Key), append(names, c.Text)
	}
	if err := named("consents", keys, names); err != nil {
		return err
	}
	for i, d := range s.Bounds {
		if !slices.Contains(m.Days(), d.Date) || d.Capacity < 0 {
			return invalid("registration.error.day").With("key", string(d.Date)).On(fmt.Sprintf("days.%d", i))
		}
	}
	for i, r := range s.Refunds {
		if r.Fee < 0 || r.Fee > 100 || i > 0 && (s.Refunds[i-1].Until.IsZero() || !r.Until.IsZero() && !r.Until.After(s.Refunds[i-1].Until)) {
			return invalid("registration.error.refunds").On(fmt.Sprintf("refunds.%d", i))
		}
	}
	if s.ProveHours < 0 || s.AcceptHours < 0 || s.Groups < 0 || s.Groups > 200 || s.PerMinute < 0 || s.PayDays < 0 {
		return invalid("registration.error.number")
	}
	return nil
}
