package registration

import (
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// TestHistoryInWords: nothing of the program's own keys is left where people read what was changed.
func TestHistoryInWords(t *testing.T) {
	words, err := i18n.NewWords(Files)
	if err != nil {
		t.Fatal(err)
	}
	m := &Meeting{Setup: &Setup{
		Kinds:     []Kind{{Key: "general", Name: i18n.T("一般", "General")}},
		Options:   []Option{{Key: "social", Name: i18n.T("懇親会", "Social"), Slots: []Slot{{Key: "a"}}}},
		Questions: []Question{{Key: "age", Type: One, Label: i18n.T("年代", "Age"), Choices: []Choice{{Key: "20s", Name: i18n.T("20代", "20s")}}}, {Key: "diet", Label: i18n.T("食事", "Diet"), Class: Sensitive}},
	}}
	for _, x := range []struct{ in, want audit.Value }{
		{audit.Value{Name: "kind", After: "general"}, audit.Value{Name: "参加種別", After: "一般"}},
		{audit.Value{Name: "state", Before: "confirmed", After: "cancelled"}, audit.Value{Name: "状態", Before: "確定", After: "取消"}},
		{audit.Value{Name: "option", After: "social/a"}, audit.Value{Name: "オプション", After: "懇親会"}},
		{audit.Value{Name: "answer.age", Before: "20s"}, audit.Value{Name: "年代", Before: "20代", After: "–"}},
		{audit.Value{Name: "answer.diet", After: "(sensitive)"}, audit.Value{Name: "食事", After: "（記録に残しません）"}},
		{audit.Value{Name: "answer.gone", After: "x"}, audit.Value{Name: "アンケート", After: "x"}},
	} {
		f := &web.Frame{Site: &web.Site{Words: words}, Lang: i18n.JA, Default: i18n.JA}
		if got := (teller{f, m}).change(x.in); got != x.want {
			t.Errorf("%+v is told as %+v, want %+v", x.in, got, x.want)
		}
	}
}
