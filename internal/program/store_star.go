package program

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// putStar stores what somebody last did to the star of a session, unless what is stored is newer.
func putStar(ctx context.Context, tx *db.Tx, id event.MeetingID, person int64, c StarChange) error {
	_, err := tx.Exec(ctx, `INSERT INTO program_star (meeting_id, person_id, guid, starred, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (person_id, meeting_id, guid) DO UPDATE SET starred = excluded.starred, changed_at = excluded.changed_at
		WHERE program_star.changed_at <= excluded.changed_at`, id, person, c.Session, flag(c.On), db.Micros(c.At))
	if err != nil {
		return fmt.Errorf("store a star: %w", err)
	}
	return nil
}

// starsOf reads the guids of the sessions that somebody starred.
func starsOf(ctx context.Context, r db.Reader, id event.MeetingID, person int64) ([]string, error) {
	var list []string
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var guid string
		err := rows.Scan(&guid)
		list = append(list, guid)
		return err
	}, `SELECT guid FROM program_star WHERE person_id = $1 AND meeting_id = $2 AND starred = 1 ORDER BY id`, person, id)
	if err != nil {
		return nil, fmt.Errorf("read stars: %w", err)
	}
	return list, nil
}

// countStars counts the stars of a meeting, by session: one statement.
func countStars(ctx context.Context, r db.Reader, slug string) (map[string]Stars, error) {
	out := map[string]Stars{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var guid string
		var n, anonymous int
		if err := rows.Scan(&guid, &anonymous, &n); err != nil {
			return err
		}
		s := out[guid]
		if anonymous == 1 {
			s.Anonymous += n
		} else {
			s.SignedIn += n
		}
		out[guid] = s
		return nil
	}, `SELECT s.guid, 0, count(*) FROM program_star s JOIN event_pub_meeting m ON m.id = s.meeting_id WHERE m.slug = $1 AND s.starred = 1 GROUP BY s.guid
		UNION ALL
		SELECT a.guid, 1, count(*) FROM program_star_anonymous a JOIN event_pub_meeting m ON m.id = a.meeting_id WHERE m.slug = $1 GROUP BY a.guid`, slug)
	if err != nil {
		return nil, fmt.Errorf("count stars: %w", err)
	}
	return out, nil
}

// starrers reads who starred some sessions, with which of them.
func starrers(ctx context.Context, r db.Reader, id event.MeetingID, guids []string) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(guids) == 0 {
		return out, nil
	}
	wanted := make(map[string]bool, len(guids))
	for _, g := range guids {
		wanted[g] = true
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var person int64
		var guid string
		if err := rows.Scan(&person, &guid); err != nil {
			return err
		}
		if wanted[guid] {
			out[person] = append(out[person], guid)
		}
		return nil
	}, `SELECT person_id, guid FROM program_star WHERE meeting_id = $1 AND starred = 1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read who starred: %w", err)
	}
	return out, nil
}

// putAnonymousStar counts a star once.
func putAnonymousStar(ctx context.Context, tx *db.Tx, key int64, id event.MeetingID, guid string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO program_star_anonymous (id, meeting_id, guid) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`, key, id, guid); err != nil {
		return fmt.Errorf("count a star: %w", err)
	}
	return nil
}

// dropAnonymousStar takes a star back that was counted.
func dropAnonymousStar(ctx context.Context, tx *db.Tx, key int64, id event.MeetingID, guid string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM program_star_anonymous WHERE id = $1 AND meeting_id = $2 AND guid = $3`, key, id, guid); err != nil {
		return fmt.Errorf("take a star back: %w", err)
	}
	return nil
}

// keptStar is a star as a person may ask to see it.
type keptStar struct {
	Meeting string    `json:"meeting"`
	Session string    `json:"session"`
	Starred bool      `json:"starred"`
	Changed time.Time `json:"changed"`
}

// allStars reads every star of a person.
func allStars(ctx context.Context, r db.Reader, person int64) ([]keptStar, error) {
	var list []keptStar
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var k keptStar
		var at int64
		err := rows.Scan(&k.Meeting, &k.Session, &k.Starred, &at)
		k.Changed = db.Time(at, time.UTC)
		list = append(list, k)
		return err
	}, `SELECT m.slug, s.guid, s.starred, s.changed_at FROM program_star s JOIN event_pub_meeting m ON m.id = s.meeting_id WHERE s.person_id = $1 ORDER BY s.id`, person)
	if err != nil {
		return nil, fmt.Errorf("read the stars of a person: %w", err)
	}
	return list, nil
}

// eraseStars forgets the stars of a person.
func eraseStars(ctx context.Context, tx *db.Tx, person int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM program_star WHERE person_id = $1`, person); err != nil {
		return fmt.Errorf("erase stars: %w", err)
	}
	return nil
}

// mergeStars gives the stars of one account to another: of each session, what was done last.
func mergeStars(ctx context.Context, tx *db.Tx, from, to int64) error {
	for _, q := range []string{
		`DELETE FROM program_star WHERE person_id = $1 AND EXISTS (SELECT 1 FROM program_star t WHERE t.person_id = $2
			AND t.meeting_id = program_star.meeting_id AND t.guid = program_star.guid AND t.changed_at >= program_star.changed_at)`,
		`DELETE FROM program_star WHERE person_id = $2 AND EXISTS (SELECT 1 FROM program_star f WHERE f.person_id = $1
			AND f.meeting_id = program_star.meeting_id AND f.guid = program_star.guid)`,
		`UPDATE program_star SET person_id = $2 WHERE person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, strings.TrimSpace(q), from, to); err != nil {
			return fmt.Errorf("merge stars: %w", err)
		}
	}
	return nil
}
