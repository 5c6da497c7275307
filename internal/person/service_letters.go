package person

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// unsubscribeKey names the secret that signs the links in letters.
const unsubscribeKey = "unsubscribe"

// kind finds a kind of letters by its key. One that wire.go does not name is a mistake of the program.
func (s *Service) kind(key string) (Kind, error) {
	i := slices.IndexFunc(s.o.Kinds, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, fmt.Errorf("person: %q is no kind of letters; name it in letterKinds of internal/app", key)
	}
	return s.o.Kinds[i], nil
}

// Recipient says where a letter of a kind goes to for somebody. It is false where they left, have no address that was shown to be theirs,
// or do not want letters of the kind.
func (s *Service) Recipient(ctx context.Context, r db.Reader, id ID, kind string) (mail.Address, bool, error) {
	all, err := s.Recipients(ctx, r, []ID{id}, kind)
	a, ok := all[id]
	return a, ok, err
}

// Recipients is Recipient for many, with one query for some thousands of them. Who gets no letter is not in it. Two accounts that were
// united have the same address, so whoever sends to both has to look at the address, or give the letter a key.
func (s *Service) Recipients(ctx context.Context, r db.Reader, ids []ID, kind string) (map[ID]mail.Address, error) {
	k, err := s.kind(kind)
	if err != nil {
		return nil, err
	}
	return recipients(ctx, r, ids, k)
}

// Unsubscribe is the address, for mail.Letter.Unsubscribe, at which somebody declines letters of a kind without signing in. It is empty for
// kinds that cannot be declined.
func (s *Service) Unsubscribe(ctx context.Context, tx *db.Tx, id ID, kind string) (string, error) {
	all, err := s.Unsubscribes(ctx, tx, []ID{id}, kind)
	return all[id], err
}

// Unsubscribes is Unsubscribe for many.
func (s *Service) Unsubscribes(ctx context.Context, tx *db.Tx, ids []ID, kind string) (map[ID]string, error) {
	k, err := s.kind(kind)
	if err != nil || k.Necessary {
		return nil, err
	}
	key, err := secretKey(ctx, tx, unsubscribeKey, newToken(), s.o.Now())
	if err != nil {
		return nil, err
	}
	refs, err := refsOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[ID]string, len(refs))
	for id, ref := range refs {
		out[id] = s.o.Base + "/unsubscribe/" + url.PathEscape(unsubscribeToken(key, ref, kind))
	}
	return out, nil
}

// Letters lists every kind of letters with what somebody said about it.
func (s *Service) Letters(ctx context.Context, id ID) ([]Choice, error) {
	said, err := preferences(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	out := make([]Choice, 0, len(s.o.Kinds))
	for _, k := range s.o.Kinds {
		wanted, ok := said[k.Key]
		out = append(out, Choice{k, k.Necessary || !ok || wanted})
	}
	return out, nil
}

// ChooseLetters keeps which kinds of letters the one who acts wants; all others that can be declined are declined.
func (s *Service) ChooseLetters(ctx context.Context, wanted []string) error {
	who := authz.Who(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for _, k := range s.o.Kinds {
			if k.Necessary {
				continue
			}
			if err := s.prefer(ctx, tx, ID(who.ID), who.Ref, k.Key, slices.Contains(wanted, k.Key)); err != nil {
				return err
			}
		}
		return nil
	})
}

// prefer keeps what somebody says about a kind of letters.
func (s *Service) prefer(ctx context.Context, tx *db.Tx, id ID, ref, kind string, wanted bool) error {
	before, err := setPreference(ctx, tx, id, kind, wanted, s.o.Now())
	if err != nil || before == wanted {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Object: "person:" + ref, Action: "person.letters", Before: map[string]string{kind: onOff(before)}, After: map[string]string{kind: onOff(wanted)},
	})
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// Unsubscription says which kind of letters a link from a letter is about, and whether they come. A link that this installation did not
// sign, or whose person left, is a fault.
func (s *Service) Unsubscription(ctx context.Context, token string) (Choice, error) {
	acc, k, err := s.readToken(ctx, s.db, token)
	if err != nil {
		return Choice{}, err
	}
	said, err := preferences(ctx, s.db, acc.ID)
	wanted, ok := said[k.Key]
	return Choice{k, !ok || wanted}, err
}

// Decline keeps that whoever got a link in a letter wants no more letters of its kind, or, where wanted, wants them after all. The link is
// the proof, since it is in nobody else's hands; it can do nothing else.
func (s *Service) Decline(ctx context.Context, token string, wanted bool) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		acc, k, err := s.readToken(ctx, tx, token)
		if err != nil {
			return err
		}
		return s.prefer(authz.With(ctx, withFrom(acc.Actor(), ctx)), tx, acc.ID, acc.Ref, k.Key, wanted)
	})
}

func (s *Service) readToken(ctx context.Context, r db.Reader, token string) (*Account, Kind, error) {
	gone := fault.New(fault.NotFound, "person.error.unsubscribe")
	key, err := findKey(ctx, r, unsubscribeKey)
	if err != nil {
		return nil, Kind{}, err
	}
	ref, name, ok := readUnsubscribe(key, token)
	if !ok {
		return nil, Kind{}, gone
	}
	acc, err := accountOf(ctx, r, ref)
	if err != nil {
		return nil, Kind{}, err
	}
	k, err := s.kind(name)
	if err != nil || acc == nil || !acc.LeftAt.IsZero() || k.Necessary {
		return nil, Kind{}, gone.Because(err)
	}
	return acc, k, nil
}
