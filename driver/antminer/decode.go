package antminer

import (
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// The requests to the cgminer interface. The flag of the first must stand
// beside the command; older builds ignore it.
const (
	askStats   = `{"command":"stats","new_api":true}`
	askSummary = `{"command":"summary"}`
	askPools   = `{"command":"pools"}`
)

// hashrate is a stated rate in the unit that is stated with it, GH/s when none
// is. A unit that is no number of hashes makes it unknown.
func hashrate(t wire.Tree, in string) device.Value[unit.Hashrate] {
	decimals := map[string]int{"": 0, "GH": 0, "MH": -3, "KH": -6, "TH": 3, "PH": 6}
	d, ok := decimals[strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(in), "/s"))]
	if !ok {
		return device.Value[unit.Hashrate]{}
	}
	v, ok := t.Scaled(max(d, 0))
	if !ok || v < 0 {
		return device.Value[unit.Hashrate]{}
	}
	if d < 0 {
		v = unit.MulDiv(v, 1, pow10(-d))
	}
	return device.Stated(unit.Hashrate(v))
}

func pow10(n int) int64 {
	out := int64(1)
	for range n {
		out *= 10
	}
	return out
}

// watts is a stated power, written as a number or as a text such as "3250 W".
func watts(t wire.Tree) device.Value[unit.Power] {
	s := strings.TrimSpace(t.Text())
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, "W"), "w"))
	v, err := unit.ParseDecimal(s, 0)
	if err != nil || v < 0 {
		return device.Value[unit.Power]{}
	}
	return device.Stated(unit.Power(v))
}

// first keeps what is known already and fills what is not.
func first[T any](have *device.Value[T], found device.Value[T]) {
	if !have.Known {
		*have = found
	}
}

// seconds is a stated number of whole seconds.
func seconds(t wire.Tree) device.Value[time.Duration] {
	v, ok := t.Whole()
	if !ok || v < 0 || v > int64(1<<33) {
		return device.Value[time.Duration]{}
	}
	return device.Stated(time.Duration(v) * time.Second)
}

// readStats takes what the answer to stats holds, old or new. Its parts are
// known by their fields and not by their place: asleep, some are missing.
func readStats(t wire.Tree, r *device.Reading) {
	for _, s := range t.At("STATS").Each() {
		in := s.At("rate_unit").Text()
		first(&r.Hash, hashrate(s.At("GHS 5s"), ""))
		first(&r.Hash, hashrate(s.At("rate_5s"), in))
		first(&r.HashMean, hashrate(s.At("rate_30m"), in))
		first(&r.Ideal, hashrate(s.At("total_rateideal"), in))
		first(&r.Ideal, hashrate(s.At("rate_ideal"), in))
		first(&r.Uptime, seconds(s.At("Elapsed")))
		first(&r.Uptime, seconds(s.At("elapsed")))
		for _, key := range []string{"chain_power", "power", "Power", "watt"} {
			first(&r.Power, watts(s.At(key)))
		}
		oldHeat(s, r)
		newHeat(s, r)
		fans(s, r)
	}
}

// boardsMax and fansMax bound what is read of numbered fields and lists.
const (
	boardsMax = 16
	fansMax   = 16
)

// oldHeat reads the numbered fields of old answers: "78-50-69-70" for each
// board. A board of zeros is not there.
func oldHeat(s wire.Tree, r *device.Reading) {
	for i := 1; i <= boardsMax; i++ {
		n := strconv.Itoa(i)
		for _, f := range []struct{ key, what string }{{"temp_chip", "chip"}, {"temp_pcb", "board"}, {"temp_out_pcb_", "board"}} {
			values := strings.Split(s.At(f.key+n).Text(), "-")
			heat(values, "board "+n+" "+f.what, r)
		}
	}
}

// newHeat reads the list of boards of new answers.
func newHeat(s wire.Tree, r *device.Reading) {
	for i, board := range s.At("chain").Each() {
		if i >= boardsMax {
			return
		}
		n := board.At("index").Text()
		for _, f := range []struct{ key, what string }{{"temp_chip", "chip"}, {"temp_pcb", "board"}} {
			var values []string
			for _, v := range board.At(f.key).Each() {
				values = append(values, v.Text())
			}
			heat(values, "board "+n+" "+f.what, r)
		}
	}
}

// heat appends the sensors of one place unless all of them say zero.
func heat(values []string, where string, r *device.Reading) {
	var found []device.Temperature
	some := false
	for _, v := range values[:min(len(values), boardsMax)] {
		c, err := unit.ParseDecimal(strings.TrimSpace(v), 3)
		if err != nil {
			continue
		}
		some = some || c != 0
		found = append(found, device.Temperature{Where: where, MilliC: c})
	}
	if some {
		r.Chips = append(r.Chips, found...)
	}
}

// fans reads the list of new answers or the numbered fields of old ones, as
// many as there are said to be.
func fans(s wire.Tree, r *device.Reading) {
	for i, f := range s.At("fan").Each() {
		if v, ok := f.Whole(); ok && i < fansMax {
			r.Fans = append(r.Fans, device.Fan{Name: strconv.Itoa(i + 1), RPM: v})
		}
	}
	count, ok := s.At("fan_num").Whole()
	if !ok {
		count = fansMax
	}
	for i := 1; i <= int(min(count, fansMax)); i++ {
		if v, ok := s.At("fan" + strconv.Itoa(i)).Whole(); ok {
			r.Fans = append(r.Fans, device.Fan{Name: strconv.Itoa(i), RPM: v})
		}
	}
}

// readSummary takes what the answer to summary holds, of the cgminer interface
// or of the web page.
func readSummary(t wire.Tree, r *device.Reading) {
	s := t.At("SUMMARY")
	in := s.At("rate_unit").Text()
	first(&r.Hash, hashrate(s.At("GHS 5s"), ""))
	first(&r.Hash, hashrate(s.At("rate_5s"), in))
	first(&r.HashMean, hashrate(s.At("GHS 30m"), ""))
	first(&r.HashMean, hashrate(s.At("rate_30m"), in))
	first(&r.Ideal, hashrate(s.At("rate_ideal"), in))
	first(&r.Uptime, seconds(s.At("Elapsed")))
	first(&r.Uptime, seconds(s.At("elapsed")))
	if v, ok := s.At("Accepted").Whole(); ok {
		first(&r.Accepted, device.Stated(v))
	}
	for i, f := range s.At("status").Each() {
		if k := f.At("status").Text(); k != "e" && k != "w" || i >= faultsMax {
			continue
		}
		r.Faults = append(r.Faults, device.Fault{Code: short(f.At("type").Text() + ":" + f.At("code").Text()), Text: short(f.At("msg").Text())})
	}
}

// faultsMax and poolsMax bound lists, textMax texts for people, bytes.
const (
	faultsMax = 64
	poolsMax  = 32
	textMax   = 256
)

// short bounds a text that a machine states.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), textMax)], "") }

// readPools takes the list of pools.
func readPools(t wire.Tree, r *device.Reading) {
	for i, p := range t.At("POOLS").Each() {
		if i >= poolsMax {
			return
		}
		pool := device.Pool{URL: short(p.At("URL").Text()), Worker: short(p.At("User").Text())}
		if s := p.At("Status").Text(); s != "" {
			pool.Alive = device.Stated(strings.EqualFold(s, "Alive"))
		}
		if yes, ok := p.At("Stratum Active").Flag(); ok {
			pool.Active = device.Stated(yes)
		}
		r.Pools = append(r.Pools, pool)
	}
}

// readPower takes the watts of the power page, "miner power:3250".
func readPower(b []byte) device.Value[unit.Power] {
	_, after, ok := strings.Cut(strings.ToLower(string(b[:min(len(b), textMax)])), "power:")
	if !ok {
		return device.Value[unit.Power]{}
	}
	word := strings.Fields(after)
	if len(word) == 0 {
		return device.Value[unit.Power]{}
	}
	v, err := unit.ParseDecimal(strings.TrimSuffix(word[0], "w"), 0)
	if err != nil || v < 0 {
		return device.Value[unit.Power]{}
	}
	return device.Stated(unit.Power(v))
}

// readWarning takes the code of the warning page. Old builds answer a text that
// names the page, which is no fault.
func readWarning(b []byte, r *device.Reading) {
	t, err := wire.Parse(b)
	if err != nil || !t.Object() {
		return
	}
	if code := t.At("error_message").Text(); code != "" {
		r.Faults = append(r.Faults, device.Fault{Code: short(code)})
	}
}
