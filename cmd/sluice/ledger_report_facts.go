package main

import (
	"bytes"
	"context"
	"fmt"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/statement"
	"sluice/driver/entityfile"
)

// The kinds under which papers are filed that statements are made with.
const (
	paperDay     = "day"
	paperPrice   = "price"
	paperCompany = "company"
)

// extras are what a report is made with beside the journal.
type extras struct {
	by     statement.Dimension
	costBy cost.Dimension
	keys   []cost.Key
	days   []statement.Day // of the period, as they are filed
}

// extras reads what is asked for and what is filed.
func (s *shelf) extras(ctx context.Context, f reportFlags) (x extras, err error) {
	if x.by, err = dimension(f.by); err != nil {
		return x, input(err)
	}
	switch x.costBy = cost.Dimension(f.costBy); x.costBy {
	case "", cost.Site, cost.Model:
	default:
		return x, input(fmt.Errorf("--cost-by %q: use site or model", f.costBy))
	}
	if x.keys, err = s.keys(ctx, f.company); err != nil {
		return x, err
	}
	x.days, err = s.days(ctx)
	return x, err
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
	if file != "" {
		c, err := entityfile.Load(file)
		if err != nil {
			return nil, input(err)
		}
		if c.Chart.Entity != s.chart.Entity {
			return nil, input(fmt.Errorf("--company %s is that of %q, the books are of %q", file, c.Chart.Entity, s.chart.Entity))
		}
		return c.Keys, nil
	}
	var last []byte
	if err := s.papers(ctx, paperCompany, func(_ string, body []byte) error { last = body; return nil }); err != nil || last == nil {
		return nil, err
	}
	c, err := entityfile.Read(bytes.NewReader(last), "as filed in the books")
	if err != nil {
		return nil, fmt.Errorf("keys of shared costs: %w: name a file with --company", err)
	}
	return c.Keys, nil
}

// days are what was measured in the period, as it is filed.
func (s *shelf) days(ctx context.Context) ([]statement.Day, error) {
	var all []statement.Day
	err := s.papers(ctx, paperDay, func(_ string, body []byte) error {
		d, err := statement.ParseDay(body)
		all = append(all, d)
		return err
	})
	return statement.Within(all, s.from, s.to), err
}

// prices are those of bitcoin that are filed and of the period.
func (s *shelf) prices(ctx context.Context) ([]books.Price, error) {
	var all []books.Price
	err := s.papers(ctx, paperPrice, func(_ string, body []byte) error {
		p, err := books.ParsePrice(body)
		if err == nil && p.Asset == books.Bitcoin && p.Quote == s.chart.Currency && !p.At.Before(s.from) && p.At.Before(s.to) {
			all = append(all, p)
		}
		return err
	})
	return all, err
}
