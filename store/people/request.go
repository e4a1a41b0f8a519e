package people

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// mostOpen requests of one person at once.
const mostOpen = 32

const requestColumns = "id, draft, person, token, made_us, state, second, at_us, last, why"

func scanRequest(scan file.Scanner) (r people.Request, err error) {
	var draft []byte
	var made, at nullTime
	if err := scan(&r.ID, &draft, &r.By, &r.Token, &made, &r.State, &r.And, &at, &r.Last, &r.Why); err != nil {
		return r, err
	}
	r.Made, r.At = file.Instant(made), file.Instant(at)
	return r, json.Unmarshal(draft, &r.Draft)
}

// tells is an entry about a request: who asked for what, and what it would move.
func tells(e people.Entry, r people.Request) people.Entry {
	e.Site, e.Tenant, e.Subject, e.Reason = r.Place.Site, r.Place.Tenant, fmt.Sprintf("request %s, %s: %s", r.ID, r.Verb, r.Subject), r.Reason
	e.And = r.And
	e.Before, e.After = r.Says, r.Diff
	if effect, err := json.Marshal(r.Effect); err == nil {
		e.Effects = string(effect)
	}
	return e
}

// ObjectsDeed is the word under "deed" in what a request about objects carries out. Whoever
// asks for one carries it out, also where an object gives a role to a group.
const ObjectsDeed = "objects"

// ofStore reports what the store carries out itself: roles and credentials of a person.
func ofStore(d people.Draft) bool {
	if d.Verb != people.GiveRole {
		return d.Verb == people.Credentials
	}
	var of struct {
		Deed   string `json:"deed"`
		Person string `json:"person"`
	}
	err := json.Unmarshal([]byte(d.Deed), &of)
	return err != nil || of.Deed != ObjectsDeed || of.Person != ""
}

// Ask keeps a request for another one to approve. The error is a people.Refusal where
// the visitor has no right to what it asks. For roles and credentials of a person it is
// Other: ask by AskRole and AskCredentials, so that what is read is what is done. Roles
// that objects give to groups are asked for here: see ObjectsDeed.
func (s *Store) Ask(ctx context.Context, v Visitor, d people.Draft, now time.Time) (people.Request, error) {
	if ofStore(d) {
		return people.Request{}, fmt.Errorf("ask for %.40q: %w", d.Verb, refuse(people.Other, d.Verb, d.Place))
	}
	return s.ask(ctx, v, d, now)
}

func (s *Store) ask(ctx context.Context, v Visitor, d people.Draft, now time.Time) (r people.Request, err error) {
	now = now.UTC().Truncate(time.Microsecond)
	id := make([]byte, 8)
	s.random(id)
	body, err := json.Marshal(d)
	if err == nil {
		err = s.as(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if r, err = people.Ask(a, d, hex.EncodeToString(id), now); err != nil {
				return err
			}
			open, err := file.Gather(ctx, p, file.Number, "SELECT count(*) FROM request WHERE person = ? AND state IN ('open', 'approved') AND made_us > ?", r.By, now.Add(-people.Patience).UnixMicro())
			if err == nil && open[0] >= mostOpen {
				err = refuse(people.TooMany, d.Verb, d.Place)
			}
			if err == nil {
				_, err = p.Exec(ctx, "INSERT INTO request ("+requestColumns+") VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, '')",
					r.ID, string(body), r.By, r.Token, r.Made.UnixMicro(), string(r.State), r.At.UnixMicro(), r.Last)
			}
			if err != nil {
				return err
			}
			return s.audit(ctx, p, tells(v.did(didAsk, "", now), r))
		})
	}
	if err != nil {
		return people.Request{}, fmt.Errorf("ask for %.40q: %w", d.Verb, err)
	}
	return r, nil
}

// Approve approves a request of somebody else. A refusal is recorded too.
func (s *Store) Approve(ctx context.Context, v Visitor, id string, now time.Time) (people.Request, error) {
	return s.step(ctx, move{v, didApprove, id, now}, func(ctx context.Context, p pen, a people.Actor, r people.Request) (people.Request, error) {
		asker, err := acting(ctx, p, r.By, r.Token, now)
		if err != nil {
			return r, err
		}
		return r.Approve(a, asker, now)
	})
}

// Decline says no to a request, of one's own too.
func (s *Store) Decline(ctx context.Context, v Visitor, id, why string, now time.Time) (people.Request, error) {
	return s.step(ctx, move{v, didDecline, id, now}, func(_ context.Context, _ pen, a people.Actor, r people.Request) (people.Request, error) {
		return r.Decline(a, why, now)
	})
}

// Begin says that an approved request is carried out now: do what its Deed says after
// Begin has returned without error, and call Finish. One of the two begins. It begins
// once: where the program dies in between, the request stays begun, and a person looks.
func (s *Store) Begin(ctx context.Context, v Visitor, id string, now time.Time) (people.Request, error) {
	return s.step(ctx, move{v, didBegin, id, now}, func(ctx context.Context, p pen, a people.Actor, r people.Request) (people.Request, error) {
		if ofStore(r.Draft) {
			return r, refuse(people.Other, r.Verb, r.Place)
		}
		return p.begin(ctx, a, r, now)
	})
}

// begin checks that both still have the right.
func (p pen) begin(ctx context.Context, a people.Actor, r people.Request, now time.Time) (people.Request, error) {
	asker, err := acting(ctx, p, r.By, r.Token, now)
	if err != nil {
		return r, err
	}
	approver, err := acting(ctx, p, r.And, "", now)
	if err != nil {
		return r, err
	}
	if r.State == people.Approved && a.Person != r.By && a.Person != r.And {
		return r, refuse(people.NoRight, r.Verb, r.Place)
	}
	return r.Begin(asker, approver, now)
}

// Finish says what came of a request that was begun.
func (s *Store) Finish(ctx context.Context, id, says string, done bool, now time.Time) (r people.Request, err error) {
	err = s.write(ctx, func(ctx context.Context, p pen) error {
		if r, err = p.request(ctx, id, now); err != nil {
			return err
		}
		if r, err = r.Finish(says, done, now); err != nil {
			return err
		}
		return s.finished(ctx, p, people.Entry{At: now, How: "by itself"}, r)
	})
	if err != nil {
		return people.Request{}, fmt.Errorf("finish request %.40q: %w", id, err)
	}
	return r, nil
}

// finished keeps what came of a request.
func (s *Store) finished(ctx context.Context, p pen, e people.Entry, r people.Request) error {
	if err := p.become(ctx, r); err != nil {
		return err
	}
	e.Verb = didFinish
	e = tells(e, r)
	e.Effects = string(r.State) + ": " + r.Why
	return s.audit(ctx, p, e)
}

// move is a step that somebody takes with a request.
type move struct {
	v        Visitor
	what, id string
	now      time.Time
}

// decider is what becomes of a request by a step.
type decider = func(context.Context, pen, people.Actor, people.Request) (people.Request, error)

// step takes a request one step further, or keeps that it was refused.
func (s *Store) step(ctx context.Context, m move, next decider) (r people.Request, err error) {
	m.now = m.now.UTC().Truncate(time.Microsecond)
	var no error
	err = s.as(ctx, m.v, m.now, func(ctx context.Context, p pen, a people.Actor) error {
		if r, err = p.request(ctx, m.id, m.now); err != nil {
			return err
		}
		if r, err = next(ctx, p, a, r); people.CodeOf(err) != "" {
			no = err
			return s.refused(ctx, p, m, r, people.CodeOf(err))
		}
		if err == nil {
			err = p.become(ctx, r)
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, p, tells(m.v.did(m.what, "", m.now), r))
	})
	if err = errors.Join(err, no); err != nil {
		return people.Request{}, fmt.Errorf("request %.40q: %w", m.id, err)
	}
	return r, nil
}

// refused keeps that a step was refused, and that the request has expired where it has.
func (s *Store) refused(ctx context.Context, p pen, m move, r people.Request, c people.Code) error {
	if r.State == people.HasExpired {
		if err := p.become(ctx, r); err != nil {
			return err
		}
	}
	e := tells(m.v.did(didRefuse, "", m.now), r)
	e.Effects = m.what + ": " + string(c)
	return s.audit(ctx, p, e)
}

// request is one as it stands now.
func (p pen) request(ctx context.Context, id string, now time.Time) (people.Request, error) {
	r, err := file.One(ctx, p, scanRequest, "SELECT "+requestColumns+" FROM request WHERE id = ?", id)
	if errors.Is(err, ErrUnknown) {
		err = refuse(people.NotThere, "", people.Place{})
	}
	return r.Seen(now), err
}

// become keeps the state of a request. What is over stays so.
func (p pen) become(ctx context.Context, r people.Request) error {
	_, err := p.Exec(ctx, "UPDATE request SET state = ?, second = ?, at_us = ?, last = ?, why = ? WHERE id = ? AND state IN ('open', 'approved', 'begun')",
		string(r.State), r.And, r.At.UnixMicro(), r.Last, r.Why, r.ID)
	return err
}

// Requests are those that the visitor made, could approve or may decline, as they stand
// now, the last one first.
func (s *Store) Requests(ctx context.Context, v Visitor, now time.Time) ([]people.Request, error) {
	a, err := s.actor(ctx, v, now)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	all, err := file.Gather(ctx, s.file, scanRequest, "SELECT "+requestColumns+" FROM request ORDER BY made_us DESC, id LIMIT ?", mostRows)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	var out []people.Request
	for _, r := range all {
		if r.By == a.Person || a.Holds(r.Verb, r.Place) || a.Holds(people.Decline, r.Place) || a.Holds(people.Audit, r.Place) {
			out = append(out, r.Seen(now))
		}
	}
	return out, nil
}

// Expire keeps which requests ran out, for the log. Without it they are refused all the
// same. It says how many there were.
func (s *Store) Expire(ctx context.Context, now time.Time) (n int, err error) {
	err = s.write(ctx, func(ctx context.Context, p pen) error {
		over, err := file.Gather(ctx, p, scanRequest, "SELECT "+requestColumns+" FROM request WHERE state IN ('open', 'approved') AND made_us <= ? ORDER BY made_us, id LIMIT ?",
			now.Add(-people.Patience).UnixMicro(), mostRows)
		for _, r := range over {
			r, n = r.Seen(now), n+1
			if err == nil {
				err = p.become(ctx, r)
			}
			if err == nil {
				err = s.audit(ctx, p, tells(people.Entry{At: now, How: "by itself", Verb: didExpire}, r))
			}
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("expire requests: %w", err)
	}
	return n, nil
}
