package kueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Where the objects of Kueue and of jobs lie.
const (
	Kueue = "/apis/kueue.x-k8s.io/v1beta2"
	batch = "/apis/batch/v1"
)

// Hall is what an operator sets up on a cluster: nodes, a cohort with the watts
// of the hall, a firm queue that guarantees them, a spot queue that borrows, and
// the reserve through which Sluice withholds.
type Hall struct {
	Namespace  string // of Sluice
	Resource   string // watts
	Nodes      []string
	PerNode    int
	Watts      int  // of a GPU
	FirmGPUs   int  // guaranteed to the firm queue in watts; the rest of the hall is the reserve's
	MayReclaim bool // an order may take watts back from jobs that borrow them
}

// Names of the queues of a Hall.
const (
	Firm    = "firm"
	Spot    = "spot"
	Reserve = "energy-reserve"
)

// object is a body in JSON.
type object = map[string]any

func thing(version, kind, name string, more object) object {
	o := object{"apiVersion": version, "kind": kind, "metadata": object{"name": name}}
	maps.Copy(o, more)
	return o
}

const kueueVersion = "kueue.x-k8s.io/v1beta2"

// quota is one resource group with one flavor.
func quota(resource, flavor string, nominal int) object {
	return object{"coveredResources": []string{resource}, "flavors": []object{{
		"name": flavor, "resources": []object{{"name": resource, "nominalQuota": nominal}},
	}}}
}

// SetUp creates the hall. What is there already stays as it is.
func (h Hall) SetUp(ctx context.Context, a API) error {
	all := len(h.Nodes) * h.PerNode
	reclaim := "Never"
	if h.MayReclaim {
		reclaim = "Any"
	}
	queue := func(name string, preemption object, groups ...object) object {
		return thing(kueueVersion, "ClusterQueue", name, object{"spec": object{
			"cohortName": "hall", "namespaceSelector": object{}, "queueingStrategy": "BestEffortFIFO", "preemption": preemption, "resourceGroups": groups,
		}})
	}
	type item struct {
		path string
		body object
	}
	items := []item{
		{"/api/v1/namespaces", thing("v1", "Namespace", h.Namespace, nil)},
		{Kueue + "/resourceflavors", thing(kueueVersion, "ResourceFlavor", "gpu", object{"spec": object{"nodeLabels": object{"nvidia.com/gpu.product": "H200"}}})},
		{Kueue + "/resourceflavors", thing(kueueVersion, "ResourceFlavor", "watts", nil)},
		{Kueue + "/cohorts", thing(kueueVersion, "Cohort", "hall", object{"spec": object{}})},
		{Kueue + "/workloadpriorityclasses", thing(kueueVersion, "WorkloadPriorityClass", Firm, object{"value": 1000})},
		{Kueue + "/workloadpriorityclasses", thing(kueueVersion, "WorkloadPriorityClass", Spot, object{"value": 100})},
		{Kueue + "/clusterqueues", queue(Firm, object{"withinClusterQueue": "LowerPriority", "reclaimWithinCohort": "Any"},
			quota("nvidia.com/gpu", "gpu", all), quota(h.Resource, "watts", h.FirmGPUs*h.Watts))},
		{Kueue + "/clusterqueues", queue(Spot, object{"withinClusterQueue": "LowerPriority"},
			quota("nvidia.com/gpu", "gpu", 0), quota(h.Resource, "watts", 0))},
		{Kueue + "/clusterqueues", queue(Reserve, object{"reclaimWithinCohort": reclaim}, quota(h.Resource, "watts", (all-h.FirmGPUs)*h.Watts))},
		{Kueue + "/namespaces/" + h.Namespace + "/localqueues", thing(kueueVersion, "LocalQueue", Reserve, object{"spec": object{"clusterQueue": Reserve}})},
	}
	for _, n := range h.Nodes {
		items = append(items, item{"/api/v1/nodes", h.node(n)})
	}
	for _, i := range items {
		if err := a.Create(ctx, i.path, i.body); err != nil {
			return fmt.Errorf("set up %s: %w", i.path, err)
		}
	}
	return nil
}

func (h Hall) node(name string) object {
	holds := object{"cpu": "128", "memory": "1Ti", "pods": "110", "nvidia.com/gpu": strconv.Itoa(h.PerNode)}
	return object{
		"apiVersion": "v1", "kind": "Node",
		"metadata": object{"name": name, "labels": object{"nvidia.com/gpu.product": "H200", "kubernetes.io/hostname": name}, "annotations": object{"kwok.x-k8s.io/node": "fake"}},
		"status":   object{"allocatable": holds, "capacity": holds},
	}
}

// Tenant creates a namespace with a LocalQueue to every queue, named like it, for
// tests that do not register their tenants.
func (h Hall) Tenant(ctx context.Context, a API, name string) error {
	if err := a.Create(ctx, "/api/v1/namespaces", thing("v1", "Namespace", name, nil)); err != nil {
		return err
	}
	for _, q := range []string{Firm, Spot} {
		if err := a.Create(ctx, Kueue+"/namespaces/"+name+"/localqueues", thing(kueueVersion, "LocalQueue", q, object{"spec": object{"clusterQueue": q}})); err != nil {
			return err
		}
	}
	return nil
}

// Job is what a tenant submits.
type Job struct {
	Name, Tenant, Queue string
	GPUs, PerPod        int // PerPod 0: all in one pod
	Limit               time.Duration
	Notes               map[string]string // annotations of its pods
}

// Submit creates a Job and returns the ID of its Workload once Kueue has made it.
func (a API) Submit(ctx context.Context, j Job) (string, error) {
	per := j.GPUs
	if j.PerPod > 0 && j.PerPod < j.GPUs {
		per = j.PerPod
	}
	count := (j.GPUs + per - 1) / per
	labels := object{"kueue.x-k8s.io/queue-name": j.Queue, "kueue.x-k8s.io/priority-class": j.Queue}
	if j.Limit > 0 {
		labels["kueue.x-k8s.io/max-exec-time-seconds"] = strconv.FormatInt(int64(j.Limit/time.Second), 10)
	}
	asks := object{"nvidia.com/gpu": strconv.Itoa(per)}
	body := object{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": object{"name": j.Name, "labels": labels},
		"spec": object{"parallelism": count, "completions": count, "suspend": true, "backoffLimit": 0, "template": object{
			"metadata": object{"annotations": j.Notes},
			"spec": object{"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": []object{{
				"name": "c", "image": "none", "resources": object{"requests": asks, "limits": asks},
			}}},
		}},
	}
	var made struct{ Metadata struct{ UID string } }
	if err := a.Call(ctx, http.MethodPost, batch+"/namespaces/"+j.Tenant+"/jobs", body, &made); err != nil {
		return "", err
	}
	return made.Metadata.UID, nil
}

// items is a list in which only metadata and status matter.
type items struct {
	Items []struct {
		Metadata struct {
			Name, Namespace   string
			DeletionTimestamp string
			Labels            map[string]string
		}
		Status json.RawMessage
	}
}

// errNotYet says that something is not there yet.
var errNotYet = errors.New("not yet")

// WorkloadOf is the ID of the Workload of a Job by the Job's UID.
func (a API) WorkloadOf(ctx context.Context, tenant, uid string) (string, error) {
	var all items
	if err := a.Call(ctx, http.MethodGet, Kueue+"/namespaces/"+tenant+"/workloads?labelSelector=kueue.x-k8s.io/job-uid%3D"+uid, nil, &all); err != nil {
		return "", err
	}
	if len(all.Items) == 0 {
		return "", errNotYet
	}
	return tenant + "/" + all.Items[0].Metadata.Name, nil
}

// End lets the pods of a Workload complete, so that its Job ends well.
func (a API) End(ctx context.Context, id string) error {
	tenant, name, _ := strings.Cut(id, "/")
	var w struct {
		Metadata struct{ Labels map[string]string }
	}
	if err := a.Call(ctx, http.MethodGet, Kueue+"/namespaces/"+tenant+"/workloads/"+name, nil, &w); err != nil {
		return err
	}
	var pods items
	uid := w.Metadata.Labels["kueue.x-k8s.io/job-uid"]
	if err := a.Call(ctx, http.MethodGet, "/api/v1/namespaces/"+tenant+"/pods?labelSelector=batch.kubernetes.io/controller-uid%3D"+uid, nil, &pods); err != nil {
		return err
	}
	for _, p := range pods.Items {
		done := object{"status": object{"phase": "Succeeded"}}
		if err := a.Call(ctx, http.MethodPatch, "/api/v1/namespaces/"+tenant+"/pods/"+p.Metadata.Name+"/status", done, nil); err != nil {
			return err
		}
	}
	return nil
}

// Clear takes away all Jobs and Workloads, and opens all queues; it reports
// errNotYet until nothing is left.
func (a API) Clear(ctx context.Context) error {
	left := 0
	for _, kind := range []string{batch + "%s/jobs", Kueue + "%s/workloads", "/api/v1%s/pods"} {
		var all items
		if err := a.Call(ctx, http.MethodGet, fmt.Sprintf(kind, ""), nil, &all); err != nil {
			return err
		}
		for _, i := range all.Items {
			left++
			if i.Metadata.DeletionTimestamp != "" || strings.Contains(kind, "pods") {
				continue
			}
			path := fmt.Sprintf(kind, "/namespaces/"+i.Metadata.Namespace) + "/" + i.Metadata.Name
			if err := a.Call(ctx, http.MethodDelete, path+"?propagationPolicy=Background", nil, nil); err != nil && !missing(err) {
				return err
			}
		}
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	if left > 0 {
		return errNotYet
	}
	return nil
}

func (a API) open(ctx context.Context) error {
	var all struct {
		Items []struct {
			Metadata struct {
				Name, Namespace string
				Annotations     map[string]string
			}
			Spec struct{ StopPolicy string }
		}
	}
	for _, kind := range []string{Kueue + "%s/clusterqueues", Kueue + "%s/localqueues"} {
		if err := a.Call(ctx, http.MethodGet, fmt.Sprintf(kind, ""), nil, &all); err != nil {
			return err
		}
		for _, q := range all.Items {
			if q.Spec.StopPolicy == "" || q.Spec.StopPolicy == "None" {
				continue
			}
			in := ""
			if q.Metadata.Namespace != "" {
				in = "/namespaces/" + q.Metadata.Namespace
			}
			notes := object{}
			for k := range q.Metadata.Annotations {
				notes[k] = nil
			}
			body := object{"metadata": object{"annotations": notes}, "spec": object{"stopPolicy": "None"}}
			if err := a.Call(ctx, http.MethodPatch, fmt.Sprintf(kind, in)+"/"+q.Metadata.Name, body, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func missing(err error) bool {
	var r Refusal
	return errors.As(err, &r) && r.Status == http.StatusNotFound
}

// Until asks until something succeeds or ctx ends.
func Until(ctx context.Context, ask func() error) error {
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-t.C:
		}
	}
}
