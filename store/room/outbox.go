package room

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sluice/store/file"
)

// MessageState says how far a message has come.
type MessageState string

// The states.
const (
	Waiting MessageState = "waiting" // to be tried at Next
	Sent    MessageState = "sent"
	Dropped MessageState = "dropped" // given up
)

// Message is one notification to one contact.
type Message struct {
	ID      int64 // the store gives it; it never comes twice
	Contact string
	Event   string // what it is about, as who gets it knows it
	Body    json.RawMessage
	Made    time.Time
	Next    time.Time // it is tried then or later; zero when it is made: at once
	Tries   int
	State   MessageState
	Why     string    // the last try failed, or it was dropped
	Done    time.Time // it was sent or dropped; zero while it waits
}

// Queue adds messages that wait, all of them or none, and gives them their IDs in place;
// Tries, State, Why and Done are the store's to say. Where there are too many the oldest
// finished ones are forgotten; the error wraps ErrFull where all of them wait.
func (s *Store) Queue(ctx context.Context, all []Message) error {
	ids := make([]int64, len(all))
	err := checkMessages(all)
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			for i, m := range all {
				if err := p.queue(ctx, m, &ids[i]); err != nil {
					return err
				}
			}
			return p.messagesFit(ctx)
		})
	}
	if err != nil {
		return fmt.Errorf("queue %d messages: %w: none was queued", len(all), err)
	}
	for i := range all {
		all[i].ID = ids[i]
	}
	return nil
}

func checkMessages(all []Message) error {
	var f faults
	f.When(len(all) > mostRows, "give at most %d at once", mostRows)
	for _, m := range all {
		f.name("contact", m.Contact)
		f.line("event", m.Event)
		f.moment("made", m.Made)
		if !m.Next.IsZero() {
			f.moment("next", m.Next)
		}
		f.body("the body of a message", m.Body, MostMessage)
		if len(f.Faults) > mostSaid {
			break
		}
	}
	return f.Err()
}

func (p pen) queue(ctx context.Context, m Message, id *int64) (err error) {
	if m.Next.IsZero() {
		m.Next = m.Made
	}
	*id, err = p.count(ctx, "INSERT INTO message (contact, event, body, made_us, next_us, tries, state, why) VALUES (?, ?, ?, ?, ?, 0, 'waiting', '') RETURNING id",
		m.Contact, m.Event, []byte(m.Body), m.Made.UnixMicro(), m.Next.UnixMicro())
	return err
}

// messagesFit forgets finished messages, the oldest first, until all fit.
func (p pen) messagesFit(ctx context.Context) error {
	for {
		all, err := p.tally(ctx, "message")
		if err != nil || all.number <= p.most.messages && all.bytes <= p.most.messageBytes {
			return err
		}
		n, err := p.Exec(ctx, "DELETE FROM message WHERE id = (SELECT id FROM message WHERE state <> 'waiting' ORDER BY id LIMIT 1)")
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %d messages of %d bytes would wait: see why none is sent", ErrFull, all.number, all.bytes)
		}
		if err != nil {
			return err
		}
	}
}

const messages = "SELECT id, contact, event, body, made_us, next_us, tries, state, why, coalesce(done_us, 0) FROM message"

func scanMessage(scan file.Scanner) (m Message, err error) {
	var made, next, done int64
	err = scan(&m.ID, &m.Contact, &m.Event, (*[]byte)(&m.Body), &made, &next, &m.Tries, &m.State, &m.Why, &done)
	m.Made, m.Next = time.UnixMicro(made).UTC(), time.UnixMicro(next).UTC()
	if m.State != Waiting {
		m.Done = time.UnixMicro(done).UTC()
	}
	return m, err
}

// Due are the messages to be tried now, at most n, the one that waits longest first.
func (s *Store) Due(ctx context.Context, now time.Time, n int) ([]Message, error) {
	all, err := file.Gather(ctx, s.file, scanMessage, messages+" WHERE state = 'waiting' AND next_us <= ? ORDER BY next_us, id LIMIT ?", now.UnixMicro(), limited(n, mostRows))
	if err != nil {
		return nil, fmt.Errorf("due messages: %w", err)
	}
	return all, nil
}

// Sent keeps that a message reached its contact. The error of this and of the following
// two wraps ErrUnknown where there is no such message, and ErrConflict where it waits no
// more.
func (s *Store) Sent(ctx context.Context, id int64, now time.Time) error {
	var f faults
	f.moment("now", now)
	return s.moved(ctx, id, f.Err(), "state = 'sent', tries = tries + 1, why = '', done_us = ?", now.UnixMicro())
}

// Later keeps that a try failed, why, and when the next one is due.
func (s *Store) Later(ctx context.Context, id int64, next time.Time, why string) error {
	var f faults
	f.moment("next", next)
	f.text("why", why)
	return s.moved(ctx, id, f.Err(), "tries = tries + 1, next_us = ?, why = ?", next.UnixMicro(), why)
}

// Drop gives a message up, and keeps why.
func (s *Store) Drop(ctx context.Context, id int64, why string, now time.Time) error {
	var f faults
	f.moment("now", now)
	f.text("why", why)
	return s.moved(ctx, id, f.Err(), "state = 'dropped', why = ?, done_us = ?", why, now.UnixMicro())
}

// moved changes a message that waits; fault is what is wrong with the change.
func (s *Store) moved(ctx context.Context, id int64, fault error, change string, args ...any) error {
	err := fault
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			n, err := p.Exec(ctx, "UPDATE message SET "+change+" WHERE id = ? AND state = 'waiting'", append(args, id)...)
			if err != nil || n > 0 {
				return err
			}
			state, err := file.One(ctx, p, file.Word, "SELECT state FROM message WHERE id = ?", id)
			if err == nil {
				err = fmt.Errorf("%w: it was %s", ErrConflict, state)
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("message %d: %w", id, err)
	}
	return nil
}

// OutboxFilter says which messages are asked for; what is empty asks for all.
type OutboxFilter struct {
	Contact string
	State   MessageState
	After   int64 // where the page before ended, its last ID
	Limit   int   // none is 10,000, which is also the most
	Newest  bool  // the last one first; After then leads to earlier ones
}

// Outbox are the messages that a filter names, in the order in which they were queued.
func (s *Store) Outbox(ctx context.Context, f OutboxFilter) ([]Message, error) {
	var where condition
	where.when(f.Contact != "", "contact = ?", f.Contact)
	where.when(f.State != "", "state = ?", string(f.State))
	text := messages + where.page("id", f.After, f.Newest)
	all, err := file.Gather(ctx, s.file, scanMessage, text, append(where.args, limited(f.Limit, mostRows))...)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return all, nil
}
