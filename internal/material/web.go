package material

import (
	"cmp"
	"context"
	"embed"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words, templates, style sheets and scripts of this package.
//
//go:embed lang/*.json pages/*
var Files embed.FS

// Web serves the materials: their pages, the uploads, and the files themselves.
type Web struct {
	materials *Service
	site      *web.Site
}

// NewWeb makes the handlers.
func NewWeb(s *Service, site *web.Site) *Web { return &Web{s, site} }

// Routes lists every address of the materials.
func (h *Web) Routes() []web.Route {
	form := web.Action("/meetings/{slug}/sessions/{name}/materials", web.SignedIn, h.handIn)
	form.MaxBody = MaxBytes + 1<<20 // the file, and the fields around it
	return append([]web.Route{
		web.Private("/meetings/{slug}/sessions/{name}/materials", web.SignedIn, h.shelf),
		form,
		web.Action("/materials/{id}", web.SignedIn, h.change),
		web.Private("/materials/{id}", web.Public, h.newest),
		web.Private("/materials/{id}/{digest}/{file}", web.Public, h.file),
	}, h.tusRoutes()...)
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked { return []web.Checked{shelfPage} }

var shelfPage = web.NewPage[shelfView](event.Mast, web.From(Files, "pages/shelf.html"))

// shelfView is the page on which materials are handed in.
type shelfView struct {
	*Shelf
	Back     string // path of the session
	Action   string // path that forms hand in to
	UploadTo string // path that uploads begin at
	Uploads  []uploadView
	Items    []*itemView
	Refused  bool
	Ends     string // when the session is over, in words; empty where that is not known
	Kinds    []option
	Choices  []option
	Problem  *web.Problem
	Said     string // what was just done
	Room     string // how much of what it may have a session has, for the committee
	Max      int    // MB
	Accept   string
	MaxBytes int64
}

// option is a choice of a form.
type option struct {
	Value, Label, Hint string
	Chosen             bool
}

// uploadView is an unfinished upload.
type uploadView struct {
	*Upload
	Percent int
	Path    string
}

// itemView is a material.
type itemView struct {
	*web.Frame
	File     *File
	Title    i18n.Text
	State    State
	StateIn  string // in words
	Newest   versionView
	Older    []versionView
	Action   string
	Kinds    []option
	Choices  []option
	Upload   string // path that a new version is handed in to
	UploadTo string // path that its upload begins at
	MayOpen  bool   // who reads may lift the embargo
	Accept   string
	Max      int // MB
	MaxBytes int64
}

// versionView is a version of a material.
type versionView struct {
	Version
	Facts, When, Who, URL string
}

// accept is what file choosers offer first. Keynote's folders have no type that all browsers know.
const accept = ".pdf,.pptx,.ppsx,.key,.odp,.zip,application/pdf,application/zip"

// shelf shows the materials of a session to those who may work on them.
func (h *Web) shelf(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, nil)
}

func (h *Web) show(w http.ResponseWriter, r *http.Request, status int, wrong error) error {
	sh, err := h.materials.Shelf(r.Context(), r.PathValue("slug"), r.PathValue("name"))
	if err != nil {
		return err
	}
	f, err := h.materials.events.Frame(r, h.site, sh.Session.Meeting, "programme")
	if err != nil {
		return err
	}
	f.Title, f.NoIndex = f.T("material.title")+" · "+f.In(sh.Session.Title), true
	f.Styles = append(f.Styles, f.Asset("material.css"))
	f.Scripts = append(f.Scripts, f.Asset("material.js"))
	v, err := h.view(r.Context(), f, sh)
	if err != nil {
		return err
	}
	if wrong != nil {
		if v.Problem, err = f.ProblemOf(wrong); err != nil {
			return err
		}
	}
	if said := "material.done." + r.URL.Query().Get("done"); wrong == nil && f.Site.Words.Has(said) {
		v.Said = f.T(said)
	}
	return web.ShowStatus(w, status, shelfPage, f, v)
}

func (h *Web) view(ctx context.Context, f *web.Frame, sh *Shelf) (shelfView, error) {
	at := "/meetings/" + sh.Session.Meeting.Slug + "/sessions/" + url.PathEscape(sh.Session.Name)
	v := shelfView{
		Shelf: sh, Back: at, Action: at + "/materials", UploadTo: at + "/uploads", Refused: !sh.Session.MayShow, Max: int(h.materials.o.Max >> 20), Accept: accept, MaxBytes: h.materials.o.Max,
		Kinds: kinds(f, Slides), Choices: choices(f, AtEnd, sh.Session),
	}
	v.Room = f.T("material.used", "session", amount(sh.Used.Session), "session_max", amount(MaxSession), "meeting", amount(sh.Used.Meeting), "meeting_max", amount(h.materials.o.Meeting))
	if !sh.Session.End.IsZero() {
		v.Ends = f.Moment(sh.Session.End)
	}
	for _, u := range sh.Uploads {
		n, err := h.materials.large.Size(u.ID)
		if err != nil {
			continue // nothing of it is there: a backup was restored
		}
		v.Uploads = append(v.Uploads, uploadView{u, int(100 * n / max(1, u.Size)), "/uploads/" + u.ID})
	}
	now := h.materials.o.Now()
	for _, file := range sh.Files {
		v.Items = append(v.Items, h.item(f, sh, file, at, now))
	}
	return v, ctx.Err()
}

func (h *Web) item(f *web.Frame, sh *Shelf, file *File, at string, now time.Time) *itemView {
	v := &itemView{
		Frame: f, File: file, Title: file.Label, State: file.StateOf(sh.Session, now), Action: "/materials/" + file.ID, Upload: at + "/materials", UploadTo: at + "/uploads",
		Kinds: kinds(f, file.Kind), Choices: choices(f, file.Opens, sh.Session), MayOpen: file.Opens != Held || sh.Rights.Decide, Accept: accept, MaxBytes: h.materials.o.Max, Max: int(h.materials.o.Max >> 20),
	}
	if v.Title.IsZero() {
		word := f.T("material.kind." + string(file.Kind))
		v.Title = i18n.T(word, word)
	}
	v.StateIn = f.T("material.state." + string(v.State))
	if v.State == Waiting && !sh.Session.End.IsZero() {
		v.StateIn = f.T("material.state.waiting_until", "when", f.Moment(sh.Session.End))
	}
	for i, version := range file.Versions {
		view := versionView{Version: version, Facts: facts(f, &version), When: f.Moment(version.At), Who: f.In(sh.Names[version.By]), URL: file.URL(&version)}
		if i == 0 {
			v.Newest = view
		} else {
			v.Older = append(v.Older, view)
		}
	}
	return v
}

// facts says of a file what it is, and how large.
func facts(f *web.Frame, v *Version) string {
	s := f.T("material.format." + string(v.Format))
	if v.Pages > 0 {
		s += " · " + f.T("material.pages", "n", v.Pages)
	}
	return s + " · " + i18n.Bytes(v.Size)
}

func kinds(f *web.Frame, chosen Kind) []option {
	var list []option
	for _, k := range Kinds {
		list = append(list, option{Value: string(k), Label: f.T("material.kind." + string(k)), Chosen: k == chosen})
	}
	return list
}

func choices(f *web.Frame, chosen Opens, sess *Session) []option {
	var list []option
	for _, o := range Choices {
		hint := f.T("material.opens." + string(o) + "_hint")
		if o == AtEnd && !sess.End.IsZero() {
			hint = f.T("material.opens.end_when", "when", f.Moment(sess.End))
		}
		list = append(list, option{string(o), f.T("material.opens." + string(o)), hint, o == chosen})
	}
	return list
}

// change changes what is said of a material, or withdraws it.
func (h *Web) change(_ http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	var c Change
	done, gone := "changed", true
	switch form.Get("do") {
	case "withdraw":
		c.Withdrawn, done = &gone, "withdrawn"
	case "restore":
		gone = false
		c.Withdrawn, done = &gone, "restored"
	default:
		c.About = &About{
			Kind: Kind(form.Get("kind")), Opens: Opens(form.Get("opens")), Label: i18n.T(form.Get("label_ja"), form.Get("label_en")),
		}
	}
	sess, err := h.materials.Change(r.Context(), r.PathValue("id"), c)
	if err != nil {
		return err
	}
	return web.Done(shelfURL(r, sess) + "?done=" + done)
}

// shelfURL is the address of the page of a session's materials, in the language of the request.
func shelfURL(r *http.Request, sess *Session) string {
	def := sess.Meeting.DefaultLang()
	return web.Address(cmp.Or(web.Explicit(r.Context()), def), def, "/meetings/"+sess.Meeting.Slug+"/sessions/"+url.PathEscape(sess.Name)+"/materials")
}

// newest leads to the newest version of a material: the address to give to others.
func (h *Web) newest(_ http.ResponseWriter, r *http.Request) error {
	d, err := h.materials.Download(r.Context(), r.PathValue("id"), "")
	if err != nil {
		return err
	}
	return web.See(d.File.URL(d.Version))
}

// forever is for addresses that name their content. Only the reader's own browser keeps it: a copy elsewhere would outlive a withdrawal.
const forever = "private, max-age=31536000, immutable"

// file answers with a version of a material, to be saved and not shown: whatever is in it, it does not run here. Ranges are answered.
func (h *Web) file(w http.ResponseWriter, r *http.Request) error {
	d, err := h.materials.Download(r.Context(), r.PathValue("id"), r.PathValue("digest"))
	if err != nil {
		return err
	}
	if r.PathValue("file") != d.Version.Name || web.Explicit(r.Context()) != "" {
		return web.See(d.File.URL(d.Version))
	}
	content, err := h.materials.Content(d.Version)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	head := w.Header()
	head.Set("Content-Type", d.Version.Format.MediaType())
	head.Set("Content-Disposition", disposition(d.Version.Name, d.Version.Format))
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("ETag", `"`+string(d.Version.Digest)+`"`)
	if d.Public {
		head.Set("Cache-Control", forever)
	} else {
		head.Set("Cache-Control", "no-store")
	}
	c := http.NewResponseController(w)
	http.ServeContent(&slow{w, c}, r, "", time.Time{}, content)
	return nil
}

// perWrite is how long a reader may take for one piece of a file. The answer as a whole may take as long as it takes.
const perWrite = 2 * time.Minute

// slow is an answer that may go on as long as its reader reads.
type slow struct {
	http.ResponseWriter
	c *http.ResponseController
}

// Write gives the reader time for this piece.
func (s *slow) Write(b []byte) (int, error) {
	_ = s.c.SetWriteDeadline(time.Now().Add(perWrite)) // where it cannot be set, the time-out for the whole answer holds
	return s.ResponseWriter.Write(b)
}

// ReadFrom lets a file go to the network without passing through memory, a piece at a time.
func (s *slow) ReadFrom(r io.Reader) (total int64, err error) {
	for {
		_ = s.c.SetWriteDeadline(time.Now().Add(perWrite))
		n, err := io.CopyN(s.ResponseWriter, r, 4<<20)
		total += n
		if err == io.EOF { //nolint:errorlint // CopyN returns it as it is
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
