package room

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"sluice/live"
	"sluice/people"
)

// The paces of asking a site.
const (
	askPace  = time.Second
	askMost  = 5 * time.Second  // an answer takes no longer
	awayFrom = 10 * time.Second // who has not answered for so long is away
)

// SiteNow is where a site stands, as it said last.
type SiteNow struct {
	Site     string     `json:"site"`
	At       *time.Time `json:"at,omitempty" doc:"The site's clock when it said this."`
	Heard    *time.Time `json:"heard,omitempty" doc:"When it was heard, by the wall clock of the control room; absent: never."`
	Away     bool       `json:"away" doc:"It does not answer: everything here is as old as heard says."`
	Why      string     `json:"why_away,omitempty"`
	Stage    string     `json:"stage,omitempty" doc:"How far it may act by itself; absent: every machine was entrusted at the start."`
	Stopped  bool       `json:"stopped"`
	ShedOnly bool       `json:"shed_only"`
	Halted   string     `json:"halted,omitempty" doc:"Why nothing rises anywhere."`
	Limit    *int64     `json:"limit_w,omitempty"`
	Reserved *int64     `json:"reserved_w,omitempty" doc:"The most that may be drawn, everything outstanding counted."`
	Metered  *int64     `json:"metered_w,omitempty" doc:"By the revenue meter."`
	Uses     []UseNow   `json:"uses"`
	Price    *Micro     `json:"price_micro_per_mwh,omitempty" doc:"The site's own price: what one more MWh is worth to it."`
	Solver   string     `json:"solver,omitempty"`
	PlanAt   *time.Time `json:"plan_at,omitempty"`
	Machines *Counts    `json:"machines,omitempty"`
	Earned   *Earned    `json:"earned,omitempty" doc:"Since its program began."`
	Shadow   *Earned    `json:"would_have_earned,omitempty" doc:"The same with full trust, on a simulated plant."`
	Troubles int        `json:"troubles"`

	Zone     string    `json:"zone,omitempty"`
	Place    string    `json:"place,omitempty"`
	Position *Position `json:"position,omitempty" doc:"Absent: it states none."`
	Currency string    `json:"currency,omitempty"`
	Seconds  int64     `json:"interval_seconds,omitempty"`
	Virtual  bool      `json:"virtual" doc:"Its clock is not the computer's: the site is a virtual one."`
	Speed    int       `json:"speed,omitempty" doc:"Of its clock."`
	Market
	Earns
}

// Position is where a site stands on the earth, by WGS 84.
type Position struct {
	Latitude  float64 `json:"latitude" minimum:"-90" maximum:"90" doc:"Degrees, north positive." example:"47.42"`
	Longitude float64 `json:"longitude" minimum:"-180" maximum:"180" doc:"Degrees, east positive." example:"-120.31"`
}

// Market is what is known of the market, as the last turn found it.
type Market struct {
	Spot      *Micro     `json:"spot_micro_per_mwh,omitempty"`
	SpotAt    *time.Time `json:"spot_at,omitempty" doc:"Of the interval for which it was published."`
	Expected  *Micro     `json:"expected_micro_per_mwh,omitempty" doc:"For the interval that runs."`
	Hashprice *Micro     `json:"hashprice_micro_per_phs_day,omitempty"`
	Degraded  string     `json:"forecast_degraded,omitempty" doc:"Why a lesser forecast is used."`
}

// Earns is what a site earns now.
type Earns struct {
	BreakEven *Micro     `json:"break_even_micro_per_mwh,omitempty" doc:"Price of power at which machines would change what they do."`
	Margin    *Micro     `json:"margin_per_hour_micro,omitempty" doc:"Of the interval that was settled last."`
	MarginOf  *time.Time `json:"margin_of,omitempty" doc:"Its beginning."`
	Would     *Micro     `json:"would_per_hour_micro,omitempty" doc:"The same with full trust, on a simulated plant."`
}

// UseNow is one use of power.
type UseNow struct {
	Use      string `json:"use"`
	Draw     int64  `json:"draw_w" doc:"As its devices state."`
	Target   int64  `json:"target_w" doc:"As ordered."`
	Running  int    `json:"running"`
	Machines int    `json:"machines"`
	Hash     int64  `json:"hash_ghs"`
	Planned  *int64 `json:"planned_w,omitempty"`
	Reason   string `json:"reason,omitempty" doc:"Code of why the plan has it so."`
	Worth    *Micro `json:"worth_micro_per_mwh,omitempty" doc:"What its marginal MWh is worth, at the meter, where the plan gives a reason."`
	Flip     *Micro `json:"flip_micro_per_mwh,omitempty" doc:"Cost of a MWh at which the decision would turn."`
}

// Counts is how many machines stand how.
type Counts struct {
	All     int `json:"all"`
	Running int `json:"running"`
	Asleep  int `json:"asleep"`
	Unknown int `json:"unknown"`
	Proving int `json:"proving"`
}

// Earned is what intervals brought in.
type Earned struct {
	Intervals int    `json:"intervals"`
	Unpriced  int    `json:"unpriced"`
	Margin    Micro  `json:"margin_micro"`
	Energy    Joules `json:"energy_j"`
	Mined     int64  `json:"mined_sat"`
}

// mirror is what one site said last.
type mirror struct {
	site string
	mu   sync.RWMutex
	said live.Status
	view SiteNow
	at   time.Time // heard, wall clock
	why  string    // it does not answer
	sent []byte    // of the view, as pages know it

	took   time.Duration  // its last answer
	offset *time.Duration // of its clock to ours; nil: not known
}

func newMirror(site string) *mirror {
	return &mirror{site: site, view: SiteNow{Site: site, Uses: []UseNow{}}}
}

// hear takes what the site said.
func (m *mirror) hear(s live.Status, at time.Time) {
	v := viewOf(m.site, s)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said, m.view, m.at, m.why = s, v, at, ""
}

// lost notes that the site did not answer.
func (m *mirror) lost(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.why = err.Error()
}

// last is what the site said last.
func (m *mirror) last() live.Status {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.said
}

// now is the view at an instant of the wall clock.
func (m *mirror) now(at time.Time) SiteNow {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v := m.view
	if m.at.IsZero() {
		v.Away, v.Why = true, m.why
		return v
	}
	v.Heard = new(m.at)
	if at.Sub(m.at) > awayFrom {
		v.Away, v.Why = true, m.why
	}
	return v
}

// fresh is the view for the pages when it differs from what they know; nil: it does
// not. That it was heard again is no change while it is not away: pages count the age
// from the event's time.
func (m *mirror) fresh(at time.Time) json.RawMessage {
	v := m.now(at)
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if bytes.Equal(text, m.sent) {
		return nil
	}
	m.sent = text
	return text
}

// follow asks a site until ctx ends.
func (r *Room) follow(ctx context.Context, a *attached) {
	tick := time.NewTicker(askPace)
	defer tick.Stop()
	for {
		r.ask(ctx, a)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ask asks a site once.
func (r *Room) ask(ctx context.Context, a *attached) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	began := r.cfg.Clock()
	s, err := a.link.Status(ctx)
	if err != nil {
		a.mirror.lost(err)
		return
	}
	ended := r.cfg.Clock()
	a.mirror.hear(s, ended)
	a.mirror.timed(began, ended, s)
}

// broadcast tells pages what changed, each second, until ctx ends.
func (r *Room) broadcast(ctx context.Context) {
	tick := time.NewTicker(askPace)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.tellNow()
		case <-ctx.Done():
			return
		}
	}
}

// tellNow tells pages of the sites that changed.
func (r *Room) tellNow() {
	at := r.cfg.Clock()
	var parts []part
	for _, a := range r.all() {
		if text := a.mirror.fresh(at); text != nil {
			parts = append(parts, part{site: a.name, data: text})
		}
	}
	if parts != nil {
		head, _ := json.Marshal(Sites{At: at.UTC(), Sites: []SiteNow{}}) // of times alone: it cannot fail
		r.hub.tell(Event{Kind: nowEvent, Verb: people.Look, Parts: parts, Data: head})
	}
}

// viewOf is what a page shows of a status.
func viewOf(site string, s live.Status) SiteNow {
	v := SiteNow{
		Site: site, At: new(s.At), Stopped: s.Stopped, ShedOnly: s.ShedOnly, Halted: string(s.Halted), Uses: []UseNow{},
		Machines: &Counts{s.Machines.All, s.Machines.Running, s.Machines.Asleep, s.Machines.Unknown, s.Machines.Proving},
		Earned:   earned(s.Earned), Shadow: earned(s.Shadow), Troubles: len(s.Troubles),
	}
	if s.Mode != nil {
		v.Stage = string(s.Mode.Stage)
	}
	if len(s.Groups) > 0 {
		v.Limit, v.Reserved = new(int64(s.Groups[0].Limit)), new(int64(s.Groups[0].Reserved))
	}
	if m := revenue(s); m != nil && m.Known {
		v.Metered = new(int64(m.Power))
	}
	for _, u := range s.Uses {
		v.Uses = append(v.Uses, UseNow{Use: u.Use, Draw: int64(u.Draw), Target: int64(u.Target), Running: u.Running, Machines: u.Machines, Hash: int64(u.Hash)})
	}
	if s.Plan != nil {
		planned(&v, *s.Plan)
	}
	v.Zone, v.Place, v.Currency, v.Seconds = s.Zone, s.Place, string(s.Currency), s.Interval
	if p := s.Position; p != nil {
		v.Position = &Position{p.Latitude.Float(), p.Longitude.Float()}
	}
	v.Virtual, v.Speed = s.Virtual, s.Speed
	v.Market, v.Earns = quotesOf(s.Market), earnsNow(s.Money)
	return v
}

func quotesOf(m *live.MarketStatus) Market {
	if m == nil {
		return Market{}
	}
	out := Market{Spot: priced(m.Spot, m.SpotKnown), Expected: priced(m.Expected, m.Foreseen), Degraded: m.Degraded}
	if m.SpotKnown {
		out.SpotAt = new(m.SpotAt)
	}
	if m.HashKnown {
		out.Hashprice = new(Micro(m.Hashprice))
	}
	return out
}

func earnsNow(m live.MoneyStatus) Earns {
	out := Earns{BreakEven: priced(m.BreakEven, m.EvenKnown)}
	if !m.Of.IsZero() {
		out.Margin, out.MarginOf = new(Micro(m.Margin)), new(m.Of)
	}
	if !m.WouldOf.IsZero() {
		out.Would = new(Micro(m.Would))
	}
	return out
}

// planned adds what the plan says of the interval that runs.
func planned(v *SiteNow, p live.PlanStatus) {
	v.Price, v.Solver, v.PlanAt = new(Micro(p.Price)), p.Solver, new(p.At)
	for _, u := range p.Uses {
		i := slices.IndexFunc(v.Uses, func(x UseNow) bool { return x.Use == u.Use })
		if i < 0 { // of a hall: its own page says what it draws
			i, v.Uses = len(v.Uses), append(v.Uses, UseNow{Use: u.Use})
		}
		x := &v.Uses[i]
		if x.Planned, x.Reason = new(int64(u.Draw)), u.Reason; u.Reason != "" {
			x.Worth, x.Flip = new(Micro(u.Worth)), new(Micro(u.Flip))
		}
	}
}

// revenue is the meter of the connection; nil: there is none.
func revenue(s live.Status) *live.MeterStatus {
	for i, m := range s.Meters {
		if m.Of == "" {
			return &s.Meters[i]
		}
	}
	return nil
}

func earned(e live.Earned) *Earned {
	return &Earned{e.Intervals, e.Unpriced, Micro(e.Margin), Joules(e.Energy), int64(e.Mined)}
}
