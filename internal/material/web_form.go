package material

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// silence is how long a sender may be silent before the connection is taken for lost, and finishing how long it may wait for the last answer.
const (
	silence   = 20 * time.Second
	finishing = patience + time.Minute
)

// patientBody is a body that may take as long as it comes: the time-out is for each piece and not for the whole.
type patientBody struct {
	io.Reader
	c *http.ResponseController
}

func patiently(w http.ResponseWriter, r *http.Request) *patientBody {
	return &patientBody{r.Body, http.NewResponseController(w)}
}

// Read waits for the next piece.
func (b *patientBody) Read(p []byte) (int, error) {
	now := time.Now()
	_ = b.c.SetReadDeadline(now.Add(silence)) // where it cannot be set, the time-outs of the server hold
	_ = b.c.SetWriteDeadline(now.Add(finishing))
	return b.Reader.Read(p)
}

// maxField bounds a field of a form that is not the file.
const maxField = 4 << 10

// handIn takes a file from a form, without scripts: it is written to the disk as it comes. The fields stand before the file.
func (h *Web) handIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = io.NopCloser(patiently(w, r))
	m, err := r.MultipartReader()
	if err != nil {
		return fault.New(fault.Invalid, "error.form").Because(err)
	}
	u, file, err := readForm(m)
	var sess *Session
	if err == nil {
		sess, err = h.materials.HandIn(r.Context(), r.PathValue("slug"), r.PathValue("name"), u, file)
	}
	if err != nil {
		if err = lost(r, err); errors.Is(err, ErrTooMuch) {
			err = tooLarge(h.materials.o.Max)
		}
		if kind := fault.KindOf(err); kind == fault.Invalid || kind == fault.Conflict || kind == fault.TooMany {
			return h.show(w, r, kind.Status(), err)
		}
		return err
	}
	return web.Done(shelfURL(r, sess) + "?done=handed_in")
}

// readForm reads the fields up to the file.
func readForm(m *multipart.Reader) (u Upload, file *multipart.Part, err error) {
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil, invalid(keyEmpty)
		}
		if err != nil {
			return u, nil, fault.New(fault.Invalid, "error.form").Because(err)
		}
		if p.FormName() == "file" {
			u.Name = p.FileName()
			if u.Name == "" {
				return u, nil, invalid("material.error.choose")
			}
			return u, p, nil
		}
		b, err := io.ReadAll(io.LimitReader(p, maxField))
		if err != nil {
			return u, nil, fault.New(fault.Invalid, "error.form").Because(err)
		}
		u.set(p.FormName(), string(b))
	}
}

// set takes a field of a form, or of the metadata of an upload.
func (u *Upload) set(name, value string) {
	switch name {
	case "kind":
		u.About.Kind = Kind(value)
	case "opens":
		u.About.Opens = Opens(value)
	case "label_ja":
		u.About.Label = u.About.Label.With(i18n.JA, value)
	case "label_en":
		u.About.Label = u.About.Label.With(i18n.EN, value)
	case "note":
		u.Note = value
	case "of":
		u.Of = value
	case "filename", "name":
		u.Name = value
	}
}
