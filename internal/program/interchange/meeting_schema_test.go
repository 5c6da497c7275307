package interchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/event"
)

func meetingSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(MeetingSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("meeting.schema.json", v); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("meeting.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkFile validates each YAML document of a file. Dates are read as the texts they are.
func checkFile(t *testing.T, s *jsonschema.Schema, name string, data []byte) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for i := 1; ; i++ {
		var n yaml.Node
		if err := dec.Decode(&n); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		plainDates(&n)
		var v any
		if err := n.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s, document %d: %v", name, i, err)
		}
	}
}

func plainDates(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		plainDates(c)
	}
}

func TestSchemaAcceptsTheExamples(t *testing.T) {
	s := meetingSchema(t)
	checkFile(t, s, "small", []byte(smallFile))
	files, err := filepath.Glob("../../../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(data), "tsudoi_notices:") || strings.Contains(string(data), "\ntsudoi_notices:") {
			continue // a file of notices for screens, not of a meeting
		}
		checkFile(t, s, filepath.Base(f), data)
	}
}

func TestSchemaAcceptsWhatIsWritten(t *testing.T) {
	s := meetingSchema(t)
	rapid.Check(t, func(rt *rapid.T) {
		out, err := EncodeYAML(anyDocument().Draw(rt, "document"))
		if err != nil {
			rt.Fatal(err)
		}
		checkFile(t, s, "written", out)
	})
}

func TestSchemaRefuses(t *testing.T) {
	s := meetingSchema(t)
	for _, text := range []string{"tsudoi: 2\n", "tsudoi: 1\nmeting: {}\n", "tsudoi: 1\nsessions: [{titel: x}]\n", "tsudoi: 1\npolicy: on-record\n",
		"tsudoi: 1\nsessions: [{links: [{url: 'javascript:x'}]}]\n", "tsudoi: 1\nsessions: [{links: [{url: 'https://user:pw@example.jp/'}]}]\n",
		"tsudoi: 1\nspeakers: [{key: a, name: A, photo: 'https://example.jp/a.png'}]\n"} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("accepts %q", text)
		}
	}
}

// TestSchemaHasEveryField fails when a field of the format is not in the schema, or the schema has one that the format has not.
func TestSchemaHasEveryField(t *testing.T) {
	var schema struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
			OneOf      []struct {
				Properties map[string]any `json:"properties"`
			} `json:"oneOf"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(MeetingSchema, &schema); err != nil {
		t.Fatal(err)
	}
	types := map[string]reflect.Type{"": reflect.TypeFor[fileShape](), "group": reflect.TypeFor[event.Group](),
		"series": reflect.TypeFor[event.Series](), "meeting": reflect.TypeFor[event.Meeting](),
		"part": reflect.TypeFor[event.Part](), "venue": reflect.TypeFor[event.Venue](), "room": reflect.TypeFor[event.Room](), "organisation": reflect.TypeFor[event.Organisation](), "page": reflect.TypeFor[event.Page](),
		"meetingLink": reflect.TypeFor[event.Link](), "figure": reflect.TypeFor[event.Figure](), "kind": reflect.TypeFor[Kind](), "topic": reflect.TypeFor[Topic](), "policy": reflect.TypeFor[policyShape](),
		"speaker": reflect.TypeFor[Speaker](), "link": reflect.TypeFor[Link](), "appearance": reflect.TypeFor[appearanceShape](), "session": reflect.TypeFor[sessionShape](), "sessionPart": reflect.TypeFor[partShape]()}
	for name, typ := range types {
		def := schema.Defs[name]
		props := def.Properties
		if name == "" {
			props = schema.Properties
		}
		for _, o := range def.OneOf {
			if o.Properties != nil {
				props = o.Properties
			}
		}
		var inSchema, inType []string
		for k := range props {
			inSchema = append(inSchema, k)
		}
		for i := range typ.NumField() {
			inType = append(inType, yamlName(typ.Field(i)))
		}
		slices.Sort(inSchema)
		slices.Sort(inType)
		if !slices.Equal(inSchema, inType) {
			t.Errorf("%s: the schema has %v, the format %v", name, inSchema, inType)
		}
	}
}

// TestShapesCarryEveryField fails when a field of a session, part, appearance or document is not in the shape that the file writes.
func TestShapesCarryEveryField(t *testing.T) {
	for _, c := range []struct {
		from, to reflect.Type
		except   []string
	}{
		{reflect.TypeFor[Session](), reflect.TypeFor[sessionShape](), []string{"AllRooms"}},
		{reflect.TypeFor[Part](), reflect.TypeFor[partShape](), nil},
		{reflect.TypeFor[Appearance](), reflect.TypeFor[appearanceShape](), nil},
		{reflect.TypeFor[Document](), reflect.TypeFor[fileShape](), []string{"Has", "Refused"}},
	} {
		for i := range c.from.NumField() {
			name := c.from.Field(i).Name
			if _, ok := c.to.FieldByName(name); !ok && !slices.Contains(c.except, name) {
				t.Errorf("%s.%s is not written into the file", c.from.Name(), name)
			}
		}
	}
}
