package contractfile

import (
	"crypto/sha256"
	"io"
	"math/big"
	"strings"

	"sluice/books"
	"sluice/books/rate"
	"sluice/loop/billing"
)

// Usage reads a delivery of use: columns contract, meter, component, start, end,
// quantity and unit, and where they are there revision (1) and estimated (no), in
// any order. Quantities are rounded half to even to joules, GPU-seconds or pieces.
func Usage(r io.Reader, name string) ([]billing.Reading, error) {
	t, err := open(r, name, []string{"contract", "meter", "component", "start", "end", "quantity", "unit"}, []string{"revision", "estimated"})
	if err != nil {
		return nil, err
	}
	var out []billing.Reading
	for t.Next() {
		x := billing.Reading{Paper: t.Paper, Interval: rate.Interval{
			Contract: t.text("contract"), Meter: t.text("meter"), Component: t.text("component"), From: t.instant("start"), To: t.instant("end"),
			Revision: t.Revision("revision"), Estimated: t.flag("estimated"),
		}}
		if x.Meter == "" || x.Component == "" {
			t.Fault("a meter and a component are needed")
		}
		x.Quantity, x.Measure = t.quantity()
		out = append(out, x)
	}
	return out, t.Err()
}

// quantity reads a number of a unit in base units.
func (t *table) quantity() (int64, billing.Measure) {
	factor, measure := factorOf(t.Cell("unit"))
	if factor == 0 {
		t.Fault("unit %.40q: use Wh, kWh, MWh, J, GPU-seconds, GPU-hours or pieces", t.Cell("unit"))
		return 0, ""
	}
	s := t.Cell("quantity")
	if !number(s) {
		t.Fault("quantity %.40q: write a plain number with a point, such as 1250.5", s)
		return 0, ""
	}
	q, _ := new(big.Rat).SetString(s)
	n, fits := nearest(q.Mul(q, new(big.Rat).SetInt64(factor)))
	if !fits {
		t.Fault("quantity %.40q: is beyond any meter", s)
	}
	return n, measure
}

// factorOf is how many base units a unit has; 0: it is not known.
func factorOf(unit string) (int64, billing.Measure) {
	switch unit {
	case "J":
		return 1, billing.Energy
	case "Wh":
		return 3600, billing.Energy
	case "kWh":
		return 3_600_000, billing.Energy
	case "MWh":
		return 3_600_000_000, billing.Energy
	case "GPU-seconds", "GPU-second":
		return 1, billing.GPUTime
	case "GPU-hours", "GPU-hour":
		return 3600, billing.GPUTime
	case "pieces", "piece":
		return 1, billing.Count
	}
	return 0, ""
}

// number reports a plain decimal number of at most 40 characters.
func number(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	all := whole + fraction
	return len(s) <= 40 && whole != "" && !strings.HasSuffix(digits, ".") && strings.Trim(all, "0123456789") == ""
}

// nearest is the nearest whole number, of two equally near ones the even one.
func nearest(q *big.Rat) (int64, bool) {
	n, rest := new(big.Int).DivMod(q.Num(), q.Denom(), new(big.Int))
	if side := rest.Lsh(rest, 1).Cmp(q.Denom()); side > 0 || side == 0 && n.Bit(0) == 1 {
		n.Add(n, big.NewInt(1))
	}
	return n.Int64(), n.IsInt64() && n.Int64() != -n.Int64() || n.Sign() == 0
}

// Outages reads when parts of contracts were down: columns contract, part (empty:
// all of it), from, to and evidence, a text that says who saw it or where it is recorded.
func Outages(r io.Reader, name string) ([]billing.Outage, error) {
	t, err := open(r, name, []string{"contract", "part", "from", "to", "evidence"}, nil)
	if err != nil {
		return nil, err
	}
	var out []billing.Outage
	for t.Next() {
		x := billing.Outage{Contract: t.text("contract"), Paper: t.Paper, Outage: rate.Outage{Part: t.text("part"), From: t.instant("from"), To: t.instant("to"), Evidence: t.evidence()}}
		if t.Cell("evidence") == "" {
			t.Fault("evidence is missing: say who saw it or where it is recorded")
		}
		if x.To <= x.From {
			t.Fault("it ends before it begins, or as it begins")
		}
		out = append(out, x)
	}
	return out, t.Err()
}

// Exclusions reads which outages are claimed not to count: columns contract, part
// (empty: all of it), cause, from, to and, where they are there, announced and
// evidence. Without evidence a claim is not taken, and told.
func Exclusions(r io.Reader, name string) ([]billing.Exclusion, error) {
	t, err := open(r, name, []string{"contract", "part", "cause", "from", "to"}, []string{"announced", "evidence"})
	if err != nil {
		return nil, err
	}
	var out []billing.Exclusion
	for t.Next() {
		x := billing.Exclusion{Contract: t.text("contract"), Paper: t.Paper, Exclusion: rate.Exclusion{
			Part: t.text("part"), Cause: rate.Cause(t.text("cause")), From: t.instant("from"), To: t.instant("to"), Evidence: t.evidence(),
		}}
		x.Announced = x.To // of what was never announced
		if t.Cell("announced") != "" {
			x.Announced = t.instant("announced")
		}
		if x.To <= x.From {
			t.Fault("it ends before it begins, or as it begins")
		}
		switch x.Cause {
		case rate.Maintenance, rate.CustomerCaused, rate.Curtailment, rate.ForceMajeure:
		default:
			t.Fault("cause %.40q: use maintenance, customer, curtailment or force majeure", string(x.Cause))
		}
		out = append(out, x)
	}
	return out, t.Err()
}

// evidence is the hash of the text of a line's evidence; zero: there is none.
func (t *table) evidence() books.Hash {
	s := t.text("evidence")
	if s == "" {
		return books.Hash{}
	}
	return sha256.Sum256([]byte(s))
}
