package main

import (
	"fmt"
	"slices"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
	"sluice/server/room"
)

// roomDraws is on how many futures the bands of a schedule rest. They are the same for
// the same plan.
const roomDraws = 400

// lateness is when phases may be finished, and what is paid until when.
type lateness struct {
	phases [][]room.CapitalPhase // by project
	spend  room.CapitalSpend
}

// drawDelays runs the plan on futures in which nothing but delays and overruns differs
// from what it expects.
func (s *planReport) drawDelays() (out lateness, err error) {
	var delays []path.Delays
	for _, p := range s.plan.Projects {
		d, err := roomDelays(p)
		if err != nil {
			return out, fmt.Errorf("project %q: %w", p.Name, err)
		}
		delays = append(delays, d)
	}
	future, run := s.model.Base(), s.model.NewRun()
	times := make([]phaseTimes, len(delays))
	for i, d := range delays {
		n := len(d.Phases)
		future.Slip, future.Overrun = append(future.Slip, make([]float64, n)), append(future.Overrun, make([]float64, n))
		times[i] = phaseTimes{begin: make([][]float64, n), finish: make([][]float64, n), cost: make([][]float64, n)}
	}
	months := make([][]float64, len(s.run.Months))
	for n := range roomDraws {
		r := capital.Stream(1, uint64(n))
		for i, d := range delays {
			d.Draw(r, future.Slip[i], future.Overrun[i])
			times[i].note(s.plan, s.plan.Projects[i], future.Slip[i], future.Overrun[i])
		}
		s.model.Run(future, run)
		for k, paid := range roomSpent(run) {
			months[k] = append(months[k], paid)
		}
	}
	for i, p := range s.plan.Projects {
		out.phases = append(out.phases, times[i].phases(s.plan, p))
	}
	out.spend = s.roomSpend(months)
	return out, nil
}

// roomDelays is how late and dear the phases of a project may be, as package risk has it.
func roomDelays(p capital.Project) (path.Delays, error) {
	var slip, cost path.Multiplier
	var err error
	if p.Slip.Mean > 0 {
		if slip, err = path.Slip(p.Slip.Mean, p.Slip.OnTime); err != nil {
			return path.Delays{}, err
		}
	}
	if p.Slip.Overrun > 0 {
		if cost, err = path.Slip(p.Slip.Overrun, p.Slip.OnBudget); err != nil {
			return path.Delays{}, err
		}
	}
	d := path.Delays{Common: p.Slip.Correlation, Pair: 0.5}
	for range p.Phases {
		d.Phases = append(d.Phases, path.Phase{Slip: slip, Cost: cost})
	}
	return d, d.Validate()
}

// roomSpent is what is paid for building and equipment by the end of each month.
func roomSpent(r *model.Run) []float64 {
	out := make([]float64, len(r.Months))
	var sum float64
	for k := range r.Months {
		sum -= r.Months[k][model.Built] + r.Months[k][model.Bought]
		out[k] = sum
	}
	return out
}

// roomSpend is the S-curve: as planned, its bands, and what was paid in fact.
func (s *planReport) roomSpend(months [][]float64) room.CapitalSpend {
	out := room.CapitalSpend{Planned: roomSpent(s.run), P10: []float64{}, P50: []float64{}, P90: []float64{}, Draws: roomDraws}
	for _, sample := range months {
		slices.Sort(sample)
		out.P10 = append(out.P10, capital.Quantile(sample, 0.1))
		out.P50 = append(out.P50, capital.Quantile(sample, 0.5))
		out.P90 = append(out.P90, capital.Quantile(sample, 0.9))
	}
	last := capital.Month(0)
	for _, p := range s.plan.Projects {
		for _, a := range p.Actuals {
			last = max(last, a.Month)
		}
	}
	for k := range months {
		at := s.plan.Begin.Add(k)
		if last == 0 {
			break
		}
		var paid *float64
		if at <= last {
			sum := s.roomPaid(at)
			paid = &sum
		}
		out.Paid = append(out.Paid, paid)
	}
	return out
}

// roomPaid is what was paid in fact by the end of a month.
func (s *planReport) roomPaid(until capital.Month) (sum float64) {
	for _, p := range s.plan.Projects {
		for _, a := range p.Actuals {
			if a.Month <= until {
				sum += a.Paid
			}
		}
	}
	return sum
}

// phaseTimes are the samples of the phases of one project.
type phaseTimes struct{ begin, finish, cost [][]float64 }

// note lays the phases out as the model does, and keeps when each begins and ends.
func (x *phaseTimes) note(plan capital.Plan, p capital.Project, slip, overrun []float64) {
	begin, finish := roomSchedule(plan, p, slip)
	for k, f := range p.Phases {
		x.begin[k] = append(x.begin[k], begin[k])
		x.finish[k] = append(x.finish[k], finish[k])
		x.cost[k] = append(x.cost[k], f.Cost*overrun[k])
	}
}

// roomSchedule is when phases begin and end, in months from the begin of the plan; slip
// is by how much each is longer, nil as planned.
func roomSchedule(plan capital.Plan, p capital.Project, slip []float64) (begin, finish []float64) {
	at := map[string]int{}
	for k, f := range p.Phases {
		at[f.Name] = k
		from := float64(p.Begin - plan.Begin)
		for _, name := range f.After {
			if i := at[name]; i < len(finish) {
				from = max(from, finish[i])
			}
		}
		long := f.Months
		if slip != nil {
			long *= slip[k]
		}
		begin, finish = append(begin, from), append(finish, from+long)
	}
	return begin, finish
}

// phases are those of a project as planned and as they may come.
func (x *phaseTimes) phases(plan capital.Plan, p capital.Project) []room.CapitalPhase {
	out := []room.CapitalPhase{}
	begin, finish := roomSchedule(plan, p, nil)
	for k, f := range p.Phases {
		slices.Sort(x.begin[k])
		slices.Sort(x.finish[k])
		slices.Sort(x.cost[k])
		out = append(out, room.CapitalPhase{
			Name: f.Name, Kind: f.Kind, After: f.After, MW: f.MW, Begin: begin[k], Finish: finish[k], Median: capital.Quantile(x.begin[k], 0.5),
			P10: capital.Quantile(x.finish[k], 0.1), P50: capital.Quantile(x.finish[k], 0.5), P90: capital.Quantile(x.finish[k], 0.9),
			Cost: f.Cost, CostP90: capital.Quantile(x.cost[k], 0.9),
		})
	}
	return out
}

// roomActuals holds what a project has cost in fact against its plan. What a phase costs
// in the end is what was paid over the share that is done, and its end lies as far off as
// the work so far says.
//
// Source: docs/room.md, capital.
func (s *planReport) roomActuals(p capital.Project, out *room.CapitalProject) {
	if len(p.Actuals) == 0 {
		for _, f := range p.Phases {
			out.Budget += f.Cost
		}
		return
	}
	var last capital.Month
	var paid, whole float64
	for _, a := range p.Actuals {
		last, paid = max(last, a.Month), paid+a.Paid
	}
	now := float64(last+1) - float64(s.plan.Begin)
	for k := range out.Phases {
		f := &out.Phases[k]
		out.Budget += f.Cost
		planned := 1.0
		if f.Finish > f.Begin {
			planned = min(max((now-f.Begin)/(f.Finish-f.Begin), 0), 1)
		}
		f.Planned = &planned
		reportPhase(f, p, s.plan.Begin)
		switch {
		case f.Forecast != nil:
			whole += *f.Forecast
		case f.Paid != nil:
			whole += max(*f.Paid, f.Cost)
		default:
			whole += f.Cost
		}
	}
	out.Paid, out.Completion, out.Until = &paid, &whole, last.String()
}

// roomNever is a share below which nothing is forecast: hardly anything is done.
const roomNever = 0.05

// reportPhase adds what is known of a phase in fact.
func reportPhase(f *room.CapitalPhase, p capital.Project, begin capital.Month) {
	var paid, done float64
	var from, to capital.Month
	for _, a := range p.Actuals {
		if a.Phase != f.Name {
			continue
		}
		if from == 0 || a.Month < from {
			from = a.Month
		}
		if a.Month >= to {
			to, done = a.Month, a.Done
		}
		paid += a.Paid
	}
	if to == 0 {
		return
	}
	f.Paid, f.Done = &paid, &done
	if done < roomNever {
		return
	}
	cost := paid / done
	ends := float64(from-begin) + float64(to-from+1)/done
	if done >= 1 {
		ends = float64(to-begin) + 1
	}
	f.Forecast, f.Ends = &cost, &ends
}
