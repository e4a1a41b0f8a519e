package room

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/trial"
	"sluice/live"
	"sluice/loop/commission"
	"sluice/people"
	"sluice/unit"
)

// stall tries machines as a test wants it: each trial sleeps its machine, says so, and
// goes on when it is let.
type stall struct {
	asleep chan string // machines that were put to sleep
	let    chan struct{}
	taken  []commission.Record
	broken string // a machine that does not get back what it had
	site   *plant
}

func newStall() *stall { return &stall{asleep: make(chan string, 9), let: make(chan struct{}, 9)} }

func (s *stall) Yard(site string) (TrialYard, error) {
	if site != "houston" {
		return TrialYard{}, ErrNoYard
	}
	return TrialYard{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}, Meters: []TrialMeter{{Name: "revenue", Kind: "revenue"}, {Name: "m2", Kind: "feeder", Of: "f2"}}}, nil
}

func (s *stall) Look(_ context.Context, q TrialOf) (commission.Plan, error) {
	if q.Machine == "10.0.0.99" {
		return commission.Plan{}, errors.New("nobody answers")
	}
	can := device.Capabilities{Sleep: true, Wake: true}
	return commission.Plan{
		Record: commission.Record{Address: q.Machine, Model: "S21"}, Can: can, Limits: commission.DefaultLimits(can, q.Window),
		Found: device.Reading{Activity: device.Stated(device.Running), Power: device.Stated(unit.Power(3500))},
	}, nil
}

func (s *stall) Try(_ context.Context, q TrialOf, w TrialWatch) (trial.Course, error) {
	w.Tell(0, commission.Began{Step: commission.Sleeping, Within: time.Minute})
	w.Tell(0, commission.Send{Number: 1, Command: device.Command{Verb: device.Sleep}})
	s.asleep <- q.Machine
	r := commission.Record{At: noon, Address: q.Machine, Model: "S21", Verdict: commission.Learned, Standing: commission.ByWordOnly, Sleep: new(int64(900))}
	if q.Machine == s.broken {
		r.Verdict, r.NotRestored = commission.WakeFailed, []string{"wake it"}
	}
	select {
	case <-w.Leave:
		return trial.Course{Orders: 1, Left: trial.Left{Orders: 1, Last: device.Command{Verb: device.Sleep}}}, trial.ErrLeft
	case <-w.Stop:
		r.Verdict = commission.WasStopped
	case <-s.let:
	}
	return trial.Course{Record: r, Orders: 2}, nil
}

func (s *stall) Take(_ string, all []commission.Record) error {
	s.taken = append(s.taken, all...)
	return nil
}

// trying is a room with one site of three machines, and somebody who may try them.
func trying(t *testing.T) (*world, *stall, *guest) {
	t.Helper()
	s := newStall()
	w := newWorld(t, func(c *Config) { c.Trials, c.Shelf = s, s })
	w.room.bench.pace = time.Millisecond
	p := newPlant(noon)
	s.site = p
	p.list = live.MachineList{Rev: 1, All: true}
	for _, name := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"} {
		p.list.Machines = append(p.list.Machines, live.MachineRow{Plate: live.Plate{Name: name, Model: "S21", Feeder: "f1"}, Shown: live.Shown{State: live.MachineRunning}})
	}
	p.list.Machines[2].LockedBy = "ben"
	w.must(w.room.Attach("houston", p))
	w.hear()
	return w, s, w.as(people.Engineer, "")
}

// begin starts trials and returns where they are told of.
func begin(t *testing.T, g *guest, machines ...string) string {
	t.Helper()
	a := asks(t, g, "/v1/sites/houston/trials", map[string]any{"machines": machines, "meter": "revenue"})
	if a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

// over waits for the end of trials.
func over(t *testing.T, w *world, g *guest, path string) (j TrialJob) {
	t.Helper()
	w.room.bench.tried("houston").wait()
	if err := json.Unmarshal([]byte(g.ok(http.StatusOK, http.MethodGet, path, nil).body), &j); err != nil {
		t.Fatal(err)
	}
	return j
}

// deedsOf are the deeds that a site was told.
func (p *plant) deedsOf(name string) (out []string) {
	p.change(func(p *plant) {
		for _, d := range p.told {
			if d.deed == name && d.q.Number == 0 {
				out = append(out, d.q.Machine)
			}
		}
	})
	return out
}

// TestTrials: machines are lent one after the other, tried, given back, and what they
// taught is taken over, by the site itself.
func TestTrials(t *testing.T) {
	t.Parallel()
	w, s, g := trying(t)
	p := s.site
	path := begin(t, g, "10.0.0.1", "10.0.0.2", "10.0.0.3")
	if a := asks(t, g, "/v1/sites/houston/trials", map[string]any{"machines": []string{"10.0.0.2"}}); a.status != http.StatusConflict || a.problem().Code != "busy" {
		t.Errorf("two jobs at a time: %d %s", a.status, a.body)
	}
	<-s.asleep
	if lent, back := p.deedsOf("lend"), p.deedsOf("giveback"); !slices.Equal(lent, []string{"10.0.0.1"}) || len(back) > 0 {
		t.Errorf("lent %v, given back %v while the first is tried", lent, back)
	}
	s.let <- struct{}{}
	<-s.asleep
	s.let <- struct{}{}
	j := over(t, w, g, path)
	if both := []string{"10.0.0.1", "10.0.0.2"}; !slices.Equal(p.deedsOf("lend"), both) || !slices.Equal(p.deedsOf("giveback"), both) {
		t.Errorf("lent %v, given back %v", p.deedsOf("lend"), p.deedsOf("giveback"))
	}
	if m := j.Machines[0]; m.State != "over" || m.Record == nil || len(m.Steps) != 1 || m.Steps[0].Order != "sleep" {
		t.Errorf("the first: %+v", m)
	}
	if m := j.Machines[2]; m.State != "refused" || !strings.Contains(m.Why, "ben holds it") {
		t.Errorf("one that somebody holds: %+v", m)
	}
	if a := asks(t, g, path+"/take", map[string]any{}); a.status != http.StatusOK || len(s.taken) != 2 || len(p.deedsOf("relearn")) != 1 {
		t.Errorf("taken over: %d %s, %d records, %v", a.status, a.body, len(s.taken), p.deedsOf("relearn"))
	}
	if a := asks(t, g, path+"/take", map[string]any{}); a.status != http.StatusConflict {
		t.Errorf("taken over twice: %d %s", a.status, a.body)
	}
}

// TestTrialsEnd: stop gives back and begins no other; a machine that the site wants for
// itself is told nothing more; one that is not as it was ends the job.
func TestTrialsEnd(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		end    func(w *world, p *plant, g *guest, path string)
		broken string
		states []string
		says   string
	}{
		"stop": {
			end: func(w *world, _ *plant, g *guest, path string) {
				g.ok(http.StatusNoContent, http.MethodDelete, path, nil)
			},
			states: []string{"over", "skipped"},
		},
		"the site takes it back": {
			end:    func(_ *world, p *plant, _ *guest, _ string) { p.change(func(p *plant) { p.no = "it was taken back" }) },
			states: []string{"left", "skipped"}, says: "taken back: it was last told sleep",
		},
		"not given back": {
			end:    func(*world, *plant, *guest, string) {},
			broken: "10.0.0.1", states: []string{"over", "skipped"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w, s, g := trying(t)
			p := s.site
			s.broken = c.broken
			path := begin(t, g, "10.0.0.1", "10.0.0.2")
			<-s.asleep
			c.end(w, p, g, path)
			if c.broken != "" {
				s.let <- struct{}{}
			}
			j := over(t, w, g, path)
			for i, want := range c.states {
				if m := j.Machines[i]; m.State != want || i == 0 && !strings.Contains(m.Why, c.says) {
					t.Errorf("%s is %s: %q, want %s", m.Machine, m.State, m.Why, want)
				}
			}
		})
	}
}

// TestLookAtTrials says before anything is written what would be done, and what is in the way.
func TestLookAtTrials(t *testing.T) {
	t.Parallel()
	w, s, g := trying(t)
	p := s.site
	look := func(machines ...string) reply {
		return asks(t, g, "/v1/sites/houston/trials/look", map[string]any{"machines": machines, "levels": 0})
	}
	var plans TrialPlans
	a := look("10.0.0.1", "10.0.0.3", "10.0.0.99")
	if err := json.Unmarshal([]byte(a.body), &plans); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s, %v", a.status, a.body, err)
	}
	if x := plans.Plans[0]; !x.Ready || !x.Ours || len(x.Steps) != 3 || x.Longest == 0 || x.Power == nil || *x.Power != 3500 {
		t.Errorf("%+v", x)
	}
	if x := plans.Plans[1]; x.Ready || !strings.Contains(x.Why, "ben holds it") {
		t.Errorf("locked: %+v", x)
	}
	if x := plans.Plans[2]; x.Ready || x.Ours || !strings.Contains(x.Why, "nobody answers") {
		t.Errorf("nobody there: %+v", x)
	}
	if plans.Moves == nil || *plans.Moves != 3500 || plans.Longest != plans.Plans[0].Longest {
		t.Errorf("together %+v", plans)
	}
	for sentence, machines := range map[string][]string{
		"a name": {"miner.example"}, "outside": {"10.9.0.1"}, "twice": {"10.0.0.1", "10.0.0.1"}, "none": {}, "too many": make([]string, triedMost+1),
	} {
		if a := look(machines...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
	}
	a = asks(t, g, "/v1/sites/houston/trials/look", map[string]any{"machines": []string{"10.0.0.1"}, "meter": "m2"})
	if err := json.Unmarshal([]byte(a.body), &plans); err != nil || plans.Plans[0].Ready || !strings.Contains(plans.Plans[0].Why, "a meter that sees it") {
		t.Errorf("by a meter of another feeder: %s, %v", a.body, err)
	}
	p.change(func(p *plant) { p.status.Stopped = true })
	w.hear()
	if err := json.Unmarshal([]byte(look("10.0.0.1").body), &plans); err != nil || plans.Plans[0].Ready || !strings.Contains(plans.Plans[0].Why, "stopped") {
		t.Errorf("of a site that is stopped: %+v, %v", plans, err)
	}
	if len(s.asleep) > 0 || len(p.deedsOf("lend")) > 0 {
		t.Error("something was told by looking")
	}
}

// TestByFeeder chooses what hangs on one feeder, in the list and in the picture.
func TestByFeeder(t *testing.T) {
	t.Parallel()
	f := newFleet()
	f.take(live.MachineList{Rev: 1, All: true, Machines: []live.MachineRow{
		{Plate: live.Plate{Name: "10.0.0.1", Hall: "a", Feeder: "f1"}}, {Plate: live.Plate{Name: "10.0.0.2", Hall: "b", Feeder: "f1"}}, {Plate: live.Plate{Name: "10.0.0.3", Hall: "b", Feeder: "f2"}},
	}}, noon)
	if p := f.find(FleetQuery{Feeder: "f1", Limit: 9}); p.Found != 2 {
		t.Errorf("%d machines on the feeder, want 2", p.Found)
	}
	for sentence, c := range map[string]struct {
		hall, feeder string
		want         []string
	}{
		"all":            {"", "", []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}},
		"of a feeder":    {"", "f1", []string{"10.0.0.1", "10.0.0.2"}},
		"of both":        {"b", "f1", []string{"10.0.0.2"}},
		"of none of all": {"a", "f2", []string{}},
	} {
		if h := f.heat(c.hall, c.feeder); !slices.Equal(h.Names, c.want) {
			t.Errorf("%s: %v, want %v", sentence, h.Names, c.want)
		}
	}
}
