package gpu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"sluice/driver/wire"
	port "sluice/gpu"
	"sluice/unit"
)

// The fields of DCGM that are read. The limits are not in its default set; the
// violation counter is commented out there and shows the limit at work.
const (
	fieldDraw     = "DCGM_FI_DEV_POWER_USAGE"              // W
	fieldEnergy   = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" // mJ since the driver was loaded
	fieldBusy     = "DCGM_FI_DEV_GPU_UTIL"                 // percent
	fieldActive   = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"        // share
	fieldCapped   = "DCGM_FI_DEV_POWER_VIOLATION"          // time in which power held it back, counter
	fieldLimit    = "DCGM_FI_DEV_POWER_MGMT_LIMIT"         // W
	fieldEnforced = "DCGM_FI_DEV_ENFORCED_POWER_LIMIT"     // W
	fieldMin      = "DCGM_FI_DEV_POWER_MGMT_LIMIT_MIN"     // W
	fieldMax      = "DCGM_FI_DEV_POWER_MGMT_LIMIT_MAX"     // W
	fieldDefault  = "DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF"     // W
)

func fields() []string {
	return []string{fieldDraw, fieldEnergy, fieldBusy, fieldActive, fieldCapped, fieldLimit, fieldEnforced, fieldMin, fieldMax, fieldDefault}
}

// Exporters reads nodes on which the DCGM exporter runs. It sets nothing. It reads
// what the exporter last gathered, which may be half a minute old.
type Exporters struct {
	*client
	mu   sync.Mutex
	last map[string]float64 // violation counter by node and GPU, of the reading before
}

// NewExporters returns a reader of the exporters on nodes, all in networks that n declares.
func NewExporters(n *wire.Network, nodes []Node, o Options) (*Exporters, error) {
	c, err := newClient(n, nodes, o)
	return &Exporters{client: c, last: map[string]float64{}}, err
}

// Read reads the GPUs of all nodes that were heard, in order of the nodes, and returns
// an error that names the others. Capped is known from the second reading on.
func (e *Exporters) Read(ctx context.Context) ([]port.Reading, error) {
	all, err := each(ctx, e.client, func(ctx context.Context, n Node) ([]port.Reading, error) {
		text, err := e.ask(ctx, n, http.MethodGet, "/metrics", nil)
		if err != nil {
			return nil, err
		}
		cards, err := gather(text)
		if err != nil {
			return nil, fmt.Errorf("GPU node %q: %w: %w", n.Name, ErrSilent, err)
		}
		return e.readings(n.Name, cards, e.now())
	})
	return slices.Concat(all...), err
}

// readings turns what was gathered of a node into readings.
func (e *Exporters) readings(node string, cards []card, at time.Time) ([]port.Reading, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []port.Reading
	for _, c := range cards {
		r := c.reading()
		r.Node, r.At = node, at
		if err := r.Validate(); err != nil {
			return nil, fmt.Errorf("GPU node %q: %w: %w", node, ErrSilent, err)
		}
		if now, ok := c.values[fieldCapped]; ok {
			id := node + "/" + c.uuid
			before, known := e.last[id]
			r.Has.Capped = known && now >= before
			r.Capped = r.Has.Capped && now > before
			e.last[id] = now
		}
		out = append(out, r)
	}
	return out, nil
}

// card is what an exporter says of one GPU.
type card struct {
	index  int
	uuid   string
	model  string
	values map[string]float64
	jobs   []string // that it names, each once
	sliced bool     // into instances
}

// gather collects the samples of each GPU. Pods and jobs that share a GPU repeat its
// values: they are not added up.
func gather(text []byte) ([]card, error) {
	all, err := samples(text, func(name string) bool { return slices.Contains(fields(), name) })
	if err != nil {
		return nil, err
	}
	var cards []card
	for _, s := range all {
		index, err := strconv.Atoi(s.labels["gpu"])
		uuid := s.labels["UUID"]
		if err != nil || uuid == "" {
			return nil, fmt.Errorf("%s without the labels gpu and UUID", s.name)
		}
		i := slices.IndexFunc(cards, func(c card) bool { return c.index == index || c.uuid == uuid })
		if i < 0 {
			if len(cards) >= 256 {
				return nil, errors.New("more GPUs than a node has")
			}
			i = len(cards)
			cards = append(cards, card{index: index, uuid: uuid, model: s.labels["modelName"], values: map[string]float64{}})
		}
		c := &cards[i]
		if c.index != index || c.uuid != uuid {
			return nil, fmt.Errorf("GPU %d is %q and %q", index, c.uuid, uuid)
		}
		if !missing(s.value) && s.value >= 0 {
			c.values[s.name] = max(c.values[s.name], s.value)
		}
		c.sliced = c.sliced || s.labels["GPU_I_ID"] != ""
		if j := job(s.labels); j != "" && !slices.Contains(c.jobs, j) && len(c.jobs) < labelsMost {
			c.jobs = append(c.jobs, j)
		}
	}
	slices.SortFunc(cards, func(a, b card) int { return cmp.Compare(a.index, b.index) })
	return cards, nil
}

// job names who holds a GPU: a Slurm job, or a pod with its namespace.
func job(labels map[string]string) string {
	if j := labels["hpc_job"]; j != "" {
		return j
	}
	if labels["pod"] == "" {
		return ""
	}
	return labels["namespace"] + "/" + labels["pod"]
}

// reading is what is known of a card.
func (c card) reading() port.Reading {
	r := port.Reading{Index: c.index, UUID: c.uuid, Model: c.model, Shared: c.sliced || len(c.jobs) > 1, Source: "dcgm"}
	if len(c.jobs) == 1 {
		r.Job = c.jobs[0]
	}
	r.Draw, r.Has.Draw = c.watts(fieldDraw, math.RoundToEven)
	r.Limit, r.Has.Limit = c.watts(fieldLimit, math.RoundToEven)
	if enforced, ok := c.watts(fieldEnforced, math.RoundToEven); ok && (!r.Has.Limit || enforced < r.Limit) {
		r.Limit, r.Has.Limit = enforced, true
	}
	r.Default, r.Has.Default = c.watts(fieldDefault, math.RoundToEven)
	low, hasLow := c.watts(fieldMin, math.Ceil)
	high, hasHigh := c.watts(fieldMax, math.Floor)
	if hasLow && hasHigh {
		r.Min, r.Max, r.Has.Range = low, high, true
	}
	if v, ok := c.values[fieldEnergy]; ok && v < 1e18 {
		r.Energy, r.Has.Energy = unit.Energy(v/1000), true
	}
	if v, ok := c.values[fieldActive]; ok && v <= 1 {
		r.Busy, r.Has.Busy = unit.Ratio(unit.FromFloat(v)), true
	} else if v, ok := c.values[fieldBusy]; ok && v <= 100 {
		r.Busy, r.Has.Busy = unit.Ratio(unit.FromFloat(v/100)), true
	}
	return r
}

// watts is a field in whole watts; what no GPU draws is not known.
func (c card) watts(field string, round func(float64) float64) (unit.Power, bool) {
	v, ok := c.values[field]
	if !ok || v > 10_000 {
		return 0, false
	}
	return unit.Power(round(v)), true
}
