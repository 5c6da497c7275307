package person

import (
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// made signs a new person in, and returns who they are then.
func (d *desk) made(address string) *authz.Actor {
	d.t.Helper()
	_, _, link := d.ask(address)
	e, err := d.enter(Proof{Link: link})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.is(e.Token)
}

// unsubscribe makes the link of a letter.
func (d *desk) unsubscribe(id ID, kind string) string {
	d.t.Helper()
	var link string
	if err := d.db.Write(d.t.Context(), func(tx *db.Tx) (err error) {
		link, err = d.Unsubscribe(d.t.Context(), tx, id, kind)
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
	return link
}

func (d *desk) gets(id ID, kind string) bool {
	d.t.Helper()
	_, ok, err := d.Recipient(d.t.Context(), d.db, id, kind)
	if err != nil {
		d.t.Fatal(err)
	}
	return ok
}

func TestRecipients(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var ids []ID
		for _, name := range []string{"a", "b", "c"} {
			ids = append(ids, ID(d.made(name+"@example.org").ID))
		}
		a := &Account{Ref: "", Name: i18n.T("山田", "Yamada"), Lang: i18n.EN}
		acc, err := d.Account(t.Context(), ids[0])
		if err != nil {
			t.Fatal(err)
		}
		a.Ref = acc.Ref
		if err := d.SaveProfile(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if to, ok, err := d.Recipient(t.Context(), d.db, ids[0], "test.news"); err != nil || !ok || to != (mail.Address{Name: "Yamada", Address: "a@example.org", Lang: i18n.EN}) {
			t.Errorf("%+v %v %v", to, ok, err)
		}
		if err := d.ChooseLetters(authz.With(t.Context(), &authz.Actor{ID: int64(ids[1])}), nil); err != nil {
			t.Fatal(err)
		}
		ctx, n := db.Counted(t.Context())
		all, err := d.Recipients(ctx, d.db, append(ids, 0, -1, 999), "test.news")
		if err != nil || len(all) != 2 || all[ids[2]].Address != "c@example.org" || n.Load() != 1 {
			t.Errorf("%v %v with %d queries", all, err, n.Load())
		}
		if !d.gets(ids[1], "person.code") {
			t.Error("who declines everything gets no codes")
		}
		if _, _, err := d.Recipient(t.Context(), d.db, ids[0], "test.unheard"); err == nil {
			t.Error("a kind that nobody named was taken")
		}
		many := make([]ID, 0, 2*mostAtOnce+1)
		for i := range cap(many) {
			many = append(many, ids[0]+ID(i))
		}
		if all, err := d.Recipients(t.Context(), d.db, many, "test.news"); err != nil || len(all) != 2 {
			t.Errorf("%d of many, %v", len(all), err)
		}
		if all, err := d.Recipients(t.Context(), d.db, nil, "test.news"); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
	})
}

func TestUnsubscribeWithoutSigningIn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, b := d.made("a@example.org"), d.made("b@example.org")
		if err := d.Decline(t.Context(), "", false); fault.KindOf(err) != fault.NotFound {
			t.Errorf("before there is a key: %v", err)
		}
		link := d.unsubscribe(ID(a.ID), "test.news")
		token, ok := strings.CutPrefix(link, "https://example.org/unsubscribe/")
		if !ok || strings.Contains(link, "a@example.org") {
			t.Fatal(link)
		}
		if d.unsubscribe(ID(a.ID), "person.code") != "" {
			t.Error("codes can be declined")
		}
		if c, err := d.Unsubscription(t.Context(), token); err != nil || !c.Wanted || c.Key != "test.news" || !d.gets(ID(a.ID), "test.news") {
			t.Errorf("looking at the link: %+v %v", c, err)
		}
		for range 2 {
			if err := d.Decline(t.Context(), token, false); err != nil || d.gets(ID(a.ID), "test.news") || !d.gets(ID(b.ID), "test.news") || !d.gets(ID(a.ID), "test.other") {
				t.Error("declining one kind", err)
			}
		}
		if err := d.Decline(t.Context(), token, true); err != nil || !d.gets(ID(a.ID), "test.news") {
			t.Error("getting them after all", err)
		}
		other := unsubscribeToken(strings.Repeat("0", 64), b.Ref, "test.news")
		body, sign, _ := strings.Cut(token, ".")
		otherBody, _, _ := strings.Cut(other, ".")
		for what, forged := range map[string]string{
			"": "", "another key": other, "another person": otherBody + "." + sign, "no signature": body, "an empty one": body + ".", "cut": token[:len(token)-1],
			"longer": token + "A", "no kind": unsubscribeToken("", a.Ref, ""), "an empty key": unsubscribeToken("", b.Ref, "test.news"),
		} {
			if err := d.Decline(t.Context(), forged, false); fault.KindOf(err) != fault.NotFound || !d.gets(ID(b.ID), "test.news") {
				t.Errorf("forged (%s): %v", what, err)
			}
		}
	})
}
