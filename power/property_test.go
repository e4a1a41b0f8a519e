package power

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/series"
	"sluice/unit"
)

func drawContracts(t *rapid.T) Contracts {
	fee := rapid.Int64Range(0, 3_000_000)
	c := Contracts{
		Spot:   &Spot{Zone: "Z", Export: rapid.Bool().Draw(t, "export"), Adders: Adders{Import: unit.Price(fee.Draw(t, "import adder")), Export: unit.Price(fee.Draw(t, "export adder"))}},
		Carbon: Carbon{PerTonne: unit.Amount(rapid.Int64Range(0, 80_000_000).Draw(t, "carbon"))},
	}
	c.Spot.Carbon = rapid.Int64Range(0, 900).Draw(t, "spot carbon")
	for i := range rapid.IntRange(0, 3).Draw(t, "agreements") {
		p := PPA{
			Name: string(rune('a' + i)), Power: unit.Power(rapid.Int64Range(1, 30_000_000).Draw(t, "block")),
			Price:     unit.Price(rapid.Int64Range(-10_000_000, 90_000_000).Draw(t, "block price")),
			TakeOrPay: rapid.Bool().Draw(t, "take or pay"), Carbon: rapid.Int64Range(0, 900).Draw(t, "block carbon"),
		}
		p.SellBack = p.TakeOrPay && rapid.Bool().Draw(t, "sell back")
		p.Fee = unit.Price(fee.Draw(t, "fee"))
		c.PPAs = append(c.PPAs, p)
	}
	if rapid.Bool().Draw(t, "delivery") {
		c.Energy = []EnergyCharge{{Name: "d", Price: unit.Price(fee.Draw(t, "delivery")), Tiers: []Tier{{UpTo: 40 * unit.MegawattHour}, {Price: 1_234_567}}}}
	}
	return c
}

func drawReading(t *rapid.T, at time.Time, step time.Duration) Reading {
	return Reading{
		Interval: series.Interval{Start: at, Length: step},
		Import:   unit.Energy(rapid.Int64Range(0, 60_000_000*3600).Draw(t, "import")),
		Export:   unit.Energy(rapid.Int64Range(0, 20_000_000*3600).Draw(t, "export")),
		Price:    unit.Price(rapid.Int64Range(-100_000_000, 5_000_000_000).Draw(t, "price")),
		Priced:   true,
	}
}

// TestNothingIsDropped: the lines of all months sum to the amounts of all
// intervals plus the demand and fixed charges, to the last millionth.
func TestNothingIsDropped(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	rapid.Check(t, func(t *rapid.T) {
		c := drawContracts(t)
		c.Fixed = []FixedCharge{{Name: "f", PerMonth: 12_345_678}}
		c.Demand = []DemandCharge{{Name: "d", Rate: 9_000_000_001, Interval: time.Hour, Period: Daily}}
		b, err := NewBill(c, z)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2025, 10, 31, 22, 0, 0, 0, z).UTC()
		sum, energy, highest := unit.Amount(0), unit.Energy(0), unit.Power(0)
		for range rapid.IntRange(1, 12).Draw(t, "hours") {
			r := drawReading(t, at, time.Hour)
			a, err := b.Add(r)
			if err != nil {
				t.Fatal(err)
			}
			sum, at, energy, highest = sum+a, at.Add(time.Hour), energy+r.Import, max(highest, r.Import.Mean(time.Hour))
		}
		lines, months, peak := unit.Amount(0), unit.Amount(0), unit.Power(0)
		drawn := unit.Energy(0)
		for _, l := range b.Lines() {
			lines += l.Amount
			switch l.Kind {
			case LineDemand:
				months, peak = months+l.Amount, max(peak, l.Peak)
			case LineFixed:
				months += l.Amount
			case LineSpot, LineBlock:
				drawn += l.Energy
			case LineSellBack, LineForfeit:
				drawn -= l.Energy
			case LineEnergy, LineBeyond, LineExport, LineGeneration, LineCoincident, LineCarbon, LineMinimum:
			}
		}
		if lines != sum+months || b.Total() != lines {
			t.Fatalf("lines %d, intervals %d and months %d, total %d", lines, sum, months, b.Total())
		}
		if drawn != energy || peak != highest {
			t.Fatalf("the sources delivered %d J and billed %v, the meter drew %d J with a peak of %v", drawn, peak, energy, highest)
		}
	})
}

// TestTheBillIsTheCheapestAllocation: the statement costs what a plan expects
// that draws offers by rising marginal price, and no other sharing out costs less.
func TestTheBillIsTheCheapestAllocation(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 6, 2, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		c := drawContracts(t)
		for i := range c.Energy {
			c.Energy[i].Tiers = nil
		}
		r := drawReading(t, at, time.Hour)
		r.Export = 0
		b, err := NewBill(c, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		billed, err := b.Add(r)
		if err != nil {
			t.Fatal(err)
		}
		in := planOf(mesh(at, 1, time.Hour), time.UTC)
		in.Prices = series.Flat(r.Price)
		offers, charges, err := c.Offers(in)
		if err != nil {
			t.Fatal(err)
		}
		rest, cost := r.Import, charges.Import.At(0).Of(r.Import)
		for _, i := range rapid.Permutation(indices(len(offers)-1)).Draw(t, "order") {
			o := offers[i+1]
			block := o.Max.At(0).Over(time.Hour)
			drawn := min(rest, unit.Energy(rapid.Int64Range(0, int64(block)).Draw(t, "drawn")))
			cost += offerCost(o, charges, drawn, block)
			rest -= drawn
		}
		cost += offerCost(offers[0], charges, rest, 0)
		// Millionths: ten roundings of amounts on either side, and the carbon price
		// per MWh, rounded once, over at most 60 MWh.
		const rounding = 20 + 60
		if -billed > cost+rounding {
			t.Fatalf("billed %d, another sharing out costs %d", -billed, cost)
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// offerCost is what drawn of block costs by the terms of an offer alone.
func offerCost(o Offer, c Charges, drawn, block unit.Energy) unit.Amount {
	cost := o.Price.At(0).Of(drawn)
	cost += unit.Amount(unit.MulDiv(int64(c.Carbon.PerTonne), o.Carbon*int64(drawn), 1000*int64(unit.MegawattHour)))
	if o.Sunk {
		cost += o.Paid.Of(block)
	}
	if len(o.SellBack) > 0 {
		cost -= o.SellBack.At(0).Of(block - drawn)
	}
	return cost
}

// TestWindowAndMeasuresCoverThePlan: without a window every second of a plan
// lies in exactly one measurement interval, and a flat draw has its own average.
func TestWindowAndMeasuresCoverThePlan(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	steps := []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}
	rapid.Check(t, func(t *rapid.T) {
		d := DemandCharge{Name: "d", Rate: 1, Interval: rapid.SampledFrom(steps).Draw(t, "interval"), Period: rapid.SampledFrom([]Billing{Daily, Monthly}).Draw(t, "period")}
		m := series.Mesh{Start: time.Date(2025, 11, 1, 20, 0, 0, 0, z).Add(5 * time.Minute * time.Duration(rapid.IntRange(0, 288).Draw(t, "start")))}
		m.Lengths = rapid.SliceOfN(rapid.SampledFrom(steps), 1, 40).Draw(t, "lengths")
		c := Contracts{Spot: &Spot{Zone: "Z"}, Demand: []DemandCharge{d}}
		_, charges, err := c.Offers(planOf(m, z))
		if err != nil {
			t.Fatal(err)
		}
		imports := make([]unit.Power, m.Len())
		for i := range imports {
			imports[i] = 7 * mw
		}
		seen := make([]bool, m.Len())
		for _, p := range charges.Peaks {
			for _, k := range p.Measures {
				if k.Average(imports) != 7*mw {
					t.Fatalf("average %v of a flat 7 MW in %+v", k.Average(imports), k)
				}
				for _, part := range k.Parts {
					seen[part.Interval] = true
				}
			}
		}
		for i, s := range seen {
			if !s {
				t.Fatalf("interval %d of %v is in no measurement interval", i, m.Lengths)
			}
		}
	})
}
