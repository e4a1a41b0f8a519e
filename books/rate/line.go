package rate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/big"
	"slices"
	"strings"

	"sluice/books"
	"sluice/unit"
)

// Line is what one term charges for one period.
type Line struct {
	ID          string // made of the content of its inputs: the same inputs, the same id
	Contract    string
	Version     int
	Component   string // name of the term
	Kind        Kind
	Period      Span
	Quantity    int64 // base units of Unit, rounded where a cap or a share left a fraction; of a note the difference; of a tax or percentage what it is a share of, in millionths
	Unit        Unit
	Price       string      // for people: one price, "least..highest", or the prices of bands with semicolons
	Amount      unit.Amount // positive: the tenant owes it
	Apportioned bool        // an interval crossed an edge and was cut in proportion to seconds
	Estimated   bool        // a figure in it was substituted, or is missing and the line is provisional
	Meters      string      // that were read, with commas
	Revision    int         // the highest of them
	Inputs      books.Hash
}

// identify gives a line its inputs and its id.
func (l Line) identify(d *digest) Line {
	d.sum(&l.Inputs)
	h := newDigest("rated line")
	h.text(l.Contract, l.Component, string(l.Kind))
	h.number(l.Period.From, l.Period.To)
	h.hash(l.Inputs)
	var id books.Hash
	h.sum(&id)
	l.ID = hex.EncodeToString(id[:])
	return l
}

// digest feeds a hash with texts and numbers that cannot be mistaken for others.
// It gathers them first: a month has a hundred thousand intervals.
type digest struct {
	h hash.Hash
	b []byte
}

func newDigest(what string) *digest {
	d := &digest{h: sha256.New()}
	d.text(what)
	return d
}

func (d *digest) text(all ...string) {
	for _, s := range all {
		d.number(int64(len(s)))
		d.b = append(d.b, s...)
	}
}

func (d *digest) number(all ...int64) {
	if len(d.b) > 1<<14 {
		d.flush()
	}
	for _, n := range all {
		d.b = binary.BigEndian.AppendUint64(d.b, uint64(n)) //nolint:gosec // all bits count, the sign too
	}
}

func (d *digest) flush() {
	_, _ = d.h.Write(d.b) // a hash never fails
	d.b = d.b[:0]
}

func (d *digest) hash(h books.Hash) { d.b = append(d.b, h[:]...) }

func (d *digest) sum(into *books.Hash) {
	d.flush()
	d.h.Sum(into[:0])
}

func (d *digest) intervals(in []Interval) {
	d.number(int64(len(in)))
	for _, x := range in {
		d.text(x.Contract, x.Meter, x.Component)
		d.number(x.From, x.To, x.Quantity, int64(x.Revision), flag(x.Estimated))
		d.hash(x.Evidence)
	}
}

func (d *digest) prices(in []PriceVersion) {
	d.number(int64(len(in)))
	for _, p := range in {
		d.text(p.Component, p.Source)
		d.number(p.From, p.To, p.Value)
		d.hash(p.Hash)
	}
}

// frame feeds what a line of a term depends on beside intervals and prices.
func (d *digest) frame(f frame, t Term) {
	zone := "UTC"
	if f.contract.Zone != nil {
		zone = f.contract.Zone.String()
	}
	d.text(f.contract.ID, zone, string(f.contract.Currency))
	d.number(int64(f.contract.Version), f.contract.Start, f.period.From, f.period.To, f.window.From, f.window.To)
	d.term(t)
}

func (d *digest) term(t Term) {
	d.text(t.Name, string(t.Kind), t.Component, t.Price, string(t.Unit), string(t.Model), t.IT)
	d.number(t.Size, int64(t.Cap), t.CapSeconds, t.Commitment, int64(t.Escalator), int64(t.Rate), flag(t.Sparse))
	d.number(int64(len(t.Bands)), int64(len(t.Ramp)), int64(len(t.Meters)), int64(len(t.Of)))
	for _, b := range t.Bands {
		d.number(b.UpTo)
		d.text(b.Price)
	}
	for _, r := range t.Ramp {
		d.number(int64(r))
	}
	d.text(t.Meters...)
	d.text(t.Of...)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// priceText writes the prices that a term had in its segments.
func (t Term) priceText(segments []segment) string {
	segments = slices.DeleteFunc(slices.Clone(segments), func(s segment) bool { return s.prices == nil })
	if len(segments) == 0 {
		return ""
	}
	var out []string
	for b := range t.prices() {
		low, high := segments[0].prices[b], segments[0].prices[b]
		for _, s := range segments {
			low = least(low, s.prices[b])
			if s.prices[b].Cmp(high) > 0 {
				high = s.prices[b]
			}
		}
		text := micro(low)
		if low.Cmp(high) != 0 {
			text += ".." + micro(high)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// micro writes millionths with six decimals; an escalated price is rounded for people.
func micro(a *big.Rat) string {
	n, err := round(a)
	if err != nil {
		return a.FloatString(0) + " e-6"
	}
	return decimal(n)
}
