package live

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"sluice/books"
	"sluice/device"
	"sluice/loop/cycle"
	"sluice/series"
	"sluice/store/sqlite"
	"sluice/unit"
)

// window is a small site that runs on a real journal, and what a control room looks
// at it through.
type window struct {
	site   *Site
	store  *sqlite.Store
	remote *Remote
	folder string
}

// newWindow serves a site of four machines, which say nothing of themselves, on a
// socket. Its clock begins with laneBegin.
func newWindow(t *testing.T) window {
	t.Helper()
	folder, err := os.MkdirTemp("", "sl") //nolint:usetesting // the name of a test is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	w := window{folder: folder, remote: Dial(folder)}
	if w.store, err = sqlite.Open(t.Context(), sqlite.Config{Directory: folder}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	core, _ := lane(t, 4, Memory{})
	e := ear{told: make(chan device.Verb, 100), who: map[string]device.Identity{}}
	for _, m := range core.cfg.Machines {
		e.who[m.Name()] = m.Identity
	}
	w.site, err = Start(core, Plant{
		Clock: Virtual(laneBegin, 1), Journal: w.store, Papers: w.store, Drivers: map[device.Family]device.Driver{device.Antminer: e}, Timeout: time.Second, Version: "9.9",
		Key: func(Machine) (device.Credential, error) { return device.Credential{}, nil }, Meters: slices.Repeat([]Meter{mute{}}, len(core.cfg.Site.Meters)),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	running(t, w.site)
	w.open(t)
	return w
}

// open serves at the socket until the test ends.
func (w window) open(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	l, err := Open(ctx, w.folder)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- w.site.Serve(ctx, l) }()
	t.Cleanup(func() {
		w.remote.Close()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// hear has a machine say how it stands.
func (w window) hear(t *testing.T, i int, r device.Reading) {
	t.Helper()
	err := w.site.Do(t.Context(), func(c *Core, now time.Time) {
		r.Asked = now
		id := c.cfg.Machines[i].Identity
		w.site.handle(t.Context(), Heard{Machine: i, Asked: now, Reading: r, Other: &id})
		w.site.handle(t.Context(), Tick{})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// at is a machine that runs, or sleeps without power.
func at(p unit.Power) device.Reading {
	is := device.Running
	if p == 0 {
		is = device.Asleep
	}
	return device.Reading{
		Activity: device.Stated(is), Intent: device.Stated(is), Power: device.Stated(p), Hash: device.Stated(unit.Hashrate(p) * 60), Uptime: device.Stated(time.Hour),
		Chips: []device.Temperature{{Where: "board 0", MilliC: 61_500}, {Where: "board 1", MilliC: 64_200}},
	}
}

// name is the address of a machine.
func (w window) name(i int) string { return w.site.core.cfg.Machines[i].Name() }

// keep writes records of the site.
func (w window) keep(t *testing.T, all ...sqlite.Record) {
	t.Helper()
	for i := range all {
		all[i].Site = w.site.core.cfg.Site.Name
	}
	if err := w.store.Append(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
}

// paperStep is the interval of papers in these tests.
const paperStep = 5 * time.Minute

// turnOf is the papers of an interval in which one use drew what was planned.
func (w window) turnOf(start time.Time) cycle.Turn {
	head := cycle.Head{Version: cycle.Version, Site: w.site.core.cfg.Site.Name, Turn: start.Unix() / int64(paperStep/time.Second), At: start}
	const use = "mining/antminer-1"
	return cycle.Turn{
		Snapshot: cycle.Snapshot{Head: head, Spot: cycle.Reading[unit.Price]{Value: 41 * unit.PerMWh, Known: true, At: start.Add(-paperStep)}, Hashprice: cycle.Reading[unit.Hashprice]{Value: 50_000_000, Known: true, At: start}},
		Outlook:  cycle.Outlook{Head: head, Spot: []unit.Price{43 * unit.PerMWh}, Mesh: series.Mesh{Start: start, Lengths: []time.Duration{paperStep}}},
		Plan: cycle.Plan{
			Head: head, Mesh: series.Mesh{Start: start, Lengths: []time.Duration{paperStep}}, Price: []unit.Price{42 * unit.PerMWh},
			Uses:    []cycle.UsePlan{{Use: use, Draw: []unit.Power{9000}, Meter: []unit.Power{9450}}},
			Reasons: []cycle.Reason{{Use: use, Code: cycle.Worthwhile, Draw: 9000, Max: 12_000, Worth: 77 * unit.PerMWh, Flip: 78 * unit.PerMWh}},
			Solver:  cycle.Solver{Status: "optimal"},
		},
		Delivery: cycle.Delivery{
			Head: head, Length: paperStep, Import: 2_835_000, Peak: 9500, Source: "meter",
			Uses: []cycle.UseDelivery{{Use: use, IT: 2_700_000, Meter: 2_835_000, Cause: cycle.AsPlanned}},
		},
		Entry: cycle.Entry{
			Head: head, Currency: "USD", Spot: 40 * unit.PerMWh, Priced: true, Bitcoin: 100_000 * unit.Unit, Coins: []cycle.Coins{{Use: use, Mined: 98, Fee: 2}},
			Postings: []cycle.Posting{
				{Account: books.PowerEnergy, Amount: 30_000},
				{Account: books.AccruedPower, Amount: -30_000},
				{Account: books.Conversion("USD"), Use: use, Amount: 98_000},
				{Account: books.PoolFee, Use: use, Amount: 2000},
				{Account: books.MiningSubsidy, Use: use, Amount: -100_000},
				{Account: books.SitesOwn, Use: use, Amount: 5000},
				{Account: "Liabilities:Payable:Operation", Use: use, Amount: -5000},
				{Account: "Income:Hosting:Compute", Amount: -7000},
				{Account: "Assets:Receivable:Tenants", Amount: 7000},
			},
		},
	}
}

// file keeps the papers of a turn, as subject wrote them in a run.
func (w window) file(t *testing.T, x cycle.Turn, subject string, term int64) {
	t.Helper()
	all, err := sqlite.Papers(x, term)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Subject, all[i].Key = subject, subject+"/"+all[i].Key+"/"+time.Unix(term, 0).UTC().Format("5")
	}
	w.keep(t, all...)
}
