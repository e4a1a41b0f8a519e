package verify

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Transport is how a machine speaks to its pool.
type Transport string

// The transports. Unsaid is an address without a scheme.
const (
	Unsaid  Transport = ""
	Plain   Transport = "tcp"
	Sealed  Transport = "tls"
	Version Transport = "v2" // Stratum 2, encrypted by itself
)

// Address is where a machine mines, in one way of writing it.
type Address struct {
	Transport Transport
	Host      string // lower case, without a last dot; IPv6 without brackets
	Port      int
	Key       string // of Version: the path, in which the key of the pool stands
}

const (
	addressMost = 512 // bytes of an address
	hostMost    = 253
	textMost    = 96 // runes of a cleaned text
)

// transport is what a scheme means, and the port that is meant without one. There
// is no standard: these are what pools print on their pages.
func transport(scheme string) (t Transport, port int, known bool) {
	switch scheme {
	case "":
		return Unsaid, 3333, true
	case "stratum+tcp", "stratum", "stratum1+tcp", "tcp":
		return Plain, 3333, true
	case "stratum+ssl", "stratum+tls", "stratum+tcps", "stratums", "stratum1+ssl", "stratum1+tls", "ssl", "tls":
		return Sealed, 443, true
	case "stratum2+tcp", "stratum2", "stratum2+ssl", "sv2", "sv2+tcp":
		return Version, 3336, true
	}
	return Unsaid, 0, false
}

// ParseAddress reads the address of a pool as machines write it: with or without
// scheme, port and path. What two programs could read differently is an error: a
// name before the host, blanks, escapes and letters beyond ASCII.
func ParseAddress(text string) (Address, error) {
	fail := func(what string) (Address, error) {
		return Address{}, fmt.Errorf("pool address %q: %s: want scheme://host:port", Clean(text), what)
	}
	text = strings.TrimSpace(text)
	if len(text) > addressMost {
		return fail("too long")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`@\%"'<>{}|^*`+"`", r) }) {
		return fail("a character that no address has, or that programs read differently")
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "", text
	}
	t, port, known := transport(strings.ToLower(scheme))
	if !known {
		return fail("a scheme that is not stratum")
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	a := Address{Transport: t, Port: port}
	if err := a.locate(rest[:end]); err != nil {
		return fail(err.Error())
	}
	if t == Version {
		a.Key = strings.TrimPrefix(rest[end:], "/")
	}
	return a, nil
}

// locate reads host and port.
func (a *Address) locate(where string) error {
	host, port, ported := strings.Cut(where, ":")
	if inner, bracketed := strings.CutPrefix(where, "["); bracketed {
		var closed bool
		host, port, closed = strings.Cut(inner, "]")
		if !closed || !strings.Contains(host, ":") || strings.Trim(host, "0123456789abcdefABCDEF:.") != "" {
			return errors.New("no address of version 6 between brackets")
		}
		if port, ported = strings.CutPrefix(port, ":"); !ported && port != "" {
			return errors.New("something between bracket and port")
		}
	} else if strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return errors.New("no name of a host")
	}
	a.Host = strings.TrimSuffix(strings.ToLower(host), ".")
	if a.Host == "" || len(a.Host) > hostMost || strings.HasPrefix(a.Host, ".") || strings.Contains(host, "..") {
		return errors.New("no name of a host")
	}
	if !ported {
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || strings.Trim(port, "0123456789") != "" {
		return errors.New("no port between 1 and 65535")
	}
	a.Port = n
	return nil
}

// String writes the address in one way.
func (a Address) String() string {
	scheme := map[Transport]string{Plain: "stratum+tcp://", Sealed: "stratum+ssl://", Version: "stratum2+tcp://"}[a.Transport]
	host := a.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	s := scheme + host + ":" + strconv.Itoa(a.Port)
	if a.Key != "" {
		s += "/" + a.Key
	}
	return s
}

// allows reports whether a machine that mines at b does what a allows. Where one of
// them names no transport, host and port decide; a named one is kept to, because
// plain text in place of a sealed line lets others change the payout.
func (a Address) allows(b Address) bool {
	same := a.Transport == b.Transport || a.Transport == Unsaid || b.Transport == Unsaid
	return same && a.Host == b.Host && a.Port == b.Port && (a.Key == "" || a.Key == b.Key)
}

// Clean makes what a machine said safe to print: one line, bounded, without
// control characters or marks that turn the direction of writing.
func Clean(text string) string {
	if len(text) > 4*addressMost {
		text = text[:4*addressMost]
	}
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > textMost {
			b.WriteString("...")
			break
		}
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}
