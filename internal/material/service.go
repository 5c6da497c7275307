package material

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Programme is what this package asks of the programme.
type Programme interface {
	// Session finds a session by any of its names, as it is published or, where it is not, in the draft; fault.Missing where it is in neither.
	Session(ctx context.Context, slug, name string) (*Session, error)
}

// Options are what a Service is given.
type Options struct {
	Programme Programme
	Max       int64 // bytes of one file, at most MaxBytes; 0: that
	Meeting   int64 // bytes of one meeting; 0: MaxMeeting
	Now       func() time.Time
	Log       *slog.Logger
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	large  *blob.Large
	events *event.Service
	o      Options
	look   chan struct{} // holds a token for each file being looked into

	finishing sync.RWMutex // held for reading from keeping a content until its row is there, for writing by the sweep
	mu        sync.Mutex
	known     map[event.MeetingID]listed
}

// listed are the materials of a meeting at a version of it.
type listed struct {
	version int64
	bySess  map[string][]*File
	byID    map[string]*File
}

// New makes the service.
func New(d *db.DB, large *blob.Large, events *event.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Max == 0 || o.Max > MaxBytes {
		o.Max = MaxBytes
	}
	if o.Meeting == 0 {
		o.Meeting = MaxMeeting
	}
	return &Service{db: d, large: large, events: events, o: o, look: make(chan struct{}, 2), known: map[event.MeetingID]listed{}}
}

// of returns the materials of a meeting as it is at m's version. What a page of the meeting shows of them costs no statement.
func (s *Service) of(ctx context.Context, m *event.Stored) (listed, error) {
	s.mu.Lock()
	l, ok := s.known[m.ID]
	s.mu.Unlock()
	if ok && l.version == m.Version {
		return l, nil
	}
	files, err := loadFiles(ctx, s.db, m)
	if err != nil {
		return listed{}, err
	}
	l = listed{m.Version, map[string][]*File{}, map[string]*File{}}
	for _, f := range files {
		l.bySess[f.Ref] = append(l.bySess[f.Ref], f)
		l.byID[f.ID] = f
	}
	for _, list := range l.bySess {
		slices.SortStableFunc(list, func(a, b *File) int { return cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)) })
	}
	s.mu.Lock()
	if old, ok := s.known[m.ID]; !ok || old.version <= m.Version {
		s.known[m.ID] = l
	}
	s.mu.Unlock()
	return l, nil
}

// Rights are what somebody may do with the materials of a session.
type Rights struct {
	HandIn bool // hand in, replace, withdraw, and see what is not public
	Decide bool // say when what the committee holds back is public
}

// rights says what who acts may do with the materials of a session. A speaker holds their role on the key by which the programme knows them, and
// who acts for a speaker holds theirs on the session.
func rights(ctx context.Context, sess *Session) Rights {
	who := authz.Who(ctx)
	may := func(p authz.Permission, object string) bool { return who.May(p, sess.Meeting.Slug, object) }
	if may(event.MayEditProgramme, "") || may(event.MayEditSession, sess.Ref) {
		return Rights{true, true}
	}
	speaks := func(key string) bool { return may(event.MaySpeak, key) }
	return Rights{HandIn: speaks(sess.Ref) || slices.ContainsFunc(sess.Speakers, speaks)}
}

// open finds a session whose materials who acts may work on.
func (s *Service) open(ctx context.Context, slug, name string) (*Session, Rights, error) {
	sess, err := s.o.Programme.Session(ctx, slug, name)
	if err != nil {
		return nil, Rights{}, err
	}
	r := rights(ctx, sess)
	if !r.HandIn {
		err = fault.New(fault.Forbidden, "material.error.not_yours")
	}
	return sess, r, err
}

// Shelf is everything about the materials of a session, for those who may work on them.
type Shelf struct {
	Session *Session
	Rights  Rights
	Files   []*File // also those that are withdrawn, at the end
	Uploads []*Upload
	Names   map[int64]i18n.Text // of who handed in
	Used    Used
}

// Shelf returns the materials of a session with their history, and what who acts has unfinished there.
func (s *Service) Shelf(ctx context.Context, slug, name string) (*Shelf, error) {
	sess, rights, err := s.open(ctx, slug, name)
	if err != nil {
		return nil, err
	}
	l, err := s.of(ctx, sess.Meeting)
	if err != nil {
		return nil, err
	}
	sh := &Shelf{Session: sess, Rights: rights, Files: slices.Clone(l.bySess[sess.Ref])}
	slices.SortStableFunc(sh.Files, func(a, b *File) int { return cmp.Compare(gone(a), gone(b)) })
	if sh.Used, err = loadUsed(ctx, s.db, sess.Meeting.ID, sess.Ref); err != nil {
		return nil, err
	}
	mine, err := unfinished(ctx, s.db, authz.Who(ctx).ID, s.o.Now())
	if err != nil {
		return nil, err
	}
	for _, u := range mine {
		if u.Slug == slug && u.Ref == sess.Ref {
			sh.Uploads = append(sh.Uploads, u)
		}
	}
	var ids []int64
	for _, f := range sh.Files {
		for _, v := range f.Versions {
			if v.By != 0 && !slices.Contains(ids, v.By) {
				ids = append(ids, v.By)
			}
		}
	}
	sh.Names, err = personNames(ctx, s.db, ids)
	return sh, err
}

func gone(f *File) int {
	if f.Withdrawn.IsZero() {
		return 0
	}
	return 1
}

// Public lists the materials of a published session that everybody may have now. sess is what the caller knows of it already.
func (s *Service) Public(ctx context.Context, sess *Session) ([]*File, error) {
	l, err := s.of(ctx, sess.Meeting)
	if err != nil {
		return nil, err
	}
	var out []*File
	for _, f := range l.bySess[sess.Ref] {
		if f.StateOf(sess, s.o.Now()) == Public {
			out = append(out, f)
		}
	}
	return out, nil
}

// Count counts the materials of a session that are handed in.
func (s *Service) Count(ctx context.Context, m *event.Stored, ref string) (int, error) {
	l, err := s.of(ctx, m)
	n := 0
	for _, f := range l.bySess[ref] {
		n += 1 - gone(f)
	}
	return n, err
}

// find finds a material by its public id, with its session.
func (s *Service) find(ctx context.Context, id string) (*Session, *File, error) {
	if !isID(id) {
		return nil, nil, fault.Missing()
	}
	slug, err := meetingOf(ctx, s.db, id)
	if err != nil {
		return nil, nil, err
	}
	if slug == "" {
		return nil, nil, fault.Missing()
	}
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	l, err := s.of(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	f := l.byID[id]
	if f == nil {
		return nil, nil, fault.Missing()
	}
	sess, err := s.o.Programme.Session(ctx, slug, f.Ref)
	return sess, f, err
}

// Download is a version of a material that who asks may have.
type Download struct {
	File    *File
	Version *Version
	Session *Session
	Public  bool // everybody may have it
}

// Download finds the version of a material whose content begins with the digits short, or its newest where short is empty. Everybody may have
// the newest of a public material; those who may work on it may have all. To others there is nothing.
func (s *Service) Download(ctx context.Context, id, short string) (*Download, error) {
	sess, f, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	d := &Download{File: f, Session: sess, Version: f.Newest()}
	if short != "" {
		d.Version = f.Version(short)
	}
	if d.Version == nil {
		return nil, fault.Missing()
	}
	if d.Public = d.Version == f.Newest() && f.StateOf(sess, s.o.Now()) == Public; d.Public {
		return d, nil
	}
	if !rights(ctx, sess).HandIn {
		return nil, fault.Missing() // that there is something embargoed is nobody's business
	}
	return d, nil
}

// Content opens the content of a version; it must be closed.
func (s *Service) Content(v *Version) (blob.File, error) { return s.large.Open(v.Digest) }

// Change says what is different about a material; nil fields stay.
type Change struct {
	About     *About
	Withdrawn *bool
}

// Change changes what is said of a material. What the committee holds back, only the committee lets out.
func (s *Service) Change(ctx context.Context, id string, c Change) (*Session, error) {
	sess, _, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	may := rights(ctx, sess)
	if !may.HandIn {
		return nil, fault.Missing()
	}
	return sess, s.db.Write(ctx, func(tx *db.Tx) error {
		f, err := lockFile(ctx, tx, sess.Meeting, id)
		if err != nil {
			return err
		}
		if f == nil {
			return fault.Missing()
		}
		before := f.fields()
		if err := f.apply(c, may, s.o.Now()); err != nil {
			return err
		}
		if err := saveFile(ctx, tx, f); err != nil {
			return err
		}
		return s.changed(ctx, tx, sess, "material.changed", before, f.fields())
	})
}

// apply makes a change as far as the rights allow.
func (f *File) apply(c Change, rights Rights, now time.Time) error {
	if c.About != nil {
		about, err := c.About.valid()
		if err != nil {
			return err
		}
		if f.Opens == Held && about.Opens != Held && !rights.Decide {
			return fault.New(fault.Forbidden, "material.error.held")
		}
		f.About = about
	}
	switch {
	case c.Withdrawn == nil:
	case *c.Withdrawn && f.Withdrawn.IsZero():
		f.Withdrawn = now
	case !*c.Withdrawn:
		f.Withdrawn = time.Time{}
	}
	return nil
}

// fields are what the audit log keeps of a material.
func (f *File) fields() map[string]string {
	m := map[string]string{"material": f.ID, "kind": string(f.Kind), "label_ja": f.Label.JA, "label_en": f.Label.EN, "opens": string(f.Opens), "withdrawn": ""}
	if !f.Withdrawn.IsZero() {
		m["withdrawn"] = f.Withdrawn.UTC().Format(time.RFC3339)
	}
	if v := f.Newest(); v != nil {
		m["file"], m["sha256"] = v.Name, string(v.Digest)
	}
	return m
}

// changed records a change, and tells whoever shows the session that it is another.
func (s *Service) changed(ctx context.Context, tx *db.Tx, sess *Session, action string, before, after map[string]string) error {
	err := audit.Record(ctx, tx, audit.Entry{
		Action: action, Scope: sess.Meeting.Slug, Object: "session:" + sess.Ref, Before: before, After: after, At: s.o.Now(),
	})
	if err != nil {
		return err
	}
	return db.Bump(ctx, tx, event.MeetingScope(sess.Meeting.Slug))
}
