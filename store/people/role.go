package people

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sluice/people"
)

// deed is what the store itself carries out.
type deed struct {
	Person string        `json:"person"`
	Grant  *people.Grant `json:"grant,omitempty"` // nil: new password and second factor
}

func (d deed) draft(v people.Verb, at people.Place, reason, says, diff string) people.Draft {
	body, _ := json.Marshal(d) // texts cannot fail
	return people.Draft{Verb: v, Place: at, Subject: d.Person, Reason: reason, Says: says, Diff: diff, Deed: string(body)}
}

// give keeps a role, and says whether it is new.
func (p pen) give(ctx context.Context, person string, g people.Grant, now time.Time) (bool, error) {
	n, err := p.Exec(ctx, "INSERT INTO held_role (person, role, site, tenant, since_us) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		person, string(g.Role), g.Site, g.Tenant, now.UnixMicro())
	return n > 0, err
}

// Change is a role that somebody gets or loses.
type Change struct {
	Person string
	Grant  people.Grant
	Reason string
}

// AskRole asks another administrator to approve that somebody gets a role.
func (s *Store) AskRole(ctx context.Context, v Visitor, c Change, now time.Time) (people.Request, error) {
	d, err := s.roleDraft(ctx, c)
	if err != nil {
		return people.Request{}, fmt.Errorf("ask for a role of %.60q: %w", c.Person, err)
	}
	return s.ask(ctx, v, d, now)
}

func (s *Store) roleDraft(ctx context.Context, c Change) (people.Draft, error) {
	g := c.Grant
	if err := g.Validate(); err != nil {
		return people.Draft{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	x, err := profile(ctx, s.file, c.Person)
	if err != nil {
		return people.Draft{}, err
	}
	says := fmt.Sprintf("%s (%s) becomes %v", x.Name, x.Label, g)
	return deed{c.Person, &g}.draft(people.GiveRole, g.Place(), c.Reason, says, fmt.Sprintf("%v -> %v", x.Grants, append(x.Grants, g))), nil
}

// GiveRole gives the role that another administrator has approved. Sessions of the
// person end, so that they begin with what they may do now.
func (s *Store) GiveRole(ctx context.Context, v Visitor, id string, now time.Time) (people.Request, error) {
	return s.carry(ctx, move{v, didBegin, id, now}, people.GiveRole, func(ctx context.Context, p pen, r people.Request, d deed) (string, error) {
		if d.Grant == nil || d.Grant.Place() != r.Place {
			return "", refuse(people.Other, r.Verb, r.Place)
		}
		return fmt.Sprintf("%s is %v", d.Person, *d.Grant), s.given(ctx, p, tells(v.did(didGive, "", now), r), d.Person, *d.Grant)
	})
}

// GiveRoleAlone gives a role as the first administrator, who is alone until there is a
// second one. The error is a people.Refusal, NeedsTwo, for everybody else.
func (s *Store) GiveRoleAlone(ctx context.Context, v Visitor, c Change, now time.Time) error {
	g := c.Grant
	d, err := s.roleDraft(ctx, c)
	if err == nil {
		var f faults
		f.reason(c.Reason)
		err = f.Err()
	}
	if err == nil {
		err = s.inPerson(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if err := a.May(people.GiveRole, g.Place(), now); err != nil {
				return err
			}
			e := v.did(didGive, c.Person, now)
			e.Site, e.Tenant, e.Reason, e.Before, e.After, e.Effects = g.Site, g.Tenant, c.Reason, d.Says, d.Diff, "alone: there was no second administrator"
			return s.given(ctx, p, e, c.Person, g)
		})
	}
	if err != nil {
		return fmt.Errorf("give a role to %.60q: %w", c.Person, err)
	}
	return nil
}

// given keeps a role with its entry, ends the sessions of the person, and the time of
// the founder where there are two administrators now.
func (s *Store) given(ctx context.Context, p pen, e people.Entry, person string, g people.Grant) error {
	x, err := p.open(ctx, person)
	if err == nil && !x.Password {
		err = s.byProviderAlone(ctx, p, x, &e)
	}
	if err != nil {
		return err
	}
	fresh, err := p.give(ctx, person, g, e.At)
	if err != nil {
		return err
	}
	if fresh {
		if err := p.endAll(ctx, person); err != nil {
			return err
		}
	}
	if g.Role == people.Admin {
		_, err := p.Exec(ctx, `UPDATE founder SET over_us = ? WHERE over_us IS NULL AND
			(SELECT count(DISTINCT h.person) FROM held_role h JOIN person p ON p.name = h.person WHERE h.role = ? AND p.closed_us IS NULL) > 1`, e.At.UnixMicro(), string(people.Admin))
		if err != nil {
			return err
		}
	}
	return s.audit(ctx, p, e)
}

// byProviderAlone has somebody without a password log in by a provider and by nothing
// else: whoever holds their invitation would get the role, so it ends. Without a provider
// that could know them it is refused.
func (s *Store) byProviderAlone(ctx context.Context, p pen, x Person, e *people.Entry) error {
	if !s.outside {
		return fmt.Errorf("%w: %q has not used the invitation yet, and whoever has it would get the role: wait until they have", ErrConflict, x.Name)
	}
	if x.Mail == "" {
		return fmt.Errorf("%w: %q has no password, and no address by which a provider could know them: write their address down first", ErrConflict, x.Name)
	}
	return p.endInvitation(ctx, x.Name, e)
}

// endInvitation ends the invitation of somebody, and has the entry say so.
func (p pen) endInvitation(ctx context.Context, person string, e *people.Entry) error {
	n, err := p.Exec(ctx, "DELETE FROM link WHERE person = ?", person)
	if err == nil && n > 0 {
		e.Effects = strings.TrimPrefix(e.Effects+"; their invitation ended: they log in by a provider", "; ")
	}
	return err
}

// TakeRole takes a role away at once. It takes one person; sessions of who had it end.
func (s *Store) TakeRole(ctx context.Context, v Visitor, c Change, now time.Time) error {
	g := c.Grant
	var f faults
	f.reason(c.Reason)
	err := f.Err()
	if err == nil {
		err = s.as(ctx, v, now, func(ctx context.Context, p pen, a people.Actor) error {
			if err := a.May(people.Revoke, g.Place(), now); err != nil {
				return err
			}
			n, err := p.Exec(ctx, "DELETE FROM held_role WHERE person = ? AND role = ? AND site = ? AND tenant = ?", c.Person, string(g.Role), g.Site, g.Tenant)
			if err == nil && n == 0 {
				err = ErrUnknown
			}
			if err == nil {
				err = p.endAll(ctx, c.Person)
			}
			if err != nil {
				return err
			}
			e := v.did(didTake, c.Person, now)
			e.Site, e.Tenant, e.Reason, e.Before = g.Site, g.Tenant, c.Reason, g.String()
			return s.audit(ctx, p, e)
		})
	}
	if err != nil {
		return fmt.Errorf("take a role of %.60q away: %w", c.Person, err)
	}
	return nil
}

// AskCredentials asks another administrator to approve that somebody who lost theirs
// gets a new password and second factor.
func (s *Store) AskCredentials(ctx context.Context, v Visitor, person, reason string, now time.Time) (people.Request, error) {
	x, err := profile(ctx, s.file, person)
	if err != nil {
		return people.Request{}, fmt.Errorf("ask for new credentials of %.60q: %w", person, err)
	}
	says := fmt.Sprintf("password, app and recovery codes of %s (%s) end; who gets the invitation becomes them", x.Name, x.Label)
	return s.ask(ctx, v, deed{Person: person}.draft(people.Credentials, people.Place{}, reason, says, fmt.Sprintf("roles: %v", x.Grants)), now)
}

// RenewCredentials does what another administrator has approved, and returns the
// invitation. It is shown once, to who carries it out.
func (s *Store) RenewCredentials(ctx context.Context, v Visitor, id string, now time.Time) (invitation people.Secret, err error) {
	_, err = s.carry(ctx, move{v, didBegin, id, now}, people.Credentials, func(ctx context.Context, p pen, r people.Request, d deed) (string, error) {
		if _, err := p.open(ctx, d.Person); err != nil {
			return "", err
		}
		if err := p.each(ctx, d.Person, "UPDATE person SET password = NULL, code = NULL, code_asked = NULL, code_step = 0 WHERE name = ?",
			"DELETE FROM recovery WHERE person = ?", "DELETE FROM session WHERE person = ?", "DELETE FROM subject WHERE person = ?"); err != nil {
			return "", err
		}
		if err := p.revokeAll(ctx, d.Person, now); err != nil {
			return "", err
		}
		invitation, err = s.link(ctx, p, d.Person, now.Add(people.InviteFor))
		if err != nil {
			return "", err
		}
		return "an invitation was made", s.audit(ctx, p, tells(v.did(didRenew, "", now), r))
	})
	if err != nil {
		return people.Secret{}, err
	}
	return invitation, nil
}

// doer does it, and says what came of it.
type doer = func(context.Context, pen, people.Request, deed) (string, error)

// carry carries out, in one transaction, what the store does itself.
func (s *Store) carry(ctx context.Context, m move, verb people.Verb, do doer) (people.Request, error) {
	if m.v.actor.Token != "" {
		return people.Request{}, refuse(people.NotByToken, verb, people.Place{})
	}
	return s.step(ctx, m, func(ctx context.Context, p pen, a people.Actor, r people.Request) (people.Request, error) {
		if r.Verb != verb {
			return r, refuse(people.Other, r.Verb, r.Place)
		}
		begun, err := p.begin(ctx, a, r, m.now)
		if err != nil {
			return begun, err
		}
		var d deed
		if err := json.Unmarshal([]byte(r.Deed), &d); err != nil {
			return r, fmt.Errorf("what was asked for: %w", err)
		}
		if d.Person != r.Subject {
			return r, refuse(people.Other, r.Verb, r.Place)
		}
		says, err := do(ctx, p, begun, d)
		if err != nil {
			return r, err
		}
		return begun.Finish(says, true, m.now)
	})
}
