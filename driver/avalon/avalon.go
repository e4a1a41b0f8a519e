package avalon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// Verbs is the way in which sleep and wake are said.
type Verbs string

// The ways.
const (
	Ask       Verbs = ""          // by the model, else by what the machine lists
	Plain     Verbs = "plain"     // at once; woken by a reboot
	Scheduled Verbs = "scheduled" // for a time of the machine's clock
)

// Options is what differs from the ordinary.
type Options struct {
	Port  int // 0: 4028; the port of an Address goes first
	Verbs Verbs
	Ahead time.Duration // how far ahead orders are scheduled; 0: five seconds

	// Modes lists the names of the work modes that a model has, which are the
	// digits that stand for them. nil: those of the one model where they are known.
	Modes func(model string) []string
}

// Driver speaks the dialect within a network.
type Driver struct {
	network *wire.Network
	options Options
}

// New returns a driver. It may be used from many goroutines.
func New(n *wire.Network, o Options) *Driver {
	if o.Port == 0 {
		o.Port = 4028
	}
	if o.Ahead == 0 {
		o.Ahead = 5 * time.Second
	}
	if o.Modes == nil {
		o.Modes = modes
	}
	return &Driver{network: n, options: o}
}

// modes lists the work modes of the model of which they are known.
func modes(model string) []string {
	if last(model) == "Q" {
		return []string{"0", "1", "2"}
	}
	return nil
}

// last is the last word of a model, such as 1346 of AvalonMiner 1346-110.
func last(model string) string {
	w := strings.Fields(strings.ToUpper(model))
	if len(w) == 0 {
		return ""
	}
	word, _, _ := strings.Cut(w[len(w)-1], "-")
	return word
}

// Probe asks for the version, which tells all of the identity.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	r, err := d.ask(ctx, a, `{"command":"version"}`)
	if err != nil {
		return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, err)
	}
	t, err := wire.Parse(r.Bytes)
	v := t.At("VERSION")
	if err != nil || !strings.Contains(strings.ToUpper(v.At("PROD").Text()+v.At("MODEL").Text()+v.At("HWTYPE").Text()), "AVALON") {
		return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, errors.Join(err, device.ErrNotMine))
	}
	id := device.Identity{Family: device.Avalon, Maker: "Canaan", Firmware: "stock", MAC: wire.MAC(v.At("MAC").Text()), Serial: v.At("DNA").Text()}
	for _, key := range []string{"PROD", "MODEL", "HWTYPE"} {
		if id.Model == "" {
			id.Model = v.At(key).Text()
		}
	}
	for _, key := range []string{"LVERSION", "VERSION", "CGMiner"} {
		if id.Version == "" {
			id.Version = v.At(key).Text()
		}
	}
	id.Weak = id.MAC == "" && id.Serial == ""
	return id, nil
}

// Open finds out how the machine is told to sleep and whether it states watts.
// One that does not answer now is opened all the same.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, _ device.Credential) (device.Device, error) {
	if !d.network.Holds(a.Host) {
		return nil, fmt.Errorf("open %s: %w: declare its network or correct the address", a.Host, wire.ErrOutside)
	}
	m := &Miner{driver: d, address: a, verbs: d.verbs(ctx, a, id)}
	m.able = device.Capabilities{
		Sleep: true, Wake: true, Silent: true, Dark: true, NeedsClock: m.verbs == Scheduled,
		Level: device.NoLevels, Connections: 1, Restart: time.Minute, Settle: 7 * time.Minute,
	}
	if list := d.options.Modes(id.Model); len(list) > 1 {
		m.able.Level, m.able.LevelCost = device.Modes, device.Restarts
		for _, name := range list {
			m.able.Presets = append(m.able.Presets, device.Preset{Name: name})
		}
	}
	if b, err := m.blob(ctx); err == nil {
		m.able.PowerSource = b.wall().Source
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", a.Host, err)
	}
	return m, nil
}

// verbs chooses the way: by the models of which it was seen, else by whether the
// machine lists the order to wake at all.
func (d *Driver) verbs(ctx context.Context, a device.Address, id device.Identity) Verbs {
	model := last(id.Model)
	switch {
	case d.options.Verbs != Ask:
		return d.options.Verbs
	case model == "Q":
		return Scheduled
	case len(model) >= 4 && strings.HasPrefix(model, "13"):
		return Plain
	}
	r, err := d.ask(ctx, a, order("0,help"))
	if err == nil && strings.Contains(strings.ToLower(string(r.Bytes)), "softoff") && !strings.Contains(strings.ToLower(string(r.Bytes)), "softon") {
		return Plain
	}
	return Scheduled
}

// order is a request that sets something of the first device.
func order(parameter string) string {
	return `{"command":"ascset","parameter":"` + parameter + `"}`
}

// ask sends one question on a connection of its own.
func (d *Driver) ask(ctx context.Context, a device.Address, request string) (wire.Reply, error) {
	port := a.Port
	if port == 0 {
		port = d.options.Port
	}
	return d.network.Ask(ctx, a.Host, port, []byte(request))
}

// Miner is one machine behind the driver.
type Miner struct {
	driver  *Driver
	address device.Address
	verbs   Verbs
	able    device.Capabilities
}

// Capabilities is what the machine can do.
func (m *Miner) Capabilities() device.Capabilities { return m.able }

// Close has nothing to release: every question has a connection of its own.
func (m *Miner) Close(context.Context) error { return nil }

// tree asks a question and decodes the answer.
func (m *Miner) tree(ctx context.Context, command string) (wire.Tree, error) {
	r, err := m.driver.ask(ctx, m.address, `{"command":"`+command+`"}`)
	if err != nil {
		return wire.Tree{}, err
	}
	return wire.Parse(r.Bytes)
}

// blob asks for the statistics, which some models give under one name only.
func (m *Miner) blob(ctx context.Context) (blob, error) {
	t, err := m.tree(ctx, "estats")
	if err != nil {
		return nil, err
	}
	if b := blobOf(t); len(b) > 0 {
		return b, nil
	}
	if t, err = m.tree(ctx, "stats"); err != nil {
		return nil, err
	}
	if b := blobOf(t); len(b) > 0 {
		return b, nil
	}
	return nil, errBlob
}
