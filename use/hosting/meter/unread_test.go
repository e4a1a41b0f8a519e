package meter_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// h100 is what is declared of a node.
func h100() gpu.Model {
	return gpu.Model{Name: "H100 SXM", TDP: 700, Idle: 63, PerNode: 8, Node: 10_200, Empty: 1_400}
}

// TestNotRead: what was not read is estimated by a rule and marked, or held; it is
// never zero.
func TestNotRead(t *testing.T) {
	t.Parallel()
	draws := func(c *meter.Card, p unit.Power) {
		c.First.Draw, c.First.Has.Draw, c.Last.Draw, c.Last.Has.Draw = p, true, p, true
	}
	blind := func(n *meter.Node) {
		n.Meter, n.Cards = meter.Count{}, nil
	}
	for sentence, c := range map[string]struct {
		change func(*meter.Interval)
		check  func(*testing.T, meter.Attribution)
	}{
		"a counter that fell: the power sensor says it": {
			func(in *meter.Interval) {
				in.Nodes[1].Cards[5].Last.Energy = 5
				draws(&in.Nodes[1].Cards[5], 350)
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				r := rowOf(t, a, "B", "b")
				if r.GPU != 102_000+105_000 || !slices.Equal(r.Marks, []meter.Mark{meter.CounterReset}) {
					t.Errorf("%+v", r)
				}
			},
		},
		"a counter that fell and no sensor: its like on the node say it, and never less than it counted since": {
			func(in *meter.Interval) {
				in.Nodes[1].Cards[0].Last.Energy = 200_000
				in.Nodes[1].Cards[5].Last.Energy = 5
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				// Five held GPUs of the node were read: four of 183,600 J and one of 102,000 J.
				if r, s := rowOf(t, a, "A", "a"), rowOf(t, a, "B", "b"); r.GPU != 4*183_600+200_000 || s.GPU != 102_000+167_280 {
					t.Errorf("%+v %+v", r, s)
				}
			},
		},
		"a counter that leaps beyond any GPU was misread": {
			func(in *meter.Interval) { in.Nodes[1].Cards[6].Last.Energy = 9_223_372_036_854_775 },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "B", "b"); r.GPU > 300_000 || !slices.Equal(r.Marks, []meter.Mark{meter.CounterLost}) {
					t.Errorf("%+v", r)
				}
			},
		},
		"a GPU that was not read at one end": {
			func(in *meter.Interval) { in.Nodes[1].Cards[6].First = gpu.Reading{} },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "B", "b"); r.GPU <= 102_000 || !slices.Equal(r.Marks, []meter.Mark{meter.CounterLost}) {
					t.Errorf("%+v", r)
				}
			},
		},
		"a GPU that was not read at all and has no like: the meter of its node has its energy": {
			func(in *meter.Interval) {
				in.Nodes[1].Cards = in.Nodes[1].Cards[:7]
				in.Nodes[0].Cards = nil
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if n := a.Nodes[0]; n.State != meter.Estimated || n.Total != 1_650_000 || n.GPU != 1_122_000 {
					t.Errorf("%+v", n)
				}
				if r := rowOf(t, a, "A", "a"); !slices.Equal(r.Marks, []meter.Mark{meter.CounterLost}) {
					t.Errorf("%+v", r)
				}
				if n := a.Nodes[1]; n.State != meter.Estimated || n.Total != 420_000 {
					t.Errorf("%+v", n)
				}
			},
		},
		"a node without a meter: what it draws beside its GPUs is that of its like": {
			func(in *meter.Interval) {
				in.Nodes[0].Model, in.Nodes[1].Model = h100(), h100()
				in.Nodes[1].Meter = meter.Count{}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				n := a.Nodes[0]
				if n.Rest != 420_000-8*18_900 || n.State != meter.Estimated || !slices.Equal(n.Marks, []meter.Mark{meter.NoMeter}) {
					t.Errorf("%+v", n)
				}
				if r := rowOf(t, a, "A", "a"); !slices.Contains(r.Marks, meter.NoMeter) || len(a.Holds) != 0 {
					t.Errorf("%+v %+v", r, a.Holds)
				}
			},
		},
		"no like: between what is declared of an empty and of a full node": {
			func(in *meter.Interval) {
				in.Nodes[1].Model = h100()
				in.Nodes[1].Meter = meter.Count{}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				// Empty 1,400 - 8*63 = 896 W, full 10,200 - 8*700 = 4,600 W, 7 of 8 held: 4,137 W.
				if n := a.Nodes[0]; n.Rest != 4_137*300 {
					t.Errorf("%+v", n)
				}
			},
		},
		"a node that reports no power: its like and what is declared": {
			func(in *meter.Interval) {
				in.Nodes[0].Model, in.Nodes[1].Model = h100(), h100()
				blind(&in.Nodes[0])
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				n := a.Nodes[1]
				if n.State != meter.Estimated || !slices.Contains(n.Marks, meter.NoPower) || n.GPU != 8*18_900 || n.Rest != 509_100 {
					t.Errorf("%+v", n)
				}
			},
		},
		"a node of which nothing is known holds the energy of all, and no GPU-seconds": {
			func(in *meter.Interval) { blind(&in.Nodes[1]) },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				n := a.Nodes[0]
				if n.State != meter.Unknown || a.Known || a.Balances[0].Known {
					t.Errorf("%+v %+v", n, a.Balance)
				}
				for _, u := range a.Usage() {
					if u.Measure == meter.Joules {
						t.Errorf("%+v", u)
					}
				}
				if n := len(a.Usage()); n != 2 {
					t.Errorf("%d lines", n)
				}
			},
		},
		"a node that is off draws what its meter says, and nothing without one": {
			func(in *meter.Interval) {
				in.Nodes[0].Off, in.Nodes[0].Cards, in.Nodes[0].Meter = true, nil, meter.Count{}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if n := a.Nodes[1]; n.State != meter.SwitchOff || n.Total != 0 || len(a.Holds) != 0 {
					t.Errorf("%+v", n)
				}
			},
		},
		"a node's meter below its GPUs is split by them": {
			func(in *meter.Interval) { in.Nodes[1].Meter = counted("n1", 1_000_000) },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				n := a.Nodes[0]
				if n.Total != 1_000_000 || n.Rest != 0 || !slices.Equal(n.Marks, []meter.Mark{meter.BelowGPUs}) {
					t.Errorf("%+v", n)
				}
			},
		},
		"estimates give way to the node's meter": {
			func(in *meter.Interval) {
				in.Nodes[1].Cards[7].First.Has.Energy = false
				draws(&in.Nodes[1].Cards[7], 5_000)
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if n := a.Nodes[0]; n.Rest != 0 || n.GPU != 1_650_000 || rowOf(t, a, "A", "a").GPU != 918_000 {
					t.Errorf("%+v", n)
				}
			},
		},
		"cooling that was not read holds the facility's energy, not that of machines": {
			func(in *meter.Interval) { in.Overhead[0].Read = false },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				var got []string
				for _, u := range a.Usage() {
					got = append(got, u.Contract+" "+u.Component)
				}
				if d := cmp.Diff([]string{"A it", "A gpu-h100", "B it", "B gpu-h100"}, got); d != "" || a.Known || a.PUE != 0 {
					t.Error(d, a.Balance)
				}
			},
		},
		"cooling that somebody estimated marks what it is in": {
			func(in *meter.Interval) { in.Overhead[0].Estimated = true },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if u := a.Usage()[1]; !u.Estimated || !a.Vague {
					t.Errorf("%+v", u)
				}
			},
		},
		"a switch that was not read holds all energy": {
			func(in *meter.Interval) { in.Network = []meter.Count{{Name: "switch"}} },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if n := len(a.Usage()); n != 2 {
					t.Errorf("%d lines", n)
				}
			},
		},
		"miners that were not read do not let tenants bear their part of the losses": {
			func(in *meter.Interval) {
				in.Others = []meter.Count{{Name: "miners"}}
				in.Overhead = append(in.Overhead, meter.Overhead{Count: counted("losses", 100_000), All: true})
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if n := len(a.Usage()); n != 4 || a.Overhead != 410_000 || a.Known || len(a.Faults) != 1 {
					t.Errorf("%d lines, %d J of overhead, %+v", n, a.Overhead, a.Faults)
				}
			},
		},
		"miners that were not read leave the rest unexplained, and nothing else": {
			func(in *meter.Interval) { in.Others = []meter.Count{{Name: "miners"}} },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if n := len(a.Usage()); n != 6 || a.Known || len(a.Faults) != 1 {
					t.Errorf("%d lines, %+v", n, a.Faults)
				}
			},
		},
		"without the meter of the boundary nothing is explained, and all is attributed": {
			func(in *meter.Interval) { in.Meter.Last = 1 },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if a.Known || a.Residual != 0 || len(a.Usage()) != 6 || meter.Hours([]meter.Balance{a.Balance})[0].Standing != meter.Unproven {
					t.Errorf("%+v", a.Balance)
				}
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := table()
			c.change(&in)
			a := attribute(t, in)
			c.check(t, a)
			conserved(t, a)
		})
	}
}
