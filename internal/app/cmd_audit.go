package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/backup"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// auditCmd reads the audit log.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the chain of the audit log, and name the first broken entry."`
	Export auditExportCmd `cmd:"" help:"Write the entries of the audit log, newest first."`
}

type auditVerifyCmd struct {
	Head []string `help:"A head that an earlier run printed and that was kept elsewhere, as 1234:HASH; may be repeated." placeholder:"HEAD"`
	JSON bool     `name:"json" help:"Print the verdict as JSON."`
}

// Run verifies the chain. It fails where something is broken.
func (c auditVerifyCmd) Run(s *session) error {
	var known []audit.Head
	for _, text := range c.Head {
		h, err := parseHead(text)
		if err != nil {
			return err
		}
		known = append(known, h)
	}
	d, err := openUpToDate(s)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	v, err := audit.Verify(s, d, known...)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		err = e.Encode(v)
	} else {
		err = printVerdict(s.out, v)
	}
	if err == nil && !v.Whole() {
		err = errors.New("the audit log is broken")
	}
	return err
}

// openUpToDate opens the database of this installation, which must have this program's tables.
func openUpToDate(s *session) (*db.DB, error) {
	d, err := openExisting(s, s)
	if err != nil {
		return nil, err
	}
	pending, _, err := d.Pending(s, migrations()...)
	if err == nil && len(pending) > 0 {
		err = errors.New("the database is not of this version of Tsudoi; start `tsudoi serve` once to bring it up to date, and try again")
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// parseHead reads 1234:HASH.
func parseHead(text string) (audit.Head, error) {
	seal, hash, ok := strings.Cut(text, ":")
	n, err := strconv.ParseInt(seal, 10, 64)
	if !ok || err != nil || n < 1 || len(hash) != 64 {
		return audit.Head{}, fmt.Errorf("--head %q is not a head; write it as tsudoi audit verify printed it, 1234:HASH", text)
	}
	return audit.Head{Seal: n, Hash: hash}, nil
}

// printVerdict says in sentences what was found.
func printVerdict(w io.Writer, v audit.Verdict) error {
	if b := v.Break; b != nil {
		why := map[audit.Reason]string{
			audit.Missing:  "the entry at this place is gone",
			audit.Altered:  "the entry is not what was recorded",
			audit.Values:   "a value or the address of the entry is not what was recorded",
			audit.Moved:    "the entry does not follow the one before it: slipped in, moved, or recorded anew",
			audit.End:      "the chain does not end where it should: entries were cut off or added",
			audit.Replaced: "the chain is not the one whose head was kept: it was made anew",
		}[b.Reason]
		_, err := fmt.Fprintf(w, "broken at place %d (entry %d): %s\nwhole up to %d:%s\n", b.Seal, b.ID, why, v.Head.Seal, v.Head.Hash)
		return err
	}
	_, err := fmt.Fprintf(w, "%d entries are one chain; of %d the values or the address were erased; %d wait to be sealed\n", v.Head.Seal, v.Erased, v.Open)
	if err == nil && v.Head.Seal > 0 {
		_, err = fmt.Fprintf(w, "head %d:%s\nKeep this line elsewhere; with --head a later run shows that nothing up to here was replaced.\n", v.Head.Seal, v.Head.Hash)
	}
	return err
}

type auditExportCmd struct {
	File      string `arg:"" optional:"" help:"File to write; standard output without one."`
	Format    string `help:"jsonl or csv." default:"jsonl" enum:"jsonl,csv"`
	Force     bool   `help:"Replace the file where it exists."`
	Meeting   string `help:"Only this meeting, by its slug; - is the group itself." placeholder:"SLUG"`
	Object    string `help:"Only this object, as session:E1W1VN." placeholder:"OBJECT"`
	Actor     string `help:"Only what this person did, by their public id." placeholder:"ID"`
	Action    string `help:"Only this action, or those that begin so, as program.session." placeholder:"ACTION"`
	Since     string `help:"Only from then on, as 2026-02-11." placeholder:"TIME"`
	Until     string `help:"Only before then." placeholder:"TIME"`
	Addresses bool   `help:"Also from which addresses."`
}

// Run writes the log.
func (c auditExportCmd) Run(s *session) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	d, err := openUpToDate(s)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	write := func(w io.Writer) error {
		if c.Format == "csv" {
			return audit.WriteCSV(s, d, w, o)
		}
		return audit.WriteJSONL(s, d, w, o)
	}
	if c.File == "" || c.File == "-" {
		return write(s.out)
	}
	return backup.WriteFile(c.File, c.Force, write)
}

func (c auditExportCmd) options() (audit.Export, error) {
	o := audit.Export{Addresses: c.Addresses, Filter: audit.Filter{
		Scope: c.Meeting, Everywhere: c.Meeting == "", Object: c.Object, Actor: c.Actor, Action: strings.TrimSuffix(c.Action, "."),
	}}
	if c.Meeting == "-" {
		o.Scope = ""
	}
	var err error
	if c.Since != "" {
		if o.Since, err = parseMoment("--since", c.Since); err != nil {
			return o, err
		}
	}
	if c.Until != "" {
		o.Until, err = parseMoment("--until", c.Until)
	}
	return o, err
}
