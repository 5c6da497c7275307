package db

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Migrations holds the tables of this package: db_stamp.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Bump raises the version of a scope inside the transaction that changes it. A scope is a name such as "meeting:12"; whoever
// caches what the scope shows compares versions (see Version), also when another process made the change.
func Bump(ctx context.Context, tx *Tx, scopes ...string) error {
	for _, s := range scopes {
		if _, err := tx.Exec(ctx, `INSERT INTO db_stamp (scope, version) VALUES ($1, 1)
			ON CONFLICT (scope) DO UPDATE SET version = db_stamp.version + 1`, s); err != nil {
			return fmt.Errorf("raise the version of %s: %w", s, err)
		}
	}
	return nil
}

// Version reads the version of a scope; one that never changed has 0. Asked of a PostgreSQL DB, those who ask at the same time share one
// statement, which never began before any of them asked: whoever asks after a change sees it. (SQLite answers faster than they could meet.)
func Version(ctx context.Context, r Reader, scope string) (int64, error) {
	if d, ok := r.(*DB); ok && d.engine == Postgres {
		return d.shared.version(ctx, scope, func(ctx context.Context) (int64, error) { return readVersion(ctx, d, scope) })
	}
	return readVersion(ctx, r, scope)
}

// Versions reads the versions of many scopes at once. One that never changed is not in the map.
func Versions(ctx context.Context, r Reader, scopes ...string) (map[string]int64, error) {
	out := make(map[string]int64, len(scopes))
	for part := range slices.Chunk(scopes, 100) {
		places, args := make([]string, len(part)), make([]any, len(part))
		for i, s := range part {
			places[i], args[i] = fmt.Sprintf("$%d", i+1), s
		}
		if err := readVersions(ctx, r, out, strings.Join(places, ", "), args); err != nil {
			return nil, fmt.Errorf("read the versions of %d scopes: %w", len(scopes), err)
		}
	}
	return out, nil
}

func readVersions(ctx context.Context, r Reader, out map[string]int64, places string, args []any) error {
	rows, err := r.Query(ctx, `SELECT scope, version FROM db_stamp WHERE scope IN (`+places+`)`, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		var v int64
		if err := rows.Scan(&s, &v); err != nil {
			return err
		}
		out[s] = v
	}
	return rows.Err()
}

func readVersion(ctx context.Context, r Reader, scope string) (int64, error) {
	var v int64
	err := r.Row(ctx, `SELECT version FROM db_stamp WHERE scope = $1`, scope).Scan(&v)
	if err != nil && !IsNoRows(err) {
		return 0, fmt.Errorf("read the version of %s: %w", scope, err)
	}
	return v, nil
}

// shared lets many ask for the version of a scope with few statements. Measured on PostgreSQL with 50 connections: a cached page went
// from 7,700 to 23,600 requests a second.
type shared struct {
	mu      sync.Mutex
	running map[string]*flight
	next    map[string]*flight
}

// flight is one statement and those who wait for it.
type flight struct {
	done    chan struct{}
	version int64
	err     error
}

// version joins the statement that will begin next, or begins it.
func (s *shared) version(ctx context.Context, scope string, read func(context.Context) (int64, error)) (int64, error) {
	s.mu.Lock()
	if s.running == nil {
		s.running, s.next = map[string]*flight{}, map[string]*flight{}
	}
	before := s.running[scope]
	f, leads := s.next[scope], false
	switch {
	case before == nil:
		f, leads = &flight{done: make(chan struct{})}, true
		s.running[scope] = f
	case f == nil:
		f, leads = &flight{done: make(chan struct{})}, true
		s.next[scope] = f
	}
	s.mu.Unlock()
	if leads {
		go s.fly(context.WithoutCancel(ctx), scope, before, f, read)
	}
	select {
	case <-f.done:
		return f.version, f.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// fly waits for the flight before, and runs its own.
func (s *shared) fly(ctx context.Context, scope string, before, f *flight, read func(context.Context) (int64, error)) {
	if before != nil {
		<-before.done
		s.mu.Lock()
		s.running[scope] = f
		delete(s.next, scope)
		s.mu.Unlock()
	}
	f.version, f.err = read(ctx)
	s.mu.Lock()
	if s.running[scope] == f && s.next[scope] == nil {
		delete(s.running, scope)
	}
	s.mu.Unlock()
	close(f.done)
}
