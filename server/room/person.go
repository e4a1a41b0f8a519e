package room

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sluice/people"
	store "sluice/store/people"
)

// Person is who somebody is, for who administers the house or checks it.
type Person struct {
	Name     string         `json:"name" doc:"For the login."`
	Label    string         `json:"label"`
	Mail     string         `json:"mail,omitempty"`
	Language string         `json:"language,omitempty"`
	Since    time.Time      `json:"since"`
	Closed   *time.Time     `json:"closed,omitempty" doc:"They left; absent: they may log in."`
	Grants   []people.Grant `json:"grants"`
	Password bool           `json:"password" doc:"One was set."`
	Code     bool           `json:"code" doc:"An app shows who they are."`
	Recovery int            `json:"recovery" doc:"Recovery codes that are left."`
}

// Everybody are all people.
type Everybody struct {
	People []Person `json:"people" doc:"By name; those who left too."`
}

// NewPerson is somebody who is added.
type NewPerson struct {
	Name     string `json:"name" minLength:"1" maxLength:"100" doc:"For the login: small letters, digits, and single dots, dashes or underscores."`
	Label    string `json:"label,omitempty" maxLength:"200"`
	Mail     string `json:"mail,omitempty" maxLength:"200"`
	Language string `json:"language,omitempty" maxLength:"20"`
}

// PersonChange is what is changed of somebody. What is absent stays.
type PersonChange struct {
	Label    *string `json:"label,omitempty" maxLength:"200"`
	Mail     *string `json:"mail,omitempty" maxLength:"200"`
	Language *string `json:"language,omitempty" maxLength:"20"`
}

// Invitation lets somebody set their password.
type Invitation struct {
	Name       string    `json:"name"`
	Invitation string    `json:"invitation" doc:"The secret of the link. Shown once, works once."`
	Until      time.Time `json:"until"`
}

// Reason is why.
type Reason struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"It stays in the audit log."`
}

// RoleChange is a role that somebody gets or loses.
type RoleChange struct {
	Role   people.Role `json:"role" maxLength:"40"`
	Site   string      `json:"site,omitempty" maxLength:"200" doc:"Absent: at all sites."`
	Tenant string      `json:"tenant,omitempty" maxLength:"200" doc:"Of a tenant's role."`
	Reason string      `json:"reason" minLength:"1" maxLength:"2000"`
}

func (c RoleChange) change(person string) store.Change {
	return store.Change{Person: person, Grant: people.Grant{Role: c.Role, Site: c.Site, Tenant: c.Tenant}, Reason: c.Reason}
}

// Given says whether a role was given, or what is asked for.
type Given struct {
	Done    bool     `json:"done" doc:"It was given: there is no second administrator yet."`
	Request *Request `json:"request,omitempty" doc:"What another administrator has to approve."`
}

type personIn struct {
	Name string `path:"name" maxLength:"100" example:"ann"`
}

// servePeople adds everything about people, and what the server around it needs.
func (r *Room) servePeople() {
	r.deeds, r.verifying = keeperOf(r.cfg.Answers), make(chan struct{}, 1)
	r.serveFirst()
	r.serveMe()
	r.servePersons()
	r.serveRoles()
	r.serveTokens()
	r.serveSessions()
	r.serveAudit()
	r.serveOIDC()
}

func (r *Room) servePersons() {
	of := func(method, path, id, says string, verb people.Verb) route {
		return route{method: method, path: path, id: id, says: says, group: "people", reach: house, verb: verb}
	}
	add := of(http.MethodPost, "/v1/people", "addPerson", "Adds somebody, who may do nothing yet.", people.People)
	add.status = http.StatusCreated
	serve(r, of(http.MethodGet, "/v1/people", "listPeople", "All people and their roles.", people.Audit), r.listPeople)
	serve(r, add, r.addPerson)
	serve(r, of(http.MethodPatch, "/v1/people/{name}", "changePerson", "Changes what is known of somebody.", people.People), r.changePerson)
	raw(r, gone(of(http.MethodPost, "/v1/people/{name}/close", "closePerson", "Ends with somebody: sessions, roles and tokens.", people.Revoke)), r.closePerson)
	serve(r, of(http.MethodPost, "/v1/people/{name}/invitation", "invitePerson", "Makes a new invitation for who has no password yet.", people.People), r.invite)
}

func (r *Room) listPeople(ctx context.Context, v Visit, _ *struct{}) (Everybody, error) {
	all, err := r.cfg.People.People(ctx, v.who, v.at)
	out := Everybody{People: []Person{}}
	for _, x := range all {
		out.People = append(out.People, personOf(x))
	}
	return out, err
}

func personOf(x store.Person) Person {
	return Person{
		Name: x.Name, Label: x.Label, Mail: x.Mail, Language: x.Language, Since: x.Since, Closed: dated(x.Closed),
		Grants: filled(x.Grants), Password: x.Password, Code: x.Code, Recovery: x.Recovery,
	}
}

// dated is an instant that may be missing.
func dated(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (r *Room) addPerson(ctx context.Context, v Visit, in *struct{ Body NewPerson }) (Invitation, error) {
	shownOnce(ctx)
	x := store.Person{Name: in.Body.Name, Label: in.Body.Label, Mail: in.Body.Mail, Language: in.Body.Language}
	secret, err := r.cfg.People.Add(ctx, v.who, x, v.at)
	return invitation(x.Name, secret, v.at), err
}

func invitation(name string, secret people.Secret, now time.Time) Invitation {
	return Invitation{Name: name, Invitation: secret.Reveal(), Until: now.Add(people.InviteFor).UTC()}
}

func (r *Room) changePerson(ctx context.Context, v Visit, in *struct {
	Name string `path:"name" maxLength:"100"`
	Body PersonChange
},
) (Person, error) {
	x, err := r.person(ctx, v, in.Name)
	if err != nil {
		return Person{}, err
	}
	x.Label, x.Mail, x.Language = either(in.Body.Label, x.Label), either(in.Body.Mail, x.Mail), either(in.Body.Language, x.Language)
	if err := r.cfg.People.Describe(ctx, v.who, x, v.at); err != nil {
		return Person{}, err
	}
	return personOf(x), nil
}

// person is one of all.
func (r *Room) person(ctx context.Context, v Visit, name string) (store.Person, error) {
	all, err := r.cfg.People.People(ctx, v.who, v.at)
	for _, x := range all {
		if x.Name == name {
			return x, nil
		}
	}
	if err == nil {
		err = missing("person", name)
	}
	return store.Person{}, err
}

func (r *Room) closePerson(ctx context.Context, v Visit, in *struct {
	Name string `path:"name" maxLength:"100"`
	Body Reason
},
) (*nothing, error) {
	return &nothing{}, r.cfg.People.CloseAccount(ctx, v.who, in.Name, in.Body.Reason, v.at)
}

func (r *Room) invite(ctx context.Context, v Visit, in *personIn) (Invitation, error) {
	shownOnce(ctx)
	secret, err := r.cfg.People.Invite(ctx, v.who, in.Name, v.at)
	return invitation(in.Name, secret, v.at), err
}

// unproven is a password or code that was wrong inside of a session, which goes on: it is
// no reason to log in again.
func unproven(err error) error {
	if errors.Is(err, store.ErrLogin) {
		return problem(http.StatusForbidden, "wrong_proof", "password or code is wrong", "try again; after some failures you have to wait. A code works once")
	}
	return err
}
