package room

import (
	"context"
	"net/http"

	"sluice/people"
)

// Proof shows again who somebody is.
type Proof struct {
	Password people.Secret `json:"password,omitzero" maxLength:"300" doc:"Where no app is enrolled."`
	Code     people.Secret `json:"code,omitzero" maxLength:"40" doc:"Of the app, or a recovery code."`
}

// AppAddress is what an app reads.
type AppAddress struct {
	Address string `json:"address" doc:"An otpauth address, to be shown as a picture. Shown once; it counts once a code of it was confirmed."`
}

// AppCode is a code of an app.
type AppCode struct {
	Code people.Secret `json:"code" maxLength:"40"`
}

// Recovery are codes for who lost the app.
type Recovery struct {
	Recovery []string `json:"recovery" doc:"Each works once instead of the app. Shown once; those of before have ended."`
}

// NewPassword replaces one's own.
type NewPassword struct {
	Old   people.Secret `json:"old" maxLength:"300"`
	Fresh people.Secret `json:"fresh" maxLength:"300" doc:"All sessions end: log in with it."`
}

// MyChange is what somebody changes of themselves. What is absent stays.
type MyChange struct {
	Label    *string `json:"label,omitempty" maxLength:"200" doc:"For people."`
	Language *string `json:"language,omitempty" maxLength:"20" doc:"Such as en, ar or pt-BR; empty: that of the browser."`
}

func (r *Room) serveMe() {
	mine := func(method, path, id, says string) route {
		return route{method: method, path: path, id: id, says: says, group: "session", reach: oneself}
	}
	serve(r, mine(http.MethodPost, "/v1/session/proof", "prove", "Shows again who you are; it counts for five minutes."), r.prove)
	serve(r, mine(http.MethodPost, "/v1/me/code", "askCode", "Begins to enrol an app."), r.askCode)
	serve(r, mine(http.MethodPost, "/v1/me/code/confirm", "confirmCode", "Enrols the app, and makes recovery codes."), r.confirmCode)
	serve(r, mine(http.MethodPost, "/v1/me/recovery", "renewRecovery", "Makes new recovery codes."), r.recovery)
	raw(r, gone(mine(http.MethodPost, "/v1/me/password", "changePassword", "Replaces the password; all sessions end.")), r.changePassword)
	serve(r, mine(http.MethodPatch, "/v1/me", "changeMe", "Changes your label and language."), r.changeMe)
}

// gone is a route whose good answer has no content.
func gone(t route) route {
	t.status = http.StatusNoContent
	return t
}

func (r *Room) prove(ctx context.Context, v Visit, in *struct{ Body Proof }) (Session, error) {
	who, err := r.cfg.People.Prove(ctx, v.who, in.Body.Password, in.Body.Code, v.at)
	if err != nil {
		return Session{}, unproven(err)
	}
	v.who = who
	return r.session(ctx, v, nil)
}

func (r *Room) askCode(ctx context.Context, v Visit, _ *struct{}) (AppAddress, error) {
	shownOnce(ctx)
	address, err := r.cfg.People.AskCode(ctx, v.who, v.at)
	return AppAddress{Address: address.Reveal()}, err
}

func (r *Room) confirmCode(ctx context.Context, v Visit, in *struct{ Body AppCode }) (Recovery, error) {
	shownOnce(ctx)
	codes, err := r.cfg.People.ConfirmCode(ctx, v.who, in.Body.Code, v.at)
	return revealed(codes), unproven(err)
}

func (r *Room) recovery(ctx context.Context, v Visit, _ *struct{}) (Recovery, error) {
	shownOnce(ctx)
	codes, err := r.cfg.People.Recovery(ctx, v.who, v.at)
	return revealed(codes), err
}

func revealed(codes []people.Secret) Recovery {
	out := Recovery{Recovery: []string{}}
	for _, c := range codes {
		out.Recovery = append(out.Recovery, c.Reveal())
	}
	return out
}

func (r *Room) changePassword(ctx context.Context, v Visit, in *struct{ Body NewPassword }) (*loggedOut, error) {
	if err := r.cfg.People.ChangePassword(ctx, v.who, in.Body.Old, in.Body.Fresh, v.at); err != nil {
		return nil, unproven(err)
	}
	return &loggedOut{r.keep(people.Secret{}, -1)}, nil
}

// loggedOut ends the cookie of the session.
type loggedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (r *Room) changeMe(ctx context.Context, v Visit, in *struct{ Body MyChange }) (Session, error) {
	me, err := r.cfg.People.Me(ctx, v.who, v.at)
	if err != nil {
		return Session{}, err
	}
	me.Label, me.Language = either(in.Body.Label, me.Label), either(in.Body.Language, me.Language)
	if err := r.cfg.People.Describe(ctx, v.who, me, v.at); err != nil {
		return Session{}, err
	}
	return r.session(ctx, v, nil)
}

// either is what is new, or what was where nothing is.
func either[T any](fresh *T, was T) T {
	if fresh == nil {
		return was
	}
	return *fresh
}
