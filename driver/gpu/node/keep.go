package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"sluice/gpu"
)

// Restore gives GPUs of ours back the limits that were found before the first write:
// those named, or all. Each that is back is forgotten; the answer is not taken, with
// the reasons, when one could not be given back.
func (a *Agent) Restore(ctx context.Context, epoch int64, uuids ...string) (gpu.Answer, error) {
	lock, err := take(ctx, a.dir)
	if err != nil {
		return gpu.Answer{}, err
	}
	defer func() { _ = lock.Close() }()
	m, err := recall(a.dir)
	if err != nil {
		return gpu.Answer{}, err
	}
	if why := a.stale(m, "", epoch); why != "" {
		return a.refuse(why), nil
	}
	rs, err := a.Read(ctx)
	if err != nil {
		return gpu.Answer{}, err
	}
	jobs, faults := back(m, rs, uuids)
	m.Epoch = epoch
	for _, j := range jobs {
		k := m.GPUs[j.gpu.UUID]
		k.Restoring, k.Until = true, time.Time{}
		m.GPUs[j.gpu.UUID] = k
	}
	if err := m.save(a.dir); err != nil {
		return gpu.Answer{}, err
	}
	for _, j := range jobs {
		if err := a.board.Limit(ctx, j.gpu, j.limit); err != nil {
			faults = append(faults, err.Error())
			k := m.GPUs[j.gpu.UUID]
			k.Restoring = false
			m.GPUs[j.gpu.UUID] = k
			continue
		}
		delete(m.GPUs, j.gpu.UUID)
	}
	if err := m.save(a.dir); err != nil {
		return gpu.Answer{}, err
	}
	if len(faults) > 0 {
		return a.refuse(strings.Join(faults, "; ")), nil
	}
	return gpu.Answer{Node: a.node, Taken: true, At: a.now()}, nil
}

// back finds what is to be given back, and says what cannot be.
func back(m memory, rs []gpu.Reading, uuids []string) (jobs []job, faults []string) {
	for _, id := range uuids {
		if _, ours := m.GPUs[id]; !ours {
			faults = append(faults, fmt.Sprintf("the limit of GPU %q is not ours", id))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.GPUs)) {
		if len(uuids) > 0 && !slices.Contains(uuids, id) {
			continue
		}
		i := slices.IndexFunc(rs, func(r gpu.Reading) bool { return r.UUID == id })
		if i < 0 {
			faults = append(faults, fmt.Sprintf("GPU %s is gone; it had %d W before", id, int64(m.GPUs[id].Before)))
			continue
		}
		if why := forbidden(rs[i], m.GPUs[id].Before); why != "" {
			faults = append(faults, why)
			continue
		}
		jobs = append(jobs, job{rs[i], m.GPUs[id].Before})
	}
	return jobs, faults
}

// Keep looks once after the limits that are ours: those lost to a reload of the
// driver or a reboot are set again, and those whose time is up expire downwards. It
// raises nothing. Call it at the start, and every few seconds.
func (a *Agent) Keep(ctx context.Context) error {
	lock, err := take(ctx, a.dir)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	m, err := recall(a.dir)
	if err != nil || len(m.GPUs) == 0 {
		return err
	}
	rs, err := a.Read(ctx)
	if err != nil {
		return err
	}
	s := look(m, rs, a.boot(), a.now())
	if !s.changed {
		return nil
	}
	if err := s.memory.save(a.dir); err != nil {
		return err
	}
	var faults []error
	for _, j := range s.lower {
		if why := forbidden(j.gpu, j.limit); why != "" {
			faults = append(faults, errors.New(why))
			continue
		}
		faults = append(faults, a.board.Limit(ctx, j.gpu, j.limit))
	}
	return errors.Join(faults...)
}

// sight is what a look at the limits comes to.
type sight struct {
	memory  memory
	lower   []job
	trouble []string
	changed bool
}

// look compares what is kept with what is there.
func look(m memory, rs []gpu.Reading, boot string, now time.Time) sight {
	s := sight{memory: memory{Epoch: m.Epoch, Reloads: m.Reloads, Boot: m.Boot, GPUs: clone(m.GPUs)}}
	booted, lost := boot != m.Boot, false
	for _, id := range slices.Sorted(maps.Keys(m.GPUs)) {
		k := m.GPUs[id]
		i := slices.IndexFunc(rs, func(r gpu.Reading) bool { return r.UUID == id })
		if i < 0 {
			s.trouble = append(s.trouble, fmt.Sprintf("GPU %s is gone: it had %d W before ours", id, int64(k.Before)))
			continue
		}
		r := rs[i]
		if k.Restoring {
			continue
		}
		expired := !k.Until.IsZero() && !now.Before(k.Until)
		if expired {
			k.Until = time.Time{}
			if k.Back > 0 && k.Back < k.Limit {
				k.Limit = k.Back
			}
			k.Back = 0
			s.memory.GPUs[id], s.changed = k, true
		}
		switch {
		case !r.Has.Limit:
			s.trouble = append(s.trouble, fmt.Sprintf("GPU %d (%s) does not say its limit", r.Index, id))
		case r.Limit <= k.Limit:
		case expired, booted, r.Has.Default && r.Limit == r.Default:
			s.lower, s.changed = append(s.lower, job{r, k.Limit}), true
			lost = lost || !expired
		default:
			s.trouble = append(s.trouble, fmt.Sprintf("GPU %d (%s) has %d W, and ours is %d: somebody else set it", r.Index, id, int64(r.Limit), int64(k.Limit)))
		}
	}
	if booted {
		s.memory.Boot, s.changed = boot, true
	}
	if lost {
		s.memory.Reloads++
	}
	return s
}

// Report is what the agent says of its node.
func (a *Agent) Report(ctx context.Context) (gpu.Report, error) {
	rs, err := a.Read(ctx)
	if err != nil {
		return gpu.Report{}, err
	}
	out := gpu.Report{Node: a.node, Route: a.board.Route(), At: a.now(), GPUs: rs}
	m, err := recall(a.dir)
	if err != nil {
		out.Trouble = []string{plain(err.Error())}
		return out, nil
	}
	out.Epoch, out.Reloads = m.Epoch, m.Reloads
	for _, t := range look(m, rs, a.boot(), a.now()).trouble {
		out.Trouble = append(out.Trouble, plain(t))
	}
	return out, nil
}

// Kept is one GPU whose limit is ours.
type Kept struct {
	UUID   string    `json:"uuid"`
	Before int64     `json:"before_w"`
	Limit  int64     `json:"limit_w"`
	Found  time.Time `json:"found"`
	Until  time.Time `json:"until,omitzero"`
}

// Ours lists the GPUs whose limit is ours, by UUID.
func (a *Agent) Ours() ([]Kept, error) {
	m, err := recall(a.dir)
	if err != nil {
		return nil, err
	}
	var out []Kept
	for _, id := range slices.Sorted(maps.Keys(m.GPUs)) {
		k := m.GPUs[id]
		out = append(out, Kept{UUID: id, Before: int64(k.Before), Limit: int64(k.Limit), Found: k.Found, Until: k.Until})
	}
	return out, nil
}

// plain makes a text sayable.
func plain(text string) string {
	text = strings.Map(func(c rune) rune {
		if c < ' ' || !gpu.Sayable(string(c)) {
			return ' '
		}
		return c
	}, text)
	if len(text) > 250 {
		text = strings.ToValidUTF8(text[:250], "")
	}
	return text
}

// bootID is the identity of the present boot of Linux, or empty.
func bootID() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// Retire is Restore of all GPUs by the agent itself, in the epoch that it knows.
func (a *Agent) Retire(ctx context.Context) (gpu.Answer, error) {
	m, err := recall(a.dir)
	if err != nil {
		return gpu.Answer{}, err
	}
	return a.Restore(ctx, m.Epoch)
}
