package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// TestPapersReplayToTheBit: the stored inputs of a run, cleared again in order,
// give the stored plans to the bit; each turn alone, from a cold start, gives a
// plan of the same worth.
func TestPapersReplayToTheBit(t *testing.T) {
	t.Parallel()
	long(t)
	s := texan(t, "2025-05-06T16:00", "2025-05-06T23:00")
	chain := dispatch.New(solverOf(t), solve.Options{})
	moved := 0
	cold := solverOf(t)
	for i, line := range lines(t, s) {
		turn, err := read(line)
		if err != nil {
			t.Fatal(err)
		}
		if marshal(t, turn) != strings.TrimSpace(string(line)) {
			t.Fatalf("turn %d: the papers read and written again differ", i)
		}
		if got := turn.Plan.MustRun; got != s.Site.MustRun {
			t.Fatalf("turn %d: the papers hold a must-run load of %v, the site has %v", i, got, s.Site.MustRun)
		}
		plan, err := chain.Clear(t.Context(), dispatch.InputOf(turn))
		if err != nil {
			t.Fatal(err)
		}
		plan.Today = settle.Expect(plan, turn.Plan.Today.Until)
		if a, b := marshal(t, turn.Plan), marshal(t, plan); a != b {
			t.Fatalf("turn %d decided again in order differs:\n%s\n%s", i, a, b)
		}
		r, err := Again(t.Context(), turn, cold, solve.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Err(); err != nil {
			t.Errorf("turn %d: %v", i, err)
		}
		moved += len(r.Moved)
	}
	t.Logf("%d uses moved to another plan of the same worth", moved)
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var at = time.Date(2025, 8, 20, 22, 0, 0, 0, time.UTC)

// story is a turn of three hours in which one use runs, a better one is out of
// reach, and a block could be sold back.
func story() *cycle.Turn {
	flat := func(mw float64) series.Profile[unit.Power] { return series.Flat(unit.Power(mw * 1e6)) }
	price := func(dollars ...float64) (out series.Profile[unit.Price]) {
		for _, d := range dollars {
			out = append(out, unit.Price(unit.FromFloat(d)))
		}
		return out
	}
	spot := price(50, 100, 20)
	bid := func(name string, worth float64, steps ...float64) use.Bid {
		b := use.Bid{Use: name, PUE: series.Flat(unit.One), Available: series.Flat(unit.One)}
		for k, mw := range steps {
			b.Steps = append(b.Steps, use.Step{Power: unit.Power(mw * 1e6), Worth: price(worth - 20*float64(k))})
		}
		return b
	}
	p := cycle.Plan{
		MustRun: unit.Megawatt * 3 / 2,
		Head:    cycle.Head{Version: cycle.Version, Site: "test", Turn: 42, At: at},
		Mesh:    series.Mesh{Start: at, Lengths: []time.Duration{15 * time.Minute, time.Hour, time.Hour}},
		Bids:    []use.Bid{bid("mining/a", 90, 4, 2), bid("mining/b", 40, 3), bid("mining/c", 95, 5)},
		Offers: []power.Offer{
			{Source: "spot", Max: flat(20), Price: price(50*1.02+3, 100*1.02+3, 20*1.02+3)},
			{Source: "ppa/block", Max: flat(5), Price: price(0), SellBack: price(58, 108, 28)},
		},
		Charges: power.Charges{Import: price(1)},
		Price:   price(55, 106, 24.4),
	}
	feed := bid("export/test", 48, 2)
	feed.Feed = true
	p.Bids = append(p.Bids, feed)
	mws := func(v ...float64) (out []unit.Power) {
		for _, x := range v {
			out = append(out, unit.Power(x*1e6))
		}
		return out
	}
	for i, d := range [][]float64{{6, 0, 6}, {0, 0, 3}, {0, 0, 0}, {0, 0, 0}} {
		p.Uses = append(p.Uses, cycle.UsePlan{Use: p.Bids[i].Use, Draw: mws(d...), Meter: mws(d...)})
	}
	p.Supply = []cycle.SupplyPlan{
		{Source: "spot", Power: mws(4.5, 1.5, 4.5)},
		{Source: "ppa/block", Power: mws(3, 0, 5), Sold: mws(2, 5, 0)},
	}
	p.Reasons = []cycle.Reason{
		{Use: "mining/a", Code: cycle.Worthwhile, Draw: 6e6, Max: 6e6, Worth: price(70)[0], Cost: p.Price[0], Flip: price(70)[0], Gain: 40e6},
		{Use: "mining/b", Code: cycle.TooDear, Max: 3e6, Worth: price(40)[0], Cost: p.Price[0], Flip: price(40)[0], Gain: 11_250_000},
		{Use: "mining/c", Code: cycle.MinimumOff, Max: 5e6, Worth: price(95)[0], Cost: p.Price[0], Flip: price(95)[0]},
		{Use: "export/test", Code: cycle.TooDear, Max: 2e6, Worth: price(48)[0], Cost: p.Price[0], Flip: price(48)[0]},
	}
	t := &cycle.Turn{Plan: p, Entry: cycle.Entry{Currency: "USD"}}
	t.Outlook.Spot, t.Outlook.Model = spot, "persistence"
	t.Snapshot.Spot = cycle.Reading[unit.Price]{Value: 48e6, Known: true, At: at.Add(-15 * time.Minute)}
	return t
}

// TestExplainSaysWhereEveryMegawattGoes: sources, must-run load, each use, the
// spot price at which it would turn, what else could be done, and when.
func TestExplainSaysWhereEveryMegawattGoes(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Explain(&b, story(), time.UTC); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	for sentence, want := range map[string]string{
		"the turn":                           "Turn 42 of test: 2025-08-20T22:00Z for 15 min (Wed 20 Aug 2025 22:00 UTC)",
		"spot with its adder and charges":    "4.500 MW from spot at 55.00 USD/MWh: 61.88 USD.",
		"the block and what is sold of it":   "3.000 MW from ppa/block at 59.00 USD/MWh: 44.25 USD. 2.000 MW of the block is sold back at 58.00 USD/MWh.",
		"the load that must run":             "1.500 MW for the load that must run: 20.62 USD at the site's price.",
		"what a use earns and costs":         "Its 1.500 MWh earn 125.00 USD and cost 82.50 USD at the site's price: 42.50 USD.",
		"losses make spot turn nearer":       "this interval would stop that step above a spot price of 64.71 USD/MWh.", // (70 - 1 - 3) / 1.02
		"the second best is a better use":    "Second best: mining/c, worth 95.00 USD/MWh.",
		"when it is expected to stop":        "It is expected to stand still from Wed 20 Aug 22:15 UTC on, in 15 min.",
		"at which price it would run":        "this interval would start it below a spot price of 35.29 USD/MWh.", // (40 - 4) / 1.02
		"what running all the same would do": "Second best: run all of it, which would lose 11.25 USD in this interval.",
		"when it is expected to start":       "It is expected to run whole from Wed 20 Aug 23:15 UTC on, in 1.25 h.",
		"a use kept off by its minimum time": "was stopped too recently to be started",
		"what it would bring":                "Second best: run all of it, which would bring 50.00 USD in this interval, the start not counted.",
		"what is not fed in":                 "Fed in, a MWh would earn 48.00 USD/MWh; here it is worth 55.00 USD/MWh, so nothing is fed in.",
		"and would lose if it were":          "Second best: feed all of it in, which would lose 3.50 USD in this interval.",
		"nothing changes within the plan":    "It is expected to stand still throughout the 2.25 h of the plan.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s: %q is missing", sentence, want)
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	if t.Failed() {
		t.Log(b.String())
	}
}

// TestTurnWithoutASpotPrice: where no price follows the market, what is said is
// the cost of power.
func TestTurnWithoutASpotPrice(t *testing.T) {
	t.Parallel()
	turn := story()
	turn.Plan.Offers = turn.Plan.Offers[:1]
	turn.Plan.Offers[0].Price = series.Flat(60 * unit.PerMWh)
	e := &teller{t: turn, money: "USD", zone: time.UTC}
	if got := e.turn(70 * unit.PerMWh); got != "a cost of power of 70.00 USD/MWh" {
		t.Errorf("under a tariff: %s", got)
	}
	turn.Plan.Offers[0].BehindMeter = true
	if got := e.turn(70 * unit.PerMWh); got != "a cost of power of 70.00 USD/MWh" {
		t.Errorf("behind the meter: %s", got)
	}
}

// TestEveryReasonHasASentence: no code is shown to people as a code.
func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	e := &teller{t: story(), money: "USD", zone: time.UTC}
	for _, code := range []cycle.ReasonCode{
		cycle.Worthwhile, cycle.TooDear, cycle.Partly, cycle.RideThrough, cycle.NotYetWorth, cycle.MinimumOn, cycle.MinimumOff,
		cycle.ConnectionLimit, cycle.BranchLimit, cycle.GridInstruction, cycle.SoldBack, cycle.PeakCharge, cycle.Unavailable,
		cycle.RampLimit, cycle.Promised, cycle.MeritOrder,
	} {
		if got := e.because(cycle.Reason{Code: code}); got == string(code) || !strings.HasSuffix(got, ".") {
			t.Errorf("%s: %q", code, got)
		}
	}
}

// TestAgainFindsADifference: a stored plan that its papers do not lead to is told.
func TestAgainFindsADifference(t *testing.T) {
	t.Parallel()
	turn := story()
	turn.Snapshot.Limit = power.Limit{Import: series.Flat(20 * unit.Megawatt)}
	turn.Plan.Worth = 1_000_000 * unit.Unit
	r, err := Again(t.Context(), turn, solverOf(t), solve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Tell(&bytes.Buffer{}); !errors.Is(err, ErrDiffers) {
		t.Errorf("error %v, want %v", err, ErrDiffers)
	}
}

func TestFindSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	s := texan(t, "2025-05-01", "2025-05-01T01:00")
	o := options(t, 1)
	replayed(t, s, o)
	turn, err := Find(o.Dir, "2025-05-01T05:20Z")
	if err != nil {
		t.Fatal(err)
	}
	if !turn.Plan.At.Equal(time.Date(2025, 5, 1, 5, 15, 0, 0, time.UTC)) {
		t.Errorf("found the turn of %v", turn.Plan.At)
	}
	for ask, want := range map[string]string{
		"2025-05-01T09:00Z": "reach from 2025-05-01T05:00Z to 2025-05-01T05:45Z",
		"7":                 "reach from",
		"yesterday":         "give its number or an instant",
	} {
		if _, err := Find(o.Dir, ask); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("turn %s: %v", ask, err)
		}
	}
	if _, err := Find(t.TempDir(), "7"); !errors.Is(err, ErrNoTurn) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestLikelyMonthsComeFirst(t *testing.T) {
	t.Parallel()
	may := time.Date(2025, 5, 1, 3, 0, 0, 0, time.UTC)
	for month, want := range map[string]int{"2025-03": 1, "2025-04": 0, "2025-05": 0, "2025-06": 1} {
		path := "run/papers-" + month + ".seal.json"
		if got := unlikely(path, 0, may); got != want {
			t.Errorf("%s by its instant: %d", month, got)
		}
		if got := unlikely(path, may.Unix()/900, time.Time{}); got != want {
			t.Errorf("%s by its number: %d", month, got)
		}
	}
}
