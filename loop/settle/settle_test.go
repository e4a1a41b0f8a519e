package settle

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/power"
	"sluice/unit"
	"sluice/use/mining"
)

const (
	mw  = unit.Megawatt
	mwh = unit.MegawattHour
)

var (
	at      = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	network = mining.Network{Day: at, Price: 100_000 * unit.Unit, Difficulty: 110_000_000_000_000, Reward: 320_000_000}
)

func rig(tb testing.TB, g mining.Group) *mining.Rig {
	tb.Helper()
	c, err := mining.Standard()
	if err != nil {
		tb.Fatal(err)
	}
	g.Name, g.Model, g.Count = "a", "Antminer S21 200", 1000
	r, err := mining.Compile(g, c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func newBill(tb testing.TB, c power.Contracts) *power.Bill {
	tb.Helper()
	b, err := power.NewBill(c, time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func spot() power.Contracts {
	return power.Contracts{Spot: &power.Spot{Zone: "Z", Export: true, Adders: power.Adders{Import: 2 * unit.PerMWh, Export: unit.PerMWh}}}
}

// day is a day of one EH/s, in gigahashes.
const day = unit.Work(1_000_000_000 * 86_400)

func delivery(in, out unit.Energy, uses ...cycle.UseDelivery) cycle.Delivery {
	return cycle.Delivery{Head: cycle.Head{Version: cycle.Version, Site: "test", Turn: 1, At: at}, Length: time.Hour, Import: in, Export: out, Uses: uses}
}

// held is where the currency of coins that are held passes through.
const held = "Equity:Conversion:USD"

func TestPost(t *testing.T) {
	t.Parallel()
	yield := unit.Satoshi(network.Yield())
	for sentence, c := range map[string]struct {
		group    mining.Group
		price    int64 // dollars
		delivery cycle.Delivery
		power    unit.Amount // debit of the power account
		mined    unit.Satoshi
		run      unit.Amount
	}{
		"power costs its price and the adder":     {mining.Group{}, 40, delivery(3*mwh, 0), 126 * unit.Unit, 0, 0},
		"a negative price pays the site":          {mining.Group{}, -50, delivery(2*mwh, 0), -96 * unit.Unit, 0, 0},
		"feed-in earns the price less the fee":    {mining.Group{}, 40, delivery(0, 2*mwh), -78 * unit.Unit, 0, 0},
		"feed-in at a negative price costs":       {mining.Group{}, -10, delivery(0, 2*mwh), 22 * unit.Unit, 0, 0},
		"an EH/s for a day earns the day's yield": {mining.Group{}, 0, delivery(0, 0, cycle.UseDelivery{Use: "mining/a", Work: day}), 0, yield, 0},
		"less the pool's fee":                     {mining.Group{PoolFee: 10_000}, 0, delivery(0, 0, cycle.UseDelivery{Use: "mining/a", Work: day}), 0, yield - unit.Satoshi(unit.MulDiv(int64(yield), 1, 100)), 0},
		"the hashes of others are not ours":       {mining.Group{}, 0, delivery(0, 0, cycle.UseDelivery{Use: "mining/b", Work: day}), 0, 0, 0},
		"a started megawatt wears":                {mining.Group{Wear: 5 * unit.Unit}, 0, delivery(0, 0, cycle.UseDelivery{Use: "mining/a", Started: 3 * mw}), 0, 0, 15 * unit.Unit},
		"running costs by the IT megawatt-hour":   {mining.Group{OperatingCost: 4 * unit.PerMWh}, 0, delivery(0, 0, cycle.UseDelivery{Use: "mining/a", IT: 2 * mwh}), 0, 0, 8 * unit.Unit},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := Prices{Currency: "USD", Spot: unit.Price(c.price) * unit.PerMWh, Priced: true, Network: network, Rigs: []*mining.Rig{rig(t, c.group)}}
			e, err := Post(c.delivery, p, newBill(t, spot()))
			if err != nil {
				t.Fatal(err)
			}
			if got := Sum(e, books.PowerEnergy); got != c.power || Sum(e, books.AccruedPower) != -c.power {
				t.Errorf("power %v, want %v", got.Float(), c.power.Float())
			}
			if held := Sum(e, held); Mined(e) != c.mined || held != c.mined.Value(network.Price) {
				t.Errorf("mined %d sat held at %v, want %d sat", Mined(e), held.Float(), c.mined)
			}
			if got := Sum(e, books.SitesOwn); got != c.run || Sum(e, RunOwed) != -c.run {
				t.Errorf("operation %v, want %v", got.Float(), c.run.Float())
			}
		})
	}
}

// TestInterruptionReachesTheBill: energy drawn while the utility interrupts is
// billed at the price of doing so.
func TestInterruptionReachesTheBill(t *testing.T) {
	t.Parallel()
	c := power.Contracts{
		Energy: []power.EnergyCharge{{
			Name: "cb", Supply: true, Price: 40_250_000,
			Interruption: &power.Interruption{Demand: "cb", Share: 50_000, Price: 581_680_000},
		}},
		Demand: []power.DemandCharge{{Name: "cb", Rate: 15_426_000_000, Interval: time.Hour, Period: power.Monthly}},
	}
	for sentence, k := range map[string]struct {
		instructed bool
		want       unit.Amount
	}{"at rest": {false, 402_500_000}, "instructed": {true, 5_275_370_000}} {
		b := newBill(t, c)
		p := Prices{Currency: "CAD", Network: network}
		if _, err := Post(delivery(20*mwh, 0), p, b); err != nil {
			t.Fatal(err)
		}
		p.Instructed = k.instructed
		d := delivery(10*mwh, 0)
		d.At = at.Add(time.Hour)
		e, err := Post(d, p, b)
		if err != nil {
			t.Fatal(err)
		}
		if got := Sum(e, books.PowerEnergy); got != k.want {
			t.Errorf("%s: 10 MWh cost %v, want %v", sentence, got.Float(), k.want.Float())
		}
	}
}

func TestMissingPriceIsNotZero(t *testing.T) {
	t.Parallel()
	b := newBill(t, spot())
	_, err := Post(delivery(mwh, 0), Prices{Network: network}, b)
	if !errors.Is(err, power.ErrNoPrice) {
		t.Errorf("error %v, want %v", err, power.ErrNoPrice)
	}
}

func TestUnbalancedEntryIsRefused(t *testing.T) {
	t.Parallel()
	if err := Balanced(cycle.Entry{Postings: []cycle.Posting{{Account: "a", Amount: 3}, {Account: "b", Amount: -2}}}); err == nil {
		t.Error("an entry that does not sum to zero passed")
	}
}

// TestEntriesAddUpToTheBill: every entry balances, whatever the prices, and the
// power postings of a month sum to the energy lines of its bill exactly.
func TestEntriesAddUpToTheBill(t *testing.T) {
	t.Parallel()
	r := rig(t, mining.Group{PoolFee: 12_345, OperatingCost: 1_234_567, Wear: 987_654})
	c := spot()
	c.PPAs = []power.PPA{{Name: "block", Power: 2 * mw, Price: 31 * unit.PerMWh, TakeOrPay: true, SellBack: true, Fee: unit.PerMWh}}
	c.Plants = []power.Plant{{Name: "river", Kind: power.Hydro, Power: mw, Price: 3 * unit.PerMWh}}
	c.Energy = []power.EnergyCharge{{Name: "delivery", Price: 1_900_001}}
	c.Demand = []power.DemandCharge{{Name: "peak", Rate: 9_000_000_000, Interval: time.Hour, Period: power.Monthly}}
	rapid.Check(t, func(t *rapid.T) {
		b, err := power.NewBill(c, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		var power, mined unit.Amount
		for i := range rapid.IntRange(1, 30).Draw(t, "hours") {
			own := unit.Energy(rapid.Int64Range(0, int64(mwh)).Draw(t, "own"))
			d := delivery(unit.Energy(rapid.Int64Range(0, 5*int64(mwh)).Draw(t, "in")), unit.Energy(rapid.Int64Range(0, int64(mwh)).Draw(t, "out")), cycle.UseDelivery{
				Use: "mining/a", IT: unit.Energy(rapid.Int64Range(0, 3*int64(mwh)).Draw(t, "IT")),
				Work: unit.Work(rapid.Int64Range(0, int64(day)).Draw(t, "work")), Started: unit.Power(rapid.Int64Range(0, 3_500_000).Draw(t, "started")),
			})
			d.At, d.Own, d.Plants = at.Add(time.Duration(i)*time.Hour), own, []unit.Energy{own}
			p := Prices{Currency: "USD", Spot: unit.Price(rapid.Int64Range(-1000e6, 17_500e6).Draw(t, "price")), Priced: true, Network: network, Rigs: []*mining.Rig{r}}
			e, err := Post(d, p, b)
			if err != nil {
				t.Fatal(err)
			}
			if err := Balanced(e); err != nil {
				t.Fatal(err)
			}
			power += Sum(e, books.PowerEnergy)
			mined += Sum(e, held)
			if Sum(e, held) < 0 || Sum(e, books.SitesOwn) < 0 {
				t.Fatalf("hashes or running earn and cost the wrong way: %+v", e.Postings)
			}
		}
		if billed := energyLines(b); power != -billed {
			t.Fatalf("entries debit power with %d, the bill's energy lines sum to %d", power, billed)
		}
	})
}

// energyLines is what the bill says of energy, peaks and fixed charges left out.
func energyLines(b *power.Bill) unit.Amount {
	var sum unit.Amount
	for _, l := range b.Lines() {
		switch l.Kind {
		case power.LineDemand, power.LineCoincident, power.LineFixed, power.LineMinimum:
		case power.LineSpot, power.LineBlock, power.LineSellBack, power.LineForfeit, power.LineEnergy,
			power.LineBeyond, power.LineExport, power.LineGeneration, power.LineCarbon:
			sum += l.Amount
		}
	}
	return sum
}
