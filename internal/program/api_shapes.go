package program

import (
	"cmp"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// The states of a session as the API writes them.
const (
	apiConfirmed = "confirmed"
	apiCancelled = "cancelled"
)

func apiStatus(s interchange.Status) string {
	if s == interchange.Cancelled {
		return apiCancelled
	}
	return apiConfirmed
}

// apiSession is a session as the API shows it. Lists are never null, and what is not known is left out.
type apiSession struct {
	GUID      string     `json:"guid"`
	Ref       string     `json:"ref"`
	Number    int64      `json:"number"`
	Code      string     `json:"code,omitzero"`
	Source    string     `json:"source,omitzero"`
	Name      string     `json:"name"`
	URL       string     `json:"url"`
	Self      string     `json:"self"`
	Kind      string     `json:"kind,omitzero"`
	Status    string     `json:"status"`
	Title     i18n.Text  `json:"title"`
	Subtitle  i18n.Text  `json:"subtitle,omitzero"`
	Abstract  i18n.Text  `json:"abstract,omitzero"`
	Topics    []string   `json:"topics"`
	Languages []string   `json:"languages"`
	Level     string     `json:"level,omitzero"`
	Date      event.Date `json:"date,omitzero"`
	Start     time.Time  `json:"start,omitzero"`
	End       time.Time  `json:"end,omitzero"`
	Timezone  string     `json:"timezone"`
	Room      string     `json:"room,omitzero"`
	AllRooms  bool       `json:"all_rooms"`
	Slot      *apiRef    `json:"slot,omitempty"`
	Talks     []apiRef   `json:"talks"`
	Origin    string     `json:"origin,omitzero"`
	Moved     *apiMoved  `json:"moved,omitempty"`
	Speakers  []apiCast  `json:"speakers"`
	Parts     []apiPart  `json:"parts"`
	Links     []apiLink  `json:"links"`
	Policy    apiPolicy  `json:"policy"`
	Sequence  int        `json:"sequence"`
	Changed   time.Time  `json:"changed,omitzero"`
}

// apiRef names a session within another thing.
type apiRef struct {
	GUID  string    `json:"guid"`
	Ref   string    `json:"ref"`
	Name  string    `json:"name"`
	Title i18n.Text `json:"title"`
	Self  string    `json:"self"`
}

// apiMoved is where a session was announced to be.
type apiMoved struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Room  i18n.Text `json:"room,omitzero"`
}

// apiCast is a speaker on a stage.
type apiCast struct {
	Key         string    `json:"key"`
	Name        i18n.Text `json:"name"`
	Role        string    `json:"role"`
	Affiliation i18n.Text `json:"affiliation,omitzero"`
	Self        string    `json:"self"`
}

// apiPart is a part of a session, with parts of its own.
type apiPart struct {
	Code     string    `json:"code,omitzero"`
	Title    i18n.Text `json:"title"`
	Abstract i18n.Text `json:"abstract,omitzero"`
	Start    time.Time `json:"start,omitzero"`
	End      time.Time `json:"end,omitzero"`
	Speakers []apiCast `json:"speakers"`
	Parts    []apiPart `json:"parts,omitempty"` // missing where there are none, so that the schema does not need itself
	Links    []apiLink `json:"links"`
	Policy   apiPolicy `json:"policy"`
}

type apiLink struct {
	Kind  string     `json:"kind"`
	Title i18n.Text  `json:"title,omitzero"`
	URL   string     `json:"url"`
	Until event.Date `json:"until,omitzero"`
}

// apiPolicy is a resolved policy: what is not refused is allowed.
type apiPolicy struct {
	Stream       bool       `json:"stream"`
	Record       bool       `json:"record"`
	Publish      bool       `json:"publish"`
	PublishUntil event.Date `json:"publish_until,omitzero"`
	Slides       bool       `json:"slides"`
	Photo        bool       `json:"photo"`
	SNS          bool       `json:"sns"`
	OffRecord    bool       `json:"off_record"`
}

// apiSpeaker is a speaker with the sessions they are in.
type apiSpeaker struct {
	Key         string    `json:"key"`
	Name        i18n.Text `json:"name"`
	Reading     string    `json:"reading,omitzero"`
	Affiliation i18n.Text `json:"affiliation,omitzero"`
	Bio         i18n.Text `json:"bio,omitzero"`
	Links       []apiLink `json:"links"`
	URL         string    `json:"url"`
	Self        string    `json:"self"`
	Sessions    []apiRef  `json:"sessions"`
}

// apiWriter writes the things of one programme as the API shows them. base is the public URL of the site.
type apiWriter struct {
	p    *Programme
	base string
}

// at is the URL of something of the meeting in the API.
func (w apiWriter) at(path string) string {
	return w.base + "/api/v1/meetings/" + w.p.Meeting.Slug + path
}

func (w apiWriter) session(it *Item) apiSession {
	s := apiSession{
		GUID: it.GUID, Ref: it.Ref, Number: it.Number, Code: it.Code, Source: it.Source, Name: it.Name,
		URL: w.base + sessionURL(w.p.Meeting, it), Self: w.at("/sessions/" + it.Name), Kind: it.Kind, Status: apiStatus(it.Status),
		Title: it.Title, Subtitle: it.Subtitle, Abstract: it.Abstract, Topics: notNil(it.Topics), Languages: notNil(strings.Fields(it.Language)),
		Level: it.Level, Date: it.Date, Start: it.Start, End: it.End, Timezone: w.p.Meeting.Location().String(), Room: it.Room, AllRooms: it.AllRooms,
		Talks: w.refs(it.Talks), Origin: it.Origin, Speakers: w.cast(it.Cast), Parts: w.parts(it.Parts), Links: writeLinks(it.Links),
		Policy: writePolicy(it.Policy), Sequence: it.Sequence, Changed: it.Changed,
	}
	if it.Within != nil {
		slot := w.ref(it.Within)
		s.Slot = &slot
	}
	if it.Was != nil {
		s.Moved = &apiMoved{it.Was.Start, it.Was.End, it.Was.Room}
	}
	return s
}

func (w apiWriter) ref(it *Item) apiRef {
	return apiRef{GUID: it.GUID, Ref: it.Ref, Name: it.Name, Title: it.Title, Self: w.at("/sessions/" + it.Name)}
}

func (w apiWriter) refs(list []*Item) []apiRef { return mapped(list, w.ref) }

func (w apiWriter) cast(list []*Cast) []apiCast {
	return mapped(list, func(c *Cast) apiCast {
		return apiCast{c.Person.Key, c.Person.Name, c.Role, c.Affiliation, w.at("/speakers/" + c.Person.Key)}
	})
}

func (w apiWriter) parts(list []*PartItem) []apiPart {
	return mapped(list, func(p *PartItem) apiPart {
		return apiPart{
			Code: p.Code, Title: p.Title, Abstract: p.Abstract, Start: p.Start, End: p.End, Speakers: w.cast(p.Cast), Parts: w.parts(p.Parts),
			Links: writeLinks(p.Links), Policy: writePolicy(p.Policy),
		}
	})
}

func (w apiWriter) speaker(s *Person) apiSpeaker {
	return apiSpeaker{
		Key: s.Key, Name: s.Name, Reading: s.Reading, Affiliation: s.Affiliation, Bio: s.Bio, Links: writeLinks(s.Links),
		URL: w.base + speakerURL(w.p.Meeting, s), Self: w.at("/speakers/" + s.Key), Sessions: w.refs(s.Items),
	}
}

func writeLinks(list []interchange.Link) []apiLink {
	return mapped(list, func(l interchange.Link) apiLink {
		return apiLink{string(cmp.Or(l.Kind, interchange.LinkWeb)), l.Title, l.URL, l.Until}
	})
}

func writePolicy(p interchange.Policy) apiPolicy {
	may := func(v interchange.Permission) bool { return v != interchange.Refused }
	return apiPolicy{
		Stream: may(p.Stream), Record: may(p.Record), Publish: may(p.Record) && may(p.Publish), PublishUntil: p.PublishUntil,
		Slides: may(p.Slides), Photo: may(p.Photo), SNS: may(p.SNS), OffRecord: p.IsOffRecord(),
	}
}

// mapped is f of each thing of a list; never nil, so that its JSON is a list.
func mapped[T, R any](list []T, f func(T) R) []R {
	out := make([]R, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
