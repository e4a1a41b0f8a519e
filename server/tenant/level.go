package tenant

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"sluice/series"
	"sluice/service"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// Level is how a contract was served in a month so far.
type Level struct {
	Contract  string    `json:"contract"`
	From      time.Time `json:"from" doc:"Begin of the month in the zone of the site."`
	To        time.Time `json:"to" doc:"Its end."`
	Seen      time.Time `json:"seen_until" doc:"How far it is recorded; from here on nothing is known yet."`
	Available *string   `json:"availability" doc:"So far, rounded down; null: nothing is recorded, or nothing was committed."`
	Month     *string   `json:"availability_of_month" doc:"Of the whole month if nothing more goes wrong, by which the credit is found; null: nothing is recorded, or the terms are not known."`
	Counted   Minutes   `json:"gpu_minutes" doc:"GPU-minutes, to three decimals."`
	Promised  []Tier    `json:"promised"`
	Fee       *string   `json:"fee" doc:"Of the month; null: the terms are not known."`
	Credit    *string   `json:"credit" doc:"As it stands, in the currency of the contract; null: nothing is recorded, or the terms are not known."`
	Left      *string   `json:"allowance_gpu_minutes" doc:"Down GPU-minutes until the next tier is missed; null: there is none, or nodes are counted one by one."`
	Against   []Against `json:"against" doc:"Every stretch that was not simply up."`
}

// Minutes are GPU-minutes by condition.
type Minutes struct {
	Recorded string `json:"recorded"`
	Up       string `json:"up"`
	Down     string `json:"down" doc:"It counts."`
	Excused  string `json:"excused" doc:"It does not count, as agreed."`
	Degraded string `json:"degraded" doc:"Reachable, and slowed down by power limits."`
	Unseen   string `json:"unseen" doc:"Nobody saw it: a person decides."`
}

// Against is one stretch that was not simply up.
type Against struct {
	Part      string     `json:"part"`
	GPUs      int64      `json:"gpus"`
	From      time.Time  `json:"from"`
	To        time.Time  `json:"to"`
	Condition string     `json:"condition" doc:"down, excused, degraded or unseen."`
	Cause     string     `json:"cause"`
	Event     string     `json:"event" doc:"Curtailment."`
	Announced *time.Time `json:"announced"`
	Slowdown  string     `json:"slowdown" doc:"Share of speed that was lost, estimated."`
	Why       string     `json:"why"`
	Evidence  string     `json:"evidence" doc:"SHA-256 of what it was made of."`
}

func level(c call) (any, error) {
	names, terms, err := c.bound()
	if err != nil {
		return nil, err
	}
	only, err := c.wanted()
	if err != nil {
		return nil, err
	}
	book, err := c.server.c.Books.Book(c.ctx)
	if err != nil {
		return nil, away("the contracts cannot be read", err)
	}
	month, err := c.month(book.Zone)
	if err != nil {
		return nil, err
	}
	served, err := c.server.c.Desk.Service(c.ctx, c.who, month.Start, month.End())
	if err != nil {
		return nil, err
	}
	out := []Level{}
	for _, n := range names {
		if only != "" && n != only {
			continue
		}
		var x *hosting.Contract
		for i := range terms {
			if terms[i].Name == n && (x == nil || terms[i].Start.Before(month.End()) && terms[i].Start.After(x.Start)) {
				x = &terms[i]
			}
		}
		out = append(out, stood(n, x, month, book.Zone, within(served, n, month)))
	}
	return out, nil
}

// month is the one of the query, or the present one, in the zone of the site.
func (c call) month(zone *time.Location) (series.Interval, error) {
	if zone == nil {
		zone = time.UTC
	}
	at := c.at
	if text := c.query.Get("month"); text != "" {
		t, err := time.ParseInLocation("2006-01", text, zone)
		if err != nil || t.Year() < 1970 || t.Year() > 2999 {
			return series.Interval{}, wrong("month is no month", "write it as 2025-09")
		}
		at = t
	}
	return series.MonthOf(at, zone), nil
}

// within are the stretches of a contract in a month: of periods that overlap, those
// of the longest.
func within(all []tenants.Served, contract string, month series.Interval) []meter.Stretch {
	in := slices.DeleteFunc(slices.Clone(all), func(s tenants.Served) bool {
		return s.Contract != contract || s.Period.From < month.Start.Unix() || s.Period.To > month.End().Unix()
	})
	slices.SortFunc(in, func(a, b tenants.Served) int {
		return cmp.Or(cmp.Compare(b.Period.Seconds(), a.Period.Seconds()), cmp.Compare(a.Period.From, b.Period.From))
	})
	var taken []tenants.Served
	var out []meter.Stretch
	for _, s := range in {
		if !slices.ContainsFunc(taken, func(t tenants.Served) bool { return !t.Period.Common(s.Period).Empty() }) {
			taken, out = append(taken, s), append(out, s.Stretches...)
		}
	}
	slices.SortStableFunc(out, func(a, b meter.Stretch) int { return cmp.Compare(a.Span.From, b.Span.From) })
	return out
}

// stood is how a contract stood in a month; terms nil: they are not known.
func stood(name string, terms *hosting.Contract, month series.Interval, zone *time.Location, all []meter.Stretch) Level {
	m := meter.Sum(all)
	out := Level{
		Contract: name, From: month.Start.UTC(), To: month.End().UTC(), Seen: month.Start.UTC(), Promised: []Tier{}, Against: []Against{},
		Counted: Minutes{minutes(m.Contracted), minutes(m.Up), minutes(m.Down), minutes(m.Excused), minutes(m.Degraded), minutes(m.Unseen)},
	}
	var so service.Record
	parts := map[string]*service.Record{}
	for _, x := range all {
		if at := second(x.Span.To); at.After(out.Seen) {
			out.Seen = at
		}
		if x.Condition != meter.Up {
			out.Against = append(out.Against, against(x))
		}
		if parts[x.Part] == nil {
			parts[x.Part] = &service.Record{}
		}
		for _, r := range []*service.Record{&so, parts[x.Part]} {
			count(r, x)
		}
	}
	out.Available = available(so)
	if terms != nil {
		out.credit(*terms, month, zone, so, parts)
	}
	return out
}

// count adds a stretch to a record.
func count(r *service.Record, x meter.Stretch) {
	n := x.GPUs * x.Span.Seconds()
	r.Committed += n
	if x.Condition == meter.Down || x.Condition == meter.Excused && x.Out {
		r.Down += n
	}
	if x.Condition == meter.Excused && x.Out {
		r.Excused += n
	}
}

// credit adds what the terms say of a month in which nothing more goes wrong.
func (l *Level) credit(x hosting.Contract, month series.Interval, zone *time.Location, so service.Record, parts map[string]*service.Record) {
	for _, t := range x.Level.Tiers {
		l.Promised = append(l.Promised, Tier{share(t.Below), share(t.Credit)})
	}
	fee := x.Fee(month, zone)
	f := money(fee)
	l.Fee = &f
	if so.Committed == 0 {
		return // what nobody recorded was not perfect
	}
	whole := so
	whole.Committed = max(so.Committed, x.Committed(month.Start, month.End(), zone))
	l.Month = available(whole)
	credit := x.Level.Credit(fee, whole)
	if x.Level.Scope == service.Instance && so.Committed > 0 {
		var each []service.Record
		for _, p := range parts {
			r := *p
			r.Committed = max(r.Committed, unit.MulDiv(whole.Committed, p.Committed, so.Committed))
			each = append(each, r)
		}
		credit = x.Level.Apart(fee, each)
	} else if left, some := x.Level.Allowance(whole); some {
		text := minutes(left)
		l.Left = &text
	}
	k := money(credit)
	l.Credit = &k
}

func against(x meter.Stretch) Against {
	return Against{
		Part: x.Part, GPUs: x.GPUs, From: second(x.Span.From), To: second(x.Span.To), Condition: string(x.Condition), Cause: string(x.Cause), Event: x.Event,
		Announced: some(x.Announced), Slowdown: share(x.Slowdown), Why: x.Why, Evidence: evidence(x.Evidence),
	}
}

// available is 1 - (D - X) / (C - X) rounded down, so that it never looks better.
// Source: docs/formula/service.md.
func available(r service.Record) *string {
	base := r.Committed - r.Excused
	if base <= 0 {
		return nil
	}
	up := new(big.Int).Mul(big.NewInt(base-(r.Down-r.Excused)), big.NewInt(int64(unit.One)))
	text := share(unit.Ratio(up.Quo(up, big.NewInt(base)).Int64()))
	return &text
}

// minutes is GPU-seconds as GPU-minutes.
func minutes(seconds int64) string {
	text := money(unit.Amount(unit.MulDiv(seconds, 1000, 60) * 1000))
	return text[:len(text)-3]
}
