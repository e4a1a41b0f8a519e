package room

import (
	"context"
	"net/http"
	"time"

	"sluice/live"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/people"
	"sluice/unit"
)

// Turns tells of turns; live.Remote is one.
type Turns interface {
	Turns(ctx context.Context, from, to time.Time, limit int) (live.TurnList, error)
	Turn(ctx context.Context, at time.Time) (cycle.Turn, error)
	Plan(ctx context.Context, after int64) (p live.PlanPapers, fresh bool, err error)
}

// Timeline is what a site did, does and plans.
type Timeline struct {
	Site     string         `json:"site"`
	Zone     string         `json:"zone"`
	Currency string         `json:"currency"`
	Now      *time.Time     `json:"now,omitempty" doc:"The site's clock; absent: it was never heard."`
	Seconds  int64          `json:"interval_seconds"`
	Limit    *int64         `json:"limit_w,omitempty"`
	Past     []live.TurnRow `json:"past" doc:"Intervals, oldest first; those of which nothing is kept are left out."`
	Next     *time.Time     `json:"next,omitempty" doc:"Where the next page begins; absent: this was the last."`
	Plan     *PlanView      `json:"plan,omitempty" doc:"The newest; absent: there is none yet."`
}

// PlanView is a plan as pages draw it: lists of equal length, one entry an interval.
type PlanView struct {
	At      time.Time    `json:"at"`
	Shadow  bool         `json:"shadow" doc:"Nothing is entrusted: nobody but the shadow follows it."`
	Starts  []time.Time  `json:"starts"`
	Seconds []int64      `json:"seconds"`
	Uses    []PlanUse    `json:"uses"`
	Supply  []PlanSource `json:"supply"`
	MustRun int64        `json:"must_run_w"`
	Price   []Micro      `json:"site_price_micro_per_mwh"`
	Spot    []Micro      `json:"spot_micro_per_mwh" doc:"Expected."`
	Fan     []Band       `json:"fan" doc:"Quantiles of the spot price, from the lowest."`
	Import  []int64      `json:"import_limit_w"`
	Reasons []ReasonView `json:"reasons" doc:"Of the first interval."`
	Flags   []FlagView   `json:"flags" doc:"Commitments that it cannot keep."`
	Worth   Micro        `json:"worth_micro" doc:"Expected margin over the horizon."`
	Solver  string       `json:"solver"`
	Model   string       `json:"forecast"`
}

// PlanUse is what one use draws at the meter.
type PlanUse struct {
	Use   string  `json:"use"`
	Meter []int64 `json:"meter_w"`
}

// PlanSource is what one source supplies.
type PlanSource struct {
	Source string  `json:"source"`
	Power  []int64 `json:"power_w"`
	Sold   []int64 `json:"sold_w" doc:"Back to the market; empty: it cannot be."`
}

// Band is one quantile.
type Band struct {
	Percent int     `json:"percent"`
	Price   []Micro `json:"micro_per_mwh"`
}

// ReasonView is why one use draws what it draws.
type ReasonView struct {
	Use   string `json:"use"`
	Code  string `json:"code"`
	Draw  int64  `json:"draw_w" doc:"IT power decided."`
	Max   int64  `json:"max_w" doc:"IT power that could have run."`
	Worth Micro  `json:"worth_micro_per_mwh" doc:"What the marginal MWh is worth to the use, at the meter."`
	Cost  Micro  `json:"cost_micro_per_mwh" doc:"What it costs the site."`
	Flip  Micro  `json:"flip_micro_per_mwh" doc:"Cost at which the decision would turn."`
	Gain  Micro  `json:"gain_micro" doc:"What the decision earns in the interval against its opposite."`
}

// FlagView is a commitment that cannot be kept.
type FlagView struct {
	Code    string    `json:"code"`
	Start   time.Time `json:"start"`
	Power   int64     `json:"power_w"`
	Subject string    `json:"subject"`
}

// watts are powers as numbers.
func watts(all []unit.Power) []int64 {
	out := make([]int64, len(all))
	for i, p := range all {
		out[i] = int64(p)
	}
	return out
}

func micros(all []unit.Price) []Micro {
	out := make([]Micro, len(all))
	for i, p := range all {
		out[i] = Micro(p)
	}
	return out
}

// planView is a plan with what it stood on.
func planView(p cycle.Plan, o cycle.Outlook, s cycle.Snapshot, shadow bool) *PlanView {
	v := &PlanView{
		At: p.At, Shadow: shadow, MustRun: int64(p.MustRun), Price: micros(p.Price), Spot: micros(o.Spot), Worth: Micro(p.Worth), Solver: solverOf(p), Model: o.Model,
		Starts: []time.Time{}, Seconds: []int64{}, Uses: []PlanUse{}, Supply: []PlanSource{}, Fan: []Band{}, Import: []int64{}, Reasons: []ReasonView{}, Flags: []FlagView{},
	}
	for i, x := range p.Mesh.Intervals() {
		v.Starts, v.Seconds = append(v.Starts, x.Start.UTC()), append(v.Seconds, int64(p.Mesh.Lengths[i]/time.Second))
		if s.Limit.Import.Covers(p.Mesh.Len()) {
			v.Import = append(v.Import, int64(s.Limit.Import.At(i)))
		}
	}
	for _, u := range p.Uses {
		v.Uses = append(v.Uses, PlanUse{u.Use, watts(u.Meter)})
	}
	for _, x := range p.Supply {
		v.Supply = append(v.Supply, PlanSource{x.Source, watts(x.Power), watts(x.Sold)})
	}
	for _, b := range []struct {
		percent int
		price   []unit.Price
	}{{5, o.Quantile.Q05}, {25, o.Quantile.Q25}, {50, o.Quantile.Q50}, {75, o.Quantile.Q75}, {95, o.Quantile.Q95}} {
		if len(b.price) > 0 {
			v.Fan = append(v.Fan, Band{b.percent, micros(b.price)})
		}
	}
	v.Reasons = reasonViews(p.Reasons)
	for _, f := range p.Flags {
		if f.Interval < len(v.Starts) {
			v.Flags = append(v.Flags, FlagView{string(f.Code), v.Starts[f.Interval], int64(f.Power), f.Subject})
		}
	}
	return v
}

func reasonViews(all []cycle.Reason) []ReasonView {
	out := []ReasonView{}
	for _, r := range all {
		out = append(out, ReasonView{r.Use, string(r.Code), int64(r.Draw), int64(r.Max), Micro(r.Worth), Micro(r.Cost), Micro(r.Flip), Micro(r.Gain)})
	}
	return out
}

// solverOf is how a plan was found, in a word.
func solverOf(p cycle.Plan) string {
	if p.Solver.Fallback != "" {
		return p.Solver.Fallback
	}
	return p.Solver.Status
}

// TurnView is one turn with its market.
type TurnView struct {
	At       time.Time     `json:"at"`
	Seconds  int64         `json:"seconds"`
	Plan     *PlanView     `json:"plan"`
	Offers   []LotView     `json:"offers" doc:"From the cheapest."`
	Bids     []LotView     `json:"bids" doc:"From the worthiest, at the meter."`
	Price    *Micro        `json:"site_price_micro_per_mwh,omitempty"`
	Limit    *int64        `json:"import_limit_w,omitempty"`
	Ordered  bool          `json:"ordered" doc:"An instruction of the grid is in force."`
	Delivery *DeliveryView `json:"delivery,omitempty" doc:"Absent: the interval is not over, or its meters were not read."`
	Entry    []PostingView `json:"entry" doc:"Postings of the interval; empty: it is not settled."`
	Papers   any           `json:"papers" doc:"The papers as they are kept."`
}

// LotView is one offer, or one step of a bid.
type LotView struct {
	Name  string `json:"name"`
	Step  int    `json:"step"`
	Price Micro  `json:"micro_per_mwh"`
	Max   int64  `json:"max_w"`
	Taken int64  `json:"taken_w"`
	Sold  int64  `json:"sold_w"`
	Must  bool   `json:"must" doc:"Not for the market to decide."`
}

// DeliveryView is what the meters saw.
type DeliveryView struct {
	Import  Joules `json:"import_j"`
	Planned Joules `json:"planned_j"`
	Peak    int64  `json:"peak_w"`
	Over    int64  `json:"over_limit_w"`
	Source  string `json:"source"`
}

// PostingView is one line of an entry. Debits are positive.
type PostingView struct {
	Account string `json:"account"`
	Use     string `json:"use,omitempty"`
	Amount  Micro  `json:"amount_micro"`
}

// lotViews are lots as pages draw them.
func lotViews(all []dispatch.Lot) []LotView {
	out := []LotView{}
	for _, l := range all {
		out = append(out, LotView{l.Name, l.Step, Micro(l.Price), int64(l.Max), int64(l.Taken), int64(l.Sold), l.Must})
	}
	return out
}

// turnView is a turn with its market.
func turnView(t *cycle.Turn, shadow bool) TurnView {
	offers, bids := dispatch.Lots(dispatch.InputOf(t), t.Plan, 0)
	v := TurnView{
		At: t.Plan.At, Plan: planView(t.Plan, t.Outlook, t.Snapshot, shadow), Offers: lotViews(offers), Bids: lotViews(bids),
		Ordered: t.Snapshot.Limit.Ordered, Entry: []PostingView{}, Papers: t,
	}
	if len(t.Plan.Mesh.Lengths) > 0 {
		v.Seconds = int64(t.Plan.Mesh.Lengths[0] / time.Second)
	}
	if len(t.Plan.Price) > 0 {
		v.Price = new(Micro(t.Plan.Price[0]))
	}
	if len(t.Snapshot.Limit.Import) > 0 {
		v.Limit = new(int64(t.Snapshot.Limit.Import.At(0)))
	}
	if d := t.Delivery; !d.At.IsZero() {
		v.Delivery = &DeliveryView{Joules(d.Import), Joules(d.Planned), int64(d.Peak), int64(d.Over), d.Source}
	}
	for _, p := range t.Entry.Postings {
		v.Entry = append(v.Entry, PostingView{p.Account, p.Use, Micro(p.Amount)})
	}
	return v
}

type timelineIn struct {
	InSite
	From  time.Time `query:"from" doc:"Absent: a day before to."`
	To    time.Time `query:"to" doc:"Absent: now, by the site's clock."`
	Limit int       `query:"limit" minimum:"1" maximum:"2976" default:"2976"`
}

type turnIn struct {
	InSite
	At time.Time `path:"at" doc:"An instant inside the interval."`
}

func (r *Room) servePlan() {
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/timeline", id: "getTimeline", says: "What a site did, interval by interval, and what it plans.", group: "plan", reach: atSite, verb: people.Look}, r.timeline)
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/turns/{at}", id: "getTurn", says: "One turn: offers against bids, why in codes and money, what came of it, and its papers.", group: "plan", reach: atSite, verb: people.Look}, r.turn)
	serve(r, route{method: http.MethodPost, path: "/v1/sites/{site}/whatif", id: "whatIf", says: "Clears the newest turn once more with something changed, and compares. Nothing is done.", group: "plan", reach: atSite, verb: people.Look}, r.whatIf)
	serve(r, route{method: http.MethodPost, path: "/v1/sites/{site}/preview", id: "previewLimit", says: "What a limit would take away, and what that costs. Nothing is done.", group: "plan", reach: atSite, verb: people.Look}, r.preview)
}

func (r *Room) timeline(ctx context.Context, _ Visit, in *timelineIn) (Timeline, error) {
	a := r.at(in.Site)
	if a == nil {
		return Timeline{}, missing("site", in.Site)
	}
	s := a.mirror.last()
	out := Timeline{Site: in.Site, Zone: s.Zone, Currency: string(s.Currency), Seconds: s.Interval, Past: []live.TurnRow{}}
	if !s.At.IsZero() {
		out.Now = new(s.At)
	}
	if len(s.Groups) > 0 {
		out.Limit = new(int64(s.Groups[0].Limit))
	}
	to := in.To
	if to.IsZero() {
		to = s.At.Add(time.Nanosecond)
	}
	from := in.From
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) {
		return out, wrong("from is not before to", "give a from that lies earlier")
	}
	var err error
	if out.Past, out.Next, err = r.intervals(ctx, a, stretch{from, to, in.Limit}); err != nil {
		return out, err
	}
	if p := a.past.plan(); p != nil {
		out.Plan = planView(p.Plan, p.Outlook, p.Snapshot, p.Shadow)
	}
	return out, nil
}

func (r *Room) turn(ctx context.Context, _ Visit, in *turnIn) (TurnView, error) {
	a := r.at(in.Site)
	if a == nil {
		return TurnView{}, missing("site", in.Site)
	}
	if p := a.past.plan(); p != nil && len(p.Plan.Mesh.Lengths) > 0 && !in.At.Before(p.Plan.At) && in.At.Before(p.Plan.At.Add(p.Plan.Mesh.Lengths[0])) {
		return turnView(&cycle.Turn{Snapshot: p.Snapshot, Outlook: p.Outlook, Plan: p.Plan}, p.Shadow), nil
	}
	papers, can := a.link.(Turns)
	if !can {
		return TurnView{}, missing("turn", in.At.Format(time.RFC3339))
	}
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	t, err := papers.Turn(ctx, in.At)
	if err != nil {
		return TurnView{}, ofSite(in.Site, err)
	}
	return turnView(&t, false), nil
}

// Previewer says what a limit would take away; live.Remote is one.
type Previewer interface {
	Preview(ctx context.Context, q live.Request) (live.Preview, error)
}

func (r *Room) preview(ctx context.Context, _ Visit, in *askedIn) (live.Preview, error) {
	a := r.at(in.Site)
	if a == nil {
		return live.Preview{}, missing("site", in.Site)
	}
	if in.Body.Limit == nil {
		return live.Preview{}, wrong("a preview needs limit_w", "say to how many watts")
	}
	asker, can := a.link.(Previewer)
	if !can {
		return live.Preview{}, missing("preview", in.Site)
	}
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	p, err := asker.Preview(ctx, in.Body.request())
	if err != nil {
		return p, ofSite(in.Site, err)
	}
	p.Steps, p.First, p.In, p.Assumed = filled(p.Steps), filled(p.First), filled(p.In), filled(p.Assumed)
	return p, nil
}
