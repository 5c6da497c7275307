package person

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Bounds of a profile.
const (
	maxLinks = 5
	maxURL   = 500
	maxTitle = 100 // of a link, in characters
)

// Languages are those that people can say they speak, each by its own name.
var Languages = []struct{ Code, Name string }{
	{"ja", "日本語"}, {"en", "English"}, {"zh", "中文"}, {"ko", "한국어"}, {"vi", "Tiếng Việt"}, {"th", "ไทย"}, {"id", "Bahasa Indonesia"}, {"es", "Español"}, {"fr", "Français"}, {"de", "Deutsch"},
}

// Check cleans what a person says about themselves and says what is wrong with it.
func (a *Account) Check() error {
	if err := a.CheckNames(); err != nil {
		return err
	}
	for field, t := range map[string]*i18n.Text{"affiliation": &a.Affiliation, "title": &a.Title} {
		t.JA, t.EN = CleanLine(t.JA), CleanLine(t.EN)
		if err := short(*t, field, maxText); err != nil {
			return err
		}
	}
	a.Bio.JA, a.Bio.EN = cleanText(a.Bio.JA), cleanText(a.Bio.EN)
	if err := short(a.Bio, "bio", maxBio); err != nil {
		return err
	}
	if !slices.Contains([]Wish{WishFree, WishAsk, WishNo}, a.Photo) || !slices.Contains([]Wish{WishFree, WishAsk, WishNo}, a.Recording) {
		return fault.New(fault.Invalid, "error.form")
	}
	a.Speaks = slices.DeleteFunc(slices.Clone(a.Speaks), func(code string) bool {
		return !slices.ContainsFunc(Languages, func(l struct{ Code, Name string }) bool { return l.Code == code })
	})
	return a.checkLinks()
}

func short(t i18n.Text, field string, most int) error {
	for l, s := range map[string]string{"ja": t.JA, "en": t.EN} {
		if utf8.RuneCountInString(s) > most {
			return fault.New(fault.Invalid, "person.error.long").With("max", most).On(field + "_" + l)
		}
	}
	return nil
}

// cleanText makes a text of lines of what somebody typed.
func cleanText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(strings.Map(func(r rune) rune {
			if r != '\t' && unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
				return -1
			}
			return r
		}, line), unicode.IsSpace)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// checkLinks cleans the links, and leaves those out that lead nowhere.
func (a *Account) checkLinks() error {
	var out []Link
	for _, l := range a.Links {
		l.Title, l.URL = CleanLine(l.Title), strings.TrimSpace(l.URL)
		if l.URL == "" {
			continue
		}
		if !safeLink(l.URL) {
			return fault.New(fault.Invalid, "person.error.link").On("links")
		}
		if utf8.RuneCountInString(l.Title) > maxTitle {
			return fault.New(fault.Invalid, "person.error.long").With("max", maxTitle).On("links")
		}
		out = append(out, l)
	}
	if len(out) > maxLinks {
		return fault.New(fault.Invalid, "person.error.links_many").With("max", maxLinks).On("links")
	}
	a.Links = out
	return nil
}

// safeLink reports whether an address leads to a page by https, without a name and password in it.
func safeLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxURL || u.Scheme != "https" || u.User != nil || u.Opaque != "" || !strings.Contains(u.Hostname(), ".") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}

// values are a profile as the audit log keeps it.
func (a *Account) values() map[string]string {
	links, err := json.Marshal(a.Links)
	if err != nil {
		panic(err) // texts always marshal
	}
	return map[string]string{
		"name_ja": a.Name.JA, "name_en": a.Name.EN, "kana": a.Kana, "affiliation_ja": a.Affiliation.JA, "affiliation_en": a.Affiliation.EN,
		"title_ja": a.Title.JA, "title_en": a.Title.EN, "bio_ja": a.Bio.JA, "bio_en": a.Bio.EN, "links": string(links), "lang": string(a.Lang),
		"speaks": strings.Join(a.Speaks, " "), "photo": string(a.Photo), "recording": string(a.Recording), "portrait": a.Portrait,
	}
}
