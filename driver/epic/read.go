package epic

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// powerTune is the tuning algorithm that aims at a power.
const powerTune = "PowerTune"

// boardsMax bounds what is read of a list.
const boardsMax = 16

// Read asks for the summary, which holds everything that there is to know of w.
func (m *machine) Read(ctx context.Context, w device.What) (device.Reading, error) {
	out := device.Reading{Asked: time.Now()}
	sum, err := m.get(ctx, "/summary")
	if err != nil {
		return out, fmt.Errorf("read epic: %w", err)
	}
	fill(&out, sum, w)
	return out, nil
}

// fill puts a summary into a reading.
func fill(out *device.Reading, sum wire.Tree, w device.What) {
	if w&device.Status != 0 {
		status(out, sum)
	}
	if w&device.Power != 0 {
		out.Power = power(sum)
	}
	if w&device.Hash != 0 {
		out.Hash = hash(sum)
	}
	if w&device.Heat != 0 {
		heat(out, sum)
	}
	if last := sum.At("Status", "Last Error").Text(); w&device.Faults != 0 && last != "" {
		out.Faults = []device.Fault{{Code: last[:min(len(last), 24)], Text: last[:min(len(last), 200)]}}
	}
	if w&device.Pools != 0 {
		pools(out, sum)
	}
}

// status reads what the machine was told and what it does.
func status(out *device.Reading, sum wire.Tree) {
	state := sum.At("Status", "Operating State").Word()
	out.Intent, out.Activity = activity(state, hash(sum), sum)
	if tuning(sum) {
		out.Mode = algorithm(sum)
		if w, ok := tuner(sum).At("Target").Whole(); ok && w > 0 {
			out.Limit = device.Stated(unit.Power(w))
		}
	}
	if s, ok := sum.At("Session", "Uptime").Whole(); ok && s >= 0 && s < 1<<31 {
		out.Uptime = device.Stated(time.Duration(s) * time.Second)
	}
	if n, ok := sum.At("Session", "Accepted").Whole(); ok && n >= 0 {
		out.Accepted = device.Stated(n)
	}
}

// activity tells what was ordered from what shows.
func activity(state string, h device.Value[unit.Hashrate], sum wire.Tree) (intent, doing device.Value[device.Activity]) {
	unknown := device.Value[device.Activity]{}
	optimized, stated := tuner(sum).At("Optimized").Flag()
	switch {
	case state == "":
		return unknown, unknown
	case state == "idling" && !h.Known:
		return device.Stated(device.Asleep), unknown
	case state == "idling" && h.Value > 0:
		return device.Stated(device.Asleep), device.Stated(device.Running)
	case state == "idling":
		return device.Stated(device.Asleep), device.Stated(device.Asleep)
	case state != "mining":
		return device.Stated(device.Running), device.Stated(device.Waking)
	case tuning(sum) && stated && !optimized:
		return device.Stated(device.Running), device.Stated(device.Tuning)
	}
	return device.Stated(device.Running), device.Stated(device.Running)
}

// tuning reports whether the tuner is on.
func tuning(sum wire.Tree) bool {
	on, _ := sum.At("PerpetualTune", "Running").Flag()
	return on
}

// algorithm names the algorithm of the tuner.
func algorithm(sum wire.Tree) device.Value[string] {
	all, _ := sum.At("PerpetualTune", "Algorithm").Value().(map[string]any)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	if len(names) == 0 {
		return device.Value[string]{}
	}
	slices.Sort(names)
	return device.Stated(names[0])
}

// tuner is the settings of the PowerTune algorithm, when it is the one in force.
func tuner(sum wire.Tree) wire.Tree { return sum.At("PerpetualTune", "Algorithm", powerTune) }

// power is what the power supply takes in.
func power(sum wire.Tree) device.Value[unit.Power] {
	w, ok := sum.At("Power Supply Stats", "Input Power").Whole()
	if !ok || w < 0 {
		return device.Value[unit.Power]{}
	}
	return device.Value[unit.Power]{Value: unit.Power(w), Known: true, Source: device.FromPSU}
}

// hash adds up the boards, which are stated in MH/s. A list without boards adds
// up to nothing; a missing list is not known.
func hash(sum wire.Tree) device.Value[unit.Hashrate] {
	list := sum.At("HBs")
	if !list.Present() {
		return device.Value[unit.Hashrate]{}
	}
	var mega int64
	for i, b := range list.Each() {
		rates := b.At("Hashrate").Each()
		if i == boardsMax || len(rates) == 0 {
			return device.Value[unit.Hashrate]{}
		}
		v, ok := rates[0].Whole()
		if !ok || v < 0 || v > 1<<50 {
			return device.Value[unit.Hashrate]{}
		}
		mega += v
	}
	return device.Stated(unit.Hashrate(unit.MulDiv(mega, 1, 1000)))
}

// heat reads temperatures and fans. Boards are named by their index: there may
// be fewer entries than slots.
func heat(out *device.Reading, sum wire.Tree) {
	for i, b := range sum.At("HBs").Each() {
		n, ok := b.At("Index").Whole()
		c, ok2 := b.At("Temperature").Scaled(3)
		if i < boardsMax && ok && ok2 && c > 0 && c < 300_000 {
			out.Chips = append(out.Chips, device.Temperature{Where: "board " + strconv.FormatInt(n, 10), MilliC: c})
		}
	}
	fans, _ := sum.At("Fans Rpm").Value().(map[string]any)
	for name := range fans {
		if rpm, ok := sum.At("Fans Rpm", name).Whole(); ok && rpm >= 0 && len(out.Fans) < boardsMax {
			out.Fans = append(out.Fans, device.Fan{Name: strings.ToLower(name[:min(len(name), 40)]), RPM: rpm})
		}
	}
	slices.SortFunc(out.Fans, func(a, b device.Fan) int { return strings.Compare(a.Name, b.Name) })
}

// pools reads the configured pools and which of them is in use.
func pools(out *device.Reading, sum wire.Tree) {
	current := sum.At("Stratum", "Current Pool").Text()
	for i, p := range sum.At("StratumConfigs").Each() {
		if i == boardsMax {
			return
		}
		pool := device.Pool{URL: p.At("pool").Text(), Worker: p.At("login").Text()}
		if current != "" {
			pool.Active = device.Stated(pool.URL == current)
		}
		out.Pools = append(out.Pools, pool)
	}
}
