package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"sluice/books"
	"sluice/store/ledger"
)

// closed closes January of fifty sites with four uses each: every quarter of an
// hour settled, every day and the month booked, every tenant billed, then what
// 'sluice ledger close' does.
func (b *bench) closed(ctx context.Context, t *table) error {
	begin := time.Now()
	y, err := newYard(monthSites)
	if err != nil {
		return err
	}
	store, dir, err := b.ledgerIn(ctx, "closed")
	if err != nil {
		return err
	}
	lines, err := y.january(ctx, store)
	if err = errors.Join(err, store.Close()); err != nil { //nolint:contextcheck // what is open is closed whatever became of ctx
		return err
	}
	booked := time.Since(begin)
	program, err := b.build(ctx)
	if err != nil {
		return err
	}
	proof := time.Now()
	closing := exec.CommandContext(ctx, program, "ledger", "close", "--books", dir, "--period", "2025-01", "--by", "bench")
	if _, err := execute(closing); err != nil {
		return err
	}
	proven := time.Since(proof)
	how := fmt.Sprintf("%d sites, %d uses, 15 minutes: %d deliveries, %d entries; statements, chain, hledger and bean-check", monthSites, monthUses, monthSites*31*96, lines)
	t.add(
		figure{Name: "month closed", Value: (booked + proven).Seconds(), Unit: "s", How: how}.atMost(closeWall),
		figure{Name: "of it settled, billed and booked", Value: booked.Seconds(), Unit: "s", How: how},
		figure{Name: "of it proven and locked", Value: proven.Seconds(), Unit: "s", How: how},
	)
	return nil
}

// january books a month of every site and bills its tenants.
func (y *yard) january(ctx context.Context, store *ledger.Store) (lines int, err error) {
	chart := y.chart()
	for i := range y.sites {
		chart = chart.With(books.Customer(tenant(i)))
	}
	if _, err := store.OpenEntity(ctx, chart); err != nil {
		return 0, err
	}
	if err := y.sites[0].clerk.Open(firstDay()); err != nil {
		return 0, err
	}
	for _, q := range y.sites {
		for day := range 31 {
			if err := q.day(day*96, 96); err != nil {
				return lines, err
			}
		}
		if err := q.month(firstDay().AddDate(0, 0, 30)); err != nil {
			return lines, err
		}
		more, err := y.keep(ctx, store, q)
		if err != nil {
			return lines, err
		}
		lines += more
	}
	for i := range y.sites {
		_, more, err := invoiced(ctx, store, tenant(i))
		if err != nil {
			return lines, err
		}
		lines += more
	}
	return lines, nil
}

// planted runs the tests that plant errors in the books, and shows who finds which.
func (b *bench) planted(ctx context.Context, t *table) error {
	said, err := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-run", "Planted", "./books/export").CombinedOutput()
	if err != nil {
		return fmt.Errorf("planted errors: %w\n%s", err, said)
	}
	planted := 0
	for line := range strings.Lines(string(said)) {
		line = strings.TrimSpace(line)
		name, written := strings.CutPrefix(line, "--- PASS: TestPlantedErrors/")
		if cells := strings.Split(line, "|"); len(cells) == 4 && strings.TrimSpace(cells[2]) != "" && !strings.Contains(cells[2], "who finds it") && !strings.Contains(cells[2], "---") {
			planted++
			t.note("planted: %s; found by %s", strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2]))
		} else if written {
			planted++
			name, _, _ = strings.Cut(name, " (")
			t.note("planted in what is exported: %s; found by hledger, bean-check or both, as docs/books.md says", strings.ReplaceAll(name, "_", " "))
		}
	}
	t.add(figure{Name: "planted errors found", Value: float64(planted), Unit: "errors", How: "each by a check of ours or of another program, named in the notes"}.promised(">= 10", planted >= 10))
	return nil
}
