package registration

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// keptOnlineOf is what is kept of how somebody took part online, as they get to see it.
type keptOnlineOf struct {
	Watched []keptWatch `json:"watched,omitempty"`
	Joined  []keptJoin  `json:"joined,omitempty"`
}

// keptWatch is how long somebody watched.
type keptWatch struct {
	Day     event.Date `json:"day"`
	Stream  string     `json:"stream"`
	Session string     `json:"session,omitempty"`
	Minutes int        `json:"minutes"`
}

// keptJoin is how somebody used their link. From which networks cannot be read from what is kept.
type keptJoin struct {
	Stream   string    `json:"stream"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Times    int       `json:"times"`
	Networks int       `json:"networks"`
}

// exportedOnline is what is kept of how an account took part online, by entry.
func exportedOnline(ctx context.Context, r db.Reader, id int64) (map[EntryID]keptOnlineOf, error) {
	out := map[EntryID]keptOnlineOf{}
	streams, err := streamsOfPerson(ctx, r, id)
	if err != nil {
		return nil, err
	}
	refs := map[StreamID]string{}
	for _, x := range streams {
		refs[x.ID] = x.Ref
	}
	watched, joined, err := onlineOfPerson(ctx, r, id)
	for _, w := range watched {
		k := out[w.Entry]
		k.Watched = append(k.Watched, keptWatch{w.Day, refs[w.Stream], w.Session, w.Minutes()})
		out[w.Entry] = k
	}
	for _, j := range joined {
		k := out[j.Entry]
		k.Joined = append(k.Joined, keptJoin{refs[j.Stream], j.First, j.Last, j.Times, j.Networks})
		out[j.Entry] = k
	}
	return out, err
}
