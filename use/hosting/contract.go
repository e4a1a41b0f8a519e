package hosting

import (
	"time"

	"sluice/gpu"
	"sluice/service"
	"sluice/unit"
	"sluice/use"
)

// Kind says who owns the decision over power, and what taking it costs.
type Kind string

// The kinds of contract.
const (
	Colocation Kind = "colocation" // committed kW in racks, the tenant's own hardware: nothing may be taken but by agreement
	Reserved   Kind = "reserved"   // so many GPUs for a term, paid whether used or not
	Flexible   Kind = "flexible"   // reserved, cheaper: power may be taken within agreed terms
	OnDemand   Kind = "on-demand"  // GPUs while there are any: starts may be refused, nothing is evicted
	Spot       Kind = "spot"       // preemptible
	Batch      Kind = "batch"      // work by a deadline, when it runs is free
)

// Contract is one version of what one tenant was sold.
type Contract struct {
	Name     string // unique at the site; its use is hosting/NAME
	Tenant   string
	Version  int
	Kind     Kind
	Hall     string
	Model    string        // of GPU
	Class    gpu.Class     // of work, for its power curve; empty: not known
	GPUs     int           // committed (reserved, flexible), at most at once (the others); 0 for colocation
	Power    unit.Power    // critical IT power committed (colocation)
	Start    time.Time     // acceptance: from then on it is charged
	End      time.Time     // zero: without end
	Ramp     []unit.Ratio  // share of the commitment in each month from Start; one after the last
	Price    unit.Amount   // of a GPU-hour; colocation: of a kW and month
	Prepaid  unit.Ratio    // of the commitment over the term, paid in advance
	Warn     time.Duration // from warning to the signal of the engine
	Grace    time.Duration // from that signal to the end of a job
	Restart  time.Duration // that work needs to get going again after an eviction
	Saves    time.Duration // how often work is saved; 0: nothing is known to be saved
	Capping  Capping       // power limits that are agreed
	Flex     Flex          // power that the tenant lets go
	Level    service.Level // promised, with its credits
	Renewal  unit.Amount   // risk of losing the tenant, for a GPU-hour (kW-hour) taken outside the terms; an input of the operator
	Deadline time.Duration // batch: from submission
	Late     unit.Amount   // batch: credit for a GPU-hour of work that is late
	Nodes    bool          // whole nodes are billed, idle GPUs of them too
}

// Capping is how far the work of a tenant may be slowed down by power limits.
type Capping struct {
	Slowdown unit.Ratio    // at most; 0: no limits
	Hours    time.Duration // a month; 0: without end
}

// Flex is reduced power that a tenant grants for its discount.
type Flex struct {
	Hours  time.Duration // a year; 0: none
	Event  time.Duration // longest call; 0: not limited
	Events int           // calls a month; 0: any number
	Notice time.Duration // before a call
	Share  unit.Ratio    // of the commitment that goes; one: all of it
	Above  unit.Price    // price at the meter above which the hours are spent; 0: only for the grid
}

// Use is the name under which the contract bids.
func (c Contract) Use() string { return "hosting/" + c.Name }

// Hall is a room full of GPUs behind one branch of the site.
type Hall struct {
	Name    string // of the site's hall
	Groups  []Group
	Cooling use.Cooling
	Spare   int // nodes that are kept on, empty, for what comes next; the others are switched off
}

// Group is a number of identical servers.
type Group struct {
	Name  string
	Model gpu.Model
	Nodes int
	Rack  int        // nodes in a rack
	Limit unit.Power // of a rack; 0: what its nodes draw at most
	Boot  time.Duration
}

// GPUs is how many GPUs the servers of the group hold.
func (g Group) GPUs() int { return g.Nodes * g.Model.PerNode }
