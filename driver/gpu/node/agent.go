package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/gpu"
	"sluice/unit"
)

// Agent is the agent of one node. It may be used from many goroutines, and beside
// other processes with the same folder: each operation has the folder to itself.
type Agent struct {
	node  string
	board Board
	dir   string
	now   func() time.Time
	boot  func() string
}

var _ gpu.Agent = (*Agent)(nil)

// Options say where and when an agent works.
type Options struct {
	Node string           // its name
	Dir  string           // where it keeps what it found
	Now  func() time.Time // nil: the clock
	Boot func() string    // identity of the present boot; nil: that of Linux
}

// New returns an agent over a board.
func New(b Board, o Options) *Agent {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Boot == nil {
		o.Boot = bootID
	}
	return &Agent{node: o.Node, board: b, dir: o.Dir, now: o.Now, boot: o.Boot}
}

// Read implements gpu.Agent.
func (a *Agent) Read(ctx context.Context) ([]gpu.Reading, error) {
	rs, err := a.board.Read(ctx)
	if err != nil {
		return nil, err
	}
	at := a.now()
	for i := range rs {
		rs[i].Node, rs[i].At = a.node, at
	}
	return rs, nil
}

// Set implements gpu.Agent. What the node refuses is an Answer that is not taken, and
// then every GPU has the limit it had; an error says that the node could not be asked
// or, by its words, that a GPU could not be put back.
func (a *Agent) Set(ctx context.Context, s gpu.Setting) (gpu.Answer, error) {
	lock, err := take(ctx, a.dir)
	if err != nil {
		return gpu.Answer{}, err
	}
	defer func() { _ = lock.Close() }()
	m, err := recall(a.dir)
	if err != nil {
		return gpu.Answer{}, err
	}
	if why := a.stale(m, s.Node, s.Epoch); why != "" {
		return a.refuse(why), nil
	}
	if s.Epoch > m.Epoch {
		m.Epoch = s.Epoch
		if err := m.save(a.dir); err != nil {
			return gpu.Answer{}, err
		}
	}
	rs, err := a.Read(ctx)
	if err != nil {
		return gpu.Answer{}, err
	}
	jobs, why := plan(rs, s, m)
	if why != "" {
		return a.refuse(why), nil
	}
	return a.carryOut(ctx, m, jobs, s.Until)
}

// stale says why an order is not this node's, or is older than another.
func (a *Agent) stale(m memory, node string, epoch int64) string {
	switch {
	case node != "" && node != a.node:
		return fmt.Sprintf("this is node %q, not %q", a.node, node)
	case epoch < 0:
		return fmt.Sprintf("epoch %d is below zero", epoch)
	case epoch < m.Epoch:
		return fmt.Sprintf("epoch %d is over: this node saw %d", epoch, m.Epoch)
	}
	return ""
}

func (a *Agent) refuse(why string) gpu.Answer {
	return gpu.Answer{Node: a.node, Why: why, At: a.now()}
}

// job is one GPU and the limit that it shall have.
type job struct {
	gpu   gpu.Reading
	limit unit.Power
}

// plan finds the GPUs of a setting and says in words what forbids it.
func plan(rs []gpu.Reading, s gpu.Setting, m memory) ([]job, string) {
	if s.Limit < 0 {
		return nil, fmt.Sprintf("a limit of %d W", int64(s.Limit))
	}
	var jobs []job
	var faults []string
	for _, r := range rs {
		if len(s.UUIDs) > 0 && !slices.Contains(s.UUIDs, r.UUID) {
			continue
		}
		limit := s.Limit
		if limit == 0 && r.Has.Default {
			limit = r.Default
		}
		if why := forbidden(r, limit); why != "" {
			faults = append(faults, why)
		}
		jobs = append(jobs, job{r, limit})
	}
	for i, id := range s.UUIDs {
		if id == "" || slices.Contains(s.UUIDs[:i], id) || !slices.ContainsFunc(rs, func(r gpu.Reading) bool { return r.UUID == id }) {
			faults = append(faults, fmt.Sprintf("GPU %q is not here, or is named twice", id))
		}
	}
	if len(jobs) == 0 && len(faults) == 0 {
		faults = []string{"the node has no GPU"}
	}
	if len(m.GPUs)+len(jobs) > 1024 {
		faults = append(faults, "limits of more than 1024 GPUs are kept: restore those that are gone by hand and take them out of limits.json")
	}
	return jobs, strings.Join(faults, "; ")
}

// forbidden says why a GPU may not be set to a limit.
func forbidden(r gpu.Reading, limit unit.Power) string {
	name := fmt.Sprintf("GPU %d (%s)", r.Index, r.UUID)
	switch {
	case r.UUID == "":
		return name + " states no UUID"
	case !r.Has.Range:
		return name + " does not state which limits it takes"
	case !r.Has.Limit || r.Limit <= 0:
		return name + " does not state its present limit, which could not be put back"
	case limit <= 0:
		return name + " does not state its default limit"
	case limit < r.Min || limit > r.Max:
		return fmt.Sprintf("%s takes %d to %d W, not %d", name, int64(r.Min), int64(r.Max), int64(limit))
	}
	return ""
}

// carryOut writes down what stands, sets every GPU, and reads them again. When one
// does not follow, all are put back.
func (a *Agent) carryOut(ctx context.Context, m memory, jobs []job, until time.Time) (gpu.Answer, error) {
	if len(m.GPUs) == 0 {
		m.Boot = a.boot() // otherwise Keep must see that it changed
	}
	before := memory{Epoch: m.Epoch, Reloads: m.Reloads, Boot: m.Boot, GPUs: clone(m.GPUs)}
	for _, j := range jobs {
		k, ours := m.GPUs[j.gpu.UUID]
		if !ours {
			k = kept{Before: j.gpu.Limit, Found: a.now(), Limit: j.gpu.Limit}
		}
		// Until all is done the lower of the two counts: who dies here leaves power down.
		k.Limit, k.Restoring, k.Back, k.Until = min(k.Limit, j.limit), false, 0, time.Time{}
		m.GPUs[j.gpu.UUID] = k
	}
	if err := m.save(a.dir); err != nil {
		return gpu.Answer{}, err
	}
	if err := a.write(ctx, jobs); err != nil {
		return a.putBack(ctx, before, jobs, err)
	}
	for _, j := range jobs {
		k := m.GPUs[j.gpu.UUID]
		k.Limit = j.limit
		if !until.IsZero() {
			k.Until = until
			if j.limit > j.gpu.Limit {
				k.Back = j.gpu.Limit
			}
		}
		m.GPUs[j.gpu.UUID] = k
	}
	if err := m.save(a.dir); err != nil {
		return gpu.Answer{}, err
	}
	return gpu.Answer{Node: a.node, Taken: true, At: a.now()}, nil
}

func clone(from map[string]kept) map[string]kept {
	out := make(map[string]kept, len(from))
	maps.Copy(out, from)
	return out
}

// write sets every GPU and reads all of them again: none may have more than it was given.
func (a *Agent) write(ctx context.Context, jobs []job) error {
	for _, j := range jobs {
		if err := a.board.Limit(ctx, j.gpu, j.limit); err != nil {
			return err
		}
	}
	rs, err := a.Read(ctx)
	if err != nil {
		return fmt.Errorf("read again what was set: %w", err)
	}
	for _, j := range jobs {
		i := slices.IndexFunc(rs, func(r gpu.Reading) bool { return r.UUID == j.gpu.UUID })
		if i < 0 || !rs[i].Has.Limit {
			return fmt.Errorf("GPU %d (%s) does not say its limit any more", j.gpu.Index, j.gpu.UUID)
		}
		if rs[i].Limit > j.limit {
			return fmt.Errorf("GPU %d (%s) took %d W without a word and has %d W", j.gpu.Index, j.gpu.UUID, int64(j.limit), int64(rs[i].Limit))
		}
	}
	return nil
}

// undoTime bounds putting back: it goes on when the caller has left.
const undoTime = 2 * time.Minute

// putBack gives every GPU of a failed setting the limit it had. What was kept becomes
// what it was, but for GPUs that could not be put back.
func (a *Agent) putBack(ctx context.Context, before memory, jobs []job, cause error) (gpu.Answer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	var stuck []error
	for _, j := range jobs {
		err := a.undo(ctx, j)
		if err == nil {
			continue
		}
		stuck = append(stuck, err)
		if _, ours := before.GPUs[j.gpu.UUID]; !ours {
			before.GPUs[j.gpu.UUID] = kept{Before: j.gpu.Limit, Found: a.now(), Limit: min(j.gpu.Limit, j.limit)}
		}
	}
	if err := before.save(a.dir); err != nil {
		stuck = append(stuck, err)
	}
	if len(stuck) > 0 {
		return gpu.Answer{}, fmt.Errorf("%w; and not every GPU could be put back: %w", cause, errors.Join(stuck...))
	}
	return a.refuse(cause.Error() + "; every GPU has the limit it had"), nil
}

// undo gives one GPU the limit it had, where it does not have it.
func (a *Agent) undo(ctx context.Context, j job) error {
	rs, err := a.Read(ctx)
	if err == nil {
		i := slices.IndexFunc(rs, func(r gpu.Reading) bool { return r.UUID == j.gpu.UUID })
		if i >= 0 && rs[i].Has.Limit && rs[i].Limit == j.gpu.Limit {
			return nil
		}
	}
	return a.board.Limit(ctx, j.gpu, j.gpu.Limit)
}
