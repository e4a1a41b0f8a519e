package curtail

import (
	"fmt"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// waiting lets so many jobs of a node each wait before a contract.
func (m *market) waiting(contract string, n int) {
	for i := range n {
		w := m.run(fmt.Sprintf("w%02d", i), contract, 500, "n07")
		w.State, w.Nodes, w.Started, w.Saved = engine.Waiting, nil, time.Time{}, time.Time{}
	}
}

// started is how many of them run.
func (m *market) started() int {
	n := 0
	for _, w := range m.jobs {
		if w.ID[0] == 'w' && w.State == engine.Running {
			n++
		}
	}
	return n
}

func TestDoorLetsInWhatFits(t *testing.T) {
	t.Parallel()
	job := unit.Power(perNode * 900) // a node's job at most
	cases := map[string]struct {
		room unit.Power
		want int
	}{
		"nothing": {500, 0}, "one": {job * 12 / 10, 1}, "two": {job * 22 / 10, 2}, "all three": {job * 8, 3},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 24, 5, nil)
			m.waiting("spot-a", 3)
			m.held["spot-a"], m.h.st.Held["spot-a"] = "follow-h1", 0 // nobody slips in before the first look
			budget := all(m)
			budget["spot-a"] = m.drawn("spot-a") + x.room
			m.turns(1, budget)
			if got := m.started(); got != x.want {
				t.Errorf("%d started, want %d", got, x.want)
			}
			if got := m.drawn("spot-a"); got > budget["spot-a"] || len(m.evicted) > 0 {
				t.Errorf("draws %v of %v, evicted %v", got, budget["spot-a"], m.evicted)
			}
			if (m.held["spot-a"] == "") != (x.want == 3) || len(m.with) > 0 {
				t.Errorf("held %v, withheld %v", m.held, m.with)
			}
		})
	}
}

// Where watts cannot be withheld a queue is open or held.
func TestDoorWithoutAWattBudget(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 5, func(c *Config) { c.Engine.Verbs = c.Engine.Verbs[:5] })
	m.waiting("spot-a", 3)
	m.held["spot-a"], m.h.st.Held["spot-a"] = "follow-h1", 0
	budget := all(m)
	budget["spot-a"] = m.drawn("spot-a") + 500
	m.turns(2, budget)
	if m.started() > 0 || m.held["spot-a"] == "" {
		t.Errorf("%d started without room, held %v", m.started(), m.held)
	}
	budget["spot-a"] += 20 * unit.Kilowatt
	m.turns(2, budget)
	if m.started() == 0 {
		t.Error("nothing started with room for two")
	}
}
