package tenant

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

// Job is a job of a tenant in an engine.
type Job struct {
	Engine    string     `json:"engine"`
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	State     string     `json:"state" doc:"waiting, held, running or stopping."`
	Queue     string     `json:"queue"`
	Position  *int       `json:"position" doc:"Place among what waits in its queue, from 1; null: it does not wait, or the engine does not say."`
	Contract  string     `json:"contract"`
	GPUs      int        `json:"gpus"`
	Submitted *time.Time `json:"submitted"`
	Started   *time.Time `json:"started" doc:"Of the present run; null: it does not run."`
	Saved     *time.Time `json:"saved" doc:"Last checkpoint that is proven; null: none."`
	Deadline  *time.Time `json:"deadline"`
	Reason    *Reason    `json:"reason" doc:"Why it does not run; null: it runs."`
}

// mine is the tenant's part of one view.
type mine struct {
	station   string
	view      engine.View
	jobs      []engine.Job
	contracts []hosting.Contract
	notices   []tenants.Notice
	names     []string
	now       time.Time
}

// seen is the tenant's jobs in every engine in which it has an account, or in the one
// that is named.
func (c call) seen(only string) ([]mine, error) {
	s := c.server
	has, err := s.c.Desk.Accounts(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	names, terms, err := c.bound()
	if err != nil {
		return nil, err
	}
	notices, err := s.c.Desk.Notices(c.ctx, c.who, c.at)
	if err != nil {
		return nil, err
	}
	var out []mine
	for i, station := range s.c.Stations {
		k := slices.IndexFunc(has, func(a tenants.Account) bool { return a.Engine == station.Name })
		if k < 0 || only != "" && only != station.Name {
			continue
		}
		view, err := s.views.of(c.ctx, i, c.at)
		if err != nil {
			return nil, away("engine "+station.Name+" does not answer: where your jobs stand is not known", err)
		}
		m := mine{station: station.Name, view: view, contracts: terms, notices: notices, names: names, now: c.at}
		for _, j := range view.Jobs {
			if j.Tenant == has[k].Account {
				m.jobs = append(m.jobs, j)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

func jobs(c call) (any, error) {
	all, err := c.seen("")
	if err != nil {
		return nil, err
	}
	out := []Job{}
	for _, m := range all {
		for _, j := range m.jobs {
			out = append(out, c.shown(m, j))
		}
	}
	return out, nil
}

func job(c call) (any, error) {
	all, err := c.seen(c.path("engine"))
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		for _, j := range m.jobs {
			if j.ID == c.path("id") {
				return c.shown(m, j), nil
			}
		}
	}
	return nil, unknown("job")
}

// shown is a job with the reason for which it waits.
func (c call) shown(m mine, j engine.Job) Job {
	out := Job{
		Engine: m.station, ID: j.ID, Name: j.Name, State: string(j.State), Queue: j.Queue, GPUs: j.GPUs,
		Submitted: some(j.Submitted), Started: some(j.Started), Saved: some(j.Saved), Deadline: some(j.Deadline),
	}
	if slices.Contains(m.names, j.Contract) {
		out.Contract = j.Contract
	}
	if j.Position > 0 && j.State == engine.Waiting {
		out.Position = &j.Position
	}
	out.Reason = m.why(j)
	if j.State == engine.Waiting && c.server.c.Reasons != nil && out.Reason.vague() {
		if r, known := c.server.c.Reasons.Why(c.ctx, m.station, j); known {
			r.Engine = out.Reason.Engine
			out.Reason = &r
		}
	}
	return out
}
