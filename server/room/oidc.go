package room

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"sluice/people"
	store "sluice/store/people"
)

// Provider is an issuer of OpenID Connect that may say who somebody is. It makes no
// accounts. It gives roles where Groups say which.
type Provider struct {
	Name     string // in addresses: small letters, digits and dashes
	Label    string // on the button; empty: the name
	Issuer   string // https, as the issuer writes it
	ClientID string
	Secret   people.Secret // empty: a public client, by PKCE alone
	Scopes   []string      // beside openid and email

	// Groups give roles: they come and go with the groups of the claim. Nobody becomes an
	// administrator so.
	Groups      map[string]people.Grant
	GroupsClaim string // empty: groups

	// A login counts as shown again just now where Factors or Fresh say what it takes, and
	// all of that is so. Else what takes a proof takes a code here.
	Factors []string // one of them is in amr, or is acr
	Fresh   bool     // they showed there who they are within the last minutes
}

// waitFor is how long somebody may take at the issuer.
const waitFor = 10 * time.Minute

// Providers are who else may say who somebody is.
type Providers struct {
	Providers []ProviderRow `json:"providers"`
}

// ProviderRow is one of them.
type ProviderRow struct {
	Name  string `json:"name" doc:"In the address: /v1/oidc/NAME/start."`
	Label string `json:"label" doc:"On the button."`
}

// issuer is a provider that was found.
type issuer interface {
	endpoint() oauth2.Endpoint
	// claims checks the signature, the issuer, the audience and the time of a token.
	claims(ctx context.Context, token string) (claims, error)
}

// claims are what a token says.
type claims struct {
	issuer, subject, nonce string
	said                   map[string]any
}

// provider is a Provider in use.
type provider struct {
	Provider
	mu    sync.Mutex // guards found
	found issuer
	roles atomic.Pointer[groupRoles] // that objects give; nil: no objects are kept
}

type providerIn struct {
	Name string `path:"name" maxLength:"60" example:"corp"`
}

type callbackIn struct {
	Name  string `path:"name" maxLength:"60"`
	State string `query:"state" maxLength:"200"`
	Code  string `query:"code" maxLength:"8000"`
	Error string `query:"error" maxLength:"200"`
	Plain string `cookie:"sluice-oidc" maxLength:"2000"` // the login under way, without TLS
	Flow  string `cookie:"__Host-sluice-oidc" maxLength:"2000"`
}

// redirect sends a browser elsewhere.
type redirect struct {
	Status    int
	Location  string        `header:"Location"`
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (r *Room) serveOIDC() {
	r.providers = map[string]*provider{}
	for _, p := range r.cfg.OIDC {
		r.providers[p.Name] = &provider{Provider: p}
	}
	of := func(path, id, says string) route {
		return route{method: http.MethodGet, path: path, id: id, says: says, group: "session", reach: open}
	}
	sent := func(t route) route { t.status = http.StatusSeeOther; return t }
	serve(r, of("/v1/oidc", "listProviders", "Who else may say who you are."), r.listProviders)
	raw(r, sent(of("/v1/oidc/{name}/start", "startOIDC", "Sends the browser to a provider.")), r.startOIDC)
	raw(r, sent(of("/v1/oidc/{name}/callback", "endOIDC", "Where a provider sends the browser back: to the page, logged in, or with ?signin= and why not.")), r.endOIDC)
}

func (r *Room) listProviders(context.Context, Visit, *struct{}) (Providers, error) {
	out := Providers{Providers: []ProviderRow{}}
	for _, p := range r.cfg.OIDC {
		label := p.Label
		if label == "" {
			label = p.Name
		}
		out.Providers = append(out.Providers, ProviderRow{p.Name, label})
	}
	return out, nil
}

// flow is one login that is under way. It is in a cookie of the browser that began it, so
// that no other one ends it.
type flow struct {
	Provider string    `json:"p"`
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"` // of PKCE
	Until    time.Time `json:"u"`
}

func (r *Room) startOIDC(ctx context.Context, v Visit, in *providerIn) (*redirect, error) {
	p := r.providers[in.Name]
	if p == nil {
		return nil, missing("provider", in.Name)
	}
	conf, _, err := r.client(ctx, p)
	if err != nil {
		return nil, away("the provider "+p.Name, err)
	}
	f := flow{Provider: p.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Until: v.at.Add(waitFor)}
	more := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(f.Verifier), oauth2.SetAuthURLParam("nonce", f.Nonce)}
	if p.Fresh {
		more = append(more, oauth2.SetAuthURLParam("max_age", itoa(int(people.StepUp.Seconds()))))
	}
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("begin a login: %w", err)
	}
	cookie := r.flowCookie(base64.RawURLEncoding.EncodeToString(text), waitFor)
	return &redirect{Status: http.StatusSeeOther, Location: conf.AuthCodeURL(f.State, more...), SetCookie: []http.Cookie{cookie}}, nil
}

// flowCookie is the cookie of a login under way. It comes back with the browser from the
// provider, so it is not a strict one.
func (r *Room) flowCookie(value string, age time.Duration) http.Cookie {
	return http.Cookie{
		Name: r.cookie() + "-oidc", Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, Secure: r.cfg.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// client is the provider as the protocol sees it. Its addresses are asked for once.
func (r *Room) client(ctx context.Context, p *provider) (*oauth2.Config, issuer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		found, err := r.discover(ctx, p.Provider)
		if err != nil {
			return nil, nil, err
		}
		p.found = found
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret.Reveal(), Endpoint: p.found.endpoint(), Scopes: append([]string{"openid", "email"}, p.Scopes...),
		RedirectURL: strings.TrimSuffix(r.cfg.Public, "/") + "/v1/oidc/" + p.Name + "/callback",
	}, p.found, nil
}

// endOIDC ends a login. A browser is sent to the page in any case, which says why not.
func (r *Room) endOIDC(ctx context.Context, v Visit, in *callbackIn) (*redirect, error) {
	p := r.providers[in.Name]
	if p == nil {
		return nil, missing("provider", in.Name)
	}
	out := &redirect{Status: http.StatusSeeOther, Location: "/", SetCookie: []http.Cookie{r.flowCookie("", -time.Second)}}
	text, code, err := r.loginBy(ctx, v, p, in)
	if err != nil {
		r.cfg.Log.WarnContext(ctx, "a login by a provider failed", "provider", p.Name, "code", code, "cause", quiet(err))
		out.Location = "/?signin=" + code
		return out, nil
	}
	out.SetCookie = append(out.SetCookie, r.keep(text, people.SessionMost))
	return out, nil
}

// The codes with which the page is told why somebody is not logged in.
const (
	signinAnew    = "anew"    // it took too long, or another browser began it
	signinRefused = "refused" // the provider says no
	signinFailed  = "failed"  // the provider does not answer as it should
	signinUnknown = "unknown" // no account here is theirs
)

// loginBy checks what the provider says, and begins the session.
func (r *Room) loginBy(ctx context.Context, v Visit, p *provider, in *callbackIn) (people.Secret, string, error) {
	text := in.Plain
	if r.cfg.Secure {
		text = in.Flow
	}
	f, err := flowOf(text)
	if err != nil || f.Provider != p.Name || !v.at.Before(f.Until) || subtle.ConstantTimeCompare([]byte(f.State), []byte(in.State)) == 0 {
		return people.Secret{}, signinAnew, errors.New("it was not begun by this browser, or too long ago")
	}
	if in.Error != "" || in.Code == "" {
		return people.Secret{}, signinRefused, fmt.Errorf("the provider says %.60q", in.Error)
	}
	ctx, end := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, caller()), 15*time.Second)
	defer end()
	conf, found, err := r.client(ctx, p)
	if err != nil {
		return people.Secret{}, signinFailed, err
	}
	token, err := conf.Exchange(ctx, in.Code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return people.Secret{}, signinFailed, err
	}
	idToken, _ := token.Extra("id_token").(string)
	c, err := found.claims(ctx, idToken)
	if err != nil {
		return people.Secret{}, signinFailed, err
	}
	if subtle.ConstantTimeCompare([]byte(c.nonce), []byte(f.Nonce)) == 0 {
		return people.Secret{}, signinFailed, errors.New("the token is of another login")
	}
	session, _, err := r.cfg.People.LoginBy(ctx, p.claim(c, v), v.at)
	if err != nil {
		code := signinFailed
		if errors.Is(err, store.ErrLogin) {
			code = signinUnknown
		}
		return people.Secret{}, code, err
	}
	return session, "", nil
}

// flowOf reads the cookie of a login.
func flowOf(text string) (f flow, err error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err == nil && (f.State == "" || f.Nonce == "") {
		err = errors.New("there is no login under way")
	}
	return f, err
}

// claim is what the store is told.
func (p *provider) claim(c claims, v Visit) store.Claim {
	out := store.Claim{
		Provider: p.Name, Issuer: c.issuer, Subject: c.subject, Proven: p.proven(c, v.at), Mapped: p.maps(),
		Address: v.from, Agent: v.agent, Old: v.text,
	}
	if verified := c.said["email_verified"]; verified == true || verified == "true" {
		out.Mail, _ = c.said["email"].(string)
	}
	claim := p.GroupsClaim
	if claim == "" {
		claim = "groups"
	}
	for _, g := range texts(c.said[claim]) {
		out.Grants = append(out.Grants, p.gives(g)...)
	}
	return out
}

// proven reports whether it was shown just now who they are, as the settings ask for it.
func (p *provider) proven(c claims, now time.Time) bool {
	if len(p.Factors) == 0 && !p.Fresh {
		return false
	}
	at, dated := c.said["auth_time"].(float64)
	fresh := dated && now.Sub(time.Unix(int64(at), 0)).Abs() < people.StepUp
	if p.Fresh && !fresh || dated && !fresh {
		return false
	}
	if len(p.Factors) == 0 {
		return true
	}
	said := append(texts(c.said["amr"]), texts(c.said["acr"])...)
	for _, factor := range p.Factors {
		if slices.Contains(said, factor) {
			return true
		}
	}
	return false
}

// texts are those of a claim that is one or a list.
func texts(claim any) (out []string) {
	switch x := claim.(type) {
	case string:
		return []string{x}
	case []any:
		for _, one := range x {
			if text, is := one.(string); is {
				out = append(out, text)
			}
		}
	}
	return out
}

// caller asks providers. It follows no way to elsewhere.
func caller() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// quiet is an error without what the provider wrote: that may be a secret.
func quiet(err error) string {
	if no, is := errors.AsType[*oauth2.RetrieveError](err); is {
		return "the provider refuses the code: " + clip(no.ErrorCode, 60)
	}
	return err.Error()
}

// straight leaves of the way back from a provider what is asked for: providers add more.
func straight(req *http.Request) *http.Request {
	if !strings.HasPrefix(req.URL.Path, "/v1/oidc/") || !strings.HasSuffix(req.URL.Path, "/callback") {
		return req
	}
	had, kept := req.URL.Query(), url.Values{}
	for _, name := range []string{"state", "code", "error"} {
		if x := had.Get(name); x != "" {
			kept.Set(name, x)
		}
	}
	req = req.Clone(req.Context())
	req.URL.RawQuery = kept.Encode()
	return req
}

// validProviders reports everything that is wrong with the settings.
func validProviders(all []Provider, public string) error {
	var faults []error
	seen := map[string]bool{}
	for _, p := range all {
		if err := p.validate(); err != nil {
			faults = append(faults, fmt.Errorf("provider %.60q: %w", p.Name, err))
		}
		if seen[p.Name] {
			faults = append(faults, fmt.Errorf("provider %.60q is there twice", p.Name))
		}
		seen[p.Name] = true
	}
	if len(all) > 0 && !Secured(public) {
		faults = append(faults, fmt.Errorf("public address %.100q: providers send browsers back to it: write it with https://", public))
	}
	return errors.Join(faults...)
}

func (p Provider) validate() error {
	var faults []error
	if p.Name == "" || strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		faults = append(faults, errors.New("its name has small letters, digits and dashes"))
	}
	if p.ClientID == "" || !Secured(p.Issuer) {
		faults = append(faults, errors.New("it needs a client id, and an issuer with https://"))
	}
	for group, g := range p.Groups {
		if err := g.Validate(); err != nil {
			faults = append(faults, fmt.Errorf("group %.60q: %w", group, err))
		}
		if g.Role == people.Admin {
			faults = append(faults, fmt.Errorf("group %.60q: no group makes an administrator: two people do", group))
		}
	}
	return errors.Join(faults...)
}

// Secured reports an address that nobody on the way reads: by TLS, or of this computer.
func Secured(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
