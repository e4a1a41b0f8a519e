package peer

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ErrRow says that a row is no figure of a company.
var ErrRow = errors.New("no figure of a company")

// ErrContradiction says that two rows tell the same figure differently.
var ErrContradiction = errors.New("figures contradict each other")

// Row is a figure as somebody published it: the text of each column.
type Row struct {
	Company, Period, Metric, Value, Unit, Source, Note string
	Place                                              string // file and line, for messages
}

// Fact is a figure that was understood.
type Fact struct {
	Company string
	Period  Period
	Metric  string // its name here
	Item    string // behind the colon, if there is one
	Kind    Kind
	Value   float64 // in Unit
	Word    string  // where it is no number
	Unit    string  // of Value
	Known   bool    // false: it is kept and listed, and in no formula
	Row             // as it was written
}

// Name is the figure with its item.
func (f Fact) Name() string {
	if f.Item == "" {
		return f.Metric
	}
	return f.Metric + ":" + f.Item
}

// Warning is something that is kept and hard to believe.
type Warning struct{ Company, Says, Place string }

// Group is companies that are put side by side.
type Group struct {
	companies []string
	facts     map[key][]Fact // by the end of their period; of one end the shortest last
	order     []Fact         // as they were given
	repeated  int
	warnings  []Warning
}

// key is what a fact is of.
type key struct{ company, metric, item string }

// faultsMost is how many faults are told, beside how many more there are.
const faultsMost = 20

// companiesMost bounds a group.
const companiesMost = 500

// Gather understands rows. All faults are told at once; then there is no group. A row
// that says what another says is counted and left out; one that says otherwise is
// ErrContradiction, with both places. A balance is the same figure however the period
// is called that it ends.
func Gather(rows []Row) (*Group, error) {
	g := &Group{facts: map[key][]Fact{}}
	seen := map[string]Fact{}
	known := Metrics()
	var faults []error
	for _, r := range rows {
		f, err := read(known, r)
		if err == nil {
			err = g.add(seen, f)
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > faultsMost {
		faults = append(faults[:faultsMost:faultsMost], fmt.Errorf("and %d faults more: %w", len(faults)-faultsMost, ErrRow))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if len(g.order) == 0 {
		return nil, fmt.Errorf("there is no row of any company: %w", ErrRow)
	}
	for _, all := range g.facts {
		slices.SortFunc(all, func(a, b Fact) int {
			return cmp.Or(a.Period.Last.Compare(b.Period.Last), a.Period.First.Compare(b.Period.First))
		})
	}
	g.doubt()
	return g, nil
}

// read understands one row.
func read(known []Metric, r Row) (f Fact, err error) {
	fail := func(format string, a ...any) (Fact, error) {
		return Fact{}, fmt.Errorf("%s: %s: %w", r.Place, fmt.Sprintf(format, a...), ErrRow)
	}
	if r.Company == "" || r.Metric == "" || r.Value == "" {
		return fail("company, metric and value have to be there: leave a row out whose value is not known")
	}
	f = Fact{Company: r.Company, Metric: r.Metric, Unit: r.Unit, Row: r}
	if f.Period, err = ParsePeriod(r.Period); err != nil {
		return Fact{}, fmt.Errorf("%s: period %w", r.Place, err)
	}
	m, item, is := find(known, r.Metric)
	if !is {
		if f.Value, err = ParseNumber(r.Value); err != nil {
			f.Word = r.Value
		}
		return f, nil
	}
	f.Metric, f.Item, f.Kind, f.Unit, f.Known = m.Name, item, m.Kind, m.Unit, true
	if m.Kind == Word {
		f.Word = r.Value
		return f, word(f)
	}
	v, err := ParseNumber(r.Value)
	if err != nil {
		return fail("%s %.40q: %v", r.Metric, r.Value, err)
	}
	if f.Value, err = inBase(v, r.Unit, m.Unit); err != nil {
		return fail("%s: %v", r.Metric, err)
	}
	if f.Value < 0 && !m.Signed {
		return fail("%s %s: is below zero", r.Metric, r.Value)
	}
	return f, nil
}

// word checks a text that is a figure.
func word(f Fact) error {
	switch {
	case f.Row.Unit != "" && f.Row.Unit != f.Metric:
		return fmt.Errorf("%s: %s: unit %.40q: it is a word: leave the unit empty: %w", f.Place, f.Metric, f.Row.Unit, ErrRow)
	case f.Metric == mClass && !slices.Contains(Classes(), f.Word):
		return fmt.Errorf("%s: class %.40q: write %s: %w", f.Place, f.Word, strings.Join(Classes(), ", "), ErrRow)
	}
	return nil
}

// add keeps a fact that no other contradicts.
func (g *Group) add(seen map[string]Fact, f Fact) error {
	when := f.Period.String()
	if f.Kind == Balance && f.Known {
		when = f.Period.Last.String()
	}
	same := strings.Join([]string{f.Company, when, f.Metric, f.Item}, "\x00")
	if o, twice := seen[same]; twice {
		if agree(f, o) {
			g.repeated++
			return nil
		}
		return fmt.Errorf("%s: %s of %s for %s is %s, and %s at %s: keep the right row: %w",
			f.Place, f.Row.Metric, f.Company, f.Row.Period, f.written(), o.written(), o.Place, ErrContradiction)
	}
	seen[same] = f
	if !slices.Contains(g.companies, f.Company) {
		if len(g.companies) == companiesMost {
			return fmt.Errorf("%s: more than %d companies: split the file: %w", f.Place, companiesMost, ErrRow)
		}
		g.companies = append(g.companies, f.Company)
	}
	g.order = append(g.order, f)
	if f.Known {
		k := key{f.Company, f.Metric, f.Item}
		g.facts[k] = append(g.facts[k], f)
	}
	return nil
}

// agree reports two facts that say the same.
func agree(a, b Fact) bool {
	return a.Word == b.Word && a.Unit == b.Unit && math.Abs(a.Value-b.Value) <= 1e-12*math.Abs(b.Value)
}

// written is the value as it was written.
func (f Fact) written() string { return strings.TrimSpace(f.Row.Value + " " + f.Row.Unit) }

// Companies are the names of all companies, in the order of their first row.
func (g *Group) Companies() []string { return slices.Clone(g.companies) }

// Facts are all figures, in the order of their rows.
func (g *Group) Facts() []Fact { return slices.Clone(g.order) }

// Unknown are the figures that no formula reads, since their name is not known.
func (g *Group) Unknown() []Fact {
	return slices.DeleteFunc(g.Facts(), func(f Fact) bool { return f.Known })
}

// Repeated is how many rows said what another had said.
func (g *Group) Repeated() int { return g.repeated }

// Warnings are the figures that are hard to believe. They are kept as they are.
func (g *Group) Warnings() []Warning { return slices.Clone(g.warnings) }

// Reported is the period of which most companies report something that happened in
// it; of several the latest, and of these the longest. False: nobody does.
func (g *Group) Reported() (Period, bool) {
	who := map[Period]map[string]bool{}
	for _, f := range g.order {
		if f.Known && f.Kind <= Rate && f.Period.Days() > 1 {
			if who[f.Period] == nil {
				who[f.Period] = map[string]bool{}
			}
			who[f.Period][f.Company] = true
		}
	}
	var best Period
	for p, companies := range who {
		d := cmp.Or(len(companies)-len(who[best]), p.Last.Compare(best.Last), best.First.Compare(p.First))
		if d > 0 {
			best = p
		}
	}
	return best, len(who) > 0
}
