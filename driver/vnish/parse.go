package vnish

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// throttleMin is the lowest throttle that the firmware takes, percent.
const throttleMin = 20

func percent(p unit.Power, n int64) unit.Power {
	return unit.Power(int64(p)/100*n) + unit.Power(int64(p)%100*n/100)
}

// version is a firmware version in numbers.
type version [3]int

// versionOf reads "1.2.7"; what is no number counts as zero.
func versionOf(text string) version {
	var v version
	for i, s := range strings.SplitN(text, ".", 4) {
		if i < len(v) {
			v[i], _ = strconv.Atoi(s)
		}
	}
	return v
}

func (v version) atLeast(a, b, c int) bool { return slices.Compare(v[:], []int{a, b, c}) >= 0 }

// pretty is how a preset describes itself: "2800 watt ~ 188 TH".
var pretty = regexp.MustCompile(`(?i)^\s*(\d{1,6})\s*w\w*(?:\s*~\s*(\d{1,6}(?:\.\d{1,6})?)\s*th)?`)

// preset reads one preset. Its watts are its name, or stand in what it says of
// itself; one without watts ("disabled") is no level.
func preset(t wire.Tree) (device.Preset, bool) {
	p := device.Preset{Name: t.At("name").Text()}
	said := pretty.FindStringSubmatch(t.At("pretty").Text())
	w, err := strconv.ParseInt(p.Name, 10, 32)
	if err != nil && said != nil {
		w, err = strconv.ParseInt(said[1], 10, 32)
	}
	if err != nil || w <= 0 || p.Name == "" {
		return device.Preset{}, false
	}
	p.Power = unit.Power(w)
	if said != nil && said[2] != "" {
		h, _ := unit.ParseDecimal(said[2], 3)
		p.Hash = unit.Hashrate(h)
	}
	return p, true
}

// presets lists all presets and those that are tuned, in rising order.
func presets(list wire.Tree) (all, tuned []device.Preset) {
	if list.Object() {
		list = list.At("presets")
	}
	for _, t := range list.Each() {
		p, ok := preset(t)
		if !ok {
			continue
		}
		all = append(all, p)
		if t.At("status").Word() == "tuned" {
			tuned = append(tuned, p)
		}
	}
	rising := func(a, b device.Preset) int { return int(a.Power - b.Power) }
	slices.SortStableFunc(all, rising)
	slices.SortStableFunc(tuned, rising)
	return all, tuned
}

// power is the stated power, measured by the power supply where the machine
// says so.
func power(summary wire.Tree) device.Value[unit.Power] {
	m := summary.At("miner")
	w, ok := m.At("power_consumption").Whole()
	if !ok {
		w, ok = m.At("power_usage").Whole()
	}
	if !ok || w < 0 {
		return device.Value[unit.Power]{}
	}
	out := device.Stated(unit.Power(w))
	if metered, _ := m.At("psu", "psu_power_metering").Flag(); metered {
		out.Source = device.FromPSU
	}
	return out
}

// hash reads a rate in the unit that the machine names; of an unknown unit
// nothing is known.
func hash(t wire.Tree, measure string) device.Value[unit.Hashrate] {
	decimals := 0
	switch measure {
	case "gh/s", "":
	case "th/s":
		decimals = 3
	default:
		return device.Value[unit.Hashrate]{}
	}
	v, ok := t.Scaled(decimals)
	if !ok || v < 0 {
		return device.Value[unit.Hashrate]{}
	}
	return device.Stated(unit.Hashrate(v))
}

// state is what the machine does and was told, by its own word for it. What
// stops by a fault was not told to.
func state(word string, throttled bool) (does, told device.Value[device.Activity]) {
	run := device.Stated(device.Running)
	switch word {
	case "":
		return does, told
	case "mining":
		if throttled {
			return device.Stated(device.Throttled), run
		}
		return run, run
	case "auto-tuning":
		return device.Stated(device.Tuning), run
	case "initializing", "starting", "restarting":
		return device.Stated(device.Waking), run
	case "stopped", "paused":
		return device.Stated(device.Asleep), device.Stated(device.Asleep)
	case "shutting-down": // to sleep, or to restart
		return run, told
	case "failure":
		return device.Stated(device.Stopped), told
	}
	return device.Stated(device.Unknown), told
}

// clockText is how the machine writes its up-time: "1:55", "10 days, 18:00".
var clockText = regexp.MustCompile(`^(?:(\d{1,5}) days?,\s*)?(?:(\d{1,2}):(\d{2})|(\d{1,2}) min)$`)

// uptime reads hours and minutes, with days before them after the first.
func uptime(text string) device.Value[time.Duration] {
	m := clockText.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return device.Value[time.Duration]{}
	}
	var n [5]int
	for i := 1; i < len(m); i++ {
		n[i], _ = strconv.Atoi(m[i])
	}
	return device.Stated(time.Duration(n[1]*1440+n[2]*60+n[3]+n[4]) * time.Minute)
}
