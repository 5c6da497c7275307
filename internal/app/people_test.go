package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/person"
)

// member is somebody who is signed in.
type member struct {
	w      *site
	id     int64
	ref    string
	cookie string
}

// member makes a person who is signed in and holds roles in the meetings named, or in the group where none is.
func (w *site) member(name string, roles []event.RoleKey, slugs ...string) *member {
	w.t.Helper()
	m := &member{w: w, ref: person.NewRef()}
	ctx := authz.System(context.Background(), "test")
	err := w.DB.Write(ctx, func(tx *db.Tx) (err error) {
		m.id, err = tx.Insert(ctx, `INSERT INTO person_account (ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, title_ja, title_en, bio_ja, bio_en,
			links, portrait, lang, photo, recording, made_at, left_at, consented)
			VALUES ($1, $2, $2, '', '', '', '', '', '', '', '[]', '', 'ja', '', '', 1, 0, $3)`, m.ref, name, w.People.Policy().Version)
		if err != nil {
			return err
		}
		address := strings.ToLower(m.ref) + "@example.org"
		if _, err := tx.Exec(ctx, `INSERT INTO person_address (account_id, address, folded, verified_at, main) VALUES ($1, $2, $2, 1, 1)`, m.id, address); err != nil {
			return err
		}
		if len(slugs) == 0 {
			slugs = []string{""}
		}
		for _, slug := range slugs {
			for _, role := range roles {
				if _, err := w.Events.Give(ctx, tx, event.Grant{Slug: slug, Person: m.id, Role: role}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	m.enter()
	return m
}

// enter begins a session, as after a sign-in just now.
func (m *member) enter() {
	m.w.t.Helper()
	token := strings.ToLower(person.NewRef() + person.NewRef() + person.NewRef())[:64]
	sum := sha256.Sum256([]byte(token))
	ctx, now := context.Background(), db.Micros(m.w.now())
	if err := m.w.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO person_session (account_id, token, method, agent, origin, begun_at, seen_at, stepped_up_at)
			VALUES ($1, $2, 'test', '', '', $3, $3, $3)`, m.id, hex.EncodeToString(sum[:]), now)
		return err
	}); err != nil {
		m.w.t.Fatal(err)
	}
	m.cookie = "__Host-tsudoi-session=" + token
}

// do sends a request as this person; form is the body of a POST.
func (m *member) do(method, path, form string, headers ...string) *httptest.ResponseRecorder {
	return m.w.as(m.cookie, method, path, form, headers...)
}

// as sends a request with a cookie, from this site.
func (w *site) as(cookie, method, path, form string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(context.Background(), method, public+path, strings.NewReader(form))
	req.RemoteAddr = stranger
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	return rec
}

// everyRole makes a person for each role that is held in the group or in a meeting, and one without any, by role.
func (w *site) everyRole(slug string) map[event.RoleKey]*member {
	w.t.Helper()
	all := map[event.RoleKey]*member{"": w.member("nobody in particular", nil)}
	for i := range event.Roles {
		switch r := &event.Roles[i]; r.Scope {
		case event.InGroup:
			all[r.Key] = w.member(fmt.Sprint(r.Key), []event.RoleKey{r.Key})
		case event.InMeeting:
			all[r.Key] = w.member(fmt.Sprint(r.Key), []event.RoleKey{r.Key}, slug)
		}
	}
	return all
}
