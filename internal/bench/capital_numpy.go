package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/risk"
)

// sameAs is by how much the means of two programs may differ, relative.
const sameAs = 1e-9

// one is what both programs say of a future: present value, equity at the end, least
// liquidity, month in which cash runs out, and the quarters of first breaches.
type one []float64

// measures of a future that are money; what follows is counted.
const (
	worthOf = iota
	equityOf
	leastOf
	brokeOf
	moneyMeasures = brokeOf
)

// handed is the plan as the script reads it.
type handed struct {
	Plan  capital.Plan  `json:"plan"`
	Loans []model.Sized `json:"loans"`
	Grid  model.Grid    `json:"grid"`
	Weeks int           `json:"weeks"` // of power prices
	Paths int           `json:"paths"`
}

// besideNumpy runs the same futures of the same plan through a NumPy version of the
// model and compares every one of them.
func (b *bench) besideNumpy(ctx context.Context, t *table) error {
	python, why := b.withNumpy(ctx)
	if python == "" {
		t.note("NOT COMPARED with NumPy: %s", why)
		return nil
	}
	c, err := newCity(citySites)
	if err != nil {
		return err
	}
	dir := filepath.Join(b.work, "capital")
	if err := c.hand(dir, b.paths); err != nil {
		return err
	}
	ours, took, err := c.each(ctx, dir, b.paths)
	if err != nil {
		return err
	}
	theirs, said, err := askNumpy(ctx, python, dir, len(ours))
	if err != nil {
		return err
	}
	w := startWatch()
	if _, err := risk.Analyse(ctx, c.model, c.futures, b.paths); err != nil {
		return err
	}
	whole := w.stop()
	t.note("NumPy %s: test/peers/capital.py, code of its own, all futures at once, a process for each of %d processors. Its wall time holds reading the draws from files, ours drawing them, returns, fans and a thousand ties that it has not.", said.Numpy, processors())
	how := fmt.Sprintf("%d futures, the same draws; drawing took %.1f s of a processor more", b.paths, took.drawn.cpu.Seconds())
	t.add(
		figure{Name: "beside NumPy: cash flow alone, processor", Value: took.ran.cpu.Seconds(), Unit: "s", How: how}.below("NumPy", said.CPU),
		figure{Name: "beside NumPy: all of it, wall", Value: whole.wall.Seconds(), Unit: "s", How: "risk.Analyse"}.below("NumPy", said.Wall),
	)
	t.add(agree(c.model.Plan(), ours, theirs)...)
	return nil
}

// numpySaid is what the script prints.
type numpySaid struct {
	Wall, CPU float64
	Numpy     string
}

// withNumpy is a Python that has NumPy, or why there is none.
func (b *bench) withNumpy(ctx context.Context) (python, why string) {
	for _, p := range []string{b.python, "/usr/bin/python3", "python3"} {
		if exec.CommandContext(ctx, p, "-c", "import numpy").Run() == nil { //nolint:gosec // names are ours or the caller's
			return p, ""
		}
	}
	return "", fmt.Sprintf("none of %s, /usr/bin/python3 and python3 imports it: apt-get install python3-numpy", b.python)
}

// hand writes a plan, with its loans as they were sized, and its power prices.
func (c *city) hand(dir string, paths int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	raw, err := json.Marshal(handed{Plan: c.model.Plan(), Loans: c.model.Loans(), Grid: c.model.Grid(), Weeks: len(c.prices), Paths: paths})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "plan.json"), raw, 0o600); err != nil {
		return err
	}
	f, err := openRaw(dir, "power.f64")
	if err != nil {
		return err
	}
	for _, week := range c.prices {
		f.floats(week)
	}
	return f.end()
}

// raw is a file of little-endian numbers.
type raw struct {
	file *os.File
	w    *bufio.Writer
	room []byte
}

func openRaw(dir, name string) (*raw, error) {
	f, err := os.Create(filepath.Join(dir, name)) //nolint:gosec // a folder of this program
	if err != nil {
		return nil, err
	}
	return &raw{file: f, w: bufio.NewWriterSize(f, 1<<20)}, nil
}

// floats and weeks keep the first fault of the writer until its end.
func (r *raw) floats(row []float64) {
	r.room = r.room[:0]
	for _, x := range row {
		r.room = binary.LittleEndian.AppendUint64(r.room, math.Float64bits(x))
	}
	_, _ = r.w.Write(r.room)
}

func (r *raw) weeks(row []int32) {
	r.room = r.room[:0]
	for _, x := range row {
		r.room = binary.LittleEndian.AppendUint32(r.room, uint32(x)) //nolint:gosec // a week of a history
	}
	_, _ = r.w.Write(r.room)
}

func (r *raw) end() error { return errors.Join(r.w.Flush(), r.file.Close()) }

// draws are the files of what is drawn.
type draws struct {
	price, hash, rent, week, slip, overrun, fails *raw
}

func openDraws(dir string) (d draws, err error) {
	for _, f := range []struct {
		into **raw
		name string
	}{
		{&d.price, "price.f64"},
		{&d.hash, "hash.f64"},
		{&d.rent, "rent.f64"},
		{&d.week, "week.i32"},
		{&d.slip, "slip.f64"},
		{&d.overrun, "overrun.f64"},
		{&d.fails, "default.f64"},
	} {
		if *f.into, err = openRaw(dir, f.name); err != nil {
			return d, err
		}
	}
	return d, nil
}

// write adds a future.
func (d draws) write(x *risk.Future) {
	d.price.floats(x.Price)
	d.hash.floats(x.Hash)
	d.rent.floats(x.Rent)
	d.week.weeks(x.Power)
	for i := range x.Slip {
		d.slip.floats(x.Slip[i])
		d.overrun.floats(x.Overrun[i])
	}
	d.fails.floats(x.Default)
}

func (d draws) end() error {
	return errors.Join(d.price.end(), d.hash.end(), d.rent.end(), d.week.end(), d.slip.end(), d.overrun.end(), d.fails.end())
}

// laps is what drawing and computing took.
type laps struct{ drawn, ran lap }

// each draws every future, writes it down, and computes it, on one processor.
func (c *city) each(ctx context.Context, dir string, paths int) (all []one, took laps, err error) {
	d, err := openDraws(dir)
	if err != nil {
		return nil, took, err
	}
	x, r := c.futures.New(), c.model.NewRun()
	add := func(to *lap, w watch) { l := w.stop(); to.wall += l.wall; to.cpu += l.cpu }
	for n := range paths {
		w := startWatch()
		c.futures.Draw(uint64(n), x)
		add(&took.drawn, w)
		d.write(x)
		w = startWatch()
		c.model.Run(&x.Path, r)
		add(&took.ran, w)
		all = append(all, toldOf(c.model.Plan(), r))
	}
	return all, took, errors.Join(ctx.Err(), d.end())
}

// toldOf is what a run says of a future.
func toldOf(p capital.Plan, r *model.Run) one {
	out := one{risk.Value(p, risk.FreeOf(r)), r.Months[len(r.Months)-1][model.Equity], math.Inf(1), float64(r.Broke)}
	for k := range r.Months {
		out[leastOf] = min(out[leastOf], r.Months[k][model.Cash]-r.Months[k][model.Missing])
	}
	for _, c := range p.Covenants {
		first := -1.0
		for q, t := range r.Tested {
			if first < 0 && c.From <= p.Begin.Add(t.Month) && roomOf(c, t) < 0 {
				first = float64(q)
			}
		}
		out = append(out, first)
	}
	return out
}

// roomOf is how far a ratio is from its promise.
func roomOf(c capital.Covenant, t model.Ratios) float64 {
	switch c.Kind {
	case capital.CoverDSCR:
		return t.DSCR - c.Limit
	case capital.CoverLTV:
		return c.Limit - t.LTV
	}
	return t.Liquidity - c.Limit
}

// askNumpy lets the script compute the folder.
func askNumpy(ctx context.Context, python, dir string, paths int) (all []one, said numpySaid, err error) {
	var out bytes.Buffer
	c := exec.CommandContext(ctx, python, "test/peers/capital.py", dir, strconv.Itoa(processors())) //nolint:gosec // found above
	c.Stdout = &out
	c.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1")
	if _, err := execute(c); err != nil {
		return nil, said, err
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		return nil, said, fmt.Errorf("capital.py said %q: %w", out.Bytes(), err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "out.f64")) //nolint:gosec // a folder of this program
	if err != nil {
		return nil, said, err
	}
	width := len(content) / 8 / paths
	if width < brokeOf+1 || width*8*paths != len(content) {
		return nil, said, fmt.Errorf("capital.py wrote %d bytes for %d futures: %w", len(content), paths, errBroken)
	}
	for n := range paths {
		row := make(one, width)
		for i := range row {
			row[i] = math.Float64frombits(binary.LittleEndian.Uint64(content[8*(n*width+i):]))
		}
		all = append(all, row)
	}
	return all, said, nil
}

// agree holds every future of two programs against each other.
func agree(p capital.Plan, ours, theirs []one) []figure {
	names := []string{"NPV", "equity at the end", "least liquidity", "month in which cash runs out"}
	for _, c := range p.Covenants {
		names = append(names, "first breach of "+c.Name)
	}
	var out []figure
	for i, name := range names {
		if i < moneyMeasures {
			a, b, apart := means(ours, theirs, i)
			at, worst := worstApart(ours, theirs, i)
			out = append(out,
				figure{Name: "mean " + name + " beside NumPy, apart", Value: apart, Unit: "relative", How: fmt.Sprintf("%.2f and %.2f", a, b)}.atMost(sameAs),
				figure{Name: name + " of the worst future, apart", Value: worst, Unit: "relative", How: fmt.Sprintf("future %d: %.2f and %.2f; by the size of the mean or its own, whichever is larger", at, ours[at][i], theirs[at][i])},
			)
			continue
		}
		differ, some := 0, 0
		for n := range ours {
			if ours[n][i] != theirs[n][i] {
				differ++
			}
			if ours[n][i] >= 0 {
				some++
			}
		}
		out = append(out, figure{Name: name + ", futures that differ", Value: float64(differ), Unit: fmt.Sprintf("of %d", len(ours)), How: fmt.Sprintf("it happens in %d", some)}.atMost(0))
	}
	return out
}

// means are those of a measure by both, and by how much they differ.
func means(ours, theirs []one, i int) (a, b, apart float64) {
	for n := range ours {
		a += ours[n][i] / float64(len(ours))
		b += theirs[n][i] / float64(len(ours))
	}
	return a, b, math.Abs(a-b) / max(math.Abs(a), math.Abs(b), 1)
}

// worstApart is the future on which both differ most, by the size of the measure.
func worstApart(ours, theirs []one, i int) (at int, worst float64) {
	mean, _, _ := means(ours, theirs, i)
	for n := range ours {
		if x := math.Abs(ours[n][i]-theirs[n][i]) / max(math.Abs(ours[n][i]), math.Abs(mean), 1); !(x <= worst) {
			at, worst = n, x
		}
	}
	return at, worst
}
