package replay

import (
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/unit"
	"sluice/use/hosting"
)

// tally is what one policy did, interval by interval. Amounts are earned
// positive and spent negative.
type tally struct {
	energy   []unit.Amount // what power cost, charges by month left out
	mined    []unit.Satoshi
	worth    []unit.Amount // of what was mined, on its day
	run      []unit.Amount // running cost and wear
	served   []unit.Amount // by tenants, credits taken off
	load     []unit.Power  // mean import
	fleet    []unit.Power  // mean IT power of the machines
	surge    []unit.Power  // by how much the highest import was above the mean, within the interval
	price    []unit.Price  // of the site, where a plan stated one
	imports  unit.Energy
	exports  unit.Energy
	starts   int
	over     int // intervals in which the connection limit was passed
	bill     *power.Bill
	turns    int
	optimal  int
	fallback int
	alone    int // of the optimal, those that needed no program
	steps    int
	flags    int
	running  map[string]bool
	tenants  map[string]*tenancy // by use
}

// tenancy is what one contract came to.
type tenancy struct {
	counts    hosting.Counts
	it, meter unit.Energy
	earned    unit.Amount
	credited  unit.Amount
	missed    int          // months with a credit
	power     unit.Amount  // what its energy cost
	load      []unit.Power // mean IT power by interval
}

func newTally(n int, bill *power.Bill) *tally {
	return &tally{
		energy: make([]unit.Amount, 0, n), mined: make([]unit.Satoshi, 0, n), worth: make([]unit.Amount, 0, n),
		run: make([]unit.Amount, 0, n), load: make([]unit.Power, 0, n), fleet: make([]unit.Power, 0, n),
		served: make([]unit.Amount, 0, n),
		bill:   bill, running: map[string]bool{}, tenants: map[string]*tenancy{},
	}
}

// add takes the delivery and the entry of one interval.
func (t *tally) add(d cycle.Delivery, e cycle.Entry) {
	var it unit.Energy
	for _, u := range d.Uses {
		if strings.HasPrefix(u.Use, "hosting/") {
			continue // the fleet is machines that mine
		}
		it += u.IT
		if u.Started > 0 && !t.running[u.Use] {
			t.starts++
		}
		t.running[u.Use] = u.IT > 0
	}
	t.energy, t.run = append(t.energy, -settle.Sum(e, books.PowerEnergy)), append(t.run, -settle.Sum(e, books.SitesOwn))
	t.mined, t.worth = append(t.mined, settle.Mined(e)), append(t.worth, settle.Sum(e, books.Conversion(books.Asset(e.Currency))))
	t.served = append(t.served, settle.Served(e))
	t.tenant(d, e)
	t.load = append(t.load, d.Import.Mean(d.Length))
	t.surge = append(t.surge, max(0, d.Peak-d.Import.Mean(d.Length)))
	t.fleet = append(t.fleet, it.Mean(d.Length))
	t.imports += d.Import
	t.exports += d.Export
	if d.Over > 0 {
		t.over++
	}
}

// plan counts how the plan of a turn came about.
func (t *tally) plan(p cycle.Plan) {
	t.turns++
	t.steps += p.Solver.Iterations
	switch {
	case p.Solver.Fallback != "":
		t.fallback++
	case p.Solver.Status == dispatch.EachAlone:
		t.alone++
		fallthrough
	default:
		t.optimal++
	}
	t.price = append(t.price, p.Price[0])
	if slices.ContainsFunc(p.Flags, broken) {
		t.flags++
	}
}

// broken reports a commitment that the interval which was decided does not keep. Work
// that misses its deadline is none: who submits more than was bought is late under
// every policy, and the credit for it is in the money.
func broken(f cycle.Flag) bool { return f.Interval == 0 && f.Code != cycle.JobMiss }

// net is what interval i earned, charges by month left out.
func (t *tally) net(i int) unit.Amount {
	return t.energy[i] + t.worth[i] + t.run[i] + t.served[i]
}

// tenant adds up what each contract used and earned.
func (t *tally) tenant(d cycle.Delivery, e cycle.Entry) {
	for _, u := range d.Uses {
		if !strings.HasPrefix(u.Use, "hosting/") {
			continue
		}
		c := t.tenants[u.Use]
		if c == nil {
			c = &tenancy{}
			t.tenants[u.Use] = c
		}
		c.counts, c.it, c.meter = c.counts.Plus(u.Service), c.it+u.IT, c.meter+u.Meter
		c.load = append(c.load, u.IT.Mean(d.Length))
	}
	for _, p := range e.Postings {
		c := t.tenants[p.Use]
		if c == nil {
			continue
		}
		switch p.Account {
		case books.Reservation, books.Hosting:
			c.earned -= p.Amount
		case books.CreditsGranted:
			c.credited += p.Amount
			c.missed++
		case books.PowerEnergy:
			c.power += p.Amount
		}
	}
}

// off is how long no machine ran.
func (t *tally) off(step time.Duration) time.Duration {
	var d time.Duration
	for _, p := range t.fleet {
		if p == 0 {
			d += step
		}
	}
	return d
}
