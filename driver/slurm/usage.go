package slurm

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sluice/engine"
)

// Usage reads what ran from the accounting. Times are in whole seconds, as Slurm
// keeps them. A requeued job is one record for each of its runs.
func (s *Slurm) Usage(ctx context.Context, from, to time.Time) ([]engine.Usage, error) {
	b, err := s.by(recordRuns)
	if err != nil {
		if _, err := s.meet(ctx); err != nil {
			return nil, err
		}
		if b, err = s.by(recordRuns); err != nil {
			return nil, err
		}
	}
	runs, err := b.runs(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return usage(runs, from, to), nil
}

// usage numbers the runs of each job and keeps those of the stretch.
func usage(runs []run, from, to time.Time) []engine.Usage {
	runs = slices.DeleteFunc(slices.Clone(runs), func(x run) bool { return x.from.IsZero() || len(x.nodes) == 0 || x.state == "PENDING" })
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.job, b.job)) })
	count := map[string]int{}
	var out []engine.Usage
	for _, x := range runs {
		count[x.job]++
		if !x.from.Before(to) || !x.to.IsZero() && !x.to.After(from) {
			continue
		}
		out = append(out, engine.Usage{
			Job: x.job, Run: count[x.job], Tenant: x.account, Queue: x.partition, GPUs: x.gpus, Nodes: x.nodes, From: x.from, To: x.to, Ended: ended(x),
		})
	}
	return out
}

// ended is why a run ended. A state that is not known is a failure: it did not
// complete, and nobody said that we stopped it.
func ended(x run) engine.End {
	if x.to.IsZero() {
		return engine.StillRuns
	}
	switch x.state {
	case "COMPLETED", "COMPLETING":
		return engine.Completed
	case "CANCELLED":
		return engine.Cancelled
	case "PREEMPTED", "REQUEUED":
		return engine.Preempted
	case "NODE_FAIL":
		return engine.NodeLost
	}
	return engine.Failed
}
