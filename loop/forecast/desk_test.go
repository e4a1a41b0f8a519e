package forecast

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/series"
	"sluice/unit"
)

const quarter = 15 * time.Minute

// texan is a desk of quarter hours that was told prices from morning on.
func texan(tb testing.TB, prices []unit.Price) *Desk {
	tb.Helper()
	d := desk(tb, Config{Step: quarter, Zone: chicago(tb)})
	feed(tb, d, 0, prices)
	return d
}

// feed publishes prices from quarter hour i on.
func feed(tb testing.TB, d *Desk, i int, prices []unit.Price) {
	tb.Helper()
	for j, p := range prices {
		if err := d.Publish(quarterAt(i+j), p); err != nil {
			tb.Fatal(err)
		}
	}
}

func quarterAt(i int) time.Time { return morning.Add(time.Duration(i) * quarter) }

// ask is the Outlook of the turn at quarter hour i: two hours in quarters and
// thirty in hours.
func ask(tb testing.TB, d *Desk, i int) Outlook {
	tb.Helper()
	mesh := series.Mesh{Start: quarterAt(i), Lengths: append(slices.Repeat([]time.Duration{quarter}, 8), slices.Repeat([]time.Duration{time.Hour}, 30)...)}
	o, err := d.Outlook(mesh.Start, mesh)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// differences feeds two histories that part at turn T and compares every
// Outlook issued until then. plant may change a desk that knows its history.
func differences(tb testing.TB, plant func(d *Desk, history []unit.Price)) int {
	tb.Helper()
	const part = 700
	calm := wild(part + 100)
	mad := slices.Clone(calm)
	for i := part; i < len(mad); i++ {
		mad[i] = []unit.Price{math.MaxInt64, math.MinInt64, 0, 9_000_000 * unit.PerMWh}[i%4]
	}
	outlooks := func(history []unit.Price) []Outlook {
		d := texan(tb, nil)
		plant(d, history)
		var out []Outlook
		for i := range part {
			feed(tb, d, i, history[i:i+1])
			if i >= part-120 {
				out = append(out, ask(tb, d, i+1))
			}
		}
		feed(tb, d, part, history[part:])
		return out
	}
	a, b, n := outlooks(calm), outlooks(mad), 0
	for i := range a {
		if diff := cmp.Diff(a[i], b[i]); diff != "" {
			n++
		}
	}
	return n
}

// TestNothingComesFromTheFuture poisons the future: two histories are equal up
// to a turn and wildly different after it, and no Outlook until then may differ.
func TestNothingComesFromTheFuture(t *testing.T) {
	t.Parallel()
	if n := differences(t, func(*Desk, []unit.Price) {}); n > 0 {
		t.Errorf("%d outlooks depend on prices published after them", n)
	}
}

// TestPoisonCatchesAPlantedBug proves that the check above can fail.
func TestPoisonCatchesAPlantedBug(t *testing.T) {
	t.Parallel()
	n := differences(t, func(d *Desk, history []unit.Price) {
		first := d.clock.interval(morning)
		d.peek = func(k int64, f float64) float64 {
			if i := k - first; i < int64(len(history)) {
				return 0.999*f + 0.001*number(history[i])
			}
			return f
		}
	})
	if n == 0 {
		t.Error("a model that sees the future went unnoticed")
	}
}

// TestQuantilesDoNotCross feeds arbitrary prices and gaps.
func TestQuantilesDoNotCross(t *testing.T) {
	t.Parallel()
	zone := chicago(t)
	rapid.Check(t, func(t *rapid.T) {
		d, err := New(Config{Step: quarter, Zone: zone})
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for range rapid.IntRange(1, 250).Draw(t, "prices") {
			at += 1 + max(0, rapid.IntRange(-20, 3).Draw(t, "gap"))
			p := unit.Price(rapid.Int64Range(-300, 9000).Draw(t, "price")) * unit.PerMWh
			if rapid.IntRange(0, 50).Draw(t, "absurd") == 0 {
				p = unit.Price(rapid.Int64().Draw(t, "any"))
			}
			if err := d.Publish(quarterAt(at), p); err != nil {
				t.Fatal(err)
			}
		}
		mesh := series.Mesh{Start: quarterAt(at + 1), Lengths: []time.Duration{quarter, 5 * time.Minute, 10 * time.Minute, time.Hour, 20 * time.Hour}}
		o, err := d.Outlook(mesh.Start, mesh)
		if err != nil {
			t.Fatal(err)
		}
		for i := range o.Point {
			q := []unit.Price{o.Q05[i], o.Q25[i], o.Q50[i], o.Q75[i], o.Q95[i]}
			if !slices.IsSorted(q) {
				t.Fatalf("interval %d: quantiles %v cross", i, q)
			}
		}
	})
}

func TestDegradedSaysSoAndWidens(t *testing.T) {
	t.Parallel()
	prices := wild(20 * 96)
	n := len(prices)
	whole := ask(t, texan(t, prices), n)
	if whole.Degraded != "" {
		t.Fatalf("nothing is missing, yet: %q", whole.Degraded)
	}
	cases := map[string]struct {
		make func(t *testing.T) Outlook
		says string
	}{
		"young desk": {says: "1 of 7 days of history", make: func(t *testing.T) Outlook {
			t.Helper()
			return ask(t, texan(t, prices[:100]), 100)
		}},
		"prices stopped": {says: "the last price is 6h0m0s old", make: func(t *testing.T) Outlook {
			t.Helper()
			return ask(t, texan(t, prices[:n-24]), n)
		}},
		"holes": {says: "2 of the last 4 prices are missing", make: func(t *testing.T) Outlook {
			t.Helper()
			d := texan(t, prices[:n-3])
			feed(t, d, n-1, prices[n-1:])
			return ask(t, d, n)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := c.make(t)
			if !strings.Contains(o.Degraded, c.says) {
				t.Errorf("degraded is %q, want %q in it", o.Degraded, c.says)
			}
			if got, sound := o.Q95[0]-o.Q05[0], whole.Q95[0]-whole.Q05[0]; got <= sound {
				t.Errorf("the quantiles are %v apart, %v when nothing is missing", got, sound)
			}
			for i, p := range o.Point {
				if p == 0 {
					t.Errorf("interval %d: a missing price was guessed to be zero", i)
				}
			}
		})
	}
}

// TestDayAheadEnds: where the curve ends the next best model speaks, and the
// Outlook says so.
func TestDayAheadEnds(t *testing.T) {
	t.Parallel()
	d := desk(t, Config{Step: time.Hour, Zone: time.UTC})
	curve := func(i int) float64 { return 40 + 30*math.Sin(float64(i*i%97)) }
	for i := range 60 * 24 {
		if err := d.PublishDayAhead(midnight.Add(time.Duration(i+24)*time.Hour), time.Hour, price(curve(i+24))); err != nil {
			t.Fatal(err)
		}
		tell(t, d, i, curve(i)+0.1)
	}
	end := midnight.Add(60 * 24 * time.Hour)
	for hours, degraded := range map[int]string{20: "", 40: "the day-ahead curve ends before the mesh does"} {
		o, err := d.Outlook(end, series.Mesh{Start: end, Lengths: slices.Repeat([]time.Duration{time.Hour}, hours)})
		if err != nil {
			t.Fatal(err)
		}
		if o.Model != "next=day-ahead hour=day-ahead 4h=day-ahead day=day-ahead" || o.Degraded != degraded {
			t.Errorf("%d h: model %q, degraded %q, want day-ahead throughout and %q", hours, o.Model, o.Degraded, degraded)
		}
	}
}

// TestMeshAverages: an interval of the mesh expects the mean of what it covers.
func TestMeshAverages(t *testing.T) {
	t.Parallel()
	const n = 1500
	d := texan(t, wild(n))
	fine := ask(t, d, n).Point[:8]
	o, err := d.Outlook(quarterAt(n), series.Mesh{Start: quarterAt(n), Lengths: []time.Duration{5 * time.Minute, 10 * time.Minute, 30 * time.Minute, 20 * time.Minute, 55 * time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{
		number(fine[0]), number(fine[0]), (number(fine[1]) + number(fine[2])) / 2,
		(15*number(fine[3]) + 5*number(fine[4])) / 20,
		(10*number(fine[4]) + 15*(number(fine[5])+number(fine[6])+number(fine[7]))) / 55,
	}
	for i, w := range want {
		if math.Abs(number(o.Point[i])-w) > 2e-6 {
			t.Errorf("interval %d: got %v, want %v", i, o.Point[i].Float(), w)
		}
	}
}

// TestStateResumes: a desk that was stored and read back answers and scores to
// the end like the one that was not, and shares nothing with it.
func TestStateResumes(t *testing.T) {
	t.Parallel()
	prices := wild(2400)
	d := texan(t, prices[:2000])
	stored, err := d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	c := d.Clone()
	feed(t, c, 2000, prices[:1])
	e := texan(t, nil)
	if err := e.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	for i := 2000; i < len(prices); i++ {
		feed(t, d, i, prices[i:i+1])
		feed(t, e, i, prices[i:i+1])
	}
	if diff := cmp.Diff(ask(t, d, len(prices)), ask(t, e, len(prices))); diff != "" {
		t.Errorf("the resumed desk differs:\n%s", diff)
	}
	if diff := cmp.Diff(d.Errors(), e.Errors()); diff != "" {
		t.Errorf("the resumed scores differ:\n%s", diff)
	}
	if len(stored) > 1<<20 {
		t.Errorf("the state is %d bytes", len(stored))
	}
}

func TestStateIsRefused(t *testing.T) {
	t.Parallel()
	stored, err := texan(t, wild(200)).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	hour := Config{Step: time.Hour, Zone: time.UTC}
	for name, c := range map[string]struct {
		cfg  Config
		data []byte
	}{
		"empty":            {Config{Step: quarter, Zone: chicago(t)}, nil},
		"cut short":        {Config{Step: quarter, Zone: chicago(t)}, stored[:len(stored)-8]},
		"too long":         {Config{Step: quarter, Zone: chicago(t)}, append(slices.Clone(stored), 0)},
		"of another desk":  {hour, stored},
		"of another model": {Config{Step: quarter, Zone: chicago(t), Models: []Model{Blend}}, stored},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := desk(t, c.cfg).UnmarshalBinary(c.data); !errors.Is(err, ErrState) {
				t.Errorf("got %v, want ErrState", err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	d := texan(t, wild(10))
	mesh := func(start time.Time, lengths ...time.Duration) series.Mesh {
		return series.Mesh{Start: start, Lengths: lengths}
	}
	outlook := func(d *Desk, now time.Time, m series.Mesh) error { _, err := d.Outlook(now, m); return err }
	for name, c := range map[string]struct{ got, want error }{
		"the same price twice":    {d.Publish(quarterAt(9), 0), ErrOrder},
		"an earlier price":        {d.Publish(quarterAt(3), 0), ErrOrder},
		"a price off the grid":    {d.Publish(quarterAt(10).Add(time.Minute), 0), series.ErrGrid},
		"a curve of no length":    {d.PublishDayAhead(quarterAt(10), 0, 0), series.ErrGrid},
		"a curve of a year":       {d.PublishDayAhead(quarterAt(10), 8760*time.Hour, 0), series.ErrGrid},
		"a question too early":    {outlook(texan(t, nil), quarterAt(0), mesh(quarterAt(0), quarter)), ErrNothingKnown},
		"a question from before":  {outlook(d, quarterAt(8), mesh(quarterAt(10), quarter)), ErrOrder},
		"an interval of no time":  {outlook(d, quarterAt(10), mesh(quarterAt(10), quarter, 0)), series.ErrGrid},
		"a mesh beyond the reach": {outlook(d, quarterAt(10), mesh(quarterAt(10), 49*time.Hour)), series.ErrGrid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !errors.Is(c.got, c.want) {
				t.Errorf("got %v, want %v", c.got, c.want)
			}
		})
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	err := Config{Step: time.Minute, Models: []Model{"oracle"}, Horizon: -time.Hour, Stale: -1, ValueLow: 9, ValueHigh: 3}.Validate()
	for _, part := range []string{"step 1m0s", "zone is missing", `model "oracle"`, "horizon -1h0m0s", "stale -1ns", "values"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not named in %v", part, err)
		}
	}
	if err := (Config{Step: quarter, Zone: time.UTC}).WithDefaults().Validate(); err != nil {
		t.Errorf("the defaults are faulty: %v", err)
	}
}

// TestKnownPricesAreNotForecast: a mesh that starts early repeats what is known.
func TestKnownPricesAreNotForecast(t *testing.T) {
	t.Parallel()
	prices := wild(300)
	o, err := texan(t, prices).Outlook(quarterAt(300), series.Mesh{Start: quarterAt(298), Lengths: []time.Duration{quarter, quarter, quarter}})
	if err != nil {
		t.Fatal(err)
	}
	if o.Point[0] != prices[298] || o.Point[1] != prices[299] {
		t.Errorf("got %v, want %v first", o.Point, prices[298:])
	}
}
