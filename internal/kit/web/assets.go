package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Assets are the style sheets, scripts and icons of the program. Each has an address that contains its hash, so that browsers
// keep it for ever. What is made while the program runs does not belong here: another process on the same database would not have it.
type Assets struct {
	mu     sync.RWMutex
	byName map[string]string // style.css -> style.0123456789ab.css
	byURL  map[string]*body
}

// NewAssets makes an empty set.
func NewAssets() *Assets { return &Assets{byName: map[string]string{}, byURL: map[string]*body{}} }

// Bundle adds one asset made of several files, in the order given.
func (a *Assets) Bundle(name string, parts ...Source) error {
	var b bytes.Buffer
	for _, p := range parts {
		for _, f := range p.Files {
			data, err := fs.ReadFile(p.FS, f)
			if err != nil {
				return fmt.Errorf("bundle %s: %w", name, err)
			}
			b.Write(data)
			b.WriteByte('\n')
		}
	}
	a.Add(name, b.Bytes())
	return nil
}

// Add adds an asset and returns its address.
func (a *Assets) Add(name string, data []byte) string {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byName[name] = hashed
	if a.byURL[hashed] == nil {
		a.byURL[hashed] = newBody(contentType(ext), data)
	}
	return "/assets/" + hashed
}

func contentType(ext string) string {
	if ext == ".js" {
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(ext)
}

// URL is the address of an asset by its name. It panics where there is none: a mistake of the program.
func (a *Assets) URL(name string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	h, ok := a.byName[name]
	if !ok {
		panic("no asset is named " + name)
	}
	return "/assets/" + h
}

// Routes serves the assets.
func (a *Assets) Routes() []Route {
	return []Route{Data("/assets/{name}", func(w http.ResponseWriter, r *http.Request) error {
		a.mu.RLock()
		b := a.byURL[r.PathValue("name")]
		a.mu.RUnlock()
		if b == nil {
			return fault.Missing()
		}
		b.serve(w, r, "public, max-age=31536000, immutable")
		return nil
	})}
}
