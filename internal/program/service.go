package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Service reads and changes programmes.
type Service struct {
	db     *db.DB
	events *event.Service
	o      Options
	now    func() time.Time

	materials Materials // nil: there are none

	load  singleflight.Group // many ask for what has just changed
	mu    sync.Mutex
	known map[event.MeetingID]cached
}

// cached is a programme as it was built for a version of the meeting and a day.
type cached struct {
	version   int64
	today     event.Date
	programme *Programme
}

// Options are what a Service may be given; each has a default.
type Options struct {
	Now      func() time.Time                                       // default: time.Now
	Live     Publisher                                              // told of every release and every change of a draft
	Released func(context.Context, *db.Tx, ProgrammeReleased) error // called in the transaction of every release
}

// New makes the service.
func New(d *db.DB, events *event.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{db: d, events: events, o: o, now: o.Now, known: map[event.MeetingID]cached{}}
}

// announcedBefore is how long before a meeting its times are taken as announced: a session that moves later than that is shown as moved.
const announcedBefore = 7 * 24 * time.Hour

// Programme returns the public programme of a meeting as of today: one statement where nothing changed since the last call, and always the
// same number where something did. A meeting without a release has an empty programme.
func (s *Service) Programme(ctx context.Context, slug string) (*Programme, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, m)
}

func (s *Service) of(ctx context.Context, m *event.Stored) (*Programme, error) {
	today := s.Today(m)
	s.mu.Lock()
	c, ok := s.known[m.ID]
	s.mu.Unlock()
	if ok && c.version == m.Version && c.today == today {
		return c.programme, nil
	}
	built, err, _ := s.load.Do(fmt.Sprintf("%d/%d/%s", m.ID, m.Version, today), func() (any, error) {
		return s.build(context.WithoutCancel(ctx), m, today)
	})
	if err != nil {
		return nil, err
	}
	return built.(*Programme), nil
}

// build makes a programme from the database and keeps it, unless a newer one is kept already.
func (s *Service) build(ctx context.Context, m *event.Stored, today event.Date) (*Programme, error) {
	var p *Programme
	err := s.db.Read(ctx, func(r db.Reader) (err error) {
		p, err = load(ctx, r, m, today)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if old := s.known[m.ID]; old.version <= m.Version {
		s.known[m.ID] = cached{m.Version, today, p}
	}
	s.mu.Unlock()
	return p, nil
}

// Today is the date where a meeting is.
func (s *Service) Today(m *event.Stored) event.Date { return event.DateOf(s.now().In(m.Location())) }

func load(ctx context.Context, r db.Reader, m *event.Stored, today event.Date) (*Programme, error) {
	rel, frozen, err := latestRelease(ctx, r, m)
	if err != nil {
		return nil, err
	}
	if frozen == nil {
		frozen = &Frozen{Document: interchange.Document{Meeting: &m.Meeting}}
	}
	var baseline *interchange.Document
	if start := m.Start.Time(m.Location()); !start.IsZero() && rel.Number > 1 {
		_, was, err := announcedRelease(ctx, r, m, start.Add(-announcedBefore))
		if err != nil {
			return nil, err
		}
		baseline = &was.Document
	}
	p := Build(m, rel, frozen, baseline, today)
	p.Releases = rel.Number
	return p, nil
}

// Import is how a file is read into a meeting.
type Import struct {
	Source string    // the file and its format, kept with the release
	Name   string    // of the release, or empty
	At     time.Time // when the release counts as made; zero is now
	Prune  bool      // cancel the sessions that the file lacks
	DryRun bool      // say what would happen, and change nothing
}

// Report says what an import did to one meeting, or would do.
type Report struct {
	Slug    string // empty for a document that only describes the group or series
	Event   []event.Change
	Changes []Change
	Read    int // sessions in the file
	Added   int
	Changed int
	Absent  []Absent // in the programme and not in the file
	Release int      // the number of the release made, 0 where nothing changed
}

// Absent is a session that a file lacks.
type Absent struct {
	Label, Title string
	Cancelled    bool
}

// errDryRun undoes everything.
var errDryRun = errors.New("dry run")

// Import reads documents into the database: all of them or none. Reading the same again changes nothing.
func (s *Service) Import(ctx context.Context, docs []*interchange.Document, o Import) ([]Report, error) {
	if o.At.IsZero() {
		o.At = s.now()
	}
	var reports []Report
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		reports = make([]Report, 0, len(docs))
		for _, d := range docs {
			r, err := s.importOne(ctx, tx, d, o)
			if err != nil {
				return err
			}
			reports = append(reports, r)
		}
		if o.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return nil, err
	}
	return reports, nil
}

func (s *Service) importOne(ctx context.Context, tx *db.Tx, in *interchange.Document, o Import) (Report, error) {
	var r Report
	if err := s.events.Lock(ctx, tx); err != nil {
		return r, err
	}
	old, err := s.stored(ctx, tx, in)
	if err != nil {
		return r, err
	}
	if in, err = s.adopt(ctx, tx, in, old); err != nil {
		return r, err
	}
	input := event.Input{
		Group: in.Group, Series: in.Series, Meeting: in.Meeting, Full: in.Has.Meeting, RoomDetail: in.Has.RoomDetail,
	}
	if !in.Has.Bilingual {
		input.Only = in.Has.Lang
	}
	_, changes, err := s.events.Apply(ctx, tx, input)
	if err != nil {
		return r, fmt.Errorf("import the meeting: %w", err)
	}
	r.Event = changes
	if in.Meeting == nil {
		return r, nil
	}
	r.Slug = in.Meeting.Slug
	if err := s.takeDraft(ctx, tx, r.Slug); err != nil {
		return r, err
	}
	m, err := s.events.Load(ctx, tx, in.Meeting.Slug)
	if err != nil {
		return r, err
	}
	return r, s.importProgramme(ctx, tx, old, m, in, o, &r)
}

// stored is the meeting that a document is about as it is before the import, or nil where it is new.
func (s *Service) stored(ctx context.Context, tx *db.Tx, in *interchange.Document) (*event.Stored, error) {
	if in.Meeting == nil {
		return nil, nil
	}
	m, err := s.events.Load(ctx, tx, in.Meeting.Slug)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return m, err
}

// adopt fits a document of a format that knows things only by name into a meeting that exists already: it gets the keys that the meeting
// has, and leaves alone what such a format can only make up.
func (s *Service) adopt(ctx context.Context, tx *db.Tx, in *interchange.Document, m *event.Stored) (*interchange.Document, error) {
	if m == nil || in.Has.Meeting {
		return in, nil
	}
	draft, err := loadDraft(ctx, tx, m)
	if err != nil {
		return nil, err
	}
	in.Adopt(draft)
	out, meeting := *in, *in.Meeting
	if !in.Has.Heading {
		meeting.Title, meeting.Start, meeting.End = i18n.Text{}, "", ""
	} else if t := meeting.Title; saysNothingNew(m.Title, t) || strings.EqualFold(t.JA+t.EN, m.Slug) { // made up from the slug, or as good as
		meeting.Title = i18n.Text{}
	}
	if m.Start != "" && m.Start <= meeting.Start && meeting.End <= m.LastDay() {
		meeting.Start, meeting.End = "", "" // the days of its sessions, perhaps, and not all of the meeting's
	}
	meeting.Rooms = slices.Clone(meeting.Rooms)
	for i := range meeting.Rooms {
		if r := &meeting.Rooms[i]; m.Room(r.Key) != nil {
			r.Name = nameOver(m.Room(r.Key).Name, r.Name)
		}
	}
	out.Meeting = &meeting
	return &out, nil
}

func (s *Service) importProgramme(ctx context.Context, tx *db.Tx, old, m *event.Stored, in *interchange.Document, o Import, r *Report) error {
	draft, err := loadDraft(ctx, tx, m)
	if err != nil {
		return err
	}
	in = inZone(in, m)
	next := merge(draft, in, o.Prune)
	next.doc.Meeting = &m.Meeting // as it is stored, with what the file does not know
	was := *draft
	if old != nil {
		was.Meeting = &old.Meeting // the names its rooms had
	}
	r.Read, r.Changes = len(in.Sessions), Diff(&was, next.doc)
	for _, c := range r.Changes {
		if c.Op == Added {
			r.Added++
		} else {
			r.Changed++
		}
	}
	for _, a := range next.absent {
		r.Absent = append(r.Absent, Absent{labelOf(a), a.Title.String(), o.Prune})
	}
	if err := saveDraft(ctx, tx, m.ID, draft, next.doc); err != nil {
		return err
	}
	if err := trackTranslations(ctx, tx, m, draft, next.doc); err != nil {
		return err
	}
	if r.Release, err = s.release(ctx, tx, m, Release{Name: o.Name, At: o.At, Source: o.Source}); err != nil {
		return err
	}
	return s.recordImport(ctx, tx, m, &was, next.doc, r, o.Source)
}

// takeDraft raises the version of a draft that is about to be written. On PostgreSQL others who want to write it wait from here on.
func (s *Service) takeDraft(ctx context.Context, tx *db.Tx, slug string) error {
	if err := db.Bump(ctx, tx, DeskScope(slug)); err != nil {
		return err
	}
	v, err := db.Version(ctx, tx, DeskScope(slug))
	tx.OnCommit(func() { s.publish(DeskScope(slug), v) })
	return err
}

// publish tells browsers that something changed.
func (s *Service) publish(topic string, version int64) {
	if s.o.Live != nil {
		s.o.Live.Publish(topic, version)
	}
}

// inZone gives a document's times the meeting's zone and its sessions the day under which they are listed.
func inZone(in *interchange.Document, m *event.Stored) *interchange.Document {
	out := *in
	out.Sessions = append([]interchange.Session(nil), in.Sessions...)
	for i := range out.Sessions {
		s := &out.Sessions[i]
		if s.Timed() {
			s.Start, s.End = s.Start.In(m.Location()), s.End.In(m.Location())
			s.Date = programmeDay(s.Start, m.DayBoundary)
		}
		partsIn(s.Parts, m)
	}
	return &out
}

// release freezes the draft as it is in this transaction, unless it equals the newest release. It returns the number of the
// release it made, or 0.
func (s *Service) release(ctx context.Context, tx *db.Tx, m *event.Stored, rel Release) (int, error) {
	draft, err := loadDraft(ctx, tx, m)
	if err != nil {
		return 0, err
	}
	return s.releaseOf(ctx, tx, m, rel, draft)
}

// releaseOf freezes a programme, unless it equals the newest release.
func (s *Service) releaseOf(ctx context.Context, tx *db.Tx, m *event.Stored, rel Release, draft *interchange.Document) (int, error) {
	last, before, err := latestRelease(ctx, tx, m)
	if err != nil {
		return 0, err
	}
	if before == nil && len(draft.Sessions) == 0 {
		return 0, nil
	}
	f := freeze(before, draft, rel.At)
	if before != nil {
		if sameDocument(&before.Document, &f.Document) {
			return 0, nil
		}
		rel.Changes, rel.Common = Diff(&before.Document, &f.Document), CommonDiff(&before.Document, &f.Document)
		if rel.At.Before(last.At) {
			rel.At = last.At // releases are in the order of their times, also when the clock jumps back
		}
	}
	rel.Number = last.Number + 1
	if err := addRelease(ctx, tx, m.ID, rel, f); err != nil {
		if db.IsUnique(err) {
			return 0, fault.New(fault.Conflict, "program.error.released_meanwhile").Because(err)
		}
		return 0, err
	}
	return rel.Number, s.published(ctx, tx, m, rel, f)
}

// published tells whoever shows the programme that it changed.
func (s *Service) published(ctx context.Context, tx *db.Tx, m *event.Stored, rel Release, f *Frozen) error {
	scope := event.MeetingScope(m.Slug)
	if err := db.Bump(ctx, tx, event.SiteScope, scope); err != nil {
		return err
	}
	v, err := db.Version(ctx, tx, scope)
	if err != nil {
		return err
	}
	tx.OnCommit(func() { s.publish(scope, v) })
	if s.o.Released != nil {
		if err := s.o.Released(ctx, tx, ProgrammeReleased{Meeting: m.Slug, From: rel.Number - 1, To: rel.Number}); err != nil {
			return err
		}
	}
	return index(ctx, tx, Build(m, rel, f, nil, s.Today(m)))
}

// freeze makes a frozen copy of a draft and counts on from the release before.
func freeze(before *Frozen, draft *interchange.Document, at time.Time) *Frozen {
	f := &Frozen{Format: 1, Document: *draft, Sequence: map[string]int{}, Changed: map[string]time.Time{}}
	meeting := *draft.Meeting
	meeting.Pages, meeting.Summary.JA, meeting.Summary.EN = nil, "", "" // they are the meeting's own and change without a release
	meeting.Figures, meeting.Orgs, meeting.Links, meeting.Phase = nil, nil, nil, ""
	f.Document.Meeting = &meeting
	f.Document.Has = interchange.Fields{}
	if before == nil {
		for _, s := range draft.Sessions {
			f.Changed[s.GUID] = at.UTC()
		}
		return f
	}
	for guid, n := range before.Sequence {
		f.Sequence[guid] = n
	}
	for guid, t := range before.Changed {
		f.Changed[guid] = t
	}
	for _, c := range Diff(&before.Document, &f.Document) {
		f.Changed[c.GUID] = at.UTC()
		if c.Op != Added && c.Moves() {
			f.Sequence[c.GUID]++
		}
	}
	return f
}

// sameDocument compares what would be stored.
func sameDocument(a, b *interchange.Document) bool { return canonical(a) == canonical(b) }

func canonical(d *interchange.Document) string {
	c := *d
	c.Sessions = append([]interchange.Session(nil), d.Sessions...)
	for i := range c.Sessions {
		s := &c.Sessions[i]
		s.Start, s.End, s.Parts = s.Start.UTC(), s.End.UTC(), utcParts(s.Parts)
		s.Topics, s.Speakers, s.Links = orNil(s.Topics), orNil(s.Speakers), orNil(s.Links)
	}
	c.Speakers = append([]interchange.Speaker(nil), d.Speakers...)
	for i := range c.Speakers {
		c.Speakers[i].Links = orNil(c.Speakers[i].Links)
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // a document always marshals
	}
	return string(b)
}

// orNil makes an empty list nil, as it is after being stored.
func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// Draft returns the whole programme of a meeting as its file would hold it, with the meeting itself: for export by its owner.
func (s *Service) Draft(ctx context.Context, slug string) (*interchange.Document, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	var d *interchange.Document
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		d, err = loadDraft(ctx, r, m)
		return err
	})
	return d, err
}

// Releases lists what changed in each release of a meeting, newest first.
func (s *Service) Releases(ctx context.Context, m *event.Stored) ([]Release, error) {
	return listReleases(ctx, s.db, m, maxReleases)
}

// maxReleases bounds the page of changes. A meeting that is retimed in the night has a dozen.
const maxReleases = 200

// Compared is what changed between two releases.
type Compared struct {
	Changes []Change
	Common  []CommonChange
	After   *interchange.Document // the state after them
}

// Compare says what changed between two releases of a meeting.
func (s *Service) Compare(ctx context.Context, m *event.Stored, from, to int) (Compared, error) {
	var c Compared
	err := s.db.Read(ctx, func(r db.Reader) error {
		a, err := numberedRelease(ctx, r, m, from)
		if err == nil {
			var b *Frozen
			if b, err = numberedRelease(ctx, r, m, to); err == nil {
				c = Compared{Diff(&a.Document, &b.Document), CommonDiff(&a.Document, &b.Document), &b.Document}
			}
		}
		return err
	})
	if db.IsNoRows(err) {
		err = fault.Missing()
	}
	return c, err
}
