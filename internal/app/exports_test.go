package app

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// TestExportsComeBack: every file that the site gives away changes nothing where it came from, whatever its format leaves out.
func TestExportsComeBack(t *testing.T) {
	w := withExamples(t, db.SQLite)
	for _, slug := range []string{"janog57", "iw2023", "sample"} {
		for _, f := range []string{"schedule.xml", "schedule.json", "schedule.csv", "schedule.ics"} {
			for _, lang := range []string{"ja", "en"} {
				res := w.get("/meetings/" + slug + "/" + f + "?lang=" + lang)
				docs, _, err := interchange.Decode(f, res.body, interchange.Options{Meeting: slug})
				if err != nil {
					if slug == "iw2023" && (f == "schedule.xml" || f == "schedule.json") {
						continue // its programmes have no times, so these two formats hold none of them
					}
					t.Errorf("%s/%s: %v", slug, f, err)
					continue
				}
				reports, err := w.Programmes.Import(t.Context(), docs, program.Import{Source: f, DryRun: true})
				if err != nil {
					t.Errorf("%s/%s: %v", slug, f, err)
					continue
				}
				r := reports[0]
				if r.Changed > 0 || r.Added > 0 || len(r.Event) > 0 {
					t.Errorf("%s/%s in %s: added %d, changed %d: %v %v", slug, f, lang, r.Added, r.Changed, r.Event, short(r.Changes))
				}
			}
		}
	}
}

// short is the first changes of many, as their lines.
func short(list []program.Change) []string {
	var out []string
	for _, c := range list[:min(3, len(list))] {
		out = append(out, changeLine(c))
	}
	return out
}

// TestConformanceSchedules: the schedules of every example satisfy the schemas of the formats' owners.
func TestConformanceSchedules(t *testing.T) {
	xsd, schema := testkit.Data(t, "schedule.xml.xsd"), testkit.Data(t, "schedule.json.schema.json")
	w := withExamples(t, db.SQLite)
	w.load("m.yaml", meetingOf("many", 1000), program.Import{})
	for _, slug := range []string{"janog57", "iw2023", "sample", "many"} {
		for _, lang := range []string{"ja", "en"} {
			at := "/meetings/" + slug + "/schedule."
			if slug == "iw2023" {
				if res := w.get(at + "xml"); res.StatusCode != 200 {
					t.Errorf("%sxml: %d", at, res.StatusCode)
				}
				continue // no session has a time, and the schemas ask for one
			}
			for _, p := range testkit.ValidateXML(t, xsd, w.get(at+"xml?lang="+lang).body) {
				t.Errorf("%sxml: %s", at, p)
			}
			validJSON(t, schema, at+"json", w.get(at+"json?lang="+lang).body)
		}
	}
}

// validJSON checks a document against a JSON Schema.
func validJSON(t *testing.T, schema, at string, b []byte) {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", at, err)
	}
}
