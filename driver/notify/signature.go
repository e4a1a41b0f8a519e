package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Header is where the signature of a webhook stands.
const Header = "Sluice-Signature"

// EventHeader is where the id of its event stands; the body has it too.
const EventHeader = "Sluice-Event"

// Tolerance is how far the time of a signature may be from the clock of who checks it.
const Tolerance = 5 * time.Minute

// mostSignatures bounds the signatures of one header.
const mostSignatures = 8

// The errors of Verify.
var (
	ErrNoSignature  = errors.New("webhook: the signature is missing or cannot be read: take the header " + Header + " as it came")
	ErrOldSignature = errors.New("webhook: the signature is too old or too new: check the clock, or somebody sends an old message again")
	ErrOtherContent = errors.New("webhook: the signature is of another content or secret: check the bytes as they came, before they are parsed")
)

// Sign is the signature of a body: "t=SECONDS,v1=HEX", the HMAC-SHA256 of the seconds
// since 1970, a dot and the body.
func Sign(secret, body []byte, at time.Time) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac(secret, body, strconv.FormatInt(at.Unix(), 10))))
}

func mac(secret, body []byte, seconds string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(seconds + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify checks a signature of a body at an instant. It takes any of several signatures,
// so that a secret can be exchanged. An empty secret signs nothing.
func Verify(secret, body []byte, header string, now time.Time) error {
	seconds, all, ok := parts(header)
	at, err := strconv.ParseInt(seconds, 10, 64)
	if !ok || err != nil || len(secret) == 0 {
		return ErrNoSignature
	}
	if d := now.Sub(time.Unix(at, 0)); d > Tolerance || d < -Tolerance {
		return ErrOldSignature
	}
	want := mac(secret, body, seconds)
	for _, s := range all {
		if hmac.Equal(s, want) {
			return nil
		}
	}
	return ErrOtherContent
}

// parts takes a header apart.
func parts(header string) (seconds string, all [][]byte, ok bool) {
	if len(header) > 1<<10 {
		return "", nil, false
	}
	for part := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "t":
			if seconds != "" {
				return "", nil, false
			}
			seconds = value
		case "v1":
			s, err := hex.DecodeString(value)
			if err != nil || len(s) != sha256.Size || len(all) == mostSignatures {
				return "", nil, false
			}
			all = append(all, s)
		}
	}
	return seconds, all, seconds != "" && len(all) > 0
}
