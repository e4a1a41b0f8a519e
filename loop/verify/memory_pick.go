package verify

import (
	"fmt"
	"slices"
)

// Pick is m for other units: of says for each of them which unit of m it was,
// negative for one that is new. What a unit that is gone stated is taken out of
// every step, and what it may have misstated counts as noise.
func (m Memory) Pick(of []int) (Memory, error) {
	if err := m.check(m.Units); err != nil {
		return Memory{}, fmt.Errorf("%w: %w", ErrMemory, err)
	}
	to := slices.Repeat([]int{-1}, m.Units)
	for k, i := range of {
		if i >= m.Units || i >= 0 && to[i] >= 0 {
			return Memory{}, fmt.Errorf("%w: unit %d of %d is asked for twice, or is not there", ErrMemory, i, m.Units)
		}
		if i >= 0 {
			to[i] = k
		}
	}
	out := Memory{Version: m.Version, Units: len(of), At: m.At, Noise: m.Noise, Awake: picked(m.Awake, of, 0)}
	p := newPacker()
	for i := range m.Steps {
		s, err := m.pickStep(i, of, to)
		if err != nil {
			return Memory{}, err
		}
		out.Steps = append(out.Steps, StepMemory{p.pack(s.moved), s.short, s.noise, s.shared})
	}
	if s := m.Said; s != nil {
		out.Said = &Said{
			s.Steps, picked(s.Liar, of, liarShare), picked(s.Wrong, of, wrongShare), picked(s.Doubt, of, liarShare+wrongShare),
			picked(s.Num, of, 0), s.Common, nil,
		}
		for _, x := range s.Odd {
			if k := to[x.Unit]; k >= 0 {
				out.Said.Odd = append(out.Said.Odd, Part{k, x.Part})
			}
		}
	}
	for _, n := range m.Names {
		if n.Unit = to[n.Unit]; n.Unit >= 0 {
			out.Names = append(out.Names, n)
		}
	}
	if len(of) == m.Units && !slices.Contains(to, -1) { // the same, in another order
		out.Joined, out.Before, out.Now = m.Joined, m.Before.pick(of), m.Now.pick(of)
	}
	return out, nil
}

// pickStep is a step of other units.
func (m Memory) pickStep(i int, of, to []int) (step, error) {
	s := step{short: m.Steps[i].Short, noise: m.Steps[i].Noise, shared: m.Steps[i].Shared}
	moved, err := unpack(m.Steps[i].Moved, m.Units)
	if err != nil {
		return s, fmt.Errorf("%w: step %d: %w", ErrMemory, i+1, err)
	}
	for u, k := range to {
		if k >= 0 || moved[u] == 0 {
			continue
		}
		a := float64(moved[u])
		if m.Said != nil {
			for _, x := range m.Said.Odd {
				if x.Unit == u {
					s.short -= float64(x.Part * a)
				}
			}
		}
		s.noise += float64(biasVariance * a * a)
	}
	s.moved = picked(moved, of, 0)
	return s, nil
}

func (s *Steady) pick(of []int) *Steady {
	if s == nil {
		return nil
	}
	out := *s
	out.Stated, out.Silent, out.Order = picked(s.Stated, of, 0), picked(s.Silent, of, false), picked(s.Order, of, 0)
	if s.Level != nil {
		out.Level = picked(s.Level, of, 0)
	}
	return &out
}

// picked is a column in the order of other units; fresh stands for new ones.
func picked[T any](column []T, of []int, fresh T) []T {
	out := make([]T, len(of))
	for k, i := range of {
		if out[k] = fresh; i >= 0 {
			out[k] = column[i]
		}
	}
	return out
}
