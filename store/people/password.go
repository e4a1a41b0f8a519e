package people

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"sluice/people"
)

// cost is the work of hashing a password with argon2id.
type cost struct {
	kib    uint32 // of memory
	passes uint32
	lanes  uint8
}

// usualCost is what RFC 9106 recommends where memory is scarce, in one lane: 64 MiB and
// three passes, about a fifth of a second.
func usualCost() cost { return cost{kib: 64 << 10, passes: 3, lanes: 1} }

// The bounds of what is read back, so that a changed file cannot ask for more work.
const (
	mostKiB    = 1 << 20
	mostPasses = 20
	mostLanes  = 16
	saltSize   = 16
	hashSize   = 32
)

// hash is what is kept of a password: the usual text with everything that it takes to
// check it.
func (s *Store) hash(ctx context.Context, p people.Secret) (string, error) {
	salt := make([]byte, saltSize)
	s.random(salt)
	sum, err := s.stretch(ctx, p, salt, s.cost)
	return hashed{s.cost, salt, sum}.encode(), err
}

// hashed is what is known of a password.
type hashed struct {
	cost
	salt, sum []byte
}

func (h hashed) encode() string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.kib, h.passes, h.lanes, b.EncodeToString(h.salt), b.EncodeToString(h.sum))
}

// stretch does the work, a few at once. ctx bounds the wait.
func (s *Store) stretch(ctx context.Context, p people.Secret, salt []byte, c cost) ([]byte, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case s.hashing <- struct{}{}:
	}
	defer func() { <-s.hashing }()
	return argon2.IDKey([]byte(p.Reveal()), salt, c.passes, c.kib, c.lanes, hashSize), nil
}

// check reports whether a password is the one of which kept is the hash, and whether it
// should be hashed anew because the cost has changed since. Without a hash it takes as
// long and is never right: who guesses does not learn who is there.
func (s *Store) check(ctx context.Context, p people.Secret, kept string) (right, anew bool, err error) {
	k, known := decode(kept)
	if !known {
		k = hashed{s.cost, make([]byte, saltSize), make([]byte, hashSize)}
	}
	if len(p.Reveal()) > people.PasswordMost {
		p = people.Secret{} // it is wrong, and no work is done for its length
		known = false
	}
	got, err := s.stretch(ctx, p, k.salt, k.cost)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, k.sum) == 1 && known, k.cost != s.cost, nil
}

// decode reads the text of a hash.
func decode(kept string) (h hashed, known bool) {
	var version int
	part := strings.Split(kept, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" {
		return h, false
	}
	if _, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &h.kib, &h.passes, &h.lanes); err != nil || version != argon2.Version {
		return h, false
	}
	var err, err2 error
	h.salt, err = base64.RawStdEncoding.Strict().DecodeString(part[4])
	h.sum, err2 = base64.RawStdEncoding.Strict().DecodeString(part[5])
	fits := h.kib > 0 && h.kib <= mostKiB && h.passes > 0 && h.passes <= mostPasses && h.lanes > 0 && h.lanes <= mostLanes
	return h, err == nil && err2 == nil && fits && len(h.salt) == saltSize && len(h.sum) == hashSize
}
