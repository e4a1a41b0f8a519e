package room

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"sluice/alarm"
	"sluice/driver/notify"
	keep "sluice/store/room"
)

// Outbox keeps messages until they are sent; store/room is one.
type Outbox interface {
	Queue(ctx context.Context, all []keep.Message) error
	Due(ctx context.Context, now time.Time, n int) ([]keep.Message, error)
}

// Tracker keeps what became of a message; store/room is one.
type Tracker interface {
	Sent(ctx context.Context, id int64, now time.Time) error
	Later(ctx context.Context, id int64, next time.Time, why string) error
	Drop(ctx context.Context, id int64, why string, now time.Time) error
}

// Senders finds the sender to a contact; false: there is none.
type Senders func(contact string) (notify.Sender, bool)

// How messages go out.
const (
	deliverPace = 2 * time.Second
	deliverMost = 16 // at once
)

// deliver sends what waits until ctx ends. Each message is tried for a day.
func (r *Room) deliver(ctx context.Context) {
	tracker, can := r.cfg.Outbox.(Tracker)
	if !can {
		return
	}
	tick := time.NewTicker(deliverPace)
	defer tick.Stop()
	for {
		r.deliverDue(ctx, tracker)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// deliverDue tries what is due, each address by itself, so that a slow one holds up
// nobody else.
func (r *Room) deliverDue(ctx context.Context, tracker Tracker) {
	due, err := r.cfg.Outbox.Due(ctx, r.cfg.Clock(), deliverMost)
	if err != nil {
		if ctx.Err() == nil {
			r.cfg.Log.ErrorContext(ctx, "the outbox could not be read", "cause", err)
		}
		return
	}
	var all sync.WaitGroup
	for _, m := range due {
		all.Go(func() {
			if err := r.deliverOne(ctx, tracker, m); err != nil && ctx.Err() == nil {
				r.cfg.Log.ErrorContext(ctx, "what became of a message could not be kept", "contact", m.Contact, "cause", err)
			}
		})
	}
	all.Wait()
}

// deliverOne tries one message once.
func (r *Room) deliverOne(ctx context.Context, tracker Tracker, m keep.Message) error {
	var l Letter
	if err := json.Unmarshal(m.Body, &l); err != nil {
		return tracker.Drop(ctx, m.ID, "it cannot be read", r.cfg.Clock())
	}
	parcel := notify.NewParcel(m.Contact, r.written(m, l), m.Made)
	parcel.Tries = m.Tries
	sender, why := r.sender(m.Contact)
	outcome := notify.Outcome{Result: notify.Refused, Why: why}
	if sender != nil {
		outcome = sender.Send(ctx, parcel.Message)
	}
	now := r.cfg.Clock()
	switch p := parcel.Tried(outcome, now); p.Standing {
	case notify.Arrived:
		return tracker.Sent(ctx, m.ID, now)
	case notify.GivenUp:
		r.watch.step(now, alarm.Raised{Condition: alarm.Condition{Point: alarm.Point{Code: "undelivered", Subject: m.Contact}, Params: map[string]string{"why": p.Why}}})
		return tracker.Drop(ctx, m.ID, p.Why, now)
	case notify.UnderWay:
		return tracker.Later(ctx, m.ID, p.Next, p.Why)
	}
	return nil
}

// written is the message as it goes out. Its id is the same at each try.
func (r *Room) written(m keep.Message, l Letter) notify.Message {
	language, urgent := r.watch.language(m.Contact), false
	for _, a := range l.Alarms {
		urgent = urgent || a.Priority == alarm.Critical
	}
	return notify.Message{
		ID: r.cfg.People.Installation() + "-tell-" + strconv.FormatInt(m.ID, 10), At: m.Made, Language: language, Subject: l.Subject, Text: l.Text, Urgent: urgent, Event: m.Body,
	}
}
