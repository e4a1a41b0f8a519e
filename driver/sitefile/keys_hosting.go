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

	Engine   *engineKeys     `key:"engine" absent:"sluice hall runs a virtual hall only" doc:"The compute engine that sluice hall asks."`
	Networks []located       `key:"networks" absent:"those of control" doc:"Networks of agents and meters, as 10.30.0.0/16; nothing outside is ever contacted."`
	Agents   []agentKeys     `key:"agents" absent:"nobody sets power limits" doc:"Power agents of the servers (sluice-gpu)."`
	Meters   []hallMeterKeys `key:"meters" absent:"those of control" doc:"Meters of halls, racks, cooling and the site, beside those of control."`
}

type engineKeys struct {
	Where     where
	Kind      string      `key:"kind" need:"yes" one:"slurm kueue virtual" doc:"What runs the jobs; virtual needs nothing and simulates a hall."`
	Address   string      `key:"address" absent:"commands are run (slurm)" doc:"slurm: path of slurmrestd's socket, or its https address; kueue: https address of the API server."`
	User      string      `key:"user" absent:"our own" doc:"slurm: name that goes with a token."`
	TokenFile string      `key:"token_file" absent:"none is sent" doc:"File with a token; read again when it changes."`
	CAFile    string      `key:"ca_file" absent:"the roots of this computer" doc:"PEM of who signed the server's certificate."`
	Command   []located   `key:"command" absent:"Slurm's commands are run here" doc:"slurm: words before every command, such as ssh and a host."`
	Shell     bool        `key:"shell" default:"false" doc:"slurm: a shell stands in between, as with ssh."`
	License   string      `key:"license" absent:"kw" doc:"slurm: license that stands for power."`
	Granule   unit.Power  `key:"granule_w" unit:"W" low:"0" default:"0" doc:"Power of one license (slurm) or the most of one order (kueue); 0: the driver's own."`
	GPU       unit.Power  `key:"gpu_w" unit:"W" low:"0" default:"0" doc:"slurm: planned for a GPU of a job that asks for no license."`
	Budget    unit.Power  `key:"budget_w" unit:"W" low:"0" default:"0" doc:"Planning power that the engine should admit; less is a trouble. 0: not compared."`
	Namespace string      `key:"namespace" absent:"no watts are withheld" doc:"kueue: namespace of Sluice's own orders."`
	Reserve   string      `key:"reserve" absent:"no watts are withheld" doc:"kueue: LocalQueue in it through which orders come."`
	Boost     bool        `key:"boost" default:"false" doc:"kueue: its gate PriorityBoost is on; jobs are ranked, so that Kueue itself takes first whom it hurts least."`
	Domain    string      `key:"domain" absent:"the driver's own" doc:"kueue: domain of Sluice's labels."`
	Queues    []queueKeys `key:"queues" absent:"queues are named like contracts" doc:"Queue of the engine through which the jobs of a contract come."`
}

type queueKeys struct {
	Where    where
	Contract string `key:"contract" need:"yes" doc:"Name of the contract."`
	Queue    string `key:"queue" need:"yes" doc:"Partition, or ClusterQueue."`
}

type agentKeys struct {
	Where     where
	Node      string `key:"node" need:"yes" doc:"Name of the server, as the engine calls it."`
	Address   string `key:"address" need:"yes" doc:"IP address and port of its agent, as 10.30.1.7:9410."`
	Source    string `key:"source" default:"agent" one:"agent dcgm-exporter" doc:"What answers there: sluice-gpu, or a DCGM exporter, which is read and sets no limit."`
	TokenFile string `key:"token_file" absent:"none" doc:"File with the token that the agent asks for; an exporter needs none."`
	CAFile    string `key:"ca_file" absent:"in the clear" doc:"PEM of who signed the agent's certificate."`
}

type hallMeterKeys struct {
	Where    where
	Name     string    `key:"name" need:"yes" doc:"Name of the meter."`
	Place    string    `key:"place" need:"yes" one:"hall rack cooling site" doc:"What it stands in front of: the hall with its cooling, a rack, a part of the cooling, the connection."`
	Of       string    `key:"of" absent:"the only hall with GPUs, or the name" doc:"The hall, or the name of the rack."`
	Nodes    []located `key:"nodes" absent:"none are known" doc:"Servers in the rack, as the engine calls them."`
	Template string    `key:"template" need:"yes" doc:"Name of a shipped meter template, or the path of a template file."`
	Address  string    `key:"address" need:"yes" doc:"IPv4 address of the meter or of its gateway, inside networks."`
	Port     int       `key:"port" unit:"number" low:"1" absent:"the template's" doc:"TCP port."`
	Unit     int       `key:"unit" unit:"number" low:"1" absent:"the template's" doc:"Modbus unit number, at most 255."`
	Current  string    `key:"current_transformer" absent:"the meter knows its ratio" doc:"Ratio of the current transformers, as 2000/5."`
	Voltage  string    `key:"voltage_transformer" absent:"measured directly, or the meter knows its ratio" doc:"Ratio of the voltage transformers, as 20000/100."`
}

type gpuHallKeys struct {
	Where    where
	Hall     string        `key:"hall" absent:"the only hall" doc:"Hall of the site in which they stand."`
	Servers  []serverKeys  `key:"servers" need:"yes" doc:"Groups of identical servers."`
	Cooling  string        `key:"cooling" one:"air liquid" absent:"as the servers are built" doc:"How the hall is cooled."`
	PUE      unit.Ratio    `key:"pue" unit:"ratio" low:"1" default:"1" doc:"Marginal PUE: metered watts for one further watt at the servers."`
	PUEPerC  unit.Ratio    `key:"pue_per_c" unit:"ratio" low:"0" default:"0" doc:"Marginal PUE added for each degree Celsius above pue_above_c."`
	PUEAbove int64         `key:"pue_above_c" unit:"°C" default:"25" doc:"Air temperature above which the marginal PUE rises."`
	Failures *failuresKeys `key:"failures" absent:"nothing fails" doc:"How often servers of a simulated hall break."`
	Spare    int           `key:"spare_nodes" unit:"nodes" low:"0" default:"0" doc:"Empty nodes that are kept on for what comes next; the others are switched off."`
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
	Scope string       `key:"scope" default:"fleet" one:"fleet instance" doc:"What fails by itself: all GPUs together, weighted, or each node."`
	Tiers []creditKeys `key:"tiers" need:"yes" doc:"Tiers of credits, availability falling."`
	Cap   unit.Ratio   `key:"cap_percent" unit:"%" low:"0" default:"0" doc:"Most of the monthly fee that is credited; 0: all of it."`
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
