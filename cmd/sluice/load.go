package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/data"
	"sluice/driver/history"
	"sluice/driver/sitefile"
	"sluice/power"
	"sluice/replay"
	"sluice/replay/report"
	"sluice/series"
	"sluice/unit"
	"sluice/world"
)

// source is what a person says about the inputs of a replay.
type source struct {
	site, prices, bitcoin, air string
	from, to                   string
	interval                   time.Duration
	lag                        int
	currency, fx               string
	timeColumn, priceColumn    string
	minutesColumn, layout      string
	zone, label, fill          string
	dayAhead, dayAheadColumn   string
	gridLoad                   string
	loadColumn                 string
	loadForecastColumn         string
	gate                       time.Duration
	perKWh                     bool
}

// load reads everything that a replay depends on.
func (in source) load() (*replay.Setup, error) {
	file, err := readSite(in.site)
	if err := errors.Join(err, in.moneyMakesSense()); err != nil {
		return nil, input(err)
	}
	s, estimated, err := in.read(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(in.needed(s), in.period(s)); err != nil {
		return nil, input(err)
	}
	if err := readHalls(s, file); err != nil {
		return nil, input(err)
	}
	markEstimated(s, estimated)
	s.Digest = in.digest(s) + build()
	return s, input(s.Validate())
}

// market reads everything that a site which runs needs of the market.
func (in source) market(file *sitefile.File) (*replay.Setup, error) {
	s, _, err := in.read(file)
	return s, err
}

// read reads every file, and leaves the period to the caller. It returns the days
// whose Bitcoin price is an estimate.
func (in source) read(file *sitefile.File) (*replay.Setup, []time.Time, error) {
	rigs, err := file.Rigs()
	if err != nil {
		return nil, nil, input(fmt.Errorf("%s: %w", file.Name, err))
	}
	s := &replay.Setup{
		AheadGate: power.Publication{DayAhead: true, Gate: in.gate},
		Site:      file.Site, Contracts: file.Contracts, Rigs: rigs, Step: in.interval, Lag: in.lag,
		Horizon: file.Horizon, Fine: file.Fine, Made: "sluice " + version, Notes: slices.Clone(file.Notes),
		Failures: map[string]world.Failures{}, Tariff: tariff(file),
	}
	for name, f := range file.Failures {
		s.Failures[name] = world.Failures(f)
	}
	s.Sources = append(s.Sources, report.Source{
		Role: report.TariffRole, Name: file.Name, What: "site, contracts and machines", Standing: report.Assumed, SHA256: file.SHA256,
	})
	var estimated []time.Time
	if err := errors.Join(in.readPrices(s, file), in.readDayAhead(s), in.readBitcoin(s, &estimated), in.readAir(s, file), in.readLoads(s)); err != nil {
		return nil, nil, input(err)
	}
	return s, estimated, nil
}

// readSite reads a site file by path, or one of the shipped examples by name.
func readSite(name string) (*sitefile.File, error) {
	if name == "" {
		return nil, fmt.Errorf("name a site: --site FILE.yaml, or one of the examples %v", sitefile.Examples())
	}
	if slices.Contains(sitefile.Examples(), name) {
		text, err := sitefile.Example(name)
		if err != nil {
			return nil, err
		}
		return sitefile.Read(bytesReader(text), name)
	}
	return sitefile.ReadFile(name)
}

// opened is a file of the pack or of the caller.
type opened struct {
	io.Reader
	facts  data.Provenance
	packed bool
	close  func() error
}

func open(name string) (opened, error) {
	if slices.Contains(data.Names(), name) {
		r, err := data.Open(name)
		if err != nil {
			return opened{}, err
		}
		facts, err := data.Facts(name)
		return opened{Reader: r, facts: facts, packed: true, close: func() error { return nil }}, err
	}
	f, err := os.Open(name) //nolint:gosec // the caller named it
	if err != nil {
		return opened{}, fmt.Errorf("%w: check the path, or name a shipped file: %s", err, strings.Join(data.Names(), ", "))
	}
	return opened{Reader: f, close: f.Close}, nil
}

// source describes an input for the report.
func (o opened) source(role report.Role, what string, src history.Source) report.Source {
	out := report.Source{
		Role: role, Name: src.Name, What: what, Standing: report.Published,
		SHA256: src.SHA256, Rows: src.Rows, Filled: src.Filled,
	}
	if o.packed {
		out.Licence = o.facts.Licence
		for i, origin := range o.facts.Origin {
			if i > 0 {
				out.Origin += "; "
			}
			out.Origin += origin
		}
		if o.facts.Synthetic {
			out.Standing = report.Synthetic
		}
	}
	var notes []string
	if !o.packed {
		notes = append(notes, "as given by the caller")
	}
	out.Note = strings.Join(append(notes, done(src)...), "; ")
	return out
}

// done says everything that was done to the data of a file.
func done(src history.Source) []string {
	var out []string
	say := func(n int, one, many string) {
		if n == 1 {
			out = append(out, "1 "+one)
		} else if n > 1 {
			out = append(out, thousands(n)+" "+many)
		}
	}
	say(src.Filled, "interval filled by "+string(src.Fill), "intervals filled by "+string(src.Fill))
	say(src.Duplicates, "repeated row left out", "repeated rows left out")
	say(src.Outside, "row outside the period left out", "rows outside the period left out")
	one, many := lengthName(src.Step)
	longer := "a longer interval"
	if n := len(src.Steps); n > 0 && src.Steps[n-1] > src.Step && (n == 1 || src.Steps[n-2] <= src.Step) {
		name, _ := lengthName(src.Steps[n-1])
		longer = "a " + name
		if src.Steps[n-1] == time.Hour {
			longer = "an " + name
		}
	}
	say(src.Held, one+" takes the value of "+longer, many+" share the value of "+longer)
	say(src.Averaged, one+" is the mean of several values", many+" are the mean of several values")
	return out
}

// lengthName is what people call an interval of a length, one and many.
func lengthName(step time.Duration) (one, many string) {
	switch step.Minutes() {
	case 5:
		return "five-minute interval", "five-minute intervals"
	case 15:
		return "quarter hour", "quarter hours"
	case 30:
		return "half hour", "half hours"
	case 60:
		return "hour", "hours"
	}
	return "interval", "intervals"
}

// thousands writes a count with commas by thousands, as the report does.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// markEstimated counts the estimated days that the period really uses: its own
// and the one before, whose hashprice is known when it begins.
func markEstimated(s *replay.Setup, days []time.Time) {
	const whole = 24 * time.Hour
	first, n := s.From.Truncate(whole).Add(-whole), 0
	for _, d := range days {
		if !d.Before(first) && d.Before(s.To) {
			n++
		}
	}
	if n == 0 {
		return
	}
	for i := range s.Sources {
		if src := &s.Sources[i]; src.Role == report.HashpriceRole {
			note := thousands(n) + " days of the period are marked as estimated"
			if n == 1 {
				note = "1 day of the period is marked as estimated"
			}
			if src.Note != "" {
				note = src.Note + "; " + note
			}
			src.Standing, src.Note = report.Estimated, note
		}
	}
}

// readPrices reads the price file that the caller named, or the site's own.
func (in source) readPrices(s *replay.Setup, file *sitefile.File) error {
	name, c := in.prices, history.Columns{}
	o := history.Options{Step: in.interval, Fill: series.Fill(in.fill)}
	if name == "" {
		if file.Prices == nil {
			return fmt.Errorf("%s names no prices: give --prices FILE.csv", file.Name)
		}
		p := file.Prices
		name, c = p.File, history.Columns{Time: p.Time, Value: p.Column, Zone: p.Zone, Currency: p.Currency, PerKWh: p.PerKWh}
		if p.End {
			c.Label = history.IntervalEnd
		}
		if o.Fill == "" {
			o.Fill = p.Fill
		}
	}
	if err := in.columns(&c); err != nil {
		return err
	}
	if c.Currency == "" && in.prices != "" && in.fx == "" {
		c.Currency = file.Site.Currency // unless the caller or the column says otherwise
	}
	f, err := open(name)
	if err != nil {
		return fmt.Errorf("read prices: %w", err)
	}
	p, err := history.ReadPrices(f, name, c, o)
	if err := errors.Join(err, f.close()); err != nil {
		return err
	}
	s.Prices = p.Series
	s.Sources = append(s.Sources, f.source(report.PriceRole, "electricity price", p.Source))
	if f.packed {
		s.Notes = append(s.Notes, f.facts.Notes...)
	}
	return in.exchange(s, p)
}

// readDayAhead reads day-ahead prices, which help to forecast a real-time price.
func (in source) readDayAhead(s *replay.Setup) error {
	if in.dayAhead == "" {
		return nil
	}
	c := history.Columns{Value: in.dayAheadColumn, Currency: s.Site.Currency}
	if in.zone != "" {
		zone, err := time.LoadLocation(in.zone)
		if err != nil {
			return fmt.Errorf("--zone %q: %w", in.zone, err)
		}
		c.Zone = zone
	}
	f, err := open(in.dayAhead)
	if err != nil {
		return fmt.Errorf("read day-ahead prices: %w", err)
	}
	p, err := history.ReadPrices(f, in.dayAhead, c, history.Options{Fill: series.SameHourYday})
	if err := errors.Join(err, f.close()); err != nil {
		return err
	}
	s.DayAhead = p.Series
	s.Sources = append(s.Sources, f.source("", "day-ahead price", p.Source))
	return nil
}

// columns applies what the flags say about the price file.
func (in source) columns(c *history.Columns) error {
	set := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	set(&c.Time, in.timeColumn)
	set(&c.Value, in.priceColumn)
	set(&c.Minutes, in.minutesColumn)
	set(&c.Layout, in.layout)
	if in.currency != "" {
		c.Currency = unit.Currency(strings.ToUpper(in.currency))
	}
	if in.label != "" {
		c.Label = history.Label(in.label)
	}
	if c.Label != "" && c.Label != history.IntervalStart && c.Label != history.IntervalEnd {
		return fmt.Errorf("--stamps %q: use start or end", in.label)
	}
	c.PerKWh = c.PerKWh || in.perKWh
	if in.zone != "" {
		zone, err := time.LoadLocation(in.zone)
		if err != nil {
			return fmt.Errorf("--zone %q: %w: use an IANA name such as America/Chicago", in.zone, err)
		}
		c.Zone = zone
	}
	return nil
}

// readBitcoin reads the network and its price; without a file, the shipped one.
// estimated receives the days that the file marks so. A site without miners has
// nothing to do with either.
func (in source) readBitcoin(s *replay.Setup, estimated *[]time.Time) error {
	name := in.bitcoin
	if len(s.Rigs) == 0 {
		if name != "" {
			return fmt.Errorf("--bitcoin %s: site %s declares no machines, so nothing depends on it: leave it out, or declare groups", name, s.Site.Name)
		}
		return nil
	}
	if name == "" {
		name = shippedBitcoin
	}
	f, err := open(name)
	if err != nil {
		return fmt.Errorf("read bitcoin: %w", err)
	}
	networks, src, err := history.ReadBitcoin(f, name, "USD")
	if err := errors.Join(err, f.close()); err != nil {
		return err
	}
	s.Networks, *estimated = networks, src.EstimatedDays
	s.Sources = append(s.Sources, f.source(report.HashpriceRole, "bitcoin price, difficulty and reward", src))
	if f.packed {
		s.Notes = append(s.Notes, f.facts.Notes...)
	}
	return in.inSiteMoney(s)
}

// shippedBitcoin is used when the caller names no file.
const shippedBitcoin = "bitcoin_daily_2021-2025.csv"

// readAir reads temperatures, where there are any.
func (in source) readAir(s *replay.Setup, file *sitefile.File) error {
	name, c := in.air, history.Columns{}
	if name == "" && in.prices == "" && file.Air != nil {
		name, c.Value = file.Air.File, file.Air.Column
	}
	if name == "" {
		s.Notes = append(s.Notes, "No temperatures were given: cooling is counted at its base, and nothing derates in heat.")
		return nil
	}
	f, err := open(name)
	if err != nil {
		return fmt.Errorf("read temperatures: %w", err)
	}
	t, err := history.ReadTemperatures(f, name, c, history.Options{Fill: series.HoldLast})
	if err := errors.Join(err, f.close()); err != nil {
		return err
	}
	s.Air = t.Series
	s.Sources = append(s.Sources, f.source("", "air temperature", t.Source))
	return nil
}

// readLoads reads the load of the whole grid, which coincident peaks look at.
func (in source) readLoads(s *replay.Setup) error {
	if in.gridLoad == "" {
		for _, k := range s.Contracts.Coincident {
			s.Notes = append(s.Notes, fmt.Sprintf("The coincident peak charge %q is neither watched nor billed in this replay: give the load of the grid with --load.", k.Name))
		}
		return nil
	}
	read := func(column, what string) (*series.Series[unit.Power], error) {
		f, err := open(in.gridLoad)
		if err != nil {
			return nil, fmt.Errorf("read the grid's load: %w", err)
		}
		l, err := history.ReadLoads(f, in.gridLoad, history.Columns{Value: column}, history.Options{Fill: series.HoldLast})
		if err := errors.Join(err, f.close()); err != nil {
			return nil, err
		}
		s.Sources = append(s.Sources, f.source("", what, l.Source))
		return l.Series, nil
	}
	var err error
	if s.Load, err = read(in.loadColumn, "load of the grid"); err != nil {
		return err
	}
	if in.loadForecastColumn != "" {
		s.LoadForecast, err = read(in.loadForecastColumn, "load forecast of the grid, published the day before")
	}
	return err
}

// digest is the SHA-256 of everything that decides what a replay finds.
func (in source) digest(s *replay.Setup) string {
	h := sha256.New()
	for _, src := range s.Sources {
		fmt.Fprintln(h, src.What, src.SHA256, src.Filled)
	}
	fmt.Fprintln(h, in.timeColumn, in.priceColumn, in.zone, in.label, in.fill, in.perKWh, in.minutesColumn, in.layout, in.dayAheadColumn, in.gate, in.loadColumn, in.loadForecastColumn)
	made := s.Made
	if build() != "" {
		made = "sluice, unfinished" // its build stands behind the digest
	}
	fmt.Fprintln(h, made, s.FX, s.From.Unix(), s.To.Unix(), s.Step, s.Lag, s.Horizon, s.Fine, s.Site.Currency)
	return hex.EncodeToString(h.Sum(nil))
}

// build tells apart programs whose version does not: papers that an unfinished
// program wrote are made again by a changed one. A release needs none.
func build() string {
	if version != "development" && !strings.HasSuffix(version, "-dirty") {
		return ""
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path) //nolint:gosec // it is this program
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // read only
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return "+" + hex.EncodeToString(h.Sum(nil))
}
