package trust

import (
	"cmp"
	"fmt"
)

// Eased says in words what a site asks less for than the defaults. Every report
// and every request carries it, so that a short trial is never taken for a long one.
func (c Config) Eased() []string {
	var out []string
	usual := DefaultNeeds()
	for _, s := range []Stage{Observe, Shadow, Advisory, ClosedRack} {
		name := string(s)
		if s.Closed() {
			name = "closed loop"
		}
		out = append(out, c.Needs.of(s).eased(name, usual.of(s))...)
	}
	return append(out, c.Limits.eased()...)
}

func (n Need) eased(stage string, usual Need) []string {
	var out []string
	out = less(out, stage+": wait", n.Wait, usual.Wait)
	out = less(out, stage+": availability", percent(n.Availability), percent(usual.Availability))
	out = less(out, stage+": share with a known worth", percent(n.Valued), percent(usual.Valued))
	out = less(out, stage+": recommendations", n.Recommendations, usual.Recommendations)
	out = less(out, stage+": recommendations answered", percent(n.Answered), percent(usual.Answered))
	out = less(out, stage+": orders", n.Orders, usual.Orders)
	return more(out, stage+": orders without a proof", percent(n.Failures), percent(usual.Failures))
}

func (l Limits) eased() []string {
	var out []string
	usual := DefaultLimits()
	out = more(out, "guard: orders without a proof", percent(l.Failures), percent(usual.Failures))
	out = more(out, "guard: failures that count", l.FailuresLeast, usual.FailuresLeast)
	out = less(out, "guard: window of failures", l.Window, usual.Window)
	out = more(out, "guard: stale feeds", l.Stale, usual.Stale)
	out = more(out, "guard: clock offset", l.Offset, usual.Offset)
	out = more(out, "guard: overrides in a day", l.Overrides, usual.Overrides)
	if l.NoClock {
		out = append(out, "guard: the clock is compared with nothing")
	}
	return out
}

func less[T cmp.Ordered](out []string, what string, have, usual T) []string {
	if have < usual {
		return append(out, fmt.Sprintf("%s %v instead of %v", what, have, usual))
	}
	return out
}

func more[T cmp.Ordered](out []string, what string, have, usual T) []string {
	if have > usual {
		return append(out, fmt.Sprintf("%s %v instead of %v", what, have, usual))
	}
	return out
}
