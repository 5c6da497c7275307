// Package authz carries who is acting through a request, a job or a command, and answers whether they may do a thing. What the
// permissions are called, and which role gives them, is the business of the features: here a permission is a word, a scope is a place
// where it holds ("" is the whole installation, else for instance the slug of a meeting) and an object is one thing in a scope.
package authz

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Permission is something that one may do.
type Permission string

// Any as an object asks whether a permission is held on at least one object of a scope.
const Any = "*"

// Grants are what somebody may do, as their roles say.
type Grants interface {
	// May says whether a permission is held in a scope. Object names one thing in the scope, or is empty for the scope as a whole.
	May(p Permission, scope, object string) bool
}

// Actor is who acts.
type Actor struct {
	ID        int64     // row id of the account; 0 where nobody is signed in
	Ref       string    // opaque public id, the only name that logs keep; of the program itself "system:" and what acted
	Name      i18n.Text // as shown to others
	Lang      i18n.Lang // the language they read; empty where not known
	From      string    // the address the request came from, or empty
	Session   int64     // row id of the session; 0 without one
	SteppedUp time.Time // when they last proved in this session who they are
	Agreed    string    // the version of the terms they agreed to last, or empty
	Grants    Grants    // nil: none
}

// SignedIn reports whether the actor is a person who signed in.
func (a *Actor) SignedIn() bool { return a.ID != 0 }

// May says whether the actor holds a permission; see Grants. The program itself may do everything.
func (a *Actor) May(p Permission, scope, object string) bool {
	return a.Grants != nil && a.Grants.May(p, scope, object)
}

type actorKey struct{}

// With makes a the one who acts.
func With(ctx context.Context, a *Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// Who is who acts; somebody without a name and without grants where nobody was said. It is never nil.
func Who(ctx context.Context) *Actor {
	if a, ok := ctx.Value(actorKey{}).(*Actor); ok && a != nil {
		return a
	}
	return &Actor{}
}

type checkKey struct{}

// WithCheck makes check what says later whether the one who acts may still have what they asked for: an answer that goes on for hours outlives
// sessions and roles.
func WithCheck(ctx context.Context, check func(context.Context) (bool, error)) context.Context {
	return context.WithValue(ctx, checkKey{}, check)
}

// Check is what WithCheck was given; nil where everybody may have the answer, for ever.
func Check(ctx context.Context) func(context.Context) (bool, error) {
	check, _ := ctx.Value(checkKey{}).(func(context.Context) (bool, error))
	return check
}

// System makes a part of the program itself the one who acts: a job, or a command of the operator. It may do everything.
func System(ctx context.Context, name string) context.Context {
	return With(ctx, &Actor{Ref: "system:" + name, Grants: everything{}})
}

// everything is what the program itself may do.
type everything struct{}

// May is always true.
func (everything) May(Permission, string, string) bool { return true }
