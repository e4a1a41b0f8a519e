package capital

import (
	"errors"
	"fmt"
	"time"
)

// ErrMonth says that a text names no month.
var ErrMonth = errors.New("no month")

// Month is a calendar month, counted from January of the year 0, UTC.
type Month int

// ParseMonth reads a month as "2026-11".
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return 0, fmt.Errorf("%.20q: %w: write a year and a month, for example 2026-11", text, ErrMonth)
	}
	return MonthOf(t), nil
}

// MonthOf is the month in which a time lies, UTC.
func MonthOf(t time.Time) Month {
	t = t.UTC()
	return Month(t.Year()*12 + int(t.Month()) - 1)
}

// String is the month as it is read.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year(), m.ofYear()) }

// Year is the calendar year of the month.
func (m Month) Year() int { return (int(m) - int(m.ofYear()) + 1) / 12 }

// ofYear is January to December, in years before 0 too.
func (m Month) ofYear() time.Month { return time.Month((int(m)%12+12)%12 + 1) }

// Begin is the first instant of the month, UTC.
func (m Month) Begin() time.Time {
	return time.Date(m.Year(), m.ofYear(), 1, 0, 0, 0, 0, time.UTC)
}

// Add is the month that lies some months later.
func (m Month) Add(months int) Month { return m + Month(months) }

// MarshalText writes the month as "2026-11", and no month as nothing. A month that no
// file can hold, before the year 0 or after 9999, is ErrMonth.
func (m Month) MarshalText() ([]byte, error) {
	if m == 0 {
		return nil, nil
	}
	if m < 0 || m.Year() > 9999 {
		return nil, fmt.Errorf("month %d lies outside the years 0 to 9999: %w", int(m), ErrMonth)
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads "2026-11"; nothing is no month. The error is ErrMonth.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = 0
		return nil
	}
	read, err := ParseMonth(string(text))
	if err != nil {
		return err
	}
	*m = read
	return nil
}
