package room

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/live"
	"sluice/people"
	"sluice/unit"
)

// curtailed is a plant that was ordered down, whose meter the test makes up.
type curtailed struct {
	*plant
	orders live.InstructionList
	metric func(at time.Time) float64 // watts
	asked  []string
	mute   bool // it keeps no telemetry
}

// Instructions implements Orders.
func (c *curtailed) Instructions(context.Context, time.Time) (live.InstructionList, error) {
	return c.orders, nil
}

// RoundTrip implements http.RoundTripper.
func (c *curtailed) RoundTrip(req *http.Request) (*http.Response, error) {
	q := req.URL.Query()
	c.asked = append(c.asked, q.Get("query"))
	status := http.StatusOK
	var begin, end, step float64
	if _, err := fmt.Sscan(q.Get("start")+" "+q.Get("end")+" "+q.Get("step"), &begin, &end, &step); err != nil {
		return nil, err
	}
	if c.mute {
		status = http.StatusNotFound
	}
	var values []string
	for at := begin; at <= end; at += step {
		values = append(values, fmt.Sprintf(`[%f,"%f"]`, at, c.metric(time.UnixMilli(int64(at*1000)))))
	}
	text := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[` + strings.Join(values, ",") + `]}]}}`
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
}

// step is an instruction of a test: minutes after noon; watts below zero: free again.
func instructionAt(group string, minute int, watts int64) live.Instruction {
	x := live.Instruction{Entered: noon.Add(-time.Hour), By: "ann", Group: group, From: noon.Add(time.Duration(minute) * time.Minute), Limit: unit.Power(watts), Free: watts < 0}
	return x
}

// TestEventsOf joins instructions into events.
func TestEventsOf(t *testing.T) {
	t.Parallel()
	at := instructionAt
	for sentence, c := range map[string]struct {
		steps []live.Instruction
		want  []string
	}{
		"none":                             {nil, nil},
		"one with its end":                 {[]live.Instruction{at("houston", -60, 5), at("houston", -30, -1)}, []string{"over site 5 1"}},
		"one that runs":                    {[]live.Instruction{at("houston", -60, 5), at("houston", 30, -1)}, []string{"running site 5 1"}},
		"one without end":                  {[]live.Instruction{at("houston", -60, 5)}, []string{"running site 5 1"}},
		"one that comes":                   {[]live.Instruction{at("houston", 60, 5), at("houston", 90, -1)}, []string{"coming site 5 1"}},
		"a lower one within":               {[]live.Instruction{at("houston", -60, 5), at("houston", -10, -1), at("houston", -50, 2), at("houston", -40, 5)}, []string{"over site 2 3"}},
		"one that was replaced":            {[]live.Instruction{at("houston", -60, 5), at("houston", -10, -1), at("houston", -60, 7)}, []string{"over site 7 1"}},
		"two of them, and one of a feeder": {[]live.Instruction{at("houston", -60, 5), at("houston", -50, -1), at("houston", -20, 4), at("houston", -10, -1), at("north", -5, 1)}, []string{"running north 1 1", "over site 4 1", "over site 5 1"}},
		"an end alone":                     {[]live.Instruction{at("houston", -60, -1)}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range eventsOf(live.InstructionList{Now: noon, Steps: c.steps}, "houston") {
				group := e.Group
				if group == "" {
					group = "site"
				}
				got = append(got, fmt.Sprintf("%s %s %d %d", e.State, group, e.Limit, len(e.Steps)))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestGridEvents holds an order against the meter: 8 MW before, 4 MW ordered for half an
// hour, reached after a minute, passed once by a quarter of a megawatt, back soon after.
func TestGridEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin, end := noon.Add(-2*time.Hour), noon.Add(-90*time.Minute)
	c := &curtailed{plant: newPlant(noon), metric: func(at time.Time) float64 {
		switch {
		case at.Before(begin.Add(time.Minute)):
			return 8e6
		case !at.Before(begin.Add(10*time.Minute)) && at.Before(begin.Add(11*time.Minute)):
			return 4.25e6
		case at.Before(end.Add(5 * time.Minute)):
			return 4e6
		}
		return 8e6
	}}
	c.orders = live.InstructionList{Now: noon, Steps: []live.Instruction{instructionAt("houston", -120, 4_000_000), instructionAt("houston", -90, -1), instructionAt("north", 60, 1)}}
	w.must(w.room.Attach("houston", c))
	w.hear()
	viewer := w.as(people.Viewer, "houston")
	var all GridEvents
	viewer.do(http.MethodGet, "/v1/sites/houston/grid-events", nil).read(t, &all)
	if len(all.Events) != 2 || all.Events[0].State != "coming" || all.Events[0].Figures != nil || all.Events[1].State != "over" {
		t.Fatalf("%+v", all.Events)
	}
	x := all.Events[1].Figures
	if x == nil || x.Samples != 180 || *x.Baseline != 8_000_000 || *x.Response != 60 || x.Worst != 250_000 || x.Restored == nil || !x.Restored.Equal(end.Add(5*time.Minute)) {
		t.Fatalf("%+v", x)
	}
	if over := int64(x.Over); over != 4_000_000*60+250_000*60 {
		t.Errorf("above what was ordered: %d J", over)
	}
	if reduced := int64(*x.Reduced); reduced != 4_000_000*29*60-250_000*60 {
		t.Errorf("below the baseline: %d J", reduced)
	}
	var one GridTrace
	viewer.do(http.MethodGet, "/v1/sites/houston/grid-events/"+begin.Format(time.RFC3339), nil).read(t, &one)
	if len(one.Times) != len(one.Metered) || len(one.Times) < 180 || one.Event.Figures == nil {
		t.Errorf("%d readings", len(one.Times))
	}
	if a := viewer.do(http.MethodGet, "/v1/sites/houston/grid-events/"+noon.Format(time.RFC3339), nil); a.status != http.StatusNotFound {
		t.Errorf("an event that is none: %d", a.status)
	}
	if !slices.Contains(c.asked, `sluice_site_power_watts{site="houston"}`) {
		t.Errorf("asked %q", c.asked)
	}
	c.mute = true
	var mute GridEvents
	viewer.do(http.MethodGet, "/v1/sites/houston/grid-events", nil).read(t, &mute)
	if mute.Events[1].Figures != nil {
		t.Errorf("nothing was measured: %+v", mute.Events[1].Figures)
	}
}

// FuzzSamples: whatever telemetry says, nothing breaks and no value is made up.
func FuzzSamples(f *testing.F) {
	f.Add([]byte(`{"status":"success","data":{"result":[{"values":[[1,"2"],[3,"NaN"],[4,"+Inf"]]}]}}`))
	f.Add([]byte(`{"status":"error","error":"no"}`))
	f.Add([]byte(`{"status":"success","data":{"result":[{"values":[[1e300,"2"]]}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := samplesOf(text)
		if err != nil && got != nil {
			t.Errorf("%v and %v", got, err)
		}
		for _, x := range got {
			if x.value != x.value {
				t.Errorf("%v", x)
			}
		}
	})
}
