package gpu

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"sluice/unit"
)

// Report is what the agent of one node says of it.
type Report struct {
	Node    string    `json:"node"`
	Route   string    `json:"route"` // "nvml" or "nvidia-smi"
	At      time.Time `json:"at"`
	Epoch   int64     `json:"epoch"`             // highest that it saw
	Reloads int       `json:"reloads"`           // how often limits of ours were lost to a reload of the driver or a reboot
	Trouble []string  `json:"trouble,omitempty"` // what a person should look at
	GPUs    []Reading `json:"gpus"`
}

// Bounds of what one node can plausibly say.
const (
	gpusMost   = 256
	textMost   = 256
	energyMost = unit.Energy(1e15) // a joule counter of 10 kW over three thousand years
)

// reading is a Reading on the wire: what is not known is not there.
type reading struct {
	Node    string       `json:"node,omitempty"`
	Index   int          `json:"index"`
	UUID    string       `json:"uuid,omitempty"`
	Model   string       `json:"model,omitempty"`
	Draw    *unit.Power  `json:"draw_w,omitempty"`
	Limit   *unit.Power  `json:"limit_w,omitempty"`
	Min     *unit.Power  `json:"min_w,omitempty"`
	Max     *unit.Power  `json:"max_w,omitempty"`
	Default *unit.Power  `json:"default_w,omitempty"`
	Energy  *unit.Energy `json:"energy_j,omitempty"`
	Busy    *unit.Ratio  `json:"busy_ppm,omitempty"`
	Capped  *bool        `json:"capped,omitempty"`
	Job     string       `json:"job,omitempty"`
	Shared  bool         `json:"shared,omitempty"`
	At      time.Time    `json:"at,omitzero"`
	Source  string       `json:"source,omitempty"`
}

// MarshalJSON writes the reading with units in its names, and without what is not known.
func (r Reading) MarshalJSON() ([]byte, error) {
	w := reading{Node: r.Node, Index: r.Index, UUID: r.UUID, Model: r.Model, Job: r.Job, Shared: r.Shared, At: r.At, Source: r.Source}
	w.Draw, w.Limit, w.Default = only(r.Has.Draw, r.Draw), only(r.Has.Limit, r.Limit), only(r.Has.Default, r.Default)
	w.Min, w.Max = only(r.Has.Range, r.Min), only(r.Has.Range, r.Max)
	w.Energy, w.Busy, w.Capped = only(r.Has.Energy, r.Energy), only(r.Has.Busy, r.Busy), only(r.Has.Capped, r.Capped)
	return json.Marshal(w)
}

func only[T any](known bool, v T) *T {
	if !known {
		return nil
	}
	return &v
}

// UnmarshalJSON reads what MarshalJSON wrote. It takes no unknown field, no watts
// that a GPU cannot have and no text that is not plain.
func (r *Reading) UnmarshalJSON(text []byte) error {
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	var w reading
	if err := in.Decode(&w); err != nil {
		return fmt.Errorf("reading of a GPU: %w", err)
	}
	out := Reading{Node: w.Node, Index: w.Index, UUID: w.UUID, Model: w.Model, Job: w.Job, Shared: w.Shared, At: w.At, Source: w.Source}
	out.Has = Has{
		Draw: known(w.Draw, &out.Draw), Limit: known(w.Limit, &out.Limit), Default: known(w.Default, &out.Default),
		Range: known(w.Min, &out.Min) && known(w.Max, &out.Max), Energy: known(w.Energy, &out.Energy),
		Busy: known(w.Busy, &out.Busy), Capped: known(w.Capped, &out.Capped),
	}
	if !out.Has.Range {
		out.Min, out.Max = 0, 0
	}
	if err := out.Validate(); err != nil {
		return err
	}
	*r = out
	return nil
}

func known[T any](from *T, to *T) bool {
	if from != nil {
		*to = *from
	}
	return from != nil
}

// Validate reports every fault of a reading at once: watts, joules and names that
// no GPU can have.
func (r Reading) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("GPU %d of %q: "+format, append([]any{r.Index, r.Node}, args...)...))
	}
	if r.Index < 0 || r.Index >= gpusMost {
		say("no node has so many GPUs")
	}
	for _, text := range []string{r.Node, r.UUID, r.Model, r.Job, r.Source} {
		if !Sayable(text) {
			say("a name of more than %d letters, or one that is not plain text", textMost)
		}
	}
	for name, p := range map[string]unit.Power{"draw": r.Draw, "limit": r.Limit, "lowest limit": r.Min, "highest limit": r.Max, "default limit": r.Default} {
		if p < 0 || p > powerMost {
			say("a %s of %d W", name, p)
		}
	}
	if r.Has.Range && (r.Min > r.Max || r.Max == 0) {
		say("limits from %d to %d W", r.Min, r.Max)
	}
	if r.Energy < 0 || r.Energy > energyMost {
		say("a counter of %d J", r.Energy)
	}
	if r.Busy < 0 || r.Busy > unit.One {
		say("busy for %v of the time", r.Busy.Float())
	}
	return errors.Join(faults...)
}

// Sayable reports whether a text from outside may be passed on: plain, and not long.
func Sayable(text string) bool {
	return len(text) <= textMost && !strings.ContainsFunc(text, func(c rune) bool { return c == unicode.ReplacementChar || !unicode.IsPrint(c) })
}

// ReadReport reads the report of an agent. It is refused whole when anything in it
// cannot be: unknown fields, more GPUs than a node has, one GPU twice.
func ReadReport(text []byte) (Report, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	var out Report
	if err := in.Decode(&out); err != nil {
		return Report{}, fmt.Errorf("report of a node: %w", err)
	}
	if in.More() {
		return Report{}, errors.New("report of a node: something follows it")
	}
	if len(out.GPUs) > gpusMost || len(out.Trouble) > gpusMost || out.Epoch < 0 || out.Reloads < 0 {
		return Report{}, errors.New("report of a node: more GPUs or troubles than a node has, or a count below zero")
	}
	for _, s := range append([]string{out.Node, out.Route}, out.Trouble...) {
		if !Sayable(s) {
			return Report{}, errors.New("report of a node: a text that is long or not plain")
		}
	}
	index, uuid := map[int]bool{}, map[string]bool{}
	for i := range out.GPUs {
		g := &out.GPUs[i]
		if index[g.Index] || g.UUID != "" && uuid[g.UUID] {
			return Report{}, fmt.Errorf("report of %q: GPU %d (%s) is there twice", out.Node, g.Index, g.UUID)
		}
		index[g.Index], uuid[g.UUID] = true, true
		g.Node = out.Node
	}
	return out, nil
}
