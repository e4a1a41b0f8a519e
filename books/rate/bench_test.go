package rate_test

import (
	"strconv"
	"testing"

	"sluice/books"
	"sluice/books/rate"
	"sluice/unit"
)

// BenchmarkRate is September of ten meters that read every five minutes, at
// prices that change every hour, under a cap that is applied every hour.
func BenchmarkRate(b *testing.B) {
	in := rate.Input{
		Period:    september,
		Contracts: []rate.Contract{contract(rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour, IT: "it", Cap: 1_300_000})},
	}
	for at := from; at < to; at += hour {
		in.Prices = append(in.Prices, rate.PriceVersion{Component: "energy", From: at, To: at + hour, Value: at % 97 * int64(unit.PerMWh)})
	}
	for _, m := range []string{"m0", "m1", "m2", "m3", "m4"} {
		for at := from; at < to; at += 300 {
			for _, c := range []string{"energy", "it"} {
				in.Intervals = append(in.Intervals, rate.Interval{Contract: "c1", Meter: m, Component: c, From: at, To: at + 300, Quantity: at % 1_000_003, Evidence: books.Hash{1}})
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rate.Rate(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMillion is a month of a hundred contracts, each with 10,000 intervals of
// a building and of its machines; one rating after the other, on one thread.
func BenchmarkMillion(b *testing.B) {
	const contracts, each, step = 100, 10_000, 500
	var in []rate.Input
	for c := range contracts {
		k := contract(
			rate.Term{Name: "power", Kind: rate.PassThrough, Component: "energy", Unit: rate.MegawattHour, IT: "it", Cap: 1_300_000},
			rate.Term{Name: "handling", Kind: rate.Percentage, Rate: 25_000, Of: []string{"power"}},
			rate.Term{Name: "vat", Kind: rate.Tax, Rate: 82_500})
		k.ID = "c" + strconv.Itoa(c)
		x := rate.Input{Contracts: []rate.Contract{k}, Period: september}
		for at := from; at < to; at += hour {
			x.Prices = append(x.Prices, rate.PriceVersion{Component: "energy", From: at, To: at + hour, Value: at % 97 * int64(unit.PerMWh)})
		}
		for i := range int64(each) {
			component, at := []string{"energy", "it"}[i%2], from+i/2*step
			x.Intervals = append(x.Intervals, rate.Interval{Contract: k.ID, Meter: "m1", Component: component, From: at, To: at + step, Quantity: at % 1_000_003, Evidence: books.Hash{1}})
		}
		in = append(in, x)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, x := range in {
			if r, err := rate.Rate(x); err != nil || len(r.Suspense) > 0 {
				b.Fatal(err, r.Suspense)
			}
		}
	}
	b.ReportMetric(float64(b.N)*contracts*each/b.Elapsed().Seconds(), "intervals/s")
}
