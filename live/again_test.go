package live

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// want tells the core once what every machine shall draw: one answers per machine.
func (h *hall) want(number int64, one func(i int) unit.Power) {
	target := make([]unit.Power, len(h.units))
	for i := range target {
		target[i] = one(i)
	}
	h.tell(Wished{Number: number, Until: h.now.Add(time.Hour), Target: target})
}

func (h *hall) full(i int) unit.Power { return h.units[i].top().Power }

// few is a small quiet site with room for everything.
func few(seed uint64) plot {
	return plot{seed: seed, each: []int{4, 4, 4, 4, 4, 4, 4}, limit: 150 * unit.Kilowatt, rest: 2000, pue: 1.05, quick: true}
}

// ordersTo lists what was sent to a machine.
func (h *hall) ordersTo(i int) []Order {
	return slices.DeleteFunc(slices.Clone(h.sent), func(o Order) bool { return o.Machine != i })
}

func (h *hall) asleep(i int) bool { return h.units[i].State(h.now).Intent == "asleep" }

// TestWhatSluiceDidNotStopIsNotWoken: also not after a death, and with a word of a
// person it is.
func TestWhatSluiceDidNotStopIsNotWoken(t *testing.T) {
	t.Parallel()
	h := few(1).build(t)
	const theirs, ours = 9, 10
	h.units[theirs].Sleep(h.now)
	h.pass(2 * time.Minute)
	h.want(1, func(i int) unit.Power {
		if i == ours {
			return 0
		}
		return h.full(i)
	})
	h.pass(20 * time.Minute)
	if !h.asleep(theirs) || !h.asleep(ours) {
		t.Fatal("one of the two does not sleep")
	}
	h.reborn(t, nil)
	h.sent = nil
	h.pass(2 * time.Minute)
	h.want(2, h.full)
	h.pass(20 * time.Minute)
	if h.asleep(ours) {
		t.Errorf("what Sluice had put to sleep was not woken again; %+v", h.core.kernel.Unit(ours))
	}
	if got := h.ordersTo(theirs); !h.asleep(theirs) || len(got) > 0 {
		t.Errorf("what somebody else had put to sleep was ordered %+v", got)
	}
	if got := h.core.machines[theirs].trouble; got != SleptByOther {
		t.Errorf("its state is %q", got)
	}
	h.tell(Said{By: "anna", What: actuate.Cleared{Unit: theirs, By: "anna"}})
	h.pass(20 * time.Minute)
	if h.asleep(theirs) {
		t.Error("a person gave it back, and it was not woken")
	}
}

// TestOrdersInFlightAreNotRepeated: what was sent before a death is counted and
// not sent again where it acted, and every later order is of a later epoch.
func TestOrdersInFlightAreNotRepeated(t *testing.T) {
	t.Parallel()
	h := few(2).build(t)
	h.pass(2 * time.Minute)
	h.want(1, func(i int) unit.Power { return 0 })
	before := map[int]actuate.Epoch{}
	h.watch = func(h *hall, d Deed) {
		if o, is := d.(Order); is {
			before[o.Machine] = o.Epoch
		}
	}
	for len(before) < 3 && h.now.Before(dawn.Add(time.Hour)) {
		h.pass(time.Second)
	}
	h.watch = nil
	if len(before) < 3 {
		t.Fatalf("%d orders went out, three are needed", len(before))
	}
	flying := 0
	h.reborn(t, func(m *Memory) {
		for _, u := range m.Machines {
			flying += len(u.Flight)
		}
	})
	if flying < 3 {
		t.Errorf("%d orders are remembered to be in flight", flying)
	}
	h.sent = nil
	h.pass(20 * time.Second) // every machine was heard
	h.want(2, func(i int) unit.Power { return 0 })
	h.pass(20 * time.Minute)
	for i, e := range before {
		for _, o := range h.ordersTo(i) {
			if o.Epoch.Compare(e) <= 0 {
				t.Errorf("machine %d was sent %v after %v", i, o.Epoch, e)
			}
		}
		if got := h.ordersTo(i); len(got) > 0 {
			t.Errorf("machine %d slept already and was ordered %+v", i, got)
		}
		if !h.asleep(i) {
			t.Errorf("machine %d does not sleep", i)
		}
	}
}

// TestStopAndLocksAndInstructionsOutliveADeath.
func TestStopAndLocksAndInstructionsOutliveADeath(t *testing.T) {
	t.Parallel()
	h := few(3).build(t)
	h.pass(2 * time.Minute)
	const locked = 5
	half := h.config.Site.Connection.Import / 2
	h.tell(Said{By: "anna", What: actuate.Locked{Unit: locked, Ceiling: 0, By: "anna"}})
	h.tell(Said{By: "grid", What: actuate.Instruction{Group: 0, From: h.core.Since(h.now), Limit: half}})
	h.tell(Said{By: "grid", What: actuate.Instruction{Group: 0, From: h.core.Since(h.now.Add(4 * time.Hour)), Limit: 2 * half}})
	h.steer(func() unit.Power { return 2 * half }, 5*time.Minute)
	h.pass(30 * time.Minute)
	for death := range 3 {
		h.reborn(t, nil)
		h.sent = nil
		h.pass(40 * time.Minute)
		if !h.asleep(locked) || h.core.kernel.Unit(locked).Locked != "anna" || len(h.ordersTo(locked)) > 0 {
			t.Errorf("death %d: the locked machine was ordered %+v", death, h.ordersTo(locked))
		}
		if got := h.site(); got > half || got < half/2 {
			t.Errorf("death %d: the site draws %v under an instruction of %v", death, got, half)
		}
	}
	h.pass(3 * time.Hour)
	if got := h.site(); got < half*5/4 {
		t.Errorf("the instruction has ended, and the site draws %v", got)
	}
	h.tell(Said{By: "ben", What: actuate.Unlocked{Unit: locked, By: "ben"}})
	h.pass(20 * time.Minute)
	if !h.asleep(locked) {
		t.Error("one other person released the lock")
	}
	h.tell(Said{By: "anna", What: actuate.Stopped{By: "anna"}})
	h.pass(time.Minute)
	h.reborn(t, nil)
	h.pass(30 * time.Minute)
	if got := h.running(); got > 0 || !h.core.kernel.Stopped() {
		t.Errorf("after a stop and a death %d machines run", got)
	}
	h.tell(Said{By: "anna and ben", What: actuate.Resumed{By: "anna", And: "ben"}})
	h.pass(time.Hour)
	if got := h.running(); got < len(h.units)*3/4 {
		t.Errorf("two people resumed, and %d machines run", got)
	}
}

func (h *hall) running() int {
	n := 0
	for i := range h.units {
		if !h.asleep(i) {
			n++
		}
	}
	return n
}

// TestForgottenFlightsPassTheLimit: raises that are on their way while the program
// dies count after it, although their machines still sleep. A memory without them
// passes the limit.
func TestForgottenFlightsPassTheLimit(t *testing.T) {
	t.Parallel()
	honest := lateRaises(t, nil)
	spoilt := lateRaises(t, func(m *Memory) {
		for name, u := range m.Machines {
			u.Flight, u.ordered, u.Confirmed = nil, time.Time{}, max(0, u.Setpoint)
			m.Machines[name] = u
		}
	})
	if t.Logf("seconds above the limit: %d, with flights forgotten %d", honest, spoilt); honest > 0 {
		t.Errorf("%d s above the limit", honest)
	}
	if spoilt == 0 {
		t.Error("without its flights the site keeps the limit too: the test shows nothing")
	}
}

// lateRaises lets one half of a site run; then the other shall, and the orders
// take 50 seconds; the program dies with them on their way, and the plan is back
// at the first half. It returns the seconds above the limit.
func lateRaises(t *testing.T, spoil func(*Memory)) int {
	t.Helper()
	p := fleet(4)
	p.wire, p.bias = calm(), 0
	h := p.build(t)
	limit := p.limit * 15 / 100
	h.tell(Said{By: "grid", What: actuate.Instruction{Group: 0, From: 0, Limit: limit}})
	side := func(n int) func(i int) unit.Power {
		return func(i int) unit.Power {
			if i%2 == n {
				return h.full(i)
			}
			return 0
		}
	}
	h.pass(2 * time.Minute)
	h.want(1, func(int) unit.Power { return 0 })
	h.pass(20 * time.Minute)
	h.wire.slow = 50 * time.Second
	raises := 0
	h.watch = func(_ *hall, d Deed) {
		if o, is := d.(Order); is && o.Raise {
			raises++
		}
	}
	h.want(2, side(0))
	for raises == 0 {
		h.pass(time.Second)
	}
	h.pass(25 * time.Second)
	h.watch = nil
	h.wire.slow = 0
	h.reborn(t, spoil)
	h.pass(12 * time.Second)
	h.want(3, side(1))
	over := 0
	for range 240 {
		h.pass(time.Second)
		if h.site() > limit {
			over++
		}
	}
	return over
}

// TestOvertakenOrdersCountAfterADeath: an order to run was overtaken by one to
// sleep, which is proven; the program dies, and the first may still arrive.
func TestOvertakenOrdersCountAfterADeath(t *testing.T) {
	t.Parallel()
	h := few(6).build(t)
	h.pass(2 * time.Minute)
	h.want(1, func(int) unit.Power { return 0 })
	h.pass(20 * time.Minute)
	h.wire.slow = 60 * time.Second
	h.want(2, h.full)
	h.pass(6 * time.Second)
	late := len(h.sent)
	h.wire.slow = 0
	h.tell(Said{By: "grid", What: actuate.Instruction{From: h.core.Since(h.now), Limit: 5000}})
	h.pass(20 * time.Second)
	h.reborn(t, nil)
	h.pass(20 * time.Second)
	counted := unit.Power(0)
	for i := range h.units {
		counted += h.core.kernel.Unit(i).Bound
	}
	h.pass(25 * time.Second) // now they arrive
	var drawn unit.Power
	for _, u := range h.units {
		drawn += u.State(h.now).Power
	}
	if t.Logf("%d orders, counted %v, then drawn %v", late, counted, drawn); drawn > counted || drawn < 10*unit.Kilowatt {
		t.Errorf("machines draw %v that count at %v", drawn, counted)
	}
}

// TestTwoCoresOnOneJournal: the orders of the older term are refused by the real
// store, and never go out.
func TestTwoCoresOnOneJournal(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), sqlite.Config{Directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	refused := map[sqlite.Kind]int{}
	keep := func(r sqlite.Record) error {
		err := store.Append(t.Context(), r)
		if errors.Is(err, sqlite.ErrEpochBack) {
			refused[r.Kind]++
		} else if err != nil {
			t.Error(err)
		}
		return err
	}
	take := func(h *hall) {
		term, err := Begin(t.Context(), store, sqlite.Record{Site: "virtual", At: h.now})
		if err != nil {
			t.Fatal(err)
		}
		h.config.Term, h.config.Begin, h.judge = term, h.now, keep
		if h.core, err = New(h.config); err != nil {
			t.Fatal(err)
		}
	}
	old, young := few(5).build(t), few(5).build(t)
	take(old)
	old.pass(2 * time.Minute)
	old.want(1, old.full)
	old.pass(time.Minute)
	if len(refused) > 0 {
		t.Fatalf("alone it was refused %v", refused)
	}
	young.now, young.units = old.now, old.units
	take(young)
	young.pass(30 * time.Second)
	young.want(1, func(i int) unit.Power { return young.units[i].points[0].Power })
	young.pass(15 * time.Minute)
	if len(refused) > 0 || len(young.sent) == 0 {
		t.Fatalf("the new one sent %d orders and was refused %v", len(young.sent), refused)
	}
	old.sent = nil
	old.pass(30 * time.Minute)
	if refused[sqlite.Order] == 0 {
		t.Fatal("the older one ordered nothing: the test shows nothing")
	}
	for _, o := range old.sent {
		t.Errorf("the older controller sent %+v", o)
	}
	again, err := Recall(t.Context(), store, "virtual")
	if err != nil {
		t.Fatal(err)
	}
	for name, u := range again.Machines {
		if len(u.Flight) == 1 && u.Flight[0].Epoch.Term != 2 {
			t.Errorf("%s: the last order is of term %d", name, u.Flight[0].Epoch.Term)
		}
	}
}
