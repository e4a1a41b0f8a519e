package solve_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/solve"
)

// v1 is one interval of merit order: import, blocks a, b, c and GPUs g.
func v1() *solve.Problem {
	b := &builder{}
	imp := b.col(50, 0, 10)
	a, bb, c, g := b.col(-97, 0, 6), b.col(-77, 0, 4), b.col(-60, 0, 2), b.col(-300, 0, 3)
	b.row(0, 0, float64(imp), 1, float64(a), -1, float64(bb), -1, float64(c), -1, float64(g), -1)
	return b.Problem()
}

func TestV1MeritOrderAndDuals(t *testing.T) {
	t.Parallel()
	s := mustSolve(t, instance(t), v1(), solve.Options{})
	wantOptimal(t, s, -1059, 1e-9)
	for what, pair := range map[string][2]float64{
		"imp": {s.Column[0], 10}, "a": {s.Column[1], 6}, "b": {s.Column[2], 1}, "c": {s.Column[3], 0}, "g": {s.Column[4], 3},
		"node dual": {s.RowDual[0], 77}, "reduced cost of imp": {s.ColumnDual[0], -27}, "of a": {s.ColumnDual[1], -20},
		"of b": {s.ColumnDual[2], 0}, "of c": {s.ColumnDual[3], 17}, "of g": {s.ColumnDual[4], -223}, "row": {s.Row[0], 0},
	} {
		if !near(pair[0], pair[1], 1e-9) {
			t.Errorf("%s = %v, want %v", what, pair[0], pair[1])
		}
	}
}

// v2 is a day at price 20 of a use worth 60 with a demand charge above an incumbent peak.
func v2(incumbent float64) *solve.Problem {
	b := &builder{}
	pk := b.col(9000, 0, inf)
	for range 24 {
		x := b.col(20-60, 0, 10)
		b.row(-inf, incumbent, float64(x), 1, float64(pk), -1)
	}
	return b.Problem()
}

// v3 sells reserve from a load of at least pmin.
func v3(pmin float64) *solve.Problem {
	b := &builder{}
	imp, x, r := b.col(90, 0, inf), b.col(-80, 0, 10), b.col(-15, 0, inf)
	b.row(0, 0, float64(imp), 1, float64(x), -1)
	b.row(-inf, -pmin, float64(r), 1, float64(x), -1)
	return b.Problem()
}

// battery runs 1 MW and 2 MWh over prices, both ways at 0.95; the content ends
// at most at end. Exclusive forbids charging and discharging at once.
func battery(end float64, exclusive bool, prices ...float64) *solve.Problem {
	b := &builder{}
	last := -1
	for i, p := range prices {
		ch, di, soc := b.col(p, 0, 1), b.col(-p, 0, 1), b.col(0, 0, 2)
		if i == len(prices)-1 {
			b.row(-inf, end, float64(soc), 1)
		}
		terms := []float64{float64(soc), 1, float64(ch), -0.95, float64(di), 1 / 0.95}
		if last >= 0 {
			terms = append(terms, float64(last), -1)
		}
		b.row(0, 0, terms...)
		last = soc
		if exclusive {
			u := b.bin(0)
			b.row(-inf, 0, float64(ch), 1, float64(u), -1)
			b.row(-inf, 1, float64(di), 1, float64(u), 1)
		}
	}
	return b.Problem()
}

// v5 is the conditional value at risk at alpha 0.5 of four equally likely losses.
func v5() *solve.Problem {
	b := &builder{}
	theta := b.col(1, -inf, inf)
	for _, loss := range []float64{-100, -50, 20, 100} {
		a := b.col(0.25/0.5, 0, inf)
		b.row(loss, inf, float64(a), 1, float64(theta), 1)
	}
	return b.Problem()
}

// v7 commits 10 MW, initially on, over six hours of margins.
func v7(startCost float64) *solve.Problem {
	b := &builder{}
	last := -1
	for _, margin := range []float64{20, -5, -5, 20, 20, 20} {
		u, v := b.bin(-10*margin), b.bin(startCost)
		if last < 0 {
			b.row(-inf, 1, float64(u), 1, float64(v), -1)
		} else {
			b.row(-inf, 0, float64(u), 1, float64(last), -1, float64(v), -1)
		}
		last = u
	}
	return b.Problem()
}

// v8 is a process worth 45 at price 50 that runs at 2 to 10 MW or not at all.
func v8(worth float64) *solve.Problem {
	b := &builder{}
	imp := b.col(50, 0, inf)
	el := b.AddColumn(solve.Column{Cost: -worth, Lower: 2, Upper: 10, Kind: solve.SemiContinuous})
	b.row(0, 0, float64(imp), 1, float64(el), -1)
	return b.Problem()
}

func TestVectors(t *testing.T) {
	t.Parallel()
	in := instance(t)
	for _, c := range []struct {
		name    string
		problem *solve.Problem
		want    float64
	}{
		{"V2 no incumbent peak stops the fleet", v2(0), 0},
		{"V2 incumbent 4 MW", v2(4), -3840},
		{"V2 incumbent 10 MW", v2(10), -9600},
		{"V3 reserve above break-even", v3(2), -20},
		{"V3 without minimum", v3(0), -50},
		{"V4 battery arbitrage", battery(2, false, 20, 100), -70.25},
		{"V5 conditional value at risk", v5(), 60},
		{"V6 relaxed storage burns power", battery(0, false, -30), -2.925},
		{"V6 exclusive storage does not", battery(0, true, -30), 0},
		{"V7 start cost 80", v7(80), -720},
		{"V7 start cost 120", v7(120), -700},
		{"V8 process stays off", v8(45), 0},
		{"V8 process runs", v8(55), -50},
	} {
		s := mustSolve(t, in, c.problem, solve.Options{})
		if s.Status != solve.Optimal || !near(s.Objective, c.want, 1e-9) {
			t.Errorf("%s: %v %.9f (%s), want %v", c.name, s.Status, s.Objective, s.Detail, c.want)
		}
	}
}

func TestV4AndV6Plans(t *testing.T) {
	t.Parallel()
	in := instance(t)
	s := mustSolve(t, in, battery(2, false, 20, 100), solve.Options{})
	if !near(s.Column[0], 1, 1e-9) || !near(s.Column[4], 0.9025, 1e-9) {
		t.Errorf("V4 charges %v and discharges %v, want 1 and 0.9025", s.Column[0], s.Column[4])
	}
	s = mustSolve(t, in, battery(0, false, -30), solve.Options{})
	if !near(s.Column[0], 1, 1e-9) || !near(s.Column[1], 0.9025, 1e-9) {
		t.Errorf("V6 charges %v and discharges %v, want 1 and 0.9025", s.Column[0], s.Column[1])
	}
}

func TestV7Commitment(t *testing.T) {
	t.Parallel()
	in := instance(t)
	for cost, want := range map[float64]string{80: "100111", 120: "111111"} {
		s := mustSolve(t, in, v7(cost), solve.Options{})
		var got strings.Builder
		for j := 0; j < len(s.Column); j += 2 {
			fmt.Fprintf(&got, "%.0f", s.Column[j])
		}
		if got.String() != want {
			t.Errorf("start cost %v: u = %s, want %s", cost, got.String(), want)
		}
	}
}

func TestR1(t *testing.T) {
	t.Parallel()
	s := mustSolve(t, instance(t), r1.problem(), solve.Options{})
	wantOptimal(t, s, -84475.155183, 1e-11)
	var sum [siteColumns]float64
	peak := 0.0
	for i := range r1.intervals {
		for c := range sum {
			sum[c] += s.Column[i*siteColumns+c] * hours
		}
		imp := s.Column[i*siteColumns+cImp]
		peak = max(peak, imp)
		if i < 64 || i > 71 {
			if node := s.RowDual[i*siteRows] / hours; imp > 1e-6 && imp < 45-1e-6 && !near(node, r1.price(i)+0.5, 1e-8) {
				t.Errorf("interval %d: node price %v, want %v", i, node, r1.price(i)+0.5)
			}
		}
	}
	for what, pair := range map[string][2]float64{
		"import": {sum[cImp], 949.904855}, "export": {sum[cExp], 1.216044}, "segment 1": {sum[cX0], 530.006553},
		"segment 2": {sum[cX1], 189.229896}, "segment 3": {sum[cX2], 56.919704}, "on-demand": {sum[cOd], 72},
		"shortfall": {sum[cSh], 0}, "curtailed": {sum[cCu], 0}, "new peak": {s.Column[96*siteColumns], 0}, "highest import": {peak, 45},
		"node price at t = 60": {s.RowDual[60*siteRows] / hours, 70.5},
	} {
		if !near(pair[0], pair[1], 2e-6) {
			t.Errorf("%s = %.6f, want %.6f", what, pair[0], pair[1])
		}
	}
}

func TestR1WithoutIncumbentPeak(t *testing.T) {
	t.Parallel()
	z := r1
	z.peak = 0
	s := mustSolve(t, instance(t), z.problem(), solve.Options{})
	wantOptimal(t, s, 1731.795951, 1e-9)
	miners := 0.0
	for i := range z.intervals {
		for c := cX0; c <= cX2; c++ {
			miners += s.Column[i*siteColumns+c]
		}
	}
	if pk := s.Column[96*siteColumns]; !near(pk, 3.254297, 1e-6) || !near(miners, 0, 1e-6) {
		t.Errorf("new peak %v and mining %v, want 3.254297 and 0", pk, miners)
	}
}

func TestR1WithCommitment(t *testing.T) {
	t.Parallel()
	z := r1
	z.commit = true
	p := z.problem()
	s := mustSolve(t, instance(t), p, solve.Options{})
	wantOptimal(t, s, -84262.824190, 1e-10)
	for i := range z.intervals {
		u, want := s.Column[96*siteColumns+3+3*i], 1.0
		if i >= 64 && i <= 71 {
			want = 0
		}
		if u != want {
			t.Errorf("interval %d: u = %v, want %v", i, u, want)
		}
	}
	if s.RowDual == nil || s.ColumnDual == nil || !near(s.Bound, s.Objective, 1e-6) {
		t.Errorf("duals %v, bound %v, objective %v", s.RowDual != nil, s.Bound, s.Objective)
	}
}
