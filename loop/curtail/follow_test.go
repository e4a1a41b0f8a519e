package curtail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

// market drives Follow against a plant, turn by turn.
type market struct {
	*plant
	h     *Hall
	asked int // looks
}

func newMarket(tb testing.TB, nodes int, seed uint64, change func(*Config)) *market {
	tb.Helper()
	p := newPlant(tb, nodes, seed)
	p.cfg.Timing.Ahead = 0
	if change != nil {
		change(&p.cfg)
	}
	h, err := New(p.cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		for _, b := range p.broken {
			tb.Error(b)
		}
	})
	return &market{plant: p, h: h}
}

// follow is one call, with its effects carried out.
func (m *market) follow(budget map[string]unit.Power) []Effect {
	m.tb.Helper()
	out := m.h.Follow(m.now, budget, func() engine.View { m.asked++; return m.view() }, func() []gpu.Reading { return m.readings() })
	m.carryOut(out)
	return out
}

func (m *market) carryOut(out []Effect) {
	m.tb.Helper()
	for i, e := range out {
		switch e := e.(type) {
		case Persist:
			if i != 0 {
				m.tb.Errorf("the state is kept at place %d of %d effects, want first", i, len(out))
			}
		case Send:
			if a, ok := m.do(e.Command); ok {
				m.carryOut(m.h.Answered(m.now, a))
			}
		case Set:
			if a, ok := m.set(e.Setting); ok {
				m.carryOut(m.h.Taken(m.now, a))
			}
		case Alarm, Cleared, Report, Refusal:
		}
	}
}

// turns follows for so many minutes, with a tick every ten seconds.
func (m *market) turns(minutes int, budget map[string]unit.Power) {
	m.tb.Helper()
	for range minutes {
		m.follow(budget)
		for range 6 {
			m.pass(10 * time.Second)
			m.carryOut(m.h.Tick(m.now))
		}
	}
}

// drawn is what the jobs of a contract draw, with their share of the servers.
func (m *market) drawn(name string) unit.Power {
	var sum unit.Power
	for _, w := range m.jobs {
		if running(&w.Job) && w.Contract == name {
			sum += perNode * (m.draw(w.Nodes[0]) + 75)
		}
	}
	return sum
}

func all(m *market) map[string]unit.Power {
	out := map[string]unit.Power{}
	for i := range m.cfg.Tenancies {
		out[m.cfg.Tenancies[i].Contract.Name] = m.cfg.full(i)
	}
	return out
}

func TestFollowDoesNothingWhileEverythingIsAllowed(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 1, nil)
	m.turns(30, all(m))
	if len(m.sent) > 0 {
		t.Errorf("sent %v", m.sent)
	}
	asked := m.asked
	m.turns(30, all(m))
	if m.asked != asked {
		t.Errorf("asked for %d views although nothing can have to change", m.asked-asked)
	}
}

func TestFollowBringsContractsToTheirBudgetsAndGivesBackInReverse(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 1, nil)
	budget := all(m)
	before := m.drawn("spot-a")
	budget["spot-a"] = before * 9 / 10
	m.turns(4, budget)
	if got := m.drawn("spot-a"); got > budget["spot-a"] || len(m.evicted) > 0 {
		t.Errorf("spot-a draws %v of %v after limits, %v are evicted", got, budget["spot-a"], m.evicted)
	}
	budget["spot-a"] = before * 4 / 10
	m.turns(4, budget)
	if got := m.drawn("spot-a"); got > budget["spot-a"] || len(m.evicted) == 0 {
		t.Errorf("spot-a draws %v of %v, %v are evicted", got, budget["spot-a"], m.evicted)
	}
	for _, n := range m.nodes {
		if m.busy(n.Name) == 0 && m.limit[n.Name] != 0 {
			t.Errorf("%s keeps the limit of a job that is gone", n.Name)
		}
	}
	if m.held["spot-a"] == "" || m.held["spot-b"] != "" {
		t.Errorf("held %v, want the queue of spot-a", m.held)
	}
	out := len(m.evicted)
	budget["spot-a"] = m.cfg.full(1)
	m.turns(10, budget)
	if got := m.drawn("spot-a"); got != before || len(m.h.st.Acts) > 0 || len(m.held)+len(m.with) > 0 {
		t.Errorf("spot-a draws %v, before it was %v; left %+v, held %v, withheld %v", got, before, m.h.st.Acts, m.held, m.with)
	}
	if n := m.count("restore"); n != out {
		t.Errorf("%d restored of %d", n, out)
	}
}

// A budget that rises while a job still stops: it is restored once it has stopped.
func TestFollowRestoresNothingThatStillStops(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 1, nil)
	m.follow(map[string]unit.Power{"spot-a": 5000})
	m.pass(30 * time.Second)
	m.carryOut(m.h.Tick(m.now)) // the evictions go out
	m.pass(5 * time.Second)
	m.follow(all(m))
	if m.count("restore") > 0 || m.count("evict") == 0 {
		t.Errorf("sent %v", m.sent)
	}
	m.turns(4, all(m))
	for _, w := range m.jobs {
		if w.State != engine.Running {
			t.Errorf("%s is %s", w.ID, w.State)
		}
	}
}

func (p *plant) count(verb string) int {
	n := 0
	for _, s := range p.sent {
		if strings.HasPrefix(s, verb+" ") {
			n++
		}
	}
	return n
}

func TestFollowNeverEvictsFirmTenants(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 2, nil)
	budget := all(m)
	budget["firm"] = 10_000
	m.turns(6, budget)
	if len(m.evicted) > 0 || m.held["firm"] != "" {
		t.Errorf("evicted %v, held %v", m.evicted, m.held)
	}
	if !slices.ContainsFunc(m.h.st.Troubles, func(x Trouble) bool { return x.Ill == CannotReach && x.Subject == "firm" }) {
		t.Errorf("troubles %v, want that firm cannot reach its budget", m.h.st.Troubles)
	}
}

func TestFollowLeavesContractsAloneThatHaveNoBudget(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 3, nil)
	m.turns(5, map[string]unit.Power{"spot-a": 1})
	for id := range m.evicted {
		if c := m.job(id).Contract; c != "spot-a" {
			t.Errorf("%s of %s is evicted", id, c)
		}
	}
	if len(m.evicted) == 0 {
		t.Error("nothing of spot-a is evicted")
	}
}

func TestFollowAnnouncesEvictionsWithinTheTurn(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 3, func(c *Config) { c.Timing.Ahead = 15 * time.Minute; c.Volatile = true })
	out := m.h.Follow(m.now, map[string]unit.Power{"spot-a": 1}, m.view, m.readings)
	warned := map[string]time.Time{}
	evictions := 0
	for _, e := range out {
		s, ok := e.(Send)
		switch {
		case !ok:
		case s.Command.Verb == engine.Warn:
			warned[s.Command.Subject] = s.Command.By
		case s.Command.Verb == engine.Evict:
			evictions++
			if by := warned[s.Command.Subject]; !s.At.Equal(by) || !by.Equal(m.now.Add(30*time.Second)) {
				t.Errorf("%s is evicted at %v, told %v", s.Command.Subject, s.At, by)
			}
		}
	}
	if evictions == 0 || evictions != len(warned) {
		t.Errorf("%d evictions, %d warnings", evictions, len(warned))
	}
}

// Random budgets for hours: contracts come below theirs, nothing is lost, and in the
// end everything is as it was.
func TestFollowThroughRandomBudgets(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, 24, seed, nil)
			m.lose = 0.2
			begin := m.it()
			for range 12 {
				budget := all(m)
				for _, c := range []string{"spot-a", "spot-b"} {
					if m.seed.IntN(3) > 0 {
						budget[c] = unit.Power(m.seed.IntN(40_000))
					}
				}
				m.turns(6, budget)
				if m.drawn("spot-a") > budget["spot-a"] || m.drawn("spot-b") > budget["spot-b"] {
					m.turns(4, budget) // a warning was lost and announced again, or a command
				}
				for _, c := range []string{"spot-a", "spot-b"} {
					if got := m.drawn(c); got > budget[c]+m.h.noise(budget[c]) {
						t.Errorf("%v: %s draws %v of %v", m.now, c, got, budget[c])
					}
				}
			}
			m.turns(15, all(m))
			for _, w := range m.jobs {
				if w.State != engine.Running || m.limit[w.Nodes[0]] != 0 {
					t.Errorf("%s is %s on %v, %s, limit %v", w.ID, w.State, w.Nodes, w.Evicted, m.limit)
				}
			}
			if m.it() != begin || len(m.h.st.Acts)+len(m.held)+len(m.with) > 0 {
				t.Errorf("draws %v, began with %v; left %+v, held %v, withheld %v", m.it(), begin, m.h.st.Acts, m.held, m.with)
			}
		})
	}
}
