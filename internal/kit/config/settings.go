// Package config is every setting of the program: its name, meaning and default, where its value came from, and what is wrong with
// it. A value comes from a flag, else from the environment (TSUDOI_*), else from one TOML file, else it is the default. Nothing
// else in the program reads flags or the environment, apart from cmd.
//
// The command line holds Settings among its own commands, and a Source is given to kong as its resolver:
//
//	src := config.NewSource()
//	parser, err := kong.New(&cli, kong.Resolvers(src))
//	_, err = parser.Parse(args)
//	err = cli.Settings.Validate(src)
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Settings is every setting, in the order in which they are shown. The key in the file is made from the flag: --tls-acme-hosts is
// acme_hosts in [tls]. The help tag is the meaning in English, ja the one in Japanese; choices lists the values a setting may
// have; secret says that what is shown is shortened.
type Settings struct {
	File string `name:"config" env:"TSUDOI_CONFIG" placeholder:"FILE" key:"-" help:"Read the settings from this TOML file (default: tsudoi.toml here, else /etc/tsudoi/tsudoi.toml, where there is one)." ja:"設定を読む TOML ファイル(省略時は、あればカレントの tsudoi.toml、次に /etc/tsudoi/tsudoi.toml)。"`

	Data      string `name:"data" env:"TSUDOI_DATA_DIR" default:"./data" placeholder:"DIR" help:"Folder of everything the program keeps: database, pictures, certificates, backups." ja:"データベース、画像、証明書、バックアップなど、プログラムが保存するものすべてを置くフォルダー。"`
	Database  string `name:"database" env:"TSUDOI_DATABASE" placeholder:"URL" secret:"url" help:"PostgreSQL database, as postgres://user:password@host/name. Empty: an SQLite file in the data folder." ja:"PostgreSQL データベース。postgres://user:password@host/name の形。空なら、データフォルダーの中の SQLite ファイル。"`
	Listen    string `name:"listen" env:"TSUDOI_LISTEN" default:"localhost:8080" placeholder:"ADDRESS" help:"Address to listen on: host:port, unix:/path/of/socket, or systemd for a socket that systemd opened." ja:"待ち受けるアドレス。host:port、unix:/path/of/socket、または systemd が開いたソケットなら systemd。"`
	PublicURL string `name:"public-url" env:"TSUDOI_PUBLIC_URL" placeholder:"URL" help:"Address by which visitors reach the site, such as https://meeting.example.org. Empty: made from the address to listen on." ja:"参加者がサイトを開くときのアドレス。例: https://meeting.example.org。空なら、待ち受けるアドレスから作ります。"`
	TimeZone  string `name:"time-zone" env:"TSUDOI_TIME_ZONE" default:"Asia/Tokyo" placeholder:"ZONE" help:"Time zone of a new group and its meetings, by its IANA name." ja:"新しいグループとその会合のタイムゾーン(IANA の名前)。"`

	TLS     TLS      `embed:"" prefix:"tls-"`
	Proxies []string `name:"trusted-proxies" env:"TSUDOI_TRUSTED_PROXIES" placeholder:"CIDR" help:"Networks of the reverse proxies whose word about the visitor's address is taken, such as 127.0.0.1/32." ja:"参加者のアドレスについての申告を信用するリバースプロキシのネットワーク。例: 127.0.0.1/32。"`
	Header  string   `name:"proxy-header" env:"TSUDOI_PROXY_HEADER" default:"x-forwarded" choices:"x-forwarded,forwarded" help:"Which header the trusted proxies write: x-forwarded (X-Forwarded-For, -Proto, -Host) or forwarded (RFC 7239). The other one is ignored." ja:"信用するプロキシが書くヘッダー。x-forwarded(X-Forwarded-For、-Proto、-Host)または forwarded(RFC 7239)。もう一方は無視します。"`
	Metrics []string `name:"metrics" env:"TSUDOI_METRICS" default:"127.0.0.0/8,::1/128" placeholder:"CIDR" help:"Networks that may read /metrics." ja:"/metrics を読んでよいネットワーク。"`
	Mail    Mail     `embed:"" prefix:"mail-"`
	OIDC    OIDC     `embed:"" prefix:"oidc-"`
	Stripe  Stripe   `embed:"" prefix:"stripe-"`
	Privacy string   `name:"privacy" env:"TSUDOI_PRIVACY" placeholder:"DIR" help:"Folder with privacy.ja.md and privacy.en.md, the group's own privacy policy. Empty: the one that is in the program." ja:"団体のプライバシーポリシー(privacy.ja.md と privacy.en.md)を置いたフォルダー。空なら、プログラムに入っているものを使います。"`
	Log     Log      `embed:"" prefix:"log-"`
	Backup  Backup   `embed:"" prefix:"backup-"`
	Cache   Size     `name:"cache-size" env:"TSUDOI_CACHE_SIZE" default:"64MB" placeholder:"SIZE" help:"Memory for finished pages." ja:"できあがったページを置いておくメモリーの量。"`
	Limits  Limits   `embed:"" prefix:"limits-"`

	Services []Service `kong:"-"` // that sign people in, of the file's tables [[oidc.service]]; Validate takes them from it
}

// TLS says how visitors reach the program safely.
type TLS struct {
	Mode          string   `name:"mode" env:"TSUDOI_TLS_MODE" default:"off" choices:"off,files,acme,proxy" help:"How HTTPS is made: off, files (certificate and key), acme (Let's Encrypt and others), proxy (a trusted proxy in front does it)." ja:"HTTPS の方法。off(なし)、files(証明書と鍵のファイル)、acme(Let's Encrypt など)、proxy(前段の信用するプロキシが行う)。"`
	Cert          string   `name:"cert" env:"TSUDOI_TLS_CERT" placeholder:"FILE" help:"Certificate with its chain, in PEM. Read again when it changes." ja:"証明書と中間証明書(PEM)。変更されると読み直します。"`
	Key           string   `name:"key" env:"TSUDOI_TLS_KEY" placeholder:"FILE" help:"Private key of the certificate, in PEM." ja:"証明書の秘密鍵(PEM)。"`
	ACMEHosts     []string `name:"acme-hosts" env:"TSUDOI_TLS_ACME_HOSTS" placeholder:"NAME" help:"Names to get certificates for." ja:"証明書を取得する名前。"`
	ACMEEmail     string   `name:"acme-email" env:"TSUDOI_TLS_ACME_EMAIL" placeholder:"ADDRESS" help:"Where the certificate authority may write to." ja:"認証局からの連絡先メールアドレス。"`
	ACMEDirectory string   `name:"acme-directory" env:"TSUDOI_TLS_ACME_DIRECTORY" placeholder:"URL" help:"ACME directory of another certificate authority. Empty: Let's Encrypt." ja:"別の認証局を使うときの ACME ディレクトリー。空なら Let's Encrypt。"`
	Redirect      string   `name:"redirect" env:"TSUDOI_TLS_REDIRECT" placeholder:"ADDRESS" help:"Second address, such as :80, that sends visitors on to HTTPS and answers the certificate authority. Empty: none." ja:"HTTPS へ案内し、認証局の確認にも応える 2 つ目のアドレス。例: :80。空なら使いません。"`
}

// Mail says which server takes the letters of the program, and how it is spoken to.
type Mail struct {
	SMTP        string        `name:"smtp" env:"TSUDOI_MAIL_SMTP" placeholder:"HOST:PORT" help:"Server that delivers the letters, such as smtp.example.org:587. Empty: letters are kept and not sent." ja:"お知らせメールを配送するサーバー。例: smtp.example.org:587。空なら、メールは保存するだけで送りません。"`
	TLS         string        `name:"tls" env:"TSUDOI_MAIL_TLS" default:"starttls" choices:"starttls,implicit,optional,off" help:"How the connection is protected: starttls (port 587), implicit (TLS from the start, port 465), optional (STARTTLS where the server offers it), off (only for a server on this machine)." ja:"接続の保護。starttls(587 番ポート)、implicit(最初から TLS、465 番ポート)、optional(サーバーが対応していれば STARTTLS)、off(同じマシンのサーバーだけに使います)。"`
	User        string        `name:"user" env:"TSUDOI_MAIL_USER" placeholder:"NAME" help:"Who the program signs in as. Empty: it does not sign in." ja:"サーバーに認証するときのユーザー名。空なら認証しません。"`
	Password    string        `name:"password" env:"TSUDOI_MAIL_PASSWORD" placeholder:"PASSWORD" secret:"text" help:"The password of that user. Write it into the environment, where others do not see it." ja:"そのユーザーのパスワード。ほかの人に見えないよう、環境変数に書いてください。"`
	From        string        `name:"from" env:"TSUDOI_MAIL_FROM" placeholder:"ADDRESS" help:"Address that letters are from. Somebody should read what arrives there: bounces do." ja:"差出人のアドレス。届かなかったという知らせもここに来るので、だれかが読むようにしてください。"`
	FromName    string        `name:"from-name" env:"TSUDOI_MAIL_FROM_NAME" placeholder:"NAME" help:"Name that letters are from, such as the group's." ja:"差出人の名前。例: 団体の名前。"`
	Connections int           `name:"connections" env:"TSUDOI_MAIL_CONNECTIONS" default:"4" placeholder:"N" help:"Most connections to the server at once. One is kept for letters that somebody waits for." ja:"サーバーへの同時接続の上限。1 本は、本人が待っているメールのために空けておきます。"`
	Keep        time.Duration `name:"keep" env:"TSUDOI_MAIL_KEEP" default:"720h" placeholder:"TIME" help:"How long the text of a letter is kept after it was sent. That it was sent, to whom and when, stays." ja:"送ったメールの本文を残しておく時間。いつ、だれに送ったかは残ります。"`
}

// OIDC says which other service signs people in, by OpenID Connect. More of them are tables [[oidc.service]] of the file, see Service.
type OIDC struct {
	Issuer string   `name:"issuer" env:"TSUDOI_OIDC_ISSUER" placeholder:"URL" help:"Service that signs people in by OpenID Connect, beside codes and passkeys, such as https://id.example.org. Empty: none." ja:"OpenID Connect でサインインを受け持つサービス。コードやパスキーと併用します。例: https://id.example.org。空なら使いません。"`
	Client string   `name:"client-id" env:"TSUDOI_OIDC_CLIENT_ID" placeholder:"ID" help:"What the program is called there. It comes back to /sign-in/with/back." ja:"そのサービスに登録したクライアント ID。戻り先は /sign-in/with/back です。"`
	Secret string   `name:"client-secret" env:"TSUDOI_OIDC_CLIENT_SECRET" placeholder:"SECRET" secret:"text" help:"The secret it got there. Write it into the environment, where others do not see it." ja:"そのサービスで発行されたシークレット。ほかの人に見えないよう、環境変数に書いてください。"`
	Scopes []string `name:"scopes" env:"TSUDOI_OIDC_SCOPES" default:"email,profile" placeholder:"SCOPE" help:"What is asked for beside openid." ja:"openid のほかに求める情報。"`
	NameJA string   `name:"name-ja" env:"TSUDOI_OIDC_NAME_JA" placeholder:"NAME" help:"Name of the service in Japanese, as people know it." ja:"サービスの名前(日本語)。"`
	NameEN string   `name:"name-en" env:"TSUDOI_OIDC_NAME_EN" placeholder:"NAME" help:"Name of the service in English." ja:"サービスの名前(英語)。"`
}

// Stripe is the account at the service that takes payments by card.
type Stripe struct {
	Key     string `name:"secret-key" env:"TSUDOI_STRIPE_SECRET_KEY" placeholder:"KEY" secret:"text" help:"Secret key of the group's account at Stripe, for payments by card. Write it into the environment, where others do not see it. Empty: nobody pays by card." ja:"団体の Stripe アカウントのシークレットキー。カード払いに使います。ほかの人に見えないよう、環境変数に書いてください。空なら、カード払いはできません。"`
	Webhook string `name:"webhook-secret" env:"TSUDOI_STRIPE_WEBHOOK_SECRET" placeholder:"SECRET" secret:"text" help:"Secret with which Stripe signs what it sends to /webhooks/stripe." ja:"Stripe が /webhooks/stripe に送る通知の署名シークレット。"`
	URL     string `name:"url" env:"TSUDOI_STRIPE_URL" placeholder:"URL" help:"Address of another server that answers like Stripe's, for trying. Empty: Stripe." ja:"試験のために Stripe のかわりに応答するサーバーのアドレス。空なら Stripe。"`
}

// Log says what is logged.
type Log struct {
	Level  string `name:"level" env:"TSUDOI_LOG_LEVEL" default:"info" choices:"debug,info,warn,error" help:"What is logged: debug, info, warn or error, and what is worse." ja:"記録する程度。debug、info、warn、error のどれか以上。"`
	Format string `name:"format" env:"TSUDOI_LOG_FORMAT" default:"text" choices:"text,json" help:"How a line of the log is written: text or json." ja:"記録の書き方。text または json。"`
}

// Backup says how the automatic backups are kept.
type Backup struct {
	Keep int    `name:"keep" env:"TSUDOI_BACKUP_KEEP" default:"5" placeholder:"N" help:"How many of the backups made before an upgrade are kept." ja:"更新の前に自動で取ったバックアップを残す数。"`
	Dir  string `name:"dir" env:"TSUDOI_BACKUP_DIR" placeholder:"DIR" help:"Folder of automatic backups. Empty: backups in the data folder." ja:"自動バックアップのフォルダー。空なら、データフォルダーの中の backups。"`
}

// Limits holds off what would take the program down.
type Limits struct {
	Body        Size          `name:"body" env:"TSUDOI_LIMITS_BODY" default:"200MB" placeholder:"SIZE" help:"Largest file that may be uploaded, at most 200MB." ja:"アップロードできるファイルの大きさの上限(最大 200MB)。"`
	Material    Size          `name:"material" env:"TSUDOI_LIMITS_MATERIAL" default:"50GB" placeholder:"SIZE" help:"Room for the files of all sessions of one meeting together, with their earlier versions." ja:"1つのミーティングの資料すべて(以前の版も含む)の大きさの上限。"`
	Connections int           `name:"connections" env:"TSUDOI_LIMITS_CONNECTIONS" default:"20000" placeholder:"N" help:"Most connections open at once; further ones wait." ja:"同時に開く接続の上限。超えた接続は待ちます。"`
	Stop        time.Duration `name:"stop" env:"TSUDOI_LIMITS_STOP" default:"20s" placeholder:"TIME" help:"How long a stop waits for what is being answered." ja:"停止するとき、応答中の処理を待つ時間。"`
}

// DatabaseURL is what to open: the PostgreSQL URL, or the path of the SQLite file.
func (c *Settings) DatabaseURL() string {
	if c.Database != "" {
		return c.Database
	}
	return filepath.Join(c.Data, "tsudoi.db")
}

// FilesDir is the folder of pictures and other files that people gave.
func (c *Settings) FilesDir() string { return filepath.Join(c.Data, "files") }

// MaterialDir is the folder within it for the large files of sessions.
func (c *Settings) MaterialDir() string { return filepath.Join(c.FilesDir(), "material") }

// CertDir is the folder of certificates got by ACME.
func (c *Settings) CertDir() string { return filepath.Join(c.Data, "acme") }

// BackupDir is the folder of automatic backups.
func (c *Settings) BackupDir() string {
	if c.Backup.Dir != "" {
		return c.Backup.Dir
	}
	return filepath.Join(c.Data, "backups")
}

// Base is the address by which visitors reach the site, without a slash at its end. Where public_url is empty it is made from
// the address to listen on; for an address chosen at start (port 0) pass the one that was chosen, else an empty string.
func (c *Settings) Base(listening string) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	if listening == "" {
		listening = c.Listen
	}
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return "http://localhost"
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	scheme, usual := "http", "80"
	if c.TLS.Mode == "files" || c.TLS.Mode == "acme" {
		scheme, usual = "https", "443"
	}
	if c.TLS.Mode == "acme" && len(c.TLS.ACMEHosts) > 0 {
		host = c.TLS.ACMEHosts[0]
	}
	if port == usual {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Zone is the time zone, which Validate has looked up.
func (c *Settings) Zone() *time.Location {
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// TrustedProxies are the networks of trusted proxies. Those that cannot be read are left out; Validate names them.
func (c *Settings) TrustedProxies() []netip.Prefix { return prefixes(c.Proxies) }

// MetricsFrom are the networks that may read /metrics.
func (c *Settings) MetricsFrom() []netip.Prefix { return prefixes(c.Metrics) }

func prefixes(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		if p, err := parsePrefix(s); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// parsePrefix reads a network, or one address.
func parsePrefix(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// Size is a number of bytes. It is written as a number, or with KB, MB or GB, which are powers of 1,024.
type Size int64

var units = []struct {
	name  string
	bytes int64
}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}}

// UnmarshalText reads "512", "64MB" or "1 gb".
func (s *Size) UnmarshalText(b []byte) error {
	text, by := strings.ToUpper(strings.TrimSpace(string(b))), int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(text, u.name); ok {
			text, by = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/by {
		return fmt.Errorf("%q is not a size; write it as 512, 10KB, 64MB or 1GB", b)
	}
	*s = Size(n * by)
	return nil
}

// String writes the size with the largest unit that keeps it exact.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// redactURL shows a URL without its password.
func redactURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "(hidden: not a URL)"
	}
	q := u.Query()
	for _, k := range []string{"password", "sslpassword"} {
		if q.Has(k) {
			q.Set(k, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}
