package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Invitation offers a role, or a place in a team, to whoever has its link.
type Invitation struct {
	ID      int64
	Ref     string // its name in addresses; it is not what the link holds
	Slug    string // of the meeting; empty for the group
	Role    RoleKey
	Team    TeamID
	Object  string
	EndsOn  Date   // the last day of what is given, or empty
	Note    string // a word to whoever is invited
	Address string // the only mail address that may accept; empty: whoever has the link
	Uses    int    // how many may accept
	Used    int
	Expires time.Time
	At      time.Time
	By      string // public id of who invites, or system:name
	Revoked time.Time
	Mail    bool // send it to its address as well

	maker   int64
	meeting MeetingID
}

// Open reports whether the invitation can be accepted at a moment.
func (v Invitation) Open(now time.Time) bool {
	return v.Revoked.IsZero() && v.Used < v.Uses && v.Expires.After(now)
}

// Bounds of invitations.
const (
	maxInvited = 500
	longest    = 90 * 24 * time.Hour // that an invitation may be open
)

// Invite makes an invitation and returns the token of its link, which is stored nowhere. By and At are those of who acts, now.
func (s *Service) Invite(ctx context.Context, tx *db.Tx, v Invitation) (token string, _ Invitation, err error) {
	meeting, roles, err := s.openRoles(ctx, tx, v.Slug, v.Role, v.Team, v.Object)
	if err != nil {
		return "", v, err
	}
	if err := mayGive(ctx, v.Slug, v.Object, roles); err != nil {
		return "", v, err
	}
	if v.Team != 0 {
		v.Role = ""
	}
	now, who := s.o.Now(), authz.Who(ctx)
	v.Ref, v.At, v.By, v.maker, v.meeting = person.NewRef(), now, who.Ref, who.ID, meeting
	if err := v.tidy(now); err != nil {
		return "", v, err
	}
	token = person.NewRef()
	if v.ID, err = insertInvitation(ctx, tx, v, hashed(token)); err != nil {
		return "", v, err
	}
	if v.Mail && v.Address != "" && s.o.Outbox != nil {
		if err := s.mailInvitation(ctx, tx, v, token); err != nil {
			return "", v, err
		}
	}
	values, err := v.values(ctx, tx)
	if err != nil {
		return "", v, err
	}
	return token, v, s.recordInvitation(ctx, tx, v, "event.invitation.made", nil, values)
}

// tidy checks an invitation and writes its address as it is compared.
func (v *Invitation) tidy(now time.Time) error {
	v.Note = strings.TrimSpace(v.Note)
	address, err := foldAddress(v.Address)
	if err != nil {
		return err
	}
	v.Address = address
	if v.Address != "" {
		v.Uses = 1
	}
	switch {
	case v.EndsOn != "" && !v.EndsOn.Valid():
		return invalid("date", "until").With("value", clip(string(v.EndsOn)))
	case utf8.RuneCountInString(v.Note) > maxLine:
		return invalid("too_large", "note").With("most", maxLine)
	case v.Uses < 1 || v.Uses > maxInvited:
		return invalid("uses", "uses").With("most", maxInvited)
	case !v.Expires.After(now) || v.Expires.After(now.Add(longest+time.Hour)):
		return invalid("expires", "days").With("most", int(longest/(24*time.Hour)))
	}
	return nil
}

// foldAddress is a mail address as it is compared: without what people type around it, in lower case.
func foldAddress(s string) (string, error) {
	if s = strings.TrimSpace(s); s == "" {
		return "", nil
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || len(a.Address) > 254 {
		return "", invalid("address", "address").With("value", clip(s))
	}
	return strings.ToLower(a.Address), nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// values is an invitation as the audit log keeps it; never its token.
func (v Invitation) values(ctx context.Context, r db.Reader) (map[string]string, error) {
	team, err := teamName(ctx, r, v.Team)
	if err != nil {
		return nil, err
	}
	out := map[string]string{"uses": itoa(int64(v.Uses)), "expires": v.Expires.UTC().Format(time.RFC3339)}
	for name, text := range map[string]string{"role": string(v.Role), "team": team, "object": v.Object, "until": string(v.EndsOn), "address": domainOf(v.Address)} {
		if text != "" {
			out[name] = text
		}
	}
	return out, nil
}

// domainOf is a mail address without who it is of: the log keeps no address of somebody who may never accept.
func domainOf(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "*" + address[i:]
	}
	return ""
}

func (s *Service) recordInvitation(ctx context.Context, tx *db.Tx, v Invitation, action string, before, after map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Scope: v.Slug, Object: "invitation:" + v.Ref, Action: action, Before: before, After: after, At: s.o.Now()})
}

// noInvitation is the one answer to links that were forged, have expired, are used up or were taken back.
func noInvitation() error { return fault.New(fault.NotFound, "event.error.invitation") }

// Invited is the open invitation of a token.
func (s *Service) Invited(ctx context.Context, r db.Reader, token string) (Invitation, error) {
	list, err := readInvitations(ctx, r, `i.token = $1`, hashed(token))
	if err != nil {
		return Invitation{}, err
	}
	if len(list) == 0 || !list[0].Open(s.o.Now()) {
		return Invitation{}, noInvitation()
	}
	v := list[0]
	if _, phase, err := meetingOf(ctx, r, v.Slug); err != nil || phase == Archived {
		return Invitation{}, first(err, noInvitation())
	}
	if err := s.stillAllowed(ctx, r, v); err != nil {
		return Invitation{}, err
	}
	return v, nil
}

// stillAllowed checks that who invited may still give what they offered: who lost a role leaves no doors open.
func (s *Service) stillAllowed(ctx context.Context, r db.Reader, v Invitation) error {
	roles, err := rolesOf(ctx, r, v.meeting, v.Role, v.Team)
	if err != nil {
		return noInvitation()
	}
	if v.maker == 0 && strings.HasPrefix(v.By, "system:") {
		return nil
	}
	list, err := readHeld(ctx, r, v.maker)
	if err != nil {
		return err
	}
	maker := authz.With(ctx, &authz.Actor{ID: v.maker, Ref: v.By, Grants: addUp(list, s.o.Now())})
	if mayGive(maker, v.Slug, v.Object, roles) != nil {
		return noInvitation()
	}
	return nil
}

// Accept gives who acts what the invitation of a token offers. Who holds it already keeps what they have and uses nothing up.
func (s *Service) Accept(ctx context.Context, tx *db.Tx, token string) (Invitation, error) {
	who := authz.Who(ctx)
	if !who.SignedIn() {
		return Invitation{}, fault.New(fault.Forbidden, "error.sign_in")
	}
	if err := lockRoles(ctx, tx); err != nil {
		return Invitation{}, err
	}
	v, err := s.Invited(ctx, tx, token)
	if err != nil {
		return v, err
	}
	if err := s.addressed(ctx, tx, v, who.ID); err != nil {
		return v, err
	}
	g := Grant{Slug: v.Slug, Person: who.ID, Role: v.Role, Team: v.Team, Object: v.Object, EndsOn: v.EndsOn}
	have, err := readGrants(ctx, tx, sameGrant, g.Person, int64(v.meeting), string(g.Role), int64(g.Team), g.Object)
	if err != nil {
		return v, err
	}
	if len(have) > 0 && (have[0].EndsOn == "" || g.EndsOn != "" && g.EndsOn <= have[0].EndsOn) {
		return v, nil
	}
	ok, err := useInvitation(ctx, tx, v.ID, s.o.Now())
	if err != nil {
		return v, err
	}
	if !ok {
		return v, noInvitation()
	}
	if _, err := s.give(ctx, tx, v.meeting, g, v.ID); err != nil {
		return v, err
	}
	return v, s.recordInvitation(ctx, tx, v, "event.invitation.accepted", nil, map[string]string{"person": who.Ref})
}

// addressed checks that an invitation to one address is accepted by an account that has it.
func (s *Service) addressed(ctx context.Context, r db.Reader, v Invitation, id int64) error {
	if v.Address == "" {
		return nil
	}
	theirs := false
	if s.o.People != nil {
		var err error
		if theirs, err = s.o.People.HasAddress(ctx, r, person.ID(id), v.Address); err != nil {
			return err
		}
	}
	if !theirs {
		return fault.New(fault.Conflict, "event.error.invitation_address")
	}
	return nil
}

// Revoke takes an invitation back.
func (s *Service) Revoke(ctx context.Context, tx *db.Tx, slug, ref string) error {
	list, err := readInvitations(ctx, tx, `i.ref = $1 AND COALESCE(m.slug, '') = $2`, ref, slug)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.Missing()
	}
	v := list[0]
	if a := authz.Who(ctx); !a.May(MayGrant, slug, "") && (a.ID == 0 || a.ID != v.maker) {
		return fault.New(fault.Forbidden, "event.error.may_not")
	}
	if !v.Revoked.IsZero() {
		return nil
	}
	if err := revokeInvitation(ctx, tx, v.ID, s.o.Now()); err != nil {
		return err
	}
	values, err := v.values(ctx, tx)
	if err != nil {
		return err
	}
	return s.recordInvitation(ctx, tx, v, "event.invitation.revoked", values, nil)
}

// Invitations are the open invitations of a meeting, or of the group where the slug is empty, oldest first.
func (s *Service) Invitations(ctx context.Context, r db.Reader, slug string) ([]Invitation, error) {
	return readInvitations(ctx, r, `COALESCE(m.slug, '') = $1 AND i.revoked_at = 0 AND i.used < i.uses AND i.expires_at > $2`, slug, db.Micros(s.o.Now()))
}
