package room

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/statement"
	"sluice/people"
	"sluice/store/ledger"
)

// Journal is what was booked.
type Journal interface {
	Balances(ctx context.Context, q ledger.Query) ([]ledger.Balance, error)
	Transactions(ctx context.Context, q ledger.Query) iter.Seq2[books.Sealed, error]
	Find(ctx context.Context, entity, id string) (books.Sealed, error)
}

// Chart is whose books they are, what they hold, and how far they reach.
type Chart interface {
	Chart(ctx context.Context, entity string) (books.Chart, error)
	OpenLots(ctx context.Context, entity string, before time.Time) ([]ledger.Parcel, error)
	Extent(ctx context.Context, entity string) (ledger.Extent, error)
}

// Papers are what was booked from.
type Papers interface {
	Paper(ctx context.Context, entity string, h books.Hash) (ledger.Paper, error)
	Papers(ctx context.Context, entity, kind string) iter.Seq2[ledger.Paper, error]
	Kinds(ctx context.Context, entity string) (map[books.Hash]string, error)
}

// Files are what was issued, what waits, and what is locked.
type Files interface {
	Documents(ctx context.Context, entity string) iter.Seq2[invoice.Document, error]
	Suspense(ctx context.Context, entity string, all bool) ([]ledger.Parked, error)
	Locks(ctx context.Context, entity string) ([]ledger.Locking, error)
}

// Ledger is books that are read, of which ledger.Reader is one, and ledger.Store in the
// program that writes them.
type Ledger interface {
	Journal
	Chart
	Papers
	Files
}

// Book is the books of one company.
type Book struct {
	Name   string // by which they are asked for
	Site   string // at which the right to see money is held; empty: at all of them
	Entity string // whose they are, as the ledger calls it
	Ledger Ledger
	Pen    Pen // opens them to write; nil: they are only read here
}

// Library is the books that are attached. It may be used from any goroutine; a nil one is
// empty.
type Library struct{ kept *register[Book] }

// NewLibrary is a library without books.
func NewLibrary() *Library { return &Library{newRegister[Book]()} }

// Attach adds books. An error wraps ErrAttached where the name is taken.
func (l *Library) Attach(b Book) error {
	if !nameable(b.Name) || b.Entity == "" || b.Ledger == nil {
		return fmt.Errorf("attach books %.60q of %.60q: a name has no blank and none of / ? # %% \\, and a company is named", b.Name, b.Entity)
	}
	if err := l.kept.add(b.Name, b); err != nil {
		return fmt.Errorf("books %s: %w", b.Name, err)
	}
	return nil
}

// Detach lets books go. Who opened them closes them.
func (l *Library) Detach(name string) { l.kept.remove(name) }

// all are the books by name.
func (l *Library) all() []Book {
	if l == nil {
		return nil
	}
	return l.kept.all()
}

// book finds books that a visitor may see. Of others they are not told that they exist.
func (r *Room) book(v Visit, name string) (Book, error) {
	for _, b := range r.cfg.Books.all() {
		if b.Name == name && v.Sees(people.Money, b.Site) {
			return b, nil
		}
	}
	return Book{}, missing("books", name)
}

// BooksNow is the books of one company as they stand.
type BooksNow struct {
	Name         string     `json:"name"`
	Company      string     `json:"company"`
	Site         string     `json:"site,omitempty" doc:"At which the right to see money is held; absent: at all of them."`
	Currency     string     `json:"currency"`
	Zone         string     `json:"zone" doc:"Of their days."`
	Transactions int64      `json:"transactions"`
	From         *time.Time `json:"from,omitempty" doc:"First day; absent: nothing is booked."`
	To           *time.Time `json:"to,omitempty" doc:"First instant after the last day."`
	Booked       *time.Time `json:"booked,omitempty" doc:"When something was booked last."`
	Locked       *time.Time `json:"locked,omitempty" doc:"Nothing that happened before is booked any more; absent: all is open."`
	Balanced     bool       `json:"balanced" doc:"In each asset debits equal credits, and the balance sheet ties."`
	Fault        string     `json:"fault,omitempty" doc:"Why it is not in balance, or cannot be read now."`
}

// Shelves are all books.
type Shelves struct {
	Books []BooksNow `json:"books"`
}

// BookIn names the books of a path.
type BookIn struct {
	Book string `path:"book" maxLength:"200" example:"houston"`
}

// serveMoney adds what can be asked about money.
func (r *Room) serveMoney() {
	get := func(path, id, says string) route {
		return route{method: http.MethodGet, path: "/v1/books" + path, id: id, says: says, group: "money", reach: somewhere, verb: people.Money}
	}
	serve(r, get("", "listBooks", "The books of each company, how far they reach and whether they balance."), r.listBooks)
	serve(r, get("/{book}/statement", "getStatement", "What a period earned and cost, step by step; balance sheet and cash flow."), r.statement)
	serve(r, get("/{book}/cost", "getCost", "What a bitcoin cost at four levels, of which accounts, and how their figures came to be."), r.costs)
	serve(r, get("/{book}/accounts", "listAccounts", "The trial balance."), r.accounts)
	serve(r, get("/{book}/transactions", "listTransactions", "What was booked, the first one first: of an account, a period or a paper."), r.transactions)
	serve(r, get("/{book}/transactions/{id}", "getTransaction", "One transaction with its lines, its lots and its evidence."), r.transaction)
	serve(r, get("/{book}/evidence/{hash}", "getEvidence", "The paper that something was booked from."), r.evidence)
	serve(r, get("/{book}/invoices", "listInvoices", "Invoices and notes, and what is open of them."), r.invoices)
	serve(r, get("/{book}/invoices/{number}", "getInvoice", "One invoice or note: its lines, what each rests on, and what was paid."), r.invoice)
	serve(r, get("/{book}/invoices/{number}/lines/{line}", "getInvoiceLine", "One line of an invoice, with the readings under it."), r.invoiceLine)
	raw(r, get("/{book}/invoices/{number}/pdf", "getInvoicePDF", "The invoice as it is sent, in PDF.").as("application/pdf"), r.invoicePDF)
	serve(r, get("/{book}/treasury", "getTreasury", "Bitcoin by wallet and lot, what it cost, and what it is worth at the last price."), r.treasury)
	serve(r, get("/{book}/suspense", "listSuspense", "What could not be booked or billed, and why."), r.suspense)
	serve(r, get("/{book}/periods", "listPeriods", "What was locked, and taken back."), r.periods)
	r.serveClosing()
	r.serveRelease()
}

func (r *Room) listBooks(ctx context.Context, v Visit, _ *struct{}) (Shelves, error) {
	out := Shelves{Books: []BooksNow{}}
	for _, b := range r.cfg.Books.all() {
		if !v.Sees(people.Money, b.Site) {
			continue
		}
		now, err := b.now(ctx)
		if err != nil {
			r.cfg.Log.ErrorContext(ctx, "books cannot be read", "books", b.Name, "cause", err)
			now.Balanced, now.Fault = false, "they cannot be read now"
		}
		out.Books = append(out.Books, now)
	}
	return out, nil
}

// now is how books stand.
func (b Book) now(ctx context.Context) (BooksNow, error) {
	out := BooksNow{Name: b.Name, Company: b.Entity, Site: b.Site}
	s, err := openShelf(ctx, b)
	if err != nil {
		return out, err
	}
	out.Currency, out.Zone, out.Transactions = string(s.chart.Currency), s.chart.Zone, s.reach.Transactions
	if s.reach.Transactions > 0 {
		out.From, out.To, out.Booked = new(s.from.UTC()), new(s.to.UTC()), new(s.reach.Booked)
	}
	locks, err := b.Ledger.Locks(ctx, b.Entity)
	if err != nil {
		return out, err
	}
	if end := lockedUntil(locks); !end.IsZero() {
		out.Locked = new(end.UTC())
	}
	err = s.balanced(ctx)
	out.Balanced = err == nil
	if errors.Is(err, statement.ErrTie) {
		out.Fault, err = err.Error(), nil
	}
	return out, err
}

// lockedUntil is the end of the latest lock that stands.
func lockedUntil(all []ledger.Locking) (until time.Time) {
	gone := map[int64]bool{}
	for _, l := range all {
		gone[l.Unlocks] = true
	}
	for _, l := range all {
		if l.Unlocks == 0 && !gone[l.Number] && l.To.After(until) {
			until = l.To
		}
	}
	return until
}
