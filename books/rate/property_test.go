package rate_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/rate"
	"sluice/unit"
)

var errDiffer = errors.New("the lines differ")

// rater is anything that rates: the one of the house, or one with a bug planted.
type rater func(rate.Input) (rate.Rating, error)

// draw is a random month and what happens to it.
type draw struct {
	in    rate.Input
	order []int // a permutation of the intervals, repetitions in it
	which int   // of an interval
	part  int64 // of its length and quantity, in thousandths
	more  int64 // by which a quantity grows
	later []int64
}

// months draws hourly or slower intervals of two meters, at prices that change by
// the day, of three terms: passed through under a cap, counted at one price, in bands.
func months(model rate.Model) *rapid.Generator[draw] {
	return rapid.Custom(func(t *rapid.T) draw {
		k := contract(
			rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour, IT: "it", Cap: 1_300_000},
			rate.Term{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour, Escalator: 31_415},
			rate.Term{Name: "bands", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour, Model: model, Bands: bandsOf(model)},
			rate.Term{Name: "over", Kind: rate.Overage, Component: "h100", Unit: rate.GPUHour, Commitment: 1 << 14},
			rate.Term{Name: "vat", Kind: rate.Tax, Rate: 82_500})
		k.Start, k.Valid.From = from-370*day, from-370*day
		d := draw{in: rate.Input{Contracts: []rate.Contract{k}, Period: september, Prices: []rate.PriceVersion{price("low", 3_333_333), price("high", 12_345)}}}
		for n := range int64(5) {
			for _, name := range []string{"energy", "h100"} {
				p := price(name, rapid.Int64Range(0, 90_000_000).Draw(t, name))
				p.From, p.To = from+6*day*n, from+6*day*(n+1)
				d.in.Prices = append(d.in.Prices, p)
			}
		}
		for i := range rapid.IntRange(1, 12).Draw(t, "intervals") {
			component := rapid.SampledFrom([]string{"energy", "it", "h100"}).Draw(t, "component")
			start := from + int64(i)*2*day + hour*rapid.Int64Range(0, 12).Draw(t, "start")
			x := used(component, start, start+hour*rapid.Int64Range(1, 12).Draw(t, "hours"), rapid.Int64Range(0, 1<<38).Draw(t, "quantity"))
			x.Meter = rapid.SampledFrom([]string{"m1", "m2"}).Draw(t, "meter")
			d.in.Intervals = append(d.in.Intervals, x)
		}
		all := len(d.in.Intervals)
		d.order = rapid.Permutation(indices(all)).Draw(t, "order")
		d.order = append(d.order, rapid.SliceOfN(rapid.IntRange(0, all-1), 1, 6).Draw(t, "again")...)
		d.which, d.part = rapid.IntRange(0, all-1).Draw(t, "which"), rapid.Int64Range(1, 999).Draw(t, "part")
		d.more = rapid.Int64Range(0, 1<<38).Draw(t, "more")
		d.later = rapid.SliceOfN(rapid.Int64Range(0, 1<<38), 1, 4).Draw(t, "later")
		return d
	})
}

func bandsOf(m rate.Model) []rate.Band {
	if m == rate.Flat {
		return nil
	}
	return []rate.Band{{UpTo: 1 << 12, Price: "low"}, {Price: "high"}}
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// property is what must hold of a rater in any month.
type property func(rater, draw) error

func idempotent(r rater, d draw) error {
	a, err := r(d.in)
	b, again := r(d.in)
	if err != nil || again != nil || !reflect.DeepEqual(a, b) {
		return fmt.Errorf("twice: %w", errors.Join(errDiffer, err, again))
	}
	return nil
}

func orderFree(r rater, d draw) error {
	a, err := r(d.in)
	in := d.in
	in.Intervals = nil
	for _, i := range d.order[:len(d.in.Intervals)] {
		in.Intervals = append(in.Intervals, d.in.Intervals[i])
	}
	in.Prices = slices.Clone(in.Prices)
	slices.Reverse(in.Prices)
	b, again := r(in)
	if err != nil || again != nil || !reflect.DeepEqual(a, b) {
		return fmt.Errorf("in another order: %w", errors.Join(errDiffer, err, again))
	}
	return nil
}

func repeated(r rater, d draw) error {
	a, err := r(d.in)
	in := d.in
	in.Intervals = nil
	for _, i := range d.order {
		in.Intervals = append(in.Intervals, d.in.Intervals[i])
	}
	b, again := r(in)
	if err != nil || again != nil || !reflect.DeepEqual(a, b) {
		return fmt.Errorf("with repetitions: %w", errors.Join(errDiffer, err, again))
	}
	return nil
}

// splitInvariant cuts one interval in two; the quantity is split any way at all.
func splitInvariant(r rater, d draw) error {
	a, err := r(d.in)
	in := d.in
	in.Intervals = slices.Clone(in.Intervals)
	x := in.Intervals[d.which]
	y := x
	x.To = x.From + max(1, (x.To-x.From)*d.part/1000)
	y.From = x.To
	x.Quantity = x.Quantity / 1000 * (1000 - d.part)
	y.Quantity -= x.Quantity
	in.Intervals[d.which] = x
	in.Intervals = append(in.Intervals, y)
	b, again := r(in)
	if err != nil || again != nil || len(a.Lines) != len(b.Lines) {
		return fmt.Errorf("cut: %w", errors.Join(errDiffer, err, again))
	}
	for i := range a.Lines {
		if a.Lines[i].Amount != b.Lines[i].Amount || a.Lines[i].Quantity != b.Lines[i].Quantity {
			return fmt.Errorf("cut: %+v is not %+v", b.Lines[i], a.Lines[i])
		}
	}
	return nil
}

// monotone: more of what has a positive price lowers no line.
func monotone(r rater, d draw) error {
	a, err := r(d.in)
	in := d.in
	in.Intervals = slices.Clone(in.Intervals)
	in.Intervals[d.which].Quantity += d.more
	b, again := r(in)
	if err != nil || again != nil {
		return errors.Join(err, again)
	}
	for i := range a.Lines {
		if b.Lines[i].Amount < a.Lines[i].Amount {
			return fmt.Errorf("%d more: %+v is less than %+v", d.more, b.Lines[i], a.Lines[i])
		}
	}
	return nil
}

// nothingLost: what was delivered is rated or in suspense, also where intervals overlap.
func nothingLost(r rater, d draw) error {
	in := d.in
	in.Intervals = slices.Clone(in.Intervals)
	in.Intervals[d.which].To += hour * (d.part % 72)
	a, err := r(in)
	if err != nil {
		return err
	}
	var delivered int64
	for _, x := range in.Intervals {
		if x.Component == "h100" {
			delivered += x.Quantity
		}
	}
	for _, p := range a.Suspense {
		if p.Interval.Component == "h100" {
			delivered -= p.Interval.Quantity
		}
	}
	if a.Lines[1].Quantity != delivered {
		return fmt.Errorf("%d of %d were rated: %w", a.Lines[1].Quantity, delivered, errDiffer)
	}
	return nil
}

// noted is any way to make notes.
type noted func(invoiced, fresh []rate.Line) (rate.Notes, error)

// deltaConsistent corrects the month again and again, each time with a note.
func deltaConsistent(notes noted, d draw) error {
	a, err := rate.Rate(d.in)
	if err != nil {
		return err
	}
	invoiced := a.Lines
	in := d.in
	in.Intervals = slices.Clone(in.Intervals)
	for i, q := range d.later {
		x := in.Intervals[(d.which+i)%len(d.in.Intervals)]
		x.Revision, x.Quantity = 2+i, q
		in.Intervals = append(in.Intervals, x)
		if i == 0 {
			in.Contracts = slices.Clone(in.Contracts) // and a term is taken out
			in.Contracts[0].Terms = in.Contracts[0].Terms[:4]
		}
		fresh, err := rate.Rate(in)
		if err != nil {
			return err
		}
		n, err := notes(invoiced, fresh.Lines)
		if err != nil {
			return err
		}
		invoiced = slices.Concat(invoiced, n.Credit, n.Debit)
		if again, err := notes(invoiced, fresh.Lines); err != nil || len(again.Credit)+len(again.Debit) > 0 {
			return fmt.Errorf("notes upon notes: %v: %w", again, errors.Join(errDiffer, err))
		}
		if was, is := sum(invoiced), sum(fresh.Lines); was != is {
			return fmt.Errorf("original and notes are %d, a fresh rating %d", was, is)
		}
		if sum(n.Credit) > 0 || sum(n.Debit) < 0 {
			return fmt.Errorf("signs: %v", n)
		}
	}
	return nil
}

// TestProperties: what must hold of every month.
func TestProperties(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		model rate.Model
		check property
	}{
		"idempotent":        {rate.Graduated, idempotent},
		"order-free":        {rate.Graduated, orderFree},
		"of duplicates":     {rate.Graduated, repeated},
		"split-invariant":   {rate.Graduated, splitInvariant},
		"split in a volume": {rate.Volume, splitInvariant},
		"monotone":          {rate.Flat, monotone},
		"nothing is lost":   {rate.Graduated, nothingLost},
		"delta-consistent":  {rate.Graduated, func(_ rater, d draw) error { return deltaConsistent(rate.Delta, d) }},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				if err := c.check(rate.Rate, months(c.model).Draw(t, "month")); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestPlantedBugs: each property catches the bug that it is there for.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	calls := int64(0)
	for sentence, c := range map[string]struct {
		model rate.Model
		check property
		bug   rater
	}{
		"every rating has a number of its own": {rate.Graduated, idempotent, func(in rate.Input) (rate.Rating, error) {
			r, err := rate.Rate(in)
			calls++
			r.Lines[0].ID = strconv.FormatInt(calls, 10)
			return r, err
		}},
		"the last to come is too late": {rate.Graduated, orderFree, func(in rate.Input) (rate.Rating, error) {
			in.Intervals = in.Intervals[:len(in.Intervals)-1]
			return rate.Rate(in)
		}},
		"a repetition is taken for another revision": {rate.Graduated, repeated, func(in rate.Input) (rate.Rating, error) {
			in.Intervals = slices.Clone(in.Intervals)
			for i := range in.Intervals {
				in.Intervals[i].Revision = i
			}
			return rate.Rate(in)
		}},
		"what overlaps is dropped": {rate.Graduated, nothingLost, func(in rate.Input) (rate.Rating, error) {
			r, err := rate.Rate(in)
			r.Suspense = nil
			return r, err
		}},
		"every interval is rounded": {rate.Graduated, splitInvariant, roundsEach},
		"a volume is cheaper":       {rate.Volume, monotone, rate.Rate},
		"earlier notes are forgotten": {rate.Graduated, func(_ rater, d draw) error {
			return deltaConsistent(func(invoiced, fresh []rate.Line) (rate.Notes, error) {
				return rate.Delta(invoiced[:min(5, len(invoiced))], fresh)
			}, d)
		}, nil},
	} {
		if !caught(c.check, c.bug, months(c.model)) {
			t.Errorf("%s, and nobody noticed", sentence)
		}
	}
}

// caught reports whether a property fails in one of many months.
func caught(check property, bug rater, g *rapid.Generator[draw]) bool {
	for seed := range 300 {
		if check(bug, g.Example(seed)) != nil {
			return true
		}
	}
	return false
}

// roundsEach rates every interval by itself and adds what comes out.
func roundsEach(in rate.Input) (rate.Rating, error) {
	var out rate.Rating
	for i, x := range in.Intervals {
		one := in
		one.Intervals = []rate.Interval{x}
		r, err := rate.Rate(one)
		if err != nil {
			return out, err
		}
		for j, l := range r.Lines {
			if i == 0 {
				out.Lines = append(out.Lines, l)
				continue
			}
			out.Lines[j].Amount += l.Amount
			out.Lines[j].Quantity += l.Quantity
		}
	}
	return out, nil
}

// TestNotes: a late revision makes a credit, a late interval a debit, and a line
// that is gone is taken back whole.
func TestNotes(t *testing.T) {
	t.Parallel()
	l := rate.Line{ID: "a", Contract: "c1", Component: "gpu", Kind: rate.Usage, Period: september, Quantity: 10, Amount: 100}
	less, gone := l, l
	less.ID, less.Quantity, less.Amount = "b", 8, 80
	gone.ID, gone.Component = "c", "ip"
	n, err := rate.Delta([]rate.Line{l, gone}, []rate.Line{less})
	if err != nil || len(n.Credit) != 2 || len(n.Debit) != 0 || n.Credit[0].Amount != -20 || n.Credit[0].Quantity != -2 || n.Credit[1].Amount != -100 {
		t.Errorf("%+v, %v", n, err)
	}
	n, err = rate.Delta([]rate.Line{less}, []rate.Line{l})
	if err != nil || len(n.Debit) != 1 || n.Debit[0].Amount != 20 || n.Debit[0].ID == "a" {
		t.Errorf("%+v, %v", n, err)
	}
	seen, invoiced := map[string]bool{}, []rate.Line{l}
	for i := range 6 { // there and back again: every note has an id of its own
		n, err := rate.Delta(invoiced, [][]rate.Line{{less}, {l}}[i%2])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range slices.Concat(n.Credit, n.Debit) {
			if seen[x.ID] {
				t.Errorf("note %d has the id of another", i+1)
			}
			seen[x.ID], invoiced = true, append(invoiced, x)
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d notes, want 6", len(seen))
	}
	l.Amount, less.Amount = unit.Amount(1<<63-1), -2
	if _, err := rate.Delta([]rate.Line{less}, []rate.Line{l}); !errors.Is(err, rate.ErrOverflow) {
		t.Errorf("a note beyond any books: %v", err)
	}
}

// TestInputsCount: what a line was made of is in its id; what it was not made of is not.
func TestInputsCount(t *testing.T) {
	t.Parallel()
	base := func() rate.Input {
		return rate.Input{
			Contracts: []rate.Contract{contract(
				rate.Term{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour}, rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece})},
			Prices: []rate.PriceVersion{price("h100", 5), price("ip", 5)}, Period: september,
			Intervals: []rate.Interval{used("h100", from, to, 5), used("ip", from, to, 5)},
		}
	}
	was := must(t, base()).Lines
	for sentence, c := range map[string]struct {
		change func(*rate.Input)
		first  bool // the id of the first line changes
	}{
		"evidence":          {func(in *rate.Input) { in.Intervals[0].Evidence = books.Hash{7} }, true},
		"a revision":        {func(in *rate.Input) { in.Intervals[0].Revision++ }, true},
		"an estimate":       {func(in *rate.Input) { in.Intervals[0].Estimated = true }, true},
		"a price":           {func(in *rate.Input) { in.Prices[0].Value++ }, true},
		"source of a price": {func(in *rate.Input) { in.Prices[0].Source = "other" }, true},
		"the terms":         {func(in *rate.Input) { in.Contracts[0].Version++ }, true},
		"another component": {func(in *rate.Input) { in.Intervals[1].Quantity++ }, false},
		"another price":     {func(in *rate.Input) { in.Prices[1].Value++ }, false},
		"an older revision": {func(in *rate.Input) {
			x := in.Intervals[0]
			x.Revision, x.Quantity = 0, 3
			in.Intervals = append(in.Intervals, x)
		}, false},
	} {
		in := base()
		c.change(&in)
		if is := must(t, in).Lines; (is[0].ID != was[0].ID) != c.first {
			t.Errorf("%s: the id of the line went from %s to %s", sentence, was[0].ID, is[0].ID)
		}
	}
}

// TestWildInputs: whatever comes is rated or refused, with all of its latest
// intervals counted, out of the period, or in suspense.
func TestWildInputs(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, -1, 0, 1, from, to, from + day}), rapid.Int64Range(from-day, to+day), rapid.Int64())
	small := rapid.OneOf(rapid.Int64Range(-2, 5_000_000), number)
	share := rapid.Int64Range(0, int64(unit.One))
	rated := 0
	rapid.Check(t, func(t *rapid.T) {
		// Half of the inputs are tame, so that enough of them are rated.
		number, small, tame := number, small, rapid.Bool().Draw(t, "tame")
		if tame {
			number, small = rapid.Int64Range(0, 5_000_000), rapid.Int64Range(1, 5_000_000)
		}
		span := func(t *rapid.T, name string) (int64, int64) {
			if tame {
				f := rapid.Int64Range(from, to-day).Draw(t, name+" from")
				return f, f + rapid.Int64Range(1, day).Draw(t, name+" long")
			}
			return number.Draw(t, name+" from"), number.Draw(t, name+" to")
		}
		in := rate.Input{Prepaid: unit.Amount(small.Draw(t, "prepaid")), Period: september}
		k := contract()
		k.Start = rapid.SampledFrom([]int64{0, from, k.Valid.To - 1}).Draw(t, "start")
		kinds := []rate.Kind{rate.Usage, rate.PassThrough, rate.Reservation, rate.Overage, rate.Shortfall, rate.Fixed, rate.Minimum, rate.Prepayment, rate.Tax, rate.Percentage}
		for i := range rapid.IntRange(1, 4).Draw(t, "terms") {
			term := rate.Term{
				Name: fmt.Sprintf("t%d", i), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Component: "a", Unit: rapid.SampledFrom([]rate.Unit{rate.Month, rate.Piece, rate.MegawattHour}).Draw(t, "unit"),
				Commitment: max(0, small.Draw(t, "commitment")), Escalator: unit.Ratio(share.Draw(t, "escalator")), Rate: unit.Ratio(share.Draw(t, "rate")),
				Ramp: []unit.Ratio{unit.Ratio(share.Draw(t, "ramp"))},
			}
			if term.Kind == rate.PassThrough {
				term.IT, term.Cap, term.CapSeconds = "b", unit.One+unit.Ratio(share.Draw(t, "cap")), 300*share.Draw(t, "step")
			}
			if rapid.Bool().Draw(t, "package") {
				term.Model, term.Size = rate.Package, small.Draw(t, "size")
			}
			k.Terms = append(k.Terms, term)
		}
		in.Contracts = []rate.Contract{k}
		in.Prices = []rate.PriceVersion{price("a", number.Draw(t, "price"))}
		if rapid.Bool().Draw(t, "a period of its own") {
			in.Period.From, in.Period.To = span(t, "period")
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "intervals") {
			f, to := span(t, "interval")
			x := used(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "component"), f, to, number.Draw(t, "quantity"))
			x.Revision = i
			in.Intervals = append(in.Intervals, x)
		}
		r, err := rate.Rate(in)
		if err != nil {
			for _, known := range []error{rate.ErrInput, rate.ErrContract, rate.ErrVersions, rate.ErrConflict, rate.ErrPrice, rate.ErrOverflow} {
				if errors.Is(err, known) {
					return
				}
			}
			t.Fatalf("an error without a name: %v", err)
		}
		rated++
		for _, p := range r.Suspense {
			if !slices.Contains(in.Intervals, p.Interval) || p.Reason == "" {
				t.Fatalf("%+v was never delivered", p)
			}
		}
	})
	t.Logf("%d were rated", rated)
	if rated == 0 {
		t.Errorf("only %d inputs were rated: this test shows nothing", rated)
	}
}
