package interchange

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Limits on the tree of a YAML file. Aliases are written out before anything is read, so that a few lines that refer to each
// other ("billion laughs") meet the limit on nodes.
const (
	maxNodes  = 600_000
	maxLevels = 60
)

func errBomb() error {
	return errors.New("its aliases or levels grow beyond measure; write it without anchors")
}

// expand writes out aliases and merge keys below node, within the limits.
func expand(node *yaml.Node, level int, budget *int) (*yaml.Node, error) {
	if *budget--; *budget < 0 || level > maxLevels {
		return nil, errBomb()
	}
	if node.Kind == yaml.AliasNode {
		return expand(node.Alias, level+1, budget)
	}
	out := *node
	out.Anchor, out.Content = "", nil
	for i := 0; i < len(node.Content); i++ {
		child, err := expand(node.Content[i], level+1, budget)
		if err != nil {
			return nil, err
		}
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Tag == "!!merge" && i+1 < len(node.Content) {
			i++
			from, err := expand(node.Content[i], level+1, budget)
			if err != nil {
				return nil, err
			}
			merge(&out, node, from)
			continue
		}
		out.Content = append(out.Content, child)
	}
	return &out, nil
}

// merge adds those pairs of from to out that the mapping itself does not have.
func merge(out, own, from *yaml.Node) {
	if from.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(from.Content); i += 2 {
		if !hasKey(own, from.Content[i].Value) && !hasKey(out, from.Content[i].Value) {
			out.Content = append(out.Content, from.Content[i], from.Content[i+1])
		}
	}
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// fitter makes a tree fit a Go type, so that decoding it cannot fail: what does not fit is taken out and noted with its line.
type fitter struct {
	n    *notes
	lang i18n.Lang // the language of texts that do not name one
}

// The types that the file writes in more than one way.
func textType() reflect.Type       { return reflect.TypeFor[i18n.Text]() }
func policyType() reflect.Type     { return reflect.TypeFor[policyShape]() }
func appearanceType() reflect.Type { return reflect.TypeFor[appearanceShape]() }
func dateType() reflect.Type       { return reflect.TypeFor[event.Date]() }

// fit changes node so that it decodes into t; false means that it is to be taken out.
func (f fitter) fit(node *yaml.Node, t reflect.Type, key string) bool {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return false
	}
	switch t {
	case textType():
		return f.text(node, key)
	case policyType():
		f.preset(node)
	case appearanceType():
		if node.Kind == yaml.ScalarNode {
			*node = yaml.Node{Kind: yaml.MappingNode, Line: node.Line, Content: []*yaml.Node{word("speaker"), word(node.Value)}}
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return f.fit(node, t.Elem(), key)
	case reflect.Struct:
		return f.mapping(node, t, key)
	case reflect.Slice:
		return f.sequence(node, t, key)
	}
	return f.scalar(node, t, key)
}

func word(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func (f fitter) wrong(node *yaml.Node, what string) bool {
	f.n.add(fmt.Sprintf("line %d", node.Line), what, "left out")
	return false
}

func (f fitter) mapping(node *yaml.Node, t reflect.Type, key string) bool {
	if node.Kind != yaml.MappingNode {
		return f.wrong(node, key+" is not a mapping")
	}
	fields := yamlFields(t)
	var known []string
	for i := range t.NumField() {
		known = append(known, yamlName(t.Field(i)))
	}
	seen := map[string]bool{}
	var content []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := node.Content[i], node.Content[i+1]
		ft, ok := fields[k.Value]
		switch {
		case k.Kind != yaml.ScalarNode:
			f.wrong(k, "a key of "+key+" is not a word")
		case !ok:
			f.n.add(fmt.Sprintf("line %d", k.Line), "unknown key "+quote(k.Value)+" in "+key+didYouMean(k.Value, known), "ignored")
		case seen[k.Value]:
			f.n.add(fmt.Sprintf("line %d", k.Line), "the key "+quote(k.Value)+" comes twice in "+key, "the second is ignored")
		case f.fit(v, ft, k.Value):
			k.Tag, k.Style = "!!str", 0
			content = append(content, k, v)
		}
		seen[k.Value] = true
	}
	node.Content = content
	return true
}

// yamlFields are the types of a struct's fields by their names in the file.
func yamlFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		out[yamlName(t.Field(i))] = t.Field(i).Type
	}
	return out
}

func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

// sequence fits each element; a single value where a list is wanted is a list of one.
func (f fitter) sequence(node *yaml.Node, t reflect.Type, key string) bool {
	if node.Kind != yaml.SequenceNode {
		one := *node
		*node = yaml.Node{Kind: yaml.SequenceNode, Line: one.Line, Content: []*yaml.Node{&one}}
	}
	node.Content = slices.DeleteFunc(node.Content, func(v *yaml.Node) bool { return !f.fit(v, t.Elem(), key) })
	return true
}

func (f fitter) text(node *yaml.Node, key string) bool {
	switch node.Kind {
	case yaml.ScalarNode:
		*node = yaml.Node{Kind: yaml.MappingNode, Line: node.Line, Content: []*yaml.Node{word(string(f.lang)), word(node.Value)}}
		return true
	case yaml.MappingNode:
	default:
		return f.wrong(node, key+" is neither a text nor a mapping with ja and en")
	}
	var content []*yaml.Node
	seen := map[i18n.Lang]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := node.Content[i], node.Content[i+1]
		l, ok := i18n.ParseLang(k.Value)
		switch {
		case !ok:
			f.wrong(k, "unknown language "+quote(k.Value)+" in "+key+", the languages are ja and en")
		case v.Kind != yaml.ScalarNode:
			f.wrong(v, key+" is not a text")
		case seen[l]:
			f.wrong(k, "the language "+string(l)+" comes twice in "+key)
		case v.Tag != "!!null":
			content = append(content, word(string(l)), word(v.Value))
		}
		seen[l] = true
	}
	node.Content = content
	return true
}

// preset turns the word off-record into the mapping it stands for. Any other word is taken for it, since a typing error must not
// publish what was said off the record.
func (f fitter) preset(node *yaml.Node) {
	if node.Kind != yaml.ScalarNode {
		return
	}
	if node.Value != offRecord {
		f.n.add(fmt.Sprintf("line %d", node.Line), "unknown policy "+quote(node.Value)+didYouMean(node.Value, []string{offRecord}),
			"read as off-record, to be safe")
	}
	m := yaml.Node{Kind: yaml.MappingNode, Line: node.Line}
	for _, k := range []string{"stream", "record", "publish", "slides", "photo", "sns"} {
		m.Content = append(m.Content, word(k), word(string(Refused)))
	}
	*node = m
}

func (f fitter) scalar(node *yaml.Node, t reflect.Type, key string) bool {
	if node.Kind != yaml.ScalarNode {
		return f.wrong(node, key+" is not a single value")
	}
	value := fold(node.Value)
	switch t.Kind() {
	case reflect.Bool:
		switch strings.ToLower(value) {
		case "yes", "true", "on", "はい":
			node.Value = "true"
		case "no", "false", "off", "いいえ":
			node.Value = "false"
		default:
			return f.wrong(node, key+" "+quote(node.Value)+" is neither yes nor no")
		}
		node.Tag = "!!bool"
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(strings.ReplaceAll(value, ",", ""), 10, 64)
		if err != nil || n > 1<<53 || n < -1<<53 {
			return f.wrong(node, key+" "+quote(node.Value)+" is not a whole number")
		}
		node.Value, node.Tag = strconv.FormatInt(n, 10), "!!int"
	case reflect.Float64:
		n, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64)
		if err != nil {
			return f.wrong(node, key+" "+quote(node.Value)+" is not a number")
		}
		node.Value, node.Tag = strconv.FormatFloat(n, 'g', -1, 64), "!!float"
	default:
		node.Tag = "!!str"
	}
	node.Style = 0
	return true
}
