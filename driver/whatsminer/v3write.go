package whatsminer

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"sluice/device"
	"sluice/unit"
)

// clockSlack is by how many seconds clocks may differ before a refusal is laid to them.
const clockSlack = 20

// Apply gives one order. The machine is first asked for its salt and, for a
// level in watts, for the limit that it is a percentage of.
func (m *deviceV3) Apply(ctx context.Context, c device.Command) device.Ack {
	asked := time.Now()
	q, set, v := m.orderOf(c)
	if v.class != "" {
		return refuse(asked, v.reason, v.text)
	}
	var got answersV3
	var err error
	if got.info, err = m.askV3(ctx, infoV3()); err != nil {
		return notSent(asked, err)
	}
	if c.Verb == device.SetPower && !m.options.Restarting {
		if got.status, err = m.askV3(ctx, statusV3("summary")); err != nil {
			return notSent(asked, err)
		}
		if q, set, v = percentV3(c.Power, got.state().limit); v.class != "" {
			return refuse(asked, v.reason, v.text)
		}
	}
	salt := saltOf(got.info)
	if salt == "" {
		return notSent(asked, fmt.Errorf("%w: the machine states no salt: code %d %s", errGarbled, got.info.code, got.info.text))
	}
	return m.give(ctx, asked, set, sign(q, m.key(), salt, m.options.Clock().Unix()), got)
}

// saltOf is the machine's salt, wherever its firmware puts it.
func saltOf(info answerV3) string {
	if s := info.msg.At("salt").Text(); s != "" {
		return s
	}
	return info.msg.At("system", "salt").Text()
}

// give sends a signed order and judges the answer.
func (m *deviceV3) give(ctx context.Context, asked time.Time, set device.Command, q askedV3, got answersV3) device.Ack {
	request, err := json.Marshal(q)
	if err != nil {
		return notSent(asked, err)
	}
	ctx, cancel := context.WithTimeout(ctx, m.options.Write)
	defer cancel()
	r, err := m.network.AskFrame(ctx, m.host, m.port, request)
	if err != nil {
		return broken(asked, set, r, err)
	}
	a, err := parseV3(r.Bytes)
	if err != nil {
		return broken(asked, set, r, err)
	}
	return obeyed(asked, set, a.judge(set, q.At, got), r.Bytes)
}

// judge says what an answer means for the order that it answers.
func (a answerV3) judge(set device.Command, at int64, got answersV3) verdict {
	said := "code " + strconv.FormatInt(a.code, 10) + " " + strconv.Quote(bounded(a.text, 120)) + ": "
	switch a.code {
	case v3OK:
		return accepted(a.text)
	case v3Failed:
		return refused(failed(set, got.state()), said+"it did not carry the order out")
	case v3Unknown:
		return refused(device.Unsupported, said+"this firmware does not know the order")
	case v3Missing:
		return refused(device.Other, said+"it misses a parameter")
	case v3Forbidden:
		return a.forbidden(said, at, got)
	}
	return refused(device.Other, said+"a code that is not documented")
}

// forbidden tells a locked machine from a wrong clock from a wrong password.
func (a answerV3) forbidden(said string, at int64, got answersV3) verdict {
	if open, ok := got.info.msg.At("system", "apiswitch").Flag(); ok && !open {
		return refused(device.Locked, said+"change its password and switch its API on with the maker's tool")
	}
	when := a.when
	if !when.Known {
		when = got.info.when
	}
	if off := when.Value - at; when.Known && (off > clockSlack || off < -clockSlack) {
		return refused(device.BadClock, fmt.Sprintf("%sits clock is %+d s off ours: check its time server", said, off))
	}
	return refused(device.BadAuth, said+"the password is another, or the account may not")
}

// orderOf puts a command into the words of v3, or refuses it. A level in watts
// is only checked here.
func (m *deviceV3) orderOf(c device.Command) (askedV3, device.Command, verdict) {
	set := device.Command{Verb: c.Verb}
	switch c.Verb {
	case device.Sleep:
		return askedV3{Command: "set.miner.service", Param: "stop"}, set, verdict{}
	case device.Wake: // it keeps its mode and limit over a sleep
		return askedV3{Command: "set.miner.service", Param: "start"}, set, verdict{}
	case device.SetMode:
		name, ok := mode(c.Mode)
		if !ok {
			return askedV3{}, set, refused(device.BadValue, badMode(c.Mode))
		}
		set.Mode = name
		return askedV3{Command: "set.miner.power_mode", Param: name}, set, verdict{}
	case device.SetPower:
		if c.Power <= 0 || m.options.Restarting && c.Power >= noLimit {
			return askedV3{}, set, refused(device.BadValue, badPower(c.Power, m.can.Most))
		}
		set.Power = c.Power
		return askedV3{Command: "set.miner.power_limit", Param: int64(c.Power)}, set, verdict{}
	case device.Locate:
		return askedV3{Command: "set.system.led", Param: blinkV3()}, set, verdict{}
	case device.Reboot:
		return askedV3{Command: "set.system.reboot"}, set, verdict{}
	}
	return askedV3{}, set, refused(device.Unsupported, "there is no such order: "+bounded(string(c.Verb), 40))
}

// blinkV3 is a red light for half of every half second, as v3 wants it: a list.
func blinkV3() any {
	return []map[string]any{{"color": "red", "period": 500, "duration": 250, "start": 0}}
}

// percentV3 is the percentage of a limit that keeps below p. The firmware reads
// the percentage as text although it is documented as a number [S].
func percentV3(p unit.Power, limit device.Value[unit.Power]) (askedV3, device.Command, verdict) {
	if !limit.Known {
		return askedV3{}, device.Command{}, refused(device.BadState, errLimit.Error())
	}
	share, power, ok := percentOf(p, limit.Value)
	if !ok {
		return askedV3{}, device.Command{}, refused(device.BadValue, badPower(p, limit.Value))
	}
	q := askedV3{Command: "set.miner.power_percent", Param: map[string]string{"percent": strconv.FormatInt(share, 10), "mode": "fast"}}
	return q, device.Command{Verb: device.SetPower, Power: power}, verdict{}
}
