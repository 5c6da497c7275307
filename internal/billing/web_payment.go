package billing

import "embed"

// Arrivals are the letters and pages of payments.
//
//go:embed mail/reminder.*.txt
var Arrivals embed.FS
