package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"filippo.io/age"
)

// The end of an archive: a skippable frame of zstd, which other programs pass over, with the SHA-256 of everything before it.
const (
	sealMagic = 0x184D2A5E
	sealSize  = 8 + sha256.Size
)

// How an archive may begin.
var (
	zstdMagic = []byte{0x28, 0xB5, 0x2F, 0xFD}
	ageMagic  = []byte("age-encryption.org/")
)

func sealOf(h hash.Hash) []byte {
	b := binary.LittleEndian.AppendUint32(nil, sealMagic)
	b = binary.LittleEndian.AppendUint32(b, sha256.Size)
	return h.Sum(b)
}

// meter counts what is written.
type meter struct {
	w io.Writer
	n int64
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.n += int64(n)
	return n, err
}

// sealer encrypts what is written, where that was asked for, and ends it with its checksum.
type sealer struct {
	raw  *meter
	lock io.WriteCloser // nil: not encrypted
	sum  hash.Hash
}

func newSealer(w io.Writer, o Options) (*sealer, error) {
	s := &sealer{raw: &meter{w: w}, sum: sha256.New()}
	to, err := o.recipients()
	if err != nil || len(to) == 0 {
		return s, err
	}
	s.lock, err = age.Encrypt(s.raw, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypt the backup: %w", err)
	}
	return s, nil
}

func (s *sealer) encrypted() bool { return s.lock != nil }

// Write encrypts and counts into the checksum.
func (s *sealer) Write(b []byte) (int, error) {
	s.sum.Write(b)
	return s.to().Write(b)
}

func (s *sealer) to() io.Writer {
	if s.lock != nil {
		return s.lock
	}
	return s.raw
}

// Close writes the checksum and ends the encryption.
func (s *sealer) Close() error {
	if _, err := s.to().Write(sealOf(s.sum)); err != nil {
		return err
	}
	if s.lock != nil {
		return s.lock.Close()
	}
	return nil
}

func (o Options) recipients() ([]age.Recipient, error) {
	if o.Passphrase != "" {
		if len(o.Recipients) > 0 {
			return nil, errors.New("encrypt the backup by a passphrase or for keys, not both")
		}
		r, err := age.NewScryptRecipient(o.Passphrase)
		if err == nil && o.work > 0 {
			r.SetWorkFactor(o.work)
		}
		return []age.Recipient{r}, err
	}
	var out []age.Recipient
	for _, s := range o.Recipients {
		r, err := age.ParseX25519Recipient(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("%q is not an age public key (age1...)", s)
		}
		out = append(out, r)
	}
	return out, nil
}

func (o Options) identities() ([]age.Identity, error) {
	var out []age.Identity
	if o.Passphrase != "" {
		i, err := age.NewScryptIdentity(o.Passphrase)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	if o.Identity != "" {
		more, err := age.ParseIdentities(strings.NewReader(o.Identity))
		if err != nil {
			return nil, errors.New("the key is not an age secret key (AGE-SECRET-KEY-1...)")
		}
		out = append(out, more...)
	}
	return out, nil
}

// unseal opens an archive for reading up to its seal, and says whether it was encrypted.
func unseal(r io.Reader, o Options) (*unsealer, bool, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	begin, err := b.Peek(len(ageMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read the backup: %w", err)
	}
	switch {
	case bytes.HasPrefix(begin, zstdMagic):
		return newUnsealer(b), false, nil
	case !bytes.HasPrefix(begin, ageMagic):
		return nil, false, ErrForeign
	}
	ids, err := o.identities()
	if err != nil {
		return nil, true, err
	}
	if len(ids) == 0 {
		return nil, true, ErrLocked
	}
	clear, err := age.Decrypt(b, ids...)
	if err != nil {
		if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
			return nil, true, ErrWrongKey
		}
		return nil, true, ErrDamaged
	}
	return newUnsealer(clear), true, nil
}

// unsealer gives everything but the seal, and keeps that for check.
type unsealer struct {
	r    io.Reader
	buf  []byte
	held []byte // the bytes at the end of buf that were not given yet
	sum  hash.Hash
	err  error
	n    int64
}

func newUnsealer(r io.Reader) *unsealer {
	return &unsealer{r: r, buf: make([]byte, 64<<10), sum: sha256.New()}
}

func (u *unsealer) Read(p []byte) (int, error) {
	for len(u.held) <= sealSize && u.err == nil {
		n := copy(u.buf, u.held)
		m, err := u.r.Read(u.buf[n:])
		u.held, u.err = u.buf[:n+m], err
		u.n += int64(m)
	}
	if len(u.held) <= sealSize {
		return 0, u.err
	}
	n := copy(p, u.held[:len(u.held)-sealSize])
	u.sum.Write(p[:n])
	u.held = u.held[n:]
	return n, nil
}

// check reads to the end and compares the seal.
func (u *unsealer) check() error {
	if _, err := io.Copy(io.Discard, u); err != nil {
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	want := sealOf(u.sum)
	switch {
	case len(u.held) < sealSize || subtle.ConstantTimeCompare(u.held[:8], want[:8]) == 0:
		return ErrCutOff
	case subtle.ConstantTimeCompare(u.held, want) == 0:
		return ErrDamaged
	}
	return nil
}
