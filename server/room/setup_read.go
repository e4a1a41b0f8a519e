package room

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/device"
	"sluice/use/mining"
)

// readAtOnce is how many machines are opened at the same time.
const readAtOnce = 16

// read opens each machine that was found and reads it. Nothing is written.
func (j *job) read(ctx context.Context, dialects []device.Driver, patience time.Duration) error {
	all := j.now().Machines
	j.set(func(v *Job) { v.Phase, v.Done, v.Total = "reading", 0, len(all) })
	slots := make(chan struct{}, readAtOnce)
	var workers sync.WaitGroup
	defer workers.Wait()
	for i, m := range all {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		workers.Go(func() {
			defer func() { <-slots }()
			j.meet(ctx, dialects, patience, &m)
			j.set(func(v *Job) {
				v.Machines[i] = m
				v.Pools = pools(v.Pools, m.pools)
				v.Done++
				v.Models = models(v.Machines)
			})
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// meet opens one machine with its credential and reads it. Who answers is asked again, by
// each dialect: a credential is told to who is known and to nobody else.
func (j *job) meet(ctx context.Context, dialects []device.Driver, patience time.Duration, m *FoundMachine) {
	ctx, stop := context.WithTimeout(ctx, 4*patience)
	defer stop()
	at := device.Address{Host: m.Address}
	m.Opened = new(false)
	for _, d := range dialects {
		id, err := d.Probe(ctx, at)
		if err != nil || string(id.Family) != m.Family {
			continue
		}
		key, err := j.book.For(id, at)
		if err == nil {
			err = m.look(ctx, d, at, id, key)
		}
		if err != nil {
			m.Fault = line(err)
		}
		return
	}
	m.Fault = "it did not answer again"
}

// look reads one machine.
func (m *FoundMachine) look(ctx context.Context, d device.Driver, at device.Address, id device.Identity, key device.Credential) error {
	x, err := d.Open(ctx, at, id, key)
	if err != nil {
		return err
	}
	defer x.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the session ends by itself too
	r, err := x.Read(ctx, device.Status|device.Power|device.Hash|device.Pools)
	if err != nil {
		return err
	}
	m.Opened = new(true)
	m.pools = r.Pools
	if r.Power.Known && r.Power.Value > 0 {
		m.Power = new(int64(r.Power.Value))
	}
	for _, h := range []device.Value[int64]{stated(r.Ideal), stated(r.HashMean), stated(r.Hash)} {
		if h.Known && h.Value > 0 {
			m.Hash = new(h.Value)
			break
		}
	}
	return nil
}

func stated[T ~int64](v device.Value[T]) device.Value[int64] {
	return device.Value[int64]{Value: int64(v.Value), Known: v.Known}
}

// models counts machines by family and model.
func models(all []FoundMachine) []FoundModel {
	catalogue, err := mining.Standard()
	at := map[[2]string]int{}
	out := []FoundModel{}
	var power, hash [][]int64
	for _, m := range all {
		k := [2]string{m.Family, m.Model}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			x := FoundModel{Family: m.Family, Model: m.Model}
			if err == nil {
				x.Catalogue = catalogued(catalogue, m.Family, m.Model)
			}
			out, power, hash = append(out, x), append(power, nil), append(hash, nil)
		}
		out[i].Count++
		if m.Opened != nil && *m.Opened {
			out[i].Opened++
		} else if m.Opened != nil {
			out[i].Refused++
		}
		if m.Power != nil && m.Hash != nil {
			power[i], hash[i] = append(power[i], *m.Power), append(hash[i], *m.Hash)
		}
	}
	for i := range out {
		out[i].Power, out[i].Hash = middle(power[i]), middle(hash[i])
	}
	slices.SortStableFunc(out, func(a, b FoundModel) int { return b.Count - a.Count })
	return out
}

// middle is the middle one of some values; nil: there are none.
func middle(all []int64) *int64 {
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	return new(all[len(all)/2])
}

// catalogued is the name in the catalogue of a model as machines state it; empty: it has
// none that is surely it.
func catalogued(c mining.Catalogue, family, model string) string {
	bare, _, _ := strings.Cut(model, "_") // of WhatsMiners the hardware version stands behind it
	tries := []string{model, "Antminer " + strings.TrimPrefix(model, "Antminer ")}
	for _, maker := range map[string][]string{"whatsminer": {"WhatsMiner "}, "avalon": {"Avalon ", "Avalon A"}}[family] {
		tries = append(tries, maker+bare)
	}
	for _, name := range tries {
		if name == "" {
			continue
		}
		if m, err := c.Lookup(name); err == nil && m.Rated() {
			return m.Name
		}
	}
	return ""
}

// poolsMost is how many pools are told apart.
const poolsMost = 20

// pools adds those of a machine. Of a worker the part before the first point is the
// account, and what follows is the machine's own name.
func pools(all []PoolSeen, of []device.Pool) []PoolSeen {
	all = slices.Clone(all)
	for _, p := range of {
		account, _, _ := strings.Cut(p.Worker, ".")
		x := PoolSeen{URL: p.URL, Worker: account + ".*"}
		if strings.Contains(p.URL, ":") && account != "" && len(all) < poolsMost && !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}
