package interchange

// Loss is a field of a session, or something else of a document, that a format cannot hold.
type Loss struct {
	What string // as in Session and Document
	XML  bool
	JSON bool
	ICS  bool
	CSV  bool
}

// Losses is what an export and a new import of the same file lose. Everything else comes back as it was; a Tsudoi file loses nothing. A
// test takes a document with every field through each format: no more is lost than this says, and no less.
//
// What is lost is lost in the file, not in the program: an import leaves alone what its format cannot hold (see Fields).
//
//   - XML, JSON: sessions without a time, cancelled ones, and talks without a time of their own are left out and counted (in a
//     comment, and in conference.meta); overlaps in a room are written as they are.
//   - JSON also holds the biographies of speakers and whether a stream is refused.
//   - ICS: sessions without a date are left out.
func Losses() []Loss {
	return []Loss{
		{What: "other language", XML: true, JSON: true, ICS: true},
		{What: "Ref", ICS: true, CSV: true},
		{What: "Number", ICS: true, CSV: true},
		{What: "Code", XML: true, JSON: true, ICS: true},
		{What: "Source", XML: true, JSON: true, ICS: true},
		{What: "Kind", ICS: true},
		{What: "Status", XML: true, JSON: true},
		{What: "Subtitle", ICS: true},
		{What: "Abstract", ICS: true}, // it is there for people, mixed with speakers and parts
		{What: "Topics", ICS: true},   // mixed with the kind
		{What: "Topics after the first", XML: true, JSON: true},
		{What: "Language", ICS: true},
		{What: "Level", XML: true, JSON: true, ICS: true},
		{What: "Slot", XML: true, JSON: true, ICS: true, CSV: true},
		{What: "Origin", ICS: true, CSV: true},
		{What: "Speakers", ICS: true},
		{What: "roles and affiliations at a session", XML: true, JSON: true, CSV: true},
		{What: "Parts", XML: true, JSON: true, ICS: true, CSV: true},
		{What: "Links", ICS: true},
		{What: "links but one each of web, slides, video", CSV: true},
		{What: "kinds of links but web, slides, video", JSON: true},
		{What: "titles of links", CSV: true},
		{What: "end dates of links", XML: true, JSON: true, CSV: true},
		{What: "order of links", XML: true, JSON: true, CSV: true}, // slides come last
		{What: "Policy", XML: true, JSON: true, ICS: true, CSV: true},
		{What: "untimed sessions", XML: true, JSON: true},
		{What: "sessions without a date", ICS: true},
		{What: "pages, organisations, figures, parts and venues of the meeting", XML: true, JSON: true, ICS: true, CSV: true},
	}
}
