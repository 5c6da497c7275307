package registration

import (
	"net/http"
	"net/url"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var newsPage = web.NewPage[newsView](event.Mast, web.From(Files, "pages/news.html"))

// newsView is the page on which somebody says whether they want letters that are not necessary.
type newsView struct {
	Back    string
	Action  string
	Refuses bool
}

func (h *Web) newsForm(p *ownPage, w http.ResponseWriter, r *http.Request) error {
	no, err := h.s.RefusesNews(r.Context(), p.o)
	if err != nil {
		return err
	}
	p.Title = p.T("registration.news.title")
	return web.Show(w, newsPage, p.Frame, newsView{p.base, p.base + "/news", no})
}

// saveNews notes it. A mail program that unsubscribes by itself (RFC 8058) sends no choice: that means no.
func (h *Web) saveNews(p *ownPage, _ http.ResponseWriter, r *http.Request, form url.Values) error {
	if err := h.s.RefuseNews(r.Context(), p.o, form.Get("news") != "yes"); err != nil {
		return err
	}
	return web.Done(p.base + "/news")
}
