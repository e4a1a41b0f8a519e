package main

import (
	"errors"
	"fmt"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/power"
	"sluice/unit"
	"sluice/use"
)

// problem is the market of one turn as the peers read it: MW, hours and
// currency units. What follows from it, such as bounds from minimum times, the
// peers work out themselves.
type problem struct {
	Name     string     `json:"name"`
	Hours    []float64  `json:"hours"`
	MustRun  float64    `json:"must_run_mw"`
	Limit    []float64  `json:"limit_mw"`
	Rating   float64    `json:"rating_mw"` // 0: the limit is hard
	Ordered  bool       `json:"ordered"`
	Offers   []offerOf  `json:"offers"`
	Bids     []bidOf    `json:"bids"`
	Branches []branchOf `json:"branches"`
}

type offerOf struct {
	Source string    `json:"source"`
	Grid   bool      `json:"grid"`
	Cap    []float64 `json:"cap_mw"`
	Cost   []float64 `json:"cost"` // per MWh, every charge on it included
}

type bidOf struct {
	Use       string    `json:"use"`
	Steps     []stepOf  `json:"steps"`
	PUE       []float64 `json:"pue"`
	Available []float64 `json:"available"`
	Restart   float64   `json:"restart_h"`
	Wear      float64   `json:"wear"`
	MinOn     float64   `json:"min_on_h"`
	MinOff    float64   `json:"min_off_h"`
	Now       stateOf   `json:"now"`
}

type stepOf struct {
	Power float64   `json:"power_mw"`
	Worth []float64 `json:"worth"`
}

type stateOf struct {
	On   float64  `json:"on_mw"`
	Held float64  `json:"held_mw"`
	Rest float64  `json:"rest_mw"`
	Age  *float64 `json:"age_h"` // since the last start or stop; null: not known
}

type branchOf struct {
	Name  string   `json:"name"`
	Limit float64  `json:"limit_mw"`
	Uses  []string `json:"uses"`
}

// inputOf is what the turn was decided from, from its papers alone.
func inputOf(t *cycle.Turn, mustRun unit.Power) dispatch.Input {
	p := t.Plan
	return dispatch.Input{
		Head: p.Head, Mesh: p.Mesh, Bids: p.Bids, Offers: p.Offers, Charges: p.Charges,
		Limit: t.Snapshot.Limit, MustRun: mustRun,
	}
}

// problemOf writes an input down for the peers. It refuses what they do not
// model instead of leaving it out.
func problemOf(in dispatch.Input) (problem, error) {
	p := problem{
		Name: in.Head.At.Format("2006-01-02T15:04Z"), MustRun: in.MustRun.MW(),
		Rating: in.Limit.Rating.MW(), Ordered: in.Limit.Ordered,
	}
	var faults []error
	if len(in.Charges.Peaks) > 0 {
		faults = append(faults, errors.New("demand charges"))
	}
	for t, s := range in.Mesh.Intervals() {
		p.Hours = append(p.Hours, s.Hours())
		p.Limit = append(p.Limit, in.Limit.Import.At(t).MW())
	}
	for _, o := range in.Offers {
		p.Offers = append(p.Offers, offerFor(o, in.Charges, p.Hours))
	}
	for _, b := range in.Bids {
		one, err := bidFor(b, in.Head.At, len(p.Hours))
		faults = append(faults, err)
		p.Bids = append(p.Bids, one)
	}
	for _, l := range in.Limit.Branches {
		p.Branches = append(p.Branches, branchOf{Name: l.Name, Limit: l.Max.MW(), Uses: l.Uses})
	}
	if p.Branches == nil {
		p.Branches = []branchOf{}
	}
	if err := errors.Join(faults...); err != nil {
		return p, fmt.Errorf("turn %s has what the peers do not model: %w", p.Name, err)
	}
	return p, nil
}

// offerFor states what drawing from a source costs.
func offerFor(o power.Offer, c power.Charges, hours []float64) offerOf {
	out := offerOf{Source: o.Source, Grid: !o.BehindMeter}
	for t, h := range hours {
		cost := (o.Marginal(t) + c.Carbon.Price(o.Carbon)).Float()
		if out.Grid {
			cost += c.Import.At(t).Float()
			for _, k := range c.Coincident {
				cost += k.Cost.At(t).Float() / h
			}
		}
		out.Cap, out.Cost = append(out.Cap, o.Max.At(t).MW()), append(out.Cost, cost)
	}
	return out
}

// bidFor states what a use would pay and where it stands.
func bidFor(b use.Bid, now time.Time, n int) (bidOf, error) {
	out := bidOf{
		Use: b.Use, Restart: b.Restart.Hours(), Wear: b.Wear.Float(), MinOn: b.MinOn.Hours(), MinOff: b.MinOff.Hours(),
		Now: stateOf{On: b.Now.On.MW(), Held: b.Now.Held.MW(), Rest: b.Now.Rest.MW()},
	}
	if !b.Now.Since.IsZero() {
		age := now.Sub(b.Now.Since).Hours()
		out.Now.Age = &age
	}
	var err error
	if b.Whole || b.Feed || len(b.Floor) > 0 || len(b.Due) > 0 || b.Ramp > 0 {
		err = fmt.Errorf("%s: whole, feed-in, floor, ramp or energy due", b.Use)
	}
	for t := range n {
		out.PUE, out.Available = append(out.PUE, b.PUE.At(t).Float()), append(out.Available, b.Available.At(t).Float())
		if b.Available.At(t) == 0 {
			err = fmt.Errorf("%s: not available in interval %d", b.Use, t)
		}
	}
	for _, s := range b.Steps {
		one := stepOf{Power: s.Power.MW()}
		for t := range n {
			one.Worth = append(one.Worth, s.Worth.At(t).Float())
		}
		out.Steps = append(out.Steps, one)
	}
	return out, err
}
