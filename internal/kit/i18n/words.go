package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Words is the catalogue of the program's own words in every language.
type Words struct {
	bundle *i18n.Bundle
	local  map[Lang]*i18n.Localizer
	keys   map[Lang]map[string]bool
}

// NewWords reads lang/ja.json and lang/en.json of every folder. A key that two folders define is an error.
func NewWords(folders ...fs.FS) (*Words, error) {
	w := &Words{bundle: i18n.NewBundle(language.Japanese), local: map[Lang]*i18n.Localizer{}, keys: map[Lang]map[string]bool{}}
	w.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, l := range Langs {
		w.keys[l] = map[string]bool{}
		for _, f := range folders {
			if err := w.load(f, l); err != nil {
				return nil, err
			}
		}
		w.local[l] = i18n.NewLocalizer(w.bundle, string(l))
	}
	return w, nil
}

func (w *Words) load(f fs.FS, l Lang) error {
	name := path.Join("lang", string(l)+".json")
	b, err := fs.ReadFile(f, name)
	if err != nil {
		return fmt.Errorf("read the words: %w", err)
	}
	file, err := w.bundle.ParseMessageFileBytes(b, string(l)+".json")
	if err != nil {
		return fmt.Errorf("read the words of %s: %w", name, err)
	}
	for _, m := range file.Messages {
		if w.keys[l][m.ID] {
			return fmt.Errorf("the word %q stands twice in %s", m.ID, l)
		}
		w.keys[l][m.ID] = true
	}
	return nil
}

// Keys returns every key that a language knows.
func (w *Words) Keys(l Lang) map[string]bool { return w.keys[l] }

// Say returns the word of a key in a language. Arguments are name and value in turn; an argument named "n" also chooses the
// plural form. A key that nobody defined is returned in brackets, so that it is seen.
func (w *Words) Say(l Lang, key string, args ...any) string {
	c := &i18n.LocalizeConfig{MessageID: key}
	if len(args) > 0 {
		data := make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			name, _ := args[i].(string)
			v := args[i+1]
			if t, ok := v.(Text); ok {
				v = t.In(l)
			}
			data[name] = v
			if name == "n" {
				c.PluralCount = v
			}
		}
		c.TemplateData = data
	}
	s, err := w.local[l].Localize(c)
	if err != nil && s == "" {
		return "[" + key + "]"
	}
	return s
}

// Has reports whether a key is known.
func (w *Words) Has(key string) bool { return w.keys[JA][key] }

// Join puts a list together as the language writes it: 甲、乙 or A, B.
func Join(l Lang, list []string) string {
	if l == JA {
		return strings.Join(list, "、")
	}
	return strings.Join(list, ", ")
}
