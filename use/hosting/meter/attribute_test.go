package meter_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// TestWorkedExample: the table of docs/formula/meter.md, to the joule.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	a := attribute(t, table())
	want := []meter.Row{
		{Contract: "A", Tenant: "A-inc", Job: "a", GPUSeconds: 1500, GPU: 918_000, Rest: 318_188, Overhead: 244_849},
		{Contract: "B", Tenant: "B-inc", Job: "b", GPUSeconds: 600, GPU: 204_000, Rest: 127_275, Overhead: 65_615},
		{GPUSeconds: 300 + 2400, GPU: 18_900 + 8*18_900, Rest: 63_637 + 420_000 - 8*18_900, Overhead: 99_536},
	}
	if d := cmp.Diff(want, a.Rows); d != "" {
		t.Error(d)
	}
	for i, total := range []unit.Energy{1_481_037, 396_890, 602_073} {
		if got := a.Rows[i].Facility(); got != total {
			t.Errorf("row %d: %d J, want %d", i, got, total)
		}
	}
	if a.IT != 2_070_000 || a.Residual != 40_000 || a.PUE != 1_217_391 || !a.Known || a.Vague {
		t.Errorf("IT %d, residual %d, PUE %d, known %v, vague %v", a.IT, a.Residual, a.PUE, a.Known, a.Vague)
	}
	if b := a.Balances[0]; b.Name != "r1" || b.Residual != 10_000 || !b.Known {
		t.Errorf("rack: %+v", b)
	}
	v := meter.Hours([]meter.Balance{a.Balance})
	if len(v) != 1 || v[0].Standing != meter.Explained || v[0].Share() != 15_873 {
		t.Errorf("%+v", v)
	}
}

// TestOrder: neither a figure nor the evidence depends on the order of what was read.
func TestOrder(t *testing.T) {
	t.Parallel()
	in := table()
	one := attribute(t, in)
	slices.Reverse(in.Nodes)
	slices.Reverse(in.Jobs)
	slices.Reverse(in.Contracts)
	slices.Reverse(in.Nodes[0].Cards)
	two := attribute(t, in)
	if d := cmp.Diff(one, two); d != "" {
		t.Error(d)
	}
	in.Meter.Last++
	if three := attribute(t, in); three.Evidence == one.Evidence {
		t.Error("another reading has the same evidence")
	}
}

// TestHolders: who bears what in every way to hold a GPU.
func TestHolders(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*meter.Interval)
		check  func(*testing.T, meter.Attribution)
	}{
		"idle GPUs of a node are those of who uses whole nodes": {
			func(in *meter.Interval) {
				in.Contracts[1].Nodes = true
				in.Jobs = in.Jobs[1:]
				for i := range in.Nodes[1].Cards {
					if i >= 5 {
						in.Nodes[1].Cards[i] = card("n1", i, "", 63*300)
					}
				}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				idle := rowOf(t, a, "A", "")
				if idle.GPUSeconds != 900 || idle.GPU != 3*63*300 || len(idle.Marks) != 0 {
					t.Errorf("%+v", idle)
				}
				if own := rowOf(t, a, "", ""); own.GPUSeconds != 2400 || own.IT() != 420_000 {
					t.Errorf("%+v", own)
				}
			},
		},
		"a node that belongs to a contract is its own when it is empty": {
			func(in *meter.Interval) { in.Nodes[0].Owner = "B" },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "B", ""); r.IT() != 420_000 || r.GPUSeconds != 2400 {
					t.Errorf("%+v", r)
				}
			},
		},
		"two contracts with whole nodes on one node own none of its idle GPUs": {
			func(in *meter.Interval) { in.Contracts[0].Nodes, in.Contracts[1].Nodes = true, true },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "", ""); r.GPUSeconds != 2700 {
					t.Errorf("%+v", r)
				}
			},
		},
		"a job of nobody known is told and is the operator's": {
			func(in *meter.Interval) { in.Jobs[0].Contract = "C" },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "", "b"); r.GPU != 204_000 || len(a.Faults) != 1 {
					t.Errorf("%+v %+v", r, a.Faults)
				}
			},
		},
		"a job without nodes has its GPU-seconds and no energy, and it is told": {
			func(in *meter.Interval) { in.Jobs = append(in.Jobs, run("A", "lost", 3, 100, 200)) },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				r := rowOf(t, a, "A", "lost")
				if lines := a.Usage(); len(a.Holds) != 2 || len(lines) != 4 || lines[0].Measure != meter.GPUSeconds {
					t.Errorf("energy that is not known was handed on: %+v", lines)
				}
				if r.GPUSeconds != 300 || r.IT() != 0 || !slices.Equal(r.Marks, []meter.Mark{meter.Unplaced}) || len(a.Faults) != 1 {
					t.Errorf("%+v %+v", r, a.Faults)
				}
			},
		},
		"a GPU that changes hands is split by seconds": {
			func(in *meter.Interval) {
				in.Jobs[0] = run("B", "b", 2, 0, 100, "n1")
				in.Jobs = append(in.Jobs, run("A", "c", 2, 150, 700, "n1"))
				for i := 5; i < 7; i++ {
					in.Nodes[1].Cards[i].Last.Job = "c"
				}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				b, c := rowOf(t, a, "B", "b"), rowOf(t, a, "A", "c")
				if b.GPU != 68_000 || c.GPU != 102_000 || b.GPUSeconds != 200 || c.GPUSeconds != 300 || !slices.Equal(b.Marks, []meter.Mark{meter.ChangedHands}) {
					t.Errorf("%+v\n%+v", b, c)
				}
			},
		},
		"without labels GPUs are split by GPU-seconds, and it says so": {
			func(in *meter.Interval) { in.Nodes[1].Labels = false },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				b := rowOf(t, a, "B", "b")
				if b.GPU != 285_225 || !slices.Equal(b.Marks, []meter.Mark{meter.Unlabelled}) {
					t.Errorf("%+v", b)
				}
			},
		},
		"without labels and without neighbours nothing is estimated": {
			func(in *meter.Interval) {
				in.Nodes[1].Labels = false
				in.Jobs = []engine.Usage{run("A", "a", 8, 0, 300, "n1")}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "A", "a"); r.IT() != 1_650_000 || len(r.Marks) != 0 {
					t.Errorf("%+v", r)
				}
			},
		},
		"a label beyond what the engine says a job holds is idle, and for the cross-check": {
			func(in *meter.Interval) { in.Nodes[1].Cards[7] = card("n1", 7, "b", 340*300) },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "B", "b"); r.GPU != 204_000 || r.GPUSeconds != 600 {
					t.Errorf("%+v", r)
				}
			},
		},
		"seconds are whole, and both ends are rounded alike": {
			func(in *meter.Interval) {
				in.Jobs[0].From, in.Jobs[0].To = at(0).Add(900*time.Millisecond), at(100).Add(200*time.Millisecond)
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "B", "b"); r.GPUSeconds != 200 {
					t.Errorf("%+v", r)
				}
			},
		},
		"slices of a shared GPU are split by slice-seconds, and it says so": {
			func(in *meter.Interval) {
				in.Contracts[0].Slices = "gpu-h100-slice"
				id := in.Nodes[1].Cards[7].UUID
				in.Slices = []meter.Slice{{"n1", id, "B", "s1", 3, 7, at(0), at(300)}, {"n1", id, "A", "s2", 2, 7, at(0), at(150)}}
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				r, s := rowOf(t, a, "B", "s1"), rowOf(t, a, "A", "s2")
				if r.GPU != 8100 || r.SliceSeconds != 900 || s.SliceSeconds != 300 || s.GPU != 2700 || r.GPUSeconds != 0 || !slices.Equal(r.Marks, []meter.Mark{meter.SharedGPU}) {
					t.Errorf("%+v\n%+v", r, s)
				}
				if r.Rest != 27_273 { // 509,100 * 3/7 / 8, and of a tie the larger remainder
					t.Errorf("rest %d", r.Rest)
				}
			},
		},
		"more GPUs held than there are is told, and nothing is idle": {
			func(in *meter.Interval) { in.Jobs[0].GPUs = 6 },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "B", "b"); r.GPUSeconds != 1800 || !slices.Contains(r.Marks, meter.Overbooked) || len(a.Faults) != 1 {
					t.Errorf("%+v %+v", r, a.Faults)
				}
			},
		},
		"a transformer's losses are borne by other loads too": {
			func(in *meter.Interval) {
				in.Others = []meter.Count{counted("miners", 2_070_000)}
				in.Overhead = append(in.Overhead, meter.Overhead{Count: counted("losses", 100_000), All: true})
				in.Meter = counted("site", 4_690_000)
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if a.OthersBear != 50_000 || a.Residual != 40_000 || a.PUE != 1_241_546 {
					t.Errorf("%d %d %d", a.OthersBear, a.Residual, a.PUE)
				}
			},
		},
		"a small residual is borne by who agreed, and by nobody else": {
			func(in *meter.Interval) { in.Contracts[1].Residual = true },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "A", "a"); r.Residual != 23_888 || a.Borne != 23_888 || rowOf(t, a, "B", "b").Residual != 0 {
					t.Errorf("%+v", r)
				}
			},
		},
		"a large one is borne by nobody": {
			func(in *meter.Interval) {
				in.Contracts[1].Residual = true
				in.Meter = counted("site", 2_600_000)
			},
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if a.Borne != 0 || meter.Hours([]meter.Balance{a.Balance})[0].Standing != meter.Warned {
					t.Errorf("%+v", a.Balance)
				}
			},
		},
		"machines of nobody alone are split by the energy of servers": {
			func(in *meter.Interval) { in.Network = []meter.Count{counted("switches", 207_000)} },
			func(t *testing.T, a meter.Attribution) {
				t.Helper()
				if r := rowOf(t, a, "A", "a"); r.Network != 123_619 || a.IT != 2_277_000 {
					t.Errorf("%+v", r)
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

// conserved: what holders bear sums to the meters, to the joule.
func conserved(tb interface {
	Helper()
	Errorf(string, ...any)
}, a meter.Attribution,
) {
	tb.Helper()
	it, overhead, residual := whole(a)
	if it != a.IT || overhead+a.OthersBear != a.Overhead || residual != a.Borne {
		tb.Errorf("holders bear %d, %d and %d J of %d, %d and %d", it, overhead, residual, a.IT, a.Overhead-a.OthersBear, a.Borne)
	}
	if a.Known && it+overhead+a.OthersBear+a.Others+a.Residual != a.Total {
		tb.Errorf("%d J and the residual %d are not the %d J of the meter", it+overhead+a.OthersBear+a.Others, a.Residual, a.Total)
	}
	for _, r := range a.Rows {
		if min(r.GPU, r.Rest, r.Network, r.Overhead) < 0 || r.Facility() < 0 {
			tb.Errorf("less than nothing: %+v", r)
		}
	}
	for _, n := range a.Nodes {
		if n.GPU+n.Rest != n.Total || n.Rest < 0 {
			tb.Errorf("node %+v", n)
		}
	}
}

// TestPaper: what was attributed can be attributed again from its paper.
func TestPaper(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, err := meter.Attribute(anyInterval(t))
		if err != nil {
			t.Fatal(err)
		}
		in, err := meter.ReadPaper(a.Paper)
		if err != nil {
			t.Fatal(err)
		}
		again, err := meter.Attribute(in)
		if d := cmp.Diff(a, again); err != nil || d != "" {
			t.Fatal(err, d)
		}
	})
	if _, err := meter.ReadPaper([]byte("{")); !errors.Is(err, meter.ErrPaper) {
		t.Errorf("%v", err)
	}
}

// BenchmarkAttribute is five minutes of a hall of 1,000 nodes with 8 GPUs each, on
// which 500 jobs of 20 contracts run.
func BenchmarkAttribute(b *testing.B) {
	in := meter.Interval{Boundary: "hall-1", Span: span(0, 300), Meter: counted("hall", 4_000_000_000)}
	for c := range 20 {
		in.Contracts = append(in.Contracts, contract(fmt.Sprint("c", c)))
	}
	for i := range 1000 {
		n := meter.Node{Name: fmt.Sprintf("n%04d", i), GPUs: 8, Labels: true, Meter: counted("n", 2_000_000)}
		for j := range 8 {
			n.Cards = append(n.Cards, card(n.Name, j, fmt.Sprint("j", i/2), unit.Energy(150_000+i+j)))
		}
		in.Nodes = append(in.Nodes, n)
		if i%2 == 0 {
			in.Jobs = append(in.Jobs, run(fmt.Sprint("c", i%20), fmt.Sprint("j", i/2), 16, -10, 999, n.Name, fmt.Sprintf("n%04d", i+1)))
		}
	}
	size := 0
	for b.Loop() {
		a, err := meter.Attribute(in)
		if err != nil || a.Vague {
			b.Fatal(err)
		}
		size = len(a.Paper)
	}
	b.ReportMetric(float64(size), "paper-B")
}

// TestRefused: what says two things at once is refused, all faults at once.
func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*meter.Interval){
		"no name":                        func(in *meter.Interval) { in.Boundary = "" },
		"no time":                        func(in *meter.Interval) { in.Span.To = in.Span.From },
		"too long":                       func(in *meter.Interval) { in.Span.To += 90_000 },
		"a node twice":                   func(in *meter.Interval) { in.Nodes[1].Name = "n2" },
		"more cards than GPUs":           func(in *meter.Interval) { in.Nodes[0].GPUs = 7 },
		"a GPU twice":                    func(in *meter.Interval) { in.Nodes[0].Cards[0].UUID = "n1-gpu-0" },
		"a counter below zero":           func(in *meter.Interval) { in.Nodes[0].Cards[0].First.Energy = -1 },
		"a counter beyond all":           func(in *meter.Interval) { in.Meter.Last = 1 << 62 },
		"a contract that begins within":  func(in *meter.Interval) { in.Contracts[0].Serves = span(100, 9000) },
		"a contract twice":               func(in *meter.Interval) { in.Contracts[0].Name = "A" },
		"an owner that is not here":      func(in *meter.Interval) { in.Nodes[0].Owner = "Z" },
		"a job that ends first":          func(in *meter.Interval) { in.Jobs[0].To = at(-900) },
		"a slice of nothing":             func(in *meter.Interval) { in.Slices = []meter.Slice{{Node: "n1", UUID: "x", Parts: 1}} },
		"a slice of a node that is none": func(in *meter.Interval) { in.Slices = []meter.Slice{{Node: "x", UUID: "x", Parts: 1, Of: 7}} },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := table()
			change(&in)
			if _, err := meter.Attribute(in); !errors.Is(err, meter.ErrInterval) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestDays: a residual beyond 2 % warns over an hour and blocks over a day, and a day
// is as long as the clock of the site makes it.
func TestDays(t *testing.T) {
	t.Parallel()
	var all []meter.Balance
	for i := range int64(24) {
		b := meter.Balance{Stretch: span(i*3600, i*3600+3600), Total: 1000, Residual: 10, Known: i != 5}
		if i == 7 {
			b.Residual = -21
		}
		if i == 9 {
			b.Residual = 20
		}
		all = append(all, b)
	}
	hours := meter.Hours(all)
	if len(hours) != 24 || hours[7].Standing != meter.Warned || hours[5].Standing != meter.Unproven || hours[9].Standing != meter.Explained {
		t.Errorf("%+v", hours)
	}
	days := meter.Days(all, at(0).Location())
	if len(days) != 1 || days[0].Standing != meter.Explained || days[0].Seconds != 23*3600 || days[0].Residual != 209 {
		t.Errorf("%+v", days)
	}
	all[0].Residual += 300
	days = meter.Days(all, at(0).Location())
	lines := attribute(t, table()).Usage()
	free, held := meter.Block(lines, days)
	if days[0].Standing != meter.Blocked || len(free) != 2 || len(held) != 4 || free[0].Measure != meter.GPUSeconds {
		t.Errorf("%+v %d %d", days, len(free), len(held))
	}
	if _, held = meter.Block(lines, meter.Days([]meter.Balance{{Stretch: span(0, 300)}}, at(0).Location())); len(held) != 4 {
		t.Errorf("a day of which nothing was explained: %+v", held)
	}
	if days[0].Stretch != (rate.Span{From: zero, To: zero + 86_400}) {
		t.Errorf("%+v", days[0])
	}
}
