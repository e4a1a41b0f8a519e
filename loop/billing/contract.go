package billing

import (
	"errors"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/unit"
)

// Measure is what a reading counts, so that no kilowatt-hour is billed as an hour of a GPU.
type Measure string

// The measures, each in its base unit.
const (
	Energy  Measure = "energy"      // joules
	GPUTime Measure = "GPU time"    // GPU-seconds
	Count   Measure = "pieces"      // pieces
	Any     Measure = "any measure" // of a unit that nothing else measures
)

// Contract is all that is agreed with one customer in one contract.
type Contract struct {
	ID       string
	Seller   invoice.Party // its name is the legal entity whose books these are
	Customer invoice.Party
	Series   string // of the numbers of its documents
	Currency unit.Currency
	Zone     *time.Location // in which its months are cut
	Versions []rate.Contract
	Prices   []rate.PriceVersion
	Service  Service
	Assumed  []string // what of all this is an assumption
}

// CreditOn says where an SLA credit stands.
type CreditOn string

// The places of a credit.
const (
	OnInvoice CreditOn = "invoice" // a line of the invoice; what is known later is on a note
	OnNote    CreditOn = "note"    // always on a credit note
)

// Service is the level of service that is agreed; without tiers there is none.
type Service struct {
	Agreement rate.Agreement
	Parts     []rate.Part
	Fee       []string // terms whose lines are the fee that a credit is a share of
	Credit    CreditOn
}

// Reading is an interval, what it counts and the paper on which it came.
type Reading struct {
	rate.Interval
	Measure Measure
	Paper   books.Hash
}

// Outage is a stretch in which a part of a contract was down.
type Outage struct {
	Contract string
	rate.Outage
	Paper books.Hash
}

// Exclusion is a stretch whose outages are claimed not to count.
type Exclusion struct {
	Contract string
	rate.Exclusion
	Paper books.Hash
}

// measure is what a term counts.
func measure(t rate.Term) Measure {
	switch t.Unit {
	case rate.MegawattHour:
		return Energy
	case rate.GPUHour, rate.GPUSecond:
		return GPUTime
	case rate.Piece:
		return Count
	case rate.KilowattMonth, rate.Month, rate.Second, rate.Money:
	}
	return Any
}

// The failures of a run, beside those of package rate.
var (
	ErrPeriod = errors.New("a bill is for one calendar month of the contract")
	ErrGaps   = errors.New("readings are missing")
	ErrEarly  = errors.New("the month has not ended")
	ErrLate   = errors.New("the contract no longer corrects this month")
)

// Month is the calendar month that begins at an instant in the zone of the contract.
func (c Contract) Month(at time.Time) rate.Span {
	y, m, _ := at.In(c.zone()).Date()
	return rate.Span{From: time.Date(y, m, 1, 0, 0, 0, 0, c.zone()).Unix(), To: time.Date(y, m+1, 1, 0, 0, 0, 0, c.zone()).Unix()}
}

func (c Contract) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// name is the month as people write it.
func (c Contract) name(p rate.Span) string {
	return time.Unix(p.From, 0).In(c.zone()).Format("2006-01")
}
