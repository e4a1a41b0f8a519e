package whatsminer

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"sluice/device"
	"sluice/driver/wire"
)

// The codes of v2 that mean something to us.
const (
	v2OK        = 131
	v2Failed    = 132
	v2Unknown   = 14
	v2BadJSON   = 23
	v2Forbidden = 45
	v2BadToken  = 135
	v2Full      = 136
)

// answer is one answer of v2: flat, or in the way of cgminer with its sections
// beside a list STATUS.
type answer struct {
	tree   wire.Tree
	status string
	code   int64 // -1: none
	text   string
}

// parseV2 reads an answer. What has neither a status nor a code nor a section
// that we know is no answer, except the bare text of a stopped machine.
func parseV2(raw []byte) (answer, error) {
	if !strings.Contains(string(raw), "{") && stopped(string(raw)) {
		return answer{code: -1, status: "E", text: bounded(string(raw), textMax)}, nil
	}
	t, err := wire.Parse(raw)
	if err != nil {
		return answer{}, err
	}
	head := t
	if s := t.At("STATUS"); len(s.Each()) > 0 && s.Each()[0].Object() {
		head = s.Each()[0]
	}
	a := answer{tree: t, status: head.At("STATUS").Text(), code: -1, text: head.At("Msg").Text()}
	if n, ok := head.At("Code").Whole(); ok {
		a.code = n
	}
	if a.status == "" && a.code < 0 {
		return answer{}, fmt.Errorf("%w: no status: %.60q", errGarbled, raw)
	}
	return a, nil
}

// good reports whether the answer holds what was asked for.
func (a answer) good() bool {
	switch a.status {
	case "E", "F":
		return false
	}
	return a.code != v2Full && a.code != v2BadToken && a.code != v2Forbidden && a.code != v2Unknown && a.code != v2Failed
}

// down reports whether the mining process is said not to run.
func (a answer) down() bool { return stopped(a.text) }

// section is the one entry of a report such as SUMMARY, or nothing.
func (a answer) section(name string) wire.Tree {
	if l := a.tree.At(name).Each(); len(l) > 0 && a.good() {
		return l[0]
	}
	return wire.Tree{}
}

// msg is the object under Msg, or nothing.
func (a answer) msg() wire.Tree {
	if m := a.tree.At("Msg"); m.Object() && a.good() {
		return m
	}
	return wire.Tree{}
}

// askV2 asks for a report.
func (l line) askV2(ctx context.Context, command string) (answer, error) {
	request, err := json.Marshal(map[string]string{"cmd": command})
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Read)
	defer cancel()
	r, err := l.network.Ask(ctx, l.host, l.port, request)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", command, err)
	}
	a, err := parseV2(r.Bytes)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", command, err)
	}
	return a, nil
}

// identifyV2 finds a machine that speaks v2 or v1, and which of the two.
func identifyV2(ctx context.Context, l line) (device.Identity, int, error) {
	a, err := l.askV2(ctx, "get_version")
	if err != nil {
		return device.Identity{}, 0, err
	}
	version, api := a.msg().At("fw_ver").Text(), a.msg().At("api_ver").Text()
	if version == "" {
		return device.Identity{}, 0, fmt.Errorf("get_version: no firmware version: %s", a.text)
	}
	got := reports{}
	for _, command := range []string{"devdetails", "get_miner_info", "summary"} {
		if got[command], err = l.askV2(ctx, command); err != nil {
			return device.Identity{}, 0, fmt.Errorf("%w: %w", errHalf, err)
		}
	}
	info := got["get_miner_info"].msg()
	mac := info.At("mac").Text()
	if mac == "" {
		mac = got["summary"].section("SUMMARY").At("MAC").Text()
	}
	id := identity(got["devdetails"].section("DEVDETAILS").At("Model").Text(), api, version, mac, info.At("minersn").Text())
	return id, generation(version, api), nil
}

// firstV2 is the first firmware date with API v2.
const firstV2 = 20_220_729

// generation is the API version of a firmware: its date decides, its stated
// version where there is no date. What cannot be told is read only, as 1.
func generation(version, api string) int {
	if date, err := strconv.Atoi(bounded(version, 8)); err == nil && len(version) >= 8 && date > 20_000_000 {
		if date < firstV2 {
			return 1
		}
		return 2
	}
	if strings.HasPrefix(api, "2.") || strings.HasPrefix(api, "3.") {
		return 2
	}
	return 1
}

// atLeast reports whether a dotted version is a least version of three parts.
func atLeast(version string, least [3]int) bool {
	parts := strings.Split(version, ".")
	for i, want := range least {
		got := 0
		if i < len(parts) {
			n, err := strconv.Atoi(parts[i])
			if err != nil {
				return false
			}
			got = n
		}
		if got != want {
			return got > want
		}
	}
	return true
}
