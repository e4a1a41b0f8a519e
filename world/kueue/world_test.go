package kueue

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMerge takes the examples of RFC 7396, appendix A, that are objects.
func TestMerge(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		var o, patch, want object
		for i, into := range []*object{&o, &patch, &want} {
			if err := json.Unmarshal([]byte(c[i]), into); err != nil {
				t.Fatal(err)
			}
		}
		merge(o, patch)
		if d := cmp.Diff(want, o); d != "" {
			t.Errorf("%s with %s: %s", c[0], c[1], d)
		}
	}
}

// TestPaths reads where an object lies.
func TestPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]target{
		"/api/v1/nodes":                           {kind: "nodes"},
		"/api/v1/namespaces":                      {kind: "namespaces"},
		"/api/v1/namespaces/a":                    {kind: "namespaces", name: "a"},
		"/api/v1/namespaces/a/pods/b/status":      {namespace: "a", kind: "pods", name: "b", sub: "status"},
		"/apis/batch/v1/jobs":                     {group: "batch/v1", kind: "jobs"},
		"/apis/x.io/v1/namespaces/a/workloads/b":  {group: "x.io/v1", namespace: "a", kind: "workloads", name: "b"},
		"/apis/kueue.x-k8s.io/v1beta2/cohorts/hi": {group: "kueue.x-k8s.io/v1beta2", kind: "cohorts", name: "hi"},
	} {
		if got, ok := parse(path); !ok || got != want {
			t.Errorf("%s is read as %+v, %t", path, got, ok)
		}
	}
	for _, path := range []string{"", "/", "/apis", "/apis/batch/v1", "/healthz", "/api/v1/namespaces/a/pods/b/status/c"} {
		if got, ok := parse(path); ok {
			t.Errorf("%s is read as %+v", path, got)
		}
	}
}

// FuzzRequests: nothing that is sent breaks the world.
func FuzzRequests(f *testing.F) {
	f.Add("POST", "/apis/kueue.x-k8s.io/v1beta2/namespaces/sluice/workloads", `{"metadata":{"name":"w"},"spec":{"queueName":"q","podSets":[{"count":1,"template":{"spec":{"containers":[{"resources":{"requests":{"w":"7"}}}]}}}]}}`)
	f.Add("PATCH", "/apis/kueue.x-k8s.io/v1beta2/clusterqueues/q", `{"spec":{"stopPolicy":"HoldAndDrain"}}`)
	f.Add("POST", "/apis/batch/v1/namespaces/sluice/jobs", `{"metadata":{"name":"j","labels":{"kueue.x-k8s.io/queue-name":"q"}},"spec":{"parallelism":2}}`)
	f.Add("DELETE", "/apis/kueue.x-k8s.io/v1beta2/clusterqueues/q", ``)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		now := time.Unix(1_800_000_000, 0)
		w := New(Setting{Now: func() time.Time { return now }, Token: "t", Resource: "w", Watts: 3})
		for _, c := range [][3]string{
			{"POST", "/api/v1/namespaces", `{"metadata":{"name":"sluice"}}`},
			{"POST", "/apis/kueue.x-k8s.io/v1beta2/clusterqueues", `{"metadata":{"name":"q"},"spec":{"resourceGroups":[{"flavors":[{"resources":[{"name":"w","nominalQuota":9}]}]}]}}`},
			{"POST", "/apis/kueue.x-k8s.io/v1beta2/namespaces/sluice/localqueues", `{"metadata":{"name":"q"},"spec":{"clusterQueue":"q"}}`},
			{method, path, body},
			{"GET", "/apis/kueue.x-k8s.io/v1beta2/workloads", ""},
		} {
			r, err := http.NewRequestWithContext(t.Context(), c[0], "https://world.example", strings.NewReader(c[2]))
			if err != nil {
				return
			}
			r.URL.Path = c[1]
			r.Header.Set("Authorization", "Bearer t")
			now = now.Add(time.Minute)
			if out := httptest.NewRecorder(); c[1] != "" {
				w.ServeHTTP(out, r)
				if out.Code < 200 || !json.Valid(out.Body.Bytes()) {
					t.Errorf("%s %s: %d %s", c[0], c[1], out.Code, out.Body)
				}
			}
		}
	})
}
