package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"sluice/driver/gpu"
	"sluice/driver/kueue"
	"sluice/driver/modbus"
	"sluice/driver/sitefile"
	"sluice/driver/slurm"
	"sluice/driver/wire"
	port "sluice/gpu"
	gpuhall "sluice/live/hall"
	"sluice/site"
)

// mostLanes is how many agents are asked at a time.
const mostLanes = 64

// real is a hall on its engine, with agents and meters.
func (b *hallBuilder) real(e *sitefile.Engine) error {
	b.plant.Clock = gpuhall.Clock{Now: time.Now}
	b.cfg.Queues, b.cfg.Budget = e.Queues, e.Budget
	var err error
	if e.Kind == "kueue" {
		err = b.kueue(e)
	} else {
		err = b.slurm(e)
	}
	return errors.Join(err, b.reach())
}

func (b *hallBuilder) slurm(e *sitefile.Engine) error {
	c := slurm.Config{
		Line: slurm.Line{Commands: true, Prefix: e.Command, Shell: e.Shell}, License: e.License, Granule: e.Granule, GPUWatts: e.GPU, Budget: e.Budget,
		Timeout: b.flags.timeout,
	}
	switch {
	case strings.HasPrefix(e.Address, "http"):
		c.REST = slurm.REST{URL: e.Address, User: e.User}
		roots, err := authority(e.CAFile)
		if err != nil {
			return err
		}
		if roots != nil {
			c.REST.Client = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
		}
	case e.Address != "":
		c.REST = slurm.REST{Socket: e.Address}
	}
	if e.TokenFile != "" {
		c.REST.Token = func(context.Context, time.Duration) (string, error) {
			text, err := os.ReadFile(e.TokenFile)
			return strings.TrimSpace(string(text)), err
		}
	}
	s, err := slurm.New(c)
	if err != nil {
		return err
	}
	b.plant.Engine = s
	if b.registrar, err = slurm.New(c); err != nil { // of its own: one goroutine asks an engine at a time
		return err
	}
	b.plant.Ill = func(ctx context.Context) ([]gpuhall.EngineTrouble, error) {
		all, err := s.Troubles(ctx)
		var out []gpuhall.EngineTrouble
		for _, t := range all {
			out = append(out, gpuhall.EngineTrouble{Code: string(t.Code), Subject: t.Subject, Why: t.Text, Remedy: "docs/slurm.md says what to do about " + string(t.Code)})
		}
		return out, err
	}
	return nil
}

func (b *hallBuilder) kueue(e *sitefile.Engine) error {
	c := kueue.Config{
		Server: e.Address, TokenFile: e.TokenFile, Namespace: e.Namespace, Reserve: e.Reserve, Boost: e.Boost, Domain: e.Domain, Granule: e.Granule, Budget: e.Budget,
	}
	if e.CAFile != "" {
		var err error
		if c.Authority, err = os.ReadFile(e.CAFile); err != nil {
			return fmt.Errorf("ca_file: %w", err)
		}
	}
	d, err := kueue.New(c)
	if err != nil {
		return err
	}
	b.plant.Engine, b.watch, b.registrar = d, d.Watch, d
	b.plant.Ill = func(context.Context) ([]gpuhall.EngineTrouble, error) {
		var out []gpuhall.EngineTrouble
		for _, t := range d.Troubles() {
			out = append(out, gpuhall.EngineTrouble{Code: t.Code, Subject: t.Subject, Why: t.Why, Remedy: t.Remedy})
		}
		return out, nil
	}
	return nil
}

// authority reads who signed a server's certificate; nil: the roots of this computer.
func authority(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // no authority, and no fault
	}
	text, err := os.ReadFile(file) //nolint:gosec // the site file names it
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ca_file %s holds no certificate in PEM", file)
	}
	return pool, nil
}

// reach opens agents and meters in the declared networks.
func (b *hallBuilder) reach() error {
	h := b.file.Hosting
	networks := h.Networks
	if c := b.file.Control; c != nil && len(networks) == 0 {
		networks = c.Networks
	}
	if len(h.Agents)+len(h.Meters) == 0 && b.file.Control == nil {
		return nil
	}
	n, err := wire.NewNetwork(networks, min(b.flags.timeout, 3*time.Second))
	if err != nil {
		return err
	}
	return errors.Join(b.agents(n), b.meters(n))
}

// keyOf tells apart agents that are asked in other ways.
type keyOf struct {
	token, ca string
	exporter  bool
}

// open is a client of nodes that are asked in one way.
func (k keyOf) open(n *wire.Network, nodes []gpu.Node, o gpu.Options) (port.Agent, error) {
	if !k.exporter {
		return gpu.New(n, nodes, o)
	}
	e, err := gpu.NewExporters(n, nodes, o)
	return readOnly{e}, err
}

// readOnly is a source of readings that sets nothing.
type readOnly struct{ *gpu.Exporters }

// Set implements gpu.Agent, and sets nothing.
func (readOnly) Set(_ context.Context, s port.Setting) (port.Answer, error) {
	return port.Answer{Node: s.Node, Why: "a DCGM exporter is only read: run sluice-gpu there for power limits"}, nil
}

// agents makes clients of a few nodes each, so that one that does not answer keeps
// few others waiting.
func (b *hallBuilder) agents(n *wire.Network) error {
	by := map[keyOf][]gpu.Node{}
	var order []keyOf
	for _, a := range b.file.Hosting.Agents {
		k := keyOf{a.TokenFile, a.CAFile, a.Exporter}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], gpu.Node{Name: a.Node, Address: a.Address})
	}
	share := max(1, (len(b.file.Hosting.Agents)+mostLanes-1)/mostLanes)
	for _, k := range order {
		o := gpu.Options{Timeout: b.flags.timeout}
		if k.token != "" {
			token, err := os.ReadFile(k.token)
			if err != nil {
				return fmt.Errorf("token_file of agents: %w", err)
			}
			o.Token = []byte(strings.TrimSpace(string(token)))
		}
		roots, err := authority(k.ca)
		if err != nil {
			return err
		}
		if roots != nil {
			o.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		}
		for nodes := by[k]; len(nodes) > 0; nodes = nodes[min(share, len(nodes)):] {
			some := nodes[:min(share, len(nodes))]
			agent, err := k.open(n, some, o)
			if err != nil {
				return err
			}
			one := gpuhall.Agent{Agent: agent}
			for _, node := range some {
				one.Nodes = append(one.Nodes, node.Name)
			}
			b.plant.Agents = append(b.plant.Agents, one)
		}
	}
	return nil
}

// meters opens the meters of the hall, its racks and the site: its own, and those of
// the control section.
func (b *hallBuilder) meters(n *wire.Network) error {
	var faults []error
	add := func(place gpuhall.Place, name string, m sitefile.Meter) {
		for _, g := range b.plant.Gauges {
			if g.Place == place && g.Name == name {
				return // declared twice: that of hosting counts
			}
		}
		x, err := b.meter(n, m)
		faults = append(faults, err)
		b.plant.Gauges = append(b.plant.Gauges, gpuhall.Gauge{Place: place, Name: name, Meter: x})
	}
	for _, m := range b.file.Hosting.Meters {
		switch {
		case m.Place == "hall" && m.Of == b.hall.Name:
			add(gpuhall.HallMeter, m.Of, m.Meter)
		case m.Place == "cooling" && m.Of == b.hall.Name:
			add(gpuhall.CoolingMeter, m.Name, m.Meter)
		case m.Place == "rack":
			add(gpuhall.RackMeter, m.Of, m.Meter)
			for _, node := range m.Nodes {
				b.cfg.Racks[node] = m.Of
			}
		case m.Place == "site":
			add(gpuhall.SiteMeter, "site", m.Meter)
		}
	}
	if c := b.file.Control; c != nil {
		for _, m := range c.Meters {
			switch {
			case m.Kind == site.HallMeter && m.Of == b.hall.Name:
				add(gpuhall.HallMeter, m.Of, m)
			case m.Kind == site.RevenueMeter:
				add(gpuhall.SiteMeter, "site", m)
			}
		}
	}
	return errors.Join(faults...)
}

// meter opens one meter.
func (b *hallBuilder) meter(n *wire.Network, m sitefile.Meter) (gpuhall.Meter, error) {
	t, err := templateOf(m.Template)
	if err != nil {
		return nil, fmt.Errorf("meter %s: %w", m.Name, err)
	}
	o := modbus.Options{
		Host: m.Address.String(), Port: m.Port, Unit: m.Unit, Current: modbus.Transformer(m.Current), Voltage: modbus.Transformer(m.Voltage),
		Rating: b.file.Site.Connection.Rating, Timeout: b.flags.timeout,
	}
	if o.Port == 0 {
		o.Port = t.Port
	}
	if b.file.Control != nil {
		o.Port += b.file.Control.PortOffset
	}
	x, err := modbus.New(n, t, o)
	if err != nil {
		return nil, fmt.Errorf("meter %s: %w", m.Name, err)
	}
	return modbusMeter{x}, nil
}

// modbusMeter is a meter behind its template.
type modbusMeter struct{ *modbus.Meter }

// errNoPower says that a meter answers and states no power.
var errNoPower = errors.New("the meter answers and states no power: see its template and its wiring")

// Sample implements gpuhall.Meter.
func (m modbusMeter) Sample(ctx context.Context) (gpuhall.Sample, error) {
	r, err := m.Read(ctx)
	if err != nil {
		return gpuhall.Sample{}, err
	}
	if !r.Power.Known {
		return gpuhall.Sample{}, errNoPower
	}
	return gpuhall.Sample{Power: r.Power.Value, Energy: r.Import.Energy, Counted: r.Import.Known, At: r.Asked}, nil
}

// encodeLine prints a line of JSON.
func encodeLine(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err == nil {
		_, err = fmt.Fprintln(w, string(text))
	}
	return err
}
