package live

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"sluice/driver/door"
	"sluice/unit"
)

// Preview is what a limit would take away, as an estimate: nothing of it was done.
type Preview struct {
	At       time.Time  `json:"at"`
	Group    string     `json:"group"`
	Limit    unit.Power `json:"limit_w"` // that would hold: no more than holds already
	From     time.Time  `json:"from"`
	Until    time.Time  `json:"until,omitzero"`
	Reserved unit.Power `json:"reserved_w"`           // what counts against the limit now
	Metered  unit.Power `json:"metered_w"`            // by the limit's own meter
	Known    bool       `json:"metered_known"`        //
	Need     unit.Power `json:"need_w"`               // that must give way, at the meter
	Machines unit.Power `json:"machines_give_w"`      // of it, at the meter
	Halls    unit.Power `json:"gpu_halls_give_w"`     // of it: what machines cannot give
	Short    unit.Power `json:"short_w"`              // nobody can give it
	Beyond   unit.Power `json:"not_counted_on_w"`     // counted of machines that nobody can be sure to move
	Moved    int        `json:"machines"`             // that would be lowered
	Asleep   int        `json:"machines_to_sleep"`    // of them
	Steps    []GiveStep `json:"steps"`                // in the order in which they give way: what earns least first
	First    []GiveUnit `json:"first"`                // the first machines of them, 200 at most
	In       []GiveHall `json:"gpu_halls"`            // behind the limit
	Loss     Loss       `json:"loss"`                 //
	Assumed  []string   `json:"assumed"`              // what the estimate stands on
	Firm     bool       `json:"instruction_in_force"` // the grid orders something for this limit already
}

// GiveStep is machines of one group that would go from one level to a lower one.
type GiveStep struct {
	Use      string      `json:"use"`
	Hall     string      `json:"hall,omitempty"`
	Machines int         `json:"machines"`
	From     unit.Power  `json:"from_w"` // of one machine
	To       unit.Power  `json:"to_w"`
	Gives    unit.Power  `json:"gives_w"` // together, at the meter
	Worth    unit.Price  `json:"worth,string"`
	Loss     unit.Amount `json:"loss_per_hour,string"`
}

// GiveUnit is one machine that would be lowered.
type GiveUnit struct {
	Name string     `json:"name"`
	From unit.Power `json:"from_w"`
	To   unit.Power `json:"to_w"`
}

// GiveHall is a hall of GPUs behind the limit.
type GiveHall struct {
	Hall  string     `json:"hall"`
	Draw  unit.Power `json:"draw_w"`
	Gives unit.Power `json:"gives_w"`
}

// Loss is what giving way costs: what the hashes would have earned, less running cost
// and less what the power is worth to the site. It is an estimate; below zero it pays.
type Loss struct {
	Known   bool          `json:"known"` // the worth of hashes and the site's price are
	PerHour unit.Amount   `json:"per_hour,string"`
	Total   unit.Amount   `json:"total,string"` // until the end, where the limit has one
	Price   unit.Price    `json:"site_price,string"`
	Halls   bool          `json:"gpu_halls_left_out"` // what tenants of halls would lose is not in it
	Coin    unit.Currency `json:"currency"`
}

// mayGive is one machine that could give way.
type mayGive struct {
	unit, group int
	bound, at   unit.Power
	rungs       []rung
}

// giving is everything that the estimate needs, copied out of the core.
type giving struct {
	p         Preview
	may       []mayGive
	hashprice unit.Hashprice
	share     unit.Ratio // that cooling adds
}

// firstMost bounds the machines that a preview names.
const firstMost = 200

// gives copies what would be asked to give way for a limit. Nothing is changed.
func (c *Core) gives(q Request, now time.Time) (giving, error) {
	x, err := c.span(&q, now)
	if err != nil {
		return giving{}, err
	}
	v := c.kernel.Group(x.group)
	g := giving{share: c.groups[x.group].Overhead, p: Preview{
		At: now, Group: c.groups[x.group].Name, Limit: min(x.limit, v.Limit), From: q.From, Until: q.Until, Reserved: v.Reserved,
		Firm: len(c.kernel.Instructed(x.group)) > 0, Steps: []GiveStep{}, First: []GiveUnit{}, In: []GiveHall{},
	}}
	g.p.Need = max(0, v.Reserved-g.p.Limit)
	g.p.Metered, g.p.Known = c.shownBy(x.group)
	for i := range c.machines {
		if !c.behind(i, x.group) {
			continue
		}
		m, u := &c.machines[i], c.kernel.Unit(i)
		if at := c.stands(i); c.usable(i) && m.Twin == "" && !u.Open {
			g.may = append(g.may, mayGive{unit: i, group: m.Group, bound: u.Bound, at: at, rungs: m.ladder.rungs})
		} else {
			g.p.Beyond += u.Bound
		}
	}
	for i := range c.halls {
		if h := &c.halls[i]; c.within(h.group, x.group) {
			g.p.In = append(g.p.In, GiveHall{Hall: h.Name, Draw: h.draw()})
		}
	}
	g.p.Loss = Loss{Coin: c.cfg.Site.Currency, Halls: len(g.p.In) > 0}
	if c.papers != nil && c.papers.Snapshot.Hashprice.Known && len(c.papers.Plan.Price) > 0 {
		g.hashprice, g.p.Loss.Price, g.p.Loss.Known = c.papers.Snapshot.Hashprice.Value, c.papers.Plan.Price[0], true
	}
	return g, nil
}

// shownBy is what the meter of a limit shows, where it has one that is fresh.
func (c *Core) shownBy(group int) (unit.Power, bool) {
	for i, m := range c.cfg.Site.Meters {
		if g, known := c.cfg.metered(m); known && g == group && c.fresh(i) {
			return c.meters[i].power, true
		}
	}
	return 0, false
}

// down is machines of one group that stand at one level and could go to the next.
type down struct {
	GiveStep
	group int
	lost  unit.Amount // by one machine
	units []int
	gives []unit.Power // by each of units, at the meter
}

// take lets machines go down until so much is given, and returns what is still needed.
func (d *down) take(need unit.Power) (left unit.Power) {
	for _, w := range d.gives {
		if need <= 0 {
			break
		}
		d.Machines, d.Gives, d.Loss, need = d.Machines+1, d.Gives+w, d.Loss+d.lost, need-w
	}
	return need
}

// estimate works out who gives way: what earns least per MWh first, from its level
// to the next lower one, and so on down to sleep.
func (g giving) estimate(rigs []rig, names func(i int) string) Preview {
	p, left := g.p, g.p.Need
	var lowered []GiveUnit
	index := map[int]int{}
	for _, d := range g.downs(rigs) {
		if left <= 0 {
			break
		}
		left = d.take(left)
		p.Steps, p.Machines, p.Loss.PerHour = append(p.Steps, d.GiveStep), p.Machines+d.Gives, p.Loss.PerHour+d.Loss
		if d.To == 0 {
			p.Asleep += d.Machines
		}
		for _, i := range d.units[:d.Machines] {
			n, known := index[i]
			if !known {
				n = len(lowered)
				index[i] = n
				lowered = append(lowered, GiveUnit{Name: names(i), From: d.From})
			}
			lowered[n].To = d.To
		}
	}
	p.Moved = len(lowered)
	p.First = append(p.First, lowered[:min(len(lowered), firstMost)]...)
	return p.rest(max(0, left))
}

// rest is what machines cannot give: halls go below a bound, and the rest is short.
func (p Preview) rest(left unit.Power) Preview {
	for i := range p.In {
		h := &p.In[i]
		h.Gives = min(h.Draw, left)
		p.Halls, left = p.Halls+h.Gives, left-h.Gives
	}
	p.Short = left
	if !p.Loss.Known {
		p.Loss.PerHour = 0
	} else if !p.Until.IsZero() {
		p.Loss.Total = unit.Amount(unit.MulDiv(int64(p.Loss.PerHour), int64(p.Until.Sub(p.From)), int64(time.Hour)))
	}
	p.Assumed = p.assumed()
	return p
}

// assumed says what the estimate stands on.
func (p Preview) assumed() []string {
	out := []string{
		"machines hash as the curve of their group says, and what earns least gives way first: in the first seconds the order of their addresses may count instead, until the next plan",
		"what must give way is what is reserved now beyond the limit, which is more than what is drawn",
	}
	if p.Loss.Known {
		out = append(out, "the worth of hashes and the site's price stay as they are now; wear and restarts are not in the loss")
	} else {
		out = append(out, "the worth of hashes or the site's price is not known, so the loss is not either")
	}
	if p.Halls > 0 {
		out = append(out, "halls of GPUs are bound only where machines do not suffice, and what their tenants lose is not in the loss")
	}
	if p.Beyond > 0 {
		out = append(out, "machines that are silent, in trouble, locked or on their way are told as well, and nobody counts on them")
	}
	return out
}

// downs lists every step down that machines can take, what earns least first. The
// steps of one machine come from the top.
func (g giving) downs(rigs []rig) []down {
	type class struct {
		group    int
		from, to unit.Power
	}
	index, all := map[class]int{}, []down{}
	for _, m := range g.may {
		from, counts := m.at, max(m.at, m.bound)
		for k := len(m.rungs) - 1; k >= -1 && from > 0; k-- {
			to := unit.Power(0)
			if k >= 0 {
				to = m.rungs[k].power
			}
			if to >= from {
				continue
			}
			n, known := index[class{m.group, from, to}]
			if !known {
				n = len(all)
				index[class{m.group, from, to}] = n
				all = append(all, g.down(rigs[m.group], from, to))
				all[n].group = m.group
			}
			all[n].units = append(all[n].units, m.unit)
			all[n].gives = append(all[n].gives, (counts - max(to, restMean)).ScaleUp(unit.One+g.share))
			from, counts = to, to
		}
	}
	slices.SortStableFunc(all, func(a, b down) int {
		return cmp.Or(cmp.Compare(a.Worth, b.Worth), cmp.Compare(b.From, a.From), cmp.Compare(a.group, b.group))
	})
	return all
}

// down is what one machine of a rig loses from one level to a lower one.
func (g giving) down(r rig, from, to unit.Power) down {
	x := r.Group()
	d := down{GiveStep: GiveStep{Use: r.Use(), Hall: x.Hall, From: from, To: to}}
	meter := (from - max(to, restMean)).Scale(x.Cooling.PUE0).Over(time.Hour)
	income := g.price().Of((hashOf(r, from) - hashOf(r, to)).Over(time.Hour))
	income -= unit.Amount(unit.MulDiv(int64(income), int64(x.PoolFee), int64(unit.One)))
	income -= x.OperatingCost.Of((from - to).Over(time.Hour))
	if meter > 0 {
		d.Worth = unit.Price(unit.MulDiv(int64(income), int64(unit.MegawattHour), int64(meter)))
	}
	d.lost = income - g.p.Loss.Price.Of(meter)
	return d
}

// price is the worth of hashes by which steps are ordered; where none is known the
// order is that of their efficiency.
func (g giving) price() unit.Hashprice {
	if g.hashprice > 0 {
		return g.hashprice
	}
	return 50 * 1_000_000
}

// foresee estimates what a limit would take away.
func (s *Site) foresee(ctx context.Context, q Request) (Preview, error) {
	var g giving
	var no error
	if err := s.Do(ctx, func(c *Core, now time.Time) { g, no = c.gives(q, now) }); err != nil || no != nil {
		return Preview{}, cmp.Or(err, no)
	}
	c := s.core.cfg // never changed
	return g.estimate(c.Rigs, func(i int) string { return c.Machines[i].Name() }), nil
}

// preview answers what a limit would take away. Nothing is changed.
func (s *Site) preview(w http.ResponseWriter, r *http.Request) {
	q, ok := requested(w, r)
	if !ok {
		return
	}
	p, err := s.foresee(r.Context(), q)
	if err != nil {
		door.Write(w, http.StatusConflict, Answer{No: err.Error()})
		return
	}
	door.Write(w, http.StatusOK, p)
}
