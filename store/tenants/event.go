package tenants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/engine"
	"sluice/store/file"
)

// Event is one curtailment of a hall, as it was planned.
type Event struct {
	ID   string // at most 40 lower-case letters, digits and dashes
	Hall string
	At   time.Time
	Body []byte // the plan with its prices, JSON
}

// EventState is how far an event has come; the words are those of who runs it.
type EventState struct {
	State string
	At    time.Time
	Why   string
}

// Sent is a command that was stored, and what came of it.
type Sent struct {
	engine.Command
	At      time.Time // it was stored, before it was sent
	Answers []engine.Answer
}

// Plan keeps an event before anything is done for it. The same again changes nothing.
func (o Office) Plan(ctx context.Context, e Event) error {
	var f faults
	f.When(!engine.Plain(e.ID) || len(e.ID) > 40, "its id has 1 to 40 lower-case letters, digits and inner dashes")
	f.name("hall", e.Hall)
	f.moment("at", e.At)
	f.When(!json.Valid(e.Body), "its plan is no JSON")
	err := f.Err()
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			n, err := p.Exec(ctx, "INSERT INTO event (id, hall, at_us, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", e.ID, e.Hall, e.At.UnixMicro(), e.Body)
			if err != nil || n > 0 {
				return err
			}
			had, err := file.Gather(ctx, p, scanEvent, "SELECT id, hall, at_us, body FROM event WHERE id = ?", e.ID)
			if err == nil && (had[0].Hall != e.Hall || !had[0].At.Equal(e.At.Truncate(time.Microsecond)) || !bytes.Equal(had[0].Body, e.Body)) {
				err = fmt.Errorf("%w: give the new plan an id of its own", ErrConflict)
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("plan event %.60q: %w", e.ID, err)
	}
	return nil
}

func scanEvent(scan file.Scanner) (e Event, err error) {
	var at nullTime
	err = scan(&e.ID, &e.Hall, &at, &e.Body)
	e.At = file.Instant(at)
	return e, err
}

// Mark adds how far an event has come.
func (o Office) Mark(ctx context.Context, event string, x EventState) error {
	var f faults
	f.name("state", x.State)
	f.text("reason", x.Why)
	f.moment("at", x.At)
	err := f.Err()
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			n, err := p.Exec(ctx, `INSERT INTO event_state (event, seq, state, at_us, why)
				SELECT e.id, (SELECT coalesce(max(seq), 0) + 1 FROM event_state WHERE event = e.id), ?, ?, ? FROM event e WHERE e.id = ?`, x.State, x.At.UnixMicro(), x.Why, event)
			if err == nil && n == 0 {
				err = ErrUnknown
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("mark event %.60q: %w", event, err)
	}
	return nil
}

// States are those of an event, the first one first.
func (o Office) States(ctx context.Context, event string) ([]EventState, error) {
	return file.Gather(ctx, o.s.file, func(scan file.Scanner) (x EventState, err error) {
		var at nullTime
		err = scan(&x.State, &at, &x.Why)
		x.At = file.Instant(at)
		return x, err
	}, "SELECT state, at_us, why FROM event_state WHERE event = ? ORDER BY seq", event)
}

// Events are those whose last state is none of the given ones, such as what is not
// over after a restart, the first one first.
func (o Office) Events(ctx context.Context, but ...string) ([]Event, error) {
	words, err := json.Marshal(append([]string{}, but...))
	if err != nil {
		return nil, err
	}
	return file.Gather(ctx, o.s.file, scanEvent, `SELECT e.id, e.hall, e.at_us, e.body FROM event e
		WHERE coalesce((SELECT x.state FROM event_state x WHERE x.event = e.id ORDER BY x.seq DESC LIMIT 1), '') NOT IN (SELECT value FROM json_each(?))
		ORDER BY e.at_us, e.id LIMIT ?`, string(words), mostRows)
}

// Command keeps commands of planned events, all or none, before they are sent. The same
// again changes nothing; a known event and number with other content wraps ErrConflict.
func (o Office) Command(ctx context.Context, at time.Time, all ...engine.Command) error {
	err := o.s.write(ctx, func(ctx context.Context, p pen) error {
		for _, c := range all {
			if err := p.command(ctx, at, c); err != nil {
				return fmt.Errorf("command %.60s/%d: %w", c.Event, c.Seq, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep %d commands: %w", len(all), err)
	}
	return nil
}

func (p pen) command(ctx context.Context, at time.Time, c engine.Command) error {
	if err := c.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	c.By, c.From, c.Until = c.By.UTC(), c.From.UTC(), c.Until.UTC()
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	n, err := file.Gather(ctx, p, file.Number, "SELECT count(*) FROM event WHERE id = ?", c.Event)
	if err == nil && n[0] == 0 {
		err = fmt.Errorf("event %w: plan it first", ErrUnknown)
	}
	if err != nil {
		return err
	}
	done, err := p.Exec(ctx, "INSERT INTO command (event, seq, at_us, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", c.Event, c.Seq, at.UnixMicro(), body)
	if err != nil || done > 0 {
		return err
	}
	had, err := file.Gather(ctx, p, file.Word, "SELECT body FROM command WHERE event = ? AND seq = ?", c.Event, c.Seq)
	if err == nil && had[0] != string(body) {
		err = fmt.Errorf("%w: give the new command a number of its own", ErrConflict)
	}
	return err
}

// Answer keeps what an engine said to a command; there may be several, of tries that
// failed before one that did not. The same as the last one again changes nothing.
func (o Office) Answer(ctx context.Context, a engine.Answer) error {
	a.At = a.At.UTC()
	body, err := json.Marshal(a)
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			last, err := file.Gather(ctx, p, file.Word, "SELECT body FROM answer WHERE event = ? AND seq = ? ORDER BY number DESC LIMIT 1", a.Event, a.Seq)
			if err != nil || len(last) == 1 && last[0] == string(body) {
				return err
			}
			n, err := p.Exec(ctx, `INSERT INTO answer (event, seq, number, body)
				SELECT c.event, c.seq, (SELECT coalesce(max(number), 0) + 1 FROM answer WHERE event = c.event AND seq = c.seq), ? FROM command c WHERE c.event = ? AND c.seq = ?`, body, a.Event, a.Seq)
			if err == nil && n == 0 {
				err = fmt.Errorf("%w: no such command was stored", ErrUnknown)
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep the answer to %.60s/%d: %w", a.Event, a.Seq, err)
	}
	return nil
}

// Commands are those of an event with their answers, in order.
func (o Office) Commands(ctx context.Context, event string) ([]Sent, error) {
	out, err := file.Gather(ctx, o.s.file, func(scan file.Scanner) (x Sent, err error) {
		var at nullTime
		var body []byte
		err = scan(&at, &body)
		x.At = file.Instant(at)
		return x, errors.Join(err, json.Unmarshal(body, &x.Command))
	}, "SELECT at_us, body FROM command WHERE event = ? ORDER BY seq", event)
	if err != nil {
		return nil, fmt.Errorf("commands of %.60q: %w", event, err)
	}
	answers, err := file.Gather(ctx, o.s.file, func(scan file.Scanner) (a engine.Answer, err error) {
		var body []byte
		return a, errors.Join(scan(&body), json.Unmarshal(body, &a))
	}, "SELECT body FROM answer WHERE event = ? ORDER BY seq, number", event)
	if err != nil {
		return nil, fmt.Errorf("answers of %.60q: %w", event, err)
	}
	for i := range out {
		for _, a := range answers {
			if a.Seq == out[i].Seq {
				out[i].Answers = append(out[i].Answers, a)
			}
		}
	}
	return out, nil
}
