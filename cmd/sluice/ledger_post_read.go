package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/driver/yamlfile"
	"sluice/store/ledger"
	"sluice/unit"
)

// manualFile is a journal by hand as it is written. Amounts are texts, so that no
// digit is lost.
type manualFile struct {
	Accounts     []string     `yaml:"accounts"`
	Evidence     string       `yaml:"evidence"`
	Transactions []manualText `yaml:"transactions"`
}

type manualText struct {
	ID        string       `yaml:"id"`
	At        string       `yaml:"at"`
	Kind      string       `yaml:"kind"`
	Standing  string       `yaml:"standing"`
	Source    string       `yaml:"source"`
	Belongs   string       `yaml:"belongs"`
	Settles   string       `yaml:"settles"`
	Narration string       `yaml:"narration"`
	Evidence  string       `yaml:"evidence"`
	Lines     []manualLine `yaml:"lines"`
}

type manualLine struct {
	Account      string     `yaml:"account"`
	Amount       string     `yaml:"amount"`
	Site         string     `yaml:"site"`
	Use          string     `yaml:"use"`
	Contract     string     `yaml:"contract"`
	Counterparty string     `yaml:"counterparty"`
	Project      string     `yaml:"project"`
	Model        string     `yaml:"model"`
	Lot          *manualLot `yaml:"lot"`
}

type manualLot struct {
	ID       string `yaml:"id"`
	Acquired string `yaml:"acquired"`
	Cost     string `yaml:"cost"`
}

// manual is a journal that was read: the chart with the accounts that it adds, and
// what is to be booked.
type manual struct {
	chart        books.Chart
	papers       []ledger.Paper
	transactions []books.Transaction
}

// manualMost bounds a journal by hand, bytes.
const manualMost = 4 << 20

// readJournal reads a journal by hand from a file, and the documents that it names.
func readJournal(name string, s *shelf) (*manual, error) {
	text, err := slurp(name)
	if err != nil {
		return nil, err
	}
	return parseJournal(text, name, s.chart, s.zone)
}

// parseJournal reads a journal by hand; documents lie beside the file of that name.
func parseJournal(text []byte, name string, chart books.Chart, zone *time.Location) (*manual, error) {
	if len(text) > manualMost || len(text) == 0 {
		return nil, fmt.Errorf("%s: %d bytes, a journal has 1 to %d", name, len(text), manualMost)
	}
	var in manualFile
	if err := yamlfile.Decode(text, &in); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(in.Transactions) == 0 {
		return nil, fmt.Errorf("%s: it has no transactions", name)
	}
	j := &manual{chart: chart.With(in.Accounts...), papers: []ledger.Paper{{Kind: "journal", Name: filepath.Base(name), Body: text}}}
	if err := j.chart.Validate(); err != nil {
		return nil, fmt.Errorf("%s: accounts: %w: new ones are banks, wallets, pools, customers, vendors and the like", name, err)
	}
	var faults []error
	common, err := j.document(name, in.Evidence)
	if err != nil {
		faults = append(faults, err)
	}
	for i, x := range in.Transactions {
		t, err := j.read(x, zone)
		if err != nil {
			faults = append(faults, fmt.Errorf("transaction %d, %q: %w", i+1, clean(x.ID), err))
		}
		if t.Source == "" {
			t.Source = "journal " + filepath.Base(name)
		}
		if t.Evidence = common; x.Evidence != "" {
			if t.Evidence, err = j.document(name, x.Evidence); err != nil {
				faults = append(faults, err)
			}
		}
		if slices.ContainsFunc(j.transactions, func(o books.Transaction) bool { return o.ID == t.ID }) {
			faults = append(faults, fmt.Errorf("transaction %d: the id %q stands twice", i+1, clean(x.ID)))
		}
		j.transactions = append(j.transactions, t)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return j, nil
}

// document files a document and returns its hash; with no name that of the journal.
func (j *manual) document(journal, name string) (books.Hash, error) {
	if name == "" {
		return j.papers[0].Hash(), nil
	}
	if !filepath.IsLocal(name) {
		return books.Hash{}, fmt.Errorf("evidence %q: name a file in the folder of the journal", clean(name))
	}
	body, err := slurp(filepath.Join(filepath.Dir(journal), name))
	if err == nil && len(body) == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		return books.Hash{}, fmt.Errorf("evidence: %w", err)
	}
	p := ledger.Paper{Kind: "document", Name: name, Body: body}
	if !slices.ContainsFunc(j.papers, func(o ledger.Paper) bool { return o.Kind == p.Kind && o.Hash() == p.Hash() }) {
		j.papers = append(j.papers, p)
	}
	return p.Hash(), nil
}

// momentOf reads a day, of which it is noon in the zone, or an instant.
func momentOf(text string, zone *time.Location) (time.Time, error) {
	if d, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return d.Add(12 * time.Hour), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q: write 2025-09-30, or an instant such as 2025-09-30T17:00:00Z", clean(text))
	}
	return at.UTC(), nil
}

// read reads one transaction.
func (j *manual) read(x manualText, zone *time.Location) (books.Transaction, error) {
	t := books.Transaction{
		ID: x.ID, Entity: j.chart.Entity, Kind: x.Kind, Standing: books.Standing(x.Standing), Booked: now(), Source: x.Source, Belongs: x.Belongs, Settles: x.Settles, Narration: x.Narration,
	}
	if t.Standing == "" {
		t.Standing = books.Posted
	}
	var faults []error
	var err error
	if t.At, err = momentOf(x.At, zone); err != nil {
		faults = append(faults, fmt.Errorf("at: %w", err))
	}
	if _, err := time.Parse("2006-01", x.Belongs); x.Belongs != "" && err != nil {
		faults = append(faults, fmt.Errorf("belongs %q: write a month such as 2025-08", clean(x.Belongs)))
	}
	for i, l := range x.Lines {
		line, err := j.line(l)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", i+1, err))
		}
		t.Lines = append(t.Lines, line)
	}
	return t, errors.Join(faults...)
}

// line reads one line of a transaction.
func (j *manual) line(x manualLine) (books.Line, error) {
	l := books.Line{Account: x.Account, Tags: books.Tags{Site: x.Site, Use: x.Use, Contract: x.Contract, Counterparty: x.Counterparty, Project: x.Project, Model: x.Model}}
	a, ok := j.chart.Find(x.Account)
	if !ok {
		return l, fmt.Errorf("%w: %q: correct its name, or add it under accounts", books.ErrAccount, clean(x.Account))
	}
	var err error
	if l.Amount, err = a.Asset.Parse(strings.ReplaceAll(x.Amount, "_", "")); err != nil {
		return l, fmt.Errorf("%s: amount: %w", x.Account, err)
	}
	if x.Lot == nil {
		return l, nil
	}
	l.Lot.ID = x.Lot.ID
	if l.Lot.Acquired, err = time.Parse(time.RFC3339, x.Lot.Acquired); err != nil {
		return l, fmt.Errorf("%s: acquired of lot %q: write an instant such as 2025-09-30T17:00:00Z", x.Account, clean(x.Lot.ID))
	}
	cost, err := books.Asset(j.chart.Currency).Parse(strings.ReplaceAll(x.Lot.Cost, "_", ""))
	if err != nil {
		return l, fmt.Errorf("%s: cost of lot %q: %w", x.Account, clean(x.Lot.ID), err)
	}
	l.Lot.Acquired, l.Lot.Cost = l.Lot.Acquired.UTC(), unit.Amount(cost)
	return l, nil
}
