package person

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"text/template"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Letter is a letter of this feature.
type Letter struct {
	Kind, Key, To string
	Lang          i18n.Lang
	Subject, Body i18n.Text
}

// sendCodeLetter sends a code.
func (s *Service) sendCodeLetter(ctx context.Context, tx *db.Tx, a *Ask, to, ref, secret, link string) error {
	l := Letter{Kind: "person.code", Key: "code:" + ref, To: to, Lang: a.Lang}
	data := map[string]any{"Code": secret[:4] + " " + secret[4:], "Link": link, "Site": a.Base, "Minutes": int(codeLife.Minutes())}
	for _, lang := range i18n.Langs {
		t, err := template.ParseFS(Files, "mail/code."+string(lang)+".txt")
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, data); err != nil {
			return fmt.Errorf("write the letter with a code: %w", err)
		}
		subject, body, _ := strings.Cut(b.String(), "\n")
		l.Subject = l.Subject.With(lang, strings.TrimPrefix(subject, "Subject: "))
		l.Body = l.Body.With(lang, body)
	}
	return s.o.Outbox.Send(ctx, tx, l)
}
