package antminer

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// TestDigest checks the response against one computed with independent tools.
func TestDigest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ header, want string }{
		"qop auth":                 {`Digest realm="antMiner Configuration", nonce="6b1e4f0c2d", qop="auth"`, "091fa089ef5386830a8d5401116829a0"},
		"qop without quotes":       {`digest nonce=6b1e4f0c2d, qop=auth, realm="antMiner Configuration", algorithm=md5`, "091fa089ef5386830a8d5401116829a0"},
		"qop with several":         {`Digest realm="antMiner Configuration",nonce="6b1e4f0c2d",qop="auth-int,auth"`, "091fa089ef5386830a8d5401116829a0"},
		"no qop":                   {`Digest realm="antMiner Configuration", nonce="6b1e4f0c2d"`, "e362eb736e1e6f7b332065d46a84af9d"},
		"a qop that is not spoken": {`Digest realm="antMiner Configuration", nonce="6b1e4f0c2d", qop="auth-int"`, "e362eb736e1e6f7b332065d46a84af9d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{"Www-Authenticate": {`Basic realm="x"`, c.header}}
			ch, err := challenged(h)
			if err != nil {
				t.Fatal(err)
			}
			if got := ch.answer(device.Credential{User: "root", Secret: "root"}, "GET", pageConf, 1, "0a4f113b"); !strings.Contains(got, `response="`+c.want+`"`) {
				t.Errorf("answer %s, want response %s", got, c.want)
			}
		})
	}
	for name, header := range map[string]string{
		"basic": `Basic realm="antMiner"`, "another hash": `Digest realm="a", nonce="b", algorithm=SHA-256`, "no nonce": `Digest realm="a"`, "nothing": "",
	} {
		if c, err := challenged(http.Header{"Www-Authenticate": {header}}); err == nil {
			t.Errorf("%s: challenge %+v, want an error", name, c)
		}
	}
}

// TestPayload checks what is posted, byte for byte.
func TestPayload(t *testing.T) {
	t.Parallel()
	const vector = `{"pools":[{"url":"stratum+tcp://a.example:700","user":"s.1","pass":"z"}],"bitmain-fan-ctrl":false,"bitmain-fan-pwm":"85","bitmain-work-mode":"0","bitmain-freq-level":"100","api-listen":true}`
	for name, c := range map[string]struct {
		conf, model string
		mode        int
		style       Style
		want        string
		err         error
	}{
		"sleep": {
			vector, "Antminer S21", sleeping, Numbers,
			`{"pools":[{"url":"stratum+tcp://a.example:700","user":"s.1","pass":"z"}],"bitmain-fan-ctrl":false,"bitmain-fan-pwm":"85","freq-level":"100","miner-mode":1,"bitmain-work-mode":1}`, nil,
		},
		"modes as texts": {
			vector, "", low, Texts,
			`{"pools":[{"url":"stratum+tcp://a.example:700","user":"s.1","pass":"z"}],"bitmain-fan-ctrl":false,"bitmain-fan-pwm":"85","freq-level":"100","miner-mode":"3","bitmain-work-mode":"3"}`, nil,
		},
		"only the reported key": {
			vector, "", normal, Reported,
			`{"pools":[{"url":"stratum+tcp://a.example:700","user":"s.1","pass":"z"}],"bitmain-fan-ctrl":false,"bitmain-fan-pwm":"85","freq-level":"100","bitmain-work-mode":0}`, nil,
		},
		"a pool without a password stays without one, and an empty level empty": {
			`{"pools":[{"url":"u","user":"w"},{"url":"","user":"","pass":""}],"miner-mode":"0","bitmain-freq-level":""}`, "", sleeping, Numbers,
			`{"pools":[{"url":"u","user":"w"},{"url":"","user":"","pass":""}],"freq-level":"","miner-mode":1,"bitmain-work-mode":1}`, nil,
		},
		"what only one page posts": {
			`{"pools":[],"algo":"x","bitmain-freq":"500","bitmain-voltage":"1300","bitmain-user-ip-cat":"1","bitmain-work-mode":"0"}`, "Antminer D9", sleeping, Reported,
			`{"pools":[],"bitmain-user-ip-cat":"1","bitmain-freq":"500","bitmain-voltage":"1300","bitmain-work-mode":1}`, nil,
		},
		"numbers too long for a float stay": {`{"pools":[{"url":"u","n":12345678901234567890}],"miner-mode":0}`, "", sleeping, Reported, `{"pools":[{"url":"u","n":12345678901234567890}],"miner-mode":1}`, nil},
		"no mode, no sleep":                 {`{"pools":[]}`, "", sleeping, Numbers, "", errModes},
		"no pools, no write":                {`{"miner-mode":"0"}`, "", sleeping, Numbers, "", errPools},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, err := readConf([]byte(c.conf))
			if err != nil {
				t.Fatal(err)
			}
			got, err := read.payload(c.model, c.mode, c.style)
			if string(got) != c.want || err != c.err { //nolint:errorlint // these are returned as they are
				t.Errorf("payload\n%s, want\n%s, error %v", got, c.want, err)
			}
			if err == nil && !json.Valid(got) {
				t.Errorf("no JSON: %s", got)
			}
		})
	}
}

// TestModeRead checks what the configuration says of the mode.
func TestModeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		conf string
		want device.Value[int64]
	}{
		"text":               {`{"bitmain-work-mode":"3"}`, device.Stated[int64](3)},
		"number":             {`{"miner-mode":1}`, device.Stated[int64](1)},
		"both alike":         {`{"miner-mode":1,"bitmain-work-mode":"1"}`, device.Stated[int64](1)},
		"both and different": {`{"miner-mode":1,"bitmain-work-mode":"0"}`, device.Value[int64]{}},
		"null":               {`{"miner-mode":null}`, device.Value[int64]{}},
		"no number":          {`{"miner-mode":"N/A"}`, device.Value[int64]{}},
		"absent":             {`{}`, device.Value[int64]{}},
	} {
		got, err := readConf([]byte(c.conf))
		if err != nil || got.mode() != c.want {
			t.Errorf("%s: mode %+v, want %+v, error %v", name, got.mode(), c.want, err)
		}
	}
	for _, bad := range []string{"", "null", "<html>", `{"a":`, "[]"} {
		if c, err := readConf([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, c)
		}
	}
}

// TestStats checks answers to stats of every shape.
func TestStats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   device.Reading
	}{
		"old": {
			`{"STATUS":[{"STATUS":"S"}],"STATS":[{"Type":"Antminer X"},{"Elapsed":90,"GHS 5s":"99000.51","rate_30m":98000,"rate_unit":"GH","total_rateideal":100000.0,"Mode":1,"fan_num":2,"fan1":10,"fan2":20,"fan3":0,"temp_chip1":"70-71","temp_pcb1":"50-51","temp_chip2":"0-0"}]}`,
			device.Reading{
				Hash: device.Stated[unit.Hashrate](99001), HashMean: device.Stated[unit.Hashrate](98000), Ideal: device.Stated[unit.Hashrate](100000), Uptime: device.Stated(90 * time.Second),
				Fans:  []device.Fan{{Name: "1", RPM: 10}, {Name: "2", RPM: 20}},
				Chips: []device.Temperature{{Where: "board 1 chip", MilliC: 70000}, {Where: "board 1 chip", MilliC: 71000}, {Where: "board 1 board", MilliC: 50000}, {Where: "board 1 board", MilliC: 51000}},
			},
		},
		"new": {
			`{"STATS":[{"elapsed":5,"rate_5s":2.5,"rate_unit":"TH/s","rate_ideal":3,"chain_power":"3250 W","fan":[100],"chain":[{"index":2,"temp_chip":[60.5,"61"]}]}]}`,
			device.Reading{
				Hash: device.Stated[unit.Hashrate](2500), Ideal: device.Stated[unit.Hashrate](3000), Uptime: device.Stated(5 * time.Second), Power: device.Stated[unit.Power](3250),
				Fans:  []device.Fan{{Name: "1", RPM: 100}},
				Chips: []device.Temperature{{Where: "board 2 chip", MilliC: 60500}, {Where: "board 2 chip", MilliC: 61000}},
			},
		},
		"watts as a number":           {`{"STATS":[{"watt":17}]}`, device.Reading{Power: device.Stated[unit.Power](17)}},
		"watts that are no number":    {`{"STATS":[{"power":"N/A"}]}`, device.Reading{}},
		"watts below zero":            {`{"STATS":[{"power":-1}]}`, device.Reading{}},
		"megahashes":                  {`{"STATS":[{"rate_5s":9500,"rate_unit":"MH/s"}]}`, device.Reading{Hash: device.Stated[unit.Hashrate](10)}},
		"a rate of something else":    {`{"STATS":[{"rate_5s":9500,"rate_unit":"sol"}]}`, device.Reading{}},
		"asleep":                      {`{"STATS":[{"Type":"Antminer T21"}]}`, device.Reading{}},
		"no section":                  {`{"STATUS":[{"STATUS":"E"}]}`, device.Reading{}},
		"null everywhere":             {`{"STATS":[{"GHS 5s":null,"fan":null,"chain":null,"Elapsed":null}]}`, device.Reading{}},
		"missing and extra commas":    {`{"STATS":[{"Type":"a"}{"GHS 5s":7,}]}`, device.Reading{Hash: device.Stated[unit.Hashrate](7)}},
		"more than can be counted":    {`{"STATS":[{"GHS 5s":1e300,"Elapsed":1e300}]}`, device.Reading{}},
		"an up-time before the start": {`{"STATS":[{"Elapsed":-5}]}`, device.Reading{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := wire.Parse([]byte(c.answer))
			if err != nil {
				t.Fatal(err)
			}
			var got device.Reading
			readStats(tree, &got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPowerPage checks the text of the undocumented page.
func TestPowerPage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]device.Value[unit.Power]{
		"miner power:3250":          device.Stated[unit.Power](3250),
		"Miner Power: 3250.6 W\n":   device.Stated[unit.Power](3251),
		"miner power:":              {},
		"miner power:x":             {},
		"miner power:-4":            {},
		"error 6060 cmd":            {},
		"":                          {},
		"<html>power: off</html>":   {},
		"miner power:9e99999999999": {},
	} {
		if got := readPower([]byte(text)); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

// TestWarning checks the faults of both pages.
func TestWarning(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]device.Fault{
		`{"error_message":"None"}`: nil,
		`{"error_message":"J0:8"}`: {{Code: "J0:8"}},
		"error 6060 cmd":           nil,
		`[]`:                       nil,
	} {
		var r device.Reading
		readWarning([]byte(text), &r)
		if diff := cmp.Diff(want, r.Faults); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	tree, err := wire.Parse([]byte(`{"SUMMARY":[{"rate_5s":1,"rate_unit":"PH/s","status":[{"type":"rate","status":"s","code":0,"msg":""},{"type":"fans","status":"e","code":2,"msg":"lost"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var r device.Reading
	readSummary(tree, &r)
	want := device.Reading{Hash: device.Stated[unit.Hashrate](1_000_000), Faults: []device.Fault{{Code: "fans:2", Text: "lost"}}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// TestSaid checks what the text of a page means.
func TestSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer string
		verb   device.Verb
		class  device.AckClass
	}{
		{`{"stats":"success","code":"M000","msg":"OK!"}`, device.Sleep, device.Accepted},
		{`{"success": true}`, device.Sleep, device.Accepted},
		{`{"success":false}`, device.Sleep, device.Refused},
		{`{"stats":"error","code":"M001","msg":"Illegal request!"}`, device.Sleep, device.Refused},
		{`{"code":"B000"}`, device.Locate, device.Accepted},
		{`{"code":"B000"}`, device.Sleep, device.Refused},
		{`{"code":"B999"}`, device.Locate, device.Refused},
		{`{}`, device.Sleep, device.Garbled},
		{`[1]`, device.Sleep, device.Garbled},
		{``, device.Sleep, device.Garbled},
		{`<html>`, device.Sleep, device.Garbled},
		{``, device.Reboot, device.Accepted},
		{`{"stats":"error"}`, device.Reboot, device.Refused},
	} {
		if class, _, text := said([]byte(c.answer), c.verb); class != c.class {
			t.Errorf("%s after %s: %s %q, want %s", c.answer, c.verb, class, text, c.class)
		}
	}
}

// TestBuilt checks the time of compilation, whose zone is left out.
func TestBuilt(t *testing.T) {
	t.Parallel()
	for stated, want := range map[string]string{
		"Tue Dec  6 16:12:30 CST 2022": "2022-12-06",
		"Tue Nov  6 16:12:30 XXX 2022": "2022-11-06",
		"2022-12-06":                   "2022-12-06",
		"a b c d e f":                  "a b c d e f",
		"":                             "",
	} {
		if got := built(stated); got != want {
			t.Errorf("%q: %q, want %q", stated, got, want)
		}
	}
}
