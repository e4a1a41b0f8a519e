package rate_test

import (
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
