package planfile

import (
	"fmt"
	"time"

	"sluice/capital/model"
	"sluice/series"
	"sluice/unit"
)

// Weeks is a history of power prices by whole weeks.
type Weeks struct {
	Hours  *model.Hours
	Begins []time.Time // of the weeks, UTC, so that paths can match them
	Left   int         // intervals that make no whole week, at both ends
}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// Cut makes weeks of 168 hours of a series without gaps, each from a midnight in UTC;
// intervals may be of 5 to 60 minutes. Prices are multiplied by rate, the units of the
// plan's currency for one of theirs. The error is model.ErrHistory.
func Cut(name string, s *series.Series[unit.Price], rate float64) (Weeks, error) {
	var out Weeks
	first := s.Grid.Start(0).UTC().Truncate(day)
	if first.Before(s.Grid.Start(0)) {
		first = first.Add(day)
	}
	skip := int(first.Sub(s.Grid.Start(0)) / s.Grid.Step())
	length := int(week / s.Grid.Step())
	var weeks [][]float64
	for at := skip; at+length <= s.Grid.Len(); at += length {
		prices := make([]float64, length)
		for i := range prices {
			v, known := s.Value(at + i)
			if !known {
				return out, fmt.Errorf("history %q has no price at %s: fill the gap: %w", name, s.Grid.Start(at+i).UTC().Format(time.RFC3339), model.ErrHistory)
			}
			prices[i] = float64(v) / float64(unit.PerMWh) * rate
		}
		weeks = append(weeks, prices)
		out.Begins = append(out.Begins, s.Grid.Start(at).UTC())
	}
	if len(weeks) == 0 {
		return out, fmt.Errorf("history %q is shorter than a week of 168 hours from a midnight in UTC: give more of it: %w", name, model.ErrHistory)
	}
	out.Left = s.Grid.Len() - len(weeks)*length
	var err error
	out.Hours, err = model.NewHours(name, weeks)
	return out, err
}
