package treasury

import (
	"errors"
	"fmt"

	"sluice/capital"
)

// ErrMiner says that a miner makes no sense.
var ErrMiner = errors.New("no miner")

// Miner is who is stepped through prices: a fleet with its bills and its treasury.
type Miner struct {
	PH         float64 // hash rate, PH/s
	Efficiency float64 // at the wall, J/TH
	PUE        float64 // facility power for a watt of miners
	Fee        float64 // of the pool, share
	Uptime     float64 // share of the time
	Stops      bool    // off in weeks in which a MWh earns less than it costs
	Power      float64 // price, USD/MWh
	Opex       float64 // besides power, USD a week
	Service    float64 // of debt, USD a week
	SaleCost   float64 // fees and slippage of a sale of coins, share
	Cash       float64 // at the begin, USD
	BTC        float64 // at the begin, pledged ones too
	Loans      []Rung  // on coins; what they lend is in Cash
	Hedges     []Hedge
}

// Check refuses a miner that makes no sense, with all its faults.
func (m Miner) Check() error {
	var faults []error
	fault := func(wrong bool, says string) {
		if wrong {
			faults = append(faults, errors.New(says))
		}
	}
	fault(!finite(m.PH+m.Efficiency+m.PUE+m.Fee+m.Uptime+m.Power+m.Opex+m.Service+m.SaleCost+m.Cash+m.BTC), "a figure is no number")
	fault(m.PH < 0 || m.BTC < 0 || m.Opex < 0 || m.Service < 0, "hash rate, coins, operations and debt service are not negative")
	fault(!(m.Efficiency > 0 && m.Efficiency < 1e5), "the efficiency is in J/TH: 18")
	fault(!(m.PUE >= 1 && m.PUE <= 3), "the PUE is 1 to 3")
	fault(!(m.Fee >= 0 && m.Fee < 1) || !(m.Uptime >= 0 && m.Uptime <= 1) || !(m.SaleCost >= 0 && m.SaleCost < 1), "fee, uptime and cost of a sale are shares of 0 to 1")
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", err, ErrMiner)
	}
	return nil
}

// Outcome is what a policy came to on one path.
type Outcome struct {
	Cash      float64 // at the end, USD; negative is what bills lack
	BTC       float64 // at the end, pledged ones too
	Owed      float64 // on coins pledged, USD
	Net       float64 // assets at the end: cash and coins at the last price, less what is owed
	Least     float64 // cash at the end of the worst week, or at the begin
	LeastWeek int     // -1: at the begin
	Out       int     // week in which cash ran out; -1: it did not
	Flow      float64 // change of cash over the first 52 weeks, or all where there are fewer
	Mined     float64 // BTC
	Off       int     // weeks in which the machines stood still
	Sold      float64 // BTC, of it
	Forced    float64 // for bills beyond the policy
	Proceeds  float64 // of sales, USD
	Mean      float64 // price of the sales after their cost; 0: nothing was sold
	Seized    float64 // sold by lenders, BTC
	Called    int     // calls and sales by lenders, rows of the table
}

// Report is one outcome with its weeks and its table of calls.
type Report struct {
	Outcome

	Begin Step // the treasury before the first week: its balances alone
	Steps []Step
	Calls []Call
}

// Backtest steps a miner through a path under a policy. Each week: coins are mined,
// hedges settle, bills are paid, the policy sells, what bills lack is sold by force,
// calls of lenders are met. Bills that nothing meets stay as negative cash, so that
// the size of the hole is seen.
//
// The errors are ErrMiner, ErrPolicy, ErrPath, ErrRung, ErrHedge, and ErrLedger for a bug.
// Source: docs/formula/treasury.md, Backtest.
func Backtest(m Miner, path Path, p Policy) (Report, error) {
	if err := p.Check(); err != nil {
		return Report{}, err
	}
	return backtest(m, path, p)
}

// seller is a rule of selling; a test hands in rules that cheat.
type seller interface {
	Sell(s State) float64
	Horizon() float64
}

func backtest(m Miner, path Path, p seller) (Report, error) {
	w, err := newWalk(m)
	if err != nil {
		return Report{}, err
	}
	var out Report
	keep := func(s Step) { out.Steps = append(out.Steps, s) }
	out.Outcome, err = w.run(path, p, keep)
	if err != nil {
		return Report{}, err
	}
	out.Begin, out.Calls = w.begin, append(out.Calls, w.ladder.calls...)
	return out, nil
}

// walk is a miner on its way. It is used again path after path.
type walk struct {
	m      Miner
	energy float64 // of a week at full uptime, MWh
	ladder *Ladder
	begin  Step
	last   Step
	hedges Row
}

// newWalk checks a miner and its loans.
func newWalk(m Miner) (*walk, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	ladder, err := NewLadder(m.Loans, 1) // at some price: the path says which
	if err != nil {
		return nil, err
	}
	return &walk{m: m, energy: 7 * 0.024 * m.Efficiency * m.PUE * m.PH * m.Uptime, ladder: ladder}, nil
}

// open is the treasury before the first week: loans are pledged at its price.
func (w *walk) open(path Path) (err error) {
	if err := path.Check(); err != nil {
		return err
	}
	w.ladder.reset(path.Price[0])
	lodged := w.ladder.Pledged()
	if lodged > w.m.BTC*(1+slack) {
		return fmt.Errorf("%.4f BTC are pledged at %.2f USD and %.4f are held: hold more, or borrow less: %w", lodged, path.Price[0], w.m.BTC, ErrMiner)
	}
	w.begin = Step{Week: -1, Price: path.Price[0], Free: max(w.m.BTC-lodged, 0), Lodged: lodged, Cash: w.m.Cash, Owed: w.ladder.Owed()}
	w.last = w.begin
	w.hedges = Row{}
	if len(w.m.Hedges) > 0 {
		w.hedges, err = Overlay(path, w.m.Hedges...)
	}
	return err
}

// run steps through a path; keep, where there is one, sees every week.
func (w *walk) run(path Path, p seller, keep func(Step)) (Outcome, error) {
	if err := w.open(path); err != nil {
		return Outcome{}, err
	}
	horizon := p.Horizon()
	out := Outcome{Least: w.m.Cash, LeastWeek: -1, Out: -1}
	if w.m.Cash < -cent {
		out.Out = 0
	}
	for t, price := range path.Price {
		s := Step{Week: t, Price: price}
		if err := w.step(&s, path.Hashprice[t], horizon, p); err != nil {
			return Outcome{}, err
		}
		out.take(&s)
		if keep != nil {
			keep(s)
		}
		w.last = s
	}
	out.Flow -= w.m.Cash
	out.end(&w.last)
	for _, c := range w.ladder.calls {
		if c.Released == 0 {
			out.Called++
		}
	}
	return out, nil
}

// cent is the cash below nought that is taken for rounding.
const cent = 0.01

// fiscal is how many weeks the first year has.
const fiscal = 52

// step is one week.
func (w *walk) step(s *Step, hashprice, horizon float64, p seller) error {
	m, net := &w.m, s.Price*(1-w.m.SaleCost)
	s.Free, s.Lodged, s.Cash = w.last.Free, w.last.Lodged, w.last.Cash
	w.mine(s, hashprice)
	w.settle(s)
	s.Opex, s.Service, s.Interest = m.Opex, m.Service, w.ladder.Interest()
	s.Cash -= s.bills()
	state := State{Week: s.Week, Price: net, Cash: s.Cash, BTC: s.Free + s.Lodged, Free: s.Free, Mined: s.Mined, Need: s.bills() * horizon}
	s.Sold = p.Sell(state)
	if !(s.Sold >= 0) || s.Sold > s.Free {
		return fmt.Errorf("week %d: a policy sells %v BTC of %v that are free: %w", s.Week, s.Sold, s.Free, ErrLedger)
	}
	s.sell(s.Sold, net)
	s.force(net)
	w.lenders(s)
	s.force(net)
	s.Unmet = max(-s.Cash, 0)
	s.Owed = w.ladder.Owed()
	return s.Conserved(&w.last)
}

// mine adds the coins of the week and its power, unless the machines stand still.
func (w *walk) mine(s *Step, hashprice float64) {
	m := &w.m
	if m.Stops && capital.Strike(hashprice*s.Price, m.Fee, m.Efficiency, m.PUE) < m.Power {
		return
	}
	s.Mined = 7 * m.PH * m.Uptime * hashprice * (1 - m.Fee)
	s.Power = w.energy * m.Power
	s.Free += s.Mined
}

// settle takes what hedges move; coins that are owed and not there are bought.
func (w *walk) settle(s *Step) {
	if w.hedges.USD == nil {
		return
	}
	s.Hedges, s.Settled = w.hedges.USD[s.Week], w.hedges.BTC[s.Week]
	s.Cash += s.Hedges
	if s.Free += s.Settled; s.Free < 0 {
		s.Bought, s.Free = -s.Free, 0
		s.Delivery = s.Bought * s.Price
		s.Cash -= s.Delivery
	}
}

// lenders lets the loans meet the price of the week.
func (w *walk) lenders(s *Step) {
	if len(w.ladder.rungs) == 0 {
		return
	}
	seen := len(w.ladder.calls)
	purse := w.ladder.Step(s.Week, s.Price, Purse{Free: s.Free, Cash: max(s.Cash, 0)})
	s.Free = purse.Free
	s.Cash += purse.Cash - max(s.Cash, 0) - purse.Due
	for _, c := range w.ladder.calls[seen:] {
		s.Pledged += c.Coins
		s.Released += c.Released
		s.Seized += c.Sold
		s.Repaid += c.Cash
		s.Cleared += c.Cleared
		s.Due += c.Due
	}
	s.Lodged = w.ladder.Pledged()
}

// sell turns free coins into cash.
func (s *Step) sell(btc, net float64) {
	s.Free -= btc
	s.Proceeds += btc * net
	s.Cash += btc * net
}

// force sells what cash lacks.
func (s *Step) force(net float64) {
	if s.Cash >= 0 {
		return
	}
	btc, unmet := Forced(State{Price: net, BTC: s.Free + s.Lodged, Free: s.Free}, -s.Cash)
	s.Forced += btc
	s.sell(btc, net)
	if unmet == 0 {
		s.Cash = max(s.Cash, 0) // what was rounded
	}
}

// take adds a week to what is counted.
func (o *Outcome) take(s *Step) {
	o.Mined += s.Mined
	o.Sold += s.Sold + s.Forced
	o.Forced += s.Forced
	o.Proceeds += s.Proceeds
	o.Seized += s.Seized
	if s.Mined == 0 {
		o.Off++
	}
	if s.Cash < o.Least {
		o.Least, o.LeastWeek = s.Cash, s.Week
	}
	if s.Cash < -cent && o.Out < 0 {
		o.Out = s.Week
	}
	if s.Week < fiscal {
		o.Flow = s.Cash
	}
}

// end closes the count.
func (o *Outcome) end(s *Step) {
	o.Cash, o.BTC, o.Owed = s.Cash, s.Free+s.Lodged, s.Owed
	o.Net = s.Cash + o.BTC*s.Price - s.Owed
	if o.Sold > 0 {
		o.Mean = o.Proceeds / o.Sold
	}
}
