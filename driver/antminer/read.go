package antminer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// wakes is how long after its start a machine without its full hash rate is
// taken to be waking.
const wakes = 15 * time.Minute

// gathering is one reading in the making.
type gathering struct {
	miner   *Miner
	web     *session
	reading device.Reading
	mode    device.Value[int64]
	page    bool // the page with the summary was read
	got     bool // anything was
	errs    []error
}

// Read asks the configuration for the intent and the cgminer interface for the
// effect, and the web page for what that leaves open. What cannot be read is
// not known; only when nothing can be read is it an error.
func (m *Miner) Read(ctx context.Context, w device.What) (device.Reading, error) {
	g := &gathering{miner: m, web: m.session(), reading: device.Reading{Asked: time.Now()}}
	for _, step := range []struct {
		of  device.What
		ask func(context.Context)
	}{
		{device.Status, g.conf},
		{device.Status | device.Hash | device.Power | device.Heat, g.stats},
		{device.Status | device.Hash, g.summary},
		{device.Power, g.power},
		{device.Faults, g.faults},
		{device.Pools, g.pools},
	} {
		if w&step.of == 0 {
			continue
		}
		if ctx.Err() != nil {
			g.errs = append(g.errs, ctx.Err())
			break
		}
		step.ask(ctx)
	}
	if !g.got {
		return device.Reading{Asked: g.reading.Asked}, fmt.Errorf("read %s: %w", m.address.Host, errors.Join(g.errs...))
	}
	g.judge()
	return g.reading, nil
}

// note keeps an error and reports whether there was none.
func (g *gathering) note(err error) bool {
	if err != nil {
		g.errs = append(g.errs, err)
		return false
	}
	g.got = true
	return true
}

func (g *gathering) conf(ctx context.Context) {
	b, err := g.web.page(ctx, pageConf)
	if !g.note(err) {
		return
	}
	c, err := readConf(b)
	if !g.note(err) {
		return
	}
	if g.mode = c.mode(); !g.mode.Known {
		return
	}
	g.reading.Mode = device.Stated(modeName(g.mode.Value))
	switch g.mode.Value {
	case normal, high, low:
		g.reading.Intent = device.Stated(device.Running)
	case sleeping:
		g.reading.Intent = device.Stated(device.Asleep)
	}
}

func (g *gathering) stats(ctx context.Context) {
	if t, err := g.miner.rpc(ctx, askStats); g.note(err) {
		readStats(t, &g.reading)
	}
}

func (g *gathering) summary(ctx context.Context) {
	t, err := g.miner.rpc(ctx, askSummary)
	if g.note(err) {
		readSummary(t, &g.reading)
	}
	if !g.reading.Hash.Known && ctx.Err() == nil {
		g.summaryPage(ctx)
	}
}

// summaryPage asks the web for what some machines do not say on the cgminer
// interface while asleep.
func (g *gathering) summaryPage(ctx context.Context) {
	if g.page {
		return
	}
	g.page = true
	b, err := g.web.page(ctx, pageSummary)
	if !g.note(err) {
		return
	}
	if t, err := wire.Parse(b); g.note(err) {
		readSummary(t, &g.reading)
	}
}

func (g *gathering) power(ctx context.Context) {
	if !g.reading.Power.Known && g.miner.asksPage {
		g.reading.Power = g.miner.powerPage(ctx, g.web)
		g.got = g.got || g.reading.Power.Known
	}
}

func (g *gathering) faults(ctx context.Context) {
	g.summaryPage(ctx)
	if !g.miner.asksPage || ctx.Err() != nil {
		return
	}
	if b, err := g.web.beside(g.miner).page(ctx, pageWarning); g.note(err) {
		readWarning(b, &g.reading)
	}
}

func (g *gathering) pools(ctx context.Context) {
	if t, err := g.miner.rpc(ctx, askPools); g.note(err) {
		readPools(t, &g.reading)
	}
}

// judge says what the machine is doing, from its intent and the effect. A hash
// rate of zero alone is no sleep, and a mode alone is none either.
func (g *gathering) judge() {
	r := &g.reading
	if !r.Hash.Known {
		return
	}
	young := r.Uptime.Known && r.Uptime.Value < wakes
	switch {
	case r.Hash.Value == 0 && r.Intent.Known && r.Intent.Value == device.Asleep:
		r.Activity = device.Stated(device.Asleep)
	case r.Hash.Value == 0 && young && r.Intent.Known:
		r.Activity = device.Stated(device.Waking)
	case r.Hash.Value == 0:
	case young && r.Ideal.Known && r.Hash.Value < r.Ideal.Value/10*9:
		r.Activity = device.Stated(device.Waking)
	default:
		r.Activity = device.Stated(device.Running)
	}
}

// powerPage asks the undocumented page for watts.
func (m *Miner) powerPage(ctx context.Context, s *session) device.Value[unit.Power] {
	b, err := s.beside(m).page(ctx, pagePower)
	if err != nil {
		return device.Value[unit.Power]{}
	}
	return readPower(b)
}
