package gpu

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/unit"
)

//go:embed catalogue/models.csv
var modelsCSV string

// Models is the GPU models that are known: the shipped ones and those that a
// site has declared. It is never changed once made.
type Models struct {
	models []Model
	index  map[string]int // by key of a name, or of another name of it
}

// StandardModels is the shipped catalogue. It reads the table anew at every
// call: keep the result.
func StandardModels() (Models, error) { return ReadModels(modelsCSV) }

// ReadModels reads a catalogue from its table in CSV. Every fault is reported
// with its line, and then there is no catalogue.
func ReadModels(text string) (Models, error) {
	t := readTable("models.csv", text, "model", "also", "tdp_w", "min_w", "idle_w", "memory_gb", "per_node", "node_w", "empty_w", "cooling", "source")
	out := Models{index: map[string]int{}}
	for t.next() {
		m := Model{
			Name: t.text("model"), TDP: unit.Power(t.whole("tdp_w")), Min: unit.Power(t.whole("min_w")), Idle: unit.Power(t.whole("idle_w")),
			Memory: int(t.whole("memory_gb")), PerNode: int(t.whole("per_node")), Node: unit.Power(t.whole("node_w")), Empty: unit.Power(t.whole("empty_w")),
			Cooling: t.text("cooling"), Source: t.text("source"),
		}
		if err := m.Validate(); err != nil {
			t.say("%w", err)
		}
		names := []string{m.Name}
		if also := t.text("also"); also != "" {
			names = append(names, strings.Split(also, "|")...)
		}
		for _, n := range names {
			if _, taken := out.index[key(n)]; taken {
				t.say("name %q is there twice", n)
			}
			out.index[key(n)] = len(out.models)
		}
		out.models = append(out.models, m)
	}
	if err := errors.Join(t.faults...); err != nil {
		return Models{}, fmt.Errorf("GPU catalogue: %w", err)
	}
	return out, nil
}

// Names lists every model, in the order of the catalogue.
func (m Models) Names() []string {
	out := make([]string, len(m.models))
	for i, o := range m.models {
		out[i] = o.Name
	}
	return out
}

// Lookup returns the model of a name as people or drivers write it, such as "H100
// SXM" or "NVIDIA H100 80GB HBM3". What is not known of a model is zero.
func (m Models) Lookup(name string) (Model, error) {
	if i, ok := m.index[key(name)]; ok {
		return m.models[i], nil
	}
	return Model{}, fmt.Errorf("GPU model %q is not in the catalogue, which has %s: declare it with its name and its default power limit",
		name, strings.Join(m.Names(), ", "))
}

// With returns a catalogue that also holds a site's own models; one of a name
// that is there takes its place. All faults are reported at once.
func (m Models) With(own ...Model) (Models, error) {
	out := Models{models: slices.Clone(m.models), index: maps.Clone(m.index)}
	if out.index == nil {
		out.index = map[string]int{}
	}
	var faults []error
	seen := map[string]bool{}
	for _, o := range own {
		faults = append(faults, o.Validate())
		k := key(o.Name)
		if seen[k] {
			faults = append(faults, fmt.Errorf("GPU model %q is declared twice: give each its own name", o.Name))
		}
		seen[k] = true
		if i, ok := out.index[k]; ok && key(out.models[i].Name) == k {
			out.models[i] = o
			continue
		}
		out.index[k] = len(out.models)
		out.models = append(out.models, o)
	}
	if err := errors.Join(faults...); err != nil {
		return Models{}, err
	}
	return out, nil
}

// powerMost is more than any GPU draws, and nodeMost more than any rack.
const (
	powerMost = 10 * unit.Kilowatt
	nodeMost  = 2 * unit.Megawatt
)

// Validate reports every fault of a declared model at once. What is zero is not
// known and no fault.
func (m Model) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("GPU model %q: "+format, append([]any{m.Name}, args...)...))
	}
	if strings.TrimSpace(m.Name) == "" {
		say("has no name")
	}
	for _, p := range []unit.Power{m.TDP, m.Min, m.Idle} {
		if p < 0 || p > powerMost {
			say("%s is not the power of one GPU", p)
		}
	}
	for _, p := range []unit.Power{m.Node, m.Empty} {
		if p < 0 || p > nodeMost {
			say("%s is not the power of one server or rack", p)
		}
	}
	if m.TDP > 0 && (m.Min > m.TDP || m.Idle > m.TDP) {
		say("the lowest limit and the idle draw lie at most at the default limit, %s", m.TDP)
	}
	if m.Node > 0 && m.Empty > m.Node {
		say("an empty server draws %s and a full one %s", m.Empty, m.Node)
	}
	if m.Memory < 0 || m.PerNode < 0 || m.PerNode > 1024 {
		say("%d GB and %d GPUs in a server are not plausible", m.Memory, m.PerNode)
	}
	if m.Cooling != "" && m.Cooling != "air" && m.Cooling != "liquid" {
		say("cooling %q is not known: use air or liquid", m.Cooling)
	}
	return errors.Join(faults...)
}

// key is a name as it is compared: lower case, single blanks, no maker.
func key(name string) string {
	words := strings.Fields(strings.ToLower(name))
	for len(words) > 1 && (words[0] == "nvidia" || words[0] == "tesla") {
		words = words[1:]
	}
	return strings.Join(words, " ")
}
