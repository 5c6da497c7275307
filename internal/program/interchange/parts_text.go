package interchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// PartsText writes the parts of a session as they stand in a meeting file, with times of day of the session's date, for people to edit.
func PartsText(parts []Part, date event.Date, loc *time.Location) string {
	if len(parts) == 0 {
		return ""
	}
	var node yaml.Node
	shapes := partShapes(parts, date, loc)
	if err := node.Encode(shapes); err != nil {
		panic(err) // these types always encode
	}
	dresser{i18n.JA}.dress(&node, reflect.TypeOf(shapes))
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(&node), enc.Close()); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// ParseParts reads what PartsText writes. The error says in a few words what cannot be read.
func ParseParts(text string, date event.Date, loc *time.Location) ([]Part, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	nodes, err := parseYAML([]byte(text), "parts")
	if err != nil || len(nodes) != 1 {
		return nil, errors.New("YAML")
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	var shapes []partShape
	if err := dec.Decode(&shapes); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New(syntaxError(err))
	}
	n := &notes{}
	parts := partsFrom(shapes, clockReader{loc: loc, n: n}, date, "")
	if err := properParts(parts, 1); err != nil {
		return nil, err
	}
	if len(n.list) > 0 {
		return nil, errors.New(n.list[0].What)
	}
	return parts, nil
}

// properParts refuses what a meeting file would mend.
func properParts(parts []Part, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%d", maxDepth)
	}
	for i := range parts {
		p := &parts[i]
		if p.Start.IsZero() && !p.End.IsZero() || !p.End.IsZero() && p.End.Before(p.Start) {
			return fmt.Errorf("end: %s", p.Title)
		}
		if p.End.IsZero() {
			p.End = p.Start
		}
		if err := properParts(p.Parts, depth+1); err != nil {
			return err
		}
	}
	return nil
}
