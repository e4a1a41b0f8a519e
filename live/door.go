package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/pprof"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluice/driver/door"
	"sluice/loop/actuate"
	"sluice/loop/trust"
	"sluice/store/sqlite"
	"sluice/unit"
)

// SocketName is the file in the data directory at which a person reaches the site.
// Only its owner may open it.
const SocketName = "control.sock"

// Request is what a person asks of a site. Which fields count depends on the act.
type Request struct {
	By      string     `json:"by"`
	And     string     `json:"and,omitempty"` // the second person
	Reason  string     `json:"reason,omitempty"`
	Machine string     `json:"machine,omitempty"`
	Group   string     `json:"group,omitempty"` // empty: the site
	Limit   unit.Power `json:"limit_w,omitempty"`
	From    time.Time  `json:"from,omitzero"` // zero: now
	Until   time.Time  `json:"until,omitzero"`

	Stage    string   `json:"stage,omitempty"`    // of a promotion or a demotion
	Machines []string `json:"machines,omitempty"` // of the rack of a promotion
	Number   int64    `json:"number,omitempty"`   // of a request or a recommendation
}

// Answer is what came of it.
type Answer struct {
	Done   string `json:"done,omitempty"`
	Unkept string `json:"unkept,omitempty"` // it was done, and a restart may forget it
	No     string `json:"no,omitempty"`     // why it was not done, and what to do
}

// ErrNo marks an act that was refused.
var ErrNo = errors.New("refused")

// Open listens at the socket of a data directory. A socket that nobody answers at
// is left over and is replaced.
func Open(ctx context.Context, dir string) (net.Listener, error) {
	return door.Open(ctx, filepath.Join(dir, SocketName), "sluice serve")
}

// Serve answers at l until ctx ends.
func (s *Site) Serve(ctx context.Context, l net.Listener) error {
	if err := door.Serve(ctx, l, s.Handler()); err != nil && !errors.Is(err, context.Cause(ctx)) {
		return fmt.Errorf("control socket: %w", err)
	}
	return context.Cause(ctx)
}

// Handler is the site's own interface for people on this computer.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		var st Status
		if err := s.Do(r.Context(), func(c *Core, now time.Time) { st = c.Status(now); s.about(&st, c) }); err != nil {
			door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
			return
		}
		door.Write(w, http.StatusOK, st)
	})
	if s.plant.Metrics != nil {
		mux.Handle("GET /metrics", s.plant.Metrics.Handler())
	}
	if s.plant.Telemetry != nil {
		mux.Handle("GET /api/v1/", s.plant.Telemetry.Handler())
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index) // for whoever looks for memory or time
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	for path, read := range s.reads() {
		mux.HandleFunc("GET /"+path, read)
	}
	mux.HandleFunc("POST /preview", s.preview)
	mux.HandleFunc("GET /notices", func(w http.ResponseWriter, _ *http.Request) { door.Write(w, http.StatusOK, s.Notices()) })
	for name, do := range s.deeds() {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			q, ok := requested(w, r)
			if !ok {
				return
			}
			done, err := do(r.Context(), q)
			if err != nil {
				door.Write(w, http.StatusConflict, Answer{No: err.Error()})
				return
			}
			door.Write(w, http.StatusOK, s.done(r.Context(), done))
		})
	}
	return mux
}

// requested reads what a person asks, and answers where it cannot be read.
func requested(w http.ResponseWriter, r *http.Request) (Request, bool) {
	var q Request
	err := door.Read(w, r, &q)
	if err != nil {
		door.Write(w, http.StatusBadRequest, Answer{No: err.Error()})
	}
	return q, err == nil
}

// reads are the pages that change nothing.
func (s *Site) reads() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"turn": s.turnAt, "turns": s.turnList, "plan": s.planPapers, "machines": s.machineList, "machine": s.machinePage,
		"instructions": s.instructionList,
	}
}

// turnAt answers the papers of the interval that holds ?at=, an instant.
func (s *Site) turnAt(w http.ResponseWriter, r *http.Request) {
	at, err := time.Parse(time.RFC3339, r.URL.Query().Get("at"))
	if err != nil || s.plant.Papers == nil {
		door.Write(w, http.StatusBadRequest, Answer{No: "give ?at= an instant such as 2025-08-01T12:05:00Z"})
		return
	}
	t, err := FindTurn(r.Context(), s.plant.Papers, s.core.cfg.Site.Name, at)
	if err != nil {
		door.Write(w, http.StatusNotFound, Answer{No: err.Error()})
		return
	}
	door.Write(w, http.StatusOK, t)
}

// deedOf is what a person asked for; it says what was done.
type deedOf = func(context.Context, Request) (string, error)

// acts are what a person can do. Lowering needs one person, raising two.
func (s *Site) acts() map[string]deedOf {
	return map[string]deedOf{
		"adopt": s.adopt, "recount": s.newMeters,

		"stop": s.stop, "resume": s.resume, "lock": s.lock, "unlock": s.unlock, "instruct": s.instruct, "clear": s.clear,
	}
}

// Deeds are the names of everything that a person can ask of a site.
func Deeds() []string {
	return slices.Sorted(maps.Keys((&Site{}).deeds()))
}

// deeds is what each of them does.
func (s *Site) deeds() map[string]deedOf {
	all := s.acts()
	maps.Copy(all, s.trustActs())
	maps.Copy(all, s.lendActs())
	return all
}

// named checks that a person said who they are.
func named(q Request) error {
	if strings.TrimSpace(q.By) == "" {
		return fmt.Errorf("%w: say who you are with --by", ErrNo)
	}
	return nil
}

// stop lowers everything to sleep at once.
func (s *Site) stop(ctx context.Context, q Request) (string, error) {
	if err := named(q); err != nil {
		return "", err
	}
	if err := s.Say(ctx, Said{By: q.By, What: actuate.Stopped{By: q.By}}); err != nil {
		return "", err
	}
	_ = s.Do(ctx, func(*Core, time.Time) {
		_ = s.trust(ctx, trust.Overridden{By: q.By, Subject: "site", Reason: q.Reason})
	})
	s.note(Notice{At: s.plant.Clock.Now(), Code: "stopped", Text: "by " + q.By + " " + q.Reason})
	return "everything is told to sleep; two people end the stop", nil
}

func (s *Site) resume(ctx context.Context, q Request) (string, error) {
	if err := errors.Join(named(q), samePerson(q)); err != nil {
		return "", err
	}
	if err := s.Say(ctx, Said{By: q.By + " and " + q.And, What: actuate.Resumed{By: q.By, And: q.And}}); err != nil {
		return "", err
	}
	var stopped bool
	if err := s.Do(ctx, func(c *Core, _ time.Time) { stopped = c.kernel.Stopped() }); err != nil {
		return "", err
	}
	if stopped {
		return "", fmt.Errorf("%w: the stop holds: it takes two different people", ErrNo)
	}
	return "the stop is over; machines rise by the ramp", nil
}

// samePerson refuses one person who names two.
func samePerson(q Request) error {
	if !trust.Named(q.And) || trust.Same(q.By, q.And) {
		return fmt.Errorf("%w: this takes two different people: name the second with --and", ErrNo)
	}
	return nil
}

// machine finds the machine of a request.
func (s *Site) machine(ctx context.Context, q Request) (int, error) {
	var i int
	var known bool
	if err := s.Do(ctx, func(c *Core, _ time.Time) { i, known = c.Find(q.Machine) }); err != nil {
		return 0, err
	}
	if !known {
		return 0, fmt.Errorf("%w: this site has no machine %q: give its address", ErrNo, q.Machine)
	}
	return i, nil
}

// newMeters takes what the meters show at the next reading as a new beginning,
// after one was exchanged or reset. The energy in between is not known.
func (s *Site) newMeters(_ context.Context, q Request) (string, error) {
	if err := named(q); err != nil {
		return "", err
	}
	s.recount.Store(true)
	s.note(Notice{At: s.plant.Clock.Now(), Code: "recount", Text: "by " + q.By + " " + q.Reason})
	return "at the next interval the counters begin with what the meters show", nil
}

// adopt forgets who stood at an address, so that whoever stands there now is
// looked at and adopted when the site begins anew, which it does at once.
func (s *Site) adopt(ctx context.Context, q Request) (string, error) {
	i, err := s.machine(ctx, q)
	if err := errors.Join(named(q), err); err != nil {
		return "", err
	}
	err = s.Do(ctx, func(c *Core, now time.Time) {
		group := c.cfg.Rigs[c.machines[i].Group].Group().Name
		s.keep(sqlite.Record{Kind: sqlite.Machine, Key: c.key("adopt", q.Machine), Subject: q.Machine, At: now}, adopted{Group: group})
		s.note(Notice{At: now, Code: "adopt", Text: q.Machine + " by " + q.By + " " + q.Reason})
		select {
		case s.anew <- struct{}{}:
		default:
		}
	})
	return q.Machine + " is looked at anew; the site begins anew with it", err
}

// writeDense is write for answers that are long: without white space.
func writeDense(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_ = json.NewEncoder(w).Encode(v) // who asked may be gone
}
