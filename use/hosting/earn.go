package hosting

import (
	"time"

	"sluice/series"
	"sluice/service"
	"sluice/unit"
)

// Earned is what a stretch of time earned, from the counts at its start and its end:
// what is reserved and paid whether used or not, and what was used. Work that an
// eviction of ours undid is not charged, and a late GPU-second costs the credit that
// the contract states, so used may fall below zero. Credits for downtime are not in
// it: they stand only once the month is over (Tenancy.Credit).
//
// Each amount is the difference of two rounded running sums, so a stretch may be cut
// in any way without a millionth more or less, and a month of colocation comes to
// the price of its kilowatts.
//
// Source: docs/formula/hosting.md, "Earned".
func (t *Tenancy) Earned(from, to time.Time, before, after Counts) (reserved, used unit.Amount) {
	c := t.contract
	switch {
	case c.Kind == Colocation:
		return t.rent(from, to), 0
	case c.Kind.Commits():
		return c.hours(after.Committed) - c.hours(before.Committed), 0
	}
	return 0, c.sold(after) - c.sold(before)
}

// hours is what GPU-seconds cost at the price of the contract.
func (c Contract) hours(gpuSeconds int64) unit.Amount {
	return unit.Amount(unit.MulDiv(gpuSeconds, int64(c.Price), 3600))
}

// sold is what use is paid so far.
func (c Contract) sold(n Counts) unit.Amount {
	return c.hours(n.Served-n.Lost) - unit.Amount(unit.MulDiv(n.Late, int64(c.Late), 3600))
}

// rent is what colocation earns in a stretch of time, month by month.
func (t *Tenancy) rent(from, to time.Time) unit.Amount {
	var sum unit.Amount
	for from.Before(to) {
		month := series.MonthOf(from, t.zone)
		end := month.End()
		if to.Before(end) {
			end = to
		}
		sum += t.rentOf(month, end) - t.rentOf(month, from)
		from = end
	}
	return sum
}

// rentOf is what colocation earned from the start of a month until at.
func (t *Tenancy) rentOf(month series.Interval, at time.Time) unit.Amount {
	return t.contract.charge(t.contract.Committed(month.Start, at, t.zone), month)
}

// Credit is what a month's downtime gives back to the tenant, as a positive amount: of
// the fee for the time that was counted, which of a whole month is its fee. Where each
// node fails by itself and nodes were counted, each is held against the promise with
// its share of the fee.
func (t *Tenancy) Credit(month LevelState) unit.Amount {
	c := t.contract
	fee := c.charge(month.Committed, month.Month)
	if c.Level.Scope == service.Instance && len(month.Parts) > 0 {
		return c.Level.Apart(fee, month.records())
	}
	return service.Credit(c.Level, fee, month.Down, month.Excused, month.Committed)
}
