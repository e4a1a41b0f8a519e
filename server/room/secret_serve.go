package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"sluice/object"
	"sluice/people"
	keep "sluice/store/room"
)

// Secrets keeps the credentials by which contacts are reached; store/room is one.
type Secrets interface {
	Secrets(ctx context.Context) ([]keep.SecretNote, error)
	Secret(ctx context.Context, name string) (people.Secret, error)
	SetSecret(ctx context.Context, n keep.SecretNote, value people.Secret) error
}

// SecretList are the names of the secrets; no answer holds one.
type SecretList struct {
	Secrets []SecretRow `json:"secrets" doc:"By name."`
}

// SecretRow says that a secret is there.
type SecretRow struct {
	Name    string    `json:"name"`
	Changed time.Time `json:"changed"`
	By      string    `json:"by" doc:"Who stored it last."`
	Used    []string  `json:"used" doc:"Contacts that name it."`
}

// NewSecret is a secret that is stored, in place of the one before.
type NewSecret struct {
	Name  string        `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$" doc:"As secretRef names it."`
	Value people.Secret `json:"value" maxLength:"8192" doc:"With which webhooks are signed, or the address of a chat. It is never shown again."`
}

type secretIn struct {
	Name string `path:"name" maxLength:"63" example:"ops-chat"`
}

func (r *Room) serveSecrets() {
	of := func(method, path, id, says string) route {
		return route{method: method, path: path, id: id, says: says, group: "objects", reach: house, verb: people.SetUp}
	}
	list := of(http.MethodGet, "/v1/secrets", "listSecrets", "Which secrets are stored, and by whom; not what they are.")
	list.verb = people.Look
	serve(r, list, r.listSecrets)
	raw(r, gone(of(http.MethodPost, "/v1/secrets", "setSecret", "Stores a secret.")), r.setSecret)
	raw(r, gone(of(http.MethodDelete, "/v1/secrets/{name}", "dropSecret", "Forgets a secret.")), r.dropSecret)
	r.serveContacts()
}

// users are the contacts that name each secret.
func (r *Room) users(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	if r.cfg.Objects == nil {
		return out, nil
	}
	all, err := r.stored(ctx)
	for _, o := range all {
		var c object.ContactSpec
		if o.Kind == object.Contact && o.Decode(&c) == nil && c.SecretRef != nil {
			out[c.SecretRef.Name] = append(out[c.SecretRef.Name], o.Metadata.Name)
		}
	}
	return out, err
}

func (r *Room) listSecrets(ctx context.Context, _ Visit, _ *struct{}) (SecretList, error) {
	out := SecretList{Secrets: []SecretRow{}}
	if r.cfg.Secrets == nil {
		return out, nil
	}
	used, err := r.users(ctx)
	if err != nil {
		return out, err
	}
	all, err := r.cfg.Secrets.Secrets(ctx)
	for _, n := range all {
		out.Secrets = append(out.Secrets, SecretRow{n.Name, n.Changed, n.By, filled(used[n.Name])})
	}
	return out, err
}

func (r *Room) setSecret(ctx context.Context, v Visit, in *struct{ Body NewSecret }) (*nothing, error) {
	if strings.TrimSpace(in.Body.Value.Reveal()) == "" {
		return nil, wrong("a secret has a value", "send it, or delete the secret")
	}
	return r.changeSecret(ctx, v, in.Body.Name, in.Body.Value)
}

func (r *Room) dropSecret(ctx context.Context, v Visit, in *secretIn) (*nothing, error) {
	used, err := r.users(ctx)
	if err != nil {
		return nil, err
	}
	if who := used[in.Name]; len(who) > 0 {
		return nil, problem(http.StatusConflict, "in_use", fmt.Sprintf("the secret %s is that of %s", in.Name, strings.Join(who, ", ")), "change or delete these contacts first, or store another value")
	}
	return r.changeSecret(ctx, v, in.Name, people.Secret{})
}

// changeSecret stores a secret, or forgets it where there is no value. The audit log says
// that it was done, and not what.
func (r *Room) changeSecret(ctx context.Context, v Visit, name string, value people.Secret) (*nothing, error) {
	if r.cfg.Secrets == nil {
		return nil, problem(http.StatusConflict, "no_secrets", "this control room keeps no secrets", "start it with a data directory")
	}
	if !regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`).MatchString(name) {
		return nil, missing("secret", name)
	}
	what := "stored"
	if value.Reveal() == "" {
		what = "forgotten"
	}
	e := people.Entry{Verb: string(people.SetUp), Subject: "secret " + name + " is " + what}
	if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	err := r.cfg.Secrets.SetSecret(ctx, keep.SecretNote{Name: name, Changed: v.at, By: v.who.Actor().Person}, value)
	if err != nil {
		e.Effects = "not done: " + short(err.Error())
		r.noted(ctx, "write down what came of a secret", r.cfg.People.Record(ctx, v.who, e, v.at))
		return nil, unkept(name, err)
	}
	r.noted(ctx, "take in a secret", r.takeIn(ctx))
	return &nothing{}, nil
}

// unkept is why a secret was not stored or forgotten.
func unkept(name string, err error) error {
	switch {
	case errors.Is(err, keep.ErrUnknown):
		return missing("secret", name)
	case errors.Is(err, keep.ErrInvalid):
		return wrong(err.Error(), "change it and try again")
	case errors.Is(err, keep.ErrKey), errors.Is(err, keep.ErrFull):
		return problem(http.StatusConflict, "not_kept", err.Error(), "see to it on the computer of the control room, and try again")
	}
	return err
}
