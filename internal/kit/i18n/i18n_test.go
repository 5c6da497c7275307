package i18n

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

func TestTextFallsBackAndSaysSo(t *testing.T) {
	both, ja, en := T("会場", "Room"), Only(JA, "会場"), Only(EN, "Room")
	for _, x := range []struct {
		t    Text
		l    Lang
		want string
		in   Lang
	}{{both, JA, "会場", JA}, {both, EN, "Room", EN}, {ja, EN, "会場", JA}, {en, JA, "Room", EN}, {Text{}, EN, "", EN}} {
		if got := x.t.In(x.l); got != x.want || x.t.LangFor(x.l) != x.in {
			t.Errorf("%v in %s: %q, %s", x.t, x.l, got, x.t.LangFor(x.l))
		}
	}
}

func TestCompose(t *testing.T) {
	for in, want := range map[string]string{
		"カ\u3099 e\u0301": "ガ é", "\ufa10\ufa19か\u3099": "\ufa10\ufa19が", "か\u3099\U0002f81a": "が\U0002f81a", "髙﨑": "髙﨑", "葛\U000e0101": "葛\U000e0101", "": "",
	} {
		if got := Compose(in); got != want {
			t.Errorf("%+q becomes %+q, want %+q", in, got, want)
		}
	}
}

func TestTextRoundTripsThroughYAML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := T(rapid.String().Draw(t, "ja"), rapid.String().Draw(t, "en"))
		if strings.ContainsFunc(want.JA+want.EN, func(r rune) bool {
			return r < ' ' || r == 0x7f || r == 0xfffd || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff
		}) {
			return // YAML cannot hold them as they are; the decoders take them out before
		}
		b, err := yaml.Marshal(map[string]Text{"t": want})
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]Text
		if err := yaml.Unmarshal(b, &got); err != nil || got["t"] != want {
			t.Fatalf("%q became %q: %v\n%s", want, got["t"], err, b)
		}
	})
}

func TestTextRefusesWhatIsNoText(t *testing.T) {
	for _, src := range []string{"[a]", "{fr: a}", "{ja: [a]}", "{ja: {en: a}}"} {
		var got Text
		if err := yaml.Unmarshal([]byte(src), &got); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s gives %v, %v", src, got, err)
		}
	}
}

func TestWordsKnowPluralsAndBilingualArguments(t *testing.T) {
	w, err := NewWords(fstest.MapFS{
		"lang/ja.json": {Data: []byte(`{"n":{"other":"{{.n}}件"},"in":"{{.m}}の中"}`)},
		"lang/en.json": {Data: []byte(`{"n":{"one":"{{.n}} thing","other":"{{.n}} things"},"in":"in {{.m}}"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		w.Say(JA, "n", "n", 1): "1件", w.Say(EN, "n", "n", 1): "1 thing", w.Say(EN, "n", "n", 0): "0 things",
		w.Say(EN, "in", "m", T("会場", "a room")): "in a room", w.Say(JA, "in", "m", Only(EN, "x")): "xの中", w.Say(EN, "none"): "[none]",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	twice := fstest.MapFS{"lang/ja.json": {Data: []byte(`{"a":"b"}`)}, "lang/en.json": {Data: []byte(`{"a":"b"}`)}}
	if _, err := NewWords(twice, twice); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Error(err)
	}
	if _, err := NewWords(fstest.MapFS{"lang/ja.json": {Data: []byte(`{`)}}); err == nil {
		t.Error("broken words were taken")
	}
}

func TestDates(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, x := range []struct{ from, to, ja, en string }{
		{"2026-02-11", "2026-02-13", "2026年2月11日（水） – 13日（金）", "11 – 13 February 2026"},
		{"2026-02-11", "2026-02-11", "2026年2月11日（水）", "Wed 11 February 2026"},
		{"2025-07-30", "2025-08-01", "2025年7月30日（水） – 8月1日（金）", "30 July – 1 August 2025"},
		{"2025-12-31", "2026-01-01", "2025年12月31日（水） – 2026年1月1日（木）", "31 December 2025 – 1 January 2026"},
	} {
		if ja, en := Days(JA, day(x.from), day(x.to)), Days(EN, day(x.from), day(x.to)); ja != x.ja || en != x.en {
			t.Errorf("%q, %q", ja, en)
		}
	}
	jst := time.Date(2026, 2, 11, 22, 31, 0, 0, time.FixedZone("JST", 9*3600))
	for got, want := range map[string]string{
		Moment(JA, jst): "2026年2月11日（水）22:31", Moment(EN, jst): "Wed 11 February 2026, 22:31", Zone(JA, jst): "日本時間（UTC+9）", Zone(EN, jst): "JST (UTC+9)",
		Zone(EN, jst.In(time.FixedZone("+0545", 5*3600+45*60))): "UTC+5:45", Zone(JA, jst.UTC()): "UTC", Zone(EN, jst.In(time.FixedZone("NST", -3*3600-1800))): "NST (UTC−3:30)",
		Month(JA, jst): "2026年2月", Month(EN, jst): "February 2026",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999: "999", 1000: "1,000", 2833: "2,833", 1234567: "1,234,567", 96.7: "96.7", -1143: "-1,143", 0.5: "0.5", 100: "100"} {
		if got := Number(v); got != want {
			t.Errorf("%v: %s", v, got)
		}
	}
}

func TestParseLang(t *testing.T) {
	for s, want := range map[string]Lang{"ja": JA, "EN-GB": EN, " en ": EN, "ja_JP": "", "fr": "", "": ""} {
		if l, ok := ParseLang(s); l != want || ok != (want != "") {
			t.Errorf("%q: %s %v", s, l, ok)
		}
	}
}
