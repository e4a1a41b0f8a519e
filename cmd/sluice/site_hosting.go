package main

import (
	"fmt"
	"io"

	"sluice/driver/sitefile"
	"sluice/unit"
	"sluice/use/hosting"
)

// gpuHallDeclaration is one hall of GPUs.
type gpuHallDeclaration struct {
	Hall    string              `json:"hall"`
	Servers []serverDeclaration `json:"servers"`
	Power   unit.Power          `json:"power_w"`    // of the servers at full load
	Meter   unit.Power          `json:"at_meter_w"` // with their cooling, at base PUE
}

type serverDeclaration struct {
	Name  string `json:"name"`
	Model string `json:"model"`
	Nodes int    `json:"nodes"`
	GPUs  int    `json:"gpus"`
}

// contractDeclaration is one contract with a tenant.
type contractDeclaration struct {
	Name   string       `json:"name"`
	Tenant string       `json:"tenant"`
	Kind   hosting.Kind `json:"kind"`
	Hall   string       `json:"hall"`
	Model  string       `json:"model,omitempty"` // of colocation: none, the hardware is the tenant's
	GPUs   int          `json:"gpus,omitempty"`
	Power  unit.Power   `json:"critical_power_w,omitempty"` // of colocation
	Price  unit.Amount  `json:"price_micro"`                // of a GPU-hour; of colocation for a kilowatt and month
}

// declareHosting turns the hosting section into what is shown of it.
func declareHosting(h *sitefile.Hosting) (halls []gpuHallDeclaration, contracts []contractDeclaration) {
	halls, contracts = []gpuHallDeclaration{}, []contractDeclaration{}
	if h == nil {
		return halls, contracts
	}
	for _, x := range h.Halls {
		d := gpuHallDeclaration{Hall: x.Name}
		for _, g := range x.Groups {
			d.Servers = append(d.Servers, serverDeclaration{Name: g.Name, Model: g.Model.Name, Nodes: g.Nodes, GPUs: g.GPUs()})
			d.Power += g.Model.Node * unit.Power(g.Nodes)
		}
		d.Meter = d.Power.ScaleUp(max(unit.One, x.Cooling.PUE0))
		halls = append(halls, d)
	}
	for _, c := range h.Contracts {
		contracts = append(contracts, contractDeclaration{
			Name: c.Name, Tenant: c.Tenant, Kind: c.Kind, Hall: c.Hall, Model: c.Model, GPUs: c.GPUs, Power: c.Power, Price: c.Price,
		})
	}
	return halls, contracts
}

// print writes a hall for people.
func (d gpuHallDeclaration) print(w io.Writer) {
	fmt.Fprintf(w, "  GPU hall %s: %s at full load, %s at the meter\n", d.Hall, d.Power, d.Meter)
	for _, s := range d.Servers {
		fmt.Fprintf(w, "  %-20s %6d x %-32s %d GPUs\n", s.Name, s.Nodes, s.Model, s.GPUs)
	}
}

// print writes a contract for people.
func (d contractDeclaration) print(w io.Writer) {
	what, price := fmt.Sprintf("%d GPUs of %s", d.GPUs, d.Model), "a GPU-hour"
	if d.Kind == hosting.Colocation {
		what, price = d.Power.String(), "a kilowatt and month"
	}
	fmt.Fprintf(w, "  contract %-20s %-11s %s in %s at %s for %s\n", d.Name, d.Kind, what, d.Hall, d.Price, price)
}
