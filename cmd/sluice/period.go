package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"sluice/driver/sitefile"
	"sluice/replay"
	"sluice/series"
)

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

// period sets the stretch that is replayed: what the caller says, else all that
// the data allow.
func (in source) period(s *replay.Setup) error {
	if in.interval == 0 {
		s.Step = s.Prices.Grid.Step()
	}
	if !series.Settles(s.Step) {
		return fmt.Errorf("--interval %v: use 5m, 15m, 30m or 1h", in.interval)
	}
	first, last := s.Prices.Grid.Start(max(1, in.lag)), s.Prices.Grid.End()
	if d := s.Networks[0].Day.Add(24 * time.Hour); d.After(first) {
		first = d
	}
	if d := s.Networks[len(s.Networks)-1].Day.Add(24 * time.Hour); d.Before(last) {
		last = d
	}
	var err error
	if s.From, err = in.instant(in.from, first, s.Site.Zone, "--from"); err != nil {
		return err
	}
	if s.To, err = in.instant(in.to, last, s.Site.Zone, "--to"); err != nil {
		return err
	}
	if !s.From.Before(s.To) {
		return fmt.Errorf("the period from %s to %s is empty: --to names the day after the last", s.From.In(s.Site.Zone).Format(time.RFC3339), s.To.In(s.Site.Zone).Format(time.RFC3339))
	}
	return nil
}

// instant reads a day in the site's zone, or an instant with its offset.
func (in source) instant(text string, otherwise time.Time, zone *time.Location, flag string) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return series.DayOf(t.Add(12*time.Hour), zone).Start, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%s %q: give a day such as 2025-01-01, taken in the site's zone %s, or an instant such as 2025-01-01T06:00:00Z", flag, text, zone)
}

// tariff says in words what power costs at the site.
func tariff(f *sitefile.File) []string {
	var out []string
	c := f.Contracts
	if s := c.Spot; s != nil {
		out = append(out, fmt.Sprintf("Spot at %s plus %.2f per MWh bought", s.Zone, s.Adders.Import.Float()))
	}
	for _, p := range c.PPAs {
		line := fmt.Sprintf("Block %s: %s at %.2f per MWh", p.Name, p.Power, p.Price.Float())
		if p.SellBack {
			line += ", what is not drawn is sold back"
		}
		out = append(out, line)
	}
	for _, g := range c.Plants {
		out = append(out, fmt.Sprintf("%s %s behind the meter: %s at %.2f per MWh", g.Kind, g.Name, g.Power, g.Price.Float()))
	}
	for _, e := range c.Energy {
		out = append(out, fmt.Sprintf("Energy charge %s: %.2f per MWh", e.Name, e.Price.Float()))
	}
	for _, d := range c.Demand {
		out = append(out, fmt.Sprintf("Demand charge %s: %.2f per MW and %s", d.Name, d.Rate.Float(), d.Period))
	}
	for _, k := range c.Coincident {
		out = append(out, fmt.Sprintf("Coincident peak %s: %.2f per MW and year over %d intervals", k.Name, k.Rate.Float(), k.Counted))
	}
	for _, x := range c.Fixed {
		out = append(out, fmt.Sprintf("Fixed charge %s: %.2f per month", x.Name, x.PerMonth.Float()))
	}
	return out
}
