package loop

import (
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

// HallReport is what a hall that runs by itself tells the market of its site. It is
// plain data: it crosses a socket.
type HallReport struct {
	Hall      string                      `json:"hall"`
	At        time.Time                   `json:"at"`      // on the hall's own clock
	Seen      time.Time                   `json:"seen"`    // when its engine showed itself last; zero: never
	Power     unit.Power                  `json:"power_w"` // at the hall's meter, or by its GPUs where it has none
	Known     bool                        `json:"known"`   // Power is of now
	PUE       unit.Ratio                  `json:"pue_ppm"`
	Uses      []cycle.UseState            `json:"uses"`              // of contracts that can be steered
	Registers []cycle.UseRegister         `json:"registers"`         // of all contracts, last of what no contract holds
	Expected  map[string]hosting.Forecast `json:"expected"`          // by use
	Budgets   map[string]unit.Power       `json:"budgets_w"`         // by use: what it follows
	Refused   []string                    `json:"refused,omitempty"` // calls on tenants' power that their terms do not cover
	Bound     unit.Power                  `json:"bound_w,omitempty"` // that it was given last
}

// HallOrder is what the market gives a hall. What it held back stays back after
// Until, and nothing more is taken: whoever is not heard any more must not be believed.
type HallOrder struct {
	At     time.Time     `json:"at"`    // of the market's clock
	Until  time.Time     `json:"until"` // of these budgets
	Orders []cycle.Order `json:"orders"`
	Calls  []cycle.Call  `json:"calls,omitempty"`
	Most   unit.Power    `json:"most_w,omitempty"` // at the hall's meter, whatever it costs; 0: no bound
	Within time.Duration `json:"within_ns,omitempty"`
}

// Shifted is the order by a clock that is ahead by so much.
func (o HallOrder) Shifted(ahead time.Duration) HallOrder {
	o.At, o.Until = o.At.Add(ahead), o.Until.Add(ahead)
	o.Calls = slices.Clone(o.Calls)
	for i := range o.Calls {
		o.Calls[i].From, o.Calls[i].To = o.Calls[i].From.Add(ahead), o.Calls[i].To.Add(ahead)
	}
	return o
}

// steered are the contracts that bid: those of halls that answer. The others draw
// what they draw.
func (w *Wheel) steered(f Facts) []*hosting.Tenancy {
	if len(f.Apart) == 0 {
		return w.c.Tenancies
	}
	var out []*hosting.Tenancy
	for _, c := range w.c.Tenancies {
		if !f.Apart[c.Use()] {
			out = append(out, c)
		}
	}
	return out
}

// Loads is what contracts are expected to draw over the mesh of a plan. The first
// interval is what is wanted as it begins: what comes within it finds power, because
// machines give way.
//
// Source: docs/formula/replay.md, "Halls of GPUs".
func Loads(uses []cycle.UseState, expected map[string]hosting.Forecast, mesh series.Mesh, zone *time.Location) map[string]series.Profile[unit.Power] {
	out := map[string]series.Profile[unit.Power]{}
	for _, u := range uses {
		f, known := expected[u.Use]
		if !known {
			continue
		}
		p := f.Loads(mesh.Intervals(), zone)
		if len(p) > 0 {
			p[0] = u.Tenant.Wanted
		}
		out[u.Use] = p
	}
	return out
}
