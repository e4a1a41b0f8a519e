package main

import (
	"context"
	"fmt"
	"time"

	"sluice/books"
	"sluice/live/bookkeeper"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/series"
	"sluice/store/ledger"
	"sluice/unit"
	"sluice/use/mining"
)

// quarter is the settlement interval of what is booked here.
const quarter = 15 * time.Minute

// yard is a company with mining sites of two groups of machines each.
type yard struct {
	company settle.Company
	sites   []*quarry
}

// quarry is one of its sites.
type quarry struct {
	site    settle.Site
	company settle.Company // with the pool and wallet of this site
	rigs    []*mining.Rig
	bill    *power.Bill
	clerk   *settle.Clerk
}

// firstDay is when everything begins.
func firstDay() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

func newYard(sites int) (*yard, error) {
	y := &yard{company: settle.Company{
		Zone: time.UTC, Bank: books.Bank("main"), Utility: books.Vendor("grid"), Capital: 1_000_000 * unit.Unit, Policy: "bench", Sale: settle.Hold, Payouts: settle.Daily,
	}}
	y.company.Chart = books.Standard("Bench LLC", "USD", "UTC").With(y.company.Bank, y.company.Utility, settle.RunOwed)
	c, err := mining.Standard()
	if err != nil {
		return nil, err
	}
	for i := range sites {
		q := &quarry{site: settle.Site{Name: fmt.Sprintf("site-%02d", i+1), Zone: time.UTC, Models: map[string]string{}, Prices: "bench", Replayed: true}}
		for k, model := range []string{"Antminer S21 200", "Antminer S19k Pro 120"} {
			r, err := mining.Compile(mining.Group{Name: fmt.Sprint("hall-", k+1), Model: model, Count: 1000, PoolFee: 10_000, OperatingCost: unit.PerMWh}, c)
			if err != nil {
				return nil, err
			}
			q.rigs, q.site.Models[r.Use()] = append(q.rigs, r), model
		}
		q.bill, err = power.NewBill(power.Contracts{
			Spot: &power.Spot{Zone: "Z", Export: true}, Demand: []power.DemandCharge{{Name: "peak", Rate: 3_000_000_000, Interval: quarter, Period: power.Monthly}},
		}, time.UTC)
		if err != nil {
			return nil, err
		}
		q.company = y.company
		q.company.Pool, q.company.Wallet = books.Pool(q.site.Name), books.Wallet(q.site.Name)
		q.company.Chart = y.company.Chart.With(q.company.Pool, q.company.Wallet, books.FairValue(q.company.Pool), books.FairValue(q.company.Wallet))
		q.clerk = settle.NewClerk(q.company, q.site, settle.Standing{Begun: firstDay()})
		y.sites = append(y.sites, q)
	}
	return y, nil
}

// chart is the accounts of the company and of all its sites.
func (y *yard) chart() books.Chart {
	c := y.company.Chart
	for _, q := range y.sites {
		c = c.With(q.company.Pool, q.company.Wallet, books.FairValue(q.company.Pool), books.FairValue(q.company.Wallet))
	}
	return c
}

// delivery is what the meters saw in interval n: every figure another, all of them
// the same in every run.
func (q *quarry) delivery(n int) cycle.Delivery {
	at := firstDay().Add(time.Duration(n) * quarter)
	d := cycle.Delivery{Head: cycle.Head{Version: cycle.Version, Site: q.site.Name, Turn: at.Unix() / 900, At: at}, Length: quarter}
	for k, r := range q.rigs {
		e := r.Capacity().Over(quarter) - unit.Energy(n*7919%900_000_000) - unit.Energy(k)
		d.Uses = append(d.Uses, cycle.UseDelivery{Use: r.Use(), IT: e, Meter: e + e/20, Work: r.FullHashrate().Over(quarter)})
		d.Import += e + e/20
	}
	d.Import += unit.Kilowatt.Over(quarter) * 50
	for _, u := range []string{"hosting/hall-3", "flex/boiler"} {
		e := 400*unit.Kilowatt.Over(quarter) + unit.Energy(n*104_729%50_000_000)
		d.Uses = append(d.Uses, cycle.UseDelivery{Use: u, IT: e, Meter: e + e/10})
		d.Import += e + e/10
	}
	if n%8 == 0 { // the battery of a neighbour feeds in
		d.Export = 100 * unit.Kilowatt.Over(quarter)
	}
	return d
}

// entry settles interval n.
func (q *quarry) entry(n int) (cycle.Delivery, cycle.Entry, error) {
	d := q.delivery(n)
	e, err := settle.Post(d, settle.Prices{
		Currency: "USD", Spot: unit.Price(20+n*31%80) * unit.PerMWh, Priced: true, Rigs: q.rigs,
		Network: mining.Network{Day: d.At, Price: unit.Amount(90_000+n/96*7%20_000) * unit.Unit, Difficulty: 110_000_000_000_000, Reward: 320_000_000},
	}, q.bill)
	return d, e, err
}

// day settles and books the day that begins with interval n.
func (q *quarry) day(n, intervals int) error {
	y := settle.Diary{Zone: time.UTC}
	for i := range intervals {
		d, e, err := q.entry(n + i)
		if err != nil {
			return err
		}
		y.Add(cycle.Expected{Power: 1000 * unit.Unit, Worth: 2000 * unit.Unit}, d, e)
	}
	return q.clerk.Day(y.Days[0], "bench")
}

// month books the end of the month of a day, where the day is its last.
func (q *quarry) month(day time.Time) error {
	m := series.MonthOf(day, time.UTC)
	if !m.End().Equal(day.Add(24 * time.Hour)) {
		return nil
	}
	var lines []power.Line
	for _, l := range q.bill.Lines() {
		if l.Period.Start.Equal(m.Start) {
			lines = append(lines, l)
		}
	}
	return q.clerk.Month(settle.Month{From: m.Start, To: m.End(), Bill: lines, Bitcoin: 100_000 * unit.Unit})
}

// bookAll books so many deliveries of the first site, a month of papers at a time,
// and returns how many lines that made.
func (y *yard) bookAll(ctx context.Context, store *ledger.Store, deliveries int) (lines int, err error) {
	q := y.sites[0]
	if err := q.clerk.Open(firstDay()); err != nil {
		return 0, err
	}
	for n := 0; n < deliveries; n += 96 {
		day := firstDay().Add(time.Duration(n) * quarter)
		if err := q.day(n, min(96, deliveries-n)); err != nil {
			return lines, err
		}
		if err := q.month(day); err != nil {
			return lines, err
		}
		if day.Day() == 28 || n+96 >= deliveries {
			more, err := y.keep(ctx, store, q)
			if err != nil {
				return lines, err
			}
			lines += more
		}
	}
	return lines, nil
}

// keep books what a clerk wrote.
func (y *yard) keep(ctx context.Context, store *ledger.Store, q *quarry) (lines int, err error) {
	batch, err := bookkeeper.Batch(y.company.Chart.Entity, q.clerk.Journal())
	if err != nil {
		return 0, err
	}
	for _, x := range batch.Transactions {
		lines += len(x.Lines)
	}
	_, err = store.Book(ctx, batch)
	return lines, err
}
