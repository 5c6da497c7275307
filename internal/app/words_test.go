package app

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"github.com/tsudoi/tsudoi/internal/archive"
	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/briefing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/handbook"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/material"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/desk"
	"github.com/tsudoi/tsudoi/internal/program/speaking"
	"github.com/tsudoi/tsudoi/internal/registration"
	registrationdesk "github.com/tsudoi/tsudoi/internal/registration/desk"
	"github.com/tsudoi/tsudoi/internal/signage"
)

func TestTranslationsAreComplete(t *testing.T) {
	w, err := newWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Langs {
		for key := range w.Keys(l) {
			if !w.Keys(l.Other())[key] {
				t.Errorf("%s is there in %s and not in %s", key, l, l.Other())
			}
		}
	}
}

// TestTranslationPluralForms: a word that is told a number has one and other in English.
func TestTranslationPluralForms(t *testing.T) {
	each(t, "..", "lang/en.json", func(p string, b []byte) {
		var words map[string]any
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatal(p, err)
		}
		for key, v := range words {
			if forms, ok := v.(map[string]any); ok && (forms["one"] == nil || forms["other"] == nil) {
				t.Errorf("%s: %s lacks a plural form", p, key)
			}
		}
	})
}

// TestTranslationKeysAreUsedAndKnown reads every template and Go file for keys: each that is used is known, and each that is known is
// used.
func TestTranslationKeysAreUsedAndKnown(t *testing.T) {
	w, err := newWords()
	if err != nil {
		t.Fatal(err)
	}
	used, prefixes := map[string]bool{}, []string{}
	key := regexp.MustCompile(`["` + "`" + `]([a-z]+\.[a-z0-9_.-]*[a-z0-9_]?\.?)(%s)?["` + "`" + `]`)
	for _, ext := range []string{".html", ".go"} {
		each(t, "..", ext, func(p string, b []byte) {
			if strings.HasSuffix(p, "_test.go") {
				return
			}
			for _, m := range key.FindAllStringSubmatch(string(b), -1) {
				used[m[1]] = true
				if m[2] != "" || strings.HasSuffix(m[1], ".") || strings.HasSuffix(m[1], "_") {
					prefixes = append(prefixes, m[1])
				}
			}
		})
	}
	said := regexp.MustCompile(`\.T "([^"]+)"|\.T\("([a-z0-9_.-]+)"[,)]|fault\.New\(fault\.\w+, "([^"]+)"\)`)
	for _, ext := range []string{".html", ".go"} {
		each(t, "..", ext, func(p string, b []byte) {
			for _, m := range said.FindAllStringSubmatch(string(b), -1) {
				if k := m[1] + m[2] + m[3]; !w.Has(k) && !strings.HasSuffix(p, "_test.go") {
					t.Errorf("%s says %q, which is in no lang/*.json", p, k)
				}
			}
		})
	}
	for k := range w.Keys(i18n.JA) {
		if used[k] {
			continue
		}
		begun := false
		for _, p := range prefixes {
			begun = begun || strings.HasPrefix(k, p)
		}
		if !begun {
			t.Errorf("%s is said nowhere", k)
		}
	}
}

func each(t *testing.T, root, suffix string, f func(path string, b []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(filepath.ToSlash(p), suffix) || strings.Contains(p, "testdata") {
			return err
		}
		b, err := os.ReadFile(p)
		if err == nil {
			f(p, b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTemplatesOfLettersAreTyped: letters are written by files, which name only what they are given.
func TestTemplatesOfLettersAreTyped(t *testing.T) {
	for _, letters := range [][]mail.Checked{mail.Letters(), person.Letters(), event.Letters(), speaking.Letters(), briefing.Letters(), registration.Letters(), billing.Letters(), billing.ArrivalLetters()} {
		for _, l := range letters {
			for _, c := range l.Checks() {
				if err := templatecheck.CheckText(c.Tmpl, c.Data); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		}
	}
}

// TestTemplatesAreTyped: every field and method that a page names is there. It is not the strict check, which refuses a fragment that two
// kinds of data share (a session's own page and its row in a list); those are rendered with the examples by the crawl.
func TestTemplatesAreTyped(t *testing.T) {
	n := 0
	for _, pages := range [][]web.Checked{
		web.Checks(),
		job.Pages(),
		mail.Pages(),
		event.Pages(),
		program.Pages(),
		desk.Pages(),
		speaking.Pages(),
		material.Pages(),
		archive.Pages(),
		handbook.Pages(),
		signage.Pages(),
		briefing.Pages(),
		billing.Pages(),
		billing.ArrivalPages(),
		registration.Pages(),
		registrationdesk.Pages(),
		person.Pages(),
	} {
		for _, p := range pages {
			c := p.Check()
			n++
			if err := templatecheck.CheckHTML(c.Tmpl, c.Data); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	}
	if n < 10 {
		t.Fatalf("only %d pages", n)
	}
}
