package epic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// Port is where the firmware answers.
const Port = 4028

// Options adapts the driver to a site.
type Options struct {
	Port int // 0: Port; the port of an Address goes first
}

// Driver speaks PowerPlay.
type Driver struct {
	net    *wire.Network
	client *http.Client
	port   int
}

var _ device.Driver = (*Driver)(nil)

// New returns a driver that reaches machines in n only.
func New(n *wire.Network, o Options) *Driver {
	if o.Port == 0 {
		o.Port = Port
	}
	return &Driver{net: n, client: n.HTTP(), port: o.Port}
}

// page is the way to one machine.
type page struct{ wire.Web }

func (d *Driver) page(a device.Address) page {
	if a.Port == 0 {
		a.Port = d.port
	}
	return page{wire.Web{Net: d.net, Client: d.client, Host: a.Host, Port: a.Port}}
}

// errNone says that a page is no page of this firmware.
var errNone = errors.New("no page of this firmware")

// get reads one page. A machine that cannot answer now says "result":false.
func (p page) get(ctx context.Context, path string) (wire.Tree, error) {
	a, err := p.Do(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return wire.Tree{}, err
	}
	t, err := wire.Parse(a.Body)
	if err != nil {
		return wire.Tree{}, fmt.Errorf("%s: %w", path, err)
	}
	if ok, stated := t.At("result").Flag(); a.Status != http.StatusOK || !t.Object() || stated && !ok {
		return wire.Tree{}, fmt.Errorf("%s: %w: status %d: %.100q", path, errNone, a.Status, a.Body)
	}
	return t, nil
}

// Probe says which machine answers. The firmware is told by its capabilities and
// by the name in its summary.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	id, _, err := d.identify(ctx, a)
	return id, err
}

func (d *Driver) identify(ctx context.Context, a device.Address) (device.Identity, wire.Tree, error) {
	p := d.page(a)
	can, err := p.get(ctx, "/capabilities")
	if err != nil {
		return device.Identity{}, can, d.stranger(a, err)
	}
	sum, err := p.get(ctx, "/summary")
	if err != nil {
		return device.Identity{}, can, d.stranger(a, err)
	}
	software := sum.At("Software").Text()
	if !strings.Contains(strings.ToLower(software), "powerplay") || can.At("Model").Text() == "" {
		return device.Identity{}, can, d.stranger(a, fmt.Errorf("%w: software %.60q", errNone, software))
	}
	network, err := p.get(ctx, "/network")
	if err != nil {
		return device.Identity{}, can, d.stranger(a, err)
	}
	name, version, _ := strings.Cut(software, " ")
	id := device.Identity{
		Family: device.EPIC, Model: can.At("Model").Text(), Firmware: name, Version: strings.TrimPrefix(version, "v"), MAC: macOf(network),
	}
	if strings.HasPrefix(strings.ToLower(id.Model), "antminer") {
		id.Maker = "Bitmain"
	}
	id.Weak = id.MAC == ""
	return id, can, nil
}

// stranger marks the errors of machines that answer otherwise.
func (d *Driver) stranger(a device.Address, err error) error {
	for _, other := range []error{errNone, wire.ErrNotJSON, wire.ErrNotHTTP, wire.ErrTooLong} {
		if errors.Is(err, other) {
			return fmt.Errorf("probe for epic at %s: %w: %w", a.Host, device.ErrNotMine, err)
		}
	}
	return fmt.Errorf("probe for epic at %s: %w", a.Host, err)
}

// macOf is the address of the interface in use, whatever it is called.
func macOf(network wire.Tree) string {
	interfaces, _ := network.Value().(map[string]any)
	var names []string
	for name := range interfaces {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if mac := wire.MAC(network.At(name, "mac_address").Text()); mac != "" {
			return mac
		}
	}
	return ""
}

// errSwapped says that another machine of the family has taken an address.
var errSwapped = errors.New("another machine answers")

// Open finds out again which machine answers and what it can do. It asks for no
// credential.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Device, error) {
	now, can, err := d.identify(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if id.MAC != "" && now.MAC != "" && id.MAC != now.MAC {
		return nil, fmt.Errorf("open epic at %s: %w: expected %s, found %s: scan the network again", a.Host, errSwapped, id.MAC, now.MAC)
	}
	m := &machine{page: d.page(a), key: device.Keep(c)}
	sum, err := m.get(ctx, "/summary")
	if err != nil {
		return nil, fmt.Errorf("open epic: %w", err)
	}
	m.can = capabilities(can, sum)
	return m, nil
}

// capabilities is what a machine can do, as its own pages say.
func capabilities(can, sum wire.Tree) device.Capabilities {
	out := device.Capabilities{
		Sleep: true, Wake: true, Level: device.NoLevels, Connections: 1, Restart: time.Minute, Settle: 10 * time.Minute,
	}
	if power(sum).Known {
		out.PowerSource = device.FromPSU
	}
	for _, a := range can.At("PerpetualTune").Each() {
		least, ok := a.At("min").Whole()
		most, ok2 := a.At("max").Whole()
		if a.At("algorithm").Text() == powerTune && ok && ok2 && least >= 0 && most > least && tuning(sum) {
			out.Level, out.LevelCost = device.Watts, device.Retunes
			out.Least, out.Most, out.Step = unit.Power(least), unit.Power(most), 1
		}
	}
	return out
}
