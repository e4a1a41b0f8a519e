package trust

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/unit"
)

// TestValidate: each fault of a configuration is named.
func TestValidate(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(*Config)
		says  string // empty: sound
	}{
		"sound":                              {func(*Config) {}, ""},
		"no machine yet":                     {func(c *Config) { c.Units = nil }, ""},
		"no site":                            {func(c *Config) { c.Site = "" }, "the site has no name"},
		"a machine without a name":           {func(c *Config) { c.Units[1].Name = "" }, `machine 1, "" of 3500 W`},
		"a machine of no power":              {func(c *Config) { c.Units[1].Most = 0 }, `machine 1, "g0-001" of 0 W`},
		"a machine twice":                    {func(c *Config) { c.Units[1].Name = "g0-000" }, `machine "g0-000" is stated twice`},
		"no cap":                             {func(c *Config) { c.Caps.Rack = 0 }, "caps of 0 W"},
		"a lower cap above":                  {func(c *Config) { c.Caps.Quarter = c.Caps.Five - 1 }, "none below the one before"},
		"a negative block":                   {func(c *Config) { c.Block = -1 }, "a block of -1"},
		"no wait":                            {func(c *Config) { c.Needs.Shadow.Wait = 0 }, "needs of shadow"},
		"no availability":                    {func(c *Config) { c.Needs.Observe.Availability = 0 }, "needs of observe"},
		"more than all":                      {func(c *Config) { c.Needs.Advisory.Answered = unit.One + 1 }, "needs of advisory"},
		"a closed stage that shows nothing":  {func(c *Config) { c.Needs.Closed.Orders = 0 }, "at least one order"},
		"an advisory stage that shows none":  {func(c *Config) { c.Needs.Advisory.Recommendations = 0 }, "at least one order or recommendation"},
		"a guard that never acts":            {func(c *Config) { c.Limits.Failures = 0 }, "limits"},
		"a window of a week":                 {func(c *Config) { c.Limits.Window = 7 * day }, "the window at most a day"},
		"a clock that may be off by nothing": {func(c *Config) { c.Limits.Offset = 0 }, "limits"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			cfg := farmConfig()
			c.spoil(&cfg)
			_, err := New(cfg, Memory{})
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// TestEverythingEasedIsSaid: whatever a site asks less for is in the report, and
// what it asks more for is not.
func TestEverythingEasedIsSaid(t *testing.T) {
	t.Parallel()
	c := farmConfig()
	c.Needs.Advisory = Need{Wait: day, Availability: usualShare - 1000, Recommendations: 5, Answered: unit.One / 2}
	c.Needs.Closed.Orders, c.Needs.Closed.Failures = 1, unit.One/10
	c.Needs.Shadow.Valued = 0
	c.Needs.Observe.Wait = 100 * day // stricter
	c.Limits = Limits{Failures: unit.One / 5, FailuresLeast: 9, Window: time.Minute, Stale: 3, Offset: time.Second, Overrides: 30, NoClock: true}
	want := []string{
		"shadow: share with a known worth 0.00 % instead of 95.00 %",
		"advisory: wait 24h0m0s instead of 336h0m0s",
		"advisory: availability 94.90 % instead of 95.00 %",
		"advisory: recommendations 5 instead of 100",
		"advisory: recommendations answered 50.00 % instead of 90.00 %",
		"closed loop: orders 1 instead of 20",
		"closed loop: orders without a proof 10.00 % instead of 2.00 %",
		"guard: orders without a proof 20.00 % instead of 2.00 %",
		"guard: failures that count 9 instead of 3",
		"guard: window of failures 1m0s instead of 10m0s",
		"guard: stale feeds 3 instead of 2",
		"guard: clock offset 1s instead of 500ms",
		"guard: overrides in a day 30 instead of 3",
		"guard: the clock is compared with nothing",
	}
	if got := c.Eased(); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestBadEvents: what makes no sense changes nothing and is refused.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	at := monday
	for sentence, e := range map[string]Event{
		"nothing":                   nil,
		"a negative count":          Proved{Failed: -1},
		"more orders than there is": Proved{Proven: countMost + 1},
		"seen longer than it was":   Outcome{Start: at.Add(-time.Hour), Length: time.Minute, Seen: time.Hour},
		"an interval of a day":      Outcome{Start: at.Add(-day), Length: day},
		"a currency twice":          Outcome{Start: at.Add(-time.Hour), Length: time.Hour, Gains: []Gain{{"USD", 1, 1}, {"USD", 1, 1}}},
		"no currency":               Outcome{Start: at.Add(-time.Hour), Length: time.Hour, Gains: []Gain{{"", 1, 1}}},
		"all the money there is":    Outcome{Start: at.Add(-time.Hour), Length: time.Hour, Gains: []Gain{{"USD", gainMost + 1, 1}}},
		"two machines of one name":  Fleet{Units: []Unit{{"a", "g", 1, true}, {"a", "g", 1, true}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			before := r.k.Memory()
			if out := r.step(e); len(out) != 1 {
				t.Errorf("%d effects: %s", len(out), r.says())
			}
			r.has("refused bad_event")
			if after := r.k.Memory(); after.Ledger.Proven != before.Ledger.Proven || after.Ledger.Reported != before.Ledger.Reported || after.Earned.Total.Intervals != 0 || len(r.k.cfg.Units) != 240 {
				t.Errorf("something changed: %+v", after)
			}
		})
	}
}

// TestBlock: a site without racks gets one small block of one group, the same in any order.
func TestBlock(t *testing.T) {
	t.Parallel()
	units := farm()
	got := Block("pecos", units, 10)
	slices.Reverse(units)
	if again := Block("pecos", units, 10); len(got) != 10 || !slices.Equal(got, again) {
		t.Errorf("%v and %v", got, again)
	}
	for _, n := range got {
		if n[:2] != got[0][:2] || strings.HasSuffix(n, "059") {
			t.Errorf("%s is of another group than %s, or was never adopted", n, got[0])
		}
	}
}

// TestNamedRack: the rack is what the request names, or the configuration; it is
// what the approver saw, also if the configuration changes.
func TestNamedRack(t *testing.T) {
	t.Parallel()
	c := farmConfig()
	c.Rack = []string{"g2-004", "g2-005", "g2-059"}
	r := newRig(t, c)
	r.rise(ClosedRack)
	if got := r.acting(); !slices.Equal(got, []string{"g2-004", "g2-005"}) {
		t.Errorf("the rack of the configuration is %v", got)
	}
	r = newRig(t, c)
	r.rise(Advisory)
	r.advise(95, 5, 0)
	r.days(14)
	r.step(Requested{Kind: Promote, To: ClosedRack, Units: []string{"nobody"}, By: "ann", Reason: "x"})
	r.has("refused no_machine_in_scope")
	r.step(Requested{Kind: Promote, To: ClosedRack, Units: []string{"g3-001"}, By: "ann", Reason: "x"})
	r.step(Approved{r.k.numbers.Request, "ben"})
	if got := r.acting(); !slices.Equal(got, []string{"g3-001"}) {
		t.Errorf("the rack of the request is %v", got)
	}
}

// TestCapsWidenByTwo: a cap that somebody raised in the configuration waits for two
// people; a lower one holds at once.
func TestCapsWidenByTwo(t *testing.T) {
	t.Parallel()
	c := farmConfig()
	c.Caps.Rack = 21 * kw
	r := newRig(t, c)
	r.rise(ClosedRack)
	restart := func(rack unit.Power) {
		t.Helper()
		r.k.cfg.Caps.Rack = rack
		k, err := reborn(r.k)
		if err != nil {
			t.Fatal(err)
		}
		r.k = k
		r.healthy()
	}
	count := func(want int) {
		t.Helper()
		if got := r.k.Entrusted().Count; got != want {
			t.Errorf("%d are entrusted, want %d", got, want)
		}
	}
	ask := func() { r.step(Requested{Kind: Widen, By: "ann", Reason: "the rack has ten"}) }
	count(6)
	restart(14 * kw)
	count(4)
	ask()
	r.has("refused cap_is_not_wider")
	restart(35 * kw)
	count(6)
	ask()
	if q := r.k.Requests(); q[len(q)-1].Effect.Units != 4 || q[len(q)-1].Effect.Power != 14*kw {
		t.Errorf("the approver sees %+v", q[len(q)-1].Effect)
	}
	r.step(Approved{r.k.numbers.Request, "Ann"})
	r.has("refused same_person")
	count(6)
	r.step(Approved{r.k.numbers.Request, "ben"})
	r.has("granted widen ann+ben, entrust 10")
	count(10)
	if a := r.records(WasApproved); len(a) != 1 || a[0].Before.Units != 6 || a[0].After.Units != 10 {
		t.Errorf("record %+v", a)
	}
	r.step(Lowered{By: "zoe"})
	ask()
	r.has("refused cap_is_not_wider")
}

// TestReadyAtTheTop: there is nothing above all machines.
func TestReadyAtTheTop(t *testing.T) {
	t.Parallel()
	r := newRig(t, farmConfig())
	if ok, missing := r.k.Ready(); ok || len(missing) != 2 || missing[0].String() != "wait: 0s, at least 24h0m0s" {
		t.Errorf("at the bottom: %v %v", ok, missing)
	}
	r.rise(ClosedAll)
	r.days(100)
	if ok, missing := r.k.Ready(); ok || len(missing) != 1 || missing[0].String() != "highest_stage: there is no stage above" {
		t.Errorf("at the top: %v %v", ok, missing)
	}
}
