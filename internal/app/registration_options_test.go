package app

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// optional is the sample meeting whose lunch for first-timers has one place and whose booth tour is about to be drawn.
func (w *site) optional() (at func(day, hour int)) {
	w.t.Helper()
	at = func(day, hour int) {
		w.Now = func() time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, noon.Location()) }
	}
	at(1, 12)
	s, version, err := w.Registration.Setup(w.systemContext(), "sample")
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range s.Options {
		if o := &s.Options[i]; o.Key == "first-lunch" {
			o.Slots[0].Capacity = 1
		}
	}
	if err := w.Registration.SaveSetup(w.systemContext(), "sample", s, version); err != nil {
		w.t.Fatal(err)
	}
	return at
}

// newcomer is the form of somebody who is there for the first time.
func newcomer(key string, more url.Values) string {
	f := url.Values{
		"key": {key}, "kind": {"general"}, "name_ja": {"=cmd|見本 " + key}, "kana": {"ミホン"}, "org_ja": {"例示ネット"}, "address": {key + "@example.org"},
		"day.2026-12-09": {"onsite"}, "day.2026-12-10": {"onsite"}, "q.first-time": {"yes"}, "q.photo": {"fine"}, "consent.conduct": {"yes"}, "do": {"register"},
	}
	for k, v := range more {
		f[k] = v
	}
	return f.Encode()
}

// link is the address of the entry with an address.
func (w *site) link(address string) string {
	w.t.Helper()
	list, err := w.Registration.FindEntries(w.systemContext(), "sample", address)
	if err != nil || len(list) != 1 {
		w.t.Fatalf("%s: %d entries, %v", address, len(list), err)
	}
	token, err := w.Registration.Token(w.systemContext(), list[0])
	if err != nil {
		w.t.Fatal(err)
	}
	return "/entries/" + token
}

// TestOptions_onPages: a slot that fills while somebody registers loses nothing they typed; the page of one's own says everything before the
// act; the desk gives, takes away and exports without a formula.
func TestOptions_onPages(t *testing.T) {
	w := withExamples(t, db.SQLite)
	w.optional()
	const at = "/meetings/sample/registration"
	guest := func(form string) (int, string) {
		got := w.as("", http.MethodPost, at+"/new", form)
		return got.Code, got.Body.String()
	}
	lunch := url.Values{"option.first-lunch": {"a"}, "option.booth-tour": {"a"}}
	if code, body := guest(newcomer("one", lunch)); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	code, body := guest(newcomer("two", lunch))
	if code != http.StatusConflict || !strings.Contains(body, `value="queue:first-lunch/a"`) || !strings.Contains(body, `value="without:first-lunch/a"`) ||
		!strings.Contains(body, "cmd|見本 two\">") || !strings.Contains(body, "はじめてのランチ") {
		t.Fatalf("%d %s", code, body)
	}
	lunch["do"] = []string{"queue:first-lunch/a"}
	if code, body = guest(newcomer("two", lunch)); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	lunch["do"] = []string{"without:first-lunch/a"}
	if code, body = guest(newcomer("three", lunch)); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	own := w.link("two@example.org") + "/options"
	page := w.as("", http.MethodGet, own, "").Body.String()
	if !strings.Contains(page, "あなたの前に") && !strings.Contains(page, "キャンセル待ち") || !strings.Contains(page, "抽選番号") || !strings.Contains(page, "NOCツアー") {
		t.Error(page)
	}
	if n := strings.Count(page, "それぞれの回が始まるまで"); n == 0 || strings.Count(page, "取消は2026年12月10日（木）14:45まで") > 0 { // said once for an option, not for each slot
		t.Errorf("the rule of giving up is said %d times\n%s", n, page)
	}
	ask := func(link, form string) (int, string) {
		got := w.as("", http.MethodPost, link, form)
		return got.Code, got.Body.String()
	}
	if code, body = ask(own, "do=ask&option=noc-tour&slot=a"); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	if code, body = ask(own, "do=ask&option=noc-tour&slot=b"); code != http.StatusConflict || !strings.Contains(body, "時間が重なって") { // the page has to say what it gives up
		t.Errorf("%d %s", code, body)
	}
	gives := regexp.MustCompile(`name="gives" value="([0-9A-Z]+)"`).FindStringSubmatch(body)
	if len(gives) == 0 {
		t.Fatal("the page does not say what choosing another slot gives up")
	}
	if code, body = ask(own, "do=ask&option=noc-tour&slot=b&gives="+gives[1]); code != http.StatusSeeOther {
		t.Errorf("%d %s", code, body)
	}
	// Somebody else's choice is not theirs to give up, whatever they send.
	if code, _ = ask(w.link("three@example.org")+"/give-up", "choice="+gives[1]); code != http.StatusSeeOther {
		t.Error(code)
	}
	if page = w.as("", http.MethodGet, own, "").Body.String(); strings.Count(page, "r-mine") < 3 {
		t.Error("a choice is gone that another person gave up")
	}
	chair := w.member("議長 ちか", []event.RoleKey{event.RoleChair}, "sample")
	if got := chair.do(http.MethodGet, at+"/options/first-lunch/list.csv", ""); got.Code != 200 || !strings.Contains(got.Body.String(), "'=cmd|見本 two") || !strings.Contains(got.Body.String(), "キャンセル待ち") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := chair.do(http.MethodGet, at+"/options/first-lunch/door", ""); got.Code != 200 || !strings.Contains(got.Body.String(), "見本 one") || strings.Contains(got.Body.String(), "見本 two") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	list, err := w.Registration.FindEntries(w.systemContext(), "sample", "three@example.org")
	if err != nil {
		t.Fatal(err)
	}
	give := "do=give&slot=a&entry=" + list[0].Ref
	if got := chair.do(http.MethodPost, at+"/options/first-lunch", give); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "定員を超えます") || !strings.Contains(got.Body.String(), "見本 three") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := chair.do(http.MethodPost, at+"/options/first-lunch", give+"&why=%E5%8F%97%E4%BB%98"); got.Code != http.StatusSeeOther {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	w.noErrors()
}

// TestOptions_drawIsChecked: the published file of a draw is checked by the program that stands beside it, without this one; neither names
// anybody.
func TestOptions_drawIsChecked(t *testing.T) {
	w := withExamples(t, db.SQLite)
	at := w.optional()
	nobody := authz.With(t.Context(), &authz.Actor{})
	for i := range 14 {
		key := "draw" + string(rune('a'+i))
		if _, _, err := w.Registration.Register(nobody, "sample", registration.Form{
			Key: key, Kind: "general", Consents: []string{"conduct"}, Days: map[event.Date]registration.Mode{"2026-12-09": registration.Onsite},
			Details: registration.Details{Name: i18n.T("籤田 引子", ""), Address: key + "@example.org", Lang: i18n.JA},
			Answers: map[string][]string{"first-time": {"no"}, "photo": {"fine"}}, Choices: []registration.Wish{{Option: "booth-tour", Slot: "a"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	const base = "/meetings/sample/registration/draws/"
	read := func(path string) string {
		got := w.get(path)
		if got.StatusCode != 200 || strings.Contains(got.text(), "籤田") || strings.Contains(got.text(), "@example.org") {
			t.Fatalf("%s: %d %s", path, got.StatusCode, got.text())
		}
		return got.text()
	}
	var promise, frozen, drawn struct {
		Commitment string `json:"commitment"`
		ListHash   string `json:"list_hash"`
		Secret     string `json:"secret"`
		Capacity   int    `json:"capacity"`
	}
	parse := func(to any) string {
		text := read(base + "booth-tour/a.json")
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
		return text
	}
	parse(&promise)
	read(base + "booth-tour")
	run := func() {
		if err := w.Registration.Draws(w.systemContext()); err != nil {
			t.Fatal(err)
		}
	}
	at(7, 18)
	run()
	parse(&frozen)
	read(base + "booth-tour")
	at(7, 19)
	run()
	record := parse(&drawn)
	page := read(base + "booth-tour")
	if promise.Secret+frozen.Secret != "" || promise.ListHash != "" || frozen.ListHash == "" || promise.Commitment != drawn.Commitment || frozen.ListHash != drawn.ListHash || promise.Capacity != 10 ||
		len(drawn.Secret) != 64 || !strings.Contains(page, drawn.Secret) || strings.Count(page, "当選</b>") != 10 {
		t.Errorf("%+v\n%+v\n%+v", promise, frozen, drawn)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("without Python, only this program has checked it")
		return
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"check.py": read(base + "check.py"), "a.json": record, "false.json": strings.Replace(record, `"weight": 1`, `"weight": 2`, 1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(file string) error {
		out, err := exec.CommandContext(t.Context(), python, filepath.Join(dir, "check.py"), filepath.Join(dir, file)).CombinedOutput()
		t.Log(string(out))
		return err
	}
	if err := check("a.json"); err != nil {
		t.Error(err)
	}
	if err := check("false.json"); err == nil {
		t.Error("a record that was changed is found to be right")
	}
	w.noErrors()
}

// TestBrowserOptions looks at the pages of options: of one's own, the organiser's and the public ones.
func TestBrowserOptions(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withExamples(t, db.SQLite)
	at := w.optional()
	for _, key := range []string{"one", "two", "three"} {
		f := url.Values{"option.first-lunch": {"wait:a"}, "option.booth-tour": {"a"}, "option.social": {"a"}, "companions.social": {"1"}}
		if key == "one" {
			f.Set("option.first-lunch", "a")
		}
		if got := w.as("", http.MethodPost, "/meetings/sample/registration/new", newcomer(key, f)); got.Code != http.StatusSeeOther {
			t.Fatal(got.Body)
		}
	}
	own := w.link("two@example.org")
	choice := regexp.MustCompile(`give-up\?choice=[0-9A-Z]+`).FindString(w.as("", http.MethodGet, own+"/options", "").Body.String())
	w.url = w.serveAs(w.member("議長 ちか", []event.RoleKey{event.RoleChair}, "sample"))
	tab := testkit.Browser(t)
	const desk, draws = "/meetings/sample/registration/options", "/meetings/sample/registration/draws/booth-tour"
	look := func(paths ...string) {
		for i, path := range paths {
			for j, v := range looks() {
				if os.Getenv("TSUDOI_KEEP") == "" && j != (i*5)%12 && j != (i*5+7)%12 {
					continue
				}
				w.see(t, tab, path, v)
				w.narrow(t, tab, path)
			}
		}
	}
	look(own, own+"/options", own+"/"+choice, desk, desk+"/social", desk+"/booth-tour?q=two", desk+"/booth-tour/door", draws, "/handbook/options")
	for _, hour := range []int{18, 19} {
		at(7, hour)
		if err := w.Registration.Draws(w.systemContext()); err != nil {
			t.Fatal(err)
		}
	}
	look(draws, own+"/options")
	w.noErrors()
}
