package risk

import (
	"math"

	"sluice/capital"
	"sluice/capital/model"
)

// Share is how much of the spread of NPV one factor alone explains.
type Share struct {
	Factor Factor
	Index  float64 // first-order index of Sobol
	Error  float64 // its standard error
}

// Drivers takes the spread of NPV apart: each factor is taken from one future and all
// the others from another one.
//
// Formula: S = cov(Y(A), Y(A's factor, the rest of B)) / var(Y), by pairs of futures
// (Sobol 1993; Janon and others 2014). Source: docs/formula/risk.md.
func (f *Futures) Drivers(n int) []Share {
	own := make([]float64, n)
	mixed := make([][]float64, FactorCount)
	for k := range mixed {
		mixed[k] = make([]float64, n)
	}
	x, r := f.New(), f.model.NewRun()
	value := func() float64 {
		f.model.Run(&x.Path, r)
		return Value(f.model.Plan(), FreeOf(r))
	}
	for i := range n {
		a, b := uint64(i), uint64(n+i)
		f.Draw(a, x)
		own[i] = value()
		for k := range FactorCount {
			f.Mix(b, a, k, x)
			mixed[k][i] = value()
		}
	}
	var out []Share
	for k := range FactorCount {
		index := correlated(own, mixed[k])
		out = append(out, Share{Factor: k, Index: index, Error: (1 - index*index) / math.Sqrt(float64(n-1))})
	}
	return out
}

// correlated is the covariance of two samples of one distribution over its variance.
func correlated(a, b []float64) float64 {
	both := (mean(a) + mean(b)) / 2
	var cross, square float64
	for i := range a {
		cross += (a[i] - both) * (b[i] - both)
		square += ((a[i]-both)*(a[i]-both) + (b[i]-both)*(b[i]-both)) / 2
	}
	if square == 0 {
		return 0
	}
	return cross / square
}

// Move is the smallest joint move of a mix of inputs that breaks a promise soon.
type Move struct {
	Promise string     // that breaks first; empty: none does within six standard deviations
	Month   int        // in which
	Size    float64    // in standard deviations of a year, all inputs together
	Price   float64    // change of the price of bitcoin, a share
	Hash    float64    // change of bitcoin per hash, a share
	Power   float64    // change of the price of power, a share
	Delay   float64    // months
	Mix     [4]float64 // of price, hash, power and delay: the squares sum to one
}

// Sizes of one standard deviation of a year. Those of the market are read from the
// futures; power and delay are assumed where nothing says more.
type sizes struct{ price, hash, power, delay float64 }

// soon is the months within which a promise must break.
const soon = 12

// Reverse looks for the smallest joint move of price, hashprice, power and delay after
// which cash runs out or a promise breaks within twelve months. It tries every mix
// on a grid and halves the size of each to a hundredth.
func (f *Futures) Reverse(remake func(capital.Plan) (*model.Model, error)) (best Move, alone []Move, err error) {
	s := f.sizes()
	for _, mix := range mixes() {
		m, err := f.smallest(mix, s, remake)
		if err != nil {
			return Move{}, nil, err
		}
		if single(mix) {
			alone = append(alone, m)
		}
		if m.Promise != "" && (best.Promise == "" || m.Size < best.Size) {
			best = m
		}
	}
	return best, alone, nil
}

// mixes are directions of a joint move, on a grid of squares in fifths.
func mixes() (out [][4]float64) {
	const parts = 5
	for a := range parts + 1 {
		for b := range parts + 1 - a {
			for c := range parts + 1 - a - b {
				d := parts - a - b - c
				out = append(out, [4]float64{math.Sqrt(float64(a) / parts), math.Sqrt(float64(b) / parts), math.Sqrt(float64(c) / parts), math.Sqrt(float64(d) / parts)})
			}
		}
	}
	return out
}

func single(mix [4]float64) bool {
	n := 0
	for _, x := range mix {
		if x > 0 {
			n++
		}
	}
	return n == 1
}

// sizes reads the spread of a year from the futures.
func (f *Futures) sizes() sizes {
	x, base := f.New(), f.model.Base()
	at := min(51, len(base.Price)-1)
	var prices, hashes []float64
	for n := range uint64(sampled) {
		f.Draw(n, x)
		prices = append(prices, math.Log(x.Price[at]/base.Price[at]))
		hashes = append(hashes, math.Log(x.Hash[at]/base.Hash[at]))
	}
	return sizes{price: deviation(prices), hash: deviation(hashes), power: 0.2, delay: 4}
}

func deviation(sample []float64) float64 {
	m, sum := mean(sample), 0.0
	for _, x := range sample {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(sample)-1))
}

// smallest is the smallest move along one mix that breaks something.
func (f *Futures) smallest(mix [4]float64, s sizes, remake func(capital.Plan) (*model.Model, error)) (Move, error) {
	const step, most = 0.5, 6.0
	at := func(size float64) (Move, error) { return f.moveBy(mix, s, size, remake) }
	for size := 0.0; size <= most; size += step {
		m, err := at(size)
		if err != nil || m.Promise == "" {
			if err != nil {
				return Move{}, err
			}
			continue
		}
		low, high := max(size-step, 0), size
		for high-low > 0.01 {
			middle := (low + high) / 2
			x, err := at(middle)
			if err != nil {
				return Move{}, err
			}
			if x.Promise != "" {
				high, m = middle, x
			} else {
				low = middle
			}
		}
		return m, nil
	}
	return at(most)
}

// moveBy makes a move of a size and says what breaks.
func (f *Futures) moveBy(mix [4]float64, s sizes, size float64, remake func(capital.Plan) (*model.Model, error)) (Move, error) {
	out := Move{
		Size: size, Mix: mix, Month: -1,
		Price: math.Expm1(-mix[0] * size * s.price), Hash: math.Expm1(-mix[1] * size * s.hash), Power: mix[2] * size * s.power, Delay: mix[3] * size * s.delay,
	}
	m := f.model
	if out.Power > 0 {
		p := copied(m.Plan())
		for i := range p.Sites {
			for y := range p.Sites[i].Power.Price {
				p.Sites[i].Power.Price[y] *= 1 + out.Power
			}
			p.Sites[i].Power.Delivery *= 1 + out.Power
		}
		var err error
		if m, err = remake(p); err != nil {
			return Move{}, err
		}
	}
	b := m.Base()
	for j := range b.Price {
		b.Price[j] *= 1 + out.Price
		b.Hash[j] *= 1 + out.Hash
	}
	b.Slip, b.Overrun = f.later(out.Delay), f.later(0)
	r := m.NewRun()
	m.Run(b, r)
	out.Promise, out.Month = broken(m, r)
	return out, nil
}

// later is by how much all phases take longer when each project is some months late.
func (f *Futures) later(months float64) [][]float64 {
	var out [][]float64
	for i, d := range f.delays {
		row := make([]float64, len(d.Phases))
		for k := range row {
			row[k] = 1 + months/max(f.model.Planned(i), 1)
		}
		out = append(out, row)
	}
	return out
}

// broken is what breaks within twelve months, and when.
func broken(m *model.Model, r *model.Run) (string, int) {
	if r.Broke >= 0 && r.Broke < soon {
		return "cash", r.Broke
	}
	p := m.Plan()
	for _, t := range r.Tested {
		if t.Month >= soon {
			break
		}
		for _, k := range p.Covenants {
			if k.From <= p.Begin.Add(t.Month) && headroom(k, t) < 0 {
				return k.Name, t.Month
			}
		}
	}
	return "", -1
}
