package option

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// ErrProblem is what every complaint about a decision is.
var ErrProblem = errors.New("a decision cannot be valued")

// Money is an amount that depends on a date and on the state there: positive is
// received. It is called from several goroutines and keeps nothing.
type Money func(date int, state []float64) float64

// Variable is one number of the state.
type Variable struct {
	Name, Unit string
	Log        bool // the state holds the natural logarithm; tables show the number itself
}

// Action is a step from one phase to another, or to the same one.
type Action struct {
	Name string
	To   int   // phase in which the period that begins is spent
	Pay  Money // at the date of the step; nil: nothing
	// When tells the dates on which the step can be taken; nil: on all.
	When func(date int) bool
	// Goes marks the step of the plan: acting at once takes it wherever it can.
	Goes bool
}

// Phase is how far a plan has come. The first action that can be taken on a date is
// what happens when nobody decides; a phase without one stays as it is.
type Phase struct {
	Name    string
	Flow    Money // of the period that begins at the date and is spent in this phase; nil: nothing
	Actions []Action
	// Asks tells where the choice is meaningful: only there paths are fitted and
	// actions compared, elsewhere the first action is taken. For a put: in the money.
	// Nil: everywhere.
	Asks func(date int, state []float64) bool
}

// closed tells that nothing happens in a phase any more.
func (p Phase) closed() bool { return p.Flow == nil && len(p.Actions) == 0 }

// Cut asks for a row of the rule on every date: at which value of Axis the action of
// a phase is taken, at three levels of the variable Across; others are at their
// median. Across below nought: there is no second variable.
type Cut struct{ Phase, Action, Axis, Across int }

// Problem is a staged decision. What is paid on or after the last date but not
// told by a Flow or a Pay is nothing.
type Problem struct {
	Name      string
	Dates     int // decision dates, one period apart; the first is now
	Variables []Variable
	Phases    []Phase
	Start     int     // phase before the first date
	Discount  float64 // worth now of 1 paid a period later
	// Draw fills the states of one path, date by date, Dates * len(Variables) numbers,
	// from its own source of chance. It is called from several goroutines.
	Draw func(chance *rand.Rand, states []float64)
	// Features are functions of the state that the caller knows to matter, such as what
	// acting would pay now if it pays: they join the basis as they are, without products. At most 4.
	Features []Money
	// Control is the value of something that is traded: discounted, its mean stays what
	// it is now. Its known mean takes noise out of the estimate, at the date on which a
	// path ends. Nil: none.
	Control Money
	Cuts    []Cut
}

// Settings is how a problem is computed.
type Settings struct {
	Paths, Fresh    int // paths that fit the rule, and fresh ones that value it
	Degree          int // of the polynomial, 1 to 4; 2 or 3 is usual
	Seed, FreshSeed uint64
}

// Bounds of a run, so that no input takes all memory.
const (
	variablesMost = 4
	featuresMost  = 4
	widthMost     = variablesMost + featuresMost
	datesMost     = 2_000
	phasesMost    = 256
	pathsLeast    = 100
	pathsMost     = 1_000_000
	statesMost    = 1 << 27 // numbers of all fitted paths: 1 GiB
	degreeMost    = 4
)

// Validate reports everything that is wrong with a problem.
func (p Problem) Validate() error {
	var faults []error
	fault := func(wrong bool, says string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("decision %q: %w: %s", p.Name, ErrProblem, fmt.Sprintf(says, args...)))
		}
	}
	fault(p.Dates < 1 || p.Dates > datesMost, "%d dates: give 1 to %d", p.Dates, datesMost)
	fault(len(p.Variables) < 1 || len(p.Variables) > variablesMost, "%d variables: give 1 to %d", len(p.Variables), variablesMost)
	fault(len(p.Phases) < 1 || len(p.Phases) > phasesMost, "%d phases: give 1 to %d", len(p.Phases), phasesMost)
	fault(p.Start < 0 || p.Start >= len(p.Phases), "it starts in phase %d of %d", p.Start, len(p.Phases))
	fault(!(p.Discount > 0) || math.IsInf(p.Discount, 0), "a discount of %g: 1 paid a period later is worth more than 0 now", p.Discount)
	fault(len(p.Features) > featuresMost, "%d features: give at most %d", len(p.Features), featuresMost)
	fault(p.Draw == nil, "nothing draws its paths")
	for _, phase := range p.Phases {
		for _, a := range phase.Actions {
			fault(a.To < 0 || a.To >= len(p.Phases), "phase %q: action %q leads to phase %d of %d", phase.Name, a.Name, a.To, len(p.Phases))
		}
	}
	for i, c := range p.Cuts {
		fault(!p.cuts(c), "cut %d names a phase, an action or a variable that is not there", i+1)
	}
	return errors.Join(faults...)
}

// cuts tells whether everything that a cut names is there.
func (p Problem) cuts(c Cut) bool {
	dim := len(p.Variables)
	return c.Phase >= 0 && c.Phase < len(p.Phases) && c.Action >= 0 && c.Action < len(p.Phases[c.Phase].Actions) &&
		c.Axis >= 0 && c.Axis < dim && c.Across < dim && c.Across != c.Axis
}

// Validate reports everything that is wrong with the settings for a problem.
func (s Settings) Validate(p Problem) error {
	var faults []error
	fault := func(wrong bool, says string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("decision %q: %w: %s", p.Name, ErrProblem, fmt.Sprintf(says, args...)))
		}
	}
	fault(s.Paths < pathsLeast || s.Paths > pathsMost, "%d paths to fit: give %d to %d", s.Paths, pathsLeast, pathsMost)
	fault(s.Fresh < pathsLeast || s.Fresh > pathsMost, "%d fresh paths: give %d to %d", s.Fresh, pathsLeast, pathsMost)
	fault(s.Degree < 1 || s.Degree > degreeMost, "degree %d: give 1 to %d", s.Degree, degreeMost)
	fault(s.Seed == s.FreshSeed, "the seed %d draws both sets of paths: a rule valued on the paths that made it looks ahead, give two seeds", s.Seed)
	if cells := s.Paths * p.Dates * p.width(); cells > statesMost {
		fault(true, "%d paths of %d dates and %d variables and features do not fit: give at most %d paths", s.Paths, p.Dates, p.width(), statesMost/(p.Dates*p.width()))
	}
	return errors.Join(faults...)
}

// width is how many numbers are kept of a state: its variables and its features.
func (p Problem) width() int { return len(p.Variables) + len(p.Features) }

// step is an action that can be taken on a date. Index is its place among the
// actions of its phase, -1 for staying where nothing can be done.
type step struct {
	index, to int
	pay       Money
	goes      bool
}

// steps are the actions of every date and phase that the start leads to; none for
// the phases that cannot be reached.
func (p Problem) steps() [][][]step {
	out := make([][][]step, p.Dates)
	here := make([]bool, len(p.Phases))
	here[p.Start] = true
	for date := range p.Dates {
		out[date] = make([][]step, len(p.Phases))
		next := make([]bool, len(p.Phases))
		for phase := range p.Phases {
			if !here[phase] {
				continue
			}
			out[date][phase] = p.stepsAt(date, phase)
			for _, s := range out[date][phase] {
				next[s.to] = true
			}
		}
		here = next
	}
	return out
}

func (p Problem) stepsAt(date, phase int) (out []step) {
	for i, a := range p.Phases[phase].Actions {
		if a.When == nil || a.When(date) {
			out = append(out, step{i, a.To, a.Pay, a.Goes})
		}
	}
	if len(out) == 0 {
		out = []step{{index: -1, to: phase}}
	}
	return out
}
