package kueue

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sluice/engine"
)

// TestAmounts reads quantities as Kubernetes writes them.
func TestAmounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "8": 8, "10400": 10_400, "10.4k": 10_400, "1300m": 2, "1500u": 1, "1n": 1, "2Ki": 2048, "1Ti": 1 << 40, "12e3": 12_000,
		"12E3": 12_000, "1E": 1e18, "0.5": 1, "-1500m": -1, "1.5Gi": 3 << 29, "+7": 7,
	} {
		if got, err := amount(text); err != nil || got != want {
			t.Errorf("%q is read as %d, %v: want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "k", "8 W", "0x10", "1_000", "1/2", "1e99", "99999999999999999999", "9E9E", "1e", "--1", "8Q", "١"} {
		if got, err := amount(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

// FuzzAmount: no text is read as two amounts, or takes long.
func FuzzAmount(f *testing.F) {
	for _, s := range []string{"8", "10.4k", "1300m", "64Gi", "12e3", "1E", "-0.1", "1e-9", "00e0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := amount(s)
		if err != nil {
			return
		}
		text, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var q quantity
		if err := q.UnmarshalJSON(text); err != nil || int64(q) != n {
			t.Errorf("%q is %d, which is read as %d, %v", s, n, q, err)
		}
	})
}

// lone is a driver that reaches nobody.
func lone(tb testing.TB) *Driver {
	tb.Helper()
	d, err := New(Config{Server: "https://127.0.0.1:1", Namespace: "sluice", Reserve: "energy-reserve", Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// FuzzObjects: whatever an API server sends as objects, a view and records come of
// it or an error; what is in them is bounded, and what runs has a beginning.
func FuzzObjects(f *testing.F) {
	f.Add([]byte(`{"metadata":{"name":"w","namespace":"t","ownerReferences":[{"kind":"Job","name":"j","uid":"u"}]},"spec":{"queueName":"spot","priority":100,"active":false,
"podSets":[{"count":2,"template":{"metadata":{"annotations":{"sluice.example/deadline":"2026-11-20T09:00:00Z"}},"spec":{"containers":[{"resources":{"requests":{"nvidia.com/gpu":"8"}}}]}}}]},
"status":{"conditions":[{"type":"Admitted","status":"True","lastTransitionTime":"2026-11-20T09:00:00Z"},{"type":"Finished","status":"True","reason":"Succeeded","lastTransitionTime":"2026-11-20T09:10:00Z"}],
"admission":{"clusterQueue":"spot","podSetAssignments":[{"resourceUsage":{"nvidia.com/gpu":"16","power.sluice.example/watts":"20800"},"count":2}]},"accumulatedPastExecutionTimeSeconds":77}}`))
	f.Add([]byte(`{"metadata":{"name":"o","namespace":"sluice","labels":{"sluice.example/event":"cut-1"},"annotations":{"sluice.example/seq":"x","sluice.example/runs":"2026-11-20T09:00:00Z/2026-11-20T09:00:09Z,x/y"}}}`))
	f.Add([]byte(`{"metadata":{"name":"q","labels":{"sluice.example/class":"spot"}},"spec":{"cohortName":"h","parentName":"h","stopPolicy":"Hold","resourceGroups":[{"flavors":[{"resources":[{"name":"power.sluice.example/watts","nominalQuota":"10k"}]}]}]}}`))
	f.Add([]byte(`{"metadata":{"name":"n","uid":"u","ownerReferences":[{"uid":"u"}]},"spec":{"nodeName":"n","unschedulable":true},"status":{"phase":"Running","allocatable":{"nvidia.com/gpu":8},"conditions":[{"type":"Ready","status":"True"}]}}`))
	d := lone(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var w workload
		var q queue
		var n node
		var p pod
		s := state{at: d.c.Now()}
		if decode(text, &w) == nil {
			s.workloads = []workload{w}
		}
		if decode(text, &q) == nil {
			s.clusters, s.locals, s.cohorts = []queue{q}, []queue{q}, []queue{q}
		}
		if decode(text, &n) == nil {
			s.nodes = []node{n}
		}
		if decode(text, &p) == nil {
			s.pods = owned(s.workloads, []pod{p})
		}
		j := d.job(s, w)
		if j.State == engine.Running && len(j.Nodes) == 0 || len(j.Why) > 2048 {
			t.Errorf("%+v", j)
		}
		d.watts(s)
		d.queues(s)
		d.servers(s)
		d.orders(s.workloads, "")
		for i, u := range d.usage(s, w, s.at) {
			if u.Run != i+1 || u.GPUSeconds(s.at) < 0 && u.GPUs >= 0 {
				t.Errorf("%+v", u)
			}
		}
	})
}

// FuzzWatch: any stream of changes ends, and leaves a memory that can be read.
func FuzzWatch(f *testing.F) {
	f.Add([]byte(`{"type":"ADDED","object":{"metadata":{"name":"w","namespace":"t","resourceVersion":"7"}}}{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}`))
	f.Add([]byte(`{"type":"DELETED","object":{"metadata":{"name":"w"},"status":{"conditions":[{"type":"Admitted","status":"True"}]}}}`))
	f.Add([]byte(`{"type":"ERROR","object":{"code":410,"message":"too old"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := lone(t)
		dec := json.NewDecoder(bytes.NewReader(text))
		var err error
		for range len(text) + 2 {
			if err = d.hear(dec); err != nil {
				break
			}
		}
		if err == nil || !errors.Is(err, io.EOF) && !errors.Is(err, errGone) && !errors.Is(err, ErrStrange) && !errors.Is(err, engine.ErrUnreachable) {
			t.Errorf("a stream that ends gave %v", err)
		}
		d.memory.now()
		d.memory.past()
	})
}

// FuzzRuns: past runs that are written are read as the same, and their sum is kept
// when there are too many.
func FuzzRuns(f *testing.F) {
	f.Add("2026-11-20T09:00:00Z/2026-11-20T09:00:09Z,2026-11-20T09:01:00Z/2026-11-20T09:02:00Z")
	f.Add("/,,x/y,2026-11-20T09:00:00Z/2026-11-20T09:00:00Z")
	f.Add(strings.Repeat("2026-11-20T09:00:00Z/2026-11-20T09:00:01Z,", 30))
	f.Fuzz(func(t *testing.T, text string) {
		all := readRuns(text)
		again := readRuns(writeRuns(all))
		if len(again) > runsMost || total(again).Truncate(time.Second)-total(all).Truncate(time.Second) > time.Duration(len(all)+1)*time.Second {
			t.Errorf("%q: %v of runs became %v", text, total(all), total(again))
		}
	})
}

// FuzzRefusal: whatever a server says with its no is bounded and has a class.
func FuzzRefusal(f *testing.F) {
	f.Add(403, "", []byte(`{"message":"workloads is forbidden","reason":"Forbidden"}`), "/apis/kueue.x-k8s.io/v1beta2/namespaces/a/workloads/b/status")
	f.Add(429, "7", []byte(`{"details":{"retryAfterSeconds":3}}`), "/api/v1/nodes")
	f.Add(500, "-1", []byte("oops"), "/")
	f.Fuzz(func(t *testing.T, status int, after string, body []byte, path string) {
		r := refusal(request{method: "PATCH", path: path}, status, after, body)
		if len(r.Says) > 4096 || r.After < 0 || r.After > time.Hour || r.Error() == "" {
			t.Errorf("%+v", r)
		}
	})
}
