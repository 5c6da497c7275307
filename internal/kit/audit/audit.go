// Package audit keeps every change that anyone makes: who, when, what before and after, from where.
//
// Record writes an entry in the transaction of the change itself: either both are there, or neither. What a person wrote, and the
// address they came from, stand apart (audit_value) and can be erased; the entry keeps a salted hash of each (its marks), which says
// nothing once the salt is gone. After the commit a Sealer puts the entries into one chain, each link hashing the one before, so that
// Verify finds an entry that was altered, removed, slipped in or moved, and names it. Erasing values leaves the chain as it is.
//
// A database alone cannot show that nobody replaced all of it: keep the Head that Verify reports somewhere else, and give it to the
// next Verify.
//
// A secret entry (a vote, marks given while blind, an anonymous answer) holds no values and no address, only the day, and neither its id
// nor its place in the chain tells when on that day it was made: it is sealed when the day is over, in the order of random numbers.
//
// Tables: audit_entry, audit_value, audit_head.
package audit

import (
	"embed"
	"strings"
	"time"
	"unicode/utf8"
)

// Migrations holds the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Entry is a change as its maker tells it. Who did it and from where is read from the context (see authz.Who).
type Entry struct {
	Action string // what was done, "program.session.edited": its words are those of the key "audit." + Action
	Scope  string // slug of the meeting; empty: the group
	Object string // what was changed: "session:K7Q2XM", a kind and a public id
	// About is the public id of the person whose personal data the values are, where there is one: they go when that person is erased.
	// Of an object "person:ID" it is that ID without being said.
	About string
	// Before and After hold the fields by name. Only those that differ are kept; where both are given and nothing differs, nothing is
	// recorded. An entry without either says that something was done.
	Before, After map[string]string
	// Secret keeps no values and no address, and of the time only the day. Object must not name the choice.
	Secret bool
	At     time.Time // default: now
}

// Stored is an entry as it is read again.
type Stored struct {
	ID      int64
	At      time.Time // UTC; of a secret entry the start of its day
	Actor   string
	Action  string
	Scope   string
	Object  string
	About   string
	Secret  bool
	Values  []Value // by name
	Address string  // empty: erased, unknown, or secret
	Seal    int64   // place in the chain; 0 where it is not sealed yet
}

// Value is a field that differed.
type Value struct {
	Name, Before, After string
	Erased              bool // it was there, and is gone for good
}

// Bounds. A longer text is cut and says so; an entry of more keeps the names of what is beyond.
const (
	maxValue  = 64 << 10 // bytes of one side of one field
	maxValues = 1 << 20  // bytes of all values of an entry
	maxName   = 200      // bytes of an action, object, and so on
)

// cutMark ends a text that was cut.
const cutMark = " […]"

// differing lists the fields that differ, cleaned and bounded, by name.
func differing(before, after map[string]string) []Value {
	var out []Value
	room := maxValues
	seen := map[string]bool{}
	for _, field := range names(before, after) {
		name := cut(strings.TrimLeft(clean(field), "@"), maxName)
		b, a := clean(before[field]), clean(after[field])
		if b == a || seen[name] {
			continue
		}
		b, a = cut(b, min(maxValue, room/2)), cut(a, min(maxValue, room/2))
		room -= len(b) + len(a)
		seen[name] = true
		out = append(out, Value{Name: name, Before: b, After: a})
	}
	return out
}

// clean makes a text one that both engines and JSON keep as it is.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// cut shortens a text to about n bytes, between characters, and marks that it did.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = max(0, n-len(cutMark))
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + cutMark
}

// subject is whose personal data an entry holds.
func (e Entry) subject() string {
	if id, ok := strings.CutPrefix(e.Object, "person:"); ok && e.About == "" {
		return id
	}
	return e.About
}
