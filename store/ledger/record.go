package ledger

import (
	"context"
	"fmt"

	"sluice/books"
)

// record writes what is new: first unsealed, then its lines, then the
// seal, at which the database checks the sums.
func (p *pen) record(ctx context.Context, b *admission) error {
	if len(b.fresh) == 0 {
		return nil
	}
	tags := p.tags(b.fresh)
	heads := make([]any, 0, 17*len(b.fresh))
	var lines []any
	for i, s := range b.fresh {
		heads = append(heads, headRow(b.owner[i], s)...)
		for n, l := range s.Lines {
			lines = append(lines, b.owner[i], s.Sequence, int64(n)+1, p.index.account[named{b.owner[i], l.Account}], l.Amount,
				p.index.lot[named{b.owner[i], l.Lot.ID}], int64(l.Lot.Cost), p.index.tag[l.Tags])
		}
	}
	for _, w := range []struct {
		table   string
		columns int
		args    []any
	}{
		{"tags (id, site, use, contract, counterparty, project, model)", 7, tags},
		{"lot (id, entity, name, acquired)", 4, p.lots(b)},
		{"txn (entity, seq, id, kind, standing, at, booked, source, evidence, belongs, reverses, settles, narration, input, previous, hash, sealed)", 17, heads},
		{"entry (entity, seq, line, account, amount, lot, cost, tags)", 8, lines},
	} {
		if err := p.insert(ctx, w.table, w.columns, w.args); err != nil {
			return err
		}
	}
	return p.seal(ctx)
}

// seal closes what was begun in this transaction.
func (p *pen) seal(ctx context.Context) error {
	if err := p.exec(ctx, "UPDATE txn SET sealed = 1 WHERE sealed = 0"); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

// tags gives new tags their numbers, and returns their rows.
func (p *pen) tags(fresh []books.Sealed) (rows []any) {
	x := p.index
	for _, s := range fresh {
		for _, l := range s.Lines {
			if _, ok := x.tag[l.Tags]; ok {
				continue
			}
			x.grown = true
			x.tags = append(x.tags, l.Tags)
			x.tag[l.Tags] = int64(len(x.tags))
			rows = append(rows, x.tag[l.Tags], l.Tags.Site, l.Tags.Use, l.Tags.Contract, l.Tags.Counterparty, l.Tags.Project, l.Tags.Model)
		}
	}
	return rows
}

// lots are the rows of the lots that the transactions added.
func (p *pen) lots(b *admission) (rows []any) {
	for i, l := range p.index.lots[b.lots:] {
		rows = append(rows, int64(b.lots+i)+1, l.entity, l.name, l.acquired)
	}
	return rows
}

// headRow is the row of a transaction.
func headRow(entity int64, s books.Sealed) []any {
	evidence := []byte{}
	if s.Evidence != (books.Hash{}) {
		evidence = s.Evidence[:]
	}
	return []any{
		entity, s.Sequence, s.ID, s.Kind, string(s.Standing), s.At.Unix(), s.Booked.Unix(), s.Source, evidence, s.Belongs,
		s.Reverses, s.Settles, s.Narration, s.Input[:], s.Previous[:], s.Hash[:], int64(0),
	}
}
