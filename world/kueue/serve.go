package kueue

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is what a path names.
type target struct {
	group, kind, namespace, name, sub string
}

// parse reads a path: /api/v1/..., or /apis/group/version/...
func parse(path string) (t target, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		t.group, parts = parts[1]+"/"+parts[2], parts[3:]
	default:
		return t, false
	}
	if parts[0] == "namespaces" && len(parts) > 2 {
		t.namespace, parts = parts[1], parts[2:]
	}
	t.kind = parts[0]
	if len(parts) > 1 {
		t.name = parts[1]
	}
	if len(parts) > 2 {
		t.sub = parts[2]
	}
	return t, len(parts) < 4
}

func (t target) id() string {
	if t.namespace == "" {
		return t.name
	}
	return t.namespace + "/" + t.name
}

// kinds are what is served, by resource.
func kinds() []string {
	return []string{
		"workloads", "clusterqueues", "localqueues", "cohorts", "resourceflavors", "workloadpriorityclasses", "jobs",
		"nodes", "pods", "namespaces", "serviceaccounts", "roles", "rolebindings",
	}
}

// bodyMax is the most that a request may carry, as in Kubernetes.
const bodyMax = 3 << 20

// ServeHTTP answers as the API server does.
func (w *World) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(out, r.Body, bodyMax))
	if err != nil {
		fail(out, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.silent {
		panic(http.ErrAbortHandler)
	}
	now := w.s.Now()
	w.settle(now)
	if w.busy > 0 {
		w.busy--
		out.Header().Set("Retry-After", "7")
		fail(out, http.StatusTooManyRequests, "TooManyRequests", "please try again later")
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+w.s.Token {
		fail(out, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
		return
	}
	if w.known(out, r.URL.Path) {
		return
	}
	t, ok := parse(r.URL.Path)
	if version, of := strings.CutPrefix(t.group, "kueue.x-k8s.io/"); !ok || !slices.Contains(kinds(), t.kind) || of && !slices.Contains(w.s.Versions, version) {
		fail(out, http.StatusNotFound, "NotFound", "the server could not find the requested resource")
		return
	}
	if says := w.forbids(r, t); says != "" {
		fail(out, http.StatusForbidden, "Forbidden", says)
		return
	}
	w.answer(out, r, t, raw, now)
}

// known answers what is no object: versions and groups.
func (w *World) known(out http.ResponseWriter, path string) bool {
	switch path {
	case "/version":
		give(out, http.StatusOK, object{"gitVersion": "v1.36.3"})
	case "/apis/kueue.x-k8s.io":
		var all []any
		for _, v := range w.s.Versions {
			all = append(all, object{"groupVersion": "kueue.x-k8s.io/" + v, "version": v})
		}
		give(out, http.StatusOK, object{"kind": "APIGroup", "name": "kueue.x-k8s.io", "versions": all})
	default:
		name, of := strings.CutPrefix(path, "/apis/visibility.kueue.x-k8s.io/v1beta2/clusterqueues/")
		if !w.s.Places || !of {
			return false
		}
		give(out, http.StatusOK, object{"items": w.places(strings.TrimSuffix(name, "/pendingworkloads"))})
	}
	return true
}

// places are the Workloads that wait in a queue, counted from 0.
func (w *World) places(queue string) []any {
	all := []any{}
	for _, wl := range w.heads() {
		if _, cluster := w.queuesOf(wl); id(cluster) == queue {
			all = append(all, object{"metadata": wl["metadata"], "positionInClusterQueue": len(all)})
		}
	}
	return all
}

// forbids says what a request may not do; empty: it may. A person may do what a
// RoleBinding of the namespace gives to everybody in it: look, and submit jobs.
func (w *World) forbids(r *http.Request, t target) string {
	verb := map[string]string{http.MethodGet: "get", http.MethodPost: "create", http.MethodPatch: "patch", http.MethodDelete: "delete"}[r.Method]
	kind := t.kind
	if t.sub != "" {
		kind += "/" + t.sub
	}
	user := r.Header.Get("Impersonate-User")
	allowed := user == ""
	for _, b := range w.of("rolebindings") {
		for _, s := range list(b, "subjects") {
			if text(s, "name") == user && text(b, "metadata", "namespace") == t.namespace && (verb == "get" || t.kind == "jobs") {
				allowed = true
			}
		}
	}
	if allowed && !w.denied[verb+" "+kind] {
		return ""
	}
	group, _, _ := strings.Cut(t.group, "/")
	return fmt.Sprintf("%s %q is forbidden: User %q cannot %s resource %q in API group %q in the namespace %q", kind, t.name, user, verb, kind, group, t.namespace)
}

// answer does what a permitted request asks for.
func (w *World) answer(out http.ResponseWriter, r *http.Request, t target, raw []byte, now time.Time) {
	var body object
	if len(raw) > 0 && json.Unmarshal(raw, &body) != nil {
		fail(out, http.StatusBadRequest, "BadRequest", "the body is no JSON object")
		return
	}
	here := w.of(t.kind)[t.id()]
	switch {
	case r.Method == http.MethodGet && r.URL.Query().Has("watch"):
		w.watch(out, r, t)
	case r.Method == http.MethodGet && t.name == "":
		w.list(out, r, t)
	case r.Method == http.MethodPost && t.sub == "token":
		give(out, http.StatusCreated, object{"status": object{"token": "token-of-" + t.namespace, "expirationTimestamp": stamp(now.Add(time.Duration(number(get(body, "spec", "expirationSeconds"))) * time.Second))}})
	case r.Method == http.MethodPost && t.name == "":
		if says := w.refuses(t, body); says != "" {
			fail(out, http.StatusForbidden, "Forbidden", says)
			return
		}
		if r.URL.Query().Get("dryRun") == "All" {
			give(out, http.StatusCreated, body)
			return
		}
		w.create(out, t, body, now)
	case here == nil:
		fail(out, http.StatusNotFound, "NotFound", fmt.Sprintf("%s %q not found", t.kind, t.name))
	case r.Method == http.MethodGet:
		give(out, http.StatusOK, here)
	case r.Method == http.MethodPatch:
		if says := w.refuses(t, body); says != "" {
			fail(out, http.StatusForbidden, "Forbidden", says)
			return
		}
		w.patch(out, r, t, body, now)
	case r.Method == http.MethodDelete && t.kind != "namespaces":
		w.delete(t.kind, here, now)
		give(out, http.StatusOK, object{"kind": "Status", "status": "Success"})
	default:
		fail(out, http.StatusMethodNotAllowed, "MethodNotAllowed", r.Method)
	}
}

func (w *World) list(out http.ResponseWriter, r *http.Request, t target) {
	q := r.URL.Query()
	var all []object
	for _, o := range ordered(w.of(t.kind)) {
		if (t.namespace == "" || text(o, "metadata", "namespace") == t.namespace) && selected(o, q.Get("labelSelector")) {
			all = append(all, o)
		}
	}
	head := object{"resourceVersion": strconv.FormatInt(w.version, 10)}
	from, _ := strconv.Atoi(q.Get("continue"))
	all = all[min(from, len(all)):]
	if limit, _ := strconv.Atoi(q.Get("limit")); w.s.Page > 0 && limit > 0 && len(all) > w.s.Page {
		all = all[:w.s.Page]
		head["continue"] = strconv.Itoa(from + w.s.Page)
	}
	give(out, http.StatusOK, object{"kind": "List", "metadata": head, "items": all})
}

// boost is the annotation that is added to the priority of a Workload.
const boost = "kueue.x-k8s.io/priority-boost"

// refuses is what Kueue's webhook says about a Workload; empty: it lets it pass. A
// boost that is no number is refused only where boosts are heeded.
func (w *World) refuses(t target, body object) string {
	value, stated := get(body, "metadata", "annotations", boost).(string)
	if _, err := strconv.ParseInt(value, 10, 32); t.kind != "workloads" || !w.s.Boosts || !stated || err == nil {
		return ""
	}
	return fmt.Sprintf("admission webhook \"vworkload.kb.io\" denied the request: metadata.annotations[%s]: Invalid value: %q: must be a valid signed integer", boost, value)
}

func (w *World) create(out http.ResponseWriter, t target, body object, now time.Time) {
	if text(body, "metadata", "name") == "" {
		fail(out, http.StatusUnprocessableEntity, "Invalid", "metadata.name: Required value")
		return
	}
	if t.namespace != "" {
		if w.of("namespaces")[t.namespace] == nil {
			fail(out, http.StatusNotFound, "NotFound", fmt.Sprintf("namespaces %q not found", t.namespace))
			return
		}
		put(body, t.namespace, "metadata", "namespace")
	}
	if w.of(t.kind)[id(body)] != nil {
		fail(out, http.StatusConflict, "AlreadyExists", fmt.Sprintf("%s %q already exists", t.kind, text(body, "metadata", "name")))
		return
	}
	if t.kind == "nodes" {
		turn(body, fact{"Ready", true, "KubeletReady", ""}, now)
	}
	w.store(t.kind, body)
	if t.kind == "jobs" {
		w.adopt(body)
	}
	w.stir(now)
	give(out, http.StatusCreated, body)
}

func (w *World) patch(out http.ResponseWriter, r *http.Request, t target, body object, now time.Time) {
	here := w.of(t.kind)[t.id()]
	if v := text(body, "metadata", "resourceVersion"); v != "" && v != text(here, "metadata", "resourceVersion") {
		fail(out, http.StatusConflict, "Conflict", "the object has been modified; please apply your changes to the latest version and try again")
		return
	}
	if to := text(body, "spec", "clusterQueue"); t.kind == "localqueues" && to != "" && to != text(here, "spec", "clusterQueue") {
		fail(out, http.StatusUnprocessableEntity, "Invalid", "spec.clusterQueue: field is immutable")
		return
	}
	switch {
	case r.Header.Get("Content-Type") == "application/apply-patch+yaml":
		for _, c := range list(body, "status", "conditions") {
			turn(here, fact{text(c, "type"), text(c, "status") == "True", text(c, "reason"), text(c, "message")}, now)
		}
	case t.sub == "status":
		merge(here, object{"status": body["status"]})
	default:
		delete(body, "status")
		merge(here, body)
	}
	w.store(t.kind, here)
	w.stir(now)
	give(out, http.StatusOK, here)
}

// watch sends changes as they come, until the client goes or the world falls silent.
func (w *World) watch(out http.ResponseWriter, r *http.Request, t target) {
	from, _ := strconv.ParseInt(r.URL.Query().Get("resourceVersion"), 10, 64)
	out.Header().Set("Content-Type", "application/json")
	stop := wake(r, w)
	defer stop()
	flush, _ := out.(http.Flusher)
	enc := json.NewEncoder(out)
	for r.Context().Err() == nil && !w.silent {
		if from < w.oldest {
			_ = enc.Encode(object{"type": "ERROR", "object": object{"kind": "Status", "code": http.StatusGone, "message": "too old resource version"}})
			return
		}
		for _, e := range w.log {
			if e.version > from && e.kind == t.kind {
				if enc.Encode(object{"type": e.what, "object": e.object}) != nil {
					return
				}
			}
		}
		if from < w.version {
			from = w.version
			_ = enc.Encode(object{"type": "BOOKMARK", "object": object{"metadata": object{"resourceVersion": strconv.FormatInt(from, 10)}}})
		}
		if flush != nil {
			flush.Flush()
		}
		w.turned.Wait()
		w.settle(w.s.Now())
	}
}

// wake turns the condition when a request ends, so that its watch ends too.
func wake(r *http.Request, w *World) (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-r.Context().Done():
			w.mu.Lock()
			w.turned.Broadcast()
			w.mu.Unlock()
		case <-done:
		}
	}()
	return func() { close(done) }
}

func give(out http.ResponseWriter, status int, o object) {
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_ = json.NewEncoder(out).Encode(o) // a client that is gone needs no answer
}

func fail(out http.ResponseWriter, status int, reason, message string) {
	give(out, status, object{"kind": "Status", "status": "Failure", "reason": reason, "code": status, "message": message})
}
