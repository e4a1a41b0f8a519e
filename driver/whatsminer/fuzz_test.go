package whatsminer

import (
	"testing"

	"sluice/device"
)

// check reports what no reading may be, whatever came over the wire.
func check(t *testing.T, r device.Reading) {
	t.Helper()
	if !r.Power.Known && r.Power.Value != 0 || r.Power.Value < 0 || r.Limit.Value < 0 || r.Hash.Value < 0 || r.HashMean.Value < 0 || r.Uptime.Value < 0 {
		t.Errorf("a reading of %+v", r)
	}
	if len(r.Faults) > 2*faultsMax || len(r.Pools) > poolsMax {
		t.Errorf("%d faults, %d pools", len(r.Faults), len(r.Pools))
	}
	if r.Activity.Value == device.Asleep && r.Intent.Value != device.Asleep {
		t.Errorf("asleep, but told %+v", r.Intent)
	}
}

// FuzzReplyV2 takes one text for every report of v2.
func FuzzReplyV2(f *testing.F) {
	for _, s := range []string{
		`{"STATUS":"S","Code":131,"Msg":{"mineroff":"false","power_pct":"40","error_code":[{"218":"x"}]}}`,
		`{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"HS RT":"1e5","Power":3000,"Power Limit":3300,"Elapsed":5,"Error Code 0":110,}],"DEVS":[{"Slot":1,"Chip Temp Max":"80.5"}{"Slot":0}],"POOLS":[{"URL":"x","Status":"Alive"}]}`,
		`btminer process is down err`, `{"STATUS":"E","Code":45,"Msg":"permission denied"}`, `{"enc":"AAAA"}`, `{"SUMMARY":null}`, "\xff{\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := parseV2(raw)
		if err != nil {
			return
		}
		_ = a.judge()
		got := reports{}
		for _, c := range commandsV2(device.All) {
			got[c] = a
		}
		var r device.Reading
		got.fill(&r, device.All)
		check(t, r)
	})
}

// FuzzReplyV3 takes one text for every answer of v3.
func FuzzReplyV3(f *testing.F) {
	for _, s := range []string{
		`{"code":0,"when":5,"msg":{"miner":{"working":"true"},"system":{"api":"3.0.1"},"summary":{"hash-realtime":126.5,"power-realtime":3300,"up-freq-finish":1,"power-limit":3300,"board-temperature":[60,61]},"edevs":[{"slot":1,"chip-temp-max":80}],"pools":[{"url":"x","status":"alive"}],"error-code":[{"218":"x","reason":"y"}]}}`,
		`{"code":-4,"when":"5","msg":"no permission"}`, `{"code":0,"msg":"btminer process is down err"}`, `{"code":"0"}`, `[]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := parseV3(raw)
		if err != nil {
			return
		}
		g := answersV3{info: a, setting: a, status: a}
		_ = a.judge(device.Command{Verb: device.SetPower}, 5, g)
		var r device.Reading
		g.fill(&r, device.All)
		check(t, r)
	})
}

// FuzzOpen takes anything for the answer to a sealed order.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"enc":"lCiK8EYYA+gNVqUC55PP3uF6woLqrxHxClJrj99n/MJ55/03qCeKw+kiPgtaMXm7zdpQh6+ILjtKaPluTMuG0N58vBJgUeeYpLxPXAELJyaow6dKFNlgJzO2CV9aj2Eu"}`))
	f.Add([]byte(`{"enc":"AAAAAAAAAAAAAAAAAAAAAA=="}`))
	f.Add([]byte(`{"STATUS":"E","Code":23,"Msg":"enc json load err"}`))
	login := newToken("sluice-test", "5173", "Qm7Zk2Xe", "p0Lr9TbW")
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := login.open(raw)
		if err != nil {
			return
		}
		if v := a.judge(); v.class == device.Refused && v.reason == "" {
			t.Errorf("%q was refused without a reason", raw)
		}
	})
}

// FuzzFault takes anything for an error code.
func FuzzFault(f *testing.F) {
	for _, s := range []string{"110", "218", "530042", "0", "", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if got := faultOf(code); len(got.Code) > 24 || len(got.Text) > 120 {
			t.Errorf("%q became %+v", code, got)
		}
	})
}
