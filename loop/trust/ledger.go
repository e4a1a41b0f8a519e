package trust

import (
	"slices"
	"time"
)

// Ledger is the evidence of one stage since it was entered, or since a violation
// or an unsafe recommendation made it begin anew.
type Ledger struct {
	Stage                        Stage
	Since                        time.Time
	Why                          Code          `json:",omitempty"` // what made it begin anew; empty: the stage was entered
	Last                         time.Time     // end of the last interval that was told
	Reported                     time.Duration // sum of the intervals
	Seen                         time.Duration // of it with every critical value fresh
	Valued                       time.Duration // of it with a known worth of the plan
	Proven, Failed               int           // orders with a proof, and with the proof overdue
	Accepted, Declined, Unsolved int           // recommendations; unsolved ones ran out without an answer
	Earned                       Earnings
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
	case e.Start.Before(k.ledger.Last), end.After(k.now):
		k.refuse(Refusal{Code: OutOfOrder})
		return
	}
	l := &k.ledger
	l.Last = end
	k.earned.add(k.cfg.Zone, k.stage, e)
	if e.Start.Before(l.Since) { // it began under another stage
		return
	}
	l.Reported += e.Length
	l.Seen += e.Seen
	if len(e.Gains) > 0 {
		l.Valued += e.Length
	}
	l.Earned.add(e)
}

// Ledger is the evidence so far.
func (k *Kernel) Ledger() Ledger { return k.ledger.copied() }
