package vnish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// Read asks for /summary, and for the preset and the up-time when the status is
// wanted. Those two may be refused; /summary may not.
func (m *machine) Read(ctx context.Context, w device.What) (device.Reading, error) {
	out := device.Reading{Asked: time.Now()}
	if w&device.All == 0 {
		return out, errors.New("read vnish: nothing was asked for")
	}
	summary, err := m.get(ctx, "/summary")
	if err != nil {
		return out, fmt.Errorf("read vnish: %w", err)
	}
	m.fill(&out, w, summary)
	if w&device.Status == 0 {
		return out, nil
	}
	perf, err := m.get(ctx, "/perf-summary")
	if err == nil {
		m.level(&out, summary, perf)
	} else if !isRefusal(err) {
		return out, fmt.Errorf("read vnish: %w", err)
	}
	info, err := m.get(ctx, "/info")
	if err == nil {
		out.Uptime = uptime(info.At("system", "uptime").Text())
	} else if !isRefusal(err) {
		return out, fmt.Errorf("read vnish: %w", err)
	}
	return out, nil
}

// fill takes what was asked for out of /summary.
func (m *machine) fill(r *device.Reading, w device.What, summary wire.Tree) {
	t := summary.At("miner")
	if w&device.Status != 0 {
		share, stated := t.At("miner_status", "throttled").Whole()
		r.Activity, r.Intent = state(t.At("miner_status", "miner_state").Word(), stated && share < 100)
	}
	if w&device.Power != 0 {
		r.Power = power(summary)
	}
	if w&device.Hash != 0 {
		r.Hash = hash(t.At("hr_realtime"), m.measure)
		r.Ideal = hash(t.At("hr_nominal"), m.measure)
	}
	if w&device.Heat != 0 {
		heat(r, t)
	}
	if w&device.Faults != 0 {
		faults(r, t)
	}
	if w&(device.Pools|device.Hash) != 0 {
		pools(r, t, w)
	}
}

// level reads the preset in force, and what a throttle leaves of it.
func (m *machine) level(r *device.Reading, summary, perf wire.Tree) {
	current := perf.At("current_preset")
	if name := current.At("name").Text(); name != "" {
		r.Mode = device.Stated(name)
	}
	m.switcher, _ = perf.At("preset_switcher", "enabled").Flag()
	top, ok := preset(current)
	if !ok {
		return
	}
	share, stated := summary.At("miner", "miner_status", "throttled").Whole()
	if !stated || share < 0 || share > 100 {
		share = 100
	}
	r.Limit = device.Stated(percent(top.Power, share))
}

func heat(r *device.Reading, t wire.Tree) {
	for _, c := range t.At("chains").Each() {
		where := "board ?"
		if id, ok := c.At("id").Whole(); ok {
			where = "board " + strconv.FormatInt(id, 10)
		}
		for _, kind := range []string{"chip", "pcb"} {
			if v, ok := c.At(kind+"_temp", "max").Scaled(3); ok && v > 0 {
				r.Chips = append(r.Chips, device.Temperature{Where: where + " " + kind, MilliC: v})
			}
		}
	}
	for _, f := range t.At("cooling", "fans").Each() {
		id, _ := f.At("id").Whole()
		if rpm, ok := f.At("rpm").Whole(); ok && rpm >= 0 {
			r.Fans = append(r.Fans, device.Fan{Name: "fan " + strconv.FormatInt(id, 10), RPM: rpm})
		}
	}
}

// faults reads the state of the machine and of its boards where it is a failure.
func faults(r *device.Reading, t wire.Tree) {
	add := func(where string, s wire.Tree, key string) {
		if s.At(key).Word() != "failure" {
			return
		}
		code := s.At("failure_code").Text()
		if code == "" {
			code = "failure"
		}
		r.Faults = append(r.Faults, device.Fault{Code: code, Text: where + ": " + s.At("description").Text()})
	}
	add("miner", t.At("miner_status"), "miner_state")
	for _, c := range t.At("chains").Each() {
		add("board "+c.At("id").Text(), c.At("status"), "state")
	}
}

// pools reads the list of pools and what the owner's accepted. The developers'
// slot is marked, and its shares are not the owner's.
func pools(r *device.Reading, t wire.Tree, w device.What) {
	var accepted int64
	known := false
	for _, p := range t.At("pools").Each() {
		out := device.Pool{URL: p.At("url").Text(), Worker: p.At("user").Text()}
		out.Fee = p.At("pool_type").Word() == "devfee" || p.At("url").Word() == "devfee"
		if n, ok := p.At("accepted").Whole(); ok && n >= 0 && n < 1<<50 && !out.Fee {
			accepted, known = accepted+n, true
		}
		if s := p.At("status").Word(); s != "" {
			out.Alive = device.Stated(s == "active" || s == "working" || s == "rejecting")
			out.Active = device.Stated(s == "active" || s == "rejecting")
		}
		if w&device.Pools != 0 {
			r.Pools = append(r.Pools, out)
		}
	}
	if known && w&device.Hash != 0 {
		r.Accepted = device.Stated(accepted)
	}
}

// nearest is the highest preset of at most p.
func nearest(all []device.Preset, p unit.Power) (device.Preset, bool) {
	for _, s := range slices.Backward(all) {
		if s.Power <= p {
			return s, true
		}
	}
	return device.Preset{}, false
}
