package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// Person is who somebody is.
type Person struct {
	Name     string // for the login
	Label    string // for people
	Mail     string // may be empty
	Language string // such as en, ar or pt-BR; empty: the usual one
	Since    time.Time
	Closed   time.Time // zero: they may log in
	Grants   []people.Grant
	Password bool // one was set
	Code     bool // an app shows that it is they
	Recovery int  // codes that are left
}

// mostLanguage is the longest tag of a language, bytes.
const mostLanguage = 20

func (x Person) check(now time.Time) error {
	var f faults
	f.Add(people.CheckName(x.Name))
	if x.Mail != "" {
		f.Add(people.CheckMail(x.Mail))
	}
	f.line("label", x.Label)
	f.line("language", x.Language)
	f.When(len(x.Language) > mostLanguage, "language %.40q: write a tag such as en, ar or pt-BR", x.Language)
	f.moment(now)
	return f.Err()
}

// says is a person in words, for the audit log.
func (x Person) says() string {
	return fmt.Sprintf("label %q, mail %q, language %q", x.Label, x.Mail, x.Language)
}

// mailbox is by what a second account of the same person is noticed.
func (x Person) mailbox() any {
	if x.Mail == "" {
		return nil
	}
	return people.Mailbox(x.Mail)
}

// add keeps a new person, who may then do nothing yet.
func (p pen) add(ctx context.Context, x Person, now time.Time) error {
	had, err := file.Gather(ctx, p, file.Word, "SELECT name FROM person WHERE folded = ? OR mailbox = ?", people.Fold(x.Name), x.mailbox())
	if err != nil {
		return err
	}
	if len(had) > 0 {
		return fmt.Errorf("%w: %q has that name in another spelling, or that mailbox: two accounts of one person could approve each other", ErrConflict, had[0])
	}
	_, err = p.Exec(ctx, "INSERT INTO person (name, folded, label, mail, mailbox, language, since_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
		x.Name, people.Fold(x.Name), x.Label, x.Mail, x.mailbox(), x.Language, now.UnixMicro())
	return err
}

// Add makes somebody known, who may then do nothing yet, and returns the secret of the
// link with which they set their password. It is shown once.
func (s *Store) Add(ctx context.Context, v Visitor, x Person, now time.Time) (invitation people.Secret, err error) {
	if err = x.check(now); err == nil {
		err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if err := a.May(people.People, people.Place{}, now); err != nil {
				return err
			}
			if err := p.add(ctx, x, now); err != nil {
				return err
			}
			e := v.did(didAdd, x.Name, now)
			e.After = x.says()
			if err := s.audit(ctx, p, e); err != nil {
				return err
			}
			invitation, err = s.link(ctx, p, x.Name, now.Add(people.InviteFor))
			return err
		})
	}
	if err != nil {
		return people.Secret{}, fmt.Errorf("add %.60q: %w", x.Name, err)
	}
	return invitation, nil
}

// Describe changes label, address and language of a person: one's own label and
// language, or all of them for who may add people. Since is not changed.
func (s *Store) Describe(ctx context.Context, v Visitor, x Person, now time.Time) error {
	err := x.check(now)
	if err == nil {
		err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			was, err := p.describe(ctx, a, x, now)
			if err == nil && s.outside && was.Mail != x.Mail && len(was.Grants) > 0 {
				err = fmt.Errorf("%w: by the address of %q a provider logs them in with their roles, so nobody changes it alone: take their roles away first, and ask for them again afterwards", ErrConflict, x.Name)
			}
			if err != nil {
				return err
			}
			e := v.did(didDescribe, x.Name, now)
			e.Before, e.After = was.says(), x.says()
			return s.audit(ctx, p, e)
		})
	}
	if err != nil {
		return fmt.Errorf("describe %.60q: %w", x.Name, err)
	}
	return nil
}

// describe changes a person as somebody may, and says what was before.
func (p pen) describe(ctx context.Context, a people.Actor, x Person, now time.Time) (was Person, err error) {
	if was, err = p.open(ctx, x.Name); err != nil {
		return was, err
	}
	if a.Person != x.Name || was.Mail != x.Mail { // by the mailbox a second account is noticed
		if err := a.May(people.People, people.Place{}, now); err != nil {
			return was, err
		}
	}
	had, err := file.Gather(ctx, p, file.Word, "SELECT name FROM person WHERE mailbox = ? AND name <> ?", x.mailbox(), x.Name)
	if err == nil && len(had) > 0 {
		err = fmt.Errorf("%w: %q has that mailbox", ErrConflict, had[0])
	}
	if err == nil {
		_, err = p.Exec(ctx, "UPDATE person SET label = ?, mail = ?, mailbox = ?, language = ? WHERE name = ?", x.Label, x.Mail, x.mailbox(), x.Language, x.Name)
	}
	return was, err
}

// CloseAccount ends with a person: no session, role or token of theirs is left, and what
// they asked for cannot be carried out. All that is known of them stays.
func (s *Store) CloseAccount(ctx context.Context, v Visitor, name, reason string, now time.Time) error {
	var f faults
	f.reason(reason)
	err := f.Err()
	if err == nil {
		err = s.as(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if err := a.May(people.Revoke, people.Place{}, now); err != nil {
				return err
			}
			was, err := profile(ctx, p, name)
			if err != nil || !was.Closed.IsZero() {
				return err
			}
			e := v.did(didClose, name, now)
			e.Before, e.Reason = fmt.Sprint(was.Grants), reason
			return errors.Join(p.close(ctx, name, now), s.audit(ctx, p, e))
		})
	}
	if err != nil {
		return fmt.Errorf("close the account of %.60q: %w", name, err)
	}
	return nil
}

// close takes everything from a person that lets them in.
func (p pen) close(ctx context.Context, name string, now time.Time) error {
	_, err := p.Exec(ctx, "UPDATE person SET closed_us = ?, mailbox = NULL, password = NULL, code = NULL, code_asked = NULL WHERE name = ?", now.UnixMicro(), name)
	if err == nil {
		err = p.revokeAll(ctx, name, now)
	}
	if err == nil {
		err = p.each(ctx, name, "DELETE FROM session WHERE person = ?", "DELETE FROM held_role WHERE person = ?", "DELETE FROM recovery WHERE person = ?", "DELETE FROM link WHERE person = ?")
	}
	return err
}

const personColumns = `p.name, p.label, p.mail, p.language, p.since_us, p.closed_us, p.password IS NOT NULL, p.code IS NOT NULL,
	(SELECT count(*) FROM recovery r WHERE r.person = p.name)`

func scanPerson(scan file.Scanner) (x Person, err error) {
	var since, closed nullTime
	err = scan(&x.Name, &x.Label, &x.Mail, &x.Language, &since, &closed, &x.Password, &x.Code, &x.Recovery)
	x.Since, x.Closed = file.Instant(since), file.Instant(closed)
	return x, err
}

func profile(ctx context.Context, a file.Asker, name string) (Person, error) {
	x, err := file.One(ctx, a, scanPerson, "SELECT "+personColumns+" FROM person p WHERE p.name = ?", name)
	if err != nil {
		return Person{}, err
	}
	x.Grants, err = rights(ctx, a, name)
	return x, err
}

// Me is who the visitor is.
func (s *Store) Me(ctx context.Context, v Visitor, now time.Time) (Person, error) {
	a, err := s.actor(ctx, v, now)
	if err != nil {
		return Person{}, fmt.Errorf("who you are: %w", err)
	}
	return profile(ctx, s.file, a.Person)
}

// People are all people, those who left too, by name: for who adds them, takes roles
// away, or reads the audit log.
func (s *Store) People(ctx context.Context, v Visitor, now time.Time) ([]Person, error) {
	a, err := s.actor(ctx, v, now)
	if err == nil && !a.Holds(people.Revoke, people.Place{}) {
		err = a.May(people.Audit, people.Place{}, now)
	}
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	all, err := file.Gather(ctx, s.file, scanPerson, "SELECT "+personColumns+" FROM person p ORDER BY p.name LIMIT ?", mostRows)
	for i := range all {
		if err == nil {
			all[i].Grants, err = rights(ctx, s.file, all[i].Name)
		}
	}
	return all, err
}

// open refuses a person who is not there or has left.
func (p pen) open(ctx context.Context, name string) (Person, error) {
	x, err := profile(ctx, p, name)
	if err == nil && !x.Closed.IsZero() {
		err = fmt.Errorf("%w: the account was closed", ErrUnknown)
	}
	if errors.Is(err, ErrUnknown) {
		err = fmt.Errorf("person %.60q: %w", name, err)
	}
	return x, err
}
