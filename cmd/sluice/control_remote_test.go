package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"sluice/live"
)

// TestRemote looks at a site that really runs as a control room does: a copy of its
// machines that follows it, its plan, its turns, and what a limit would take away.
func TestRemote(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 76, miners: 10})
	s := y.serve(t, 30, "--entrust")
	r := live.Dial(y.data)
	t.Cleanup(r.Close)
	y.until(t, "every machine is heard", 20*time.Second, func(s live.Status) bool { return s.Machines.Unknown == 0 })
	machines := map[string]live.MachineRow{}
	rev := int64(0)
	follow := func() bool {
		list, err := r.Machines(t.Context(), rev)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list.Machines {
			machines[m.Name] = m
		}
		rev = list.Rev
		return len(machines) == 10
	}
	if !follow() {
		t.Fatalf("%d machines are copied", len(machines))
	}
	previews(t, r)
	y.say(t, "instruct", "--limit-mw", "0.01", "--by", "the grid")
	var asleep string
	if !soon(t, "the copy shows machines that were put to sleep", 30*time.Second, func() bool {
		follow()
		for name, m := range machines {
			if m.State == live.MachineAsleep && !m.Proving {
				asleep = name
			}
		}
		return asleep != ""
	}) {
		t.Fatalf("%+v", machines)
	}
	sleeps(t, r, asleep)
	warm := 0
	for _, m := range machines {
		if m.HeatKnown && m.Heat > 0 {
			warm++
		}
	}
	if warm == 0 {
		t.Error("nobody states a temperature")
	}
	plans(t, y, r)
	if code := s.end(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if _, err := r.Status(t.Context()); !errors.Is(err, live.ErrAway) {
		t.Errorf("after its end: %v", err)
	}
}

// previews waits until a limit would put machines to sleep: none counts before it hashes.
func previews(t *testing.T, r *live.Remote) {
	t.Helper()
	var p live.Preview
	if !soon(t, "a preview moves machines", 30*time.Second, func() bool {
		var err error
		if p, err = r.Preview(t.Context(), live.Request{Limit: 10_000}); err != nil {
			t.Fatal(err)
		}
		return p.Moved > 0 && p.Need > 0
	}) {
		t.Errorf("a preview: %+v", p)
	}
}

// sleeps waits until the order of a machine that sleeps is proven, and reads the rest of it.
func sleeps(t *testing.T, r *live.Remote, name string) {
	t.Helper()
	var one live.MachinePage
	if !soon(t, "its order is proven", 30*time.Second, func() bool {
		var err error
		if one, err = r.Machine(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		return len(one.Orders) > 0 && one.Orders[0].Proven
	}) || one.Orders[0].Target != 0 || len(one.Curve) == 0 || one.Setpoint != 0 {
		t.Errorf("the machine that sleeps: %+v %+v", one.MachineRow, one.Orders)
	}
}

// plans waits for a plan and for its turn, and reads the program's own figures.
func plans(t *testing.T, y *yard, r *live.Remote) {
	t.Helper()
	st := y.until(t, "intervals are settled", time.Minute, func(s live.Status) bool { return s.Earned.Intervals > 0 })
	if st.Money.Of.IsZero() || st.Market == nil || !st.Market.SpotKnown || st.Speed != 30 || !st.Virtual || st.Beats == 0 {
		t.Errorf("%+v %+v %+v", st.About, st.Money, st.Market)
	}
	p, fresh, err := r.Plan(t.Context(), 0)
	if err != nil || !fresh || p.Shadow || p.Plan.At.IsZero() || len(p.Outlook.Spot) == 0 {
		t.Errorf("the plan: %+v, %v", p.Plan.Head, err)
	}
	list, err := r.Turns(t.Context(), time.Time{}, time.Time{}, 0)
	settled := 0
	for _, x := range list.Turns {
		if x.Settled && x.Metered && x.Planned && x.Import > 0 {
			settled++
		}
	}
	if err != nil || settled == 0 {
		t.Errorf("turns: %+v, %v", list, err)
	}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://site/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := (&http.Client{Transport: r}).Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if text, err := io.ReadAll(a.Body); err != nil || !bytes.Contains(text, []byte("sluice_proofs_total")) {
		t.Errorf("figures: %.200s %v", text, err)
	}
}
