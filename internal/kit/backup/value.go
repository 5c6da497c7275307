package backup

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is what a column holds, the same on both engines.
type Kind string

// The kinds, and what a value of each is in Go. Null is nil.
const (
	Integer Kind = "integer" // int64
	Float   Kind = "float"   // float64
	Text    Kind = "text"    // string
	Bytes   Kind = "bytes"   // []byte
	Boolean Kind = "boolean" // bool
)

// kindOf reads a type as either engine declares it. Types that do not mean the same on both engines have no kind: REAL is 8 bytes on
// SQLite and 4 on PostgreSQL, NUMERIC is a float on one and exact on the other.
func kindOf(declared string, postgres bool) (Kind, bool) {
	t, _, _ := strings.Cut(strings.ToLower(declared), "(")
	switch strings.TrimSpace(t) {
	case "integer", "int", "bigint", "smallint":
		return Integer, true
	case "double precision", "double", "float":
		return Float, true
	case "real":
		return Float, !postgres
	case "text", "varchar", "character varying", "char", "character":
		return Text, true
	case "blob", "bytea":
		return Bytes, true
	case "boolean", "bool":
		return Boolean, true
	}
	return "", false
}

// normal turns what a driver gave into the Go type of the kind.
func normal(k Kind, v any) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case int64:
		switch {
		case k == Integer:
			return x, nil
		case k == Float:
			return float64(x), nil
		case k == Boolean && (x == 0 || x == 1):
			return x == 1, nil
		}
	case float64:
		if k == Float {
			return x, nil
		}
	case bool:
		if k == Boolean {
			return x, nil
		}
	case string:
		if k == Text {
			return x, nil
		}
	case []byte:
		if k == Bytes {
			return x, nil
		}
		if k == Text {
			return string(x), nil
		}
	}
	return nil, fmt.Errorf("holds a value of type %T, which is no %s", v, k)
}

// appendRow writes a row as a line of JSON. Its values are those of normal.
func appendRow(b []byte, row []any) []byte {
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		switch x := v.(type) {
		case nil:
			b = append(b, "null"...)
		case int64:
			b = strconv.AppendInt(b, x, 10)
		case float64:
			b = appendFloat(b, x)
		case bool:
			b = strconv.AppendBool(b, x)
		case []byte:
			b = append(b, '"')
			b = base64.StdEncoding.AppendEncode(b, x)
			b = append(b, '"')
		case string:
			b = appendText(b, x)
		}
	}
	return append(b, ']', '\n')
}

func appendFloat(b []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return strconv.AppendQuote(b, strconv.FormatFloat(x, 'g', -1, 64))
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}

// appendText writes a text as JSON; one that is not valid UTF-8, which SQLite can hold, as {"bytes": base64}.
func appendText(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		b = append(b, `{"bytes":"`...)
		b = base64.StdEncoding.AppendEncode(b, []byte(s))
		return append(b, `"}`...)
	}
	out := bytes.NewBuffer(b)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string and a buffer cannot fail
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// parseRow is the reverse of appendRow.
func parseRow(line []byte, columns []Column) ([]any, error) {
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return nil, err
	}
	if len(cells) != len(columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(cells), len(columns))
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		v, err := parseCell(c, columns[i].Kind)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", columns[i].Name, err)
		}
		row[i] = v
	}
	return row, nil
}

func parseCell(c json.RawMessage, k Kind) (any, error) {
	if string(c) == "null" {
		return nil, nil
	}
	switch k {
	case Integer:
		return strconv.ParseInt(string(c), 10, 64)
	case Float:
		return strconv.ParseFloat(strings.Trim(string(c), `"`), 64)
	case Boolean:
		return strconv.ParseBool(string(c))
	case Bytes:
		var b []byte
		err := json.Unmarshal(c, &b)
		return b, err
	case Text:
		if len(c) > 0 && c[0] == '{' {
			var raw struct{ Bytes []byte }
			err := json.Unmarshal(c, &raw)
			return string(raw.Bytes), err
		}
		var s string
		err := json.Unmarshal(c, &s)
		return s, err
	}
	return nil, fmt.Errorf("unknown kind %q", k)
}

// compareValues orders two values of one kind as the archive does: null first, texts by their bytes.
func compareValues(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(rank(a), rank(b))
	}
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case []byte:
		if y, ok := b.([]byte); ok {
			return bytes.Compare(x, y)
		}
	case bool:
		if y, ok := b.(bool); ok {
			return cmp.Compare(truth(x), truth(y))
		}
	}
	return cmp.Compare(fmt.Sprintf("%T", a), fmt.Sprintf("%T", b))
}

func rank(v any) int {
	if v == nil {
		return 0
	}
	return 1
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
