package room

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/store/ledger"
)

// TrialRow is one account of a trial balance; one side is there.
type TrialRow struct {
	Code      string `json:"code"`
	Account   string `json:"account"`
	Asset     string `json:"asset" doc:"The currency in which it is counted, or BTC."`
	Debit     *Micro `json:"debit,omitempty"`
	Credit    *Micro `json:"credit,omitempty"`
	DebitSat  *int64 `json:"debit_sat,omitempty" doc:"Of bitcoin."`
	CreditSat *int64 `json:"credit_sat,omitempty" doc:"Of bitcoin."`
}

// TrialBalance is all accounts that hold something.
type TrialBalance struct {
	Period
	Accounts []TrialRow `json:"accounts" doc:"All that was booked before the end of the period. In each asset debits equal credits."`
}

func (r *Room) accounts(ctx context.Context, v Visit, in *PeriodIn) (TrialBalance, error) {
	s, err := r.shelf(ctx, v, *in)
	if err != nil {
		return TrialBalance{}, err
	}
	all, err := s.at().Balances(ctx, time.Time{}, s.to)
	if err != nil {
		return TrialBalance{}, s.ofBooks(err)
	}
	lines, err := statement.Trial(s.chart, all)
	out := TrialBalance{Period: s.period(int(s.reach.Transactions)), Accounts: []TrialRow{}}
	for _, l := range lines {
		x := TrialRow{Code: l.Account.Code, Account: l.Account.Name, Asset: string(l.Account.Asset)}
		if l.Debit != 0 {
			x.Debit, x.DebitSat = moneyOf(l.Account.Asset, l.Debit), satOf(l.Account.Asset, l.Debit)
		} else {
			x.Credit, x.CreditSat = moneyOf(l.Account.Asset, l.Credit), satOf(l.Account.Asset, l.Credit)
		}
		out.Accounts = append(out.Accounts, x)
	}
	return out, s.ofBooks(err)
}

// Posting is one account's part of a transaction.
type Posting struct {
	Account      string     `json:"account"`
	Asset        string     `json:"asset"`
	Amount       *Micro     `json:"amount,omitempty" doc:"Debit positive, credit negative."`
	Coins        *int64     `json:"coins_sat,omitempty" doc:"The same of bitcoin."`
	Lot          string     `json:"lot,omitempty" doc:"Of bitcoin that is held."`
	Acquired     *time.Time `json:"acquired,omitempty" doc:"When the lot was."`
	Cost         *Micro     `json:"cost,omitempty" doc:"Of what of the lot moves, of the same sign."`
	Site         string     `json:"site,omitempty"`
	Use          string     `json:"use,omitempty"`
	Model        string     `json:"model,omitempty"`
	Contract     string     `json:"contract,omitempty"`
	Counterparty string     `json:"counterparty,omitempty"`
	Project      string     `json:"project,omitempty"`
}

// Transaction is one event in the books.
type Transaction struct {
	Sequence  int64     `json:"sequence"`
	ID        string    `json:"id"`
	Kind      string    `json:"kind" doc:"What happened, such as pool credit."`
	Standing  string    `json:"standing" enum:"posted,pending,void" doc:"pending: set aside from a plan, and in no balance."`
	At        time.Time `json:"at" doc:"When it happened."`
	Booked    time.Time `json:"booked" doc:"When who booked it knew."`
	Source    string    `json:"source"`
	Evidence  string    `json:"evidence,omitempty" doc:"SHA-256 of the paper that it was booked from."`
	Filed     string    `json:"evidence_kind,omitempty" doc:"Kind of that paper; absent: it is not filed in these books."`
	Reverses  string    `json:"reverses,omitempty" doc:"Transaction that it takes back."`
	Settles   string    `json:"settles,omitempty" doc:"Pending transaction in whose place it stands."`
	Belongs   string    `json:"belongs_to,omitempty" doc:"Period that was closed already when it was booked."`
	Narration string    `json:"narration,omitempty"`
	Closing   bool      `json:"closing,omitempty" doc:"It closes a year: profit and loss leave it out."`
	Hash      string    `json:"hash" doc:"Its place in the chain."`
	Previous  string    `json:"previous,omitempty" doc:"Of the one before it in the chain; absent: it is the first."`
	Lines     []Posting `json:"lines"`
}

// Transactions is a page of them.
type Transactions struct {
	Period
	Page []Transaction `json:"page" doc:"The first one first."`
	Next string        `json:"next,omitempty" doc:"Cursor of the next page; absent: this is the last one."`
}

type transactionsIn struct {
	PeriodIn

	Account  string `query:"account" maxLength:"200" example:"Expenses:Power:Energy"`
	Evidence string `query:"evidence" maxLength:"64" doc:"SHA-256 of a paper: what was booked from it."`
	Cursor   string `query:"cursor" maxLength:"20" doc:"From the page before."`
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (r *Room) transactions(ctx context.Context, v Visit, in *transactionsIn) (Transactions, error) {
	s, err := r.shelf(ctx, v, in.PeriodIn)
	if err != nil {
		return Transactions{}, err
	}
	fits, err := s.wanted(in)
	if err != nil {
		return Transactions{}, err
	}
	q := ledger.Query{Entity: s.Entity, From: s.from, To: s.to}
	if in.Cursor != "" {
		if q.After, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || q.After < 0 {
			return Transactions{}, wrong(fmt.Sprintf("%.20q is no cursor", in.Cursor), "take the one of the page before, or leave it out to begin anew")
		}
	}
	kinds, err := s.Ledger.Kinds(ctx, s.Entity)
	if err != nil {
		return Transactions{}, s.ofBooks(err)
	}
	out := Transactions{Period: s.period(int(s.reach.Transactions)), Page: []Transaction{}}
	for t, err := range s.Ledger.Transactions(ctx, q) {
		if err != nil {
			return out, s.ofBooks(err)
		}
		if !fits(t) {
			continue
		}
		if len(out.Page) == in.Limit {
			out.Next = strconv.FormatInt(out.Page[in.Limit-1].Sequence, 10)
			break
		}
		out.Page = append(out.Page, s.shown(t, kinds))
	}
	return out, nil
}

// wanted says which transactions are meant.
func (s *shelf) wanted(in *transactionsIn) (func(books.Sealed) bool, error) {
	if _, known := s.chart.Find(in.Account); in.Account != "" && !known {
		return nil, missing("account", in.Account)
	}
	var paper books.Hash
	if in.Evidence != "" {
		var err error
		if paper, err = hashOf(in.Evidence); err != nil {
			return nil, err
		}
	}
	return func(t books.Sealed) bool {
		if in.Evidence != "" && t.Evidence != paper {
			return false
		}
		return in.Account == "" || slices.ContainsFunc(t.Lines, func(l books.Line) bool { return l.Account == in.Account })
	}, nil
}

// hashOf reads a SHA-256.
func hashOf(text string) (h books.Hash, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(h) {
		return h, wrong(fmt.Sprintf("%.70q is no SHA-256", text), "take the evidence of a transaction: 64 digits from 0 to f")
	}
	return books.Hash(b), nil
}

// hashText is a hash in digits; nothing where it is zero.
func hashText(h books.Hash) string {
	if h == (books.Hash{}) {
		return ""
	}
	return hex.EncodeToString(h[:])
}

type transactionIn struct {
	BookIn

	ID string `path:"id" maxLength:"300"`
}

func (r *Room) transaction(ctx context.Context, v Visit, in *transactionIn) (Transaction, error) {
	s, err := r.shelf(ctx, v, PeriodIn{BookIn: in.BookIn})
	if err != nil {
		return Transaction{}, err
	}
	t, err := s.Ledger.Find(ctx, s.Entity, in.ID)
	if errors.Is(err, ledger.ErrUnknown) {
		return Transaction{}, missing("transaction", in.ID)
	}
	if err != nil {
		return Transaction{}, s.ofBooks(err)
	}
	kinds, err := s.Ledger.Kinds(ctx, s.Entity)
	return s.shown(t, kinds), s.ofBooks(err)
}

// shown is a transaction for people.
func (s *shelf) shown(t books.Sealed, kinds map[books.Hash]string) Transaction {
	out := Transaction{
		Sequence: t.Sequence, ID: t.ID, Kind: t.Kind, Standing: string(t.Standing), At: t.At.UTC(), Booked: t.Booked.UTC(), Source: t.Source,
		Evidence: hashText(t.Evidence), Filed: kinds[t.Evidence], Reverses: t.Reverses, Settles: t.Settles, Belongs: t.Belongs, Narration: t.Narration,
		Closing: statement.Closing(t.Transaction), Hash: hashText(t.Hash), Previous: hashText(t.Previous), Lines: []Posting{},
	}
	for _, l := range t.Lines {
		a, _ := s.chart.Find(l.Account)
		x := Posting{
			Account: l.Account, Asset: string(a.Asset), Amount: moneyOf(a.Asset, l.Amount), Coins: satOf(a.Asset, l.Amount), Lot: l.Lot.ID, Site: l.Tags.Site,
			Use: l.Tags.Use, Model: l.Tags.Model, Contract: l.Tags.Contract, Counterparty: l.Tags.Counterparty, Project: l.Tags.Project,
		}
		if l.Lot.ID != "" {
			x.Acquired, x.Cost = new(l.Lot.Acquired.UTC()), new(Micro(l.Lot.Cost))
		}
		out.Lines = append(out.Lines, x)
	}
	return out
}
