package registration

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration/draw"
)

var drawPage = web.NewPage[drawView](event.Mast, web.From(Files, "pages/option_draw.html", "pages/parts.html"))

// drawRoutes are the addresses of the public record of lotteries.
func (h *Web) drawRoutes() []web.Route {
	const at = "/meetings/{slug}/registration/draws"
	return []web.Route{
		web.Private(at+"/{option}", web.Public, h.draw),
		web.Private(at+"/{option}/{file}", web.Public, h.drawFile),
		web.Private(at+"/check.py", web.Public, h.checkScript),
	}
}

// drawView is the public record of a lottery.
type drawView struct {
	Option  *Option
	Drawing *Drawing
	Base    string
	Back    string
	Draws   time.Time
	Closes  time.Time
	Lists   []drawnList
	Secret  string // once it was drawn
}

// drawnList is a slot of a lottery as its page shows it.
type drawnList struct {
	Slot     Slot
	Of       string
	Capacity int
	Bound    bool
	Hash     string
	Rows     []drawRow
	Winners  int
	File     string
}

type drawRow struct {
	T draw.Ticket
	D draw.Drawn
}

// openDraw finds the lottery that an address names.
func (h *Web) openDraw(r *http.Request, key string) (*web.Frame, *Meeting, *Option, *Drawing, error) {
	f, m, err := h.open(r, "registration.draw.title")
	if err != nil {
		return nil, nil, nil, nil, err
	}
	o := m.Option(key)
	if o == nil {
		return nil, nil, nil, nil, fault.Missing()
	}
	d, err := h.s.lottery(r.Context(), m, o)
	if err == nil && d == nil {
		err = fault.Missing()
	}
	return f, m, o, d, err
}

// draw shows a lottery to everybody: the promise, then the list, then the draw. Under a name that ends in .json it is for programs.
func (h *Web) draw(w http.ResponseWriter, r *http.Request) error {
	key, asJSON := strings.CutSuffix(r.PathValue("option"), ".json")
	f, m, o, d, err := h.openDraw(r, key)
	if err != nil {
		return err
	}
	if asJSON {
		all, err := h.published(r, m, o, d)
		if err != nil {
			return err
		}
		return writeJSON(w, all)
	}
	f.Title, f.NoIndex = f.T("registration.draw.title")+" "+f.In(o.Name), false
	back := f.URL("/meetings/" + m.Slug + "/registration")
	v := drawView{Back: back, Option: o, Drawing: d, Base: back + "/draws", Draws: inZone(o.DrawAt, m.Location()), Closes: inZone(o.Closes, m.Location())}
	if d.Frozen() {
		v.Draws = d.DrawAt
	}
	if d.Drawn() {
		v.Secret = d.secret.Open()
	}
	quotas, err := h.s.quotas(r.Context(), m)
	if err != nil {
		return err
	}
	for i := range o.Slots {
		v.Lists = append(v.Lists, d.shown(m, o, &o.Slots[i], quotas, v.Base))
	}
	return web.Show(w, drawPage, f, v)
}

// capacity is how many places of a slot are drawn: as many as the frozen list says, or until then as are not given away.
func (d *Drawing) capacity(o *Option, slot string, quotas map[string]Quota) (n int, bound bool) {
	for _, l := range d.Lists {
		if l.Slot == slot {
			return l.Capacity, l.Capacity != everybody
		}
	}
	return quotas[slotQuota(o.Key, slot)].Left()
}

// shown is the part of a lottery's page about a slot.
func (d *Drawing) shown(m *Meeting, o *Option, x *Slot, quotas map[string]Quota, base string) drawnList {
	v := drawnList{Slot: *x, Of: drawOf(m.Slug, o.Key, x.Key), File: base + "/" + o.Key + "/" + x.Key + ".json"}
	v.Slot.Starts, v.Slot.Ends = inZone(x.Starts, m.Location()), inZone(x.Ends, m.Location())
	v.Capacity, v.Bound = d.capacity(o, x.Key, quotas)
	for _, l := range d.Lists {
		if l.Slot != x.Key {
			continue
		}
		v.Hash = l.Hash
		by := map[string]draw.Ticket{}
		for _, t := range l.Tickets {
			by[t.ID] = t
			if !d.Drawn() {
				v.Rows = append(v.Rows, drawRow{T: t})
			}
		}
		for _, x := range l.Order {
			v.Rows = append(v.Rows, drawRow{by[x.Ticket], x})
			if x.Won {
				v.Winners++
			}
		}
	}
	return v
}

// before is what is published of a slot before the draw: whoever keeps it can check the draw against it.
type before struct {
	draw.Rules
	Closes   time.Time     `json:"closes"`
	DrawAt   time.Time     `json:"draw_at"`
	ListHash string        `json:"list_hash,omitempty"`
	Tickets  []draw.Ticket `json:"tickets,omitempty"`
}

// published is what a slot's file holds: the whole record once it was drawn, and the promise before.
func (h *Web) published(r *http.Request, m *Meeting, o *Option, d *Drawing) (map[string]any, error) {
	out := map[string]any{}
	quotas, err := h.s.quotas(r.Context(), m)
	if err != nil {
		return nil, err
	}
	for i := range o.Slots {
		slot := o.Slots[i].Key
		var list *DrawList
		for _, l := range d.Lists {
			if l.Slot == slot {
				list = l
			}
		}
		if list != nil && d.Drawn() {
			rec, err := d.Record(m.Slug, list)
			if err != nil {
				return nil, err
			}
			out[slot] = rec
			continue
		}
		b := before{Closes: o.Closes, DrawAt: o.DrawAt}
		n, bound := d.capacity(o, slot, quotas)
		if !bound {
			n = everybody
		}
		if list != nil {
			b.ListHash, b.Tickets, b.DrawAt = list.Hash, list.Tickets, d.DrawAt
		}
		if b.Rules, err = d.rules(m.Slug, slot, n); err != nil {
			return nil, err
		}
		out[slot] = b
	}
	return out, nil
}

// drawFile is the file of one slot, which check.py reads, and check.py itself.
func (h *Web) drawFile(w http.ResponseWriter, r *http.Request) error {
	slot, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	if !ok {
		return fault.Missing()
	}
	_, m, o, d, err := h.openDraw(r, r.PathValue("option"))
	if err != nil {
		return err
	}
	all, err := h.published(r, m, o, d)
	if err != nil {
		return err
	}
	one, ok := all[slot]
	if !ok {
		return fault.Missing()
	}
	return writeJSON(w, one)
}

// checkScript is the program with which anybody can repeat a draw.
func (h *Web) checkScript(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := h.open(r, "registration.title"); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="check.py"`)
	_, err := w.Write(draw.Script)
	return err
}

func writeJSON(w http.ResponseWriter, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(append(b, '\n'))
	return err
}
