package sitefile

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"sluice/gpu"
	"sluice/service"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// Hosting is what the file says about GPUs.
type Hosting struct {
	Halls     []hosting.Hall
	Contracts []hosting.Contract
	Load      *Load // nil: tenants of a replay use nothing

	Engine   *Engine        // nil: none is declared
	Networks []netip.Prefix // of agents and meters; empty: those of Control
	Agents   []GPUAgent
	Meters   []HallMeter
}

// Engine is how a compute engine is reached. Which fields count depends on its kind.
type Engine struct {
	Kind      string // slurm, kueue, virtual
	Address   string
	User      string
	TokenFile string
	CAFile    string
	Command   []string
	Shell     bool
	License   string
	Granule   unit.Power // 0: the driver's own
	GPU       unit.Power
	Budget    unit.Power // 0: not compared
	Namespace string
	Reserve   string
	Boost     bool
	Domain    string
	Queues    map[string]string // by contract; a missing one has the queue of its own name
}

// GPUAgent is the power agent of one server, or an exporter that is only read.
type GPUAgent struct {
	Node, Address, TokenFile, CAFile string
	Exporter                         bool
}

// HallMeter is one meter of a hall of GPUs and how it is read.
type HallMeter struct {
	Meter

	Place string   // hall, rack, cooling, site
	Nodes []string // of a rack
}

// Load is what tenants of a simulated hall do.
type Load struct {
	Seed        uint64
	Utilisation unit.Ratio // of the committed GPUs, on the average
	Checkpoints unit.Ratio // of warned jobs, that manage to save
}

// hosting takes the halls of GPUs and their contracts over.
func (b *builder) hosting() {
	raw := b.raw.Hosting
	if raw == nil {
		return
	}
	out := &Hosting{}
	b.file.Hosting = out
	models := b.gpuModels(raw.Models)
	for _, h := range raw.Halls {
		out.Halls = append(out.Halls, b.gpuHall(h, models))
	}
	for _, c := range raw.Contracts {
		out.Contracts = append(out.Contracts, b.tenancy(c, out.Halls))
	}
	if l := raw.Load; l != nil {
		b.atMostAll(l.Where, "utilisation_percent", l.Utilisation)
		b.atMostAll(l.Where, "warned_saves_percent", l.Checkpoints)
		out.Load = &Load{Seed: uint64(l.Seed), Utilisation: l.Utilisation, Checkpoints: l.Checkpoints} //nolint:gosec // the decoder refuses negative numbers
	}
	b.running(raw, out)
	b.names("GPU hall", len(raw.Halls), func(i int) (string, where) { return out.Halls[i].Name, raw.Halls[i].Where })
	b.names("contract", len(raw.Contracts), func(i int) (string, where) { return raw.Contracts[i].Name, raw.Contracts[i].Where })
}

// atMostAll reports a share of more than all.
func (b *builder) atMostAll(w where, key string, share unit.Ratio) {
	if share > unit.One {
		b.say(w.of(key), key+" is above 100", "state a share between 0 and 100")
	}
}

// gpuModels is the catalogue and what the file adds to it.
func (b *builder) gpuModels(raw []gpuModelKeys) gpu.Models {
	all, err := gpu.StandardModels()
	if err != nil {
		b.say(place{}, "the catalogue of GPUs of this program is broken: "+err.Error(), "report it")
	}
	for _, m := range raw {
		with, err := all.With(gpu.Model{
			Name: m.Name, TDP: m.TDP, Min: m.Min, Idle: m.Idle, PerNode: m.PerNode, Node: m.Node, Empty: m.Empty, Cooling: m.Cooling, Source: m.Source,
		})
		b.claim(err, m.Where, m.Where.of("name"), map[string]bool{})
		if err == nil {
			all = with
		}
	}
	b.names("GPU model", len(raw), func(i int) (string, where) { return raw[i].Name, raw[i].Where })
	return all
}

func (b *builder) gpuHall(h gpuHallKeys, models gpu.Models) hosting.Hall {
	out := hosting.Hall{
		Name: b.hallOf(h.Hall, "a hall of GPUs", h.Where), Spare: h.Spare,
		Cooling: use.Cooling{Kind: h.Cooling, PUE0: h.PUE, PerDegree: h.PUEPerC, Threshold: h.PUEAbove},
	}
	if h.Failures != nil {
		b.file.Failures["hosting/"+out.Name] = h.Failures.read()
	}
	for _, s := range h.Servers {
		m, err := models.Lookup(s.Model)
		faulty := slices.ContainsFunc(b.raw.Hosting.Models, func(k gpuModelKeys) bool { return k.Name == s.Model }) // which is said there
		if err != nil && s.Model != "" && !faulty {
			b.say(s.Where.of("model"), fmt.Sprintf("servers %q are of model %q, which is not known", s.Name, s.Model), suggest(s.Model, models.Names(), "declare it under models"))
		}
		out.Groups = append(out.Groups, hosting.Group{Name: s.Name, Model: m, Nodes: s.Nodes, Rack: s.Rack, Limit: s.Limit, Boot: s.Boot})
	}
	b.names("group of servers", len(h.Servers), func(i int) (string, where) { return h.Servers[i].Name, h.Servers[i].Where })
	return out
}

// tenancy is one contract.
func (b *builder) tenancy(c tenancyKeys, halls []hosting.Hall) hosting.Contract {
	out := hosting.Contract{
		Name: c.Name, Tenant: cmp.Or(c.Tenant, c.Name), Version: 1, Kind: hosting.Kind(c.Kind), Class: gpu.Class(c.Work),
		GPUs: c.GPUs, Power: c.Power, Ramp: slices.Clone(c.Ramp), Price: cmp.Or(c.Price, c.PerKW), Prepaid: c.Prepaid,
		Warn: c.Warn, Grace: c.Grace, Restart: c.Restart, Saves: c.Saves,
		Capping: hosting.Capping{Slowdown: c.Slowdown, Hours: c.SlowFor},
		Renewal: c.Renewal, Deadline: c.Due, Late: c.Late, Nodes: c.Nodes,
	}
	term := b.term(c.termKeys, c.Where)
	out.Start, out.End = term.From, term.To
	out.Hall, out.Model = b.served(c, halls)
	if f := c.Flex; f != nil {
		out.Flex = hosting.Flex{Hours: f.Hours, Event: f.Event, Events: f.Events, Notice: f.Notice, Share: f.Share, Above: f.Above}
	}
	if l := c.Level; l != nil {
		out.Level = service.Level{Scope: service.Scope(l.Scope), Cap: l.Cap}
		for _, t := range l.Tiers {
			out.Level.Tiers = append(out.Level.Tiers, service.Tier{Below: t.Below, Credit: t.Credit})
		}
	}
	b.pricedOnce(c)
	if slices.ContainsFunc(halls, func(h hosting.Hall) bool { return h.Name == c.Name }) {
		b.say(c.Where.of("name"), fmt.Sprintf("contract %q has the name of a hall, whose idle servers go by it", c.Name), "rename the contract")
	}
	return out
}

// pricedOnce reports a price in the wrong unit: colocation is sold by power.
func (b *builder) pricedOnce(c tenancyKeys) {
	colocation := c.Kind == string(hosting.Colocation)
	if colocation && c.Where.has("price_per_gpu_hour") {
		b.say(c.Where.of("price_per_gpu_hour"), fmt.Sprintf("contract %q is colocation and priced by the GPU-hour", c.Name), "state price_per_kw_month")
	}
	if !colocation && c.Where.has("price_per_kw_month") {
		b.say(c.Where.of("price_per_kw_month"), fmt.Sprintf("contract %q sells GPUs and is priced by the kilowatt", c.Name), "state price_per_gpu_hour")
	}
}

// served is the hall and the model of GPU of a contract: its own, or the only ones.
func (b *builder) served(c tenancyKeys, halls []hosting.Hall) (hall, model string) {
	hall, model = c.Hall, c.Model
	if hall == "" && len(halls) == 1 {
		hall = halls[0].Name
	}
	i := slices.IndexFunc(halls, func(h hosting.Hall) bool { return h.Name == hall })
	if i < 0 {
		b.say(c.Where.place, fmt.Sprintf("contract %q is served in hall %q, in which no GPUs stand", c.Name, hall), "state one of the halls under hosting")
		return hall, model
	}
	var names []string
	for _, g := range halls[i].Groups {
		if !slices.Contains(names, g.Model.Name) {
			names = append(names, g.Model.Name)
		}
	}
	if c.Kind == string(hosting.Colocation) || slices.Contains(names, "") {
		return hall, model // the hardware is the tenant's, or a model is not known, which is said there
	}
	if model == "" && len(names) == 1 {
		model = names[0]
	}
	if !slices.Contains(names, model) {
		b.say(c.Where.of("gpu"), fmt.Sprintf("contract %q is served with GPUs %q, of which hall %q has none", c.Name, model, hall), "state one of "+strings.Join(names, ", "))
	}
	return hall, model
}

// running takes over what a hall that runs needs: its engine, agents and meters.
func (b *builder) running(raw *hostingKeys, out *Hosting) {
	for _, n := range raw.Networks {
		if p, ok := b.prefix(n, "network"); ok {
			out.Networks = append(out.Networks, p)
		}
	}
	out.Engine = b.engine(raw.Engine, out)
	first := map[string]place{}
	for _, a := range raw.Agents {
		if at, twice := first[a.Node]; twice && a.Node != "" {
			b.say(a.Where.of("node"), fmt.Sprintf("node %q has two agents, here and on line %d", a.Node, at.line), "keep one of them")
		}
		first[a.Node] = a.Where.of("node")
		if at, err := netip.ParseAddrPort(a.Address); a.Address != "" && (err != nil || at.Port() == 0) {
			b.miss(a.Where.of("address"), fmt.Sprintf("agent of %q: address %q is no IP address with a port", a.Node, a.Address), "write one such as 10.30.1.7:9410; names are never looked up")
		}
		exporter := a.Source == "dcgm-exporter"
		if a.TokenFile == "" && !exporter && !b.unread(a.Where, "token_file") {
			b.miss(a.Where.of("token_file"), fmt.Sprintf("agent of %q: no token_file", a.Node), "state the file with its token; only an exporter needs none")
		}
		out.Agents = append(out.Agents, GPUAgent{a.Node, a.Address, a.TokenFile, a.CAFile, exporter})
	}
	for _, m := range raw.Meters {
		out.Meters = append(out.Meters, b.hallMeter(m, out))
	}
	b.names("meter", len(raw.Meters), func(i int) (string, where) { return raw.Meters[i].Name, raw.Meters[i].Where })
	if len(raw.Agents)+len(raw.Meters) > 0 && len(out.Networks) == 0 && b.raw.Control == nil {
		b.say(raw.Where.place, "agents or meters are declared and no network that they are in", "state hosting.networks, such as 10.30.0.0/16")
	}
}

// engine is how the compute engine is reached; nil where none is declared.
func (b *builder) engine(raw *engineKeys, of *Hosting) *Engine {
	if raw == nil {
		return nil
	}
	e := &Engine{
		Kind: raw.Kind, Address: raw.Address, User: raw.User, TokenFile: raw.TokenFile, CAFile: raw.CAFile, Shell: raw.Shell, License: raw.License,
		Granule: raw.Granule, GPU: raw.GPU, Budget: raw.Budget, Namespace: raw.Namespace, Reserve: raw.Reserve, Boost: raw.Boost, Domain: raw.Domain, Queues: map[string]string{},
	}
	for _, w := range raw.Command {
		e.Command = append(e.Command, w.Text)
	}
	if raw.Kind == "kueue" && raw.Where.has("kind") && (!strings.HasPrefix(raw.Address, "https://") || raw.TokenFile == "") {
		b.say(raw.Where.of("kind"), "kueue is reached over https with a token", "state address, such as https://10.0.0.1:6443, and token_file")
	}
	if raw.Reserve != "" && raw.Namespace == "" {
		b.say(raw.Where.of("reserve"), "the reserve stands in no namespace", "state namespace")
	}
	if raw.Boost && (raw.Kind != "kueue" || raw.Namespace == "") {
		b.say(raw.Where.of("boost"), "boost is a gate of Kueue, which is tried in a namespace of ours", "leave it out, or state namespace")
	}
	if strings.HasPrefix(raw.Address, "http://") && raw.TokenFile != "" {
		b.say(raw.Where.of("address"), "a token is not sent in the open", "state an https address, or a socket")
	}
	for _, q := range raw.Queues {
		if _, twice := e.Queues[q.Contract]; twice {
			b.say(q.Where.of("contract"), fmt.Sprintf("contract %q has two queues", q.Contract), "keep one of them")
		}
		known := false
		for _, c := range of.Contracts {
			known = known || c.Name == q.Contract
		}
		if !known && q.Contract != "" {
			b.say(q.Where.of("contract"), fmt.Sprintf("a queue for contract %q, which is not declared", q.Contract), "name one of hosting.contracts")
		}
		e.Queues[q.Contract] = q.Queue
	}
	return e
}

// hallMeter reads how one meter is reached.
func (b *builder) hallMeter(k hallMeterKeys, of *Hosting) HallMeter {
	m := HallMeter{Place: k.Place, Meter: Meter{Name: k.Name, Of: k.Of, Template: k.Template, Port: k.Port}}
	for _, n := range k.Nodes {
		m.Nodes = append(m.Nodes, n.Text)
	}
	switch k.Place {
	case "rack":
		m.Of = cmp.Or(m.Of, k.Name)
	case "hall", "cooling":
		if m.Of == "" && len(of.Halls) == 1 {
			m.Of = of.Halls[0].Name
		}
		known := false
		for _, h := range of.Halls {
			known = known || h.Name == m.Of
		}
		if !known {
			b.say(k.Where.of("of"), fmt.Sprintf("meter %q stands in front of hall %q, in which no GPUs stand", k.Name, m.Of), "name one of hosting.halls")
		}
	}
	a, err := netip.ParseAddr(k.Address)
	if k.Address != "" && (err != nil || !a.Is4()) {
		b.miss(k.Where.of("address"), fmt.Sprintf("meter %q: address %q is not an IPv4 address", k.Name, k.Address), "write one such as 10.30.0.2; names are never looked up")
	} else {
		m.Address = a
	}
	if k.Port > math.MaxUint16 || k.Unit > math.MaxUint8 {
		b.miss(k.Where.of("address"), fmt.Sprintf("meter %q: port %d or unit %d is too high", k.Name, k.Port, k.Unit), "ports end at 65535, units at 255")
	} else {
		m.Unit = uint8(k.Unit) //nolint:gosec // checked above, and the decoder refuses less than 1
	}
	wired := meteringKeys{meterKeys: meterKeys{Where: k.Where, Name: k.Name}}
	m.Current = b.transformer(wired, "current_transformer", k.Current)
	m.Voltage = b.transformer(wired, "voltage_transformer", k.Voltage)
	return m
}
