package live

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/driver/pool"
	"sluice/loop/verify"
	"sluice/store/sqlite"
	"sluice/unit"
)

// yard is a hundred machines of 100 TH/s and 2 kW, seen from outside: what they
// state, what the meter shows and what the pool credits are set apart.
type yard struct {
	boast  float64 // what machines state, over what they do
	fee    float64 // part of the work that goes elsewhere
	stuck  bool    // the meter shows the load of the first half hour
	shares int64   // in an hour at the full rate
	silent float64 // part of the machines that nobody hears
	starts bool    // many started
	blind  bool    // no meter sees just them
}

const (
	yardHash = 10_000 * unit.Terahash
	yardDraw = 200 * unit.Kilowatt
	minute   = time.Minute
)

// run feeds hours of five-minute stretches, half of the machines asleep in the
// second half of each hour, and returns what was found in each hour.
func (y yard) run(c *credits, hours int, dice *rand.Rand) []ThreeWays {
	var windows []pool.Credit
	var out []ThreeWays
	for h := range hours {
		from := dawn.Add(time.Duration(h) * time.Hour)
		var work float64
		for k := range 12 {
			part := 1.0
			if k >= 6 {
				part = 0.5
			}
			work += part / 12
			at := from.Add(time.Duration(k) * 5 * minute)
			c.add(stretch{at, at.Add(5 * minute), map[string]account{"g": y.stretch(part)}})
		}
		n := max(0, float64(y.shares)*work*(1-y.fee))
		n += dice.NormFloat64() * sqrt(n)
		each := float64(yardHash) / 4.294967296 * 3600 / float64(max(1, y.shares)) // difficulty of one share
		w := pool.Credit{Start: from, Length: time.Hour, Group: "g", Shares: int64(n), Difficulty: int64(n * each)}
		windows = append(windows, w)
		c.take(slices.Clone(windows), from.Add(time.Hour+minute), from.Add(time.Hour+minute), 5*minute)
		out = append(out, c.judge()...)
	}
	return out
}

func sqrt(x float64) float64 {
	g := max(1, x)
	for range 60 {
		g = (g + x/g) / 2
	}
	return g
}

func (y yard) stretch(part float64) account {
	drawn, hash := unit.Power(float64(yardDraw)*part), unit.Hashrate(float64(yardHash)*part)
	a := account{due: hash.Over(5 * minute), drawn: drawn.Over(5 * minute), metered: drawn.Over(5 * minute), measured: !y.blind}
	a.stated = unit.Work(float64(a.due) * y.boast * (1 - y.silent))
	a.unheard = unit.Work(float64(yardHash.Over(5*minute)) * y.silent)
	if y.stuck {
		a.metered = yardDraw.Over(5 * minute)
	}
	if y.starts {
		a.starting = a.due / 10
	}
	return a
}

// found is the codes of all hours without repeats.
func found(all []ThreeWays) []verify.Code {
	var out []verify.Code
	for _, t := range all {
		out = append(out, t.Finding)
	}
	return slices.Compact(out)
}

func TestThreeWays(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		yard yard
		want verify.Code
	}{
		"all is well":                                {yard{boast: 1, shares: 40_000}, ""},
		"machines state 2 % more: within three":      {yard{boast: 1.02, shares: 40_000}, ""},
		"a fee of 2.5 % is within three":             {yard{boast: 1, fee: 0.025, shares: 4_000_000}, ""},
		"a fee of 6 %, many shares":                  {yard{boast: 1, fee: 0.06, shares: 40_000}, verify.Redirected},
		"a fee of 6 %, 1,000 shares: that is luck":   {yard{boast: 1, fee: 0.06, shares: 1000}, ""},
		"machines boast":                             {yard{boast: 1.1, shares: 40_000}, verify.LyingMiner},
		"the meter is stuck":                         {yard{boast: 1, stuck: true, shares: 40_000}, verify.EnergyOdd},
		"all work goes elsewhere":                    {yard{boast: 1, fee: 1, shares: 40_000}, verify.PoolSilent},
		"the pool pays for work that is not ours":    {yard{boast: 1, fee: -0.1, shares: 40_000}, verify.Overpaid},
		"2 % are silent, and may well work":          {yard{boast: 1, silent: 0.02, shares: 40_000}, ""},
		"2 % are silent, and 6 % go elsewhere":       {yard{boast: 1, silent: 0.02, fee: 0.06, shares: 40_000}, verify.Redirected},
		"many are silent: energy and pool are held":  {yard{boast: 1, silent: 0.3, fee: 0.06, shares: 40_000}, verify.Redirected},
		"many had just started: energy is not known": {yard{boast: 1, starts: true, stuck: true, shares: 40_000}, ""},
		"many had just started, and a fee":           {yard{boast: 1, starts: true, fee: 0.06, shares: 40_000}, verify.Redirected},
		"no meter: a boast shows against both":       {yard{boast: 1.1, blind: true, shares: 40_000}, verify.LyingMiner},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			var k credits
			all := c.yard.run(&k, 6, rand.New(rand.NewPCG(4, 2)))
			if len(all) != 6 {
				t.Fatalf("%d windows were compared, want 6", len(all))
			}
			if got := found(all); len(got) != 1 || got[0] != c.want {
				t.Errorf("found %q, want %q: %s", got, c.want, all[5])
			}
			told := 0
			for _, x := range all {
				if k.news(x) {
					told++
				}
			}
			if want := map[bool]int{true: 1}[c.want != ""]; told != want {
				t.Errorf("told %d times, want %d", told, want)
			}
		})
	}
}

// TestSimplerComparisonsFail plants two judges that are often seen in the place
// of the three ways: each is wrong where the real one is right.
func TestSimplerComparisonsFail(t *testing.T) {
	t.Parallel()
	differ := func(a, b *unit.Hashrate) bool {
		return a != nil && b != nil && max(*a-*b, *b-*a) > max(*a, *b)*3/100
	}
	var k credits
	few := (yard{boast: 1, shares: 400}).run(&k, 20, rand.New(rand.NewPCG(1, 1)))
	alarms := 0
	for _, x := range few {
		if x.Finding != "" {
			t.Errorf("luck is called %s: %s", x.Finding, x)
		}
		if differ(x.Device, &x.Pool) { // a judge that knows nothing of luck
			alarms++
		}
	}
	if alarms < 3 {
		t.Errorf("3 %% alone gave %d alarms of 20: the trial is too easy", alarms)
	}
	k = credits{}
	for _, x := range (yard{boast: 1.1, fee: -0.1, shares: 400_000}).run(&k, 3, rand.New(rand.NewPCG(1, 1))) {
		if differ(x.Device, &x.Pool) { // a judge that asks machines and pool alone
			t.Error("the trial is too easy: machines and pool differ")
		}
		if x.Finding != verify.EnergyOdd {
			t.Errorf("energy alone differs and the finding is %q", x.Finding)
		}
	}
}

// TestOnlyWholeWindowsAreCompared: what was not watched from end to end, or was
// written before it ended, says nothing.
func TestOnlyWholeWindowsAreCompared(t *testing.T) {
	t.Parallel()
	hour := pool.Credit{Start: dawn, Length: time.Hour, Group: "g", Shares: 1, Difficulty: 1}
	for sentence, c := range map[string]struct {
		window  pool.Credit
		miss    int // stretch that is not there; -1: none
		written time.Duration
		want    int
		odd     int
	}{
		"covered":                     {hour, -1, time.Hour, 1, 0},
		"a stretch is missing":        {hour, 5, time.Hour, 0, 0},
		"the first is missing":        {hour, 0, time.Hour, 0, 0},
		"the last is missing":         {hour, 11, time.Hour, 0, 0},
		"written before it ended":     {hour, -1, time.Hour - time.Second, 0, 0},
		"not over yet":                {pool.Credit{Start: dawn.Add(30 * minute), Length: time.Hour, Group: "g", Shares: 1, Difficulty: 1}, -1, 2 * time.Hour, 0, 0},
		"another group":               {pool.Credit{Start: dawn, Length: time.Hour, Group: "x", Shares: 1, Difficulty: 1}, -1, time.Hour, 0, 0},
		"it begins within a stretch":  {pool.Credit{Start: dawn.Add(minute), Length: 20 * minute, Group: "g", Shares: 1, Difficulty: 1}, -1, time.Hour, 0, 1},
		"shorter than an hour":        {pool.Credit{Start: dawn.Add(10 * minute), Length: 15 * minute, Group: "g", Shares: 1, Difficulty: 1}, -1, time.Hour, 1, 0},
		"of three days ago: too late": {pool.Credit{Start: dawn.Add(-72 * time.Hour), Length: time.Hour, Group: "g", Shares: 1, Difficulty: 1}, -1, time.Hour, 0, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			var k credits
			for i := range 12 {
				if at := dawn.Add(time.Duration(i) * 5 * minute); i != c.miss {
					k.add(stretch{at, at.Add(5 * minute), map[string]account{"g": (yard{boast: 1}).stretch(1)}})
				}
			}
			odd := k.take([]pool.Credit{c.window}, dawn.Add(c.written), dawn.Add(2*time.Hour), 5*minute)
			if got := k.judge(); len(got) != c.want || odd != c.odd {
				t.Fatalf("%d compared and %d odd, want %d and %d", len(got), odd, c.want, c.odd)
			}
			if again := k.judge(); len(again) != 0 {
				t.Errorf("compared twice: %v", again)
			}
			changed := c.window
			changed.Shares, changed.Difficulty = 7, 7
			k.take([]pool.Credit{changed}, dawn.Add(c.written), dawn.Add(2*time.Hour), 5*minute)
			if got := k.judge(); len(got) != c.want {
				t.Errorf("corrected by the pool, %d were compared again, want %d", len(got), c.want)
			}
		})
	}
}

// TestCreditsStayBounded: two days of stretches are kept and nothing falls over,
// whatever windows there are.
func TestCreditsStayBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var k credits
		for i := range rapid.IntRange(1, 1200).Draw(t, "stretches") {
			at := dawn.Add(time.Duration(i) * 5 * minute)
			k.add(stretch{at, at.Add(5 * minute), map[string]account{"": {
				stated: unit.Work(rapid.Int64Range(0, 1<<45).Draw(t, "stated")), due: unit.Work(rapid.Int64Range(0, 1<<45).Draw(t, "due")),
				unheard: unit.Work(rapid.Int64Range(-1<<40, 1<<45).Draw(t, "unheard")), drawn: unit.Energy(rapid.Int64Range(0, 1<<50).Draw(t, "drawn")),
				metered: unit.Energy(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "metered")), measured: rapid.Bool().Draw(t, "measured"),
			}}})
		}
		if n := len(k.stretches); n > int(creditKept/(5*minute)) {
			t.Fatalf("%d stretches are kept", n)
		}
		last := k.stretches[len(k.stretches)-1].to
		w := pool.Credit{Start: last.Add(-time.Duration(rapid.IntRange(0, 700).Draw(t, "back")) * 5 * minute), Length: time.Duration(rapid.IntRange(1, 288).Draw(t, "long")) * 5 * minute}
		w.Shares = rapid.Int64Range(0, 1<<40).Draw(t, "shares")
		w.Difficulty = rapid.Int64Range(0, 1<<56).Draw(t, "difficulty")
		k.take([]pool.Credit{w}, last, last, 5*minute)
		for _, x := range k.judge() {
			if !x.Start.Equal(w.Start) || x.String() == "" {
				t.Fatalf("compared %+v", x)
			}
		}
	})
}

// TestCoreHoldsThePoolAgainstMachines: the counters of a core, fed by machines and
// a meter that read like real ones, agree with an honest pool and not with one
// that keeps a part, nor with a meter that stands still.
func TestCoreHoldsThePoolAgainstMachines(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		keeps float64
		stuck bool
		want  verify.Code
	}{
		"honest":                {0, false, ""},
		"the pool keeps 6 %":    {0.06, false, verify.Redirected},
		"the meter stood still": {0, true, verify.EnergyOdd},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := plot{seed: 9, each: []int{12, 12}, limit: 200 * unit.Kilowatt, rest: 6000, pue: 1.08, wire: calm()}
			h := p.build(t)
			h.pass(70 * minute)
			from := h.now.Truncate(5 * minute).Add(5 * minute)
			h.passUntil(from)
			if c.stuck {
				h.meters[0].stuck = true
			}
			var work unit.Work
			for k := range 60 { // half of the machines sleep in the second half
				if k == 30 {
					h.want(1, func(i int) unit.Power { return h.full(i) * unit.Power(i%2) })
				}
				h.pass(minute)
				work += h.hash().Over(minute)
			}
			h.pass(10 * time.Second)
			difficulty := unit.MulDiv(int64(float64(work)*(1-c.keeps)), 1_000_000_000, 1<<32)
			h.tell(credited{windows: []pool.Credit{{Start: from, Length: time.Hour, Difficulty: difficulty, Shares: 100_000}}, written: h.now})
			ways := h.core.Status(h.now).Ways
			if len(ways) != 1 || ways[0].Finding != c.want || !ways[0].Metered || ways[0].Device == nil || ways[0].Energy == nil {
				t.Fatalf("three ways: %+v", ways)
			}
			t.Log(ways[0])
			told := slices.ContainsFunc(h.alarms, func(a Alarm) bool { return a.Code == string(c.want) && strings.Contains(a.Text, "site: ") })
			if told != (c.want != "") {
				t.Errorf("alarms: %v", h.alarms)
			}
			if n := len(h.journal.of(sqlite.Credit, "site")); n != 1 {
				t.Errorf("%d records are kept", n)
			}
		})
	}
}
