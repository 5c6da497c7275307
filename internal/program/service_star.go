package program

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// StarChange is what somebody did to the star of a session.
type StarChange struct {
	Session string // in a browser its reference; stored, its guid
	On      bool
	At      time.Time // by the clock of the browser
}

// Stars are how many want to be at a session.
type Stars struct {
	SignedIn  int // people, each once
	Anonymous int // browsers in which nobody was signed in; only a hint, since nothing shows that they are people
}

// All is the sum.
func (s Stars) All() int { return s.SignedIn + s.Anonymous }

// maxStars bounds the changes that one request may bring. A programme has at most some hundred sessions.
const maxStars = 2000

// anonymousStars bounds what one network may add or take back: a venue of 2,000 people is one.
var anonymousStars = limit.Rate{Burst: 6000, Per: 10 * time.Minute}

// SyncStars stores what a browser of the one who acts did to stars since it last asked, and returns the references of all the stars they
// have now. Of each session the last change wins; a clock that is ahead does not win for ever.
func (s *Service) SyncStars(ctx context.Context, slug string, changes []StarChange) ([]string, error) {
	who := authz.Who(ctx)
	if !who.SignedIn() {
		return nil, fault.New(fault.Forbidden, "error.sign_in")
	}
	if len(changes) > maxStars {
		return nil, fault.New(fault.Invalid, "program.error.stars")
	}
	p, err := s.Programme(ctx, slug)
	if err != nil {
		return nil, err
	}
	var known []StarChange
	for _, c := range changes {
		it := p.Session(c.Session)
		if it == nil {
			continue // it is no longer in the programme
		}
		c.Session = it.GUID
		if now := s.now(); c.At.After(now) {
			c.At = now
		}
		known = append(known, c)
	}
	if len(known) > 0 {
		if err := s.db.Write(ctx, func(tx *db.Tx) error {
			for _, c := range known {
				if err := putStar(ctx, tx, p.Meeting.ID, who.ID, c); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	guids, err := starsOf(ctx, s.db, p.Meeting.ID, who.ID)
	refs := make([]string, 0, len(guids))
	for _, g := range guids {
		if it := p.Session(g); it != nil {
			refs = append(refs, it.Ref)
		}
	}
	return refs, err
}

// StarAnonymously counts the star of somebody who is not signed in, or takes it back. The token is a random number that their browser made for
// this session and keeps to itself; from is the network they come from, which is only counted.
func (s *Service) StarAnonymously(ctx context.Context, slug, session, token string, on bool, from string) error {
	p, err := s.Programme(ctx, slug)
	if err != nil {
		return err
	}
	it := p.Session(session)
	if it == nil || len(token) < 22 || len(token) > 64 {
		return fault.New(fault.Invalid, "program.error.stars")
	}
	sum := sha256.Sum256([]byte(slug + "\x00" + it.GUID + "\x00" + token))
	key := int64(binary.BigEndian.Uint64(sum[:8]) >> 1) // 63 bits fit
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := anonymousStars.Allow(ctx, tx, "program.star", limit.Network(from), s.now())
		if err == nil && !ok {
			err = fault.New(fault.TooMany, "program.error.stars_many")
		}
		if err != nil {
			return err
		}
		if on {
			return putAnonymousStar(ctx, tx, key, p.Meeting.ID, it.GUID)
		}
		return dropAnonymousStar(ctx, tx, key, p.Meeting.ID, it.GUID)
	})
}

// Interest counts the stars of a meeting by the guids of its sessions.
func (s *Service) Interest(ctx context.Context, r db.Reader, slug string) (map[string]Stars, error) {
	return countStars(ctx, r, slug)
}

// Wanted is Interest as the desk asks for it; it implements Interest.
func (s *Service) Wanted(ctx context.Context, r db.Reader, slug string) (map[string]int, error) {
	stars, err := countStars(ctx, r, slug)
	out := make(map[string]int, len(stars))
	for guid, n := range stars {
		out[guid] = n.All()
	}
	return out, err
}

// Starrers are the people who starred some sessions while signed in, with the guids of those they starred: one statement.
func (s *Service) Starrers(ctx context.Context, r db.Reader, meeting event.MeetingID, guids []string) (map[int64][]string, error) {
	return starrers(ctx, r, meeting, guids)
}
