package registration

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Bulk is something to be done to many entries.
type Bulk struct {
	Key  string `json:"-"` // made with the page; sent twice, it is done once
	Act  string `json:"-"` // cancel, kind, confirm
	Kind string `json:"kind,omitempty"`
	Reason
}

// BulkActs lists what can be done to many entries.
var BulkActs = []string{"confirm", "kind", "cancel"}

// BulkStarted says that something is to be done to many entries.
type BulkStarted struct {
	Slug string `json:"slug"`
	Ref  string `json:"ref"`
}

// JobName implements job.Event.
func (BulkStarted) JobName() string { return "registration.bulk" }

// Chosen are those whom a filter chooses, for those who may change them.
func (s *Service) Chosen(ctx context.Context, slug string, f Filter) ([]*Entry, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	var list []*Entry
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		list, err = s.chosenEntries(ctx, r, m, f)
		return err
	})
	return list, err
}

// StartBulk begins to do something to all whom a filter chooses, if they are still as many as whoever asks has seen. It returns by what the
// result is found.
func (s *Service) StartBulk(ctx context.Context, slug string, f Filter, seen int, b Bulk) (string, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return "", err
	}
	switch {
	case !slices.Contains(BulkActs, b.Act):
		return "", invalid("registration.error.no_act")
	case b.Act == "kind" && m.Kind(b.Kind) == nil:
		return "", invalid("registration.error.choose_kind").On("kind")
	case len(b.Key) != 26:
		return "", invalid("registration.error.form_old")
	}
	if err := b.check(); err != nil {
		return "", err
	}
	if was, err := oneBulk(ctx, s.db, m.Location(), `b.ref = $1 AND b.meeting_id = $2`, b.Key, m.ID); err != nil || was != nil {
		return b.Key, err
	}
	list, err := s.Chosen(ctx, slug, f)
	if err != nil {
		return "", err
	}
	if len(list) != seen || seen == 0 {
		return "", fault.New(fault.Conflict, "registration.error.count").With("n", len(list))
	}
	args, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	row := &bulkRow{Ref: b.Key, Meeting: m.ID, Act: b.Act, Args: string(args), Chosen: f.Values().Encode(), By: authz.Who(ctx).Ref, MadeAt: s.o.Now()}
	ids := idsOf(list)
	return b.Key, s.db.Write(ctx, func(tx *db.Tx) error {
		if err := insertBulk(ctx, tx, row, ids); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Action: "registration.bulk", Scope: slug, Object: "bulk:" + row.Ref, At: row.MadeAt,
			After: map[string]string{"act": b.Act, "filter": row.Chosen, "count": strconv.Itoa(len(ids)), "why": b.Why}}); err != nil {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, tx, BulkStarted{slug, row.Ref})
	})
}

func idsOf(list []*Entry) []EntryID {
	ids := make([]EntryID, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	return ids
}

// bulkBatch is how many entries are looked up at once.
const bulkBatch = 50

// RunBulk does to each entry what was decided, in a transaction of its own. It may be run again at any point: what was done is not done twice.
func (s *Service) RunBulk(ctx context.Context, ev BulkStarted) error {
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return err
	}
	row, err := oneBulk(ctx, s.db, m.Location(), `b.ref = $1`, ev.Ref)
	if err != nil || row == nil || !row.DoneAt.IsZero() {
		return err
	}
	b := Bulk{Act: row.Act}
	if err := json.Unmarshal([]byte(row.Args), &b); err != nil {
		return job.GiveUp(err)
	}
	ctx = authz.With(ctx, &authz.Actor{Ref: row.By})
	for {
		ids, err := bulkLeft(ctx, s.db, row.ID, bulkBatch)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return s.db.Write(ctx, func(tx *db.Tx) error { return bulkDone(ctx, tx, row.ID, s.o.Now()) })
		}
		list, err := inOrder(ctx, s.db, m.Location(), ids)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := s.bulkOne(ctx, m, row.ID, e, b); err != nil {
				return err
			}
		}
	}
}

// bulkOne does something to one of many. What cannot be done is noted with why.
func (s *Service) bulkOne(ctx context.Context, m *Meeting, id int64, e *Entry, b Bulk) error {
	also := func(tx *db.Tx) error {
		first, err := bulkDid(ctx, tx, id, e.ID, "done", "")
		if err == nil && !first {
			err = fault.New(fault.Conflict, "registration.error.changed")
		}
		return err
	}
	var err error
	switch b.Act {
	case "cancel":
		err = s.deskCancel(ctx, m, e, b.Reason, also)
	case "confirm":
		err = s.deskConfirm(ctx, m, e, b.Reason, also)
	case "kind":
		err = s.deskDays(ctx, m, e, b.Kind, nil, b.Reason, also)
	}
	if err == nil {
		return nil
	}
	why, ok := fault.As(err)
	if !ok || why.Kind == fault.Internal {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := bulkDid(ctx, tx, id, e.ID, "failed", why.Key)
		return err
	})
}

// BulkResult is what became of something done to many.
type BulkResult struct {
	Act     string
	MadeAt  time.Time
	Done    bool
	Counts  map[string]int // waiting, done, failed
	Failed  []*Entry
	Because map[EntryID]string // keys of words
}

// BulkResult says what became of something done to many.
func (s *Service) BulkResult(ctx context.Context, slug, ref string) (*BulkResult, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	out := &BulkResult{}
	err = s.db.Read(ctx, func(r db.Reader) error {
		row, err := oneBulk(ctx, r, m.Location(), `b.ref = $1 AND b.meeting_id = $2`, ref, m.ID)
		if err != nil {
			return err
		}
		if row == nil {
			return fault.Missing()
		}
		out.Act, out.MadeAt, out.Done = row.Act, row.MadeAt, !row.DoneAt.IsZero()
		if out.Counts, err = bulkCounts(ctx, r, row.ID); err != nil {
			return err
		}
		if out.Because, err = bulkFailed(ctx, r, row.ID); err != nil || len(out.Because) == 0 {
			return err
		}
		out.Failed, err = entries(ctx, r, m.Location(), `e.id IN (SELECT i.entry_id FROM registration_bulk_item i WHERE i.bulk_id = $1 AND i.state = 'failed')`, row.ID)
		return err
	})
	return out, err
}

// PostLeft is the event of a letter whose time to be taken back is over.
type PostLeft struct {
	Slug string `json:"slug"`
	Post int64  `json:"post"`
	Sent int64  `json:"sent"` // microseconds
}

// JobName implements job.Event.
func (PostLeft) JobName() string { return "registration.post" }

// Posts lists the letters to many of a meeting, the newest first.
func (s *Service) Posts(ctx context.Context, slug string) ([]*Post, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	return posts(ctx, s.db, m.Location(), `p.meeting_id = $1`, m.ID)
}

// deskPost finds a letter to many of a meeting.
func (s *Service) deskPost(ctx context.Context, slug, ref string) (*Meeting, *Post, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, nil, err
	}
	p, err := onePost(ctx, s.db, m.Location(), `p.ref = $1 AND p.meeting_id = $2`, ref, m.ID)
	if err == nil && p == nil {
		err = fault.Missing()
	}
	return m, p, err
}

// Post is a letter to many.
func (s *Service) Post(ctx context.Context, slug, ref string) (*Post, error) {
	_, p, err := s.deskPost(ctx, slug, ref)
	return p, err
}

// SavePost stores a draft: a new one where it has no ref.
func (s *Service) SavePost(ctx context.Context, slug string, p *Post) error {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	if p.Ref != "" {
		_, was, err := s.deskPost(ctx, slug, p.Ref)
		if err != nil {
			return err
		}
		p.ID = was.ID
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if p.ID == 0 {
			p.Ref, p.Meeting, p.MadeAt = person.NewRef(), m.ID, s.o.Now()
			return insertPost(ctx, tx, p)
		}
		ok, err := updatePost(ctx, tx, p)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "registration.error.post_changed")
		}
		return err
	})
}

// Readership is who a letter would go to.
type Readership struct {
	List     []*Entry // each address once
	Unproven int      // of whom it is not known that the address is theirs
	Silent   int      // without an address, or who want no such letters
}

// Audience says who a letter would go to now.
func (s *Service) Audience(ctx context.Context, slug string, p *Post) (*Readership, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	var a *Readership
	err = s.db.Read(ctx, func(r db.Reader) (err error) {
		a, err = s.audience(ctx, r, m, p)
		return err
	})
	return a, err
}

// PostFor is a letter to many as somebody would read it. In place of the secret address of their entry stands that there is one.
func (s *Service) PostFor(m *Meeting, p *Post, e *Entry) mail.Letter {
	return p.letter(e, m.site(s.o.Base, i18n.JA, "/entries/…"), m.site(s.o.Base, i18n.EN, "/entries/…"))
}

func (s *Service) audience(ctx context.Context, r db.Reader, m *Meeting, p *Post) (*Readership, error) {
	q, err := url.ParseQuery(p.Chosen)
	if err != nil {
		return nil, invalid("registration.error.no_act")
	}
	all, err := s.chosenEntries(ctx, r, m, ReadFilter(q))
	if err != nil {
		return nil, err
	}
	a := &Readership{}
	seen := map[string]bool{}
	for _, e := range all {
		switch {
		case e.Folded == "":
			a.Silent++
		case e.ProvedAt.IsZero() && e.Person == 0:
			a.Unproven++
		case seen[e.Folded]:
		default:
			seen[e.Folded] = true
			a.List = append(a.List, e)
		}
	}
	declined, err := s.declined(ctx, r, p, a.List)
	if err != nil {
		return nil, err
	}
	n := len(a.List)
	a.List = slices.DeleteFunc(a.List, func(e *Entry) bool { return declined[e.ID] })
	a.Silent += n - len(a.List)
	return a, nil
}

// declined says who of some wants no such letter.
func (s *Service) declined(ctx context.Context, r db.Reader, p *Post, list []*Entry) (map[EntryID]bool, error) {
	out := map[EntryID]bool{}
	if p.Necessary {
		return out, nil
	}
	var addresses []string
	var ids []person.ID
	for _, e := range list {
		addresses = append(addresses, e.Folded)
		if e.Person != 0 {
			ids = append(ids, person.ID(e.Person))
		}
	}
	no, err := refused(ctx, r, addresses)
	if err != nil {
		return nil, err
	}
	yes := map[person.ID]mail.Address{}
	if s.o.Readers != nil && len(ids) > 0 {
		if yes, err = s.o.Readers.Recipients(ctx, r, ids, KindNews); err != nil {
			return nil, err
		}
	}
	for _, e := range list {
		_, reads := yes[person.ID(e.Person)]
		out[e.ID] = no[e.Folded] || e.Person != 0 && s.o.Readers != nil && !reads
	}
	return out, nil
}

// SendPost lets a letter go in five minutes, to as many as whoever sends it was shown. Sending what is sent already does nothing.
func (s *Service) SendPost(ctx context.Context, slug, ref string, seen int) error {
	m, p, err := s.deskPost(ctx, slug, ref)
	if err != nil || p.State != PostDraft {
		return err
	}
	a, err := s.Audience(ctx, slug, p)
	if err != nil {
		return err
	}
	if len(a.List) == 0 || len(a.List) != seen {
		return fault.New(fault.Conflict, "registration.error.count").With("n", len(a.List))
	}
	now, ids := s.o.Now(), idsOf(a.List)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := movePost(ctx, tx, p.ID, PostDraft, PostLeaving, now, len(ids))
		if err != nil || !ok { // somebody pressed the button a moment ago
			return err
		}
		if err := addPostTo(ctx, tx, p.ID, ids); err != nil {
			return err
		}
		if err := s.o.Jobs.Enqueue(ctx, tx, PostLeft{m.Slug, p.ID, db.Micros(now)}, job.At(now.Add(TakeBack))); err != nil {
			return err
		}
		return s.saidOfPost(ctx, tx, m, p, "registration.post_sent", map[string]string{
			"subject.ja": p.Subject.JA, "subject.en": p.Subject.EN, "filter": p.Chosen, "count": strconv.Itoa(len(ids)), "necessary": strconv.FormatBool(p.Necessary),
		})
	})
}

func (s *Service) saidOfPost(ctx context.Context, tx *db.Tx, m *Meeting, p *Post, action string, values map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Scope: m.Slug, Object: "post:" + p.Ref, After: values, At: s.o.Now()})
}

// TakeBackPost keeps a letter that was sent less than five minutes ago from leaving.
func (s *Service) TakeBackPost(ctx context.Context, slug, ref string) error {
	m, p, err := s.deskPost(ctx, slug, ref)
	if err != nil || p.State == PostDraft {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := movePost(ctx, tx, p.ID, PostLeaving, PostDraft, time.Time{}, 0)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "registration.error.post_left")
		}
		if err != nil {
			return err
		}
		if err := dropPostTo(ctx, tx, p.ID); err != nil {
			return err
		}
		return s.saidOfPost(ctx, tx, m, p, "registration.post_taken_back", map[string]string{"count": strconv.Itoa(p.Recipients)})
	})
}

// postBatch is how many letters are put into the outbox in one transaction: others write in between.
const postBatch = 200

// LeavePost puts the letters into the outbox. It may be run again at any point, and no letter is written twice.
func (s *Service) LeavePost(ctx context.Context, ev PostLeft) error {
	m, err := s.meeting(ctx, ev.Slug)
	if err != nil {
		return err
	}
	leaves := false
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
		leaves, err = postLeft(ctx, tx, ev.Post, db.Time(ev.Sent, time.UTC), s.o.Now())
		return err
	})
	if err != nil || !leaves {
		return err
	}
	p, err := onePost(ctx, s.db, m.Location(), `p.id = $1`, ev.Post)
	if err != nil || p == nil {
		return err
	}
	secret, err := s.key(ctx)
	if err != nil {
		return err
	}
	for {
		ids, err := postWaiting(ctx, s.db, p.ID, postBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.postTo(ctx, tx, m, p, secret, ids) }); err != nil {
			return err
		}
	}
}

// postTo writes a letter to some entries. Who was cancelled or declined such letters since is left out.
func (s *Service) postTo(ctx context.Context, tx *db.Tx, m *Meeting, p *Post, secret string, ids []EntryID) error {
	list, err := inOrder(ctx, tx, m.Location(), ids)
	if err != nil {
		return err
	}
	declined, err := s.declined(ctx, tx, p, list)
	if err != nil {
		return err
	}
	ways, err := s.waysOut(ctx, tx, p, list)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(p.Chosen)
	if err != nil {
		return job.GiveUp(err)
	}
	gone := ReadFilter(q).State == "" // of a letter to those who were not cancelled
	var sent, skipped []EntryID
	for _, e := range list {
		if e.Address == "" || declined[e.ID] || gone && !e.Active() {
			skipped = append(skipped, e.ID)
			continue
		}
		token := sign.Token(secret, entryPurpose, e.Ref, e.LinkNo)
		l := p.letter(e, m.site(s.o.Base, i18n.JA, "/entries/"+token), m.site(s.o.Base, i18n.EN, "/entries/"+token))
		if !p.Necessary {
			if l.Unsubscribe = ways[person.ID(e.Person)]; l.Unsubscribe == "" {
				l.Unsubscribe = s.o.Base + "/entries/" + token + "/news"
			}
		}
		if err := s.o.Outbox.Send(ctx, tx, l); err != nil {
			return err
		}
		sent = append(sent, e.ID)
	}
	if err := postDid(ctx, tx, p.ID, "queued", sent); err != nil {
		return err
	}
	return postDid(ctx, tx, p.ID, "skipped", skipped)
}

// waysOut are where those with an account decline such letters.
func (s *Service) waysOut(ctx context.Context, tx *db.Tx, p *Post, list []*Entry) (map[person.ID]string, error) {
	if p.Necessary || s.o.Readers == nil {
		return nil, nil
	}
	var ids []person.ID
	for _, e := range list {
		if e.Person != 0 {
			ids = append(ids, person.ID(e.Person))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return s.o.Readers.Unsubscribes(ctx, tx, ids, KindNews)
}

// PostFate counts what became of a letter: by the states of letters, and how many were left out in the end.
func (s *Service) PostFate(ctx context.Context, slug string, p *Post) (map[mail.State]int, int, error) {
	if err := event.Require(ctx, slug, event.MayEditEntries); err != nil {
		return nil, 0, err
	}
	out := map[mail.State]int{}
	skipped := 0
	err := s.db.Read(ctx, func(r db.Reader) error {
		refs, left, err := postKeys(ctx, r, p.ID)
		if err != nil || s.o.Posted == nil {
			return err
		}
		skipped = left
		keys := make([]string, len(refs))
		for i, ref := range refs {
			keys[i] = p.key(ref)
		}
		states, err := s.o.Posted.States(ctx, r, keys)
		for _, st := range states {
			out[st]++
		}
		return err
	})
	return out, skipped, err
}

// RefuseNews notes whether the person of an entry wants letters that are not necessary.
func (s *Service) RefuseNews(ctx context.Context, o *Own, no bool) error {
	if o.Folded == "" {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return refuse(ctx, tx, o.Folded, no, s.o.Now()) })
}

// RefusesNews reports whether the person of an entry wants no such letters.
func (s *Service) RefusesNews(ctx context.Context, o *Own) (bool, error) {
	no, err := refused(ctx, s.db, []string{o.Folded})
	return no[o.Folded], err
}
