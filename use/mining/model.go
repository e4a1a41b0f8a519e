package mining

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/unit"
)

// Confidence says how an operating point is known.
type Confidence string

// The words of the catalogue, from the strongest. Nameplate is what the maker
// rates; it is never written in a curve, only made from a rating.
const (
	Measured         Confidence = "measured"
	FirmwareReported Confidence = "firmware-reported"
	Inferred         Confidence = "inferred"
	Blog             Confidence = "blog"
	Nameplate        Confidence = "nameplate"
)

// Kinds of cooling.
const (
	Air       = "air"
	Hydro     = "hydro"
	Immersion = "immersion"
)

// Model is one machine model: what its maker rates and which curves are known.
// The catalogue's models and those that a site declares itself are the same thing.
type Model struct {
	Name     string
	Maker    string
	Cooling  string        // air, hydro or immersion
	Year     int           // of release; 0: not known
	Power    unit.Power    // nameplate; 0 with Hashrate 0: not known
	Hashrate unit.Hashrate // nameplate
	Source   string
	Curves   []Curve // one per firmware
}

// Curve is the operating points of a model under one firmware, rising in power
// and in hash rate.
type Curve struct {
	Firmware string // "" is the maker's own
	Points   []Point
}

// Point is one way to run a machine: wall power in, hash rate out.
type Point struct {
	Label      string
	Power      unit.Power
	Hashrate   unit.Hashrate
	Confidence Confidence
	Source     string
}

// Efficiency is the average energy per hash at this point.
func (p Point) Efficiency() unit.Efficiency { return unit.EfficiencyOf(p.Power, p.Hashrate) }

// Bounds of what a machine can plausibly be. Outside them the numbers are
// almost surely in another unit (kW for W, GH/s for TH/s), and inside them
// every product of this package fits 64 bits.
const (
	efficiencyMin = 5 * unit.JoulePerTerahash
	efficiencyMax = 200 * unit.JoulePerTerahash
	powerMax      = 100 * unit.Kilowatt
)

// Validate reports every fault of a declared model at once: unknown words, a
// rating or a point beyond plausible efficiency, and a curve that does not rise.
func (m Model) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("model %q: "+format, append([]any{m.Name}, args...)...))
	}
	if strings.TrimSpace(m.Name) == "" {
		say("has no name")
	}
	if !slices.Contains([]string{Air, Hydro, Immersion}, m.Cooling) {
		say("cooling %q is not known: use %s, %s or %s", m.Cooling, Air, Hydro, Immersion)
	}
	if !m.Rated() && len(m.Curves) == 0 {
		say("has neither a nameplate (power and hash rate) nor a curve")
	}
	if m.Rated() {
		if why := m.rating().implausible(); why != "" {
			say("nameplate: %s", why)
		}
	}
	for i, c := range m.Curves {
		if slices.ContainsFunc(m.Curves[:i], func(d Curve) bool { return strings.EqualFold(c.Firmware, d.Firmware) }) {
			say("firmware %q has two curves", c.Firmware)
		}
		for _, why := range c.faults() {
			say("firmware %q: %s", c.Firmware, why)
		}
	}
	return errors.Join(faults...)
}

// Rated reports whether the maker's rating is known.
func (m Model) Rated() bool { return m.Power != 0 || m.Hashrate != 0 }

func (m Model) rating() Point {
	return Point{Label: "nameplate", Power: m.Power, Hashrate: m.Hashrate, Confidence: Nameplate, Source: m.Source}
}

// faults lists what is wrong with the points, in words.
func (c Curve) faults() []string {
	if len(c.Points) == 0 {
		return []string{"the curve has no points"}
	}
	var faults []string
	for i, p := range c.Points {
		if why := p.implausible(); why != "" {
			faults = append(faults, fmt.Sprintf("point %d (%s): %s", i+1, p, why))
		}
		if !known(p.Confidence) {
			faults = append(faults, fmt.Sprintf("point %d (%s): confidence %q is not known: use %s, %s, %s or %s",
				i+1, p, p.Confidence, Measured, FirmwareReported, Inferred, Blog))
		}
		if i > 0 && (p.Power <= c.Points[i-1].Power || p.Hashrate <= c.Points[i-1].Hashrate) {
			faults = append(faults, fmt.Sprintf("point %d (%s) does not rise above point %d (%s): more power must bring more hash rate; leave out the worse of the two",
				i+1, p, i, c.Points[i-1]))
		}
	}
	return faults
}

func known(c Confidence) bool {
	return slices.Contains([]Confidence{Measured, FirmwareReported, Inferred, Blog}, c)
}

// implausible says what is wrong with the numbers of a point, or nothing.
func (p Point) implausible() string {
	if p.Power <= 0 || p.Hashrate <= 0 {
		return fmt.Sprintf("%d W and %s must both be positive", int64(p.Power), terahash(p.Hashrate))
	}
	if p.Power > powerMax {
		return fmt.Sprintf("%d W is more than one machine draws (%d W at most): is it a group's power?", int64(p.Power), int64(powerMax))
	}
	if p.Hashrate > unit.Hashrate(powerMax)*unit.Terahash || p.Efficiency() < efficiencyMin || p.Efficiency() > efficiencyMax {
		return fmt.Sprintf("its J/TH is not between %d and %d: check the units (W at the wall, TH/s)",
			efficiencyMin/unit.JoulePerTerahash, efficiencyMax/unit.JoulePerTerahash)
	}
	return ""
}

// String prints the point for people.
func (p Point) String() string {
	return fmt.Sprintf("%d W, %s", int64(p.Power), terahash(p.Hashrate))
}

// terahash prints h in TH/s with at most three decimals.
func terahash(h unit.Hashrate) string {
	text := fmt.Sprintf("%d.%03d", h/unit.Terahash, max(h, -h)%unit.Terahash)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " TH/s"
}

// Curve returns the curve of a firmware as its Pareto front. The empty firmware
// is the maker's own: its known points and the nameplate. A name may be
// shortened as long as one curve matches ("VNish" for "VNish 1.2.6").
func (m Model) Curve(firmware string) (Curve, error) {
	if strings.TrimSpace(firmware) == "" {
		return m.factory()
	}
	var hits []Curve
	for _, c := range m.Curves {
		if strings.EqualFold(c.Firmware, firmware) {
			return Curve{Firmware: c.Firmware, Points: Front(c.Points)}, nil
		}
		if c.Firmware != "" && len(firmware) < len(c.Firmware) && strings.EqualFold(c.Firmware[:len(firmware)], firmware) {
			hits = append(hits, c)
		}
	}
	if len(hits) != 1 {
		return Curve{}, fmt.Errorf("model %q has no single curve for firmware %q: it has %s; or declare your own curve in the site file",
			m.Name, firmware, m.firmwares())
	}
	return Curve{Firmware: hits[0].Firmware, Points: Front(hits[0].Points)}, nil
}

// factory is the curve of the maker's own firmware.
func (m Model) factory() (Curve, error) {
	var points []Point
	for _, c := range m.Curves {
		if c.Firmware == "" {
			points = append(points, c.Points...)
		}
	}
	if m.Rated() {
		points = append(points, m.rating())
	}
	if len(points) == 0 {
		return Curve{}, fmt.Errorf("model %q has neither nameplate nor factory curve: name its firmware, one of %s", m.Name, m.firmwares())
	}
	return Curve{Points: Front(points)}, nil
}

func (m Model) firmwares() string {
	var names []string
	if m.Rated() {
		names = append(names, `"" (nameplate)`)
	}
	for _, c := range m.Curves {
		if c.Firmware != "" {
			names = append(names, fmt.Sprintf("%q", c.Firmware))
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
