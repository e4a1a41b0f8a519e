package room

import (
	"context"
	"net/http"

	"sluice/people"
)

// RoleRow is one role, for forms.
type RoleRow struct {
	Role      people.Role   `json:"role"`
	Actuating bool          `json:"actuating" doc:"It can change something, so it takes an app."`
	Tenant    bool          `json:"tenant" doc:"It is that of a tenant."`
	Verbs     []people.Verb `json:"verbs"`
}

// VerbRow is one thing that can be done.
type VerbRow struct {
	Verb  people.Verb      `json:"verb"`
	Says  string           `json:"says"`
	Takes people.Authority `json:"takes"`
	Acts  bool             `json:"acts" doc:"It changes something."`
	Token bool             `json:"token" doc:"A token may do it, or ask for it where it takes two people."`
	Roles []people.Role    `json:"roles"`
}

// RoleTable is the table by role.
type RoleTable struct {
	Roles []RoleRow `json:"roles"`
}

// VerbTable is the table by verb.
type VerbTable struct {
	Verbs []VerbRow `json:"verbs"`
}

func (r *Room) serveRoles() {
	serve(r, route{method: http.MethodGet, path: "/v1/roles", id: "listRoles", says: "All roles and what each may do.", group: "people", reach: oneself}, r.roles)
	serve(r, route{method: http.MethodGet, path: "/v1/verbs", id: "listVerbs", says: "All that can be done, and what it takes.", group: "people", reach: oneself}, r.verbs)
	raw(r, route{
		method: http.MethodPost, path: "/v1/people/{name}/roles", id: "giveRole", says: "Gives somebody a role, or asks another administrator to approve it.",
		group: "people", reach: somewhere, verb: people.GiveRole, asks: true,
	}, r.giveRole)
	raw(r, gone(route{method: http.MethodPost, path: "/v1/people/{name}/roles/take", id: "takeRole", says: "Takes a role away, at once.", group: "people", reach: somewhere, verb: people.Revoke}), r.takeRole)
	serve(r, route{
		method: http.MethodPost, path: "/v1/people/{name}/credentials", id: "askCredentials", says: "Asks another administrator to approve that somebody who lost theirs gets a new password and app.",
		group: "people", reach: house, verb: people.Credentials, asks: true, status: http.StatusAccepted,
	}, r.askCredentials)
}

func (r *Room) roles(context.Context, Visit, *struct{}) (RoleTable, error) {
	out := RoleTable{Roles: []RoleRow{}}
	for _, x := range people.Roles() {
		row := RoleRow{Role: x, Actuating: x.Actuating(), Tenant: x.OfTenant(), Verbs: []people.Verb{}}
		for _, rule := range people.Rules() {
			if rule.Has(x) {
				row.Verbs = append(row.Verbs, rule.Verb)
			}
		}
		out.Roles = append(out.Roles, row)
	}
	return out, nil
}

func (r *Room) verbs(context.Context, Visit, *struct{}) (VerbTable, error) {
	out := VerbTable{Verbs: []VerbRow{}}
	for _, x := range people.Rules() {
		out.Verbs = append(out.Verbs, VerbRow{Verb: x.Verb, Says: x.Says, Takes: x.Takes, Acts: x.Acts, Token: x.Token, Roles: x.Roles()})
	}
	return out, nil
}

type roleIn struct {
	Name string `path:"name" maxLength:"100"`
	Body RoleChange
}

// giveRole gives a role alone where that may be, else it asks for another administrator.
func (r *Room) giveRole(ctx context.Context, v Visit, in *roleIn) (*answer[Given], error) {
	c := in.Body.change(in.Name)
	err := r.cfg.People.GiveRoleAlone(ctx, v.who, c, v.at)
	if err == nil {
		return &answer[Given]{Status: http.StatusOK, Body: Given{Done: true}}, nil
	}
	if people.CodeOf(err) != people.NeedsTwo {
		return nil, err
	}
	q, err := r.cfg.People.AskRole(ctx, v.who, c, v.at)
	if err != nil {
		return nil, err
	}
	r.tellRequests()
	return &answer[Given]{Status: http.StatusAccepted, Body: Given{Request: new(requested(q, v))}}, nil
}

func (r *Room) takeRole(ctx context.Context, v Visit, in *roleIn) (*nothing, error) {
	return &nothing{}, r.cfg.People.TakeRole(ctx, v.who, in.Body.change(in.Name), v.at)
}

func (r *Room) askCredentials(ctx context.Context, v Visit, in *struct {
	Name string `path:"name" maxLength:"100"`
	Body Reason
},
) (Given, error) {
	q, err := r.cfg.People.AskCredentials(ctx, v.who, in.Name, in.Body.Reason, v.at)
	if err != nil {
		return Given{}, err
	}
	r.tellRequests()
	return Given{Request: new(requested(q, v))}, nil
}
