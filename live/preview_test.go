package live

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/loop/cycle"
	"sluice/unit"
)

// priced is a site whose machines all run and were proven, with a market.
func priced(t *testing.T, price int64) *hall {
	t.Helper()
	h := few(12).build(t)
	h.pass(time.Minute)
	h.want(1, h.full)
	h.pass(20 * time.Minute)
	p := cycle.Turn{Plan: cycle.Plan{Price: []unit.Price{unit.Price(price) * unit.PerMWh}}}
	p.Snapshot.Hashprice = cycle.Reading[unit.Hashprice]{Value: 50_000_000, Known: true, At: h.now}
	h.core.publish(papersOf(&p, false))
	return h
}

// foreseen is the estimate for a request.
func (h *hall) foreseen(t *testing.T, q Request) Preview {
	t.Helper()
	g, err := h.core.gives(q, h.now)
	if err != nil {
		t.Fatal(err)
	}
	return g.estimate(h.config.Rigs, func(i int) string { return h.config.Machines[i].Name() })
}

// TestPreview: what would give way for a limit, and what that costs.
func TestPreview(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		limit unit.Power
		price int64 // of the site; 0: hashes pay whatever they take
		ok    func(p Preview) bool
	}{
		"more than there is":        {unit.Megawatt, 40, func(p Preview) bool { return p.Need == 0 && p.Moved == 0 && p.Loss.PerHour == 0 }},
		"a little less":             {60_000, 0, func(p Preview) bool { return p.Short == 0 && p.Moved > 0 && p.Asleep < p.Moved && p.Loss.PerHour > 0 }},
		"half":                      {40_000, 0, func(p Preview) bool { return p.Short == 0 && p.Asleep > 0 && p.Moved < 28 }},
		"nothing at all":            {0, 0, func(p Preview) bool { return p.Short > 0 && p.Moved == 28 && p.Asleep == 28 }},
		"power is worth more to it": {40_000, 500, func(p Preview) bool { return p.Loss.PerHour < 0 }},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := priced(t, c.price)
			p := h.foreseen(t, Request{Limit: c.limit})
			if !c.ok(p) || p.Need > 0 && p.Need != p.Reserved-c.limit || !p.Loss.Known || p.Beyond != 0 {
				t.Errorf("%+v", p)
			}
			p.adds(t)
		})
	}
}

// adds holds the parts of an estimate against its sums, and its order against what
// machines earn.
func (p Preview) adds(t *testing.T) {
	t.Helper()
	var gives unit.Power
	var loss unit.Amount
	asleep := 0
	for i, s := range p.Steps {
		gives, loss = gives+s.Gives, loss+s.Loss
		if s.To == 0 {
			asleep += s.Machines
		}
		if s.From <= s.To || s.Machines < 1 || i > 0 && s.Worth < p.Steps[i-1].Worth {
			t.Errorf("step %d is %+v", i, s)
		}
	}
	if gives != p.Machines || loss != p.Loss.PerHour || asleep != p.Asleep || len(p.First) != min(p.Moved, firstMost) || p.Need > gives+p.Halls+p.Short {
		t.Errorf("the steps give %v and cost %v; %+v", gives, loss, p)
	}
	seen := map[string]bool{}
	for _, m := range p.First {
		if seen[m.Name] || m.To >= m.From {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
	}
}

// TestPreviewChangesNothing: the core after it is the core before it, and what it says
// of machines is no less than what the kernel lowers.
func TestPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	h := priced(t, 40)
	before, sent := h.core.changed(0, h.now).written(), len(h.sent)
	q := Request{By: "the grid", Limit: 40_000, Until: h.now.Add(30 * time.Minute)}
	p := h.foreseen(t, q)
	if diff := cmp.Diff(before, h.core.changed(0, h.now).written()); diff != "" || len(h.core.out) > 0 || len(h.core.kernel.Instructed(0)) > 0 {
		t.Errorf("a preview changed something: %s", diff)
	}
	if want := unit.Amount(unit.MulDiv(int64(p.Loss.PerHour), 1, 2)); p.Loss.Total != want {
		t.Errorf("half an hour costs %v, want %v", p.Loss.Total, want)
	}
	x, err := h.core.span(&q, h.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range h.core.steps(x, false) {
		h.tell(Said{By: "the grid", What: i})
	}
	h.pass(2 * time.Minute)
	down := map[int]bool{}
	for _, o := range h.sent[sent:] {
		down[o.Machine] = true
	}
	t.Logf("%d machines foreseen, %d lowered, the site draws %v", p.Moved, len(down), h.site())
	if got := h.site(); got > q.Limit {
		t.Errorf("it draws %v", got)
	}
	if again := h.foreseen(t, q); !again.Firm || again.Need > 0 {
		t.Errorf("afterwards %v must give way, instructed: %v", again.Need, again.Firm)
	}
}

// TestPreviewWithoutAMarket: a loss that nobody knows is not zero, and machines that
// nobody can count on are named.
func TestPreviewWithoutAMarket(t *testing.T) {
	t.Parallel()
	h := few(13).build(t)
	h.pass(2 * time.Minute)
	h.units[3].cut = true
	h.pass(3 * time.Minute)
	p := h.foreseen(t, Request{Limit: 50_000})
	if p.Loss.Known || p.Loss.PerHour != 0 || p.Beyond == 0 || p.Moved == 0 || !p.Known {
		t.Errorf("%+v", p)
	}
	for _, q := range []Request{{Group: "moon"}, {Limit: -1}, {From: dawn.Add(-2 * time.Hour), Until: dawn.Add(-time.Hour)}} {
		if _, err := h.core.gives(q, h.now); !errors.Is(err, ErrNo) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}
