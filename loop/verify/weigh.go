package verify

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"sluice/unit"
)

const (
	liarMean, liarVariance = -0.9, 0.2 * 0.2 // of the part of a stated change that the meter lacks
	wrongShare             = 0.005           // of units that are neither honest nor liars, before anything is known
	wrongVariance          = 0.5 * 0.5
	accused                = 256 // units among which is drawn
	chains                 = 4   // that must agree; all but the first begin hot and with all honest
	drawn, thrown          = 100, 50
	hottest                = 16 // times the variance with which a hot chain begins
	swapEach               = 4
	scaleSteps             = 10 // worth, in steps, of the belief that noise is as foreseen
	stepsFirst             = 8  // no verdict on fewer
)

// verdict is what the scales say of each unit.
type verdict struct {
	steps  int
	liar   []float64 // by unit: chance that the meter lacks what it states
	wrong  []float64 // by unit: chance that its changes are misstated otherwise
	doubt  []float64 // by unit: the highest chance that any chain gave it of not being honest
	part   map[int]float64
	rest   []float64 // whitened shortfalls less what the parts explain
	num    []float64 // by unit: white changes times rest
	common float64   // error that all share
	scale  float64   // variance of the noise against what was foreseen
}

// chance is the chance of a unit to be a liar.
func (v *verdict) chance(i int) unit.Ratio { return unit.Ratio(unit.FromFloat(v.liar[i])) }

// doubts is the highest chance of a unit not to be honest that could be argued.
func (v *verdict) doubts(i int) unit.Ratio { return unit.Ratio(unit.FromFloat(v.doubt[i])) }

// misstates is the chance of a unit to be a liar or otherwise wrong.
func (v *verdict) misstates(i int) unit.Ratio {
	return unit.Ratio(unit.FromFloat(min(1, v.liar[i]+v.wrong[i])))
}

// lacks is the part of its stated changes that the meter does not see; negative
// when it sees more.
func (v *verdict) lacks(i int) unit.Ratio { return unit.Ratio(unit.FromFloat(-v.part[i])) }

// factor is what a unit draws over what it states, and the standard deviation of that.
func (s *scales) factor(v *verdict, i int) (factor, spread unit.Ratio) {
	f, left := v.common, biasVariance*(1-min(1, biasVariance*s.weight[i]))
	if p, odd := v.part[i]; odd {
		f += p
	} else {
		f += biasVariance * v.num[i]
	}
	return unit.Ratio(unit.FromFloat(1 + f)), unit.Ratio(unit.FromFloat(math.Sqrt(left)))
}

// alike is how far the stated changes of two units went together: 0 not at all,
// One always.
func (s *scales) alike(i, j int) unit.Ratio {
	sum := 0.0
	for _, w := range s.white {
		sum += float64(float64(w[i]) * float64(w[j]))
	}
	if d := s.weight[i] * s.weight[j]; d > 0 {
		return unit.Ratio(unit.FromFloat(math.Abs(sum) / math.Sqrt(d)))
	}
	return 0
}

// weigh draws from the chances of all units together to be honest, liars or
// wrong, given all steps: Gibbs sampling of a spike and two slabs, among the
// units that are accused most. before is the verdict to start from, or nil.
func (s *scales) weigh(before *verdict) *verdict {
	v := &verdict{steps: len(s.steps), part: map[int]float64{}}
	if before != nil {
		v.part = before.part
	}
	dice := rand.New(rand.NewPCG(uint64(len(s.steps)), uint64(len(s.weight)))) //nolint:gosec // draws, no secrets; the same steps give the same verdict
	for range 2 {                                                              // the second time among those whom the first left in doubt
		s.clear(v)
		b := s.bench(v)
		b.judge(v, dice)
	}
	s.clear(v)
	s.others(v)
	return v
}

// clear frees the shortfalls of what the parts explain.
func (s *scales) clear(v *verdict) {
	v.rest, v.num, v.common = slices.Clone(s.rest), make([]float64, len(s.weight)), 0
	for _, i := range order(v.part) {
		for e := range v.rest {
			v.rest[e] -= float64(v.part[i] * float64(s.white[e][i]))
		}
	}
	squares := 0.0
	for e, r := range v.rest {
		grow(v.num, s.white[e], r)
		squares += float64(r * r)
		v.common += float64(commonVariance * s.common[e] * r)
	}
	v.scale = max(1, (squares+scaleSteps)/float64(len(v.rest)+scaleSteps))
}

// order is the keys in order, so that sums are formed alike every time.
func order(m map[int]float64) []int {
	keys := make([]int, 0, len(m))
	for i := range m {
		keys = append(keys, i)
	}
	slices.Sort(keys)
	return keys
}

// odds is what speaks for a slab against honesty: its odds with the share of
// such units, and the mean and variance of the part if it is so.
type odds struct{ log, mean, variance float64 }

func slab(num, den, share, mean, variance float64) odds {
	v := 1 / (den + 1/variance)
	m := v * (num + mean/variance)
	return odds{math.Log(share/(1-share)) + 0.5*math.Log(v/variance) + 0.5*(m*m/v-mean*mean/variance), m, v}
}

// chances of a liar and of one that is wrong otherwise.
func chances(num, den float64) (liar, wrong odds, total float64) {
	liar = slab(num, den, liarShare, liarMean, liarVariance)
	wrong = slab(num, den, wrongShare, 0, wrongVariance)
	most := max(0, liar.log, wrong.log)
	liar.log, wrong.log = math.Exp(liar.log-most), math.Exp(wrong.log-most)
	return liar, wrong, math.Exp(-most) + liar.log + wrong.log
}

// bench is where the accused sit: their columns and how they overlap.
type bench struct {
	units   []int
	gram    [][]float64
	num     []float64 // by accused: column times rest, with the parts as drawn now
	part    []float64
	liar    []float64 // sums over the draws of one chain
	wrong   []float64
	mean    []float64
	steps   int
	squares float64 // of the rest
	scale   float64
}

// bench seats those with the worst odds, and all that have a part already.
func (s *scales) bench(v *verdict) *bench {
	type seat struct {
		unit int
		odds float64
	}
	seats := make([]seat, len(s.weight))
	for i := range seats {
		l := slab((v.num[i]+v.part[i]*s.weight[i])/v.scale, s.weight[i]/v.scale, liarShare, liarMean, liarVariance)
		w := slab((v.num[i]+v.part[i]*s.weight[i])/v.scale, s.weight[i]/v.scale, wrongShare, 0, wrongVariance)
		seats[i] = seat{i, max(l.log, w.log)}
		if _, odd := v.part[i]; odd {
			seats[i].odds = math.Inf(1)
		}
	}
	slices.SortFunc(seats, func(a, b seat) int { return cmp.Or(cmp.Compare(b.odds, a.odds), a.unit-b.unit) })
	n := min(accused, len(seats))
	b := &bench{
		gram: make([][]float64, n), num: make([]float64, n), part: make([]float64, n),
		liar: make([]float64, n), wrong: make([]float64, n), mean: make([]float64, n), steps: len(s.steps), scale: v.scale,
	}
	for k, c := range seats[:n] {
		b.units = append(b.units, c.unit)
		b.num[k], b.part[k] = v.num[c.unit], v.part[c.unit]
	}
	for _, r := range v.rest {
		b.squares += float64(r * r)
	}
	s.overlap(b)
	return b
}

// overlap forms the products of all columns on the bench.
func (s *scales) overlap(b *bench) {
	columns := make([][]float32, len(b.units))
	for k, i := range b.units {
		columns[k] = make([]float32, len(s.white))
		for e, w := range s.white {
			columns[k][e] = w[i]
		}
		b.gram[k] = make([]float64, len(b.units))
	}
	for k := range columns {
		for l := range k + 1 {
			p := product(columns[k], columns[l])
			b.gram[k][l], b.gram[l][k] = p, p
		}
	}
}

// draw draws the part of each accused in turn, given those of all others.
func (b *bench) draw(dice *rand.Rand, heat float64) {
	for n := range drawn {
		warm := b.scale * math.Pow(heat, max(0, 1-float64(n)/(thrown-10)))
		for k := range b.units {
			den := b.gram[k][k] / warm
			liar, wrong, total := chances(b.num[k]/warm+den*b.part[k], den)
			part := 0.0
			switch x := dice.Float64() * total; {
			case x < liar.log:
				part = liar.mean + math.Sqrt(liar.variance)*dice.NormFloat64()
			case x < liar.log+wrong.log:
				part = wrong.mean + math.Sqrt(wrong.variance)*dice.NormFloat64()
			}
			b.move(k, part)
			if n >= thrown {
				b.liar[k] += liar.log / total
				b.wrong[k] += wrong.log / total
				b.mean[k] += (float64(liar.log*liar.mean) + float64(wrong.log*wrong.mean)) / total
			}
		}
		if n%swapEach == 0 {
			b.swap(dice, warm)
		}
		free := float64(b.steps + scaleSteps)
		b.scale = max(1, (b.squares+scaleSteps)/max(1, free+math.Sqrt(2*free)*dice.NormFloat64()))
	}
}

// swap draws anew who of all the honest carries the part of each odd unit, that
// unit among them. Without it a draw would stick to one of several units that
// always moved together.
func (b *bench) swap(dice *rand.Rand, warm float64) {
	logs := make([]odds, len(b.units))
	for k := range b.units {
		if b.part[k] == 0 {
			continue
		}
		b.move(k, 0)
		most := math.Inf(-1)
		for l := range b.units {
			if logs[l].log = math.Inf(-1); b.part[l] == 0 {
				logs[l] = slab(b.num[l]/warm, b.gram[l][l]/warm, liarShare, liarMean, liarVariance)
				most = max(most, logs[l].log)
			}
		}
		total := 0.0
		for l := range logs {
			logs[l].log = math.Exp(logs[l].log - most)
			total += logs[l].log
		}
		to, x := k, dice.Float64()*total
		for l := range logs {
			if x -= logs[l].log; x < 0 {
				to = l
				break
			}
		}
		b.move(to, logs[to].mean+math.Sqrt(logs[to].variance)*dice.NormFloat64())
	}
}

// move gives accused k another part.
func (b *bench) move(k int, part float64) {
	d := part - b.part[k]
	if d == 0 {
		return
	}
	b.squares += float64(d*d*b.gram[k][k]) - float64(2*d*b.num[k])
	for l, g := range b.gram[k] {
		b.num[l] -= float64(d * g)
	}
	b.part[k] = part
}

// judge draws several chains and turns them into chances: the least that any
// chain gives, for one chain may have settled where many others would not. Units
// that are odd more often than not keep their part.
func (b *bench) judge(v *verdict, dice *rand.Rand) {
	n := len(b.units)
	liar, odd, mean, doubt := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for c := range chains {
		heat := 1.0
		if c > 0 {
			heat = hottest
			for k := range b.units {
				b.move(k, 0)
			}
		}
		b.liar, b.wrong, b.mean = make([]float64, n), make([]float64, n), make([]float64, n)
		b.draw(dice, heat)
		for k := range b.units {
			l, o := b.liar[k]/(drawn-thrown), (b.liar[k]+b.wrong[k])/(drawn-thrown)
			doubt[k] = max(doubt[k], o)
			if c == 0 || l < liar[k] {
				liar[k] = l
			}
			if c == 0 || o < odd[k] {
				odd[k], mean[k] = o, b.mean[k]/(drawn-thrown)/o
			}
		}
	}
	v.liar, v.wrong, v.part = make([]float64, len(v.num)), make([]float64, len(v.num)), map[int]float64{}
	v.doubt = make([]float64, len(v.num))
	for k, i := range b.units {
		v.doubt[i] = doubt[k]
		v.liar[i], v.wrong[i] = liar[k], max(0, odd[k]-liar[k])
		if odd[k] > 0.5 {
			v.part[i] = mean[k]
		}
	}
}

// others gives those who did not sit on the bench their chances.
func (s *scales) others(v *verdict) {
	for i := range v.liar {
		if v.doubt[i] == 0 {
			liar, wrong, total := chances(v.num[i]/v.scale, s.weight[i]/v.scale)
			v.liar[i], v.wrong[i] = liar.log/total, wrong.log/total
			v.doubt[i] = v.liar[i] + v.wrong[i]
		}
	}
}
