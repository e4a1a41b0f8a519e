package antminer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
)

// Style is how a mode is written. Builds differ, and whoever watches the
// read-back chooses: nothing is tried twice here.
type Style string

// The styles, in the order in which they are worth trying.
const (
	Numbers  Style = ""         // both keys, as numbers
	Texts    Style = "texts"    // both keys, as texts
	Reported Style = "reported" // only the key that the machine itself reports, as a number
)

// Options is what differs from the ordinary.
type Options struct {
	Style Style
	Web   int // port of the pages; 0: 80; the port of an Address goes first
	Miner int // port of the cgminer interface; 0: 4028
	Power int // port of the power page; 0: 6060, negative: never asked

	// Modes says which modes a model offers besides sleep, of normal, high and
	// low. nil: those that are known of few models, and normal of the rest.
	Modes func(model string) []string
}

// Driver speaks the dialect within a network.
type Driver struct {
	network *wire.Network
	client  *http.Client
	options Options
}

// New returns a driver. It may be used from many goroutines.
func New(n *wire.Network, o Options) *Driver {
	if o.Web == 0 {
		o.Web = 80
	}
	if o.Miner == 0 {
		o.Miner = 4028
	}
	if o.Power == 0 {
		o.Power = 6060
	}
	if o.Modes == nil {
		o.Modes = offered
	}
	return &Driver{network: n, client: n.HTTP(), options: o}
}

// foreign are words in an answer to version by which other firmware on the
// same machines betrays itself; they are looked for before the maker's name.
func foreign() []string {
	return []string{"LUXMINER", "LUXOS", "BOSMINER", "BOSER", "BRAIINS", "MARAFW", "KAONSU", "AVALON", "BDMINER", "GCMINER", "FLUXOS", "VNISH", "ANTHILL", "BITMICRO", "BTMINER", "WHATSMINER"}
}

// Probe asks the cgminer interface and the web page, both without a credential.
// Either is enough; some models do not answer the first while asleep.
func (d *Driver) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	id := device.Identity{Family: device.Antminer, Maker: "Bitmain", Firmware: "stock"}
	ours, said, first := d.probeMiner(ctx, a, &id)
	if said && !ours {
		return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, device.ErrNotMine)
	}
	page, answered, second := d.probeWeb(ctx, a, &id)
	switch {
	case ctx.Err() != nil && !ours && !page:
		return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, errors.Join(first, second, ctx.Err()))
	case !ours && !page && (said || answered):
		return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, device.ErrNotMine)
	case !ours && !page:
		return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, errors.Join(first, second))
	}
	id.Weak = id.MAC == "" && id.Serial == ""
	return id, nil
}

// probeMiner reports whether the cgminer interface is ours and whether it said
// anything that identifies a dialect at all.
func (d *Driver) probeMiner(ctx context.Context, a device.Address, id *device.Identity) (ours, said bool, _ error) {
	r, err := d.network.Ask(ctx, a.Host, d.options.Miner, []byte(`{"command":"version"}`))
	if err != nil {
		return false, false, err
	}
	text := strings.ToUpper(string(r.Bytes))
	for _, word := range foreign() {
		if strings.Contains(text, word) {
			return false, true, nil
		}
	}
	t, err := wire.Parse(r.Bytes)
	if err != nil {
		return false, true, nil //nolint:nilerr // an answer that is none of the dialect's
	}
	v := t.At("VERSION")
	if !strings.Contains(strings.ToUpper(v.At("Type").Text()), "ANTMINER") {
		// A build that is waking says so in a status; it is the web page's turn.
		return false, !t.At("STATUS").Present(), nil
	}
	id.Model, id.Version = v.At("Type").Text(), built(v.At("CompileTime").Text())
	return true, true, nil
}

// probeWeb reports whether the web page is ours and whether anybody answered.
func (d *Driver) probeWeb(ctx context.Context, a device.Address, id *device.Identity) (ours, answered bool, _ error) {
	s := d.session(a, device.Keep(device.Credential{}))
	r, err := s.plain(ctx, http.MethodGet, pageSystem)
	if err != nil {
		return false, errors.Is(err, wire.ErrNotHTTP), err
	}
	if r.Status == http.StatusOK {
		t, err := wire.Parse(r.Body)
		if err != nil || !strings.Contains(strings.ToUpper(t.At("minertype").Text()), "ANTMINER") {
			return false, true, nil //nolint:nilerr // somebody else's page
		}
		name(t, id)
		return true, true, nil
	}
	c, err := challenged(r.Header)
	return err == nil && strings.HasPrefix(strings.ToLower(c.realm), "antminer"), true, nil
}

// name takes what the page about the system states.
func name(t wire.Tree, id *device.Identity) {
	if model := t.At("minertype").Text(); model != "" {
		id.Model = model
	}
	if version := t.At("system_filesystem_version").Text(); version != "" {
		id.Version = version
	}
	id.MAC = wire.MAC(t.At("macaddr").Text())
	id.Serial = t.At("serinum").Text()
	if id.Serial == "" {
		id.Serial = t.At("serial_no").Text()
	}
	id.Weak = id.MAC == "" && id.Serial == ""
}

// built turns a time of compilation such as "Tue Dec  6 16:12:30 CST 2022" into
// a date. The abbreviation of the time zone is left out: it is ambiguous. What
// cannot be read stays as it was.
func built(stated string) string {
	w := strings.Fields(stated)
	if len(w) != 6 {
		return stated
	}
	t, err := time.Parse("Jan 2 15:04:05 2006", strings.Join([]string{w[1], w[2], w[3], w[5]}, " "))
	if err != nil {
		return stated
	}
	return t.Format(time.DateOnly)
}

// Open finds out whether and where the machine states watts. It sends no order,
// and a machine that does not answer now is opened all the same.
func (d *Driver) Open(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Device, error) {
	if !d.network.Holds(a.Host) {
		return nil, fmt.Errorf("open %s: %w: declare its network or correct the address", a.Host, wire.ErrOutside)
	}
	m := &Miner{driver: d, address: a, identity: id, credential: device.Keep(c), able: d.capabilities(id)}
	var r device.Reading
	if t, err := m.rpc(ctx, askStats); err == nil {
		readStats(t, &r)
	}
	if !r.Power.Known && d.options.Power > 0 {
		r.Power = m.powerPage(ctx, m.session())
		m.asksPage = r.Power.Known
	}
	if r.Power.Known {
		m.able.PowerSource = r.Power.Source
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", a.Host, err)
	}
	return m, nil
}

// capabilities is what is believed of a model before it disappoints.
func (d *Driver) capabilities(id device.Identity) device.Capabilities {
	c := device.Capabilities{
		Sleep: true, Wake: true, Silent: true, Dark: true, Persists: true,
		Level: device.NoLevels, Connections: 1, Restart: time.Minute, Settle: 8 * time.Minute,
	}
	modes := d.options.Modes(id.Model)
	if len(modes) < 2 {
		return c
	}
	c.Level, c.LevelCost = device.Modes, device.Restarts
	for _, m := range modes {
		c.Presets = append(c.Presets, device.Preset{Name: m})
	}
	return c
}

// Miner is one machine behind the driver.
type Miner struct {
	driver     *Driver
	address    device.Address
	identity   device.Identity
	credential device.Kept
	able       device.Capabilities
	asksPage   bool // its watts stand on the power page
	web        *session
}

// Capabilities is what the machine can do, less what it has refused since.
func (m *Miner) Capabilities() device.Capabilities { return m.able }

// Close forgets the challenge: the dialect keeps no session.
func (m *Miner) Close(context.Context) error {
	m.web = nil
	return nil
}

// Identify asks the machine who it is with the credential, for its MAC and
// serial, which it tells nobody else.
func (m *Miner) Identify(ctx context.Context) (device.Identity, error) {
	b, err := m.session().page(ctx, pageSystem)
	if err != nil {
		return m.identity, err
	}
	t, err := wire.Parse(b)
	if err != nil {
		return m.identity, fmt.Errorf("identify %s: %w", m.address.Host, err)
	}
	id := m.identity
	name(t, &id)
	return id, nil
}

// rpc asks the cgminer interface.
func (m *Miner) rpc(ctx context.Context, request string) (wire.Tree, error) {
	r, err := m.driver.network.Ask(ctx, m.address.Host, m.driver.options.Miner, []byte(request))
	if err != nil {
		return wire.Tree{}, err
	}
	return wire.Parse(r.Bytes)
}

// session begins an exchange with the web pages.
func (m *Miner) session() *session {
	if m.web == nil {
		m.web = m.driver.session(m.address, m.credential)
	}
	for s := m.web; s != nil; s = s.power {
		s.aged = true
	}
	return m.web
}

// session begins an exchange with the web pages of a machine.
func (d *Driver) session(a device.Address, c device.Kept) *session {
	port := a.Port
	if port == 0 {
		port = d.options.Web
	}
	return &session{network: d.network, client: d.client, base: "http://" + net.JoinHostPort(a.Host, strconv.Itoa(port)), credential: c}
}
