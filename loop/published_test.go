package loop

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/series"
	"sluice/unit"
)

var noon = time.Date(2025, 3, 30, 0, 0, 0, 0, time.UTC) // the day on which European clocks change

// ahead lists prices of steps that follow one another from noon.
func ahead(step time.Duration, dollars ...int64) []Priced {
	var out []Priced
	for i, d := range dollars {
		out = append(out, Priced{At: series.Interval{Start: noon.Add(time.Duration(i) * step), Length: step}, Price: unit.Price(d) * unit.PerMWh})
	}
	return out
}

func mesh(minutes ...int) series.Mesh {
	m := series.Mesh{Start: noon}
	for _, d := range minutes {
		m.Lengths = append(m.Lengths, time.Duration(d)*time.Minute)
	}
	return m
}

func TestPublished(t *testing.T) {
	t.Parallel()
	const quarter = 15 * time.Minute
	for sentence, c := range map[string]struct {
		mesh     series.Mesh
		ahead    []Priced
		rest     []int   // minutes that must be forecast
		forecast []int64 // dollars
		want     []int64 // dollars
	}{
		"nothing is published":                      {mesh(15, 60), nil, []int{15, 60}, []int64{7, 8}, []int64{7, 8}},
		"everything is published":                   {mesh(15, 15), ahead(quarter, 10, 20), nil, nil, []int64{10, 20}},
		"more is published than is planned":         {mesh(15), ahead(quarter, 10, 20, 30), nil, nil, []int64{10}},
		"the first interval only":                   {mesh(15, 15, 60), ahead(quarter, 10), []int{15, 60}, []int64{8, 9}, []int64{10, 8, 9}},
		"an hour is the mean of its quarters":       {mesh(60), ahead(quarter, 10, 20, 30, 60), nil, nil, []int64{30}},
		"an hour of which half is published":        {mesh(15, 60, 60), ahead(quarter, 10, 20, 40), []int{30, 60}, []int64{50, 70}, []int64{10, 40, 70}},
		"hourly prices under a finer plan":          {mesh(15, 15, 60), ahead(time.Hour, 10, 30), nil, nil, []int64{10, 10, 20}},
		"hourly prices that end inside a plan hour": {mesh(15, 60), ahead(time.Hour, 10), []int{15}, []int64{50}, []int64{10, 20}},
		"negative prices":                           {mesh(30), ahead(quarter, -1000, 500), nil, nil, []int64{-250}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := publishedOn(c.mesh, c.ahead)
			var rest []int
			for _, d := range p.rest.Lengths {
				rest = append(rest, int(d/time.Minute))
			}
			if diff := cmp.Diff(c.rest, rest); diff != "" {
				t.Errorf("still to be forecast (-want +got):\n%s", diff)
			}
			if len(rest) > 0 && !p.rest.Start.Equal(end(c.ahead)) {
				t.Errorf("the forecast begins %v, the published prices end %v", p.rest.Start, end(c.ahead))
			}
			if diff := cmp.Diff(prices(c.want), p.merge(prices(c.forecast))); diff != "" {
				t.Errorf("prices (-want +got):\n%s", diff)
			}
		})
	}
}

func end(a []Priced) time.Time {
	if len(a) == 0 {
		return noon
	}
	return a[len(a)-1].At.End()
}

func prices(dollars []int64) []unit.Price {
	var out []unit.Price
	for _, d := range dollars {
		out = append(out, unit.Price(d)*unit.PerMWh)
	}
	return out
}

// TestPublishedKeepsTheMean: over every mesh, what comes out weighs as much as
// what went in, up to the rounding of one millionth for each interval.
func TestPublishedKeepsTheMean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.SampledFrom([]int{5, 15, 60}), 1, 12).Draw(t, "mesh")
		m := mesh(lengths...)
		total := 0
		for _, d := range lengths {
			total += d
		}
		all := rapid.SliceOfN(rapid.Int64Range(-1000, 17_500), total/5, total/5).Draw(t, "prices")
		p := publishedOn(m, ahead(5*time.Minute, all...))
		if p.rest.Len() != 0 {
			t.Fatalf("%d intervals are left to be forecast", p.rest.Len())
		}
		var in, out int64
		for _, v := range all {
			in += v * int64(unit.PerMWh) * 300
		}
		for i, v := range p.merge(nil) {
			out += int64(v) * int64(m.Lengths[i]/time.Second)
		}
		if d := out - in; max(d, -d) > int64(total)*60 {
			t.Fatalf("weighs %d, want %d", out, in)
		}
	})
}
