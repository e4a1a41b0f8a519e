package sitefile

import (
	"cmp"
	"fmt"
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
		out.Load = &Load{Seed: uint64(l.Seed), Utilisation: l.Utilisation, Checkpoints: l.Checkpoints} //nolint:gosec // the decoder refuses negative numbers
	}
	b.names("GPU hall", len(raw.Halls), func(i int) (string, where) { return out.Halls[i].Name, raw.Halls[i].Where })
	b.names("contract", len(raw.Contracts), func(i int) (string, where) { return raw.Contracts[i].Name, raw.Contracts[i].Where })
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
	for _, s := range h.Servers {
		m, err := models.Lookup(s.Model)
		if err != nil && s.Model != "" {
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
	if model == "" && len(names) == 1 {
		model = names[0]
	}
	if c.Kind != string(hosting.Colocation) && !slices.Contains(names, model) {
		b.say(c.Where.of("gpu"), fmt.Sprintf("contract %q is served with GPUs %q, of which hall %q has none", c.Name, model, hall), "state one of "+strings.Join(names, ", "))
	}
	return hall, model
}
