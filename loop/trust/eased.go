package trust

import (
	"cmp"
	"fmt"

	"sluice/unit"
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
	out = less(out, stage+": availability", parts(n.Availability), parts(usual.Availability))
	out = less(out, stage+": share with a known worth", parts(n.Valued), parts(usual.Valued))
	out = less(out, stage+": recommendations", n.Recommendations, usual.Recommendations)
	out = less(out, stage+": recommendations answered", parts(n.Answered), parts(usual.Answered))
	out = less(out, stage+": orders", n.Orders, usual.Orders)
	return more(out, stage+": orders without a proof", parts(n.Failures), parts(usual.Failures))
}

func (l Limits) eased() []string {
	var out []string
	usual := DefaultLimits()
	out = more(out, "guard: orders without a proof", parts(l.Failures), parts(usual.Failures))
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

// parts is a share that compares as a number and prints as per cent.
type parts unit.Ratio

// String is the share in per cent.
func (p parts) String() string { return percent(unit.Ratio(p)) }
