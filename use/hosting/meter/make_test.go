package meter_test

import (
	"fmt"
	"testing"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// zero is 2025-09-01T00:00:00Z.
const zero = int64(1_756_684_800)

func at(second int64) time.Time { return time.Unix(zero+second, 0).UTC() }

func span(from, to int64) rate.Span { return rate.Span{From: zero + from, To: zero + to} }

// counted is a meter that counted so much.
func counted(name string, e unit.Energy) meter.Count {
	return meter.Count{Name: name, First: 7_000, Last: 7_000 + e, Read: true}
}

// card is a GPU of a node that a job holds at both ends and that counted so much.
func card(node string, index int, job string, e unit.Energy) meter.Card {
	r := gpu.Reading{Node: node, Index: index, UUID: fmt.Sprintf("%s-gpu-%d", node, index), Job: job, Energy: 1_000_000, Has: gpu.Has{Energy: true}, Source: "dcgm", At: at(0)}
	c := meter.Card{UUID: r.UUID, First: r, Last: r}
	c.Last.Energy, c.Last.At = r.Energy+e, at(300)
	return c
}

func run(contract, job string, gpus int, from, to int64, nodes ...string) engine.Usage { //nolint:revive // a row of a table reads best in one line
	return engine.Usage{Job: job, Run: 1, Contract: contract, GPUs: gpus, Nodes: nodes, From: at(from), To: at(to), Ended: engine.Completed}
}

func contract(name string) meter.Contract {
	return meter.Contract{Name: name, Tenant: name + "-inc", Component: "gpu-h100", Serves: span(-86_400, 86_400*60)}
}

// table is the worked example of docs/formula/meter.md: two tenants on one node, an
// idle GPU, an empty node, cooling and the meter of the site.
func table() meter.Interval {
	n1 := meter.Node{Name: "n1", Rack: "r1", GPUs: 8, Labels: true, Meter: counted("n1", 1_650_000)}
	for i := range 8 {
		switch {
		case i < 5:
			n1.Cards = append(n1.Cards, card("n1", i, "a", 612*300))
		case i < 7:
			n1.Cards = append(n1.Cards, card("n1", i, "b", 340*300))
		default:
			n1.Cards = append(n1.Cards, card("n1", i, "", 63*300))
		}
	}
	n2 := meter.Node{Name: "n2", Rack: "r1", GPUs: 8, Labels: true, Meter: counted("n2", 420_000)}
	for i := range 8 {
		n2.Cards = append(n2.Cards, card("n2", i, "", 63*300))
	}
	return meter.Interval{
		Boundary: "hall-1", Span: span(0, 300), Nodes: []meter.Node{n2, n1},
		Jobs:      []engine.Usage{run("B", "b", 2, 0, 300, "n1"), run("A", "a", 5, -500, 900, "n1")},
		Contracts: []meter.Contract{contract("B"), contract("A")},
		Overhead:  []meter.Overhead{{Count: counted("cooling", 410_000)}},
		Racks:     []meter.Rack{{Name: "r1", Meter: counted("r1", 2_080_000)}},
		Meter:     counted("site", 2_520_000),
	}
}

func attribute(tb testing.TB, in meter.Interval) meter.Attribution {
	tb.Helper()
	a, err := meter.Attribute(in)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// rowOf is what a holder bears.
func rowOf(tb testing.TB, a meter.Attribution, contract, job string) meter.Row {
	tb.Helper()
	for _, r := range a.Rows {
		if r.Contract == contract && r.Job == job {
			return r
		}
	}
	tb.Fatalf("no row of %q %q in %+v", contract, job, a.Rows)
	return meter.Row{}
}

// whole sums all that holders bear.
func whole(a meter.Attribution) (it, overhead, residual unit.Energy) {
	for _, r := range a.Rows {
		it, overhead, residual = it+r.IT(), overhead+r.Overhead, residual+r.Residual
	}
	return it, overhead, residual
}
