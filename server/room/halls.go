package room

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"sluice/live/hall"
	"sluice/loop"
	"sluice/people"
)

// HallView is a hall as people see it.
type HallView interface {
	Status(ctx context.Context) (hall.Status, error)
	Jobs(ctx context.Context, contract string) ([]hall.Job, error)
	Why(ctx context.Context, job string) (hall.Reason, error)
}

// HallFigures are what a hall tells the market of its site, and how its promises stand.
type HallFigures interface {
	Report(ctx context.Context) (loop.HallReport, error)
	Promises(ctx context.Context) ([]hall.Promise, error)
}

// HallHand carries out what people ask of a hall.
type HallHand interface {
	Propose(ctx context.Context, w hall.Wish) (hall.Proposal, error)
	Curtail(ctx context.Context, w hall.Wish) (string, error)
	LetGo(ctx context.Context, a hall.Ask) (hall.Answer, error)
}

// HallLink is a running hall, of which hall.Client is one.
type HallLink interface {
	HallView
	HallFigures
	HallHand
}

// HallAt is a hall and where it stands.
type HallAt struct {
	Name   string // by which it is asked for
	Site   string // at which rights are held
	Link   HallLink
	Office Office     // decides on what its tenants ask for; nil: nobody does here
	Desk   TenantDesk // what its tenants see; nil: nothing here
}

// Halls are the GPU halls that are attached. They may be used from any goroutine; a nil
// one is empty.
type Halls struct {
	kept  *register[HallAt]
	mu    sync.RWMutex
	begun map[string]string // who began a curtailment, by hall and its name
}

// NewHalls is no hall yet.
func NewHalls() *Halls { return &Halls{kept: newRegister[HallAt](), begun: map[string]string{}} }

// Attach adds a hall. An error wraps ErrAttached where the name is taken.
func (h *Halls) Attach(x HallAt) error {
	if !nameable(x.Name) || x.Site == "" || x.Link == nil {
		return fmt.Errorf("attach hall %.60q of %.60q: a name has no blank and none of / ? # %% \\, and a site is named", x.Name, x.Site)
	}
	if err := h.kept.add(x.Name, x); err != nil {
		return fmt.Errorf("hall %s: %w", x.Name, err)
	}
	return nil
}

// Detach lets a hall go, which runs on.
func (h *Halls) Detach(name string) { h.kept.remove(name) }

// all are the halls by name.
func (h *Halls) all() []HallAt {
	if h == nil {
		return nil
	}
	return h.kept.all()
}

// began notes who began a curtailment, by asks who did; empty: nobody here knows.
func (h *Halls) began(hall, event, who string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun[hall+" "+event] = who
}

func (h *Halls) by(hall, event string) string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.begun[hall+" "+event]
}

// HallIn names the hall of a path.
type HallIn struct {
	Hall string `path:"hall" maxLength:"200" example:"gpu"`
}

// hall finds a hall at whose site a visitor may do something. Where they may not even
// look they are not told that it exists.
func (r *Room) hall(v Visit, name string, verb people.Verb) (HallAt, error) {
	for _, x := range r.cfg.Halls.all() {
		if x.Name != name || !v.Sees(people.Look, x.Site) {
			continue
		}
		rule, _ := verb.Rule()
		return x, hold(v.who.Actor(), rule, people.Place{Site: x.Site}, v.at)
	}
	return HallAt{}, missing("hall", name)
}

// serveHosting adds what can be asked about GPU halls and their tenants.
func (r *Room) serveHosting() {
	get := func(path, id, says string) route {
		return route{method: http.MethodGet, path: "/v1/halls" + path, id: id, says: says, group: "hosting", reach: somewhere, verb: people.Look}
	}
	post := func(path, id, says string, verb people.Verb) route {
		return route{method: http.MethodPost, path: "/v1/halls/{hall}/" + path, id: id, says: says, group: "hosting", reach: somewhere, verb: verb}
	}
	serve(r, get("", "listHalls", "The GPU halls as they stand."), r.listHalls)
	serve(r, get("/{hall}", "getHall", "One hall: power, budgets, contracts and how their promises stand."), r.getHall)
	serve(r, get("/{hall}/jobs", "listHallJobs", "Jobs of a hall: what runs, what waits and why."), r.hallJobs)
	serve(r, get("/{hall}/why", "whyHallJob", "Why a job stands where it stands."), r.hallWhy)
	serve(r, get("/{hall}/order", "getHallOrder", "In which order jobs would go, and what is lost by it."), r.hallOrder)
	serve(r, post("preview", "previewHall", "Who would give way for less power, when, and what it costs. Nothing is done.", people.Look), r.hallPreview)
	serve(r, post("curtail", "curtailHall", "Lowers the power of a hall. Tenants that were promised to run are stopped only when two people agree.", people.Lower), r.hallCurtail)
	serve(r, post("restore", "restoreHall", "Gives back what a curtailment took: alone who began it, else two people.", people.Unlock), r.hallRestore)
	serve(r, get("/{hall}/reservations", "listReservations", "What tenants ask for, and whether it fits."), r.reservations)
	serve(r, post("reservations/{id}/accept", "acceptReservation", "Lets a tenant have what it asks for, if it fits.", people.Quote), r.acceptReservation)
	serve(r, post("reservations/{id}/refuse", "refuseReservation", "Refuses what a tenant asks for, or ends what was accepted. The tenant reads why.", people.Quote), r.refuseReservation)
	r.serveBurn()
	r.serveFloor()
	r.serveTenants()
}

// ofHall is why a hall did not do it.
func ofHall(name string, err error) error {
	if err == nil {
		return nil
	}
	if said, is := asRefusal(err); is {
		return problem(http.StatusConflict, "refused", said, "the hall says why; nothing was done")
	}
	return away("hall "+name, err)
}
