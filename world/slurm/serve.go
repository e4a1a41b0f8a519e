package slurm

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dialect is the parser that is served.
const Dialect = "v0.0.45"

// answer is a body with its errors and warnings.
type answer map[string]any

// fault is an error as slurmrestd reports it.
type fault struct {
	status int
	number int
	text   string
}

func (w *Cluster) paths() answer {
	out := map[string]any{}
	for _, p := range []string{
		"ping/", "jobs/", "job/{job_id}", "job/{job_id}/requeue", "nodes/", "node/{node_name}", "partitions/", "reservations/", "reservation", "reservation/{reservation_name}", "licenses/",
	} {
		out["/slurm/v0.0.45/"+p], out["/slurm/v0.0.44/"+p] = map[string]any{}, map[string]any{}
	}
	out["/slurmdb/v0.0.45/jobs/"] = map[string]any{}
	return answer{"openapi": "3.0.3", "paths": out}
}

// ServeHTTP is slurmrestd.
func (w *Cluster) ServeHTTP(out http.ResponseWriter, q *http.Request) {
	w.mu.Lock()
	f := w.faults
	w.mu.Unlock()
	switch {
	case f.Silent:
		panic(http.ErrAbortHandler)
	case f.Slow:
		<-q.Context().Done()
		return
	case f.HTML:
		out.Header().Set("Content-Type", "text/html")
		out.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(out, "<html><body><h1>500 Internal Server Error</h1></body></html>")
		return
	}
	body, x := w.reply(q, f)
	body["meta"] = map[string]any{"slurm": map[string]any{"release": "26.05.1", "version": map[string]any{"major": "26", "micro": "1", "minor": "05"}}}
	body["errors"], body["warnings"] = []any{}, []any{}
	if x.text != "" {
		body["errors"] = []any{map[string]any{"error": x.text, "description": x.text, "error_number": x.number, "source": "virtual"}}
	}
	text, err := json.Marshal(body)
	if err != nil {
		x.status = http.StatusInternalServerError
	}
	if f.Truncated {
		text = text[:len(text)/2]
	}
	out.Header().Set("Content-Type", "application/json")
	if x.status != 0 {
		out.WriteHeader(x.status)
	}
	_, _ = out.Write(text)
}

// reply answers one request.
func (w *Cluster) reply(q *http.Request, f Faults) (answer, fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if until, ok := w.tokens[q.Header.Get("X-SLURM-USER-TOKEN")]; len(w.tokens) > 0 && (!ok || !until.After(w.c.Now())) || f.Unsigned {
		return answer{}, fault{http.StatusInternalServerError, 1007, "Protocol authentication error"}
	}
	w.advance()
	defer w.settle()
	if q.URL.Path == "/openapi/v3" {
		return w.paths(), fault{}
	}
	parts := strings.Split(strings.Trim(q.URL.Path, "/"), "/")
	if len(parts) < 3 || parts[1] != Dialect {
		return answer{}, fault{http.StatusNotFound, 9000, "Unable find requested URL"}
	}
	if parts[0] == "slurmdb" {
		return w.records(q)
	}
	if len(parts) == 3 && q.Method == http.MethodGet {
		return w.list(parts[2])
	}
	var body map[string]any
	if q.Method == http.MethodPost {
		if err := json.NewDecoder(io.LimitReader(q.Body, 1<<20)).Decode(&body); err != nil {
			return answer{}, fault{http.StatusInternalServerError, 9001, "Failure during parsing"}
		}
	}
	switch {
	case parts[2] == "job" && len(parts) >= 4:
		return w.change(q, parts[3:], body)
	case parts[2] == "node" && len(parts) == 4 && q.Method == http.MethodPost:
		return w.switching(parts[3], body)
	case parts[2] == "reservation":
		return w.reserve(q.Method, parts[3:], body)
	}
	return answer{}, fault{http.StatusNotFound, 9000, "Unable find requested URL"}
}

// change is what is done to a job.
func (w *Cluster) change(q *http.Request, path []string, body map[string]any) (answer, fault) {
	j := w.job(path[0])
	if j == nil || j.phase == over {
		return answer{}, fault{http.StatusInternalServerError, 2017, "Invalid job id specified"}
	}
	switch {
	case len(path) == 2 && path[1] == "requeue" && q.Method == http.MethodGet:
		if j.phase == running {
			w.signal(j, "TERM")
			w.stop(j, "REQUEUED", true, w.patience(j))
		}
	case q.Method == http.MethodDelete:
		if j.phase != running {
			return answer{}, fault{http.StatusInternalServerError, 2021, "Job/step already completing or completed"}
		}
		w.signal(j, q.URL.Query().Get("signal"))
	case q.Method == http.MethodPost:
		return w.update(j, body)
	}
	return answer{}, fault{}
}

// signal gives a signal to the batch script.
func (w *Cluster) signal(j *job, name string) {
	id := strconv.Itoa(j.id)
	w.heard[id] = append(w.heard[id], name)
}

// patience is how long a job takes to stop: a deaf one until it is killed.
func (w *Cluster) patience(j *job) time.Duration {
	if j.Deaf {
		return w.c.Kill
	}
	return time.Second
}

func (w *Cluster) update(j *job, body map[string]any) (answer, fault) {
	for key, v := range body {
		switch key {
		case "admin_comment":
			j.admin, _ = v.(string)
		case "hold":
			hold, _ := v.(bool)
			if j.phase == running {
				return answer{}, fault{http.StatusInternalServerError, 2044, "Job is no longer pending execution"}
			}
			if j.held = hold; hold {
				j.reason = "JobHeldAdmin"
			} else {
				j.reason = "None"
			}
		default:
			return answer{}, fault{http.StatusInternalServerError, 9001, "Unknown key " + key}
		}
	}
	return answer{}, fault{}
}

// switching is what is done to a node. Like the real one it heeds no POWER_UP
// while a node powers down, and takes no POWER_DOWN back.
func (w *Cluster) switching(name string, body map[string]any) (answer, fault) {
	n := w.node(name)
	if n == nil {
		return answer{}, fault{http.StatusInternalServerError, 2010, "Invalid node name specified"}
	}
	states, _ := body["state"].([]any)
	if reason, ok := body["reason"].(string); ok {
		n.reason = reason
	}
	for _, s := range states {
		switch s {
		case "POWER_DOWN_ASAP":
			if n.power == "" {
				n.sink, n.drain = true, true
			}
		case "POWER_UP":
			if n.power == "POWERED_DOWN" {
				n.power, n.until = "POWERING_UP", w.at.Add(w.c.Up)
			}
		case "UNDRAIN":
			n.drain = false
		default:
			return answer{}, fault{http.StatusInternalServerError, 9001, "Invalid node state specified"}
		}
	}
	return answer{}, fault{}
}

// reserve creates, changes or deletes a reservation.
func (w *Cluster) reserve(method string, path []string, body map[string]any) (answer, fault) {
	if method == http.MethodDelete && len(path) == 1 {
		before := len(w.books)
		w.books = slices.DeleteFunc(w.books, func(b *book) bool { return b.name == path[0] })
		if len(w.books) == before {
			return answer{}, fault{http.StatusInternalServerError, 2075, "Requested reservation is invalid"}
		}
		return answer{}, fault{}
	}
	b := w.read(body)
	if b.name == "" || !b.until.After(b.from) || b.licenses < 0 || len(b.nodes) == 0 && b.licenses == 0 {
		return answer{}, fault{http.StatusInternalServerError, 2075, "Requested reservation is invalid"}
	}
	if !b.from.After(w.at) && w.reserved(b.name)+b.licenses > w.c.Licenses {
		return answer{}, fault{http.StatusInternalServerError, 2048, "Invalid license specification"}
	}
	for _, n := range b.nodes {
		if w.node(n) == nil {
			return answer{}, fault{http.StatusInternalServerError, 2010, "Invalid node name specified"}
		}
	}
	if i := slices.IndexFunc(w.books, func(o *book) bool { return o.name == b.name }); i >= 0 {
		w.books[i] = b
	} else {
		w.books = append(w.books, b)
	}
	return answer{}, fault{}
}

// read reads a reservation of a request.
func (w *Cluster) read(body map[string]any) *book {
	number := func(key string) int64 {
		m, _ := body[key].(map[string]any)
		n, _ := m["number"].(float64)
		return int64(n)
	}
	b := &book{from: time.Unix(number("start_time"), 0).UTC()}
	b.name, _ = body["name"].(string)
	b.until = b.from.Add(time.Duration(number("duration")) * time.Minute)
	text, _ := body["licenses"].(string)
	if name, count, ok := strings.Cut(text, ":"); ok && name == w.c.License {
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			n = -1
		}
		b.licenses = n
	}
	for key, to := range map[string]*[]string{"node_list": &b.nodes, "flags": &b.flags} {
		l, _ := body[key].([]any)
		for _, v := range l {
			s, _ := v.(string)
			*to = append(*to, s)
		}
	}
	return b
}
