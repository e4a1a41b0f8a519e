package avalon

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

func digits(v int64) string { return strconv.FormatInt(v, 10) }

// Read asks one question after the other, each for what is wanted of it. What
// cannot be read is not known; only when nothing can be read is it an error.
func (m *Miner) Read(ctx context.Context, w device.What) (device.Reading, error) {
	r := device.Reading{Asked: time.Now()}
	var errs []error
	asked := 0
	for _, step := range []struct {
		of  device.What
		ask func(context.Context, *device.Reading) error
	}{
		{device.Status | device.Power | device.Hash | device.Heat | device.Faults, m.stats},
		{device.Hash, m.summary},
		{device.Pools, m.pools},
	} {
		if w&step.of == 0 {
			continue
		}
		asked++
		if err := ctx.Err(); err != nil {
			errs = append(errs, err)
		} else if err := step.ask(ctx, &r); err != nil {
			errs = append(errs, err)
		}
	}
	if asked > 0 && len(errs) == asked {
		return device.Reading{Asked: r.Asked}, fmt.Errorf("read %s: %w", m.address.Host, errors.Join(errs...))
	}
	return r, nil
}

func (m *Miner) stats(ctx context.Context, r *device.Reading) error {
	b, err := m.blob(ctx)
	if err != nil {
		return err
	}
	b.fill(r)
	return nil
}

// summary has the mean of a minute and the shares; its other rates lie after a
// machine went to sleep.
func (m *Miner) summary(ctx context.Context, r *device.Reading) error {
	t, err := m.tree(ctx, "summary")
	if err != nil {
		return err
	}
	fillSummary(t, r)
	return nil
}

func fillSummary(t wire.Tree, r *device.Reading) {
	s := t.At("SUMMARY")
	if v, ok := s.At("MHS 1m").Whole(); ok && v >= 0 {
		r.HashMean = device.Stated(unit.Hashrate(unit.MulDiv(v, 1, 1000)))
	}
	if v, ok := s.At("Accepted").Whole(); ok && v >= 0 {
		r.Accepted = device.Stated(v)
	}
	if v, ok := s.At("Elapsed").Whole(); ok && !r.Uptime.Known && v >= 0 && v < 1<<32 {
		r.Uptime = device.Stated(time.Duration(v) * time.Second)
	}
}

// poolsMax bounds the pools, textMax texts, bytes.
const (
	poolsMax = 32
	textMax  = 256
)

// short bounds a text that a machine states.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), textMax)], "") }

func (m *Miner) pools(ctx context.Context, r *device.Reading) error {
	t, err := m.tree(ctx, "pools")
	if err != nil {
		return err
	}
	fillPools(t, r)
	return nil
}

func fillPools(t wire.Tree, r *device.Reading) {
	list := t.At("POOLS").Each()
	for _, p := range list[:min(len(list), poolsMax)] {
		pool := device.Pool{URL: short(p.At("URL").Text()), Worker: short(p.At("User").Text())}
		if s := p.At("Status").Text(); s != "" {
			pool.Alive = device.Stated(strings.EqualFold(s, "Alive"))
		}
		if yes, ok := p.At("Stratum Active").Flag(); ok {
			pool.Active = device.Stated(yes)
		}
		r.Pools = append(r.Pools, pool)
	}
}
