package revenue

import (
	"fmt"
	"time"

	"sluice/unit"
)

// Plan is the fixed consideration of a contract as it is agreed on.
type Plan struct {
	Start     time.Time // the days of months are cut in its zone
	Months    int
	Monthly   unit.Amount  // for all of the capacity
	Free      int          // months at the begin that are not billed
	Ramp      []unit.Ratio // share that is delivered and billed by month; then all
	Escalator unit.Ratio   // on what was billed, after every twelve months
	Setup     unit.Amount  // once, for the whole term
}

// End is the end of the service.
func (p Plan) End() time.Time { return p.after(p.Months) }

// after is the day so many months after the begin; a day that a month does not
// have is its last.
func (p Plan) after(months int) time.Time {
	s := p.Start
	last := time.Date(s.Year(), s.Month()+time.Month(months)+1, 0, 0, 0, 0, 0, s.Location()).Day()
	return time.Date(s.Year(), s.Month()+time.Month(months), min(s.Day(), last), s.Hour(), s.Minute(), s.Second(), 0, s.Location())
}

func (p Plan) validate() error {
	if p.Start.IsZero() || p.Months < 1 || p.Months > 1200 || p.Monthly < 0 || p.Setup < 0 || p.Free < 0 || p.Free > p.Months || p.Escalator < 0 || p.Escalator > unit.One {
		return fmt.Errorf("plan of %d months from %s: %w: 1 to 1200 months, no negative amounts, an escalator of 0 to 100 %%", p.Months, p.Start.Format(time.DateOnly), ErrTerm)
	}
	for i, r := range p.Ramp {
		if r < 0 || r > unit.One {
			return fmt.Errorf("ramp of month %d: %w: a share is 0 to 100 %%", i+1, ErrTerm)
		}
	}
	return nil
}

// ramp is the share of a month.
func (p Plan) ramp(month int) unit.Ratio {
	if month < len(p.Ramp) {
		return p.Ramp[month]
	}
	return unit.One
}

// Bills are those of all months that are billed. The escalated price is rounded
// each year, as it is on the bills.
func (p Plan) Bills() ([]Bill, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	var out []Bill
	if p.Setup > 0 {
		out = append(out, Bill{From: p.Start, To: p.End(), Amount: p.Setup, Kept: true})
	}
	price := int64(p.Monthly)
	for m := range p.Months {
		if m > 0 && m%12 == 0 {
			var ok bool
			if price, ok = unit.TryMulDiv(price, int64(unit.One+p.Escalator), int64(unit.One)); !ok {
				return nil, fmt.Errorf("price of month %d: %w: too large", m+1, ErrTerm)
			}
		}
		if v := unit.MulDiv(price, int64(p.ramp(m)), int64(unit.One)); v > 0 && m >= p.Free {
			out = append(out, Bill{From: p.after(m), To: p.after(m + 1), Amount: unit.Amount(v)})
		}
	}
	return out, nil
}

// Capacity is what is delivered of a power by the ramp. A free month is delivered.
func (p Plan) Capacity(power unit.Power) []Step {
	var out []Step
	for m := range min(len(p.Ramp)+1, p.Months) {
		out = append(out, Step{p.after(m), power.Scale(p.ramp(m))})
	}
	return out
}
