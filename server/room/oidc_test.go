package room

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sluice/people"
	store "sluice/store/people"
)

// idp is an issuer of OpenID Connect, with one person who is logged in there.
type idp struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any            // of the next token, beside the usual
	asked  url.Values                // the last request to log in
	spoil  func(token string) string // what comes of a token on the way
	clock  func() time.Time
}

func newIDP(t *testing.T, clock func() time.Time) *idp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &idp{key: key, clock: clock, spoil: func(token string) string { return token }}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		e := big.NewInt(int64(key.E)).Bytes()
		answer(w, map[string]any{"keys": []map[string]string{{"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "n": b64(key.N.Bytes()), "e": b64(e)}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, req *http.Request) {
		sum := sha256.Sum256([]byte(req.FormValue("code_verifier")))
		if req.FormValue("code") != "the-code" || b64(sum[:]) != p.asked.Get("code_challenge") || p.asked.Get("code_challenge_method") != "S256" {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]string{"error": "invalid_grant", "error_description": "hush"})
			return
		}
		answer(w, map[string]any{"access_token": "hush-access", "token_type": "Bearer", "expires_in": 60, "id_token": p.spoil(p.token(t))})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token is one for the last request.
func (p *idp) token(t *testing.T) string {
	t.Helper()
	said := map[string]any{
		"iss": p.URL, "aud": p.asked.Get("client_id"), "sub": "subject-1", "nonce": p.asked.Get("nonce"),
		"iat": p.clock().Unix(), "exp": p.clock().Add(time.Minute).Unix(), "email": "carol@example.org", "email_verified": true,
	}
	maps.Copy(said, p.claims)
	body, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	text := b64([]byte(`{"alg":"RS256","kid":"1","typ":"JWT"}`)) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

// corp is a world with carol, whom an issuer knows.
func corp(t *testing.T, change func(*Provider)) (*world, *idp) {
	t.Helper()
	var p *idp
	w := newWorld(t, func(c *Config) {
		p = newIDP(t, c.Clock)
		by := Provider{Name: "corp", Label: "Corp", Issuer: p.URL, ClientID: "sluice", Secret: people.Hide("hush-client")}
		if change != nil {
			change(&by)
		}
		c.OIDC, c.Public = []Provider{by}, "http://localhost:8321"
	})
	_, err := w.store.Add(w.Context(), w.administrator("ann"), store.Person{Name: "carol", Mail: "carol@example.org"}, w.clock())
	w.must(err)
	return w, p
}

// begin goes to the issuer, and is the cookie of the login under way.
func (p *idp) begin(w *world) (cookie string) {
	w.Helper()
	a := w.nobody().ok(http.StatusSeeOther, "GET", "/v1/oidc/corp/start", nil)
	to, err := url.Parse(a.header.Get("Location"))
	w.must(err)
	p.asked = to.Query()
	if !strings.HasPrefix(to.String(), p.URL+"/authorize?") || p.asked.Get("redirect_uri") != "http://localhost:8321/v1/oidc/corp/callback" || p.asked.Get("scope") != "openid email" {
		w.Errorf("%s", to)
	}
	c := (&http.Response{Header: a.header}).Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].MaxAge != int(waitFor.Seconds()) {
		w.Fatalf("%v", a.header)
	}
	return c[0].Value
}

// back comes back from the issuer; the cookie of the session is empty where there is none.
func (p *idp) back(w *world, cookie string, query url.Values) (to, session string) {
	w.Helper()
	a := w.nobody().do("GET", "/v1/oidc/corp/callback?"+query.Encode(), nil, "Cookie", "sluice-oidc="+cookie)
	if a.status != http.StatusSeeOther {
		w.Fatalf("%d %s", a.status, a.body)
	}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		switch {
		case c.Name == sessionCookie:
			session = c.Value
		case c.Name == "sluice-oidc" && c.MaxAge >= 0:
			w.Error("the login under way goes on")
		}
	}
	return a.header.Get("Location"), session
}

// good is how an issuer sends a browser back; some add what nobody asked for.
func (p *idp) good() url.Values {
	return url.Values{"state": {p.asked.Get("state")}, "code": {"the-code"}, "iss": {p.URL}, "session_state": {"x"}}
}

// TestByAProvider: an account whose address was verified there is logged in, as who it is,
// with no right more and no proof.
func TestByAProvider(t *testing.T) {
	t.Parallel()
	w, p := corp(t, nil)
	if got := w.nobody().ok(http.StatusOK, "GET", "/v1/oidc", nil).body; !strings.Contains(got, `{"name":"corp","label":"Corp"}`) {
		t.Error(got)
	}
	p.claims = map[string]any{"groups": []string{"admins"}, "amr": []string{"mfa"}}
	to, session := p.back(w, p.begin(w), p.good())
	if to != "/" || session == "" {
		t.Fatalf("%q %q %s", to, session, w.logged())
	}
	var s Session
	(&guest{world: w, cookie: session}).ok(http.StatusOK, "GET", "/v1/session", nil).read(t, &s)
	if s.Person != "carol" || len(s.Grants) != 0 || s.Proven {
		t.Errorf("%+v", s)
	}
	p.claims = map[string]any{"email": "new@example.org"}
	if _, session := p.back(w, p.begin(w), p.good()); session == "" {
		t.Error("the subject is not known again")
	}
	for _, secret := range []string{"hush", "the-code", session} {
		if strings.Contains(w.logged(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// TestWhatAProviderMayNot: whatever is wrong, nobody is logged in and the page is told.
func TestWhatAProviderMayNot(t *testing.T) {
	t.Parallel()
	w, p := corp(t, nil)
	other := p.begin(w)
	for sentence, c := range map[string]struct {
		claims map[string]any
		query  url.Values // beside the usual
		spoil  func(string) string
		cookie string
		later  time.Duration
		want   string
	}{
		"another state":      {query: url.Values{"state": {"x"}}, want: signinAnew},
		"no state":           {query: url.Values{"state": nil}, want: signinAnew},
		"of another browser": {cookie: other, want: signinAnew},
		"no cookie":          {cookie: "none", want: signinAnew},
		"too late":           {later: waitFor, want: signinAnew},
		"a refusal":          {query: url.Values{"error": {"access_denied"}, "code": nil}, want: signinRefused},
		"no code":            {query: url.Values{"code": nil}, want: signinRefused},
		"another code":       {query: url.Values{"code": {"stolen"}}, want: signinFailed},
		"of another login":   {claims: map[string]any{"nonce": "x"}, want: signinFailed},
		"for another client": {claims: map[string]any{"aud": "other"}, want: signinFailed},
		"of another issuer":  {claims: map[string]any{"iss": "https://evil.example"}, want: signinFailed},
		"one that is over":   {claims: map[string]any{"exp": noon.Add(-time.Minute).Unix()}, want: signinFailed},
		"changed on the way": {spoil: func(s string) string { return strings.Replace(s, ".", ".e30", 1) }, want: signinFailed},
		"without signature": {spoil: func(s string) string {
			return b64([]byte(`{"alg":"none"}`)) + s[strings.Index(s, "."):strings.LastIndex(s, ".")+1]
		}, want: signinFailed},
		"no token":               {spoil: func(string) string { return "" }, want: signinFailed},
		"nobody's address":       {claims: map[string]any{"email": "eve@example.org"}, want: signinUnknown},
		"an address not checked": {claims: map[string]any{"email_verified": false}, want: signinUnknown},
		"no address":             {claims: map[string]any{"email": nil}, want: signinUnknown},
	} {
		t.Run(sentence, func(t *testing.T) {
			cookie := p.begin(w)
			if c.cookie != "" {
				cookie = c.cookie
			}
			p.claims, p.spoil = c.claims, func(s string) string { return s }
			if c.spoil != nil {
				p.spoil = c.spoil
			}
			query := p.good()
			maps.Copy(query, c.query)
			w.later(c.later)
			if to, session := p.back(w, cookie, query); to != "/?signin="+c.want || session != "" {
				t.Errorf("%q, session %q", to, session)
			}
			w.later(-c.later)
		})
	}
	if strings.Contains(w.logged(), "hush") {
		t.Error("the log holds a secret")
	}
	w.nobody().wants(t, "GET", "/v1/oidc/other/start", nil, http.StatusNotFound, "unknown")
	p.Close()
	w.room.providers["corp"].found = nil
	w.nobody().wants(t, "GET", "/v1/oidc/corp/start", nil, http.StatusServiceUnavailable, "away")
}

// TestGroupsAndFactors: roles follow groups where the settings say so, and a login there
// is a proof here where it was what they ask for.
func TestGroupsAndFactors(t *testing.T) {
	t.Parallel()
	w, p := corp(t, func(x *Provider) {
		x.Groups = map[string]people.Grant{"shift": {Role: people.Viewer, Site: "a"}}
		x.Factors, x.Fresh = []string{"mfa", "urn:high"}, true
	})
	for sentence, c := range map[string]struct {
		claims map[string]any
		roles  int
		proven bool
	}{
		"both":              {map[string]any{"groups": []string{"shift", "else"}, "amr": []string{"pwd", "mfa"}, "auth_time": noon.Unix()}, 1, true},
		"by its class":      {map[string]any{"groups": "shift", "acr": "urn:high", "auth_time": noon.Add(-time.Minute).Unix()}, 1, true},
		"long ago":          {map[string]any{"amr": []string{"mfa"}, "auth_time": noon.Add(-people.StepUp).Unix()}, 0, false},
		"a password alone":  {map[string]any{"amr": []string{"pwd"}, "auth_time": noon.Unix()}, 0, false},
		"nobody knows when": {map[string]any{"amr": []string{"mfa"}}, 0, false},
		"no group":          {map[string]any{"groups": []string{}, "amr": []string{"mfa"}, "auth_time": noon.Unix()}, 0, true},
	} {
		p.claims = c.claims
		cookie := p.begin(w)
		if p.asked.Get("max_age") != "300" {
			t.Error(p.asked)
		}
		_, session := p.back(w, cookie, p.good())
		var s Session
		(&guest{world: w, cookie: session}).ok(http.StatusOK, "GET", "/v1/session", nil).read(t, &s)
		if len(s.Grants) != c.roles || s.Proven != c.proven {
			t.Errorf("%s: %+v", sentence, s)
		}
	}
}

// TestSettingsOfProviders: what is wrong is said before anything runs.
func TestSettingsOfProviders(t *testing.T) {
	t.Parallel()
	good := Provider{Name: "corp", Issuer: "https://login.example", ClientID: "x"}
	with := func(change func(*Provider)) []Provider {
		p := good
		change(&p)
		return []Provider{p}
	}
	for sentence, c := range map[string]struct {
		all    []Provider
		public string
		want   string
	}{
		"good":             {[]Provider{good}, "https://room.example", ""},
		"twice":            {[]Provider{good, good}, "https://room.example", "twice"},
		"no address":       {[]Provider{good}, "", "public address"},
		"in the clear":     {[]Provider{good}, "http://room.example", "https://"},
		"an odd name":      {with(func(p *Provider) { p.Name = "a/b" }), "https://room.example", "small letters"},
		"no client":        {with(func(p *Provider) { p.ClientID = "" }), "https://room.example", "client id"},
		"issuer in clear":  {with(func(p *Provider) { p.Issuer = "http://login.example" }), "https://room.example", "https://"},
		"an administrator": {with(func(p *Provider) { p.Groups = map[string]people.Grant{"x": {Role: people.Admin}} }), "https://room.example", "administrator"},
		"no such role":     {with(func(p *Provider) { p.Groups = map[string]people.Grant{"x": {Role: "king"}} }), "https://room.example", "king"},
	} {
		err := validProviders(c.all, c.public)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestWithoutAPassword: where a provider is configured two administrators may give a role
// to who never had a password; they log in there and act here.
func TestWithoutAPassword(t *testing.T) {
	t.Parallel()
	var p *idp
	w := newWorld(t, func(c *Config) {
		p = newIDP(t, c.Clock)
		s, err := store.Open(t.Context(), store.Config{Directory: t.TempDir(), Providers: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		c.People, c.Public = s, "http://localhost:8321"
		c.OIDC = []Provider{{Name: "corp", Issuer: p.URL, ClientID: "sluice"}}
	})
	bob := &guest{world: w}
	w.second()
	bob.cookie, _ = w.visitor("bob")
	ann := w.admin()
	var added Invitation
	ann.ok(http.StatusCreated, "POST", "/v1/people", NewPerson{Name: "carol", Mail: "carol@example.org"}).read(t, &added)
	var given Given
	ann.ok(http.StatusAccepted, "POST", "/v1/people/carol/roles", RoleChange{Role: people.Viewer, Reason: "for the shift"}).read(t, &given)
	bob.ok(http.StatusOK, "POST", "/v1/requests/"+given.Request.ID+"/approve", nil)
	if a := w.nobody().do("POST", "/v1/invitation", map[string]string{"invitation": added.Invitation, "password": password}); a.status != http.StatusGone {
		t.Errorf("whoever has the invitation gets the role: %d %s", a.status, a.body)
	}
	_, session := p.back(w, p.begin(w), p.good())
	var s Session
	(&guest{world: w, cookie: session}).ok(http.StatusOK, "GET", "/v1/session", nil).read(t, &s)
	if s.Person != "carol" || len(s.Grants) != 1 {
		t.Errorf("%+v", s)
	}
}
