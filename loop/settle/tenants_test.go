package settle

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/gpu"
	"sluice/loop/cycle"
	"sluice/series"
	"sluice/service"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

const gpuHour = 3600 // GPU-seconds

// sold is a contract of 64 GPUs since 2024, of a kind.
func sold(kind hosting.Kind) hosting.Contract {
	c := hosting.Contract{
		Name: "acme", Tenant: "acme", Version: 1, Kind: kind, Hall: "gpu", Model: "H100 SXM", Class: gpu.Training, GPUs: 64,
		Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Price: 2_500_000, Restart: 6 * time.Minute,
	}
	switch kind {
	case hosting.Colocation:
		c.Model, c.Class, c.GPUs, c.Power, c.Price = "", "", 0, 100*unit.Kilowatt, 150*unit.Unit
	case hosting.Batch:
		c.Price, c.Deadline, c.Late = unit.Unit, 12*time.Hour, 300_000
	case hosting.Reserved:
		c.Level = service.Level{Scope: service.Fleet, Tiers: []service.Tier{{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}}}
	case hosting.Flexible, hosting.OnDemand, hosting.Spot:
	}
	return c
}

// served is contracts on a hall of sixteen servers, months counted in zone.
func served(tb testing.TB, zone *time.Location, all ...hosting.Contract) *Tenants {
	tb.Helper()
	curves, err := gpu.StandardCurves()
	if err != nil {
		tb.Fatal(err)
	}
	h := hosting.Hall{Name: "gpu", Cooling: use.Cooling{PUE0: 1_200_000}, Groups: []hosting.Group{{
		Name: "h100", Nodes: 16, Rack: 4,
		Model: gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800},
	}}}
	var out []*hosting.Tenancy
	for _, c := range all {
		t, err := hosting.Compile(c, h, curves, zone)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, t)
	}
	return NewTenants(out)
}

// stretch is a delivery of one use.
func stretch(from time.Time, length time.Duration, use string, n hosting.Counts) cycle.Delivery {
	d := delivery(0, 0, cycle.UseDelivery{Use: use, Service: n})
	d.At, d.Length = from, length
	return d
}

// rendered settles a stretch at a price of nothing.
func rendered(tb testing.TB, all *Tenants, d cycle.Delivery) cycle.Entry {
	tb.Helper()
	e, err := Post(d, Prices{Currency: "USD", Priced: true, Network: network, Tenants: all}, newBill(tb, spot()))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// TestServiceIsBooked: what a served hour books, by the kind of contract.
func TestServiceIsBooked(t *testing.T) {
	t.Parallel()
	const whole = 64 * gpuHour
	for sentence, c := range map[string]struct {
		kind           hosting.Kind
		use            string
		n              hosting.Counts
		reserved, used unit.Amount
	}{
		"reserved and used":            {hosting.Reserved, "hosting/acme", hosting.Counts{Served: whole, Committed: whole}, 160 * unit.Unit, 0},
		"reserved and not used":        {hosting.Reserved, "hosting/acme", hosting.Counts{Committed: whole}, 160 * unit.Unit, 0},
		"reserved, and down meanwhile": {hosting.Reserved, "hosting/acme", hosting.Counts{Committed: whole, Down: whole}, 160 * unit.Unit, 0},
		"spot and used":                {hosting.Spot, "hosting/acme", hosting.Counts{Served: whole}, 0, 160 * unit.Unit},
		"work that we undid":           {hosting.Spot, "hosting/acme", hosting.Counts{Served: whole, Lost: 4 * gpuHour}, 0, 150 * unit.Unit},
		"on demand":                    {hosting.OnDemand, "hosting/acme", hosting.Counts{Served: gpuHour}, 0, 2_500_000},
		"work that is late":            {hosting.Batch, "hosting/acme", hosting.Counts{Served: 10 * gpuHour, Late: 2 * gpuHour}, 0, 9_400_000},
		"late and nothing done":        {hosting.Batch, "hosting/acme", hosting.Counts{Late: 2 * gpuHour}, 0, -600_000},
		"kilowatts of a tenant":        {hosting.Colocation, "hosting/acme", hosting.Counts{Committed: 360_000}, 20_161_290, 0}, // 100 kW at 150 over 744 h
		"servers without a contract":   {hosting.Reserved, "hosting/gpu", hosting.Counts{}, 0, 0},
		"the hashes of a group":        {hosting.Reserved, "mining/acme", hosting.Counts{Committed: whole}, 0, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			e := rendered(t, served(t, time.UTC, sold(c.kind)), stretch(at, time.Hour, c.use, c.n))
			if a, b := -Sum(e, books.Reservation), -Sum(e, books.Hosting); a != c.reserved || b != c.used {
				t.Errorf("reserved %v and used %v, want %v and %v", a, b, c.reserved, c.used)
			}
			if got := Sum(e, books.Unbilled); got != c.reserved+c.used || Served(e) != got || Margin(e) != got {
				t.Errorf("unbilled %v, served %v, margin %v, want %v", got, Served(e), Margin(e), c.reserved+c.used)
			}
			for _, p := range e.Postings {
				if p.Use != c.use {
					t.Errorf("%s is posted about %q", p.Account, p.Use)
				}
			}
		})
	}
}

// TestNobodyIsServed: a site without tenants books no service, whatever was counted.
func TestNobodyIsServed(t *testing.T) {
	t.Parallel()
	if e := rendered(t, nil, stretch(at, time.Hour, "hosting/acme", hosting.Counts{Served: gpuHour})); len(e.Postings) != 0 {
		t.Errorf("booked %+v", e.Postings)
	}
}

// TestServiceIsSplitInvariant: however a time is cut into intervals, the entries come
// to what its counts come to at once, to the millionth, and each balances.
func TestServiceIsSplitInvariant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom([]hosting.Kind{hosting.Reserved, hosting.Spot, hosting.Batch}).Draw(r, "kind")
		c := sold(kind)
		c.Level, c.Price = service.Level{}, unit.Amount(rapid.Int64Range(0, 9_999_999).Draw(r, "price"))
		all := served(t, time.UTC, c)
		var sum hosting.Counts
		var got unit.Amount
		for k := range rapid.IntRange(1, 20).Draw(r, "intervals") {
			n := hosting.Counts{
				Served: rapid.Int64Range(0, 64*900).Draw(r, "served"), Committed: rapid.Int64Range(0, 64*900).Draw(r, "committed"),
				Late: rapid.Int64Range(0, 900).Draw(r, "late"),
			}
			n.Lost = rapid.Int64Range(0, n.Served).Draw(r, "lost")
			e := rendered(t, all, stretch(at.Add(time.Duration(k)*15*time.Minute), 15*time.Minute, "hosting/acme", n))
			if err := Balanced(e); err != nil {
				r.Fatal(err)
			}
			sum, got = sum.Plus(n), got+Served(e)
		}
		reserved, used := all.Tenancies[0].Earned(at, at.Add(5*time.Hour), hosting.Counts{}, sum)
		if got != reserved+used || all.Counts["hosting/acme"] != sum {
			r.Fatalf("earned %d by intervals, %d at once; counted %+v of %+v", got, reserved+used, all.Counts["hosting/acme"], sum)
		}
	})
}

// TestCreditOfAMonth: what was down in a month is credited once, with the interval in
// which the month ends, and only then; the credit is that of the contract.
func TestCreditOfAMonth(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		zone  string
		month time.Month
		step  time.Duration
		down  int64 // of a thousand
		want  unit.Amount
	}{
		"a month of 31 days, two in a hundred down": {"America/Chicago", time.January, time.Hour, 20, 29_760 * unit.Unit}, // 64 * 744 h * 2.50 / 4
		"the month with a day of 23 hours":          {"America/Chicago", time.March, time.Hour, 20, 29_720 * unit.Unit},
		"the month with a day of 25 hours":          {"America/Chicago", time.November, time.Hour, 20, 28_840 * unit.Unit},
		"in quarters, the first tier":               {"America/Chicago", time.February, 15 * time.Minute, 5, 10_752 * unit.Unit},
		"nothing is credited at the promise":        {"America/Chicago", time.February, time.Hour, 1, 0},
		"hours that reach over both ends":           {"Asia/Kolkata", time.May, time.Hour, 20, 29_740 * unit.Unit}, // half an hour was not counted
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			month := series.MonthOf(time.Date(2025, c.month, 10, 0, 0, 0, 0, zone), zone)
			all := served(t, zone, sold(hosting.Reserved))
			credits := map[time.Time]unit.Amount{}
			for from := month.Start.Truncate(c.step); from.Before(month.End().Add(50 * time.Hour)); from = from.Add(c.step) {
				n := hosting.Counts{Committed: 64 * int64(c.step/time.Second)}
				if from.Before(month.Start) {
					n = hosting.Counts{} // half of it is the month's
				}
				n.Down = n.Committed * c.down / 1000
				e := rendered(t, all, stretch(from, c.step, "hosting/acme", n))
				granted, owed := Sum(e, books.CreditsGranted), Sum(e, books.CreditsOwed)
				if granted != -owed || Served(e) != -Sum(e, books.Reservation)-granted {
					t.Fatalf("granted %v, owed %v, served %v", granted, owed, Served(e))
				}
				if granted != 0 {
					credits[from] = granted
				}
			}
			for from, credit := range credits {
				if end := from.Add(c.step); end.Before(month.End()) || !from.Before(month.End()) {
					t.Errorf("%v is credited from %s to %s, the month ends %s", credit, from, end, month.End())
				}
				if credit != c.want {
					t.Errorf("%v is credited, want %v", credit, c.want)
				}
			}
			if want := min(1, int(c.want)); len(credits) != want {
				t.Errorf("credited %d times, want %d: %v", len(credits), want, credits)
			}
		})
	}
}

// TestCreditAfterAGap: where the last intervals of a month were not metered, the
// credit stands with the next one that was, once.
func TestCreditAfterAGap(t *testing.T) {
	t.Parallel()
	all := served(t, time.UTC, sold(hosting.Reserved))
	end := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	var credits []unit.Amount
	for _, from := range []time.Time{end.Add(-3 * time.Hour), end.Add(-2 * time.Hour), end.Add(time.Hour), end.Add(2 * time.Hour)} {
		e := rendered(t, all, stretch(from, time.Hour, "hosting/acme", hosting.Counts{Committed: 64 * gpuHour, Down: 64 * gpuHour}))
		credits = append(credits, Sum(e, books.CreditsGranted))
	}
	if want := []unit.Amount{0, 0, 80 * unit.Unit, 0}; !slices.Equal(credits, want) { // a quarter of two hours
		t.Errorf("credits %v, want %v", credits, want)
	}
}

// TestTenantsClone: another line of time moves on by itself.
func TestTenantsClone(t *testing.T) {
	t.Parallel()
	hour := func(k int) cycle.Delivery {
		return stretch(at.Add(time.Duration(k)*time.Hour), time.Hour, "hosting/acme", hosting.Counts{Committed: 64*gpuHour + 1, Down: 7})
	}
	a := served(t, time.UTC, sold(hosting.Reserved))
	rendered(t, a, hour(0))
	was := &Tenants{Counts: maps.Clone(a.Counts), Levels: maps.Clone(a.Levels), Until: maps.Clone(a.Until)}
	b := a.Clone()
	same := cmpopts.IgnoreFields(Tenants{}, "Tenancies")
	one := rendered(t, b, hour(1))
	if diff := cmp.Diff(was, a, same); diff != "" {
		t.Errorf("the copy moved its original:\n%s", diff)
	}
	if diff := cmp.Diff(one, rendered(t, a, hour(1))); diff != "" {
		t.Errorf("the copy settles otherwise:\n%s", diff)
	}
	if diff := cmp.Diff(a, b, same); diff != "" {
		t.Errorf("they end otherwise:\n%s", diff)
	}
}

// TestAStretchOfAMonthThatIsOver is refused, and names the contract.
func TestAStretchOfAMonthThatIsOver(t *testing.T) {
	t.Parallel()
	all := served(t, time.UTC, sold(hosting.Reserved))
	n := hosting.Counts{Committed: 64 * gpuHour}
	rendered(t, all, stretch(at, time.Hour, "hosting/acme", n))
	_, err := Post(stretch(at.Add(-time.Hour), time.Hour, "hosting/acme", n), Prices{Currency: "USD", Priced: true, Network: network, Tenants: all}, newBill(t, spot()))
	if err == nil || !strings.Contains(err.Error(), "contract acme: ") || !strings.Contains(err.Error(), "is over") {
		t.Errorf("error %v", err)
	}
	if got := all.Counts["hosting/acme"]; got != n {
		t.Errorf("what was refused counts: %+v", got)
	}
}

// TestADayOfTenants: service and credits of a day are booked by contract, and the
// power that tenants drew is billed as it was.
func TestADayOfTenants(t *testing.T) {
	t.Parallel()
	zone := chicago(t)
	spotty := sold(hosting.Spot)
	spotty.Name, spotty.Price = "spot", unit.Unit
	all, bill, again := served(t, zone, sold(hosting.Reserved), spotty), newBill(t, spot()), newBill(t, spot())
	y := Diary{Zone: zone}
	from := series.MonthOf(morning(t, 2), zone).End().Add(-24 * time.Hour)
	for k := range 24 {
		d := delivery(2*mwh, 0,
			cycle.UseDelivery{Use: "hosting/acme", Meter: mwh, Service: hosting.Counts{Committed: 64 * gpuHour, Served: 9 * gpuHour, Down: 64 * gpuHour}},
			cycle.UseDelivery{Use: "hosting/spot", Meter: mwh / 2, Service: hosting.Counts{Served: 10 * gpuHour}},
		)
		d.At = from.Add(time.Duration(k) * time.Hour)
		e, err := Post(d, Prices{Currency: "USD", Spot: 38 * unit.PerMWh, Priced: true, Network: network, Tenants: all}, bill)
		if err != nil {
			t.Fatal(err)
		}
		if err := Rebill(again, d, e); err != nil {
			t.Fatal(err)
		}
		y.Add(cycle.Expected{}, d, e)
	}
	if a, b := bill.Total(), again.Total(); a != b || a != -1920*unit.Unit { // 48 MWh at 40
		t.Errorf("billed %v, and again %v", a, b)
	}
	c := NewClerk(owner(t), place(t), Standing{})
	if err := c.Day(y.Days[0], "papers"); err != nil {
		t.Fatal(err)
	}
	journal := c.Journal().Transactions
	balances, err := books.Tally(journal)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for i, x := range journal {
		kinds = append(kinds, x.Kind)
		for _, l := range x.Lines {
			if x.Kind != "power metered" && (l.Tags != books.Tags{Site: "test", Use: "hosting", Contract: []string{"acme", "spot", "acme"}[i]}) {
				t.Errorf("%s of %s is about %+v", x.Kind, l.Account, l.Tags)
			}
		}
	}
	if got := strings.Join(kinds, ", "); got != "service rendered, service rendered, service credits, power metered" {
		t.Errorf("booked %s", got)
	}
	want := map[string]int64{
		books.Reservation: -3840e6, books.Hosting: -240e6, books.Unbilled: 4080e6,
		books.CreditsGranted: 960e6, books.CreditsOwed: -960e6, books.PowerEnergy: 1920e6, books.AccruedPower: -1920e6,
	}
	got := map[string]int64{}
	for _, b := range balances {
		got[b.Account] += b.Amount
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestTodayLeavesTenantsOut: what a plan sets aside of a day's income is that of
// machines: most of what tenants pay comes whether power is there or not, and is
// booked when it was rendered. The power that they draw is in its cost.
func TestTodayLeavesTenantsOut(t *testing.T) {
	t.Parallel()
	worth := func(p int64) []use.Step {
		return []use.Step{{Power: mw, Worth: series.Flat(unit.Price(p) * unit.PerMWh)}}
	}
	p := cycle.Plan{
		Mesh: series.Mesh{Start: at, Lengths: []time.Duration{time.Hour}},
		Bids: []use.Bid{{Use: "mining/a", Steps: worth(90)}, {Use: "hosting/acme", Steps: worth(1900)}},
		Uses: []cycle.UsePlan{{Draw: []unit.Power{mw}}, {Draw: []unit.Power{mw}}},
	}
	if got := Expect(p, at.Add(time.Hour)); got.Worth != 90*unit.Unit {
		t.Errorf("expects to earn %v, want 90: what the machines earn", got.Worth)
	}
}
