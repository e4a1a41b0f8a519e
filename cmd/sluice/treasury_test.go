package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"sluice/capital"
	"sluice/capital/treasury"
	"sluice/data"
	"sluice/driver/history"
	"sluice/internal/beside"
)

// treasured runs sluice treasury as the program does, whether it is wired or not.
func treasured(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return treasuredIn(t.Context(), args...)
}

func treasuredIn(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	root := &cobra.Command{Use: "sluice", SilenceUsage: true, SilenceErrors: true}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return input(err) })
	root.AddCommand(newTreasury()) //nolint:contextcheck // a command takes its context when it is run
	root.SetArgs(append([]string{"treasury"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	begun := false
	noteBegin(root, &begun)
	err := root.ExecuteContext(ctx)
	var bad badInput
	switch {
	case err == nil:
		return exitOK, out.String(), errs.String()
	case errors.Is(err, context.Canceled):
		code = exitInterrupted
	case errors.As(err, &bad) || !begun:
		code = exitBadInput
	default:
		code = exitFailed
	}
	complain(&errs, err)
	return code, out.String(), errs.String()
}

// treasuryWell runs it where it has to go well.
func treasuryWell(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := treasured(t, args...)
	if code != exitOK || errs != "" {
		t.Fatalf("%v: exit code %d: %s", args, code, errs)
	}
	return out
}

// riverPlan is the plan of docs/treasury.md, with some of its text put otherwise.
func riverPlan(t *testing.T, change ...string) string {
	t.Helper()
	for _, b := range blocks(t, "../../docs/treasury.md") {
		if b[0] != "yaml" {
			continue
		}
		text := strings.NewReplacer(change...).Replace(b[1])
		if len(change) > 0 && text == b[1] {
			t.Fatalf("%q: nothing was changed", change)
		}
		return write(t, "miner.yaml", text)
	}
	t.Fatal("docs/treasury.md has no plan")
	return ""
}

// treasuryPage runs the commands of docs/treasury.md and holds what they print against
// what the page says; a page may leave parts out between dots.
func treasuryPage(t *testing.T, runs func(line string) bool, named map[string]string) (ran int) {
	t.Helper()
	all := blocks(t, "../../docs/treasury.md")
	for i, b := range all {
		line, ok := strings.CutPrefix(b[1], "sluice treasury ")
		if !ok || i+1 == len(all) || strings.Contains(line, ">") || !runs(line) {
			continue
		}
		ran++
		args := strings.Fields(line)
		for k, a := range args {
			if path, known := named[a]; known {
				args[k] = path
			}
		}
		code, out, errs := treasured(t, args...)
		for name, path := range named {
			errs = strings.ReplaceAll(errs, path, name)
		}
		for part := range strings.SplitSeq(all[i+1][1], "...\n") {
			if !strings.Contains(out+errs, part) {
				t.Errorf("sluice treasury %s: exit code %d, printed\n%s%s\nand the page says\n%s", line, code, out, errs, part)
			}
		}
	}
	return ran
}

// TestTreasuryPage: what docs/treasury.md says that a command prints is what it prints.
func TestTreasuryPage(t *testing.T) {
	t.Parallel()
	if ran := treasuryPage(t, func(line string) bool { return !strings.Contains(line, "--bitcoin") }, map[string]string{"miner.yaml": riverPlan(t)}); ran < 3 {
		t.Errorf("%d commands stand on the page", ran)
	}
}

// TestTreasuryRecorded: the same for the longer history, where it is there, and its
// shares against those that another program counted (docs/formula/treasury.md).
func TestTreasuryRecorded(t *testing.T) {
	t.Parallel()
	days := beside.Path(t, "data", "btc_daily.csv")
	plan := riverPlan(t)
	if ran := treasuryPage(t, func(line string) bool { return strings.Contains(line, "--bitcoin") }, map[string]string{"miner.yaml": plan, "btc_daily.csv": days}); ran != 1 {
		t.Errorf("%d commands with a history stand on the page", ran)
	}
	text := treasuryWell(t, "--file", plan, "--bitcoin", days, "--paths", "0", "--j-per-th", "98")
	from, to := strings.Index(text, "The history: "), strings.Index(text, "The winter of 2018")
	if from < 0 || to < from {
		t.Fatal(text)
	}
	t.Logf("2017 to 2025, 12 MW at 98 J/TH\n%s", text[from:to])
	got := treasuryRead(t, "--file", plan, "--bitcoin", days, "--paths", "0")
	year := got.Holding[2]
	if year.Weeks != 52 || year.Windows != 418 || math.Abs(year.Won-0.694) > 0.0005 || got.Holding[4].Won != 1 || got.Windows[0].Weeks != 469 {
		t.Errorf("%+v", got.Holding)
	}
	since := treasuryRead(t, "--file", plan, "--bitcoin", days, "--paths", "0", "--from", "2018-01-01")
	if x := since.Pledges[0]; math.Abs(x.Recorded[0]-0.44) > 0.0051 || math.Abs(x.Recorded[1]-0.37) > 0.0051 || len(since.Windows) != 3 {
		t.Errorf("%+v", x)
	}
}

func treasuryRead(t *testing.T, args ...string) (out treasuryJSON) {
	t.Helper()
	if err := json.Unmarshal([]byte(treasuryWell(t, append(args, "--json")...)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTreasuryMiner: the miner of a plan by hand, and what policies come to on weeks that
// are read and stepped here once more.
func TestTreasuryMiner(t *testing.T) {
	t.Parallel()
	got := treasuryRead(t, "--file", riverPlan(t), "--j-per-th", "50", "--paths", "0")
	want := treasury.Miner{
		PH: 12_000 / (17.5 * 1.03), Efficiency: 17.5, PUE: 1.03, Fee: 0.01, Uptime: 0.96, Power: 45, Stops: true, Cash: 2e6, BTC: 250,
		Opex: 900_000 * 7.0 / 365, Service: (5e6/36 + 0.01*(5e6-5.5*5e6/36)) * 12 * 7 / 365,
	}
	m := got.Miner
	for what, x := range map[string][2]float64{
		"PH": {m.PH, want.PH}, "J/TH": {m.Efficiency, 17.5}, "PUE": {m.PUE, 1.03}, "fee": {m.Fee, 0.01}, "uptime": {m.Uptime, 0.96}, "power": {m.Power, 45},
		"operations": {m.Opex, want.Opex}, "service": {m.Service, want.Service}, "cash": {m.Cash, 2e6}, "coins": {m.BTC, 250}, "past": {m.Past, 50}, "MW": {m.MW, 12},
	} {
		if math.Abs(x[0]-x[1]) > 1e-6*x[1] {
			t.Errorf("%s: %v, by hand %v", what, x[0], x[1])
		}
	}
	want.PH, want.Efficiency = 12_000/(50*1.03), 50
	path := treasuryWeeks(t, time.Date(2022, 1, 3, 0, 0, 0, 0, time.UTC), 51)
	lent := min(8e6, 250*path.Price[0]*0.5)
	want.Cash += lent
	want.Loans = []treasury.Rung{{Name: "coins", Owed: lent, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85, Rate: 0.1}}
	w := got.Windows[1]
	if w.Name != "the winter of 2022" || w.Weeks != 51 || w.From != "2022-01-03" || w.To != "2022-12-25" || math.Abs(w.Lent[0]-lent) > 1 {
		t.Fatalf("%+v", w)
	}
	for i, p := range map[int]treasury.Policy{0: {}, 1: {Kind: treasury.SellAll}, 2: {Kind: treasury.Part, Share: 0.7}, 6: {Kind: treasury.Cover, Cover: 60}} {
		r, err := treasury.Backtest(want, path, p)
		if err != nil {
			t.Fatal(err)
		}
		o := w.Outcomes[i]
		if math.Abs(o.Cash-r.Cash) > 1 || math.Abs(o.BTC-r.BTC) > 1e-4 || math.Abs(o.Net-r.Net) > 10 || len(o.Calls) != len(r.Calls) || math.Abs(o.Seized-r.Seized) > 1e-4 {
			t.Errorf("%s: %+v, by hand %+v", o.Policy, o, r.Outcome)
		}
	}
	if c := w.Outcomes[0].Calls; len(c) < 2 || c[0].Loan != "coins" || c[0].Before < 0.7 || math.Abs(c[0].After-0.6) > 1e-9 {
		t.Errorf("%+v", c)
	}
}

// treasuryWeeks reads weeks of the shipped days anew.
func treasuryWeeks(t *testing.T, from time.Time, weeks int) (p treasury.Path) {
	t.Helper()
	r, err := data.Open(shippedBitcoin)
	if err != nil {
		t.Fatal(err)
	}
	days, _, err := history.ReadBitcoin(r, shippedBitcoin, "USD")
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, d := range days {
		n := int(d.Day.Sub(from).Hours() / 24)
		if d.Day.Before(from) || n >= 7*weeks {
			continue
		}
		sum += 86_400e15 / (float64(d.Difficulty) * (1 << 32)) * float64(d.Reward) / 1e8
		if n%7 == 6 {
			p.Begin, p.Price, p.Hashprice = append(p.Begin, d.Day.AddDate(0, 0, -6)), append(p.Price, float64(d.Price)/1e6), append(p.Hashprice, sum/7)
			sum = 0
		}
	}
	return p
}

// TestTreasurySites: several sites are one miner that mines and draws what they do.
func TestTreasurySites(t *testing.T) {
	t.Parallel()
	second := "  - name: hill\n    gross_mw: 6\n    fleet: {mw: 6, j_per_th: 30, pue: 1.1, pool_fee: 0.02, uptime: 0.9, other_per_mwh: 2, upkeep_per_mw_year: 10_000}\n    power: {price_per_mwh: [30], delivery_per_mwh: 1}\n\nloans:"
	m := treasuryRead(t, "--file", riverPlan(t, "loans:", second), "--paths", "0").Miner
	a, b := 12_000/(17.5*1.03), 6_000/(30*1.1)
	energy := 12*0.96 + 6*0.9
	draws := 0.001 * m.Efficiency * m.PUE * m.PH * m.Uptime // MW in the mean
	finds := m.PH * m.Uptime * (1 - m.Fee)
	for what, x := range map[string][2]float64{
		"PH": {m.PH, a + b}, "MW": {draws, energy}, "finds": {finds, a*0.96*0.99 + b*0.9*0.98},
		"power": {m.Power, (12*0.96*45 + 6*0.9*33) / energy}, "operations": {m.Opex, (900_000 + 60_000) * 7.0 / 365},
	} {
		if math.Abs(x[0]-x[1]) > 1e-9*x[1] {
			t.Errorf("%s: %v, by hand %v", what, x[0], x[1])
		}
	}
}

// TestTreasuryPledges: levels, prices and odds of a loan against coins.
func TestTreasuryPledges(t *testing.T) {
	t.Parallel()
	got := treasuryRead(t, "--file", riverPlan(t, "btc_price: 87_291.86", "btc_price: 100_000"), "--paths", "0")
	x := got.Pledges[0]
	if x.Lent != 8e6 || x.Coins != 160 || math.Abs(x.Prices[0]-71_428.57) > 0.01 || math.Abs(x.Prices[1]-58_823.53) > 0.01 || math.Abs(x.Formula[0]-0.585) > 5e-4 || math.Abs(x.Formula[1]-0.370) > 5e-4 || x.Begins < 1400 {
		t.Errorf("%+v", x)
	}
	short := treasuryRead(t, "--file", riverPlan(t), "--paths", "0", "--from", "2024-06-01", "--to", "2025-01-31")
	if x := short.Pledges[0]; x.Recorded != nil || x.Begins != 0 {
		t.Errorf("%+v", x)
	}
	out := treasuryWell(t, "--file", riverPlan(t, "amount: 8_000_000", "amount: 80_000_000"), "--paths", "0")
	if !strings.Contains(out, "coins: 10.91 M of 80.00 M are lent") {
		t.Error(out)
	}
	if out := treasuryWell(t, "--file", "washington", "--paths", "0"); strings.Contains(out, "Before coins are pledged") || strings.Contains(out, "Hedges") {
		t.Error("nothing is pledged or hedged there")
	}
}

// TestTreasuryTerm: hedges of a plan as rows, by hand.
func TestTreasuryTerm(t *testing.T) {
	t.Parallel()
	p := treasury.Path{}
	for i := range 10 {
		p.Begin = append(p.Begin, time.Date(2025, 12, 29+7*i, 0, 0, 0, 0, time.UTC))
		p.Price, p.Hashprice = append(p.Price, 100+10*float64(i)), append(p.Hashprice, 0.5)
	}
	january := capital.MonthOf(p.Begin[1])
	mean := (4*100 + 7*110 + 7*120 + 7*130 + 6*140) / 31.0
	for _, c := range []struct {
		kind               string
		size, strike, cost float64
		gain, paid         float64
	}{
		{capital.Futures, 2, 150, 1, 2 * (150 - mean), 2},
		{capital.Futures, 2, 90, 1, 2 * (90 - mean), 2},
		{capital.Put, 2, 150, 1, 2 * (150 - mean), 2},
		{capital.Put, 2, 120, 1, 0, 2},
		{capital.HashForward, 3, 70, 0.1, 3 * (31*70 - 31*mean/2), 9.3},
	} {
		h := treasuryTerm{capital.Hedge{Kind: c.kind, From: january, To: january + 1, Size: c.size, Strike: c.strike, Cost: c.cost}}
		r, err := treasury.Overlay(p, h)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range r.USD {
			want := 0.0
			if i == 4 { // the week in which January ends
				want = c.gain - c.paid
			}
			if math.Abs(got-want) > 1e-9 {
				t.Errorf("%+v, week %d: %v, by hand %v", c, i, got, want)
			}
		}
	}
	whole := treasuryTerm{capital.Hedge{Kind: capital.Put, From: january, To: january + 3, Size: 1, Strike: 1}}
	if _, err := whole.Row(p); !errors.Is(err, treasury.ErrPath) {
		t.Errorf("a month that is not on the path: %v", err)
	}
	first, end := treasuryMonths(p)
	if first != january || end != january+2 {
		t.Errorf("%s to %s", first, end)
	}
}

// TestTreasuryRolled: on the history a hedge comes again and again at the same part of
// the market; what it costs and brings sums up to what the cash is apart.
func TestTreasuryRolled(t *testing.T) {
	t.Parallel()
	sells := []string{"policy: cover, cover_days: 60", "policy: sell-all", "amount: 8_000_000", "amount: 0.5"} // no loan, whose interest would differ
	got := treasuryRead(t, append([]string{"--file"}, riverPlan(t, sells...), "--paths", "200", "--j-per-th", "50")...)
	if len(got.Hedges) != 2 || got.Hedges[0].Months != 2*59-2 || got.Hedges[1].Months != 18 || len(got.Hedges[0].Years) != 5 {
		t.Fatalf("%+v", got.Hedges)
	}
	h := got.Hedges[0]
	if net := h.Got - h.Gave - h.Paid; math.Abs(h.With.Cash-h.Without.Cash-net) > 1 || h.Paid <= 0 || h.With.BTC != h.Without.BTC {
		t.Errorf("%v apart, hedges brought %v", h.With.Cash-h.Without.Cash, net)
	}
	var years float64
	for _, y := range h.Years {
		years += y.Net
	}
	if math.Abs(years-(h.Got-h.Gave-h.Paid)) > 1 {
		t.Errorf("years sum to %v", years)
	}
	f := got.Hedges[1]
	if apart := f.Ranked[1].Net.Mean - f.Ranked[0].Net.Mean; math.Abs(apart-(f.Got-f.Gave-f.Paid)) > 1 {
		t.Errorf("on futures %v apart, hedges brought %v", apart, f.Got-f.Gave-f.Paid)
	}
	if dear := treasuryRead(t, "--file", riverPlan(t, append(sells, "cost: 1_800", "cost: 3_600")...), "--paths", "0", "--j-per-th", "50"); dear.Hedges[0].Paid <= h.Paid {
		t.Error("a dearer hedge costs no more")
	}
}

// TestTreasuryFutures: every policy is ranked, from the plan's price on, and the same
// seed says the same.
func TestTreasuryFutures(t *testing.T) {
	t.Parallel()
	plan := riverPlan(t)
	one := treasuryRead(t, "--file", plan, "--paths", "150", "--years", "2", "--seed", "3")
	two := treasuryRead(t, "--file", plan, "--paths", "150", "--years", "2", "--seed", "3")
	if d := cmp.Diff(one, two); d != "" {
		t.Error(d)
	}
	f := one.Futures
	if len(f.Ranked) != 7 || f.Weeks != 104 || f.Paths != 150 || f.Lent[0] != 8e6 || f.Drawn != 156 {
		t.Errorf("%+v", f)
	}
	for i, r := range f.Ranked {
		if i > 0 && r.Out < f.Ranked[i-1].Out || r.Out < 0 || r.Out > 1 || r.Net.Counts != 150 || r.Net.P5 > r.Net.P95 {
			t.Errorf("%+v", r)
		}
	}
	if other := treasuryRead(t, "--file", plan, "--paths", "150", "--years", "2", "--seed", "4"); other.Futures.Ranked[0].Net.Mean == f.Ranked[0].Net.Mean {
		t.Error("another seed draws the same futures")
	}
	if none := treasuryRead(t, "--file", plan, "--paths", "0"); none.Futures != nil || len(none.Hedges) != 1 {
		t.Errorf("%+v", none.Futures)
	}
	if text := strings.Join(one.Warnings, " "); !strings.Contains(text, "few independent ones") || !strings.Contains(text, "estimated") || !strings.Contains(text, "nobody had them then") {
		t.Error(text)
	}
}

// bitcoinDays is a made-up history of some days.
func bitcoinDays(t *testing.T, days int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("date,price_usd,difficulty,reward_per_block_btc\n")
	for i := range days {
		fmt.Fprintf(&b, "%s,%d,100000000000000,3.15\n", time.Date(2024, 6, 3+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), 60_000+10*i)
	}
	return write(t, "days.csv", b.String())
}

// TestTreasuryRefused: what cannot be tested is told with its place and what to do.
func TestTreasuryRefused(t *testing.T) {
	t.Parallel()
	good := riverPlan(t)
	for sentence, c := range map[string]struct {
		args []string
		says []string
	}{
		"nothing":                         {nil, []string{"name the plan: --file"}},
		"a plan that is not there":        {[]string{"--file", "./nowhere.yaml"}, []string{"nowhere.yaml"}},
		"a policy that sells too much":    {[]string{"--file", riverPlan(t, "policy: cover, cover_days: 60", "policy: part, share: 1.4")}, []string{"miner.yaml: line 34: treasury.share: 1.4: a policy cannot sell more than is held: write a share of 0 to 1"}},
		"a policy that sells nothing":     {[]string{"--file", riverPlan(t, "policy: cover, cover_days: 60", "policy: part")}, []string{"miner.yaml: line 34: treasury: policy part: share 0"}},
		"a policy that is none":           {[]string{"--file", riverPlan(t, "policy: cover, cover_days: 60", "policy: hodl")}, []string{`line 34: treasury: "hodl" is no kind of policy`, "sell-all"}},
		"shares of policies in flags":     {[]string{"--file", good, "--share", "1.2", "--cover-days", "0"}, []string{"--share: policy part: share 1.2: a policy cannot sell more than is held", "--cover-days: policy cover"}},
		"a currency without a rate":       {[]string{"--file", riverPlan(t, "currency: USD", "currency: EUR")}, []string{"line 4: currency: recorded prices are in USD", "add rates: {USD: units of EUR for one}"}},
		"no machine":                      {[]string{"--file", riverPlan(t, "fleet: {mw: 12, j_per_th: 17.5, pue: 1.03, pool_fee: 0.01, uptime: 0.96}", "fleet: {}")}, []string{"no machine of the plan mines", "give a site a fleet"}},
		"machines that never run":         {[]string{"--file", riverPlan(t, "price_per_mwh: [45]", "price_per_mwh: [450]")}, []string{"no machine of the plan mines"}},
		"too short for futures":           {[]string{"--file", good, "--bitcoin", bitcoinDays(t, 400)}, []string{"days.csv: line 401 (2025-07-07), its last: 57 weeks are there", "--paths 0"}},
		"too short for anything":          {[]string{"--file", good, "--paths", "0", "--bitcoin", bitcoinDays(t, 60)}, []string{"days.csv: line 61 (2024-08-01), its last: 8 whole weeks", "13 are needed"}},
		"a period that is too short":      {[]string{"--file", good, "--from", "2022-01-01", "--to", "2022-02-01"}, []string{"13 are needed: give more days, or widen --from and --to"}},
		"a day before the history":        {[]string{"--file", good, "--from", "2019-01-01"}, []string{"--from 2019-01-01: bitcoin_daily_2021-2025.csv has the days from 2021-01-01 to 2025-12-31"}},
		"days the wrong way round":        {[]string{"--file", good, "--from", "2023-01-01", "--to", "2022-01-01"}, []string{"swap them"}},
		"a day that is none":              {[]string{"--file", good, "--to", "May"}, []string{`--to "May": write a day, such as 2021-01-01`}},
		"a history that is not there":     {[]string{"--file", good, "--bitcoin", "none.csv"}, []string{"none.csv", "check the path"}},
		"too few futures":                 {[]string{"--file", good, "--paths", "7"}, []string{"--paths 7: take 100 to 20000, or 0"}},
		"several flags":                   {[]string{"--file", good, "--volatility", "0", "--cash-rate", "4", "--j-per-th", "0.5", "--sale-cost", "1", "--window", "3", "--years", "0", "--debt-service", "-7"}, []string{"--volatility 0", "--cash-rate 4", "--j-per-th 0.5", "--sale-cost 1", "--window 3", "--years 0", "--debt-service -7"}},
		"what is no number":               {[]string{"--file", good, "--share", "NaN", "--volatility", "Inf"}, []string{"--share", "--volatility"}},
		"a flag that is none":             {[]string{"--hodl"}, []string{"unknown flag"}},
		"a reserve of nothing":            {[]string{"reserve"}, []string{"name the energy: --surplus"}},
		"a season that is none":           {[]string{"reserve", "--surplus", write(t, "s.csv", "month,mwh\n2024-01,5\n2024-03,7\n")}, []string{"s.csv, line 3: month 2024-02 is expected here"}},
		"an example that is none":         {[]string{"reserve", "--surplus", "flood"}, []string{"there is spill"}},
		"to print an example that is not": {[]string{"reserve", "--example", "flood"}, []string{"there is spill"}},
		"a reserve of more than all":      {[]string{"reserve", "--surplus", "spill", "--share", "1.2"}, []string{"--share 1.2: no more can be held than was mined"}},
		"a begin before the chain knows":  {[]string{"reserve", "--surplus", "spill", "--begin", "2024-01"}, []string{"give it with --height"}},
		"a reserve on a short history":    {[]string{"reserve", "--surplus", "spill", "--bitcoin", bitcoinDays(t, 300)}, []string{"line 301", "42 weeks are there"}},
		"a fleet without power":           {[]string{"reserve", "--surplus", "spill", "--mw", "0"}, []string{"a fleet has MW"}},
		"many flags of a reserve":         {[]string{"reserve", "--surplus", "spill", "--years", "0", "--renew-years", "-1", "--better-per-year", "1", "--begin", "soon", "--btc-drift", "-1", "--network-j-per-th", "0", "--capex-per-mw", "NaN", "--paths", "1", "--window", "1"}, []string{"--years 0", "--renew-years -1", "--better-per-year 1", "--begin", "--btc-drift -1", "--network-j-per-th 0", "--capex-per-mw NaN", "--paths 1", "--window 1"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, out, errs := treasured(t, c.args...)
			if code != exitBadInput || out != "" {
				t.Errorf("exit code %d, printed %q", code, out)
			}
			for _, want := range c.says {
				if !strings.Contains(errs, want) {
					t.Errorf("%q is missing in:\n%s", want, errs)
				}
			}
		})
	}
}

// TestTreasuryHelp: help says the exit codes and has examples; the example of a reserve
// that is printed and saved is the example.
func TestTreasuryHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"reserve", "--help"}} {
		if out := treasuryWell(t, args...); !strings.Contains(out, "Exit codes:") || !strings.Contains(out, "Examples:") || !strings.Contains(out, "docs/treasury.md") {
			t.Error(out)
		}
	}
	saved := write(t, "spill.csv", treasuryWell(t, "reserve", "--example", "spill"))
	a, b := treasuryWell(t, "reserve", "--surplus", saved, "--paths", "100"), treasuryWell(t, "reserve", "--surplus", "spill", "--paths", "100")
	if strings.ReplaceAll(a, saved, "spill") != b {
		t.Errorf("the example that was saved is another:\n%s\n%s", a, b)
	}
}

// TestTreasuryInterrupted: futures end when they are told to.
func TestTreasuryInterrupted(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{{"--file", "washington"}, {"reserve", "--surplus", "spill"}} {
		if code, out, errs := treasuredIn(ctx, args...); code != exitInterrupted || out != "" {
			t.Errorf("exit code %d: %s%s", code, out, errs)
		}
	}
}
