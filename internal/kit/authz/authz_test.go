package authz_test

import (
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
)

type only struct{ scope, object string }

func (o only) May(_ authz.Permission, scope, object string) bool {
	return scope == o.scope && object == o.object
}

func TestNobodyMayNothing(t *testing.T) {
	a := authz.Who(t.Context())
	if a.SignedIn() || a.May("edit", "", "") || a.May("edit", "m", "x") {
		t.Errorf("nobody may: %+v", a)
	}
}

func TestWhoActs(t *testing.T) {
	ctx := authz.With(t.Context(), &authz.Actor{ID: 7, Ref: "K", Grants: only{"m", "x"}})
	a := authz.Who(ctx)
	if !a.SignedIn() || !a.May("edit", "m", "x") || a.May("edit", "m", "y") || a.May("edit", "n", "x") {
		t.Errorf("grants are not asked: %+v", a)
	}
	if authz.Who(authz.With(ctx, nil)).SignedIn() {
		t.Error("a nil actor is nobody")
	}
	s := authz.Who(authz.System(ctx, "retime"))
	if s.SignedIn() || s.Ref != "system:retime" || !s.May("edit", "m", "y") {
		t.Errorf("the program itself: %+v", s)
	}
}
