package cycle

import (
	"time"

	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// Version is written into every paper of this shape.
const Version = 2

// Head names the turn that a paper belongs to.
type Head struct {
	Version int
	Site    string
	Turn    int64     // settlement interval number since 1970, so it is unique per site and step
	At      time.Time // start of the interval that the turn decides
}

// Reading is an observed value with its age and source. Missing is never zero.
type Reading[T any] struct {
	Value  T
	Known  bool
	At     time.Time // when the value was true
	Source string
}

// Snapshot says what is true when the turn begins.
type Snapshot struct {
	Head
	Spot      Reading[unit.Price]     // last published spot price
	Air       Reading[int64]          // ambient temperature, thousandths of a degree Celsius
	Hashprice Reading[unit.Hashprice] // per PH/s and day, before pool fees
	Uses      []UseState
	Peaks     []power.PeakState // where each demand charge stands
	Limit     power.Limit       // what the connection allows, instructions of the grid included
}

// UseState is one use of power as its devices and meters show it.
type UseState struct {
	Use    string
	Health unit.Ratio // share of the equipment that works
	State  use.State
	At     time.Time
	Source string
	Tenant Tenant `json:",omitzero"` // of uses that serve tenants
}

// Tenant is where a use stands that serves a tenant.
type Tenant struct {
	Wanted  unit.Power // IT watts that it would draw if nothing held it back, work that waits included
	Level   hosting.LevelState
	Flex    hosting.FlexState
	Waiting []hosting.Work // that is due
	Unsaved time.Duration  // since the last save of what runs, on the average
}

// Outlook says what is expected over the intervals of the plan.
type Outlook struct {
	Head
	Mesh     series.Mesh
	Model    string       // forecast in use per band of lead time
	Spot     []unit.Price // expected (mean) spot price per interval
	Quantile Quantiles
	Air      []int64 // expected ambient temperature, thousandths of a degree Celsius
	Degraded string  // why a lesser forecast was used; empty when none was
}

// Quantiles of the spot price per interval of the mesh.
type Quantiles struct {
	Q05, Q25, Q50, Q75, Q95 []unit.Price
}

// Plan says where each megawatt goes and why.
type Plan struct {
	Head
	Mesh    series.Mesh
	Bids    []use.Bid
	Offers  []power.Offer
	Charges power.Charges
	MustRun unit.Power // house load at the meter, served before anything else
	Uses    []UsePlan
	Supply  []SupplyPlan
	Price   []unit.Price // the site's own price: worth of one more MWh at the meter, per interval
	Reasons []Reason     // for the interval that the turn decides
	Flags   []Flag       // commitments that could not be kept, named
	Calls   []Call       `json:",omitempty"` // on power that tenants let go, to be announced now
	Worth   unit.Amount  // expected margin of the plan over its horizon, an estimate
	Today   Expected
	Solver  Solver
}

// Call is a stretch in which a tenant lets power go, as agreed.
type Call struct {
	Use      string
	From, To time.Time
}

// Expected is what a plan is to cost and to earn until the end of the day at the
// site, at the prices that it stands on. It is an estimate: the delivery says what
// came of it.
type Expected struct {
	Until time.Time
	Power unit.Amount // what energy costs, charges by month left out; negative: it earns
	Worth unit.Amount // what the uses earn with it, their running cost off
}

// UsePlan is what one use draws, per interval.
type UsePlan struct {
	Use   string
	Draw  []unit.Power // IT power
	Meter []unit.Power // power at the site's meter, marginal PUE included
	On    unit.Power   // IT power of step 0 that runs in the first interval
}

// SupplyPlan is what one source supplies, per interval. What a source with a
// right to sell back does not supply is sold, and stands in Sold.
type SupplyPlan struct {
	Source string
	Power  []unit.Power
	Sold   []unit.Power
}

// Solver says how the plan was found.
type Solver struct {
	Status     string
	Iterations int
	Fallback   string // why merit order stood in; empty when the solver's answer was used
}

// Flag names a commitment that could not be kept.
type Flag struct {
	Code     FlagCode
	Interval int
	Power    unit.Power
	Subject  string
}

// FlagCode is a stable name of a broken commitment; codes are only ever added.
type FlagCode string

// The flags, in falling order of what breaking them costs.
const (
	NodeShort     FlagCode = "NODE_SHORT"     // must-run load not served
	NodeSpill     FlagCode = "NODE_SPILL"     // output of a plant that cannot be turned down and that nothing takes
	ImportOver    FlagCode = "IMPORT_OVER"    // above the contract limit, never above the rating
	OrderMiss     FlagCode = "ORDER_MISS"     // above an instruction of the grid
	ReserveShort  FlagCode = "RESERVE_SHORT"  // sold reserve not held
	MinRunBreak   FlagCode = "MINRUN_BREAK"   // stopped before the minimum time was over
	RampOver      FlagCode = "RAMP_OVER"      // faster than the equipment likes
	CarbonOver    FlagCode = "CARBON_OVER"    // emissions above the cap, as the mean power over the plan that causes them
	ContractShort FlagCode = "CONTRACT_SHORT" // promised power not served
	JobMiss       FlagCode = "JOB_MISS"       // energy not served by its deadline, as its mean over the window
)

// Reason says why one use draws what it draws, with the numbers behind it.
type Reason struct {
	Use   string
	Code  ReasonCode
	Draw  unit.Power // IT power decided
	Max   unit.Power // IT power that could have run
	Worth unit.Price // what the marginal MWh is worth to the use, at the meter
	Cost  unit.Price // what the marginal MWh costs the site: its own price
	Flip  unit.Price // cost of a MWh at the meter at which the decision for this interval alone would turn
	Gain  unit.Amount
}

// ReasonCode is a stable name of a reason; codes are only ever added.
type ReasonCode string

// The reasons.
const (
	Worthwhile      ReasonCode = "worthwhile"        // worth more than it costs: runs
	TooDear         ReasonCode = "too_dear"          // power costs more than it is worth: off
	Partly          ReasonCode = "partly"            // some steps are worth it, the dearer ones are not
	RideThrough     ReasonCode = "ride_through"      // runs at a loss because stopping and starting costs more
	NotYetWorth     ReasonCode = "not_yet_worth"     // stays off: too short a gain to pay for the start
	MinimumOn       ReasonCode = "minimum_on"        // may not stop yet
	MinimumOff      ReasonCode = "minimum_off"       // may not start yet
	ConnectionLimit ReasonCode = "connection_limit"  // worth it, but the connection is full
	BranchLimit     ReasonCode = "branch_limit"      // worth it, but its hall or feeder is full
	GridInstruction ReasonCode = "grid_instruction"  // the grid ordered less
	SoldBack        ReasonCode = "sold_back"         // the bought block earns more when sold
	PeakCharge      ReasonCode = "peak_charge"       // would raise the billed peak
	Unavailable     ReasonCode = "unavailable"       // equipment out or too hot
	RampLimit       ReasonCode = "ramp_limit"        // cannot move faster
	Promised        ReasonCode = "promised"          // a floor or a deadline is served
	MeritOrder      ReasonCode = "merit_order_stood" // the solver gave no plan: merit order decided
)

// Order is one bounded instruction to one group of devices.
type Order struct {
	Head
	Use      string
	Epoch    int64      // a device that saw a higher epoch refuses this order
	On       unit.Power // IT power of step 0 that shall run
	Draw     unit.Power // IT power in all, an upper bound
	Deadline time.Time
	Silence  Silence // what holds when nothing more is heard after the deadline
}

// Silence says what a group does when it hears nothing more.
type Silence string

// The answers to silence. Whatever expires, expires downwards.
const (
	HoldOrder Silence = "hold"
	StopOnly  Silence = "stop"
)

// Receipt is what the devices answered. It is not proof.
type Receipt struct {
	Head
	Use      string
	Accepted bool
	Why      string // when not accepted
	At       time.Time
}

// Delivery says what the meters saw in the interval of the turn.
type Delivery struct {
	Head
	Length  time.Duration
	Import  unit.Energy   // site meter, drawn from the grid
	Export  unit.Energy   // site meter, fed into the grid, as a positive number
	Own     unit.Energy   // supplied behind the meter
	Plants  []unit.Energy // of it, by plant in the order of their registers
	Peak    unit.Power    // highest import seen
	Planned unit.Energy   // site import that the plan expected
	Uses    []UseDelivery
	Source  string
	Over    unit.Power // by how much the connection limit was exceeded
}

// UseDelivery is one use's part of a Delivery.
type UseDelivery struct {
	Use     string
	IT      unit.Energy
	Meter   unit.Energy
	Work    unit.Work // hashes done
	Started unit.Power
	Planned unit.Energy // IT energy planned
	Cause   Cause
	Service hosting.Counts `json:",omitzero"` // of uses that serve tenants
}

// Cause names why a delivery differs from its plan.
type Cause string

// The causes.
const (
	AsPlanned     Cause = ""
	StartingUp    Cause = "starting_up"
	RampingDown   Cause = "ramping"
	EquipmentOut  Cause = "equipment_out"
	Unexplained   Cause = "unexplained"
	HeatDerated   Cause = "heat"
	OrderNotTaken Cause = "order_not_taken"
)

// Entry is the balanced bookings of one delivery, by the accounts of the books.
// Debits are positive, credits negative; they sum to zero.
type Entry struct {
	Head
	Currency unit.Currency
	Postings []Posting
	Coins    []Coins
	Bitcoin  unit.Amount // price of one, at which the coins are booked

	Spot       unit.Price // at which the interval was billed
	Priced     bool       // the spot price was known; without contracts at spot it need not be
	Instructed bool       // the utility's interruption held
}

// Posting is one line of an entry.
type Posting struct {
	Account string
	Use     string // which use it is about; empty: the whole site
	Amount  unit.Amount
}

// Coins is what the hashes of one use earned.
type Coins struct {
	Use   string
	Mined unit.Satoshi // net of the pool's fee
	Fee   unit.Satoshi
}

// Turn is the whole set of papers of one turn.
type Turn struct {
	Snapshot Snapshot
	Outlook  Outlook
	Plan     Plan
	Orders   []Order
	Receipts []Receipt
	Delivery Delivery
	Entry    Entry
}
