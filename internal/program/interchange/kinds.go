package interchange

import (
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// StandardKinds are the kinds that a file may use without defining them.
func StandardKinds() []Kind {
	return []Kind{
		{Key: "regular", Label: i18n.T("一般", "Regular"), Counts: true},
		{Key: "hands-on", Label: i18n.T("ハンズオン", "Hands-on"), Counts: true, Tint: 2},
		{Key: "tutorial", Label: i18n.T("チュートリアル", "Tutorial"), Counts: true, Tint: 3},
		{Key: "lunch-seminar", Label: i18n.T("ランチセミナー", "Lunch seminar"), Counts: true, Tint: 4},
		{Key: "bof", Label: i18n.T("BoF", "BoF"), Counts: true, Tint: 5},
		{Key: "open-bof", Label: i18n.T("野良BoF", "Open BoF"), Tint: 5},
		{Key: "lightning", Label: i18n.T("ライトニングトーク", "Lightning talks"), Counts: true, Tint: 6},
		{Key: "social", Label: i18n.T("懇親会", "Social"), Counts: true, Tint: 7},
		{Key: "ceremony", Label: i18n.T("開会・閉会", "Opening and closing"), Tint: 1},
		{Key: "break", Label: i18n.T("休憩", "Break"), Pause: true},
	}
}

// standardKind finds a standard kind by its key or by its label in either language.
func standardKind(name string) (Kind, bool) {
	for _, k := range StandardKinds() {
		if strings.EqualFold(name, k.Key) || strings.EqualFold(name, k.Label.JA) || strings.EqualFold(name, k.Label.EN) {
			return k, true
		}
	}
	return Kind{}, false
}

// isLightning reports whether a kind of session with this key or label holds lightning talks.
func isLightning(name string) bool {
	return strings.Contains(strings.ToLower(name), "lightning") || strings.Contains(name, "ライトニング")
}

// kind is the key of the kind with a name that another format gives, which is added to the document where it is new.
func (b *builder) kind(name string) string {
	if name = strings.TrimSpace(oneLine(name)); name == "" {
		return ""
	}
	k, ok := standardKind(name)
	if !ok {
		k = Kind{Key: keyOf("kind", name), Label: b.text(name), Counts: true}
	}
	if b.isNew("kind", k.Key) {
		b.d.Kinds = append(b.d.Kinds, k)
	}
	return k.Key
}

// topic is the key of the topic with a name that another format gives, which is added to the document where it is new.
func (b *builder) topic(name string) string {
	name = strings.TrimSpace(oneLine(name))
	key := keyOf("topic", name)
	if b.isNew("topic", key) {
		b.d.Topics = append(b.d.Topics, Topic{Key: key, Label: b.text(name)})
	}
	return key
}
