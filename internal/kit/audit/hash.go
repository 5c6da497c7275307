package audit

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// What is hashed begins with what it is, so that no hash of one sort is one of another. The number changes with the format.
const (
	hashValue = "tsudoi audit value 1"
	hashEntry = "tsudoi audit entry 1"
	hashLink  = "tsudoi audit link 1"
)

// addressMark is the name under which the marks hold the address. No field is called so: fields have no @ before their name.
const addressMark = "@address"

// sum hashes parts so that no two lists of parts give the same input.
func sum(parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// held is a value with its salt, as audit_value keeps it.
type held struct {
	Name   string `json:"name,omitempty"`
	Salt   string `json:"salt"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

func (h held) mark() string { return sum(hashValue, h.Salt, h.Name, h.Before, h.After) }

// salted gives a value 130 random bits, without which its hash can be tried against guesses.
func salted(v Value) held {
	return held{Name: v.Name, Salt: rand.Text(), Before: v.Before, After: v.After}
}

// row is an entry as the tables hold it.
type row struct {
	id      int64
	at      int64
	actor   string
	action  string
	scope   string
	object  string
	about   string
	secret  bool
	marks   string
	digest  string
	seal    int64
	chain   string
	address string
	content string
}

// sumEntry hashes everything of an entry that never changes.
func (r *row) sumEntry() string {
	return sum(hashEntry, strconv.FormatInt(r.at, 10), r.actor, r.action, r.scope, r.object, r.about, strconv.FormatBool(r.secret), r.marks)
}

// link is the hash of an entry at a place of the chain.
func link(before string, seal, id int64, digest string) string {
	return sum(hashLink, before, strconv.FormatInt(seal, 10), strconv.FormatInt(id, 10), digest)
}

// fill puts the values and the address into a row, with their marks.
func (r *row) fill(values []Value, address string) error {
	marks := map[string]string{}
	if len(values) > 0 {
		list := make([]held, len(values))
		for i, v := range values {
			list[i] = salted(v)
			marks[v.Name] = list[i].mark()
		}
		b, err := json.Marshal(list)
		if err != nil {
			return fmt.Errorf("write the values of an audit entry: %w", err)
		}
		r.content = string(b)
	}
	if address != "" {
		h := salted(Value{Name: addressMark, After: address})
		marks[addressMark] = h.mark()
		b, err := json.Marshal(h)
		if err != nil {
			return fmt.Errorf("write the address of an audit entry: %w", err)
		}
		r.address = string(b)
	}
	b, err := json.Marshal(marks)
	if err != nil {
		return fmt.Errorf("write the marks of an audit entry: %w", err)
	}
	r.marks = string(b)
	return nil
}

// read takes a row apart: its marks, and what is left of its values.
func (r *row) read() (marks map[string]string, values []held, address *held, err error) {
	if err := json.Unmarshal([]byte(r.marks), &marks); err != nil {
		return nil, nil, nil, fmt.Errorf("read the marks: %w", err)
	}
	if r.content != "" {
		if err := json.Unmarshal([]byte(r.content), &values); err != nil {
			return nil, nil, nil, fmt.Errorf("read the values: %w", err)
		}
	}
	if r.address != "" {
		if err := json.Unmarshal([]byte(r.address), &address); err != nil {
			return nil, nil, nil, fmt.Errorf("read the address: %w", err)
		}
	}
	return marks, values, address, nil
}

// stored is the row as it is shown.
func (r *row) stored() (Stored, error) {
	s := Stored{
		ID: r.id, At: time.UnixMicro(r.at).UTC(), Actor: r.actor, Action: r.action, Scope: r.scope, Object: r.object, About: r.about,
		Secret: r.secret, Seal: r.seal,
	}
	marks, values, address, err := r.read()
	if err != nil {
		return s, fmt.Errorf("audit entry %d: %w", r.id, err)
	}
	if address != nil {
		s.Address = address.After
	}
	delete(marks, addressMark)
	for _, h := range values {
		s.Values = append(s.Values, Value{Name: h.Name, Before: h.Before, After: h.After})
		delete(marks, h.Name)
	}
	for name := range marks {
		s.Values = append(s.Values, Value{Name: name, Erased: true})
	}
	slices.SortFunc(s.Values, func(a, b Value) int { return cmp.Compare(a.Name, b.Name) })
	return s, nil
}

// names lists the keys of both maps in order.
func names(a, b map[string]string) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
