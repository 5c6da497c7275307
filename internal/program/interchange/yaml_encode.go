package interchange

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// EncodeYAML writes documents as a Tsudoi meeting file, the one format that holds everything: decoding it gives the same documents
// again. The same documents always give the same bytes, so that files can be compared line by line.
func EncodeYAML(docs ...*Document) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	for _, d := range docs {
		var node yaml.Node
		if err := node.Encode(shapeOf(d)); err != nil {
			return nil, fmt.Errorf("write a meeting file: %w", err)
		}
		dresser{d.Lang()}.dress(&node, reflect.TypeFor[fileShape]())
		if err := enc.Encode(&node); err != nil {
			return nil, fmt.Errorf("write a meeting file: %w", err)
		}
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("write a meeting file: %w", err)
	}
	return b.Bytes(), nil
}

func shapeOf(d *Document) *fileShape {
	f := &fileShape{Tsudoi: fileVersion, Group: d.Group, Series: d.Series, Meeting: d.Meeting, Kinds: d.Kinds, Topics: d.Topics,
		Speakers: d.Speakers, Policy: policyShape(d.Policy)}
	codes := map[string]string{}
	for _, s := range d.Sessions {
		codes[s.GUID] = s.Code
	}
	for i := range d.Sessions {
		f.Sessions = append(f.Sessions, sessionShapeOf(&d.Sessions[i], codes, d.Location()))
	}
	return f
}

func sessionShapeOf(s *Session, codes map[string]string, loc *time.Location) sessionShape {
	out := sessionShape{GUID: s.GUID, Ref: s.Ref, Number: s.Number, Code: s.Code, Source: s.Source, Kind: s.Kind, Status: s.Status, Title: s.Title,
		Subtitle: s.Subtitle,
		Abstract: s.Abstract, Topics: s.Topics, Language: s.Language, Level: s.Level, Date: s.Date, Start: clock(s.Start, s.Date,
			loc), Room: s.Room, Slot: s.Slot,
		Origin: s.Origin, Speakers: appearanceShapes(s.Speakers), Parts: partShapes(s.Parts, s.Date, loc), Links: s.Links, Policy: policyShape(s.Policy)}
	if !s.End.Equal(s.Start) {
		out.End = clock(s.End, s.Date, loc)
	}
	if code := codes[s.Slot]; s.Slot != "" && code != "" {
		out.Slot = code
	}
	if s.AllRooms {
		out.Room = "*"
	}
	return out
}

func partShapes(in []Part, date event.Date, loc *time.Location) []partShape {
	var out []partShape
	for _, p := range in {
		shape := partShape{Code: p.Code, Title: p.Title, Abstract: p.Abstract, Start: clock(p.Start, date, loc), Speakers: appearanceShapes(p.Speakers),
			Parts: partShapes(p.Parts, date, loc), Links: p.Links, Policy: policyShape(p.Policy)}
		if !p.End.Equal(p.Start) {
			shape.End = clock(p.End, date, loc)
		}
		out = append(out, shape)
	}
	return out
}

func appearanceShapes(in []Appearance) []appearanceShape {
	var out []appearanceShape
	for _, a := range in {
		out = append(out, appearanceShape{Speaker: a.Speaker, Role: a.Role, Affiliation: a.Affiliation, Policy: policyShape(a.Policy)})
	}
	return out
}

// dresser gives the tree of a file the form that people write: texts of the default language, presets and lone keys as plain words.
type dresser struct{ lang i18n.Lang }

func (d dresser) dress(node *yaml.Node, t reflect.Type) {
	switch t {
	case textType():
		d.text(node)
		return
	case dateType():
		if event.Date(node.Value).Valid() {
			node.Tag, node.Style = "!!timestamp", 0
		}
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		d.dress(node, t.Elem())
	case reflect.Slice:
		for _, c := range node.Content {
			d.dress(c, t.Elem())
		}
	case reflect.Struct:
		d.mapping(node, t)
	case reflect.String:
		legible(node)
	}
}

func (d dresser) mapping(node *yaml.Node, t reflect.Type) {
	fields := yamlFields(t)
	var content []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := node.Content[i], node.Content[i+1]
		if ft := fields[k.Value]; ft != textType() || v.Kind != yaml.ScalarNode || v.Value != "" {
			d.dress(v, ft)
			content = append(content, k, v)
		}
	}
	node.Content = content
	switch {
	case t == appearanceType() && len(content) == 2:
		*node = *content[1]
	case t == policyType() && isOffRecordNode(content):
		*node = *word(offRecord)
	}
}

func isOffRecordNode(content []*yaml.Node) bool {
	for _, v := range content {
		if v.Value == "publish_until" {
			return false
		}
	}
	for i := 1; i < len(content); i += 2 {
		if content[i].Value != string(Refused) {
			return false
		}
	}
	return len(content) == 12
}

// text writes the default language alone as a plain text, and everything else as a mapping.
func (d dresser) text(node *yaml.Node) {
	switch {
	case node.Kind == yaml.ScalarNode && d.lang != i18n.JA:
		only := *node
		legible(&only)
		*node = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{word(string(i18n.JA)), &only}}
	case node.Kind == yaml.MappingNode && len(node.Content) == 2 && node.Content[0].Value == string(d.lang):
		*node = *node.Content[1]
		legible(node)
	case node.Kind == yaml.ScalarNode:
		legible(node)
	default:
		for i := 1; i < len(node.Content); i += 2 {
			legible(node.Content[i])
		}
	}
}

// legible chooses how a text is written: several lines as a block, unless the block could not hold them exactly; yes and no without
// quotes, since this format has no other meaning for them.
func legible(node *yaml.Node) {
	v := node.Value
	switch {
	case v == string(Allowed), v == string(Refused):
		node.Tag, node.Style = "!!str", 0
	case strings.Contains(v, "\n"):
		node.Style = yaml.LiteralStyle
		if strings.TrimSpace(v) != v || strings.Contains(v, "\t") || strings.Contains(v, " \n") {
			node.Style = yaml.DoubleQuotedStyle
		}
	}
}
