package meter_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/books/rate"
	"sluice/driver/contractfile"
	"sluice/engine"
	"sluice/loop/billing"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// agreement is a contract of one day: GPU-hours, energy as it was bought up to a PUE of
// 1.21 in every hour, and a level of service.
const agreement = `contract: %[1]s
series: HOU-2025
currency: USD
time_zone: UTC
start: 2025-09-01
seller: {name: Houston Hash LLC}
customer: {id: %[2]s, name: %[2]s}
versions:
  - version: 1
    valid_from: 2025-09-01
    valid_to: 2025-09-02
    terms:
      - {name: GPUs, kind: usage, unit: GPU-hour, component: gpu-h100, meters: [hall-1]}
      - {name: Power, kind: passthrough, unit: MWh, component: facility, it_component: it, pue_cap: 1.21, cap_minutes: 60, price: energy, meters: [hall-1]}
prices:
  - {name: gpu-h100, value: %[3]s, from: 2025-09-01, source: annex 1}
  - {name: energy, value: 50, from: 2025-09-01, source: supply}
service:
  fee: [GPUs]
  credit: invoice
  denominator: less excluded
  tiers: [{below: 99.9 %%, credit: 10 %%}, {below: 99 %%, credit: 25 %%}]
  allows: [{cause: curtailment}]
  parts: [{name: n1, weight: 8, to: 2025-09-02}, {name: n2, weight: 8, to: 2025-09-02}]
`

// half is five minutes of the table without tenant B: its two GPUs draw what idle ones do.
func half() meter.Interval {
	in := table()
	in.Jobs = in.Jobs[1:]
	in.Nodes[1].Cards[5], in.Nodes[1].Cards[6] = card("n1", 5, "", 63*300), card("n1", 6, "", 63*300)
	in.Nodes[1].Meter = counted("n1", 974_700+509_100)
	return in
}

// day is the usage of a day: B runs from six to eighteen.
func day(tb testing.TB) (out []meter.Usage) {
	tb.Helper()
	for n := range int64(288) {
		in := half()
		if n >= 72 && n < 216 {
			in = table()
			in.Jobs[0].From, in.Jobs[0].To = at(6*3600), at(18*3600)
		}
		in.Jobs[len(in.Jobs)-1].From, in.Jobs[len(in.Jobs)-1].To = at(-500), time.Time{}
		in.Span = span(n*300, n*300+300)
		out = append(out, attribute(tb, in).Usage()...)
	}
	return out
}

// served is how the two nodes of a contract stood: the second one was down for an hour
// and rightly curtailed for two others.
func served(tb testing.TB, name string) []meter.Stretch {
	tb.Helper()
	p := promised()
	p.Contract, p.Serves = name, span(0, 86_400)
	p.Parts = []meter.Part{{Name: "n1", Node: "n1", GPUs: 8}, {Name: "n2", Node: "n2", GPUs: 8}}
	p.Flex = hosting.Flex{Hours: 10 * time.Hour, Notice: time.Hour, Share: unit.One}
	t := taking("event-1", 3600, 14*3600, 16*3600, "n2")
	t.Contract = name
	all, err := meter.Service(p, meter.Record{Period: span(0, 86_400), Takings: []meter.Taking{t}, Sights: []meter.Sight{
		{Node: "n1", State: engine.NodeUp, Span: span(0, 86_400)},
		{Node: "n2", State: engine.NodeUp, Span: span(0, 36_000)},
		{Node: "n2", State: engine.NodeDown, Span: span(36_000, 39_600)},
		{Node: "n2", State: engine.NodeUp, Span: span(39_600, 86_400)},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// bill reads the three files of a day as billing does, and runs it.
func bill(tb testing.TB, contract string, usage []meter.Usage, stretches []meter.Stretch) billing.Result {
	tb.Helper()
	c, err := contractfile.Read(strings.NewReader(contract), "contract.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	var u, o, x bytes.Buffer
	for _, err := range []error{meter.WriteUsage(&u, usage), meter.WriteOutages(&o, stretches), meter.WriteExclusions(&x, stretches)} {
		if err != nil {
			tb.Fatal(err)
		}
	}
	in := billing.Input{Contract: c.Contract, Period: c.Month(at(0)), At: at(40 * 86_400), Booked: at(40 * 86_400), Open: time.Unix(0, 0), Known: []string{"A", "B"}}
	if in.Readings, err = contractfile.Usage(&u, "usage.csv"); err != nil {
		tb.Fatal(err)
	}
	if in.Outages, err = contractfile.Outages(&o, "outages.csv"); err != nil {
		tb.Fatal(err)
	}
	if in.Exclusions, err = contractfile.Exclusions(&x, "exclusions.csv"); err != nil {
		tb.Fatal(err)
	}
	r, err := billing.Run(in)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestBilled: a day of two tenants, from counters to the lines of their invoices,
// worked out by hand.
func TestBilled(t *testing.T) {
	t.Parallel()
	lines := day(t)
	if n := len(lines); n != 288*6 {
		t.Fatalf("%d lines", n)
	}
	// Twelve hours as in the table: A 1,236,188 J of machines and 244,849 J of cooling
	// in five minutes, a PUE of 1.198 that is under the cap. Twelve hours without B: the
	// node draws 509,100 J beside its GPUs, of which A bears 1500/2400, 318,187.5 J and
	// of the tie the larger part; cooling is 410,000 * 1,236,188 / 1,903,800 = 266,224 J,
	// a PUE of 1.2154, so that in each of these hours 1.21 times the energy of machines
	// is billed: 12 * 1,236,188 * 1.21 = 17,949,449.76 J.
	energyA := 144*(1_236_188+244_849) + 12*17_949_449.76 // J
	for contract, c := range map[string]struct {
		text  string
		lines map[string]string // of the invoice, in millionths
	}{
		"A": {fmt.Sprintf(agreement, "A", "acme", "2.00"), map[string]string{
			"GPUs":         "432000 240000000", // 5 GPUs for 24 hours at 2.00
			"Power":        fmt.Sprintf("%.0f %.0f", energyA, energyA/3.6e9*50e6),
			"availability": "28800 -60000000", // 1 - 8*3600/(16*86,400 - 8*7200) = 97.83 %: a quarter of 240.00
		}},
		"B": {fmt.Sprintf(agreement, "B", "borealis", "2.50"), map[string]string{
			"GPUs":         "86400 60000000", // 2 GPUs for 12 hours at 2.50
			"Power":        fmt.Sprintf("%d %.0f", 144*396_890, 144*396_890/3.6e9*50e6),
			"availability": "28800 -15000000",
		}},
	} {
		t.Run(contract, func(t *testing.T) {
			t.Parallel()
			r := bill(t, c.text, lines, served(t, contract))
			if len(r.Gaps)+len(r.Parked) > 0 || r.Draft == nil {
				t.Fatalf("gaps %v, parked %+v", r.Gaps, r.Parked)
			}
			got := map[string]string{}
			for _, l := range r.Draft.Lines {
				got[l.Component] = fmt.Sprintf("%d %d", l.Quantity, l.Amount)
				if l.Estimated {
					t.Errorf("%s is estimated", l.Component)
				}
			}
			for name, want := range c.lines {
				if got[name] != want {
					t.Errorf("%s: %s, want %s", name, got[name], want)
				}
			}
			if len(got) != len(c.lines) || r.Availability.Availability != 978_260 {
				t.Errorf("%v, availability %d", got, r.Availability.Availability)
			}
		})
	}
}

// TestBilledAnew: a correction is a revision, and the note is the difference.
func TestBilledAnew(t *testing.T) {
	t.Parallel()
	lines := day(t)
	now := slices.Clone(lines)
	for i, u := range now {
		if u.Contract == "B" && u.Component == "gpu-h100" && u.Quantity > 0 {
			now[i].Quantity -= 300 // one GPU less throughout
		}
	}
	more, err := meter.Revise(lines, now)
	if err != nil || len(more) != 144 {
		t.Fatalf("%d lines, %v", len(more), err)
	}
	r := bill(t, fmt.Sprintf(agreement, "B", "borealis", "2.50"), append(lines, more...), nil)
	for _, l := range r.Draft.Lines {
		if l.Component == "GPUs" && (l.Amount != 30_000_000 || l.Revision != 2) {
			t.Errorf("%+v", l)
		}
	}
	if got, want := lines[0].Interval(), (rate.Interval{
		Contract: "A", Meter: "hall-1", Component: "it", From: zero, To: zero + 300, Quantity: 1_236_188, Revision: 1, Evidence: lines[0].Evidence,
	}); got != want {
		t.Errorf("%+v", got)
	}
}
