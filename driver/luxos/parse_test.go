package luxos

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

func tree(tb testing.TB, text string) wire.Tree {
	tb.Helper()
	x, err := wire.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// TestIntent says what the settings of a machine mean.
func TestIntent(t *testing.T) {
	t.Parallel()
	run, sleep := device.Stated(device.Running), device.Stated(device.Asleep)
	for name, c := range map[string]struct {
		config           string
		intent, activity device.Value[device.Activity]
	}{
		"awake and hashing":                     {`{"CurtailMode":"None","IsPowerSupplyOn":true,"SystemStatus":"Normal"}`, run, run},
		"asleep":                                {`{"CurtailMode":"Sleep","IsPowerSupplyOn":false}`, sleep, sleep},
		"told to sleep with its supply on":      {`{"CurtailMode":"Sleep","IsPowerSupplyOn":"true"}`, sleep, run},
		"a word for sleep that nobody recorded": {`{"CurtailMode":"Idle","IsPowerSupplyOn":false}`, sleep, sleep},
		"asleep and silent about its supply":    {`{"CurtailMode":"Sleep"}`, sleep, sleep},
		"booting":                               {`{"CurtailMode":"None","SystemStatus":"Initializing","IsPowerSupplyOn":false}`, run, device.Stated(device.Waking)},
		"awake without its supply":              {`{"CurtailMode":"None","SystemStatus":"Normal","IsPowerSupplyOn":false}`, run, device.Stated(device.Stopped)},
		"tuning":                                {`{"CurtailMode":"None","IsTuning":true}`, run, device.Stated(device.Tuning)},
		"a status that nobody recorded":         {`{"CurtailMode":"None","SystemStatus":"Overheated"}`, run, device.Stated(device.Unknown)},
		"no word about curtailment":             {`{"SystemStatus":"Normal"}`, device.Value[device.Activity]{}, device.Value[device.Activity]{}},
		"null for curtailment":                  {`{"CurtailMode":null}`, device.Value[device.Activity]{}, device.Value[device.Activity]{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r device.Reading
			intent(&r, tree(t, `{"CONFIG":[`+c.config+`]}`))
			if r.Intent != c.intent || r.Activity != c.activity {
				t.Errorf("intent %+v, activity %+v", r.Intent, r.Activity)
			}
		})
	}
}

// TestWatts: absent is not zero, and the source is what the machine says.
func TestWatts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]device.Value[unit.Power]{
		`{"POWER":[{"PSU":true,"Watts":1051}]}`:      {Value: 1051, Known: true, Source: device.FromPSU},
		`{"POWER":[{"PSU":false,"Watts":"1051.4"}]}`: {Value: 1051, Known: true, Source: device.FromFirmware},
		`{"POWER":[{"PSU":true,"Watts":"N/A"}]}`:     {},
		`{"POWER":[{"Watts":null}]}`:                 {},
		`{"POWER":[]}`:                               {},
		`{"POWER":[{"Watts":-1}]}`:                   {},
		`{}`:                                         {},
		`{"POWER":[{"PSU":true,"Watts":0}]}`:         {Known: true, Source: device.FromPSU},
	} {
		if got := watts(tree(t, text)); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// TestPresets leaves out what cannot be sent or has no watts, and sorts.
func TestPresets(t *testing.T) {
	t.Parallel()
	got := presets(tree(t, `{"PROFILES":[
		{"Profile Name":"b","Watts":"2000","Hashrate":80.5},{"Profile Name":"a","Watts":1000,"Hashrate":"40.25"},
		{"Profile Name":"2","Watts":1},{"Profile Name":"+1","Watts":1},{"Profile Name":"x,y","Watts":1},{"Profile Name":"none at all"},{"Watts":5},null,7]}`))
	want := []device.Preset{{Name: "a", Power: 1000, Hash: 40_250}, {Name: "b", Power: 2000, Hash: 80_500}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("presets (-want +got):\n%s", d)
	}
}

// TestSaid reads both forms of a status and the codes that are known.
func TestSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]device.Ack{
		`{"STATUS":[{"STATUS":"S","Code":335,"Msg":"sent"}]}`:          {Class: device.Accepted, Text: "sent"},
		`{"STATUS":{"STATUS":"I","Msg":"ok"}}`:                         {Class: device.Accepted, Text: "ok"},
		`{"STATUS":[{"STATUS":"W","Msg":"hm"}]}`:                       {Class: device.Accepted, Text: "warning: hm"},
		`{"STATUS":[{"STATUS":"E","Code":"402","Msg":"held"}]}`:        {Class: device.Refused, Reason: device.Busy, Text: "code 402: held"},
		`{"STATUS":[{"STATUS":"E","Code":14,"Msg":"what"}]}`:           {Class: device.Refused, Reason: device.Unsupported, Text: "code 14: what"},
		`{"STATUS":[{"STATUS":"F","Code":99,"Msg":"no"}]}`:             {Class: device.Refused, Reason: device.Other, Text: "code 99: no"},
		`{"CURTAIL":[{"Action":"sleep mode"}]}`:                        {Class: device.Garbled, Text: "the answer has no status"},
		`{"STATUS":[{"STATUS":"?","Msg":"Curtailment command sent"}]}`: {Class: device.Garbled, Text: "the answer has no status"},
	} {
		var got device.Ack
		got.Class, got.Reason, got.Text = reply{tree: tree(t, text)}.said()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
	}
}

// FuzzReading feeds any answer to every parser: none may panic, and none may
// make a number out of nothing.
func FuzzReading(f *testing.F) {
	for _, seed := range []string{
		`{"STATUS":[{"STATUS":"S"}],"CONFIG":[{"CurtailMode":"Sleep","Profile":null}],"POWER":{"Watts":"N/A"}}`,
		`{"DEVS":[{"ID":2,"Nominal MHS":1e19},{"ID":0,"IsRamping":"true"}],"SUMMARY":[{"GHS 5s":"59,7"}]}`,
		`{"PROFILES":[{"Profile Name":"1","Watts":-3}],"TEMPS":[[]],"FANS":[{"RPM":"x"}],"EVENTS":{},"POOLS":[{"Status":3}]}`,
		"\xef\xbb\xbf{\"POWER\":[{\"Watts\":10,}],}\x00{}", `[]`, `"x"`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := wire.Parse(b)
		if err != nil {
			return
		}
		var r device.Reading
		for _, s := range sections() {
			s.fill(&r, x)
		}
		if r.Power.Known && r.Power.Value < 0 || r.Hash.Known && r.Hash.Value < 0 || r.Uptime.Value < 0 || r.Ideal.Value < 0 {
			t.Errorf("%q gave %+v", b, r)
		}
		_, _, _ = reply{tree: x}.said()
		if id := identity(x, x); id.Weak != (id.MAC == "" && id.Serial == "") {
			t.Errorf("%q gave %+v", b, id)
		}
		for _, p := range capabilities(x, x).Presets {
			if p.Power <= 0 || !sayable(p.Name) {
				t.Errorf("%q gave preset %+v", b, p)
			}
		}
	})
}
