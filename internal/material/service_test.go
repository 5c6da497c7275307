package material

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/search"
	"github.com/tsudoi/tsudoi/internal/person"
)

// stage is the feature on a database with one meeting, whose programme the test sets.
type stage struct {
	*Service
	t        *testing.T
	dir      string
	now      time.Time
	sessions map[string]*Session
}

// Session is the programme that the feature asks.
func (s *stage) Session(ctx context.Context, slug, name string) (*Session, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	sess := s.sessions[name]
	if sess == nil {
		return nil, fault.Missing()
	}
	own := *sess
	own.Meeting = m
	return &own, nil
}

// grants are what a person of the test may do: a permission and an object, with a space between.
type grants []string

func (g grants) May(p authz.Permission, scope, object string) bool {
	for _, s := range g {
		if scope == "m" && (s == string(p)+" "+object || s == string(p)+" ") {
			return true
		}
	}
	return false
}

// The people of the tests.
var (
	speaker   = &authz.Actor{ID: 1, Ref: "SPEAKER", Grants: grants{string(event.MaySpeak) + " hanako"}}
	other     = &authz.Actor{ID: 2, Ref: "OTHER", Grants: grants{string(event.MaySpeak) + " taro"}}
	committee = &authz.Actor{ID: 3, Ref: "COMMITTEE", Grants: grants{string(event.MayEditProgramme) + " "}}
	owner     = &authz.Actor{ID: 4, Ref: "OWNER", Grants: grants{string(event.MayEditSession) + " AAAAAA"}}
	visitor   = &authz.Actor{}
)

func as(a *authz.Actor) context.Context { return authz.With(context.Background(), a) }

func folders() []fs.FS {
	return []fs.FS{db.Migrations, audit.Migrations, search.Migrations, person.Migrations, event.Migrations, Migrations}
}

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := &stage{t: t, dir: filepath.Join(t.TempDir(), "material"), now: time.Date(2026, 2, 11, 9, 0, 0, 0, time.UTC)}
	large, err := blob.OpenLarge(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = large.Close() })
	events := event.New(d, event.Options{})
	s.sessions = map[string]*Session{}
	for ref, who := range map[string]string{"AAAAAA": "hanako", "BBBBBB": "taro"} {
		s.sessions[ref] = &Session{
			Ref: ref, Name: ref, Title: i18n.T("講演", "Talk"), Speakers: []string{who}, Published: true, MayShow: true, End: s.now.Add(time.Hour),
		}
	}
	s.Service = New(d, large, events, Options{Programme: s, Now: func() time.Time { return s.now }})
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, _, err := events.Apply(t.Context(), tx, event.Input{Full: true, Meeting: &event.Meeting{
			Slug: "m", Title: i18n.T("会合", "Meeting"), Languages: []i18n.Lang{i18n.JA, i18n.EN}, Timezone: "Asia/Tokyo", Start: "2026-02-11", End: "2026-02-12",
		}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func onEach(t *testing.T, fn func(t *testing.T, s *stage)) {
	dbtest.Quick(t, folders(), func(t *testing.T, d *db.DB) { fn(t, newStage(t, d)) })
}

// hand hands a file in at once, and returns the materials of the session.
func (s *stage) hand(who *authz.Actor, ref string, u Upload, data []byte) []*File {
	s.t.Helper()
	if _, err := s.HandIn(as(who), "m", ref, u, bytes.NewReader(data)); err != nil {
		s.t.Fatal(err)
	}
	return s.files(ref)
}

func (s *stage) files(ref string) []*File {
	s.t.Helper()
	sh, err := s.Shelf(as(committee), "m", ref)
	if err != nil {
		s.t.Fatal(err)
	}
	return sh.Files
}

// public lists what everybody may have of a session.
func (s *stage) public(ref string) []*File {
	s.t.Helper()
	sess, err := s.Session(s.t.Context(), "m", ref)
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := s.Public(as(visitor), sess)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *stage) actions() string {
	s.t.Helper()
	rows, err := s.db.Query(s.t.Context(), `SELECT action, actor FROM audit_entry ORDER BY id`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var action, actor string
		if err := rows.Scan(&action, &actor); err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(action, "material.") {
			list = append(list, strings.TrimPrefix(action, "material.")+" "+actor)
		}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

func wants(t *testing.T, what string, err error, kind fault.Kind, key string) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != kind || key != "" && f.Key != key {
		t.Errorf("%s: %v; want %s", what, err, key)
	}
}

func TestReplacedVersionsAreKept(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		about := About{Kind: Slides, Opens: AtOnce}
		f := s.hand(speaker, "AAAAAA", Upload{Name: "../発表\u202e.pdf", About: about}, pdfOf(1))[0]
		if v := f.Newest(); v.Name != "発表.pdf" || v.Number != 1 || v.Pages != 1 || v.By != 1 {
			t.Errorf("%+v", v)
		}
		s.now = s.now.Add(time.Minute)
		s.hand(owner, "AAAAAA", Upload{Name: "v2.pdf", Of: f.ID, Note: "誤字", About: About{Opens: Held}}, pdfOf(2))
		s.hand(owner, "AAAAAA", Upload{Name: "again.pdf", Of: f.ID}, pdfOf(2)) // the same again
		files := s.files("AAAAAA")
		if len(files) != 1 || len(files[0].Versions) != 2 || files[0].Newest().Pages != 2 || files[0].Newest().Note != "誤字" || files[0].Opens != AtOnce {
			t.Fatalf("%+v", files[0])
		}
		if list := s.public("AAAAAA"); len(list) != 1 || list[0].Newest().Pages != 2 {
			t.Errorf("public: %+v", list)
		}
		for i, v := range files[0].Versions {
			_, err := s.Download(as(visitor), f.ID, v.Digest.Short())
			if i == 0 && err != nil {
				t.Error("the newest version is not public", err)
			} else if i == 1 {
				wants(t, "an earlier version, by a visitor", err, fault.NotFound, "")
			}
			d, err := s.Download(as(speaker), f.ID, v.Digest.Short())
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Content(d.Version)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, pdfOf(v.Pages)) {
				t.Errorf("version %d is not what was handed in: %v", v.Number, err)
			}
		}
		// What is refused loses nothing of what is there.
		_, err := s.HandIn(as(speaker), "m", "AAAAAA", Upload{Name: "v3.pdf", Of: f.ID}, strings.NewReader("no slides"))
		wants(t, "text", err, fault.Invalid, keyType)
		if files := s.files("AAAAAA"); len(files[0].Versions) != 2 {
			t.Error("a refused version changed what is there")
		}
		if got := s.actions(); got != "handed_in SPEAKER, replaced OWNER" {
			t.Errorf("the audit log says: %s", got)
		}
	})
}

func TestEmbargoMovesWithTheProgramme(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		f := s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", About: About{Opens: AtEnd}}, pdfOf(1))[0]
		sess := s.sessions["AAAAAA"]
		is := func(what string, want State) {
			t.Helper()
			if got := f.StateOf(sess, s.now); got != want {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
			if n := len(s.public("AAAAAA")); (n == 1) != (want == Public) {
				t.Errorf("%s: %d files are public", what, n)
			}
			_, err := s.Download(as(visitor), f.ID, "")
			if (err == nil) != (want == Public) {
				t.Errorf("%s: a visitor's download: %v", what, err)
			}
		}
		is("before the end", Waiting)
		s.now = sess.End
		is("at the end", Public)
		sess.End = sess.End.Add(20 * time.Minute) // a retime: +20
		is("after a retime", Waiting)
		s.now = sess.End
		is("at the new end", Public)
		sess.MayShow = false
		is("the policy refuses", Refused)
		sess.MayShow, sess.Published = true, false
		is("not in the programme", Unpublished)
		sess.Published, sess.End = true, time.Time{}
		is("without an end", Waiting)
		sess.End = s.now
		gone, back := true, false
		if _, err := s.Change(as(speaker), f.ID, Change{Withdrawn: &gone}); err != nil {
			t.Fatal(err)
		}
		f = s.files("AAAAAA")[0]
		is("withdrawn", Gone)
		if _, err := s.Change(as(speaker), f.ID, Change{Withdrawn: &back}); err != nil {
			t.Fatal(err)
		}
		f = s.files("AAAAAA")[0]
		is("handed in again", Public)
	})
}

func TestWhatTheCommitteeHoldsBack(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		f := s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", About: About{Opens: AtOnce}}, pdfOf(1))[0]
		held, now := &About{Kind: Slides, Opens: Held}, &About{Kind: Slides, Opens: AtOnce}
		if _, err := s.Change(as(committee), f.ID, Change{About: held}); err != nil {
			t.Fatal(err)
		}
		if len(s.public("AAAAAA")) != 0 {
			t.Error("held back, and public")
		}
		_, err := s.Change(as(speaker), f.ID, Change{About: now})
		wants(t, "a speaker lets it out", err, fault.Forbidden, "material.error.held")
		s.hand(speaker, "AAAAAA", Upload{Name: "b.pdf", Of: f.ID, About: *now}, pdfOf(2))
		if len(s.public("AAAAAA")) != 0 {
			t.Error("a new version let it out")
		}
		if _, err := s.Change(as(owner), f.ID, Change{About: now}); err != nil {
			t.Fatal(err)
		}
		if len(s.public("AAAAAA")) != 1 {
			t.Error("let out, and not public")
		}
		_, err = s.Change(as(owner), f.ID, Change{About: &About{Kind: "x", Opens: AtOnce}})
		wants(t, "a kind that nobody offers", err, fault.Invalid, "")
		_, err = s.Change(as(owner), f.ID, Change{About: &About{Label: i18n.T(strings.Repeat("長", 121), "")}})
		wants(t, "a long name", err, fault.Invalid, "material.error.label")
	})
}

// TestNobodyReachesWhatIsNotTheirs tries every id as everybody else.
func TestNobodyReachesWhatIsNotTheirs(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		f := s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", About: About{Opens: Held}}, pdfOf(1))[0]
		up, err := s.Begin(as(speaker), "m", "AAAAAA", Upload{Name: "b.pdf", Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		gone := true
		for what, a := range map[string]*authz.Actor{"a visitor": visitor, "the speaker of another session": other} {
			ctx := as(a)
			_, err := s.Shelf(ctx, "m", "AAAAAA")
			wants(t, what+" looks", err, fault.Forbidden, "")
			_, err = s.HandIn(ctx, "m", "AAAAAA", Upload{Name: "x.pdf"}, bytes.NewReader(pdfOf(1)))
			wants(t, what+" hands in", err, fault.Forbidden, "")
			_, err = s.Begin(ctx, "m", "AAAAAA", Upload{Name: "x.pdf", Size: 10})
			wants(t, what+" begins", err, fault.Forbidden, "")
			_, err = s.Download(ctx, f.ID, "")
			wants(t, what+" downloads", err, fault.NotFound, "")
			_, err = s.Download(ctx, f.ID, f.Newest().Digest.Short())
			wants(t, what+" downloads by content", err, fault.NotFound, "")
			_, err = s.Change(ctx, f.ID, Change{Withdrawn: &gone})
			wants(t, what+" withdraws", err, fault.NotFound, "")
		}
		for what, a := range map[string]*authz.Actor{"a visitor": visitor, "another speaker": other, "the committee": committee, "the session's owner": owner} {
			_, _, err := s.Offset(as(a), up.ID)
			wants(t, what+" asks for an upload", err, fault.NotFound, "")
			_, _, err = s.Append(as(a), up.ID, 0, strings.NewReader("x"))
			wants(t, what+" adds to an upload", err, fault.NotFound, "")
			wants(t, what+" abandons an upload", s.Abandon(as(a), up.ID), fault.NotFound, "")
		}
		// A material of one session is no material of another.
		_, err = s.HandIn(as(other), "m", "BBBBBB", Upload{Name: "x.pdf", Of: f.ID}, bytes.NewReader(pdfOf(1)))
		wants(t, "replaces what belongs elsewhere", err, fault.NotFound, "")
		_, err = s.Begin(as(other), "m", "BBBBBB", Upload{Name: "x.pdf", Of: f.ID, Size: 5})
		wants(t, "begins to replace what belongs elsewhere", err, fault.NotFound, "")
		for _, id := range []string{"", "../x", newID(), strings.ToLower(f.ID), f.ID + "'"} {
			_, err := s.Download(as(committee), id, "")
			wants(t, "an id "+id, err, fault.NotFound, "")
			_, _, err = s.Offset(as(speaker), id)
			wants(t, "an upload "+id, err, fault.NotFound, "")
		}
		_, err = s.Shelf(as(speaker), "m", "CCCCCC")
		wants(t, "a session that is not there", err, fault.NotFound, "")
		_, err = s.Shelf(as(speaker), "nothing", "AAAAAA")
		wants(t, "a meeting that is not there", err, fault.NotFound, "")
	})
}

func TestUploadGoesOnAfterEverything(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		ctx, data := as(speaker), append(pdfOf(7), bytes.Repeat([]byte(" "), 2000)...)
		up, err := s.Begin(ctx, "m", "AAAAAA", Upload{Name: "a.pdf", Size: int64(len(data)), About: About{Opens: AtOnce}})
		if err != nil {
			t.Fatal(err)
		}
		// Cut off half-way: what came is kept.
		_, n, err := s.Append(ctx, up.ID, 0, io.MultiReader(bytes.NewReader(data[:1000]), iotest.ErrReader(io.ErrUnexpectedEOF)))
		if !errors.Is(err, io.ErrUnexpectedEOF) || n != 1000 {
			t.Fatalf("%d, %v", n, err)
		}
		// From the wrong place: nothing is written.
		for _, at := range []int64{0, 999, 1001, 1 << 40} {
			_, _, err = s.Append(ctx, up.ID, at, strings.NewReader("xyz"))
			if e, ok := errors.AsType[*OffsetError](err); !ok || e.Is != 1000 {
				t.Errorf("at %d: %v", at, err)
			}
		}
		// Too much: nothing of it is kept.
		if _, _, err := s.Append(ctx, up.ID, 1000, io.MultiReader(bytes.NewReader(data[1000:]), strings.NewReader("more"))); !errors.Is(err, ErrTooMuch) {
			t.Errorf("too much: %v", err)
		}
		if sh, err := s.Shelf(ctx, "m", "AAAAAA"); err != nil || len(sh.Uploads) != 1 || sh.Uploads[0].ID != up.ID {
			t.Errorf("unfinished: %v, %v", sh, err)
		}
		// While one writes, another waits.
		r, w := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, _, err := s.Append(ctx, up.ID, 1000, r)
			done <- err
		}()
		if _, err := w.Write(data[1000:1500]); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Append(ctx, up.ID, 1000, strings.NewReader("xyz")); !errors.Is(err, ErrBusy) {
			t.Errorf("two writers: %v", err)
		}
		_ = w.CloseWithError(io.ErrUnexpectedEOF)
		if err := <-done; !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
		if _, n, err := s.Offset(ctx, up.ID); err != nil || n != 1500 {
			t.Errorf("%d, %v", n, err)
		}
		// The rest, and the answer once more where it was lost.
		u, n, err := s.Append(ctx, up.ID, 1500, bytes.NewReader(data[1500:]))
		if err != nil || n != int64(len(data)) || u.Became == "" {
			t.Fatalf("%d, %q, %v", n, u.Became, err)
		}
		again, n, err := s.Append(ctx, up.ID, n, strings.NewReader(""))
		if err != nil || again.Became != u.Became || n != int64(len(data)) {
			t.Errorf("asked again: %q, %d, %v", again.Became, n, err)
		}
		if f := s.public("AAAAAA"); len(f) != 1 || f[0].ID != u.Became || f[0].Newest().Pages != 7 {
			t.Errorf("%+v", f)
		}
		wants(t, "a finished upload is not abandoned", s.Abandon(ctx, newID()), fault.NotFound, "")
		if err := s.Abandon(ctx, up.ID); err != nil || len(s.files("AAAAAA")) != 1 {
			t.Error("a finished upload was abandoned", err)
		}
	})
}

func TestUploadThatIsRefusedIsGone(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		ctx := as(speaker)
		up, err := s.Begin(ctx, "m", "AAAAAA", Upload{Name: "a.pdf", Size: 9})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = s.Append(ctx, up.ID, 0, strings.NewReader("no slides"))
		wants(t, "text", err, fault.Invalid, keyType)
		_, _, err = s.Offset(ctx, up.ID)
		wants(t, "afterwards", err, fault.NotFound, "")
		if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
			t.Errorf("%v are left, %v", left, err)
		}
		_, err = s.Begin(ctx, "m", "AAAAAA", Upload{Name: "a.pdf", Size: 2 << 30})
		wants(t, "2 GB", err, fault.Invalid, keyTooLarge)
		for range MaxUploads {
			if _, err := s.Begin(ctx, "m", "AAAAAA", Upload{Name: "a.pdf", Size: 9}); err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.Begin(ctx, "m", "AAAAAA", Upload{Name: "a.pdf", Size: 9})
		wants(t, "too many", err, fault.TooMany, "")
	})
}

type zeros struct{ n int64 }

func (z *zeros) Read(b []byte) (int, error) {
	clear(b)
	z.n += int64(len(b))
	return len(b), nil
}

// TestTwoGigabytes sends a file of 2 GB by a form, which says nothing of its size: no more than the limit is read.
func TestTwoGigabytes(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t, folders()...))
	z := &zeros{}
	_, err := s.HandIn(as(speaker), "m", "AAAAAA", Upload{Name: "zeros.pdf"}, io.LimitReader(z, 2<<30))
	wants(t, "2 GB", err, fault.Invalid, keyTooLarge)
	if z.n > MaxBytes+1<<20 {
		t.Errorf("%d bytes were read", z.n)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

func TestSweepAndLoss(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		f := s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", About: About{Opens: AtOnce}}, pdfOf(1))[0]
		up, err := s.Begin(as(speaker), "m", "AAAAAA", Upload{Name: "b.pdf", Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		age := func() {
			entries, err := os.ReadDir(s.dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				old := time.Now().Add(-100 * time.Hour)
				if err := os.Chtimes(filepath.Join(s.dir, e.Name()), old, old); err != nil {
					t.Fatal(err)
				}
			}
		}
		age()
		if n, err := s.Sweep(t.Context()); n != 0 || err != nil {
			t.Errorf("%d went, %v", n, err)
		}
		s.now = s.now.Add(keptFor)
		if n, err := s.Sweep(t.Context()); n != 1 || err != nil {
			t.Errorf("%d went, %v; want the upload", n, err)
		}
		_, _, err = s.Offset(as(speaker), up.ID)
		wants(t, "an expired upload", err, fault.NotFound, "")
		if lost, err := Lost(t.Context(), s.db, os.DirFS(s.dir)); lost != 0 || err != nil {
			t.Errorf("lost: %v, %v", lost, err)
		}
		if err := os.Truncate(filepath.Join(s.dir, string(f.Newest().Digest)), 3); err != nil {
			t.Fatal(err)
		}
		if lost, err := Lost(t.Context(), s.db, os.DirFS(s.dir)); lost != 1 || err != nil {
			t.Errorf("lost: %v, %v", lost, err)
		}
	})
}

// TestManyAtOnce lets speakers hand in versions of one material at the same time: each is kept, with a number of its own.
func TestManyAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		f := s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf"}, pdfOf(1))[0]
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := s.HandIn(as(owner), "m", "AAAAAA", Upload{Name: "a.pdf", Of: f.ID}, bytes.NewReader(pdfOf(10+i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		f = s.files("AAAAAA")[0]
		for i, v := range f.Versions {
			if v.Number != len(f.Versions)-i {
				t.Errorf("version %d at place %d", v.Number, i)
			}
		}
		if len(f.Versions) != 9 {
			t.Errorf("%d versions", len(f.Versions))
		}
	})
}

// TestConstantStatements: what a page of the session shows costs no statement when nothing changed.
func TestConstantStatements(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t, folders()...))
	s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", About: About{Opens: AtOnce}}, pdfOf(1))
	sess, err := s.Session(t.Context(), "m", "AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	ctx, n := db.Counted(t.Context())
	for range 3 {
		if _, err := s.Public(ctx, sess); err != nil {
			t.Fatal(err)
		}
	}
	if n.Load() > 1 {
		t.Errorf("%d statements", n.Load())
	}
}

// TestRoom: what a session and a meeting may hand in has an end, which is said before a byte is sent, and nothing that is there is lost.
func TestRoom(t *testing.T) {
	onEach(t, func(t *testing.T, s *stage) {
		s.o.Meeting = int64(len(pdfOf(1))) + 10
		u := Upload{Name: "a.pdf", About: About{Kind: Slides, Opens: AtOnce}}
		f := s.hand(speaker, "AAAAAA", u, pdfOf(1))[0]
		u.Size = 11
		_, err := s.Begin(as(other), "m", "BBBBBB", u)
		wants(t, "an upload to a full meeting", err, fault.Invalid, "material.error.meeting_full")
		_, err = s.HandIn(as(other), "m", "BBBBBB", u, bytes.NewReader(pdfOf(1)))
		wants(t, "a form in a full meeting", err, fault.Invalid, "material.error.meeting_full")
		_, err = s.HandIn(as(speaker), "m", "AAAAAA", Upload{Name: "b.pdf", Of: f.ID}, bytes.NewReader(pdfOf(2)))
		wants(t, "a new version in a full meeting", err, fault.Invalid, "material.error.meeting_full")
		if files := s.files("AAAAAA"); len(files) != 1 || len(files[0].Versions) != 1 {
			t.Errorf("what was refused changed what is there: %+v", files)
		}
		s.hand(speaker, "AAAAAA", Upload{Name: "a.pdf", Of: f.ID}, pdfOf(1)) // the same again takes no room

		sh, err := s.Shelf(as(committee), "m", "AAAAAA")
		if n := int64(len(pdfOf(1))); err != nil || sh.Used != (Used{n, n}) {
			t.Errorf("used: %+v %v", sh.Used, err)
		}
		err = Used{Session: MaxSession - 5, Meeting: MaxSession}.room(6, MaxMeeting)
		wants(t, "a full session", err, fault.Invalid, "material.error.session_full")
		if err := (Used{Session: MaxSession - 5, Meeting: MaxSession}).room(5, MaxMeeting); err != nil {
			t.Error("what just fits", err)
		}
	})
}
