package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/learned"
	"sluice/driver/modbus"
	"sluice/driver/sitefile"
	"sluice/driver/trial"
	"sluice/loop/commission"
	"sluice/server/room"
	"sluice/store/whole"
)

// What trials keep in the folder of a site.
const (
	keysName    = "keys.csv"     // credentials in the clear, of a demonstration
	learnedName = "learned.json" // what the program of the site reads when it begins
	trialsName  = "trials.json"  // the record of every trial
	foundName   = "trials.found" // what machines were found doing, until they have it back
)

// hottestUsual is the sensor temperature at which a trial ends, degrees Celsius.
const hottestUsual = 95

// roomTrials tries machines of the sites whose folders stand below a directory. It does
// what sluice device commission does, and keeps its files.
type roomTrials struct {
	dir   string        // of the control room
	every time.Duration // between two readings
	reply time.Duration // longest wait for one answer
}

func newRoomTrials(dir string) *roomTrials {
	return &roomTrials{dir: dir, every: time.Second, reply: 5 * time.Second}
}

// ground is one site as it was written down.
type ground struct {
	dir  string
	file *sitefile.File
}

// open reads the site file of a site.
func (r *roomTrials) open(site string) (*ground, error) {
	dir := filepath.Join(r.dir, "sites", filepath.Base(site))
	text, err := os.Open(filepath.Join(dir, siteYAML))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, room.ErrNoYard
	}
	if err != nil {
		return nil, err
	}
	defer text.Close() //nolint:errcheck // read only
	file, err := sitefile.Read(text, siteYAML)
	if err != nil {
		return nil, err
	}
	if file.Control == nil {
		return nil, room.ErrNoYard
	}
	return &ground{dir: dir, file: file}, nil
}

// Yard implements room.Trials.
func (r *roomTrials) Yard(site string) (room.TrialYard, error) {
	y, err := r.open(site)
	if err != nil {
		return room.TrialYard{}, err
	}
	out := room.TrialYard{Networks: y.file.Control.Networks}
	for _, m := range y.file.Control.Meters {
		out.Meters = append(out.Meters, room.TrialMeter{Name: m.Name, Kind: string(m.Kind), Of: m.Of, Template: m.Template})
	}
	if out.Kept, err = keptIn(y.path(trialsName)); err != nil {
		return out, err
	}
	if curves := learned.Curves(learned.Merge(out.Kept)); len(curves) > 0 {
		var text strings.Builder
		if err := learned.Snippet(&text, curves); err != nil {
			return out, err
		}
		out.Curves = text.String()
	}
	return out, nil
}

// keptIn are the records of a file, which need not exist.
func keptIn(name string) ([]commission.Record, error) {
	all, err := learned.Load(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return all, err
}

func (y *ground) path(name string) string { return filepath.Join(y.dir, name) }

// flags are those of sluice device commission for a trial.
func (r *roomTrials) flags(y *ground, q room.TrialOf) *commissionFlags {
	f := &commissionFlags{
		dedicated: q.Alone, out: y.path(trialsName), record: y.path(foundName), levels: q.Levels, hottest: hottestUsual, ambient: math.NaN(),
		window: q.Window, every: r.every, limit: 6 * time.Hour,
	}
	for _, n := range y.file.Control.Networks {
		f.networks = append(f.networks, n.String())
	}
	f.offset, f.timeout, f.rate, f.parallel, f.writes = y.file.Control.PortOffset, r.reply, 50, 1, true
	f.warn = func() io.Writer { return io.Discard }
	for _, name := range []string{sealedName, keysName} {
		if _, err := os.Stat(y.path(name)); err == nil {
			f.secrets = y.path(name)
			break
		}
	}
	if filepath.Base(f.secrets) == sealedName {
		f.sealKey = filepath.Join(r.dir, sealKey)
	}
	return f
}

// prepared is a machine that was met, and what would be tried on it.
type prepared struct {
	flags *commissionFlags
	met   *met
	meter *modbus.Meter
	plan  commission.Plan
}

// prepare meets the machine and reads the meter once. The caller closes what was met.
func (r *roomTrials) prepare(ctx context.Context, q room.TrialOf) (*prepared, error) {
	y, err := r.open(q.Site)
	if err != nil {
		return nil, err
	}
	p := &prepared{flags: r.flags(y, q)}
	b, err := p.flags.bench()
	if err != nil {
		return nil, err
	}
	if p.meter, err = y.meter(b, q.Meter, r.reply); err != nil {
		return nil, err
	}
	if p.meter != nil {
		if _, err := (onMeter{p.meter}).Power(ctx); err != nil {
			return nil, fmt.Errorf("meter %s: %w", q.Meter, err)
		}
	}
	if p.met, err = p.flags.only(ctx, b, q.Machine); err != nil {
		return nil, err
	}
	if p.plan, err = p.flags.plan(p.met, p.meter); err != nil {
		p.met.close(ctx)
		return nil, err
	}
	return p, nil
}

// meter opens a meter of the site by its name; nil where none is named.
func (y *ground) meter(b *bench, name string, timeout time.Duration) (*modbus.Meter, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // no meter is no error
	}
	for _, m := range y.file.Control.Meters {
		if m.Name == name {
			if strings.HasSuffix(m.Template, ".yaml") && !filepath.IsAbs(m.Template) {
				m.Template = y.path(m.Template)
			}
			return declaredMeter(b.network, y.file, m, timeout)
		}
	}
	return nil, fmt.Errorf("the site has no meter %q", name)
}

// Look implements room.Trials.
func (r *roomTrials) Look(ctx context.Context, q room.TrialOf) (commission.Plan, error) {
	p, err := r.prepare(ctx, q)
	if err != nil {
		return commission.Plan{}, err
	}
	p.met.close(ctx)
	return p.plan, nil
}

// Try implements room.Trials.
func (r *roomTrials) Try(ctx context.Context, q room.TrialOf, w room.TrialWatch) (trial.Course, error) {
	p, err := r.prepare(ctx, q)
	if err != nil {
		return trial.Course{}, err
	}
	defer p.met.close(ctx)
	found := &task{met: p.met, command: device.Command{Verb: device.Sleep}}
	if err := writeRecord(p.flags.record, []*task{found}); err != nil {
		return trial.Course{}, fmt.Errorf("nothing was sent: %w", err)
	}
	t := trial.Trial{Machine: tried{p.met}, Plan: p.plan, Every: r.every, Patience: 30 * time.Second, Tell: w.Tell}
	if p.meter != nil {
		t.Meter = onMeter{p.meter}
	}
	c, err := trial.Conduct(ctx, t, w.Stop, w.Leave)
	if c.Orders == 0 || err == nil && len(c.Record.NotRestored) == 0 {
		found.outcome = wasProven
	}
	kept, dropped := readRecord(p.flags.record)
	err = errors.Join(err, dropped, dropRecord(p.flags.record, kept, []*task{found}))
	if c.Orders > 0 && c.Record.Verdict != "" {
		err = errors.Join(err, learned.Add(p.flags.out, c.Record))
	}
	return c, err
}

// Take implements room.TrialShelf.
func (r *roomTrials) Take(site string, records []commission.Record) error {
	y, err := r.open(site)
	if err != nil {
		return err
	}
	for _, x := range records {
		if err := learned.Add(y.path(learnedName), x); err != nil {
			return err
		}
	}
	return nil
}

// shelved makes the file of what was learned in the folder of a site, unless it is there:
// the program of the site is told of it when it starts, and reads it whenever it begins anew.
func shelved(dir string) error {
	name := filepath.Join(dir, learnedName)
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return whole.Create(name, whole.Public, whole.Text(nil))
}
