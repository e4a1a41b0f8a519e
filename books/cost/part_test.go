package cost_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/cost"
	"sluice/unit"
)

// fleets is a miner with two models at one site and one at another.
func fleets() (cost.Input, []cost.Yield) {
	by := func(account, site, model string, amount unit.Amount) books.Balance {
		return books.Balance{Account: account, Tags: books.Tags{Site: site, Use: "mining", Model: model}, Amount: int64(amount)}
	}
	in := cost.Input{
		Chart: books.Standard("Firm", "USD", "UTC"), Earned: 10 * unit.Bitcoin,
		Balances: []books.Balance{
			by(books.PowerEnergy, "a", "S21", 100_000*dollar),
			by(books.PowerEnergy, "a", "S19", 90_000*dollar),
			by(books.PowerEnergy, "b", "S21", 60_000*dollar),
			by(books.DemandResponse, "a", "S19", -9_000*dollar),
			by("Expenses:Site:Labour", "a", "", 30_000*dollar),
			by("Expenses:Site:Labour", "b", "", 11_000*dollar),
			balance(books.Overhead, "", "", 20_000*dollar),
		},
		Keys: []cost.Key{
			{Name: "all mines", Shares: map[string]int64{"mining": 1}},
			{Name: "machines at a", Account: "Expenses:Site", Site: "a", Among: cost.Model, Shares: map[string]int64{"S21": 200, "S19": 100}},
			{Name: "MW of the sites", Account: "Expenses:Corporate", Among: cost.Site, Shares: map[string]int64{"a": 3, "b": 1}},
		},
	}
	hash := unit.Work(unit.Petahash) * 86_400
	return in, []cost.Yield{
		{Tags: books.Tags{Site: "a", Model: "S21"}, Earned: 5 * unit.Bitcoin, Work: 10_000 * hash},
		{Tags: books.Tags{Site: "a", Model: "S19"}, Earned: 3 * unit.Bitcoin},
		{Tags: books.Tags{Site: "b", Model: "S21"}, Earned: 2 * unit.Bitcoin, Work: 5_000 * hash},
	}
}

// brief is a part in a line: what it earned, gross at levels 1 to 3, credits.
type brief struct {
	Name                   string
	Earned                 unit.Satoshi
	Energy, Direct, Cash   unit.Amount
	Credits, PerBTC, Hashy unit.Amount
}

func briefly(parts []cost.Part) (out []brief) {
	for _, p := range parts {
		out = append(out, brief{p.Name, p.Earned, p.Levels[0].Gross, p.Levels[1].Gross, p.Levels[2].Gross, p.Credits, p.Levels[2].PerBTC, unit.Amount(p.Levels[2].Hashcost)})
	}
	return out
}

// TestParts: every figure by hand. What names no part and is divided by no key
// stands in a part without a name, and there is no cost of a bitcoin without one.
func TestParts(t *testing.T) {
	t.Parallel()
	in, yields := fleets()
	for d, want := range map[cost.Dimension]struct {
		parts []brief
		keys  []string
	}{
		cost.Site: {[]brief{
			{"a", 8 * unit.Bitcoin, 190_000 * dollar, 220_000 * dollar, 235_000 * dollar, 9_000 * dollar, 29_375 * dollar, 23_500_000},
			{"b", 2 * unit.Bitcoin, 60_000 * dollar, 71_000 * dollar, 76_000 * dollar, 0, 38_000 * dollar, 15_200_000},
		}, []string{"MW of the sites"}},
		cost.Model: {[]brief{
			{"", 0, 0, 11_000 * dollar, 31_000 * dollar, 0, 0, 0},
			{"S19", 3 * unit.Bitcoin, 90_000 * dollar, 100_000 * dollar, 100_000 * dollar, 9_000 * dollar, 33_333_333_333, 0},
			{"S21", 7 * unit.Bitcoin, 160_000 * dollar, 180_000 * dollar, 180_000 * dollar, 0, 25_714_285_714, 12_000_000},
		}, []string{"machines at a"}},
	} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			got, err := cost.By(in, yields, d)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.parts, briefly(got.Parts)); diff != "" || !cmp.Equal(got.Keys, want.keys) {
				t.Errorf("%v %s", got.Keys, diff)
			}
		})
	}
}

// TestPartsSumToTheWhole: whatever is tagged with what, coins, costs and credits of
// the parts sum to those of the whole at every level.
func TestPartsSumToTheWhole(t *testing.T) {
	t.Parallel()
	accounts := []string{books.PowerEnergy, "Expenses:Site:Labour", books.Overhead, books.Depreciation, books.DemandResponse}
	rapid.Check(t, func(t *rapid.T) {
		in, _ := fleets()
		in.Balances, in.Earned = nil, 0
		some := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
		for range rapid.IntRange(1, 20).Draw(t, "balances") {
			b := balance(some("account", accounts...), some("site", "", "a", "b"), some("use", "", "mining", "hosting", "shared"), unit.Amount(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount")))
			b.Tags.Model = some("model", "", "S19", "S21")
			in.Balances = append(in.Balances, b)
		}
		var yields []cost.Yield
		for range rapid.IntRange(1, 5).Draw(t, "yields") {
			y := cost.Yield{Tags: books.Tags{Site: some("site", "", "a"), Model: some("model", "", "S21")}, Earned: unit.Satoshi(rapid.Int64Range(100_000, 1e12).Draw(t, "earned"))}
			yields, in.Earned = append(yields, y), in.Earned+y.Earned
		}
		whole, err := cost.PerBitcoin(in)
		if err != nil {
			t.Fatal(err)
		}
		cut, err := cost.By(in, yields, cost.Dimension(some("dimension", "site", "model")))
		if err != nil {
			t.Fatal(err)
		}
		var sum cost.Statement
		for _, p := range cut.Parts {
			sum.Earned, sum.Credits = sum.Earned+p.Earned, sum.Credits+p.Credits
			for i, l := range p.Levels {
				sum.Levels[i].Gross += l.Gross
			}
		}
		for i, l := range whole.Levels {
			if sum.Levels[i].Gross != l.Gross {
				t.Fatalf("level %d: the parts cost %v, the whole %v", l.Level, sum.Levels[i].Gross, l.Gross)
			}
		}
		if sum.Earned != whole.Earned || sum.Credits != whole.Credits {
			t.Fatalf("the parts earned %v and %v, the whole %v and %v", sum.Earned, sum.Credits, whole.Earned, whole.Credits)
		}
	})
}

// TestMarginByUse: shared costs by their key, gains on coins in no use, and what was
// drawn by a use of which nobody knows it stays unknown.
func TestMarginByUse(t *testing.T) {
	t.Parallel()
	in := quarter()
	in.Balances = append(in.Balances, balance(books.MiningSubsidy, "a", "mining", -1_000_000*dollar), balance(books.Hosting, "b", "hosting", -500_000*dollar))
	got, err := cost.MarginByUse(in, map[string]unit.Energy{"mining": 10_000 * unit.MegawattHour})
	if err != nil {
		t.Fatal(err)
	}
	want := cost.Margins{
		Uses: []cost.UseMargin{
			// 500,000 less 300,000 of energy, two thirds of 90,000 of labour and a sixth of 60,000
			{Use: "hosting", Net: 130_000 * dollar},
			// 1,000,000 and 20,000 less 450,000 of energy, 30,000, 50,000, 30,000 and 200,000
			{Use: "mining", Net: 260_000 * dollar, Drawn: 10_000 * unit.MegawattHour, PerMWh: 26 * unit.PerMWh, Known: true},
		},
		Keys: []string{"MWh of the quarter", "heads"},
		Left: []cost.Left{{Account: books.DemandResponse, Amount: -40_000 * dollar}, {Account: "Expenses:Finance:Tax", Amount: 7 * dollar}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
