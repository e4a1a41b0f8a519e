package mining

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/unit"
)

// Catalogue is the machine models that are known: the embedded ones and those
// that a site has declared. It is never changed once made.
type Catalogue struct {
	models   []Model           // in order of declaration
	index    map[string]int    // key of a name, or of an alias of it
	presets  []preset          // raw rows of curves.csv
	derating map[string]Derate // by cooling kind, or by key of a model
}

// preset is the operating points of curves.csv as they stand there, dominated ones too.
type preset struct {
	model, firmware string
	points          []Point
}

// Names lists every model, in the order of the catalogue.
func (c Catalogue) Names() []string {
	names := make([]string, len(c.models))
	for i, m := range c.models {
		names[i] = m.Name
	}
	return names
}

// Lookup returns the model of a name, with or without its maker and in any
// case. The error names the nearest models and says how to declare one.
func (c Catalogue) Lookup(name string) (Model, error) {
	if i, ok := c.index[key(name)]; ok {
		return c.models[i], nil
	}
	return Model{}, fmt.Errorf("machine model %q is not in the catalogue: did you mean %s? Otherwise declare your own model in the site file with its name, cooling, hash rate and power (and its curve, where measured)",
		name, strings.Join(c.nearest(name, 4), ", "))
}

// With returns a catalogue that also holds a site's own models. An own model
// replaces one of the same name: what was measured at the site is better than
// what was read. All faults are reported at once and then nothing is added.
func (c Catalogue) With(own ...Model) (Catalogue, error) {
	out := Catalogue{models: slices.Clone(c.models), index: maps.Clone(c.index), presets: c.presets, derating: c.derating}
	if out.index == nil {
		out.index = map[string]int{}
	}
	var faults []error
	seen := map[string]bool{}
	for _, m := range own {
		faults = append(faults, m.Validate())
		k := key(m.Name)
		if seen[k] {
			faults = append(faults, fmt.Errorf("model %q is declared twice: give each its own name", m.Name))
		}
		seen[k] = true
		out.put(m)
	}
	if err := errors.Join(faults...); err != nil {
		return Catalogue{}, err
	}
	return out, nil
}

// put adds m, or puts it in the place of the model that has its name. An alias
// of another model is taken over, the other model keeps its full name.
func (c *Catalogue) put(m Model) {
	k := key(m.Name)
	if i, ok := c.index[k]; ok && key(c.models[i].Name) == k {
		c.models[i] = m
		return
	}
	c.models = append(c.models, m)
	c.index[k] = len(c.models) - 1
}

// Presets returns the operating points as published for a curve name and a
// firmware, with the points that a better one dominates; nil when there are none.
func (c Catalogue) Presets(curve, firmware string) []Point {
	for _, p := range c.presets {
		if key(p.model) == key(curve) && strings.EqualFold(p.firmware, firmware) {
			return slices.Clone(p.points)
		}
	}
	return nil
}

// DerateOf is what heat does to a model under a kind of cooling: the model's
// own row where there is one and it is cooled as built, otherwise the row of
// the cooling kind. Hydro and immersion have none unless a site declares it.
func (c Catalogue) DerateOf(m Model, cooling string) Derate {
	if d, ok := c.derating[key(m.Name)]; ok && cooling == m.Cooling {
		return d
	}
	return c.derating[cooling]
}

// key is a name as it is compared: lower case, single blanks, no maker.
func key(name string) string {
	words := strings.Fields(strings.ToLower(name))
	if len(words) > 1 && slices.Contains([]string{"bitmain", "microbt", "canaan"}, words[0]) {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// nearest lists the n models whose names are closest to name.
func (c Catalogue) nearest(name string, n int) []string {
	names, k := c.Names(), key(name)
	slices.SortStableFunc(names, func(a, b string) int { return distance(k, key(a)) - distance(k, key(b)) })
	return names[:min(n, len(names))]
}

// distance is the number of letters to add, drop or change to turn a into b;
// letters before and after a are cheap, because people leave out the family
// and the rating.
func distance(a, b string) int {
	const letter, outside = 8, 1
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j * outside
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] += letter
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed += letter
			}
			added := row[j] + letter
			if i == len(a)-1 {
				added = row[j] + outside
			}
			diagonal, row[j+1] = row[j+1], min(changed, row[j+1]+letter, added)
		}
	}
	return row[len(b)]
}

// Derate is what heat does to the share of a group that can run, by ambient
// temperature in thousandths of a degree Celsius. The zero value is undeclared.
type Derate struct {
	From      int64      // above this the share begins to fall
	Drop      unit.Ratio // lost at once above From
	PerDegree unit.Ratio // lost for each further degree above From
	Stop      int64      // above this the machines shut down; 0: never
}

// Share is the share of power available at an ambient temperature.
//
// Formula: a(T) = 1 - drop - d1*(T-From) above From, 0 above Stop.
// Source: docs/formula/mining.md.
func (d Derate) Share(milliC int64) unit.Ratio {
	if d.Stop != 0 && milliC > d.Stop {
		return 0
	}
	if milliC <= d.From {
		return unit.One
	}
	lost := int64(d.Drop) + unit.MulDiv(int64(d.PerDegree), milliC-d.From, 1000)
	return unit.Ratio(max(0, int64(unit.One)-lost))
}

// faults lists what is wrong with the derating, in words.
func (d Derate) faults() []string {
	var faults []string
	if d.Drop < 0 || d.PerDegree < 0 || d.Drop > unit.One || d.PerDegree > unit.One {
		faults = append(faults, "derate: what heat takes must lie between 0 and 1")
	}
	if d.Stop != 0 && d.Drop+d.PerDegree > 0 && d.Stop < d.From {
		faults = append(faults, fmt.Sprintf("derate: machines stop at %d mC, before they derate at %d mC", d.Stop, d.From))
	}
	return faults
}
