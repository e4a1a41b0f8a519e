package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sluice/device"
)

// hand is the opened device of one machine. The crew never runs two jobs on one
// machine; the lock guards against the end of the program.
type hand struct {
	mu  sync.Mutex
	dev device.Device
}

// errNoDriver says that nobody speaks the dialect of a machine.
var errNoDriver = errors.New("no driver speaks its dialect")

// errStranger says that another machine answers than the one that was adopted: it
// gets no password and no order.
var errStranger = errors.New("another machine answers here than the one that was adopted")

// open returns the device of a machine, opened when it is not. A machine that was
// exchanged gets no credential.
func (s *Site) open(ctx context.Context, i int, sure bool) (device.Device, error) {
	h, m := &s.hands[i], s.core.cfg.Machines[i]
	if h.dev != nil {
		return h.dev, nil
	}
	d, known := s.plant.Drivers[m.Identity.Family]
	if !known {
		return nil, fmt.Errorf("%s: %w: %s", m.Host, errNoDriver, m.Identity.Family)
	}
	if err := s.certain(ctx, d, m, sure); err != nil {
		return nil, err
	}
	key, err := s.plant.Key(m)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", m.Host, err)
	}
	h.dev, err = d.Open(ctx, device.Address{Host: m.Host.String()}, m.Identity, key)
	return h.dev, err
}

// certain reports an error unless the machine that was adopted answers. sure says
// that it was asked just now.
func (s *Site) certain(ctx context.Context, d device.Driver, m Machine, sure bool) error {
	if sure {
		return nil
	}
	id, err := d.Probe(ctx, device.Address{Host: m.Host.String()})
	if err != nil {
		return err
	}
	if same, _ := SameMachine(m.Identity, id); !same {
		return fmt.Errorf("%s: %w", m.Host, errStranger)
	}
	return nil
}

// farewell is how long a device may take to give back what it holds, also when
// the time of the job is over: a session that is left open keeps everybody out.
const farewell = time.Second

// shut gives a device back, so that the next job opens it anew.
func (s *Site) shut(ctx context.Context, i int) {
	if h := &s.hands[i]; h.dev != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = h.dev.Close(ctx)
		h.dev = nil
	}
}

// read carries a reading out and posts what became of it.
func (s *Site) read(ctx context.Context, d Read) {
	h := &s.hands[d.Machine]
	h.mu.Lock()
	defer h.mu.Unlock()
	e := Heard{Machine: d.Machine, Asked: s.plant.Clock.Now()}
	e.Other, e.Err = s.who(ctx, d)
	if e.Err == nil && e.Other != nil {
		if same, _ := SameMachine(s.core.cfg.Machines[d.Machine].Identity, *e.Other); !same {
			e.Err = errStranger
		}
	}
	if e.Err == nil {
		e.Reading, e.Err = s.look(ctx, d)
	}
	if e.Err == nil {
		e.Asked = s.plant.Clock.At(e.Reading.Asked)
	}
	s.post(e)
}

// who asks a machine for its identity where the core wants it.
func (s *Site) who(ctx context.Context, d Read) (*device.Identity, error) {
	if !d.Probe {
		return nil, nil //nolint:nilnil // nobody asked
	}
	m := s.core.cfg.Machines[d.Machine]
	driver, known := s.plant.Drivers[m.Identity.Family]
	if !known {
		return nil, errNoDriver
	}
	id, err := driver.Probe(ctx, device.Address{Host: m.Host.String()})
	switch {
	case errors.Is(err, device.ErrNotMine):
		return &device.Identity{}, nil // somebody answers in another dialect
	case err != nil:
		return nil, err
	}
	if same, _ := SameMachine(m.Identity, id); !same {
		s.shut(ctx, d.Machine)
	}
	return &id, nil
}

// look reads a machine.
func (s *Site) look(ctx context.Context, d Read) (device.Reading, error) {
	dev, err := s.open(ctx, d.Machine, d.Probe)
	if err != nil {
		return device.Reading{}, err
	}
	what := device.Status | device.Power | device.Hash
	if d.Pools {
		what |= device.Pools
	}
	if d.Heat {
		what |= device.Heat
	}
	began := time.Now()
	r, err := dev.Read(ctx, what)
	if err != nil {
		s.shut(ctx, d.Machine)
		return r, err
	}
	if r.Asked.IsZero() {
		r.Asked = began
	}
	if s.plant.Clock.Fast() {
		r.Uptime = device.Value[time.Duration]{} // the machine counts another time
	}
	return r, nil
}

// command carries an order out and posts the answer.
func (s *Site) command(ctx context.Context, d Order) {
	h := &s.hands[d.Machine]
	h.mu.Lock()
	defer h.mu.Unlock()
	s.post(Answered{Machine: d.Machine, Epoch: d.Epoch, Ack: s.apply(ctx, d)})
}

func (s *Site) apply(ctx context.Context, d Order) device.Ack {
	if err := context.Cause(ctx); err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	dev, err := s.open(ctx, d.Machine, false)
	if err != nil {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	a := dev.Apply(ctx, d.Command)
	if a.Class != device.Accepted {
		s.shut(ctx, d.Machine) // its session or its password may be gone
	}
	return a
}

// release ends every session. What cannot be reached in time ends by itself.
func (s *Site) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	slots := make(chan struct{}, 64)
	var all sync.WaitGroup
	for i := range s.hands {
		if s.hands[i].dev == nil {
			continue
		}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			s.hands[i].mu.Lock()
			defer s.hands[i].mu.Unlock()
			s.shut(ctx, i)
		})
	}
	all.Wait()
}
