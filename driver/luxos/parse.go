package luxos

import (
	"strconv"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// managed reports whether the temperature manager may move the profile.
func managed(config wire.Tree) bool {
	on, _ := config.At("CONFIG", "IsAtmEnabled").Flag()
	return on
}

// watts is the stated power. It comes from the power supply when the machine
// says so, else it is an estimate.
func watts(power wire.Tree) device.Value[unit.Power] {
	p := power.At("POWER")
	w, ok := p.At("Watts").Whole()
	if !ok || w < 0 {
		return device.Value[unit.Power]{}
	}
	out := device.Stated(unit.Power(w))
	if psu, _ := p.At("PSU").Flag(); psu {
		out.Source = device.FromPSU
	}
	return out
}

// intent reads "config": what the machine was told, what it does as far as its
// settings tell, and its profile.
func intent(r *device.Reading, t wire.Tree) {
	c := t.At("CONFIG")
	if !c.Present() {
		return
	}
	if name := c.At("Profile").Text(); name != "" {
		r.Mode = device.Stated(name)
	}
	curtail := c.At("CurtailMode")
	if !curtail.Present() {
		return
	}
	supply, stated := c.At("IsPowerSupplyOn").Flag()
	switch curtail.Word() {
	case "none", "", "wakeup", "wake up":
		r.Intent = device.Stated(device.Running)
		r.Activity = device.Stated(awake(c, supply || !stated))
	default:
		r.Intent = device.Stated(device.Asleep)
		r.Activity = device.Stated(device.Asleep)
		if supply && stated { // told to sleep, and not there
			r.Activity = device.Stated(device.Running)
		}
	}
}

// awake is what a machine does that was not told to sleep.
func awake(c wire.Tree, supply bool) device.Activity {
	tuning, _ := c.At("IsTuning").Flag()
	switch status := c.At("SystemStatus").Word(); {
	case status == "initializing" || status == "starting":
		return device.Waking
	case !supply:
		return device.Stopped
	case tuning:
		return device.Tuning
	case status == "normal" || status == "":
		return device.Running
	}
	return device.Unknown
}

// hash reads "summary". The average since the start is of no use to anyone.
func hash(r *device.Reading, t wire.Tree) {
	s := t.At("SUMMARY")
	r.Hash = gigahash(s.At("GHS 5s"))
	r.HashMean = gigahash(s.At("GHS 1m"))
	if up, ok := s.At("Elapsed").Whole(); ok && up >= 0 {
		r.Uptime = device.Stated(time.Duration(min(up, centuryS)) * time.Second)
	}
	if n, ok := s.At("Accepted").Whole(); ok && n >= 0 {
		r.Accepted = device.Stated(n)
	}
}

// centuryS keeps a wild up-time from overflowing.
const centuryS = 100 * 365 * 86400

func gigahash(t wire.Tree) device.Value[unit.Hashrate] {
	v, ok := t.Whole()
	if !ok || v < 0 {
		return device.Value[unit.Hashrate]{}
	}
	return device.Stated(unit.Hashrate(v))
}

// boards reads "devs": what the boards should reach together, in MH/s, and
// whether any is still on its way up.
func boards(r *device.Reading, t wire.Tree) {
	var nominal int64
	known, ramping := false, false
	for _, b := range t.At("DEVS").Each() {
		if v, ok := b.At("Nominal MHS").Whole(); ok && v >= 0 && v < 1<<50 {
			nominal, known = nominal+v, true
		}
		up, _ := b.At("IsRamping").Flag()
		ramping = ramping || up
	}
	if known {
		r.Ideal = device.Stated(unit.Hashrate(unit.MulDiv(nominal, 1, 1000)))
	}
	if ramping && r.Activity.Known && (r.Activity.Value == device.Running || r.Activity.Value == device.Tuning) && r.Intent.Value == device.Running {
		r.Activity = device.Stated(device.Waking)
	}
}

// heat reads "temps": four corners of each board, named by its ID.
func heat(r *device.Reading, t wire.Tree) {
	for _, b := range t.At("TEMPS").Each() {
		where := "board " + number(b, "ID", "TEMP")
		for _, corner := range []string{"TopLeft", "TopRight", "BottomLeft", "BottomRight"} {
			if v, ok := b.At(corner).Scaled(3); ok && v > 0 {
				r.Chips = append(r.Chips, device.Temperature{Where: where + " " + corner, MilliC: v})
			}
		}
	}
}

func fans(r *device.Reading, t wire.Tree) {
	for _, f := range t.At("FANS").Each() {
		name := f.At("FAN").Text()
		if rpm, ok := f.At("RPM").Whole(); ok && rpm >= 0 {
			r.Fans = append(r.Fans, device.Fan{Name: name, RPM: rpm})
		}
	}
}

// number is the first of the keys that is stated, or a question mark.
func number(t wire.Tree, keys ...string) string {
	for _, k := range keys {
		if v, ok := t.At(k).Whole(); ok {
			return strconv.FormatInt(v, 10)
		}
	}
	return "?"
}

// events reads what the machine reports about itself. Sleeping is not a fault.
func events(r *device.Reading, t wire.Tree) {
	for _, e := range t.At("EVENTS").Each() {
		code := e.At("Code").Text()
		switch code {
		case "", "SLEEP", "IDLE", "MINER_TUNING", "MINER_TUNED":
			continue
		}
		r.Faults = append(r.Faults, device.Fault{Code: code, Text: e.At("Description").Text()})
	}
}

func pools(r *device.Reading, t wire.Tree) {
	for _, p := range t.At("POOLS").Each() {
		out := device.Pool{URL: p.At("URL").Text(), Worker: p.At("User").Text()}
		if s := p.At("Status").Word(); s != "" {
			out.Alive = device.Stated(s == "alive")
		}
		if on, ok := p.At("Stratum Active").Flag(); ok {
			out.Active = device.Stated(on)
		}
		r.Pools = append(r.Pools, out)
	}
}
