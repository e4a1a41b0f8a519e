package kueue_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "sluice/driver/kueue"
	"sluice/engine"
	"sluice/internal/kueue"
	world "sluice/world/kueue"
)

// orders are all Workloads in Sluice's namespace by name, with their conditions that hold.
func (s *stand) orders() map[string][]string { s.Helper(); return s.conditionsIn("sluice") }

func (s *stand) conditionsIn(namespace string) map[string][]string {
	s.Helper()
	var all struct {
		Items []struct {
			Metadata struct{ Name string }
			Status   struct {
				Conditions []struct{ Type, Status string }
			}
		}
	}
	if err := s.api.Call(s.Context(), http.MethodGet, kueue.Kueue+"/namespaces/"+namespace+"/workloads", nil, &all); err != nil {
		s.Fatal(err)
	}
	out := map[string][]string{}
	for _, i := range all.Items {
		out[i.Metadata.Name] = nil
		for _, c := range i.Status.Conditions {
			if c.Status == "True" {
				out[i.Metadata.Name] = append(out[i.Metadata.Name], c.Type)
			}
		}
	}
	return out
}

// conditions are those of a job's Workload that hold, seen without a driver.
func (s *stand) conditions(id string) []string {
	s.Helper()
	tenant, name, _ := strings.Cut(id, "/")
	return s.conditionsIn(tenant)[name]
}

// raw places an order as if Sluice had died before it made it last.
func (s *stand) raw(name string, watts int) {
	s.Helper()
	o := map[string]any{
		"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "Workload",
		"metadata": map[string]any{"name": name, "namespace": "sluice", "labels": map[string]any{"sluice.example/event": "raw"}},
		"spec": map[string]any{"queueName": kueue.Reserve, "priority": 10000, "podSets": []any{map[string]any{
			"name": "main", "count": 1, "template": map[string]any{"spec": map[string]any{"restartPolicy": "Never", "containers": []any{map[string]any{
				"name": "c", "image": "none", "resources": map[string]any{"requests": map[string]any{resource: strconv.Itoa(watts)}},
			}}}},
		}}},
	}
	if err := s.api.Create(s.Context(), kueue.Kueue+"/namespaces/sluice/workloads", o); err != nil {
		s.Fatal(err)
	}
}

// expiry reproduces how an order that was not made to last ends when Kueue's
// time for pods is over, and that ours do not.
func expiry(s *stand, timeout time.Duration) {
	s.Helper()
	begun := s.now()
	s.raw("raw", 8*gpuWatts)
	s.do(engine.Command{Verb: engine.Withhold, Power: 3 * gpuWatts})
	for s.now().Sub(begun) < 3*timeout && !slices.Contains(s.orders()["raw"], "Evicted") {
		s.pass(200 * time.Millisecond) // nobody looks, as if Sluice were dead
	}
	at := s.now().Sub(begun)
	s.Logf("without PodsReady an order is evicted after %v; it holds %v", at.Round(time.Millisecond), s.orders()["raw"])
	if !slices.Contains(s.orders()["raw"], "Evicted") || at < timeout-2*time.Second { // Kueue counts in whole seconds
		s.Fatalf("an order that nobody tends is evicted after %v: %v", timeout, s.orders())
	}
	thief := s.wait(kueue.Spot, 8) // fits only into what the evicted order held
	for range 20 {
		s.pass(100 * time.Millisecond)
	}
	if has := s.conditions(thief); slices.Contains(has, "QuotaReserved") {
		s.Errorf("an evicted order lets others in before it is deleted: %v", has)
	}
	for name, has := range s.orders() {
		if name != "raw" && (slices.Contains(has, "Evicted") || !slices.Contains(has, "Admitted")) {
			s.Errorf("order %s did not last: %v", name, has)
		}
	}
	v := s.view()
	lost := slices.ContainsFunc(s.d.Troubles(), func(x driver.Trouble) bool { return x.Code == "order_lost" && x.Subject == "sluice/raw" })
	if v.Watts.Withheld != 3*gpuWatts || !lost {
		s.Errorf("%v are withheld, troubles %+v: want three GPUs, and that one was lost", v.Watts.Withheld, s.d.Troubles())
	}
	s.until("the lost order stands again, and let nobody pass", func(v engine.View) bool {
		return v.Watts.Withheld == 11*gpuWatts && state(v, thief) == engine.Waiting
	})
	s.raw("late", gpuWatts)
	s.until("one that is seen in time stands", func(v engine.View) bool { return v.Watts.Withheld == 12*gpuWatts })
	s.view()
	begun = s.now()
	for s.now().Sub(begun) < timeout+3*time.Second {
		s.pass(time.Second)
	}
	for name, has := range s.orders() {
		if slices.Contains(has, "Evicted") || !slices.Contains(has, "Admitted") || !slices.Contains(has, "PodsReady") {
			s.Errorf("order %s did not last: %v", name, has)
		}
	}
}

// reclaimed lets a firm queue take back what an order borrowed from it: the firm
// job gets in, because the order is cleared, and the order waits its turn.
func reclaimed(s *stand) {
	s.Helper()
	s.do(engine.Command{Verb: engine.Withhold, Power: 16 * gpuWatts})
	s.until("everything is withheld", func(v engine.View) bool { return v.Watts.Withheld == 16*gpuWatts })
	firm := s.wait(kueue.Firm, 8)
	begun := s.now()
	s.within("firm over order", begun, 20*time.Second, func(v engine.View) bool { return running(v, firm) })
	if v := s.view(); v.Watts.Withheld > 8*gpuWatts || v.Watts.Withheld < 5000 {
		s.Errorf("%v are withheld beside a firm job of half of the hall", v.Watts.Withheld)
	}
	if err := s.api.End(s.Context(), firm); err != nil {
		s.Fatal(err)
	}
	s.until("what was asked for is withheld again", func(v engine.View) bool { return v.Watts.Withheld == 16*gpuWatts })
}

// TestFakeOrdersLast: the virtual Kueue ends orders as the real one does.
func TestFakeOrdersLast(t *testing.T) {
	t.Parallel()
	s, _ := fakeSite(t, func(w *world.Setting) { w.PodsReady, w.Backoff = 20*time.Second, 3*time.Second }, hallOf(false))
	st := newStand(t, s, virtually)
	expiry(st, 20*time.Second)
	reclaimed(st.with(t))
}

// TestRealOrdersLast runs with a time for pods of 20 s in place of 30 minutes.
func TestRealOrdersLast(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	s, p := realSite(t, kueue.Setting{PodsReady: 20 * time.Second, Backoff: 3}, hallOf(false))
	st := newStand(t, s, really)
	expiry(st, 20*time.Second)
	reclaimed(st.with(t))
	st = st.with(t)
	st.do(engine.Command{Verb: engine.Withhold, Power: 10 * gpuWatts})
	st.until("it stands", func(v engine.View) bool { return v.Watts.Withheld == 10*gpuWatts })
	if err := p.RestartKueue(t.Context(), 5*time.Second, 3); err != nil {
		t.Fatal(err)
	}
	st.stays("orders outlive a restart of Kueue", 8*time.Second, func(v engine.View) bool { return v.Watts.Withheld == 10*gpuWatts && len(st.d.Troubles()) == 1 }) // it borrows
	t.Logf("measured: %v", st.took)
}

// TestLostOrderIsNotLetGo: where an order cannot be placed again, the evicted one
// stays, because its watts do.
func TestLostOrderIsNotLetGo(t *testing.T) {
	t.Parallel()
	s, w := fakeSite(t, func(w *world.Setting) { w.PodsReady = 20 * time.Second }, hallOf(false))
	st := newStand(t, s, virtually)
	st.raw("raw", 8*gpuWatts)
	st.pass(time.Minute)
	w.Deny("create workloads")
	st.view()
	if _, there := st.orders()["raw"]; !there {
		t.Errorf("it was deleted and nothing came in its place: %v", st.orders())
	}
	if !slices.ContainsFunc(st.d.Troubles(), func(x driver.Trouble) bool {
		return x.Code == "order_lost" && strings.Contains(x.Remedy, "grant Sluice to create workloads")
	}) {
		t.Errorf("troubles: %+v", st.d.Troubles())
	}
}

// TestLessIsTakenFromWhatWaits: withholding less takes orders away that do not
// stand yet, and leaves those that do.
func TestLessIsTakenFromWhatWaits(t *testing.T) {
	t.Parallel()
	site, _ := fakeSite(t, nil, hallOf(false))
	s := newStand(t, site, virtually)
	s.run(kueue.Firm, 8)
	s.do(engine.Command{Verb: engine.Withhold, Power: 20_000}) // 10.4 kW are free: two of four stand
	s.until("half of it stands", func(v engine.View) bool { return v.Watts.Withheld == 10_000 })
	standing := func() []string {
		var out []string
		for name, has := range s.orders() {
			if slices.Contains(has, "QuotaReserved") {
				out = append(out, name)
			}
		}
		slices.Sort(out)
		return out
	}
	before := standing()
	s.do(engine.Command{Verb: engine.Withhold, Power: 10_000})
	s.pass(5 * time.Second)
	if after := standing(); len(before) != 2 || !slices.Equal(before, after) || len(s.orders()) != 2 {
		t.Errorf("%v stood, and now %v of %v", before, after, s.orders())
	}
}
