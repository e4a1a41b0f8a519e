package option

import (
	"context"
	"fmt"
	"math"

	"sluice/capital"
)

// Choice is an action that can be taken now: what it is worth when the rule is
// followed afterwards, and what it gives away against what the rule takes.
type Choice struct {
	Action              string
	Goes                bool
	Value, Error        float64
	Behind, BehindError float64 // value of the rule less this, on the same paths; below nought: better
}

// Share is the part of all fresh paths that take an action of a phase on a date.
type Share struct {
	Date          int
	Phase, Action string
	Share         float64
}

// Result is what a decision is worth. All values are discounted to the first date,
// from the same fresh paths; an Error is one standard error of the mean.
type Result struct {
	// Value is that of the fitted rule: a lower bound of the best rule's, but for its
	// Error. Fitted is the same on the paths that made the rule, and looks ahead: a
	// gap of many errors asks for more paths or a lower degree.
	Value, Error, Fitted float64
	// Now is the plain net present value of acting at once, Never that of never acting.
	Now, NowError, Never, NeverError float64
	// Wait is the option to wait: Value less the greater of Now and Never. Where never
	// acting pays nothing this is Value - max(Now, 0).
	Wait, WaitError float64
	// Plain is Now less Never: what acting at once adds. Hold is the best choice that
	// does not act now, less Never: what keeping the option is worth. Act when the choice
	// that acts, less Never, is at least Hold; First is what follows from that.
	Plain, PlainError, Hold float64
	First                   string // action that the rule takes now; "" where it differs between paths
	Choices                 []Choice
	Shares                  []Share // of phases with a choice
	Rule                    []Row
	Reduced                 []Reduced // fits with fewer basis functions than asked for
	Policy                  *Policy

	seed   uint64
	sample []float64
}

// Solve fits the rule of a problem and values it on fresh paths. The same problem
// and settings give the same result to the last bit. Errors are ErrProblem, or that
// of ctx, which is looked at between blocks of paths.
//
// Formula: backward over dates, continuation c(x) = least squares of realised
// discounted values on polynomials of the state; the action of greatest pay + flow +
// c(x) is taken. Source: docs/formula/option.md; Longstaff and Schwartz 2001.
func Solve(ctx context.Context, p Problem, settings Settings) (Result, error) {
	if err := p.Validate(); err != nil {
		return Result{}, err
	}
	if err := settings.Validate(p); err != nil {
		return Result{}, err
	}
	s := newSolver(p, settings)
	if err := s.draw(ctx); err != nil {
		return Result{}, fmt.Errorf("draw: %w", err)
	}
	if err := s.backward(ctx); err != nil {
		return Result{}, fmt.Errorf("fit: %w", err)
	}
	plans := []plan{{first: -1}, {now: true}, {never: true}}
	for k := range s.steps[0][p.Start] {
		plans = append(plans, plan{first: k})
	}
	t, err := s.forward(ctx, plans)
	if err != nil {
		return Result{}, fmt.Errorf("value: %w", err)
	}
	return s.result(t), nil
}

// finite looks at the values of a path.
func (p Problem) finite(t *tally, i int) error {
	for _, values := range t.values {
		if math.IsNaN(values[i]) || math.IsInf(values[i], 0) {
			return fmt.Errorf("decision %q: fresh path %d is worth %g: %w: its Pay and Flow must be finite in every state that is drawn", p.Name, i, values[i], ErrProblem)
		}
	}
	return nil
}

// result sums up.
func (s *solver) result(t *tally) Result {
	for i := range t.values {
		steady(t.values[i], t.controls[i])
	}
	out := Result{Policy: &s.Policy, Reduced: s.reduced, seed: s.settings.FreshSeed, sample: t.values[0]}
	out.Value, out.Error = mean(t.values[0])
	out.Now, out.NowError = mean(t.values[1])
	out.Never, out.NeverError = mean(t.values[2])
	base := t.values[2]
	if out.Now > out.Never {
		base = t.values[1]
	}
	out.Wait, out.WaitError = apart(t.values[0], base)
	out.Plain, out.PlainError = apart(t.values[1], t.values[2])
	if value := s.value[s.problem.Start]; value != nil {
		out.Fitted, _ = mean(value)
	}
	s.choices(&out, t)
	out.Shares = s.shares(t.counts)
	for _, c := range s.problem.Cuts {
		out.Rule = append(out.Rule, s.rule(c)...)
	}
	return out
}

// choices values the actions that can be taken now.
func (s *solver) choices(out *Result, t *tally) {
	start := s.problem.Phases[s.problem.Start]
	best := math.Inf(-1)
	for k, step := range s.steps[0][s.problem.Start] {
		c := Choice{Action: "stay", Goes: step.goes}
		if step.index >= 0 {
			c.Action = start.Actions[step.index].Name
		}
		values := t.values[3+k]
		c.Value, c.Error = mean(values)
		c.Behind, c.BehindError = apart(t.values[0], values)
		out.Choices = append(out.Choices, c)
		if !c.Goes {
			best = max(best, c.Value)
		}
		if t.counts[0][s.problem.Start][k] == s.settings.Fresh {
			out.First = c.Action
		}
	}
	if !math.IsInf(best, 0) {
		out.Hold = best - out.Never
	}
}

// shares lists how often which action was taken where there was a choice.
func (s *solver) shares(counts [][][]int) (out []Share) {
	for date, phases := range counts {
		for phase, steps := range phases {
			if len(steps) < 2 {
				continue
			}
			for k, n := range steps {
				if n > 0 {
					of := s.problem.Phases[phase]
					out = append(out, Share{date, of.Name, of.Actions[s.steps[date][phase][k].index].Name, float64(n) / float64(s.settings.Fresh)})
				}
			}
		}
	}
	return out
}

// Against is what a result is worth more than another one on the same chance, with
// the standard error of the difference, which is far below that of either.
func (r Result) Against(other Result) (more, deviation float64, err error) {
	if r.seed != other.seed || len(r.sample) != len(other.sample) {
		return 0, 0, fmt.Errorf("%d paths of seed %d against %d of seed %d: %w: two results are compared on the same fresh paths",
			len(r.sample), r.seed, len(other.sample), other.seed, ErrProblem)
	}
	more, deviation = apart(r.sample, other.sample)
	return more, deviation, nil
}

// steady takes out of values what they have in common with a control whose mean is
// nought.
//
// Formula: v - b c, b = cov(v, c) / var(c). Source: docs/formula/option.md.
func steady(values, control []float64) {
	v, _ := mean(values)
	c, _ := mean(control)
	var both, own float64
	for i, x := range control {
		both += (values[i] - v) * (x - c)
		own += (x - c) * (x - c)
	}
	if own == 0 {
		return
	}
	b := both / own
	for i, x := range control {
		values[i] -= b * x
	}
}

func mean(sample []float64) (middle, deviation float64) {
	s := capital.SpreadOf(sample)
	return s.Mean, s.Error
}

// apart is the mean of a difference path by path.
func apart(a, b []float64) (more, deviation float64) {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return mean(d)
}
