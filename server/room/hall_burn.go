package room

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sluice/live/hall"
	"sluice/people"
)

// HallBurn is how the allowance of a promise was used up over its month.
type HallBurn struct {
	Contract string      `json:"contract"`
	Tenant   string      `json:"tenant"`
	From     time.Time   `json:"from" doc:"Of the month, in the zone of the site."`
	To       time.Time   `json:"to"`
	Recorded time.Time   `json:"recorded" doc:"Until then it is known when GPUs were down; from there to the last point only how long they were."`
	Allowed  int64       `json:"allowed_s" doc:"GPU-seconds that cost nothing in the month."`
	Points   []BurnPoint `json:"points" doc:"What is left, straight from one to the next; from the beginning of the month to now."`
}

// BurnPoint is what was left of an allowance at an instant.
type BurnPoint struct {
	At   time.Time `json:"at"`
	Left int64     `json:"left_s" doc:"GPU-seconds; negative: more was used than costs nothing."`
}

// HallBurns are those of all promises with an allowance.
type HallBurns struct {
	Burns []HallBurn `json:"burns"`
}

// burnMost bounds the points of one month.
const burnMost = 600

func (r *Room) serveBurn() {
	serve(r, route{
		method: http.MethodGet, path: "/v1/halls/{hall}/burn", id: "getHallBurn", says: "How the allowances of the promises of this month were used up.",
		group: "hosting", reach: somewhere, verb: people.Look,
	}, r.hallBurn)
}

// hallBurn lays out when the stretches lay that count against each promise.
func (r *Room) hallBurn(ctx context.Context, v Visit, in *HallIn) (HallBurns, error) {
	out := HallBurns{Burns: []HallBurn{}}
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return out, err
	}
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	s, err := x.Link.Status(ctx)
	if err != nil {
		return out, ofHall(x.Name, err)
	}
	promises, err := x.Link.Promises(ctx)
	if err != nil {
		return out, ofHall(x.Name, err)
	}
	for _, p := range promises {
		i := slices.IndexFunc(s.Contracts, func(c hall.Standing) bool { return c.Contract == p.Contract })
		if i < 0 || p.Allowed == nil {
			continue
		}
		out.Burns = append(out.Burns, x.burn(ctx, s.Contracts[i].Tenant, p, s.At))
	}
	return out, nil
}

// servedMonth is what the server for tenants says of one contract in a month, as far as it is
// needed here.
type servedMonth struct {
	Seen    time.Time     `json:"seen_until"`
	Against []lostStretch `json:"against"`
}

// lostStretch is one stretch that was not simply up.
type lostStretch struct {
	GPUs      int64     `json:"gpus"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Condition string    `json:"condition"`
}

// burn is how a promise stands at an instant of the hall's clock, with the stretches that
// are recorded of its month.
func (x HallAt) burn(ctx context.Context, tenant string, p hall.Promise, now time.Time) HallBurn {
	month := x.recorded(ctx, tenant, p)
	out := HallBurn{Contract: p.Contract, Tenant: tenant, From: p.From, To: p.To, Recorded: month.Seen.UTC(), Allowed: *p.Allowed}
	out.Points = burnt(*p.Allowed, p.From, month.Seen, month.Against)
	if now.After(month.Seen) {
		out.Points = append(out.Points, BurnPoint{now.UTC(), *p.Allowed - (p.Down - p.Excused)})
	}
	return out
}

// recorded asks the server for tenants for the stretches of a contract. Where that does
// not say, nothing of the month is recorded.
func (x HallAt) recorded(ctx context.Context, tenant string, p hall.Promise) servedMonth {
	none := servedMonth{Seen: p.From}
	if x.Desk == nil {
		return none
	}
	page, err := x.ask(ctx, tenant, TenantAsk{Method: http.MethodGet, Path: "/v1/level", Query: url.Values{"contract": {p.Contract}}})
	var all []servedMonth
	if err != nil || json.Unmarshal(page.Body, &all) != nil || len(all) != 1 || all[0].Seen.Before(p.From) {
		return none
	}
	return all[0]
}

// burnt is what is left of an allowance, GPU-seconds, over time: it goes down by so many
// a second as GPUs are down that count.
func burnt(left int64, from, seen time.Time, all []lostStretch) []BurnPoint {
	type turn struct {
		at   time.Time
		gpus int64 // more that are down from then on
	}
	turns := []turn{{at: from}, {at: seen}}
	for _, c := range all {
		if c.Condition == "down" && c.From.Before(c.To) {
			turns = append(turns, turn{c.From, c.GPUs}, turn{c.To, -c.GPUs})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	var out []BurnPoint
	down, last := int64(0), turns[0].at
	for i, t := range turns {
		left -= down * int64(t.at.Sub(last)/time.Second)
		down, last = down+t.gpus, t.at
		if i+1 == len(turns) || !turns[i+1].at.Equal(t.at) {
			out = append(out, BurnPoint{t.at.UTC(), left})
		}
	}
	return thinned(out, burnMost)
}

// thinned leaves out all but some of many points, and never the last one.
func thinned(all []BurnPoint, most int) []BurnPoint {
	if len(all) <= most {
		return all
	}
	every, out := (len(all)+most-1)/most, []BurnPoint{}
	for i := 0; i < len(all)-1; i += every {
		out = append(out, all[i])
	}
	return append(out, all[len(all)-1])
}
