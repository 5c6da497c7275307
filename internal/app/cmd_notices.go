package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/signage"
)

type noticesCmd struct {
	File string `arg:"" help:"File of notices; see examples/janog57-signage.yaml." type:"existingfile"`
}

// Run reads notices for the screens of a meeting. Those that the meeting has already stay as they are.
func (c noticesCmd) Run(s *session) error {
	data, err := os.ReadFile(filepath.Clean(c.File))
	if err != nil {
		return fmt.Errorf("read the notices: %w", err)
	}
	f, err := signage.ReadFile(data)
	if err != nil {
		return err
	}
	a, err := Open(s, s.settings, s.version, s.log)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	added, err := a.Screens.Import(authz.System(s, "notices"), f)
	if fault.KindOf(err) == fault.NotFound {
		return fmt.Errorf("there is no meeting %q; import it first", f.Meeting)
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "read %d, added %d\n", len(f.Notices), added)
	return nil
}
