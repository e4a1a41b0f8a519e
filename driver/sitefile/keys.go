package sitefile

import (
	"time"

	"sluice/site"
	"sluice/unit"
)

// where is where an object stands in the file; the decoder fills it in.
type where struct {
	place
	end  int              // last line
	keys map[string]place // of each key

	meant map[string]bool // keys for which a misspelt one probably stands
}

// place is a line and a column, counted from 1; the zero place is the file.
type place struct{ line, column int }

// of is the place of a key, or of the object where the key is absent.
func (w where) of(key string) place {
	if p, ok := w.keys[key]; ok {
		return p
	}
	return w.place
}

// has reports whether the key is there.
func (w where) has(key string) bool {
	_, ok := w.keys[key]
	return ok
}

// declaration is the whole file.
type declaration struct {
	Where      where
	Name       string          `key:"name" need:"yes" doc:"Stable name of the site: reports and stored papers carry it."`
	Place      string          `key:"place" doc:"For people: town, county, country."`
	Position   *positionKeys   `key:"position" absent:"the site is on no map" doc:"Where it stands on the earth, by WGS 84: for the map of sites."`
	Zone       string          `key:"time_zone" need:"yes" doc:"IANA time zone of tariffs, days and months, for example America/Chicago."`
	Currency   string          `key:"currency" need:"yes" one:"AED ARS AUD BRL BTN CAD CHF CLP CNY CZK DKK ETB EUR GBP GEL HUF IDR INR ISK JPY KRW KZT MXN MYR NOK NZD OMR PKR PLN PYG RON SAR SEK SGD THB TRY UAH USD UYU UZS ZAR" doc:"ISO 4217 code of the currency in which the site is billed; every price of this file is in it."`
	Synthetic  bool            `key:"synthetic" default:"false" doc:"The shipped prices of this site are made up; every report says so."`
	Notes      []string        `key:"notes" doc:"Sentences that every report of this site shows."`
	Connection connectionKeys  `key:"connection" need:"yes" doc:"What the grid operator lets through the meter."`
	MustRun    unit.Power      `key:"must_run_mw" unit:"MW" low:"0" default:"0" doc:"House load at the meter that always draws: pumps, fans at their minimum, offices."`
	Feeders    []feederKeys    `key:"feeders" absent:"one feeder, main, with the rating of the connection" doc:"Cables or busbars behind the connection, each with its own breaker."`
	Halls      []hallKeys      `key:"halls" absent:"one hall, main, with the limit of the only feeder" doc:"Buildings, container rows or rooms, each on one feeder."`
	Meters     []meterKeys     `key:"meters" absent:"one revenue meter, main" doc:"The meters and what they measure; exactly one is the revenue meter."`
	Contracts  contractsKeys   `key:"contracts" need:"yes" doc:"Everything agreed on power."`
	Models     []modelKeys     `key:"models" doc:"Your own machine models; one with the name of a catalogue model replaces it."`
	Groups     []groupKeys     `key:"groups" absent:"no machines: hosting has contracts" doc:"Groups of identical machines, switched alike."`
	Hosting    *hostingKeys    `key:"hosting" absent:"no GPUs" doc:"Halls of GPUs and what tenants were sold."`
	Control    *controlKeys    `key:"control" absent:"the site can be planned and replayed, not run live" doc:"What running the site live needs: where machines and meters answer, where they may mine, how fast they must act."`
	Failures   *failuresKeys   `key:"failures" absent:"nothing fails" doc:"How often machines of a simulated plant break, for every group without failures of its own."`
	Plan       planKeys        `key:"plan" doc:"What a plan looks like."`
	Prices     *pricesKeys     `key:"prices" absent:"prices come with the command" doc:"Price history that a replay uses unless another is given."`
	Air        *temperatureKey `key:"air" absent:"temperature unknown: nothing derates" doc:"Air temperatures that a replay uses unless others are given."`
}

type positionKeys struct {
	Where     where
	Latitude  site.Degrees `key:"latitude" unit:"°" low:"-90" high:"90" need:"yes" doc:"How far north of the equator, south of it negative, for example 47.42."`
	Longitude site.Degrees `key:"longitude" unit:"°" low:"-180" high:"180" need:"yes" doc:"How far east of Greenwich, west of it negative, for example -120.31."`
}

type connectionKeys struct {
	Where  where
	Import unit.Power `key:"import_limit_mw" unit:"MW" low:"0" need:"yes" doc:"Most that the contract lets the site draw."`
	Export unit.Power `key:"export_limit_mw" unit:"MW" low:"0" default:"0" doc:"Most that the contract lets the site feed in; 0: feeding in is not allowed."`
	Rating unit.Power `key:"rating_mw" unit:"MW" low:"0" absent:"the larger of both limits" doc:"What the equipment bears in either direction; nothing ever passes it."`

	Refused struct{} `keys:"ramp_mw_per_minute"` // no plan keeps a ramp of the connection yet; see decoder.refused
}

type feederKeys struct {
	Where where
	Name  string     `key:"name" need:"yes" doc:"Name of the feeder."`
	Limit unit.Power `key:"limit_mw" unit:"MW" low:"0" need:"yes" doc:"Rating of its breaker; never exceeded."`
}

type hallKeys struct {
	Where  where
	Name   string     `key:"name" need:"yes" doc:"Name of the hall."`
	Feeder string     `key:"feeder" absent:"the only feeder" doc:"Feeder on which the hall hangs."`
	Limit  unit.Power `key:"limit_mw" unit:"MW" low:"0" absent:"the limit of its feeder" doc:"What its distribution and cooling bear; never exceeded."`
}

type meterKeys struct {
	Where where
	Name  string `key:"name" need:"yes" doc:"Name of the meter."`
	Kind  string `key:"kind" need:"yes" one:"revenue feeder hall generation" doc:"What it measures: the whole connection, a feeder, a hall or a plant."`
	Of    string `key:"of" doc:"The feeder, hall or plant that it measures; leave it out for the revenue meter."`
}

type modelKeys struct {
	Where    where
	Name     string        `key:"name" need:"yes" doc:"Name of the model, as groups call it."`
	Maker    string        `key:"maker" doc:"Who builds it."`
	Cooling  string        `key:"cooling" default:"air" one:"air hydro immersion" doc:"How it is cooled as built."`
	Year     int           `key:"year" unit:"year" low:"0" doc:"Year of release."`
	Power    unit.Power    `key:"power_w" unit:"W" low:"1" doc:"Nameplate power of one machine at the wall; state it together with hashrate_ths."`
	Hashrate unit.Hashrate `key:"hashrate_ths" unit:"TH/s" low:"0.001" doc:"Nameplate hash rate of one machine."`
	Source   string        `key:"source" doc:"Where the nameplate was read."`
	Curves   []curveKeys   `key:"curves" doc:"Operating points, one list for each firmware."`
}

type curveKeys struct {
	Where    where
	Firmware string      `key:"firmware" absent:"the maker's own" doc:"Firmware with which the points were measured."`
	Points   []pointKeys `key:"points" need:"yes" doc:"The operating points, rising in power and in hash rate."`
}

type pointKeys struct {
	Where      where
	Label      string        `key:"label" doc:"What the firmware calls the point."`
	Power      unit.Power    `key:"power_w" unit:"W" low:"1" need:"yes" doc:"Power of one machine at the wall."`
	Hashrate   unit.Hashrate `key:"hashrate_ths" unit:"TH/s" low:"0.001" need:"yes" doc:"Hash rate of one machine at that power."`
	Confidence string        `key:"confidence" default:"measured" one:"measured firmware-reported inferred blog" doc:"How the point is known."`
	Source     string        `key:"source" doc:"Who measured it, when and how."`
}

type groupKeys struct {
	Where     where
	Name      string        `key:"name" need:"yes" doc:"Name of the group."`
	Hall      string        `key:"hall" absent:"the only hall" doc:"Hall in which it stands."`
	Model     string        `key:"model" need:"yes" doc:"Machine model: a name of the catalogue or of models."`
	Firmware  string        `key:"firmware" absent:"the maker's own" doc:"Firmware whose curve is used."`
	Count     int           `key:"count" unit:"machines" low:"1" need:"yes" doc:"Machines installed."`
	Health    unit.Ratio    `key:"working_percent" unit:"%" low:"0.1" default:"100" doc:"Share of the machines expected to hash."`
	MaxPower  unit.Power    `key:"max_power_w" unit:"W" low:"1" absent:"the nameplate, or with overclock the whole curve" doc:"Most that one machine may draw."`
	Overclock bool          `key:"overclock" default:"false" doc:"Operating points above the nameplate may be used."`
	Cooling   string        `key:"cooling" one:"air hydro immersion" absent:"as the model is built" doc:"How the group is cooled."`
	PUE       unit.Ratio    `key:"pue" unit:"ratio" low:"1" default:"1" doc:"Marginal PUE: metered watts for one further watt at the machines, cooling included."`
	PUEPerC   unit.Ratio    `key:"pue_per_c" unit:"ratio" low:"0" default:"0" doc:"Marginal PUE added for each degree Celsius above pue_above_c."`
	PUEAbove  int64         `key:"pue_above_c" unit:"°C" default:"25" doc:"Air temperature above which the marginal PUE rises."`
	Derate    *derateKeys   `key:"derate" absent:"what the catalogue says for the model and its cooling" doc:"What heat takes from the machines."`
	PoolFee   unit.Ratio    `key:"pool_fee_percent" unit:"%" low:"0" default:"0" doc:"Share of the earnings that the pool keeps."`
	Operating unit.Price    `key:"operating_cost_per_mwh" unit:"money/MWh" low:"0" default:"0" doc:"Variable cost beside electricity for one MWh at the machines."`
	Wear      unit.Amount   `key:"start_wear_per_mw" unit:"money/MW" low:"0" default:"0" doc:"Cost of starting one MW, beside the lost earnings."`
	Restart   time.Duration `key:"restart_minutes" unit:"min" low:"0" default:"10" doc:"Draws power but earns nothing for this long after a start; 0 counts as one second."`
	MinOn     time.Duration `key:"min_on_minutes" unit:"min" low:"0" default:"0" doc:"Once started, stays on at least this long."`
	MinOff    time.Duration `key:"min_off_minutes" unit:"min" low:"0" default:"0" doc:"Once stopped, stays off at least this long."`
	Ramp      unit.Power    `key:"ramp_mw_per_minute" unit:"MW" low:"0" default:"0" doc:"Power at the machines that the group gains or loses in a minute; 0: not limited."`
	Whole     bool          `key:"whole" default:"false" doc:"One breaker: the group starts whole or not at all."`
	Failures  *failuresKeys `key:"failures" absent:"those of the site" doc:"How often the machines of this group break."`
}

type derateKeys struct {
	Where where
	Above int64      `key:"above_c" unit:"°C" need:"yes" doc:"Air temperature above which the share that can run begins to fall."`
	Drop  unit.Ratio `key:"drop_percent" unit:"%" low:"0" default:"0" doc:"Lost at once above it."`
	PerC  unit.Ratio `key:"per_c_percent" unit:"%" low:"0" default:"0" doc:"Lost for each further degree Celsius."`
	Stop  int64      `key:"stop_above_c" unit:"°C" default:"0" doc:"Above this the machines shut down; 0: never."`
}

type failuresKeys struct {
	Where   where
	Between time.Duration `key:"mean_days_between" unit:"d" low:"0" need:"yes" doc:"Mean time between failures of one machine; 0: nothing fails."`
	Repair  time.Duration `key:"repair_days" unit:"d" low:"0" default:"5" doc:"Mean time to repair."`
	Seed    int           `key:"seed" unit:"number" low:"0" default:"1" doc:"Seed of the draw; the same seed breaks the same machines."`
}

type planKeys struct {
	Where   where
	Horizon time.Duration `key:"horizon_hours" unit:"h" low:"1" default:"36" doc:"How far a plan looks ahead."`
	Fine    time.Duration `key:"fine_hours" unit:"h" low:"1" default:"12" doc:"How long its intervals stay at the settlement length before they become coarser."`
}

type pricesKeys struct {
	Where    where
	File     string `key:"file" need:"yes" doc:"File of the shipped pack, or a path."`
	Column   string `key:"column" absent:"found by its name" doc:"Column of the prices."`
	Time     string `key:"time_column" absent:"found by its name" doc:"Column of the stamps."`
	Zone     string `key:"time_zone" default:"UTC" doc:"Time zone of stamps that carry no offset."`
	Label    string `key:"label" default:"start" one:"start end" doc:"Which end of its interval a stamp names."`
	Currency string `key:"currency" one:"AED ARS AUD BRL BTN CAD CHF CLP CNY CZK DKK ETB EUR GBP GEL HUF IDR INR ISK JPY KRW KZT MXN MYR NOK NZD OMR PKR PLN PYG RON SAR SEK SGD THB TRY UAH USD UYU UZS ZAR" absent:"what the column says, or that of the site" doc:"ISO 4217 code of the prices in the file."`
	PerKWh   bool   `key:"per_kwh" default:"false" doc:"The prices are per kWh and not per MWh."`
	Fill     string `key:"fill" default:"refuse" one:"refuse hold-last same-hour-day" doc:"What to do about gaps."`
}

type temperatureKey struct {
	Where  where
	File   string `key:"file" need:"yes" doc:"File of the shipped pack, or a path."`
	Column string `key:"column" absent:"found by its name" doc:"Column of the temperatures in degrees Celsius."`
}
