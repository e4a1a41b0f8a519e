package main

import (
	"context"
	"fmt"

	"sluice/books/cost"
	"sluice/driver/entityfile"
	"sluice/live/accountant"
)

// question reads what a report is asked for and what is filed.
func (s *shelf) question(ctx context.Context, f reportFlags) (q accountant.Question, err error) {
	if q.By, err = dimension(f.by); err != nil {
		return q, input(err)
	}
	switch q.CostBy = cost.Dimension(f.costBy); q.CostBy {
	case "", cost.Site, cost.Model:
	default:
		return q, input(fmt.Errorf("--cost-by %q: use site or model", f.costBy))
	}
	if q.Keys, err = s.keys(ctx, f.company); err != nil {
		return q, err
	}
	q.Days, err = s.at().Days(ctx)
	return q, err
}

// papers hands out what is filed of one kind.
func (s *shelf) papers(ctx context.Context, kind string, each func(name string, body []byte) error) error {
	for p, err := range s.store.Papers(ctx, s.chart.Entity, kind) {
		if err == nil {
			err = each(p.Name, p.Body)
		}
		if err != nil {
			return fmt.Errorf("paper of kind %q, %q: %w", kind, p.Name, err)
		}
	}
	return nil
}

// keys are those of the company, by which shared costs are divided: of a file, or
// of the company as it was filed last.
func (s *shelf) keys(ctx context.Context, file string) ([]cost.Key, error) {
	if file == "" {
		keys, err := s.at().Keys(ctx)
		if err != nil {
			err = fmt.Errorf("keys of shared costs: %w: name a file with --company", err)
		}
		return keys, err
	}
	c, err := entityfile.Load(file)
	if err != nil {
		return nil, input(err)
	}
	if c.Chart.Entity != s.chart.Entity {
		return nil, input(fmt.Errorf("--company %s is that of %q, the books are of %q", file, c.Chart.Entity, s.chart.Entity))
	}
	return c.Keys, nil
}
