package room

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sluice/people"
)

// TenantInquiry is what somebody of a tenant wants to know the price of.
type TenantInquiry struct {
	Kind      string     `json:"kind" enum:"reserved,flexible,on-demand,spot,batch,colocation"`
	Model     string     `json:"model,omitempty" maxLength:"200" doc:"Of GPU; absent: the only one there is. Not of colocation."`
	GPUs      int        `json:"gpus,omitempty" minimum:"0" doc:"Of all kinds but colocation."`
	Kilowatts int        `json:"kw,omitempty" minimum:"0" doc:"Of colocation: IT power for hardware of your own, in place of gpus."`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until,omitempty" doc:"Absent: without end."`
}

// TenantWish is what somebody of a tenant asks to reserve.
type TenantWish struct {
	TenantInquiry

	Key  string `json:"key" minLength:"1" maxLength:"60" doc:"Yours, such as a number of your order: the same again is no second wish."`
	Says string `json:"says,omitempty" maxLength:"2000" doc:"Words to the operator."`
}

// TenantAt names a tenant and where.
type TenantAt struct {
	Tenant string `path:"tenant" maxLength:"200"`
	Hall   string `query:"hall" maxLength:"200" doc:"Absent: the only one there is."`
}

// serveTenantDeeds adds what people of a tenant can do. Whether a wish fits, and what it
// costs, is said by the server for tenants.
func (r *Room) serveTenantDeeds() {
	deed := func(path, id, says string, verb people.Verb) route {
		return route{method: http.MethodPost, path: "/v1/tenants/{tenant}/" + path, id: id, says: says, group: "tenant", reach: ofTenant, verb: verb, media: []string{"application/json"}}
	}
	raw(r, deed("quote", "tenantQuote", "What GPUs, or power, would cost one of your tenants, whether they can be had and from when. It binds nobody.", people.Own), r.tenantQuote)
	raw(r, deed("reservations", "tenantReserve", "Asks for GPUs, or for power, for one of your tenants.", people.Reserve), r.tenantReserve)
	raw(r, deed("reservations/{id}/cancel", "tenantCancel", "Takes a wish back that waits for its answer.", people.Reserve), r.tenantCancel)
	serve(r, route{
		method: http.MethodGet, path: "/v1/tenants/{tenant}/bills", id: "tenantBills", says: "Invoices and notes to one of your tenants, of the books that are shown here.",
		group: "tenant", reach: ofTenant, verb: people.Own,
	}, r.tenantBills)
}

func (r *Room) tenantQuote(ctx context.Context, v Visit, in *struct {
	TenantAt

	Body TenantInquiry
},
) (*tenantPage, error) {
	x, err := r.deskOf(v, people.Own, in.Tenant, in.Hall)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	return x.ask(ctx, in.Tenant, TenantAsk{Method: http.MethodPost, Path: "/v1/quote", Body: body})
}

func (r *Room) tenantReserve(ctx context.Context, v Visit, in *struct {
	TenantAt

	Body TenantWish
},
) (*tenantPage, error) {
	x, err := r.deskOf(v, people.Reserve, in.Tenant, in.Hall)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	size := fmt.Sprintf("%d GPUs", in.Body.GPUs)
	if in.Body.Kilowatts > 0 {
		size = fmt.Sprintf("%d kW", in.Body.Kilowatts)
	}
	e := people.Entry{
		Verb: string(people.Reserve), Site: x.Site, Tenant: in.Tenant, Subject: "wish " + in.Body.Key, Reason: in.Body.Says,
		After: fmt.Sprintf("%s %s from %s", in.Body.Kind, size, in.Body.From.UTC().Format(time.RFC3339)),
	}
	return r.forTenant(ctx, v, x, e, TenantAsk{Method: http.MethodPost, Path: "/v1/reservations", Body: body})
}

func (r *Room) tenantCancel(ctx context.Context, v Visit, in *struct {
	TenantAt

	ID string `path:"id" maxLength:"200"`
},
) (*tenantPage, error) {
	x, err := r.deskOf(v, people.Reserve, in.Tenant, in.Hall)
	if err != nil {
		return nil, err
	}
	if !nameable(in.ID) || in.ID == "." || in.ID == ".." {
		return nil, missing("reservation", in.ID)
	}
	e := people.Entry{Verb: string(people.Reserve), Site: x.Site, Tenant: in.Tenant, Subject: "reservation " + in.ID, After: "cancelled"}
	return r.forTenant(ctx, v, x, e, TenantAsk{Method: http.MethodDelete, Path: "/v1/reservations/" + url.PathEscape(in.ID)})
}

// forTenant does something in the name of a tenant: it is written down, then done, and
// what came of it is written down too.
func (r *Room) forTenant(ctx context.Context, v Visit, x HallAt, e people.Entry, q TenantAsk) (*tenantPage, error) {
	if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	page, err := x.ask(ctx, e.Tenant, q)
	switch {
	case err != nil:
		e.Effects = "not done: " + short(err.Error())
	default:
		var said struct{ ID, State string }
		_ = json.Unmarshal(page.Body, &said) // what it cannot read stays unsaid
		e.Effects = cmp.Or(said.State, "done") + " " + said.ID
	}
	if unkept := r.cfg.People.Record(ctx, v.who, e, v.at); unkept != nil {
		r.cfg.Log.ErrorContext(ctx, "what became of a tenant's wish could not be written into the audit log", "tenant", e.Tenant, "cause", unkept)
	}
	return page, err
}

// TenantBill is a document to a tenant.
type TenantBill struct {
	Book string `json:"book"`
	Invoice
}

// TenantBills are what was billed to a tenant.
type TenantBills struct {
	Shown bool         `json:"shown" doc:"False: no books are attached of which you may see the tenant's bills."`
	Bills []TenantBill `json:"bills" doc:"The newest first."`
}

// tenantBills are the documents whose customer is the tenant, of books where the right to
// what is the tenant's is held: those of the house take one that is held at all sites.
func (r *Room) tenantBills(ctx context.Context, v Visit, in *struct {
	Tenant string `path:"tenant" maxLength:"200"`
},
) (TenantBills, error) {
	out := TenantBills{Bills: []TenantBill{}}
	for _, b := range r.cfg.Books.all() {
		if in.Tenant == "" || !v.who.Actor().Holds(people.Own, people.Place{Site: b.Site, Tenant: in.Tenant}) {
			continue
		}
		out.Shown = true
		s, err := openShelf(ctx, b)
		if err != nil {
			return TenantBills{}, away("the ledger of "+b.Entity, err)
		}
		d := &desk{shelf: s, terms: map[string]terms{}}
		if err := s.ofBooks(d.load(ctx)); err != nil {
			return TenantBills{}, err
		}
		for _, x := range d.history.Documents {
			if x.Customer.ID == in.Tenant {
				out.Bills = append(out.Bills, TenantBill{b.Name, d.listed(x, v.at)})
			}
		}
	}
	slices.SortStableFunc(out.Bills, func(a, b TenantBill) int { return b.Issued.Compare(a.Issued) })
	return out, nil
}
