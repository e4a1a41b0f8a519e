package device

import (
	"errors"
	"fmt"
	"io"
)

// Family is a dialect: the firmware that answers, not the maker of the machine.
type Family string

// The families.
const (
	Antminer   Family = "antminer" // Bitmain's own firmware
	WhatsMiner Family = "whatsminer"
	LuxOS      Family = "luxos"
	Braiins    Family = "braiins"
	VNish      Family = "vnish"
	Avalon     Family = "avalon"
	EPIC       Family = "epic"
)

// Address is where a machine is reached. Ports are the family's own unless Port is set.
type Address struct {
	Host string // IP address, never a name: what was scanned is what is commanded
	Port int    // 0: the family's own
}

// Identity is which machine answers at an address.
type Identity struct {
	Family   Family
	Maker    string
	Model    string // as the machine states it
	Firmware string
	Version  string
	MAC      string // lower case with colons; empty when absent or malformed
	Serial   string
	Weak     bool // neither MAC nor serial: only the address tells it from its neighbours
}

// ErrNotMine says that another dialect, or none, is spoken at an address.
var ErrNotMine = errors.New("another dialect")

// Credential is what a machine asks for before it obeys. It prints as stars.
type Credential struct {
	User   string
	Secret Secret
}

// Secret prints as stars, so that it ends up in no log by accident. Inside an
// unexported field nothing keeps fmt from printing it, nor behind a pointer
// there: whoever keeps a Secret or a Credential keeps it as Kept.
type Secret string

// String hides the secret.
func (Secret) String() string { return "***" }

// Format hides the secret from every verb, also from those that do not fit a text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "***") }

// GoString hides the secret.
func (Secret) GoString() string { return "***" }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Kept is a credential in a place where whatever prints finds an address. The
// nil Kept must not be called.
type Kept func() Credential

// Keep is c as Kept.
func Keep(c Credential) Kept { return func() Credential { return c } }
