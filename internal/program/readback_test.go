package program

import (
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// TestReadingBackAnExportChangesNothing: whoever takes a programme out in a format of others, in either language, and reads it in again
// unchanged, has changed nothing, whatever the format could not hold.
func TestReadingBackAnExportChangesNothing(t *testing.T) {
	m := sqliteMachine(t)
	m.readExamples(t)
	for _, slug := range []string{"sample", "janog57"} {
		for _, file := range []string{"schedule.xml", "schedule.json", "schedule.ics", "schedule.csv"} {
			for _, l := range i18n.Langs {
				data := m.get(t, "/meetings/"+slug+"/"+file+"?lang="+string(l))
				docs, _, err := interchange.Decode(file, []byte(data), interchange.Options{Meeting: slug})
				if err != nil {
					t.Fatalf("%s of %s in %s: %v", file, slug, l, err)
				}
				reports, err := m.service.Import(t.Context(), docs, Import{Source: file, DryRun: true})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range reports {
					for _, c := range r.Changes {
						t.Errorf("%s of %s in %s: %s %s %+v", file, slug, l, c.Op, c.Label, c.Fields)
					}
					for _, c := range r.Event {
						t.Errorf("%s of %s in %s: %s", file, slug, l, c)
					}
					if r.Read == 0 || r.Added+r.Changed != 0 {
						t.Errorf("%s of %s in %s: %+v", file, slug, l, r)
					}
				}
			}
		}
	}
}
