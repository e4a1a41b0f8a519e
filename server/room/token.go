package room

import (
	"context"
	"net/http"
	"time"

	"sluice/people"
	store "sluice/store/people"
)

// Token is what is known of an API token: everything but its secret.
type Token struct {
	ID      string         `json:"id"`
	Prefix  string         `json:"prefix" doc:"The beginning of its text, by which it is found again."`
	Person  string         `json:"person" doc:"For whom it acts."`
	Label   string         `json:"label" doc:"What it is for."`
	Scope   []people.Grant `json:"scope"`
	Made    time.Time      `json:"made"`
	Until   time.Time      `json:"until"`
	Used    *time.Time     `json:"used,omitempty" doc:"Last, to the minute; absent: never."`
	Revoked *time.Time     `json:"revoked,omitempty" doc:"Absent: it was not taken back."`
	Valid   bool           `json:"valid"`
}

// Tokens are the visitor's own, and for who may revoke them those of all.
type Tokens struct {
	Tokens []Token `json:"tokens"`
}

// NewToken is a token that is wanted.
type NewToken struct {
	Label string         `json:"label" minLength:"1" maxLength:"200" doc:"What it is for."`
	Scope []people.Grant `json:"scope" minItems:"1" maxItems:"100" doc:"No more than your own roles."`
	Days  int            `json:"days,omitempty" minimum:"1" maximum:"366" doc:"Until it ends; absent: 90."`
}

// Issued is a token with its text.
type Issued struct {
	Token
	Text string `json:"text" doc:"Shown once."`
}

type tokenIn struct {
	ID string `path:"id" maxLength:"60"`
}

func (r *Room) serveTokens() {
	serve(r, route{method: http.MethodGet, path: "/v1/tokens", id: "listTokens", says: "Your API tokens; for who may revoke them those of all.", group: "tokens", reach: oneself}, r.tokens)
	serve(r, route{
		method: http.MethodPost, path: "/v1/tokens", id: "makeToken", says: "Makes an API token with no more than your rights.",
		group: "tokens", reach: somewhere, verb: people.Tokens, status: http.StatusCreated,
	}, r.makeToken)
	raw(r, gone(route{method: http.MethodDelete, path: "/v1/tokens/{id}", id: "revokeToken", says: "Ends a token at once.", group: "tokens", reach: oneself}), r.revokeToken)
}

func (r *Room) tokens(ctx context.Context, v Visit, _ *struct{}) (Tokens, error) {
	all, err := r.cfg.People.Tokens(ctx, v.who, v.at)
	out := Tokens{Tokens: []Token{}}
	for _, t := range all {
		out.Tokens = append(out.Tokens, tokenOf(t, v.at))
	}
	return out, err
}

func tokenOf(t store.Token, now time.Time) Token {
	return Token{
		ID: t.ID, Prefix: t.Prefix(), Person: t.Person, Label: t.Label, Scope: filled(t.Scope), Made: t.Made, Until: t.Until,
		Used: dated(t.Used), Revoked: dated(t.Revoked), Valid: t.Revoked.IsZero() && now.Before(t.Until),
	}
}

func (r *Room) makeToken(ctx context.Context, v Visit, in *struct{ Body NewToken }) (Issued, error) {
	shownOnce(ctx)
	want := store.Token{Label: in.Body.Label, Scope: in.Body.Scope}
	if in.Body.Days > 0 {
		want.Until = v.at.AddDate(0, 0, in.Body.Days)
	}
	text, t, err := r.cfg.People.Issue(ctx, v.who, want, v.at)
	if err != nil {
		return Issued{}, err
	}
	return Issued{Token: tokenOf(t, v.at), Text: text.Reveal()}, nil
}

func (r *Room) revokeToken(ctx context.Context, v Visit, in *tokenIn) (*nothing, error) {
	return &nothing{}, r.cfg.People.RevokeToken(ctx, v.who, in.ID, v.at)
}
