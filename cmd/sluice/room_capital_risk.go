package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"sluice/capital"
	"sluice/capital/board"
	"sluice/capital/risk"
	"sluice/server/room"
)

// assess runs a plan on many futures and writes what came of it.
func (t planTask) assess(ctx context.Context, p *planReport, out, progress io.Writer) error {
	s := &exposure{plan: p, seed: t.Risk.Seed}
	in := riskFlags{seed: t.Risk.Seed, paths: t.Risk.Paths, window: 156}
	m, h, err := in.lay(s)
	if err != nil {
		return err
	}
	counted := &countedFutures{Source: s.futures, total: t.Risk.Paths, to: progress}
	if s.result, err = risk.Analyse(ctx, m, counted, t.Risk.Paths); err != nil {
		return err
	}
	s.result.Warnings = append(s.result.Warnings, s.futures.Warnings...)
	if s.coverage, err = backtest(h); err != nil {
		s.result.Warnings = append(s.result.Warnings, "the bands were not tested on the past: "+err.Error())
	}
	if !t.Risk.Quick {
		if err := s.move(m, min(t.Risk.Paths/4, 2000)); err != nil {
			return err
		}
	}
	found := room.CapitalFound{Result: s.roomView()}
	if found.Board, err = packBoardRisk(s.board()); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(found)
}

// countedFutures says how many futures were drawn.
type countedFutures struct {
	risk.Source
	total int
	to    io.Writer
	drawn atomic.Int64
}

// Draw implements risk.Source. Of a whole run the futures are nine tenths.
func (c *countedFutures) Draw(number uint64, into *risk.Future) {
	c.Source.Draw(number, into)
	if n := c.drawn.Add(1); n%max(int64(c.total)/50, 1) == 0 {
		fmt.Fprintf(c.to, "futures %d of %d\n", n, c.total*10/9)
	}
}

// packBoardRisk writes what the report for a board is made of. It holds figures that are
// none, which JSON cannot.
func packBoardRisk(r *board.Risk) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(r)
	return b.Bytes(), err
}

func unpackBoardRisk(text []byte) (*board.Risk, error) {
	r := &board.Risk{}
	return r, gob.NewDecoder(bytes.NewReader(text)).Decode(r)
}

// roomNumber is a number as it is; nought where there is none, which the count beside it
// says.
func roomNumber(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

func roomSpread(x capital.Spread) room.CapitalSpread {
	out := room.CapitalSpread{Mean: x.Mean, Error: x.Error, P5: x.P5, P10: x.P10, P25: x.P25, P50: x.P50, P75: x.P75, P90: x.P90, P95: x.P95, Futures: x.N}
	for _, v := range []*float64{&out.Mean, &out.Error, &out.P5, &out.P10, &out.P25, &out.P50, &out.P75, &out.P90, &out.P95} {
		if finite(*v) == nil {
			out.Futures = 0
		}
		*v = roomNumber(*v)
	}
	return out
}

// roomView is what came of a run as the pages show it.
func (s *exposure) roomView() room.CapitalRiskResult {
	r, p := s.result, s.plan.plan
	out := room.CapitalRiskResult{
		Currency: p.Currency, Begin: p.Begin.String(), Years: p.Years, History: room.CapitalRests{File: s.days.Name, SHA256: s.days.SHA256, Weeks: s.facts.Weeks},
		NPV: roomSpread(r.NPV), IRR: roomSpread(r.IRR), NoIRR: r.NoReturn, Payback: roomSpread(r.Payback), NeverBack: r.NeverBack, Equity: roomSpread(r.Equity), Least: roomSpread(r.Least),
		Broke: r.Broke, BrokeError: r.BrokeError, Runway: finite(r.Runway), CFaR: roomNumber(r.CFaR), CFaRError: roomNumber(r.CFaRError), AtRisk: roomNumber(r.AtRisk), CVaR: roomNumber(r.CVaR), CVaRError: roomNumber(r.CVaRError),
		Calls: r.Calls, Liquidated: r.Liquidated,
		Planned:  room.CapitalPlanned{NPV: r.Planned.NPV, IRR: finite(r.Planned.IRR), Payback: finite(r.Planned.Payback), Equity: r.Planned.Equity, Least: r.Planned.Least},
		Quarters: []string{}, Fans: []room.CapitalFan{}, Covenants: []room.CapitalPromise{}, Ready: []room.CapitalReady{}, Tornado: []room.CapitalBar{}, Scenarios: []room.CapitalScenario{},
		Alone: []room.CapitalMove{}, Drivers: []room.CapitalDriver{}, Converges: []room.CapitalPoint{}, Coverage: []room.CapitalCovered{}, Warnings: append([]string{}, r.Warnings...),
	}
	for q := range r.Quarters {
		out.Quarters = append(out.Quarters, p.Begin.Add(3*q+2).String())
	}
	for _, f := range r.Fans {
		if f.Nothing() {
			continue
		}
		fan := room.CapitalFan{Name: f.Name, At: []room.CapitalSpread{}}
		for _, x := range f.At {
			fan.At = append(fan.At, roomSpread(x))
		}
		out.Fans = append(out.Fans, fan)
	}
	for i, x := range r.Ready {
		out.Ready = append(out.Ready, room.CapitalReady{Project: p.Projects[i].Name, At: roomSpread(x)})
	}
	s.roomPromises(&out)
	s.roomMoves(&out)
	s.roomProof(&out)
	return out
}

func (s *exposure) roomPromises(out *room.CapitalRiskResult) {
	p := s.plan.plan
	for i, c := range s.result.Covenants {
		x := room.CapitalPromise{Name: c.Name, Kind: c.Kind, Limit: c.Limit, Error: []float64{}, Ever: c.Ever, First: c.First}
		for q := range c.Breach {
			breach, left := finite(c.Breach[q]), finite(c.Room[q])
			if i < len(p.Covenants) && p.Begin.Add(3*q+2) < p.Covenants[i].From {
				breach, left = nil, nil // it is not tested yet
			}
			x.Breach, x.Room = append(x.Breach, breach), append(x.Room, left)
			x.Error = append(x.Error, roomNumber(c.Error[q]))
		}
		out.Covenants = append(out.Covenants, x)
	}
}

// roomMoves adds what single inputs, names and joint moves do.
func (s *exposure) roomMoves(out *room.CapitalRiskResult) {
	p := s.plan.plan
	for _, b := range s.bars {
		out.Tornado = append(out.Tornado, room.CapitalBar{Input: b.Name, Low: rangeText(b, b.Low), High: rangeText(b, b.High), From: b.From, AtLow: roomNumber(b.AtLow), AtTop: roomNumber(b.AtHigh)})
	}
	for _, x := range s.named {
		row := room.CapitalScenario{Name: x.Name, Void: x.Void}
		if x.Void == "" {
			row.NPV, row.Equity, row.Least = finite(x.NPV), finite(x.Equity), finite(x.Least)
		}
		if x.Quarter >= 0 {
			row.Breach, row.Quarter = x.Breach, p.Begin.Add(3*x.Quarter+2).String()
		}
		if x.Broke >= 0 {
			row.Broke = p.Begin.Add(x.Broke).String()
		}
		out.Scenarios = append(out.Scenarios, row)
	}
	for _, x := range s.shares {
		out.Drivers = append(out.Drivers, room.CapitalDriver{Factor: x.Factor.String(), Index: roomNumber(x.Index), Error: roomNumber(x.Error)})
	}
	if len(s.bars) == 0 {
		return
	}
	worst := s.roomMove(s.worst)
	out.Worst = &worst
	for _, m := range s.alone {
		out.Alone = append(out.Alone, s.roomMove(m))
	}
}

func (s *exposure) roomMove(m risk.Move) room.CapitalMove {
	x := room.CapitalMove{Breaks: m.Promise, Size: m.Size, Price: m.Price, Hash: m.Hash, Power: m.Power, Delay: m.Delay}
	if m.Promise != "" {
		x.Month = s.plan.plan.Begin.Add(m.Month).String()
	}
	return x
}

// roomProof adds how far the figures can be trusted.
func (s *exposure) roomProof(out *room.CapitalRiskResult) {
	for _, c := range s.result.Converges {
		out.Converges = append(out.Converges, room.CapitalPoint{Paths: c.Paths, Mean: c.Mean, Error: c.Error})
	}
	for _, c := range s.coverage {
		out.Coverage = append(out.Coverage, room.CapitalCovered{Model: c.Model.String(), Weeks: c.Weeks, Origins: c.Origins, Inner: c.Inner, Outer: c.Outer, Above: c.Above, Below: c.Below})
	}
}
