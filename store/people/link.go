package people

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// link makes a secret that works once. An earlier one for the same purpose ends. An
// empty name is the first administrator.
func (s *Store) link(ctx context.Context, p pen, person string, until time.Time) (people.Secret, error) {
	text, hash := s.fresh(ofLink)
	if _, err := p.Exec(ctx, "DELETE FROM link WHERE person IS nullif(?, '')", person); err != nil {
		return people.Secret{}, err
	}
	_, err := p.Exec(ctx, "INSERT INTO link (hash, person, until_us) VALUES (?, nullif(?, ''), ?)", hash[:], person, until.UnixMicro())
	return people.Hide(text), err
}

// use finds whose a link is, and ends it.
func (p pen) use(ctx context.Context, hash [sha256.Size]byte, now time.Time) (person string, err error) {
	found, err := file.Gather(ctx, p, func(scan file.Scanner) (k seen, err error) {
		var who nullText
		err = scan(&who, &k.until)
		k.person = who.String
		return k, err
	}, "SELECT person, until_us FROM link WHERE hash = ?", hash[:])
	if err != nil {
		return "", err
	}
	if len(found) == 0 || now.UnixMicro() >= found[0].until.Int64 {
		return "", ErrLink
	}
	_, err = p.Exec(ctx, "DELETE FROM link WHERE hash = ?", hash[:])
	return found[0].person, err
}

// administered reports whether there is somebody who may give roles at all sites.
func administered(ctx context.Context, a file.Asker) (bool, error) {
	n, err := file.Gather(ctx, a, file.Number, "SELECT count(*) FROM held_role h JOIN person p ON p.name = h.person WHERE h.role = ? AND h.site = '' AND p.closed_us IS NULL", string(people.Admin))
	return err == nil && n[0] > 0, err
}

// FirstLink makes the secret of the link that makes the first administrator; an earlier
// one ends. It works once, until the instant that is returned, and only while there is no
// administrator: else the error is ErrAdmin. Only who has the data directory may ask for
// it.
func (s *Store) FirstLink(ctx context.Context, now time.Time) (text people.Secret, until time.Time, err error) {
	until = now.Add(people.LinkFor)
	err = s.write(ctx, func(ctx context.Context, p pen) error {
		there, err := administered(ctx, p)
		if err == nil && there {
			err = ErrAdmin
		}
		if err != nil {
			return err
		}
		if text, err = s.link(ctx, p, "", until); err != nil {
			return err
		}
		return s.audit(ctx, p, people.Entry{At: now, How: "data directory", Verb: didLink})
	})
	if err != nil {
		return people.Secret{}, time.Time{}, fmt.Errorf("make the first link: %w", err)
	}
	return text, until, nil
}

// First uses the link and makes the first administrator, who may give roles alone until
// there is a second one.
func (s *Store) First(ctx context.Context, link people.Secret, x Person, password people.Secret, now time.Time) error {
	hash, whole := parse(ofLink, link.Reveal())
	err := x.check(now)
	if err == nil {
		err = s.strong(password, x)
	}
	if err == nil && !whole {
		err = ErrLink
	}
	if err == nil {
		err = s.knownLink(ctx, hash)
	}
	if err == nil {
		var kept string
		kept, err = s.hash(ctx, password)
		if err == nil {
			err = s.write(ctx, func(ctx context.Context, p pen) error {
				if err := p.useFirst(ctx, hash, now); err != nil {
					return err
				}
				return s.found(ctx, p, x, kept, now)
			})
		}
	}
	if err != nil {
		return fmt.Errorf("make the first administrator: %w", err)
	}
	return nil
}

// knownLink refuses what cannot be a link before there is work to do for it.
func (s *Store) knownLink(ctx context.Context, hash [sha256.Size]byte) error {
	n, err := file.Gather(ctx, s.file, file.Number, "SELECT 1 FROM link WHERE hash = ?", hash[:])
	if err == nil && len(n) == 0 {
		err = ErrLink
	}
	return err
}

func (s *Store) strong(password people.Secret, x Person) error {
	if err := people.CheckPassword(password, x.Name, x.Label, x.Mail); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// useFirst ends the link of the first administrator, where there still is none.
func (p pen) useFirst(ctx context.Context, hash [sha256.Size]byte, now time.Time) error {
	whose, err := p.use(ctx, hash, now)
	if err == nil && whose != "" {
		err = ErrLink
	}
	if err != nil {
		return err
	}
	there, err := administered(ctx, p)
	if err == nil && there {
		err = ErrAdmin
	}
	return err
}

// found makes the first administrator.
func (s *Store) found(ctx context.Context, p pen, x Person, kept string, now time.Time) error {
	g := people.Grant{Role: people.Admin}
	if err := p.add(ctx, x, now); err != nil {
		return err
	}
	if _, err := p.Exec(ctx, "UPDATE person SET password = ? WHERE name = ?", kept, x.Name); err != nil {
		return err
	}
	if _, err := p.give(ctx, x.Name, g, now); err != nil {
		return err
	}
	if _, err := p.Exec(ctx, "UPDATE founder SET over_us = ? WHERE over_us IS NULL", now.UnixMicro()); err != nil {
		return err
	}
	if _, err := p.Exec(ctx, "INSERT INTO founder (person, at_us) VALUES (?, ?)", x.Name, now.UnixMicro()); err != nil {
		return err
	}
	return s.audit(ctx, p, people.Entry{At: now, Who: x.Name, How: "first link", Verb: didFound, Subject: x.Name, After: x.says() + ", " + g.String()})
}

// Invite makes a new invitation for somebody who has set no password yet and has no role;
// the earlier one ends. An account with roles takes two people: see AskCredentials.
func (s *Store) Invite(ctx context.Context, v Visitor, name string, now time.Time) (invitation people.Secret, err error) {
	err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
		if err := a.May(people.People, people.Place{}, now); err != nil {
			return err
		}
		x, err := p.open(ctx, name)
		if err != nil {
			return err
		}
		if x.Password || len(x.Grants) > 0 {
			return fmt.Errorf("%w: they have a password or a role: two people renew their credentials", ErrConflict)
		}
		if err := s.audit(ctx, p, v.did(didInvite, name, now)); err != nil {
			return err
		}
		invitation, err = s.link(ctx, p, name, now.Add(people.InviteFor))
		return err
	})
	if err != nil {
		return people.Secret{}, fmt.Errorf("invite %.60q: %w", name, err)
	}
	return invitation, nil
}

// Accept uses an invitation: the person sets their password, and logs in with it. It
// returns their name.
func (s *Store) Accept(ctx context.Context, invitation, password people.Secret, now time.Time) (name string, err error) {
	hash, whole := parse(ofLink, invitation.Reveal())
	err = ErrLink
	if whole {
		err = s.knownLink(ctx, hash)
	}
	var kept string
	if err == nil {
		kept, err = s.invited(ctx, hash, password)
	}
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			if name, err = p.use(ctx, hash, now); err != nil {
				return err
			}
			if _, err := p.open(ctx, name); err != nil {
				return ErrLink
			}
			if _, err := p.Exec(ctx, "UPDATE person SET password = ? WHERE name = ?", kept, name); err != nil {
				return err
			}
			if err := p.endAll(ctx, name); err != nil {
				return err
			}
			return s.audit(ctx, p, people.Entry{At: now, Who: name, How: "invitation", Verb: didPassword, Subject: name})
		})
	}
	if err != nil {
		return "", fmt.Errorf("accept an invitation: %w", err)
	}
	return name, nil
}

// invited checks and hashes the password of whoever an invitation is for.
func (s *Store) invited(ctx context.Context, hash [sha256.Size]byte, password people.Secret) (string, error) {
	name, err := file.Gather(ctx, s.file, file.Word, "SELECT person FROM link WHERE hash = ? AND person IS NOT NULL", hash[:])
	if err == nil && len(name) == 0 {
		err = ErrLink
	}
	if err != nil {
		return "", err
	}
	x, err := profile(ctx, s.file, name[0])
	if err == nil {
		err = s.strong(password, x)
	}
	if err != nil {
		return "", err
	}
	return s.hash(ctx, password)
}

// ChangePassword replaces one's own password. All sessions of the person end, this one
// too: log in with the new one.
func (s *Store) ChangePassword(ctx context.Context, v Visitor, old, fresh people.Secret, now time.Time) error {
	x, err := s.Me(ctx, v, now)
	if err == nil {
		err = s.strong(fresh, x)
	}
	var done func()
	if err == nil {
		done, err = s.pass(people.Fold(x.Name)+" inside", "session "+v.SessionID(), now)
	}
	var kept string
	var said known
	if err == nil {
		said, err = s.password(ctx, x.Name, old)
	}
	if err == nil && !said.shown {
		err = ErrLogin
	}
	if err == nil {
		done()
		kept, err = s.hash(ctx, fresh)
	}
	if err == nil {
		err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, _ people.Actor) error {
			n, err := p.Exec(ctx, "UPDATE person SET password = ? WHERE name = ? AND password = ?", kept, x.Name, said.password)
			if err == nil && n == 0 {
				err = ErrLogin
			}
			if err == nil {
				err = p.endAll(ctx, x.Name)
			}
			if err != nil {
				return err
			}
			return s.audit(ctx, p, v.did(didPassword, x.Name, now))
		})
	}
	if err != nil {
		return fmt.Errorf("change the password: %w", err)
	}
	return nil
}
