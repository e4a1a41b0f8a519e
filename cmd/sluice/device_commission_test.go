package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sluice/device"
	"sluice/driver/learned"
	"sluice/driver/modbus"
	"sluice/driver/sitefile"
	"sluice/loop/commission"
	"sluice/unit"
	"sluice/use/mining"
	"sluice/world/fleet"
	meters "sluice/world/modbus"
)

// yardHall is a few machines on real sockets behind one meter that shows other load too.
type yardHall struct {
	offset  string
	secrets string
	units   []fleet.Unit
	meter   *meters.Meter
	window  time.Duration // of a commission
}

// rest is what else the meter carries.
const rest unit.Power = 41_000

func newHall(t *testing.T, c fleet.Config) yardHall {
	t.Helper()
	c.Network, c.Password, c.Offset = netip.MustParsePrefix("127.7.0.0/16"), secret, freeOffset(t)
	site, err := fleet.New(c, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	open, err := site.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- site.Serve(ctx, open) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	src, err := modbus.File("eastron-sdm630")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := meters.ParseMap(src)
	if err != nil {
		t.Fatal(err)
	}
	meter, err := meters.Start(meters.Config{Address: "127.7.9.9:0", Map: sheet, Truth: func() meters.Truth {
		sum := rest
		for _, u := range site.Units() {
			sum += u.Machine.State(time.Now()).Power
		}
		return meters.Truth{Power: sum, Voltage: 230_000, Frequency: 50_000, PowerFactor: unit.One}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := meter.Stop(); err != nil {
			t.Error(err)
		}
	})
	return yardHall{strconv.Itoa(c.Offset), write(t, "keys.csv", "*,root,"+secret+"\n"), site.Units(), meter, 320 * time.Millisecond}
}

// patiently commissions in windows of a third of a second, and in longer ones on
// a computer that is too busy to read a machine often enough in those.
func patiently(t *testing.T, commission func(window time.Duration) (said string)) {
	t.Helper()
	for window := 320 * time.Millisecond; window < 10*time.Second; window *= 2 {
		if !busy(commission(window)) {
			return
		}
	}
	t.Fatal("the computer is too busy to read a machine twice in ten seconds")
}

func busy(said string) bool { return strings.Contains(said, "not read often enough") }

// args is a commission of one machine of the hall.
func (h yardHall) args(at, out string, more ...string) []string {
	return append([]string{
		"device", "commission", at, "--network", "127.7.0.0/16", "--port-offset", h.offset, "--credentials", h.secrets, "--timeout", "2s",
		"--meter", h.meter.Addr().Addr().String(), "--meter-port", strconv.Itoa(int(h.meter.Addr().Port())), "--meter-template", "eastron-sdm630",
		"--window", h.window.String(), "--every", (h.window / 16).String(), "--out", out,
	}, more...)
}

// TestCommission learns a machine over real sockets, and its curve goes by way of
// the learned file into a site file whose plans step along it.
func TestCommission(t *testing.T) {
	t.Parallel()
	h := newHall(t, fleet.Config{Miners: 2, Seed: 3, Families: map[device.Family]int{device.LuxOS: 1}, Speed: 100, Liars: 0})
	u, out := h.units[0], filepath.Join(t.TempDir(), "learned.json")
	var told string
	patiently(t, func(window time.Duration) string {
		h.window = window
		code, all, errs := call(t, h.args(u.Address.String(), out, "--yes", "--json", "--cooling", "air", "--ambient", "18.5")...)
		if told = all; code != exitOK && !busy(errs) {
			t.Fatalf("%d: %s\n%s", code, errs, told)
		}
		return errs
	})
	r := parse[commission.Record](t, told)
	checkLearned(t, r, u)
	if kept, err := readRecord(out + ".found"); err != nil || len(kept) != 0 {
		t.Errorf("the record of what was found still holds %v, %v", kept, err)
	}
	if s := u.Machine.State(time.Now()); s.Mode != "590MHz" || s.Intent != device.Running {
		t.Errorf("left behind as %+v", s)
	}
	if all, err := learned.Load(out); err != nil || len(all) != 1 || all[0].Model != r.Model {
		t.Errorf("kept: %+v, %v", all, err)
	}
	intoSite(t, out, r.Model)
}

func checkLearned(t *testing.T, r commission.Record, u fleet.Unit) {
	t.Helper()
	off := func(v *int64, want int64) bool {
		return v == nil || max(*v-want, want-*v) > r.Resolution+want/50
	}
	if r.Verdict != commission.Learned || r.Standing != commission.ByMeter || r.Dedicated || len(r.Wakes) != 2 || len(r.Points) != 4 || r.Ambient == nil || *r.Ambient != 18_500 {
		t.Fatalf("learned %+v", r)
	}
	if off(r.Found, 2794) || off(r.Residual, 25) || r.Sleep == nil || *r.Sleep > 1000 || r.Wakes[0].Steady < r.Wakes[1].Steady {
		t.Errorf("found %v, keeps %v, sleeps after %v, wakes %+v", r.Found, r.Residual, r.Sleep, r.Wakes)
	}
	for i, p := range r.Points {
		truth := u.Machine.Spec.Presets[i]
		if p.Label != truth.Name || off(p.Metered, int64(truth.Power)) || off(p.Hash, int64(truth.Hash)) {
			t.Errorf("point %d: %+v, truth %+v", i, p, truth)
		}
	}
}

// intoSite prints the curves and reads them back as part of a site file.
func intoSite(t *testing.T, file, model string) {
	t.Helper()
	code, snippet, errs := call(t, "device", "curves", file)
	if code != exitOK {
		t.Fatalf("%d: %s", code, errs)
	}
	example, err := sitefile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	s, err := sitefile.Read(strings.NewReader(string(example)+"\n"+snippet), "site.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, snippet)
	}
	i := slices.IndexFunc(s.Models, func(m mining.Model) bool { return m.Name == model })
	if i < 0 {
		t.Fatalf("no model %q in the site:\n%s", model, snippet)
	}
	c, err := s.Models[i].Curve("LuxOS")
	if err != nil || len(c.Points) != 4 || c.Points[0].Confidence != mining.Measured {
		t.Fatalf("%+v, %v", c, err)
	}
	if steps := mining.Hull(c.Points, 5000); len(steps) < 2 {
		t.Errorf("the planner sees no step to hold a machine at: %+v", steps)
	}
}

// TestCommissionStops presses stop in the middle: the machine gets back what it had.
func TestCommissionStops(t *testing.T) {
	t.Parallel()
	h := newHall(t, fleet.Config{Miners: 1, Seed: 5, Families: map[device.Family]int{device.Braiins: 1}, Speed: 100, Liars: 0})
	u, out := h.units[0], filepath.Join(t.TempDir(), "learned.json")
	before := u.Machine.State(time.Now())
	patiently(t, func(window time.Duration) string {
		h.window = window
		code, said := h.stopped(t, h.args(u.Address.String(), out, "--yes"))
		if !busy(said) && (code != exitInterrupted || !strings.Contains(said, "order: wake") || !strings.Contains(said, "stopped after")) {
			t.Errorf("%d:\n%s", code, said)
		}
		return said
	})
	if s := u.Machine.State(time.Now().Add(time.Minute)); s.Activity != device.Running || s.Target != before.Target {
		t.Errorf("left %+v, found %+v", s, before)
	}
	if kept, err := readRecord(out + ".found"); err != nil || len(kept) != 0 {
		t.Errorf("still in the record: %v, %v", kept, err)
	}
	if all, err := learned.Load(out); err != nil || len(all) != 1 || all[0].Verdict != commission.WasStopped {
		t.Errorf("kept: %+v, %v", all, err)
	}
}

// stopped runs a command and presses stop when it says that it sends a machine to sleep.
func (h yardHall) stopped(t *testing.T, args []string) (code int, said string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	from, to := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, args, to, io.Discard)
		_ = to.Close()
	}()
	var all strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		all.Write(buf[:n])
		if strings.Contains(all.String(), "order: sleep") {
			cancel()
		}
		if err != nil {
			return <-ended, all.String()
		}
	}
}

// TestCommissionLeaves presses twice: it ends at once and says what is left.
func TestCommissionLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		can := device.Capabilities{Sleep: true, Wake: true}
		b := &bout{every: 2 * time.Millisecond, patience: time.Second, say: io.Discard, m: &met{bench: &bench{flags: &deviceFlags{timeout: time.Second}}, dev: deafDevice{can}}}
		b.plan = commission.Plan{Can: can, Found: running(), HottestMill: 90_000, Limits: commission.DefaultLimits(can, 40*time.Millisecond)}
		b.plan.Record.Address = "10.20.1.17"
		presses := make(chan os.Signal, 2)
		heard := &waiting{text: "order: sleep", then: func() { presses <- syscall.SIGINT; presses <- syscall.SIGINT }}
		b.say = heard
		_, err := b.run(t.Context(), presses)
		if !errors.Is(err, errLeft) || !strings.Contains(err.Error(), "was last told sleep") || !strings.Contains(err.Error(), "it is running and draws 3.0 kW") && !strings.Contains(err.Error(), "it is running and draws 3000 W") {
			t.Errorf("%v", err)
		}
	})
}

// waiting calls once when a text was written.
type waiting struct {
	text string
	then func()
}

func (w *waiting) Write(b []byte) (int, error) {
	if w.then != nil && strings.Contains(string(b), w.text) {
		w.then()
		w.then = nil
	}
	return len(b), nil
}

// deafDevice runs on whatever it is told.
type deafDevice struct{ can device.Capabilities }

func running() device.Reading {
	return device.Reading{Activity: device.Stated(device.Running), Power: device.Stated(unit.Power(3000)), Hash: device.Stated(unit.Hashrate(100_000))}
}

func (d deafDevice) Capabilities() device.Capabilities { return d.can }

func (d deafDevice) Read(context.Context, device.What) (device.Reading, error) { return running(), nil }

func (d deafDevice) Apply(_ context.Context, c device.Command) device.Ack {
	return device.Ack{Class: device.Accepted, Set: c}
}

func (d deafDevice) Close(context.Context) error { return nil }

// TestCommissionRefusals never write.
func TestCommissionRefusals(t *testing.T) {
	t.Parallel()
	h := newHall(t, fleet.Config{Miners: 1, Seed: 5, Families: map[device.Family]int{device.LuxOS: 1}, Speed: 100, Liars: 0})
	at, out := h.units[0].Address.String(), filepath.Join(t.TempDir(), "learned.json")
	for sentence, c := range map[string]struct {
		args []string
		says string
	}{
		"not confirmed":        {h.args(at, out), "nothing was sent"},
		"a network":            {h.args("127.7.0.0/30", out, "--yes"), "one machine"},
		"an unknown template":  {h.args(at, out, "--yes", "--meter-template", "abacus"), "abacus"},
		"a meter outside":      {h.args(at, out, "--yes", "--meter", "10.0.0.1"), "no declared"},
		"a ratio that is none": {h.args(at, out, "--yes", "--ct", "five"), "2000/5"},
		"a ratio not wanted":   {h.args(at, out, "--yes", "--ct", "2000/5"), "leave the ratios out"},
		"a hasty window":       {h.args(at, out, "--yes", "--window", "20ms"), "at least four"},
		"an odd cooling":       {h.args(at, out, "--yes", "--cooling", "wind"), "--cooling"},
		"a broken file":        {h.args(at, write(t, "broken.json", "{}\n"), "--yes"), "broken.json:1"},
		"not given back": {
			h.args(at, out, "--yes", "--record", write(t, "found.jsonl", `{"address":"`+at+`","power_w":2794}`+"\n")), "was not given back",
		},
	} {
		code, told, errs := call(t, c.args...)
		if code != exitBadInput || !strings.Contains(told+errs, c.says) {
			t.Errorf("%s: %d, want %q:\n%s%s", sentence, code, c.says, told, errs)
		}
	}
	code, told, _ := call(t, h.args(at, out, "--json")...)
	var preview struct {
		Sent  bool
		Steps []struct{ Step, Level string }
	}
	if err := json.Unmarshal([]byte(told), &preview); err != nil || code != exitOK || preview.Sent || len(preview.Steps) != 11 {
		t.Errorf("a preview: %d %v %s", code, err, told)
	}
	if s := h.units[0].Machine.State(time.Now()); s.Mode != "590MHz" || s.Intent != device.Running {
		t.Errorf("it was told something: %+v", s)
	}
	if code, _, errs := call(t, "device", "curves", write(t, "none.json", "")); code != exitBadInput || !strings.Contains(errs, "no curve") {
		t.Errorf("no curves: %d %s", code, errs)
	}
}
