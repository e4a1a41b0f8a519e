package path

import (
	"errors"
	"fmt"
	"math"
	"time"

	"sluice/capital"
)

// ErrScenario says that a scenario cannot be laid on the weeks.
var ErrScenario = errors.New("no such scenario")

// Flat writes the future in which price, difficulty and fees stay as they are at the
// start and the halving comes when it is due. Its weeks of power are those of the
// last year of the history.
func (b *Bootstrap) Flat(into *Path) { b.still(into, b.config.Start.Subsidy) }

// Halving is Flat with the next halving at the begin of a week instead of when it is
// due: the shock that a plan must bear, also where its horizon ends before 2028. No
// further halving follows.
func (b *Bootstrap) Halving(at int, into *Path) error {
	if at < 0 || at >= b.config.Weeks {
		return fmt.Errorf("a halving in week %d: the future has the weeks 0 to %d: %w", at, b.config.Weeks-1, ErrScenario)
	}
	full := capital.SubsidyAt(b.config.Start.Height)
	b.still(into, func(t int) float64 {
		if t < at {
			return full
		}
		return full / 2
	})
	return nil
}

// still lets nothing move but the subsidy.
func (b *Bootstrap) still(into *Path, subsidy func(week int) float64) {
	b.clear(into)
	s := b.config.Start
	for t := range into.Index {
		into.Index[t] = int32(len(b.history) - 1)
		into.Price[t], into.Difficulty[t], into.Fees[t] = s.Price, s.Difficulty, b.last.Fees
		into.HashBTC[t] = capital.HashpriceBTC(s.Difficulty, subsidy(t)*b.last.Fees)
	}
	b.shine(into)
}

// clear makes a path that no stream has drawn.
func (b *Bootstrap) clear(into *Path) {
	into.fit(b.config.Weeks, b.power != nil)
	into.Number, into.Reverting = 0, false
}

// Replay writes the future in which the weeks of the history that begin from one time
// until before another come once more, from the start's price and difficulty on, with
// their drift. After them price and difficulty stay. The winter of 2022 is the
// stretch from 2021-11-08 to 2023-01-02.
func (b *Bootstrap) Replay(from, to time.Time, into *Path) error {
	first := 1 // the week before is needed
	for first < len(b.history) && b.history[first].Begin.Before(from) {
		first++
	}
	end := first
	for end < len(b.history) && b.history[end].Begin.Before(to) {
		end++
	}
	if end == first || b.history[1].Begin.After(from) || to.After(b.last.Begin.Add(week)) {
		return fmt.Errorf("a replay of %s to %s: the history has changes of the weeks from %s to %s: %w",
			date(from), date(to), date(b.history[1].Begin), date(b.last.Begin.Add(week)), ErrScenario)
	}
	b.clear(into)
	price, difficulty := b.config.Start.Price, b.config.Start.Difficulty
	for t := range into.Index {
		i := min(first+t, end-1)
		if first+t < end {
			p, d := b.history.change(i)
			price, difficulty = price*math.Exp(p), difficulty*math.Exp(d)
		}
		into.Index[t], into.Fees[t] = int32(i), b.history[i].Fees
		into.Price[t], into.Difficulty[t] = price, difficulty
		into.HashBTC[t] = capital.HashpriceBTC(difficulty, b.subsidy[t]*into.Fees[t])
	}
	b.shine(into)
	return nil
}

// Lowest is the lowest hashprice at the end of a week of the whole history, USD/PH/day,
// and the begin of that week.
func (b *Bootstrap) Lowest() (usd float64, at time.Time, err error) {
	usd = math.Inf(1)
	for _, w := range b.history {
		subsidy, err := w.subsidy()
		if err != nil {
			return 0, time.Time{}, err
		}
		if x := w.Price * capital.HashpriceBTC(w.Difficulty, subsidy*w.Fees); x < usd {
			usd, at = x, w.Begin
		}
	}
	return usd, at, nil
}

// Low is Flat with the hashprice held at a value, USD/PH/day, for some weeks from the
// start, or below it where Flat is. The price stays and difficulty makes up for it:
// what coins already mined are worth is the business of other scenarios.
func (b *Bootstrap) Low(usd float64, weeks int, into *Path) error {
	if !positive(usd) || weeks < 1 {
		return fmt.Errorf("a hashprice of %v USD/PH/day for %d weeks: give both above nought: %w", usd, weeks, ErrScenario)
	}
	b.Flat(into)
	for t := range min(weeks, len(into.Index)) {
		if low := usd / into.Price[t]; low < into.HashBTC[t] {
			into.Difficulty[t] *= into.HashBTC[t] / low
			into.HashBTC[t] = low
		}
	}
	return nil
}

// Scarcity puts a week of the power history, such as one of a winter storm, into a week
// of a future that is already written.
func (b *Bootstrap) Scarcity(at, power int, into *Path) error {
	if at < 0 || at >= len(into.Power) || power < 0 || power >= len(b.config.Power) {
		return fmt.Errorf("power week %d in week %d: there are %d power weeks, and %d weeks of the future have power: %w", power, at, len(b.config.Power), len(into.Power), ErrScenario)
	}
	into.Power[at] = int32(power)
	return nil
}
