package treasury_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/treasury"
)

// near says whether two figures agree to a part in 1e-9 of their size.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

// TestSell: what each kind sells of one treasury, by hand.
func TestSell(t *testing.T) {
	t.Parallel()
	s := treasury.State{Week: 4, Price: 100_000, Cash: 200_000, BTC: 10, Free: 6, Mined: 0.5, Need: 450_000}
	rich, poor, bare := s, s, s
	rich.Cash, poor.Cash, bare.Free = 4_000_000, -50_000, 0
	for sentence, c := range map[string]struct {
		p    treasury.Policy
		s    treasury.State
		want float64
	}{
		"holding sells nothing":                         {treasury.Policy{}, s, 0},
		"selling all sells what is free":                {treasury.Policy{Kind: treasury.SellAll}, s, 6},
		"a reserve is kept":                             {treasury.Policy{Kind: treasury.SellAll, Keep: 5}, s, 1},
		"a reserve above what is free sells nothing":    {treasury.Policy{Kind: treasury.SellAll, Keep: 7}, s, 0},
		"a part of what was mined":                      {treasury.Policy{Kind: treasury.Part, Share: 0.7}, s, 0.35},
		"cover sells what the need lacks":               {treasury.Policy{Kind: treasury.Cover, Cover: 90}, s, 2.5},
		"cover sells nothing where cash is enough":      {treasury.Policy{Kind: treasury.Cover, Cover: 90}, rich, 0},
		"cover fills a hole too":                        {treasury.Policy{Kind: treasury.Cover, Cover: 90}, poor, 5},
		"the floor is filled":                           {treasury.Policy{Kind: treasury.Threshold, Share: 1, Floor: 500_000}, s, 3},
		"a floor above what is free":                    {treasury.Policy{Kind: treasury.Threshold, Share: 1, Floor: 5_000_000}, s, 6},
		"the share is cut: 10 - 0.5*12":                 {treasury.Policy{Kind: treasury.Threshold, Share: 0.5}, s, 4},
		"the ceiling stops the cut of the share":        {treasury.Policy{Kind: treasury.Threshold, Share: 0.5, Ceiling: 300_000}, s, 1},
		"cash above the ceiling sells nothing":          {treasury.Policy{Kind: treasury.Threshold, Share: 0.1, Ceiling: 300_000}, rich, 0},
		"the least share stops the floor: 10 - 0.75*12": {treasury.Policy{Kind: treasury.Threshold, Share: 0.9, Least: 0.75, Floor: 900_000}, s, 1},
		"within the bands nothing is sold":              {treasury.Policy{Kind: treasury.Threshold, Share: 0.9, Least: 0.5, Floor: 100_000}, s, 0},
		"a period begins: the share of the free":        {treasury.Policy{Kind: treasury.Average, Share: 0.25, Every: 4}, s, 1.5},
		"a period does not begin":                       {treasury.Policy{Kind: treasury.Average, Share: 0.25, Every: 3}, s, 0},
		"evenly: week 1 of 3 sells (1/3)/(1-1/3)":       {treasury.Policy{Kind: treasury.Average, Share: 1, Every: 3, Evenly: true}, s, 3},
		"nothing is free":                               {treasury.Policy{Kind: treasury.SellAll}, bare, 0},
	} {
		if err := c.p.Check(); err != nil {
			t.Errorf("%s: %v", sentence, err)
		}
		if got := c.p.Sell(c.s); !near(got, c.want) {
			t.Errorf("%s: %v BTC, not %v", sentence, got, c.want)
		}
	}
}

// TestSenselessPolicies are refused, each with a remedy.
func TestSenselessPolicies(t *testing.T) {
	t.Parallel()
	for says, p := range map[string]treasury.Policy{
		"cannot sell more than is held": {Kind: treasury.Part, Share: 1.2},
		"choose hold":                   {Kind: treasury.Average, Every: 4},
		"leave it out":                  {Kind: treasury.Hold, Share: 0.5},
		"not negative":                  {Kind: treasury.SellAll, Keep: -1},
		"are numbers":                   {Kind: treasury.Part, Share: math.NaN()},
		"at most 366 days":              {Kind: treasury.Cover, Cover: 400},
		"this kind has none":            {Kind: treasury.SellAll, Cover: 30},
		"a band begins below its end":   {Kind: treasury.Threshold, Share: 0.5, Least: 0.6},
		"is not above the floor":        {Kind: treasury.Threshold, Share: 0.5, Floor: 10, Ceiling: 10},
		"never sell":                    {Kind: treasury.Threshold, Share: 1},
		"belong to threshold":           {Kind: treasury.Cover, Cover: 30, Floor: 5},
		"write a period":                {Kind: treasury.Average, Share: 0.5},
		"belong to average":             {Kind: treasury.SellAll, Evenly: true},
		"the kinds are":                 {Kind: 9},
	} {
		if err := p.Check(); !errors.Is(err, treasury.ErrPolicy) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		if _, err := treasury.Propose(p, treasury.State{Price: 1}); !errors.Is(err, treasury.ErrPolicy) {
			t.Errorf("%s: proposed: %v", says, err)
		}
	}
}

// anyPolicy draws a policy that makes sense.
func anyPolicy(t *rapid.T) treasury.Policy {
	share := rapid.Float64Range(0.01, 1)
	p := treasury.Policy{Kind: rapid.SampledFrom(treasury.Kinds()).Draw(t, "kind"), Keep: rapid.SampledFrom([]float64{0, 0, 0.5, 100}).Draw(t, "keep")}
	switch p.Kind {
	case treasury.Hold, treasury.SellAll:
	case treasury.Part:
		p.Share = share.Draw(t, "share")
	case treasury.Cover:
		p.Cover = rapid.Float64Range(1, 366).Draw(t, "cover")
	case treasury.Threshold:
		p.Share = rapid.Float64Range(0.01, 0.99).Draw(t, "share")
		p.Least = p.Share * rapid.Float64Range(0, 1).Draw(t, "least")
		p.Floor = rapid.Float64Range(0, 1e6).Draw(t, "floor")
		p.Ceiling = rapid.SampledFrom([]float64{0, p.Floor + 1, p.Floor + 1e6}).Draw(t, "ceiling")
	case treasury.Average:
		p.Share, p.Every = share.Draw(t, "share"), rapid.IntRange(1, 30).Draw(t, "every")
		p.Evenly = rapid.Bool().Draw(t, "evenly")
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestNeverMoreThanFree: whatever the policy and the treasury, sales are of what is
// free, and a forced sale meets the shortfall or sells all.
func TestNeverMoreThanFree(t *testing.T) {
	t.Parallel()
	odd := rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 0})
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		s := treasury.State{
			Week: rapid.IntRange(0, 600).Draw(t, "week"), Price: rapid.Float64Range(1, 1e6).Draw(t, "price"), Cash: rapid.Float64Range(-1e6, 1e7).Draw(t, "cash"),
			BTC: rapid.Float64Range(0, 1000).Draw(t, "btc"), Mined: rapid.Float64Range(0, 10).Draw(t, "mined"), Need: rapid.Float64Range(0, 1e7).Draw(t, "need"),
		}
		s.Free = s.BTC * rapid.Float64Range(0, 1).Draw(t, "free")
		if x := p.Sell(s); !(x >= 0) || x > s.Free || x > max(s.Free-p.Keep, 0) {
			t.Fatalf("%+v sells %v of %v", p, x, s.Free)
		}
		short := rapid.Float64Range(0, 1e7).Draw(t, "short")
		btc, unmet := treasury.Forced(s, short)
		if btc < 0 || btc > s.Free || unmet < 0 || !near(btc*s.Price+unmet, short) || unmet > 0 && btc != s.Free {
			t.Fatalf("forced %v of %v, unmet %v of %v", btc, s.Free, unmet, short)
		}
		if out, err := treasury.Propose(p, s); err != nil || !near(out.Cash, s.Cash+out.Proceeds) || out.BTC != p.Sell(s) || out.BTC+out.Forced > s.Free*(1+1e-12) || out.Unmet > 0 && !near(out.Cash, -out.Unmet) {
			t.Fatalf("%+v, %v", out, err)
		}
		broken := s
		*rapid.SampledFrom([]*float64{&broken.Price, &broken.Cash, &broken.BTC, &broken.Free, &broken.Mined, &broken.Need}).Draw(t, "field") = odd.Draw(t, "odd")
		if x := p.Sell(broken); !(x >= 0) || x > max(broken.Free, 0) {
			t.Fatalf("%+v sells %v of %+v", p, x, broken)
		}
	})
}

// TestThresholdEndsInItsBand: after the sale the cash is at its floor, or what stops
// it is named: nothing free, or the least share.
func TestThresholdEndsInItsBand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := treasury.Policy{Kind: treasury.Threshold, Share: rapid.Float64Range(0.5, 0.95).Draw(t, "share"), Least: rapid.Float64Range(0, 0.5).Draw(t, "least"), Floor: rapid.Float64Range(1, 5e5).Draw(t, "floor")}
		s := treasury.State{Price: 50_000, Cash: rapid.Float64Range(0, 1e6).Draw(t, "cash"), BTC: rapid.Float64Range(0.1, 20).Draw(t, "btc")}
		s.Free = s.BTC
		x := p.Sell(s)
		cash, share := s.Cash+x*s.Price, (s.BTC-x)*s.Price/(s.Cash+s.BTC*s.Price)
		if before := s.BTC * s.Price / (s.Cash + s.BTC*s.Price); share < p.Least-1e-9 && x > 0 || share > p.Share+1e-9 {
			t.Fatalf("a share of %v became %v outside %v to %v", before, share, p.Least, p.Share)
		}
		if cash < p.Floor-1e-6 && share > p.Least+1e-9 && x < s.Free {
			t.Fatalf("cash %v below the floor, and a share of %v could still sell", cash, share)
		}
	})
}

// TestEvenly: a stock to which nothing is added is sold in even parts.
func TestEvenly(t *testing.T) {
	t.Parallel()
	p := treasury.Policy{Kind: treasury.Average, Share: 0.8, Every: 8, Evenly: true}
	s := treasury.State{Price: 1, BTC: 100, Free: 100}
	for s.Week = range 8 {
		x := p.Sell(s)
		if !near(x, 10) {
			t.Errorf("week %d sells %v, not 10", s.Week, x)
		}
		s.BTC, s.Free = s.BTC-x, s.Free-x
	}
}

// TestKinds: words and kinds are the same list.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range treasury.Kinds() {
		text, err := k.MarshalText()
		var back treasury.Kind
		if err != nil || back.UnmarshalText(text) != nil || back != k {
			t.Errorf("%v: %s, %v", k, text, err)
		}
	}
	var k treasury.Kind
	if err := k.UnmarshalText([]byte("yolo")); !errors.Is(err, treasury.ErrPolicy) {
		t.Error(err)
	}
}
