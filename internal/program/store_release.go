package program

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

var (
	packer   = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) })
	unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	})
)

// pack writes a frozen programme as it is stored.
func pack(f *Frozen) ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	enc, err := packer()
	if err != nil {
		return nil, err
	}
	return enc.EncodeAll(b, nil), nil
}

// unpack reads a frozen programme and puts its times into the meeting's zone.
func unpack(b []byte, m *event.Stored) (*Frozen, error) {
	dec, err := unpacker()
	if err != nil {
		return nil, err
	}
	plain, err := dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack a release: %w", err)
	}
	f := new(Frozen)
	if err := json.Unmarshal(plain, f); err != nil {
		return nil, fmt.Errorf("read a release: %w", err)
	}
	for i := range f.Document.Sessions {
		s := &f.Document.Sessions[i]
		if s.Timed() {
			s.Start, s.End = s.Start.In(m.Location()), s.End.In(m.Location())
		}
		partsIn(s.Parts, m)
	}
	return f, nil
}

const releaseColumns = `number, name, released_at, source, changes, common, frozen`

// scanRelease reads a release; a frozen programme that nobody asked for is left out.
func scanRelease(scan func(...any) error, m *event.Stored, frozen bool) (Release, *Frozen, error) {
	var rel Release
	var at int64
	var changes, common string
	var packed []byte
	to := []any{&rel.Number, &rel.Name, &at, &rel.Source, &changes, &common}
	if frozen {
		to = append(to, &packed)
	}
	if err := scan(to...); err != nil {
		return rel, nil, err
	}
	rel.At = db.Time(at, m.Location())
	if err := json.Unmarshal([]byte(changes), &rel.Changes); err != nil {
		return rel, nil, fmt.Errorf("read the changes of release %d: %w", rel.Number, err)
	}
	if err := json.Unmarshal([]byte(common), &rel.Common); err != nil {
		return rel, nil, fmt.Errorf("read the common changes of release %d: %w", rel.Number, err)
	}
	if !frozen {
		return rel, nil, nil
	}
	f, err := unpack(packed, m)
	return rel, f, err
}

// latestRelease reads the newest release. There is none where the number is 0.
func latestRelease(ctx context.Context, r db.Reader, m *event.Stored) (Release, *Frozen, error) {
	rel, f, err := scanRelease(r.Row(ctx, `SELECT `+releaseColumns+` FROM program_release WHERE meeting_id = $1
		ORDER BY number DESC LIMIT 1`, m.ID).Scan, m, true)
	if db.IsNoRows(err) {
		return Release{}, nil, nil
	}
	if err != nil {
		return rel, nil, fmt.Errorf("load the newest release: %w", err)
	}
	return rel, f, nil
}

// announcedRelease reads the release by which people planned: the last one before a moment, or the first of all.
func announcedRelease(ctx context.Context, r db.Reader, m *event.Stored, before time.Time) (Release, *Frozen, error) {
	rel, f, err := scanRelease(r.Row(ctx, `SELECT `+releaseColumns+` FROM program_release
		WHERE meeting_id = $1 AND (released_at < $2 OR number = 1) ORDER BY number DESC LIMIT 1`, m.ID, db.Micros(before)).Scan, m, true)
	if db.IsNoRows(err) {
		return Release{}, nil, nil
	}
	if err != nil {
		return rel, nil, fmt.Errorf("load the announced release: %w", err)
	}
	return rel, f, nil
}

// numberedRelease reads the programme of one release.
func numberedRelease(ctx context.Context, r db.Reader, m *event.Stored, number int) (*Frozen, error) {
	_, f, err := scanRelease(r.Row(ctx, `SELECT `+releaseColumns+` FROM program_release WHERE meeting_id = $1 AND number = $2`,
		m.ID, number).Scan, m, true)
	if err != nil {
		return nil, fmt.Errorf("load release %d: %w", number, err)
	}
	return f, nil
}

// listReleases reads what changed in every release, newest first, at most limit of them.
func listReleases(ctx context.Context, r db.Reader, m *event.Stored, limit int) ([]Release, error) {
	var list []Release
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		rel, _, err := scanRelease(rows.Scan, m, false)
		list = append(list, rel)
		return err
	}, `SELECT number, name, released_at, source, changes, common FROM program_release WHERE meeting_id = $1 ORDER BY number DESC LIMIT $2`, m.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list the releases: %w", err)
	}
	return list, nil
}

// addRelease stores a release.
func addRelease(ctx context.Context, tx *db.Tx, id event.MeetingID, rel Release, f *Frozen) error {
	packed, err := pack(f)
	if err != nil {
		return fmt.Errorf("freeze release %d: %w", rel.Number, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO program_release (meeting_id, number, name, released_at, source, changes, common, frozen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, rel.Number, rel.Name, db.Micros(rel.At), rel.Source, jsonText(rel.Changes), jsonText(rel.Common), packed)
	if err != nil {
		return fmt.Errorf("store release %d: %w", rel.Number, err)
	}
	return nil
}

// news is one release of any meeting, without its programme.
type news struct {
	slug    string
	short   string
	title   i18n.Text
	number  int
	at      time.Time
	changes []Change
}

// latestNews reads the newest releases of all meetings.
func latestNews(ctx context.Context, r db.Reader, limit int) ([]news, error) {
	var list []news
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var n news
		var at int64
		var changes string
		if err := rows.Scan(&n.slug, &n.short, &n.title.JA, &n.title.EN, &n.number, &at, &changes); err != nil {
			return err
		}
		n.at = db.Time(at, time.UTC)
		list = append(list, n)
		return json.Unmarshal([]byte(changes), &list[len(list)-1].changes)
	}, `SELECT m.slug, m.short, m.title_ja, m.title_en, r.number, r.released_at, r.changes
		FROM program_release r JOIN event_pub_meeting m ON m.id = r.meeting_id WHERE m.phase <> $2 ORDER BY r.released_at DESC, r.id DESC LIMIT $1`,
		limit, string(event.Draft))
	if err != nil {
		return nil, fmt.Errorf("list what is new: %w", err)
	}
	return list, nil
}
