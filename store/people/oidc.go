package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// Claim is what an issuer of OpenID Connect says of somebody who showed there who they
// are. Whoever fills it in has checked the signature.
type Claim struct {
	Provider string // by the name in the settings, for the audit log
	Issuer   string
	Subject  string // by which the issuer knows them; it never changes
	Mail     string // that the issuer has verified; empty: none
	Proven   bool   // just now, and with a second factor
	Mapped   bool   // roles follow groups: Grants are all that the groups give, and no more
	Grants   []people.Grant
	Address  string        // from where, an IP address
	Agent    string        // what the browser says of itself
	Old      people.Secret // the session that the browser has already: it ends
}

func (c Claim) check(now time.Time) error {
	var f faults
	for what, text := range map[string]string{"provider": c.Provider, "issuer": c.Issuer, "subject": c.Subject} {
		f.line(what, text)
		f.When(text == "", "the %s is missing", what)
	}
	for _, g := range c.Grants {
		f.Add(g.Validate())
		f.When(g.Role == people.Admin, "no group makes an administrator: two people do")
	}
	f.When(!c.Mapped && len(c.Grants) > 0, "roles without groups that give them")
	f.moment(now)
	return f.Err()
}

// how is how it is known who they are.
func (c Claim) how() string { return "oidc " + c.Provider }

// LoginBy begins a session of somebody whom an issuer knows: by a subject that logged in
// before, else by the address of an account, which is theirs from then on. It makes no
// account. Where the issuer said nothing of a second factor, what takes a proof takes one
// here. The error is ErrLogin whoever it is that is not known.
func (s *Store) LoginBy(ctx context.Context, c Claim, now time.Time) (text people.Secret, v Visitor, err error) {
	if err = c.check(now); err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			who, err := s.known(ctx, p, c, now)
			if err != nil {
				return err
			}
			if c.Mapped {
				if err := s.mapped(ctx, p, c, who, now); err != nil {
					return err
				}
			}
			text, v, err = s.enterBy(ctx, p, c, who, now)
			return err
		})
	}
	if err != nil {
		return people.Secret{}, Visitor{}, fmt.Errorf("login by %.60q: %w", c.Provider, err)
	}
	return text, v, nil
}

// known is whom a claim is about. A person has one subject of an issuer.
func (s *Store) known(ctx context.Context, p pen, c Claim, now time.Time) (string, error) {
	who, err := file.One(ctx, p, file.Word, "SELECT s.person FROM subject s JOIN person p ON p.name = s.person WHERE s.issuer = ? AND s.subject = ? AND p.closed_us IS NULL", c.Issuer, c.Subject)
	if !errors.Is(err, file.ErrUnknown) {
		return who, err
	}
	if c.Mail == "" {
		return "", ErrLogin
	}
	// Who left may come back with another account.
	if _, err := p.Exec(ctx, "DELETE FROM subject WHERE issuer = ? AND subject = ?", c.Issuer, c.Subject); err != nil {
		return "", err
	}
	who, err = file.One(ctx, p, file.Word, `SELECT name FROM person WHERE lower(mail) = ? AND closed_us IS NULL
		AND NOT EXISTS (SELECT 1 FROM subject WHERE issuer = ? AND person = name)`, strings.ToLower(c.Mail), c.Issuer)
	if errors.Is(err, file.ErrUnknown) {
		err = ErrLogin
	}
	if err == nil {
		_, err = p.Exec(ctx, "INSERT INTO subject (issuer, subject, person, since_us) VALUES (?, ?, ?, ?)", c.Issuer, c.Subject, who, now.UnixMicro())
	}
	if err != nil {
		return "", err
	}
	after := fmt.Sprintf("is known to %s as %q, by the address %q", c.Issuer, c.Subject, c.Mail)
	return who, s.audit(ctx, p, people.Entry{At: now, Who: who, How: c.how(), Verb: didDescribe, Subject: who, After: after})
}

// enterBy begins the session.
func (s *Store) enterBy(ctx context.Context, p pen, c Claim, who string, now time.Time) (people.Secret, Visitor, error) {
	a := Attempt{Address: c.Address, Agent: short(c.Agent), Old: c.Old}
	text, v, err := s.enter(ctx, p, a, known{name: who}, now)
	if err == nil && !c.Proven {
		_, err = p.Exec(ctx, "UPDATE session SET proven_us = 0 WHERE hash = ?", v.hash[:])
	}
	if err == nil {
		v, _, err = findSession(ctx, p, v.hash, now)
	}
	if err != nil {
		return people.Secret{}, Visitor{}, err
	}
	e := people.Entry{At: now, Who: who, How: c.how(), Verb: didLogin, Subject: who, Effects: "from " + short(c.Address)}
	return text, v, s.audit(ctx, p, e)
}

// mapped gives the roles of the groups that somebody has at an issuer now, and takes away
// those that groups there gave before. Roles that people gave stay.
func (s *Store) mapped(ctx context.Context, p pen, c Claim, who string, now time.Time) error {
	had, err := file.Gather(ctx, p, scanGrant, "SELECT role, site, tenant FROM group_role WHERE person = ? AND issuer = ?", who, c.Issuer)
	if err != nil {
		return err
	}
	changed := false
	for _, g := range c.Grants {
		fresh, err := p.give(ctx, who, g, now)
		e := people.Entry{At: now, Verb: didGive, Subject: who, Site: g.Site, Tenant: g.Tenant, After: g.String()}
		if err == nil && fresh {
			err = p.endInvitation(ctx, who, &e)
		}
		if err == nil && fresh {
			changed, err = true, s.byGroup(ctx, p, c, e)
		}
		if err == nil && fresh {
			_, err = p.Exec(ctx, "INSERT INTO group_role (person, issuer, role, site, tenant) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", who, c.Issuer, string(g.Role), g.Site, g.Tenant)
		}
		if err != nil {
			return err
		}
	}
	for _, g := range had {
		if slices.Contains(c.Grants, g) {
			continue
		}
		if err := s.ended(ctx, p, c, people.Entry{At: now, Verb: didTake, Subject: who, Site: g.Site, Tenant: g.Tenant, Before: g.String()}, g); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return p.endAll(ctx, who)
}

// ended takes away what a group gave.
func (s *Store) ended(ctx context.Context, p pen, c Claim, e people.Entry, g people.Grant) error {
	if _, err := p.Exec(ctx, "DELETE FROM group_role WHERE person = ? AND issuer = ? AND role = ? AND site = ? AND tenant = ?", e.Subject, c.Issuer, string(g.Role), g.Site, g.Tenant); err != nil {
		return err
	}
	n, err := p.Exec(ctx, "DELETE FROM held_role WHERE person = ? AND role = ? AND site = ? AND tenant = ?", e.Subject, string(g.Role), g.Site, g.Tenant)
	if err != nil || n == 0 {
		return err
	}
	return s.byGroup(ctx, p, c, e)
}

func (s *Store) byGroup(ctx context.Context, p pen, c Claim, e people.Entry) error {
	e.How, e.Reason = c.how(), "groups at "+c.Issuer
	return s.audit(ctx, p, e)
}

func scanGrant(scan file.Scanner) (g people.Grant, err error) {
	return g, scan(&g.Role, &g.Site, &g.Tenant)
}
