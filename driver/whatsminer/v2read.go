package whatsminer

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

// deviceV2 is one machine that speaks v2, or v1 when api is 1.
type deviceV2 struct {
	line
	api     int
	key     device.Kept
	percent string // the verb that sets a percentage
	can     device.Capabilities
	token   token
}

// openV2 finds out what the machine can do. A machine that does not state its
// limit now, because it is down, has no levels until it is opened again.
func openV2(ctx context.Context, l line, c device.Credential, api int, id device.Identity) device.Device {
	m := &deviceV2{line: l, api: api, key: device.Keep(c), percent: "set_power_pct"}
	if atLeast(strings.TrimPrefix(id.Firmware, firmware), [3]int{2, 0, 5}) {
		m.percent = "set_power_pct_v2"
	}
	m.can = device.Capabilities{
		Level: device.NoLevels, PowerSource: device.FromFirmware, Connections: 1, Silent: true, Dark: true,
		Restart: time.Minute, Settle: 10 * time.Minute,
	}
	a, err := l.askV2(ctx, "summary")
	if err == nil && a.section("SUMMARY").Present() && !watts(a.section("SUMMARY").At("Power")).Known {
		m.can.PowerSource = ""
	}
	if api < 2 {
		return m
	}
	m.can.Sleep, m.can.Wake = true, true
	if err == nil {
		l.options.levels(&m.can, bound(a.section("SUMMARY").At("Power Limit")))
	}
	return m
}

// Capabilities says what this firmware can do.
func (m *deviceV2) Capabilities() device.Capabilities { return m.can }

// Close forgets the login. The dialect has no way to give a token back.
func (m *deviceV2) Close(context.Context) error {
	m.token = token{}
	return nil
}

// reports are the answers of one reading, by command.
type reports map[string]answer

// Read asks for the reports that hold w, one connection each.
func (m *deviceV2) Read(ctx context.Context, w device.What) (device.Reading, error) {
	out := device.Reading{Asked: time.Now()}
	got := reports{}
	for _, command := range commandsV2(w) {
		a, err := m.askV2(ctx, command)
		if err != nil {
			return device.Reading{Asked: out.Asked}, fmt.Errorf("read whatsminer %s: %w", m.host, err)
		}
		got[command] = a
	}
	got.fill(&out, w)
	return out, nil
}

// commandsV2 lists the reports that hold w.
func commandsV2(w device.What) []string {
	var out []string
	add := func(need device.What, command string) {
		if w&need != 0 {
			out = append(out, command)
		}
	}
	add(device.Status, "status")
	add(device.Status|device.Power|device.Hash|device.Heat|device.Faults, "summary")
	add(device.Status|device.Heat, "devs") // some firmware says only there whether the ramp is done
	add(device.Heat, "get_psu")
	add(device.Faults, "get_error_code")
	add(device.Pools, "pools")
	return out
}

// fill puts what the reports say into a reading.
func (r reports) fill(out *device.Reading, w device.What) {
	sum, s := r["summary"].section("SUMMARY"), r.stateV2()
	if w&device.Status != 0 {
		out.Intent, out.Activity = s.intent(), s.activity()
		out.Limit, out.Mode = s.held(), words(modeV2(sum, r["status"].msg()))
		if out.Uptime = lasting(sum.At("Uptime")); !out.Uptime.Known {
			out.Uptime = lasting(sum.At("Elapsed"))
		}
		out.Accepted = number(sum.At("Accepted"))
	}
	if w&device.Power != 0 {
		out.Power = watts(sum.At("Power"))
	}
	if w&device.Hash != 0 {
		out.Hash, out.HashMean, out.Ideal = s.hash, meanV2(sum), rate(sum.At("Factory GHS"), inGH)
	}
	if w&device.Heat != 0 {
		r.heat(out, sum)
	}
	if w&device.Faults != 0 {
		out.Faults = append(faultsOf(r["get_error_code"].msg().At("error_code")), faultsV1(sum)...)
	}
	if w&device.Pools != 0 {
		out.Pools = r.pools()
	}
}

// stateV2 is what the machine says about what it does.
func (r reports) stateV2() state {
	sum, status := r["summary"].section("SUMMARY"), r["status"].msg()
	s := state{
		works: worksV2(status), ramped: r.ramped(), stable: flag(sum.At("Hash Stable")),
		percent: number(status.At("power_pct")), limit: bound(sum.At("Power Limit")), hash: rate(sum.At("HS RT"), inMH),
	}
	for _, a := range r {
		s.down = s.down || a.down()
	}
	if !s.limit.Known {
		s.limit = bound(status.At("power_limit_set"))
	}
	if !s.hash.Known {
		s.hash = rate(sum.At("MHS 5s"), inMH)
	}
	return s
}

// worksV2 turns "mineroff" around, which v1 spells "btmineroff".
func worksV2(status wire.Tree) device.Value[bool] {
	off := flag(status.At("mineroff"))
	if !off.Known {
		off = flag(status.At("btmineroff"))
	}
	off.Value = off.Known && !off.Value
	return off
}

// modeV2 is the mode in force; the status report's is the one that was asked for.
func modeV2(sum, status wire.Tree) string {
	if m := sum.At("Power Mode").Word(); m != "" {
		return m
	}
	return status.At("power_mode").Word()
}

// meanV2 is the shortest window of a minute or more.
func meanV2(sum wire.Tree) (v device.Value[unit.Hashrate]) {
	for _, window := range []string{"MHS 1m", "MHS 5m", "MHS 15m"} {
		if v = rate(sum.At(window), inMH); v.Known {
			return v
		}
	}
	return v
}

// ramped says whether every board has finished its ramp, where one states it.
func (r reports) ramped() device.Value[bool] {
	out := flag(r["summary"].section("SUMMARY").At("Upfreq Complete"))
	if !r["devs"].good() {
		return out
	}
	for _, b := range r["devs"].tree.At("DEVS").Each() {
		if done := flag(b.At("Upfreq Complete")); done.Known {
			out = device.Stated(done.Value && (out.Value || !out.Known))
		}
	}
	return out
}

// heat reads temperatures and fans. Boards are named by their slot, never by
// their place in the list.
func (r reports) heat(out *device.Reading, sum wire.Tree) {
	out.Chips = chip(out.Chips, "inlet", sum.At("Env Temp"))
	out.Chips = chip(out.Chips, "hottest chip", sum.At("Chip Temp Max"))
	if r["devs"].good() {
		boards := r["devs"].tree.At("DEVS").Each()
		slices.SortStableFunc(boards, func(a, b wire.Tree) int { return int(slot(a) - slot(b)) })
		for _, b := range boards {
			name := "board " + strconv.FormatInt(slot(b), 10)
			out.Chips = chip(out.Chips, name, b.At("Temperature"))
			out.Chips = chip(out.Chips, name+" chip", b.At("Chip Temp Max"))
		}
	}
	out.Fans = fan(out.Fans, "in", sum.At("Fan Speed In"))
	out.Fans = fan(out.Fans, "out", sum.At("Fan Speed Out"))
	out.Fans = fan(out.Fans, "power supply", r["get_psu"].msg().At("fan_speed"))
}

// slot is where a board sits.
func slot(b wire.Tree) int64 {
	for _, key := range []string{"Slot", "slot", "ASC", "ID", "id"} {
		if n, ok := b.At(key).Whole(); ok && n >= 0 && n < 64 {
			return n
		}
	}
	return 64
}

// faultsOf reads a list of objects whose keys are the codes.
func faultsOf(list wire.Tree) []device.Fault {
	var out []device.Fault
	for _, entry := range list.Each() {
		keys, ok := entry.Value().(map[string]any)
		if !ok {
			continue
		}
		var codes []string
		for code := range keys {
			if code != "reason" {
				codes = append(codes, code)
			}
		}
		slices.Sort(codes)
		for _, code := range codes {
			if len(out) < faultsMax {
				out = append(out, faultOf(code))
			}
		}
	}
	return out
}

// faultsMax bounds how many faults one reading carries, poolsMax how many pools.
const (
	faultsMax = 64
	poolsMax  = 16
)

// faultsV1 reads the codes that v1 lists in its summary.
func faultsV1(sum wire.Tree) []device.Fault {
	var out []device.Fault
	for i := range 16 {
		if code := sum.At("Error Code " + strconv.Itoa(i)).Text(); code != "" && code != "0" {
			out = append(out, faultOf(code))
		}
	}
	return out
}

// pools reads the pool list in its order.
func (r reports) pools() []device.Pool {
	if !r["pools"].good() {
		return nil
	}
	var out []device.Pool
	for _, p := range r["pools"].tree.At("POOLS").Each() {
		if len(out) == poolsMax {
			break
		}
		out = append(out, device.Pool{
			URL: p.At("URL").Text(), Worker: p.At("User").Text(),
			Alive: alive(p.At("Status")), Active: flag(p.At("Stratum Active")),
		})
	}
	return out
}

func alive(t wire.Tree) device.Value[bool] {
	w := t.Word()
	return device.Value[bool]{Value: w == "alive", Known: w != "", Source: sourceOf(w != "")}
}
