package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"sluice/driver/trial"
	"sluice/loop/commission"
	"sluice/people"
)

// Trials are what trying machines takes: they are put to sleep, woken and stepped through
// their levels against a meter, and what they teach is kept. Methods may be called from
// many goroutines.
type Trials interface {
	// Yard is what can be tried at a site. The error is ErrNoYard where nothing is known
	// of its networks, meters and credentials.
	Yard(site string) (TrialYard, error)
	// Look reads a machine and says what a trial would do. Nothing is written to it.
	Look(ctx context.Context, q TrialOf) (commission.Plan, error)
	// Try conducts a trial; what it taught is kept before it returns. The error is
	// trial.ErrLeft where it was ended at once.
	Try(ctx context.Context, q TrialOf, w TrialWatch) (trial.Course, error)
}

// TrialShelf takes over what was learned.
type TrialShelf interface {
	// Take writes records where the site reads them when it begins.
	Take(site string, records []commission.Record) error
}

// ErrNoYard says that machines of a site cannot be tried from here.
var ErrNoYard = errors.New("this control room knows neither the networks nor the credentials of the site")

// TrialYard is a site as far as its machines can be tried.
type TrialYard struct {
	Networks []netip.Prefix // nothing outside is contacted
	Meters   []TrialMeter
	Kept     []commission.Record // of all trials
	Curves   string              // learned, as the models of a site file; empty: none was
}

// TrialMeter is a meter that can look on.
type TrialMeter struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Of       string `json:"of,omitempty" doc:"Feeder or hall; absent: the site."`
	Template string `json:"template"`
}

// TrialOf is one trial.
type TrialOf struct {
	Site, Machine string
	Meter         string // name; empty: none looks on
	Alone         bool   // nothing else is behind it
	Levels        int    // tried beside the one found
	Window        time.Duration
}

// TrialWatch is who follows a trial, and how they end it.
type TrialWatch struct {
	Tell  func(at time.Duration, e commission.Effect)
	Stop  <-chan struct{} // what was found is given back
	Leave <-chan struct{} // it ends at once
}

// The bounds of trials.
const (
	triedMost   = 24
	lookMost    = 25 * time.Second
	lookAtOnce  = 8
	windowUsual = time.Minute
	levelsUsual = 5
)

// TrialAsk is which machines are tried, and how.
type TrialAsk struct {
	Machines []string `json:"machines" minItems:"1" maxItems:"24" doc:"Addresses; one is tried after the other."`
	Meter    string   `json:"meter,omitempty" maxLength:"200" doc:"That looks on; absent: only what the machine says is learned."`
	Alone    bool     `json:"alone,omitempty" doc:"Nothing but the one machine is behind the meter."`
	Levels   *int     `json:"levels,omitempty" minimum:"0" maximum:"12" doc:"Below the one found; absent: 5."`
	Window   int64    `json:"window_s,omitempty" minimum:"0" maximum:"600" doc:"Length of every mean; at least 4; 0: 60."`
	Reason   string   `json:"reason,omitempty" maxLength:"2000" doc:"It stays in the audit log."`
}

// of is the trial of one machine.
func (q TrialAsk) of(site, machine string) TrialOf {
	out := TrialOf{Site: site, Machine: machine, Meter: q.Meter, Alone: q.Alone, Levels: levelsUsual, Window: time.Duration(q.Window) * time.Second}
	if q.Levels != nil {
		out.Levels = *q.Levels
	}
	if q.Window == 0 {
		out.Window = windowUsual
	}
	return out
}

// check names every fault of a request.
func (q TrialAsk) check(y TrialYard) error {
	var faults []string
	seen := map[string]bool{}
	for i, m := range q.Machines {
		a, err := netip.ParseAddr(m)
		inside := slices.ContainsFunc(y.Networks, func(n netip.Prefix) bool { return n.Contains(a) })
		switch {
		case err != nil:
			faults = append(faults, fmt.Sprintf("body.machines[%d] write an IP address, never a name", i))
		case seen[a.String()]:
			faults = append(faults, fmt.Sprintf("body.machines[%d] %s was named before", i, m))
		case !inside:
			faults = append(faults, fmt.Sprintf("body.machines[%d] %s is in no network of the site", i, m))
		}
		seen[a.String()] = true
	}
	if q.Meter != "" && !slices.ContainsFunc(y.Meters, func(m TrialMeter) bool { return m.Name == q.Meter }) {
		faults = append(faults, "body.meter the site has no meter of this name")
	}
	if q.Alone && q.Meter == "" {
		faults = append(faults, "body.alone goes with a meter")
	}
	if q.Window != 0 && q.Window < 4 {
		faults = append(faults, "body.window_s is at least 4: a mean of less says nothing")
	}
	if faults == nil {
		return nil
	}
	p := wrong("these machines are not tried", "correct each, and send it again; nothing was contacted")
	p.Faults = faults
	return p
}

// SiteTrials is what can be tried at a site, and what was.
type SiteTrials struct {
	Here   bool           `json:"here" doc:"Machines can be tried from this control room."`
	Meters []TrialMeter   `json:"meters"`
	Found  []FoundMachine `json:"found" doc:"Machines that your last scan found in the networks of the site, and that are none of it yet."`
	Job    *TrialJob      `json:"job,omitempty" doc:"That runs, or the last one."`
	Kept   []TrialRecord  `json:"kept" doc:"Of all trials, the newest first; 100 at most."`
	Curves string         `json:"curves" doc:"Learned, as the models of a site file; empty: none was."`
}

// TrialPlan is what a trial of one machine would do.
type TrialPlan struct {
	Machine  string          `json:"machine"`
	Ready    bool            `json:"ready" doc:"It can be tried; else why says what is in the way."`
	Why      string          `json:"why,omitempty"`
	Family   string          `json:"family,omitempty"`
	Model    string          `json:"model,omitempty"`
	Firmware string          `json:"firmware,omitempty"`
	State    string          `json:"state,omitempty" doc:"As it says: running, asleep …"`
	Mode     string          `json:"mode,omitempty"`
	Power    *int64          `json:"power_w,omitempty" doc:"That it draws, and that goes away while it sleeps; absent: it does not say."`
	Hash     *int64          `json:"hash_ghs,omitempty"`
	Ours     bool            `json:"ours" doc:"It is a machine of the site, which lends it."`
	Steps    []TrialPlanStep `json:"steps"`
	Levels   string          `json:"levels,omitempty" doc:"Why no level is tried."`
	Longest  int64           `json:"longest_ms" doc:"Rounds that are begun anew and giving back included."`
}

// TrialPlanStep is one step and how long it may take.
type TrialPlanStep struct {
	Step   string `json:"step" enum:"baseline,sleep,wake,fast_wake,level,reboot,restore"`
	Level  string `json:"level,omitempty"`
	Within int64  `json:"within_ms"`
}

// TrialPlans are what trials of several machines would do.
type TrialPlans struct {
	Plans   []TrialPlan `json:"plans"`
	Moves   *int64      `json:"moves_w,omitempty" doc:"Most that goes away at the meter at a time: one machine sleeps after the other. Absent: not all of them say what they draw."`
	Longest int64       `json:"longest_ms" doc:"Of all that are ready, together."`
}

type trialIn struct {
	InSite
	Body TrialAsk
}

type trialJobIn struct {
	InSite
	ID string `path:"id" maxLength:"40"`
}

func (r *Room) serveTrials() {
	at := func(method, path, id, says string, verb people.Verb) route {
		return route{method: method, path: "/v1/sites/{site}/trials" + path, id: id, says: says, group: "fleet", reach: atSite, verb: verb}
	}
	serve(r, at(http.MethodGet, "", "getTrials", "Which machines of a site can be tried, with which meters, and what was learned.", people.Look), r.getTrials)
	serve(r, at(http.MethodPost, "/look", "lookTrials", "Reads machines and says what a trial of each would do. Nothing is written to them.", people.SetUp), r.lookTrials)
	begin := at(http.MethodPost, "", "beginTrials", "Begins to try machines, one after the other.", people.SetUp)
	begin.status = http.StatusAccepted
	raw(r, begin, r.beginTrials)
	serve(r, at(http.MethodGet, "/{id}", "getTrial", "How far the trials are, step by step.", people.Look), r.getTrial)
	raw(r, gone(at(http.MethodDelete, "/{id}", "stopTrials", "Stops trials: the machine gets back what it was found doing, and no other begins.", people.LockOut)), r.stopTrials)
	serve(r, at(http.MethodPost, "/{id}/take", "takeTrials", "Takes over what was learned: the site begins anew with it.", people.SetUp), r.takeTrials)
}

// yard is a site whose machines can be tried.
func (r *Room) yard(site string) (*attached, TrialYard, error) {
	a := r.at(site)
	if a == nil {
		return nil, TrialYard{}, missing("site", site)
	}
	if r.cfg.Trials == nil {
		return nil, TrialYard{}, noYard(ErrNoYard)
	}
	y, err := r.cfg.Trials.Yard(site)
	if err != nil {
		return nil, y, noYard(err)
	}
	return a, y, nil
}

func noYard(err error) error {
	p := problem(http.StatusConflict, "no_trials", err.Error(), "try its machines on the computer of the site, with sluice device commission")
	p.cause = err
	return p
}

func (r *Room) getTrials(_ context.Context, v Visit, in *InSite) (SiteTrials, error) {
	out := SiteTrials{Meters: []TrialMeter{}, Found: []FoundMachine{}, Kept: []TrialRecord{}}
	a, y, err := r.yard(in.Site)
	if a == nil {
		return out, err
	}
	if j := r.bench.tried(in.Site); j != nil {
		out.Job = new(j.now())
	}
	if err != nil {
		return out, nil //nolint:nilerr // that none can be tried here is what it says
	}
	out.Here, out.Meters, out.Curves = true, filled(y.Meters), y.Curves
	for _, k := range slices.Backward(y.Kept) {
		if len(out.Kept) < 100 {
			out.Kept = append(out.Kept, shownRecord(k))
		}
	}
	for _, m := range r.bench.scanned(v.who.Actor().Person) {
		if _, ours := a.fleet.row(m.Address); !ours && y.holds(m.Address) {
			out.Found = append(out.Found, m)
		}
	}
	return out, nil
}

// holds reports whether an address stands in a network of the site.
func (y TrialYard) holds(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(y.Networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// TrialRecord is what a trial taught. Powers are watts, hash rates GH/s, times milliseconds
// from the moment the order went out, ratios millionths; null: it is not known.
type TrialRecord struct {
	commission.Record

	Boot *commission.Boot `json:"boot,omitempty"`
}

// shownRecord is a record without lists that are null.
func shownRecord(k commission.Record) TrialRecord {
	k.Wakes, k.Points = filled(k.Wakes), filled(k.Points)
	return TrialRecord{Record: k, Boot: k.Boot}
}
