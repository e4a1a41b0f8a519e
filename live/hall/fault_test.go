package hall

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// A day is one bad day of a hall; what it breaks is noted.
type day struct {
	change func(*bench)
	run    func(*bench)
}

// days are the bad ones, by a sentence.
func days() map[string]day {
	return map[string]day{
		"every command is on disk before it goes out":                  {run: keptFirst},
		"the program is killed in the middle and started again":        {run: killed},
		"budgets and an event both set power limits":                   {run: twoKernels},
		"the engine hangs just when an event begins":                   {run: hanging},
		"the engine says yes to evictions and does nothing":            {run: lying},
		"the hall's meter falls silent before the event ends":          {change: quietMeter, run: blind},
		"no meter stands in front of the hall":                         {change: unmetered, run: noProof},
		"no meter stands there, and a node does not say what it draws": {change: muteNode, run: noSum},
		"the disk refuses while power is down":                         {run: brokenDisk},
		"the engine keeps its records shut for a while":                {run: shutRecords},
		"jobs ignore the signal to stop":                               {change: deaf, run: deafJobs},
		"somebody else lowers a quota":                                 {run: quota},
		"a tenant holds more than it was sold, and a job is of nobody": {change: oversold, run: overQuota},
		"a node states no power":                                       {change: muteNode, run: noPower},
		"the engine is silent while others want to see it":             {run: seen},
		"the driver comes upon something":                              {change: driverIll, run: toldByDriver},
		"the clock of the computer is set back":                        {change: steppingClock, run: clockBack},
		"the engine bills 5 % more than its GPUs show":                 {run: overbilled},
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for name, d := range days() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, what := range inBubble(t, d.change, d.run) {
				t.Error(what)
			}
		})
	}
}

// TestPlantedFaults plants a fault at a time: a day must notice it.
func TestPlantedFaults(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		plant func(*sabotage)
		day   string
	}{
		"commands go out before they are on disk":         {func(s *sabotage) { s.sendsFirst = true }, "every command is on disk before it goes out"},
		"a restart begins with nothing":                   {func(s *sabotage) { s.forgets = true }, "the program is killed in the middle and started again"},
		"limits go out under the epochs of two kernels":   {func(s *sabotage) { s.oldEpoch = true }, "budgets and an event both set power limits"},
		"agents wait for the engine":                      {func(s *sabotage) { s.waits = true }, "the engine hangs just when an event begins"},
		"what nobody answered counts as done":             {func(s *sabotage) { s.presumes = true }, "the engine hangs just when an event begins"},
		"a silent meter shows nothing":                    {func(s *sabotage) { s.zero = true }, "the hall's meter falls silent before the event ends"},
		"a sum of sensors is called proof":                {func(s *sabotage) { s.believes = true }, "no meter stands in front of the hall"},
		"a sum is made although a node says nothing":      {func(s *sabotage) { s.guesses = true }, "no meter stands there, and a node does not say what it draws"},
		"power is given back although the disk refuses":   {func(s *sabotage) { s.raises = true }, "the disk refuses while power is down"},
		"an interval that was not metered is left out":    {func(s *sabotage) { s.skips = true }, "the engine keeps its records shut for a while"},
		"the engine's word counts as that of the witness": {func(s *sabotage) { s.trusts = true }, "the engine bills 5 % more than its GPUs show"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := days()[x.day]
			broken := inBubble(t, func(b *bench) {
				if d.change != nil {
					d.change(b)
				}
				b.plan = x.plant
			}, d.run)
			if len(broken) == 0 {
				t.Errorf("nobody noticed it on the day when %s", x.day)
			} else {
				t.Log(broken[0])
			}
		})
	}
}

// want notes that a trouble is missing.
func (b *bench) want(code, subject string) {
	b.tb.Helper()
	if !b.has(code, subject) {
		b.breach("no trouble %s of %q; there are %+v", code, subject, b.status().Troubles)
	}
}

// firmRuns notes firm jobs that do not run.
func (b *bench) firmRuns() {
	b.tb.Helper()
	for id, s := range b.states() {
		if strings.HasPrefix(id, "firm") && s != engine.Running {
			b.breach("firm job %s is %s", id, s)
		}
	}
}

// fell notes that the hall's meter did not fall by so much.
func (b *bench) fell(before, by unit.Power) {
	b.tb.Helper()
	if now := b.shows(HallMeter, ""); before-now < by-500 {
		b.breach("the hall's meter went from %s to %s, wanted %s less", before, now, by)
	}
}

// back notes what is left of an event that is over.
func (b *bench) back() {
	b.tb.Helper()
	s := b.status()
	if s.Event == nil || s.Event.Phase != curtail.Done {
		b.breach("the event is not over: %+v", s.Event)
	}
	for id, state := range b.states() {
		if state != engine.Running {
			b.breach("job %s is %s after everything was given back", id, state)
		}
	}
	if l := b.limits(); len(l) > 0 {
		b.breach("limits are left: %v", l)
	}
}

func keptFirst(b *bench) {
	b.spy.check = func(c engine.Command) {
		sent, err := b.plant.Store.Office().Commands(context.Background(), c.Event)
		if err != nil || !slices.ContainsFunc(sent, func(s tenants.Sent) bool { return s.Seq == c.Seq && s.Verb == c.Verb }) {
			b.breach("%s %s went out and is not stored, %v", c.Verb, c.Subject, err)
		}
		text, err := os.ReadFile(filepath.Join(b.dir, stateFile))
		var k kept
		if err != nil || json.Unmarshal(text, &k) != nil || k.Kernel.Event != c.Event {
			b.breach("%s %s went out and the state on disk is of %q, %v", c.Verb, c.Subject, k.Kernel.Event, err)
		}
	}
	b.curtail(35_000, 10*time.Minute, 5*time.Minute)
	b.pass(50 * time.Minute)
	if n := len(b.spy.commands()); n < 5 {
		b.breach("only %d commands went out", n)
	}
	sent, err := b.plant.Store.Office().Commands(b.tb.Context(), b.status().Event.Order.Event)
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, s := range sent {
		if len(s.Answers) == 0 {
			b.breach("no answer is stored to %s %s", s.Verb, s.Subject)
		}
	}
}

func killed(b *bench) {
	before := b.shows(HallMeter, "")
	event := b.curtail(35_000, 10*time.Minute, 5*time.Minute)
	for _, d := range []time.Duration{15 * time.Second, 40 * time.Second, 2 * time.Minute} {
		b.pass(d)
		b.stop()
		b.start()
	}
	if e := b.status().Event; e == nil || e.Order.Event != event || e.Order.To != before-35_000 {
		b.breach("after the restart the event is %+v", e)
	}
	b.pass(4 * time.Minute)
	b.fell(before, 35_000)
	b.firmRuns()
	evicted := map[string]int{}
	for _, c := range b.spy.commands() {
		if c.Verb == engine.Evict {
			evicted[c.Subject]++
		}
	}
	if len(evicted) == 0 {
		b.breach("nothing was evicted: the day proves nothing")
	}
	for id, n := range evicted {
		if n > 2 {
			b.breach("%s was evicted %d times", id, n)
		}
	}
	b.pass(60 * time.Minute)
	b.back()
}

func twoKernels(b *bench) {
	for i := range unit.Power(6) { // limits, one deeper than the other
		b.gives(0, map[string]unit.Power{"firm": 37_440 - 200*i, "batch": 18_720 - 100*i, "spot": 46_300 - 200*i})
		b.pass(time.Minute)
	}
	if len(b.limits()) == 0 {
		b.breach("the budgets set no limits: the day proves nothing")
	}
	b.curtail(8_000, 10*time.Minute, time.Hour)
	b.pass(2 * time.Minute)
	caps := 0
	for _, a := range b.status().Event.Acts {
		if a.Lever == shed.Cap {
			caps++
		}
	}
	if caps == 0 {
		b.breach("the event set no limits: the day proves nothing")
	}
	for _, n := range b.notices() {
		if n.Code == "agent_says_no" {
			b.breach("an agent says no: %s", n.Text)
		}
	}
}

func (b *bench) notices() []Notice {
	b.tb.Helper()
	all, err := b.h.Notices(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	return all
}

func hanging(b *bench) {
	before := b.shows(HallMeter, "")
	b.spy.set(func(s *spy) { s.hangs = true })
	b.curtail(35_000, 10*time.Minute, 5*time.Minute)
	b.pass(8 * time.Second)
	if len(b.limits()) == 0 {
		b.breach("no limit reached a node while the engine hangs")
	}
	b.pass(time.Minute)
	b.want("engine_unreachable", "gpu")
	b.spy.set(func(s *spy) { s.hangs = false })
	b.pass(9 * time.Minute)
	b.fell(before, 35_000)
	held := false
	for _, c := range b.spy.commands() {
		held = held || c.Verb == engine.Hold
	}
	if !held {
		b.breach("no queue was held after the engine was back")
	}
	if b.has("engine_unreachable", "gpu") {
		b.breach("the engine is back and still called unreachable")
	}
	b.firmRuns()
	b.pass(60 * time.Minute)
	b.back()
}

// lying: escalation within one control period after the first eviction had to be seen.
func lying(b *bench) {
	b.spy.set(func(s *spy) { s.lies = true })
	b.curtail(25_000, 6*time.Minute, 30*time.Minute)
	b.pass(time.Second)
	first := b.status().Event
	var latest time.Duration
	evictions := 0
	for _, a := range first.Acts {
		if a.Lever == shed.Evict {
			evictions++
			latest = max(latest, a.Ready)
		}
	}
	if evictions == 0 {
		b.breach("nothing is evicted: the day proves nothing")
	}
	b.pass(latest + b.cfg.Timing.Period + 10*time.Second)
	b.want("yes_without_fall", "gpu")
	b.want("job_ignores_signals", "")
	if now := b.status().Event; len(now.Acts) <= len(first.Acts) || now.Proven {
		b.breach("%d acts, and %d before the meter had to show them; proven: %v", len(now.Acts), len(first.Acts), now.Proven)
	}
}

// silentMeter may fall silent.
type silentMeter struct {
	Meter

	silent *atomic.Bool
}

func (m silentMeter) Sample(ctx context.Context) (Sample, error) {
	if m.silent.Load() {
		return Sample{}, errors.New("the meter did not answer in time")
	}
	return m.Meter.Sample(ctx)
}

func quietMeter(b *bench) {
	b.quiet = &atomic.Bool{}
	for i, g := range b.plant.Gauges {
		if g.Place == HallMeter {
			b.plant.Gauges[i].Meter = silentMeter{g.Meter, b.quiet}
		}
	}
}

func blind(b *bench) {
	before := b.shows(HallMeter, "")
	b.curtail(25_000, 6*time.Minute, 5*time.Minute)
	b.pass(6 * time.Minute)
	b.fell(before, 25_000)
	low := b.shows(HallMeter, "")
	b.quiet.Store(true)
	b.pass(30 * time.Minute)
	b.want("meter_silent", "")
	if now := b.shows(HallMeter, ""); now > low+500 {
		b.breach("the hall draws %s, %s when its meter fell silent: something was given back", now, low)
	}
	if s := b.status(); s.Known {
		b.breach("a power of %s is known although the meter is silent", s.Power)
	}
	b.quiet.Store(false)
	b.pass(60 * time.Minute)
	b.back()
}

func unmetered(b *bench) {
	b.plant.Gauges = slices.DeleteFunc(b.plant.Gauges, func(g Gauge) bool { return g.Place == HallMeter })
}

func noProof(b *bench) {
	before := b.shows(HallMeter, "")
	b.curtail(25_000, 6*time.Minute, 30*time.Minute)
	b.pass(8 * time.Minute)
	b.fell(before, 20_000)
	s := b.status()
	if s.Metered || s.Event.Proven {
		b.breach("the sum of sensors is called proof: %+v", s.Event.Outcome.Hall)
	}
	if !s.Known || s.Event.Phase != curtail.Holding {
		b.breach("without a meter the event is %s, power known: %v", s.Event.Phase, s.Known)
	}
	b.want("hall_without_meter", "gpu")
}

// muteAgent leaves out what one node draws.
type muteAgent struct{ gpu.Agent }

func (m muteAgent) Read(ctx context.Context) ([]gpu.Reading, error) {
	all, err := m.Agent.Read(ctx)
	for i := range all {
		if all[i].Node == "h100-0002" {
			all[i].Draw, all[i].Has.Draw = 0, false
		}
	}
	return all, err
}

func muteNode(b *bench) {
	unmetered(b)
	b.plant.Agents[0].Agent = muteAgent{b.v}
}

func noSum(b *bench) {
	if s := b.status(); s.Known {
		b.breach("the hall is said to draw %s, and h100-0002 does not say what it draws", s.Power)
	}
	if _, err := b.h.Propose(b.tb.Context(), Wish{By: 10_000, Within: 10 * time.Minute}); !errors.Is(err, ErrNo) {
		b.breach("a plan was made on a power that nobody knows: %v", err)
	}
}

func noPower(b *bench) {
	b.want("node_states_no_power", "h100-0002")
	for _, c := range b.status().Contracts {
		if c.Contract == "firm" && c.Draw != nil && *c.Draw == 0 {
			b.breach("what nobody states is counted as zero: %+v", c)
		}
	}
}
