package kueue

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// Config says where a cluster is and how Sluice names what it needs there.
type Config struct {
	Server    string // https://host:port of the API server
	Authority []byte // PEM of who signed its certificate; empty: the roots of this computer
	TokenFile string // read again for every request, because it rotates

	Namespace string        // of our own, where curtailment orders lie
	Reserve   string        // LocalQueue in it through which orders come; empty: no watts can be withheld
	Watts     string        // resource by which Kueue counts watts; empty: power.<Domain>/watts
	GPU       string        // resource by which it counts GPUs; empty: nvidia.com/gpu
	Domain    string        // of our labels and annotations; empty: sluice.example
	Granule   unit.Power    // most of one order; 0: 100 kW
	Budget    unit.Power    // of the hall as the site declares it, to notice when somebody changes quotas; 0: not compared
	TokenLife time.Duration // of what tenants get; 0: 30 days
	Boost     bool          // Kueue's gate PriorityBoost is on, so that jobs can be ranked; it is tried before it is believed

	Now    func() time.Time // nil: the clock of this computer
	Client *http.Client     // nil: one that trusts Authority
}

// Driver is one cluster. It may be used by several goroutines.
type Driver struct {
	c      Config
	api    api
	memory memory

	mu       sync.Mutex // guards what follows
	served   string     // dialect, once it is known
	boosts   bool       // Kueue was seen to heed boosts
	troubles []Trouble  // what the last view came upon
}

// Dialect is the only version of Kueue's objects that is spoken here.
const Dialect = "v1beta2"

// priority is that of every curtailment order: above all work.
const priority = 10000

// New is the way to a cluster. Nothing is sent yet.
func New(c Config) (*Driver, error) {
	c.Domain = cmp.Or(c.Domain, "sluice.example")
	c.Watts = cmp.Or(c.Watts, "power."+c.Domain+"/watts")
	c.GPU = cmp.Or(c.GPU, "nvidia.com/gpu")
	c.Granule = cmp.Or(c.Granule, 100*unit.Kilowatt)
	c.TokenLife = cmp.Or(c.TokenLife, 30*24*time.Hour)
	if c.Now == nil {
		c.Now = time.Now
	}
	base, err := url.Parse(c.Server)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("kueue: server %q is no https://host:port: a token is not sent in the open", c.Server)
	}
	if c.Reserve != "" && c.Namespace == "" || c.Granule < 0 {
		return nil, fmt.Errorf("kueue: the reserve %q needs a namespace and granules of more than no watts", c.Reserve)
	}
	if c.Boost && c.Namespace == "" {
		return nil, errors.New("kueue: whether Kueue heeds boosts is tried in a namespace of Sluice's own: state it")
	}
	if c.Client == nil {
		if c.Client, err = trusting(c.Authority); err != nil {
			return nil, err
		}
	}
	return &Driver{c: c, memory: memory{all: map[string]workload{}}, api: api{base: strings.TrimSuffix(c.Server, "/"), token: c.TokenFile, client: c.Client}}, nil
}

// trusting is a client that believes who signed with authority, and nobody else
// where one is given.
func trusting(authority []byte) (*http.Client, error) {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		HTTP2:           &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 10 * time.Second},
	}
	if len(authority) > 0 {
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(authority) {
			return nil, errors.New("kueue: the authority of the API server holds no certificate in PEM")
		}
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

// Capabilities asks which dialects the cluster speaks, and refuses those that
// are not known here.
func (d *Driver) Capabilities(ctx context.Context) (engine.Capabilities, error) {
	if err := d.discover(ctx); err != nil {
		return engine.Capabilities{}, err
	}
	var v struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := d.api.read(ctx, "/version", nil, &v); err != nil {
		return engine.Capabilities{}, err
	}
	c := engine.Capabilities{
		Engine: "kueue", Version: "Kubernetes " + v.GitVersion, API: group + "/" + Dialect,
		Verbs:       []engine.Verb{engine.Hold, engine.Drain, engine.Release, engine.Warn, engine.Evict, engine.Restore},
		ExactVictim: true,
		Latency:     map[engine.Verb]time.Duration{},
	}
	if d.c.Reserve != "" {
		c.Verbs = append(c.Verbs, engine.Withhold, engine.GiveBack)
		c.WattBudget = true
	}
	boosts, err := d.heedsBoosts(ctx)
	if err != nil {
		return engine.Capabilities{}, err
	}
	if boosts {
		c.Verbs = append(c.Verbs, engine.Rank)
	}
	for v, t := range measured() {
		if c.Can(v) {
			c.Latency[v] = t
		}
	}
	return c, nil
}

// measured is how long each verb took to have its effect on a control plane of
// one computer with two busy cores, the slowest of several times; see docs/kueue.md.
func measured() map[engine.Verb]time.Duration {
	return map[engine.Verb]time.Duration{
		engine.Hold: 150 * time.Millisecond, engine.Release: 500 * time.Millisecond, engine.Evict: 250 * time.Millisecond,
		engine.Drain: 400 * time.Millisecond, engine.Rank: 150 * time.Millisecond,
		engine.Restore: 900 * time.Millisecond, engine.Withhold: 1200 * time.Millisecond, engine.GiveBack: 1100 * time.Millisecond,
	}
}

// group is the API group of Kueue.
const group = "kueue.x-k8s.io"

// discover finds out once that the cluster speaks our dialect.
func (d *Driver) discover(ctx context.Context) error {
	d.mu.Lock()
	known := d.served != ""
	d.mu.Unlock()
	if known {
		return nil
	}
	var g struct {
		Versions []struct {
			Version string `json:"version"`
		} `json:"versions"`
	}
	err := d.api.read(ctx, "/apis/"+group, nil, &g)
	if errors.Is(err, engine.ErrUnknown) {
		return fmt.Errorf("kueue: %s serves no %s: install Kueue there, or correct the address: %w", d.c.Server, group, engine.ErrUnsupported)
	}
	if err != nil {
		return err
	}
	var names []string
	for _, v := range g.Versions {
		names = append(names, v.Version)
	}
	if !slices.Contains(names, Dialect) {
		return fmt.Errorf("kueue: the cluster speaks %s of %s, and only %s is known here: update the older of the two (Kueue 0.19 was tried): %w",
			strings.Join(names, ", "), group, Dialect, engine.ErrUnsupported)
	}
	d.mu.Lock()
	d.served = Dialect
	d.mu.Unlock()
	return nil
}

// outcome is what came of one command.
type outcome struct {
	already bool
	why     string
}

// Do does one command. Repeating one that was done changes nothing.
func (d *Driver) Do(ctx context.Context, c engine.Command) (engine.Answer, error) {
	a := engine.Answer{Event: c.Event, Seq: c.Seq}
	if err := c.Validate(); err != nil {
		return a, err
	}
	acts := map[engine.Verb]func(context.Context, engine.Command) (outcome, error){
		engine.Hold: d.hold, engine.Drain: d.drain, engine.Release: d.release, engine.Warn: d.warn, engine.Evict: d.evict, engine.Restore: d.restore,
	}
	if d.c.Reserve != "" {
		acts[engine.Withhold], acts[engine.GiveBack] = d.withhold, d.giveBack
	}
	if d.c.Boost {
		acts[engine.Rank] = d.rank
	}
	act, can := acts[c.Verb]
	if !can {
		return a, fmt.Errorf("kueue: %s %q: nodes and windows are not Kueue's business, watts need a reserve, and ranks the gate PriorityBoost: %w", c.Verb, c.Subject, engine.ErrUnsupported)
	}
	if err := d.discover(ctx); err != nil {
		return a, err
	}
	o, err := act(ctx, c)
	a.At = d.c.Now()
	if err != nil {
		return a, fmt.Errorf("kueue: %s %q for %s: %w", c.Verb, c.Subject, c.Event, err)
	}
	a.Done, a.Already, a.Why = true, o.already, o.why
	return a, nil
}

// key is a label or annotation of ours.
func (d *Driver) key(name string) string { return d.c.Domain + "/" + name }

// path is where a kind of Kueue's objects lies; empty namespace: all of them, or
// none of its own.
func path(namespace, kind, name string) string {
	p := "/apis/" + group + "/" + Dialect
	return p + within(namespace, kind, name)
}

// core is where a kind of Kubernetes' own objects lies.
func core(namespace, kind, name string) string { return "/api/v1" + within(namespace, kind, name) }

func within(namespace, kind, name string) string {
	p := ""
	if namespace != "" {
		p = "/namespaces/" + url.PathEscape(namespace)
	}
	p += "/" + kind
	if name != "" {
		p += "/" + url.PathEscape(name)
	}
	return p
}

// decode reads an object, strictly one.
func decode(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: %w", ErrStrange, err)
	}
	return nil
}
