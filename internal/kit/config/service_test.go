package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestSeveralServicesSignIn(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := `
[oidc]
issuer = "https://id.example.org"
client_id = "old"

[[oidc.service]]
id = "google"
name_ja = "グーグル"
name_en = "Google"
issuer = "https://accounts.example.com"
client_id = "one"
secret_file = "` + secret + `"

[[oidc.service]]
id = "office"
issuer = "http://localhost:9000"
client_id = "two"
scopes = ["email"]
`
	c, src, err := parse(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(src); err != nil {
		t.Fatal(err)
	}
	all := c.SignInServices()
	if len(all) != 3 || all[0].ID != "" || all[0].Client != "old" || all[1].ID != "google" || all[1].Secret != "s3cret" || strings.Join(all[1].Scopes, " ") != "email profile" ||
		all[2].ID != "office" || all[2].Secret != "" || len(all[2].Scopes) != 1 {
		t.Errorf("%+v", all)
	}
	var b bytes.Buffer
	if err := src.Explain(&b, c, i18n.EN); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "oidc.service.google = https://accounts.example.com client_id=one") || !strings.Contains(b.String(), "tsudoi.toml:6") || strings.Contains(b.String(), "s3cret") {
		t.Error(b.String())
	}
}

func TestMistakesInServices(t *testing.T) {
	const good = "[[oidc.service]]\nid = \"a\"\nissuer = \"https://a.example\"\nclient_id = \"x\"\n"
	for text, want := range map[string]string{
		good + good: `two services with the id "a"`,
		good + strings.Replace(good, `"a"`, `"b"`, 1):                          "https://a.example is another service already",
		strings.Replace(good, `"a"`, `"back"`, 1):                              "cannot be an id",
		strings.Replace(good, `"a"`, `"A b"`, 1):                               "cannot be an id",
		strings.Replace(good, "https", "http", 1):                              "needs https",
		strings.Replace(good, `"https://a.example"`, `"a.example"`, 1):         "is not the URL of an issuer",
		strings.Replace(good, "client_id = \"x\"\n", "", 1):                    "the issuer has to know who asks",
		strings.Replace(good, "client_id", "client_ids", 1):                    "did you mean client_id?",
		good + "secret_file = \"/nowhere/secret\"\n":                           "secret_file cannot be read",
		strings.Replace(good, `"x"`, "5", 1):                                   "cannot be read",
		"[oidc]\nissuer = \"https://a.example\"\nclient_id = \"x\"\n\n" + good: "another service already",
	} {
		c, src, err := parse(t, text)
		if err == nil {
			err = c.Validate(src)
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "tsudoi.toml") {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}
