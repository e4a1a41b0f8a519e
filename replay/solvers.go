package replay

import (
	"context"
	"sync"

	"sluice/loop/dispatch"
)

// solvers lends solvers out and takes them back, because a solver keeps all the
// memory it ever needed and many months are planned.
type solvers struct {
	open func(context.Context) (dispatch.Solver, error)

	mu   sync.Mutex // guards idle
	idle []dispatch.Solver
}

// take lends an idle solver, or opens one.
func (p *solvers) take(ctx context.Context) (dispatch.Solver, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s, nil
	}
	return p.open(ctx)
}

// give takes a solver back.
func (p *solvers) give(s dispatch.Solver) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
}

// end closes a solver that can be closed. What it held is free again.
func end(ctx context.Context, s dispatch.Solver) error {
	if c, closes := s.(interface{ Close(context.Context) error }); closes {
		return c.Close(context.WithoutCancel(ctx))
	}
	return nil
}

// close ends all idle solvers.
func (p *solvers) close(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		_ = end(ctx, s) // nothing is asked of them any more
	}
	p.idle = nil
}
