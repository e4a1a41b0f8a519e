package room

import (
	"context"
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// found is a provider whose addresses and keys are known.
type found struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
}

// discover asks a provider for its addresses. Keys are asked for as tokens need them.
func (r *Room) discover(ctx context.Context, p Provider) (issuer, error) {
	got, err := oidc.NewProvider(oidc.ClientContext(ctx, caller()), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("find the provider %s: %w", p.Issuer, err)
	}
	return found{got, got.Verifier(&oidc.Config{ClientID: p.ClientID, Now: r.cfg.Clock})}, nil
}

// endpoint implements issuer.
func (f found) endpoint() oauth2.Endpoint { return f.provider.Endpoint() }

// claims implements issuer.
func (f found) claims(ctx context.Context, token string) (claims, error) {
	t, err := f.verifier.Verify(ctx, token)
	if err != nil {
		return claims{}, fmt.Errorf("the token of the provider: %w", err)
	}
	c := claims{issuer: t.Issuer, subject: t.Subject, nonce: t.Nonce}
	return c, t.Claims(&c.said)
}
