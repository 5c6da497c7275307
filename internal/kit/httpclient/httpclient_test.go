package httpclient_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/httpclient"
)

func TestLoopbackReachesThisMachineOnly(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer srv.Close()
	c := httpclient.Loopback(1)
	r, err := httpclient.Request(t.Context(), srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(r)
	if err != nil || res.StatusCode != http.StatusTeapot {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	for _, url := range []string{"http://192.0.2.1/", "http://example.org/", "http://[2001:db8::1]/"} {
		r, err := httpclient.Request(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := c.Do(r); err == nil {
			_ = res.Body.Close()
			t.Errorf("%s was reached", url)
		}
	}
}
