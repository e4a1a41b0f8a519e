package history_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/driver/history"
	"sluice/unit"
	"sluice/use/mining"
)

const btcHead = "date,price_usd,difficulty,reward_per_block_btc\n"

func TestReadBitcoinAccepts(t *testing.T) {
	t.Parallel()
	day := func(d int, price unit.Amount, difficulty int64, reward unit.Satoshi) mining.Network {
		return mining.Network{Day: time.Date(2024, 4, d, 0, 0, 0, 0, time.UTC), Price: price, Difficulty: difficulty, Reward: reward}
	}
	cases := map[string]struct {
		text       string
		currency   unit.Currency
		want       []mining.Network
		estimated  int
		duplicates int
	}{
		"subsidy and fees in one": {text: btcHead + "2024-04-19,63740.37,86388558925171.02,7.02445463\n", want: []mining.Network{day(19, 63_740_370_000, 86_388_558_925_171, 702_445_463)}},
		"subsidy and fees apart":  {text: "date,price_usd,difficulty,subsidy_btc,fee_per_block_btc\n2024-04-20,1,2.5,4.6875,8.05216896\n", want: []mining.Network{day(20, 1_000_000, 2, 1_273_966_896)}},
		"the price of the currency asked for": {
			text: "day,price_eur,price_usd,difficulty,reward_per_block_btc\n2024-04-19,5,6,7,8\n", currency: "eur",
			want: []mining.Network{day(19, 5_000_000, 7, 800_000_000)},
		},
		"estimated days and equal copies are counted": {
			text: "date,price_usd,difficulty,reward_per_block_btc,price_standing\n2024-04-19,1,1,1,published\n2024-04-20,2,1,1,estimated\n2024-04-20,2,1,1,estimated\n",
			want: []mining.Network{day(19, 1_000_000, 1, 100_000_000), day(20, 2_000_000, 1, 100_000_000)}, estimated: 1, duplicates: 1,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			currency := c.currency
			if currency == "" {
				currency = "USD"
			}
			days, src, err := history.ReadBitcoin(strings.NewReader(c.text), "btc.csv", currency)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, days); diff != "" {
				t.Error(diff)
			}
			if src.Estimated != c.estimated || src.Duplicates != c.duplicates || src.Rows != len(days)+c.duplicates {
				t.Errorf("counted %+v", src)
			}
		})
	}
}

func TestReadBitcoinRefuses(t *testing.T) {
	t.Parallel()
	const good = "2024-04-19,1,1,1\n"
	cases := map[string]struct {
		text     string
		currency unit.Currency
		line     int
		what     string
	}{
		"a missing day":             {text: btcHead + good + "2024-04-21,1,1,1\n", line: 3, what: "2024-04-20 is expected here"},
		"days out of order":         {text: btcHead + good + "2024-04-18,1,1,1\n", line: 3, what: "not in order"},
		"a day with two values":     {text: btcHead + good + "2024-04-19,1,1,2\n", line: 3, what: "twice"},
		"no price":                  {text: btcHead + "2024-04-19,,1,1\n", line: 2, what: "price of this day is missing"},
		"a price of nothing":        {text: btcHead + "2024-04-19,0,1,1\n", line: 2, what: "beyond all reason"},
		"a negative difficulty":     {text: btcHead + "2024-04-19,1,-1,1\n", line: 2, what: "difficulty \"-1\""},
		"no difficulty":             {text: btcHead + "2024-04-19,1,0.4,1\n", line: 2, what: "beyond all reason"},
		"a reward in satoshi":       {text: btcHead + "2024-04-19,1,1,312500000\n", line: 2, what: "beyond all reason"},
		"a reward beyond counting":  {text: btcHead + "2024-04-19,1,1,92233720368.54\n", line: 2, what: "beyond all reason"},
		"another currency":          {text: btcHead + good, currency: "EUR", line: 1, what: "is in USD"},
		"a date that is none":       {text: btcHead + "19.4.2024,1,1,1\n", line: 2, what: "not a day"},
		"no reward":                 {text: "date,price_usd,difficulty\n2024-04-19,1,1\n", line: 1, what: "looks like the reward"},
		"a subsidy without fees":    {text: "date,price_usd,difficulty,subsidy_btc\n2024-04-19,1,1,1\n", line: 1, what: "looks like the fees"},
		"two prices, neither asked": {text: "date,price_usd,price_eur,difficulty,reward_per_block_btc\n2024-04-19,1,1,1,1\n", currency: "SEK", line: 1, what: "could be the price"},
		"a header only":             {text: btcHead, what: "no row"},
		"nothing":                   {what: "empty"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			currency := c.currency
			if currency == "" {
				currency = "USD"
			}
			_, _, err := history.ReadBitcoin(strings.NewReader(c.text), "btc.csv", currency)
			f, ok := errors.AsType[*history.Fault](err)
			if !ok || f.Line != c.line || !strings.Contains(f.What, c.what) || f.Remedy == "" {
				t.Errorf("got %v, want line %d, %q", err, c.line, c.what)
			}
		})
	}
}

func TestReadTemperatures(t *testing.T) {
	t.Parallel()
	const text = "hour_utc,temp_c,dewpoint_c\n2025-01-01T00:00Z,-1.5,0\n2025-01-01T01:00Z,20.1234,0\n"
	a, err := history.ReadTemperatures(strings.NewReader(text), "air.csv", history.Columns{}, history.Options{Step: 30 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for i := range a.Series.Grid.Len() {
		v, _ := a.Series.Value(i)
		got = append(got, v)
	}
	if diff := cmp.Diff([]int64{-1500, -1500, 20_123, 20_123}, got); diff != "" {
		t.Error(diff)
	}
	for name, text := range map[string]string{
		"Fahrenheit by its name":  "time,temp_f\n2025-01-01T00:00Z,20\n2025-01-01T01:00Z,20\n",
		"Fahrenheit by its value": "time,temp\n2025-01-01T00:00Z,80\n",
		"a missing hour":          "time,temp\n2025-01-01T00:00Z,8\n2025-01-01T01:00Z,8\n2025-01-01T03:00Z,8\n",
	} {
		if _, err := history.ReadTemperatures(strings.NewReader(text), "air.csv", history.Columns{}, history.Options{}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzReadBitcoin(f *testing.F) {
	f.Add([]byte(btcHead + "2024-04-19,63740.37,86388558925171.02,7.02445463\n2024-04-20,1,1,1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		days, _, err := history.ReadBitcoin(strings.NewReader(string(text)), "btc.csv", "USD")
		if err != nil {
			if _, ok := errors.AsType[*history.Fault](err); !ok {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		for i, d := range days {
			if d.Price <= 0 || d.Difficulty <= 0 || d.Reward <= 0 || i > 0 && d.Day.Sub(days[i-1].Day) != 24*time.Hour {
				t.Fatalf("day %d is %+v", i, d)
			}
		}
	})
}
