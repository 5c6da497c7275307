package db

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// IsUnique reports that a statement would have made a second row where one may be.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23505"
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsForeignKey reports that a statement would have left a reference to nothing.
func IsForeignKey(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23503"
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == lib.SQLITE_CONSTRAINT_FOREIGNKEY
}

// IsNoRows reports that there was no row to read.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// isRetryable reports a serialisation failure or a deadlock of PostgreSQL.
func isRetryable(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}

func noTransaction(err error) bool { return strings.Contains(err.Error(), "no transaction is active") }

// unreached says in one line where no database was reached, and why. The driver's own error tells of every address and attempt.
func unreached(c *pgconn.Config, err error) error {
	at := fmt.Sprintf("open the PostgreSQL database %q at %s", c.Database, net.JoinHostPort(c.Host, fmt.Sprint(c.Port)))
	if strings.HasPrefix(c.Host, "/") {
		at = fmt.Sprintf("open the PostgreSQL database %q at the socket in %s", c.Database, c.Host)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Errorf("%s: %w", at, e)
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%s: %w", at, e)
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return fmt.Errorf("%s: %w", at, e)
	}
	why := err.Error()[strings.LastIndexByte(err.Error(), '\n')+1:]
	if _, rest, ok := strings.Cut(why, "): "); ok { // after the address
		why = rest
	}
	return fmt.Errorf("%s: %s", at, strings.TrimSpace(why))
}
