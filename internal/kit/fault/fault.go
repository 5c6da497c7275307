// Package fault is the vocabulary of errors that people see. There are six kinds; each maps to one HTTP status, carries a
// message key that the catalogue of words knows in every language, and names the field it is about where there is one.
// Everything else is an internal error, whose text stays in the log.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says what sort of thing went wrong.
type Kind int

// The kinds, and the HTTP status each becomes.
const (
	Internal  Kind = iota // 500: our mistake; the text is never shown
	Invalid               // 422: the input cannot be used as it is
	NotFound              // 404
	Forbidden             // 403
	Conflict              // 409: somebody else was first
	TooMany               // 429
)

// Status is the HTTP status of the kind.
func (k Kind) Status() int {
	switch k {
	case Invalid:
		return http.StatusUnprocessableEntity
	case NotFound:
		return http.StatusNotFound
	case Forbidden:
		return http.StatusForbidden
	case Conflict:
		return http.StatusConflict
	case TooMany:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}

// Error is a fault: its kind, the key of its message, the arguments of that message, and the field it concerns.
type Error struct {
	Kind  Kind
	Key   string         // a key of the catalogue, such as "program.error.end_before_start"
	Args  map[string]any // for the message
	Field string         // the name of the form field, or empty
	Err   error          // what caused it, for the log
}

// New makes a fault of a kind with a message key.
func New(k Kind, key string) *Error { return &Error{Kind: k, Key: key} }

// With adds an argument of the message.
func (e *Error) With(name string, v any) *Error {
	c := *e
	c.Args = map[string]any{name: v}
	for k, o := range e.Args {
		if k != name {
			c.Args[k] = o
		}
	}
	return &c
}

// On names the field the fault is about.
func (e *Error) On(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because records the cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

func (e *Error) Error() string {
	s := e.Key
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if len(e.Args) > 0 {
		s += fmt.Sprintf(" %v", e.Args)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf finds the kind of any error: Internal unless a fault is in its chain.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// As returns the fault in err's chain, if there is one.
func As(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// Missing is the fault of a page or object that does not exist.
func Missing() *Error { return New(NotFound, "error.not_found") }
