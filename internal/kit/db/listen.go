package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoMessages is what Listen and Notify answer on SQLite, which has no messages between processes.
var ErrNoMessages = errors.New("this database passes no messages between processes")

// listenCheck is how long a listener waits before it asks whether its connection still lives: a connection that a network dropped is silent.
const listenCheck = 20 * time.Second

// Notify sends messages of at most 7,900 bytes each to every process that listens to a channel of this database, whether that is
// reached or not. Call it after the commit of what the messages are about, never inside a transaction: commits that notify take turns.
func (d *DB) Notify(ctx context.Context, channel string, payloads ...string) error {
	if d.engine != Postgres {
		return ErrNoMessages
	}
	if _, err := d.w.ExecContext(ctx, `SELECT pg_notify($1, m) FROM unnest($2::text[]) AS m`, channel, payloads); err != nil {
		return fmt.Errorf("notify %s: %w", channel, err)
	}
	return nil
}

// Listen calls fn for every message of a channel, on a connection of its own, until ctx ends or the connection is lost, and returns
// why it ended. begun is called once it listens: what was sent before that, nobody hears.
func (d *DB) Listen(ctx context.Context, channel string, begun func(), fn func(payload string)) error {
	if d.engine != Postgres {
		return ErrNoMessages
	}
	cfg, err := pgx.ParseConfig(d.url)
	if err != nil {
		return fmt.Errorf("read the database URL: %w", err)
	}
	cfg.RuntimeParams["application_name"] = "tsudoi listens"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return unreached(&cfg.Config, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen to %s: %w", channel, err)
	}
	begun()
	for {
		n, err := waitFor(ctx, conn)
		switch {
		case err == nil:
			fn(n)
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("listen to %s: %w", channel, err)
		default:
			if err := alive(ctx, conn); err != nil {
				return fmt.Errorf("listen to %s: %w", channel, err)
			}
		}
	}
}

// waitFor waits for one message, for at most listenCheck.
func waitFor(ctx context.Context, conn *pgx.Conn) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, listenCheck)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}

func alive(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, listenCheck)
	defer cancel()
	return conn.Ping(ctx)
}
