package live

import (
	"context"
	"fmt"
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

// unlimited ends an instruction: the kernel never passes the limit of the connection.
const unlimited unit.Power = 1 << 60

// forever stands for the end of an instruction that has none.
const forever time.Duration = 1 << 62

// span is a limit from an instant of the kernel's clock until another.
type span struct {
	group       int
	from, until time.Duration
	limit       unit.Power
}

// instruct enters a limit that the grid operator ordered. Alone a person only
// narrows what was ordered before; with a second one they replace it. At its end
// that holds again which was ordered besides.
func (s *Site) instruct(ctx context.Context, q Request) (string, error) {
	if err := named(q); err != nil {
		return "", err
	}
	text, no := "", error(nil)
	err := s.Do(ctx, func(c *Core, now time.Time) {
		var x span
		if x, no = c.span(&q, now); no != nil {
			return
		}
		steps := c.steps(x, samePerson(q) == nil)
		if len(steps)+len(c.kernel.Instructed(x.group)) > actuate.PendingMost {
			no = fmt.Errorf("%w: more limits are known ahead than the %d that are kept: enter those that are near", ErrNo, actuate.PendingMost)
			return
		}
		for _, i := range steps {
			s.handle(ctx, Said{By: q.By, What: i})
		}
		text = instructedText(q, steps)
	})
	if err != nil {
		return "", err
	}
	return text, no
}

// span reads a request on the kernel's clock.
func (c *Core) span(q *Request, now time.Time) (span, error) {
	g, known := c.Group(q.Group)
	if q.From.IsZero() {
		q.From = now
	}
	x := span{group: g, from: max(0, c.at(q.From), c.at(now)), until: forever, limit: q.Limit}
	if !q.Until.IsZero() {
		x.until = c.at(q.Until)
	}
	switch {
	case !known:
		return x, fmt.Errorf("%w: this site has no feeder or hall %q", ErrNo, q.Group)
	case q.Limit < 0 || !q.Until.IsZero() && !q.Until.After(q.From):
		return x, fmt.Errorf("%w: a limit is not negative, and its end comes after its beginning", ErrNo)
	case x.until <= x.from:
		return x, fmt.Errorf("%w: it ends at %s, which is over", ErrNo, q.Until.UTC().Format(time.RFC3339))
	}
	return x, nil
}

// steps are the instructions that lay a span over those that stand: the lower of
// both unless it replaces them, and at its end what stands there besides.
func (c *Core) steps(x span, replaces bool) []actuate.Instruction {
	var out []actuate.Instruction
	lay := func(from time.Duration, stands unit.Power) {
		limit := x.limit
		if !replaces {
			limit = min(limit, stands)
		}
		out = append(out, actuate.Instruction{Group: x.group, From: from, Limit: limit})
	}
	all := c.kernel.Instructed(x.group)
	lay(x.from, standing(all, x.from))
	for _, p := range all {
		if p.From > x.from && p.From < x.until {
			lay(p.From, p.Limit)
		}
	}
	if x.until < forever {
		out = append(out, actuate.Instruction{Group: x.group, From: x.until, Limit: standing(all, x.until)})
	}
	return out
}

// standing is what instructions in the order of their beginning say at an instant.
func standing(all []actuate.Instruction, at time.Duration) unit.Power {
	limit := unlimited
	for _, p := range all {
		if p.From <= at {
			limit = p.Limit
		}
	}
	return limit
}

// instructedText says in words what was entered.
func instructedText(q Request, steps []actuate.Instruction) string {
	text := fmt.Sprintf("at most %s from %s", q.Limit, q.From.UTC().Format(time.RFC3339))
	if !q.Until.IsZero() {
		text += " to " + q.Until.UTC().Format(time.RFC3339)
	}
	if steps[0].Limit < q.Limit {
		text += fmt.Sprintf("; an earlier instruction orders less, %s, and holds: a second person, with --and, replaces it", steps[0].Limit)
	}
	return text
}
