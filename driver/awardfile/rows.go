package awardfile

import (
	"cmp"
	"io"
	"slices"
	"time"

	"sluice/driver/csvfile"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/unit"
)

// Award is an award and where it stands.
type Award struct {
	reserve.Award
	csvfile.Place
}

// Awards reads what was sold: columns award, product, start, end, mw and price, per
// MW and hour. Ids are different, and of one product one award holds at a time. Where
// zone is not nil, times are in it or in UTC.
func Awards(r io.Reader, name string, zone *time.Location) ([]Award, error) {
	t, err := open(r, name, zone, []string{"award", "product", "start", "end", "mw", "price"}, nil)
	if err != nil {
		return nil, err
	}
	var out []Award
	first := map[string]int{} // line by id
	for t.Next() {
		a := Award{reserve.Award{ID: t.word("award"), Product: t.word("product"), Span: t.span(), Power: t.power("mw"), Price: t.price("price", 0)}, t.Place()}
		if line, twice := first[a.ID]; twice {
			t.Fault("award %s stands twice, in line %d too: take one out, or give it an id of its own", a.ID, line)
			continue
		}
		first[a.ID] = a.Line
		out = append(out, a)
	}
	stretches := make([]stretch, 0, len(out))
	for _, a := range out {
		stretches = append(stretches, stretch{a.Product, a.Span, "award " + a.ID, a.Line})
	}
	t.apart(stretches)
	return out, t.Err()
}

// Deployment is an instruction to shed and where it stands.
type Deployment struct {
	reserve.Deployment
	csvfile.Place
}

// Deployments reads what was called: columns product, start, end, mw and, where what
// is shed is paid by itself, price per MWh. One of a product holds at a time.
func Deployments(r io.Reader, name string, zone *time.Location) ([]Deployment, error) {
	t, err := open(r, name, zone, []string{"product", "start", "end", "mw"}, []string{"price"})
	if err != nil {
		return nil, err
	}
	var out []Deployment
	var stretches []stretch
	for t.Next() {
		d := Deployment{reserve.Deployment{Product: t.word("product"), Span: t.span(), Power: t.power("mw"), Price: t.price("price", -priceMost)}, t.Place()}
		out = append(out, d)
		stretches = append(stretches, stretch{d.Product, d.Span, "the instruction", d.Line})
	}
	t.apart(stretches)
	return out, t.Err()
}

// stretch is when something of a product holds.
type stretch struct {
	product string
	reserve.Span
	what string
	line int
}

// apart tells what holds at the same time of one product.
func (t *table) apart(all []stretch) {
	slices.SortStableFunc(all, func(a, b stretch) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.From, b.From), cmp.Compare(a.line, b.line))
	})
	last := stretch{}
	for _, x := range all {
		if x.product == last.product && x.From < last.To {
			t.FaultAt(x.line, "%s overlaps %s of line %d: one of %s holds at a time: add their megawatts where both do", x.what, last.what, last.line, x.product)
		}
		if x.product != last.product || x.To > last.To {
			last = x
		}
	}
}

// Reading is what a meter said, and where it stands.
type Reading struct {
	reserve.Reading
	Meter string // its name; empty where the table has none
	csvfile.Place
}

// Meter reads an interval meter: columns start, end, quantity and unit (Wh, kWh, MWh
// or J) and, where they are there, meter and revision. Energy is what was consumed;
// only where net is true it may be below zero, for what was fed in.
func Meter(r io.Reader, name string, zone *time.Location, net bool) ([]Reading, error) {
	t, err := open(r, name, zone, []string{"start", "end", "quantity", "unit"}, []string{"meter", "revision"})
	if err != nil {
		return nil, err
	}
	var out []Reading
	for t.Next() {
		x := Reading{Place: t.Place()}
		x.Span, x.Energy, x.Revision, x.Evidence = t.span(), t.energy(), t.Revision("revision"), t.Paper
		if t.Has("meter") {
			x.Meter = t.word("meter")
		}
		if most := unit.Energy(int64(powerMost) * min(x.Seconds(), longest)); x.Energy > most || x.Energy < -most {
			t.Fault("quantity %.40q: is of more than %s", t.Cell("quantity"), powerMost)
		}
		if x.Energy < 0 && !net {
			t.Fault("quantity %.40q: the meter goes back: write what was consumed, from 0 on", t.Cell("quantity"))
		}
		out = append(out, x)
	}
	return out, t.Err()
}

// Line is what the operator of the grid says it pays for an award.
type Line struct {
	Award  string
	Amount unit.Amount // what it takes is negative
	csvfile.Place
}

// Statement reads a settlement statement: columns award and amount. Several lines of
// one award are allowed, such as one of capacity and one of a penalty.
func Statement(r io.Reader, name string, currency unit.Currency) ([]Line, error) {
	t, err := open(r, name, nil, []string{"award", "amount"}, nil)
	if err != nil {
		return nil, err
	}
	var out []Line
	for t.Next() {
		l := Line{Award: t.word("award"), Place: t.Place()}
		n, err := decimal(t.Cell("amount"))
		if err != nil {
			t.Fault("amount %.40q of %s: %w", t.Cell("amount"), books.Asset(currency), err)
		}
		l.Amount = unit.Amount(n)
		out = append(out, l)
	}
	return out, t.Err()
}
