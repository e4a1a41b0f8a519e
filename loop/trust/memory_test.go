package trust

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// reborn is the kernel after a power loss: what was kept, as text, and nothing else.
func reborn(k *Kernel) (*Kernel, error) {
	text, err := json.Marshal(k.Memory())
	if err != nil {
		return nil, err
	}
	m, err := ParseMemory(text)
	if err != nil {
		return nil, err
	}
	return New(k.cfg, m)
}

// TestMemoryIsComplete: at any moment, what was kept brings everything back.
func TestMemoryIsComplete(t *testing.T) {
	t.Parallel()
	stages := map[Stage]bool{}
	for seed := range some() / 2 {
		roll := seeded(seed)
		k, err := New(trialConfig(roll), Memory{})
		if err != nil {
			t.Fatal(err)
		}
		f := newFoe(k, roll)
		for i := range 1500 {
			if err := f.round(); err != nil {
				t.Fatal(err)
			}
			if i%25 > 0 {
				continue
			}
			again, err := reborn(f.k)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(f.k.Memory(), again.Memory(), cmpopts.EquateEmpty()); d != "" || again.found != "" {
				t.Fatalf("seed %d, round %d: %s%s", seed, i, again.found, d)
			}
			stages[f.k.Stage()] = true
		}
	}
	if len(stages) < 5 {
		t.Errorf("only %v were visited", stages)
	}
}

// TestRestart: what a stage had shown outlives a power loss; what holds at the
// moment must be said anew.
func TestRestart(t *testing.T) {
	t.Parallel()
	r := newRig(t, farmConfig())
	r.rise(ClosedRack)
	r.step(Proved{Proven: 50})
	r.days(2)
	k, err := reborn(r.k)
	if err != nil {
		t.Fatal(err)
	}
	r.k = k
	r.wait(time.Minute)
	r.step(Tick{})
	r.has("entrust 0") // until the versions are known to fit
	if w := r.k.Entrusted().Why[0]; w != VersionsUnfit {
		t.Errorf("the reason is %q", w)
	}
	r.healthy()
	if n := r.k.Entrusted().Count; n != 10 {
		t.Errorf("%d are entrusted after the restart, want the rack of 10", n)
	}
	r.days(1)
	r.step(Approved{r.ask("ann"), "ben"})
	r.in(ClosedFive)
}

// TestBadMemory: what cannot be right begins in observe, says so, and never
// reuses a number.
func TestBadMemory(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(*Memory)
		says  string
	}{
		"a stage of a later version":     {func(m *Memory) { m.Stage = "autonomous" }, `stage "autonomous" is not known`},
		"no stage":                       {func(m *Memory) { m.Stage = "" }, `stage "" is not known`},
		"evidence of another stage":      {func(m *Memory) { m.Stage = ClosedAll }, "evidence of stage"},
		"evidence of the future":         {func(m *Memory) { m.Ledger.Since = m.At.Add(1) }, "begins or ends after"},
		"more evidence than time":        {func(m *Memory) { m.Ledger.Reported += 1 << 60; m.Ledger.Seen += 1 << 60 }, "more time than went by"},
		"a closed stage without a cap":   {func(m *Memory) { m.Cap = 0 }, "a cap of 0 W"},
		"a negative count":               {func(m *Memory) { m.Ledger.Failed = -1 }, "count of the evidence"},
		"a request by nobody":            {func(m *Memory) { m.Requests[0].By = " " }, "request 1 is not one"},
		"a request of the future":        {func(m *Memory) { m.Requests[0].State, m.Requests[0].At = Open, m.At.Add(time.Hour) }, "request 1 is not one"},
		"a recommendation in a rack":     {func(m *Memory) { m.Recommendations = make([]Recommendation, 1) }, "recommendations in stage"},
		"earnings that do not add up":    {func(m *Memory) { m.Earned.Total.Money[0].Missing++ }, "summary of earnings"},
		"a number that was never given":  {func(m *Memory) { m.Numbers.Request = -5 }, "a number is negative"},
		"orders counted below zero":      {func(m *Memory) { m.Tallies = []Tally{{Failed: -3}} }, "count of orders"},
		"an override of tomorrow":        {func(m *Memory) { m.Overrides = []time.Time{m.At.Add(day)} }, "an override lies after"},
		"more requests than are kept":    {func(m *Memory) { m.Requests = make([]Request, 65) }, "more entries"},
		"a request number never given":   {func(m *Memory) { m.Requests[0].Number = 99 }, "request 99 is not one"},
		"a promotion to no stage at all": {func(m *Memory) { m.Requests[0].To = "moon" }, "request 1 is not one"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.rise(ClosedRack)
			m := r.k.Memory()
			last := m.Numbers.Record
			c.spoil(&m)
			k, err := New(farmConfig(), m)
			if err != nil {
				t.Fatal(err)
			}
			r.k = k
			r.step(Tick{})
			r.in(Observe)
			r.has("alarm bad_memory, record demoted bad_memory, entrust 0")
			for _, n := range r.records(WasDemoted) {
				if !strings.Contains(n.Evidence, c.says) || n.Number != last+1 {
					t.Errorf("record %d after %d: %s", n.Number, last, n.Evidence)
				}
			}
		})
	}
}

// TestMemoryOfAnotherSite is refused, and so is what is no memory.
func TestMemoryOfAnotherSite(t *testing.T) {
	t.Parallel()
	r := newRig(t, farmConfig())
	m := r.k.Memory()
	m.Site = "odessa"
	if _, err := New(farmConfig(), m); err == nil || !strings.Contains(err.Error(), `memory of site "odessa" for site "pecos"`) {
		t.Errorf("got %v", err)
	}
	if _, err := ParseMemory([]byte(`{"Stage": 7}`)); err == nil || !strings.Contains(err.Error(), "start without it") {
		t.Errorf("got %v", err)
	}
}

// FuzzMemory: no text makes the kernel panic, rise, or believe itself wrong.
func FuzzMemory(f *testing.F) {
	for seed := range uint64(4) {
		roll := seeded(seed)
		k, err := New(trialConfig(roll), Memory{})
		if err != nil {
			f.Fatal(err)
		}
		foe := newFoe(k, roll)
		for range 120 {
			if err := foe.round(); err != nil {
				f.Fatal(err)
			}
		}
		text, err := json.Marshal(foe.k.Memory())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"Site":"pecos","Stage":"closed_all"}`))
	f.Add([]byte(`{"Site":"pecos","Numbers":{"Record":9223372036854775807}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMemory(text)
		if err != nil {
			return
		}
		c := trialConfig(seeded(1))
		k, err := New(c, m)
		if err != nil {
			return
		}
		if k.Stage() != Observe && k.Stage() != m.Stage {
			t.Fatalf("memory of %q wakes in %q", m.Stage, k.Stage())
		}
		now := m.At
		if now.Year() > 9000 { // time as text ends at 9999
			now = monday
		}
		start := k.Stage()
		for _, e := range []Event{
			Tick{},
			Versions{Agree: true},
			Feeds{},
			Clock{},
			Proved{Proven: 3, Failed: 1},
			Overridden{},
			Outcome{Start: now, Length: time.Hour, Seen: time.Hour, Gains: []Gain{{"USD", gainMost, -gainMost}}},
			Recommended{What: "x", Plan: 1, Units: []string{"m1"}, Expires: now.Add(3 * time.Hour), Until: now.Add(4 * time.Hour)},
		} {
			k.Step(now.Add(time.Hour), e)
		}
		if start.Below(k.Stage()) {
			t.Fatalf("rose from %q to %q alone", start, k.Stage())
		}
		again, err := reborn(k)
		if err != nil {
			t.Fatal(err)
		}
		if again.found != "" {
			t.Fatalf("does not believe its own memory: %s", again.found)
		}
	})
}
