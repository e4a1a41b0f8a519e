package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"sluice/data"
	"sluice/driver/sitefile"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
	"sluice/world/hall"
	"sluice/world/jobs"
)

// What the orders of taking power back are compared on.
const (
	shedSeeds = 8
	shedAsks  = 12 // moments of each seed, a day and a half apart
	shedHold  = time.Hour
)

// shed takes power from the shipped hall in three orders and adds up what is lost.
func (b *bench) shed(ctx context.Context, t *table) error {
	var least, newest, largest, bound unit.Amount
	worse, asks, short := 0, 0, 0
	for seed := range uint64(shedSeeds) {
		h, contracts, err := gpuHall(seed + 1)
		if err != nil {
			return err
		}
		dice := rand.New(rand.NewPCG(seed, 5))
		h.Advance(10 * 24 * time.Hour)
		for range shedAsks {
			h.Advance(36*time.Hour + time.Duration(dice.IntN(3600))*time.Second)
			items, draw, err := itemsOf(ctx, h, contracts)
			if err != nil {
				return err
			}
			ask := shed.Ask{Power: draw * unit.Power(5+dice.IntN(25)) / 100, Within: 10 * time.Minute, Hold: shedHold, KeepFirm: true}
			best, a, c := shed.Choose(items, ask), shed.Newest(items, ask), shed.Largest(items, ask)
			if best.Short > 0 || a.Short > 0 || c.Short > 0 {
				short++ // nobody can give so much without firm tenants: nothing to compare
				continue
			}
			asks++
			least, newest, largest, bound = least+best.Cost, newest+a.Cost, largest+c.Cost, bound+best.Bound
			if best.Cost > a.Cost || best.Cost > c.Cost {
				worse++
			}
		}
	}
	how := fmt.Sprintf("%d asks for 5 to 30 %% of a hall of 850 servers for an hour within 10 minutes, seeds 1 to %d; %d more that only firm tenants could give are left out", asks, shedSeeds, short)
	t.add(
		figure{Name: "lost to tenants, least damage", Value: least.Float(), Unit: "USD", How: how}.above("lower bound", bound.Float()),
		figure{Name: "lost to tenants, newest job first", Value: newest.Float(), Unit: "USD", How: how}.above("least damage", least.Float()),
		figure{Name: "lost to tenants, largest job first", Value: largest.Float(), Unit: "USD", How: how}.above("least damage", least.Float()),
		figure{Name: "asks in which another order lost less", Value: float64(worse), Unit: fmt.Sprintf("of %d", asks), How: how}.atMost(0),
	)
	if asks == 0 {
		return errors.New("no ask could be compared")
	}
	return nil
}

// gpuHall is the shipped hall with jobs of a seed.
func gpuHall(seed uint64) (*hall.Hall, map[string]hosting.Contract, error) {
	text, err := sitefile.Example("houston-gpu")
	if err != nil {
		return nil, nil, err
	}
	f, err := sitefile.Read(bytes.NewReader(text), "houston-gpu")
	if err != nil {
		return nil, nil, err
	}
	curves, err1 := gpu.StandardCurves()
	traces, err2 := jobs.Load(data.Open)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	start := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	c := hall.Config{Start: start, Hall: f.Hosting.Halls[0], Contracts: f.Hosting.Contracts, Curves: curves, Seed: seed, Streams: map[string]*jobs.Stream{}}
	contracts := map[string]hosting.Contract{}
	for _, k := range c.Contracts {
		contracts[k.Name] = k
		s, err := traces.Stream(jobs.Config{Contract: k, Model: c.Hall.Groups[0].Model, Load: f.Hosting.Load.Utilisation, Seed: seed, From: start})
		if err != nil {
			return nil, nil, err
		}
		c.Streams[k.Name] = s
	}
	h, err := hall.New(c)
	return h, contracts, err
}

// itemsOf is every job that runs, with what can be done to it, and what the hall draws.
func itemsOf(ctx context.Context, h *hall.Hall, contracts map[string]hosting.Contract) ([]shed.Item, unit.Power, error) {
	v, err1 := h.View(ctx)
	readings, err2 := h.Read(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return nil, 0, err
	}
	watts := map[string]unit.Power{}
	for _, r := range readings {
		watts[r.Job] += r.Draw
	}
	curves, err := gpu.StandardCurves()
	if err != nil {
		return nil, 0, err
	}
	ask := shed.Ask{Within: 10 * time.Minute, Hold: shedHold}
	var out []shed.Item
	for _, j := range v.Jobs {
		c := contracts[j.Contract]
		if j.State != engine.Running || j.GPUs == 0 {
			continue
		}
		each := watts[j.ID] / unit.Power(j.GPUs)
		job := shed.Job{GPUs: j.GPUs, Draw: each, Idle: 70, Ran: v.At.Sub(j.Started), Unsaved: -1}
		if !j.Saved.IsZero() {
			job.Unsaved = v.At.Sub(j.Saved)
		}
		curve := curves.For(c.Model, c.Class)
		out = append(out, shed.Item{
			ID: j.ID, Contract: j.Contract, Tenant: j.Tenant, GPUs: j.GPUs, Nodes: j.Nodes, Firm: shed.Firm(c.Kind), Started: j.Started,
			Options: shed.Options(job, shed.TermsOf(c), shed.Feel(curve, each), ask),
		})
	}
	return out, h.Draw(), nil
}
