package room

import (
	"context"
	"slices"
	"time"

	"sluice/live/hall"
	"sluice/people"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// HallJob is one job in a hall.
type HallJob struct {
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty"`
	Tenant    string     `json:"tenant"`
	Contract  string     `json:"contract,omitempty" doc:"Absent: it is of none of this hall."`
	Kind      string     `json:"kind,omitempty"`
	Queue     string     `json:"queue"`
	State     string     `json:"state"`
	GPUs      int        `json:"gpus"`
	Servers   []string   `json:"servers"`
	Submitted time.Time  `json:"submitted"`
	Started   *time.Time `json:"started,omitempty" doc:"Of the present run."`
	Deadline  *time.Time `json:"deadline,omitempty"`
	Saved     *time.Time `json:"saved,omitempty" doc:"When its work was last proven to be saved in this run."`
	Place     *int       `json:"place,omitempty" doc:"In its queue, from 1; absent: not known."`
	Why       string     `json:"why,omitempty" doc:"It waits, in the engine's word."`
	Evicted   string     `json:"evicted,omitempty" doc:"Curtailment that stopped it."`
	Draw      *int64     `json:"draw_w,omitempty"`
	Limit     *int64     `json:"limit_w,omitempty" doc:"Of each GPU, by us; absent: none."`
}

// HallJobs are jobs of a hall.
type HallJobs struct {
	Jobs  []HallJob `json:"jobs" doc:"What waits first, by queue and place."`
	Total int       `json:"total" doc:"Before the limit."`
}

type hallJobsIn struct {
	HallIn

	Contract string `query:"contract" maxLength:"200"`
	State    string `query:"state" enum:"running,waiting,stopped" doc:"stopped: by a curtailment."`
	Limit    int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
}

func (r *Room) hallJobs(ctx context.Context, v Visit, in *hallJobsIn) (HallJobs, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallJobs{}, err
	}
	all, err := x.Link.Jobs(ctx, in.Contract)
	if err != nil {
		return HallJobs{}, ofHall(x.Name, err)
	}
	out := HallJobs{Jobs: []HallJob{}}
	for _, j := range all {
		if in.State == "" || in.State == standsAs(j) {
			out.Jobs = append(out.Jobs, jobNow(j))
		}
	}
	slices.SortStableFunc(out.Jobs, byPlace)
	out.Total = len(out.Jobs)
	out.Jobs = out.Jobs[:min(in.Limit, out.Total)]
	return out, nil
}

// standsAs says how a job stands, in the words of the filter.
func standsAs(j hall.Job) string {
	switch {
	case j.Started.IsZero() && j.Evicted != "":
		return "stopped"
	case j.Started.IsZero():
		return "waiting"
	}
	return "running"
}

// byPlace puts what waits first, by queue and place; a place that is not known comes last.
func byPlace(a, b HallJob) int {
	if (a.Started == nil) != (b.Started == nil) {
		if a.Started == nil {
			return -1
		}
		return 1
	}
	place := func(j HallJob) int {
		if j.Place == nil {
			return 1 << 30
		}
		return *j.Place
	}
	if a.Queue != b.Queue {
		if a.Queue < b.Queue {
			return -1
		}
		return 1
	}
	return place(a) - place(b)
}

func jobNow(j hall.Job) HallJob {
	out := HallJob{
		ID: j.ID, Name: j.Name, Tenant: j.Tenant, Contract: j.Of, Kind: string(j.Kind), Queue: j.Queue, State: string(j.State), GPUs: j.GPUs, Servers: filled(j.Nodes),
		Submitted: j.Submitted.UTC(), Started: knownTime(j.Started), Deadline: knownTime(j.Deadline), Saved: knownTime(j.Saved), Why: j.Why, Evicted: j.Evicted, Limit: knownWatts(j.Capped, j.Capped > 0),
	}
	if j.Position > 0 {
		out.Place = new(j.Position)
	}
	if j.Draw != nil {
		out.Draw = knownWatts(*j.Draw, true)
	}
	return out
}

// HallReason says why a job stands where it stands.
type HallReason struct {
	Job     HallJob  `json:"job"`
	Because []string `json:"because"`
}

type hallWhyIn struct {
	HallIn

	Job string `query:"job" required:"true" minLength:"1" maxLength:"300"`
}

func (r *Room) hallWhy(ctx context.Context, v Visit, in *hallWhyIn) (HallReason, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallReason{}, err
	}
	w, err := x.Link.Why(ctx, in.Job)
	if _, no := asRefusal(err); no {
		return HallReason{}, missing("job", in.Job)
	}
	return HallReason{jobNow(w.Job), filled(w.Because)}, ofHall(x.Name, err)
}

// HallOrder is the order in which jobs would go.
type HallOrder struct {
	At   time.Time   `json:"at"`
	Goes []HallGiver `json:"goes" doc:"What would be stopped or limited if the hall had to go as low as it can, the cheapest watt first."`
}

type hallOrderIn struct {
	HallIn

	Within int64 `query:"within_s" minimum:"1" maximum:"86400" default:"600" doc:"How soon the meter would have to show it."`
	Hold   int64 `query:"hold_s" minimum:"1" maximum:"604800" default:"3600"`
}

func (r *Room) hallOrder(ctx context.Context, v Visit, in *hallOrderIn) (HallOrder, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallOrder{}, err
	}
	p, err := x.Link.Propose(ctx, hall.Wish{Within: secondsOf(in.Within), Hold: secondsOf(in.Hold)})
	if err != nil {
		return HallOrder{}, ofHall(x.Name, err)
	}
	out := HallOrder{At: p.At.UTC(), Goes: []HallGiver{}}
	for _, s := range p.Steps {
		for _, t := range s.Who {
			out.Goes = append(out.Goes, giver(t))
		}
	}
	slices.SortStableFunc(out.Goes, func(a, b HallGiver) int {
		if a.Firm != b.Firm {
			return map[bool]int{false: -1, true: 1}[a.Firm]
		}
		return cheaper(a, b)
	})
	return out, nil
}

// cheaper compares what a watt costs; what saves nothing comes last.
func cheaper(a, b HallGiver) int {
	switch {
	case a.PerKW == nil && b.PerKW == nil:
		return 0
	case a.PerKW == nil:
		return 1
	case b.PerKW == nil:
		return -1
	case *a.PerKW < *b.PerKW:
		return -1
	case *a.PerKW > *b.PerKW:
		return 1
	}
	return 0
}

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }

// HallGiver is what one job or server gives.
type HallGiver struct {
	Item     string      `json:"item"`
	Contract string      `json:"contract,omitempty"`
	Tenant   string      `json:"tenant,omitempty"`
	GPUs     int         `json:"gpus,omitempty"`
	Lever    string      `json:"lever" doc:"hold, cap, evict or off."`
	Limit    *int64      `json:"limit_w,omitempty" doc:"Of each GPU."`
	Slow     *unit.Ratio `json:"slow_ppm,omitempty" doc:"Share of speed that is lost, in millionths."`
	Saves    int64       `json:"saves_w" doc:"At the meter."`
	Cost     Micro       `json:"cost" doc:"Work that is lost, and credits."`
	PerKW    *Micro      `json:"cost_per_kw,omitempty" doc:"Absent: it saves nothing."`
	Shown    int64       `json:"shown_s" doc:"Until the meter shows it."`
	Firm     bool        `json:"firm" doc:"It was promised to run."`
}

func giver(t hall.Taken) HallGiver {
	out := HallGiver{
		Item: t.Item, Contract: t.Contract, Tenant: t.Tenant, GPUs: t.GPUs, Lever: string(t.Lever), Limit: knownWatts(t.Limit, t.Limit > 0), Saves: int64(t.Saved), Cost: Micro(t.Cost),
		Shown: int64(t.Ready / time.Second), Firm: t.Firm && t.Lever == shed.Evict,
	}
	if t.Slow > 0 {
		out.Slow = new(t.Slow)
	}
	if t.Saved > 0 {
		if per, fits := unit.TryMulDiv(int64(t.Cost), int64(unit.Kilowatt), int64(t.Saved)); fits {
			out.PerKW = new(Micro(per))
		}
	}
	return out
}
