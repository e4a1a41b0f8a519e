package peer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrPeriod says that a text names no period.
var ErrPeriod = errors.New("no period")

// Period is a stretch of whole UTC days.
type Period struct {
	First, Last time.Time // 00:00 UTC of the first and of the last day
}

// bounds of the years that are believed: bitcoin began in 2009.
const (
	firstYear = 2009
	lastYear  = 2999
)

// ParsePeriod reads a day (2025-09-30), a month (2025-09), a quarter (2025Q3), a half
// (2025H1), a year (2025), or a stretch from its first to its last day
// (2024-10-01/2025-09-30), as fiscal years need it.
func ParsePeriod(text string) (Period, error) {
	p, ok := parsePeriod(text)
	if !ok || p.First.Year() < firstYear || p.Last.Year() > lastYear || p.Last.Before(p.First) {
		return Period{}, fmt.Errorf("%.40q: %w: write 2025-09-30, 2025-09, 2025Q3, 2025H1, 2025 or 2024-10-01/2025-09-30", text, ErrPeriod)
	}
	return p, nil
}

func parsePeriod(text string) (Period, bool) {
	if first, last, cut := strings.Cut(text, "/"); cut {
		a, err := time.Parse(time.DateOnly, first)
		b, errB := time.Parse(time.DateOnly, last)
		return Period{a, b}, err == nil && errB == nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return Period{t, t}, true
	}
	if t, err := time.Parse("2006-01", text); err == nil {
		return months(t, 1), true
	}
	if len(text) != 4 && len(text) != 6 {
		return Period{}, false
	}
	t, err := time.Parse("2006", text[:4])
	if err != nil || len(text) == 4 {
		return months(t, 12), err == nil
	}
	n, err := strconv.Atoi(text[5:])
	switch {
	case err == nil && text[4] == 'Q' && n >= 1 && n <= 4:
		return months(t.AddDate(0, 3*n-3, 0), 3), true
	case err == nil && text[4] == 'H' && n >= 1 && n <= 2:
		return months(t.AddDate(0, 6*n-6, 0), 6), true
	}
	return Period{}, false
}

// months is so many whole months from a first one on.
func months(first time.Time, n int) Period { return Period{first, first.AddDate(0, n, -1)} }

// Days is how many days the period has.
func (p Period) Days() int { return days(p.First, p.Last) + 1 }

// days is how many days lie between two.
func days(from, to time.Time) int { return int((to.Unix() - from.Unix()) / 86_400) }

// String is the period as it is read, in its shortest form.
func (p Period) String() string {
	f := p.First
	switch {
	case p.First.Equal(p.Last):
		return f.Format(time.DateOnly)
	case p == months(monthOf(f), 1):
		return f.Format("2006-01")
	case p == months(monthOf(f), 3) && f.Month()%3 == 1:
		return fmt.Sprintf("%dQ%d", f.Year(), (f.Month()+2)/3)
	case p == months(monthOf(f), 6) && f.Month()%6 == 1:
		return fmt.Sprintf("%dH%d", f.Year(), (f.Month()+5)/6)
	case p == months(monthOf(f), 12) && f.Month() == time.January:
		return f.Format("2006")
	}
	return f.Format(time.DateOnly) + "/" + p.Last.Format(time.DateOnly)
}

// monthOf is the first day of the month of a day.
func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
