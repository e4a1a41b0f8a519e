package peer_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"testing"
	"time"

	"sluice/capital/peer"
	"sluice/internal/beside"
	"sluice/unit"
	"sluice/use/mining"
)

// table is a CSV file beside the checkout, by column.
func table(t *testing.T, name string) (out []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(beside.Open(t, "data", name)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all[1:] {
		m := map[string]string{}
		for i, c := range all[0] {
			m[c] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// filings is the group of the published figures, read as they are.
func filings(t *testing.T) *peer.Group {
	t.Helper()
	var all []peer.Row
	for i, r := range table(t, "miner_filings_points.csv") {
		all = append(all, peer.Row{Company: r["company"], Period: r["period"], Metric: r["metric"], Value: r["value"], Unit: r["unit"], Source: r["source_url"], Note: r["note"], Place: fmt.Sprint("line ", i+2)})
	}
	g, err := peer.Gather(all)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// days is the network with its fees.
func days(t *testing.T) peer.Market {
	t.Helper()
	var out []mining.Network
	for _, r := range table(t, "btc_daily.csv") {
		if r["date"] < "2023" {
			continue
		}
		day, err := time.Parse(time.DateOnly, r["date"])
		price, err2 := unit.ParseDecimal(r["price_usd"], 6)
		reward, err3 := unit.ParseDecimal(r["reward_per_block_btc"], 8)
		difficulty, err4 := unit.ParseDecimal(r["difficulty"], 0)
		if err != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Fatal(r)
		}
		out = append(out, mining.Network{Day: day, Price: unit.Amount(price), Difficulty: difficulty, Reward: unit.Satoshi(reward)})
	}
	return market(t, out)
}

// TestFilings: the published figures and the network beside the checkout give the
// eight months within 3.5 %; those whose hashrate comes from production prove nothing.
func TestFilings(t *testing.T) {
	t.Parallel()
	g, m := filings(t), days(t)
	want, circular := published(), 0
	for _, c := range g.Production(m) {
		if c.Why != "" {
			circular++
			continue
		}
		for i, w := range want {
			if w.company == c.Company && w.month == c.Period.String() {
				if !c.Within || math.Abs(c.Off) > peer.CheckWithin || math.Abs(c.Off-w.off) > 0.0006 || !near(c.Expected, w.sum, 1e-6) {
					t.Errorf("%+v, want %+v", c, w)
				}
				want = append(want[:i], want[i+1:]...)
				break
			}
		}
	}
	if len(want) > 0 || circular != 2 {
		t.Errorf("not checked: %v; circular: %d", want, circular)
	}
}

// TestFilingsWhole: no row of the file is lost, and none is beyond belief.
func TestFilingsWhole(t *testing.T) {
	t.Parallel()
	g := filings(t)
	if n := len(g.Facts()) + g.Repeated(); n != len(table(t, "miner_filings_points.csv")) || len(g.Warnings()) != 0 {
		t.Errorf("%d facts, warnings %+v", n, g.Warnings())
	}
	unknown := map[string]bool{}
	for _, f := range g.Unknown() {
		unknown[f.Metric] = true
	}
	for _, name := range []string{"btc_mined_continuing", "revenue_continuing", "operating_loss", "net_loss_continuing", "hashprice_low"} {
		if !unknown[name] {
			t.Errorf("%s is taken for something else", name)
		}
		delete(unknown, name)
	}
	if len(unknown) > 0 {
		t.Errorf("not known: %v", unknown)
	}
	for _, s := range g.Sides(period(t, "2025Q3"), peer.Market{}) {
		if s.Company == "Bitfarms" && (s.Figure("cash_cost_per_btc").Value != 82_400 || !near(s.Figure("cash").Value, 86_952_000, 1e-12)) {
			t.Errorf("%+v", s)
		}
	}
}
