package people

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// Visitor is the proof of who asks. Only a session or a token that is valid makes one;
// the zero Visitor is nobody and is refused everything. Each call looks anew whether it
// is still valid, and with which rights.
type Visitor struct {
	actor people.Actor
	hash  [sha256.Size]byte // of the session
	must  Must
}

// Must is what somebody has to do before they may do anything else.
type Must string

// EnrolCode is for roles that can change something, where no app shows yet who it is.
const EnrolCode Must = "enrol_code"

// Actor is who asks, with the rights of the instant at which it was asked.
func (v Visitor) Actor() people.Actor { return v.actor }

// Must is what has to be done first; empty: nothing.
func (v Visitor) Must() Must { return v.must }

// SessionID tells the sessions of a person apart and opens none; empty for a token.
func (v Visitor) SessionID() string {
	if v.actor.Token != "" || v.actor.Person == "" {
		return ""
	}
	return sessionID(v.hash[:])
}

// signs fills in who did something, and how that is known.
func (v Visitor) signs(e people.Entry, now time.Time) people.Entry {
	e.Who, e.At, e.How = v.actor.Person, now, "session "+v.SessionID()
	if v.actor.Token != "" {
		e.How = "token " + v.actor.Token
	}
	return e
}

// did is an entry of the store itself about a subject.
func (v Visitor) did(what, subject string, now time.Time) people.Entry {
	return v.signs(people.Entry{Verb: what, Subject: subject}, now)
}

// as runs do in one transaction with the rights that the visitor has by now.
func (s *Store) as(ctx context.Context, v Visitor, now time.Time, do func(context.Context, pen, people.Actor) error) error {
	return s.write(ctx, func(ctx context.Context, p pen) error {
		again, err := s.again(ctx, p, v, now)
		if err != nil {
			return err
		}
		return do(ctx, p, again.actor)
	})
}

// inPerson is as for what no token does.
func (s *Store) inPerson(ctx context.Context, v Visitor, now time.Time, do func(context.Context, pen, people.Actor) error) error {
	if v.actor.Token != "" {
		return refuse(people.NotByToken, "", people.Place{})
	}
	return s.as(ctx, v, now, do)
}

// actor is who asks, with the rights of now, for what only reads.
func (s *Store) actor(ctx context.Context, v Visitor, now time.Time) (people.Actor, error) {
	again, err := s.again(ctx, s.file, v, now)
	return again.actor, err
}

// again looks whether the visitor is still valid.
func (s *Store) again(ctx context.Context, a file.Asker, v Visitor, now time.Time) (Visitor, error) {
	switch {
	case v.actor.Person == "":
		return Visitor{}, ErrVisitor
	case v.actor.Token != "":
		actor, err := tokenActor(ctx, a, v.actor.Token, now)
		return Visitor{actor: actor}, err
	}
	x, _, err := findSession(ctx, a, v.hash, now)
	return x, err
}

// rights are the roles of a person, in order.
func rights(ctx context.Context, a file.Asker, person string) ([]people.Grant, error) {
	return file.Gather(ctx, a, func(scan file.Scanner) (g people.Grant, err error) { return g, scan(&g.Role, &g.Site, &g.Tenant) },
		"SELECT role, site, tenant FROM held_role WHERE person = ? ORDER BY role, site, tenant", person)
}

// acting is a person with the rights of now, as who asked for something or approved it.
// Who is gone has none.
func acting(ctx context.Context, a file.Asker, person, token string, now time.Time) (people.Actor, error) {
	if token != "" {
		actor, err := tokenActor(ctx, a, token, now)
		if errors.Is(err, ErrToken) {
			return people.Actor{Person: person, Token: token}, nil
		}
		return actor, err
	}
	open, err := file.Gather(ctx, a, file.Number, "SELECT 1 FROM person WHERE name = ? AND closed_us IS NULL", person)
	if err != nil || len(open) == 0 {
		return people.Actor{Person: person}, err
	}
	grants, err := rights(ctx, a, person)
	return people.Actor{Person: person, Grants: grants}, err
}

// seen is a session or a token as it is stored.
type seen struct {
	person, scope          string
	hash                   []byte
	made, last, proven     int64
	until, revoked, closed nullTime
	coded, founder         bool
}

// findSession is the visitor of a session, and when it was seen last as it is stored.
// Whatever is wrong with it, the error is ErrSession.
func findSession(ctx context.Context, a file.Asker, hash [sha256.Size]byte, now time.Time) (Visitor, time.Time, error) {
	k, err := file.One(ctx, a, func(scan file.Scanner) (k seen, err error) {
		return k, scan(&k.person, &k.made, &k.last, &k.proven, &k.closed, &k.coded, &k.founder)
	}, `SELECT s.person, s.made_us, s.seen_us, s.proven_us, p.closed_us, p.code IS NOT NULL, f.person IS NOT NULL
		FROM session s JOIN person p ON p.name = s.person LEFT JOIN founder f ON f.person = s.person AND f.over_us IS NULL WHERE s.hash = ?`, hash[:])
	if err != nil {
		if errors.Is(err, ErrUnknown) {
			err = ErrSession
		}
		return Visitor{}, time.Time{}, err
	}
	grants, err := rights(ctx, a, k.person)
	if err != nil {
		return Visitor{}, time.Time{}, err
	}
	made, last := time.UnixMicro(k.made), time.UnixMicro(k.last)
	over := !now.Before(made.Add(people.SessionMost)) || !now.Before(last.Add(people.Idle(grants)))
	if over || now.Before(made) || k.closed.Valid {
		return Visitor{}, time.Time{}, ErrSession
	}
	v := Visitor{hash: hash, actor: people.Actor{Person: k.person, Grants: grants, Proven: time.UnixMicro(k.proven), Founder: k.founder}}
	if people.Actuating(grants) && !k.coded {
		v.must, v.actor.Grants, v.actor.Founder = EnrolCode, looking(grants), false
	}
	return v, last, nil
}

// looking are the roles that change nothing.
func looking(grants []people.Grant) (out []people.Grant) {
	for _, g := range grants {
		if !g.Role.Actuating() {
			out = append(out, g)
		}
	}
	return out
}

// tokenActor is who a token acts for, with the rights of both. Whatever is wrong with it,
// the error is ErrToken.
func tokenActor(ctx context.Context, a file.Asker, id string, now time.Time) (people.Actor, error) {
	k, err := file.One(ctx, a, func(scan file.Scanner) (k seen, err error) {
		return k, scan(&k.person, &k.scope, &k.made, &k.until, &k.revoked, &k.closed)
	}, "SELECT t.person, t.scope, t.made_us, t.until_us, t.revoked_us, p.closed_us FROM token t JOIN person p ON p.name = t.person WHERE t.id = ?", id)
	if err != nil {
		if errors.Is(err, ErrUnknown) {
			err = ErrToken
		}
		return people.Actor{}, err
	}
	if k.revoked.Valid || k.closed.Valid || now.UnixMicro() >= k.until.Int64 || now.UnixMicro() < k.made {
		return people.Actor{}, ErrToken
	}
	out := people.Actor{Person: k.person, Token: id}
	if err := json.Unmarshal([]byte(k.scope), &out.Scope); err != nil {
		return people.Actor{}, fmt.Errorf("scope of token %s: %w", id, err)
	}
	out.Grants, err = rights(ctx, a, k.person)
	return out, err
}

// secretBytes of a session, a token and a link: nobody guesses them, and so they need no
// slow hash.
const secretBytes = 32

// fresh makes a secret, its text and what is kept of it.
func (s *Store) fresh(kind string) (text string, hash [sha256.Size]byte) {
	b := make([]byte, secretBytes)
	s.random(b)
	return base64.RawURLEncoding.EncodeToString(b), digest(kind, b)
}

// digest is what is kept of a secret. Its kind keeps one from being used as another.
func digest(kind string, b []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte("sluice "+kind+" "), b...))
}

// parse reads the text of a secret.
func parse(kind, text string) (hash [sha256.Size]byte, whole bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != secretBytes || strings.ContainsAny(text, "\r\n") {
		return hash, false
	}
	return digest(kind, b), true
}
