package whatsminer

import (
	"encoding/hex"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/unit"
)

// The vectors were computed with independent tools.
const vectorPassword = "sluice-test"

func vectorToken() token { return newToken(vectorPassword, "5173", "Qm7Zk2Xe", "p0Lr9TbW") }

func TestTokenVector(t *testing.T) {
	t.Parallel()
	got := vectorToken()
	if key := hex.EncodeToString(got.key); got.sign != "XWsDb7ppXUwYxN84xQDxL0" || key != "3f2991573659a9f688007ccda64e2aac4817a989bf50d441dfd6eeb5743909a0" {
		t.Errorf("sign %s, key %s", got.sign, key)
	}
}

func TestSealVectors(t *testing.T) {
	t.Parallel()
	for want, order := range map[string]map[string]any{
		"tLu4bqn7vbA2cbaaGASDs2tUamKBUSQ8SSu63KHCNiPS2JA7MamQlcXwgNjIzqUnpxRS5IyvD+E9mtIgi3Eq4m143TrdTPHLWNR6RKq0qeQ=": {"cmd": "power_off", "respbefore": "true"},
		"J40hluqU1EuqUAfn7z4MFp86paB+NxxSr6eX9SgKPYAcv+e9GmeisI4DU56mIn1KZIDp4zEs6pO/rLBT687Z+kgdVuB5MpgrxMS//YgWraU=": {"cmd": "set_power_pct_v2", "percent": "80"},
	} {
		got, err := vectorToken().seal(order)
		if err != nil || string(got) != `{"enc":1,"data":"`+want+`"}` {
			t.Errorf("%v sealed as %s, %v", order, got, err)
		}
	}
}

func TestOpenVector(t *testing.T) {
	t.Parallel()
	const enc = "lCiK8EYYA+gNVqUC55PP3uF6woLqrxHxClJrj99n/MJ55/03qCeKw+kiPgtaMXm7zdpQh6+ILjtKaPluTMuG0N58vBJgUeeYpLxPXAELJyaow6dKFNlgJzO2CV9aj2Eu"
	a, err := vectorToken().open([]byte(`{"enc":"` + enc + `"}`))
	if err != nil || a.code != 131 || a.status != "S" || a.text != "API command OK" {
		t.Errorf("opened %+v, %v", a, err)
	}
	for what, raw := range map[string]string{
		"no base64":        `{"enc":"***"}`,
		"part of a block":  `{"enc":"lCiK8EYY"}`,
		"another key":      `{"enc":"` + "A" + enc[1:] + `"}`,
		"cut off":          `{"enc":"` + enc[:40],
		"neither of both":  `{"data":1}`,
		"a page of a site": `<html>`,
	} {
		if a, err := vectorToken().open([]byte(raw)); err == nil && a.judge().class == device.Accepted {
			t.Errorf("%s was opened as %+v", what, a)
		}
	}
}

func TestSignVectors(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{"set.miner.service": "MGRbJHOE", "set.miner.power_percent": "gBhdi1O1", "set.miner.pools": "mQZ+VOlu"} {
		q := sign(askedV3{Command: command, Param: "stop"}, device.Credential{Secret: vectorPassword}, "kN4bV8xZ", 1764547200)
		if q.Token != want {
			t.Errorf("%s signed %s, want %s", command, q.Token, want)
		}
		b, err := json.Marshal(q)
		if err != nil || string(b) != `{"cmd":"`+command+`","param":"stop","token":"`+want+`","account":"super","ts":1764547200}` {
			t.Errorf("sent as %s, %v", b, err)
		}
	}
	if q := sign(askedV3{}, device.Credential{User: "user1"}, "", 1); q.Account != "user1" {
		t.Errorf("signed by %s", q.Account)
	}
}

func TestGeneration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, api string
		want         int
	}{
		{"20230803.11.REL", "2.0.5", 2},
		{"20220728.11.REL", "2.0.3", 1},
		{"20220729.11.REL", "2.0.3", 2},
		{"20250214.16.REL", "3.0.1", 2}, // v3 did not answer: its v2 does
		{"REL", "2.0.4", 2},
		{"REL", "1.4.0", 1},
		{"", "", 1},
		{"1234567.11", "Whatsminer 1", 1},
	} {
		if got := generation(c.version, c.api); got != c.want {
			t.Errorf("%q with API %q is API %d, want %d", c.version, c.api, got, c.want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"2.0.5": true, "2.0.4": false, "2.1": true, "3.0.1": true, "2.0": false, "": false, "2.0.5-beta": false, "2.0.10": true} {
		if got := atLeast(version, [3]int{2, 0, 5}); got != want {
			t.Errorf("%q is at least 2.0.5: %t", version, got)
		}
	}
}

func TestFaultCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"110":    "fan: the intake fan has a wrong speed",
		"218":    "power supply: the input voltage is too low for the high power mode",
		"53":     "",
		"351":    "temperature: sort 5, number 1",
		"2010":   "pool: sort 1, number 0",
		"5070":   "voltage or water: sort 7, number 0",
		"530042": "single chip: sort 0, number 42",
		"100001": "", // six digits that begin with 1 have no kind of two digits
		"888":    "",
		"reason": "",
		"-110":   "",
	} {
		if got := faultOf(code); got.Text != want || got.Code != code {
			t.Errorf("%s is %q, want %q", code, got.Text, want)
		}
	}
}

func TestPercentKeepsBelow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := unit.Power(rapid.Int64Range(1, noLimit-1).Draw(t, "limit"))
		p := unit.Power(rapid.Int64Range(-10, 120_000).Draw(t, "power"))
		share, got, ok := percentOf(p, limit)
		if !ok {
			if p >= limit || p > 0 && 100*p >= limit {
				t.Fatalf("%d W of %d W were refused", p, limit)
			}
			return
		}
		if share < 1 || share > 100 || got > p || got > limit {
			t.Fatalf("%d W of %d W became %d %%, %d W", p, limit, share, got)
		}
		if next := int64(limit) * (share + 1); share < 100 && next <= 100*int64(p) {
			t.Fatalf("%d W of %d W became %d %% and %d %% kept below as well", p, limit, share, share+1)
		}
	})
}

// TestStateTellsIntentFromEffect holds the states of which one alone proves nothing.
func TestStateTellsIntentFromEffect(t *testing.T) {
	t.Parallel()
	yes, no := device.Stated(true), device.Stated(false)
	hash, none := device.Stated(126*unit.Terahash), device.Stated(unit.Hashrate(0))
	for what, c := range map[string]struct {
		s                state
		activity, intent device.Activity
	}{
		"told to mine, ramp done":              {state{works: yes, ramped: yes, hash: hash}, device.Running, device.Running},
		"told to mine, no hash for its pools":  {state{works: yes, ramped: yes, hash: none}, device.Running, device.Running},
		"told to mine, in its ramp":            {state{works: yes, ramped: no, hash: hash}, device.Waking, device.Running},
		"told to mine, its process not there":  {state{works: yes, down: true}, device.Waking, device.Running},
		"told to mine, nothing else known":     {state{works: yes}, "", device.Running},
		"not steady":                           {state{works: yes, ramped: yes, stable: no, hash: hash}, device.Tuning, device.Running},
		"at a share of its limit":              {state{works: yes, percent: device.Stated(int64(60)), hash: hash}, device.Throttled, device.Running},
		"told to sleep and does":               {state{works: no, hash: none}, device.Asleep, device.Asleep},
		"told to sleep, its process not there": {state{works: no, down: true}, device.Asleep, device.Asleep},
		"told to sleep and hashes on":          {state{works: no, hash: hash}, device.Running, device.Asleep},
		"told to sleep, nothing else known":    {state{works: no}, "", device.Asleep},
		"its process not there, not told":      {state{down: true}, device.Stopped, ""},
		"says nothing":                         {state{}, "", ""},
		"no hash is not sleep":                 {state{hash: none}, "", ""},
	} {
		if a, i := c.s.activity(), c.s.intent(); a.Value != c.activity || a.Known != (c.activity != "") || i.Value != c.intent || i.Known != (c.intent != "") {
			t.Errorf("%s: %+v, told %+v; want %q, %q", what, a, i, c.activity, c.intent)
		}
	}
}
