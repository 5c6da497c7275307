package interchange

import _ "embed" // the JSON Schema

// MeetingSchema is the JSON Schema (draft 2020-12) of a document of a Tsudoi meeting file, for editors that check while one writes.
// It is stricter than the reader, which mends what it can.
//
//go:embed meeting.schema.json
var MeetingSchema []byte
