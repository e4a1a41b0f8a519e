package trust

import (
	"slices"
	"time"
)

// Ledger is the evidence of one stage since it was entered, or since a violation
// or an unsafe recommendation made it begin anew.
type Ledger struct {
	Stage                          Stage
	Since                          time.Time
	Why                            Code          `json:",omitempty"` // what made it begin anew; empty: the stage was entered
	Last                           time.Time     // end of the last interval that was told
	Step                           time.Duration // length of that interval
	Reported                       time.Duration // sum of the intervals
	Seen                           time.Duration // of it with every critical value fresh
	Valued                         time.Duration // of it with a known worth of the plan
	Proven, Failed                 int           // orders with a proof, and with the proof overdue
	Accepted, Declined, Unanswered int           // recommendations; unanswered ones ran out
	Earned                         Earnings
}

// manyMost bounds counters so that none overflows.
const manyMost = 1 << 50

// intervalMost bounds one interval.
const intervalMost = time.Hour

// copied shares nothing with l.
func (l Ledger) copied() Ledger {
	l.Earned.Money = slices.Clone(l.Earned.Money)
	return l
}

// outcome takes one interval. Each counts once, and none that is not over. What
// is never told counts as unseen, because shares are taken of the time that went
// by.
func (k *Kernel) outcome(e Outcome) {
	e.Start = e.Start.Round(0).UTC()
	end := e.Start.Add(e.Length)
	switch {
	case e.Length <= 0 || e.Length > intervalMost || e.Seen < 0 || e.Seen > e.Length || !validGains(e.Gains):
		k.refuse(Refusal{Code: BadEvent})
		return
	case e.Start.Before(k.ledger.Last) && !k.countTwice, end.After(k.now):
		k.refuse(Refusal{Code: OutOfOrder})
		return
	}
	l := &k.ledger
	l.Last = end
	k.earned.add(k.cfg.Zone, k.stage, e)
	l.Step = e.Length
	here := min(e.Length, end.Sub(l.Since)) // the rest was under another stage
	if here <= 0 {
		return
	}
	l.Reported += here
	l.Seen += max(0, e.Seen-(e.Length-here)) // what was not seen may have been here
	if len(e.Gains) > 0 {
		l.Valued += here
	}
	if here == e.Length {
		l.Earned.add(e)
	}
}

// due is the time for which outcomes are due: all of it but the interval that
// still runs.
func (l Ledger) due(now time.Time) time.Duration {
	until := now.Add(-l.Step)
	if l.Last.After(until) {
		until = l.Last
	}
	return until.Sub(l.Since)
}

// Ledger is the evidence so far.
func (k *Kernel) Ledger() Ledger { return k.ledger.copied() }
