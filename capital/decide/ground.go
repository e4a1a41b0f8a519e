package decide

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
	"sluice/capital/risk"
)

// ErrDecide says that nothing can be decided as it was asked.
var ErrDecide = errors.New("no decision")

// Ground is a plan with all that its futures are drawn from.
type Ground struct {
	Plan    capital.Plan
	Hours   map[string]*model.Hours
	Begins  []time.Time // of the weeks of power prices
	Bitcoin path.History
	Risk    risk.Config
}

// lay makes a variant of the plan ready by weeks, with its futures.
func (g Ground) lay(p capital.Plan) (*model.Model, *risk.Futures, error) {
	m, err := model.New(p, model.Weekly(p), g.Hours)
	if err != nil {
		return nil, nil, err
	}
	f, err := risk.NewFutures(m, g.Bitcoin, g.Begins, g.Risk)
	return m, f, err
}

// project is the place of a project of the plan.
func (g Ground) project(name string) (int, error) {
	i := slices.IndexFunc(g.Plan.Projects, func(p capital.Project) bool { return p.Name == name })
	if i < 0 {
		var names []string
		for _, p := range g.Plan.Projects {
			names = append(names, p.Name)
		}
		return 0, fmt.Errorf("there is no project %q: the plan has %q: %w", name, names, ErrDecide)
	}
	return i, nil
}

// with is the plan with one project changed.
func (g Ground) with(i int, change func(*capital.Project)) capital.Plan {
	p := g.Plan.Converted()
	p.Projects = slices.Clone(p.Projects)
	change(&p.Projects[i])
	p.Sources = nil
	return p
}
