package trust

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/unit"
)

// quiet is how long a guard that changes nothing more does not speak again.
const quiet = 10 * time.Minute

// Tally counts orders that began in one slot of time.
type Tally struct {
	At             time.Time
	Proven, Failed int
}

// tallySlot is how finely failures are placed in time; the window always covers
// at least what it promises.
const tallySlot = 10 * time.Second

// countMost bounds the numbers of one event.
const countMost = 1_000_000_000

// guard acts on a fault: a site above stage to falls to it, a lower one stays.
// Limits and assertions begin the evidence anew wherever the site stands; in
// advisory, what was accepted is withdrawn.
func (k *Kernel) guard(c Code, to Stage, evidence string) {
	last, spoke := k.warned[c]
	spoke = spoke && k.now.Sub(last) < quiet
	falls := to.Below(k.stage) && !k.guardsSleep
	if falls || !spoke {
		k.out = append(k.out, Alarm{Code: c, Evidence: evidence})
	}
	switch {
	case falls:
		k.enter(to, Record{What: WasDemoted, Code: c, Evidence: evidence})
	case c == LimitViolated || c == KernelBroke:
		past := k.ledger.copied()
		k.renew(c)
		k.withdraw()
		if !spoke {
			r := Record{What: WasRestarted, Code: c, Evidence: evidence, Ledger: &past}
			k.note(r, "")
		}
	default:
		k.withdraw()
		if !spoke {
			k.note(Record{What: WasWarned, Code: c, Evidence: evidence}, "")
		}
	}
	k.warned[c] = k.now
}

func (k *Kernel) violated(e Violated) {
	k.guard(LimitViolated, Shadow, fmt.Sprintf("limit %q passed by %v for %v outside the shed window", cut(e.Limit), e.Over, e.For))
}

// proved counts orders. A slot lies where its first order was told, so no order
// leaves the window early.
func (k *Kernel) proved(e Proved) {
	if min(e.Proven, e.Failed) < 0 || max(e.Proven, e.Failed) > countMost {
		k.refuse(Refusal{Code: BadEvent})
		return
	}
	k.ledger.Proven = min(k.ledger.Proven+e.Proven, manyMost)
	k.ledger.Failed = min(k.ledger.Failed+e.Failed, manyMost)
	if n := len(k.tally); n == 0 || k.now.Sub(k.tally[n-1].At) >= tallySlot {
		k.tally = append(k.tally, Tally{At: k.now})
	}
	t := &k.tally[len(k.tally)-1]
	t.Proven, t.Failed = min(t.Proven+e.Proven, manyMost), min(t.Failed+e.Failed, manyMost)
	k.judge()
}

// judge looks at the orders within the window.
func (k *Kernel) judge() {
	l := k.cfg.Limits
	k.tally = slices.DeleteFunc(k.tally, func(t Tally) bool { return k.now.Sub(t.At) > l.Window+tallySlot })
	proven, failed := 0, 0
	for _, t := range k.tally {
		proven, failed = min(proven+t.Proven, manyMost), min(failed+t.Failed, manyMost)
	}
	share, known := part(int64(failed), int64(proven+failed))
	if !known || failed < l.FailuresLeast || share <= l.Failures {
		return
	}
	k.guard(ProofsFailed, Advisory, fmt.Sprintf("%d of %d orders within %v have no proof, %s and more than %s",
		failed, proven+failed, l.Window, percent(share), percent(l.Failures)))
}

func (k *Kernel) feeds(e Feeds) {
	stale := slices.Compact(slices.Sorted(slices.Values(e.Stale)))
	if len(stale) > feedsMost {
		stale = stale[:feedsMost]
	}
	k.standing.feeds, k.standing.stale = true, stale
	if len(stale) >= k.cfg.Limits.Stale {
		k.guard(FeedsStale, Advisory, fmt.Sprintf("%d critical feeds are stale: %s", len(stale), cut(strings.Join(stale, ", "))))
	}
}

const feedsMost = 64

func (k *Kernel) clock(e Clock) {
	k.standing.clock, k.standing.offset = true, e.Offset
	if k.clockOff() {
		k.guard(ClockOff, Advisory, fmt.Sprintf("the clock is off by %v, more than %v", e.Offset, k.cfg.Limits.Offset))
	}
}

func (k *Kernel) clockOff() bool {
	return k.standing.offset > k.cfg.Limits.Offset || k.standing.offset < -k.cfg.Limits.Offset
}

func (k *Kernel) versions(e Versions) {
	if !e.Agree { // first, so that its record shows what was entrusted until now
		k.guard(VersionsDiffer, Shadow, "versions do not fit together: "+cut(e.Says))
	}
	if s := &k.standing; !s.versions || s.agree != e.Agree {
		s.versions, s.agree, k.stale = true, e.Agree, true
	}
}

// overridden counts what people set by hand. It is kept in every stage and acts
// in a closed loop.
func (k *Kernel) overridden(e Overridden) {
	n := Record{What: WasOverridden, By: orUnnamed(cut(e.By)), Subject: cut(trimmed(e.Subject)), Reason: cut(trimmed(e.Reason))}
	k.note(n, "")
	most := k.cfg.Limits.Overrides
	if k.manual = append(k.manual, k.now); len(k.manual) > most+1 {
		k.manual = k.manual[1:]
	}
	if len(k.manual) > most && k.stage.Closed() {
		k.guard(ManyOverrides, Advisory, fmt.Sprintf("%d overrides by hand within 24 hours, more than %d", len(k.manual), most))
	}
}

// part is a share of a whole; false where there is no whole.
func part(of, whole int64) (unit.Ratio, bool) {
	if whole <= 0 {
		return 0, false
	}
	return unit.Ratio(unit.MulDiv(max(0, min(of, whole)), int64(unit.One), whole)), true
}
