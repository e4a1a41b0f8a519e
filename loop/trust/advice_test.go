package trust

import (
	"slices"
	"testing"
	"time"

	"sluice/unit"
)

func (r *rig) offer(plan int64, units ...string) int64 {
	r.step(Recommended{
		What: "wake", Plan: plan, Units: units, Power: 3500, Expires: r.now.Add(10 * time.Minute), Until: r.now.Add(time.Hour),
	})
	return r.k.numbers.Recommendation
}

// acting are the names of the machines that the last Entrust named.
func (r *rig) acting() []string {
	var out []string
	for i, ok := range r.k.Entrusted().Entrusted {
		if ok {
			out = append(out, r.k.cfg.Units[i].Name)
		}
	}
	return out
}

// TestAdvice: what a person accepts acts on its machines, for its plan only.
func TestAdvice(t *testing.T) {
	t.Parallel()
	yes := func(r *rig, n int64) { r.step(Answered{Number: n, By: "ann", Accept: true}) }
	for sentence, c := range map[string]struct {
		do   func(r *rig)
		says string
		acts []string
	}{
		"accepted":                {func(r *rig) { yes(r, r.offer(5, "g0-001", "g1-002")) }, "record recommendation_answered, follow 5, entrust 2", []string{"g0-001", "g1-002"}},
		"offered is not accepted": {func(r *rig) { r.offer(5, "g0-001") }, "record recommended", nil},
		"declined with a reason":  {func(r *rig) { r.step(Answered{Number: r.offer(5, "g0-001"), By: "ann", Reason: "storm"}) }, "record recommendation_answered", nil},
		"declined without one":    {func(r *rig) { r.step(Answered{Number: r.offer(5, "g0-001"), By: "ann"}) }, "refused no_reason", nil},
		"accepted by nobody":      {func(r *rig) { r.step(Answered{Number: r.offer(5, "g0-001"), Accept: true}) }, "refused no_name", nil},
		"accepted too late": {func(r *rig) {
			n := r.offer(5, "g0-001")
			r.wait(10 * time.Minute)
			yes(r, n)
		}, "record recommendation_lapsed, refused unknown_number", nil},
		"its plan ends": {func(r *rig) {
			yes(r, r.offer(5, "g0-001"))
			r.wait(time.Hour)
			r.step(Tick{})
		}, "entrust 0", nil},
		"two of one plan act together": {func(r *rig) {
			yes(r, r.offer(5, "g0-001"))
			yes(r, r.offer(5, "g0-002"))
		}, "entrust 2", []string{"g0-001", "g0-002"}},
		"a later plan ends the one before": {func(r *rig) {
			yes(r, r.offer(5, "g0-001"))
			yes(r, r.offer(6, "g0-002"))
		}, "follow 6, entrust 1", []string{"g0-002"}},
		"an older plan does not come back": {func(r *rig) {
			old := r.offer(5, "g0-001")
			yes(r, r.offer(6, "g0-002"))
			yes(r, old)
		}, "refused old_plan", []string{"g0-002"}},
		"a machine nobody adopted is left out": {func(r *rig) { yes(r, r.offer(5, "g0-001", "g0-059", "nobody")) }, "entrust 1", []string{"g0-001"}},
		"a guard withdraws it": {func(r *rig) {
			yes(r, r.offer(5, "g0-001"))
			r.step(Feeds{[]string{"a", "b"}})
		}, "alarm feeds_stale, record recommendation_withdrawn, record guard feeds_stale, entrust 0", nil},
		"a demotion withdraws it": {func(r *rig) {
			yes(r, r.offer(5, "g0-001"))
			r.step(Lowered{By: "zoe"})
		}, "record recommendation_withdrawn, record demoted, entrust 0", nil},
		"of no machine": {func(r *rig) { r.offer(5) }, "refused bad_event", nil},
		"that reaches too far": {func(r *rig) {
			r.step(Recommended{What: "x", Plan: 1, Units: []string{"g0-001"}, Expires: r.now.Add(time.Hour), Until: r.now.Add(49 * time.Hour)})
		}, "refused bad_event", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.rise(Advisory)
			c.do(r)
			r.has(c.says)
			if got := r.acting(); !slices.Equal(got, c.acts) {
				t.Errorf("entrusted are %v, want %v", got, c.acts)
			}
		})
	}
}

// TestAdviceBelowTheCap: people cannot accept more than the cap of the site.
func TestAdviceBelowTheCap(t *testing.T) {
	t.Parallel()
	c := farmConfig()
	c.Caps = Caps{Rack: 4 * kw, Five: 4 * kw, Quarter: 4 * kw, All: 7 * kw}
	r := newRig(t, c)
	r.rise(Advisory)
	r.step(Answered{Number: r.offer(5, "g0-001", "g0-002"), By: "ann", Accept: true})
	r.has("entrust 2")
	r.step(Answered{Number: r.offer(5, "g0-003"), By: "ann", Accept: true})
	r.has("refused above_the_cap")
	if m := r.k.Entrusted().Most; m != 7*kw {
		t.Errorf("%v are entrusted", m)
	}
}

// TestEarned: what is not known is marked and in no sum.
func TestEarned(t *testing.T) {
	t.Parallel()
	c := farmConfig()
	c.Zone = time.FixedZone("west", -6*3600)
	r := newRig(t, c)
	r.now = monday.Add(5 * time.Hour) // an hour to local midnight
	tell := func(g ...Gain) {
		r.step(Outcome{Start: r.now, Length: 0})
		r.has("refused bad_event")
		r.now = r.now.Add(time.Hour)
		r.step(Outcome{Start: r.now.Add(-time.Hour), Length: time.Hour, Gains: g})
	}
	tell(Gain{"USD", 5 * unit.Unit, 3 * unit.Unit})
	tell()
	tell(Gain{"USD", -1 * unit.Unit, 2 * unit.Unit}, Gain{"CAD", 0, 0})
	if out := r.step(Outcome{Start: r.now.Add(-time.Hour), Length: time.Hour}); len(out) != 1 {
		t.Errorf("the same interval again: %s", r.says())
	}
	r.has("refused interval_out_of_order")
	r.step(Outcome{Start: r.now, Length: time.Hour})
	r.has("refused interval_out_of_order")
	got := r.k.Earned()
	if len(got.Days) != 2 || got.Days[0].Date != "2026-11-01" || got.Days[0].Earnings.Intervals != 1 || got.Days[1].Date != "2026-11-02" {
		t.Errorf("days %+v", got.Days)
	}
	want := []Earning{{"USD", 4 * unit.Unit, 5 * unit.Unit, 2, 1}, {"CAD", 0, 0, 1, 2}}
	if tot := got.Total; tot.Intervals != 3 || tot.Unvalued != 1 || !slices.Equal(tot.Money, want) {
		t.Errorf("total %+v", tot)
	}
	if g := got.Total.Money[0].Gain(); g != -1*unit.Unit {
		t.Errorf("gain %v", g)
	}
}

// TestSame: which spellings are one person.
func TestSame(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		a, b string
		same bool
	}{
		"case and blanks":          {"Ann", "ann ", true},
		"blanks within":            {"Ann  Lee", "ann lee", true},
		"composed and decomposed":  {"Ren\u00e9e", "Rene\u0301e", true},
		"Cyrillic short i":         {"Сергей", "серге\u0438\u0306", true},
		"kana with a voiced mark":  {"が", "か\u3099", true},
		"full width":               {"ＡＮＮ", "ann", true},
		"a zero-width space":       {"A\u200bnn", "Ann", true},
		"a no-break space at end":  {"Ann\u00a0", "Ann", true},
		"a Kelvin sign":            {"\u212Aim", "kim", true},
		"final sigma":              {"Νίκος", "ΝΊΚΟΣ", true},
		"two people":               {"Ann", "Anne", false},
		"two people, Vietnamese d": {"Đức", "Duc", false},
		"nobody and somebody":      {"", "Ann", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if Same(c.a, c.b) != c.same || Same(c.b, c.a) != c.same {
				t.Errorf("%q and %q: %q, %q", c.a, c.b, fold(c.a), fold(c.b))
			}
		})
	}
}
