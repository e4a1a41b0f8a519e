package hall

import (
	"context"
	"net/http"
	"net/url"
)

// Status is where the hall stands now.
func (c Client) Status(ctx context.Context) (Status, error) {
	return got[Status](ctx, c, http.MethodGet, "status", nil)
}

// Jobs are all jobs of the last view, those of a contract when it is named.
func (c Client) Jobs(ctx context.Context, contract string) ([]Job, error) {
	return got[[]Job](ctx, c, http.MethodGet, "jobs?contract="+url.QueryEscape(contract), nil)
}

// Why explains a job.
func (c Client) Why(ctx context.Context, job string) (Reason, error) {
	return got[Reason](ctx, c, http.MethodGet, "why?job="+url.QueryEscape(job), nil)
}

// Notices are the last ones, oldest first.
func (c Client) Notices(ctx context.Context) ([]Notice, error) {
	return got[[]Notice](ctx, c, http.MethodGet, "notices", nil)
}

// Promises are how the promises of the contracts stand this month.
func (c Client) Promises(ctx context.Context) ([]Promise, error) {
	return got[[]Promise](ctx, c, http.MethodGet, "promises", nil)
}

// Propose is the plan of a wish as it would run now. Nothing is done.
func (c Client) Propose(ctx context.Context, w Wish) (Proposal, error) {
	return got[Proposal](ctx, c, http.MethodPost, "preview", w)
}

// Curtail begins a curtailment and says its name.
func (c Client) Curtail(ctx context.Context, w Wish) (string, error) {
	a, err := got[Answer](ctx, c, http.MethodPost, "curtail", w)
	return a.Event, err
}

// LetGo ends the drain of a name, or gives back what the running curtailment took.
func (c Client) LetGo(ctx context.Context, q Ask) (Answer, error) {
	return got[Answer](ctx, c, http.MethodPost, "release", q)
}

// got is what the hall answers.
func got[T any](ctx context.Context, c Client, method, path string, what any) (v T, err error) {
	err = c.Ask(ctx, method, path, what, &v)
	return v, err
}
