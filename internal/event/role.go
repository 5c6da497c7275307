package event

import (
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// RoleKey names a role that a person has, as it is stored.
type RoleKey string

// The ready roles.
const (
	RoleOwner         RoleKey = "owner"
	RoleSteering      RoleKey = "steering"
	RoleSecretariat   RoleKey = "secretariat"
	RoleChair         RoleKey = "chair"
	RoleViceChair     RoleKey = "vice-chair"
	RoleExecutive     RoleKey = "executive"
	RoleProgramme     RoleKey = "programme"
	RoleOrganiser     RoleKey = "organiser"
	RoleReception     RoleKey = "reception"
	RoleNOC           RoleKey = "noc"
	RoleI18N          RoleKey = "i18n"
	RoleTreasurer     RoleKey = "treasurer"
	RoleSessionOwner  RoleKey = "session-owner"
	RoleSessionEditor RoleKey = "session-editor"
	RoleSpeaker       RoleKey = "speaker"
)

// RoleScope is what a role is held in.
type RoleScope string

// The scopes of roles.
const (
	InGroup   RoleScope = "group"   // the whole installation, and so every meeting
	InMeeting RoleScope = "meeting" // one meeting
	OnObject  RoleScope = "object"  // one thing of a meeting, such as a session
)

// Role is a ready role: what it is called, what it is for, and what those who hold it may do. Roles are fixed; teams over them and who
// holds them are data.
type Role struct {
	Key    RoleKey
	Scope  RoleScope
	Name   i18n.Text
	For    i18n.Text          // what it is for, in a sentence
	Why    i18n.Text          // why it may do this and no more
	May    []authz.Permission // on the object, in the meeting, or everywhere, as the scope says
	Remain bool               // it outlives the meeting's archiving: it is not of the committee
}

// ofTheMeeting is everything that somebody may do in a meeting.
var ofTheMeeting = []authz.Permission{
	MayReadDraft, MayEditProgramme, MayTranslate, MayEditSession, MaySpeak, MayRelease, MayEditMeeting, MayDoTasks, MayReadCommittee, MayGrant,
	MayRunSignage, MayEmergency, MaySendLetters, MayReadPeople, MayReadHistory, MayReadFigures, MayReadEntries, MayEditEntries, MayEditForm,
	MayReadMoney, MayEditMoney, MayTakeMoney,
}

// Roles is the one table of roles: what the handbook shows, what the permission matrix is tested against, and what May answers from.
var Roles = []Role{
	{
		Key: RoleOwner, Scope: InGroup, Name: i18n.T("オーナー", "Owner"),
		For: i18n.T("団体のTsudoiに責任を持ちます。", "Answers for the group's Tsudoi."),
		Why: i18n.T("最後の手段として、すべてができます。オーナーを任命できるのは、オーナーだけです。", "Can do everything, as the last resort. Only an owner names owners."),
		May: append(slices.Clone(ofTheMeeting), MayCreateMeeting, MayRunSite, MayOwn),
	},
	{
		Key: RoleSteering, Scope: InGroup, Name: i18n.T("運営委員", "Steering committee"),
		For: i18n.T("団体の方針を決め、どのミーティングも見守ります。", "Decides where the group goes, and watches over every meeting."),
		Why: i18n.T("見ることと、新しいミーティングを始めることだけができます。変えるのは、それぞれの実行委員会です。", "May look, and begin a new meeting. Changing one is for its own committee."),
		May: []authz.Permission{MayReadDraft, MayDoTasks, MayReadCommittee, MayReadPeople, MayReadHistory, MayReadFigures, MayCreateMeeting},
	},
	{
		Key: RoleSecretariat, Scope: InGroup, Name: i18n.T("事務局", "Secretariat"),
		For: i18n.T("どのミーティングも支え、次の実行委員長に引き継ぎます。", "Supports every meeting, and hands over to the next chair."),
		Why: i18n.T("実行委員長を任命し、代わることもあるので、ミーティングのすべてと、アカウントの手助けができます。", "Names chairs and stands in for them, so may do all that they may, and helps people with their accounts."),
		May: append(slices.Clone(ofTheMeeting), MayCreateMeeting, MayRunSite),
	},
	{
		Key: RoleChair, Scope: InMeeting, Name: i18n.T("実行委員長", "Chair"),
		For: i18n.T("ミーティングに責任を持ちます。", "Answers for the meeting."),
		Why: i18n.T("そのミーティングのことは、すべてできます。ほかのミーティングのことはできません。", "May do everything in this meeting, and nothing in another."),
		May: slices.Clone(ofTheMeeting),
	},
	{
		Key: RoleViceChair, Scope: InMeeting, Name: i18n.T("副実行委員長", "Vice chair"),
		For: i18n.T("実行委員長を助け、留守のときは代わります。", "Helps the chair, and stands in when the chair is away."),
		Why: i18n.T("当日に要ることはすべてできます。役割を与えることは実行委員長に、お金を決めることは会計にも残します。", "May do all that the day needs. Giving roles stays with the chair, and deciding on money with the treasurer too."),
		May: []authz.Permission{MayReadDraft, MayEditProgramme, MayTranslate, MayEditSession, MaySpeak, MayRelease, MayEditMeeting, MayDoTasks,
			MayReadCommittee, MayRunSignage, MayEmergency, MaySendLetters, MayReadPeople, MayReadHistory, MayReadFigures, MayReadEntries, MayEditEntries,
			MayEditForm, MayReadMoney, MayTakeMoney},
	},
	{
		Key: RoleExecutive, Scope: InMeeting, Name: i18n.T("実行委員", "Executive committee"),
		For: i18n.T("ミーティングの準備と運営を分担します。", "Shares the work of preparing and running the meeting."),
		Why: i18n.T("準備の全体が見えます。変えるのは、担当する役割（プログラム委員、翻訳など）を併せて持つ人です。", "Sees all that is being prepared. Whoever changes something holds the role for it as well."),
		May: []authz.Permission{MayReadDraft, MayDoTasks, MayReadCommittee, MayReadPeople, MayReadFigures},
	},
	{
		Key: RoleProgramme, Scope: InMeeting, Name: i18n.T("プログラム委員", "Programme committee"),
		For: i18n.T("プログラムを組み立て、登壇者とやり取りします。", "Makes the programme, and talks with the speakers."),
		Why: i18n.T("下書きを変え、関係者に知らせることができます。公開は、実行委員長と副実行委員長がします。", "May change the draft and write to those concerned. The chair and the vice chair publish it."),
		May: []authz.Permission{MayReadDraft, MayEditProgramme, MayTranslate, MayEditSession, MaySpeak, MayDoTasks, MayReadCommittee, MaySendLetters, MayReadPeople,
			MayReadFigures},
	},
	{
		Key: RoleOrganiser, Scope: InMeeting, Name: i18n.T("主催・ホスト運営", "Organiser"),
		For: i18n.T("会場を用意し、当日の会場を動かします。", "Prepares the venue, and runs it on the day."),
		Why: i18n.T("会場とページとサイネージと参加登録を受け持ちます。緊急のお知らせも、会場にいる人が出せなくてはなりません。", "Looks after rooms, pages, screens and registration. Whoever is at the venue must be able to raise an alarm."),
		May: []authz.Permission{MayReadDraft, MayEditMeeting, MayDoTasks, MayReadCommittee, MayRunSignage, MayEmergency, MayReadPeople, MayReadFigures,
			MayReadEntries, MayEditEntries, MayEditForm, MayTakeMoney},
	},
	{
		Key: RoleReception, Scope: InMeeting, Name: i18n.T("受付", "Reception"),
		For: i18n.T("来場者を迎えます。", "Welcomes those who come."),
		Why: i18n.T("公開されているもの、自分たちのタスク、当日の支払いで足ります。下書きも連絡先も見えません。", "What is public, their tasks, and what is paid at the gate, are enough. They see neither drafts nor addresses."),
		May: []authz.Permission{MayDoTasks, MayReadCommittee, MayTakeMoney},
	},
	{
		Key: RoleNOC, Scope: InMeeting, Name: i18n.T("NOC", "NOC"),
		For: i18n.T("会場のネットワークと画面を動かします。", "Runs the network and the screens at the venue."),
		Why: i18n.T("画面をつなぎ、お知らせを出せます。緊急のお知らせは出せません。", "May pair screens and put notices on them, but not raise an alarm."),
		May: []authz.Permission{MayDoTasks, MayReadCommittee, MayRunSignage},
	},
	{
		Key: RoleI18N, Scope: InMeeting, Name: i18n.T("翻訳", "Translation"),
		For: i18n.T("日本語と英語をそろえます。", "Keeps Japanese and English together."),
		Why: i18n.T("下書きの文を両方の言語で書けます。時刻も部屋も変えられません。", "May write the texts of the draft in both languages, and change neither times nor rooms."),
		May: []authz.Permission{MayReadDraft, MayTranslate, MayDoTasks, MayReadCommittee},
	},
	{
		Key: RoleTreasurer, Scope: InMeeting, Name: i18n.T("会計", "Treasurer"),
		For: i18n.T("ミーティングのお金を預かります。", "Keeps the meeting's money."),
		Why: i18n.T("注文・書類・入金・帳簿のすべてを扱います。参加者の回答は見えません。", "Handles orders, documents, payments and the ledger. What people answered stays out of sight."),
		May: []authz.Permission{MayDoTasks, MayReadCommittee, MayReadFigures, MayReadMoney, MayEditMoney, MayTakeMoney},
	},
	{
		Key: RoleSessionOwner, Scope: OnObject, Name: i18n.T("担当委員", "Session owner"),
		For: i18n.T("一つのセッションを、委員会の側で受け持ちます。", "Looks after one session for the committee."),
		Why: i18n.T("担当するセッションだけを変えられ、その登壇者や代理の編集者を招くこともできます。", "May change this session only, and invite its speakers and those who act for them."),
		May: []authz.Permission{MayEditSession, MaySpeak, MayGrant},
	},
	{
		Key: RoleSessionEditor, Scope: OnObject, Name: i18n.T("代理の編集者", "Session editor"),
		For: i18n.T("登壇者に代わって、その人のセッションを世話します。", "Acts for a speaker at their session."),
		Why: i18n.T("そのセッションだけを変えられます。", "May change this session only."),
		May: []authz.Permission{MayEditSession, MaySpeak},
	},
	{
		Key: RoleSpeaker, Scope: OnObject, Name: i18n.T("登壇者", "Speaker"), Remain: true,
		For: i18n.T("そのセッションで話します。", "Speaks at the session."),
		Why: i18n.T("自分のプロフィール、都合、資料と、概要を変える提案だけです。アーカイブの後も、自分の資料には責任を持てます。",
			"Their own profile, availability and slides, and proposals for the abstract. After archiving they can still answer for their slides."),
		May: []authz.Permission{MaySpeak},
	},
}

// RoleOf is the role of a key, or nil.
func RoleOf(key RoleKey) *Role {
	return find(Roles, func(r *Role) bool { return r.Key == key })
}

// GrantID is the row id of a grant. It never leaves the program; outside, a grant has a Ref.
type GrantID int64

// TeamID is the row id of a team. It never leaves the program; outside, a team has a Ref.
type TeamID int64

// Grant is a role that somebody was given, by itself or by a team.
type Grant struct {
	ID      GrantID
	Ref     string  // its name in addresses
	Slug    string  // of the meeting; empty for the group
	Person  int64   // row id of the account
	Role    RoleKey // empty where the team says which
	Team    TeamID
	Object  string    // of a role on an object: the reference of a session
	EndsOn  Date      // the last day, in the zone of the meeting; empty: none was set
	At      time.Time // when it was given
	By      string    // public id of who gave it, or system:name
	Ended   time.Time // when it was ended before its last day; zero: it was not
	EndedBy string

	zone *time.Location
}

// Holds reports whether the grant holds at a moment, in a meeting that goes on.
func (g Grant) Holds(now time.Time) bool {
	until := endOf(g.EndsOn, g.location())
	return g.Ended.IsZero() && (until.IsZero() || until.After(now))
}

func (g Grant) location() *time.Location {
	if g.zone == nil {
		return time.UTC
	}
	return g.zone
}

// Team is a named set of ready roles in a meeting. What it is called and which roles it has is data: they change every time.
type Team struct {
	ID    TeamID
	Ref   string
	Name  i18n.Text
	Roles []RoleKey
}

// held is a role that somebody holds, somewhere, until some time.
type held struct {
	Role   RoleKey
	Slug   string    // of the meeting; empty for the group
	Object string    // of roles on an object
	Until  time.Time // the moment it ends; zero: it does not
}

// granted is what roles add up to at a moment. It is shared and does not change.
type granted struct {
	group   map[authz.Permission]bool
	meeting map[string]map[authz.Permission]bool
	object  map[string]map[string]map[authz.Permission]bool
	at      time.Time // the moment
	until   time.Time // when one of the roles ends; zero: none does
}

// addUp says what the roles that hold at a moment allow.
func addUp(roles []held, now time.Time) *granted {
	g := &granted{at: now, group: map[authz.Permission]bool{}, meeting: map[string]map[authz.Permission]bool{}, object: map[string]map[string]map[authz.Permission]bool{}}
	for _, h := range roles {
		role := RoleOf(h.Role)
		if role == nil || !h.Until.IsZero() && !h.Until.After(now) {
			continue
		}
		if to := g.set(role.Scope, h); to != nil {
			for _, p := range role.May {
				to[p] = true
			}
			if !h.Until.IsZero() && (g.until.IsZero() || h.Until.Before(g.until)) {
				g.until = h.Until
			}
		}
	}
	return g
}

// set is where the permissions of a role go; nil for a role that is held where it cannot be.
func (g *granted) set(scope RoleScope, h held) map[authz.Permission]bool {
	switch {
	case scope == InGroup && h.Slug == "":
		return g.group
	case scope == InMeeting && h.Slug != "":
		return within(g.meeting, h.Slug)
	case scope == OnObject && h.Slug != "" && h.Object != "" && h.Object != authz.Any:
		if g.object[h.Slug] == nil {
			g.object[h.Slug] = map[string]map[authz.Permission]bool{}
		}
		return within(g.object[h.Slug], h.Object)
	}
	return nil
}

func within(m map[string]map[authz.Permission]bool, key string) map[authz.Permission]bool {
	if m[key] == nil {
		m[key] = map[authz.Permission]bool{}
	}
	return m[key]
}

// May says whether the roles allow something: those of the group everywhere, those of a meeting on everything in it, those on an object there.
func (g *granted) May(p authz.Permission, scope, object string) bool {
	if g.group[p] || scope != "" && g.meeting[scope][p] {
		return true
	}
	if object != authz.Any {
		return object != "" && g.object[scope][object][p]
	}
	for _, may := range g.object[scope] {
		if may[p] {
			return true
		}
	}
	return false
}

// over reports that the roles have to be added up anew: one of them has ended, or the clock was set back.
func (g *granted) over(now time.Time) bool {
	return !g.until.IsZero() && !g.until.After(now) || now.Before(g.at)
}

// endOf is the moment at which a role ends that is held up to and including a day.
func endOf(last Date, loc *time.Location) time.Time {
	t := last.Time(loc)
	if t.IsZero() {
		return t
	}
	return t.AddDate(0, 0, 1)
}
