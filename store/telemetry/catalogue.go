package telemetry

// Metric is the name of a series, after the conventions of Prometheus: base
// units, the unit last, counters end in total.
type Metric string

// The metrics of one machine. They carry the labels site, hall, group, feeder,
// machine and model, as far as they are known.
const (
	MachineUp       Metric = "sluice_machine_up"
	MachinePower    Metric = "sluice_machine_power_watts"
	MachineLimit    Metric = "sluice_machine_power_limit_watts"
	MachineHash     Metric = "sluice_machine_hashrate_hashes_per_second"
	MachineChip     Metric = "sluice_machine_chip_celsius"
	MachineUptime   Metric = "sluice_machine_uptime_seconds"
	MachineAccepted Metric = "sluice_machine_accepted_shares_total"
	MachineAsleep   Metric = "sluice_machine_asleep"
)

// The sums that are made before writing and kept for years.
const (
	SitePower      Metric = "sluice_site_power_watts"
	SiteLimit      Metric = "sluice_site_limit_watts"
	SiteReserved   Metric = "sluice_site_reserved_watts"
	SitePrice      Metric = "sluice_site_price_per_mwh"
	UsePower       Metric = "sluice_use_power_watts"
	UsePlan        Metric = "sluice_use_plan_watts"
	HallPower      Metric = "sluice_hall_power_watts"
	FeederPower    Metric = "sluice_feeder_power_watts"
	FeederLimit    Metric = "sluice_feeder_limit_watts"
	FeederReserved Metric = "sluice_feeder_reserved_watts"
	GroupPower     Metric = "sluice_group_power_watts"
	GroupPlan      Metric = "sluice_group_plan_watts"
	GroupReserved  Metric = "sluice_group_reserved_watts"
	GroupHash      Metric = "sluice_group_hashrate_hashes_per_second"
	GroupMachines  Metric = "sluice_group_machines"
	MeterPower     Metric = "sluice_meter_power_watts"
)

// Description says what a metric is, in the words of the metadata endpoint.
type Description struct {
	Metric Metric
	Type   string // gauge or counter
	Unit   string // as in the name; empty where it has none
	Help   string
	Labels string // beside the name, separated by spaces
}

const machineLabels = "site hall group feeder machine model"

// Catalogue lists every metric that is stored: first those of a machine, then the sums.
func Catalogue() []Description {
	return append(machineCatalogue(), sumCatalogue()...)
}

// machineCatalogue is in the order in which a unit keeps its series.
func machineCatalogue() []Description {
	return []Description{
		{MachineUp, "gauge", "", "1 when the machine answered the round of polling, 0 when it did not.", machineLabels},
		{MachinePower, "gauge", "watts", "Power that the machine states it draws.", machineLabels},
		{MachineLimit, "gauge", "watts", "Target or limit of power that the machine holds.", machineLabels},
		{MachineHash, "gauge", "hashes_per_second", "Hash rate, over a minute or more where the machine states it so.", machineLabels},
		{MachineChip, "gauge", "celsius", "The hottest chip.", machineLabels},
		{MachineUptime, "gauge", "seconds", "Time since the machine started.", machineLabels},
		{MachineAccepted, "counter", "shares", "Shares that the pool accepted since the machine started.", machineLabels},
		{MachineAsleep, "gauge", "", "1 when the machine is paused on purpose, 0 when it is not.", machineLabels},
	}
}

func sumCatalogue() []Description {
	return []Description{
		{SitePower, "gauge", "watts", "Power at the connection; positive draws, negative feeds in.", "site"},
		{SiteLimit, "gauge", "watts", "Limit that holds at the connection.", "site"},
		{SiteReserved, "gauge", "watts", "Worst case of everything that could draw now.", "site"},
		{SitePrice, "gauge", "", "Price of electricity at the site, per MWh in the currency of the label.", "site currency"},
		{UsePower, "gauge", "watts", "Power of one use.", "site use"},
		{UsePlan, "gauge", "watts", "Power that the plan in force gives one use.", "site use"},
		{HallPower, "gauge", "watts", "Power of one hall.", "site hall"},
		{FeederPower, "gauge", "watts", "Power of one feeder.", "site feeder"},
		{FeederLimit, "gauge", "watts", "Limit of one feeder.", "site feeder"},
		{FeederReserved, "gauge", "watts", "Worst case of everything on one feeder.", "site feeder"},
		{GroupPower, "gauge", "watts", "Power of one group of machines.", "site group"},
		{GroupPlan, "gauge", "watts", "Power that the plan in force gives one group.", "site group"},
		{GroupReserved, "gauge", "watts", "Worst case of one group.", "site group"},
		{GroupHash, "gauge", "hashes_per_second", "Hash rate of one group.", "site group"},
		{GroupMachines, "gauge", "", "Machines of one group in one state.", "site group state"},
		{MeterPower, "gauge", "watts", "Power at one meter, as the meter states it.", "site meter kind"},
	}
}
