package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// visitor is told what an archive holds, in its order. Functions that are nil are left out.
type visitor struct {
	table func(Table) error // a table begins; the one before has ended
	row   func([]any) error
	done  func() error // the last table has ended
	file  func(path string, r io.Reader) error
}

// unpacker reads an archive.
type unpacker struct {
	seal    *unsealer
	zip     *zstd.Decoder
	tar     *tar.Reader
	head    Head
	headSum string
	summary Summary

	at     int // index of the table being read, -1 before the first
	piece  int
	pieces hash.Hash
	rows   int64
	tables []tally
	files  hash.Hash
	ended  bool // the tables
	lines  []byte
}

// unpack opens an archive and reads its head. The caller closes it.
func unpack(r io.Reader, o Options) (*unpacker, error) {
	seal, locked, err := unseal(r, o)
	if err != nil {
		return nil, err
	}
	u := &unpacker{seal: seal, at: -1, files: sha256.New(), lines: make([]byte, 64<<10)}
	u.zip, err = zstd.NewReader(seal, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(32<<20))
	if err != nil {
		return nil, u.broken(err)
	}
	u.tar = tar.NewReader(u.zip)
	u.summary.Encrypted = locked
	if err := u.begin(); err != nil {
		u.close()
		return nil, err
	}
	return u, nil
}

func (u *unpacker) close() { u.zip.Close() }

// broken finds the true cause of a failure to read: an archive that is cut off or changed says so, whatever failed first.
func (u *unpacker) broken(err error) error {
	if cause := u.seal.check(); cause != nil {
		return cause
	}
	return fmt.Errorf("%w (%w)", ErrDamaged, err)
}

func (u *unpacker) begin() error {
	h, err := u.tar.Next()
	if err != nil || h.Name != "head.json" {
		if cause := u.seal.check(); cause != nil {
			return cause
		}
		return ErrForeign
	}
	if u.headSum, err = u.json(h, &u.head); err != nil {
		return u.broken(err)
	}
	switch {
	case u.head.Format != formatName:
		return ErrForeign
	case u.head.Version > formatVersion:
		return ErrLater
	}
	for _, t := range u.head.Tables {
		if !isName(t.Name) || len(t.Columns) == 0 {
			return u.broken(fmt.Errorf("a table is named %q", t.Name))
		}
	}
	u.summary.of(u.head)
	return nil
}

// json reads a whole entry and returns its SHA-256, without the newline at its end.
func (u *unpacker) json(h *tar.Header, v any) (string, error) {
	if h.Size > maxHead {
		return "", fmt.Errorf("%s is too large", h.Name)
	}
	b, err := io.ReadAll(u.tar)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return "", err
	}
	s := sha256.Sum256([]byte(strings.TrimSuffix(string(b), "\n")))
	return hex.EncodeToString(s[:]), nil
}

// rejection carries an error of the visitor past the search for what is wrong with the archive.
type rejection struct{ error }

func (r rejection) Unwrap() error { return r.error }

func reject(err error) error {
	if err == nil {
		return nil
	}
	return rejection{err}
}

// walk reads everything and checks every count and checksum. When it returns nil the archive is whole and unchanged.
func (u *unpacker) walk(ctx context.Context, v visitor) (Summary, error) {
	err := u.entries(ctx, v)
	if err == nil {
		if _, err = io.Copy(io.Discard, u.zip); err == nil {
			err = u.seal.check()
		}
		u.summary.Bytes = u.seal.n
		if err == nil {
			return u.summary, nil
		}
	}
	if r, ok := errors.AsType[rejection](err); ok {
		return u.summary, r.error
	}
	return u.summary, u.broken(err)
}

func (u *unpacker) entries(ctx context.Context, v visitor) error {
	for {
		if err := ctx.Err(); err != nil {
			return reject(err)
		}
		h, err := u.tar.Next()
		if errors.Is(err, io.EOF) {
			return errors.New("the manifest is missing")
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%q is not a plain file", h.Name)
		}
		kind, rest, _ := strings.Cut(h.Name, "/")
		switch {
		case kind == "tables" && !u.ended:
			err = u.readPiece(h, rest, v)
		case kind == "files":
			if err = u.endTables(v); err == nil {
				err = u.readFile(h, rest, v)
			}
		case h.Name == "manifest.json":
			return u.readManifest(h, v)
		default:
			err = fmt.Errorf("%q is no part of a backup", h.Name)
		}
		if err != nil {
			return err
		}
	}
}

// advance goes to the next table of the head.
func (u *unpacker) advance(v visitor) error {
	u.closeTable()
	u.at++
	u.piece, u.rows, u.pieces = 0, 0, sha256.New()
	if v.table != nil {
		return reject(v.table(u.head.Tables[u.at]))
	}
	return nil
}

func (u *unpacker) closeTable() {
	if u.at >= 0 {
		u.tables = append(u.tables, tally{Name: u.head.Tables[u.at].Name, Rows: u.rows, Sum: sum(u.pieces)})
	}
}

func (u *unpacker) endTables(v visitor) error {
	if u.ended {
		return nil
	}
	for u.at+1 < len(u.head.Tables) {
		if err := u.advance(v); err != nil {
			return err
		}
	}
	u.closeTable()
	u.ended = true
	if v.done != nil {
		return reject(v.done())
	}
	return nil
}

// readPiece reads a piece of a table, which must be the next of the table being read, or the first of a later one.
func (u *unpacker) readPiece(h *tar.Header, rest string, v visitor) error {
	name, _, _ := strings.Cut(rest, "/")
	for u.at < 0 || u.head.Tables[u.at].Name != name {
		if u.at+1 >= len(u.head.Tables) {
			return fmt.Errorf("%q is out of place", h.Name)
		}
		if err := u.advance(v); err != nil {
			return err
		}
	}
	u.piece++
	if h.Name != fmt.Sprintf("tables/%s/%05d.jsonl", name, u.piece) {
		return fmt.Errorf("%q is out of place", h.Name)
	}
	columns := u.head.Tables[u.at].Columns
	lines := bufio.NewScanner(io.TeeReader(u.tar, u.pieces))
	lines.Buffer(u.lines, maxRow+1)
	for lines.Scan() {
		row, err := parseRow(lines.Bytes(), columns)
		if err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		u.rows++
		u.summary.Rows++
		if v.row != nil {
			if err := v.row(row); err != nil {
				return reject(err)
			}
		}
	}
	return lines.Err()
}

func (u *unpacker) readFile(h *tar.Header, path string, v visitor) error {
	if !fs.ValidPath(path) || path == "." || strings.ContainsAny(path, "\\\x00\n") {
		return fmt.Errorf("%q is not a path inside the folder", h.Name)
	}
	one := sha256.New()
	r := io.TeeReader(u.tar, one)
	if v.file != nil {
		watched := &watch{r: r}
		if err := v.file(path, watched); err != nil {
			if watched.err != nil {
				return watched.err // the archive's fault
			}
			return reject(err)
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	u.summary.Files++
	u.summary.FileBytes += h.Size
	u.files.Write([]byte(fileLine(one, h.Size, path)))
	return nil
}

// watch remembers whether reading failed, to tell it from a failure to write.
type watch struct {
	r   io.Reader
	err error
}

func (w *watch) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

func (u *unpacker) readManifest(h *tar.Header, v visitor) error {
	var m manifest
	if _, err := u.json(h, &m); err != nil {
		return err
	}
	if err := u.endTables(v); err != nil {
		return err
	}
	if m.Head != u.headSum {
		return errors.New("the head is not the one that was written")
	}
	if len(m.Tables) != len(u.tables) {
		return fmt.Errorf("%d tables were written and %d are here", len(m.Tables), len(u.tables))
	}
	for i, t := range u.tables {
		if m.Tables[i] != t {
			return fmt.Errorf("the table %s had %d rows when it was written, and has %d others here", t.Name, m.Tables[i].Rows, t.Rows)
		}
	}
	if files := (tally{Rows: u.summary.Files, Sum: sum(u.files)}); m.Files != files {
		return fmt.Errorf("%d files were written, and %d others are here", m.Files.Rows, files.Rows)
	}
	if _, err := u.tar.Next(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the manifest")
	}
	return nil
}

// Verify reads a whole archive and checks every checksum and count.
func Verify(ctx context.Context, r io.Reader, o Options) (Summary, error) {
	u, err := unpack(r, o)
	if err != nil {
		return Summary{}, err
	}
	defer u.close()
	return u.walk(ctx, visitor{})
}
