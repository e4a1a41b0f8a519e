package live

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/device"
	"sluice/driver/crew"
	"sluice/driver/modbus"
	"sluice/loop/actuate"
	"sluice/unit"
)

// dialect is a driver without a network: its machines are those of a hall, and
// every answer takes a while.
type dialect struct {
	mu   *sync.Mutex // machines of a hall are for one goroutine
	hall *hall
	wait time.Duration
	at   map[int]time.Time // when a machine was first ordered to sleep
}

func (d dialect) find(host string) int {
	for i, u := range d.hall.units {
		if u.host.String() == host {
			return i
		}
	}
	return -1
}

func (d dialect) Probe(_ context.Context, a device.Address) (device.Identity, error) {
	time.Sleep(d.wait)
	return d.hall.units[d.find(a.Host)].id, nil
}

func (d dialect) Open(_ context.Context, a device.Address, _ device.Identity, _ device.Credential) (device.Device, error) {
	return line{d, d.find(a.Host)}, nil
}

// line is one machine of a dialect.
type line struct {
	dialect
	i int
}

func (l line) Capabilities() device.Capabilities { return l.hall.units[l.i].can() }
func (l line) Close(context.Context) error       { return nil }

func (l line) Read(context.Context, device.What) (device.Reading, error) {
	asked := time.Now()
	time.Sleep(l.wait)
	l.mu.Lock()
	defer l.mu.Unlock()
	r, heard := l.hall.units[l.i].hear(asked)
	if !heard {
		return r, context.DeadlineExceeded
	}
	return r, nil
}

func (l line) Apply(_ context.Context, c device.Command) device.Ack {
	time.Sleep(l.wait)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.at[l.i]; !known && c.Verb == device.Sleep {
		l.at[l.i] = time.Now()
	}
	return l.hall.units[l.i].apply(time.Now(), c)
}

// dial is a meter without a network.
type dial struct{ dialect }

func (d dial) Read(context.Context) (modbus.Reading, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hall.now = time.Now()
	return modbus.Reading{Asked: time.Now(), Power: device.Stated(d.hall.site())}, nil
}

// start runs the shell of a hall in this bubble.
func (h *hall) start(t *testing.T, j Journal, wait time.Duration) (*Site, dialect, func()) {
	t.Helper()
	d := dialect{mu: &sync.Mutex{}, hall: h, wait: wait, at: map[int]time.Time{}}
	p := Plant{
		Clock: RealTime(), Journal: j, Drivers: map[device.Family]device.Driver{}, Timeout: 10 * time.Second,
		Key:    func(Machine) (device.Credential, error) { return device.Credential{}, nil },
		Meters: []Meter{dial{d}}, Crew: crew.Config{Parallel: 256},
	}
	for _, s := range shapes() {
		p.Drivers[s.family] = d
	}
	s, err := Start(h.core, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, d, func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// TestStopNeedsNoDisk: the journal does not answer any more; one word of one person
// reaches every machine within two seconds, and while it hangs nothing rises.
func TestStopNeedsNoDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := plot{seed: 8, each: []int{60, 60, 60, 60, 60, 60, 60}, limit: 2 * unit.Megawatt, pue: 1, quick: true, begin: time.Now()}
		h := p.build(t)
		j := &disk{drawer: newDrawer(), stuck: make(chan struct{})}
		s, d, end := h.start(t, j, 150*time.Millisecond)
		time.Sleep(40 * time.Second)
		began := time.Now()
		if err := s.Say(t.Context(), Said{By: "anna", What: actuate.Stopped{By: "anna"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		d.mu.Lock()
		ordered, slowest := 0, time.Duration(0)
		for _, at := range d.at {
			if !at.Before(began) {
				ordered, slowest = ordered+1, max(slowest, at.Sub(began))
			}
		}
		d.mu.Unlock()
		t.Logf("%d machines were told within %v", ordered, slowest)
		if ordered != len(h.units) {
			t.Errorf("%d of %d machines were told within two seconds", ordered, len(h.units))
		}
		close(j.stuck)
		end()
	})
}

// TestNothingRisesOnAHangingDisk: also not as a retry, and what the limit asks for
// is lowered all the same.
func TestNothingRisesOnAHangingDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := few(9)
		p.begin = time.Now()
		h := p.build(t)
		j := &disk{drawer: newDrawer()}
		s, d, end := h.start(t, j, 50*time.Millisecond)
		wish := func(n int64, w func(i int) unit.Power) {
			target := make([]unit.Power, len(h.units))
			for i := range target {
				target[i] = w(i)
			}
			err := s.Do(t.Context(), func(_ *Core, now time.Time) {
				s.handle(t.Context(), Wished{Number: n, Until: now.Add(time.Hour), Target: target})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		count := func() int {
			d.mu.Lock()
			defer d.mu.Unlock()
			h.now = time.Now()
			return h.running()
		}
		time.Sleep(time.Minute)
		wish(1, func(i int) unit.Power { return h.full(i) * unit.Power(i%2) })
		time.Sleep(30 * time.Minute)
		half := count()
		if half < 10 || half > 18 {
			t.Fatalf("%d machines run", half)
		}
		stuck := make(chan struct{})
		j.hang(stuck)
		wish(2, h.full)
		time.Sleep(30 * time.Minute)
		if got := count(); got > half {
			t.Errorf("%d machines run, before the disk hung there were %d", got, half)
		}
		if err := s.Say(t.Context(), Said{By: "grid", What: actuate.Instruction{Group: 0, From: time.Since(h.config.Begin), Limit: 20 * unit.Kilowatt}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		d.mu.Lock()
		h.now = time.Now()
		if got := h.site(); got > 20*unit.Kilowatt {
			t.Errorf("a minute after a cut to 20 kW the site draws %v", got)
		}
		d.mu.Unlock()
		close(stuck)
		end()
	})
}
