package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// Options bounds a scan. The zero value is usable.
type Options struct {
	Rate     int                   // addresses begun a second; 0: 50
	Parallel int                   // addresses asked at once; 0: 32
	Timeout  time.Duration         // of each question; 0: five seconds
	Ports    []int                 // somebody is there when one of them opens; nil: 4028, 80 and 4433
	Limit    int                   // most addresses of a scan; 0: 65,536
	Progress func(done, total int) // called from one goroutine at a time; nil: nobody is told
}

func (o Options) withDefaults() Options {
	o.Rate = cmp.Or(max(0, o.Rate), 50)
	o.Parallel = cmp.Or(max(0, o.Parallel), 32)
	o.Timeout = cmp.Or(max(0, o.Timeout), 5*time.Second)
	o.Limit = cmp.Or(max(0, o.Limit), 1<<16)
	if o.Ports == nil {
		o.Ports = []int{4028, 80, 4433}
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o
}

// The two ways in which an address is no machine that can be commanded.
var (
	// ErrStranger says that somebody answers and no driver knows the dialect.
	ErrStranger = errors.New("somebody answers in a dialect that no driver knows")
	// ErrUnclear says that no driver got an answer that can be judged, such as of
	// a machine that is silent or starting: scan the address again.
	ErrUnclear = errors.New("somebody is there and gave no answer that can be judged")
)

// Found is what stands at one address.
type Found struct {
	Address  device.Address
	Identity device.Identity // zero with an error
	Driver   device.Driver   // who knows it; nil with an error
	Err      error           // ErrStranger or ErrUnclear, with what each driver said
}

// Twin is one machine, by its MAC or else its serial, at several addresses: a
// machine that moved while the scan went on, a copied configuration, or a route
// that leads to the same place twice. It must not be counted twice.
type Twin struct {
	Key   string
	Hosts []string
}

// Report is what a scan found, in the order of addresses whatever the order of answers.
type Report struct {
	Asked int     // addresses
	Mute  int     // hung up on everybody without a word, as a closed port behind a gateway does
	Found []Found // those where somebody answered
	Twins []Twin
}

// Scan asks the addresses of prefix, which must lie in the networks of n as a
// whole. When ctx ends it returns what it had found and the cause.
func Scan(ctx context.Context, n *wire.Network, drivers []device.Driver, prefix netip.Prefix, o Options) (Report, error) {
	hosts, err := addresses(n, prefix, o.withDefaults().Limit)
	if err != nil {
		return Report{}, err
	}
	return Hosts(ctx, n, drivers, hosts, o)
}

// Hosts asks a list of addresses, as Scan does. One outside the networks of n is
// never contacted: it counts as one where nobody answers.
func Hosts(ctx context.Context, n *wire.Network, drivers []device.Driver, hosts []netip.Addr, o Options) (Report, error) {
	o = o.withDefaults()
	seen := make([]sight, len(hosts))
	err := o.each(ctx, len(hosts), func(i int) { seen[i] = o.look(ctx, n, drivers, hosts[i].String()) })
	var r Report
	for _, s := range seen {
		if s.asked {
			r.Asked++
		}
		if s.mute {
			r.Mute++
		}
		if s.found.Address.Host != "" {
			r.Found = append(r.Found, s.found)
		}
	}
	r.Twins = twins(r.Found)
	return r, err
}

// addresses lists the hosts of a prefix; network and broadcast address are none.
func addresses(n *wire.Network, prefix netip.Prefix, limit int) ([]netip.Addr, error) {
	if !prefix.IsValid() {
		return nil, errors.New("scan: no network: write one such as 10.20.1.0/24")
	}
	prefix = prefix.Masked()
	var out []netip.Addr
	for a := prefix.Addr(); prefix.Contains(a); a = a.Next() {
		if !n.Holds(a.String()) {
			return nil, fmt.Errorf("scan %s: %s: %w: declare its network or scan a smaller one", prefix, a, wire.ErrOutside)
		}
		if out = append(out, a); len(out) > limit {
			return nil, fmt.Errorf("scan %s: more than %d addresses: scan smaller networks one after the other", prefix, limit)
		}
	}
	if prefix.Addr().Is4() && prefix.Bits() < 31 {
		out = out[1 : len(out)-1]
	}
	return out, nil
}

// each calls do for every index at the rate of the options, so many at once.
func (o Options) each(ctx context.Context, total int, do func(int)) error {
	var workers sync.WaitGroup
	defer workers.Wait()
	slots := make(chan struct{}, o.Parallel)
	var mu sync.Mutex // guards done and the callback
	done := 0
	begin := time.Now()
	for i := range total {
		if err := pace(ctx, time.Until(begin.Add(time.Duration(i)*time.Second/time.Duration(o.Rate)))); err != nil {
			return err
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		workers.Go(func() {
			defer func() { <-slots }()
			do(i)
			mu.Lock()
			defer mu.Unlock()
			done++
			o.Progress(done, total)
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// pace waits for the turn of an address.
func pace(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sight is what was seen at one address.
type sight struct {
	asked, mute bool
	found       Found
}

// look asks one address.
func (o Options) look(ctx context.Context, n *wire.Network, drivers []device.Driver, host string) sight {
	if !o.knock(ctx, n, host) {
		return sight{asked: ctx.Err() == nil}
	}
	f := Found{Address: device.Address{Host: host}}
	hung, judged := 0, 0
	var said []error
	for _, d := range drivers {
		id, err := o.probe(ctx, d, f.Address)
		if err == nil {
			f.Identity, f.Driver = id, d
			return sight{asked: true, found: f}
		}
		if ctx.Err() != nil {
			return sight{}
		}
		switch {
		case hungUp(err):
			hung++
		case errors.Is(err, device.ErrNotMine):
			judged++
		}
		said = append(said, err)
	}
	if hung == len(drivers) {
		return sight{asked: true, mute: true}
	}
	f.Err = ErrUnclear
	if hung+judged == len(drivers) {
		f.Err = ErrStranger
	}
	f.Err = errors.Join(append([]error{f.Err}, said...)...)
	return sight{asked: true, found: f}
}

// probe lets one driver ask.
func (o Options) probe(ctx context.Context, d device.Driver, a device.Address) (device.Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	return d.Probe(ctx, a)
}

// hungUp reports whether an exchange ended without an answer at the other's will.
func hungUp(err error) bool {
	for _, e := range []error{io.EOF, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EPIPE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// knock reports whether one of the ports opens. All are tried at once: most
// addresses of a network are empty and cost the whole time to connect.
func (o Options) knock(ctx context.Context, n *wire.Network, host string) bool {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	opened := make(chan bool, len(o.Ports))
	for _, p := range o.Ports {
		go func() {
			c, err := n.Dial(ctx, host, p)
			if err == nil {
				_ = c.Close()
			}
			// Somebody who hangs up at once may do so before the connection counts as made.
			opened <- err == nil || errors.Is(err, syscall.ECONNRESET)
		}()
	}
	some := false
	for range o.Ports {
		if <-opened {
			some = true
			cancel()
		}
	}
	return some
}

// twins lists the machines that stand at several addresses.
func twins(found []Found) []Twin {
	hosts := map[string][]string{}
	for _, f := range found {
		if key := cmp.Or(f.Identity.MAC, f.Identity.Serial); key != "" {
			hosts[key] = append(hosts[key], f.Address.Host)
		}
	}
	var out []Twin
	for key, at := range hosts {
		if len(at) > 1 {
			out = append(out, Twin{Key: key, Hosts: at})
		}
	}
	slices.SortFunc(out, func(a, b Twin) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
