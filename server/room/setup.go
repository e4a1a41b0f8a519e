package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/people"
)

// Setup is what adding a site takes.
type Setup struct {
	Drivers  func(n *wire.Network, portOffset int, timeout time.Duration) []device.Driver // all dialects, in the order in which they are tried
	Families []device.Family                                                              // that may have a credential
	Programs Programs                                                                     // the sites that the room runs
	Example  *SetupExample                                                                // what may be added in a demonstration; nil: nothing
}

// Programs are the sites that the room runs by itself. Its methods may be called from
// many goroutines.
type Programs interface {
	// Begin writes a site down, starts its program and attaches it. After an error
	// nothing of it is left. The error is ErrSiteExists where the name is taken.
	Begin(ctx context.Context, s NewSite) error
	// List is all of them by name.
	List() []SiteProgram
	// Turn carries a turn out. The error is ErrNoProgram where the room runs no such site.
	Turn(ctx context.Context, name string, t ProgramTurn) error
}

// ProgramTurn is what a person does to the program of a site.
type ProgramTurn string

// The turns.
const (
	RestartProgram ProgramTurn = "restart" // also one that was ended
	EndProgram     ProgramTurn = "end"     // it is not started again by itself
)

// The two ways in which a site is not where it is looked for.
var (
	ErrSiteExists = errors.New("a site of this name exists")
	ErrNoProgram  = errors.New("the control room runs no site of this name")
)

// The bounds of setting up.
const (
	networksMost  = 16
	addressesMost = 1 << 16
	draftsMost    = 16
	draftLife     = 4 * time.Hour
	auditPause    = 10 * time.Minute // the same meter is tested each second, and written down once
	meterPatience = 4 * time.Second
)

// Reach says which addresses may be contacted, and nothing else is.
type Reach struct {
	Networks []string `json:"networks" minItems:"1" maxItems:"16" doc:"Nothing outside is contacted; such as 10.20.0.0/16." example:"[\"10.20.1.0/24\"]"`
	Offset   int      `json:"port_offset,omitempty" minimum:"0" maximum:"59000" doc:"Added to every port; for virtual machines on loopback addresses."`
	Public   bool     `json:"public,omitempty" doc:"Addresses that are neither private nor of this computer are meant."`
	Reason   string   `json:"reason,omitempty" maxLength:"2000" doc:"Why, with public; it stays in the audit log."`
}

// bench is what setting up holds in memory.
type bench struct {
	mu     sync.Mutex // guards what follows
	job    *job       // the last one
	number int
	drafts map[string]*draft
	tested map[string]time.Time // when a test was written down last
	trials map[string]*trials   // of each site the last ones
	pace   time.Duration        // between two looks at whether a site still lends a machine
}

func newBench() *bench {
	return &bench{drafts: map[string]*draft{}, tested: map[string]time.Time{}, trials: map[string]*trials{}, pace: leasePace}
}

func (r *Room) serveSetup() {
	look := func(path, id, says string) route {
		return route{method: http.MethodGet, path: path, id: id, says: says, group: "setup", reach: house, verb: people.Look}
	}
	do := func(path, id, says string) route {
		return route{method: http.MethodPost, path: path, id: id, says: says, group: "setup", reach: house, verb: people.SetUp, body: 16 << 20}
	}
	serve(r, look("/v1/setup/templates", "listTemplates", "The meters that can be read without writing anything."), r.meterTemplates)
	serve(r, look("/v1/setup/prices", "listPrices", "The price histories that are shipped."), r.shippedPrices)
	serve(r, look("/v1/setup/models", "listModels", "The machine models that are known."), r.machineModels)
	serve(r, look("/v1/setup/example", "getSetupExample", "A virtual site that may be added; there is none where sites are real."), r.setupExample)
	serve(r, look("/v1/setup/sites", "listPrograms", "The sites that the control room runs, and their programs."), r.programs)
	serve(r, do("/v1/setup/prices", "tryPrices", "Reads a price history and shows it; nothing is kept."), r.tryPrices)
	serve(r, do("/v1/setup/meter", "tryMeter", "Reads a meter now, with what stands in its registers."), r.tryMeter)
	serve(r, do("/v1/setup/import", "importInventory", "Reads a list of machines; nothing is kept."), r.importInventory)
	serve(r, do("/v1/setup/site", "draftSite", "Writes a site file, with every fault; nothing is started."), r.draftSite)
	raw(r, do("/v1/setup/start", "startSite", "Writes a new site down and starts it, in observe."), r.startSite)
	scan := do("/v1/setup/scan", "scanNetworks", "Begins to look for machines.")
	scan.status = http.StatusAccepted
	raw(r, scan, r.beginScan)
	serve(r, look("/v1/jobs/{id}", "getJob", "How far a job of yours is, and what came of it."), r.getJob)
	raw(r, gone(route{method: http.MethodDelete, path: "/v1/jobs/{id}", id: "cancelJob", says: "Ends a job of yours.", group: "setup", reach: house, verb: people.Look}), r.cancelJob)
	raw(r, gone(do("/v1/setup/sites/{name}/restart", "restartProgram", "Starts the program of a site anew.")), r.restartProgram)
	raw(r, gone(do("/v1/setup/sites/{name}/end", "endProgram", "Ends the program of a site: machines stay as they are.")), r.endProgram)
}

// setup is what adding a site takes, or why none can be added here.
func (r *Room) setup() (*Setup, error) {
	if r.cfg.Setup == nil {
		return nil, problem(http.StatusConflict, "no_setup", "this control room runs no sites by itself", "run it by sluice room, with --data")
	}
	return r.cfg.Setup, nil
}

// open declares the networks of a request, after a look at what they reach.
func (q Reach) open() (*wire.Network, []netip.Prefix, error) {
	all, err := q.prefixes()
	if err != nil {
		return nil, nil, err
	}
	n, err := wire.NewNetwork(all, 2*time.Second)
	return n, all, err
}

// prefixes are the networks of a request. Loopback, private and no others, unless it is
// said that others are meant, and why.
func (q Reach) prefixes() ([]netip.Prefix, error) {
	var out []netip.Prefix
	var faults []string
	for i, text := range q.Networks {
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		switch {
		case err != nil || !p.Addr().Is4():
			faults = append(faults, fmt.Sprintf("body.networks[%d] write an IPv4 network such as 10.20.0.0/16", i))
			continue
		case p != p.Masked():
			faults = append(faults, fmt.Sprintf("body.networks[%d] write the first address of the network, %s", i, p.Masked()))
		case !near(p) && !q.Public:
			faults = append(faults, fmt.Sprintf("body.networks[%d] %s is neither private nor of this computer: correct it, or say public, with a reason", i, p))
		case q.Offset > 0 && !p.Addr().IsLoopback():
			faults = append(faults, "body.port_offset is for virtual machines on loopback addresses: leave it out")
		}
		out = append(out, p)
	}
	if q.Public && strings.TrimSpace(q.Reason) == "" {
		faults = append(faults, "body.reason say why addresses are contacted that are not private")
	}
	if len(out) == 0 && faults == nil {
		faults = append(faults, "body.networks name at least one network")
	}
	if faults != nil {
		p := wrong("these networks are not contacted", "correct each, and send it again; nothing was contacted")
		p.Faults = faults
		return nil, p
	}
	return out, nil
}

// near reports whether all addresses of a network are private or of this computer.
func near(p netip.Prefix) bool {
	for _, inside := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"} {
		x := netip.MustParsePrefix(inside)
		if x.Contains(p.Addr()) && x.Bits() <= p.Bits() {
			return true
		}
	}
	return false
}

// virtualOnly reports whether nobody but virtual machines can stand in the networks.
func virtualOnly(all []netip.Prefix) bool {
	for _, p := range all {
		if !p.Addr().IsLoopback() {
			return false
		}
	}
	return len(all) > 0
}

// setUp writes into the audit log what is done next; where it cannot be written nothing
// is done.
func (r *Room) setUp(ctx context.Context, v Visit, e people.Entry) error {
	e.Verb = string(people.SetUp)
	e.After = short(e.After)
	return r.cfg.People.Record(ctx, v.who, e, v.at)
}

// SetupExample is a virtual site that stands ready to be added, for a demonstration.
type SetupExample struct {
	Name     string         `json:"name"`
	Zone     string         `json:"zone"`
	Currency string         `json:"currency"`
	Point    string         `json:"settlement_point"`
	Prices   string         `json:"prices" doc:"Name of the shipped history."`
	Limit    int64          `json:"limit_w"`
	Rating   int64          `json:"rating_w"`
	MustRun  int64          `json:"must_run_w"`
	Machines []string       `json:"machine_networks"`
	Meters   []string       `json:"meter_networks"`
	Offset   int            `json:"port_offset"`
	Template string         `json:"template"`
	Meter    string         `json:"meter" doc:"Address of the revenue meter."`
	Logins   []ExampleLogin `json:"logins" doc:"Of virtual machines alone."`
	Run      SiteRun        `json:"run"`
}

// ExampleLogin is how a family of virtual machines is entered.
type ExampleLogin struct {
	Family   string `json:"family"`
	User     string `json:"user"`
	Password string `json:"password"`
}

func (r *Room) setupExample(context.Context, Visit, *struct{}) (SetupExample, error) {
	if r.cfg.Demo == nil || r.cfg.Setup == nil || r.cfg.Setup.Example == nil {
		return SetupExample{}, missing("example", "of a site")
	}
	return *r.cfg.Setup.Example, nil
}
