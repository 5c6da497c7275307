package registration

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/registration/draw"
)

const drawColumns = `d.id, d.meeting_id, d.option, d.secret, d.commitment, d.outside, d.value, d.asked, d.made_at, d.frozen_at, d.draw_at, d.drawn_at`

// draws reads lotteries, without their lists.
func draws(ctx context.Context, r db.Reader, loc *time.Location, where string, args ...any) ([]*Drawing, error) {
	var out []*Drawing
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var d Drawing
		var secret string
		var made, frozen, at, drawn int64
		if err := rows.Scan(&d.ID, &d.Meeting, &d.Option, &secret, &d.Commitment, &d.Outside, &d.Value, &d.Asked, &made, &frozen, &at, &drawn); err != nil {
			return err
		}
		d.MadeAt, d.FrozenAt, d.DrawAt, d.DrawnAt = db.Time(made, loc), db.Time(frozen, loc), db.Time(at, loc), db.Time(drawn, loc)
		var err error
		d.secret, err = draw.ParseSecret(secret)
		out = append(out, &d)
		return err
	}, `SELECT `+drawColumns+` FROM registration_draw d WHERE `+where+` ORDER BY d.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read lotteries: %w", err)
	}
	return out, nil
}

// drawsOf reads the lotteries of a meeting, by key of the option.
func drawsOf(ctx context.Context, r db.Reader, loc *time.Location, m event.MeetingID) (map[string]*Drawing, error) {
	list, err := draws(ctx, r, loc, `d.meeting_id = $1`, m)
	out := map[string]*Drawing{}
	for _, d := range list {
		out[d.Option] = d
	}
	return out, err
}

// insertDraw stores a lottery with its secret, where the option has none yet, and reports whether it did.
func insertDraw(ctx context.Context, tx *db.Tx, d *Drawing) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO registration_draw (meeting_id, option, secret, commitment, outside, value, asked, made_at, frozen_at, draw_at, drawn_at)
		VALUES ($1, $2, $3, $4, '', '', 0, $5, 0, 0, 0) ON CONFLICT (meeting_id, option) DO NOTHING`, d.Meeting, d.Option, d.secret.Open(), d.Commitment, db.Micros(d.MadeAt))
	if err != nil {
		return false, fmt.Errorf("promise a lottery: %w", err)
	}
	return n == 1, nil
}

// dropDraw removes a lottery whose list is not frozen.
func dropDraw(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM registration_draw WHERE id = $1 AND frozen_at = 0`, id); err != nil {
		return fmt.Errorf("remove a lottery: %w", err)
	}
	return nil
}

// joinDraw notes that somebody joins a lottery, and reports whether its list is still open.
func joinDraw(ctx context.Context, tx *db.Tx, m event.MeetingID, option string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_draw SET asked = asked + 1 WHERE meeting_id = $1 AND option = $2 AND frozen_at = 0`, m, option)
	if err != nil {
		return false, fmt.Errorf("join a lottery: %w", err)
	}
	return n == 1, nil
}

// freezeDraw closes the list of a lottery, and reports whether nobody did before.
func freezeDraw(ctx context.Context, tx *db.Tx, d *Drawing) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_draw SET frozen_at = $1, draw_at = $2 WHERE id = $3 AND frozen_at = 0`, db.Micros(d.FrozenAt), db.Micros(d.DrawAt), d.ID)
	if err != nil {
		return false, fmt.Errorf("freeze a lottery: %w", err)
	}
	return n == 1, nil
}

// insertList stores the frozen list of a slot.
func insertList(ctx context.Context, tx *db.Tx, id int64, l *DrawList) error {
	if _, err := tx.Exec(ctx, `INSERT INTO registration_draw_list (draw_id, slot, capacity, hash) VALUES ($1, $2, $3, $4)`, id, l.Slot, l.Capacity, l.Hash); err != nil {
		return fmt.Errorf("store the list of a lottery: %w", err)
	}
	for _, t := range l.Tickets {
		if _, err := tx.Exec(ctx, `INSERT INTO registration_ticket (draw_id, slot, ticket, choice_id, weight, size, place, number, won) VALUES ($1, $2, $3, $4, $5, $6, 0, '', 0)`,
			id, l.Slot, t.ID, l.choice[t.ID], t.Weight, t.Size); err != nil {
			return fmt.Errorf("store a ticket: %w", err)
		}
	}
	return nil
}

// listsOf reads the frozen lists of a lottery with their tickets, and the order where it was drawn.
func listsOf(ctx context.Context, r db.Reader, id int64) ([]*DrawList, error) {
	var out []*DrawList
	by := map[string]*DrawList{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		l := DrawList{choice: map[string]int64{}}
		err := rows.Scan(&l.Slot, &l.Capacity, &l.Hash)
		out, by[l.Slot] = append(out, &l), &l
		return err
	}, `SELECT slot, capacity, hash FROM registration_draw_list WHERE draw_id = $1 ORDER BY slot`, id)
	if err != nil {
		return nil, fmt.Errorf("read the lists of a lottery: %w", err)
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var slot string
		var t draw.Ticket
		var d draw.Drawn
		var choice int64
		var won int
		if err := rows.Scan(&slot, &t.ID, &choice, &t.Weight, &t.Size, &d.Place, &d.Number, &won); err != nil {
			return err
		}
		l := by[slot]
		l.Tickets, l.choice[t.ID] = append(l.Tickets, t), choice
		if d.Ticket, d.Won = t.ID, won == 1; d.Place > 0 {
			l.Order = append(l.Order, d)
		}
		return nil
	}, `SELECT slot, ticket, choice_id, weight, size, place, number, won FROM registration_ticket WHERE draw_id = $1 ORDER BY place, ticket`, id)
	if err != nil {
		return nil, fmt.Errorf("read tickets: %w", err)
	}
	for _, l := range out {
		if l.Tickets, err = draw.List(l.Tickets); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// beginDraw marks a lottery as drawn, and reports whether nobody did before.
func beginDraw(ctx context.Context, tx *db.Tx, d *Drawing, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_draw SET drawn_at = $1 WHERE id = $2 AND drawn_at = 0 AND frozen_at > 0 AND (outside = '' OR value <> '')`, db.Micros(now), d.ID)
	if err != nil {
		return false, fmt.Errorf("begin a draw: %w", err)
	}
	return n == 1, nil
}

// storeOrder stores what a draw gave to a ticket.
func storeOrder(ctx context.Context, tx *db.Tx, id int64, slot string, d draw.Drawn) error {
	won := 0
	if d.Won {
		won = 1
	}
	if _, err := tx.Exec(ctx, `UPDATE registration_ticket SET place = $1, number = $2, won = $3 WHERE draw_id = $4 AND slot = $5 AND ticket = $6`,
		d.Place, d.Number, won, id, slot, d.Ticket); err != nil {
		return fmt.Errorf("store the order of a draw: %w", err)
	}
	return nil
}

// storeOutside stores the name of the outside value, which stays open until the list is frozen.
func storeOutside(ctx context.Context, tx *db.Tx, id int64, name string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_draw SET outside = $1 WHERE id = $2 AND frozen_at = 0`, name, id)
	if err != nil {
		return false, fmt.Errorf("name the outside value: %w", err)
	}
	return n == 1, nil
}

// storeValue stores the outside value, between the freezing of the list and the draw.
func storeValue(ctx context.Context, tx *db.Tx, id int64, value string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE registration_draw SET value = $1 WHERE id = $2 AND frozen_at > 0 AND drawn_at = 0 AND outside <> ''`, value, id)
	if err != nil {
		return false, fmt.Errorf("store the outside value: %w", err)
	}
	return n == 1, nil
}

// askers reads the choices in the lottery of an option, with the entries they belong to.
func askers(ctx context.Context, r db.Reader, loc *time.Location, m event.MeetingID, option string) ([]*Holder, error) {
	list, err := holdersOf(ctx, r, loc, m, option)
	var out []*Holder
	for _, h := range list {
		if h.State == Asked {
			out = append(out, h)
		}
	}
	return out, err
}
