package jobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// Config says which stream is wanted.
type Config struct {
	Contract hosting.Contract
	Model    gpu.Model     // of the contract's GPUs: its idle and its highest power
	Load     unit.Ratio    // share of the contract's GPUs that its work would keep busy if nothing ever waited
	GPUs     int           // that the share is of; 0: the contract's
	Gang     int           // GPUs for each GPU of the trace; 0: by the size of the contract
	Longest  time.Duration // of a job at full speed; 0: by the kind of contract
	Seed     uint64
	From     time.Time // first arrival
}

// Stream makes the stream of a contract: replicas that come and go with the load
// for the class inference, and jobs of the training trace for all others, with
// deadlines where the contract is batch.
//
// Source: docs/formula/hall.md.
func (t *Traces) Stream(c Config) (*Stream, error) {
	if c.GPUs == 0 {
		c.GPUs = c.Contract.GPUs
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	if c.Contract.Class == gpu.Inference || c.Contract.Class == gpu.Prefill || c.Contract.Class == gpu.Decode {
		return newStream(newReplicas(t, c), c.From), nil
	}
	return newStream(newTraining(t, c), c.From), nil
}

func (c Config) validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("jobs of contract %q: "+format, append([]any{c.Contract.Name}, args...)...))
	}
	if c.Contract.Kind == hosting.Colocation {
		say("a colocation contract has a load and no jobs: use Profile")
	}
	if c.GPUs <= 0 {
		say("its number of GPUs is not known: state what the load is a share of")
	}
	if c.Load <= 0 || c.Load > 2*unit.One {
		say("a load of %.3f of its GPUs must be above 0 and at most 2", c.Load.Float())
	}
	if c.Model.TDP <= 0 || c.Model.PerNode <= 0 {
		say("of its GPU model %q the default power limit and the GPUs in a server must be known", c.Model.Name)
	}
	if c.Contract.Kind == hosting.Batch && c.Contract.Deadline < time.Hour {
		say("its deadline of %v leaves no room for work", c.Contract.Deadline)
	}
	if c.Gang < 0 || c.Longest < 0 || c.From.Before(origin()) {
		say("gang and longest job must not be negative, and the first arrival must be stated and lie after %s", origin().Format(time.DateOnly))
	}
	return errors.Join(faults...)
}

// origin is where chunks are counted from, a Monday. Nothing may begin before it.
func origin() time.Time { return time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC) }

// random is the dice of one chunk of one contract.
func (c Config) random(chunk int) *rand.Rand {
	return rand.New(rand.NewPCG(c.Seed^Hash(c.Contract.Name), uint64(chunk))) //nolint:gosec // dice of a simulation, fixed by the seed
}

// Hash makes a number of a name (FNV-1a).
func Hash(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// The GPUs on which draws were measured, and the share of the time in which they
// idled or nearly did: below it the distribution is flat at 60 to 100 W.
const (
	measuredTDP              = 400 * unit.Watt
	measuredIdle             = 63 * unit.Watt
	idleShare     unit.Ratio = 550_000
	measuredWidth            = measuredTDP - measuredIdle
)

// draw is what a GPU draws at work: a draw of the busy part of what two clusters
// were measured to draw, carried over to the span of this model from idle to its
// default limit.
func (t *Traces) draw(r *rand.Rand, m gpu.Model) unit.Power {
	d := t.drawn[r.IntN(len(t.drawn))]
	watts := d.Quantile(idleShare + unit.Ratio(r.Int64N(int64(unit.One-idleShare))))
	above := min(max(watts-measuredIdle, 0), measuredWidth)
	return m.Idle + unit.Power(unit.MulDiv(int64(m.TDP-m.Idle), int64(above), int64(measuredWidth)))
}
