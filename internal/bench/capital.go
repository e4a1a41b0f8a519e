package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"sluice/capital/model"
	"sluice/capital/risk"
	"sluice/internal/company"
)

// What long decisions are measured with.
const (
	citySites     = 20     // of the company of the promise
	historyWeeks  = 260    // of the made-up histories
	promisedPaths = 10_000 // within riskWall
	riskWall      = 10     // seconds, two processors
	tiedPaths     = 1_000
	halfCent      = 0.005
)

// capital measures long decisions: the worked case, the speed of risk, the same by
// another program, the bands of the futures, options, the portfolio and the ties.
func (b *bench) capital(ctx context.Context) error {
	t := newTable("capital")
	t.note("The company of the futures is made up: %d sites of 20 MW, each half converted, with a loan for each, a revolver, a loan against coins, a policy and taxes; 10 years in weeks.", citySites)
	var faults []error
	for _, part := range []struct {
		name string
		run  func(context.Context, *table) error
	}{
		{"case", b.workedCase},
		{"paths", b.futures},
		{"numpy", b.besideNumpy},
		{"bands", b.bands},
		{"lsm", b.waiting},
		{"portfolio", b.portfolio},
		{"tie", b.tied},
	} {
		if !b.measures(part.name) {
			continue
		}
		begin := time.Now()
		if err := part.run(ctx, t); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", part.name, err))
		}
		_, _ = fmt.Fprintf(b.stderr, "%s: %.0f s\n", part.name, time.Since(begin).Seconds())
	}
	return errors.Join(append(faults, b.publish(t))...)
}

// processors is how many this program may use.
func processors() int { return runtime.GOMAXPROCS(0) }

// city is the made-up company with its futures.
type city struct {
	model   *model.Model
	futures *risk.Futures
	prices  [][]float64 // of power, by week
}

func newCity(sites int) (*city, error) {
	prices, begins := company.Prices(historyWeeks)
	h, err := model.NewHours(company.Power, prices)
	if err != nil {
		return nil, err
	}
	p := company.Plan(sites)
	m, err := model.New(p, model.Weekly(p), map[string]*model.Hours{company.Power: h})
	if err != nil {
		return nil, err
	}
	f, err := risk.NewFutures(m, company.History(historyWeeks), begins, risk.Usual(1))
	if err != nil {
		return nil, err
	}
	return &city{model: m, futures: f, prices: prices}, nil
}

// futures times the risk of the company, all of it.
func (b *bench) futures(ctx context.Context, t *table) error {
	c, err := newCity(citySites)
	if err != nil {
		return err
	}
	w := startWatch()
	r, err := risk.Analyse(ctx, c.model, c.futures, b.paths)
	if err != nil {
		return err
	}
	took := w.stop()
	name := fmt.Sprintf("%d futures by %d weeks by %d sites", r.Paths, c.model.Grid().Steps(), citySites)
	how := "capital/risk.Analyse whole: drawing, cash flow, debt, policy, taxes, covenants, returns, fans"
	wall := figure{Name: name + ", wall", Value: took.wall.Seconds(), Unit: "s", How: how + fmt.Sprintf("; %d processors", processors())}
	if b.paths == promisedPaths && processors() >= 2 {
		wall = wall.below("promise", riskWall).atMost(riskWall)
	}
	t.add(
		wall,
		figure{Name: name + ", processor", Value: took.cpu.Seconds(), Unit: "s", How: how},
		figure{Name: "standard error of the mean NPV", Value: 100 * r.NPV.Error / math.Abs(r.NPV.Mean), Unit: "% of it", How: fmt.Sprintf("mean %.1f million", r.NPV.Mean/1e6)},
	)
	return nil
}

// tied ties the statements of a thousand futures, every month of each, by the checks
// of the model and by sums of this program's own.
func (b *bench) tied(ctx context.Context, t *table) error {
	c, err := newCity(citySites)
	if err != nil {
		return err
	}
	x, r := c.futures.New(), c.model.NewRun()
	good, worst := 0, 0.0
	var first error
	for n := range tiedPaths {
		c.futures.Draw(uint64(n), x)
		c.model.Run(&x.Path, r)
		worst = max(worst, loosest(r))
		if err := r.Tie(); err != nil {
			first = errors.Join(first, err)
			continue
		}
		good++
	}
	months := tiedPaths * len(r.Months)
	t.add(
		figure{Name: "futures whose statements tie every month", Value: float64(good), Unit: fmt.Sprintf("of %d", tiedPaths), How: fmt.Sprintf("twelve identities in each of %d months, to the cent: model.Run.Tie", months)}.
			promised("all", good == tiedPaths),
		figure{Name: "largest gap of cash, debt and equity", Value: worst, Unit: "USD", How: "what is owned less what is owed less equity; cash and debt against the sum of their flows; by this program's own sums"}.
			promised("< half a cent", worst < halfCent),
	)
	return errors.Join(first, ctx.Err())
}

// loosest is by how much the statements of a run differ at most, month by month.
func loosest(r *model.Run) (worst float64) {
	for k := range r.Months {
		l := &r.Months[k]
		gap := l[model.Cash] + l[model.Aside] + l[model.Coins] + l[model.Plant] - l[model.Equity]
		for _, owed := range []model.Line{model.Loans, model.Pledged, model.Revolving, model.Deferred, model.Missing} {
			gap -= l[owed]
		}
		worst = max(worst, math.Abs(gap))
		if k == 0 {
			continue
		}
		before := &r.Months[k-1]
		debt := l[model.Loans] + l[model.Pledged] + l[model.Revolving] + l[model.Missing]
		for _, owed := range []model.Line{model.Loans, model.Pledged, model.Revolving, model.Missing} {
			debt -= before[owed]
		}
		for _, flow := range []model.Line{model.Drawn, model.Repaid, model.Lent, model.Returned, model.Covered, model.Unfunded} {
			debt -= l[flow]
		}
		cash := l[model.Cash] - before[model.Cash] - model.Profit(l)
		for _, flow := range model.FlowLines() {
			cash -= l[flow]
		}
		worst = max(worst, math.Abs(debt), math.Abs(cash))
	}
	return worst
}
