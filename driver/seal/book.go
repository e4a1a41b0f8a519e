package seal

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"

	"sluice/device"
)

// The reasons why a machine gets no credential.
var (
	// ErrChanged says that another machine answers than the one that was admitted.
	ErrChanged = errors.New("another machine answers than the one that was admitted here: no credential is sent")
	// ErrUnpinned says that no machine was admitted at an address.
	ErrUnpinned = errors.New("no machine was admitted at this address: no credential is sent")
)

// anybody is the family that stands for all others.
const anybody device.Family = "*"

// Book is which machine gets which credential. It is never changed after it was
// made, may be used from many goroutines, and prints as stars or an address, also
// within what holds it. The zero Book gives empty credentials.
type Book struct{ in func() *entries } // a function, because fmt looks behind pointers

// entries is what a book holds.
type entries struct {
	families map[device.Family]device.Credential
	places   map[netip.Prefix]device.Credential // by masked prefix, IPv4 unmapped
	pins     map[netip.Addr]device.Identity     // nil: whoever answers is trusted
}

// String hides what the book holds.
func (Book) String() string { return "***" }

// GoString hides what the book holds.
func (Book) GoString() string { return "***" }

// Count is how many credentials the book holds for families and for places,
// which are single addresses and networks.
func (b Book) Count() (families, places int) {
	if b.in == nil {
		return 0, 0
	}
	return len(b.in().families), len(b.in().places)
}

// copied is a book of its own with the same content.
func (b Book) copied() *entries {
	out := &entries{families: map[device.Family]device.Credential{}, places: map[netip.Prefix]device.Credential{}}
	if b.in != nil {
		maps.Copy(out.families, b.in().families)
		maps.Copy(out.places, b.in().places)
		out.pins = b.in().pins
	}
	return out
}

// book is what holds the entries.
func (e *entries) book() Book { return Book{func() *entries { return e }} }

// Else is the book with a credential for all that it names none for.
func (b Book) Else(c device.Credential) Book {
	out := b.copied()
	if _, ok := out.families[anybody]; !ok {
		out.families[anybody] = c
	}
	return out.book()
}

// Pinned is the book for admitted machines only: by IP address, what Probe said
// of each when it was admitted. Addresses that are none are an error.
func (b Book) Pinned(admitted map[string]device.Identity) (Book, error) {
	out := b.copied()
	out.pins = map[netip.Addr]device.Identity{}
	for host, id := range admitted {
		ip, err := netip.ParseAddr(host)
		if err != nil {
			return Book{}, fmt.Errorf("admit %.60q: it is no IP address: write one such as 10.20.1.17", host)
		}
		out.pins[ip.Unmap()] = id
	}
	return out.book(), nil
}

// For is the credential for the machine that answers now as id at a. The most
// specific line counts: the address, the longest network around it, the family,
// all others. What no line names gets an empty credential. It is ErrChanged or
// ErrUnpinned when the book is pinned and id is not who was admitted.
func (b Book) For(id device.Identity, a device.Address) (device.Credential, error) {
	ip, err := netip.ParseAddr(a.Host)
	if err != nil {
		return device.Credential{}, fmt.Errorf("credential for %.60q: it is no IP address, and names are never looked up", a.Host)
	}
	if b.in == nil {
		return device.Credential{}, nil
	}
	return b.in().choose(ip.Unmap(), id)
}

// choose finds the most specific line.
func (e *entries) choose(ip netip.Addr, id device.Identity) (device.Credential, error) {
	if err := e.admitted(ip, id); err != nil {
		return device.Credential{}, err
	}
	for bits := ip.BitLen(); bits >= 0; bits-- {
		p, _ := ip.WithZone("").Prefix(bits)
		if c, ok := e.places[p]; ok {
			return c, nil
		}
	}
	if c, ok := e.families[id.Family]; ok {
		return c, nil
	}
	return e.families[anybody], nil
}

// admitted checks who answers, where machines are pinned.
func (e *entries) admitted(ip netip.Addr, id device.Identity) error {
	pinned, ok := e.pins[ip]
	switch {
	case e.pins == nil:
		return nil
	case !ok:
		return fmt.Errorf("%s: %w: admit it, or correct the address", ip, ErrUnpinned)
	case !Same(pinned, id):
		return fmt.Errorf("%s: %w: find out which machine it is, then admit it anew", ip, ErrChanged)
	}
	return nil
}

// Same reports whether the machine that answers now can be the one that was
// pinned. Both must come from the same question, Probe: what it stated then of
// its dialect, MAC and serial it must state again. A machine that never stated
// a MAC or serial is told by its maker and model, as far as both state them.
func Same(pinned, now device.Identity) bool {
	switch {
	case pinned.Family != now.Family:
		return false
	case pinned.MAC != "" || pinned.Serial != "":
		return (pinned.MAC == "" || pinned.MAC == now.MAC) && (pinned.Serial == "" || pinned.Serial == now.Serial)
	}
	alike := func(a, b string) bool { return a == "" || b == "" || a == b }
	return alike(pinned.Maker, now.Maker) && alike(pinned.Model, now.Model)
}
