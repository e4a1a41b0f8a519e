package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
)

// Admission names the engine.
type Admission struct {
	Engine string `json:"engine,omitempty" doc:"Left out: the only one there is."`
}

// Account is where a tenant stands in an engine.
type Account struct {
	Engine   string     `json:"engine"`
	Account  string     `json:"account" doc:"Account or namespace."`
	Queue    string     `json:"queue"`
	Endpoint string     `json:"endpoint"`
	Hint     string     `json:"hint" doc:"First command to try."`
	Issued   time.Time  `json:"issued"`
	Until    *time.Time `json:"until" doc:"Of the secret; null: it does not end."`
	Ended    *time.Time `json:"ended" doc:"null: it may be used."`
}

// Access is an account with its secret, once.
type Access struct {
	Account
	Secret string `json:"secret" doc:"Shown now and never again; empty: the engine needs none."`
}

func accounts(c call) (any, error) {
	all, err := c.server.c.Desk.Accounts(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	out := []Account{}
	for _, a := range all {
		out = append(out, Account{a.Engine, a.Account, a.Queue, a.Endpoint, a.Hint, a.At, some(a.Until), some(a.Ended)})
	}
	return out, nil
}

// station is the engine that is named.
func (s *Server) station(name string) (Station, error) {
	if name == "" && len(s.c.Stations) == 1 {
		return s.c.Stations[0], nil
	}
	i := slices.IndexFunc(s.c.Stations, func(x Station) bool { return x.Name == name })
	if i < 0 {
		return Station{}, problem(404, "unknown", "There is no such thing", "there is no engine of that name", "ask the operator for the engines that there are")
	}
	return s.c.Stations[i], nil
}

func admit(c call) (any, error) {
	at, err := c.server.station(c.body.(*Admission).Engine)
	if err != nil {
		return nil, err
	}
	if at.Registrar == nil {
		return nil, problem(409, "by-hand", "The operator does that", "accounts on this engine are made by the operator", "ask the operator")
	}
	has, err := c.server.c.Desk.Accounts(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(has, func(a tenants.Account) bool { return a.Engine == at.Name && !a.Ended.IsZero() }) {
		return nil, problem(409, "ended", "Your account was ended", "the operator ended your account on this engine", "ask the operator")
	}
	_, terms, err := c.bound()
	if err != nil {
		return nil, err
	}
	want := engine.Tenant{Name: c.who.Name(), Queue: at.Queue}
	for _, x := range terms {
		if x.InTerm(c.at) {
			want.GPUs += x.GPUs
		}
	}
	if want.GPUs == 0 {
		return nil, problem(409, "no-contract", "No contract is in force", "none of your contracts gives you GPUs now", "reserve some first, or wait until your contract begins")
	}
	got, err := c.server.admit(c.ctx, at, c.who, want, c.at)
	if err != nil {
		return nil, err
	}
	return Access{Account{got.Engine, got.Account, got.Queue, got.Endpoint, got.Hint, c.at, some(got.Until), nil}, got.Secret}, nil
}

// admit has the engine make the account, and keeps it. The engine's error is the
// operator's: it may name what is no tenant's business.
func (s *Server) admit(ctx context.Context, at Station, who tenants.Tenant, want engine.Tenant, now time.Time) (engine.Access, error) {
	got, err := at.Registrar.Admit(ctx, want)
	if err != nil {
		if errors.Is(err, engine.ErrUnreachable) {
			return got, away("engine "+at.Name+" does not answer", err)
		}
		return got, fmt.Errorf("admit %q to %s: %w", who.Name(), at.Name, err)
	}
	got.Engine = at.Name
	return got, s.c.Clerk.Register(ctx, who, got, now)
}
