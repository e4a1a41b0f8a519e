package sitefile

import (
	"time"

	"sluice/unit"
)

type contractsKeys struct {
	Where       where
	Holidays    []string         `key:"holidays" doc:"Local days that windows treat as holidays, as 2025-12-25."`
	Spot        *spotKeys        `key:"spot" absent:"no purchase at market prices" doc:"Purchase at the price of a market zone."`
	PPAs        []ppaKeys        `key:"ppas" doc:"Blocks of power bought ahead at a fixed price."`
	Plants      []plantKeys      `key:"plants" doc:"Generation behind the revenue meter."`
	Energy      []energyKeys     `key:"energy_charges" doc:"Charges on every MWh drawn: delivery, or the supply of a utility."`
	Demand      []demandKeys     `key:"demand_charges" doc:"Charges on the highest average import of a measurement interval."`
	Coincident  []coincidentKeys `key:"coincident_peaks" doc:"Charges on the import in the peaks of the whole grid."`
	Fixed       []fixedKeys      `key:"fixed_charges" doc:"Charges paid every month."`
	MinimumBill unit.Amount      `key:"minimum_bill_per_month" unit:"money" low:"0" default:"0" doc:"Least that energy, demand, coincident-peak and fixed charges cost in a month; 0: none."`
	Carbon      *carbonKeys      `key:"carbon" absent:"no price and no cap" doc:"What carbon costs and how much is allowed."`
}

type spotKeys struct {
	Where     where
	Name      string        `key:"name" default:"spot" doc:"Name of the contract in reports."`
	Zone      string        `key:"settlement_point" need:"yes" doc:"Settlement point whose price is paid; a load pays its zone, not the hub."`
	Import    unit.Price    `key:"import_adder_per_mwh" unit:"money/MWh" low:"0" default:"0" doc:"What the retailer adds for every MWh bought."`
	Export    unit.Price    `key:"export_adder_per_mwh" unit:"money/MWh" low:"0" default:"0" doc:"What is kept of the price of every MWh fed in."`
	Losses    unit.Ratio    `key:"losses_percent" unit:"%" low:"0" default:"0" doc:"Share of the market price added for losses."`
	FeedIn    bool          `key:"feed_in" default:"false" doc:"What the site generates may be fed in at the same price, less export_adder_per_mwh."`
	Published string        `key:"published" default:"after_interval" one:"after_interval day_ahead" doc:"When the price of an interval becomes known."`
	Gate      string        `key:"gate_time" absent:"needed with day_ahead" doc:"Local clock time on the day before at which day-ahead prices are known, as 12:45 in quotes."`
	Lag       time.Duration `key:"lag_minutes" unit:"min" low:"0" default:"0" doc:"With after_interval: how long after its end the price is known."`
	Carbon    int64         `key:"carbon_g_per_kwh" unit:"g/kWh" low:"0" default:"0" doc:"Carbon dioxide of the energy."`
	termKeys
}

type termKeys struct {
	From string `key:"from" absent:"open" doc:"First local day on which it holds, as 2025-01-01."`
	To   string `key:"to" absent:"open" doc:"Local day before which it ends."`
}

type windowKeys struct {
	Where    where
	Months   []int64  `key:"months" unit:"number" absent:"all" doc:"Months, 1 to 12."`
	Weekdays []string `key:"weekdays" one:"mon tue wed thu fri sat sun" absent:"all" doc:"Days of the week."`
	Hours    []string `key:"hours" absent:"all" doc:"Stretches of the local clock in quotes, as 17:00-20:30; 22:00-06:00 runs over midnight."`
	Holidays string   `key:"holidays" one:"off only" absent:"a holiday is a day like any other" doc:"off: does not hold on holidays; only: holds on holidays only."`
}

type ppaKeys struct {
	Where     where
	Name      string      `key:"name" need:"yes" doc:"Name of the agreement."`
	Power     unit.Power  `key:"power_mw" unit:"MW" low:"0" need:"yes" doc:"Size of the block."`
	Price     unit.Price  `key:"price_per_mwh" unit:"money/MWh" need:"yes" doc:"Price of the block; may be negative."`
	Window    *windowKeys `key:"window" absent:"always" doc:"When the block is delivered."`
	TakeOrPay bool        `key:"take_or_pay" default:"false" doc:"The whole block is paid, drawn or not."`
	SellBack  bool        `key:"sell_back" default:"false" doc:"What is not drawn is sold at the spot price less sell_back_fee_per_mwh; needs take_or_pay and spot."`
	Fee       unit.Price  `key:"sell_back_fee_per_mwh" unit:"money/MWh" low:"0" default:"0" doc:"Kept of every MWh sold back."`
	Carbon    int64       `key:"carbon_g_per_kwh" unit:"g/kWh" low:"0" default:"0" doc:"Carbon dioxide of the energy."`
	termKeys
}

type plantKeys struct {
	Where   where
	Name    string       `key:"name" need:"yes" doc:"Name of the plant."`
	Kind    string       `key:"kind" need:"yes" one:"wind hydro solar geothermal" doc:"What drives it."`
	Power   unit.Power   `key:"power_mw" unit:"MW" low:"0" need:"yes" doc:"Nameplate."`
	Price   unit.Price   `key:"price_per_mwh" unit:"money/MWh" default:"0" doc:"Operation and maintenance, or the owner's price, of every MWh generated."`
	Profile []unit.Ratio `key:"profile_percent" unit:"%" low:"0" absent:"hydro and geothermal: the nameplate, all day; wind and solar must state it" doc:"Share of the nameplate in each of the 24 local hours, where no forecast is given."`
	MustRun bool         `key:"must_run" default:"false" doc:"Cannot be turned down: what is not used is fed in or spilt."`
	Carbon  int64        `key:"carbon_g_per_kwh" unit:"g/kWh" low:"0" default:"0" doc:"Carbon dioxide of the energy."`
}

type energyKeys struct {
	Where        where
	Name         string            `key:"name" need:"yes" doc:"Name of the charge."`
	Supply       bool              `key:"supply" default:"false" doc:"It supplies the energy that no agreement covers; else it is a delivery charge on every import."`
	Price        unit.Price        `key:"price_per_mwh" unit:"money/MWh" need:"yes" doc:"Price of an hour that no entry of times covers."`
	Times        []timeKeys        `key:"times" doc:"Prices by time of use; the first whose window holds counts."`
	Tiers        []tierKeys        `key:"tiers" doc:"Surcharges by monthly volume, rising; the last is open."`
	Authorised   unit.Power        `key:"authorised_mw" unit:"MW" low:"0" default:"0" doc:"Supply only: power up to which the price holds; 0: no limit."`
	Beyond       unit.Price        `key:"beyond_price_per_mwh" unit:"money/MWh" default:"0" doc:"Supply only: price of the energy above authorised_mw."`
	Interruption *interruptionKeys `key:"interruption" absent:"not interruptible" doc:"Supply only: what the utility may ask for."`
	Carbon       int64             `key:"carbon_g_per_kwh" unit:"g/kWh" low:"0" default:"0" doc:"Supply only: carbon dioxide of the energy."`
	termKeys
}

type timeKeys struct {
	windowKeys
	Price unit.Price `key:"price_per_mwh" unit:"money/MWh" need:"yes" doc:"Price while the window holds."`
}

type tierKeys struct {
	Where where
	UpTo  unit.Energy `key:"up_to_mwh" unit:"MWh" low:"0" default:"0" doc:"Volume of the month at which the tier ends; 0: open."`
	Price unit.Price  `key:"add_per_mwh" unit:"money/MWh" need:"yes" doc:"Added to the price of the hour; may be negative."`
}

type interruptionKeys struct {
	Where  where
	Demand string        `key:"demand_charge" need:"yes" doc:"Demand charge whose highest average of the last 12 months counts."`
	Share  unit.Ratio    `key:"allowed_percent" unit:"%" low:"0" need:"yes" doc:"Of that maximum, which may still be drawn."`
	Price  unit.Price    `key:"beyond_price_per_mwh" unit:"money/MWh" need:"yes" doc:"Price of the energy above it."`
	Hours  int           `key:"hours_per_year" unit:"h" low:"0" default:"0" doc:"Most hours a year in which the utility may ask; for people."`
	Notice time.Duration `key:"notice_minutes" unit:"min" low:"0" default:"0" doc:"How long before it asks."`
}

type demandKeys struct {
	Where    where
	Name     string          `key:"name" need:"yes" doc:"Name of the charge."`
	PerMonth unit.DemandRate `key:"rate_per_mw_month" unit:"money/MW" low:"0" absent:"state it or rate_per_mw_day" doc:"Price of one MW of the month's peak."`
	PerDay   unit.DemandRate `key:"rate_per_mw_day" unit:"money/MW" low:"0" absent:"state it or rate_per_mw_month" doc:"Price of one MW of each day's peak."`
	RateDays int             `key:"rate_days" unit:"d" low:"0" default:"0" doc:"30: the rate is for 30 days and a month is billed by its days; 0: for the period, whatever its length."`
	Interval time.Duration   `key:"interval_minutes" unit:"min" low:"5" default:"15" doc:"Measurement interval: 5, 15, 30 or 60."`
	Window   *windowKeys     `key:"window" absent:"always" doc:"When measurement intervals count."`
	Ratchet  unit.Ratio      `key:"ratchet_percent" unit:"%" low:"0" default:"0" doc:"Of the highest peak of the months before, billed at least; needs lookback_months."`
	Lookback int             `key:"lookback_months" unit:"months" low:"0" default:"0" doc:"Months that the ratchet looks back, at most 24."`
	Minimum  unit.Power      `key:"minimum_billed_mw" unit:"MW" low:"0" default:"0" doc:"Least power that is billed."`
	termKeys
}

type coincidentKeys struct {
	Where    where
	Name     string          `key:"name" need:"yes" doc:"Name of the charge."`
	Rate     unit.DemandRate `key:"rate_per_mw_year" unit:"money/MW" low:"0" need:"yes" doc:"Price of one MW of the average import in the counted intervals, for a year."`
	Counted  int             `key:"counted_per_year" unit:"number" low:"1" need:"yes" doc:"Intervals counted in a year."`
	Window   *windowKeys     `key:"window" absent:"always" doc:"When an interval can be counted."`
	Interval time.Duration   `key:"interval_minutes" unit:"min" low:"5" default:"15" doc:"Length of a counted interval: 5, 15, 30 or 60."`
	Watch    *watchKeys      `key:"watch" absent:"no guess" doc:"How a plan guesses which intervals will be counted."`
	termKeys
}

type watchKeys struct {
	Where where
	Ratio unit.Ratio `key:"load_percent" unit:"%" low:"0" need:"yes" doc:"A day is watched when its forecast system load reaches this share of the highest of its month so far."`
	Hours []string   `key:"hours" need:"yes" doc:"Stretches of the local clock that are watched, as 16:00-18:00."`
	Odds  unit.Ratio `key:"odds_percent" unit:"%" low:"0" need:"yes" doc:"Chance that a watched interval is counted."`
}

type fixedKeys struct {
	Where    where
	Name     string      `key:"name" need:"yes" doc:"Name of the charge."`
	PerMonth unit.Amount `key:"per_month" unit:"money" low:"0" need:"yes" doc:"Cost of a month."`
}

type carbonKeys struct {
	Where    where
	PerTonne unit.Amount `key:"price_per_tonne" unit:"money" low:"0" default:"0" doc:"Price of one tonne of carbon dioxide."`
	Cap      int64       `key:"cap_kg_per_plan" unit:"kg" low:"0" default:"0" doc:"Most carbon dioxide of one plan; 0: no cap."`
}
