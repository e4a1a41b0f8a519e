package kueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"sluice/engine"
)

// gone is a workload that was deleted, and when that was seen.
type gone struct {
	workload
	at time.Time
}

// goneMost is how many deleted workloads are remembered, the latest ones.
const goneMost = 20_000

// memory is what this process knows of workloads. A restart loses it, and with
// it only the records of jobs that were deleted before anybody asked.
type memory struct {
	mu      sync.Mutex // guards what follows
	all     map[string]workload
	version string
	live    bool // follows every change, so that no list is needed
	lost    []gone
}

// hears takes in a whole list. What is not in it any more was deleted.
func (m *memory) hears(list []workload, version string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fresh := make(map[string]workload, len(list))
	for _, w := range list {
		fresh[w.id()] = w
	}
	for id, was := range m.all {
		if is, there := fresh[id]; !there || is.UID != was.UID {
			m.bury(was, at)
		}
	}
	m.all, m.version = fresh, version
}

// bury remembers a deleted workload that ever ran. Whoever calls it has the lock.
func (m *memory) bury(w workload, at time.Time) {
	if !w.yes("Admitted") && w.Status.AccumulatedPastExecutionTimeSeconds == 0 {
		return
	}
	if over := len(m.lost) + 1 - goneMost; over > 0 {
		m.lost = slices.Delete(m.lost, 0, over)
	}
	m.lost = append(m.lost, gone{w, at})
}

// changed takes in one change.
func (m *memory) changed(w workload, deleted bool, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.version = w.ResourceVersion
	if deleted {
		delete(m.all, w.id())
		m.bury(w, at)
		return
	}
	if was, there := m.all[w.id()]; there && was.UID != w.UID {
		m.bury(was, at)
	}
	m.all[w.id()] = w
}

// bookmark notes that nothing happened up to a version.
func (m *memory) bookmark(version string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.version = version
}

func (m *memory) follows(live bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.live = live
}

// now is all workloads, where every change is followed.
func (m *memory) now() (all []workload, version string, live bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.live {
		return nil, m.version, false
	}
	for _, w := range m.all {
		all = append(all, w)
	}
	return all, m.version, true
}

// past is what was deleted.
func (m *memory) past() []gone {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.lost)
}

// workloads are all workloads now: followed, or listed.
func (d *Driver) workloads(ctx context.Context) ([]workload, string, error) {
	if all, version, live := d.memory.now(); live {
		return all, version, nil
	}
	all, version, err := listOf[workload](ctx, d.api, path("", "workloads", ""), nil)
	if err != nil {
		return nil, "", err
	}
	if _, _, live := d.memory.now(); !live {
		d.memory.hears(all, version, d.c.Now())
	}
	return all, version, nil
}

// Watch follows the workloads of a cluster until ctx ends, so that a view costs
// less and no deleted job is missed. It starts again by itself: from the last
// version it knows, or with a new list where the server has forgotten that one.
func (d *Driver) Watch(ctx context.Context) {
	defer d.memory.follows(false)
	wait := time.NewTimer(0)
	defer wait.Stop()
	known := false
	for tried := 0; ; tried++ {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		err := d.follow(ctx, known)
		known = err == nil || errors.Is(err, engine.ErrUnreachable) || errors.Is(err, io.EOF)
		pause := 50 * time.Millisecond
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errGone) {
			d.memory.follows(false)
			pause = min(time.Duration(1+tried)*200*time.Millisecond, 10*time.Second)
		} else {
			tried = 0
		}
		wait.Reset(pause)
	}
}

// stretch is how long one watch lasts, and silent how long a server may say
// nothing at all: it sends a bookmark about once a minute.
const (
	stretch = 5 * time.Minute
	silent  = 150 * time.Second
)

// follow lists unless the memory is known to be whole, and then hears changes
// until the server ends the watch.
func (d *Driver) follow(ctx context.Context, known bool) error {
	_, version, _ := d.memory.now()
	if !known || version == "" {
		all, v, err := listOf[workload](ctx, d.api, path("", "workloads", ""), nil)
		if err != nil {
			return err
		}
		d.memory.hears(all, v, d.c.Now())
		version = v
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resp, err := d.api.open(ctx, request{method: http.MethodGet, path: path("", "workloads", ""), query: url.Values{
		"watch": {"1"}, "allowWatchBookmarks": {"true"}, "resourceVersion": {version}, "timeoutSeconds": {strconv.Itoa(int(stretch / time.Second))},
	}})
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	d.memory.follows(true)
	quiet := time.AfterFunc(silent, cancel)
	defer quiet.Stop()
	bound := &io.LimitedReader{R: resp.Body}
	for dec := json.NewDecoder(bound); ; {
		bound.N = changeMax
		if err := d.hear(dec); err != nil {
			return err
		}
		quiet.Reset(silent)
	}
}

// changeMax is the most that one change may take, in bytes.
const changeMax = 8 << 20

// hear takes in the next change of a watch.
func (d *Driver) hear(dec *json.Decoder) error {
	var e struct {
		Type   string          `json:"type"`
		Object json.RawMessage `json:"object"`
	}
	if err := dec.Decode(&e); err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return fmt.Errorf("watch workloads: %w: %w", engine.ErrUnreachable, err)
	}
	if e.Type == "ERROR" {
		var s struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		}
		_ = json.Unmarshal(e.Object, &s) // a code of 0 is an error of its own
		if s.Code == http.StatusGone {
			return errGone
		}
		return fmt.Errorf("watch workloads: %w: %d %.200s", ErrStrange, s.Code, s.Message)
	}
	var w workload
	if err := decode(e.Object, &w); err != nil {
		return err
	}
	switch e.Type {
	case "BOOKMARK":
		d.memory.bookmark(w.ResourceVersion)
	case "ADDED", "MODIFIED":
		d.memory.changed(w, false, d.c.Now())
	case "DELETED":
		d.memory.changed(w, true, d.c.Now())
	default:
		return fmt.Errorf("watch workloads: %w: a change of type %.40q", ErrStrange, e.Type)
	}
	return nil
}
