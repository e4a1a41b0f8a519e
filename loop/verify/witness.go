package verify

import (
	"errors"
	"fmt"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Config is what a Witness must know of one meter and the units behind it.
type Config struct {
	Units     []Unit        // all that is behind the meter, in the order of every round
	MeterLate time.Duration // age beyond which a reading of the meter proves nothing
	Settle    time.Duration // from the last move until stated and metered power belong together
	Longest   time.Duration // of one steady time; a longer one is cut
	Differ    time.Duration // for which two measurements must differ
	Hidden    time.Duration // for which load must be hidden
	Asleep    time.Duration // from which a unit that says asleep is a candidate
	Tolerance unit.Ratio    // beyond which two measurements differ
	Twice     unit.Ratio    // by which units may state more than the meter sees
	Least     unit.Ratio    // of the load, from which it is hidden
}

// Unit is one unit behind a meter.
type Unit struct {
	Most unit.Power // that it draws awake, W, above 0
}

// DefaultConfig is the usual patience.
func DefaultConfig(units []Unit) Config {
	return Config{
		Units: units, MeterLate: 30 * time.Second, Settle: time.Minute, Longest: 15 * time.Minute,
		Differ: 2 * time.Minute, Hidden: 15 * time.Minute, Asleep: 30 * time.Minute,
		Tolerance: 50_000, Twice: 30_000, Least: 20_000,
	}
}

// mostOfAll bounds the draw of one unit, so that it fits the scales exactly.
const mostOfAll = 16 * unit.Megawatt

func (c *Config) check() error {
	var faults []error
	for i, u := range c.Units {
		if u.Most <= 0 || u.Most > mostOfAll {
			faults = append(faults, fmt.Errorf("unit %d draws %v at most: want more than 0 and no more than %v", i, u.Most, mostOfAll))
		}
	}
	if len(c.Units) == 0 {
		faults = append(faults, errors.New("no unit is behind the meter: name at least one"))
	}
	if min(c.MeterLate, c.Settle, c.Longest, c.Differ, c.Hidden, c.Asleep) <= 0 {
		faults = append(faults, errors.New("a patience is not above zero: set all, or start from DefaultConfig"))
	}
	if min(c.Tolerance, c.Twice, c.Least) <= 0 {
		faults = append(faults, errors.New("a tolerance is not above zero: set all, or start from DefaultConfig"))
	}
	return errors.Join(faults...)
}

// Statement is what one unit says in a round.
type Statement struct {
	Power    unit.Power      // drawn; meaningless when not Known
	Known    bool            // it states a power
	Fresh    bool            // and was heard lately enough
	Activity device.Activity // what it says it is doing
	Ordered  unit.Power      // level it was last ordered to; negative: none
}

// Round is one look at all units and their meter. Generation behind the meter is
// added to Power by the caller: it is what the load draws.
type Round struct {
	At        time.Time
	Units     []Statement
	Power     unit.Power    // at the meter; meaningless when not Metered
	Metered   bool          // the meter said something
	Age       time.Duration // of Power
	Overhead  unit.Ratio    // watts at the meter for each watt of a unit: PUE, or One
	Auxiliary unit.Power    // constant load behind the meter that no unit states
}

// Report is what a round showed.
type Report struct {
	At          time.Time
	Stated      unit.Power // sum over units that were heard
	Expected    unit.Power // the same at the meter, with overhead and auxiliaries
	Measured    unit.Power // by the meter; meaningless when not Metered
	Metered     bool       // it said something that is not too old
	Unexplained unit.Power // measured less expected; units that were not heard count as nothing
	Silent      unit.Power // most that units draw which were not heard, at the meter
	Share       unit.Ratio // unexplained as a part of the measured load
	Steps       int        // steps on the scales
	Findings    []Finding  // in the order of their codes, then of the units
}

// Witness holds what the units behind one meter say against what it shows,
// round by round. It is for one goroutine.
//
// Source: docs/formula/verify.md.
type Witness struct {
	cfg    Config
	at     time.Time
	watch  watch
	ground ground
	scales *scales
	said   *verdict
	named  map[int]naming
	asleep []time.Time // by unit: since when it says asleep without a break; zero: it does not
	awake  []unit.Power
	now    []Statement // of this round; one that was not heard is not Known
}

// NewWitness is a witness that has seen nothing. The error names all that is
// wrong with c.
func NewWitness(c Config) (*Witness, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("witness: %w", err)
	}
	n := len(c.Units)
	return &Witness{
		cfg: c, scales: newScales(n), named: map[int]naming{}, asleep: make([]time.Time, n), awake: make([]unit.Power, n),
		watch: watch{since: map[Code]time.Time{}}, ground: newGround(),
	}, nil
}

// Round takes one look and says what it shows. The error says what is wrong with
// the round, which then has had no effect.
func (w *Witness) Round(r Round) (Report, error) {
	if err := w.refuse(r); err != nil {
		return Report{}, fmt.Errorf("round of %s: %w", r.At.UTC().Format(time.RFC3339), err)
	}
	w.now = append(w.now[:0], r.Units...)
	r.Units = w.now
	rep := w.sum(r)
	w.remember(r)
	rep.Findings = w.watch.look(&w.cfg, r, rep)
	if s, ok := w.ground.step(&w.cfg, r, rep, &w.watch); ok {
		w.scales.add(s)
		w.judge(r.At)
	}
	rep.Steps = len(w.scales.steps)
	rep.Findings = append(rep.Findings, w.explain(r, rep)...)
	w.at = r.At
	return rep, nil
}

func (w *Witness) refuse(r Round) error {
	switch {
	case len(r.Units) != len(w.cfg.Units):
		return fmt.Errorf("%d units in a round of %d: give all, in the order of the config", len(r.Units), len(w.cfg.Units))
	case !r.At.After(w.at):
		return fmt.Errorf("not after the round before, %s: give rounds in order", w.at.UTC().Format(time.RFC3339))
	case r.Overhead < unit.One/2 || r.Overhead > 10*unit.One:
		return fmt.Errorf("overhead %d millionths: want watts at the meter for each watt of a unit", r.Overhead)
	case r.Metered && (r.Age < 0 || r.Power < -powerMost || r.Power > powerMost):
		return fmt.Errorf("meter says %d W, %v old: neither a load nor an age", r.Power, r.Age)
	}
	return nil
}

// powerMost is beyond any meter, scaled wrongly by 1000 or not.
const powerMost = 1_000_000 * unit.Megawatt

// heard reports whether what a unit states can be counted.
func (w *Witness) heard(i int, s *Statement) bool {
	return s.Known && s.Fresh && s.Power >= 0 && s.Power <= 4*w.cfg.Units[i].Most
}

// sum adds up what units state.
func (w *Witness) sum(r Round) Report {
	rep := Report{At: r.At, Metered: r.Metered && r.Age <= w.cfg.MeterLate}
	var silent unit.Power
	for i := range r.Units {
		if w.heard(i, &r.Units[i]) {
			rep.Stated += r.Units[i].Power
		} else {
			r.Units[i].Known = false // in the witness's own copy
			silent += w.cfg.Units[i].Most
		}
	}
	rep.Expected, rep.Silent = rep.Stated.Scale(r.Overhead)+r.Auxiliary, silent.Scale(r.Overhead)
	if rep.Metered {
		rep.Measured, rep.Unexplained = r.Power, r.Power-rep.Expected
		if r.Power != 0 {
			rep.Share = share(rep.Unexplained, max(r.Power, -r.Power))
		}
	}
	return rep
}

// share is a over b, b above 0, held within a thousand either way.
func share(a, b unit.Power) unit.Ratio {
	if most := 1000 * b; a >= most || a <= -most {
		a = min(most, max(-most, a))
	}
	return unit.Ratio(unit.MulDiv(int64(a), int64(unit.One), int64(b)))
}

// remember keeps since when units sleep, and the most that each stated awake.
func (w *Witness) remember(r Round) {
	for i := range r.Units {
		s := &r.Units[i]
		switch {
		case !s.Known:
		case s.Activity != device.Asleep:
			w.asleep[i], w.awake[i] = time.Time{}, max(w.awake[i], s.Power)
		case w.asleep[i].IsZero():
			w.asleep[i] = r.At
		}
	}
}

// full is what unit i draws awake, as far as is known.
func (w *Witness) full(i int) unit.Power {
	if w.awake[i] > 0 {
		return w.awake[i]
	}
	return w.cfg.Units[i].Most
}
