package modbus

import (
	"errors"
	"fmt"
	"math/big"

	"sluice/unit"
)

// ErrReset says that a counter shows less than before and cannot have begun
// again: the meter was reset or exchanged. No energy is derived from it.
var ErrReset = errors.New("the energy counter went back")

// Counter is one cumulative energy as a meter shows it.
type Counter struct {
	Known  bool
	Raw    uint64      // counts; of a float counter, joules
	Width  Width       // counts at which it begins again
	Energy unit.Energy // shown now
	Step   unit.Energy // the least change that it can show now
	num    int64       // joules of den counts
	den    int64
}

// Unwrap returns how many counts were added between two readings of a counter
// that begins again at w. A counter that fell without a way to begin again is
// ErrReset. Whether the rise is possible at all is for the caller to judge: a
// reset of a counter that may begin again looks like a very large rise.
func Unwrap(previous, now uint64, w Width) (uint64, error) {
	if w != Never && w != Wide && (previous >= uint64(w) || now >= uint64(w)) {
		return 0, fmt.Errorf("%w: %d and %d of %d", errBeyond, previous, now, w)
	}
	switch {
	case now >= previous:
		return now - previous, nil
	case w == Never:
		return 0, fmt.Errorf("%w: from %d to %d", ErrReset, previous, now)
	case w == Wide:
		return now - previous, nil // modulo 2 to the 64
	}
	return uint64(w) - previous + now, nil
}

// energyOf is the energy of so many counts, rounded half to even once.
func (c Counter) energyOf(counts uint64) (unit.Energy, error) {
	v := new(big.Rat).SetFrac(new(big.Int).SetUint64(counts), big.NewInt(c.den))
	e, err := rounded(v.Mul(v, new(big.Rat).SetInt64(c.num)))
	return unit.Energy(e), err
}

// counter reads a cumulative energy.
func (r Register) counter(words []uint16, extremes bool, ratio *big.Rat) (Counter, error) {
	v, err := r.raw(words, extremes)
	if err != nil {
		return Counter{}, err
	}
	if v.Sign() < 0 {
		return Counter{}, errNegative
	}
	per := new(big.Rat).Mul(r.Scale.rat(), ratio)
	per.Mul(per, new(big.Rat).SetInt64(units(r.Quantity)[r.Unit]))
	if err := r.within(new(big.Rat).Mul(v, r.Scale.rat())); err != nil {
		return Counter{}, err
	}
	if !per.Num().IsInt64() || !per.Denom().IsInt64() {
		return Counter{}, errOverflow
	}
	if r.Type.float() {
		return r.floating(words, v, per)
	}
	c := Counter{Known: true, Raw: v.Num().Uint64(), Width: r.Width, num: per.Num().Int64(), den: per.Denom().Int64()}
	if c.Width != Never && c.Width != Wide && c.Raw >= uint64(c.Width) {
		return Counter{}, errBeyond
	}
	return c.filled()
}

// filled adds the energy and the step.
func (c Counter) filled() (Counter, error) {
	var errs [2]error
	c.Energy, errs[0] = c.energyOf(c.Raw)
	c.Step, errs[1] = c.energyOf(1)
	c.Step = max(1, c.Step)
	if err := errors.Join(errs[:]...); err != nil {
		return Counter{}, errOverflow
	}
	return c, nil
}

// floating counts a float counter in joules; its step is that of its last binary digit.
func (r Register) floating(words []uint16, v, per *big.Rat) (Counter, error) {
	e, err := rounded(new(big.Rat).Mul(v, per))
	if err != nil {
		return Counter{}, err
	}
	c := Counter{Known: true, Raw: uint64(e), Energy: unit.Energy(e), Step: 1, num: 1, den: 1} //nolint:gosec // not negative, see above
	if next, err := r.raw(r.next(words), false); err == nil {
		step, err := rounded(next.Sub(next, v).Mul(next, per))
		if err == nil {
			c.Step = max(1, unit.Energy(step))
		}
	}
	if r.Width != Never {
		dial, err := rounded(new(big.Rat).Mul(new(big.Rat).SetInt(new(big.Int).SetUint64(uint64(r.Width))), per))
		if err != nil {
			return Counter{}, err
		}
		c.Width = Width(dial) //nolint:gosec // a positive product
		if c.Raw >= uint64(c.Width) {
			return Counter{}, errBeyond
		}
	}
	return c, nil
}

// next is the words of the next greater float.
func (r Register) next(words []uint16) []uint16 {
	out := append([]uint16(nil), words...)
	for i := range out {
		at := len(out) - 1 - i
		if r.LowFirst {
			at = i
		}
		w := r.turned(out[at]) + 1
		if out[at] = r.turned(w); w != 0 {
			break
		}
	}
	return out
}

// turned is the word with its bytes in the order of its digits, and back.
func (r Register) turned(w uint16) uint16 {
	if r.LittleEnd {
		return w<<8 | w>>8
	}
	return w
}

// within checks the bounds that the template sets, in its unit.
func (r Register) within(v *big.Rat) error {
	if r.Least != nil && v.Cmp(r.Least.rat()) < 0 || r.Most != nil && v.Cmp(r.Most.rat()) > 0 {
		return errOutOfRange
	}
	return nil
}
