package interchange

import (
	"strings"
)

// column is a column of a table: its heading in both languages, and other words for it.
type column struct {
	key   string
	ja    string
	en    string
	other []string
}

// columns are the columns of a table, in the order in which they are written.
func columns() []column {
	return []column{
		{"guid", "GUID", "GUID", []string{"uuid"}},
		{"code", "コード", "Code", []string{"番号", "プログラム番号", "セッションコード", "sessioncode", "no"}},
		{"source", "元のID", "Source ID", []string{"id", "セッションid", "プログラムid", "sessionid", "programid"}},
		{"kind", "種別", "Kind", []string{"種類", "タイプ", "形式", "type", "format", "sessiontype"}},
		{"title_ja", "題名（日本語）", "Title (Japanese)", []string{"titleja", "タイトル日本語", "和文タイトル"}},
		{"title_en", "題名（英語）", "Title (English)", []string{"titleen", "タイトル英語", "英文タイトル", "englishtitle"}},
		{"subtitle_ja", "副題（日本語）", "Subtitle (Japanese)", []string{"subtitleja"}},
		{"subtitle_en", "副題（英語）", "Subtitle (English)", []string{"subtitleen"}},
		{"date", "日付", "Date", []string{"開催日", "日", "日程", "実施日", "day"}},
		{"start", "開始", "Start", []string{"開始時刻", "開始時間", "starttime", "begin", "from"}},
		{"end", "終了", "End", []string{"終了時刻", "終了時間", "endtime", "finish", "to"}},
		{"room", "会場", "Room", []string{"部屋", "会議室", "場所", "ホール", "location", "venue", "hall"}},
		{"speakers", "登壇者", "Speakers", []string{"講演者", "発表者", "スピーカー", "講師", "氏名", "登壇者名", "speaker", "presenter", "presenters", "speakernames"}},
		{"topics", "トピック", "Topics", []string{"トラック", "テーマ", "分野", "track", "tracks", "topic", "tags"}},
		{"language", "言語", "Language", []string{"lang"}},
		{"level", "レベル", "Level", []string{"難易度"}},
		{"status", "状態", "Status", []string{"ステータス"}},
		{"abstract_ja", "概要（日本語）", "Abstract (Japanese)", []string{"abstractja"}},
		{"abstract_en", "概要（英語）", "Abstract (English)", []string{"abstracten", "englishabstract"}},
		{"url", "URL", "URL", []string{"リンク", "link", "web"}},
		{"slides", "資料", "Slides", []string{"スライド", "資料url", "slidesurl"}},
		{"video", "動画", "Video", []string{"録画", "アーカイブ", "recording", "videourl"}},
	}
}

// readColumns are columns that are read but not written: what people call the same thing in one language or one cell.
func readColumns() []column {
	return []column{
		{"title", "題名", "Title", []string{"タイトル", "セッション名", "プログラム名", "講演題目", "演題", "発表タイトル", "summary", "name", "session"}},
		{"subtitle", "副題", "Subtitle", []string{"サブタイトル"}},
		{"abstract", "概要", "Abstract", []string{"説明", "内容", "要旨", "講演概要", "description"}},
		{"time", "時間", "Time", []string{"時刻", "時間帯", "開催時間"}},
		{"duration", "長さ", "Duration", []string{"所要時間", "分", "minutes", "length"}},
		{"affiliation", "所属", "Affiliation", []string{"会社", "会社名", "所属組織", "company", "organization", "organisation"}},
		{"policy", "公開", "Policy", []string{"公開範囲", "オフレコ", "offrecord"}},
	}
}

// columnKey finds the column with a heading, however it is spaced, bracketed or written in full width.
func columnKey(heading string) string {
	h := plainHeading(heading)
	for _, c := range append(columns(), readColumns()...) {
		if h == plainHeading(c.key) || h == plainHeading(c.ja) || h == plainHeading(c.en) {
			return c.key
		}
		for _, o := range c.other {
			if h == o {
				return c.key
			}
		}
	}
	return ""
}

func plainHeading(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n_-()[]・:*#.", r) {
			return -1
		}
		return r
	}, strings.ToLower(fold(strings.ReplaceAll(s, "ー", "ｰ"))))
}
