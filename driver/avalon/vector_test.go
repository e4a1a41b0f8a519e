package avalon

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// TestBlob checks the readings that are expected of published values.
func TestBlob(t *testing.T) {
	t.Parallel()
	type none = device.Value[device.Activity]
	for name, c := range map[string]struct {
		blob     string
		power    int64
		hash     unit.Hashrate
		activity none
		intent   none
	}{
		"15 at work":              {"SYSTEMSTATU[Work: In Work, Hash Board: 3 ] GHSspd[199241.07] PS[0 1209 1187 297 3526 1188 3731] WALLPOWER[3731] SoftOFF[0] MPO[3515]", 3731, 199_241, device.Stated(device.Running), device.Stated(device.Running)},
		"1346 at work":            {"SYSTEMSTATU[Work: In Work, Hash Board: 3 ] GHSspd[110778.38] PS[0 1199 1391 225 3126 1393 3348] SoftOFF[0]", 3348, 110_778, device.Stated(device.Running), device.Stated(device.Running)},
		"1346 told, still on":     {"SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] GHSspd[0.00] PS[0 1199 1393 223 3107 1393 3334] SoftOFF[5]", 3334, 0, none{}, device.Stated(device.Asleep)},
		"1346 asleep":             {"SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] GHSspd[0.00] PS[0 1198 0 0 0 1393 11] SoftOFF[5]", 11, 0, device.Stated(device.Asleep), device.Stated(device.Asleep)},
		"1346 idle in its start":  {"SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] GHSspd[0.00] PS[0 1197 0 0 0 1393 11] SoftOFF[6]", 11, 0, none{}, none{}},
		"1346 waking":             {"SYSTEMSTATU[Work: In Work, Hash Board: 3 ] GHSspd[0.00] PS[0 1199 1392 34 776 1393 837] SoftOFF[0]", 837, 0, device.Stated(device.Waking), device.Stated(device.Running)},
		"Q asleep":                {"'STATS':{STATE[2] SYSTEMSTATU[Work: In Idle, Hash Board: 1] GHSspd[0.00] GHSmm[56112.38] PS[0 1216 1 0 0 2243 17] SoftOFF[4] MPO[800]}", 17, 0, device.Stated(device.Asleep), device.Stated(device.Asleep)},
		"work for long, no rate":  {"SYSTEMSTATU[Work: In Work] GHSspd[0.00] SoftOFF[0] Elapsed[90000]", -1, 0, none{}, device.Stated(device.Running)},
		"a young one at a third":  {"SYSTEMSTATU[Work: In Work] GHSspd[30.00] GHSmm[90.0] SoftOFF[0] Elapsed[200]", -1, 30, device.Stated(device.Waking), device.Stated(device.Running)},
		"no supply connected":     {"SYSTEMSTATU[Work: In Init] GHSspd[0.00] PS[0 0 0 0 0 0 0]", -1, 0, device.Stated(device.Waking), none{}},
		"older, no wall watts":    {"SYSTEMSTATU[Work: In Work, Hash Board: 2 ] PS[0 1212 1315 174 2288 1320] GHSmm[37768.67]", -1, -1, none{}, device.Stated(device.Running)},
		"a supply with a word":    {"PS[0 x 1 1 1 1 1] GHSspd[5]", -1, 5, none{}, none{}},
		"a text without an end":   {"GHSspd[5", -1, -1, none{}, none{}},
		"an order not understood": {"SYSTEMSTATU[Work: In Work] GHSspd[5] SoftOFF[9]", -1, 5, device.Stated(device.Running), none{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r device.Reading
			pairs(c.blob).fill(&r)
			if r.Power.Known != (c.power >= 0) || r.Power.Known && (r.Power.Value != unit.Power(c.power) || r.Power.Source != device.FromPSU) {
				t.Errorf("power %+v, want %d", r.Power, c.power)
			}
			if r.Hash.Known != (c.hash >= 0) || r.Hash.Known && r.Hash.Value != c.hash {
				t.Errorf("hash %+v, want %d", r.Hash, c.hash)
			}
			if r.Activity != c.activity || r.Intent != c.intent {
				t.Errorf("activity %+v, intent %+v, want %+v, %+v", r.Activity, r.Intent, c.activity, c.intent)
			}
		})
	}
}

// TestFill checks the rest of the values.
func TestFill(t *testing.T) {
	t.Parallel()
	var r device.Reading
	pairs("Ver[1346-110] Elapsed[61] SSID[] WORKMODE[2] MPO[3515] ITemp[24] TMax[88.5] Fan1[4300] Fan2[0] FanR[55%] Fan1[9] PS[3 1 1 1 1 1 9]").fill(&r)
	want := device.Reading{
		Power: device.Value[unit.Power]{Value: 9, Known: true, Source: device.FromPSU}, Limit: device.Stated[unit.Power](3515), Mode: device.Stated("2"), Uptime: device.Stated(61 * time.Second),
		Chips: []device.Temperature{{Where: "chip, highest", MilliC: 88_500}, {Where: "inlet", MilliC: 24_000}},
		Fans:  []device.Fan{{Name: "1", RPM: 4300}, {Name: "2", RPM: 0}}, Faults: []device.Fault{{Code: "PS:3", Text: "the power supply reports a fault"}},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
}

// TestBlobOf checks where the text is found, and that several modules are none.
func TestBlobOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   blob
	}{
		"one name":          {`{"STATS":[{"STATS":0},{"MM ID0":"A[1] B[2 3]"}]}`, blob{"A": "1", "B": "2 3"}},
		"the other name":    {`{"STATS":[{"MM ID0:Summary":"'STATS':{A[1]C:[4]}"}]}`, blob{"A": "1", "C": "4"}},
		"an object at once": {`{"STATS":{"MM ID0":"A[1]"}}`, blob{"A": "1"}},
		"an empty text":     {`{"STATS":[{"MM ID0:Summary":""}]}`, nil},
		"several modules":   {`{"STATS":[{"MM ID0":"A[1]","MM ID1":"A[2]"}]}`, nil},
		"no text":           {`{"STATS":[{"MM ID0":7}]}`, nil},
		"no section":        {`{"STATUS":[{"STATUS":"E"}]}`, nil},
	} {
		tree, err := wire.Parse([]byte(c.answer))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, blobOf(tree)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSaid checks what answers to orders mean.
func TestSaid(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct {
		class  device.AckClass
		reason device.RefusedReason
	}{
		`{"STATUS":[{"STATUS":"S","Code":119,"Msg":"ASC 0 set OK"}]}`:    {device.Accepted, ""},
		`{"STATUS":[{"STATUS":"I","Code":118,"Msg":"set failed?"}]}`:     {device.Accepted, ""},
		`{"STATUS":[{"STATUS":"W","Code":1}]}`:                           {device.Accepted, ""},
		`{"STATUS":"S","Code":119,"Msg":"flat"}`:                         {device.Accepted, ""},
		`{"STATUS":[{"STATUS":"E","Code":14}]}`:                          {device.Refused, device.Unsupported},
		`{"STATUS":[{"STATUS":"E","Code":45}]}`:                          {device.Refused, device.Locked},
		`{"STATUS":[{"STATUS":"E","Code":"120","Msg":"OK OK success"}]}`: {device.Refused, device.Other},
		`{"STATUS":[{"STATUS":"F"}]}`:                                    {device.Refused, device.Other},
		`{"STATUS":[]}`:                                                  {device.Garbled, ""},
		`{}`:                                                             {device.Garbled, ""},
		``:                                                               {device.Garbled, ""},
		`<html>`:                                                         {device.Garbled, ""},
	} {
		if class, reason, _ := said([]byte(answer)); class != want.class || reason != want.reason {
			t.Errorf("%s: %s (%s), want %s (%s)", answer, class, reason, want.class, want.reason)
		}
	}
}
