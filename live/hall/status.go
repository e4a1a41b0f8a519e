package hall

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
	"sluice/use/hosting/shed"
)

// Status is where a hall stands.
type Status struct {
	Site      string                   `json:"site"`
	Hall      string                   `json:"hall"`
	At        time.Time                `json:"at"`
	Engine    string                   `json:"engine"`
	Seen      time.Time                `json:"engine_seen"` // zero: it has shown nothing yet
	Power     unit.Power               `json:"power_w,omitempty"`
	Known     bool                     `json:"power_known"`
	Metered   bool                     `json:"metered"` // Power is of a meter; else of the GPUs' own sensors
	AtSite    *unit.Power              `json:"site_w,omitempty"`
	Nodes     map[engine.NodeState]int `json:"nodes"`
	GPUs      int                      `json:"gpus"`
	Busy      int                      `json:"busy"`
	Running   int                      `json:"jobs_running"`
	Waiting   int                      `json:"jobs_waiting"`
	Stopped   int                      `json:"jobs_stopped"` // by events of ours
	Watts     engine.Watts             `json:"planning"`
	Contracts []Standing               `json:"contracts"`
	Event     *Event                   `json:"event,omitempty"`
	Budgets   map[string]unit.Power    `json:"budgets_w,omitempty"`
	Following int                      `json:"acts_for_budgets,omitempty"`
	Until     time.Time                `json:"budgets_until,omitzero"`
	Bound     unit.Power               `json:"bound_w,omitempty"` // by the market, at the hall's meter; 0: none
	Troubles  []Trouble                `json:"troubles,omitempty"`
}

// Standing is one contract now.
type Standing struct {
	Contract string       `json:"contract"`
	Tenant   string       `json:"tenant"`
	Kind     hosting.Kind `json:"kind"`
	Queue    string       `json:"queue"`
	Held     string       `json:"held_by,omitempty"` // event that holds its queue
	Sold     int          `json:"gpus"`
	Running  int          `json:"running"`
	Waiting  int          `json:"waiting"`
	Stopped  int          `json:"stopped"`
	Draw     *unit.Power  `json:"draw_w,omitempty"` // of its GPUs; none: not all of them say
	Level    *unit.Ratio  `json:"available_ppm,omitempty"`
	Expected unit.Power   `json:"expected_w,omitempty"` // IT, of this hour, as learned
}

// Event is a curtailment.
type Event struct {
	Order   curtail.Order   `json:"order"`
	Phase   curtail.Phase   `json:"phase"`
	Since   time.Time       `json:"since"`
	By      time.Time       `json:"by"` // when the meter must show it
	Planned unit.Power      `json:"planned_w"`
	Cost    unit.Amount     `json:"cost_micros"`
	Acts    []Act           `json:"acts,omitempty"`
	Outcome curtail.Outcome `json:"outcome"`
	Proven  bool            `json:"proven"` // a meter of the hall shows it
	Held    []string        `json:"held,omitempty"`
	Kept    unit.Power      `json:"withheld_w,omitempty"`
}

// Act is one thing done to one job or node.
type Act struct {
	Taken

	Stage curtail.Stage `json:"stage"`
	By    time.Time     `json:"by,omitzero"` // of an eviction
}

// Status is where the hall stands now.
func (h *Hall) Status(ctx context.Context) (Status, error) {
	var s Status
	err := h.Do(ctx, func(context.Context) { s = h.status() })
	return s, err
}

func (h *Hall) status() Status {
	v := &h.view
	s := Status{
		Site: h.cfg.Site, Hall: h.cfg.Hall.Name, At: h.now(), Engine: strings.TrimSpace(h.can.Engine + " " + h.can.Version), Seen: v.At,
		Metered: h.plant.metered(HallMeter), Nodes: map[engine.NodeState]int{}, Watts: v.Watts, Budgets: h.budgets,
		Following: len(h.follow.State().Acts), Until: h.market.kept.Until, Bound: h.market.bound, Troubles: h.troubles(),
	}
	if p, known := h.power(HallMeter, h.cfg.Hall.Name); known {
		s.Power, s.Known = p.Power, true
	}
	for i, g := range h.plant.Gauges {
		if g.Place == SiteMeter && h.fresh(h.samples[i].At) {
			s.AtSite = &h.samples[i].Power
		}
	}
	for _, n := range v.Nodes {
		s.Nodes[n.State]++
		s.GPUs += n.GPUs
		s.Busy += n.Busy
	}
	for i := range v.Jobs {
		switch j := &v.Jobs[i]; {
		case j.State == engine.Running || j.State == engine.Stopping:
			s.Running++
		case j.Evicted != "":
			s.Stopped++
		default:
			s.Waiting++
		}
	}
	for _, t := range h.cfg.Tenancies {
		s.Contracts = append(s.Contracts, h.standing(t))
	}
	s.Event = h.event()
	return s
}

func (h *Hall) standing(t *hosting.Tenancy) Standing {
	c := t.Contract()
	s := Standing{Contract: c.Name, Tenant: c.Tenant, Kind: c.Kind, Queue: h.cfg.queue(c.Name), Sold: c.GPUs}
	for _, q := range h.view.Queues {
		if q.Name == s.Queue && q.Held {
			s.Held = cmp.Or(q.Event, "somebody else")
		}
	}
	var draw unit.Power
	all := true
	for i := range h.view.Jobs {
		j := &h.view.Jobs[i]
		if o := h.ownerOf(j); o != t {
			continue
		}
		switch {
		case j.State == engine.Running || j.State == engine.Stopping:
			s.Running += j.GPUs
			p, known := h.drawOf(j)
			draw, all = draw+p, all && known
		case j.Evicted != "":
			s.Stopped += j.GPUs
		default:
			s.Waiting += j.GPUs
		}
	}
	if all {
		s.Draw = &draw
	}
	if l, ok := h.service.kept.Level[c.Name]; ok && l.Committed > l.Excused {
		up := unit.Ratio(unit.MulDiv(l.Committed-l.Down, int64(unit.One), l.Committed-l.Excused))
		s.Level = &up
	}
	if f, known := h.school.kept.Forecasts[c.Name]; known {
		s.Expected, _ = f.Expect(series.Interval{Start: h.now(), Length: time.Hour}, h.cfg.Zone)
	}
	return s
}

// event is the running curtailment, or the last one; nil: there was none.
func (h *Hall) event() *Event {
	st := h.kernel.State()
	if st.Phase == curtail.Idle {
		return nil
	}
	e := &Event{
		Order: st.Order, Phase: st.Phase, Since: st.Since, By: st.Order.Deadline(), Planned: h.atMeter(st.Plan.Saved), Cost: st.Plan.Cost,
		Outcome: h.kernel.Outcome(), Kept: st.Withheld,
	}
	if !h.active() {
		e.Outcome = h.outcome
	}
	e.Proven = (h.plant.metered(HallMeter) || h.believes) && e.Outcome.Hall.Known && e.Outcome.Hall.Now <= st.Order.To+h.cfg.Timing.Notice
	for q := range st.Held {
		e.Held = append(e.Held, q)
	}
	slices.Sort(e.Held)
	for _, a := range st.Acts {
		e.Acts = append(e.Acts, Act{
			Taken: Taken{
				Item: a.Item, Contract: a.Contract, Tenant: a.Tenant, GPUs: a.GPUs, Lever: a.Lever, Limit: a.Limit,
				Saved: h.atMeter(a.Saved), Cost: a.Cost, Ready: a.Ready, Firm: a.Firm,
			},
			Stage: a.Stage, By: a.By,
		})
	}
	return e
}

// Job is one job as people see it.
type Job struct {
	engine.Job

	Of     string       `json:"of"` // contract; empty: none of this hall
	Kind   hosting.Kind `json:"kind"`
	Draw   *unit.Power  `json:"draw_w,omitempty"`
	Capped unit.Power   `json:"limit_w,omitempty"` // limit of ours for each GPU; 0: none
}

// Jobs are all jobs of the last view, those of a contract when it is named.
func (h *Hall) Jobs(ctx context.Context, contract string) ([]Job, error) {
	var out []Job
	err := h.Do(ctx, func(context.Context) {
		limits := h.limits()
		for i := range h.view.Jobs {
			if j := h.told(&h.view.Jobs[i], limits); contract == "" || j.Of == contract {
				out = append(out, j)
			}
		}
	})
	return out, err
}

func (h *Hall) told(j *engine.Job, limits map[string]unit.Power) Job {
	out := Job{Job: *j, Capped: limits[j.ID]}
	if t := h.ownerOf(j); t != nil {
		out.Of, out.Kind = t.Contract().Name, t.Contract().Kind
	}
	if p, known := h.drawOf(j); known {
		out.Draw = &p
	}
	return out
}

// Reason says why a job stands where it stands.
type Reason struct {
	Job     Job      `json:"job"`
	Because []string `json:"because"`
}

// Why explains a job.
func (h *Hall) Why(ctx context.Context, id string) (Reason, error) {
	var out Reason
	var err error
	do := h.Do(ctx, func(context.Context) {
		j := h.job(id)
		if j == nil {
			err = fmt.Errorf("%w: the engine shows no job %q: it ended, or the name is another", ErrNo, id)
			return
		}
		out = Reason{Job: h.told(j, h.limits()), Because: h.because(j)}
	})
	if do != nil {
		return out, do
	}
	return out, err
}

// because lists what keeps a job where it is, in words.
func (h *Hall) because(j *engine.Job) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case j.State == engine.Stopping:
		say("it was told to stop and still draws power: %s", j.Why)
	case j.State == engine.Running:
		say("it runs since %s on %s", j.Started.UTC().Format("2006-01-02 15:04:05 UTC"), strings.Join(j.Nodes, ", "))
	case j.Evicted != "":
		say("%s stopped it; it is restored when that gives back, and nobody else needs to start it", j.Evicted)
	case j.Why != "":
		say("the engine says: %s", j.Why)
	}
	if j.Position > 0 {
		say("it is number %d in queue %s", j.Position, j.Queue)
	}
	t := h.ownerOf(j)
	if t == nil {
		say("its contract is not of this hall, so nothing is taken from it")
		return out
	}
	for _, q := range h.view.Queues {
		if q.Name == j.Queue && q.Held {
			say("its queue is held by %s: nothing starts there", cmp.Or(q.Event, "somebody else"))
		}
	}
	for _, st := range []curtail.State{h.kernel.State(), h.follow.State()} {
		for _, a := range st.Acts {
			if a.Item == j.ID {
				say("%s", actText(st.Event, a))
			}
		}
		if st.Withheld > 0 && j.State == engine.Waiting {
			say("%s withholds %s of planning power from whatever wants to start", st.Event, st.Withheld)
		}
	}
	out = append(out, h.terms(t, j)...)
	return out
}

// actText says what an event does to a job.
func actText(event string, a curtail.Act) string {
	switch a.Lever {
	case shed.Cap:
		return fmt.Sprintf("%s limits each of its GPUs to %s, %.1f %% slower by the curve (%s)", event, a.Limit, 100-100*a.Speed.Float(), a.Stage)
	case shed.Evict:
		verb := "evicts"
		if a.Stage == curtail.Seen {
			verb = "evicted"
		}
		return fmt.Sprintf("%s %s it at %s; lost by the plan: %.2f", event, verb, a.By.UTC().Format("15:04:05 UTC"), a.Cost.Float())
	case shed.Off, shed.Hold:
	}
	return fmt.Sprintf("%s: %s", event, a.Lever)
}

// terms says what may be taken from a job, by its contract.
func (h *Hall) terms(t *hosting.Tenancy, j *engine.Job) []string {
	c := t.Contract()
	out := []string{fmt.Sprintf("contract %s is %s at %.2f for a GPU-hour", c.Name, c.Kind, c.Price.Float())}
	switch {
	case c.Kind == hosting.Flexible:
		out = append(out, fmt.Sprintf("it may be evicted with %s of notice, %s a year", c.Flex.Notice, c.Flex.Hours))
	case shed.Firm(c.Kind):
		out = append(out, "it is evicted only when nothing else is left")
	default:
		out = append(out, fmt.Sprintf("it may be evicted: %s from the warning to the signal, %s from that to its end", c.Warn, c.Grace))
	}
	if c.Capping.Slowdown > 0 {
		out = append(out, fmt.Sprintf("power limits may slow it by %.0f %%", 100*c.Capping.Slowdown.Float()))
	}
	if j.State == engine.Running && j.Saved.IsZero() {
		out = append(out, "no save of this run was ever proven, so an eviction counts all of it as lost")
	}
	return out
}

// Used is what the store holds of a period, by contract, with what is not explained.
type Used struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Lines    []UsedLine      `json:"contracts"`
	Balances []meter.Verdict `json:"hours"` // of the hall's meter
	Now      time.Time       `json:"metered_until"`
	Witness  Witnessed       `json:"second_witness"`
}

// UsedLine is the use of one contract.
type UsedLine struct {
	Contract   string      `json:"contract"`
	Tenant     string      `json:"tenant"`
	GPUSeconds int64       `json:"gpu_seconds"`
	IT         unit.Energy `json:"it_j"`
	Facility   unit.Energy `json:"facility_j"`
	Estimated  bool        `json:"estimated"` // a part of the energy is
	Held       int         `json:"held"`      // lines that are not billed yet
}

// Usage sums up what contracts used since an instant.
func (h *Hall) Usage(ctx context.Context, from time.Time) (Used, error) {
	var out Used
	var err error
	do := h.Do(ctx, func(ctx context.Context) { out, err = h.used(ctx, from) })
	if do != nil {
		return out, do
	}
	return out, err
}

// Curve is how the work of a contract follows power limits, and what of that was
// learned here.
type Curve struct {
	Contract string           `json:"contract"`
	Model    string           `json:"model"`
	Curve    gpu.Curve        `json:"curve"`
	Levels   []gpu.Point      `json:"levels"` // that may be chosen
	Seen     int              `json:"observations"`
	Forecast hosting.Forecast `json:"forecast"`
}

// Curves are those of all contracts.
func (h *Hall) Curves(ctx context.Context) ([]Curve, error) {
	var out []Curve
	err := h.Do(ctx, func(context.Context) {
		for _, t := range h.cfg.Tenancies {
			c := t.Contract()
			if c.Kind == hosting.Colocation {
				continue
			}
			k := h.school.curve(h.cfg.Curves, c)
			one := Curve{Contract: c.Name, Model: c.Model, Curve: k, Levels: k.Levels(), Forecast: h.school.kept.Forecasts[c.Name]}
			for _, o := range h.school.kept.Seen {
				if o.Model == k.Model && o.Class == k.Class {
					one.Seen++
				}
			}
			out = append(out, one)
		}
	})
	return out, err
}

// View is what the engine showed last; it asks nobody, so that many may look. It wraps
// engine.ErrUnreachable where that is older than what counts as known.
func (h *Hall) View(ctx context.Context) (engine.View, error) {
	var v engine.View
	var fresh bool
	err := h.Do(ctx, func(context.Context) { v, fresh = h.view, h.fresh(h.view.At) })
	if err == nil && !fresh {
		err = fmt.Errorf("hall %s: the last view is of %s: %w", h.cfg.Hall.Name, v.At.UTC().Format(time.RFC3339), engine.ErrUnreachable)
	}
	return v, err
}

// Notices are the last ones, oldest first.
func (h *Hall) Notices(ctx context.Context) ([]Notice, error) {
	var out []Notice
	err := h.Do(ctx, func(context.Context) { out = slices.Clone(h.notices) })
	return out, err
}
