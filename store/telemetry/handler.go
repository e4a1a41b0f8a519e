package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/prometheus/promql"
)

// formBytes is how much a question may weigh, queryBytes one query in it.
const (
	formBytes  = 1 << 20
	queryBytes = 16 << 10
)

// Handler answers the reading part of Prometheus's HTTP API below /api/v1, as
// Grafana asks for it. It changes nothing and checks no rights: who may ask is
// decided before it. The server needs a WriteTimeout, because a reader who does
// not take his answer keeps his turn.
func (db *DB) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		path   string
		post   bool
		answer func(context.Context, *question) (any, error)
	}{
		{"/query", true, db.query},
		{"/query_range", true, db.queryRange},
		{"/series", true, db.listSeries},
		{"/labels", true, db.labelNames},
		{"/label/{name}/values", false, db.labelValues},
		{"/metadata", false, db.metadata},
		{"/status/buildinfo", false, buildInfo},
	} {
		mux.Handle("GET /api/v1"+r.path, db.serve(r.answer))
		if r.post {
			mux.Handle("POST /api/v1"+r.path, db.serve(r.answer))
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, &apiError{http.StatusNotFound, "not_found", "no such question: " + r.Method + " " + clean(r.URL.Path)})
	})
	return mux
}

// serve bounds one question and writes its answer.
func (db *DB) serve(answer func(context.Context, *question) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), db.o.Query.Timeout)
		defer cancel()
		leave, err := db.gate.enter(ctx)
		if err != nil {
			refuse(w, err)
			return
		}
		defer leave()
		r.Body = http.MaxBytesReader(w, r.Body, formBytes)
		if err := r.ParseForm(); err != nil {
			refuse(w, bad("form: %v", err))
			return
		}
		q := &question{form: r.Form, name: r.PathValue("name"), now: db.o.Now()}
		data, err := db.answer(ctx, q, answer)
		if err != nil {
			refuse(w, err)
			return
		}
		respond(w, envelope{Status: "success", Data: data, Warnings: q.warnings, Infos: q.infos})
	})
}

// answer reads under the lock that keeps Close away. A file that the disk cannot
// give any more is a fault of this question alone.
func (db *DB) answer(ctx context.Context, q *question, f func(context.Context, *question) (any, error)) (data any, err error) {
	if !db.life.TryRLock() {
		return nil, unavailable(ErrClosed.Error())
	}
	defer db.life.RUnlock()
	if s := db.stop.Load(); s != nil && s.unsafe || db.isClosed() {
		return nil, unavailable("the telemetry is closed or stopped")
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	err = guarded(func() error {
		data, err = f(ctx, q)
		return err
	})
	return data, err
}

func (db *DB) isClosed() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.closed
}

// envelope is what surrounds every answer.
type envelope struct {
	Status    string   `json:"status"`
	Data      any      `json:"data,omitempty"`
	ErrorType string   `json:"errorType,omitempty"`
	Error     string   `json:"error,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
	Infos     []string `json:"infos,omitempty"`
}

// respond writes an answer. An error of writing means that nobody listens any more.
func respond(w http.ResponseWriter, e envelope) {
	body, err := json.Marshal(e)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// apiError is a refusal with its code and Prometheus's word for it.
type apiError struct {
	code int
	kind string
	text string
}

// Error is the text for people.
func (e *apiError) Error() string { return e.text }

func unavailable(text string) error {
	return &apiError{http.StatusServiceUnavailable, "unavailable", text}
}

// refuse writes an error in the words that Grafana knows.
func refuse(w http.ResponseWriter, err error) {
	e := classify(err)
	body, err := json.Marshal(envelope{Status: "error", ErrorType: e.kind, Error: e.text})
	if err != nil {
		http.Error(w, "error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.code)
	_, _ = w.Write(body)
}

func classify(err error) *apiError {
	var api *apiError
	var timeout promql.ErrQueryTimeout
	var canceled promql.ErrQueryCanceled
	var stored promql.ErrStorage
	switch {
	case errors.As(err, &api):
		return api
	case errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded):
		return &apiError{http.StatusServiceUnavailable, "timeout", err.Error()}
	case errors.As(err, &canceled), errors.Is(err, context.Canceled):
		return &apiError{http.StatusServiceUnavailable, "canceled", err.Error()}
	case errors.As(err, &stored), errors.Is(err, errPanic):
		return &apiError{http.StatusInternalServerError, "internal", err.Error()}
	}
	return &apiError{http.StatusUnprocessableEntity, "execution", err.Error()}
}

// gate lets a few questions in at a time and lets a few more wait.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
}

func newGate(l Limits) *gate {
	return &gate{slots: make(chan struct{}, l.Concurrent), most: int64(l.Waiting)}
}

// enter waits for a turn; leave gives it back.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.slots }
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	default:
	}
	if g.waiting.Add(1) > g.most {
		g.waiting.Add(-1)
		return nil, unavailable("too many questions at once: ask again later")
	}
	defer g.waiting.Add(-1)
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, &apiError{http.StatusServiceUnavailable, "timeout", "no turn in time: " + ctx.Err().Error()}
	}
}
