package registration

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Filter chooses entries of a meeting. Empty fields choose all, but those that are cancelled are there only where State asks for them.
type Filter struct {
	Query    string     // words, each of which an entry has somewhere; or its three spoken words
	Kind     string     //
	State    string     // a State; "all": also those that are cancelled
	Day      event.Date // takes part on it
	Mode     Mode       // so
	Option   string     // has a place in an option, or in one of its slots: social, tour/a
	Waits    bool       // waits for a place in that option rather
	Answer   string     // answered so: first-time:yes
	Paid     string     // paid, open
	Group    string     // ref of a group
	Code     string     // ref of a code
	Unproven bool       // the address was not shown to be theirs
	Since    event.Date // made on it or later
	Refs     []string   // these
	Sort     string     // of Sorts; empty: the newest first
}

// Sorts are the orders of the list.
var Sorts = []string{"", "old", "name", "organisation", "changed"}

// longQuery bounds what is searched for.
const longQuery = 200

// ReadFilter reads a filter from the parameters of an address.
func ReadFilter(q url.Values) Filter {
	f := Filter{
		Query: strings.TrimSpace(q.Get("q")), Kind: q.Get("kind"), State: q.Get("state"), Day: event.Date(q.Get("day")), Mode: Mode(q.Get("mode")), Option: q.Get("option"),
		Waits: q.Get("waits") != "", Answer: q.Get("answer"), Paid: q.Get("paid"), Group: q.Get("group"), Code: q.Get("code"), Unproven: q.Get("unproven") != "",
		Since: event.Date(q.Get("since")), Refs: q["ref"], Sort: q.Get("sort"),
	}
	if r := []rune(f.Query); len(r) > longQuery {
		f.Query = string(r[:longQuery])
	}
	if !f.Day.Valid() {
		f.Day = ""
	}
	if !f.Since.Valid() {
		f.Since = ""
	}
	if !slices.Contains(Sorts, f.Sort) {
		f.Sort = ""
	}
	return f
}

// Values are the parameters that ReadFilter reads.
func (f Filter) Values() url.Values {
	q := url.Values{}
	set := func(name, v string) {
		if v != "" {
			q.Set(name, v)
		}
	}
	yes := map[bool]string{true: "1"}
	for _, x := range [][2]string{
		{"q", f.Query}, {"kind", f.Kind}, {"state", f.State}, {"day", string(f.Day)}, {"mode", string(f.Mode)}, {"option", f.Option}, {"waits", yes[f.Waits]},
		{"answer", f.Answer}, {"paid", f.Paid}, {"group", f.Group}, {"code", f.Code}, {"unproven", yes[f.Unproven]}, {"since", string(f.Since)}, {"sort", f.Sort},
	} {
		set(x[0], x[1])
	}
	if len(f.Refs) > 0 {
		q["ref"] = slices.Clone(f.Refs)
	}
	return q
}

// Narrow reports that a filter leaves somebody out beside those who cancelled.
func (f Filter) Narrow() bool {
	f.Sort = ""
	return len(f.Values()) > 0
}

// terms are the words of the query, as the text is folded that entries are searched in.
func (f Filter) terms() []string {
	var out []string
	for _, w := range strings.Fields(norm.NFKC.String(f.Query)) {
		if w = folded(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// Reason is how the desk does something to an entry.
type Reason struct {
	Why  string // shown to the person in the record of their entry
	Tell bool   // the person is written to
	Over bool   // whether there is a place or not
}

// check cleans a reason. Who goes over a capacity gives one.
func (r *Reason) check() error {
	if err := line(&r.Why, MaxLine, "why"); err != nil {
		return err
	}
	if r.Over && r.Why == "" {
		return invalid("registration.error.why").On("why")
	}
	return nil
}

// Pair are two entries that may be one person's.
type Pair struct {
	A, B *Entry
	Why  []string // name, kana, address, person
}

// pairsOf finds entries that may be one person's: the same name and organisation, the same reading, the same address in another spelling, the
// same account. Nothing is decided by that.
func pairsOf(list []*Entry) []Pair {
	type two struct{ a, b int }
	why := map[two][]string{}
	var order []two
	note := func(reason string, key func(*Entry) string) {
		same := map[string][]int{}
		for i, e := range list {
			if k := key(e); k != "" {
				same[k] = append(same[k], i)
			}
		}
		for i, e := range list {
			for _, j := range same[key(e)] {
				if j <= i {
					continue
				}
				p := two{i, j}
				if why[p] == nil {
					order = append(order, p)
				}
				why[p] = append(why[p], reason)
			}
		}
	}
	note("name", func(e *Entry) string {
		if n := folded(e.Name.JA + e.Name.EN); n != "" {
			return n + "\n" + folded(e.Organisation.JA+e.Organisation.EN)
		}
		return ""
	})
	note("kana", func(e *Entry) string { return folded(e.Kana) })
	note("address", func(e *Entry) string { return plainAddress(e.Folded) })
	note("person", func(e *Entry) string {
		if e.Person == 0 {
			return ""
		}
		return strconv.FormatInt(e.Person, 10)
	})
	out := make([]Pair, 0, len(order))
	for _, p := range order {
		out = append(out, Pair{list[p.a], list[p.b], why[p]})
	}
	slices.SortStableFunc(out, func(x, y Pair) int { return len(y.Why) - len(x.Why) })
	return out
}

// plainAddress is an address without what many servers ignore: case, and what follows a plus.
func plainAddress(folded string) string {
	user, domain, ok := strings.Cut(strings.ToLower(folded), "@")
	if !ok {
		return ""
	}
	user, _, _ = strings.Cut(user, "+")
	return user + "@" + domain
}

// mayMerge says why two entries cannot become one, or nil.
func mayMerge(keep, gone *Entry) error {
	if keep.ID == gone.ID || !keep.Active() || !gone.Active() {
		return fault.New(fault.Conflict, "registration.error.merge")
	}
	return nil
}

// orderNumber reads a text as the number of an order: eight letters and digits, in any width and case, with O and I read as what they look like.
// It is empty where it is none.
func orderNumber(s string) string {
	s = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "").Replace(strings.ToUpper(norm.NFKC.String(strings.TrimSpace(s))))
	if len(s) != 8 || strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }) {
		return ""
	}
	return s
}
