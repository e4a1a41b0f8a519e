package power

import (
	"errors"
	"fmt"
	"time"

	"sluice/series"
	"sluice/site"
	"sluice/unit"
)

// Input is what a plan knows when it asks for offers.
type Input struct {
	Mesh       series.Mesh
	Zone       *time.Location
	Connection site.Connection
	Prices     series.Profile[unit.Price]            // forecast market price; needed with a spot contract or sell-back
	Generation map[string]series.Profile[unit.Power] // forecast per plant, by name
	Odds       map[string]series.Profile[unit.Ratio] // forecast per coincident peak, by name; missing: its Watch is asked
	Load       []DayLoad                             // forecast system peaks, for Watch
	Peaks      []PeakState                           // from Bill.Peaks
	Planned    map[string]unit.Power                 // planned peak per demand charge, from PlannedPeaks; missing: the peak of the period before
	Volume     map[string]unit.Energy                // drawn this month per tiered energy charge, from Bill.Volume
	Highest    map[string]unit.Power                 // highest average of the last 12 months per demand charge, from Bill.Highest
	Instructed series.Profile[bool]                  // the utility's interruption holds; empty: never
}

// DayLoad is what is expected of the whole grid on one local day.
type DayLoad struct {
	Day         Date
	Forecast    unit.Power // highest system load forecast for the day
	MonthToDate unit.Power // highest actual system load of the month before the day; 0 on its first
}

// ErrInput marks a plan that lacks what its contracts need.
var ErrInput = errors.New("the plan cannot be priced")

// Offers turns the contracts into what dispatch clears: the offers in the order
// spot, agreements, utility supply, plants; and the charges. It reports all
// that it lacks at once. Contracts must be valid.
func (c Contracts) Offers(in Input) ([]Offer, Charges, error) {
	p := planner{contracts: c, in: in, at: in.Mesh.Intervals()}
	p.check()
	if len(p.lacks) > 0 {
		return nil, Charges{}, errors.Join(p.lacks...)
	}
	offers := p.spot(nil)
	offers = p.blocks(offers)
	offers = p.supply(offers)
	offers = p.plants(offers)
	charges := p.charges()
	return offers, charges, errors.Join(p.lacks...)
}

// planner holds one plan while its offers are made.
type planner struct {
	contracts Contracts
	in        Input
	at        []series.Interval
	lacks     []error
}

func (p *planner) lack(format string, args ...any) {
	p.lacks = append(p.lacks, fmt.Errorf("%w: "+format, append([]any{ErrInput}, args...)...))
}

func (p *planner) check() {
	n := len(p.at)
	if n == 0 || p.in.Zone == nil {
		p.lack("the mesh has %d intervals and the zone is %v: state both", n, p.in.Zone)
	}
	if p.contracts.needsPrice() && !p.in.Prices.Covers(n) {
		p.lack("%d market prices for %d intervals: state one for each, forecast where not published", len(p.in.Prices), n)
	}
	if len(p.in.Instructed) > 0 && !p.in.Instructed.Covers(n) {
		p.lack("%d interruption marks for %d intervals: state one for each or none", len(p.in.Instructed), n)
	}
}

// needsPrice reports whether anything is settled at the market price.
func (c Contracts) needsPrice() bool {
	if c.Spot != nil {
		return true
	}
	for _, d := range c.PPAs {
		if d.SellBack {
			return true
		}
	}
	return false
}

// piece is how finely a window is read within a long interval of a plan; window
// hours lie on its multiples.
const piece = 5 * time.Minute

// share is the part of interval at in which term and window hold.
func (p *planner) share(w Window, d Term, at series.Interval) unit.Ratio {
	if w.always() && d.Holds(at.Start) && (d.To.IsZero() || !d.To.Before(at.End())) {
		return unit.One
	}
	held := time.Duration(0)
	for t := at.Start; t.Before(at.End()); t = nextPiece(t) {
		if d.Holds(t) && w.Holds(t.In(p.in.Zone), p.contracts.Holidays) {
			held += min(nextPiece(t).Sub(t), at.End().Sub(t))
		}
	}
	return unit.Ratio(unit.MulDiv(int64(held), int64(unit.One), int64(at.Length)))
}

func nextPiece(t time.Time) time.Time { return t.Truncate(piece).Add(piece) }

// available is power in every interval of the plan, as far as term and window hold.
func (p *planner) available(most unit.Power, w Window, d Term) series.Profile[unit.Power] {
	if w.always() && d == (Term{}) {
		return series.Flat(most)
	}
	out := make(series.Profile[unit.Power], len(p.at))
	for i, at := range p.at {
		out[i] = most.Scale(p.share(w, d, at))
	}
	return out
}

// market applies f to every forecast price.
func (p *planner) market(f func(unit.Price) unit.Price) series.Profile[unit.Price] {
	out := make(series.Profile[unit.Price], len(p.at))
	for i := range out {
		out[i] = f(p.in.Prices.At(i))
	}
	return out
}

func (p *planner) spot(offers []Offer) []Offer {
	s := p.contracts.Spot
	if s == nil {
		return offers
	}
	return append(offers, Offer{
		Source: s.source(), Kind: KindSpot, Curtailable: true, Carbon: s.Carbon,
		Max:   p.available(p.in.Connection.Ceiling(), Window{}, s.Term),
		Price: p.market(s.Adders.Buy),
	})
}

func (p *planner) blocks(offers []Offer) []Offer {
	for _, d := range p.contracts.PPAs {
		o := Offer{
			Source: d.source(), Kind: KindBlock, Curtailable: true, Carbon: d.Carbon, Sunk: d.TakeOrPay,
			Max:   p.available(d.Power, d.Shape, d.Term),
			Price: series.Flat(d.Price),
		}
		if d.TakeOrPay {
			o.Price, o.Paid = series.Flat(unit.Price(0)), d.Price
		}
		if d.SellBack {
			o.SellBack = p.market(d.sold)
		}
		offers = append(offers, o)
	}
	return offers
}

func (p *planner) plants(offers []Offer) []Offer {
	for _, g := range p.contracts.Plants {
		most, ok := p.generation(g)
		if !ok {
			p.lack("plant %q has no generation forecast for %d intervals and no profile: state one", g.Name, len(p.at))
			continue
		}
		offers = append(offers, Offer{
			Source: g.source(), Kind: KindGeneration, BehindMeter: true, Curtailable: !g.MustRun, Carbon: g.Carbon,
			Max: most, Price: series.Flat(g.Price),
		})
	}
	return offers
}

// generation is the forecast of a plant, else its profile, else, of a plant
// that no weather drives, its nameplate.
func (p *planner) generation(g Plant) (series.Profile[unit.Power], bool) {
	if f, known := p.in.Generation[g.Name]; known {
		return f, f.Covers(len(p.at))
	}
	if len(g.Profile) == 24 {
		out := make(series.Profile[unit.Power], len(p.at))
		for i, at := range p.at {
			out[i] = g.Power.Scale(g.Profile[at.Start.In(p.in.Zone).Hour()])
		}
		return out, true
	}
	return series.Flat(g.Power), g.Kind == Hydro || g.Kind == Geothermal
}

func (p *planner) charges() Charges {
	out := Charges{Import: series.Flat(unit.Price(0)), Export: series.Flat(unit.Price(0)), Carbon: p.contracts.Carbon}
	if s := p.contracts.Spot; s != nil && s.Export {
		out.Export, out.ExportMax = series.Flat(s.Adders.Export), p.in.Connection.Outlet()
	}
	for _, e := range p.contracts.Energy {
		if !e.Supply {
			out.Import = sumProfiles(out.Import, p.energyPrice(e), len(p.at))
		}
	}
	for _, d := range p.contracts.Demand {
		out.Peaks = append(out.Peaks, p.peaks(d)...)
	}
	for _, k := range p.contracts.Coincident {
		out.Coincident = append(out.Coincident, p.coincident(k))
	}
	return out
}

func sumProfiles(a, b series.Profile[unit.Price], n int) series.Profile[unit.Price] {
	if len(a) == 1 && len(b) == 1 {
		return series.Flat(a[0] + b[0])
	}
	out := make(series.Profile[unit.Price], n)
	for i := range out {
		out[i] = a.At(i) + b.At(i)
	}
	return out
}
