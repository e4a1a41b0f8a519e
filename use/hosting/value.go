package hosting

import (
	"time"

	"sluice/unit"
)

// Worth is what a MWh is worth that runs GPUs at a price of a GPU-hour, each drawing
// so much IT power; per IT MWh, and with Price.Unscale of the PUE at the meter. A
// power that is not positive is worth nothing.
//
// Formula: V = p * 10^6 / k, p in USD per GPU-hour and k in W. Source: docs/formula/hosting.md.
func Worth(price unit.Amount, each unit.Power) unit.Price {
	if each <= 0 {
		return 0
	}
	return unit.Price(unit.MulDiv(int64(price), int64(unit.Megawatt), int64(each)))
}

// BreakEven is the price of a GPU-hour at which a GPU earns what the same power
// earns elsewhere, per MWh at the meter: the lowest that a lease may ask.
//
// Formula: p = V * PUE * k / 10^6. Source: docs/formula/hosting.md.
func BreakEven(elsewhere unit.Price, each unit.Power, pue unit.Ratio) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(elsewhere.Scale(pue)), int64(each), int64(unit.Megawatt)))
}

// Eviction is what a MWh that is freed by stopping a GPU must be worth: the income
// that is not earned, and the work since the last save and the restart, spread over
// the length of the call. Power is what really falls; per IT MWh.
//
// Formula: b = (p + p * (saved + restart) / T) * 10^6 / dP. Source: docs/formula/hosting.md.
func Eviction(price unit.Amount, falls unit.Power, lost, call time.Duration) unit.Price {
	if call <= 0 {
		return 0
	}
	again := unit.Amount(unit.MulDiv(int64(price), int64(lost), int64(call)))
	return Worth(price+again, falls)
}

// Discount is what it may be worth to a tenant's landlord that power can be called
// back for some hours of a year: what a GPU-year of the clause gains, from the value
// of a MWh in these hours at the meter, and the highest discount that it pays of a
// price of a GPU-hour at a share of hours sold.
//
// Formula: gain = hours * V * k * PUE / 10^6; discount = gain / (p * 8760 * u).
// Source: docs/formula/hosting.md.
func Discount(f Flex, avoided unit.Price, atMeter unit.Power, price unit.Amount, sold unit.Ratio) (gain unit.Amount, most unit.Ratio) {
	gain = avoided.Of(atMeter.Over(f.Hours))
	year := unit.MulDiv(int64(price)*8760, int64(sold), int64(unit.One))
	if year <= 0 {
		return gain, 0
	}
	return gain, unit.Ratio(unit.MulDiv(int64(gain), int64(unit.One), year))
}
