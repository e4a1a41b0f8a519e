package hosting_test

import (
	"strings"
	"testing"
	"time"

	"sluice/gpu"
	"sluice/service"
	"sluice/unit"
	"sluice/use/hosting"
)

// TestContractFaults: each fault of a contract, and what is no fault.
func TestContractFaults(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		kind   hosting.Kind
		change func(*hosting.Contract)
		says   string
	}{
		"reserved":                       {hosting.Reserved, nil, ""},
		"colocation":                     {hosting.Colocation, nil, ""},
		"flexible":                       {hosting.Flexible, nil, ""},
		"on demand":                      {hosting.OnDemand, nil, ""},
		"spot":                           {hosting.Spot, nil, ""},
		"batch":                          {hosting.Batch, nil, ""},
		"a promise that no plant keeps":  {hosting.Reserved, func(c *hosting.Contract) { c.Level.Tiers[0].Below = unit.One }, ""},
		"a day of notice for four hours": {hosting.Flexible, func(c *hosting.Contract) { c.Flex.Notice = 24 * time.Hour }, ""},
		"for nothing":                    {hosting.Reserved, func(c *hosting.Contract) { c.Price = 0 }, ""},

		"a name that is none":         {hosting.Reserved, func(c *hosting.Contract) { c.Name = "Acme 1" }, "needs a name of lower-case letters"},
		"a tenant that is no account": {hosting.Reserved, func(c *hosting.Contract) { c.Tenant = "ACME" }, `tenant "ACME"`},
		"no tenant":                   {hosting.Colocation, func(c *hosting.Contract) { c.Tenant = " " }, "names no tenant"},
		"no hall":                     {hosting.Reserved, func(c *hosting.Contract) { c.Hall = "" }, "names no hall"},
		"a kind that nobody knows":    {hosting.Reserved, func(c *hosting.Contract) { c.Kind = "free" }, `kind "free"`},
		"no start":                    {hosting.Reserved, func(c *hosting.Contract) { c.Start = time.Time{} }, "has no start"},
		"an end before the start":     {hosting.Reserved, func(c *hosting.Contract) { c.End = c.Start }, "not after it starts"},
		"a negative price":            {hosting.Reserved, func(c *hosting.Contract) { c.Price = -1 }, "no negative amount"},
		"a negative risk":             {hosting.Reserved, func(c *hosting.Contract) { c.Renewal = -1 }, "no negative amount"},
		"a price in the wrong unit":   {hosting.Reserved, func(c *hosting.Contract) { c.Price = 2_500_000 * unit.Unit }, "a price beyond"},
		"a contract of billions":      {hosting.Reserved, func(c *hosting.Contract) { c.Price, c.GPUs = 100*unit.Unit, 100_001 }, "100001 units at 100.00 come to more"},
		"prepaid more than all":       {hosting.Reserved, func(c *hosting.Contract) { c.Prepaid = unit.One + 1 }, "prepaid 1.000"},
		"prepaid spot":                {hosting.Spot, func(c *hosting.Contract) { c.Prepaid = 1 }, "nothing that could be prepaid"},
		"colocation without power":    {hosting.Colocation, func(c *hosting.Contract) { c.Power = 0 }, "colocation without power"},
		"part of a kilowatt":          {hosting.Colocation, func(c *hosting.Contract) { c.Power = 1_500 }, "whole kilowatts"},
		"GPUs of another":             {hosting.Colocation, func(c *hosting.Contract) { c.GPUs = 5 }, "the hardware is the tenant's"},
		"no GPUs":                     {hosting.Spot, func(c *hosting.Contract) { c.GPUs = 0 }, "0 GPUs"},
		"no model":                    {hosting.Spot, func(c *hosting.Contract) { c.Model = "" }, "names no GPU model"},
		"GPUs by the kilowatt":        {hosting.Spot, func(c *hosting.Contract) { c.Power = 5 }, "power belongs to colocation"},
		"a ramp above one":            {hosting.Reserved, func(c *hosting.Contract) { c.Ramp = []unit.Ratio{500_000, unit.One + 1} }, "ramp of month 2"},
		"a ramp that falls":           {hosting.Reserved, func(c *hosting.Contract) { c.Ramp = []unit.Ratio{500_000, 400_000} }, "ramp falls in month 2"},
		"a ramp of spot":              {hosting.Spot, func(c *hosting.Contract) { c.Ramp = []unit.Ratio{1} }, "leave the ramp out"},
		"a negative time":             {hosting.Spot, func(c *hosting.Contract) { c.Grace = -1 }, "grace of -1ns"},
		"batch without a deadline":    {hosting.Batch, func(c *hosting.Contract) { c.Deadline = 0 }, "batch without a deadline"},
		"a deadline of spot":          {hosting.Spot, func(c *hosting.Contract) { c.Deadline = time.Hour }, "only batch has a deadline"},
		"slowed to nothing":           {hosting.Reserved, func(c *hosting.Contract) { c.Capping.Slowdown = unit.One }, "slowdown 1.000"},
		"hours of no slowdown":        {hosting.Reserved, func(c *hosting.Contract) { c.Capping.Hours = time.Hour }, "hours and no slowdown"},
		"limits on a tenant's own":    {hosting.Colocation, func(c *hosting.Contract) { c.Capping.Slowdown = 1 }, "colocation tenant cannot be limited"},
		"flexible without hours":      {hosting.Flexible, func(c *hosting.Contract) { c.Flex.Hours = 0 }, "flexible for 0s"},
		"a call longer than a year's": {hosting.Flexible, func(c *hosting.Contract) { c.Flex.Event = 51 * time.Hour }, "a call of 51h0m0s"},
		"flexible by nothing":         {hosting.Flexible, func(c *hosting.Contract) { c.Flex.Share = 0 }, "a share of 0.000"},
		"a call at a negative price":  {hosting.Flexible, func(c *hosting.Contract) { c.Flex.Above = -1 }, "flexible above"},
		"over before it works":        {hosting.Flexible, func(c *hosting.Contract) { c.Warn, c.Grace = 3*time.Hour, time.Hour }, "no power would ever be let go"},
		"flexible terms of others":    {hosting.Reserved, func(c *hosting.Contract) { c.Flex.Hours = time.Hour }, "only a flexible contract"},
		"an impossible promise":       {hosting.Reserved, func(c *hosting.Contract) { c.Level.Tiers[2].Below = 0 }, "tier 3"},
		"a promise of spot":           {hosting.Spot, func(c *hosting.Contract) { c.Level = standard() }, "promises no availability"},
		"a promise of batch":          {hosting.Batch, func(c *hosting.Contract) { c.Level = service.Level{Scope: service.Fleet, Tiers: standard().Tiers} }, "promises no availability"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := contract(c.kind)
			if c.change != nil {
				c.change(&x)
			}
			err := x.Validate()
			if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("said %v, want %q", err, c.says)
			}
		})
	}
}

func TestHallFaults(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*hosting.Hall)
		says   string
	}{
		"sound":                           {func(*hosting.Hall) {}, ""},
		"of nothing declared":             {func(h *hosting.Hall) { h.Cooling.PUE0 = 0 }, ""},
		"no name":                         {func(h *hosting.Hall) { h.Name = "" }, "has no name"},
		"a PUE below one":                 {func(h *hosting.Hall) { h.Cooling.PUE0 = 900_000 }, "marginal PUE 0.900"},
		"a cooling nobody knows":          {func(h *hosting.Hall) { h.Cooling.Kind = "ice" }, `cooling "ice"`},
		"more spare than there are":       {func(h *hosting.Hall) { h.Spare = 33 }, "33 spare nodes of 32"},
		"a group twice":                   {func(h *hosting.Hall) { h.Groups = append(h.Groups, h.Groups[0]) }, "a name of its own"},
		"no nodes":                        {func(h *hosting.Hall) { h.Groups[0].Nodes, h.Spare = 0, 0 }, "0 nodes"},
		"nodes without GPUs":              {func(h *hosting.Hall) { h.Groups[0].Model.PerNode = 0 }, "how many GPUs a node holds"},
		"a rack of no nodes":              {func(h *hosting.Hall) { h.Groups[0].Rack = 0 }, "needs the number of nodes"},
		"a rack in kilowatts":             {func(h *hosting.Hall) { h.Groups[0].Limit = 45 }, "check the unit"},
		"a model that draws nothing less": {func(h *hosting.Hall) { h.Groups[0].Model.Empty = 20_000 }, "an empty server draws"},
		"a boot of days":                  {func(h *hosting.Hall) { h.Groups[0].Boot = 48 * time.Hour }, "a boot of 48h0m0s"},
	} {
		h := hall()
		c.change(&h)
		err := h.Validate()
		if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: said %v, want %q", sentence, err, c.says)
		}
	}
}

// TestBookNamesEveryFault: all that is wrong with what a site has sold, at once.
func TestBookNamesEveryFault(t *testing.T) {
	t.Parallel()
	named := func(name string, change func(*hosting.Contract)) hosting.Contract {
		c := contract(hosting.Reserved)
		c.Name = name
		change(&c)
		return c
	}
	b := hosting.Book{
		Halls: []hosting.Hall{hall(), hall(), {Name: "west", Groups: []hosting.Group{{Name: "b", Model: gpu.Model{Name: "B200", TDP: 1000, PerNode: 8}, Nodes: 1}}}},
		Contracts: []hosting.Contract{
			named("a", func(c *hosting.Contract) { c.Hall = "east" }),
			named("b", func(c *hosting.Contract) { c.Hall = "west" }),
			named("c", func(c *hosting.Contract) { c.GPUs = 200 }),
			named("d", func(c *hosting.Contract) { c.GPUs, c.Start = 57, c.Start.Add(24*time.Hour) }),
			named("e", func(c *hosting.Contract) { c.Price, c.Level.Cap = -1, -1 }),
			named("c", func(c *hosting.Contract) { c.Start, c.GPUs = c.Start.Add(time.Hour), 1 }),
		},
		Held: []hosting.Held{{Name: "h", Hall: "gpu"}, {Name: "i", Hall: "north", Power: unit.Kilowatt, From: utc(2025, 1, 1, 0)}},
	}
	err := b.Validate()
	for _, says := range []string{
		`GPU hall "gpu" is there twice`, `contract "a": there is no GPU hall "east": use one of gpu, gpu, west`, `contract "b": hall "west" has no GPUs of model "H100 SXM": it has B200`,
		`"e": price, renewal`, `"e": no valid service level: a cap`, `contract "c" is in force twice from 2025-09-01T01:00:00Z`, `hold "h": state GPUs`, `"i": there is no GPU hall "north"`,
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not named in:\n%v", says, err)
		}
	}
	first, next := contract(hosting.Reserved), contract(hosting.Reserved)
	first.End, next.Start, next.Version = next.Start.Add(24*time.Hour), next.Start.Add(24*time.Hour), 2
	if err := (hosting.Book{Halls: []hosting.Hall{hall()}, Contracts: []hosting.Contract{next, first}}).Validate(); err != nil {
		t.Errorf("a version that follows another: %v", err)
	}
	b.Halls = b.Halls[1:]
	err = b.Validate()
	if says := `"d" in hall "gpu" does not fit: from 2025-09-02T00:00:00Z it wants 57 GPUs of H100 SXM and 55 are free; c, c hold the rest`; !strings.Contains(err.Error(), says) {
		t.Errorf("%q is not named in:\n%v", says, err)
	}
}
