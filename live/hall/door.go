package hall

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"sluice/driver/door"
	"sluice/loop"
	"sluice/unit"
)

// SocketName is the file in the data directory at which a person reaches the hall.
// Only its owner may open it.
const SocketName = "hall.sock"

// Answer is what came of a request that changes something.
type Answer struct {
	Done  string `json:"done,omitempty"`
	Event string `json:"event,omitempty"`
	No    string `json:"no,omitempty"` // why it was not done, and what to do
}

// Ask is a request that ends an event, gives back, or says how far a job is.
type Ask struct {
	Event string     `json:"event,omitempty"` // empty: the running one
	Limit unit.Power `json:"limit_w,omitempty"`
	Job   string     `json:"job,omitempty"`
	Work  int64      `json:"work,omitempty"` // done since the job began, in units of the tenant's own
	Who   string     `json:"who,omitempty"`
}

// Open listens at the socket of a data directory. A socket that nobody answers at
// is left over and is replaced.
func Open(ctx context.Context, dir string) (net.Listener, error) {
	return door.Open(ctx, filepath.Join(dir, SocketName), "sluice hall run")
}

// Serve answers at l until ctx ends.
func (h *Hall) Serve(ctx context.Context, l net.Listener) error {
	if err := door.Serve(ctx, l, h.Handler()); err != nil && !errors.Is(err, context.Cause(ctx)) {
		return fmt.Errorf("hall socket: %w", err)
	}
	return context.Cause(ctx)
}

// Handler is the hall's own interface for people on this computer.
func (h *Hall) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", answer(func(r *http.Request) (any, error) { return h.Status(r.Context()) }))
	mux.HandleFunc("GET /jobs", answer(func(r *http.Request) (any, error) { return h.Jobs(r.Context(), r.URL.Query().Get("contract")) }))
	mux.HandleFunc("GET /why", answer(func(r *http.Request) (any, error) { return h.Why(r.Context(), r.URL.Query().Get("job")) }))
	mux.HandleFunc("GET /promises", answer(func(r *http.Request) (any, error) { return h.Promises(r.Context()) }))
	mux.HandleFunc("GET /floor", answer(func(r *http.Request) (any, error) { return h.Floor(r.Context()) }))
	mux.HandleFunc("GET /curves", answer(func(r *http.Request) (any, error) { return h.Curves(r.Context()) }))
	mux.HandleFunc("GET /notices", answer(func(r *http.Request) (any, error) { return h.Notices(r.Context()) }))
	mux.HandleFunc("GET /usage", answer(func(r *http.Request) (any, error) {
		from, err := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
		if err != nil {
			return nil, fmt.Errorf("%w: give ?from= an instant such as 2026-01-31T12:05:00Z", ErrNo)
		}
		return h.Usage(r.Context(), from)
	}))
	mux.HandleFunc("POST /preview", told(func(ctx context.Context, w Wish) (any, error) { return h.Propose(ctx, w) }))
	mux.HandleFunc("POST /curtail", told(func(ctx context.Context, w Wish) (any, error) {
		event, err := h.Curtail(ctx, w)
		return Answer{Done: event + " begins", Event: event}, err
	}))
	mux.HandleFunc("POST /release", told(func(ctx context.Context, a Ask) (any, error) {
		return h.LetGo(ctx, a)
	}))
	mux.HandleFunc("POST /drain", told(func(ctx context.Context, w DrainWish) (any, error) { return h.Drain(ctx, w) }))
	mux.HandleFunc("POST /stop", told(func(ctx context.Context, a Ask) (any, error) {
		return Answer{Done: "nothing more is taken and nothing given back; what is down stays down until it is released"}, h.Stop(ctx, a.Event)
	}))
	mux.HandleFunc("GET /market", answer(func(r *http.Request) (any, error) { return h.Report(r.Context()) }))
	mux.HandleFunc("POST /market", told(func(ctx context.Context, o loop.HallOrder) (any, error) {
		return Answer{Done: "the budgets are followed"}, h.Market(ctx, o)
	}))
	mux.HandleFunc("POST /progress", told(func(ctx context.Context, a Ask) (any, error) {
		known, err := h.Progress(ctx, a.Job, a.Work)
		if err == nil && !known {
			err = fmt.Errorf("%w: no job %q runs", ErrNo, a.Job)
		}
		return Answer{Done: "noted"}, err
	}))
	return mux
}

// answer writes what a question gives.
func answer(ask func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := ask(r)
		reply(w, v, err)
	}
}

// told reads what a person wants, and writes what came of it.
func told[T any](do func(context.Context, T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q T
		if err := door.Read(w, r, &q); err != nil {
			door.Write(w, http.StatusBadRequest, Answer{No: err.Error()})
			return
		}
		v, err := do(r.Context(), q)
		reply(w, v, err)
	}
}

func reply(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, ErrNo):
		door.Write(w, http.StatusConflict, Answer{No: err.Error()})
	case err != nil:
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
	default:
		door.Write(w, http.StatusOK, v)
	}
}
