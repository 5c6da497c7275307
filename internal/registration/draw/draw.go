// Package draw is a lottery that anybody can check. It is pure: it knows neither a database nor a page.
//
// Before applications close, a secret is made and its SHA-256 published with the rules (Rules.Commitment). At closing the list of tickets is
// frozen and its hash published. At the draw the secret is opened; with it, and with an outside value that the rules named beforehand and
// nobody of the meeting decides, every ticket gets a number, and the numbers give an order:
//
//	seed          = HMAC-SHA256(secret, "tsudoi draw 1\n" + of + "\n" + outside value)
//	lot(t, j)     = HMAC-SHA256(seed, t + "\n" + j)        for j = 1 to the weight of the ticket t, in decimal
//	number(t)     = the smallest lot of t
//	order         = tickets by number, the smallest first
//
// The smallest of w equal chances goes first exactly w times as often as one, at every place of the order: it is the weighted sampling of
// Efraimidis and Spirakis (2006) without powers or logarithms, so that two machines can never differ. A weight of one and a half is
// written as three where one is written as two.
//
// Places are filled in that order. A ticket for k people takes k places, or none: one that no longer fits goes to the waiting list, and
// the next that fits is taken. The waiting list is everybody else, in the order of the draw.
//
// A number depends on no other ticket: whoever joins or leaves changes the order of nobody else.
package draw

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Format names the rule, so that a record of today can be checked when there are others.
const Format = "tsudoi draw 1"

// Bounds of a ticket: what is beyond them is a mistake.
const (
	MaxWeight = 100
	MaxSize   = 100
)

// Secret is what the program keeps until the draw. It does not show itself in logs; Open writes it out.
type Secret [32]byte

// NewSecret makes a secret.
func NewSecret() Secret {
	var s Secret
	_, _ = rand.Read(s[:]) // never fails: see crypto/rand
	return s
}

// ParseSecret reads what Open wrote.
func ParseSecret(s string) (Secret, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(Secret{}) || s != strings.ToLower(s) {
		return Secret{}, errors.New("a secret is 64 hexadecimal digits")
	}
	return Secret(b), nil
}

// Open writes the secret as it is published after the draw.
func (s Secret) Open() string { return hex.EncodeToString(s[:]) }

// Commitment is the hash that is published beforehand: it says nothing of the secret, and fits no other.
func (s Secret) Commitment() string {
	sum := sha256.Sum256(s[:])
	return hex.EncodeToString(sum[:])
}

// String hides the secret.
func (s Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (s Secret) GoString() string { return "(secret)" }

// Format hides the secret, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("(secret)")) }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// MarshalText refuses: a secret goes into no document but by Open.
func (s Secret) MarshalText() ([]byte, error) { return nil, errors.New("a secret is not written down") }

// Rules are published before applications close, and do not change after.
type Rules struct {
	Format     string `json:"format"`
	Of         string `json:"of"` // what is drawn: janog57/social
	Capacity   int    `json:"capacity"`
	Commitment string `json:"commitment"`
	Outside    string `json:"outside,omitempty"` // which value of elsewhere counts: "Nikkei 225, close of 2026-01-09"; empty: none
}

// NewRules are the rules of a draw with a secret.
func NewRules(of string, capacity int, s Secret, outside string) (Rules, error) {
	r := Rules{Format, of, capacity, s.Commitment(), strings.TrimSpace(outside)}
	return r, r.check()
}

var (
	names   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9/._-]{0,199}$`)
	tickets = regexp.MustCompile(`^[0-9A-Z][0-9A-Z-]{0,39}$`)
	hashes  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (r Rules) check() error {
	switch {
	case r.Format != Format:
		return fmt.Errorf("the format is %q, and this checks %q", r.Format, Format)
	case !names.MatchString(r.Of):
		return fmt.Errorf("%q is no name of what is drawn", r.Of)
	case r.Capacity < 0:
		return errors.New("the capacity is below zero")
	case !hashes.MatchString(r.Commitment):
		return errors.New("the commitment is not 64 hexadecimal digits")
	case !oneLine(r.Outside):
		return errors.New("the name of the outside value is longer than one line of 200 characters")
	}
	return nil
}

// oneLine reports a text that stands on one line, as it was typed but for spaces around it.
func oneLine(s string) bool {
	return len([]rune(s)) <= 200 && !strings.ContainsAny(s, "\r\n\x00") && s == strings.TrimSpace(s)
}

// Ticket is one application. Its ID says nothing of who applied (see ID).
type Ticket struct {
	ID     string `json:"ticket"`
	Weight int    `json:"weight"`
	Size   int    `json:"size"` // how many places it takes: one, and one for each companion
}

// ID makes the public name of an application from its secret reference: whoever has the reference finds the ticket, and nobody the other
// way. The same person has another in each draw.
func ID(of, ref string) string {
	const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	sum := sha256.Sum256([]byte(Format + " ticket\n" + of + "\n" + ref))
	out := make([]byte, 0, 14)
	for i := range 12 {
		if i == 4 || i == 8 {
			out = append(out, '-')
		}
		out = append(out, crockford[sum[i]&31])
	}
	return string(out)
}

// List puts tickets in the order in which they are frozen and published.
func List(list []Ticket) ([]Ticket, error) {
	out := append([]Ticket{}, list...) // also of nobody it is a list
	slices.SortFunc(out, func(a, b Ticket) int { return cmp.Compare(a.ID, b.ID) })
	return out, checkList(out)
}

func checkList(list []Ticket) error {
	for i, t := range list {
		switch {
		case !tickets.MatchString(t.ID):
			return fmt.Errorf("%q is no ticket", t.ID)
		case t.Weight < 1 || t.Weight > MaxWeight:
			return fmt.Errorf("the weight of ticket %s is not between 1 and %d", t.ID, MaxWeight)
		case t.Size < 1 || t.Size > MaxSize:
			return fmt.Errorf("the size of ticket %s is not between 1 and %d", t.ID, MaxSize)
		case i > 0 && list[i-1].ID == t.ID:
			return fmt.Errorf("ticket %s is there twice", t.ID)
		case i > 0 && list[i-1].ID > t.ID:
			return fmt.Errorf("ticket %s is not in its place of the list", t.ID)
		}
	}
	return nil
}

// ListHash is published when applications close: SHA-256 of one line "ticket weight size" for each, in their order.
func ListHash(sorted []Ticket) string {
	h := sha256.New()
	for _, t := range sorted {
		_, _ = fmt.Fprintf(h, "%s %d %d\n", t.ID, t.Weight, t.Size)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Drawn is a ticket with its place.
type Drawn struct {
	Place  int    `json:"place"` // from 1
	Ticket string `json:"ticket"`
	Number string `json:"number"`
	Won    bool   `json:"won"`
}

// Record is everything that is published of a draw: whoever has it can repeat the draw. It names nobody.
type Record struct {
	Rules
	Value    string   `json:"outside_value,omitempty"`
	Secret   string   `json:"secret"`
	ListHash string   `json:"list_hash"`
	Tickets  []Ticket `json:"tickets"`
	Order    []Drawn  `json:"order"`
}

// Draw draws. The secret must be the one of the commitment, and an outside value be there if and only if the rules name one.
func Draw(r Rules, s Secret, outside string, list []Ticket) (Record, error) {
	outside = strings.TrimSpace(outside)
	sorted, err := List(list)
	if err != nil {
		return Record{}, err
	}
	rec := Record{Rules: r, Value: outside, Secret: s.Open(), ListHash: ListHash(sorted), Tickets: sorted}
	if err := rec.checkInputs(); err != nil {
		return Record{}, err
	}
	rec.Order = order(r, s, outside, sorted)
	return rec, nil
}

func (rec Record) checkInputs() error {
	if err := rec.check(); err != nil {
		return err
	}
	s, err := ParseSecret(rec.Secret)
	switch {
	case err != nil:
		return err
	case s.Commitment() != rec.Commitment:
		return errors.New("the secret is not the one of the commitment")
	case rec.Outside == "" && rec.Value != "":
		return errors.New("there is an outside value, and the rules name none")
	case rec.Outside != "" && rec.Value == "":
		return fmt.Errorf("the outside value is missing: %s", rec.Outside)
	case !oneLine(rec.Value):
		return errors.New("the outside value is longer than one line of 200 characters")
	}
	return nil
}

// order gives every ticket its number, sorts them and fills the places.
func order(r Rules, s Secret, outside string, list []Ticket) []Drawn {
	seed := mac(s[:], Format+"\n"+r.Of+"\n"+outside)
	type numbered struct {
		Ticket
		number []byte
	}
	all := make([]numbered, len(list))
	for i, t := range list {
		all[i] = numbered{t, number(seed, t)}
	}
	slices.SortFunc(all, func(a, b numbered) int {
		return cmp.Or(bytes.Compare(a.number, b.number), cmp.Compare(a.ID, b.ID))
	})
	free := r.Capacity
	out := make([]Drawn, len(all))
	for i, t := range all {
		won := t.Size <= free
		if won {
			free -= t.Size
		}
		out[i] = Drawn{i + 1, t.ID, hex.EncodeToString(t.number), won}
	}
	return out
}

// number is the smallest lot of a ticket.
func number(seed []byte, t Ticket) []byte {
	var best []byte
	for j := 1; j <= t.Weight; j++ {
		if lot := mac(seed, t.ID+"\n"+strconv.Itoa(j)); best == nil || bytes.Compare(lot, best) < 0 {
			best = lot
		}
	}
	return best
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}
