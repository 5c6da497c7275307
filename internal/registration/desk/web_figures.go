package desk

import (
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/chart"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/live"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var figuresPage = web.NewPage[figuresView](event.Mast, web.From(Files, "pages/figures.html"), chart.Template())

// figuresView is the organiser's page of numbers.
type figuresView struct {
	*registration.Figures
	Changed time.Time
	Tiles   []tile
	TileCSV string
	Groups  []figureGroup
	Past    *pastView
}

// tile is one number with its name.
type tile struct {
	Name, Explains string
	N              int
	Main           bool
}

// figureGroup is a heading with charts.
type figureGroup struct {
	ID, Title string
	Charts    []figureView
}

// figureView is a chart with what it counts, and where its table is.
type figureView struct {
	chart.Figure
	Explains []string
	CSV      string
}

// pastView is this meeting beside the last one, in words.
type pastView struct {
	Name     i18n.Text
	URL      string
	Said     string // at the same distance
	Declared []event.Figure
	None     bool
}

// drawn is a figure before it is laid out: its key is its name in the address of its table.
type drawn struct {
	key      string
	chart    chart.Chart
	explains []string
}

// figureRoutes are the addresses of the numbers.
func (h *Web) figureRoutes() []web.Route {
	const at = "/meetings/{slug}/registration/figures"
	return []web.Route{
		web.Private(at, web.Needs(event.MayReadFigures), h.showFigures),
		web.Private(at+"/{name}", web.Needs(event.MayReadFigures), h.figureTable),
		{Pattern: "GET /meetings/{slug}/live/registration", Access: web.Needs(event.MayReadFigures), Machine: true, Personal: true, Handler: h.liveFigures},
	}
}

// showFigures shows the numbers of a meeting's registration.
func (h *Web) showFigures(w http.ResponseWriter, r *http.Request) error {
	n, m, f, err := h.openFigures(r)
	if err != nil {
		return err
	}
	base := f.URL("/meetings/" + m.Slug + "/registration/figures")
	d := &figureDesk{f, m, n}
	v := figuresView{Figures: n, Changed: n.ChangedAt, Tiles: d.tiles(), TileCSV: base + "/summary.csv", Past: d.past()}
	for _, g := range d.groups() {
		shown := figureGroup{ID: g.id, Title: g.title}
		for _, c := range g.charts {
			c.chart.ID = "f-" + c.key
			shown.Charts = append(shown.Charts, figureView{chart.New(c.chart, f.T), c.explains, base + "/" + c.key + ".csv"})
		}
		v.Groups = append(v.Groups, shown)
	}
	return web.Show(w, figuresPage, f, v)
}

// openFigures reads the numbers and starts their page.
func (h *Web) openFigures(r *http.Request) (*registration.Figures, *registration.Meeting, *web.Frame, error) {
	slug := r.PathValue("slug")
	n, err := h.s.Figures(r.Context(), slug)
	if err != nil {
		return nil, nil, nil, err
	}
	f, m, err := h.s.Frame(r, h.site, "registration/figures")
	if err != nil {
		return nil, nil, nil, err
	}
	f.Title, f.NoIndex = f.T("registration.figures.title"), true
	f.Styles = append(f.Styles, f.Asset("chart.css"), f.Asset("figures.css"))
	f.Scripts = append(f.Scripts, f.Asset("figures.js"))
	if h.follow != nil {
		f.Live = &web.Live{Topics: registration.Scope(slug), URL: "/meetings/" + slug + "/live/registration", Version: m.Stamp(), Refresh: true}
	}
	return n, m, f, nil
}

// liveFigures tells open pages when the setup changed.
func (h *Web) liveFigures(w http.ResponseWriter, r *http.Request) error {
	slug := r.PathValue("slug")
	if _, err := h.events.Meeting(r.Context(), slug); err != nil {
		return err
	}
	if err := event.Require(r.Context(), slug, event.MayReadFigures); err != nil {
		return err
	}
	if h.follow == nil {
		return web.See("/meetings/" + slug + "/registration/figures")
	}
	if err := live.Asked(r); err != nil {
		return err
	}
	return h.follow(w, r, registration.Scope(slug))
}

// figureTable is the table of one figure, for spreadsheets.
func (h *Web) figureTable(w http.ResponseWriter, r *http.Request) error {
	key, ok := strings.CutSuffix(r.PathValue("name"), ".csv")
	if !ok {
		return fault.Missing()
	}
	n, m, f, err := h.openFigures(r)
	if err != nil {
		return err
	}
	d := &figureDesk{f, m, n}
	for _, c := range d.all() {
		if c.key != key {
			continue
		}
		return download(w, m.Slug+"-registration-"+key+".csv", csvKind, c.chart.CSV())
	}
	return fault.Missing()
}

// figureDesk puts numbers into words and charts.
type figureDesk struct {
	*web.Frame
	m *registration.Meeting
	n *registration.Figures
}

// say is a word of these pages.
func (d *figureDesk) say(key string, args ...any) string {
	return d.T("registration.figures."+key, args...)
}

// series is a row of values of a chart.
func series(name string, values []float64) chart.Series {
	return chart.Series{Name: name, Values: values}
}

// draw starts a figure with what it counts.
func (d *figureDesk) draw(key string, c chart.Chart, args ...any) drawn {
	if c.Title == "" {
		c.Title = d.say(key)
	}
	if c.Unit == "" {
		c.Unit = d.say("people")
	}
	about := d.say("explain."+key, args...)
	c.About = about
	return drawn{key, c, []string{about}}
}

// tiles are the numbers above everything.
func (d *figureDesk) tiles() []tile {
	n := d.n
	one := func(key string, count int) tile {
		return tile{Name: d.say(key), Explains: d.say("explain." + key), N: count}
	}
	first := one("registrants", n.Registrants)
	first.Main = true
	out := []tile{first, one("placed", n.Placed()), one("waiting", n.ByState[registration.Waiting])}
	for _, x := range []tile{one("offered", n.ByState[registration.Offered]), one("invited", n.ByState[registration.Invited]), one("unproven", n.Unproven), one("concerned", n.Left)} {
		if x.N > 0 {
			out = append(out, x)
		}
	}
	return out
}

// chartGroup is a heading with figures.
type chartGroup struct {
	id, title string
	charts    []drawn
}

// groups are all figures under their headings.
func (d *figureDesk) groups() []chartGroup {
	var out []chartGroup
	add := func(id string, charts ...drawn) {
		if len(charts) > 0 {
			out = append(out, chartGroup{id, d.say("group." + id), charts})
		}
	}
	add("time", append(d.comparison(), d.times()...)...)
	add("who", append([]drawn{d.kinds(), d.days()}, d.payments()...)...)
	add("options", d.options()...)
	add("questions", d.questions()...)
	return out
}

// all are the figures that have a table.
func (d *figureDesk) all() []drawn {
	summary := chart.Chart{Of: d.say("of.figure"), Unit: d.say("people")}
	var values []float64
	for _, t := range d.tiles() {
		summary.Labels, values = append(summary.Labels, t.Name), append(values, float64(t.N))
	}
	summary.Series = []chart.Series{{Values: values}}
	out := []drawn{{key: "summary", chart: summary}}
	for _, g := range d.groups() {
		out = append(out, g.charts...)
	}
	return out
}

// times are entries by hour and by date.
func (d *figureDesk) times() []drawn {
	if len(d.n.Dates) == 0 {
		return nil
	}
	opens := d.Moment(d.m.Opens.In(d.m.Location()))
	hours := chart.Chart{Kind: chart.Columns, Of: d.say("of.hour"), Unit: d.say("entries"), Wide: true, Series: []chart.Series{{Values: chart.Ints(d.n.Hours...)}}}
	for h := range d.n.Hours {
		hours.Labels = append(hours.Labels, d.say("hour", "h", h))
	}
	dates := chart.Chart{Kind: chart.Columns, Of: d.say("of.date"), Unit: d.say("entries"), Wide: true}
	var values []float64
	if d.n.Before > 0 {
		dates.Labels, values = append(dates.Labels, d.say("before")), append(values, float64(d.n.Before))
	}
	for _, x := range d.n.Dates {
		dates.Labels, values = append(dates.Labels, d.ShortDay(x.Date.Time(d.m.Location()))), append(values, float64(x.N))
	}
	dates.Series = []chart.Series{{Values: values}}
	return []drawn{d.draw("hours", hours, "opens", opens, "hours", registration.OpeningHours), d.draw("dates", dates)}
}

// comparison is the growth of this meeting's entries beside that of the last one.
func (d *figureDesk) comparison() []drawn {
	p := d.n.Past
	if p == nil || len(p.Days) == 0 {
		return nil
	}
	c := chart.Chart{Kind: chart.Lines, Of: d.say("of.distance"), Wide: true, Series: []chart.Series{series(d.In(d.m.Name()), p.Values), series(d.In(p.Meeting.Name()), p.Thens)}}
	for _, day := range p.Days {
		c.Labels = append(c.Labels, d.distance(p, day))
	}
	key := "past_first"
	if p.Opening {
		key = "past_opening"
	}
	one := d.draw(key, c)
	one.key = "past"
	return []drawn{one}
}

// distance names a number of days from the opening, or from the first day.
func (d *figureDesk) distance(p *registration.PastFigure, days int) string {
	switch {
	case p.Opening:
		return d.say("after_opening", "d", days)
	case days == 0:
		return d.say("first_day")
	case days < 0:
		return d.say("before_first", "d", -days)
	}
	return d.say("after_first", "d", days)
}

// past says how this meeting stands beside the last one.
func (d *figureDesk) past() *pastView {
	p := d.n.Past
	if p == nil {
		return nil
	}
	v := &pastView{Name: p.Meeting.Name(), URL: d.URL("/meetings/" + p.Meeting.Slug), Declared: p.Declared}
	if len(p.Days) == 0 {
		v.None = len(p.Declared) == 0
		return v
	}
	change := d.say("as_many")
	if diff := p.This - p.Then; diff != 0 {
		change = signed(diff)
		if p.Then > 0 {
			change += d.say("percent", "p", signedPercent(diff, p.Then))
		}
	}
	key := "beside_first"
	if p.Opening {
		key = "beside_opening"
	}
	days, hours := int(math.Abs(p.Distance.Hours()))/24, int(math.Abs(p.Distance.Hours()))%24
	if !p.Opening && p.Distance >= 0 {
		key = "beside_begun"
	}
	v.Said = d.say(key, "d", days, "h", hours, "this", i18n.Number(float64(p.This)), "then", i18n.Number(float64(p.Then)), "last", d.In(p.Meeting.Name()), "change", change)
	return v
}

// signed writes a difference with its sign.
func signed(n int) string {
	if n < 0 {
		return "−" + i18n.Number(float64(-n))
	}
	return "+" + i18n.Number(float64(n))
}

// signedPercent is a difference in percent, rounded half away from zero.
func signedPercent(diff, of int) string {
	v := math.Round(float64(diff)/float64(of)*1000) / 10
	switch {
	case v == 0:
		return "±0"
	case v < 0:
		return "−" + i18n.Number(-v)
	}
	return "+" + i18n.Number(v)
}

// kinds are the registrants by kind.
func (d *figureDesk) kinds() drawn {
	c := chart.Chart{Kind: chart.Stacked, Of: d.say("of.kind"), N: d.n.Registrants}
	var placed, waiting []float64
	waits := false
	for _, k := range d.n.Kinds {
		name := k.Kind.Name.In(d.Lang)
		if name == "" {
			name = d.say("gone", "key", k.Kind.Key)
		}
		c.Labels, placed, waiting = append(c.Labels, name), append(placed, float64(k.Placed)), append(waiting, float64(k.Waiting))
		waits = waits || k.Waiting > 0
	}
	c.Series = []chart.Series{series(d.say("placed"), placed)}
	if waits {
		c.Series = append(c.Series, series(d.say("waiting"), waiting))
	}
	return d.draw("kinds", c)
}

// days are those with a place by day, on site and online.
func (d *figureDesk) days() drawn {
	c := chart.Chart{Kind: chart.Bars, Of: d.say("of.day")}
	var onsite, online []float64
	for _, x := range d.n.Days {
		c.Labels = append(c.Labels, d.ShortDay(x.Day.Time(d.m.Location())))
		onsite, online = append(onsite, float64(x.Onsite)), append(online, float64(x.Online))
	}
	c.Series = []chart.Series{series(d.T("registration.mode.onsite"), onsite), series(d.T("registration.mode.online"), online)}
	return d.draw("days", c)
}

// payments are entries by where their payment stands, where anything has a price.
func (d *figureDesk) payments() []drawn {
	if len(d.n.Payments) == 0 {
		return nil
	}
	c := chart.Chart{Kind: chart.Bars, Of: d.say("of.payment"), N: d.n.Registrants, Share: true}
	var values []float64
	for _, p := range d.n.Payments {
		c.Labels, values = append(c.Labels, d.say("pay."+p.State)), append(values, float64(p.N))
	}
	c.Series = []chart.Series{{Values: values}}
	return []drawn{d.draw("payments", c)}
}

// options are the places of each option: one chart for those without several times, and one for each with.
func (d *figureDesk) options() []drawn {
	var out []drawn
	single := chart.Chart{Kind: chart.Stacked, Of: d.say("of.option"), Unit: d.say("places")}
	var slots []registration.SlotFigure
	for _, o := range d.n.Options {
		if len(o.Slots) == 1 {
			single.Labels, slots = append(single.Labels, d.slot(o.Option.Name.In(d.Lang), o.Slots[0])), append(slots, o.Slots[0])
		}
	}
	if len(slots) > 0 {
		single.Series = d.states(slots)
		out = append(out, d.draw("options", single))
	}
	for _, o := range d.n.Options {
		if len(o.Slots) < 2 {
			continue
		}
		c := chart.Chart{Kind: chart.Stacked, Title: o.Option.Name.In(d.Lang), Of: d.say("of.slot"), Unit: d.say("places"), Series: d.states(o.Slots)}
		for _, x := range o.Slots {
			name := strings.TrimSpace(x.Slot.Name.In(d.Lang) + " " + inSlot(x.Slot, d.m.Location()).When(d.Lang))
			if name == "" {
				name = x.Slot.Key
			}
			c.Labels = append(c.Labels, d.slot(name, x))
		}
		one := d.draw("options", c)
		one.key = "option-" + o.Option.Key
		out = append(out, one)
	}
	return out
}

// inSlot is a slot with its times where the meeting is.
func inSlot(x *registration.Slot, loc *time.Location) registration.Slot {
	out := *x
	if !x.Starts.IsZero() {
		out.Starts = x.Starts.In(loc)
	}
	if !x.Ends.IsZero() {
		out.Ends = x.Ends.In(loc)
	}
	return out
}

// slot names a slot with its places.
func (d *figureDesk) slot(name string, x registration.SlotFigure) string {
	left, bounded := x.Quota.Left()
	if !bounded {
		return d.say("unbounded", "name", name)
	}
	return d.say("left", "name", name, "left", left, "capacity", i18n.Number(float64(x.Quota.Capacity)))
}

// states are the series of options: places that are taken, offered, asked for in a lottery, waited for. What nobody has is left out.
func (d *figureDesk) states(slots []registration.SlotFigure) []chart.Series {
	all := make([][]float64, 4)
	sums := make([]int, 4)
	for _, x := range slots {
		for i, n := range []int{x.Taken, x.Offered, x.Asked, x.Waited} {
			all[i], sums[i] = append(all[i], float64(n)), sums[i]+n
		}
	}
	var out []chart.Series
	for i, key := range []string{"taken", "held", "asked", "waited"} {
		if i == 0 || sums[i] > 0 {
			out = append(out, series(d.say(key), all[i]))
		}
	}
	return out
}

// questions are the answers to each question that may be counted.
func (d *figureDesk) questions() []drawn {
	var out []drawn
	for i := range d.n.Questions {
		q := &d.n.Questions[i]
		c := chart.Chart{Kind: chart.Bars, Title: q.Question.Label.In(d.Lang), Of: d.say("of.answer"), N: q.N, Share: q.N > 0}
		if q.Question.Type != registration.Many && q.Question.Type != registration.Counted && !q.Few && len(q.Rows) <= 8 && len(q.Rows) > 0 {
			c.Kind = chart.Shares
		}
		var values []float64
		for _, a := range q.Rows {
			c.Labels, values = append(c.Labels, d.answer(a, q.Question.Type)), append(values, float64(a.N))
		}
		if q.Question.Type == registration.Counted && q.Question.Class != registration.Sensitive {
			c.Labels, values = binned(q.Rows)
		}
		key := "question"
		switch {
		case q.Hidden:
			key = "question_hidden"
		case !q.Question.Countable():
			key, c.Labels, values = "question_words", []string{d.say("answered")}, []float64{float64(q.N)}
			c.Share = false
		case q.Question.Type == registration.Many:
			key = "question_many"
		}
		c.Series = []chart.Series{{Values: values}}
		one := d.draw(key, c, "n", registration.Fewest)
		one.key = "question-" + q.Question.Key
		if q.Few {
			one.explains = append(one.explains, d.say("explain.few", "n", registration.Fewest))
		}
		out = append(out, one)
	}
	return out
}

// answer names an answer.
func (d *figureDesk) answer(a registration.AnswerFigure, t registration.QuestionType) string {
	switch {
	case a.Value == "":
		return d.say("few", "n", registration.Fewest)
	case a.Choice != nil:
		return a.Choice.Name.In(d.Lang)
	case t == registration.YesNo:
		return d.T("registration." + a.Value)
	case t == registration.Counted:
		return a.Value
	}
	return d.say("gone", "key", a.Value)
}

// most is how many rows numbers are put into.
const most = 12

// binned puts numbers that were answered into equal steps; few different ones stay as they are.
func binned(rows []registration.AnswerFigure) (labels []string, values []float64) {
	if len(rows) <= most {
		for _, a := range rows {
			labels, values = append(labels, a.Value), append(values, float64(a.N))
		}
		return labels, values
	}
	low, high := rows[0].Number(), rows[len(rows)-1].Number()
	step := 1
	for (high-low)/step >= most {
		if leading(step) == 2 {
			step = step / 2 * 5
		} else {
			step *= 2
		}
	}
	first := low / step * step
	for from := first; from <= high; from += step {
		labels, values = append(labels, i18n.Number(float64(from))+"–"+i18n.Number(float64(from+step-1))), append(values, 0)
	}
	for _, a := range rows {
		if i := (a.Number() - first) / step; i >= 0 && i < len(values) {
			values[i] += float64(a.N)
		}
	}
	return labels, values
}

// leading is the first digit of a number.
func leading(n int) int {
	for n >= 10 {
		n /= 10
	}
	return n
}

// Float is the number as pages write it.
func (t tile) Float() float64 { return float64(t.N) }
