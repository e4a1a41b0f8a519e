package live

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
)

// slab is a journal in memory that can be made to hang.
type slab struct {
	mu      sync.Mutex // guards what is below
	records []sqlite.Stored
	hangs   chan struct{} // nil: it answers
}

// hang lets every write wait until the returned function is called.
func (j *slab) hang() (free func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	hangs := make(chan struct{})
	j.hangs = hangs
	return sync.OnceFunc(func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.hangs = nil
		close(hangs)
	})
}

func (j *slab) Append(_ context.Context, records ...sqlite.Record) error {
	j.mu.Lock()
	hangs := j.hangs
	j.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range records {
		j.records = append(j.records, sqlite.Stored{Record: r, Seq: int64(len(j.records) + 1)})
	}
	return nil
}

func (j *slab) Current(_ context.Context, _ string, kind sqlite.Kind) ([]sqlite.Stored, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []sqlite.Stored
	for _, r := range j.records {
		if r.Kind == kind {
			out = append(slices.DeleteFunc(out, func(x sqlite.Stored) bool { return x.Subject == r.Subject }), r)
		}
	}
	return out, nil
}

func (j *slab) all() []sqlite.Stored {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.records)
}

func (j *slab) LastEpoch(context.Context, string, string) (sqlite.Epoch, error) {
	return sqlite.Epoch{}, nil
}

// ear is a driver whose machines only tell what they were told.
type ear struct {
	told chan device.Verb
	who  map[string]device.Identity // by host
}

func (e ear) Probe(_ context.Context, a device.Address) (device.Identity, error) {
	return e.who[a.Host], nil
}

func (e ear) Open(context.Context, device.Address, device.Identity, device.Credential) (device.Device, error) {
	return e, nil
}
func (e ear) Capabilities() device.Capabilities { return device.Capabilities{} }
func (e ear) Read(context.Context, device.What) (device.Reading, error) {
	return device.Reading{}, errors.New("nobody answers here")
}
func (e ear) Close(context.Context) error { return nil }
func (e ear) Apply(_ context.Context, c device.Command) device.Ack {
	e.told <- c.Verb
	return device.Ack{Class: device.Accepted}
}

// mute is a meter that never answers.
type mute struct{}

func (mute) Read(context.Context) (modbus.Reading, error) {
	return modbus.Reading{}, errors.New("nobody answers here")
}

// listening runs a site of two machines that only listen.
func listening(t *testing.T, j Journal) (*Site, ear) {
	t.Helper()
	core, _ := lane(t, 2, Memory{})
	e := ear{told: make(chan device.Verb, 100), who: map[string]device.Identity{}}
	for _, m := range core.cfg.Machines {
		e.who[m.Name()] = m.Identity
	}
	s, err := Start(core, Plant{
		Clock: RealTime(), Journal: j, Drivers: map[device.Family]device.Driver{device.Antminer: e}, Timeout: time.Second,
		Key: func(Machine) (device.Credential, error) { return device.Credential{}, nil }, Meters: slices.Repeat([]Meter{mute{}}, len(core.cfg.Site.Meters)),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	running(t, s)
	return s, e
}

// running runs a site until the test ends, or until end is called.
func running(t *testing.T, s *Site) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return end
}

// hears waits for the next order that a machine gets.
func (e ear) hears(t *testing.T, want device.Verb) {
	t.Helper()
	select {
	case got := <-e.told:
		if got != want {
			t.Errorf("it was told to %s, want %s", got, want)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("it was not told to %s", want)
	}
}

// quiet checks that no machine gets an order for a while.
func (e ear) quiet(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case got := <-e.told:
		t.Errorf("a machine was told to %s", got)
	case <-time.After(d):
	}
}

func orderOf(machine int, sequence int64, raise, retry bool) Order {
	o := Order{Machine: machine, Epoch: actuate.Epoch{Term: 2, Sequence: sequence}, Command: device.Command{Verb: device.Sleep}, Raise: raise}
	if raise {
		o.Command.Verb = device.Wake
	}
	if !retry {
		o.Record = sqlite.Record{Kind: sqlite.Order, Key: sqlite.Epoch(o.Epoch).String() + string(rune('a'+machine)), Subject: netip.AddrFrom4([4]byte{127, 120, 0, byte(1 + machine)}).String()}
	}
	return o
}

// TestSlowDisk: while the disk hangs whatever lowers goes out, again and again;
// nothing rises, not even as a retry; and a raise that a lowering overtook is
// never sent.
func TestSlowDisk(t *testing.T) {
	t.Parallel()
	j := &slab{}
	s, e := listening(t, j)
	free := j.hang()
	t.Cleanup(free)
	s.order(orderOf(0, 1, true, false))
	s.order(orderOf(1, 1, true, false))
	s.order(orderOf(0, 1, true, true))
	s.order(orderOf(1, 1, true, true))
	e.quiet(t, 2*patience)
	s.order(orderOf(0, 2, false, false))
	e.hears(t, device.Sleep)
	s.order(orderOf(0, 3, false, false))
	e.hears(t, device.Sleep)
	s.order(orderOf(0, 3, false, true))
	e.hears(t, device.Sleep)
	free()
	e.hears(t, device.Wake) // the other machine, whose raise is still the newest
	e.quiet(t, patience)
	orders := 0
	for _, r := range j.all() {
		if r.Kind == sqlite.Order {
			orders++
		}
	}
	if orders != 4 {
		t.Errorf("%d orders were kept, want 4", orders)
	}
	s.order(orderOf(1, 1, true, true))
	e.hears(t, device.Wake)
}
