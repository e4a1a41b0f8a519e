package hall

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/gpu"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// Config describes a hall.
type Config struct {
	Start     time.Time // whole seconds
	Hall      hosting.Hall
	Contracts []hosting.Contract // each with a name of its own
	Curves    gpu.Curves         // speed under a power limit; zero: it falls as power does
	Streams   map[string]*jobs.Stream
	Profiles  map[string]*jobs.Profile // load of colocation contracts; missing: all of what they committed to
	Air       *series.Series[int64]    // ambient temperature, thousandths of a degree; nil: the cooling's base
	Failures  Failures
	Faults    Faults
	Seed      uint64
	Saving    unit.Ratio    // share of jobs that begin to save on a signal; a checkpoint on a signal is best effort
	SaveTime  time.Duration // that such a save takes; 0: two minutes
	Budget    unit.Power    // planning watts that the engine admits; 0: those of all GPUs
	Agreed    bool          // only calls told by Agree are excused; else every stretch in which a tenant is short because of us counts as a call
	Records   time.Duration // for how long records of use are kept; 0: two days
}

// Failures says how often servers break and how long they stay broken.
type Failures struct {
	Between time.Duration // mean time between failures of one server; 0: nothing breaks
	Repair  time.Duration // mean time to repair
}

// Faults is what goes wrong with commands and readings, by the seed.
type Faults struct {
	Deaf   unit.Ratio    // share of jobs that ignore signals
	Hangs  time.Duration // for how long a deaf job runs on beyond its grace; 0: until it ends by itself
	Mute   unit.Ratio    // share of servers whose GPUs state no power
	Silent unit.Ratio    // share of the hours in which the engine does not answer
}

// What a configuration leaves open.
const (
	defaultBoot    = 5 * time.Minute // assumption
	defaultSave    = 2 * time.Minute // assumption
	defaultRecords = 48 * time.Hour
)

// validate reports every fault at once.
func (c Config) validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("hall %q: "+format, append([]any{c.Hall.Name}, args...)...))
	}
	if c.Hall.Name == "" || c.Start.IsZero() || c.Start.Nanosecond() != 0 {
		say("it needs a name and a start in whole seconds")
	}
	for _, r := range []unit.Ratio{c.Saving, c.Faults.Deaf, c.Faults.Mute, c.Faults.Silent} {
		if r < 0 || r > unit.One {
			say("a share of %.3f does not lie between 0 and 1", r.Float())
		}
	}
	if c.Failures.Between < 0 || c.Failures.Between > 0 && c.Failures.Repair <= 0 || c.Faults.Hangs < 0 || c.Budget < 0 || c.Records < 0 || c.SaveTime < 0 {
		say("times and budget must not be negative, and what fails needs a time to repair")
	}
	faults = append(faults, c.Hall.Validate())
	for _, g := range c.Hall.Groups {
		for _, why := range groupFaults(g) {
			say("group %q: %s", g.Name, why)
		}
	}
	seen := map[string]bool{c.Hall.Name: true} // the use of what nobody owns has its name
	for _, k := range c.Contracts {
		if seen[k.Name] || k.Name == "" {
			say("contract %q: every contract needs a name of its own, other than the hall's: give one version of each", k.Name)
		}
		seen[k.Name] = true
		for _, why := range c.contractFaults(k) {
			say("contract %q: %s", k.Name, why)
		}
	}
	for name := range c.Streams {
		if !seen[name] || name == c.Hall.Name {
			say("there are jobs of %q, which is no contract", name)
		}
	}
	return errors.Join(faults...)
}

// groupFaults lists what is not known or makes no sense of a group: power is never guessed.
func groupFaults(g hosting.Group) []string {
	var out []string
	m := g.Model
	if m.TDP <= 0 || m.PerNode <= 0 || m.Node <= 0 || m.Empty <= 0 {
		out = append(out, fmt.Sprintf("of model %q the default power limit, GPUs in a server, and power of the full and of the empty server must be declared", m.Name))
		return out
	}
	if m.Idle*unit.Power(m.PerNode) > m.Empty || m.Empty > m.Node || m.Idle >= m.TDP {
		out = append(out, fmt.Sprintf("model %q: idle GPUs (%s each) draw less than the empty server (%s), and that less than the full one (%s)", m.Name, m.Idle, m.Empty, m.Node))
	}
	if rackRoom(g) <= 0 {
		out = append(out, fmt.Sprintf("a rack limit of %s leaves no room for work beside its empty servers", g.Limit))
	}
	return out
}

func (c Config) contractFaults(k hosting.Contract) []string {
	var out []string
	if k.Start.IsZero() || k.GPUs < 0 || k.Power < 0 || k.Grace < 0 || k.Restart < 0 {
		out = append(out, "it needs a start, and nothing of it may be negative")
	}
	if k.Kind == hosting.Colocation {
		if k.Power <= 0 {
			out = append(out, "colocation commits to a power")
		}
		return out
	}
	if _, ok := pools(c.Hall)[model(k.Model)]; !ok {
		out = append(out, fmt.Sprintf("no group of the hall has the GPU model %q", k.Model))
	}
	if firm(k.Kind) && k.GPUs == 0 {
		out = append(out, "what is reserved must be stated")
	}
	return out
}

// firm reports whether GPUs are kept for a contract, used or not.
func firm(k hosting.Kind) bool { return k == hosting.Reserved || k == hosting.Flexible }

// preemptible reports whether the engine stops work of a kind for that of another.
func preemptible(k hosting.Kind) bool { return k == hosting.Spot || k == hosting.Batch }

// rank is the order in which an engine serves the kinds.
func rank(k hosting.Kind) int {
	switch k {
	case hosting.Reserved, hosting.Flexible, hosting.Colocation:
		return 0
	case hosting.OnDemand:
		return 1
	case hosting.Batch:
		return 2
	case hosting.Spot:
	}
	return 3
}

// pools numbers the GPU models of a hall: what a contract of a model may use.
func pools(h hosting.Hall) map[string]int {
	out := map[string]int{}
	for _, g := range h.Groups {
		m := model(g.Model.Name)
		if _, ok := out[m]; !ok {
			out[m] = len(out)
		}
	}
	return out
}

// model is the name of a GPU model as it is compared.
func model(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// rackRoom is how many busy GPUs a rack of the group holds under its limit, counted
// at the most that its servers can draw.
func rackRoom(g hosting.Group) int {
	per, rack := g.Model.PerNode, max(1, g.Rack)
	if g.Limit == 0 || g.Model.Node == g.Model.Empty {
		return per * rack
	}
	room := g.Limit - unit.Power(rack)*g.Model.Empty
	if room < 0 {
		return 0
	}
	return min(per*rack, int(int64(room)*int64(per)/int64(g.Model.Node-g.Model.Empty)))
}
