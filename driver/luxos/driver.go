package luxos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// Port is where LuxOS listens.
const Port = 4028

// Options adapts the driver to a site.
type Options struct {
	Port int // 0: Port; an Address with a port of its own goes first
}

// Driver speaks LuxOS.
type Driver struct {
	net  *wire.Network
	port int
}

var _ device.Driver = (*Driver)(nil)

// New returns a driver that reaches machines in n only.
func New(n *wire.Network, o Options) *Driver {
	if o.Port == 0 {
		o.Port = Port
	}
	return &Driver{net: n, port: o.Port}
}

// line is the way to one machine.
type line struct {
	net  *wire.Network
	host string
	port int
}

func (d *Driver) line(a device.Address) line {
	if a.Port == 0 {
		a.Port = d.port
	}
	return line{net: d.net, host: a.Host, port: a.Port}
}

// Probe asks for "version", and for "config" where the machine is known by its
// MAC. Whatever answers without calling itself LUXminer is not ours.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	l := d.line(a)
	version, err := l.ask(ctx, "version", "")
	if err != nil {
		return device.Identity{}, fmt.Errorf("probe for luxos: %w", notMine(err))
	}
	if !isLux(version.tree) {
		return device.Identity{}, fmt.Errorf("probe for luxos at %s: %w", a.Host, device.ErrNotMine)
	}
	config, err := l.ask(ctx, "config", "")
	if err != nil {
		return device.Identity{}, fmt.Errorf("probe for luxos: %w", err)
	}
	return identity(version.tree, config.tree), nil
}

// notMine marks an answer that is no JSON as another dialect.
func notMine(err error) error {
	if errors.Is(err, wire.ErrNotJSON) || errors.Is(err, wire.ErrTooLong) {
		return fmt.Errorf("%w: %w", device.ErrNotMine, err)
	}
	return err
}

func isLux(version wire.Tree) bool {
	return version.At("VERSION", "LUXminer").Text() != "" ||
		strings.HasPrefix(strings.ToUpper(version.At("STATUS", "Description").Text()), "LUXMINER")
}

// identity reads who answers. The type in "version" is what the machine shows
// to those who expect the maker's own firmware; "config" goes first.
func identity(version, config wire.Tree) device.Identity {
	c := config.At("CONFIG")
	id := device.Identity{
		Family: device.LuxOS, Firmware: "LuxOS",
		Model:   c.At("Model").Text(),
		Version: version.At("VERSION", "LUXminer").Text(),
		MAC:     wire.MAC(c.At("MACAddr").Text()),
		Serial:  c.At("SerialNumber").Text(),
	}
	if id.Model == "" {
		id.Model = version.At("VERSION", "Type").Text()
	}
	if strings.HasPrefix(strings.ToLower(id.Model), "antminer") {
		id.Maker = "Bitmain"
	}
	id.Weak = id.MAC == "" && id.Serial == ""
	return id
}

// Open reads what the machine can do. LuxOS asks for no credential. It fails
// when the machine does not answer, or when another one does.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, _ device.Credential) (device.Device, error) {
	l := d.line(a)
	var got [3]reply
	for i, command := range []string{"config", "profiles", "power"} {
		r, err := l.ask(ctx, command, "")
		if err != nil {
			return nil, fmt.Errorf("open luxos: %w", err)
		}
		got[i] = r
	}
	if mac := wire.MAC(got[0].tree.At("CONFIG", "MACAddr").Text()); mac != "" && id.MAC != "" && mac != id.MAC {
		return nil, fmt.Errorf("open luxos at %s: machine %s answers instead of %s: scan the network again", a.Host, mac, id.MAC)
	}
	return &machine{line: l, can: capabilities(got[1].tree, got[2].tree), atm: managed(got[0].tree)}, nil
}

// capabilities reads the profiles and who measures power.
func capabilities(profiles, power wire.Tree) device.Capabilities {
	c := device.Capabilities{
		Sleep: true, Wake: true, FastWake: true, Persists: true, Exclusive: true,
		Level: device.NoLevels, LevelCost: device.Hot, Connections: 1,
		Restart: 90 * time.Second, Settle: 2 * time.Minute,
	}
	c.Presets = presets(profiles)
	if len(c.Presets) > 0 {
		c.Level = device.Presets
	}
	if w := watts(power); w.Known {
		c.PowerSource = w.Source
	}
	return c
}

// presets reads the profiles in rising order of their labels. Profiles without
// a name or watts, and those whose name would be read as something else, are
// left out.
func presets(profiles wire.Tree) []device.Preset {
	var out []device.Preset
	for _, p := range profiles.At("PROFILES").Each() {
		name := p.At("Profile Name").Text()
		w, ok := p.At("Watts").Whole()
		h, _ := p.At("Hashrate").Scaled(3) // TH/s
		if ok && w > 0 && sayable(name) {
			out = append(out, device.Preset{Name: name, Power: unit.Power(w), Hash: unit.Hashrate(h)})
		}
	}
	slices.SortStableFunc(out, func(a, b device.Preset) int { return int(a.Power - b.Power) })
	return out
}

// sayable reports whether a profile's name can be sent as it is: no separators,
// and neither a bare number nor a step up or down.
func sayable(name string) bool {
	if name == "" || strings.ContainsAny(name, ",|\n\r\x00") || strings.ContainsAny(name[:1], "+-") {
		return false
	}
	return strings.Trim(name, "0123456789.") != ""
}
