package power

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/series"
	"sluice/unit"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	start := time.Date(2025, 7, 4, 5, 0, 0, 0, z)
	c := Contracts{
		Holidays: []Date{{2025, time.July, 4}},
		Spot:     &Spot{Zone: "LZ_WEST", Adders: Adders{Import: 500_000, Export: 1_000_000}, Export: true, Carbon: 400},
		PPAs: []PPA{
			{Name: "a", Power: 10 * mw, Price: 30_000_000, TakeOrPay: true, SellBack: true, Fee: 250_000},
			{Name: "b", Power: 8 * mw, Price: 35_000_000, Shape: Window{Hours: []Hours{{6 * time.Hour, 22 * time.Hour}}}},
			{Name: "c", Power: 5 * mw, Price: 35_000_000, Term: Term{From: start.Add(90 * time.Minute)}},
		},
		Plants: []Plant{{Name: "ridge", Kind: Wind, Power: 20 * mw, Price: 2_000_000}, {Name: "weir", Kind: Hydro, Power: 3 * mw, MustRun: true}},
		Energy: []EnergyCharge{{Name: "tdu", Price: 2_000_000, Uses: []TimeOfUse{{Window{Holidays: HolidaysOnly}, 0}}}},
	}
	in := planOf(mesh(start, 2, time.Hour), z)
	in.Prices = series.Profile[unit.Price]{80_000_000, -20_000_000}
	in.Generation = map[string]series.Profile[unit.Power]{"ridge": {7 * mw, 9 * mw}}
	offers, charges, err := c.Offers(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []Offer{
		{Source: "spot", Kind: KindSpot, Max: series.Flat(60 * mw), Price: series.Profile[unit.Price]{80_500_000, -19_500_000}, Curtailable: true, Carbon: 400},
		{Source: "ppa/a", Kind: KindBlock, Max: series.Flat(10 * mw), Price: series.Flat(unit.Price(0)), SellBack: series.Profile[unit.Price]{79_750_000, -20_250_000}, Sunk: true, Paid: 30_000_000, Curtailable: true},
		{Source: "ppa/b", Kind: KindBlock, Max: series.Profile[unit.Power]{0, 8 * mw}, Price: series.Flat(unit.Price(35_000_000)), Curtailable: true},
		{Source: "ppa/c", Kind: KindBlock, Max: series.Profile[unit.Power]{0, 2_500_000}, Price: series.Flat(unit.Price(35_000_000)), Curtailable: true},
		{Source: "wind/ridge", Kind: KindGeneration, Max: series.Profile[unit.Power]{7 * mw, 9 * mw}, Price: series.Flat(unit.Price(2_000_000)), BehindMeter: true, Curtailable: true},
		{Source: "hydro/weir", Kind: KindGeneration, Max: series.Flat(3 * mw), Price: series.Flat(unit.Price(0)), BehindMeter: true},
	}
	if d := cmp.Diff(want, offers); d != "" {
		t.Error(d)
	}
	for _, o := range offers {
		if err := o.Validate(2); err != nil {
			t.Error(err)
		}
	}
	if charges.Import.At(1) != 0 || charges.Export.At(0) != 1_000_000 || charges.ExportMax != 20*mw {
		t.Errorf("charges %+v, want no delivery charge on the holiday, 1 per MWh fed in, 20 MW of outlet", charges)
	}
	if got := offers[1].Marginal(0); got != 79_750_000 {
		t.Errorf("drawing the block costs %v, want the market less the fee and not the 30 that were paid", got)
	}
}

func TestUtilitySupplyInAPlan(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Toronto")
	c := quebec()
	c.Energy[0].Uses = []TimeOfUse{{Window{Hours: []Hours{{6*time.Hour + 30*time.Minute, 9 * time.Hour}}}, 50_250_000}}
	in := planOf(mesh(time.Date(2025, 1, 10, 5, 0, 0, 0, z), 3, time.Hour), z)
	in.Prices, in.Instructed, in.Highest = nil, series.Profile[bool]{false, false, true}, map[string]unit.Power{"cb": 20 * mw}
	offers, _, err := c.Offers(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []Offer{
		{Source: "energy/cb", Kind: KindTariff, Max: series.Profile[unit.Power]{20 * mw, 20 * mw, mw}, Price: series.Profile[unit.Price]{40_250_000, 45_250_000, 50_250_000}, Curtailable: true},
		{Source: "energy/cb/beyond", Kind: KindTariff, Max: series.Profile[unit.Power]{40 * mw, 40 * mw, 59 * mw}, Price: series.Profile[unit.Price]{174_500_000, 174_500_000, 581_680_000}, Curtailable: true},
	}
	if d := cmp.Diff(want, offers); d != "" {
		t.Error(d)
	}
}

func TestPlantProfileFollowsLocalHours(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	sun := make([]unit.Ratio, 24)
	sun[12] = 800_000
	c := Contracts{Plants: []Plant{{Name: "roof", Kind: Solar, Power: 2 * mw, Profile: sun}}}
	offers, _, err := c.Offers(planOf(mesh(time.Date(2025, 7, 1, 11, 0, 0, 0, z), 2, time.Hour), z))
	if err != nil {
		t.Fatal(err)
	}
	if want := (series.Profile[unit.Power]{0, 1_600_000}); !cmp.Equal(offers[0].Max, want) {
		t.Errorf("generation %v, want %v", offers[0].Max, want)
	}
}

func TestOffersReportAllThatTheyLack(t *testing.T) {
	t.Parallel()
	c := Contracts{Spot: &Spot{Zone: "Z"}, Plants: []Plant{{Name: "ridge", Kind: Wind, Power: mw}, {Name: "roof", Kind: Solar, Power: mw}}, Coincident: []CoincidentPeak{fourCP()}}
	in := planOf(mesh(time.Date(2025, 7, 1, 11, 0, 0, 0, time.UTC), 2, time.Hour), time.UTC)
	in.Odds = map[string]series.Profile[unit.Ratio]{"4cp": make(series.Profile[unit.Ratio], 5)}
	_, _, err := c.Offers(in)
	if !errors.Is(err, ErrInput) {
		t.Fatalf("got %v, want a plan that cannot be priced", err)
	}
	for _, want := range []string{"ridge", "roof", "4cp"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	in.Prices = make(series.Profile[unit.Price], 3)
	if _, _, err := c.Offers(in); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "3 market prices for 2 intervals") {
		t.Errorf("got %v, want the count of prices", err)
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	c := Contracts{
		Spot:   &Spot{Adders: Adders{Import: -1}, Publication: Publication{Gate: 25 * time.Hour}},
		PPAs:   []PPA{{Name: "a", SellBack: true, Fee: -1}, {Name: "a", Power: mw, Term: Term{From: time.Unix(9, 0), To: time.Unix(8, 0)}}},
		Plants: []Plant{{Name: "p", Kind: "coal", Profile: []unit.Ratio{2_000_000}}},
		Energy: []EnergyCharge{
			{Name: "e", Supply: true, Tiers: []Tier{{UpTo: 5}, {UpTo: 4}}, Interruption: &Interruption{Demand: "none", Share: -1}},
			{Name: "f", Authorised: mw},
		},
		Demand:      []DemandCharge{{Name: "d", Interval: 7 * time.Minute, Period: "year", Rate: -1, Ratchet: 1, Window: Window{Months: []time.Month{13}, Weekdays: []time.Weekday{7}, Hours: []Hours{{time.Minute, time.Hour}}, Holidays: "x"}}},
		Coincident:  []CoincidentPeak{{Name: "k", Watch: Watch{Odds: -1}}},
		Fixed:       []FixedCharge{{PerMonth: -1}},
		MinimumBill: -1,
	}
	err := c.Validate()
	if !errors.Is(err, ErrContract) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"settlement point", "adders must not be negative", "time of day", "2 suppliers", "its power is", "selling back needs", "stated twice", "its term ends",
		`kind "coal"`, "has 1 hours", "is not between 0 and 1", "tier 2 ends", "leave the last tier open", `demand charge "none"`, "share -0.000",
		"belong to a charge that supplies", "measurement interval 7m", `billing period "year"`, "rate, rate days", "ratchet 0.000", "month 13", "weekday 7", "hours 1m0s",
		`holiday rule "x"`, "counted interval 0s", "0 counted intervals", "odds -0.000001", "a month is negative", "minimum bill -0.00", "fee -0.00",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the faults do not say %q", want)
		}
	}
	if _, err := NewBill(c, time.UTC); !errors.Is(err, ErrContract) {
		t.Errorf("a bill opened under faulty contracts: %v", err)
	}
	if _, err := NewBill(Contracts{}, nil); !errors.Is(err, ErrContract) {
		t.Errorf("a bill opened without a zone: %v", err)
	}
	for name, good := range map[string]Contracts{"Quebec": quebec(), "Texas": riot(0), "none": {}} {
		if err := good.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOfferValidate(t *testing.T) {
	t.Parallel()
	err := Offer{Max: series.Profile[unit.Power]{-1, 2, 3}, Price: series.Flat(unit.Price(1)), Carbon: -1}.Validate(2)
	for _, want := range []string{"has no name", "3 powers", "supplies -1 W", "carbon"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestCarbonPrice(t *testing.T) {
	t.Parallel()
	if got := (Carbon{PerTonne: 50_000_000}).Price(400); got != 20_000_000 {
		t.Errorf("400 g/kWh at 50 a tonne is %v, want 20 per MWh", got)
	}
}
