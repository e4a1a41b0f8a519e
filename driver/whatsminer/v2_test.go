package whatsminer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/unit"
)

const refusal = `{"STATUS":"E","When":1,"Code":14,"Msg":"invalid cmd","Description":""}`

func TestProbeV2(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		change map[string]string
		want   device.Identity
	}{
		"an ordinary machine": {nil, device.Identity{Model: "M30S_VE10", Firmware: "WhatsMiner API 2.0.4", Version: "20230101.01.REL", MAC: "02:00:00:00:30:01"}},
		"the MAC stands in the summary alone": {
			map[string]string{"get_miner_info": refusal, "summary": `{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"MAC":"02:00:00:00:30:AB"}]}`},
			device.Identity{Model: "M30S_VE10", Firmware: "WhatsMiner API 2.0.4", Version: "20230101.01.REL", MAC: "02:00:00:00:30:ab"},
		},
		"a MAC that is none": {
			map[string]string{"get_miner_info": `{"STATUS":"S","Code":131,"Msg":{"mac":"02:00:00:00:3M:01"}}`},
			device.Identity{Model: "M30S_VE10", Firmware: "WhatsMiner API 2.0.4", Version: "20230101.01.REL", Weak: true},
		},
		"a newline inside the version, a comma too many": {
			map[string]string{"get_version": "{\"STATUS\":\"S\",\"Code\":131,\"Msg\":{\"api_ver\":\"1.4.0\",\"fw_ver\":\"20210101.01\n.REL\",},}"},
			device.Identity{Model: "M30S_VE10", Firmware: "WhatsMiner API 1.4.0", Version: "20210101.01 .REL", MAC: "02:00:00:00:30:01"},
		},
	} {
		_, d, at := play(t, small(c.change))
		c.want.Family, c.want.Maker = device.WhatsMiner, "MicroBT"
		got, err := d.Probe(t.Context(), at)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", what, err, diff)
		}
	}
}

func TestOpenRefusesAnotherMachine(t *testing.T) {
	t.Parallel()
	_, d, at := play(t, small(nil))
	if m, err := d.Open(t.Context(), at, device.Identity{MAC: "02:00:00:00:30:99"}, device.Credential{}); err == nil || !strings.Contains(err.Error(), "another machine") {
		t.Errorf("opened %v, %v", m, err)
	}
	if _, err := d.Open(t.Context(), at, device.Identity{}, device.Credential{}); err != nil {
		t.Errorf("an identity that says nothing excludes nothing: %v", err)
	}
}

func TestReadV2(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		change map[string]string
		want   device.Reading
	}{
		"numbers as text; the summary is believed before the status": {nil, device.Reading{
			Activity: device.Stated(device.Running), Intent: device.Stated(device.Running), Power: device.Stated(unit.Power(3000)),
			Limit: device.Stated(unit.Power(3200)), Mode: device.Stated("low"), Hash: device.Stated(90 * unit.Terahash), Uptime: device.Stated(time.Minute),
		}},
		"a percentage of the limit is in force": {
			map[string]string{"status": `{"STATUS":"S","Code":131,"Msg":{"mineroff":"false","power_pct":"50"}}`},
			device.Reading{
				Activity: device.Stated(device.Throttled), Intent: device.Stated(device.Running), Power: device.Stated(unit.Power(3000)),
				Limit: device.Stated(unit.Power(1600)), Mode: device.Stated("low"), Hash: device.Stated(90 * unit.Terahash), Uptime: device.Stated(time.Minute),
			},
		},
		"stopped: reports answer with a bare text": {
			map[string]string{"summary": "btminer process is down err", "devs": "btminer process is down err", "status": `{"STATUS":"S","Code":131,"Msg":{"mineroff":"true","power_limit_set":"99999"}}`},
			device.Reading{Activity: device.Stated(device.Asleep), Intent: device.Stated(device.Asleep)},
		},
		"v1 spells it otherwise and lists its errors in the summary": {
			map[string]string{"status": `{"STATUS":"S","Code":131,"Msg":{"btmineroff":"false"}}`, "summary": `{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"HS RT":9,"Error Code 0":218,"Error Code 1":0}]}`},
			device.Reading{
				Activity: device.Stated(device.Running), Intent: device.Stated(device.Running), Hash: device.Stated(unit.Hashrate(0)),
				Faults: []device.Fault{{Code: "218", Text: "power supply: the input voltage is too low for the high power mode"}},
			},
		},
		"nothing is stated": {
			map[string]string{"status": refusal, "summary": `{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"Power":null,"HS RT":"N/A","Power Limit":99999}]}`, "devs": `{"STATUS":"E","Msg":"Not ready"}`},
			device.Reading{},
		},
		"one of three boards has not finished its ramp": {
			map[string]string{"devs": `{"STATUS":[{"STATUS":"S"}],"DEVS":[{"Slot":1,"Upfreq Complete":1},{"Slot":0,"Upfreq Complete":"0"}{"Slot":2,"Upfreq Complete":1}]}`, "summary": `{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"HS RT":1000}]}`},
			device.Reading{Activity: device.Stated(device.Waking), Intent: device.Stated(device.Running), Hash: device.Stated(unit.Hashrate(1)), Limit: device.Stated(unit.Power(3600)), Mode: device.Stated("high")},
		},
	} {
		got := read(t, c.change, device.Status|device.Power|device.Hash|device.Faults)
		if got.Asked.IsZero() {
			t.Errorf("%s: nobody knows how fresh it is", what)
		}
		got.Asked = time.Time{}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
}

func TestReadAsksForNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	s, m := opened(t, small(nil))
	before := len(s.heard())
	if _, err := m.Read(t.Context(), device.Power); err != nil {
		t.Fatal(err)
	}
	if got := s.heard()[before:]; !slices.Equal(got, []string{"summary"}) {
		t.Errorf("for the power it was asked %v", got)
	}
}

// TestAckV2 goes through the codes of refusals and of strange answers.
func TestAckV2(t *testing.T) {
	t.Parallel()
	sleep, level := device.Command{Verb: device.Sleep}, device.Command{Verb: device.SetPower, Power: 1600}
	asleep := `{"STATUS":"S","Code":131,"Msg":{"mineroff":"true"}}`
	for what, c := range map[string]struct {
		answer, status string
		order          device.Command
		class          device.AckClass
		reason         device.RefusedReason
	}{
		"yes in the clear":              {`{"STATUS":"S","Code":131,"Msg":"API command OK"}`, "", sleep, device.Accepted, ""},
		"a yes with a warning":          {`{"STATUS":"W","Code":131,"Msg":"hm"}`, "", sleep, device.Accepted, ""},
		"an unknown order":              {`{"STATUS":"E","Code":14,"Msg":"invalid cmd"}`, "", sleep, device.Refused, device.Unsupported},
		"it could not decrypt":          {`{"STATUS":"E","Code":23,"Msg":"enc json load err"}`, "", sleep, device.Refused, device.BadAuth},
		"writing is locked":             {`{"STATUS":"E","Code":45,"Msg":"permission denied"}`, "", sleep, device.Refused, device.Locked},
		"the login is not taken":        {`{"STATUS":"E","Code":135,"Msg":"check token err"}`, "", sleep, device.Refused, device.BadAuth},
		"too many logins":               {`{"STATUS":"E","Code":136,"Msg":"over max connect"}`, "", sleep, device.Refused, device.Busy},
		"a failed order":                {`{"STATUS":"E","Code":132,"Msg":"API command ERROR"}`, "", sleep, device.Refused, device.BadState},
		"a level that is not taken":     {`{"STATUS":"E","Code":132,"Msg":"API command ERROR"}`, "", level, device.Refused, device.BadValue},
		"a level while it is asleep":    {`{"STATUS":"E","Code":132,"Msg":"API command ERROR"}`, asleep, level, device.Refused, device.BadState},
		"an error without a code":       {`{"STATUS":"E","Msg":"no"}`, "", sleep, device.Refused, device.Other},
		"a code that nobody documented": {`{"Code":777}`, "", sleep, device.Garbled, ""},
		"JSON that says nothing":        {`{"hello":1}`, "", sleep, device.Garbled, ""},
		"a page of a site":              {`<html>busy</html>`, "", sleep, device.Garbled, ""},
		"an empty answer":               {``, "", sleep, device.Garbled, ""},
	} {
		change := map[string]string{"sealed": c.answer}
		if c.status != "" {
			change["status"] = c.status
		}
		_, m := opened(t, small(change))
		a := m.Apply(t.Context(), c.order)
		if a.Class != c.class || a.Reason != c.reason || a.Set.Verb != c.order.Verb {
			t.Errorf("%s: %+v", what, a)
		}
	}
}

// TestLoginV2 goes through what may come instead of a login.
func TestLoginV2(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		answer string
		class  device.AckClass
		reason device.RefusedReason
	}{
		"all logins are taken, by code": {`{"STATUS":"E","Code":136,"Msg":"x"}`, device.Refused, device.Busy},
		"all logins are taken, by text": {`{"STATUS":"S","Code":134,"Msg":"over max connect"}`, device.Refused, device.Busy},
		"locked":                        {`{"STATUS":"E","Code":45,"Msg":"x"}`, device.Refused, device.Locked},
		"a login without a salt":        {`{"STATUS":"S","Code":134,"Msg":{"time":"1"}}`, device.NotSent, ""},
		"a page of a site":              {`<html>`, device.NotSent, ""},
	} {
		s, m := opened(t, small(map[string]string{"get_token": c.answer}))
		a := m.Apply(t.Context(), device.Command{Verb: device.Sleep})
		if a.Class != c.class || a.Reason != c.reason || a.Set != (device.Command{}) || slices.Contains(s.heard(), "sealed") {
			t.Errorf("%s: %+v after %v", what, a, s.heard())
		}
	}
}

// TestGoneMachineIsNotSent: with a login in hand nothing is asked before the order.
func TestGoneMachineIsNotSent(t *testing.T) {
	t.Parallel()
	s, m := opened(t, small(nil))
	if a := m.Apply(t.Context(), device.Command{Verb: device.Locate}); a.Class != device.Accepted {
		t.Fatalf("%+v", a)
	}
	s.close()
	if a := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.NotSent || a.Set != (device.Command{}) {
		t.Errorf("%+v", a)
	}
}

func TestV1IsOnlyRead(t *testing.T) {
	t.Parallel()
	s, m := opened(t, small(map[string]string{"get_version": `{"STATUS":"S","Code":131,"Msg":{"fw_ver":"20210601.01.REL"}}`}))
	if c := m.Capabilities(); c.Sleep || c.Wake || c.Level != device.NoLevels {
		t.Errorf("v1 can %+v", c)
	}
	if a := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Refused || a.Reason != device.Unsupported || slices.Contains(s.heard(), "get_token") {
		t.Errorf("v1 was ordered: %+v", a)
	}
}

// TestHalfAnIdentityIsNoStranger: a machine that stumbles is not another's.
func TestHalfAnIdentityIsNoStranger(t *testing.T) {
	t.Parallel()
	_, d, at := play(t, small(map[string]string{"devdetails": `<html>`}))
	if id, err := d.Probe(t.Context(), at); err == nil || errors.Is(err, device.ErrNotMine) {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestNobodyAtHomeIsNotMine(t *testing.T) {
	t.Parallel()
	_, d, at := play(t, nil)
	if _, err := d.Probe(t.Context(), at); !errors.Is(err, device.ErrNotMine) {
		t.Errorf("a machine that knows no command: %v", err)
	}
	at.Port = closedPort(t)
	if _, err := d.Probe(t.Context(), at); !errors.Is(err, device.ErrNotMine) {
		t.Errorf("a closed port: %v", err)
	}
}
