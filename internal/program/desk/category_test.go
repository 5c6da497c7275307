package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
)

func TestTopicsAndThePolicyThroughTheForms(t *testing.T) {
	dbtest.Quick(t, folders(), func(t *testing.T, d *db.DB) {
		s := janog57(t, d)
		const at = "/en/meetings/janog57/desk"
		code, page := s.post(at+"/categories/topics", url.Values{"f./label.ja": {"経路"}, "base./label.ja": {""}, "f./label.en": {"Routing"}, "base./label.en": {""}})
		if code != http.StatusOK || !strings.Contains(page, `value="経路"`) || !strings.Contains(page, "Saved.") {
			t.Fatalf("%d %s", code, page)
		}
		change := url.Values{"f.routing/label.ja": {"ルーティング"}, "base.routing/label.ja": {"経路"}}
		if code, page := s.post(at+"/categories/topics", change); code != http.StatusOK || !strings.Contains(page, `value="ルーティング"`) {
			t.Fatalf("%d %s", code, page)
		}
		change.Set("f.routing/label.ja", "経路制御")
		code, page = s.post(at+"/categories/topics", change)
		if code != http.StatusConflict || !strings.Contains(page, `value="経路制御"`) || !strings.Contains(page, "<blockquote>ルーティング</blockquote>") {
			t.Errorf("what was typed, and what is there, are shown: %d %s", code, page)
		}
		code, page = s.get(at + "/categories/topics/routing")
		if code != http.StatusOK || !strings.Contains(page, "No session has this topic.") {
			t.Errorf("%d %s", code, page)
		}
		if code, page := s.post(at+"/categories/topics/routing/remove", url.Values{"used": {"0"}, "do": {"remove"}}); code != http.StatusOK || strings.Contains(page, "ルーティング") {
			t.Errorf("%d %s", code, page)
		}
		code, page = s.post(at+"/categories/topics", change)
		if code != http.StatusConflict || !strings.Contains(page, "“経路制御” was removed") {
			t.Errorf("what was typed for a topic that is gone is shown: %d %s", code, page)
		}
		code, page = s.get(at + "/policy?f.stream=no&base.stream=yes")
		if code != http.StatusOK || !strings.Contains(page, "Streaming: Allowed → Refused") {
			t.Fatalf("%d %s", code, page)
		}
		if code, page := s.post(at+"/policy", fields(page, at+"/policy")); code != http.StatusOK || !strings.Contains(page, "Saved.") {
			t.Errorf("%d %s", code, page)
		}
		if _, page := s.get(at + "/release"); !strings.Contains(page, "Streaming is refused now, for the meeting as a whole.") {
			t.Errorf("the release does not say it: %s", page)
		}
		if code, page := s.post(at+"/undo", url.Values{}); code != http.StatusOK || !strings.Contains(page, "Undone.") {
			t.Errorf("%d %s", code, page)
		}

		// Two people at once: what one of them left alone is not taken back to how they saw it, and what both changed is for a person to decide.
		seen := at + "/policy?f.stream=yes&base.stream=yes&f.record=no&base.record=yes"
		_, page = s.get(at + "/policy?f.stream=no&base.stream=yes")
		if code, page := s.post(at+"/policy", fields(page, at+"/policy")); code != http.StatusOK {
			t.Errorf("%d %s", code, page)
		}
		code, page = s.get(seen)
		if code != http.StatusOK || strings.Contains(page, "Streaming: ") || !strings.Contains(page, "Recording: Allowed → Refused") {
			t.Errorf("%d %s", code, page)
		}
		if code, page := s.post(at+"/policy", fields(page, at+"/policy")); code != http.StatusOK || !strings.Contains(page, "Saved.") {
			t.Errorf("%d %s", code, page)
		}
		_, page = s.get(at + "/policy?f.publish_until=2026-05-01&base.publish_until=")
		if code, page := s.post(at+"/policy", fields(page, at+"/policy")); code != http.StatusOK {
			t.Errorf("%d %s", code, page)
		}
		_, page = s.get(at + "/policy?f.publish_until=2026-06-01&base.publish_until=")
		code, page = s.post(at+"/policy", fields(page, at+"/policy"))
		if code != http.StatusConflict || !strings.Contains(page, "<blockquote>2026-05-01</blockquote>") {
			t.Errorf("both chose an end: %d %s", code, page)
		}
	})
}
