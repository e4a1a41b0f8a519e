package live

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/unit"
)

// TestLend: a machine that somebody tries is moved by no plan, is the site's again when
// it is given back, and is not taken for one that somebody else put to sleep.
func TestLend(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	full := w.site.core.machines[0].ladder.most()
	for i := range 2 {
		w.hear(t, i, at(full))
	}
	w.prove(t, 0, full)
	ask := func(deed, by string, i int) error {
		_, err := w.remote.Act(t.Context(), deed, Request{By: by, Machine: w.name(i), Reason: "trial"})
		return err
	}
	if err := ask("lend", "", 0); !errors.Is(err, ErrNo) {
		t.Errorf("lent to nobody: %v", err)
	}
	if err := errors.Join(ask("lend", "anna", 0), ask("lend", "anna", 0)); err != nil {
		t.Fatalf("not lent, or not for longer: %v", err)
	}
	for sentence, err := range map[string]error{"to two": ask("lend", "ben", 0), "two at once": ask("lend", "anna", 1)} {
		if !errors.Is(err, ErrNo) {
			t.Errorf("lent %s: %v", sentence, err)
		}
	}
	if p, err := w.remote.Machine(t.Context(), w.name(0)); err != nil || p.LentTo != "anna" || p.Entrusted {
		t.Errorf("while it is lent: %+v, %v", p.Shown, err)
	}
	w.hear(t, 0, at(0)) // the trial sleeps it
	if n := w.orders(t, 0, full); n != 0 {
		t.Errorf("%d orders went out to a machine that is lent", n)
	}
	w.hear(t, 0, at(full))
	if err := errors.Join(ask("giveback", "ben", 0), ask("giveback", "anna", 0)); err != nil {
		t.Fatal(err)
	}
	p, err := w.remote.Machine(t.Context(), w.name(0))
	if err != nil || p.LentTo != "" || !p.Entrusted || p.Trouble != Fine || w.site.core.kernel.Unit(0).Foreign {
		t.Errorf("given back: %+v, %v", p.Shown, err)
	}
}

// TestLendEnds: a stop, a limit, a lock-out and time take a machine back at once.
func TestLendEnds(t *testing.T) {
	t.Parallel()
	for sentence, end := range map[string]func(w window) error{
		"a stop": func(w window) error {
			_, err := w.remote.Act(t.Context(), "stop", Request{By: "ben"})
			return err
		},
		"a limit": func(w window) error {
			_, err := w.remote.Act(t.Context(), "instruct", Request{By: "the grid", Limit: 1})
			return err
		},
		"a lock-out": func(w window) error {
			_, err := w.remote.Act(t.Context(), "lock", Request{By: "ben", Machine: w.name(0), Reason: "smoke"})
			return err
		},
		"time": func(w window) error {
			return w.site.Do(t.Context(), func(c *Core, _ time.Time) {
				for i, l := range c.lent {
					l.until = laneBegin.Add(-time.Second)
					c.lent[i] = l
				}
			})
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWindow(t)
			full := w.site.core.machines[0].ladder.most()
			w.hear(t, 0, at(full))
			w.prove(t, 0, full)
			if _, err := w.remote.Act(t.Context(), "lend", Request{By: "anna", Machine: w.name(0)}); err != nil {
				t.Fatal(err)
			}
			if err := end(w); err != nil {
				t.Fatal(err)
			}
			if n := w.orders(t, 0, full); sentence == "a limit" && n == 0 {
				t.Error("a limit asks nothing of a machine that is lent")
			}
			w.hear(t, 0, at(full))
			p, err := w.remote.Machine(t.Context(), w.name(0))
			if err != nil || p.LentTo != "" {
				t.Errorf("still lent to %q, %v", p.LentTo, err)
			}
			_, err = w.remote.Act(t.Context(), "lend", Request{By: "anna", Machine: w.name(0)})
			if sentence != "time" && sentence != "a limit" && (!errors.Is(err, ErrNo) || !strings.Contains(err.Error(), "not lent")) {
				t.Errorf("lent again: %v", err)
			}
			if sentence == "a lock-out" && (p.Lock == nil || p.Lock.By != "ben" || p.Lock.Why != "smoke" || p.Lock.Since.IsZero()) {
				t.Errorf("the page says of the lock-out: %+v", p.Lock)
			}
		})
	}
}

// prove has a machine stand where it was told to.
func (w window) prove(t *testing.T, i int, p unit.Power) {
	t.Helper()
	err := w.site.Do(t.Context(), func(c *Core, now time.Time) {
		for range 40 {
			now = now.Add(10 * time.Second)
			r := at(p)
			r.Asked = now
			id := c.cfg.Machines[i].Identity
			for _, e := range []Event{Heard{Machine: i, Asked: now, Reading: r, Other: &id}, Tick{}} {
				c.Handle(now, e)
			}
			if v := c.kernel.Unit(i); v.Setpoint == p && !v.Open {
				return
			}
		}
		t.Errorf("machine %d does not stand at %s: %+v", i, p, c.kernel.Unit(i))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// orders counts what goes out to a machine when a plan wants it at a power.
func (w window) orders(t *testing.T, i int, p unit.Power) (n int) {
	t.Helper()
	err := w.site.Do(t.Context(), func(c *Core, now time.Time) {
		target := make([]unit.Power, len(c.machines))
		target[i] = p
		before := c.counts.Orders + c.counts.Already
		c.Handle(now, Wished{Number: 99, Until: now.Add(time.Hour), Target: target})
		for range 3 * kernelTick {
			c.Handle(now, Tick{})
		}
		n = int(c.counts.Orders + c.counts.Already - before)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
