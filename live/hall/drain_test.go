package hall

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
)

// empties drains a queue, which must begin.
func (b *bench) empties(w DrainWish) Drained {
	b.tb.Helper()
	w.Who = "anna"
	d, err := b.h.Drain(b.tb.Context(), w)
	if err != nil || !d.Begun {
		b.tb.Fatalf("%+v, %v", d, err)
	}
	return d
}

// away reports whether all jobs of a contract are stopped by an event, and no other is.
func (b *bench) away(contract, event string) bool {
	b.tb.Helper()
	v, err := b.v.View(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, j := range v.Jobs {
		if gone := j.State == engine.Held && j.Evicted == event; gone != (j.Contract == contract) {
			return false
		}
	}
	return true
}

// TestDrain empties a queue, outlives a restart and fills it again.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		dry, err := b.h.Drain(b.tb.Context(), DrainWish{Contract: "spot", Dry: true})
		if err != nil || dry.Begun || dry.Jobs != 5 || dry.GPUs != 40 || dry.Unsaved != 5 || dry.Queue != "spot" {
			b.breach("%+v, %v", dry, err)
		}
		if b.pass(time.Minute); len(b.spy.commands()) > 0 {
			b.breach("looking at a drain gave %v", b.spy.commands())
		}
		b.empties(DrainWish{Contract: "spot", Event: "rack-7", Why: "rack 7 is serviced"})
		b.pass(2 * time.Minute)
		if !b.away("spot", "rack-7") {
			b.breach("it should be empty: %v", b.states())
		}
		b.stop()
		b.start()
		b.pass(5 * time.Minute)
		if !b.away("spot", "rack-7") || b.status().Contracts[2].Held != "rack-7" {
			b.breach("a restart ended it: %v, %+v", b.states(), b.status().Contracts)
		}
		who, err := b.plant.Store.Office().Owner(b.tb.Context(), "spot")
		if err != nil {
			b.tb.Fatal(err)
		}
		told, err := b.plant.Store.Desk().Notices(b.tb.Context(), who, time.Time{})
		if err != nil || len(told) != 1 || told[0].Says != "rack 7 is serviced" || told[0].GPUs != 40 {
			b.breach("the tenant was told %+v, %v", told, err)
		}
		if _, err := b.h.LetGo(b.tb.Context(), Ask{Event: "rack-7", Who: "anna"}); err != nil {
			b.breach("release: %v", err)
		}
		b.pass(10 * time.Minute)
		for id, s := range b.states() {
			if s != engine.Running {
				b.breach("%s is %s after the release", id, s)
			}
		}
		if len(b.h.orders.Drains) > 0 {
			b.breach("it is over and kept as %+v", b.h.orders.Drains)
		}
		var verbs []string
		for _, c := range b.spy.commands() {
			verbs = append(verbs, string(c.Verb))
		}
		if got := strings.Join(verbs, " "); got != "drain release" {
			b.breach("the engine was told %q", got)
		}
		sent, err := b.plant.Store.Office().Commands(b.tb.Context(), "rack-7")
		if err != nil || len(sent) != 2 || len(sent[1].Answers) != 1 {
			b.breach("kept: %+v, %v", sent, err)
		}
	}) {
		t.Error(what)
	}
}

// TestDrainWarns: who agreed on a warning has it, and nothing more starts meanwhile; a
// restart and an engine that is silent when it is over lose nothing.
func TestDrainWarns(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		d := b.empties(DrainWish{Contract: "batch", Event: "rack-8"})
		if wait := time.Until(d.At); wait != time.Minute {
			b.breach("batch is warned a minute before, and is stopped in %v", wait)
		}
		b.pass(20 * time.Second)
		b.stop()
		b.spy.set(func(s *spy) { s.silent = true })
		if b.states()["batch-1"] != engine.Running {
			b.breach("it was stopped within its warning")
		}
		b.start()
		b.pass(time.Minute)
		if b.states()["batch-1"] != engine.Running {
			b.breach("a silent engine stopped it")
		}
		b.spy.set(func(s *spy) { s.silent = false })
		b.pass(2 * time.Minute)
		if !b.away("batch", "rack-8") {
			b.breach("it should be empty: %v", b.states())
		}
		count := map[engine.Verb]int{}
		for _, c := range b.spy.commands() {
			count[c.Verb]++
		}
		if count[engine.Hold] != 1 || count[engine.Warn] != 2 || count[engine.Drain] != 1 {
			b.breach("the engine was told %v", count)
		}
	}) {
		t.Error(what)
	}
}

// TestDrainOfFirm: firm contracts are drained only when that is said, and every minute
// counts as taken by us, for flexible ones too.
func TestDrainOfFirm(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, func(b *bench) {
		for i, t := range b.cfg.Tenancies {
			c := t.Contract()
			if c.Name != "spot" {
				continue
			}
			c.Kind, c.Flex = hosting.Flexible, hosting.Flex{Hours: 100 * time.Hour, Event: 4 * time.Hour, Events: 8, Share: unit.One}
			flexible, err := hosting.Compile(c, b.cfg.Hall, b.cfg.Curves, time.UTC)
			if err != nil {
				b.tb.Fatal(err)
			}
			b.cfg.Tenancies[i] = flexible
		}
	}, func(b *bench) {
		for _, contract := range []string{"firm", "spot"} {
			if _, err := b.h.Drain(b.tb.Context(), DrainWish{Contract: contract}); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), contract) {
				b.breach("%s was drained without a word: %v", contract, err)
			}
			b.empties(DrainWish{Contract: contract, Event: "all-" + contract, Firm: true})
		}
		b.pass(12 * time.Minute)
		for contract, gpus := range map[string]int{"firm": 32, "spot": 40} {
			runs := b.h.service.kept.Runs[contract]
			r := runs[len(runs)-1]
			if r.Taken != gpus || r.Event != "all-"+contract || r.Fair || r.Told.IsZero() {
				b.breach("%s stands as %+v", contract, r)
			}
			if l := b.h.service.kept.Level[contract]; l.Down < int64(gpus)*600 || l.Excused > 0 {
				b.breach("%s: %d GPU-seconds are down in twelve minutes, %d excused", contract, l.Down, l.Excused)
			}
		}
	}) {
		t.Error(what)
	}
}

// TestDrainRefusals: what makes no sense is refused and nothing is done.
func TestDrainRefusals(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		for name, w := range map[string]DrainWish{
			"of nobody": {Contract: "gone"}, "a name that is none": {Contract: "spot", Event: "No Name"}, "the market's name": {Contract: "spot", Event: "follow-gpu"},
		} {
			if _, err := b.h.Drain(b.tb.Context(), w); !errors.Is(err, ErrNo) {
				b.breach("a drain %s: %v", name, err)
			}
		}
		b.empties(DrainWish{Contract: "spot", Event: "rack-7"})
		b.pass(2 * time.Minute)
		if _, err := b.h.Drain(b.tb.Context(), DrainWish{Contract: "spot", Event: "rack-8"}); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), "rack-7 drains queue spot already") {
			b.breach("the same queue again: %v", err)
		}
		event := b.curtail(5_000, 10*time.Minute, 10*time.Minute)
		b.pass(time.Minute)
		if _, err := b.h.LetGo(b.tb.Context(), Ask{Event: "rack-7"}); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), event) {
			b.breach("a release during a curtailment: %v", err)
		}
		if _, err := b.h.LetGo(b.tb.Context(), Ask{}); err != nil { // the running curtailment
			b.breach("release of the curtailment: %v", err)
		}
		b.pass(time.Hour)
		if !b.away("spot", "rack-7") {
			b.breach("the end of a curtailment ended the drain: %v", b.states())
		}
		if _, err := b.h.LetGo(b.tb.Context(), Ask{Event: "rack-7"}); err != nil {
			b.breach("release: %v", err)
		}
		b.pass(10 * time.Minute)
		if _, err := b.h.Drain(b.tb.Context(), DrainWish{Contract: "spot", Event: "rack-7"}); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), "used before") {
			b.breach("an old name: %v", err)
		}
	}) {
		t.Error(what)
	}
}
