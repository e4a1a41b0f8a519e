package reserve

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Rule is what a shortfall costs.
type Rule string

// The rules.
const (
	NoPenalty Rule = "none"     // nothing
	ProRata   Rule = "pro rata" // the price of what was missing
	Multiple  Rule = "multiple" // a multiple of that price
)

// Programme is what a product asks for and how it is settled.
type Programme struct {
	Product   string
	Income    string // account of what is paid for being there
	Baseline  Baseline
	Tolerance unit.Ratio // share of an award that may be missing without being a shortfall
	Rule      Rule
	Times     unit.Ratio     // of Multiple
	Zone      *time.Location // in which days are cut; nil is UTC
	Unlike    []string       // days that are no like days, such as holidays: 2025-07-04
}

func (p Programme) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// Validate reports everything that is wrong with a programme.
func (p Programme) Validate() error {
	faults := []error{p.Baseline.validate()}
	if strings.TrimSpace(p.Product) == "" || !strings.HasPrefix(p.Income, "Income:") {
		faults = append(faults, errors.New("a product and an account of income are needed"))
	}
	if p.Income == books.GridShortfall {
		faults = append(faults, fmt.Errorf("income %s: this is the account of shortfalls, which stand apart", p.Income))
	}
	if p.Tolerance < 0 || p.Tolerance > unit.One {
		faults = append(faults, errors.New("the tolerance is 0 to 100 %"))
	}
	if !slices.Contains([]Rule{NoPenalty, ProRata, Multiple}, p.Rule) || (p.Rule == Multiple) != (p.Times > 0) {
		faults = append(faults, fmt.Errorf("rule %q times %d: it is %s, %s or %s, and only the last has a multiple", p.Rule, p.Times, NoPenalty, ProRata, Multiple))
	}
	for _, d := range p.Unlike {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			faults = append(faults, fmt.Errorf("day %q: %w", d, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("programme %q: %w: %w", p.Product, ErrProgramme, err)
	}
	return nil
}

// Award is power that was sold as a reserve.
type Award struct {
	ID string
	Span
	Product string
	Power   unit.Power
	Price   unit.Price // per MW and hour
}

// Deployment is an instruction to shed.
type Deployment struct {
	Span
	Product string
	Power   unit.Power
	Price   unit.Price // per MWh that is shed; 0 where only being there is paid
}

// Reason says why a stretch was not settled; the list is closed.
type Reason string

// The reasons.
const (
	NoMeter    Reason = "meter"    // no meter knows what was consumed
	NoBaseline Reason = "baseline" // meters do not know enough other days
)

// Gap is a stretch of an award for which nothing is paid and nothing is taken.
type Gap struct {
	Span
	Reason Reason
}

// Interval is a stretch in which nothing changed. All energies are in joules.
type Interval struct {
	Span
	Metered   unit.Energy
	Baseline  unit.Energy // 0 where nothing was to be shed
	Asked     unit.Energy // by instructions
	Delivered unit.Energy // of it
	Short     unit.Energy // of the award: not shed, or not there to be shed
}

// Settlement is what an award comes to.
type Settlement struct {
	Award     Award
	Intervals []Interval
	Gaps      []Gap
	Held      unit.Energy // award times time, without gaps
	Asked     unit.Energy
	Delivered unit.Energy
	Short     unit.Energy
	Gross     unit.Amount // for being there
	Penalty   unit.Amount // taken back of it; positive
	Shed      unit.Amount // for what was shed
	Inputs    books.Hash  // of all that it was made from
}

// Net is what is paid.
func (s Settlement) Net() unit.Amount { return s.Gross - s.Penalty + s.Shed }

// Performance is the share of what was asked for that was shed; false where nothing
// was asked for.
func (s Settlement) Performance() (unit.Ratio, bool) { return ratio(s.Delivered, s.Asked) }

// Availability is the share of the award that was there, or was shed when asked
// for; false where no meter knows.
func (s Settlement) Availability() (unit.Ratio, bool) { return ratio(s.Held-s.Short, s.Held) }

func ratio(n, d unit.Energy) (unit.Ratio, bool) {
	if d <= 0 {
		return 0, false
	}
	return unit.Ratio(unit.MulDiv(int64(n), int64(unit.One), int64(d))), true
}

// ErrAward is the failure of an award that cannot be settled.
var ErrAward = errors.New("no award")

// validate reports everything that is wrong with an award and its instructions.
func (p Programme) validate(a Award, all []Deployment) error {
	faults := []error{p.Validate()}
	if strings.TrimSpace(a.ID) == "" || a.Product != p.Product || a.Power <= 0 || a.Power > powerMost || a.Seconds() == 0 || a.Seconds() > longest {
		faults = append(faults, fmt.Errorf("award %q of %s for %d seconds of %q: %w: it has an id, power and time, and is of %q", a.ID, a.Power, a.Seconds(), a.Product, ErrAward, p.Product))
	}
	for i, d := range all {
		if d.Seconds() == 0 || d.Seconds() > longest || d.Power <= 0 || d.Power > powerMost || d.Product != p.Product {
			faults = append(faults, fmt.Errorf("instruction %d from %d to %d: %w: it is of %q, for some power and time", i+1, d.From, d.To, ErrAward, p.Product))
		}
		for _, o := range all[:i] {
			if o.common(d.Span).Seconds() > 0 {
				faults = append(faults, fmt.Errorf("instruction %d from %d to %d: %w: another one holds then", i+1, d.From, d.To, ErrAward))
			}
		}
	}
	return errors.Join(faults...)
}

// Settle settles one award. all are the instructions of its product, those of other
// days too: their days are no like days. m knows what the site consumed, also on
// the days before.
//
// Source: docs/formula/reserve.md.
func Settle(p Programme, a Award, all []Deployment, m Meter) (Settlement, error) {
	if err := p.validate(a, all); err != nil {
		return Settlement{}, err
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(x, y Deployment) int { return cmp.Compare(x.From, y.From) })
	taken := map[string]bool{}
	for _, d := range p.Unlike {
		taken[d] = true
	}
	for _, d := range all {
		taken[time.Unix(d.From, 0).In(p.zone()).Format(time.DateOnly)] = true
	}
	s := Settlement{Award: a}
	shed := new(big.Int)
	at, looked := a.From, a.Span
	for _, d := range all {
		during := d.common(a.Span)
		if during.Seconds() == 0 {
			continue
		}
		looked.From = min(looked.From, d.From-int64(p.Baseline.Within+3)*86_400) // a day, and what lies two days before it
		s.stretch(p, m, Span{at, during.From}, nil)
		before := s.Delivered
		s.called(p, m, d, taken)
		shed.Add(shed, new(big.Int).Mul(big.NewInt(int64(d.Price)), big.NewInt(int64(s.Delivered-before))))
		at = during.To
	}
	s.stretch(p, m, Span{at, a.To}, nil)
	s.Inputs = inputs(p, a, all, m.within(looked))
	return s, s.price(p, shed)
}

// call is an instruction and what load would have been without it.
type call struct {
	power unit.Power
	base  estimate
}

// called settles the part of an award in which an instruction holds.
func (s *Settlement) called(p Programme, m Meter, d Deployment, taken map[string]bool) {
	during := d.common(s.Award.Span)
	d.Power = min(d.Power, s.Award.Power)
	base, known := p.estimate(m, d, taken)
	if !known {
		s.Gaps = append(s.Gaps, Gap{during, NoBaseline})
		return
	}
	s.stretch(p, m, during, &call{d.Power, base})
}

// stretch settles a part of an award reading by reading.
func (s *Settlement) stretch(p Programme, m Meter, part Span, c *call) {
	if part.Seconds() == 0 {
		return
	}
	cuts := append(m.cuts(part), part.From, part.To)
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := 1; i < len(cuts); i++ {
		piece := Span{cuts[i-1], cuts[i]}
		metered, known := m.over(piece)
		if !known {
			s.Gaps = append(s.Gaps, Gap{piece, NoMeter})
			continue
		}
		s.add(p.interval(s.Award, piece, metered, c))
	}
}

// interval is what was asked for, shed and there in a stretch.
func (p Programme) interval(a Award, piece Span, metered int64, c *call) Interval {
	seconds := piece.Seconds()
	x := Interval{Span: piece, Metered: unit.Energy(metered)}
	rest := int64(a.Power) * seconds
	if c != nil {
		asked, base := int64(c.power)*seconds, c.base(piece)
		x.Baseline, x.Asked = unit.Energy(base), unit.Energy(asked)
		x.Delivered = unit.Energy(min(max(base-metered, 0), asked))
		rest -= asked
	}
	there := min(max(metered-int64(p.Baseline.Level)*seconds, 0), rest)
	x.Short = x.Asked - x.Delivered + unit.Energy(rest-there)
	if int64(x.Short) <= unit.MulDiv(int64(a.Power)*seconds, int64(p.Tolerance), int64(unit.One)) {
		x.Short = 0
	}
	return x
}

func (s *Settlement) add(x Interval) {
	s.Intervals = append(s.Intervals, x)
	s.Held += s.Award.Power.Over(time.Duration(x.Seconds()) * time.Second)
	s.Asked, s.Delivered, s.Short = s.Asked+x.Asked, s.Delivered+x.Delivered, s.Short+x.Short
}

// price makes money of energy, each amount rounded once.
func (s *Settlement) price(p Programme, shed *big.Int) error {
	short := new(big.Int).Mul(big.NewInt(int64(s.Award.Price)), big.NewInt(int64(s.Short)))
	divisor := big.NewInt(int64(unit.MegawattHour))
	var err error
	switch p.Rule {
	case NoPenalty:
	case ProRata:
		s.Penalty, err = quotient(short, divisor)
	case Multiple:
		s.Penalty, err = quotient(short.Mul(short, big.NewInt(int64(p.Times))), new(big.Int).Mul(divisor, big.NewInt(int64(unit.One))))
	}
	gross, first := quotient(new(big.Int).Mul(big.NewInt(int64(s.Award.Price)), big.NewInt(int64(s.Held))), divisor)
	paid, second := quotient(shed, divisor)
	s.Gross, s.Shed = gross, paid
	if err = errors.Join(err, first, second); err != nil {
		return fmt.Errorf("award %q: %w", s.Award.ID, err)
	}
	return nil
}

// quotient is a / b, b > 0, rounded half to even.
func quotient(a, b *big.Int) (unit.Amount, error) {
	n, fits := unit.Quotient(a, b)
	if !fits {
		return 0, fmt.Errorf("%s / %s millionths: %w", a, b, books.ErrOverflow)
	}
	return unit.Amount(n), nil
}

// inputs is the hash of all that a settlement was made from.
func inputs(p Programme, a Award, all []Deployment, readings []Reading) books.Hash {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %q %+v %d %q %d %s %q", p.Product, p.Income, p.Baseline, p.Tolerance, p.Rule, p.Times, p.zone(), p.Unlike) // a hash never fails
	_, _ = fmt.Fprintf(h, "%+v %+v", a, all)
	for _, r := range readings {
		b := r.Evidence[:]
		for _, n := range []int64{r.From, r.To, int64(r.Energy), int64(r.Revision)} {
			b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // all bits count, the sign too
		}
		_, _ = h.Write(b)
	}
	return books.Hash(h.Sum(nil))
}
