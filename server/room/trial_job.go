package room

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"sluice/loop/commission"
	"sluice/people"
)

// TrialJob is trials of some machines, one after the other.
type TrialJob struct {
	ID       string         `json:"id"`
	Site     string         `json:"site"`
	State    string         `json:"state" enum:"running,stopping,over"`
	By       string         `json:"by"`
	Began    time.Time      `json:"began"`
	Ended    *time.Time     `json:"ended,omitempty"`
	Meter    string         `json:"meter,omitempty"`
	Machines []TrialMachine `json:"machines"`
	Taken    bool           `json:"taken" doc:"What was learned was taken over."`
}

// TrialMachine is the trial of one machine.
type TrialMachine struct {
	Machine string       `json:"machine"`
	State   string       `json:"state" enum:"waiting,borrowing,trying,over,refused,left,skipped" doc:"over: the record says how it ended; refused: it was told nothing; left: it was ended at once; skipped: trials were stopped before."`
	Ending  string       `json:"ending,omitempty" doc:"Verdict for which it ends here; what was found is being given back."`
	Why     string       `json:"why,omitempty"`
	Longest int64        `json:"longest_ms"`
	Began   *time.Time   `json:"began,omitempty"`
	Steps   []TrialStep  `json:"steps"`
	Record  *TrialRecord `json:"record,omitempty" doc:"What it taught."`
}

// TrialStep is one step of a trial that has begun.
type TrialStep struct {
	Step    string    `json:"step" enum:"baseline,sleep,wake,fast_wake,level,reboot,restore"`
	Level   string    `json:"level,omitempty"`
	Began   time.Time `json:"began"`
	Within  int64     `json:"within_ms"`
	Repeat  int       `json:"repeat" doc:"Times that its round was begun anew, because other load moved."`
	Order   string    `json:"order,omitempty" doc:"What the machine was told last in it."`
	Done    bool      `json:"done"`
	Took    int64     `json:"took_ms" doc:"Until it was steady, once it is done."`
	Metered *int64    `json:"metered_w,omitempty" doc:"Mean of the meter, other load included."`
	Stated  *int64    `json:"stated_w,omitempty"`
	Hash    *int64    `json:"hash_ghs,omitempty"`
}

// trials is a job and who asked for it.
type trials struct {
	site   *attached
	ask    TrialAsk
	by     string
	stop   chan struct{} // closed by whoever stops it
	halted sync.Once
	done   chan struct{} // closed at the end

	mu   sync.Mutex // guards what follows
	view TrialJob
}

type trialsBegun struct {
	Location string `header:"Location"`
	Body     TrialJob
}

// beginTrials starts a job; one at a time at a site, so that one meter sees one trial.
func (r *Room) beginTrials(ctx context.Context, v Visit, in *trialIn) (*trialsBegun, error) {
	a, y, err := r.yard(in.Site)
	if err != nil {
		return nil, err
	}
	if err := in.Body.check(y); err != nil {
		return nil, err
	}
	j := &trials{site: a, ask: in.Body, by: v.who.Actor().Person, stop: make(chan struct{}), done: make(chan struct{})}
	j.view = TrialJob{Site: in.Site, State: "running", By: j.by, Began: v.at.UTC(), Meter: in.Body.Meter, Machines: []TrialMachine{}}
	for _, m := range in.Body.Machines {
		j.view.Machines = append(j.view.Machines, TrialMachine{Machine: m, State: "waiting", Steps: []TrialStep{}})
	}
	busy := problem(http.StatusConflict, "busy", "machines of this site are being tried", "wait for the end, or stop it")
	if last := r.bench.tried(in.Site); last != nil && last.now().State != "over" {
		return nil, busy
	}
	what := fmt.Sprintf("%d machines, meter %q, windows of %d s", len(in.Body.Machines), in.Body.Meter, in.Body.of("", "").Window/time.Second)
	e := people.Entry{Site: in.Site, Subject: subjects(in.Body.Machines), Reason: in.Body.Reason, Effects: "tries machines: they sleep, wake and change their level", After: what}
	if err := r.setUp(ctx, v, e); err != nil {
		return nil, err
	}
	if !r.bench.takeTrials(in.Site, j) {
		return nil, busy
	}
	r.told.Go(func() { r.runTrials(r.life, j) })
	return &trialsBegun{Location: "/v1/sites/" + in.Site + "/trials/" + j.view.ID, Body: j.now()}, nil
}

// tried is the job of a site, that runs or ran last; nil: there was none.
func (d *bench) tried(site string) *trials {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trials[site]
}

// takeTrials makes it the job of its site, unless another one runs.
func (d *bench) takeTrials(site string, j *trials) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last := d.trials[site]; last != nil && last.now().State != "over" {
		return false
	}
	d.number++
	j.view.ID = fmt.Sprintf("trial-%d", d.number)
	d.trials[site] = j
	return true
}

// scanned are the machines that somebody's last scan found.
func (d *bench) scanned(by string) []FoundMachine {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.job == nil || d.job.by != by {
		return nil
	}
	return d.job.now().Machines
}

// trial finds a job by its name.
func (r *Room) trial(in *trialJobIn) (*trials, error) {
	j := r.bench.tried(in.Site)
	if r.at(in.Site) == nil || j == nil || j.now().ID != in.ID {
		return nil, missing("trial", in.ID)
	}
	return j, nil
}

func (r *Room) getTrial(_ context.Context, _ Visit, in *trialJobIn) (TrialJob, error) {
	j, err := r.trial(in)
	if err != nil {
		return TrialJob{}, err
	}
	return j.now(), nil
}

// stopTrials is the stop button: it acts, and then it is written down.
func (r *Room) stopTrials(ctx context.Context, v Visit, in *trialJobIn) (*nothing, error) {
	j, err := r.trial(in)
	if err != nil {
		return nil, err
	}
	j.halt()
	e := people.Entry{Site: in.Site, Subject: in.ID, Verb: string(people.LockOut), Effects: "stops trials: what was found is given back"}
	return &nothing{}, r.cfg.People.Record(context.WithoutCancel(ctx), v.who, e, v.at)
}

// halt stops the job; it may be called again.
func (j *trials) halt() {
	j.halted.Do(func() {
		j.change(func(t *TrialJob) {
			if t.State == "running" {
				t.State = "stopping"
			}
		})
		close(j.stop)
	})
}

// wait waits for the end.
func (j *trials) wait() { <-j.done }

func (j *trials) change(do func(*TrialJob)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	do(&j.view)
}

// now is how far it is.
func (j *trials) now() TrialJob {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.view
	out.Machines = slices.Clone(out.Machines)
	for i := range out.Machines {
		out.Machines[i].Steps = slices.Clone(out.Machines[i].Steps)
	}
	return out
}

// takeTrials takes over what was learned.
func (r *Room) takeTrials(ctx context.Context, v Visit, in *trialJobIn) (Did, error) {
	j, err := r.trial(in)
	if err != nil {
		return Did{}, err
	}
	learned := j.learned()
	switch {
	case j.now().State != "over":
		return Did{}, problem(http.StatusConflict, "busy", "machines of this site are being tried", "wait for the end, or stop it")
	case len(learned) == 0:
		return Did{}, problem(http.StatusConflict, "refused", "no trial of these taught anything that could be taken over", "try the machines again; nothing was changed")
	case r.cfg.Shelf == nil:
		return Did{}, noYard(ErrNoYard)
	case j.now().Taken:
		return Did{}, problem(http.StatusConflict, "refused", "it was taken over already", "there is nothing to do")
	}
	var names []string
	for _, x := range learned {
		names = append(names, x.Address)
	}
	if err := r.setUp(ctx, v, people.Entry{Site: in.Site, Subject: subjects(names), Effects: "takes over what was learned"}); err != nil {
		return Did{}, err
	}
	if err := r.cfg.Shelf.Take(in.Site, learned); err != nil {
		return Did{}, fmt.Errorf("take over what was learned at %s: %w", in.Site, err)
	}
	j.change(func(t *TrialJob) { t.Taken = true })
	return r.relearn(ctx, j.site, v.who.Actor().Person)
}

// learned are the records that teach something.
func (j *trials) learned() []commission.Record {
	var out []commission.Record
	for _, m := range j.now().Machines {
		if m.Record != nil && m.Record.Verdict == commission.Learned {
			out = append(out, m.Record.Record)
		}
	}
	return out
}
