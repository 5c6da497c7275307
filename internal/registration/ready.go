package registration

import "github.com/tsudoi/tsudoi/internal/kit/i18n"

// Ready are questions that most meetings ask, ready to be taken into a setup and changed there. Their keys and those of their choices stay
// the same from meeting to meeting, so that years can be compared.
func Ready() []Question {
	choices := func(list ...string) []Choice {
		var out []Choice
		for i := 0; i+2 < len(list); i += 3 {
			out = append(out, Choice{list[i], i18n.T(list[i+1], list[i+2])})
		}
		return out
	}
	const afterMeeting = 60 // days in which a meeting is wound up
	return []Question{
		{Key: "first-time", Type: YesNo, Label: i18n.T("このミーティングへの参加は初めてですか", "Is this your first time at this meeting?"), Required: true},
		{Key: "age", Type: One, Label: i18n.T("年代", "Age"), Choices: choices(
			"under-20", "20歳未満", "Under 20", "20s", "20代", "20s", "30s", "30代", "30s", "40s", "40代", "40s", "50s", "50代", "50s", "60s", "60歳以上", "60 or over",
			"unsaid", "回答しない", "I prefer not to say")},
		{Key: "job", Type: One, Label: i18n.T("職種", "What you do"), Choices: choices(
			"network", "ネットワーク運用・設計", "Network operation or design", "server", "サーバー・クラウド運用", "Servers or cloud", "security", "セキュリティ", "Security",
			"development", "開発", "Development", "research", "研究・教育", "Research or teaching", "sales", "営業・企画・広報", "Sales, planning or communication",
			"management", "管理・経営", "Management", "student", "学生", "Student", "other", "そのほか", "Something else")},
		{Key: "industry", Type: One, Label: i18n.T("業種", "Where you work"), Choices: choices(
			"isp", "ISP・通信事業者", "ISP or carrier", "ix", "IX・データセンター", "IX or data centre", "cloud", "クラウド・ホスティング", "Cloud or hosting",
			"content", "コンテンツ・サービス", "Content or services", "vendor", "機器・ソフトウェア", "Equipment or software", "integrator", "システムインテグレーター", "Integrator",
			"academic", "大学・研究機関", "University or research", "public", "官公庁・団体", "Public body", "user", "一般企業", "Other company", "other", "そのほか", "Something else")},
		{Key: "heard", Type: Many, Label: i18n.T("どこでお知りになりましたか", "How did you hear of it?"), Choices: choices(
			"list", "メーリングリスト", "Mailing list", "web", "Webサイト", "Web site", "social", "SNS", "Social media", "colleague", "同僚・知人", "Colleague or friend",
			"before", "以前から参加している", "I have come before", "news", "ニュース記事", "News", "other", "そのほか", "Something else")},
		{Key: "photo", Type: One, Label: i18n.T("写真や映像に写ること", "Being in pictures"), Hint: i18n.T("「写りたくない」を選んだ方には、受付で撮影禁止のストラップをお渡しします。", "If you choose not to, the desk gives you a strap that says so."),
			Required: true, Choices: choices("fine", "かまわない", "I do not mind", "no", "写りたくない（ストラップを希望）", "I do not want to be (give me the strap)")},
		{Key: "diet", Type: Many, Label: i18n.T("食べられないもの", "What you do not eat"), Hint: i18n.T("食事の用意だけに使い、終了後に消去します。", "Used for the meals only, and erased afterwards."),
			Class: Sensitive, KeepDays: afterMeeting, Choices: choices("vegetarian", "ベジタリアン", "Vegetarian", "vegan", "ビーガン", "Vegan", "halal", "ハラール", "Halal",
				"gluten", "小麦", "Wheat", "milk", "乳製品", "Milk", "egg", "卵", "Eggs", "nuts", "ナッツ類", "Nuts", "shellfish", "甲殻類", "Shellfish")},
		{Key: "access", Type: Lines, Label: i18n.T("参加にあたって必要な配慮", "What you need in order to take part"), Hint: i18n.T("車椅子の席、手話、静かな場所など。担当者だけが見て、終了後に消去します。", "A place for a wheelchair, sign language, a quiet room… Only those who look after it see this, and it is erased afterwards."),
			Class: Sensitive, KeepDays: afterMeeting},
	}
}
