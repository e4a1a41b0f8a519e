package commission

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Plan is what a trial may do, and what was found before it.
type Plan struct {
	Record      Record              // who the machine is, filled in by the shell: date, address, identity, cooling, air
	Can         device.Capabilities // what its firmware offers
	Found       device.Reading      // what is given back in the end
	Meter       Meter
	AllowRaise  bool // levels above the one found may be tried
	Reboot      bool // restart it once, from its lowest level
	Levels      int  // tried beside the one found; 0: none
	HottestMill int64
	Limits      Limits
}

// Meter says what sees the machine besides itself.
type Meter struct {
	Given     bool
	Dedicated bool       // nothing else is behind it
	Step      unit.Power // least change that it can show; 0: a watt
}

// Limits bounds the trial. DefaultLimits fills in what depends on the firmware.
type Limits struct {
	Window  time.Duration // a mean is taken over this
	Sleep   time.Duration // until the effect of a sleep must show
	Wake    time.Duration // until a wake must be steady
	Level   time.Duration // until a level must be steady
	Boot    time.Duration // until a restart must be steady
	Restore time.Duration // for giving back
	Stale   time.Duration // longest silence of the meter
	Answer  time.Duration // longest wait for the answer to an order
	Retry   time.Duration // before an order that was not heard is repeated
	Total   time.Duration // of everything but giving back
}

// repeatsMost is how often a round is begun anew because other load moved.
const repeatsMost = 2

// DefaultLimits is patient with every firmware, for windows of that length.
func DefaultLimits(c device.Capabilities, window time.Duration) Limits {
	level := 5 * time.Minute
	switch c.LevelCost {
	case device.Restarts:
		level = 10*time.Minute + 2*c.Settle
	case device.Retunes, device.UnknownCost, "":
		level = time.Hour
	case device.Hot:
	}
	wake := max(20*time.Minute, 3*c.Settle)
	return Limits{
		Window: window, Sleep: 3*time.Minute + 2*window, Wake: wake + 2*window, Level: level + 2*window, Boot: wake + 10*time.Minute,
		Restore: wake + 10*time.Minute, Stale: 30 * time.Second, Answer: 2 * time.Minute, Retry: 5 * time.Second, Total: 6 * time.Hour,
	}
}

// Level is one level to try.
type Level struct {
	Name    string
	Command device.Command
	Power   unit.Power // by its label; 0: it has none
}

// Validate reports every fault of a plan at once.
func (p Plan) Validate() error {
	var faults []error
	l := p.Limits
	for name, d := range map[string]time.Duration{"window": l.Window, "sleep": l.Sleep, "wake": l.Wake, "level": l.Level, "boot": l.Boot, "restore": l.Restore, "answer": l.Answer, "retry": l.Retry, "total": l.Total, "stale": l.Stale} {
		if d <= 0 {
			faults = append(faults, fmt.Errorf("limit of %s is %v: state one above zero", name, d))
		}
	}
	if p.Levels < 0 || p.Levels > 12 {
		faults = append(faults, fmt.Errorf("%d levels: state 0 to 12", p.Levels))
	}
	if p.HottestMill <= 0 {
		faults = append(faults, errors.New("no bound for the temperature: state one"))
	}
	if !p.Meter.Given && !p.Found.Power.Known {
		faults = append(faults, errors.New("the machine states no power and no meter is given: nothing could be learned: give a meter"))
	}
	return errors.Join(faults...)
}

// found is the level to give back, or false with the reason why no level is tried.
func (p Plan) found() (Level, string) {
	mode, limit := p.Found.Mode, p.Found.Limit
	switch p.Can.Level {
	case device.Presets, device.Modes:
		i := slices.IndexFunc(p.Can.Presets, func(s device.Preset) bool { return mode.Known && s.Name == mode.Value })
		if i < 0 {
			return Level{}, "its level is none that its firmware offers, so it could not be given back: no level is tried"
		}
		return levelOf(p.Can.Presets[i]), ""
	case device.Watts, device.Percent:
		if !limit.Known || limit.Value <= 0 {
			return Level{}, "it does not state its limit, so it could not be given back: no level is tried"
		}
		return wattsOf(limit.Value), ""
	case device.NoLevels, "":
	}
	return Level{}, "its firmware has no levels"
}

func levelOf(s device.Preset) Level {
	return Level{Name: s.Name, Command: device.Command{Verb: device.SetMode, Mode: s.Name}, Power: s.Power}
}

func wattsOf(w unit.Power) Level {
	return Level{Name: strconv.FormatInt(int64(w), 10) + " W", Command: device.Command{Verb: device.SetPower, Power: w}, Power: w}
}

// Tried lists the levels beside the one found, from the lowest, those above it
// only where that is allowed, and says why there are none.
func (p Plan) Tried() ([]Level, string) {
	at, why := p.found()
	if why != "" || p.Levels == 0 {
		return nil, why
	}
	var all []Level
	switch p.Can.Level {
	case device.Presets, device.Modes:
		for _, s := range p.Can.Presets {
			if c, ok := compare(levelOf(s), at); ok && c != 0 && (c < 0 || p.AllowRaise) {
				all = append(all, levelOf(s))
			}
		}
		slices.SortStableFunc(all, func(a, b Level) int { c, _ := compare(a, b); return c })
	case device.Watts, device.Percent:
		all = p.spread(at.Power)
	case device.NoLevels, "":
	}
	if len(all) == 0 {
		return nil, "its firmware offers no level below the one found"
	}
	return thin(all, p.Levels), ""
}

// spread lists levels of a machine that takes any: from two fifths of what was
// found, which few machines go below and fewer earn at.
func (p Plan) spread(found unit.Power) []Level {
	step := max(1, p.Can.Step)
	low := max(p.Can.Least, found*2/5)
	high := found
	if p.AllowRaise {
		high = max(found, p.Can.Most)
	}
	var out []Level
	for i := range p.Levels {
		w := low + (high-low)*unit.Power(i)/unit.Power(p.Levels)
		if high > found {
			w = low + (high-low)*unit.Power(i)/unit.Power(max(1, p.Levels-1))
		}
		w -= w % step
		if abs(int64(w-found)) >= max(int64(step), int64(found)/50) && w >= p.Can.Least && w > 0 && (len(out) == 0 || out[len(out)-1].Power < w) {
			out = append(out, wattsOf(w))
		}
	}
	return out
}

// thin keeps at most n of the levels, the outermost and those between them evenly.
func thin(all []Level, n int) []Level {
	if len(all) <= n {
		return all
	}
	var out []Level
	for i := range n {
		out = append(out, all[i*(len(all)-1)/max(1, n-1)])
	}
	return out
}

// compare orders two levels by what they draw: by their labels, else by names
// that everybody orders alike. False: nobody can say.
func compare(a, b Level) (int, bool) {
	if a.Power > 0 && b.Power > 0 {
		return cmp.Compare(a.Power, b.Power), true
	}
	x, okX := rank(a.Name)
	y, okY := rank(b.Name)
	return cmp.Compare(x, y), okX && okY || a.Name == b.Name
}

func rank(name string) (int, bool) {
	if i := slices.Index([]string{"low", "normal", "high"}, name); i >= 0 {
		return i, true
	}
	n, err := strconv.Atoi(name)
	return n, err == nil
}

// Longest is the most that the trial may take, giving back included.
func (p Plan) Longest() time.Duration {
	l := p.Limits
	sum := 3 * batches * l.Window
	for _, r := range p.rounds() {
		for _, g := range r {
			sum += g.bound
		}
	}
	return min(sum*(1+repeatsMost), l.Total) + l.Restore
}

// Steps lists what the trial does when nothing goes wrong, for people.
func (p Plan) Steps() []Began {
	out := []Began{{Step: Baseline, Within: 3 * batches * p.Limits.Window}}
	found, _ := p.found()
	tried, _ := p.Tried()
	for _, r := range p.rounds() {
		for _, g := range r {
			b := Began{Step: g.step, Within: g.bound}
			if g.step == Levelled {
				b.Level = found.Name
				if g.level >= 0 {
					b.Level = tried[g.level].Name
				}
			}
			out = append(out, b)
		}
	}
	return out
}
