package replay

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/power"
	"sluice/replay/report"
	"sluice/series"
	"sluice/unit"
)

// TestSellBackIsSold: what a block sells back is fed in or sold, and has its own
// line of money.
func TestSellBackIsSold(t *testing.T) {
	t.Parallel()
	c := power.Contracts{
		Spot: &power.Spot{Zone: "HB_WEST"},
		PPAs: []power.PPA{{Name: "p", Power: 10 * unit.Megawatt, Price: 30 * unit.PerMWh, TakeOrPay: true, SellBack: true}},
	}
	m := loaded(t, "2025-06-01", "2025-06-02")
	bill, err := power.NewBill(c, m.s.Site.Zone)
	if err != nil {
		t.Fatal(err)
	}
	read := power.Reading{Interval: series.Interval{Start: m.s.From, Length: time.Hour}, Import: 4 * unit.MegawattHour, Price: 50 * unit.PerMWh, Priced: true}
	if _, err := bill.Add(read); err != nil {
		t.Fatal(err)
	}
	books := newTally(0, bill)
	books.exports = unit.MegawattHour
	got := (&run{s: m.s, m: m}).policy(sheet{t: books})
	if want := 7 * unit.MegawattHour; got.Exported != want {
		t.Errorf("%v fed in or sold back, want %v", got.Exported, want)
	}
	money := slices.DeleteFunc(got.Money, func(l report.Line) bool { return l.Amount == 0 })
	want := []report.Line{{Source: report.Block, Amount: -300 * unit.Unit}, {Source: report.SoldBack, Amount: 300 * unit.Unit}}
	if diff := cmp.Diff(want, money); diff != "" {
		t.Error(diff)
	}
}

func TestPartBillingPeriodsAreTold(t *testing.T) {
	t.Parallel()
	monthly := power.Contracts{Demand: []power.DemandCharge{{Name: "d", Period: power.Monthly}}}
	daily := power.Contracts{Demand: []power.DemandCharge{{Name: "d", Period: power.Daily}}}
	fixed := power.Contracts{Fixed: []power.FixedCharge{{Name: "x", PerMonth: 1}}}
	for sentence, c := range map[string]struct {
		from, to  string
		contracts power.Contracts
		told      bool
	}{
		"a month's peak over whole months":       {"2025-06-01", "2025-08-01", monthly, false},
		"a month's peak from within a month":     {"2025-06-02", "2025-08-01", monthly, true},
		"a month's peak to within a month":       {"2025-06-01", "2025-08-02", monthly, true},
		"a day's peak over whole days":           {"2025-06-02", "2025-06-04", daily, false},
		"a day's peak to within a day":           {"2025-06-02", "2025-06-04T12:00", daily, true},
		"a month's fee within a month":           {"2025-06-02", "2025-06-04", fixed, true},
		"a least bill within a month":            {"2025-06-02", "2025-06-04", power.Contracts{MinimumBill: 1}, true},
		"nothing that is billed by month or day": {"2025-06-02", "2025-06-04", power.Contracts{}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m := loaded(t, c.from, c.to)
			m.s.Contracts = c.contracts
			if got := slices.Contains(m.edges(), report.Note(report.PartMonthNote)); got != c.told {
				t.Errorf("told %t: %q", got, m.edges())
			}
		})
	}
}
