// Package asset depreciates machines and halls by the method that was declared
// for each. What is charged over the life of an asset is its cost less what it is
// worth at the end, to the millionth.
//
// Source: docs/formula/asset.md.
package asset

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Method is how an asset loses its value.
type Method string

// The methods.
const (
	StraightLine Method = "straight-line"     // the same each second
	Declining    Method = "declining-balance" // a share of what is left, each year
	ByUse        Method = "units"             // by what it did, of what it can do in its life
)

// Asset is one thing, or many that were bought and are used together.
type Asset struct {
	Name     string
	Account  string // of the property, such as Assets:PPE:ASIC
	Cost     unit.Amount
	Residual unit.Amount // what it is worth at the end of its life
	Service  time.Time   // since when it is in service
	Life     int         // years
	Method   Method
	Rate     unit.Ratio // of Declining, a year
	Units    int64      // of ByUse, in all its life: hours, or gigahashes
	Tags     books.Tags
}

// ErrAsset is the failure of an asset that cannot be depreciated.
var ErrAsset = errors.New("no depreciable asset")

// Validate reports everything that is wrong with an asset.
func (a Asset) Validate() error {
	var faults []error
	if strings.TrimSpace(a.Name) == "" || !strings.HasPrefix(a.Account, "Assets:") {
		faults = append(faults, errors.New("a name, and an account of assets, are needed"))
	}
	if a.Cost <= 0 || a.Residual < 0 || a.Residual > a.Cost {
		faults = append(faults, errors.New("its cost is above zero, and its residual value between zero and that"))
	}
	if a.Service.IsZero() || a.Life < 1 || a.Life > 100 {
		faults = append(faults, errors.New("it says since when it is in service, and for 1 to 100 years"))
	}
	switch a.Method {
	case StraightLine:
	case Declining:
		if a.Rate <= 0 || a.Rate >= unit.One {
			faults = append(faults, errors.New("its rate a year is between 0 and 1"))
		}
	case ByUse:
		if a.Units <= 0 {
			faults = append(faults, errors.New("it says how many units it can do in its life"))
		}
	default:
		faults = append(faults, fmt.Errorf("method %q is none of %s, %s and %s", a.Method, StraightLine, Declining, ByUse))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("asset %q: %w: %w", a.Name, ErrAsset, err)
	}
	return nil
}

// Gone is how much of its value an asset has lost at an instant. done is what it
// has done since it is in service; only ByUse asks for it.
//
// Source: docs/formula/asset.md.
func (a Asset) Gone(at time.Time, done int64) unit.Amount {
	all := a.Cost - a.Residual
	end := a.Service.AddDate(a.Life, 0, 0)
	switch {
	case !at.After(a.Service):
		return 0
	case a.Method == ByUse:
		return part(all, min(max(done, 0), a.Units), a.Units)
	case !at.Before(end):
		return all
	case a.Method == Declining:
		return a.declined(at)
	}
	return part(all, at.Unix()-a.Service.Unix(), end.Unix()-a.Service.Unix())
}

// declined takes a share of what is left for every year, within a year by the
// second, and never more than leaves the residual value.
func (a Asset) declined(at time.Time) unit.Amount {
	left := a.Cost
	for year := range a.Life {
		from, to := a.Service.AddDate(year, 0, 0), a.Service.AddDate(year+1, 0, 0)
		charge := unit.Amount(unit.MulDiv(int64(left), int64(a.Rate), int64(unit.One)))
		if at.Before(to) {
			left -= part(charge, at.Unix()-from.Unix(), to.Unix()-from.Unix())
			break
		}
		left -= charge
	}
	return min(a.Cost-left, a.Cost-a.Residual)
}

// part is of all as much as n is of m.
func part(all unit.Amount, n, m int64) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(all), n, m))
}

// Span is a period for which assets are charged.
type Span struct {
	Entity   string
	From, To time.Time // half open
	Booked   time.Time
}

// Charge is the depreciation of an asset over a period. before and after are what
// it had done at both ends. False: there is nothing to charge.
func Charge(s Span, a Asset, before, after int64) (books.Transaction, bool, error) {
	if err := a.Validate(); err != nil {
		return books.Transaction{}, false, err
	}
	v := a.Gone(s.To, after) - a.Gone(s.From, before)
	if v == 0 {
		return books.Transaction{}, false, nil
	}
	last := s.To.Add(-time.Second)
	return books.Transaction{
		ID:     books.DerivedID("depreciation", s.Entity, a.Name, s.From.UTC().Format(time.RFC3339), s.To.UTC().Format(time.RFC3339)),
		Entity: s.Entity, Kind: "depreciation", Standing: books.Posted, At: last, Booked: s.Booked, Source: "asset " + a.Name, Narration: a.Name,
		Lines: []books.Line{
			{Account: books.Depreciation, Amount: int64(v), Tags: a.Tags},
			{Account: books.Accumulated, Amount: -int64(v), Tags: a.Tags},
		},
	}, true, nil
}
