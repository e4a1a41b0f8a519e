package sitefile

import (
	"time"

	"sluice/unit"
)

type hostingKeys struct {
	Where     where
	Halls     []gpuHallKeys  `key:"halls" need:"yes" doc:"Halls of GPUs: what stands in them and how they are cooled."`
	Contracts []tenancyKeys  `key:"contracts" need:"yes" doc:"What tenants were sold."`
	Models    []gpuModelKeys `key:"models" doc:"Your own kinds of GPU server; one with the name of a catalogue model replaces it."`
	Load      *loadKeys      `key:"load" absent:"tenants of a replay use nothing" doc:"What tenants of a simulated hall do."`
}

type gpuHallKeys struct {
	Where    where
	Hall     string       `key:"hall" absent:"the only hall" doc:"Hall of the site in which they stand."`
	Servers  []serverKeys `key:"servers" need:"yes" doc:"Groups of identical servers."`
	Cooling  string       `key:"cooling" one:"air liquid" absent:"as the servers are built" doc:"How the hall is cooled."`
	PUE      unit.Ratio   `key:"pue" unit:"ratio" low:"1" default:"1" doc:"Marginal PUE: metered watts for one further watt at the servers."`
	PUEPerC  unit.Ratio   `key:"pue_per_c" unit:"ratio" low:"0" default:"0" doc:"Marginal PUE added for each degree Celsius above pue_above_c."`
	PUEAbove int64        `key:"pue_above_c" unit:"°C" default:"25" doc:"Air temperature above which the marginal PUE rises."`
	Spare    int          `key:"spare_nodes" unit:"nodes" low:"0" default:"0" doc:"Empty nodes that are kept on for what comes next; the others are switched off."`
}

type serverKeys struct {
	Where where
	Name  string        `key:"name" need:"yes" doc:"Name of the group of servers."`
	Model string        `key:"model" need:"yes" doc:"Kind of GPU: a name of the catalogue or of models."`
	Nodes int           `key:"nodes" unit:"nodes" low:"1" need:"yes" doc:"Servers installed."`
	Rack  int           `key:"nodes_per_rack" unit:"nodes" low:"1" default:"4" doc:"Servers in a rack."`
	Limit unit.Power    `key:"rack_limit_w" unit:"W" low:"1" absent:"what its servers draw at most" doc:"What a rack's feed and cooling bear; never exceeded."`
	Boot  time.Duration `key:"boot_minutes" unit:"min" low:"0" default:"8" doc:"From switching on to taking work."`
}

type gpuModelKeys struct {
	Where   where
	Name    string     `key:"name" need:"yes" doc:"Name of the model, as servers call it."`
	TDP     unit.Power `key:"tdp_w" unit:"W" low:"1" need:"yes" doc:"Default power limit of one GPU."`
	Min     unit.Power `key:"min_limit_w" unit:"W" low:"1" absent:"not known: limits are refused" doc:"Lowest power limit that it takes."`
	Idle    unit.Power `key:"idle_w" unit:"W" low:"0" need:"yes" doc:"Power of one GPU with nothing to do."`
	PerNode int        `key:"gpus_per_node" unit:"GPUs" low:"1" need:"yes" doc:"GPUs in one server."`
	Node    unit.Power `key:"node_w" unit:"W" low:"1" need:"yes" doc:"Power of a server with every GPU at full load."`
	Empty   unit.Power `key:"empty_node_w" unit:"W" low:"0" need:"yes" doc:"Power of a server that runs nothing."`
	Cooling string     `key:"cooling" default:"air" one:"air liquid" doc:"How it is cooled as built."`
	Source  string     `key:"source" doc:"Where the figures were read."`
}

type tenancyKeys struct {
	Where    where
	Name     string        `key:"name" need:"yes" doc:"Name of the contract; its use is hosting/NAME."`
	Tenant   string        `key:"tenant" absent:"the name of the contract" doc:"Who the tenant is: lower-case letters, digits and dashes."`
	Kind     string        `key:"kind" need:"yes" one:"colocation reserved flexible on-demand spot batch" doc:"Who owns the decision over power."`
	Hall     string        `key:"hall" absent:"the only hall with GPUs" doc:"Hall in which it is served."`
	Model    string        `key:"gpu" absent:"the only model of the hall" doc:"Kind of GPU."`
	Work     string        `key:"work" one:"training inference hpc" absent:"not known" doc:"Kind of work, for how its speed follows a power limit."`
	GPUs     int           `key:"gpus" unit:"GPUs" low:"0" default:"0" doc:"Committed (reserved, flexible), at most at once (on-demand, spot, batch)."`
	Power    unit.Power    `key:"critical_power_w" unit:"W" low:"0" default:"0" doc:"Critical power committed (colocation)."`
	Price    unit.Amount   `key:"price_per_gpu_hour" unit:"money" low:"0" default:"0" doc:"Price of a GPU and hour."`
	PerKW    unit.Amount   `key:"price_per_kw_month" unit:"money" low:"0" default:"0" doc:"Price of a kilowatt and month (colocation)."`
	Prepaid  unit.Ratio    `key:"prepaid_percent" unit:"%" low:"0" default:"0" doc:"Share of the commitment that is paid in advance."`
	Ramp     []unit.Ratio  `key:"ramp_percent" unit:"%" low:"0" absent:"all of it from the start" doc:"Share of the commitment in each of the first months."`
	Warn     time.Duration `key:"warn_minutes" unit:"min" low:"0" default:"0" doc:"From the warning of a tenant to the engine's own signal."`
	Grace    time.Duration `key:"grace_seconds" unit:"s" low:"0" default:"30" doc:"From that signal to the end of a job."`
	Restart  time.Duration `key:"restart_minutes" unit:"min" low:"0" default:"6" doc:"What work needs to get going again after an eviction."`
	Saves    time.Duration `key:"saves_every_minutes" unit:"min" low:"0" absent:"nothing is known to be saved" doc:"How often work is saved."`
	Slowdown unit.Ratio    `key:"max_slowdown_percent" unit:"%" low:"0" default:"0" doc:"How far power limits may slow work down; 0: no limits are set."`
	SlowFor  time.Duration `key:"slowdown_hours_per_month" unit:"h" low:"0" default:"0" doc:"Hours a month in which they may; 0: always."`
	Flex     *flexKeys     `key:"flexibility" absent:"no power is let go" doc:"Reduced power that the tenant grants (flexible)."`
	Level    *levelKeys    `key:"service_level" absent:"nothing is promised" doc:"Availability promised for a month, and what is credited when it is missed."`
	Renewal  unit.Amount   `key:"renewal_risk_per_gpu_hour" unit:"money" low:"0" default:"0" doc:"What losing the tenant's trust is put at, for a GPU-hour taken outside the terms; your estimate. Colocation: for a kilowatt-hour."`
	Due      time.Duration `key:"deadline_hours" unit:"h" low:"0" default:"0" doc:"From submission to when work must be done (batch)."`
	Late     unit.Amount   `key:"late_credit_per_gpu_hour" unit:"money" low:"0" default:"0" doc:"Credit for a GPU-hour of work that is late (batch)."`
	Nodes    bool          `key:"whole_nodes" default:"false" doc:"Whole nodes are billed, with their idle GPUs."`
	termKeys
}

type flexKeys struct {
	Where  where
	Hours  time.Duration `key:"hours_per_year" unit:"h" low:"0" need:"yes" doc:"Hours a year of reduced power."`
	Event  time.Duration `key:"longest_hours" unit:"h" low:"0" default:"4" doc:"Longest call."`
	Events int           `key:"calls_per_month" unit:"calls" low:"0" default:"8" doc:"Calls a month."`
	Notice time.Duration `key:"notice_minutes" unit:"min" low:"0" default:"30" doc:"Notice before a call."`
	Share  unit.Ratio    `key:"share_percent" unit:"%" low:"0" default:"100" doc:"Share of the commitment that goes."`
	Above  unit.Price    `key:"above_per_mwh" unit:"money/MWh" low:"0" default:"0" doc:"Price of power above which the hours are spent; 0: only when the grid orders."`
}

type levelKeys struct {
	Where where
	Scope string     `key:"scope" default:"fleet" one:"fleet instance" doc:"What fails by itself: all GPUs together, weighted, or each node."`
	Tiers []creditKeys `key:"tiers" need:"yes" doc:"Tiers of credits, availability falling."`
	Cap   unit.Ratio `key:"cap_percent" unit:"%" low:"0" default:"0" doc:"Most of the monthly fee that is credited; 0: all of it."`
}

type creditKeys struct {
	Where  where
	Below  unit.Ratio `key:"below_percent" unit:"%" low:"0" need:"yes" doc:"Availability of a month strictly below it."`
	Credit unit.Ratio `key:"credit_percent" unit:"%" low:"0" need:"yes" doc:"Share of the monthly fee that is credited."`
}

type loadKeys struct {
	Where       where
	Seed        int        `key:"seed" unit:"number" low:"0" default:"1" doc:"Seed of the jobs; the same seed brings the same jobs."`
	Utilisation unit.Ratio `key:"utilisation_percent" unit:"%" low:"0" default:"70" doc:"Share of the committed GPUs that tenants use on the average."`
	Checkpoints unit.Ratio `key:"warned_saves_percent" unit:"%" low:"0" default:"50" doc:"Share of the warned jobs that manage to save before they end."`
}
