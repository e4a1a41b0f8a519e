package vnish

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// Ports on which VNish listens.
const (
	WebPort = 80
	RPCPort = 4028
)

// Options adapts the driver to a site.
type Options struct {
	WebPort int  // 0: WebPort; the port of an Address goes first
	RPCPort int  // 0: RPCPort
	Pause   bool // sleep and wake with pause and resume in place of stop and start
}

// Driver speaks VNish.
type Driver struct {
	net     *wire.Network
	client  *http.Client
	options Options
}

var _ device.Driver = (*Driver)(nil)

// New returns a driver that reaches machines in n only.
func New(n *wire.Network, o Options) *Driver {
	if o.WebPort == 0 {
		o.WebPort = WebPort
	}
	if o.RPCPort == 0 {
		o.RPCPort = RPCPort
	}
	return &Driver{net: n, client: n.HTTP(), options: o}
}

func (d *Driver) web(a device.Address) wire.Web {
	if a.Port == 0 {
		a.Port = d.options.WebPort
	}
	return wire.Web{Net: d.net, Client: d.client, Host: a.Host, Port: a.Port}
}

// Probe asks for /info, which needs no password. A machine whose web interface
// does not answer is recognised by its reports on port 4028, and then only its
// address is known.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	info, err := read(d.web(a).Do(ctx, http.MethodGet, "/api/v1/info", nil, nil))
	switch {
	case err == nil && isVNish(info):
		return identity(info), nil
	case err == nil || errors.Is(err, device.ErrNotMine):
		return device.Identity{}, fmt.Errorf("probe for vnish at %s: %w", a.Host, device.ErrNotMine)
	case errors.Is(err, wire.ErrOutside) || ctx.Err() != nil:
		return device.Identity{}, fmt.Errorf("probe for vnish: %w", err)
	}
	return d.probeReports(ctx, a, err)
}

// probeReports recognises a machine by the type in "stats".
func (d *Driver) probeReports(ctx context.Context, a device.Address, web error) (device.Identity, error) {
	got, err := d.net.Ask(ctx, a.Host, d.options.RPCPort, []byte(`{"command":"stats"}`))
	if err != nil {
		return device.Identity{}, fmt.Errorf("probe for vnish: %w", web)
	}
	t, err := wire.Parse(got.Bytes)
	kind := t.At("STATS", "Type").Text()
	if err != nil || !strings.Contains(strings.ToLower(kind), "vnish") {
		return device.Identity{}, fmt.Errorf("probe for vnish at %s: %w", a.Host, device.ErrNotMine)
	}
	model, rest, _ := strings.Cut(kind, "(")
	return device.Identity{
		Family: device.VNish, Maker: maker(model), Model: strings.TrimSpace(model), Firmware: "VNish",
		Version: strings.Trim(rest[strings.IndexByte(rest, ' ')+1:], ") "), Weak: true,
	}, nil
}

// read turns an answer into a tree. What is no JSON, or no success, is another
// dialect's.
func read(a wire.Answer, err error) (wire.Tree, error) {
	if errors.Is(err, wire.ErrNotHTTP) || errors.Is(err, wire.ErrTooLong) {
		return wire.Tree{}, fmt.Errorf("%w: %w", device.ErrNotMine, err)
	}
	if err != nil {
		return wire.Tree{}, err
	}
	t, err := wire.Parse(a.Body)
	if err != nil || a.Status != http.StatusOK || !t.Object() {
		return wire.Tree{}, fmt.Errorf("%w: status %d", device.ErrNotMine, a.Status)
	}
	return t, nil
}

// isVNish goes by the firmware's own name for itself.
func isVNish(info wire.Tree) bool {
	name := info.At("fw_name").Word()
	return strings.Contains(name, "vnish") || strings.Contains(name, "anthill")
}

func identity(info wire.Tree) device.Identity {
	id := device.Identity{
		Family: device.VNish, Firmware: "VNish",
		Model:   info.At("miner").Text(),
		Version: info.At("fw_version").Text(),
		MAC:     wire.MAC(info.At("system", "network_status", "mac").Text()),
		Serial:  info.At("serial").Text(),
	}
	if id.Model == "" {
		id.Model = info.At("model").Text()
	}
	id.Maker = maker(id.Model)
	id.Weak = id.MAC == "" && id.Serial == ""
	return id
}

func maker(model string) string {
	if strings.HasPrefix(strings.ToLower(model), "antminer") {
		return "Bitmain"
	}
	return ""
}

// Open reads what the machine can do. A password that the machine does not take
// is found out by the first order; until then the machine has no levels.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Device, error) {
	m := &machine{key: device.Keep(c), pause: d.options.Pause}
	m.web = m.session(d.web(a))
	info, err := read(m.web.Do(ctx, http.MethodGet, "/api/v1/info", nil, nil))
	if err != nil {
		return nil, fmt.Errorf("open vnish: %w", err)
	}
	if mac := identity(info).MAC; mac != "" && id.MAC != "" && mac != id.MAC {
		return nil, fmt.Errorf("open vnish at %s: machine %s answers instead of %s: scan the network again", a.Host, mac, id.MAC)
	}
	m.measure = info.At("hr_measure").Word()
	m.version = versionOf(info.At("fw_version").Text())
	var part [4]wire.Tree
	for i, path := range []string{"/autotune/presets", "/perf-summary", "/settings", "/summary"} {
		part[i], err = m.get(ctx, path)
		if err != nil && !isRefusal(err) {
			return nil, fmt.Errorf("open vnish: %w", err)
		}
	}
	m.switcher, _ = part[1].At("preset_switcher", "enabled").Flag()
	m.can = m.capabilities(part[0], part[1], part[2])
	if w := power(part[3]); w.Known {
		m.can.PowerSource = w.Source
	}
	return m, nil
}

// capabilities puts together what the machine can do.
func (m *machine) capabilities(list, perf, settings wire.Tree) device.Capabilities {
	c := device.Capabilities{
		Sleep: true, Wake: true, Level: device.NoLevels, LevelCost: device.UnknownCost,
		Connections: 1, Restart: 30 * time.Second, Settle: 3 * time.Minute,
	}
	c.Persists, _ = settings.At("miner", "misc", "remain_stopped_on_reboot").Flag()
	all, tuned := presets(list)
	switch {
	case len(tuned) > 0:
		c.Level, c.LevelCost, c.Presets = device.Presets, device.Restarts, tuned
	case len(all) > 0:
		c.Level, c.LevelCost, c.Presets = device.Presets, device.Retunes, all
	}
	if top, ok := preset(perf.At("current_preset")); ok && m.version.atLeast(1, 3, 0) {
		c.Level, c.LevelCost = device.Percent, device.Hot
		c.Least, c.Most, c.Step = percent(top.Power, throttleMin), top.Power, max(1, percent(top.Power, 1))
	}
	return c
}
