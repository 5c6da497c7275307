package material

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// newID makes a public id.
func newID() string { return rand.Text() }

// isID reports whether id has the shape of one.
func isID(id string) bool {
	return len(id) == 26 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// ErrBusy says that an upload is being written to by another connection; ask again in a moment.
var ErrBusy = blob.ErrBusy

// OffsetError says that a piece does not begin where the one before ended.
type OffsetError struct{ Is int64 }

func (e *OffsetError) Error() string { return fmt.Sprintf("the upload has %d bytes", e.Is) }

// ErrTooMuch says that an upload was sent more than it said it would have.
var ErrTooMuch = errors.New("more bytes than the upload has")

// begun makes an upload of who acts to a session, after checking everything that can be checked before there is a byte.
func (s *Service) begun(ctx context.Context, slug, name string, u Upload) (*Session, *Upload, error) {
	sess, _, err := s.open(ctx, slug, name)
	if err != nil {
		return nil, nil, err
	}
	if u.About, err = u.About.valid(); err != nil {
		return nil, nil, err
	}
	u.Note = line(u.Note)
	if len([]rune(u.Note)) > maxNote {
		return nil, nil, fault.New(fault.Invalid, "material.error.note").With("max", maxNote).On("note")
	}
	used, err := loadUsed(ctx, s.db, sess.Meeting.ID, sess.Ref)
	if err == nil {
		err = used.room(max(u.Size, 1), s.o.Meeting) // a form does not say how much it sends
	}
	if err != nil {
		return nil, nil, err
	}
	u.Slug, u.Ref, u.By, u.Became = slug, sess.Ref, authz.Who(ctx).ID, ""
	u.Name = shorten(line(u.Name), "")
	u.Expires = s.o.Now().Add(keptFor)
	l, err := s.of(ctx, sess.Meeting)
	if err != nil {
		return nil, nil, err
	}
	if u.Of == "" {
		return sess, &u, nil
	}
	f := l.byID[u.Of]
	if f == nil || f.Ref != sess.Ref {
		return nil, nil, fault.Missing()
	}
	u.About = f.About // a new version is no occasion to lift an embargo
	return sess, &u, nil
}

// Begin begins an upload of size bytes and returns it with its id.
func (s *Service) Begin(ctx context.Context, slug, name string, u Upload) (*Upload, error) {
	switch {
	case u.Size > s.o.Max:
		return nil, tooLarge(s.o.Max)
	case u.Size <= 0:
		return nil, invalid(keyEmpty)
	}
	sess, up, err := s.begun(ctx, slug, name, u)
	if err != nil {
		return nil, err
	}
	if up.ID, err = s.large.Begin(); err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		mine, err := unfinished(ctx, tx, up.By, s.o.Now())
		if err != nil {
			return err
		}
		if len(mine) >= MaxUploads {
			return fault.New(fault.TooMany, "material.error.uploads").With("n", MaxUploads)
		}
		return addUpload(ctx, tx, sess.Meeting.ID, up)
	})
	if err != nil {
		if p, e := s.large.Part(up.ID); e == nil {
			err = errors.Join(err, p.Remove(), p.Close())
		}
		return nil, err
	}
	return up, nil
}

// upload finds an upload of who acts.
func (s *Service) upload(ctx context.Context, id string) (*Upload, error) {
	if !isID(id) {
		return nil, fault.Missing()
	}
	u, err := loadUpload(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	if u == nil || u.By != authz.Who(ctx).ID || u.By == 0 || !s.o.Now().Before(u.Expires) {
		return nil, fault.Missing()
	}
	return u, nil
}

// Offset says how much of an upload is there.
func (s *Service) Offset(ctx context.Context, id string) (*Upload, int64, error) {
	u, err := s.upload(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	if u.Became != "" {
		return u, u.Size, nil
	}
	n, err := s.large.Size(id)
	return u, n, err
}

// Append adds a piece that begins at a byte, and returns how much is there now, which is on the disk also where there is an error. The last piece
// finishes the upload: it becomes a material, or is refused with a fault of kind Invalid and is gone. A last piece of nothing finishes an upload
// whose finishing was interrupted.
//
// The errors besides faults are ErrBusy, an *OffsetError, ErrTooMuch (nothing of the piece is kept), and those of r.
func (s *Service) Append(ctx context.Context, id string, at int64, r io.Reader) (*Upload, int64, error) {
	u, err := s.upload(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	if u.Became != "" { // the answer to the last piece was lost
		if at != u.Size {
			return u, u.Size, &OffsetError{u.Size}
		}
		return u, u.Size, nil
	}
	p, err := s.large.Part(id)
	if err != nil {
		return u, 0, err
	}
	defer func() { _ = p.Close() }()
	n, err := s.appendTo(p, u, at, r)
	if err != nil {
		return u, n, err
	}
	if n < u.Size {
		return u, n, s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return prolong(ctx, tx, id, s.o.Now().Add(keptFor)) })
	}
	u.Became, err = s.finish(ctx, p, u)
	return u, n, err
}

// appendTo writes a piece.
func (s *Service) appendTo(p *blob.Part, u *Upload, at int64, r io.Reader) (int64, error) {
	is, err := p.Size()
	if err != nil {
		return 0, err
	}
	if is != at {
		return is, &OffsetError{is}
	}
	n, err := p.Append(io.LimitReader(r, u.Size-at))
	if err != nil {
		return at + n, err
	}
	if at+n == u.Size {
		var more [1]byte
		if m, _ := io.ReadFull(r, more[:]); m > 0 {
			return at, errors.Join(ErrTooMuch, p.Cut(at))
		}
	}
	return at + n, nil
}

// HandIn takes a whole file at once, as a form sends it.
func (s *Service) HandIn(ctx context.Context, slug, name string, u Upload, r io.Reader) (*Session, error) {
	sess, up, err := s.begun(ctx, slug, name, u)
	if err != nil {
		return sess, err
	}
	id, err := s.large.Begin()
	if err != nil {
		return sess, err
	}
	p, err := s.large.Part(id)
	if err != nil {
		return sess, err
	}
	defer func() { _ = p.Close() }()
	n, err := p.Append(io.LimitReader(r, s.o.Max+1))
	if err == nil && n > s.o.Max {
		err = tooLarge(s.o.Max)
	}
	if err != nil {
		return sess, errors.Join(err, p.Remove())
	}
	up.Size = n
	_, err = s.finish(ctx, p, up)
	return sess, errors.Join(err, p.Remove())
}

// patience is how long looking into a file and keeping it may take. It goes on when the visitor is gone: they come back for the answer.
const patience = 3 * time.Minute

// finish makes a complete file a version of a material, and returns the material's id. A file that is refused is removed.
func (s *Service) finish(ctx context.Context, p *blob.Part, u *Upload) (id string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	select {
	case s.look <- struct{}{}:
		defer func() { <-s.look }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	id, err = s.become(ctx, p, u)
	if kind := fault.KindOf(err); err != nil && kind == fault.Internal {
		return "", err // ours: the upload stays, and may be finished later
	}
	if err != nil {
		if u.ID != "" {
			err = errors.Join(err, s.db.Write(ctx, func(tx *db.Tx) error { return removeUpload(ctx, tx, u.ID) }))
		}
		return "", errors.Join(err, p.Remove())
	}
	if e := p.Remove(); e != nil {
		s.o.Log.WarnContext(ctx, "an upload was finished and its unfinished file stays", "component", "material", "error", e)
	}
	return id, nil
}

// become looks into a file, keeps its content, and writes it down.
func (s *Service) become(ctx context.Context, p *blob.Part, u *Upload) (string, error) {
	sess, _, err := s.open(ctx, u.Slug, u.Ref) // asked again: days may have passed
	if err != nil {
		return "", err
	}
	found, err := Inspect(ctx, p, u.Size)
	if err != nil {
		return "", err
	}
	s.finishing.RLock()
	defer s.finishing.RUnlock()
	digest, err := p.Keep(ctx)
	if err != nil {
		return "", err
	}
	v := Version{Name: CleanName(u.Name, found.Format), Format: found.Format, Size: u.Size, Pages: found.Pages, Digest: digest, Note: u.Note, At: s.o.Now(), By: u.By}
	var id string
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err = s.enter(ctx, tx, sess, u, v)
		return err
	})
	return id, err
}

// enter writes a version down, of a new material or of one that is there.
func (s *Service) enter(ctx context.Context, tx *db.Tx, sess *Session, u *Upload, v Version) (string, error) {
	f := &File{ID: newID(), Ref: sess.Ref, About: u.About}
	action, before := "material.handed_in", map[string]string(nil)
	if u.Of != "" {
		old, err := lockFile(ctx, tx, sess.Meeting, u.Of)
		if err != nil {
			return "", err
		}
		if old == nil || old.Ref != sess.Ref {
			return "", fault.Missing()
		}
		f, action, before = old, "material.replaced", old.fields()
		if len(f.Versions) >= MaxVersions {
			return "", fault.New(fault.Invalid, "material.error.versions").With("n", MaxVersions)
		}
	} else if n, err := countFiles(ctx, tx, sess.Meeting.ID, sess.Ref); err != nil {
		return "", err
	} else if n >= MaxFiles {
		return "", fault.New(fault.Invalid, "material.error.files").With("n", MaxFiles)
	} else if err := addFile(ctx, tx, sess.Meeting.ID, f, v.At); err != nil {
		return "", err
	}
	if u.ID != "" {
		if first, err := finishUpload(ctx, tx, u.ID, f.ID); err != nil {
			return "", err
		} else if !first {
			return "", fault.New(fault.Conflict, "material.error.finished")
		}
	}
	newest := f.Newest()
	if newest != nil && newest.Digest == v.Digest && f.Withdrawn.IsZero() {
		return f.ID, nil // the same file again is no new version
	}
	used, err := loadUsed(ctx, tx, sess.Meeting.ID, sess.Ref)
	if err == nil {
		err = used.room(v.Size, s.o.Meeting)
	}
	if err != nil {
		return "", err
	}
	f.Withdrawn = time.Time{}
	if newest != nil {
		v.Number = newest.Number
	}
	v.Number++
	if err := addVersion(ctx, tx, f.row, &v); err != nil {
		return "", err
	}
	if err := saveFile(ctx, tx, f); err != nil {
		return "", err
	}
	f.Versions = append([]Version{v}, f.Versions...)
	return f.ID, s.changed(ctx, tx, sess, action, before, f.fields())
}

// Abandon throws an unfinished upload away.
func (s *Service) Abandon(ctx context.Context, id string) error {
	u, err := s.upload(ctx, id)
	if err != nil || u.Became != "" {
		return err
	}
	p, err := s.large.Part(id)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error { return removeUpload(ctx, tx, id) })
	if err == nil {
		err = p.Remove()
	}
	return errors.Join(err, p.Close())
}

// young is the age below which no file is swept away: longer than any finishing takes.
const young = 24 * time.Hour

// Sweep removes the uploads whose time is over, and contents that nothing needs. It returns how many files went.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	var left map[string]bool
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		left, err = removeExpired(ctx, tx, s.o.Now())
		return err
	})
	if err != nil {
		return 0, err
	}
	s.finishing.Lock()
	defer s.finishing.Unlock()
	needed, err := digests(ctx, s.db)
	if err != nil {
		return 0, err
	}
	return s.large.Sweep(time.Now().Add(-young), func(id string) bool { return left[id] }, func(d blob.Digest) bool { _, ok := needed[d]; return ok })
}

// Lost counts the contents that a version names and that are not in the folder of large files, or have another size there: a look that changes
// nothing, for the operator.
func Lost(ctx context.Context, r db.Reader, folder fs.FS) (lost int, err error) {
	needed, err := digests(ctx, r)
	if err != nil {
		return 0, err
	}
	for d, size := range needed {
		if info, err := fs.Stat(folder, string(d)); err != nil || info.Size() != size {
			lost++
		}
	}
	return lost, nil
}
