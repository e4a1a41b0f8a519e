package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"sluice/books"
	"sluice/store/ledger"
)

// mostShown bytes of a paper are shown.
const mostShown = 1 << 20

// Evidence is a paper that something was booked from.
type Evidence struct {
	Hash     string `json:"hash" doc:"SHA-256 of its bytes."`
	Kind     string `json:"kind" doc:"Such as day, invoice, price or supplier statement."`
	Name     string `json:"name" doc:"For people."`
	Standing string `json:"standing" enum:"metered,published,stated,assumed,declared" doc:"How what it says came to be."`
	Size     int    `json:"size" doc:"Bytes."`
	Form     string `json:"form" enum:"json,text,binary"`
	Text     string `json:"text,omitempty" doc:"As it was filed; absent: it is no text."`
	Cut      bool   `json:"cut,omitempty" doc:"Only the beginning is shown; 'sluice ledger paper' shows all."`
}

type evidenceIn struct {
	BookIn

	Hash string `path:"hash" maxLength:"64"`
}

func (r *Room) evidence(ctx context.Context, v Visit, in *evidenceIn) (Evidence, error) {
	b, err := r.book(v, in.Book)
	if err != nil {
		return Evidence{}, err
	}
	h, err := hashOf(in.Hash)
	if err != nil {
		return Evidence{}, err
	}
	p, err := b.Ledger.Paper(ctx, b.Entity, h)
	switch {
	case errors.Is(err, ledger.ErrUnknown):
		return Evidence{}, missing("paper", in.Hash)
	case errors.Is(err, books.ErrChanged):
		p := problem(409, "changed", fmt.Sprintf("paper %.12s… is not what was filed", in.Hash), "run 'sluice ledger verify' on these books, and restore the last backup that verifies")
		p.cause = err
		return Evidence{}, p
	case err != nil:
		return Evidence{}, away("the ledger of "+b.Entity, err)
	}
	return shownPaper(p), nil
}

func shownPaper(p ledger.Paper) Evidence {
	out := Evidence{Hash: hashText(p.Hash()), Kind: p.Kind, Name: p.Name, Standing: standingOf(p.Kind), Size: len(p.Body), Form: "binary"}
	if !utf8.Valid(p.Body) {
		return out
	}
	out.Form = "text"
	if json.Valid(p.Body) {
		out.Form = "json"
	}
	body := p.Body
	if len(body) > mostShown {
		body, out.Cut = body[:mostShown], true
		for !utf8.Valid(body) {
			body = body[:len(body)-1]
		}
	}
	out.Text = string(body)
	return out
}

// Parked is something that could not be booked or billed.
type Parked struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Reason   string     `json:"reason" doc:"Stable name of why."`
	Says     string     `json:"says"`
	At       time.Time  `json:"at" doc:"When it happened."`
	Parked   time.Time  `json:"parked"`
	Evidence string     `json:"evidence,omitempty" doc:"SHA-256 of its paper."`
	Released *time.Time `json:"released,omitempty" doc:"Absent: it is open."`
	By       string     `json:"by,omitempty" doc:"Who released it."`
	Why      string     `json:"why,omitempty"`
}

// Suspense is what waits.
type Suspense struct {
	Parked []Parked `json:"parked" doc:"The first one first."`
}

type suspenseIn struct {
	BookIn

	All bool `query:"all" doc:"What was released too."`
}

func (r *Room) suspense(ctx context.Context, v Visit, in *suspenseIn) (Suspense, error) {
	out := Suspense{Parked: []Parked{}}
	b, err := r.book(v, in.Book)
	if err != nil {
		return out, err
	}
	all, err := b.Ledger.Suspense(ctx, b.Entity, in.All)
	if err != nil {
		return out, away("the ledger of "+b.Entity, err)
	}
	for _, p := range all {
		x := Parked{ID: p.ID, Kind: p.Kind, Reason: p.Reason, Says: p.Says, At: p.At.UTC(), Parked: p.Booked.UTC(), Evidence: hashText(p.Paper)}
		if p.Released != nil {
			x.Released, x.By, x.Why = new(p.Released.At.UTC()), p.Released.By, p.Released.Why
		}
		out.Parked = append(out.Parked, x)
	}
	return out, nil
}

// Locking is one entry in the history of locks.
type Locking struct {
	Number  int64     `json:"number"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to" doc:"First instant after the period."`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	And     string    `json:"and,omitempty" doc:"The second person, of a lock that is taken back."`
	Reason  string    `json:"reason,omitempty"`
	Unlocks int64     `json:"unlocks,omitempty" doc:"Number of the lock that it takes back; absent: it is a lock."`
	Stands  bool      `json:"stands" doc:"It is a lock, and nobody took it back."`
	Root    string    `json:"root,omitempty" doc:"Hash of the last transaction of the period."`
	Trial   string    `json:"trial_balance,omitempty" doc:"Hash of the trial balance at its end."`
}

// Periods is the history of locks.
type Periods struct {
	Until *time.Time `json:"locked,omitempty" doc:"Nothing that happened before is booked any more; absent: all is open."`
	Locks []Locking  `json:"locks" doc:"The first one first."`
}

func (r *Room) periods(ctx context.Context, v Visit, in *BookIn) (Periods, error) {
	out := Periods{Locks: []Locking{}}
	b, err := r.book(v, in.Book)
	if err != nil {
		return out, err
	}
	all, err := b.Ledger.Locks(ctx, b.Entity)
	if err != nil {
		return out, away("the ledger of "+b.Entity, err)
	}
	if end := lockedUntil(all); !end.IsZero() {
		out.Until = new(end.UTC())
	}
	gone := map[int64]bool{}
	for _, l := range all {
		gone[l.Unlocks] = true
	}
	for _, l := range all {
		out.Locks = append(out.Locks, Locking{
			Number: l.Number, From: l.From.UTC(), To: l.To.UTC(), At: l.At.UTC(), By: l.By, And: l.Second, Reason: l.Reason, Unlocks: l.Unlocks,
			Stands: l.Unlocks == 0 && !gone[l.Number], Root: hashText(l.Root), Trial: hashText(l.Balance),
		})
	}
	return out, nil
}
