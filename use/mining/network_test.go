package mining

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/internal/beside"
	"sluice/unit"
)

// hashpriceCase is a day of the network and what a PH/s earned in it.
type hashpriceCase struct {
	Date       string
	Difficulty float64
	Reward     float64 `json:"reward_per_block_btc"`
	Price      float64 `json:"price_usd"`
	BTC        float64 `json:"btc_per_ph_day"`
	USD        float64 `json:"usd_per_ph_day"`
}

func (c hashpriceCase) network() Network {
	return Network{
		Difficulty: int64(math.RoundToEven(c.Difficulty)), Price: unit.Amount(unit.FromFloat(c.Price)),
		Reward: unit.Satoshi(math.Round(c.Reward * 1e8)),
	}
}

// check holds the case against a relative 1e-6, and the given share of the last
// digit where the expected figures are printed with 9 and 4 decimals.
func (c hashpriceCase) check(t *testing.T, digits float64) {
	t.Helper()
	n := c.network()
	if got := float64(n.Yield()) / 1e11; math.Abs(got-c.BTC) > 1e-6*c.BTC+digits*1e-9 {
		t.Errorf("%s: %v BTC per PH/s and day instead of %v", c.Date, got, c.BTC)
	}
	if got := n.Hashprice().Float(); c.USD > 0 && math.Abs(got-c.USD) > 1e-6*c.USD+digits*1e-4 {
		t.Errorf("%s: hashprice %v instead of %v", c.Date, got, c.USD)
	}
}

func TestHashpriceOfKnownDays(t *testing.T) {
	t.Parallel()
	for _, c := range []hashpriceCase{
		{"2021-11-10", 21659344833264.85, 6.37358987, 64626.71, 0.005919604334114038, 382.564552615531},
		{"2024-04-20, the halving", 86388558925171.02, 12.73966896, 64627.63, 0.002966578157721437, 191.72291554330266},
		{"2025-11-22", 152271405447597.38, 3.14561188, 84929.48, 0.0004155666251202083, 35.29385737681422},
		{"2026-02-05, in bitcoin only", 141668107417558.25, 3.16896481, 0, 0.00044998621088054516, 0},
	} {
		c.check(t, 0)
	}
}

func TestYieldIsExact(t *testing.T) {
	t.Parallel()
	// 86,400e18 * 312,500,000 / (1e14 * 2^32) = 62,864,273.78...
	n := Network{Difficulty: 100_000_000_000_000, Reward: 312_500_000, Price: 100_000 * unit.Unit}
	if n.Yield() != 62_864_274 {
		t.Errorf("yield %d", n.Yield())
	}
	if n.Hashprice() != 62_864_274 {
		t.Errorf("hashprice %d", n.Hashprice())
	}
}

// vectors reads one group of the shared reference vectors.
func vectors[T any](t *testing.T, group string) []T {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.NewDecoder(beside.Open(t, "data", "capital_test_vectors.json")).Decode(&all); err != nil {
		t.Fatal(err)
	}
	var out []T
	if err := json.Unmarshal(all[group], &out); err != nil || len(out) == 0 {
		t.Fatalf("group %s: %d vectors, %v", group, len(out), err)
	}
	return out
}

func TestHashpriceVectors(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"hashprice", "hashprice_btc_only"} {
		for _, c := range vectors[hashpriceCase](t, group) {
			c.check(t, 0)
		}
	}
}

func TestHashpriceOfEveryDay(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(beside.Open(t, "data", "btc_daily.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	days := 0
	for _, row := range rows[1:] {
		if row[0] < "2014" { // whole-number difficulty is too coarse before
			continue
		}
		c := hashpriceCase{row[0], number(row[2]), number(row[5]), number(row[1]), number(row[6]), number(row[7])}
		c.check(t, 0.5)
		days++
	}
	if days != 4383 {
		t.Errorf("%d days instead of twelve years", days)
	}
}

func TestSubsidy(t *testing.T) {
	t.Parallel()
	for height, want := range map[int64]unit.Satoshi{
		-1: 0, 0: 5_000_000_000, 209_999: 5_000_000_000, 210_000: 2_500_000_000, 839_999: 625_000_000, 840_000: 312_500_000,
		1_049_999: 312_500_000, 1_050_000: 156_250_000, 6_929_999: 1, 6_930_000: 0, math.MaxInt64: 0,
	} {
		if got := Subsidy(height); got != want {
			t.Errorf("height %d: %d sat instead of %d", height, got, want)
		}
	}
}

func TestSubsidyVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[struct{ Height, Sat int64 }](t, "subsidy") {
		if got := Subsidy(c.Height); got != unit.Satoshi(c.Sat) {
			t.Errorf("height %d: %d sat instead of %d", c.Height, got, c.Sat)
		}
	}
}

func TestNextHalving(t *testing.T) {
	t.Parallel()
	for height, want := range map[int64]int64{0: 210_000, 209_999: 210_000, 210_000: 420_000, 930_340: 1_050_000} {
		if got := NextHalving(height); got != want {
			t.Errorf("after %d: %d instead of %d", height, got, want)
		}
	}
	if got := HalvingTime(930_340, time.Date(2025, 12, 31, 23, 59, 0, 0, time.UTC)).Format(time.DateOnly); got != "2028-04-10" {
		t.Errorf("the halving of 2028 comes on %s", got)
	}
}

// retargetCase is one epoch and the bits of the next.
type retargetCase struct {
	Epoch  int
	Old    string  `json:"old_nbits"`
	First  int64   `json:"first_block_time"`
	Last   int64   `json:"last_block_time"`
	New    string  `json:"new_nbits"`
	Change float64 `json:"change_pct"`
}

func bits(t *testing.T, text string) Bits {
	t.Helper()
	v, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		t.Fatal(err)
	}
	return Bits(v)
}

func (c retargetCase) check(t *testing.T) {
	t.Helper()
	old := bits(t, c.Old)
	got := Retarget(old, time.Unix(c.First, 0), time.Unix(c.Last, 0))
	if got != bits(t, c.New) {
		t.Errorf("after epoch %d: %#x instead of %s", c.Epoch, uint32(got), c.New)
	}
	if change := 100 * (float64(got.Difficulty())/float64(old.Difficulty()) - 1); math.Abs(change-c.Change) > 1e-4 {
		t.Errorf("after epoch %d: %.4f %% instead of %.4f", c.Epoch, change, c.Change)
	}
}

func TestRetargetOfKnownEpochs(t *testing.T) {
	t.Parallel()
	for _, c := range []retargetCase{
		{330, "0x170da8a1", 1610205877, 1611402924, "0x170d8457", 1.0487},
		{463, "0x1701fca1", 1769110282, 1770471767, "0x17023c7e", -11.1553},
		{464, "0x17023c7e", 1770472605, 1771526952, "0x1701f303", 14.7252},
	} {
		c.check(t)
	}
}

func TestRetargetVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[retargetCase](t, "retarget") {
		c.check(t)
	}
}

func TestRetargetAndDifficultyOfEveryEpoch(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(beside.Open(t, "data", "btc_difficulty_epochs.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	retargets := 0
	for i, row := range rows[1:] {
		d, _ := strconv.ParseFloat(row[4], 64)
		if got := bits(t, row[3]).Difficulty(); got != int64(math.RoundToEven(d)) {
			t.Errorf("epoch %s: difficulty %d instead of %s", row[0], got, row[4])
		}
		first, errFirst := strconv.ParseInt(row[6], 10, 64)
		last, errLast := strconv.ParseInt(row[7], 10, 64)
		if errFirst != nil || errLast != nil || i+2 == len(rows) {
			continue
		}
		next := bits(t, rows[i+2][3])
		if got := Retarget(bits(t, row[3]), time.Unix(first, 0), time.Unix(last, 0)); got != next {
			t.Errorf("after epoch %s: %#x instead of %#x", row[0], uint32(got), uint32(next))
		}
		retargets++
	}
	if retargets != 139 {
		t.Errorf("%d retargets instead of 139", retargets)
	}
}

func TestRetargetBounds(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	for sentence, c := range map[string]struct {
		old  Bits
		span time.Duration
		want Bits
	}{
		"two weeks change nothing":           {0x17020f79, 14 * 24 * time.Hour, 0x17020f79},
		"never more than four times harder":  {0x1c00ffff, time.Hour, 0x1b3fffc0},
		"nor when the clock ran backwards":   {0x1c00ffff, -time.Hour, 0x1b3fffc0},
		"never more than four times easier":  {0x1b00ffff, 365 * 24 * time.Hour, 0x1b03fffc},
		"never easier than the first target": {0x1d00ffff, 28 * 24 * time.Hour, 0x1d00ffff},
		"a set top bit moves one byte on":    {0x1c40ff00, 28 * 24 * time.Hour, 0x1d0081fe},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := Retarget(c.old, start, start.Add(c.span)); got != c.want {
				t.Errorf("%#x instead of %#x", uint32(got), uint32(c.want))
			}
		})
	}
	for _, b := range []Bits{0, 0x01003456, 0x04923456} {
		if d := b.Difficulty(); d != 0 {
			t.Errorf("bits %#x have difficulty %d", uint32(b), d)
		}
	}
}

func TestCompactKeepsWhatItHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := Bits(rapid.Uint32Range(3, 32).Draw(t, "exponent")<<24 | rapid.Uint32Range(0x8000, 0x7fffff).Draw(t, "mantissa"))
		if got := compact(b.target()); got != b {
			t.Fatalf("%#x became %#x", uint32(b), uint32(got))
		}
	})
}

// projectionCase is a published estimate of the next retarget.
type projectionCase struct {
	Start    int64   `json:"epoch_start_time"`
	Quarter  int64   `json:"time_504_blocks_ago"`
	Now      int64   `json:"now"`
	Latest   int64   `json:"latest_block_time"`
	Height   int64   `json:"height"`
	Previous float64 `json:"previous_retarget_pct"`
	Change   float64 `json:"difficulty_change_pct"`
	Next     int64   `json:"next_retarget_height"`
}

func (c projectionCase) check(t *testing.T) {
	t.Helper()
	p := Progress{
		Height: c.Height, Start: time.Unix(c.Start, 0), Now: time.Unix(c.Now, 0), Quarter: time.Unix(c.Quarter, 0),
		Previous: unit.Ratio(math.Round(c.Previous * 1e4)),
	}
	if c.Latest != 0 {
		p.Latest = time.Unix(c.Latest, 0)
	}
	got, err := p.Trailing()
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(float64(got.Change)/1e4-c.Change) > 1e-4 || got.Height != c.Next {
		t.Errorf("height %d: %d at %d instead of %.4f %% at %d", c.Height, got.Change, got.Height, c.Change, c.Next)
	}
}

func TestTrailingProjection(t *testing.T) {
	t.Parallel()
	for _, c := range []projectionCase{
		{1706888526, 1707403385, 1707691381, 0, 830027, 7.333505241141637, 8.512745140778843, 830592},
		{1660820820, 1660619814, 1660917833, 0, 750134, 0.6280047707459726, 1.0420538959004633, 751968},
		{1681984653, 1660619814, 1683212049, 1683212066, 788255, 1.7220298879531821, -1.4512637555574193, 788256},
	} {
		c.check(t)
	}
}

func TestTrailingProjectionVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[projectionCase](t, "difficulty_projection") {
		c.check(t)
	}
}

func TestProjections(t *testing.T) {
	t.Parallel()
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	steady := Progress{Height: 2016*400 + 100, Start: start, Now: at(1000), Quarter: at(-4030), LastMean: 10 * time.Minute}
	for sentence, c := range map[string]struct {
		spoil func(*Progress)
		want  unit.Ratio
		at    time.Time
	}{
		"a steady pace: as 2015 intervals are counted for 2016": {func(*Progress) {}, 496, at(20160)},
		"unknown history: this epoch's pace":                    {func(p *Progress) { p.Quarter, p.Now = time.Time{}, at(808) }, 250_000, at(808).Add(1916 * 8080 * time.Millisecond * 60)},
		"the first block says nothing":                          {func(p *Progress) { p.Height, p.Quarter, p.Now = 2016*400, time.Time{}, start }, 0, at(20160)},
		"a stopped chain is held at a quarter":                  {func(p *Progress) { p.Now = at(1_000_000) }, -750_000, time.Time{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := steady
			c.spoil(&p)
			got, err := p.NextRetarget()
			if err != nil || got.Change != c.want || got.Height != 2016*401 || !c.at.IsZero() && !got.At.Equal(c.at) {
				t.Errorf("%+v, %v instead of %d at %v", got, err, c.want, c.at)
			}
		})
	}
	for sentence, spoil := range map[string]func(*Progress){
		"the clock is behind the chain":        func(p *Progress) { p.Now = at(-1) },
		"the latest block is before the first": func(p *Progress) { p.Latest = at(-1) },
		"a negative height":                    func(p *Progress) { p.Height = -1 },
		"504 blocks ago is after the start":    func(p *Progress) { p.Quarter = at(1) },
		"difficulty fell by all of it":         func(p *Progress) { p.Previous = -unit.One },
	} {
		p := steady
		spoil(&p)
		if _, err := p.NextRetarget(); err == nil {
			t.Errorf("accepted: %s", sentence)
		}
		if _, err := p.Trailing(); err == nil {
			t.Errorf("accepted by Trailing: %s", sentence)
		}
	}
}
