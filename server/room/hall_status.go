package room

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"sluice/engine"
	"sluice/live/hall"
	"sluice/loop"
	"sluice/people"
	"sluice/unit"
)

// HallNow is one GPU hall as it stands. Times are those of its own clock.
type HallNow struct {
	Name      string         `json:"name"`
	Site      string         `json:"site"`
	Answers   bool           `json:"answers" doc:"False: the hall's program does not answer, and all that follows is absent."`
	At        *time.Time     `json:"at,omitempty"`
	Engine    string         `json:"engine,omitempty"`
	Reachable bool           `json:"engine_reachable"`
	Seen      *time.Time     `json:"engine_seen,omitempty" doc:"When the engine showed itself last; absent: never."`
	Power     *int64         `json:"power_w,omitempty" doc:"At the hall's meter; absent: nobody says."`
	Metered   bool           `json:"metered" doc:"Of a meter; else of the GPUs' own sensors."`
	AtSite    *int64         `json:"site_w,omitempty" doc:"At the meter of the site."`
	Budget    *int64         `json:"budget_w,omitempty" doc:"IT watts of all contracts together that the market gives; absent: it gave none."`
	Until     *time.Time     `json:"budget_until,omitempty"`
	Bound     *int64         `json:"bound_w,omitempty" doc:"By the market, at the hall's meter; absent: there is none."`
	Planning  *HallPlanning  `json:"planning,omitempty" doc:"The engine's own account of power; absent: it keeps none."`
	Servers   map[string]int `json:"servers" doc:"By state: up, draining, down, off, leaving, starting."`
	GPUs      int            `json:"gpus"`
	Busy      int            `json:"gpus_busy"`
	Running   int            `json:"jobs_running"`
	Waiting   int            `json:"jobs_waiting"`
	Stopped   int            `json:"jobs_stopped" doc:"By curtailments."`
	Event     *HallEvent     `json:"event,omitempty" doc:"The curtailment that runs, or the last one."`
	Troubles  []hall.Trouble `json:"troubles"`
}

// HallPlanning is an engine's own account of power, in watts that were declared.
type HallPlanning struct {
	Budget   int64 `json:"budget_w"`
	Admitted int64 `json:"admitted_w" doc:"To jobs that run."`
	Withheld int64 `json:"withheld_w" doc:"By curtailments."`
}

// HallEvent is a curtailment.
type HallEvent struct {
	Name    string    `json:"name"`
	Phase   string    `json:"phase"`
	Since   time.Time `json:"since"`
	From    int64     `json:"from_w"`
	To      int64     `json:"to_w"`
	By      time.Time `json:"by" doc:"When the meter must show it."`
	Planned int64     `json:"planned_w"`
	Cost    Micro     `json:"cost" doc:"Damage by the plan."`
	Acts    int       `json:"acts" doc:"Jobs and servers of which something is taken."`
	Proven  bool      `json:"proven" doc:"A meter of the hall shows it."`
	Held    []string  `json:"held" doc:"Queues in which nothing starts."`
	Why     string    `json:"why,omitempty"`
	Who     string    `json:"who,omitempty" doc:"Who began it here; absent: nobody of this room, or it was restarted since."`
}

// HallList is all halls.
type HallList struct {
	Halls []HallNow `json:"halls"`
}

func (r *Room) listHalls(ctx context.Context, v Visit, _ *struct{}) (HallList, error) {
	out := HallList{Halls: []HallNow{}}
	for _, x := range r.cfg.Halls.all() {
		if v.Sees(people.Look, x.Site) {
			now, _, err := r.hallNow(ctx, x)
			if err != nil {
				now = HallNow{Name: x.Name, Site: x.Site, Servers: map[string]int{}, Troubles: []hall.Trouble{}}
			}
			out.Halls = append(out.Halls, now)
		}
	}
	return out, nil
}

// hallNow asks a hall how it stands.
func (r *Room) hallNow(ctx context.Context, x HallAt) (HallNow, hall.Status, error) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	s, err := x.Link.Status(ctx)
	if err != nil {
		return HallNow{}, s, ofHall(x.Name, err)
	}
	out := HallNow{
		Name: x.Name, Site: x.Site, Answers: true, At: knownTime(s.At), Engine: s.Engine, Reachable: !s.Seen.IsZero() && !troubled(s, hall.EngineSilent), Seen: knownTime(s.Seen),
		Metered: s.Metered, Until: knownTime(s.Until), Servers: map[string]int{}, GPUs: s.GPUs, Busy: s.Busy, Running: s.Running, Waiting: s.Waiting, Stopped: s.Stopped,
		Troubles: filled(s.Troubles),
	}
	out.Power, out.Bound = knownWatts(s.Power, s.Known), knownWatts(s.Bound, s.Bound > 0)
	if s.AtSite != nil {
		out.AtSite = knownWatts(*s.AtSite, true)
	}
	if s.Watts.Known {
		out.Planning = &HallPlanning{int64(s.Watts.Budget), int64(s.Watts.Admitted), int64(s.Watts.Withheld)}
	}
	for state, n := range s.Nodes {
		out.Servers[string(state)] = n
	}
	var sum unit.Power
	for _, b := range s.Budgets {
		sum += b
	}
	out.Budget, out.Event = knownWatts(sum, len(s.Budgets) > 0), r.hallEvent(x, s.Event)
	return out, s, nil
}

// knownTime is a time that is known; nil: it is not.
func knownTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

// knownWatts are power that is known; nil: it is not.
func knownWatts(p unit.Power, known bool) *int64 {
	if !known {
		return nil
	}
	return new(int64(p))
}

func troubled(s hall.Status, code hall.Code) bool {
	return slices.ContainsFunc(s.Troubles, func(t hall.Trouble) bool { return t.Code == string(code) })
}

func (r *Room) hallEvent(x HallAt, e *hall.Event) *HallEvent {
	if e == nil {
		return nil
	}
	return &HallEvent{
		Name: e.Order.Event, Phase: string(e.Phase), Since: e.Since.UTC(), From: int64(e.Order.From), To: int64(e.Order.To), By: e.By.UTC(), Planned: int64(e.Planned), Cost: Micro(e.Cost),
		Acts: len(e.Acts), Proven: e.Proven, Held: filled(e.Held), Why: e.Order.Why, Who: r.cfg.Halls.by(x.Name, e.Order.Event),
	}
}

// HallContract is one contract of a hall now.
type HallContract struct {
	Contract  string       `json:"contract"`
	Tenant    string       `json:"tenant"`
	Kind      string       `json:"kind"`
	Queue     string       `json:"queue"`
	Held      string       `json:"held_by,omitempty" doc:"Curtailment that holds its queue."`
	Sold      int          `json:"gpus"`
	Running   int          `json:"gpus_running"`
	Waiting   int          `json:"gpus_waiting"`
	Stopped   int          `json:"gpus_stopped"`
	Draw      *int64       `json:"draw_w,omitempty" doc:"Of its GPUs; absent: not all of them say."`
	Expected  *int64       `json:"expected_w,omitempty" doc:"IT, of this hour, as learned; absent: not known yet."`
	Budget    *int64       `json:"budget_w,omitempty" doc:"IT watts that the market gives; absent: it gave none."`
	Available *unit.Ratio  `json:"available_ppm,omitempty" doc:"Of the month so far, in millionths; absent: nothing was promised or recorded."`
	Promise   *HallPromise `json:"promise,omitempty" doc:"Absent: nothing was promised or recorded this month, or the hall does not say."`
}

// HallPromise is how the promise of a contract stands this month.
type HallPromise struct {
	From     time.Time  `json:"from"`
	To       time.Time  `json:"to"`
	Recorded int64      `json:"recorded_s" doc:"GPU-seconds that were promised and looked at."`
	Down     int64      `json:"down_s" doc:"GPU-seconds that counted."`
	Excused  int64      `json:"excused_s" doc:"GPU-seconds that did not, as agreed."`
	Allowed  *int64     `json:"allowed_s,omitempty" doc:"GPU-seconds that cost nothing in the month; absent: no tier is promised, or servers are held one by one."`
	Left     *int64     `json:"left_s,omitempty" doc:"GPU-seconds until the next tier is missed; absent: likewise, or the last one is."`
	Tiers    []HallTier `json:"tiers"`
	Fee      Micro      `json:"fee" doc:"Of the month."`
	Credit   *Micro     `json:"credit,omitempty" doc:"As it stands if nothing more goes wrong; absent: servers are held one by one."`
}

// HallTier is what is credited where less is available.
type HallTier struct {
	Below  unit.Ratio `json:"below_ppm" doc:"Availability, in millionths."`
	Credit unit.Ratio `json:"credit_ppm" doc:"Of the fee."`
}

// HallMarket is what a hall tells the market of its site.
type HallMarket struct {
	At      time.Time `json:"at"`
	Uses    int       `json:"uses" doc:"Contracts that can be steered."`
	Refused []string  `json:"refused" doc:"Calls on tenants' power that their terms do not cover."`
	Silent  bool      `json:"silent" doc:"The site is not heard any more: what was taken stays away, and nothing more is taken."`
}

// HallDetail is one hall with everything that its page shows.
type HallDetail struct {
	Now       HallNow        `json:"now"`
	Contracts []HallContract `json:"contracts"`
	Caps      []HallCap      `json:"caps" doc:"GPUs of running jobs by their power limit."`
	Market    *HallMarket    `json:"market,omitempty" doc:"Absent: it does not say."`
}

// HallCap is GPUs under one power limit.
type HallCap struct {
	Limit *int64 `json:"limit_w,omitempty" doc:"Of each GPU; absent: none of ours."`
	GPUs  int    `json:"gpus"`
	Draw  *int64 `json:"draw_w,omitempty" doc:"Of their jobs; absent: not all of them say."`
}

func (r *Room) getHall(ctx context.Context, v Visit, in *HallIn) (HallDetail, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallDetail{}, err
	}
	now, s, err := r.hallNow(ctx, x)
	if err != nil {
		return HallDetail{}, err
	}
	out := HallDetail{Now: now, Contracts: []HallContract{}, Caps: []HallCap{}}
	promises, err := x.Link.Promises(ctx)
	if err != nil {
		r.cfg.Log.WarnContext(ctx, "a hall does not say how its promises stand", "hall", x.Name, "cause", err)
	}
	for _, c := range s.Contracts {
		out.Contracts = append(out.Contracts, contractNow(c, s.Budgets, promises))
	}
	jobs, err := x.Link.Jobs(ctx, "")
	if err != nil {
		return out, ofHall(x.Name, err)
	}
	out.Caps = capsOf(jobs)
	if m, err := x.Link.Report(ctx); err == nil {
		out.Market = marketOf(m, s)
	}
	return out, nil
}

func marketOf(m loop.HallReport, s hall.Status) *HallMarket {
	return &HallMarket{At: m.At.UTC(), Uses: len(m.Uses), Refused: filled(m.Refused), Silent: troubled(s, hall.MarketSilent)}
}

func contractNow(c hall.Standing, budgets map[string]unit.Power, promises []hall.Promise) HallContract {
	out := HallContract{
		Contract: c.Contract, Tenant: c.Tenant, Kind: string(c.Kind), Queue: c.Queue, Held: c.Held, Sold: c.Sold, Running: c.Running, Waiting: c.Waiting, Stopped: c.Stopped,
		Expected: knownWatts(c.Expected, c.Expected > 0), Available: c.Level,
	}
	if c.Draw != nil {
		out.Draw = knownWatts(*c.Draw, true)
	}
	for _, name := range []string{c.Contract, "hosting/" + c.Contract} {
		if b, given := budgets[name]; given {
			out.Budget = knownWatts(b, true)
		}
	}
	for _, p := range promises {
		if p.Contract == c.Contract {
			out.Promise = promiseNow(p)
		}
	}
	return out
}

func promiseNow(p hall.Promise) *HallPromise {
	out := &HallPromise{
		From: p.From.UTC(), To: p.To.UTC(), Recorded: p.Recorded, Down: p.Down - p.Excused, Excused: p.Excused, Allowed: p.Allowed, Left: p.Left, Tiers: []HallTier{}, Fee: Micro(p.Fee),
	}
	for _, t := range p.Tiers {
		out.Tiers = append(out.Tiers, HallTier{t.Below, t.Credit})
	}
	if p.Credit != nil {
		out.Credit = new(Micro(*p.Credit))
	}
	return out
}

// capsOf counts the GPUs of running jobs by their limit, the lowest one first and what
// has none last.
func capsOf(jobs []hall.Job) []HallCap {
	type heap struct {
		gpus int
		draw unit.Power
		mute bool
	}
	by := map[unit.Power]*heap{}
	for _, j := range jobs {
		if j.State != engine.Running && j.State != engine.Stopping {
			continue
		}
		if by[j.Capped] == nil {
			by[j.Capped] = &heap{}
		}
		h := by[j.Capped]
		h.gpus += j.GPUs
		if h.mute = h.mute || j.Draw == nil; j.Draw != nil {
			h.draw += *j.Draw
		}
	}
	out := []HallCap{}
	for _, limit := range slices.Sorted(maps.Keys(by)) {
		h := by[limit]
		out = append(out, HallCap{knownWatts(limit, limit > 0), h.gpus, knownWatts(h.draw, !h.mute)})
	}
	if len(out) > 1 && out[0].Limit == nil {
		out = append(out[1:], out[0])
	}
	return out
}

// asRefusal is what a hall said instead of doing it.
func asRefusal(err error) (string, bool) {
	if errors.Is(err, hall.ErrNo) {
		return err.Error(), true
	}
	return "", false
}
