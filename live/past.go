package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// OrderRow is one order to a machine and what came of it. What was answered is
// known of the last one only, in the run that gave it.
type OrderRow struct {
	At         time.Time       `json:"at"`
	Epoch      string          `json:"epoch"`
	Cause      actuate.Cause   `json:"cause,omitempty"`
	Verb       device.Verb     `json:"verb,omitempty"` // empty: it stood there already, nothing was sent
	Mode       string          `json:"mode,omitempty"`
	Target     unit.Power      `json:"target_w"`
	ExpectedBy time.Time       `json:"expected_by"` // it is said again when its effect does not show by then
	Answer     device.AckClass `json:"answer,omitempty"`
	Proven     bool            `json:"proven"`
	ProvenAt   time.Time       `json:"proven_at,omitzero"`
	Setpoint   *unit.Power     `json:"proven_setpoint_w,omitempty"`
	Effect     *unit.Power     `json:"proven_power_w,omitempty"` // that it stated then; nil: it states none
	Key        string          `json:"key"`
	Hash       string          `json:"hash"` // of the order's record
}

// MachineRecord is one record of a machine as it is kept.
type MachineRecord struct {
	At   time.Time       `json:"at"`
	Kind sqlite.Kind     `json:"kind"`
	Key  string          `json:"key"`
	Hash string          `json:"hash"`
	Body json.RawMessage `json:"body"`
}

// The bounds of looking back: how many records of a machine are shown, how far back
// they are looked for, and how many of all are read for that.
const (
	pastMost   = 50
	pastFar    = 7 * 24 * time.Hour
	pastFirst  = 15 * time.Minute
	pastRead   = 50_000
	pastAtOnce = 4000
)

// pastKinds are the kinds of records that tell of a machine.
func pastKinds() []sqlite.Kind {
	return []sqlite.Kind{sqlite.Order, sqlite.Receipt, sqlite.LockOut, sqlite.Trouble, sqlite.Machine, sqlite.Person}
}

// past is the newest records of a subject, newest first, and how far back they were
// looked for: in stretches as long as they can be read at once, until there are enough
// or it has become too much to read.
func past(ctx context.Context, p Papers, site, subject string, now time.Time) (found []sqlite.Stored, to time.Time, err error) {
	end, first, stretch, left := now.Add(time.Second), now.Add(-pastFar), pastFirst, pastRead
	for len(found) < pastMost && left > 0 && end.After(first) {
		from := end.Add(-min(stretch, end.Sub(first)))
		part, read, err := lately(ctx, p, sqlite.Range{Site: site, From: from, To: end, Limit: pastAtOnce}, subject)
		if err != nil {
			return nil, end, fmt.Errorf("look back for %s: %w", subject, err)
		}
		left -= read
		switch {
		case read < pastAtOnce:
			found = append(found, part...)
			end = from
			if read < pastAtOnce/4 {
				stretch *= 2
			}
		case stretch > time.Second:
			stretch /= 4 // what is read of too long a stretch are its oldest records
		default:
			left = 0
		}
	}
	return found[:min(len(found), pastMost)], end, nil
}

// lately reads the records of a subject out of a stretch, newest first, and says how
// many were read for it: fewer than the limit, or some are missing.
func lately(ctx context.Context, p Papers, r sqlite.Range, subject string) (out []sqlite.Stored, read int, err error) {
	for _, r.Kind = range pastKinds() {
		page, err := p.Read(ctx, r)
		if err != nil {
			return nil, read, err
		}
		for _, x := range page {
			if x.Subject == subject {
				out = append(out, x)
			}
		}
		if read += len(page); read >= r.Limit {
			return nil, read, nil
		}
	}
	slices.SortFunc(out, func(a, b sqlite.Stored) int { return cmp.Compare(b.Seq, a.Seq) })
	return out, read, nil
}

// remember adds what the journal kept of a machine. Without a journal nothing is.
func (p *MachinePage) remember(ctx context.Context, papers Papers, site string) error {
	if papers == nil {
		return nil
	}
	all, to, err := past(ctx, papers, site, p.Name, p.Now)
	if err != nil {
		return err
	}
	p.LookedTo = to
	proofs := map[string]sqlite.Stored{}
	for _, r := range all {
		p.History = append(p.History, MachineRecord{r.At, r.Kind, r.Key, r.Hash, r.Body})
		if r.Kind == sqlite.Receipt {
			if e, err := proofOf(r); err == nil {
				proofs[e.Epoch.String()] = r
			}
		}
	}
	for _, r := range all {
		if r.Kind != sqlite.Order {
			continue
		}
		o, err := p.order(r, proofs)
		if err != nil {
			return fmt.Errorf("read %s: %w", r.Key, err)
		}
		p.Orders = append(p.Orders, o)
	}
	return nil
}

// proven is the body of a receipt, with the order that it proves.
type proven struct {
	proof
	Epoch sqlite.Epoch `json:"epoch"`
}

func proofOf(r sqlite.Stored) (p proven, err error) {
	err = json.Unmarshal(r.Body, &p)
	return p, err
}

// order joins an order with its proof, and with the answer where that is known.
func (p *MachinePage) order(r sqlite.Stored, proofs map[string]sqlite.Stored) (OrderRow, error) {
	var k kept
	if err := json.Unmarshal(r.Body, &k); err != nil {
		return OrderRow{}, err
	}
	o := OrderRow{
		At: r.At, Epoch: r.Epoch.String(), Cause: k.Cause, Verb: k.Verb, Mode: k.Mode, Target: k.Target, Key: r.Key, Hash: r.Hash,
		ExpectedBy: r.At.Add(time.Duration(p.Times.Follow) * time.Second),
	}
	if p.Reply != nil && p.Reply.Epoch == o.Epoch {
		o.Answer = p.Reply.Class
	}
	x, is := proofs[o.Epoch]
	if !is {
		return o, nil
	}
	seen, err := proofOf(x)
	if err != nil {
		return o, err
	}
	o.Proven, o.ProvenAt, o.Setpoint = true, x.At, &seen.Setpoint
	if seen.Stated {
		o.Effect = &seen.Power
	}
	return o, nil
}
