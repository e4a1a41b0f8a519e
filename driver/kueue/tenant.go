package kueue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sluice/engine"
)

// Labels and names of what a tenant gets.
const (
	managedBy = "app.kubernetes.io/managed-by"
	sluice    = "sluice"
	account   = "tenant" // ServiceAccount, Role and RoleBinding of a tenant
	dismissed = "dismissed"
)

// body is an object in JSON.
type body = map[string]any

// Admit gives a tenant a namespace, a LocalQueue, an account with its token, and
// the right to submit jobs there and nothing else: above all not to change
// Workloads, whose annotations and activity are Sluice's. Where the queue borrows
// all it has, the tenant comes through a ClusterQueue of its own with its limits;
// where the queue guarantees quota, a limit below that cannot be kept.
func (d *Driver) Admit(ctx context.Context, t engine.Tenant) (engine.Access, error) {
	if !engine.Plain(t.Name) || len(t.Name) > 40 || t.GPUs < 0 || t.Watts < 0 {
		return engine.Access{}, fmt.Errorf("kueue: tenant %q: 1 to 40 lower-case letters, digits and dashes, and limits that are not negative", t.Name)
	}
	if err := d.discover(ctx); err != nil {
		return engine.Access{}, err
	}
	a := engine.Access{Engine: "kueue", Account: t.Name, Queue: t.Queue, Endpoint: d.c.Server}
	through, err := d.through(ctx, t)
	if err == nil {
		err = d.room(ctx, t, through)
	}
	if err == nil {
		a.Secret, a.Until, err = d.secret(ctx, t.Name)
	}
	if err != nil {
		return engine.Access{}, fmt.Errorf("kueue: admit tenant %q to %q: %w", t.Name, t.Queue, err)
	}
	a.Hint = fmt.Sprintf("kubectl --server %s --token $TOKEN -n %s get localqueue %s", d.c.Server, t.Name, t.Queue)
	return a, nil
}

// through is the ClusterQueue by which a tenant comes, made or changed as needed.
func (d *Driver) through(ctx context.Context, t engine.Tenant) (string, error) {
	at := path("", "clusterqueues", t.Queue)
	var typed queue
	var raw struct {
		Spec body `json:"spec"`
	}
	if err := d.api.read(ctx, at, nil, &typed); err != nil {
		return "", err
	}
	if err := d.api.read(ctx, at, nil, &raw); err != nil {
		return "", err
	}
	gpus, _ := typed.quota(d.c.GPU)
	watts, _ := typed.quota(d.c.Watts)
	if gpus > 0 || watts > 0 {
		if t.GPUs > 0 || t.Watts > 0 {
			return "", fmt.Errorf("it guarantees quota, and a tenant with a limit of its own would borrow and could be evicted: give the tenant a ClusterQueue with its contract as nominalQuota and register it there without limits: %w", engine.ErrUnsupported)
		}
		return t.Queue, nil
	}
	name := t.Name + "-" + t.Queue
	spec := raw.Spec
	spec["namespaceSelector"] = body{"matchLabels": body{"kubernetes.io/metadata.name": t.Name}}
	spec["resourceGroups"] = d.limited(spec["resourceGroups"], t)
	own := body{
		"apiVersion": group + "/" + Dialect, "kind": "ClusterQueue",
		"metadata": body{"name": name, "labels": body{d.key(class): t.Queue, managedBy: sluice}, "annotations": d.carried(typed)},
		"spec":     spec,
	}
	err := d.make(ctx, path("", "clusterqueues", ""), own)
	if !errors.Is(err, ErrConflict) {
		return name, err
	}
	_, err = amend(ctx, d.api, path("", "clusterqueues", name), func(q queue) (change, error) {
		if q.Labels[managedBy] != sluice {
			return change{}, fmt.Errorf("ClusterQueue %s is not Sluice's: %w", name, engine.ErrForeign)
		}
		return change{spec: body{"resourceGroups": spec["resourceGroups"]}}, nil
	})
	return name, err
}

// carried is what a tenant's queue takes over from its class: who holds it.
func (d *Driver) carried(q queue) body {
	out := body{}
	for _, k := range []string{d.key(heldBy), d.key(drainedBy), d.key(because)} {
		if v, has := q.Annotations[k]; has {
			out[k] = v
		}
	}
	return out
}

// limited is resource groups with nothing guaranteed and the limits of a tenant.
func (d *Driver) limited(groups any, t engine.Tenant) any {
	most := map[string]int64{}
	if t.GPUs > 0 {
		most[d.c.GPU] = int64(t.GPUs)
	}
	if t.Watts > 0 {
		most[d.c.Watts] = int64(t.Watts)
	}
	list, _ := groups.([]any)
	for _, g := range list {
		group, _ := g.(body)
		flavors, _ := group["flavors"].([]any)
		for _, f := range flavors {
			flavor, _ := f.(body)
			resources, _ := flavor["resources"].([]any)
			for _, r := range resources {
				resource, _ := r.(body)
				name, _ := resource["name"].(string)
				if n, limited := most[name]; limited {
					resource["borrowingLimit"] = strconv.FormatInt(n, 10)
				} else {
					delete(resource, "borrowingLimit")
				}
			}
		}
	}
	return groups
}

// make posts a new object.
func (d *Driver) make(ctx context.Context, at string, b body) error {
	_, err := d.api.do(ctx, request{method: http.MethodPost, path: at, kind: plainJSON, body: b})
	return err
}

// ensure posts an object unless one of its name is there.
func (d *Driver) ensure(ctx context.Context, at string, b body) error {
	if err := d.make(ctx, at, b); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}

// room makes the namespace of a tenant and what is in it.
func (d *Driver) room(ctx context.Context, t engine.Tenant, through string) error {
	if err := d.namespace(ctx, t.Name); err != nil {
		return err
	}
	head := func(name string) body {
		return body{"name": name, "namespace": t.Name, "labels": body{managedBy: sluice}}
	}
	if err := d.ensure(ctx, core(t.Name, "serviceaccounts", ""), body{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": head(account)}); err != nil {
		return err
	}
	rights := "/apis/rbac.authorization.k8s.io/v1"
	if err := d.ensure(ctx, rights+within(t.Name, "roles", ""), body{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": head(account), "rules": rules(),
	}); err != nil {
		return err
	}
	subjects := []any{body{"kind": "ServiceAccount", "name": account, "namespace": t.Name}}
	for _, p := range t.People {
		subjects = append(subjects, body{"kind": "User", "name": p, "apiGroup": "rbac.authorization.k8s.io"})
	}
	binding := body{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": head(account), "subjects": subjects,
		"roleRef": body{"kind": "Role", "name": account, "apiGroup": "rbac.authorization.k8s.io"},
	}
	err := d.make(ctx, rights+within(t.Name, "rolebindings", ""), binding)
	if errors.Is(err, ErrConflict) {
		_, err = d.api.do(ctx, request{method: http.MethodPatch, path: rights + within(t.Name, "rolebindings", account), kind: mergePatch, body: body{"subjects": subjects}})
	}
	if err != nil {
		return err
	}
	return d.door(ctx, t, through)
}

// rules is what a tenant may do in its namespace. Workloads can be read and not
// changed; queues can be read and not made, so that no way leads past the limits.
func rules() []any {
	rule := func(group string, resources, verbs []any) body {
		return body{"apiGroups": []any{group}, "resources": resources, "verbs": verbs}
	}
	look := []any{"get", "list", "watch"}
	return []any{
		rule("batch", []any{"jobs"}, []any{"create", "delete", "get", "list", "watch"}),
		rule("", []any{"pods", "pods/log", "events"}, look),
		rule(group, []any{"workloads", "localqueues"}, look),
	}
}

// namespace makes the namespace of a tenant; one that is not Sluice's is left alone.
func (d *Driver) namespace(ctx context.Context, name string) error {
	err := d.make(ctx, core("", "namespaces", ""), body{"apiVersion": "v1", "kind": "Namespace", "metadata": body{"name": name, "labels": body{managedBy: sluice}}})
	if !errors.Is(err, ErrConflict) {
		return err
	}
	n, err := d.namespaceOf(ctx, name)
	if err == nil && n.Labels[managedBy] != sluice {
		err = fmt.Errorf("namespace %s is there and not Sluice's: choose another name, or label it %s=%s: %w", name, managedBy, sluice, engine.ErrForeign)
	}
	return err
}

func (d *Driver) namespaceOf(ctx context.Context, name string) (node, error) {
	var n node // only its metadata is looked at
	return n, d.api.read(ctx, core("", "namespaces", name), nil, &n)
}

// door makes the LocalQueue of a tenant, or opens it again after a dismissal.
func (d *Driver) door(ctx context.Context, t engine.Tenant, through string) error {
	at := path(t.Name, "localqueues", t.Queue)
	err := d.make(ctx, path(t.Name, "localqueues", ""), body{
		"apiVersion": group + "/" + Dialect, "kind": "LocalQueue",
		"metadata": body{"name": t.Queue, "namespace": t.Name, "labels": body{managedBy: sluice}}, "spec": body{"clusterQueue": through},
	})
	if !errors.Is(err, ErrConflict) {
		return err
	}
	_, err = amend(ctx, d.api, at, func(q queue) (change, error) {
		if q.Spec.ClusterQueue != through {
			return change{}, fmt.Errorf("LocalQueue %s leads to %s, which Kueue does not let anybody change: delete it once it is empty: %w", q.id(), q.Spec.ClusterQueue, engine.ErrForeign)
		}
		if q.Annotations[d.key(dismissed)] == "" {
			return nothing("")
		}
		return d.reopened(q), nil
	})
	return err
}

// reopened undoes a dismissal, and nothing that an event of ours holds.
func (d *Driver) reopened(q queue) change {
	c := change{annotations: body{d.key(dismissed): nil}}
	if len(d.stoppers(q.meta)) == 0 {
		c.spec = body{"stopPolicy": none}
	}
	return c
}

// secret asks for a token of a tenant's account. It is not stored anywhere.
func (d *Driver) secret(ctx context.Context, tenant string) (string, time.Time, error) {
	text, err := d.api.do(ctx, request{
		method: http.MethodPost, path: core(tenant, "serviceaccounts", account) + "/token", kind: plainJSON,
		body: body{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": body{"expirationSeconds": int64(d.c.TokenLife / time.Second)}},
	})
	if err != nil {
		return "", time.Time{}, err
	}
	var r struct {
		Status struct {
			Token               string    `json:"token"`
			ExpirationTimestamp time.Time `json:"expirationTimestamp"`
		} `json:"status"`
	}
	if err := decode(text, &r); err != nil {
		return "", time.Time{}, err
	}
	return r.Status.Token, r.Status.ExpirationTimestamp, nil
}

// Dismiss takes a tenant's rights away, so that its tokens open nothing, and stops
// its queues. What runs goes on.
func (d *Driver) Dismiss(ctx context.Context, tenant string) error {
	if err := d.dismiss(ctx, tenant); err != nil {
		return fmt.Errorf("kueue: dismiss tenant %q: %w", tenant, err)
	}
	return nil
}

func (d *Driver) dismiss(ctx context.Context, tenant string) error {
	if !engine.Plain(tenant) {
		return fmt.Errorf("no such tenant: %w", engine.ErrUnknown)
	}
	n, err := d.namespaceOf(ctx, tenant)
	if err != nil {
		return err
	}
	if n.Labels[managedBy] != sluice {
		return fmt.Errorf("its namespace is not Sluice's: %w", engine.ErrUnknown)
	}
	_, err = d.api.do(ctx, request{method: http.MethodDelete, path: "/apis/rbac.authorization.k8s.io/v1" + within(tenant, "rolebindings", account)})
	if err != nil && !errors.Is(err, engine.ErrUnknown) {
		return err
	}
	doors, _, err := listOf[queue](ctx, d.api, path(tenant, "localqueues", ""), nil)
	if err != nil {
		return err
	}
	for _, q := range doors {
		_, err := amend(ctx, d.api, path(tenant, "localqueues", q.Name), func(q queue) (change, error) {
			if q.policy() != none && q.Annotations[d.key(dismissed)] == "" && len(d.stoppers(q.meta)) == 0 {
				return nothing("somebody else has stopped it")
			}
			c := change{annotations: body{d.key(dismissed): "true"}}
			if q.policy() == none {
				c.spec = body{"stopPolicy": hold}
			}
			return c, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
