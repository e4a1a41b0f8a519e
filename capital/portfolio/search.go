package portfolio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"sluice/solve"
)

// errNone means that the solver proved that no choice keeps all limits.
var errNone = errors.New("infeasible")

// core is the number of options up to which all are open from the start.
const core = 250

// large says whether a program is worth the effort of gathering.
func (s *search) large() bool { return s.loss != nil && len(s.t.cols) > core }

// wholeGap is the share of the gap that a program may use up; the rest is for what
// the program does not know of its answer until it is weighed.
const wholeGap = 0.98

// cutAge is after how many rounds the solver forgets a cut of its own that does not
// bind. Few rows keep its programs quick; rows here have hundreds of terms.
const cutAge = 5

// search is one choice on its way.
//
// First the relaxation, in which a site may take shares of options: its value is a
// bound, and its reduced costs say what each option costs at least. Then whole
// choices among the options that can still be part of a better one.
type search struct {
	t      *table
	o      Options
	b      *builder
	open   []bool    // not dominated
	ceil   float64   // value of the relaxation
	loss   []float64 // reduced cost of each column, money: taking it lowers the ceiling by that
	share  []float64 // of each column, in the relaxation
	near   [][]int   // by site: columns of least reduced cost
	drafts []draft   // picks that are good, best first
	best   []int
	value  float64 // of best; -Inf before there is one
	bound  float64
	effort Effort
}

func newSearch(t *table, o Options) *search {
	s := &search{t: t, o: o, b: newBuilder(t, aimWorth), value: math.Inf(-1), bound: math.Inf(1)}
	s.open = t.thin()
	for _, yes := range s.open {
		if !yes {
			s.effort.Dropped++
		}
	}
	return s
}

// run searches until the gap is closed.
func (s *search) run(ctx context.Context) error {
	var err error
	if s.share, err = s.relax(ctx); err != nil {
		return err
	}
	s.bound = s.ceil
	for _, pick := range s.o.hints {
		s.offer(pick)
	}
	for _, start := range [][]int{s.t.picked(s.share), s.t.idle()} {
		if s.best == nil {
			s.offer(s.t.climb(start, s.open))
		}
	}
	if s.close(s.bound, s.value) {
		return nil
	}
	s.learn()
	if err := s.gather(ctx); err != nil {
		return err
	}
	return s.widen(ctx)
}

// learn adds the cuts that make the program worth the truth at the best pick.
func (s *search) learn() {
	if s.best == nil {
		return
	}
	x := s.t.at(s.best)
	w := s.t.weigh(x)
	nought := make([]float64, s.b.overColumn())
	nought[s.b.tailColumn()] = math.Inf(-1)
	s.b.mend(x, &w, nought, 0)
}

// offer keeps a pick that is feasible and better.
func (s *search) offer(pick []int) bool {
	w := s.t.weigh(s.t.at(pick))
	if w.fault > 0 || !(w.objective > s.value) {
		return false
	}
	s.best, s.value = pick, w.objective
	return true
}

// close says whether a bound lies within the gap of a value. Of no choice at all, which
// is worth minus infinity, every gap would be wide enough: it is never close.
func (s *search) close(bound, value float64) bool {
	return !math.IsInf(value, -1) && bound-value <= max(s.o.Gap*abs(value), s.b.tiny*float64(1+len(s.t.p.Sites)))
}

// relax solves the linear program with cuts until none is missing, and returns the
// share of each column.
func (s *search) relax(ctx context.Context) ([]float64, error) {
	var basis *solve.Basis
	tiny := max(s.o.Gap/10*s.size(), 10*s.b.tiny)
	for range mostRelaxed {
		p := s.b.program(s.open, nil)
		if basis != nil {
			basis = grown(basis, p)
		}
		a, err := s.o.Solver.Solve(ctx, p, solve.Options{Basis: basis, TimeLimit: s.o.Limit})
		switch {
		case err != nil:
			return nil, fmt.Errorf("relaxation: %w: %w", ErrSolver, err)
		case a.Status == solve.Infeasible:
			return nil, errNone
		case a.Status == solve.Feasible || a.Status == solve.Failed && s.o.Limit > 0:
			return nil, fmt.Errorf("relaxation: %s: give it more time: %w", a.Detail, ErrLimit)
		case a.Status != solve.Optimal:
			return nil, fmt.Errorf("relaxation: %v, %s: %w", a.Status, a.Detail, ErrSolver)
		}
		basis = a.Basis
		share := a.Column[:len(s.t.cols)]
		s.ceil = -a.Objective / s.b.scale
		s.loss = nil
		if a.ColumnDual != nil {
			s.loss = make([]float64, len(share))
			for j := range share {
				s.loss[j] = max(0, a.ColumnDual[j]) / s.b.scale
			}
		}
		x := s.t.blend(share)
		w := s.t.weigh(x)
		if s.b.mend(x, &w, a.Column, tiny) == 0 {
			s.b.forget(a, s.size())
			s.b.relieve(x)
			return share, nil
		}
	}
	return nil, fmt.Errorf("relaxation: no end after %d rounds: %w", mostRelaxed, ErrSolver)
}

// size is the scale of the objective: of the ceiling, or of the largest option.
func (s *search) size() float64 { return costScale / s.b.scale }

// blend is the point of shares of columns.
func (t *table) blend(share []float64) *point {
	x := t.empty()
	for j, v := range share {
		if v > 1e-12 {
			t.put(x, j, v)
		}
	}
	return x
}

// grown is a basis for a program that has more rows at its end.
func grown(b *solve.Basis, p *solve.Problem) *solve.Basis {
	for len(b.Row) < p.Rows() {
		b.Row = append(b.Row, solve.Basic)
	}
	return b
}

// widen solves whole choices among the options whose reduced cost is small, and
// among more where that does not prove enough.
//
// A choice with an option left out is worth at most ceil - reach, so the answer is
// proven when that lies within the gap of it.
func (s *search) widen(ctx context.Context) error {
	reach := s.reach()
	for {
		open, all := s.within(reach)
		bound, err := s.whole(ctx, open, wholeGap*s.o.Gap)
		if err != nil && (all || !errors.Is(err, errNone)) {
			return err
		}
		outside := s.ceil - reach
		if all {
			outside = math.Inf(-1)
		}
		s.bound = min(s.ceil, max(bound, outside))
		if all || s.close(max(outside, s.value), s.value) {
			return s.found()
		}
		if next := s.ceil - s.value - s.o.Gap/2*abs(s.value); next > reach && !math.IsInf(next, 0) {
			reach = next * 1.0001
		} else {
			reach *= 4
		}
	}
}

// found complains where there is no choice.
func (s *search) found() error {
	if s.best == nil {
		return fmt.Errorf("raise the limits of the solver: %w", ErrLimit)
	}
	return nil
}

// reach is the reduced cost up to which options are open at first.
func (s *search) reach() float64 {
	if !s.large() {
		return math.Inf(1)
	}
	if gap := s.ceil - s.value; !math.IsInf(gap, 0) {
		return 1.0001 * (gap - s.o.Gap/2*abs(s.value))
	}
	return 4 * max(s.o.Gap, 1e-4) * max(abs(s.ceil), s.size())
}

// within are the options of at most that reduced cost, and whether these are all.
func (s *search) within(reach float64) (open []bool, all bool) {
	open, all = make([]bool, len(s.open)), true
	s.effort.Open = 0
	for j, yes := range s.open {
		switch {
		case !yes:
		case s.loss != nil && s.loss[j] > reach && !slices.Contains(s.best, j):
			all = false
		default:
			open[j] = true
			s.effort.Open++
		}
	}
	return open, all
}

// limits bound a run of the solver.
type limits struct {
	gap   float64
	nodes int // 0: no limit
}

// attempt is a run of the solver.
type attempt struct {
	bound float64 // of what is open
	pick  []int
	ended bool // the program knew all about its answer, or there is none
}

// whole solves the mixed-integer program with cuts among open options. It offers
// what it finds and returns a bound of them.
func (s *search) whole(ctx context.Context, open []bool, gap float64) (float64, error) {
	bound, c := s.ceil, s.t.chained(open)
	for range mostWhole {
		a, err := s.attempt(ctx, open, c, limits{gap, s.o.Nodes})
		if err != nil {
			return bound, err
		}
		bound = min(bound, a.bound)
		if !a.ended && !s.close(bound, s.value) {
			s.keep(s.t.climb(a.pick, open)) // What the program did not know may be mended nearby.
		}
		if !a.ended && !s.close(bound, s.value) && s.best != nil && s.large() {
			if err := s.merge(ctx); err != nil { // which is cheaper than another run of the whole
				return bound, err
			}
		}
		if a.ended || s.close(bound, s.value) {
			return bound, nil
		}
	}
	return bound, nil
}

// attempt runs the solver once. It offers what it finds, and adds what the program
// did not know of it.
func (s *search) attempt(ctx context.Context, open []bool, c chain, l limits) (attempt, error) {
	p := s.b.program(open, c)
	s.effort.Programs++
	a, err := s.o.Solver.Solve(ctx, p, solve.Options{
		Gap: l.gap, TimeLimit: s.o.Limit, NodeLimit: l.nodes, Start: s.start(p, open, c), NoDuals: true, NoBasis: true,
		NoHeuristics: s.large(), CutAge: cutAge,
	})
	out := attempt{bound: s.ceil, ended: true}
	switch {
	case err != nil:
		return out, fmt.Errorf("%w: %w", ErrSolver, err)
	case a.Status == solve.Infeasible:
		return attempt{bound: math.Inf(-1)}, errNone
	case a.Status == solve.Unbounded || a.Status == solve.Failed && s.o.Limit == 0 && l.nodes == 0:
		return out, fmt.Errorf("%v, %s: %w", a.Status, a.Detail, ErrSolver)
	}
	s.effort.Nodes += a.Nodes
	out.bound = -a.Bound / s.b.scale
	if !a.Status.Usable() {
		return out, nil // A limit: the bound holds all the same.
	}
	c.read(a.Column)
	out.pick = s.t.picked(a.Column)
	s.offer(out.pick)
	out.ended = !s.worse(out.pick, a.Column)
	return out, nil
}

// worse adds what the program did not know of a pick, and says whether there was
// anything.
func (s *search) worse(pick []int, column []float64) bool {
	x := s.t.at(pick)
	w := s.t.weigh(x)
	if s.b.enforce(x)+s.b.mend(x, &w, column, s.b.tiny) > 0 {
		return true
	}
	if w.fault == 0 {
		return false
	}
	// The solver keeps a limit a little less strictly: leave out this pick alone.
	no := cut{by: make([]float64, len(s.t.cols)), aux: auxNone, most: float64(len(pick)) - 1}
	for _, j := range pick {
		no.by[j] = 1
	}
	s.b.cuts = append(s.b.cuts, no)
	return true
}

// picked is the column taken at each site.
func (t *table) picked(column []float64) []int {
	pick := make([]int, len(t.p.Sites))
	for i := range pick {
		pick[i] = t.first[i] + largest(column[t.first[i]:t.first[i+1]])
	}
	return pick
}

// start is the best pick as a starting point, where it is open.
func (s *search) start(p *solve.Problem, open []bool, c chain) []float64 {
	if s.best == nil {
		return nil
	}
	out := make([]float64, p.Columns())
	for _, j := range s.best {
		if !open[j] {
			return nil
		}
		out[j] = 1
	}
	c.write(out)
	w := s.t.weigh(s.t.at(s.best))
	out[s.b.tailColumn()] = w.tail * s.b.scale
	if !s.b.risky() {
		out[s.b.tailColumn()] = 0
	}
	if l := s.t.p.Liquidity; l != nil && !l.Hard {
		for q, v := range w.short {
			out[s.b.shortColumn()+q] = l.Penalty * v * s.b.scale
		}
	}
	return out
}
