package program

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Draft is the draft of a meeting as the desk sees it.
type Draft struct {
	Meeting  *event.Stored
	Doc      *interchange.Document
	Version  int64          // of DeskScope
	Newest   Release        // the newest release; its number is 0 where there is none
	Released *Frozen        // of that release, nil where there is none
	Watch    *Watch         // what clashes are looked for with
	Changes  []Change       // of sessions, against the newest release
	Common   []CommonChange // of the programme as a whole
	Now      time.Time      // in the meeting's zone

	sources map[translationKey]string
}

// Session finds a session of the draft by reference, code, id of its source or guid, or nil.
func (d *Draft) Session(name string) *interchange.Session {
	i := indexOf(d.Doc, name)
	if i < 0 {
		return nil
	}
	return &d.Doc.Sessions[i]
}

func indexOf(d *interchange.Document, name string) int {
	r := &retiming{before: d}
	i, err := r.find(name)
	if err != nil {
		return -1
	}
	return i
}

// Open reads the draft of a meeting, for those who may see it.
func (k *Desk) Open(ctx context.Context, slug string) (*Draft, error) {
	if err := k.mayRead(ctx, slug); err != nil {
		return nil, err
	}
	var d *Draft
	err := k.s.db.Read(ctx, func(r db.Reader) (err error) {
		if d, err = k.open(ctx, r, slug); err == nil {
			err = d.compare(ctx, r)
		}
		return err
	})
	return d, err
}

// mayRead is asked of the draft as a whole. Owners and editors of single sessions have pages of their own.
func (k *Desk) mayRead(ctx context.Context, slug string) error {
	return event.Require(ctx, slug, event.MayReadDraft)
}

// open reads the draft on one state of the database: a constant number of statements.
func (k *Desk) open(ctx context.Context, r db.Reader, slug string) (*Draft, error) {
	m, err := k.s.events.Load(ctx, r, slug)
	if err != nil {
		return nil, err
	}
	d := &Draft{Meeting: m, Now: k.s.now().In(m.Location())}
	if d.Version, err = db.Version(ctx, r, DeskScope(slug)); err != nil {
		return nil, err
	}
	if d.Doc, err = loadDraft(ctx, r, m); err != nil {
		return nil, err
	}
	d.Watch, err = k.watch(ctx, r, slug)
	return d, err
}

// compare reads the newest release, and what translations were made of.
func (d *Draft) compare(ctx context.Context, r db.Reader) (err error) {
	if d.Newest, d.Released, err = latestRelease(ctx, r, d.Meeting); err != nil {
		return err
	}
	if d.sources, err = translated(ctx, r, d.Meeting.ID); err != nil {
		return err
	}
	d.Changes = Diff(d.Public(), d.Doc)
	if d.Released != nil {
		d.Common = CommonDiff(d.Public(), d.Doc)
	}
	return nil
}

// Pending counts what a release would change.
func (d *Draft) Pending() int { return len(d.Changes) + len(d.Common) }

// Public is the programme of the newest release, with nothing in it where there is none.
func (d *Draft) Public() *interchange.Document {
	if d.Released == nil {
		return &interchange.Document{Meeting: &d.Meeting.Meeting}
	}
	return &d.Released.Document
}

// Clashes finds everything that is wrong with the draft.
func (d *Draft) Clashes() []Warning { return Clashes(d.Doc, d.Watch) }

// watch asks the others what they know.
func (k *Desk) watch(ctx context.Context, r db.Reader, slug string) (*Watch, error) {
	w := &Watch{}
	if k.o.Interest != nil {
		wanted, err := k.o.Interest.Wanted(ctx, r, slug)
		if err != nil {
			return nil, err
		}
		w.Interest = func(guid string) int { return wanted[guid] }
	}
	if k.o.Absences != nil {
		list, err := k.o.Absences.Away(ctx, r, slug)
		if err != nil {
			return nil, err
		}
		w.Away = func(speaker string, from, to time.Time) bool {
			return slices.ContainsFunc(list, func(a Absence) bool {
				return a.Speaker == speaker && between(a.From, a.To, from, to) < 0
			})
		}
	}
	return w, nil
}

// Done is what an act at the desk led to.
type Done struct {
	Draft    int64     // the version of the draft
	Act      string    // the public id of the act, to undo it; empty where nothing changed
	Warnings []Warning // what is wrong now that was not before
	Release  int       // of a retiming, the release it made
	Session  *interchange.Session
}

// acting is an act at work, within a transaction.
type acting struct {
	*Draft
	tx     *db.Tx
	kind   ActKind
	before *interchange.Document // as it was; Doc is what it becomes
}

// act changes the draft: fn makes Doc another document, and what differs is stored, kept to be undone, and written into the audit log.
func (k *Desk) act(ctx context.Context, slug string, kind ActKind, fn func(*acting) error) (*Done, error) {
	var done *Done
	err := k.s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := k.begin(ctx, tx, slug, kind)
		if err != nil {
			return err
		}
		if err := fn(a); err != nil {
			return err
		}
		done, err = k.finish(ctx, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// begin takes the draft: from here on nobody else writes it.
func (k *Desk) begin(ctx context.Context, tx *db.Tx, slug string, kind ActKind) (*acting, error) {
	if err := db.Bump(ctx, tx, DeskScope(slug)); err != nil {
		return nil, err
	}
	d, err := k.open(ctx, tx, slug)
	if err != nil {
		return nil, err
	}
	return &acting{Draft: d, tx: tx, kind: kind, before: d.Doc}, nil
}

// change replaces the draft by a copy whose lists may be changed.
func (a *acting) change() *interchange.Document {
	out := *a.Doc
	out.Sessions, out.Speakers = slices.Clone(a.Doc.Sessions), slices.Clone(a.Doc.Speakers)
	out.Kinds, out.Topics = slices.Clone(a.Doc.Kinds), slices.Clone(a.Doc.Topics)
	a.Doc = &out
	return a.Doc
}

// finish stores what differs.
func (k *Desk) finish(ctx context.Context, a *acting) (*Done, error) {
	done := &Done{Draft: a.Version}
	touched := touchedBy(a.before, a.Doc)
	if touched.empty() {
		return done, nil
	}
	keepOrder(a.before, a.Doc)
	if err := k.store(ctx, a, &touched); err != nil {
		return nil, err
	}
	act := &Act{Ref: rand.Text()[:16], By: authz.Who(ctx).Ref, At: k.s.now(), Kind: a.kind, Touched: touched}
	if err := addAct(ctx, a.tx, a.Meeting.ID, act); err != nil {
		return nil, err
	}
	done.Act, done.Warnings = act.Ref, a.newClashes()
	return done, nil
}

// store writes the draft and everything that follows from what was touched in it.
func (k *Desk) store(ctx context.Context, a *acting, touched *Touched) error {
	if err := saveDraft(ctx, a.tx, a.Meeting.ID, a.before, a.Doc); err != nil {
		return err
	}
	if err := trackTranslations(ctx, a.tx, a.Meeting, a.before, a.Doc); err != nil {
		return err
	}
	for guid := range touched.Sessions {
		if err := k.noteFields(ctx, a, guid, touchedFields(a, guid)); err != nil {
			return err
		}
	}
	for _, c := range Categories {
		for key := range touched.of(c) {
			if err := k.noteFields(ctx, a, categoryGUID(c, key), c.touchedFields(a, key)); err != nil {
				return err
			}
		}
	}
	if touched.Policy != nil {
		if err := k.noteFields(ctx, a, policyGUID, slices.Collect(maps.Keys(touched.Policy.After))); err != nil {
			return err
		}
	}
	a.tx.OnCommit(func() { k.s.publish(DeskScope(a.Meeting.Slug), a.Version) })
	return k.record(ctx, a, touched)
}

// noteFields keeps who changed fields last: who acts.
func (k *Desk) noteFields(ctx context.Context, a *acting, guid string, fields []string) error {
	for _, field := range fields {
		if err := noteField(ctx, a.tx, a.Meeting.ID, fieldChange{guid, field, k.s.now(), authz.Who(ctx).Ref}); err != nil {
			return err
		}
	}
	return nil
}

// newClashes finds what an act made worse, among the sessions that it touched.
func (a *acting) newClashes() []Warning {
	if len(a.before.Sessions) == len(a.Doc.Sessions) {
		before := *a.before
		before.Sessions = inOrderOf(a.before.Sessions, a.Doc.Sessions)
		return NewClashes(&before, a.Doc, a.Watch)
	}
	known := map[string]bool{}
	for i := range a.before.Sessions {
		known[a.before.Sessions[i].GUID] = true
	}
	var added []int
	for i := range a.Doc.Sessions {
		if !known[a.Doc.Sessions[i].GUID] {
			added = append(added, i)
		}
	}
	if len(added) == 0 {
		return nil
	}
	return clashesOf(a.Doc, a.Watch, added)
}

// inOrderOf sorts sessions as others are.
func inOrderOf(list, order []interchange.Session) []interchange.Session {
	place := make(map[string]int, len(order))
	for i := range order {
		place[order[i].GUID] = i
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b interchange.Session) int { return cmp.Compare(place[a.GUID], place[b.GUID]) })
	return out
}

// session finds a session to change. It is a fault where there is none.
func (a *acting) session(name string) (*interchange.Session, error) {
	i := indexOf(a.Doc, name)
	if i < 0 {
		return nil, fault.Missing()
	}
	return &a.change().Sessions[i], nil
}

// hashText names a text without keeping it.
func hashText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// texts are the fields of a session that are translated.
var texts = []struct {
	name string
	of   func(*interchange.Session) *i18n.Text
}{
	{"title", func(s *interchange.Session) *i18n.Text { return &s.Title }},
	{"subtitle", func(s *interchange.Session) *i18n.Text { return &s.Subtitle }},
	{"abstract", func(s *interchange.Session) *i18n.Text { return &s.Abstract }},
}

// sourceLang is the language that a session is written in first: the one it is held in, else the meeting's.
func sourceLang(m *event.Meeting, s *interchange.Session) i18n.Lang {
	if first, _, _ := strings.Cut(s.Language, " "); first != "" {
		if l, ok := i18n.ParseLang(first); ok && (s.Title.Exact(l) != "" || s.Title.IsZero()) {
			return l
		}
	}
	if l := m.DefaultLang(); s.Title.Exact(l) != "" || s.Title.IsZero() {
		return l
	}
	return m.DefaultLang().Other()
}

// trackTranslations keeps what translations were made of, so that one whose source changes later is known to be outdated.
func trackTranslations(ctx context.Context, tx *db.Tx, m *event.Stored, before, after *interchange.Document) error {
	old := make(map[string]*interchange.Session, len(before.Sessions))
	for i := range before.Sessions {
		old[before.Sessions[i].GUID] = &before.Sessions[i]
	}
	for i := range after.Sessions {
		is := &after.Sessions[i]
		was := old[is.GUID]
		if was == nil {
			continue
		}
		l := sourceLang(&m.Meeting, is)
		for _, t := range texts {
			a, b := *t.of(was), *t.of(is)
			k := translationKey{is.GUID, t.name + "." + string(l.Other())}
			var err error
			switch to := l.Other(); {
			case a.Exact(to) != b.Exact(to):
				err = noteTranslation(ctx, tx, m.ID, k, hashText(b.Exact(l)), false)
			case a.Exact(l) != b.Exact(l) && b.Exact(to) != "":
				err = noteTranslation(ctx, tx, m.ID, k, hashText(a.Exact(l)), true)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
