package path

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sluice/capital"
)

// ErrStudy says that a study of coverage cannot be made.
var ErrStudy = errors.New("no study of coverage")

// Model is a way to draw the hashprice that a study compares.
type Model int

// The models of a study.
const (
	Joint  Model = iota // price, difficulty and fees on one index, no drift of the price
	Drift               // the same with the drift of the window
	Apart               // price and difficulty on an index each, no drift of the price
	Normal              // geometric Brownian motion of the hashprice, no drift of the price
	models
)

// String names the model.
func (m Model) String() string {
	return [...]string{"joint, no drift", "joint, with drift", "price and difficulty apart", "geometric Brownian motion"}[m]
}

// Study walks through a history: from every origin it forecasts with nothing but the
// weeks before, and looks what came.
type Study struct {
	From, To time.Time // of the last days of the weeks that are used
	Every    int       // weeks from origin to origin
	Horizons []int     // weeks, ascending
	Window   int
	Block    float64
	Paths    int // of a forecast
	Seed     uint64
}

// UsualStudy is the study of the reference.
func UsualStudy() Study {
	return Study{
		From: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC),
		Every: 4, Horizons: []int{4, 13, 26, 52}, Window: 156, Block: 8, Paths: 3000, Seed: 1,
	}
}

// Covered is how often the bands of a model held what came.
type Covered struct {
	Model   Model
	Weeks   int // of the horizon
	Origins int // how many forecasts; they overlap where Weeks is more than Every
	// Inner is the share within P10 to P90, Outer that within P5 to P95; Above and Below
	// are the shares beyond P95 and P5.
	Inner, Outer, Above, Below float64
}

// Band is the band that may be printed as one of 80 %: what the walk through 2019 to
// 2025 found of P10 to P90 was enough below a year, and that of P5 to P95 from a
// year on.
//
// Source: docs/formula/path.md.
func Band(weeks int) (low, high float64) {
	if weeks >= 52 {
		return 0.05, 0.95
	}
	return 0.10, 0.90
}

func (s Study) validate(h History) error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrStudy}, a...)...))
		}
	}
	fault(s.Every < 1 || s.Window < windowLeast || !finite(s.Block) || s.Block < 1, "an origin every %d weeks, a window of %d and blocks of %v: take at least 1, %d and 1", s.Every, s.Window, s.Block, windowLeast)
	fault(s.Paths < 100 || s.Paths > 1_000_000, "%d paths: take 100 to 1000000, usually 3000", s.Paths)
	fault(len(s.Horizons) == 0 || !slices.IsSorted(s.Horizons), "horizons of %v weeks: give some, ascending", s.Horizons)
	for _, w := range s.Horizons {
		fault(w < 1 || w > weeksMost, "a horizon of %d weeks: take 1 to %d", w, weeksMost)
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	if err := h.Validate(); err != nil {
		return err
	}
	first, end := s.reach(h)
	fault(first+s.Horizons[len(s.Horizons)-1] >= end, "the first origin with %d weeks before it is week %d of %d, too late for a horizon of %d weeks", s.Window, first, end, s.Horizons[len(s.Horizons)-1])
	return errors.Join(faults...)
}

// reach is the first origin, and the week after the last one used.
func (s Study) reach(h History) (first, end int) {
	last := func(i int) time.Time { return h[i].Begin.Add(week - day) }
	for first = s.Window; first < len(h) && last(first).Before(s.From); {
		first++
	}
	for end = len(h); end > 0 && last(end-1).After(s.To); {
		end--
	}
	return first, end
}

// Coverage walks a study through a history, for every model and horizon. What is
// forecast is the logarithm of the hashprice with the halving removed.
//
// Formula: docs/formula/path.md. Errors are ErrStudy or ErrHistory.
func Coverage(h History, s Study) ([]Covered, error) {
	if err := s.validate(h); err != nil {
		return nil, err
	}
	w := newWalker(h, s)
	first, end := s.reach(h)
	for origin := first; origin < end; origin += s.Every {
		w.stand(origin, end)
	}
	out := w.found
	for i := range out {
		n := float64(out[i].Origins)
		out[i].Inner, out[i].Outer, out[i].Above, out[i].Below = out[i].Inner/n, out[i].Outer/n, out[i].Above/n, out[i].Below/n
	}
	return out, nil
}

// walker goes from origin to origin.
type walker struct {
	Study
	price, difficulty, fees []float64   // changes of logarithms, and the logarithm of the fees
	found                   []Covered   // models by horizons
	sample                  [][]float64 // of a forecast, by horizon
	a, b                    []int32     // indices of a path
}

func newWalker(h History, s Study) *walker {
	w := &walker{Study: s, price: make([]float64, len(h)), difficulty: make([]float64, len(h)), fees: make([]float64, len(h))}
	for i := range h {
		if i > 0 {
			w.price[i], w.difficulty[i] = h.change(i)
		}
		w.fees[i] = math.Log(h[i].Fees)
	}
	for m := range models {
		for _, weeks := range s.Horizons {
			w.found = append(w.found, Covered{Model: m, Weeks: weeks})
		}
	}
	w.sample = make([][]float64, len(s.Horizons))
	for k := range w.sample {
		w.sample[k] = make([]float64, s.Paths)
	}
	longest := s.Horizons[len(s.Horizons)-1]
	w.a, w.b = make([]int32, longest), make([]int32, longest)
	return w
}

// stand makes all forecasts of an origin and holds them against what came before end.
func (w *walker) stand(origin, end int) {
	for m := range models {
		quantiles := w.forecast(m, origin)
		for k, weeks := range w.Horizons {
			if origin+weeks < end {
				w.found[int(m)*len(w.Horizons)+k].add(quantiles[k], w.came(origin, weeks))
			}
		}
	}
}

// came is the change of the logarithm of the hashprice after an origin.
func (w *walker) came(origin, weeks int) float64 {
	x := w.fees[origin+weeks] - w.fees[origin]
	for i := origin + 1; i <= origin+weeks; i++ {
		x += w.price[i] - w.difficulty[i]
	}
	return x
}

// band is P5, P10, P90 and P95.
type band [4]float64

func (c *Covered) add(q band, came float64) {
	c.Origins++
	if came >= q[1] && came <= q[2] {
		c.Inner++
	}
	switch {
	case came > q[3]:
		c.Above++
	case came < q[0]:
		c.Below++
	default:
		c.Outer++
	}
}

// forecast is the bands of a model from an origin, by horizon.
func (w *walker) forecast(m Model, origin int) []band {
	if m == Normal {
		return w.normal(origin)
	}
	first := origin - w.Window + 1
	k := newBlocks(first, w.Window, w.Block)
	drift := 0.0
	if m != Drift {
		drift = mean(w.price[first : origin+1])
	}
	var source rand.PCG
	source.Seed(w.Seed, uint64(origin)*uint64(models)+uint64(m))
	for p := range w.Paths {
		k.fill(&source, w.a)
		other := w.a
		if m == Apart {
			k.fill(&source, w.b)
			other = w.b
		}
		w.sum(p, drift, other, w.fees[origin])
	}
	out := make([]band, len(w.Horizons))
	for k, s := range w.sample {
		slices.Sort(s)
		out[k] = band{capital.Quantile(s, 0.05), capital.Quantile(s, 0.1), capital.Quantile(s, 0.9), capital.Quantile(s, 0.95)}
	}
	return out
}

// sum adds a path up to every horizon: price by one index, difficulty and fees by the other.
func (w *walker) sum(path int, drift float64, other []int32, fees float64) {
	x, k := 0.0, 0
	for t, i := range w.a {
		x += w.price[i] - drift - w.difficulty[other[t]]
		for k < len(w.Horizons) && w.Horizons[k] == t+1 {
			w.sample[k][path] = x + w.fees[other[t]] - fees
			k++
		}
	}
}

// normal is the band of a Brownian motion, which needs no paths.
func (w *walker) normal(origin int) []band {
	first := origin - w.Window + 1
	var changes []float64
	for i := first; i <= origin; i++ {
		changes = append(changes, w.price[i]-w.difficulty[i]+w.fees[i]-w.fees[i-1])
	}
	centre, squares := mean(changes), 0.0
	for _, x := range changes {
		squares += (x - centre) * (x - centre)
	}
	sigma := math.Sqrt(squares / float64(len(changes)-1))
	drift := -mean(w.difficulty[first : origin+1])
	out := make([]band, len(w.Horizons))
	for k, weeks := range w.Horizons {
		for j, q := range (band{0.05, 0.1, 0.9, 0.95}) {
			out[k][j] = drift*float64(weeks) + sigma*math.Sqrt(float64(weeks))*normalQuantile(q)
		}
	}
	return out
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
