package whatsminer

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/unit"
)

// parsed is an answer of v3 with that message.
func parsed(t *testing.T, msg string) answerV3 {
	t.Helper()
	a, err := parseV3([]byte(`{"code":0,"when":5,"msg":` + msg + `,"desc":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFillV3(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		info, setting, status string
		want                  device.Reading
	}{
		"an ordinary machine, hash in TH/s": {
			`{"miner":{"working":"true","power-limit-set":"3600"},"power":{"fanspeed":"4000","liquid-temperature":"31.5"},"error-code":[{"218":"2026-05-04 10:00:00","reason":"x"}]}`,
			`{"power-mode":"normal","power-percent":0,"power-limit":3500}`,
			`{"summary":{"hash-realtime":126.4567,"hash-1min":125.5,"hash-average":1,"factory-hash":128,"power-realtime":3400.6,"power-limit":3450,"up-freq-finish":1,"bootup-time":90,"environment-temperature":25.5,"board-temperature":[60,61],"chip-temp-max":80,"fan-speed-in":5000},
			  "edevs":[{"slot":1,"chip-temp-max":79},{"slot":0,"chip-temp-max":80}],"pools":[{"url":"a","account":"w","status":"alive","stratum-active":true}]}`,
			device.Reading{
				Activity: device.Stated(device.Running), Intent: device.Stated(device.Running), Power: device.Stated(unit.Power(3401)), Limit: device.Stated(unit.Power(3450)),
				Mode: device.Stated("normal"), Hash: device.Stated(unit.Hashrate(126_457)), HashMean: device.Stated(unit.Hashrate(125_500)), Ideal: device.Stated(128 * unit.Terahash),
				Uptime: device.Stated(90 * time.Second),
				Chips: []device.Temperature{
					{Where: "inlet", MilliC: 25_500},
					{Where: "hottest chip", MilliC: 80_000},
					{Where: "liquid", MilliC: 31_500},
					{Where: "board 0", MilliC: 60_000},
					{Where: "board 1", MilliC: 61_000},
					{Where: "board 0 chip", MilliC: 80_000},
					{Where: "board 1 chip", MilliC: 79_000},
				},
				Fans:   []device.Fan{{Name: "in", RPM: 5000}, {Name: "power supply", RPM: 4000}},
				Faults: []device.Fault{faultOf("218")},
				Pools:  []device.Pool{{URL: "a", Worker: "w", Alive: device.Stated(true), Active: device.Stated(true)}},
			},
		},
		"told to stop, its process gone": {
			`{"miner":{"working":"false"},"error-code":"btminer process is down err"}`, `{"power-mode":"low"}`, `"btminer process is down err"`,
			device.Reading{Activity: device.Stated(device.Asleep), Intent: device.Stated(device.Asleep), Mode: device.Stated("low")},
		},
		"held at a share of its limit": {
			`{"miner":{"working":"true"}}`, `{"power-percent":"40"}`, `{"summary":{"hash-realtime":50,"power-limit":3000,"up-freq-finish":1}}`,
			device.Reading{Activity: device.Stated(device.Throttled), Intent: device.Stated(device.Running), Limit: device.Stated(unit.Power(1200)), Hash: device.Stated(50 * unit.Terahash)},
		},
		"nothing is stated": {`{}`, `{}`, `{}`, device.Reading{}},
	} {
		g := answersV3{info: parsed(t, c.info), setting: parsed(t, c.setting), status: parsed(t, c.status)}
		var got device.Reading
		g.fill(&got, device.All)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
}

// TestJudgeV3 goes through the codes of v3.
func TestJudgeV3(t *testing.T) {
	t.Parallel()
	ramping := answersV3{status: parsed(t, `{"summary":{"up-freq-finish":0}}`)}
	level, sleep := device.Command{Verb: device.SetPower}, device.Command{Verb: device.Sleep}
	for what, c := range map[string]struct {
		raw    string
		order  device.Command
		got    answersV3
		class  device.AckClass
		reason device.RefusedReason
	}{
		"yes":                         {`{"code":0,"msg":"ok"}`, sleep, answersV3{}, device.Accepted, ""},
		"it failed":                   {`{"code":-1,"msg":"no"}`, sleep, answersV3{}, device.Refused, device.BadState},
		"a level failed":              {`{"code":-1,"msg":"no"}`, level, answersV3{}, device.Refused, device.BadValue},
		"a level during the ramp":     {`{"code":-1,"msg":"no"}`, level, ramping, device.Refused, device.BadState},
		"an unknown order":            {`{"code":-2,"msg":"no"}`, sleep, answersV3{}, device.Refused, device.Unsupported},
		"a parameter is missing":      {`{"code":-3,"msg":"no"}`, sleep, answersV3{}, device.Refused, device.Other},
		"not permitted":               {`{"code":-4,"when":100,"msg":"no"}`, sleep, answersV3{}, device.Refused, device.BadAuth},
		"not permitted, switched off": {`{"code":-4,"when":100,"msg":"no"}`, sleep, answersV3{info: parsed(t, `{"system":{"apiswitch":"0"}}`)}, device.Refused, device.Locked},
		"a code nobody documented":    {`{"code":7,"msg":"no"}`, sleep, answersV3{}, device.Refused, device.Other},
	} {
		a, err := parseV3([]byte(c.raw))
		if err != nil {
			t.Fatal(err)
		}
		if v := a.judge(c.order, 100, c.got); v.class != c.class || v.reason != c.reason {
			t.Errorf("%s: %+v", what, v)
		}
	}
}
