package gpu

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"sluice/unit"
)

//go:embed catalogue/curves.csv
var curvesCSV string

// Curves is the curves that are known, and the models that they belong to. It is
// never changed once made.
type Curves struct {
	models Models
	curves []Curve
}

// StandardCurves is the shipped curves: medians of runs that the Zeus project
// measured (Apache-2.0), for models up to 2020. It reads the table anew at every
// call: keep the result.
func StandardCurves() (Curves, error) {
	models, err := StandardModels()
	if err != nil {
		return Curves{}, err
	}
	return ReadCurves(curvesCSV, models)
}

// ReadCurves reads curves from their table in CSV. Every fault is reported with
// its line, and then there are no curves.
func ReadCurves(text string, models Models) (Curves, error) {
	t := readTable("curves.csv", text, "model", "class", "limit_w", "speed", "speed_low", "speed_worst", "power", "energy", "draw_w", "settings", "source")
	var curves []Curve
	for t.next() {
		m, err := models.Lookup(t.text("model"))
		if err != nil {
			t.say("%w", err)
			continue
		}
		class, limit := Class(t.text("class")), unit.Power(t.whole("limit_w"))
		n := len(curves)
		if n == 0 || curves[n-1].Model != m.Name || curves[n-1].Class != class {
			curves = append(curves, Curve{Model: m.Name, Class: class, Full: limit, Standing: Measured, Source: t.text("source")})
			n++
		}
		curves[n-1].Points = append(curves[n-1].Points, Point{
			Limit: limit, Speed: t.ratio("speed"), Power: t.ratio("power"), Low: t.ratio("speed_low"), Worst: t.ratio("speed_worst"),
			Energy: t.ratio("energy"), Count: int(t.whole("settings")),
		})
	}
	if err := errors.Join(t.faults...); err != nil {
		return Curves{}, fmt.Errorf("GPU curves: %w", err)
	}
	out, err := Curves{models: models}.With(curves...)
	if err != nil {
		return Curves{}, fmt.Errorf("GPU curves: %w", err)
	}
	return out, nil
}

// All lists the curves, in order of declaration.
func (c Curves) All() []Curve { return slices.Clone(c.curves) }

// Models is the catalogue that the curves belong to.
func (c Curves) Models() Models { return c.models }

// Among is the same curves over another catalogue, such as one with a site's own models.
func (c Curves) Among(models Models) Curves { return Curves{models: models, curves: c.curves} }

// With is the curves and own ones, such as those learned at a site; one of the
// same model and class takes the other's place. All faults are reported at once.
func (c Curves) With(own ...Curve) (Curves, error) {
	out := Curves{models: c.models, curves: slices.Clone(c.curves)}
	var faults []error
	seen := map[[2]string]bool{}
	for _, o := range own {
		faults = append(faults, o.Validate())
		id := [2]string{key(o.Model), string(o.Class)}
		if seen[id] {
			faults = append(faults, fmt.Errorf("curve of %q (%s) is there twice", o.Model, o.Class))
		}
		seen[id] = true
		if i := out.find(o.Model, o.Class); i >= 0 {
			out.curves[i] = o
			continue
		}
		out.curves = append(out.curves, o)
	}
	if err := errors.Join(faults...); err != nil {
		return Curves{}, err
	}
	return out, nil
}

func (c Curves) find(model string, class Class) int {
	return slices.IndexFunc(c.curves, func(o Curve) bool { return key(o.Model) == key(model) && o.Class == class })
}

// For is the curve of a model in a class of work. Where nobody measured that class,
// it is the model's curve of another one, and where nobody measured the model, as no
// Hopper and no Blackwell was, the shape of others at its own power (Prior): both
// are Assumed. A model without a known default limit has a curve without points,
// which offers no level: ask a GPU for its range and call Prior.
func (c Curves) For(model string, class Class) Curve {
	m, err := c.models.Lookup(model)
	if err != nil {
		m = Model{Name: model}
	}
	if i := c.find(m.Name, class); i >= 0 {
		return c.curves[i]
	}
	if o, ok := c.standIn(m.Name, class); ok {
		return o
	}
	return c.Prior(m.Name, class, m.TDP, m.Min)
}

// standIn is the curve of a model in another class of work, as an assumption: the
// nearest class, and otherwise the first that is known.
func (c Curves) standIn(model string, class Class) (Curve, bool) {
	i := -1
	for _, near := range class.near() {
		if i < 0 {
			i = c.find(model, near)
		}
	}
	if i < 0 {
		i = slices.IndexFunc(c.curves, func(o Curve) bool { return key(o.Model) == key(model) })
	}
	if i < 0 {
		return Curve{}, false
	}
	o := c.curves[i]
	o.Standing, o.Source = Assumed, fmt.Sprintf("%s, of class %q", o.Source, o.Class)
	o.Class = class
	return o, true
}

// priorShares are the limits of a prior, as shares of the full one. The last is its
// knee: higher than that of any model measured so far (0.50 to 0.58).
func priorShares() []unit.Ratio { return []unit.Ratio{unit.One, 900_000, 800_000, 700_000, 600_000} }

// Prior is a curve for a model that nobody measured, from its full limit and the
// lowest that it takes, 0 where not known: at each share of the full limit the mean
// of the measured models, and for the careful the slowest of them. It is Assumed.
// Models that hardly met their limit when they were measured are left out: they
// drew half of it.
func (c Curves) Prior(model string, class Class, full, lowest unit.Power) Curve {
	out := Curve{Model: model, Class: class, Standing: Assumed, Source: "shape of the models that were measured; learn it at the site"}
	var known []Curve
	for _, o := range c.curves {
		if p, ok := o.At(o.Full.Scale(800_000)); ok && o.Standing != Assumed && p.Power <= 950_000 {
			known = append(known, o)
		}
	}
	if full <= 0 || len(known) == 0 {
		return out
	}
	out.Full = full
	for _, share := range priorShares() {
		limit := full.Scale(share)
		if limit < lowest {
			break
		}
		if n := len(out.Points); n > 0 && limit >= out.Points[n-1].Limit {
			break
		}
		out.Points = append(out.Points, blend(known, share, limit))
	}
	return out
}

// blend is the mean of curves at a share of their full limits, with the lowest of
// their quartiles and the slowest speed of all.
func blend(known []Curve, share unit.Ratio, limit unit.Power) Point {
	out := Point{Limit: limit, Low: unit.One, Worst: unit.One}
	n := int64(0)
	for _, o := range known {
		p, ok := o.At(o.Full.Scale(share))
		if !ok {
			continue
		}
		n++
		out.Speed, out.Power = out.Speed+p.Speed, out.Power+p.Power
		out.Low, out.Worst = min(out.Low, p.Low), min(out.Worst, p.Worst)
	}
	n = max(1, n)
	out.Speed, out.Power = unit.Ratio(unit.MulDiv(int64(out.Speed), 1, n)), unit.Ratio(unit.MulDiv(int64(out.Power), 1, n))
	return out
}
