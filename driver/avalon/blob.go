package avalon

import (
	"errors"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// errBlob says that the statistics hold no values that can be told apart.
var errBlob = errors.New("the statistics hold no values of one module")

// blob is the KEY[value] pairs of the statistics.
type blob map[string]string

// keysMax bounds the pairs that are kept.
const keysMax = 4096

// blobOf finds the pairs of the only module in an answer to stats. Of several
// modules none is taken: their sum is not stated.
func blobOf(t wire.Tree) blob {
	var found blob
	for _, s := range t.At("STATS").Each() {
		if s.At("MM ID1").Present() || s.At("MM ID1:Summary").Present() {
			return nil
		}
		for _, key := range []string{"MM ID0", "MM ID0:Summary"} {
			if b := pairs(s.At(key).Text()); found == nil && len(b) > 0 {
				found = b
			}
		}
	}
	return found
}

// pairs splits a text of KEY[value] pairs; whatever else stands around them is
// passed over. Of pairs with the same key the first counts.
func pairs(s string) blob {
	out := blob{}
	for len(out) < keysMax {
		head, rest, ok := strings.Cut(s, "[")
		if !ok {
			break
		}
		value, after, ok := strings.Cut(rest, "]")
		if !ok {
			break
		}
		key := strings.TrimRight(head, ": ")
		key = key[strings.LastIndexAny(key, " {}],'=\"")+1:]
		if _, twice := out[key]; key != "" && !twice {
			out[key] = strings.TrimSpace(value)
		}
		s = after
	}
	return out
}

// whole is a stated whole number; a unit after it is passed over.
func (b blob) whole(key string) (int64, bool) { return b.scaled(key, 0) }

// scaled is a stated number in units of ten to the power of -decimals.
func (b blob) scaled(key string, decimals int) (int64, bool) {
	word := strings.Fields(strings.TrimRight(b[key], "%"))
	if len(word) == 0 {
		return 0, false
	}
	v, err := unit.ParseDecimal(word[0], decimals)
	return v, err == nil
}

// list is a stated list of whole numbers, or nil when one of them is none.
func (b blob) list(key string) []int64 {
	var out []int64
	for w := range strings.FieldsSeq(b[key]) {
		v, err := unit.ParseDecimal(w, 0)
		if err != nil {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// The places in the list PS.
const (
	psStatus  = 0
	psAmpere  = 3
	psOutput  = 4
	psWall    = 6
	psMembers = 7
)

// supply is the list PS when the power supply is connected: one of zeros is not.
func (b blob) supply() []int64 {
	l := b.list("PS")
	for _, v := range l {
		if v != 0 {
			return l
		}
	}
	return nil
}

// wall is the power drawn, which the power supply measures.
func (b blob) wall() device.Value[unit.Power] {
	v, ok := b.whole("WALLPOWER")
	if l := b.supply(); !ok && len(l) >= psMembers {
		v, ok = l[psWall], true
	}
	if !ok || v < 0 {
		return device.Value[unit.Power]{}
	}
	return device.Value[unit.Power]{Value: unit.Power(v), Known: true, Source: device.FromPSU}
}

// rate is a stated rate in GH/s.
func (b blob) rate(key string) device.Value[unit.Hashrate] {
	v, ok := b.whole(key)
	if !ok || v < 0 {
		return device.Value[unit.Hashrate]{}
	}
	return device.Stated(unit.Hashrate(v))
}

// work is what the machine says it does: in work, in init, in idle, or nothing.
func (b blob) work() string {
	_, after, ok := strings.Cut(strings.ToLower(b["SYSTEMSTATU"]), "work:")
	if !ok {
		return ""
	}
	word, _, _ := strings.Cut(after, ",")
	return strings.TrimSpace(word)
}

// told is what the machine was told. SoftOFF 4 and 5 are orders; 6 stands in a
// machine that starts, and any other number is not understood.
func (b blob) told() device.Value[device.Activity] {
	off, ok := b.whole("SoftOFF")
	switch {
	case ok && (off == 4 || off == 5):
		return device.Stated(device.Asleep)
	case ok && off == 0, !ok && b.work() == "in work":
		return device.Stated(device.Running)
	}
	return device.Value[device.Activity]{}
}

// fill takes what the statistics state.
func (b blob) fill(r *device.Reading) {
	r.Power = b.wall()
	r.Hash, r.Ideal = b.rate("GHSspd"), b.rate("GHSmm")
	r.Intent, r.Activity = b.told(), b.doing()
	if v, ok := b.whole("MPO"); ok && v > 0 {
		r.Limit = device.Stated(unit.Power(v))
	}
	if v, ok := b.whole("WORKMODE"); ok {
		r.Mode = device.Stated(digits(v))
	}
	if v, ok := b.whole("Elapsed"); ok && v >= 0 && v < 1<<32 {
		r.Uptime = device.Stated(time.Duration(v) * time.Second)
	}
	b.heat(r)
	if l := b.supply(); len(l) > 0 && l[psStatus] != 0 {
		r.Faults = append(r.Faults, device.Fault{Code: "PS:" + digits(l[psStatus]), Text: "the power supply reports a fault"})
	}
}

// wakes is how long after its start a machine without its full rate is taken to
// be waking.
const wakes = 15 * time.Minute

// doing is what the machine does, from the order and the effect. An idle machine
// is asleep only when it was told so and its power supply puts out nothing.
func (b blob) doing() device.Value[device.Activity] {
	rate := b.rate("GHSspd")
	up, aged := b.whole("Elapsed")
	old := aged && time.Duration(min(up, 1<<32))*time.Second > wakes
	none := rate.Known && rate.Value == 0
	switch b.work() {
	case "in work":
		full := b.rate("GHSmm")
		low := full.Known && aged && rate.Value < full.Value/10*9
		switch {
		case none && old || !rate.Known:
			return device.Value[device.Activity]{}
		case none || low && !old:
			return device.Stated(device.Waking)
		}
		return device.Stated(device.Running)
	case "in init":
		return device.Stated(device.Waking)
	case "in idle":
		if none && b.told() == device.Stated(device.Asleep) && b.dead() {
			return device.Stated(device.Asleep)
		}
	}
	return device.Value[device.Activity]{}
}

// dead reports whether the power supply puts out nothing, as far as it says.
func (b blob) dead() bool {
	l := b.supply()
	return len(l) <= psOutput || l[psAmpere] == 0 && l[psOutput] == 0
}

// heat takes temperatures and fans.
func (b blob) heat(r *device.Reading) {
	for _, f := range []struct{ key, where string }{
		{"TMax", "chip, highest"}, {"TAvg", "chip, mean"}, {"Temp", "inlet"}, {"ITemp", "inlet"}, {"HBITemp", "board inlet"}, {"HBOTemp", "board outlet"}, {"OTemp", "outlet"},
	} {
		if v, ok := b.scaled(f.key, 3); ok {
			r.Chips = append(r.Chips, device.Temperature{Where: f.where, MilliC: v})
		}
	}
	for i := range int64(8) {
		if v, ok := b.whole("Fan" + digits(i+1)); ok {
			r.Fans = append(r.Fans, device.Fan{Name: digits(i + 1), RPM: v})
		}
	}
}
