package main

import (
	"fmt"
	"io"
	"math"
	"os"

	"github.com/spf13/pflag"

	"sluice/capital"
	"sluice/capital/board"
	"sluice/capital/path"
	"sluice/capital/risk"
)

// boardFlags say in which files a report for a board is written.
type boardFlags struct {
	html, pdf, xlsx, language string
}

func (b *boardFlags) bind(f *pflag.FlagSet) {
	f.StringVar(&b.html, "html", "", "write a report for the board to this file, as a page")
	f.StringVar(&b.pdf, "pdf", "", "write it as PDF")
	f.StringVar(&b.xlsx, "xlsx", "", "write it as a workbook with live formulas")
	f.StringVar(&b.language, "language", "en", "language of the report: en, ar, pt")
}

// write writes what was asked for. Risk may be nil.
func (b *boardFlags) write(p *planReport, s *exposure) error {
	if b.html == "" && b.pdf == "" && b.xlsx == "" {
		return nil
	}
	r := p.board(board.Language(b.language))
	if s != nil {
		r.Risk = s.board()
	}
	for _, x := range []struct {
		name  string
		write func(io.Writer, board.Report) error
	}{{b.html, board.WriteHTML}, {b.pdf, board.WritePDF}, {b.xlsx, board.WriteXLSX}} {
		if x.name == "" {
			continue
		}
		if err := writeBoard(x.name, r, x.write); err != nil {
			return input(fmt.Errorf("%s: %w", x.name, err))
		}
	}
	return nil
}

func writeBoard(name string, r board.Report, write func(io.Writer, board.Report) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if c := f.Close(); err == nil {
			err = c
		}
	}()
	return write(f, r)
}

// board is a plan as a board sees it.
func (s *planReport) board(language board.Language) board.Report {
	r := board.Report{
		Language: language, Made: "sluice " + version, Plan: s.plan, Months: s.run.Months, Tested: s.run.Tested,
		Residuals: s.run.Residuals, Multiple: s.run.Multiple,
	}
	r.Figures = s.file.Plan.Figures()
	for i, x := range s.plan.Sites {
		r.Sites = append(r.Sites, board.Site{Name: x.Name, Months: s.run.Sites[i]})
	}
	years := s.answer.payback / 12
	if !s.answer.pays {
		years = math.Inf(1)
	}
	a := s.answer.worth
	r.Answer = board.Answer{Without: valued(a.bare, years), Residual: valued(a.residual, years), Multiple: valued(a.multiple, years)}
	for _, p := range s.projects {
		r.Projects = append(r.Projects, board.ProjectAnswer{
			Name: p.project.Name, Gross: p.project.Gross, Critical: p.project.Gross / p.project.PUE, Capex: capexOf(p.project), Ready: s.plan.Begin.Add(int(math.Ceil(p.ready)) - 1),
			Without: valued(p.against.bare, math.NaN()), Residual: valued(p.against.residual, math.NaN()),
		})
	}
	return r
}

// board is the risk of a plan as a board sees it.
func (s *exposure) board() *board.Risk {
	r, p := s.result, s.plan.plan
	out := &board.Risk{
		Paths: r.Paths, Seed: s.seed, NPV: r.NPV, IRR: r.IRR, NoIRR: r.NoReturn, Broke: r.Broke,
		CashAtRisk: board.Estimate{Value: r.CFaR, Error: r.CFaRError}, CashTail: board.Estimate{Value: r.CVaR, Error: r.CVaRError}, Warnings: r.Warnings, Runway: r.Lasts,
	}
	for q := range r.Quarters {
		out.Quarters = append(out.Quarters, p.Begin.Add(3*q+2))
	}
	fans := map[string]*[]board.Band{"cash": &out.Fans.Cash, "debt": &out.Fans.Debt, "BTC held": &out.Fans.BTC, "cash before financing": &out.Fans.Free}
	for _, f := range r.Fans {
		if into := fans[f.Name]; into != nil && !f.Nothing() {
			for _, x := range f.At {
				*into = append(*into, board.Band{P5: x.P5, P10: x.P10, P25: x.P25, P50: x.P50, P75: x.P75, P90: x.P90, P95: x.P95})
			}
		}
	}
	for _, c := range r.Covenants {
		out.Covenants = append(out.Covenants, s.covenantBoard(c))
	}
	s.movesBoard(out)
	for _, c := range r.Converges {
		out.Convergence = append(out.Convergence, board.Convergence{Paths: c.Paths, Mean: c.Mean, Error: c.Error})
	}
	for _, c := range s.coverage {
		if c.Model == path.Joint {
			out.Coverage = append(out.Coverage, board.Coverage{What: "hashprice", Weeks: c.Weeks, Nominal: 0.8, Realised: c.Inner, Origins: c.Origins},
				board.Coverage{What: "hashprice", Weeks: c.Weeks, Nominal: 0.9, Realised: c.Outer, Origins: c.Origins})
		}
	}
	return out
}

func (s *exposure) covenantBoard(c risk.Promise) board.CovenantRisk {
	x := board.CovenantRisk{Name: c.Name, Kind: c.Kind, Limit: c.Limit, Headroom: c.Room, Breach: c.Breach}
	if c.Ever > 0 {
		x.First = s.likeliest(c)
	}
	for q := range x.Headroom {
		if math.IsInf(x.Headroom[q], 0) {
			x.Headroom[q] = math.NaN()
		}
	}
	return x
}

func (s *exposure) movesBoard(out *board.Risk) {
	p := s.plan.plan
	for _, b := range s.bars {
		out.Tornado = append(out.Tornado, board.Bar{Input: b.Name, Low: rangeText(b, b.Low), High: rangeText(b, b.High), NPVLow: b.AtLow, NPVHigh: b.AtHigh})
	}
	for _, x := range s.named {
		if x.Void != "" {
			continue
		}
		row := board.Scenario{Name: x.Name, NPV: x.NPV, LeastCash: x.Least}
		if x.Quarter >= 0 {
			row.FirstBreach = x.Breach + ", " + p.Begin.Add(3*x.Quarter+2).String()
		}
		out.Scenarios = append(out.Scenarios, row)
	}
	for _, x := range s.shares {
		out.Drivers = append(out.Drivers, board.Driver{Input: x.Factor.String(), First: x.Index, Total: math.NaN(), Error: x.Error})
	}
	if s.worst.Promise != "" {
		out.Reverse = append(out.Reverse, fmt.Sprintf("%.2f standard deviations: %s: %s, %s", s.worst.Size, moveText(s.worst), s.worst.Promise, p.Begin.Add(s.worst.Month)))
	}
}

// valued is the worth of payments as a board sees it; payback in years, +Inf: never,
// NaN: it was not asked for.
func valued(w worth, payback float64) board.Value {
	return board.Value{NPV: w.npv, IRR: w.irr, HasIRR: w.why == "", Several: w.several, Payback: payback, Pays: !math.IsInf(payback, 1) && !math.IsNaN(payback)}
}

// capexOf is all that a project buys.
func capexOf(p capital.Project) (sum float64) {
	for _, f := range p.Phases {
		sum += f.Cost
	}
	for _, e := range p.Equipment {
		sum += e.Cost
	}
	return sum
}
