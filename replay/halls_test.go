package replay

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/cycle"
	"sluice/replay/report"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world"
	"sluice/world/jobs"
)

// balanced checks what holds of every turn: what uses and the rest of the site draw is
// imported, to the joule; the plan and what came of it stay within the connection; what
// no contract holds is in the must-run load of the plan.
func balanced(t *testing.T, s *Setup, turn cycle.Turn) {
	t.Helper()
	used := s.Site.MustRun.Over(turn.Delivery.Length)
	for _, u := range turn.Delivery.Uses {
		used += u.Meter
	}
	if used != turn.Delivery.Import {
		t.Errorf("turn %d: %d J were used and %d J imported", turn.Plan.Turn, used, turn.Delivery.Import)
	}
	limit := s.Site.Connection.Ceiling()
	if turn.Delivery.Over != 0 || turn.Delivery.Peak > limit {
		t.Errorf("turn %d: %v through a connection of %v", turn.Plan.Turn, turn.Delivery.Peak, limit)
	}
	for i := range turn.Plan.Mesh.Len() {
		sum := turn.Plan.MustRun
		for _, u := range turn.Plan.Uses {
			sum += u.Meter[i]
		}
		if sum > limit+unit.Power(len(turn.Plan.Uses)) {
			t.Errorf("turn %d plans %v in interval %d for a connection of %v", turn.Plan.Turn, sum, i, limit)
		}
	}
	rest, found := stateOf(turn.Snapshot.Uses, "hosting/gpus")
	if least := s.Site.MustRun + rest.State.Draw.ScaleUp(1_200_000); !found || turn.Plan.MustRun < least {
		t.Errorf("turn %d plans with %v that runs anyhow, idle servers and the site draw %v", turn.Plan.Turn, turn.Plan.MustRun, least)
	}
}

// TestTurnsOfAHall: every turn balances and stays within the connection. In a spike
// that is known beforehand machines and spot go first, the flexible contract is called
// once with its notice, and nobody else loses a second.
func TestTurnsOfAHall(t *testing.T) {
	t.Parallel()
	long(t)
	s := spike(t)
	var calls []cycle.Call
	var firm hosting.Counts
	limited := 0
	for i, turn := range turns(t, s) {
		balanced(t, s, turn)
		for _, c := range turn.Plan.Calls {
			if notice := c.From.Sub(turn.Plan.At); c.Use != "hosting/flex" || notice < 30*time.Minute {
				t.Errorf("turn %d calls on %s with %v of notice", i, c.Use, notice)
			}
			calls = append(calls, c)
		}
		for _, u := range []string{"hosting/train", "hosting/serve", "hosting/flex"} {
			firm = firm.Plus(done(turn, u).Service)
		}
		if first := turn.Plan.At.Equal(s.From.Add(4 * time.Hour)); turn.Plan.At.Before(s.From.Add(4*time.Hour)) || !turn.Plan.At.Before(s.From.Add(6*time.Hour)) || first {
			if d := done(turn, "mining/s21").IT.Mean(s.Step); d > 100*unit.Kilowatt && d < 139*unit.Kilowatt {
				limited++
			}
			continue
		}
		for _, u := range []string{"mining/s21", "hosting/spot", "hosting/batch", "hosting/flex"} {
			if got := done(turn, u).IT.Mean(s.Step); got > unit.Kilowatt {
				t.Errorf("turn %d: %s draws %v at a price of 2,000", i, u, got)
			}
		}
		for _, u := range []string{"hosting/train", "hosting/serve"} {
			wanted, _ := stateOf(turn.Snapshot.Uses, u)
			if got := done(turn, u).IT.Mean(s.Step); got < wanted.Tenant.Wanted/100*95 {
				t.Errorf("turn %d: %s draws %v of %v that it wants", i, u, got, wanted.Tenant.Wanted)
			}
		}
	}
	if len(calls) != 1 || calls[0].From.After(s.From.Add(4*time.Hour)) || calls[0].To.Before(s.From.Add(6*time.Hour)) {
		t.Errorf("calls %v, want one over the fifth and sixth hour", calls)
	}
	if firm.Down == 0 || firm.Down != firm.Excused {
		t.Errorf("contracts that are kept missed %d GPU-seconds, of which %d were agreed", firm.Down, firm.Excused)
	}
	if limited == 0 {
		t.Error("the connection never forced the machines down: the test proves nothing of it")
	}
}

// ran is a replay and what it was made of.
func ran(tb testing.TB, s *Setup, o Options) (*run, *report.Report) {
	tb.Helper()
	m := newMarket(s)
	r := &run{s: s, o: o, m: m, around: s.around(), book: book{o.Dir}, legs: m.legs(), solvers: &solvers{open: o.Solver}}
	defer r.solvers.close(tb.Context())
	if err := r.all(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	out, err := r.report()
	if err != nil {
		tb.Fatal(err)
	}
	return r, out
}

// TestReplayOfAHall: every policy lives within the connection, foresight earns the
// most, and the ways of running the hall add up to their parts and to the policies.
func TestReplayOfAHall(t *testing.T) {
	t.Parallel()
	long(t)
	s := spike(t)
	played, r := ran(t, s, options(t, 2))
	addsUp(t, r)
	for name, one := range map[string]*tally{
		report.Always: played.always, report.Breakeven: played.breakeven, report.Lagged: played.lagged, report.Sluice: played.sluice,
		report.Hindsight: played.hindsight, report.Apart: played.apart, report.NoHall: played.alone,
	} {
		for i, mean := range one.load {
			if most := mean + one.surge[i]; most > s.Site.Connection.Ceiling() {
				t.Errorf("%s draws %v in interval %d", name, most, i)
			}
		}
		if one.over != 0 {
			t.Errorf("%s passes the connection in %d intervals", name, one.over)
		}
	}
	sluice, best := policy(t, r, report.Sluice), policy(t, r, report.Hindsight)
	// Foresight knows means within an interval, and machines that start at once: it may
	// be short of what was carried out by a thousandth of what was earned.
	if slack := (sluice.Revenue + best.Revenue) / 1000; best.Net < sluice.Net-slack {
		t.Errorf("foresight earns %v, Sluice %v", best.Net, sluice.Net)
	}
	ways(t, r)
}

// ways checks the part of a report about halls.
func ways(t *testing.T, r *report.Report) {
	t.Helper()
	h := r.Hosting
	var names []string
	for _, w := range h.Ways {
		names = append(names, w.ID)
		if sum := w.Mined + w.Tenants - w.Credits - w.Bill; sum != w.Net || w.Bill <= 0 {
			t.Errorf("%s nets %v, its parts come to %v: %+v", w.ID, w.Net, sum, w)
		}
	}
	if want := []string{report.Together, report.Apart, report.NoHall, report.Foreseen}; !slices.Equal(names, want) {
		t.Fatalf("ways %v, want %v", names, want)
	}
	together, apart, alone := h.Ways[0], h.Ways[1], h.Ways[2]
	if p := policy(t, r, report.Sluice); p.Net != together.Net || p.Energy != together.Energy {
		t.Errorf("together nets %v, Sluice %v", together.Net, p.Net)
	}
	if together.Net <= apart.Net || apart.Net <= alone.Net || alone.Tenants != 0 || apart.Down != 0 || together.Down != 0 {
		t.Errorf("together %+v\napart %+v\nalone %+v", together, apart, alone)
	}
	var earned, credits unit.Amount
	for _, c := range h.Contracts {
		earned, credits = earned+c.Earned, credits+c.Credits
		if preempted := c.Kind == "spot" || c.Kind == "batch" || c.Kind == "flexible"; (c.Evictions > 0) != preempted {
			t.Errorf("%s is evicted %d times", c.Name, c.Evictions)
		}
		if pue := float64(c.Meter) / float64(c.IT); pue < 1.1999 || pue > 1.2001 { // each watt rounded up
			t.Errorf("%s: %d J of IT are %d J at the meter", c.Name, c.IT, c.Meter)
		}
	}
	if earned != together.Tenants || credits != together.Credits || len(h.Contracts) != 5 {
		t.Errorf("%d contracts earned %v less %v, together %v less %v", len(h.Contracts), earned, credits, together.Tenants, together.Credits)
	}
	var b bytes.Buffer
	if err := report.JSON(&b, *r); err != nil {
		t.Fatal(err)
	}
	again, err := report.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*r, again); diff != "" {
		t.Errorf("read back the report differs:\n%s", diff)
	}
}

// TestHallSamePapers: papers and report of a site with a hall are the same again, on
// two threads, and taken up after a break once the first month was sealed: the hall
// stands at the end of the month where it stood.
func TestHallSamePapers(t *testing.T) {
	t.Parallel()
	s := halled(t, "2025-04-30T22:30", "2025-05-01T01:30")
	whole := replayed(t, s, options(t, 1))
	if len(whole.Months) != 2 {
		t.Fatalf("the test needs a month's end in the middle, has %d months", len(whole.Months))
	}
	if diff := cmp.Diff(whole, replayed(t, s, options(t, 2))); diff != "" {
		t.Errorf("on two threads the report differs:\n%s", diff)
	}
	o := options(t, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.Progress = &after{month: filepath.Join(o.Dir, "papers-2025-04.seal.json"), stop: stop}
	if _, err := Run(ctx, s, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("the interrupted run ended with %v", err)
	}
	papers := filepath.Join(o.Dir, "papers-2025-04.jsonl.zst")
	before, err := os.Stat(papers)
	if err != nil {
		t.Fatal(err)
	}
	o.Progress = nil
	if diff := cmp.Diff(whole, replayed(t, s, o)); diff != "" {
		t.Errorf("taken up again the report differs:\n%s", diff)
	}
	if now, err := os.Stat(papers); err != nil || !now.ModTime().Equal(before.ModTime()) {
		t.Errorf("the sealed month was made again: %v", err)
	}
}

// TestALargeJobArrives: work that nobody expected comes in the middle of an interval.
// Neither the plan nor the meter ever passes the connection, the job runs by the turn
// after the next, and until then the time counts as what it is.
func TestALargeJobArrives(t *testing.T) {
	t.Parallel()
	long(t)
	s := halled(t, "2025-05-07T06:00", "2025-05-07T09:00")
	comes := s.From.Add(67 * time.Minute)
	s.Halls[0].Streams["train"] = jobs.Fixed([]jobs.Job{{
		ID: "big", Contract: "train", Arrive: comes, GPUs: 32, Work: 32 * 24 * 3600, Draw: 650, Class: gpu.Training,
	}})
	var runs bool
	for _, turn := range turns(t, s) {
		balanced(t, s, turn)
		got := done(turn, "hosting/train")
		if turn.Plan.At.Before(comes.Add(-s.Step)) && got.IT != 0 {
			t.Fatalf("it draws before it comes: %v", got.IT)
		}
		if turn.Plan.At.After(comes.Add(s.Step)) {
			if mean := got.IT.Mean(s.Step); mean < 25*unit.Kilowatt {
				t.Errorf("turn %s: the job draws %v, it comes at %s", turn.Plan.At, mean, comes)
			}
			runs = true
			if got.Service.Down != 0 {
				t.Errorf("turn %s: it runs, and %d GPU-seconds are down", turn.Plan.At, got.Service.Down)
			}
		}
	}
	if !runs {
		t.Error("the period ends before the job can run")
	}
}

// TestHallWithoutContracts: nobody holds its servers, and their draw is room that the
// machines do not have.
func TestHallWithoutContracts(t *testing.T) {
	t.Parallel()
	from := creek[strings.Index(creek, "  contracts:\n    - name: train"):strings.Index(creek, "  load:")]
	s := halled(t, "2025-05-07T06:00", "2025-05-07T07:00", from, "  contracts: []\n", "spare_nodes: 1", "spare_nodes: 12", "import_limit_mw: 0.25", "import_limit_mw: 0.15")
	for _, turn := range turns(t, s) {
		balanced(t, s, turn)
		if done(turn, "hosting/gpus").IT == 0 || done(turn, "mining/s21").IT == 0 {
			t.Error("a hall of idle servers, or the machines, draw nothing")
		}
	}
}

// TestPlannersOfTheWays: apart plans without the hall and its share of the connection,
// without a hall there is none, and neither changes the site.
func TestPlannersOfTheWays(t *testing.T) {
	t.Parallel()
	s := spike(t)
	a, n := s.apart(), s.withoutHalls()
	if got := a.Site.Connection.Import; got != 90*unit.Kilowatt || len(a.Tenancies)+len(a.Halls) != 0 {
		t.Errorf("apart the machines plan with %v and %d contracts", got, len(a.Tenancies))
	}
	if n.Site.Connection.Import != s.Site.Connection.Import || len(n.Halls)+len(n.Tenancies) != 0 {
		t.Error("without a hall there is one, or less of the connection")
	}
	if len(s.Halls) != 1 || len(s.Tenancies) != 5 || s.Site.Connection.Import != 250*unit.Kilowatt {
		t.Error("a way changed the site")
	}
}

// TestStandingOfAHall: a copy stands and behaves as its original, and moves on by itself.
func TestStandingOfAHall(t *testing.T) {
	t.Parallel()
	s := spike(t, "kind: spot, from", "kind: spot, warn_minutes: 10, from")
	halls, err := s.halls(s.From)
	if err != nil {
		t.Fatal(err)
	}
	a := halls[0]
	a.Carry(cycle.Order{Use: "hosting/spot", Draw: 10 * unit.Kilowatt})
	a.Advance(5 * time.Minute)
	if len(a.waiting) == 0 {
		t.Fatal("nothing is under way: the test proves nothing of it")
	}
	b, c := a.Clone(), a.Clone()
	c.Carry(cycle.Order{Use: "hosting/spot", Draw: 0})
	for range 4 {
		for _, h := range []world.Hall{a, b, c} {
			h.Advance(10 * time.Minute)
		}
	}
	if diff := cmp.Diff(a.Registers(), b.Registers()); diff != "" || a.Standing() != b.Standing() {
		t.Errorf("%s and %s:\n%s", a.Standing(), b.Standing(), diff)
	}
	if a.Standing() == c.Standing() || cmp.Equal(a.Registers(), c.Registers()) {
		t.Error("another order makes no difference")
	}
	if a.Carry(cycle.Order{Use: "hosting/elsewhere"}) {
		t.Error("an order for a contract that is not there was taken")
	}
}

// TestAQueueOpensAfterACall: a call holds the queue of a flexible contract, and when it
// is over its tenant may start work again, whatever the plan leaves.
func TestAQueueOpensAfterACall(t *testing.T) {
	t.Parallel()
	s := spike(t)
	halls, err := s.halls(s.From)
	if err != nil {
		t.Fatal(err)
	}
	h := halls[0]
	held := func() bool {
		v, err := h.hall.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(v.Queues, func(q engine.Queue) bool { return q.Name == "flex" })
		return v.Queues[i].Held
	}
	for _, turn := range []struct {
		draw unit.Power
		held bool
	}{{18 * unit.Kilowatt, false}, {0, true}, {0, true}, {18 * unit.Kilowatt, false}} {
		if turn.held && len(h.calls) == 0 {
			h.Announced(cycle.Call{Use: "hosting/flex", From: h.hall.Now(), To: h.hall.Now().Add(2 * s.Step)})
		}
		h.Carry(cycle.Order{Use: "hosting/flex", Draw: turn.draw})
		h.Advance(s.Step)
		if got := held(); got != turn.held {
			t.Errorf("at %s with %v its queue is held: %t, want %t", h.hall.Now(), turn.draw, got, turn.held)
		}
	}
}
