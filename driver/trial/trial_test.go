package trial

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/device"
	"sluice/loop/commission"
	"sluice/unit"
)

// obedient is a machine that sleeps and wakes within a second, and keeps what it was told.
type obedient struct {
	mu     sync.Mutex
	told   []device.Verb
	asleep bool
}

// Read implements Machine.
func (m *obedient) Read(context.Context, device.What) (device.Reading, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asleep {
		return device.Reading{Activity: device.Stated(device.Asleep), Intent: device.Stated(device.Asleep), Power: device.Stated(unit.Power(30)), Hash: device.Stated(unit.Hashrate(0))}, nil
	}
	return runs(), nil
}

func runs() device.Reading {
	return device.Reading{Activity: device.Stated(device.Running), Intent: device.Stated(device.Running), Power: device.Stated(unit.Power(3000)), Hash: device.Stated(unit.Hashrate(100_000))}
}

// Apply implements Machine.
func (m *obedient) Apply(_ context.Context, _ time.Duration, c device.Command) device.Ack {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = append(m.told, c.Verb)
	m.asleep = c.Verb == device.Sleep
	return device.Ack{Class: device.Accepted, Set: c}
}

func (m *obedient) heard() []device.Verb {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.told)
}

// Power implements Meter: other load stands behind it too.
func (m *obedient) Power(ctx context.Context) (unit.Power, error) {
	r, err := m.Read(ctx, device.Power)
	return 40_000 + r.Power.Value, err
}

func of(m *obedient) Trial {
	can := device.Capabilities{Sleep: true, Wake: true}
	return Trial{
		Machine: m, Meter: m, Every: time.Second, Patience: time.Minute,
		Plan: commission.Plan{
			Record: commission.Record{Address: "10.20.1.17", Model: "S19"}, Can: can, Found: runs(), Meter: commission.Meter{Given: true}, HottestMill: 90_000,
			Limits: commission.DefaultLimits(can, 20*time.Second),
		},
	}
}

// TestConduct: a whole trial learns how the machine sleeps and wakes, step by step.
func TestConduct(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &obedient{}
		x := of(m)
		var steps []commission.Step
		x.Tell = func(_ time.Duration, e commission.Effect) {
			if b, is := e.(commission.Began); is {
				steps = append(steps, b.Step)
			}
		}
		c, err := Conduct(t.Context(), x, nil, nil)
		if err != nil || c.Record.Verdict != commission.Learned || c.Record.Sleep == nil || c.Record.Found == nil || *c.Record.Found != 3000 || c.Orders != 2 {
			t.Fatalf("%+v, %v", c, err)
		}
		if want := []commission.Step{commission.Baseline, commission.Sleeping, commission.Waking}; !slices.Equal(steps, want) {
			t.Errorf("steps %v, want %v", steps, want)
		}
	})
}

// TestStopAndLeave: stop gives back what was found; leaving tells the machine nothing more.
func TestStopAndLeave(t *testing.T) {
	t.Parallel()
	for sentence, leaves := range map[string]bool{"stop": false, "leave": true} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m, stop, leave := &obedient{}, make(chan struct{}, 1), make(chan struct{})
				x := of(m)
				x.Tell = func(_ time.Duration, e commission.Effect) {
					s, is := e.(commission.Send)
					if !is || s.Command.Verb != device.Sleep {
						return
					}
					go func() {
						time.Sleep(10 * time.Second) // in the bubble: it sleeps by then
						if leaves {
							close(leave)
						} else {
							stop <- struct{}{}
						}
					}()
				}
				c, err := Conduct(t.Context(), x, stop, leave)
				if leaves {
					if !errors.Is(err, ErrLeft) || !slices.Equal(m.heard(), []device.Verb{device.Sleep}) || c.Left.Last.Verb != device.Sleep || c.Left.Seen == nil {
						t.Errorf("told %v, %+v, %v", m.heard(), c.Left, err)
					}
					return
				}
				if err != nil || c.Record.Verdict != commission.WasStopped || len(c.Record.NotRestored) > 0 || !slices.Equal(m.heard(), []device.Verb{device.Sleep, device.Wake}) {
					t.Errorf("told %v, %+v, %v", m.heard(), c.Record, err)
				}
			})
		})
	}
}
