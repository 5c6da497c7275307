package signage

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// identifyFor is how long a screen flashes its name.
const identifyFor = 15 * time.Second

// The acts of the desk on one screen.
const (
	actIdentify = "identify" // flash the name
	actReload   = "reload"   // load the page anew
	actBlank    = "blank"    // show nothing
	actWake     = "wake"     // show again
	actHold     = "hold"     // show a notice now
	actRelease  = "release"  // no longer
)

// holdLongest is how long a notice may be held on a screen.
const holdLongest = 12 * time.Hour

// Screens lists the screens of a meeting with what is known of them.
func (s *Service) Screens(ctx context.Context, slug string) ([]*Screen, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return nil, err
	}
	list, err := readScreens(ctx, s.db, m.ID)
	for _, sc := range list {
		sc.Alive = s.alive(sc)
	}
	return list, err
}

// One is a screen of a meeting.
func (s *Service) One(ctx context.Context, slug, ref string) (*Screen, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return nil, err
	}
	sc, err := readScreen(ctx, s.db, m.ID, ref)
	if err == nil {
		sc.Alive = s.alive(sc)
	}
	return sc, err
}

// SetLook changes what a screen is for.
func (s *Service) SetLook(ctx context.Context, slug, ref string, look Look) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	if err := look.check(&m.Meeting); err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		sc, err := readScreen(ctx, tx, m.ID, ref)
		if err != nil {
			return err
		}
		before := sc.Look.fields()
		sc.Look = look
		if err := saveScreen(ctx, tx, sc); err != nil {
			return err
		}
		return record(ctx, tx, slug, "screen:"+ref, "signage.screen.edited", before, look.fields())
	})
}

// Act does one of the acts to a screen. For hold, notice and minutes say what and how long.
func (s *Service) Act(ctx context.Context, slug, ref, act, notice string, minutes int) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	now := s.o.Now()
	return s.change(ctx, m, func(tx *db.Tx) error {
		sc, err := readScreen(ctx, tx, m.ID, ref)
		if err != nil {
			return err
		}
		switch act {
		case actIdentify:
			sc.Identify = now.Add(identifyFor)
		case actReload:
			sc.Reload++
		case actBlank, actWake:
			sc.Blank = act == actBlank
		case actRelease:
			sc.Hold, sc.HoldUntil = "", time.Time{}
		case actHold:
			n, err := readNotice(ctx, tx, m.ID, notice, m.Location())
			if err != nil {
				return err
			}
			sc.Hold, sc.HoldUntil = n.Ref, now.Add(min(max(time.Duration(minutes)*time.Minute, time.Minute), holdLongest))
			sc.Blank = false
		default:
			return fault.Missing()
		}
		if err := saveScreen(ctx, tx, sc); err != nil {
			return err
		}
		after := map[string]string{"name": sc.Look.Name}
		if act == actHold {
			after["notice"] = sc.Hold
		}
		return record(ctx, tx, slug, "screen:"+ref, "signage.screen."+act, nil, after)
	})
}

// Unpair takes a screen away from a meeting: what it holds is worth nothing from then on, and it shows a new code.
func (s *Service) Unpair(ctx context.Context, slug, ref string) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		sc, err := readScreen(ctx, tx, m.ID, ref)
		if err != nil {
			return err
		}
		if err := dropToken(ctx, tx, sc.ID); err != nil {
			return err
		}
		return record(ctx, tx, slug, "screen:"+ref, "signage.screen.unpaired", sc.Look.fields(), nil)
	})
}

// Setting is what holds for every screen of a meeting.
func (s *Service) Setting(ctx context.Context, slug string) (Setting, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return Setting{}, err
	}
	return readSetting(ctx, s.db, m.ID)
}

// SaveSetting changes it.
func (s *Service) SaveSetting(ctx context.Context, slug string, set Setting) error {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return err
	}
	if err := set.check(); err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		was, err := readSetting(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := saveSetting(ctx, tx, m.ID, set); err != nil {
			return err
		}
		return record(ctx, tx, slug, "signage", "signage.setting.edited", was.fields(), set.fields())
	})
}

func (s Setting) fields() map[string]string {
	on := map[bool]string{true: "on", false: "off"}
	return map[string]string{"sponsors": on[s.Sponsors], "survey_url": s.SurveyURL, "survey_ja": s.SurveyTitle.JA, "survey_en": s.SurveyTitle.EN}
}

// Override is what covers the screens of a meeting now, or nil.
func (s *Service) Override(ctx context.Context, slug string) (*Override, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return nil, err
	}
	return readOverride(ctx, s.db, m.ID)
}

// Cover puts a text over every screen of a meeting, in place of one that is there.
func (s *Service) Cover(ctx context.Context, slug string, severity Severity, text i18n.Text) error {
	m, err := s.alarms(ctx, slug)
	if err != nil {
		return err
	}
	o := &Override{Ref: newRef(), Severity: severity, Text: text, Since: s.o.Now()}
	if err := o.check(); err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		if err := endOverrides(ctx, tx, m.ID, o.Since); err != nil {
			return err
		}
		if err := addOverride(ctx, tx, m.ID, o); err != nil {
			return err
		}
		return record(ctx, tx, slug, "override:"+o.Ref, "signage.override.shown", nil,
			map[string]string{"severity": string(severity), "text_ja": text.JA, "text_en": text.EN})
	})
}

// Uncover ends the override of a meeting.
func (s *Service) Uncover(ctx context.Context, slug string) error {
	m, err := s.alarms(ctx, slug)
	if err != nil {
		return err
	}
	return s.change(ctx, m, func(tx *db.Tx) error {
		o, err := readOverride(ctx, tx, m.ID)
		if err != nil || o == nil {
			return err // nothing to end: somebody else was quicker
		}
		if err := endOverrides(ctx, tx, m.ID, s.o.Now()); err != nil {
			return err
		}
		return record(ctx, tx, slug, "override:"+o.Ref, "signage.override.ended", map[string]string{"text_ja": o.Text.JA, "text_en": o.Text.EN}, nil)
	})
}

// alarms is the meeting of a slug, for those who may cover its screens.
func (s *Service) alarms(ctx context.Context, slug string) (*event.Stored, error) {
	if err := event.Require(ctx, slug, event.MayEmergency); err != nil {
		return nil, err
	}
	return s.events.Meeting(ctx, slug)
}
