package option

import (
	"fmt"
	"math"

	"sluice/capital"
)

// kind is a stage of a conversion on its way.
type kind int

const (
	hold    kind = iota // nothing is paid
	connect             // the deposit is paid, the grid is not ready
	ready               // it may build
	build               // the first block is built
	rest                // the first block is let, the second may follow
	expand              // the second block is built
	done                // all that will be converted is
	gone                // given up
)

// place is a phase of a conversion: a stage, the quarter of it, and whether what is
// left of the mine runs.
type place struct {
	kind kind
	k    int
	on   bool
}

// stages makes the phases of a conversion.
type stages struct {
	Conversion
	index  map[place]int
	places []place

	discount, half float64 // of a quarter, and of half of one
	paid           float64 // worth, when building begins, of 1 paid evenly while it lasts
	rents, costs   float64 // worth, when a block is ready, of 1 of today's rent and opex a year over the term
	end            float64 // worth, when a block is ready, of 1 at the end of the term
}

func (c Conversion) stages() *stages {
	s := &stages{Conversion: c, index: map[place]int{}, discount: math.Pow(1+c.Discount, -1.0/perYear)}
	s.half = math.Sqrt(s.discount)
	for j := range c.Hall.Build {
		s.paid += s.half * math.Pow(s.discount, float64(j)) / float64(c.Hall.Build)
	}
	for q := range perYear * c.Hall.Term {
		worth, year := s.half*math.Pow(s.discount, float64(q))/perYear, float64(q/perYear)
		s.rents += worth * math.Pow(1+c.Hall.Escalator, year)
		s.costs += worth * math.Pow(1+c.Hall.Inflation, year)
	}
	s.end = math.Pow(s.discount, float64(perYear*c.Hall.Term))
	for _, of := range []struct {
		kind  kind
		times int
	}{{hold, 1}, {connect, c.Hall.Connect}, {ready, 1}, {build, c.Hall.Build}, {rest, 1}, {expand, c.Hall.Build}, {done, 1}, {gone, 1}} {
		for k := range of.times {
			s.add(place{of.kind, k, true})
			s.add(place{of.kind, k, false})
		}
	}
	return s
}

func (s *stages) add(p place) {
	p = s.norm(p)
	if _, ok := s.index[p]; !ok {
		s.index[p] = len(s.places)
		s.places = append(s.places, p)
	}
}

// norm: where nothing is left to mine with, nothing runs.
func (s *stages) norm(p place) place {
	if s.mined(p.kind) == 0 {
		p.on = false
	}
	return p
}

// mined is the power that can mine in a stage, MW.
func (s *stages) mined(of kind) float64 {
	switch of {
	case hold, connect, ready:
		return s.First + s.Second
	case build:
		return s.Mine.Keep*s.First + s.Second
	case rest:
		return s.Second
	case expand:
		return s.Mine.Keep * s.Second
	case done, gone:
	}
	return 0
}

func (p place) name() string {
	name := map[kind]string{hold: "mine", connect: "deposit paid", ready: "ready to build", build: "building", rest: "running", expand: "expanding", done: "converted", gone: "given up"}[p.kind]
	if p.kind == connect || p.kind == build || p.kind == expand {
		name += fmt.Sprintf(" %d", p.k+1)
	}
	if !p.on && p.kind != done && p.kind != gone {
		name += ", machines off"
	}
	return name
}

// flow is what the machines pay in a quarter.
//
// Formula: MW * 2190 h * uptime * (strike - power - cost), or - MW * idle / 4.
func (s *stages) flow(p place) Money {
	mw := s.mined(p.kind)
	switch {
	case mw == 0:
		return nil
	case p.on:
		hours := mw * hoursAYear / perYear * s.Mine.Uptime * s.half
		return func(date int, x []float64) float64 {
			if date >= s.Quarters {
				return 0
			}
			return hours * (s.strike(date, x) - s.Mine.Power - s.Mine.Cost)
		}
	}
	idle := -mw * s.Mine.Idle / perYear * s.half
	return func(date int, _ []float64) float64 {
		if date >= s.Quarters {
			return 0
		}
		return idle
	}
}

const hoursAYear = 8760.0

// strike is the break-even power price of the own machines, USD/MWh, while the
// network's get better.
func (s *stages) strike(date int, x []float64) float64 {
	fleet := s.Mine.Fleet * math.Pow(1-s.Mine.FleetFalls, float64(date)/perYear)
	return capital.Strike(0.024*fleet*math.Exp(x[hashprice]), s.Mine.Fee, s.Mine.Machine, s.Mine.PUE)
}

// lease is what a block that is ready earns over its term at a rent, USD.
//
// Formula: MW / PUE * (12,000 rent let A(escalator) - opex A(inflation)) + MW residual / (1+r)^term.
func (s *stages) lease(mw, rent float64) float64 {
	h := s.Hall
	return mw/h.PUE*(12_000*rent*h.Let*s.rents-h.Opex*s.costs) + mw*h.Residual*s.end
}

// begin is what it pays to begin to build a block.
func (s *stages) begin(mw float64) Money {
	cost, later := mw*s.Hall.Capex*s.paid, math.Pow(s.discount, float64(s.Hall.Build))
	return func(_ int, x []float64) float64 {
		out := -cost * math.Exp(x[capex])
		if s.Hall.Prelet {
			out += later * s.lease(mw, math.Exp(x[rent]))
		}
		return out
	}
}

// opens is what it pays when a block is ready.
func (s *stages) opens(mw float64) Money {
	if s.Hall.Prelet {
		return nil
	}
	return func(_ int, x []float64) float64 { return s.lease(mw, math.Exp(x[rent])) }
}

func fixed(amount float64) Money { return func(int, []float64) float64 { return amount } }
