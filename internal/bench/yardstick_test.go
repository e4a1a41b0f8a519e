package main

import (
	"bytes"
	"context"
	"math"
	"math/big"
	"testing"
	"time"

	"sluice/driver/sitefile"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use/mining"
)

// rolling is the market of one turn of the shipped site, with a day's wave and
// two spikes in its prices.
func rolling(tb testing.TB) dispatch.Input {
	tb.Helper()
	return rollingAt(tb, 0)
}

// rollingAt is the same market so many turns later.
func rollingAt(tb testing.TB, later int) dispatch.Input {
	tb.Helper()
	text, err := sitefile.Example("houston")
	if err != nil {
		tb.Fatal(err)
	}
	file, err := sitefile.Read(bytes.NewReader(text), "houston")
	if err != nil {
		tb.Fatal(err)
	}
	rigs, err := file.Rigs()
	if err != nil {
		tb.Fatal(err)
	}
	mesh := series.Mesh{Start: time.Date(2025, 8, 18, 18, 0, 0, 0, time.UTC).Add(time.Duration(later) * 15 * time.Minute)}
	var prices series.Profile[unit.Price]
	for i := range 72 {
		d := 15 * time.Minute
		if i >= 48 {
			d = time.Hour
		}
		mesh.Lengths = append(mesh.Lengths, d)
	}
	for _, at := range mesh.Intervals() {
		hour := at.Start.Sub(time.Date(2025, 8, 18, 0, 0, 0, 0, time.UTC)).Hours()
		p := 35 + 20*math.Sin(hour/24*2*math.Pi)
		if h := math.Mod(hour, 24); h > 22 && h < 23 || h > 13 && h < 13.5 {
			p += 400
		}
		prices = append(prices, unit.Price(unit.FromFloat(p)))
	}
	offers, charges, err := file.Contracts.Offers(power.Input{Mesh: mesh, Zone: file.Site.Zone, Connection: file.Site.Connection, Prices: prices})
	if err != nil {
		tb.Fatal(err)
	}
	in := dispatch.Input{
		Head: cycle.Head{Version: cycle.Version, Site: "houston", At: mesh.Start}, Mesh: mesh, Offers: offers, Charges: charges,
		MustRun: file.Site.MustRun, Limit: power.Limit{Import: series.Flat(file.Site.Connection.Ceiling())},
	}
	for _, r := range rigs {
		b, err := r.Bid(mining.Input{Hashprice: 50_000_000, Temperatures: make([]int64, 72), Health: series.Flat(unit.One)})
		if err != nil {
			tb.Fatal(err)
		}
		b.Now.On, b.Now.Draw = r.Capacity(), r.Capacity()
		in.Bids = append(in.Bids, b)
	}
	return in
}

// clearing runs b's loop over a market that is a quarter of an hour older each
// time, as in a rolling run.
func clearing(b *testing.B, forget bool) {
	b.Helper()
	e, err := solve.New(b.Context(), solve.Config{CacheDir: b.TempDir()})
	if err != nil {
		b.Skip("SKIPPED, NOTHING WAS MEASURED: no solver in this tree: run make build: ", err)
	}
	defer func() { _ = e.Close(context.WithoutCancel(b.Context())) }()
	s, err := e.Instance(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	m := dispatch.New(s, solve.Options{})
	var turns []dispatch.Input
	for i := range 96 {
		turns = append(turns, rollingAt(b, i))
	}
	i := 0
	for b.Loop() {
		if forget || i%96 == 0 {
			m.Forget()
		}
		p, err := m.Clear(b.Context(), turns[i%96])
		if err != nil || p.Solver.Fallback != "" {
			b.Fatal(err, p.Solver.Fallback)
		}
		i++
	}
}

func BenchmarkClearWarm(b *testing.B) { clearing(b, false) }

func BenchmarkClearCold(b *testing.B) { clearing(b, true) }

// factors are a price and an energy whose product needs 128 bits.
const price, energy, perMWh = 17_500_000_000, 60_000_000_000_000, 3_600_000_000

func BenchmarkMulDiv(b *testing.B) {
	sum, e := int64(0), int64(energy)
	for b.Loop() {
		e++
		sum += unit.MulDiv(price, e, perMWh)
	}
	if sum == 0 {
		b.Fatal("nothing was computed")
	}
}

// BenchmarkMulDivBig does the same with math/big, its numbers reused.
func BenchmarkMulDivBig(b *testing.B) {
	sum, e := int64(0), int64(energy)
	var x, y, z, q, r, twice big.Int
	x.SetInt64(price)
	z.SetInt64(perMWh)
	for b.Loop() {
		e++
		y.SetInt64(e)
		q.QuoRem(q.Mul(&x, &y), &z, &r)
		if c := twice.Lsh(&r, 1).Cmp(&z); c > 0 || c == 0 && q.Bit(0) == 1 {
			q.Add(&q, big.NewInt(1))
		}
		sum += q.Int64()
	}
	if sum == 0 {
		b.Fatal("nothing was computed")
	}
}
