package peer_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/peer"
)

// rows are figures: company,period,metric,value,unit in each line.
func rows(lines ...string) (out []peer.Row) {
	for i, l := range lines {
		c := strings.Split(l, ",")
		out = append(out, peer.Row{Company: c[0], Period: c[1], Metric: c[2], Value: c[3], Unit: c[4], Source: "test", Place: fmt.Sprintf("t.csv, line %d", i+2)})
	}
	return out
}

func gather(tb rapid.TB, lines ...string) *peer.Group {
	tb.Helper()
	g, err := peer.Gather(rows(lines...))
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// near reports two numbers that are the same to a share.
func near(a, b, share float64) bool { return math.Abs(a-b) <= share*max(math.Abs(a), math.Abs(b)) }

// TestUnits: a scale comes from the unit and from nothing else.
func TestUnits(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]float64{
		"A,2025Q2,cash,86.952,USD_M":                       86_952_000,
		"A,2025Q2,cash,86.952,USD":                         86.952,
		"A,2025Q2,debt,2.45,USD_B":                         2.45e9,
		"A,2025Q2,shares,281,shares_M":                     281e6,
		"A,2025Q2,avg_operating_hashrate,15500,PH/s":       15.5,
		"A,2025Q2,power_gross,1.2,GW":                      1200,
		"A,2025Q2,all_in_power_cost,3.4,c/kWh":             34,
		"A,2025Q2,gross_mining_margin,-35,pct":             -0.35,
		"A,2025Q2,contract_term:x,120,months":              10,
		"A,2025Q2,energy_used,1362,GWh":                    1_362_000,
		"A,2025Q2,btc_held,150000000,sat":                  1.5,
		"A,2025Q2,median_total_hashcost,0.0448,USD/TH/day": 44.8,
	} {
		g := gather(t, line)
		if f := g.Facts()[0]; !f.Known || !near(f.Value, want, 1e-12) {
			t.Errorf("%s is %v %s, want %v", line, f.Value, f.Unit, want)
		}
	}
	for line, says := range map[string]string{
		"A,2025Q2,cash,86.952,M":                  `unit "M": write USD, USD_K, USD_M, USD_B: a scale is not guessed`,
		"A,2025Q2,cash,86.952,":                   "a scale is not guessed",
		"A,2025Q2,cash,86.952,usd_m":              "a scale is not guessed",
		"A,2025Q2,cash,86.952,EUR":                "a scale is not guessed",
		"A,2025Q2,avg_operating_hashrate,15,J/TH": "write EH/s, PH/s, TH/s",
		"A,2025Q2,cash,1e9,USD":                   "plain number",
		"A,2025Q2,cash,NaN,USD":                   "plain number",
		"A,2025Q2,cash,,USD":                      "leave a row out whose value is not known",
		"A,2025Q2,cash,-1,USD":                    "below zero",
		"A,2025Q2,cash,1-2,USD":                   "plain number",
		"A,2025Q7,cash,1,USD":                     "no period",
		"A,2025Q2,class,miner,":                   "write pure, hybrid, ai-first",
		"A,2025Q2,class,pure,USD":                 "leave the unit empty",
		",2025Q2,cash,1,USD":                      "have to be there",
	} {
		if _, err := peer.Gather(rows(line)); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "t.csv, line 2") {
			t.Errorf("%s: %v, want %q", line, err, says)
		}
	}
}

// TestContradictions: what two rows tell differently is refused with both lines.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		lines []string
		says  string // empty: they agree
	}{
		"the same again":             {[]string{"A,2025Q2,cash,86.952,USD_M", "A,2025Q2,cash,86952000,USD"}, ""},
		"another value":              {[]string{"A,2025Q2,cash,86,USD_M", "A,2025Q2,cash,87,USD_M"}, "t.csv, line 3: cash of A for 2025Q2 is 87 USD_M, and 86 USD_M at t.csv, line 2"},
		"a scale that was forgotten": {[]string{"A,2025Q2,cash,86,USD_M", "A,2025Q2,cash,86,USD"}, "line 2"},
		"another name of it":         {[]string{"A,2025Q2,btc_produced,718,BTC", "A,2025Q2,btc_mined,720,BTC"}, "btc_mined of A"},
		"one balance, two periods":   {[]string{"A,2025-06-30,cash,86,USD_M", "A,2025Q2,cash,87,USD_M"}, "line 2"},
		"a flow of a day is another": {[]string{"A,2025-06-30,btc_produced,8,BTC", "A,2025Q2,btc_produced,800,BTC"}, ""},
		"two items":                  {[]string{"A,2025Q2,revenue:mining,8,USD_M", "A,2025Q2,revenue:hosting,9,USD_M"}, ""},
		"an item twice":              {[]string{"A,2025Q2,revenue:mining,8,USD_M", "A,2025Q2,revenue:mining,9,USD_M"}, "revenue:mining"},
		"an unknown figure twice":    {[]string{"A,2025Q2,wind,8,m/s", "A,2025Q2,wind,8,km/h"}, "wind"},
		"two companies":              {[]string{"A,2025Q2,cash,86,USD_M", "B,2025Q2,cash,87,USD_M"}, ""},
		"two classes":                {[]string{"A,2025Q2,class,pure,", "A,2025Q2,class,hybrid,"}, "is hybrid, and pure"},
	} {
		_, err := peer.Gather(rows(c.lines...))
		if (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, peer.ErrContradiction) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", sentence, err, c.says)
		}
	}
	if g := gather(t, "A,2025Q2,cash,86,USD_M", "A,2025-06-30,cash,86,USD_M"); g.Repeated() != 1 || len(g.Facts()) != 1 {
		t.Errorf("%d repeated, %d facts", g.Repeated(), len(g.Facts()))
	}
	var many []string
	for range 30 {
		many = append(many, "A,2025Q2,cash,x,USD")
	}
	if _, err := peer.Gather(rows(many...)); err == nil || !strings.Contains(err.Error(), "and 10 faults more") {
		t.Error(err)
	}
	if _, err := peer.Gather(nil); !errors.Is(err, peer.ErrRow) {
		t.Error(err)
	}
}

// TestUnknown: a figure whose name is not known is kept, with what was written.
func TestUnknown(t *testing.T) {
	t.Parallel()
	g := gather(t, "A,2025Q2,cash,86,USD_M", "A,2025Q2,curtailed,146,h", "A,2025Q2,cash:vault,1,USD", "A,2025Q2,mood,good,")
	all := g.Unknown()
	if len(all) != 3 || all[0].Value != 146 || all[0].Unit != "h" || all[1].Metric != "cash:vault" || all[2].Word != "good" {
		t.Errorf("%+v", all)
	}
}

// TestDoubts: what is hard to believe is warned of, with what to look at, and kept.
func TestDoubts(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		lines []string
		says  string // empty: it is believed
	}{
		"1.28 million for 18 MW":       {[]string{"A,2025Q2,project_cost:w,1.28,USD_M", "A,2025Q2,project_power_gross:w,18,MW"}, "project_cost:w costs 0.07111 million USD a gross MW, outside 1 to 60"},
		"128 million for 18 MW":        {[]string{"A,2025Q2,project_cost:w,128,USD_M", "A,2025Q2,project_power_gross:w,18,MW", "A,2025Q2,project_power_critical:w,14.4,MW"}, ""},
		"128 billion for 18 MW":        {[]string{"A,2025Q2,project_cost:w,12.8,USD_B", "A,2025Q2,project_power_critical:w,18,MW"}, "711.1 million USD a critical MW"},
		"a cost of a MW":               {[]string{"A,2025Q2,capex_per_gross_mw,9,USD/MW"}, "capex_per_gross_mw of 9 USD/MW is outside"},
		"a cost of a MW in millions":   {[]string{"A,2025Q2,capex_per_gross_mw,9,USD_M/MW"}, ""},
		"EBITDA without its scale":     {[]string{"A,2025Q2,adjusted_ebitda,19.6,USD"}, "check the scale"},
		"a loss in millions":           {[]string{"A,2025Q2,adjusted_ebitda,-19.6,USD_M"}, ""},
		"no debt":                      {[]string{"A,2025Q2,debt,0,USD"}, ""},
		"a hashrate in PH/s":           {[]string{"A,2025Q2,avg_operating_hashrate,15500,EH/s"}, "check the scale"},
		"rent of a contract":           {[]string{"A,2025Q2,contract_power:x,200,MW", "A,2025Q2,contract_revenue:x,290,USD_M/yr"}, ""},
		"rent of the term, not a year": {[]string{"A,2025Q2,contract_power:x,100,MW", "A,2025Q2,contract_revenue:x,9.7,USD_B/yr"}, "97 million USD a critical MW and year"},
		"more critical than gross":     {[]string{"A,2025Q2,power_gross,100,MW", "A,2025Q2,power_critical,120,MW"}, "the wrong way round"},
		"a fleet beyond its sites":     {[]string{"A,2025Q2,power_gross,500,MW", "A,2025Q2,avg_operating_hashrate,30,EH/s", "A,2025Q2,fleet_efficiency,20,J/TH"}, "draws 600 MW, more than power_gross of 500 MW"},
		"a fleet within its sites":     {[]string{"A,2025Q2,power_gross,808,MW", "A,2025Q2,avg_operating_hashrate,45.6,EH/s", "A,2025Q2,fleet_efficiency,16.07,J/TH"}, ""},
		"products beyond revenue":      {[]string{"A,2025Q2,revenue,100,USD_M", "A,2025Q2,revenue:mining,80,USD_M", "A,2025Q2,revenue:hosting,30,USD_M"}, "its products sum to 110000000 USD"},
		"products of another quarter":  {[]string{"A,2025Q2,revenue,100,USD_M", "A,2025Q2,revenue:mining,80,USD_M", "A,2025Q1,revenue:hosting,30,USD_M"}, ""},
	} {
		g := gather(t, c.lines...)
		var all []string
		for _, w := range g.Warnings() {
			all = append(all, w.Says)
			if w.Company != "A" || !strings.HasPrefix(w.Place, "t.csv, line ") {
				t.Errorf("%s: %+v", sentence, w)
			}
		}
		if got := strings.Join(all, "\n"); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", sentence, got, c.says)
		}
		if len(g.Facts()) != len(c.lines) {
			t.Errorf("%s: %d facts", sentence, len(g.Facts()))
		}
	}
}

// TestMetrics: names are told apart, every unit is known, and bands hold something.
func TestMetrics(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range peer.Metrics() {
		for _, name := range append([]string{m.Name}, m.Also...) {
			if seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
		if m.Says == "" || (m.Kind == peer.Word) != (m.Unit == "") || m.Kind != peer.Word && !(m.Low < m.High) || m.Low < 0 && !m.Signed {
			t.Errorf("%+v", m)
		}
	}
}

// TestReported: the period that most report, then the latest, then the longest.
func TestReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want  string
		lines []string
	}{
		{"2025Q1", []string{"A,2025Q1,btc_produced,5,BTC", "B,2025Q1,btc_produced,5,BTC", "A,2025Q2,btc_produced,5,BTC"}},
		{"2025Q2", []string{"A,2025Q1,btc_produced,5,BTC", "A,2025-06,btc_produced,1,BTC", "A,2025Q2,btc_produced,5,BTC"}},
		{"2025Q1", []string{"A,2025Q1,btc_produced,5,BTC", "A,2025Q2,cash,5,USD_M", "B,2025Q2,cash,5,USD_M"}},
	} {
		if p, ok := gather(t, c.lines...).Reported(); !ok || p.String() != c.want {
			t.Errorf("%v: %v, %v", c.lines, p, ok)
		}
	}
	if p, ok := gather(t, "A,2025Q2,cash,5,USD_M").Reported(); ok {
		t.Errorf("%v", p)
	}
}
