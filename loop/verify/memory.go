package verify

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/unit"
)

// memoryVersion is raised whenever what is kept means something else.
const memoryVersion = 1

// Memory is what a witness has learned, as plain data that can be written as JSON
// and read back. Kept are the steps on the scales (stated changes in whole watts,
// packed), the verdict on each unit with the factors that follow from it, the names
// with their times, the scatter of readings, what each unit drew awake, and the two
// steady times from which the next step will be made. Not kept, because it is new
// within minutes: what units said last, since when the meter differs or repeats
// itself, and who says asleep for how long.
//
// For 2,500 units and a full window of 1,024 steps it takes about 4 MB as JSON; see
// TestMemoryIsSmall.
type Memory struct {
	Version int          `json:"version"`
	Units   int          `json:"units"`
	At      time.Time    `json:"at"` // of the last round
	Steps   []StepMemory `json:"steps,omitempty"`
	Said    *Said        `json:"said,omitempty"`
	Names   []Name       `json:"names,omitempty"`
	Awake   []unit.Power `json:"awake_w"` // by unit; 0: never seen awake
	Noise   [2]float64   `json:"noise"`   // relative squares of readings, and how many they are worth
	Before  *Steady      `json:"before,omitempty"`
	Now     *Steady      `json:"now,omitempty"`
	Joined  bool         `json:"joined,omitempty"`
}

// StepMemory is one step on the scales.
type StepMemory struct {
	Moved  []byte  `json:"moved"`  // stated changes of all units, W, as packed varints
	Short  float64 `json:"short"`  // W
	Noise  float64 `json:"noise"`  // W²
	Shared float64 `json:"shared"` // W²
}

// Said is the last verdict, by unit.
type Said struct {
	Steps  int       `json:"steps"`
	Liar   []float64 `json:"liar"`
	Wrong  []float64 `json:"wrong"`
	Doubt  []float64 `json:"doubt"`
	Num    []float64 `json:"num"`
	Common float64   `json:"common"`
	Odd    []Part    `json:"odd,omitempty"`
}

// Part is the part of its stated changes by which the meter differs for one unit.
type Part struct {
	Unit int     `json:"unit"`
	Part float64 `json:"part"`
}

// Name is a unit that is suspected or named.
type Name struct {
	Unit   int       `json:"unit"`
	Code   Code      `json:"code"`
	Since  time.Time `json:"since"`
	Counts int       `json:"counts"`
}

// Steady is a steady time.
type Steady struct {
	From   time.Time    `json:"from"`
	Rounds int64        `json:"rounds"`
	Stated []unit.Power `json:"stated_w"`
	Level  []float32    `json:"level_w,omitempty"`
	Silent []bool       `json:"silent"`
	Order  []unit.Power `json:"order_w"`
	Load   unit.Power   `json:"load_w"`
	Noise  float64      `json:"noise"`
	Jitter [4]float64   `json:"jitter"`
}

// ErrMemory marks a memory that cannot be taken up: of another version, of other
// units, or damaged. A witness can always begin without one.
var ErrMemory = errors.New("what a witness learned cannot be taken up")

// Memory is a copy of what w has learned.
func (w *Witness) Memory() Memory {
	m := Memory{
		Version: memoryVersion, Units: len(w.cfg.Units), At: w.at, Awake: slices.Clone(w.awake),
		Noise: [2]float64{w.ground.noise.squares, w.ground.noise.free}, Joined: w.ground.joined,
		Before: w.ground.before.steady(), Now: w.ground.now.steady(),
	}
	p := newPacker()
	for i := range w.scales.steps {
		s := &w.scales.steps[i]
		m.Steps = append(m.Steps, StepMemory{p.pack(s.moved), s.short, s.noise, s.shared})
	}
	if v := w.said; v != nil {
		m.Said = &Said{v.steps, slices.Clone(v.liar), slices.Clone(v.wrong), slices.Clone(v.doubt), slices.Clone(v.num), v.common, nil}
		for _, i := range order(v.part) {
			m.Said.Odd = append(m.Said.Odd, Part{i, v.part[i]})
		}
	}
	for _, i := range slices.Sorted(maps.Keys(w.named)) {
		n := w.named[i]
		m.Names = append(m.Names, Name{i, n.code, n.since, n.counts})
	}
	return m
}

func (p *plateau) steady() *Steady {
	if p == nil {
		return nil
	}
	return &Steady{
		p.from, p.rounds, slices.Clone(p.stated), slices.Clone(p.level), slices.Clone(p.silent), slices.Clone(p.order),
		p.load, p.noise,
		[4]float64{p.jitter.first, p.jitter.n, p.jitter.sum, p.jitter.squares},
	}
}

func (s *Steady) plateau() *plateau {
	if s == nil {
		return nil
	}
	j := s.Jitter
	return &plateau{
		s.From, s.Rounds, slices.Clone(s.Stated), slices.Clone(s.Level), s.Noise, slices.Clone(s.Silent), slices.Clone(s.Order), s.Load,
		jitter{j[0], j[1], j[2], j[3]},
	}
}

// Restore is a witness that goes on from m: the same rounds lead it to the same
// names as if it had never stopped. Its next round must be later than m.At. The
// error wraps ErrMemory and says why m cannot be taken, or names what is wrong
// with c.
func Restore(c Config, m Memory) (*Witness, error) {
	w, err := NewWitness(c)
	if err != nil {
		return nil, err
	}
	if err := m.check(len(c.Units)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMemory, err)
	}
	if len(m.Steps) > w.scales.most() {
		return nil, fmt.Errorf("%w: %d steps where %d are kept", ErrMemory, len(m.Steps), w.scales.most())
	}
	for i := range m.Steps {
		s := &m.Steps[i]
		moved, err := unpack(s.Moved, m.Units)
		if err != nil {
			return nil, fmt.Errorf("%w: step %d: %w", ErrMemory, i+1, err)
		}
		w.scales.steps = append(w.scales.steps, step{moved, s.Short, s.Noise, s.Shared})
	}
	w.scales.rebuild(w.scales.steps)
	if s := m.Said; s != nil {
		w.said = &verdict{
			steps: s.Steps, liar: slices.Clone(s.Liar), wrong: slices.Clone(s.Wrong), doubt: slices.Clone(s.Doubt), num: slices.Clone(s.Num),
			common: s.Common, part: map[int]float64{},
		}
		for _, p := range s.Odd {
			w.said.part[p.Unit] = p.Part
		}
	}
	for _, n := range m.Names {
		w.named[n.Unit] = naming{n.Code, n.Since, n.Counts}
	}
	w.at, w.awake = m.At, slices.Clone(m.Awake)
	w.ground.noise, w.ground.joined = noise{m.Noise[0], m.Noise[1]}, m.Joined
	w.ground.before, w.ground.now, w.ground.heard = m.Before.plateau(), m.Now.plateau(), m.At
	return w, nil
}
