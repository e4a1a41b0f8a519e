package ledger

import (
	"context"
	"errors"
	"fmt"

	"sluice/books"
	"sluice/store/file"
	"sluice/unit"
)

// dictionary is the tables to which the lines of the journal refer by number.
// Numbers begin at 1 without a gap and nothing changes, so what is known stays true
// and only what follows is read.
type dictionary struct {
	assets   []asset
	entities []entity
	accounts []account
	tags     []books.Tags
	lots     []lot
}

type asset struct {
	code  books.Asset
	scale int64
}

type entity struct{ name, currency, zone string }

type account struct {
	books.Account
	entity int64
	asset  int64
}

type lot struct {
	name     string
	entity   int64
	acquired int64
}

// follow reads what came after what is known.
func (d *dictionary) follow(ctx context.Context, a file.Asker, text func(string) string) error {
	return errors.Join(
		grow(ctx, a, text("SELECT id, code, scale FROM asset WHERE id > $1 ORDER BY id"), &d.assets, func(scan file.Scanner, id *int64, x *asset) error {
			return scan(id, &x.code, &x.scale)
		}),
		grow(ctx, a, text("SELECT id, name, currency, zone FROM entity WHERE id > $1 ORDER BY id"), &d.entities, func(scan file.Scanner, id *int64, x *entity) error {
			return scan(id, &x.name, &x.currency, &x.zone)
		}),
		grow(ctx, a, text("SELECT id, entity, code, name, asset, level FROM account WHERE id > $1 ORDER BY id"), &d.accounts, func(scan file.Scanner, id *int64, x *account) error {
			if err := scan(id, &x.entity, &x.Code, &x.Name, &x.asset, &x.Level); err != nil {
				return err
			}
			if x.asset < 1 || x.asset > int64(len(d.assets)) {
				return fmt.Errorf("account %q has an unknown asset: %w", x.Name, books.ErrChanged)
			}
			x.Asset = d.assets[x.asset-1].code
			return nil
		}),
		grow(ctx, a, text("SELECT id, site, use, contract, counterparty, project, model FROM tags WHERE id > $1 ORDER BY id"), &d.tags, func(scan file.Scanner, id *int64, x *books.Tags) error {
			return scan(id, &x.Site, &x.Use, &x.Contract, &x.Counterparty, &x.Project, &x.Model)
		}),
		grow(ctx, a, text("SELECT id, entity, name, acquired FROM lot WHERE id > $1 ORDER BY id"), &d.lots, func(scan file.Scanner, id *int64, x *lot) error {
			return scan(id, &x.entity, &x.name, &x.acquired)
		}),
	)
}

// grow appends the rows of one table whose numbers follow on what is there.
func grow[T any](ctx context.Context, a file.Asker, text string, to *[]T, read func(file.Scanner, *int64, *T) error) error {
	return file.Each(ctx, a, text, []any{len(*to)}, func(scan file.Scanner) error {
		var id int64
		var x T
		if err := read(scan, &id, &x); err != nil {
			return err
		}
		if id != int64(len(*to))+1 {
			return fmt.Errorf("a table of the books goes from number %d to %d: %w", len(*to), id, books.ErrChanged)
		}
		*to = append(*to, x)
		return nil
	})
}

// scales refuses books that count an asset in another unit than this program.
func (d *dictionary) scales() error {
	for _, a := range d.assets {
		if a.scale != int64(a.code.Decimals()) {
			return fmt.Errorf("%w: %s has %d decimals in the books and %d in this program: use the program that wrote them", ErrInvalid, a.code, a.scale, a.code.Decimals())
		}
	}
	return nil
}

// entity is the number of an entity, 0 where there is none of that name.
func (d *dictionary) entity(name string) int64 {
	for i, e := range d.entities {
		if e.name == name {
			return int64(i) + 1
		}
	}
	return 0
}

// chart is the chart of accounts of an entity.
func (d *dictionary) chart(number int64) books.Chart {
	e := d.entities[number-1]
	c := books.Chart{Entity: e.name, Currency: unit.Currency(e.currency), Zone: e.zone}
	for _, a := range d.accounts {
		if a.entity == number {
			c.Accounts = append(c.Accounts, a.Account)
		}
	}
	return c
}

// named is something that has its name within an entity.
type named struct {
	entity int64
	name   string
}

// index is the dictionary of the pen, with the numbers by name.
type index struct {
	dictionary
	account map[named]int64
	tag     map[books.Tags]int64
	lot     map[named]int64
	charts  map[int64]books.Chart
	grown   bool // holds what the transaction under way adds
}

// learn reads the dictionary where it is not known.
func (p *pen) learn(ctx context.Context) error {
	if p.index != nil {
		p.index.grown = false
		return nil
	}
	x := &index{account: map[named]int64{}, tag: map[books.Tags]int64{}, lot: map[named]int64{}, charts: map[int64]books.Chart{}}
	if err := errors.Join(x.follow(ctx, p, p.dialect.text), x.scales()); err != nil {
		return fmt.Errorf("read accounts, tags and lots: %w", err)
	}
	for i, a := range x.accounts {
		x.account[named{a.entity, a.Name}] = int64(i) + 1
	}
	for i, t := range x.tags {
		x.tag[t] = int64(i) + 1
	}
	for i, l := range x.lots {
		x.lot[named{l.entity, l.name}] = int64(i) + 1
	}
	for i := range x.entities {
		x.charts[int64(i)+1] = x.chart(int64(i) + 1)
	}
	p.index = x
	return nil
}
