package tenants

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/store/file"
)

// Notice is what a tenant is told of a planned curtailment: when, how and of what. The
// price for which it is done is nobody's but the operator's and is not in it.
type Notice struct {
	Contract  string
	Event     string
	Revision  int       // from 1; a change of plan is a higher one
	At        time.Time // when it was given
	From      time.Time // power is taken
	Until     time.Time // it is given back
	Measure   string    // what is done, such as "power limit" or "eviction"
	GPUs      int       // that it touches
	Says      string    // for people
	Withdrawn bool      // it will not happen
}

// Notify keeps a notice to the tenant of a contract. The same again changes nothing; a
// known revision with other content wraps ErrConflict, one below the last ErrState.
func (o Office) Notify(ctx context.Context, t Tenant, n Notice) error {
	n.At, n.From, n.Until = n.At.UTC().Truncate(time.Microsecond), n.From.UTC().Truncate(time.Microsecond), n.Until.UTC().Truncate(time.Microsecond)
	var f faults
	f.name("event", n.Event)
	f.name("measure", n.Measure)
	f.text("words", n.Says)
	f.moment("at", n.At)
	f.moment("from", n.From)
	f.When(!n.Until.After(n.From) || n.Until.Year() > 2999, "from %v until %v: it ends after it begins", n.From, n.Until)
	f.When(n.Revision < 1 || n.GPUs < 0, "revision %d, %d GPUs: revisions count from 1", n.Revision, n.GPUs)
	err := errors.Join(t.check(), f.Err())
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error { return p.notify(ctx, t, n) })
	}
	if err != nil {
		return fmt.Errorf("notice %d of %.60q to tenant %q: %w", n.Revision, n.Event, t.name, err)
	}
	return nil
}

func (p pen) notify(ctx context.Context, t Tenant, n Notice) error {
	had, err := file.Gather(ctx, p, scanNotice, notices+" WHERE c.tenant = ? AND n.contract = ? AND n.event = ? ORDER BY n.revision", t.name, n.Contract, n.Event)
	if err != nil {
		return err
	}
	for _, h := range had {
		if h == n {
			return nil
		}
		if h.Revision == n.Revision {
			return fmt.Errorf("%w: give the change a higher revision", ErrConflict)
		}
		if h.Revision > n.Revision {
			return fmt.Errorf("%w: revision %d was given", ErrState, h.Revision)
		}
	}
	done, err := p.Exec(ctx, `INSERT INTO notice (contract, event, revision, at_us, from_us, until_us, measure, gpus, says, withdrawn)
		SELECT name, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM contract WHERE name = ? AND tenant = ?`,
		n.Event, n.Revision, n.At.UnixMicro(), n.From.UnixMicro(), n.Until.UnixMicro(), n.Measure, n.GPUs, n.Says, n.Withdrawn, n.Contract, t.name)
	if err == nil && done == 0 {
		err = fmt.Errorf("contract %.60q: %w: bind it to its tenant first", n.Contract, ErrUnknown)
	}
	return err
}

const notices = `SELECT n.contract, n.event, n.revision, n.at_us, n.from_us, n.until_us, n.measure, n.gpus, n.says, n.withdrawn
	FROM notice n JOIN contract c ON c.name = n.contract`

func scanNotice(scan file.Scanner) (n Notice, err error) {
	var at, from, until nullTime
	err = scan(&n.Contract, &n.Event, &n.Revision, &at, &from, &until, &n.Measure, &n.GPUs, &n.Says, &n.Withdrawn)
	n.At, n.From, n.Until = file.Instant(at), file.Instant(from), file.Instant(until)
	return n, err
}

// Notices are the tenant's that end after an instant, the last revision of each, the one
// that begins first first. Withdrawn ones say so.
func (d Desk) Notices(ctx context.Context, t Tenant, after time.Time) ([]Notice, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, scanNotice, notices+` WHERE c.tenant = ? AND n.until_us > ?
		AND n.revision = (SELECT max(m.revision) FROM notice m WHERE m.contract = n.contract AND m.event = n.event)
		ORDER BY n.from_us, n.contract, n.event LIMIT ?`, t.name, after.UnixMicro(), mostRows)
}
