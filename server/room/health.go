package room

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"sluice/live"
	"sluice/people"
	keep "sluice/store/room"
)

// ComputerNow is what the program knows of the computer on which the control room runs.
type ComputerNow struct {
	Disks  []DiskNow   `json:"disks"`
	Files  []StoreFile `json:"files" doc:"Databases of the control room, and books that it shows."`
	Backup *time.Time  `json:"backup,omitempty" doc:"When the last backup ended well; absent: the program makes none and knows of none."`
}

// DiskNow is the file system of a directory.
type DiskNow struct {
	Of   string `json:"of" doc:"What lies there."`
	Free int64  `json:"free_bytes"`
	Size int64  `json:"size_bytes"`
}

// low reports whether less than a tenth is free.
func (d DiskNow) low() bool { return d.Size > 0 && d.Free < d.Size/10 }

// StoreFile is a database and what it takes.
type StoreFile struct {
	Name    string    `json:"name"`
	Bytes   int64     `json:"bytes" doc:"What is written and not folded in yet counts too."`
	Changed time.Time `json:"changed"`
}

// Health is how the program, the sites and what they live on stand.
type Health struct {
	At       time.Time      `json:"at" doc:"Wall clock of the control room."`
	Version  string         `json:"version"`
	Started  time.Time      `json:"started"`
	Computer *ComputerNow   `json:"computer,omitempty" doc:"Absent: nothing is known."`
	Stream   StreamNow      `json:"stream"`
	Outbox   *OutboxNow     `json:"outbox,omitempty" doc:"Absent: nobody is told of alarms."`
	Sites    []SiteHealth   `json:"sites"`
	Halls    []HallHealth   `json:"halls"`
	Programs []ProgramState `json:"programs" doc:"Of sites that this control room runs."`
}

// StreamNow is how pages keep up with what happens.
type StreamNow struct {
	Viewers int   `json:"viewers" doc:"Pages that listen."`
	Told    int64 `json:"told" doc:"Events that were put into their queues, since the start."`
	Longest int   `json:"longest" doc:"Events that wait for the slowest of them."`
	Most    int   `json:"most" doc:"So many may wait for one."`
	Behind  int64 `json:"behind" doc:"Times that one was too slow and fetched everything anew, since the start."`
}

// OutboxNow is how those stand who are told of alarms.
type OutboxNow struct {
	Waiting int        `json:"waiting"`
	Oldest  *time.Time `json:"oldest,omitempty" doc:"Since when the first of them waits."`
	Failed  int        `json:"failed" doc:"Given up."`
	Why     string     `json:"why,omitempty" doc:"Of the last that was given up, else of the last that waits for another try."`
	More    bool       `json:"more" doc:"There are more than were counted."`
}

// SiteHealth is how the link to a site and what feeds it stand.
type SiteHealth struct {
	Site    string     `json:"site"`
	Away    bool       `json:"away"`
	Why     string     `json:"why_away,omitempty"`
	Heard   *time.Time `json:"heard,omitempty" doc:"By the wall clock of the control room; absent: never."`
	Answer  *int64     `json:"answer_ms,omitempty" doc:"How long its last answer took."`
	Offset  *int64     `json:"offset_ms,omitempty" doc:"Of its clock to that of the control room, positive: it is ahead, to half of the answer's time. Absent: not heard, or the clock of a virtual site, which is its own."`
	At      *time.Time `json:"at,omitempty" doc:"Its own clock when it said this: ages of feeds count from it."`
	Virtual bool       `json:"virtual"`
	Version string     `json:"version,omitempty"`
	Started *time.Time `json:"started,omitempty" doc:"Its program, on its computer's clock."`
	Turn    *TurnNow   `json:"turn,omitempty" doc:"Absent: it has not turned."`
	Feeds   []FeedNow  `json:"feeds"`
	Proving int        `json:"proving" doc:"Orders that wait for their proof."`
	Silent  int        `json:"silent" doc:"Machines that were not heard lately."`
}

// TurnNow is the last turn of a site.
type TurnNow struct {
	At       time.Time `json:"at"`
	Period   int64     `json:"period_seconds"`
	Solver   string    `json:"solver,omitempty" doc:"How the plan was found."`
	Fallback string    `json:"fallback,omitempty" doc:"Why merit order stood in."`
}

// FeedNow is one thing that a site is fed with.
type FeedNow struct {
	Feed   string     `json:"feed" enum:"prices,hashprice,forecast,weather,meter,pool,hall"`
	Name   string     `json:"name,omitempty" doc:"Of the meter, the group or the hall."`
	At     *time.Time `json:"at,omitempty" doc:"What it said last is of then, by the site's clock; absent: not known."`
	Source string     `json:"source,omitempty"`
	Fault  string     `json:"fault,omitempty" doc:"Why less is used, in the site's words."`
}

// HallHealth is how the link to a hall stands.
type HallHealth struct {
	Hall    string     `json:"hall"`
	Site    string     `json:"site"`
	Answers bool       `json:"answers"`
	At      *time.Time `json:"at,omitempty" doc:"Its own clock."`
	Engine  string     `json:"engine,omitempty"`
	Seen    *time.Time `json:"engine_seen,omitempty" doc:"By its own clock; absent: never."`
}

// ProgramState is the program of a site that the control room runs.
type ProgramState struct {
	Site     string `json:"site"`
	State    string `json:"state" enum:"starting,running,waiting,ended"`
	Restarts int    `json:"restarts" doc:"By itself, since the control room began."`
	Why      string `json:"why,omitempty" doc:"How it ended last."`
}

func (r *Room) serveHealth() {
	serve(r, route{
		method: http.MethodGet, path: "/v1/health", id: "getHealth", says: "How the program, its links, feeds, disks, queues and messages stand. What is not known is absent.",
		group: "health", reach: somewhere, verb: people.Look,
	}, r.health)
}

func (r *Room) health(ctx context.Context, v Visit, _ *struct{}) (Health, error) {
	out := Health{
		At: v.at.UTC(), Version: r.cfg.Version, Started: r.began.UTC(), Stream: r.hub.standing(), Outbox: r.outbox(ctx),
		Sites: []SiteHealth{}, Halls: []HallHealth{}, Programs: []ProgramState{},
	}
	if r.cfg.Computer != nil {
		out.Computer = new(r.cfg.Computer(ctx))
	}
	for _, a := range r.all() {
		if v.Sees(people.Look, a.name) {
			out.Sites = append(out.Sites, siteHealth(a, v.at))
		}
	}
	out.Halls = append(out.Halls, r.hallsHealth(ctx, v)...)
	if r.cfg.Setup != nil {
		for _, p := range r.cfg.Setup.Programs.List() {
			if v.Sees(people.Look, p.Name) {
				out.Programs = append(out.Programs, ProgramState{p.Name, p.State, p.Restarts, p.Why})
			}
		}
	}
	return out, nil
}

// standing is how the queues of pages stand.
func (h *hub) standing() StreamNow {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := StreamNow{Viewers: len(h.viewers), Told: h.told, Most: perViewerMost, Behind: h.behind}
	for v := range h.viewers {
		out.Longest = max(out.Longest, len(v.queue))
	}
	return out
}

// outboxReader lists messages; store/room is one.
type outboxReader interface {
	Outbox(ctx context.Context, f keep.OutboxFilter) ([]keep.Message, error)
}

// outboxMost bounds the messages that are counted.
const outboxMost = 500

// outbox counts what waits and what was given up; nil: nobody is told.
func (r *Room) outbox(ctx context.Context) *OutboxNow {
	box, can := r.cfg.Outbox.(outboxReader)
	if !can {
		return nil
	}
	waiting, err := box.Outbox(ctx, keep.OutboxFilter{State: keep.Waiting, Limit: outboxMost})
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "the outbox could not be read", "cause", err)
		return nil
	}
	failed, err := box.Outbox(ctx, keep.OutboxFilter{State: keep.Dropped, Limit: outboxMost, Newest: true})
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "the outbox could not be read", "cause", err)
		return nil
	}
	out := &OutboxNow{Waiting: len(waiting), Failed: len(failed), More: len(waiting) == outboxMost || len(failed) == outboxMost}
	for _, m := range waiting {
		if m.Why != "" {
			out.Why = m.Why
		}
	}
	if len(waiting) > 0 {
		out.Oldest = new(waiting[0].Made)
	}
	if len(failed) > 0 {
		out.Why = failed[0].Why
	}
	return out
}

// siteHealth is what a site said last, of what it lives on.
func siteHealth(a *attached, now time.Time) SiteHealth {
	v, s := a.mirror.now(now), a.mirror.last()
	out := SiteHealth{
		Site: a.name, Away: v.Away, Why: v.Why, Heard: v.Heard, At: v.At, Virtual: v.Virtual, Version: s.Version, Started: knownTime(s.Started), Feeds: []FeedNow{},
		Proving: s.Machines.Proving, Silent: s.Machines.Unknown,
	}
	if v.Heard == nil {
		return out
	}
	out.Answer, out.Offset = a.mirror.timing()
	papers := a.past.plan()
	if s.Plan != nil {
		out.Turn = &TurnNow{At: s.Plan.At.UTC(), Period: s.Interval, Solver: s.Plan.Solver}
		if papers != nil && papers.Plan.At.Equal(s.Plan.At) {
			out.Turn.Fallback = papers.Plan.Solver.Fallback
		}
	}
	out.Feeds = feedsOf(s, papers)
	return out
}

// feedsOf are the feeds of a site, the market first.
func feedsOf(s live.Status, papers *live.PlanPapers) []FeedNow {
	out := []FeedNow{}
	if m := s.Market; m != nil {
		out = append(out,
			FeedNow{Feed: "prices", At: knownTime(m.SpotAt)}, FeedNow{Feed: "hashprice", At: knownTime(m.HashAt)},
			FeedNow{Feed: "forecast", At: knownTime(m.Forecast), Fault: m.Degraded})
	}
	if papers != nil {
		f := papers.Snapshot
		weather := FeedNow{Feed: "weather", Source: f.Air.Source}
		if f.Air.Known {
			weather.At = knownTime(f.Air.At)
		}
		out = append(out, weather)
		for i, source := range []string{f.Spot.Source, f.Hashprice.Source} {
			if s.Market != nil {
				out[i].Source = source
			}
		}
	}
	for _, m := range s.Meters {
		x := FeedNow{Feed: "meter", Name: m.Name}
		if m.Known {
			x.At = knownTime(m.At)
		}
		out = append(out, x)
	}
	for _, w := range s.Ways {
		out = append(out, FeedNow{Feed: "pool", Name: w.Group, At: knownTime(w.Start.Add(time.Duration(w.Minutes) * time.Minute))})
	}
	for _, h := range s.Halls {
		out = append(out, FeedNow{Feed: "hall", Name: h.Hall, At: knownTime(h.Heard), Fault: h.Trouble})
	}
	return out
}

// hallsHealth asks all halls that a visitor may see at once.
func (r *Room) hallsHealth(ctx context.Context, v Visit) []HallHealth {
	seen := slices.DeleteFunc(r.cfg.Halls.all(), func(x HallAt) bool { return !v.Sees(people.Look, x.Site) })
	out := make([]HallHealth, len(seen))
	var all sync.WaitGroup
	for i, x := range seen {
		all.Go(func() {
			out[i] = HallHealth{Hall: x.Name, Site: x.Site}
			if now, _, err := r.hallNow(ctx, x); err == nil {
				out[i].Answers, out[i].At, out[i].Engine, out[i].Seen = true, now.At, now.Engine, now.Seen
			}
		})
	}
	all.Wait()
	return out
}
