package tenant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
	"sluice/use/hosting"
)

// Me is who asks.
type Me struct {
	Name   string    `json:"name" doc:"By which you are known."`
	Label  string    `json:"label" doc:"The same for people."`
	Since  time.Time `json:"since"`
	Tokens []Token   `json:"tokens" doc:"Yours, those that ended too."`
}

// Token is what is known of a token: everything but its secret.
type Token struct {
	ID      string     `json:"id"`
	Label   string     `json:"label" doc:"What it is for."`
	Issued  time.Time  `json:"issued"`
	Until   *time.Time `json:"until" doc:"null: it does not end by itself."`
	Revoked *time.Time `json:"revoked" doc:"null: it is valid."`
}

// some is an instant, or none.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// money is an amount with all its decimals.
func money(a unit.Amount) string { return books.Asset("").Text(int64(a)) }

// share is a ratio with all its decimals, 1 being all.
func share(r unit.Ratio) string { return books.Asset("").Text(int64(r)) }

func me(c call) (any, error) {
	p, err := c.server.c.Desk.Profile(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	all, err := c.server.c.Desk.Tokens(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	out := Me{Name: p.Name, Label: p.Label, Since: p.Since, Tokens: []Token{}}
	for _, t := range all {
		out.Tokens = append(out.Tokens, Token{t.ID, t.Label, t.Issued, some(t.Until), some(t.Revoked)})
	}
	return out, nil
}

// Contract is what a tenant agreed, as far as it concerns the tenant.
type Contract struct {
	Name     string     `json:"name"`
	Known    bool       `json:"known" doc:"false: the operator has not entered its terms."`
	Kind     string     `json:"kind"`
	Hall     string     `json:"hall"`
	Model    string     `json:"model" doc:"Of GPU."`
	GPUs     int        `json:"gpus" doc:"Committed, or at most at once where the kind commits none."`
	PowerW   int64      `json:"power_w" doc:"Critical power committed, of colocation."`
	From     *time.Time `json:"from"`
	Until    *time.Time `json:"until" doc:"null: without end."`
	Price    string     `json:"price" doc:"Of a GPU-hour; of colocation: of a kW and month. In the currency of the contract."`
	WarnS    int64      `json:"warn_s" doc:"From a warning to the engine's signal."`
	GraceS   int64      `json:"grace_s" doc:"From that signal to the end of a job."`
	Slowdown string     `json:"slowdown" doc:"Share of speed that power limits may take at most."`
	Flexible *Flexible  `json:"flexible" doc:"null: you let no power go."`
	Promised []Tier     `json:"promised" doc:"Availability of a month and what is credited when it is missed."`
}

// Flexible is power that a tenant lets go.
type Flexible struct {
	HoursAYear    string `json:"hours_a_year"`
	LongestS      int64  `json:"longest_s" doc:"0: not limited."`
	CallsAMonth   int    `json:"calls_a_month" doc:"0: any number."`
	NoticeS       int64  `json:"notice_s"`
	OfCommitments string `json:"of_commitment" doc:"Share of the commitment that goes."`
}

// Tier is one tier of credits.
type Tier struct {
	Below  string `json:"below" doc:"Availability strictly below it."`
	Credit string `json:"credit" doc:"Share of the month's fee."`
}

// bound is the tenant's contracts: all names, and the terms of those that the
// operator has entered for this tenant. A name that is entered for somebody else is
// as good as none: nothing of it is told.
func (c call) bound() ([]string, []hosting.Contract, error) {
	names, err := c.server.c.Desk.Contracts(c.ctx, c.who)
	if err != nil {
		return nil, nil, err
	}
	book, err := c.server.c.Books.Book(c.ctx)
	if err != nil {
		return nil, nil, away("the contracts cannot be read", err)
	}
	var out []hosting.Contract
	for _, x := range book.Contracts {
		if x.Tenant == c.who.Name() && slices.Contains(names, x.Name) {
			out = append(out, x)
		}
	}
	return names, out, nil
}

// wanted narrows contracts to the one of the query. What is not the tenant's is not there.
func (c call) wanted() (string, error) {
	name := c.query.Get("contract")
	if name == "" {
		return "", nil
	}
	names, err := c.server.c.Desk.Contracts(c.ctx, c.who)
	if err == nil && !slices.Contains(names, name) {
		err = unknown("contract")
	}
	return name, err
}

func contracts(c call) (any, error) {
	names, terms, err := c.bound()
	if err != nil {
		return nil, err
	}
	out := []Contract{}
	for _, n := range names {
		known := false
		for _, x := range terms {
			if x.Name == n {
				out, known = append(out, agreed(x)), true
			}
		}
		if !known {
			out = append(out, Contract{Name: n, Promised: []Tier{}})
		}
	}
	return out, nil
}

// agreed is a contract as its tenant sees it: without what the operator thinks of it.
func agreed(x hosting.Contract) Contract {
	out := Contract{
		Name: x.Name, Known: true, Kind: string(x.Kind), Hall: x.Hall, Model: x.Model, GPUs: x.GPUs, PowerW: int64(x.Power), From: some(x.Start), Until: some(x.End),
		Price: money(x.Price), WarnS: int64(x.Warn / time.Second), GraceS: int64(x.Grace / time.Second), Slowdown: share(x.Capping.Slowdown), Promised: []Tier{},
	}
	if f := x.Flex; f.Hours > 0 {
		out.Flexible = &Flexible{fmt.Sprintf("%.2f", f.Hours.Hours()), int64(f.Event / time.Second), f.Events, int64(f.Notice / time.Second), share(f.Share)}
	}
	for _, t := range x.Level.Tiers {
		out.Promised = append(out.Promised, Tier{share(t.Below), share(t.Credit)})
	}
	return out
}

// sameModel reports whether two names of a GPU mean the same one.
func sameModel(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
