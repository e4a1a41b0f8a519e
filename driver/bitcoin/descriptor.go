package bitcoin

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// parseAccount reads an extended public key on its own.
func parseAccount(text string, net *chaincfg.Params) (Target, error) {
	key, f, err := publicKey(text, net)
	if err != nil {
		return Target{}, err
	}
	var t Target
	for branch := range uint32(2) { // receiving, change
		child, err := key.Derive(branch)
		if err != nil {
			return Target{}, fmt.Errorf("%w: this key cannot be derived from", ErrTarget)
		}
		t.chains = append(t.chains, chain{key: child, form: f, net: net})
	}
	return t, nil
}

// publicKey reads an extended public key and how its prefix says it is paid.
func publicKey(text string, net *chaincfg.Params) (*hdkeychain.ExtendedKey, form, error) {
	key, err := hdkeychain.NewKeyFromString(text)
	if err != nil {
		return nil, "", fmt.Errorf("%w: it is no extended key, or a character is wrong: copy it again", ErrTarget)
	}
	if key.IsPrivate() {
		return nil, "", fmt.Errorf("%w and was refused: enter the extended public key", ErrSecret)
	}
	main := net.Name == chaincfg.MainNetParams.Name
	var f form
	var forMain bool
	switch hex.EncodeToString(key.Version()) { // SLIP-132
	case "0488b21e", "04b24746": // xpub, zpub
		f, forMain = formWPKH, true
	case "049d7cb2": // ypub
		f, forMain = formShWPKH, true
	case "043587cf", "045f1cf6": // tpub, vpub
		f = formWPKH
	case "044a5262": // upub
		f = formShWPKH
	default:
		return nil, "", fmt.Errorf("%w: this kind of extended key is not read: write it as xpub or tpub in a descriptor", ErrTarget)
	}
	if main != forMain {
		return nil, "", fmt.Errorf("%w: the extended key is not for %s", ErrTarget, net.Name)
	}
	return key, f, nil
}

// descriptorShape takes a descriptor apart: function, what is inside, checksum.
var descriptorShape = regexp.MustCompile(`^(addr|pkh|wpkh|sh\(wpkh)\(([^()]+)(\)|\)\))(#[a-z0-9]{8})?$`)

// parseDescriptor reads an output descriptor, BIP 380 to 382 and 389.
func parseDescriptor(text string, net *chaincfg.Params) (Target, error) {
	m := descriptorShape.FindStringSubmatch(text)
	if m == nil || (m[1] == string(formShWPKH)) != (m[3] == "))") {
		return Target{}, fmt.Errorf("%w: of descriptors addr(), pkh(), wpkh() and sh(wpkh()) with one public key are read", ErrTarget)
	}
	if m[4] != "" && m[4][1:] != descriptorSum(strings.TrimSuffix(text, m[4])) {
		return Target{}, fmt.Errorf("%w: the checksum of the descriptor is wrong: copy it again", ErrTarget)
	}
	if m[1] == "addr" {
		return fixedAddress(m[2], net)
	}
	return parseKey(m[2], form(m[1]), net)
}

// origin is where a key comes from, which changes nothing here.
var origin = regexp.MustCompile(`^\[[0-9a-fA-F]{8}(/[0-9]{1,10}['hH]?)*\]`)

// parseKey reads the key inside a descriptor and the path behind it.
func parseKey(text string, f form, net *chaincfg.Params) (Target, error) {
	parts := strings.Split(strings.TrimPrefix(text, origin.FindString(text)), "/")
	if raw, err := hex.DecodeString(parts[0]); err == nil {
		if _, err := btcec.ParsePubKey(raw); err != nil || len(raw) != btcec.PubKeyBytesLenCompressed || len(parts) > 1 {
			return Target{}, fmt.Errorf("%w: a public key has 66 hexadecimal digits and no path", ErrTarget)
		}
		s, err := f.of(raw, net)
		return Target{chains: []chain{{fixed: s}}}, err
	}
	key, _, err := publicKey(parts[0], net)
	if err != nil {
		return Target{}, err
	}
	return walk(key, parts[1:], chain{form: f, net: net})
}

// walk follows a path from a key to rows of addresses.
func walk(key *hdkeychain.ExtendedKey, path []string, c chain) (Target, error) {
	keys := []*hdkeychain.ExtendedKey{key}
	endless := len(path) > 0 && path[len(path)-1] == "*"
	if endless {
		path = path[:len(path)-1]
	}
	for _, step := range path {
		indices, err := pathStep(step)
		if err != nil || len(indices)*len(keys) > 8 {
			return Target{}, fmt.Errorf("%w: the path behind a public key is written as /0/*, /<0;1>/* or /0/5; steps with ' or h need a private key", ErrTarget)
		}
		var next []*hdkeychain.ExtendedKey
		for _, k := range keys {
			for _, i := range indices {
				child, err := k.Derive(i)
				if err != nil {
					return Target{}, fmt.Errorf("%w: this path cannot be derived", ErrTarget)
				}
				next = append(next, child)
			}
		}
		keys = next
	}
	return rows(keys, endless, c)
}

// rows makes a row of each key, or one address of each.
func rows(keys []*hdkeychain.ExtendedKey, endless bool, c chain) (Target, error) {
	var t Target
	for _, k := range keys {
		row := c
		if endless {
			row.key = k
		} else {
			s, err := c.form.ofKey(k, c.net)
			if err != nil {
				return Target{}, err
			}
			row.fixed = s
		}
		t.chains = append(t.chains, row)
	}
	return t, nil
}

// pathStep reads a number or several as <0;1>.
func pathStep(text string) ([]uint32, error) {
	var out []uint32
	inner, several := strings.CutPrefix(text, "<")
	if several != strings.HasSuffix(text, ">") {
		return nil, ErrTarget
	}
	for number := range strings.SplitSeq(strings.TrimSuffix(inner, ">"), ";") {
		i, err := strconv.ParseUint(number, 10, 31)
		if err != nil || slices.Contains(out, uint32(i)) || !several && len(out) > 0 {
			return nil, ErrTarget
		}
		out = append(out, uint32(i))
	}
	return out, nil
}

// descriptorSum is the checksum of a descriptor, BIP 380; empty where a
// character stands that no descriptor has.
func descriptorSum(text string) string {
	const (
		input  = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
		output = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	)
	c, class, n := uint64(1), uint64(0), 0
	for _, r := range text {
		at := strings.IndexRune(input, r)
		if at < 0 {
			return ""
		}
		c = sumStep(c, uint64(at&31))
		if class, n = class*3+uint64(at>>5), n+1; n == 3 {
			c, class, n = sumStep(c, class), 0, 0
		}
	}
	if n > 0 {
		c = sumStep(c, class)
	}
	for range 8 {
		c = sumStep(c, 0)
	}
	c ^= 1
	sum := make([]byte, 8)
	for i := range sum {
		sum[i] = output[c>>(5*(7-i))&31]
	}
	return string(sum)
}

// sumStep is one step of the checksum's polynomial.
func sumStep(c, value uint64) uint64 {
	top := c >> 35
	c = (c&0x7ffffffff)<<5 ^ value
	for i, g := range [...]uint64{0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd} {
		if top>>i&1 == 1 {
			c ^= g
		}
	}
	return c
}
