package exchange

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Find is the rate of a day, which is cut in the zone of the time given, under a
// policy. Neither another day's, nor the reverse of a rate, nor a rate over a third
// currency stands in for one that is missing: the error wraps books.ErrNoPrice. So
// it does where two sources name different rates under one policy.
func Find(all []books.Price, asset books.Asset, quote unit.Currency, policy string, day time.Time) (books.Price, error) {
	var found books.Price
	for _, p := range all {
		if p.Asset != asset || p.Quote != quote || p.Policy != policy || !sameDay(p.At.In(day.Location()), day) {
			continue
		}
		if found.Source != "" && found != p {
			return books.Price{}, fmt.Errorf("rate of %s in %s on %s: %s says %s, %s says %s: %w", asset, quote, day.Format(time.DateOnly),
				found.Source, books.Asset(quote).Text(int64(found.Value)), p.Source, books.Asset(quote).Text(int64(p.Value)), books.ErrNoPrice)
		}
		found = p
	}
	if found.Source == "" {
		return books.Price{}, fmt.Errorf("rate of %s in %s on %s, policy %q: %w: record the one that the policy names for that day",
			asset, quote, day.Format(time.DateOnly), policy, books.ErrNoPrice)
	}
	return found, nil
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// worth is what a quantity is worth at the rate of the event's day.
func (e Event) worth(asset books.Asset, q int64, rate books.Price) (unit.Amount, error) {
	zone := e.Zone
	if zone == nil {
		zone = time.UTC
	}
	switch {
	case rate.Asset != asset, rate.Quote != e.Currency:
		return 0, fmt.Errorf("value %s at %s: %w: a rate of it in %s is needed", asset, rate.Name(), books.ErrNoPrice, e.Currency)
	case !sameDay(rate.At.In(zone), e.At.In(zone)):
		return 0, fmt.Errorf("value %s on %s at %s: %w: that is the rate of another day", asset, e.At.In(zone).Format(time.DateOnly), rate.Name(), books.ErrNoPrice)
	}
	return rate.Of(q)
}
