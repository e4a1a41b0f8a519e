package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"sluice/books"
	"sluice/store/file"
)

// The kinds of things that are filed beside the journal, as the database names them.
const (
	filedChart    = "chart"
	filedLock     = "lock"
	filedPaper    = "paper"
	filedDocument = "document"
	filedParked   = "parked"
	filedReleased = "released"
)

// filing is one link of the chain beside the journal: what was kept, and the hash
// of all that its row says.
type filing struct {
	what    string
	subject int64 // number of the row of its kind; of a chart, how many accounts it had
	content books.Hash
}

// after is the hash of a filing after the one before, which has that number and hash.
func (f filing) after(number int64, previous books.Hash) books.Hash {
	b := putNumber(previous[:], number+1)
	b = putNumber(putText(b, f.what), f.subject)
	return sha256.Sum256(append(b, f.content[:]...))
}

// file puts filings at the end of the chain of an entity.
func (p *pen) file(ctx context.Context, entity int64, all ...filing) error {
	if len(all) == 0 {
		return nil
	}
	var number int64
	var last books.Hash
	if err := file.Each(ctx, p, p.dialect.text("SELECT number, hash FROM filing WHERE entity = $1 ORDER BY number DESC LIMIT 1"), []any{entity}, func(scan file.Scanner) error {
		return scan(&number, (*bytes)(&last))
	}); err != nil {
		return fmt.Errorf("read the last filing: %w", err)
	}
	rows := make([]any, 0, 6*len(all))
	for _, f := range all {
		hash := f.after(number, last)
		number, last = number+1, hash
		rows = append(rows, entity, number, f.what, f.subject, f.content[:], hash[:])
	}
	return p.insert(ctx, "filing (entity, number, what, subject, content, hash)", 6, rows)
}

// count is how many rows of an entity a table has, which are numbered from 1 on.
func (p *pen) count(ctx context.Context, table string, entity int64) (n int64, err error) {
	err = file.Each(ctx, p, p.dialect.text("SELECT coalesce(max(number), 0) FROM "+table+" WHERE entity = $1"), []any{entity}, func(scan file.Scanner) error {
		return scan(&n)
	})
	return n, err
}

// fileChart files the chart of an entity as it stands, unless it was filed already.
func (p *pen) fileChart(ctx context.Context, entity int64) error {
	c := p.index.chart(entity)
	filed := int64(-1)
	err := file.Each(ctx, p, p.dialect.text("SELECT coalesce(max(subject), -1) FROM filing WHERE entity = $1 AND what = $2"), []any{entity, filedChart}, func(scan file.Scanner) error {
		return scan(&filed)
	})
	if n := int64(len(c.Accounts)); err != nil || filed == n {
		return err
	}
	return p.file(ctx, entity, chartFiling(c))
}

// chartFiling files a chart with all its accounts in the order of their numbers.
func chartFiling(c books.Chart) filing {
	b := putText(putText(putText(nil, c.Entity), string(c.Currency)), c.Zone)
	for _, a := range c.Accounts {
		b = putText(putText(putText(b, a.Code), a.Name), string(a.Asset))
		b = putNumber(b, int64(a.Level))
	}
	return filing{filedChart, int64(len(c.Accounts)), sha256.Sum256(b)}
}

// lockFiling files who locked or unlocked what, and when.
func lockFiling(l Locking) filing {
	b := putNumber(putNumber(putNumber(putNumber(nil, l.Unlocks), l.From.Unix()), l.To.Unix()), l.At.Unix())
	b = putText(putText(putText(b, l.By), l.Second), l.Reason)
	b = append(append(b, l.Root[:]...), l.Balance[:]...)
	return filing{filedLock, l.Number, sha256.Sum256(b)}
}

// fileOld files the charts and locks of books that were kept before there were filings.
func (p *pen) fileOld(ctx context.Context) error {
	p.index = nil
	if err := p.learn(ctx); err != nil {
		return err
	}
	for number := int64(1); number <= int64(len(p.index.entities)); number++ {
		if err := p.fileChart(ctx, number); err != nil {
			return err
		}
		locks, err := lockings(ctx, p, p.dialect.text, number, "")
		if err != nil {
			return err
		}
		all := make([]filing, len(locks))
		for i, l := range locks {
			all[i] = lockFiling(l)
		}
		if err := p.file(ctx, number, all...); err != nil {
			return err
		}
	}
	return nil
}

// What is hashed cannot be mistaken for something else: every text goes with its
// length, every number has eight bytes, the high one first.

func putNumber(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // all bits count, the sign too
}

func putText(b []byte, s string) []byte { return append(putNumber(b, int64(len(s))), s...) }
