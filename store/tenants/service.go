package tenants

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/books/rate"
	"sluice/store/file"
	"sluice/use/hosting/meter"
)

// What a column may hold or not.
type (
	nullTime = sql.NullInt64
	nullText = sql.NullString
)

// Served is how a contract was served in a period, such as a month.
type Served struct {
	Contract  string
	Period    rate.Span
	Revision  int // the highest there is
	At        time.Time
	Stretches []meter.Stretch
}

// PutService keeps how a contract was served in a period. The same again changes
// nothing; something else is a new revision.
func (o Office) PutService(ctx context.Context, contract string, period rate.Span, all []meter.Stretch, at time.Time) error {
	var f faults
	f.moment("at", at)
	f.When(period.Empty(), "a period from %d to %d: it ends after it begins", period.From, period.To)
	for _, x := range all {
		f.When(x.Contract != contract, "a stretch of contract %.60q", x.Contract)
	}
	body, err := json.Marshal(all)
	if err = errors.Join(err, f.Err()); err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error { return p.serve(ctx, contract, period, body, at) })
	}
	if err != nil {
		return fmt.Errorf("keep the service of contract %.60q from %d: %w", contract, period.From, err)
	}
	return nil
}

func (p pen) serve(ctx context.Context, contract string, period rate.Span, body []byte, at time.Time) error {
	if err := known(ctx, p, contract); err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	last, err := file.Gather(ctx, p, func(scan file.Scanner) (h []byte, err error) { return h, scan(&h) },
		"SELECT hash FROM service WHERE contract = ? AND from_s = ? AND to_s = ? ORDER BY revision DESC LIMIT 1", contract, period.From, period.To)
	if err != nil || len(last) == 1 && bytes.Equal(last[0], hash[:]) {
		return err
	}
	_, err = p.Exec(ctx, `INSERT INTO service (contract, from_s, to_s, revision, at_us, body, hash)
		SELECT ?1, ?2, ?3, coalesce(max(revision), 0) + 1, ?4, ?5, ?6 FROM service WHERE contract = ?1 AND from_s = ?2 AND to_s = ?3`,
		contract, period.From, period.To, at.UnixMicro(), body, hash[:])
	return err
}

// Service is how the tenant's contracts were served in the periods that have a second
// between two instants: the last revision of each. An error wraps ErrCorrupt where the
// disk changed it.
func (d Desk) Service(ctx context.Context, t Tenant, from, to time.Time) ([]Served, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, scanServed, `SELECT v.contract, v.from_s, v.to_s, v.revision, v.at_us, v.body, v.hash FROM service v JOIN contract c ON c.name = v.contract
		WHERE c.tenant = ? AND v.to_s > ? AND v.from_s < ?
		AND v.revision = (SELECT max(w.revision) FROM service w WHERE w.contract = v.contract AND w.from_s = v.from_s AND w.to_s = v.to_s)
		ORDER BY v.contract, v.from_s, v.to_s LIMIT ?`, t.name, from.Unix(), to.Unix(), mostRows)
}

func scanServed(scan file.Scanner) (x Served, err error) {
	var at nullTime
	var body, hash []byte
	if err := scan(&x.Contract, &x.Period.From, &x.Period.To, &x.Revision, &at, &body, &hash); err != nil {
		return x, err
	}
	x.At = file.Instant(at)
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], hash) {
		return x, fmt.Errorf("service of contract %q from %d: %w: restore a backup", x.Contract, x.Period.From, ErrCorrupt)
	}
	return x, json.Unmarshal(body, &x.Stretches)
}
