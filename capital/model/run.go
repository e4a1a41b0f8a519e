package model

import "math"

// Run is what happened on a path. It is made once by Model.NewRun and used again.
type Run struct {
	Months [][LineCount]float64   // by month of the plan
	Sites  [][][LineCount]float64 // by site and month, where Detail is set; what no site caused is in none
	Detail bool
	// Tested is the ratios at the end of each quarter.
	Tested []Ratios
	// Broke is the first month in which cash did not reach, or -1.
	Broke int
	// Calls of pledged coins that were met, and those that ended in a sale.
	Calls, Liquidations int
	// Worth is what plant would bring after the end of the plan by the residuals and
	// the multiple that the plan states.
	Residuals, Multiple float64
	// Ready is the month in which each project had all its phases finished.
	Ready []float64

	state
}

// state is what a step begins with.
type state struct {
	m            *Model
	path         *Path
	month        int
	lines        *[LineCount]float64 // of the month
	projects     []building
	assets       []asset
	loans        []owed
	pledges      []pledged
	cash         float64
	reserve      float64
	btc          float64
	held         float64 // coins after the sale of the step before
	coinValue    float64 // at which coins stand in the books
	basis        float64 // of the coins, for tax
	locked       float64 // coins that are pledged
	revolver     float64
	deferred     float64
	missing      float64
	paidIn       float64
	retained     float64
	untaxed      float64 // profit of the year for tax, before write-offs
	losses       float64 // carried forward
	need         float64 // money that a week costs, of the step before
	price        float64
	priceSum     float64 // of the month, by steps
	hashSum      float64
	hoursOfMonth float64
}

// asset is plant: in service from a time on, written off evenly.
type asset struct {
	site     int
	cost     float64
	taxed    float64 // what tax lets be deducted
	from     float64 // months; +Inf: still being built
	years    float64
	taxYears float64 // of a straight tax life
	table    []float64
	written  float64
	deducted float64
	gone     bool
}

// NewRun makes room for a run.
func (m *Model) NewRun() *Run {
	r := &Run{Months: make([][LineCount]float64, m.plan.Months()), Ready: make([]float64, len(m.projects))}
	r.m = m
	for range m.sites {
		r.Sites = append(r.Sites, make([][LineCount]float64, m.plan.Months()))
	}
	r.Tested = make([]Ratios, 0, m.plan.Months()/3)
	r.projects = make([]building, len(m.projects))
	for i, p := range m.projects {
		n, e := len(p.Phases), len(p.Equipment)
		r.projects[i] = building{
			begin: make([]float64, n), finish: make([]float64, n), length: make([]float64, n), cost: make([]float64, n), spent: make([]float64, n),
			asset: make([]int, n+e), bought: make([]bool, e), sold: make([]bool, e),
		}
	}
	r.loans = make([]owed, len(m.loans))
	r.pledges = make([]pledged, len(m.pledges))
	return r
}

// Run computes a path. Everything that a run before left in r is gone.
func (m *Model) Run(path *Path, r *Run) {
	r.begin(m, path)
	for j := range m.grid.Steps() {
		r.step(j)
		if k := m.grid.Closes[j]; k >= 0 {
			r.close(k, j)
		}
	}
	r.worth()
}

func (r *Run) begin(m *Model, path *Path) {
	clear(r.Months)
	if r.Detail {
		for i := range r.Sites {
			clear(r.Sites[i])
		}
	}
	o := m.plan.Opening
	keep := r.state
	r.state = state{m: m, path: path, projects: keep.projects, assets: append(keep.assets[:0], m.opening), loans: keep.loans, pledges: keep.pledges}
	r.Tested, r.Broke, r.Calls, r.Liquidations = r.Tested[:0], -1, 0, 0
	r.cash, r.btc, r.losses = o.Cash, o.BTC, m.plan.Tax.Losses
	r.price = path.Price[0]
	r.coinValue, r.basis, r.held = o.BTC*r.price, o.BTC*r.price, o.BTC
	clear(r.pledges)
	for i := range m.loans {
		r.loans[i] = m.loans[i].opened()
		r.paidIn -= r.loans[i].balance
	}
	r.paidIn += o.Cash + r.coinValue + o.Plant
	for i := range m.projects {
		r.raise(i)
	}
}

// raise begins a project: its assets are there, and cost nothing yet.
func (r *Run) raise(i int) {
	p, b := &r.m.projects[i], &r.projects[i]
	p.raise(i, r.path, b)
	clear(b.bought)
	clear(b.sold)
	b.earned, b.taken, b.let, b.built, b.interest, b.energised, b.prepaid, b.whole = 0, 0, 0, 0, 0, 0, false, false
	clear(b.spent)
	r.Ready[i] = b.ready
	for k, f := range p.Phases {
		b.asset[k] = len(r.assets)
		r.assets = append(r.assets, asset{site: p.site, from: math.Inf(1), years: f.Years, taxYears: f.Years, table: p.tables[k]})
	}
	for k, e := range p.Equipment {
		b.asset[len(p.Phases)+k] = len(r.assets)
		r.assets = append(r.assets, asset{site: p.site, from: math.Inf(1), years: e.Years, taxYears: e.Years, table: p.tables[len(p.Phases)+k]})
	}
}

// book writes an amount on a line, of a site or of none (-1), without moving cash.
func (r *Run) book(site int, l Line, amount float64) {
	r.lines[l] += amount
	if r.Detail && site >= 0 {
		r.Sites[site][r.month][l] += amount
	}
}

// turn goes on to a month.
func (r *Run) turn(k int) { r.month, r.lines = k, &r.Months[k] }

// pay writes an amount on a line and moves the cash.
func (r *Run) pay(site int, l Line, amount float64) {
	r.book(site, l, amount)
	r.cash += amount
}

// earn is pay for what is profit of the year for tax, too.
func (r *Run) earn(site int, l Line, amount float64) {
	r.pay(site, l, amount)
	r.untaxed += amount
}

// step goes from one time to the next.
func (r *Run) step(j int) {
	g := &r.m.grid
	r.turn(min(int(g.From[j]), len(r.Months)-1))
	r.price = r.path.Price[j]
	before := r.cash
	grown := r.m.grown(j)
	for i := range r.projects {
		r.build(i, j)
		r.let(i, j, grown)
	}
	for i := range r.m.sites {
		r.mine(i, j, grown)
	}
	r.earn(-1, Opex, -r.m.plan.Overhead/12*grown*(g.To[j]-g.From[j]))
	r.fundRounds(j)
	r.secure(j)
	if w := g.Weeks[j]; w > 0 {
		r.need = max(before-r.cash, 0) / w
	}
	r.priceSum += r.price * g.Hours[j]
	r.hashSum += r.path.Hash[j] * r.price * g.Hours[j]
	r.hoursOfMonth += g.Hours[j]
	r.sell(j)
	r.reach()
}

// mine lets the machines of a site run in the hours that cost less than they earn.
func (r *Run) mine(i, j int, grown float64) {
	s, g := &r.m.sites[i], &r.m.grid
	months := g.To[j] - g.From[j]
	r.earn(i, Opex, -s.Opex/12*grown*months)
	mw := s.Fleet.MW
	for _, k := range s.projects {
		mw -= r.projects[k].taken
	}
	if mw <= 0 {
		return
	}
	f := &s.Fleet
	perMWh := r.path.Hash[j] * s.petahashes // BTC
	share, paid := s.runs(j, perMWh*r.price-f.Other, r.path)
	capacity := mw * f.Uptime * g.Hours[j] // MWh, if every hour ran
	coins := perMWh * capacity * share
	value := coins * r.price
	r.btc += coins
	r.coinValue += value
	r.basis += value
	r.book(i, Mining, value)
	r.untaxed += value
	r.book(i, Found, -value)
	r.book(i, Mined, coins)
	r.earn(i, Energy, -paid*capacity)
	r.earn(i, Running, -f.Other*capacity*share)
	r.earn(i, Upkeep, -f.Upkeep*mw/12*grown*months)
	r.book(i, Minable, mw*months)
}
