package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// The parts of a token: slk_ID_SECRET. The id is no secret, it says which one it is.
const (
	tokenPrefix = "slk_"
	tokenID     = 8  // bytes
	mostTokens  = 50 // that one person has at once
)

// Token is what is known of one: everything but its secret.
type Token struct {
	ID      string
	Person  string // who made it, and for whom it acts
	Label   string // what it is for
	Scope   []people.Grant
	Made    time.Time
	Until   time.Time
	Used    time.Time // last, to the minute; zero: never
	Revoked time.Time // zero: it is valid
}

// Prefix is the beginning of the text of the token, by which it is found again.
func (t Token) Prefix() string { return tokenPrefix + t.ID }

// Issue makes a token that acts for the visitor, with no more rights than they have. Of
// what is wanted its label, its scope and its end count; without an end it is
// people.TokenUsual. The text is shown once and kept nowhere.
func (s *Store) Issue(ctx context.Context, v Visitor, want Token, now time.Time) (text people.Secret, t Token, err error) {
	id := make([]byte, tokenID)
	s.random(id)
	t = Token{ID: hex.EncodeToString(id), Person: v.actor.Person, Label: want.Label, Scope: slices.Clone(want.Scope), Made: now.UTC(), Until: want.Until.UTC()}
	if want.Until.IsZero() {
		t.Until = t.Made.Add(people.TokenUsual)
	}
	var f faults
	f.line("label", t.Label)
	f.When(t.Label == "", "say what the token is for")
	f.moment(now)
	secret, hash := s.fresh(ofToken)
	if err = f.Err(); err == nil {
		err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if err := p.issue(ctx, a, t, hash); err != nil {
				return err
			}
			e := v.did(didToken, t.Prefix(), now)
			e.Reason, e.After = t.Label, fmt.Sprintf("%v until %s", t.Scope, t.Until.Format(time.RFC3339))
			return s.audit(ctx, p, e)
		})
	}
	if err != nil {
		return people.Secret{}, Token{}, fmt.Errorf("make a token: %w", err)
	}
	return people.Hide(t.Prefix() + "_" + secret), t, nil
}

// issue keeps a token, where its maker may have it.
func (p pen) issue(ctx context.Context, a people.Actor, t Token, hash [sha256.Size]byte) error {
	if err := people.CheckScope(a, t.Scope, t.Made, t.Until); err != nil {
		if people.CodeOf(err) == "" {
			err = fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		return err
	}
	n, err := file.Gather(ctx, p, file.Number, "SELECT count(*) FROM token WHERE person = ? AND revoked_us IS NULL AND until_us > ?", a.Person, t.Made.UnixMicro())
	if err == nil && n[0] >= mostTokens {
		err = fmt.Errorf("%w: you have %d tokens: revoke one first", ErrFull, n[0])
	}
	scope, bad := json.Marshal(t.Scope)
	if err = errors.Join(err, bad); err != nil {
		return err
	}
	_, err = p.Exec(ctx, "INSERT INTO token (id, person, label, hash, scope, made_us, until_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
		t.ID, a.Person, t.Label, hash[:], string(scope), t.Made.UnixMicro(), t.Until.UnixMicro())
	return err
}

// revokeAll ends all tokens of a person.
func (p pen) revokeAll(ctx context.Context, person string, now time.Time) error {
	_, err := p.Exec(ctx, "UPDATE token SET revoked_us = ? WHERE person = ? AND revoked_us IS NULL", now.UnixMicro(), person)
	return err
}

// Token is for whom a token acts, and keeps that it was used. The error is ErrToken
// whatever is wrong with it.
func (s *Store) Token(ctx context.Context, text people.Secret, now time.Time) (Visitor, error) {
	rest, ours := strings.CutPrefix(text.Reveal(), tokenPrefix)
	id, secret, cut := strings.Cut(rest, "_")
	hash, whole := parse(ofToken, secret)
	if !ours || !cut || !whole {
		return Visitor{}, ErrToken
	}
	used, err := file.Gather(ctx, s.file, func(scan file.Scanner) (t nullTime, err error) { return t, scan(&t) }, "SELECT used_us FROM token WHERE id = ? AND hash = ?", id, hash[:])
	if err != nil {
		return Visitor{}, err
	}
	if len(used) == 0 {
		return Visitor{}, ErrToken
	}
	a, err := tokenActor(ctx, s.file, id, now)
	if err == nil && (!used[0].Valid || now.Sub(file.Instant(used[0])) >= seenStep) {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			_, err := p.Exec(ctx, "UPDATE token SET used_us = ? WHERE id = ?", now.UnixMicro(), id)
			return err
		})
	}
	if err != nil {
		return Visitor{}, err
	}
	return Visitor{actor: a}, nil
}

// Tokens are the visitor's own, and for who may revoke them those of all, the ended ones
// too.
func (s *Store) Tokens(ctx context.Context, v Visitor, now time.Time) ([]Token, error) {
	a, err := s.actor(ctx, v, now)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	whose := a.Person
	if a.Holds(people.Revoke, people.Place{}) {
		whose = ""
	}
	return file.Gather(ctx, s.file, func(scan file.Scanner) (t Token, err error) {
		var scope string
		var made, until, used, revoked nullTime
		if err := scan(&t.ID, &t.Person, &t.Label, &scope, &made, &until, &used, &revoked); err != nil {
			return t, err
		}
		t.Made, t.Until, t.Used, t.Revoked = file.Instant(made), file.Instant(until), file.Instant(used), file.Instant(revoked)
		return t, json.Unmarshal([]byte(scope), &t.Scope)
	}, "SELECT id, person, label, scope, made_us, until_us, used_us, revoked_us FROM token WHERE ? = '' OR person = ? ORDER BY person, made_us, id LIMIT ?", whose, whose, mostRows)
}

// RevokeToken ends a token at once: one's own, or for who may that of anybody. A token
// may end itself.
func (s *Store) RevokeToken(ctx context.Context, v Visitor, id string, now time.Time) error {
	err := s.as(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
		whose, err := file.One(ctx, p, file.Word, "SELECT person FROM token WHERE id = ?", id)
		if err != nil {
			return err
		}
		own := whose == a.Person && (a.Token == "" || a.Token == id)
		if !own && a.May(people.Revoke, people.Place{}, now) != nil {
			return ErrUnknown
		}
		n, err := p.Exec(ctx, "UPDATE token SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL", now.UnixMicro(), id)
		if err != nil || n == 0 {
			return err
		}
		return s.audit(ctx, p, v.did(didRevoke, tokenPrefix+id, now))
	})
	if err != nil {
		return fmt.Errorf("revoke token %.40q: %w", id, err)
	}
	return nil
}
