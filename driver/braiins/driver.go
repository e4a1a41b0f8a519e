package braiins

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// Port is where Braiins OS serves its web interface.
const Port = 80

// User is who logs in when a credential names nobody.
const User = "root"

// Options adapts the driver to a site.
type Options struct {
	Port int // 0: Port; the port of an Address goes first
}

// Driver speaks Braiins OS.
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

func (d *Driver) web(a device.Address) wire.Web {
	if a.Port == 0 {
		a.Port = d.port
	}
	return wire.Web{Net: d.net, Client: d.client, Host: a.Host, Port: a.Port}
}

// Probe looks for the firmware's name on the front page and asks for the model
// where that needs no login.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	w := d.web(a)
	page, err := w.Do(ctx, http.MethodGet, "/", nil, nil)
	if errors.Is(err, wire.ErrTooLong) {
		err = nil // its name stands at the beginning of the page
	}
	if errors.Is(err, wire.ErrNotHTTP) {
		return device.Identity{}, fmt.Errorf("probe for braiins at %s: %w: %w", a.Host, device.ErrNotMine, err)
	}
	if err != nil {
		return device.Identity{}, fmt.Errorf("probe for braiins: %w", err)
	}
	if !bytes.Contains(bytes.ToLower(page.Body), []byte("braiins os")) {
		return device.Identity{}, fmt.Errorf("probe for braiins at %s: %w", a.Host, device.ErrNotMine)
	}
	id := device.Identity{Family: device.Braiins, Firmware: "Braiins OS", Weak: true}
	model, err := w.Do(ctx, http.MethodPost, "/graphql", []byte(`{"query":"{bosminer{info{modelName}}}"}`), nil)
	if err == nil {
		t, _ := wire.Parse(model.Body)
		id.Model = t.At("data", "bosminer", "info", "modelName").Text()
	}
	api, err := w.Do(ctx, http.MethodGet, "/api/v1/version", nil, nil)
	if err != nil {
		return device.Identity{}, fmt.Errorf("probe for braiins: %w", err)
	}
	t, _ := wire.Parse(api.Body)
	major, ok := t.At("major").Whole()
	minor, _ := t.At("minor").Whole()
	if api.Status == http.StatusOK && ok {
		id.Version = fmt.Sprintf("api %d.%d", major, minor)
	}
	id.Maker = maker(id.Model)
	return id, nil
}

func maker(model string) string {
	if strings.HasPrefix(strings.ToLower(model), "antminer") {
		return "Bitmain"
	}
	return ""
}

// identity is who answers, as the machine states it once it is logged in to.
func identity(details wire.Tree) device.Identity {
	id := device.Identity{
		Family: device.Braiins, Firmware: "Braiins OS",
		Model:   details.At("miner_identity", "name").Text(),
		Version: release(details.At("bos_version", "current").Text()),
		MAC:     wire.MAC(details.At("mac_address").Text()),
		Serial:  details.At("serial_number").Text(),
	}
	if id.Model == "" {
		id.Model = details.At("miner_identity", "miner_model").Text()
	}
	id.Maker = maker(id.Model)
	id.Weak = id.MAC == "" && id.Serial == ""
	return id
}

// release is the part of a version that people know: of
// "2025-08-06-0-3881c51d-25.07-plus" it is "25.07".
func release(version string) string {
	parts := strings.Split(version, "-")
	for _, p := range slices.Backward(parts) {
		if strings.Contains(p, ".") {
			return p
		}
	}
	return version
}

// Open logs in and reads what the machine can do. Nothing can be known without
// a login, so a password that is not taken is an error here.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Device, error) {
	m := &machine{user: c.User, key: device.Keep(c)}
	m.web = m.session(d.web(a))
	if m.user == "" {
		m.user = User
	}
	details, err := m.get(ctx, "/miner/details")
	if err != nil {
		return nil, fmt.Errorf("open braiins: %w", err)
	}
	if mac := identity(details).MAC; mac != "" && id.MAC != "" && mac != id.MAC {
		return nil, fmt.Errorf("open braiins at %s: machine %s answers instead of %s: scan the network again", a.Host, mac, id.MAC)
	}
	var part [4]wire.Tree
	for i, path := range []string{"/configuration/constraints", "/performance/target-profiles", "/configuration/miner", "/miner/stats"} {
		part[i], err = m.get(ctx, path)
		if err != nil && !isRefusal(err) {
			return nil, fmt.Errorf("open braiins: %w", err)
		}
	}
	m.can = capabilities(part[0], part[1])
	if consumption(part[3]).Known {
		m.can.PowerSource = device.FromFirmware
	}
	m.scaled = scaling(part[2])
	return m, nil
}

// scaling reports whether dynamic scaling may move the target.
func scaling(configuration wire.Tree) bool {
	on, _ := configuration.At("dps", "enabled").Flag()
	return on
}

// capabilities reads the bounds of the target and the tuned profiles.
func capabilities(constraints, profiles wire.Tree) device.Capabilities {
	c := device.Capabilities{
		Sleep: true, Wake: true, Level: device.NoLevels, LevelCost: device.UnknownCost,
		Connections: 2, Restart: 2 * time.Minute, Settle: 2 * time.Minute,
	}
	target := constraints.At("tuner_constraints", "power_target")
	least, low := watt(target.At("min"))
	most, high := watt(target.At("max"))
	if low && high && most > least {
		c.Level, c.LevelCost, c.Least, c.Most, c.Step = device.Watts, device.Retunes, least, most, 1
	}
	for _, p := range profiles.At("power_target_profiles").Each() {
		if w, ok := watt(p.At("target")); ok && w > 0 {
			h := rate(p.At("measured_hashrate"))
			c.Presets = append(c.Presets, device.Preset{Name: strconv.FormatInt(int64(w), 10) + " W", Power: w, Hash: h.Value})
		}
	}
	slices.SortStableFunc(c.Presets, func(a, b device.Preset) int { return int(a.Power - b.Power) })
	return c
}

// watt reads a power of this interface.
func watt(t wire.Tree) (unit.Power, bool) {
	w, ok := t.At("watt").Whole()
	return unit.Power(w), ok && w >= 0
}

// rate reads a hash rate of this interface in whichever unit it is tagged with.
func rate(t wire.Tree) device.Value[unit.Hashrate] {
	var v int64
	ok := false
	switch {
	case t.At("gigahash_per_second").Present():
		v, ok = t.At("gigahash_per_second").Whole()
	case t.At("terahash_per_second").Present():
		v, ok = t.At("terahash_per_second").Scaled(3)
	case t.At("megahash_per_second").Present():
		v, ok = t.At("megahash_per_second").Whole()
		v = unit.MulDiv(v, 1, 1000)
	}
	if !ok || v < 0 {
		return device.Value[unit.Hashrate]{}
	}
	return device.Stated(unit.Hashrate(v))
}
