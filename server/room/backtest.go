package room

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sluice/people"
	"sluice/series"
)

// The bounds of backtests.
const (
	backtestDays   = 31
	backtestWithin = 20 * time.Minute
	backtestsKept  = 60 // of all sites; the oldest go first
)

// ErrNoHistory says that a site has no recorded history which could be replayed.
var ErrNoHistory = errors.New("nothing says where the recorded prices of this site are")

// Replays replays sites over their recorded history. Its methods may be called from many
// goroutines.
type Replays interface {
	// Reach is from when until when the history of a site can be replayed. The error is
	// ErrNoHistory where there is none.
	Reach(ctx context.Context, site string) (from, to time.Time, err error)
	// Replay plays all policies. step is told how far it is; ctx ends it.
	Replay(ctx context.Context, site string, from, to time.Time, step func(done, total int)) (Replayed, error)
}

// BacktestAsk is what somebody wants replayed.
type BacktestAsk struct {
	First string `json:"first" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"First day, in the site's zone." example:"2025-03-01"`
	Days  int    `json:"days" minimum:"1" maximum:"31"`
}

// Backtest is one replay of several policies.
type Backtest struct {
	ID     string          `json:"id"`
	Site   string          `json:"site"`
	State  string          `json:"state" enum:"running,done,cancelled,failed"`
	Shown  bool            `json:"shipped" doc:"It came with the demonstration."`
	By     string          `json:"by,omitempty" doc:"Who began it; absent: the program."`
	Began  time.Time       `json:"began"`
	Ended  *time.Time      `json:"ended,omitempty"`
	From   time.Time       `json:"from"`
	To     time.Time       `json:"to"`
	Done   int             `json:"done_percent"`
	Why    string          `json:"why,omitempty" doc:"It failed."`
	Result *BacktestResult `json:"result,omitempty" doc:"Once it is done; absent in lists."`
}

// Backtests are those of a site, and what may be replayed.
type Backtests struct {
	Site   string     `json:"site"`
	Zone   string     `json:"zone"`
	All    []Backtest `json:"backtests" doc:"Newest first, without their results."`
	Busy   bool       `json:"busy" doc:"One runs, of this site or of another: only one at a time does."`
	Can    bool       `json:"can" doc:"The recorded history of this site is known."`
	First  string     `json:"first_day,omitempty" doc:"From which day on there is history, in the site's zone."`
	Last   string     `json:"last_day,omitempty" doc:"The last day that is over and recorded."`
	Most   int        `json:"most_days"`
	Within int        `json:"within_seconds" doc:"After so long a backtest is ended."`
}

type backtestIn struct {
	InSite
	ID string `path:"id" maxLength:"40"`
}

func (r *Room) serveBacktests() {
	of := func(method, path, id, says string) route {
		return route{method: method, path: "/v1/sites/{site}/backtests" + path, id: id, says: says, group: "plan", reach: atSite, verb: people.Look}
	}
	serve(r, of(http.MethodGet, "", "listBacktests", "Replays of a site under several policies, and which days can be replayed."), r.backtests)
	serve(r, of(http.MethodGet, "/{id}", "getBacktest", "What each policy would have earned, and which intervals made the difference."), r.backtest)
	begin := of(http.MethodPost, "", "beginBacktest", "Replays a stretch of recorded history under all policies. Nothing is done to the site.")
	begin.status = http.StatusAccepted
	serve(r, begin, r.beginBacktest)
	raw(r, gone(of(http.MethodDelete, "/{id}", "endBacktest", "Ends a backtest of yours that runs.")), r.endBacktest)
}

// history is from which local day to which a site can be replayed. What its own clock has
// not come to is not history, whatever the files hold.
func (r *Room) history(ctx context.Context, a *attached, zone *time.Location) (from, to time.Time, err error) {
	shelf := r.cfg.Backtests
	if shelf == nil || shelf.replays == nil {
		return from, to, ErrNoHistory
	}
	if from, to, err = shelf.replays.Reach(ctx, a.name); err != nil {
		return from, to, err
	}
	if now := a.mirror.last().At; !now.IsZero() && now.Before(to) {
		to = now
	}
	first := series.DayOf(from, zone)
	if first.Start.Before(from) {
		first = series.DayOf(first.End(), zone)
	}
	return first.Start, series.DayOf(to, zone).Start, nil
}

// zone is that of a site; UTC while it was never heard.
func (a *attached) zone() *time.Location {
	zone, err := time.LoadLocation(a.mirror.last().Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

func (r *Room) backtests(ctx context.Context, _ Visit, in *InSite) (Backtests, error) {
	a := r.at(in.Site)
	if a == nil {
		return Backtests{}, missing("site", in.Site)
	}
	zone := a.zone()
	out := Backtests{Site: a.name, Zone: zone.String(), All: []Backtest{}, Most: backtestDays, Within: int(backtestWithin / time.Second)}
	if r.cfg.Backtests != nil {
		out.All, out.Busy = r.cfg.Backtests.of(a.name)
	}
	from, to, err := r.history(ctx, a, zone)
	switch {
	case errors.Is(err, ErrNoHistory):
		return out, nil
	case err != nil:
		return out, err
	}
	if out.Can = from.Before(to); out.Can {
		out.First, out.Last = from.In(zone).Format(time.DateOnly), to.Add(-time.Second).In(zone).Format(time.DateOnly)
	}
	return out, nil
}

func (r *Room) backtest(_ context.Context, _ Visit, in *backtestIn) (Backtest, error) {
	if r.at(in.Site) == nil || r.cfg.Backtests == nil {
		return Backtest{}, missing("backtest", in.ID)
	}
	b, known := r.cfg.Backtests.find(in.Site, in.ID)
	if !known {
		return Backtest{}, missing("backtest", in.ID)
	}
	return b, nil
}

// beginBacktest starts one; one at a time, because each takes a core for minutes.
func (r *Room) beginBacktest(ctx context.Context, v Visit, in *struct { //nolint:contextcheck // it goes on after the answer
	InSite
	Body BacktestAsk
},
) (Backtest, error) {
	a := r.at(in.Site)
	if a == nil {
		return Backtest{}, missing("site", in.Site)
	}
	from, to, err := r.asked(ctx, a, in.Body)
	if err != nil {
		return Backtest{}, err
	}
	life, cancel := context.WithTimeout(r.life, backtestWithin)
	b, free := r.cfg.Backtests.begin(Backtest{Site: a.name, State: "running", By: v.who.Actor().Person, Began: v.at.UTC(), From: from.UTC(), To: to.UTC()}, cancel)
	if !free {
		cancel()
		return Backtest{}, problem(http.StatusConflict, "backtest_runs", "another backtest runs", "wait for its end, or end it; one at a time is replayed")
	}
	r.told.Go(func() {
		defer cancel()
		if err := r.cfg.Backtests.run(life, b, r.cfg.Clock); err != nil {
			r.cfg.Log.WarnContext(life, "a backtest is not kept", "site", b.Site, "backtest", b.ID, "cause", err)
		}
	})
	return b, nil
}

// asked is the stretch that somebody wants replayed, by the days of the site.
func (r *Room) asked(ctx context.Context, a *attached, q BacktestAsk) (from, to time.Time, err error) {
	zone := a.zone()
	first, last, err := r.history(ctx, a, zone)
	if errors.Is(err, ErrNoHistory) {
		return from, to, problem(http.StatusConflict, "no_history", "nothing says where the recorded prices of site "+a.name+" are", "name its site file with sluice room --site-file "+a.name+"=FILE")
	}
	if err != nil {
		return from, to, err
	}
	day, err := time.ParseInLocation(time.DateOnly, q.First, zone)
	if err != nil {
		return from, to, wrong("the first day "+q.First+" is no day", "write one such as 2025-03-01")
	}
	from = series.DayOf(day.Add(12*time.Hour), zone).Start // noon comes on every day, and once
	to = from
	for range q.Days {
		to = series.DayOf(to, zone).End()
	}
	if from.Before(first) || to.After(last) {
		return from, to, wrong("the history of this site reaches from "+first.In(zone).Format(time.DateOnly)+" to "+last.Add(-time.Second).In(zone).Format(time.DateOnly), "choose days within")
	}
	return from, to, nil
}

func (r *Room) endBacktest(_ context.Context, v Visit, in *backtestIn) (*nothing, error) {
	if r.at(in.Site) == nil || r.cfg.Backtests == nil || !r.cfg.Backtests.end(in.Site, in.ID, v.who.Actor().Person) {
		return nil, missing("backtest", in.ID)
	}
	return &nothing{}, nil
}
