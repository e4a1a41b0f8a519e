package ledger

import (
	"context"
	"fmt"
	"slices"

	"sluice/books"
)

// OpenEntity opens the books of a legal entity, or adds accounts to its chart.
// Accounts that stand already must be the same; those that the chart leaves out
// stay. It returns the chart as it stands now. An error wraps ErrConflict where
// currency, zone or an account would change.
func (s *Store) OpenEntity(ctx context.Context, c books.Chart) (books.Chart, error) {
	err := c.Validate()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error {
			var err error
			c, err = p.open(ctx, c)
			return err
		})
	}
	if err != nil {
		return books.Chart{}, fmt.Errorf("open the books of %q: %w", c.Entity, err)
	}
	return c, nil
}

// Chart is the chart of accounts of an entity, in the order in which they were added.
func (s *Store) Chart(ctx context.Context, entity string) (c books.Chart, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err == nil {
			c = r.chart(number)
		}
		return err
	})
	if err != nil {
		return books.Chart{}, fmt.Errorf("chart of %q: %w", entity, err)
	}
	return c, nil
}

// Entities are the names of all whose books are open, the first one first.
func (s *Store) Entities(ctx context.Context) (names []string, err error) {
	err = s.read(ctx, func(r reading) error {
		for _, e := range r.entities {
			names = append(names, e.name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the entities: %w", err)
	}
	return names, nil
}

// open adds an entity and accounts, and returns the chart that then stands.
func (p *pen) open(ctx context.Context, c books.Chart) (books.Chart, error) {
	x := p.index
	number := x.entity(c.Entity)
	if number == 0 {
		number = int64(len(x.entities)) + 1
		x.grown = true
		x.entities = append(x.entities, entity{c.Entity, string(c.Currency), c.Zone})
		if err := p.insert(ctx, "entity (id, name, currency, zone)", 4, []any{number, c.Entity, string(c.Currency), c.Zone}); err != nil {
			return c, err
		}
	}
	if e := x.entities[number-1]; e.currency != string(c.Currency) || e.zone != c.Zone {
		return c, fmt.Errorf("%w: it reports in %s and cuts its days in %s, and %s and %s are asked for", ErrConflict, e.currency, e.zone, c.Currency, c.Zone)
	}
	for _, a := range c.Accounts {
		if err := p.account(ctx, number, a); err != nil {
			return c, err
		}
	}
	if err := p.fileChart(ctx, number); err != nil {
		return c, err
	}
	x.charts[number] = x.chart(number)
	c = x.charts[number]
	c.Accounts = slices.Clone(c.Accounts)
	return c, nil
}

// account adds one account to a chart, unless it is there.
func (p *pen) account(ctx context.Context, number int64, a books.Account) error {
	x := p.index
	if known, ok := x.account[named{number, a.Name}]; ok {
		if stands := x.accounts[known-1].Account; stands != a {
			return fmt.Errorf("%w: account %q stands as %+v, and %+v is asked for: add an account of another name", ErrConflict, a.Name, stands, a)
		}
		return nil
	}
	of, err := p.asset(ctx, a.Asset)
	if err != nil {
		return err
	}
	x.grown = true
	x.accounts = append(x.accounts, account{a, number, of})
	id := int64(len(x.accounts))
	x.account[named{number, a.Name}] = id
	return p.insert(ctx, "account (id, entity, code, name, asset, level)", 6, []any{id, number, a.Code, a.Name, of, int64(a.Level)})
}

// asset is the number of an asset, which is added where it is new.
func (p *pen) asset(ctx context.Context, code books.Asset) (int64, error) {
	x := p.index
	if i := slices.IndexFunc(x.assets, func(a asset) bool { return a.code == code }); i >= 0 {
		return int64(i) + 1, nil
	}
	x.grown = true
	x.assets = append(x.assets, asset{code, int64(code.Decimals())})
	id := int64(len(x.assets))
	return id, p.insert(ctx, "asset (id, code, scale)", 3, []any{id, string(code), int64(code.Decimals())})
}
