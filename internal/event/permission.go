package event

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// The permissions there are. They are fixed: what a role may do is the table Roles, and who has a role is data. Each holds in a
// meeting (the scope is its slug), or, given by a role of the group, in every meeting.
const (
	MayReadDraft     authz.Permission = "draft.read"          // see the desk and what is not published yet
	MayEditProgramme authz.Permission = "programme.edit"      // change sessions, speakers, times and rooms in the draft
	MayTranslate     authz.Permission = "programme.translate" // write texts in both languages, and nothing else
	MayRelease       authz.Permission = "programme.release"   // publish the draft; retime
	MayEditSession   authz.Permission = "session.edit"        // edit one session: its owner on the committee and its editors. The object is its reference
	MaySpeak         authz.Permission = "session.speak"       // a speaker's own part: profile, availability, slides, proposals. The object is the reference of a session, or the key of a speaker
	MayEditMeeting   authz.Permission = "meeting.edit"        // the meeting itself: rooms, pages, tasks, phase
	MayDoTasks       authz.Permission = "tasks.do"            // see the meeting's tasks and tick them
	MayReadCommittee authz.Permission = "committee.read"      // see who holds which role
	MayGrant         authz.Permission = "roles.grant"         // give and take roles, invite
	MayRunSignage    authz.Permission = "signage.run"         // screens and notices
	MayEmergency     authz.Permission = "signage.emergency"   // the override on every screen
	MaySendLetters   authz.Permission = "letters.send"        // write to those concerned, and see who has acknowledged
	MayReadPeople    authz.Permission = "people.read"         // see how to reach the people of a meeting
	MayReadHistory   authz.Permission = "history.read"        // the audit log of a meeting
	MayReadFigures   authz.Permission = "figures.read"        // how many registered, for what, since when; nobody's name
	MayReadEntries   authz.Permission = "entries.read"        // who registered, and what they answered
	MayEditEntries   authz.Permission = "entries.edit"        // enter, change and cancel for somebody; write to those who registered
	MayEditForm      authz.Permission = "registration.edit"   // kinds, quotas, options, questions, phases and codes of registration
	MayReadMoney     authz.Permission = "money.read"          // orders, invoices, payments, the ledger
	MayEditMoney     authz.Permission = "money.edit"          // sellers, documents, payments, refunds, what is free of charge
	MayTakeMoney     authz.Permission = "money.take"          // take cash at a gate, and write the receipt
	MayCreateMeeting authz.Permission = "meeting.create"      // make a new meeting; in the group only
	MayRunSite       authz.Permission = "site.run"            // accounts, jobs, letters of the installation; in the group only
	MayOwn           authz.Permission = "site.own"            // name owners and take that from them; in the group only
)

// Allowance is a permission in words.
type Allowance struct {
	Permission authz.Permission
	Says       i18n.Text
}

// Allowances lists every permission in words, in the order the handbook shows them.
var Allowances = []Allowance{
	{MayReadDraft, i18n.T("下書きと、まだ公開していないものを見る", "See the draft and what is not public yet")},
	{MayEditProgramme, i18n.T("下書きのセッション・登壇者・時刻・部屋を変える", "Change sessions, speakers, times and rooms in the draft")},
	{MayTranslate, i18n.T("下書きの文を、両方の言語で書く", "Write the draft's texts in both languages")},
	{MayRelease, i18n.T("下書きを公開し、時刻を動かす", "Publish the draft, and retime")},
	{MayEditSession, i18n.T("セッションの内容を変える", "Edit a session")},
	{MaySpeak, i18n.T("登壇者の側の仕事をする（プロフィール、都合、資料、提案）", "Do a speaker's part: profile, availability, slides, proposals")},
	{MayEditMeeting, i18n.T("ミーティングの設定・部屋・ページ・タスクを変える", "Change the meeting's settings, rooms, pages and tasks")},
	{MayDoTasks, i18n.T("タスクを見て、完了にする", "See tasks and tick them")},
	{MayReadCommittee, i18n.T("だれがどの役割を持つかを見る", "See who holds which role")},
	{MayGrant, i18n.T("役割を付与し、外し、招待する（自分の役割を超えない範囲で）", "Give and take roles, and invite, never beyond one's own")},
	{MayRunSignage, i18n.T("画面をつなぎ、お知らせを出す", "Run screens and notices")},
	{MayEmergency, i18n.T("すべての画面に緊急のお知らせを出す", "Raise an alarm on every screen")},
	{MaySendLetters, i18n.T("関係者にメールを送り、承知したかを見る", "Write to those concerned, and see who has acknowledged")},
	{MayReadPeople, i18n.T("関係者の連絡先を見る", "See how to reach people")},
	{MayReadHistory, i18n.T("変更の記録を読む", "Read the history of changes")},
	{MayReadFigures, i18n.T("参加登録の人数を見る（名前は見えない）", "See how many registered, without names")},
	{MayReadEntries, i18n.T("だれが参加登録し、何と答えたかを見る", "See who registered, and what they answered")},
	{MayEditEntries, i18n.T("参加者に代わって登録・変更・取消をし、参加者にメールを送る", "Register, change and cancel for somebody, and write to those who registered")},
	{MayEditForm, i18n.T("参加登録の種別・定員・オプション・質問・期間・コードを変える", "Change the kinds, quotas, options, questions, phases and codes of registration")},
	{MayReadMoney, i18n.T("注文・請求・入金・帳簿を見る", "See orders, invoices, payments and the ledger")},
	{MayEditMoney, i18n.T("書類を発行し、入金・返金・免除を決める", "Issue documents, and decide on payments, refunds and what is free of charge")},
	{MayTakeMoney, i18n.T("受付で現金を受け取り、領収書を渡す", "Take cash at a gate, and hand out the receipt")},
	{MayCreateMeeting, i18n.T("新しいミーティングを作る", "Make a meeting")},
	{MayRunSite, i18n.T("アカウント、ジョブ、メールなどTsudoi全体を世話する", "Look after accounts, jobs and letters of the installation")},
	{MayOwn, i18n.T("オーナーを任命し、外す", "Name owners, and take that from them")},
}

// May says whether who acts holds a permission in a meeting; an empty slug is the group.
func May(ctx context.Context, slug string, p authz.Permission) bool {
	return authz.Who(ctx).May(p, slug, "")
}

// Require is nil where who acts holds a permission in a meeting (an empty slug is the group), and a fault otherwise.
func Require(ctx context.Context, slug string, p authz.Permission) error {
	return RequireOn(ctx, slug, "", p)
}

// RequireOn is Require for one object of a meeting, such as a session.
func RequireOn(ctx context.Context, slug, object string, p authz.Permission) error {
	if authz.Who(ctx).May(p, slug, object) {
		return nil
	}
	return fault.New(fault.Forbidden, "event.error.may_not")
}
