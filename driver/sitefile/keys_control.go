package sitefile

import (
	"time"

	"sluice/unit"
)

// located is a text in a list with its own place, so that one bad entry of a
// long list is named where it stands.
type located struct {
	Text string
	At   place
}

type controlKeys struct {
	Where       where
	Networks    []located      `key:"device_networks" need:"yes" doc:"Networks of the machines and meters, as 10.20.0.0/16; nothing outside is ever contacted."`
	Poll        time.Duration  `key:"poll_seconds" unit:"s" low:"1" default:"10" doc:"One round of reading every machine."`
	Offset      int            `key:"port_offset" unit:"number" low:"0" default:"0" doc:"Added to every port, of machines and meters; for virtual machines on loopback addresses only."`
	Machines    []machinesKeys `key:"machines" absent:"the site has no groups" doc:"Which addresses belong to which group; every group once, with as many addresses as machines."`
	Meters      []meteringKeys `key:"meters" need:"yes" doc:"The meters and how they are read; exactly one is the revenue meter. They stand in for meters of the file."`
	Pools       []poolKeys     `key:"pools" absent:"pools are not watched" doc:"Where machines may mine; anything else raises an alarm."`
	Shed        time.Duration  `key:"shed_seconds" unit:"s" low:"1" default:"60" doc:"Declared time between a cut of a limit and power below it."`
	FastReboots unit.Ratio     `key:"fast_reboots_per_day" unit:"ratio" low:"0" default:"0.1" doc:"Reboots of one machine in a day that are over before it is missed; sizes the reserve for them."`
	Starts      int            `key:"starts_per_day" unit:"starts" low:"0" default:"6" doc:"Starts of one machine in a day after the plan put it to sleep; more wear it out. Those after a limit, a stop or a person are not counted. 0: no bound."`
	Wakes       int            `key:"wakes_per_feeder" unit:"machines" low:"0" default:"50" doc:"Machines that may wake at the same time on one feeder; 0: no bound."`
}

type machinesKeys struct {
	Where     where
	Group     string    `key:"group" need:"yes" doc:"Group to which the machines at these addresses belong."`
	Addresses []located `key:"addresses" need:"yes" doc:"Addresses, as 10.20.1.7, stretches, as 10.20.2.1-10.20.2.90, and networks, as 10.20.1.0/24 without its first and last address."`
}

type meteringKeys struct {
	meterKeys
	Template string `key:"template" need:"yes" doc:"Name of a shipped meter template, or the path of a template file."`
	Address  string `key:"address" need:"yes" doc:"IPv4 address of the meter or of its gateway, inside device_networks."`
	Port     int    `key:"port" unit:"number" low:"1" absent:"the template's" doc:"TCP port, before port_offset."`
	Unit     int    `key:"unit" unit:"number" low:"1" absent:"the template's" doc:"Modbus unit number, at most 255."`
	Current  string `key:"current_transformer" absent:"the meter knows its ratio" doc:"Ratio of the current transformers, as 2000/5, where the template states values behind them."`
	Voltage  string `key:"voltage_transformer" absent:"measured directly, or the meter knows its ratio" doc:"Ratio of the voltage transformers, as 20000/100, where the template states values behind them."`
}

type poolKeys struct {
	Where  where
	URL    string `key:"url" need:"yes" doc:"Address of the pool with its port, as stratum+tcp://pool.example:3333."`
	Worker string `key:"worker" need:"yes" doc:"Worker name; * stands for any characters."`
}
