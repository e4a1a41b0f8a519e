package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Numbers are the last ones given; none is ever given twice.
type Numbers struct{ Record, Request, Recommendation int64 }

// Memory is what must outlive the process, as plain data. Keep it with the
// records of the same Step, whole or not at all.
type Memory struct {
	Site            string
	At              time.Time
	Stage           Stage
	Rack            []string   `json:",omitempty"`
	Cap             unit.Power `json:",omitempty"` // of a closed stage, as two people saw it
	Ledger          Ledger
	Requests        []Request        `json:",omitempty"`
	Recommendations []Recommendation `json:",omitempty"`
	Plan            int64            `json:",omitempty"`
	Tallies         []Tally          `json:",omitempty"`
	Overrides       []time.Time      `json:",omitempty"`
	Earned          Earned
	Numbers         Numbers
}

// Memory is what to keep now. It shares nothing with the kernel.
func (k *Kernel) Memory() Memory {
	return Memory{
		Site: k.cfg.Site, At: k.now, Stage: k.stage, Rack: slices.Clone(k.rack), Cap: k.cap, Ledger: k.ledger.copied(),
		Requests: slices.Clone(k.requests), Recommendations: slices.Clone(k.advice), Plan: k.plan,
		Tallies: slices.Clone(k.tally), Overrides: slices.Clone(k.manual), Earned: k.Earned(), Numbers: k.numbers,
	}
}

// ParseMemory reads a Memory that was kept as JSON. What it says is judged by
// New; only text that is no Memory at all is an error.
func ParseMemory(text []byte) (Memory, error) {
	var m Memory
	if err := json.Unmarshal(text, &m); err != nil {
		return Memory{}, fmt.Errorf("trust: read the memory of modes: %w: start without it, in observe", err)
	}
	return m, nil
}

// recall takes up where an earlier run ended.
func (k *Kernel) recall(m Memory) error {
	first := m.Stage == "" && m.At.IsZero() && m.Numbers == Numbers{}
	if first {
		return nil
	}
	if m.Site != k.cfg.Site {
		return fmt.Errorf("trust: memory of site %q for site %q: start without it, in observe", m.Site, k.cfg.Site)
	}
	k.numbers = m.Numbers.sound()
	if err := m.check(); err != nil {
		k.found = "the memory of modes is not believed, the site begins in observe: " + cut(err.Error())
		return nil
	}
	k.now, k.stage, k.ledger, k.earned = m.At.UTC(), m.Stage, m.Ledger.copied(), m.Earned
	k.cap, k.rack, k.requests, k.advice, k.plan = m.Cap, slices.Clone(m.Rack), slices.Clone(m.Requests), slices.Clone(m.Recommendations), m.Plan
	k.tally, k.manual = slices.Clone(m.Tallies), slices.Clone(m.Overrides)
	k.earned = k.Earned()
	return nil
}

// numberMost is more than can ever be given, with as much again above it.
const numberMost = 1 << 60

// sound are the numbers to go on from, also where some cannot have been given.
func (n Numbers) sound() Numbers {
	fit := func(i int64) int64 {
		if i < 0 || i > 2*numberMost {
			return numberMost
		}
		return i
	}
	return Numbers{Record: fit(n.Record), Request: fit(n.Request), Recommendation: fit(n.Recommendation)}
}

// check reports what cannot be right.
func (m Memory) check() error {
	l := m.Ledger
	switch {
	case !m.Stage.Known():
		return fmt.Errorf("stage %q is not known", cut(string(m.Stage)))
	case l.Stage != m.Stage:
		return fmt.Errorf("evidence of stage %q in stage %q", cut(string(l.Stage)), m.Stage)
	case l.Since.IsZero() || l.Since.After(m.At) || l.Last.After(m.At):
		return errors.New("the evidence begins or ends after the memory was written")
	case m.Numbers != m.Numbers.sound() || m.Plan < 0:
		return errors.New("a number is negative or too large")
	case len(m.Requests) > requestsMost || len(m.Recommendations) > adviceMost || len(m.Earned.Days) > daysMost:
		return errors.New("there are more entries than are ever kept")
	case m.Stage.Closed() == (m.Cap <= 0) || m.Cap > mostPower || m.Cap < 0:
		return fmt.Errorf("a cap of %d W in stage %q", int64(m.Cap), m.Stage)
	case m.Stage != Advisory && len(m.Recommendations) > 0:
		return fmt.Errorf("recommendations in stage %q", m.Stage)
	}
	return errors.Join(l.check(), m.checkRequests(), m.checkAdvice(), m.checkTimes(), m.checkEarned())
}

func (l Ledger) check() error {
	long := max(l.Reported, l.Seen, l.Valued)
	if min(l.Reported, l.Seen, l.Valued, l.Step) < 0 || l.Step > intervalMost || l.Seen > l.Reported || l.Valued > l.Reported || long > l.Last.Sub(l.Since) && long > 0 {
		return errors.New("the evidence covers more time than went by")
	}
	counts := []int{l.Proven, l.Failed, l.Accepted, l.Declined, l.Unanswered}
	if slices.Min(counts) < 0 || slices.Max(counts) > manyMost {
		return errors.New("a count of the evidence is negative or too large")
	}
	return nil
}

func (m Memory) checkRequests() error {
	for _, r := range m.Requests {
		known := r.Kind == Promote && r.To.Known() || r.Kind != Promote && r.Kind.known()
		if !known || r.Number <= 0 || r.Number > m.Numbers.Request || !Named(r.By) || r.State == Open && r.At.After(m.At) || !r.State.known() {
			return fmt.Errorf("request %d is not one", r.Number)
		}
	}
	return nil
}

func (m Memory) checkAdvice() error {
	for _, r := range m.Recommendations {
		bad := r.State != Open && (r.State != IsAccepted || !Named(r.By) || r.Plan != m.Plan)
		if bad || r.Number <= 0 || r.Number > m.Numbers.Recommendation || r.At.After(m.At) || r.Until.Sub(r.At) > horizon {
			return fmt.Errorf("recommendation %d is not one", r.Number)
		}
	}
	return nil
}

func (m Memory) checkTimes() error {
	for _, t := range m.Tallies {
		if t.At.After(m.At) || min(t.Proven, t.Failed) < 0 || max(t.Proven, t.Failed) > manyMost {
			return errors.New("a count of orders is not one")
		}
	}
	for _, t := range m.Overrides {
		if t.After(m.At) {
			return errors.New("an override lies after the memory was written")
		}
	}
	return nil
}

func (m Memory) checkEarned() error {
	sums := []Earnings{m.Earned.Total, m.Ledger.Earned}
	for _, d := range m.Earned.Days {
		sums = append(sums, d.Earnings)
	}
	for _, s := range sums {
		if s.Intervals < 0 || s.Intervals > manyMost || s.Unvalued < 0 || s.Unvalued > s.Intervals || len(s.Money) > currenciesMost {
			return errors.New("a summary of earnings is not one")
		}
		for _, e := range s.Money {
			if min(e.Counted, e.Missing) < 0 || e.Counted > s.Intervals || e.Counted+e.Missing != s.Intervals || !fits(e.Would, 0) || !fits(e.Was, 0) {
				return fmt.Errorf("a summary of earnings in %q is not one", cut(string(e.Currency)))
			}
		}
	}
	return nil
}

func (p Progress) known() bool {
	switch p {
	case Open, IsApproved, IsAccepted, IsDeclined, HasExpired, HasBeenOvertaken:
		return true
	}
	return false
}
