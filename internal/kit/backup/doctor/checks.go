package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/config"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
)

// From when on something is told.
const (
	diskFail  = 200 << 20
	diskWarn  = 1 << 30
	walWarn   = 256 << 20
	certWarn  = 21 * 24 * time.Hour
	backWarn  = 8 * 24 * time.Hour
	auditWarn = time.Hour
)

// t keeps the tables of sentences below short.
func t(ja, en string) i18n.Text { return i18n.T(ja, en) }

func (in Input) settings(r *Report) {
	if in.Mistakes != nil {
		for _, line := range strings.Split(in.Mistakes.Error(), "\n") {
			r.note("settings", Fail, t("設定に誤りがあります: %s", "a setting is wrong: %s"),
				t("tsudoi config で値とその由来を確かめてください。", "See its value and where it came from with: tsudoi config"), line)
		}
		return
	}
	if strays := config.Strays(in.Environ); len(strays) > 0 {
		r.note("settings", Warn, t("環境変数に設定でないものがあります: %s", "the environment has variables that are no setting: %s"),
			t("名前を直すか、消してください。", "Correct their names, or remove them."), strings.Join(strays, ", "))
		return
	}
	r.note("settings", OK, t("設定に誤りはありません。", "the settings are right."), nothing)
}

func (in Input) folder(r *Report) {
	dir := in.Settings.Data
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.note("data", Fail, t("データフォルダー %s がありません。", "the data folder %s is missing."),
			t("--data を確かめるか、tsudoi serve で作成してください。", "Check --data, or let tsudoi serve make it."), dir)
		return
	case err != nil || !info.IsDir():
		r.note("data", Fail, t("データフォルダー %s を開けません。", "the data folder %s cannot be opened."),
			t("tsudoi を動かすユーザーに権限を与えてください。", "Give the user that runs tsudoi the right to it."), dir)
		return
	}
	f, err := os.CreateTemp(dir, ".doctor-")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	switch {
	case err != nil:
		r.note("data", Fail, t("データフォルダー %s に書き込めません。", "nothing can be written into the data folder %s."),
			t("tsudoi を動かすユーザーに書き込みの権限を与えてください。", "Give the user that runs tsudoi the right to write there."), dir)
	case info.Mode().Perm()&0o007 != 0:
		r.note("data", Warn, t("データフォルダー %s を、このマシンのほかのユーザーも読めます。", "other users of this machine can read the data folder %s."),
			i18n.T("chmod o-rwx "+dir+" を実行してください。", "Run: chmod o-rwx "+dir), dir)
	default:
		r.note("data", OK, t("データフォルダー %s に書き込めます。", "the data folder %s can be written to."), nothing, dir)
	}
}

func (in Input) disk(r *Report) {
	free, ok := freeSpace(in.Settings.Data)
	if !ok {
		return
	}
	state, do := OK, nothing
	if free < diskWarn {
		state, do = Warn, t("不要なファイルを消すか、ディスクを増やしてください。", "Remove what is not needed, or add space.")
	}
	if free < diskFail {
		state = Fail
	}
	r.note("disk", state, t("空き容量は %d MB です。", "%d MB are free."), do, free>>20)
}

func (in Input) clock(r *Report) {
	_, err := time.LoadLocation(in.Settings.TimeZone)
	switch {
	case err != nil:
		r.note("clock", Fail, t("タイムゾーン %s のデータがありません。", "there is no data for the time zone %s."),
			t("tzdata を入れてください。", "Install tzdata."), in.Settings.TimeZone)
	case !in.Built.IsZero() && in.Now.Before(in.Built):
		r.note("clock", Fail, t("時計が %s を指しています。プログラムの作成日より前です。", "the clock says %s, which is before the program was built."),
			t("時刻を合わせてください(timedatectl set-ntp true)。", "Set the clock (timedatectl set-ntp true)."), in.Now.Format(time.DateOnly))
	default:
		r.note("clock", OK, t("時計は %s を指しています。", "the clock says %s."), nothing, in.Now.In(in.Settings.Zone()).Format("2006-01-02 15:04 MST"))
	}
}

func (in Input) address(r *Report) {
	s := in.Settings
	u, err := url.Parse(s.Base(""))
	if err != nil {
		return // told by settings
	}
	switch {
	case s.PublicURL == "" && reachesOthers(s.Listen):
		r.note("address", Warn, t("public_url がないため、メールや QR コードには %s が入ります。", "public_url is empty, so letters and QR codes say %s."),
			t("参加者が使うアドレスを public_url に書いてください。", "Write the address that visitors use into public_url."), u)
	case u.Scheme == "http" && u.Hostname() != "localhost":
		r.note("address", Warn, t("%s は HTTPS ではありません。カメラ、パスキー、オフライン動作が使えません。", "%s is not HTTPS: cameras, passkeys and working offline need it."),
			t("tls.mode を files、acme、proxy のいずれかにしてください。", "Set tls.mode to files, acme or proxy."), u)
	default:
		r.note("address", OK, t("サイトのアドレスは %s です。", "the site's address is %s."), nothing, u)
	}
}

// reachesOthers says whether an address to listen on can be reached from other machines.
func reachesOthers(at string) bool {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return true // unix:, systemd
	}
	ip, err := netip.ParseAddr(host)
	return host != "localhost" && (err != nil || !ip.IsLoopback())
}

func (in Input) certificate(r *Report) {
	s := in.Settings
	if s.TLS.Mode == "files" {
		in.one(r, s.TLS.Cert, s.TLS.Key)
	}
	if s.TLS.Mode != "acme" {
		return
	}
	for _, h := range s.TLS.ACMEHosts {
		path := filepath.Join(s.CertDir(), h)
		if _, err := os.Stat(path); err != nil {
			r.note("certificate", Warn, t("%s の証明書はまだありません。", "there is no certificate for %s yet."),
				t("tsudoi serve を動かし、その名前で一度開いてください。", "Run tsudoi serve and open that name once."), h)
			continue
		}
		in.one(r, path, path)
	}
}

func (in Input) one(r *Report, cert, key string) {
	names, until, err := listen.Expiry(cert, key)
	if err != nil {
		r.note("certificate", Fail, t("証明書を読めません: %v", "the certificate cannot be read: %v"),
			t("tls.cert と tls.key が同じ組であることを確かめてください。", "Check that tls.cert and tls.key belong together."), err)
		return
	}
	renew := t("証明書を更新してください。再起動は要りません。", "Renew the certificate; no restart is needed.")
	day := until.In(in.Settings.Zone()).Format(time.DateOnly)
	switch left := until.Sub(in.Now); {
	case left <= 0:
		r.note("certificate", Fail, t("%[2]s の証明書は %[1]s に期限が切れました。", "the certificate of %[2]s expired on %[1]s."), renew, day, strings.Join(names, ", "))
	case left < certWarn:
		r.note("certificate", Warn, t("%[2]s の証明書は %[1]s に期限が切れます。", "the certificate of %[2]s expires on %[1]s."), renew, day, strings.Join(names, ", "))
	default:
		r.note("certificate", OK, t("%[2]s の証明書は %[1]s まで有効です。", "the certificate of %[2]s is good until %[1]s."), nothing, day, strings.Join(names, ", "))
	}
}

func (in Input) reachable(ctx context.Context, r *Report) bool {
	err := in.OpenError
	if in.DB != nil {
		err = in.DB.Ping(ctx)
	}
	if err != nil || in.DB == nil {
		r.note("database", Fail, t("データベースに接続できません: %v", "the database cannot be reached: %v"),
			t("--database と、そのサーバーが動いていることを確かめてください。", "Check --database, and that its server runs."), err)
		return false
	}
	r.note("database", OK, t("データベース %s に接続できます。", "the database %s can be reached."), nothing, in.DB.URL())
	return true
}

func (in Input) migrations(ctx context.Context, r *Report) {
	waiting, fresh, err := in.DB.Pending(ctx, in.Migrations...)
	switch {
	case err != nil:
		r.note("schema", Fail, t("データベースの形を確かめられません: %v", "the schema cannot be checked: %v"),
			t("データベースより新しいプログラムを使うか、バックアップから戻してください。", "Use the program that made the database, or restore a backup."), err)
	case fresh:
		r.note("schema", Warn, t("データベースは空です。", "the database is empty."), t("tsudoi serve が準備します。", "tsudoi serve prepares it."))
	case len(waiting) > 0:
		r.note("schema", Warn, t("データベースの更新が %d 件残っています。", "%d migrations are waiting."),
			t("tsudoi serve を起動すると、バックアップを取ってから更新します。", "tsudoi serve takes a backup and then applies them."), len(waiting))
	default:
		r.note("schema", OK, t("データベースはこのプログラムの形です。", "the schema is this program's."), nothing)
	}
}

func (in Input) integrity(ctx context.Context, r *Report) {
	if in.DB.Engine() != db.SQLite {
		return // PostgreSQL checks its pages itself
	}
	restore := t("止めて、直近のバックアップから新しいフォルダーに戻してください。", "Stop, and restore the latest backup into a new folder.")
	problems, err := damage(ctx, in.DB)
	switch {
	case err != nil:
		r.note("integrity", Fail, t("データベースを確かめられません: %v", "the database cannot be checked: %v"), restore, err)
	case problems != "":
		r.note("integrity", Fail, t("データベースが壊れています: %s", "the database is damaged: %s"), restore, problems)
	default:
		r.note("integrity", OK, t("データベースは壊れていません。", "the database is whole."), nothing)
	}
}

// files looks for those that people gave and that are gone.
func (in Input) files(ctx context.Context, r *Report) {
	if in.Lost == nil {
		return
	}
	if waiting, fresh, err := in.DB.Pending(ctx, in.Migrations...); err != nil || fresh || len(waiting) > 0 {
		return // told by schema
	}
	lost, err := in.Lost(ctx, in.DB)
	switch {
	case err != nil:
		r.note("files", Fail, t("提出されたファイルを確かめられません: %v", "the files that were handed in cannot be checked: %v"), nothing, err)
	case lost > 0:
		r.note("files", Fail, t("提出されたファイルのうち %d 件がないか、壊れています。", "%d of the files that were handed in are missing or damaged."),
			t("files フォルダーをバックアップから戻してください。", "Restore the folder files from a backup."), lost)
	default:
		r.note("files", OK, t("提出されたファイルはすべてあります。", "every file that was handed in is there."), nothing)
	}
}

// log looks at SQLite's write-ahead log, which grows while somebody reads one state for long.
func (in Input) log(r *Report) {
	if in.DB.Engine() != db.SQLite {
		return
	}
	info, err := os.Stat(in.DB.URL() + "-wal")
	if err != nil {
		return
	}
	state, do := OK, nothing
	if info.Size() > walWarn {
		state, do = Warn, t("tsudoi を再起動してください。長く続く読み出しがないかも確かめてください。", "Restart tsudoi, and look for something that reads for very long.")
	}
	r.note("wal", state, t("データベースの書き込みログは %d MB です。", "the write-ahead log has %d MB."), do, info.Size()>>20)
}

// audit walks the chain of the audit log, where the schema is this program's.
func (in Input) audit(ctx context.Context, r *Report) {
	if waiting, fresh, err := in.DB.Pending(ctx, in.Migrations...); err != nil || fresh || len(waiting) > 0 {
		return // told by migrations
	}
	v, err := audit.Verify(ctx, in.DB)
	keep := t("止めずに、データベースの写しを取り、誰が書き換えられたかを調べてください。tsudoi audit verify が詳しく示します。",
		"Keep a copy of the database as it is, and find out who could write to it. tsudoi audit verify says more.")
	switch {
	case err != nil:
		r.note("audit", Fail, t("監査ログを確かめられません: %v", "the audit log cannot be checked: %v"), nothing, err)
	case !v.Whole():
		r.note("audit", Fail, t("監査ログの %[1]d 番(記録 %[2]d)が壊れています: %[3]s", "the audit log is broken at place %[1]d (entry %[2]d): %[3]s"),
			keep, v.Break.Seal, v.Break.ID, v.Break.Reason)
	case v.Waiting(in.Now) > auditWarn:
		r.note("audit", Warn, t("監査ログの記録 %d 件が、まだ連鎖に入っていません。", "%d entries of the audit log are not in the chain yet."),
			t("tsudoi serve を動かしてください。動いているなら、ログを確かめてください。", "Start tsudoi serve; if it runs, look into its log."), v.Open)
	default:
		r.note("audit", OK, t("監査ログの記録 %d 件はつながっています。", "the %d entries of the audit log are one chain."), nothing, v.Head.Seal)
	}
}

func (in Input) backups(r *Report) {
	dir := in.Settings.BackupDir()
	do := i18n.T("毎晩 tsudoi backup --force "+filepath.Join(dir, "daily.tsudoi")+" を実行し、別のマシンにも写してください。",
		"Run every night: tsudoi backup --force "+filepath.Join(dir, "daily.tsudoi")+" and copy it to another machine.")
	var newest time.Time
	files, err := filepath.Glob(filepath.Join(escape(dir), "*.tsudoi"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	switch {
	case err != nil || newest.IsZero():
		r.note("backup", Warn, t("%s にバックアップがありません。", "there is no backup in %s."), do, dir)
	case in.Now.Sub(newest) > backWarn:
		r.note("backup", Warn, t("最後のバックアップは %d 日前です。", "the latest backup is %d days old."), do, int(in.Now.Sub(newest).Hours()/24))
	default:
		r.note("backup", OK, t("最後のバックアップは %s です。", "the latest backup is of %s."), nothing, newest.In(in.Settings.Zone()).Format("2006-01-02 15:04"))
	}
}

// escape takes the meaning from the characters of a pattern.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
