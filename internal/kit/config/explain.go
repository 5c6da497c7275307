package config

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Entry is one setting as `tsudoi config` shows it. Secrets are shortened already.
type Entry struct {
	Key     string    `json:"key,omitempty"` // in the file; empty for --config, which a file cannot hold
	Flag    string    `json:"flag"`
	Env     string    `json:"env"`
	Meaning i18n.Text `json:"meaning"`
	Default string    `json:"default"`
	Value   string    `json:"value"`
	Origin  string    `json:"origin"` // see Source.Origin
}

// Entries lists every setting with its value and where it came from.
func (s *Source) Entries(c *Settings) []Entry {
	var out []Entry
	for _, x := range all() {
		value := x.shown(c)
		if x.key == "" && value == "" {
			value = s.File()
		}
		out = append(out, Entry{
			Key: x.key, Flag: "--" + x.flag, Env: x.env, Meaning: i18n.T(x.ja, x.en),
			Default: x.fallback, Value: value, Origin: s.origin[x.flag],
		})
	}
	return append(out, serviceEntries(c)...)
}

// words of Explain and Sample, by language.
var words = map[i18n.Lang]struct{ value, fallback, from, set, none string }{
	i18n.EN: {"value", "default", "from", "set by", "(empty)"},
	i18n.JA: {"値", "既定値", "由来", "設定方法", "(空)"},
}

// Explain writes every setting with its meaning, value, default and where the value came from.
func (s *Source) Explain(w io.Writer, c *Settings, l i18n.Lang) error {
	b, t := bufio.NewWriter(w), words[l]
	or := func(v string) string {
		if v == "" {
			return t.none
		}
		return v
	}
	for _, e := range s.Entries(c) {
		if e.Flag == "" { // a table
			fmt.Fprintf(b, "%s = %s\n    %s\n    %s: %s\n\n", e.Key, e.Value, e.Meaning.In(l), t.from, e.Origin)
			continue
		}
		name, ways := e.Key, e.Key+", "
		if name == "" {
			name, ways = e.Flag, ""
		}
		fmt.Fprintf(b, "%s = %s\n", name, or(e.Value))
		fmt.Fprintf(b, "    %s\n", e.Meaning.In(l))
		fmt.Fprintf(b, "    %s: %s · %s: %s · %s: %s%s, %s\n\n", t.from, e.Origin, t.fallback, or(e.Default), t.set, ways, e.Flag, e.Env)
	}
	for _, stray := range Strays(Environ()) {
		fmt.Fprintf(b, "! %s\n", stray)
	}
	return b.Flush()
}

// Sample writes a TOML file with every setting, each commented out at its default.
func Sample(w io.Writer, l i18n.Lang) error {
	b := bufio.NewWriter(w)
	head := i18n.T("# Tsudoi の設定です。変えたい行の先頭の # を外してください。", "# Settings of Tsudoi. Remove the # in front of a line to change it.")
	fmt.Fprintln(b, head.In(l))
	group := ""
	settings := all()
	plain := make([]setting, 0, len(settings)) // those outside of tables go first, as TOML asks
	var tables []setting
	for _, s := range settings {
		switch {
		case s.key == "":
		case s.group == "":
			plain = append(plain, s)
		default:
			tables = append(tables, s)
		}
	}
	for _, s := range append(plain, tables...) {
		if s.group != group {
			group = s.group
			fmt.Fprintf(b, "\n[%s]\n", group)
		}
		_, name, nested := strings.Cut(s.key, ".")
		if !nested {
			name = s.key
		}
		fmt.Fprintf(b, "\n# %s\n# %s = %s\n", i18n.T(s.ja, s.en).In(l), name, s.toml())
	}
	fmt.Fprintf(b, "\n# %s%s", serviceMeaning.In(l), serviceSample)
	return b.Flush()
}

// toml writes the default as TOML.
func (s setting) toml() string {
	switch s.kind {
	case reflect.TypeFor[[]string]():
		if s.fallback == "" {
			return "[]"
		}
		return `["` + strings.ReplaceAll(s.fallback, ",", `", "`) + `"]`
	case reflect.TypeFor[int]():
		return s.fallback
	}
	return fmt.Sprintf("%q", s.fallback)
}
