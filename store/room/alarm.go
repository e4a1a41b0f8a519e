package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/store/file"
)

// AlarmEvent is one line of the history of alarms.
type AlarmEvent struct {
	Seq     int64 // rises by one from event to event; the store gives it
	At      time.Time
	Site    string // empty: of no site
	Code    string // of the alarm
	Subject string
	What    string // became of it
	By      string // who did it; empty: nobody
	Reason  string
	Body    json.RawMessage // what else is to be told; may be missing
}

// SaveAlarms keeps the memory of the alarms in place of the one before, and adds what
// became of them, together or not at all. It gives the events their numbers, in place.
// Of events the last 1,000,000 are kept.
func (s *Store) SaveAlarms(ctx context.Context, state []byte, events []AlarmEvent) error {
	var last int64
	err := checkAlarms(state, events)
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) (err error) {
			last, err = p.saveAlarms(ctx, state, events)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("save the alarms and %d events: %w: nothing was saved", len(events), err)
	}
	for i := range events {
		events[i].Seq = last + int64(i) + 1
	}
	return nil
}

func checkAlarms(state []byte, events []AlarmEvent) error {
	var f faults
	f.When(len(state) > mostState, "the memory has %d bytes, at most %d are kept", len(state), mostState)
	f.When(len(events) > mostRows, "give at most %d events at once", mostRows)
	for _, e := range events {
		f.moment("at", e.At)
		f.name("what became of it", e.What)
		f.line("site", e.Site)
		f.line("code", e.Code)
		f.line("subject", e.Subject)
		f.line("who did it", e.By)
		f.text("reason", e.Reason)
		if len(e.Body) > 0 {
			f.body("the body of an event", e.Body, MostMessage)
		}
		if len(f.Faults) > mostSaid {
			break
		}
	}
	return f.Err()
}

// saveAlarms returns the number of the event before the first one.
func (p pen) saveAlarms(ctx context.Context, state []byte, events []AlarmEvent) (last int64, err error) {
	_, err = p.Exec(ctx, "INSERT INTO alarm_state (id, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body WHERE body <> excluded.body", append([]byte{}, state...))
	if err != nil {
		return 0, err
	}
	if last, err = p.count(ctx, "SELECT coalesce(max(seq), 0) FROM alarm_event"); err != nil {
		return 0, err
	}
	for i, e := range events {
		var body []byte // no body is NULL
		if len(e.Body) > 0 {
			body = e.Body
		}
		_, err := p.Exec(ctx, "INSERT INTO alarm_event (seq, at_us, site, code, subject, what, person, reason, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			last+int64(i)+1, e.At.UnixMicro(), e.Site, e.Code, e.Subject, e.What, e.By, e.Reason, body)
		if err != nil {
			return 0, err
		}
	}
	// The numbers have no gaps: the last one tells how many there are.
	_, err = p.Exec(ctx, "DELETE FROM alarm_event WHERE seq <= ?", last+int64(len(events))-p.most.events)
	return last, err
}

// AlarmState is the memory that was kept last; empty where there is none.
func (s *Store) AlarmState(ctx context.Context) ([]byte, error) {
	text, err := file.One(ctx, s.file, func(scan file.Scanner) (b []byte, err error) { return b, scan(&b) }, "SELECT body FROM alarm_state")
	if err != nil && !errors.Is(err, ErrUnknown) {
		return nil, fmt.Errorf("the memory of alarms: %w", err)
	}
	return text, nil
}

// AlarmFilter says which events are asked for; what is empty asks for all.
type AlarmFilter struct {
	Site, Code string
	From, To   time.Time // at From or later, before To
	After      int64     // where the page before ended, its last Seq
	Limit      int       // none is 10,000, which is also the most
	Newest     bool      // the last one first; After then leads to earlier ones
}

// AlarmEvents are those that a filter names, in their order.
func (s *Store) AlarmEvents(ctx context.Context, f AlarmFilter) ([]AlarmEvent, error) {
	text, args := f.question()
	all, err := file.Gather(ctx, s.file, scanAlarmEvent, text, args...)
	if err != nil {
		return nil, fmt.Errorf("events of alarms: %w", err)
	}
	return all, nil
}

// question is the SQL of a filter.
func (f AlarmFilter) question() (text string, args []any) {
	var where condition
	where.when(f.Site != "", "site = ?", f.Site)
	where.when(f.Code != "", "code = ?", f.Code)
	where.when(!f.From.IsZero(), "at_us >= ?", f.From.UnixMicro())
	where.when(!f.To.IsZero(), "at_us < ?", f.To.UnixMicro())
	text = "SELECT seq, at_us, site, code, subject, what, person, reason, body FROM alarm_event" + where.page("seq", f.After, f.Newest)
	return text, append(where.args, limited(f.Limit, mostRows))
}

func scanAlarmEvent(scan file.Scanner) (e AlarmEvent, err error) {
	var at int64
	err = scan(&e.Seq, &at, &e.Site, &e.Code, &e.Subject, &e.What, &e.By, &e.Reason, (*[]byte)(&e.Body))
	e.At = time.UnixMicro(at).UTC()
	return e, err
}

// condition is what rows have to meet, in SQL.
type condition struct {
	parts []string
	args  []any
}

func (c *condition) when(asked bool, text string, arg any) {
	if asked {
		c.parts, c.args = append(c.parts, text), append(c.args, arg)
	}
}

// page ends a question with its order by a number, going on after one. Its limit is the
// argument that follows those of the condition.
func (c *condition) page(number string, after int64, newest bool) string {
	order, beyond := " ORDER BY "+number, number+" > ?"
	if newest {
		order, beyond = order+" DESC", number+" < ?"
	}
	c.when(after != 0, beyond, after)
	where := ""
	if len(c.parts) > 0 {
		where = " WHERE " + strings.Join(c.parts, " AND ")
	}
	return where + order + " LIMIT ?"
}
