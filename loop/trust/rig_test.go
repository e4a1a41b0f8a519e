package trust

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/unit"
)

const kw = unit.Kilowatt

// monday is when the scenarios begin.
var monday = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// farm is a site of four groups with 60 machines of 3.5 kW each; the last machine
// of each group is not adopted.
func farm() []Unit {
	var out []Unit
	for g := range 4 {
		for i := range 60 {
			out = append(out, Unit{Name: fmt.Sprintf("g%d-%03d", g, i), Group: fmt.Sprintf("g%d", g), Most: 3500, Adopted: i < 59})
		}
	}
	return out
}

func farmConfig() Config {
	return Config{
		Site: "pecos", Units: farm(), Needs: DefaultNeeds(), Limits: DefaultLimits(),
		Caps: Caps{Rack: 40 * kw, Five: 50 * kw, Quarter: 250 * kw, All: 1000 * kw},
	}
}

// rig drives one kernel.
type rig struct {
	t   *testing.T
	k   *Kernel
	now time.Time
	out []Effect // of the last step
}

func newRig(t *testing.T, c Config) *rig {
	t.Helper()
	k, err := New(c, Memory{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, k: k, now: monday}
	r.healthy()
	return r
}

// healthy says all that must hold before a loop can be closed.
func (r *rig) healthy() {
	r.step(Versions{Agree: true})
	r.step(Feeds{})
	r.step(Clock{Offset: 3 * time.Millisecond})
}

func (r *rig) step(e Event) []Effect {
	r.out = slices.Clone(r.k.Step(r.now, e))
	return r.out
}

// hours lets hours pass of which share per cent were seen; the worth is known.
func (r *rig) hours(n, share int) {
	for range n {
		r.now = r.now.Add(time.Hour)
		r.step(Outcome{
			Start: r.now.Add(-time.Hour), Length: time.Hour, Seen: time.Hour / 100 * time.Duration(share),
			Gains: []Gain{{Currency: "USD", Would: 12 * unit.Unit, Was: 10 * unit.Unit}},
		})
	}
}

// days lets days pass with nothing wrong.
func (r *rig) days(n int) { r.hours(24*n, 100) }

// advise makes n recommendations, of which some are answered with yes, some with
// a reason for no, and the rest not at all.
func (r *rig) advise(yes, no, unanswered int) {
	for i := range yes + no + unanswered {
		r.step(Recommended{
			What: "sleep g0", Plan: int64(i + 1), Units: []string{"g0-001"}, Power: -3500,
			Money: []Money{{"USD", unit.Unit}}, Expires: r.now.Add(time.Minute), Until: r.now.Add(time.Hour),
		})
		n := r.k.numbers.Recommendation
		if i < yes {
			r.step(Answered{Number: n, By: "ann", Accept: true})
		} else if i < yes+no {
			r.step(Answered{Number: n, By: "ann", Reason: "pump on repair"})
		}
	}
	r.now = r.now.Add(2 * time.Minute)
	r.step(Tick{})
}

// ask requests the next stage and returns the number of the request.
func (r *rig) ask(by string) int64 {
	next, _ := r.k.Stage().Next()
	r.step(Requested{Kind: Promote, To: next, By: by, Reason: "trial went well"})
	return r.k.numbers.Request
}

// rise promotes as far as to with everything that it needs.
func (r *rig) rise(to Stage) {
	r.t.Helper()
	for r.k.Stage().Below(to) {
		switch s := r.k.Stage(); {
		case s == Observe:
			r.days(1)
		case s == Advisory:
			r.advise(95, 5, 0)
			r.days(14)
		case s.Closed():
			r.step(Proved{Proven: 50})
			r.days(3)
		default:
			r.days(14)
		}
		before := r.k.Stage()
		r.step(Approved{Number: r.ask("ann"), By: "ben"})
		if !before.Below(r.k.Stage()) {
			r.t.Fatalf("still in %s: %s", before, r.says())
		}
	}
}

// says is what the last step answered: refusals, alarms, and records of change.
func (r *rig) says() string {
	var out []string
	for _, e := range r.out {
		switch e := e.(type) {
		case Refusal:
			said := []string{"refused " + string(e.Code)}
			for _, m := range e.Missing {
				said = append(said, m.String())
			}
			out = append(out, strings.Join(said, "; "))
		case Alarm:
			out = append(out, "alarm "+string(e.Code))
		case Record:
			out = append(out, strings.TrimSpace("record "+string(e.What)+" "+string(e.Code)))
		case Granted:
			out = append(out, "granted "+string(e.Request.Kind)+" "+e.Request.By+"+"+e.And)
		case Follow:
			out = append(out, fmt.Sprintf("follow %d", e.Plan))
		case Entrust:
			out = append(out, fmt.Sprintf("entrust %d", e.Count))
		case Advised:
		}
	}
	return strings.Join(out, ", ")
}

func (r *rig) has(want string) {
	r.t.Helper()
	if !strings.Contains(r.says(), want) {
		r.t.Errorf("%q is not in %q", want, r.says())
	}
}

func (r *rig) in(s Stage) {
	r.t.Helper()
	if r.k.Stage() != s {
		r.t.Errorf("in %s, want %s: %s", r.k.Stage(), s, r.says())
	}
}

// records are those of the last step about what.
func (r *rig) records(what What) []Record {
	var out []Record
	for _, e := range r.out {
		if n, ok := e.(Record); ok && n.What == what {
			out = append(out, n)
		}
	}
	return out
}
