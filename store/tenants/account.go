package tenants

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/engine"
	"sluice/store/file"
)

// Account is where a tenant stands on an engine. The secret that goes with it is shown
// once, by the engine, and not kept.
type Account struct {
	Engine   string
	Account  string
	Queue    string
	Endpoint string
	Hint     string
	At       time.Time
	Until    time.Time // of the secret; zero: it does not end
	Ended    time.Time // zero: it may be used
}

// Register keeps the account that an engine gave to a tenant. A later one on the same
// engine replaces it.
func (o Office) Register(ctx context.Context, t Tenant, a engine.Access, at time.Time) error {
	var f faults
	f.name("engine", a.Engine)
	f.name("account", a.Account)
	f.text("queue", a.Queue)
	f.text("endpoint", a.Endpoint)
	f.text("hint", a.Hint)
	f.moment("at", at)
	err := errors.Join(t.check(), f.Err())
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			_, err := p.Exec(ctx, `INSERT INTO account (tenant, engine, account, queue, endpoint, hint, at_us, until_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (tenant, engine) DO UPDATE SET account = excluded.account, queue = excluded.queue, endpoint = excluded.endpoint,
				hint = excluded.hint, at_us = excluded.at_us, until_us = excluded.until_us, ended_us = NULL`,
				t.name, a.Engine, a.Account, a.Queue, a.Endpoint, a.Hint, at.UnixMicro(), file.Micros(a.Until))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("register tenant %q on %.60q: %w", t.name, a.Engine, err)
	}
	return nil
}

// Strike notes that the account of a tenant on an engine may not be used any more.
func (o Office) Strike(ctx context.Context, t Tenant, engine string, at time.Time) error {
	return o.s.change(ctx, "strike", t, "UPDATE account SET ended_us = ? WHERE tenant = ? AND engine = ? AND ended_us IS NULL", at.UnixMicro(), t.name, engine)
}

// Accounts are the tenant's, by engine.
func (d Desk) Accounts(ctx context.Context, t Tenant) ([]Account, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, func(scan file.Scanner) (a Account, err error) {
		var at, until, ended nullTime
		err = scan(&a.Engine, &a.Account, &a.Queue, &a.Endpoint, &a.Hint, &at, &until, &ended)
		a.At, a.Until, a.Ended = file.Instant(at), file.Instant(until), file.Instant(ended)
		return a, err
	}, "SELECT engine, account, queue, endpoint, hint, at_us, until_us, ended_us FROM account WHERE tenant = ? ORDER BY engine", t.name)
}
