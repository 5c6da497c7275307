package draw

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Script checks a published record on any machine that has Python 3, without this program.
//
//go:embed check.py
var Script []byte

// Promise is what was published before the draw. What is empty was not seen.
type Promise struct {
	Rules    *Rules // before applications closed
	ListHash string // when they closed
}

// Verify repeats a draw and says what does not agree, with the rules and the list as they were published before, if whoever asks kept
// them. Nil is: everything follows from the secret, the outside value and the list.
func Verify(rec Record, before Promise) error {
	if before.Rules != nil && *before.Rules != rec.Rules {
		return errors.New("the rules are not those that were published before")
	}
	if before.ListHash != "" && before.ListHash != rec.ListHash {
		return errors.New("the list of tickets is not the one that was published before")
	}
	if err := rec.checkInputs(); err != nil {
		return err
	}
	if err := checkList(rec.Tickets); err != nil {
		return err
	}
	if ListHash(rec.Tickets) != rec.ListHash {
		return errors.New("the hash of the list is not that of its tickets")
	}
	s, err := ParseSecret(rec.Secret)
	if err != nil {
		return err
	}
	want := order(rec.Rules, s, rec.Value, rec.Tickets)
	if len(want) != len(rec.Order) {
		return fmt.Errorf("%d tickets were drawn of %d", len(rec.Order), len(want))
	}
	for i, w := range want {
		if rec.Order[i] != w {
			return fmt.Errorf("place %d: the draw gives ticket %s (number %s, won %t), the record says %s (number %s, won %t)",
				w.Place, w.Ticket, w.Number, w.Won, rec.Order[i].Ticket, rec.Order[i].Number, rec.Order[i].Won)
		}
	}
	return nil
}

// Read reads a published record. A field that it does not know is an error: it would go unchecked.
func Read(r io.Reader) (Record, error) {
	var rec Record
	d := json.NewDecoder(io.LimitReader(r, 64<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&rec); err != nil {
		return rec, fmt.Errorf("read the record of a draw: %w", err)
	}
	if d.More() {
		return rec, errors.New("read the record of a draw: something follows it")
	}
	return rec, nil
}

// JSON writes a record as it is published.
func (rec Record) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(rec, "", " ") //nolint:gosec // the secret is opened by the draw
	return append(b, '\n'), err
}

// Text writes a record as a page of plain text, for eyes: what went in, and one line for each place.
func (rec Record) Text() string {
	var b strings.Builder
	for _, line := range [][2]string{
		{"format", rec.Format}, {"of", rec.Of}, {"capacity", fmt.Sprint(rec.Capacity)}, {"commitment", rec.Commitment}, {"secret", rec.Secret},
		{"outside", rec.Outside}, {"outside_value", rec.Value}, {"list_hash", rec.ListHash}, {"tickets", fmt.Sprint(len(rec.Tickets))},
	} {
		fmt.Fprintf(&b, "%-14s %s\n", line[0], line[1])
	}
	byID := make(map[string]Ticket, len(rec.Tickets))
	for _, t := range rec.Tickets {
		byID[t.ID] = t
	}
	b.WriteString("\nplace  ticket          weight  size  won  number\n")
	for _, d := range rec.Order {
		won := "-"
		if d.Won {
			won = "won"
		}
		fmt.Fprintf(&b, "%5d  %-14s  %6d  %4d  %-3s  %s\n", d.Place, d.Ticket, byID[d.Ticket].Weight, byID[d.Ticket].Size, won, d.Number)
	}
	return b.String()
}

// Winners lists the tickets that have their places, in the order of the draw.
func (rec Record) Winners() []string { return rec.tickets(true) }

// Waiting lists the others, in the order in which they wait.
func (rec Record) Waiting() []string { return rec.tickets(false) }

func (rec Record) tickets(won bool) []string {
	var out []string
	for _, d := range rec.Order {
		if d.Won == won {
			out = append(out, d.Ticket)
		}
	}
	return out
}
