package audit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// exportPage is how many entries an export reads at a time: it holds no more than that in memory, and no transaction while a slow
// reader takes it.
const exportPage = 100

// Each calls fn for every entry of a filter, newest first. Entries made meanwhile are not among them.
func Each(ctx context.Context, r db.Reader, f Filter, fn func(Stored) error) error {
	p := Page{Limit: exportPage}
	for {
		list, next, err := List(ctx, r, f, p)
		if err != nil {
			return err
		}
		for i := range list {
			if err := fn(list[i]); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		p.After = next
	}
}

// exported is an entry as a line of JSON.
type exported struct {
	ID      int64           `json:"id"`
	Seal    int64           `json:"seal,omitempty"`
	At      string          `json:"at"`
	Actor   string          `json:"actor,omitempty"`
	Name    string          `json:"name,omitempty"`
	Address string          `json:"address,omitempty"`
	Action  string          `json:"action"`
	Scope   string          `json:"scope,omitempty"`
	Object  string          `json:"object,omitempty"`
	About   string          `json:"about,omitempty"`
	Secret  bool            `json:"secret,omitempty"`
	Values  []exportedValue `json:"values,omitempty"`
}

type exportedValue struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
	Erased bool   `json:"erased,omitempty"`
}

// Export says how a log is written.
type Export struct {
	Filter
	Addresses bool                       // also from where
	Hides     func(e *Stored) bool       // entries whose values are left out; nil: none
	Name      func(actor string) string  // of an actor; nil: only ids
	Time      func(at time.Time) string  // how CSV writes a moment; nil: RFC 3339
	Heading   func(column string) string // of a column of CSV; nil: its key
}

func (o *Export) defaults() {
	if o.Name == nil {
		o.Name = func(string) string { return "" }
	}
	if o.Hides == nil {
		o.Hides = func(*Stored) bool { return false }
	}
	if o.Time == nil {
		o.Time = func(t time.Time) string { return t.Format(time.RFC3339Nano) }
	}
	if o.Heading == nil {
		o.Heading = func(c string) string { return c }
	}
}

// WriteJSONL writes one entry a line, newest first.
func WriteJSONL(ctx context.Context, r db.Reader, w io.Writer, o Export) error {
	o.defaults()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return Each(ctx, r, o.Filter, func(s Stored) error {
		e := exported{
			ID: s.ID, Seal: s.Seal, At: s.At.Format(time.RFC3339Nano), Actor: s.Actor, Name: o.Name(s.Actor), Action: s.Action,
			Scope: s.Scope, Object: s.Object, About: s.About, Secret: s.Secret,
		}
		if o.Addresses {
			e.Address = s.Address
		}
		if o.Hides(&s) {
			s.Values = nil
		}
		for _, v := range s.Values {
			e.Values = append(e.Values, exportedValue(v))
		}
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("write the audit log: %w", err)
		}
		return nil
	})
}

// columns are those of WriteCSV.
var columns = []string{"at", "actor", "name", "address", "action", "scope", "object", "field", "before", "after"}

// WriteCSV writes one line for each field that an entry changed, newest entry first, for spreadsheets: UTF-8 with a byte order mark and
// CRLF, and an apostrophe before what a spreadsheet would run as a formula.
func WriteCSV(ctx context.Context, r db.Reader, w io.Writer, o Export) error {
	o.defaults()
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	head := make([]string, len(columns))
	for i, k := range columns {
		head[i] = o.Heading(k)
	}
	if err := c.Write(head); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	err := Each(ctx, r, o.Filter, func(s Stored) error {
		values := s.Values
		if len(values) == 0 || o.Hides(&s) {
			values = []Value{{}}
		}
		if !o.Addresses {
			s.Address = ""
		}
		for _, v := range values {
			line := []string{o.Time(s.At), s.Actor, o.Name(s.Actor), s.Address, s.Action, s.Scope, s.Object, v.Name, v.Before, v.After}
			for i := range line {
				line[i] = harmless(line[i])
			}
			if err := c.Write(line); err != nil {
				return fmt.Errorf("write the audit log: %w", err)
			}
		}
		return nil
	})
	c.Flush()
	if err != nil {
		return err
	}
	return c.Error()
}

// harmless keeps a spreadsheet from running a cell as a formula. In Japanese and Chinese, Excel takes full-width signs for the others.
func harmless(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
		return "'" + s
	}
	return s
}
