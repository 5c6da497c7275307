package app

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// sampleTasks are invented tasks of the invented sample meeting, so that the page of tasks has something to show in the demo.
var sampleTasks = []event.Task{
	{Title: "会場を予約する", Role: event.RoleOrganiser, Anchor: event.FirstDay, Days: -240},
	{Title: "発表募集を始める", Role: event.RoleProgramme, Anchor: event.FirstDay, Days: -120, Notes: "募集要項は、前回のものを見直してから使います。"},
	{Title: "プログラムを公開する", Role: event.RoleChair, Anchor: event.FirstDay, Days: -45},
	{Title: "英語のページをそろえる", Role: event.RoleI18N, Anchor: event.FirstDay, Days: -30},
	{Title: "会場のネットワークの設計を確かめる", Role: event.RoleNOC, Anchor: event.FirstDay, Days: -21, Notes: "- 上流の回線\n- 無線LANのチャネル\n- 画面をつなぐ場所"},
	{Title: "登壇者に当日の案内を送る", Role: event.RoleProgramme, Anchor: event.FirstDay, Days: -7},
	{Title: "受付の練習をする", Role: event.RoleReception, Anchor: event.FirstDay, Days: -1},
	{Title: "資料がそろったかを確かめる", Role: event.RoleProgramme, Anchor: event.LastDay, Days: 7},
	{Title: "決算をまとめる", Role: event.RoleTreasurer, Anchor: event.LastDay, Days: 30},
	{Title: "ミーティングをアーカイブする", Role: event.RoleChair, Anchor: event.LastDay, Days: 90},
}

// loadSampleTasks gives the sample meeting its tasks, once.
func (a *App) loadSampleTasks(ctx context.Context) error {
	const slug = "sample"
	ctx = authz.System(ctx, "demo")
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := a.Events.Load(ctx, tx, slug)
		if err != nil {
			return err
		}
		if have, err := a.Events.Tasks(ctx, tx, m); err != nil || len(have) > 0 {
			return err
		}
		for _, t := range sampleTasks {
			if _, err := a.Events.SaveTask(ctx, tx, slug, t); err != nil {
				return err
			}
		}
		return nil
	})
}
