package person

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Policy is the privacy policy: what people agree to.
type Policy struct {
	Text    i18n.Text // Markdown
	Version string    // a hash of the text: another text is another version
}

// NewPolicy makes a policy of a text.
func NewPolicy(t i18n.Text) Policy {
	t = t.Map(func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) })
	sum := sha256.Sum256([]byte(t.JA + "\x00" + t.EN))
	return Policy{t, hex.EncodeToString(sum[:6])}
}

// ReadPolicy reads privacy.ja.md and privacy.en.md of a folder.
func ReadPolicy(folder fs.FS) (Policy, error) {
	ja, err := fs.ReadFile(folder, "privacy.ja.md")
	if err != nil {
		return Policy{}, err
	}
	en, err := fs.ReadFile(folder, "privacy.en.md")
	return NewPolicy(i18n.T(string(ja), string(en))), err
}

// ShippedPolicy is the policy of an installation that has none of its own.
func ShippedPolicy() Policy {
	folder, err := fs.Sub(Files, "policy")
	if err != nil {
		panic(err) // the folder is in the program
	}
	p, err := ReadPolicy(folder)
	if err != nil {
		panic(err) // so are its files
	}
	return p
}
