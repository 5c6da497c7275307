// Package archive knows what stays: what was said at every meeting since the first, and how to find it again. It holds no copy of
// anything: each feature makes what it publishes findable (see kit/search), and this one searches over all of it.
//
// Words: a hit (検索結果) is one thing that has a page of its own; its kind says what it is: a meeting, a session, a speaker, or a page of
// a meeting's site. A group is the hits of one kind.
//
// Features name what they make findable by the kinds below, and the sets they write "<feature>:<slug of the meeting>"; the search
// within one meeting rests on both. Only what everybody may see is ever made findable.
//
// It owns no tables.
package archive

import (
	"embed"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/search"
)

// Files are the words, templates and styles of this feature.
//
//go:embed lang/*.json pages/*
var Files embed.FS

// Kind is what a hit is.
type Kind string

// The kinds of hits.
const (
	Meetings  Kind = "meeting"
	Sessions  Kind = "session"
	Speakers  Kind = "speaker"
	SitePages Kind = "page"
)

// Kinds lists every kind in the order a page shows them.
var Kinds = []Kind{Meetings, Sessions, Speakers, SitePages}

// Label is the key of the kind's name in the catalogue of words.
func (k Kind) Label() string { return "archive.kind." + string(k) }

// publishers are the features that write sets of a meeting.
var publishers = []string{"event", "program"}

// Order is an order of hits, as it stands in an address.
type Order string

// The orders there are.
const (
	Newest    Order = ""          // the latest first
	Relevance Order = "relevance" // first those that have every word in their title
)

// Orders lists every order.
var Orders = []Order{Newest, Relevance}

// Label is the key of the order's name in the catalogue of words.
func (o Order) Label() string {
	if o == Relevance {
		return "archive.order.relevance"
	}
	return "archive.order.newest"
}

func (o Order) sort() search.Sort {
	if o == Relevance {
		return search.Relevance
	}
	return search.Newest
}

// Filters narrow a search. The zero value is everything.
type Filters struct {
	Kind    Kind   // only this kind, in pages of 20; empty gives the first five of each kind
	Meeting string // only what belongs to the meeting of this slug
	Order   Order
	After   string // Group.Next of the page before; only together with Kind
}

// The faults of a search: an address that this program never made.
var (
	errKind  = fault.New(fault.Invalid, "archive.error.kind").On("kind")
	errOrder = fault.New(fault.Invalid, "archive.error.order").On("order")
	errAfter = fault.New(fault.Invalid, "archive.error.after").On("after")
)
