package room

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/live"
	"sluice/people"
)

// Orders tells what was ordered of a site; live.Remote is one.
type Orders interface {
	Instructions(ctx context.Context, from time.Time) (live.InstructionList, error)
}

// The bounds of grid events.
const (
	gridBack   = 90 * 24 * time.Hour
	gridMost   = 50               // events that are listed
	gridBefore = 15 * time.Minute // of the baseline
	gridAfter  = time.Hour        // so long it is watched whether power comes back
	gridFinest = 10 * time.Second // of telemetry
	gridPoints = 700
)

// GridEvents are the limits that the grid ordered.
type GridEvents struct {
	Site   string      `json:"site"`
	Zone   string      `json:"zone"`
	Now    *time.Time  `json:"now,omitempty" doc:"The site's clock; absent: it was never heard."`
	From   time.Time   `json:"from" doc:"Orders that were entered from here on."`
	Events []GridEvent `json:"events" doc:"Newest first, at most 50."`
}

// GridEvent is one stretch in which less was ordered than the connection bears.
type GridEvent struct {
	Group   string        `json:"group,omitempty" doc:"Feeder or hall; absent: the site."`
	By      string        `json:"by" doc:"Who entered it."`
	Entered time.Time     `json:"entered"`
	From    time.Time     `json:"from"`
	Until   *time.Time    `json:"until,omitempty" doc:"Absent: no end was ordered."`
	State   string        `json:"state" enum:"coming,running,over"`
	Limit   int64         `json:"limit_w" doc:"The lowest that was ordered."`
	Steps   []GridStep    `json:"steps" doc:"What was ordered, in order of time."`
	Figures *GridResponse `json:"response,omitempty" doc:"By the meter; absent: it has not begun, or nothing was measured."`
}

// GridStep is a limit from an instant on.
type GridStep struct {
	From  time.Time `json:"from"`
	Limit int64     `json:"limit_w"`
}

// GridResponse is what the meter says of an event.
type GridResponse struct {
	Samples  int        `json:"samples" doc:"Readings of the meter during the event, on which this stands."`
	Baseline *int64     `json:"baseline_w,omitempty" doc:"Mean of the quarter of an hour before it; absent: not measured."`
	Mean     int64      `json:"mean_w" doc:"During the event."`
	Reached  *time.Time `json:"reached,omitempty" doc:"From when on power was at or below what was ordered; absent: it was not yet."`
	Response *int64     `json:"response_seconds,omitempty" doc:"From the beginning until then."`
	Worst    int64      `json:"worst_over_w" doc:"The most above what was ordered, after power had come down once; 0: never."`
	Over     Joules     `json:"over_j" doc:"Energy above what was ordered, the fall included."`
	Reduced  *Joules    `json:"reduced_j,omitempty" doc:"Energy below the baseline; negative: above it."`
	Restored *time.Time `json:"restored,omitempty" doc:"When, within an hour of its end, power was back at 95 % of the baseline. Price may hold it down meanwhile."`
}

// GridTrace is an event with its readings.
type GridTrace struct {
	Event   GridEvent   `json:"event"`
	Times   []time.Time `json:"times"`
	Metered []int64     `json:"metered_w"`
}

type gridTraceIn struct {
	InSite
	From  time.Time `path:"from" doc:"When the event began."`
	Group string    `query:"group" maxLength:"200" doc:"Feeder or hall; absent: the site."`
}

func (r *Room) serveGridEvents() {
	of := func(path, id, says string) route {
		return route{method: http.MethodGet, path: "/v1/sites/{site}/grid-events" + path, id: id, says: says, group: "plan", reach: atSite, verb: people.Look}
	}
	serve(r, of("", "listGridEvents", "What the grid ordered of a site, and how the meter followed."), r.gridEvents)
	serve(r, of("/{from}", "getGridEvent", "One order of the grid with the readings of the meter."), r.gridEvent)
}

// ordered are the events of a site, newest first.
func (r *Room) ordered(ctx context.Context, site string) (*attached, GridEvents, error) {
	a := r.at(site)
	if a == nil {
		return nil, GridEvents{}, missing("site", site)
	}
	s := a.mirror.last()
	out := GridEvents{Site: a.name, Zone: s.Zone, Events: []GridEvent{}}
	asker, can := a.link.(Orders)
	if !can || s.At.IsZero() {
		return a, out, nil
	}
	out.Now, out.From = new(s.At), s.At.Add(-gridBack).UTC()
	list, err := asker.Instructions(ctx, out.From)
	if err != nil {
		return a, out, ofSite(site, err)
	}
	name := ""
	if len(s.Groups) > 0 {
		name = s.Groups[0].Name
	}
	out.Events = eventsOf(list, name)
	return a, out, nil
}

func (r *Room) gridEvents(ctx context.Context, _ Visit, in *InSite) (GridEvents, error) {
	ctx, stop := context.WithTimeout(ctx, 4*askMost)
	defer stop()
	a, out, err := r.ordered(ctx, in.Site)
	if err != nil {
		return out, err
	}
	for i := range out.Events {
		if _, err := measure(ctx, a, &out.Events[i], *out.Now); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (r *Room) gridEvent(ctx context.Context, _ Visit, in *gridTraceIn) (GridTrace, error) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	a, all, err := r.ordered(ctx, in.Site)
	if err != nil {
		return GridTrace{}, err
	}
	i := slices.IndexFunc(all.Events, func(e GridEvent) bool { return e.Group == in.Group && e.From.Equal(in.From) })
	if i < 0 {
		return GridTrace{}, missing("event", in.From.UTC().Format(time.RFC3339))
	}
	out := GridTrace{Event: all.Events[i], Times: []time.Time{}, Metered: []int64{}}
	samples, err := measure(ctx, a, &out.Event, *all.Now)
	for _, x := range samples {
		out.Times, out.Metered = append(out.Times, x.at), append(out.Metered, int64(x.value))
	}
	return out, err
}

// eventsOf joins instructions into stretches in which less was ordered than the
// connection bears. Of two that begin together the one that was entered later holds.
func eventsOf(list live.InstructionList, site string) []GridEvent {
	groups := map[string][]live.Instruction{}
	for _, x := range list.Steps {
		group := strings.TrimSpace(x.Group)
		if group == site {
			group = ""
		}
		all := slices.DeleteFunc(groups[group], func(y live.Instruction) bool { return y.From.Equal(x.From) })
		groups[group] = append(all, x)
	}
	out := []GridEvent{}
	for group, steps := range groups {
		slices.SortStableFunc(steps, func(a, b live.Instruction) int { return a.From.Compare(b.From) })
		out = append(out, groupEvents(group, steps, list.Now)...)
	}
	slices.SortFunc(out, func(a, b GridEvent) int { return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.Group, b.Group)) })
	return out[:min(len(out), gridMost)]
}

// groupEvents are the events of one group, whose steps are in order of time.
func groupEvents(group string, steps []live.Instruction, now time.Time) []GridEvent {
	var out []GridEvent
	open := false
	for _, x := range steps {
		switch {
		case x.Free && open:
			out[len(out)-1].Until, open = new(x.From.UTC()), false
		case x.Free:
		case open:
			e := &out[len(out)-1]
			e.Limit, e.Steps = min(e.Limit, int64(x.Limit)), append(e.Steps, GridStep{x.From.UTC(), int64(x.Limit)})
		default:
			out, open = append(out, GridEvent{
				Group: group, By: x.By, Entered: x.Entered.UTC(), From: x.From.UTC(), Limit: int64(x.Limit), Steps: []GridStep{{x.From.UTC(), int64(x.Limit)}},
			}), true
		}
	}
	for i := range out {
		out[i].State = out[i].state(now)
	}
	return out
}

func (e GridEvent) state(now time.Time) string {
	switch {
	case e.From.After(now):
		return "coming"
	case e.Until == nil || e.Until.After(now):
		return "running"
	}
	return "over"
}

// ordered is what is ordered at an instant within the event.
func (e GridEvent) ordered(at time.Time) int64 {
	limit := e.Steps[0].Limit
	for _, s := range e.Steps {
		if !s.From.After(at) {
			limit = s.Limit
		}
	}
	return limit
}

// measure asks the meter about an event, and works out how it was followed.
func measure(ctx context.Context, a *attached, e *GridEvent, now time.Time) ([]sample, error) {
	if e.State == "coming" {
		return nil, nil
	}
	q := question{query: e.meter(a.name), from: e.From.Add(-gridBefore), to: now, step: gridFinest}
	if e.Until != nil && e.Until.Add(gridAfter).Before(now) {
		q.to = e.Until.Add(gridAfter)
	}
	if step := q.to.Sub(q.from) / gridPoints; step > q.step {
		q.step = step.Truncate(time.Second)
	}
	samples, err := measured(ctx, a, q)
	if err != nil {
		return nil, err
	}
	e.Figures = e.response(samples, q.step, now)
	return samples, nil
}

// meter is the question about the meter in front of what was ordered.
func (e GridEvent) meter(site string) string {
	label := "{site=" + strconv.Quote(site)
	if e.Group == "" {
		return "sluice_site_power_watts" + label + "}"
	}
	return "sluice_feeder_power_watts" + label + ",feeder=" + strconv.Quote(e.Group) + "}"
}

// response works out how an event was followed; nil: nothing was measured in it.
func (e GridEvent) response(samples []sample, step time.Duration, now time.Time) *GridResponse {
	end := now
	if e.Until != nil && e.Until.Before(now) {
		end = *e.Until
	}
	out := &GridResponse{}
	var before, during, over float64
	earlier := 0
	for _, x := range samples {
		if x.at.Before(e.From) {
			before, earlier = before+x.value, earlier+1
			continue
		}
		if !x.at.Before(end) {
			continue
		}
		out.Samples++
		during += x.value
		above := x.value - float64(e.ordered(x.at))
		over += max(0, above) * step.Seconds()
		switch {
		case above <= 0 && out.Reached == nil:
			out.Reached, out.Response = new(x.at), new(int64(x.at.Sub(e.From)/time.Second))
		case above > 0 && out.Reached != nil:
			out.Worst = max(out.Worst, int64(above))
		}
	}
	if out.Samples == 0 {
		return nil
	}
	out.Mean, out.Over = int64(during/float64(out.Samples)), Joules(over)
	if earlier > 0 {
		base := before / float64(earlier)
		out.Baseline, out.Reduced = new(int64(base)), new(Joules(base*float64(out.Samples)*step.Seconds()-during*step.Seconds()))
		out.Restored = restored(samples, end, 0.95*base, e.State == "over")
	}
	return out
}

// restored is when power was back at a level after the end; nil: it was not, or it is
// not over.
func restored(samples []sample, end time.Time, level float64, over bool) *time.Time {
	for _, x := range samples {
		if over && !x.at.Before(end) && x.value >= level {
			return new(x.at)
		}
	}
	return nil
}
