package material

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// The protocol of uploads that are resumed: tus 1.0.0 (https://tus.io/protocols/resumable-upload), its core and these of its extensions.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,expiration,termination"
	tusPiece      = "application/offset+octet-stream"
)

// maxPiece bounds one request: clients may send all of a file at once.
const maxPiece = MaxBytes + 1

func (h *Web) tusRoutes() []web.Route {
	route := func(pattern string, access web.Access, body int64, handle web.Handler) web.Route {
		return web.Route{Pattern: pattern, Access: access, Machine: true, Personal: true, MaxBody: body, Handler: h.tus(handle)}
	}
	return []web.Route{
		route("POST /meetings/{slug}/sessions/{name}/uploads", web.SignedIn, 1, h.create),
		route("OPTIONS /meetings/{slug}/sessions/{name}/uploads", web.Public, 1, h.options),
		route("HEAD /uploads/{id}", web.SignedIn, 1, h.offset),
		route("PATCH /uploads/{id}", web.SignedIn, maxPiece, h.piece),
		route("DELETE /uploads/{id}", web.SignedIn, 1, h.abandon),
		route("OPTIONS /uploads/{id}", web.Public, 1, h.options),
	}
}

// tus puts around a handler what the protocol says for every request and answer, and tells errors as it wants them told: with a status of its own,
// and here with a sentence in the reader's language.
func (h *Web) tus(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Tus-Resumable", tusVersion)
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodOptions && r.Header.Get("Tus-Resumable") != tusVersion {
			w.Header().Set("Tus-Version", tusVersion)
			w.WriteHeader(http.StatusPreconditionFailed)
			return nil
		}
		err := next(w, r)
		status, key := refusal(err)
		if err == nil || status == 0 {
			return err
		}
		var args []any
		f, isFault := fault.As(err)
		if isFault {
			for k, v := range f.Args {
				args = append(args, k, v)
			}
		}
		if at, ok := errors.AsType[*OffsetError](err); ok {
			w.Header().Set("Upload-Offset", strconv.FormatInt(at.Is, 10))
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		l, ok := i18n.ParseLang(r.Header.Get("Accept-Language"))
		if !ok {
			l = i18n.EN
		}
		return json.NewEncoder(w).Encode(map[string]any{
			"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": h.site.Words.Say(l, key, args...),
		})
	}
}

// refusal is the status that the protocol has for an error and the key of what to say; 0 for errors that are told like any other.
func refusal(err error) (status int, key string) {
	if _, ok := errors.AsType[*OffsetError](err); ok {
		return http.StatusConflict, "material.error.offset"
	}
	switch {
	case errors.Is(err, ErrBusy):
		return http.StatusLocked, "material.error.busy"
	case errors.Is(err, ErrTooMuch):
		return http.StatusRequestEntityTooLarge, "material.error.too_much"
	case errors.Is(err, syscall.ENOSPC):
		return http.StatusInsufficientStorage, "material.error.full"
	}
	f, ok := fault.As(err)
	if !ok {
		return 0, ""
	}
	if f.Key == keyTooLarge {
		return http.StatusRequestEntityTooLarge, f.Key
	}
	return f.Kind.Status(), f.Key
}

// options says what the server can do.
func (h *Web) options(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Tus-Version", tusVersion)
	w.Header().Set("Tus-Extension", tusExtensions)
	w.Header().Set("Tus-Max-Size", strconv.FormatInt(h.materials.o.Max, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// create begins an upload.
func (h *Web) create(w http.ResponseWriter, r *http.Request) error {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		return fault.New(fault.Invalid, "material.error.length")
	}
	u := Upload{Size: size}
	for name, value := range metadata(r.Header.Get("Upload-Metadata")) {
		u.set(name, value)
	}
	up, err := h.materials.Begin(r.Context(), r.PathValue("slug"), r.PathValue("name"), u)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/uploads/"+up.ID)
	expires(w, up)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// metadata reads what the client says of a file: pairs of a name and a base64 value, with commas between. Whatever is none is passed over.
func metadata(header string) map[string]string {
	m := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
		if err == nil && name != "" && len(m) < 20 && len(b) <= maxField {
			m[name] = string(b)
		}
	}
	return m
}

func expires(w http.ResponseWriter, u *Upload) {
	w.Header().Set("Upload-Expires", u.Expires.UTC().Format(http.TimeFormat))
}

// offset says how much of an upload is there.
func (h *Web) offset(w http.ResponseWriter, r *http.Request) error {
	u, n, err := h.materials.Offset(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(n, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	expires(w, u)
	w.WriteHeader(http.StatusOK)
	return nil
}

// piece takes the next piece of an upload. What came of one that breaks off is kept.
func (h *Web) piece(w http.ResponseWriter, r *http.Request) error {
	if r.Header.Get("Content-Type") != tusPiece {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return nil
	}
	at, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || at < 0 {
		return fault.New(fault.Invalid, "material.error.length")
	}
	id := r.PathValue("id")
	if r.ContentLength > 0 { // too much is refused before it is sent
		u, n, err := h.materials.Offset(r.Context(), id)
		if err != nil {
			return err
		}
		if n != at {
			return &OffsetError{n}
		}
		if r.ContentLength > u.Size-at {
			return ErrTooMuch
		}
	}
	u, n, err := h.materials.Append(r.Context(), id, at, patiently(w, r))
	if err != nil {
		return lost(r, err)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(silence))
	w.Header().Set("Upload-Offset", strconv.FormatInt(n, 10))
	if u.Became != "" {
		w.Header().Set("Upload-Became", u.Became)
	} else {
		u.Expires = h.materials.o.Now().Add(keptFor)
		expires(w, u)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// lost tells an error of the connection from one of ours: then nobody is there to hear it, and nothing is wrong here.
func lost(r *http.Request, err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ErrTooMuch
	}
	if fault.KindOf(err) != fault.Internal || errors.Is(err, ErrBusy) || errors.Is(err, ErrTooMuch) || errors.Is(err, syscall.ENOSPC) {
		return err
	}
	if _, ok := errors.AsType[*OffsetError](err); ok {
		return err
	}
	_, network := errors.AsType[net.Error](err)
	if network || errors.Is(err, io.ErrUnexpectedEOF) || r.Context().Err() != nil {
		return fault.New(fault.Invalid, "material.error.cut").Because(err)
	}
	return err
}

// abandon throws an upload away.
func (h *Web) abandon(w http.ResponseWriter, r *http.Request) error {
	if err := h.materials.Abandon(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
