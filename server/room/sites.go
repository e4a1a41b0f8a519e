package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"sluice/live"
	"sluice/people"
)

// Link is a running site, of which live.Remote is one.
type Link interface {
	Status(ctx context.Context) (live.Status, error)
	Act(ctx context.Context, deed string, q live.Request) (live.Answer, error)
}

// ErrAttached says that something of the name is attached already.
var ErrAttached = errors.New("this name is attached already")

// attached is one site: who to ask, and what it said last.
type attached struct {
	name   string
	link   Link
	mirror *mirror
	fleet  *fleet
	past   *past
	since  time.Time // when it was attached: until it was heard it is not missed
	end    context.CancelFunc
	ended  chan struct{}
}

// Attach adds a site and begins to ask it. The name is what people call it and what
// rights are given for; the site has to call itself so too.
func (r *Room) Attach(name string, link Link) error {
	if !nameable(name) {
		return fmt.Errorf("attach site %.60q: a name has no blank and none of / ? # %% \\", name)
	}
	a := &attached{name: name, link: link, mirror: newMirror(name), fleet: newFleet(), past: &past{}, since: r.cfg.Clock(), ended: make(chan struct{})}
	ctx, end := context.WithCancel(r.life)
	a.end = end
	if err := r.sites.add(name, a); err != nil {
		end()
		return fmt.Errorf("%w: %s", err, name)
	}
	go func() {
		defer close(a.ended)
		var all sync.WaitGroup
		all.Go(func() { r.followFleet(ctx, a) })
		all.Go(func() { r.followTurns(ctx, a) })
		all.Go(func() { r.followNotices(ctx, a) })
		r.follow(ctx, a)
		all.Wait()
	}()
	return nil
}

// Detach stops asking a site, which runs on.
func (r *Room) Detach(name string) {
	if a, was := r.sites.remove(name); was {
		a.end()
		<-a.ended
	}
}

// at is an attached site; nil: there is none of the name.
func (r *Room) at(name string) *attached {
	a, _ := r.sites.find(name)
	return a
}

// has reports whether a site is attached.
func (r *Room) has(site string) bool { return r.at(site) != nil }

// all are the attached sites by name.
func (r *Room) all() []*attached { return r.sites.all() }

// Sites is what all sites said last.
type Sites struct {
	At    time.Time `json:"at" doc:"Wall clock of the control room."`
	Sites []SiteNow `json:"sites"`
}

// InSite names the site of a path.
type InSite struct {
	Site string `path:"site" maxLength:"200" example:"houston"`
}

func (r *Room) serveSites() {
	serve(r, route{method: http.MethodGet, path: "/v1/sites", id: "listSites", says: "All sites as they stand now.", group: "now", reach: somewhere, verb: people.Look}, r.listSites)
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}", id: "getSite", says: "One site as it stands now.", group: "now", reach: atSite, verb: people.Look}, r.getSite)
}

func (r *Room) listSites(_ context.Context, v Visit, _ *struct{}) (Sites, error) {
	out := Sites{At: v.at, Sites: []SiteNow{}}
	for _, a := range r.all() {
		if v.Sees(people.Look, a.name) {
			out.Sites = append(out.Sites, a.mirror.now(v.at))
		}
	}
	return out, nil
}

// SiteDetail is one site with everything that its page shows.
type SiteDetail struct {
	Now      SiteNow              `json:"now"`
	Groups   []live.GroupStatus   `json:"groups" doc:"Limits: the site first, then feeders and halls."`
	Meters   []live.MeterStatus   `json:"meters"`
	Troubles []live.TroubleStatus `json:"troubles" doc:"Machines that need somebody."`
	Why      map[string]int       `json:"why_not_raised" doc:"Machines by the reason for which they do not rise."`
	Mode     *live.ModeStatus     `json:"mode,omitempty"`
	Halls    []live.HallStatus    `json:"gpu_halls"`
	Ways     []live.ThreeWays     `json:"three_ways" doc:"Hash rate by machines, energy and pool, of the last window."`
}

func (r *Room) getSite(_ context.Context, v Visit, in *InSite) (SiteDetail, error) {
	a := r.at(in.Site)
	if a == nil {
		return SiteDetail{}, missing("site", in.Site)
	}
	s := a.mirror.last()
	return SiteDetail{
		Now: a.mirror.now(v.at), Groups: filled(s.Groups), Meters: filled(s.Meters), Troubles: filled(s.Troubles),
		Why: s.Why, Mode: s.Mode, Halls: filled(s.Halls), Ways: filled(s.Ways),
	}, nil
}

// filled is a list that is never null.
func filled[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
