package interchange

import (
	"slices"
	"strings"
	"testing"
)

func TestLinkKinds(t *testing.T) {
	for want, words := range map[LinkKind][]string{
		LinkWeb: {"", "web", "related", "Website", "text/html"}, LinkSlides: {"slides", "Presentation", "deck", "material", "materials", "application/pdf", "資料"},
		LinkVideo: {"video", "archive", "YouTube", "vod", "recording", "media", "video/mp4", "録画"}, LinkStream: {"stream", "live"},
		LinkPhoto: {"photos"}, LinkSNS: {"hashtag"}, LinkOther: {"other"},
	} {
		for _, w := range words {
			if got, ok := linkKindOf(w); got != want || !ok {
				t.Errorf("%q is %q, %v; want %q", w, got, ok, want)
			}
		}
	}
}

// TestUnknownLinksAreKeptBack: nobody knows what a link of an unknown kind shows, so it is public only where the policy refuses nothing; the
// file's format makes no difference, and whoever imports it is told.
func TestUnknownLinksAreKeptBack(t *testing.T) {
	yaml := "tsudoi: 1\nmeeting: {slug: a, title: A}\nsessions:\n" +
		"  - {code: S1, title: S, policy: {record: no}, links: [{kind: rewatch, url: \"https://example.jp/secret\"}, {kind: vidoe, url: \"https://example.jp/secret2\"}]}\n" +
		"  - {code: S2, title: S, links: [{kind: rewatch, url: \"https://example.jp/open\"}]}\n"
	xml := `<schedule><conference><title>A</title><time_zone_name>Asia/Tokyo</time_zone_name></conference><day date="2026-02-11"><room name="R">` +
		`<event id="1"><date>2026-02-11T10:00:00+09:00</date><title>S</title><recording><optout>true</optout></recording>` +
		`<links><link type="rewatch" href="https://example.jp/secret">x</link></links></event>` +
		`<event id="2"><date>2026-02-11T11:00:00+09:00</date><title>T</title><links><link type="rewatch" href="https://example.jp/open">x</link></links></event></room></day></schedule>`
	json := `{"schedule":{"conference":{"title":"A","time_zone_name":"Asia/Tokyo","days":[{"date":"2026-02-11","rooms":{"R":[` +
		`{"id":1,"date":"2026-02-11T10:00:00+09:00","title":"S","do_not_record":true,"links":[{"type":"rewatch","url":"https://example.jp/secret"}]},` +
		`{"id":2,"date":"2026-02-11T11:00:00+09:00","title":"T","links":[{"type":"rewatch","url":"https://example.jp/open"}]}]}}]}}}`
	for name, text := range map[string]string{"a.yaml": yaml, "a.xml": xml, "a.json": json} {
		d, problems := decodeOne(t, name, text, Options{})
		if n := len(slices.DeleteFunc(problems, func(p string) bool { return !strings.Contains(p, `unknown kind of link "`) })); n < 2 {
			t.Errorf("%s: %d lines about links", name, n)
		}
		out, err := EncodeYAML(d.Public(today))
		if err != nil {
			t.Fatal(err)
		}
		if s := string(out); strings.Contains(s, "secret") || !strings.Contains(s, "https://example.jp/open") || !strings.Contains(s, "kind: other") {
			t.Errorf("%s: the public sees\n%s", name, s)
		}
	}
}

// TestAddressesAndPictures: what no page may lead to or show is left out, in one line, and the rest of the file is read.
func TestAddressesAndPictures(t *testing.T) {
	head := "tsudoi: 1\ngroup: {name: G, logo: %0}\n---\nmeeting: {slug: a, title: A, logo: %1, key_visual: %2, organisations: [{role: sponsor, name: O, logo: %3, url: %4}]}\n" +
		"speakers: [{key: s, name: S, photo: %5, links: [{url: %6}]}]\nsessions: [{title: X, links: [{url: %7}], parts: [{title: P, links: [{url: %8}]}]}]\n"
	for _, c := range []struct {
		fields, value, want string
	}{
		{"01235", "https://example.jp/a.png", "; dropped"},
		{"01235", "x/https://example.jp/a.png", "; dropped"},
		{"01235", "//example.jp/a.png", "; dropped"},
		{"4678", "https://user:secret@evil.example/", "the address carries a user name; dropped"},
		{"4678", "http://user@evil.example/", "the address carries a user name; dropped"},
	} {
		for i := range "012345678" {
			if !strings.Contains(c.fields, string(rune('0'+i))) {
				continue
			}
			text := head
			for j := range "012345678" {
				value := "a.png"
				switch {
				case i == j:
					value = c.value
				case strings.Contains("4678", string(rune('0'+j))):
					value = "https://example.jp/"
				}
				text = strings.ReplaceAll(text, "%"+string(rune('0'+j)), `"`+value+`"`)
			}
			docs, problems, err := Decode("a.yaml", []byte(text), Options{})
			if err != nil || len(problems) != 1 || !strings.HasSuffix(problems[0].String(), c.want) || strings.Contains(problems[0].String(), "secret") {
				t.Errorf("field %d is %q: %v %q", i, c.value, err, problems)
			}
			out, err := EncodeYAML(docs...)
			if err != nil || strings.Contains(string(out), c.value) {
				t.Errorf("field %d is %q: %v\n%s", i, c.value, err, out)
			}
		}
	}
}

// TestPicturesOfOtherSystems: a schedule.json names the pictures of everybody; they are left out, which one line says.
func TestPicturesOfOtherSystems(t *testing.T) {
	d, problems := decodeOne(t, "a.json", `{"schedule":{"conference":{"title":"A","time_zone_name":"Asia/Tokyo","days":[{"date":"2026-02-11","rooms":{"R":[`+
		`{"id":1,"date":"2026-02-11T10:00:00+09:00","title":"S","persons":[{"id":1,"name":"B","avatar":"https://example.jp/b.png"},{"id":2,"name":"C","avatar":"https://example.jp/c.png"}]}]}}]}}}`, Options{})
	if len(d.Speakers) != 2 || d.Speakers[0].Photo+d.Speakers[1].Photo != "" || len(problems) != 1 || !strings.Contains(problems[0], "picture") {
		t.Errorf("%+v %q", d.Speakers, problems)
	}
}
