package desk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// setupPart is one subject of the setup, with a page of its own: one form, or a list of things that have a form each.
type setupPart struct {
	key  string
	bind func(b *fields, c *setupContext, s *registration.Setup) // nil: it is a list
	list *setupList
}

// setupContext is what fields of the setup choose from.
type setupContext struct {
	m       *registration.Meeting
	sellers []registration.Seller
	days    []event.Date
}

// setupList is a list of things in the setup, by their place.
type setupList struct {
	size   func(s *registration.Setup) int
	key    func(s *registration.Setup, i int) string
	name   func(s *registration.Setup, i int) i18n.Text
	tags   func(f *web.Frame, s *registration.Setup, i int) []string
	add    func(s *registration.Setup)
	remove func(s *registration.Setup, i int)
	swap   func(s *registration.Setup, i, j int)
	double func(s *registration.Setup, i int)
	bind   func(b *fields, c *setupContext, s *registration.Setup, i int)
}

// at is the place of a key, or -1.
func (l *setupList) at(s *registration.Setup, key string) int {
	for i := range l.size(s) {
		if l.key(s, i) == key {
			return i
		}
	}
	return -1
}

// listOf makes the acts on a list of a setup.
func listOf[T any](of func(*registration.Setup) *[]T, key func(*T) *string, name func(*T) *i18n.Text, fresh func() T, prefix string) *setupList {
	at := func(s *registration.Setup, i int) *T { return &(*of(s))[i] }
	return &setupList{
		size:   func(s *registration.Setup) int { return len(*of(s)) },
		key:    func(s *registration.Setup, i int) string { return *key(at(s, i)) },
		name:   func(s *registration.Setup, i int) i18n.Text { return *name(at(s, i)) },
		add:    func(s *registration.Setup) { *of(s) = append(*of(s), fresh()) },
		remove: func(s *registration.Setup, i int) { *of(s) = slices.Delete(*of(s), i, i+1) },
		swap:   func(s *registration.Setup, i, j int) { l := *of(s); l[i], l[j] = l[j], l[i] },
		double: func(s *registration.Setup, i int) {
			c := *at(s, i)
			*key(&c) = freshKey(i18n.T("", *key(&c)), prefix, func(k string) bool {
				return slices.ContainsFunc(*of(s), func(x T) bool { return *key(&x) == k })
			})
			name(&c).JA += "（写し）"
			if name(&c).EN != "" {
				name(&c).EN += " (copy)"
			}
			*of(s) = slices.Insert(*of(s), i+1, c)
		},
	}
}

// setupParts are the subjects of the setup, in the order of their menu.
func setupParts() []setupPart {
	kinds := listOf(func(s *registration.Setup) *[]registration.Kind { return &s.Kinds }, func(k *registration.Kind) *string { return &k.Key }, func(k *registration.Kind) *i18n.Text { return &k.Name },
		func() registration.Kind { return registration.Kind{Modes: slices.Clone(registration.Modes)} }, "kind")
	kinds.bind, kinds.tags = bindKind, kindTags
	options := listOf(func(s *registration.Setup) *[]registration.Option { return &s.Options }, func(o *registration.Option) *string { return &o.Key }, func(o *registration.Option) *i18n.Text { return &o.Name },
		func() registration.Option {
			return registration.Option{Kind: registration.Other, Rule: registration.FirstCome}
		}, "option")
	options.bind, options.tags = bindOption, optionTags
	questions := listOf(func(s *registration.Setup) *[]registration.Question { return &s.Questions }, func(q *registration.Question) *string { return &q.Key }, func(q *registration.Question) *i18n.Text { return &q.Label },
		func() registration.Question { return registration.Question{Type: registration.One} }, "question")
	questions.bind, questions.tags = bindQuestion, questionTags
	consents := listOf(func(s *registration.Setup) *[]registration.Consent { return &s.Consents }, func(c *registration.Consent) *string { return &c.Key }, func(c *registration.Consent) *i18n.Text { return &c.Text },
		func() registration.Consent { return registration.Consent{Required: true} }, "consent")
	consents.bind, consents.tags = bindConsent, consentTags
	return []setupPart{
		{"phases", bindPhases, nil}, {"kinds", nil, kinds}, {"days", bindDays, nil}, {"options", nil, options}, {"questions", nil, questions},
		{"consents", nil, consents}, {"refunds", bindRefunds, nil}, {"texts", bindTexts, nil},
	}
}

func bindPhases(b *fields, _ *setupContext, s *registration.Setup) {
	b.moment("opens", &s.Opens, "")
	b.moment("closes", &s.Closes, "closes")
	b.moment("change_until", &s.ChangeUntil, "change_until")
	b.moment("cancel_until", &s.CancelUntil, "cancel_until")
	b.moment("handover_until", &s.HandoverUntil, "handover_until")
	b.number("prove_hours", &s.ProveHours, 24*90, "prove_hours")
	b.number("accept_hours", &s.AcceptHours, 24*90, "accept_hours")
	b.number("pay_days", &s.PayDays, 365, "pay_days")
	b.number("groups", &s.Groups, 200, "groups")
	b.number("per_minute", &s.PerMinute, 1_000_000, "per_minute")
	b.moment("list_opens", &s.ListOpens, "list_opens")
	b.moment("list_closes", &s.ListCloses, "")
}

func bindTexts(b *fields, _ *setupContext, s *registration.Setup) {
	b.long("intro", &s.Intro, "markdown")
	b.long("contact", &s.Contact, "contact")
	b.tick("remaining", &s.Remaining, "")
	b.tick("concerned", &s.Concerned, "concerned")
	b.line("last_meeting", &s.LastMeeting, 60, "last_meeting")
}

func bindDays(b *fields, c *setupContext, s *registration.Setup) {
	next := []registration.DayPlan{}
	for _, d := range c.days {
		plan := registration.DayPlan{Date: d}
		if i := slices.IndexFunc(s.Bounds, func(x registration.DayPlan) bool { return x.Date == d }); i >= 0 {
			plan = s.Bounds[i]
		}
		n := len(b.list)
		b.number("day"+strings.ReplaceAll(string(d), "-", ""), &plan.Capacity, 1_000_000, "")
		b.list[n].Label = b.f.T("registration.field.day", "day", b.f.ShortDay(d.Time(b.loc)))
		if plan.Capacity > 0 {
			next = append(next, plan)
		}
	}
	if b.form != nil {
		s.Bounds = next
	}
}

func bindRefunds(b *fields, _ *setupContext, s *registration.Setup) {
	editRows(b, "refunds", &s.Refunds, 2, func(b *fields, x *registration.Refund) {
		b.moment("until", &x.Until, "")
		b.number("fee", &x.Fee, 100, "")
	}, func(x *registration.Refund) bool { return x.Until.IsZero() && x.Fee == 0 }, "refunds")
	if b.form != nil {
		slices.SortStableFunc(s.Refunds, func(x, y registration.Refund) int {
			return byUntil(x.Until.IsZero(), y.Until.IsZero(), x.Until.Compare(y.Until))
		})
	}
}

// byUntil puts what has no end last.
func byUntil(a, b bool, by int) int {
	switch {
	case a && !b:
		return 1
	case b && !a:
		return -1
	}
	return by
}

func words(f *web.Frame, prefix string, list ...string) []web.Choice {
	var out []web.Choice
	for _, v := range list {
		w := f.T(prefix + v)
		out = append(out, web.Choice{Value: v, Name: i18n.T(w, w)})
	}
	return out
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// kindChoices are the kinds of a setup to choose from.
func kindChoices(s *registration.Setup) []web.Choice {
	var out []web.Choice
	for _, k := range s.Kinds {
		out = append(out, web.Choice{Value: k.Key, Name: k.Name})
	}
	return out
}

func bindKind(b *fields, c *setupContext, s *registration.Setup, i int) {
	k := &s.Kinds[i]
	b.both("name", &k.Name, "")
	bindKey(b, &k.Key, k.Name, "kind", func(key string) bool { return s.Kind(key) != nil })
	b.long("about", &k.About, "about")
	many(b, "modes", &k.Modes, words(b.f, "registration.mode.", strs(registration.Modes)...), "modes")
	b.number("capacity", &k.Capacity, 1_000_000, "capacity")
	b.tick("waiting", &k.Waiting, "")
	b.tick("all_days", &k.AllDays, "")
	b.under("price")
	bindPriced(b, c, &k.Priced)
	b.under("more")
	b.tick("by_code", &k.ByCode, "by_code")
	b.tick("kind_concerned", &k.Concerned, "")
	b.tick("closed", &k.Closed, "closed")
}

// bindKey is the key of something: given once, since entries name it.
func bindKey(b *fields, key *string, name i18n.Text, fallback string, taken func(string) bool) {
	if *key != "" {
		b.add(field{Name: "key", Type: "fixed", Value: *key, Hint: "key"})
		return
	}
	b.line("key", key, 40, "key_new")
	if b.form != nil && *key == "" && !name.IsZero() {
		*key = freshKey(name, fallback, taken)
	}
}

func bindPriced(b *fields, c *setupContext, p *registration.Priced) {
	editRows(b, "prices", &p.Prices, 2, func(b *fields, x *registration.Price) {
		n := int(x.Yen)
		zero := x.Yen == 0 && !x.Until.IsZero()
		b.moment("until", &x.Until, "")
		b.number("yen", &n, 10_000_000, "")
		if zero && b.form == nil {
			b.list[len(b.list)-1].Value = "0"
		}
		x.Yen = int64(n)
	}, func(x *registration.Price) bool { return x.Until.IsZero() && x.Yen == 0 }, "prices")
	if b.form != nil {
		slices.SortStableFunc(p.Prices, func(x, y registration.Price) int {
			return byUntil(x.Until.IsZero(), y.Until.IsZero(), x.Until.Compare(y.Until))
		})
	}
	if len(c.sellers) == 0 {
		return
	}
	sellers := []web.Choice{{Value: "", Name: i18n.T("–", "–")}}
	for _, x := range c.sellers {
		sellers = append(sellers, web.Choice{Value: x.Key, Name: x.Name})
	}
	choose(b, "seller", &p.Seller, sellers, "seller")
	rate := strconv.Itoa(p.Rate)
	if len(p.Prices) == 0 && b.form == nil {
		rate = "10" // what most things for sale have
	}
	choose(b, "rate", &rate, []web.Choice{{Value: "10", Name: i18n.T("10%", "10%")}, {Value: "8", Name: i18n.T("8%", "8%")}, {Value: "0", Name: i18n.T("0%・対象外", "0 % or none")}}, "rate")
	if b.form != nil {
		p.Rate, _ = strconv.Atoi(rate) // one of the three
	}
}

func kindTags(f *web.Frame, s *registration.Setup, i int) []string {
	k := &s.Kinds[i]
	out := []string{k.Key}
	for _, m := range k.Modes {
		out = append(out, f.T("registration.mode."+string(m)))
	}
	if k.Capacity > 0 {
		out = append(out, f.T("registration.tag.capacity", "n", k.Capacity))
	}
	return append(out, flags(f, [][2]any{{k.Waiting, "waiting"}, {k.ByCode, "by_code"}, {k.Closed, "closed"}, {!k.Free(), "priced"}})...)
}

// flags are the words of what is so.
func flags(f *web.Frame, list [][2]any) []string {
	var out []string
	for _, x := range list {
		if x[0].(bool) {
			out = append(out, f.T("registration.tag."+x[1].(string)))
		}
	}
	return out
}

func bindOption(b *fields, c *setupContext, s *registration.Setup, i int) {
	o := &s.Options[i]
	b.both("name", &o.Name, "")
	bindKey(b, &o.Key, o.Name, "option", func(key string) bool { return s.Option(key) != nil })
	choose(b, "option_kind", &o.Kind, words(b.f, "registration.option_kind.", strs(registration.OptionKinds)...), "")
	b.long("about", &o.About, "")
	bindSlots(b, o)
	b.under("price")
	bindPriced(b, c, &o.Priced)
	b.under("seats")
	choose(b, "rule", &o.Rule, words(b.f, "registration.rule_of.", string(registration.FirstCome), string(registration.Lottery)), "rule")
	b.tick("waiting", &o.Waiting, "")
	b.moment("option_opens", &o.Opens, "option_opens")
	b.moment("option_closes", &o.Closes, "option_closes")
	b.moment("draw_at", &o.DrawAt, "draw_at")
	b.number("lost_weight", &o.LostWeight, 100, "lost_weight")
	b.line("lost_at", &o.LostAt, 60, "")
	b.moment("option_cancel_until", &o.CancelUntil, "")
	b.moment("release_at", &o.ReleaseAt, "release_at")
	b.number("accept_hours", &o.AcceptHours, 24*90, "accept_hours")
	b.under("who")
	many(b, "for_kinds", &o.Kinds, kindChoices(s), "for_kinds")
	days := []web.Choice{{Value: "", Name: i18n.T(b.f.T("registration.any_day"), b.f.T("registration.any_day"))}}
	for _, d := range c.days {
		w := b.f.ShortDay(d.Time(b.loc))
		days = append(days, web.Choice{Value: string(d), Name: i18n.T(w, w)})
	}
	choose(b, "only_day", &o.Day, days, "only_day")
	bindIf(b, s, len(s.Questions), &o.If)
	b.both("declares", &o.Declares, "declares")
	b.under("more")
	b.number("companions", &o.Companions, 20, "companions")
	b.tick("several", &o.Several, "")
	b.tick("clashes", &o.Clashes, "")
	b.tick("option_concerned", &o.Concerned, "")
	b.line("session", &o.Session, 80, "session")
}

func bindSlots(b *fields, o *registration.Option) {
	editRows(b, "slots", &o.Slots, 1, func(b *fields, x *registration.Slot) {
		b.hidden("key", &x.Key)
		b.both("slot_name", &x.Name, "")
		b.moment("starts", &x.Starts, "")
		b.moment("ends", &x.Ends, "")
		b.both("place_name", &x.Place, "")
		b.number("capacity", &x.Capacity, 1_000_000, "")
	}, func(x *registration.Slot) bool {
		return x.Key == "" && x.Name.IsZero() && x.Starts.IsZero() && x.Ends.IsZero() && x.Place.IsZero() && x.Capacity == 0
	}, "slots")
	for i := range o.Slots {
		if o.Slots[i].Key == "" {
			o.Slots[i].Key = freshKey(i18n.T("", string(rune('a'+i%26))), "a", func(k string) bool { return o.Slot(k) != nil })
		}
	}
}

// bindIf is a condition on the answer to one of the first n questions.
func bindIf(b *fields, s *registration.Setup, n int, c **registration.If) {
	var list []web.Choice
	for _, q := range s.Questions[:n] {
		name := func(w i18n.Text) i18n.Text {
			return i18n.T(q.Label.In(i18n.JA)+"："+w.In(i18n.JA), q.Label.In(i18n.EN)+": "+w.In(i18n.EN))
		}
		for _, a := range q.Choices {
			list = append(list, web.Choice{Value: q.Key + ":" + a.Key, Name: name(a.Name)})
		}
		if q.Type == registration.YesNo {
			for _, v := range []string{"yes", "no"} {
				list = append(list, web.Choice{Value: q.Key + ":" + v, Name: name(q.InWords(v))})
			}
		}
	}
	var given []string
	if *c != nil {
		for _, v := range (*c).Values {
			given = append(given, (*c).Question+":"+v)
		}
	}
	at := len(b.list)
	many(b, "if", &given, list, "if")
	if b.form == nil {
		return
	}
	*c = nil
	for _, g := range given {
		q, v, _ := strings.Cut(g, ":")
		switch {
		case *c == nil:
			*c = &registration.If{Question: q}
		case (*c).Question != q:
			b.list[at].Error = b.wrong("if", invalid("registration.error.if_one"))
			return
		}
		(*c).Values = append((*c).Values, v)
	}
}

func optionTags(f *web.Frame, s *registration.Setup, i int) []string {
	o := &s.Options[i]
	places, bounded := 0, true
	for _, x := range o.Slots {
		places, bounded = places+x.Capacity, bounded && x.Capacity > 0
	}
	out := []string{o.Key, f.T("registration.option_kind." + string(o.Kind)), f.T("registration.tag.slots", "n", len(o.Slots))}
	if bounded && places > 0 {
		out = append(out, f.T("registration.tag.capacity", "n", places))
	}
	return append(out, flags(f, [][2]any{{o.Rule == registration.Lottery, "lottery"}, {o.Waiting, "waiting"}, {!o.Free(), "priced"}, {o.Concerned, "desk_only"}})...)
}

func bindQuestion(b *fields, _ *setupContext, s *registration.Setup, i int) {
	q := &s.Questions[i]
	b.both("label", &q.Label, "")
	bindKey(b, &q.Key, q.Label, "question", func(key string) bool { return s.Question(key) != nil })
	choose(b, "type", &q.Type, words(b.f, "registration.type.", strs(registration.QuestionTypes)...), "")
	b.both("hint", &q.Hint, "")
	b.tick("required", &q.Required, "")
	editRows(b, "choices", &q.Choices, 3, func(b *fields, x *registration.Choice) {
		b.hidden("key", &x.Key)
		b.both("choice_name", &x.Name, "")
	}, func(x *registration.Choice) bool { return x.Name.IsZero() }, "choices")
	for j := range q.Choices {
		if x := &q.Choices[j]; x.Key == "" {
			x.Key = freshKey(x.Name, "c"+strconv.Itoa(j+1), func(k string) bool {
				return slices.ContainsFunc(q.Choices, func(o registration.Choice) bool { return o.Key == k })
			})
		}
	}
	if b.form != nil && q.Type != registration.One && q.Type != registration.Many {
		q.Choices = nil
	}
	b.under("asked")
	many(b, "for_kinds", &q.Kinds, kindChoices(s), "ask_kinds")
	bindIf(b, s, i, &q.If)
	b.under("")
	choose(b, "class", &q.Class, []web.Choice{
		{Value: "", Name: both2(b.f, "registration.class.plain")}, {Value: string(registration.Personal), Name: both2(b.f, "registration.class.personal")},
		{Value: string(registration.Sensitive), Name: both2(b.f, "registration.class.sensitive")},
	}, "class")
	b.number("keep_days", &q.KeepDays, 3650, "keep_days")
}

// both2 is a word of the page's language, as a choice wants it.
func both2(f *web.Frame, key string) i18n.Text {
	w := f.T(key)
	return i18n.T(w, w)
}

func questionTags(f *web.Frame, s *registration.Setup, i int) []string {
	q := &s.Questions[i]
	out := []string{q.Key, f.T("registration.type." + string(q.Type))}
	return append(out, flags(f, [][2]any{{q.Required, "required"}, {q.If != nil || len(q.Kinds) > 0, "conditional"}, {q.Class == registration.Sensitive, "sensitive"}, {q.Class == registration.Personal, "personal"}, {q.KeepDays > 0, "erased"}})...)
}

func bindConsent(b *fields, _ *setupContext, s *registration.Setup, i int) {
	c := &s.Consents[i]
	b.long("text", &c.Text, "markdown")
	bindKey(b, &c.Key, c.Text, "consent", func(key string) bool {
		return slices.ContainsFunc(s.Consents, func(x registration.Consent) bool { return x.Key == key })
	})
	b.tick("consent_required", &c.Required, "")
}

func consentTags(f *web.Frame, s *registration.Setup, i int) []string {
	return append([]string{s.Consents[i].Key}, flags(f, [][2]any{{s.Consents[i].Required, "required"}})...)
}
