// Package limit bounds how often a thing may be done: so many times at once, and then so many in a time (a leaky bucket). What was counted
// is in the database, so that a restart forgives nothing and every process counts together.
package limit

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/netip"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Migrations holds the table of this package: limit_bucket.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Rate is how often something may be done.
type Rate struct {
	Burst int           // at once
	Per   time.Duration // in which the burst may be done again
}

// Allow counts one try by somebody and says whether it may go on. The name says what is tried; who is hashed, since an address is nobody's
// business. A try that is refused does not count.
func (r Rate) Allow(ctx context.Context, tx *db.Tx, name, who string, now time.Time) (bool, error) {
	return fill(ctx, tx, key(name, who), r.Per/time.Duration(r.Burst), r.Per, now)
}

// Forget lets somebody begin anew.
func Forget(ctx context.Context, tx *db.Tx, name, who string) error {
	return forget(ctx, tx, key(name, who))
}

// Sweep removes what no longer counts.
func Sweep(ctx context.Context, tx *db.Tx, now time.Time) error { return sweep(ctx, tx, now) }

func key(name, who string) string {
	sum := sha256.Sum256([]byte(name + "\x00" + who))
	return name + ":" + base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Network is what counts as one sender by a network address: an IPv4 address, or the /64 of an IPv6 one, since its owner may take any address
// in it. What is no address counts as it is.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap(); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
