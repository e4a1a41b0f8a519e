package peer

import (
	"cmp"
	"fmt"
	"slices"
)

// CheckWithin is how far production may be from what the network paid per hash: the
// windows of fees and the company's own definition of its hashrate lie within it.
const CheckWithin = 0.035

// Check holds published production against what the network paid for the published
// hashrate. It is a consistency check, not an independent proof: the company may
// derive its hashrate from the shares that its pool counts.
type Check struct {
	Company   string
	Period    Period
	Hashrate  float64 // average operating, EH/s
	Expected  float64 // what a PH/s is expected to find over all days, BTC
	Model     float64 // what that hashrate is expected to find, BTC
	Published float64 // BTC
	Off       float64 // Model over Published, less 1
	Within    bool    // CheckWithin
	Why       string  // nothing was checked, and why
}

// Production checks every period of which a company tells its production and a
// hashrate. A hashrate that is itself derived from production proves nothing, and is
// told as such.
//
// Formula: sum over the days of hashprice_btc * EH/s * 1000, over what was published,
// less 1. Source: docs/formula/peer.md.
func (g *Group) Production(m Market) []Check {
	var out []Check
	for _, company := range g.companies {
		for _, f := range g.facts[key{company, mProduced, ""}] {
			v := view{g, company, f.Period, m}
			rate, told := v.exact(mAverage, "")
			if _, derived := v.exact(mRealised, ""); !told && !derived {
				continue
			}
			c := Check{Company: company, Period: f.Period, Hashrate: rate.Value, Published: f.Value}
			c.hold(m, told)
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Check) int {
		return cmp.Or(cmp.Compare(slices.Index(g.companies, a.Company), slices.Index(g.companies, b.Company)), a.Period.First.Compare(b.Period.First))
	})
	return out
}

// hold works the check out.
func (c *Check) hold(m Market, told bool) {
	n, there := m.Network(c.Period)
	switch {
	case !told:
		c.Why = "circular: its hashrate is derived from production"
		return
	case !there:
		c.Why = fmt.Sprintf("nothing was checked: not every day of %s is in the network file", c.Period)
		return
	case c.Published == 0:
		c.Why = "nothing was produced"
		return
	}
	c.Expected = n.HashpriceBTC
	c.Model = n.HashpriceBTC * c.Hashrate * 1000
	c.Off = c.Model/c.Published - 1
	c.Within = c.Off <= CheckWithin && c.Off >= -CheckWithin
}

// Keep is what a company did with the bitcoin that it mined. Holding a mined bitcoin is
// a position like buying one: it is shown beside the alternative of selling it as it
// comes.
type Keep struct {
	Company                string
	Produced, Sold         float64 // BTC
	Price                  float64 // of what was sold, USD; 0: not told
	Kept                   float64 // Produced less Sold; below zero: it sold of what it had
	MeanPrice, LastPrice   float64 // of bitcoin in the period and on its last day, USD
	AtMean, AtLast, Gained float64 // worth of Kept, USD; Gained is what holding it brought until the last day
	Estimated              bool    // some prices of bitcoin are
	Why                    string  // there is nothing to show, and why
}

// Kept shows, for each company that tells what it produced in the period, what it
// sold and what it kept, beside what selling would have brought.
//
// Formula: gained = (produced - sold) * (price of the last day - mean price of the
// days). Source: docs/formula/peer.md.
func (g *Group) Kept(p Period, m Market) []Keep {
	var out []Keep
	n, there := m.Network(p)
	for _, company := range g.companies {
		v := view{g, company, p, m}
		produced, sold := v.over(mProduced, ""), v.over(mSold, "")
		if !produced.OK {
			continue
		}
		k := Keep{Company: company, Produced: produced.Value, Sold: sold.Value, MeanPrice: n.Mean, LastPrice: n.Last, Estimated: n.Estimated > 0}
		for _, name := range []string{mSalePrice, mSaleNet} {
			if f := v.rate(name); f.OK {
				k.Price = f.Value
				break
			}
		}
		switch {
		case !sold.OK:
			k.Why = sold.Why
		case !there:
			k.Why = fmt.Sprintf("not every day of %s is in the network file", p)
		default:
			k.Kept = k.Produced - k.Sold
			k.AtMean, k.AtLast = k.Kept*n.Mean, k.Kept*n.Last
			k.Gained = k.AtLast - k.AtMean
		}
		out = append(out, k)
	}
	return out
}
