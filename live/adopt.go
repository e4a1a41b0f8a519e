package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"sluice/device"
	"sluice/driver/scan"
	"sluice/driver/wire"
	"sluice/store/sqlite"
)

// Declared is where the machines of one group answer.
type Declared struct {
	Group     int
	Addresses []netip.Addr
}

// Finding is what is needed to find machines.
type Finding struct {
	Site     string
	Groups   []string // names of the mining groups
	Declared []Declared
	Network  *wire.Network
	Drivers  []device.Driver
	Key      func(m Machine) (device.Credential, error)
	Scan     scan.Options
	Now      time.Time // on the site's clock
	Term     int64     // of this run
	Note     func(Notice)
}

// Found is the machines of a site, in the order of their addresses.
type Found struct {
	Machines []Machine
	New      int          // adopted just now
	Missing  []netip.Addr // declared addresses at which nobody was ever found
	Twins    []scan.Twin
	Opened   map[netip.Addr]device.Device // those that were opened to learn what they can do
}

// Find adopts the machines of a site: those that were adopted before stay what
// they were, and every other declared address is asked who is there. A new one is
// opened once to learn what it can do. Nothing is commanded.
func Find(ctx context.Context, j Journal, f Finding) (Found, error) {
	known, group, err := Adopted(ctx, j, f.Site)
	if err != nil {
		return Found{}, err
	}
	var out Found
	var ask []netip.Addr
	at := map[netip.Addr]int{}
	for _, d := range f.Declared {
		for _, a := range d.Addresses {
			m, is := known[a.String()]
			if is && group[a.String()] == f.Groups[d.Group] {
				m.Group = d.Group
				out.Machines = append(out.Machines, m)
				continue
			}
			at[a] = d.Group
			ask = append(ask, a)
		}
	}
	r, err := f.look(ctx, ask)
	if err != nil {
		return out, fmt.Errorf("find the machines of %s: %w", f.Site, err)
	}
	fresh, opened := f.meet(ctx, r, at)
	out.Opened = opened
	if err := f.adopt(ctx, j, fresh); err != nil {
		return out, err
	}
	out.Machines = append(out.Machines, fresh...)
	slices.SortFunc(out.Machines, func(a, b Machine) int { return a.Host.Compare(b.Host) })
	twin(out.Machines)
	for _, m := range fresh {
		delete(at, m.Host)
	}
	out.New, out.Missing, out.Twins = len(fresh), slices.SortedFunc(maps.Keys(at), netip.Addr.Compare), r.Twins
	return out, nil
}

// twin marks the machines that were adopted at several addresses, by their MAC or
// else their serial: nobody knows which of them an order would reach.
func twin(all []Machine) {
	at := map[string][]int{}
	for i, m := range all {
		if key := cmp.Or(m.Identity.MAC, m.Identity.Serial); key != "" {
			at[key] = append(at[key], i)
		}
	}
	for _, same := range at {
		for k, i := range same {
			if len(same) > 1 {
				all[i].Twin = all[same[(k+1)%len(same)]].Name()
			}
		}
	}
}

// look asks addresses who is there, and once more those whose answer could not
// be judged: a machine that boots, or is slow, is none to be left out.
func (f Finding) look(ctx context.Context, ask []netip.Addr) (scan.Report, error) {
	r, err := scan.Hosts(ctx, f.Network, f.Drivers, ask, f.Scan)
	if err != nil {
		return r, err
	}
	unclear := map[string]int{}
	var again []netip.Addr
	for i, x := range r.Found {
		if a, wrong := netip.ParseAddr(x.Address.Host); x.Err != nil && wrong == nil {
			unclear[x.Address.Host] = i
			again = append(again, a)
		}
	}
	if len(again) == 0 {
		return r, nil
	}
	second, err := scan.Hosts(ctx, f.Network, f.Drivers, again, f.Scan)
	for _, x := range second.Found {
		r.Found[unclear[x.Address.Host]] = x
	}
	return r, err
}

// Arrived reports whether somebody answers now at an address where nobody did.
func (f Finding) Arrived(ctx context.Context, missing []netip.Addr) (bool, error) {
	r, err := scan.Hosts(ctx, f.Network, f.Drivers, missing, f.Scan)
	return slices.ContainsFunc(r.Found, func(x scan.Found) bool { return x.Err == nil }), err
}

// meet opens every machine that a scan found, to learn what it can do. One that
// cannot be opened is adopted all the same: it draws, so it counts.
func (f Finding) meet(ctx context.Context, r scan.Report, at map[netip.Addr]int) ([]Machine, map[netip.Addr]device.Device) {
	out, opened := make([]Machine, len(r.Found)), make([]device.Device, len(r.Found))
	slots := make(chan struct{}, max(1, f.Scan.Parallel))
	var all sync.WaitGroup
	for i, x := range r.Found {
		if x.Err != nil {
			f.Note(Notice{At: f.Now, Code: "stranger", Text: x.Address.Host + ": " + x.Err.Error()})
			continue
		}
		host, err := netip.ParseAddr(x.Address.Host)
		if err != nil {
			continue // the scan asked for addresses only
		}
		out[i] = Machine{Host: host, Group: at[host], Identity: x.Identity, Met: f.Now}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			d, err := f.open(ctx, x, out[i])
			if err != nil {
				f.Note(Notice{At: f.Now, Code: string(openTrouble(err)), Text: x.Address.Host + ": " + err.Error()})
				return
			}
			opened[i], out[i].Can = d, d.Capabilities()
		})
	}
	all.Wait()
	kept := map[netip.Addr]device.Device{}
	for i, d := range opened {
		if d != nil {
			kept[out[i].Host] = d
		}
	}
	return slices.DeleteFunc(out, func(m Machine) bool { return !m.Host.IsValid() }), kept
}

// open opens one machine.
func (f Finding) open(ctx context.Context, x scan.Found, m Machine) (device.Device, error) {
	key, err := f.Key(m)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Scan.Timeout)
	defer cancel()
	return x.Driver.Open(ctx, x.Address, x.Identity, key)
}

// openTrouble is what an error of opening a machine means.
func openTrouble(err error) Trouble {
	if errors.Is(err, device.ErrAuth) {
		return WrongPassword
	}
	return SilentMachine
}

// adopt keeps who stands where.
func (f Finding) adopt(ctx context.Context, j Journal, fresh []Machine) error {
	for part := range slices.Chunk(fresh, most) {
		var records []sqlite.Record
		for _, m := range part {
			body, err := json.Marshal(adopted{f.Groups[m.Group], m.Identity, m.Can})
			if err != nil {
				return fmt.Errorf("adopt %s: %w", m.Host, err)
			}
			key := fmt.Sprintf("machine/%s/%d", m.Name(), f.Term)
			records = append(records, sqlite.Record{Site: f.Site, Kind: sqlite.Machine, Key: key, Subject: m.Name(), At: f.Now, Body: body})
		}
		if err := j.Append(ctx, records...); err != nil {
			return fmt.Errorf("adopt %d machines: %w", len(records), err)
		}
	}
	return nil
}
