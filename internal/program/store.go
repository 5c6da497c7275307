package program

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// loadDraft reads the draft of a meeting: five statements, whatever its size. m gives the meeting and its zone.
func loadDraft(ctx context.Context, r db.Reader, m *event.Stored) (*interchange.Document, error) {
	d := &interchange.Document{Meeting: &m.Meeting}
	for _, load := range []func(context.Context, db.Reader, *event.Stored, *interchange.Document) error{
		loadKinds, loadTopics, loadPolicy, loadSpeakers, loadSessions,
	} {
		if err := load(ctx, r, m, d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func loadKinds(ctx context.Context, r db.Reader, m *event.Stored, d *interchange.Document) error {
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var k interchange.Kind
		if err := rows.Scan(&k.Key, &k.Label.JA, &k.Label.EN, &k.Counts, &k.Pause, &k.Tint); err != nil {
			return err
		}
		d.Kinds = append(d.Kinds, k)
		return nil
	}, `SELECT key, label_ja, label_en, counts, pause, tint FROM program_kind WHERE meeting_id = $1 ORDER BY position`, m.ID)
	if err != nil {
		return fmt.Errorf("load the kinds: %w", err)
	}
	return nil
}

func loadTopics(ctx context.Context, r db.Reader, m *event.Stored, d *interchange.Document) error {
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var t interchange.Topic
		if err := rows.Scan(&t.Key, &t.Label.JA, &t.Label.EN); err != nil {
			return err
		}
		d.Topics = append(d.Topics, t)
		return nil
	}, `SELECT key, label_ja, label_en FROM program_topic WHERE meeting_id = $1 ORDER BY position`, m.ID)
	if err != nil {
		return fmt.Errorf("load the topics: %w", err)
	}
	return nil
}

func loadPolicy(ctx context.Context, r db.Reader, m *event.Stored, d *interchange.Document) error {
	var s string
	err := r.Row(ctx, `SELECT policy FROM program_policy WHERE meeting_id = $1`, m.ID).Scan(&s)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load the policy: %w", err)
	}
	return json.Unmarshal([]byte(s), &d.Policy)
}

func loadSpeakers(ctx context.Context, r db.Reader, m *event.Stored, d *interchange.Document) error {
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var s interchange.Speaker
		var links string
		if err := rows.Scan(&s.Key, &s.GUID, &s.Name.JA, &s.Name.EN, &s.Reading, &s.Affiliation.JA, &s.Affiliation.EN,
			&s.Bio.JA, &s.Bio.EN, &s.Photo, &links); err != nil {
			return err
		}
		d.Speakers = append(d.Speakers, s)
		return json.Unmarshal([]byte(links), &d.Speakers[len(d.Speakers)-1].Links)
	}, `SELECT key, guid, name_ja, name_en, reading, affiliation_ja, affiliation_en, bio_ja, bio_en, photo, links
		FROM program_speaker WHERE meeting_id = $1 ORDER BY position`, m.ID)
	if err != nil {
		return fmt.Errorf("load the speakers: %w", err)
	}
	return nil
}

func loadSessions(ctx context.Context, r db.Reader, m *event.Stored, d *interchange.Document) error {
	loc := m.Location()
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var s interchange.Session
		var starts, ends int64
		var lists [5]string
		if err := rows.Scan(&s.GUID, &s.Ref, &s.Number, &s.Code, &s.Source, &s.Kind, &s.Status, &s.Title.JA, &s.Title.EN,
			&s.Subtitle.JA, &s.Subtitle.EN, &s.Abstract.JA, &s.Abstract.EN, &s.Language, &s.Level, &s.Date, &starts, &ends,
			&s.Room, &s.AllRooms, &s.Slot, &s.Origin, &lists[0], &lists[1], &lists[2], &lists[3], &lists[4]); err != nil {
			return err
		}
		s.Start, s.End = db.Time(starts, loc), db.Time(ends, loc)
		for i, to := range []any{&s.Topics, &s.Speakers, &s.Parts, &s.Links, &s.Policy} {
			if err := json.Unmarshal([]byte(lists[i]), to); err != nil {
				return fmt.Errorf("session %s: %w", s.GUID, err)
			}
		}
		partsIn(s.Parts, m)
		d.Sessions = append(d.Sessions, s)
		return nil
	}, `SELECT guid, ref, number, code, source, kind, status, title_ja, title_en, subtitle_ja, subtitle_en, abstract_ja, abstract_en,
			language, level, date, starts_at, ends_at, room, all_rooms, slot, origin, topics, speakers, parts, links, policy
		FROM program_session WHERE meeting_id = $1 ORDER BY position`, m.ID)
	if err != nil {
		return fmt.Errorf("load the sessions: %w", err)
	}
	return nil
}

// partsIn puts the times of parts into the meeting's zone.
func partsIn(parts []interchange.Part, m *event.Stored) {
	for i := range parts {
		p := &parts[i]
		if !p.Start.IsZero() {
			p.Start, p.End = p.Start.In(m.Location()), p.End.In(m.Location())
		}
		partsIn(p.Parts, m)
	}
}

// record is one row of a draft's table: its name within the meeting, and its columns.
type record struct {
	name   string
	values []any
}

// table says how a list of a draft is kept: the columns after meeting_id, of which the first is the name.
type table struct{ name, columns string }

var (
	kindTable    = table{"program_kind", "key, label_ja, label_en, counts, pause, tint, position"}
	topicTable   = table{"program_topic", "key, label_ja, label_en, position"}
	speakerTable = table{"program_speaker", "key, guid, name_ja, name_en, reading, affiliation_ja, affiliation_en, bio_ja, bio_en, photo, links, position"}
	sessionTable = table{"program_session", "guid, ref, number, code, source, kind, status, title_ja, title_en, subtitle_ja, subtitle_en, abstract_ja, abstract_en, " +
		"topics, language, level, date, starts_at, ends_at, room, all_rooms, slot, origin, speakers, parts, links, policy, position"}
)

// saveDraft writes what differs between two states of a draft, and nothing else.
func saveDraft(ctx context.Context, tx *db.Tx, id event.MeetingID, before, after *interchange.Document) error {
	for _, s := range []struct {
		table  table
		before []record
		after  []record
	}{
		{kindTable, rowsOf(before.Kinds, kindRow), rowsOf(after.Kinds, kindRow)},
		{topicTable, rowsOf(before.Topics, topicRow), rowsOf(after.Topics, topicRow)},
		{speakerTable, rowsOf(before.Speakers, speakerRow), rowsOf(after.Speakers, speakerRow)},
		{sessionTable, rowsOf(before.Sessions, sessionRow), rowsOf(after.Sessions, sessionRow)},
	} {
		if err := s.table.save(ctx, tx, id, s.before, s.after); err != nil {
			return fmt.Errorf("save %s: %w", s.table.name, err)
		}
	}
	if before.Policy == after.Policy {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO program_policy (meeting_id, policy) VALUES ($1, $2)
		ON CONFLICT (meeting_id) DO UPDATE SET policy = excluded.policy`, id, jsonText(after.Policy))
	return err
}

func (t table) save(ctx context.Context, tx *db.Tx, id event.MeetingID, before, after []record) error {
	old := make(map[string]record, len(before))
	for _, r := range before {
		old[r.name] = r
	}
	for _, r := range after {
		o, known := old[r.name]
		delete(old, r.name)
		if known && slices.Equal(o.values, r.values) {
			continue
		}
		if err := t.put(ctx, tx, id, r, known); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	name := t.list()[0]
	for gone := range old {
		if _, err := tx.Exec(ctx, "DELETE FROM "+t.name+" WHERE meeting_id = $1 AND "+name+" = $2", id, gone); err != nil {
			return err
		}
	}
	return nil
}

// list is the columns one by one.
func (t table) list() []string { return strings.Split(t.columns, ", ") }

func (t table) insert() string {
	n := len(t.list()) + 1
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	return "INSERT INTO " + t.name + " (meeting_id, " + t.columns + ") VALUES (" + strings.Join(marks, ", ") + ")"
}

func (t table) update() string {
	var set []string
	for i, c := range t.list()[1:] {
		set = append(set, c+" = $"+strconv.Itoa(i+3))
	}
	return "UPDATE " + t.name + " SET " + strings.Join(set, ", ") + " WHERE meeting_id = $1 AND " + t.list()[0] + " = $2"
}

func (t table) put(ctx context.Context, tx *db.Tx, id event.MeetingID, r record, known bool) error {
	args := append([]any{id}, r.values...)
	q := t.insert()
	if known {
		q = t.update()
	}
	_, err := tx.Exec(ctx, q, args...)
	return err
}

func kindRow(k *interchange.Kind, i int) record {
	return record{k.Key, []any{k.Key, k.Label.JA, k.Label.EN, flag(k.Counts), flag(k.Pause), k.Tint, i}}
}

func topicRow(t *interchange.Topic, i int) record {
	return record{t.Key, []any{t.Key, t.Label.JA, t.Label.EN, i}}
}

func speakerRow(s *interchange.Speaker, i int) record {
	return record{s.Key, []any{
		s.Key, s.GUID, s.Name.JA, s.Name.EN, s.Reading, s.Affiliation.JA, s.Affiliation.EN, s.Bio.JA, s.Bio.EN, s.Photo, jsonText(s.Links), i,
	}}
}

func sessionRow(s *interchange.Session, i int) record {
	return record{s.GUID, []any{
		s.GUID, s.Ref, s.Number, s.Code, s.Source, s.Kind, string(s.Status), s.Title.JA, s.Title.EN, s.Subtitle.JA, s.Subtitle.EN,
		s.Abstract.JA, s.Abstract.EN, jsonText(s.Topics), s.Language, s.Level, string(s.Date), db.Micros(s.Start), db.Micros(s.End), s.Room,
		flag(s.AllRooms), s.Slot, s.Origin, jsonText(s.Speakers), jsonText(utcParts(s.Parts)), jsonText(s.Links), jsonText(s.Policy), i,
	}}
}

// utcParts writes the times of parts in one zone, so that the same moment is always the same text.
func utcParts(parts []interchange.Part) []interchange.Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Start, out[i].End, out[i].Parts = out[i].Start.UTC(), out[i].End.UTC(), utcParts(out[i].Parts)
	}
	return out
}

func rowsOf[T any](list []T, one func(*T, int) record) []record {
	out := make([]record, len(list))
	for i := range list {
		out[i] = one(&list[i], i)
	}
	return out
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// jsonText writes a list or a struct as JSON; an empty list is [].
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // these types always marshal
	}
	if string(b) == "null" {
		return "[]"
	}
	return string(b)
}
