package statement

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Day is what a site did on one day, as it was measured: the evidence of that
// day's transactions. Its canonical form is one line of JSON; the hash of that
// line is the evidence that they name.
type Day struct {
	Day    string      `json:"day"` // such as 2025-01-31, in the zone of the entity
	Site   string      `json:"site"`
	Uses   []Use       `json:"uses"`            // in the order of their names, each once
	Import unit.Energy `json:"import_j,string"` // at the site's meter
	Export unit.Energy `json:"export_j,string"`
	Source string      `json:"source,omitempty"` // where the papers of its intervals are
}

// Use is what one use of power, or one group of its machines, drew and did on a day.
type Use struct {
	Use   string       `json:"use"`             // such as mining, or mining/hall-2: the trade stands before the stroke
	Model string       `json:"model,omitempty"` // of its machines, where they are all alike
	IT    unit.Energy  `json:"it_j,string"`     // at the plugs of its machines
	Meter unit.Energy  `json:"meter_j,string"`  // at the site's meter: with cooling and losses
	Work  unit.Work    `json:"work_gh,string"`  // accepted by the pool; 0 beside coins: not known
	Mined unit.Satoshi `json:"mined_sat,string"`
}

// Tags are those of what is booked about the use.
func (u Use) Tags(site string) books.Tags {
	trade, _, _ := strings.Cut(u.Use, "/")
	return books.Tags{Site: site, Use: trade, Model: u.Model}
}

// ErrDay is the failure of a paper that is no day of a site.
var ErrDay = errors.New("no paper of a day")

// Validate reports everything for which a day cannot be a paper.
func (d Day) Validate() error {
	var faults []error
	if t, err := time.Parse(time.DateOnly, d.Day); err != nil || t.Year() < 2000 {
		faults = append(faults, fmt.Errorf("day %q is no date such as 2025-01-31", d.Day))
	}
	if strings.TrimSpace(d.Site) == "" {
		faults = append(faults, errors.New("it names no site"))
	}
	if d.Import < 0 || d.Export < 0 {
		faults = append(faults, errors.New("energy at the meter is below zero: what is fed in is export"))
	}
	for i, u := range d.Uses {
		if strings.TrimSpace(u.Use) == "" || i > 0 && u.Use <= d.Uses[i-1].Use {
			faults = append(faults, fmt.Errorf("use %q: each has a name and stands once, in the order of the names", u.Use))
		}
		if u.IT < 0 || u.Meter < 0 || u.Work < 0 || u.Mined < 0 {
			faults = append(faults, fmt.Errorf("use %q: a figure is below zero", u.Use))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %s, %s: %w", ErrDay, d.Site, d.Day, err)
	}
	return nil
}

// Canonical is the one form of a day in bytes, a line that ends in a line feed.
func (d Day) Canonical() ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if d.Uses == nil {
		d.Uses = []Use{}
	}
	b, err := json.Marshal(d)
	return append(b, '\n'), err
}

// Hash is the SHA-256 of the canonical form.
func (d Day) Hash() (books.Hash, error) {
	b, err := d.Canonical()
	return sha256.Sum256(b), err
}

// ParseDay reads a day. Whatever is not the canonical form, to the byte, is
// refused: its hash would be another one.
func ParseDay(b []byte) (Day, error) {
	var d Day
	if err := json.Unmarshal(b, &d); err != nil {
		return Day{}, fmt.Errorf("%w: %w", ErrDay, err)
	}
	again, err := d.Canonical()
	if err != nil {
		return Day{}, err
	}
	if !bytes.Equal(again, b) {
		return Day{}, fmt.Errorf("%w: %s, %s: it is not written in the canonical form", ErrDay, d.Site, d.Day)
	}
	return d, nil
}

// Within are the days of papers that lie in a period, half open. A day that comes
// twice for a site counts as it was filed last.
func Within(papers []Day, from, to time.Time) []Day {
	first, end := from.Format(time.DateOnly), to.Format(time.DateOnly)
	var out []Day
	for _, d := range papers {
		if d.Day < first || d.Day >= end {
			continue
		}
		same := func(x Day) bool { return x.Day == d.Day && x.Site == d.Site }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i] = d
		} else {
			out = append(out, d)
		}
	}
	return out
}
