package app

import (
	"context"
	"fmt"
	"slices"

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
		e, err := a.Registration.EnterFor(ctx, slug, in)
		if err != nil {
			return err
		}
		if err := a.chooseFor(ctx, slug, e, i); err != nil {
			return err
		}
	}
	return nil
}

// chooseFor gives an invented person some of the options that they may have.
func (a *App) chooseFor(ctx context.Context, slug string, e *registration.Entry, i int) error {
	for _, x := range []struct {
		every        int
		option, slot string
	}{{2, "social", "a"}, {3, "noc-tour", []string{"a", "b", "c"}[i%3]}, {6, "hands-on", "a"}, {9, "parking", "b"}} {
		if i%x.every != 0 {
			continue
		}
		err := a.Registration.GivePlace(ctx, slug, x.option, x.slot, e.Ref, "")
		if err != nil && !slices.Contains([]fault.Kind{fault.Conflict, fault.Invalid}, fault.KindOf(err)) {
			return err
		}
	}
	return nil
}
