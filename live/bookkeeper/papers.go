package bookkeeper

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/series"
	"sluice/store/sqlite"
)

// Papers is where a site that runs keeps its papers.
type Papers interface {
	Read(ctx context.Context, r sqlite.Range) ([]sqlite.Stored, error)
}

// interval is one that was delivered, and its entry where it was settled.
type interval struct {
	delivery cycle.Delivery
	entry    *cycle.Entry
}

// late is by how much an interval's papers may be written after its end.
const late = 24 * time.Hour

// intervals are those that began from one instant to before another, in order. Of
// papers that several runs of the program wrote the last count.
func (k *Keeper) intervals(ctx context.Context, from, to time.Time) ([]interval, error) {
	all := map[int64]*interval{}
	r := sqlite.Range{Site: k.c.Site.Name, Kind: sqlite.Delivery, From: from, To: to.Add(late)}
	err := pages(ctx, k.c.Papers, r, func(d cycle.Delivery, _ sqlite.Stored) bool {
		if !d.At.Before(from) && d.At.Before(to) {
			all[d.Turn] = &interval{delivery: d}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	r = sqlite.Range{Site: k.c.Site.Name, Kind: sqlite.Entry, From: from, To: to}
	err = pages(ctx, k.c.Papers, r, func(e cycle.Entry, _ sqlite.Stored) bool {
		if x := all[e.Turn]; x != nil {
			x.entry = &e
		}
		return true
	})
	var out []interval
	for _, x := range all {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b interval) int { return cmp.Compare(a.delivery.Turn, b.delivery.Turn) })
	return out, err
}

// plan is what the first plan of a stretch expected of its day; zero where nothing
// was entrusted to a plan.
func (k *Keeper) plan(ctx context.Context, from, to time.Time) (out cycle.Expected, err error) {
	r := sqlite.Range{Site: k.c.Site.Name, Kind: sqlite.Plan, From: from, To: to, Limit: 1}
	err = pages(ctx, k.c.Papers, r, func(p struct{ Today cycle.Expected }, s sqlite.Stored) bool {
		if s.Subject == "site" {
			out = p.Today
		}
		return false
	})
	return out, err
}

// first is when the first interval of the site began of which there is a delivery.
func (k *Keeper) first(ctx context.Context) (at time.Time, err error) {
	err = pages(ctx, k.c.Papers, sqlite.Range{Site: k.c.Site.Name, Kind: sqlite.Delivery, Limit: 1}, func(d cycle.Delivery, _ sqlite.Stored) bool {
		at = d.At
		return false
	})
	return at, err
}

// pages hands every paper of a range to take, until it wants no more.
func pages[T any](ctx context.Context, p Papers, r sqlite.Range, take func(T, sqlite.Stored) bool) error {
	for {
		page, err := p.Read(ctx, r)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, s := range page {
			var x T
			if err := json.Unmarshal(s.Body, &x); err != nil {
				return fmt.Errorf("read %s %s: %w", s.Kind, s.Key, err)
			}
			if !take(x, s) {
				return nil
			}
		}
		r.After = page[len(page)-1].Seq
	}
}

// Running is what goes on over a restart of the program: the bill of a month, and how
// tenants were served; nil: there are none.
type Running struct {
	Bill    *power.Bill
	Tenants *settle.Tenants
}

// Resume adds what was settled so far in a month, so that peaks, tiers and service
// levels go on from where they stood when the program ended. The error says what costs
// another amount than was booked; all is added even then.
func (r Running) Resume(ctx context.Context, p Papers, site string, month series.Interval) error {
	k := Keeper{Config{Site: settle.Site{Name: site}, Papers: p}}
	all, err := k.intervals(ctx, month.Start, month.End())
	for _, x := range all {
		if x.entry != nil {
			err = errors.Join(err, r.Bill.Skip(x.delivery.At), settle.Rebill(r.Bill, x.delivery, *x.entry), r.Tenants.Recall(x.delivery))
		}
	}
	return err
}
