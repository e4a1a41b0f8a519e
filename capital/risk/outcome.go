package risk

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"sluice/capital"
	"sluice/capital/model"
)

// Source draws futures: always the same one for a number.
type Source interface {
	New() *Future
	Draw(number uint64, into *Future)
}

// outcomes is what is kept of each future, one place for each.
type outcomes struct {
	npv, end, least, year []float64
	irr                   []float64 // NaN: none
	payback               []float64 // years; +Inf: never
	broke                 []int     // month; -1: never
	unfunded              []float64
	calls, liquidations   []int
	breach                [][]int  // by covenant and future: quarter of the first breach, -1: none
	breached              [][]bool // by covenant: future*quarters+quarter
	room                  [][]float32
	quarterly             [seriesCount][]float32 // future*quarters+quarter
	ready                 [][]float64            // by project
	quarters              int
}

// The rows of which fans are made, by quarter.
const (
	cashRow = iota
	debtRow
	coinRow
	freeRow
	dscrRow
	seriesCount
)

func newOutcomes(m *model.Model, n int) *outcomes {
	p := m.Plan()
	q := p.Months() / 3
	o := &outcomes{
		npv: make([]float64, n), end: make([]float64, n), least: make([]float64, n), year: make([]float64, n), irr: make([]float64, n),
		payback: make([]float64, n), broke: make([]int, n), unfunded: make([]float64, n), calls: make([]int, n), liquidations: make([]int, n),
		quarters: q,
	}
	for range p.Covenants {
		o.breach = append(o.breach, make([]int, n))
		o.breached = append(o.breached, make([]bool, n*q))
		o.room = append(o.room, make([]float32, n*q))
	}
	for i := range o.quarterly {
		o.quarterly[i] = make([]float32, n*q)
	}
	for range p.Projects {
		o.ready = append(o.ready, make([]float64, n))
	}
	return o
}

// simulate runs n futures on all processors. Each future has its own place in what is
// kept, so that nothing depends on who computed it.
func simulate(ctx context.Context, m *model.Model, s Source, n int) (*outcomes, error) {
	o := newOutcomes(m, n)
	var next atomic.Int64
	var wait sync.WaitGroup
	var fault error
	var once sync.Once
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			f, r := s.New(), m.NewRun()
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				s.Draw(uint64(i), f)
				m.Run(&f.Path, r)
				o.keep(m, r, i)
				if i < checked {
					if err := r.Tie(); err != nil {
						once.Do(func() { fault = err })
						return
					}
				}
			}
		})
	}
	wait.Wait()
	if fault == nil {
		fault = ctx.Err()
	}
	return o, fault
}

// checked is how many futures have all their statements tied, each month.
const checked = 1000

// keep notes what became of a future.
func (o *outcomes) keep(m *model.Model, r *model.Run, i int) {
	p := m.Plan()
	free := FreeOf(r)
	o.npv[i] = Value(p, free)
	o.irr[i], o.payback[i] = returns(free)
	last := &r.Months[len(r.Months)-1]
	o.end[i] = last[model.Equity]
	o.least[i], o.year[i] = least(r), yearFlow(r, p.Opening.Cash)
	o.broke[i], o.calls[i], o.liquidations[i] = r.Broke, r.Calls, r.Liquidations
	for k := range r.Months {
		o.unfunded[i] = max(o.unfunded[i], r.Months[k][model.Missing])
	}
	for k, x := range r.Ready {
		o.ready[k][i] = x
	}
	for q, t := range r.Tested {
		at := i*o.quarters + q
		l := &r.Months[t.Month]
		o.quarterly[cashRow][at] = float32(l[model.Cash] + l[model.Aside] - l[model.Missing])
		o.quarterly[debtRow][at] = float32(l[model.Loans] + l[model.Pledged] + l[model.Revolving])
		o.quarterly[coinRow][at] = float32(l[model.BTC])
		o.quarterly[dscrRow][at] = float32(t.DSCR)
		for _, k := range []int{t.Month - 2, t.Month - 1, t.Month} {
			o.quarterly[freeRow][at] += float32(model.Free(&r.Months[k]))
		}
	}
	for c, k := range p.Covenants {
		o.breach[c][i] = -1
		for q, t := range r.Tested {
			if k.From > p.Begin.Add(t.Month) {
				continue
			}
			room := headroom(k, t)
			o.room[c][i*o.quarters+q] = float32(room)
			if room < 0 {
				o.breached[c][i*o.quarters+q] = true
				if o.breach[c][i] < 0 {
					o.breach[c][i] = q
				}
			}
		}
	}
}

// headroom is how far a ratio is from its limit; negative is a breach.
func headroom(k capital.Covenant, t model.Ratios) float64 {
	switch k.Kind {
	case capital.CoverDSCR:
		return t.DSCR - k.Limit
	case capital.CoverLTV:
		return k.Limit - t.LTV
	case capital.CoverLiquidity:
		return t.Liquidity - k.Limit
	}
	return k.Limit - t.Leverage
}

// FreeOf is the cash of a run before anything is financed, by month; what plant is
// worth at the end by the stated residuals comes in the last one.
func FreeOf(r *model.Run) []float64 {
	out := make([]float64, len(r.Months))
	for k := range r.Months {
		out[k] = model.Free(&r.Months[k])
	}
	out[len(out)-1] += r.Residuals + r.Multiple
	return out
}

// Value is the present value, at the begin of a plan, of the cash of its months, each
// at its end.
func Value(p capital.Plan, months []float64) float64 {
	rate := capital.PerPeriod(p.Discount, 12)
	return capital.Present(rate, months) / (1 + rate)
}

// returns is the rate of return of a year and the payback in years, from yearly sums.
func returns(months []float64) (irr, payback float64) {
	years := Yearly(months)
	irr, _, err := capital.Return(years)
	if err != nil {
		irr = math.NaN()
	}
	payback, ok := capital.Payback(years)
	if !ok {
		payback = math.Inf(1)
	}
	return irr, payback
}

// Yearly sums months up by years of the plan.
func Yearly(months []float64) []float64 {
	out := make([]float64, (len(months)+11)/12)
	for k, x := range months {
		out[k/12] += x
	}
	return out
}

// least is the least liquidity of a run: cash less what is missing.
func least(r *model.Run) float64 {
	out := math.Inf(1)
	for k := range r.Months {
		out = min(out, r.Months[k][model.Cash]-r.Months[k][model.Missing])
	}
	return out
}

// yearFlow is by how much cash moves in the first twelve months, before owners.
func yearFlow(r *model.Run, opening float64) float64 {
	n := min(12, len(r.Months))
	sum := r.Months[n-1][model.Cash] - opening
	for k := range n {
		l := &r.Months[k]
		sum -= l[model.PaidIn] + l[model.Distributed] + l[model.Unfunded]
	}
	return sum
}
