package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// file is a TOML file that was read: its values as kong reads flags, and the line of each.
type file struct {
	path   string
	values map[string]string
	lines  map[string]int

	services []Service
}

// place is path:line of a key, or the path alone where the line is unknown.
func (f *file) place(key string) string {
	if n := f.lines[key]; n > 0 {
		return f.path + ":" + strconv.Itoa(n)
	}
	return f.path
}

// readFile reads a file and refuses every key that is no setting and every value of the wrong type, all of them at once.
func readFile(path string) (*file, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	return parseFile(path, string(b))
}

func parseFile(path, text string) (*file, error) {
	tree := map[string]any{}
	meta, err := toml.Decode(text, &tree)
	if err != nil {
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, fmt.Errorf("%s:%d: %s", path, p.Position.Line, p.Message)
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := &file{path: path, values: map[string]string{}, lines: linesOf(text)}
	known, names := map[string]setting{}, []string{}
	groups := map[string]bool{}
	for _, s := range all() {
		if s.key != "" {
			known[s.key] = s
			names = append(names, s.key)
			groups[s.group] = true
		}
	}
	var wrong []error
	for _, k := range meta.Keys() {
		key := strings.Join(k, ".")
		if key == serviceKey || strings.HasPrefix(key, serviceKey+".") {
			continue
		}
		s, ok := known[key]
		if !ok {
			if table, _ := find(tree, k).(map[string]any); table != nil && len(k) == 1 && groups[key] {
				continue // the heading of a table
			}
			near, _ := nearest(key, names)
			wrong = append(wrong, fmt.Errorf("%s: %q is no setting%s", f.place(key), key, near))
			continue
		}
		v, err := s.fromFile(find(tree, k))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %s %w", f.place(key), key, err))
			continue
		}
		f.values[key] = v
	}
	if f.services, err = servicesFromFile(path, text); err != nil {
		wrong = append(wrong, err)
	}
	return f, errors.Join(wrong...)
}

func find(tree map[string]any, k toml.Key) any {
	var at any = tree
	for _, part := range k {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[part]
	}
	return at
}

// fromFile turns a TOML value into the text a flag would have.
func (s setting) fromFile(v any) (string, error) {
	switch s.kind {
	case reflect.TypeFor[[]string]():
		return listFromFile(v)
	case reflect.TypeFor[int]():
		if n, ok := v.(int64); ok {
			return strconv.FormatInt(n, 10), nil
		}
		return "", fmt.Errorf("wants a whole number, such as %s", s.fallback)
	case reflect.TypeFor[Size]():
		text := fmt.Sprint(v)
		return text, new(Size).UnmarshalText([]byte(text))
	case reflect.TypeFor[time.Duration]():
		text, ok := v.(string)
		if _, err := time.ParseDuration(text); !ok || err != nil {
			return "", fmt.Errorf("wants a time, such as %q", s.fallback)
		}
		return text, nil
	}
	if text, ok := v.(string); ok {
		return text, nil
	}
	return "", errors.New(`wants a text in quotes, such as "..."`)
}

func listFromFile(v any) (string, error) {
	mistake := errors.New(`wants a list of texts, such as ["a", "b"]`)
	if text, ok := v.(string); ok {
		return text, nil
	}
	list, ok := v.([]any)
	if !ok {
		return "", mistake
	}
	var out []string
	for _, x := range list {
		text, ok := x.(string)
		if !ok || strings.Contains(text, ",") {
			return "", mistake
		}
		out = append(out, text)
	}
	return strings.Join(out, ","), nil
}

// linesOf finds the line of each key. It reads headings and the beginnings of lines, and skips texts and lists that go over several
// lines; the values themselves come from the TOML reader.
func linesOf(text string) map[string]int {
	out := map[string]int{}
	table, until, depth := "", "", 0
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if until != "" {
			if strings.Contains(line, until) {
				until = ""
			}
			continue
		}
		if depth > 0 {
			depth += brackets(line)
			continue
		}
		if strings.HasPrefix(line, "[") {
			heading, _, _ := strings.Cut(strings.Trim(line, "[ "), "]")
			table = unquoted(heading)
			mark(out, table, i+1)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		key = unquoted(key)
		if table != "" {
			key = table + "." + key
		}
		mark(out, key, i+1)
		for _, q := range []string{`"""`, "'''"} {
			if strings.Count(value, q) == 1 {
				until = q
			}
		}
		depth = brackets(value)
	}
	return out
}

func mark(lines map[string]int, key string, n int) {
	if _, ok := lines[key]; !ok {
		lines[key] = n
	}
}

// unquoted writes a dotted key without spaces and quotes.
func unquoted(key string) string {
	parts := strings.Split(key, ".")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"'`)
	}
	return strings.Join(parts, ".")
}

// brackets counts opened less closed brackets of a list outside of quotes and comments.
func brackets(s string) int {
	n, quote := 0, rune(0)
	for _, r := range s {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '#':
			return n
		case r == '[':
			n++
		case r == ']':
			n--
		}
	}
	return n
}

// nearest says which known name a wrong one was probably meant to be, as "; did you mean x?", and whether it is known after all.
func nearest(name string, known []string) (string, bool) {
	best, at := "", len(name)/3+2
	for _, k := range known {
		if k == name {
			return "", true
		}
		if d := distance(name, k); d < at {
			best, at = k, d
		}
	}
	if best == "" {
		last := name[strings.LastIndexByte(name, '.')+1:]
		for _, k := range known {
			if strings.HasSuffix(k, "."+last) || k == last {
				best = k
			}
		}
	}
	if best == "" {
		return "", false
	}
	return "; did you mean " + best + "?", false
}

// distance is the number of letters to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
