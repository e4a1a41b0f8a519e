package people

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Entry is one line of the audit log.
type Entry struct {
	At      time.Time // to the microsecond
	Who     string    // name of a person; empty: the program by itself
	How     string    // who they are was shown, such as by a session or a token
	And     string    // the second person
	Verb    string    // what was done, or refused
	Site    string
	Tenant  string
	Subject string
	Reason  string
	Before  string
	After   string
	Effects string // what it moved, and what came of it
}

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is the hash in hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads a hash in hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("hash: %d digits, not %d", len(text), 2*len(h))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Sealed is an entry as it stands in the log.
type Sealed struct {
	Entry
	Sequence int64 // from 1 on
	Hash     Hash  // over the hash of the entry before, the sequence and all of the entry
}

// ErrChanged is the failure of a log in which something is not as it was written.
var ErrChanged = errors.New("the audit log was changed after it was written")

// The bounds of a text of an entry, bytes.
const mostEntry = 16 << 10

// Validate says what is wrong with an entry.
func (e Entry) Validate() error {
	for _, s := range e.texts() {
		if !text(*s, mostEntry) {
			return fmt.Errorf("audit entry %.40q of %.40q: a text has at most %d bytes of UTF-8", e.Verb, e.Who, mostEntry)
		}
	}
	if e.Verb == "" || e.At.Year() < 1970 || e.At.Year() > 2999 {
		return fmt.Errorf("audit entry %.40q of %.40q at %v: it says what was done, and when, from 1970 to 2999", e.Verb, e.Who, e.At)
	}
	return nil
}

// texts are the texts of an entry in the order in which they are hashed.
func (e *Entry) texts() []*string {
	return []*string{&e.Who, &e.How, &e.And, &e.Verb, &e.Site, &e.Tenant, &e.Subject, &e.Reason, &e.Before, &e.After, &e.Effects}
}

// First is the hash before the first entry of an installation.
func First(installation string) Hash {
	return sha256.Sum256([]byte("sluice audit log 1\n" + installation))
}

// Seal puts an entry at the end of a log whose last one has a sequence and a hash; of an
// empty log they are zero and First.
func Seal(e Entry, sequence int64, last Hash) Sealed {
	e.At = e.At.UTC().Truncate(time.Microsecond)
	s := Sealed{Entry: e, Sequence: sequence + 1}
	s.Hash = s.seal(nil, last)
	return s
}

// seal is the hash of an entry after another one. It cannot be mistaken for that of
// other content: each number has eight bytes and each text goes with its length.
func (s *Sealed) seal(room []byte, last Hash) Hash {
	b := append(room[:0], last[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(s.Sequence))       //nolint:gosec // all bits count
	b = binary.BigEndian.AppendUint64(b, uint64(s.At.UnixMicro())) //nolint:gosec // all bits count
	for _, t := range [...]string{s.Who, s.How, s.And, s.Verb, s.Site, s.Tenant, s.Subject, s.Reason, s.Before, s.After, s.Effects} {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(t))), t...)
	}
	return sha256.Sum256(b)
}

// Head is how far a log reaches. Keep it elsewhere: a log whose end was cut off, or that
// was written anew as a whole, is noticed by nothing else.
type Head struct {
	Count int64 `json:"count"`
	Hash  Hash  `json:"hash"`
}

// Chain checks entries in their order. It begins with the head before the first of them,
// and is for one goroutine.
type Chain struct {
	Head
	room []byte // of the last entry, to be written over
}

// Begin is a chain before the first entry of an installation.
func Begin(installation string) Chain { return Chain{Head: Head{Hash: First(installation)}} }

// Next takes the next entry. An error wraps ErrChanged and names the first place where
// the log is not as it was written.
func (c *Chain) Next(s Sealed) error {
	if s.Sequence != c.Count+1 {
		return fmt.Errorf("entry %d follows on %d: %w", s.Sequence, c.Count, ErrChanged)
	}
	if cap(c.room) == 0 {
		c.room = make([]byte, 0, 4096)
	}
	if s.Hash != s.seal(c.room, c.Hash) || !s.At.Equal(s.At.Truncate(time.Microsecond)) {
		return fmt.Errorf("entry %d: %w", s.Sequence, ErrChanged)
	}
	c.Count, c.Hash = s.Sequence, s.Hash
	return nil
}
