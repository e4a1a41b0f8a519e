package main

import (
	"fmt"
	"strings"

	"sluice/books"
	"sluice/live/accountant"
)

// yearEnd is a year that was closed, to be printed.
type yearEnd struct{ accountant.YearEnd }

// closedJSON is a closed year for programs.
type closedJSON struct {
	Closing string   `json:"closing,omitempty"` // id; none: nothing was left to close
	Kept    string   `json:"into_retained_earnings"`
	Again   bool     `json:"stood_already"`
	Lock    lockJSON `json:"lock"`
}

func (y yearEnd) view(own books.Asset) closedJSON {
	return closedJSON{Closing: y.Closing, Kept: own.Text(int64(y.Kept)), Again: y.Again, Lock: lockOf(y.Lock)}
}

// says is a closed year for people.
func (y yearEnd) says() string {
	switch {
	case y.Again:
		return "the year stood closed and locked: nothing was booked\n"
	case y.Closing == "":
		return "income and expenses stood at zero: nothing was booked\n"
	}
	what := "profit"
	if y.Kept < 0 {
		what = "loss"
	}
	return fmt.Sprintf("%s of the year into %s: %s\n   %s\n", what, books.Retained, strings.TrimSpace(money(y.Kept)), y.Closing)
}
