package room

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"sluice/people"
)

// TenantDesk answers for one tenant as the server for tenants does: it is asked in the
// tenant's name, and knows nothing of who looks.
type TenantDesk interface {
	// Ask asks in the name of a tenant, and gives the status and the JSON that come back: an
	// answer, or a problem in the tenants' words.
	Ask(ctx context.Context, tenant string, q TenantAsk) (status int, body []byte, err error)
}

// TenantAsk is one question or wish, as the tenants' interface takes it.
type TenantAsk struct {
	Method string
	Path   string // from /v1/ on
	Query  url.Values
	Body   []byte // JSON; nil: none
}

// tenantViews are what a tenant may look at here, and which words a question may have.
func tenantViews() map[string][]string {
	return map[string][]string{
		"me": nil, "contracts": nil, "reservations": nil, "jobs": nil, "usage": {"from", "to", "contract", "component"}, "usage/jobs": {"from", "to", "contract"},
		"level": {"month", "contract"}, "curtailments": {"from"}, "access": nil,
	}
}

// TenantPlaces are the tenants whose things a visitor may see, and where.
type TenantPlaces struct {
	Tenants []TenantPlace `json:"tenants"`
}

// TenantPlace is one tenant at one hall.
type TenantPlace struct {
	Tenant   string `json:"tenant"`
	Hall     string `json:"hall"`
	Site     string `json:"site"`
	Reserves bool   `json:"reserves" doc:"You may ask for GPUs there, and take it back."`
}

type tenantIn struct {
	Tenant    string `path:"tenant" maxLength:"200"`
	Hall      string `query:"hall" maxLength:"200" doc:"Absent: the only one there is."`
	From      string `query:"from" maxLength:"40"`
	To        string `query:"to" maxLength:"40"`
	Contract  string `query:"contract" maxLength:"200"`
	Component string `query:"component" maxLength:"200"`
	Month     string `query:"month" maxLength:"7" example:"2025-09"`
}

// tenantPage is what the server for tenants says, as it says it.
type tenantPage struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (r *Room) serveTenants() {
	serve(r, route{method: http.MethodGet, path: "/v1/tenants", id: "listTenantPlaces", says: "The tenants whose things you may see, and where.", group: "tenant", reach: oneself}, r.tenantPlaces)
	for _, name := range []string{"me", "contracts", "reservations", "jobs", "usage", "usage/jobs", "level", "curtailments", "access"} {
		t := route{
			method: http.MethodGet, path: "/v1/tenants/{tenant}/" + name, id: "tenant" + operationName(name), says: "What the tenants' interface answers at /v1/" + name + ", for one of your tenants.",
			group: "tenant", reach: ofTenant, verb: people.Own, media: []string{"application/json"},
		}
		raw(r, t, func(ctx context.Context, v Visit, in *tenantIn) (*tenantPage, error) {
			return r.tenantView(ctx, v, name, in)
		})
	}
	r.serveTenantDeeds()
}

// operationName is a path as a part of the name of an operation.
func operationName(path string) string {
	out, up := []byte{}, true
	for _, c := range []byte(path) {
		switch {
		case c == '/':
			up = true
			continue
		case up:
			c -= 'a' - 'A'
		}
		out, up = append(out, c), false
	}
	return string(out)
}

// desks are the halls at which a visitor holds a right to what is a tenant's.
func (r *Room) desks(v Visit, right people.Verb, tenant string) (out []HallAt) {
	for _, x := range r.cfg.Halls.all() {
		if x.Desk != nil && tenant != "" && v.who.Actor().Holds(right, people.Place{Site: x.Site, Tenant: tenant}) {
			out = append(out, x)
		}
	}
	return out
}

func (r *Room) tenantPlaces(_ context.Context, v Visit, _ *struct{}) (TenantPlaces, error) {
	out := TenantPlaces{Tenants: []TenantPlace{}}
	var seen []string
	for _, g := range v.who.Actor().Grants {
		if g.Tenant == "" || slices.Contains(seen, g.Tenant) {
			continue
		}
		seen = append(seen, g.Tenant)
		for _, x := range r.desks(v, people.Own, g.Tenant) {
			reserves := v.who.Actor().Holds(people.Reserve, people.Place{Site: x.Site, Tenant: g.Tenant})
			out.Tenants = append(out.Tenants, TenantPlace{g.Tenant, x.Name, x.Site, reserves})
		}
	}
	return out, nil
}

// tenantView asks in the name of the tenant of the path, which the visitor holds.
func (r *Room) tenantView(ctx context.Context, v Visit, name string, in *tenantIn) (*tenantPage, error) {
	x, err := r.deskOf(v, people.Own, in.Tenant, in.Hall)
	if err != nil {
		return nil, err
	}
	q, err := in.question(name)
	if err != nil {
		return nil, err
	}
	return x.ask(ctx, in.Tenant, TenantAsk{Method: http.MethodGet, Path: "/v1/" + name, Query: q})
}

// deskOf is the one hall at which a visitor holds a right to what is a tenant's.
func (r *Room) deskOf(v Visit, right people.Verb, tenant, hall string) (HallAt, error) {
	all := r.desks(v, right, tenant)
	if hall != "" {
		all = slices.DeleteFunc(all, func(x HallAt) bool { return x.Name != hall })
	}
	switch {
	case len(all) == 0:
		return HallAt{}, missing("hall", hall)
	case len(all) > 1:
		return HallAt{}, wrong("the tenant is known at more than one hall", "name one with hall=; /v1/tenants lists them")
	}
	return all[0], nil
}

// ask asks the desk of a hall.
func (x HallAt) ask(ctx context.Context, tenant string, q TenantAsk) (*tenantPage, error) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	status, body, err := x.Desk.Ask(ctx, tenant, q)
	switch {
	case err != nil:
		return nil, away("the server for tenants of hall "+x.Name, err)
	case status/100 != 2:
		return nil, ofDesk(x.Name, status, body)
	}
	return &tenantPage{"application/json", body}, nil
}

// question is the query that is handed on. What a view does not know is refused: it would
// be believed to have had an effect.
func (in *tenantIn) question(name string) (url.Values, error) {
	out, known := url.Values{}, tenantViews()[name]
	for _, x := range [][2]string{{"from", in.From}, {"to", in.To}, {"contract", in.Contract}, {"component", in.Component}, {"month", in.Month}} {
		switch {
		case x[1] == "":
		case !slices.Contains(known, x[0]):
			return nil, wrong(x[0]+" is no part of this question", "leave it out")
		default:
			out.Set(x[0], x[1])
		}
	}
	return out, nil
}

// ofDesk is a refusal of the server for tenants, in its words. Who is not let in there is
// a fault of ours and not of the visitor.
func ofDesk(name string, status int, body []byte) error {
	var said struct {
		Detail string `json:"detail"`
		Remedy string `json:"remedy"`
		Hint   string `json:"hint"`
	}
	if status >= http.StatusInternalServerError || status == http.StatusUnauthorized || json.Unmarshal(body, &said) != nil || said.Detail == "" {
		return away("the server for tenants of hall "+name, fmt.Errorf("it answers %d", status))
	}
	return problem(status, "refused", said.Detail, said.Remedy+said.Hint)
}
