package registration

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Say is a rule of refunds in words. A limit at midnight is told as the end of the day before.
func (r Refund) Say(f *web.Frame) string {
	fee := f.T("registration.rule.percent", "fee", r.Fee)
	if r.Fee == 0 {
		fee = f.T("registration.rule.no_fee")
	}
	if r.Until.IsZero() {
		return f.T("registration.rule.fee_then", "fee", fee)
	}
	return f.T("registration.rule.fee", "when", until(f, r.Until), "fee", fee)
}

// until writes a limit: the last day where it is midnight, else the moment.
func until(f *web.Frame, t time.Time) string {
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 {
		return f.Day(t.AddDate(0, 0, -1))
	}
	return f.Moment(t)
}
