package program

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// The number of things on one page of a list of the API.
const (
	apiLimit    = 100 // where nobody asks
	apiMaxLimit = 500
)

// sessionList is the name of the list that can be filtered.
const sessionList = "sessions"

// apiList is every list of the API.
type apiList[T any] struct {
	Items []T    `json:"items"`
	Total int    `json:"total"`          // over all pages
	Next  string `json:"next,omitempty"` // the URL of the next page; missing on the last
}

// whole is a list that is always one page.
func whole[T any](items []T) apiList[T] {
	if items == nil {
		items = []T{}
	}
	return apiList[T]{Items: items, Total: len(items)}
}

// paging is the stretch of a list that a request asks for. A cursor holds the place of the last thing already seen, not a count, so that
// what is added or moved meanwhile makes nobody miss or see twice anything else.
type paging struct {
	list  string // the name of the list, which its cursors carry
	limit int
	after string // place of the last thing seen, or empty
}

// badParameter is the fault of a query parameter that cannot be used.
func badParameter(name, key string, args ...any) error {
	f := fault.New(fault.Invalid, key).On(name).With("parameter", name)
	for i := 0; i+1 < len(args); i += 2 {
		if arg, ok := args[i].(string); ok {
			f = f.With(arg, args[i+1])
		}
	}
	return f
}

// readPaging reads limit and cursor.
func readPaging(list string, q url.Values) (paging, error) {
	pg := paging{list: list, limit: apiLimit}
	if q.Has("limit") {
		n, err := strconv.Atoi(q.Get("limit"))
		if err != nil || n < 1 || n > apiMaxLimit {
			return pg, badParameter("limit", "program.api.error.limit", "max", apiMaxLimit)
		}
		pg.limit = n
	}
	if q.Has("cursor") {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(q.Get("cursor"))
		name, after, ok := strings.Cut(string(raw), "\n")
		if err != nil || !ok || name != list || after == "" {
			return pg, badParameter("cursor", "program.api.error.cursor")
		}
		pg.after = after
	}
	return pg, nil
}

// first reports whether the first page of the usual length is asked for.
func (pg paging) first() bool { return pg.after == "" && pg.limit == apiLimit }

// cursor is what stands in the address of the page after a place.
func (pg paging) cursor(place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(pg.list + "\n" + place))
}

// page cuts the stretch out of a list that is in the order of its places, which are unique. more is the cursor of what follows, or empty.
func page[T any](pg paging, all []T, place func(T) string) (items []T, more string) {
	from := 0
	if pg.after != "" {
		i, seen := slices.BinarySearchFunc(all, pg.after, func(v T, after string) int { return cmp.Compare(place(v), after) })
		if from = i; seen {
			from++
		}
	}
	to := min(from+pg.limit, len(all))
	items = all[from:to]
	if to < len(all) {
		more = pg.cursor(place(all[to-1]))
	}
	return items, more
}

// next is the address of the next page: that of this one with another cursor, and with those of its parameters that mean anything.
func (pg paging) next(address string, q url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	next := url.Values{"cursor": {cursor}}
	if pg.limit != apiLimit {
		next.Set("limit", strconv.Itoa(pg.limit))
	}
	for _, name := range filterNames() {
		if q.Has(name) && pg.list == sessionList {
			next.Set(name, q.Get(name))
		}
	}
	return address + "?" + next.Encode()
}
