package sitefile

import (
	"encoding/binary"
	"iter"
	"net/netip"
	"time"

	"sluice/site"
	"sluice/unit"
)

// Control is what running a site live needs to know beside its plan: where the
// machines and meters answer, where they may mine, and how fast they must act.
type Control struct {
	Networks    []netip.Prefix // nothing outside is ever contacted
	Poll        time.Duration  // one round of reading every machine
	PortOffset  int            // added to every port; above 0 on loopback networks only
	Machines    []Machines     // every group of the site once, in the order of the file
	Meters      []Meter        // exactly one is the revenue meter
	Pools       []Pool         // where machines may mine; empty: pools are not watched
	Shed        time.Duration  // declared time between a cut of a limit and power below it
	FastReboots unit.Ratio     // of one machine in a day; sizes the reserve for them
	Starts      int            // of one machine in a day after the plan put it to sleep; 0: no bound
	Wakes       int            // machines that may wake at the same time on one feeder; 0: no bound
}

// Machines says where the machines of a group answer: as many addresses as the
// group has machines.
type Machines struct {
	Group     string
	Addresses Addresses
}

// Meter is one meter and how it is read. Its template is a shipped one's name
// or the path of a file, as the file says it; driver/modbus knows which.
type Meter struct {
	Name     string
	Kind     site.MeterKind
	Of       string // empty for the revenue meter
	Template string
	Address  netip.Addr
	Port     int         // 0: the template's; the offset of ports is not in it
	Unit     uint8       // 0: the template's
	Current  Transformer // the zero value: none declared
	Voltage  Transformer
}

// Transformer is the ratio of an instrument transformer, such as 2000 to 5; the
// zero value when none is declared.
type Transformer struct{ Primary, Secondary int64 }

// Pool is a place to mine at. In the worker * stands for any characters, none too.
type Pool struct{ URL, Worker string }

// addressesMax bounds the machine addresses of one site.
const addressesMax = 1 << 17

// Stretch is a run of addresses, both ends included.
type Stretch struct{ First, Last netip.Addr }

// Addresses is IPv4 addresses as stretches, in the order of the file; no address
// is in two of them.
type Addresses []Stretch

// Count is how many addresses there are.
func (a Addresses) Count() int {
	n := 0
	for _, s := range a {
		n += s.count()
	}
	return n
}

// All goes through the addresses, stretch by stretch.
func (a Addresses) All() iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for _, s := range a {
			for at := s.First; at.IsValid() && at.Compare(s.Last) <= 0; at = at.Next() {
				if !yield(at) {
					return
				}
			}
		}
	}
}

// Holds reports whether the address is one of them.
func (a Addresses) Holds(at netip.Addr) bool {
	for _, s := range a {
		if s.holds(at) {
			return true
		}
	}
	return false
}

func (s Stretch) holds(at netip.Addr) bool {
	return at.Compare(s.First) >= 0 && at.Compare(s.Last) <= 0
}

// count needs IPv4 ends in order, which Read has checked.
func (s Stretch) count() int { return int(number(s.Last)) - int(number(s.First)) + 1 }

// String is the stretch as a file writes it.
func (s Stretch) String() string {
	if s.First == s.Last {
		return s.First.String()
	}
	return s.First.String() + "-" + s.Last.String()
}

// number is an IPv4 address as a number.
func number(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

// last is the highest address of an IPv4 prefix.
func last(p netip.Prefix) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], number(p.Masked().Addr())|uint32(1<<(32-p.Bits())-1)) //nolint:gosec // at most 32 bits
	return netip.AddrFrom4(b)
}
