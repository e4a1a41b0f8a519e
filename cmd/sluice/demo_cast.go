package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/url"
	"time"

	"sluice/people"
	"sluice/server/room"
	store "sluice/store/people"
)

// cast makes the people of a demonstration, as they would be made by hand: the first
// administrator by the link, the others by invitation, everybody with an app. Their
// passwords are drawn at chance and told to nobody.
func cast(ctx context.Context, s *store.Store, now time.Time) ([]room.Persona, error) {
	now = now.Add(-time.Hour) // so that the codes of making them are not those of today
	all := []room.Persona{
		{Name: "anna", Label: "Anna Lima", Roles: []people.Role{people.Admin, people.Dispatcher, people.Engineer, people.Finance}},
		{Name: "ben", Label: "Ben Haddad", Roles: []people.Role{people.Dispatcher, people.Engineer, people.Finance, people.Trader}},
		{Name: "vera", Label: "Vera Nunes", Roles: []people.Role{people.Viewer}},
		{Name: "nia", Label: "Nia Mensah", Roles: []people.Role{people.TenantAdmin}},
	}
	var admin store.Visitor
	for i := range all {
		p := &all[i]
		p.Password = people.Hide("demonstration " + rand.Text())
		if err := enter(ctx, s, admin, p, now); err != nil {
			return nil, fmt.Errorf("make %s of the demonstration: %w", p.Name, err)
		}
		who, err := enrol(ctx, s, p, now)
		if err != nil {
			return nil, fmt.Errorf("make %s of the demonstration: %w", p.Name, err)
		}
		if i == 0 {
			admin = who
		}
		for _, role := range p.Roles {
			if i == 0 && role == people.Admin {
				continue // the link made them one
			}
			c := store.Change{Person: p.Name, Grant: tenantGrant(role), Reason: "demonstration"}
			if err := s.GiveRoleAlone(ctx, admin, c, now); err != nil {
				return nil, fmt.Errorf("give %s the role %s: %w", p.Name, role, err)
			}
			if i == 0 { // a new right ends the session
				if admin, err = again(ctx, s, p, &now); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// enter lets somebody in: the first one by the link, the others by an invitation.
func enter(ctx context.Context, s *store.Store, admin store.Visitor, p *room.Persona, now time.Time) error {
	x := store.Person{Name: p.Name, Label: p.Label, Mail: p.Name + "@example.org"}
	if p.Roles[0] == people.Admin {
		link, _, err := s.FirstLink(ctx, now)
		if err != nil {
			return err
		}
		return s.First(ctx, link, x, p.Password, now)
	}
	invitation, err := s.Add(ctx, admin, x, now)
	if err != nil {
		return err
	}
	_, err = s.Accept(ctx, invitation, p.Password, now)
	return err
}

// enrol gives somebody an app, and returns them logged in.
func enrol(ctx context.Context, s *store.Store, p *room.Persona, now time.Time) (store.Visitor, error) {
	_, who, err := s.Login(ctx, store.Attempt{Name: p.Name, Password: p.Password, Address: "127.0.0.1"}, now)
	if err != nil {
		return who, err
	}
	address, err := s.AskCode(ctx, who, now)
	if err != nil {
		return who, err
	}
	if p.Seed, err = seedOf(address); err != nil {
		return who, err
	}
	_, err = s.ConfirmCode(ctx, who, people.Hide(people.CodeAt(p.Seed, people.Step(now))), now)
	return who, err
}

// again logs somebody in once more, half a minute later.
func again(ctx context.Context, s *store.Store, p *room.Persona, now *time.Time) (store.Visitor, error) {
	*now = now.Add(people.CodePeriod)
	code := people.Hide(people.CodeAt(p.Seed, people.Step(*now)))
	_, who, err := s.Login(ctx, store.Attempt{Name: p.Name, Password: p.Password, Code: code, Address: "127.0.0.1"}, *now)
	return who, err
}

// seedOf is the secret in the address that an app reads.
func seedOf(address people.Secret) ([]byte, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return nil, err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
}
