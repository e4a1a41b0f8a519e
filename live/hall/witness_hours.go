package hall

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

const (
	leastMetered = 30 * 60 // s of an hour: errors of sampling are too large a part of less
	comparedMost = 48      // hours
	exporter     = "dcgm"  // whose labels count before what others say
)

// hourCompared is what came of one hour.
type hourCompared struct {
	From      int64  // Unix seconds
	Agree     int    // contracts
	Disputed  int    // contracts
	Open      int    // contracts that could not be compared
	Used      int64  // GPU-seconds by the engine's word
	Witnessed int64  // those of them that somebody else saw the nodes of
	Why       string // some are open
}

// witnessed compares the hours that are over and metered until an instant.
func (h *Hall) witnessed(ctx context.Context, until int64) {
	w := &h.witness
	var err error
	for len(w.kept.Metered) > 0 && err == nil {
		begin := w.kept.Metered[0].From / 3600 * 3600
		hour := rate.Span{From: begin, To: begin + 3600}
		if hour.To > until {
			break
		}
		if err = h.compare(ctx, hour); err == nil {
			w.forget(hour.To)
		}
	}
	h.hush(DiskRefuses, "disputed lines", err)
	h.only(GPUSecondsDisputed, w.kept.Disputed)
}

// compare holds one hour against the witness. After an error nothing of it counts as
// compared.
func (h *Hall) compare(ctx context.Context, hour rate.Span) error {
	w := &h.witness
	stretch, checks, why := w.checks(hour)
	of := hourCompared{From: hour.From, Why: why}
	now := map[string]string{}
	if why != "" {
		now = w.kept.Disputed
	}
	var disputed []meter.Check
	for _, c := range checks {
		if h.trusts {
			c.Witness = c.Engine
		}
		switch {
		case c.Contract == "":
			if !c.Agrees() && c.Unseen <= c.Engine {
				now[h.cfg.Hall.Name] = differs(c)
			}
		case h.cfg.tenancy(c.Contract) == nil: // nothing is billed to it
		default:
			if of.count(c); c.Unseen > c.Engine {
				keep(now, w.kept.Disputed, c.Contract)
			} else if !c.Agrees() {
				disputed = append(disputed, c)
				now[c.Contract] = differs(c)
			}
		}
	}
	if err := h.dispute(ctx, stretch, disputed); err != nil {
		return err
	}
	w.kept.Disputed = now
	w.kept.Hours = append(w.kept.Hours, of)
	w.kept.Hours = w.kept.Hours[max(0, len(w.kept.Hours)-comparedMost):]
	return nil
}

// count adds a contract to its hour. One that was hardly seen is not compared.
func (x *hourCompared) count(c meter.Check) {
	switch {
	case c.Unseen > c.Engine:
		x.Open++
		x.Why = cmp.Or(x.Why, fmt.Sprintf("of contract %s only %d of %d GPU-seconds were seen", c.Contract, c.Engine, c.Engine+c.Unseen))
	case c.Agrees():
		x.Agree++
	default:
		x.Disputed++
	}
	x.Used, x.Witnessed = x.Used+c.Engine+c.Unseen, x.Witnessed+c.Engine
}

// keep carries over what is still disputed of a contract.
func keep(to, from map[string]string, contract string) {
	if why, still := from[contract]; still {
		to[contract] = why
	}
}

// differs says who counts what.
func differs(c meter.Check) string {
	from := time.Unix(c.Span.From, 0).UTC().Format("15:04")
	if c.Contract == "" {
		return fmt.Sprintf("from %s jobs that are of no contract held %d GPU-seconds by the engine and %d by %s", from, c.Engine, c.Witness, strings.Join(c.Sources, ", "))
	}
	return fmt.Sprintf("from %s the engine counts %d GPU-seconds and %s %d", from, c.Engine, cmp.Or(strings.Join(c.Sources, ", "), "the witness"), c.Witness)
}

// checks compares an hour by contract, over what of it was metered. Where it cannot,
// nothing counts as seen and why says so.
func (w *witness) checks(hour rate.Span) (stretch rate.Span, out []meter.Check, why string) {
	var parts []rate.Span
	total := int64(0)
	for _, s := range w.kept.Metered {
		if s = s.Common(hour); !s.Empty() {
			parts = append(parts, s)
			total += s.Seconds()
		}
	}
	stretch = rate.Span{From: parts[0].From, To: parts[len(parts)-1].To}
	runs := cutTo(w.kept.Runs, stretch)
	seen := w.sightings(parts)
	switch {
	case total < leastMetered:
		why = fmt.Sprintf("only %d minutes of the hour were metered", total/60)
	case len(seen) == 0:
		why = "no agent said who holds a GPU"
	case !sameNames(runs, seen):
		why = "the labels name other jobs than the engine: it gives them other names"
	}
	if why != "" {
		seen = nil
	}
	return stretch, meter.CrossCheck(stretch, runs, placed(runs, seen), sources(seen)), why
}

// sameNames reports whether most of what labels name are jobs of the engine: pods of
// its gangs, for one, have names of their own.
func sameNames(runs []engine.Usage, seen []meter.Sighting) bool {
	known := map[string]bool{}
	for _, u := range runs {
		known[u.Job] = true
	}
	same, named := int64(0), int64(0)
	for _, s := range seen {
		if s.Job != "" {
			named += s.Span.Seconds()
		}
		if s.Job != "" && known[s.Job] {
			same += s.Span.Seconds()
		}
	}
	return len(runs) == 0 || named == 0 || 2*same >= named
}

// placed leaves out jobs of which the engine does not say where they ran.
func placed(runs []engine.Usage, seen []meter.Sighting) []meter.Sighting {
	nowhere := map[string]bool{}
	for _, u := range runs {
		nowhere[u.Job] = nowhere[u.Job] || len(u.Nodes) == 0
	}
	for i := range seen {
		if nowhere[seen[i].Job] {
			seen[i].Job = "" // the node was seen all the same
		}
	}
	return seen
}

// sources are those that saw something, exporters first.
func sources(seen []meter.Sighting) []string {
	found := map[string]bool{}
	for _, s := range seen {
		found[s.Source] = true
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b string) int {
		switch {
		case a == exporter:
			return -1
		case b == exporter:
			return 1
		}
		return cmp.Compare(a, b)
	})
}

// dispute holds the GPU-seconds that the witness contradicts, and has the energy of
// their contracts count as estimated.
func (h *Hall) dispute(ctx context.Context, stretch rate.Span, checks []meter.Check) error {
	if len(checks) == 0 {
		return nil
	}
	lines, err := h.lines(ctx, time.Unix(stretch.From, 0), time.Unix(stretch.To, 0))
	if err != nil {
		return err
	}
	free, held := meter.Dispute(lines, checks)
	anew, err := meter.Revise(lines, free)
	office := h.plant.Store.Office()
	if err == nil {
		err = office.Hold(ctx, held, h.now())
	}
	if err == nil {
		err = office.PutUsage(ctx, anew)
	}
	return err
}

// Witnessed is how the engine's GPU-seconds compare with what somebody else saw. It
// counts hours of contracts: each agrees, is disputed, or was not compared.
type Witnessed struct {
	Agree    int        `json:"agree"`
	Disputed int        `json:"disputed"`
	Open     int        `json:"not_compared"`
	Last     time.Time  `json:"last,omitzero"`      // begin of the last hour in which something was compared
	Seen     unit.Ratio `json:"seen_ppm,omitempty"` // of the engine's GPU-seconds in that hour
	Why      string     `json:"why,omitempty"`      // the last one was not compared
}

// since sums up the hours that ended after an instant, for two days at most.
func (w *witness) since(from time.Time) Witnessed {
	var out Witnessed
	for _, x := range w.kept.Hours {
		if x.From+3600 <= from.Unix() {
			continue
		}
		out.Agree, out.Disputed, out.Open = out.Agree+x.Agree, out.Disputed+x.Disputed, out.Open+x.Open
		out.Why = cmp.Or(x.Why, out.Why)
		if x.Agree+x.Disputed > 0 {
			out.Last, out.Seen = time.Unix(x.From, 0).UTC(), unit.One
		}
		if x.Agree+x.Disputed > 0 && x.Used > 0 {
			out.Seen = unit.Ratio(unit.MulDiv(x.Witnessed, int64(unit.One), x.Used))
		}
	}
	return out
}
