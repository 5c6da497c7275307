package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// The invented people of the invented meeting are put together from these. None has an address, so the demo writes to none of them.
var (
	sampleFamilies = []string{"試験 シケン Shiken", "見本 ミホン Mihon", "例示 レイジ Reiji", "架空 カクウ Kaku", "仮名 カメイ Kamei", "標本 ヒョウホン Hyohon", "模範 モハン Mohan"}
	sampleGivens   = []string{"太郎 タロウ Taro", "花子 ハナコ Hanako", "ひかり ヒカリ Hikari", "つばさ ツバサ Tsubasa", "のぞみ ノゾミ Nozomi", "はやて ハヤテ Hayate", "さくら サクラ Sakura"}
	sampleOrgs     = []string{"例示通信", "見本ネットワークス", "架空大学", "サンプルIX", "仮想クラウド", "試験データセンター", "標本システムズ"}
)

// loadSampleEntries lets some invented people register at the sample meeting, once, so that its organiser has something to look at.
func (a *App) loadSampleEntries(ctx context.Context) error {
	const slug, people = "sample", 49
	ctx = authz.System(ctx, "demo")
	places, err := a.Registration.Places(ctx, slug)
	if err != nil || places["kind:general"].Taken > 0 {
		return err
	}
	setup, _, err := a.Registration.Setup(ctx, slug)
	if err != nil {
		return err
	}
	at := a.now()
	desk := a.registrationAt(func() time.Time { return at })
	kana := map[string]string{}
	pick := func(list []string, n int) string { return list[n%len(list)] }
	for i := range people {
		var family, given [3]string
		_, _ = fmt.Sscan(sampleFamilies[i%7], &family[0], &family[1], &family[2]) // they are ours, and whole
		_, _ = fmt.Sscan(sampleGivens[i/7], &given[0], &given[1], &given[2])
		in := registration.Manual{Key: fmt.Sprint("demo-", i), Kind: "general", Days: map[event.Date]registration.Mode{}, Answers: map[string][]string{
			"first-time": {pick([]string{"no", "no", "yes"}, i)}, "age": {pick([]string{"20s", "30s", "40s", "30s", "50s"}, i)}, "job": {pick([]string{"network", "server", "security", "network", "student"}, i)},
			"industry": {pick([]string{"isp", "ix", "academic", "cloud", "isp"}, i)}, "heard": {pick([]string{"list", "web", "colleague", "before"}, i)}, "photo": {pick([]string{"fine", "fine", "fine", "fine", "fine", "no"}, i)},
		}}
		in.Name, in.Kana = i18n.T(family[0]+" "+given[0], given[2]+" "+family[2]), family[1]+" "+given[1]
		kana[in.Name.JA] = in.Kana
		in.Organisation = i18n.T(sampleOrgs[i*3%7], "")
		if i%5 == 4 {
			in.Kind = "student"
		}
		for n, d := range []event.Date{"2026-12-04", "2026-12-09", "2026-12-10", "2026-12-11"} {
			switch {
			case n == 0 && i%3 == 0, n > 0 && i%4 == 3:
				in.Days[d] = registration.Online
			case n > 0 && (i+n)%6 != 0:
				in.Days[d] = registration.Onsite
			}
		}
		at = sampleMoment(setup.Opens, a.now(), float64(i)/people)
		e, err := desk.EnterFor(ctx, slug, in)
		if err != nil {
			return err
		}
		if err := chooseFor(ctx, desk, slug, e, i); err != nil {
			return err
		}
		if i%16 == 9 {
			if err := desk.DeskCancel(ctx, slug, e.Ref, registration.Reason{Why: "都合がつかなくなったため"}); err != nil {
				return err
			}
		}
	}
	return a.loadSamplePayments(ctx, slug, kana)
}

// sampleMoment is when the given part of all who register has done so: many at once when it opens, then ever fewer, as everywhere.
func sampleMoment(opens, now time.Time, part float64) time.Time {
	if now.Before(opens) {
		return now
	}
	return opens.Add(time.Duration(part * part * part * float64(now.Sub(opens))))
}

// chooseFor gives an invented person some of the options that they may have.
func chooseFor(ctx context.Context, desk *registration.Service, slug string, e *registration.Entry, i int) error {
	for _, x := range []struct {
		every        int
		option, slot string
	}{{2, "social", "a"}, {3, "noc-tour", []string{"a", "b", "c"}[i%3]}, {6, "hands-on", "a"}, {9, "parking", "b"}} {
		if i%x.every != 0 {
			continue
		}
		err := desk.GivePlace(ctx, slug, x.option, x.slot, e.Ref, "")
		if err != nil && !slices.Contains([]fault.Kind{fault.Conflict, fault.Invalid}, fault.KindOf(err)) {
			return err
		}
	}
	return nil
}

// loadSamplePayments lets most of the invented people pay by bank transfer, as a statement of their seller's bank. What the statement leaves
// open is for whoever tries the demo: payers who wrote no number, and payers who paid too little. kana is how each is read.
func (a *App) loadSamplePayments(ctx context.Context, slug string, kana map[string]string) error {
	orders, _, err := a.Bills.Orders(ctx, slug, billing.Filter{})
	if err != nil {
		return err
	}
	slices.Reverse(orders) // the oldest first
	var csv strings.Builder
	csv.WriteString("日付,お預り金額,摘要\n")
	for i, o := range orders[:len(orders)*4/5] {
		amount, payer := o.Missing(), o.Number+" "+kana[o.Payer.Name]
		switch i % 8 {
		case 3:
			payer = kana[o.Payer.Name]
		case 6:
			amount -= 440
		}
		_, _ = fmt.Fprintf(&csv, "%s,%d,%s\n", a.now().Format("2006/01/02"), amount, payer)
	}
	if _, err := a.Payments.LoadStatement(ctx, slug, sampleSeller.Key, []byte(csv.String())); err != nil {
		return err
	}
	open, err := a.Payments.Deposits(ctx, slug, billing.DepositOpen, 0)
	if err != nil {
		return err
	}
	for _, d := range open.List {
		if len(d.Suggestions) == 0 || d.Suggestions[0].Rest != 0 || !slices.Contains(d.Suggestions[0].Reasons, billing.ByNumber) {
			continue
		}
		if err := a.Payments.UseDeposit(ctx, slug, d.Ref, d.Version, d.Suggestions[0].Shares); err != nil {
			return err
		}
	}
	return nil
}
