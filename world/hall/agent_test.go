package hall

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
)

func readings(tb testing.TB, h *Hall) map[string]gpu.Reading {
	tb.Helper()
	list, err := h.Read(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]gpu.Reading{}
	for _, r := range list {
		out[fmt.Sprintf("%s/%d", r.Node, r.Index)] = r
	}
	if len(out) != len(list) {
		tb.Errorf("%d readings of %d GPUs", len(list), len(out))
	}
	return out
}

func TestGPUsStateTheirPower(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	submit(t, h, job("a", "spot", 4, time.Hour))
	h.Advance(30 * time.Minute)
	all := readings(t, h)
	r := all["h100-0000/0"]
	if len(all) != 16 || r.Draw != 600 || r.Energy != 600*1800 || r.Job != "a" || r.Busy != unit.One || r.Capped || r.Limit != 700 || r.Min != 200 || r.Max != 700 || r.UUID == "" || !r.At.Equal(h.Now()) || !r.Has.Energy {
		t.Errorf("a busy GPU of %d states %+v", len(all), r)
	}
	if r := all["h100-0000/4"]; r.Draw != 70 || r.Energy != 70*1800 || r.Job != "" || r.Busy != 0 {
		t.Errorf("an idle GPU states %+v", r)
	}
	if _, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", UUIDs: []string{r.UUID}, Limit: 300, Epoch: 3}); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	if r := readings(t, h)["h100-0000/0"]; r.Draw != 300 || !r.Capped || r.Energy != 600*1800+300*60 {
		t.Errorf("a GPU under its limit states %+v", r)
	}
	if r := readings(t, h)["h100-0000/1"]; r.Draw != 600 || r.Limit != 700 {
		t.Errorf("its neighbour states %+v", r)
	}
}

func TestSettingsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	if a, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: 500, Epoch: 5}); err != nil || !a.Taken {
		t.Fatal(a, err)
	}
	before := h.Standing()
	for says, s := range map[string]gpu.Setting{
		"outside":    {Node: "h100-0000", Limit: 199, Epoch: 5},
		"701 W lies": {Node: "h100-0000", Limit: 701, Epoch: 5},
		"older":      {Node: "h100-0000", Limit: 400, Epoch: 4},
		"expired":    {Node: "h100-0000", Limit: 400, Epoch: 5, Until: begin},
		"names a":    {Node: "h100-0000", Limit: 400, Epoch: 5, UUIDs: []string{uuid("h100-0000", 1), "GPU-of-nobody"}},
	} {
		if a, err := h.Set(t.Context(), s); err != nil || a.Taken || !strings.Contains(a.Why, says) {
			t.Errorf("want %q: %+v %v", says, a, err)
		}
	}
	if _, err := h.Set(t.Context(), gpu.Setting{Node: "nothing", Limit: 400}); err == nil {
		t.Error("a server that is not there is limited")
	}
	if h.Standing() != before {
		t.Error("what is not taken changed something")
	}
	if a, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Epoch: 5}); err != nil || !a.Taken || readings(t, h)["h100-0000/7"].Limit != 700 {
		t.Errorf("back to the default: %+v %v", a, err)
	}
}

func TestLimitsDoNotSurviveABoot(t *testing.T) {
	t.Parallel()
	h := built(t, small(1))
	if _, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: 300, Epoch: 1}); err != nil {
		t.Fatal(err)
	}
	do(t, h, engine.Command{Verb: engine.Off, Subject: "h100-0000"})
	h.Advance(time.Minute)
	if _, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: 300, Epoch: 1}); err == nil || len(readings(t, h)) != 0 || h.Draw() != 0 {
		t.Errorf("a server that is off answers, or draws %v", h.Draw())
	}
	do(t, h, engine.Command{Verb: engine.On, Subject: "h100-0000"})
	h.Advance(time.Minute)
	if r := readings(t, h)["h100-0000/0"]; r.Limit != 700 || r.Draw != 70 || r.Energy != 70*(30+60) {
		t.Errorf("after its boot: %+v", r)
	}
}

func TestMuteServersStateNothing(t *testing.T) {
	t.Parallel()
	c := small(40)
	c.Faults.Mute = unit.One / 4
	h := built(t, c)
	mute := 0
	for name, r := range readings(t, h) {
		if r.Has == (gpu.Has{}) {
			mute++
			if r.Draw != 0 || r.Limit != 0 || r.Energy != 0 || r.UUID == "" {
				t.Errorf("%s states %+v", name, r)
			}
		}
	}
	if mute%8 != 0 || mute < 8*4 || mute > 8*18 {
		t.Errorf("%d of 320 GPUs are mute", mute)
	}
}

func TestLoadsSayWhatIsWanted(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	for _, id := range []string{"a", "b", "c"} {
		submit(t, h, job(id, "spot", 8, time.Hour))
	}
	each := unit.Power(8 * (1800/8 + 530 + 420))
	if l := h.Loads()[1]; l.Draw != 2*each || l.Wanted != 2*each || l.Waiting != 8 || h.Potential("spot") != l.Wanted {
		t.Errorf("beyond its quota nothing is wanted: %+v", l)
	}
	do(t, h, engine.Command{Verb: engine.Evict, Subject: "a"})
	do(t, h, engine.Command{Verb: engine.Hold, Subject: "spot"})
	if _, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0001", Limit: 300, Epoch: 1}); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	s, err := h.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if l := h.Loads()[1]; l.Draw != each-8*300 || l.Full != each || l.Wanted != 2*each || l.Stopped != 8 || l.Waiting != 8 || s[1].Tenant.Wanted != 2*each || s[1].State.Draw != l.Draw || s[1].Tenant.Unsaved != 30*time.Second {
		t.Errorf("one was stopped, one waits, one is slowed down: %+v\n%+v", l, s[1])
	}
	if h.Potential("nobody") != 0 || len(h.Loads()) != 3 || h.Loads()[2].Use != "hosting/small" || h.Loads()[2].Capacity != 2*10_200 {
		t.Errorf("%+v", h.Loads())
	}
}

func TestRecordsAreForgotten(t *testing.T) {
	t.Parallel()
	c := small(1)
	c.Records = time.Hour
	h := built(t, c)
	for i := range 3 * bundle {
		submit(t, h, job(strconv.Itoa(i), "spot", 1, time.Minute))
		h.Advance(time.Minute)
	}
	u, err := h.Usage(t.Context(), begin, h.Now())
	if err != nil || len(u) < 60 || len(u) > 2*bundle || u[len(u)-1].Job != strconv.Itoa(3*bundle-1) {
		t.Errorf("%d records are left: %v", len(u), err)
	}
	if u, _ = h.Usage(t.Context(), h.Now().Add(-10*time.Minute), h.Now()); len(u) != 10 {
		t.Errorf("in the last ten minutes there are %d", len(u))
	}
}
