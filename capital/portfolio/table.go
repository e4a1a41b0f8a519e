package portfolio

import (
	"fmt"
	"math"
)

// column is an option of a site, in the order of sites and options.
type column struct {
	site, option int
}

// entry is a coefficient of a row, seen from its column.
type entry struct {
	row int
	by  float64
}

// row is a limit: the coefficients of the columns taken sum to at most most.
type row struct {
	group string // what the limit belongs to, in words: "the budget"
	name  string // with its quarter: "the budget of quarter 3"
	at    []int
	by    []float64
	most  float64
	size  float64 // its scale: its limit or its largest coefficient
}

// table is a problem laid out for computing: columns, rows and both directions
// between them. What depends on scenarios stays in the problem.
type table struct {
	p     *Problem
	cols  []column
	first []int // first column of each site, and behind the last one their number
	mean  []float64
	rows  []row
	of    [][]entry // rows of each column
}

// newTable checks a problem and lays it out.
func newTable(p *Problem) (*table, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	t := &table{p: p}
	for i := range p.Sites {
		t.first = append(t.first, len(t.cols))
		for o := range p.Sites[i].Options {
			t.cols = append(t.cols, column{i, o})
			t.mean = append(t.mean, t.expected(&p.Sites[i].Options[o]))
		}
	}
	t.first = append(t.first, len(t.cols))
	t.addBudget()
	t.addCrew()
	t.addGrid()
	t.addBuilding()
	t.addCovenants()
	t.addRules()
	t.of = make([][]entry, len(t.cols))
	for r := range t.rows {
		for k, j := range t.rows[r].at {
			t.of[j] = append(t.of[j], entry{r, t.rows[r].by[k]})
		}
	}
	return t, nil
}

// option is what a column stands for.
func (t *table) option(j int) *Option {
	c := t.cols[j]
	return &t.p.Sites[c.site].Options[c.option]
}

// expected is the mean present value of an option.
func (t *table) expected(o *Option) float64 {
	var sum float64
	for s, v := range o.NPV {
		sum += t.p.Scenarios[s].Weight * v
	}
	return sum
}

// add adds a limit whose coefficient of a column is by; columns of nought are left
// out, and so is a limit that no choice can break.
func (t *table) add(group, name string, most float64, by func(j int) float64) {
	r := row{group: group, name: name, most: most, size: math.Abs(most)}
	for j := range t.cols {
		if v := by(j); v != 0 {
			r.at, r.by, r.size = append(r.at, j), append(r.by, v), max(r.size, math.Abs(v))
		}
	}
	if t.most(r) > most {
		t.rows = append(t.rows, r)
	}
}

// most is the largest use of a row that one option at each site can make.
func (t *table) most(r row) float64 {
	best := make([]float64, len(t.p.Sites))
	count := make([]int, len(t.p.Sites))
	for i := range best {
		best[i] = math.Inf(-1)
	}
	for k, j := range r.at {
		i := t.cols[j].site
		best[i] = max(best[i], r.by[k])
		count[i]++
	}
	var sum float64
	for i, b := range best {
		if count[i] < t.first[i+1]-t.first[i] {
			b = max(b, 0)
		}
		sum += b
	}
	return sum
}

func (t *table) addBudget() {
	b := t.p.Budget
	if b == nil {
		return
	}
	const group = "the budget"
	var money float64
	for q, m := range b.Money {
		money += m
		if !b.Carry {
			t.add(group, ofQuarter(group, q), m, func(j int) float64 { return at(t.option(j).Capex, q) })
			continue
		}
		t.add(group, fmt.Sprintf("the budget until quarter %d", q), money, func(j int) float64 {
			var sum float64
			for _, v := range t.option(j).Capex[:min(q+1, len(t.option(j).Capex))] {
				sum += v
			}
			return sum
		})
	}
}

// ofQuarter names a limit with its quarter.
func ofQuarter(group string, q int) string { return fmt.Sprintf("%s of quarter %d", group, q) }

func (t *table) addCrew() {
	for q, m := range t.p.Crew {
		t.add("the crew", ofQuarter("the crew", q), m, func(j int) float64 { return at(t.option(j).Crew, q) })
	}
}

func (t *table) addGrid() {
	for _, s := range t.p.Substations {
		group := fmt.Sprintf("substation %q", s.Name)
		for q, m := range s.MW {
			t.add(group, ofQuarter(group, q), m, func(j int) float64 {
				if t.p.Sites[t.cols[j].site].Substation != s.Name {
					return 0
				}
				return at(t.option(j).MW, q)
			})
		}
	}
}

func (t *table) addBuilding() {
	if t.p.Building == 0 {
		return
	}
	const group = "the number of projects in construction"
	for q := range t.p.Quarters {
		t.add(group, fmt.Sprintf("%s in quarter %d", group, q), float64(t.p.Building), func(j int) float64 {
			if o := t.option(j); o.Start <= q && q < o.Start+o.Build {
				return 1
			}
			return 0
		})
	}
}

func (t *table) addCovenants() {
	for _, c := range t.p.Covenants {
		group := fmt.Sprintf("covenant %q", c.Name)
		for q, m := range c.Most {
			if math.IsInf(m, 1) {
				continue
			}
			t.add(group, ofQuarter(group, q), m, func(j int) float64 {
				return at(at(c.Load[t.cols[j].site], t.cols[j].option), q)
			})
		}
	}
}

// addRules adds what one option asks of others.
func (t *table) addRules() {
	place := t.p.place()
	columnOf := func(r Ref) int { return t.first[place[r][0]] + place[r][1] }
	for _, n := range t.p.Needs {
		by := make([]float64, len(t.cols))
		most := 0.0
		for _, r := range n.If {
			by[columnOf(r)]++
		}
		for _, r := range n.Needs {
			by[columnOf(r)]--
		}
		if len(n.If) == 0 {
			most = -1
		}
		name := fmt.Sprintf("need %q", n.Name)
		t.add(name, name, most, func(j int) float64 { return by[j] })
	}
	for _, e := range t.p.Exclusive {
		by := make([]float64, len(t.cols))
		for _, r := range e.Of {
			by[columnOf(r)] = 1
		}
		name := fmt.Sprintf("exclusion %q", e.Name)
		t.add(name, name, 1, func(j int) float64 { return by[j] })
	}
}
