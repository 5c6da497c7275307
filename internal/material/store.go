package material

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const fileColumns = `f.id, f.public_id, f.session, f.kind, f.label_ja, f.label_en, f.opens, f.withdrawn_at,
	v.number, v.name, v.format, v.size, v.pages, v.digest, v.note, v.made_at, v.made_by`

// loadFiles reads every material of a meeting with its versions, in the order in which they were first handed in: one statement.
func loadFiles(ctx context.Context, r db.Reader, m *event.Stored) ([]*File, error) {
	return readFiles(ctx, r, m.Location(), `SELECT `+fileColumns+` FROM material_file f JOIN material_version v ON v.file_id = f.id
		WHERE f.meeting_id = $1 ORDER BY f.id, v.number DESC`, m.ID)
}

func readFiles(ctx context.Context, r db.Reader, loc *time.Location, q string, args ...any) ([]*File, error) {
	var files []*File
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var f File
		var v Version
		var withdrawn, made int64
		if err := rows.Scan(&f.row, &f.ID, &f.Ref, &f.Kind, &f.Label.JA, &f.Label.EN, &f.Opens, &withdrawn,
			&v.Number, &v.Name, &v.Format, &v.Size, &v.Pages, &v.Digest, &v.Note, &made, &v.By); err != nil {
			return err
		}
		f.Withdrawn, v.At = db.Time(withdrawn, loc), db.Time(made, loc)
		if n := len(files); n == 0 || files[n-1].row != f.row {
			files = append(files, &f)
		}
		last := files[len(files)-1]
		last.Versions = append(last.Versions, v)
		return nil
	}, q, args...)
	if err != nil {
		return nil, fmt.Errorf("load the materials: %w", err)
	}
	return files, nil
}

// meetingOf finds the meeting of a material; empty where there is no such material.
func meetingOf(ctx context.Context, r db.Reader, id string) (slug string, err error) {
	err = r.Row(ctx, `SELECT m.slug FROM material_file f JOIN event_pub_meeting m ON m.id = f.meeting_id WHERE f.public_id = $1`, id).Scan(&slug)
	if db.IsNoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the meeting of the material %s: %w", id, err)
	}
	return slug, nil
}

// addFile makes a material without versions.
func addFile(ctx context.Context, tx *db.Tx, m event.MeetingID, f *File, at time.Time) (err error) {
	f.row, err = tx.Insert(ctx, `INSERT INTO material_file (public_id, meeting_id, session, kind, label_ja, label_en, opens, made_at, withdrawn_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`, f.ID, m, f.Ref, f.Kind, f.Label.JA, f.Label.EN, f.Opens, db.Micros(at))
	if err != nil {
		return fmt.Errorf("add a material: %w", err)
	}
	return nil
}

// countFiles counts the materials of a session that are handed in.
func countFiles(ctx context.Context, r db.Reader, m event.MeetingID, ref string) (n int, err error) {
	err = r.Row(ctx, `SELECT count(*) FROM material_file WHERE meeting_id = $1 AND session = $2 AND withdrawn_at = 0`, m, ref).Scan(&n)
	return n, err
}

// loadUsed sums what a session and its meeting have handed in.
func loadUsed(ctx context.Context, r db.Reader, m event.MeetingID, ref string) (u Used, err error) {
	err = r.Row(ctx, `SELECT CAST(COALESCE(SUM(v.size), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN f.session = $2 THEN v.size ELSE 0 END), 0) AS BIGINT)
FROM material_version v JOIN material_file f ON f.id = v.file_id WHERE f.meeting_id = $1`, m, ref).Scan(&u.Meeting, &u.Session)
	if err != nil {
		return Used{}, fmt.Errorf("sum the materials of a meeting: %w", err)
	}
	return u, nil
}

// lockFile makes others who change a material wait for the end of the transaction, hands it in again where it was withdrawn, and returns it.
func lockFile(ctx context.Context, tx *db.Tx, m *event.Stored, id string) (*File, error) {
	n, err := tx.Exec(ctx, `UPDATE material_file SET meeting_id = meeting_id WHERE public_id = $1 AND meeting_id = $2`, id, m.ID)
	if err != nil {
		return nil, fmt.Errorf("lock a material: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	files, err := readFiles(ctx, tx, m.Location(), `SELECT `+fileColumns+` FROM material_file f JOIN material_version v ON v.file_id = f.id
		WHERE f.public_id = $1 ORDER BY v.number DESC`, id)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return files[0], nil
}

func addVersion(ctx context.Context, tx *db.Tx, file int64, v *Version) error {
	_, err := tx.Exec(ctx, `INSERT INTO material_version (file_id, number, name, format, size, pages, digest, note, made_at, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, file, v.Number, v.Name, v.Format, v.Size, v.Pages, v.Digest, v.Note, db.Micros(v.At), v.By)
	if err != nil {
		return fmt.Errorf("add a version of a material: %w", err)
	}
	return nil
}

func saveFile(ctx context.Context, tx *db.Tx, f *File) error {
	_, err := tx.Exec(ctx, `UPDATE material_file SET kind = $1, label_ja = $2, label_en = $3, opens = $4, withdrawn_at = $5 WHERE id = $6`,
		f.Kind, f.Label.JA, f.Label.EN, f.Opens, db.Micros(f.Withdrawn), f.row)
	if err != nil {
		return fmt.Errorf("change the material %s: %w", f.ID, err)
	}
	return nil
}

// digests lists the contents that are needed, each with its size.
func digests(ctx context.Context, r db.Reader) (map[blob.Digest]int64, error) {
	out := map[blob.Digest]int64{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var d blob.Digest
		var size int64
		if err := rows.Scan(&d, &size); err != nil {
			return err
		}
		out[d] = size
		return nil
	}, `SELECT DISTINCT digest, size FROM material_version`)
	if err != nil {
		return nil, fmt.Errorf("list the contents of materials: %w", err)
	}
	return out, nil
}

// personNames are the names of accounts; those that are gone are left out.
func personNames(ctx context.Context, r db.Reader, ids []int64) (map[int64]i18n.Text, error) {
	out := map[int64]i18n.Text{}
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), id
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var name i18n.Text
		if err := rows.Scan(&id, &name.JA, &name.EN); err != nil {
			return err
		}
		out[id] = name
		return nil
	}, `SELECT id, name_ja, name_en FROM person_pub_account WHERE id IN (`+strings.Join(marks, ", ")+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("read who handed in: %w", err)
	}
	return out, nil
}
