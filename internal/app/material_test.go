package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
	"github.com/tsudoi/tsudoi/internal/material"
	"github.com/tsudoi/tsudoi/internal/program"
)

// aPDF is a small PDF of three pages, padded to n bytes.
func aPDF(n int) []byte {
	b := []byte("%PDF-1.7\n1 0 obj\n<</Type/Pages/Count 3/Kids[]>>\nendobj\n")
	end := "trailer\n<<>>\nstartxref\n9\n%%EOF\n"
	if pad := n - len(b) - len(end); pad > 0 {
		b = append(b, bytes.Repeat([]byte("\n"), pad)...)
	}
	return append(b, end...)
}

// TestSlidesFollowARetime: slides that are public when their session has ended follow it when it moves, on the session's page and at their address.
func TestSlidesFollowARetime(t *testing.T) {
	onEach(t, func(t *testing.T, e db.Engine) {
		w := withExamples(t, e)
		ctx := authz.System(context.Background(), "test")
		p, err := w.Programmes.Programme(ctx, "janog57")
		if err != nil {
			t.Fatal(err)
		}
		it := p.Session("60051")
		page := "/meetings/janog57/sessions/" + url.PathEscape(it.Name)
		_, err = w.Materials.HandIn(ctx, "janog57", it.Ref, material.Upload{Name: "発表.pdf", About: material.About{Opens: material.AtEnd}}, bytes.NewReader(aPDF(500)))
		if err != nil {
			t.Fatal(err)
		}
		shown := func(what string, at time.Time, want bool) {
			t.Helper()
			w.Now = func() time.Time { return at }
			text := w.get(page).text()
			if got := strings.Contains(text, "/materials/"); got != want {
				t.Errorf("%s at %s: on the page %v, want %v", what, at.Format("15:04"), got, want)
			}
			if want {
				link := text[strings.Index(text, "/materials/"):]
				link = link[:strings.IndexByte(link, '"')]
				if res := w.get(link); res.StatusCode != 200 || !bytes.Equal(res.body, aPDF(500)) {
					t.Errorf("%s: %s: %d", what, link, res.StatusCode)
				}
			}
		}
		end := it.End
		shown("before the end", end.Add(-time.Second), false)
		shown("after the end", end, true)
		if _, _, err := w.Programmes.Retime(ctx, "janog57", program.Plan{Only: []string{"60051"}, By: 20 * time.Minute}, program.Retiming{Source: "test"}); err != nil {
			t.Fatal(err)
		}
		shown("moved by 20 minutes, at the old end", end, false)
		shown("moved by 20 minutes, at the new end", end.Add(20*time.Minute), true)
		w.noErrors()
	})
}

// TestUploadSurvivesAKill kills the program while a file arrives, twice: the next start knows what had arrived, and the upload goes on from there.
func TestUploadSurvivesAKill(t *testing.T) {
	testkit.Long(t)
	dir := filepath.Join(t.TempDir(), "data")
	data := aPDF(6 << 20)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	send := func(at, method, path string, body io.Reader, headers ...string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, at+path, body)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		r.Header.Set("Tus-Resumable", "1.0.0")
		res, err := client.Do(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return res, err
	}
	var upload string
	for round := range 3 {
		at, kill := demoToKill(t, dir)
		at = strings.Replace(at, "127.0.0.1", "localhost", 1) // one name for the cookies, whatever the port
		if round == 0 {
			if res, err := send(at, http.MethodPost, "/dev/become", strings.NewReader("who=programme&next=/meetings"), "Content-Type", "application/x-www-form-urlencoded"); err != nil || res.StatusCode != 200 {
				t.Fatalf("become: %v %v", res, err)
			}
			meta := "filename " + base64.StdEncoding.EncodeToString([]byte("発表.pdf")) + ",opens " + base64.StdEncoding.EncodeToString([]byte("now"))
			res, err := send(at, http.MethodPost, "/meetings/sample/sessions/C20/uploads", nil, "Upload-Length", fmt.Sprint(len(data)), "Upload-Metadata", meta)
			if err != nil || res.StatusCode != 201 {
				t.Fatalf("begin: %v %v", res, err)
			}
			upload = res.Header.Get("Location")
		}
		res, err := send(at, http.MethodHead, upload, nil)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("start %d: %v %v", round, res, err)
		}
		var n int
		if _, err := fmt.Sscan(res.Header.Get("Upload-Offset"), &n); err != nil || n > len(data) || round > 0 && n == 0 {
			t.Fatalf("start %d: offset %q", round, res.Header.Get("Upload-Offset"))
		}
		t.Log("start", round, "knows of", n, "bytes")
		if round == 2 {
			res, err = send(at, http.MethodPatch, upload, bytes.NewReader(data[n:]), "Upload-Offset", fmt.Sprint(n), "Content-Type", "application/offset+octet-stream")
			if err != nil || res.StatusCode != 204 {
				t.Fatalf("the rest: %v %v", res, err)
			}
			_, body, err := fetch(client, at+"/materials/"+res.Header.Get("Upload-Became"))
			if err != nil || body != string(data) {
				t.Errorf("what was handed in is not what was sent: %d bytes, %v", len(body), err)
			}
			kill()
			continue
		}
		r, w := io.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = send(at, http.MethodPatch, upload, r, "Upload-Offset", fmt.Sprint(n), "Content-Type", "application/offset+octet-stream")
		}()
		if _, err := w.Write(data[n : n+(2<<20)]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
		kill()
		_ = w.Close()
		<-ended
	}
}

// demoToKill starts the demo as a process, and returns its address and what kills it.
func demoToKill(t *testing.T, dir string) (at string, kill func()) {
	t.Helper()
	at, c, _ := demoProcess(t, dir)
	return at, func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
}

// TestDemoSpeaker: in the demo one may become a speaker, who finds their sessions and may hand in slides.
func TestDemoSpeaker(t *testing.T) {
	testkit.Long(t)
	at, kill := demoToKill(t, filepath.Join(t.TempDir(), "data"))
	defer kill()
	at = strings.Replace(at, "127.0.0.1", "localhost", 1)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	res, err := client.PostForm(at+"/dev/become", url.Values{"who": {"speaker"}, "next": {"/me/talks"}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	_, path, ok := strings.Cut(string(body), `href="/meetings/sample/talks/`)
	name, _, _ := strings.Cut(path, `"`)
	if err != nil || res.StatusCode != http.StatusOK || !ok {
		t.Fatalf("my talks: %d %v %.800s", res.StatusCode, err, body)
	}
	for _, page := range []string{"/meetings/sample/talks/" + name, "/meetings/sample/sessions/" + name + "/materials"} {
		if status, _, err := fetch(client, at+page); err != nil || status != http.StatusOK {
			t.Errorf("%s: %d, %v", page, status, err)
		}
	}
}

// browse signs a person in on a tab of a browser. The site has to be one without https: browsers keep no cookie of https for what they reach by http.
func (m *member) browse(tab *testkit.Tab) {
	_, value, _ := strings.Cut(m.cookie, "=")
	call(tab, network.SetCookie, network.SetCookieParams{Name: "tsudoi-session", Value: value, URL: m.w.url, Path: "/"})
}

// withoutHTTPS runs the program with the example meetings, for browsers in which somebody is signed in.
func withoutHTTPS(t testing.TB) *site {
	t.Helper()
	s := settings(t, db.SQLite)
	s.PublicURL = "http://localhost"
	w := startWith(t, s)
	if err := w.loadExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestHandingInWithABrowser hands slides in with a real browser: in pieces, after a reload from where it stopped, and without scripts.
func TestHandingInWithABrowser(t *testing.T) {
	testkit.Need(t, testkit.Chromium)
	w := withoutHTTPS(t)
	m := w.member("プログラム 委員", []event.RoleKey{event.RoleProgramme}, "sample")
	tab := testkit.Browser(t)
	m.browse(tab)
	page := w.url + "/meetings/sample/sessions/C20/materials"
	dir := t.TempDir()
	files := map[string][]byte{"発表資料.pdf": aPDF(20 << 20), "v2.pdf": aPDF(3000), "slides.pdf": []byte("these are no slides")}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	looked := func() {
		for _, v := range looks() {
			tab.Look(v)
			tab.Open(w.addressIn("/meetings/sample/sessions/C20/materials", v.Lang))
			for _, x := range tab.Axe() {
				t.Errorf("%s: accessibility: %s", v, x)
			}
			testkit.Keep(t, v.String()+".png", tab.Screenshot())
		}
		w.narrow(t, tab, "/materials")
	}
	tab.Look(testkit.View{Width: 390, Height: 800, Lang: "ja"})
	tab.Open(page)

	// A file that is none is refused with a sentence beside it, and the form stays as it was.
	tab.Do(chromedp.SetUploadFiles("#m-file", []string{filepath.Join(dir, "slides.pdf")}), chromedp.Click(`.m-section:last-child form input[value=now]`))
	tab.Do(chromedp.Click(`.m-section:last-child form > .actions > .btn`), chromedp.WaitVisible(`.m-error`))
	if got := testkit.Eval[string](tab, `document.querySelector('.m-error').textContent`); !strings.Contains(got, "この形式は受け付けていません") {
		t.Errorf("text: %q", got)
	}
	if problems := tab.Problems(); len(problems) != 1 || !strings.Contains(problems[0], "422") {
		t.Errorf("%q", problems)
	}

	// In pieces; it is left in the middle, and goes on.
	tab.Do(chromedp.SetUploadFiles("#m-file", []string{filepath.Join(dir, "発表資料.pdf")}))
	testkit.Eval[bool](tab, `(() => {
		const send = XMLHttpRequest.prototype.send
		XMLHttpRequest.prototype.send = function (body) { if (body && ++window.pieces > 1) return; send.call(this, body) }
		window.pieces = 0
		return true
	})()`)
	tab.Do(chromedp.Click(`.m-section:last-child form > .actions > .btn`))
	testkit.Ask(tab, chromedp.Poll[bool](`document.querySelector('.m-section:last-child progress').value >= 40`))
	testkit.Keep(t, "sending.png", tab.Screenshot())
	for _, x := range tab.Axe() {
		t.Errorf("while sending: accessibility: %s", x)
	}
	tab.Do(chromedp.Click(`.m-section:last-child [data-do=pause]`))
	if got := testkit.Eval[string](tab, `document.querySelector('.m-section:last-child .m-status').textContent`); got != "一時停止中" {
		t.Errorf("paused: %q", got)
	}
	tab.Open("about:blank")
	tab.Open(page)
	if got := testkit.Eval[string](tab, `document.querySelector('.m-list').textContent`); !strings.Contains(got, "発表資料.pdf") || !strings.Contains(got, "40%") {
		t.Errorf("unfinished: %q", got)
	}
	tab.Do(chromedp.SetUploadFiles("#m-file", []string{filepath.Join(dir, "発表資料.pdf")}), chromedp.Click(`.m-section:last-child form > .actions > .btn`), chromedp.WaitVisible(`.done`))
	if got := testkit.Eval[string](tab, `document.querySelector('.m-item').textContent`); !strings.Contains(got, "発表資料.pdf") || !strings.Contains(got, "3ページ") || !strings.Contains(got, "委員") {
		t.Errorf("handed in: %q", got)
	}

	// A new version, without scripts.
	tab.Look(testkit.View{Width: 834, Height: 800, Lang: "ja", NoScript: true})
	tab.Open(page)
	tab.Do(chromedp.Click(`.m-item details:nth-of-type(1) > summary`), chromedp.SetUploadFiles(`.m-item input[type=file]`, []string{filepath.Join(dir, "v2.pdf")}), chromedp.Click(`.m-item .m-form > .actions > .btn`), chromedp.WaitVisible(`.done`))
	if got := testkit.Eval[string](tab, `document.querySelector('.m-item').textContent`); !strings.Contains(got, "第2版") || !strings.Contains(got, "以前の版（1件）") {
		t.Errorf("replaced: %q", got)
	}
	looked()
	w.noErrors()
}
