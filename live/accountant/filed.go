package accountant

import (
	"bytes"
	"context"
	"fmt"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/statement"
	"sluice/driver/entityfile"
	"sluice/loop/settle"
)

// The kinds under which papers are filed that statements are made with.
const (
	PaperDay     = "day"
	PaperPrice   = "price"
	PaperCompany = "company"
)

// Company is the company as it was filed last; nil: it never was.
func (s *Shelf) Company(ctx context.Context) (*settle.Company, error) {
	var last []byte
	if err := s.papers(ctx, PaperCompany, func(_ string, body []byte) error { last = body; return nil }); err != nil || last == nil {
		return nil, err
	}
	c, err := entityfile.Read(bytes.NewReader(last), "as filed in the books")
	if err != nil {
		return nil, fmt.Errorf("company as it is filed: %w", err)
	}
	return c, nil
}

// Keys are those by which shared costs are divided, of the company as it was filed last.
func (s *Shelf) Keys(ctx context.Context) ([]cost.Key, error) {
	c, err := s.Company(ctx)
	if err != nil || c == nil {
		return nil, err
	}
	return c.Keys, nil
}

// Days are what was measured in the period, as it is filed.
func (s *Shelf) Days(ctx context.Context) ([]statement.Day, error) {
	var all []statement.Day
	err := s.papers(ctx, PaperDay, func(_ string, body []byte) error {
		d, err := statement.ParseDay(body)
		all = append(all, d)
		return err
	})
	return statement.Within(all, s.From, s.To), err
}

// Prices are those of bitcoin that are filed and of the period.
func (s *Shelf) Prices(ctx context.Context) ([]books.Price, error) {
	var all []books.Price
	err := s.papers(ctx, PaperPrice, func(_ string, body []byte) error {
		p, err := books.ParsePrice(body)
		if err == nil && p.Asset == books.Bitcoin && p.Quote == s.Chart.Currency && !p.At.Before(s.From) && p.At.Before(s.To) {
			all = append(all, p)
		}
		return err
	})
	return all, err
}
