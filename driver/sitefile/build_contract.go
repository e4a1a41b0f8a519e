package sitefile

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/power"
	"sluice/series"
	"sluice/unit"
)

func (b *builder) contracts() {
	raw := b.raw.Contracts
	c := power.Contracts{MinimumBill: raw.MinimumBill}
	for _, text := range raw.Holidays {
		if t, ok := b.day(text, raw.Where.of("holidays")); ok {
			c.Holidays = append(c.Holidays, power.DateOf(t))
		}
	}
	if s := raw.Spot; s != nil {
		c.Spot = b.spot(s)
	}
	for _, p := range raw.PPAs {
		c.PPAs = append(c.PPAs, power.PPA{
			Name: p.Name, Power: p.Power, Price: p.Price, Shape: b.window(p.Window), Term: b.term(p.termKeys, p.Where),
			TakeOrPay: p.TakeOrPay, SellBack: p.SellBack, Fee: p.Fee, Carbon: p.Carbon,
		})
	}
	for _, g := range raw.Plants {
		b.profiled(g)
		c.Plants = append(c.Plants, power.Plant{
			Name: g.Name, Kind: power.PlantKind(g.Kind), Power: g.Power, Price: g.Price, Profile: g.Profile, MustRun: g.MustRun, Carbon: g.Carbon,
		})
	}
	for _, e := range raw.Energy {
		c.Energy = append(c.Energy, b.energy(e))
	}
	for _, d := range raw.Demand {
		c.Demand = append(c.Demand, b.demand(d))
	}
	for _, k := range raw.Coincident {
		c.Coincident = append(c.Coincident, b.coincident(k))
	}
	for _, f := range raw.Fixed {
		c.Fixed = append(c.Fixed, power.FixedCharge{Name: f.Name, PerMonth: f.PerMonth})
	}
	if k := raw.Carbon; k != nil {
		c.Carbon = power.Carbon{PerTonne: k.PerTonne, Cap: k.Cap}
	}
	b.file.Contracts = c
	b.contractNames()
}

// profiled reports a plant that weather drives and whose output nothing states.
func (b *builder) profiled(g plantKeys) {
	driven := g.Kind == string(power.Wind) || g.Kind == string(power.Solar)
	if !driven || len(g.Profile) > 0 || len(b.within(g.Where)) > 0 {
		return
	}
	b.say(g.Where.of("kind"), fmt.Sprintf("%s plant %q has no profile_percent", g.Kind, g.Name), "state its share of the nameplate in each of the 24 local hours")
}

func (b *builder) contractNames() {
	raw := b.raw.Contracts
	b.names("ppa", len(raw.PPAs), func(i int) (string, where) { return raw.PPAs[i].Name, raw.PPAs[i].Where })
	b.names("plant", len(raw.Plants), func(i int) (string, where) { return raw.Plants[i].Name, raw.Plants[i].Where })
	b.names("energy charge", len(raw.Energy), func(i int) (string, where) { return raw.Energy[i].Name, raw.Energy[i].Where })
	b.names("demand charge", len(raw.Demand), func(i int) (string, where) { return raw.Demand[i].Name, raw.Demand[i].Where })
	b.names("coincident peak", len(raw.Coincident), func(i int) (string, where) { return raw.Coincident[i].Name, raw.Coincident[i].Where })
	b.names("fixed charge", len(raw.Fixed), func(i int) (string, where) { return raw.Fixed[i].Name, raw.Fixed[i].Where })
}

func (b *builder) spot(s *spotKeys) *power.Spot {
	out := &power.Spot{
		Name: s.Name, Zone: s.Zone, Adders: power.Adders{Import: s.Import, Export: s.Export, Losses: s.Losses},
		Export: s.FeedIn, Publication: power.Publication{Lag: s.Lag}, Carbon: s.Carbon, Term: b.term(s.termKeys, s.Where),
	}
	ahead := s.Published == "day_ahead"
	switch {
	case ahead && s.Gate == "":
		b.say(s.Where.of("published"), "day-ahead prices without a gate_time", `state when they are known on the day before, such as gate_time: "12:45"`)
	case !ahead && s.Gate != "":
		b.say(s.Where.of("gate_time"), "gate_time belongs to day-ahead prices", "set published to day_ahead, or drop gate_time")
	case ahead && s.Lag != 0:
		b.say(s.Where.of("lag_minutes"), "lag_minutes belongs to prices that are known after their interval", "drop it, or set published to after_interval")
	case ahead:
		gate, ok := clock(s.Gate)
		if !ok || gate == 24*time.Hour {
			b.say(s.Where.of("gate_time"), fmt.Sprintf("gate_time %q is not a time of day", s.Gate), `write hours and minutes in quotes, such as "12:45"`)
		}
		out.Publication = power.Publication{DayAhead: true, Gate: gate}
	}
	return out
}

func (b *builder) energy(e energyKeys) power.EnergyCharge {
	out := power.EnergyCharge{
		Name: e.Name, Supply: e.Supply, Price: e.Price, Authorised: e.Authorised, Beyond: e.Beyond, Carbon: e.Carbon, Term: b.term(e.termKeys, e.Where),
	}
	for _, t := range e.Times {
		out.Uses = append(out.Uses, power.TimeOfUse{Window: b.window(&t.windowKeys), Price: t.Price})
	}
	for _, t := range e.Tiers {
		out.Tiers = append(out.Tiers, power.Tier{UpTo: t.UpTo, Price: t.Price})
	}
	if k := e.Interruption; k != nil {
		out.Interruption = &power.Interruption{Demand: k.Demand, Share: k.Share, Price: k.Price, Hours: k.Hours, Notice: k.Notice}
	}
	return out
}

func (b *builder) demand(d demandKeys) power.DemandCharge {
	out := power.DemandCharge{
		Name: d.Name, Rate: d.PerMonth, Period: power.Monthly, RateDays: d.RateDays, Interval: d.Interval, Window: b.window(d.Window),
		Ratchet: d.Ratchet, Lookback: d.Lookback, MinimumBilled: d.Minimum, Term: b.term(d.termKeys, d.Where),
	}
	month, day := d.Where.has("rate_per_mw_month"), d.Where.has("rate_per_mw_day")
	if month == day {
		b.say(d.Where.place, fmt.Sprintf("demand charge %q must have one rate", d.Name), "state either rate_per_mw_month or rate_per_mw_day")
	}
	if day {
		out.Rate, out.Period = d.PerDay, power.Daily
	}
	return out
}

func (b *builder) coincident(k coincidentKeys) power.CoincidentPeak {
	out := power.CoincidentPeak{Name: k.Name, Rate: k.Rate, Counted: k.Counted, Window: b.window(k.Window), Interval: k.Interval, Term: b.term(k.termKeys, k.Where)}
	if w := k.Watch; w != nil {
		out.Watch = power.Watch{Ratio: w.Ratio, Odds: w.Odds, Hours: b.hours(w.Hours, w.Where)}
	}
	return out
}

// window turns a window into the room's own; no window is always.
func (b *builder) window(w *windowKeys) power.Window {
	if w == nil {
		return power.Window{}
	}
	out := power.Window{Holidays: power.HolidayRule(w.Holidays), Hours: b.hours(w.Hours, w.Where)}
	for _, m := range w.Months {
		out.Months = append(out.Months, time.Month(m))
	}
	days := map[string]time.Weekday{"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday}
	for _, name := range w.Weekdays {
		if day, known := days[name]; known {
			out.Weekdays = append(out.Weekdays, day)
		}
	}
	return out
}

// hours reads stretches of the clock such as 17:00-20:30.
func (b *builder) hours(texts []string, at where) []power.Hours {
	var out []power.Hours
	for _, text := range texts {
		first, last, _ := strings.Cut(text, "-")
		from, ok := clock(first)
		to, too := clock(last)
		if text != "" && (!ok || !too) {
			b.say(at.of("hours"), fmt.Sprintf("hours %q are not a stretch of the clock", text), `write two times in quotes, such as "17:00-20:30"`)
			continue
		}
		out = append(out, power.Hours{From: from, To: to})
	}
	return out
}

// clock reads a time of day such as 17:30, up to 24:00.
func clock(text string) (time.Duration, bool) {
	h, m, found := strings.Cut(strings.TrimSpace(text), ":")
	hour, err := strconv.Atoi(h)
	minute, too := strconv.Atoi(m)
	if !found || err != nil || too != nil || len(m) != 2 || hour < 0 || minute < 0 || minute > 59 || hour*60+minute > 24*60 {
		return 0, false
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, true
}

// term reads the local days between which a contract holds.
func (b *builder) term(k termKeys, at where) power.Term {
	var out power.Term
	if k.From != "" {
		out.From, _ = b.day(k.From, at.of("from"))
	}
	if k.To != "" {
		out.To, _ = b.day(k.To, at.of("to"))
	}
	return out
}

// day reads a local calendar day.
func (b *builder) day(text string, at place) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, text, b.zone)
	if err != nil {
		b.say(at, fmt.Sprintf("%q is not a calendar day", text), "write year, month and day, such as 2025-12-25")
		return time.Time{}, false
	}
	return t, true
}

// prices turns the keys of a price history into what a replay needs.
func (b *builder) prices(p *pricesKeys) *Prices {
	return &Prices{
		File: p.File, Column: p.Column, Time: p.Time, Zone: b.location(p.Zone, p.Where.of("time_zone")), End: p.Label == "end",
		Currency: unit.Currency(p.Currency), PerKWh: p.PerKWh, Fill: series.Fill(p.Fill),
	}
}
