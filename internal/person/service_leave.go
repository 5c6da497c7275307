package person

import (
	"context"
	"errors"
	"io"
	"path"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// Kept is what this feature asks of who keeps letters: mail.Outbox.
type Kept interface {
	// To lists every letter to an address.
	To(ctx context.Context, r db.Reader, address string) ([]mail.Kept, error)
	// Forget erases whom the letters to an address went to, and what they said.
	Forget(ctx context.Context, tx *db.Tx, address string) error
}

// exported is an account as its person gets it.
type exported struct {
	Ref         string    `json:"ref"`
	Name        i18n.Text `json:"name"`
	Kana        string    `json:"kana,omitempty"`
	Affiliation i18n.Text `json:"affiliation,omitzero"`
	Title       i18n.Text `json:"title,omitzero"`
	Bio         i18n.Text `json:"bio,omitzero"`
	Links       []Link    `json:"links,omitempty"`
	Lang        string    `json:"lang"`
	Speaks      []string  `json:"speaks,omitempty"`
	Photo       string    `json:"photo,omitempty"`
	Recording   string    `json:"recording,omitempty"`
	Made        time.Time `json:"made"`
}

type exportedAddress struct {
	Address  string    `json:"address"`
	Main     bool      `json:"main"`
	Verified time.Time `json:"verified"`
}

type exportedSession struct {
	Browser string    `json:"browser"`
	From    string    `json:"from,omitempty"`
	Method  string    `json:"method"`
	Begun   time.Time `json:"begun"`
	Seen    time.Time `json:"seen"`
}

type exportedKey struct {
	Name string    `json:"name"`
	Site string    `json:"site"`
	Made time.Time `json:"made"`
	Used time.Time `json:"used,omitzero"`
}

type exportedConsent struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

type exportedIdentity struct {
	Issuer  string    `json:"issuer"`
	Subject string    `json:"subject"`
	Label   string    `json:"label,omitempty"`
	Made    time.Time `json:"made"`
}

type exportedLetter struct {
	Kind    string    `json:"kind"`
	To      string    `json:"to"`
	Queued  time.Time `json:"queued"`
	Sent    time.Time `json:"sent,omitzero"`
	Subject i18n.Text `json:"subject,omitzero"`
	Body    i18n.Text `json:"body,omitzero"`
}

type exportedAct struct {
	At     time.Time         `json:"at"`
	Action string            `json:"action"`
	Where  string            `json:"meeting,omitempty"`
	What   string            `json:"what,omitempty"`
	From   string            `json:"from,omitempty"`
	By     string            `json:"by"` // me, or somebody else
	Before map[string]string `json:"before,omitempty"`
	After  map[string]string `json:"after,omitempty"`
}

// Export writes everything about the one who acts as a ZIP.
func (s *Service) Export(ctx context.Context, w io.Writer, l i18n.Lang, say func(key string, args ...any) string) error {
	who := authz.Who(ctx)
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.exported"})
	}); err != nil {
		return err
	}
	a := newArchive(w, l, say, s.o.Now())
	err := s.db.Read(ctx, func(r db.Reader) error {
		if err := s.exportOwn(ctx, r, ID(who.ID), a); err != nil {
			return err
		}
		for _, k := range s.keepers {
			if err := k.Export(ctx, r, ID(who.ID), a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.Close()
}

func (s *Service) exportOwn(ctx context.Context, r db.Reader, id ID, a *Archive) error {
	acc, err := getAccount(ctx, r, id)
	if err != nil {
		return err
	}
	if acc == nil {
		return fault.Missing()
	}
	own, err := addresses(ctx, r, id)
	if err != nil {
		return err
	}
	if err := a.Add("account", "person.profile", exported{
		acc.Ref, acc.Name, acc.Kana, acc.Affiliation, acc.Title, acc.Bio, acc.Links, string(acc.Lang), acc.Speaks, string(acc.Photo), string(acc.Recording), acc.MadeAt,
	}); err != nil {
		return err
	}
	if err := s.exportPortrait(acc, a); err != nil {
		return err
	}
	var list []exportedAddress
	for _, x := range own {
		list = append(list, exportedAddress{x.Address, x.Main, x.VerifiedAt})
	}
	if err := a.Add("addresses", "person.addresses", list); err != nil {
		return err
	}
	if err := s.exportDoors(ctx, r, id, a); err != nil {
		return err
	}
	if err := s.exportLetters(ctx, r, own, a); err != nil {
		return err
	}
	return s.exportActs(ctx, r, id, a)
}

func (s *Service) exportPortrait(acc *Account, a *Archive) error {
	if acc.Portrait == "" || s.o.Portraits == nil {
		return nil
	}
	f, err := s.o.Portraits.Open(blob.Name(acc.Portrait))
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(a.File("portrait"+path.Ext(acc.Portrait), f), f.Close())
}

// exportDoors writes what signs a person in, without any secret.
func (s *Service) exportDoors(ctx context.Context, r db.Reader, id ID, a *Archive) error {
	sessions, err := listSessions(ctx, r, id)
	if err != nil {
		return err
	}
	var open []exportedSession
	for _, x := range sessions {
		open = append(open, exportedSession{x.Agent, x.From, x.Method, x.BegunAt, x.SeenAt})
	}
	if err := a.Add("sessions", "person.sessions", open); err != nil {
		return err
	}
	keys, err := passkeys(ctx, r, id)
	if err != nil {
		return err
	}
	var list []exportedKey
	for _, k := range keys {
		list = append(list, exportedKey{k.Name, k.Site, k.MadeAt, k.UsedAt})
	}
	if err := a.Add("passkeys", "person.passkeys", list); err != nil {
		return err
	}
	said, err := preferences(ctx, r, id)
	if err != nil {
		return err
	}
	if err := a.Add("preferences", "person.letters", said); err != nil {
		return err
	}
	agreed, err := consents(ctx, r, id)
	if err != nil {
		return err
	}
	if err := a.Add("consents", "person.privacy", agreed); err != nil {
		return err
	}
	known, err := identities(ctx, r, id)
	if err != nil {
		return err
	}
	var others []exportedIdentity
	for _, i := range known {
		others = append(others, exportedIdentity{i.Issuer, i.Subject, i.Label, i.MadeAt})
	}
	return a.Add("identities", "person.identities", others)
}

func (s *Service) exportLetters(ctx context.Context, r db.Reader, own []Address, a *Archive) error {
	if s.o.Kept == nil {
		return nil
	}
	var out []exportedLetter
	for _, x := range own {
		letters, err := s.o.Kept.To(ctx, r, x.Address)
		if err != nil {
			return err
		}
		for _, l := range letters {
			out = append(out, exportedLetter{l.Kind, l.To.Address, l.Queued, l.Sent, l.Subject, l.Body})
		}
	}
	return a.Add("letters", "person.export.letters", out)
}

// exportActs writes what the audit log knows: what the person did, and what others did about them. Who those are is theirs.
func (s *Service) exportActs(ctx context.Context, r db.Reader, id ID, a *Archive) error {
	refs, err := refsWith(ctx, r, id)
	if err != nil {
		return err
	}
	out := []exportedAct{}
	for _, ref := range refs {
		for _, f := range []audit.Filter{{Everywhere: true, Actor: ref}, {Everywhere: true, About: ref}} {
			for after, first := "", true; first || after != ""; first = false {
				var page []audit.Stored
				if page, after, err = audit.List(ctx, r, f, audit.Page{Limit: 500, After: after}); err != nil {
					return err
				}
				for _, e := range page {
					if f.About != "" && e.Actor == ref {
						continue // it stands among what they did
					}
					out = append(out, act(&e, ref))
				}
			}
		}
	}
	return a.Add("history", "person.export.history", out)
}

func act(e *audit.Stored, ref string) exportedAct {
	x := exportedAct{At: e.At, Action: e.Action, Where: e.Scope, What: e.Object, By: "other"}
	if e.Actor == ref {
		x.By, x.From = "me", e.Address
	}
	if e.About != ref && e.About != "" { // somebody else's data
		return x
	}
	for _, v := range e.Values {
		if v.Erased {
			continue
		}
		if x.Before == nil {
			x.Before, x.After = map[string]string{}, map[string]string{}
		}
		x.Before[v.Name], x.After[v.Name] = v.Before, v.After
	}
	return x
}

// MayLeave is nil where the one who acts may leave now, and says otherwise what has to be done first.
func (s *Service) MayLeave(ctx context.Context, r db.Reader) error {
	for _, k := range s.keepers {
		if st, ok := k.(Stayer); ok {
			if err := st.MayLeave(ctx, r, ID(authz.Who(ctx).ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Leave erases the one who acts. What remains is the opaque reference: the chain of the audit log holds it, with hashes whose salts are
// gone, and verifies as before.
func (s *Service) Leave(ctx context.Context) error {
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		id := ID(who.ID)
		acc, err := s.forChange(ctx, tx, who.Ref)
		if err != nil {
			return err
		}
		if err := s.MayLeave(ctx, tx); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Object: "person:" + who.Ref, Action: "person.left"}); err != nil {
			return err
		}
		for _, k := range s.keepers {
			if err := k.Erase(ctx, tx, id); err != nil {
				return err
			}
		}
		if err := s.forgetLetters(ctx, tx, id); err != nil {
			return err
		}
		if err := eraseAccount(ctx, tx, id, s.o.Now()); err != nil {
			return err
		}
		if err := s.dropPortrait(ctx, tx, acc.Portrait); err != nil {
			return err
		}
		refs, err := refsWith(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			if _, err := audit.EraseActor(ctx, tx, ref); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) forgetLetters(ctx context.Context, tx *db.Tx, id ID) error {
	if s.o.Kept == nil {
		return nil
	}
	own, err := addresses(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, a := range own {
		if err := s.o.Kept.Forget(ctx, tx, a.Address); err != nil {
			return err
		}
	}
	return nil
}
