package path

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"sluice/capital"
)

// Path is one future, by week; all its slices have the length of the horizon, but
// that Power is empty where no power history was given.
type Path struct {
	Number    uint64
	Reverting bool      // the efficiency-normalised hashprice returns to its level
	Index     []int32   // week of the history that was drawn
	Price     []float64 // USD/BTC at the end of the week
	// Difficulty is that at the end of the week.
	Difficulty []float64
	Fees       []float64 // reward of a block over its subsidy
	HashBTC    []float64 // hashprice, BTC/PH/day, with the subsidy of that week
	Power      []int32   // week of the power history

	source rand.PCG
}

// HashUSD is the hashprice of a week, USD/PH/day.
func (p *Path) HashUSD(week int) float64 { return p.HashBTC[week] * p.Price[week] }

// fit gives the slices their length and keeps their memory.
func (p *Path) fit(weeks int, power bool) {
	p.Index = resized(p.Index, weeks)
	p.Price, p.Difficulty = resized(p.Price, weeks), resized(p.Difficulty, weeks)
	p.Fees, p.HashBTC = resized(p.Fees, weeks), resized(p.HashBTC, weeks)
	if power {
		p.Power = resized(p.Power, weeks)
	} else {
		p.Power = p.Power[:0]
	}
}

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Draw writes future number path, always the same one for a seed. A path that is
// drawn into again costs no memory.
//
// Formula: docs/formula/path.md. Its chance is capital.Stream(seed, path): first
// whether the path returns, then the weeks.
func (b *Bootstrap) Draw(path uint64, into *Path) {
	into.fit(b.config.Weeks, b.power != nil)
	into.Number = path
	into.source.Seed(b.config.Seed, path)
	into.Reverting = chance(&into.source, share(b.config.Response.Share))
	b.blocks.fill(&into.source, into.Index)
	if into.Reverting {
		b.revert(into)
	} else {
		b.walk(into)
	}
	b.shine(into)
}

// walk lets price and difficulty go as they were drawn.
func (b *Bootstrap) walk(into *Path) {
	price, difficulty := b.config.Start.Price, b.config.Start.Difficulty
	for t, i := range into.Index {
		s := &b.steps[int(i)-b.blocks.first]
		price *= s.price
		difficulty *= s.difficulty
		into.Price[t], into.Difficulty[t], into.Fees[t] = price, difficulty, s.fees
		into.HashBTC[t] = capital.HashpriceBTC(difficulty, b.subsidy[t]*s.fees)
	}
}

// revert lets difficulty make up for a part of the distance of b from its level, week
// by week; what the last week's b was decides.
func (b *Bootstrap) revert(into *Path) {
	price, difficulty := b.config.Start.Price, b.config.Start.Difficulty
	bare, reward := b.distance, math.Log(b.before())
	for t, i := range into.Index {
		s := &b.steps[int(i)-b.blocks.first]
		answer := b.kappa * (bare + reward)
		bare += s.returning - answer
		reward = b.log[t] + s.lnFees
		price *= s.price
		difficulty *= s.still * exp(answer)
		into.Price[t], into.Difficulty[t], into.Fees[t] = price, difficulty, s.fees
		into.HashBTC[t] = capital.HashpriceBTC(difficulty, b.subsidy[t]*s.fees)
	}
}

// exp is math.Exp, in a fifth of the time where x is as small as answers of a week are:
// there the third approximant of Pade is right to 1e-14.
func exp(x float64) float64 {
	if math.Abs(x) > 0.05 {
		return math.Exp(x)
	}
	square := x * x
	even, odd := 1+square/10, x*(0.5+square/120)
	return (even + odd) / (even - odd)
}

// shine looks up the weeks of power.
func (b *Bootstrap) shine(into *Path) {
	if b.power == nil {
		return
	}
	for t, i := range into.Index {
		into.Power[t] = b.power.cells[b.seasons[t]+b.power.years[i]]
	}
}

// blocks draws weeks of a window in blocks of random length, around its end to its
// begin.
type blocks struct {
	first, window int
	fresh         uint64 // chance of a new block each week
}

func newBlocks(first, window int, mean float64) blocks {
	return blocks{first: first, window: window, fresh: share(1 / mean)}
}

func (k blocks) fill(source *rand.PCG, index []int32) {
	at := k.window
	for t := range index {
		if t == 0 || chance(source, k.fresh) {
			at = below(source, k.window)
		} else if at++; at == k.window {
			at = 0
		}
		index[t] = int32(k.first + at)
	}
}

// share is a probability in units of 2^-53, the step of chance.
func share(p float64) uint64 { return uint64(math.Round(p * (1 << 53))) }

// chance comes true with a probability.
func chance(source *rand.PCG, p uint64) bool { return source.Uint64()>>11 < p }

// below is a number from 0 to n-1; one of them is likelier than another by less than
// n / 2^64.
func below(source *rand.PCG, n int) int {
	high, _ := bits.Mul64(source.Uint64(), uint64(n))
	return int(high)
}
