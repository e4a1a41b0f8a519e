package slurm_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/driver/slurm"
	"sluice/engine"
	"sluice/unit"
	virtual "sluice/world/slurm"
)

// must gives a command that must be done.
func must(tb testing.TB, e engine.Engine, c engine.Command) engine.Answer {
	tb.Helper()
	a, err := e.Do(tb.Context(), c)
	if err != nil || !a.Done {
		tb.Fatalf("%s %q: %+v, %v", c.Verb, c.Subject, a, err)
	}
	return a
}

// job is a job of a view, by its ID.
func job(tb testing.TB, e engine.Engine, id string) engine.Job {
	tb.Helper()
	v, err := e.View(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if i := slices.IndexFunc(v.Jobs, func(j engine.Job) bool { return j.ID == id }); i >= 0 {
		return v.Jobs[i]
	}
	return engine.Job{}
}

// spot submits a job of a GPU, which starts.
func (h hall) spot(j virtual.Job) string {
	j.Name, j.Account, j.Partition, j.GPUs = "job", "tenant-a", "spot", 1
	return h.Submit(j)
}

func TestWhatGoesWrongHasAName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		do      func(testing.TB, hall, *slurm.Slurm)
		code    slurm.Code
		subject string
	}{
		{"nothing is wrong", func(testing.TB, hall, *slurm.Slurm) {}, "", ""},
		{"somebody lowered the number of licenses", func(_ testing.TB, h hall, _ *slurm.Slurm) { h.Licenses(40) }, slurm.BudgetLowered, "kw"},
		{"a job ignores signals", func(tb testing.TB, h hall, s *slurm.Slurm) {
			tb.Helper()
			id := h.spot(virtual.Job{Deaf: true})
			must(tb, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
			h.clock.Wait(20 * time.Second)
		}, slurm.JobDeaf, "1"},
		{"somebody released a job that we stopped", func(tb testing.TB, h hall, s *slurm.Slurm) {
			tb.Helper()
			id := h.spot(virtual.Job{})
			must(tb, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
			h.clock.Wait(time.Minute)
			h.Release(id)
		}, slurm.JobReleased, "1"},
		{"a reservation is near its end", func(tb testing.TB, h hall, s *slurm.Slurm) {
			tb.Helper()
			must(tb, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Withhold, Power: 5 * unit.Kilowatt})
			h.clock.Wait(330 * 24 * time.Hour)
		}, slurm.WithheldEnds, "sluice.withhold.e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			s := h.driver(t, func(c *slurm.Config) { c.Budget, c.Kill = 100*unit.Kilowatt, 10*time.Second })
			c.do(t, h, s)
			got, err := s.Troubles(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if c.code == "" && len(got) > 0 || c.code != "" && (len(got) != 1 || got[0].Code != c.code || got[0].Subject != c.subject || got[0].Text == "") {
				t.Errorf("troubles are %+v, want %s of %s", got, c.code, c.subject)
			}
		})
	}
}

func TestANodeThatReportsNoPowerIsNamed(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	got, err := h.driver(t, func(c *slurm.Config) { c.Meters = true }).Troubles(t.Context())
	if err != nil || len(got) != 2 || got[0].Code != slurm.NodePowerless || got[1].Subject != "n2" {
		t.Errorf("two nodes state no watts, and troubles are %+v, %v", got, err)
	}
}

// TestWhatPersonsHoldStays: what a person stopped is not ours to start, be it
// before we came or after.
func TestWhatPersonsHoldStays(t *testing.T) {
	t.Parallel()
	restore := func(id string) engine.Command {
		return engine.Command{Event: "e", Seq: 9, Verb: engine.Restore, Subject: id}
	}
	t.Run("a job that a person holds is neither evicted nor restored", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		h.clock.Wait(time.Minute)
		s := h.driver(t)
		full := []string{h.Submit(virtual.Job{Partition: "firm", Account: "a", GPUs: 8}), h.Submit(virtual.Job{Partition: "firm", Account: "a", GPUs: 8})}
		id := h.spot(virtual.Job{})
		h.Hold(id)
		a, err := s.Do(t.Context(), engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
		if err != nil || a.Done || a.Why == "" {
			t.Errorf("evicting what a person holds gave %+v, %v", a, err)
		}
		if a, err := s.Do(t.Context(), restore(id)); err != nil || a.Done {
			t.Errorf("restoring what a person holds gave %+v, %v", a, err)
		}
		h.End(full[0])
		if j := job(t, s, id); j.State != engine.Held || j.Evicted != "" {
			t.Errorf("the job is %+v", j)
		}
	})
	t.Run("a job whose mark a person took away stays", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		s := h.driver(t)
		id := h.spot(virtual.Job{})
		must(t, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
		h.clock.Wait(time.Hour)
		h.Comment(id, "keep it: Ann")
		if a, err := s.Do(t.Context(), restore(id)); err != nil || a.Done {
			t.Errorf("restore gave %+v, %v", a, err)
		}
		if j := job(t, s, id); j.State != engine.Held || j.Evicted != "" {
			t.Errorf("the job is %+v", j)
		}
	})
	t.Run("a job that ran again since, with our mark still on it, stays", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		s := h.driver(t)
		id := h.spot(virtual.Job{})
		must(t, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
		h.clock.Wait(time.Hour)
		h.Release(id)
		h.clock.Wait(time.Hour)
		h.Requeue(id)
		h.clock.Wait(time.Second)
		h.Hold(id)
		if a, err := s.Do(t.Context(), restore(id)); err != nil || a.Done {
			t.Errorf("restore gave %+v, %v", a, err)
		}
		if j := job(t, s, id); j.State != engine.Held || j.Evicted != "" {
			t.Errorf("the job is %+v", j)
		}
	})
	t.Run("a job that two events stopped in turn and a person holds stays", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		s := h.driver(t)
		id := h.spot(virtual.Job{})
		must(t, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
		h.clock.Wait(time.Hour)
		h.Release(id) // a person lets it run
		other := engine.Command{Event: "f", Seq: 1, Verb: engine.Evict, Subject: id}
		must(t, s, other)
		h.clock.Wait(time.Hour)
		must(t, s, engine.Command{Event: "f", Seq: 2, Verb: engine.Restore, Subject: id})
		h.Hold(id)
		if a, err := s.Do(t.Context(), restore(id)); err != nil || a.Done {
			t.Errorf("restore by the first event gave %+v, %v", a, err)
		}
	})
	t.Run("what stood in the comment comes back", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		s := h.driver(t)
		id := h.spot(virtual.Job{Comment: "contract=night-batch"})
		h.Comment(id, "project 7 | paid")
		if got := job(t, s, id).Contract; got != "night-batch" {
			t.Errorf("the job declares contract %q", got)
		}
		must(t, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Warn, Subject: id, By: h.clock.Now().Add(time.Minute), Why: "grid | call"})
		must(t, s, engine.Command{Event: "e", Seq: 2, Verb: engine.Evict, Subject: id, Why: "grid call"})
		h.clock.Wait(time.Hour)
		must(t, s, engine.Command{Event: "e", Seq: 3, Verb: engine.Restore, Subject: id})
		if got, want := h.AdminComment(id), "sluice.restore.e.3 | project 7 | paid"; got != want {
			t.Errorf("the comment is %q, want %q", got, want)
		}
		if got := h.Heard(id); !slices.Equal(got, []string{"USR1", "TERM"}) {
			t.Errorf("the job heard %v", got)
		}
	})
}

// TestWhatAnEngineCanAnswer: whatever goes wrong on the way is an error of its kind.
func TestWhatAnEngineCanAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		f    virtual.Faults
		want error
	}{
		{"silence", virtual.Faults{Silent: true}, engine.ErrUnreachable},
		{"no answer in time", virtual.Faults{Slow: true}, engine.ErrUnreachable},
		{"status 500 with a page", virtual.Faults{HTML: true}, engine.ErrUnreachable},
		{"half of the JSON", virtual.Faults{Truncated: true}, engine.ErrUnreachable},
		{"a token that is not taken", virtual.Faults{Unsigned: true}, engine.ErrDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			patient := h.driver(t)
			s := h.driver(t, func(x *slurm.Config) {
				if c.f.Slow {
					x.Timeout = 300 * time.Millisecond
				}
			})
			id := h.spot(virtual.Job{})
			h.Set(c.f)
			if v, err := s.View(t.Context()); !errors.Is(err, c.want) || len(v.Jobs) != 0 {
				t.Errorf("view: %v, want %v", err, c.want)
			}
			if a, err := s.Do(t.Context(), engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id}); !errors.Is(err, c.want) || a.Done {
				t.Errorf("evict: %+v, %v, want %v", a, err, c.want)
			}
			h.Set(virtual.Faults{})
			if j := job(t, patient, id); j.State != engine.Running {
				t.Errorf("nothing was said, and the job is %s", j.State)
			}
			must(t, patient, engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id})
		})
	}
}

// dropping is a way to an engine that drops a connection the first so many times it
// is asked for one path.
type dropping struct {
	http.RoundTripper
	times int
	seen  map[string]int
}

func (d dropping) RoundTrip(q *http.Request) (*http.Response, error) {
	at := q.Method + " " + q.URL.Path
	if d.seen[at]++; d.seen[at] <= d.times {
		return nil, &net.OpError{Op: "read", Net: "unix", Err: syscall.ECONNRESET}
	}
	return d.RoundTripper.RoundTrip(q)
}

// TestDroppedConnections: a question is asked again, twice at most; a change is made once.
func TestDroppedConnections(t *testing.T) {
	t.Parallel()
	for times, want := range []error{nil, nil, nil, engine.ErrUnreachable} {
		h := newHall(t)
		seen := map[string]int{}
		s := h.driver(t, func(c *slurm.Config) {
			c.REST.Client = dropping{http.DefaultTransport, times, seen}
		})
		if _, err := s.View(t.Context()); !errors.Is(err, want) {
			t.Errorf("dropped %d times: %v, want %v", times, err, want)
		}
	}
	h := newHall(t)
	id := h.spot(virtual.Job{})
	seen := map[string]int{}
	s := h.driver(t, func(c *slurm.Config) {
		c.REST.Client = dropping{http.DefaultTransport, 1, seen}
	})
	if _, err := s.Do(t.Context(), engine.Command{Event: "e", Seq: 1, Verb: engine.Evict, Subject: id}); !errors.Is(err, engine.ErrUnreachable) {
		t.Errorf("evict: %v, want %v", err, engine.ErrUnreachable)
	}
	for at, n := range seen {
		if !strings.HasPrefix(at, http.MethodGet) && n != 1 {
			t.Errorf("%s was sent %d times", at, n)
		}
	}
}

// TestTokensAreRenewedAtHalfTheirLife: and at once where one is not taken.
func TestTokensAreRenewedAtHalfTheirLife(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	asked := 0
	s := h.driver(t, func(c *slurm.Config) {
		c.REST.Lifespan = 10 * time.Minute
		c.REST.Token = func(_ context.Context, life time.Duration) (string, error) { asked++; return h.Token(life), nil }
	})
	look := func(want int) {
		t.Helper()
		if _, err := s.View(t.Context()); err != nil || asked != want {
			t.Errorf("%d tokens were fetched, want %d: %v", asked, want, err)
		}
	}
	look(1)
	h.clock.Wait(4 * time.Minute)
	look(1)
	h.clock.Wait(time.Minute)
	look(2)
	h.Revoke()
	look(3)
}

// TestWithholdingMoreThanThereIs: all that is there is withheld, and the answer says that it is less.
func TestWithholdingMoreThanThereIs(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	s := h.driver(t)
	must(t, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Withhold, Power: 60 * unit.Kilowatt})
	for range 2 {
		a, err := s.Do(t.Context(), engine.Command{Event: "f", Seq: 1, Verb: engine.Withhold, Power: 60 * unit.Kilowatt})
		if err != nil || a.Done || a.Why == "" {
			t.Errorf("60 of 40 kW gave %+v, %v", a, err)
		}
		if v, err := s.View(t.Context()); err != nil || v.Watts.Withheld != 100*unit.Kilowatt {
			t.Errorf("%v are withheld, %v", v.Watts.Withheld, err)
		}
	}
	must(t, s, engine.Command{Event: "e", Seq: 2, Verb: engine.GiveBack})
	must(t, s, engine.Command{Event: "f", Seq: 2, Verb: engine.Withhold, Power: 60 * unit.Kilowatt})
}

// TestPowerOfAPartOfAGranule: what is withheld is never less than what was asked.
func TestPowerOfAPartOfAGranule(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	s := h.driver(t)
	must(t, s, engine.Command{Event: "e", Seq: 1, Verb: engine.Withhold, Power: 1})
	if v, err := s.View(t.Context()); err != nil || v.Watts.Withheld != unit.Kilowatt {
		t.Errorf("%v are withheld, %v", v.Watts.Withheld, err)
	}
}
