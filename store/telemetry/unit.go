package telemetry

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"sluice/device"
	"sluice/unit"
)

// Unit names one machine and where it stands. Site and Name say which machine
// it is; the rest may change and may be empty. All of it is cleaned: devices
// choose some of it.
type Unit struct {
	Site   string
	Name   string // within the site: its address, or what people call it
	Hall   string
	Group  string
	Feeder string
	Model  string
}

// UnitSample is what one machine stated in one round. What is not known is not
// stored; where it was known the round before, its series ends.
type UnitSample struct {
	Unit
	At         time.Time // when it was asked, by this machine's clock
	Power      device.Value[unit.Power]
	Limit      device.Value[unit.Power]
	Hash       device.Value[unit.Hashrate]
	ChipMilliC device.Value[int64] // the hottest chip
	Uptime     device.Value[time.Duration]
	Accepted   device.Value[int64]
	Asleep     device.Value[bool]
}

// Of makes a sample of a reading. The hash rate is the mean over a minute or
// more where the machine states one. Unreachable and unknown are not awake.
func Of(u Unit, r device.Reading) UnitSample {
	s := UnitSample{
		Unit: u, At: r.Asked, Power: r.Power, Limit: r.Limit, Hash: r.HashMean,
		Uptime: r.Uptime, Accepted: r.Accepted,
	}
	if !s.Hash.Known {
		s.Hash = r.Hash
	}
	for _, c := range r.Chips {
		if !s.ChipMilliC.Known || c.MilliC > s.ChipMilliC.Value {
			s.ChipMilliC = device.Stated(c.MilliC)
		}
	}
	if r.Activity.Known && r.Activity.Value != device.Unreachable && r.Activity.Value != device.Unknown {
		s.Asleep = device.Stated(r.Activity.Value == device.Asleep)
	}
	return s
}

// machineSeries is how many series a machine has at most: the length of machineCatalogue.
const machineSeries = 8

// values are the samples of a machine that answered, in the order of machineCatalogue.
type values struct {
	v     [machineSeries]float64
	known [machineSeries]bool
}

func (v *values) set(i int, x float64, known bool) { v.v[i], v.known[i] = x, known }

func (s *UnitSample) values() values {
	var v values
	v.set(0, 1, true)
	v.set(1, float64(s.Power.Value), s.Power.Known)
	v.set(2, float64(s.Limit.Value), s.Limit.Known)
	v.set(3, float64(s.Hash.Value)*1e9, s.Hash.Known)
	v.set(4, float64(s.ChipMilliC.Value)/1000, s.ChipMilliC.Known)
	v.set(5, s.Uptime.Value.Seconds(), s.Uptime.Known)
	v.set(6, float64(s.Accepted.Value), s.Accepted.Known)
	asleep := 0.0
	if s.Asleep.Value {
		asleep = 1
	}
	v.set(7, asleep, s.Asleep.Known)
	return v
}

func (v *values) count() int {
	n := 0
	for _, k := range v.known {
		if k {
			n++
		}
	}
	return n
}

// silence is the sample of a machine that did not answer.
func silence() values {
	var v values
	v.set(0, 0, true)
	return v
}

// unitKey says which machine it is.
type unitKey struct{ site, name string }

// memory is a machine that is remembered: what makes the next sample cheap.
type memory struct {
	labels  Unit // clean
	refs    [machineSeries]storage.SeriesRef
	open    [machineSeries]bool // the last sample was a value, so silence must end the series
	last    int64               // newest sample, ms
	seen    int64               // last round in which it was named, ms
	hour    int64               // start of the hour of changes, ms
	changes int                 // of labels within that hour
}

// changesPerHour bounds how often a machine may get other labels. A machine
// that states another model at every answer would make new series each time.
const changesPerHour = 3

// relabel takes over labels that changed and says whether they were refused.
func (m *memory) relabel(u Unit, at int64) (changed, held bool) {
	if u == m.labels {
		return false, false
	}
	if at-m.hour >= time.Hour.Milliseconds() {
		m.hour, m.changes = at, 0
	}
	if m.changes >= changesPerHour {
		return false, true
	}
	m.changes++
	return true, false
}

func cleanUnit(u Unit) Unit {
	return Unit{
		Site: clean(u.Site), Name: clean(u.Name), Hall: clean(u.Hall),
		Group: clean(u.Group), Feeder: clean(u.Feeder), Model: clean(u.Model),
	}
}

// own copies the text, which may be a small part of a large answer.
func (u Unit) own() Unit {
	return Unit{
		Site: strings.Clone(u.Site), Name: strings.Clone(u.Name), Hall: strings.Clone(u.Hall),
		Group: strings.Clone(u.Group), Feeder: strings.Clone(u.Feeder), Model: strings.Clone(u.Model),
	}
}

// labelSet is the labels of one series of a machine, sorted by name as the database wants them.
func (u Unit) labelSet(m Metric) labels.Labels {
	b := labels.NewScratchBuilder(7)
	b.Add(model.MetricNameLabel, string(m))
	for _, l := range []Label{
		{"feeder", u.Feeder},
		{"group", u.Group},
		{"hall", u.Hall},
		{"machine", u.Name},
		{"model", u.Model},
		{"site", u.Site},
	} {
		if l.Value != "" {
			b.Add(l.Name, l.Value)
		}
	}
	return b.Labels()
}
