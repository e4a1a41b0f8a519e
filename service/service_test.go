package service_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/service"
	"sluice/unit"
)

const (
	hour  = 3600
	month = 720 * hour
	fee   = 115_200 * unit.Unit // 64 GPUs for 720 h at 2.50
)

// standard is the promise of the published vectors.
func standard() service.Level {
	return service.Level{Scope: service.Fleet, Tiers: []service.Tier{
		{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}, {Below: 950_000, Credit: unit.One},
	}}
}

// TestCredit: the published vectors, with the second on which each tier turns.
func TestCredit(t *testing.T) {
	t.Parallel()
	all := func(seconds int64) service.Record { return service.Record{Committed: 64 * month, Down: 64 * seconds} }
	for sentence, c := range map[string]struct {
		record service.Record
		cap    unit.Ratio
		want   unit.Amount
	}{
		"nothing happened":                    {all(0), 0, 0},
		"16 of 64 down for three hours":       {service.Record{Committed: 64 * month, Down: 16 * 3 * hour}, 0, 11_520 * unit.Unit},
		"all down to 99.9 % exactly":          {all(2_592), 0, 0},
		"one second more":                     {all(2_593), 0, 11_520 * unit.Unit},
		"one GPU-second more":                 {service.Record{Committed: 64 * month, Down: 64*2_592 + 1}, 0, 11_520 * unit.Unit},
		"99 % exactly":                        {all(25_920), 0, 11_520 * unit.Unit},
		"below 99 %":                          {all(25_921), 0, 28_800 * unit.Unit},
		"95 % exactly":                        {all(129_600), 0, 28_800 * unit.Unit},
		"below 95 %":                          {all(129_601), 0, 115_200 * unit.Unit},
		"below 95 % with a cap of half":       {all(129_601), 500_000, 57_600 * unit.Unit},
		"below 99.9 % with a cap of 5 %":      {all(2_593), 50_000, 5_760 * unit.Unit},
		"and two hours of agreed curtailment": {service.Record{Committed: 64 * month, Down: 16*3*hour + 64*2*hour, Excused: 64 * 2 * hour}, 0, 11_520 * unit.Unit},
		"excused time leaves both sides":      {service.Record{Committed: 1_000_000, Down: 500_998, Excused: 500_000}, 0, 11_520 * unit.Unit}, // 998 of 500,000
		"all of it excused":                   {service.Record{Committed: month, Down: month, Excused: month}, 0, 0},
		"nothing was committed":               {service.Record{Down: 5}, 0, 0},
		"down all the time":                   {all(month), 0, fee},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			l := standard()
			l.Cap = c.cap
			if got := service.Credit(l, fee, c.record.Down, c.record.Excused, c.record.Committed); got != c.want {
				t.Errorf("a credit of %v, want %v", got, c.want)
			}
		})
	}
}

// TestApart: the same outage of two nodes costs a quarter where nodes fail by themselves.
func TestApart(t *testing.T) {
	t.Parallel()
	parts := make([]service.Record, 8)
	for i := range parts {
		parts[i].Committed = 8 * month
		if i < 2 {
			parts[i].Down = 8 * 3 * hour
		}
	}
	if got := standard().Apart(fee, parts); got != 2_880*unit.Unit {
		t.Errorf("a credit of %v, want 2,880", got)
	}
	for i := range parts {
		parts[i].Down = parts[i].Committed
	}
	if got := standard().Apart(fee+1, parts); got != fee+1 {
		t.Errorf("the whole fee of %v is divided into credits of %v", fee+1, got)
	}
	if got := standard().Apart(fee, make([]service.Record, 3)); got != 0 {
		t.Errorf("a credit of %v for parts without a commitment", got)
	}
}

// TestRateAgainstRationals: the comparison is exact also where products pass 64 bits.
func TestRateAgainstRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Int64Range(1, 1<<62).Draw(t, "base")
		down := rapid.Int64Range(0, base).Draw(t, "down")
		below := unit.Ratio(rapid.Int64Range(1, int64(unit.One)).Draw(t, "below"))
		if rapid.Bool().Draw(t, "at the edge") { // the last second that reaches it, and the first that does not
			edge := new(big.Int).Mul(big.NewInt(base), big.NewInt(int64(unit.One-below)))
			down = edge.Div(edge, big.NewInt(int64(unit.One))).Int64() + rapid.Int64Range(0, 1).Draw(t, "more")
		}
		got := service.Rate([]service.Tier{{Below: below, Credit: 1}}, down, base) == 1
		want := big.NewRat(1, 1).Sub(big.NewRat(1, 1), new(big.Rat).SetFrac64(down, base)).Cmp(big.NewRat(int64(below), int64(unit.One))) < 0
		if got != want {
			t.Fatalf("%d of %d down against %d: missed %v, want %v", down, base, below, got, want)
		}
	})
}

func TestAllowance(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		down, excused, want int64
		left                bool
	}{
		"of a fresh month":        {0, 0, 64 * 2_592, true},
		"after an hour of all":    {64 * 2_000, 0, 64 * 592, true},
		"used up to the second":   {64 * 2_592, 0, 0, true},
		"until the second tier":   {64 * 2_593, 0, 64*25_920 - 64*2_593, true},
		"nothing left to lose":    {64 * 129_601, 0, 0, false},
		"excused hours shrink it": {64 * 7_200, 64 * 7_200, 165_427, true}, // 0.001 * 64 * 2,584,800 = 165,427.2
	} {
		got, left := standard().Allowance(service.Record{Committed: 64 * month, Down: c.down, Excused: c.excused})
		if got != c.want || left != c.left {
			t.Errorf("%s: %d, %v; want %d, %v", sentence, got, left, c.want, c.left)
		}
	}
	if got := service.Usable(1_000, 400); got != 600 {
		t.Errorf("of 1,000 s and 400 that nobody plans, %d may be used", got)
	}
	if got := service.Usable(1_000, 1_400); got != 0 {
		t.Errorf("of an allowance that outages will take, %d may be used", got)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	r := service.Record{Committed: 64 * month, Down: 64 * 2_592}
	for further, want := range map[int64]unit.Amount{0: 0, 1: 11_520 * unit.Unit, 64 * 3_600: 11_520 * unit.Unit, 64 * 23_328: 11_520 * unit.Unit, 64*23_328 + 1: 28_800 * unit.Unit} {
		if got := standard().Cost(fee, r, further); got != want {
			t.Errorf("%d s more cost %v, want %v", further, got, want)
		}
	}
}

// TestEnvelope: the bound of the vectors, for a day and for the whole month.
func TestEnvelope(t *testing.T) {
	t.Parallel()
	fresh := service.Record{Committed: 64 * month}
	day := standard().Envelope(fee, fresh, 64*86_400)
	if len(day) != 2 || day[0] != (service.Slope{Seconds: 64 * 2_592}) || day[1] != (service.Slope{Seconds: 64 * 83_808, Cost: 28_800 * unit.Unit}) {
		t.Errorf("for a day: %v", day)
	}
	whole := standard().Envelope(fee, fresh, 64*month)
	if len(whole) != 2 || whole[1] != (service.Slope{Seconds: 64 * (month - 2_592), Cost: fee}) {
		t.Errorf("for the month: %v", whole)
	}
	if got := (service.Level{}).Envelope(fee, fresh, 100); len(got) != 1 || got[0] != (service.Slope{Seconds: 100}) {
		t.Errorf("without a promise: %v", got)
	}
	if got := standard().Envelope(fee, fresh, 0); len(got) != 0 {
		t.Errorf("for no time: %v", got)
	}
	if got := service.At(day, 64*2_592); got.Cost != 0 {
		t.Errorf("the last second that is free costs %v", got)
	}
	if got := service.At(day, 64*2_592+1); got.Cost == 0 {
		t.Error("the first second beyond the allowance is free")
	}
}

func levels() *rapid.Generator[service.Level] {
	return rapid.Custom(func(t *rapid.T) service.Level {
		l := service.Level{Scope: service.Fleet, Cap: unit.Ratio(rapid.Int64Range(0, int64(unit.One)).Draw(t, "cap"))}
		below, credit := int64(unit.One), int64(0)
		for range rapid.IntRange(0, 4).Draw(t, "tiers") {
			below = rapid.Int64Range(max(1, below*8/10), below).Draw(t, "below")
			credit = rapid.Int64Range(credit+1, min(int64(unit.One), credit+300_000)).Draw(t, "credit")
			l.Tiers = append(l.Tiers, service.Tier{Below: unit.Ratio(below), Credit: unit.Ratio(credit)})
			below--
		}
		return l
	})
}

// TestEnvelopeIsALowerBound: convex, nowhere above the true cost, and met at its corners.
func TestEnvelopeIsALowerBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := levels().Draw(t, "level")
		if err := l.Validate(); err != nil {
			t.Fatal(err)
		}
		committed := rapid.Int64Range(1, 1e9).Draw(t, "committed")
		r := service.Record{Committed: committed, Down: rapid.Int64Range(0, committed/5).Draw(t, "down")}
		r.Excused = rapid.Int64Range(0, r.Down).Draw(t, "excused")
		paid := unit.Amount(rapid.Int64Range(0, 1e13).Draw(t, "fee"))
		most := rapid.Int64Range(1, committed).Draw(t, "most")
		envelope := l.Envelope(paid, r, most)
		var corner int64
		for i, s := range envelope {
			corner += s.Seconds
			if i > 0 && big.NewRat(int64(s.Cost), s.Seconds).Cmp(big.NewRat(int64(envelope[i-1].Cost), envelope[i-1].Seconds)) <= 0 {
				t.Fatalf("stretch %d is no dearer than the one before: %v", i, envelope)
			}
			if got, want := service.Sum(envelope, corner), l.Cost(paid, r, corner); got != want {
				t.Fatalf("at the corner %d the bound is %v and the cost %v", corner, got, want)
			}
		}
		if corner != most {
			t.Fatalf("the bound covers %d of %d", corner, most)
		}
		at := rapid.Int64Range(0, most).Draw(t, "at")
		if got, cost := service.Sum(envelope, at), l.Cost(paid, r, at); got > cost {
			t.Fatalf("at %d the bound is %v and the cost %v", at, got, cost)
		}
	})
}

// TestTogether: parts that fail one by one never cost less than the joint bound.
func TestTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := levels().Draw(t, "level")
		var bounds [][]service.Slope
		var cost unit.Amount
		var taken int64
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			r := service.Record{Committed: 100_000, Down: rapid.Int64Range(0, 9_000).Draw(t, "down")}
			d := rapid.Int64Range(0, 50_000).Draw(t, "further")
			bounds = append(bounds, l.Envelope(1_000_000, r, 50_000))
			cost += l.Cost(1_000_000, r, d)
			taken += d
		}
		if bound := service.Sum(service.Together(bounds...), taken); bound > cost {
			t.Fatalf("%d s cost %v and the bound says %v", taken, cost, bound)
		}
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*service.Level)
		says   string
	}{
		"sound":                  {func(*service.Level) {}, ""},
		"full availability":      {func(l *service.Level) { l.Tiers[0].Below = unit.One }, ""},
		"no promise at all":      {func(l *service.Level) { *l = service.Level{} }, ""},
		"a scope nobody knows":   {func(l *service.Level) { l.Scope = "rack" }, `scope "rack"`},
		"a promise of no scope":  {func(l *service.Level) { l.Scope = "" }, `scope ""`},
		"a threshold of nothing": {func(l *service.Level) { l.Tiers[2].Below = 0 }, "tier 3: an availability of 0 %"},
		"more than all":          {func(l *service.Level) { l.Tiers[0].Below = unit.One + 1 }, "tier 1: an availability"},
		"a credit of more":       {func(l *service.Level) { l.Tiers[2].Credit = 2 * unit.One }, "a credit of 200 %"},
		"a credit of nothing":    {func(l *service.Level) { l.Tiers[0].Credit = 0 }, "a credit of 0 %"},
		"tiers that rise":        {func(l *service.Level) { l.Tiers[0], l.Tiers[1] = l.Tiers[1], l.Tiers[0] }, "falling order"},
		"a tier that pays less":  {func(l *service.Level) { l.Tiers[1].Credit = 50_000 }, "is not above the 10 %"},
		"a cap below nothing":    {func(l *service.Level) { l.Cap = -1 }, "a cap of"},
		"a cap of more than all": {func(l *service.Level) { l.Cap = unit.One + 1 }, "a cap of"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			l := standard()
			c.change(&l)
			err := l.Validate()
			if (err != nil) != (c.says != "") || err != nil && (!strings.Contains(err.Error(), c.says) || !errors.Is(err, service.ErrLevel)) {
				t.Errorf("said %v, want %q", err, c.says)
			}
		})
	}
	bad := service.Level{Scope: "x", Cap: -5, Tiers: []service.Tier{{Below: 0, Credit: 5}, {Below: 5, Credit: 5}}}
	if n := strings.Count(bad.Validate().Error(), "\n") + 1; n != 5 {
		t.Errorf("%d of 5 faults were named:\n%v", n, bad.Validate())
	}
}
