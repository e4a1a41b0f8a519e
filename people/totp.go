package people

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what RFC 6238 and every app for it use; HMAC does not need more
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
	"time"
)

// Codes of an app, by RFC 6238 with what every app understands: SHA-1, six digits, a new
// one each 30 seconds.
const (
	CodeDigits = 6
	CodePeriod = 30 * time.Second
	CodeSecret = 20 // bytes of the secret, as many as the hash has
	codeWindow = 1  // steps that a clock may be early or late
)

// Step is the number of the 30 seconds since 1970 in which an instant lies.
func Step(now time.Time) int64 { return now.Unix() / int64(CodePeriod/time.Second) }

// CodeAt is the code of a step.
func CodeAt(secret []byte, step int64) string { return code(sha1.New, secret, step, CodeDigits) }

// code is HOTP of RFC 4226, section 5.3, of a step.
func code(h func() hash.Hash, secret []byte, step int64, digits int) string {
	mac := hmac.New(h, secret)
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(step)) //nolint:gosec // a step since 1970 is not negative
	_, _ = mac.Write(count[:])                         // a hash never fails
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 0xf
	n := uint64(binary.BigEndian.Uint32(sum[from:]) & 0x7fffffff)
	most := uint64(1)
	for range digits {
		most *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%most)
}

// CheckCode is the step of a code that is right now; false where it is wrong. A code of
// the last step that was used, or of one before it, is wrong: it may have been overheard.
// Keep the step before anything is done with the answer.
func CheckCode(secret []byte, said string, now time.Time, last int64) (step int64, right bool) {
	if len(secret) == 0 || len(said) != CodeDigits {
		return 0, false
	}
	for n := Step(now) - codeWindow; n <= Step(now)+codeWindow; n++ {
		if n > last && subtle.ConstantTimeCompare([]byte(CodeAt(secret, n)), []byte(said)) == 1 {
			step, right = n, true
		}
	}
	return step, right
}
