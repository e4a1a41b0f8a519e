package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
)

// TestPoisonedFuture: whatever comes after an instant may be anything at all,
// and the papers up to that instant stay the same to the byte. The test is worth
// what it catches, so it is also run on a market that publishes too early.
func TestPoisonedFuture(t *testing.T) {
	t.Parallel()
	long(t)
	late := func(s *Setup) {}
	dayAhead := func(s *Setup) {
		s.Contracts.Spot.Publication = power.Publication{DayAhead: true, Gate: 13*time.Hour + 30*time.Minute}
	}
	anchored := func(s *Setup) {
		s.DayAhead, s.AheadGate = s.Prices, power.Publication{DayAhead: true, Gate: 13*time.Hour + 30*time.Minute}
	}
	for sentence, c := range map[string]struct {
		market  func(*Setup) // as it is
		planted func(*Setup) // as it is replayed
		caught  bool
	}{
		"a settlement price one interval late":            {late, late, false},
		"a settlement price two intervals late":           {func(s *Setup) { s.Lag = 2 }, late, false},
		"prices of the day ahead":                         {dayAhead, late, false},
		"a real-time price, and day-ahead prices beside":  {anchored, late, false},
		"planted: the price of the interval itself leaks": {late, func(s *Setup) { s.Lag = 0 }, true},
		"planted: one interval too early":                 {func(s *Setup) { s.Lag = 2 }, func(s *Setup) { s.Lag = 1 }, true},
		"planted: the gate opens an hour early": {dayAhead, func(s *Setup) {
			s.Contracts.Spot.Publication.Gate = 12*time.Hour + 30*time.Minute
		}, true},
		"planted: the gate of prices beside opens an hour early": {anchored, func(s *Setup) { s.AheadGate.Gate -= time.Hour }, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := spiky(t)
			c.market(s)
			now := time.Date(2025, 5, 6, 18, 0, 0, 0, time.UTC) // half an hour before the gate
			bad := poisoned(s, now)
			settled := now.Truncate(24 * time.Hour) // today's blocks are not all found
			c.planted(s)
			c.planted(bad)
			err := sameUpTo(lines(t, s), lines(t, bad), now, settled)
			if (err != nil) != c.caught {
				t.Errorf("error %v, caught shall be %t", err, c.caught)
			}
		})
	}
}

// spiky is an evening with spikes and the half day after it, with prices far
// enough ahead for any gate.
func spiky(t *testing.T) *Setup {
	t.Helper()
	s := texan(t, "2025-05-05T18:00", "2025-05-07T02:00")
	s.Prices = cut(s.Prices, s.Prices.Grid.Start(0), s.To)
	longer := series.New[unit.Price](gridTo(t, s.Prices.Grid, 36*time.Hour))
	for i := range longer.Grid.Len() {
		p, known := s.Prices.Value(i)
		if !known {
			p, _ = longer.Value(i - 96)
		}
		longer.Set(i, p)
	}
	s.Prices = longer
	return s
}

func gridTo(t *testing.T, g series.Grid, more time.Duration) series.Grid {
	t.Helper()
	out, err := series.NewGrid(g.Start(0), g.Step(), g.Len()+int(more/g.Step()))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// poisoned is s with everything absurd that is not published at now.
func poisoned(s *Setup, now time.Time) *Setup {
	out := *s
	spot := *s.Contracts.Spot
	out.Contracts.Spot = &spot
	open := func(at time.Time) time.Time { return at.Add(time.Duration(s.Lag) * s.Step) }
	if s.dayAhead() {
		open = func(at time.Time) time.Time { return spot.Publication.At(at, s.Step, s.Site.Zone) }
	}
	out.Prices = spoilt(s.Prices, func(at time.Time) bool { return open(at).After(now) }, func(i int, p unit.Price) unit.Price {
		return []unit.Price{-1000 * unit.PerMWh, 17_500 * unit.PerMWh}[i%2]
	})
	if s.DayAhead != nil {
		out.DayAhead = spoilt(s.DayAhead, func(at time.Time) bool {
			return s.AheadGate.At(at, s.Step, s.Site.Zone).After(now)
		}, func(_ int, p unit.Price) unit.Price { return 9000*unit.PerMWh - p })
	}
	out.Air = spoilt(s.Air, func(at time.Time) bool { return at.After(now) }, func(int, int64) int64 { return 49_000 })
	out.Networks = slices.Clone(s.Networks)
	for i, n := range out.Networks {
		if !n.Day.Before(now.Truncate(24 * time.Hour)) {
			out.Networks[i] = mining.Network{Day: n.Day, Price: 77 * n.Price, Difficulty: n.Difficulty / 50, Reward: n.Reward}
		}
	}
	return &out
}

func spoilt[T any](s *series.Series[T], when func(time.Time) bool, how func(int, T) T) *series.Series[T] {
	out := series.New[T](s.Grid)
	for i := range s.Grid.Len() {
		v, known := s.Value(i)
		if known && when(s.Grid.Start(i)) {
			v = how(i, v)
		}
		if known {
			out.Set(i, v)
		}
	}
	return out
}

// lines are the papers of a setup that lies within a month, one turn a line.
func lines(t *testing.T, s *Setup) [][]byte {
	t.Helper()
	m := newMarket(s)
	around := s.around()
	l, err := newLine(t.Context(), m, around)
	if err != nil {
		t.Fatal(err)
	}
	legs := m.legs()
	feeds, _, err := m.feeds(legs)
	if err != nil {
		t.Fatal(err)
	}
	tr := &turner{m: m, around: around, solver: solverOf(t), book: book{t.TempDir()}}
	_, sealed, err := tr.play(t.Context(), legs[0], l, feeds[0], func() {})
	if err != nil || len(legs) != 1 {
		t.Fatalf("%d legs: %v", len(legs), err)
	}
	var out [][]byte
	if err := tr.book.read(sealed, func(line []byte) error { out = append(out, bytes.Clone(line)); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// sameUpTo compares the papers of all turns up to the one that now begins: whole
// before settled, then without the entry, whose prices come later, and of the
// last one what was decided.
func sameUpTo(a, b [][]byte, now, settled time.Time) error {
	for i := range a {
		x, err := read(a[i])
		if err != nil {
			return err
		}
		y, err := read(b[i])
		if err != nil {
			return err
		}
		if x.Plan.At.After(now) {
			if i < 2 {
				return fmt.Errorf("only %d turns lie before %v", i, now)
			}
			return nil
		}
		for _, t := range []*cycle.Turn{x, y} {
			if !t.Plan.At.Before(settled) {
				t.Entry = cycle.Entry{}
			}
			if t.Plan.At.Equal(now) {
				t.Delivery = cycle.Delivery{}
			}
		}
		p, err := json.Marshal(x)
		if err != nil {
			return err
		}
		if q, err := json.Marshal(y); err != nil || !bytes.Equal(p, q) {
			return fmt.Errorf("the papers of %v differ (%w)", x.Plan.At, err)
		}
	}
	return fmt.Errorf("the papers end before %v", now)
}

func read(line []byte) (*cycle.Turn, error) {
	t := &cycle.Turn{}
	return t, json.Unmarshal(line, t)
}

// TestGate: day-ahead prices are known from the gate of the local day before on,
// on days of 23 and 25 hours too.
func TestGate(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		day     string // local, on which it is asked
		clock   string
		until   string // local instant up to which prices are known
		atStart string // UTC instant of that
	}{
		"before the gate, today":                   {"2025-05-06", "13:15", "2025-05-07", "2025-05-07T05:00"},
		"from the gate on, tomorrow":               {"2025-05-06", "13:30", "2025-05-08", "2025-05-08T05:00"},
		"the day of 23 hours, before the gate":     {"2025-03-09", "13:15", "2025-03-10", "2025-03-10T05:00"},
		"on the eve of the day of 23 hours":        {"2025-03-08", "13:30", "2025-03-10", "2025-03-10T05:00"},
		"the day of 25 hours is known to its end":  {"2025-11-01", "13:30", "2025-11-03", "2025-11-03T06:00"},
		"on the day of 25 hours the gate is local": {"2025-11-02", "13:15", "2025-11-03", "2025-11-03T06:00"},
		"on the day of 25 hours from the gate on":  {"2025-11-02", "13:30", "2025-11-04", "2025-11-04T06:00"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation("America/Chicago")
			if err != nil {
				t.Fatal(err)
			}
			from := local(t, c.day, zone).Add(-24 * time.Hour)
			s := &Setup{From: from, To: from.Add(6 * 24 * time.Hour), Step: 15 * time.Minute, Lag: 1}
			s.Site.Zone = zone
			s.Contracts.Spot = &power.Spot{Publication: power.Publication{DayAhead: true, Gate: 13*time.Hour + 30*time.Minute}}
			g := s.grid()
			s.Prices = series.New[unit.Price](g)
			m := newMarket(s)
			i, inside := g.Index(local(t, c.day+"T"+c.clock, zone))
			if !inside {
				t.Fatal("the test asks outside its period")
			}
			end := g.Start(m.known(i) + 1)
			if want := local(t, c.until, zone); !end.Equal(want) || end.Format("2006-01-02T15:04") != c.atStart {
				t.Errorf("prices are known until %v, want %v (%s UTC)", end, want.UTC(), c.atStart)
			}
		})
	}
}
