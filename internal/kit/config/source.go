package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// The files that are read where no other is named; the first that exists.
const (
	FileHere   = "tsudoi.toml"
	FileSystem = "/etc/tsudoi/tsudoi.toml"
)

// setting is one field of Settings, as its tags describe it.
type setting struct {
	key, flag, env, fallback, secret string // key is empty for a flag that a file cannot hold
	en, ja                           string // meaning
	choices                          []string
	group                            string // the table of the file, or empty
	index                            []int
	kind                             reflect.Type
}

// all lists the settings in their order.
func all() []setting { return fields(reflect.TypeFor[Settings](), "", nil) }

func fields(t reflect.Type, prefix string, at []int) []setting {
	var out []setting
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), at...), i)
		if f.Tag.Get("kong") == "-" {
			continue
		}
		if _, nested := f.Tag.Lookup("embed"); nested {
			out = append(out, fields(f.Type, f.Tag.Get("prefix"), index)...)
			continue
		}
		name := f.Tag.Get("name")
		s := setting{
			flag: prefix + name, env: f.Tag.Get("env"), fallback: f.Tag.Get("default"), secret: f.Tag.Get("secret"),
			en: f.Tag.Get("help"), ja: f.Tag.Get("ja"), group: strings.TrimSuffix(prefix, "-"), index: index, kind: f.Type,
		}
		if c := f.Tag.Get("choices"); c != "" {
			s.choices = strings.Split(c, ",")
		}
		if f.Tag.Get("key") != "-" {
			s.key = strings.ReplaceAll(name, "-", "_")
			if s.group != "" {
				s.key = s.group + "." + s.key
			}
		}
		out = append(out, s)
	}
	return out
}

// text is the value of the setting as a person would write it.
func (s setting) text(c *Settings) string {
	v := reflect.ValueOf(c).Elem().FieldByIndex(s.index)
	switch x := v.Interface().(type) {
	case []string:
		return strings.Join(x, ",")
	case time.Duration:
		return strings.NewReplacer("m0s", "m", "h0m0s", "h").Replace(x.String())
	default:
		return fmt.Sprint(x)
	}
}

// shown is text without what must stay secret.
func (s setting) shown(c *Settings) string {
	t := s.text(c)
	switch {
	case t == "" || s.secret == "":
		return t
	case s.secret == "url":
		return redactURL(t)
	}
	return "********"
}

// Source finds the values that no flag gave, and remembers where each value came from. It is a kong.Resolver. The zero value is
// not usable; see NewSource.
type Source struct {
	places   []string // files to look for where none is named
	settings map[string]setting
	loaded   bool
	file     *file
	origin   map[string]string // by flag
}

var _ kong.Resolver = (*Source)(nil)

// NewSource makes a source that reads the named file, or the first one of FileHere and FileSystem that exists.
func NewSource() *Source { return newSource(FileHere, FileSystem) }

func newSource(places ...string) *Source {
	s := &Source{places: places, settings: map[string]setting{}, origin: map[string]string{}}
	for _, x := range all() {
		s.settings[x.flag] = x
		s.origin[x.flag] = "flag --" + x.flag
	}
	return s
}

// Validate has nothing to check before the values are known; see Settings.Validate.
func (s *Source) Validate(*kong.Application) error { return nil }

// Resolve is called by kong for each flag that was not given. The environment goes before the file.
func (s *Source) Resolve(c *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	set, ours := s.settings[f.Name]
	if !ours {
		return nil, nil
	}
	if _, ok := os.LookupEnv(set.env); ok {
		s.origin[f.Name] = "environment " + set.env
		return nil, nil // kong has read it
	}
	if err := s.load(c); err != nil {
		return nil, err
	}
	if s.file != nil && set.key != "" {
		if v, ok := s.file.values[set.key]; ok {
			s.origin[f.Name] = "file " + s.file.place(set.key)
			return v, nil
		}
	}
	s.origin[f.Name] = "default"
	return nil, nil
}

// load reads the file once.
func (s *Source) load(c *kong.Context) error {
	if s.loaded {
		return nil
	}
	s.loaded = true
	named := ""
	for _, f := range c.Flags() {
		if f.Name == "config" {
			named, _ = c.FlagValue(f).(string)
		}
	}
	if v, ok := os.LookupEnv("TSUDOI_CONFIG"); ok && named == "" {
		named = v
	}
	if named != "" {
		f, err := readFile(named)
		s.file = f
		return err
	}
	for _, p := range s.places {
		f, err := readFile(p)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		s.file = f
		return err
	}
	return nil
}

// File is the path of the file that was read, or empty.
func (s *Source) File() string {
	if s == nil || s.file == nil {
		return ""
	}
	return s.file.path
}

// Origin says where the value of a setting came from: "flag --listen", "environment TSUDOI_LISTEN", "file tsudoi.toml:3" or
// "default". The setting is named by its flag or by its key in the file.
func (s *Source) Origin(name string) string {
	if s == nil {
		return ""
	}
	return s.origin[strings.NewReplacer(".", "-", "_", "-").Replace(name)]
}

// Strays names the variables TSUDOI_* of an environment (os.Environ) that are no setting, each with the nearest one that is:
// a misspelt variable would otherwise be silently without effect.
func Strays(environ []string) []string {
	known := []string{"TSUDOI_DATA", "TSUDOI_KEEP"} // the test kit's
	for _, s := range all() {
		known = append(known, s.env)
	}
	var out []string
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "TSUDOI_") {
			continue
		}
		if near, exact := nearest(name, known); !exact {
			out = append(out, name+" is no setting"+near)
		}
	}
	return out
}

// Environ is the environment, for Strays and for whoever starts another program.
func Environ() []string { return os.Environ() }

// Socket is the first socket that systemd opened for this process (LISTEN_PID, LISTEN_FDS; see sd_listen_fds(3)), or nil.
func Socket() *os.File {
	if os.Getenv("LISTEN_PID") != fmt.Sprint(os.Getpid()) {
		return nil
	}
	if n := os.Getenv("LISTEN_FDS"); n == "" || n == "0" {
		return nil
	}
	const first = 3 // SD_LISTEN_FDS_START
	return os.NewFile(first, "systemd")
}
