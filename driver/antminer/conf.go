package antminer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluice/device"
	"sluice/driver/wire"
)

// The numbers of the modes.
const (
	normal   = 0
	sleeping = 1
	high     = 2
	low      = 3
)

// The two keys of the mode: builds report one and obey one, not always the same.
const (
	keyWork  = "bitmain-work-mode"
	keyMiner = "miner-mode"
)

// names pairs a mode with the word that stands for it in readings and commands.
func names() map[string]int {
	return map[string]int{"normal": normal, "sleep": sleeping, "high": high, "low": low}
}

// modeName is the word for a mode; a number without a word stands for itself.
func modeName(mode int64) string {
	for name, n := range names() {
		if int64(n) == mode {
			return name
		}
	}
	return strconv.FormatInt(mode, 10)
}

// offered lists the modes besides sleep that are known of a model from the
// settings page of one such machine. Of any other model only normal is known.
func offered(model string) []string {
	words := strings.Fields(strings.ToUpper(model))
	if len(words) > 0 && words[0] == "ANTMINER" {
		words = words[1:]
	}
	switch strings.Join(words, " ") {
	case "T21":
		return []string{"normal", "high"}
	case "S21":
		return []string{"normal", "low"}
	}
	return []string{"normal"}
}

// The failures of a configuration.
var (
	errModes = errors.New("the configuration holds no mode: this build cannot sleep by order")
	errPools = errors.New("the configuration came without its pools: writing it back would wipe them")
)

// conf is a configuration as it was read, every value as it stood.
type conf map[string]json.RawMessage

// readConf decodes the configuration.
func readConf(b []byte) (conf, error) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	var c conf
	if err := json.NewDecoder(bytes.NewReader(wire.Loosen(b))).Decode(&c); err != nil {
		return nil, fmt.Errorf("%w: %.60q", wire.ErrNotJSON, b)
	}
	if c == nil {
		return nil, fmt.Errorf("%w: %.60q", wire.ErrNotJSON, b)
	}
	return c, nil
}

// mode is the mode that the configuration asks for. It is not known when it is
// absent, is no number, or is stated twice and differently.
func (c conf) mode() device.Value[int64] {
	var out device.Value[int64]
	for _, key := range []string{keyWork, keyMiner} {
		t, err := wire.Parse(c[key])
		if err != nil {
			continue
		}
		n, ok := t.Whole()
		if !ok {
			continue
		}
		if out.Known && out.Value != n {
			return device.Value[int64]{}
		}
		out = device.Stated(n)
	}
	return out
}

// payload is what the machine's own page would post to change the mode: the
// whole of its settings under the names that it posts, from a fresh reading.
func (c conf) payload(model string, mode int, style Style) ([]byte, error) {
	_, work := c[keyWork]
	_, miner := c[keyMiner]
	if !work && !miner {
		return nil, errModes
	}
	if len(c["pools"]) == 0 || c["pools"][0] != '[' {
		return nil, errPools
	}
	p := post{from: c}
	p.copy("pools", "pools")
	p.copy("bitmain-fan-ctrl", "bitmain-fan-ctrl")
	p.copy("bitmain-fan-pwm", "bitmain-fan-pwm")
	p.copy("freq-level", "freq-level", "bitmain-freq-level")
	p.copy("bitmain-hashrate-percent", "bitmain-hashrate-percent")
	p.copy("bitmain-user-ip-cat", "bitmain-user-ip-cat")
	if strings.Contains(strings.ToUpper(model), "D9") { // the only page seen to post them
		p.copy("bitmain-freq", "bitmain-freq")
		p.copy("bitmain-voltage", "bitmain-voltage")
	}
	value := json.RawMessage(strconv.Itoa(mode))
	if style == Texts {
		value = json.RawMessage(strconv.Quote(strconv.Itoa(mode)))
	}
	if style != Reported || miner {
		p.put(keyMiner, value)
	}
	if style != Reported || work {
		p.put(keyWork, value)
	}
	return append(p.out, '}'), nil
}

// post is a JSON object in the making, its keys in the order of the page.
type post struct {
	from conf
	out  []byte
}

// copy puts the first of some values that is there, unchanged, under a name.
func (p *post) copy(name string, from ...string) {
	for _, key := range from {
		if v, ok := p.from[key]; ok {
			p.put(name, v)
			return
		}
	}
}

func (p *post) put(name string, v json.RawMessage) {
	sep := byte(',')
	if len(p.out) == 0 {
		sep = '{'
	}
	p.out = append(append(append(p.out, sep), strconv.Quote(name)...), ':')
	p.out = append(p.out, v...)
}
