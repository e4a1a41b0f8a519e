package braiins

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

func tree(tb testing.TB, text string) wire.Tree {
	tb.Helper()
	x, err := wire.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// TestActivity puts the miner's status and the tuner's together.
func TestActivity(t *testing.T) {
	t.Parallel()
	var nothing device.Value[device.Activity]
	run, sleep := device.Stated(device.Running), device.Stated(device.Asleep)
	for name, c := range map[string]struct {
		details, tuner string
		does, told     device.Value[device.Activity]
	}{
		"works, target reached":            {`{"status":2}`, `{"overall_tuner_state":2}`, run, run},
		"works on its way":                 {`{"status":2}`, `{"overall_tuner_state":3}`, device.Stated(device.Tuning), run},
		"preheats":                         {`{"status":"2"}`, `{"overall_tuner_state":"6"}`, device.Stated(device.Waking), run},
		"works without a word of tuning":   {`{"status":2}`, `{}`, run, run},
		"paused, tuner stable":             {`{"status":3}`, `{"overall_tuner_state":2}`, sleep, sleep},
		"paused while tuning":              {`{"status":3}`, `{"overall_tuner_state":3}`, sleep, sleep},
		"suspended":                        {`{"status":4}`, `{"overall_tuner_state":4}`, device.Stated(device.Stopped), nothing},
		"restricted":                       {`{"status":5}`, `{}`, device.Stated(device.Throttled), run},
		"its process has not started":      {`{"status":1}`, `{}`, device.Stated(device.Unknown), nothing},
		"a status as a word":               {`{"status":"MINER_STATUS_PAUSED"}`, `{}`, sleep, sleep},
		"a status that nobody has seen":    {`{"status":99}`, `{}`, device.Stated(device.Unknown), nothing},
		"no status":                        {`{}`, `{"overall_tuner_state":3}`, nothing, nothing},
		"null for a status":                {`{"status":null}`, `{}`, nothing, nothing},
		"a status of a kind of its own":    {`{"status":{"x":1}}`, `{}`, device.Stated(device.Unknown), nothing},
		"works, tuner state of a new kind": {`{"status":2}`, `{"overall_tuner_state":12}`, run, run},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r device.Reading
			details(&r, tree(t, c.details))
			tuner(&r, tree(t, c.tuner))
			if r.Activity != c.does || r.Intent != c.told {
				t.Errorf("does %+v, was told %+v", r.Activity, r.Intent)
			}
		})
	}
}

// TestRate reads every unit tag, and nothing without one.
func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]device.Value[unit.Hashrate]{
		`{"gigahash_per_second":141463.56540072063}`: device.Stated(unit.Hashrate(141_464)),
		`{"gigahash_per_second":"141463.5"}`:         device.Stated(unit.Hashrate(141_464)),
		`{"terahash_per_second":141.4635}`:           device.Stated(unit.Hashrate(141_464)),
		`{"megahash_per_second":141463500}`:          device.Stated(unit.Hashrate(141_464)),
		`{"gigahash_per_second":0}`:                  device.Stated(unit.Hashrate(0)),
		`{"gigahash_per_second":-1}`:                 {},
		`{"gigahash_per_second":null}`:               {},
		`{"hash":3}`:                                 {},
		`null`:                                       {},
	} {
		if got := rate(tree(t, text)); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// TestCapabilities: without bounds there is no level.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	c := capabilities(tree(t, `{"tuner_constraints":{"power_target":{"min":{"watt":1500},"default":{"watt":3031},"max":{"watt":"3400"}}}}`),
		tree(t, `{"power_target_profiles":[{"target":{"watt":3031},"measured_hashrate":{"gigahash_per_second":142876.6}},{"target":{"watt":2000}},{"target":null}]}`))
	if c.Level != device.Watts || c.Least != 1500 || c.Most != 3400 || c.LevelCost != device.Retunes {
		t.Errorf("%+v", c)
	}
	want := []device.Preset{{Name: "2000 W", Power: 2000}, {Name: "3031 W", Power: 3031, Hash: 142_877}}
	if d := cmp.Diff(want, c.Presets); d != "" {
		t.Errorf("tuned profiles (-want +got):\n%s", d)
	}
	for _, text := range []string{`{}`, `{"tuner_constraints":null}`, `{"tuner_constraints":{"power_target":{"min":{"watt":5},"max":{"watt":5}}}}`} {
		if c := capabilities(tree(t, text), wire.Tree{}); c.Level != device.NoLevels {
			t.Errorf("%s: level %s", text, c.Level)
		}
	}
}

// TestRelease finds the version that people know.
func TestRelease(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"2025-08-06-0-3881c51d-25.07-plus": "25.07", "26.04": "26.04", "odd": "odd", "": ""} {
		if got := release(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzReading feeds any answer to every parser: none may panic, and none may
// make a number out of nothing.
func FuzzReading(f *testing.F) {
	for _, seed := range []string{
		`{"status":2,"system_uptime_s":1e18,"mac_address":"02:55:97:22:3M:72","miner_identity":[]}`,
		`{"power_stats":{"approximated_consumption":{"watt":"N/A"}},"miner_stats":{"real_hashrate":{"last_5s":{"gigahash_per_second":1e30}}}}`,
		`[{"pools":[{"url":null,"alive":"yes"},7]},null]`, `{"errors":[{"error_codes":[{"code":1},{}],"message":3}]}`,
		`{"hashboards":[{"id":1,"board_temp":{"degree_c":"x"}}],"fans":{"rpm":-1}}`,
		`{"tuner_constraints":{"power_target":{"min":{"watt":0},"max":{"watt":1}}},"power_target_profiles":{"target":{"watt":9223372036854775807}}}`, `false`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := wire.Parse(b)
		if err != nil {
			return
		}
		var r device.Reading
		for _, p := range pages() {
			p.fill(&r, x)
		}
		if r.Power.Value < 0 || r.Hash.Value < 0 || r.Limit.Value < 0 || r.Uptime.Value < 0 || r.Accepted.Value < 0 {
			t.Errorf("%q gave %+v", b, r)
		}
		if c := capabilities(x, x); c.Level == device.Watts && (c.Least < 0 || c.Most <= c.Least) {
			t.Errorf("%q gave %+v", b, c)
		}
		if id := identity(x); id.Weak != (id.MAC == "" && id.Serial == "") {
			t.Errorf("%q gave %+v", b, id)
		}
		_ = scaling(x)
	})
}
