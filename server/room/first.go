package room

import (
	"context"
	"net/http"

	"sluice/people"
	store "sluice/store/people"
)

// First says whether anybody administers the house yet.
type First struct {
	Needed bool `json:"needed" doc:"Nobody does: whoever has the data directory makes a link, and its secret makes the first administrator."`
}

// Founder is who becomes the first administrator.
type Founder struct {
	Link     people.Secret `json:"link" maxLength:"200" doc:"The secret of the link."`
	Name     string        `json:"name" maxLength:"100" doc:"For the login: small letters, digits, and single dots, dashes or underscores."`
	Label    string        `json:"label,omitempty" maxLength:"200" doc:"For people."`
	Mail     string        `json:"mail,omitempty" maxLength:"200"`
	Password people.Secret `json:"password" maxLength:"300"`
}

// Accepted is who may log in from now on.
type Accepted struct {
	Name string `json:"name" doc:"For the login."`
}

// Acceptance sets the password of who was invited.
type Acceptance struct {
	Invitation people.Secret `json:"invitation" maxLength:"200"`
	Password   people.Secret `json:"password" maxLength:"300"`
}

func (r *Room) serveFirst() {
	serve(r, route{method: http.MethodGet, path: "/v1/first", id: "getFirst", says: "Whether a first administrator is needed.", group: "session", reach: open}, r.needed)
	serve(r, route{method: http.MethodPost, path: "/v1/first", id: "makeFirst", says: "Makes the first administrator.", group: "session", reach: open, status: http.StatusCreated}, r.found)
	serve(r, route{method: http.MethodPost, path: "/v1/invitation", id: "acceptInvitation", says: "Sets the password of who was invited.", group: "session", reach: open}, r.accept)
}

func (r *Room) needed(ctx context.Context, _ Visit, _ *struct{}) (First, error) {
	there, err := r.cfg.People.Founded(ctx)
	return First{Needed: !there}, err
}

func (r *Room) found(ctx context.Context, v Visit, in *struct{ Body Founder }) (Accepted, error) {
	x := store.Person{Name: in.Body.Name, Label: in.Body.Label, Mail: in.Body.Mail}
	return Accepted{Name: x.Name}, r.cfg.People.First(ctx, in.Body.Link, x, in.Body.Password, v.at)
}

func (r *Room) accept(ctx context.Context, v Visit, in *struct{ Body Acceptance }) (Accepted, error) {
	name, err := r.cfg.People.Accept(ctx, in.Body.Invitation, in.Body.Password, v.at)
	return Accepted{Name: name}, err
}
