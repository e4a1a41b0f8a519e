package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"sluice/loop/cycle"
)

// Papers turns the papers of a turn into records, in the order of the turn. A
// paper whose head is empty was not written and is left out. The keys follow
// from the papers, so that writing a turn again changes nothing. term is that of
// the controller whose orders these are.
func Papers(t cycle.Turn, term int64) ([]Record, error) {
	var out []Record
	var faults []error
	add := func(kind Kind, h cycle.Head, r Record, paper any) {
		if h == (cycle.Head{}) {
			return
		}
		r.Kind, r.Site, r.Turn = kind, h.Site, h.Turn
		if r.At.IsZero() {
			r.At = h.At
		}
		if r.Key == "" {
			r.Key = strconv.FormatInt(h.Turn, 10)
		}
		body, err := json.Marshal(paper)
		if err != nil {
			faults = append(faults, fmt.Errorf("write %s of turn %d: %w", kind, h.Turn, err))
		}
		r.Body = body
		out = append(out, r)
	}
	add(Snapshot, t.Snapshot.Head, Record{}, t.Snapshot)
	add(Outlook, t.Outlook.Head, Record{}, t.Outlook)
	add(Plan, t.Plan.Head, Record{}, t.Plan)
	for _, o := range t.Orders {
		add(Order, o.Head, Record{Key: fmt.Sprintf("%d/%s/%d", o.Turn, o.Use, o.Epoch), Subject: o.Use, Epoch: Epoch{Term: term, Plan: o.Epoch}}, o)
	}
	for _, r := range t.Receipts {
		add(Receipt, r.Head, Record{Key: fmt.Sprintf("%d/%s/%d", r.Turn, r.Use, r.At.UnixMicro()), Subject: r.Use, At: r.At}, r)
	}
	add(Delivery, t.Delivery.Head, Record{}, t.Delivery)
	add(Entry, t.Entry.Head, Record{}, t.Entry)
	return out, errors.Join(faults...)
}
