package people

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// Attempt is a login that somebody tries.
type Attempt struct {
	Name     string
	Password people.Secret
	Code     people.Secret // of the app, or a recovery code; empty: none is asked yet
	Address  string        // from where, an IP address
	Agent    string        // what the browser says of itself
	Old      people.Secret // the session that the browser has already: it ends
}

// TooSoon says that a login was tried too often.
type TooSoon struct{ For time.Duration }

// Error says how long to wait.
func (e TooSoon) Error() string {
	return fmt.Sprintf("too many tries failed: wait %v and try again", e.For.Round(time.Second)+time.Second)
}

// known is what a login needs of a person.
type known struct {
	name, password string
	code           []byte
	step           int64
	shown          bool   // the password that was said is theirs
	anew           string // its hash by today's cost; empty: it stays
}

func scanKnown(scan file.Scanner) (k known, err error) {
	var password nullText
	err = scan(&k.name, &password, &k.code, &k.step)
	k.password = password.String
	return k, err
}

const whoIsKnown = "SELECT name, password, code, code_step FROM person WHERE name = ? AND closed_us IS NULL"

// Login begins a session. The error is ErrLogin whatever is wrong, so that who guesses
// learns nothing, or TooSoon.
func (s *Store) Login(ctx context.Context, a Attempt, now time.Time) (text people.Secret, v Visitor, err error) {
	a.Name, a.Agent = strings.ToLower(strings.TrimSpace(a.Name)), short(a.Agent)
	if err := s.file.Refusal(); err != nil {
		return text, v, err
	}
	done, err := s.pass(people.Fold(short(a.Name)), a.Address, now)
	if err != nil {
		return text, v, err
	}
	said, err := s.password(ctx, a.Name, a.Password)
	if err != nil {
		return text, v, fmt.Errorf("login: %w", err)
	}
	err = s.write(ctx, func(ctx context.Context, p pen) error {
		k, err := file.One(ctx, p, scanKnown, whoIsKnown, a.Name)
		if errors.Is(err, ErrUnknown) {
			return nil // and so v is nobody
		}
		if err != nil {
			return err
		}
		k.shown, k.anew = said.shown && said.password == k.password, said.anew
		e := people.Entry{At: now, Who: k.name, Verb: didLogin, Subject: k.name, Effects: "from " + short(a.Address)}
		if e.How, err = s.shows(ctx, p, k, a.Code, now); err != nil {
			return err
		}
		if e.How == "" {
			e.Verb = didFail
			return s.audit(ctx, p, e)
		}
		if text, v, err = s.enter(ctx, p, a, k, now); err != nil {
			return err
		}
		return s.audit(ctx, p, e)
	})
	if err != nil {
		return people.Secret{}, Visitor{}, fmt.Errorf("login: %w", err)
	}
	if v.actor.Person == "" {
		return people.Secret{}, Visitor{}, ErrLogin
	}
	done()
	return text, v, nil
}

// enter begins the session of somebody who showed who they are; the one of before ends.
func (s *Store) enter(ctx context.Context, p pen, a Attempt, k known, now time.Time) (text people.Secret, v Visitor, err error) {
	if old, whole := parse(ofSession, a.Old.Reveal()); whole {
		_, err = p.Exec(ctx, "DELETE FROM session WHERE hash = ?", old[:])
	}
	if err == nil && k.anew != "" {
		_, err = p.Exec(ctx, "UPDATE person SET password = ? WHERE name = ?", k.anew, k.name)
	}
	if err != nil {
		return text, v, err
	}
	return s.begin(ctx, p, a, k.name, now)
}

// password is who has a name, and whether they have that password. It is hashed anew
// where that was done with another cost than today's.
func (s *Store) password(ctx context.Context, name string, p people.Secret) (k known, err error) {
	k, err = file.One(ctx, s.file, scanKnown, whoIsKnown, name)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return known{}, err
	}
	var again bool
	if k.shown, again, err = s.check(ctx, p, k.password); err == nil && k.shown && again {
		k.anew, err = s.hash(ctx, p)
	}
	return k, err
}

// shows says how somebody showed who they are; empty: they did not. A code that was used
// is used up, in the same transaction.
func (s *Store) shows(ctx context.Context, p pen, k known, said people.Secret, now time.Time) (how string, err error) {
	if !k.shown {
		return "", nil
	}
	if len(k.code) == 0 {
		return "password", nil
	}
	return s.coded(ctx, p, k, said, now)
}

// coded says whether a code is one of the app or a recovery code, and uses it up.
func (s *Store) coded(ctx context.Context, p pen, k known, said people.Secret, now time.Time) (how string, err error) {
	secret, err := s.key.open(k.name, k.code)
	if err != nil {
		return "", err
	}
	if step, right := people.CheckCode(secret, strings.ReplaceAll(said.Reveal(), " ", ""), now, k.step); right {
		_, err := p.Exec(ctx, "UPDATE person SET code_step = ? WHERE name = ?", step, k.name)
		return "password and code", err
	}
	hash, whole := people.RecoveryHash(said)
	if !whole {
		return "", nil
	}
	n, err := p.Exec(ctx, "DELETE FROM recovery WHERE person = ? AND hash = ?", k.name, hash[:])
	if err != nil || n == 0 {
		return "", err
	}
	return "password and recovery code", nil
}

// pass asks the throttle. done takes the try back that it counted.
func (s *Store) pass(account, address string, now time.Time) (done func(), err error) {
	from := network(address)
	s.pace.Lock()
	defer s.pace.Unlock()
	if wait := s.slow.Try(account, from, now); wait > 0 {
		return nil, TooSoon{wait}
	}
	return func() {
		s.pace.Lock()
		defer s.pace.Unlock()
		s.slow.Passed(account, from)
	}, nil
}

// network is what one guesser has: an address of IPv4, 64 bits of IPv6.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// short cuts what nobody has checked.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > mostLine {
		s = strings.ToValidUTF8(s[:mostLine], "")
	}
	return s
}

// Prove lets somebody who is logged in show again who they are: with a code where they
// have one, else with the password. It counts for people.StepUp.
func (s *Store) Prove(ctx context.Context, v Visitor, password, code people.Secret, now time.Time) (Visitor, error) {
	a, err := s.actor(ctx, v, now)
	if err == nil && a.Token != "" {
		err = refuse(people.NotByToken, "", people.Place{})
	}
	if err != nil {
		return Visitor{}, fmt.Errorf("show again who you are: %w", err)
	}
	done, err := s.pass(people.Fold(a.Person)+" inside", "session "+v.SessionID(), now) // who guesses at the login does not matter here
	if err != nil {
		return Visitor{}, err
	}
	var said known
	if code.Reveal() == "" {
		said, err = s.password(ctx, a.Person, password)
	}
	if err != nil {
		return Visitor{}, fmt.Errorf("show again who you are: %w", err)
	}
	var out Visitor
	err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
		k, err := file.One(ctx, p, scanKnown, whoIsKnown, a.Person)
		how := ""
		switch {
		case err != nil:
		case len(k.code) > 0:
			how, err = s.coded(ctx, p, k, code, now)
		case said.shown && said.password == k.password:
			how = "password"
		}
		if err != nil {
			return err
		}
		if how == "" {
			return s.audit(ctx, p, v.did(didFail, a.Person, now))
		}
		if _, err := p.Exec(ctx, "UPDATE session SET proven_us = ?, seen_us = max(seen_us, ?) WHERE hash = ?", now.UnixMicro(), now.UnixMicro(), v.hash[:]); err != nil {
			return err
		}
		out, _, err = findSession(ctx, p, v.hash, now)
		return err
	})
	if err != nil {
		return Visitor{}, fmt.Errorf("show again who you are: %w", err)
	}
	if out.actor.Person == "" {
		return Visitor{}, ErrLogin
	}
	done()
	return out, nil
}
