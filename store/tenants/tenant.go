package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sluice/engine"
	"sluice/store/file"
)

// Tenant is the proof of who asks. Only Authenticate and the Office make one; the zero
// Tenant is nobody and is refused everything.
type Tenant struct{ name string }

// Name is by what the tenant is known.
func (t Tenant) Name() string { return t.name }

func (t Tenant) check() error {
	if t.name == "" {
		return ErrTenant
	}
	return nil
}

// Profile is who a tenant is.
type Profile struct {
	Name   string // lower-case letters, digits and dashes: it becomes an account or a namespace
	Label  string // for people
	Since  time.Time
	Closed time.Time // zero: it is served
}

// Office is the store as the operator uses it: of all tenants.
type Office struct{ s *Store }

// Desk is the store as tenants use it. Every method takes the Tenant that asks and
// answers with nothing of another one; errors wrap ErrTenant where nobody asks. No way
// leads from it to the Office.
type Desk struct{ s *Store }

// Office is the operator's side of the store.
func (s *Store) Office() Office { return Office{s} }

// Desk is the tenants' side of the store: what serves them is given this alone.
func (s *Store) Desk() Desk { return Desk{s} }

// mostTenantName is the longest name of a tenant, bytes.
const mostTenantName = 40

// Enrol makes a tenant known. The same again changes its label only.
func (o Office) Enrol(ctx context.Context, p Profile) (Tenant, error) {
	var f faults
	f.When(!engine.Plain(p.Name) || len(p.Name) > mostTenantName, "name %.60q: it has 1 to %d lower-case letters, digits and inner dashes", p.Name, mostTenantName)
	f.text("label", p.Label)
	f.moment("since", p.Since)
	err := f.Err()
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p2 pen) error {
			_, err := p2.Exec(ctx, "INSERT INTO tenant (name, label, since_us) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET label = excluded.label", p.Name, p.Label, p.Since.UnixMicro())
			return err
		})
	}
	if err != nil {
		return Tenant{}, fmt.Errorf("enrol tenant %.60q: %w", p.Name, err)
	}
	return Tenant{p.Name}, nil
}

// Part ends with a tenant: none of its tokens is valid any more. All that is known of
// it stays.
func (o Office) Part(ctx context.Context, t Tenant, at time.Time) error {
	return o.s.change(ctx, "part with", t, "UPDATE tenant SET closed_us = ? WHERE name = ? AND closed_us IS NULL", at.UnixMicro(), t.name)
}

// change runs one statement about a tenant that the operator named.
func (s *Store) change(ctx context.Context, what string, t Tenant, text string, args ...any) error {
	err := t.check()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			_, err := p.Exec(ctx, text, args...)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("%s tenant %q: %w", what, t.name, err)
	}
	return nil
}

// Tenant is the tenant of a name, for what the operator does for it.
func (o Office) Tenant(ctx context.Context, name string) (Tenant, error) {
	found, err := file.Gather(ctx, o.s.file, file.Word, "SELECT name FROM tenant WHERE name = ?", name)
	if err == nil && len(found) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Tenant{}, fmt.Errorf("tenant %.60q: %w", name, err)
	}
	return Tenant{name}, nil
}

// Owner is the tenant of a contract.
func (o Office) Owner(ctx context.Context, contract string) (Tenant, error) {
	found, err := file.Gather(ctx, o.s.file, file.Word, "SELECT tenant FROM contract WHERE name = ?", contract)
	if err == nil && len(found) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Tenant{}, fmt.Errorf("contract %.60q: %w", contract, err)
	}
	return Tenant{found[0]}, nil
}

// Tenants are all tenants, by name.
func (o Office) Tenants(ctx context.Context) ([]Profile, error) {
	return file.Gather(ctx, o.s.file, scanProfile, "SELECT name, label, since_us, closed_us FROM tenant ORDER BY name")
}

// Profile is who the tenant is.
func (d Desk) Profile(ctx context.Context, t Tenant) (Profile, error) {
	if err := t.check(); err != nil {
		return Profile{}, err
	}
	found, err := file.Gather(ctx, d.s.file, scanProfile, "SELECT name, label, since_us, closed_us FROM tenant WHERE name = ?", t.name)
	if err == nil && len(found) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Profile{}, fmt.Errorf("profile of tenant %q: %w", t.name, err)
	}
	return found[0], nil
}

func scanProfile(scan file.Scanner) (p Profile, err error) {
	var since, closed sql.NullInt64
	err = scan(&p.Name, &p.Label, &since, &closed)
	p.Since, p.Closed = file.Instant(since), file.Instant(closed)
	return p, err
}

// Bind says that a contract is a tenant's, for ever. The same again changes nothing; a
// contract of another tenant is refused with ErrConflict.
func (o Office) Bind(ctx context.Context, t Tenant, contract string, at time.Time) error {
	var f faults
	f.name("contract", contract)
	f.moment("since", at)
	err := errors.Join(t.check(), f.Err())
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			if _, err := p.Exec(ctx, "INSERT INTO contract (name, tenant, since_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", contract, t.name, at.UnixMicro()); err != nil {
				return err
			}
			owner, err := file.Gather(ctx, p, file.Word, "SELECT tenant FROM contract WHERE name = ?", contract)
			if err == nil && owner[0] != t.name {
				err = fmt.Errorf("%w: it is of tenant %q: give the new one a name of its own", ErrConflict, owner[0])
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("bind contract %.60q to tenant %q: %w", contract, t.name, err)
	}
	return nil
}

// Contracts are the tenant's, by name.
func (d Desk) Contracts(ctx context.Context, t Tenant) ([]string, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, file.Word, "SELECT name FROM contract WHERE tenant = ? ORDER BY name", t.name)
}

// known refuses contracts that nobody bound.
func known(ctx context.Context, p pen, contract string) error {
	n, err := file.Gather(ctx, p, file.Number, "SELECT count(*) FROM contract WHERE name = ?", contract)
	if err == nil && n[0] == 0 {
		err = fmt.Errorf("contract %.60q: %w: bind it to its tenant first", contract, ErrUnknown)
	}
	return err
}
