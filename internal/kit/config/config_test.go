package config

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// commandLine is a program that holds the settings as the real one does.
type commandLine struct {
	Settings `embed:""`
	Serve    struct{} `cmd:""`
	Backup   struct {
		Force bool
	} `cmd:"" name:"backup"`
}

// parse reads a command line with a file of this text (none where empty).
func parse(t *testing.T, text string, args ...string) (*Settings, *Source, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tsudoi.toml")
	if text != "" {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return parseFrom(t, path, args...)
}

func parseFrom(t *testing.T, path string, args ...string) (*Settings, *Source, error) {
	t.Helper()
	var c commandLine
	src := newSource(path)
	k, err := kong.New(&c, kong.Resolvers(src), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(append([]string{"serve"}, args...))
	return &c.Settings, src, err
}

func TestDefaultsAreValid(t *testing.T) {
	c, src, err := parse(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(src); err != nil {
		t.Fatal(err)
	}
	for _, e := range src.Entries(c) {
		if e.Origin != "default" {
			t.Errorf("%s comes from %s", e.Flag, e.Origin)
		}
	}
	if c.DatabaseURL() != filepath.Join("data", "tsudoi.db") || c.Listen != "localhost:8080" || c.Cache != 64<<20 || len(c.MetricsFrom()) != 2 {
		t.Fatalf("%+v", c)
	}
}

func TestFlagGoesBeforeEnvironmentBeforeFileBeforeDefault(t *testing.T) {
	text := "# comment\nlisten = \"file:1\"\npublic_url = \"http://file.example\"\n\n[log]\nlevel = \"warn\"\nformat = \"json\"\n"
	t.Setenv("TSUDOI_LISTEN", "env:2")
	t.Setenv("TSUDOI_LOG_LEVEL", "error")
	c, src, err := parse(t, text, "--listen", "flag:3")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Listen, c.Log.Level, c.Log.Format, c.PublicURL, c.TimeZone}
	if want := []string{"flag:3", "error", "json", "http://file.example", "Asia/Tokyo"}; !slices.Equal(got, want) {
		t.Fatal(got)
	}
	for name, want := range map[string]string{
		"listen": "flag --listen", "log.level": "environment TSUDOI_LOG_LEVEL", "log.format": "tsudoi.toml:7",
		"public_url": "tsudoi.toml:3", "time_zone": "default",
	} {
		if got := src.Origin(name); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestNamedFileMustExist(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "no.toml")
	if _, _, err := parse(t, "", "--config", missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Fatal(err)
	}
	t.Setenv("TSUDOI_CONFIG", missing)
	if _, _, err := parse(t, ""); err == nil || !strings.Contains(err.Error(), missing) {
		t.Fatal(err)
	}
}

func TestNamedFileIsReadInsteadOfTheUsualOne(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.toml")
	if err := os.WriteFile(other, []byte("listen = 'other:1'"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, src, err := parse(t, "listen = 'usual:1'", "--config", other)
	if err != nil || c.Listen != "other:1" || src.File() != other {
		t.Fatal(c.Listen, src.File(), err)
	}
}

func TestMistakesInTheFileNameTheirLineAndTheNearestKey(t *testing.T) {
	for text, want := range map[string]string{
		"listn = 'x'":                               `tsudoi.toml:1: "listn" is no setting; did you mean listen?`,
		"\n[tls]\nmod = 'off'":                      `tsudoi.toml:3: "tls.mod" is no setting; did you mean tls.mode?`,
		"acme_hosts = []":                           `tsudoi.toml:1: "acme_hosts" is no setting; did you mean tls.acme_hosts?`,
		"[tsl]\nmode = 'off'":                       `tsudoi.toml:2: "tsl.mode" is no setting; did you mean tls.mode?`,
		"tls.mode.x = 1":                            `"tls.mode.x" is no setting`,
		"config = 'x'":                              `"config" is no setting`,
		"zzzzzzzzzzzzzzzz = 1":                      `tsudoi.toml:1: "zzzzzzzzzzzzzzzz" is no setting`,
		"listen = 'a\n":                             "tsudoi.toml:1: ",
		"listen = 5":                                "tsudoi.toml:1: listen wants a text",
		"[backup]\nkeep = 'x'":                      "tsudoi.toml:2: backup.keep wants a whole number",
		"metrics = [\n '::1',\n 5 ]":                "tsudoi.toml:1: metrics wants a list",
		"cache_size = 'big'":                        `"big" is not a size`,
		"[limits]\nstop = 20":                       "tsudoi.toml:2: limits.stop wants a time",
		"metrics = [\n 'a=b', # ]\n ]\nlisten = 5":  "tsudoi.toml:4: listen wants",
		"listen = '''\nlog = 1\n'''\n\ndata = true": "tsudoi.toml:5: data wants",
		"log = 'text'":                              `"log" is no setting`,
	} {
		if _, _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

func TestEveryMistakeOfAFileIsToldAtOnce(t *testing.T) {
	_, _, err := parse(t, "a1 = 1\nb2 = 2\nlisten = 3")
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Fatal(err)
	}
}

func TestValidateSaysOneSentenceForEachMistake(t *testing.T) {
	for args, want := range map[string]string{
		"--public-url=htp://x":              "public_url (flag --public-url): \"htp://x\" is not an address of a site",
		"--public-url=http://x/y":           "root of its name",
		"--public-url=http://x?y":           "only the scheme and the name",
		"--public-url=https://x.example":    "although tls.mode is off",
		"--time-zone=Asia/Edo":              "not a time zone",
		"--listen=8080":                     "not an address",
		"--listen=x:99999":                  "not a port",
		"--listen=unix:":                    "path of the socket",
		"--database=mysql://x/y":            "only postgres://",
		"--database=postgres://u:hemlich@h": "names no database",
		"--tls-mode=on":                     "not one of off, files, acme, proxy",
		"--tls-mode=files":                  "needs tls.cert and tls.key",
		"--tls-mode=files --tls-cert=c":     "needs its key",
		"--tls-mode=files --tls-key=c":      "needs its certificate",
		"--tls-cert=c --tls-key=k":          "only used with tls.mode = files",
		"--tls-mode=files --tls-cert=c --tls-key=k --public-url=http://a.example": "begins with http:// although",
		"--tls-mode=acme": "needs the names",
		"--tls-mode=acme --tls-acme-hosts=localhost":                                        "not a public name",
		"--tls-mode=acme --tls-acme-hosts=192.0.2.1":                                        "is an address",
		"--tls-mode=acme --tls-acme-hosts=a.example.org --public-url=https://b.example.org": "b.example.org, is missing",
		"--tls-mode=acme --tls-acme-hosts=a.example.org --tls-acme-email=x":                 "not a mail address",
		"--tls-mode=acme --tls-acme-hosts=a.example.org --tls-acme-directory=x":             "tls.acme_directory",
		"--tls-acme-hosts=a.example.org":                                                    "only used with tls.mode = acme",
		"--tls-mode=proxy":                                                                  "needs the network of the proxy",
		"--tls-redirect=:80":                                                                "nothing to send visitors to",
		"--trusted-proxies=0.0.0.0/0":                                                       "is everybody",
		"--trusted-proxies=10.0.0.0/99":                                                     "not a network",
		"--metrics=here":                                                                    "not a network",
		"--log-level=loud":                                                                  "not one of debug",
		"--log-format=xml":                                                                  "not one of text",
		"--backup-keep=0":                                                                   "at least 1",
		"--limits-connections=1":                                                            "at least 10",
		"--limits-body=1KB":                                                                 "at least 1MB",
		"--limits-stop=1h":                                                                  "0s to 10m",
		"--data=":                                                                           "folder is needed",
		"--mail-user=u":                                                                     "nobody to sign in to",
		"--mail-smtp=h --mail-from=a@b.example":                                             "not an address",
		"--mail-smtp=:25 --mail-from=a@b.example":                                           "names no server",
		"--mail-smtp=h:587":                                                                 "need an address",
		"--mail-smtp=h:587 --mail-from=office":                                              "not a mail address",
		"--mail-smtp=h:587 --mail-from=a@b.example --mail-user=u":                           "needs mail.password",
		"--mail-smtp=h:587 --mail-from=a@b.example --mail-password=hemlich":                 "needs mail.user",
		"--mail-smtp=h:587 --mail-from=a@b.example --mail-user=u --mail-password=hemlich --mail-tls=optional": "could be read on its way",
		"--mail-smtp=h:587 --mail-from=a@b.example --mail-tls=ssl":                                            "not one of starttls",
		"--mail-smtp=h:587 --mail-from=a@b.example --mail-connections=1":                                      "from 2 to 100",
		"--mail-smtp=h:587 --mail-from=a@b.example --mail-keep=1h":                                            "at least 24h",
	} {
		c, src, err := parse(t, "", strings.Fields(args)...)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		err = c.Validate(src)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hemlich") {
			t.Errorf("%s: %v\nwant one sentence with %q", args, err, want)
		}
	}
}

func TestGoodSettingsOfEachWay(t *testing.T) {
	for _, args := range []string{
		"--tls-mode=files --tls-cert=c --tls-key=k --public-url=https://a.example/ --tls-redirect=:80",
		"--tls-mode=acme --tls-acme-hosts=a.example.org,b.example.org --tls-acme-email=a@b.example --listen=:443",
		"--tls-mode=acme --tls-acme-hosts=localhost --tls-acme-directory=http://localhost:1/dir",
		"--tls-mode=proxy --trusted-proxies=127.0.0.1 --public-url=https://a.example",
		"--tls-mode=proxy --listen=unix:/run/tsudoi.sock",
		"--database=postgres:///tsudoi?host=/run --listen=systemd",
		"--mail-smtp=127.0.0.1:25 --mail-from=a@b.example --mail-tls=off --mail-user=u --mail-password=p",
		"--mail-smtp=smtp.example.org:465 --mail-from=a@b.example --mail-tls=implicit --mail-user=u --mail-password=p",
	} {
		c, src, err := parse(t, "", strings.Fields(args)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(src); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	for _, at := range []string{"postgres://u:hemlich@h/n", "postgres://u@h/n?password=hemlich", "postgres://u:hemlich%zz@h/n"} {
		c, src, err := parse(t, "", "--database", at)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := src.Explain(&b, c, i18n.EN); err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(src); err != nil {
			b.WriteString(err.Error())
		}
		if strings.Contains(b.String(), "hemlich") || !strings.Contains(b.String(), "database = ") {
			t.Fatal(b.String())
		}
	}
}

func TestPasswordOfMailIsNotShown(t *testing.T) {
	c, src, err := parse(t, "", "--mail-smtp=h:587", "--mail-from=a@b.example", "--mail-user=u", "--mail-password=hemlich")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := src.Explain(&b, c, i18n.EN); err != nil || strings.Contains(b.String(), "hemlich") || !strings.Contains(b.String(), "mail.password = ********") {
		t.Fatal(err, b.String())
	}
}

func TestExplainSaysEverything(t *testing.T) {
	t.Setenv("TSUDOI_LISTN", "x")
	c, src, err := parse(t, "listen = ':1'")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Langs {
		var b bytes.Buffer
		if err := src.Explain(&b, c, l); err != nil {
			t.Fatal(err)
		}
		for _, s := range all() {
			if meaning := i18n.T(s.ja, s.en).Exact(l); meaning == "" || !strings.Contains(b.String(), meaning) || !strings.Contains(b.String(), s.env) {
				t.Errorf("%s: %s is not explained", l, s.flag)
			}
		}
		if !strings.Contains(b.String(), "limits.stop = 20s\n") || !strings.Contains(b.String(), "tsudoi.toml:1") || !strings.Contains(b.String(), "TSUDOI_LISTN is no setting; did you mean TSUDOI_LISTEN?") {
			t.Error(b.String())
		}
	}
}

func TestSampleIsTheDefaults(t *testing.T) {
	for _, l := range i18n.Langs {
		var b bytes.Buffer
		if err := Sample(&b, l); err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile(`(?m)^# ([a-z_]+ = )`).ReplaceAllString(b.String(), "$1")
		c, src, err := parse(t, text)
		if err != nil {
			t.Fatal(err, text)
		}
		if err := c.Validate(src); err != nil {
			t.Fatal(err)
		}
		plain, _, err := parse(t, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all() {
			if s.key == "" {
				continue
			}
			if s.text(c) != s.text(plain) || !strings.HasPrefix(src.Origin(s.flag), "file ") {
				t.Errorf("%s: %s from %s, want %s", s.key, s.text(c), src.Origin(s.flag), s.text(plain))
			}
		}
	}
}

func TestVariablesAreNamedAfterTheirFlags(t *testing.T) {
	for _, s := range all() {
		want := "TSUDOI_" + strings.ToUpper(strings.ReplaceAll(s.flag, "-", "_"))
		if s.flag == "data" {
			want = "TSUDOI_DATA_DIR" // TSUDOI_DATA names the data of conformance tests
		}
		if s.env != want {
			t.Errorf("--%s is %s in the environment, want %s", s.flag, s.env, want)
		}
	}
}

func TestBaseIsWhatVisitorsType(t *testing.T) {
	for _, x := range []struct{ args, listening, want string }{
		{"", "", "http://localhost:8080"},
		{"--listen=:8080", "[::]:41234", "http://localhost:41234"},
		{"--listen=192.0.2.1:80", "", "http://192.0.2.1"},
		{"--listen=[2001:db8::1]:80", "", "http://[2001:db8::1]"},
		{"--public-url=https://a.example/", "", "https://a.example"},
		{"--tls-mode=acme --tls-acme-hosts=a.example.org --listen=:443", "", "https://a.example.org"},
		{"--listen=systemd", "", "http://localhost"},
	} {
		c, _, err := parse(t, "", strings.Fields(x.args)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Base(x.listening); got != x.want {
			t.Errorf("%s: %s, want %s", x.args, got, x.want)
		}
	}
}

func TestSizesReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]Size{"0": 0, "512": 512, "10kb": 10 << 10, "64 MB": 64 << 20, "2GB": 2 << 30} {
		var s, again Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Fatal(text, s, err)
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Fatal(s.String(), again, err)
		}
	}
	for _, text := range []string{"", "-1", "MB", "1TBB", "9999999999GB"} {
		if err := new(Size).UnmarshalText([]byte(text)); err == nil {
			t.Error(text)
		}
	}
}

func TestSocketIsOnlyForTheProcessItWasMeantFor(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	if Socket() != nil {
		t.Fatal("took another's socket")
	}
}

func FuzzFile(f *testing.F) {
	f.Add("listen = 'x'\n[tls]\nmode = \"off\"\n")
	f.Add("a = [\n[1]]\n\"q.w\" = '''\n")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := parseFile("f", text)
		if err != nil {
			return
		}
		for key := range read.values {
			if n := read.lines[key]; n < 0 || n > strings.Count(text, "\n")+1 {
				t.Fatal(key, n)
			}
		}
	})
}
