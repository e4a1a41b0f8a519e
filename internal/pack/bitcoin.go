package main

import (
	"fmt"
	"sort"
	"strconv"
	"time"

	"sluice/unit"
)

// The span of the daily file, both days included.
const (
	firstDay = "2021-01-01"
	lastDay  = "2025-12-31"
)

// The rules of the chain that a reward per block needs.
const (
	epochBlocks   = 2016
	halvingBlocks = 210_000
	firstSubsidy  = 50 * unit.Bitcoin
)

// anchors are the closing prices published in our own reference vectors for
// days after the end of the price series that may ship.
func anchors() []quote {
	return []quote{{"2025-10-06", 124_672_410_000}, {"2025-11-22", 84_929_480_000}}
}

// quote is a price in millionths of a dollar on one day.
type quote struct {
	day   string
	price int64
}

// bitcoin joins what may ship into one row per UTC day.
func bitcoin(from string) (table, error) {
	closes, err := closes(from)
	if err != nil {
		return table{}, err
	}
	chain, err := chainDays(from)
	if err != nil {
		return table{}, err
	}
	t := table{facts: bitcoinFacts(), header: "date,price_usd,difficulty,reward_per_block_btc,price_standing"}
	difficulty, reward := chain[firstBlockDay].difficulty, chain[firstBlockDay].reward
	for day := firstDay; day <= lastDay; day = after(day) {
		if c, ok := chain[day]; ok {
			difficulty, reward = c.difficulty, c.reward
		} else if day > firstBlockDay {
			return table{}, fmt.Errorf("no block was found on %s", day)
		}
		price, standing, err := closes.on(day)
		if err != nil {
			return table{}, err
		}
		t.rows = append(t.rows, fmt.Sprintf("%s,%s,%s,%s,%s", day, decimals(price, 6, 2), difficulty, decimals(int64(reward), 8, 8), standing))
	}
	return t, nil
}

func bitcoinFacts() facts {
	return facts{
		Name:    "bitcoin_daily_2021-2025.csv",
		Content: "Bitcoin by UTC day: closing price, difficulty, subsidy of the average block",
		Units:   "date: UTC day; price_usd: USD per BTC; difficulty: as the chain states it; reward_per_block_btc: BTC per block, SUBSIDY ONLY; price_standing: published or estimated",
		Span:    firstDay + " to " + lastDay + ", every day",
		Origin: []string{
			"price to 2025-08-25: sky1241/HSBC-algo-genetic (BTC/USDT candles of two hours)",
			"difficulty: spesmilo/electrum (checkpoints) and sorukumar/bitcoin-mining-pools",
			"block times: sorukumar/bitcoin-mining-pools",
			"price on 2025-10-06 and 2025-11-22: our own reference vectors",
		},
		Licence: "price: MIT, Copyright (c) 2024 HSBC algo genetic contributors; difficulty and block times: facts of the public chain, collected under MIT (electrum) and BSD-2-Clause (sorukumar); our own vectors: the licence of Sluice",
		Done: []string{
			"price_usd is the close of the last two-hour candle of the UTC day, in USDT, taken as USD. On three days a candle inside the day is missing, never the last one.",
			"From 2025-08-26 no series that may ship exists. Prices are straight lines from the close of 2025-08-25 through 2025-10-06 (124,672.41) and 2025-11-22 (84,929.48), and flat after that. These 128 days are marked estimated, except the two.",
			"difficulty is the one in force for most blocks of the day by their own time stamps (on a tie the earlier one); it is a value of the chain, never a mean.",
			"reward_per_block_btc is the subsidy by height, averaged over the blocks of the day. Only 2024-04-20 is mixed, because the halving came at height 840,000 on that day.",
			"Block times begin on 2021-01-02 at height 664,063; 2021-01-01 has the difficulty and subsidy of that day, because its epoch (329) began 799 blocks earlier.",
		},
		Notes: []string{
			"Fees are left out, because no source that may ship states them. Hashprice from this file is therefore too low: by 1 to 7 % over a year (5.9, 1.4, 6.7, 6.4 and 1.1 % from 2021 to 2025, price differences included) and by 75 % on the worst day, 2024-04-20.",
			"The 126 estimated prices lie 4.2 % from the market on average and up to 10.9 % on single days; results after 2025-08-25 are a sketch.",
		},
	}
}

// series of closes by day.
type closing struct {
	byDay map[string]int64
	last  string
}

// closes reads the last candle of every whole UTC day.
func closes(from string) (closing, error) {
	c := closing{byDay: map[string]int64{}}
	rows, err := source(from, "btcusdt_2h_2017-2025-08.csv.gz", "start_utc", "close")
	if err != nil {
		return c, err
	}
	for _, r := range rows {
		price, err := unit.ParseMicro(r[1])
		if err != nil {
			return c, fmt.Errorf("close of %s: %w", r[0], err)
		}
		c.byDay[r[0][:len(time.DateOnly)]] = price
	}
	end := rows[len(rows)-1][0]
	delete(c.byDay, end[:len(time.DateOnly)]) // the last day breaks off in the middle
	for day := range c.byDay {
		c.last = max(c.last, day)
	}
	return c, nil
}

// on is the price of a day and whether it was published or estimated.
func (c closing) on(day string) (price int64, standing string, err error) {
	if p, ok := c.byDay[day]; ok {
		return p, "published", nil
	}
	if day <= c.last {
		return 0, "", fmt.Errorf("no candle on %s", day)
	}
	from := quote{c.last, c.byDay[c.last]}
	for _, to := range anchors() {
		if day <= to.day {
			return from.price + unit.MulDiv(to.price-from.price, days(from.day, day), days(from.day, to.day)), standingOf(day == to.day), nil
		}
		from = to
	}
	return from.price, standingOf(false), nil
}

func standingOf(published bool) string {
	if published {
		return "published"
	}
	return "estimated"
}

// chainDay is what the chain says about one day.
type chainDay struct {
	difficulty string
	reward     unit.Satoshi
}

// firstBlockDay is the day of the first block with a known time.
const firstBlockDay = "2021-01-02"

// chainDays counts the blocks of every UTC day by epoch and sums their subsidy.
func chainDays(from string) (map[string]chainDay, error) {
	epochs, err := source(from, "btc_difficulty_epochs.csv", "epoch", "difficulty")
	if err != nil {
		return nil, err
	}
	difficulty := map[int]string{}
	for _, e := range epochs {
		n, err := strconv.Atoi(e[0])
		if err != nil {
			return nil, fmt.Errorf("epoch %s: %w", e[0], err)
		}
		difficulty[n] = e[1]
	}
	blocks, err := source(from, "btc_block_times_2021-2025.csv.gz", "height", "unix_time")
	if err != nil {
		return nil, err
	}
	byDay := map[string]map[int]int{} // blocks of a day by epoch
	subsidies := map[string]unit.Satoshi{}
	for _, b := range blocks {
		height, err := strconv.Atoi(b[0])
		if err != nil {
			return nil, fmt.Errorf("height %s: %w", b[0], err)
		}
		at, err := strconv.ParseInt(b[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("time of block %d: %w", height, err)
		}
		day := time.Unix(at, 0).UTC().Format(time.DateOnly)
		if byDay[day] == nil {
			byDay[day] = map[int]int{}
		}
		byDay[day][height/epochBlocks]++
		subsidies[day] += firstSubsidy >> (height / halvingBlocks)
	}
	out := map[string]chainDay{}
	for day, counts := range byDay {
		epoch, n := busiest(counts)
		out[day] = chainDay{difficulty[epoch], unit.Satoshi(unit.MulDiv(int64(subsidies[day]), 1, int64(n)))}
	}
	return out, nil
}

// busiest is the epoch with most blocks, the earlier on a tie, and how many
// blocks there are in all.
func busiest(counts map[int]int) (epoch, blocks int) {
	var epochs []int
	for e, n := range counts {
		epochs = append(epochs, e)
		blocks += n
	}
	sort.Ints(epochs)
	epoch = epochs[0]
	for _, e := range epochs {
		if counts[e] > counts[epoch] {
			epoch = e
		}
	}
	return epoch, blocks
}

func dayOf(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic("pack: " + text + " is not a day")
	}
	return t
}

func after(day string) string { return dayOf(day).AddDate(0, 0, 1).Format(time.DateOnly) }

func days(from, to string) int64 { return int64(dayOf(to).Sub(dayOf(from)) / (24 * time.Hour)) }

// decimals prints v, which has scale decimals, with fewer of them, rounded half to even.
func decimals(v int64, scale, show int) string {
	ten := int64(1)
	for range scale - show {
		ten *= 10
	}
	v = unit.MulDiv(v, 1, ten)
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	whole := int64(1)
	for range show {
		whole *= 10
	}
	return fmt.Sprintf("%s%d.%0*d", sign, v/whole, show, v%whole)
}
