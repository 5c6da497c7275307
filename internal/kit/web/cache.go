package web

import (
	"bytes"
	"container/list"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"sync"
)

// Cache keeps rendered answers by key until the version of what they show changes. It holds at most a fixed number of bytes and
// forgets the least recently used first.
type Cache struct {
	mu    sync.Mutex
	max   int
	size  int
	order *list.List // of *entry, most recent first
	byKey map[string]*list.Element
}

type entry struct {
	key     string
	version string
	once    sync.Once
	body    *body // written once, before once is done
	err     error
	size    int // what it counts for; 0 until it is finished, under the cache's lock
}

// NewCache makes a cache of at most max bytes.
func NewCache(max int) *Cache {
	return &Cache{max: max, order: list.New(), byKey: map[string]*list.Element{}}
}

// Answer says what to serve: Key names it (address and language, and parameters where they matter), Version changes whenever what
// it shows does, and Type is its media type.
type Answer struct {
	Key, Version, Type string
	CacheControl       string // default: browsers ask each time, and mostly hear 304
	Download           string // a file name, for answers that are saved
	CORS               bool   // may be read by pages of other sites
}

// revalidate lets browsers keep the page but ask before every use, so that a change shows at once.
const revalidate = "public, max-age=0, must-revalidate"

// Serve answers from the cache, rendering at most once per key and version however many ask at the same time.
func (c *Cache) Serve(w http.ResponseWriter, r *http.Request, a Answer, render func(io.Writer) error) error {
	e := c.entry(a.Key, a.Version)
	e.once.Do(func() {
		e.body, e.err = finish(a.Type, render)
		c.finished(e)
	})
	if e.err != nil {
		return e.err
	}
	if a.CacheControl == "" {
		a.CacheControl = revalidate
	}
	if a.CORS {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if a.Download != "" {
		w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", a.Download))
	}
	e.body.serve(w, r, a.CacheControl)
	return nil
}

// finish renders a body. A render that panics has failed like any other, so that the next reader tries again.
func finish(kind string, render func(io.Writer) error) (b *body, err error) {
	defer func() {
		if v := recover(); v != nil {
			b, err = nil, fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	var buf bytes.Buffer
	if err := render(&buf); err != nil {
		return nil, err
	}
	return newBody(kind, bytes.Clone(buf.Bytes())), nil
}

// entry finds the entry of a key at a version, or starts one in place of an older.
func (c *Cache) entry(key, version string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byKey[key]; ok {
		e := el.Value.(*entry)
		if e.version == version {
			c.order.MoveToFront(el)
			return e
		}
		c.drop(el)
	}
	e := &entry{key: key, version: version}
	c.byKey[key] = c.order.PushFront(e)
	return e
}

// finished counts a rendered entry, or forgets a failed one, and makes room.
func (c *Cache) finished(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byKey[e.key]
	if !ok || el.Value != any(e) {
		return // replaced meanwhile
	}
	if e.err != nil {
		c.drop(el)
		return
	}
	e.size = e.body.size()
	c.size += e.size
	for c.size > c.max && c.order.Len() > 1 {
		c.drop(c.order.Back())
	}
}

// drop forgets an entry. One that is still being rendered counts for nothing yet, and never will.
func (c *Cache) drop(el *list.Element) {
	e := c.order.Remove(el).(*entry)
	delete(c.byKey, e.key)
	c.size -= e.size
}
