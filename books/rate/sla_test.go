package rate_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/rate"
	"sluice/unit"
)

// level is the agreement of the published vectors.
func level() rate.Agreement {
	return rate.Agreement{
		Denominator: rate.LessExcluded,
		Tiers:       []rate.Threshold{{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}, {Below: 950_000, Credit: unit.One}},
		Allows:      []rate.Allowance{{Cause: rate.Curtailment, Yearly: 50 * hour, Notice: hour}},
	}
}

// fleet is 64 GPUs in eight nodes for September, at 2.50 an hour.
func fleet() rate.Record {
	r := rate.Record{Contract: "c1", Period: september, Fee: 115_200 * unit.Unit}
	for n := range 8 {
		r.Parts = append(r.Parts, rate.Part{Name: fmt.Sprintf("n%d", n), Weight: 8, Contracted: september})
	}
	return r
}

// down is an outage from noon of the 10th.
func down(part string, seconds int64) rate.Outage {
	at := from + 9*day + 12*hour
	return rate.Outage{Part: part, From: at, To: at + seconds, Evidence: books.Hash{byte(seconds), byte(len(part))}}
}

func curtailed(seconds int64) rate.Exclusion {
	at := from + 20*day
	return rate.Exclusion{Cause: rate.Curtailment, From: at, To: at + seconds, Announced: at - hour, Evidence: books.Hash{200}}
}

// TestAvailability: published vectors and the second on which each tier turns.
func TestAvailability(t *testing.T) {
	t.Parallel()
	none := func(*rate.Agreement, *rate.Record) {}
	for sentence, c := range map[string]struct {
		outages []rate.Outage
		change  func(*rate.Agreement, *rate.Record)
		want    unit.Ratio // availability
		credit  unit.Amount
	}{
		"nothing happened":            {nil, none, unit.One, 0},
		"two nodes for three hours":   {[]rate.Outage{down("n0", 3*hour), down("n1", 3*hour)}, none, 998_958, 11_520 * unit.Unit},
		"99.9 % to the second":        {[]rate.Outage{down("", 2_592)}, none, 999_000, 0},
		"one second more":             {[]rate.Outage{down("", 2_593)}, none, 998_999, 11_520 * unit.Unit},
		"99 % to the second":          {[]rate.Outage{down("", 25_920)}, none, 990_000, 11_520 * unit.Unit},
		"one second more than that":   {[]rate.Outage{down("", 25_921)}, none, 989_999, 28_800 * unit.Unit},
		"95 % to the second":          {[]rate.Outage{down("", 129_600)}, none, 950_000, 28_800 * unit.Unit},
		"and one more":                {[]rate.Outage{down("", 129_601)}, none, 949_999, 115_200 * unit.Unit},
		"capped at half":              {[]rate.Outage{down("", 129_601)}, func(a *rate.Agreement, _ *rate.Record) { a.Cap = 500_000 }, 949_999, 57_600 * unit.Unit},
		"two hours of curtailment":    {[]rate.Outage{down("n0", 3*hour), down("n1", 3*hour)}, func(_ *rate.Agreement, r *rate.Record) { r.Exclusions = []rate.Exclusion{curtailed(2 * hour)} }, 998_955, 11_520 * unit.Unit},
		"reported twice, counts once": {[]rate.Outage{down("", 2_592), down("", 2_592), down("n3", 2_000)}, none, 999_000, 0},
		"one part by itself": {[]rate.Outage{down("n0", 3*hour)}, func(_ *rate.Agreement, r *rate.Record) {
			r.Parts, r.Fee = r.Parts[:1], 14_400*unit.Unit
		}, 995_833, 1_440 * unit.Unit},
		"a part that began on the 16th": {[]rate.Outage{down("", 2_592), {Part: "n1", From: from + 20*day, To: from + 20*day + 1, Evidence: books.Hash{1}}}, func(_ *rate.Agreement, r *rate.Record) {
			r.Parts = r.Parts[:2]
			r.Parts[0].Contracted.From = from + 15*day
		}, 999_333, 0},
		"down while curtailed": {[]rate.Outage{{From: from + 20*day, To: from + 20*day + 3*hour, Evidence: books.Hash{1}}}, func(_ *rate.Agreement, r *rate.Record) { r.Exclusions = []rate.Exclusion{curtailed(3 * hour)} }, unit.One, 0},
		"curtailment that is not agreed": {[]rate.Outage{{From: from + 20*day, To: from + 20*day + 3*hour, Evidence: books.Hash{1}}}, func(a *rate.Agreement, r *rate.Record) {
			a.Allows, r.Exclusions = nil, []rate.Exclusion{curtailed(3 * hour)}
		}, 995_833, 11_520 * unit.Unit},
		"held against all contracted time": {[]rate.Outage{down("", 2_592)}, func(a *rate.Agreement, r *rate.Record) {
			a.Denominator, r.Exclusions = rate.Contracted, []rate.Exclusion{curtailed(9 * hour)}
		}, 999_000, 0},
		"held against what is not excluded": {[]rate.Outage{down("", 2_592)}, func(_ *rate.Agreement, r *rate.Record) { r.Exclusions = []rate.Exclusion{curtailed(9 * hour)} }, 998_987, 11_520 * unit.Unit},
		"all of the time excluded": {[]rate.Outage{{From: from, To: to, Evidence: books.Hash{1}}}, func(a *rate.Agreement, r *rate.Record) {
			a.Allows[0].Yearly = 0
			x := curtailed(1)
			x.From, x.To, x.Announced = from, to, from-hour
			r.Exclusions = []rate.Exclusion{x}
		}, unit.One, 0},
		"an outage of another month":      {[]rate.Outage{{From: from - day, To: from, Evidence: books.Hash{1}}, {From: to, To: to + day, Evidence: books.Hash{2}}}, none, unit.One, 0},
		"an outage that ends in this one": {[]rate.Outage{{From: from - day, To: from + 2_593, Evidence: books.Hash{1}}}, none, 998_999, 11_520 * unit.Unit},
		"the budget of the year is used up": {[]rate.Outage{{From: from + 20*day, To: from + 20*day + 3*hour, Evidence: books.Hash{1}}}, func(_ *rate.Agreement, r *rate.Record) {
			r.Exclusions, r.Spent = []rate.Exclusion{curtailed(3 * hour)}, []rate.Spent{{Cause: rate.Curtailment, Seconds: 50*hour - 2_593 + 2_593}}
		}, 995_833, 11_520 * unit.Unit},
		"two hours of the budget are left": {[]rate.Outage{{From: from + 20*day, To: from + 20*day + 3*hour, Evidence: books.Hash{1}}}, func(a *rate.Agreement, r *rate.Record) {
			a.Denominator, r.Exclusions, r.Spent = rate.Contracted, []rate.Exclusion{curtailed(3 * hour)}, []rate.Spent{{Cause: rate.Curtailment, Seconds: 48 * hour}}
		}, 998_611, 11_520 * unit.Unit},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			a, r := level(), fleet()
			r.Outages = c.outages
			c.change(&a, &r)
			s, err := rate.Assess(a, r)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[unit.Ratio]string{0: "0 %", 100_000: "10 %", 250_000: "25 %", 500_000: "50 %", unit.One: "100 %"}[s.Rate]; s.Credit.Price != want {
				t.Errorf("the rate of %d is written %q", s.Rate, s.Credit.Price)
			}
			if s.Availability != c.want || s.Credit.Amount != -c.credit {
				t.Errorf("availability %d, credit %v; want %d, %v: %+v", s.Availability, s.Credit.Amount, c.want, c.credit, s)
			}
		})
	}
}

// TestRefusedExclusions: an exclusion counts with evidence, in time, within its
// budget and where it is agreed; all others are named.
func TestRefusedExclusions(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*rate.Exclusion)
		want   rate.Refusal
		down   int64 // seconds that count
	}{
		"sound":                   {func(*rate.Exclusion) {}, "", 0},
		"without evidence":        {func(x *rate.Exclusion) { x.Evidence = books.Hash{} }, rate.NoEvidence, hour},
		"announced a second late": {func(x *rate.Exclusion) { x.Announced++ }, rate.LateNotice, hour},
		"not agreed":              {func(x *rate.Exclusion) { x.Cause = rate.ForceMajeure }, rate.NotAgreed, hour},
		"beyond the budget":       {func(x *rate.Exclusion) { x.From -= 50 * hour; x.Announced -= 50 * hour }, rate.NoBudget, hour},
	} {
		r := rate.Record{Contract: "c1", Period: september, Parts: []rate.Part{{Name: "hall", Weight: 1, Contracted: september}}}
		x := curtailed(hour)
		r.Outages = []rate.Outage{{From: x.From, To: x.To, Evidence: books.Hash{5}}}
		c.change(&x)
		r.Exclusions = []rate.Exclusion{x, x}
		s, err := rate.Assess(level(), r)
		if err != nil || s.Down-s.Excluded != c.down || (len(s.Refused) == 1) != (c.want != "") {
			t.Fatalf("%s: %v, %+v", sentence, err, s)
		}
		if c.want != "" && s.Refused[0].Why != c.want {
			t.Errorf("%s: refused for %q", sentence, s.Refused[0].Why)
		}
		taken := c.want == "" || c.want == rate.NoBudget
		if taken != (len(s.Evidence) == 2) {
			t.Errorf("%s: evidence %v", sentence, s.Evidence)
		}
	}
}

// TestSeconds: down and excluded unit-seconds against counting every one of them.
func TestSeconds(t *testing.T) {
	t.Parallel()
	const length = 50
	rapid.Check(t, func(t *rapid.T) {
		stretch := func() (string, int64, int64) {
			f := rapid.Int64Range(-5, length).Draw(t, "from")
			return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "part"), f, f + rapid.Int64Range(1, 20).Draw(t, "length")
		}
		r := rate.Record{Contract: "c1", Period: rate.Span{To: length}, Fee: 100, Parts: []rate.Part{
			{Name: "a", Weight: 3, Contracted: rate.Span{From: rapid.Int64Range(0, 30).Draw(t, "start"), To: 99}}, {Name: "b", Weight: 5, Contracted: rate.Span{To: 99}},
		}}
		for range rapid.IntRange(0, 5).Draw(t, "outages") {
			p, f, to := stretch()
			r.Outages = append(r.Outages, rate.Outage{Part: p, From: f, To: to, Evidence: books.Hash{1}})
		}
		for range rapid.IntRange(0, 4).Draw(t, "exclusions") {
			p, f, to := stretch()
			r.Exclusions = append(r.Exclusions, rate.Exclusion{Part: p, From: f, To: to, Cause: rate.CustomerCaused, Evidence: books.Hash{2}})
		}
		s, err := rate.Assess(rate.Agreement{Allows: []rate.Allowance{{Cause: rate.CustomerCaused}}, Denominator: rate.LessExcluded}, r)
		if err != nil {
			t.Fatal(err)
		}
		var contracted, lost, excluded, out int64
		for _, p := range r.Parts {
			for at := range int64(length) {
				if at < p.Contracted.From {
					continue
				}
				off, free := false, false
				for _, o := range r.Outages {
					off = off || (o.Part == "" || o.Part == p.Name) && o.From <= at && at < o.To
				}
				for _, x := range r.Exclusions {
					free = free || (x.Part == "" || x.Part == p.Name) && x.From <= at && at < x.To
				}
				contracted += p.Weight
				if off {
					lost += p.Weight
				}
				if free {
					out += p.Weight
				}
				if off && free {
					excluded += p.Weight
				}
			}
		}
		if s.Contracted != contracted || s.Down != lost || s.Excluded != excluded || s.Base != contracted-out {
			t.Fatalf("%+v, counted %d, %d, %d, %d", s, contracted, lost, excluded, contracted-out)
		}
	})
}

// TestRefusedRecords: what cannot be assessed.
func TestRefusedRecords(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*rate.Agreement, *rate.Record){
		"an outage without evidence":   func(_ *rate.Agreement, r *rate.Record) { r.Outages[0].Evidence = books.Hash{} },
		"an outage of an unknown":      func(_ *rate.Agreement, r *rate.Record) { r.Outages[0].Part = "x" },
		"an outage that ends first":    func(_ *rate.Agreement, r *rate.Record) { r.Outages[0].To = 0 },
		"an outage before all time":    func(_ *rate.Agreement, r *rate.Record) { r.Outages[0].From = math.MinInt64 },
		"an exclusion before all time": func(_ *rate.Agreement, r *rate.Record) { r.Exclusions[0].From = math.MinInt64 },
		"a budget spent backwards": func(_ *rate.Agreement, r *rate.Record) {
			r.Spent = []rate.Spent{{Cause: rate.Curtailment, Seconds: -1}}
		},
		"an exclusion for no cause":     func(_ *rate.Agreement, r *rate.Record) { r.Exclusions[0].Cause = "weather" },
		"a part without weight":         func(_ *rate.Agreement, r *rate.Record) { r.Parts[0].Weight = 0 },
		"a part that stands twice":      func(_ *rate.Agreement, r *rate.Record) { r.Parts[0].Name = "n1" },
		"a part beyond any count":       func(_ *rate.Agreement, r *rate.Record) { r.Parts[0].Weight = 1 << 62 },
		"a fee below zero":              func(_ *rate.Agreement, r *rate.Record) { r.Fee = -1 },
		"no period":                     func(_ *rate.Agreement, r *rate.Record) { r.Period.To = r.Period.From },
		"a cap beyond all":              func(a *rate.Agreement, _ *rate.Record) { a.Cap = unit.One + 1 },
		"tiers in the wrong order":      func(a *rate.Agreement, _ *rate.Record) { a.Tiers[0], a.Tiers[1] = a.Tiers[1], a.Tiers[0] },
		"a cause that is allowed twice": func(a *rate.Agreement, _ *rate.Record) { a.Allows = append(a.Allows, a.Allows[0]) },
		"a clause that is not known":    func(a *rate.Agreement, _ *rate.Record) { a.Denominator = "half" },
	} {
		a, r := level(), fleet()
		r.Outages, r.Exclusions = []rate.Outage{down("", 5)}, []rate.Exclusion{curtailed(5)}
		if _, err := rate.Assess(a, r); err != nil {
			t.Fatal(err)
		}
		change(&a, &r)
		if _, err := rate.Assess(a, r); !errors.Is(err, rate.ErrInput) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}
