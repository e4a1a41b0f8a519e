package room

import (
	"context"
	"crypto/rand"
	"net/http"

	"sluice/driver/notify"
	"sluice/object"
	"sluice/people"
)

// ContactTry is what came of a test message.
type ContactTry struct {
	Result string `json:"result" enum:"sent,try_again,refused" doc:"sent: whoever was asked took it."`
	Why    string `json:"why,omitempty" doc:"Why it did not go out, and what to do."`
}

type contactIn struct {
	Name string `path:"name" maxLength:"63" example:"ops-chat"`
}

func (r *Room) serveContacts() {
	serve(r, route{
		method: http.MethodPost, path: "/v1/contacts/{name}/test", id: "testContact", says: "Sends a test message to a contact now, and says what came of it.",
		group: "objects", reach: house, verb: people.SetUp,
	}, r.testContact)
}

// testWords are the subject and the text of a test message.
func testWords(language string) (subject, text string) {
	switch language {
	case "ar":
		return "Sluice: رسالة اختبار", "هذه رسالة اختبار. الإنذارات تصل إلى هنا.\n"
	case "pt":
		return "Sluice: mensagem de teste", "Esta é uma mensagem de teste. Os alarmes chegam aqui.\n"
	}
	return "Sluice: test message", "This is a test message. Alarms reach you here.\n"
}

func (r *Room) testContact(ctx context.Context, v Visit, in *contactIn) (ContactTry, error) {
	if _, err := r.versions(ctx, v, objectIn{string(object.Contact), in.Name}, 1); err != nil {
		return ContactTry{}, err
	}
	e := people.Entry{Verb: string(people.SetUp), Subject: "test of Contact/" + in.Name}
	if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
		return ContactTry{}, err
	}
	language := r.watch.language(in.Name)
	subject, text := testWords(language)
	outcome := notify.Outcome{Result: notify.Refused}
	sender, why := r.sender(in.Name)
	if outcome.Why = why; sender != nil {
		outcome = sender.Send(ctx, notify.Message{ID: r.cfg.People.Installation() + "-test-" + rand.Text()[:12], At: v.at, Language: language, Subject: subject, Text: text})
	}
	e.Effects = string(outcome.Result) + " " + outcome.Why
	r.noted(ctx, "write down what came of a test message", r.cfg.People.Record(context.WithoutCancel(ctx), v.who, e, v.at))
	return ContactTry{string(outcome.Result), outcome.Why}, nil
}
