package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/driver/learned"
	"sluice/driver/modbus"
	"sluice/loop/commission"
	"sluice/use/mining"
)

// commissionFlags is the command line of a trial.
type commissionFlags struct {
	deviceFlags
	meter     string
	template  string
	port      int
	unit      uint8
	current   string
	voltage   string
	dedicated bool

	out     string
	record  string
	yes     bool
	levels  int
	raise   bool
	reboot  bool
	hottest float64
	ambient float64
	cooling string
	window  time.Duration
	every   time.Duration
	limit   time.Duration
}

func newDeviceCommission() *cobra.Command {
	f := &commissionFlags{}
	c := &cobra.Command{
		Use:   "commission ADDRESS",
		Short: "Learn one machine against a meter: sleep, wakes and its power curve, with a stop button",
		Long: `Puts one running machine to sleep, wakes it in every way that its firmware has,
and steps it through levels below the one found, down and up again, while a meter
looks on. It learns how long each takes, what the machine draws and hashes, and by
how much its own figures are off, and adds a line to --out. The meter may carry
other machines: then differences count, and the smallest that can be believed is
taken from how restless it is before anything is sent.

Nothing is written before the answer yes, or --yes. What the machine was found
doing is on the disk before the first order goes out. Ctrl-C is the stop button:
pressed once, what was found is given back and proven; pressed twice, the program
ends at once and says in which state it leaves the machine.
` + deviceHelp + exitHelp,
		Example: "  sluice device commission 10.20.1.17 --network 10.20.0.0/16 --credentials miners.csv \\\n    --meter 10.20.0.2 --meter-template eastron-sdm630 --out learned.json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	f.bind(c)
	c.Flags().StringVar(&f.meter, "meter", "", "IP address of the meter behind which the machine stands; none: only its own word is learned")
	c.Flags().StringVar(&f.template, "meter-template", "", "a shipped template's name, or a template file")
	c.Flags().IntVar(&f.port, "meter-port", 0, "port of the meter (default: the template's)")
	c.Flags().Uint8Var(&f.unit, "meter-unit", 0, "unit number of the meter (default: the template's)")
	c.Flags().StringVar(&f.current, "ct", "", "current transformers, such as 2000/5, where the template wants them")
	c.Flags().StringVar(&f.voltage, "vt", "", "voltage transformers, such as 20000/100, likewise")
	c.Flags().BoolVar(&f.dedicated, "meter-alone", false, "nothing but this machine is behind the meter")
	c.Flags().StringVar(&f.out, "out", "", "file to which the record is added, a line of JSON (required)")
	c.Flags().StringVar(&f.record, "record", "", "file that keeps what the machine was found doing (default: that of --out with .found)")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask for confirmation")
	c.Flags().IntVar(&f.levels, "levels", 5, "levels tried beside the one found; 0: none")
	c.Flags().BoolVar(&f.raise, "allow-raise", false, "try levels above the one found too")
	c.Flags().BoolVar(&f.reboot, "reboot-test", false, "restart it once, from its lowest level, and note the highest power of the boot")
	c.Flags().Float64Var(&f.hottest, "max-temp", 95, "stop when a sensor shows more, degrees Celsius")
	c.Flags().Float64Var(&f.ambient, "ambient", math.NaN(), "air at the inlet, degrees Celsius, when you know it")
	c.Flags().StringVar(&f.cooling, "cooling", "", "air, hydro or immersion, when you know it")
	c.Flags().DurationVar(&f.window, "window", time.Minute, "length of every mean; the baseline is eight of them")
	c.Flags().DurationVar(&f.every, "every", time.Second, "wait between two readings of the machine, and of the meter")
	c.Flags().DurationVar(&f.limit, "limit", 6*time.Hour, "longest time for everything but giving back")
	_ = c.MarkFlagRequired("out")
	return c
}

// check reports bad flags.
func (f *commissionFlags) check() error {
	var faults []error
	if f.window < 4*f.every || f.every <= 0 {
		faults = append(faults, errors.New("--window holds at least four of --every, and both are above zero"))
	}
	if f.meter == "" != (f.template == "") || f.meter == "" && (f.dedicated || f.current != "" || f.voltage != "") {
		faults = append(faults, errors.New("--meter and --meter-template go together, and what else is said of the meter goes with them"))
	}
	if f.cooling != "" && f.cooling != mining.Air && f.cooling != mining.Hydro && f.cooling != mining.Immersion {
		faults = append(faults, fmt.Errorf("--cooling %q: write %s, %s or %s", f.cooling, mining.Air, mining.Hydro, mining.Immersion))
	}
	if !(f.hottest > 0 && f.hottest < 200) || math.Abs(f.ambient) > 80 || f.limit <= 0 {
		faults = append(faults, errors.New("--max-temp lies between 0 and 200, --ambient between -80 and 80, and --limit is above zero"))
	}
	return errors.Join(faults...)
}

// run previews, asks, tries and tells.
func (f *commissionFlags) run(c *cobra.Command, target string) error {
	if err := f.check(); err != nil {
		return input(err)
	}
	b, err := f.bench()
	if err != nil {
		return err
	}
	if f.record == "" {
		f.record = f.out + ".found"
	}
	meter, err := f.openMeter(b)
	if err != nil {
		return input(err)
	}
	m, err := f.only(c.Context(), b, target)
	if err != nil {
		return err
	}
	defer m.close(c.Context())
	p, err := f.plan(m, meter)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if err := f.preview(c, m, p, meter); err != nil {
		return err
	}
	if f.asJSON && !f.yes {
		return encode(c.OutOrStdout(), outline(m, p))
	}
	if !f.yes && !confirmed(c, len(p.Steps())-1) {
		return input(errors.New("not confirmed, nothing was sent: answer yes, or give --yes"))
	}
	return f.conduct(c, m, p, meter)
}

// only finds and reads the one machine, and refuses one that an earlier trial or
// curtailment did not give back.
func (f *commissionFlags) only(ctx context.Context, b *bench, target string) (*met, error) {
	p, err := b.target(target)
	if err != nil {
		return nil, err
	}
	if !p.IsSingleIP() {
		return nil, input(fmt.Errorf("%s: give the address of one machine", target))
	}
	kept, err := readRecord(f.record)
	if err != nil {
		return nil, input(err)
	}
	if _, err := learned.Load(f.out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, input(err)
	}
	found, err := b.look(ctx, target, nil)
	if err != nil {
		return nil, err
	}
	if len(found.Found) == 0 {
		return nil, fmt.Errorf("%s: nobody answers: is it switched on, and is it the right address?", target)
	}
	m := b.meet(ctx, found.Found[0], device.All)
	if m.err != nil {
		m.close(ctx)
		return nil, fmt.Errorf("%s: %w", target, m.err)
	}
	if _, was := foundBefore(kept, &task{met: m}); was {
		m.close(ctx)
		return nil, input(fmt.Errorf("%s: %s says that it was not given back what it had: sluice device restore %s --record %s first", target, f.record, target, f.record))
	}
	return m, nil
}

// openMeter prepares the meter; nil where none is given.
func (f *commissionFlags) openMeter(b *bench) (*modbus.Meter, error) {
	if f.meter == "" {
		return nil, nil //nolint:nilnil // no meter is no error
	}
	t, err := templateOf(f.template)
	if err != nil {
		return nil, fmt.Errorf("--meter-template: %w", err)
	}
	o := modbus.Options{Host: f.meter, Port: f.port, Unit: f.unit, Timeout: min(f.timeout, 5*time.Second)}
	if o.Current, err = ratio(f.current); err != nil {
		return nil, fmt.Errorf("--ct: %w", err)
	}
	if o.Voltage, err = ratio(f.voltage); err != nil {
		return nil, fmt.Errorf("--vt: %w", err)
	}
	return modbus.New(b.network, t, o)
}

// templateOf is a shipped template, or that of a file.
func templateOf(name string) (modbus.Template, error) {
	if !strings.HasSuffix(name, ".yaml") {
		return modbus.Shipped(name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return modbus.Template{}, err
	}
	return modbus.Parse(name, text)
}

// ratio reads "2000/5".
func ratio(text string) (modbus.Transformer, error) {
	if text == "" {
		return modbus.Transformer{}, nil
	}
	a, b, _ := strings.Cut(text, "/")
	p, errP := strconv.ParseInt(a, 10, 64)
	s, errS := strconv.ParseInt(b, 10, 64)
	if errP != nil || errS != nil || p <= 0 || s <= 0 {
		return modbus.Transformer{}, fmt.Errorf("%q: write one such as 2000/5", text)
	}
	return modbus.Transformer{Primary: p, Secondary: s}, nil
}

// plan says what will be tried on a machine.
func (f *commissionFlags) plan(m *met, meter *modbus.Meter) (commission.Plan, error) {
	id := m.found.Identity
	r := commission.Record{
		At: time.Now().UTC().Truncate(time.Second), Address: m.found.Address.Host, Family: id.Family, Maker: clean(id.Maker), Model: clean(id.Model),
		Firmware: clean(id.Firmware + " " + id.Version), MAC: id.MAC, Serial: clean(id.Serial), Cooling: f.cooling,
	}
	if !math.IsNaN(f.ambient) {
		milli := int64(math.Round(f.ambient * 1000))
		r.Ambient = &milli
	}
	p := commission.Plan{
		Record: r, Can: m.can, Found: m.before, AllowRaise: f.raise, Reboot: f.reboot, Levels: f.levels,
		HottestMill: int64(f.hottest * 1000), Limits: commission.DefaultLimits(m.can, f.window),
	}
	p.Limits.Total, p.Limits.Retry = f.limit, min(p.Limits.Retry, 5*f.every)
	if meter != nil {
		p.Meter = commission.Meter{Given: true, Dedicated: f.dedicated, Step: meter.PowerStep()}
	}
	if err := p.Validate(); err != nil {
		return p, input(err)
	}
	return p, nil
}

// preview reads the meter once and says what would be done.
func (f *commissionFlags) preview(c *cobra.Command, m *met, p commission.Plan, meter *modbus.Meter) error {
	shows := "none: only what the machine says is learned"
	if meter != nil {
		r, err := meter.Read(c.Context())
		if err != nil {
			return err
		}
		if !r.Power.Known {
			return fmt.Errorf("the meter at %s states no power: %v: check its template", f.meter, r.Faults)
		}
		shows = fmt.Sprintf("%s at %s by %s", r.Power.Value, f.meter, meter.Template().Name)
	}
	if f.asJSON {
		return nil
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "machine  %s %s at %s, %s, %s\n", p.Record.Maker, p.Record.Model, p.Record.Address, p.Record.Firmware, says(m.before))
	fmt.Fprintf(w, "found    power %s, mode %s, limit %s\n", value(m.before.Power), clean(value(m.before.Mode)), value(m.before.Limit))
	fmt.Fprintf(w, "meter    %s\n", shows)
	for i, s := range p.Steps() {
		fmt.Fprintf(w, "%4d  %-30s at most %v\n", i+1, stepName(s.Step, s.Level), s.Within.Round(time.Second))
	}
	if tried, why := p.Tried(); len(tried) == 0 {
		fmt.Fprintf(w, "      no levels: %s\n", why)
	}
	effect := "all that it draws less while it sleeps"
	if m.before.Power.Known {
		effect = change(m.before.Power.Value) + " while it sleeps"
	}
	if f.raise {
		effect += ", and more than now at levels above the one found"
	} else {
		effect += ", never more than now beyond the overshoot of a wake"
	}
	fmt.Fprintf(w, "at the meter: %s; at most %v, giving back included\n", effect, p.Longest().Round(time.Minute))
	return nil
}

// outline is a preview as scripts read it.
func outline(m *met, p commission.Plan) any {
	type step struct {
		Step     commission.Step `json:"step"`
		Level    string          `json:"level,omitempty"`
		WithinMS int64           `json:"within_ms"`
	}
	var steps []step
	for _, s := range p.Steps() {
		steps = append(steps, step{s.Step, s.Level, s.Within.Milliseconds()})
	}
	return struct {
		Sent      bool        `json:"sent"`
		Machine   machineJSON `json:"machine"`
		Steps     []step      `json:"steps"`
		LongestMS int64       `json:"longest_ms"`
	}{false, asMachine(m.found), steps, p.Longest().Milliseconds()}
}

// conduct writes down what was found, tries, and keeps what was learned.
func (f *commissionFlags) conduct(c *cobra.Command, m *met, p commission.Plan, meter *modbus.Meter) error {
	t := &task{met: m, command: device.Command{Verb: device.Sleep}}
	if err := writeRecord(f.record, []*task{t}); err != nil {
		return fmt.Errorf("nothing was sent: %w", err)
	}
	presses := make(chan os.Signal, 2)
	signal.Notify(presses, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(presses)
	w := c.OutOrStdout()
	if f.asJSON {
		w = c.ErrOrStderr()
	}
	bout := &bout{m: m, meter: meter, plan: p, every: f.every, patience: max(f.timeout, 30*time.Second), say: w}
	r, err := bout.run(c.Context(), presses)
	if err != nil {
		return fmt.Errorf("%w; what it was found doing stands in %s: sluice device restore %s --record %s", err, f.record, p.Record.Address, f.record)
	}
	if len(r.NotRestored) == 0 {
		t.outcome = wasProven
	}
	kept, err := readRecord(f.record)
	err = errors.Join(err, dropRecord(f.record, kept, []*task{t}))
	if bout.orders > 0 {
		err = errors.Join(err, learned.Add(f.out, *r))
	}
	if f.asJSON {
		err = errors.Join(err, encode(c.OutOrStdout(), r))
	} else {
		tellLearned(c.OutOrStdout(), *r, f.out)
	}
	return errors.Join(err, f.judge(c.Context(), *r))
}

// judge turns a trial that taught nothing, or gave back too little, into an error.
func (f *commissionFlags) judge(ctx context.Context, r commission.Record) error {
	var faults []error
	for _, n := range r.NotRestored {
		faults = append(faults, fmt.Errorf("%s was not given back: %s: sluice device restore %s --record %s", r.Address, clean(n), r.Address, f.record))
	}
	if cause := context.Cause(ctx); cause != nil && len(faults) == 0 {
		return cause
	}
	if r.Verdict != commission.Learned {
		faults = append(faults, fmt.Errorf("%s: %s: %s", r.Address, r.Verdict, clean(r.Why)))
	}
	return errors.Join(faults...)
}

// stepName is a step for people.
func stepName(s commission.Step, level string) string {
	if level != "" {
		return fmt.Sprintf("%s %s", strings.ReplaceAll(string(s), "_", " "), clean(level))
	}
	return strings.ReplaceAll(string(s), "_", " ")
}

// tellLearned prints a record for people.
func tellLearned(w io.Writer, r commission.Record, out string) {
	unknown := func(v *int64, unit string) string {
		if v == nil {
			return "not known"
		}
		return fmt.Sprintf("%d %s", *v, unit)
	}
	seconds := func(v *int64) string {
		if v == nil {
			return "not known"
		}
		return fmt.Sprintf("%.1f s", float64(*v)/1000)
	}
	fmt.Fprintf(w, "%s after %.0f s, %s, resolution %d W, times to %.1f s\n", r.Verdict, float64(r.Took)/1000, r.Standing, r.Resolution, float64(r.Interval)/1000)
	fmt.Fprintf(w, "found     %s by meter, %s by its own word\n", unknown(r.Found, "W"), unknown(r.Stated, "W"))
	fmt.Fprintf(w, "sleep     below a tenth after %s, keeps %s\n", seconds(r.Sleep), unknown(r.Residual, "W"))
	for _, x := range r.Wakes {
		how := "wake"
		if x.Fast {
			how = "fast wake"
		}
		fmt.Fprintf(w, "%-9s dark %s, first hash %s, 90 %% %s, steady %s, overshoot %d W\n", how, seconds(&x.Dark), seconds(x.FirstHash), seconds(x.Ninety), seconds(&x.Steady), x.Overshoot)
	}
	for _, p := range r.Points {
		fmt.Fprintf(w, "level     %-12s %s by meter, %s stated, %s\n", clean(p.Label), unknown(p.Metered, "W"), unknown(p.Stated, "W"), unknown(p.Hash, "GH/s"))
	}
	if b := r.Boot; b != nil {
		fmt.Fprintf(w, "boot      at most %d W in one sample, samples at most %.1f s apart\n", b.Highest, float64(b.Interval)/1000)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note      %s\n", clean(n))
	}
	fmt.Fprintf(w, "kept in %s\n", out)
}
