package person

import (
	"slices"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func TestFindPeople(t *testing.T) {
	dbtest.Quick(t, folders, func(t *testing.T, d *db.DB) {
		s := New(d, Options{})
		list := []*Account{
			{Name: i18n.T("山田 太郎", "Taro Yamada"), Kana: "ヤマダ タロウ"}, {Name: i18n.T("山本　花子", "Hanako Yamamoto"), Kana: "ヤマモト ハナコ"},
			{Name: i18n.T("50%_計画", "")}, {Name: i18n.T("", "Örjan Ångström")},
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for _, a := range list {
				if err := addAccount(t.Context(), tx, a); err != nil {
					return err
				}
			}
			return putAddress(t.Context(), tx, list[0].ID, "Taro@nog.example", "taro@nog.example", true, s.o.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string][]int{
			"山": {0, 1}, "山田": {0}, "山田太": {0}, "山田　太": {0}, "やま": {0, 1}, "ヤマモ": {1}, "yama": {0, 1}, "TARO": {0}, "taro ya": {0}, "50%": {2}, "50%_": {2},
			"%": nil, "_": nil, "太郎": nil, " ": nil, "": nil, "Taro@NOG.example": {0}, "taro@nog": nil, "taro@": nil, "Örjan": {3}, "!": nil, "'": nil,
		} {
			found, err := s.Find(t.Context(), d, text, 20)
			var got []int
			for _, a := range found {
				got = append(got, slices.IndexFunc(list, func(x *Account) bool { return x.ID == a.ID }))
			}
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v (%v)", text, got, want, err)
			}
		}
		for address, want := range map[string]bool{"TARO@nog.example": true, "other@nog.example": false, "none": false, "": false} {
			if got, err := s.HasAddress(t.Context(), d, list[0].ID, address); err != nil || got != want {
				t.Errorf("has %q: %v, %v", address, got, err)
			}
		}
		if got, err := s.HasAddress(t.Context(), d, 0, "other@nog.example"); err != nil || got {
			t.Errorf("nobody has an address that nobody has: %v", err)
		}
		if got, err := s.Accounts(t.Context(), d, []ID{list[1].ID, 99}, []string{list[0].Ref, "nobody"}); err != nil || len(got) != 2 {
			t.Errorf("by id and ref: %v, %v", got, err)
		}
	})
}
