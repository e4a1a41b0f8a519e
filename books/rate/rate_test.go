package rate_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/rate"
	"sluice/unit"
)

// September 2025 in UTC: 2,592,000 seconds.
const (
	from = int64(1756684800)
	to   = from + 30*day
	day  = int64(86400)
	hour = int64(3600)
	mwh  = int64(unit.MegawattHour)
)

var september = rate.Span{From: from, To: to}

// usd is whole dollars.
func usd(n int64) int64 { return n * int64(unit.Unit) }

// contract is one version for the year around September with the given terms.
func contract(terms ...rate.Term) rate.Contract {
	return rate.Contract{ID: "c1", Version: 1, Valid: rate.Span{From: from - 400*day, To: to + 400*day}, Start: from, Currency: "USD", Terms: terms}
}

// price holds for years.
func price(name string, value int64) rate.PriceVersion {
	return rate.PriceVersion{Component: name, From: from - 4000*day, To: to + 4000*day, Value: value, Source: "price book 3", Hash: books.Hash{1}}
}

// used is one interval of meter m1.
func used(component string, f, t, quantity int64) rate.Interval {
	return rate.Interval{Contract: "c1", Meter: "m1", Component: component, From: f, To: t, Quantity: quantity, Revision: 1, Evidence: books.Hash{9}}
}

func must(t *testing.T, in rate.Input) rate.Rating {
	t.Helper()
	r, err := rate.Rate(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sum is what lines come to.
func sum(lines []rate.Line) int64 {
	var n int64
	for _, l := range lines {
		n += int64(l.Amount)
	}
	return n
}

// TestFormulas: one case per formula, computed by hand.
func TestFormulas(t *testing.T) {
	t.Parallel()
	energy := rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour}
	capped := energy
	capped.IT, capped.Cap = "it", 1_250_000
	gpu := rate.Term{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour}
	committed := rate.Term{Name: "hall", Kind: rate.Reservation, Unit: rate.KilowattMonth, Commitment: 20_000_000}
	month := rate.Term{Name: "fee", Kind: rate.Fixed, Unit: rate.Month}
	count := rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece, Sparse: true}
	with := func(t rate.Term, change func(*rate.Term)) rate.Term {
		change(&t)
		return t
	}
	tiered := func(m rate.Model) rate.Term {
		return with(count, func(t *rate.Term) {
			t.Model, t.Bands = m, []rate.Band{{UpTo: 100, Price: "low"}, {UpTo: 1000, Price: "mid"}, {Price: "high"}}
		})
	}
	bands := []rate.PriceVersion{price("low", usd(10)), price("mid", usd(6)), price("high", usd(5))}
	whole := func(component string, quantity int64) []rate.Interval {
		return []rate.Interval{used(component, from, to, quantity)}
	}
	for sentence, c := range map[string]struct {
		terms     []rate.Term
		intervals []rate.Interval
		prices    []rate.PriceVersion
		start     int64
		prepaid   unit.Amount
		want      []int64
		quantity  int64 // of the first line
		text      string
	}{
		"one and a half MWh passed through":      {[]rate.Term{energy}, whole("energy", 5_400_000_000), []rate.PriceVersion{price("energy", 45_123_456)}, 0, 0, []int64{67_685_184}, 5_400_000_000, "45.123456"},
		"at a negative price the tenant is paid": {[]rate.Term{energy}, whole("energy", 5_400_000_000), []rate.PriceVersion{price("energy", -45_123_456)}, 0, 0, []int64{-67_685_184}, 5_400_000_000, "-45.123456"},
		"half a millionth goes to even":          {[]rate.Term{energy}, whole("energy", 1_800_000_000), []rate.PriceVersion{price("energy", 1)}, 0, 0, []int64{0}, 1_800_000_000, "0.000001"},
		"one and a half millionths go to two":    {[]rate.Term{energy}, whole("energy", 1_800_000_000), []rate.PriceVersion{price("energy", 3)}, 0, 0, []int64{2}, 1_800_000_000, "0.000003"},
		"a building that wastes is capped": {
			[]rate.Term{capped},
			append(whole("energy", 14*mwh), whole("it", 10*mwh)...),
			[]rate.PriceVersion{price("energy", usd(40))},
			0, 0,
			[]int64{usd(500)},
			25 * mwh / 2, "40.000000",
		},
		"a building that does not is billed as metered": {
			[]rate.Term{capped},
			append(whole("energy", 12*mwh), whole("it", 10*mwh)...),
			[]rate.PriceVersion{price("energy", usd(40))},
			0, 0,
			[]int64{usd(480)},
			12 * mwh, "40.000000",
		},
		"an hour's cap helps no other hour": {
			[]rate.Term{with(capped, func(t *rate.Term) { t.CapSeconds = hour })},
			[]rate.Interval{used("energy", from, from+hour, 20*mwh), used("it", from, from+hour, 10*mwh), used("energy", from+hour, from+2*hour, 10*mwh), used("it", from+hour, from+2*hour, 10*mwh)},
			[]rate.PriceVersion{price("energy", usd(40))},
			0, 0,
			[]int64{usd(900)},
			45 * mwh / 2, "40.000000",
		},
		"64 GPUs for September": {[]rate.Term{gpu}, whole("h100", 64*30*day), []rate.PriceVersion{price("h100", 2_500_000)}, 0, 0, []int64{usd(115_200)}, 64 * 30 * day, "2.500000"},
		"GPU-seconds on demand": {[]rate.Term{with(gpu, func(t *rate.Term) { t.Unit = rate.GPUSecond })}, whole("h100", 1001), []rate.PriceVersion{price("h100", 831)}, 0, 0, []int64{831_831}, 1001, "0.000831"},
		"20 MW reserved":        {[]rate.Term{committed}, nil, []rate.PriceVersion{price("hall", usd(125))}, 0, 0, []int64{usd(2_500_000)}, 20_000_000, "125.000000"},
		"20 MW from the 16th":   {[]rate.Term{committed}, nil, []rate.PriceVersion{price("hall", usd(125))}, from + 15*day, 0, []int64{usd(1_250_000)}, 10_000_000, "125.000000"},
		"a ramp of half in its first month": {
			[]rate.Term{with(committed, func(t *rate.Term) { t.Ramp = []unit.Ratio{500_000} })},
			nil,
			[]rate.PriceVersion{price("hall", usd(125))},
			from - 15*day, 0,
			[]int64{usd(2_500_000) * 22 / 30},
			14_666_667, "125.000000",
		},
		"3 % more in the second year": {
			[]rate.Term{with(committed, func(t *rate.Term) { t.Escalator = 30_000 })},
			nil,
			[]rate.PriceVersion{price("hall", usd(125))},
			from - 365*day, 0,
			[]int64{usd(2_575_000)},
			20_000_000, "128.750000",
		},
		"10 % twice in the middle of the month": {
			[]rate.Term{with(committed, func(t *rate.Term) { t.Escalator = 100_000 })},
			nil,
			[]rate.PriceVersion{price("hall", usd(100))},
			from + 15*day - 730*day - day, 0,
			[]int64{usd(2_200_000)/2 + usd(2_420_000)/2},
			20_000_000, "110.000000..121.000000",
		},
		"a fee for half a month":   {[]rate.Term{month}, nil, []rate.PriceVersion{price("fee", usd(300))}, from + 15*day, 0, []int64{usd(150)}, 500_000, "300.000000"},
		"graduated: every band":    {[]rate.Term{tiered(rate.Graduated)}, whole("ip", 1200), bands, 0, 0, []int64{usd(1000 + 5400 + 1000)}, 1200, "10.000000; 6.000000; 5.000000"},
		"graduated: to the edge":   {[]rate.Term{tiered(rate.Graduated)}, whole("ip", 100), bands, 0, 0, []int64{usd(1000)}, 100, "10.000000; 6.000000; 5.000000"},
		"volume: the edge is in":   {[]rate.Term{tiered(rate.Volume)}, whole("ip", 100), bands, 0, 0, []int64{usd(1000)}, 100, "10.000000; 6.000000; 5.000000"},
		"volume: one more is less": {[]rate.Term{tiered(rate.Volume)}, whole("ip", 101), bands, 0, 0, []int64{usd(606)}, 101, "10.000000; 6.000000; 5.000000"},
		"a package that is begun": {
			[]rate.Term{with(count, func(t *rate.Term) { t.Model, t.Size = rate.Package, 1000 })},
			whole("ip", 2001),
			[]rate.PriceVersion{price("ip", usd(7))},
			0, 0,
			[]int64{usd(21)},
			2001, "7.000000",
		},
		"nothing used costs nothing": {[]rate.Term{count, tiered(rate.Graduated)}[:1], nil, []rate.PriceVersion{price("ip", usd(7))}, 0, 0, []int64{0}, 0, "7.000000"},
		"more than was committed": {
			[]rate.Term{{Name: "over", Kind: rate.Overage, Component: "h100", Unit: rate.GPUHour, Commitment: 30 * day}},
			whole("h100", 40*day),
			[]rate.PriceVersion{price("h100", usd(3))},
			0, 0,
			[]int64{usd(720)},
			10 * day, "3.000000",
		},
		"more than half of it in half a month": {
			[]rate.Term{{Name: "over", Kind: rate.Overage, Component: "h100", Unit: rate.GPUHour, Commitment: 30 * day}},
			[]rate.Interval{used("h100", from+15*day, to, 40*day)},
			[]rate.PriceVersion{price("h100", usd(3))},
			from + 15*day, 0,
			[]int64{usd(1800)},
			25 * day, "3.000000",
		},
		"less than was committed": {
			[]rate.Term{gpu, {Name: "pay", Kind: rate.Shortfall, Component: "h100", Unit: rate.GPUHour, Commitment: 30 * day}},
			whole("h100", 20*day),
			[]rate.PriceVersion{price("h100", usd(3))},
			0, 0,
			[]int64{usd(1440), usd(720)},
			20 * day, "3.000000",
		},
		"a minimum, a tax and a prepayment": {
			[]rate.Term{
				gpu,
				{Name: "least", Kind: rate.Minimum, Unit: rate.Month},
				{Name: "drawn", Kind: rate.Prepayment, Rate: 500_000},
				{Name: "vat", Kind: rate.Tax, Rate: 82_500},
			},
			whole("h100", 20*day),
			[]rate.PriceVersion{price("h100", usd(3)), price("least", usd(2000))},
			0, unit.Amount(usd(5000)),
			[]int64{usd(1440), usd(560), -usd(1000), usd(165)},
			20 * day, "3.000000",
		},
		"a prepayment that ends": {
			[]rate.Term{gpu, {Name: "drawn", Kind: rate.Prepayment}},
			whole("h100", 20*day),
			[]rate.PriceVersion{price("h100", usd(3))},
			0, 7,
			[]int64{usd(1440), -7},
			20 * day, "3.000000",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k := contract(c.terms...)
			if c.start != 0 {
				k.Start, k.Valid.From = c.start, c.start
			}
			r := must(t, rate.Input{Contracts: []rate.Contract{k}, Intervals: c.intervals, Prices: c.prices, Period: september, Prepaid: c.prepaid})
			var got []int64
			for _, l := range r.Lines {
				got = append(got, int64(l.Amount))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if r.Lines[0].Quantity != c.quantity || r.Lines[0].Price != c.text || len(r.Suspense) > 0 {
				t.Errorf("quantity %d at %s, in suspense %v; want %d at %s", r.Lines[0].Quantity, r.Lines[0].Price, r.Suspense, c.quantity, c.text)
			}
		})
	}
}

// TestApportioned: an interval across a price boundary is cut by seconds, the
// remainder falls to the later part, and the line says so.
func TestApportioned(t *testing.T) {
	t.Parallel()
	edge := from + day
	cheap, dear := price("ip", usd(1)), price("ip", usd(10))
	cheap.To, dear.From = edge, edge
	in := rate.Input{
		Contracts: []rate.Contract{contract(rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece})},
		Prices:    []rate.PriceVersion{dear, cheap}, Period: september,
		Intervals: []rate.Interval{used("ip", edge-1, edge+2, 100)},
	}
	l := must(t, in).Lines[0]
	if int64(l.Amount) != usd(33+670) || l.Quantity != 100 || !l.Apportioned || l.Price != "1.000000..10.000000" {
		t.Errorf("%+v", l)
	}
	in.Intervals = []rate.Interval{used("ip", edge-3, edge, 50), used("ip", edge, edge+3, 50)}
	if l := must(t, in).Lines[0]; int64(l.Amount) != usd(550) || l.Apportioned {
		t.Errorf("nothing crosses the edge: %+v", l)
	}
}

// TestPeriodsConserve: what crosses the end of a month is billed in two, and once.
func TestPeriodsConserve(t *testing.T) {
	t.Parallel()
	in := rate.Input{
		Contracts: []rate.Contract{contract(rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece})},
		Prices:    []rate.PriceVersion{price("ip", 1)}, Period: september,
		Intervals: []rate.Interval{used("ip", to-7, to+4, 1001)},
	}
	first := must(t, in).Lines[0]
	in.Period = rate.Span{From: to, To: to + 31*day}
	second := must(t, in).Lines[0]
	if first.Quantity+second.Quantity != 1001 || first.Quantity != 637 || !first.Apportioned || !second.Apportioned || first.ID == second.ID {
		t.Errorf("%+v\n%+v", first, second)
	}
}

// TestVersions: each version of a contract rates its own part of the month.
func TestVersions(t *testing.T) {
	t.Parallel()
	a, b := contract(rate.Term{Name: "hall", Kind: rate.Reservation, Unit: rate.KilowattMonth, Commitment: 1_000_000}), contract()
	a.Valid.To, b.Valid.From, b.Version = from+10*day, from+10*day, 2
	b.Terms = []rate.Term{{Name: "hall", Kind: rate.Reservation, Unit: rate.KilowattMonth, Commitment: 4_000_000}}
	in := rate.Input{Contracts: []rate.Contract{b, a}, Prices: []rate.PriceVersion{price("hall", usd(90))}, Period: september}
	r := must(t, in)
	if len(r.Lines) != 2 || int64(r.Lines[0].Amount) != usd(30_000) || int64(r.Lines[1].Amount) != usd(240_000) || r.Lines[1].Version != 2 {
		t.Errorf("%+v", r.Lines)
	}
	a.Valid.To++
	in.Contracts = []rate.Contract{a, b}
	if _, err := rate.Rate(in); !errors.Is(err, rate.ErrVersions) {
		t.Errorf("two versions at once: %v", err)
	}
}

// TestSuspense: what cannot be rated stands in suspense with its reason and evidence.
func TestSuspense(t *testing.T) {
	t.Parallel()
	named := rate.Term{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour, Meters: []string{"m1"}}
	k := contract(rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour}, named)
	late := price("energy", usd(40))
	late.From = from + day
	good := used("energy", from+day, from+2*day, mwh)
	for sentence, c := range map[string]struct {
		change func(*rate.Interval)
		want   []rate.Reason
	}{
		"a sound one":                  {func(*rate.Interval) {}, nil},
		"less than nothing":            {func(i *rate.Interval) { i.Quantity = -1 }, []rate.Reason{rate.Negative}},
		"of no time":                   {func(i *rate.Interval) { i.To = i.From }, []rate.Reason{rate.NoTime}},
		"of another contract":          {func(i *rate.Interval) { i.Contract = "c2" }, []rate.Reason{rate.Unknown}},
		"before the start":             {func(i *rate.Interval) { i.From, i.To = from-2, from-1 }, []rate.Reason{rate.Outside}},
		"across the start":             {func(i *rate.Interval) { i.From = from - 1 }, []rate.Reason{rate.NoPrice}},
		"after the end":                {func(i *rate.Interval) { i.From, i.To = to+500*day, to+501*day }, []rate.Reason{rate.Outside}},
		"across the end":               {func(i *rate.Interval) { i.To = to + 401*day }, []rate.Reason{rate.Outside}},
		"of a component without term":  {func(i *rate.Interval) { i.Component = "water" }, []rate.Reason{rate.NoTerm}},
		"of a meter that is not named": {func(i *rate.Interval) { i.Component, i.Meter = "h100", "m2" }, []rate.Reason{rate.OtherMeter}},
		"without a price":              {func(i *rate.Interval) { i.From-- }, []rate.Reason{rate.NoPrice}},
		"over another":                 {func(i *rate.Interval) { i.To++ }, []rate.Reason{rate.Overlaps, rate.Overlaps}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := good
			c.change(&x)
			in := rate.Input{Contracts: []rate.Contract{k}, Prices: []rate.PriceVersion{late, price("h100", 1)}, Period: september, Intervals: []rate.Interval{x}}
			if len(c.want) == 2 {
				in.Intervals = append(in.Intervals, used("energy", x.To-1, x.To+5, 7))
			}
			r := must(t, in)
			var got []rate.Reason
			for _, p := range r.Suspense {
				got = append(got, p.Reason)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if rated := r.Lines[0].Quantity != 0; rated != (len(c.want) == 0) {
				t.Errorf("rated %v with %v in suspense", rated, got)
			}
			if len(got) > 0 && r.Suspense[0].Interval != x {
				t.Errorf("the interval was changed: %+v", r.Suspense[0])
			}
		})
	}
}

// TestOverlaps: all intervals that lie in another one are in doubt, not only its neighbour.
func TestOverlaps(t *testing.T) {
	t.Parallel()
	in := rate.Input{
		Contracts: []rate.Contract{contract(rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece})},
		Prices:    []rate.PriceVersion{price("ip", 1)}, Period: september,
		Intervals: []rate.Interval{used("ip", from, from+100, 1), used("ip", from+10, from+20, 2), used("ip", from+30, from+40, 4), used("ip", from+100, from+110, 8)},
	}
	if r := must(t, in); len(r.Suspense) != 3 || r.Lines[0].Quantity != 8 {
		t.Errorf("%+v", r)
	}
}

// TestPrepaidOnce: two versions of a contract in one month draw from the same money.
func TestPrepaidOnce(t *testing.T) {
	t.Parallel()
	terms := []rate.Term{{Name: "fee", Kind: rate.Fixed, Unit: rate.Month}, {Name: "drawn", Kind: rate.Prepayment}}
	a, b := contract(terms...), contract(terms...)
	a.Valid.To, b.Valid.From, b.Version = from+15*day, from+15*day, 2
	r := must(t, rate.Input{Contracts: []rate.Contract{a, b}, Prices: []rate.PriceVersion{price("fee", usd(100))}, Period: september, Prepaid: unit.Amount(usd(70))})
	var got []int64
	for _, l := range r.Lines {
		got = append(got, int64(l.Amount))
	}
	if d := cmp.Diff([]int64{usd(50), -usd(50), usd(50), -usd(20)}, got); d != "" {
		t.Error(d)
	}
}

// TestGaps: what a meter did not say is listed, and a shortfall beside it is provisional.
func TestGaps(t *testing.T) {
	t.Parallel()
	k := contract(
		rate.Term{Name: "gpu", Kind: rate.Usage, Component: "h100", Unit: rate.GPUHour, Meters: []string{"m1", "m2"}},
		rate.Term{Name: "pay", Kind: rate.Shortfall, Component: "h100", Unit: rate.GPUHour, Commitment: 30 * day},
		rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour},
		rate.Term{Name: "job", Kind: rate.Usage, Component: "job", Unit: rate.GPUSecond, Sparse: true})
	in := rate.Input{
		Contracts: []rate.Contract{k}, Period: september,
		Prices:    []rate.PriceVersion{price("h100", 1), price("energy", 1), price("job", 1)},
		Intervals: []rate.Interval{used("h100", from, from+day, 5), used("h100", from+2*day, to, 5), used("h100", to, to+day, 5)},
	}
	r := must(t, in)
	want := []rate.Gap{
		{Contract: "c1", Meter: "m1", Component: "h100", Span: rate.Span{From: from + day, To: from + 2*day}},
		{Contract: "c1", Meter: "m2", Component: "h100", Span: september},
		{Contract: "c1", Component: "energy", Span: september},
	}
	if d := cmp.Diff(want, r.Gaps); d != "" {
		t.Error(d)
	}
	if r.Lines[0].Estimated || !r.Lines[1].Estimated {
		t.Errorf("usage %v, shortfall %v", r.Lines[0].Estimated, r.Lines[1].Estimated)
	}
}

// TestRevisions: the highest counts, a repetition does not, and a forgery is an error.
func TestRevisions(t *testing.T) {
	t.Parallel()
	a := used("ip", from, to, 10)
	b := a
	b.Revision, b.Quantity, b.Estimated = 2, 8, true
	in := rate.Input{
		Contracts: []rate.Contract{contract(rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece})},
		Prices:    []rate.PriceVersion{price("ip", 1)}, Period: september, Intervals: []rate.Interval{b, a, a, b},
	}
	l := must(t, in).Lines[0]
	if l.Quantity != 8 || l.Revision != 2 || !l.Estimated || l.Meters != "m1" {
		t.Errorf("%+v", l)
	}
	a.Evidence[3]++
	in.Intervals = append(in.Intervals, a)
	if _, err := rate.Rate(in); !errors.Is(err, rate.ErrConflict) || !strings.Contains(err.Error(), "revision 1") {
		t.Errorf("two truths of one revision: %v", err)
	}
}

// TestRefused: inputs that have no lines, each with its failure.
func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*rate.Input)
		want   error
	}{
		"a sound one":                    {func(*rate.Input) {}, nil},
		"no period":                      {func(i *rate.Input) { i.Period.To = i.Period.From }, rate.ErrInput},
		"a period of years":              {func(i *rate.Input) { i.Period.To += 400 * day }, rate.ErrInput},
		"no contract":                    {func(i *rate.Input) { i.Contracts = nil }, rate.ErrInput},
		"two contracts":                  {func(i *rate.Input) { c := contract(); c.ID = "c2"; i.Contracts = append(i.Contracts, c) }, rate.ErrInput},
		"a prepayment below zero":        {func(i *rate.Input) { i.Prepaid = -1 }, rate.ErrInput},
		"two prices at once":             {func(i *rate.Input) { i.Prices = append(i.Prices, price("ip", 4)) }, rate.ErrVersions},
		"a price that ends too soon":     {func(i *rate.Input) { i.Prices[0].To = i.Prices[0].From }, rate.ErrPrice},
		"a fee without a price":          {func(i *rate.Input) { i.Prices = i.Prices[:1] }, rate.ErrPrice},
		"more than any books can hold":   {func(i *rate.Input) { i.Intervals[0].Quantity, i.Prices[0].Value = math.MaxInt64, 2 }, rate.ErrOverflow},
		"quantities beyond any register": {func(i *rate.Input) { i.Intervals[0].Quantity, i.Intervals[1].Quantity = math.MaxInt64, 1 }, rate.ErrOverflow},
		"a term without unit":            {func(i *rate.Input) { i.Contracts[0].Terms[0].Unit = "" }, rate.ErrContract},
		"a term without name":            {func(i *rate.Input) { i.Contracts[0].Terms[0].Name = "" }, rate.ErrContract},
		"a term that stands twice":       {func(i *rate.Input) { i.Contracts[0].Terms[1].Name = "ip" }, rate.ErrContract},
		"a kind that is not known":       {func(i *rate.Input) { i.Contracts[0].Terms[0].Kind = "gift" }, rate.ErrContract},
		"a credit as a term":             {func(i *rate.Input) { i.Contracts[0].Terms[0].Kind = rate.Credit }, rate.ErrContract},
		"usage of nothing":               {func(i *rate.Input) { i.Contracts[0].Terms[0].Component = "" }, rate.ErrContract},
		"a cap below one": {func(i *rate.Input) {
			t := &i.Contracts[0].Terms[0]
			t.Kind, t.IT, t.Cap = rate.PassThrough, "it", 999_999
		}, rate.ErrContract},
		"a cap of nothing": {func(i *rate.Input) { i.Contracts[0].Terms[0].Cap = unit.One }, rate.ErrContract},
		"bands and a price": {func(i *rate.Input) {
			t := &i.Contracts[0].Terms[0]
			t.Price, t.Model, t.Bands = "ip", rate.Volume, []rate.Band{{Price: "ip"}}
		}, rate.ErrContract},
		"a cap on usage":               {func(i *rate.Input) { t := &i.Contracts[0].Terms[0]; t.IT, t.Cap = "it", unit.One }, rate.ErrContract},
		"a commitment below zero":      {func(i *rate.Input) { i.Contracts[0].Terms[0].Commitment = -1 }, rate.ErrContract},
		"an escalator down to nothing": {func(i *rate.Input) { i.Contracts[0].Terms[0].Escalator = -unit.One }, rate.ErrContract},
		"a ramp below zero":            {func(i *rate.Input) { i.Contracts[0].Terms[0].Ramp = []unit.Ratio{-1} }, rate.ErrContract},
		"bands without end": {func(i *rate.Input) {
			t := &i.Contracts[0].Terms[0]
			t.Model, t.Bands = rate.Volume, []rate.Band{{UpTo: 5, Price: "ip"}}
		}, rate.ErrContract},
		"bands that fall": {func(i *rate.Input) {
			t := &i.Contracts[0].Terms[0]
			t.Model, t.Bands = rate.Volume, []rate.Band{{UpTo: 5, Price: "ip"}, {UpTo: 4, Price: "ip"}, {Price: "ip"}}
		}, rate.ErrContract},
		"bands at one price":     {func(i *rate.Input) { i.Contracts[0].Terms[0].Bands = []rate.Band{{Price: "ip"}} }, rate.ErrContract},
		"a package without size": {func(i *rate.Input) { i.Contracts[0].Terms[0].Model = rate.Package }, rate.ErrContract},
		"a tax on what comes after it": {func(i *rate.Input) {
			i.Contracts[0].Terms[0] = rate.Term{Name: "t", Kind: rate.Tax, Of: []string{"fee"}}
		}, rate.ErrContract},
		"a contract of no currency":    {func(i *rate.Input) { i.Contracts[0].Currency = "" }, rate.ErrContract},
		"a contract that never starts": {func(i *rate.Input) { i.Contracts[0].Start = i.Contracts[0].Valid.To }, rate.ErrContract},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := rate.Input{
				Contracts: []rate.Contract{contract(
					rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece}, rate.Term{Name: "fee", Kind: rate.Fixed, Unit: rate.Month})},
				Prices: []rate.PriceVersion{price("ip", 1), price("fee", 1)}, Period: september,
				Intervals: []rate.Interval{used("ip", from, from+day, 1), used("ip", from+day, to, 1)},
			}
			c.change(&in)
			r, err := rate.Rate(in)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || err != nil && len(r.Lines) > 0 {
				t.Errorf("%d lines, error %v, want %v", len(r.Lines), err, c.want)
			}
		})
	}
}

// TestZone: months of a contract begin at its own midnight.
func TestZone(t *testing.T) {
	t.Parallel()
	k := contract(rate.Term{Name: "hall", Kind: rate.Reservation, Unit: rate.KilowattMonth, Commitment: 30_000, Ramp: []unit.Ratio{0}})
	k.Zone = time.FixedZone("UTC-5", -5*3600)
	k.Valid.From = from - 31*day
	k.Start = from - 31*day + 5*hour // 1 August there
	r := must(t, rate.Input{Contracts: []rate.Contract{k}, Prices: []rate.PriceVersion{price("hall", usd(720))}, Period: september})
	if got := int64(r.Lines[0].Amount); got != usd(30*715) {
		t.Errorf("%d, want 715 of 720 hours", got)
	}
}
