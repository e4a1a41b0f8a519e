package tenants

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"sluice/store/file"
)

// State is what became of a wish.
type State string

// The states. Asked is the first; refused and cancelled are the last.
const (
	Asked     State = "asked"
	Accepted  State = "accepted"
	Refused   State = "refused"
	Cancelled State = "cancelled"
)

// Wish is what a tenant asks to reserve: GPUs, or kilowatts for hardware of its own,
// never both.
type Wish struct {
	Key       string // by which the tenant knows it: the same again is no second one
	Kind      string // of contract, such as "reserved" or "spot"
	Hall      string
	Model     string // of GPU; empty with kilowatts
	GPUs      int
	Kilowatts int // critical IT power
	From      time.Time
	Until     time.Time // zero: without end
	Says      string
}

// Reservation is a wish and what became of it.
type Reservation struct {
	ID string
	Wish
	Tenant string
	State  State
	At     time.Time // of the state
	By     string    // who decided
	Why    string    // of a refusal or an end
}

// mostAsked is how many wishes of a tenant may wait for an answer.
const mostAsked = 100

// mostUnits bounds GPUs and kilowatts.
const mostUnits = 1_000_000

// Ask keeps a wish of a tenant. The same key and wish again is the one that is there;
// another wish under a known key wraps ErrConflict, too many open ones ErrFull.
func (d Desk) Ask(ctx context.Context, t Tenant, w Wish, at time.Time) (Reservation, error) {
	w.From, w.Until = w.From.UTC().Truncate(time.Microsecond), w.Until.UTC().Truncate(time.Microsecond)
	id := make([]byte, idBytes)
	if err := errors.Join(t.check(), w.validate(at), d.s.random(id)); err != nil {
		return Reservation{}, fmt.Errorf("ask for %.60q: %w", w.Key, err)
	}
	var out Reservation
	err := d.s.write(ctx, func(ctx context.Context, p pen) error {
		had, err := file.Gather(ctx, p, scanReservation, wishes+" WHERE w.tenant = ? AND w.key = ?", t.name, w.Key)
		if err != nil {
			return err
		}
		if len(had) > 0 {
			if out = had[0]; out.Wish != w {
				return fmt.Errorf("%w: give the new wish a key of its own", ErrConflict)
			}
			return nil
		}
		out = Reservation{ID: hex.EncodeToString(id), Wish: w, Tenant: t.name, State: Asked, At: at.UTC().Truncate(time.Microsecond), By: t.name}
		return p.ask(ctx, out)
	})
	if err != nil {
		return Reservation{}, fmt.Errorf("ask for %.60q: %w", w.Key, err)
	}
	return out, nil
}

func (w Wish) validate(at time.Time) error {
	var f faults
	f.name("key", w.Key)
	f.name("kind", w.Kind)
	f.text("hall", w.Hall)
	f.text("model", w.Model)
	f.text("words", w.Says)
	f.moment("asked", at)
	f.moment("from", w.From)
	f.When(w.GPUs < 0 || w.GPUs > mostUnits, "%d GPUs: ask for 1 to %d", w.GPUs, mostUnits)
	f.When(w.Kilowatts < 0 || w.Kilowatts > mostUnits, "%d kW: ask for 1 to %d", w.Kilowatts, mostUnits)
	f.When((w.GPUs == 0) == (w.Kilowatts == 0), "%d GPUs and %d kW: ask for the one or the other", w.GPUs, w.Kilowatts)
	f.When(w.Kilowatts != 0 && w.Model != "", "kilowatts of %.60q: the hardware is the tenant's, leave the model out", w.Model)
	f.When(!w.Until.IsZero() && (!w.Until.After(w.From) || w.Until.Year() > 2999), "until %v: it ends after it begins", w.Until)
	return f.Err()
}

// ask writes a new wish.
func (p pen) ask(ctx context.Context, r Reservation) error {
	open, err := file.Gather(ctx, p, file.Number, `SELECT count(*) FROM wish w JOIN wish_state x ON x.wish = w.id
		WHERE w.tenant = ? AND x.state = 'asked' AND x.seq = (SELECT max(seq) FROM wish_state WHERE wish = w.id)`, r.Tenant)
	if err == nil && open[0] >= mostAsked {
		err = fmt.Errorf("%w: %d wishes wait for an answer: cancel one first", ErrFull, open[0])
	}
	if err != nil {
		return err
	}
	if _, err := p.Exec(ctx, "INSERT INTO wish (id, tenant, key, kind, hall, model, gpus, kilowatts, from_us, until_us, says) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.ID, r.Tenant, r.Key, r.Kind, r.Hall, r.Model, r.GPUs, r.Kilowatts, r.From.UnixMicro(), file.Micros(r.Until), r.Says); err != nil {
		return err
	}
	return p.state(ctx, r)
}

// state adds what became of a wish.
func (p pen) state(ctx context.Context, r Reservation) error {
	_, err := p.Exec(ctx, "INSERT INTO wish_state (wish, seq, state, at_us, person, why) SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ? FROM wish_state WHERE wish = ?",
		r.ID, string(r.State), r.At.UnixMicro(), r.By, r.Why, r.ID)
	return err
}

// wishes are all wishes with their last state.
const wishes = `SELECT w.id, w.tenant, w.key, w.kind, w.hall, w.model, w.gpus, w.kilowatts, w.from_us, w.until_us, w.says, x.state, x.at_us, x.person, x.why
	FROM wish w JOIN wish_state x ON x.wish = w.id AND x.seq = (SELECT max(seq) FROM wish_state WHERE wish = w.id)`

func scanReservation(scan file.Scanner) (r Reservation, err error) {
	var from, until, at sql.NullInt64
	err = scan(&r.ID, &r.Tenant, &r.Key, &r.Kind, &r.Hall, &r.Model, &r.GPUs, &r.Kilowatts, &from, &until, &r.Says, &r.State, &at, &r.By, &r.Why)
	r.From, r.Until, r.At = file.Instant(from), file.Instant(until), file.Instant(at)
	return r, err
}

// Reservations are the tenant's, the one that begins first first.
func (d Desk) Reservations(ctx context.Context, t Tenant) ([]Reservation, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, scanReservation, wishes+" WHERE w.tenant = ? ORDER BY w.from_us, w.id LIMIT ?", t.name, mostRows)
}

// Reservation is one of the tenant's.
func (d Desk) Reservation(ctx context.Context, t Tenant, id string) (Reservation, error) {
	if err := t.check(); err != nil {
		return Reservation{}, err
	}
	found, err := file.Gather(ctx, d.s.file, scanReservation, wishes+" WHERE w.tenant = ? AND w.id = ?", t.name, id)
	if err == nil && len(found) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Reservation{}, fmt.Errorf("reservation %.60q: %w", id, err)
	}
	return found[0], nil
}

// Cancel takes a wish back that waits for its answer. What was accepted is a contract
// and wraps ErrState: the operator ends it.
func (d Desk) Cancel(ctx context.Context, t Tenant, id, why string, at time.Time) (Reservation, error) {
	return d.s.move(ctx, t, id, Reservation{State: Cancelled, At: at, By: t.name, Why: why}, Asked)
}

// Decide accepts or refuses a wish that waits, or cancels one that was accepted. A
// refusal and an end have a reason, for the tenant to read.
func (o Office) Decide(ctx context.Context, t Tenant, id string, to Reservation) (Reservation, error) {
	from := Asked
	switch {
	case to.State == Cancelled:
		from = Accepted
	case to.State != Accepted && to.State != Refused:
		return Reservation{}, fmt.Errorf("decide on %.60q: %w: %q is no decision", id, ErrInvalid, to.State)
	}
	if to.State != Accepted && to.Why == "" {
		return Reservation{}, fmt.Errorf("decide on %.60q: %w: say why, for the tenant", id, ErrInvalid)
	}
	return o.s.move(ctx, t, id, to, from)
}

// move adds a state to a wish of a tenant that stands at another. The same state again
// changes nothing.
func (s *Store) move(ctx context.Context, t Tenant, id string, to Reservation, from State) (out Reservation, err error) {
	var f faults
	f.text("reason", to.Why)
	f.name("who decides", to.By)
	f.moment("at", to.At)
	err = errors.Join(t.check(), f.Err())
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			had, err := file.Gather(ctx, p, scanReservation, wishes+" WHERE w.tenant = ? AND w.id = ?", t.name, id)
			switch {
			case err != nil:
				return err
			case len(had) == 0:
				return ErrUnknown
			case had[0].State == to.State:
				out = had[0]
				return nil
			case had[0].State != from:
				return fmt.Errorf("%w: it was %s on %s by %q", ErrState, had[0].State, had[0].At.Format(time.RFC3339), had[0].By)
			}
			out = had[0]
			out.State, out.At, out.By, out.Why = to.State, to.At.UTC().Truncate(time.Microsecond), to.By, to.Why
			return p.state(ctx, out)
		})
	}
	if err != nil {
		return Reservation{}, fmt.Errorf("reservation %.60q, %s: %w", id, to.State, err)
	}
	return out, nil
}

// Waiting are the wishes of all tenants in a state, the one that begins first first.
func (o Office) Waiting(ctx context.Context, state State) ([]Reservation, error) {
	return file.Gather(ctx, o.s.file, scanReservation, wishes+" WHERE x.state = ? ORDER BY w.from_us, w.id LIMIT ?", string(state), mostRows)
}
