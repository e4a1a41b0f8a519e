package kueue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// ours reports whether a workload is a curtailment order.
func (d *Driver) ours(w workload) bool {
	return d.c.Reserve != "" && w.Namespace == d.c.Namespace && w.Labels[d.key(ofEvent)] != ""
}

// order is one curtailment order.
type order struct {
	workload
	watts unit.Power
	seq   int
}

// stands reports that an order keeps its watts from everybody else. Kueue counts
// quota as taken from the reservation on; an order that it evicted is on its way out.
func (o order) stands() bool {
	return o.yes("QuotaReserved") && !o.yes("Evicted") && o.DeletionTimestamp == nil
}

// orders picks the orders of an event out of workloads; empty: of all events.
// They come in the order of their age.
func (d *Driver) orders(all []workload, event string) []order {
	var out []order
	for _, w := range all {
		if !d.ours(w) || event != "" && w.Labels[d.key(ofEvent)] != event {
			continue
		}
		o := order{workload: w}
		for _, p := range w.Spec.PodSets {
			o.watts += unit.Power(p.Count * p.Template.Spec.asks(d.c.Watts))
		}
		o.seq, _ = strconv.Atoi(w.Annotations[d.key(ofSeq)])
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b order) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp), cmp.Compare(a.seq, b.seq), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// ordersOf reads the orders of an event.
func (d *Driver) ordersOf(ctx context.Context, event string) ([]order, error) {
	all, _, err := listOf[workload](ctx, d.api, path(d.c.Namespace, "workloads", ""), url.Values{"labelSelector": {d.key(ofEvent) + "=" + event}})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(d.orders(all, event), func(o order) bool { return o.DeletionTimestamp != nil }), nil
}

// withhold makes the orders of an event add up to a power.
func (d *Driver) withhold(ctx context.Context, c engine.Command) (outcome, error) {
	had, err := d.ordersOf(ctx, c.Event)
	if err != nil {
		return outcome{}, err
	}
	var sum unit.Power
	for _, o := range had {
		if o.seq > c.Seq {
			return outcome{true, fmt.Sprintf("a later command, %d, stands", o.seq)}, nil
		}
		sum += o.watts
	}
	switch {
	case sum < c.Power:
		err = d.grow(ctx, c, c.Power-sum)
	case sum > c.Power:
		err = d.shrink(ctx, c, had, sum-c.Power)
	}
	if err != nil {
		return outcome{}, err
	}
	// An order whose maker died before it was made lasting is made so now.
	for _, o := range had {
		if !o.yes("PodsReady") {
			if err := d.keep(ctx, o.Name); err != nil && !errors.Is(err, engine.ErrUnknown) {
				return outcome{}, err
			}
		}
	}
	return outcome{already: sum == c.Power}, nil
}

// most is how many orders one event may have.
const most = 1000

// grow adds orders of a granule each, and one of the rest.
func (d *Driver) grow(ctx context.Context, c engine.Command, more unit.Power) error {
	if more/d.c.Granule > most {
		return fmt.Errorf("%d W would be more than %d orders of %d W: larger granules are needed", more, most, d.c.Granule)
	}
	for n := 0; more > 0; n++ {
		size := min(more, d.c.Granule)
		made, err := d.put(ctx, c, n, size)
		if err != nil {
			return err
		}
		if made {
			more -= size
		}
	}
	return nil
}

// put creates the n-th order of a command and makes it last. One that is there
// under its name was counted before: then nothing is made.
func (d *Driver) put(ctx context.Context, c engine.Command, n int, size unit.Power) (made bool, err error) {
	name := fmt.Sprintf("cut-%s-%d-%03d", c.Event, c.Seq, n)
	_, err = d.api.do(ctx, request{method: http.MethodPost, path: path(d.c.Namespace, "workloads", ""), kind: plainJSON, body: d.form(name, c, size)})
	if errors.Is(err, ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, d.keep(ctx, name)
}

// form is a curtailment order: one pod that asks for watts only, and is never made.
func (d *Driver) form(name string, c engine.Command, size unit.Power) map[string]any {
	asks := map[string]any{d.c.Watts: strconv.FormatInt(int64(size), 10)}
	return map[string]any{
		"apiVersion": group + "/" + Dialect, "kind": "Workload",
		"metadata": map[string]any{
			"name": name, "namespace": d.c.Namespace,
			"labels":      map[string]any{d.key(ofEvent): c.Event},
			"annotations": map[string]any{d.key(ofSeq): strconv.Itoa(c.Seq), d.key(because): c.Why},
		},
		"spec": map[string]any{
			"queueName": d.c.Reserve, "priority": priority,
			"podSets": []any{map[string]any{"name": "main", "count": 1, "template": map[string]any{"spec": map[string]any{
				"restartPolicy": "Never",
				"containers":    []any{map[string]any{"name": "c", "image": "none", "resources": map[string]any{"requests": asks}}},
			}}}},
		},
	}
}

// keep says that the pods of an order are ready. They are never made, and
// without that Kueue would evict the order when its time for pods is over (30
// minutes from 0.19 on): watts would come back that are not there.
func (d *Driver) keep(ctx context.Context, name string) error {
	body := map[string]any{
		"apiVersion": group + "/" + Dialect, "kind": "Workload",
		"metadata": map[string]any{"name": name, "namespace": d.c.Namespace},
		"status": map[string]any{"conditions": []any{map[string]any{
			"type": "PodsReady", "status": "True", "reason": "CurtailmentOrder",
			"message": "an order of Sluice has no pods and waits for none", "lastTransitionTime": d.c.Now().UTC().Format(time.RFC3339),
		}}},
	}
	_, err := d.api.do(ctx, request{
		method: http.MethodPatch, path: path(d.c.Namespace, "workloads", name) + "/status", kind: applyPatch, body: body,
		query: url.Values{"fieldManager": {"sluice"}, "force": {"true"}},
	})
	return err
}

// shrink takes orders away that come to less, those first that do not stand yet,
// then the smallest. What is left over is taken from the next one by replacing it.
func (d *Driver) shrink(ctx context.Context, c engine.Command, had []order, less unit.Power) error {
	slices.SortStableFunc(had, func(a, b order) int {
		if a.stands() != b.stands() {
			if b.stands() {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.watts, b.watts)
	})
	var rest []order
	for _, o := range had {
		if o.watts > less {
			rest = append(rest, o)
			continue
		}
		if err := d.drop(ctx, o.Name); err != nil {
			return err
		}
		less -= o.watts
	}
	if len(rest) == 0 {
		return nil
	}
	if less > 0 {
		if err := d.drop(ctx, rest[0].Name); err != nil {
			return err
		}
		return d.grow(ctx, c, rest[0].watts-less)
	}
	_, err := amend(ctx, d.api, path(d.c.Namespace, "workloads", rest[0].Name), func(workload) (change, error) {
		return change{annotations: map[string]any{d.key(ofSeq): strconv.Itoa(c.Seq)}}, nil
	})
	return err
}

// drop deletes one order. One that is gone already is no error.
func (d *Driver) drop(ctx context.Context, name string) error {
	_, err := d.api.do(ctx, request{method: http.MethodDelete, path: path(d.c.Namespace, "workloads", name)})
	if errors.Is(err, engine.ErrUnknown) {
		return nil
	}
	return err
}

// giveBack deletes the orders of an event one after the other.
func (d *Driver) giveBack(ctx context.Context, c engine.Command) (outcome, error) {
	had, err := d.ordersOf(ctx, c.Event)
	if err != nil {
		return outcome{}, err
	}
	for _, o := range had {
		if err := d.drop(ctx, o.Name); err != nil {
			return outcome{}, err
		}
	}
	return outcome{already: len(had) == 0}, nil
}
