package event

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// accent is the meeting's colour, or the group's.
func (m *Meeting) accent(g *Group) string {
	if m.Accent != "" {
		return m.Accent
	}
	return g.Accent
}

// A style sheet of accents says in its name all that is in it, as no page may hold a style: page-b5302a.0123456789ab.css gives a page its
// accent, list-b5302a-1f4e79.0123456789ab.css has the class of each accent. So whoever is asked for one can make it, also where another
// process on the same database made the page. The digits before the end are the hash of the rules.
const (
	accentFolder = "/assets/accents/"
	onPage       = "page"
	inList       = "list"
	maxAccents   = 64 // in one sheet, which keeps names short and the work for a made-up name small
)

var accentName = regexp.MustCompile(`^(page|list)((?:-[0-9a-f]{6})+)\.([0-9a-f]{12})\.css$`)

// accentStyle is the style sheet that gives a page its accent.
func accentStyle(colour string) []string {
	if web.AccentCSS(colour) == "" {
		return nil
	}
	return []string{sheetURL(onPage, []string{hexOf(colour)})}
}

// accentClasses are the style sheets with the class of every accent in use.
func accentClasses(c *site) []string {
	colours := []string{c.group.Accent}
	for _, m := range c.meetings {
		colours = append(colours, m.Accent)
	}
	var hexes []string
	for _, a := range colours {
		if web.AccentCSS(a) != "" {
			hexes = append(hexes, hexOf(a))
		}
	}
	slices.Sort(hexes)
	var sheets []string
	for part := range slices.Chunk(slices.Compact(hexes), maxAccents) {
		sheets = append(sheets, sheetURL(inList, part))
	}
	return sheets
}

// accentClass is the class that gives one element of a page the accent of its meeting, or empty.
func accentClass(colour string) string {
	if web.AccentCSS(colour) == "" {
		return ""
	}
	return "a-" + hexOf(colour)
}

func hexOf(colour string) string { return strings.ToLower(strings.TrimPrefix(colour, "#")) }

func sheetURL(kind string, hexes []string) string {
	return accentFolder + kind + "-" + strings.Join(hexes, "-") + "." + hashOf(rules(kind, hexes)) + ".css"
}

// rules are the content of a sheet.
func rules(kind string, hexes []string) string {
	var b strings.Builder
	for _, h := range hexes {
		css := web.AccentCSS("#" + h)
		if kind == inList {
			css = strings.Replace(css, ":root", "."+accentClass("#"+h), 1)
		}
		b.WriteString(css)
	}
	return b.String()
}

func hashOf(css string) string {
	sum := sha256.Sum256([]byte(css))
	return hex.EncodeToString(sum[:6])
}

// accentSheet makes the sheet of a name. Browsers keep it for ever if its rules are those that the name promises; another version of
// the program may make others of the same colours, and then they are asked to look again.
func accentSheet(w http.ResponseWriter, r *http.Request) error {
	name := accentName.FindStringSubmatch(r.PathValue("name"))
	if name == nil {
		return fault.Missing()
	}
	hexes := strings.Split(name[2][1:], "-")
	if len(hexes) > maxAccents || name[1] == onPage && len(hexes) > 1 {
		return fault.Missing()
	}
	css := rules(name[1], hexes)
	keep := "public, max-age=31536000, immutable"
	if hashOf(css) != name[3] {
		keep = "no-cache"
	}
	h := w.Header()
	h.Set("Cache-Control", keep)
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(css)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := io.WriteString(w, css)
	return err
}
