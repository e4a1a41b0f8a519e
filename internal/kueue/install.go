package kueue

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// stages joins what kwok lets nodes and pods live through. Pods do not complete
// by themselves: a test ends them.
func (p *Plane) stages() (string, error) {
	files, err := filepath.Glob(filepath.Join(p.set.Bin, "stage", "*.yaml"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("no stages of kwok in %s: build it again with test/kueue/build", p.set.Bin)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f) //nolint:gosec // of the folder that was built
		if err != nil {
			return "", err
		}
		out = append(out, string(text))
	}
	return strings.Join(out, "\n---\n"), nil
}

// install puts Kueue's kinds, its namespace and its webhooks into the API server.
func (p *Plane) install(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(p.set.Bin, "crd", "*.yaml"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no kinds of Kueue in %s: build it again with test/kueue/build", p.set.Bin)
	}
	for _, f := range files {
		text, err := os.ReadFile(f) //nolint:gosec // of the folder that was built
		if err != nil {
			return err
		}
		if err := p.post(ctx, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "application/yaml", text); err != nil {
			return fmt.Errorf("install %s: %w", filepath.Base(f), err)
		}
	}
	if err := p.api.await(ctx, p.served); err != nil {
		return err
	}
	if err := p.Create(ctx, "/api/v1/namespaces", map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "kueue-system"}}); err != nil {
		return err
	}
	return p.hooks(ctx)
}

// served reports whether the API server knows all kinds of Kueue by now.
func (p *Plane) served(ctx context.Context) error {
	var kinds struct{ Resources []struct{ Kind string } }
	if err := p.Call(ctx, http.MethodGet, Kueue, nil, &kinds); err != nil {
		return err
	}
	for _, k := range []string{"Workload", "ClusterQueue", "LocalQueue", "Cohort", "ResourceFlavor", "WorkloadPriorityClass", "AdmissionCheck"} {
		if !slices.ContainsFunc(kinds.Resources, func(r struct{ Kind string }) bool { return r.Kind == k }) {
			return fmt.Errorf("%s is %w served", k, errNotYet)
		}
	}
	return nil
}

// hooked are the kinds whose webhooks are kept; those of kinds that are not
// installed would refuse every object of their name.
func hooked() []string {
	return []string{"clusterqueue", "cohort", "job", "resourceflavor", "workload", "localqueue"}
}

// hooks installs the webhooks of Kueue with the address at which it listens here.
func (p *Plane) hooks(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(p.set.Bin, "webhook.yaml"))
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	for range 2 {
		var c map[string]any
		if err := d.Decode(&c); err != nil {
			return fmt.Errorf("read the webhooks of Kueue: %w", err)
		}
		kind, _ := c["kind"].(string)
		hooks, _ := c["webhooks"].([]any)
		c["webhooks"] = p.moved(hooks)
		if err := p.Create(ctx, "/apis/admissionregistration.k8s.io/v1/"+strings.ToLower(kind)+"s", c); err != nil {
			return err
		}
	}
	return nil
}

// moved points webhooks at 127.0.0.1 and drops those of other kinds.
func (p *Plane) moved(hooks []any) []any {
	var out []any
	for _, h := range hooks {
		hook, _ := h.(map[string]any)
		client, _ := hook["clientConfig"].(map[string]any)
		service, _ := client["service"].(map[string]any)
		path, _ := service["path"].(string)
		if !slices.Contains(hooked(), path[strings.LastIndex(path, "-")+1:]) {
			continue
		}
		hook["clientConfig"] = map[string]any{
			"url":      "https://127.0.0.1:" + strconv.Itoa(p.port.hook) + path,
			"caBundle": base64.StdEncoding.EncodeToString(p.Certificate),
		}
		out = append(out, hook)
	}
	return out
}

// configuration is what Kueue is told.
func (p *Plane) configuration() string {
	ready := ""
	if p.set.PodsReady > 0 {
		ready = fmt.Sprintf("waitForPodsReady:\n  timeout: %s\n", p.set.PodsReady)
		if p.set.Backoff > 0 {
			ready += fmt.Sprintf("  requeuingStrategy: {backoffBaseSeconds: %d}\n", p.set.Backoff)
		}
	}
	return fmt.Sprintf(`apiVersion: config.kueue.x-k8s.io/v1beta2
kind: Configuration
leaderElection: {leaderElect: false}
internalCertManagement: {enable: false}
webhook: {host: 127.0.0.1, port: %d, certDir: %q}
metrics: {bindAddress: "0"}
health: {healthProbeBindAddress: "127.0.0.1:%d"}
integrations: {frameworks: ["batch/job"]}
clientConnection: {qps: 300, burst: 500}
resources:
  transformations:
  - {input: nvidia.com/gpu, strategy: Retain, outputs: {%s: "%d"}}
%s`, p.port.hook, p.set.Dir, p.port.health, p.set.Resource, p.set.Watts, ready)
}

// startKueue starts Kueue and waits until its webhooks answer.
func (p *Plane) startKueue(ctx context.Context) error {
	if err := os.WriteFile(p.path("kueue.yaml"), []byte(p.configuration()), 0o600); err != nil {
		return err
	}
	gates := fmt.Sprintf("--feature-gates=VisibilityOnDemand=false,PriorityBoost=%t", !p.set.NoBoost)
	k, err := p.launch("kueue", "--config", p.path("kueue.yaml"), gates)
	if err != nil {
		return err
	}
	p.kueue = k
	return k.await(ctx, func(ctx context.Context) error {
		if err := alive(ctx, "http://127.0.0.1:"+strconv.Itoa(p.port.health)+"/readyz"); err != nil {
			return err
		}
		flavor := map[string]any{"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ResourceFlavor", "metadata": map[string]any{"name": "trial"}}
		return p.Call(ctx, http.MethodPost, "/apis/kueue.x-k8s.io/v1beta2/resourceflavors?dryRun=All", flavor, nil)
	})
}

// RestartKueue ends Kueue and starts it with another timeout for pods.
func (p *Plane) RestartKueue(ctx context.Context, podsReady time.Duration, backoff int) error {
	p.kueue.halt()
	p.set.PodsReady, p.set.Backoff = podsReady, backoff
	return p.startKueue(ctx)
}
