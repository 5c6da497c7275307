package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Sizes of pieces and of one row. A row is held in memory whole, a table never is.
const (
	pieceSize = 1 << 20
	maxRow    = 64 << 20
	maxHead   = 16 << 20
)

// packer writes an archive.
type packer struct {
	out     *sealer
	zip     *zstd.Encoder
	tar     *tar.Writer
	options Options
	made    time.Time
	head    string
	tables  []tally
	files   tally
	summary Summary
}

func newPacker(w io.Writer, o Options) (*packer, error) {
	p := &packer{options: o, made: o.Now}
	if p.made.IsZero() {
		p.made = time.Now()
	}
	p.made = p.made.UTC().Truncate(time.Second)
	out, err := newSealer(w, o)
	if err != nil {
		return nil, err
	}
	p.out = out
	p.zip, err = zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	p.tar = tar.NewWriter(p.zip)
	p.files.Sum = sum(sha256.New())
	return p, nil
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// add writes one entry.
func (p *packer) add(name string, content []byte) error {
	h := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(content)), ModTime: p.made}
	if err := p.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := p.tar.Write(content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (p *packer) addJSON(name string, v any) (string, error) {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), p.add(name, append(b, '\n'))
}

// database writes the head and every table.
func (p *packer) database(ctx context.Context, s store) error {
	schema, err := s.schema(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's versions: %w", err)
	}
	tables, err := s.tables(ctx, p.options.Skip)
	if err != nil {
		return err
	}
	h := Head{Format: formatName, Version: formatVersion, Program: p.options.Program, Engine: s.engine, Made: p.made, Schema: schema, Tables: tables}
	p.summary.of(h)
	p.summary.Encrypted = p.out.encrypted()
	if p.head, err = p.addJSON("head.json", h); err != nil {
		return err
	}
	for _, t := range tables {
		if err := p.table(ctx, s, t); err != nil {
			return err
		}
	}
	return nil
}

// table writes the rows of a table in pieces.
func (p *packer) table(ctx context.Context, s store, t Table) error {
	var piece, line []byte
	pieces, all := 0, sha256.New()
	count := tally{Name: t.Name}
	flush := func() error {
		if len(piece) == 0 {
			return nil
		}
		pieces++
		all.Write(piece)
		err := p.add(fmt.Sprintf("tables/%s/%05d.jsonl", t.Name, pieces), piece)
		piece = piece[:0]
		return err
	}
	err := s.each(ctx, t, func(row []any) error {
		line = appendRow(line[:0], row)
		if len(line) > maxRow {
			return fmt.Errorf("a row of the table %s is larger than %d MiB", t.Name, maxRow>>20)
		}
		piece = append(piece, line...)
		count.Rows++
		if len(piece) >= pieceSize {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	count.Sum = sum(all)
	p.tables = append(p.tables, count)
	p.summary.Rows += count.Rows
	return err
}

// unfinished reports a file whose name begins with a dot: it is still being written, grows while it is read, and no row needs it yet.
func unfinished(name string) bool { return strings.HasPrefix(path.Base(name), ".") }

// folder writes the files that are finished. One that is removed meanwhile is left out: no row of the state that was read before can still need it.
func (p *packer) folder(ctx context.Context, files fs.FS) error {
	all := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the file %s: %w", name, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !e.Type().IsRegular() || unfinished(name) {
			return nil
		}
		line, err := p.file(files, name)
		all.Write([]byte(line))
		return err
	})
	p.files.Sum = sum(all)
	return err
}

func (p *packer) file(files fs.FS, path string) (string, error) {
	f, err := files.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the file %s: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("read the file %s: %w", path, err)
	}
	h := &tar.Header{Name: "files/" + path, Typeflag: tar.TypeReg, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime().Truncate(time.Second)}
	if err := p.tar.WriteHeader(h); err != nil {
		return "", fmt.Errorf("write the file %s: %w", path, err)
	}
	one := sha256.New()
	n, err := io.Copy(io.MultiWriter(p.tar, one), f)
	if err == nil && n != info.Size() {
		err = errors.New("it became shorter while it was read")
	}
	if err != nil {
		return "", fmt.Errorf("write the file %s: %w", path, err)
	}
	p.files.Rows++
	p.summary.Files++
	p.summary.FileBytes += n
	return fileLine(one, n, path), nil
}

func fileLine(h hash.Hash, size int64, path string) string {
	return fmt.Sprintf("%s %d %s\n", sum(h), size, path)
}

// finish writes the manifest and the checksum of the whole.
func (p *packer) finish() error {
	if _, err := p.addJSON("manifest.json", manifest{Head: p.head, Tables: p.tables, Files: p.files}); err != nil {
		return err
	}
	for _, c := range []io.Closer{p.tar, p.zip, p.out} {
		if err := c.Close(); err != nil {
			return fmt.Errorf("end the backup: %w", err)
		}
	}
	p.summary.Bytes = p.out.raw.n
	return nil
}
