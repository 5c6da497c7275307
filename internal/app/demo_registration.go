package app

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// sampleSeller is the invented body that sells at the invented sample meeting. It has no registration number, since every valid one could be
// somebody's.
var sampleSeller = billing.Seller{
	Key: "group", Name: i18n.T("サンプルミーティング実行委員会", "Sample Meeting Committee"), Postcode: "000-0000",
	Street: i18n.T("例示県例示市例示町1-2-3", "1-2-3 Reiji-cho, Reiji City"), Contact: "money@example.jp", Bank: "例示銀行", Branch: "例示支店", AccountKind: billing.Ordinary,
	Account: "0000000", Holder: "サンプルミーティング", Rounding: billing.Floor, YearMonth: 4, Prefix: "S", Follow: billing.FollowIssue, Later: billing.LaterAsk,
}

// sampleSetup is the invented registration of the sample meeting. Every sort of option is in it.
func sampleSetup(m *event.Stored) *registration.Setup {
	loc := m.Location()
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, loc)
	}
	ready := registration.Ready()
	slots := func(capacity int, place i18n.Text, list ...[2]time.Time) []registration.Slot {
		var out []registration.Slot
		for i, x := range list {
			out = append(out, registration.Slot{
				Key: string(rune('a' + i)), Name: i18n.T("第"+string(rune('1'+i))+"回", "Round "+string(rune('1'+i))), Starts: x[0], Ends: x[1], Place: place, Capacity: capacity,
			})
		}
		return out
	}
	yen := func(p ...registration.Price) registration.Priced {
		return registration.Priced{Prices: p, Rate: 10, Seller: sampleSeller.Key}
	}
	hall := i18n.T("3階 ロビー", "Foyer, 3F")
	return &registration.Setup{
		Open: true, Opens: at(10, 1, 13, 0), Closes: at(12, 8, 18, 0), ChangeUntil: at(12, 10, 23, 59), CancelUntil: at(12, 11, 12, 0),
		Intro:     i18n.T("現地とオンラインを、日ごとに選べます。登録の後も、ここからいつでも変えられます。", "Choose on site or online for each day. You can change it here at any time."),
		Remaining: true, Concerned: true, Groups: 20, AcceptHours: 48,
		Refunds: []registration.Refund{{Until: at(12, 1, 0, 0), Fee: 0}, {Until: at(12, 9, 0, 0), Fee: 50}, {Fee: 100}},
		Kinds: []registration.Kind{
			{Key: "general", Name: i18n.T("一般", "General"), Modes: registration.Modes, Capacity: 600, Waiting: true},
			{Key: "student", Name: i18n.T("学生", "Student"), About: i18n.T("受付で学生証をお見せください。", "Please show your student card at the desk."), Modes: registration.Modes, Capacity: 100, Waiting: true},
			{Key: "sponsor", Name: i18n.T("協賛", "Sponsor"), Modes: registration.Modes, ByCode: true, Concerned: true},
			{Key: "speaker", Name: i18n.T("登壇者", "Speaker"), Modes: registration.Modes, ByCode: true, Concerned: true},
			{Key: "staff", Name: i18n.T("スタッフ", "Staff"), Modes: registration.Modes, ByCode: true, Concerned: true},
		},
		Bounds: []registration.DayPlan{{Date: "2026-12-09", Capacity: 500}, {Date: "2026-12-10", Capacity: 500}, {Date: "2026-12-11", Capacity: 500}},
		Options: []registration.Option{
			{Key: "social", Kind: registration.Social, Name: i18n.T("懇親会", "Social"), Rule: registration.FirstCome, Waiting: true, Companions: 1, Day: "2026-12-10",
				CancelUntil: at(12, 10, 12, 0), Priced: yen(registration.Price{Until: at(12, 1, 0, 0), Yen: 5500}, registration.Price{Yen: 6600}),
				Slots: []registration.Slot{{Key: "a", Starts: at(12, 10, 18, 30), Ends: at(12, 10, 20, 30), Place: i18n.T("見本プラザ 1階", "Mihon Plaza, 1F"), Capacity: 80}}},
			{Key: "noc-tour", Kind: registration.Tour, Name: i18n.T("NOCツアー", "NOC tour"), Rule: registration.FirstCome, Waiting: true,
				Slots: slots(30, hall, [2]time.Time{at(12, 10, 14, 0), at(12, 10, 15, 15)}, [2]time.Time{at(12, 10, 14, 45), at(12, 10, 16, 0)}, [2]time.Time{at(12, 10, 15, 30), at(12, 10, 16, 45)})},
			{Key: "booth-tour", Kind: registration.Tour, Name: i18n.T("展示ブースツアー", "Booth tour"), Rule: registration.Lottery, Closes: at(12, 7, 18, 0), DrawAt: at(12, 7, 19, 0), Waiting: true,
				Slots: slots(10, hall, [2]time.Time{at(12, 9, 17, 0), at(12, 9, 18, 0)}, [2]time.Time{at(12, 10, 10, 0), at(12, 10, 11, 0)}, [2]time.Time{at(12, 10, 16, 30), at(12, 10, 17, 30)},
					[2]time.Time{at(12, 11, 10, 0), at(12, 11, 11, 0)}, [2]time.Time{at(12, 11, 14, 0), at(12, 11, 15, 0)})},
			{Key: "first-lunch", Kind: registration.Lunch, Name: i18n.T("はじめてのランチ", "Lunch for first-timers"), Rule: registration.FirstCome, Waiting: true, Day: "2026-12-09",
				If:    &registration.If{Question: "first-time", Values: []string{"yes"}},
				Slots: []registration.Slot{{Key: "a", Starts: at(12, 9, 12, 0), Ends: at(12, 9, 13, 0), Place: hall, Capacity: 36}}},
			{Key: "tea", Kind: registration.Lunch, Name: i18n.T("お茶会（女性限定）", "Tea (women only)"), Rule: registration.FirstCome, Day: "2026-12-11",
				Declares: i18n.T("女性限定の企画です。私は対象です。", "This is for women. I am one."),
				Slots:    []registration.Slot{{Key: "a", Starts: at(12, 11, 12, 30), Ends: at(12, 11, 13, 20), Place: hall, Capacity: 40}}},
			{Key: "hands-on", Kind: registration.HandsOn, Name: i18n.T("経路制御ハンズオン", "Routing hands-on"), Rule: registration.FirstCome, Waiting: true, Day: "2026-12-11",
				Priced: yen(registration.Price{Yen: 3300}),
				Slots:  []registration.Slot{{Key: "a", Starts: at(12, 11, 13, 30), Ends: at(12, 11, 16, 30), Place: i18n.T("会議室B", "Room B"), Capacity: 24}}},
			{Key: "parking", Kind: registration.Parking, Name: i18n.T("駐車場", "Parking"), Rule: registration.FirstCome, Several: true, Clashes: true,
				Slots: slots(20, i18n.T("例示国際会議場", "Reiji Convention Centre"), [2]time.Time{at(12, 9, 8, 0), at(12, 9, 20, 0)}, [2]time.Time{at(12, 10, 8, 0), at(12, 10, 22, 0)}, [2]time.Time{at(12, 11, 8, 0), at(12, 11, 20, 0)})},
		},
		Questions: ready,
		Consents:  []registration.Consent{{Key: "conduct", Text: i18n.T("行動規範を守ります。", "I follow the code of conduct."), Required: true}},
	}
}

// loadSampleRegistration opens the registration of the sample meeting, once.
func (a *App) loadSampleRegistration(ctx context.Context) error {
	const slug = "sample"
	ctx = authz.System(ctx, "demo")
	m, err := a.Events.Meeting(ctx, slug)
	if err != nil {
		return err
	}
	now, version, err := a.Registration.Setup(ctx, slug)
	if err != nil || len(now.Kinds) > 0 {
		return err
	}
	if err := a.DB.Write(ctx, func(tx *db.Tx) error { return a.Bills.SaveSeller(ctx, tx, slug, sampleSeller, true) }); err != nil {
		return err
	}
	if err := a.Registration.SaveSetup(ctx, slug, sampleSetup(m), version); err != nil {
		return err
	}
	for _, x := range sampleStreams(m) {
		if err := a.Registration.SaveStream(ctx, slug, &x); err != nil {
			return err
		}
	}
	return a.loadSampleGroup(ctx, slug)
}

// loadSampleGroup makes a code for an invented sponsor, and an invented group that its owner goes on with by the letter.
func (a *App) loadSampleGroup(ctx context.Context, slug string) error {
	code := registration.Code{Sort: registration.QuotaCode, Name: "例示ネットワークス", Kind: "sponsor", Uses: 10, Address: "sponsor@example.jp", Lang: i18n.JA}
	if _, err := a.Registration.MakeCodes(ctx, slug, code, 1, nil); err != nil {
		return err
	}
	_, err := a.Registration.MakeGroup(ctx, slug, registration.Details{
		Name: i18n.T("例示 花子", "Hanako Reiji"), Organisation: i18n.T("例示ネットワークス", "Reiji Networks"), Department: "総務部", Address: "group@example.jp", Lang: i18n.JA,
	})
	if fault.KindOf(err) == fault.Conflict {
		err = nil // registration is not open at the time that the program was told
	}
	return err
}

// sampleStreams are the invented streams of the sample meeting: what is shown on each of its days.
func sampleStreams(m *event.Stored) []registration.Stream {
	var out []registration.Stream
	for _, d := range m.Days() {
		room := "hall"
		if p := m.PartOf(d); p != nil && !p.Onsite {
			room = "online"
		}
		out = append(out, registration.Stream{
			Day: d, Room: room, URL: "https://video.example.jp/sample/" + string(d), Passcode: "sample",
			Notes: i18n.T("質問はチャットでお寄せください。", "Please ask your questions in the chat."),
		})
	}
	return out
}
