package kueue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sluice/engine"
)

// boost is Kueue's own annotation: it is added to the priority of a Workload, where
// the gate PriorityBoost is on.
const boost = "kueue.x-k8s.io/priority-boost"

// rankedBy is the annotation, with the domain before it, that says which event wrote
// the boost of a Workload, and what it wrote: event:value.
const rankedBy = "ranked-by"

// boostMost is the highest boost. Priorities of classes should be a hundred apart, so
// that no boost lifts a job above the next class. Boosts are never negative: a job
// that waits has none, and where its queue lets it preempt lower priorities it would
// take the place of one that runs with less.
const boostMost = 99

// boostOf is the boost that Sluice wrote on a workload, and for which event; 0: it
// wrote none, or somebody else changed it.
func (d *Driver) boostOf(w workload) (value int, event string) {
	event, text, _ := strings.Cut(w.Annotations[d.key(rankedBy)], ":")
	value, err := strconv.Atoi(text)
	if err != nil || value <= 0 || value > boostMost || w.Annotations[boost] != text {
		return 0, ""
	}
	return value, event
}

// boostedElsewhere reports a boost that is not Sluice's.
func (d *Driver) boostedElsewhere(w workload) bool {
	_, event := d.boostOf(w)
	return w.Annotations[boost] != "" && event == ""
}

// rank writes boosts, so that Kueue takes first whom it hurts least to lose. Only
// those are written whose place in the order moved. A boost of somebody else, or of
// another event, is left as it is.
func (d *Driver) rank(ctx context.Context, c engine.Command) (outcome, error) {
	heeds, err := d.heedsBoosts(ctx)
	if err == nil && !heeds {
		err = fmt.Errorf("the gate PriorityBoost of Kueue is off: %w", engine.ErrUnsupported)
	}
	if err != nil {
		return outcome{}, err
	}
	all, _, err := d.workloads(ctx)
	if err != nil {
		return outcome{}, err
	}
	want, theirs := d.wanted(c, all)
	o := outcome{already: true}
	for _, w := range all {
		if had, event := d.boostOf(w); had == want[w.id()] || had > 0 && event != c.Event {
			continue
		}
		one, err := d.raise(ctx, c.Event, w, want[w.id()])
		if err != nil && !errors.Is(err, engine.ErrUnknown) { // it may have ended meanwhile
			return outcome{}, err
		}
		o.already = o.already && one.already
	}
	if theirs > 0 {
		o.why = fmt.Sprintf("%d jobs have a boost of somebody else's and keep it", theirs)
	}
	return o, nil
}

// wanted is the boost of every job that a command ranks, and how many it names whose
// boost is not this event's to change.
func (d *Driver) wanted(c engine.Command, all []workload) (want map[string]int, theirs int) {
	by := make(map[string]workload, len(all))
	for _, w := range all {
		if !d.ours(w) && !w.yes("Finished") {
			by[w.id()] = w
		}
	}
	var ids []string
	var had []int
	for _, id := range c.Jobs {
		w, there := by[id]
		value, event := d.boostOf(w)
		switch {
		case !there: // it has ended since somebody looked
		case d.boostedElsewhere(w), value > 0 && event != c.Event:
			theirs++
		default:
			ids, had = append(ids, id), append(had, value)
		}
	}
	want = make(map[string]int, len(ids))
	for i, b := range boosts(had) {
		want[ids[i]] = b
	}
	return want, theirs
}

// boosts are values that rise with the place in an order, from 1 to boostMost, of
// which those behind share the last. had are the present ones, 0 where there is none:
// as many as can be are kept, so that a job that comes or goes moves no other.
func boosts(had []int) []int {
	out := make([]int, len(had))
	n := min(len(had), boostMost-1)
	for i := n; i < len(out); i++ {
		out[i] = boostMost
	}
	kept := rising(had[:n])
	if !fill(out[:n], had, kept) {
		fill(out[:n], had, nil)
	}
	return out
}

// rising are the places of a longest run of values that rise; those that are 0 or
// shared by all behind have no place in it.
func rising(had []int) []int {
	long, before := make([]int, len(had)), make([]int, len(had))
	end := -1
	for i, v := range had {
		if before[i] = -1; v <= 0 || v >= boostMost {
			continue
		}
		for k := range i {
			if long[k] > long[i] && had[k] < v {
				long[i], before[i] = long[k], k
			}
		}
		if long[i]++; end < 0 || long[i] > long[end] {
			end = i
		}
	}
	var out []int
	for i := end; i >= 0; i = before[i] {
		out = append(out, i)
	}
	slices.Reverse(out)
	return out
}

// fill spreads values evenly between those that are kept, and reports false where
// there is no room for one between two of them.
func fill(out, had, kept []int) bool {
	last, low := -1, 0
	for k := range len(kept) + 1 {
		next, high := len(out), boostMost
		if k < len(kept) {
			next, high = kept[k], had[kept[k]]
		}
		between := next - last - 1
		if high-low-1 < between {
			return false
		}
		for i := range between {
			out[last+1+i] = low + (i+1)*(high-low)/(between+1)
		}
		if next < len(out) {
			out[next] = high
		}
		last, low = next, high
	}
	return true
}

// raise writes the boost of one workload for an event; 0 takes it away.
func (d *Driver) raise(ctx context.Context, event string, w workload, to int) (outcome, error) {
	return amend(ctx, d.api, path(w.Namespace, "workloads", w.Name), func(w workload) (change, error) {
		had, of := d.boostOf(w)
		switch {
		case d.boostedElsewhere(w), had > 0 && of != event:
			return nothing("its boost is somebody else's")
		case had == to:
			return nothing("")
		case to == 0:
			return change{annotations: map[string]any{boost: nil, d.key(rankedBy): nil}}, nil
		}
		value := strconv.Itoa(to)
		return change{annotations: map[string]any{boost: value, d.key(rankedBy): event + ":" + value}}, nil
	})
}

// heedsBoosts tries once whether Kueue heeds boosts: then, and only then, it refuses
// one that is no number. Nothing is created by that.
func (d *Driver) heedsBoosts(ctx context.Context) (bool, error) {
	d.mu.Lock()
	known := d.boosts
	d.mu.Unlock()
	if !d.c.Boost || known {
		return known, nil
	}
	trial := d.form("boost-trial", engine.Command{Event: "boost-trial", Why: "whether boosts are heeded"}, 1)
	trial["metadata"].(map[string]any)["annotations"] = map[string]any{boost: "no number"} //nolint:forcetypeassert // form made it
	_, err := d.api.do(ctx, request{method: http.MethodPost, path: path(d.c.Namespace, "workloads", ""), query: url.Values{"dryRun": {"All"}}, kind: plainJSON, body: trial})
	var no *Refusal
	if errors.As(err, &no) && strings.Contains(no.Says, boost) {
		d.mu.Lock()
		d.boosts = true
		d.mu.Unlock()
		return true, nil
	}
	return false, err
}

// lookBoosts tells what keeps jobs from being ranked.
func (d *Driver) lookBoosts(ctx context.Context, s state) {
	if !d.c.Boost {
		return
	}
	if heeds, err := d.heedsBoosts(ctx); err == nil && !heeds {
		d.trouble(Trouble{
			"boost_off", d.c.Server, "jobs shall be ranked, and Kueue heeds no boost: its gate PriorityBoost is off",
			"start Kueue with --feature-gates=PriorityBoost=true and Sluice after it, or declare boost: false",
		})
	}
	for _, w := range s.workloads {
		if d.boostedElsewhere(w) && !w.yes("Finished") {
			d.trouble(Trouble{
				"boost_elsewhere", w.id(), fmt.Sprintf("its priority boost %.20q was not set by Sluice, so it is not ranked", w.Annotations[boost]),
				"whoever set it takes it away, or it stays as it is",
			})
		}
	}
}
