package registration

import (
	"encoding/json"
	"strings"
	"time"
)

// words is an entry as the audit log tells it. Answers that are close to the person are not in it: only that there is one.
func (e *Entry) words() map[string]string {
	out := map[string]string{
		"kind": e.Kind, "state": string(e.State), "name": strings.Trim(e.Name.JA+" / "+e.Name.EN, " /"), "kana": e.Kana,
		"organisation": strings.Trim(e.Organisation.JA+" / "+e.Organisation.EN, " /"), "department": e.Department, "badge": e.Badge, "address": e.Address,
		"days": daysInWords(e.Days), "code": e.Code, "group": e.Group, "why": e.Why,
	}
	for _, q := range sortedKeys(e.Answers) {
		out["answer."+q] = strings.Join(e.Answers[q], ", ")
	}
	if !e.ProvedAt.IsZero() {
		out["proved"] = "yes"
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out
}

// guarded leaves out of what the log keeps the answers that are close to the person.
func (s *Setup) guarded(words map[string]string) map[string]string {
	for i := range s.Questions {
		q := &s.Questions[i]
		if v, ok := words["answer."+q.Key]; ok && v != "" && q.Class != Plain {
			words["answer."+q.Key] = "(" + string(q.Class) + ")"
		}
	}
	return words
}

func daysInWords(days []Day) string {
	var parts []string
	for _, d := range days {
		parts = append(parts, string(d.Date)+" "+string(d.Mode))
	}
	return strings.Join(parts, ", ")
}

// words is a setup as the audit log tells it: a field for each thing that can be named.
func (s *Setup) words() map[string]string {
	out := map[string]string{}
	put := func(key string, v any) {
		if t, ok := v.(time.Time); ok && t.IsZero() {
			return
		}
		b, err := json.Marshal(v)
		if str := string(b); err == nil && str != "null" && str != "{}" && str != `""` && str != "0" && str != "false" && str != "[]" {
			out[key] = strings.Trim(str, `"`)
		}
	}
	for i := range s.Kinds {
		put("kind."+s.Kinds[i].Key, s.Kinds[i])
	}
	for i := range s.Options {
		put("option."+s.Options[i].Key, s.Options[i])
	}
	for i := range s.Questions {
		put("question."+s.Questions[i].Key, s.Questions[i])
	}
	for i := range s.Consents {
		put("consent."+s.Consents[i].Key, s.Consents[i])
	}
	rest := *s
	rest.Kinds, rest.Options, rest.Questions, rest.Consents = nil, nil, nil, nil
	b, err := json.Marshal(rest)
	var fields map[string]any
	if err == nil && json.Unmarshal(b, &fields) == nil {
		for k, v := range fields {
			put(k, v)
		}
	}
	return out
}
