package cost_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/cost"
	"sluice/unit"
)

const dollar = unit.Unit

func balance(account, site, use string, amount unit.Amount) books.Balance {
	return books.Balance{Account: account, Tags: books.Tags{Site: site, Use: use}, Amount: int64(amount)}
}

// quarter is a miner with two sites, of which one also hosts.
func quarter() cost.Input {
	return cost.Input{
		Chart: books.Standard("Firm", "USD", "UTC"), Earned: 10 * unit.Bitcoin, Work: 20_000 * unit.Work(unit.Petahash) * 86_400,
		Balances: []books.Balance{
			balance(books.PowerEnergy, "a", "mining", 300_000*dollar),
			balance(books.PowerDemand, "a", "mining", 50_000*dollar),
			balance(books.PowerEnergy, "b", "mining", 100_000*dollar),
			balance(books.PowerEnergy, "b", "hosting", 300_000*dollar),
			balance(books.DemandResponse, "b", "", -40_000*dollar),
			balance(books.ExportedEnergy, "a", "mining", -20_000*dollar),
			balance("Expenses:Site:Labour", "b", "shared", 90_000*dollar),
			balance(books.Overhead, "", "", 60_000*dollar),
			balance(books.InterestPaid, "", "mining", 30_000*dollar),
			balance(books.Depreciation, "a", "mining", 200_000*dollar),
			balance(books.UnrealisedGain, "", "mining", -999_999*dollar),
			balance("Expenses:Finance:Tax", "", "shared", 7*dollar),
		},
		Keys: []cost.Key{
			{Name: "MWh of the quarter", Account: "Expenses:Site", Shares: map[string]int64{"mining": 1, "hosting": 2}},
			{Name: "heads", Account: books.Overhead, Shares: map[string]int64{"mining": 50, "hosting": 10}},
		},
	}
}

// TestLevels: every figure by hand.
func TestLevels(t *testing.T) {
	t.Parallel()
	s, err := cost.PerBitcoin(quarter())
	if err != nil {
		t.Fatal(err)
	}
	// 20,000 by tag and a quarter of the 40,000 of site b
	if s.Credits != 30_000*dollar {
		t.Errorf("credits %v", s.Credits)
	}
	for i, gross := range []unit.Amount{450_000 * dollar, 480_000 * dollar, 560_000 * dollar, 760_000 * dollar} {
		l := s.Levels[i]
		if l.Gross != gross || l.Net != gross-30_000*dollar || l.PerBTC != gross/10 || l.NetPerBTC != (gross-30_000*dollar)/10 || l.Hashcost != unit.Hashprice(gross/20_000) {
			t.Errorf("level %d: %+v, want %v", i+1, l, gross)
		}
	}
	if len(s.Left) != 1 || s.Left[0] != (cost.Left{Account: "Expenses:Finance:Tax", Amount: 7 * dollar}) || len(s.Keys) != 2 {
		t.Errorf("left %v, keys %v", s.Left, s.Keys)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*cost.Input)
		want   error
	}{
		"nothing earned":                         {func(in *cost.Input) { in.Earned = 0 }, cost.ErrNothingEarned},
		"an unknown account":                     {func(in *cost.Input) { in.Balances[0].Account = "Expenses:Lunch" }, books.ErrAccount},
		"a key without parts":                    {func(in *cost.Input) { in.Keys[0].Shares = nil }, books.ErrShares},
		"one satoshi for all the money there is": {func(in *cost.Input) { in.Earned, in.Balances[0].Amount = 1, 1<<62 }, books.ErrOverflow},
	} {
		in := quarter()
		c.change(&in)
		if _, err := cost.PerBitcoin(in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestMonotone: no level is below the one before it, and net is never above gross.
func TestMonotone(t *testing.T) {
	t.Parallel()
	accounts := []string{books.PowerEnergy, books.PowerDemand, "Expenses:Site:Labour", books.Overhead, books.InterestPaid, books.Depreciation}
	rapid.Check(t, func(t *rapid.T) {
		in := quarter()
		in.Balances = nil
		for range rapid.IntRange(1, 20).Draw(t, "balances") {
			b := balance(rapid.SampledFrom(accounts).Draw(t, "account"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "site"),
				rapid.SampledFrom([]string{"mining", "hosting", "shared"}).Draw(t, "use"), unit.Amount(rapid.Int64Range(0, 1e15).Draw(t, "amount")))
			in.Balances = append(in.Balances, b)
		}
		in.Balances = append(in.Balances, balance(books.DemandResponse, "a", "", -unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "credit"))))
		s, err := cost.PerBitcoin(in)
		if err != nil {
			t.Fatal(err)
		}
		last := unit.Amount(0)
		for _, l := range s.Levels {
			if l.Gross < last || l.Net > l.Gross {
				t.Fatalf("%+v", s.Levels)
			}
			last = l.Gross
		}
	})
}

func TestEarnedAndMargin(t *testing.T) {
	t.Parallel()
	credit := books.Transaction{Standing: books.Posted, Lines: []books.Line{
		{Account: books.Pool("x"), Amount: 500, Lot: books.Lot{ID: "L"}}, {Account: books.Conversion(books.Bitcoin), Amount: -500}, {Account: books.MiningSubsidy, Amount: -1},
	}}
	bought := books.Transaction{Standing: books.Posted, Lines: []books.Line{
		{Account: books.Wallet("x"), Amount: 900, Lot: books.Lot{ID: "M"}}, {Account: books.Conversion(books.Bitcoin), Amount: -900}, {Account: books.Bank("x"), Amount: -1},
	}}
	pending := credit
	pending.Standing = books.Pending
	if got := cost.Earned([]books.Transaction{credit, bought, pending, credit}); got != 1000 {
		t.Errorf("earned %d", got)
	}
	if p, ok := cost.Margin(50*dollar, 2*unit.MegawattHour); !ok || p != 25*unit.PerMWh {
		t.Errorf("margin %v, %v", p, ok)
	}
	if _, ok := cost.Margin(1, 0); ok {
		t.Error("a margin of nothing drawn")
	}
}
