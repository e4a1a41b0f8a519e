package verify

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// check says what is wrong with a memory of so many units.
func (m *Memory) check(units int) error {
	switch {
	case m.Version != memoryVersion:
		return fmt.Errorf("version %d, this program keeps version %d", m.Version, memoryVersion)
	case m.Units != units:
		return fmt.Errorf("it is of %d units, there are %d", m.Units, units)
	case len(m.Awake) != units:
		return fmt.Errorf("awake_w is of %d units, there are %d", len(m.Awake), units)
	case !sound(0, m.Noise[0], math.MaxFloat64) || !sound(1, m.Noise[1], math.MaxFloat64):
		return fmt.Errorf("noise %v", m.Noise)
	}
	for i := range m.Steps {
		s := &m.Steps[i]
		if !sound(-farthest, s.Short, farthest) || !sound(0, s.Noise, farthest*farthest) || !sound(0, s.Shared, farthest*farthest) {
			return fmt.Errorf("step %d: short %v, noise %v, shared %v", i+1, s.Short, s.Noise, s.Shared)
		}
	}
	for _, n := range m.Names {
		if n.Unit < 0 || n.Unit >= units || n.Counts < 1 || n.Code != Liar && n.Code != Drifting || m.Said == nil {
			return fmt.Errorf("name %+v of %d units", n, units)
		}
	}
	return errors.Join(m.Said.check(units, len(m.Steps)), m.Before.check(units, true), m.Now.check(units, false))
}

// farthest is beyond any load, W.
const farthest = float64(4 * powerMost)

func sound(least, x, most float64) bool { return x >= least && x <= most } // false for what is no number

func (s *Said) check(units, steps int) error {
	if s == nil {
		return nil
	}
	for name, column := range map[string][]float64{"liar": s.Liar, "wrong": s.Wrong, "doubt": s.Doubt} {
		if len(column) != units || slices.ContainsFunc(column, func(x float64) bool { return !sound(0, x, 1.001) }) {
			return fmt.Errorf("%s: %d chances of %d units, or one that is none", name, len(column), units)
		}
	}
	if len(s.Num) != units || slices.ContainsFunc(s.Num, func(x float64) bool { return !sound(-1e9, x, 1e9) }) || !sound(-1e3, s.Common, 1e3) {
		return fmt.Errorf("num: %d values of %d units, or one beyond sense", len(s.Num), units)
	}
	for _, p := range s.Odd {
		if p.Unit < 0 || p.Unit >= units || !sound(-1e3, p.Part, 1e3) {
			return fmt.Errorf("odd unit %d of %d by %v", p.Unit, units, p.Part)
		}
	}
	if s.Steps < 0 || s.Steps > steps+stepsMost {
		return fmt.Errorf("a verdict on %d steps of %d", s.Steps, steps)
	}
	return nil
}

func (s *Steady) check(units int, ended bool) error {
	switch {
	case s == nil:
		return nil
	case len(s.Stated) != units || len(s.Silent) != units || len(s.Order) != units || ended && len(s.Level) != units:
		return fmt.Errorf("a steady time of %d, %d, %d and %d units, there are %d", len(s.Stated), len(s.Silent), len(s.Order), len(s.Level), units)
	case s.Rounds < 1 || s.Rounds > 1<<32:
		return fmt.Errorf("a steady time of %d rounds", s.Rounds)
	case !sound(0, s.Noise, farthest*farthest) || !sound(-farthest, float64(s.Load)/float64(s.Rounds), farthest):
		return fmt.Errorf("a steady time with noise %v and load %d", s.Noise, s.Load)
	}
	for _, x := range s.Level {
		if !sound(-farthest, float64(x), farthest) {
			return fmt.Errorf("a steady time with a level of %v", x)
		}
	}
	for _, x := range s.Jitter {
		if !sound(-math.MaxFloat64, x, math.MaxFloat64) {
			return fmt.Errorf("a steady time with scatter %v", s.Jitter)
		}
	}
	return nil
}
