package bitcoin

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// Target is one line of what a user wants watched: an address, an extended
// public key of an account, or an output descriptor.
type Target struct {
	chains []chain
}

// Endless says whether the target stands for addresses without end.
func (t Target) Endless() bool {
	return slices.ContainsFunc(t.chains, func(c chain) bool { return c.key != nil })
}

// targetMost bounds a target, bytes; targetsMost how many there are.
const (
	targetMost  = 1000
	targetsMost = 10_000
)

// ParseTargets reads one target from each line. All faults are named at once,
// by the number of the line and never by its text. Empty lines and those that
// begin with # are left out.
func ParseTargets(lines []string, n Network) ([]Target, error) {
	if len(lines) > targetsMost {
		return nil, fmt.Errorf("%d targets: %w: at most %d can be watched", len(lines), ErrTarget, targetsMost)
	}
	var out []Target
	var faults []error
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		t, err := ParseTarget(line, n)
		if err != nil {
			faults = append(faults, fmt.Errorf("target %d: %w", i+1, err))
			continue
		}
		out = append(out, t)
	}
	return out, errors.Join(faults...)
}

// ParseTarget reads an address, an extended public key (xpub, ypub, zpub and
// those of the test networks), or a descriptor: addr(), pkh(), wpkh() or
// sh(wpkh()) with a public key. An extended key on its own is that of an
// account: its receiving and change addresses are watched, P2WPKH for xpub and
// zpub, P2WPKH inside P2SH for ypub. Whatever looks like a private key or a seed
// is ErrSecret. No error repeats the text.
func ParseTarget(text string, n Network) (Target, error) {
	net, err := n.params()
	if err != nil {
		return Target{}, err
	}
	if err := refuseSecret(text); err != nil {
		return Target{}, err
	}
	text = strings.TrimSpace(text)
	switch {
	case len(text) > targetMost || text == "":
		return Target{}, fmt.Errorf("%w: want 1 to %d characters", ErrTarget, targetMost)
	case strings.Contains(text, "("):
		return parseDescriptor(text, net)
	case len(text) >= 4 && strings.HasSuffix(text[:4], "pub"):
		return parseAccount(text, net)
	}
	return fixedAddress(text, net)
}

// fixedAddress is the target of one address.
func fixedAddress(text string, net *chaincfg.Params) (Target, error) {
	if _, err := hex.DecodeString(text); err == nil {
		return Target{}, fmt.Errorf("%w: it is hexadecimal: write a public key inside wpkh() or pkh()", ErrTarget)
	}
	a, err := address.DecodeAddress(text, net)
	if err != nil || !a.IsForNet(net) {
		return Target{}, fmt.Errorf("%w: it is no address of %s: check it against the wallet that made it", ErrTarget, net.Name)
	}
	s, err := scriptOf(a)
	return Target{chains: []chain{{fixed: s}}}, err
}

// chain is a row of addresses: one, or as many as a key has children.
type chain struct {
	fixed Script
	key   *hdkeychain.ExtendedKey // public; nil: fixed
	form  form
	net   *chaincfg.Params
}

// at is the script at a place of the row.
func (c chain) at(i uint32) (Script, error) {
	if c.key == nil {
		return c.fixed, nil
	}
	child, err := c.key.Derive(i)
	if err != nil {
		return Script{}, fmt.Errorf("%w: address %d of a key cannot be derived", ErrTarget, i)
	}
	return c.form.ofKey(child, c.net)
}

// form is how a public key is paid.
type form string

const (
	formPKH    form = "pkh"
	formWPKH   form = "wpkh"
	formShWPKH form = "sh(wpkh"
)

func (f form) ofKey(k *hdkeychain.ExtendedKey, net *chaincfg.Params) (Script, error) {
	public, err := k.ECPubKey()
	if err != nil {
		return Script{}, fmt.Errorf("%w: it holds no public key", ErrTarget)
	}
	return f.of(public.SerializeCompressed(), net)
}

// of is the script that pays a compressed public key.
func (f form) of(public []byte, net *chaincfg.Params) (Script, error) {
	hash := address.Hash160(public)
	if f == formPKH {
		a, err := address.NewAddressPubKeyHash(hash, net)
		if err != nil {
			return Script{}, fmt.Errorf("%w: its key has no address", ErrTarget)
		}
		return scriptOf(a)
	}
	a, err := address.NewAddressWitnessPubKeyHash(hash, net)
	if err != nil {
		return Script{}, fmt.Errorf("%w: its key has no address", ErrTarget)
	}
	inner, err := scriptOf(a)
	if err != nil || f == formWPKH {
		return inner, err
	}
	outer, err := address.NewAddressScriptHash(inner.bytes(), net)
	if err != nil {
		return Script{}, fmt.Errorf("%w: its key has no address", ErrTarget)
	}
	return scriptOf(outer)
}
