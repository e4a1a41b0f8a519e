package whatsminer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// connectionsV3 is how many clients the maker says that v3 bears.
const connectionsV3 = 10

// deviceV3 is one machine that speaks v3.
type deviceV3 struct {
	line
	key device.Kept
	can device.Capabilities
}

// openV3 finds out what the machine can do. A machine that does not state its
// limit now has no levels until it is opened again.
func openV3(ctx context.Context, l line, c device.Credential) device.Device {
	m := &deviceV3{line: l, key: device.Keep(c)}
	m.can = device.Capabilities{
		Sleep: true, Wake: true, Silent: true, Dark: true, NeedsClock: true, Level: device.NoLevels,
		PowerSource: device.FromFirmware, Connections: connectionsV3, Restart: time.Minute, Settle: 10 * time.Minute,
	}
	a, err := l.askV3(ctx, statusV3("summary"))
	if sum := a.msg.At("summary"); err == nil && sum.Present() {
		l.options.levels(&m.can, bound(sum.At("power-limit")))
		if !watts(sum.At("power-realtime")).Known {
			m.can.PowerSource = ""
		}
	}
	return m
}

// Capabilities says what this firmware can do.
func (m *deviceV3) Capabilities() device.Capabilities { return m.can }

// Close has nothing to release: v3 knows no sessions.
func (m *deviceV3) Close(context.Context) error { return nil }

// answersV3 are the answers of one reading.
type answersV3 struct {
	info, setting, status answerV3
}

// Read asks for what the machine is, what it is set to and what it does, one
// connection each.
func (m *deviceV3) Read(ctx context.Context, w device.What) (device.Reading, error) {
	out := device.Reading{Asked: time.Now()}
	got := answersV3{}
	ask := func(need device.What, into *answerV3, q askedV3) (err error) {
		if w&need != 0 {
			*into, err = m.askV3(ctx, q)
		}
		return err
	}
	err := ask(device.Status|device.Heat|device.Faults, &got.info, infoV3())
	if err == nil {
		err = ask(device.Status, &got.setting, settingV3())
	}
	if err == nil {
		err = ask(device.Status|device.Power|device.Hash|device.Heat|device.Pools, &got.status, statusV3(paramV3(w)))
	}
	if err != nil {
		return device.Reading{Asked: out.Asked}, fmt.Errorf("read whatsminer %s: %w", m.host, err)
	}
	got.fill(&out, w)
	return out, nil
}

// paramV3 names the parts of the status. The pools are asked for together with
// the summary: alone they may be refused while the machine is idle [S].
func paramV3(w device.What) string {
	param := "summary"
	if w&device.Heat != 0 {
		param += "+edevs"
	}
	if w&device.Pools != 0 {
		param += "+pools"
	}
	return param
}

// fill puts what the answers say into a reading.
func (g answersV3) fill(out *device.Reading, w device.What) {
	sum, s := g.status.msg.At("summary"), g.state()
	if w&device.Status != 0 {
		out.Intent, out.Activity = s.intent(), s.activity()
		out.Limit, out.Mode = s.held(), words(g.setting.msg.At("power-mode").Word())
		if out.Uptime = lasting(sum.At("bootup-time")); !out.Uptime.Known {
			out.Uptime = lasting(sum.At("elapsed"))
		}
	}
	if w&device.Power != 0 {
		out.Power = watts(sum.At("power-realtime"))
	}
	if w&device.Hash != 0 {
		out.Hash, out.Ideal = s.hash, rate(sum.At("factory-hash"), inTH)
		if out.HashMean = rate(sum.At("hash-1min"), inTH); !out.HashMean.Known {
			out.HashMean = rate(sum.At("hash-15min"), inTH)
		}
	}
	if w&device.Heat != 0 {
		g.heat(out, sum)
	}
	if w&device.Faults != 0 {
		out.Faults = faultsOf(g.info.msg.At("error-code"))
	}
	if w&device.Pools != 0 {
		out.Pools = poolsV3(g.status.msg.At("pools"))
	}
}

// state is what the machine says about what it does.
func (g answersV3) state() state {
	sum := g.status.msg.At("summary")
	s := state{
		works: flag(g.info.msg.At("miner", "working")), ramped: flag(sum.At("up-freq-finish")),
		percent: number(g.setting.msg.At("power-percent")), limit: bound(sum.At("power-limit")),
		hash: rate(sum.At("hash-realtime"), inTH),
		down: stopped(g.status.text) || stopped(g.info.msg.At("error-code").Text()) || stopped(g.setting.text),
	}
	if !s.limit.Known {
		s.limit = bound(g.setting.msg.At("power-limit"))
	}
	if !s.limit.Known {
		s.limit = bound(g.info.msg.At("miner", "power-limit-set"))
	}
	return s
}

// heat reads temperatures and fans.
func (g answersV3) heat(out *device.Reading, sum wire.Tree) {
	out.Chips = chip(out.Chips, "inlet", sum.At("environment-temperature"))
	out.Chips = chip(out.Chips, "hottest chip", sum.At("chip-temp-max"))
	out.Chips = chip(out.Chips, "liquid", g.info.msg.At("power", "liquid-temperature"))
	for i, t := range sum.At("board-temperature").Each() {
		if i < 16 {
			out.Chips = chip(out.Chips, "board "+strconv.Itoa(i), t)
		}
	}
	boards := g.status.msg.At("edevs").Each()
	slices.SortStableFunc(boards, func(a, b wire.Tree) int { return int(slot(a) - slot(b)) })
	for i, b := range boards {
		if i < 16 {
			out.Chips = chip(out.Chips, "board "+strconv.FormatInt(slot(b), 10)+" chip", b.At("chip-temp-max"))
		}
	}
	out.Fans = fan(out.Fans, "in", sum.At("fan-speed-in"))
	out.Fans = fan(out.Fans, "out", sum.At("fan-speed-out"))
	out.Fans = fan(out.Fans, "power supply", g.info.msg.At("power", "fanspeed"))
}

// poolsV3 reads the pool list in its order.
func poolsV3(list wire.Tree) []device.Pool {
	var out []device.Pool
	for _, p := range list.Each() {
		if len(out) == poolsMax {
			break
		}
		out = append(out, device.Pool{
			URL: p.At("url").Text(), Worker: p.At("account").Text(),
			Alive: alive(p.At("status")), Active: flag(p.At("stratum-active")),
		})
	}
	return out
}
