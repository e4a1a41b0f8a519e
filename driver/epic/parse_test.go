package epic

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

func reading(t *testing.T, sum string) device.Reading {
	t.Helper()
	tree, err := wire.Parse([]byte(sum))
	if err != nil {
		t.Fatal(err)
	}
	var out device.Reading
	fill(&out, tree, device.All)
	return out
}

func TestFill(t *testing.T) {
	t.Parallel()
	running, asleep := device.Stated(device.Running), device.Stated(device.Asleep)
	for what, c := range map[string]struct {
		sum  string
		want device.Reading
	}{
		"nothing is stated":     {`{}`, device.Reading{}},
		"nulls state nothing":   {`{"Status":null,"HBs":null,"Power Supply Stats":{"Input Power":null}}`, device.Reading{}},
		"mining without a rate": {`{"Status":{"Operating State":"Mining"}}`, device.Reading{Activity: running, Intent: running}},
		"idling, rate unknown":  {`{"Status":{"Operating State":"Idling"}}`, device.Reading{Intent: asleep}},
		"idling, no boards":     {`{"Status":{"Operating State":"Idling"},"HBs":[]}`, device.Reading{Intent: asleep, Activity: asleep, Hash: device.Stated(unit.Hashrate(0))}},
		"idling and hashing": {
			`{"Status":{"Operating State":"Idling"},"HBs":[{"Index":1,"Hashrate":[1000,9]}]}`,
			device.Reading{Intent: asleep, Activity: running, Hash: device.Stated(unit.Hashrate(1))},
		},
		"a board without a rate makes the sum unknown": {`{"HBs":[{"Index":0,"Hashrate":[1000]},{"Index":1}]}`, device.Reading{}},
		"in a change": {`{"Status":{"Operating State":"Adjusting Clocks"}}`, device.Reading{Intent: running, Activity: device.Stated(device.Waking)}},
		"tuning": {
			`{"Status":{"Operating State":"Mining"},"PerpetualTune":{"Running":true,"Algorithm":{"PowerTune":{"Target":2500,"Optimized":false}}}}`,
			device.Reading{Intent: running, Activity: device.Stated(device.Tuning), Mode: device.Stated("PowerTune"), Limit: device.Stated(unit.Power(2500))},
		},
		"another algorithm has no watts": {
			`{"Status":{"Operating State":"Mining"},"PerpetualTune":{"Running":true,"Algorithm":{"ChipTune":{"Target":120,"Optimized":true}}}}`,
			device.Reading{Intent: running, Activity: running, Mode: device.Stated("ChipTune")},
		},
		"power by the supply, a fault, a fan, a pool": {
			`{"Power Supply Stats":{"Input Power":"3010.5"},"Status":{"Last Error":"Fan 2 lost"},"Fans Rpm":{"Fans Speed 1":"5000"},"Stratum":{"Current Pool":"b"},"StratumConfigs":[{"pool":"a","login":"x"},{"pool":"b"}]}`,
			device.Reading{
				Power:  device.Value[unit.Power]{Value: 3010, Known: true, Source: device.FromPSU},
				Faults: []device.Fault{{Code: "Fan 2 lost", Text: "Fan 2 lost"}}, Fans: []device.Fan{{Name: "fans speed 1", RPM: 5000}},
				Pools: []device.Pool{{URL: "a", Worker: "x", Active: device.Stated(false)}, {URL: "b", Active: device.Stated(true)}},
			},
		},
	} {
		if diff := cmp.Diff(c.want, reading(t, c.sum)); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		status int
		body   string
		class  device.AckClass
		reason device.RefusedReason
	}{
		"yes":                        {http.StatusOK, `{"result":true,"error":null}`, device.Accepted, ""},
		"no":                         {http.StatusOK, `{"result":false,"error":"not now"}`, device.Refused, device.Other},
		"a wrong password":           {http.StatusOK, `{"result":false,"error":"Incorrect Password"}`, device.Refused, device.BadAuth},
		"a status that says so":      {http.StatusUnauthorized, ``, device.Refused, device.BadAuth},
		"an order that is not known": {http.StatusNotFound, `not found`, device.Refused, device.Unsupported},
		"200 is no yes":              {http.StatusOK, `{}`, device.Garbled, ""},
		"a page":                     {http.StatusOK, `<html>`, device.Garbled, ""},
		"a failure of the server":    {http.StatusInternalServerError, `{"result":true}`, device.Garbled, ""},
	} {
		if class, reason, _ := judge(wire.Answer{Status: c.status, Body: []byte(c.body)}); class != c.class || reason != c.reason {
			t.Errorf("%s: %s (%s)", what, class, reason)
		}
	}
}

func FuzzSummary(f *testing.F) {
	f.Add([]byte(`{"Status":{"Operating State":"Mining"},"HBs":[{"Index":0,"Hashrate":[33000000.5,98],"Temperature":60}],"Power Supply Stats":{"Input Power":3000}}`))
	f.Add([]byte(`{"HBs":[{"Hashrate":["9e99"]}],"Fans Rpm":{"":1},"PerpetualTune":{"Running":1,"Algorithm":[]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, err := wire.Parse(raw)
		if err != nil {
			return
		}
		var r device.Reading
		fill(&r, tree, device.All)
		if r.Hash.Value < 0 || r.Power.Value < 0 || r.Limit.Value < 0 || !r.Power.Known && r.Power.Value != 0 || len(r.Chips) > boardsMax || len(r.Pools) > boardsMax {
			t.Errorf("%+v", r)
		}
		if r.Activity.Value == device.Asleep && (r.Intent.Value != device.Asleep || !r.Hash.Known || r.Hash.Value != 0) {
			t.Errorf("asleep: %+v", r)
		}
		_ = capabilities(tree, tree)
		_ = macOf(tree)
		_, _, _ = judge(wire.Answer{Status: http.StatusOK, Body: raw})
	})
}
