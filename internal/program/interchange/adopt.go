package interchange

import (
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Adopt gives what d knows only by name the keys that have uses for the same thing: rooms, kinds and topics with the same name in either
// language, speakers with the same guid or name. A format without keys of its own makes them up from names (see Fields), so that without
// this a schedule.xml of a meeting that was written by hand would bring each room a second time. A Tsudoi file has keys: leave it alone.
func (d *Document) Adopt(have *Document) {
	rooms := map[string]string{}
	if d.Meeting != nil && have.Meeting != nil {
		name := func(r event.Room) i18n.Text { return r.Name }
		rooms = rekey(d.Meeting.Rooms, have.Meeting.Rooms, func(r *event.Room) *string { return &r.Key }, name)
	}
	kinds := rekey(d.Kinds, have.Kinds, func(k *Kind) *string { return &k.Key }, func(k Kind) i18n.Text { return k.Label })
	topics := rekey(d.Topics, have.Topics, func(k *Topic) *string { return &k.Key }, func(k Topic) i18n.Text { return k.Label })
	guids := map[string]string{}
	for _, p := range have.Speakers {
		guids[p.GUID] = p.Key
	}
	speakers := rekey(d.Speakers, have.Speakers, func(p *Speaker) *string { return &p.Key }, func(p Speaker) i18n.Text { return p.Name })
	for i := range d.Speakers {
		if key := guids[d.Speakers[i].GUID]; key != "" {
			speakers[d.Speakers[i].Key] = key
			d.Speakers[i].Key = key
		}
	}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		s.Room, s.Kind = renamed(rooms, s.Room), renamed(kinds, s.Kind)
		for j := range s.Topics {
			s.Topics[j] = renamed(topics, s.Topics[j])
		}
		readopt(s.Speakers, s.Parts, speakers)
	}
}

func readopt(as []Appearance, parts []Part, speakers map[string]string) {
	for i := range as {
		as[i].Speaker = renamed(speakers, as[i].Speaker)
	}
	for i := range parts {
		readopt(parts[i].Speakers, parts[i].Parts, speakers)
	}
}

// rekey gives the elements of list the keys of those in have with the same name, unless an element has that key already, and returns
// the new keys by the old.
func rekey[T any](list, have []T, key func(*T) *string, name func(T) i18n.Text) map[string]string {
	byName, taken, out := map[string]string{}, map[string]bool{}, map[string]string{}
	for i := range have {
		for _, l := range i18n.Langs {
			if n := name(have[i]).Exact(l); n != "" && byName[n] == "" {
				byName[n] = *key(&have[i])
			}
		}
	}
	for i := range list {
		taken[*key(&list[i])] = true
	}
	for i := range list {
		k := key(&list[i])
		for _, l := range i18n.Langs {
			if to := byName[name(list[i]).Exact(l)]; to != "" && to != *k && !taken[to] {
				out[*k], taken[to] = to, true
				*k = to
				break
			}
		}
	}
	return out
}

func renamed(keys map[string]string, key string) string {
	if to, ok := keys[key]; ok {
		return to
	}
	return key
}
