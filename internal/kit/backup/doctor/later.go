package doctor

import (
	"context"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// probeTime is how long the mail server may take to greet and to let the program sign in.
const probeTime = 10 * time.Second

// mail looks whether letters can leave, as the program would send them. It sends none.
func (in Input) mail(ctx context.Context, r *Report) {
	count := map[mail.State]int{}
	if in.DB != nil {
		if n, err := mail.Counted(ctx, in.DB); err == nil { // an older database has no such table; told by migrations
			count = n
		}
	}
	if in.Settings.Mail.SMTP == "" {
		r.note("mail", Warn, t("メールサーバーの設定がありません。お知らせメールは送らずに保存します（送信待ち %d 通）。", "no mail server is set: letters are kept and not sent (%d wait)."),
			t("mail.smtp と mail.from を書いてください。", "Write mail.smtp and mail.from into the settings."), count[mail.Queued])
		return
	}
	o := mail.FromSettings(in.Settings)
	o.Server.Patience = probeTime
	ctx, cancel := context.WithTimeout(ctx, 3*probeTime)
	defer cancel()
	if err := o.Server.Probe(ctx); err != nil {
		why := strings.ReplaceAll(err.Error(), "\n", "; ")
		r.note("mail", Fail, t("メールサーバー %s にメールを渡せません: %s", "the mail server %s does not take letters: %s"),
			t("サーバーの名前、ポート、mail.tls、ユーザーとパスワードを確かめてください。", "Check its name and port, mail.tls, the user and the password."), in.Settings.Mail.SMTP, why)
		return
	}
	if lost := count[mail.Refused] + count[mail.Failed]; lost > 0 {
		r.note("mail", Warn, t("メールサーバー %s は応答します。届けられなかったメールが %d 通あります。", "the mail server %s answers; %d letters could not be delivered."),
			t("/admin/letters で理由を見てください。", "See why at /admin/letters."), in.Settings.Mail.SMTP, lost)
		return
	}
	r.note("mail", OK, t("メールサーバー %s は応答します（送信待ち %d 通）。", "the mail server %s answers (%d letters wait)."), nothing, in.Settings.Mail.SMTP, count[mail.Queued])
}

// jobs looks for work that was given up.
func (in Input) jobs(ctx context.Context, r *Report) {
	n, err := job.CountDead(ctx, in.DB)
	switch {
	case err != nil: // an older database has no such table; told by migrations
	case n > 0:
		r.note("jobs", Warn, t("停止したジョブが %d 件あります。", "%d jobs are dead."), t("/admin/jobs で理由を見て、もう一度実行するか破棄してください。", "See why at /admin/jobs, and run them again or discard them."), n)
	default:
		r.note("jobs", OK, t("停止したジョブはありません。", "no job is dead."), nothing)
	}
}
