package hosting_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*hosting.Contract, *hosting.Hall)
		says   []string
	}{
		"another hall":              {func(c *hosting.Contract, _ *hosting.Hall) { c.Hall = "west" }, []string{`stands in hall "west"`}},
		"a model that is not there": {func(c *hosting.Contract, _ *hosting.Hall) { c.Model = "B200" }, []string{`no GPUs of model "B200": it has H100 SXM`}},
		"a model of no known power": {func(_ *hosting.Contract, h *hosting.Hall) {
			h.Groups[0].Model = gpu.Model{Name: "H100 SXM", PerNode: 8}
		}, []string{"nothing is known of what"}},
		"a hall and a contract of faults": {func(c *hosting.Contract, h *hosting.Hall) { c.GPUs, h.Spare = 0, -1 }, []string{"0 GPUs", "-1 spare"}},
	} {
		x, h := contract(hosting.Reserved), hall()
		c.change(&x, &h)
		_, err := hosting.Compile(x, h, curves(t), nil)
		for _, s := range c.says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v, want %q", sentence, err, s)
			}
		}
	}
}

// TestSteps: the knee and its bands, by model, agreement and what the server adds.
func TestSteps(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		slowdown unit.Ratio
		change   func(*hosting.Contract, *hosting.Hall)
		want     []unit.Power
	}{
		"nothing agreed":            {0, nil, []unit.Power{81_600}},
		"the careful speed decides": {59_999, nil, []unit.Power{77_120, 4_480}},
		"down to the second":        {60_000, nil, []unit.Power{72_640, 4_480, 4_480}},
		"down to the knee":          {200_000, nil, []unit.Power{67_264, 5_376, 4_480, 4_480}},
		"a heavy server lifts the knee": {200_000, func(_ *hosting.Contract, h *hosting.Hall) {
			h.Groups[0].Model.Node, h.Groups[0].Limit = 14_000, 0 // the band to 400 W costs 7 % of the speed for 4.8 % of the server's power
		}, []unit.Power{103_040, 4_480, 4_480}},
		"to the knee of a bare GPU": {200_000, func(_ *hosting.Contract, h *hosting.Hall) {
			h.Groups[0].Model.Node, h.Groups[0].Model.Empty = 0, 0
		}, []unit.Power{30_464, 5_376, 4_480, 4_480}},
		"a model that nobody measured": {100_000, func(c *hosting.Contract, h *hosting.Hall) { c.Model, h.Groups[0].Model.Name = "X9", "X9" }, []unit.Power{81_600}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x, h := contract(hosting.Reserved), hall()
			x.Capping.Slowdown = c.slowdown
			if c.change != nil {
				c.change(&x, &h)
			}
			y, err := hosting.Compile(x, h, curves(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, y.Steps()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTenancy: what a contract of 60 GPUs may draw, and what it draws at worst.
func TestTenancy(t *testing.T) {
	t.Parallel()
	c := contract(hosting.Reserved)
	c.GPUs = 60
	x := compile(t, c)
	if x.Each() != 1_275 || x.Capacity() != 76_500 || x.FullPower() != 8*10_200 {
		t.Errorf("each %v, capacity %v, full power %v", x.Each(), x.Capacity(), x.FullPower())
	}
	if x.Use() != "hosting/acme-reserved" || x.Group().Name != "h100" || x.Contract().GPUs != 60 || x.Zone() != time.UTC || x.Curve().Model != "H100 SXM" || x.Cooling().PUE0 != 1_200_000 {
		t.Errorf("%+v", x)
	}
	colo := compile(t, contract(hosting.Colocation))
	if colo.Each() != unit.Kilowatt || colo.Capacity() != 100*unit.Kilowatt || colo.FullPower() != 100*unit.Kilowatt || len(colo.Curve().Points) != 0 {
		t.Errorf("colocation: each %v, capacity %v, full power %v", colo.Each(), colo.Capacity(), colo.FullPower())
	}
}
