package event

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// The permissions there are. They are fixed: what a role may do is the table Roles, and who has a role is data. Each holds in a
// meeting (the scope is its slug), or, given by a role of the group, in every meeting.
const (
	MayReadDraft     authz.Permission = "draft.read"          // see the desk and what is not published yet
	MayEditProgramme authz.Permission = "programme.edit"      // change sessions, speakers, times and rooms in the draft
	MayTranslate     authz.Permission = "programme.translate" // write texts in both languages, and nothing else
	MayRelease       authz.Permission = "programme.release"   // publish the draft; retime
	MayEditSession   authz.Permission = "session.edit"        // edit one session: its owner on the committee and its editors. The object is its reference
	MaySpeak         authz.Permission = "session.speak"       // a speaker's own part of a session: profile, availability, slides, proposals. The object is its reference
	MayEditMeeting   authz.Permission = "meeting.edit"        // the meeting itself: rooms, pages, tasks, phase
	MayDoTasks       authz.Permission = "tasks.do"            // see the meeting's tasks and tick them
	MayReadCommittee authz.Permission = "committee.read"      // see who holds which role
	MayGrant         authz.Permission = "roles.grant"         // give and take roles, invite
	MayRunSignage    authz.Permission = "signage.run"         // screens and notices
	MayEmergency     authz.Permission = "signage.emergency"   // the override on every screen
	MaySendLetters   authz.Permission = "letters.send"        // write to those concerned, and see who has acknowledged
	MayReadPeople    authz.Permission = "people.read"         // see how to reach the people of a meeting
	MayReadHistory   authz.Permission = "history.read"        // the audit log of a meeting
	MayCreateMeeting authz.Permission = "meeting.create"      // make a new meeting; in the group only
	MayRunSite       authz.Permission = "site.run"            // accounts, jobs, letters of the installation; in the group only
	MayOwn           authz.Permission = "site.own"            // name owners and take that from them; in the group only
)

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
