package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"sluice/capital"
	"sluice/capital/path"
	"sluice/capital/treasury"
	"sluice/driver/history"
	"sluice/unit"
)

// treasuryDays is a recorded history of bitcoin.
type treasuryDays struct {
	source history.Source
	line   int // the last of the file; 0: it is compressed
	begin  []time.Time
	price  []float64    // in the currency of the plan
	hash   []float64    // hashprice, BTC per PH/s and day
	weeks  path.History // all of it, from its first day on
}

// lineCounter counts the lines that are read through it.
type lineCounter struct {
	io.Reader
	lines int
	open  bool // the last line has no end yet
	gzip  bool
	begun bool
}

// Read counts.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if n > 0 {
		if !c.begun {
			c.begun, c.gzip = true, p[0] == 0x1f
		}
		c.lines += bytes.Count(p[:n], []byte("\n"))
		c.open = p[n-1] != '\n'
	}
	return n, err
}

// last is the number of the last line; 0 where lines cannot be counted.
func (c *lineCounter) last() int {
	switch {
	case c.gzip:
		return 0
	case c.open:
		return c.lines + 1
	}
	return c.lines
}

// readTreasuryDays reads a history; rate is units of the plan's currency for one USD.
func readTreasuryDays(name string, rate float64) (*treasuryDays, error) {
	o, err := open(name)
	if err != nil {
		return nil, err
	}
	count := &lineCounter{Reader: o}
	networks, source, err := history.ReadBitcoin(count, name, "USD")
	if err := errors.Join(err, o.close()); err != nil {
		return nil, err
	}
	d := &treasuryDays{source: source, line: count.last()}
	for _, n := range networks {
		d.begin = append(d.begin, n.Day)
		d.price = append(d.price, float64(n.Price)/float64(unit.Unit)*rate)
		d.hash = append(d.hash, capital.HashpriceBTC(float64(n.Difficulty), float64(n.Reward)/float64(unit.Bitcoin)))
	}
	if d.weeks, err = path.Weekly(daysOf(networks)); err != nil {
		return nil, fmt.Errorf("%s: %w", d.place(), err)
	}
	return d, nil
}

// place is the end of the file, with its line where it has one.
func (d *treasuryDays) place() string {
	last := d.begin[len(d.begin)-1].Format(time.DateOnly)
	if d.line == 0 {
		return fmt.Sprintf("%s, which ends on %s", d.source.Name, last)
	}
	return fmt.Sprintf("%s: line %d (%s), its last", d.source.Name, d.line, last)
}

// treasuryEarly is the first day that is stepped through where nobody says which:
// before it a plan of today would have found most of all coins.
func treasuryEarly() time.Time { return time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC) }

// period is the days that are stepped through, both within.
func (d *treasuryDays) period(from, to string) (first, last time.Time, err error) {
	begin, end := d.begin[0], d.begin[len(d.begin)-1]
	first, last = begin, end
	if early := treasuryEarly(); begin.Before(early) && end.After(early) {
		first = early
	}
	read := func(flag, text string, into *time.Time) error {
		if text == "" {
			return nil
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return fmt.Errorf("%s %.20q: write a day, such as 2021-01-01", flag, text)
		}
		if day.Before(begin) || day.After(end) {
			return fmt.Errorf("%s %s: %s has the days from %s to %s: take one of them, or give a longer file with --bitcoin", flag, text, d.source.Name, begin.Format(time.DateOnly), end.Format(time.DateOnly))
		}
		*into = day
		return nil
	}
	if err := errors.Join(read("--from", from, &first), read("--to", to, &last)); err != nil {
		return first, last, err
	}
	if last.Before(first) {
		return first, last, fmt.Errorf("--to %s lies before --from %s: swap them", last.Format(time.DateOnly), first.Format(time.DateOnly))
	}
	return first, last, nil
}

// at is the place of a day in the history.
func (d *treasuryDays) at(day time.Time) int { return int(day.Sub(d.begin[0]).Hours() / 24) }

// weekly is the whole weeks from Monday to Sunday between two days: the price of the
// last day, the mean of the hashprices.
func (d *treasuryDays) weekly(from, to time.Time) treasury.Path {
	var p treasury.Path
	first, end := d.at(from), d.at(to)+1
	for first < end && d.begin[first].Weekday() != time.Monday {
		first++
	}
	for i := first; i+7 <= end; i += 7 {
		var sum float64
		for _, h := range d.hash[i : i+7] {
			sum += h
		}
		p.Begin, p.Price, p.Hashprice = append(p.Begin, d.begin[i]), append(p.Price, d.price[i+6]), append(p.Hashprice, sum/7)
	}
	return p
}

// enough refuses a history from which no futures can be drawn.
func (d *treasuryDays) enough(window int) error {
	if need := max(window+1, 104); len(d.weeks) < need {
		return fmt.Errorf("%s: %d weeks are there, and futures are drawn from %d and the week before them, of 104 at least: give more days, a shorter --window, or --paths 0 for the history alone: %w", d.place(), len(d.weeks), window, path.ErrHistory)
	}
	return nil
}

// warn says what the history does not know.
func (d *treasuryDays) warn(to *[]string, from time.Time) {
	bare := 0
	for _, w := range d.weeks {
		if w.NoFees && !w.Begin.Before(from) {
			bare++
		}
	}
	if bare > 0 {
		*to = append(*to, fmt.Sprintf("Fees of the chain are not known in %d weeks and stand at none: fewer coins are found there than were.", bare))
	}
	if n := d.source.Estimated; n > 0 {
		*to = append(*to, fmt.Sprintf("The file itself marks %d prices as estimated, the last in %s: what rests on them is a sketch.", n, d.source.EstimatedDays[n-1].Format("2006-01")))
	}
}

// network is the hash rate of all miners on a day, PH/s, by the difficulty of its week.
//
// Formula: difficulty * 2^32 / 600. Source: docs/formula/mining.md.
func (d *treasuryDays) network(day time.Time) float64 {
	week := min(d.at(day)/7, len(d.weeks)-1)
	return d.weeks[week].Difficulty * (1 << 32) / 600 / 1e15
}

// moved is the volatility of the days between two, a year.
func (d *treasuryDays) moved(from, to time.Time) float64 {
	var sum, squares, n float64
	for i := d.at(from) + 1; i <= d.at(to); i++ {
		x := math.Log(d.price[i] / d.price[i-1])
		sum, squares, n = sum+x, squares+x*x, n+1
	}
	return math.Sqrt((squares - sum*sum/n) / (n - 1) * 365)
}
