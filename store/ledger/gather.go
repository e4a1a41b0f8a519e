package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sluice/books"
	"sluice/store/file"
)

// place is a lot in an account: no lot is pooled across wallets.
type place struct{ account, lot int64 }

// holding is what an account holds of a lot.
type holding struct{ quantity, cost int64 }

// gather asks the books for all that admitting the transactions needs.
func (p *pen) gather(ctx context.Context, all []books.Transaction) (*admission, error) {
	b := &admission{
		known: map[named]books.Sealed{}, reversed: map[named]string{}, settled: map[named]string{},
		held: map[place]holding{}, chains: map[int64]*chain{}, lots: len(p.index.lots),
	}
	mine := map[int64][]books.Transaction{}
	for _, t := range all {
		number := p.index.entity(t.Entity)
		mine[number] = append(mine[number], t)
	}
	for number, some := range mine {
		if err := p.gatherOf(ctx, b, number, some); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// gatherOf asks for what the transactions of one entity need.
func (p *pen) gatherOf(ctx context.Context, b *admission, number int64, some []books.Transaction) error {
	ids, reverses, settles, lots := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[int64]bool{}
	for _, t := range some {
		ids[t.ID], ids[t.Reverses], ids[t.Settles] = true, true, true
		reverses[t.Reverses], settles[t.Settles] = true, true
		for _, l := range t.Lines {
			lots[p.index.lot[named{number, l.Lot.ID}]] = true
		}
	}
	for _, m := range []map[string]bool{ids, reverses, settles} {
		delete(m, "")
	}
	delete(lots, 0) // new lots, of which nothing is held yet
	stand, err := p.index.named(ctx, p, p.dialect.text, number, slices.Sorted(maps.Keys(ids)))
	for _, s := range stand {
		b.known[named{number, s.ID}] = s
	}
	return errors.Join(err,
		p.links(ctx, "reverses", number, reverses, b.reversed),
		p.links(ctx, "settles", number, settles, b.settled),
		p.holdings(ctx, slices.Sorted(maps.Keys(lots)), b.held),
		p.end(ctx, b, number))
}

// links asks which of the ids another transaction names in that column.
func (p *pen) links(ctx context.Context, column string, number int64, ids map[string]bool, to map[named]string) error {
	for left := slices.Sorted(maps.Keys(ids)); len(left) > 0; {
		n := portion(len(left))
		args := []any{number}
		for _, id := range left[:n] {
			args = append(args, id)
		}
		text := p.dialect.text("SELECT " + column + ", id FROM txn WHERE entity = $1 AND " + column + " <> '' AND " + column + " IN " + among(n))
		if err := file.Each(ctx, p, text, args, func(scan file.Scanner) error {
			var id, by string
			err := scan(&id, &by)
			to[named{number, id}] = by
			return err
		}); err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// holdings asks what is held of lots, in every account.
func (p *pen) holdings(ctx context.Context, lots []int64, to map[place]holding) error {
	for len(lots) > 0 {
		n := portion(len(lots))
		args := []any{string(books.Posted)}
		for _, id := range lots[:n] {
			args = append(args, id)
		}
		text := p.dialect.text(`SELECT e.account, e.lot, CAST(sum(e.amount) AS BIGINT), CAST(sum(e.cost) AS BIGINT)
			FROM entry e CROSS JOIN txn t -- in this order: SQLite must begin at the index of the lots
			WHERE t.entity = e.entity AND t.seq = e.seq AND t.standing = $1 AND e.lot <> 0 AND e.lot IN ` + among(n) + ` GROUP BY e.account, e.lot`)
		if err := file.Each(ctx, p, text, args, func(scan file.Scanner) error {
			var at place
			var h holding
			err := scan(&at.account, &at.lot, &h.quantity, &h.cost)
			to[at] = h
			return err
		}); err != nil {
			return err
		}
		lots = lots[n:]
	}
	return nil
}

// end asks for the last transaction and the latest lock of an entity.
func (p *pen) end(ctx context.Context, b *admission, number int64) error {
	c := &chain{}
	b.chains[number] = c
	err := file.Each(ctx, p, p.dialect.text("SELECT seq, hash FROM txn WHERE entity = $1 ORDER BY seq DESC LIMIT 1"), []any{number}, func(scan file.Scanner) error {
		var h bytes
		err := scan(&c.sequence, &h)
		c.hash = books.Hash(h)
		return err
	})
	locked, also := lockedUntil(ctx, p, p.dialect.text, number)
	c.locked = locked
	return errors.Join(err, also)
}

// move takes the lots of a posted transaction in or out, line by line, and writes
// down new lots.
func (b *admission) move(p *pen, entity int64, t books.Transaction) error {
	if t.Standing == books.Void {
		return nil
	}
	for i, l := range t.Lines {
		if l.Lot.ID == "" {
			continue
		}
		id, err := p.lot(entity, l.Lot)
		if err == nil && t.Standing == books.Posted {
			err = b.take(place{p.index.account[named{entity, l.Account}], id}, l)
		}
		if err != nil {
			return fmt.Errorf("line %d, %s, lot %s: %w", i+1, l.Account, l.Lot.ID, err)
		}
	}
	return nil
}

// take changes what an account holds of a lot.
func (b *admission) take(at place, l books.Line) error {
	held := b.held[at]
	quantity, fits := books.Add(held.quantity, l.Amount)
	cost, also := books.Add(held.cost, int64(l.Lot.Cost))
	if !fits || !also || quantity < 0 || cost < 0 || quantity == 0 && cost != 0 {
		return fmt.Errorf("%w: %s BTC that cost %d millionths are open, and %s that cost %d are moved",
			ErrLot, books.Bitcoin.Text(held.quantity), held.cost, books.Bitcoin.Text(l.Amount), int64(l.Lot.Cost))
	}
	b.held[at] = holding{quantity, cost}
	return nil
}

// lot is the number of a lot, which is new or was acquired at the same time.
func (p *pen) lot(entity int64, l books.Lot) (int64, error) {
	x := p.index
	me := named{entity, l.ID}
	id, ok := x.lot[me]
	if !ok {
		x.grown = true
		x.lots = append(x.lots, lot{l.ID, entity, l.Acquired.Unix()})
		x.lot[me] = int64(len(x.lots))
		return x.lot[me], nil
	}
	if at := x.lots[id-1].acquired; at != l.Acquired.Unix() {
		return 0, fmt.Errorf("%w: it was acquired on %v, and %v is offered: another purchase is another lot", ErrLot, instant(at), l.Acquired)
	}
	return id, nil
}
