package interchange

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// fileVersion is the version of the meeting file that this program reads and writes.
const fileVersion = 1

// fileShape is one YAML document of a Tsudoi meeting file. Its fields, with those of the types they lead to, are the format: the
// reader knows no other keys, the writer writes them in this order, and the JSON Schema must name each (a test compares them).
type fileShape struct {
	Tsudoi   int            `yaml:"tsudoi"`
	Group    *event.Group   `yaml:"group,omitempty"`
	Series   []event.Series `yaml:"series,omitempty"`
	Meeting  *event.Meeting `yaml:"meeting,omitempty"`
	Kinds    []Kind         `yaml:"kinds,omitempty"`
	Topics   []Topic        `yaml:"topics,omitempty"`
	Policy   policyShape    `yaml:"policy,omitempty"`
	Speakers []Speaker      `yaml:"speakers,omitempty"`
	Sessions []sessionShape `yaml:"sessions,omitempty"`
}

// sessionShape is a session as the file writes it: with times of day instead of moments.
type sessionShape struct {
	GUID     string            `yaml:"guid,omitempty"`
	Ref      string            `yaml:"ref,omitempty"`
	Number   int64             `yaml:"number,omitempty"`
	Code     string            `yaml:"code,omitempty"`
	Source   string            `yaml:"source,omitempty"`
	Kind     string            `yaml:"kind,omitempty"`
	Status   Status            `yaml:"status,omitempty"`
	Title    i18n.Text         `yaml:"title,omitempty"`
	Subtitle i18n.Text         `yaml:"subtitle,omitempty"`
	Abstract i18n.Text         `yaml:"abstract,omitempty"`
	Topics   []string          `yaml:"topics,omitempty"`
	Language string            `yaml:"language,omitempty"`
	Level    string            `yaml:"level,omitempty"`
	Date     event.Date        `yaml:"date,omitempty"`
	Start    string            `yaml:"start,omitempty"`
	End      string            `yaml:"end,omitempty"`
	Room     string            `yaml:"room,omitempty"`
	Slot     string            `yaml:"slot,omitempty"`
	Origin   string            `yaml:"origin,omitempty"`
	Speakers []appearanceShape `yaml:"speakers,omitempty"`
	Parts    []partShape       `yaml:"parts,omitempty"`
	Links    []Link            `yaml:"links,omitempty"`
	Policy   policyShape       `yaml:"policy,omitempty"`
}

// partShape is a part of a session as the file writes it.
type partShape struct {
	Code     string            `yaml:"code,omitempty"`
	Title    i18n.Text         `yaml:"title,omitempty"`
	Abstract i18n.Text         `yaml:"abstract,omitempty"`
	Start    string            `yaml:"start,omitempty"`
	End      string            `yaml:"end,omitempty"`
	Speakers []appearanceShape `yaml:"speakers,omitempty"`
	Parts    []partShape       `yaml:"parts,omitempty"`
	Links    []Link            `yaml:"links,omitempty"`
	Policy   policyShape       `yaml:"policy,omitempty"`
}

// appearanceShape is a speaker at a session: in the file a plain key, or a mapping where there is more to say.
type appearanceShape struct {
	Speaker     string      `yaml:"speaker"`
	Role        string      `yaml:"role,omitempty"`
	Affiliation i18n.Text   `yaml:"affiliation,omitempty"`
	Policy      policyShape `yaml:"policy,omitempty"`
}

// policyShape is a policy: in the file the word off-record, or a mapping.
type policyShape Policy

// offRecord is the word for the preset.
const offRecord = "off-record"

// everything is what a Tsudoi file can express.
func everything(l i18n.Lang) Fields {
	return Fields{Meeting: true, Heading: true, Policy: true, Parts: true, Slots: true, Topics: true, Kinds: true, Bilingual: true, Lang: l, Speakers: true, Profiles: true,
		Subtitle: true, Abstract: true, Level: true, Language: true, Links: true, Status: true, Untimed: true, Codes: true, RoomDetail: true}
}
