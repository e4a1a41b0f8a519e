package capital

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// ErrPlan says that a plan makes no sense as it stands.
var ErrPlan = errors.New("the plan makes no sense")

// Fault is one thing that is wrong, and where.
type Fault struct {
	At  string // such as $.projects[0].contract.ends
	Err error
}

// Error says where and what.
func (f Fault) Error() string { return strings.TrimPrefix(f.At, "$.") + ": " + f.Err.Error() }

// Unwrap is what is wrong.
func (f Fault) Unwrap() error { return f.Err }

// checker collects all that is wrong instead of ending at the first.
type checker struct {
	plan   *Plan
	faults []error
}

// refuse notes a fault where something is wrong.
func (c *checker) refuse(wrong bool, at, format string, a ...any) {
	if wrong {
		c.faults = append(c.faults, Fault{At: at, Err: fmt.Errorf("%w: %w", fmt.Errorf(format, a...), ErrPlan)})
	}
}

// Check refuses a plan with all its faults, each a Fault that says what to do.
func (p Plan) Check() error {
	c := &checker{plan: &p}
	c.numbers(reflect.ValueOf(p), "$")
	if len(c.faults) > 0 {
		return errors.Join(c.faults...)
	}
	c.frame()
	c.market()
	for i := range p.Sites {
		c.site(i)
	}
	for i := range p.Projects {
		c.project(i)
	}
	c.crowded()
	for i := range p.Loans {
		c.loan(i)
	}
	c.funding()
	c.treasury()
	return errors.Join(c.faults...)
}

// numbers refuses what is no number, anywhere.
func (c *checker) numbers(v reflect.Value, at string) {
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Float64:
		x := v.Float()
		c.refuse(math.IsNaN(x) || math.IsInf(x, 0), at, "%v is no number: write one", x)
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			c.numbers(v.Field(i), at+"."+name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.numbers(v.Index(i), fmt.Sprintf("%s[%d]", at, i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			c.numbers(v.MapIndex(k), at+"."+k.String())
		}
	}
}

func (c *checker) frame() {
	p := c.plan
	c.refuse(p.Name == "", "$.plan", "a plan needs a name")
	c.refuse(p.Currency == "", "$.currency", "say in which currency the plan is computed, such as USD")
	c.refuse(p.Begin < 2009*12, "$.begin", "say in which month the plan begins, such as 2026-01")
	c.refuse(p.Years < 1 || p.Years > 20, "$.years", "%d years: a plan is 1 to 20 years long", p.Years)
	c.refuse(p.Discount <= -1 || p.Discount > 1, "$.discount_rate", "%v: write a rate of a year as a share, such as 0.11", p.Discount)
	c.refuse(p.Inflation <= -1 || p.Inflation > 1, "$.opex_escalator", "%v: write a share of a year, such as 0.025", p.Inflation)
	c.refuse(len(p.Sites) == 0, "$.sites", "a plan needs a site")
	c.refuse(p.Tax.Rate < 0 || p.Tax.Rate >= 1, "$.tax.rate", "%v: write a share, such as 0.25", p.Tax.Rate)
	c.refuse(p.Tax.Losses < 0, "$.tax.losses_brought_forward", "%v: losses are written as a positive number", p.Tax.Losses)
	c.refuse(p.Opening.Plant > 0 && p.Opening.Years <= 0, "$.opening.plant_years", "say over how many years the plant of %v is written off", p.Opening.Plant)
	c.refuse(p.Opening.Cash < 0 || p.Opening.BTC < 0 || p.Opening.Plant < 0, "$.opening", "cash, btc and plant are not negative: what is owed is a loan")
	for name, r := range p.Rates {
		c.refuse(r <= 0, "$.rates."+name, "%v: a rate of exchange is above 0", r)
	}
	for place := range p.Sources {
		c.refuse(!p.has(place), "$.sources."+place, "no figure of the plan stands there: name it as sites.NAME.key or projects.NAME.key")
	}
}

func (c *checker) market() {
	m := c.plan.Market
	c.refuse(m.Price <= 0, "$.market.btc_price", "%v: the price at the begin of the plan is above 0", m.Price)
	c.refuse(m.Difficulty <= 0, "$.market.difficulty", "%v: the difficulty at the begin of the plan is above 0", m.Difficulty)
	c.refuse(m.Height <= 0, "$.market.height", "%d: the height of the chain at the begin says when the subsidy halves", m.Height)
	c.refuse(m.Fees < 0, "$.market.fee_share_of_subsidy", "%v is negative", m.Fees)
	c.refuse(m.Drift <= -1 || m.Growth <= -1, "$.market", "a change of a year is above -1")
	c.refuse(m.RentDecay >= 1 || m.RentDecay < 0, "$.market.gpu_rent_decay", "%v: write a share of 0 to 1, such as 0.25", m.RentDecay)
}

func (c *checker) site(i int) {
	s, at := c.plan.Sites[i], fmt.Sprintf("$.sites[%d]", i)
	c.refuse(s.Name == "", at+".name", "a site needs a name")
	for _, x := range c.plan.Sites[:i] {
		c.refuse(x.Name == s.Name, at+".name", "%q stands twice", s.Name)
	}
	c.refuse(s.Gross <= 0, at+".gross_mw", "%v: a site has power", s.Gross)
	c.refuse(s.Fleet.MW < 0 || s.Fleet.MW > s.Gross, at+".fleet.mw", "%v MW of machines at a connection of %v", s.Fleet.MW, s.Gross)
	if s.Fleet.MW > 0 {
		c.refuse(s.Fleet.Efficiency < 1 || s.Fleet.Efficiency > 500, at+".fleet.j_per_th", "%v: joules per terahash at the wall, such as 18.5", s.Fleet.Efficiency)
		c.refuse(s.Fleet.PUE < 1 || s.Fleet.PUE > 3, at+".fleet.pue", "%v: 1 to 3", s.Fleet.PUE)
		c.refuse(s.Fleet.Uptime <= 0 || s.Fleet.Uptime > 1, at+".fleet.uptime", "%v: a share above 0", s.Fleet.Uptime)
		c.refuse(s.Fleet.Fee < 0 || s.Fleet.Fee >= 1, at+".fleet.pool_fee", "%v: a share below 1", s.Fleet.Fee)
	}
	c.refuse(len(s.Power.Price) == 0 && s.Power.History == "", at+".power", "say what power costs: price_per_mwh by year, or a history")
}

// has says whether a figure stands at a place such as projects.washington.gross_mw.
func (p Plan) has(place string) bool {
	for _, f := range p.Figures() {
		if f.Place == place || strings.HasPrefix(f.Place, place+".") {
			return true
		}
	}
	return false
}

func (c *checker) loan(i int) {
	l, at := c.plan.Loans[i], fmt.Sprintf("$.loans[%d]", i)
	c.refuse(l.Name == "", at+".name", "a loan needs a name")
	for _, x := range c.plan.Loans[:i] {
		c.refuse(x.Name == l.Name, at+".name", "%q stands twice", l.Name)
	}
	known := l.For == "" || slices.ContainsFunc(c.plan.Projects, func(p Project) bool { return p.Name == l.For })
	c.refuse(!known, at+".for", "there is no project %q", l.For)
	c.currency(l.Currency, at)
	c.refuse(l.Tenor < 1 || l.Tenor > 480, at+".tenor_months", "%d: 1 to 480", l.Tenor)
	c.refuse(l.Rate < 0 || l.Rate > 1, at+".rate", "%v: a share of a year, such as 0.09", l.Rate)
	c.refuse(l.MostOfCost < 0 || l.MostOfCost > 1, at+".most_of_cost", "%v: a share of what the project costs", l.MostOfCost)
	switch l.Kind {
	case Sculpted:
		c.refuse(l.DSCR <= 0, at+".dscr", "%v: debt service is cash over this number, so it is above 0; 1.3 is usual with a strong tenant", l.DSCR)
		c.refuse(l.For == "", at+".for", "a sculpted loan follows the cash of one project: name it")
	case Annuity, Linear, Bullet:
		c.refuse(l.Amount <= 0 && (l.For == "" || l.MostOfCost == 0), at+".amount", "say how much, or with a project most_of_cost")
	default:
		c.refuse(true, at+".kind", "%q: one of sculpted, annuity, linear, bullet", l.Kind)
	}
	c.refuse(l.OnlyIntr < 0 || l.OnlyIntr >= l.Tenor, at+".interest_only_months", "%d of %d", l.OnlyIntr, l.Tenor)
	c.refuse(!slices.Contains([]string{"", ProRata, EquityFirst, DebtFirst}, l.Order), at+".draws", "%q: one of pro-rata, equity-first, debt-first", l.Order)
	c.refuse(l.Sweep < 0 || l.Sweep > 1, at+".sweep", "%v: a share", l.Sweep)
}

// currency refuses money in a currency that the plan has no rate for.
func (c *checker) currency(name, at string) {
	if name == "" || name == c.plan.Currency {
		return
	}
	_, known := c.plan.Rates[name]
	c.refuse(!known, at+".currency", "there is no rate for %s: add rates: {%s: units of %s for one}", name, name, c.plan.Currency)
}

func (c *checker) treasury() {
	for i, l := range c.plan.Pledges {
		at := fmt.Sprintf("$.pledges[%d]", i)
		c.refuse(l.Amount <= 0, at+".amount", "%v: above 0", l.Amount)
		c.refuse(!(l.LTV > 0 && l.LTV <= l.Cure && l.Cure < l.Call && l.Call < l.Liquidate && l.Liquidate < 1), at,
			"ltv %v, cure_ltv %v, call_ltv %v, liquidation_ltv %v: they rise in this order, below 1", l.LTV, l.Cure, l.Call, l.Liquidate)
		c.refuse(l.Months < 1, at+".months", "%d: at least 1", l.Months)
	}
	v := c.plan.Revolver
	c.refuse(v.Limit < 0, "$.revolver.limit", "%v is negative", v.Limit)
	c.refuse(v.Limit > 0 && v.Name == "", "$.revolver.name", "a line that covers months without cash needs a name")
	t := c.plan.Treasury
	c.refuse(t.Share < 0 || t.Share > 1, "$.treasury.share", "%v: a policy cannot sell more than is held: write a share of 0 to 1", t.Share)
	c.refuse(t.Owners < 0 || t.Owners > 1, "$.treasury.distribute", "%v: a share", t.Owners)
	for i, h := range c.plan.Hedges {
		at := fmt.Sprintf("$.hedges[%d]", i)
		c.refuse(!slices.Contains([]string{Futures, Put, HashForward}, h.Kind), at+".kind", "%q: one of futures, put, hashprice", h.Kind)
		c.refuse(h.To <= h.From, at+".to", "%s: the first month without it is after %s", h.To, h.From)
	}
	for i, k := range c.plan.Covenants {
		at := fmt.Sprintf("$.covenants[%d]", i)
		c.refuse(!slices.Contains([]string{CoverDSCR, CoverLTV, CoverLiquidity, CoverLeverage}, k.Kind), at+".kind", "%q: one of dscr, ltv, liquidity, leverage", k.Kind)
		c.refuse(k.Name == "", at+".name", "a covenant needs a name")
	}
}
