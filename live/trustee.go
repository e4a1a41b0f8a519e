package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/loop/actuate"
	"sluice/loop/trust"
	"sluice/store/sqlite"
)

// trustee keeps the mode of a site. The goroutine of the core owns it.
type trustee struct {
	kernel *trust.Kernel
	proven int64 // as last told
	missed int64
}

// trusting is the subject under which the memory of the modes is kept.
const trusting = "trust"

// Modes reads what an earlier run kept of the modes of a site. The zero value is
// a first start.
func Modes(ctx context.Context, j Journal, site string) (trust.Memory, error) {
	all, err := j.Current(ctx, site, sqlite.Mode)
	if err != nil {
		return trust.Memory{}, fmt.Errorf("recall the modes of %s: %w", site, err)
	}
	for _, r := range all {
		if r.Subject != trusting {
			continue
		}
		var b struct{ Memory json.RawMessage }
		if err := json.Unmarshal(r.Body, &b); err != nil {
			return trust.Memory{}, fmt.Errorf("recall the modes of %s: %w", site, err)
		}
		return trust.ParseMemory(b.Memory)
	}
	return trust.Memory{}, nil
}

// Units are the machines as trust sees them.
func (c Config) Units() []trust.Unit {
	out := make([]trust.Unit, len(c.Machines))
	for i, m := range c.Machines {
		r := c.Rigs[m.Group]
		out[i] = trust.Unit{Name: m.Name(), Group: r.Group().Name, Most: max(r.Model().Power, r.Top().Power), Adopted: m.Identity.Family != ""}
	}
	return out
}

// trust steps the modes and carries their effects out. A demotion acts before it
// is kept. It returns what was refused.
func (s *Site) trust(ctx context.Context, e trust.Event) error {
	if s.trustee == nil {
		return nil
	}
	now := s.plant.Clock.Now()
	var records []trust.Record
	var no error
	follows := false
	for _, x := range slices.Clone(s.trustee.kernel.Step(now, e)) {
		switch x := x.(type) {
		case trust.Entrust:
			if !slices.Equal(x.Units, s.core.trusted) {
				s.handle(ctx, Entrusted{Machines: slices.Clone(x.Units)})
			}
			s.core.stage = x.Stage
		case trust.Granted:
			s.granted(ctx, x)
		case trust.Follow:
			s.note(Notice{At: now, Code: "followed", Text: fmt.Sprintf("plan %d is followed until %s", x.Plan, x.Until.UTC().Format(time.TimeOnly))})
			follows = true
		case trust.Advised:
			s.note(Notice{At: now, Code: "advice", Text: fmt.Sprintf("%d: %s", x.Recommendation.Number, x.Recommendation.What)})
		case trust.Alarm:
			s.note(Notice{At: now, Code: string(x.Code), Text: x.Evidence})
		case trust.Refusal:
			no = errors.Join(no, refusalOf(x))
		case trust.Record:
			records = append(records, x)
		}
	}
	if follows { // only now is it known which machines may
		s.follow(ctx)
	}
	s.keepModes(now, records)
	return no
}

// keepModes keeps records with the memory of the same step, whole or not at all.
func (s *Site) keepModes(now time.Time, records []trust.Record) {
	if len(records) == 0 {
		return
	}
	for _, r := range records {
		s.note(Notice{At: now, Code: "mode", Text: recordText(r)})
	}
	s.keepMemory(now, records)
}

// keepMemory keeps where the modes stand; every turn, because evidence grows
// without records.
func (s *Site) keepMemory(now time.Time, records []trust.Record) {
	body := struct {
		Records []trust.Record `json:",omitempty"`
		Memory  trust.Memory
	}{records, s.trustee.kernel.Memory()}
	s.keep(sqlite.Record{Kind: sqlite.Mode, Key: s.core.key("mode", trusting), Subject: trusting, At: now}, body)
}

// recordText is a record of the modes for people.
func recordText(r trust.Record) string {
	var text strings.Builder
	text.WriteString(string(r.What))
	if r.Item > 0 {
		fmt.Fprintf(&text, " %d", r.Item)
	}
	if r.Before.Stage != r.After.Stage {
		fmt.Fprintf(&text, " from %s to %s", r.Before.Stage, r.After.Stage)
	}
	for _, x := range []struct{ name, value string }{{" by ", r.By}, {" and ", r.And}, {": ", string(r.Code)}, {": ", r.Reason}, {": ", r.Evidence}} {
		if x.value != "" {
			text.WriteString(x.name + x.value)
		}
	}
	return text.String()
}

// granted carries out what two people agreed on.
func (s *Site) granted(ctx context.Context, x trust.Granted) {
	switch x.Request.Kind {
	case trust.Resume:
		s.handle(ctx, Said{By: x.Request.By + " and " + x.And, What: actuate.Resumed{By: x.Request.By, And: x.And}})
	case trust.Release:
		if i, known := s.core.Find(x.Request.Subject); known {
			s.handle(ctx, Said{By: x.Request.By, What: actuate.Unlocked{Unit: i, By: x.Request.By, And: x.And}})
		}
	case trust.Promote, trust.Widen:
	}
}

// watchTrust tells the modes what happened since the last second.
func (s *Site) watchTrust(ctx context.Context) {
	if s.trustee == nil {
		return
	}
	c, t := s.core, s.trustee
	if p, m := c.counts.Proofs-t.proven, c.counts.Missed-t.missed; p > 0 || m > 0 {
		t.proven, t.missed = c.counts.Proofs, c.counts.Missed
		_ = s.trust(ctx, trust.Proved{Proven: int(p), Failed: int(m)})
	}
	if v := c.takeViolation(); v.over > 0 {
		_ = s.trust(ctx, trust.Violated{Limit: v.group, Over: v.over, For: v.lasted})
	}
	if c.kernel.Shedding() && !t.broke() {
		_ = s.trust(ctx, trust.Broke{Why: "the kernel only lowers"})
	}
	_ = s.trust(ctx, trust.Feeds{Stale: c.staleFeeds()})
	_ = s.trust(ctx, trust.Tick{})
}

// broke reports whether the site already fell because an assertion failed.
func (t *trustee) broke() bool {
	return t.kernel.Stage() == trust.Observe || t.kernel.Stage() == trust.Shadow
}
