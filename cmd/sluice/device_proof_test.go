package main

import (
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// seen is one reading, so many seconds after the answer.
type seen struct {
	after float64
	is    device.Reading
}

// said builds a reading; power and hash below zero are not stated.
func said(a device.Activity, power, hash int64) device.Reading {
	r := device.Reading{Activity: device.Stated(a), Intent: device.Stated(a)}
	if power >= 0 {
		r.Power = device.Stated(unit.Power(power))
	}
	if hash >= 0 {
		r.Hash = device.Stated(unit.Hashrate(hash))
	}
	return r
}

func limit(r device.Reading, w unit.Power) device.Reading {
	r.Limit = device.Stated(w)
	return r
}

func mode(r device.Reading, m string) device.Reading {
	r.Mode = device.Stated(m)
	return r
}

// TestProof: what proves an order and what does not, reading by reading.
func TestProof(t *testing.T) {
	t.Parallel()
	sleep, wake := device.Command{Verb: device.Sleep}, device.Command{Verb: device.Wake}
	hold := device.Command{Verb: device.SetPower, Power: 2000, Mode: "two"}
	asleep, running := device.Asleep, device.Running
	full := device.Value[unit.Power]{Value: 3000, Known: true}
	for sentence, c := range map[string]struct {
		want     device.Command
		expected device.Value[unit.Power]
		readings []seen
		proven   bool
		says     string
	}{
		"word and watts":                        {sleep, full, []seen{{1, said(asleep, 40, 0)}}, true, "draws 40 W"},
		"a reading from before the answer":      {sleep, full, []seen{{-1, said(asleep, 40, 0)}}, false, "older than the answer"},
		"a liar":                                {sleep, full, []seen{{1, said(asleep, 3000, 0)}}, false, "says that it sleeps and draws 3.0 kW"},
		"a tenth of what it drew is the most":   {sleep, full, []seen{{1, said(asleep, 301, 0)}}, false, "301 W"},
		"watts without the word":                {sleep, full, []seen{{1, said(running, 40, 0)}}, false, "does not say that it sleeps"},
		"zero hash rate is no sleep":            {sleep, full, []seen{{1, said(running, -1, 0)}, {9, said(running, -1, 0)}}, false, "does not say"},
		"no watts, two zeros apart":             {sleep, full, []seen{{1, said(asleep, -1, 0)}, {6, said(asleep, -1, 0)}}, true, "states no power"},
		"no watts, two zeros too near":          {sleep, full, []seen{{1, said(asleep, -1, 0)}, {5.9, said(asleep, -1, 0)}}, false, "states no power"},
		"no watts, a share between the zeros":   {sleep, full, []seen{{1, said(asleep, -1, 0)}, {6, said(asleep, -1, 9)}, {7, said(asleep, -1, 0)}}, false, "states no power"},
		"neither watts nor hash rate":           {sleep, full, []seen{{1, said(asleep, -1, -1)}, {9, said(asleep, -1, -1)}}, false, "only a meter"},
		"at its limit":                          {hold, full, []seen{{1, limit(said(running, 1990, 1), 2000)}}, true, "at most 2.0 kW"},
		"the limit, not the watts":              {hold, full, []seen{{1, limit(said(running, 3000, 1), 2000)}}, false, "draws 3.0 kW"},
		"the watts, not the limit":              {hold, full, []seen{{1, limit(said(running, 1990, 1), 3000)}}, false, "its limit is 3.0 kW"},
		"in its mode":                           {hold, full, []seen{{1, mode(said(running, 1990, 1), "two")}}, true, "at most"},
		"in another mode":                       {hold, full, []seen{{1, mode(said(running, 1990, 1), "one")}}, false, `"one" instead of "two"`},
		"neither limit nor mode":                {hold, full, []seen{{1, said(running, 1990, 1)}}, false, "neither a limit nor a mode"},
		"held and asleep is another thing":      {hold, full, []seen{{1, limit(said(asleep, 40, 0), 2000)}}, false, "asleep"},
		"awake three times":                     {wake, full, []seen{{1, said(running, 2900, 9)}, {2, said(running, 2950, 9)}, {3, said(running, 3000, 9)}}, true, "of 3.0 kW"},
		"awake twice":                           {wake, full, []seen{{1, said(running, 2900, 9)}, {2, said(running, 3000, 9)}}, false, "not for long enough"},
		"awake, then away, then awake":          {wake, full, []seen{{1, said(running, 2900, 9)}, {2, said(running, 2900, 9)}, {3, said(running, 900, 9)}, {4, said(running, 2900, 9)}}, false, "not for long enough"},
		"a board is missing":                    {wake, full, []seen{{1, said(running, 2000, 9)}, {2, said(running, 2000, 9)}, {3, said(running, 2000, 9)}}, false, "draws 2.0 kW of 3.0 kW"},
		"woken into a fault":                    {wake, full, []seen{{1, said(device.Stopped, 3000, 9)}}, false, "stopped"},
		"watts without work prove no wake":      {wake, device.Value[unit.Power]{}, []seen{{1, said(running, 900, 0)}, {2, said(running, 900, 0)}, {3, said(running, 900, 0)}}, false, "runs and draws"},
		"awake by its hash rate alone, 3 times": {wake, full, []seen{{1, said(running, -1, 9)}, {2, said(running, -1, 9)}, {3, said(running, -1, 9)}}, true, "states no power"},
	} {
		now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
		p := proof{want: c.want, expected: c.expected, acked: now, before: said(running, 3000, 100)}
		var ok bool
		var why string
		for i, s := range c.readings {
			if ok {
				t.Errorf("%s: proven after %d of %d readings", sentence, i, len(c.readings))
			}
			s.is.Asked = now.Add(time.Duration(s.after * float64(time.Second)))
			ok, why = p.see(s.is)
		}
		if ok != c.proven || !strings.Contains(why, c.says) {
			t.Errorf("%s: proven %t, %q; want %t, %q", sentence, ok, why, c.proven, c.says)
		}
	}
}
