package room

import (
	"context"
	"net/http"
	"slices"
	"time"

	"sluice/live"
	"sluice/people"
	"sluice/series"
	"sluice/site"
)

// gapsMost is how many gaps of a day are named.
const gapsMost = 20

// Balance holds the meters of a site against one another, now and day by day.
type Balance struct {
	Site    string           `json:"site"`
	Zone    string           `json:"zone"`
	Now     *time.Time       `json:"now,omitempty" doc:"The site's clock; absent: it was never heard."`
	Seconds int64            `json:"interval_seconds"`
	Meters  []BalanceMeter   `json:"meters"`
	Sums    BalanceNow       `json:"sums" doc:"Now."`
	House   *int64           `json:"house_w,omitempty" doc:"Load that always draws, as declared; absent: the site does not say."`
	Days    []BalanceDay     `json:"days" doc:"In the site's zone, newest first."`
	Ways    []live.ThreeWays `json:"three_ways" doc:"Hash rate by machines, energy and pool, of the last window."`
}

// BalanceMeter is one meter and its last reading.
type BalanceMeter struct {
	Name  string     `json:"name"`
	Of    string     `json:"of,omitempty" doc:"Feeder, hall or plant; absent: the connection."`
	Kind  string     `json:"kind" doc:"revenue, feeder, hall or generation; empty: a program of before says no kind."`
	Power *int64     `json:"power_w,omitempty"`
	At    *time.Time `json:"at,omitempty"`
	Stale bool       `json:"stale" doc:"It is too old to be relied on."`
}

// BalanceNow is the same power, known in several ways. One that is absent is not known.
type BalanceNow struct {
	Revenue  *int64 `json:"revenue_w,omitempty" doc:"By the meter of the connection."`
	Feeders  *int64 `json:"feeders_w,omitempty" doc:"By all meters of feeders; absent: there is none, or one of them is not known."`
	Machines *int64 `json:"machines_w,omitempty" doc:"By the machines themselves, cooling left out."`
	Halls    *int64 `json:"halls_w,omitempty" doc:"By halls of GPUs, at the meter; absent: there is none, or one of them is not heard."`
	Devices  *int64 `json:"devices_w,omitempty" doc:"Machines and halls together; absent: one of them is not heard."`
}

// BalanceDay is one local day. A day of 24 hours has 96 quarters; on a change of clocks
// it has 92 or 100.
type BalanceDay struct {
	From      time.Time    `json:"from" doc:"Of the first day: where the first interval is known."`
	To        time.Time    `json:"to" doc:"Of the day that runs: now."`
	Hours     int          `json:"day_hours" doc:"Of the whole day: 23 or 25 on a change of clocks."`
	Whole     int          `json:"day_intervals" doc:"That the whole day has."`
	Due       int          `json:"due" doc:"Intervals that are over."`
	Metered   int          `json:"metered" doc:"By a meter."`
	Estimated int          `json:"estimated" doc:"By machines, as they state it: no meter counts."`
	Odd       int          `json:"odd" doc:"Of another length: a meter tells of several together."`
	Missing   int          `json:"missing"`
	Settled   int          `json:"settled"`
	Import    Joules       `json:"import_j"`
	Export    Joules       `json:"export_j"`
	Own       Joules       `json:"own_j" doc:"Supplied behind the meter."`
	Uses      Joules       `json:"uses_j" doc:"Of all uses, at the meter."`
	House     *Joules      `json:"house_j,omitempty" doc:"House load over the intervals that are metered."`
	Residual  *Joules      `json:"residual_j,omitempty" doc:"What neither uses nor house load explain; negative: they say more than the meter. Absent: nothing is metered, or the house load is not known."`
	Gaps      []BalanceGap `json:"gaps" doc:"At most 20."`
}

// BalanceGap is a stretch of which nothing is known.
type BalanceGap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

type balanceIn struct {
	InSite
	Days int `query:"days" minimum:"1" maximum:"31" default:"7" doc:"So many local days, the last one being the one that runs."`
}

func (r *Room) serveBalance() {
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/balance", id: "getBalance", says: "The meters of a site against one another, and which intervals are missing or estimated.", group: "now", reach: atSite, verb: people.Look}, r.balance)
}

func (r *Room) balance(ctx context.Context, _ Visit, in *balanceIn) (Balance, error) {
	a := r.at(in.Site)
	if a == nil {
		return Balance{}, missing("site", in.Site)
	}
	s := a.mirror.last()
	out := Balance{Site: a.name, Zone: s.Zone, Seconds: s.Interval, Meters: balanceMeters(s), Sums: balanceNow(s), Days: []BalanceDay{}, Ways: filled(slices.Clone(s.Ways))}
	if s.MustRun != nil {
		out.House = new(int64(*s.MustRun))
	}
	if s.At.IsZero() || s.Interval <= 0 {
		return out, nil
	}
	out.Now = new(s.At)
	zone := a.zone()
	first := series.DayOf(s.At, zone).Start
	for range in.Days - 1 {
		first = series.DayOf(first.Add(-time.Second), zone).Start
	}
	rows, err := r.everyInterval(ctx, a, first, s.At)
	if err != nil || len(rows) == 0 {
		return out, err
	}
	count := counter{step: time.Duration(s.Interval) * time.Second, now: s.At, house: out.House}
	for day := series.DayOf(rows[0].Start, zone); day.Start.Before(s.At); day = series.DayOf(day.End(), zone) {
		out.Days = append(out.Days, count.day(day, rows))
	}
	slices.Reverse(out.Days)
	return out, nil
}

// everyInterval are all rows of a stretch.
func (r *Room) everyInterval(ctx context.Context, a *attached, from, to time.Time) ([]live.TurnRow, error) {
	const atOnce = 2976
	var out []live.TurnRow
	for next := &from; next != nil; {
		var page []live.TurnRow
		var err error
		if page, next, err = r.intervals(ctx, a, stretch{*next, to, atOnce}); err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	return out, nil
}

// counter counts the intervals of a day.
type counter struct {
	step  time.Duration
	now   time.Time
	house *int64 // watts; nil: not known
}

// day counts one. rows are of all days, in order.
func (c counter) day(day series.Interval, rows []live.TurnRow) BalanceDay {
	out := BalanceDay{From: day.Start, To: day.End(), Hours: int(day.Length / time.Hour), Whole: int(day.Length / c.step), Gaps: []BalanceGap{}}
	if rows[0].Start.After(out.From) {
		out.From = rows[0].Start
	}
	if c.now.Before(out.To) {
		out.To = c.now
	}
	out.Due = int(out.To.Sub(out.From) / c.step)
	at := out.From // up to here everything is accounted for
	for _, t := range rows {
		if t.Start.Before(out.From) || !t.Start.Before(day.End()) || !t.Metered {
			continue
		}
		if t.Start.After(at) {
			out.gap(at, t.Start)
		}
		at = t.Start.Add(max(c.step, time.Duration(t.Seconds)*time.Second))
		out.add(t, c)
	}
	if last := out.From.Add(time.Duration(out.Due) * c.step); last.After(at) {
		out.gap(at, last)
	}
	out.From, out.To = out.From.UTC(), out.To.UTC()
	out.Missing = max(0, out.Due-out.Metered-out.Estimated-out.Odd)
	if c.house != nil && out.Metered+out.Odd > 0 {
		rest := out.Import + out.Own - out.Export - out.Uses - *out.House
		out.Residual = &rest
	}
	return out
}

func (d *BalanceDay) gap(from, to time.Time) {
	if len(d.Gaps) < gapsMost {
		d.Gaps = append(d.Gaps, BalanceGap{from.UTC(), to.UTC()})
	}
}

// add takes one interval of which a delivery is kept.
func (d *BalanceDay) add(t live.TurnRow, c counter) {
	switch {
	case t.Source == live.StatedByMachines:
		d.Estimated++
	case t.Seconds != int64(c.step/time.Second):
		d.Odd++
	default:
		d.Metered++
	}
	if t.Settled {
		d.Settled++
	}
	d.Import, d.Export, d.Own = d.Import+Joules(t.Import), d.Export+Joules(t.Export), d.Own+Joules(t.Own)
	for _, u := range t.Uses {
		d.Uses += Joules(u.Energy)
	}
	if c.house != nil {
		if d.House == nil {
			d.House = new(Joules)
		}
		*d.House += Joules(*c.house * t.Seconds)
	}
}

// balanceMeters are the meters with their last readings.
func balanceMeters(s live.Status) []BalanceMeter {
	out := []BalanceMeter{}
	for _, m := range s.Meters {
		x := BalanceMeter{Name: m.Name, Of: m.Of, Kind: string(m.Kind)}
		if m.Known {
			x.Power, x.At = new(int64(m.Power)), new(m.At)
		}
		for i, g := range s.Groups {
			if g.Name == m.Of || i == 0 && m.Of == "" {
				x.Stale = g.StaleMeter
			}
		}
		out = append(out, x)
	}
	return out
}

// balanceNow is what is drawn now, in every way that is known.
func balanceNow(s live.Status) BalanceNow {
	var out BalanceNow
	if m := revenue(s); m != nil && m.Known {
		out.Revenue = new(int64(m.Power))
	}
	out.Feeders = feeders(s)
	if len(s.Uses) > 0 {
		sum := int64(0)
		for _, u := range s.Uses {
			sum += int64(u.Draw)
		}
		out.Machines = &sum
	}
	sum, known := int64(0), len(s.Halls) > 0
	for _, h := range s.Halls {
		sum, known = sum+int64(h.Power), known && !h.Heard.IsZero()
	}
	if known {
		out.Halls = &sum
	}
	if out.Machines != nil && (known || len(s.Halls) == 0) {
		out.Devices = new(*out.Machines + sum)
	}
	return out
}

// feeders is what all meters of feeders say together; nil: there is none, or one of them
// is not known. Meters of halls stand behind those of feeders.
func feeders(s live.Status) *int64 {
	sum, found := int64(0), false
	for _, m := range s.Meters {
		if m.Kind != site.FeederMeter {
			continue
		}
		if !m.Known {
			return nil
		}
		sum, found = sum+int64(m.Power), true
	}
	if !found {
		return nil
	}
	return &sum
}
