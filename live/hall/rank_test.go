package hall

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/engine"
)

// ranker is an engine that can be told whom to take first.
type ranker struct {
	*spy

	orders []engine.Command // that reached it
	away   bool             // it does not answer them
	no     string           // it will not take them
}

// Capabilities implements engine.Engine.
func (r *ranker) Capabilities(ctx context.Context) (engine.Capabilities, error) {
	c, err := r.spy.Capabilities(ctx)
	c.Verbs = append(c.Verbs, engine.Rank)
	return c, err
}

// Do implements engine.Engine.
func (r *ranker) Do(ctx context.Context, c engine.Command) (engine.Answer, error) {
	if c.Verb != engine.Rank {
		return r.spy.Do(ctx, c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders = append(r.orders, c)
	if r.away {
		return engine.Answer{}, engine.ErrUnreachable
	}
	return engine.Answer{Event: c.Event, Seq: c.Seq, Done: r.no == "", Why: r.no, At: time.Now()}, nil
}

func (r *ranker) given() []engine.Command {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.orders)
}

func (r *ranker) say(away bool, no string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away, r.no = away, no
}

// ranks runs a test on a hall whose engine can be told whom to take first.
func ranks(t *testing.T, test func(*bench, *ranker)) {
	t.Helper()
	var r *ranker
	for _, what := range inBubble(t, func(b *bench) {
		r = &ranker{spy: b.spy}
		b.plant.Engine = r
	}, func(b *bench) { test(b, r) }) {
		t.Error(what)
	}
}

// TestRank: the engine is told whom to take first, firm tenants last, only when that
// changed and at most once a minute, and a restart tells it nothing new.
func TestRank(t *testing.T) {
	t.Parallel()
	ranks(t, func(b *bench, r *ranker) {
		b.pass(30 * time.Minute)
		all := r.given()
		if n := len(all); n == 0 || n > 12 {
			b.breach("%d orders in half an hour", n)
		}
		first := all[0]
		if len(first.Jobs) != 11 || slices.ContainsFunc(first.Jobs[:7], func(id string) bool { return strings.HasPrefix(id, "firm") }) {
			b.breach("the first order is %v", first.Jobs)
		}
		b.stop()
		b.start()
		b.pass(time.Minute)
		after := r.given()
		for i, c := range after {
			if c.Seq != i+1 || i > 0 && slices.Equal(c.Jobs, after[i-1].Jobs) {
				b.breach("order %d has number %d and is %v", i+1, c.Seq, c.Jobs)
			}
		}
		sent, err := b.plant.Store.Office().Commands(b.tb.Context(), "rank-gpu")
		if err != nil || len(sent) != len(after) || len(sent[0].Answers) == 0 {
			b.breach("%d orders were given and %d are kept, %v", len(after), len(sent), err)
		}
		last := after[len(after)-1].Jobs
		if _, err := b.v.Do(b.tb.Context(), engine.Command{Event: "by-hand", Seq: 1, Verb: engine.Evict, Subject: last[0]}); err != nil {
			b.tb.Fatal(err)
		}
		b.pass(3 * time.Minute)
		if all = r.given(); len(all) == len(after) || slices.Contains(all[len(all)-1].Jobs, last[0]) {
			b.breach("a job that does not run any more is still ranked: %v", all[len(all)-1].Jobs)
		}
	})
}

// TestRankUnanswered: an order that nobody answered goes out again under its number, and
// one that was refused does not.
func TestRankUnanswered(t *testing.T) {
	t.Parallel()
	ranks(t, func(b *bench, r *ranker) {
		had := len(r.given())
		r.say(true, "")
		stop := engine.Command{Event: "by-hand", Seq: 1, Verb: engine.Evict, Subject: "spot-1"}
		if _, err := b.v.Do(b.tb.Context(), stop); err != nil {
			b.tb.Fatal(err)
		}
		b.pass(4 * time.Minute)
		all := r.given()[had:]
		if len(all) < 2 || len(all) > 4 {
			b.tb.Fatalf("%d orders in four minutes without an answer", len(all))
		}
		for _, c := range all[1:] {
			if c.Seq == all[0].Seq != slices.Equal(c.Jobs, all[0].Jobs) {
				b.breach("an order without an answer was repeated as %d %v after %d %v", c.Seq, c.Jobs, all[0].Seq, all[0].Jobs)
			}
		}
		b.stop() // it is still owed
		r.say(false, "")
		b.start()
		b.pass(time.Minute)
		if again := r.given(); len(again) == had+len(all) {
			b.breach("an order that nobody answered was forgotten in a restart")
		}
		r.say(false, "somebody forbids it")
		stop.Seq, stop.Subject = 2, "spot-2"
		if _, err := b.v.Do(b.tb.Context(), stop); err != nil {
			b.tb.Fatal(err)
		}
		had = len(r.given())
		b.pass(5 * time.Minute)
		told := 0
		for _, n := range b.notices() {
			if n.Code == "engine_says_no" && strings.Contains(n.Text, "somebody forbids it") {
				told++
			}
		}
		if n := len(r.given()) - had; n == 0 || n > 3 || told != 1 {
			b.breach("a refused order was given %d times and told %d times", n, told)
		}
	})
}
