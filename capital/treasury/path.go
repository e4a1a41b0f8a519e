package treasury

import (
	"errors"
	"fmt"
	"math"
	"time"

	"sluice/capital"
)

// ErrPath says that prices do not serve.
var ErrPath = errors.New("no path of prices")

// Path is one history or one draw of the markets, by week.
type Path struct {
	Begin     []time.Time // of the weeks; forwards need it, others may leave it out
	Price     []float64   // at the end of the week, USD
	Hashprice []float64   // mean of the week, BTC per PH/s and day
}

// Check refuses a path on which nothing can be reckoned.
func (p Path) Check() error {
	if len(p.Price) == 0 || len(p.Hashprice) != len(p.Price) || p.Begin != nil && len(p.Begin) != len(p.Price) {
		return fmt.Errorf("%d prices, %d hashprices, %d begins: a path has one of each for every week: %w", len(p.Price), len(p.Hashprice), len(p.Begin), ErrPath)
	}
	for i, x := range p.Price {
		if !(x > 0) || math.IsInf(x, 0) || !(p.Hashprice[i] >= 0) || math.IsInf(p.Hashprice[i], 0) {
			return fmt.Errorf("week %d: price %v, hashprice %v: the one is above 0 and the other not below: %w", i, x, p.Hashprice[i], ErrPath)
		}
		if i > 0 && p.Begin != nil && !p.Begin[i-1].Before(p.Begin[i]) {
			return fmt.Errorf("week %d begins at %s and the one before at %s: weeks follow one another: %w", i, p.Begin[i].Format(time.DateOnly), p.Begin[i-1].Format(time.DateOnly), ErrPath)
		}
	}
	return nil
}

// step is the time over which the values of a row hold: until the next begins, the
// last a week.
func (p Path) step(i int) (from, to time.Time) {
	if i+1 < len(p.Begin) {
		return p.Begin[i], p.Begin[i+1]
	}
	return p.Begin[i], p.Begin[i].AddDate(0, 0, 7)
}

// span is a month on a path.
type span struct {
	days        []float64 // of each week that lie in the month
	all         float64
	first, last int // weeks that it touches
}

// month is where a month lies on the path; the path must hold all of it.
func (p Path) month(m capital.Month) (span, error) {
	if p.Begin == nil {
		return span{}, fmt.Errorf("month %v: the begins of the weeks are needed: %w", m, ErrPath)
	}
	begin, end := m.Begin(), m.Add(1).Begin()
	s := span{days: make([]float64, len(p.Begin)), first: -1}
	for i := range p.Begin {
		from, to := p.step(i)
		if from.Before(begin) {
			from = begin
		}
		if to.After(end) {
			to = end
		}
		if !from.Before(to) {
			continue
		}
		if s.first < 0 {
			s.first = i
		}
		s.last, s.days[i] = i, to.Sub(from).Hours()/24
		s.all += s.days[i]
	}
	if want := end.Sub(begin).Hours() / 24; math.Abs(s.all-want) > 1e-6 {
		return span{}, fmt.Errorf("month %v: the path has %.1f of its %.0f days: choose a month that lies on it: %w", m, s.all, want, ErrPath)
	}
	return s, nil
}
