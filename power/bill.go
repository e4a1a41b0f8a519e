package power

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/series"
	"sluice/unit"
)

// Bill settles readings against contracts, in order of time. It is cheap to
// feed and cheap to copy. It is not safe for use by several goroutines at once;
// a Clone is independent.
type Bill struct {
	contracts Contracts // never changed
	zone      *time.Location
	meters    []peakMeter // per demand charge
	tallies   []tally     // per coincident peak
	lines     []Line      // lines of the open month, each at a fixed place
	place     places
	volume    []unit.Energy // drawn this month, per energy charge
	drawn     []unit.Energy // scratch: drawn from each agreement in the interval
	closed    []Line        // lines of months that are over; only ever appended to
	month     series.Interval
	next      time.Time // start of the reading that must come next; zero before the first
	turned    bool      // the reading under way opened a month
}

// places says where the lines of each contract stand in the open month.
type places struct{ spot, export, blocks, plants, energy, demand, coincident, fixed, carbon, minimum int }

// Faults of readings. Add wraps them with the interval and the remedy.
var (
	ErrReading   = errors.New("the reading is refused")
	ErrNoPrice   = errors.New("the market price is not known")
	ErrUncovered = errors.New("no contract supplies the energy")
)

// NewBill opens a bill under contracts in the local time of the tariff. It
// refuses contracts that do not validate. The bill keeps the contracts; the
// caller must not change them afterwards.
func NewBill(c Contracts, zone *time.Location) (*Bill, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if zone == nil {
		return nil, fmt.Errorf("%w: no time zone: state the zone of the tariff", ErrContract)
	}
	b := &Bill{contracts: c, zone: zone}
	b.layOut()
	b.volume = make([]unit.Energy, len(c.Energy))
	b.drawn = make([]unit.Energy, len(c.PPAs))
	b.meters = make([]peakMeter, len(c.Demand))
	b.tallies = make([]tally, len(c.Coincident))
	return b, nil
}

// layOut gives every contract its lines in the open month.
func (b *Bill) layOut() {
	c := b.contracts
	if c.Spot != nil {
		b.place.spot = b.line(c.Spot.source(), LineSpot)
	}
	b.place.export = b.line("export", LineExport)
	b.place.blocks = len(b.lines)
	for _, d := range c.PPAs {
		b.line(d.source(), LineBlock)
		b.line(d.source(), LineSellBack)
		b.line(d.source(), LineForfeit)
	}
	b.place.plants = len(b.lines)
	for _, g := range c.Plants {
		b.line(g.source(), LineGeneration)
	}
	b.place.energy = len(b.lines)
	for _, e := range c.Energy {
		b.line(e.source(), LineEnergy)
		b.line(e.source(), LineBeyond)
	}
	b.place.demand = len(b.lines)
	for _, d := range c.Demand {
		b.line("demand/"+d.Name, LineDemand)
	}
	b.place.coincident = len(b.lines)
	for _, k := range c.Coincident {
		b.line("coincident/"+k.Name, LineCoincident)
	}
	b.place.fixed = len(b.lines)
	for _, f := range c.Fixed {
		b.line("fixed/"+f.Name, LineFixed)
	}
	b.place.carbon = b.line("carbon", LineCarbon)
	b.place.minimum = b.line("minimum", LineMinimum)
}

func (b *Bill) line(source string, kind LineKind) int {
	b.lines = append(b.lines, Line{Source: source, Kind: kind})
	return len(b.lines) - 1
}

// Clone returns an independent copy of the bill as it stands.
func (b *Bill) Clone() *Bill {
	out := *b
	out.meters = slices.Clone(b.meters)
	for i := range out.meters {
		out.meters[i].months = slices.Clone(b.meters[i].months)
	}
	out.tallies = slices.Clone(b.tallies)
	for i := range out.tallies {
		out.tallies[i] = b.tallies[i].shared()
	}
	out.lines, out.volume, out.drawn = slices.Clone(b.lines), slices.Clone(b.volume), slices.Clone(b.drawn)
	out.closed = slices.Clip(b.closed) // never rewritten, so both may read it
	return &out
}

// Add settles one reading and returns what the interval itself earned (positive)
// or cost (negative): all energy, none of the charges by peak or by month. The
// readings must follow one another without a hole. A refused reading changes
// nothing.
func (b *Bill) Add(r Reading) (unit.Amount, error) {
	if err := b.refuse(r); err != nil {
		return 0, fmt.Errorf("reading of %s: %w", r.Interval.Start.UTC().Format(time.RFC3339), err)
	}
	local := r.Interval.Start.In(b.zone)
	b.turnMonth(r.Interval.Start)
	rest := b.allocate(r, local)
	sum := b.settleBlocks(r, local) + b.settleRest(r, rest, local) + b.settleDelivery(r, local)
	sum += b.settleExport(r) + b.settlePlants(r) + b.settleCarbon(r, rest)
	b.measure(r)
	b.next = r.Interval.End()
	return sum, nil
}

// Skip goes on at a later instant where meters or prices of the time between are
// not known. Nothing of it is billed: peaks count what was read, and a month of
// which nothing is known has no statement. Who skips says so beside the bill.
func (b *Bill) Skip(to time.Time) error {
	switch {
	case b.next.IsZero() || to.Equal(b.next):
		return nil
	case to.Before(b.next):
		return fmt.Errorf("%w: %s is before %s, up to which it is settled", ErrReading, to.UTC().Format(time.RFC3339), b.next.UTC().Format(time.RFC3339))
	}
	for i := range b.meters {
		if m, d := &b.meters[i], &b.contracts.Demand[i]; !m.open.IsZero() && !to.Before(m.open.Add(d.Interval)) {
			b.average(i, b.next)
		}
	}
	b.next = to
	return nil
}

// refuse states why a reading cannot be settled.
func (b *Bill) refuse(r Reading) error {
	if !b.next.IsZero() && !r.Interval.Start.Equal(b.next) {
		return fmt.Errorf("%w: the next reading starts at %s: feed readings in order, and fill or estimate what is missing first",
			ErrReading, b.next.Format(time.RFC3339))
	}
	if !series.Settles(r.Interval.Length) || !r.Interval.Start.Equal(r.Interval.Start.Truncate(min(r.Interval.Length, 15*time.Minute))) {
		return fmt.Errorf("%w: %v from there is not a settlement interval: use 5, 15, 30 or 60 minutes on their boundaries", ErrReading, r.Interval.Length)
	}
	if r.Import < 0 || r.Export < 0 || slices.ContainsFunc(r.Generated, func(e unit.Energy) bool { return e < 0 }) {
		return fmt.Errorf("%w: a register is negative: state import, export and generation each in its own direction", ErrReading)
	}
	if len(r.Generated) != len(b.contracts.Plants) {
		return fmt.Errorf("%w: %d generation registers for %d plants: state one for each, in the order of the contracts", ErrReading, len(r.Generated), len(b.contracts.Plants))
	}
	if !r.Priced && b.contracts.needsPrice() {
		return fmt.Errorf("%w: hold the reading back until the price is published", ErrNoPrice)
	}
	return b.refuseUncovered(r)
}

// refuseUncovered states that nobody supplies what the agreements do not cover.
func (b *Bill) refuseUncovered(r Reading) error {
	local := r.Interval.Start.In(b.zone)
	if _, supplied := b.supplierPrice(r, local); supplied {
		return nil
	}
	rest := r.Import
	for i := range b.contracts.PPAs {
		rest -= b.block(&b.contracts.PPAs[i], r, local)
	}
	if rest > 0 {
		return fmt.Errorf("%w: %.3f MWh: declare a spot contract or an energy charge that supplies", ErrUncovered, rest.MWh())
	}
	return nil
}

// post adds to one line of the open month and hands the amount on.
func (b *Bill) post(place int, e unit.Energy, a unit.Amount) unit.Amount {
	b.lines[place].Energy += e
	b.lines[place].Amount += a
	return a
}

// turnMonth opens the month of start, and closes the one before it.
func (b *Bill) turnMonth(start time.Time) {
	if !b.next.IsZero() && start.Before(b.month.End()) {
		return
	}
	if !b.next.IsZero() {
		b.closed = append(b.closed, b.statement(false)...)
		b.turned = true
	}
	b.month = series.MonthOf(start, b.zone)
	for i := range b.lines {
		b.lines[i].Period, b.lines[i].Energy, b.lines[i].Peak, b.lines[i].Amount = b.month, 0, 0, 0
	}
	clear(b.volume)
}

// Lines states all months so far, the open one last and marked. Lines in which
// nothing happened are left out.
func (b *Bill) Lines() []Line {
	out := slices.Clone(b.closed)
	if b.next.IsZero() {
		return out
	}
	return append(out, b.statement(b.next.Before(b.month.End()))...)
}

// Total is the sum of all lines: what all power so far earned or cost.
func (b *Bill) Total() unit.Amount {
	sum := unit.Amount(0)
	for _, l := range b.Lines() {
		sum += l.Amount
	}
	return sum
}

// statement is the open month with its peaks, fixed charges and minimum.
func (b *Bill) statement(open bool) []Line {
	all := slices.Clone(b.lines)
	for i, d := range b.contracts.Demand {
		l := &all[b.place.demand+i]
		billed, cost := b.meters[i].due(&d, b.zone)
		l.Peak = max(l.Peak, billed)
		l.Amount -= cost
	}
	for i, f := range b.contracts.Fixed {
		all[b.place.fixed+i].Amount -= f.PerMonth
	}
	all[b.place.minimum].Amount -= b.missing(all)
	out := all[:0]
	for _, l := range all {
		if l.Energy != 0 || l.Peak != 0 || l.Amount != 0 {
			l.Open = open
			out = append(out, l)
		}
	}
	return out
}

// missing is what the utility's own charges of a month fall short of the minimum bill.
//
// Formula: max(0, minimum - charges). Source: docs/formula/tariff.md, "Minimum bill".
func (b *Bill) missing(all []Line) unit.Amount {
	cost := unit.Amount(0)
	for _, l := range all {
		switch l.Kind {
		case LineEnergy, LineBeyond, LineDemand, LineCoincident, LineFixed:
			cost -= l.Amount
		case LineSpot, LineBlock, LineSellBack, LineForfeit, LineExport, LineGeneration, LineCarbon, LineMinimum:
		}
	}
	return max(0, b.contracts.MinimumBill-cost)
}
