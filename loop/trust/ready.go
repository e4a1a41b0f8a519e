package trust

import (
	"fmt"
	"strconv"
	"time"

	"sluice/unit"
)

// Need codes: what a stage must show, or what must hold, before promotion.
const (
	ForWait            Code = "wait"
	ForAvailability    Code = "availability"
	ForWorth           Code = "worth_known"
	ForRecommendations Code = "recommendations"
	ForAnswers         Code = "recommendations_answered"
	ForOrders          Code = "orders"
	ForProofs          Code = "orders_without_proof"
	ForFeeds           Code = "stale_feeds"
	ForClock           Code = "clock_offset"
	ForVersions        Code = "versions_agree"
	ForHighest         Code = "highest_stage"
)

// Measure is what the numbers of a condition count.
type Measure string

// The measures.
const (
	Seconds   Measure = "s"
	Millionth Measure = "millionths"
	Count     Measure = "count"
	Millis    Measure = "ms"
)

// Condition is one thing that a promotion needs, with its numbers.
type Condition struct {
	Code       Code
	Have, Need int64
	In         Measure
	AtMost     bool // Need is the most that is allowed; otherwise the least
	Known      bool // Have was measured; what was not is never met
	Met        bool
}

// String is the condition in words, for people.
func (c Condition) String() string {
	if c.Code == ForHighest {
		return string(c.Code) + ": there is no stage above"
	}
	have, bound := c.number(c.Have), "at least "
	if !c.Known {
		have = "not known"
	}
	if c.AtMost {
		bound = "at most "
	}
	return string(c.Code) + ": " + have + ", " + bound + c.number(c.Need)
}

func (c Condition) number(n int64) string {
	switch c.In {
	case Seconds:
		return (time.Duration(n) * time.Second).String()
	case Millis:
		return (time.Duration(n) * time.Millisecond).String()
	case Millionth:
		return percent(unit.Ratio(n))
	case Count:
	}
	return strconv.FormatInt(n, 10)
}

// percent is a share for people, cut and never rounded up to what it is not.
func percent(r unit.Ratio) string {
	return fmt.Sprintf("%d.%02d %%", r/(unit.One/100), r%(unit.One/100)/100)
}

// Readiness says whether a promotion is possible now.
type Readiness struct {
	At         time.Time
	Stage      Stage
	Next       Stage // empty at the highest stage
	Since      time.Time
	Why        Code // what made the evidence begin anew; empty: the stage was entered
	Ready      bool
	Conditions []Condition
	Eased      []string // what the site asks less for than the defaults, in words
}

// Missing are the conditions that are not met.
func (r Readiness) Missing() []Condition {
	var out []Condition
	for _, c := range r.Conditions {
		if !c.Met {
			out = append(out, c)
		}
	}
	return out
}

// Readiness is the state of the conditions at the last Step.
func (k *Kernel) Readiness() Readiness {
	r := Readiness{At: k.now, Stage: k.stage, Since: k.ledger.Since, Why: k.ledger.Why, Eased: k.cfg.Eased()}
	next, ok := k.stage.Next()
	if !ok {
		r.Conditions = []Condition{{Code: ForHighest, In: Count, Known: true}}
		return r
	}
	r.Next = next
	r.Conditions = k.evidence(k.cfg.Needs.of(k.stage))
	if next.Closed() {
		r.Conditions = append(r.Conditions, k.holding()...)
	}
	r.Ready = len(r.Missing()) == 0 || k.skipReadiness
	return r
}

// Ready reports whether a promotion is possible now and, if it is not, every
// condition that is missing.
func (k *Kernel) Ready() (bool, []Condition) {
	r := k.Readiness()
	return r.Ready, r.Missing()
}

// evidence are the conditions on what the stage has shown.
func (k *Kernel) evidence(n Need) []Condition {
	l, passed, due := k.ledger, k.now.Sub(k.ledger.Since), k.ledger.due(k.now)
	out := []Condition{
		least(ForWait, Seconds, seconds(passed), seconds(n.Wait), true),
		atLeast(ForAvailability, int64(l.Seen), int64(due), n.Availability),
	}
	if n.Valued > 0 {
		out = append(out, atLeast(ForWorth, int64(l.Valued), int64(due), n.Valued))
	}
	if n.Recommendations > 0 {
		answered := int64(l.Accepted + l.Declined)
		done := answered + int64(l.Unanswered)
		out = append(out,
			least(ForRecommendations, Count, done, int64(n.Recommendations), true),
			atLeast(ForAnswers, answered, done, n.Answered))
	}
	if n.Orders > 0 {
		failed, known := part(int64(l.Failed), int64(l.Proven+l.Failed))
		out = append(out,
			least(ForOrders, Count, int64(l.Proven+l.Failed), int64(n.Orders), true),
			most(ForProofs, Millionth, int64(failed), int64(n.Failures), known))
	}
	return out
}

// holding are the conditions that must hold at the moment a loop is closed.
func (k *Kernel) holding() []Condition {
	s := k.standing
	out := []Condition{
		most(ForFeeds, Count, int64(len(s.stale)), int64(k.cfg.Limits.Stale-1), s.feeds),
		least(ForVersions, Count, yes(s.agree), 1, s.versions),
	}
	if !k.cfg.Limits.NoClock {
		c := most(ForClock, Millis, s.offset.Abs().Milliseconds(), k.cfg.Limits.Offset.Milliseconds(), s.clock)
		c.Met = c.Met && !k.clockOff()
		out = append(out, c)
	}
	return out
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func yes(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func least(c Code, in Measure, have, need int64, known bool) Condition {
	return Condition{Code: c, Have: have, Need: need, In: in, Known: known, Met: known && have >= need}
}

func most(c Code, in Measure, have, need int64, known bool) Condition {
	return Condition{Code: c, Have: have, Need: need, In: in, Known: known, AtMost: true, Met: known && have <= need}
}

// atLeast is a share of a whole. Without a whole it is not known.
func atLeast(c Code, of, whole int64, need unit.Ratio) Condition {
	have, known := part(of, whole)
	return least(c, Millionth, int64(have), int64(need), known)
}
