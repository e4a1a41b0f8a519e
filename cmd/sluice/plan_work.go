package main

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/driver/planfile"
)

// planReport is all that is to be said of a plan.
type planReport struct {
	file      *planfile.File
	plan      capital.Plan // all money in its currency
	left      string       // the project that is left out; empty: none
	site      int          // whose statements are shown; -1: the company's
	monthly   bool
	histories map[string]*model.Hours
	told      []historyTold

	model    *model.Model
	run      *model.Run
	answer   planAnswer
	projects []planProject
	kept     []planKept
	claims   []planClaim
}

// planAnswer is what a plan comes to.
type planAnswer struct {
	worth      planWorths
	payback    float64 // months
	pays       bool
	peak       float64 // most money that is needed before anything is financed
	peakAt     capital.Month
	broke      capital.Month // the first month without cash; 0: none
	lowest     float64       // least cash at a month's end
	lowestAt   capital.Month
	unfunded   float64 // most that is missing
	liquidated int
}

// planWorths is the worth of a row of payments with three ways to end it.
type planWorths struct{ bare, residual, multiple worth }

// worth is what payments by month come to.
type worth struct {
	left    float64 // what the end adds
	npv     float64
	irr     float64 // of a year
	why     string  // there is no irr
	several bool    // there are several; irr is the one nearest to nought
}

// compute runs a plan on the path that it expects, and checks its books.
func (s *planReport) compute(p capital.Plan) (*model.Model, *model.Run, error) {
	m, err := model.New(p, model.Monthly(p), s.histories)
	if err != nil {
		return nil, nil, err
	}
	r := m.NewRun()
	r.Detail = true
	m.Run(m.Base(), r)
	return m, r, r.Tie()
}

// work computes all that the report says.
func (s *planReport) work() error {
	s.answer = s.answerOf(s.run)
	for i := range s.plan.Projects {
		p, err := s.projectOf(i)
		if err != nil {
			return fmt.Errorf("project %q: %w", s.plan.Projects[i].Name, err)
		}
		s.projects = append(s.projects, p)
	}
	s.kept = s.covenants()
	s.judge()
	return nil
}

// planFrees is the free cash of each month, at its end; the first payment is the begin.
func planFrees(r *model.Run) []float64 {
	out := make([]float64, len(r.Months)+1)
	for k := range r.Months {
		out[k+1] = model.Free(&r.Months[k])
	}
	return out
}

// worthOf is what payments come to with something at their end.
func (s *planReport) worthOf(flows []float64, left float64) worth {
	all := append([]float64{}, flows...)
	all[len(all)-1] += left
	w := worth{left: left, npv: capital.Present(capital.PerPeriod(s.plan.Discount, 12), all)}
	month, several, err := capital.Return(all)
	if err != nil {
		w.why = "none: the payments do not change their sign"
		if !errors.Is(err, capital.ErrNoReturn) {
			w.why = err.Error()
		}
		return w
	}
	w.irr, w.several = capital.PerYear(month, 12), several
	return w
}

func (s *planReport) three(flows []float64, residual, multiple float64) planWorths {
	return planWorths{s.worthOf(flows, 0), s.worthOf(flows, residual), s.worthOf(flows, multiple)}
}

func (s *planReport) answerOf(r *model.Run) planAnswer {
	flows := planFrees(r)
	a := planAnswer{worth: s.three(flows, r.Residuals, r.Multiple), lowest: math.Inf(1), liquidated: r.Liquidations}
	a.payback, a.pays = capital.Payback(flows)
	var sum float64
	for k := range r.Months {
		l := &r.Months[k]
		if sum += flows[k+1]; -sum > a.peak {
			a.peak, a.peakAt = -sum, s.plan.Begin.Add(k)
		}
		if l[model.Cash] < a.lowest {
			a.lowest, a.lowestAt = l[model.Cash], s.plan.Begin.Add(k)
		}
		a.unfunded = max(a.unfunded, l[model.Missing])
	}
	if r.Broke >= 0 {
		a.broke = s.plan.Begin.Add(r.Broke)
	}
	return a
}

// planKept is a covenant and how near the plan comes to it.
type planKept struct {
	covenant capital.Covenant
	worst    float64
	at       capital.Month // of the worst; 0: it was never tested
	breach   capital.Month // the first; 0: none
}

// planLeast says that a covenant is a least value and not a most.
func planLeast(kind string) bool { return kind == capital.CoverDSCR || kind == capital.CoverLiquidity }

// covenants holds the ratios of all quarters against what was promised.
func (s *planReport) covenants() (out []planKept) {
	for _, c := range s.plan.Covenants {
		k := planKept{covenant: c}
		for _, t := range s.run.Tested {
			at := s.plan.Begin.Add(t.Month)
			if at < c.From {
				continue
			}
			v := map[string]float64{capital.CoverDSCR: t.DSCR, capital.CoverLTV: t.LTV, capital.CoverLiquidity: t.Liquidity, capital.CoverLeverage: t.Leverage}[c.Kind]
			worse := v > k.worst
			broken := v > c.Limit
			if planLeast(c.Kind) {
				worse, broken = v < k.worst, v < c.Limit
			}
			if k.at == 0 || worse {
				k.worst, k.at = v, at
			}
			if broken && k.breach == 0 {
				k.breach = at
			}
		}
		out = append(out, k)
	}
	return out
}
