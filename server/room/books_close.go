package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sluice/live/accountant"
	"sluice/people"
	"sluice/store/ledger"
)

// Pen opens books to write. It is closed as soon as what is to be written is: while it is
// open no other program writes.
type Pen func(ctx context.Context) (*ledger.Store, error)

// The deeds on books that take two people.
const (
	closeDeed  = "close-books"
	unlockDeed = "unlock-books"
)

// bookOrder is what a request about books carries out.
type bookOrder struct {
	Deed   string `json:"deed"`
	Book   string `json:"book"`
	Month  string `json:"month,omitempty"`
	Number int64  `json:"number,omitempty"`
}

// Closing is what closing a month would lock.
type Closing struct {
	Month        string    `json:"month" example:"2025-09"`
	From         time.Time `json:"from"`
	To           time.Time `json:"to" doc:"First instant after the month."`
	Transactions int       `json:"transactions"`
	Net          Micro     `json:"net" doc:"Income of the month less its expenses."`
	Currency     string    `json:"currency"`
	Pending      int       `json:"pending" doc:"Set aside and not settled: they may be settled later, in an open month."`
	Parked       int       `json:"parked" doc:"In suspense and open."`
	Why          string    `json:"why,omitempty" enum:"locked,begun,empty,untied,away" doc:"Why it cannot be closed; absent: it can."`
	Says         string    `json:"says,omitempty" doc:"The same for people, where the books say it themselves."`
}

type closingIn struct {
	BookIn

	Month string `query:"month" required:"true" maxLength:"7" example:"2025-09"`
}

type closeIn struct {
	BookIn
	Body struct {
		Month  string `json:"month" maxLength:"7" example:"2025-09" doc:"A calendar month in the zone of the books."`
		Reason string `json:"reason" minLength:"1" maxLength:"2000"`
	}
}

type unlockIn struct {
	BookIn
	Body struct {
		Number int64  `json:"number" minimum:"1" doc:"Of the latest lock that stands."`
		Reason string `json:"reason" minLength:"1" maxLength:"2000"`
	}
}

// serveClosing adds what is done to books from the pages.
func (r *Room) serveClosing() {
	serve(r, route{method: http.MethodGet, path: "/v1/books/{book}/closing", id: "getClosing", says: "What closing a month would lock, or why it cannot be closed.", group: "money", reach: somewhere, verb: people.Money}, r.closing)
	serve(r, route{method: http.MethodPost, path: "/v1/books/{book}/close", id: "closeBooks", says: "Asks to prove a month and lock it: nothing that happened in it is booked any more.", group: "money", reach: somewhere, verb: people.Close, asks: true, status: http.StatusAccepted}, r.closeBooks)
	serve(r, route{method: http.MethodPost, path: "/v1/books/{book}/unlock", id: "unlockBooks", says: "Asks to take the latest lock back.", group: "money", reach: somewhere, verb: people.Close, asks: true, status: http.StatusAccepted}, r.unlockBooks)
}

func (r *Room) closing(ctx context.Context, v Visit, in *closingIn) (Closing, error) {
	s, err := r.month(ctx, v, in.BookIn, in.Month)
	if err != nil {
		return Closing{}, err
	}
	out, err := s.closing(ctx, in.Month, v.at)
	return out, s.ofBooks(err)
}

// month takes a calendar month of books that the visitor may see.
func (r *Room) month(ctx context.Context, v Visit, in BookIn, month string) (*shelf, error) {
	s, err := r.shelf(ctx, v, PeriodIn{BookIn: in})
	if err != nil {
		return nil, err
	}
	if s.from, err = time.ParseInLocation("2006-01", month, s.zone); err != nil {
		return nil, wrong(fmt.Sprintf("%.20q is no month", month), "write it as 2025-09")
	}
	s.to = s.from.AddDate(0, 1, 0)
	return s, nil
}

// closing looks at a month as it would be closed. What only the store that writes can
// prove is proved when it is done.
func (s *shelf) closing(ctx context.Context, month string, now time.Time) (Closing, error) {
	out := Closing{Month: month, From: s.from.UTC(), To: s.to.UTC(), Currency: string(s.chart.Currency)}
	locks, err := s.Ledger.Locks(ctx, s.Entity)
	if err != nil {
		return out, err
	}
	parked, err := s.Ledger.Suspense(ctx, s.Entity, false)
	if err != nil {
		return out, err
	}
	for _, p := range parked {
		if p.At.Before(s.to) {
			out.Parked++
		}
	}
	made, err := s.at().Report(ctx, accountant.Question{})
	if p := s.ofBooks(err); p != nil {
		var told *Problem
		if !errors.As(p, &told) || told.Code != "untied" {
			return out, err
		}
		out.Why, out.Says = "untied", told.Detail
		return out, nil
	}
	out.Transactions, out.Net, out.Pending = made.Entries, Micro(made.Income.Net), len(made.Aside)
	switch {
	case lockedUntil(locks).After(s.from):
		out.Why = "locked"
	case now.Before(s.to):
		out.Why = "begun"
	case made.Entries == 0:
		out.Why = "empty"
	case s.Pen == nil:
		out.Why = "away"
	}
	return out, nil
}

// refusal is why a month cannot be closed, as an answer; nil: it can.
func (c Closing) refusal() error {
	var says, hint string
	switch c.Why {
	case "":
		return nil
	case "locked":
		says, hint = "it is locked already, or begins in what is", "look at the locks; the latest one is taken back by two people"
	case "begun":
		says, hint = "it has not ended", "close it once it is over"
	case "empty":
		says, hint = "nothing is booked in it", "name a month in which something happened"
	case "untied":
		says, hint = c.Says, "run 'sluice ledger verify' on these books, which names the place"
	default:
		says, hint = "these books are only read here", "close it with 'sluice ledger close' where they are written"
	}
	return problem(http.StatusConflict, "not-closed", c.Month+" cannot be closed: "+says, hint)
}

func (r *Room) closeBooks(ctx context.Context, v Visit, in *closeIn) (Did, error) {
	s, err := r.month(ctx, v, in.BookIn, in.Body.Month)
	if err != nil {
		return Did{}, err
	}
	c, err := s.closing(ctx, in.Body.Month, v.at)
	if err != nil {
		return Did{}, s.ofBooks(err)
	}
	if err := c.refusal(); err != nil {
		return Did{}, err
	}
	return r.askBooks(ctx, v, s.Book, people.Draft{
		Subject: in.Book + " " + in.Body.Month, Reason: in.Body.Reason,
		Says: fmt.Sprintf("%s of %s is proved and locked: nothing that happened in it is booked any more", in.Body.Month, s.Entity),
		Diff: fmt.Sprintf("locked: open -> %d transactions, net %s", c.Transactions, money(int64(c.Net), c.Currency)),
	}, bookOrder{Deed: closeDeed, Book: in.Book, Month: in.Body.Month})
}

// money is an amount for people who approve.
func money(v int64, currency string) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, v/1_000_000, v/10_000%100, currency)
}

func (r *Room) unlockBooks(ctx context.Context, v Visit, in *unlockIn) (Did, error) {
	b, err := r.book(v, in.Book)
	if err != nil {
		return Did{}, err
	}
	if b.Pen == nil {
		return Did{}, Closing{Month: b.Name, Why: "away"}.refusal()
	}
	return r.askBooks(ctx, v, b, people.Draft{
		Subject: fmt.Sprintf("%s lock %d", in.Book, in.Body.Number), Reason: in.Body.Reason,
		Says: fmt.Sprintf("lock %d of %s is taken back: what it held may be booked into again", in.Body.Number, b.Entity),
		Diff: fmt.Sprintf("lock %d: stands -> taken back", in.Body.Number),
	}, bookOrder{Deed: unlockDeed, Book: in.Book, Number: in.Body.Number})
}

// askBooks asks for a second person.
func (r *Room) askBooks(ctx context.Context, v Visit, b Book, d people.Draft, o bookOrder) (Did, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return Did{}, fmt.Errorf("write %s down: %w", o.Deed, err)
	}
	d.Verb, d.Place, d.Deed = people.Close, people.Place{Site: b.Site}, string(text)
	q, err := r.cfg.People.Ask(ctx, v.who, d, v.at)
	if err != nil {
		return Did{}, err
	}
	r.tellRequests()
	return Did{Request: new(requested(q, v))}, nil
}

// obeyBooks carries out what two people agreed on about books; false: it is about none.
func (r *Room) obeyBooks(ctx context.Context, v Visit, q people.Request) (says string, ours bool, err error) {
	var o bookOrder
	if err := json.Unmarshal([]byte(q.Deed), &o); err != nil {
		return "", false, fmt.Errorf("read what was agreed: %w", err)
	}
	if o.Deed != closeDeed && o.Deed != unlockDeed {
		return "", false, nil
	}
	s, err := r.month(ctx, v, BookIn{Book: o.Book}, v.at.Format("2006-01"))
	if o.Deed == closeDeed {
		s, err = r.month(ctx, v, BookIn{Book: o.Book}, o.Month)
	}
	if err == nil && (s.Pen == nil || s.Site != q.Place.Site) {
		err = missing("books", o.Book)
	}
	if err != nil {
		return "", true, err
	}
	store, err := s.Pen(ctx)
	if err != nil {
		return "", true, s.ofPen(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	now := v.at.UTC().Truncate(time.Second)
	if o.Deed == unlockDeed {
		_, err := store.Unlock(ctx, ledger.Unlocking{Entity: s.Entity, Number: o.Number, At: now, By: q.By, Second: q.And, Reason: q.Reason})
		return fmt.Sprintf("lock %d is taken back", o.Number), true, s.ofPen(err)
	}
	at := s.at()
	at.Ledger = store
	_, lock, err := at.Close(ctx, store, accountant.Closer{By: q.By + " and " + q.And, At: now, OldestFirst: true})
	return fmt.Sprintf("%s is proved and locked: lock %d, trial balance %.12x…", o.Month, lock.Number, lock.Balance), true, s.ofPen(err)
}

// ofPen is why books do not take what is written.
func (s *shelf) ofPen(err error) error {
	var hint string
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ledger.ErrHeld):
		hint = "another program writes these books now: stop it, or let it come to its end, and ask again"
	case errors.Is(err, accountant.ErrProof), errors.Is(err, accountant.ErrInstall):
		hint = "run 'sluice ledger verify' on these books, which shows every difference"
	case errors.Is(err, accountant.ErrClose), errors.Is(err, ledger.ErrLocked), errors.Is(err, ledger.ErrInvalid), errors.Is(err, ledger.ErrConflict):
		hint = "look at the locks of these books; nothing was changed"
	default:
		return s.ofBooks(err)
	}
	p := problem(http.StatusConflict, "not-closed", strings.ReplaceAll(err.Error(), "\n", "; "), hint)
	p.cause = err
	return p
}
