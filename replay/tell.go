package replay

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/unit"
)

// Explain says in words and money why each megawatt of the turn went where it
// went, from its papers alone.
func Explain(w io.Writer, t *cycle.Turn, zone *time.Location) error {
	e := &teller{w: w, t: t, zone: zone, money: string(t.Entry.Currency)}
	e.head()
	e.market()
	e.sources()
	e.house()
	for i, r := range t.Plan.Reasons {
		e.use(i, r)
	}
	e.flags()
	e.outcome()
	return e.err
}

// teller writes sentences and keeps the first error.
type teller struct {
	w     io.Writer
	t     *cycle.Turn
	zone  *time.Location
	money string
	err   error
}

// width is how wide a line of an explanation may be.
const width = 96

func (e *teller) say(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format+"\n", args...)
	}
}

// entry writes a sentence behind a label, broken into lines of the page's width.
func (e *teller) entry(label, sentence string) {
	const indent = 11
	line := fmt.Sprintf("%-*s", indent, label)
	empty := true
	for word := range strings.FieldsSeq(sentence) {
		if !empty && len([]rune(line))+1+len([]rune(word)) > width {
			e.say("%s", line)
			line, empty = strings.Repeat(" ", indent), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	e.say("%s", line)
}

func (e *teller) price(p unit.Price) string { return fmt.Sprintf("%.2f %s/MWh", p.Float(), e.money) }

func (e *teller) amount(a unit.Amount) string { return fmt.Sprintf("%.2f %s", a.Float(), e.money) }

func (e *teller) clock(t time.Time) string { return t.In(e.zone).Format("Mon 2 Jan 15:04 MST") }

func (e *teller) head() {
	p := e.t.Plan
	e.say("Turn %d of %s: %s for %s (%s)", p.Turn, p.Site, day(p.At), span(p.Mesh.Lengths[0]), p.At.In(e.zone).Format("Mon 2 Jan 2006 15:04 MST"))
	e.say("")
}

// span is a duration as people write it.
func span(d time.Duration) string {
	if d >= time.Hour {
		return fmt.Sprintf("%.4g h", d.Hours())
	}
	return fmt.Sprintf("%.4g min", d.Minutes())
}

// market says what was known and expected.
func (e *teller) market() {
	s, o, p := e.t.Snapshot, e.t.Outlook, e.t.Plan
	var known []string
	if s.Spot.Known && s.Spot.At.After(p.At) {
		known = append(known, "spot prices are published up to the interval from "+e.clock(s.Spot.At))
	} else if s.Spot.Known {
		known = append(known, fmt.Sprintf("spot was %s in the interval from %s", e.price(s.Spot.Value), e.clock(s.Spot.At)))
	}
	if s.Hashprice.Known {
		known = append(known, fmt.Sprintf("hashprice %.2f %s per PH/s and day (%s)", s.Hashprice.Value.Float(), e.money, s.Hashprice.Source))
	}
	if s.Air.Known {
		known = append(known, fmt.Sprintf("%.1f °C outside", float64(s.Air.Value)/1000))
	}
	e.entry("Known", strings.Join(known, "; ")+".")
	e.entry("Expected", fmt.Sprintf("spot %s by the forecast %q%s.", e.price(o.Spot[0]), o.Model, e.band()))
	if o.Degraded != "" {
		e.entry("", "The forecast is degraded: "+o.Degraded+".")
	}
	e.entry("Price", fmt.Sprintf("a further MWh is worth %s at this site now.", e.price(p.Price[0])))
	if p.Solver.Fallback != "" {
		e.entry("", "Merit order decided, not the solver: "+p.Solver.Fallback+".")
	}
	e.say("")
}

func (e *teller) band() string {
	q := e.t.Outlook.Quantile
	if len(q.Q05) == 0 || len(q.Q95) == 0 || q.Q05[0] == q.Q95[0] {
		return ""
	}
	return fmt.Sprintf(", in nine cases of ten between %.2f and %.2f", q.Q05[0].Float(), q.Q95[0].Float())
}

// sources says where the power comes from and what it costs.
func (e *teller) sources() {
	p := e.t.Plan
	for o, s := range p.Supply {
		cost := p.Offers[o].Marginal(0) + p.Charges.Carbon.Price(p.Offers[o].Carbon)
		if !p.Offers[o].BehindMeter {
			cost += importCharge(p)
		}
		energy := s.Power[0].Over(p.Mesh.Lengths[0])
		line := fmt.Sprintf("%s from %s at %s: %s.", s.Power[0], s.Source, e.price(cost), e.amount(cost.Of(energy)))
		if len(s.Sold) > 0 {
			line += fmt.Sprintf(" %s of the block is sold back at %s.", s.Sold[0], e.price(p.Offers[o].SellBack.At(0)))
		} else if left := p.Offers[o].Max.At(0) - s.Power[0]; p.Offers[o].BehindMeter && left > 0 {
			line += fmt.Sprintf(" %s more could be generated and is turned down.", left)
		}
		e.entry("In", line)
	}
}

// house says what the load that always runs takes.
func (e *teller) house() {
	p := e.t.Plan
	load := p.MustRun
	if load > 0 {
		cost := p.Price[0].Of(load.Over(p.Mesh.Lengths[0]))
		e.entry("Out", fmt.Sprintf("%s for the load that must run: %s at the site's price. It is served before anything else.", load, e.amount(cost)))
	}
}

// use says why one use draws what it draws, what else its power could have
// done, and when that is expected to change.
func (e *teller) use(i int, r cycle.Reason) {
	p := e.t.Plan
	u := p.Uses[i]
	e.say("")
	e.say("%s: %s of %s, %s at the meter (%s)", r.Use, r.Draw, r.Max, u.Meter[0], r.Code)
	if energy := u.Meter[0].Over(p.Mesh.Lengths[0]); energy > 0 {
		earns, costs := e.earned(i, r.Draw), p.Price[0].Of(energy)
		e.entry("  money", fmt.Sprintf("Its %.3f MWh earn %s and cost %s at the site's price: %s.", energy.MWh(), e.amount(earns), e.amount(costs), e.amount(earns-costs)))
	}
	if p.Bids[i].Feed {
		e.entry("  why", e.fed(r))
	} else {
		e.entry("  why", e.because(r))
	}
	e.entry("  else", e.instead(i, r))
	e.entry("  next", e.next(i))
}

// fed is the sentence for power that leaves the site instead of being used.
func (e *teller) fed(r cycle.Reason) string {
	if r.Draw > 0 {
		return fmt.Sprintf("Fed in, its MWh earns %s; one more would be worth %s here.", e.price(r.Worth), e.price(r.Cost))
	}
	return fmt.Sprintf("Fed in, a MWh would earn %s; here it is worth %s, so nothing is fed in.", e.price(r.Worth), e.price(r.Cost))
}

// stepped reports whether a use has steps of different worth.
func (e *teller) stepped(use string) bool {
	for _, b := range e.t.Plan.Bids {
		if b.Use == use {
			return len(b.Steps) > 1
		}
	}
	return false
}

// because is the sentence of a reason.
func (e *teller) because(r cycle.Reason) string {
	worth, cost, turn := e.price(r.Worth), e.price(r.Cost), e.turn(r.Flip)
	switch r.Code {
	case cycle.Worthwhile:
		if e.stepped(r.Use) {
			return fmt.Sprintf("Even its last step earns %s at the meter and power costs %s: running whole is %s better than standing still. Taken by itself, this interval would stop that step above %s.", worth, cost, e.amount(r.Gain), turn)
		}
		return fmt.Sprintf("It earns %s at the meter and power costs %s: running is %s better than standing still. Taken by itself, this interval would stop it above %s.", worth, cost, e.amount(r.Gain), turn)
	case cycle.TooDear:
		return fmt.Sprintf("Power costs %s and it earns only %s at the meter: standing still saves %s. Taken by itself, this interval would start it below %s.", cost, worth, e.amount(r.Gain), turn)
	case cycle.Partly:
		return fmt.Sprintf("The next step would earn %s at the meter and power costs %s. Taken by itself, this interval would raise it below %s.", worth, cost, turn)
	case cycle.RideThrough:
		if e.stepped(r.Use) {
			return fmt.Sprintf("Power costs %s and its last step earns %s; running whole loses %s in this interval, but prices are expected to fall before a stop and a restart would pay.", cost, worth, e.amount(-r.Gain))
		}
		return fmt.Sprintf("Power costs %s and it earns %s, a loss of %s in this interval; but prices are expected to fall before a stop and a restart would pay.", cost, worth, e.amount(-r.Gain))
	case cycle.NotYetWorth:
		return fmt.Sprintf("It would earn %s against a cost of %s, but not for long enough to pay for the start.", worth, cost)
	case cycle.MinimumOn:
		return fmt.Sprintf("It earns %s against a cost of %s, but was started too recently to be stopped.", worth, cost)
	case cycle.MinimumOff:
		return fmt.Sprintf("It would earn %s against a cost of %s, but was stopped too recently to be started.", worth, cost)
	case cycle.ConnectionLimit:
		return fmt.Sprintf("It would earn %s, but the connection is full; what runs instead is worth at least %s.", worth, cost)
	case cycle.BranchLimit:
		return fmt.Sprintf("It would earn %s, but its hall or feeder is full.", worth)
	case cycle.GridInstruction:
		return fmt.Sprintf("It would earn %s, but the grid has ordered less.", worth)
	case cycle.SoldBack:
		return fmt.Sprintf("Its power earns %s when sold back, more than the %s it would earn here.", cost, worth)
	case cycle.PeakCharge:
		return fmt.Sprintf("It would earn %s, but would raise the billed peak and cost more than that.", worth)
	case cycle.Unavailable:
		return "Nothing of it can run: broken, or too hot."
	case cycle.RampLimit:
		return fmt.Sprintf("It earns %s against a cost of %s and is on its way up as fast as it may.", worth, cost)
	case cycle.Promised:
		return "It serves what was promised."
	case cycle.MeritOrder:
		return fmt.Sprintf("It is worth %s at the meter against a cost of %s, by merit order.", worth, cost)
	}
	return string(r.Code)
}

func (e *teller) flags() {
	for i, f := range e.t.Plan.Flags {
		if i == 0 {
			e.say("")
		}
		e.entry("Not kept", fmt.Sprintf("%s by %s from %s (%s).", f.Code, f.Power, e.clock(e.t.Plan.Mesh.Intervals()[f.Interval].Start), f.Subject))
	}
}

// outcome says what the meters saw and what was booked.
func (e *teller) outcome() {
	d, n := e.t.Delivery, e.t.Entry
	e.say("")
	line := fmt.Sprintf("%.3f MWh imported, %.3f planned, highest import %s, by the meters of %s.", d.Import.MWh(), d.Planned.MWh(), d.Peak, d.Source)
	if d.Export > 0 || d.Own > 0 {
		line += fmt.Sprintf(" %.3f MWh generated here, %.3f fed in.", d.Own.MWh(), d.Export.MWh())
	}
	if d.Over > 0 {
		line += fmt.Sprintf(" The connection limit was exceeded by %s.", d.Over)
	}
	e.entry("Metered", line)
	for _, u := range d.Uses {
		if u.Cause != cycle.AsPlanned {
			e.entry("", fmt.Sprintf("%s drew %.3f MWh against %.3f planned: %s.", u.Use, u.IT.MWh(), u.Planned.MWh(), u.Cause))
		}
	}
	e.entry("Booked", e.mined()+"debits positive, credits negative:")
	for _, p := range n.Postings {
		e.say("           %-26s %14.2f %s  %s", p.Account, p.Amount.Float(), e.money, p.Use)
	}
}

// mined says what was mined, where anything mines.
func (e *teller) mined() string {
	if !slices.ContainsFunc(e.t.Plan.Uses, func(u cycle.UsePlan) bool { return strings.HasPrefix(u.Use, "mining/") }) {
		return ""
	}
	return fmt.Sprintf("%.8f BTC mined; ", settle.Mined(e.t.Entry).BTC())
}
