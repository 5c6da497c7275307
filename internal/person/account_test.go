package person

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// as is a context in which a person acts.
func (d *desk) as(who *authz.Actor) context.Context { return authz.With(d.t.Context(), who) }

// add adds an address to an account, with the code that goes there.
func (d *desk) add(who *authz.Actor, address string) (*Entry, error) {
	d.t.Helper()
	ref, err := d.SendCode(d.as(who), Ask{Address: address, Base: "https://example.org", Purpose: toVerify, Account: ID(who.ID)})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.Enter(d.as(who), Proof{Ref: ref, Code: codeIn.FindString(d.sent[len(d.sent)-1].Body.EN)})
}

func (d *desk) addressesOf(who *authz.Actor) []Address {
	d.t.Helper()
	list, err := d.Addresses(d.t.Context(), ID(who.ID))
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

func TestAddresses(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, b := d.made("a@example.org"), d.made("b@example.org")
		if e, err := d.add(a, "a2@example.org"); err != nil || e.Token != "" {
			t.Fatal(e, err)
		}
		list := d.addressesOf(a)
		if len(list) != 2 || !list[0].Main || list[1].Main || list[1].Address != "a2@example.org" {
			t.Fatalf("%+v", list)
		}
		_, code, _ := d.ask("a2@example.org")
		if code == "" || d.gets(ID(a.ID), "test.news") != true {
			t.Error("the second address signs in")
		}
		if err := d.MakeMain(d.as(b), list[1].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's address was made main: %v", err)
		}
		if err := d.RemoveAddress(d.as(b), list[1].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's address was removed: %v", err)
		}
		if err := d.MakeMain(d.as(a), list[1].ID); err != nil {
			t.Fatal(err)
		}
		told := map[string]bool{}
		for _, l := range d.sent[len(d.sent)-2:] {
			told[l.To.Address] = l.Kind == "person.security"
		}
		if !told["a@example.org"] || !told["a2@example.org"] {
			t.Errorf("both addresses are told: %v", told)
		}
		if to, _, err := d.Recipient(t.Context(), d.db, ID(a.ID), "test.news"); err != nil || to.Address != "a2@example.org" {
			t.Errorf("%+v %v", to, err)
		}
		if err := d.RemoveAddress(d.as(a), list[1].ID); err != nil {
			t.Fatal(err)
		}
		if list = d.addressesOf(a); len(list) != 1 || !list[0].Main {
			t.Fatalf("%+v", list)
		}
		if err := d.RemoveAddress(d.as(a), list[0].ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the last address was removed: %v", err)
		}
	})
}

// TestTheLastAddressStays: two browsers that each remove one of two addresses leave one.
func TestTheLastAddressStays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a := d.made("a@example.org")
		if _, err := d.add(a, "a2@example.org"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, one := range d.addressesOf(a) {
			wg.Go(func() { _ = d.RemoveAddress(d.as(a), one.ID) })
		}
		wg.Wait()
		if list := d.addressesOf(a); len(list) != 1 || !list[0].Main {
			t.Errorf("%+v", list)
		}
	})
}

func TestProfile(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.made("a@example.org")
		a, err := d.Account(t.Context(), ID(who.ID))
		if err != nil {
			t.Fatal(err)
		}
		a.Name, a.Bio, a.Photo, a.Speaks = i18n.T("山田 太郎", "Taro"), i18n.T("経路\r\n\u202e**制御**", ""), WishAsk, []string{"ja", "xx", "en"}
		a.Links = []Link{{"", ""}, {"Blog\u202e", " https://example.org/~taro "}}
		if err := d.SaveProfile(d.as(who), a); err != nil {
			t.Fatal(err)
		}
		got, err := d.Account(t.Context(), a.ID)
		if err != nil || got.Bio.JA != "経路\n**制御**" || strings.Join(got.Speaks, " ") != "ja en" || len(got.Links) != 1 || got.Links[0] != (Link{"Blog", "https://example.org/~taro"}) {
			t.Errorf("%+v %v", got, err)
		}
		list, _, err := audit.History(t.Context(), d.db, "", "person:"+who.Ref, audit.Page{})
		if err != nil || list[0].Action != "person.profile" || len(list[0].Values) < 4 {
			t.Errorf("%+v %v", list[0], err)
		}
		for _, bad := range []string{"http://example.org", "javascript:alert(1)", "https://", "https://u:p@example.org", "//example.org", "https://localhost", "https://exa mple.org", "data:text/html,x", "https:example.org"} {
			own := *got
			own.Links = []Link{{"x", bad}}
			if err := d.SaveProfile(d.as(who), &own); fault.KindOf(err) != fault.Invalid {
				t.Errorf("the link %q: %v", bad, err)
			}
		}
		for what, change := range map[string]func(*Account){
			"a long text": func(a *Account) { a.Bio.EN = strings.Repeat("x", maxBio+1) }, "a long affiliation": func(a *Account) { a.Affiliation.JA = strings.Repeat("寿", 301) },
			"a strange wish": func(a *Account) { a.Photo = "maybe" }, "six links": func(a *Account) {
				a.Links = nil
				for range 6 {
					a.Links = append(a.Links, Link{"x", "https://example.org"})
				}
			},
		} {
			own := *got
			change(&own)
			if err := d.SaveProfile(d.as(who), &own); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// drawn is a picture of one colour.
func drawn(t *testing.T, w, h int, c color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Set(i%w, i/w, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPortrait(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, b := d.made("a@example.org"), d.made("b@example.org")
		name := func(who *authz.Actor) string {
			acc, err := d.Account(t.Context(), ID(who.ID))
			if err != nil {
				t.Fatal(err)
			}
			return acc.Portrait
		}
		there := func(name string) bool {
			_, f, err := d.Portrait(t.Context(), name)
			if err == nil {
				_ = f.Close()
			}
			return err == nil
		}
		red, blue := drawn(t, 900, 300, color.RGBA{200, 0, 0, 255}), drawn(t, 10, 40, color.RGBA{0, 0, 200, 255})
		for _, who := range []*authz.Actor{a, b} {
			if err := d.SavePortrait(d.as(who), who.Ref, red, blob.Cut{X: 0.5, Y: 0, Side: 1}); err != nil {
				t.Fatal(err)
			}
		}
		first := name(a)
		if !there(first) || name(b) != first {
			t.Fatal("the same picture is one file")
		}
		if err := d.SavePortrait(d.as(a), a.Ref, blue, blob.Cut{}); err != nil || name(a) == first || !there(first) {
			t.Error("a picture that somebody else has was removed", err)
		}
		if err := d.RemovePortrait(d.as(b), b.Ref); err != nil || there(first) {
			t.Error("a picture that nobody has is still served", err)
		}
		if ok, err := d.o.Portraits.(*blob.Store).Has(blob.Name(first)); ok || err != nil {
			t.Error("a picture that nobody has is still kept", err)
		}
		for what, bad := range map[string][]byte{"text": []byte("hello"), "svg": []byte("<svg onload=alert(1)>"), "nothing": nil} {
			if err := d.SavePortrait(d.as(a), a.Ref, bad, blob.Cut{}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", what, err)
			}
		}
		if there("../../etc/passwd") || there("") {
			t.Error("a name that is none")
		}
	})
}

// box is a keeper with one thing for each person.
type box struct {
	of     map[ID]string
	refuse error
}

func (b *box) Export(_ context.Context, _ db.Reader, id ID, a *Archive) error {
	return a.Add("box", "person.profile", map[string]string{"thing": b.of[id]})
}

func (b *box) Erase(_ context.Context, tx *db.Tx, id ID) error {
	tx.OnCommit(func() { delete(b.of, id) })
	return nil
}

func (b *box) Merge(_ context.Context, tx *db.Tx, from, to ID) error {
	tx.OnCommit(func() { b.of[to] += b.of[from]; delete(b.of, from) })
	return nil
}

func (b *box) MayLeave(context.Context, db.Reader, ID) error { return b.refuse }

func TestEverythingAboutMe(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who, other := d.made("a@example.org"), d.made("b@example.org")
		d.Use(&box{of: map[ID]string{ID(who.ID): "<script>", ID(other.ID): "of somebody else"}})
		a := &Account{Ref: who.Ref, Name: i18n.T("山田", ""), Bio: i18n.T("私 & <b>", "")}
		if err := d.SaveProfile(d.as(who), a); err != nil {
			t.Fatal(err)
		}
		if err := d.SavePortrait(d.as(who), who.Ref, drawn(t, 9, 9, color.White), blob.Cut{}); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := d.Export(d.as(who), &out, i18n.JA, func(key string, _ ...any) string { return "[" + key + "]" }); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = string(b)
		}
		for name, want := range map[string]string{
			"account.json": "山田", "addresses.json": "a@example.org", "sessions.json": `"method": "link"`, "history.json": "person.signed_in", "box.json": "thing",
			"index.html": "山田", "portrait.png": "PNG",
		} {
			if !strings.Contains(files[name], want) {
				t.Errorf("%s lacks %q: %q", name, want, files[name])
			}
		}
		for name, text := range files {
			if strings.Contains(text, "b@example.org") || strings.Contains(text, "somebody else") || strings.Contains(text, "token") {
				t.Errorf("%s holds what is not theirs: %s", name, text)
			}
		}
		if strings.Contains(files["index.html"], "<script>") || strings.Contains(files["index.html"], "<b>") {
			t.Error("the page is not escaped")
		}
	})
}

func (d *desk) verify() {
	d.t.Helper()
	if _, err := audit.NewSealer(d.db, audit.Options{}).Seal(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	rep, err := audit.Verify(d.t.Context(), d.db)
	if err != nil || !rep.Whole() {
		d.t.Errorf("the chain does not verify: %+v %v", rep, err)
	}
}

// TestLeave: nothing of a person remains in any table, but for their opaque reference, and the chain verifies.
func TestLeave(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, who, v := d.keyed("leaving@example.org")
		b := &box{of: map[ID]string{ID(who.ID): "x"}, refuse: fault.New(fault.Conflict, "person.error.too_many")}
		d.Use(b)
		if err := d.SaveProfile(d.as(who), &Account{Ref: who.Ref, Name: i18n.T("去る人", "Leaving"), Links: []Link{{"leaving", "https://leaving.example"}}}); err != nil {
			t.Fatal(err)
		}
		if err := d.SavePortrait(d.as(who), who.Ref, drawn(t, 9, 9, color.Black), blob.Cut{}); err != nil {
			t.Fatal(err)
		}
		acc, err := d.Account(t.Context(), ID(who.ID))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Consent(d.as(who), d.Policy().Version); err != nil {
			t.Fatal(err)
		}
		d.verify()
		if err := d.Leave(d.as(who)); fault.KindOf(err) != fault.Conflict {
			t.Errorf("who may not leave left: %v", err)
		}
		b.refuse = nil
		if err := d.Leave(d.as(who)); err != nil {
			t.Fatal(err)
		}
		d.verify()
		if ok, _ := d.o.Portraits.(*blob.Store).Has(blob.Name(acc.Portrait)); ok || len(b.of) != 0 {
			t.Error("the portrait or what a feature kept is still there")
		}
		for _, table := range append([]string{"person_account", "audit_value"}, belongings[:]...) {
			if text := d.dump(table); strings.Contains(text, "leaving") || strings.Contains(text, "Leaving") || strings.Contains(text, "去る人") {
				t.Errorf("%s holds %s", table, text)
			}
		}
		c := d.challenge(t.Context(), toSignIn)
		if _, err := d.EnterByPasskey(t.Context(), Answer{Party: here, Ref: c.Ref, Credential: v.get(c)}, ""); err == nil {
			t.Error("the passkey of an erased account signs in")
		}
		if again := d.made("leaving@example.org"); again.ID == who.ID {
			t.Error("the address leads to the erased account")
		}
		if names, err := d.Names(t.Context(), []string{who.Ref}); err != nil || len(names) != 0 {
			t.Error(names, err)
		}
	})
}

// dump is all that a table holds.
func (d *desk) dump(table string) string {
	d.t.Helper()
	rows, err := d.db.Query(d.t.Context(), `SELECT * FROM `+table)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	var out strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			d.t.Fatal(err)
		}
		for _, v := range values {
			switch x := (*v.(*any)).(type) {
			case []byte:
				out.WriteString(string(x))
			case string:
				out.WriteString(x)
			}
			out.WriteByte(' ')
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func TestMerge(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, other, v := d.keyed("old@example.org")
		otherToken := d.signIn("old@example.org")
		own := d.made("new@example.org")
		stranger := d.made("stranger@example.org")
		b := &box{of: map[ID]string{ID(other.ID): "of old", ID(own.ID): "of new, "}}
		d.Use(b)
		for who, a := range map[*authz.Actor]*Account{
			other: {Ref: other.Ref, Name: i18n.T("山田 太郎", "Taro"), Kana: "ヤマダ タロウ", Photo: WishNo}, own: {Ref: own.Ref, Name: i18n.T("山田太郎", ""), Photo: WishAsk},
		} {
			if err := d.SaveProfile(d.as(who), a); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.ChooseLetters(d.as(other), []string{"test.other"}); err != nil {
			t.Fatal(err)
		}
		e, err := d.add(own, "old@example.org") // the address is taken: they are asked
		if err != nil || !strings.HasPrefix(e.Page, MergePath+"?proof=") {
			t.Fatalf("%+v %v", e, err)
		}
		proof := strings.TrimPrefix(e.Page, MergePath+"?proof=")
		if u, err := d.MergePreview(d.as(own), proof); err != nil || u.Account.Ref != other.Ref || len(u.Addresses) != 1 || u.Passkeys != 1 {
			t.Errorf("%+v %v", u, err)
		}
		for what, err := range map[string]error{
			"another person's proof": d.Merge(d.as(stranger), proof), "a forged proof": d.Merge(d.as(own), strings.Repeat("0", 64)), "no proof": d.Merge(d.as(own), ""),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		// The stranger's try failed as a whole, so the proof is still there for whom it was made.
		if err := d.Merge(d.as(own), proof); err != nil {
			t.Fatal(err)
		}
		if err := d.Merge(d.as(own), proof); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a second time: %v", err)
		}
		acc, err := d.Account(t.Context(), ID(own.ID))
		if err != nil || acc.Name != i18n.T("山田太郎", "Taro") || acc.Kana != "ヤマダ タロウ" || acc.Photo != WishNo {
			t.Errorf("%+v %v", acc, err)
		}
		if list := d.addressesOf(own); len(list) != 2 || list[0].Address != "new@example.org" || list[1].Main {
			t.Errorf("%+v", list)
		}
		if d.is(otherToken).SignedIn() || b.of[ID(own.ID)] != "of new, of old" {
			t.Error("the other account's session goes on, or what features keep did not move", b.of)
		}
		if d.gets(ID(own.ID), "test.news") || !d.gets(ID(own.ID), "test.other") {
			t.Error("a kind that one of the two declined is declined")
		}
		if all, err := d.Recipients(t.Context(), d.db, []ID{ID(other.ID)}, "test.other"); err != nil || all[ID(other.ID)].Address != "new@example.org" {
			t.Errorf("the old id leads to the new account: %v %v", all, err)
		}
		if names, err := d.Names(t.Context(), []string{other.Ref}); err != nil || names[other.Ref].EN != "Taro" {
			t.Errorf("the old ref leads to the new account: %v %v", names, err)
		}
		if token := d.signIn("old@example.org"); d.is(token).ID != own.ID {
			t.Error("the old address leads elsewhere")
		}
		c := d.challenge(t.Context(), toSignIn)
		if in, err := d.EnterByPasskey(t.Context(), Answer{Party: here, Ref: c.Ref, Credential: v.get(c)}, ""); err != nil || in.Account != ID(own.ID) {
			t.Errorf("the old passkey: %+v %v", in, err)
		}
		d.verify()
		if err := d.Leave(d.as(own)); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"person_account", "audit_value"} {
			if text := d.dump(table); strings.Contains(text, "Taro") || strings.Contains(text, "old@example.org") {
				t.Errorf("%s holds %s", table, text)
			}
		}
		d.verify()
	})
}

// signIn signs an address in once more.
func (d *desk) signIn(address string) string {
	d.t.Helper()
	_, _, link := d.ask(address)
	e, err := d.enter(Proof{Link: link})
	if err != nil {
		d.t.Fatal(err)
	}
	return e.Token
}

func TestConsent(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.made("a@example.org")
		if who.Agreed != "" {
			t.Error("agreed without being asked")
		}
		if err := d.Consent(d.as(who), "0123456789ab"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("another version: %v", err)
		}
		for range 2 {
			if err := d.Consent(d.as(who), d.Policy().Version); err != nil {
				t.Fatal(err)
			}
		}
		token := d.signIn("a@example.org")
		since, err := d.PolicySince(t.Context())
		if d.is(token).Agreed != d.Policy().Version || err != nil || !since.Equal(d.now) {
			t.Errorf("%v %v", since, err)
		}
		other := NewPolicy(i18n.T("変更", "changed"))
		if other.Version == d.Policy().Version || other.Version != NewPolicy(i18n.T("変更\r\n", " changed")).Version {
			t.Error("a version is that of the text")
		}
	})
}

// TestSigningInEndsWhoWasSignedIn: a browser has one session; the cookie it had before is worth nothing afterwards.
func TestSigningInEndsWhoWasSignedIn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.signIn("a@example.org")
		_, _, link := d.ask("b@example.org")
		e, err := d.Enter(d.as(d.is(old)), Proof{Link: link})
		if err != nil || e.Token == old || d.is(old).SignedIn() || !d.is(e.Token).SignedIn() {
			t.Errorf("%+v %v", e, err)
		}
	})
}

// TestACodeIsUsedUpWithItsSession: a code and the session it gives are one transaction. Where that does not happen, because the program ended
// in between, the code is as good as before and there is no session; where it does, there is no second.
func TestACodeIsUsedUpWithItsSession(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ref, code, _ := d.ask("a@example.org")
		gone := context.Canceled
		err := d.db.Write(t.Context(), func(tx *db.Tx) error {
			c, err := d.prove(t.Context(), tx, Proof{Ref: ref, Code: code})
			if err != nil {
				return err
			}
			if _, err := d.Service.enter(t.Context(), tx, c, Proof{}); err != nil {
				return err
			}
			return gone // as if the power went before the commit
		})
		var sessions int
		if err := d.db.Row(t.Context(), `SELECT count(*) FROM person_session`).Scan(&sessions); err != nil || sessions != 0 {
			t.Fatal(sessions, err)
		}
		if err == nil {
			t.Fatal("it committed")
		}
		if _, err := d.enter(Proof{Ref: ref, Code: code}); err != nil {
			t.Error("the code was lost:", err)
		}
		if _, err := d.enter(Proof{Ref: ref, Code: code}); err == nil {
			t.Error("a second session")
		}
		d.now = d.now.Add(time.Second)
	})
}
