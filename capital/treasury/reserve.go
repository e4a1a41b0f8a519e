package treasury

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
)

// ErrReserve says that a plan of reserves makes no sense.
var ErrReserve = errors.New("no plan of reserves")

// Fleet is machines that are bought; it takes the place of the one before.
type Fleet struct {
	Month      int     // in which it begins to run, counted from the first of the plan
	MW         float64 // that it draws, facility power
	Efficiency float64 // at the wall, J/TH
	Capex      float64 // USD, in that month
}

// Reserve is a plan that turns surplus energy into coins: a country with a season of
// spill, month by month over a decade.
type Reserve struct {
	Begin   capital.Month
	Height  int64       // of the chain at the begin: it says when halvings come
	Surplus [12]float64 // MWh of each calendar month, January first
	Worth   float64     // what the surplus would earn otherwise, USD/MWh
	Opex    float64     // of mining, USD/MWh used
	PUE     float64
	Uptime  float64 // share of the time in which a fleet can run
	Fee     float64 // of the pool, share
	Fees    float64 // of the chain, BTC per block
	Share   float64 // of the coins that is held; the rest is sold in its month
	Fleets  []Fleet // in the order of their months; the first may come later than the plan begins
}

// Months are draws by month: a row for each path, a column for each month of the plan.
type Months struct {
	Price      [][]float64 // USD
	Difficulty [][]float64
}

// Check refuses a plan that makes no sense, with all its faults.
func (r Reserve) Check() error {
	var faults []error
	fault := func(wrong bool, says string) {
		if wrong {
			faults = append(faults, errors.New(says))
		}
	}
	for _, x := range r.Surplus {
		fault(!(x >= 0) || math.IsInf(x, 0), "surplus is MWh a month and not negative")
	}
	fault(!finite(r.Worth+r.Opex) || r.Opex < 0, "worth and operations are USD/MWh, and operations are not negative")
	fault(!(r.PUE >= 1 && r.PUE <= 3), "the PUE is 1 to 3")
	fault(!(r.Uptime > 0 && r.Uptime <= 1) || !(r.Fee >= 0 && r.Fee < 1) || !(r.Share >= 0 && r.Share <= 1), "uptime, fee and the share that is held are shares of 0 to 1")
	fault(!(r.Fees >= 0 && r.Fees <= 50) || r.Height < 0, "fees are BTC per block, 0 to 50, and the height is not negative")
	fault(len(r.Fleets) == 0, "there is no fleet")
	for i, f := range r.Fleets {
		fault(f.Month < 0 || i > 0 && f.Month <= r.Fleets[i-1].Month, "fleets follow one another in their months")
		fault(!(f.MW > 0 && f.MW < 1e6) || !(f.Efficiency > 0 && f.Efficiency < 1e5) || !(f.Capex >= 0) || math.IsInf(f.Capex, 0), "a fleet has MW, J/TH and a price that is not negative")
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", err, ErrReserve)
	}
	return nil
}

// Stock is what a plan of reserves came to on one path.
type Stock struct {
	Energy   float64 // used, MWh
	Spilled  float64 // surplus that no fleet could take, MWh
	Mined    float64 // BTC
	Sold     float64 // BTC, of it
	Held     float64 // in reserve at the end, BTC
	Value    float64 // of the reserve at the end, USD
	Income   float64 // of the coins sold, USD
	Capex    float64 // USD
	Opex     float64 // USD
	Forgone  float64 // what the energy used would have earned otherwise, USD
	Cost     float64 // of a coin mined: capex, operations and energy forgone, USD/BTC; 0: not a satoshi was mined
	Net      float64 // of a coin in reserve: the same less income, USD/BTC; 0: not a satoshi is held
	Drawdown float64 // worst fall of the reserve's value from its height, share
	Under    int     // months in which a MWh earned less than its worth and operations
}

// StockMonth is one month of a plan.
type StockMonth struct {
	Month     capital.Month
	Hashprice float64 // BTC per PH/s and day
	Energy    float64 // MWh
	Spilled   float64 // MWh
	Mined     float64 // BTC
	Sold      float64 // BTC
	Income    float64 // USD
	Capex     float64 // USD
	Held      float64 // at the end, BTC
	Value     float64 // at the end, USD
}

// Subsidy is the mean new bitcoin of the blocks from one height to the other, the
// last not within: a month of a halving has blocks of both sides.
func Subsidy(from, to int64) float64 {
	if to <= from {
		return capital.SubsidyAt(from)
	}
	const epoch = 210_000
	var sum float64
	for h := from; h < to; {
		next := min((h/epoch+1)*epoch, to)
		sum += float64(next-h) * capital.SubsidyAt(h)
		h = next
	}
	return sum / float64(to-from)
}

// Stock runs the plan on one path of prices and difficulties by month; keep, where
// there is one, sees every month. The errors are ErrReserve, ErrPath, and ErrLedger for
// a bug.
//
// Formula: energy = min(surplus, MW * hours * uptime); mined = energy / energy of a
// coin. Source: docs/formula/treasury.md, Reserves.
func (r Reserve) Stock(price, difficulty []float64, keep func(StockMonth)) (Stock, error) {
	if err := r.Check(); err != nil {
		return Stock{}, err
	}
	if err := (Path{Price: price, Hashprice: difficulty}).Check(); err != nil {
		return Stock{}, fmt.Errorf("prices and difficulties: %w", err)
	}
	var out Stock
	var peak float64
	day := r.Begin.Begin()
	for t := range price {
		if difficulty[t] <= 0 {
			return Stock{}, fmt.Errorf("month %d: difficulty %v is not above 0: %w", t, difficulty[t], ErrPath)
		}
		m := r.month(t, difficulty[t], day.Unix())
		m.Held = out.Held + m.Mined - m.Sold
		m.Income, m.Value = m.Sold*price[t], m.Held*price[t]
		if m.Energy > 0 && m.Mined*price[t]/m.Energy < r.Worth+r.Opex {
			out.Under++
		}
		out.add(m, r)
		if peak = max(peak, m.Value); peak > 0 {
			out.Drawdown = max(out.Drawdown, 1-m.Value/peak)
		}
		if keep != nil {
			keep(m)
		}
	}
	return out, out.end()
}

// month is what a month mines; the chain has found 144 blocks a day since the begin.
func (r Reserve) month(t int, difficulty float64, begin int64) StockMonth {
	m := StockMonth{Month: r.Begin.Add(t)}
	from, to := m.Month.Begin(), m.Month.Add(1).Begin()
	days := to.Sub(from).Hours() / 24
	low := r.Height + (from.Unix()-begin)*blocksPerDay/daySeconds
	high := r.Height + (to.Unix()-begin)*blocksPerDay/daySeconds
	m.Hashprice = capital.HashpriceBTC(difficulty, Subsidy(low, high)+r.Fees)
	surplus := r.Surplus[int(m.Month)%12]
	var f Fleet
	for _, x := range r.Fleets {
		if x.Month > t {
			break
		}
		if f = x; x.Month == t {
			m.Capex = x.Capex
		}
	}
	if f.MW > 0 {
		m.Energy = min(surplus, f.MW*24*days*r.Uptime)
		m.Mined = m.Energy / capital.EnergyPerBTC(m.Hashprice, r.Fee, f.Efficiency, r.PUE)
	}
	m.Spilled = surplus - m.Energy
	m.Sold = (1 - r.Share) * m.Mined
	return m
}

const (
	blocksPerDay = int64(capital.BlocksPerDay)
	daySeconds   = 86_400
)

// add counts a month.
func (s *Stock) add(m StockMonth, r Reserve) {
	s.Energy += m.Energy
	s.Spilled += m.Spilled
	s.Mined += m.Mined
	s.Sold += m.Sold
	s.Income += m.Income
	s.Capex += m.Capex
	s.Opex += m.Energy * r.Opex
	s.Forgone += m.Energy * r.Worth
	s.Held, s.Value = m.Held, m.Value
}

// satoshi is the least of a coin, below which it has no cost.
const satoshi = 1e-8

// end reckons what a coin cost.
func (s *Stock) end() error {
	cost := s.Capex + s.Opex + s.Forgone
	if s.Mined >= satoshi {
		s.Cost = cost / s.Mined
	}
	if s.Held >= satoshi {
		s.Net = (cost - s.Income) / s.Held
	}
	if !finite(cost+s.Value+s.Cost+s.Net) || off(s.Mined, s.Sold+s.Held, s.Mined) {
		return fmt.Errorf("of %v BTC mined %v are sold and %v held, at a cost of %v: %w", s.Mined, s.Sold, s.Held, cost, ErrLedger)
	}
	return nil
}

// Stocks is a plan of reserves on many paths.
type Stocks struct {
	Mined, Held, Value, Cost, Net, Income, Drawdown capital.Spread

	Behind float64 // probability that a coin in reserve cost more than it is worth at the end
}

// Over runs the plan on many paths, and sums them up in their order.
func (r Reserve) Over(paths Months) (Stocks, error) {
	n := len(paths.Price)
	if n == 0 || n != len(paths.Difficulty) {
		return Stocks{}, fmt.Errorf("%d paths of prices and %d of difficulties: give as many of both, and one at least: %w", n, len(paths.Difficulty), ErrPath)
	}
	var rows [7][]float64
	var out Stocks
	for i := range n {
		s, err := r.Stock(paths.Price[i], paths.Difficulty[i], nil)
		if err != nil {
			return Stocks{}, fmt.Errorf("path %d: %w", i, err)
		}
		for k, x := range [7]float64{s.Mined, s.Held, s.Value, s.Cost, s.Net, s.Income, s.Drawdown} {
			rows[k] = append(rows[k], x)
		}
		out.Behind += indicator(s.Value < s.Net*s.Held)
	}
	out.Behind /= float64(n)
	for k, to := range []*capital.Spread{&out.Mined, &out.Held, &out.Value, &out.Cost, &out.Net, &out.Income, &out.Drawdown} {
		*to = capital.SpreadOf(rows[k])
	}
	return out, nil
}
