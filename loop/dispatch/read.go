package dispatch

import (
	"fmt"
	"math"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// answer is a decision in integers, from the solver or from merit order.
type answer struct {
	on     [][][]unit.Power // by bid, step and interval, IT watts switched on
	supply [][]unit.Power   // by offer and interval
	unmet  []unit.Power     // must-run load not served
	price  []unit.Price
	flags  []cycle.Flag
	worth  unit.Amount
	solver cycle.Solver
	peaked bool // a billed peak binds in the first interval
}

// newAnswer returns an answer in which nothing draws.
func newAnswer(in Input) *answer {
	n := in.Mesh.Len()
	a := &answer{unmet: make([]unit.Power, n), price: make([]unit.Price, n)}
	for _, b := range in.Bids {
		steps := make([][]unit.Power, len(b.Steps))
		for k := range steps {
			steps[k] = make([]unit.Power, n)
		}
		a.on = append(a.on, steps)
	}
	for range in.Offers {
		a.supply = append(a.supply, make([]unit.Power, n))
	}
	return a
}

// read turns the solver's answer into watts, loads rounded down, and recounts
// it in exact arithmetic. An answer that breaks a limit is an error.
func (b *model) read(in Input, s *solve.Solution) (*answer, error) {
	a := newAnswer(in)
	for t := range b.m.n {
		at := t * b.columns
		for i, bid := range in.Bids {
			for k, step := range bid.Steps {
				a.on[i][k][t] = watts(s.Column[at+b.seats[i].step+k], step.Power)
			}
		}
		for o, offer := range in.Offers {
			a.supply[o][t] = watts(s.Column[at+b.supply[o]], offer.Max.At(t))
		}
		a.unmet[t] = unit.Power(math.Ceil(s.Column[at+b.unmet]*1e6 - 1))
		a.unmet[t] = max(0, a.unmet[t])
		a.price[t] = b.sitePrice(s, t)
	}
	b.flag(in, a, s)
	a.worth = unit.Amount(unit.FromFloat(-s.Objective))
	a.solver = cycle.Solver{Status: s.Status.String(), Iterations: s.Iterations}
	b.binding(a, s)
	for t := range b.m.n {
		if err := a.balance(in, t); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// sitePrice is the dual of the node row per MWh. Where a named violation sets
// the dual, its penalty is not a price: the dearest source or worth stands in.
func (b *model) sitePrice(s *solve.Solution, t int) unit.Price {
	if s.RowDual == nil {
		return 0
	}
	p := s.RowDual[t*b.rows+b.node] / b.m.hours[t]
	top := 0.0
	for _, l := range b.m.lanes {
		top = math.Max(top, l.cost[t])
	}
	for _, k := range b.m.takers {
		top = math.Max(top, math.Max(k.worth[0][t]/k.pue[t], k.penalty))
	}
	if p > penaltyRamp/2 {
		p = math.Min(p, top)
	}
	return unit.Price(unit.FromFloat(p))
}

// flag names every commitment that the answer breaks.
func (b *model) flag(in Input, a *answer, s *solve.Solution) {
	say := func(code cycle.FlagCode, t int, mw float64, subject string) {
		if mw > 1e-5 {
			a.flags = append(a.flags, cycle.Flag{Code: code, Interval: t, Power: unit.Power(math.Round(mw * 1e6)), Subject: subject})
		}
	}
	for t := range b.m.n {
		at := t * b.columns
		say(cycle.NodeShort, t, s.Column[at+b.unmet], in.Head.Site)
		if b.over >= 0 {
			code := cycle.ImportOver
			if b.m.ordered {
				code = cycle.OrderMiss
			}
			say(code, t, s.Column[at+b.over], in.Head.Site)
		}
		for i, seat := range b.seats {
			if seat.short >= 0 {
				say(cycle.ContractShort, t, s.Column[at+seat.short], in.Bids[i].Use)
			}
			if seat.up >= 0 {
				say(cycle.RampOver, t, s.Column[at+seat.up], in.Bids[i].Use)
			}
		}
	}
	j := b.missed
	for i, k := range b.m.takers {
		for d := range k.due {
			say(cycle.JobMiss, k.due[d].before-1, s.Column[j], in.Bids[i].Use+"/"+in.Bids[i].Due[d].ID)
			j++
		}
	}
}

// binding notes which limits hold in the first interval, for the reasons.
func (b *model) binding(a *answer, s *solve.Solution) {
	if s.RowDual == nil {
		return
	}
	for r := range b.m.peaks {
		a.peaked = a.peaked || s.Column[b.peak+r] > 1e-6
	}
	row := b.m.n * b.rows
	for _, k := range b.m.peaks {
		if len(k.windows) > 0 && len(k.windows[0].share) > 0 && k.windows[0].share[0].t == 0 {
			a.peaked = a.peaked || s.RowDual[row] < -1e-6
		}
		row += len(k.windows)
	}
}

// meter is the power at the site's meter of what bid i draws in interval t,
// rounded up so that a limit is never passed by rounding.
func (a *answer) meter(in Input, i, t int) unit.Power {
	return atMeter(a.total(in, i, t), in.Bids[i].PUE.At(t))
}

func atMeter(it unit.Power, pue unit.Ratio) unit.Power {
	m := it.Scale(pue)
	if m.Unscale(pue) < it {
		m++
	}
	return m
}

// total is the IT power that bid i draws in interval t: of what is switched on,
// the share that is available.
func (a *answer) total(in Input, i, t int) unit.Power {
	var sum unit.Power
	for _, step := range a.on[i] {
		sum += step[t]
	}
	return sum.Scale(in.Bids[i].Available.At(t))
}

// balance makes supply meet demand to the watt and checks every limit: the
// balancing source takes up what rounding left, and where it cannot, the last
// bids give way by those watts.
func (a *answer) balance(in Input, t int) error {
	need := in.MustRun - a.unmet[t]
	for i := range in.Bids {
		need += a.meter(in, i, t)
	}
	need -= a.netFeed(in, t)
	last := balancing(in.Offers)
	if last < 0 {
		if need > 0 {
			a.unmet[t] += need
		}
		return nil
	}
	var others, grid unit.Power
	for o := range in.Offers {
		if o == last {
			continue
		}
		a.supply[o][t] = min(a.supply[o][t], max(0, need-others))
		others += a.supply[o][t]
		if !in.Offers[o].BehindMeter {
			grid += a.supply[o][t]
		}
	}
	room := a.room(in, last, t, grid)
	if excess := need - others - room; excess > 0 {
		if excess > tolerance(in) {
			return fmt.Errorf("recount: interval %d needs %v more than its limits allow", t, excess)
		}
		need -= a.giveWay(in, t, excess)
	}
	a.supply[last][t] = max(0, need-others)
	return nil
}

// netFeed keeps a site from feeding in what it takes from the grid in the same
// interval, which no meter would show: feed-in gives way to what the plants
// behind the meter do not have left over. It returns by how much.
func (a *answer) netFeed(in Input, t int) unit.Power {
	var own, load unit.Power
	for o, offer := range in.Offers {
		if offer.BehindMeter {
			own += min(offer.Max.At(t), a.supply[o][t]+tolerance(in))
		}
	}
	load = in.MustRun
	for i, b := range in.Bids {
		if !b.Feed {
			load += a.meter(in, i, t)
		}
	}
	var given unit.Power
	for i, b := range in.Bids {
		if !b.Feed {
			continue
		}
		before := a.meter(in, i, t)
		for k := range a.on[i] {
			a.on[i][k][t] = min(a.on[i][k][t], max(0, own-load))
		}
		given += before - a.meter(in, i, t)
		own -= a.meter(in, i, t)
	}
	return given
}

// room is what the balancing source may still supply.
func (a *answer) room(in Input, last, t int, grid unit.Power) unit.Power {
	room := in.Offers[last].Max.At(t)
	if in.Offers[last].BehindMeter {
		return room
	}
	limit := in.Limit.Import.At(t) + a.flagged(t)
	return min(room, limit-grid)
}

// flagged is by how much the answer says openly that it exceeds the contract.
func (a *answer) flagged(t int) unit.Power {
	var over unit.Power
	for _, f := range a.flags {
		if f.Interval == t && (f.Code == cycle.ImportOver || f.Code == cycle.OrderMiss) {
			over += f.Power
		}
	}
	return over
}

// tolerance is how many watts rounding and the solver's feasibility tolerance
// can add up to; anything beyond is a wrong answer.
func tolerance(in Input) unit.Power { return unit.Power(20 + 5*len(in.Bids)) }

// giveWay lowers the bids, last first, until the meter needs excess less.
func (a *answer) giveWay(in Input, t int, excess unit.Power) unit.Power {
	var given unit.Power
	for i := len(in.Bids) - 1; i >= 0 && given < excess; i-- {
		for k := len(a.on[i]) - 1; k >= 0 && given < excess; k-- {
			before := a.meter(in, i, t)
			a.on[i][k][t] -= min(a.on[i][k][t], 2*(excess-given))
			given += before - a.meter(in, i, t)
		}
	}
	return given
}

// balancing is the source that takes up what rounding leaves: the first on the
// grid without a right to sell back, else the last of all.
func balancing(offers []power.Offer) int {
	for o, offer := range offers {
		if !offer.BehindMeter && len(offer.SellBack) == 0 {
			return o
		}
	}
	return len(offers) - 1
}

// plan writes the answer down as a paper.
func (a *answer) plan(in Input) cycle.Plan {
	p := cycle.Plan{
		Head: in.Head, Mesh: in.Mesh, Bids: in.Bids, Offers: in.Offers, Charges: in.Charges,
		Price: a.price, Flags: a.flags, Worth: a.worth, Solver: a.solver,
	}
	for i, b := range in.Bids {
		p.Uses = append(p.Uses, a.usePlan(in, i, b))
		p.Reasons = append(p.Reasons, a.reason(in, i))
	}
	for o, offer := range in.Offers {
		s := cycle.SupplyPlan{Source: offer.Source, Power: a.supply[o]}
		if len(offer.SellBack) > 0 {
			for t, used := range a.supply[o] {
				s.Sold = append(s.Sold, offer.Max.At(t)-used)
			}
		}
		p.Supply = append(p.Supply, s)
	}
	return p
}

func (a *answer) usePlan(in Input, i int, b use.Bid) cycle.UsePlan {
	u := cycle.UsePlan{Use: b.Use, On: a.on[i][0][0]}
	for t := range in.Mesh.Len() {
		u.Draw = append(u.Draw, a.total(in, i, t))
		u.Meter = append(u.Meter, a.meter(in, i, t))
	}
	return u
}
