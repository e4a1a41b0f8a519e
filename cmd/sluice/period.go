package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"sluice/driver/history"
	"sluice/driver/sitefile"
	"sluice/replay"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
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
	first, last, _ := s.Longest()
	var early, late error
	s.From, early = in.instant(in.from, first, s, "--from")
	s.To, late = in.instant(in.to, last, s, "--to")
	if err := errors.Join(early, late); err != nil {
		return err
	}
	in.waitForPrices(s)
	if s.From.Before(s.To) {
		return nil
	}
	if in.from != "" && in.to != "" {
		return fmt.Errorf("the period from %s to %s is empty: --to names the day after the last", local(s.From, s.Site.Zone), local(s.To, s.Site.Zone))
	}
	return in.beyond(s)
}

// waitForPrices lets a replay that was to begin with the first price begin when
// one is known. A price of a day-ahead market is known before its interval.
func (in source) waitForPrices(s *replay.Setup) {
	g := s.Prices.Grid
	if in.from == "" || s.Lag < 1 || s.Contracts.Spot != nil && s.Contracts.Spot.Publication.DayAhead {
		return
	}
	known := g.Start(s.Lag)
	if s.From.Before(g.Start(0)) || !s.From.Before(known) {
		return
	}
	n := int(known.Sub(s.From) / s.Step)
	what := fmt.Sprintf("The first %d intervals are left out", n)
	if n == 1 {
		what = "The first interval is left out"
	}
	s.Notes = append(s.Notes, fmt.Sprintf("%s: no price was known yet. The replay begins at %s.", what, instantText(known)))
	s.From = known
}

// beyond says which data end before the period begins, or begin after it ends.
func (in source) beyond(s *replay.Setup) error {
	var out, all []string
	for _, r := range s.Reaches() {
		all = append(all, fmt.Sprintf("%s from %s to %s", r.What, instantText(r.From), instantText(r.To)))
		switch {
		case in.from != "" && !r.To.After(s.From):
			out = append(out, fmt.Sprintf("the %s end at %s, before --from %s", r.What, instantText(r.To), in.from))
		case in.to != "" && !r.From.Before(s.To):
			out = append(out, fmt.Sprintf("the %s allow a replay from %s on, after --to %s", r.What, instantText(r.From), in.to))
		}
	}
	if from, to, ok := s.Longest(); ok && len(out) > 0 {
		return fmt.Errorf("%s: give more data, or stay within --from %s --to %s", strings.Join(out, ", and "), instantText(from), instantText(to))
	}
	return fmt.Errorf("the files have no period in common: they allow a replay by %s: give files that cover the same days", strings.Join(all, ", by "))
}

// instantText writes an instant in a form that --from and --to take.
func instantText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

func local(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }

// instant reads a day in the site's zone, or an instant with its offset.
func (in source) instant(text string, otherwise time.Time, s *replay.Setup, flag string) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	zone := s.Site.Zone
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return onGrid(series.DayOf(t.Add(12*time.Hour), zone).Start, s, flag)
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(form, text); err == nil {
			return onGrid(t.UTC(), s, flag)
		}
	}
	return time.Time{}, fmt.Errorf("%s %q: give a day such as 2025-01-01, taken in the site's zone %s, or an instant such as 2025-01-01T06:00Z", flag, text, zone)
}

// onGrid refuses an instant inside an interval and names the two beside it.
func onGrid(t time.Time, s *replay.Setup, flag string) (time.Time, error) {
	rest := t.Sub(s.Prices.Grid.Start(0)) % s.Step
	if rest < 0 {
		rest += s.Step
	}
	if rest == 0 {
		return t, nil
	}
	before := t.Add(-rest)
	return t, fmt.Errorf("%s %s lies inside an interval of %v: use %s or %s", flag, t.Format(time.RFC3339), s.Step, instantText(before), instantText(before.Add(s.Step)))
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

// currencies are the ISO 4217 codes that prices may be in: those of site files,
// and the lev, in which prices of past years are.
func currencies() []string {
	return strings.Fields("AED ARS AUD BGN BRL BTN CAD CHF CLP CNY CZK DKK ETB EUR GBP GEL HUF IDR INR ISK JPY KRW KZT MXN MYR NOK NZD OMR PKR PLN PYG RON SAR SEK SGD THB TRY UAH USD UYU UZS ZAR")
}

// moneyMakesSense checks what the flags say about money before a file is read.
func (in source) moneyMakesSense() error {
	_, err := in.exchangeRate()
	if in.currency != "" && !slices.Contains(currencies(), strings.ToUpper(in.currency)) {
		err = errors.Join(err, fmt.Errorf("--currency %q is no currency that is known here: use one of %s", in.currency, strings.Join(currencies(), ", ")))
	}
	return err
}

// needed refuses a rate that nothing was converted with: whoever gave it
// expects other figures than would come out.
func (in source) needed(s *replay.Setup) error {
	if in.fx == "" || s.FX != "" {
		return nil
	}
	return fmt.Errorf("--fx %s is not needed: the prices, bitcoin and the site's bill are all in %s: leave it out, or say with --currency what the prices are in", in.fx, s.Site.Currency)
}

// The rates that are believed, in US dollars per unit of a currency: the
// weakest in use are worth some hundred-thousandths of a dollar.
const (
	leastRate = unit.One / 100_000
	mostRate  = 1000 * unit.One
)

// exchangeRate is --fx as US dollars per unit of the site's or the file's
// money; 0 where none is given.
func (in source) exchangeRate() (unit.Ratio, error) {
	if in.fx == "" {
		return 0, nil
	}
	v, err := unit.ParseMicro(in.fx)
	if err != nil || unit.Ratio(v) < leastRate || unit.Ratio(v) > mostRate {
		return 0, fmt.Errorf("--fx %q: give US dollars per unit of the other currency, for example 1.08", in.fx)
	}
	return unit.Ratio(v), nil
}

// exchange brings prices into the site's money.
//
// Formula: USD = other * fx; other = USD / fx, rounded half to even.
func (in source) exchange(s *replay.Setup, p *history.Prices) error {
	from, to := p.Source.Currency, s.Site.Currency
	if from == "" || from == to {
		return nil
	}
	fx, err := in.exchangeRate()
	if err != nil {
		return err
	}
	times, by, other := int64(fx), int64(unit.One), from
	switch {
	case from == "USD":
		times, by, other = by, times, to
	case to != "USD":
		return fmt.Errorf("%s: prices are in %s, the site is billed in %s, and --fx converts to or from USD only: give prices in %s or USD", p.Source.Name, from, to, to)
	}
	if fx == 0 {
		return fmt.Errorf("%s: prices are in %s, the site is billed in %s: give --fx with US dollars per %s, or declare the site in %s", p.Source.Name, from, to, other, from)
	}
	out := series.New[unit.Price](p.Series.Grid)
	for i := range out.Grid.Len() {
		v, _ := p.Series.Value(i)
		out.Set(i, unit.Price(unit.MulDiv(int64(v), times, by)))
	}
	s.Prices, s.FX = out, fmt.Sprintf("1 %s = %s USD", other, in.fx)
	return nil
}

// inSiteMoney states the bitcoin price, given in US dollars, in the site's money.
func (in source) inSiteMoney(s *replay.Setup) error {
	if s.Site.Currency == "USD" {
		return nil
	}
	fx, err := in.exchangeRate()
	if err != nil {
		return err
	}
	if fx == 0 {
		return fmt.Errorf("the site is billed in %s and bitcoin is priced in USD: give --fx with US dollars per %s, for example --fx 1.08", s.Site.Currency, s.Site.Currency)
	}
	s.FX = fmt.Sprintf("1 %s = %s USD", s.Site.Currency, in.fx)
	networks := make([]mining.Network, len(s.Networks))
	for i, n := range s.Networks {
		if int64(n.Price)/int64(fx) >= math.MaxInt64/int64(unit.One) {
			return fmt.Errorf("--fx %s: the bitcoin price of %s in %s is beyond all reason: check the rate", in.fx, n.Day.Format(time.DateOnly), s.Site.Currency)
		}
		n.Price = unit.Amount(unit.MulDiv(int64(n.Price), int64(unit.One), int64(fx)))
		networks[i] = n
	}
	s.Networks = networks
	return nil
}
