package option

import (
	"context"
	"fmt"
	"math"
)

// Names of the actions of a conversion.
const (
	ToWait    = "wait"
	ToConvert = "convert" // pays the deposit, or begins to build where none is needed
	ToBuild   = "build"
	ToExpand  = "expand"
	ToStop    = "stop"
	ToRestart = "restart"
	ToAbandon = "abandon"
)

// Problem is the conversion as a staged decision; its state is ln b, ln rent and ln
// of the capex index. Errors are ErrProblem.
func (c Conversion) Problem() (Problem, error) {
	if err := c.Validate(); err != nil {
		return Problem{}, err
	}
	s := c.stages()
	dates := c.Quarters + c.Hall.Build // the last block that is begun gets ready on the last date
	p := Problem{
		Name: c.Name, Dates: dates, Discount: s.discount, Draw: c.future(dates).draw,
		Variables: []Variable{
			hashprice: {Name: "hashprice", Unit: "USD/MWh", Log: true},
			rent:      {Name: "rent", Unit: "USD/kW-month", Log: true},
			capex:     {Name: "capex index", Log: true},
		},
	}
	for _, at := range s.places {
		p.Phases = append(p.Phases, Phase{Name: at.name(), Flow: s.flow(at), Actions: s.actions(at)})
	}
	start := map[Stage]kind{Holding: hold, Deposited: ready, Running: rest}[c.At]
	p.Start = s.index[s.norm(place{start, 0, !c.Stopped})]
	p.Cuts = s.cuts(p)
	p.Features = s.features()
	return p, nil
}

// features are what building pays now for a megawatt, where it pays, and what mining
// does: the corners of the values that a smooth polynomial would round off.
func (s *stages) features() []Money {
	later := math.Pow(s.discount, float64(s.Hall.Build))
	return []Money{
		func(_ int, x []float64) float64 {
			return max(later*s.lease(1, math.Exp(x[rent]))-s.Hall.Capex*s.paid*math.Exp(x[capex]), 0)
		},
		func(date int, x []float64) float64 { return max(s.strike(date, x)-s.Mine.Power-s.Mine.Cost, 0) },
	}
}

// cuts asks for the rule of every step of the plan: the rent from which it is taken,
// at three levels of the hashprice.
func (s *stages) cuts(p Problem) (out []Cut) {
	for i, at := range s.places {
		for k, a := range p.Phases[i].Actions {
			if at.on && (a.Name == ToConvert || a.Name == ToBuild && at.kind == ready || a.Name == ToExpand) {
				out = append(out, Cut{Phase: i, Action: k, Axis: rent, Across: hashprice})
			}
		}
	}
	return out
}

// actions are what can be done in a place; the first is what happens when nobody decides.
func (s *stages) actions(at place) (out []Action) {
	switch at.kind {
	case hold:
		out = append(s.waits(ToWait, at), s.converts(at))
	case connect:
		if at.k < s.Hall.Connect-1 {
			out = s.waits("go on", place{connect, at.k + 1, at.on})
			break
		}
		out = append(s.waits(ToWait, place{ready, 0, at.on}), s.builds(at))
	case ready:
		out = append(s.waits(ToWait, at), s.builds(at))
	case build:
		if at.k == s.Hall.Build-1 && s.Second > 0 {
			return append(s.builtOn(at, s.First, place{rest, 0, at.on}), s.opensLate())
		}
		return s.builtOn(at, s.First, place{rest, 0, at.on})
	case rest:
		out = s.waits(ToWait, at)
		if s.Rights.Expand {
			out = append(out, Action{Name: ToExpand, To: s.to(place{expand, 0, at.on}), Pay: s.begin(s.Second), When: s.before, Goes: s.At == Running})
		}
	case expand:
		return s.builtOn(at, s.Second, place{done, 0, false})
	case done, gone:
		return nil
	}
	return append(out, s.leaves(at)...)
}

// before tells the dates on which machines can mine and building can begin.
func (s *stages) before(date int) bool { return date < s.Quarters }

// after tells the dates on which the horizon is over.
func (s *stages) after(date int) bool { return date >= s.Quarters }

func (s *stages) to(p place) int { return s.index[s.norm(p)] }

// waits is staying in the mine, with its machines as they are or switched.
func (s *stages) waits(name string, next place) []Action {
	return s.switched([]Action{{Name: name, To: s.to(next), When: s.before}}, next)
}

// switched adds stopping and restarting to the first of some actions.
func (s *stages) switched(actions []Action, next place) []Action {
	a, mw := actions[0], s.mined(next.kind)
	if mw == 0 {
		return actions
	}
	pay := a.Pay
	a.When = s.before
	next.on = !next.on
	a.To = s.to(next)
	if next.on {
		a.Name = ToRestart
		a.Pay = func(date int, x []float64) float64 {
			cost := -mw * s.Mine.Restart
			if pay != nil {
				cost += pay(date, x)
			}
			return cost
		}
		return append(actions, a)
	}
	if a.Name = ToStop; s.Rights.Stop {
		return append(actions, a)
	}
	return actions
}

// converts is the first step of the plan.
func (s *stages) converts(at place) Action {
	if s.Hall.Connect == 0 {
		a := s.builds(at)
		a.Name = ToConvert
		return a
	}
	return Action{Name: ToConvert, To: s.to(place{connect, 0, at.on}), Pay: fixed(-s.First * s.Hall.Deposit), When: s.before, Goes: true}
}

func (s *stages) builds(at place) Action {
	return Action{Name: ToBuild, To: s.to(place{build, 0, at.on}), Pay: s.begin(s.First), When: s.before, Goes: true}
}

// builtOn is the next quarter of building, or the day on which the block is ready.
func (s *stages) builtOn(at place, mw float64, then place) []Action {
	next := Action{Name: "go on"}
	where := place{at.kind, at.k + 1, at.on}
	if at.k == s.Hall.Build-1 {
		next.Name, next.Pay, where = "open", s.opens(mw), then
		switch {
		case then.kind == rest && s.Second == 0:
			where = place{done, 0, false}
		case then.kind == rest:
			next.When = s.before
		}
	}
	next.To = s.to(where)
	return s.switched([]Action{next}, where)
}

// opensLate is a first block that is ready when the horizon is over: the second one is
// worth its salvage.
func (s *stages) opensLate() Action {
	opens, sold := s.opens(s.First), s.Second*s.Mine.Salvage
	return Action{Name: "open", To: s.to(place{done, 0, false}), When: s.after, Pay: func(date int, x []float64) float64 {
		if opens == nil {
			return sold
		}
		return sold + opens(date, x)
	}}
}

// leaves is giving up what is not converted, and the end of the horizon, which does
// it in any case.
func (s *stages) leaves(at place) []Action {
	worth := s.First + s.Second
	if at.kind == rest {
		worth = s.Second
	}
	pay, to := fixed(worth*s.Mine.Salvage), s.to(place{gone, 0, false})
	out := []Action{{Name: "end", To: to, Pay: pay, When: s.after}}
	if s.Rights.Abandon {
		out = append(out, Action{Name: ToAbandon, To: to, Pay: pay, When: s.before})
	}
	return out
}

// Worth is what a right adds to the value of a conversion, on the same paths.
type Worth struct {
	Name         string
	Value, Error float64
}

// Answer is what a conversion is worth, what to do now, and which right makes how
// much of it. Never is mining on with all rights unused; Now is converting the first
// block at once.
type Answer struct {
	Result
	Rights []Worth
}

// Answer values a conversion with all its rights, and without each of them. Errors
// are ErrProblem or that of ctx.
func (c Conversion) Answer(ctx context.Context, settings Settings) (Answer, error) {
	all, err := c.solve(ctx, settings)
	if err != nil {
		return Answer{}, err
	}
	out := Answer{Result: all}
	for _, right := range []struct {
		name string
		has  bool
		drop func(*Rights)
	}{
		{ToStop, c.Rights.Stop, func(r *Rights) { r.Stop = false }},
		{ToAbandon, c.Rights.Abandon, func(r *Rights) { r.Abandon = false }},
		{ToExpand, c.Rights.Expand, func(r *Rights) { r.Expand = false }},
	} {
		if !right.has {
			continue
		}
		less := c
		right.drop(&less.Rights)
		without, err := less.solve(ctx, settings)
		if err != nil {
			return Answer{}, fmt.Errorf("without the right to %s: %w", right.name, err)
		}
		w := Worth{Name: right.name}
		if w.Value, w.Error, err = all.Against(without); err != nil {
			return Answer{}, err
		}
		out.Rights = append(out.Rights, w)
	}
	return out, nil
}

func (c Conversion) solve(ctx context.Context, settings Settings) (Result, error) {
	p, err := c.Problem()
	if err != nil {
		return Result{}, err
	}
	return Solve(ctx, p, settings)
}
