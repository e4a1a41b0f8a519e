package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
)

// figure is one measured number beside what it is held against.
type figure struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Text      string  `json:"text,omitempty"` // a value that is not a number
	Unit      string  `json:"unit"`
	Yardstick string  `json:"yardstick,omitempty"` // what the value is held against
	Against   float64 `json:"against,omitempty"`   // the yardstick's own value
	Ratio     float64 `json:"ratio,omitempty"`     // value by yardstick; where less is better, the reverse
	Promise   string  `json:"promise,omitempty"`
	Broken    bool    `json:"broken,omitempty"`
	How       string  `json:"how"`
}

// above holds a figure against a yardstick of which more is better.
func (f figure) above(yardstick string, against float64) figure {
	f.Yardstick, f.Against = yardstick, against
	if against != 0 {
		f.Ratio = f.Value / against
	}
	return f
}

// below holds a figure against a yardstick of which less is better.
func (f figure) below(yardstick string, against float64) figure {
	f.Yardstick, f.Against = yardstick, against
	if f.Value != 0 {
		f.Ratio = against / f.Value
	}
	return f
}

// promised notes a promise and whether it was kept.
func (f figure) promised(what string, kept bool) figure {
	f.Promise, f.Broken = what, !kept
	return f
}

// atMost promises a value of at most limit.
func (f figure) atMost(limit float64) figure {
	return f.promised("<= "+number(limit), f.Value <= limit)
}

// table is the outcome of one benchmark.
type table struct {
	Name    string   `json:"name"`
	Machine string   `json:"machine"`
	Notes   []string `json:"notes,omitempty"`
	Figures []figure `json:"figures"`
}

func newTable(name string) *table {
	return &table{Name: name, Machine: machine()}
}

// machine is the machine in general words.
func machine() string {
	return fmt.Sprintf("%d processors, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

func (t *table) add(f ...figure) { t.Figures = append(t.Figures, f...) }

func (t *table) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// broken lists the promises that were not kept.
func (t *table) broken() error {
	var faults []error
	for _, f := range t.Figures {
		if f.Broken {
			faults = append(faults, fmt.Errorf("promise broken: %s %s is %s %s, promised %s", t.Name, f.Name, f.shown(), f.Unit, f.Promise))
		}
	}
	return errors.Join(faults...)
}

// publish prints the table, writes it to its file and reports broken promises.
func (b *bench) publish(t *table) error {
	if err := t.print(b.stdout); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.out, t.Name+".json"), append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("write table %s: %w", t.Name, err)
	}
	return t.broken()
}

// print writes the table for a person.
func (t *table) print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(cells ...string) { _, _ = fmt.Fprintln(out, strings.Join(cells, "\t")) }
	_, _ = fmt.Fprintf(w, "\n%s (%s)\n", t.Name, t.Machine)
	line("figure", "value", "unit", "yardstick", "ratio", "promise")
	for _, f := range t.Figures {
		yardstick, ratio, promise := f.Yardstick, "", f.Promise
		if f.Yardstick != "" {
			yardstick += " " + number(f.Against)
		}
		if f.Ratio != 0 {
			ratio = number(f.Ratio)
		}
		switch {
		case f.Broken:
			promise += "  BROKEN"
		case promise != "":
			promise += "  kept"
		}
		line(f.Name, f.shown(), f.Unit, yardstick, ratio, promise)
	}
	err := out.Flush()
	for _, n := range t.Notes {
		_, _ = fmt.Fprintln(w, "  "+n)
	}
	return err
}

func (f figure) shown() string {
	if f.Text != "" {
		return f.Text
	}
	return number(f.Value)
}

// number writes four significant digits, and whole numbers whole.
func number(v float64) string {
	if a := math.Abs(v); v == math.Trunc(v) && a < 1e15 || a >= 10_000 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
