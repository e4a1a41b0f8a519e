package quote

import (
	"fmt"

	"sluice/unit"
)

// Change is another value of one input or several, all at once.
type Change struct {
	Name string // for people, such as "GPU price 76,300"
	Set  []Setting
}

// Setting is one input and its value, as Field gives it.
type Setting struct {
	Key   string
	Value int64
}

// In is the terms after the change.
func (c Change) In(t Terms) (Terms, error) {
	for _, s := range c.Set {
		f, ok := FieldOf(s.Key)
		if !ok {
			return t, fmt.Errorf("%w: there is no input named %q", ErrTerms, s.Key)
		}
		if err := f.Check(s.Value); err != nil {
			return t, fmt.Errorf("%w: %s: %w", ErrTerms, s.Key, err)
		}
		t = f.With(t, s.Value)
	}
	return t, nil
}

// Usual are the changes that are shown where nobody asks for others: those by which
// a quote for a GB300-class hall is judged.
func Usual() []Change {
	one := func(name, key string, value int64) Change {
		return Change{Name: name, Set: []Setting{{key, value}}}
	}
	return []Change{
		one("utilisation 60 %", "utilisation", 60*percent),
		one("utilisation 95 %", "utilisation", 95*percent),
		one("utilisation 100 %", "utilisation", 100*percent),
		one("GPU price 76,300", "gpu_price_usd", 76_300*dollar),
		one("GPU life 4 years", "gpu_life_years", 4*years),
		one("cost of capital 9 %", "cost_of_capital", 9*percent),
		one("cost of capital 15 %", "cost_of_capital", 15*percent),
		one("data centre 8 million per MW", "datacentre_usd_per_mw", 8_000_000*dollar),
		one("data centre 11 million per MW", "datacentre_usd_per_mw", 11_000_000*dollar),
		one("PUE 1.1", "pue", 1_100_000),
		one("PUE 1.4", "pue", 1_400_000),
		one("hashprice 30", "hashprice_usd_per_ph_day", 30*dollar),
		one("hashprice 60", "hashprice_usd_per_ph_day", 60*dollar),
		one("hashprice 20", "hashprice_usd_per_ph_day", 20*dollar),
		one("energy 30", "energy_usd_per_mwh", 30*dollar),
		one("energy 70", "energy_usd_per_mwh", 70*dollar),
		one("residual value 10 %", "gpu_residual", 10*percent),
		one("residual value 20 %", "gpu_residual", 20*percent),
		{Name: "H100-class: 1.4 kW, 32,000 each", Set: []Setting{{"gpu_kw", 1400}, {"gpu_price_usd", 32_000 * dollar}}},
	}
}

// Compared is the price after a change.
type Compared struct {
	Change Change
	Least  unit.Amount
	Versus unit.Ratio // of the price before, less 1
	Mining bool       // there is mining to forgo
}

// Maker makes an offer of terms: GPUHours, or KilowattMonths of some colocation.
type Maker func(Terms) (Offer, error)

// Compare is the price after each of some changes, each made to t alone.
func Compare(t Terms, sell Maker, changes []Change) ([]Compared, error) {
	before, err := least(t, sell)
	if err != nil {
		return nil, err
	}
	var out []Compared
	for _, c := range changes {
		changed, err := c.In(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		after, err := least(changed, sell)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		out = append(out, Compared{Change: c, Least: after, Versus: relative(after, before), Mining: changed.margin(changed.Hashprice.Float(), changed.Energy.Float()) > 0})
	}
	return out, nil
}

func least(t Terms, sell Maker) (unit.Amount, error) {
	o, err := sell(t)
	if err != nil {
		return 0, err
	}
	p, err := o.Price()
	return p.Least, err
}

// relative is how much a is above b, as a share of b; 0 where that cannot be said.
func relative(a, b unit.Amount) unit.Ratio {
	if b == 0 {
		return 0
	}
	v, _ := unit.TryMulDiv(int64(a-b), int64(unit.One), int64(b))
	return unit.Ratio(v)
}
