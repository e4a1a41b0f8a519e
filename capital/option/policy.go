package option

// fit is what is expected of the periods after a date, as polynomials in the state.
type fit struct {
	scale scale
	terms []term
	coef  [][]float64 // by the phase that follows; nil: nothing follows in it
	none  bool        // no path asked: there is nothing to compare
}

// Policy is a fitted rule: what to do at a date, in a phase, in a state.
type Policy struct {
	problem Problem
	steps   [][][]step
	fits    [][]*fit
}

// Choose is the place, among the actions of a phase, of the one to take at a date and
// in a state; -1 where nothing can be done, where no path ever came, or where the
// state has not one number for each variable.
func (p *Policy) Choose(date, phase int, state []float64) int {
	if date < 0 || date >= len(p.steps) || phase < 0 || phase >= len(p.problem.Phases) || len(p.steps[date][phase]) == 0 || len(state) != len(p.problem.Variables) {
		return -1
	}
	k, _ := p.pick(date, phase, p.newSight().look(p.problem.widen(date, state)))
	return p.steps[date][phase][k].index
}

// sight is what one goroutine knows of one state: the basis there, and what of it was
// computed before.
type sight struct {
	variables    int
	wide, x      []float64 // with and without features
	of           *fit      // whose basis is filled
	basis        []float64
	ahead, flow  []float64 // by phase
	fitted       []int     // look for which ahead holds
	flowed       []int     // look for which flow holds
	looks, fills int
}

func (p *Policy) newSight() *sight {
	n := len(p.problem.Phases)
	return &sight{variables: len(p.problem.Variables), ahead: make([]float64, n), flow: make([]float64, n), fitted: make([]int, n), flowed: make([]int, n)}
}

// look turns to another state: its variables and its features.
func (s *sight) look(wide []float64) *sight {
	s.wide, s.x, s.of = wide, wide[:s.variables], nil
	s.looks++
	return s
}

// widen is a state with its features.
func (p Problem) widen(date int, state []float64) []float64 {
	out := append(make([]float64, 0, p.width()), state...)
	for _, f := range p.Features {
		out = append(out, f(date, state))
	}
	return out
}

// flowOf is what the period that begins pays in a phase.
func (p *Policy) flowOf(date, phase int, s *sight) float64 {
	if s.flowed[phase] != s.looks {
		s.flow[phase], s.flowed[phase] = 0, s.looks
		if f := p.problem.Phases[phase].Flow; f != nil {
			s.flow[phase] = f(date, s.x)
		}
	}
	return s.flow[phase]
}

// aheadOf is what is expected after the period, at the date: the fitted continuation.
func (s *sight) aheadOf(f *fit, phase int) float64 {
	if f == nil || f.coef[phase] == nil {
		return 0
	}
	if s.of != f {
		if cap(s.basis) < len(f.terms) {
			s.basis = make([]float64, len(f.terms))
		}
		s.basis = s.basis[:len(f.terms)]
		f.scale.fill(f.terms, s.wide, s.basis)
		s.of = f
		s.fills++
	}
	if s.fitted[phase] != s.fills {
		var sum float64
		for j, c := range f.coef[phase] {
			sum += c * s.basis[j]
		}
		s.ahead[phase], s.fitted[phase] = sum, s.fills
	}
	return s.ahead[phase]
}

// worth is what an action pays at once, and what is expected of it in all.
func (p *Policy) worth(date, phase, k int, s *sight) (pay, all float64) {
	to := &p.steps[date][phase][k]
	if to.pay != nil {
		pay = to.pay(date, s.x)
	}
	return pay, pay + p.flowOf(date, to.to, s) + s.aheadOf(p.fits[date][phase], to.to)
}

// pick chooses the action that is expected to be worth most, the first of equals,
// and tells what it pays at once.
func (p *Policy) pick(date, phase int, s *sight) (k int, pay float64) {
	steps := p.steps[date][phase]
	if len(steps) == 1 || !p.asks(date, phase, s.x) {
		return 0, p.payOf(date, phase, 0, s.x)
	}
	pay, best := p.worth(date, phase, 0, s)
	for i := 1; i < len(steps); i++ {
		if now, all := p.worth(date, phase, i, s); all > best {
			k, pay, best = i, now, all
		}
	}
	return k, pay
}

// asks tells whether there is a choice to make in a state.
func (p *Policy) asks(date, phase int, x []float64) bool {
	if f := p.fits[date][phase]; f != nil && f.none {
		return false
	}
	asks := p.problem.Phases[phase].Asks
	return asks == nil || asks(date, x)
}

func (p *Policy) payOf(date, phase, k int, x []float64) float64 {
	if pay := p.steps[date][phase][k].pay; pay != nil {
		return pay(date, x)
	}
	return 0
}
