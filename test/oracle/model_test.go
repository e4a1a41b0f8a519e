package oracle

import (
	"math"
	"math/rand/v2"
	"strconv"

	"sluice/solve"
)

// A model is one dispatch problem with its name and, where it has a form the
// network model of a peer can express, its plain description.
type model struct {
	name    string
	problem *solve.Problem
	plain   *plain
	// negative says that some price is.
	negative bool
}

// plain describes a site without charges on peaks and without integers: import
// and export at a price, loads of a value, wind, a battery. It is what PyPSA
// can say in its own words.
type plain struct {
	Hours       float64   `json:"hours"`        // per interval
	Price       []float64 `json:"price"`        // USD/MWh
	ImportLimit float64   `json:"import_limit"` // MW
	ExportLimit float64   `json:"export_limit"` // MW
	Value       []float64 `json:"value"`        // of each load, USD/MWh
	Cap         []float64 `json:"cap"`          // of each load, MW
	Wind        []float64 `json:"wind"`         // MW, curtailable
	BatteryMW   float64   `json:"battery_mw"`
	BatteryMWh  float64   `json:"battery_mwh"`
	Start       float64   `json:"start"` // content at the beginning, MWh
	Efficiency  float64   `json:"efficiency"`
	Wear        float64   `json:"wear"` // USD per MWh discharged
}

// site collects one random model. The node balance of every interval is
// supply - use = 0.
type site struct {
	rng   *rand.Rand
	b     solve.Builder
	n     int
	hours float64
	price []float64
	node  [][]solve.Term // terms of the node row per interval
	imp   []int          // import columns
	load  [][]int        // load columns per interval, for reserve and commitment
	neg   bool           // some price is negative
}

var inf = math.Inf(1)

// between draws a number and rounds it to a thousandth, which keeps models readable.
func (s *site) between(lo, hi float64) float64 {
	return math.Round(1000*(lo+(hi-lo)*s.rng.Float64())) / 1000
}

// chance is true with probability p.
func (s *site) chance(p float64) bool { return s.rng.Float64() < p }

// col adds a continuous column.
func (s *site) col(cost, lower, upper float64) int {
	return s.b.AddColumn(solve.Column{Cost: cost, Lower: lower, Upper: upper})
}

// kind adds a column of another kind.
func (s *site) kind(k solve.Kind, cost, lower, upper float64) int {
	return s.b.AddColumn(solve.Column{Cost: cost, Lower: lower, Upper: upper, Kind: k})
}

// row adds a row from columns and values in turn.
func (s *site) row(lower, upper float64, terms ...float64) {
	var t []solve.Term
	for i := 0; i < len(terms); i += 2 {
		t = append(t, solve.Term{Column: int(terms[i]), Value: terms[i+1]})
	}
	s.b.AddRow(lower, upper, t...)
}

// supply adds a column to the node row of interval t.
func (s *site) supply(t, column int, factor float64) {
	s.node[t] = append(s.node[t], solve.Term{Column: column, Value: factor})
}

// generate draws the model of a seed. Integers come in where mixed is set.
func generate(seed uint64, mixed bool) model {
	s := newSite(seed)
	s.grid()
	s.addLoads()
	features := []func(){s.contract, s.jobs, s.demandCharge, s.coincidentPeak, s.sellBack, s.reserve, s.ramp, s.tiers, s.carbon, s.battery, s.wind}
	for _, f := range features {
		if s.chance(0.55) {
			f()
		}
	}
	if mixed {
		whole := []func(){s.commitment, s.process, s.block, s.exclusiveBattery}
		whole[s.rng.IntN(len(whole))]()
		if s.chance(0.3) {
			s.process()
		}
	}
	for _, terms := range s.node {
		s.b.AddRow(0, 0, terms...)
	}
	s.b.AddOffset(s.between(-100, 100))
	return model{name: "seed " + strconv.FormatUint(seed, 10), problem: s.b.Problem(), negative: s.neg}
}

// newSite draws the time grid and the prices.
func newSite(seed uint64) *site {
	s := &site{rng: rand.New(rand.NewPCG(seed, 42))} //nolint:gosec // A seeded test, nothing secret.
	s.n = 4 + s.rng.IntN(21)
	s.hours = []float64{1.0 / 12, 0.25, 0.5, 1}[s.rng.IntN(4)]
	base := s.between(15, 70)
	for range s.n {
		p := base + s.between(-30, 30)
		switch {
		case s.chance(0.05):
			p = s.between(300, 4900)
		case s.chance(0.1):
			p = s.between(-120, 0)
		}
		s.neg = s.neg || p < 0
		s.price = append(s.price, p)
	}
	s.node = make([][]solve.Term, s.n)
	s.load = make([][]int, s.n)
	return s
}

// grid adds import and export of every interval; limits often bind.
func (s *site) grid() {
	limit, out, adder := s.between(5, 60), s.between(0, 20), s.between(0, 3)
	for t, p := range s.price {
		imp := s.col((p+adder)*s.hours, 0, limit)
		exp := s.col(-(p-adder)*s.hours, 0, out)
		s.imp = append(s.imp, imp)
		s.supply(t, imp, 1)
		s.supply(t, exp, -1)
	}
}

// addLoads adds loads with a value per IT megawatt-hour and a factor to the meter.
func (s *site) addLoads() {
	for range 1 + s.rng.IntN(5) {
		value, top, pue := s.between(30, 130), s.between(1, 20), s.between(1, 1.4)
		for t := range s.n {
			x := s.col(-value*s.hours, 0, top*s.between(0.7, 1))
			s.load[t] = append(s.load[t], x)
			s.supply(t, x, -pue)
		}
	}
}

// contract adds a GPU contract with a shortfall price, cumulated in tiers.
func (s *site) contract() {
	demand, penalty := s.between(1, 8), s.between(400, 3000)
	allow := s.col(0, 0, s.between(0, demand))
	extra := s.col(penalty, 0, inf)
	sum := []float64{float64(allow), -1, float64(extra), -1}
	for t := range s.n {
		y, sh := s.col(0, 0, demand), s.col(0, 0, inf)
		s.row(demand, demand, float64(y), 1, float64(sh), 1)
		s.supply(t, y, -1.2)
		sum = append(sum, float64(sh), s.hours)
	}
	s.row(-inf, 0, sum...)
}

// jobs adds energy due within a window, with a price for what is missed.
func (s *site) jobs() {
	for range 1 + s.rng.IntN(3) {
		from := s.rng.IntN(s.n)
		to := from + 1 + s.rng.IntN(s.n-from)
		rate := s.between(0.5, 5)
		miss := s.col(s.between(50, 900), 0, inf)
		terms := []float64{float64(miss), 1}
		for t := from; t < to; t++ {
			x := s.col(0, 0, rate)
			s.supply(t, x, -1.1)
			terms = append(terms, float64(x), s.hours)
		}
		s.row(s.between(0.1, 1.2)*rate*s.hours*float64(to-from), inf, terms...)
	}
}

// demandCharge charges the new peak above the incumbent one.
func (s *site) demandCharge() {
	floor := s.between(0, 40)
	if s.chance(0.3) {
		floor = 0
	}
	pk := s.col(s.between(100, 12000)*s.hours, 0, inf)
	for _, imp := range s.imp {
		s.row(-inf, floor, float64(imp), 1, float64(pk), -1)
	}
}

// coincidentPeak makes some intervals expensive per MW.
func (s *site) coincidentPeak() {
	for range 1 + s.rng.IntN(3) {
		t, cost := s.rng.IntN(s.n), s.between(10, 300)
		over := s.col(cost, 0, inf)
		s.row(-inf, 0, float64(s.imp[t]), 1, float64(over), -1)
	}
}

// sellBack adds a bought block whose unused part is sold at the price.
func (s *site) sellBack() {
	block := s.between(1, 15)
	for t, p := range s.price {
		in, sold := s.col(0, block, block), s.col(-p*s.hours, 0, block)
		s.supply(t, in, 1)
		s.supply(t, sold, -1)
	}
}

// reserve sells headroom of the loads.
func (s *site) reserve() {
	keep, most := s.between(0, 2), s.between(1, 25)
	for t := range s.n {
		r := s.col(-s.between(0, 40)*s.hours, 0, most)
		short := s.col(500*s.hours, 0, inf)
		terms := []float64{float64(r), 1, float64(short), -1}
		for _, x := range s.load[t] {
			terms = append(terms, float64(x), -1)
		}
		s.row(-inf, -keep, terms...)
	}
}

// ramp limits and prices the change of import.
func (s *site) ramp() {
	step, cost := s.between(1, 20), s.between(0, 5)
	for t := 1; t < s.n; t++ {
		over := s.col(2000, 0, inf)
		a, b := float64(s.imp[t]), float64(s.imp[t-1])
		s.row(-inf, step, a, 1, b, -1, float64(over), -1)
		s.row(-step, inf, a, 1, b, -1, float64(over), 1)
		move := float64(s.col(cost, 0, inf))
		s.row(0, inf, move, 1, a, -1, b, 1)
		s.row(0, inf, move, 1, a, 1, b, -1)
	}
}

// tiers sells energy in falling price steps.
func (s *site) tiers() {
	price := s.between(40, 200)
	for range 3 {
		price *= 0.8
		sold := s.col(-price, 0, s.between(0.5, 8))
		terms := []float64{float64(sold), 1}
		for t := range s.n {
			x := s.col(0, 0, s.between(0.5, 5))
			s.supply(t, x, -1)
			terms = append(terms, float64(x), -s.hours)
		}
		s.row(-inf, 0, terms...)
	}
}

// carbon caps the emissions of import, with a price above the cap.
func (s *site) carbon() {
	over := s.col(s.between(10, 120), 0, inf)
	terms := []float64{float64(over), -1}
	for _, imp := range s.imp {
		terms = append(terms, float64(imp), s.hours*s.between(0.05, 0.8))
	}
	s.row(-inf, s.between(0, 50), terms...)
}

// wind adds free power that may be curtailed.
func (s *site) wind() {
	for t := range s.n {
		s.supply(t, s.col(0, 0, s.between(0, 15)), 1)
	}
}

// battery adds storage without a rule against charging and discharging at once.
func (s *site) battery() { s.storage(false) }

// exclusiveBattery adds storage with that rule.
func (s *site) exclusiveBattery() { s.storage(true) }

func (s *site) storage(exclusive bool) {
	power, energy, eta, wear := s.between(1, 10), s.between(1, 20), s.between(0.85, 1), s.between(0, 4)
	start := s.between(0, energy)
	last := -1
	for t := range s.n {
		ch, di, soc := s.col(wear*s.hours, 0, power), s.col(wear*s.hours, 0, power), s.col(0, 0, energy)
		s.supply(t, ch, -1)
		s.supply(t, di, 1)
		if last < 0 {
			s.row(start, start, float64(soc), 1, float64(ch), -eta*s.hours, float64(di), s.hours/eta)
		} else {
			s.row(0, 0, float64(soc), 1, float64(last), -1, float64(ch), -eta*s.hours, float64(di), s.hours/eta)
		}
		if exclusive {
			u := s.kind(solve.Integer, 0, 0, 1)
			s.row(-inf, 0, float64(ch), 1, float64(u), -power)
			s.row(-inf, power, float64(di), 1, float64(u), power)
		}
		last = soc
	}
	short := s.col(s.between(20, 200), 0, inf)
	s.row(start/2, inf, float64(last), 1, float64(short), 1)
}

// commitment makes one load all or nothing with a restart cost and minimum run.
func (s *site) commitment() {
	top, value, start := s.between(2, 12), s.between(40, 110), s.between(5, 300)
	minimum := 1 + s.rng.IntN(4)
	var on, begin []int
	for t := range s.n {
		x, u, v := s.col(-value*s.hours, 0, top), s.kind(solve.Integer, 0, 0, 1), s.kind(solve.Integer, start, 0, 1)
		s.supply(t, x, -1.05)
		on, begin = append(on, u), append(begin, v)
		s.row(0, 0, float64(x), 1, float64(u), -top)
		if t == 0 {
			s.row(-inf, 1, float64(u), 1, float64(v), -1)
		} else {
			s.row(-inf, 0, float64(u), 1, float64(on[t-1]), -1, float64(v), -1)
		}
		terms := []float64{float64(u), -1}
		for z := max(0, t-minimum+1); z <= t; z++ {
			terms = append(terms, float64(begin[z]), 1)
		}
		s.row(-inf, 0, terms...)
	}
}

// process adds an electrolyser with a minimum load and a daily quota.
func (s *site) process() {
	low, top := s.between(0.5, 3), s.between(4, 10)
	worth, short := s.between(20, 90), s.col(s.between(20, 200), 0, inf)
	terms := []float64{float64(short), 1}
	for t := range s.n {
		el := s.kind(solve.SemiContinuous, -worth*s.hours, low, top)
		s.supply(t, el, -1)
		terms = append(terms, float64(el), s.hours)
	}
	s.row(s.between(0, 0.6)*top*s.hours*float64(s.n), inf, terms...)
}

// block sells a whole block or nothing, at most a few times.
func (s *site) block() {
	size, most := s.between(1, 6), float64(1+s.rng.IntN(s.n))
	var calls []float64
	for t, p := range s.price {
		x, z := s.col(-(p+s.between(0, 30))*s.hours, 0, size), s.kind(solve.Integer, 0, 0, 1)
		s.row(0, 0, float64(x), 1, float64(z), -size)
		s.supply(t, x, -1)
		calls = append(calls, float64(z), 1)
	}
	s.row(-inf, most, calls...)
}

// generatePlain draws a model that a network model can express.
func generatePlain(seed uint64) model {
	s := newSite(seed)
	d := &plain{
		Hours: s.hours, Price: s.price, ImportLimit: s.between(5, 60), ExportLimit: s.between(0, 20),
		BatteryMW: s.between(1, 10), BatteryMWh: s.between(1, 20), Efficiency: s.between(0.85, 1), Wear: s.between(0, 4),
	}
	d.Start = s.between(0, d.BatteryMWh)
	for range 1 + s.rng.IntN(5) {
		d.Value, d.Cap = append(d.Value, s.between(30, 130)), append(d.Cap, s.between(1, 20))
	}
	last := -1
	for t, p := range s.price {
		d.Wind = append(d.Wind, s.between(0, 15))
		s.supply(t, s.col(p*s.hours, 0, d.ImportLimit), 1)
		s.supply(t, s.col(-p*s.hours, 0, d.ExportLimit), -1)
		s.supply(t, s.col(0, 0, d.Wind[t]), 1)
		for k, v := range d.Value {
			s.supply(t, s.col(-v*s.hours, 0, d.Cap[k]), -1)
		}
		ch, di, soc := s.col(0, 0, d.BatteryMW), s.col(d.Wear*s.hours, 0, d.BatteryMW), s.col(0, 0, d.BatteryMWh)
		s.supply(t, ch, -1)
		s.supply(t, di, 1)
		terms := []float64{float64(soc), 1, float64(ch), -d.Efficiency * s.hours, float64(di), s.hours / d.Efficiency}
		if last < 0 {
			s.row(d.Start, d.Start, terms...)
		} else {
			s.row(0, 0, append(terms, float64(last), -1)...)
		}
		last = soc
	}
	for _, terms := range s.node {
		s.b.AddRow(0, 0, terms...)
	}
	return model{name: "plain " + strconv.FormatUint(seed, 10), problem: s.b.Problem(), plain: d, negative: s.neg}
}
