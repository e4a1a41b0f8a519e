package kueue_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/internal/kueue"
)

// manifest is a block of YAML in docs/kueue.md, so that what is said there is what
// is tested here.
func manifest(tb testing.TB, name string) []string {
	tb.Helper()
	text, err := os.ReadFile("../../docs/kueue.md")
	if err != nil {
		tb.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "<!-- "+name+" -->\n```yaml\n")
	block, _, closed := strings.Cut(after, "\n```")
	if !found || !closed {
		tb.Fatalf("docs/kueue.md has no block %s", name)
	}
	return strings.Split(block, "\n---\n")
}

// grant applies the permissions of a block.
func (s *stand) grant(name string) {
	s.Helper()
	for _, one := range manifest(s.TB, name) {
		at := "/apis/rbac.authorization.k8s.io/v1"
		kind := strings.Fields(one[strings.Index(one, "kind: "):])[1]
		if !strings.HasPrefix(kind, "Cluster") {
			at += "/namespaces/sluice"
		}
		if err := s.api.Apply(s.Context(), at+"/"+strings.ToLower(kind)+"s", one); err != nil {
			s.Fatal(err)
		}
	}
}

// TestRealPermissions runs the driver with the permissions that docs/kueue.md lists.
func TestRealPermissions(t *testing.T) { //nolint:paralleltest // one control plane at a time on two cores
	site, _ := realSite(t, kueue.Setting{}, hallOf(true))
	site.at.Boost = true
	s := newStand(t, site, really)
	if err := s.api.Create(t.Context(), "/api/v1/namespaces/sluice/serviceaccounts", map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "sluice"}}); err != nil {
		t.Fatal(err)
	}
	var token struct{ Status struct{ Token string } }
	if err := s.api.Call(t.Context(), http.MethodPost, "/api/v1/namespaces/sluice/serviceaccounts/sluice/token", map[string]any{"spec": map[string]any{}}, &token); err != nil {
		t.Fatal(err)
	}
	rewrite(s.at.TokenFile, token.Status.Token)
	if _, err := s.d.View(t.Context()); !errors.Is(err, engine.ErrDenied) || !strings.Contains(err.Error(), "grant Sluice to list pods") {
		t.Errorf("without permissions a view gave %v", err)
	}
	s.grant("permissions")
	if err := kueue.Until(t.Context(), func() error { _, err := s.d.View(t.Context()); return err }); err != nil {
		t.Fatal(err)
	}
	for _, part := range []func(*stand){exact, ranked, drained, hours} {
		part(s)
		if err := kueue.Until(t.Context(), func() error { return s.api.Clear(t.Context()) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.d.Admit(t.Context(), engine.Tenant{Name: "tenant-b", Queue: kueue.Spot, GPUs: 2}); !errors.Is(err, engine.ErrDenied) {
		t.Errorf("a tenant was admitted without the right to do so: %v", err)
	}
	s.grant("registrar")
	var access engine.Access
	ask := func() (err error) {
		access, err = s.d.Admit(t.Context(), engine.Tenant{Name: "tenant-b", Queue: kueue.Spot, GPUs: 2, People: []string{"bob"}})
		return err
	}
	if err := kueue.Until(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	confined(s, access)
	if err := s.d.Dismiss(t.Context(), "tenant-b"); err != nil {
		t.Fatal(err)
	}
}

// confined tries with a tenant's token what a tenant may do and what not.
func confined(s *stand, a engine.Access) {
	s.Helper()
	if a.Until.Before(time.Now().Add(29*24*time.Hour)) || a.Secret == "" {
		s.Errorf("the token ends at %v", a.Until)
	}
	mine, own := s.api.With(a.Secret), "/namespaces/tenant-b"
	if _, err := mine.Submit(s.Context(), kueue.Job{Name: "mine", Tenant: "tenant-b", Queue: kueue.Spot, GPUs: 1}); err != nil {
		s.Errorf("a tenant may submit: %v", err)
	}
	if err := mine.Call(s.Context(), http.MethodGet, kueue.Kueue+own+"/workloads", nil, nil); err != nil {
		s.Errorf("a tenant may see its workloads: %v", err)
	}
	note := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"sluice.example/saved": "2026-11-20T09:00:00Z"}}}
	for what, c := range map[string]struct {
		method, path string
		body         any
	}{
		"change a workload":      {http.MethodPatch, kueue.Kueue + own + "/workloads/any", note},
		"change a queue":         {http.MethodPatch, kueue.Kueue + own + "/localqueues/spot", note},
		"make a queue":           {http.MethodPost, kueue.Kueue + own + "/localqueues", note},
		"make a pod":             {http.MethodPost, "/api/v1" + own + "/pods", note},
		"see another's jobs":     {http.MethodGet, "/apis/batch/v1/namespaces/tenant-a/jobs", nil},
		"see all workloads":      {http.MethodGet, kueue.Kueue + "/workloads", nil},
		"place an order":         {http.MethodPost, kueue.Kueue + "/namespaces/sluice/workloads", note},
		"read a secret":          {http.MethodGet, "/api/v1" + own + "/secrets", nil},
		"take more tokens":       {http.MethodPost, "/api/v1" + own + "/serviceaccounts/tenant/token", map[string]any{}},
		"change its own rights":  {http.MethodPatch, "/apis/rbac.authorization.k8s.io/v1" + own + "/roles/tenant", note},
		"see quotas of all":      {http.MethodGet, kueue.Kueue + "/clusterqueues", nil},
		"stop somebody's queues": {http.MethodPatch, kueue.Kueue + "/clusterqueues/spot", note},
	} {
		var r kueue.Refusal
		if err := mine.Call(s.Context(), c.method, c.path, c.body, nil); !errors.As(err, &r) || r.Status != http.StatusForbidden {
			s.Errorf("a tenant may %s: %v", what, err)
		}
	}
}
