package tenants

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/store/storetest"
	"sluice/use/hosting/meter"
)

// zero is the first second of September 2025.
const zero = int64(1_756_684_800)

func at(second int64) time.Time { return time.Unix(zero+second, 0).UTC() }

func span(from, to int64) rate.Span { return rate.Span{From: zero + from, To: zero + to} }

func openAt(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// used is a usage of a contract.
func used(contract string, from int64, quantity int64, revision int) meter.Usage {
	return meter.Usage{
		Contract: contract, Meter: "hall-1", Component: "it", Span: span(from, from+300), Quantity: quantity, Measure: meter.Joules, Revision: revision,
		Evidence: sha256.Sum256([]byte(contract)),
	}
}

// resident is a tenant with one of everything; all its words bear its name.
type resident struct {
	Tenant
	contract, event, wish, token, secret string
}

// enrol makes a tenant with one of everything.
func enrol(tb testing.TB, s *Store, name string) resident {
	tb.Helper()
	ctx, o := tb.Context(), s.Office()
	r := resident{contract: name + "-contract", event: name + "-event"}
	must := func(errs ...error) {
		if err := errors.Join(errs...); err != nil {
			tb.Fatal(err)
		}
	}
	var err error
	r.Tenant, err = o.Enrol(ctx, Profile{Name: name, Label: name + " label", Since: at(0)})
	must(err, o.Bind(ctx, r.Tenant, r.contract, at(0)))
	text, token, err := o.Issue(ctx, r.Tenant, name+" key", at(0), at(86_400))
	r.secret, r.token = text, token.ID
	must(err)
	ask := Wish{Key: name + "-1", Kind: "reserved", Hall: "hall-1", Model: name + " H100", GPUs: 8, From: at(86_400), Until: at(2 * 86_400), Says: name + " words"}
	w, err := s.Desk().Ask(ctx, r.Tenant, ask, at(0))
	r.wish = w.ID
	must(err)
	must(
		o.PutUsage(ctx, []meter.Usage{used(r.contract, 0, 100, 1)}, []byte(name+" paper")),
		o.PutWork(ctx, meter.Attribution{Boundary: name + "-hall", Span: span(0, 300), Rows: []meter.Row{{Contract: r.contract, Job: name + "-job", GPUSeconds: 300, GPU: 5}, {GPU: 9}}}),
		o.Hold(ctx, []meter.Hold{{Contract: r.contract, Component: "gpu-h100", Span: span(0, 3600), Why: name + " why", Engine: 10, Witness: 20, Source: "dcgm"}}, at(3600)),
		o.PutService(ctx, r.contract, span(0, 86_400), []meter.Stretch{{Tenant: name, Contract: r.contract, Part: name + "-part", GPUs: 8, Span: span(0, 86_400), Condition: meter.Up}}, at(86_400)),
		o.Plan(ctx, Event{ID: r.event, Hall: "hall-1", At: at(0), Body: []byte(`{"price": "` + name + ` 12345"}`)}),
		o.Notify(ctx, r.Tenant, Notice{Contract: r.contract, Event: r.event, Revision: 1, At: at(0), From: at(900), Until: at(4500), Measure: "power limit", GPUs: 8, Says: name + " notice"}),
		o.Register(ctx, r.Tenant, engine.Access{Engine: name + "-slurm", Account: name, Queue: name + "-queue", Endpoint: name + "-host", Secret: name + "-secret", Hint: name + "-hint"}, at(0)),
	)
	return r
}

// everything is all that a tenant may read, as text.
func everything(tb testing.TB, s *Store, t Tenant) string {
	tb.Helper()
	ctx, d := tb.Context(), s.Desk()
	var out []any
	add := func(x any, err error) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, x)
	}
	add(d.Profile(ctx, t))
	add(d.Contracts(ctx, t))
	add(d.Tokens(ctx, t))
	add(d.Reservations(ctx, t))
	add(d.Usage(ctx, t, Query{All: true}))
	add(d.Work(ctx, t, at(0), at(86_400)))
	add(d.Held(ctx, t))
	add(d.Service(ctx, t, at(0), at(86_400)))
	add(d.Notices(ctx, t, at(0)))
	add(d.Accounts(ctx, t))
	text, err := json.Marshal(out)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// edit changes a closed database behind the store's back.
func edit(ctx context.Context, dir string, statements ...string) error {
	return storetest.Edit(ctx, filepath.Join(dir, fileName), statements...)
}
