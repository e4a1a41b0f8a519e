package kueue

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// meta is what every object of Kubernetes begins with.
type meta struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	UID               string            `json:"uid"`
	ResourceVersion   string            `json:"resourceVersion"`
	CreationTimestamp time.Time         `json:"creationTimestamp"`
	DeletionTimestamp *time.Time        `json:"deletionTimestamp"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
	OwnerReferences   []owner           `json:"ownerReferences"`
}

func (m meta) head() meta { return m }

// id is the name of an object within its kind.
func (m meta) id() string {
	if m.Namespace == "" {
		return m.Name
	}
	return m.Namespace + "/" + m.Name
}

type owner struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	UID  string `json:"uid"`
}

// condition is one thing that is true of an object, or false since a time.
type condition struct {
	Type               string    `json:"type"`
	Status             string    `json:"status"`
	Reason             string    `json:"reason"`
	Message            string    `json:"message"`
	LastTransitionTime time.Time `json:"lastTransitionTime"`
}

// amounts are resources by name.
type amounts map[string]quantity

// workload is one job of Kueue.
type workload struct {
	meta `json:"metadata"`
	Spec struct {
		QueueName                   string   `json:"queueName"`
		Priority                    *int64   `json:"priority"`
		Active                      *bool    `json:"active"`
		MaximumExecutionTimeSeconds *int64   `json:"maximumExecutionTimeSeconds"`
		PodSets                     []podSet `json:"podSets"`
	} `json:"spec"`
	Status struct {
		Conditions []condition `json:"conditions"`
		Admission  *struct {
			ClusterQueue      string `json:"clusterQueue"`
			PodSetAssignments []struct {
				ResourceUsage amounts `json:"resourceUsage"`
				Count         *int64  `json:"count"`
			} `json:"podSetAssignments"`
		} `json:"admission"`
		ResourceRequests []struct {
			Resources amounts `json:"resources"`
		} `json:"resourceRequests"`
		AccumulatedPastExecutionTimeSeconds int64 `json:"accumulatedPastExecutionTimeSeconds"`
	} `json:"status"`
}

type podSet struct {
	Count    int64 `json:"count"`
	Template struct {
		Metadata struct {
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
		Spec podSpec `json:"spec"`
	} `json:"template"`
}

type podSpec struct {
	NodeName   string `json:"nodeName"`
	Containers []struct {
		Resources struct {
			Requests amounts `json:"requests"`
			Limits   amounts `json:"limits"`
		} `json:"resources"`
	} `json:"containers"`
}

// asks is how much of a resource one pod asks for; a limit stands for a request.
func (p podSpec) asks(resource string) int64 {
	var n int64
	for _, c := range p.Containers {
		q, stated := c.Resources.Requests[resource]
		if !stated {
			q = c.Resources.Limits[resource]
		}
		n += int64(q)
	}
	return n
}

// is is a condition of a workload; the zero condition where there is none.
func (w workload) is(kind string) condition {
	for _, c := range w.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return condition{}
}

// yes reports that a condition holds.
func (w workload) yes(kind string) bool { return w.is(kind).Status == "True" }

// active reports that a workload may be admitted.
func (w workload) active() bool { return w.Spec.Active == nil || *w.Spec.Active }

// uses is how much of a resource a workload was admitted with, or was considered
// for, or asks for in its pods.
func (w workload) uses(resource string) int64 {
	var n int64
	if w.Status.Admission != nil {
		for _, a := range w.Status.Admission.PodSetAssignments {
			n += int64(a.ResourceUsage[resource])
		}
		return n
	}
	if len(w.Status.ResourceRequests) > 0 {
		for _, r := range w.Status.ResourceRequests {
			n += int64(r.Resources[resource])
		}
		return n
	}
	for _, p := range w.Spec.PodSets {
		n += p.Count * p.Template.Spec.asks(resource)
	}
	return n
}

// pods is how many pods a workload has when it runs whole.
func (w workload) pods() int64 {
	var n int64
	for i, p := range w.Spec.PodSets {
		count := p.Count
		if a := w.Status.Admission; a != nil && i < len(a.PodSetAssignments) && a.PodSetAssignments[i].Count != nil {
			count = *a.PodSetAssignments[i].Count
		}
		n += count
	}
	return n
}

// queue is a ClusterQueue, a LocalQueue or a Cohort, as far as it is read here.
type queue struct {
	meta `json:"metadata"`
	Spec struct {
		ClusterQueue   string          `json:"clusterQueue"` // of a LocalQueue
		StopPolicy     *string         `json:"stopPolicy"`
		CohortName     string          `json:"cohortName"` // of a ClusterQueue
		ParentName     string          `json:"parentName"` // of a Cohort
		ResourceGroups []resourceGroup `json:"resourceGroups"`
		Preemption     struct {
			ReclaimWithinCohort string `json:"reclaimWithinCohort"`
		} `json:"preemption"`
	} `json:"spec"`
}

type resourceGroup struct {
	Flavors []struct {
		Resources []struct {
			Name         string   `json:"name"`
			NominalQuota quantity `json:"nominalQuota"`
		} `json:"resources"`
	} `json:"flavors"`
}

// policy is the stop policy of a queue.
func (q queue) policy() string {
	if q.Spec.StopPolicy == nil || *q.Spec.StopPolicy == "" {
		return none
	}
	return *q.Spec.StopPolicy
}

// quota is what is nominally there of a resource, over all flavors, and whether
// the resource is declared at all.
func (q queue) quota(resource string) (n int64, declared bool) {
	for _, g := range q.Spec.ResourceGroups {
		for _, f := range g.Flavors {
			for _, r := range f.Resources {
				if r.Name == resource {
					n, declared = n+int64(r.NominalQuota), true
				}
			}
		}
	}
	return n, declared
}

// node is one server.
type node struct {
	meta `json:"metadata"`
	Spec struct {
		Unschedulable bool `json:"unschedulable"`
	} `json:"spec"`
	Status struct {
		Allocatable amounts     `json:"allocatable"`
		Conditions  []condition `json:"conditions"`
	} `json:"status"`
}

// pod is one pod of a job.
type pod struct {
	meta   `json:"metadata"`
	Spec   podSpec `json:"spec"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

// ended reports that a pod draws nothing any more.
func (p pod) ended() bool { return p.Status.Phase == "Succeeded" || p.Status.Phase == "Failed" }

// quantity is an amount of a resource in whole units, a fraction rounded up.
type quantity int64

// UnmarshalJSON reads the notation of Kubernetes: "2", "10400", "1300m", "64Gi", "12e3".
func (q *quantity) UnmarshalJSON(text []byte) error {
	var s string
	if len(text) > 0 && text[0] == '"' {
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
	} else {
		s = string(text)
	}
	n, err := amount(s)
	if err != nil {
		return fmt.Errorf("amount %.40q: %w", s, err)
	}
	*q = quantity(n)
	return nil
}

var errAmount = errors.New("is no amount of a resource")

// amount reads a quantity of Kubernetes.
func amount(s string) (int64, error) {
	digits := strings.TrimRight(s, "numkKMGTPEi")
	suffix := s[len(digits):]
	if suffix == "E" || suffix == "" {
		if i := strings.IndexAny(s, "eE"); i > 0 && i < len(s)-1 { // 12e3, but not 12E
			digits, suffix = s, ""
		}
	}
	scale, known := scales()[suffix]
	if !known || len(digits) == 0 || len(digits) > 40 || strings.ContainsAny(digits, "/_xXpPbBoO") || tooFar(digits) {
		return 0, errAmount
	}
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return 0, errAmount
	}
	r.Mul(r, scale)
	n := new(big.Int).Div(r.Num(), r.Denom()) // downwards, whatever the sign
	if !r.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	if !n.IsInt64() {
		return 0, errAmount
	}
	return n.Int64(), nil
}

// tooFar reports an exponent that nothing here can have.
func tooFar(digits string) bool {
	i := strings.IndexAny(digits, "eE")
	return i >= 0 && len(strings.TrimLeft(digits[i+1:], "+-0")) > 2
}

func scales() map[string]*big.Rat {
	out := map[string]*big.Rat{"": big.NewRat(1, 1), "n": big.NewRat(1, 1e9), "u": big.NewRat(1, 1e6), "m": big.NewRat(1, 1e3)}
	ten, two := int64(1), int64(1)
	for _, s := range []string{"k", "M", "G", "T", "P", "E"} {
		ten, two = ten*1000, two*1024
		out[s] = big.NewRat(ten, 1)
		out[strings.ToUpper(s)+"i"] = big.NewRat(two, 1)
	}
	return out
}
