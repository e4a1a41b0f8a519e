package room

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sluice/people"
	"sluice/store/ledger"
)

type releaseIn struct {
	BookIn
	Body struct {
		ID  string `json:"id" minLength:"1" maxLength:"300" doc:"Of what is parked."`
		Why string `json:"why" minLength:"1" maxLength:"2000" doc:"It stays beside it, and in the audit log."`
	}
}

// serveRelease adds what is done about what waits.
func (r *Room) serveRelease() {
	serve(r, route{method: http.MethodPost, path: "/v1/books/{book}/release", id: "releaseParked", says: "Takes something out of suspense and says why. A reading that is released is not billed.", group: "money", reach: somewhere, verb: people.Post}, r.release)
}

// release takes something out of suspense. It is written down before it is done.
func (r *Room) release(ctx context.Context, v Visit, in *releaseIn) (_ Did, err error) {
	s, err := r.shelf(ctx, v, PeriodIn{BookIn: in.BookIn})
	if err != nil {
		return Did{}, err
	}
	if err := v.who.Actor().May(people.Post, people.Place{Site: s.Site}, v.at); err != nil {
		return Did{}, err
	}
	if s.Pen == nil {
		return Did{}, problem(http.StatusConflict, "not-closed", "these books are only read here", "release it with 'sluice ledger suspense --release' where they are written")
	}
	e := people.Entry{Verb: string(people.Post), Site: s.Site, Subject: in.Book + " " + in.Body.ID, Reason: in.Body.Why, After: "released from suspense"}
	if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
		return Did{}, err
	}
	store, err := s.Pen(ctx)
	if err != nil {
		return Did{}, s.ofPen(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	err = store.Release(ctx, s.Entity, in.Body.ID, ledger.Released{At: v.at.UTC().Truncate(time.Second), By: v.who.Actor().Person, Why: in.Body.Why})
	if errors.Is(err, ledger.ErrUnknown) {
		return Did{}, missing("parked thing", in.Body.ID)
	}
	return Did{Done: in.Body.ID + " is released"}, s.ofPen(err)
}
