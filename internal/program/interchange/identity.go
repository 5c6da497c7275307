package interchange

import (
	"crypto/sha1" //nolint:gosec // UUID version 5 and short keys, not security
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
)

// Namespace is the UUID in which guids are derived (RFC 9562, version 5): that of the URL namespace and the name
// "tag:tsudoi,2026:guid". Changing it would give every session of every file without guids a new identity.
const Namespace = "0d296e2d-dea2-5d10-9cb6-af9fe1261aac"

// Derive makes the guid of something that has none in its file, the same at every import: version 5 in Namespace of the
// meeting's slug, what it is ("session", "speaker", "room") and its id there, separated by slashes.
func Derive(meeting, what, id string) string {
	return uuid.NewSHA1(uuid.MustParse(Namespace), []byte(meeting+"/"+what+"/"+id)).String()
}

// validGUID returns a UUID in its canonical lower-case form, or nothing.
func validGUID(s string) string {
	s = strings.TrimSpace(s)
	if len(s) != 36 {
		return ""
	}
	u, err := uuid.Parse(s)
	if err != nil || u == uuid.Nil {
		return ""
	}
	return u.String()
}

// keyOf makes a key from a name: what is left of it in [a-z0-9-], or, where that says too little (a Japanese name), the prefix and
// a short hash of the name.
func keyOf(prefix, name string) string {
	var b strings.Builder
	lost := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r > 127:
			lost = true
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	key := strings.Trim(b.String(), "-")
	if lost || key == "" || len(key) > 40 {
		sum := sha1.Sum([]byte(name)) //nolint:gosec // a name, not a secret
		key = prefix + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	}
	return key
}

// slugOf makes a meeting's slug from an acronym, a title or a file name: [a-z0-9][a-z0-9.-]*.
func slugOf(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		case r == ' ', r == '_':
			return '-'
		}
		return -1
	}, strings.ToLower(strings.TrimSpace(s)))
	s = strings.Trim(s, ".-")
	if len(s) > 60 {
		s = strings.Trim(s[:60], ".-")
	}
	return s
}

// validSlug reports whether s can stand in a URL as a meeting's slug.
func validSlug(s string) bool { return s != "" && slugOf(s) == s }

// stableNumbers gives each id a positive 31-bit integer that depends on the id, and on the others only where two collide. wanted
// holds numbers that are already taken, by id.
func stableNumbers(ids []string, wanted map[string]int64) map[string]int64 {
	out, taken := make(map[string]int64, len(ids)), map[int64]bool{}
	for _, id := range ids {
		if n := wanted[id]; n > 0 && !taken[n] {
			out[id], taken[n] = n, true
		}
	}
	for _, id := range ids {
		if _, ok := out[id]; ok {
			continue
		}
		sum := sha1.Sum([]byte(id)) //nolint:gosec // a name, not a secret
		n := int64(binary.BigEndian.Uint32(sum[:4])&0x7fffffff) | 1
		for taken[n] {
			n = n%0x7fffffff + 1
		}
		out[id], taken[n] = n, true
	}
	return out
}

// refAlphabet is what a Ref is made of, without the letters that are misread.
const refAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// stableRefs gives each session its Ref, or, where it has none, six characters from its guid.
func stableRefs(sessions []Session) map[string]string {
	out, taken := make(map[string]string, len(sessions)), map[string]bool{}
	for _, s := range sessions {
		if validRef(s.Ref) && !taken[s.Ref] {
			out[s.GUID], taken[s.Ref] = s.Ref, true
		}
	}
	for _, s := range sessions {
		if _, ok := out[s.GUID]; ok {
			continue
		}
		sum := sha1.Sum([]byte(s.GUID)) //nolint:gosec // a name, not a secret
		for n := binary.BigEndian.Uint64(sum[:8]); ; n++ {
			if ref := refFrom(n); !taken[ref] {
				out[s.GUID], taken[ref] = ref, true
				break
			}
		}
	}
	return out
}

func refFrom(n uint64) string {
	var b [6]byte
	for i := range b {
		b[i] = refAlphabet[n%32]
		n /= 32
	}
	return string(b[:])
}

// validRef reports whether s is six characters of [0-9A-Z].
func validRef(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// identify gives every session and speaker without a guid its derived one. A session is known by its source, else its code, else
// its title; where several sessions share a title and have nothing else, by title, date and start, which is the most that such a
// file says. A guid that comes twice is kept by the first, and the second is given a new one.
func identify(d *Document, n *notes, places []string) {
	slug := ""
	if d.Meeting != nil {
		slug = d.Meeting.Slug
	}
	titles := map[string]int{}
	for _, s := range d.Sessions {
		if s.GUID == "" && s.Source == "" && s.Code == "" {
			titles[s.Title.String()]++
		}
	}
	for i := range d.Sessions {
		if s := &d.Sessions[i]; s.GUID == "" {
			s.GUID = Derive(slug, "session", sessionID(s, titles))
		}
	}
	seen := map[string]int{}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		first, again := seen[s.GUID]
		if again {
			old := s.GUID
			id := old + "/" + sessionTime(s)
			for again {
				s.GUID = Derive(slug, "session", id)
				_, again = seen[s.GUID]
				id += "+"
			}
			n.add(place(d, places, i), "its identity is that of "+place(d, places, first)+" ("+old+")", "kept as another session with a new guid")
		}
		seen[s.GUID] = i
	}
	identifySpeakers(d, n, slug)
}

func identifySpeakers(d *Document, n *notes, slug string) {
	seen := map[string]string{}
	for i := range d.Speakers {
		p := &d.Speakers[i]
		if p.GUID == "" {
			p.GUID = Derive(slug, "speaker", p.Key)
		}
		if first, again := seen[p.GUID]; again {
			n.add("speaker "+p.Key, "the guid "+p.GUID+" is that of speaker "+first, "given a new guid")
			p.GUID = Derive(slug, "speaker", p.GUID+"/"+p.Key)
		}
		seen[p.GUID] = p.Key
	}
}

func sessionID(s *Session, titles map[string]int) string {
	switch {
	case s.Source != "":
		return "source/" + s.Source
	case s.Code != "":
		return "code/" + s.Code
	case titles[s.Title.String()] > 1:
		return "title/" + s.Title.String() + "/" + sessionTime(s)
	}
	return "title/" + s.Title.String()
}

func sessionTime(s *Session) string {
	if s.Timed() {
		return s.Start.UTC().Format("20060102T150405Z") + "/" + s.Room
	}
	return string(s.Date) + "/" + s.Room
}
