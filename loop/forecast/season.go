package forecast

import (
	"math"
	"slices"
	"time"
)

// The memory of the season, in days.
const (
	seasonDays = 14 // two weeks: every weekday twice
	warmDays   = 7  // every weekday once
	trimmed    = 2  // days dropped at either end of the robust mean
)

// season knows what recent days were like at each slot of the local clock.
type season struct {
	slots        int
	near, around int       // half width of the smoothing, in slots
	day          []float64 // slots x seasonDays, the youngest at seen mod seasonDays
	seen         []int64   // per slot: days ever seen
	level        profile   // median: the quiet price that excursions return to
	mean         profile   // mean without the two highest and lowest days
	warm         profile   // plain mean of the last week: how hot this time of day has been
	typical      float64   // mean size of level over the day, at least least
	least        float64
}

// profile is one figure per slot and its mean over neighbouring slots.
type profile struct{ raw, smooth []float64 }

func newSeason(c *clock, least float64) season {
	s := season{slots: c.slots, near: c.steps(15*time.Minute, 0), around: c.steps(30*time.Minute, 0)}
	s.day, s.seen = make([]float64, c.slots*seasonDays), make([]int64, c.slots)
	for _, p := range []*profile{&s.level, &s.mean, &s.warm} {
		p.raw, p.smooth = make([]float64, c.slots), make([]float64, c.slots)
		for i := range p.raw {
			p.raw[i], p.smooth[i] = math.NaN(), math.NaN()
		}
	}
	s.least, s.typical = least, least
	return s
}

// learn adds the price p to slot i.
func (s *season) learn(i int, p float64) {
	ring := s.day[i*seasonDays : (i+1)*seasonDays]
	ring[s.seen[i]%seasonDays] = p
	s.seen[i]++
	s.describe(i)
	s.level.blur(i, s.near)
	s.mean.blur(i, s.near)
	s.warm.blur(i, s.around)
	s.typical = s.size()
}

// describe sets the raw figures of slot i.
func (s *season) describe(i int) {
	ring := s.day[i*seasonDays : (i+1)*seasonDays]
	n := int(min(s.seen[i], seasonDays))
	var buffer [seasonDays]float64
	sorted := buffer[:n]
	copy(sorted, ring[:n])
	slices.Sort(sorted)
	s.level.raw[i] = (sorted[(n-1)/2] + sorted[n/2]) / 2
	cut := trimmed * n / seasonDays
	s.mean.raw[i] = mean(sorted[cut : n-cut])
	s.warm.raw[i] = s.lastDays(i)
}

// lastDays is the mean of the youngest days at slot i.
func (s *season) lastDays(i int) float64 {
	ring, n, sum := s.day[i*seasonDays:(i+1)*seasonDays], min(s.seen[i], warmDays), 0.0
	for back := int64(1); back <= n; back++ {
		sum += ring[(s.seen[i]-back)%seasonDays]
	}
	return sum / float64(n)
}

// size is the mean size of the level over the slots that have one.
func (s *season) size() float64 {
	sum, n := 0.0, 0.0
	for _, v := range s.level.raw {
		if v == v {
			sum, n = sum+math.Abs(v), n+1
		}
	}
	return max(s.least, sum/max(n, 1))
}

// blur refreshes the smooth figures that slot i enters.
func (p *profile) blur(i, width int) {
	for j := i - width; j <= i+width; j++ {
		p.smooth[wrap(j, len(p.raw))] = p.over(j, width)
	}
}

// over is the mean of the known raw figures within width of slot i.
func (p *profile) over(i, width int) float64 {
	sum, n := 0.0, 0.0
	for j := i - width; j <= i+width; j++ {
		if v := p.raw[wrap(j, len(p.raw))]; v == v {
			sum, n = sum+v, n+1
		}
	}
	return sum / n
}

// wrap brings a slot of the day before or after into the day.
func wrap(i, slots int) int { return ((i % slots) + slots) % slots }

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
