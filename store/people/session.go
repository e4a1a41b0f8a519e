package people

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// seenStep is how finely it is kept when a session was used. It ends as much earlier,
// never later.
const seenStep = time.Minute

// mostSessions that one person has at once; the oldest ends for the next one.
const mostSessions = 20

// kinds of secrets.
const (
	ofSession = "session"
	ofToken   = "token"
	ofLink    = "link"
)

// OpenSession is a session as a list shows it.
type OpenSession struct {
	ID      string
	Person  string
	Made    time.Time
	Seen    time.Time
	Address string
	Agent   string // what the browser says of itself; hostile
}

func sessionID(hash []byte) string { return hex.EncodeToString(hash[:6]) }

// Session is whose a session is, and keeps that it was used. The error is ErrSession
// whatever is wrong with it.
func (s *Store) Session(ctx context.Context, text people.Secret, now time.Time) (Visitor, error) {
	hash, whole := parse(ofSession, text.Reveal())
	if !whole {
		return Visitor{}, ErrSession
	}
	v, last, err := findSession(ctx, s.file, hash, now)
	if err != nil || now.Sub(last) < seenStep && !now.Before(last) {
		return v, err
	}
	err = s.write(ctx, func(ctx context.Context, p pen) error {
		if v, _, err = findSession(ctx, p, hash, now); err != nil {
			return err
		}
		_, err := p.Exec(ctx, "UPDATE session SET seen_us = max(seen_us, ?) WHERE hash = ?", now.UnixMicro(), hash[:])
		return err
	})
	return v, err
}

// begin makes a session of a person who has just shown who they are.
func (s *Store) begin(ctx context.Context, p pen, a Attempt, person string, now time.Time) (people.Secret, Visitor, error) {
	text, hash := s.fresh(ofSession)
	_, err := p.Exec(ctx, "INSERT INTO session (hash, person, made_us, seen_us, proven_us, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
		hash[:], person, now.UnixMicro(), now.UnixMicro(), now.UnixMicro(), a.Address, a.Agent)
	if err == nil {
		_, err = p.Exec(ctx, "DELETE FROM session WHERE person = ?1 AND hash NOT IN (SELECT hash FROM session WHERE person = ?1 ORDER BY made_us DESC, hash LIMIT ?2)", person, mostSessions)
	}
	if err == nil {
		err = p.tidy(ctx, now)
	}
	if err != nil {
		return people.Secret{}, Visitor{}, err
	}
	v, _, err := findSession(ctx, p, hash, now)
	return people.Hide(text), v, err
}

// tidy forgets sessions and links that are over.
func (p pen) tidy(ctx context.Context, now time.Time) error {
	_, err := p.Exec(ctx, "DELETE FROM session WHERE made_us <= ?", now.Add(-people.SessionMost).UnixMicro())
	if err == nil {
		_, err = p.Exec(ctx, "DELETE FROM link WHERE until_us <= ?", now.UnixMicro())
	}
	return err
}

// Logout ends the session of the visitor. One that is over already is no error.
func (s *Store) Logout(ctx context.Context, v Visitor, now time.Time) error {
	err := s.inPerson(ctx, v, now, func(ctx context.Context, p pen, _ people.Actor) error {
		if _, err := p.Exec(ctx, "DELETE FROM session WHERE hash = ?", v.hash[:]); err != nil {
			return err
		}
		return s.audit(ctx, p, v.did(didLogout, v.actor.Person, now))
	})
	if errors.Is(err, ErrSession) {
		return nil
	}
	return err
}

// Sessions are the open ones: the visitor's own, and for who may end them those of all.
func (s *Store) Sessions(ctx context.Context, v Visitor, now time.Time) ([]OpenSession, error) {
	a, err := s.actor(ctx, v, now)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	whose := a.Person
	if a.Holds(people.Revoke, people.Place{}) {
		whose = ""
	}
	return file.Gather(ctx, s.file, func(scan file.Scanner) (x OpenSession, err error) {
		var hash []byte
		var made, last int64
		err = scan(&hash, &x.Person, &made, &last, &x.Address, &x.Agent)
		if err == nil {
			x.ID, x.Made, x.Seen = sessionID(hash), time.UnixMicro(made).UTC(), time.UnixMicro(last).UTC()
		}
		return x, err
	}, "SELECT hash, person, made_us, seen_us, address, agent FROM session WHERE (? = '' OR person = ?) AND made_us > ? ORDER BY person, made_us LIMIT ?",
		whose, whose, now.Add(-people.SessionMost).UnixMicro(), mostRows)
}

// EndSession ends a session by its id: one's own, or for who may that of anybody.
func (s *Store) EndSession(ctx context.Context, v Visitor, id string, now time.Time) error {
	err := s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
		short, err := hex.DecodeString(id)
		if err != nil || len(short) != 6 {
			return ErrUnknown
		}
		found, err := file.One(ctx, p, func(scan file.Scanner) (k seen, err error) { return k, scan(&k.hash, &k.person) },
			"SELECT hash, person FROM session WHERE substr(hash, 1, 6) = ?", short)
		if err != nil {
			return err
		}
		if found.person != a.Person && a.May(people.Revoke, people.Place{}, now) != nil {
			return ErrUnknown
		}
		if _, err := p.Exec(ctx, "DELETE FROM session WHERE hash = ?", found.hash); err != nil {
			return err
		}
		return s.audit(ctx, p, v.did(didEnd, found.person, now))
	})
	if err != nil {
		return fmt.Errorf("end session %.40q: %w", id, err)
	}
	return nil
}

// endAll ends all sessions of a person, within a change of their rights.
func (p pen) endAll(ctx context.Context, person string) error {
	return p.each(ctx, person, "DELETE FROM session WHERE person = ?")
}
