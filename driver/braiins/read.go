package braiins

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// page is one page of the interface and what it fills in.
type page struct {
	what device.What
	path string
	fill func(*device.Reading, wire.Tree)
}

// pages lists the pages in the order in which they are asked for.
func pages() []page {
	return []page{
		{device.Status, "/miner/details", details},
		{device.Status, "/performance/tuner-state", tuner},
		{device.Power | device.Hash, "/miner/stats", stats},
		{device.Heat, "/cooling/state", cooling},
		{device.Heat, "/miner/hw/hashboards", boards},
		{device.Faults, "/miner/errors", faults},
		{device.Pools, "/pools", pools},
	}
}

// Read asks for the pages that w needs. A page that the machine refuses is
// absent, since a paused process has no tuner to tell of; that a login is
// refused, that an answer is missing or that it cannot be read is an error,
// beside what was read until then.
func (m *machine) Read(ctx context.Context, w device.What) (device.Reading, error) {
	out := device.Reading{Asked: time.Now()}
	asked, refused := 0, 0
	for _, p := range pages() {
		if w&p.what == 0 {
			continue
		}
		asked++
		t, err := m.get(ctx, p.path)
		if isRefusal(err) {
			refused++
			continue
		}
		if err != nil {
			return out, fmt.Errorf("read braiins: %w", err)
		}
		p.fill(&out, t)
	}
	if asked == 0 {
		return out, errors.New("read braiins: nothing was asked for")
	}
	if asked == refused {
		return out, fmt.Errorf("read braiins: %s refuses every page: wait until it has started", m.web.Host)
	}
	if w&device.Power == 0 {
		out.Power = device.Value[unit.Power]{}
	}
	if w&device.Hash == 0 {
		out.Hash, out.HashMean, out.Ideal, out.Accepted = device.Value[unit.Hashrate]{}, device.Value[unit.Hashrate]{}, device.Value[unit.Hashrate]{}, device.Value[int64]{}
	}
	return out, nil
}

// details reads what the miner does and was told. Its status is a number, and a
// word in some releases.
func details(r *device.Reading, t wire.Tree) {
	if up, ok := t.At("system_uptime_s").Whole(); ok && up >= 0 {
		r.Uptime = device.Stated(time.Duration(min(up, centuryS)) * time.Second)
	}
	status := t.At("status")
	if !status.Present() {
		return
	}
	word := strings.TrimPrefix(strings.ToLower(status.Text()), "miner_status_")
	run := device.Stated(device.Running)
	switch word {
	case "2", "normal":
		r.Activity, r.Intent = run, run
	case "3", "paused":
		r.Activity, r.Intent = device.Stated(device.Asleep), device.Stated(device.Asleep)
	case "4", "suspended":
		r.Activity = device.Stated(device.Stopped)
	case "5", "restricted":
		r.Activity, r.Intent = device.Stated(device.Throttled), run
	default:
		r.Activity = device.Stated(device.Unknown)
	}
}

// centuryS keeps a wild up-time from overflowing.
const centuryS = 100 * 365 * 86400

// tuner reads the target, and whether a running machine is on its way to it.
// It comes after details, which says whether the machine runs at all.
func tuner(r *device.Reading, t wire.Tree) {
	mode := t.At("mode_state", "powertargetmodestate")
	target, ok := watt(mode.At("current_target"))
	if !ok {
		target, ok = watt(mode.At("profile", "target"))
	}
	if ok {
		r.Limit = device.Stated(target)
	}
	if r.Activity.Value != device.Running {
		return
	}
	word := strings.TrimPrefix(strings.ToLower(t.At("overall_tuner_state").Text()), "tuner_state_")
	switch word {
	case "3", "tuning":
		r.Activity = device.Stated(device.Tuning)
	case "6", "preheat", "preheating":
		r.Activity = device.Stated(device.Waking)
	}
}

func consumption(t wire.Tree) device.Value[unit.Power] {
	w, ok := watt(t.At("power_stats", "approximated_consumption"))
	if !ok {
		return device.Value[unit.Power]{}
	}
	return device.Stated(w)
}

// stats reads the estimate of the power and the rates.
func stats(r *device.Reading, t wire.Tree) {
	r.Power = consumption(t)
	s := t.At("miner_stats")
	r.Hash = rate(s.At("real_hashrate", "last_5s"))
	r.HashMean = rate(s.At("real_hashrate", "last_1m"))
	r.Ideal = rate(s.At("nominal_hashrate"))
	if n, ok := t.At("pool_stats", "accepted_shares").Whole(); ok && n >= 0 {
		r.Accepted = device.Stated(n)
	}
}

func cooling(r *device.Reading, t wire.Tree) {
	for _, f := range t.At("fans").Each() {
		at, _ := f.At("position").Whole()
		if rpm, ok := f.At("rpm").Whole(); ok && rpm >= 0 {
			r.Fans = append(r.Fans, device.Fan{Name: "fan " + strconv.FormatInt(at, 10), RPM: rpm})
		}
	}
}

// boards reads the temperatures of each board; their ids are text.
func boards(r *device.Reading, t wire.Tree) {
	for _, b := range t.At("hashboards").Each() {
		where := "board " + b.At("id").Text()
		add := func(name string, t wire.Tree) {
			if v, ok := t.At("degree_c").Scaled(3); ok && v > 0 {
				r.Chips = append(r.Chips, device.Temperature{Where: where + " " + name, MilliC: v})
			}
		}
		add("chip", b.At("highest_chip_temp", "temperature"))
		add("pcb", b.At("board_temp"))
		add("inlet", b.At("lowest_inlet_temp"))
	}
}

// faults reads errors in the machine's codes, or under a name of their own when
// it gives none. Equal ones are listed once: the machine keeps them for months.
func faults(r *device.Reading, t wire.Tree) {
	seen := map[device.Fault]bool{}
	add := func(f device.Fault) {
		if !seen[f] {
			seen[f] = true
			r.Faults = append(r.Faults, f)
		}
	}
	for _, e := range t.At("errors").Each() {
		text := e.At("message").Text()
		codes := e.At("error_codes").Each()
		for _, c := range codes {
			add(device.Fault{Code: c.At("code").Text(), Text: text})
		}
		if len(codes) == 0 {
			add(device.Fault{Code: "message", Text: text})
		}
	}
}

// pools reads the pools of every group.
func pools(r *device.Reading, t wire.Tree) {
	for _, group := range t.Each() {
		for _, p := range group.At("pools").Each() {
			if on, ok := p.At("enabled").Flag(); ok && !on {
				continue
			}
			out := device.Pool{URL: p.At("url").Text(), Worker: p.At("user").Text()}
			if v, ok := p.At("alive").Flag(); ok {
				out.Alive = device.Stated(v)
			}
			if v, ok := p.At("active").Flag(); ok {
				out.Active = device.Stated(v)
			}
			r.Pools = append(r.Pools, out)
		}
	}
}
