package people

import (
	"context"
	"encoding/base32"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// issuer is what an app shows beside the name.
const issuer = "Sluice"

// AskCode makes a secret for the app of the visitor and returns it as an app reads it,
// an otpauth address to be shown as a picture. It counts once ConfirmCode has seen a
// code of it; until then the one of before does.
func (s *Store) AskCode(ctx context.Context, v Visitor, now time.Time) (address people.Secret, err error) {
	secret := make([]byte, people.CodeSecret)
	s.random(secret)
	err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
		if err := p.mayCode(ctx, a, now); err != nil {
			return err
		}
		sealed, err := s.key.seal(a.Person, secret)
		if err == nil {
			_, err = p.Exec(ctx, "UPDATE person SET code_asked = ? WHERE name = ?", sealed, a.Person)
		}
		address = people.Hide(otpauth(a.Person, secret))
		return err
	})
	if err != nil {
		return people.Secret{}, fmt.Errorf("enrol an app: %w", err)
	}
	return address, nil
}

// mayCode lets somebody enrol an app: who has none, or has just shown who they are.
func (p pen) mayCode(ctx context.Context, a people.Actor, now time.Time) error {
	none, err := file.Gather(ctx, p, file.Number, "SELECT 1 FROM person WHERE name = ? AND code IS NULL", a.Person)
	if err != nil || len(none) > 0 {
		return err
	}
	return stepUp(a, now)
}

// stepUp refuses who has not just shown who they are. It takes no right: it is about
// what is one's own.
func stepUp(a people.Actor, now time.Time) error {
	if now.Before(a.Proven) || now.Sub(a.Proven) >= people.StepUp {
		return refuse(people.NotProven, "", people.Place{})
	}
	return nil
}

// otpauth is the address that apps read.
func otpauth(person string, secret []byte) string {
	v := url.Values{
		"secret": {base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {strconv.Itoa(people.CodeDigits)}, "period": {strconv.Itoa(int(people.CodePeriod / time.Second))},
	}
	return "otpauth://totp/" + issuer + ":" + url.PathEscape(person) + "?" + v.Encode()
}

// ConfirmCode enrols the app with a code of it. It returns recovery codes, which are
// shown once; those of before end, and so do all other sessions of the person.
func (s *Store) ConfirmCode(ctx context.Context, v Visitor, said people.Secret, now time.Time) (recovery []people.Secret, err error) {
	done, err := s.pass(people.Fold(v.actor.Person)+" inside", "session "+v.SessionID(), now)
	if err == nil {
		err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if err := p.mayCode(ctx, a, now); err != nil {
				return err
			}
			if err := s.enrol(ctx, p, a.Person, said, now); err != nil {
				return err
			}
			if err := p.onlySession(ctx, v, now); err != nil {
				return err
			}
			if err := s.audit(ctx, p, v.did(didCode, a.Person, now)); err != nil {
				return err
			}
			recovery, err = s.recover(ctx, p, a.Person)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("confirm an app: %w", err)
	}
	done()
	return recovery, nil
}

// enrol takes the secret that was asked for, where a code of it is right.
func (s *Store) enrol(ctx context.Context, p pen, person string, said people.Secret, now time.Time) error {
	sealed, err := file.One(ctx, p, func(scan file.Scanner) (b []byte, err error) { return b, scan(&b) }, "SELECT code_asked FROM person WHERE name = ? AND code_asked IS NOT NULL", person)
	if err != nil {
		return fmt.Errorf("%w: ask for a secret first", err)
	}
	secret, err := s.key.open(person, sealed)
	if err != nil {
		return err
	}
	step, right := people.CheckCode(secret, said.Reveal(), now, 0)
	if !right {
		return ErrLogin
	}
	_, err = p.Exec(ctx, "UPDATE person SET code = code_asked, code_asked = NULL, code_step = ? WHERE name = ?", step, person)
	return err
}

// onlySession ends all other sessions of a visitor, who has just shown who they are.
func (p pen) onlySession(ctx context.Context, v Visitor, now time.Time) error {
	_, err := p.Exec(ctx, "DELETE FROM session WHERE person = ? AND hash <> ?", v.actor.Person, v.hash[:])
	if err == nil {
		_, err = p.Exec(ctx, "UPDATE session SET proven_us = ? WHERE hash = ?", now.UnixMicro(), v.hash[:])
	}
	return err
}

// Recovery makes new recovery codes; those of before end. They are shown once.
func (s *Store) Recovery(ctx context.Context, v Visitor, now time.Time) (codes []people.Secret, err error) {
	err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
		if err := stepUp(a, now); err != nil {
			return err
		}
		if err := s.audit(ctx, p, v.did(didRecovery, a.Person, now)); err != nil {
			return err
		}
		codes, err = s.recover(ctx, p, a.Person)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make recovery codes: %w", err)
	}
	return codes, nil
}

// recover makes recovery codes within a transaction.
func (s *Store) recover(ctx context.Context, p pen, person string) ([]people.Secret, error) {
	if err := p.each(ctx, person, "DELETE FROM recovery WHERE person = ?"); err != nil {
		return nil, err
	}
	var out []people.Secret
	for range people.RecoveryCount {
		var b [people.RecoveryBytes]byte
		s.random(b[:])
		c := people.RecoveryCode(b)
		hash, _ := people.RecoveryHash(c)
		if _, err := p.Exec(ctx, "INSERT INTO recovery (person, hash) VALUES (?, ?)", person, hash[:]); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
